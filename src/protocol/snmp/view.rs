//! Borrowed views of encoded names and values, and `VarBindList`, which keeps varbinds in their encoded form.
//!
//! Nothing here allocates until `to_oid`, `to_value` or `to_varbind` is called: a walk of a thousand rows costs one buffer.
//! It never guesses: a value that cannot be read is an error with its name, not a missing row.

use std::cmp::Ordering;

use super::ber::{self, Reader, tag};
use super::codec::{DecodeError, EncodeError};
use super::{Oid, Value, VarBind};

/// Longest name SNMP allows (RFC 3416, section 4.1: 128 sub-identifiers).
pub const MAX_ARCS: usize = 128;

/// The checked content bytes of an OBJECT IDENTIFIER.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OidRef<'a>(&'a [u8]);

impl<'a> OidRef<'a> {
    /// Every arc fits 32 bits, is minimally encoded and ends.
    #[inline]
    pub fn parse(content: &'a [u8]) -> Result<Self, DecodeError> {
        // The common case: arcs below 128 are one byte each.
        let or = content.iter().fold(0, |a, b| a | b);
        if or & 0x80 == 0 && content.len() < MAX_ARCS { Ok(OidRef(content)) } else { Self::parse_long(content) }
    }
    fn parse_long(content: &'a [u8]) -> Result<Self, DecodeError> {
        const BAD: DecodeError = DecodeError::BadValue { what: "object identifier" };
        let (mut arc, mut count, mut open) = (0u64, 0usize, false);
        for b in content {
            if !open && *b == 0x80 {
                return Err(BAD);
            }
            arc = if open { (arc << 7) | u64::from(b & 0x7F) } else { u64::from(b & 0x7F) };
            open = b & 0x80 != 0;
            count += usize::from(!open);
            // Only the first one carries two arcs and may go 80 beyond.
            if arc > u64::from(u32::MAX) + if count <= 1 { 80 } else { 0 } {
                return Err(BAD);
            }
        }
        if open || count >= MAX_ARCS { Err(BAD) } else { Ok(OidRef(content)) }
    }
    /// Bytes that came out of a check before.
    pub(crate) fn trusted(content: &'a [u8]) -> Self {
        OidRef(content)
    }
    /// The encoded form, without tag and length.
    pub fn as_ber(&self) -> &'a [u8] {
        self.0
    }
    pub fn arcs(&self) -> Arcs<'a> {
        Arcs { rest: self.0, second: None, start: true }
    }
    pub fn to_oid(&self) -> Oid {
        let mut v = Vec::with_capacity(self.0.len() + 1);
        v.extend(self.arcs());
        Oid::from(v)
    }
    /// Below `prefix`, or equal to it. Both are checked, so bytes can be compared.
    #[inline]
    pub fn starts_with(&self, prefix: OidRef<'_>) -> bool {
        self.0.starts_with(prefix.0)
    }
}

impl PartialOrd for OidRef<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for OidRef<'_> {
    /// Arc by arc, which differs from byte order where arcs have different widths.
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.0, other.0);
        let i = common_prefix(a, b);
        let (Some(x), Some(y)) = (a.get(i), b.get(i)) else { return a.len().cmp(&b.len()) };
        if (x | y) & 0x80 == 0 && (i == 0 || a[i - 1] & 0x80 == 0) {
            return x.cmp(y); // two arcs of one byte
        }
        // Back to the start of the arc in which they differ, which is the same place in both.
        let start = a[..i].iter().rposition(|x| x & 0x80 == 0).map_or(0, |p| p + 1);
        first_arc(&a[start..]).cmp(&first_arc(&b[start..]))
    }
}
impl std::fmt::Debug for OidRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.to_oid())
    }
}

/// How many leading bytes are equal.
#[inline]
fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let mut i = 0;
    while let (Some(x), Some(y)) = (a.get(i..i + 8), b.get(i..i + 8)) {
        let word = |s: &[u8]| s.try_into().map(u64::from_be_bytes).unwrap_or_default();
        let difference = word(x) ^ word(y);
        if difference != 0 {
            return i + difference.leading_zeros() as usize / 8;
        }
        i += 8;
    }
    i + a[i..].iter().zip(&b[i..]).take_while(|(x, y)| x == y).count()
}

