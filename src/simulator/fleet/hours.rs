//! When people of the branch work: Moscow time, Monday to Friday, with a morning peak and a lunch.

use crate::model::Millis;

/// The branch is in Moscow, which keeps UTC+3 all year.
const OFFSET_HOURS: i64 = 3;

/// Local minute of the day, and day of the week from Monday = 0.
fn local(at: Millis) -> (i64, i64) {
    let local = at.0 + OFFSET_HOURS * Millis::HOUR;
    let day = local.div_euclid(Millis::DAY);
    (local.rem_euclid(Millis::DAY) / Millis::MINUTE, (day + 3).rem_euclid(7))
}

/// Office hours, 9:00 to 18:00 on working days.
pub fn is_working(at: Millis) -> bool {
    let (minute, weekday) = local(at);
    weekday < 5 && (9 * 60..18 * 60).contains(&minute)
}

/// How busy printers are, 1.0 in an ordinary working hour.
pub fn activity(at: Millis) -> f64 {
    let (minute, weekday) = local(at);
    if weekday >= 5 {
        return if (600..900).contains(&minute) { 0.04 } else { 0.0 };
    }
    match minute / 60 {
        8 => 0.3,
        9..=11 => 1.25,
        13 => 0.45,
        12 | 14..=16 => 1.05,
        17 => 0.75,
        18 | 19 => 0.12,
        _ => 0.0,
    }
}

/// A person who comes at 8:30 plus this many minutes and leaves after nine hours.
pub fn is_present(at: Millis, late: i64) -> bool {
    let (minute, weekday) = local(at);
    weekday < 5 && (510 + late..510 + late + 540).contains(&minute)
}

/// The last working day's 9:30 local time at or before `at`: a lively hour to begin with.
pub fn opening_before(at: Millis) -> Millis {
    let minute = Millis::MINUTE;
    let mut opening = Millis((at.0 + OFFSET_HOURS * Millis::HOUR).div_euclid(Millis::DAY) * Millis::DAY)
        .plus((9 * 60 + 30) * minute - OFFSET_HOURS * Millis::HOUR);
    while opening > at || local(opening).1 >= 5 {
        opening = opening.plus(-Millis::DAY);
    }
    opening
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-18 is a Wednesday.
    fn at(text: &str) -> Millis {
        Millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn office_hours_are_local() {
        assert!(is_working(at("2026-11-18T06:00:00Z")) && !is_working(at("2026-11-18T05:59:00Z")));
        assert!(is_working(at("2026-11-18T14:59:00Z")) && !is_working(at("2026-11-18T15:00:00Z")));
        assert!(!is_working(at("2026-11-22T09:00:00Z"))); // Sunday
        assert!(activity(at("2026-11-18T07:00:00Z")) > 1.0 && activity(at("2026-11-18T23:00:00Z")) == 0.0);
        assert!(is_present(at("2026-11-18T05:30:00Z"), 0) && !is_present(at("2026-11-18T05:30:00Z"), 1));
    }

    #[test]
    fn the_curtain_rises_on_a_working_morning() {
        for (now, opening) in [
            ("2026-11-18T10:00:00Z", "2026-11-18T06:30:00Z"),
            ("2026-11-18T06:29:00Z", "2026-11-17T06:30:00Z"),
            ("2026-11-22T20:00:00Z", "2026-11-20T06:30:00Z"),
            ("2026-11-16T00:00:00Z", "2026-11-13T06:30:00Z"),
        ] {
            assert_eq!(opening_before(at(now)), at(opening), "{now}");
        }
    }
}
