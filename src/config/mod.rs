//! Configuration: one TOML file and the environment. Everything has a default: `anykey serve` with no file works.
//!
//! Unknown keys are refused with the line and the nearest known name; secrets are never printed. To add a key: a field
//! with a default here or in the module it belongs to, and a documented line in `sample.toml` (a test reads it).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::collect::{PollConfig, ScanRange};
use crate::model::SnmpUser;
use crate::notify::SmtpConfig;
use crate::status::Policy;

/// Every key with its default and meaning.
pub const SAMPLE: &str = include_str!("sample.toml");

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("reading the configuration {path} failed: {source}. Check the path given with --config")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("configuration {path}: {detail}")]
    Parse { path: PathBuf, detail: String },
    #[error("configuration {path}: {key}: {detail}")]
    Value { path: PathBuf, key: String, detail: String },
}

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub server: ServerConfig,
    pub database: DatabaseConfig,
    pub snmp: SnmpConfig,
    pub poll: PollConfig,
    pub discovery: DiscoveryConfig,
    pub traps: TrapsConfig,
    pub status: Policy,
    pub smtp: Option<SmtpConfig>,
    pub profiles: ProfilesConfig,
    /// Branches to begin with; more are added in the web pages.
    pub site: Vec<SiteConfig>,
    /// Communities and users to try; more are added in the web pages.
    pub credential: Vec<CredentialConfig>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    pub listen: SocketAddr,
    /// How people reach the pages, for links in mail: "https://anykey.example.org".
    pub public_url: Option<String>,
    /// Cookies only over https.
    pub secure_cookies: bool,
    /// Bearer token for /metrics from other machines.
    pub metrics_token: Option<Secret>,
    /// Name of this poller in readings.
    pub poller: String,
}

