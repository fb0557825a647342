//! LLDP neighbours: IEEE 802.1AB-2005 (lldpRemTable) and 802.1AB-2009 (lldpV2RemTable).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::links::LocalPorts;
use crate::model::{Link, LldpPort};
use crate::profile::oids;
use crate::profile::text::{self, mac, one_line};
use crate::profile::view::{View, bytes_of, text_of};
use crate::protocol::snmp::Value;

/// Columns of one of the two tables.
struct Layout {
    chassis_subtype: &'static [u32],
    chassis: &'static [u32],
    port_subtype: &'static [u32],
    port: &'static [u32],
    port_descr: &'static [u32],
    name: &'static [u32],
    descr: &'static [u32],
    capabilities: Option<&'static [u32]>,
}

const V1: Layout = Layout {
    chassis_subtype: oids::LLDP_REM_CHASSIS_ID_SUBTYPE,
    chassis: oids::LLDP_REM_CHASSIS_ID,
    port_subtype: oids::LLDP_REM_PORT_ID_SUBTYPE,
    port: oids::LLDP_REM_PORT_ID,
    port_descr: oids::LLDP_REM_PORT_DESC,
    name: oids::LLDP_REM_SYS_NAME,
    descr: oids::LLDP_REM_SYS_DESC,
    capabilities: Some(oids::LLDP_REM_SYS_CAP_ENABLED),
};

const V2: Layout = Layout {
    chassis_subtype: oids::LLDP_V2_REM_CHASSIS_ID_SUBTYPE,
    chassis: oids::LLDP_V2_REM_CHASSIS_ID,
    port_subtype: oids::LLDP_V2_REM_PORT_ID_SUBTYPE,
    port: oids::LLDP_V2_REM_PORT_ID,
    port_descr: oids::LLDP_V2_REM_PORT_DESC,
    name: oids::LLDP_V2_REM_SYS_NAME,
    descr: oids::LLDP_V2_REM_SYS_DESC,
    capabilities: None,
};

/// Subtypes of a chassis id and of a port id that hold an address.
const CHASSIS_MAC: i64 = 4;
const CHASSIS_NETWORK: i64 = 5;
const PORT_MAC: i64 = 3;
const PORT_NETWORK: i64 = 4;

pub fn decode(view: &View<'_>, local: &LocalPorts) -> Vec<Link> {
    let addresses = addresses(view);
    let mut out = Rows::default();
    for index in indexes(view, &V1) {
        // RouterOS knows the port of a neighbour best by its own table.
        let named = index.last().and_then(|n| view.int(oids::MTXR_NEIGHBOR_INTERFACE_ID, &[*n]));
        let named = named.and_then(|i| u32::try_from(i).ok()).filter(|i| local.is_port(*i));
        // timeMark, local port, neighbour; without the timeMark; or one running number.
        let number = match index {
            [_, port, _, ..] | [port, _] => Some(*port),
            _ => None,
        };
        let (if_index, port) = match (named, number.filter(|n| *n > 0)) {
            (Some(i), _) => (Some(i), local.name(i).map(str::to_owned)),
            (None, Some(n)) => local_port(view, local, n),
            (None, None) => (None, None),
        };
        let mut link = remote(view, &V1, index);
        link.local_if_index = if_index;
        link.local_port = port;
        link.remote_address = addresses.get(index).cloned();
        out.add(link);
    }
    out.0
}

/// 802.1AB-2009: the index holds the local ifIndex itself.
pub fn version2(view: &View<'_>, local: &LocalPorts) -> Vec<Link> {
    let mut out = Rows::default();
    for index in indexes(view, &V2) {
        let [_, if_index, ..] = index else { continue };
        let mut link = remote(view, &V2, index);
        link.local_if_index = Some(*if_index);
        link.local_port = local.name(*if_index).map(str::to_owned);
        out.add(link);
    }
    out.0
}

/// Rows of one neighbour on one port: the newest timeMark, which comes last, wins.
#[derive(Default)]
struct Rows(Vec<Link>);

impl Rows {
    fn add(&mut self, link: Link) {
        if link.remote_host.is_none() && link.remote_chassis.is_none() && link.remote_port.is_none() {
            return;
        }
        let same = |old: &&mut Link| {
            old.local_if_index == link.local_if_index
                && old.local_port == link.local_port
                && old.remote_chassis == link.remote_chassis
                && old.remote_port == link.remote_port
                && old.remote_host == link.remote_host
        };
        match self.0.iter_mut().find(same) {
            Some(old) => *old = link,
            None => self.0.push(link),
        }
    }
}

