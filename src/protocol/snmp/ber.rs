//! Basic encoding rules as SNMP uses them (RFC 3417, section 8): definite lengths, single-byte tags.
//!
//! The reader never allocates and never reads past its slice: a length that points past the end is cut to what is there and
//! reported. The writer fills its buffer from the end, so every length is known when it is written and always minimal.
//! It never does I/O. To add a type, add its tag here and its value in `view.rs`.

use super::codec::{DecodeError, EncodeError};

pub mod tag {
    pub const INTEGER: u8 = 0x02;
    pub const OCTET_STRING: u8 = 0x04;
    pub const NULL: u8 = 0x05;
    pub const OBJECT_IDENTIFIER: u8 = 0x06;
    pub const SEQUENCE: u8 = 0x30;
    pub const IP_ADDRESS: u8 = 0x40;
    pub const COUNTER32: u8 = 0x41;
    pub const GAUGE32: u8 = 0x42;
    pub const TIME_TICKS: u8 = 0x43;
    pub const OPAQUE: u8 = 0x44;
    pub const COUNTER64: u8 = 0x46;
    pub const NO_SUCH_OBJECT: u8 = 0x80;
    pub const NO_SUCH_INSTANCE: u8 = 0x81;
    pub const END_OF_MIB_VIEW: u8 = 0x82;
    pub const GET: u8 = 0xA0;
    pub const GET_NEXT: u8 = 0xA1;
    pub const RESPONSE: u8 = 0xA2;
    pub const TRAP_V1: u8 = 0xA4;
    pub const GET_BULK: u8 = 0xA5;
    pub const INFORM: u8 = 0xA6;
    pub const TRAP: u8 = 0xA7;
    pub const REPORT: u8 = 0xA8;
}

/// A tag with its content. `complete` is false when the length pointed past the end of the datagram.
#[derive(Debug, Clone, Copy)]
pub struct Tlv<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    pub complete: bool,
}

