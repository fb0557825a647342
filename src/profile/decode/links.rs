//! Neighbours: LLDP, CDP, MNDP and vendors' own tables, merged to one row per neighbour and port.
//!
//! The local port is the hard part. Ladder: the name the agent gives its own LLDP port, then the bridge port number,
//! then the ifIndex; a loopback never has a neighbour.

use std::collections::BTreeMap;

use super::fdb::Bridge;
use super::lldp;
use crate::model::Link;
use crate::profile::load::Profile;
use crate::profile::oids;
use crate::profile::text::{self, mac, one_line};
use crate::profile::view::{View, int_of, text_of};
use crate::protocol::snmp::Value;

const LOOPBACK: i64 = 24;

/// Names and addresses of this device's own ports, for finding one by what a protocol calls it.
#[derive(Debug, Default)]
pub struct LocalPorts {
    names: BTreeMap<u32, String>,
    by_text: BTreeMap<String, Vec<u32>>,
    by_mac: BTreeMap<String, Vec<u32>>,
    types: BTreeMap<u32, i64>,
    bridge: BTreeMap<u32, u32>,
}

impl LocalPorts {
    pub fn read(view: &View<'_>, bridge: &Bridge) -> Self {
        let mut this = LocalPorts { bridge: bridge.ports().clone(), ..LocalPorts::default() };
        for column in [oids::IF_NAME, oids::IF_DESCR, oids::IF_ALIAS] {
            for (index, value) in view.column(column) {
                let ([i], Some(t)) = (index, text_of(value)) else { continue };
                let t = one_line(&t);
                let known = this.by_text.entry(t.to_lowercase()).or_default();
                if !known.contains(i) {
                    known.push(*i);
                }
                if column != oids::IF_ALIAS {
                    this.names.entry(*i).or_insert(t);
                }
            }
        }
        for (index, value) in view.column(oids::IF_TYPE) {
            if let ([i], Some(t)) = (index, int_of(value)) {
                this.types.insert(*i, t);
            }
        }
        for (index, value) in view.column(oids::IF_PHYS_ADDRESS) {
            if let ([i], Some(m)) = (index, value.as_bytes().and_then(mac)) {
                this.by_mac.entry(m).or_default().push(*i);
            }
        }
        this
    }

    pub fn name(&self, if_index: u32) -> Option<&str> {
        self.names.get(&if_index).map(String::as_str)
    }

    /// Is this an ifIndex something can be plugged into?
    pub fn is_port(&self, if_index: u32) -> bool {
        let known = self.names.contains_key(&if_index) || self.types.contains_key(&if_index);
        known && self.types.get(&if_index) != Some(&LOOPBACK)
    }

    pub fn first_port(&self) -> Option<u32> {
        self.types.iter().find(|(_, t)| matches!(t, 6 | 62 | 117)).map(|(i, _)| *i)
    }

    /// The one port of this name, description or alias.
    pub fn by_name(&self, name: &str) -> Option<u32> {
        match self.by_text.get(&one_line(name).to_lowercase())?.as_slice() {
            [one] => Some(*one).filter(|i| self.is_port(*i)),
            // The same words as a name of one and an alias of others: the name counts.
            many => {
                let named = |i: &&u32| self.name(**i).is_some_and(|n| n.eq_ignore_ascii_case(name.trim()));
                let mut exact = many.iter().filter(named);
                match (exact.next(), exact.next()) {
                    (Some(one), None) => Some(*one).filter(|i| self.is_port(*i)),
                    _ => None,
                }
            }
        }
    }

    pub fn by_mac(&self, mac: &str) -> Option<u32> {
        match self.by_mac.get(mac)?.as_slice() {
            [one] => Some(*one).filter(|i| self.is_port(*i)),
            _ => None,
        }
    }

    pub fn by_bridge_port(&self, port: u32) -> Option<u32> {
        self.bridge.get(&port).copied().filter(|i| self.types.get(i) != Some(&LOOPBACK))
    }
}

