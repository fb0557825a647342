//! An SNMP v1, v2c and v3 agent over a `Table`: datagram in, datagram or silence out (RFC 3416 section 4.2, RFC 3584).
//!
//! No sockets and no clock: `server.rs` has those. It answers GET, GETNEXT and GETBULK; there is no SET. A wrong
//! community gets silence, as from a real device, a wrong user a report. To serve something that lives, implement `Device`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::protocol::snmp::codec::{
    MAX_DATAGRAM, Request, RequestKind, Response, decode_request, encode_pdu, encode_response, peek, request_of,
};
use crate::protocol::snmp::usm::message::OVERHEAD;
use crate::protocol::snmp::usm::{Failure, LocalEngine, Receiver};
use crate::protocol::snmp::{EncodeError, ErrorStatus, Oid, User, Value, ValueRef, VarBind, VarBindRef, Version};

use super::table::Table;

/// What fits one Ethernet frame: the usual limit of an embedded agent.
pub const ONE_FRAME: usize = 1472;

/// Something with objects. `None` is a device that is switched off, or a context it would not answer for.
pub trait Device: Send + Sync {
    /// The objects now; `context` is what followed `@` in the community, empty for the device itself.
    fn objects(&self, context: &[u8]) -> Option<Arc<Table>>;
    /// The longest message the agent sends.
    fn max_message(&self) -> usize {
        ONE_FRAME
    }
}

/// What happened so far. Only grows.
#[derive(Debug, Default)]
pub struct Counters {
    pub requests: AtomicU64,
    pub varbinds: AtomicU64,
    /// Requests with a community or context that is not ours.
    pub refused: AtomicU64,
    /// Datagrams that are no SNMP request.
    pub malformed: AtomicU64,
    /// Answers withheld by the simulated loss.
    pub lost: AtomicU64,
    /// Datagrams the operating system refused to take or give.
    pub io_errors: AtomicU64,
}

impl Counters {
    pub(super) fn add(counter: &AtomicU64, n: usize) {
        counter.fetch_add(n as u64, Ordering::Relaxed);
    }
}

/// A device behind a community, and SNMPv3 users.
pub struct Agent {
    community: Vec<u8>,
    device: Arc<dyn Device>,
    counters: Arc<Counters>,
    secure: Option<Mutex<Receiver>>,
}

impl Agent {
    pub fn new(community: impl Into<Vec<u8>>, device: Arc<dyn Device>, counters: Arc<Counters>) -> Self {
        Agent { community: community.into(), device, counters, secure: None }
    }
    /// Answers these users too, as this engine, in its first life; its time starts with the server's.
    pub fn with_users(self, users: Vec<User>, engine_id: Vec<u8>, seed: u64) -> Self {
        let receiver = Receiver::new(LocalEngine::new(engine_id, 1, 0), users, seed);
        Agent { secure: Some(Mutex::new(receiver)), ..self }
    }
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// The answer to a datagram, or `None` for silence.
    pub fn answer(&self, datagram: &[u8]) -> Option<Vec<u8>> {
        self.answer_at(datagram, 0)
    }
    /// `now`: microseconds since the agent started, which is what version 3 calls its time.
    pub fn answer_at(&self, datagram: &[u8], now: u64) -> Option<Vec<u8>> {
        if let Some(receiver) = &self.secure
            && peek(datagram).is_ok_and(|h| h.version == 3)
        {
            return self.answer_user(receiver, datagram, now);
        }
        let Ok(request) = decode_request(datagram) else {
            Counters::add(&self.counters.malformed, 1);
            return None;
        };
        let Some(context) = self.context(&request.community) else {
            Counters::add(&self.counters.refused, 1);
            return None;
        };
        let Some(table) = self.device.objects(context) else {
            // Silence without a context is a device that is off.
            Counters::add(&self.counters.refused, usize::from(!context.is_empty()));
            return None;
        };
        Counters::add(&self.counters.requests, 1);
        let bytes = respond(&table, &request, self.device.max_message(), &self.counters);
        if bytes.is_none() {
            Counters::add(&self.counters.malformed, 1);
        }
        bytes
    }

