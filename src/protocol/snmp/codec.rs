//! SNMPv1 and SNMPv2c messages (RFC 1157, RFC 1901, RFC 3416) to and from bytes, and the PDUs of all versions. No I/O, no
//! state.
//!
//! Both sides: the client encodes requests and decodes responses, the simulator does the reverse. There is no SET;
//! notifications are in `trap`. Decoding is total: any input gives a message, with its bad varbinds marked, or an error.
//! Version 3 wraps the same PDUs (`usm`); to add a version, teach `peek` its header; to add a security model see `security.rs`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ber::{Reader, Tlv, Writer, tag};
use super::security::Version;
use super::view::{OidRef, VarBinds};
use super::{Oid, Value, VarBind};

/// The largest payload of a UDP datagram over IPv4.
pub const MAX_DATAGRAM: usize = 65_507;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the message ends inside its {what}")]
    Truncated { what: &'static str },
    #[error("{what} has tag 0x{found:02x}, which does not belong there")]
    BadTag { what: &'static str, found: u8 },
    #[error("{what} has a length that SNMP does not allow")]
    BadLength { what: &'static str },
    #[error("{what} is out of range")]
    BadValue { what: &'static str },
    #[error("message version {0} is not supported")]
    Version(i32),
    #[error("PDU with tag 0x{0:02x} is not supported here")]
    Pdu(u8),
}

impl DecodeError {
    /// The same inside an element whose own end is known: not the end of the datagram.
    pub(crate) fn within(self) -> Self {
        match self {
            DecodeError::Truncated { what } => DecodeError::BadLength { what },
            e => e,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    #[error("the message would be longer than {limit} bytes")]
    TooBig { limit: usize },
    #[error("the name is not a valid object identifier (first arc 0 to 2, second below 40 under 0 and 1)")]
    BadOid,
    #[error("the user has no key for this security level")]
    Key,
    #[error("a community belongs to version 1 or 2c, a user to version 3")]
    Credential,
}

/// error-status of a response (RFC 3416, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorStatus {
    NoError,
    TooBig,
    NoSuchName,
    BadValue,
    ReadOnly,
    GenErr,
    NoAccess,
    ResourceUnavailable,
    AuthorizationError,
    Other(i32),
}

const STATUSES: [(ErrorStatus, i32, &str); 9] = [
    (ErrorStatus::NoError, 0, "noError"),
    (ErrorStatus::TooBig, 1, "tooBig"),
    (ErrorStatus::NoSuchName, 2, "noSuchName"),
    (ErrorStatus::BadValue, 3, "badValue"),
    (ErrorStatus::ReadOnly, 4, "readOnly"),
    (ErrorStatus::GenErr, 5, "genErr"),
    (ErrorStatus::NoAccess, 6, "noAccess"),
    (ErrorStatus::ResourceUnavailable, 13, "resourceUnavailable"),
    (ErrorStatus::AuthorizationError, 16, "authorizationError"),
];

impl ErrorStatus {
    pub fn from_number(n: i32) -> Self {
        STATUSES.iter().find(|s| s.1 == n).map_or(ErrorStatus::Other(n), |s| s.0)
    }
    pub fn number(self) -> i32 {
        match self {
            ErrorStatus::Other(n) => n,
            s => STATUSES.iter().find(|x| x.0 == s).map_or(5, |x| x.1),
        }
    }
}
impl fmt::Display for ErrorStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match STATUSES.iter().find(|s| s.0 == *self) {
            Some(s) => f.write_str(s.2),
            None => write!(f, "error status {}", self.number()),
        }
    }
}

/// The requests that exist here: all of them only read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    Get,
    GetNext,
    GetBulk { non_repeaters: u32, max_repetitions: u32 },
}

/// A request in terms of encoded names.
pub(crate) struct Pdu<'a> {
    pub kind: RequestKind,
    pub request_id: i32,
    pub names: &'a [&'a [u8]],
}

