//! The engine without its sockets: slots, devices, jobs, sweeps, timers and pacing.
//!
//! It is told what arrived and what time it is, and is asked what to send; it does no I/O and reads no clock, so tests
//! drive it in virtual time. `worker.rs` is its shell.

use std::cell::Cell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::super::ber::Writer;
use super::super::codec::{self, DecodeError, EncodeError, Message};
use super::super::result::Reason;
use super::super::target::ClientConfig;
use super::super::usm::Claims;
use super::counters::{Counters, count};
use super::device::{Devices, NONE};
use super::job::{Answer, Cx, Job, Step};
use super::pacer::Pacer;
use super::slots::{Owner, Slots, attempt_of};
use super::sweep::{ALL_NAMES, Next, SweepState};
use super::wheel::Wheel;

pub(super) struct Entry {
    pub(super) job: Job,
    pub(super) device: u32,
    /// Reports that turned its request around since its last answer (SNMPv3).
    pub(super) detours: u8,
    /// The next job that waits for the same device.
    next: u32,
}

/// Something that may be sent as soon as pacing allows.
pub(super) enum Ready {
    Job(u32),
    /// The request whose last sending had this id.
    Retry(u32),
    /// An address of a sweep, once more with fewer names.
    Ask {
        sweep: u32,
        addr: SocketAddr,
        names: u8,
        detours: u8,
    },
}

/// A datagram to send; its bytes are in the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outgoing {
    pub addr: SocketAddr,
    pub id: u32,
}

/// What became of something that was ready.
enum Try {
    Sent(Outgoing),
    /// Nothing to send after all; look at the next.
    Nothing,
    /// No slot is free: later.
    Full,
}

pub struct Core {
    pub(super) config: ClientConfig,
    pub(super) slots: Slots,
    wheel: Wheel,
    pacer: Pacer,
    pub(super) devices: Devices,
    pub(super) jobs: Vec<Option<Entry>>,
    free_jobs: Vec<u32>,
    pub(super) ready: VecDeque<Ready>,
    pub(super) sweeps: Vec<Option<SweepState>>,
    turn: u32,
    expired: Vec<u32>,
    pub(super) counters: Arc<Counters>,
    /// Who says to be which SNMPv3 engine.
    pub(super) claims: Arc<Claims>,
    /// One more for each encrypted message.
    pub(super) salt: Cell<u64>,
    /// For decrypted PDUs.
    pub(super) scratch: Vec<u8>,
}

impl Core {
    /// `packets_per_second` is this worker's share.
    pub fn new(
        config: ClientConfig,
        packets_per_second: u32,
        seed: u64,
        counters: Arc<Counters>,
        claims: Arc<Claims>,
    ) -> Self {
        Core {
            config,
            slots: Slots::new(seed),
            wheel: Wheel::new(),
            pacer: Pacer::new(packets_per_second),
            devices: Devices::new(),
            jobs: Vec::new(),
            free_jobs: Vec::new(),
            ready: VecDeque::new(),
            sweeps: Vec::new(),
            turn: 0,
            expired: Vec::new(),
            counters,
            claims,
            // Not where message ids start: those are seen by everybody.
            salt: Cell::new(seed.rotate_left(32) ^ 0x9E37_79B9_7F4A_7C15),
            scratch: Vec::new(),
        }
    }
    /// The gauges, which nobody counts up or down.
    pub fn publish(&self) {
        self.counters.devices.store(self.devices.len() as u64, Relaxed);
        self.counters.in_flight.store(self.slots.in_flight() as u64, Relaxed);
    }
    pub fn forget(&mut self, addr: &SocketAddr) {
        self.devices.forget(addr);
    }

