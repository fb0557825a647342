//! What to ask after which notification: `mibs/notifications.toml`.

use std::collections::HashMap;

use serde::Deserialize;

use crate::model::ProbeClass;

/// Why `notifications.toml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    #[error("reading notifications.toml failed: {0}")]
    Toml(#[from] toml::de::Error),
    #[error("notifications.toml: version {0} is not known here; this program reads version 1")]
    Version(u32),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    otherwise: Vec<ProbeClass>,
    look: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    of: Vec<String>,
    ask: Vec<ProbeClass>,
}

/// Classes to ask, by the name of the notification.
#[derive(Debug)]
pub struct Looks {
    by_name: HashMap<String, Vec<ProbeClass>>,
    otherwise: Vec<ProbeClass>,
}

impl Looks {
    pub fn built_in() -> Result<Self, LookError> {
        Self::parse(include_str!("../../../mibs/notifications.toml"))
    }

    pub fn parse(text: &str) -> Result<Self, LookError> {
        let file: File = toml::from_str(text)?;
        if file.version != 1 {
            return Err(LookError::Version(file.version));
        }
        let mut by_name = HashMap::new();
        for entry in file.look {
            for name in entry.of {
                by_name.insert(name, entry.ask.clone());
            }
        }
        Ok(Looks { by_name, otherwise: file.otherwise })
    }

    /// Empty: nothing to look at.
    pub fn of(&self, name: &str) -> &[ProbeClass] {
        self.by_name.get(name).unwrap_or(&self.otherwise)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Knowledge;

    #[test]
    fn every_name_is_a_notification_of_our_modules() {
        let knowledge = Knowledge::load(None).unwrap();
        let looks = Looks::built_in().unwrap();
        for name in looks.names() {
            let oid = knowledge.names().resolve(name).unwrap_or_else(|| panic!("no module names {name}"));
            assert_eq!(knowledge.names().notification(&oid), Some(name));
        }
        assert!(looks.of("authenticationFailure").is_empty());
        assert_eq!(looks.of("1.3.6.1.4.1.99999.0.1"), looks.otherwise);
    }

    #[test]
    fn mistakes_are_named() {
        let e = Looks::parse("version = 2\notherwise = []\nlook = []").unwrap_err();
        assert!(e.to_string().contains("version 2"), "{e}");
        assert!(Looks::parse("version = 1\notherwise = [\"toner\"]\nlook = []").is_err());
    }
}
