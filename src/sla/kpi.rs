//! Figures of service: availability with its coverage, MTRS, MTBF, tickets in time, repeats, backlog. Definitions are those
//! of the module's words below; nothing that was not observed counts as up, and nothing is divided by nothing.
//!
//! * agreed service time: working time of the branch's calendar; downtime: `Down` inside it;
//! * availability = up / (up + down); coverage = (up + down) / (up + down + unknown); unreachable counts to neither;
//! * MTRS = downtime / failures, detection included; MTBF = uptime / failures, and with no failure more than was observed.

use serde::Serialize;

use super::hours::Calendar;
use crate::model::{Millis, Reach, TicketId};

/// After so long without a reading nobody knows.
pub const SILENT_MS: i64 = 2 * Millis::HOUR;
/// A ticket of the same failure within so many days after the last one is a repeat.
pub const REPEAT_DAYS: i64 = 30;

/// What a device was in a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Up,
    Down,
    /// Its parent was down: not its fault, and not judged.
    Excluded,
    Unknown,
}

impl From<Reach> for Phase {
    fn from(reach: Reach) -> Self {
        match reach {
            Reach::Ok | Reach::Asleep | Reach::Degraded => Phase::Up,
            Reach::Down => Phase::Down,
            Reach::Unreachable => Phase::Excluded,
            Reach::Unknown => Phase::Unknown,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub from: Millis,
    pub to: Millis,
    pub phase: Phase,
}

/// What is remembered of a device's reachability.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceLife {
    pub first_seen: Millis,
    /// The last reading of any kind.
    pub last_reading: Option<Millis>,
    pub now: Reach,
    /// Ascending: when, from what, to what.
    pub changes: Vec<(Millis, Reach, Reach)>,
}

/// The device's spans inside a period, in their order, without gaps.
pub fn segments(life: &DeviceLife, from: Millis, to: Millis) -> Vec<Segment> {
    let mut found: Vec<Segment> = Vec::new();
    let mut add = |from: Millis, to: Millis, phase: Phase| {
        if to <= from {
            return;
        }
        match found.last_mut() {
            Some(last) if last.phase == phase => last.to = to,
            _ => found.push(Segment { from, to, phase }),
        }
    };
    // Before it was met, and after it was last heard of, nothing is known.
    let known_from = life.first_seen.max(from);
    let known_to = life.last_reading.map_or(known_from, |at| at.plus(SILENT_MS)).clamp(from, to);
    let later = life.changes.iter().filter(|(at, ..)| *at >= from);
    let mut state = later.clone().next().map_or(life.now, |(_, before, _)| *before);
    let mut at = from;
    let mut span = |a: Millis, b: Millis, state: Reach| {
        let (x, y) = (a.max(known_from).min(b), b.min(known_to).max(a));
        add(a, x.min(b), Phase::Unknown);
        add(x, y.max(x), state.into());
        add(y.max(x), b, Phase::Unknown);
    };
    for (when, _, after) in later.take_while(|(when, ..)| *when < to) {
        span(at, *when, state);
        (at, state) = (*when, *after);
    }
    span(at, to, state);
    found
}

/// Sums of one device, or of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct Availability {
    /// Working milliseconds.
    pub up_ms: i64,
    pub down_ms: i64,
    pub unreachable_ms: i64,
    pub unknown_ms: i64,
    pub failures: i64,
}