impl Default for ServerConfig {
    fn default() -> Self {
        ServerConfig {
            listen: SocketAddr::from(([0, 0, 0, 0], 8080)),
            public_url: None,
            secure_cookies: false,
            metrics_token: None,
            poller: "main".into(),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// "sqlite://anykey.db" or "postgres://user@host/name"; the password is better in ANYKEY_DATABASE_URL.
    pub url: Secret,
    /// How long raw metric readings are kept; their daily roll-ups stay.
    #[serde(with = "humantime_serde")]
    pub keep_metrics: Duration,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        DatabaseConfig { url: Secret("sqlite://anykey.db".into()), keep_metrics: Duration::from_secs(90 * 86_400) }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SnmpConfig {
    /// Sockets with a thread each.
    pub workers: usize,
    /// Pace of sending over all devices.
    pub packets_per_second: u32,
    pub retries: u8,
    /// First timeout; later ones follow the measured round trip.
    #[serde(with = "humantime_serde")]
    pub timeout: Duration,
}

impl Default for SnmpConfig {
    fn default() -> Self {
        SnmpConfig { workers: 1, packets_per_second: 10_000, retries: 2, timeout: Duration::from_secs(1) }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DiscoveryConfig {
    /// Every range is swept again after this time.
    #[serde(with = "humantime_serde")]
    pub every: Duration,
    pub ipp_port: u16,
}

impl Default for DiscoveryConfig {
    fn default() -> Self {
        DiscoveryConfig { every: Duration::from_secs(86_400), ipp_port: 631 }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrapsConfig {
    /// Where traps and informs arrive; "" in the file: nowhere.
    #[serde(deserialize_with = "address_or_nothing")]
    pub listen: Option<SocketAddr>,
}

impl Default for TrapsConfig {
    fn default() -> Self {
        TrapsConfig { listen: Some(SocketAddr::from(([0, 0, 0, 0], 162))) }
    }
}

fn address_or_nothing<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(d)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let wrong = || format!("{text:?} is not an address and port, like 0.0.0.0:162; \"\" turns traps off");
    text.trim().parse().map(Some).map_err(|_| serde::de::Error::custom(wrong()))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProfilesConfig {
    /// Folder of *.toml that adds to the built-in device profiles.
    pub dir: Option<PathBuf>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    pub name: String,
    #[serde(default = "default_zone")]
    pub time_zone: String,
    #[serde(default)]
    pub range: Vec<RangeConfig>,
}

fn default_zone() -> String {
    "Europe/Moscow".into()
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RangeConfig {
    pub cidr: String,
    #[serde(default = "default_snmp_port")]
    pub port: u16,
}

fn default_snmp_port() -> u16 {
    161
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialConfig {
    pub name: String,
    /// "2c", "1" or "3".
    #[serde(default = "default_version")]
    pub version: String,
    /// Of versions 1 and 2c.
    #[serde(default)]
    pub community: Secret,
    /// Of version 3, as everything below; empty: none.
    #[serde(default)]
    pub user: String,
    #[serde(default)]
    pub auth_protocol: String,
    #[serde(default)]
    pub auth_password: Secret,
    #[serde(default)]
    pub priv_protocol: String,
    #[serde(default)]
    pub priv_password: Secret,
    #[serde(default)]
    pub context: String,
}

impl CredentialConfig {
    /// `None`: a community.
    pub fn snmp_user(&self) -> Option<SnmpUser> {
        (self.version == "3").then(|| SnmpUser {
            user: self.user.clone(),
            auth_protocol: self.auth_protocol.clone(),
            auth_password: self.auth_password.0.clone(),
            priv_protocol: self.priv_protocol.clone(),
            priv_password: self.priv_password.0.clone(),
            context: self.context.clone(),
        })
    }
    /// Key and words of what is wrong.
    fn check(&self) -> Result<(), (&'static str, String)> {
        match (self.version.as_str(), self.snmp_user()) {
            (_, Some(user)) => user.check().map_err(|(field, _, words)| (field, words)),
            ("1" | "2c", None) if self.community.0.is_empty() => {
                Err(("community", "is missing; versions 1 and 2c need it".into()))
            }
            ("1" | "2c", None) if !self.user.is_empty() => Err(("version", "must be \"3\" for a user".into())),
            ("1" | "2c", None) => Ok(()),
            (other, None) => Err(("version", format!("{other:?} is not spoken; use \"1\", \"2c\" or \"3\""))),
        }
    }
}

fn default_version() -> String {
    "2c".into()
}

/// A text that never shows itself.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Config {
    /// The file (when given) and the environment over the defaults.
    pub fn load(path: Option<&Path>) -> Result<Config, ConfigError> {
        let mut config = match path {
            None => Config::default(),
            Some(p) => {
                let text =
                    std::fs::read_to_string(p).map_err(|source| ConfigError::Read { path: p.to_owned(), source })?;
                Config::parse(&text, p)?
            }
        };
        if let Ok(url) = std::env::var("ANYKEY_DATABASE_URL") {
            config.database.url = Secret(url);
        }
        if let Ok(listen) = std::env::var("ANYKEY_LISTEN") {
            config.server.listen = listen.parse().map_err(|_| ConfigError::Value {
                path: "environment".into(),
                key: "ANYKEY_LISTEN".into(),
                detail: format!("{listen:?} is not an address and port, like 0.0.0.0:8080"),
            })?;
        }
        Ok(config)
    }

    /// Parses and validates; `path` only names the file in errors.
    pub fn parse(text: &str, path: &Path) -> Result<Config, ConfigError> {
        let config: Config = toml::from_str(text)
            .map_err(|e| ConfigError::Parse { path: path.to_owned(), detail: explain(&e, text) })?;
        config.validate(path)?;
        Ok(config)
    }

    fn validate(&self, path: &Path) -> Result<(), ConfigError> {
        let wrong = |key: String, detail: String| ConfigError::Value { path: path.to_owned(), key, detail };
        for (i, site) in self.site.iter().enumerate() {
            if site.name.trim().is_empty() {
                return Err(wrong(format!("site[{i}].name"), "is empty; give the branch a name".into()));
            }
            if jiff::tz::TimeZone::get(&site.time_zone).is_err() {
                return Err(wrong(
                    format!("site[{i}].time_zone"),
                    format!("{:?} is not a time zone; use an IANA name like Europe/Moscow", site.time_zone),
                ));
            }
            for (j, range) in site.range.iter().enumerate() {
                let parsed: Result<ScanRange, _> = range.cidr.parse();
                parsed.map_err(|e| wrong(format!("site[{i}].range[{j}].cidr"), e.to_string()))?;
            }
        }
        for (i, c) in self.credential.iter().enumerate() {
            c.check().map_err(|(key, words)| wrong(format!("credential[{i}].{key}"), words))?;
        }
        self.poll.check().map_err(|e| wrong("poll".into(), e.to_string()))?;
        if let Some(smtp) = &self.smtp {
            smtp.validate().map_err(|e| wrong("smtp".into(), e.to_string()))?;
        }
        if self.snmp.workers == 0 || self.snmp.workers > 64 {
            return Err(wrong("snmp.workers".into(), "must be 1 to 64".into()));
        }
        if self.snmp.packets_per_second == 0 {
            return Err(wrong("snmp.packets_per_second".into(), "must be at least 1".into()));
        }
        Ok(())
    }
}

/// toml's own message with the line, and the nearest known key for an unknown one.
fn explain(error: &toml::de::Error, text: &str) -> String {
    let line = error.span().map_or(0, |s| text[..s.start.min(text.len())].lines().count().max(1));
    let message = error.message();
    let at = if line > 0 { format!("line {line}: ") } else { String::new() };
    let Some(rest) = message.strip_prefix("unknown field `") else { return format!("{at}{message}") };
    let key = rest.split('`').next().unwrap_or("");
    // The span is that of the table; the key stands on the first line from there that begins with it.
    let own = |l: &str| l.trim_start().strip_prefix(key).is_some_and(|r| r.trim_start().starts_with(['=', '.']));
    let line = text.lines().skip(line.saturating_sub(1)).position(own).map_or(line, |n| line.max(1) + n);
    let at = if line > 0 { format!("line {line}: ") } else { String::new() };
    let known: Vec<&str> = rest.split('`').skip(2).step_by(2).filter(|w| !w.is_empty()).collect();
    let nearest = known.iter().min_by_key(|k| distance(key, k));
    match nearest {
        Some(n) if distance(key, n) <= 3 => format!("{at}unknown key `{key}`; did you mean `{n}`?"),
        _ => format!("{at}unknown key `{key}`; known here: {}", known.join(", ")),
    }
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let next = (diagonal + usize::from(ca != *cb)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("anykey.toml")).map_err(|e| e.to_string())
    }

    #[test]
    fn the_sample_parses_and_shows_the_defaults() {
        let sample = parse(SAMPLE).unwrap();
        let default = Config::default();
        assert_eq!(sample.server.listen, default.server.listen);
        assert_eq!(format!("{:?}", sample.poll), format!("{:?}", default.poll));
        assert_eq!(format!("{:?}", sample.snmp), format!("{:?}", default.snmp));
        assert_eq!(format!("{:?}", sample.status), format!("{:?}", default.status));
        assert_eq!(format!("{:?}", sample.discovery), format!("{:?}", default.discovery));
        assert_eq!(sample.traps.listen, default.traps.listen);
    }

    #[test]
    fn the_sample_with_every_comment_opened_parses_too() {
        let open: String = SAMPLE.lines().map(|l| l.strip_prefix("#: ").unwrap_or(l)).collect::<Vec<_>>().join("\n");
        assert_ne!(open, SAMPLE);
        parse(&open).unwrap();
    }

    #[test]
    fn an_unknown_key_names_line_and_neighbour() {
        let e = parse("[server]\nlisen = \"0.0.0.0:1\"\n").unwrap_err();
        assert!(e.contains("line 2") && e.contains("`lisen`") && e.contains("did you mean `listen`"), "{e}");
    }

    #[test]
    fn wrong_values_say_what_to_write() {
        let e = parse("[[site]]\nname=\"A\"\n[[site.range]]\ncidr=\"10.0.0.0/33\"\n").unwrap_err();
        assert!(e.contains("10.0.0.0/33") && e.contains("192.168.1.0/24"), "{e}");
        let e = parse("[[site]]\nname=\"A\"\ntime_zone=\"Mars/Base\"\n").unwrap_err();
        assert!(e.contains("Mars/Base") && e.contains("IANA"), "{e}");
        let e = parse("[poll]\nstatus = \"5 parsecs\"\n").unwrap_err();
        assert!(e.contains("line 2"), "{e}");
    }

    #[test]
    fn traps_can_be_moved_and_turned_off() {
        assert_eq!(parse("[traps]\nlisten = \"\"").unwrap().traps.listen, None);
        assert_eq!(parse("[traps]\nlisten = \"[::]:1162\"").unwrap().traps.listen.unwrap().port(), 1162);
        let e = parse("[traps]\nlisten = \"everywhere\"").unwrap_err();
        assert!(e.contains("line 2") && e.contains("everywhere") && e.contains("0.0.0.0:162"), "{e}");
    }

    #[test]
    fn credentials_of_all_versions_are_taken_or_explained() {
        let user = "[[credential]]\nname=\"x\"\nversion=\"3\"\nuser=\"watch\"\n";
        let c = parse(&format!("{user}auth_protocol=\"MD5\"\nauth_password=\"12345678\"\n")).unwrap();
        assert_eq!(c.credential[0].snmp_user().unwrap().auth_protocol, "MD5");
        assert!(!format!("{c:?}").contains("12345678"));
        for (text, wrong) in [
            (format!("{user}auth_protocol=\"CRC\"\n"), "credential[0].auth_protocol"),
            (format!("{user}auth_protocol=\"MD5\"\nauth_password=\"1\"\n"), "credential[0].auth_password"),
            ("[[credential]]\nname=\"x\"\n".to_owned(), "credential[0].community"),
            ("[[credential]]\nname=\"x\"\nversion=\"4\"\n".to_owned(), "credential[0].version"),
        ] {
            let e = parse(&text).unwrap_err();
            assert!(e.contains(wrong), "{e}");
        }
    }

    #[test]
    fn secrets_do_not_print() {
        let c = parse("[[credential]]\nname=\"x\"\ncommunity=\"hunter2\"\n[database]\nurl=\"postgres://a:pw@h/d\"\n")
            .unwrap();
        let text = format!("{c:?}");
        assert!(!text.contains("hunter2") && !text.contains("pw@"), "{text}");
    }
}