/// Every index some column answers for: any one column may be missing.
fn indexes<'a>(view: &View<'a>, layout: &Layout) -> Vec<&'a [u32]> {
    let columns = [layout.chassis, layout.port, layout.name, layout.port_descr];
    let mut all: Vec<&[u32]> = columns.iter().flat_map(|c| view.column(c).map(|(i, _)| i)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn remote(view: &View<'_>, layout: &Layout, index: &[u32]) -> Link {
    let subtype = |column: &[u32]| view.int(column, index);
    let text = |column: &[u32]| view.text(column, index).map(|t| one_line(&t));
    let chassis = view.cell(layout.chassis, index);
    let port = view.cell(layout.port, index);
    Link {
        protocol: "lldp".to_owned(),
        remote_host: text(layout.name),
        remote_chassis: chassis.and_then(|v| id(v, subtype(layout.chassis_subtype), CHASSIS_MAC, CHASSIS_NETWORK)),
        remote_port: port.and_then(|v| id(v, subtype(layout.port_subtype), PORT_MAC, PORT_NETWORK)),
        remote_port_descr: text(layout.port_descr),
        remote_platform: text(layout.descr),
        capabilities: layout.capabilities.and_then(|c| view.cell(c, index)).map(capabilities).unwrap_or_default(),
        ..Link::default()
    }
}

/// A chassis or port id by its subtype; by its looks when the subtype is missing or lies.
fn id(value: &Value, subtype: Option<i64>, mac_type: i64, network_type: i64) -> Option<String> {
    let Some(bytes) = value.as_bytes() else { return text_of(value) };
    if subtype == Some(network_type)
        && let Some(address) = network_address(bytes)
    {
        return Some(address);
    }
    let binary = bytes.len() == 6 && !text::is_readable(bytes);
    if (subtype == Some(mac_type) || binary)
        && let Some(m) = mac(bytes)
    {
        return Some(m);
    }
    text_of(value).map(|t| one_line(&t))
}

/// LldpSystemCapabilitiesMap: bit 0 is the first octet's highest.
fn capabilities(value: &Value) -> Vec<String> {
    const WORDS: [&str; 8] =
        ["other", "repeater", "bridge", "wlan-access-point", "router", "telephone", "docsis", "station"];
    let first = value.as_bytes().and_then(|b| b.first()).copied().unwrap_or(0);
    WORDS.iter().enumerate().filter(|(at, _)| first & (0x80 >> at) != 0).map(|(_, word)| (*word).to_owned()).collect()
}

/// An address family octet (IANA), then the address.
fn network_address(bytes: &[u8]) -> Option<String> {
    match bytes.split_first()? {
        (1, rest) => <[u8; 4]>::try_from(rest).ok().map(|a| Ipv4Addr::from(a).to_string()),
        (2, rest) => <[u8; 16]>::try_from(rest).ok().map(|a| Ipv6Addr::from(a).to_string()),
        _ => None,
    }
}

/// How the device names its own ports to its neighbours.
pub fn local_ports(view: &View<'_>, local: &LocalPorts) -> Vec<LldpPort> {
    let rows = view.column(oids::LLDP_LOC_PORT_ID).filter_map(|(index, value)| {
        let [number] = index else { return None };
        Some(LldpPort {
            number: *number,
            id: id(value, view.int(oids::LLDP_LOC_PORT_ID_SUBTYPE, index), PORT_MAC, PORT_NETWORK),
            descr: view.text(oids::LLDP_LOC_PORT_DESC, index).map(|t| one_line(&t)),
            if_index: local_port(view, local, *number).0,
        })
    });
    rows.collect()
}

/// The ladder: the agent's own name for the LLDP port, the bridge port, the ifIndex.
fn local_port(view: &View<'_>, local: &LocalPorts, number: u32) -> (Option<u32>, Option<String>) {
    let id = view.cell(oids::LLDP_LOC_PORT_ID, &[number]);
    let subtype = view.int(oids::LLDP_LOC_PORT_ID_SUBTYPE, &[number]);
    let descr = view.text(oids::LLDP_LOC_PORT_DESC, &[number]);
    let id_text = id.and_then(text_of);
    // Six readable letters are a name ("Eth1/8"), whatever they would be as a MAC.
    let binary = |b: &&[u8]| subtype == Some(PORT_MAC) || !text::is_readable(b) || b.len() != 6;
    let id_mac = id.and_then(|v| v.as_bytes()).filter(binary).and_then(mac);
    let by_id = || match (subtype, &id_mac, &id_text) {
        (Some(PORT_MAC), Some(m), _) | (None, Some(m), _) => local.by_mac(m),
        (_, _, Some(t)) => local.by_name(t),
        _ => None,
    };
    let if_index = by_id()
        .or_else(|| descr.as_deref().and_then(|d| local.by_name(d)))
        .or_else(|| local.by_bridge_port(number))
        .or_else(|| local.is_port(number).then_some(number));
    let name = if_index.and_then(|i| local.name(i)).map(str::to_owned);
    (if_index, name.or(descr).or_else(|| id_text.filter(|_| id_mac.is_none())))
}

/// Management addresses by the neighbour's index: the address is in the index, as subtype, length, octets.
fn addresses<'a>(view: &View<'a>) -> BTreeMap<&'a [u32], String> {
    let mut out = BTreeMap::new();
    for (index, _) in view.column(oids::LLDP_REM_MAN_ADDR_IF_SUBTYPE).chain(view.column(oids::LLDP_REM_MAN_ADDR_IF_ID))
    {
        let (Some(key), Some([family, len, address @ ..])) = (index.get(..3), index.get(3..)) else { continue };
        let Some(bytes) = bytes_of(address).filter(|b| b.len() == *len as usize) else { continue };
        let text = match family {
            1 => <[u8; 4]>::try_from(bytes.as_slice()).ok().map(|a| Ipv4Addr::from(a).to_string()),
            2 => <[u8; 16]>::try_from(bytes.as_slice()).ok().map(|a| Ipv6Addr::from(a).to_string()),
            _ => None,
        };
        // IPv4 comes first in index order and is kept.
        if let Some(text) = text {
            out.entry(key).or_insert(text);
        }
    }
    out
}
