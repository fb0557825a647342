//! Who a device is: weighs what all sources say of kind, vendor, model, serial and firmware.
//!
//! A value wins by the score of its place, after it has been found plausible: a placeholder is no serial, a phrase is
//! no model, a word without a digit is no version. Nothing plausible means `None`, never a guess.

use crate::model::{DeviceKind, Evidence};
use crate::profile::load::Vendor;
use crate::profile::source::{Candidate, Fact};
use crate::profile::text::{mac_text, one_line};
use crate::protocol::snmp::Oid;

/// What was chosen.
#[derive(Debug, Default)]
pub struct Identity {
    pub kind: Option<DeviceKind>,
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub serial: Option<String>,
    pub firmware: Option<String>,
    pub evidence: Vec<Evidence>,
}

/// Candidates of equal score keep their order: the profile's own come first.
pub fn choose(candidates: &[Candidate], vendors: &[Vendor]) -> Identity {
    let evidence = std::cell::RefCell::new(Vec::new());
    let best = |fact: Fact, read: &dyn Fn(&str) -> Option<String>| {
        let mut found: Vec<&Candidate> = candidates.iter().filter(|c| c.fact == fact).collect();
        found.sort_by_key(|c| std::cmp::Reverse(c.score));
        found.into_iter().find_map(|c| Some((c, read(&c.value)?)))
    };
    let because = |candidate: &Candidate, value: String| {
        evidence.borrow_mut().push(Evidence {
            fact: candidate.fact.as_str().to_owned(),
            rule: candidate.rule.clone(),
            oid: candidate.oid.as_ref().map(Oid::to_string),
            confidence: candidate.score,
        });
        value
    };
    let told = |fact: Fact, read: &dyn Fn(&str) -> Option<String>| best(fact, read).map(|(c, value)| because(c, value));
    let kind = told(Fact::Kind, &|k| DeviceKind::parse(k).map(|_| k.to_owned())).and_then(|k| DeviceKind::parse(&k));
    let vendor = told(Fact::Vendor, &|v| known_vendor(v, vendors));
    let words: Vec<&str> = vendors
        .iter()
        .filter(|v| Some(&v.name) == vendor.as_ref())
        .flat_map(|v| v.words.iter().map(String::as_str))
        .collect();
    let named = |m: &str| Some(tidy_model(m, &words)).filter(|m| plausible_model(m));
    let model = match best(Fact::Model, &named) {
        // Not where a maker's own place is sure.
        Some((c, family)) if c.score < SURE => Some(member(candidates, &family, &named).unwrap_or((c, family))),
        other => other,
    };
    let model = model.map(|(c, value)| because(c, value));
    let serial = told(Fact::Serial, &|s| Some(tidy_serial(s)).filter(|s| plausible_serial(s)));
    let firmware = told(Fact::Firmware, &|f| Some(tidy_firmware(f)).filter(|f| plausible_firmware(f)));
    Identity { kind, vendor, model, serial, firmware, evidence: evidence.into_inner() }
}

/// From here on a place is a maker's own for the model, not a standard one or a word.
const SURE: u8 = 74;

/// The one model of a family: "S5720-56C-PWR-EI-AC" where the standard place only says "S5720 Routing Switch", "M4080FX"
/// for "M408x".
fn member<'a>(
    candidates: &'a [Candidate],
    family: &str,
    read: &dyn Fn(&str) -> Option<String>,
) -> Option<(&'a Candidate, String)> {
    let head = family.split(' ').next()?;
    if !head.contains(|c: char| c.is_ascii_digit()) || head.len() < 4 {
        return None;
    }
    let is_member = |name: &str| {
        let same = |(f, n): (char, char)| f.eq_ignore_ascii_case(&n) || f == 'x' && n.is_ascii_digit();
        !name.contains(' ') && name.len() > head.len() && head.chars().zip(name.chars()).all(same)
    };
    let members = candidates.iter().filter(|c| c.fact == Fact::Model && c.score >= 40);
    members.filter_map(|c| Some((c, read(&c.value)?))).filter(|(_, name)| is_member(name)).max_by_key(|(c, _)| c.score)
}

/// The value a source's word would become, `None` where it is not plausible: for people who ask why.
pub fn plausible(fact: Fact, value: &str, vendors: &[Vendor]) -> Option<String> {
    match fact {
        Fact::Kind => DeviceKind::parse(value).map(|k| k.as_str().to_owned()),
        Fact::Vendor => known_vendor(value, vendors),
        Fact::Model => Some(tidy_model(value, &[])).filter(|m| plausible_model(m)),
        Fact::Serial => Some(tidy_serial(value)).filter(|s| plausible_serial(s)),
        Fact::Firmware => Some(tidy_firmware(value)).filter(|f| plausible_firmware(f)),
    }
}

