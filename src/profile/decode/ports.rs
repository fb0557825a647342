//! Interfaces: ifTable and ifXTable (RFC 2863) joined by ifIndex, whichever of the two a device has.
//!
//! Stack units that are not there are left out: makers list four to eight of them as rows that are notPresent.

use std::collections::{BTreeMap, BTreeSet};

use super::capability;
use crate::model::{Port, PortCounters};
use crate::profile::mib::Names;
use crate::profile::oids;
use crate::profile::text::{self, one_line};
use crate::profile::view::{View, count_of, int_of, text_of};
use crate::protocol::snmp::Value;

const OTHER: i64 = 1;
const LOOPBACK: i64 = 24;
const NOT_PRESENT: i64 = 6;
/// Types with a socket: Ethernet of all speeds, serial and DSL lines, fibre channel, GPON.
const SOCKETS: [i64; 14] = [6, 7, 18, 19, 22, 26, 30, 56, 62, 69, 94, 117, 171, 250];
/// Names of what only software made, though it calls itself Ethernet.
const VIRTUAL: [&str; 26] = [
    "lo",
    "br",
    "bond",
    "veth",
    "docker",
    "virbr",
    "tun",
    "tap",
    "vlan",
    "dummy",
    "ifb",
    "sit",
    "gre",
    "team",
    "lxc",
    "fwbr",
    "fwln",
    "fwpr",
    "vnet",
    "bridge",
    "loopback",
    "port-channel",
    "null",
    "tunnel",
    "irb",
    "vtnet",
];

#[derive(Default)]
struct Raw {
    name: Option<String>,
    descr: Option<String>,
    alias: Option<String>,
    if_type: Option<i64>,
    admin: Option<i64>,
    oper: Option<i64>,
    speed: Option<u64>,
    high_speed: Option<u64>,
    mac: Option<String>,
    connector: Option<i64>,
    octets: [Option<u64>; 4],
    errors: [Option<u64>; 3],
    duplex: Option<i64>,
    aggregate: Option<i64>,
    discontinuity: Option<u64>,
    /// By a MAU table.
    capable: Option<u64>,
}

pub fn decode(names: &Names, view: &View<'_>) -> Vec<Port> {
    let raw = read(view);
    let absent = absent_units(&raw);
    raw.into_iter().filter(|(index, _)| !absent.contains(index)).map(|(index, r)| port(names, index, r)).collect()
}

fn read(view: &View<'_>) -> BTreeMap<u32, Raw> {
    let mut rows: BTreeMap<u32, Raw> = BTreeMap::new();
    let mut each = |column: &[u32], put: &dyn Fn(&mut Raw, &Value)| {
        for (index, value) in view.column(column) {
            if let [i] = index {
                put(rows.entry(*i).or_default(), value);
            }
        }
    };
    let text = |v: &Value| text_of(v).map(|t| one_line(&t));
    each(oids::IF_DESCR, &|r, v| r.descr = text(v));
    each(oids::IF_TYPE, &|r, v| r.if_type = int_of(v));
    each(oids::IF_SPEED, &|r, v| r.speed = count_of(v));
    each(oids::IF_PHYS_ADDRESS, &|r, v| r.mac = v.as_bytes().and_then(text::mac));
    each(oids::IF_ADMIN_STATUS, &|r, v| r.admin = int_of(v));
    each(oids::IF_OPER_STATUS, &|r, v| r.oper = int_of(v));
    each(oids::IF_NAME, &|r, v| r.name = text(v));
    each(oids::IF_HIGH_SPEED, &|r, v| r.high_speed = count_of(v));
    each(oids::IF_CONNECTOR_PRESENT, &|r, v| r.connector = int_of(v));
    each(oids::IF_ALIAS, &|r, v| r.alias = text(v));
    each(oids::IF_IN_OCTETS, &|r, v| r.octets[0] = count_of(v));
    each(oids::IF_OUT_OCTETS, &|r, v| r.octets[1] = count_of(v));
    each(oids::IF_HC_IN_OCTETS, &|r, v| r.octets[2] = count_of(v));
    each(oids::IF_HC_OUT_OCTETS, &|r, v| r.octets[3] = count_of(v));
    each(oids::IF_IN_ERRORS, &|r, v| r.errors[0] = count_of(v));
    each(oids::IF_OUT_ERRORS, &|r, v| r.errors[1] = count_of(v));
    // These only describe ports that are interfaces too; some agents answer for more.
    let mut known = |column: &[u32], put: &dyn Fn(&mut Raw, &Value)| {
        for (index, value) in view.column(column) {
            if let [i] = index
                && let Some(row) = rows.get_mut(i)
            {
                put(row, value);
            }
        }
    };
    known(oids::IF_COUNTER_DISCONTINUITY_TIME, &|r, v| r.discontinuity = count_of(v));
    known(oids::DOT3_STATS_FCS_ERRORS, &|r, v| r.errors[2] = count_of(v));
    known(oids::DOT3_STATS_DUPLEX_STATUS, &|r, v| r.duplex = int_of(v));
    known(oids::DOT3AD_AGG_PORT_ATTACHED_AGG_ID, &|r, v| r.aggregate = int_of(v));
    for (if_index, bps) in capability::by_mau(view) {
        if let Some(row) = rows.get_mut(&if_index) {
            row.capable = Some(bps);
        }
    }
    rows
}