#[inline]
fn first_arc(bytes: &[u8]) -> u64 {
    let mut v = 0u64;
    for b in bytes {
        v = (v << 7) | u64::from(b & 0x7F);
        if b & 0x80 == 0 {
            break;
        }
    }
    v
}

/// The arcs of an `OidRef`, decoded one by one.
#[derive(Debug, Clone)]
pub struct Arcs<'a> {
    rest: &'a [u8],
    second: Option<u32>,
    start: bool,
}

impl Iterator for Arcs<'_> {
    type Item = u32;
    #[inline]
    fn next(&mut self) -> Option<u32> {
        if let Some(s) = self.second.take() {
            return Some(s);
        }
        if self.start {
            self.start = false;
            // Some agents send 0.0 as an empty identifier.
            let v = if self.rest.is_empty() { 0 } else { self.take_arc() };
            let first = (v / 40).min(2);
            self.second = Some((v - first * 40) as u32);
            return Some(first as u32);
        }
        if self.rest.is_empty() { None } else { Some(self.take_arc() as u32) }
    }
}
impl Arcs<'_> {
    #[inline]
    fn take_arc(&mut self) -> u64 {
        if let [b, rest @ ..] = self.rest
            && b & 0x80 == 0
        {
            self.rest = rest;
            return u64::from(*b);
        }
        let v = first_arc(self.rest);
        let n = self.rest.iter().position(|b| b & 0x80 == 0).map_or(self.rest.len(), |p| p + 1);
        self.rest = &self.rest[n..];
        v
    }
}

/// A decoded value that still points into the datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueRef<'a> {
    Integer(i64),
    OctetString(&'a [u8]),
    Null,
    Oid(OidRef<'a>),
    IpAddress([u8; 4]),
    Counter32(u32),
    Gauge32(u32),
    TimeTicks(u32),
    Opaque(&'a [u8]),
    Counter64(u64),
    NoSuchObject,
    NoSuchInstance,
    EndOfMibView,
}

impl<'a> ValueRef<'a> {
    #[inline]
    fn parse(t: u8, content: &'a [u8]) -> Result<Self, DecodeError> {
        let empty = |v| if content.is_empty() { Ok(v) } else { Err(DecodeError::BadLength { what: "value" }) };
        match t {
            tag::INTEGER => ber::integer(content, "INTEGER").map(ValueRef::Integer),
            tag::OCTET_STRING => Ok(ValueRef::OctetString(content)),
            tag::OBJECT_IDENTIFIER => OidRef::parse(content).map(ValueRef::Oid),
            tag::GAUGE32 => ber::unsigned32(content, "Gauge32").map(ValueRef::Gauge32),
            tag::COUNTER32 => ber::unsigned32(content, "Counter32").map(ValueRef::Counter32),
            tag::TIME_TICKS => ber::unsigned32(content, "TimeTicks").map(ValueRef::TimeTicks),
            tag::COUNTER64 => ber::unsigned64(content, "Counter64").map(ValueRef::Counter64),
            tag::IP_ADDRESS => {
                content.try_into().map(ValueRef::IpAddress).map_err(|_| DecodeError::BadLength { what: "IpAddress" })
            }
            tag::OPAQUE => Ok(ValueRef::Opaque(content)),
            tag::NULL => empty(ValueRef::Null),
            tag::NO_SUCH_OBJECT => empty(ValueRef::NoSuchObject),
            tag::NO_SUCH_INSTANCE => empty(ValueRef::NoSuchInstance),
            tag::END_OF_MIB_VIEW => empty(ValueRef::EndOfMibView),
            found => Err(DecodeError::BadTag { what: "value", found }),
        }
    }
    pub fn to_value(&self) -> Value {
        match *self {
            ValueRef::Integer(v) => Value::Integer(v),
            ValueRef::OctetString(b) => Value::OctetString(b.to_vec()),
            ValueRef::Null => Value::Null,
            ValueRef::Oid(o) => Value::Oid(o.to_oid()),
            ValueRef::IpAddress(a) => Value::IpAddress(a),
            ValueRef::Counter32(v) => Value::Counter32(v),
            ValueRef::Gauge32(v) => Value::Gauge32(v),
            ValueRef::TimeTicks(v) => Value::TimeTicks(v),
            ValueRef::Opaque(b) => Value::Opaque(b.to_vec()),
            ValueRef::Counter64(v) => Value::Counter64(v),
            ValueRef::NoSuchObject => Value::NoSuchObject,
            ValueRef::NoSuchInstance => Value::NoSuchInstance,
            ValueRef::EndOfMibView => Value::EndOfMibView,
        }
    }
    /// noSuchObject, noSuchInstance or endOfMibView.
    pub fn is_exception(&self) -> bool {
        matches!(self, ValueRef::NoSuchObject | ValueRef::NoSuchInstance | ValueRef::EndOfMibView)
    }
}

/// One name with its value, as they stand in the datagram.
#[derive(Debug, Clone, Copy)]
pub struct VarBindRef<'a> {
    pub name: OidRef<'a>,
    pub value: ValueRef<'a>,
    /// The whole element, tag and length included.
    pub raw: &'a [u8],
}

impl VarBindRef<'_> {
    /// Where in `raw` the name's content starts.
    pub(crate) fn name_offset(&self) -> usize {
        self.name.as_ber().as_ptr().addr() - self.raw.as_ptr().addr()
    }
    pub fn to_varbind(&self) -> VarBind {
        VarBind { oid: self.name.to_oid(), value: self.value.to_value() }
    }
}

