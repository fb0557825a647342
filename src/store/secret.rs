//! Secrets at rest: communities sealed with XChaCha20-Poly1305 under a key that lives beside the database, never in it.
//!
//! The key comes from `ANYKEY_SECRET_KEY` (64 hexadecimal digits) or from a file made at first need, readable by its owner
//! only. Backups hold sealed secrets and the key's fingerprint, not the key. Nothing here is ever logged.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::TryRng;
use sha2::{Digest, Sha256};

/// The environment variable that holds the key instead of a file.
pub const KEY_VARIABLE: &str = "ANYKEY_SECRET_KEY";
const NONCE: usize = 24;

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error(
        "the key file {path} {detail}: restore it from where you keep it, or delete it and enter the communities again"
    )]
    KeyFile { path: PathBuf, detail: String },
    #[error("{KEY_VARIABLE} must be 64 hexadecimal digits; make one: openssl rand -hex 32")]
    KeyVariable,
    #[error("no secret key: name a key file or set {KEY_VARIABLE}")]
    NoKey,
    #[error(
        "a stored secret cannot be opened with the present key: bring back the key it was sealed with, or enter it again"
    )]
    WrongKey,
    #[error("the system gave no random bytes: {0}")]
    Random(String),
}

/// Where the key comes from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// `ANYKEY_SECRET_KEY` when set, else this file, made when first needed.
    File(PathBuf),
    /// Given outright (tests).
    Given([u8; 32]),
}

/// Seals and opens; the key is read once, when first needed.
#[derive(Clone)]
pub struct Keeper {
    source: KeySource,
    key: Arc<OnceLock<[u8; 32]>>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

impl Keeper {
    pub fn new(source: KeySource) -> Self {
        Keeper { source, key: Arc::default() }
    }
    /// Encrypted and authenticated; `context` (the credential's name) must be the same when it is opened.
    pub fn seal(&self, context: &str, plain: &str) -> Result<Vec<u8>, SecretError> {
        let mut nonce = [0u8; NONCE];
        random(&mut nonce)?;
        let payload = chacha20poly1305::aead::Payload { msg: plain.as_bytes(), aad: context.as_bytes() };
        let sealed = self.cipher()?.encrypt(&XNonce::from(nonce), payload).map_err(|_| SecretError::WrongKey)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<String, SecretError> {
        let (nonce, body) = sealed.split_at_checked(NONCE).ok_or(SecretError::WrongKey)?;
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| SecretError::WrongKey)?;
        let payload = chacha20poly1305::aead::Payload { msg: body, aad: context.as_bytes() };
        let plain = self.cipher()?.decrypt(&XNonce::from(nonce), payload).map_err(|_| SecretError::WrongKey)?;
        String::from_utf8(plain).map_err(|_| SecretError::WrongKey)
    }
    /// Says which key it is without telling it.
    pub fn fingerprint(&self) -> Result<String, SecretError> {
        let digest = Sha256::new_with_prefix(b"anykey key fingerprint").chain_update(self.key()?).finalize();
        Ok(hex(&digest[..8]))
    }
    fn cipher(&self) -> Result<XChaCha20Poly1305, SecretError> {
        Ok(XChaCha20Poly1305::new(&self.key()?.into()))
    }
    fn key(&self) -> Result<[u8; 32], SecretError> {
        if let Some(k) = self.key.get() {
            return Ok(*k);
        }
        let key = match &self.source {
            KeySource::Given(k) => *k,
            KeySource::File(path) => match std::env::var(KEY_VARIABLE) {
                Ok(text) if !text.trim().is_empty() => unhex(text.trim()).ok_or(SecretError::KeyVariable)?,
                _ => read_or_make(path)?,
            },
        };
        Ok(*self.key.get_or_init(|| key))
    }
}

fn read_or_make(path: &Path) -> Result<[u8; 32], SecretError> {
    let failed =
        |e: std::io::Error| SecretError::KeyFile { path: path.to_owned(), detail: format!("cannot be used ({e})") };
    match std::fs::File::open(path) {
        Ok(mut file) => {
            let mut text = String::new();
            file.read_to_string(&mut text).map_err(failed)?;
            unhex(text.trim()).ok_or_else(|| SecretError::KeyFile {
                path: path.to_owned(),
                detail: "does not hold 64 hexadecimal digits".to_owned(),
            })
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let mut key = [0u8; 32];
            random(&mut key)?;
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = match options.open(path) {
                // Another process was quicker.
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => return read_or_make(path),
                other => other.map_err(failed)?,
            };
            file.write_all(format!("{}\n", hex(&key)).as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
            Ok(key)
        }
        Err(e) => Err(failed(e)),
    }
}

fn random(bytes: &mut [u8]) -> Result<(), SecretError> {
    rand::rngs::SysRng.try_fill_bytes(bytes).map_err(|e| SecretError::Random(e.to_string()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut key = [0u8; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (i, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_opens_only_with_its_key_and_context() {
        let a = Keeper::new(KeySource::Given([7; 32]));
        let sealed = a.seal("office", "s3cret").unwrap();
        assert!(!sealed.windows(6).any(|w| w == b"s3cret"));
        assert_eq!(a.open("office", &sealed).unwrap(), "s3cret");
        assert_ne!(a.seal("office", "s3cret").unwrap(), sealed, "the nonce is fresh");
        assert!(matches!(a.open("other", &sealed), Err(SecretError::WrongKey)));
        assert!(matches!(a.open("office", &sealed[..10]), Err(SecretError::WrongKey)));
        let b = Keeper::new(KeySource::Given([8; 32]));
        assert!(matches!(b.open("office", &sealed), Err(SecretError::WrongKey)));
        assert_ne!(a.fingerprint().unwrap(), b.fingerprint().unwrap());
    }

    #[test]
    fn the_key_file_is_made_once_for_its_owner_only_and_a_broken_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("anykey.key");
        let first = Keeper::new(KeySource::File(path.clone()));
        let sealed = first.seal("x", "public").unwrap();
        assert_eq!(Keeper::new(KeySource::File(path.clone())).open("x", &sealed).unwrap(), "public");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&path, "rubbish").unwrap();
        let e = Keeper::new(KeySource::File(path)).open("x", &sealed).unwrap_err().to_string();
        assert!(e.contains("anykey.key") && e.contains("64 hexadecimal digits"), "{e}");
    }
}
