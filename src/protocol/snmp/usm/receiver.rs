//! Whoever is told or asked: traps and informs that come in, and the requests an agent gets (RFC 3414, section 3.2).
//!
//! A trap is judged by its sender's clock, which is kept per engine id; an inform or a request by our own. State changes
//! only after the digest was found right, so forged and replayed messages change nothing and cost one hash. It does no I/O:
//! the caller sends what is to be sent back.

use sha2::Digest as _;

use std::collections::HashMap;
use std::sync::Arc;

use super::super::ber::{Tlv, Writer};
use super::super::codec::{self, DecodeError, EncodeError, MAX_DATAGRAM, Message, Response};
use super::super::security::Version;
use super::super::{ErrorStatus, Value, VarBind};
use super::failure::Failure;
use super::message::{self, Envelope, Level, Raw};
use super::user::{LocalKeys, User};
use super::window::{Clock, Timeliness};

/// Senders whose clocks are kept; an entry is made only for one that knows a password.
const MAX_SENDERS: usize = 65_536;

/// We, where we are the authority on time.
#[derive(Debug, Clone)]
pub struct LocalEngine {
    pub id: Vec<u8>,
    clock: Clock,
}

impl LocalEngine {
    /// `boots`: times this engine started, one more each time; `now`: of the clock that `receive` is called with.
    pub fn new(id: Vec<u8>, boots: u32, now: u64) -> Self {
        LocalEngine { id, clock: Clock::new(boots, 0, now) }
    }
    /// An engine id made of a name, always the same one (RFC 3411, SnmpEngineID: no enterprise, format 5, octets).
    pub fn id_of(name: &str) -> Vec<u8> {
        let digest = sha2::Sha256::digest(name.as_bytes());
        [&[0x80, 0, 0, 0, 5], &digest[..12]].concat()
    }
}

/// A message that is what it claims to be.
#[derive(Debug)]
pub struct Opened<'a> {
    /// Position of its sender in the list of users.
    pub user: usize,
    pub level: Level,
    /// The engine that vouches for it: the sender of a trap, we of an inform or a request.
    pub engine_id: &'a [u8],
    pub context_engine_id: &'a [u8],
    pub context_name: &'a [u8],
    pub pdu: Tlv<'a>,
    /// For whoever has to answer it.
    pub reply: ReplyTo,
    /// What its sender can take, in bytes.
    pub max_size: usize,
}

impl<'a> Opened<'a> {
    /// The PDU, of kinds that `codec` knows.
    pub fn message(&self) -> Result<Message<'a>, DecodeError> {
        codec::decode_pdu(Version::V3, self.context_name, self.pdu, true)
    }
}

/// What an answer repeats of the message.
#[derive(Clone)]
pub struct ReplyTo {
    msg_id: i32,
    level: Level,
    user: User,
    keys: Arc<LocalKeys>,
    context_engine_id: Vec<u8>,
    context_name: Vec<u8>,
}
impl std::fmt::Debug for ReplyTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReplyTo({}, {:?})", self.msg_id, self.user)
    }
}

/// A message that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub failure: Failure,
    /// A report to send back, where the standard wants one.
    pub report: Option<Vec<u8>>,
}

pub struct Receiver {
    engine: LocalEngine,
    users: Vec<User>,
    /// Clocks of those whose traps we took.
    senders: HashMap<Box<[u8]>, Clock>,
    salt: u64,
    /// Reports sent, the value of the counter in them.
    reports: u32,
}

impl Receiver {
    /// `seed` must not repeat from start to start.
    pub fn new(engine: LocalEngine, users: Vec<User>, seed: u64) -> Self {
        Receiver { engine, users, senders: HashMap::new(), salt: seed, reports: 0 }
    }
    pub fn users(&self) -> &[User] {
        &self.users
    }
    pub fn set_users(&mut self, users: Vec<User>) {
        self.users = users;
    }