/// A varbind that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("varbind {} {}: {error}", .index + 1, .name.as_ref().map(Oid::to_string).unwrap_or_default())]
pub struct BadVarBind {
    /// Position in the list, from 0.
    pub index: usize,
    /// Its name, where at least that could be read.
    pub name: Option<Oid>,
    pub error: DecodeError,
}

impl BadVarBind {
    /// The list ends here: what follows, if anything, is lost.
    pub fn is_truncation(&self) -> bool {
        matches!(self.error, DecodeError::Truncated { .. })
    }
}

/// Iterates a variable-bindings list. A varbind with a bad value is an `Err` and the next one follows; a list that is cut
/// off, or cannot be followed further, ends with an `Err`. It never ends early in silence.
#[derive(Debug, Clone)]
pub struct VarBinds<'a> {
    reader: Reader<'a>,
    index: usize,
    cut: bool,
}

impl<'a> VarBinds<'a> {
    /// `complete` is false when the list's own length pointed past the end of the datagram.
    pub(crate) fn new(content: &'a [u8], complete: bool) -> Self {
        VarBinds { reader: Reader::new(content), index: 0, cut: !complete }
    }
    /// Neither a varbind nor a sign that one was cut off.
    pub fn is_empty(&self) -> bool {
        self.reader.is_empty() && !self.cut
    }
    /// The common case, every length in one byte and nothing wrong: `None` means look closer.
    #[inline]
    fn read_short(&mut self) -> Option<VarBindRef<'a>> {
        let bytes = self.reader.remaining();
        let &[tag::SEQUENCE, len, tag::OBJECT_IDENTIFIER, name_len, ..] = bytes else { return None };
        if (len | name_len) & 0x80 != 0 {
            return None;
        }
        let (raw, rest) = bytes.split_at_checked(usize::from(len) + 2)?;
        let (name, value) = raw.get(4..)?.split_at_checked(name_len.into())?;
        let [t, value_len, value @ ..] = value else { return None };
        if usize::from(*value_len) != value.len() {
            return None;
        }
        let vb = VarBindRef { name: OidRef::parse(name).ok()?, value: ValueRef::parse(*t, value).ok()?, raw };
        self.reader = Reader::new(rest);
        Some(vb)
    }
    /// Reads one element; the outer `Result` says whether the list can be followed further.
    #[inline]
    fn read(&mut self) -> Result<Result<VarBindRef<'a>, (Option<OidRef<'a>>, DecodeError)>, DecodeError> {
        let before = self.reader.remaining();
        let vb = self.reader.next("varbind")?;
        let raw = &before[..before.len() - self.reader.remaining().len()];
        if !vb.complete {
            return Err(DecodeError::Truncated { what: "varbind" });
        }
        if vb.tag != tag::SEQUENCE {
            return Ok(Err((None, DecodeError::BadTag { what: "varbind", found: vb.tag })));
        }
        let mut inner = Reader::new(vb.content);
        let name = match inner.expect("name", tag::OBJECT_IDENTIFIER) {
            Ok(t) if !t.complete => return Ok(Err((None, DecodeError::BadLength { what: "name" }))),
            Ok(t) => match OidRef::parse(t.content) {
                Ok(n) => n,
                Err(e) => return Ok(Err((None, e))),
            },
            Err(e) => return Ok(Err((None, e.within()))),
        };
        let value = match inner.next("value") {
            Ok(t) if !t.complete => Err(DecodeError::BadLength { what: "value" }),
            Ok(_) if !inner.is_empty() => Err(DecodeError::BadLength { what: "varbind" }),
            Ok(t) => ValueRef::parse(t.tag, t.content),
            Err(e) => Err(e.within()),
        };
        Ok(match value {
            Ok(value) => Ok(VarBindRef { name, value, raw }),
            Err(e) => Err((Some(name), e)),
        })
    }
}

