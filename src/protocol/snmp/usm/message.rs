//! The SNMPv3 message to and from bytes (RFC 3412, section 6; RFC 3414, section 2.4).
//!
//! `parse` reads what stands open in a message and believes none of it; `Raw::verify` checks the digest, `Raw::scoped` opens
//! the PDU after that. `seal` writes. No state; any input gives a result or an error, never a panic.

use serde::{Deserialize, Serialize};

use super::super::ber::{self, Reader, Tlv, Writer, tag};
use super::super::codec::{DecodeError, EncodeError, MAX_DATAGRAM};
use super::keys::MAX_MAC;
use super::privacy::{self, Nonce, SALT};
use super::user::LocalKeys;

/// msgSecurityModel of USM.
const USM: i32 = 3;
const AUTH: u8 = 1;
const PRIV: u8 = 2;
const REPORTABLE: u8 = 4;
/// RFC 3411, section 5: SnmpEngineID. Shorter ones than the standard's five bytes are in use.
pub const MAX_ENGINE_ID: usize = 32;

/// What protects a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Level {
    #[default]
    #[serde(rename = "noAuthNoPriv")]
    NoAuthNoPriv,
    #[serde(rename = "authNoPriv")]
    AuthNoPriv,
    #[serde(rename = "authPriv")]
    AuthPriv,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Level::NoAuthNoPriv => "noAuthNoPriv",
            Level::AuthNoPriv => "authNoPriv",
            Level::AuthPriv => "authPriv",
        }
    }
    fn flags(self) -> u8 {
        match self {
            Level::NoAuthNoPriv => 0,
            Level::AuthNoPriv => AUTH,
            Level::AuthPriv => AUTH | PRIV,
        }
    }
}
impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A message as it came: everything in it is only claimed.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a> {
    pub msg_id: i32,
    /// What its sender can take, in bytes. Any size is fine: some announce more than a datagram holds.
    pub max_size: i64,
    pub level: Level,
    pub reportable: bool,
    pub engine_id: &'a [u8],
    pub boots: u32,
    pub time: u32,
    pub user: &'a [u8],
    /// The whole message around its digest.
    before: &'a [u8],
    mac: &'a [u8],
    after: &'a [u8],
    salt: &'a [u8],
    data: Tlv<'a>,
}

/// Reads the open part.
pub fn parse(datagram: &[u8]) -> Result<Raw<'_>, DecodeError> {
    let whole = |t: Tlv<'_>, what| if t.complete { Ok(()) } else { Err(DecodeError::Truncated { what }) };
    let mut r = Reader::new(datagram);
    let outer = r.expect("message", tag::SEQUENCE)?;
    whole(outer, "message")?;
    let message = &datagram[..datagram.len() - r.remaining().len()];
    let mut r = Reader::new(outer.content);
    match r.integer32("version")? {
        3 => {}
        n => return Err(DecodeError::Version(n)),
    }
    let mut header = Reader::new(r.expect("header data", tag::SEQUENCE)?.content);
    let msg_id = header.integer32("message id")?;
    let max_size = ber::integer(header.expect("maximum size", tag::INTEGER)?.content, "maximum size")?;
    let &[flags] = header.expect("flags", tag::OCTET_STRING)?.content else {
        return Err(DecodeError::BadLength { what: "flags" });
    };
    if header.integer32("security model")? != USM {
        return Err(DecodeError::BadValue { what: "security model" });
    }
    let level = match flags & (AUTH | PRIV) {
        0 => Level::NoAuthNoPriv,
        AUTH => Level::AuthNoPriv,
        PRIV => return Err(DecodeError::BadValue { what: "flags" }), // privacy without authentication
        _ => Level::AuthPriv,
    };

    let parameters = r.expect("security parameters", tag::OCTET_STRING)?;
    whole(parameters, "security parameters")?;
    let sequence = Reader::new(parameters.content).expect("security parameters", tag::SEQUENCE)?;
    whole(sequence, "security parameters")?;
    let mut p = Reader::new(sequence.content);
    let mut text = |what, most: usize| {
        let t = p.expect(what, tag::OCTET_STRING)?;
        if !t.complete || t.content.len() > most { Err(DecodeError::BadLength { what }) } else { Ok(t.content) }
    };
    let engine_id = text("engine id", MAX_ENGINE_ID)?;
    let mut number = |what| u32::try_from(p.integer32(what)?).map_err(|_| DecodeError::BadValue { what });
    let (boots, time) = (number("engine boots")?, number("engine time")?);
    let mut text = |what, most: usize| {
        let t = p.expect(what, tag::OCTET_STRING)?;
        if !t.complete || t.content.len() > most { Err(DecodeError::BadLength { what }) } else { Ok(t.content) }
    };
    let user = text("user name", 255)?;
    let mac = text("digest", 255)?;
    let salt = text("privacy parameters", 255)?;
    let at = mac.as_ptr().addr() - message.as_ptr().addr();
    let (before, rest) = message.split_at(at);
    let after = &rest[mac.len()..];

    let wanted = if level == Level::AuthPriv { tag::OCTET_STRING } else { tag::SEQUENCE };
    let data = r.expect("scoped PDU", wanted)?;
    whole(data, "scoped PDU")?;
    let reportable = flags & REPORTABLE != 0;
    Ok(Raw { msg_id, max_size, level, reportable, engine_id, boots, time, user, before, mac, after, salt, data })
}