    fn answer_user(&self, receiver: &Mutex<Receiver>, datagram: &[u8], now: u64) -> Option<Vec<u8>> {
        let mut receiver = receiver.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = Vec::new();
        let opened = match receiver.receive(datagram, now, &mut scratch) {
            Ok(opened) => opened,
            Err(refused) => {
                Counters::add(&self.counters.refused, 1);
                return refused.report;
            }
        };
        let Some(request) = opened.message().ok().and_then(|m| request_of(m).ok()) else {
            Counters::add(&self.counters.malformed, 1);
            return None;
        };
        // Cisco's name of a VLAN's context, which a recording has under the VLAN's number.
        let context = opened.context_name.strip_prefix(b"vlan-").unwrap_or(opened.context_name);
        let Some(table) = self.device.objects(context) else {
            Counters::add(&self.counters.refused, usize::from(!context.is_empty()));
            if context.is_empty() {
                return None;
            }
            let reply = opened.reply;
            return receiver.report(&reply, Failure::UnknownContext, request.request_id, now).ok();
        };
        Counters::add(&self.counters.requests, 1);
        let (reply, room) = (opened.reply, opened.max_size.min(self.device.max_message()));
        let pdu = respond(&table, &request, room.saturating_sub(OVERHEAD + context.len()), &self.counters)?;
        receiver.reply(&reply, now, MAX_DATAGRAM, |w| w.raw(&pdu)).ok()
    }

    /// What follows `community@`, nothing for the community itself.
    fn context<'a>(&self, community: &'a [u8]) -> Option<&'a [u8]> {
        match community.strip_prefix(&*self.community)? {
            [] => Some(&[]),
            [b'@', context @ ..] if !context.is_empty() => Some(context),
            _ => None,
        }
    }
}

/// A whole message of versions 1 and 2c; of version 3 the PDU, which the receiver wraps.
fn encoded(r: &Response<'_>, limit: usize) -> Result<Vec<u8>, EncodeError> {
    if r.version == Version::V3 { encode_pdu(r, limit) } else { encode_response(r, limit) }
}

fn respond(table: &Table, request: &Request, limit: usize, counters: &Counters) -> Option<Vec<u8>> {
    let limit = limit.min(MAX_DATAGRAM);
    let result = match (request.kind, request.version) {
        (RequestKind::Get, version) => collect(&request.oids, |oid| get(table, version, oid)),
        (RequestKind::GetNext, version) => collect(&request.oids, |oid| next(table, version, oid)),
        (RequestKind::GetBulk { non_repeaters, max_repetitions }, _) => {
            return bulk(table, request, (non_repeaters, max_repetitions), limit, counters);
        }
    };
    match result {
        Ok(varbinds) => {
            Counters::add(&counters.varbinds, varbinds.len());
            match encoded(&Response { varbinds: &varbinds, ..Response::to(request) }, limit) {
                Err(EncodeError::TooBig { .. }) => too_big(request, limit),
                other => other.ok(),
            }
        }
        // Version 1 has no exceptions: the first missing name fails the whole request.
        Err(at) => error(request, ErrorStatus::NoSuchName, i32::try_from(at + 1).unwrap_or(i32::MAX), limit),
    }
}

fn collect(oids: &[Oid], answer: impl Fn(&Oid) -> Option<VarBind>) -> Result<Vec<VarBind>, usize> {
    oids.iter().enumerate().map(|(at, oid)| answer(oid).ok_or(at)).collect()
}

/// `None` is noSuchName, which only version 1 has.
fn get(table: &Table, version: Version, oid: &Oid) -> Option<VarBind> {
    let value = table.get(oid);
    let v1_has_it = !value.is_exception() && !matches!(value, Value::Counter64(_));
    (version != Version::V1 || v1_has_it).then(|| VarBind { oid: oid.clone(), value })
}