    /// Checks and opens a message. What was encrypted is decrypted into `scratch`. `now` in microseconds.
    pub fn receive<'b>(
        &mut self,
        datagram: &'b [u8],
        now: u64,
        scratch: &'b mut Vec<u8>,
    ) -> Result<Opened<'b>, Refused> {
        let raw = message::parse(datagram).map_err(|_| Refused { failure: Failure::Malformed, report: None })?;
        let ours = raw.engine_id == self.engine.id;
        // Whoever wants an answer must know us; a trap names its sender instead.
        if raw.engine_id.is_empty() || (raw.reportable && !ours) {
            return Err(self.refuse(&raw, Failure::UnknownEngine, None, now));
        }
        let (user, keys) = match self.authenticate(&raw) {
            Ok(found) => found,
            Err(failure) => return Err(self.refuse(&raw, failure, None, now)),
        };
        // Authentic from here on.
        if raw.level > Level::NoAuthNoPriv {
            self.users[user].keep(&keys);
            if !self.timely(&raw, ours, now) {
                return Err(self.refuse(&raw, Failure::NotInTimeWindow, Some((user, &keys)), now));
            }
        }
        let Some(scoped) = raw.scoped(&keys, scratch) else {
            return Err(self.refuse(&raw, Failure::Decryption, Some((user, &keys)), now));
        };
        let reply = ReplyTo {
            msg_id: raw.msg_id,
            level: raw.level,
            user: self.users[user].clone(),
            keys,
            context_engine_id: scoped.context_engine_id.to_vec(),
            context_name: scoped.context_name.to_vec(),
        };
        Ok(Opened {
            user,
            level: raw.level,
            engine_id: raw.engine_id,
            context_engine_id: scoped.context_engine_id,
            context_name: scoped.context_name,
            pdu: scoped.pdu,
            reply,
            max_size: usize::try_from(raw.max_size.clamp(484, MAX_DATAGRAM as i64)).unwrap_or(484),
        })
    }

    /// Who sent it. Several users may have one name and different passwords: the digest tells them apart.
    fn authenticate(&self, raw: &Raw<'_>) -> Result<(usize, Arc<LocalKeys>), Failure> {
        let mut failure = Failure::UnknownUser;
        for (i, user) in self.users.iter().enumerate().filter(|(_, u)| u.name() == raw.user) {
            // Less protection than the user has would let anybody speak in its name.
            if user.level() != raw.level {
                if failure == Failure::UnknownUser {
                    failure = Failure::UnsupportedLevel;
                }
                continue;
            }
            let keys = user.try_keys(raw.engine_id);
            if raw.level == Level::NoAuthNoPriv || raw.verify(&keys) {
                return Ok((i, keys));
            }
            failure = Failure::WrongDigest;
        }
        Err(failure)
    }

    /// Called with authentic messages only.
    fn timely(&mut self, raw: &Raw<'_>, ours: bool, now: u64) -> bool {
        if ours {
            return self.engine.clock.admits(raw.boots, raw.time, now);
        }
        let timeliness = self.senders.get(raw.engine_id).map(|c| c.judge(raw.boots, raw.time, now));
        if matches!(timeliness, None | Some(Timeliness::Newer)) {
            if self.senders.len() >= MAX_SENDERS {
                self.senders.clear();
            }
            self.senders.insert(raw.engine_id.into(), Clock::new(raw.boots, raw.time, now));
        }
        timeliness != Some(Timeliness::Outside)
    }

    /// Says why, to whoever wants to know (RFC 3412, section 7.1). Only a report on time is signed: it is what clocks are
    /// set by.
    fn refuse(&mut self, raw: &Raw<'_>, failure: Failure, from: Option<(usize, &Arc<LocalKeys>)>, now: u64) -> Refused {
        let report = failure.report_oid().filter(|_| raw.reportable).and_then(|name| {
            self.reports = self.reports.wrapping_add(1);
            let request_id =
                raw.plain().and_then(|s| codec::decode_pdu(Version::V3, &[], s.pdu, true).ok().map(|m| m.request_id));
            let varbinds = [VarBind { oid: name, value: Value::Counter32(self.reports) }];
            let response = Response {
                version: Version::V3,
                community: &[],
                request_id: request_id.unwrap_or(0),
                status: ErrorStatus::NoError,
                index: 0,
                varbinds: &varbinds,
            };
            let keys = from.filter(|_| failure == Failure::NotInTimeWindow).map(|(_, keys)| keys);
            let level = if keys.is_some() { Level::AuthNoPriv } else { Level::NoAuthNoPriv };
            let mut w = Writer::new(1_024);
            codec::write_answer(super::super::ber::tag::REPORT, &response, &mut w).ok()?;
            let head = (raw.msg_id, level, raw.user);
            self.envelope(head, keys.map(|k| &**k), &self.engine.id, &[], now).seal(&mut w).ok()?;
            Some(w.bytes().to_vec())
        });
        Refused { failure, report }
    }

    /// An answer to an inform or a request: `write` puts the PDU into an empty writer.
    pub fn reply(
        &mut self,
        to: &ReplyTo,
        now: u64,
        limit: usize,
        write: impl FnOnce(&mut Writer) -> Result<(), EncodeError>,
    ) -> Result<Vec<u8>, EncodeError> {
        self.salt = self.salt.wrapping_add(1);
        let mut w = Writer::new(limit.min(MAX_DATAGRAM));
        write(&mut w)?;
        let head = (to.msg_id, to.level, to.user.name());
        self.envelope(head, Some(&to.keys), &to.context_engine_id, &to.context_name, now).seal(&mut w)?;
        Ok(w.bytes().to_vec())
    }
    /// Tells an authentic sender why its request is not answered (RFC 3413, section 3.2).
    pub fn report(
        &mut self,
        to: &ReplyTo,
        failure: Failure,
        request_id: i32,
        now: u64,
    ) -> Result<Vec<u8>, EncodeError> {
        self.reports = self.reports.wrapping_add(1);
        let name = failure.report_oid().ok_or(EncodeError::BadOid)?;
        let varbinds = [VarBind { oid: name, value: Value::Counter32(self.reports) }];
        let response = Response {
            version: Version::V3,
            community: &[],
            request_id,
            status: ErrorStatus::NoError,
            index: 0,
            varbinds: &varbinds,
        };
        self.reply(to, now, 1_024, |w| codec::write_answer(super::super::ber::tag::REPORT, &response, w))
    }
    fn envelope<'a>(
        &'a self,
        (msg_id, level, user): (i32, Level, &'a [u8]),
        keys: Option<&'a LocalKeys>,
        context_engine_id: &'a [u8],
        context: &'a [u8],
        now: u64,
    ) -> Envelope<'a> {
        Envelope {
            msg_id,
            level,
            reportable: false,
            engine_id: &self.engine.id,
            boots: self.engine.clock.boots(),
            time: self.engine.clock.time(now),
            user,
            keys,
            salt: self.salt,
            context_engine_id,
            context,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::codec::{Pdu, RequestKind, write_pdu};
    use super::super::{AuthProtocol, PrivProtocol};
    use super::*;
    const S: u64 = 1_000_000;

    fn user(name: &str, password: &str) -> User {
        User::new(name, Some((AuthProtocol::Sha256, password)), Some((PrivProtocol::Aes128, password))).unwrap()
    }
    fn from(user: &User, level: Level, engine: &[u8], boots: u32, time: u32, reportable: bool) -> Vec<u8> {
        let mut w = Writer::new(2048);
        write_pdu(&Pdu { kind: RequestKind::Get, request_id: 5, names: &[&[0x2B, 6]] }, &mut w).unwrap();
        let (keys, context) = (user.keys(engine), b"ctx");
        let (msg_id, salt, name) = (9, 1, user.name());
        let e = Envelope {
            msg_id,
            level,
            reportable,
            engine_id: engine,
            boots,
            time,
            user: name,
            keys: Some(&keys),
            salt,
            context_engine_id: engine,
            context,
        };
        e.seal(&mut w).unwrap();
        w.bytes().to_vec()
    }
    fn receiver(users: &[User]) -> Receiver {
        Receiver::new(LocalEngine::new(b"we".to_vec(), 3, 0), users.to_vec(), 7)
    }
    fn failure(r: &mut Receiver, bytes: &[u8], now: u64) -> (Failure, Option<Level>) {
        let refused = r.receive(bytes, now, &mut Vec::new()).unwrap_err();
        let level = refused.report.map(|b| message::parse(&b).unwrap().level);
        (refused.failure, level)
    }

    #[test]
    fn traps_are_taken_from_engines_that_know_a_password() {
        let (a, b) = (user("watch", "first password"), user("watch", "second password"));
        let mut r = receiver(&[a.clone(), b.clone()]);
        let mut scratch = Vec::new();
        let trap = from(&b, Level::AuthPriv, b"printer", 8, 1_000, false);
        let opened = r.receive(&trap, 0, &mut scratch).unwrap();
        assert_eq!((opened.user, opened.engine_id, opened.context_name), (1, &b"printer"[..], &b"ctx"[..]));
        assert_eq!(opened.message().unwrap().request_id, 5);
        // Its own clock: older than the window is a replay, a restart is not.
        assert_eq!(
            failure(&mut r, &from(&b, Level::AuthPriv, b"printer", 8, 800, false), 0).0,
            Failure::NotInTimeWindow
        );
        assert!(r.receive(&from(&b, Level::AuthPriv, b"printer", 9, 0, false), S, &mut scratch).is_ok());
        assert_eq!(failure(&mut r, &trap, 2 * S), (Failure::NotInTimeWindow, None));
    }

    #[test]
    fn forged_messages_change_nothing() {
        let real = user("watch", "first password");
        let mut r = receiver(std::slice::from_ref(&real));
        let mut scratch = Vec::new();
        r.receive(&from(&real, Level::AuthPriv, b"printer", 8, 1_000, false), 0, &mut scratch).unwrap();
        let forger = user("watch", "another password");
        let before = r.senders.clone();
        let forged = from(&forger, Level::AuthPriv, b"printer", 0x7FFF_FFFE, 0x7FFF_FFFE, false);
        assert_eq!(failure(&mut r, &forged, 0), (Failure::WrongDigest, None));
        let weak = User::new("watch", None, None).unwrap();
        let forged = from(&weak, Level::NoAuthNoPriv, b"printer", 9, 9, false);
        assert_eq!(failure(&mut r, &forged, 0), (Failure::UnsupportedLevel, None));
        let nobody = user("nobody", "first password");
        assert_eq!(
            failure(&mut r, &from(&nobody, Level::AuthPriv, b"printer", 9, 9, false), 0).0,
            Failure::UnknownUser
        );
        let wrong_privacy = User::new(
            "watch",
            Some((AuthProtocol::Sha256, "first password")),
            Some((PrivProtocol::Aes128, "third password")),
        )
        .unwrap();
        assert_eq!(
            failure(&mut r, &from(&wrong_privacy, Level::AuthPriv, b"printer", 8, 1_000, false), 0).0,
            Failure::Decryption
        );
        assert_eq!(r.senders, before);
        assert!(r.receive(&from(&real, Level::AuthPriv, b"printer", 8, 1_001, false), 0, &mut scratch).is_ok());
    }

    #[test]
    fn informs_find_out_who_we_are_and_when() {
        let u = user("watch", "first password");
        let mut r = receiver(std::slice::from_ref(&u));
        let mut scratch = Vec::new();
        let probe = from(&User::new("x", None, None).unwrap(), Level::NoAuthNoPriv, b"", 0, 0, true);
        let report = r.receive(&probe, 60 * S, &mut scratch).unwrap_err().report.unwrap();
        let raw = message::parse(&report).unwrap();
        assert_eq!((raw.engine_id, raw.boots, raw.time, raw.msg_id), (&b"we"[..], 3, 60, 9));
        let early = from(&u, Level::AuthPriv, b"we", 0, 0, true);
        assert_eq!(failure(&mut r, &early, 60 * S), (Failure::NotInTimeWindow, Some(Level::AuthNoPriv)));
        let inform = from(&u, Level::AuthPriv, b"we", 3, 60, true);
        let to = r.receive(&inform, 61 * S, &mut scratch).unwrap().reply;
        let ok = Response {
            version: Version::V3,
            community: &[],
            request_id: 5,
            status: ErrorStatus::NoError,
            index: 0,
            varbinds: &[],
        };
        let bytes = r.reply(&to, 61 * S, 1_472, |w| codec::write_response(&ok, w)).unwrap();
        let raw = message::parse(&bytes).unwrap();
        assert!(raw.verify(&u.keys(b"we")) && raw.level == Level::AuthPriv && !raw.reportable);
        let s = raw.scoped(&u.keys(b"we"), &mut scratch).unwrap();
        assert_eq!((s.context_name, s.pdu.tag), (&b"ctx"[..], 0xA2));
    }
}