/// The inside of a message.
#[derive(Debug, Clone, Copy)]
pub struct Scoped<'a> {
    pub context_engine_id: &'a [u8],
    pub context_name: &'a [u8],
    pub pdu: Tlv<'a>,
}

impl<'a> Raw<'a> {
    /// Whether who sent it has these keys. Of a message that claims no authentication: false.
    pub fn verify(&self, keys: &LocalKeys) -> bool {
        let Some((protocol, key)) = &keys.auth else { return false };
        if self.level == Level::NoAuthNoPriv || self.mac.len() > MAX_MAC {
            return false;
        }
        let zeros = [0; MAX_MAC];
        protocol.verify(key, &[self.before, &zeros[..self.mac.len()], self.after], self.mac)
    }

    /// Opens the PDU; what was encrypted is decrypted into `scratch`. `None`: wrong key, or no scoped PDU.
    pub fn scoped<'b>(&self, keys: &LocalKeys, scratch: &'b mut Vec<u8>) -> Option<Scoped<'b>>
    where
        'a: 'b,
    {
        if self.level != Level::AuthPriv {
            return scoped(self.data.content);
        }
        let (protocol, key) = keys.privacy()?;
        let nonce = Nonce { boots: self.boots, time: self.time, salt: self.salt.try_into().ok()? };
        scratch.clear();
        scratch.extend_from_slice(self.data.content);
        privacy::decrypt(protocol, key, &nonce, scratch)?;
        // What follows the sequence was appended to fill a block.
        let sequence = Reader::new(scratch).expect("scoped PDU", tag::SEQUENCE).ok().filter(|t| t.complete)?;
        scoped(sequence.content)
    }
    /// The PDU of a message that is not encrypted, whoever sent it.
    pub fn plain(&self) -> Option<Scoped<'a>> {
        if self.level == Level::AuthPriv { None } else { scoped(self.data.content) }
    }
}

fn scoped(content: &[u8]) -> Option<Scoped<'_>> {
    let mut r = Reader::new(content);
    let id = r.expect("context engine id", tag::OCTET_STRING).ok().filter(|t| t.complete)?;
    let name = r.expect("context name", tag::OCTET_STRING).ok().filter(|t| t.complete)?;
    let pdu = r.next("PDU").ok().filter(|t| t.complete)?;
    Some(Scoped { context_engine_id: id.content, context_name: name.content, pdu })
}

/// Everything around a PDU.
pub struct Envelope<'a> {
    pub msg_id: i32,
    pub level: Level,
    pub reportable: bool,
    pub engine_id: &'a [u8],
    pub boots: u32,
    pub time: u32,
    pub user: &'a [u8],
    /// `None` only without authentication.
    pub keys: Option<&'a LocalKeys>,
    /// Another one for each message of a key.
    pub salt: u64,
    pub context_engine_id: &'a [u8],
    pub context: &'a [u8],
}

impl Envelope<'_> {
    /// Wraps the PDU that stands alone in the writer. The caller has seen to it that the keys serve the level.
    pub fn seal(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.element(tag::OCTET_STRING, self.context)?;
        w.element(tag::OCTET_STRING, self.context_engine_id)?;
        let end = w.mark() + w.bytes().len();
        w.header(tag::SEQUENCE, end)?;
        let mut salt: &[u8] = &[];
        let nonce;
        if self.level == Level::AuthPriv
            && let Some((protocol, key)) = self.keys.and_then(LocalKeys::privacy)
        {
            nonce = Nonce::new(protocol, self.boots, self.time, self.salt);
            salt = &nonce.salt;
            let mut text = w.bytes().to_vec();
            privacy::encrypt(protocol, key, &nonce, &mut text).ok_or(EncodeError::Key)?;
            w.clear();
            w.element(tag::OCTET_STRING, &text)?;
        } else if self.level == Level::AuthPriv {
            return Err(EncodeError::Key); // never in the clear what was meant to be secret
        }
        let auth = match self.level {
            Level::NoAuthNoPriv => None,
            _ => Some(self.keys.and_then(|k| k.auth.as_ref()).ok_or(EncodeError::Key)?),
        };
        let mark = w.mark();
        w.element(tag::OCTET_STRING, salt)?;
        let mac_end = w.bytes().len();
        w.element(tag::OCTET_STRING, &[0; MAX_MAC][..auth.map_or(0, |(p, _)| p.mac_len())])?;
        w.element(tag::OCTET_STRING, self.user)?;
        w.integer(tag::INTEGER, i64::from(self.time))?;
        w.integer(tag::INTEGER, i64::from(self.boots))?;
        w.element(tag::OCTET_STRING, self.engine_id)?;
        w.header(tag::SEQUENCE, mark)?;
        w.header(tag::OCTET_STRING, mark)?;

        let mark = w.mark();
        w.integer(tag::INTEGER, i64::from(USM))?;
        w.element(tag::OCTET_STRING, &[self.level.flags() | if self.reportable { REPORTABLE } else { 0 }])?;
        w.integer(tag::INTEGER, MAX_DATAGRAM as i64)?;
        w.integer(tag::INTEGER, i64::from(self.msg_id))?;
        w.header(tag::SEQUENCE, mark)?;
        w.integer(tag::INTEGER, 3)?;
        w.header(tag::SEQUENCE, end)?;
        if let Some((protocol, key)) = auth {
            let (mac, n) = protocol.sign(key, &[w.bytes()]);
            w.patch(mac_end, &mac[..n]);
        }
        Ok(())
    }
}

