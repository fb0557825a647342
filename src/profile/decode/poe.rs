//! Power over Ethernet: POWER-ETHERNET-MIB (RFC 3621), Cisco's milliwatts beside it, MikroTik's own table.
//!
//! The hard part is which interface a row is: the RFC leaves pethPsePortIndex to the maker. Ladder, for the table as a
//! whole: it is the ifIndex; it is the bridge port; it is the n-th socket of the unit the group names. The first reading
//! that gives every row a socket of its own is taken; else the one that explains most rows.

use std::collections::{BTreeMap, BTreeSet};

use super::fdb::Bridge;
use super::ports::unit_of;
use crate::model::{PoeSupply, Port, PortPoe};
use crate::profile::mib::Names;
use crate::profile::oids;
use crate::profile::view::{View, int_of, text_of};

const TRUE: i64 = 1;
const DELIVERING: &str = "deliveringPower";

/// Group and index of a row.
type Row = (u32, u32);

/// Fills in what feeds of each port is told.
pub fn ports(names: &Names, view: &View<'_>, bridge: &Bridge, ports: &mut [Port]) {
    let rows = rows(names, view);
    let places = places(&rows.keys().copied().collect::<Vec<_>>(), bridge, ports);
    let mut told: BTreeMap<u32, PortPoe> =
        rows.into_iter().filter_map(|(row, poe)| Some((*places.get(&row)?, poe))).collect();
    mikrotik(view, ports, &mut told);
    for port in ports {
        port.poe = told.remove(&port.if_index);
    }
}

fn rows(names: &Names, view: &View<'_>) -> BTreeMap<Row, PortPoe> {
    let mut rows: BTreeMap<Row, PortPoe> = BTreeMap::new();
    let mut each = |column: &[u32], put: &dyn Fn(&mut PortPoe, i64)| {
        for (index, value) in view.column(column) {
            if let ([group, port], Some(n)) = (index, int_of(value)) {
                put(rows.entry((*group, *port)).or_default(), n);
            }
        }
    };
    let label = |object: &str, n: i64| names.label(object, n).map(str::to_owned);
    each(oids::PETH_PSE_PORT_ADMIN_ENABLE, &|p, n| p.enabled = Some(n == TRUE));
    each(oids::PETH_PSE_PORT_DETECTION_STATUS, &|p, n| p.status = label("pethPsePortDetectionStatus", n));
    each(oids::PETH_PSE_PORT_POWER_PRIORITY, &|p, n| p.priority = label("pethPsePortPowerPriority", n));
    // class0(1) to class4(5)
    each(oids::PETH_PSE_PORT_POWER_CLASSIFICATIONS, &|p, n| {
        p.class = (1..=5).contains(&n).then(|| (n - 1) as u8);
    });
    let milliwatts = |n: i64| u32::try_from(n).ok();
    each(oids::CPE_EXT_PSE_PORT_PWR_ALLOCATED, &|p, n| p.allocated_mw = milliwatts(n));
    each(oids::CPE_EXT_PSE_PORT_PWR_CONSUMPTION, &|p, n| p.consumption_mw = milliwatts(n));
    for poe in rows.values_mut().filter(|p| p.status.as_deref() != Some(DELIVERING)) {
        // RFC 3621: the class means something only while power is delivered.
        poe.class = None;
    }
    rows
}

/// Which interface each row is.
fn places(rows: &[Row], bridge: &Bridge, ports: &[Port]) -> BTreeMap<Row, u32> {
    let sockets: BTreeSet<u32> = ports.iter().filter(|p| p.physical).map(|p| p.if_index).collect();
    let units = units(ports);
    let groups: BTreeSet<u32> = rows.iter().map(|(group, _)| *group).collect();
    let nth = |(group, index): Row| -> Option<u32> {
        let of_unit = match units.get(&group) {
            Some(unit) => unit,
            // No unit of that number: a single group is the whole device.
            None if groups.len() == 1 => units.get(&WHOLE)?,
            None => return None,
        };
        of_unit.get((index as usize).checked_sub(1)?).copied()
    };
    let ladder: [&dyn Fn(Row) -> Option<u32>; 3] =
        [&|(_, index)| Some(index).filter(|i| sockets.contains(i)), &|(_, index)| bridge.if_index(index), &nth];
    let mut best = BTreeMap::new();
    for step in ladder {
        let mut taken = BTreeMap::new();
        for row in rows {
            if let Some(if_index) = step(*row).filter(|i| sockets.contains(i)) {
                taken.entry(if_index).or_insert_with(Vec::new).push(*row);
            }
        }
        // Two rows on one socket: this is not what the numbers mean there.
        let unique = taken.into_iter().filter_map(|(i, rows)| <[Row; 1]>::try_from(rows).ok().map(|[row]| (row, i)));
        let found: BTreeMap<Row, u32> = unique.collect();
        if found.len() == rows.len() {
            return found;
        }
        if found.len() > best.len() {
            best = found;
        }
    }
    best
}

