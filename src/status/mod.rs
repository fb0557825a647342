//! Pure: state + reading -> state' + events. What a device is held to be, with hysteresis, so that neither a lost packet
//! nor a re-seated cartridge makes an order or a ticket.
//!
//! No clock, no store, no I/O: `apply` for the device, `supply` for each of its supplies. It never acts (`workflow`
//! does) and never forgets what a silence hides: a reading that tells nothing of a thing changes nothing of it.
//! To judge something new, add a file beside `reach`, `problems` and `supply` and call it from `apply`.

mod alerts;
pub mod depend;
mod flap;
pub mod habit;
mod jams;
pub mod pages;
mod policy;
mod problems;
mod reach;
mod supply;

pub use alerts::{AlertsError, Meaning, Rules, SupplySays, rules, use_own};
pub use policy::{DownAfter, Policy};
pub use supply::{SupplyContext, supply};

use crate::model::{
    AlertClass, DeviceId, DeviceKind, DeviceState, Event, Millis, Outcome, ProblemClass, Reach, Reading,
};

/// What else is known of the device's place at the moment of the reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Around {
    /// The switch or gateway before it does not answer at this moment (its `silent` is not 0, or it is down or
    /// unreachable itself): the child's silence says nothing.
    pub parent_down: bool,
    /// The silent device that hides it, when `parent_down`.
    pub behind: Option<DeviceId>,
    /// The switch port it hangs on has a link; `None` when the port is not known.
    pub port_up: Option<bool>,
    /// Nothing before it was heard since it fell silent: for a while nothing is concluded.
    pub unsure: bool,
    /// Nobody at all was heard since: our own network or the branch's link may be gone. Nothing is concluded.
    pub deaf: bool,
    /// A maintenance window is on: failures are judged as ever, and told when it is over.
    pub quiet: bool,
    /// The hour it is at the device, as a slot of `habit`; `None`: habits are not learnt of it.
    pub slot: Option<u8>,
    /// Working time of its branch since it fell silent.
    pub working_silence_ms: i64,
    /// Pages printed in all.
    pub pages: Option<i64>,
    /// Silence from before this moment proves nothing: the poller was deaf until then.
    pub counts_from: Option<Millis>,
}

impl From<bool> for Around {
    /// Only the parent is known.
    fn from(parent_down: bool) -> Self {
        Around { parent_down, ..Around::default() }
    }
}

/// One reading changes the state of one device. `around` is `parent_down` alone or an `Around`.
pub fn apply(
    prev: &DeviceState,
    kind: Option<DeviceKind>,
    reading: &Reading,
    around: impl Into<Around>,
    policy: &Policy,
    now: Millis,
) -> (DeviceState, Vec<Event>) {
    let mut state = prev.clone();
    let mut events = Vec::new();
    if matches!(reading.outcome, Outcome::NotAsked { .. } | Outcome::Spoke { .. }) {
        return (state, events);
    }
    // A poller with a fast clock must not put the device into the future.
    let at = reading.at.min(now);
    let kind = kind.or(reading.facts.kind);
    let around = around.into();
    let poll = reach::step(&mut state, kind, reading, around, policy, at, &mut events);
    let judged = problems::Judged { kind, source: reading.source, policy, quiet: around.quiet, at };
    if poll == reach::Poll::Counted {
        problems::reachability(&mut state, &judged, &mut events);
    }
    if matches!(reading.outcome, Outcome::Answered { .. }) {
        let facts = &reading.facts;
        if facts.vendor.is_some() {
            state.vendor.clone_from(&facts.vendor);
        }
        reach::restart(&mut state, facts.sys_uptime_cs, at, &mut events);
        if let Some(printer) = &facts.printer {
            let before = state.clone();
            problems::printer(&mut state, &judged, printer, rules(), &mut events);
            remember(&mut state, printer);
            if pages::new_jam(&before, &state).is_some() {
                jams::note(&mut state, at, around.pages);
            }
            problems::jams(&mut state, &judged, &mut events);
        }
    }
    state.last_reading = Some(state.last_reading.map_or(at, |t| t.max(at)));
    (state, events)
}

fn remember(state: &mut DeviceState, printer: &crate::model::PrinterFacts) {
    if let Some(errors) = &printer.detected_errors {
        state.detected_errors.clone_from(errors);
    }
    if printer.device_status.is_some() {
        state.device_status.clone_from(&printer.device_status);
    }
    if printer.printer_status.is_some() {
        state.printer_status.clone_from(&printer.printer_status);
    }
    // The console belongs to the status questions; other readings leave it empty.
    if printer.alerts.is_some() || printer.detected_errors.is_some() || !printer.console.is_empty() {
        state.console.clone_from(&printer.console);
    }
}

/// The colour of the row: ok, attention, failure or unknown.
pub fn condition(state: &DeviceState, any_supply_low: bool) -> &'static str {
    let raised = |class| state.problems.iter().any(|p| p.raised && p.key.class == class);
    if state.reach == Reach::Down || raised(ProblemClass::Repair) {
        return "failure";
    }
    if matches!(state.reach, Reach::Unknown | Reach::Unreachable) {
        return "unknown";
    }
    let asks_for_people = state.alerts.iter().any(|a| {
        a.class == AlertClass::Maintenance
            || (a.class != AlertClass::Ignore && a.alert.severity.as_deref() == Some("critical"))
    });
    if state.reach == Reach::Degraded || any_supply_low || asks_for_people || state.problems.iter().any(|p| p.raised) {
        return "attention";
    }
    "ok"
}
