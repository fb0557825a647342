//! Keys of the user-based security model: from a password to the keys of one engine, and message digests made with them
//! (RFC 3414, sections 6, 7 and A.2; RFC 7860 for SHA-2).
//!
//! Arithmetic only: no state, no I/O, nothing printed. The primitives are RustCrypto's. To add an algorithm, add its variant
//! and what the compiler then asks for; its name is how configuration, pages and net-snmp write it.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

/// RFC 3414, section 11.2: shorter passwords are refused by agents too.
pub const MIN_PASSWORD: usize = 8;
/// A password is repeated to this many bytes before it is hashed (RFC 3414, section A.2).
const STRETCHED: usize = 1_048_576;
/// Digests of no algorithm are longer (HMAC-SHA-512-384).
pub const MAX_MAC: usize = 48;

/// A secret that is wiped when dropped.
pub type Secret = Zeroizing<Vec<u8>>;

/// Who sent it, and that nobody changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AuthProtocol {
    #[serde(rename = "MD5")]
    Md5,
    #[serde(rename = "SHA-1")]
    Sha1,
    #[serde(rename = "SHA-224")]
    Sha224,
    #[serde(rename = "SHA-256")]
    Sha256,
    #[serde(rename = "SHA-384")]
    Sha384,
    #[serde(rename = "SHA-512")]
    Sha512,
}

/// Nobody else reads it. The longer AES keys come in two dialects that differ in how a short digest is drawn out:
/// `Aes192`, `Aes256` as in draft-blumenthal-aes-usm-04 (net-snmp, most vendors), `Aes192C`, `Aes256C` as in
/// draft-reeder-snmpv3-usm-3desede-00 (Cisco and those who followed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PrivProtocol {
    #[serde(rename = "DES")]
    Des,
    #[serde(rename = "AES-128")]
    Aes128,
    #[serde(rename = "AES-192")]
    Aes192,
    #[serde(rename = "AES-256")]
    Aes256,
    #[serde(rename = "AES-192-C")]
    Aes192C,
    #[serde(rename = "AES-256-C")]
    Aes256C,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no {what} protocol; there are {known}")]
pub struct ProtocolError {
    given: String,
    what: &'static str,
    known: String,
}

/// Calls an expression with the hash type of a protocol.
macro_rules! with_hash {
    ($protocol:expr, $H:ident => $body:expr) => {
        match $protocol {
            AuthProtocol::Md5 => {
                type $H = Md5;
                $body
            }
            AuthProtocol::Sha1 => {
                type $H = Sha1;
                $body
            }
            AuthProtocol::Sha224 => {
                type $H = Sha224;
                $body
            }
            AuthProtocol::Sha256 => {
                type $H = Sha256;
                $body
            }
            AuthProtocol::Sha384 => {
                type $H = Sha384;
                $body
            }
            AuthProtocol::Sha512 => {
                type $H = Sha512;
                $body
            }
        }
    };
}

