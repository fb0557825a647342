//! What an alert, an error bit or a console text means: class and component, by the data of `mibs/alerts.toml`.
//!
//! Never decides how long a thing must last (`problems` does). To teach it a code or a text, edit the data file.

use std::sync::OnceLock;
use std::time::Duration;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::model::{Alert, AlertClass, SupplyKind};

/// Why `alerts.toml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AlertsError {
    #[error("reading alerts.toml failed: {0}")]
    Form(#[from] toml::de::Error),
    #[error("alerts.toml: the text `{text}` is not a regular expression: {reason}; mend it or remove it")]
    Text { text: String, reason: regex::Error },
    #[error("alerts.toml: version {0} is not known here; this program reads version 1")]
    Version(u32),
}

/// What was recognised.
#[derive(Debug, Clone, PartialEq)]
pub struct Meaning {
    pub class: AlertClass,
    pub component: String,
    pub critical: bool,
    /// Must stay this long to be believed, whatever the policy says.
    pub persist: Option<Duration>,
}

/// What an alert says of its supply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupplySays {
    Low,
    Empty,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    version: u32,
    codes: Codes,
    persistent: Persistent,
    supply: SupplyCodes,
    components: std::collections::BTreeMap<String, Vec<i64>>,
    groups: std::collections::BTreeMap<String, String>,
    bits: Bits,
    text: Vec<TextData>,
}

