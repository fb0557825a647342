//! Typed, forgiving access to one context of a snapshot: columns, scalars, numbers sent as text.
//!
//! Never fails: what is absent or of the wrong type is `None`. Decoders use nothing else to read answers.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::text;
use crate::protocol::snmp::{Oid, Value};

/// Answers of one context.
#[derive(Clone, Copy)]
pub struct View<'a> {
    map: &'a BTreeMap<Oid, Value>,
}

impl<'a> View<'a> {
    pub fn new(map: &'a BTreeMap<Oid, Value>) -> Self {
        View { map }
    }

    pub fn get(&self, oid: &[u32]) -> Option<&'a Value> {
        self.map.get(&Oid::from(oid))
    }

    /// One cell: column and index.
    pub fn cell(&self, column: &[u32], index: &[u32]) -> Option<&'a Value> {
        self.map.get(&Oid::from(column).child(index))
    }

    /// The scalar `object.0`.
    pub fn scalar(&self, object: &[u32]) -> Option<&'a Value> {
        self.cell(object, &[0])
    }

    /// Every cell of a column with its index, in index order.
    pub fn column(&self, column: &[u32]) -> impl Iterator<Item = (&'a [u32], &'a Value)> + use<'a> {
        let start = Oid::from(column);
        let depth = start.len();
        let prefix = start.clone();
        self.map
            .range((Bound::Included(start), Bound::Unbounded))
            .take_while(move |(oid, _)| oid.starts_with(&prefix))
            .filter_map(move |(oid, value)| oid.arcs().get(depth..).filter(|i| !i.is_empty()).map(|i| (i, value)))
    }

    /// Is anything answered below this OID?
    pub fn has(&self, prefix: &[u32]) -> bool {
        self.column(prefix).next().is_some()
    }

    pub fn text(&self, column: &[u32], index: &[u32]) -> Option<String> {
        self.cell(column, index).and_then(text_of)
    }

    pub fn int(&self, column: &[u32], index: &[u32]) -> Option<i64> {
        self.cell(column, index).and_then(int_of)
    }

    pub fn scalar_text(&self, object: &[u32]) -> Option<String> {
        self.scalar(object).and_then(text_of)
    }

    pub fn scalar_int(&self, object: &[u32]) -> Option<i64> {
        self.scalar(object).and_then(int_of)
    }
}

/// A value as readable text, `None` when it is empty or no text.
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::OctetString(b) | Value::Opaque(b) => Some(text::clean(b)).filter(|t| !t.is_empty()),
        Value::Oid(o) => Some(o.to_string()),
        Value::IpAddress(a) => Some(format!("{}.{}.{}.{}", a[0], a[1], a[2], a[3])),
        other => other.as_i64().map(|i| i.to_string()),
    }
}

/// A value as a number; agents also send numbers as text.
pub fn int_of(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let bytes = value.as_bytes()?;
        std::str::from_utf8(bytes).ok()?.trim().trim_matches('\0').parse().ok()
    })
}

/// A counter or gauge: never negative.
pub fn count_of(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| int_of(value).and_then(|i| u64::try_from(i).ok()))
}

/// The arcs of an index as bytes, `None` when one is no byte.
pub fn bytes_of(arcs: &[u32]) -> Option<Vec<u8>> {
    arcs.iter().map(|a| u8::try_from(*a).ok()).collect()
}