/// Maker and model where sysDescr is "MAKER MODEL, more": for devices no profile knows.
pub fn by_words(sys_descr: &str, vendors: &[Vendor]) -> Option<(String, Option<String>)> {
    let text = one_line(sys_descr);
    let lower = text.to_lowercase();
    let starts = |w: &String| {
        lower.strip_prefix(w.as_str()).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-'))
    };
    let maker = vendors.iter().find(|v| v.words.iter().any(starts))?;
    let words: Vec<&str> = maker.words.iter().map(String::as_str).collect();
    let whole = tidy_model(&text, &words);
    let end = whole.find([',', ';', '/', '(']).unwrap_or(whole.len());
    let mut model = whole.get(..end)?.trim();
    for stop in [" version ", " Version ", " V1", " v1", " Rev", " rev", " firmware", " Firmware", " - ", " running"] {
        model = model.split(stop).next().unwrap_or(model).trim();
    }
    // "MP 3053 1.09": a version is no part of the name, nor what follows it.
    let version = |word: &str| word.contains('.') && word.chars().all(|c| c.is_ascii_digit() || c == '.');
    let mut end = 0;
    for word in model.split(' ').take_while(|w| !version(w)) {
        end += word.len() + 1;
    }
    model = model.get(..end.saturating_sub(1)).unwrap_or(model).trim();
    let short = model.split(' ').count() <= 4 && model.contains(|c: char| c.is_ascii_digit()) && model != text;
    Some((maker.name.clone(), short.then(|| model.to_owned())))
}