/// A file of one's own: any part of it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Own {
    version: Option<u32>,
    codes: Codes,
    text: Vec<TextData>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Codes {
    user: Vec<i64>,
    supply: Vec<i64>,
    repair: Vec<i64>,
    maintenance: Vec<i64>,
    ignore: Vec<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Persistent {
    codes: Vec<i64>,
    #[serde(with = "humantime_serde")]
    after: Duration,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SupplyCodes {
    low: Vec<i64>,
    empty: Vec<i64>,
    kinds: std::collections::BTreeMap<SupplyKind, Vec<i64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bits {
    user: Vec<String>,
    supply: Vec<String>,
    maintenance: Vec<String>,
    critical: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TextData {
    #[serde(default)]
    vendors: Vec<String>,
    text: String,
    class: AlertClass,
    component: String,
    /// What it means, for people.
    #[serde(default)]
    ru: Option<String>,
    #[serde(default)]
    en: Option<String>,
}

struct TextRule {
    vendors: Vec<String>,
    text: Regex,
    class: AlertClass,
    component: String,
    ru: Option<String>,
    en: Option<String>,
}

/// The rules, ready to be asked.
pub struct Rules {
    data: Data,
    texts: Vec<TextRule>,
}

static RULES: OnceLock<Rules> = OnceLock::new();

/// The rules in force: those that come with the program, unless `use_own` came first.
pub fn rules() -> &'static Rules {
    RULES.get_or_init(embedded)
}

fn embedded() -> Rules {
    Rules::parse(include_str!("../../mibs/alerts.toml")).expect("the embedded alerts.toml is checked by a test")
}

/// Puts a file of one's own before the rules that come with the program. At the start, before anything is judged.
pub fn use_own(text: &str) -> Result<(), AlertsError> {
    let rules = embedded().with(text)?;
    // A second call in one process (tests) keeps the first.
    let _ = RULES.set(rules);
    Ok(())
}

fn compiled(texts: Vec<TextData>) -> Result<Vec<TextRule>, AlertsError> {
    let rule = |t: TextData| {
        let text = RegexBuilder::new(&t.text)
            .case_insensitive(true)
            .size_limit(1 << 20)
            .build()
            .map_err(|reason| AlertsError::Text { text: t.text.clone(), reason })?;
        let vendors = t.vendors.iter().map(|v| v.to_lowercase()).collect();
        Ok(TextRule { vendors, text, class: t.class, component: t.component, ru: t.ru, en: t.en })
    };
    texts.into_iter().map(rule).collect()
}

impl Rules {
    pub fn parse(text: &str) -> Result<Rules, AlertsError> {
        let mut data: Data = toml::from_str(text)?;
        if data.version != 1 {
            return Err(AlertsError::Version(data.version));
        }
        let texts = compiled(std::mem::take(&mut data.text))?;
        Ok(Rules { data, texts })
    }

    /// Class, component and weight of one row of the alert table.
    pub fn alert(&self, alert: &Alert, vendor: Option<&str>) -> Meaning {
        let component = self.component(alert);
        let plain = |class| Meaning {
            class,
            component: component.clone(),
            critical: alert.severity.as_deref() == Some("critical"),
            persist: None,
        };
        // One-shot events never leave the table by themselves: history.
        if alert.severity.as_deref() == Some("warningBinaryChangeEvent") {
            return plain(AlertClass::Ignore);
        }
        if let Some(found) = self.text(&alert.description, vendor) {
            return Meaning { critical: alert.severity.as_deref() != Some("warning"), ..found };
        }
        let code = alert.code.unwrap_or(0);
        let field_service = alert.training.as_deref() == Some("fieldService");
        let class = if field_service || self.data.codes.repair.contains(&code) {
            AlertClass::Repair
        } else if self.data.codes.supply.contains(&code) {
            AlertClass::Supply
        } else if self.data.codes.maintenance.contains(&code) {
            AlertClass::Maintenance
        } else if self.data.codes.user.contains(&code) {
            AlertClass::User
        } else if !self.data.codes.ignore.contains(&code) && alert.severity.as_deref() == Some("critical") {
            // Makers send "other" for much that stops the printer: someone should look.
            AlertClass::User
        } else {
            AlertClass::Ignore
        };
        let persist = self.data.persistent.codes.contains(&code).then_some(self.data.persistent.after);
        Meaning { persist, ..plain(class) }
    }

    /// A service code or a plain word in a console line or a description.
    pub fn text(&self, text: &str, vendor: Option<&str>) -> Option<Meaning> {
        let rule = self.rule(text, vendor)?;
        Some(Meaning { class: rule.class, component: rule.component.clone(), critical: true, persist: None })
    }

    fn rule(&self, text: &str, vendor: Option<&str>) -> Option<&TextRule> {
        let vendor = vendor.map(str::to_lowercase);
        let of_maker = |rule: &TextRule| {
            rule.vendors.is_empty()
                || vendor.as_deref().is_some_and(|v| rule.vendors.iter().any(|known| v.starts_with(known.as_str())))
        };
        self.texts.iter().find(|rule| of_maker(rule) && rule.text.is_match(text))
    }

    /// What a text of the device means, in words for people; "ru" or English.
    pub fn explain(&self, text: &str, vendor: Option<&str>, language: &str) -> Option<String> {
        let rule = self.rule(text, vendor)?;
        let words = if language == "ru" { &rule.ru } else { &rule.en }.as_deref()?;
        let found = rule.text.captures(text)?;
        let code = found.name("code").or_else(|| found.name("code2")).map_or("", |m| m.as_str());
        Some(words.replace("{code}", code).trim_start_matches([':', ' ']).to_owned())
    }

    /// These rules with others before them: a file of one's own, which may hold any part.
    pub fn with(self, text: &str) -> Result<Rules, AlertsError> {
        let own: Own = toml::from_str(text)?;
        if own.version.is_some_and(|v| v != 1) {
            return Err(AlertsError::Version(own.version.unwrap_or(0)));
        }
        let mut rules = self;
        let lists = &mut rules.data.codes;
        let mine = [&own.codes.user, &own.codes.supply, &own.codes.repair, &own.codes.maintenance, &own.codes.ignore];
        let said: Vec<i64> = mine.into_iter().flatten().copied().collect();
        for (list, mine) in
            [&mut lists.user, &mut lists.supply, &mut lists.repair, &mut lists.maintenance, &mut lists.ignore]
                .into_iter()
                .zip(mine)
        {
            list.retain(|code| !said.contains(code));
            list.extend(mine);
        }
        let mut texts = compiled(own.text)?;
        texts.append(&mut rules.texts);
        rules.texts = texts;
        Ok(rules)
    }

    /// A bit of hrPrinterDetectedErrorState; never a repair.
    pub fn bit(&self, bit: &str) -> Meaning {
        let has = |list: &[String]| list.iter().any(|b| b == bit);
        let bits = &self.data.bits;
        let class = if has(&bits.supply) {
            AlertClass::Supply
        } else if has(&bits.maintenance) {
            AlertClass::Maintenance
        } else if has(&bits.user) {
            AlertClass::User
        } else {
            AlertClass::Ignore
        };
        Meaning { class, component: "device".into(), critical: has(&bits.critical), persist: None }
    }

    /// Low or empty, and of which kind of supply if the code tells it.
    pub fn supply(&self, alert: &Alert) -> Option<(SupplySays, Option<SupplyKind>)> {
        let code = alert.code?;
        let says = if self.data.supply.empty.contains(&code) {
            SupplySays::Empty
        } else if self.data.supply.low.contains(&code) {
            SupplySays::Low
        } else {
            return None;
        };
        let kind = self.data.supply.kinds.iter().find(|(_, codes)| codes.contains(&code)).map(|(k, _)| *k);
        Some((says, kind))
    }

    fn component(&self, alert: &Alert) -> String {
        let by_code = alert.code.and_then(|code| {
            self.data.components.iter().find(|(_, codes)| codes.contains(&code)).map(|(name, _)| name)
        });
        let by_group = || alert.group.as_deref().and_then(|g| self.data.groups.get(g));
        by_code.or_else(by_group).cloned().unwrap_or_else(|| "device".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(code: i64, severity: &str, text: &str) -> Alert {
        Alert {
            index: "1.1".into(),
            severity: Some(severity.into()),
            training: None,
            group: None,
            group_index: None,
            code: Some(code),
            code_name: None,
            description: text.into(),
            location: None,
        }
    }

    #[test]
    fn the_embedded_data_is_sound_and_no_code_has_two_classes() {
        let data = &rules().data;
        let c = &data.codes;
        let mut all: Vec<i64> =
            [&c.user, &c.supply, &c.repair, &c.maintenance, &c.ignore].into_iter().flatten().copied().collect();
        let n = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), n, "a code is listed twice");
        for code in data.supply.low.iter().chain(&data.supply.empty) {
            assert!(c.supply.contains(code), "{code}");
        }
        for code in &data.persistent.codes {
            assert!(c.repair.contains(code), "{code}");
        }
    }

    #[test]
    fn codes_and_training_levels() {
        let class = |a: &Alert| rules().alert(a, None).class;
        assert_eq!(class(&alert(8, "critical", "Paper jam")), AlertClass::User);
        assert_eq!(class(&alert(1104, "warning", "Toner low")), AlertClass::Supply);
        assert_eq!(class(&alert(17, "warning", "")), AlertClass::Maintenance);
        assert_eq!(class(&alert(504, "other", "")), AlertClass::Ignore);
        assert_eq!(class(&alert(4242, "warning", "something new")), AlertClass::Ignore);
        assert_eq!(class(&alert(1, "critical", "something new")), AlertClass::User);
        assert_eq!(class(&alert(23, "critical", "sleep")), AlertClass::Ignore);
        let fuser = rules().alert(&alert(1004, "critical", ""), None);
        assert_eq!((fuser.class, fuser.component.as_str(), fuser.critical), (AlertClass::Repair, "fuser", true));
        assert_eq!(rules().alert(&alert(35, "critical", ""), None).persist, Some(Duration::from_secs(900)));
        let service = Alert { training: Some("fieldService".into()), ..alert(1, "critical", "x") };
        assert_eq!(class(&service), AlertClass::Repair);
        // A one-shot event says nothing of now, whatever its code.
        assert_eq!(class(&alert(1004, "warningBinaryChangeEvent", "")), AlertClass::Ignore);
    }

    #[test]
    fn makers_service_codes_in_texts() {
        let repair = |vendor, text| rules().text(text, vendor).is_some_and(|m| m.class == AlertClass::Repair);
        let yes = [
            (Some("HP"), "50.2 Fuser Error Turn off then on"),
            (Some("Hewlett-Packard"), "57.01.03 Fan error"),
            (Some("Kyocera"), "Machine failure. Call service. C6000"),
            (Some("KYOCERA"), "F248"),
            (Some("Canon"), "E000-0001 contact service"),
            (Some("Ricoh"), "SC542 Call Service"),
            (Some("Xerox"), "Chain link 010-397 fault"),
            (Some("Konica Minolta"), "Trouble code C-3452"),
            (Some("Lexmark"), "920.01 Service Fuser"),
            (Some("Brother"), "Unable to Print 7A"),
            (Some("Brother"), "Печать невозможна 7A"),
            (Some("Samsung"), "Fuser error #U1-2113"),
            (None, "Вызовите мастера"),
            (Some("Pantum"), "Обратитесь в сервисный центр"),
            (None, "Please call service"),
        ];
        for (vendor, text) in yes {
            assert!(repair(vendor, text), "{vendor:?} {text}");
        }
        let no = [
            (Some("HP"), "192.168.50.12"),
            (Some("HP"), "50.12.30.4"),
            (Some("HP"), "Black 50.5%"),
            (Some("HP"), "12:50.30"),
            (Some("HP"), "41.3 Unexpected size in tray 2"),
            (Some("HP"), "49.4C02 Error"),
            (Some("Kyocera"), "Ready"),
            (Some("Konica Minolta"), "bizhub C3350 ready"),
            (Some("Xerox"), "Tel. 8-800-555-123-4567"),
            (Some("HP"), "C6000"),
            (None, "50.2 something"),
            (None, "Customer service: 8 800 123"),
            (None, "Готов"),
        ];
        for (vendor, text) in no {
            assert!(!repair(vendor, text), "{vendor:?} {text}");
        }
    }

    #[test]
    fn codes_are_explained_in_both_languages() {
        let told = |vendor, text, language| rules().explain(text, Some(vendor), language).unwrap_or_default();
        assert_eq!(
            told("HP", "50.2 Fuser Error", "en"),
            "50.2: the fuser does not warm up, is too hot or not recognised"
        );
        assert_eq!(
            told("Kyocera", "Вызовите сервис C6000", "ru"),
            "C6000: узел закрепления: нагреватель, термистор или мотор печки"
        );
        assert_eq!(told("Konica Minolta", "Trouble code C3452", "en"), "C3452: fuser");
        assert_eq!(told("Ricoh", "SC 542", "ru"), "SC 542: узел закрепления");
        assert_eq!(told("Xerox", "Chain link 010-397 fault", "en"), "010-397: fuser");
        assert_eq!(rules().explain("Готов", Some("HP"), "ru"), None);
        for rule in &rules().texts {
            assert_eq!(rule.ru.is_some(), rule.en.is_some(), "{}", rule.text);
        }
    }

    #[test]
    fn a_file_of_ones_own_goes_before() {
        let own = "[codes]\nrepair = [8]\n[[text]]\nvendors = [\"ACME\"]\ntext = 'X(?<code>\\d\\d)'\nclass = \"repair\"\n\
                   component = \"laser\"\nen = \"code {code}\"\nru = \"код {code}\"";
        let mine = embedded().with(own).unwrap();
        assert_eq!(mine.alert(&alert(8, "critical", "Paper jam"), None).class, AlertClass::Repair);
        assert_eq!(mine.alert(&alert(3, "critical", ""), None).class, AlertClass::User);
        assert_eq!(mine.text("X17", Some("Acme Inc")).unwrap().component, "laser");
        assert_eq!(mine.explain("X17", Some("Acme"), "ru").as_deref(), Some("код 17"));
        let e = embedded().with("[codes]\nrepear = [8]").err().unwrap().to_string();
        assert!(e.contains("repear"), "{e}");
    }

    #[test]
    fn bits_are_never_a_repair() {
        for bit in ["serviceRequested", "jammed", "noToner", "offline", "overduePreventMaint", "nonsense"] {
            assert_ne!(rules().bit(bit).class, AlertClass::Repair, "{bit}");
        }
        assert_eq!(rules().bit("noToner").class, AlertClass::Supply);
    }

    #[test]
    fn a_bad_file_says_where() {
        let good = include_str!("../../mibs/alerts.toml");
        let e = Rules::parse(&good.replace("version = 1", "version = 7")).err().unwrap().to_string();
        assert!(e.contains('7'), "{e}");
        let e = Rules::parse(&good.replacen("text = '", "text = '(", 1)).err().unwrap().to_string();
        assert!(e.contains("regular expression"), "{e}");
        let e = Rules::parse(&good.replace("[persistent]", "[persistant]")).err().unwrap().to_string();
        assert!(e.contains("persistant"), "{e}");
    }
}
