//! What the inference is told of each device: plain data, made of decoded facts or by hand.
//!
//! Nothing here is judged: no neighbour is resolved, no address is cleaned.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::mac::Mac;
use super::names;
use crate::model::{DeviceKind, Facts, LacpPort, Link, LldpPort, StpSegment};

/// One device, or one of two recordings of it. Keys must differ.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Device {
    /// The caller's name for it; the map speaks of devices by this.
    pub key: String,
    /// sysName.
    pub name: Option<String>,
    pub kind: Option<DeviceKind>,
    pub serials: BTreeSet<String>,
    /// LLDP chassis id where it is no MAC.
    pub chassis: Option<String>,
    /// Bridge addresses and LLDP chassis: they name the device.
    pub identity: BTreeSet<Mac>,
    /// Other addresses of its own, of no port we know.
    pub own: BTreeSet<Mac>,
    pub addresses: BTreeMap<IpAddr, u32>,
    pub ports: BTreeMap<u32, Port>,
    /// ifIndex of a member to ifIndex of its aggregate.
    pub aggregates: BTreeMap<u32, u32>,
    /// Number in the bridge tables to ifIndex.
    pub bridge_ports: BTreeMap<u32, u32>,
    pub lldp_ports: Vec<LldpPort>,
    pub neighbours: Vec<Link>,
    pub learned: Vec<Learned>,
    pub lacp: Vec<LacpPort>,
    pub segments: Vec<StpSegment>,
    pub arp: Vec<(IpAddr, Mac)>,
}

/// One interface.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Port {
    pub name: String,
    pub descr: Option<String>,
    pub alias: Option<String>,
    pub mac: Option<Mac>,
    pub kind: PortKind,
    /// ifOperStatus, where it is told.
    pub up: Option<bool>,
    /// In spanning tree the port is blocking.
    pub blocked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PortKind {
    /// A socket, or what may be one.
    #[default]
    Socket,
    Aggregate,
    /// A VLAN, a unit of a port, a bridge: no socket of its own.
    Virtual,
    /// A tunnel or loopback: what is beyond it is on no cable here.
    Tunnel,
}

/// A row of a forwarding table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Learned {
    pub mac: Mac,
    pub if_index: u32,
    /// 0 where the table knows none.
    pub vlan: u32,
    /// Seconds since the poll that brought it; 0 for the last one.
    pub age_s: u32,
}

const LOOPBACK: i64 = 24;
const TUNNELS: [i64; 4] = [131, 150, 166, 142];
const VIRTUAL: [i64; 5] = [53, 135, 136, 209, 1];

impl Device {
    pub fn from_facts(key: &str, facts: &Facts) -> Self {
        let mut device = Device {
            key: key.to_owned(),
            name: facts.sys_name.clone().filter(|n| !n.trim().is_empty()),
            kind: facts.kind,
            neighbours: facts.links.clone().unwrap_or_default(),
            ..Device::default()
        };
        device.serials.extend(facts.serial.clone());
        device.serials.extend(facts.stack.iter().flatten().filter_map(|m| m.serial.clone()));
        match facts.lldp_chassis.as_deref().map(|c| (c, Mac::parse(c))) {
            Some((_, Some(mac))) => {
                device.identity.insert(mac);
            }
            Some((text, None)) => device.chassis = Some(text.to_owned()),
            None => {}
        }
        let stack = facts.stack.iter().flatten().filter_map(|m| m.mac.as_deref());
        device.own.extend(stack.chain(facts.base_mac.as_deref()).filter_map(Mac::parse));
        device.read_ports(facts);
        device.read_wiring(facts);
        for row in facts.fdb.iter().flatten() {
            let Some(mac) = Mac::parse(&row.mac) else { continue };
            match (row.status.as_deref(), row.if_index) {
                (Some("self"), _) | (_, None) => {
                    device.own.extend(Some(mac).filter(|_| row.status.as_deref() == Some("self")));
                }
                (_, Some(if_index)) => {
                    device.learned.push(Learned { mac, if_index, vlan: row.vlan.unwrap_or(0), age_s: 0 });
                }
            }
        }
        let arp = facts.arp.iter().flatten();
        device.arp = arp.filter_map(|e| Some((e.address.parse().ok()?, Mac::parse(&e.mac)?))).collect();
        device.identity.retain(|m| m.is_station());
        device.own.retain(|m| m.is_station());
        device
    }

