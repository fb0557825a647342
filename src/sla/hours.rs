//! The working calendar of a branch, in its own time zone: which minutes of which day count.

use std::collections::BTreeMap;

use crate::model::{CalendarDay, DayKind, Hours, Millis, Span};
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Minutes of a day.
const DAY_MINUTES: u16 = 24 * 60;
/// No clock runs longer than that many days: a calendar without hours ends there.
const LONGEST_DAYS: i32 = 3_700;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursFault {
    #[error("\"{0}\" is no span of hours: write it like 9:00-13:00, several with a comma")]
    Form(String),
    #[error("{0} ends before it begins")]
    Backwards(String),
    #[error("{0} overlaps the hours before it")]
    Overlap(String),
}

/// "9:00-13:00, 14-18" as people write it; an empty text is a day off.
pub fn parse_spans(text: &str) -> Result<Vec<Span>, HoursFault> {
    let mut spans: Vec<Span> = Vec::new();
    for part in text.split([',', ';']).map(str::trim).filter(|p| !p.is_empty()) {
        let form = || HoursFault::Form(part.to_owned());
        let (from, to) = part.split_once(['-', '–', '—']).ok_or_else(form)?;
        let (from, to) = (minute(from).ok_or_else(form)?, minute(to).ok_or_else(form)?);
        if from >= to {
            return Err(HoursFault::Backwards(part.to_owned()));
        }
        if spans.last().is_some_and(|s| s.to > from) {
            return Err(HoursFault::Overlap(part.to_owned()));
        }
        spans.push(Span { from, to });
    }
    Ok(spans)
}

/// "9", "9:00", "09.30", "24:00".
fn minute(text: &str) -> Option<u16> {
    let text = text.trim();
    let (h, m) = text.split_once([':', '.']).unwrap_or((text, "0"));
    let plain = |s: &str| (!s.is_empty() && s.len() <= 2).then(|| s.parse::<u16>().ok()).flatten();
    let (h, m) = (plain(h)?, plain(m)?);
    (m < 60).then_some(h * 60 + m).filter(|all| *all <= DAY_MINUTES)
}

/// As `parse_spans` reads it.
pub fn hours_text(spans: &[Span]) -> String {
    let time = |m: u16| format!("{}:{:02}", m / 60, m % 60);
    spans.iter().map(|s| format!("{}-{}", time(s.from), time(s.to))).collect::<Vec<_>>().join(", ")
}

fn first_working(hours: &Hours) -> &[Span] {
    hours.0.iter().find(|d| !d.is_empty()).map(Vec::as_slice).unwrap_or_default()
}

/// The agreed service time of one branch.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    hours: Hours,
    days: BTreeMap<Date, CalendarDay>,
}

impl Calendar {
    pub fn new(zone: TimeZone, hours: Hours, days: impl IntoIterator<Item = CalendarDay>) -> Self {
        Calendar { zone, hours, days: days.into_iter().map(|d| (d.date, d)).collect() }
    }

    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Why a day is not what its weekday says.
    pub fn exception(&self, date: Date) -> Option<&CalendarDay> {
        self.days.get(&date)
    }

    /// The spans that count on a day.
    pub fn spans(&self, date: Date) -> Vec<Span> {
        let usual = &self.hours.0[weekday(date)];
        match self.days.get(&date).map(|d| d.kind) {
            None => usual.clone(),
            Some(DayKind::Off) => Vec::new(),
            Some(DayKind::Short) => shortened(usual, 60),
            Some(DayKind::Working) if usual.is_empty() => first_working(&self.hours).to_vec(),
            Some(DayKind::Working) => usual.clone(),
        }
    }

    pub fn is_working(&self, date: Date) -> bool {
        !self.spans(date).is_empty()
    }

    /// The last working day on or before this one; the day itself when there is none for a year.
    pub fn working_on_or_before(&self, date: Date) -> Date {
        let mut day = date;
        for _ in 0..366 {
            if self.is_working(day) {
                return day;
            }
            day = day.saturating_sub(1.day());
        }
        date
    }

    pub fn date(&self, at: Millis) -> Date {
        Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(self.zone.clone()).date()
    }

