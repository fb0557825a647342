//! The one message catalogue: every word people read, in Russian and English.
//!
//! Messages live in `dashboards/locales/{ru,en}/*.ftl` (Fluent) and are embedded in the binary. Pages, documents and
//! notices ask here by key; no other place holds text for people. A key that does not exist shows as `⟦key⟧`, and a
//! test fails on it. Never formats a time by itself: the moment and the zone are arguments (`format::Locale`).
//!
//! To add a message: the same key in both languages (tests fail on a key missing in either, or used nowhere). Keys made
//! of a prefix and a stored word (`kind-printer`) are named in code by a literal `"kind-"` or `"kind-{}"`.

pub mod format;

use std::sync::OnceLock;

use fluent::concurrent::FluentBundle;
use fluent::types::FluentValue;
use fluent::{FluentArgs, FluentResource};
use rust_embed::RustEmbed;

pub use format::Locale;

/// A value put into a message: `("count", 3.into())`.
pub type Arg<'a> = (&'a str, FluentValue<'a>);

/// Languages of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    #[default]
    Ru,
    En,
}

impl Lang {
    pub const ALL: [Lang; 2] = [Lang::Ru, Lang::En];

    pub fn code(self) -> &'static str {
        match self {
            Lang::Ru => "ru",
            Lang::En => "en",
        }
    }

    /// As its speakers call it.
    pub fn own_name(self) -> String {
        text(self, "language-own-name")
    }

    /// "ru", "ru-RU", "EN_us"; `None` for what we do not speak.
    pub fn parse(s: &str) -> Option<Lang> {
        let primary = s.trim().split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
        Self::ALL.into_iter().find(|l| l.code() == primary)
    }

    /// Best language of an Accept-Language header (RFC 9110, 12.5.4).
    pub fn accepted(header: &str) -> Option<Lang> {
        let mut best: Option<(f32, Lang)> = None;
        for part in header.split(',') {
            let mut fields = part.split(';');
            let Some(lang) = fields.next().and_then(Lang::parse) else { continue };
            let weight = fields
                .find_map(|f| f.trim().strip_prefix("q=").map(|q| q.trim().parse().unwrap_or(0.0)))
                .unwrap_or(1.0_f32);
            if weight > 0.0 && best.is_none_or(|(w, _)| weight > w) {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, l)| l)
    }
}

#[derive(RustEmbed)]
#[folder = "dashboards/locales"]
struct Files;

struct Catalogue {
    ru: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue { ru: bundle(Lang::Ru), en: bundle(Lang::En) })
}

