//! What we know of an SNMPv3 agent: its engine id and clock, and what an answer from it may change.
//!
//! Two notions are kept apart. `trusted` was vouched for by an authenticated response and changes by such alone, forward
//! only. `candidate` is what somebody without proof told us (discovery has none, RFC 3414, section 4): it is tried on the
//! next request and becomes `trusted` when the agent answers with a right digest, or is dropped. So a forged report can
//! cost a detour, never the acquaintance. Pure: no I/O, time is an argument in microseconds.

use std::sync::Arc;

use super::super::Version;
use super::super::ber::{Writer, tag};
use super::super::codec::{self, DecodeError, EncodeError, Message, Pdu, RequestKind};
use super::super::usm::message::{self, Envelope, Raw};
use super::super::usm::{Clock, Failure, Level, LocalKeys, Timeliness, User};

/// Reports that may turn one request around before it fails: discovery, time, an agent that was replaced, and forgeries.
pub const MAX_DETOURS: u8 = 6;

#[derive(Clone)]
struct Engine {
    id: Arc<[u8]>,
    clock: Clock,
}

#[derive(Default)]
pub struct Peer {
    trusted: Option<Engine>,
    candidate: Option<Engine>,
    /// The last request was met with silence: ask first who is there.
    doubted: bool,
    /// When its claim to the engine id was renewed last.
    claimed: u64,
}

/// What a request is sealed with.
pub struct Session {
    engine_id: Arc<[u8]>,
    boots: u32,
    time: u32,
    keys: Arc<LocalKeys>,
    salt: u64,
}

/// What is answered.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// What the request had inside.
    pub request_id: i32,
    /// Nothing was asked but who is there.
    pub probe: bool,
}

/// What a datagram means to the request it answers.
pub enum Verdict<'a> {
    Answer(Message<'a>),
    /// Something was learned: send the request once more.
    Again(Failure),
    /// The agent says no. Nobody signed that, so other answers are still welcome.
    Refused(Failure),
    /// Not from the agent, or a replay: as if it had not come.
    Ignored(Failure),
    Bad(DecodeError),
}

impl Peer {
    fn current(&self) -> Option<&Engine> {
        self.candidate.as_ref().or(self.trusted.as_ref().filter(|_| !self.doubted))
    }
    /// `None`: nothing is known yet, so send a probe first.
    pub fn session(&self, user: &User, now: u64, salt: u64) -> Option<Session> {
        let engine = self.current()?;
        let (boots, time) = match user.level() {
            Level::NoAuthNoPriv => (0, 0),
            _ => (engine.clock.boots(), engine.clock.time(now)),
        };
        Some(Session { engine_id: engine.id.clone(), boots, time, keys: user.keys(&engine.id), salt })
    }
    /// A request failed in silence.
    pub fn silent(&mut self) {
        self.candidate = None;
        self.doubted = true;
    }
    /// The engine to claim, when it is time to renew that.
    pub fn claim(&mut self, now: u64, every: u64) -> Option<(&[u8], Clock)> {
        let engine = self.trusted.as_ref()?;
        if self.claimed != 0 && now.saturating_sub(self.claimed) < every {
            return None;
        }
        self.claimed = now.max(1);
        Some((&engine.id, engine.clock))
    }

