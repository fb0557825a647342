//! The working calendar of a branch: how much of a working day's printing falls on each day.
//!
//! An effective day is one ordinary working day; a day off counts little. Holidays are an input or learnt from days on which
//! the whole branch stood still. It knows no clock and no time zone rules: `offset_ms` is the branch's distance from UTC.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Millis;

/// Share of a working day's printing on a day off, until learnt.
const NON_WORKING: f64 = 0.04;
/// Weight of the default weekdays against what was seen, in effective days of one device.
const PRIOR_DAYS: f64 = 6.0;
/// A pair of readings further apart says nothing of single days.
const LONGEST_GAP: i64 = 26 * Millis::HOUR;
/// Devices that must have been heard for a day without printing to be a holiday.
const HOLIDAY_DEVICES: u32 = 6;

/// Weights of days. Effective days between two moments: [`Calendar::effective`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calendar {
    /// Monday first; an ordinary working day is 1.
    pub weekdays: [f64; 7],
    /// Days off beside the week, as days since 1970-01-01 in branch time, ascending.
    pub holidays: Vec<i64>,
    /// Days of a weekend that are worked, likewise.
    #[serde(default)]
    pub worked: Vec<i64>,
    /// Branch time minus UTC.
    pub offset_ms: i64,
}

impl Default for Calendar {
    fn default() -> Self {
        let mut weekdays = [1.0; 7];
        weekdays[5] = NON_WORKING;
        weekdays[6] = NON_WORKING;
        Calendar { weekdays, holidays: Vec::new(), worked: Vec::new(), offset_ms: 0 }
    }
}

impl Calendar {
    /// Effective days from `from` to `to`; 0 when `to` is earlier.
    pub fn effective(&self, from: Millis, to: Millis) -> f64 {
        if to <= from {
            return 0.0;
        }
        let (a, b) = (self.place(from), self.place(to));
        let mut sum = self.elapsed(b) - self.elapsed(a);
        let weight = |day: i64| self.weekdays[weekday(day)];
        sum -=
            within(&self.holidays, a, b).map(|(d, part)| (weight(d) - weight(d).min(NON_WORKING)) * part).sum::<f64>();
        sum += within(&self.worked, a, b).map(|(d, part)| (1.0 - weight(d)).max(0.0) * part).sum::<f64>();
        sum.max(0.0)
    }

    /// The week and the days apart as they were agreed for a branch: `works` says it of a day since 1970-01-01.
    pub fn agreed(
        weekdays: [bool; 7],
        days: std::ops::Range<i64>,
        works: impl Fn(i64) -> bool,
        offset_ms: i64,
    ) -> Self {
        let usual = |day: &i64| weekdays[weekday(*day)];
        // A branch without working days is one that nobody described.
        if weekdays == [false; 7] {
            return Calendar { offset_ms, ..Calendar::default() };
        }
        Calendar {
            weekdays: weekdays.map(|w| if w { 1.0 } else { NON_WORKING }),
            holidays: days.clone().filter(|d| usual(d) && !works(*d)).collect(),
            worked: days.filter(|d| !usual(d) && works(*d)).collect(),
            offset_ms,
        }
    }