pub fn decode(view: &View<'_>, profile: Option<&Profile>, local: &LocalPorts) -> Vec<Link> {
    let mut links = lldp::decode(view, local);
    links.extend(lldp::version2(view, local));
    for place in profile.into_iter().flat_map(|p| &p.neighbors) {
        merge(&mut links, private(view, place, local));
    }
    merge(&mut links, cdp(view, local));
    merge(&mut links, mndp(view, local));
    links
}

/// Adds the rows that are no repetition; a repetition fills what the first one did not know.
fn merge(links: &mut Vec<Link>, more: Vec<Link>) {
    for new in more {
        let Some(old) = links.iter_mut().find(|old| same_neighbor(old, &new)) else {
            links.push(new);
            continue;
        };
        old.remote_platform = old.remote_platform.take().or(new.remote_platform);
        old.remote_address = old.remote_address.take().or(new.remote_address);
        old.remote_host = old.remote_host.take().or(new.remote_host);
        if old.capabilities.is_empty() {
            old.capabilities = new.capabilities;
        }
    }
}

fn same_neighbor(a: &Link, b: &Link) -> bool {
    let port = match (a.local_if_index, b.local_if_index) {
        (Some(x), Some(y)) => x == y,
        _ => a.local_port.is_some() && a.local_port == b.local_port,
    };
    let plain = |h: &Option<String>| h.as_deref().map(|h| short_host(h).to_lowercase());
    let host = a.remote_host.is_some() && plain(&a.remote_host) == plain(&b.remote_host);
    let chassis = a.remote_chassis.is_some() && a.remote_chassis == b.remote_chassis;
    let address = a.remote_address.is_some() && a.remote_address == b.remote_address;
    port && (host || chassis || address)
}

/// Without the domain; CDP also adds "(serial)". An address stays whole.
fn short_host(host: &str) -> &str {
    let host = host.split('(').next().unwrap_or(host).trim();
    if host.starts_with(|c: char| c.is_ascii_digit()) { host } else { host.split('.').next().unwrap_or(host) }
}