/// Most bytes an envelope takes beside user and context names.
pub const OVERHEAD: usize = 64 + 2 * MAX_ENGINE_ID + MAX_MAC + 2 * SALT;

#[cfg(test)]
mod tests {
    use super::super::super::codec::{Pdu, RequestKind, write_pdu};
    use super::super::{AuthProtocol, PrivProtocol, User};
    use super::*;

    fn users() -> Vec<User> {
        let mut all = vec![User::new("nobody", None, None).unwrap()];
        for a in AuthProtocol::ALL {
            all.push(User::new("auth", Some((a, "password of one")), None).unwrap());
            for p in PrivProtocol::ALL {
                all.push(User::new("both", Some((a, "password of one")), Some((p, "another password"))).unwrap());
            }
        }
        all
    }
    fn sealed(user: &User, keys: &LocalKeys) -> Vec<u8> {
        let mut w = Writer::new(2048);
        write_pdu(&Pdu { kind: RequestKind::Get, request_id: 77, names: &[&[0x2B, 6, 1], &[0x2B, 6, 2]] }, &mut w)
            .unwrap();
        let e = Envelope {
            msg_id: 1_234_567,
            level: user.level(),
            reportable: true,
            engine_id: b"\x80engine",
            boots: 7,
            time: 300_000,
            user: user.name(),
            keys: Some(keys),
            salt: u64::MAX - 5,
            context_engine_id: b"\x80engine",
            context: b"vlan-5",
        };
        e.seal(&mut w).unwrap();
        assert!(w.bytes().len() <= OVERHEAD + user.name().len() + 6 + 60);
        w.bytes().to_vec()
    }

    #[test]
    fn every_pair_of_algorithms_opens_what_it_sealed() {
        for user in users() {
            let keys = user.keys(b"\x80engine");
            let bytes = sealed(&user, &keys);
            let raw = parse(&bytes).unwrap();
            assert_eq!((raw.msg_id, raw.max_size, raw.level, raw.reportable), (1_234_567, 65_507, user.level(), true));
            assert_eq!((raw.engine_id, raw.boots, raw.time, raw.user), (&b"\x80engine"[..], 7, 300_000, user.name()));
            assert_eq!(raw.verify(&keys), user.level() != Level::NoAuthNoPriv);
            let mut scratch = Vec::new();
            let s = raw.scoped(&keys, &mut scratch).unwrap();
            assert_eq!(
                (s.context_name, s.context_engine_id, s.pdu.tag),
                (&b"vlan-5"[..], &b"\x80engine"[..], tag::GET)
            );
            assert_eq!(s.pdu.content[..3], [2, 1, 77]);
            assert_eq!(raw.plain().is_some(), user.level() != Level::AuthPriv);

            // One bit anywhere is noticed by whoever authenticates.
            if user.level() != Level::NoAuthNoPriv {
                for at in 0..bytes.len() {
                    let mut bad = bytes.clone();
                    bad[at] ^= 1;
                    assert!(parse(&bad).map_or(true, |raw| !raw.verify(&keys)), "byte {at}");
                }
                let other = user.keys(b"\x80enginf");
                assert!(!raw.verify(&other), "the keys of one engine do not open another");
            }
        }
    }

    #[test]
    fn sizes_beyond_a_datagram_are_taken() {
        let user = User::new("u", None, None).unwrap();
        let bytes = sealed(&user, &user.keys(b"\x80engine"));
        let at = bytes.windows(5).position(|w| w == [2, 3, 0, 0xFF, 0xE3]).unwrap();
        for size in [&[2u8, 3, 0, 0xFF, 0xFF][..], &[2, 4, 0x7F, 0xFF, 0xFF, 0xFF], &[2, 5, 0, 0xFF, 0xFF, 0xFF, 0xFF]]
        {
            let mut big = bytes.clone();
            big.splice(at..at + 5, size.iter().copied());
            // The two lengths around it grow by as much.
            let more = size.len() - 5;
            let outer = if big[1] & 0x80 == 0 { 1 } else { 2 };
            big[outer] += more as u8;
            big[outer + 3 + 2] += more as u8;
            assert!(parse(&big).unwrap().max_size > 65_507, "{size:02x?}");
        }
    }
}
