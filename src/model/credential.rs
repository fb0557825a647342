//! What a person enters to get into an SNMPv3 agent. Words only: the protocols are spoken elsewhere.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names as pages, configuration and API write them (RFC 3414, RFC 7860); "" is none.
pub const AUTH_PROTOCOLS: [&str; 6] = ["MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"];
/// RFC 3414, RFC 3826; "-C" is Cisco's way to draw out short keys.
pub const PRIV_PROTOCOLS: [&str; 6] = ["DES", "AES-128", "AES-192", "AES-256", "AES-192-C", "AES-256-C"];
const MIN_PASSWORD: usize = 8;
const MAX_USER: usize = 32;

/// An SNMPv3 user. Its passwords are never printed; stored, it is sealed as a whole.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SnmpUser {
    pub user: String,
    /// One of `AUTH_PROTOCOLS`, or empty: nothing is authenticated.
    pub auth_protocol: String,
    pub auth_password: String,
    /// One of `PRIV_PROTOCOLS`, or empty: nothing is encrypted.
    pub priv_protocol: String,
    pub priv_password: String,
    /// The context of the agent to ask in; empty: its own.
    pub context: String,
}

impl SnmpUser {
    /// The first thing that is wrong: field, code and words.
    pub fn check(&self) -> Result<(), (&'static str, &'static str, String)> {
        if self.user.is_empty() || self.user.len() > MAX_USER {
            return Err(("user", "snmp-user", format!("an SNMPv3 user name has 1 to {MAX_USER} bytes")));
        }
        if !self.auth_protocol.is_empty() && !AUTH_PROTOCOLS.contains(&&*self.auth_protocol) {
            let known = AUTH_PROTOCOLS.join(", ");
            return Err(("auth_protocol", "unknown-protocol", format!("{:?} is none of {known}", self.auth_protocol)));
        }
        if !self.priv_protocol.is_empty() && !PRIV_PROTOCOLS.contains(&&*self.priv_protocol) {
            let known = PRIV_PROTOCOLS.join(", ");
            return Err(("priv_protocol", "unknown-protocol", format!("{:?} is none of {known}", self.priv_protocol)));
        }
        if self.auth_protocol.is_empty() && !self.priv_protocol.is_empty() {
            let words = "privacy needs authentication: choose an authentication protocol too";
            return Err(("auth_protocol", "priv-needs-auth", words.to_owned()));
        }
        let short = |p: &str| p.len() < MIN_PASSWORD || p.len() > 255;
        let words = || format!("an SNMPv3 password has at least {MIN_PASSWORD} bytes (RFC 3414)");
        if !self.auth_protocol.is_empty() && short(&self.auth_password) {
            return Err(("auth_password", "snmp-password", words()));
        }
        if !self.priv_protocol.is_empty() && short(&self.priv_password) {
            return Err(("priv_password", "snmp-password", words()));
        }
        if self.context.len() > 255 || self.context.chars().any(char::is_control) {
            return Err(("context", "not-a-line", "a context name has at most 255 bytes and is one line".to_owned()));
        }
        Ok(())
    }
}

impl fmt::Debug for SnmpUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnmpUser")
            .field("user", &self.user)
            .field("auth_protocol", &self.auth_protocol)
            .field("priv_protocol", &self.priv_protocol)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_field() {
        let good = SnmpUser {
            user: "watch".into(),
            auth_protocol: "SHA-256".into(),
            auth_password: "12345678".into(),
            priv_protocol: "AES-128".into(),
            priv_password: "87654321".into(),
            context: String::new(),
        };
        assert_eq!(good.check(), Ok(()));
        assert!(!format!("{good:?}").contains("12345678"));
        let field = |change: &dyn Fn(&mut SnmpUser)| {
            let mut bad = good.clone();
            change(&mut bad);
            bad.check().unwrap_err().0
        };
        assert_eq!(field(&|u| u.user.clear()), "user");
        assert_eq!(field(&|u| u.auth_protocol = "CRC".into()), "auth_protocol");
        assert_eq!(field(&|u| u.auth_protocol.clear()), "auth_protocol");
        assert_eq!(field(&|u| u.priv_protocol = "XOR".into()), "priv_protocol");
        assert_eq!(field(&|u| u.auth_password = "1234567".into()), "auth_password");
        assert_eq!(field(&|u| u.priv_password.clear()), "priv_password");
        assert_eq!(field(&|u| u.context = "a\nb".into()), "context");
    }
}
