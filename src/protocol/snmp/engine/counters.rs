//! Counters of a worker: written by its thread alone, read by anybody, never locked.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::super::result::Stats;

/// The same fields as `Stats`.
#[derive(Debug, Default)]
pub struct Counters {
    pub sent: AtomicU64,
    pub received: AtomicU64,
    pub retries: AtomicU64,
    pub timeouts: AtomicU64,
    pub stray: AtomicU64,
    pub malformed: AtomicU64,
    pub drops: AtomicU64,
    pub unreachable: AtomicU64,
    pub send_errors: AtomicU64,
    pub devices: AtomicU64,
    pub in_flight: AtomicU64,
}

/// One more. With a single writer a load and a store do, and cost nothing.
#[inline]
pub fn count(counter: &AtomicU64) {
    counter.store(counter.load(Relaxed).wrapping_add(1), Relaxed);
}

impl Counters {
    pub fn read(&self) -> Stats {
        let get = |c: &AtomicU64| c.load(Relaxed);
        Stats {
            sent: get(&self.sent),
            received: get(&self.received),
            retries: get(&self.retries),
            timeouts: get(&self.timeouts),
            stray: get(&self.stray),
            malformed: get(&self.malformed),
            drops: get(&self.drops),
            unreachable: get(&self.unreachable),
            send_errors: get(&self.send_errors),
            devices: get(&self.devices),
            in_flight: get(&self.in_flight),
        }
    }
}
