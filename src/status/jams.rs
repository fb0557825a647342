//! Jams that come in clusters: one jam is whoever stands there, several are a repair (`domain/workflows.md` 3.1, class J).
//!
//! Pure. Three within a day, five within a thousand pages, or four within a week that are three times as many as the device's
//! own last ninety days have.

use crate::model::{DeviceState, Jam, Millis};

/// Jams remembered.
const KEPT: usize = 64;
const REMEMBERED: i64 = 90 * Millis::DAY;
const IN_A_DAY: usize = 3;
const IN_PAGES: usize = 5;
const PAGES: i64 = 1_000;
const IN_A_WEEK: usize = 4;
/// Times its own rate.
const OWN_RATE: i64 = 3;
/// The own rate is known after so long.
const KNOWN_AFTER: i64 = 30 * Millis::DAY;

/// A new jam.
pub(super) fn note(state: &mut DeviceState, at: Millis, pages: Option<i64>) {
    state.jams.retain(|j| at.since(j.at) < REMEMBERED);
    state.jams.push(Jam { at, pages });
    let extra = state.jams.len().saturating_sub(KEPT);
    state.jams.drain(..extra);
}

/// How many jams make the cluster that is there now.
pub(super) fn cluster(state: &DeviceState, now: Millis) -> Option<usize> {
    let within = |time: i64| state.jams.iter().filter(|j| now.since(j.at) < time).count();
    let last = state.jams.last().filter(|j| now.since(j.at) < Millis::DAY)?;
    let day = within(Millis::DAY);
    if day >= IN_A_DAY {
        return Some(day);
    }
    if let Some(pages) = last.pages {
        let near = state.jams.iter().filter(|j| j.pages.is_some_and(|p| (0..PAGES).contains(&(pages - p)))).count();
        if near >= IN_PAGES {
            return Some(near);
        }
    }
    let (week, all) = (within(7 * Millis::DAY), state.jams.len());
    let first = state.jams.first().map_or(0, |j| now.since(j.at));
    let before = i64::try_from(all - week).unwrap_or(i64::MAX);
    let days = (first - 7 * Millis::DAY) / Millis::DAY;
    let often = first >= KNOWN_AFTER && before > 0 && (week as i64) * days >= OWN_RATE * before * 7;
    (week >= IN_A_WEEK && often).then_some(week)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(jams: &[(i64, i64)]) -> Option<usize> {
        let mut s = DeviceState::default();
        for (hour, pages) in jams {
            note(&mut s, Millis(hour * Millis::HOUR), Some(*pages));
        }
        cluster(&s, Millis(jams.last().unwrap().0 * Millis::HOUR))
    }

    #[test]
    fn clusters() {
        assert_eq!(after(&[(0, 0), (5, 400)]), None);
        assert_eq!(after(&[(0, 0), (5, 4_000), (23, 9_000)]), Some(3));
        assert_eq!(after(&[(0, 0), (5, 4_000), (24, 9_000)]), None, "not within a day");
        assert_eq!(after(&[(0, 0), (30, 200), (60, 400), (90, 600), (120, 999)]), Some(5));
        assert_eq!(after(&[(0, 0), (30, 200), (60, 400), (90, 600), (120, 1_000)]), None);
        // Once a fortnight for ten weeks, then four in a week.
        let rare: Vec<(i64, i64)> = (0..6).map(|n| (n * 14 * 24, n * 10_000)).collect();
        assert_eq!(after(&rare), None);
        let often = [rare, (1..=3).map(|n| (70 * 24 + n * 30, 50_000 + n * 5_000)).collect()].concat();
        assert_eq!(after(&often), Some(4));
    }

    #[test]
    fn what_is_old_is_forgotten() {
        let mut s = DeviceState::default();
        for n in 0..200 {
            note(&mut s, Millis(n * Millis::MINUTE), None);
        }
        assert_eq!(s.jams.len(), KEPT);
        assert!(cluster(&s, Millis(200 * Millis::MINUTE)).is_some());
        assert_eq!(cluster(&s, Millis(2 * Millis::DAY)), None, "over");
        note(&mut s, Millis(100 * Millis::DAY), None);
        assert_eq!(s.jams.len(), 1);
    }
}
