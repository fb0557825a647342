//! Use per effective day: a mean and a variance that forget.

use serde::{Deserialize, Serialize};

/// After so many effective days a day counts half.
const HALF_LIFE: f64 = 30.0;
/// A block of readings is closed after so many effective days.
const BLOCK: f64 = 1.0;

/// Sums over blocks of about one effective day, each block weighed by its age.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Usage {
    days: f64,
    amount: f64,
    squares: f64,
    weight: f64,
    /// Total effective days ever seen.
    pub seen: f64,
    open_days: f64,
    open_amount: f64,
}

impl Usage {
    /// `amount` was used in `days` effective days.
    pub fn add(&mut self, amount: f64, days: f64) {
        self.open_days += days;
        self.open_amount += amount;
        if self.open_days < BLOCK {
            return;
        }
        let (days, amount) = (self.open_days, self.open_amount);
        (self.open_days, self.open_amount) = (0.0, 0.0);
        let keep = (-days / HALF_LIFE * std::f64::consts::LN_2).exp();
        if self.days > 3.0 {
            let surprise = amount - self.mean() * days;
            self.squares = self.squares * keep + surprise * surprise / days;
            self.weight = self.weight * keep + 1.0;
        }
        self.days = self.days * keep + days;
        self.amount = self.amount * keep + amount;
        self.seen += days;
    }

    /// What is not known cannot be counted: begin again after a reset of the counter.
    pub fn interrupt(&mut self) {
        (self.open_days, self.open_amount) = (0.0, 0.0);
    }

    /// Per effective day.
    pub fn mean(&self) -> f64 {
        if self.days > 0.0 { self.amount / self.days } else { 0.0 }
    }

    /// Effective days that the mean rests on.
    pub fn days(&self) -> f64 {
        self.days
    }

    /// Variance of one effective day, with a prior worth a few days that printing is as uneven as its mean.
    pub fn variance(&self, mean: f64) -> f64 {
        const PRIOR: f64 = 6.0;
        (self.squares + PRIOR * (0.9 * mean).powi(2)) / (self.weight + PRIOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_follows_a_change() {
        let mut u = Usage::default();
        for _ in 0..200 {
            u.add(50.0, 0.5);
        }
        assert!((u.mean() - 100.0).abs() < 1e-9);
        for _ in 0..30 {
            u.add(200.0, 1.0);
        }
        assert!(u.mean() > 140.0 && u.mean() < 170.0, "{}", u.mean());
        assert!(u.variance(u.mean()) > 0.0);
    }
}