impl Availability {
    pub fn of(segments: &[Segment], calendar: &Calendar) -> Availability {
        let mut sums = Availability::default();
        for s in segments {
            let ms = calendar.working(s.from, s.to);
            match s.phase {
                Phase::Up => sums.up_ms += ms,
                Phase::Down => {
                    sums.down_ms += ms;
                    // A night's silence nobody was to notice is no failure.
                    sums.failures += i64::from(ms > 0);
                }
                Phase::Excluded => sums.unreachable_ms += ms,
                Phase::Unknown => sums.unknown_ms += ms,
            }
        }
        sums
    }
    pub fn plus(self, o: Availability) -> Availability {
        Availability {
            up_ms: self.up_ms + o.up_ms,
            down_ms: self.down_ms + o.down_ms,
            unreachable_ms: self.unreachable_ms + o.unreachable_ms,
            unknown_ms: self.unknown_ms + o.unknown_ms,
            failures: self.failures + o.failures,
        }
    }
    /// From 0 to 1; `None`: nothing was observed.
    pub fn share(&self) -> Option<f64> {
        let seen = self.up_ms + self.down_ms;
        (seen > 0).then(|| self.up_ms as f64 / seen as f64)
    }
    /// Share of the agreed time that was observed.
    pub fn coverage(&self) -> Option<f64> {
        let all = self.up_ms + self.down_ms + self.unknown_ms;
        (all > 0).then(|| (self.up_ms + self.down_ms) as f64 / all as f64)
    }
    pub fn mtrs_ms(&self) -> Option<i64> {
        (self.failures > 0).then(|| self.down_ms / self.failures)
    }
    /// (milliseconds, whether it is only known to be more)
    pub fn mtbf_ms(&self) -> Option<(i64, bool)> {
        match self.failures {
            0 if self.up_ms == 0 => None,
            0 => Some((self.up_ms, true)),
            n => Some((self.up_ms / n, false)),
        }
    }
}

/// A ticket as the figures see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketFacts {
    pub id: TicketId,
    pub opened_at: Millis,
    pub resolved_at: Option<Millis>,
    /// Neither cancelled nor merged.
    pub counts: bool,
    pub in_time: bool,
    /// Working time from the beginning of the work to its end.
    pub repair_ms: Option<i64>,
    pub reopened: bool,
    /// The same failure was resolved shortly before.
    pub repeat: bool,
    /// The same failure came back shortly after.
    pub came_back: bool,
}

/// Sums of tickets in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct Desk {
    pub opened: i64,
    pub resolved: i64,
    /// Of the resolved.
    pub in_time: i64,
    pub first_fix: i64,
    /// Of the opened.
    pub repeats: i64,
    /// Open at the end of the period.
    pub backlog: i64,
    /// Milliseconds, of all of them.
    pub backlog_age_ms: i64,
    pub repair_ms: i64,
    pub repaired: i64,
}

