//! How mail leaves: server, encryption, login, sender. Plain data, checked before it is used.
//!
//! The password is never printed: not by `Debug`, not in an error.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use lettre::message::Mailbox;
use serde::Deserialize;

/// A secret text of the configuration.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    pub fn new(text: impl Into<String>) -> Self {
        Password(text.into())
    }
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmtpTls {
    /// Plain at first, then STARTTLS, which must succeed.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None: for a relay on this machine or an own wire.
    None,
}

/// The mail server and who writes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    pub host: String,
    /// Default by `tls`: 587 starttls, 465 tls, 25 none.
    #[serde(default)]
    pub port: Option<u16>,
    #[serde(default)]
    pub tls: SmtpTls,
    /// PEM file of a certification authority of one's own, besides those of the system.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    #[serde(default)]
    pub user: Option<String>,
    #[serde(default)]
    pub password: Option<Password>,
    /// Sender: "it@example.com" or "Company <it@example.com>".
    pub from: String,
    /// Where suppliers answer; the sender when left out.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Test mode: every mail goes here instead, saying for whom it was.
    #[serde(default)]
    pub redirect_all_to: Option<String>,
    /// Lines under an order: company, person, phone.
    #[serde(default)]
    pub signature: String,
    /// Longest wait for one answer of the server.
    #[serde(default = "default_timeout", with = "humantime_serde")]
    pub timeout: Duration,
}

fn default_timeout() -> Duration {
    Duration::from_secs(30)
}

/// What is wrong with the mail section of the configuration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SmtpConfigError {
    #[error(
        "smtp.{key}: `{value}` is no mail address ({reason}); write it as name@example.com or Name <name@example.com>"
    )]
    Address { key: &'static str, value: String, reason: String },
    #[error("smtp.host is empty: write the name or address of the mail server")]
    NoHost,
    #[error("smtp.user is set but smtp.password is not (or the other way round): set both or neither")]
    HalfLogin,
    #[error("smtp.ca_file: reading {path} failed: {reason}")]
    CaFile { path: String, reason: String },
    #[error("smtp.timeout must be between 1 second and 2 minutes")]
    Timeout,
}

impl SmtpConfig {
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            SmtpTls::Starttls => 587,
            SmtpTls::Tls => 465,
            SmtpTls::None => 25,
        })
    }
    /// "mail.example.com:587" for messages.
    pub fn server(&self) -> String {
        format!("{}:{}", self.host, self.port())
    }
    /// The login would travel readable.
    pub fn login_unprotected(&self) -> bool {
        let local = self.host == "localhost" || self.host.parse::<std::net::IpAddr>().is_ok_and(|a| a.is_loopback());
        self.user.is_some() && self.tls == SmtpTls::None && !local
    }
    /// Checks everything that can be checked without the network.
    pub fn validate(&self) -> Result<(), SmtpConfigError> {
        if self.host.trim().is_empty() {
            return Err(SmtpConfigError::NoHost);
        }
        if self.user.is_some() != self.password.is_some() {
            return Err(SmtpConfigError::HalfLogin);
        }
        if !(Duration::from_secs(1)..=Duration::from_secs(120)).contains(&self.timeout) {
            return Err(SmtpConfigError::Timeout);
        }
        self.addresses()?;
        self.ca()?;
        Ok(())
    }

    /// Sender, answers, redirection.
    pub(super) fn addresses(&self) -> Result<Addresses, SmtpConfigError> {
        let optional = |key, value: &Option<String>| value.as_deref().map(|v| mailbox(key, v)).transpose();
        Ok(Addresses {
            from: mailbox("from", &self.from)?,
            reply_to: optional("reply_to", &self.reply_to)?,
            redirect: optional("redirect_all_to", &self.redirect_all_to)?,
        })
    }

    pub(super) fn ca(&self) -> Result<Option<Vec<u8>>, SmtpConfigError> {
        let Some(path) = &self.ca_file else { return Ok(None) };
        std::fs::read(path)
            .map(Some)
            .map_err(|e| SmtpConfigError::CaFile { path: path.display().to_string(), reason: e.to_string() })
    }
}

pub(super) struct Addresses {
    pub(super) from: Mailbox,
    pub(super) reply_to: Option<Mailbox>,
    pub(super) redirect: Option<Mailbox>,
}

fn mailbox(key: &'static str, value: &str) -> Result<Mailbox, SmtpConfigError> {
    value.trim().parse().map_err(|e: lettre::address::AddressError| SmtpConfigError::Address {
        key,
        value: value.to_owned(),
        reason: e.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<SmtpConfig, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn defaults_and_ports() {
        let c = parse("host = 'mail.example.com'\nfrom = 'Ромашка <it@example.com>'").unwrap();
        assert_eq!((c.server(), c.timeout.as_secs()), ("mail.example.com:587".into(), 30));
        c.validate().unwrap();
        let port = |tls| parse(&format!("host='h'\nfrom='a@b.c'\ntls='{tls}'")).unwrap().port();
        assert_eq!((port("tls"), port("none"), port("starttls")), (465, 25, 587));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let e = parse("host = 'h'\nfrom = 'a@b.c'\npasword = 'x'").unwrap_err().to_string();
        assert!(e.contains("pasword"), "{e}");
        let wrong = |text: &str| parse(text).unwrap().validate().unwrap_err().to_string();
        assert!(wrong("host='h'\nfrom='nobody'").contains("smtp.from"));
        assert!(wrong("host='h'\nfrom='a@b.c'\nreply_to='@'").contains("smtp.reply_to"));
        assert!(wrong("host=' '\nfrom='a@b.c'").contains("smtp.host"));
        assert!(wrong("host='h'\nfrom='a@b.c'\nuser='u'").contains("smtp.password"));
        assert!(wrong("host='h'\nfrom='a@b.c'\nca_file='/nowhere/ca.pem'").contains("/nowhere/ca.pem"));
        assert!(wrong("host='h'\nfrom='a@b.c'\ntimeout='1h'").contains("timeout"));
    }

    #[test]
    fn the_password_is_never_printed() {
        let c = parse("host='h'\nfrom='a@b.c'\nuser='u'\npassword='s3cret'\ntls='none'").unwrap();
        assert!(!format!("{c:?}").contains("s3cret"));
        assert!(c.login_unprotected());
    }
}
