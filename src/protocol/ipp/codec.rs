//! IPP messages (RFC 8010) to and from bytes. No I/O.
//!
//! Our own, because printers send what the standard forbids (names in a national code page, lengths that lie) and the decoder
//! must neither panic nor lose the rest: what was read before a fault is kept, and the fault is in `Message::fault`. Nesting of
//! collections is bounded. To support another syntax, add it to `Value::parse`.

use std::fmt;

/// Deepest nesting of collections that is read.
pub const MAX_DEPTH: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the message ends inside its {0}")]
    Truncated(&'static str),
    #[error("tag 0x{0:02x} does not belong where it stands")]
    BadTag(u8),
    #[error("{0} has a length that its syntax does not allow")]
    BadLength(&'static str),
    #[error("collections are nested more than {MAX_DEPTH} deep")]
    TooDeep,
}

/// Delimiter and value tags (RFC 8010, section 3.5).
pub mod tag {
    pub const OPERATION: u8 = 0x01;
    pub const END: u8 = 0x03;
    pub const PRINTER: u8 = 0x04;
    pub const UNSUPPORTED_VALUE: u8 = 0x10;
    pub const UNKNOWN: u8 = 0x12;
    pub const NO_VALUE: u8 = 0x13;
    pub const INTEGER: u8 = 0x21;
    pub const BOOLEAN: u8 = 0x22;
    pub const ENUM: u8 = 0x23;
    pub const OCTET_STRING: u8 = 0x30;
    pub const DATE_TIME: u8 = 0x31;
    pub const RESOLUTION: u8 = 0x32;
    pub const RANGE: u8 = 0x33;
    pub const BEGIN_COLLECTION: u8 = 0x34;
    pub const TEXT_WITH_LANGUAGE: u8 = 0x35;
    pub const NAME_WITH_LANGUAGE: u8 = 0x36;
    pub const END_COLLECTION: u8 = 0x37;
    pub const TEXT: u8 = 0x41;
    pub const NAME: u8 = 0x42;
    pub const KEYWORD: u8 = 0x44;
    pub const URI: u8 = 0x45;
    pub const CHARSET: u8 = 0x47;
    pub const LANGUAGE: u8 = 0x48;
    pub const MEMBER_NAME: u8 = 0x4A;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Integer(i32),
    Enum(i32),
    Boolean(bool),
    /// Any of the character syntaxes: text, name, keyword, uri, charset, language, MIME type.
    Text(String),
    /// An octet string, or text that is not UTF-8.
    Bytes(Vec<u8>),
    Range(i32, i32),
    /// Cross-feed, feed, units (3: per inch, 4: per centimetre).
    Resolution(i32, i32, i8),
    /// The eleven octets of DateAndTime (RFC 2579).
    DateTime([u8; 11]),
    Collection(Vec<Attribute>),
    /// unsupported, unknown, no-value and the like: there is none.
    None(u8),
    Other {
        tag: u8,
        bytes: Vec<u8>,
    },
}

impl Value {
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Integer(i) | Value::Enum(i) => Some((*i).into()),
            _ => None,
        }
    }
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Boolean(b) => Some(*b),
            _ => None,
        }
    }
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Text(s) => Some(s.as_bytes()),
            Value::Bytes(b) => Some(b),
            _ => None,
        }
    }
    /// Text as well as it can be shown; the exact bytes are in `as_bytes`.
    pub fn text(&self) -> Option<String> {
        self.as_bytes().map(|b| String::from_utf8_lossy(b).into_owned())
    }

    fn parse(t: u8, bytes: &[u8]) -> Result<Value, DecodeError> {
        let integer = |b: &[u8]| Some(i32::from_be_bytes(b.try_into().ok()?));
        let value = match t {
            0x10..=0x1F => Some(Value::None(t)),
            tag::INTEGER => integer(bytes).map(Value::Integer),
            tag::ENUM => integer(bytes).map(Value::Enum),
            tag::BOOLEAN => <[u8; 1]>::try_from(bytes).ok().map(|[b]| Value::Boolean(b != 0)),
            tag::DATE_TIME => bytes.try_into().ok().map(Value::DateTime),
            tag::RANGE if bytes.len() == 8 => {
                integer(&bytes[..4]).zip(integer(&bytes[4..])).map(|(a, b)| Value::Range(a, b))
            }
            tag::RESOLUTION if bytes.len() == 9 => integer(&bytes[..4])
                .zip(integer(&bytes[4..8]))
                .map(|(a, b)| Value::Resolution(a, b, bytes[8].cast_signed())),
            tag::RANGE | tag::RESOLUTION => None,
            tag::OCTET_STRING => Some(Value::Bytes(bytes.to_vec())),
            tag::TEXT_WITH_LANGUAGE | tag::NAME_WITH_LANGUAGE => with_language(bytes).map(text),
            0x40..=0x4F => Some(text(bytes)),
            _ => Some(Value::Other { tag: t, bytes: bytes.to_vec() }),
        };
        value.ok_or(DecodeError::BadLength("value"))
    }
}

