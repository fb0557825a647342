//! When a replacement happened that nobody watched, and how much had been printed until then.

use super::super::calendar::Calendar;
use super::super::cartridge::{DAYS, PAGES, Work};
use super::SupplySeries;
use crate::model::Millis;

impl SupplySeries {
    /// When it happened: with the first reading that shows it, or, after a gap, where the work since then says.
    pub(super) fn moment(&self, since: Millis, to: Option<f64>, work: Work, calendar: &Calendar) -> (Millis, i64) {
        let Some(last) = self.told_at.map(|h| h.min(since)) else { return (since, 0) };
        let gap = since.since(last);
        if gap <= 3 * Millis::HOUR {
            return (since, gap);
        }
        // The middle of two days is at most a day wrong.
        if gap <= 49 * Millis::HOUR {
            return (since.plus(-gap / 2), gap);
        }
        let share = match to {
            Some(to) if self.gauge.step() <= 0.02 => self.share_after(to, work),
            _ => 0.5,
        };
        (calendar.back(last, since, share), gap)
    }

    /// Share of the gap's work that the new cartridge did.
    fn share_after(&self, to: f64, work: Work) -> f64 {
        let before = self.points.last().map_or(self.last_word_work, |p| p.work);
        let used = [PAGES, DAYS].map(|kind| self.core.best(kind).k * (work[kind] - before[kind]));
        // An empty one printed nothing until it was replaced.
        let waited = self.reference().is_some_and(|n| n <= 0.02);
        let used = if used[PAGES] > 0.0 && !waited { used[PAGES] } else { used[DAYS] };
        if used > 0.0 { (((1.0 - to).max(0.0) + 0.005) / used).clamp(0.05, 0.95) } else { 0.5 }
    }

    /// Work done until `at`, which lies between the last reading of the former cartridge and now.
    pub(super) fn work_at(&self, at: Millis, now: Millis, calendar: &Calendar) -> Work {
        let Some(last) = self.told_at.filter(|t| *t < now) else { return self.work };
        let before = self.points.last().map_or(self.last_word_work, |p| p.work);
        let whole = calendar.effective(last, now);
        let since = calendar.effective(at.clamp(last, now), now);
        let share = if whole > 0.0 { since / whole } else { 0.5 };
        let mut work = self.work;
        for (done, from) in work.iter_mut().zip(before) {
            *done -= share * (*done - from);
        }
        work
    }
}
