//! Requests in flight, found by the request id itself: `1 | slot (17 bits) | generation (11) | attempt (2)`.
//!
//! Every id is a positive 31-bit number of the same encoded length. The generation makes an answer to a finished request
//! a stranger; the attempt tells which of several sendings is answered, so that round-trip times are exact.

use std::net::SocketAddr;

use super::super::result::Reason;

pub const MAX_SLOTS: usize = 1 << 17;
const GENERATIONS: u32 = 1 << 11;
const ATTEMPT_MASK: u32 = 0b11;

/// Whose request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Job(u32),
    /// A sweep, with the names still to ask of this address.
    Sweep {
        sweep: u32,
        names: u8,
        /// Reports that turned it around so far (SNMPv3).
        detours: u8,
    },
}

pub struct Slot {
    /// Id of the last sending; 0 when free.
    pub id: u32,
    /// request-id inside an SNMPv3 message: an old answer whose message id comes around again does not know it.
    pub nonce: i32,
    /// Which sendings were probes for the SNMPv3 engine, a bit for each attempt.
    pub probes: u8,
    pub owner: Owner,
    pub addr: SocketAddr,
    pub attempt: u8,
    /// Microseconds of the first and the last sending.
    pub first: u64,
    pub last: u64,
    /// What went wrong so far, if more is known than silence.
    pub problem: Option<Box<Reason>>,
    generation: u32,
}

pub struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
    random: u64,
}

pub fn slot_of(id: u32) -> u32 {
    (id >> 13) & (MAX_SLOTS as u32 - 1)
}
pub fn attempt_of(id: u32) -> u8 {
    (id & ATTEMPT_MASK) as u8
}
fn same_request(a: u32, b: u32) -> bool {
    a & !ATTEMPT_MASK == b & !ATTEMPT_MASK
}

impl Slots {
    pub fn new(seed: u64) -> Self {
        Slots { slots: Vec::new(), free: Vec::new(), random: seed | 1 }
    }
    pub fn in_flight(&self) -> usize {
        self.slots.len() - self.free.len()
    }
    pub fn available(&self) -> bool {
        !self.free.is_empty() || self.slots.len() < MAX_SLOTS
    }

    /// xorshift.
    fn random(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 32) as u32
    }

    /// Reserves a slot; `None` when all are taken.
    pub fn acquire(&mut self, owner: Owner, addr: SocketAddr, now: u64) -> Option<u32> {
        let index = match self.free.pop() {
            Some(i) => i,
            None if self.slots.len() < MAX_SLOTS => {
                // Generations start where an outsider cannot guess.
                let generation = self.random() % GENERATIONS;
                self.slots.push(Slot {
                    id: 0,
                    nonce: 0,
                    probes: 0,
                    owner,
                    addr,
                    attempt: 0,
                    first: 0,
                    last: 0,
                    problem: None,
                    generation,
                });
                (self.slots.len() - 1) as u32
            }
            None => return None,
        };
        let nonce = (self.random() >> 1).max(1).cast_signed();
        let slot = &mut self.slots[index as usize];
        (slot.nonce, slot.probes) = (nonce, 0);
        slot.generation = (slot.generation + 1) % GENERATIONS;
        (slot.owner, slot.addr, slot.attempt, slot.problem) = (owner, addr, 0, None);
        (slot.first, slot.last) = (now, now);
        slot.id = 1 << 30 | index << 13 | slot.generation << 2;
        Some(index)
    }
    /// The same request once more: a new id that differs in the attempt only.
    pub fn resend(&mut self, index: u32, now: u64) {
        let slot = &mut self.slots[index as usize];
        slot.attempt = slot.attempt.saturating_add(1);
        slot.last = now;
        slot.id = (slot.id & !ATTEMPT_MASK) | (u32::from(slot.attempt) & ATTEMPT_MASK);
    }
    pub fn release(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        if slot.id != 0 {
            slot.id = 0;
            slot.problem = None;
            self.free.push(index);
        }
    }
    pub fn get_mut(&mut self, index: u32) -> &mut Slot {
        &mut self.slots[index as usize]
    }
    /// The slot whose last sending has exactly this id.
    pub fn waiting(&self, id: u32) -> Option<u32> {
        let index = slot_of(id);
        (id != 0 && self.slots.get(index as usize)?.id == id).then_some(index)
    }
    /// The slot that waits for an answer with this id, to any of its attempts.
    pub fn find(&self, id: u32) -> Option<u32> {
        let index = slot_of(id);
        let slot = self.slots.get(index as usize)?;
        (slot.id != 0 && same_request(slot.id, id) && attempt_of(id) <= slot.attempt.min(3)).then_some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr() -> SocketAddr {
        "127.0.0.1:161".parse().unwrap()
    }

    #[test]
    fn an_answer_to_a_finished_request_is_a_stranger() {
        let mut s = Slots::new(7);
        let i = s.acquire(Owner::Job(1), addr(), 0).unwrap();
        let first = s.get_mut(i).id;
        assert!(first > 0x3FFF_FFFF && first < 0x8000_0000);
        s.resend(i, 5);
        let second = s.get_mut(i).id;
        assert_ne!(first, second);
        assert_eq!((s.find(first), s.find(second)), (Some(i), Some(i)));
        assert_eq!((s.waiting(first), s.waiting(second)), (None, Some(i)));
        assert_eq!(s.find(second + 1), None, "an attempt that was never sent");
        s.release(i);
        assert_eq!(s.find(first), None);
        let again = s.acquire(Owner::Job(2), addr(), 9).unwrap();
        assert_eq!(again, i);
        assert_eq!((s.find(first), s.find(second)), (None, None));
    }

    #[test]
    fn slots_end() {
        let mut s = Slots::new(1);
        for _ in 0..MAX_SLOTS {
            assert!(s.acquire(Owner::Job(0), addr(), 0).is_some());
        }
        assert!(!s.available() && s.acquire(Owner::Job(0), addr(), 0).is_none());
        s.release(3);
        s.release(3);
        assert_eq!(s.in_flight(), MAX_SLOTS - 1);
        assert_eq!(s.acquire(Owner::Job(0), addr(), 0), Some(3));
    }
}