fn next(table: &Table, version: Version, oid: &Oid) -> Option<VarBind> {
    let mut at = table.after(oid);
    if version == Version::V1 {
        // Counter64 does not exist there: such objects are skipped (RFC 3584, section 4.2.2.1).
        while table.row(at).is_some_and(|row| matches!(row.value, ValueRef::Counter64(_))) {
            at += 1;
        }
        return table.row(at).map(|row| row.to_varbind());
    }
    Some(row_or_end(table.row(at), oid))
}

fn row_or_end(row: Option<VarBindRef<'_>>, asked: &Oid) -> VarBind {
    row.map_or_else(|| VarBind { oid: asked.clone(), value: Value::EndOfMibView }, |row| row.to_varbind())
}

/// GETBULK: as many rows as asked and as fit; tooBig only when not even the first does.
fn bulk(
    table: &Table,
    request: &Request,
    (non_repeaters, max_repetitions): (u32, u32),
    limit: usize,
    counters: &Counters,
) -> Option<Vec<u8>> {
    let once = request.oids.len().min(non_repeaters as usize);
    let (single, repeated) = request.oids.split_at(once);
    // Envelope: at most 12 bytes of headers that grow, 3 integers, version and the community.
    let room = limit.saturating_sub(request.community.len() + 40);
    let mut out = Vec::new();
    let mut used = 0;
    // A varbind takes its row's length, or that of a name with an exception.
    let mut push = |out: &mut Vec<VarBind>, row: Option<VarBindRef<'_>>, asked: &Oid| {
        used += row.as_ref().map_or(asked.len() * 5 + 8, |row| row.raw.len());
        let fits = used <= room;
        if fits {
            out.push(row_or_end(row, asked));
        }
        fits
    };
    let mut fits = single.iter().all(|oid| push(&mut out, table.row(table.after(oid)), oid));
    let mut at: Vec<usize> = repeated.iter().map(|oid| table.after(oid)).collect();
    let mut last: Vec<Oid> = repeated.to_vec();
    let mut turn = 0;
    while fits && turn < max_repetitions && !at.is_empty() {
        let all_ended = at.iter().all(|at| *at >= table.len());
        for (at, last) in at.iter_mut().zip(&mut last) {
            let row = table.row(*at);
            fits = push(&mut out, row, last);
            if !fits {
                break;
            }
            if let Some(row) = row {
                *last = row.name.to_oid();
                *at += 1;
            }
        }
        if all_ended {
            break; // one row of endOfMibView says it all
        }
        turn += 1;
    }
    if !fits && out.is_empty() {
        return too_big(request, limit);
    }
    Counters::add(&counters.varbinds, out.len());
    encoded(&Response { varbinds: &out, ..Response::to(request) }, limit).ok()
}

/// Version 2 sends tooBig without varbinds (RFC 3416, section 4.2.1), version 1 with those of the request.
fn too_big(request: &Request, limit: usize) -> Option<Vec<u8>> {
    match request.version {
        Version::V1 => error(request, ErrorStatus::TooBig, 0, limit),
        Version::V2c | Version::V3 => {
            encoded(&Response { status: ErrorStatus::TooBig, ..Response::to(request) }, MAX_DATAGRAM).ok()
        }
    }
}

/// An error answer repeats the names of the request.
fn error(request: &Request, status: ErrorStatus, index: i32, limit: usize) -> Option<Vec<u8>> {
    let varbinds: Vec<VarBind> =
        request.oids.iter().map(|oid| VarBind { oid: oid.clone(), value: Value::Null }).collect();
    let response = Response { status, index, varbinds: &varbinds, ..Response::to(request) };
    encoded(&response, limit.max(ONE_FRAME)).ok()
}

#[cfg(test)]
#[path = "agent_tests.rs"]
mod tests;