    /// Milliseconds of agreed service time between two moments; 0 when `to` is earlier.
    pub fn working(&self, from: Millis, to: Millis) -> i64 {
        if to <= from {
            return 0;
        }
        let (mut day, last) = (self.date(from), self.date(to));
        let mut sum = 0;
        loop {
            for s in self.spans(day) {
                let (a, b) = self.moments(day, s);
                sum += (b.min(to).0 - a.max(from).0).max(0);
            }
            if day >= last {
                return sum;
            }
            day = day.saturating_add(1.day());
        }
    }

    /// The moment at which so much service time has passed since `from`; `None`: this calendar never gets there.
    pub fn after(&self, from: Millis, working: i64) -> Option<Millis> {
        if working <= 0 {
            return Some(from);
        }
        let (mut day, mut left) = (self.date(from), working);
        for _ in 0..LONGEST_DAYS {
            for s in self.spans(day) {
                let (a, b) = self.moments(day, s);
                let a = a.max(from);
                let have = (b.0 - a.0).max(0);
                if have >= left {
                    return Some(a.plus(left));
                }
                left -= have;
            }
            day = day.checked_add(1.day()).ok()?;
        }
        None
    }

    fn moments(&self, day: Date, span: Span) -> (Millis, Millis) {
        let at = |minutes: u16| {
            let midnight = day.to_datetime(Time::midnight());
            let local = midnight.saturating_add(i64::from(minutes).minutes());
            Millis(self.zone.to_timestamp(local).map(Timestamp::as_millisecond).unwrap_or_default())
        };
        (at(span.from), at(span.to))
    }
}

fn weekday(date: Date) -> usize {
    match date.weekday() {
        Weekday::Monday => 0,
        Weekday::Tuesday => 1,
        Weekday::Wednesday => 2,
        Weekday::Thursday => 3,
        Weekday::Friday => 4,
        Weekday::Saturday => 5,
        Weekday::Sunday => 6,
    }
}

