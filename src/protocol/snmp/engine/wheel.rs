//! Deadlines of requests in flight: a hashed timer wheel (4 ms ticks). Insertion and expiry cost the same for 10 and 100,000.
//!
//! It cannot cancel: whoever takes an expired id checks whether it still waits. Time is an argument, in microseconds.

const TICK_SHIFT: u32 = 12;
const BUCKETS: usize = 2048;
/// Buckets that grew past this are given back when empty.
const KEEP: usize = 1024;

pub struct Wheel {
    buckets: Vec<Vec<(u64, u32)>>,
    /// The next tick to look at.
    current: u64,
    len: usize,
}

impl Wheel {
    pub fn new() -> Self {
        Wheel { buckets: vec![Vec::new(); BUCKETS], current: 0, len: 0 }
    }

    pub fn insert(&mut self, deadline: u64, id: u32) {
        let tick = ((deadline >> TICK_SHIFT) + 1).max(self.current);
        self.buckets[tick as usize % BUCKETS].push((tick, id));
        self.len += 1;
    }

    /// Moves everything due at `now` to `out`.
    pub fn expire(&mut self, now: u64, out: &mut Vec<u32>) {
        let last = now >> TICK_SHIFT;
        if self.len == 0 {
            self.current = self.current.max(last + 1);
            return;
        }
        // After a long pause every bucket is looked at once, not once per tick.
        let steps = (last + 1).saturating_sub(self.current).min(BUCKETS as u64);
        for step in 0..steps {
            let bucket = &mut self.buckets[(self.current + step) as usize % BUCKETS];
            let before = bucket.len();
            bucket.retain(|(tick, id)| {
                let due = *tick <= last;
                if due {
                    out.push(*id);
                }
                !due
            });
            self.len -= before - bucket.len();
            if bucket.is_empty() && bucket.capacity() > KEEP {
                *bucket = Vec::new();
            }
        }
        self.current = self.current.max(last + 1);
    }

    /// When `expire` may have something to do; never later than the first deadline's tick.
    pub fn next(&self) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        let ahead = (0..BUCKETS as u64).find(|i| !self.buckets[(self.current + i) as usize % BUCKETS].is_empty())?;
        Some((self.current + ahead) << TICK_SHIFT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_expires_once_and_never_early() {
        let mut w = Wheel::new();
        let deadlines: Vec<u64> = (0..5000u64).map(|i| (i * 7919) % 20_000_000).collect();
        for (i, d) in deadlines.iter().enumerate() {
            w.insert(*d, i as u32);
        }
        let (mut seen, mut out) = (vec![false; deadlines.len()], Vec::new());
        let mut now = 0;
        while let Some(next) = w.next() {
            now = next.max(now + 1);
            w.expire(now, &mut out);
            for id in out.drain(..) {
                assert!(deadlines[id as usize] <= now, "early");
                assert!(
                    now < deadlines[id as usize] + 3 * (1 << TICK_SHIFT),
                    "late by {}",
                    now - deadlines[id as usize]
                );
                assert!(!std::mem::replace(&mut seen[id as usize], true), "twice");
            }
        }
        assert!(seen.iter().all(|s| *s));
    }

    #[test]
    fn a_long_pause_loses_nothing() {
        let mut w = Wheel::new();
        w.insert(1_000, 1);
        w.insert(9_000_000, 2);
        w.insert(200_000_000, 3);
        let mut out = Vec::new();
        w.expire(100_000_000, &mut out);
        out.sort_unstable();
        assert_eq!(out, [1, 2]);
        w.insert(100_000_001, 4);
        w.expire(300_000_000, &mut out);
        out.sort_unstable();
        assert_eq!(out, [1, 2, 3, 4]);
        assert_eq!(w.next(), None);
    }
}
