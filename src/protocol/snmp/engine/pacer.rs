//! Pacing of what is sent: a token bucket. Time is an argument, in microseconds.

/// At most `rate` packets per second, in bursts of at most a fiftieth of a second.
pub struct Pacer {
    rate: u64,
    burst: u64,
    /// In millionths of a packet.
    tokens: u64,
    last: u64,
}

const ONE: u64 = 1_000_000;

impl Pacer {
    /// A rate of 0 means no limit.
    pub fn new(packets_per_second: u32) -> Self {
        let rate = u64::from(packets_per_second);
        let burst = (rate / 50).max(1) * ONE;
        Pacer { rate, burst, tokens: burst, last: 0 }
    }

    pub fn refill(&mut self, now: u64) {
        let earned = now.saturating_sub(self.last).saturating_mul(self.rate);
        self.tokens = self.tokens.saturating_add(earned).min(self.burst);
        self.last = self.last.max(now);
    }
    /// Whether one more packet may go now.
    pub fn ready(&self) -> bool {
        self.rate == 0 || self.tokens >= ONE
    }
    pub fn take(&mut self) {
        self.tokens = self.tokens.saturating_sub(ONE);
    }
    /// When the next packet may go.
    pub fn next(&self, now: u64) -> u64 {
        if self.ready() { now } else { now + (ONE - self.tokens).div_ceil(self.rate) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_holds_over_a_second_and_bursts_are_bounded() {
        let mut p = Pacer::new(1_000);
        let (mut now, mut sent) = (0, 0);
        while now < 1_000_000 {
            p.refill(now);
            let mut burst = 0;
            while p.ready() {
                p.take();
                burst += 1;
            }
            assert!(burst <= 20, "{burst}");
            sent += burst;
            now = p.next(now);
        }
        assert!((1_000..=1_020).contains(&sent), "{sent}");
    }

    #[test]
    fn no_limit_is_always_ready() {
        let mut p = Pacer::new(0);
        for _ in 0..10_000 {
            assert!(p.ready());
            p.take();
        }
    }
}
