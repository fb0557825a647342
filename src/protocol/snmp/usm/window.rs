//! An engine's clock as we know it: boots and seconds since boot (RFC 3414, sections 2.2 and 3.2).
//!
//! Time is an argument, in microseconds of any steady clock. Whether a message may change it is decided elsewhere.

/// A message is timely when it is at most this much older than what the engine's clock must show by now.
pub const WINDOW_SECONDS: u32 = 150;
/// snmpEngineBoots and snmpEngineTime end here; an engine whose boots did is dead until it gets new keys.
pub const LATCHED: u32 = 0x7FFF_FFFF;

/// How a message's boots and time compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeliness {
    /// Of this moment, and later than all before it: our notion may move on.
    Newer,
    /// Of this moment.
    Within,
    /// Said too long ago, or before the engine last started.
    Outside,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    boots: u32,
    /// The latest engine time that was believed, and when.
    time: u32,
    at: u64,
}

impl Clock {
    pub fn new(boots: u32, time: u32, now: u64) -> Self {
        Clock { boots: boots.min(LATCHED), time: time.min(LATCHED), at: now }
    }
    pub fn boots(&self) -> u32 {
        self.boots
    }
    /// What the engine's time must be by now.
    pub fn time(&self, now: u64) -> u32 {
        let passed = u32::try_from(now.saturating_sub(self.at) / 1_000_000).unwrap_or(LATCHED);
        self.time.saturating_add(passed).min(LATCHED)
    }
    /// For a message from the engine itself (RFC 3414, section 3.2, step 7b).
    pub fn judge(&self, boots: u32, time: u32, now: u64) -> Timeliness {
        if boots >= LATCHED || boots < self.boots {
            Timeliness::Outside
        } else if boots > self.boots || time > self.time {
            Timeliness::Newer
        } else if time.saturating_add(WINDOW_SECONDS) < self.time(now) {
            Timeliness::Outside
        } else {
            Timeliness::Within
        }
    }
    /// For a message to the engine, which knows its own clock (step 7a).
    pub fn admits(&self, boots: u32, time: u32, now: u64) -> bool {
        self.boots < LATCHED && boots == self.boots && time.abs_diff(self.time(now)) <= WINDOW_SECONDS
    }
    /// Whether both tell of the same start of an engine, give or take the window.
    pub fn agrees(&self, other: &Clock, now: u64) -> bool {
        self.boots == other.boots && self.time(now).abs_diff(other.time(now)) <= WINDOW_SECONDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    const S: u64 = 1_000_000;

    #[test]
    fn time_goes_on_between_messages() {
        let c = Clock::new(4, 1_000, 10 * S);
        assert_eq!((c.time(10 * S), c.time(180 * S), c.time(0)), (1_000, 1_170, 1_000));
        assert_eq!(Clock::new(1, LATCHED - 1, 0).time(u64::MAX), LATCHED);
    }

    #[test]
    fn old_messages_are_told_from_new_ones() {
        let c = Clock::new(4, 1_000, 0);
        assert_eq!(c.judge(4, 1_001, S), Timeliness::Newer);
        assert_eq!(c.judge(4, 1_000, S), Timeliness::Within);
        assert_eq!(c.judge(4, 851, S), Timeliness::Within);
        assert_eq!(c.judge(4, 850, S), Timeliness::Outside);
        assert_eq!(c.judge(3, 5_000, S), Timeliness::Outside);
        assert_eq!(c.judge(5, 0, S), Timeliness::Newer, "the engine restarted");
        assert_eq!(c.judge(LATCHED, 5, S), Timeliness::Outside);
        // Rule of the RFC: later than the latest is always an update, however late our own notion says it is.
        assert_eq!(c.judge(4, 1_001, 1_000 * S), Timeliness::Newer);
    }

    #[test]
    fn an_engine_admits_what_is_of_now() {
        let c = Clock::new(4, 1_000, 0);
        assert!(c.admits(4, 850, 0) && c.admits(4, 1_150, 0) && c.admits(4, 1_000, 150 * S));
        assert!(!c.admits(4, 849, 0) && !c.admits(4, 1_151, 0) && !c.admits(3, 1_000, 0) && !c.admits(5, 1_000, 0));
        assert!(!Clock::new(LATCHED, 5, 0).admits(LATCHED, 5, 0));
    }
}
