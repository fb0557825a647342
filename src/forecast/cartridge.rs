//! What is in the machine now: its level and use by every reading of the gauge we hold possible, and how it ended before.
//!
//! Two kinds of work are followed side by side, printed pages and effective days; and three ways in which a gauge may round,
//! since nobody tells which: the words of a step are 10 % wide, its edge is not. The forecast chooses.

use serde::{Deserialize, Serialize};

use super::filter::{Drift, Filter};

/// Cartridges of one article differ by so much in use per page.
const BETWEEN: f64 = 0.10;
/// Where "low" begins, until learnt: RFC 3805 leaves it to the maker, lamps come on at 10 to 20 %.
pub const LOW: (f64, f64) = (0.11, 0.07);
/// Finished cartridges whose ends are remembered.
const ENDS: usize = 8;

/// Printed pages over the nominal yield; effective days.
pub const PAGES: usize = 0;
pub const DAYS: usize = 1;
/// Work done since the series began, by kind.
pub type Work = [f64; 2];

/// Where the true level is within a step when the gauge begins to show it: a gauge that rounds up shows 90 % from 90 %
/// down, one that rounds to the nearest from 95 %, one that rounds down from just under 100 %.
pub const ROUNDINGS: [f64; 3] = [0.0, 0.5, 1.0];

pub const DRIFT: [Drift; 2] = [
    Drift { by_level: 0.0004, by_work: 0.0, use_by_level: 0.003, use_by_work: 0.0 },
    Drift { by_level: 0.0, by_work: 0.7, use_by_level: 0.0, use_by_work: 0.000_2 },
];

/// Mean and variance of something learnt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Belief {
    pub mean: f64,
    pub var: f64,
}

/// A level seen at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub at: i64,
    pub number: f64,
    pub work: Work,
}

/// The cartridge in the machine, and what its predecessors taught. A wrong "replaced" puts the former one back whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Core {
    /// Begun by a replacement that was seen.
    pub whole: bool,
    pub begun: Work,
    /// Number at its first reading.
    begun_at: Option<f64>,
    /// Up to where the filters have come.
    pub done: Work,
    pub filters: [[Filter; 3]; 2],
    /// Lowest number that its neighbours confirm.
    pub min: Option<f64>,
    pub edges: u32,
    /// How far the gauge stands above its lowest: somebody shook the cartridge.
    pub rebound: f64,
    pub low_at: Option<Work>,
    pub empty: bool,
    /// Cartridges in a row that seemed far too long.
    long_ones: u8,
    /// Use per work of this device's cartridges, by kind of work and rounding.
    uses: [[Belief; 3]; 2],
    pub finished: u32,
    /// Levels at which it was replaced, newest last; only those that were known.
    pub ends: Vec<f64>,
    /// Where "low" began, from the work between low and empty.
    pub lows: Vec<f64>,
}

impl Core {
    pub fn new(uses: [Belief; 2]) -> Self {
        let filters = uses.map(|b| [Filter::new(0.5, 0.3, b.mean, b.var); 3]);
        Core {
            whole: false,
            begun: [0.0; 2],
            begun_at: None,
            done: [0.0; 2],
            filters,
            min: None,
            edges: 0,
            rebound: 0.0,
            low_at: None,
            empty: false,
            long_ones: 0,
            uses: uses.map(|b| [b; 3]),
            finished: 0,
            ends: Vec::new(),
            lows: Vec::new(),
        }
    }

    fn each(&mut self, work: Work, mut change: impl FnMut(&mut Filter, f64, usize)) {
        for (kind, filters) in self.filters.iter_mut().enumerate() {
            let step = work[kind] - self.done[kind];
            for (f, rounding) in filters.iter_mut().zip(ROUNDINGS) {
                f.predict(step, &DRIFT[kind]);
                change(f, rounding, kind);
            }
        }
        self.done = work;
    }

    /// First look at a cartridge that was in use already.
    pub fn found(&mut self, p: Point, step: f64) {
        self.begun = p.work;
        self.done = p.work;
        self.begun_at = Some(p.number);
        self.min = Some(p.number);
        for filters in &mut self.filters {
            for (f, rounding) in filters.iter_mut().zip(ROUNDINGS) {
                let sd = (step / 3.0).max(0.015);
                *f = Filter::new((p.number + (rounding - 0.5) * step).clamp(0.0, 1.0), sd, f.k, f.kk);
            }
        }
    }