    pub fn submit(&mut self, job: Job, now: u64) {
        let device = self.devices.enter(job.agent().addr, now);
        let entry = Entry { job, device, detours: 0, next: NONE };
        let index = match self.free_jobs.pop() {
            Some(i) => {
                self.jobs[i as usize] = Some(entry);
                i
            }
            None => {
                self.jobs.push(Some(entry));
                (self.jobs.len() - 1) as u32
            }
        };
        let Some(d) = self.devices.get_mut(device) else { return };
        d.jobs += 1;
        d.in_flight += 1; // `resume` gives it back
        if let Some(Some(e)) = self.jobs.get(index as usize) {
            d.known.quirks = d.known.quirks.union(e.job.agent().quirks);
        }
        let step = self.with_job(index, now, |job, cx| job.plan(cx));
        self.resume(index, step, now);
    }
    pub fn submit_sweep(&mut self, sweep: SweepState) {
        match self.sweeps.iter().position(Option::is_none) {
            Some(i) => self.sweeps[i] = Some(sweep),
            None => self.sweeps.push(Some(sweep)),
        }
    }

    fn with_job(&mut self, index: u32, now: u64, f: impl FnOnce(&mut Job, &mut Cx<'_>) -> Step) -> Step {
        let Some(Some(entry)) = self.jobs.get_mut(index as usize) else { return Step::Done };
        let Some(device) = self.devices.get_mut(entry.device) else { return Step::Done };
        let malformed = &self.counters.malformed;
        f(&mut entry.job, &mut Cx { config: &self.config, known: &mut device.known, now, malformed })
    }

    /// A job's request is over: its device may be asked by the next in line, and the job queues again or ends.
    fn resume(&mut self, index: u32, step: Step, now: u64) {
        let Some(Some(entry)) = self.jobs.get_mut(index as usize) else { return };
        let device = entry.device;
        let Some(d) = self.devices.get_mut(device) else { return };
        d.in_flight -= 1;
        match step {
            Step::Send => {
                entry.next = NONE;
                let tail = std::mem::replace(&mut d.tail, index);
                if tail == NONE {
                    d.head = index;
                } else if let Some(Some(t)) = self.jobs.get_mut(tail as usize) {
                    t.next = index;
                }
            }
            Step::Done => {
                d.jobs -= 1;
                let known = d.known;
                self.free_jobs.push(index);
                self.publish();
                if let Some(entry) = self.jobs[index as usize].take() {
                    entry.job.finish(&known);
                }
            }
        }
        self.grant(device, now);
    }
    /// Lets waiting jobs of a device send, up to its limit of requests in flight.
    fn grant(&mut self, device: u32, _now: u64) {
        let Some(d) = self.devices.get_mut(device) else { return };
        let limit = match d.known.quirks.in_flight {
            0 => self.config.in_flight_per_device.max(1),
            n => n,
        };
        while d.in_flight < limit && d.head != NONE {
            let index = d.head;
            let Some(Some(entry)) = self.jobs.get_mut(index as usize) else { break };
            d.head = std::mem::replace(&mut entry.next, NONE);
            if d.head == NONE {
                d.tail = NONE;
            }
            d.in_flight += 1;
            self.ready.push_back(Ready::Job(index));
        }
    }

    /// The next datagram that may go now, written to `w`.
    pub fn next_send(&mut self, now: u64, w: &mut Writer) -> Option<Outgoing> {
        self.pacer.refill(now);
        while self.pacer.ready() {
            self.turn = self.turn.wrapping_add(1);
            // Sweeps fill what polls leave, and one packet in four at least.
            let sweep_first = self.turn.is_multiple_of(4) || self.ready.is_empty();
            if sweep_first && let Some(sent) = self.send_sweep(now, w) {
                self.pacer.take();
                return Some(sent);
            }
            let ready = self.ready.pop_front()?;
            let tried = match &ready {
                Ready::Job(index) => self.send_job(*index, now, w),
                Ready::Retry(id) => self.send_retry(*id, now, w),
                Ready::Ask { sweep, addr, names, detours } => self.send_ask(*sweep, *addr, (*names, *detours), now, w),
            };
            match tried {
                Try::Sent(out) => {
                    self.pacer.take();
                    return Some(out);
                }
                Try::Nothing => {}
                Try::Full => {
                    self.ready.push_front(ready);
                    return None;
                }
            }
        }
        None
    }

    fn send_job(&mut self, index: u32, now: u64, w: &mut Writer) -> Try {
        let Some(Some(entry)) = self.jobs.get(index as usize) else { return Try::Nothing };
        let addr = entry.job.agent().addr;
        if entry.job.abandoned() {
            self.resume(index, Step::Done, now);
            return Try::Nothing;
        }
        if now >= entry.job.deadline() {
            let step = self.with_job(index, now, |job, cx| job.fail(&Reason::Timeout { attempts: 0 }, cx));
            self.resume(index, step, now);
            return Try::Nothing;
        }
        let (device, deadline) = (entry.device, entry.job.deadline());
        let Some(slot) = self.slots.acquire(Owner::Job(index), addr, now) else { return Try::Full };
        let id = self.slots.get_mut(slot).id;
        if let Err(e) = self.write_request(slot, now, w) {
            self.fail_slot(slot, &Reason::Request(e), now);
            return Try::Nothing;
        }
        if let Some(d) = self.devices.get_mut(device) {
            d.slot = slot;
            let wait = d.known.timeout(0, &self.config);
            self.wheel.insert((now + wait).min(deadline), id);
        }
        count(&self.counters.sent);
        Try::Sent(Outgoing { addr, id })
    }

    fn send_retry(&mut self, id: u32, now: u64, w: &mut Writer) -> Try {
        let Some(index) = self.slots.waiting(id) else { return Try::Nothing };
        self.slots.resend(index, now);
        let slot = self.slots.get_mut(index);
        let (id, addr, attempt) = (slot.id, slot.addr, slot.attempt);
        match slot.owner {
            Owner::Job(job) => {
                let Some(Some(entry)) = self.jobs.get(job as usize) else { return Try::Nothing };
                if let Some(d) = self.devices.get_mut(entry.device) {
                    let wait = d.known.timeout(attempt, &self.config);
                    self.wheel.insert((now + wait).min(entry.job.deadline()), id);
                }
            }
            Owner::Sweep { sweep, .. } => {
                let Some(Some(s)) = self.sweeps.get(sweep as usize) else { return Try::Nothing };
                self.wheel.insert(now + s.options.timeout.as_micros() as u64, id);
            }
        }
        if let Err(e) = self.write_request(index, now, w) {
            self.fail_slot(index, &Reason::Request(e), now);
            return Try::Nothing;
        }
        count(&self.counters.sent);
        count(&self.counters.retries);
        Try::Sent(Outgoing { addr, id })
    }

    fn send_sweep(&mut self, now: u64, w: &mut Writer) -> Option<Outgoing> {
        let n = self.sweeps.len();
        for step in 0..n {
            let i = (self.turn as usize / 4 + step) % n;
            if !self.slots.available() {
                return None;
            }
            let addr = self.sweeps[i].as_mut().and_then(SweepState::next);
            self.end_sweep(i);
            if let Some(addr) = addr
                && let Try::Sent(out) = self.send_ask(i as u32, addr, (ALL_NAMES, 0), now, w)
            {
                return Some(out);
            }
        }
        None
    }
    fn send_ask(&mut self, sweep: u32, addr: SocketAddr, what: (u8, u8), now: u64, w: &mut Writer) -> Try {
        let Some(Some(s)) = self.sweeps.get(sweep as usize) else { return Try::Nothing };
        let owner = Owner::Sweep { sweep, names: what.0, detours: what.1 };
        let Some(slot) = self.slots.acquire(owner, addr, now) else { return Try::Full };
        let id = self.slots.get_mut(slot).id;
        self.wheel.insert(now + s.options.timeout.as_micros() as u64, id);
        if let Err(e) = self.write_request(slot, now, w) {
            self.fail_slot(slot, &Reason::Request(e), now);
            return Try::Nothing;
        }
        count(&self.counters.sent);
        Try::Sent(Outgoing { addr, id })
    }

    /// A datagram arrived.
    pub fn datagram(&mut self, from: SocketAddr, bytes: &[u8], now: u64) {
        count(&self.counters.received);
        let plain = codec::decode_response(bytes);
        let id = match plain.as_ref().map_or_else(|_| codec::peek(bytes).map(|h| h.id), |m| Ok(m.request_id)) {
            Ok(id) => id.cast_unsigned(),
            Err(e) => return self.unreadable(from, e),
        };
        let Some(index) = self.slots.find(id) else {
            count(&self.counters.stray);
            return;
        };
        let slot = self.slots.get_mut(index);
        if !same_address(slot.addr, from) {
            count(&self.counters.stray);
            return;
        }
        let owner = slot.owner;
        if self.is_secure(owner) {
            return self.secure_datagram(index, id, from, bytes, now);
        }
        let opened = match owner {
            Owner::Job(job) => match self.jobs.get(job as usize) {
                Some(Some(e)) => e.job.agent().open(plain),
                _ => return,
            },
            Owner::Sweep { sweep, .. } => match self.sweeps.get(sweep as usize) {
                Some(Some(s)) => s.agent.open(plain),
                _ => return,
            },
        };
        match opened {
            Ok(message) => self.deliver(index, id, from, message, now),
            Err(e) => {
                count(&self.counters.malformed);
                self.give_up_attempt(index, Reason::BadReply(e), now);
            }
        }
    }
    /// A request was answered.
    pub(super) fn deliver(&mut self, index: u32, id: u32, from: SocketAddr, message: Message<'_>, now: u64) {
        let slot = self.slots.get_mut(index);
        let (owner, attempt) = (slot.owner, attempt_of(id));
        let exact = u32::from(slot.attempt) & 3 == u32::from(attempt);
        let rtt = now.saturating_sub(if exact { slot.last } else { slot.first });
        self.slots.release(index);
        match owner {
            Owner::Job(job) => {
                if let Some(Some(entry)) = self.jobs.get_mut(job as usize) {
                    entry.detours = 0;
                }
                let answer = Answer { message, attempt, rtt };
                let step = self.with_job(job, now, |job, cx| {
                    if exact || attempt == 0 {
                        cx.known.sample(rtt);
                    }
                    job.answer(&answer, cx)
                });
                self.resume(job, step, now);
            }
            Owner::Sweep { sweep, names, detours } => {
                let Some(Some(s)) = self.sweeps.get_mut(sweep as usize) else { return };
                match s.answer(from, &message, names, rtt) {
                    Next::Ask(names) => self.ready.push_back(Ready::Ask { sweep, addr: from, names, detours }),
                    Next::Done => {
                        s.release();
                        self.end_sweep(sweep as usize);
                    }
                }
            }
        }
    }
    /// Not even its id can be read. If its sender is being asked, that is the better explanation than silence.
    fn unreadable(&mut self, from: SocketAddr, error: DecodeError) {
        count(&self.counters.malformed);
        let Some(device) = self.devices.find(&from) else { return };
        let Some(d) = self.devices.get_mut(device) else { return };
        if d.in_flight == 0 || d.slot == NONE {
            return;
        }
        let slot = self.slots.get_mut(d.slot);
        if slot.id != 0 && slot.addr == from && slot.problem.is_none() {
            slot.problem = Some(Box::new(Reason::BadReply(error)));
        }
    }

    /// An ICMP error about one of our datagrams.
    pub fn unreachable(&mut self, addr: SocketAddr, datagram: &[u8], reason: &Reason, now: u64) {
        count(&self.counters.unreachable);
        let Ok(header) = codec::peek(datagram) else { return };
        if let Some(index) = self.slots.find(header.id.cast_unsigned())
            && same_address(self.slots.get_mut(index).addr, addr)
        {
            self.fail_slot(index, reason, now);
        }
    }
    /// The kernel refused to send this.
    pub fn send_failed(&mut self, id: u32, reason: &Reason, now: u64) {
        count(&self.counters.send_errors);
        if let Some(index) = self.slots.waiting(id) {
            self.fail_slot(index, reason, now);
        }
    }

    pub fn tick(&mut self, now: u64) {
        let mut expired = std::mem::take(&mut self.expired);
        self.wheel.expire(now, &mut expired);
        for id in expired.drain(..) {
            self.expire(id, now);
        }
        self.expired = expired;
    }
    /// An attempt is over without an answer that can be used.
    pub(super) fn expire(&mut self, id: u32, now: u64) {
        let Some(index) = self.slots.waiting(id) else { return };
        let slot = self.slots.get_mut(index);
        let attempt = slot.attempt;
        let more = match slot.owner {
            Owner::Job(job) => match self.jobs.get(job as usize) {
                Some(Some(e)) => attempt < self.config.retries && now < e.job.deadline() && !e.job.abandoned(),
                _ => false,
            },
            Owner::Sweep { sweep, .. } => match self.sweeps.get(sweep as usize) {
                Some(Some(s)) => attempt < s.options.retries,
                _ => false,
            },
        };
        if more {
            self.ready.push_back(Ready::Retry(id));
            return;
        }
        let reason = match slot.problem.take() {
            Some(p) => *p,
            None => Reason::Timeout { attempts: attempt + 1 },
        };
        let reason = self.silence(index, reason);
        self.fail_slot(index, &reason, now);
    }

    /// A request has failed for good.
    pub(super) fn fail_slot(&mut self, index: u32, reason: &Reason, now: u64) {
        let silent = matches!(reason, Reason::Timeout { .. });
        if silent {
            count(&self.counters.timeouts);
        }
        let owner = self.slots.get_mut(index).owner;
        let addr = self.slots.get_mut(index).addr;
        self.slots.release(index);
        match owner {
            Owner::Job(job) => {
                let step = self.with_job(job, now, |job, cx| {
                    if silent {
                        cx.known.srtt = 0;
                    }
                    job.fail(reason, cx)
                });
                self.resume(job, step, now);
            }
            Owner::Sweep { sweep, .. } => {
                let Some(Some(s)) = self.sweeps.get_mut(sweep as usize) else { return };
                let report = match reason {
                    Reason::Timeout { .. } | Reason::Unreachable => false,
                    Reason::Refused => s.options.report_refused,
                    _ => true,
                };
                if report {
                    s.report(addr, 0, Err(reason.clone()));
                }
                s.release();
                self.end_sweep(sweep as usize);
            }
        }
    }
    /// Lets go of a sweep when it is over, which ends its stream.
    fn end_sweep(&mut self, sweep: usize) {
        if self.sweeps[sweep].as_ref().is_some_and(SweepState::over) {
            self.publish();
            self.sweeps[sweep] = None;
        }
    }

    /// When something will have to be done, if nothing arrives before.
    pub fn next_wakeup(&self, now: u64) -> Option<u64> {
        let sweeps = self.sweeps.iter().flatten();
        let waiting = !self.ready.is_empty()
            || sweeps.into_iter().any(|s| s.over() || (!s.exhausted && s.in_flight < s.options.window));
        let send = (waiting && self.slots.available()).then(|| self.pacer.next(now));
        match (send, self.wheel.next()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

/// The request was sent there. A scope counts only where the caller named one.
fn same_address(asked: SocketAddr, from: SocketAddr) -> bool {
    asked.port() == from.port()
        && match (asked, from) {
            (SocketAddr::V6(a), SocketAddr::V6(b)) => {
                a.ip() == b.ip() && (a.scope_id() == 0 || a.scope_id() == b.scope_id())
            }
            (a, b) => a.ip() == b.ip(),
        }
}

/// Names that cannot be encoded never get this far; a community that leaves no room does.
pub fn fits(overhead: usize) -> Result<(), EncodeError> {
    // The longest name takes 128 arcs of up to five bytes.
    if overhead + 700 > super::socket::MAX_REQUEST {
        return Err(EncodeError::TooBig { limit: super::socket::MAX_REQUEST });
    }
    Ok(())
}
