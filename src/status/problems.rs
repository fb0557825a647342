//! Problems with their hysteresis: raised when seen long enough, cleared when missed long enough, frozen while nobody
//! can tell.
//!
//! Never opens a ticket (`workflow::repair` does, once a key). To add a kind of problem, give it a `ProblemClass`, tell
//! in `covers` which reading can miss it, and put what was seen into `Seen`.

use std::time::Duration;

use crate::model::{
    ActiveAlert, Alert, AlertClass, DeviceKind, DeviceState, Event, Millis, PrinterFacts, Problem, ProblemClass,
    ProblemKey, Reach, Source,
};

use super::alerts::{Meaning, Rules};
use super::policy::{Policy, ms};

/// Component of jams in clusters.
const JAMS: &str = "jams";
/// Alerts kept in the state; a device that shows more is broken in another way.
const MAX_ALERTS: usize = 32;

/// One problem that a reading shows.
struct Seen {
    key: ProblemKey,
    detail: String,
    priority: u8,
    /// Long enough seen: this many readings, or this long.
    polls: Option<u32>,
    time: Duration,
    source: Source,
}

/// Under what circumstances a reading is judged.
pub(super) struct Judged<'a> {
    pub kind: Option<DeviceKind>,
    pub source: Source,
    pub policy: &'a Policy,
    /// Nothing is told now; what is still so afterwards is told then.
    pub quiet: bool,
    pub at: Millis,
}

/// While it comes and goes only so many silent polls in a row are a failure of their own.
const GONE_POLLS: u32 = 12;

/// The device down, degraded or unstable, judged at each counted poll.
pub(super) fn reachability(state: &mut DeviceState, judged: &Judged, events: &mut Vec<Event>) {
    let Judged { kind, source, .. } = *judged;
    let gone = !state.unstable || state.silent >= GONE_POLLS || raised(state, ProblemClass::Down);
    let seen = match state.reach {
        // An answer on the way up is no sign of a failure, though it is not believed yet.
        Reach::Down if gone && state.silent > 0 => Some((ProblemClass::Down, "device")),
        Reach::Degraded => Some((ProblemClass::Configuration, "snmp")),
        _ => None,
    };
    let unstable = state.unstable.then_some((ProblemClass::Unstable, "device"));
    let seen = seen.into_iter().chain(unstable).map(|(class, component)| Seen {
        key: ProblemKey { class, component: component.into() },
        detail: String::new(),
        priority: priority(class, kind),
        polls: Some(0),
        time: Duration::ZERO,
        source,
    });
    if state.reach == Reach::Unreachable {
        hide(state, events);
    }
    let reach = state.reach;
    let steady = !state.unstable;
    let alive = state.silent == 0 && state.last_answer.is_some();
    let covers = |p: &Problem| match p.key.class {
        ProblemClass::Down => alive && matches!(reach, Reach::Ok | Reach::Degraded),
        ProblemClass::Configuration => alive && reach == Reach::Ok,
        ProblemClass::Unstable => steady,
        _ => false,
    };
    let seen = seen.collect();
    judge(state, seen, covers, judged, events);
}

fn raised(state: &DeviceState, class: ProblemClass) -> bool {
    state.problems.iter().any(|p| p.raised && p.key.class == class)
}

/// Jams that come in clusters; one by itself is whoever stands there.
pub(super) fn jams(state: &mut DeviceState, judged: &Judged, events: &mut Vec<Event>) {
    let is_jams = |p: &Problem| p.key.class == ProblemClass::Repair && p.key.component == JAMS;
    if state.jams.is_empty() && !state.problems.iter().any(is_jams) {
        return;
    }
    let seen = super::jams::cluster(state, judged.at).map(|count| Seen {
        key: ProblemKey { class: ProblemClass::Repair, component: JAMS.into() },
        detail: format!("×{count}"),
        priority: priority(ProblemClass::Repair, judged.kind),
        polls: Some(1),
        time: Duration::ZERO,
        source: judged.source,
    });
    judge(state, seen.into_iter().collect(), is_jams, judged, events);
}

