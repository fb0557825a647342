//! A user of the security model: name, protocols, passwords, and the keys made of them.
//!
//! Passwords are hashed once, when first needed; the keys of each engine are kept. Clones share all that. Never printed.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use zeroize::Zeroizing;

use super::keys::{AuthProtocol, MIN_PASSWORD, PrivProtocol, Secret};
use super::message::Level;

/// RFC 3414, section 5: usmUserName.
const MAX_NAME: usize = 32;
/// Engines whose keys are kept for one user; more than any branch has.
const MAX_ENGINES: usize = 65_536;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UserError {
    #[error("an SNMPv3 user name has 1 to {MAX_NAME} bytes")]
    Name,
    #[error("the authentication password must have at least {MIN_PASSWORD} bytes (RFC 3414)")]
    AuthPassword,
    #[error("the privacy password must have at least {MIN_PASSWORD} bytes (RFC 3414)")]
    PrivPassword,
    #[error("privacy needs authentication: choose an authentication protocol too")]
    PrivWithoutAuth,
}

/// The keys of one user at one engine.
pub struct LocalKeys {
    pub(super) auth: Option<(AuthProtocol, Secret)>,
    privacy: Option<PrivProtocol>,
    /// Made when first needed: an engine id that somebody made up must not cost us much.
    privacy_key: OnceLock<Secret>,
    /// What it is made of.
    master: Option<Arc<Secret>>,
    engine_id: Box<[u8]>,
}

impl LocalKeys {
    pub(super) fn privacy(&self) -> Option<(PrivProtocol, &[u8])> {
        let (protocol, (auth, _), master) = (self.privacy?, self.auth.as_ref()?, self.master.as_ref()?);
        let key = self.privacy_key.get_or_init(|| protocol.localize(*auth, master, &self.engine_id));
        Some((protocol, key))
    }
}

/// The keys of the two passwords for all engines.
#[derive(Default)]
struct Masters {
    auth: Option<Arc<Secret>>,
    privacy: Option<Arc<Secret>>,
}

struct Inner {
    name: Box<[u8]>,
    auth: Option<(AuthProtocol, Secret)>,
    privacy: Option<(PrivProtocol, Secret)>,
    masters: OnceLock<Masters>,
    engines: Mutex<HashMap<Box<[u8]>, Arc<LocalKeys>>>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct User(Arc<Inner>);

impl User {
    pub fn new(
        name: &str,
        auth: Option<(AuthProtocol, &str)>,
        privacy: Option<(PrivProtocol, &str)>,
    ) -> Result<User, UserError> {
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(UserError::Name);
        }
        if auth.is_some_and(|(_, p)| p.len() < MIN_PASSWORD) {
            return Err(UserError::AuthPassword);
        }
        if privacy.is_some_and(|(_, p)| p.len() < MIN_PASSWORD) {
            return Err(UserError::PrivPassword);
        }
        if privacy.is_some() && auth.is_none() {
            return Err(UserError::PrivWithoutAuth);
        }
        let secret = |p: &str| Zeroizing::new(p.as_bytes().to_vec());
        Ok(User(Arc::new(Inner {
            name: name.as_bytes().into(),
            auth: auth.map(|(a, p)| (a, secret(p))),
            privacy: privacy.map(|(a, p)| (a, secret(p))),
            masters: OnceLock::new(),
            engines: Mutex::default(),
        })))
    }
    pub fn name(&self) -> &[u8] {
        &self.0.name
    }
    pub fn level(&self) -> Level {
        match (&self.0.auth, &self.0.privacy) {
            (None, _) => Level::NoAuthNoPriv,
            (Some(_), None) => Level::AuthNoPriv,
            (Some(_), Some(_)) => Level::AuthPriv,
        }
    }
    /// The same user without privacy, to find out which of the two passwords is wrong.
    pub fn without_privacy(&self) -> User {
        User(Arc::new(Inner {
            name: self.0.name.clone(),
            auth: self.0.auth.clone(),
            privacy: None,
            masters: OnceLock::new(),
            engines: Mutex::default(),
        }))
    }