/// A decoded message of either direction that still points into its datagram.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    pub version: Version,
    /// Of version 3 the name of the context.
    pub community: &'a [u8],
    /// Tag of the PDU.
    pub pdu: u8,
    pub request_id: i32,
    /// error-status, or non-repeaters of a GETBULK.
    pub status: i32,
    /// error-index, or max-repetitions of a GETBULK.
    pub index: i32,
    pub varbinds: VarBinds<'a>,
}

/// What a header says before anything else is read or decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub version: i32,
    /// request-id of v1 and v2c, msgID of v3.
    pub id: i32,
}

/// Reads version and id only; understands the header of SNMPv3 too.
#[inline]
pub fn peek(datagram: &[u8]) -> Result<Header, DecodeError> {
    let mut r = Reader::new(Reader::new(datagram).expect("message", tag::SEQUENCE)?.content);
    let version = r.integer32("version")?;
    let mut inner = if version == 3 {
        Reader::new(r.expect("header data", tag::SEQUENCE)?.content)
    } else {
        r.expect("community", tag::OCTET_STRING)?;
        Reader::new(r.next("PDU")?.content)
    };
    Ok(Header { version, id: inner.integer32("request id")? })
}

/// What stands around the PDU of a message of version 1 or 2c.
pub(super) struct Enclosed<'a> {
    pub version: Version,
    pub community: &'a [u8],
    pub pdu: Tlv<'a>,
    /// Not cut short.
    pub complete: bool,
}

#[inline]
pub(super) fn enclosed(datagram: &[u8]) -> Result<Enclosed<'_>, DecodeError> {
    let outer = Reader::new(datagram).expect("message", tag::SEQUENCE)?;
    let mut r = Reader::new(outer.content);
    let version = match r.integer32("version")? {
        0 => Version::V1,
        1 => Version::V2c,
        n => return Err(DecodeError::Version(n)),
    };
    let community = r.expect("community", tag::OCTET_STRING)?;
    if !community.complete {
        return Err(DecodeError::Truncated { what: "community" });
    }
    Ok(Enclosed { version, community: community.content, pdu: r.next("PDU")?, complete: outer.complete })
}

fn decode(datagram: &[u8]) -> Result<Message<'_>, DecodeError> {
    let Enclosed { version, community, pdu, complete } = enclosed(datagram)?;
    if pdu.tag == tag::REPORT {
        return Err(DecodeError::Pdu(pdu.tag)); // exists in version 3 only
    }
    decode_pdu(version, community, pdu, complete)
}

/// The PDU of a message whose envelope was read already; `complete` is false when that was cut.
#[inline]
pub(crate) fn decode_pdu<'a>(
    version: Version,
    community: &'a [u8],
    pdu: Tlv<'a>,
    complete: bool,
) -> Result<Message<'a>, DecodeError> {
    let mut r = Reader::new(pdu.content);
    if !matches!(pdu.tag, tag::GET | tag::GET_NEXT | tag::RESPONSE | tag::GET_BULK | tag::REPORT) {
        return Err(DecodeError::Pdu(pdu.tag));
    }
    let request_id = r.integer32("request id")?;
    let status = r.integer32("error status")?;
    let index = r.integer32("error index")?;
    let list = r.expect("variable bindings", tag::SEQUENCE)?;
    let varbinds = VarBinds::new(list.content, list.complete && pdu.complete && complete);
    Ok(Message { version, community, pdu: pdu.tag, request_id, status, index, varbinds })
}

/// A response; anything else is refused. Bad and cut varbinds are marked in `varbinds`, the others are kept.
#[inline]
pub fn decode_response(datagram: &[u8]) -> Result<Message<'_>, DecodeError> {
    match decode(datagram)? {
        m if m.pdu == tag::RESPONSE => Ok(m),
        m => Err(DecodeError::Pdu(m.pdu)),
    }
}

/// A request as an agent sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub version: Version,
    pub community: Vec<u8>,
    pub request_id: i32,
    pub kind: RequestKind,
    pub oids: Vec<Oid>,
}

