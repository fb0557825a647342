//! Was it replaced? The rules in their order, each with its confidence and the signs it rests on.
//!
//! A rise alone proves nothing: gauges tremble, people shake cartridges, take them out and put them back. Every rule but
//! the serial number waits for a second reading.

use serde::{Deserialize, Serialize};

use super::gauge::Gauge;
use super::sample::{Look, Word};
use crate::model::Millis;

/// A second reading counts as confirmation after this.
pub const CONFIRMED_AFTER: i64 = 30 * Millis::MINUTE;
/// A cartridge back in its old place within this was only re-seated.
pub const RESEATED_WITHIN: i64 = Millis::DAY;

/// Which rule found the replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Another serial number of the supply.
    SerialChanged,
    /// Cartridge missing or cover open, then a higher level.
    AlertSequence,
    /// A jump to nearly full.
    LevelJump,
    /// From low or empty back to "some remains", for devices without numbers.
    AlertCleared,
    /// A jump to the middle: another part-used cartridge, or a refill.
    SwapPartial,
    /// A piece was given out for it, and the reading after that agrees.
    Issued,
}

impl Rule {
    pub const ALL: [Rule; 6] = [
        Self::SerialChanged,
        Self::AlertSequence,
        Self::LevelJump,
        Self::AlertCleared,
        Self::SwapPartial,
        Self::Issued,
    ];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SerialChanged => "serial-changed",
            Self::AlertSequence => "alert-sequence",
            Self::LevelJump => "level-jump",
            Self::AlertCleared => "alert-cleared",
            Self::SwapPartial => "swap-partial",
            Self::Issued => "issued",
        }
    }
    pub fn confidence(self) -> f64 {
        match self {
            Self::SerialChanged => 0.99,
            Self::AlertSequence => 0.95,
            Self::LevelJump => 0.9,
            Self::AlertCleared => 0.85,
            Self::SwapPartial => 0.7,
            Self::Issued => 0.95,
        }
    }
}

/// What a replacement rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    Serial {
        from: String,
        to: String,
    },
    /// An alert said that somebody was at it.
    Touched,
    /// A person gave out a piece for it.
    Issued,
    Level {
        from: f64,
        to: f64,
    },
    Word {
        from: Word,
        to: Word,
    },
    Capacity {
        from: f64,
        to: f64,
    },
    /// Confirmed by a reading so much later, minutes.
    Confirmed {
        minutes: i64,
    },
    /// Nobody looked for so long before it, hours: the time is an estimate.
    Unseen {
        hours: i64,
    },
}

/// A cartridge that was put in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replacement {
    pub at: Millis,
    pub confidence: f64,
    pub rule: Rule,
    pub evidence: Vec<Sign>,
}

impl Replacement {
    /// It happened within so many milliseconds of `at`: nobody looks all the time.
    pub fn slack_ms(&self) -> i64 {
        let unseen = self.evidence.iter().find_map(|s| match s {
            Sign::Unseen { hours } => Some(hours.saturating_mul(Millis::HOUR)),
            _ => None,
        });
        unseen.unwrap_or(0)
    }

    /// Remaining fraction before and after, where numbers told.
    pub fn levels(&self) -> Option<(f64, f64)> {
        self.evidence.iter().find_map(|s| match s {
            Sign::Level { from, to } => Some((*from, *to)),
            _ => None,
        })
    }
}

/// A rise that waits for its confirmation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub rule: Rule,
    pub from: Option<f64>,
    pub to: Option<f64>,
    pub since: Millis,
    pub evidence: Vec<Sign>,
}

/// What was known before a reading.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    pub number: Option<f64>,
    pub word: Option<Word>,
    pub gauge: &'a Gauge,
    /// What a new cartridge may have lost since the last reading.
    pub unseen_use: f64,
    /// An alert within the last day said that somebody was at it.
    pub touched: bool,
    /// The reading has another capacity than the one before.
    pub rescaled: bool,
}

