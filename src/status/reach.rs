//! Is the device there: unknown, ok, degraded, unreachable, asleep, down, each believed only after some polls.
//!
//! Never raises a failure for anything but `Down` (invariant 4) and never while the parent is silent: what was hidden
//! then is judged from the beginning when the parent is back (invariant 8). To add a state, say here who may enter it
//! and what leaves it.

use crate::model::{DeviceKind, DeviceState, Event, Millis, Outcome, ProbeClass, Reach, Reading};

use super::Around;
use super::policy::{Policy, ms};

/// Answers closer together than this belong to one poll.
const SAME_POLL: i64 = 20 * Millis::SECOND;
/// A parent that is not heard of is waited for, twice this long or twice the device's own patience.
const UNSURE_FOR: i64 = 5 * Millis::MINUTE;
/// sysUpTime is TimeTicks: it wraps after 497 days.
const WRAP_CS: u64 = 1 << 32;
/// How far a wrapped counter may be from where it should be (agents count sloppily): 1 in 50, at least 10 minutes.
const WRAP_TOLERANCE_CS: u64 = 60_000;

/// What one reading said of reachability, after `step`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Poll {
    /// A poll in the sense of the hysteresis: counts for problems.
    Counted,
    /// Another question of the same round, or a silence that proves nothing.
    Other,
}

/// Moves the reachability by one reading.
pub(super) fn step(
    state: &mut DeviceState,
    kind: Option<DeviceKind>,
    reading: &Reading,
    around: Around,
    policy: &Policy,
    at: Millis,
    events: &mut Vec<Event>,
) -> Poll {
    let before = state.reach;
    let asked = reading.class == ProbeClass::Reachability;
    let poll = match reading.outcome {
        Outcome::Answered { .. } => answered(state, reading.class, policy, at),
        // Only the class that pings and asks can tell silence: the others may just have met a big table.
        _ if reading.class != ProbeClass::Reachability => Poll::Other,
        // Overtaken on the way by an answer.
        _ if state.last_answer.is_some_and(|t| at <= t) => Poll::Other,
        Outcome::PingOnly { .. } => ping_only(state, policy),
        Outcome::Silent => silent(state, kind, around, policy, at),
        Outcome::NotAsked { .. } | Outcome::Spoke { .. } => Poll::Other,
    };
    if asked && poll == Poll::Counted && !around.parent_down && !around.deaf {
        let heard = !matches!(reading.outcome, Outcome::Silent);
        super::flap::note(state, heard);
        super::habit::learn(&mut state.habit, around.slot, heard, at);
    }
    if state.reach != Reach::Unreachable {
        state.behind = None;
    }
    if state.reach != Reach::Asleep {
        state.usually_off = false;
    }
    if state.reach != before {
        state.reach_since = Some(at);
        events.push(Event::ReachChanged { from: before, to: state.reach });
    }
    poll
}

fn answered(state: &mut DeviceState, class: ProbeClass, policy: &Policy, at: Millis) -> Poll {
    let new_poll = class == ProbeClass::Reachability || state.last_answer.is_none_or(|t| at.since(t) >= SAME_POLL);
    state.silent = 0;
    state.silent_since = None;
    if class == ProbeClass::Reachability || state.reach != Reach::Degraded {
        state.ping_only = 0;
    }
    state.last_answer = Some(state.last_answer.map_or(at, |t| t.max(at)));
    if !new_poll {
        return Poll::Other;
    }
    state.answered = state.answered.saturating_add(1);
    let enough = match state.reach {
        Reach::Ok | Reach::Unknown | Reach::Unreachable | Reach::Asleep => true,
        Reach::Degraded | Reach::Down => state.answered >= policy.up_polls,
    };
    if enough {
        state.reach = Reach::Ok;
    }
    Poll::Counted
}

fn ping_only(state: &mut DeviceState, policy: &Policy) -> Poll {
    state.silent = 0;
    state.silent_since = None;
    state.answered = 0;
    state.ping_only = state.ping_only.saturating_add(1);
    let enough = if state.reach == Reach::Down { policy.up_polls } else { policy.degraded_polls };
    if state.ping_only >= enough {
        state.reach = Reach::Degraded;
    }
    Poll::Counted
}