/// A whole request; a cut or malformed one is an error. Negative GETBULK parameters count as 0 (RFC 3416, section 4.2.3).
pub fn decode_request(datagram: &[u8]) -> Result<Request, DecodeError> {
    request_of(decode(datagram)?)
}
pub(crate) fn request_of(m: Message<'_>) -> Result<Request, DecodeError> {
    let kind = match m.pdu {
        tag::GET => RequestKind::Get,
        tag::GET_NEXT => RequestKind::GetNext,
        tag::GET_BULK if m.version != Version::V1 => RequestKind::GetBulk {
            non_repeaters: u32::try_from(m.status).unwrap_or(0),
            max_repetitions: u32::try_from(m.index).unwrap_or(0),
        },
        other => return Err(DecodeError::Pdu(other)),
    };
    let oids = m.varbinds.map(|v| v.map(|v| v.name.to_oid()).map_err(|e| e.error)).collect::<Result<Vec<_>, _>>()?;
    Ok(Request { version: m.version, community: m.community.to_vec(), request_id: m.request_id, kind, oids })
}

pub(crate) fn write_message(v: Version, community: &[u8], pdu: &Pdu<'_>, w: &mut Writer) -> Result<(), EncodeError> {
    w.clear();
    let end = w.mark();
    write_pdu(pdu, w)?;
    envelope(v, community, end, w)
}
/// The PDU alone, at the end of the buffer.
pub(crate) fn write_pdu(pdu: &Pdu<'_>, w: &mut Writer) -> Result<(), EncodeError> {
    let end = w.mark();
    for name in pdu.names.iter().rev() {
        let mark = w.mark();
        w.raw(&[tag::NULL, 0])?;
        w.element(tag::OBJECT_IDENTIFIER, name)?;
        w.header(tag::SEQUENCE, mark)?;
    }
    w.header(tag::SEQUENCE, end)?;
    let (t, status, index) = match pdu.kind {
        RequestKind::Get => (tag::GET, 0, 0),
        RequestKind::GetNext => (tag::GET_NEXT, 0, 0),
        RequestKind::GetBulk { non_repeaters, max_repetitions } => (tag::GET_BULK, non_repeaters, max_repetitions),
    };
    w.integer(tag::INTEGER, i64::from(index))?;
    w.integer(tag::INTEGER, i64::from(status))?;
    w.integer(tag::INTEGER, i64::from(pdu.request_id))?;
    w.header(t, end)
}

/// Everything before the PDU; `end` is the mark at the end of the message.
pub(super) fn envelope(v: Version, community: &[u8], end: usize, w: &mut Writer) -> Result<(), EncodeError> {
    w.element(tag::OCTET_STRING, community)?;
    w.integer(tag::INTEGER, i64::from(v.number()))?;
    w.header(tag::SEQUENCE, end)
}

/// A request for these names, at most `MAX_DATAGRAM` long.
pub fn encode_request(r: &Request) -> Result<Vec<u8>, EncodeError> {
    let names = r.oids.iter().map(|o| super::ber::encode_oid(o.arcs())).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    let mut w = Writer::new(MAX_DATAGRAM);
    write_message(r.version, &r.community, &Pdu { kind: r.kind, request_id: r.request_id, names: &names }, &mut w)?;
    Ok(w.bytes().to_vec())
}

/// A response as an agent makes it.
#[derive(Debug, Clone, Copy)]
pub struct Response<'a> {
    pub version: Version,
    pub community: &'a [u8],
    pub request_id: i32,
    pub status: ErrorStatus,
    /// 1 for the first varbind, 0 for none.
    pub index: i32,
    pub varbinds: &'a [VarBind],
}

impl<'a> Response<'a> {
    /// An empty answer to this request.
    pub fn to(request: &'a Request) -> Self {
        Response {
            version: request.version,
            community: &request.community,
            request_id: request.request_id,
            status: ErrorStatus::NoError,
            index: 0,
            varbinds: &[],
        }
    }
}

