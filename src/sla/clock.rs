//! The two clocks of a ticket: until a person answers, and until it works again.
//!
//! Restore time is counted in working minutes of the branch. It stands while the ticket waits for somebody else (which waits
//! pause it is the agreement's choice) and between a resolution and a reopening; the user's own time goes on in both
//! numbers beside it. A changed priority changes the target, never what has passed.

use serde::{Deserialize, Serialize};

use super::hours::Calendar;
use crate::model::{Millis, SlaTarget, TicketStatus};

/// Author of what nobody did by hand.
const OURSELVES: &str = "anykey";
/// Shares of the restore target, in percent, at which somebody is told.
pub const STEPS: [u16; 4] = [50, 80, 100, 150];

/// What was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sla {
    /// P1 first.
    pub targets: [SlaTarget; 5],
    /// Statuses in which the restore clock stands.
    pub pauses: Vec<TicketStatus>,
}

impl Default for Sla {
    fn default() -> Self {
        let target = |response_minutes, restore_minutes| SlaTarget { response_minutes, restore_minutes };
        Sla {
            targets: [target(15, 120), target(30, 240), target(120, 480), target(240, 1440), target(480, 2400)],
            pauses: TicketStatus::ALL.into_iter().filter(|s| s.is_waiting()).collect(),
        }
    }
}

impl Sla {
    /// Of a priority from 1 to 5; what lies outside counts as the nearest.
    pub fn target(&self, priority: u8) -> SlaTarget {
        self.targets[usize::from(priority.clamp(1, 5)) - 1]
    }
}

/// Something in a ticket's life that clocks care about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Opened { priority: u8 },
    Status(TicketStatus),
    Priority(u8),
    Comment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happened {
    pub at: Millis,
    /// Of the branch's own people, not by the program nor by who reported it.
    pub by_person: bool,
    pub what: Moment,
}

impl Happened {
    pub fn opened(at: Millis, priority: u8) -> Self {
        Happened { at, by_person: false, what: Moment::Opened { priority } }
    }

    /// Of a line of a ticket's history as it is kept; `None`: clocks do not care.
    pub fn of(at: Millis, author: &str, kind: &str, body: &str) -> Option<Self> {
        let what = match kind {
            "status" => Moment::Status(TicketStatus::parse(body.trim())?),
            "priority" => Moment::Priority(body.trim().parse().ok()?),
            "comment" => Moment::Comment,
            _ => return None,
        };
        Some(Happened { at, by_person: author != OURSELVES, what })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Running,
    /// The ticket waits for somebody else.
    Paused,
    /// Answered, or resolved.
    Stopped,
}

/// One clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Count {
    pub state: State,
    /// Working milliseconds allowed.
    pub target_ms: i64,
    /// Working milliseconds that count.
    pub elapsed_ms: i64,
    /// When it is missed if nothing happens; `None` while it stands, after it stopped, and without hours.
    pub due_at: Option<Millis>,
}

