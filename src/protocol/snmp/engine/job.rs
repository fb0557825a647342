//! What all jobs share. A job is a state machine that lives in the worker: it is asked for its next request, given replies
//! and failures, and at last sends its result. It sees no socket and no clock.
//!
//! To add a kind of job: a file like `get.rs`, a variant here.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;

use super::super::ber::Writer;
use super::super::codec::{self, EncodeError, Message, Pdu, RequestKind};
use super::super::result::Reason;
use super::super::target::{ClientConfig, Quirks, Target};
use super::super::usm::User;
use super::super::{Credential, Oid, Version};
use super::device::Known;
use super::get::GetJob;
use super::peer::Session;
use super::walk::WalkJob;

/// Most names in one request.
pub const MAX_NAMES: usize = 64;

/// What a job may use while it thinks.
pub struct Cx<'a> {
    pub config: &'a ClientConfig,
    pub known: &'a mut Known,
    /// Microseconds.
    pub now: u64,
    /// Varbinds that could not be read are counted here.
    pub malformed: &'a AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is a request to send.
    Send,
    Done,
}

/// What goes around a request.
pub struct Seal<'a> {
    /// request-id of v1 and v2c, msgID of v3.
    pub id: u32,
    /// request-id of v3.
    pub nonce: i32,
    /// v3 only.
    pub session: Option<&'a Session>,
}

/// An answer with what the engine knows of its journey.
pub struct Answer<'a> {
    pub message: Message<'a>,
    /// Which sending it answers; 0 is the first.
    pub attempt: u8,
    /// Microseconds.
    pub rtt: u64,
}

pub enum Job {
    Get(Box<GetJob>),
    Walk(Box<WalkJob>),
}

impl Job {
    pub fn agent(&self) -> &Agent {
        match self {
            Job::Get(j) => &j.agent,
            Job::Walk(j) => &j.agent,
        }
    }
    /// Nobody waits for the result any more.
    pub fn abandoned(&self) -> bool {
        match self {
            Job::Get(j) => j.abandoned(),
            Job::Walk(j) => j.abandoned(),
        }
    }
    /// Decides on the next request.
    pub fn plan(&mut self, cx: &mut Cx<'_>) -> Step {
        match self {
            Job::Get(j) => j.plan(cx),
            Job::Walk(j) => j.plan(cx),
        }
    }
    /// Writes the request decided on, in the shape this attempt should have.
    pub fn encode(&self, attempt: u8, seal: &Seal<'_>, w: &mut Writer) -> Result<(), EncodeError> {
        match self {
            Job::Get(j) => j.encode(attempt, seal, w),
            Job::Walk(j) => j.encode(attempt, seal, w),
        }
    }
    pub fn answer(&mut self, answer: &Answer<'_>, cx: &mut Cx<'_>) -> Step {
        match self {
            Job::Get(j) => j.answer(answer, cx),
            Job::Walk(j) => j.answer(answer, cx),
        }
    }
    /// All attempts are spent, or there is no point in another.
    pub fn fail(&mut self, reason: &Reason, cx: &mut Cx<'_>) -> Step {
        match self {
            Job::Get(j) => j.fail(reason, cx),
            Job::Walk(j) => j.fail(reason, cx),
        }
    }
    /// The latest moment to wait for an answer.
    pub fn deadline(&self) -> u64 {
        match self {
            Job::Get(_) => u64::MAX,
            Job::Walk(j) => j.deadline(),
        }
    }
    /// Goes back to the caller, whose thread makes the result of it.
    pub fn finish(self, known: &Known) {
        match self {
            Job::Get(j) => j.finish(known),
            Job::Walk(j) => j.finish(known),
        }
    }
}

/// The target, without what lives in the device table.
pub struct Agent {
    pub addr: SocketAddr,
    version: Version,
    credential: Credential,
    pub quirks: Quirks,
}

impl Agent {
    pub fn new(target: &Target) -> Self {
        Agent {
            addr: target.addr,
            version: target.version,
            credential: target.credential.clone(),
            quirks: target.quirks,
        }
    }
    pub fn version(&self) -> Version {
        self.version
    }
    pub fn overhead(&self) -> usize {
        self.credential.overhead()
    }
    /// Whom to be, in SNMPv3.
    pub fn user(&self) -> Option<&User> {
        match &self.credential {
            Credential::User { user, .. } => Some(user),
            Credential::Community(_) => None,
        }
    }
    pub fn seal(&self, kind: RequestKind, seal: &Seal<'_>, names: &[&[u8]], w: &mut Writer) -> Result<(), EncodeError> {
        match (&self.credential, seal.session) {
            (Credential::Community(c), _) => {
                codec::write_message(self.version, c, &Pdu { kind, request_id: seal.id.cast_signed(), names }, w)
            }
            (Credential::User { user, context }, Some(session)) => {
                session.seal(user, context, seal.id.cast_signed(), &Pdu { kind, request_id: seal.nonce, names }, w)
            }
            (Credential::User { .. }, None) => Err(EncodeError::Key),
        }
    }
    /// Checks a reply without encryption; those of version 3 are opened by `secure.rs`.
    pub fn open<'a>(&self, plain: Result<Message<'a>, codec::DecodeError>) -> Result<Message<'a>, codec::DecodeError> {
        let m = plain?;
        if m.version != self.version {
            return Err(codec::DecodeError::Version(m.version.number().into()));
        }
        Ok(m)
    }
}

/// Encoded names, one after another in one buffer.
#[derive(Default)]
pub struct Names {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Names {
    pub fn encode(oids: &[Oid]) -> Result<Self, EncodeError> {
        let bytes = oids.iter().map(|o| o.len() + 4).sum();
        let mut names = Names { bytes: Vec::with_capacity(bytes), ends: Vec::with_capacity(oids.len()) };
        for oid in oids {
            if oid.len() > super::super::MAX_ARCS {
                return Err(EncodeError::BadOid);
            }
            super::super::ber::append_oid(oid.arcs(), &mut names.bytes)?;
            names.ends.push(names.bytes.len() as u32);
        }
        Ok(names)
    }
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// Bytes of all.
    pub fn total(&self) -> usize {
        self.bytes.len()
    }
    pub fn get(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.bytes[start..self.ends[i] as usize]
    }
}