    /// Calendar days after `from` until `effective` effective days have passed.
    pub fn days_until(&self, from: Millis, effective: f64) -> f64 {
        let per_day = (self.weekdays.iter().sum::<f64>() / 7.0).max(1e-3);
        let mut low = 0.0;
        let mut high = effective / per_day + 14.0 + self.holidays.len() as f64;
        while high - low > 1e-7 {
            let middle = 0.5 * (low + high);
            let at = from.plus((middle * Millis::DAY as f64) as i64);
            if self.effective(from, at) < effective {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }

    /// The moment before `to` from which `share` of the effective days since `from` are left.
    pub fn back(&self, from: Millis, to: Millis, share: f64) -> Millis {
        let wanted = self.effective(from, to) * share;
        let (mut low, mut high) = (from.0, to.0);
        while high - low > Millis::MINUTE {
            let middle = low + (high - low) / 2;
            if self.effective(Millis(middle), to) > wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        Millis(high)
    }

    /// Day number and the part of it that has passed, in branch time.
    fn place(&self, at: Millis) -> (i64, f64) {
        let ms = at.0.saturating_add(self.offset_ms);
        (ms.div_euclid(Millis::DAY), ms.rem_euclid(Millis::DAY) as f64 / Millis::DAY as f64)
    }

    /// Effective days since a Monday long ago, holidays apart.
    fn elapsed(&self, (day, part): (i64, f64)) -> f64 {
        let (weeks, wd) = ((day + 3).div_euclid(7), weekday(day));
        let week: f64 = self.weekdays.iter().sum();
        weeks as f64 * week + self.weekdays[..wd].iter().sum::<f64>() + part * self.weekdays[wd]
    }
}

/// The days of an ascending list between two places, with the part of each that lies between them.
fn within(list: &[i64], a: (i64, f64), b: (i64, f64)) -> impl Iterator<Item = (i64, f64)> + '_ {
    let first = list.partition_point(|d| *d < a.0);
    list[first..].iter().take_while(move |d| **d <= b.0).map(move |&day| {
        let start = if day == a.0 { a.1 } else { 0.0 };
        let end = if day == b.0 { b.1 } else { 1.0 };
        (day, end - start)
    })
}

/// Monday is 0.
fn weekday(day: i64) -> usize {
    (day + 3).rem_euclid(7) as usize
}

/// Collects what devices printed on which day; [`CalendarLearner::learnt`] makes a calendar of it.
#[derive(Debug, Clone, Default)]
pub struct CalendarLearner {
    offset_ms: i64,
    /// By day: what was used, and devices heard that day (a quarter day at least).
    days: BTreeMap<i64, (f64, u32)>,
    used: [f64; 7],
    seen: [f64; 7],
}

impl CalendarLearner {
    pub fn new(offset_ms: i64) -> Self {
        CalendarLearner { offset_ms, ..Default::default() }
    }

    /// All readings of one counter in order: pages, or the level as something that falls (give it negated).
    pub fn device(&mut self, readings: &[(Millis, f64)]) {
        let mut used: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
        for pair in readings.windows(2) {
            let [(from, a), (to, b)] = pair else { continue };
            let gap = to.since(*from);
            // A counter that fell or leapt was reset or read wrongly.
            let possible = gap as f64 / Millis::MINUTE as f64 * 200.0 + 1_000.0;
            if gap <= 0 || gap > LONGEST_GAP || b < a || b - a > possible {
                continue;
            }
            let mut start = from.0 + self.offset_ms;
            let end = to.0 + self.offset_ms;
            while start < end {
                let day = start.div_euclid(Millis::DAY);
                let stop = end.min((day + 1) * Millis::DAY);
                let part = (stop - start) as f64;
                let entry = used.entry(day).or_default();
                entry.0 += (b - a) * part / gap as f64;
                entry.1 += part / Millis::DAY as f64;
                start = stop;
            }
        }
        let (total, days) = used.values().fold((0.0, 0.0), |(u, d), v| (u + v.0, d + v.1));
        if total <= 0.0 || days < 7.0 {
            return;
        }
        // Every device counts the same, in its own average days.
        let unit = total / days;
        for (day, (amount, part)) in used {
            let wd = weekday(day);
            self.used[wd] += amount / unit;
            self.seen[wd] += part;
            let entry = self.days.entry(day).or_default();
            entry.0 += amount / unit;
            entry.1 += u32::from(part > 0.25);
        }
    }

    /// Weekday weights drawn towards the usual week while little was seen, and the days on which nobody printed.
    pub fn learnt(&self) -> Calendar {
        let default = Calendar { offset_ms: self.offset_ms, ..Calendar::default() };
        // An average day is 1 here; the usual week has 5.08 working days in 7.
        let average = default.weekdays.iter().sum::<f64>() / 7.0;
        let mut weekdays = [0.0; 7];
        for (wd, weight) in weekdays.iter_mut().enumerate() {
            let prior = default.weekdays[wd] / average;
            *weight = (self.used[wd] + PRIOR_DAYS * prior) / (self.seen[wd] + PRIOR_DAYS);
        }
        let mut ranked = weekdays;
        ranked.sort_by(|a, b| b.total_cmp(a));
        let working = ranked[..5].iter().sum::<f64>() / 5.0;
        let holidays = self.days.iter().filter(|(day, (used, heard))| {
            let expected = weekdays[weekday(**day)] * f64::from(*heard);
            *heard >= HOLIDAY_DEVICES && weekdays[weekday(**day)] > 0.5 * working && *used < 0.25 * expected
        });
        let holidays = holidays.map(|(day, _)| *day).collect();
        for weight in &mut weekdays {
            *weight = (*weight / working).clamp(0.005, 3.0);
        }
        Calendar { weekdays, holidays, worked: Vec::new(), offset_ms: self.offset_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 2024-01-01.
    const MONDAY: Millis = Millis(1_704_067_200_000);

    #[test]
    fn a_week_has_five_working_days_and_two_of_little_use() {
        let c = Calendar::default();
        let week = c.effective(MONDAY, MONDAY.plus(7 * Millis::DAY));
        assert!((week - 5.08).abs() < 1e-9, "{week}");
        assert!((c.effective(MONDAY, MONDAY.plus(Millis::DAY / 2)) - 0.5).abs() < 1e-9);
        assert_eq!(c.effective(MONDAY, MONDAY), 0.0);
    }

    #[test]
    fn a_holiday_is_no_working_day_and_the_inverse_agrees() {
        let day = MONDAY.0 / Millis::DAY;
        let c = Calendar { holidays: vec![day + 1], ..Calendar::default() };
        assert!((c.effective(MONDAY, MONDAY.plus(7 * Millis::DAY)) - 4.12).abs() < 1e-9);
        let days = c.days_until(MONDAY, 2.5);
        assert!((c.effective(MONDAY, MONDAY.plus((days * Millis::DAY as f64) as i64)) - 2.5).abs() < 1e-6);
    }

    #[test]
    fn an_agreed_week_has_its_own_days_off_and_its_worked_saturdays() {
        let day = MONDAY.0 / Millis::DAY;
        // Tuesday is a holiday, Saturday is worked for it.
        let works = |d: i64| d != day + 1 && ((d - day).rem_euclid(7) < 5 || d == day + 5);
        let c = Calendar::agreed([true, true, true, true, true, false, false], day..day + 14, works, 0);
        assert_eq!((c.holidays.as_slice(), c.worked.as_slice()), ([day + 1].as_slice(), [day + 5].as_slice()));
        assert!((c.effective(MONDAY, MONDAY.plus(7 * Millis::DAY)) - 5.08).abs() < 1e-9);
        let noon_to_noon = c.effective(MONDAY.plus(9 * Millis::DAY / 2), MONDAY.plus(11 * Millis::DAY / 2));
        assert!((noon_to_noon - 1.0).abs() < 1e-9, "{noon_to_noon}");
        assert_eq!(Calendar::agreed([false; 7], day..day + 14, works, 0), Calendar::default());
    }

    #[test]
    fn a_branch_that_works_on_saturday_is_learnt() {
        let mut learner = CalendarLearner::new(0);
        let mut pages = 0.0;
        let readings: Vec<(Millis, f64)> = (0..180)
            .map(|d| {
                let row = (MONDAY.plus(d * Millis::DAY), pages);
                pages += if (d % 7) < 6 { 100.0 } else { 0.0 };
                row
            })
            .collect();
        learner.device(&readings);
        let c = learner.learnt();
        assert!(c.weekdays[5] > 0.6, "{:?}", c.weekdays);
        assert!(c.weekdays[6] < 0.1, "{:?}", c.weekdays);
    }
}