    /// The number fell to `p.number` some time after `before`.
    pub fn edge(&mut self, p: Point, before: Work, step: f64) {
        self.each(p.work, |f, rounding, kind| {
            // A drop seen late fell somewhere on the way.
            let unseen = (f.k * (p.work[kind] - before[kind])).clamp(0.0, step);
            let sd = ((0.08 * step).max(0.01).powi(2) + unseen * unseen / 12.0).sqrt();
            f.level_is(p.number + rounding * step - 0.5 * unseen, sd);
        });
        self.min = Some(p.number);
        self.edges = self.edges.saturating_add(1);
        self.rebound = 0.0;
    }

    /// A trembling gauge: the number as it is, give or take `noise`.
    pub fn about(&mut self, p: Point, step: f64, noise: f64) {
        self.each(p.work, |f, rounding, _| {
            f.level_is(p.number + (rounding - 0.5) * step, noise.hypot(0.3 * step));
        });
        if self.min.is_none_or(|m| p.number <= m - step) {
            self.edges = self.edges.saturating_add(1);
            self.min = Some(p.number);
        }
    }

    /// The number rose by `jump` and nothing was replaced: less is certain, once.
    pub fn shaken(&mut self, jump: f64) {
        if jump > self.rebound {
            let more = (0.5 * jump).powi(2) - (0.5 * self.rebound).powi(2);
            self.filters.iter_mut().flatten().for_each(|f| f.xx += more);
            self.rebound = jump;
        }
    }

    /// A board change or a counter reset: the work done meanwhile is a guess.
    pub fn unsure(&mut self, sd: f64) {
        self.filters.iter_mut().flatten().for_each(|f| f.xx += sd * sd);
    }

    /// Where "low" begins for this device.
    pub fn low(&self) -> Belief {
        const PRIOR: f64 = 1.5;
        let n = self.lows.len() as f64;
        let mean = (self.lows.iter().sum::<f64>() + PRIOR * LOW.0) / (n + PRIOR);
        Belief { mean, var: LOW.1.powi(2) / (1.0 + n) + 0.012f64.powi(2) }
    }

    /// Much more work than a cartridge gives: one before it was replaced without a word, so this one began later. Twice in
    /// a row it is believed, as a larger cartridge.
    fn too_long(&mut self, work: Work) {
        let kind = if work[PAGES] > self.begun[PAGES] { PAGES } else { DAYS };
        let usual = self.usual(kind);
        let known = usual.var.sqrt() < 0.6 * usual.mean;
        let length = usual.mean * (work[kind] - self.begun[kind]);
        let limit = if kind == PAGES { 1.35 } else { 1.5 };
        if !known || length < limit {
            self.long_ones = 0;
            return;
        }
        self.long_ones += 1;
        if self.long_ones >= 3 {
            self.long_ones = 0;
            return;
        }
        let share = 1.0 - 1.0 / length;
        let begun = [PAGES, DAYS].map(|i| self.begun[i] + share * (work[i] - self.begun[i]));
        self.replaced_unseen(begun);
    }

    /// The device says "low", for the first time after `before`.
    pub fn says_low(&mut self, work: Work, before: Work) {
        self.too_long(work);
        let low = self.low();
        self.each(work, |f, _, kind| {
            let unseen = (f.k * (work[kind] - before[kind])).clamp(0.0, 0.1);
            f.level_is(low.mean - 0.5 * unseen, (low.var + unseen * unseen / 12.0).sqrt());
        });
        self.low_at = Some(work);
    }

    /// The device says "empty".
    pub fn says_empty(&mut self, work: Work, has_numbers: bool) {
        if self.low_at.is_none() && !has_numbers {
            self.too_long(work);
        }
        if let Some(low_at) = self.low_at.filter(|_| !has_numbers) {
            let kind = if work[PAGES] > low_at[PAGES] { PAGES } else { DAYS };
            let between = self.filters[kind][0].k * (work[kind] - low_at[kind]);
            push(&mut self.lows, between.clamp(0.01, 0.35));
        }
        self.each(work, |f, _, _| f.level_is(0.0, if has_numbers { 0.02 } else { 0.01 }));
        self.empty = true;
    }