impl<'a> Iterator for VarBinds<'a> {
    type Item = Result<VarBindRef<'a>, BadVarBind>;
    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let index = self.index;
        self.index += 1;
        if let Some(vb) = self.read_short() {
            return Some(Ok(vb));
        }
        self.next_long(index)
    }
}

impl<'a> VarBinds<'a> {
    #[cold]
    fn next_long(&mut self, index: usize) -> Option<Result<VarBindRef<'a>, BadVarBind>> {
        if self.reader.is_empty() {
            let cut = std::mem::take(&mut self.cut);
            return cut.then_some(Err(BadVarBind {
                index,
                name: None,
                error: DecodeError::Truncated { what: "variable bindings" },
            }));
        }
        match self.read() {
            Ok(Ok(vb)) => Some(Ok(vb)),
            Ok(Err((name, error))) => Some(Err(BadVarBind { index, name: name.map(|n| n.to_oid()), error })),
            Err(error) => {
                self.reader = Reader::new(&[]);
                self.cut = false;
                Some(Err(BadVarBind { index, name: None, error }))
            }
        }
    }
}

/// Varbinds in their encoded form: one buffer, whatever their number. Only checked varbinds get in.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct VarBindList {
    raw: Vec<u8>,
    count: u32,
}

impl VarBindList {
    pub fn new() -> Self {
        Self::default()
    }
    pub fn len(&self) -> usize {
        self.count as usize
    }
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
    /// Makes room for this many bytes of varbinds.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.raw.reserve_exact(bytes);
    }
    /// All varbinds as they stand in a datagram.
    pub fn as_ber(&self) -> &[u8] {
        &self.raw
    }
    pub fn push(&mut self, vb: &VarBindRef<'_>) {
        self.raw.extend_from_slice(vb.raw);
        self.count += 1;
    }
    /// One checked varbind, as it stood in a datagram.
    pub(crate) fn push_raw(&mut self, raw: &[u8]) {
        self.raw.extend_from_slice(raw);
        self.count += 1;
    }
    /// Encodes and appends; refused when the name cannot be encoded.
    pub fn push_value(&mut self, oid: &Oid, value: &Value) -> Result<(), EncodeError> {
        let raw = super::codec::encode_varbind(oid, value)?;
        self.raw.extend_from_slice(&raw);
        self.count += 1;
        Ok(())
    }
    pub fn append(&mut self, other: &VarBindList) {
        self.raw.extend_from_slice(&other.raw);
        self.count += other.count;
    }
    /// Without allocation: names and values that point into this list.
    pub fn refs(&self) -> impl Iterator<Item = VarBindRef<'_>> {
        VarBinds::new(&self.raw, true).filter_map(Result::ok)
    }
    pub fn iter(&self) -> impl Iterator<Item = VarBind> + '_ {
        self.refs().map(|v| v.to_varbind())
    }
    pub fn to_vec(&self) -> Vec<VarBind> {
        self.iter().collect()
    }
    /// The value of this name.
    pub fn get(&self, oid: &Oid) -> Option<Value> {
        let name = ber::encode_oid(oid.arcs()).ok()?;
        self.refs().find(|v| v.name.as_ber() == name).map(|v| v.value.to_value())
    }
    /// Gives back what growing reserved too much.
    pub fn shrink(&mut self) {
        if self.raw.capacity() - self.raw.len() > 64 {
            self.raw.shrink_to_fit();
        }
    }
}