/// CISCO-CDP-MIB: the first arc of the index is the ifIndex.
fn cdp(view: &View<'_>, local: &LocalPorts) -> Vec<Link> {
    let rows: Vec<&[u32]> = {
        let ids = view.column(oids::CDP_CACHE_DEVICE_ID).map(|(i, _)| i);
        let ports = view.column(oids::CDP_CACHE_DEVICE_PORT).map(|(i, _)| i);
        let mut all: Vec<&[u32]> = ids.chain(ports).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    rows.into_iter()
        .filter_map(|index| {
            let if_index = *index.first()?;
            let id = view.cell(oids::CDP_CACHE_DEVICE_ID, index)?;
            let id_mac = id.as_bytes().filter(|b| b.len() == 6 && !text::is_readable(b)).and_then(mac);
            let name = view.text(oids::CDP_CACHE_SYS_NAME, index);
            let address = view.cell(oids::CDP_CACHE_ADDRESS, index).and_then(ip);
            let host = name.or_else(|| text_of(id).filter(|_| id_mac.is_none()));
            if host.is_none() && id_mac.is_none() {
                return None;
            }
            Some(Link {
                local_if_index: Some(if_index),
                local_port: local.name(if_index).map(str::to_owned),
                protocol: "cdp".to_owned(),
                remote_host: host,
                remote_chassis: id_mac,
                remote_port: view.text(oids::CDP_CACHE_DEVICE_PORT, index),
                remote_port_descr: None,
                remote_platform: view.text(oids::CDP_CACHE_PLATFORM, index),
                remote_address: address,
                capabilities: view.cell(oids::CDP_CACHE_CAPABILITIES, index).map(cdp_capabilities).unwrap_or_default(),
            })
        })
        .collect()
}

/// Four octets, the bits in the last one.
fn cdp_capabilities(value: &Value) -> Vec<String> {
    const WORDS: [(u8, &str); 6] = [
        (0x01, "router"),
        (0x02, "bridge"),
        (0x08, "bridge"),
        (0x10, "station"),
        (0x40, "repeater"),
        (0x80, "telephone"),
    ];
    let Some(last) = value.as_bytes().and_then(|b| b.last()) else { return Vec::new() };
    let mut words: Vec<String> =
        WORDS.iter().filter(|(bit, _)| last & bit != 0).map(|(_, word)| (*word).to_owned()).collect();
    words.dedup();
    words
}

fn ip(value: &Value) -> Option<String> {
    match value {
        Value::IpAddress(a) => Some(std::net::Ipv4Addr::from(*a).to_string()),
        Value::OctetString(b) => match <[u8; 4]>::try_from(b.as_slice()) {
            Ok(a) => Some(std::net::Ipv4Addr::from(a).to_string()),
            Err(_) => <[u8; 16]>::try_from(b.as_slice()).ok().map(|a| std::net::Ipv6Addr::from(a).to_string()),
        },
        _ => None,
    }
}

/// MIKROTIK-MIB mtxrNeighborTable.
fn mndp(view: &View<'_>, local: &LocalPorts) -> Vec<Link> {
    view.column(oids::MTXR_NEIGHBOR_INTERFACE_ID)
        .filter_map(|(index, value)| {
            let if_index = u32::try_from(int_of(value)?).ok()?;
            let host = view.text(oids::MTXR_NEIGHBOR_IDENTITY, index);
            let chassis = view.cell(oids::MTXR_NEIGHBOR_MAC_ADDRESS, index).and_then(|v| mac(v.as_bytes()?));
            if host.is_none() && chassis.is_none() {
                return None;
            }
            Some(Link {
                local_if_index: Some(if_index),
                local_port: local.name(if_index).map(str::to_owned),
                protocol: "mndp".to_owned(),
                remote_host: host,
                remote_chassis: chassis,
                remote_platform: view.text(oids::MTXR_NEIGHBOR_PLATFORM, index),
                remote_address: view.cell(oids::MTXR_NEIGHBOR_IP_ADDRESS, index).and_then(ip),
                ..Link::default()
            })
        })
        .collect()
}

/// A vendor's own table, as a profile describes it: the first arc of the index is the local port.
fn private(view: &View<'_>, place: &crate::profile::load::NeighborPlace, local: &LocalPorts) -> Vec<Link> {
    let key = place.chassis.as_ref().or(place.name.as_ref()).or(place.port.as_ref());
    let Some(key) = key else { return Vec::new() };
    view.column(key.arcs())
        .filter_map(|(index, _)| {
            let at = |column: &Option<crate::protocol::snmp::Oid>| {
                column.as_ref().and_then(|c| view.cell(c.arcs(), index)).and_then(text_of).map(|t| one_line(&t))
            };
            let number = *index.first()?;
            let named = at(&place.local).and_then(|n| local.by_name(&n));
            let if_index =
                named.or_else(|| local.is_port(number).then_some(number)).or_else(|| local.by_bridge_port(number));
            let port = at(&place.port);
            Some(Link {
                local_if_index: if_index,
                local_port: if_index.and_then(|i| local.name(i)).map(str::to_owned).or_else(|| at(&place.local)),
                protocol: place.protocol.clone(),
                remote_host: at(&place.name),
                remote_chassis: at(&place.chassis).map(|c| text::mac_text(&c).unwrap_or(c)),
                remote_port: port.map(|p| text::mac_text(&p).unwrap_or(p)),
                remote_port_descr: at(&place.port_descr),
                remote_platform: at(&place.platform),
                remote_address: place
                    .address
                    .as_ref()
                    .and_then(|c| view.cell(c.arcs(), index))
                    .and_then(|v| ip(v).or_else(|| text_of(v).map(|t| one_line(&t)))),
                capabilities: Vec::new(),
            })
        })
        .collect()
}
