//! How `inspect`, `scan` and `doctor` get into an agent: communities, or an SNMPv3 user.
//!
//! Passwords may come from the environment, where other people of the machine do not see them.

use anyhow::bail;

use crate::collect::Credential;
use crate::model::SnmpUser;
use crate::protocol::snmp::Version;

#[derive(clap::Args, Clone)]
pub struct Access {
    /// Community to try; repeat it for several, tried in this order by v2c, then by v1. [default: public]
    #[arg(long, value_name = "COMMUNITY")]
    community: Vec<String>,
    /// SNMPv3 user; tried before communities.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// MD5, SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512; without it nothing is authenticated.
    #[arg(long, value_name = "PROTOCOL", requires = "user")]
    auth: Option<String>,
    #[arg(long, value_name = "PASSWORD", env = "ANYKEY_SNMP_AUTH_PASSWORD", hide_env_values = true)]
    auth_password: Option<String>,
    /// DES, AES-128, AES-192, AES-256, AES-192-C or AES-256-C (-C: Cisco); without it nothing is encrypted.
    #[arg(long = "priv", value_name = "PROTOCOL", requires = "auth")]
    privacy: Option<String>,
    #[arg(long, value_name = "PASSWORD", env = "ANYKEY_SNMP_PRIV_PASSWORD", hide_env_values = true)]
    priv_password: Option<String>,
    /// SNMPv3 context; mostly none.
    #[arg(long, default_value = "", hide_default_value = true, requires = "user")]
    context: String,
}

impl Access {
    /// `None`: communities only.
    pub fn user(&self) -> anyhow::Result<Option<Credential>> {
        let Some(name) = &self.user else { return Ok(None) };
        // "sha256" is as good as "SHA-256" here; what nobody speaks is refused with the list.
        let auth = self.auth.as_deref().map(str::parse::<crate::protocol::snmp::AuthProtocol>).transpose()?;
        let privacy = self.privacy.as_deref().map(str::parse::<crate::protocol::snmp::PrivProtocol>).transpose()?;
        let user = SnmpUser {
            user: name.clone(),
            auth_protocol: auth.map(|p| p.name().to_owned()).unwrap_or_default(),
            auth_password: self.auth_password.clone().unwrap_or_default(),
            priv_protocol: privacy.map(|p| p.name().to_owned()).unwrap_or_default(),
            priv_password: self.priv_password.clone().unwrap_or_default(),
            context: self.context.clone(),
        };
        match Credential::of_user(name, &user) {
            Ok(c) => Ok(Some(c)),
            Err(e) => bail!("--user {name}: {e}"),
        }
    }
    /// The user, then each community by v2c, then each by v1; by one version only where one is given. With a user,
    /// communities are tried when they were named.
    pub fn ladder(&self, version: Option<Version>) -> anyhow::Result<Vec<Credential>> {
        let user = self.user()?;
        if version == Some(Version::V3) && user.is_none() {
            bail!("SNMPv3 needs --user (and --auth, --priv with their passwords)");
        }
        let public = ["public".to_owned()];
        let communities = if self.community.is_empty() && user.is_none() { &public[..] } else { &self.community };
        let versions = version.map_or_else(|| vec![Version::V2c, Version::V1], |v| vec![v]);
        let versions = versions.into_iter().filter(|v| *v != Version::V3);
        let by_community = versions.flat_map(|v| communities.iter().map(move |c| Credential::community(v, c)));
        let user = user.filter(|_| matches!(version, None | Some(Version::V3)));
        Ok(user.into_iter().chain(by_community).collect())
    }
}

pub fn version(text: &str) -> Result<Version, String> {
    match text.trim_start_matches(['v', 'V']) {
        "3" => Ok(Version::V3),
        "2c" | "2" => Ok(Version::V2c),
        "1" => Ok(Version::V1),
        _ => Err("expected 3, 2c or 1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        access: Access,
    }
    fn names(args: &[&str], version: Option<Version>) -> Vec<String> {
        let cli = Cli::try_parse_from([&["x"], args].concat()).unwrap();
        cli.access.ladder(version).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_ladder_is_what_was_named() {
        assert_eq!(names(&[], None), ["v2c «public»", "v1 «public»"]);
        assert_eq!(names(&["--community", "a", "--community", "b"], Some(Version::V1)), ["v1 «a»", "v1 «b»"]);
        let user = ["--user", "u", "--auth", "sha256", "--auth-password", "long enough"];
        assert_eq!(names(&user, None), ["v3 «u»"]);
        assert_eq!(names(&[&user[..], &["--community", "a"]].concat(), None), ["v3 «u»", "v2c «a»", "v1 «a»"]);
        let cli = Cli::try_parse_from(["x", "--user", "u", "--auth", "crc"]).unwrap();
        assert!(cli.access.ladder(None).unwrap_err().to_string().contains("SHA-256"));
        let cli = Cli::try_parse_from(["x"]).unwrap();
        assert!(cli.access.ladder(Some(Version::V3)).is_err());
    }
}
