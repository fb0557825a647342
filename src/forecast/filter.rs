//! The level of the cartridge in the machine and its use per unit of work, known together as a normal distribution.
//!
//! A linear Kalman filter on the pair (level, use). Work is pages, or effective days where there is no counter. Only what
//! says something new is fed in: the moments at which a gauge drops a step, words like "low", a level after a change.

use serde::{Deserialize, Serialize};

use super::normal;

/// How restless the world is between two observations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// Variance of the level for each unit consumed (a whole cartridge is 1).
    pub by_level: f64,
    /// Variance of the level for each unit of work, in squares of the use.
    pub by_work: f64,
    /// Variance of the use, in squares of it, for each cartridge consumed.
    pub use_by_level: f64,
    /// The same for each unit of work.
    pub use_by_work: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// Remaining fraction.
    pub x: f64,
    /// Fraction used for each unit of work.
    pub k: f64,
    pub xx: f64,
    pub xk: f64,
    pub kk: f64,
    /// Log-likelihood of what was observed.
    pub fit: f64,
}

impl Filter {
    pub fn new(x: f64, x_sd: f64, k: f64, k_var: f64) -> Self {
        Filter { x, k, xx: x_sd * x_sd, xk: 0.0, kk: k_var, fit: 0.0 }
    }

    /// `work` was done unseen.
    pub fn predict(&mut self, work: f64, drift: &Drift) {
        if work <= 0.0 {
            return;
        }
        let k = self.k.max(0.0);
        let used = k * work;
        self.x -= self.k * work;
        self.xx += work * work * self.kk - 2.0 * work * self.xk + drift.by_level * used + drift.by_work * k * k * work;
        self.xk -= work * self.kk;
        self.kk += k * k * (drift.use_by_level * used + drift.use_by_work * work);
    }

    /// The level is `z`, give or take `sd`.
    pub fn level_is(&mut self, z: f64, sd: f64) {
        let r = sd * sd;
        let y = z - self.x;
        let mut s = self.xx + r;
        let far = y * y / s;
        self.fit -= 0.5 * (s.ln() + far.min(12.0));
        if far > 9.0 {
            // Another size of cartridge, another kind of work: believe the past less.
            let more = far / 4.0;
            self.xx *= more;
            self.xk *= more;
            self.kk *= more;
            s = self.xx + r;
        }
        let (gx, gk) = (self.xx / s, self.xk / s);
        self.x += gx * y;
        self.k += gk * y;
        self.kk -= gk * self.xk;
        self.xk -= gx * self.xk;
        self.xx -= gx * self.xx;
        self.keep_sane();
    }

    /// The use is `z`, give or take `sd`.
    pub fn use_is(&mut self, z: f64, sd: f64) {
        let y = z - self.k;
        let s = self.kk + sd * sd;
        let (gx, gk) = (self.xk / s, self.kk / s);
        self.x += gx * y;
        self.k += gk * y;
        self.xx -= gx * self.xk;
        self.xk -= gx * self.kk;
        self.kk -= gk * self.kk;
        self.keep_sane();
    }

    /// The level is above `bound`, itself uncertain by `sd`.
    pub fn level_above(&mut self, bound: f64, sd: f64) {
        self.cut(bound, sd, 1.0);
    }

    /// The level is below `bound`, itself uncertain by `sd`.
    pub fn level_below(&mut self, bound: f64, sd: f64) {
        self.cut(bound, sd, -1.0);
    }

    fn cut(&mut self, bound: f64, sd: f64, side: f64) {
        let s = (self.xx + sd * sd).sqrt();
        if s <= 0.0 {
            return;
        }
        let (shift, keep) = normal::above(side * (bound - self.x) / s);
        let (gx, gk) = (self.xx / s, self.xk / s);
        self.x += side * gx * shift;
        self.k += side * gk * shift;
        let lost = 1.0 - keep;
        self.xx -= lost * gx * gx;
        self.xk -= lost * gx * gk;
        self.kk -= lost * gk * gk;
        self.keep_sane();
    }

    /// Nobody un-prints: the use stays positive, variances too.
    fn keep_sane(&mut self) {
        self.xx = self.xx.max(1e-8);
        self.kk = self.kk.max(1e-14);
        if self.k < 0.2 * self.kk.sqrt() {
            self.k = 0.2 * self.kk.sqrt();
        }
        let most = 0.999 * (self.xx * self.kk).sqrt();
        self.xk = self.xk.clamp(-most, most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALM: Drift = Drift { by_level: 0.0, by_work: 0.0, use_by_level: 0.0, use_by_work: 0.0 };

    #[test]
    fn exact_levels_give_the_use() {
        let mut f = Filter::new(1.0, 0.01, 1.0, 1.0);
        for i in 1..=10 {
            f.predict(0.1, &CALM);
            f.level_is(1.0 - 0.05 * f64::from(i), 0.005);
        }
        assert!((f.k - 0.5).abs() < 0.02, "{}", f.k);
        assert!((f.x - 0.5).abs() < 0.01, "{}", f.x);
        assert!(f.kk < 0.001);
    }

    #[test]
    fn a_bound_moves_the_mean_to_its_side_and_the_use_with_it() {
        let mut f = Filter::new(1.0, 0.01, 1.0, 0.09);
        f.predict(1.0, &CALM);
        assert!(f.x.abs() < 1e-9);
        let before = f;
        f.level_above(0.1, 0.05);
        assert!(f.x > 0.1 && f.xx < before.xx && f.k < before.k);
    }
}
