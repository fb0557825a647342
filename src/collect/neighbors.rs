//! Neighbours seen by LLDP and CDP, proposed as new targets. Proposes only: asking them is discovery's affair.
//!
//! Pure. A new neighbour protocol needs nothing here as long as it fills `Link::remote_address`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::model::{Facts, Link};

/// Most proposals one device's answer may make; a forged table must not flood the list.
pub const MAX_PROPOSALS: usize = 256;

/// An address a neighbour announced for its management.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub address: IpAddr,
    /// Its own name, chassis and platform, as announced.
    pub host: Option<String>,
    pub chassis: Option<String>,
    pub platform: Option<String>,
    /// lldp or cdp.
    pub protocol: String,
    /// Port of the device that saw it.
    pub seen_on: Option<String>,
}

/// Management addresses of the neighbours in the `facts` told by the device at `told_by`, each once, those for which
/// `known` holds left out.
pub fn proposals(facts: &Facts, told_by: IpAddr, known: impl Fn(IpAddr) -> bool) -> Vec<Proposal> {
    let mut found: BTreeMap<IpAddr, Proposal> = BTreeMap::new();
    for link in facts.links.iter().flatten() {
        let Some(address) = link.remote_address.as_deref().and_then(|a| a.trim().parse().ok()) else { continue };
        if !usable(address, told_by) || known(address) || found.contains_key(&address) {
            continue;
        }
        found.insert(address, proposal(address, link));
        if found.len() == MAX_PROPOSALS {
            break;
        }
    }
    found.into_values().collect()
}

fn proposal(address: IpAddr, link: &Link) -> Proposal {
    Proposal {
        address,
        host: link.remote_host.clone(),
        chassis: link.remote_chassis.clone(),
        platform: link.remote_platform.clone(),
        protocol: link.protocol.clone(),
        seen_on: link.local_port.clone(),
    }
}

/// An address that can be asked from here: link-local ones have no meaning without the link they are on, loopback
/// ones only when the device itself is there (simulated fleets).
fn usable(address: IpAddr, told_by: IpAddr) -> bool {
    if address == told_by || (address.is_loopback() && !told_by.is_loopback()) {
        return false;
    }
    match address {
        IpAddr::V4(a) => !(a.is_unspecified() || a.is_link_local() || a.is_multicast() || a.is_broadcast()),
        IpAddr::V6(a) => !(a.is_unspecified() || a.is_unicast_link_local() || a.is_multicast()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(address: &str, host: &str) -> Link {
        Link {
            remote_address: Some(address.into()),
            remote_host: Some(host.into()),
            protocol: "lldp".into(),
            local_port: Some("gi1/0/1".into()),
            ..Link::default()
        }
    }

    #[test]
    fn only_new_usable_addresses_once() {
        let facts = Facts {
            links: Some(vec![
                link("10.0.0.2", "sw2"),
                link("10.0.0.2", "sw2 again"),
                link("10.0.0.3", "known"),
                link("0.0.0.0", "none"),
                link("127.0.0.1", "itself"),
                link("169.254.3.4", "autoconf"),
                link("fe80::1", "link-local"),
                link("2001:db8::7", "v6"),
                link("02:00:00:00:00:01", "a MAC"),
                Link::default(),
            ]),
            ..Facts::default()
        };
        let known: IpAddr = "10.0.0.3".parse().unwrap();
        let got = proposals(&facts, "10.0.0.1".parse().unwrap(), |a| a == known);
        let addresses: Vec<String> = got.iter().map(|p| p.address.to_string()).collect();
        assert_eq!(addresses, ["10.0.0.2", "2001:db8::7"]);
        assert_eq!(got[0].host.as_deref(), Some("sw2"));
        assert_eq!(got[0].seen_on.as_deref(), Some("gi1/0/1"));
    }

    #[test]
    fn a_flood_is_bounded() {
        let links = (0..1000u32).map(|i| link(&format!("10.1.{}.{}", i / 250, 1 + i % 250), "x")).collect();
        let facts = Facts { links: Some(links), ..Facts::default() };
        let at = "10.0.0.1".parse().unwrap();
        assert_eq!(proposals(&facts, at, |_| false).len(), MAX_PROPOSALS);
        assert!(proposals(&Facts::default(), at, |_| false).is_empty());
    }

    #[test]
    fn loopback_counts_inside_loopback() {
        let facts = Facts { links: Some(vec![link("127.16.0.9", "sw")]), ..Facts::default() };
        assert_eq!(proposals(&facts, "127.16.0.8".parse().unwrap(), |_| false).len(), 1);
        assert!(proposals(&facts, "127.16.0.9".parse().unwrap(), |_| false).is_empty());
    }
}
