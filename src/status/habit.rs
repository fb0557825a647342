//! Learns when a device is usually switched off, so that an evening without it is sleep and no failure.
//!
//! Pure. An hour of a working day or of a day off is one slot; a slot counts once a day, by the first poll in it. Nothing is
//! learnt of devices that are never silent. It never says down: `reach` does, after two working hours.

use crate::model::{Habit, Millis};

/// Hours of a working day, then hours of a day off.
pub const SLOTS: usize = 48;
/// Learnt for this long before it is believed.
const LEARNT_AFTER: i64 = 28 * Millis::DAY;
/// Days seen in a slot, of working days and of days off.
const WORKING_DAYS: u8 = 15;
const DAYS_OFF: u8 = 6;
/// Absent on this share of days, in percent.
const USUAL: u32 = 60;
/// Counts are halved here: what was learnt fades within months.
const MOST: u8 = 60;

/// The number of a slot.
pub fn slot(working_day: bool, hour: u8) -> u8 {
    hour.min(23) + if working_day { 0 } else { 24 }
}

/// One poll. Begins with the first silence.
pub(super) fn learn(habit: &mut Option<Box<Habit>>, slot: Option<u8>, present: bool, at: Millis) {
    let Some(slot) = slot.filter(|s| usize::from(*s) < SLOTS) else { return };
    if habit.is_none() && present {
        return;
    }
    let h = habit
        .get_or_insert_with(|| Box::new(Habit { since: at, last: None, seen: vec![0; SLOTS], absent: vec![0; SLOTS] }));
    if h.seen.len() != SLOTS || h.absent.len() != SLOTS {
        (h.seen, h.absent) = (vec![0; SLOTS], vec![0; SLOTS]);
    }
    let counted = h.last.is_some_and(|(last, when)| last == slot && at.since(when) < 2 * Millis::HOUR);
    if counted {
        return;
    }
    h.last = Some((slot, at));
    let i = usize::from(slot);
    if h.seen[i] >= MOST {
        (h.seen[i], h.absent[i]) = (h.seen[i] / 2, h.absent[i] / 2);
    }
    h.seen[i] += 1;
    h.absent[i] += u8::from(!present);
}

/// Is the device usually off in some hours? Then silence means nothing until working hours say otherwise.
pub fn is_regular(habit: Option<&Habit>, at: Millis) -> bool {
    let Some(h) = habit.filter(|h| at.since(h.since) >= LEARNT_AFTER) else { return false };
    h.seen.iter().zip(&h.absent).enumerate().any(|(slot, (seen, absent))| {
        let enough = if slot < 24 { WORKING_DAYS } else { DAYS_OFF };
        *seen >= enough && u32::from(*absent) * 100 >= u32::from(*seen) * USUAL
    })
}

/// Share of days it was off in each slot, in percent; `None`: not seen often enough.
pub fn shares(habit: &Habit) -> Vec<Option<u8>> {
    let share = |(slot, (seen, absent)): (usize, (&u8, &u8))| {
        let enough = if slot < 24 { WORKING_DAYS } else { DAYS_OFF } / 3;
        (*seen >= enough).then(|| u8::try_from(u32::from(*absent) * 100 / u32::from((*seen).max(1))).unwrap_or(100))
    };
    habit.seen.iter().zip(&habit.absent).enumerate().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Polls every 20 minutes; on from 8 to `off` on working days.
    fn weeks(n: i64, off: impl Fn(i64) -> i64) -> (Option<Box<Habit>>, Millis) {
        let mut habit = None;
        let mut at = Millis(0);
        for day in 0..7 * n {
            let working = day % 7 < 5;
            for poll in 0..72 {
                at = Millis(day * Millis::DAY + poll * 20 * Millis::MINUTE);
                let hour = poll / 3;
                let on = working && (8..off(day)).contains(&hour);
                learn(&mut habit, Some(slot(working, hour as u8)), on, at);
            }
        }
        (habit, at)
    }

    #[test]
    fn four_weeks_of_evenings_make_a_habit() {
        let (habit, at) = weeks(3, |_| 19);
        assert!(!is_regular(habit.as_deref(), at), "too early");
        let (habit, at) = weeks(5, |_| 19);
        assert!(is_regular(habit.as_deref(), at));
        let shares = shares(habit.as_deref().unwrap());
        assert_eq!((shares[22], shares[10], shares[24 + 12]), (Some(100), Some(0), Some(100)));
        // Off an hour earlier or later now and then.
        let (habit, at) = weeks(5, |day| 19 + day % 3 - 1);
        assert!(is_regular(habit.as_deref(), at));
    }

    #[test]
    fn who_is_always_there_has_none() {
        let mut habit = None;
        for hour in 0..24 * 60 {
            learn(&mut habit, Some(slot(true, (hour % 24) as u8)), true, Millis(hour * Millis::HOUR));
        }
        assert_eq!(habit, None);
        // One bad afternoon begins the learning and shows nothing.
        learn(&mut habit, Some(slot(true, 15)), false, Millis(0));
        for hour in 0..24 * 60 {
            learn(&mut habit, Some(slot(true, (hour % 24) as u8)), true, Millis(hour * Millis::HOUR));
        }
        assert!(habit.is_some() && !is_regular(habit.as_deref(), Millis(60 * Millis::DAY)));
    }

    #[test]
    fn what_was_learnt_fades() {
        let (mut habit, mut at) = weeks(30, |_| 19);
        for _ in 0..30 * 7 * 24 {
            at = at.plus(Millis::HOUR);
            let hour = (at.0 / Millis::HOUR % 24) as u8;
            let day_off = at.0 / Millis::DAY % 7 >= 5;
            learn(&mut habit, Some(slot(!day_off, hour)), true, at);
        }
        assert!(!is_regular(habit.as_deref(), at));
    }
}
