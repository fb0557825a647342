//! Builds the objects of a virtual device: sorted, each once, named by the numbers of the standard MIBs.

use std::collections::BTreeMap;

use crate::protocol::snmp::{Oid, Value};

/// Octet string of a text.
pub fn text(s: impl AsRef<[u8]>) -> Value {
    Value::OctetString(s.as_ref().to_vec())
}

/// Objects by name.
#[derive(Debug, Default)]
pub struct Rows(BTreeMap<Oid, Value>);

impl Rows {
    /// `column` is numeric text of ours.
    fn put(&mut self, root: &[u32], column: &str, tail: &[u32], value: Value) {
        let mut arcs = Vec::with_capacity(root.len() + tail.len() + 10);
        arcs.extend_from_slice(root);
        arcs.extend(column.split('.').filter_map(|arc| arc.parse::<u32>().ok()));
        arcs.extend_from_slice(tail);
        self.0.insert(Oid::from(arcs), value);
    }
    /// Below mib-2.
    pub fn mib2(&mut self, column: &str, index: &[u32], value: Value) {
        self.put(&[1, 3, 6, 1, 2, 1], column, index, value);
    }
    /// Below enterprises.
    pub fn private(&mut self, column: &str, index: &[u32], value: Value) {
        self.put(&[1, 3, 6, 1, 4, 1], column, index, value);
    }
    /// Below lldpObjects.
    pub fn lldp(&mut self, column: &str, index: &[u32], value: Value) {
        self.put(&[1, 0, 8802, 1, 1, 2, 1], column, index, value);
    }
    /// Several columns of one row below mib-2: `table.column.index`.
    pub fn row(&mut self, table: &str, index: &[u32], columns: impl IntoIterator<Item = (u32, Value)>) {
        for (column, value) in columns {
            let tail = [&[column][..], index].concat();
            self.mib2(table, &tail, value);
        }
    }
    /// The system group (SNMPv2-MIB).
    pub fn system(&mut self, s: System<'_>) {
        let oid = s.object_id.parse::<Oid>().unwrap_or_default();
        self.row(
            "1",
            &[0],
            [
                (1, text(s.descr)),
                (2, Value::Oid(oid)),
                (3, Value::TimeTicks(s.uptime_cs)),
                (4, text("it@filial.example")),
                (5, text(s.name)),
                (6, text(s.location)),
                (7, Value::Integer(s.services)),
            ],
        );
    }
    pub fn finish(self) -> Vec<(Oid, Value)> {
        self.0.into_iter().collect()
    }
}

pub struct System<'a> {
    pub descr: &'a str,
    /// Numeric.
    pub object_id: &'a str,
    pub uptime_cs: u32,
    pub name: &'a str,
    pub location: &'a str,
    pub services: i64,
}

/// One row of ifTable, with ifXTable where the agent has it.
#[derive(Debug, Clone, Default)]
pub struct Interface<'a> {
    pub index: u32,
    pub descr: &'a str,
    /// ifName and ifAlias; `None` is an agent without ifXTable.
    pub extended: Option<(&'a str, &'a str)>,
    pub mac: [u8; 6],
    pub up: bool,
    pub speed_mbps: u32,
    pub in_octets: u64,
    pub out_octets: u64,
    pub in_errors: u32,
    pub last_change_cs: u32,
}

impl Rows {
    pub fn interface(&mut self, i: &Interface<'_>) {
        let speed = if i.up { i.speed_mbps } else { 0 };
        let bps = speed.saturating_mul(1_000_000);
        let oper = if i.up { 1 } else { 2 };
        let low = |v: u64| Value::Counter32(v as u32); // the low half: 32-bit counters wrap
        self.row(
            "2.2.1",
            &[i.index],
            [
                (1, Value::Integer(i64::from(i.index))),
                (2, text(i.descr)),
                (3, Value::Integer(6)),
                (4, Value::Integer(1500)),
                (5, Value::Gauge32(bps)),
                (6, text(i.mac)),
                (7, Value::Integer(1)),
                (8, Value::Integer(oper)),
                (9, Value::TimeTicks(i.last_change_cs)),
                (10, low(i.in_octets)),
                (11, low(i.in_octets / 600)),
                (13, Value::Counter32(0)),
                (14, Value::Counter32(i.in_errors)),
                (16, low(i.out_octets)),
                (17, low(i.out_octets / 600)),
                (19, Value::Counter32(0)),
                (20, Value::Counter32(0)),
            ],
        );
        if let Some((name, alias)) = i.extended {
            self.row(
                "31.1.1.1",
                &[i.index],
                [
                    (1, text(name)),
                    (6, Value::Counter64(i.in_octets)),
                    (10, Value::Counter64(i.out_octets)),
                    (15, Value::Gauge32(speed)),
                    (17, Value::Integer(1)),
                    (18, text(alias)),
                ],
            );
        }
    }

    /// IP address of an interface (IP-MIB, ipAddrTable).
    pub fn address(&mut self, address: [u8; 4], if_index: u32) {
        let columns = [
            (1, Value::IpAddress(address)),
            (2, Value::Integer(i64::from(if_index))),
            (3, Value::IpAddress([255, 255, 255, 0])),
        ];
        self.row("4.20.1", &address.map(u32::from), columns);
    }
}