/// At most `limit` bytes, never more than a datagram; an agent then answers tooBig, or with fewer varbinds to a GETBULK.
pub fn encode_response(r: &Response<'_>, limit: usize) -> Result<Vec<u8>, EncodeError> {
    let mut w = Writer::new(limit.min(MAX_DATAGRAM));
    let end = w.mark();
    write_response(r, &mut w)?;
    envelope(r.version, r.community, end, &mut w)?;
    Ok(w.bytes().to_vec())
}
/// The PDU of a response alone, for an envelope of version 3.
pub fn encode_pdu(r: &Response<'_>, limit: usize) -> Result<Vec<u8>, EncodeError> {
    let mut w = Writer::new(limit.min(MAX_DATAGRAM));
    write_response(r, &mut w)?;
    Ok(w.bytes().to_vec())
}
/// The PDU of a response alone, at the end of the buffer.
pub(crate) fn write_response(r: &Response<'_>, w: &mut Writer) -> Result<(), EncodeError> {
    write_answer(tag::RESPONSE, r, w)
}
pub(crate) fn write_answer(pdu: u8, r: &Response<'_>, w: &mut Writer) -> Result<(), EncodeError> {
    let end = w.mark();
    for v in r.varbinds.iter().rev() {
        write_varbind(&v.oid, &v.value, w)?;
    }
    w.header(tag::SEQUENCE, end)?;
    w.integer(tag::INTEGER, i64::from(r.index))?;
    w.integer(tag::INTEGER, i64::from(r.status.number()))?;
    w.integer(tag::INTEGER, i64::from(r.request_id))?;
    w.header(pdu, end)
}

/// One varbind as it stands in a list; its length is what it takes in a datagram.
pub fn encode_varbind(oid: &Oid, value: &Value) -> Result<Vec<u8>, EncodeError> {
    let len = match value {
        Value::OctetString(b) | Value::Opaque(b) => b.len(),
        Value::Oid(o) => o.len() * 5,
        _ => 0,
    };
    let mut w = Writer::new((len + oid.len() * 5 + 32).min(MAX_DATAGRAM));
    write_varbind(oid, value, &mut w)?;
    Ok(w.bytes().to_vec())
}

fn write_varbind(oid: &Oid, value: &Value, w: &mut Writer) -> Result<(), EncodeError> {
    let mark = w.mark();
    match value {
        Value::Integer(v) => w.integer(tag::INTEGER, *v)?,
        Value::OctetString(b) => w.element(tag::OCTET_STRING, b)?,
        Value::Null => w.element(tag::NULL, &[])?,
        Value::Oid(o) => w.oid(o.arcs())?,
        Value::IpAddress(a) => w.element(tag::IP_ADDRESS, a)?,
        Value::Counter32(v) => w.integer(tag::COUNTER32, i64::from(*v))?,
        Value::Gauge32(v) => w.integer(tag::GAUGE32, i64::from(*v))?,
        Value::TimeTicks(v) => w.integer(tag::TIME_TICKS, i64::from(*v))?,
        Value::Opaque(b) => w.element(tag::OPAQUE, b)?,
        Value::Counter64(v) => w.unsigned(tag::COUNTER64, *v)?,
        Value::NoSuchObject => w.element(tag::NO_SUCH_OBJECT, &[])?,
        Value::NoSuchInstance => w.element(tag::NO_SUCH_INSTANCE, &[])?,
        Value::EndOfMibView => w.element(tag::END_OF_MIB_VIEW, &[])?,
    }
    w.oid(oid.arcs())?;
    w.header(tag::SEQUENCE, mark)
}

impl Oid {
    /// Reads the content of an encoded identifier.
    pub fn from_ber(content: &[u8]) -> Result<Oid, DecodeError> {
        OidRef::parse(content).map(|o| o.to_oid())
    }
}
