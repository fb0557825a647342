//! The gauge of a supply: the step of its numbers, the highest it ever shows, and how restless it is.

use serde::{Deserialize, Serialize};

/// Step until learnt.
const STEP: f64 = 0.01;
/// Changes between different values before a step is believed.
const ENOUGH: u32 = 3;
/// Memory of the restlessness, readings.
const MEMORY: f64 = 60.0;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Gauge {
    /// Distinct values in 1/1000, ascending; no longer kept once the step is known to be fine.
    values: Vec<u16>,
    changes: u32,
    fine: bool,
    last: Option<u16>,
    /// Highest value shown twice in a row, 0 to 1.
    pub top: f64,
    /// Mean square of a single reading's distance from its neighbours' median.
    noise: f64,
}

impl Gauge {
    /// A value that its neighbours confirm.
    pub fn learn(&mut self, value: f64) {
        let v = (value * 1000.0).round() as u16;
        self.top = self.top.max(value);
        if self.last == Some(v) {
            return;
        }
        self.changes = self.changes.saturating_add(u32::from(self.last.is_some()));
        self.last = Some(v);
        if self.fine {
            return;
        }
        if let Err(at) = self.values.binary_search(&v) {
            self.values.insert(at, v);
        }
        if self.changes >= ENOUGH && self.gap() <= 11 {
            self.fine = true;
            self.values = Vec::new();
        }
    }

    /// How far a single reading was from the median of it and its neighbours.
    pub fn restless(&mut self, distance: f64) {
        self.noise += (distance * distance - self.noise) / MEMORY;
    }

    fn gap(&self) -> u16 {
        self.values.windows(2).map(|w| w[1] - w[0]).min().unwrap_or(1000)
    }

    /// Is the step learnt?
    pub fn known(&self) -> bool {
        self.changes >= ENOUGH
    }

    /// Step as a fraction of the whole.
    pub fn step(&self) -> f64 {
        if self.fine || !self.known() { STEP } else { (f64::from(self.gap()) / 1000.0).clamp(STEP, 0.5) }
    }

    /// The step, or while it is not learnt the widest usual one that all values seen and this one fit (published gauges go
    /// by 25, 20, 10, 5 or 1 %): a lone 50 % may mean anything down to 26 %.
    pub fn plausible_step(&self, value: f64) -> f64 {
        if self.fine || self.known() {
            return self.step();
        }
        let fits = |step: f64| {
            let on_grid = |v: f64| ((v / step).round() * step - v).abs() <= 0.002;
            on_grid(value) && self.values.iter().all(|v| on_grid(f64::from(*v) / 1000.0))
        };
        [0.25, 0.2, 0.1, 0.05].into_iter().find(|s| fits(*s)).unwrap_or(STEP)
    }

    /// Standard deviation of a single reading beside its step.
    pub fn noise(&self) -> f64 {
        self.noise.sqrt()
    }

    /// Every reading trembles: its mean tells more than its steps.
    pub fn trembles(&self) -> bool {
        self.noise() > 0.6 * self.step()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_gap_is_the_step() {
        let mut g = Gauge::default();
        for v in [1.0, 0.75, 0.75, 0.5] {
            g.learn(v);
            assert_eq!(g.step(), STEP, "too early to tell");
            assert_eq!(g.plausible_step(v), 0.25);
        }
        g.learn(0.25);
        assert_eq!(g.step(), 0.25);
        assert_eq!(Gauge::default().plausible_step(0.4), 0.2);
        assert_eq!(Gauge::default().plausible_step(0.43), STEP);
        for v in [0.24, 0.23] {
            g.learn(v);
        }
        assert_eq!(g.step(), 0.01);
        assert_eq!(g.top, 1.0);
    }
}