/// Behind a silent parent its own failure is not told; what had been told is that one's matter now.
fn hide(state: &mut DeviceState, events: &mut Vec<Event>) {
    for p in state.problems.iter_mut().filter(|p| p.raised && p.key.class == ProblemClass::Down) {
        (p.raised, p.hidden) = (false, true);
        events.push(Event::ProblemHidden { key: p.key.clone() });
    }
}

/// Alerts, error bits and console of one reading. A reading without them changes nothing.
pub(super) fn printer(
    state: &mut DeviceState,
    judged: &Judged,
    facts: &PrinterFacts,
    rules: &Rules,
    events: &mut Vec<Event>,
) {
    let Judged { kind, source, policy, at, .. } = *judged;
    let vendor = state.vendor.clone();
    let vendor = vendor.as_deref();
    let mut seen = Vec::new();
    let mut active = Vec::new();
    for alert in facts.alerts.iter().flatten() {
        let meaning = rules.alert(alert, vendor);
        if meaning.class == AlertClass::Repair {
            seen.push(repair(&meaning, describe(alert), kind, source, policy));
        }
        if meaning.class != AlertClass::Ignore {
            active.push(ActiveAlert { alert: alert.clone(), class: meaning.class, source, since: at });
        }
    }
    if !is_ipp(source) {
        let whole = facts.console.join(" ");
        let lines = facts.console.iter().map(String::as_str).chain([whole.as_str()]);
        let found =
            lines.filter_map(|l| Some((rules.text(l, vendor)?, l))).find(|(m, _)| m.class == AlertClass::Repair);
        if let Some((meaning, line)) = found {
            seen.push(repair(&meaning, line.trim().to_owned(), kind, source, policy));
        }
    }
    if active.is_empty() {
        active.extend(facts.detected_errors.iter().flatten().filter_map(|bit| from_bit(bit, rules, source, at)));
    }
    let told = facts.alerts.is_some() || facts.detected_errors.is_some();
    if told {
        replace_alerts(state, active, source, events);
    }
    // A device without an alert table tells by its console alone; one whose table just did not come tells nothing.
    let complete = facts.alerts.is_some() || (!facts.console.is_empty() && state.alerts.is_empty());
    let covers = |p: &Problem| {
        complete
            && p.key.class == ProblemClass::Repair
            && p.key.component != JAMS
            && p.source.is_none_or(|s| is_ipp(s) == is_ipp(source))
    };
    judge(state, seen, covers, judged, events);
}

fn is_ipp(source: Source) -> bool {
    source == Source::Ipp
}

fn describe(alert: &Alert) -> String {
    let text = alert.description.trim();
    match (text.is_empty(), alert.code_name.as_deref(), alert.code) {
        (false, _, _) => text.to_owned(),
        (true, Some(name), _) => name.to_owned(),
        (true, None, Some(code)) => format!("alert {code}"),
        (true, None, None) => "alert".to_owned(),
    }
}

fn repair(meaning: &Meaning, detail: String, kind: Option<DeviceKind>, source: Source, policy: &Policy) -> Seen {
    let (polls, time) = match (meaning.persist, meaning.critical) {
        (Some(after), true) => (None, after),
        (Some(after), false) => (None, after.max(policy.warning_time)),
        (None, true) => (Some(policy.critical_polls), policy.critical_time),
        (None, false) => (None, policy.warning_time),
    };
    Seen {
        key: ProblemKey { class: ProblemClass::Repair, component: meaning.component.clone() },
        detail,
        priority: priority(ProblemClass::Repair, kind),
        polls,
        time,
        source,
    }
}

fn from_bit(bit: &str, rules: &Rules, source: Source, at: Millis) -> Option<ActiveAlert> {
    let meaning = rules.bit(bit);
    if meaning.class == AlertClass::Ignore {
        return None;
    }
    let alert = Alert {
        index: format!("bit.{bit}"),
        severity: Some(if meaning.critical { "critical" } else { "warning" }.into()),
        training: None,
        group: None,
        group_index: None,
        code: None,
        code_name: Some(bit.to_owned()),
        description: bit.to_owned(),
        location: None,
    };
    Some(ActiveAlert { alert, class: meaning.class, source, since: at })
}