    /// The gauge shows a step that its three roundings explain differently: how likely each is, in sum 1.
    pub fn roundings(&self, kind: usize) -> [f64; 3] {
        let fits = self.filters[kind].map(|f| f.fit);
        let best = fits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // Edges of one gauge err together, so their evidence counts half.
        let odds = fits.map(|f| (0.5 * (f - best)).exp());
        let sum: f64 = odds.iter().sum();
        odds.map(|o| o / sum)
    }

    /// The likeliest filter.
    pub fn best(&self, kind: usize) -> &Filter {
        let odds = self.roundings(kind);
        let at = (0..3).max_by(|a, b| odds[*a].total_cmp(&odds[*b])).unwrap_or(0);
        &self.filters[kind][at]
    }

    /// Closes the cartridge and begins the next at `first`; `whole`: a full one.
    pub fn replaced(&mut self, work: Work, first: Option<Point>, whole: bool, step: f64, words: bool) {
        let kind = if work[PAGES] > self.begun[PAGES] { PAGES } else { DAYS };
        let low = self.low();
        self.each(work, |_, _, _| ());
        if words && !self.empty {
            // Judged by words alone: the last word is all that is known of the end.
            let said_low = self.low_at.is_some();
            for f in self.filters.iter_mut().flatten() {
                if said_low {
                    f.level_below(low.mean, low.var.sqrt());
                } else {
                    f.level_above(low.mean, low.var.sqrt());
                }
            }
        }
        let end = *self.best(kind);
        if end.xx.sqrt() < 0.08 && (self.whole || self.edges >= 2) {
            push(&mut self.ends, if self.empty && words { 0.0 } else { end.x.clamp(-0.1, 1.0) });
        } else if words && self.whole {
            // Only that it was early is certain; leaving these out would call everybody patient.
            push(&mut self.ends, end.x.clamp(0.5 * low.mean, low.mean + 0.1));
        }
        let informed = self.edges >= 2 || self.empty || (words && self.whole && self.low_at.is_some());
        self.learn_use(informed);
        let nearly_whole = self.begun_at.zip(self.min).is_some_and(|(from, to)| from - to >= 0.8);
        if informed && (self.whole || nearly_whole) {
            self.finished = self.finished.saturating_add(1);
        }
        self.begin(work, first, whole, step);
    }

    /// Another cartridge has been in it since about `work`, which may be the past.
    pub fn replaced_unseen(&mut self, work: Work) {
        self.begin(work, None, true, 0.01);
        self.unsure(0.2);
        self.whole = false;
    }

    fn learn_use(&mut self, informed: bool) {
        for (kind, filters) in self.filters.iter().enumerate() {
            for (f, b) in filters.iter().zip(&mut self.uses[kind]) {
                if kind == DAYS {
                    // Days go on as they went; the next cartridge differs a little.
                    *b = Belief { mean: f.k, var: f.kk };
                } else if informed {
                    let between = (BETWEEN * f.k).powi(2);
                    let gain = b.var / (b.var + f.kk + between);
                    b.mean += gain * (f.k - b.mean);
                    b.var = (1.0 - gain) * b.var + (0.03 * f.k).powi(2);
                }
            }
        }
    }

    fn begin(&mut self, work: Work, first: Option<Point>, whole: bool, step: f64) {
        for (kind, filters) in self.filters.iter_mut().enumerate() {
            for (i, f) in filters.iter_mut().enumerate() {
                let b = self.uses[kind][i];
                let fit = 0.9 * f.fit;
                let (x, sd) = match first {
                    Some(p) if !whole => (p.number + (ROUNDINGS[i] - 0.5) * step, (0.3 * step).max(0.03)),
                    None if !whole => (0.7, 0.2),
                    _ => (1.0, 0.015),
                };
                *f = Filter { fit, ..Filter::new(x, sd, b.mean, b.var + (BETWEEN * b.mean).powi(2)) };
            }
        }
        self.whole = whole;
        (self.begun, self.done) = (work, work);
        self.min = first.map(|p| p.number);
        self.begun_at = self.min;
        (self.edges, self.rebound, self.low_at, self.empty) = (0, 0.0, None, false);
    }

    /// What this device's cartridges use per unit of work, apart from the one in it.
    pub fn usual(&self, kind: usize) -> Belief {
        let odds = self.roundings(kind);
        let at = (0..3).max_by(|a, b| odds[*a].total_cmp(&odds[*b])).unwrap_or(0);
        self.uses[kind][at]
    }
}

fn push(list: &mut Vec<f64>, value: f64) {
    if list.len() == ENDS {
        list.remove(0);
    }
    list.push(value);
}
