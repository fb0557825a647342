//! Answers of one device, sorted: what a walk, a poll or a recording gives. Never holds exceptions.

use std::collections::BTreeMap;

use crate::protocol::snmp::{Oid, Value};

/// Everything one device answered, by context. The first answer for an OID wins: agents repeat themselves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    pub main: BTreeMap<Oid, Value>,
    /// By context name, the part after `@`.
    pub contexts: BTreeMap<String, BTreeMap<Oid, Value>>,
    /// What was cut or malformed on the way; ends in `Facts::notes`.
    pub notes: Vec<String>,
}

impl Snapshot {
    /// Adds an answer of the main context.
    pub fn insert(&mut self, oid: Oid, value: Value) {
        put(&mut self.main, oid, value);
    }

    /// Adds an answer of a named context.
    pub fn insert_in(&mut self, context: &str, oid: Oid, value: Value) {
        if !self.contexts.contains_key(context) {
            self.contexts.insert(context.to_owned(), BTreeMap::new());
        }
        if let Some(map) = self.contexts.get_mut(context) {
            put(map, oid, value);
        }
    }
}

fn put(map: &mut BTreeMap<Oid, Value>, oid: Oid, value: Value) {
    if !value.is_exception() {
        map.entry(oid).or_insert(value);
    }
}

impl FromIterator<(Oid, Value)> for Snapshot {
    fn from_iter<I: IntoIterator<Item = (Oid, Value)>>(answers: I) -> Self {
        let mut snap = Snapshot::default();
        for (oid, value) in answers {
            snap.insert(oid, value);
        }
        snap
    }
}