impl std::fmt::Debug for VarBindList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ber(s: &str) -> Vec<u8> {
        ber::encode_oid(s.parse::<Oid>().unwrap().arcs()).unwrap()
    }

    #[test]
    fn order_is_by_arc_not_by_byte() {
        let names =
            ["0.0", "1.3", "1.3.6", "1.3.6.1.127", "1.3.6.1.128", "1.3.6.1.16383.9", "1.3.6.1.16384", "1.3.7", "2.999"];
        for (i, a) in names.iter().enumerate() {
            for (j, b) in names.iter().enumerate() {
                let (x, y) = (ber(a), ber(b));
                let (x, y) = (OidRef::parse(&x).unwrap(), OidRef::parse(&y).unwrap());
                assert_eq!(x.cmp(&y), i.cmp(&j), "{a} {b}");
                assert_eq!(x.to_oid().to_string(), *a);
            }
        }
    }

    #[test]
    fn bad_identifiers_are_refused() {
        for bad in [&[0x2B, 0x80, 0x01][..], &[0x2B, 0x86], &[0x2B, 0x90, 0x80, 0x80, 0x80, 0x00]] {
            assert!(OidRef::parse(bad).is_err(), "{bad:02x?}");
        }
        assert!(OidRef::parse(&[1; 128]).is_err());
        assert_eq!(OidRef::parse(&[1; 127]).unwrap().arcs().count(), 128);
        assert_eq!(OidRef::parse(&[]).unwrap().to_oid().to_string(), "0.0");
    }

    #[test]
    fn a_bad_value_is_reported_and_the_next_one_read() {
        // Two varbinds, the first with a tag SNMP does not know (0x47).
        let raw = [0x30, 6, 6, 1, 0x2B, 0x47, 1, 5, 0x30, 6, 6, 1, 0x2B, 2, 1, 7];
        let got: Vec<_> = VarBinds::new(&raw, true).collect();
        assert_eq!(got.len(), 2);
        let bad = got[0].as_ref().unwrap_err();
        assert_eq!(bad.error, DecodeError::BadTag { what: "value", found: 0x47 });
        assert_eq!(bad.name.as_ref().unwrap().to_string(), "1.3");
        assert_eq!(got[1].as_ref().unwrap().value, ValueRef::Integer(7));
    }

    #[test]
    fn a_cut_list_says_so() {
        let raw = [0x30, 6, 6, 1, 0x2B, 2, 1, 7, 0x30, 6, 6, 1];
        let got: Vec<_> = VarBinds::new(&raw, false).collect();
        assert_eq!(got.len(), 2);
        assert!(got[1].as_ref().unwrap_err().is_truncation());
        // Cut exactly between two varbinds: the list's own length tells.
        let got: Vec<_> = VarBinds::new(&raw[..8], false).collect();
        assert!(got[0].is_ok() && got[1].as_ref().unwrap_err().is_truncation() && got.len() == 2);
    }
}
