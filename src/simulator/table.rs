//! The objects of one agent, sorted, kept in their encoded form: a recording of 16 MB costs about 16 MB.
//!
//! It only looks things up; what to answer when is `agent.rs`. There is no way to change a row: build another table.

use crate::protocol::snmp::ber::encode_oid;
use crate::protocol::snmp::codec::encode_varbind;
use crate::protocol::snmp::{Oid, OidRef, Value, VarBindRef, VarBinds};

#[derive(Debug, Default)]
pub struct Table {
    /// Encoded varbinds, one after another, ordered by name.
    raw: Vec<u8>,
    starts: Vec<u32>,
    largest: usize,
}

impl Table {
    /// Rows must be sorted and unique. What cannot be encoded (an OID starting with 3) is left out and named.
    pub fn new(rows: &[(Oid, Value)]) -> (Table, Vec<String>) {
        debug_assert!(rows.is_sorted_by(|a, b| a.0 < b.0), "rows must be sorted and unique");
        let (mut table, mut notes) = (Table::default(), Vec::new());
        for (oid, value) in rows {
            match encode_varbind(oid, value) {
                Ok(raw) if read(&raw).is_some() && table.raw.len() + raw.len() <= u32::MAX as usize => {
                    table.largest = table.largest.max(raw.len());
                    table.starts.push(table.raw.len() as u32);
                    table.raw.extend_from_slice(&raw);
                }
                Ok(_) => notes.push(format!("{oid}: name or value does not fit SNMP, object skipped")),
                Err(e) => notes.push(format!("{oid}: {e}, object skipped")),
            }
        }
        table.raw.shrink_to_fit();
        table.starts.shrink_to_fit();
        (table, notes)
    }

    pub fn len(&self) -> usize {
        self.starts.len()
    }
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }
    /// Bytes of the largest row as a varbind.
    pub fn largest_row(&self) -> usize {
        self.largest
    }

    /// The row at this position of the order.
    pub fn row(&self, at: usize) -> Option<VarBindRef<'_>> {
        let start = *self.starts.get(at)? as usize;
        let end = self.starts.get(at + 1).map_or(self.raw.len(), |e| *e as usize);
        read(&self.raw[start..end])
    }

    /// `Ok` position of the name, or `Err` position of what comes after it.
    fn find(&self, name: OidRef<'_>) -> Result<usize, usize> {
        self.starts.binary_search_by(|start| {
            // Every row was read back when it was put in.
            read(&self.raw[*start as usize..]).map_or(std::cmp::Ordering::Less, |row| row.name.cmp(&name))
        })
    }

    /// The value, or noSuchObject or noSuchInstance (RFC 3416, section 4.2.1).
    ///
    /// A recording does not name object types. An object type is taken to exist when some instance differs from the
    /// asked name in its last arc only: right for scalars and for tables with one index.
    pub fn get(&self, oid: &Oid) -> Value {
        let Some(content) = encode_oid(oid.arcs()).ok() else { return Value::NoSuchObject };
        let Ok(name) = OidRef::parse(&content) else { return Value::NoSuchObject };
        match self.find(name) {
            Ok(at) => self.row(at).map_or(Value::NoSuchObject, |row| row.value.to_value()),
            Err(after) => {
                let object = oid.arcs().split_last().map_or(&[][..], |(_, parent)| parent);
                let sibling = |at: usize| self.row(at).is_some_and(|row| below(row.name, object));
                if sibling(after) || after.checked_sub(1).is_some_and(sibling) {
                    Value::NoSuchInstance
                } else {
                    Value::NoSuchObject
                }
            }
        }
    }

    /// Position of the first row after this name; `len()` at the end.
    pub fn after(&self, oid: &Oid) -> usize {
        let Some(content) = encode_oid(oid.arcs()).ok() else { return self.len() };
        let Ok(name) = OidRef::parse(&content) else { return self.len() };
        self.find(name).map_or_else(|after| after, |at| at + 1)
    }
}

fn read(raw: &[u8]) -> Option<VarBindRef<'_>> {
    VarBinds::new(raw, true).next()?.ok()
}

fn below(name: OidRef<'_>, object: &[u32]) -> bool {
    let mut arcs = name.arcs();
    object.iter().all(|a| arcs.next() == Some(*a))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(s: &str) -> Oid {
        s.parse().unwrap()
    }

    fn table() -> Table {
        let rows = ["1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.2.2.1.8.1", "1.3.6.1.2.1.2.2.1.8.200"];
        let rows: Vec<_> = rows.iter().enumerate().map(|(i, o)| (oid(o), Value::Integer(i as i64))).collect();
        let (table, notes) = Table::new(&rows);
        assert!(notes.is_empty());
        table
    }

    #[test]
    fn finds_and_tells_missing_objects_from_missing_instances() {
        let t = table();
        assert_eq!(t.len(), 4);
        assert_eq!(t.get(&oid("1.3.6.1.2.1.1.3.0")), Value::Integer(1));
        assert_eq!(t.get(&oid("1.3.6.1.2.1.1.3.1")), Value::NoSuchInstance); // sysUpTime exists, .1 does not
        assert_eq!(t.get(&oid("1.3.6.1.2.1.1.2.0")), Value::NoSuchObject);
        assert_eq!(t.get(&oid("1.3.6.1.2.1.2.2.1.8.5")), Value::NoSuchInstance);
        assert_eq!(t.get(&oid("1.3.6.1.2.1.2.2.1.8.900")), Value::NoSuchInstance);
        assert_eq!(t.get(&oid("1.3.6.1.2.1.2.2.1.10.1")), Value::NoSuchObject);
        assert_eq!(t.get(&oid("2.5")), Value::NoSuchObject);
    }

    #[test]
    fn the_order_is_that_of_arcs_not_of_bytes() {
        let t = table();
        assert_eq!(t.after(&oid("1.3")), 0);
        assert_eq!(t.after(&oid("1.3.6.1.2.1.1.1.0")), 1);
        assert_eq!(t.after(&oid("1.3.6.1.2.1.2.2.1.8.127")), 3); // 200 takes two bytes, the first 0x81
        assert_eq!(t.after(&oid("1.3.6.1.2.1.2.2.1.8.200")), 4);
        assert_eq!(t.row(3).unwrap().name.to_oid(), oid("1.3.6.1.2.1.2.2.1.8.200"));
        assert!(t.row(4).is_none());
    }

    #[test]
    fn what_cannot_be_encoded_is_named() {
        let (t, notes) = Table::new(&[(oid("1.3.6.1"), Value::Null), (oid("3.1"), Value::Null)]);
        assert_eq!(t.len(), 1);
        assert!(notes[0].starts_with("3.1:"), "{notes:?}");
    }
}