impl AuthProtocol {
    pub const ALL: [AuthProtocol; 6] = [
        AuthProtocol::Md5,
        AuthProtocol::Sha1,
        AuthProtocol::Sha224,
        AuthProtocol::Sha256,
        AuthProtocol::Sha384,
        AuthProtocol::Sha512,
    ];
    pub fn name(self) -> &'static str {
        match self {
            AuthProtocol::Md5 => "MD5",
            AuthProtocol::Sha1 => "SHA-1",
            AuthProtocol::Sha224 => "SHA-224",
            AuthProtocol::Sha256 => "SHA-256",
            AuthProtocol::Sha384 => "SHA-384",
            AuthProtocol::Sha512 => "SHA-512",
        }
    }
    /// Bytes of the digest in a message (RFC 3414, sections 6.3.1 and 7.3.1; RFC 7860, section 4.1).
    pub fn mac_len(self) -> usize {
        match self {
            AuthProtocol::Md5 | AuthProtocol::Sha1 => 12,
            AuthProtocol::Sha224 => 16,
            AuthProtocol::Sha256 => 24,
            AuthProtocol::Sha384 => 32,
            AuthProtocol::Sha512 => MAX_MAC,
        }
    }

    fn hash(self, parts: &[&[u8]]) -> Secret {
        with_hash!(self, H => {
            let mut h = H::new();
            parts.iter().for_each(|p| h.update(p));
            Zeroizing::new(h.finalize().to_vec())
        })
    }

    /// The key of a password for all engines (Ku): a megabyte of hashing, so do it once per password.
    pub fn master_key(self, password: &[u8]) -> Secret {
        if password.is_empty() {
            return self.hash(&[]);
        }
        // Whole repetitions, many at once: hashing by the password's own few bytes is slow.
        let repeats = (4096 / password.len()).max(1);
        let chunk = Zeroizing::new(password.repeat(repeats));
        with_hash!(self, H => {
            let mut h = H::new();
            let mut left = STRETCHED;
            while left > 0 {
                let n = left.min(chunk.len());
                h.update(&chunk[..n]);
                left -= n;
            }
            Zeroizing::new(h.finalize().to_vec())
        })
    }
    /// The key of one engine (Kul).
    pub fn localize(self, master: &[u8], engine_id: &[u8]) -> Secret {
        self.hash(&[master, engine_id, master])
    }

    fn mac_of(self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 64]) {
        with_hash!(self, H => {
            if let Ok(mut m) = <Hmac<H> as KeyInit>::new_from_slice(key) {
                parts.iter().for_each(|p| m.update(p));
                let tag = m.finalize().into_bytes();
                out[..tag.len()].copy_from_slice(&tag);
            }
        });
    }
    /// The digest of a message given in pieces.
    pub fn sign(self, key: &[u8], parts: &[&[u8]]) -> ([u8; 64], usize) {
        let mut out = [0; 64];
        self.mac_of(key, parts, &mut out);
        (out, self.mac_len())
    }
    /// Whether the digest is right; takes the same time for every wrong one.
    pub fn verify(self, key: &[u8], parts: &[&[u8]], mac: &[u8]) -> bool {
        if mac.len() != self.mac_len() {
            return false;
        }
        with_hash!(self, H => match <Hmac<H> as KeyInit>::new_from_slice(key) {
            Ok(mut m) => {
                parts.iter().for_each(|p| m.update(p));
                m.verify_truncated_left(mac).is_ok()
            }
            Err(_) => false,
        })
    }
}

impl PrivProtocol {
    pub const ALL: [PrivProtocol; 6] = [
        PrivProtocol::Des,
        PrivProtocol::Aes128,
        PrivProtocol::Aes192,
        PrivProtocol::Aes256,
        PrivProtocol::Aes192C,
        PrivProtocol::Aes256C,
    ];
    pub fn name(self) -> &'static str {
        match self {
            PrivProtocol::Des => "DES",
            PrivProtocol::Aes128 => "AES-128",
            PrivProtocol::Aes192 => "AES-192",
            PrivProtocol::Aes256 => "AES-256",
            PrivProtocol::Aes192C => "AES-192-C",
            PrivProtocol::Aes256C => "AES-256-C",
        }
    }
    /// Bytes of key material; half of DES's is the start of its initialisation vector.
    pub fn key_len(self) -> usize {
        match self {
            PrivProtocol::Des | PrivProtocol::Aes128 => 16,
            PrivProtocol::Aes192 | PrivProtocol::Aes192C => 24,
            PrivProtocol::Aes256 | PrivProtocol::Aes256C => 32,
        }
    }

    /// The privacy key of one engine, drawn out of the localised key where that is too short. The Reeder way costs
    /// another megabyte of hashing for each engine.
    pub fn localize(self, auth: AuthProtocol, master: &[u8], engine_id: &[u8]) -> Secret {
        let mut key = auth.localize(master, engine_id);
        while key.len() < self.key_len() {
            let more = match self {
                PrivProtocol::Aes192C | PrivProtocol::Aes256C => auth.localize(&auth.master_key(&key), engine_id),
                _ => auth.hash(&[&key]),
            };
            // A new buffer each time: growing in place would leave a copy behind.
            key = Zeroizing::new([&key[..], &more[..]].concat());
        }
        Zeroizing::new(key[..self.key_len()].to_vec())
    }
}

/// Letters and digits only: "SHA-256", "sha256" and "Sha 256" are the same.
fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}
fn names<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str) -> String {
    all.iter().map(|p| name(*p)).collect::<Vec<_>>().join(", ")
}