/// Length, language, length, text.
fn with_language(bytes: &[u8]) -> Option<&[u8]> {
    let skip = usize::from(u16::from_be_bytes(*bytes.first_chunk()?));
    let rest = bytes.get(2 + skip..)?;
    let len = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
    rest.get(2..2 + len)
}
fn text(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(s) => Value::Text(s.to_owned()),
        Err(_) => Value::Bytes(bytes.to_vec()),
    }
}

/// A name with its values: always a list, mostly of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    pub values: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// 1: operation attributes, 4: printer attributes, ...
    pub tag: u8,
    pub attributes: Vec<Attribute>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// Major and minor.
    pub version: (u8, u8),
    /// Operation of a request, status of a response.
    pub code: u16,
    pub request_id: i32,
    pub groups: Vec<Group>,
    /// Why reading ended before the end; what is in `groups` was read before.
    pub fault: Option<DecodeError>,
    /// Values that were skipped because their length does not fit their syntax.
    pub bad_values: u32,
}

impl Message {
    /// The attributes of all groups with this tag.
    pub fn attributes(&self, tag: u8) -> impl Iterator<Item = &Attribute> {
        self.groups.iter().filter(move |g| g.tag == tag).flat_map(|g| &g.attributes)
    }
    pub fn find(&self, tag: u8, name: &str) -> Option<&Attribute> {
        self.attributes(tag).find(|a| a.name == name)
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self, what: &'static str) -> Result<u8, DecodeError> {
        let [b, rest @ ..] = self.0 else { return Err(DecodeError::Truncated(what)) };
        self.0 = rest;
        Ok(*b)
    }
    /// A 16-bit length and as many bytes.
    fn field(&mut self, what: &'static str) -> Result<&'a [u8], DecodeError> {
        let (len, rest) = self.0.split_first_chunk::<2>().ok_or(DecodeError::Truncated(what))?;
        let len = usize::from(u16::from_be_bytes(*len));
        let (field, rest) = rest.split_at_checked(len).ok_or(DecodeError::Truncated(what))?;
        self.0 = rest;
        Ok(field)
    }
}

/// Reads a message. Only a message without a whole header is an error; any other fault is marked in it.
pub fn decode(bytes: &[u8]) -> Result<Message, DecodeError> {
    let Some(([major, minor, c1, c0, id @ ..], rest)) = bytes.split_first_chunk::<8>() else {
        return Err(DecodeError::Truncated("header"));
    };
    let mut m = Message {
        version: (*major, *minor),
        code: u16::from_be_bytes([*c1, *c0]),
        request_id: i32::from_be_bytes(*id),
        ..Message::default()
    };
    if let Err(fault) = groups(&mut Reader(rest), &mut m) {
        m.fault = Some(fault);
    }
    Ok(m)
}

fn groups(r: &mut Reader<'_>, m: &mut Message) -> Result<(), DecodeError> {
    loop {
        let t = r.byte("attributes")?;
        match t {
            tag::END => return Ok(()),
            0x00..=0x0F => m.groups.push(Group { tag: t, attributes: Vec::new() }),
            _ => {
                let name = r.field("name")?;
                let value = value(t, r, 0, &mut m.bad_values)?;
                let Some(group) = m.groups.last_mut() else { return Err(DecodeError::BadTag(t)) };
                add(&mut group.attributes, name, value);
            }
        }
    }
}

/// An empty name means one more value of the attribute before.
fn add(attributes: &mut Vec<Attribute>, name: &[u8], value: Option<Value>) {
    if !name.is_empty() {
        attributes.push(Attribute { name: String::from_utf8_lossy(name).into_owned(), values: Vec::new() });
    }
    if let (Some(last), Some(value)) = (attributes.last_mut(), value) {
        last.values.push(value);
    }
}

/// The value after its tag and name; `None` when it makes no sense but its end is known.
fn value(t: u8, r: &mut Reader<'_>, depth: usize, bad: &mut u32) -> Result<Option<Value>, DecodeError> {
    let bytes = r.field("value")?;
    if t == tag::BEGIN_COLLECTION {
        return collection(r, depth + 1, bad).map(|c| Some(Value::Collection(c)));
    }
    if t == tag::END_COLLECTION {
        return Err(DecodeError::BadTag(t));
    }
    let value = Value::parse(t, bytes).ok();
    *bad += u32::from(value.is_none());
    Ok(value)
}

/// Members up to the end of the collection: each is a member name, then its values.
fn collection(r: &mut Reader<'_>, depth: usize, bad: &mut u32) -> Result<Vec<Attribute>, DecodeError> {
    if depth > MAX_DEPTH {
        return Err(DecodeError::TooDeep);
    }
    let mut members = Vec::new();
    loop {
        let t = r.byte("collection")?;
        if t < 0x10 {
            return Err(DecodeError::BadTag(t));
        }
        r.field("name")?;
        match t {
            tag::END_COLLECTION => {
                r.field("value")?;
                return Ok(members);
            }
            tag::MEMBER_NAME => {
                let name = r.field("value")?;
                members.push(Attribute { name: String::from_utf8_lossy(name).into_owned(), values: Vec::new() });
            }
            _ => {
                let v = value(t, r, depth, bad)?;
                add(&mut members, b"", v);
            }
        }
    }
}

/// Builds messages; used for requests here and for responses by simulators.
#[derive(Debug)]
pub struct Encoder {
    bytes: Vec<u8>,
}

impl Encoder {
    pub fn new(version: (u8, u8), code: u16, request_id: i32) -> Self {
        let mut bytes = vec![version.0, version.1];
        bytes.extend(code.to_be_bytes());
        bytes.extend(request_id.to_be_bytes());
        Encoder { bytes }
    }
    pub fn group(&mut self, tag: u8) -> &mut Self {
        self.bytes.push(tag);
        self
    }
    /// A name or value longer than 65,535 bytes is cut: the format cannot carry it.
    fn field(&mut self, bytes: &[u8]) {
        let bytes = &bytes[..bytes.len().min(usize::from(u16::MAX))];
        self.bytes.extend((bytes.len() as u16).to_be_bytes());
        self.bytes.extend(bytes);
    }
    /// One value under this syntax tag.
    pub fn raw(&mut self, tag: u8, name: &str, value: &[u8]) -> &mut Self {
        self.bytes.push(tag);
        self.field(name.as_bytes());
        self.field(value);
        self
    }
    /// Texts under one syntax tag: keywords, names, uris.
    pub fn texts<S: AsRef<[u8]>>(&mut self, tag: u8, name: &str, values: impl IntoIterator<Item = S>) -> &mut Self {
        for (i, v) in values.into_iter().enumerate() {
            self.raw(tag, if i == 0 { name } else { "" }, v.as_ref());
        }
        self
    }
    /// Integers or enums.
    pub fn integers(&mut self, tag: u8, name: &str, values: impl IntoIterator<Item = i32>) -> &mut Self {
        self.texts(tag, name, values.into_iter().map(i32::to_be_bytes))
    }
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.push(tag::END);
        self.bytes
    }
}

