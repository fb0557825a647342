//! How many notifications are taken of whom: token buckets. Pure, the time is an argument.
//!
//! Every polled address has a bucket of its own, so one that floods costs the others nothing. Strangers have small ones and
//! share one more; their table is bounded, because their addresses may be invented.

use std::collections::HashMap;
use std::net::IpAddr;

/// Most strangers remembered at once.
const MAX_STRANGERS: usize = 1_024;
/// The table of strangers is swept at most this often, in milliseconds.
const SWEEP_EVERY: u64 = 1_000;

/// A burst and a steady rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    pub burst: f64,
    pub per_second: f64,
}

/// A switch that loses power tells every port at once; no device has more to say than this.
const DEVICE: Rate = Rate { burst: 100.0, per_second: 5.0 };
const STRANGER: Rate = Rate { burst: 5.0, per_second: 0.1 };
const STRANGERS: Rate = Rate { burst: 50.0, per_second: 10.0 };
/// Of all together: what the database shall write at most.
const TOTAL: Rate = Rate { burst: 2_000.0, per_second: 200.0 };

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: u64,
}

impl Bucket {
    fn full(rate: Rate, now: u64) -> Self {
        Bucket { tokens: rate.burst, at: now }
    }
    fn fill(&mut self, rate: Rate, now: u64) {
        let seconds = now.saturating_sub(self.at) as f64 / 1000.0;
        self.tokens = (self.tokens + seconds * rate.per_second).min(rate.burst);
        self.at = now;
    }
    fn take(&mut self, rate: Rate, now: u64) -> bool {
        self.fill(rate, now);
        let has = self.tokens >= 1.0;
        if has {
            self.tokens -= 1.0;
        }
        has
    }
}

#[derive(Debug)]
pub struct Limiter {
    devices: HashMap<IpAddr, Bucket>,
    strangers: HashMap<IpAddr, Bucket>,
    all_strangers: Bucket,
    total: Bucket,
    swept_at: u64,
}

impl Limiter {
    pub fn new(now: u64) -> Self {
        Limiter {
            devices: HashMap::new(),
            strangers: HashMap::new(),
            all_strangers: Bucket::full(STRANGERS, now),
            total: Bucket::full(TOTAL, now),
            swept_at: now,
        }
    }

    /// Is one more of this source to be read? `now` in milliseconds of any steady clock.
    pub fn admit(&mut self, source: IpAddr, is_polled: bool, now: u64) -> bool {
        let own = if is_polled {
            self.devices.entry(source).or_insert(Bucket::full(DEVICE, now)).take(DEVICE, now)
        } else {
            self.stranger(source, now)
        };
        own && self.total.take(TOTAL, now)
    }

    fn stranger(&mut self, source: IpAddr, now: u64) -> bool {
        if let Some(bucket) = self.strangers.get_mut(&source) {
            return bucket.take(STRANGER, now) && self.all_strangers.take(STRANGERS, now);
        }
        if self.strangers.len() >= MAX_STRANGERS && now.saturating_sub(self.swept_at) >= SWEEP_EVERY {
            self.swept_at = now;
            self.strangers.retain(|_, b| {
                b.fill(STRANGER, now);
                b.tokens < STRANGER.burst
            });
        }
        if !self.all_strangers.take(STRANGERS, now) || self.strangers.len() >= MAX_STRANGERS {
            return false;
        }
        let mut bucket = Bucket::full(STRANGER, now);
        bucket.tokens -= 1.0;
        self.strangers.insert(source, bucket);
        true
    }

    /// Forgets addresses that are polled no more.
    pub fn keep(&mut self, is_polled: impl Fn(&IpAddr) -> bool) {
        self.devices.retain(|a, _| is_polled(a));
    }

    /// Sources remembered.
    pub fn len(&self) -> usize {
        self.devices.len() + self.strangers.len()
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(n: u32) -> IpAddr {
        IpAddr::from(n.to_be_bytes())
    }

    #[test]
    fn a_flood_is_cut_to_its_rate_and_costs_others_nothing() {
        let mut l = Limiter::new(0);
        let mut taken = 0;
        // 50,000 a second for ten seconds, from one polled device; another speaks once a second.
        for i in 0..500_000u64 {
            let now = i / 50;
            taken += u32::from(l.admit(ip(1), true, now));
            if i % 50_000 == 0 {
                assert!(l.admit(ip(2), true, now), "the quiet one at {now} ms");
            }
        }
        assert!((140..=155).contains(&taken), "{taken}");
        // After a pause it has its burst again.
        assert_eq!((0..200).filter(|_| l.admit(ip(1), true, 60_000)).count(), 100);
    }

    #[test]
    fn invented_addresses_fill_no_memory_and_crowd_out_no_device() {
        let mut l = Limiter::new(0);
        let mut taken = 0;
        for i in 0..500_000u64 {
            taken += u32::from(l.admit(ip(i as u32 + 10), false, i / 50));
            if i % 10_000 == 0 {
                assert!(l.admit(ip(1), true, i / 50));
            }
        }
        assert!((100..=155).contains(&taken), "{taken}");
        assert!(l.len() <= MAX_STRANGERS + 1);
        l.keep(|_| false);
        assert!(l.len() <= MAX_STRANGERS);
    }
}