/// Texts of the embedded files of one language, by name.
fn sources(lang: Lang) -> Vec<(String, String)> {
    let prefix = format!("{}/", lang.code());
    let mut found: Vec<(String, String)> = Files::iter()
        .filter(|name| name.starts_with(&prefix) && name.ends_with(".ftl"))
        .filter_map(|name| {
            let file = Files::get(&name)?;
            Some((name.into_owned(), String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect();
    found.sort();
    found
}

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let id = lang.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Isolation marks (U+2068, U+2069) would end up in HTML, CSV and mail.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match lang {
        Lang::Ru => |v, _| number(Lang::Ru, v),
        Lang::En => |v, _| number(Lang::En, v),
    }));
    for (name, text) in sources(lang) {
        // A broken message is left out and shows as its key; the catalogue test names file and place.
        let resource = FluentResource::try_new(text).unwrap_or_else(|(good, errors)| {
            tracing::error!(file = name, ?errors, "message file has errors");
            good
        });
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// Numbers inside messages: grouped as people write them.
fn number(lang: Lang, value: &FluentValue) -> Option<String> {
    match value {
        FluentValue::Number(n) => {
            let places = n.options.minimum_fraction_digits.unwrap_or(0);
            if places == 0 && n.value.fract() != 0.0 {
                return Some(format::decimal(lang, n.value, 1));
            }
            Some(format::decimal(lang, n.value, places))
        }
        _ => None,
    }
}

/// The message in a language.
pub fn text(lang: Lang, key: &str) -> String {
    text_with(lang, key, &[])
}

/// The message with values.
pub fn text_with(lang: Lang, key: &str, args: &[Arg]) -> String {
    let catalogue = catalogue();
    let bundle = match lang {
        Lang::Ru => &catalogue.ru,
        Lang::En => &catalogue.en,
    };
    let Some(pattern) = bundle.get_message(key).and_then(|m| m.value()) else {
        return format!("⟦{key}⟧");
    };
    let mut values = FluentArgs::with_capacity(args.len());
    for (name, value) in args {
        values.set(*name, value.clone());
    }
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&values), &mut errors);
    if !errors.is_empty() {
        tracing::error!(key, ?errors, "message could not be filled");
    }
    text.into_owned()
}

/// Is there such a message? For words that come from a device or a database and may be new to us.
pub fn has(lang: Lang, key: &str) -> bool {
    let catalogue = catalogue();
    match lang {
        Lang::Ru => catalogue.ru.has_message(key),
        Lang::En => catalogue.en.has_message(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    fn keys(lang: Lang) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (file, text) in sources(lang) {
            FluentResource::try_new(text.clone()).unwrap_or_else(|(_, e)| panic!("{file}: {e:?}"));
            for line in text.lines() {
                let Some((key, _)) = line.split_once(" =") else { continue };
                if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !key.is_empty() {
                    assert!(found.insert(key.to_owned()), "{file}: `{key}` is there twice");
                }
            }
        }
        found
    }

    fn files(dir: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                files(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs" || e == "html" || e == "js") {
                into.push(path);
            }
        }
    }

    /// Everything that may name a key: sources and templates as one text.
    fn code() -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut paths = Vec::new();
        files(&root.join("src"), &mut paths);
        files(&root.join("dashboards/templates"), &mut paths);
        let text: String = paths.iter().map(|p| std::fs::read_to_string(p).unwrap()).collect();
        text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        let (ru, en) = (keys(Lang::Ru), keys(Lang::En));
        assert!(ru.len() > 50);
        let only_ru: Vec<_> = ru.difference(&en).collect();
        let only_en: Vec<_> = en.difference(&ru).collect();
        assert!(only_ru.is_empty() && only_en.is_empty(), "only ru: {only_ru:?}; only en: {only_en:?}");
    }

    #[test]
    fn no_message_is_unused() {
        let code = code();
        let families: BTreeSet<&str> = regex::Regex::new(r#""([a-z0-9-]+-)(?:\{[a-z_.()]*\})?""#)
            .unwrap()
            .captures_iter(&code)
            .map(|c| c.get(1).unwrap().as_str())
            .collect();
        let unused: Vec<String> = keys(Lang::Ru)
            .into_iter()
            .filter(|k| !code.contains(&format!("\"{k}\"")) && !families.iter().any(|f| k.starts_with(f)))
            .collect();
        assert!(unused.is_empty(), "messages no code or template names: {unused:?}");
    }

    #[test]
    fn no_named_message_is_missing() {
        let known = keys(Lang::Ru);
        let named =
            r#"(?:\b(?:t|tn|tv|tw)\(\s*|\btext(?:_with)?\(\s*(?:(?:self\.|ui\.)?lang|Lang::\w+),\s*)"([a-z0-9-]+)""#;
        let named = regex::Regex::new(named).unwrap();
        let code = code();
        let missing: BTreeSet<&str> =
            named.captures_iter(&code).map(|c| c.get(1).unwrap().as_str()).filter(|k| !known.contains(*k)).collect();
        assert!(missing.is_empty(), "named but in no catalogue: {missing:?}");
    }

    #[test]
    fn russian_plurals_follow_the_number() {
        let devices = |n: i64| text_with(Lang::Ru, "devices-count", &[("count", n.into())]);
        assert_eq!(devices(1), "1 устройство");
        assert_eq!(devices(2), "2 устройства");
        assert_eq!(devices(5), "5 устройств");
        assert_eq!(devices(11), "11 устройств");
        assert_eq!(devices(21), "21 устройство");
        assert_eq!(devices(10_000), "10\u{a0}000 устройств");
    }

    #[test]
    fn a_browser_gets_its_best_language() {
        assert_eq!(Lang::accepted("ru-RU,ru;q=0.9,en;q=0.8"), Some(Lang::Ru));
        assert_eq!(Lang::accepted("de, en;q=0.5, ru;q=0.4"), Some(Lang::En));
        assert_eq!(Lang::accepted("ru;q=0, en;q=0.1"), Some(Lang::En));
        assert_eq!(Lang::accepted("de"), None);
    }
}
