//! Whom to ask and how to get in: credentials and poll targets. Plain data, no I/O.
//!
//! The caller builds these from its store. A further way in is a further `snmp::Credential`; here only contexts differ.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::model::{CredentialId, DeviceId, Facts, SnmpUser};
use crate::protocol::snmp;

pub use crate::model::SNMP_PORT;
/// Standard port of IPP (RFC 8010).
pub const IPP_PORT: u16 = 631;

/// A way into an SNMP agent. Shown by its name only; the secret is never printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    pub id: Option<CredentialId>,
    pub name: String,
    pub version: snmp::Version,
    pub secret: snmp::Credential,
}

impl Credential {
    /// A community a person typed: it is its own name.
    pub fn community(version: snmp::Version, community: &str) -> Self {
        Credential { id: None, name: community.to_owned(), version, secret: snmp::Credential::community(community) }
    }
    /// An SNMPv3 user, asked in this context; the empty one is the agent's own.
    pub fn user(name: &str, user: snmp::User, context: &str) -> Self {
        let secret = snmp::Credential::user(user, context);
        Credential { id: None, name: name.to_owned(), version: snmp::Version::V3, secret }
    }
    /// What a person entered, as an SNMPv3 user; the error says what is wrong with it.
    pub fn of_user(name: &str, entered: &SnmpUser) -> Result<Self, String> {
        entered.check().map_err(|(field, _, words)| format!("{field}: {words}"))?;
        let say = |e: &dyn fmt::Display| e.to_string();
        let auth = match &*entered.auth_protocol {
            "" => None,
            p => Some((p.parse().map_err(|e: snmp::ProtocolError| say(&e))?, &*entered.auth_password)),
        };
        let privacy = match &*entered.priv_protocol {
            "" => None,
            p => Some((p.parse().map_err(|e: snmp::ProtocolError| say(&e))?, &*entered.priv_password)),
        };
        let user = snmp::User::new(&entered.user, auth, privacy).map_err(|e| say(&e))?;
        Ok(Credential::user(name, user, &entered.context))
    }
    pub fn target(&self, address: IpAddr, port: u16) -> snmp::Target {
        snmp::Target {
            addr: SocketAddr::new(address, port),
            version: self.version,
            credential: self.secret.clone(),
            quirks: snmp::Quirks::default(),
        }
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{} «{}»", self.version, self.name)
    }
}

/// The same agent in another SNMP context: "community@context" for v1 and v2c, contextName for v3, where Cisco calls the
/// context of a VLAN "vlan-10".
pub(super) fn in_context(target: &snmp::Target, context: &str) -> snmp::Target {
    let credential = match &target.credential {
        snmp::Credential::User { user, .. } => {
            let vlan = !context.is_empty() && context.bytes().all(|b| b.is_ascii_digit());
            let name = if vlan { format!("vlan-{context}") } else { context.to_owned() };
            snmp::Credential::user(user.clone(), name)
        }
        snmp::Credential::Community(c) => snmp::Credential::community([&**c, b"@", context.as_bytes()].concat()),
    };
    snmp::Target { credential, ..target.clone() }
}

/// An address and how to ask it.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    pub address: IpAddr,
    /// UDP port of the SNMP agent.
    pub port: u16,
    /// `None`: it has no SNMP, or not for us.
    pub credential: Option<Credential>,
    /// TCP port of its IPP service; `None`: not to be asked.
    pub ipp_port: Option<u16>,
    /// What earlier readings told: system group, kind, vendor, VLANs. Live answers win over it.
    pub known: Facts,
}

/// A device to poll.
#[derive(Debug, Clone, PartialEq)]
pub struct PollTarget {
    pub device: DeviceId,
    pub agent: Agent,
    /// Devices its way to us leads over: asked soon after it falls silent, so that their state is known before it is judged.
    pub parents: Vec<DeviceId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_never_shown() {
        let mut c = Credential::community(snmp::Version::V2c, "hidden-word");
        assert_eq!(c.to_string(), "v2c «hidden-word»");
        c.name = "branch switches".into();
        assert!(!format!("{c:?} {c}").contains("hidden-word"));
    }

    #[test]
    fn every_protocol_a_person_may_choose_is_spoken() {
        use crate::model::{AUTH_PROTOCOLS, PRIV_PROTOCOLS};
        assert_eq!(snmp::AuthProtocol::ALL.map(|p| p.name()), AUTH_PROTOCOLS);
        assert_eq!(snmp::PrivProtocol::ALL.map(|p| p.name()), PRIV_PROTOCOLS);
        let entered = SnmpUser {
            user: "watch".into(),
            auth_protocol: "SHA-1".into(),
            auth_password: "long enough".into(),
            context: "Jetdirect".into(),
            ..SnmpUser::default()
        };
        let c = Credential::of_user("office", &entered).unwrap();
        assert_eq!((c.to_string(), c.version), ("v3 «office»".to_owned(), snmp::Version::V3));
        let e = Credential::of_user("x", &SnmpUser { auth_password: "short".into(), ..entered }).unwrap_err();
        assert!(e.starts_with("auth_password: "), "{e}");
    }

    #[test]
    fn contexts_are_appended_to_the_community() {
        let t = Credential::community(snmp::Version::V1, "public").target(IpAddr::from([127, 0, 0, 1]), 1161);
        let v = in_context(&t, "10");
        assert_eq!(v.credential, snmp::Credential::community("public@10"));
        assert_eq!((v.addr, v.version), (t.addr, t.version));
        let user = snmp::User::new("u", None, None).unwrap();
        let t = Credential::user("office", user.clone(), "own").target(IpAddr::from([127, 0, 0, 1]), 161);
        assert_eq!(in_context(&t, "10").credential, snmp::Credential::user(user.clone(), "vlan-10"));
        assert_eq!(in_context(&t, "Jetdirect").credential, snmp::Credential::user(user, "Jetdirect"));
    }
}