impl Desk {
    pub fn of<'a>(tickets: impl IntoIterator<Item = &'a TicketFacts>, from: Millis, to: Millis) -> Desk {
        let mut d = Desk::default();
        let inside = |at: Millis| at >= from && at < to;
        for t in tickets.into_iter().filter(|t| t.counts && t.opened_at < to) {
            if inside(t.opened_at) {
                d.opened += 1;
                d.repeats += i64::from(t.repeat);
            }
            match t.resolved_at {
                Some(at) if inside(at) => {
                    d.resolved += 1;
                    d.in_time += i64::from(t.in_time);
                    d.first_fix += i64::from(!t.reopened && !t.came_back);
                    if let Some(ms) = t.repair_ms {
                        d.repair_ms += ms;
                        d.repaired += 1;
                    }
                }
                Some(at) if at < to => {}
                _ => {
                    d.backlog += 1;
                    d.backlog_age_ms += to.since(t.opened_at);
                }
            }
        }
        d
    }
    pub fn in_time_share(&self) -> Option<f64> {
        (self.resolved > 0).then(|| self.in_time as f64 / self.resolved as f64)
    }
    pub fn first_fix_share(&self) -> Option<f64> {
        (self.resolved > 0).then(|| self.first_fix as f64 / self.resolved as f64)
    }
    pub fn mttr_ms(&self) -> Option<i64> {
        (self.repaired > 0).then(|| self.repair_ms / self.repaired)
    }
    pub fn backlog_age(&self) -> Option<i64> {
        (self.backlog > 0).then(|| self.backlog_age_ms / self.backlog)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Hours;
    use jiff::tz::TimeZone;

    const HOUR: i64 = Millis::HOUR;
    /// Monday 2 March 2026, midnight UTC.
    const START: Millis = Millis(1_772_409_600_000);

    fn at(hours: i64) -> Millis {
        START.plus(hours * HOUR)
    }

    fn life(changes: &[(i64, Reach, Reach)], now: Reach) -> DeviceLife {
        DeviceLife {
            first_seen: at(-100),
            last_reading: Some(at(1_000)),
            now,
            changes: changes.iter().map(|(h, a, b)| (at(*h), *a, *b)).collect(),
        }
    }

    fn shown(life: &DeviceLife, from: i64, to: i64) -> Vec<(i64, i64, Phase)> {
        let hours = |m: Millis| m.since(START) / HOUR;
        segments(life, at(from), at(to)).into_iter().map(|s| (hours(s.from), hours(s.to), s.phase)).collect()
    }

    #[test]
    fn a_period_is_told_whole_and_what_was_not_seen_is_unknown() {
        let one = life(&[(10, Reach::Ok, Reach::Down), (12, Reach::Down, Reach::Ok)], Reach::Ok);
        assert_eq!(shown(&one, 8, 20), [(8, 10, Phase::Up), (10, 12, Phase::Down), (12, 20, Phase::Up)]);
        assert_eq!(shown(&one, 11, 12), [(11, 12, Phase::Down)], "told by what came after");
        assert_eq!(shown(&one, 30, 31), [(30, 31, Phase::Up)]);
        let young = DeviceLife { first_seen: at(9), last_reading: Some(at(13)), ..one.clone() };
        let spans = [(8, 9, Phase::Unknown), (9, 10, Phase::Up), (10, 12, Phase::Down), (12, 15, Phase::Up)];
        assert_eq!(shown(&young, 8, 20), [&spans[..], &[(15, 20, Phase::Unknown)]].concat());
        let never = DeviceLife { last_reading: None, ..one };
        assert_eq!(shown(&never, 8, 20), [(8, 20, Phase::Unknown)]);
        assert_eq!(shown(&life(&[], Reach::Unreachable), 0, 5), [(0, 5, Phase::Excluded)]);
    }

    #[test]
    fn figures_are_those_of_working_time() {
        let calendar = Calendar::new(TimeZone::UTC, Hours::default(), []);
        // Down from 17:00 to 10:00 of the next day: two working hours of nine a day, less the break.
        let one = life(&[(17, Reach::Ok, Reach::Down), (34, Reach::Down, Reach::Ok)], Reach::Ok);
        let day = calendar.working(at(0), at(24));
        let a = Availability::of(&segments(&one, at(0), at(48)), &calendar);
        assert_eq!((a.down_ms, a.up_ms, a.failures), (2 * HOUR, 2 * day - 2 * HOUR, 1));
        assert_eq!((a.mtrs_ms(), a.mtbf_ms()), (Some(2 * HOUR), Some((2 * day - 2 * HOUR, false))));
        assert_eq!(a.coverage(), Some(1.0));
        // A night alone is no failure; without one the time between failures is only known to be more.
        let night = life(&[(20, Reach::Ok, Reach::Down), (30, Reach::Down, Reach::Ok)], Reach::Ok);
        let a = Availability::of(&segments(&night, at(0), at(48)), &calendar);
        assert_eq!((a.failures, a.share(), a.mtbf_ms()), (0, Some(1.0), Some((2 * day, true))));
        let half = DeviceLife { first_seen: at(24), ..night };
        let a = Availability::of(&segments(&half, at(0), at(48)), &calendar);
        assert_eq!((a.coverage(), a.unknown_ms), (Some(0.5), day));
        let nothing = Availability::default();
        assert_eq!(
            (nothing.share(), nothing.coverage(), nothing.mtrs_ms(), nothing.mtbf_ms()),
            (None, None, None, None)
        );
    }

    #[test]
    fn tickets_count_where_they_fall() {
        let t = |opened: i64, resolved: Option<i64>| TicketFacts {
            id: TicketId(1),
            opened_at: at(opened),
            resolved_at: resolved.map(at),
            counts: true,
            in_time: true,
            repair_ms: Some(HOUR),
            reopened: false,
            repeat: false,
            came_back: false,
        };
        let all = [
            t(-10, Some(-1)),
            TicketFacts { in_time: false, ..t(-10, Some(1)) },
            TicketFacts { repeat: true, came_back: true, ..t(1, Some(2)) },
            t(3, Some(30)),
            t(4, None),
            TicketFacts { counts: false, ..t(5, None) },
            t(26, None),
        ];
        let d = Desk::of(&all, at(0), at(24));
        assert_eq!((d.opened, d.resolved, d.in_time, d.first_fix, d.repeats, d.backlog), (3, 2, 1, 1, 1, 2));
        assert_eq!((d.backlog_age(), d.mttr_ms()), (Some((21 + 20) * HOUR / 2), Some(HOUR)));
        assert_eq!(Desk::default().in_time_share(), None);
    }
}