/// A status of a response (RFC 8011, appendix B).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(pub u16);

impl Status {
    pub const BAD_REQUEST: Status = Status(0x0400);
    pub const NOT_FOUND: Status = Status(0x0406);
    pub const ATTRIBUTES_NOT_SUPPORTED: Status = Status(0x040B);
    pub const VERSION_NOT_SUPPORTED: Status = Status(0x0503);
    pub fn is_success(self) -> bool {
        self.0 < 0x0100
    }
}
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            0..=0xFF => "successful",
            0x0400 => "client-error-bad-request",
            0x0401 => "client-error-forbidden",
            0x0402 => "client-error-not-authenticated",
            0x0403 => "client-error-not-authorized",
            0x0404 => "client-error-not-possible",
            0x0406 => "client-error-not-found",
            0x040B => "client-error-attributes-or-values-not-supported",
            0x0500 => "server-error-internal-error",
            0x0501 => "server-error-operation-not-supported",
            0x0502 => "server-error-service-unavailable",
            0x0503 => "server-error-version-not-supported",
            0x0507 => "server-error-busy",
            n => return write!(f, "status 0x{n:04x}"),
        };
        f.write_str(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut e = Encoder::new((1, 1), 0, 7);
        e.group(tag::OPERATION).texts(tag::CHARSET, "attributes-charset", ["utf-8"]);
        e.group(tag::PRINTER)
            .integers(tag::INTEGER, "marker-levels", [90, -2, -3])
            .texts(tag::NAME, "marker-names", ["Чёрный", "Cyan"])
            .raw(tag::TEXT_WITH_LANGUAGE, "printer-info", b"\0\x02ru\0\x04\xd0\xb4\xd0\xb0")
            .raw(tag::NAME, "printer-location", b"\xca\xe0\xe1. 5")
            .raw(tag::INTEGER, "broken", b"\0\x01")
            .raw(tag::UNKNOWN, "printer-geo-location", b"")
            .raw(tag::BEGIN_COLLECTION, "media-col", b"")
            .raw(tag::MEMBER_NAME, "", b"x")
            .integers(tag::INTEGER, "", [210])
            .raw(tag::MEMBER_NAME, "", b"inner")
            .raw(tag::BEGIN_COLLECTION, "", b"")
            .raw(tag::END_COLLECTION, "", b"")
            .raw(tag::END_COLLECTION, "", b"");
        e.finish()
    }
    fn values<'a>(m: &'a Message, name: &str) -> &'a [Value] {
        &m.find(tag::PRINTER, name).unwrap().values
    }

    #[test]
    fn what_is_written_is_read() {
        let m = decode(&sample()).unwrap();
        assert_eq!((m.version, m.code, m.request_id, &m.fault), ((1, 1), 0, 7, &None));
        assert_eq!(values(&m, "marker-levels"), [Value::Integer(90), Value::Integer(-2), Value::Integer(-3)]);
        assert_eq!(values(&m, "marker-names")[0], Value::Text("Чёрный".into()));
        assert_eq!(values(&m, "printer-info"), [Value::Text("да".into())]);
        assert_eq!(values(&m, "printer-location")[0].as_bytes(), Some(&b"\xca\xe0\xe1. 5"[..]));
        assert_eq!(values(&m, "printer-geo-location"), [Value::None(tag::UNKNOWN)]);
        assert_eq!((values(&m, "broken").len(), m.bad_values), (0, 1));
        let Value::Collection(c) = &values(&m, "media-col")[0] else { panic!() };
        assert_eq!(c[0], Attribute { name: "x".into(), values: vec![Value::Integer(210)] });
        assert_eq!(c[1].values, [Value::Collection(vec![])]);
    }

    #[test]
    fn a_cut_message_keeps_what_came_before() {
        let bytes = sample();
        for n in 0..bytes.len() {
            match decode(&bytes[..n]) {
                Err(e) => assert!(n < 8, "{n}: {e}"),
                Ok(m) => assert!(m.fault.is_some(), "{n}"),
            }
        }
        let m = decode(&bytes[..90]).unwrap();
        assert_eq!(values(&m, "marker-levels").len(), 3);
    }

    #[test]
    fn nesting_is_bounded() {
        let mut e = Encoder::new((1, 1), 0, 1);
        e.group(tag::PRINTER);
        for _ in 0..60_000 {
            e.raw(tag::BEGIN_COLLECTION, "a", b"").raw(tag::MEMBER_NAME, "", b"b");
        }
        assert_eq!(decode(&e.finish()).unwrap().fault, Some(DecodeError::TooDeep));
    }

    #[test]
    fn languages_that_lie_about_their_length_are_bad_values() {
        let mut e = Encoder::new((1, 1), 0, 1);
        e.group(tag::PRINTER).raw(tag::TEXT_WITH_LANGUAGE, "printer-info", b"\xff\xffru\0\x01x");
        let m = decode(&e.finish()).unwrap();
        assert_eq!((m.bad_values, m.fault), (1, None));
    }
}
