//! Object identifiers and values (RFC 2578, RFC 3416). No I/O, no device knowledge.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An object identifier. Ordered arc by arc, which is the lexicographic order of an SNMP walk.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Oid(Box<[u32]>);

impl Oid {
    pub fn new(arcs: &[u32]) -> Self {
        Oid(arcs.into())
    }
    pub fn arcs(&self) -> &[u32] {
        &self.0
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn starts_with(&self, prefix: &Oid) -> bool {
        self.0.starts_with(&prefix.0)
    }
    /// The arcs below `prefix`, or `None` when this OID is not below it.
    pub fn strip_prefix(&self, prefix: &Oid) -> Option<&[u32]> {
        self.0.strip_prefix(&*prefix.0)
    }
    /// This OID with `tail` appended.
    pub fn child(&self, tail: &[u32]) -> Oid {
        let mut v = Vec::with_capacity(self.0.len() + tail.len());
        v.extend_from_slice(&self.0);
        v.extend_from_slice(tail);
        Oid(v.into())
    }
}

impl From<Vec<u32>> for Oid {
    fn from(v: Vec<u32>) -> Self {
        Oid(v.into())
    }
}
impl From<&[u32]> for Oid {
    fn from(v: &[u32]) -> Self {
        Oid(v.into())
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, a) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            write!(f, "{a}")?;
        }
        Ok(())
    }
}
impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an object identifier: expected numbers separated by dots, like 1.3.6.1.2.1.1.1.0")]
pub struct OidError(pub String);

impl FromStr for Oid {
    type Err = OidError;
    /// Numeric form, with or without a leading dot.
    fn from_str(s: &str) -> Result<Self, OidError> {
        let t = s.trim().trim_start_matches('.');
        t.split('.')
            .map(|p| p.parse::<u32>())
            .collect::<Result<Vec<_>, _>>()
            .map(|v| Oid(v.into()))
            .map_err(|_| OidError(s.to_owned()))
    }
}

impl Serialize for Oid {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Oid {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A variable's value. Integers keep the width of their SMI type; nothing is truncated on the way in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    Integer(i64),
    OctetString(Vec<u8>),
    Null,
    Oid(Oid),
    IpAddress([u8; 4]),
    Counter32(u32),
    Gauge32(u32),
    TimeTicks(u32),
    Opaque(Vec<u8>),
    Counter64(u64),
    NoSuchObject,
    NoSuchInstance,
    EndOfMibView,
}

impl Value {
    /// Any integral type as i64; `None` for text, OIDs, exceptions and counters beyond i64.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Integer(i) => Some(*i),
            Value::Counter32(u) | Value::Gauge32(u) | Value::TimeTicks(u) => Some(i64::from(*u)),
            Value::Counter64(u) => i64::try_from(*u).ok(),
            _ => None,
        }
    }
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Value::Counter64(u) => Some(*u),
            v => v.as_i64().and_then(|i| u64::try_from(i).ok()),
        }
    }
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::OctetString(b) | Value::Opaque(b) => Some(b),
            _ => None,
        }
    }
    pub fn as_oid(&self) -> Option<&Oid> {
        match self {
            Value::Oid(o) => Some(o),
            _ => None,
        }
    }
    /// noSuchObject, noSuchInstance or endOfMibView (RFC 3416, section 2.5).
    pub fn is_exception(&self) -> bool {
        matches!(self, Value::NoSuchObject | Value::NoSuchInstance | Value::EndOfMibView)
    }
}

/// One name with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VarBind {
    pub oid: Oid,
    pub value: Value,
}
