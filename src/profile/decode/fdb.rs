//! Forwarding tables: Q-BRIDGE, BRIDGE, and one table per VLAN context on Cisco.
//!
//! The MAC is read from the end of the index, because some agents put a length before it; where the index is no MAC
//! (row numbers), address and port columns are joined by row. A port that cannot be resolved stays without ifIndex.

use std::collections::{BTreeMap, BTreeSet};

use super::links::LocalPorts;
use crate::model::FdbEntry;
use crate::profile::load::Profile;
use crate::profile::mib::Names;
use crate::profile::oids;
use crate::profile::snapshot::Snapshot;
use crate::profile::text::{format_mac, mac};
use crate::profile::view::{View, bytes_of, int_of};

const INVALID: i64 = 2;

/// Bridge port numbers to ifIndex, over all contexts.
#[derive(Debug, Default)]
pub struct Bridge {
    ports: BTreeMap<u32, u32>,
    by_context: BTreeMap<String, BTreeMap<u32, u32>>,
}

impl Bridge {
    pub fn read(snap: &Snapshot) -> Self {
        let read = |view: View<'_>| -> BTreeMap<u32, u32> {
            view.column(oids::DOT1D_BASE_PORT_IF_INDEX)
                .filter_map(|(index, value)| match index {
                    [port] => Some((*port, u32::try_from(int_of(value)?).ok().filter(|i| *i > 0)?)),
                    _ => None,
                })
                .collect()
        };
        let mut ports = read(View::new(&snap.main));
        let mut by_context = BTreeMap::new();
        for (name, map) in &snap.contexts {
            let own = read(View::new(map));
            for (port, if_index) in &own {
                ports.entry(*port).or_insert(*if_index);
            }
            by_context.insert(name.clone(), own);
        }
        Bridge { ports, by_context }
    }

    pub fn ports(&self) -> &BTreeMap<u32, u32> {
        &self.ports
    }

    pub fn if_index(&self, port: u32) -> Option<u32> {
        self.ports.get(&port).copied()
    }
}

/// One row before its port is resolved.
struct Raw {
    mac: String,
    port: u32,
    vlan: Option<u32>,
    status: Option<i64>,
}

pub fn decode(
    names: &Names,
    snap: &Snapshot,
    profile: Option<&Profile>,
    bridge: &Bridge,
    local: &LocalPorts,
) -> Vec<FdbEntry> {
    let view = View::new(&snap.main);
    let mut out = Vec::new();
    let mut seen: BTreeSet<(String, Option<u32>)> = BTreeSet::new();
    let mut take = |rows: Vec<Raw>, context: Option<&BTreeMap<u32, u32>>, only_new: bool| {
        let resolve = Resolver::new(&rows, context, bridge, local);
        for row in rows {
            if row.status == Some(INVALID) {
                continue;
            }
            let if_index = resolve.if_index(row.port);
            let new = seen.insert((row.mac.clone(), if_index));
            if only_new && !new {
                continue;
            }
            out.push(FdbEntry {
                port: if_index.and_then(|i| local.name(i)).map(str::to_owned),
                status: row.status.and_then(|s| names.label("dot1dTpFdbStatus", s)).map(str::to_owned),
                mac: row.mac,
                if_index,
                vlan: row.vlan,
            });
        }
    };
    take(q_bridge(&view, profile), None, false);
    for (name, map) in &snap.contexts {
        let Ok(vlan) = name.trim_start_matches("vlan-").parse::<u32>() else { continue };
        take(plain_bridge(&View::new(map), Some(vlan)), bridge.by_context.get(name), false);
    }
    // The VLAN-less table repeats what the others said better.
    take(plain_bridge(&view, None), None, true);
    out
}

