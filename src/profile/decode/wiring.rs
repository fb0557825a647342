//! Own ends of cables: addresses, aggregates, LACP partners, segments of the spanning tree, names in LLDP.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::fdb::Bridge;
use super::links::LocalPorts;
use super::lldp;
use crate::model::{AggregateMember, BridgePort, LacpPort, OwnAddress, StpSegment, Wiring};
use crate::profile::mib::Names;
use crate::profile::oids;
use crate::profile::snapshot::Snapshot;
use crate::profile::text::{format_mac, mac};
use crate::profile::view::{View, bytes_of, int_of};

/// IANAifType ieee8023adLag.
const LAG: i64 = 161;
/// What makers call an aggregate, where its type does not say so.
const AGGREGATES: [&str; 11] = [
    "port-channel",
    "po",
    "ae",
    "bond",
    "trk",
    "lag",
    "team",
    "bagg",
    "bridge-aggregation",
    "eth-trunk",
    "aggregatedethernet",
];
const NOBODY: &str = "00:00:00:00:00:00";

pub fn decode(names: &Names, snap: &Snapshot, bridge: &Bridge, local: &LocalPorts) -> Wiring {
    let view = View::new(&snap.main);
    let mut segments = BTreeSet::new();
    let mut bridges = BTreeSet::new();
    let contexts = snap.contexts.iter().map(|(name, map)| (name.as_str(), View::new(map)));
    for (name, view) in std::iter::once(("", view)).chain(contexts) {
        bridges.extend(view.scalar(oids::DOT1D_BASE_BRIDGE_ADDRESS).and_then(|v| mac(v.as_bytes()?)));
        segments.extend(stp(names, &view, bridge, name));
    }
    bridges.remove(NOBODY);
    let bridge_ports = bridge.ports().iter().map(|(port, if_index)| BridgePort { port: *port, if_index: *if_index });
    Wiring {
        addresses: addresses(&view),
        bridge_addresses: bridges.into_iter().collect(),
        bridge_ports: bridge_ports.collect(),
        members: members(&view, local),
        lacp: lacp(&view),
        lldp_ports: lldp::local_ports(&view, local),
        segments: segments.into_iter().collect(),
    }
}

fn addresses(view: &View<'_>) -> Vec<OwnAddress> {
    let rows = view.column(oids::IP_AD_ENT_IF_INDEX).filter_map(|(index, value)| {
        let octets: [u8; 4] = bytes_of(index)?.try_into().ok()?;
        let address = Ipv4Addr::from(octets);
        let if_index = u32::try_from(int_of(value)?).ok()?;
        let own = !(address.is_unspecified() || address.is_loopback() || address.is_multicast());
        own.then(|| OwnAddress { address: address.to_string(), if_index })
    });
    rows.collect()
}

/// Members of aggregates: what LACP or PAgP attached, else what lies under an aggregate in the interface stack.
fn members(view: &View<'_>, local: &LocalPorts) -> Vec<AggregateMember> {
    let mut found: BTreeMap<u32, u32> = BTreeMap::new();
    for column in [oids::DOT3AD_AGG_PORT_ATTACHED_AGG_ID, oids::PAGP_GROUP_IF_INDEX] {
        for (index, value) in view.column(column) {
            let ([port], Some(aggregate)) = (index, int_of(value).and_then(|a| u32::try_from(a).ok())) else {
                continue;
            };
            if aggregate > 0 && aggregate != *port {
                found.entry(*port).or_insert(aggregate);
            }
        }
    }
    for (index, _) in view.column(oids::IF_STACK_STATUS) {
        let [upper, lower] = index else { continue };
        let is_aggregate = view.int(oids::IF_TYPE, &[*upper]) == Some(LAG) || local.name(*upper).is_some_and(named);
        let is_member = *lower > 0 && view.int(oids::IF_TYPE, &[*lower]) != Some(LAG);
        if *upper > 0 && is_aggregate && is_member {
            found.entry(*lower).or_insert(*upper);
        }
    }
    found.into_iter().map(|(if_index, aggregate)| AggregateMember { if_index, aggregate }).collect()
}

/// "Po1", "ae0", "Port-channel 3": one of the words and a number.
fn named(name: &str) -> bool {
    let lower = name.to_lowercase();
    let number = |rest: &str| {
        let rest = rest.trim_start_matches([' ', '-', '_']);
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit())
    };
    AGGREGATES.iter().any(|w| lower.strip_prefix(w).is_some_and(number))
}

fn lacp(view: &View<'_>) -> Vec<LacpPort> {
    let address = |column, index: &[u32]| view.cell(column, index).and_then(|v| mac(v.as_bytes()?));
    let number = |column, index: &[u32]| view.int(column, index).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    let rows = view.column(oids::DOT3AD_AGG_PORT_PARTNER_OPER_SYSTEM_ID).filter_map(|(index, value)| {
        let [if_index] = index else { return None };
        Some(LacpPort {
            if_index: *if_index,
            actor_system: address(oids::DOT3AD_AGG_PORT_ACTOR_SYSTEM_ID, index).filter(|m| m != NOBODY),
            actor_port: number(oids::DOT3AD_AGG_PORT_ACTOR_PORT, index),
            partner_system: value.as_bytes().and_then(mac).filter(|m| m != NOBODY)?,
            partner_port: number(oids::DOT3AD_AGG_PORT_PARTNER_OPER_PORT, index),
        })
    });
    rows.collect()
}

fn stp(names: &Names, view: &View<'_>, bridge: &Bridge, context: &str) -> Vec<StpSegment> {
    let rows = view.column(oids::DOT1D_STP_PORT_DESIGNATED_BRIDGE).filter_map(|(index, value)| {
        let [number] = index else { return None };
        let [_, _, m0, m1, m2, m3, m4, m5] = <[u8; 8]>::try_from(value.as_bytes()?).ok()?;
        let designated_bridge = format_mac([m0, m1, m2, m3, m4, m5]);
        let far = view.cell(oids::DOT1D_STP_PORT_DESIGNATED_PORT, index).and_then(|v| v.as_bytes());
        let far = far.and_then(|b| <[u8; 2]>::try_from(b).ok()).map(|b| u32::from(u16::from_be_bytes(b) & 0x0FFF));
        let state = view.int(oids::DOT1D_STP_PORT_STATE, index);
        Some(StpSegment {
            if_index: bridge.if_index(*number)?,
            context: context.to_owned(),
            state: state.and_then(|s| names.label("dot1dStpPortState", s)).map(str::to_owned),
            designated_bridge: Some(designated_bridge).filter(|m| m != NOBODY)?,
            designated_port: far.filter(|n| *n > 0),
        })
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn aggregates_by_name() {
        for name in ["Po1", "Port-channel12", "port-channel 3", "ae0", "Trk2", "Eth-Trunk5", "BAGG1", "lag 7"] {
            assert!(named(name), "{name}");
        }
        for name in ["Port 1", "po", "ae0.0", "Portland1", "e1", "Vlan1"] {
            assert!(!named(name), "{name}");
        }
    }
}
