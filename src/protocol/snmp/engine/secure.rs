//! The SNMPv3 half of the core: what a request is sealed with, and what becomes of an answer.
//!
//! `peer.rs` decides what a datagram proves; here its verdict turns into sending again, failing, or the answer of a job. As
//! in `core.rs` nothing here does I/O or reads a clock.

use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;

use super::super::ber::Writer;
use super::super::codec::EncodeError;
use super::super::result::Reason;
use super::super::usm::{Failure, RENEW_EVERY};
use super::core::{Core, Ready};
use super::counters::count;
use super::job::{Agent, Seal};
use super::peer::{self, Asked, MAX_DETOURS, Verdict};
use super::slots::{Owner, attempt_of};

impl Core {
    fn agent(&self, owner: Owner) -> Option<&Agent> {
        match owner {
            Owner::Job(job) => self.jobs.get(job as usize)?.as_ref().map(|e| e.job.agent()),
            Owner::Sweep { sweep, .. } => self.sweeps.get(sweep as usize)?.as_ref().map(|s| &s.agent),
        }
    }
    pub(super) fn is_secure(&self, owner: Owner) -> bool {
        self.agent(owner).is_some_and(|a| a.user().is_some())
    }

    /// This sending is the last before the request fails, and nothing was heard since it began: ask who is there instead.
    /// The answer tells an agent that is off from one that does not like the request.
    fn is_last_resort(&self, owner: Owner, attempt: u8) -> bool {
        let (retries, detours) = match owner {
            Owner::Job(job) => match self.jobs.get(job as usize) {
                Some(Some(e)) => (self.config.retries, e.detours),
                _ => return false,
            },
            Owner::Sweep { sweep, detours, .. } => match self.sweeps.get(sweep as usize) {
                Some(Some(s)) => (s.options.retries, detours),
                _ => return false,
            },
        };
        retries > 0 && attempt >= retries && detours == 0
    }

    /// Writes the request of a slot. Where the agent's engine is not known yet, a probe takes its place.
    pub(super) fn write_request(&mut self, index: u32, now: u64, w: &mut Writer) -> Result<(), EncodeError> {
        let slot = self.slots.get_mut(index);
        let (id, nonce, owner, addr, attempt) = (slot.id, slot.nonce, slot.owner, slot.addr, slot.attempt);
        let Some(agent) = self.agent(owner) else { return Ok(()) };
        let session = match agent.user() {
            None => None,
            Some(user) => {
                self.salt.set(self.salt.get().wrapping_add(1));
                let peer = self.devices.find(&addr).and_then(|d| self.devices.get(d)?.peer.as_deref());
                let session = peer.and_then(|p| p.session(user, now, self.salt.get()));
                if session.is_none() || self.is_last_resort(owner, attempt) {
                    self.slots.get_mut(index).probes |= 1 << (attempt & 3);
                    return peer::probe(id.cast_signed(), nonce, w);
                }
                session
            }
        };
        let seal = Seal { id, nonce, session: session.as_ref() };
        match owner {
            Owner::Job(job) => match self.jobs.get(job as usize) {
                Some(Some(e)) => e.job.encode(attempt, &seal, w),
                _ => Ok(()),
            },
            Owner::Sweep { sweep, names, .. } => match self.sweeps.get(sweep as usize) {
                Some(Some(s)) => s.encode(names, &seal, w),
                _ => Ok(()),
            },
        }
    }

    /// A datagram with the message id and from the address of a request in flight.
    pub(super) fn secure_datagram(&mut self, index: u32, id: u32, from: SocketAddr, bytes: &[u8], now: u64) {
        let slot = self.slots.get_mut(index);
        let (owner, addr) = (slot.owner, slot.addr);
        let asked = Asked { request_id: slot.nonce, probe: slot.probes & (1 << attempt_of(id)) != 0 };
        let Some(user) = self.agent(owner).and_then(|a| a.user().cloned()) else { return };
        let device = self.devices.enter(addr, now);
        let Some(d) = self.devices.get_mut(device) else { return };
        let peer = d.peer.get_or_insert_default();
        let mut scratch = std::mem::take(&mut self.scratch);
        match peer.take(&user, asked, bytes, &mut scratch, now) {
            Verdict::Answer(message) => {
                if let Some((engine, clock)) = peer.claim(now, RENEW_EVERY) {
                    self.claims.renew(engine, addr, clock, now);
                }
                self.deliver(index, id, from, message, now);
            }
            Verdict::Again(failure) => self.again(index, id, failure, now),
            Verdict::Refused(failure) => self.give_up_attempt(index, Reason::Security(failure), now),
            Verdict::Ignored(failure) => {
                count(&self.counters.stray);
                let slot = self.slots.get_mut(index);
                slot.problem.get_or_insert_with(|| Box::new(Reason::Security(failure)));
            }
            Verdict::Bad(e) => {
                count(&self.counters.malformed);
                self.give_up_attempt(index, Reason::BadReply(e), now);
            }
        }
        self.scratch = scratch;
    }
    /// The reason stands unless another attempt brings an answer.
    pub(super) fn give_up_attempt(&mut self, index: u32, reason: Reason, now: u64) {
        let slot = self.slots.get_mut(index);
        slot.problem = Some(Box::new(reason));
        let id = slot.id;
        self.expire(id, now);
    }

    /// Something was learned of the agent: the same request goes out afresh.
    fn again(&mut self, index: u32, id: u32, failure: Failure, now: u64) {
        let slot = self.slots.get_mut(index);
        let (owner, addr) = (slot.owner, slot.addr);
        let rtt = now.saturating_sub(slot.last);
        let exact = u32::from(slot.attempt) & 3 == u32::from(attempt_of(id));
        match owner {
            Owner::Job(job) => {
                let Some(Some(entry)) = self.jobs.get_mut(job as usize) else { return };
                entry.detours += 1;
                if entry.detours > MAX_DETOURS {
                    return self.fail_slot(index, &Reason::Security(failure), now);
                }
                if exact && let Some(d) = self.devices.get_mut(entry.device) {
                    d.known.sample(rtt);
                }
                self.slots.release(index);
                self.ready.push_back(Ready::Job(job));
            }
            Owner::Sweep { sweep, names, detours } => {
                if detours >= MAX_DETOURS {
                    return self.fail_slot(index, &Reason::Security(failure), now);
                }
                self.slots.release(index);
                self.ready.push_back(Ready::Ask { sweep, addr, names, detours: detours + 1 });
            }
        }
    }

    /// All attempts of a request met silence. An agent that told its engine on the way is not off: it does not like the
    /// user.
    pub(super) fn silence(&mut self, index: u32, reason: Reason) -> Reason {
        let slot = self.slots.get_mut(index);
        let (owner, addr) = (slot.owner, slot.addr);
        if !matches!(reason, Reason::Timeout { .. }) || !self.is_secure(owner) {
            return reason;
        }
        if let Some(d) = self.devices.find(&addr).and_then(|d| self.devices.get_mut(d))
            && let Some(peer) = &mut d.peer
        {
            peer.silent();
        }
        let detours = match owner {
            Owner::Job(job) => self.jobs.get(job as usize).and_then(Option::as_ref).map_or(0, |e| e.detours),
            Owner::Sweep { detours, .. } => detours,
        };
        if detours == 0 {
            return reason;
        }
        self.counters.timeouts.fetch_add(1, Relaxed);
        Reason::Security(Failure::SilentToUser)
    }
}