fn silent(state: &mut DeviceState, kind: Option<DeviceKind>, around: Around, policy: &Policy, at: Millis) -> Poll {
    state.answered = 0;
    state.ping_only = 0;
    if around.parent_down {
        // Nothing can be said of it now; its own silence is counted from when the parent is back.
        state.silent = 0;
        state.silent_since = None;
        state.reach = Reach::Unreachable;
        state.behind = around.behind;
        return Poll::Counted;
    }
    if around.counts_from.is_some_and(|from| state.silent_since.is_some_and(|since| since < from)) {
        state.silent = 0;
        state.silent_since = None;
    }
    let may_sleep = matches!(kind, Some(DeviceKind::Printer | DeviceKind::Scanner)) && around.port_up == Some(true);
    if may_sleep && state.reach == Reach::Asleep && !state.usually_off {
        // When the link goes, silence is counted from then.
        state.silent = 0;
        state.silent_since = None;
        return Poll::Counted;
    }
    state.silent = state.silent.saturating_add(1);
    let since = *state.silent_since.get_or_insert(at);
    let limit = policy.down_after(kind);
    if state.silent < limit.polls || at.since(since) < ms(limit.time) {
        return Poll::Counted;
    }
    // What stands before it is asked soon; if that cannot be, its word is not waited for longer than this.
    let waits = around.unsure && at.since(since) < 2 * ms(limit.time).max(UNSURE_FOR);
    if (around.deaf || waits) && state.reach != Reach::Down {
        return Poll::Counted;
    }
    // Whoever is usually off at some hours is missed only after working hours without it.
    let off = super::habit::is_regular(state.habit.as_deref(), at)
        && around.slot.is_some()
        && around.working_silence_ms < ms(policy.habit_patience)
        && state.reach != Reach::Down;
    if off {
        state.reach = Reach::Asleep;
        state.usually_off = true;
    } else if may_sleep {
        state.reach = Reach::Asleep;
    } else if state.last_answer.is_some() || state.reach != Reach::Unknown {
        state.reach = Reach::Down;
    }
    Poll::Counted
}

/// A restart: sysUpTime smaller than before and not by its 497-day wrap.
pub(super) fn restart(state: &mut DeviceState, uptime_cs: Option<u64>, at: Millis, events: &mut Vec<Event>) {
    let Some(new) = uptime_cs else { return };
    if state.uptime_at.is_some_and(|t| at < t) {
        return;
    }
    if let (Some(old), Some(old_at)) = (state.uptime_cs, state.uptime_at)
        && new < old
        && !wrapped(old, new, at.since(old_at))
    {
        events.push(Event::Restarted);
    }
    state.uptime_cs = Some(new);
    state.uptime_at = Some(at);
}

fn wrapped(old: u64, new: u64, elapsed_ms: i64) -> bool {
    let elapsed_cs = u64::try_from(elapsed_ms / 10).unwrap_or(0);
    let expected = old.saturating_add(elapsed_cs);
    let tolerance = WRAP_TOLERANCE_CS.max(elapsed_cs / 50);
    // A counter that should just be short of the wrap may already be past it.
    if expected + tolerance < WRAP_CS {
        return false;
    }
    (new + WRAP_CS).abs_diff(expected) <= tolerance
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restarts(readings: &[(i64, u64)]) -> usize {
        let mut state = DeviceState::default();
        let mut events = Vec::new();
        for (at, up) in readings {
            restart(&mut state, Some(*up), Millis(*at), &mut events);
        }
        events.len()
    }

    #[test]
    fn the_wrap_of_sysuptime_is_no_restart() {
        let day_cs = 8_640_000;
        let minute = Millis::MINUTE;
        assert_eq!(restarts(&[(0, 5000), (minute, 11_000)]), 0);
        assert_eq!(restarts(&[(0, 50 * day_cs), (minute, 3000)]), 1);
        // 30 s before the wrap, 30 s after it.
        assert_eq!(restarts(&[(0, WRAP_CS - 3000), (minute, 3000)]), 0);
        // A real restart near the wrap: the counter is where only a restart puts it.
        assert_eq!(restarts(&[(0, WRAP_CS - 3000), (2 * Millis::DAY, 6000)]), 1);
        // Read again after two days across the wrap, the agent's clock 0.5 % off.
        assert_eq!(restarts(&[(0, WRAP_CS - day_cs), (2 * Millis::DAY, day_cs - day_cs / 100)]), 0);
        // A late reading of the past is not a restart.
        assert_eq!(restarts(&[(minute, 11_000), (0, 5000), (2 * minute, 17_000)]), 0);
    }
}