fn port(names: &Names, index: u32, r: Raw) -> Port {
    let label = |object: &str, value: Option<i64>| value.and_then(|v| names.label(object, v)).map(str::to_owned);
    let (speed_bps, physical) = (speed(r.speed, r.high_speed), physical(&r));
    let capable = r.capable.or_else(|| capability::by_name(r.if_type, &[r.name.as_deref(), r.descr.as_deref()]));
    Port {
        if_index: index,
        name: r.name.clone().or_else(|| r.descr.clone()).unwrap_or_else(|| index.to_string()),
        if_type: label("ifType", r.if_type),
        type_number: r.if_type,
        admin: label("ifAdminStatus", r.admin),
        oper: label("ifOperStatus", r.oper),
        speed_bps,
        physical,
        capable_bps: capable.map(|c| c.max(speed_bps)).filter(|_| physical),
        poe: None,
        stp: None,
        duplex: label("dot3StatsDuplexStatus", r.duplex.filter(|d| matches!(d, 2 | 3))),
        aggregate: r.aggregate.and_then(|a| u32::try_from(a).ok()).filter(|a| *a > 0 && *a != index),
        counters: counters(&r),
        mac: r.mac,
        descr: r.descr,
        alias: r.alias,
    }
}

/// ifSpeed unless it is missing, saturated, or plainly Mbit/s (ifHighSpeed says the same number).
fn speed(speed: Option<u64>, high: Option<u64>) -> u64 {
    let high_bps = high.unwrap_or(0).saturating_mul(1_000_000);
    match speed {
        None | Some(0) => high_bps,
        Some(s) if s >= u64::from(u32::MAX) => {
            if high_bps > 0 {
                high_bps
            } else {
                s
            }
        }
        Some(s) if high_bps > u64::from(u32::MAX) || (s < 100_000 && high == Some(s)) => high_bps,
        Some(s) => s,
    }
}

fn physical(r: &Raw) -> bool {
    let first = r.name.as_deref().or(r.descr.as_deref()).unwrap_or_default().to_lowercase();
    let made = VIRTUAL.iter().any(|w| {
        first.strip_prefix(w).is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| !c.is_alphabetic()))
    });
    match (r.if_type, r.connector) {
        (_, Some(2)) | (Some(LOOPBACK), _) => false,
        (Some(t), _) if SOCKETS.contains(&t) => !made,
        (Some(OTHER) | None, Some(1)) => !made,
        _ => false,
    }
}

fn counters(r: &Raw) -> Option<PortCounters> {
    let [in32, out32, in64, out64] = r.octets;
    let wide = in64.is_some() || out64.is_some();
    let counters = PortCounters {
        in_octets: if wide { in64 } else { in32 },
        out_octets: if wide { out64 } else { out32 },
        in_errors: r.errors[0],
        out_errors: r.errors[1],
        fcs_errors: r.errors[2],
        wide,
        discontinuity_cs: None,
    };
    let told = counters != PortCounters::default();
    told.then(|| PortCounters { discontinuity_cs: r.discontinuity.filter(|d| *d > 0), ..counters })
}

/// ifIndexes of stack units all of whose ports are notPresent, while another unit's are not.
fn absent_units(rows: &BTreeMap<u32, Raw>) -> BTreeSet<u32> {
    let mut units: BTreeMap<String, (Vec<u32>, bool)> = BTreeMap::new();
    for (index, row) in rows {
        let Some(unit) = row.name.as_deref().or(row.descr.as_deref()).and_then(unit_of) else { continue };
        let entry = units.entry(unit).or_default();
        entry.0.push(*index);
        entry.1 |= row.oper != Some(NOT_PRESENT);
    }
    if !units.values().any(|(_, present)| *present) {
        return BTreeSet::new();
    }
    units.into_values().filter(|(_, present)| !present).flat_map(|(ports, _)| ports).collect()
}

/// The stack unit in a port's name: "2" of "gi2/0/14" and of "2/14".
pub fn unit_of(name: &str) -> Option<String> {
    let digits: String = name
        .trim_start_matches(|c: char| c.is_alphabetic() || c == ' ')
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    (!digits.is_empty() && name.contains('/')).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_ladder() {
        assert_eq!(speed(Some(1_000_000_000), Some(1000)), 1_000_000_000);
        assert_eq!(speed(Some(4_294_967_295), Some(10_000)), 10_000_000_000);
        assert_eq!(speed(None, Some(100)), 100_000_000);
        assert_eq!(speed(Some(1000), Some(1000)), 1_000_000_000);
        assert_eq!(speed(Some(1_410_065_408), Some(10_000)), 10_000_000_000);
        assert_eq!(speed(None, None), 0);
    }

    #[test]
    fn sockets_and_what_only_software_made() {
        let row = |name: &str, if_type: i64, connector: Option<i64>| Raw {
            name: Some(name.to_owned()),
            if_type: Some(if_type),
            connector,
            ..Raw::default()
        };
        assert!(physical(&row("gi1/0/1", 6, Some(1))));
        assert!(physical(&row("GigabitEthernet0/1", 117, None)));
        assert!(!physical(&row("Vlan10", 53, Some(2))));
        assert!(!physical(&row("docker0", 6, None)));
        assert!(!physical(&row("Po1", 161, Some(1))));
    }
}