/// The name we use for a maker; a maker we do not know keeps the name it gave itself.
fn known_vendor(text: &str, vendors: &[Vendor]) -> Option<String> {
    let text = one_line(text);
    let lower = text.to_lowercase();
    let word_at_start = |w: &String| {
        lower.strip_prefix(w.as_str()).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    if let Some(v) = vendors
        .iter()
        .filter(|v| v.words.iter().any(word_at_start))
        .max_by_key(|v| v.words.iter().filter(|w| word_at_start(w)).map(|w| w.len()).max())
    {
        return Some(v.name.clone());
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let name = letters >= 3 && !text.contains(|c: char| c.is_ascii_digit());
    (name && text.len() <= 40 && !is_placeholder(&text)).then_some(text)
}

/// Cuts the maker's name off the front, and words that name no model off the end.
fn tidy_model(model: &str, vendor_words: &[&str]) -> String {
    let mut model = unwrap_bytes(&one_line(model)).trim_matches(['"', '\'']).trim().to_owned();
    for word in vendor_words {
        let cut = model.get(..word.len()).filter(|head| head.to_lowercase() == *word).and_then(|_| {
            model.get(word.len()..).filter(|rest| rest.starts_with([' ', '_', ',']) && !rest.trim().is_empty())
        });
        if let Some(rest) = cut {
            model = rest.trim_start_matches([' ', '_', ',', '-']).to_owned();
            break;
        }
    }
    for tail in [" series", " Series", " SERIES", " Printer", " printer"] {
        if let Some(head) = model.strip_suffix(tail).filter(|h| h.chars().any(|c| c.is_ascii_digit())) {
            model = head.trim_end().to_owned();
        }
    }
    model
}

fn tidy_serial(serial: &str) -> String {
    let serial = unwrap_bytes(&one_line(serial)).trim_matches(['"', '\'']).trim().to_owned();
    for head in ["S/N:", "SN:", "S/N", "Serial:", "Serial Number:"] {
        if let Some(rest) = serial.strip_prefix(head) {
            return rest.trim().to_owned();
        }
    }
    serial
}

fn tidy_firmware(firmware: &str) -> String {
    let firmware = unwrap_bytes(&one_line(firmware));
    let firmware = firmware.trim_start_matches('\\').trim_matches(['"', '\'', ',', ';', ' ']);
    firmware.strip_prefix("Version ").unwrap_or(firmware).to_owned()
}

/// Some agents send Python's idea of bytes: b'048M8Y'.
fn unwrap_bytes(text: &str) -> String {
    text.strip_prefix("b'").and_then(|t| t.strip_suffix('\'')).unwrap_or(text).to_owned()
}

pub fn is_placeholder(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let repeated = plain.chars().next().is_some_and(|f| plain.chars().all(|c| c == f)) && plain.len() != 1;
    plain.is_empty()
        || repeated && plain.starts_with(['0', 'f', 'x', '9', '1', 'a', 'n'])
        || matches!(
            plain.as_str(),
            "na" | "none"
                | "private"
                | "unknown"
                | "notavailable"
                | "null"
                | "unavailable"
                | "notapplicable"
                | "default"
                | "defaultstring"
                | "tobefilledbyoem"
                | "notspecified"
                | "empty"
                | "undefined"
                | "0"
                | "redacted"
                | "removed"
                | "hidden"
                | "serial number"
                | "notset"
                | "noasset"
                | "systemserialnumber"
        )
}

pub fn plausible_serial(serial: &str) -> bool {
    !is_placeholder(serial)
        && serial.len() >= 4
        && serial.len() <= 40
        && !serial.to_lowercase().starts_with("system mac")
}

/// At least a letter, a digit somewhere near, no version, no sentence.
pub fn plausible_model(model: &str) -> bool {
    let letters = model.chars().filter(|c| c.is_alphabetic()).count();
    let version = model.chars().all(|c| c.is_ascii_digit() || c == '.') && model.contains('.');
    !is_placeholder(model)
        && !version
        && !model.starts_with("0x")
        && model.len() <= 60
        && mac_text(model).is_none()
        && (letters > 0 || model.len() >= 3)
        && model.contains(|c: char| c.is_ascii_digit() || c.is_uppercase())
        && !["Generic", "ARM", "MIPS", "Intel", "AMD ", "x86"].iter().any(|w| model.starts_with(w))
        && !matches!(
            model.to_lowercase().as_str(),
            "chassis"
                | "stack"
                | "switch"
                | "router"
                | "unit"
                | "system"
                | "basemodule"
                | "motherboard"
                | "printer"
                | "device"
                | "network element"
                | "base"
                | "laser"
                | "ups"
        )
}

/// A digit somewhere; or, as Brother counts, one or two capitals.
fn plausible_firmware(firmware: &str) -> bool {
    let letters = firmware.len() <= 2 && firmware.chars().all(|c| c.is_ascii_uppercase());
    !is_placeholder(firmware) && firmware.len() <= 120 && (letters || firmware.chars().any(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_no_serials() {
        for no in
            ["", "NA", "N/A", "none", "0", "<private>", "FFFFFFFFFFFF", "0000000000", "System MAC: fc-ec-da-bf-69-55"]
        {
            assert!(!plausible_serial(no), "{no}");
        }
        for yes in ["FOC1426Y2AY", "2102359576DMHC000235", "00030661509010026177", "serial", "1234567890"] {
            assert!(plausible_serial(yes), "{yes}");
        }
    }

    #[test]
    fn one_model_beats_its_family() {
        let said = |score: u8, value: &str| Candidate::inferred(Fact::Model, value.into(), score, "r".into());
        let chosen = |all: &[Candidate]| choose(all, &[]).model.unwrap();
        assert_eq!(chosen(&[said(72, "S5720 Routing Switch"), said(42, "S5720-56C-PWR-EI-AC")]), "S5720-56C-PWR-EI-AC");
        assert_eq!(chosen(&[said(66, "M408x Series"), said(41, "M4080FX")]), "M4080FX");
        // Another model, a weak word, and a maker's own place stay.
        assert_eq!(chosen(&[said(72, "S5720"), said(42, "S5730-28C")]), "S5720");
        assert_eq!(chosen(&[said(72, "MES2124"), said(30, "MES2124M-rack-4")]), "MES2124");
        assert_eq!(chosen(&[said(85, "S5720"), said(42, "S5720-56C")]), "S5720");
    }

    #[test]
    fn models_lose_the_maker_and_series() {
        assert_eq!(tidy_model("Brother HL-5370DW series", &["brother"]), "HL-5370DW");
        assert_eq!(tidy_model("HP LaserJet MFP M130nw", &["hewlett-packard", "hp"]), "LaserJet MFP M130nw");
        assert_eq!(tidy_model("b'048M8Y'", &[]), "048M8Y");
        assert_eq!(tidy_model("HPX100", &["hp"]), "HPX100");
        assert!(!plausible_model("4.4.2") && !plausible_model("Chassis") && !plausible_model("0x0029"));
    }
}