    fn read_ports(&mut self, facts: &Facts) {
        for p in facts.ports.iter().flatten() {
            let kind = match p.type_number {
                Some(LOOPBACK) => PortKind::Tunnel,
                Some(t) if TUNNELS.contains(&t) => PortKind::Tunnel,
                _ if names::is_tunnel(&p.name) => PortKind::Tunnel,
                Some(161) => PortKind::Aggregate,
                Some(t) if VIRTUAL.contains(&t) && !p.physical => PortKind::Virtual,
                _ if p.physical || p.type_number.is_none() => PortKind::Socket,
                _ => PortKind::Virtual,
            };
            let port = Port {
                name: p.name.clone(),
                descr: p.descr.clone(),
                alias: p.alias.clone(),
                mac: p.mac.as_deref().and_then(Mac::parse).filter(|m| m.0 != 0),
                kind,
                up: p.oper.as_deref().map(|o| o == "up"),
                blocked: p.stp.as_ref().and_then(|s| s.state.as_deref()) == Some("blocking"),
            };
            self.ports.insert(p.if_index, port);
            self.aggregates.extend(p.aggregate.map(|a| (p.if_index, a)));
        }
    }

    fn read_wiring(&mut self, facts: &Facts) {
        let Some(wiring) = &facts.wiring else { return };
        self.identity.extend(wiring.bridge_addresses.iter().filter_map(|m| Mac::parse(m)));
        self.addresses = wiring.addresses.iter().filter_map(|a| Some((a.address.parse().ok()?, a.if_index))).collect();
        self.bridge_ports = wiring.bridge_ports.iter().map(|b| (b.port, b.if_index)).collect();
        for member in &wiring.members {
            self.aggregates.entry(member.if_index).or_insert(member.aggregate);
        }
        for aggregate in self.aggregates.values() {
            if let Some(port) = self.ports.get_mut(aggregate) {
                port.kind = PortKind::Aggregate;
            }
        }
        self.lldp_ports = wiring.lldp_ports.clone();
        self.lacp = wiring.lacp.clone();
        self.segments = wiring.segments.clone();
    }

    /// The socket a unit ("ge-0/0/1.0") is part of; the port itself where it is none.
    pub fn socket(&self, if_index: u32) -> u32 {
        let Some(port) = self.ports.get(&if_index) else { return if_index };
        let Some((base, unit)) = port.name.rsplit_once('.') else { return if_index };
        if base.is_empty() || unit.is_empty() || !unit.chars().all(|c| c.is_ascii_digit()) {
            return if_index;
        }
        let named = |p: &Port| p.name == base && p.kind != PortKind::Tunnel;
        self.ports.iter().find(|(_, p)| named(p)).map_or(if_index, |(i, _)| *i)
    }

    /// Where forwarding tables name it: its aggregate, where it is a member of one.
    pub fn lane(&self, if_index: u32) -> u32 {
        let socket = self.socket(if_index);
        let aggregate = self.aggregates.get(&socket).or_else(|| self.aggregates.get(&if_index));
        aggregate.map_or(socket, |a| self.socket(*a))
    }

    /// Name of a port for people.
    pub fn port_name(&self, if_index: u32) -> String {
        self.ports.get(&if_index).map_or_else(|| if_index.to_string(), |p| p.name.clone())
    }

    /// Every address of its own.
    pub fn all_macs(&self) -> impl Iterator<Item = Mac> + '_ {
        let ports = self.ports.values().filter(|p| p.kind != PortKind::Tunnel).filter_map(|p| p.mac);
        let lldp = self.lldp_ports.iter().filter_map(|p| p.id.as_deref().and_then(Mac::parse));
        let others = self.own.iter().copied().chain(ports).chain(lldp).filter(|m| m.is_station());
        // What a bridge calls itself is its own, even with the bit of a group.
        self.identity.iter().copied().filter(|m| m.0 != 0).chain(others)
    }
}