fn q_bridge(view: &View<'_>, profile: Option<&Profile>) -> Vec<Raw> {
    let mut vlans: BTreeMap<u32, u32> = BTreeMap::new();
    for (index, value) in view.column(oids::DOT1Q_VLAN_FDB_ID) {
        if let ([_, vlan], Some(fdb)) = (index, int_of(value).and_then(|i| u32::try_from(i).ok())) {
            vlans.entry(fdb).or_insert(*vlan);
        }
    }
    // Where that table is missing, the maker's own rows tell.
    for place in profile.into_iter().flat_map(|p| &p.vlans) {
        let (Some(id), Some(shift)) = (&place.id, place.fdb_shift) else { continue };
        for (index, value) in view.column(id.arcs()) {
            let row = index.last().and_then(|row| row.checked_mul(1u32.checked_shl(shift)?));
            if let (Some(fdb), Some(vlan)) = (row, int_of(value).and_then(|i| u32::try_from(i).ok())) {
                vlans.entry(fdb).or_insert(vlan);
            }
        }
    }
    let status: BTreeMap<&[u32], i64> =
        view.column(oids::DOT1Q_TP_FDB_STATUS).filter_map(|(i, v)| Some((i, int_of(v)?))).collect();
    view.column(oids::DOT1Q_TP_FDB_PORT)
        .filter_map(|(index, value)| {
            let (head, tail) = index.split_at_checked(index.len().checked_sub(6)?)?;
            let fdb = *head.first()?;
            Some(Raw {
                mac: format_mac(bytes_of(tail)?.try_into().ok()?),
                // A negative port is no port.
                port: u32::try_from(int_of(value)?).unwrap_or(0),
                vlan: vlans.get(&fdb).copied().or(Some(fdb)).filter(|v| (1..=4094).contains(v)),
                status: status.get(index).copied(),
            })
        })
        .collect()
}

fn plain_bridge(view: &View<'_>, vlan: Option<u32>) -> Vec<Raw> {
    let status: BTreeMap<&[u32], i64> =
        view.column(oids::DOT1D_TP_FDB_STATUS).filter_map(|(i, v)| Some((i, int_of(v)?))).collect();
    view.column(oids::DOT1D_TP_FDB_PORT)
        .filter_map(|(index, value)| {
            let from_index = || {
                let tail = index.get(index.len().checked_sub(6)?..)?;
                Some(format_mac(bytes_of(tail)?.try_into().ok()?))
            };
            let from_column = || view.cell(oids::DOT1D_TP_FDB_ADDRESS, index).and_then(|v| mac(v.as_bytes()?));
            Some(Raw {
                mac: from_index().or_else(from_column)?,
                // A negative port is no port.
                port: u32::try_from(int_of(value)?).unwrap_or(0),
                vlan,
                status: status.get(index).copied(),
            })
        })
        .collect()
}

/// Bridge port to ifIndex for one table.
struct Resolver<'a> {
    context: Option<&'a BTreeMap<u32, u32>>,
    bridge: &'a Bridge,
    local: &'a LocalPorts,
    /// Added to every port number, where the table counts from 1 and the bridge does not.
    offset: u32,
}

impl<'a> Resolver<'a> {
    fn new(rows: &[Raw], context: Option<&'a BTreeMap<u32, u32>>, bridge: &'a Bridge, local: &'a LocalPorts) -> Self {
        let mut this = Resolver { context, bridge, local, offset: 0 };
        let used: BTreeSet<u32> = rows.iter().map(|r| r.port).filter(|p| *p > 0).collect();
        if !used.is_empty() && used.iter().all(|p| this.if_index(*p).is_none()) {
            let first = bridge.ports.keys().next().copied().or_else(|| local.first_port());
            this.offset = first.map_or(0, |f| f.saturating_sub(1));
            // Only when it explains every port is it an offset, not a coincidence.
            if !used.iter().all(|p| this.if_index(*p).is_some()) {
                this.offset = 0;
            }
        }
        this
    }

    fn if_index(&self, port: u32) -> Option<u32> {
        let port = port.checked_add(self.offset).filter(|_| port > 0)?;
        let mapped = self.context.and_then(|c| c.get(&port).copied()).or_else(|| self.bridge.if_index(port));
        mapped.or_else(|| (self.local.is_port(port)).then_some(port))
    }
}