impl Count {
    pub fn is_missed(&self) -> bool {
        self.elapsed_ms > self.target_ms
    }
    /// Negative when missed.
    pub fn left_ms(&self) -> i64 {
        self.target_ms - self.elapsed_ms
    }
    /// Share of the target, in percent, rounded down.
    pub fn percent(&self) -> i64 {
        self.elapsed_ms.saturating_mul(100) / self.target_ms.max(1)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Clock {
    pub response: Count,
    pub restore: Count,
    /// Working time in pauses.
    pub paused_ms: i64,
    /// Working time in which a vendor was waited for: the vendor's clock, not ours.
    pub vendor_ms: i64,
    /// Working time as the user felt it: pauses count.
    pub felt_ms: i64,
    /// Time as the user felt it, nights and weekends too.
    pub wall_ms: i64,
    /// Shares of the restore target that were reached, in percent, and when.
    pub steps: Vec<(u16, Millis)>,
}

/// What a ticket is between two moments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    Paused,
    Vendor,
    Done,
}

impl Phase {
    fn of(status: TicketStatus, sla: &Sla) -> Self {
        if !status.is_open() {
            Phase::Done
        } else if !sla.pauses.contains(&status) {
            Phase::Running
        } else if status == TicketStatus::WaitingVendor {
            Phase::Vendor
        } else {
            Phase::Paused
        }
    }
}

/// The clocks at `now`. The history may come in any order; what lies after `now` has not happened. Without an opening
/// there is no clock.
pub fn clock(history: &[Happened], calendar: &Calendar, sla: &Sla, now: Millis) -> Option<Clock> {
    let mut history: Vec<Happened> = history.iter().filter(|h| h.at <= now).copied().collect();
    history.sort_by_key(|h| h.at);
    let (opened, mut priority) = history.iter().find_map(|h| match h.what {
        Moment::Opened { priority } => Some((h.at, priority)),
        _ => None,
    })?;
    for h in &history {
        if let Moment::Priority(p) = h.what {
            priority = p;
        }
    }
    let target = sla.target(priority);
    let mut sum = Sum::new(i64::from(target.restore_minutes) * Millis::MINUTE);
    let (mut since, mut phase, mut answered) = (opened, Phase::Running, None);
    for h in history.iter().filter(|h| h.at >= opened) {
        if h.by_person && answered.is_none() && matches!(h.what, Moment::Status(_) | Moment::Comment) {
            answered = Some(h.at);
        }
        let Moment::Status(status) = h.what else { continue };
        sum.add(calendar, phase, since, h.at);
        (since, phase) = (h.at, Phase::of(status, sla));
        // What ended by itself was answered by nobody, and nobody is waited for.
        if phase == Phase::Done && answered.is_none() {
            answered = Some(h.at);
        }
    }
    sum.add(calendar, phase, since, now);
    let response_target = i64::from(target.response_minutes) * Millis::MINUTE;
    let waited = calendar.working(opened, answered.unwrap_or(now));
    let restore_state = match phase {
        Phase::Running => State::Running,
        Phase::Paused | Phase::Vendor => State::Paused,
        Phase::Done => State::Stopped,
    };
    let due = |elapsed: i64, target: i64| match target - elapsed {
        left if left >= 0 => calendar.after(now, left),
        // Missed already: when it happened.
        _ => None,
    };
    let missed_at = sum.steps.iter().find(|s| s.0 == 100).map(|s| s.1);
    Some(Clock {
        response: Count {
            state: if answered.is_some() { State::Stopped } else { State::Running },
            target_ms: response_target,
            elapsed_ms: waited,
            due_at: match answered {
                Some(_) => None,
                None => due(waited, response_target).or_else(|| calendar.after(opened, response_target)),
            },
        },
        restore: Count {
            state: restore_state,
            target_ms: sum.target_ms,
            elapsed_ms: sum.elapsed_ms,
            due_at: match restore_state {
                State::Running => due(sum.elapsed_ms, sum.target_ms).or(missed_at),
                State::Paused | State::Stopped => None,
            },
        },
        paused_ms: sum.paused_ms,
        vendor_ms: sum.vendor_ms,
        felt_ms: sum.elapsed_ms + sum.paused_ms,
        wall_ms: sum.wall_ms,
        steps: sum.steps,
    })
}

struct Sum {
    target_ms: i64,
    elapsed_ms: i64,
    paused_ms: i64,
    vendor_ms: i64,
    wall_ms: i64,
    steps: Vec<(u16, Millis)>,
}

impl Sum {
    fn new(target_ms: i64) -> Self {
        Sum { target_ms, elapsed_ms: 0, paused_ms: 0, vendor_ms: 0, wall_ms: 0, steps: Vec::new() }
    }

