//! Forwarding tables, cleaned and brought to numbers: who saw which station on which lane.
//!
//! A lane is a socket, or the aggregate it is a member of. A station seen on two lanes of one bridge in one VLAN is
//! dropped there: it roams, or an entry is stale.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::Directory;
use super::input::Device;
use super::mac::Mac;

/// Two aging times of the usual 300 seconds: what was not seen since is not there.
const STALE_S: u32 = 600;
/// Bridges number their ports' addresses from their own on, at most so many.
const BLOCK: u64 = 64;

/// One bridge with what it learned.
#[derive(Debug, Clone, Default)]
pub struct Bridge {
    pub device: usize,
    /// ifIndexes of lanes.
    pub lanes: Vec<u32>,
    /// (station, lane), sorted, each station once.
    pub seen: Vec<(u32, u16)>,
}

impl Bridge {
    pub fn lane_of(&self, station: u32) -> Option<u16> {
        let at = self.seen.binary_search_by_key(&station, |(s, _)| *s).ok()?;
        self.seen.get(at).map(|(_, lane)| *lane)
    }

    /// Only one lane has learned anything: it cannot tell sides apart.
    pub fn is_weak(&self) -> bool {
        let mut lanes = self.seen.iter().map(|(_, l)| *l);
        let first = lanes.next();
        lanes.all(|l| Some(l) == first)
    }

    pub fn lane_number(&mut self, if_index: u32) -> u16 {
        let found = self.lanes.iter().position(|l| *l == if_index);
        let at = found.unwrap_or_else(|| {
            self.lanes.push(if_index);
            self.lanes.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }
}

#[derive(Debug, Clone, Default)]
pub struct Tables {
    pub macs: Vec<Mac>,
    /// The device a station is, where it is one.
    pub owner: Vec<Option<usize>>,
    pub bridges: Vec<Bridge>,
    /// Bridges that saw a station.
    pub witnesses: Vec<Vec<u32>>,
    /// VLANs of a station on a bridge's lane, for display.
    pub vlans: BTreeMap<(u32, u32), BTreeSet<u32>>,
}

impl Tables {
    pub fn read(devices: &[Device], directory: &Directory) -> Self {
        let mut numbers: BTreeMap<Mac, u32> = BTreeMap::new();
        let mut this = Tables::default();
        for (at, device) in devices.iter().enumerate() {
            let lanes = unanimous(device, directory, &mut this, at, &mut numbers);
            let mut bridge = Bridge { device: at, ..Bridge::default() };
            for (station, if_index) in lanes {
                let lane = bridge.lane_number(if_index);
                bridge.seen.push((station, lane));
            }
            bridge.seen.sort_unstable();
            if !bridge.seen.is_empty() {
                this.bridges.push(bridge);
            }
        }
        this.macs = vec![Mac(0); numbers.len()];
        for (mac, number) in &numbers {
            if let Some(slot) = this.macs.get_mut(*number as usize) {
                *slot = *mac;
            }
        }
        this.owner = this.macs.iter().map(|m| directory.by_mac(*m)).collect();
        this.own_blocks(devices, directory);
        // What is a bridge's own is not behind one of its ports.
        for bridge in &mut this.bridges {
            let owner = &this.owner;
            bridge.seen.retain(|(s, _)| owner.get(*s as usize).copied().flatten() != Some(bridge.device));
        }
        this.bridges.retain(|b| !b.seen.is_empty());
        this.witnesses = vec![Vec::new(); this.macs.len()];
        for (at, bridge) in this.bridges.iter().enumerate() {
            for (station, _) in &bridge.seen {
                if let Some(list) = this.witnesses.get_mut(*station as usize) {
                    list.push(u32::try_from(at).unwrap_or(u32::MAX));
                }
            }
        }
        this
    }

    /// Addresses that follow a bridge's own are its ports', where it does not list them.
    fn own_blocks(&mut self, devices: &[Device], directory: &Directory) {
        let mut bases: BTreeMap<u64, (usize, u64)> = BTreeMap::new();
        for (at, d) in devices.iter().enumerate().filter(|(_, d)| !d.learned.is_empty()) {
            let highest = d.learned.iter().map(|l| u64::from(d.lane(l.if_index))).filter(|p| *p <= BLOCK).max();
            let count = highest.unwrap_or(0).max(d.bridge_ports.len() as u64).min(BLOCK);
            for mac in d.identity.iter().filter(|m| !m.is_local() && directory.by_identity(**m) == Some(at)) {
                bases.insert(mac.0, (at, count));
            }
        }
        for (mac, owner) in self.macs.iter().zip(self.owner.iter_mut()) {
            let before = bases.range(..mac.0).next_back();
            if let Some((base, (device, count))) = before
                && owner.is_none()
                && mac.0 - base <= *count
                && mac.0 >> 24 == base >> 24
            {
                *owner = Some(*device);
            }
        }
    }
}

/// Station to lane, where all VLANs of the bridge agree.
fn unanimous(
    device: &Device,
    directory: &Directory,
    tables: &mut Tables,
    at: usize,
    numbers: &mut BTreeMap<Mac, u32>,
) -> BTreeMap<u32, u32> {
    let mut by_vlan: BTreeMap<(Mac, u32), BTreeSet<u32>> = BTreeMap::new();
    let mut lanes: BTreeMap<u32, u32> = BTreeMap::new();
    for row in &device.learned {
        let known = row.mac.is_station() || directory.by_identity(row.mac).is_some();
        if known && row.age_s <= STALE_S && row.if_index > 0 {
            let lane = *lanes.entry(row.if_index).or_insert_with(|| device.lane(row.if_index));
            by_vlan.entry((row.mac, row.vlan)).or_default().insert(lane);
        }
    }
    let mut found: BTreeMap<Mac, BTreeSet<u32>> = BTreeMap::new();
    for ((mac, vlan), lanes) in by_vlan {
        if let [lane] = lanes.into_iter().collect::<Vec<_>>()[..] {
            found.entry(mac).or_default().insert(lane);
            if vlan > 0 {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                let number = *numbers.entry(mac).or_insert(next);
                let device = u32::try_from(at).unwrap_or(u32::MAX);
                tables.vlans.entry((number, device)).or_default().insert(vlan);
            }
        }
    }
    let mut out = BTreeMap::new();
    for (mac, lanes) in found {
        if let [lane] = lanes.into_iter().collect::<Vec<_>>()[..] {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            out.insert(*numbers.entry(mac).or_insert(next), lane);
        }
    }
    out
}