    /// Judges a datagram whose source address and message id are those of a request of this user.
    pub fn take<'a>(
        &mut self,
        user: &User,
        asked: Asked,
        datagram: &'a [u8],
        scratch: &'a mut Vec<u8>,
        now: u64,
    ) -> Verdict<'a> {
        let raw = match message::parse(datagram) {
            Ok(raw) => raw,
            Err(e) => return Verdict::Bad(e),
        };
        if raw.level == Level::NoAuthNoPriv {
            return self.unsigned(user, asked, &raw, now);
        }
        let Some(engine) = self.engine(raw.engine_id).filter(|_| user.level() > Level::NoAuthNoPriv) else {
            return Verdict::Ignored(Failure::NotAuthentic);
        };
        let keys = user.keys(&engine.id);
        if !raw.verify(&keys) {
            return Verdict::Ignored(Failure::NotAuthentic);
        }
        let Some(scoped) = raw.scoped(&keys, scratch) else { return Verdict::Refused(Failure::Decryption) };
        let m = match codec::decode_pdu(Version::V3, scoped.context_name, scoped.pdu, true) {
            Ok(m) => m,
            Err(e) => return Verdict::Bad(e),
        };
        match m.pdu {
            tag::REPORT => match reported(&m) {
                Failure::NotInTimeWindow => {
                    self.set_clock(&raw, now);
                    Verdict::Again(Failure::NotInTimeWindow)
                }
                failure => Verdict::Refused(failure),
            },
            tag::RESPONSE if raw.level != user.level() => Verdict::Ignored(Failure::LevelTooLow),
            // An old answer under a message id that came around again.
            tag::RESPONSE if m.request_id != asked.request_id => Verdict::Ignored(Failure::NotAuthentic),
            tag::RESPONSE if !self.confirm(&raw, now) => Verdict::Ignored(Failure::NotInTimeWindow),
            tag::RESPONSE => Verdict::Answer(m),
            other => Verdict::Bad(DecodeError::Pdu(other)),
        }
    }

    /// The engine of this id that requests are or were sent to.
    fn engine(&self, id: &[u8]) -> Option<&Engine> {
        let same = |e: &&Engine| *e.id == *id;
        self.candidate.as_ref().filter(same).or(self.trusted.as_ref().filter(same))
    }

    /// A signed response with the right request id: what was tried is trusted now. False when it is too old.
    fn confirm(&mut self, raw: &Raw<'_>, now: u64) -> bool {
        let heard = || Clock::new(raw.boots, raw.time, now);
        if let Some(c) = self.candidate.take_if(|c| *c.id == *raw.engine_id) {
            match c.clock.judge(raw.boots, raw.time, now) {
                Timeliness::Newer => self.trusted = Some(Engine { clock: heard(), ..c }),
                Timeliness::Within => self.trusted = Some(c),
                Timeliness::Outside => {
                    self.candidate = Some(c);
                    return false;
                }
            }
        } else if let Some(t) = self.trusted.as_mut() {
            match t.clock.judge(raw.boots, raw.time, now) {
                Timeliness::Newer => t.clock = heard(),
                Timeliness::Within => {}
                Timeliness::Outside => return false,
            }
        }
        self.doubted = false;
        true
    }

    /// A signed report that our notion of time is wrong. Forward it moves what we trust; backward (an agent that lost count
    /// of its boots, or a report recorded long ago) it is tried first.
    fn set_clock(&mut self, raw: &Raw<'_>, now: u64) {
        let heard = Clock::new(raw.boots, raw.time, now);
        if let Some(t) = self.trusted.as_mut().filter(|t| *t.id == *raw.engine_id)
            && t.clock.judge(raw.boots, raw.time, now) != Timeliness::Outside
        {
            t.clock = heard;
            self.candidate = None;
            return;
        }
        self.candidate = Some(Engine { id: raw.engine_id.into(), clock: heard });
    }

    /// A message that nobody signed: answers of users without authentication, and reports.
    fn unsigned<'a>(&mut self, user: &User, asked: Asked, raw: &Raw<'a>, now: u64) -> Verdict<'a> {
        let Some(scoped) = raw.plain() else { return Verdict::Bad(DecodeError::BadValue { what: "scoped PDU" }) };
        let m = match codec::decode_pdu(Version::V3, scoped.context_name, scoped.pdu, true) {
            Ok(m) => m,
            Err(e) => return Verdict::Bad(e),
        };
        match m.pdu {
            tag::REPORT => self.reported(asked.probe, raw, reported(&m), now),
            tag::RESPONSE if user.level() > Level::NoAuthNoPriv => Verdict::Ignored(Failure::LevelTooLow),
            tag::RESPONSE if m.request_id != asked.request_id => Verdict::Ignored(Failure::NotAuthentic),
            tag::RESPONSE => Verdict::Answer(m),
            other => Verdict::Bad(DecodeError::Pdu(other)),
        }
    }
    fn reported<'a>(&mut self, probe: bool, raw: &Raw<'_>, failure: Failure, now: u64) -> Verdict<'a> {
        let heard = || Engine { id: raw.engine_id.into(), clock: Clock::new(raw.boots, raw.time, now) };
        // To a probe any report will do: it names the engine.
        if raw.engine_id.is_empty() || !(probe || matches!(failure, Failure::UnknownEngine | Failure::NotInTimeWindow))
        {
            return Verdict::Refused(failure);
        }
        self.doubted = false;
        let known = |e: &Option<Engine>| e.as_ref().is_some_and(|e| *e.id == *raw.engine_id);
        if failure == Failure::NotInTimeWindow && !probe {
            // The standard wants this one signed; who does not sign it is believed as far as the next request.
            if !known(&self.candidate) && !known(&self.trusted) {
                return Verdict::Refused(failure);
            }
            self.candidate = Some(heard());
        } else if known(&self.trusted) {
            // The agent we know. What we tried instead was wrong, or it was silent for a while.
            let drifted = |t: &Engine| !t.clock.agrees(&heard().clock, now);
            self.candidate = self.trusted.as_ref().filter(|t| probe && drifted(t)).map(|_| heard());
        } else if !probe && known(&self.candidate) {
            return Verdict::Refused(failure);
        } else {
            self.candidate = Some(heard());
        }
        Verdict::Again(failure)
    }
}

/// What a report is about.
fn reported(m: &Message<'_>) -> Failure {
    let first = m.varbinds.clone().find_map(Result::ok);
    first.map_or(Failure::Malformed, |vb| Failure::of_report(&vb.name.to_oid()))
}

/// Asks for nothing but a report of who is there (RFC 3414, section 4).
pub fn probe(msg_id: i32, request_id: i32, w: &mut Writer) -> Result<(), EncodeError> {
    w.clear();
    codec::write_pdu(&Pdu { kind: RequestKind::Get, request_id, names: &[] }, w)?;
    let empty: &[u8] = &[];
    let e = Envelope {
        msg_id,
        level: Level::NoAuthNoPriv,
        reportable: true,
        engine_id: empty,
        boots: 0,
        time: 0,
        user: empty,
        keys: None,
        salt: 0,
        context_engine_id: empty,
        context: empty,
    };
    e.seal(w)
}

impl Session {
    /// A whole request around a PDU.
    pub fn seal(
        &self,
        user: &User,
        context: &[u8],
        msg_id: i32,
        pdu: &Pdu<'_>,
        w: &mut Writer,
    ) -> Result<(), EncodeError> {
        w.clear();
        codec::write_pdu(pdu, w)?;
        let e = Envelope {
            msg_id,
            level: user.level(),
            reportable: true,
            engine_id: &self.engine_id,
            boots: self.boots,
            time: self.time,
            user: user.name(),
            keys: Some(&self.keys),
            salt: self.salt,
            context_engine_id: &self.engine_id,
            context,
        };
        e.seal(w)
    }
}
