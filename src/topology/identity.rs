//! Who is who: which inputs are one device, and which device a neighbour's row means.
//!
//! A strong key (serial, bridge address, chassis) decides alone, two weak ones (name, address) together, and different
//! serials never are one device. What several devices share names none of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::input::Device;
use super::mac::Mac;
use super::names;
use crate::model::Link;

/// Joins inputs that are one device; the first key stays. Gives the joined keys as (joined, kept).
pub fn merge(mut devices: Vec<Device>) -> (Vec<Device>, Vec<(String, String)>) {
    devices.sort_by(|a, b| a.key.cmp(&b.key));
    devices.dedup_by(|a, b| a.key == b.key);
    let mut kept: Vec<Device> = Vec::with_capacity(devices.len());
    let mut same = Vec::new();
    let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for device in devices {
        let keys = keys(&device);
        let found = keys.iter().flat_map(|k| by_key.get(k).into_iter().flatten()).copied();
        let candidates: BTreeSet<usize> = found.collect();
        let one = candidates.into_iter().find(|i| kept.get(*i).is_some_and(|k| is_same(k, &device)));
        let at = match one.and_then(|i| Some((i, kept.get_mut(i)?))) {
            Some((at, first)) => {
                same.push((device.key.clone(), first.key.clone()));
                absorb(first, device);
                at
            }
            None => {
                kept.push(device);
                kept.len() - 1
            }
        };
        for key in keys {
            by_key.entry(key).or_default().push(at);
        }
    }
    (kept, same)
}

/// What two inputs must share to be compared at all.
fn keys(d: &Device) -> Vec<String> {
    let serials = d.serials.iter().map(|s| format!("s{s}"));
    let macs = d.identity.iter().map(|m| format!("m{m}"));
    let addresses = d.addresses.keys().map(|a| format!("a{a}"));
    serials.chain(macs).chain(addresses).collect()
}

fn is_same(a: &Device, b: &Device) -> bool {
    if !a.serials.is_empty() && !b.serials.is_empty() {
        return a.serials.intersection(&b.serials).next().is_some();
    }
    let names = match (&a.name, &b.name) {
        (Some(x), Some(y)) if !names::is_default(x) && !names::is_default(y) => Some(names::same_host(x, y)),
        _ => None,
    };
    if names == Some(false) {
        return false;
    }
    if a.identity.intersection(&b.identity).any(|m| !m.is_local()) {
        return true;
    }
    let apart = !a.identity.is_empty() && !b.identity.is_empty();
    let address = a.addresses.keys().any(|ip| b.addresses.contains_key(ip));
    names == Some(true) && address && !apart
}

/// What the first input lacked.
fn absorb(first: &mut Device, more: Device) {
    first.serials.extend(more.serials);
    first.identity.extend(more.identity);
    first.own.extend(more.own);
    first.name = first.name.take().or(more.name);
    first.chassis = first.chassis.take().or(more.chassis);
    first.kind = first.kind.or(more.kind);
    for (address, port) in more.addresses {
        first.addresses.entry(address).or_insert(port);
    }
    for (index, port) in more.ports {
        first.ports.entry(index).or_insert(port);
    }
    for (member, aggregate) in more.aggregates {
        first.aggregates.entry(member).or_insert(aggregate);
    }
    for (number, index) in more.bridge_ports {
        first.bridge_ports.entry(number).or_insert(index);
    }
    first.neighbours.extend(more.neighbours.into_iter().filter(|n| !first.neighbours.contains(n)).collect::<Vec<_>>());
    first.learned.extend(more.learned);
    first.arp.extend(more.arp);
    if first.lldp_ports.is_empty() {
        first.lldp_ports = more.lldp_ports;
    }
    if first.lacp.is_empty() {
        first.lacp = more.lacp;
    }
    if first.segments.is_empty() {
        first.segments = more.segments;
    }
}

/// Whom a key names: one device, or several and so nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    One(usize),
    Many,
}

fn claim<K: Ord>(map: &mut BTreeMap<K, Whose>, key: K, device: usize) {
    map.entry(key)
        .and_modify(|w| *w = if *w == Whose::One(device) { *w } else { Whose::Many })
        .or_insert(Whose::One(device));
}

fn one<K: Ord + ?Sized, Q: Ord + std::borrow::Borrow<K>>(map: &BTreeMap<Q, Whose>, key: &K) -> Option<usize> {
    match map.get(key) {
        Some(Whose::One(device)) => Some(*device),
        _ => None,
    }
}

/// All keys of all devices.
#[derive(Debug, Default)]
pub struct Directory {
    identity: BTreeMap<Mac, Whose>,
    macs: BTreeMap<Mac, Whose>,
    serials: BTreeMap<String, Whose>,
    names: BTreeMap<String, Whose>,
    shorts: BTreeMap<String, Whose>,
    chassis: BTreeMap<String, Whose>,
    addresses: BTreeMap<IpAddr, Whose>,
}

