//! Passwords: argon2id, off the async threads, two at a time so that a burst of sign-ins cannot take the machine.
//!
//! Never logs a password and never stores one; only the PHC string leaves this file.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// 19 MiB and tens of milliseconds each: more at once would only queue in the memory bus.
static GATE: Semaphore = Semaphore::const_new(2);

/// Hash of nothing anyone knows: what an unknown login is checked against, so that its answer takes as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$YW55a2V5LW5vYm9keQ$gmxEmmDtGR4Pw9Gkrl4PlTZR4l3i9rEqKRMPqqUUPM8";

pub const MIN_LENGTH: usize = 10;
/// argon2 takes more, but nobody types more.
pub const MAX_LENGTH: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    #[error("the password has fewer than {MIN_LENGTH} characters: choose a longer one")]
    Short,
    #[error("the password has more than {MAX_LENGTH} characters: choose a shorter one")]
    Long,
    #[error("the password contains the login: choose another")]
    ContainsLogin,
    #[error("the password repeats one character: choose another")]
    Monotonous,
}

impl Weak {
    /// Stable word for the message catalogue (`error-<code>`).
    pub fn code(self) -> &'static str {
        match self {
            Weak::Short => "password-short",
            Weak::Long => "password-long",
            Weak::ContainsLogin => "password-login",
            Weak::Monotonous => "password-monotonous",
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("hashing a password failed: {0}")]
pub struct HashError(String);

/// Is it good enough to be set? Length over composition rules, as NIST SP 800-63B advises.
pub fn check(login: &str, password: &str) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < MIN_LENGTH {
        return Err(Weak::Short);
    }
    if length > MAX_LENGTH {
        return Err(Weak::Long);
    }
    if !login.is_empty() && password.to_lowercase().contains(&login.to_lowercase()) {
        return Err(Weak::ContainsLogin);
    }
    let mut chars = password.chars();
    let first = chars.next();
    if chars.all(|c| Some(c) == first) {
        return Err(Weak::Monotonous);
    }
    Ok(())
}

/// The PHC string to store.
pub async fn hash(password: String) -> Result<String, HashError> {
    let _permit = GATE.acquire().await.map_err(|e| HashError(e.to_string()))?;
    tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|h| h.to_string())
            .map_err(|e| HashError(e.to_string()))
    })
    .await
    .map_err(|e| HashError(e.to_string()))?
}

/// Does the password fit the stored PHC string? `None` (no such login) takes as long and is always false.
pub async fn verify(password: String, stored: Option<String>) -> Result<bool, HashError> {
    let _permit = GATE.acquire().await.map_err(|e| HashError(e.to_string()))?;
    tokio::task::spawn_blocking(move || {
        let known = stored.is_some();
        let text = stored.as_deref().unwrap_or(NOBODY);
        let parsed = PasswordHash::new(text).map_err(|e| HashError(format!("the stored hash is damaged: {e}")))?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known)
    })
    .await
    .map_err(|e| HashError(e.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hash_and_verify() {
        let stored = hash("верный пароль 1".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("верный пароль 1".to_owned(), Some(stored.clone())).await.unwrap());
        assert!(!verify("верный пароль 2".to_owned(), Some(stored)).await.unwrap());
        assert!(!verify(String::new(), None).await.unwrap());
        let damaged = verify("x".to_owned(), Some("plain".to_owned())).await.unwrap_err();
        assert!(damaged.to_string().contains("damaged"), "{damaged}");
    }

    #[test]
    fn weak_passwords_say_why() {
        assert_eq!(check("anna", "short"), Err(Weak::Short));
        assert_eq!(check("anna", "xxANNAxxxxx"), Err(Weak::ContainsLogin));
        assert_eq!(check("anna", "aaaaaaaaaaaa"), Err(Weak::Monotonous));
        assert_eq!(check("anna", &"аб".repeat(101)), Err(Weak::Long));
        assert_eq!(check("anna", "тонер кончился"), Ok(()));
    }
}