/// So many minutes less at the end of the day.
fn shortened(spans: &[Span], minutes: u16) -> Vec<Span> {
    let mut left = minutes;
    let mut kept: Vec<Span> = Vec::new();
    for s in spans.iter().rev() {
        let cut = left.min(s.to - s.from);
        left -= cut;
        if s.to - cut > s.from {
            kept.push(Span { from: s.from, to: s.to - cut });
        }
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sla::Production;

    fn at(zone: &TimeZone, text: &str) -> Millis {
        let local: jiff::civil::DateTime = text.parse().unwrap();
        Millis(zone.to_timestamp(local).unwrap().as_millisecond())
    }

    fn russia(zone: &str) -> Calendar {
        Calendar::new(TimeZone::get(zone).unwrap(), Hours::default(), Production::russia().days().cloned())
    }

    #[test]
    fn hours_as_people_write_them() {
        assert_eq!(parse_spans("9:00-13:00, 14-18").unwrap(), Hours::default().0[0]);
        assert_eq!(parse_spans("00:00–24:00").unwrap(), [Span { from: 0, to: 1440 }]);
        assert_eq!(parse_spans(" ").unwrap(), []);
        for bad in ["9", "9-25", "18-9", "9-13,12-18", "9:60-10", "-", "девять-десять", "9-9"] {
            assert!(parse_spans(bad).is_err(), "{bad}");
        }
        assert_eq!(hours_text(&Hours::default().0[0]), "9:00-13:00, 14:00-18:00");
        assert_eq!(parse_spans(&hours_text(&Hours::default().0[2])).unwrap(), Hours::default().0[2]);
    }

    #[test]
    fn the_years_2025_and_2026_have_247_working_days() {
        let calendar = russia("Europe/Moscow");
        for year in [2025, 2026] {
            let days = jiff::civil::date(year, 1, 1).series(1.day()).take_while(|d| d.year() == year);
            assert_eq!(days.filter(|d| calendar.is_working(*d)).count(), 247, "{year}");
        }
        // 247 days of eight hours, four of them an hour shorter.
        let zone = calendar.zone().clone();
        let year = calendar.working(at(&zone, "2026-01-01T00:00"), at(&zone, "2027-01-01T00:00"));
        assert_eq!(year, (247 * 8 - 4) * Millis::HOUR);
    }

    #[test]
    fn deadlines_move_to_the_working_day_before() {
        let calendar = russia("Europe/Moscow");
        let day = |t: &str| t.parse::<Date>().unwrap();
        for (deadline, moved) in [
            ("2026-01-07", "2025-12-30"),
            ("2026-11-04", "2026-11-03"),
            ("2026-01-25", "2026-01-23"),
            ("2026-04-25", "2026-04-24"),
            ("2026-07-25", "2026-07-24"),
            ("2026-10-25", "2026-10-23"),
            ("2026-09-25", "2026-09-25"),
        ] {
            assert_eq!(calendar.working_on_or_before(day(deadline)), day(moved), "{deadline}");
        }
    }

    /// November 2026 by hand: 20 working days (the 4th is off), the 3rd is an hour shorter.
    #[test]
    fn a_month_counted_by_hand() {
        let calendar = russia("Asia/Vladivostok");
        let zone = calendar.zone().clone();
        let between = |a: &str, b: &str| calendar.working(at(&zone, a), at(&zone, b)) / Millis::MINUTE;
        assert_eq!(between("2026-11-01T00:00", "2026-12-01T00:00"), 20 * 480 - 60);
        assert_eq!(between("2026-11-03T16:30", "2026-11-05T09:15"), 30 + 15);
        assert_eq!(between("2026-11-03T17:00", "2026-11-05T09:00"), 0);
        assert_eq!(between("2026-11-06T12:30", "2026-11-09T14:10"), 30 + 240 + 240 + 10);
        assert_eq!(between("2026-11-07T10:00", "2026-11-08T20:00"), 0);
        assert_eq!(between("2026-11-09T13:10", "2026-11-09T13:50"), 0, "the break");
    }

    #[test]
    fn after_is_the_inverse_of_working() {
        for zone in ["Europe/Kaliningrad", "Asia/Kamchatka", "Europe/Berlin"] {
            let calendar = russia(zone);
            let start = Millis(1_767_000_000_000);
            for step in 0..400 {
                let from = start.plus(step * 7_919 * Millis::MINUTE / 3);
                for minutes in [1, 59, 480, 2_400, 30_000] {
                    let to = calendar.after(from, minutes * Millis::MINUTE).unwrap();
                    assert_eq!(calendar.working(from, to), minutes * Millis::MINUTE, "{zone} {from:?} {minutes}");
                    assert!(calendar.working(from, to.plus(-1)) < minutes * Millis::MINUTE);
                }
            }
        }
    }

    #[test]
    fn a_changed_clock_neither_adds_nor_takes_hours() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let round = Hours(std::array::from_fn(|_| vec![Span { from: 0, to: 1440 }]));
        let calendar = Calendar::new(zone.clone(), round, []);
        let hours = |a: &str, b: &str| calendar.working(at(&zone, a), at(&zone, b)) / Millis::HOUR;
        assert_eq!(hours("2026-03-29T00:00", "2026-03-30T00:00"), 23);
        assert_eq!(hours("2026-10-25T00:00", "2026-10-26T00:00"), 25);
    }

    #[test]
    fn weekends_are_worked_and_days_shortened_where_the_calendar_says_so() {
        let day = |date: &str, kind| CalendarDay { date: date.parse().unwrap(), kind, note: String::new() };
        let zone = TimeZone::UTC;
        let days = [day("2027-11-06", DayKind::Working), day("2027-11-08", DayKind::Short)];
        let calendar = Calendar::new(zone.clone(), Hours::default(), days);
        assert_eq!(calendar.working(at(&zone, "2027-11-06T00:00"), at(&zone, "2027-11-08T00:00")), 8 * Millis::HOUR);
        assert_eq!(calendar.working(at(&zone, "2027-11-08T00:00"), at(&zone, "2027-11-09T00:00")), 7 * Millis::HOUR);
        assert_eq!(
            shortened(&[Span { from: 540, to: 600 }, Span { from: 660, to: 690 }], 60),
            [Span { from: 540, to: 570 }]
        );
    }

    #[test]
    fn without_hours_nothing_is_ever_due() {
        let calendar = Calendar::new(TimeZone::UTC, Hours(Default::default()), []);
        assert_eq!(calendar.after(Millis(0), 1), None);
        assert_eq!(calendar.working(Millis(0), Millis(Millis::DAY * 30)), 0);
        let day = "2026-11-23".parse().unwrap();
        assert_eq!(calendar.working_on_or_before(day), day);
    }
}