/// Reads one tag-length-value after another.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes }
    }
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
    pub fn remaining(&self) -> &'a [u8] {
        self.bytes
    }

    /// The next element; its content is cut at the end of the input.
    #[inline]
    pub fn next(&mut self, what: &'static str) -> Result<Tlv<'a>, DecodeError> {
        let [tag, first, rest @ ..] = self.bytes else { return Err(DecodeError::Truncated { what }) };
        if tag & 0x1F == 0x1F {
            return Err(DecodeError::BadTag { what, found: *tag });
        }
        let (len, rest) = if first & 0x80 == 0 {
            (usize::from(*first), rest)
        } else {
            let n = usize::from(first & 0x7F);
            // 0x80 alone is the indefinite form, which SNMP forbids; more than 4 bytes cannot be a datagram.
            if n == 0 || n > 4 {
                return Err(DecodeError::BadLength { what });
            }
            let Some((head, rest)) = rest.split_at_checked(n) else { return Err(DecodeError::Truncated { what }) };
            (head.iter().fold(0usize, |a, b| (a << 8) | usize::from(*b)), rest)
        };
        let complete = len <= rest.len();
        let (content, rest) = rest.split_at(len.min(rest.len()));
        self.bytes = rest;
        Ok(Tlv { tag: *tag, content, complete })
    }

    /// The next element, which must have this tag.
    #[inline]
    pub fn expect(&mut self, what: &'static str, tag: u8) -> Result<Tlv<'a>, DecodeError> {
        let tlv = self.next(what)?;
        if tlv.tag != tag {
            return Err(DecodeError::BadTag { what, found: tlv.tag });
        }
        Ok(tlv)
    }

    /// The next element, which must be a whole INTEGER within 32 bits.
    #[inline]
    pub fn integer32(&mut self, what: &'static str) -> Result<i32, DecodeError> {
        let tlv = self.expect(what, tag::INTEGER)?;
        if !tlv.complete {
            return Err(DecodeError::Truncated { what });
        }
        i32::try_from(integer(tlv.content, what)?).map_err(|_| DecodeError::BadValue { what })
    }
}

/// A two's complement integer of 1 to 8 bytes.
#[inline]
pub fn integer(content: &[u8], what: &'static str) -> Result<i64, DecodeError> {
    match content {
        [] => Err(DecodeError::BadLength { what }),
        [first, ..] if content.len() <= 8 => {
            let start = if first & 0x80 == 0 { 0i64 } else { -1 };
            Ok(content.iter().fold(start, |a, b| (a << 8) | i64::from(*b)))
        }
        [0x00, rest @ ..] | [0xFF, rest @ ..] if rest.len() >= 8 => {
            // Padded beyond need: allowed only while the padding changes nothing.
            let v = integer(rest, what)?;
            if (content[0] == 0) == (v >= 0) { Ok(v) } else { Err(DecodeError::BadValue { what }) }
        }
        _ => Err(DecodeError::BadLength { what }),
    }
}

/// Counter32, Gauge32, TimeTicks. Some agents send the upper half as a negative 32-bit number: the same bits, taken as such.
#[inline]
pub fn unsigned32(content: &[u8], what: &'static str) -> Result<u32, DecodeError> {
    let v = integer(content, what)?;
    if let Ok(u) = u32::try_from(v) {
        return Ok(u);
    }
    i32::try_from(v).map(i32::cast_unsigned).map_err(|_| DecodeError::BadValue { what })
}

/// Counter64: nine bytes with a leading zero, or eight with the sign bit in use (sent as signed by some agents).
#[inline]
pub fn unsigned64(content: &[u8], what: &'static str) -> Result<u64, DecodeError> {
    match content {
        [0x00, rest @ ..] if rest.len() == 8 => Ok(rest.iter().fold(0u64, |a, b| (a << 8) | u64::from(*b))),
        _ => integer(content, what).map(i64::cast_unsigned),
    }
}

/// Fills a buffer from its end towards its start.
#[derive(Debug, Default)]
pub struct Writer {
    buf: Vec<u8>,
    pos: usize,
}

impl Writer {
    /// At most `limit` bytes can be written; beyond that every write is `TooBig`.
    pub fn new(limit: usize) -> Self {
        Writer { buf: vec![0; limit], pos: limit }
    }
    pub fn clear(&mut self) {
        self.pos = self.buf.len();
    }
    pub fn bytes(&self) -> &[u8] {
        &self.buf[self.pos..]
    }
    /// Overwrites bytes that end `from_end` bytes before the end of what is written.
    pub(crate) fn patch(&mut self, from_end: usize, bytes: &[u8]) {
        let Some(end) = self.buf.len().checked_sub(from_end) else { return };
        if let Some(place) = end.checked_sub(bytes.len()).and_then(|start| self.buf.get_mut(start..end)) {
            place.copy_from_slice(bytes);
        }
    }
    /// A position to measure content from: pass it to `header` when the content is written.
    pub fn mark(&self) -> usize {
        self.pos
    }

    #[inline]
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        let start = self.pos.checked_sub(bytes.len()).ok_or(EncodeError::TooBig { limit: self.buf.len() })?;
        self.buf[start..self.pos].copy_from_slice(bytes);
        self.pos = start;
        Ok(())
    }
    #[inline]
    fn byte(&mut self, b: u8) -> Result<(), EncodeError> {
        self.raw(&[b])
    }
    /// Tag and length of everything written since `mark`.
    #[inline]
    pub fn header(&mut self, tag: u8, mark: usize) -> Result<(), EncodeError> {
        let len = mark - self.pos;
        if len < 0x80 {
            self.raw(&[tag, len as u8])
        } else if len <= 0xFF {
            self.raw(&[tag, 0x81, len as u8])
        } else if len <= 0xFFFF {
            self.raw(&[tag, 0x82, (len >> 8) as u8, len as u8])
        } else {
            self.raw(&[tag, 0x83, (len >> 16) as u8, (len >> 8) as u8, len as u8])
        }
    }
    pub fn element(&mut self, tag: u8, content: &[u8]) -> Result<(), EncodeError> {
        let mark = self.mark();
        self.raw(content)?;
        self.header(tag, mark)
    }
    pub fn integer(&mut self, tag: u8, v: i64) -> Result<(), EncodeError> {
        let bytes = v.to_be_bytes();
        // Drop leading bytes that only repeat the sign.
        let mut skip = 0;
        while skip < 7
            && ((bytes[skip] == 0 && bytes[skip + 1] & 0x80 == 0)
                || (bytes[skip] == 0xFF && bytes[skip + 1] & 0x80 != 0))
        {
            skip += 1;
        }
        self.element(tag, &bytes[skip..])
    }
    pub fn unsigned(&mut self, tag: u8, v: u64) -> Result<(), EncodeError> {
        if let Ok(i) = i64::try_from(v) {
            return self.integer(tag, i);
        }
        let mark = self.mark();
        self.raw(&v.to_be_bytes())?;
        self.byte(0)?;
        self.header(tag, mark)
    }
    pub fn oid(&mut self, arcs: &[u32]) -> Result<(), EncodeError> {
        let mark = self.mark();
        self.oid_content(arcs)?;
        self.header(tag::OBJECT_IDENTIFIER, mark)
    }
    fn oid_content(&mut self, arcs: &[u32]) -> Result<(), EncodeError> {
        let (first, rest) = first_two(arcs)?;
        for arc in rest.iter().rev() {
            self.arc(u64::from(*arc))?;
        }
        self.arc(first)
    }
    #[inline]
    fn arc(&mut self, v: u64) -> Result<(), EncodeError> {
        self.byte((v & 0x7F) as u8)?;
        let mut v = v >> 7;
        while v > 0 {
            self.byte(0x80 | (v & 0x7F) as u8)?;
            v >>= 7;
        }
        Ok(())
    }
}