    fn add(&mut self, calendar: &Calendar, phase: Phase, from: Millis, to: Millis) {
        if phase == Phase::Done || to <= from {
            return;
        }
        let working = calendar.working(from, to);
        self.wall_ms += to.since(from);
        if phase != Phase::Running {
            self.paused_ms += working;
            if phase == Phase::Vendor {
                self.vendor_ms += working;
            }
            return;
        }
        for step in STEPS {
            let at = self.target_ms * i64::from(step) / 100;
            if at > self.elapsed_ms
                && at <= self.elapsed_ms + working
                && let Some(moment) = calendar.after(from, at - self.elapsed_ms)
            {
                self.steps.push((step, moment));
            }
        }
        self.elapsed_ms += working;
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::model::Hours;
    use crate::sla::Production;

    fn calendar() -> Calendar {
        let zone = TimeZone::get("Asia/Yekaterinburg").unwrap();
        Calendar::new(zone, Hours::default(), Production::russia().days().cloned())
    }

    fn at(text: &str) -> Millis {
        let local: jiff::civil::DateTime = text.parse().unwrap();
        Millis(calendar().zone().to_timestamp(local).unwrap().as_millisecond())
    }

    fn person(time: &str, what: Moment) -> Happened {
        Happened { at: at(time), by_person: true, what }
    }

    fn itself(time: &str, what: Moment) -> Happened {
        Happened { at: at(time), by_person: false, what }
    }

    const MINUTE: i64 = Millis::MINUTE;
    use Moment::{Comment, Opened, Priority, Status};
    use TicketStatus as S;

    fn run(history: &[Happened], now: &str) -> Clock {
        clock(history, &calendar(), &Sla::default(), at(now)).unwrap()
    }

    /// P2: 30 minutes to answer, 4 hours to restore; 3 November ends at 17:00, the 4th is off.
    #[test]
    fn over_a_holiday() {
        let history = [itself("2026-11-03T16:00", Opened { priority: 2 })];
        let c = run(&history, "2026-11-03T16:10");
        assert_eq!((c.response.elapsed_ms, c.response.due_at), (10 * MINUTE, Some(at("2026-11-03T16:30"))));
        assert_eq!((c.restore.elapsed_ms, c.restore.due_at), (10 * MINUTE, Some(at("2026-11-05T12:00"))));
        let c = run(&history, "2026-11-04T15:00");
        assert_eq!((c.restore.elapsed_ms, c.restore.due_at), (60 * MINUTE, Some(at("2026-11-05T12:00"))));
        assert!(c.response.is_missed() && !c.restore.is_missed());
        assert_eq!(c.response.due_at, Some(at("2026-11-03T16:30")));
        let c = run(&history, "2026-11-05T17:00");
        assert_eq!(
            c.steps,
            [
                (50, at("2026-11-05T10:00")),
                (80, at("2026-11-05T11:12")),
                (100, at("2026-11-05T12:00")),
                (150, at("2026-11-05T15:00")),
            ]
        );
        assert_eq!(c.restore.due_at, Some(at("2026-11-05T12:00")), "missed then");
        assert_eq!(c.wall_ms, 49 * Millis::HOUR);
    }

    #[test]
    fn pauses_stop_our_clock_and_start_the_vendors() {
        let history = [
            itself("2026-11-09T09:00", Opened { priority: 3 }),
            person("2026-11-09T09:30", Status(S::InProgress)),
            person("2026-11-09T10:00", Status(S::WaitingUser)),
            person("2026-11-09T11:00", Status(S::InProgress)),
            person("2026-11-09T12:00", Status(S::WaitingVendor)),
            person("2026-11-11T12:00", Status(S::InProgress)),
            person("2026-11-11T15:00", Status(S::Resolved)),
        ];
        let c = run(&history, "2026-11-20T12:00");
        assert_eq!((c.response.state, c.response.elapsed_ms), (State::Stopped, 30 * MINUTE));
        assert_eq!(c.restore.elapsed_ms, (60 + 60 + 120) * MINUTE);
        assert_eq!((c.restore.state, c.restore.due_at), (State::Stopped, None));
        assert_eq!((c.paused_ms, c.vendor_ms), ((60 + 960) * MINUTE, 960 * MINUTE));
        assert_eq!(c.felt_ms, c.restore.elapsed_ms + c.paused_ms);
        assert_eq!(c.wall_ms, 54 * Millis::HOUR);
        let paused = run(&history, "2026-11-10T12:00");
        assert_eq!((paused.restore.state, paused.restore.due_at), (State::Paused, None));
        assert_eq!(paused.restore.elapsed_ms, 120 * MINUTE);
        // An agreement under which a vendor's delay is ours.
        let strict = Sla { pauses: vec![S::WaitingUser], ..Sla::default() };
        let c = clock(&history, &calendar(), &strict, at("2026-11-20T12:00")).unwrap();
        assert_eq!((c.restore.elapsed_ms, c.vendor_ms), ((240 + 960) * MINUTE, 0));
        assert!(c.restore.is_missed());
    }

    #[test]
    fn a_reopened_ticket_goes_on_where_it_stood() {
        let history = [
            itself("2026-11-09T09:00", Opened { priority: 3 }),
            person("2026-11-09T10:00", Status(S::Resolved)),
            itself("2026-11-10T09:00", Status(S::New)),
        ];
        let c = run(&history, "2026-11-10T10:00");
        assert_eq!(c.restore.elapsed_ms, 120 * MINUTE);
        assert_eq!(c.restore.due_at, Some(at("2026-11-10T17:00")));
        assert_eq!(c.wall_ms, 2 * Millis::HOUR);
    }

    #[test]
    fn a_new_priority_changes_the_target_not_what_has_passed() {
        let mut history = vec![itself("2026-11-09T09:00", Opened { priority: 5 })];
        assert_eq!(run(&history, "2026-11-09T12:00").restore.percent(), 7);
        history.push(person("2026-11-09T12:00", Priority(1)));
        let c = run(&history, "2026-11-09T12:00");
        assert_eq!((c.restore.percent(), c.restore.is_missed()), (150, true));
        // A change of priority is no answer.
        assert_eq!(c.response.state, State::Running);
        history.push(person("2026-11-09T12:30", Comment));
        assert_eq!(run(&history, "2026-11-09T13:00").response.elapsed_ms, 210 * MINUTE);
    }

    #[test]
    fn order_and_future_do_not_matter() {
        let mut history = vec![
            itself("2026-11-09T09:00", Opened { priority: 2 }),
            person("2026-11-09T10:00", Status(S::InProgress)),
            person("2026-11-09T11:00", Status(S::Resolved)),
        ];
        let told = run(&history, "2026-11-09T10:30");
        assert_eq!(told.restore.state, State::Running);
        history.reverse();
        assert_eq!(run(&history, "2026-11-09T10:30"), told);
        assert_eq!(clock(&history[..2], &calendar(), &Sla::default(), at("2026-11-09T12:00")), None);
    }

    /// However a life is cut into moments that change nothing, the clock says the same; pauses and running add up.
    #[test]
    fn the_clock_is_a_sum() {
        let mut seed = 7_u64;
        let mut next = |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % n
        };
        let calendar = calendar();
        for _ in 0..300 {
            let mut t = at("2026-10-26T08:00").plus(next(20_000) as i64 * MINUTE);
            let mut history = vec![Happened { at: t, by_person: false, what: Opened { priority: 1 + next(5) as u8 } }];
            for _ in 0..next(9) {
                t = t.plus(next(2_000) as i64 * MINUTE);
                let status = S::ALL[next(S::ALL.len() as u64) as usize];
                history.push(Happened { at: t, by_person: next(2) == 0, what: Status(status) });
            }
            let now = t.plus(next(5_000) as i64 * MINUTE);
            let told = clock(&history, &calendar, &Sla::default(), now).unwrap();
            let mut doubled = history.clone();
            for pair in history.windows(2) {
                let Status(same) = pair[0].what else { continue };
                let middle = Millis(i64::midpoint(pair[0].at.0, pair[1].at.0));
                if middle == pair[1].at {
                    continue;
                }
                doubled.push(Happened { at: middle, by_person: false, what: Status(same) });
            }
            let again = clock(&doubled, &calendar, &Sla::default(), now).unwrap();
            assert_eq!((again.restore, again.felt_ms, again.wall_ms), (told.restore, told.felt_ms, told.wall_ms));
            assert!(told.vendor_ms <= told.paused_ms && told.felt_ms <= told.wall_ms);
            assert!(told.steps.windows(2).all(|s| s[0].0 < s[1].0 && s[0].1 <= s[1].1));
            assert_eq!(told.restore.is_missed(), told.restore.elapsed_ms > told.restore.target_ms);
        }
    }
}