impl FromStr for AuthProtocol {
    type Err = ProtocolError;
    fn from_str(s: &str) -> Result<Self, ProtocolError> {
        let wanted = match &*bare(s) {
            "SHA" => "SHA1".to_owned(),
            b => b.to_owned(),
        };
        AuthProtocol::ALL.into_iter().find(|p| bare(p.name()) == wanted).ok_or_else(|| ProtocolError {
            given: s.to_owned(),
            what: "authentication",
            known: names(&AuthProtocol::ALL, AuthProtocol::name),
        })
    }
}
impl FromStr for PrivProtocol {
    type Err = ProtocolError;
    fn from_str(s: &str) -> Result<Self, ProtocolError> {
        let wanted = match &*bare(s) {
            "AES" => "AES128".to_owned(),
            b => b.to_owned(),
        };
        PrivProtocol::ALL.into_iter().find(|p| bare(p.name()) == wanted).ok_or_else(|| ProtocolError {
            given: s.to_owned(),
            what: "privacy",
            known: names(&PrivProtocol::ALL, PrivProtocol::name),
        })
    }
}
impl fmt::Display for AuthProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
impl fmt::Display for PrivProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGINE: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn the_vectors_of_rfc_3414_a_3() {
        let ku = AuthProtocol::Md5.master_key(b"maplesyrup");
        assert_eq!(hex(&ku), "9faf3283884e92834ebc9847d8edd963");
        assert_eq!(hex(&AuthProtocol::Md5.localize(&ku, &ENGINE)), "526f5eed9fcce26f8964c2930787d82b");
        let ku = AuthProtocol::Sha1.master_key(b"maplesyrup");
        assert_eq!(hex(&ku), "9fb5cc0381497b3793528939ff788d5d79145211");
        assert_eq!(hex(&AuthProtocol::Sha1.localize(&ku, &ENGINE)), "6695febc9288e36282235fc7151f128497b38f3f");
    }

    #[test]
    fn keys_are_drawn_out_both_ways() {
        // draft-reeder-snmpv3-usm-3desede-00, section 7: K1 and K2 of "maplesyrup".
        let reeder = "526f5eed9fcce26f8964c2930787d82b79eff44a90650ee0a3a40abfac5acc12";
        let ku = AuthProtocol::Md5.master_key(b"maplesyrup");
        assert_eq!(hex(&PrivProtocol::Aes256C.localize(AuthProtocol::Md5, &ku, &ENGINE)), reeder);
        assert_eq!(hex(&PrivProtocol::Aes192C.localize(AuthProtocol::Md5, &ku, &ENGINE)), reeder[..48]);
        let ku = AuthProtocol::Sha1.master_key(b"maplesyrup");
        let k1 = AuthProtocol::Sha1.localize(&ku, &ENGINE);
        let reeder = "6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c";
        assert_eq!(hex(&PrivProtocol::Aes256C.localize(AuthProtocol::Sha1, &ku, &ENGINE)), reeder);
        // draft-blumenthal-aes-usm-04, section 3.1.2.1: the digest of what there is so far is appended.
        let long = PrivProtocol::Aes256.localize(AuthProtocol::Sha1, &ku, &ENGINE);
        assert_eq!(long[..20], k1[..]);
        assert_eq!(long[20..], AuthProtocol::Sha1.hash(&[&k1])[..12]);
        // A digest that is long enough needs neither: both dialects are one.
        let ku = AuthProtocol::Sha512.master_key(b"maplesyrup");
        let [a, b] =
            [PrivProtocol::Aes256, PrivProtocol::Aes256C].map(|p| p.localize(AuthProtocol::Sha512, &ku, &ENGINE));
        assert_eq!(a, b);
    }

    #[test]
    fn digests_are_cut_and_checked() {
        for p in AuthProtocol::ALL {
            let (mac, n) = p.sign(b"key", &[b"a mess", b"age"]);
            assert!(p.verify(b"key", &[b"a message"], &mac[..n]), "{p}");
            assert!(!p.verify(b"kez", &[b"a message"], &mac[..n]));
            assert!(!p.verify(b"key", &[b"a messagf"], &mac[..n]));
            assert!(!p.verify(b"key", &[b"a message"], &mac[..n - 1]), "a shorter digest is easier to guess");
            assert!(!p.verify(b"key", &[b"a message"], &[]));
        }
    }

    #[test]
    fn names_as_people_and_net_snmp_write_them() {
        for p in AuthProtocol::ALL {
            assert_eq!(p.name().parse(), Ok(p));
            assert_eq!(serde_json::to_value(p).unwrap(), p.name());
        }
        for p in PrivProtocol::ALL {
            assert_eq!(p.name().parse(), Ok(p));
            assert_eq!(serde_json::to_value(p).unwrap(), p.name());
        }
        assert_eq!("sha".parse(), Ok(AuthProtocol::Sha1));
        assert_eq!("sha256".parse(), Ok(AuthProtocol::Sha256));
        assert_eq!("aes".parse(), Ok(PrivProtocol::Aes128));
        assert_eq!("aes256c".parse(), Ok(PrivProtocol::Aes256C));
        let e = "3des".parse::<PrivProtocol>().unwrap_err().to_string();
        assert_eq!(
            e,
            "\"3des\" is no privacy protocol; there are DES, AES-128, AES-192, AES-256, AES-192-C, AES-256-C"
        );
    }
}