    /// Hashes the passwords, a few milliseconds the first time; for callers who know when there is time for it.
    pub fn prepare(&self) {
        self.masters();
    }
    fn masters(&self) -> &Masters {
        self.0.masters.get_or_init(|| {
            let Some((protocol, password)) = &self.0.auth else { return Masters::default() };
            let auth = Arc::new(protocol.master_key(password));
            let privacy = self.0.privacy.as_ref().map(|(_, p)| match p == password {
                true => auth.clone(),
                false => Arc::new(protocol.master_key(p)),
            });
            Masters { auth: Some(auth), privacy }
        })
    }
    fn cached(&self, engine_id: &[u8]) -> Option<Arc<LocalKeys>> {
        self.0.engines.lock().unwrap_or_else(PoisonError::into_inner).get(engine_id).cloned()
    }
    /// The keys for an engine nobody has vouched for yet: looked up or made, not kept.
    pub(super) fn try_keys(&self, engine_id: &[u8]) -> Arc<LocalKeys> {
        self.cached(engine_id).unwrap_or_else(|| {
            let Masters { auth, privacy } = self.masters();
            let localized = self.0.auth.as_ref().zip(auth.as_ref()).map(|((p, _), m)| (*p, p.localize(m, engine_id)));
            Arc::new(LocalKeys {
                auth: localized,
                privacy: self.0.privacy.as_ref().map(|p| p.0),
                privacy_key: OnceLock::new(),
                master: privacy.clone(),
                engine_id: engine_id.into(),
            })
        })
    }
    pub(super) fn keep(&self, keys: &Arc<LocalKeys>) {
        let mut engines = self.0.engines.lock().unwrap_or_else(PoisonError::into_inner);
        if engines.len() >= MAX_ENGINES {
            engines.clear();
        }
        engines.entry(keys.engine_id.clone()).or_insert_with(|| keys.clone());
    }
    /// The keys for this engine, kept for the next time.
    pub fn keys(&self, engine_id: &[u8]) -> Arc<LocalKeys> {
        self.cached(engine_id).unwrap_or_else(|| {
            let keys = self.try_keys(engine_id);
            self.keep(&keys);
            keys
        })
    }
}

impl PartialEq for User {
    fn eq(&self, other: &User) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.name == other.0.name && self.0.auth == other.0.auth && self.0.privacy == other.0.privacy)
    }
}
impl Eq for User {}
impl Hash for User {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
        self.0.auth.as_ref().map(|a| a.0).hash(state);
        self.0.privacy.as_ref().map(|p| p.0).hash(state);
    }
}
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "User({:?}, {:?})", String::from_utf8_lossy(&self.0.name), self.level())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_says_what_is_wrong_with_it() {
        let auth = Some((AuthProtocol::Sha256, "long enough"));
        assert_eq!(User::new("", None, None), Err(UserError::Name));
        assert_eq!(User::new(&"x".repeat(33), None, None), Err(UserError::Name));
        assert_eq!(User::new("u", Some((AuthProtocol::Md5, "short")), None), Err(UserError::AuthPassword));
        assert_eq!(User::new("u", auth, Some((PrivProtocol::Des, "short"))), Err(UserError::PrivPassword));
        assert_eq!(User::new("u", None, Some((PrivProtocol::Des, "long enough"))), Err(UserError::PrivWithoutAuth));
        assert_eq!(User::new("u", auth, None).unwrap().level(), Level::AuthNoPriv);
    }

    #[test]
    fn keys_are_made_once_for_each_engine_and_never_printed() {
        let u = User::new("u", Some((AuthProtocol::Md5, "maplesyrup")), Some((PrivProtocol::Aes256, "maplesyrup")))
            .unwrap();
        let [a, b, c] = [b"engine 1", b"engine 1", b"engine 2"].map(|e| u.clone().keys(e));
        assert!(Arc::ptr_eq(&a, &b) && !Arc::ptr_eq(&a, &c));
        assert_ne!(a.privacy().unwrap().1, c.privacy().unwrap().1);
        assert_eq!(a.privacy().unwrap().1.len(), 32);
        assert!(!Arc::ptr_eq(&u.try_keys(b"made up"), &u.try_keys(b"made up")), "not kept before it proved itself");
        assert!(!format!("{u:?}").contains("maple"));
        assert!(u.without_privacy().keys(b"engine 1").privacy().is_none());
    }
}