/// The content bytes of an OBJECT IDENTIFIER.
pub fn encode_oid(arcs: &[u32]) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::with_capacity(arcs.len() + 4);
    append_oid(arcs, &mut out)?;
    Ok(out)
}
/// The same at the end of a buffer.
pub fn append_oid(arcs: &[u32], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let (first, rest) = first_two(arcs)?;
    let mut arc = |v: u64| {
        if v >= 0x80 {
            let groups = (64 - v.leading_zeros()).div_ceil(7);
            out.extend((1..groups).rev().map(|g| 0x80 | (v >> (7 * g)) as u8));
        }
        out.push(v as u8 & 0x7F);
    };
    arc(first);
    rest.iter().for_each(|a| arc(u64::from(*a)));
    Ok(())
}
/// The first two arcs share a number.
fn first_two(arcs: &[u32]) -> Result<(u64, &[u32]), EncodeError> {
    match arcs {
        [] => Ok((0, arcs)),
        [a] if *a <= 2 => Ok((u64::from(*a) * 40, &[])),
        [a, b, rest @ ..] if *a < 2 && *b < 40 || *a == 2 => Ok((u64::from(*a) * 40 + u64::from(*b), rest)),
        _ => Err(EncodeError::BadOid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(v: i64) -> Vec<u8> {
        let mut w = Writer::new(16);
        w.integer(tag::INTEGER, v).unwrap();
        w.bytes().to_vec()
    }

    #[test]
    fn integers_are_minimal_and_come_back() {
        for v in [0, 1, 127, 128, 255, 256, -1, -128, -129, 32767, 32768, i64::from(i32::MIN), i64::MAX, i64::MIN] {
            let b = written(v);
            assert_eq!(integer(&b[2..], "test").unwrap(), v, "{b:02x?}");
        }
        assert_eq!(written(127), [2, 1, 0x7F]);
        assert_eq!(written(128), [2, 2, 0x00, 0x80]);
        assert_eq!(written(-128), [2, 1, 0x80]);
    }

    #[test]
    fn unsigned_accepts_what_agents_really_send() {
        assert_eq!(unsigned32(&[0x00, 0xFF, 0xFF, 0xFF, 0xFF], "t"), Ok(u32::MAX)); // as the standard says: five bytes
        assert_eq!(unsigned32(&[0xFF, 0xFF, 0xFF, 0xFE], "t"), Ok(u32::MAX - 1)); // as a signed number
        assert_eq!(unsigned32(&[0xFF], "t"), Ok(u32::MAX)); // -1
        assert!(unsigned32(&[0x01, 0x00, 0x00, 0x00, 0x00], "t").is_err()); // 2^32 is an error, not 0
        assert!(unsigned32(&[], "t").is_err());
        assert_eq!(unsigned64(&[0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "t"), Ok(u64::MAX));
        assert_eq!(unsigned64(&[0xFF; 8], "t"), Ok(u64::MAX));
        assert_eq!(unsigned64(&[0x80, 0, 0, 0, 0, 0, 0, 0], "t"), Ok(1 << 63));
        assert!(unsigned64(&[1, 0, 0, 0, 0, 0, 0, 0, 0], "t").is_err());
        assert!(unsigned64(&[1; 10], "t").is_err());
    }

    #[test]
    fn lengths_past_the_end_are_cut_and_said() {
        let t = Reader::new(&[0x04, 0x05, 1, 2]).next("t").unwrap();
        assert_eq!((t.content, t.complete), (&[1u8, 2][..], false));
        assert!(Reader::new(&[0x30, 0x80, 0, 0]).next("t").is_err()); // indefinite
        assert!(Reader::new(&[0x30, 0x85, 0, 0, 0, 0, 1, 0]).next("t").is_err());
        assert!(Reader::new(&[0x30, 0x84, 0xFF]).next("t").is_err());
        assert!(!Reader::new(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]).next("t").unwrap().complete);
    }

    #[test]
    fn oids_with_impossible_first_arcs_are_refused() {
        assert!(encode_oid(&[3, 1]).is_err());
        assert!(encode_oid(&[1, 40]).is_err());
        assert_eq!(encode_oid(&[2, 999, 3]).unwrap(), [0x88, 0x37, 0x03]);
        assert_eq!(encode_oid(&[1, 3, 6, 1, u32::MAX]).unwrap(), [0x2B, 6, 1, 0x8F, 0xFF, 0xFF, 0xFF, 0x7F]);
    }
}