impl Before<'_> {
    /// A rise smaller than this is no other cartridge.
    fn large(&self) -> f64 {
        let step = if self.gauge.known() { self.gauge.step() } else { 0.0 };
        (1.5 * step).max(0.15) - 1e-6
    }

    /// A gauge that rounds down never shows full.
    fn full(&self) -> f64 {
        let step = self.gauge.step();
        let full: f64 = match step {
            s if s >= 0.05 && self.gauge.top >= 0.6 => (self.gauge.top - 0.5 * s).min(0.9),
            s if s >= 0.2 => 0.85,
            _ => 0.9,
        };
        (full - self.unseen_use).max(0.45)
    }

    /// The rule that this reading may satisfy.
    pub fn rises(&self, look: &Look) -> Option<Rule> {
        if let (Some(from), Some(to)) = (self.number, look.number) {
            let jump = to - from;
            let partly = 0.25f64.max(2.0 * self.gauge.plausible_step(from));
            return match () {
                () if jump < self.large() => None,
                () if to >= self.full() => Some(if self.touched { Rule::AlertSequence } else { Rule::LevelJump }),
                () if self.rescaled => None,
                () if self.touched => Some(Rule::AlertSequence),
                () if to >= 0.3 && jump >= partly - 1e-6 => Some(Rule::SwapPartial),
                () => None,
            };
        }
        let was_low = matches!(self.word, Some(Word::Low | Word::Empty));
        match look.number {
            Some(to) if was_low && to >= self.full() => Some(Rule::LevelJump),
            None if look.word == Some(Word::Some) && (was_low || self.number.is_some_and(|n| n <= 0.12)) => {
                Some(Rule::AlertCleared)
            }
            _ => None,
        }
    }
}

/// What a later reading makes of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Wait,
    Confirmed,
    Dropped,
}

impl Candidate {
    pub fn judge(&self, look: &Look, at: Millis, gauge: &Gauge) -> Verdict {
        let holds = match (self.rule, self.from, look.number) {
            (Rule::AlertCleared, _, _) => match look.word {
                Some(Word::Low | Word::Empty) => Some(false),
                Some(Word::Some) => Some(true),
                None => look.number.map(|n| n > 0.2),
            },
            // Below half of the rise it has fallen back; a day of heavy printing takes less.
            (_, Some(from), Some(n)) => {
                let rise = self.to.map_or(0.15, |to| to - from);
                Some(n - from >= (0.5 * rise).max(0.1).max(gauge.step().min(0.1)))
            }
            (_, None, Some(n)) => Some(n > 0.5),
            (_, _, None) => None,
        };
        match holds {
            None => Verdict::Wait,
            Some(false) => Verdict::Dropped,
            Some(true) if at.since(self.since) >= CONFIRMED_AFTER => Verdict::Confirmed,
            Some(true) => Verdict::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(number: f64) -> Look {
        Look { number: Some(number), ..Look::default() }
    }

    #[test]
    fn small_rises_are_no_replacements_and_coarse_gauges_need_larger_ones() {
        let fine = Gauge::default();
        let before = |number| Before {
            number: Some(number),
            word: None,
            gauge: &fine,
            unseen_use: 0.0,
            touched: false,
            rescaled: false,
        };
        assert_eq!(before(0.05).rises(&look(0.2)), None, "shaken");
        assert_eq!(before(0.05).rises(&look(0.95)), Some(Rule::LevelJump));
        assert_eq!(before(0.05).rises(&look(0.6)), Some(Rule::SwapPartial));
        assert_eq!(before(0.8).rises(&look(1.0)), Some(Rule::LevelJump));
        let mut coarse = Gauge::default();
        for v in [0.75, 0.5, 0.25, 0.0, 0.25] {
            coarse.learn(v);
        }
        let before =
            Before { number: Some(0.25), word: None, gauge: &coarse, unseen_use: 0.0, touched: false, rescaled: false };
        assert_eq!(before.rises(&look(0.5)), None);
        assert_eq!(before.rises(&look(0.75)), Some(Rule::LevelJump), "this gauge never shows more");
    }

    #[test]
    fn a_rise_is_confirmed_half_an_hour_later_or_dropped() {
        let c =
            Candidate { rule: Rule::LevelJump, from: Some(0.1), to: Some(1.0), since: Millis(0), evidence: Vec::new() };
        let gauge = Gauge::default();
        assert_eq!(c.judge(&look(1.0), Millis(60_000), &gauge), Verdict::Wait);
        assert_eq!(c.judge(&look(1.0), Millis(CONFIRMED_AFTER), &gauge), Verdict::Confirmed);
        assert_eq!(c.judge(&look(0.1), Millis(60_000), &gauge), Verdict::Dropped);
        assert_eq!(c.judge(&Look::default(), Millis(CONFIRMED_AFTER), &gauge), Verdict::Wait);
    }
}