/// The alerts of this source become those of the reading; a new one that people handle is told.
fn replace_alerts(state: &mut DeviceState, mut active: Vec<ActiveAlert>, source: Source, events: &mut Vec<Event>) {
    active.truncate(MAX_ALERTS);
    let same = |a: &Alert, b: &Alert| {
        a.description == b.description && a.code == b.code && a.group == b.group && a.group_index == b.group_index
    };
    for new in &mut active {
        match state.alerts.iter().find(|old| same(&old.alert, &new.alert)) {
            Some(old) => new.since = old.since,
            // Repair alerts have their own event, once believed.
            None if new.class != AlertClass::Repair => {
                events.push(Event::AlertAppeared { description: describe(&new.alert) })
            }
            None => {}
        }
    }
    state.alerts.retain(|a| is_ipp(a.source) != is_ipp(source));
    state.alerts.extend(active);
    state.alerts.truncate(2 * MAX_ALERTS);
}

/// Counts what was seen and what was missed; raises and clears.
fn judge(
    state: &mut DeviceState,
    seen: Vec<Seen>,
    covers: impl Fn(&Problem) -> bool,
    judged: &Judged,
    events: &mut Vec<Event>,
) {
    let Judged { policy, at, quiet, .. } = *judged;
    let mut keys: Vec<ProblemKey> = Vec::new();
    for s in seen {
        let again = keys.contains(&s.key);
        if !again {
            keys.push(s.key.clone());
        }
        see(state, s, again, (at, quiet), events);
    }
    state.problems.retain_mut(|p| {
        if keys.contains(&p.key) || !covers(p) {
            return true;
        }
        p.missed = p.missed.saturating_add(1);
        let since = *p.missed_since.get_or_insert(at);
        if !p.raised && !p.hidden {
            return false;
        }
        if p.missed < policy.clear_polls || at.since(since) < ms(policy.clear_time) {
            return true;
        }
        events.push(Event::ProblemCleared { key: p.key.clone() });
        false
    });
}

/// `again`: another alert of the same reading already counted this problem.
fn see(state: &mut DeviceState, s: Seen, again: bool, (at, quiet): (Millis, bool), events: &mut Vec<Event>) {
    let found = state.problems.iter().position(|p| p.key == s.key);
    let at_index = found.unwrap_or_else(|| {
        state.problems.push(Problem {
            key: s.key.clone(),
            detail: s.detail.clone(),
            priority: s.priority,
            first_seen: at,
            last_seen: at,
            seen: 0,
            missed: 0,
            raised: false,
            hidden: false,
            missed_since: None,
            source: Some(s.source),
        });
        state.problems.len() - 1
    });
    let p = &mut state.problems[at_index];
    if !again {
        p.seen = p.seen.saturating_add(1);
        p.detail = s.detail;
        p.source = Some(s.source);
    }
    p.priority = p.priority.min(s.priority);
    p.last_seen = at;
    p.missed = 0;
    p.missed_since = None;
    let believed = s.polls.is_some_and(|n| p.seen >= n) || at.since(p.first_seen) >= ms(s.time);
    if !p.raised && believed && !quiet {
        (p.raised, p.hidden) = (true, false);
        events.push(Event::ProblemRaised { problem: p.clone() });
    }
}

/// Priority by kind alone (`domain/workflows.md` 3.4, thin); the workflow knows more and may make it worse.
fn priority(class: ProblemClass, kind: Option<DeviceKind>) -> u8 {
    use DeviceKind as K;
    match (class, kind) {
        (ProblemClass::Configuration, _) => 4,
        (ProblemClass::Unstable, Some(K::Switch | K::Router | K::Firewall | K::WlanController)) => 2,
        (ProblemClass::Down, Some(K::Switch | K::Router | K::Firewall | K::WlanController)) => 1,
        (
            _,
            Some(K::Switch | K::Router | K::Firewall | K::WlanController | K::AccessPoint | K::Server | K::Storage),
        ) => 2,
        _ => 3,
    }
}
