//! Patterns of the profiles: checked when they are loaded, built when first used.
//!
//! There are hundreds and one device needs a dozen; building them all would be most of the start. It never panics: a
//! pattern that is well-formed but too large to build matches nothing (`Pattern::new` refuses the malformed).

use std::ops::Deref;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

/// A regular expression that is built on first use.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    groups: Vec<String>,
    built: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Checks the syntax only. The error is one line.
    pub fn new(text: &str) -> Result<Pattern, String> {
        let hir = regex_syntax::Parser::new()
            .parse(text)
            .map_err(|e| e.to_string().lines().last().unwrap_or_default().trim().to_owned())?;
        let mut groups = Vec::new();
        name_groups(&hir, &mut groups);
        Ok(Pattern { text: text.to_owned(), groups, built: OnceLock::new() })
    }

    /// Names of its groups; told without building it.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }
}

/// ASCII classes where the pattern allows them: those of Unicode take ten times the memory, and there are hundreds.
fn build(text: &str) -> Result<Regex, regex::Error> {
    if text.is_ascii()
        && let Ok(small) = RegexBuilder::new(text).unicode(false).build()
    {
        return Ok(small);
    }
    Regex::new(text)
}

/// Not deep: the parser limits how far groups nest.
fn name_groups(hir: &Hir, groups: &mut Vec<String>) {
    match hir.kind() {
        HirKind::Capture(c) => {
            groups.extend(c.name.as_deref().map(str::to_owned));
            name_groups(&c.sub, groups);
        }
        HirKind::Repetition(r) => name_groups(&r.sub, groups),
        HirKind::Concat(all) | HirKind::Alternation(all) => all.iter().for_each(|h| name_groups(h, groups)),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
    }
}

impl Deref for Pattern {
    type Target = Regex;
    fn deref(&self) -> &Regex {
        static NOTHING: OnceLock<Regex> = OnceLock::new();
        let built = self.built.get_or_init(|| build(&self.text).ok());
        built.as_ref().unwrap_or_else(|| {
            NOTHING.get_or_init(|| Regex::new(r"[^\s\S]").unwrap_or_else(|_| unreachable!("a constant pattern")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checked_at_once_built_when_used() {
        assert!(Pattern::new("(a").unwrap_err().contains("unclosed"));
        let p = Pattern::new(r"^HP (\w+)(?: (?<serial>\d+)|x(?<firmware>.))*").unwrap();
        assert_eq!(p.groups(), ["serial", "firmware"]);
        assert!(p.built.get().is_none());
        assert_eq!(&p.captures("HP LaserJet").unwrap()[1], "LaserJet");
        assert!(p.built.get().is_some());
    }

    #[test]
    fn too_large_matches_nothing() {
        let p = Pattern::new(r"(\w{1000}){1000}").unwrap();
        assert!(!p.is_match("aaa"));
    }
}