/// Stands for all units together.
const WHOLE: u32 = u32::MAX;

/// Sockets by the unit their name tells, in the order of ifIndex.
fn units(ports: &[Port]) -> BTreeMap<u32, Vec<u32>> {
    let mut units: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for port in ports.iter().filter(|p| p.physical) {
        units.entry(WHOLE).or_default().push(port.if_index);
        if let Some(unit) = unit_of(&port.name).and_then(|u| u.parse().ok()).filter(|u| *u != WHOLE) {
            units.entry(unit).or_default().push(port.if_index);
        }
    }
    units
}

/// MIKROTIK-MIB mtxrPOETable: by the interface's name; power in tenths of a watt.
fn mikrotik(view: &View<'_>, ports: &[Port], told: &mut BTreeMap<u32, PortPoe>) {
    for (index, value) in view.column(oids::MTXR_POE_NAME) {
        let Some(name) = text_of(value) else { continue };
        let Some(port) = ports.iter().find(|p| p.name == name) else { continue };
        let status = match view.int(oids::MTXR_POE_STATUS, index) {
            Some(1) => "disabled",
            Some(2) => "searching",
            Some(3) => DELIVERING,
            // overload, shortCircuit
            Some(4 | 5) => "fault",
            Some(_) => "otherFault",
            None => continue,
        };
        let power = view.int(oids::MTXR_POE_POWER, index).and_then(|n| u32::try_from(n).ok());
        told.entry(port.if_index).or_insert_with(|| PortPoe {
            enabled: Some(status != "disabled"),
            status: Some(status.to_owned()),
            consumption_mw: power.and_then(|n| n.checked_mul(100)),
            ..PortPoe::default()
        });
    }
}

pub fn supplies(names: &Names, view: &View<'_>) -> Vec<PoeSupply> {
    let mut rows: BTreeMap<u32, PoeSupply> = BTreeMap::new();
    let mut each = |column: &[u32], put: &dyn Fn(&mut PoeSupply, i64)| {
        for (index, value) in view.column(column) {
            if let ([group], Some(n)) = (index, int_of(value)) {
                put(rows.entry(*group).or_insert_with(|| PoeSupply { group: *group, ..PoeSupply::default() }), n);
            }
        }
    };
    let watts = |n: i64| u32::try_from(n).ok();
    each(oids::PETH_MAIN_PSE_POWER, &|s, n| s.power_w = watts(n));
    each(oids::PETH_MAIN_PSE_CONSUMPTION_POWER, &|s, n| s.consumption_w = watts(n));
    each(oids::PETH_MAIN_PSE_OPER_STATUS, &|s, n| {
        s.status = names.label("pethMainPseOperStatus", n).map(str::to_owned);
    });
    rows.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Snapshot;
    use crate::protocol::snmp::{Oid, Value};

    fn port(if_index: u32, name: &str) -> Port {
        Port { if_index, name: name.to_owned(), physical: true, ..Port::default() }
    }

    fn bridge(pairs: &[(u32, u32)]) -> Bridge {
        let row = |(port, if_index): &(u32, u32)| {
            (Oid::from(oids::DOT1D_BASE_PORT_IF_INDEX).child(&[*port]), Value::Integer(i64::from(*if_index)))
        };
        Bridge::read(&pairs.iter().map(row).collect::<Snapshot>())
    }

    #[test]
    fn the_index_is_an_interface_a_bridge_port_or_a_socket_of_the_unit() {
        let plain = [port(49, "gi1"), port(50, "gi2"), port(51, "gi3")];
        let found = places(&[(1, 50), (1, 51)], &bridge(&[]), &plain);
        assert_eq!(found, BTreeMap::from([((1, 50), 50), ((1, 51), 51)]));

        let found = places(&[(1, 1), (1, 2)], &bridge(&[(1, 50), (2, 49)]), &plain);
        assert_eq!(found, BTreeMap::from([((1, 1), 50), ((1, 2), 49)]));

        // The numbers of the second unit are ifIndexes of the first: only the whole table tells.
        let stack = [port(1, "1/1"), port(2, "1/2"), port(65, "2/1"), port(66, "2/2")];
        let rows = [(1, 1), (1, 2), (2, 1), (2, 2)];
        let found = places(&rows, &bridge(&[(1, 1), (2, 2), (65, 65), (66, 66)]), &stack);
        assert_eq!(found.into_values().collect::<Vec<_>>(), [1, 2, 65, 66]);
    }

    #[test]
    fn a_row_that_is_nowhere_stays_out() {
        let found = places(&[(1, 1), (1, 9)], &bridge(&[]), &[port(1, "gi1"), port(2, "gi2")]);
        assert_eq!(found, BTreeMap::from([((1, 1), 1)]));
    }
}
