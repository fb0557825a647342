//! Random secrets: made by the operating system, shown once, kept only as a SHA-256.
//!
//! A 256-bit token needs no slow hash: it cannot be guessed, and the stored form cannot be replayed.

use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};

/// The operating system gave no random bytes; nothing can be signed in safely.
#[derive(Debug, thiserror::Error)]
#[error("making a secret: the operating system gave no random bytes: {0}")]
pub struct NoEntropy(String);

/// 256 random bits as 64 hexadecimal digits.
pub fn new_token() -> Result<String, NoEntropy> {
    let mut bytes = [0u8; 32];
    SysRng.try_fill_bytes(&mut bytes).map_err(|e| NoEntropy(e.to_string()))?;
    Ok(hex(&bytes))
}

/// The stored form of a token.
pub fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Compares without telling by its time where the difference is: both sides are hashed first.
pub fn same(a: &str, b: &str) -> bool {
    Sha256::digest(a.as_bytes()) == Sha256::digest(b.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_differ() {
        let (a, b) = (new_token().unwrap(), new_token().unwrap());
        assert_eq!(a.len(), 64);
        assert_ne!(a, b);
        assert!(same(&a, &a) && !same(&a, &b));
    }

    #[test]
    fn the_stored_form_is_sha256() {
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