/// What a neighbour's row means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    Device(usize),
    /// The device hears itself.
    Itself,
    Nobody,
}

impl Directory {
    pub fn new(devices: &[Device]) -> Self {
        let mut this = Directory::default();
        for (at, d) in devices.iter().enumerate() {
            for mac in &d.identity {
                claim(&mut this.identity, *mac, at);
            }
            for mac in d.all_macs() {
                claim(&mut this.macs, mac, at);
            }
            for serial in &d.serials {
                claim(&mut this.serials, serial.to_lowercase(), at);
            }
            for name in d.name.iter().filter(|n| !names::is_default(n)) {
                let lower = name.trim().to_lowercase();
                claim(&mut this.shorts, names::short(&lower).to_owned(), at);
                claim(&mut this.names, lower, at);
            }
            if let Some(chassis) = &d.chassis {
                claim(&mut this.chassis, chassis.to_lowercase(), at);
            }
            for address in d.addresses.keys() {
                claim(&mut this.addresses, *address, at);
            }
        }
        this
    }

    /// The one device an address of a station is own to.
    pub fn by_mac(&self, mac: Mac) -> Option<usize> {
        one(&self.identity, &mac).or_else(|| one(&self.macs, &mac))
    }

    pub fn by_identity(&self, mac: Mac) -> Option<usize> {
        one(&self.identity, &mac)
    }

    pub fn by_address(&self, address: IpAddr) -> Option<usize> {
        one(&self.addresses, &address)
    }

    /// Adds an address learned from others; what is known stays.
    pub fn add_own(&mut self, mac: Mac, device: usize) {
        self.macs.entry(mac).or_insert(Whose::One(device));
    }

    /// "sw1", "sw1.example.org", "sw1(FOC1234)", "FOC1234(sw1)", "FOC1234".
    fn by_name(&self, devices: &[Device], host: &str) -> Option<usize> {
        let lower = host.trim().to_lowercase();
        let (outer, inner) = match lower.split_once('(') {
            Some((outer, inner)) => (outer.trim().to_owned(), Some(inner.trim_end_matches(')').trim().to_owned())),
            None => (lower, None),
        };
        let parts: Vec<&str> = std::iter::once(outer.as_str()).chain(inner.as_deref()).collect();
        if let Some(device) = parts.iter().find_map(|p| one(&self.serials, *p)) {
            return Some(device);
        }
        if let Some(device) = parts.iter().filter(|p| !names::is_default(p)).find_map(|p| one(&self.names, *p)) {
            return Some(device);
        }
        let device = parts.iter().find_map(|p| one(&self.shorts, names::short(p)))?;
        let name = devices.get(device)?.name.as_deref()?;
        parts.iter().any(|p| names::same_host(p, name)).then_some(device)
    }

    /// Which device the row of `me` means.
    pub fn meant(&self, devices: &[Device], me: usize, row: &Link) -> Meant {
        let chassis_mac = row.remote_chassis.as_deref().and_then(Mac::parse);
        let named = row.remote_host.as_deref().and_then(|h| self.by_name(devices, h));
        let address = row.remote_address.as_deref().and_then(|a| a.parse().ok()).and_then(|a| self.by_address(a));
        let chassis = match (&row.remote_chassis, chassis_mac) {
            (_, Some(mac)) => self.by_mac(mac),
            (Some(text), None) => {
                let lower = text.to_lowercase();
                let by_address = text.parse().ok().and_then(|a| self.by_address(a));
                one(&self.chassis, lower.as_str()).or_else(|| self.by_name(devices, text)).or(by_address)
            }
            (None, None) => None,
        };
        let found = chassis.or_else(|| self.weaker(devices, row, chassis_mac, named, address.filter(|a| *a != me)));
        match found {
            Some(device) if device == me => Meant::Itself,
            Some(device) => Meant::Device(device),
            None => Meant::Nobody,
        }
    }

    fn weaker(
        &self,
        devices: &[Device],
        row: &Link,
        chassis: Option<Mac>,
        named: Option<usize>,
        address: Option<usize>,
    ) -> Option<usize> {
        // It shows a chassis the named device does not have: a namesake, unless its address is that device's too.
        let namesake = |d: usize| {
            chassis.is_some_and(Mac::is_station)
                && devices.get(d).is_some_and(|d| !d.identity.is_empty())
                && address != Some(d)
        };
        if let Some(device) = named {
            return Some(device).filter(|d| !namesake(*d));
        }
        // An address alone: only where nothing of the row speaks of somebody else.
        let device = address?;
        let d = devices.get(device)?;
        let other_name = row.remote_host.is_some() && d.name.as_deref().is_some_and(|n| !names::is_default(n));
        let other_chassis = chassis.is_some() && !d.identity.is_empty();
        (!other_name && !other_chassis).then_some(device)
    }
}
