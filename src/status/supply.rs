//! A supply over time: the interval of what remains, low with hysteresis, replaced when a rise is confirmed.
//!
//! A level is an interval with a state, never an invented number (invariant 2): -3 is "some", -2 says nothing, an empty
//! interval keeps what was known. It never orders (`workflow::reorder` does). To read a maker's own scale, decode it in a
//! profile; to judge levels otherwise, change this file.

use crate::model::{ActiveAlert, DeviceState, Event, LevelState, Millis, Rise, Supply, SupplyKind, SupplyState};

use super::alerts::{SupplySays, rules};
use super::policy::{Policy, ms};

/// "Empty" as an interval.
const EMPTY: (f64, f64) = (0.0, 0.02);
/// A rise at least this large to a level at least that full is another cartridge.
const REPLACED_JUMP: f64 = 0.15;
const REPLACED_LEVEL: f64 = 0.9;

/// What the device's alerts and error bits say of each of its supplies. Made once for all supplies of a device.
#[derive(Debug, Default)]
pub struct SupplyContext {
    says: Vec<(String, SupplySays)>,
}

impl SupplyContext {
    /// `state`: the device after its last status reading; `all`: every supply the device has now.
    pub fn new(state: &DeviceState, all: &[Supply]) -> Self {
        let mut says = Vec::new();
        for active in &state.alerts {
            if let Some((word, index)) = subject(active, all) {
                says.push((index, word));
            }
        }
        if says.is_empty() {
            says.extend(from_bits(state, all));
        }
        SupplyContext { says }
    }

    fn of(&self, index: &str) -> (bool, bool) {
        let has = |word| self.says.iter().any(|(i, w)| i == index && *w == word);
        (has(SupplySays::Low), has(SupplySays::Empty))
    }
}

/// The supply an alert is about: by its row number, else the only one of its kind (and colour).
fn subject(active: &ActiveAlert, all: &[Supply]) -> Option<(SupplySays, String)> {
    let alert = &active.alert;
    let (word, kind) = rules().supply(alert)?;
    let fits = |s: &Supply| kind.is_none_or(|k| s.kind == k);
    if alert.group.as_deref() == Some("markerSupplies") {
        let row = alert.group_index.filter(|n| *n > 0).map(|n| n.to_string());
        let named =
            row.and_then(|row| all.iter().find(|s| s.index.rsplit('.').next() == Some(row.as_str()) && fits(s)));
        if let Some(s) = named {
            return Some((word, s.index.clone()));
        }
    }
    // Without a row the code must at least tell the kind: "almost empty" may be a paper tray.
    kind?;
    let text = alert.description.to_lowercase();
    let of_kind: Vec<&Supply> = all.iter().filter(|s| fits(s)).collect();
    let of_color: Vec<&&Supply> =
        of_kind.iter().filter(|s| s.color.as_deref().is_some_and(|c| text.contains(&c.to_lowercase()))).collect();
    match (of_color.as_slice(), of_kind.as_slice()) {
        ([one], _) => Some((word, one.index.clone())),
        (_, [one]) => Some((word, one.index.clone())),
        _ => None,
    }
}

/// lowToner and noToner name no colour: believed only when there is one toner or ink.
fn from_bits(state: &DeviceState, all: &[Supply]) -> Option<(String, SupplySays)> {
    let has = |bit| state.detected_errors.iter().any(|b| b == bit);
    let word = match (has("noToner"), has("lowToner")) {
        (true, _) => SupplySays::Empty,
        (_, true) => SupplySays::Low,
        _ => return None,
    };
    let mut inks = all.iter().filter(|s| matches!(s.kind, SupplyKind::Toner | SupplyKind::Ink));
    match (inks.next(), inks.next()) {
        (Some(one), None) => Some((one.index.clone(), word)),
        _ => None,
    }
}

/// One supply of a reading changes its remembered state.
pub fn supply(
    prev: Option<&SupplyState>,
    supply: &Supply,
    context: &SupplyContext,
    policy: &Policy,
    now: Millis,
) -> (SupplyState, Vec<Event>) {
    let mut events = Vec::new();
    // A row that became another thing: rows are renumbered by updates and by cassettes.
    let same = |p: &&SupplyState| p.kind == supply.kind && p.color == supply.color;
    if let Some(gone) = prev.filter(|p| !same(p) && p.is_low) {
        events.push(replaced(gone, None));
    }
    let prev = prev.filter(same);
    let mut next = fresh(prev, supply, context, policy, now);
    if let Some(prev) = prev {
        follow(prev, supply, &mut next, policy, now, &mut events);
    }
    let low_now = says_low(&next);
    if !next.is_low && next.rise.is_none() && low_now {
        next.is_low = true;
        next.low_since = Some(now);
        events.push(Event::SupplyLow { supply: next.clone() });
    }
    (next, events)
}

/// The new values with the memory of the old.
fn fresh(
    prev: Option<&SupplyState>,
    supply: &Supply,
    context: &SupplyContext,
    policy: &Policy,
    now: Millis,
) -> SupplyState {
    let (mut alert_low, mut alert_empty) = context.of(&supply.index);
    if supply.interval().is_some_and(|(low, high)| low == high && low > policy.alert_believed_below) {
        (alert_low, alert_empty) = (false, false);
    }
    let interval = interval(supply, alert_low, alert_empty, policy);
    SupplyState {
        index: supply.index.clone(),
        kind: supply.kind,
        color: supply.color.clone(),
        description: supply.description.clone(),
        part_number: supply.part_number.clone().or_else(|| prev.and_then(|p| p.part_number.clone())),
        serial: supply.serial.clone().or_else(|| prev.and_then(|p| p.serial.clone())),
        level: supply.level,
        max_capacity: supply.max_capacity,
        level_state: supply.level_state,
        low: interval.map(|i| i.0),
        high: interval.map(|i| i.1),
        alert_low,
        alert_empty,
        is_low: prev.is_some_and(|p| p.is_low),
        low_since: prev.and_then(|p| p.low_since),
        threshold: policy.supply_threshold,
        updated_at: now,
        rise: prev.and_then(|p| p.rise.clone()),
    }
}

/// The true remaining fraction (room left for a receptacle) lies between these; `None`: nothing is known.
fn interval(supply: &Supply, alert_low: bool, alert_empty: bool, policy: &Policy) -> Option<(f64, f64)> {
    match (supply.interval(), alert_empty, alert_low) {
        (Some((low, high)), _, _) if low == high => Some((low, high)),
        (_, true, _) => Some(EMPTY),
        (_, _, true) => Some((0.0, policy.low_means)),
        (Some(_), false, false) => Some((policy.low_means, 1.0)),
        (None, false, false) => None,
    }
}

fn says_low(s: &SupplyState) -> bool {
    s.alert_empty || s.alert_low || s.high.is_some_and(|high| high <= s.threshold)
}

/// Rises: a confirmed one clears "low" and may be a replacement; an unconfirmed one waits.
fn follow(
    prev: &SupplyState,
    supply: &Supply,
    next: &mut SupplyState,
    policy: &Policy,
    now: Millis,
    events: &mut Vec<Event>,
) {
    let other_serial = match (prev.serial.as_deref().map(str::trim), supply.serial.as_deref().map(str::trim)) {
        (Some(a), Some(b)) => !a.is_empty() && !b.is_empty() && a != b,
        _ => false,
    };
    if other_serial {
        events.push(replaced(prev, next.low));
        next.is_low = false;
        next.low_since = None;
        next.rise = None;
        return;
    }
    if next.low.is_none() && !says_low(next) {
        // Nothing told: nothing changes, a waiting rise goes on waiting.
        return;
    }
    let Some(from) = risen_from(prev, next, policy) else {
        next.rise = None;
        return;
    };
    let mut rise = prev.rise.clone().unwrap_or(Rise { from, since: now, seen: 0 });
    rise.seen = rise.seen.saturating_add(1);
    let confirmed = rise.seen >= 2 && now.since(rise.since) >= ms(policy.rise_confirmed_after);
    if !confirmed {
        next.rise = Some(rise);
        return;
    }
    next.rise = None;
    let jump = next.low.zip(rise.from).is_some_and(|(to, from)| to - from >= REPLACED_JUMP && to >= REPLACED_LEVEL);
    if jump || next.is_low {
        events.push(Event::SupplyReplaced {
            index: next.index.clone(),
            description: next.description.clone(),
            from: rise.from,
            to: number(next),
        });
    }
    next.is_low = false;
    next.low_since = None;
}

/// The level before the rise, if this reading shows one worth waiting for.
fn risen_from(prev: &SupplyState, next: &SupplyState, policy: &Policy) -> Option<Option<f64>> {
    if says_low(next) {
        return None;
    }
    let before = prev.rise.as_ref().map_or(number(prev), |r| r.from);
    if let (Some(to), Some(from)) = (number(next), before) {
        let well = !next.is_low || to > next.threshold + policy.supply_hysteresis;
        let large = to - from >= REPLACED_JUMP || (next.is_low && to - from >= policy.supply_hysteresis);
        return (well && large).then_some(Some(from));
    }
    // "Some remains" after "low" or "empty", or the first number after a low without one.
    let well = number(next).is_none_or(|to| to > next.threshold + policy.supply_hysteresis);
    (next.is_low && well).then_some(before)
}

/// A level told as a number, not as a word.
fn number(s: &SupplyState) -> Option<f64> {
    s.low.filter(|_| s.level_state == LevelState::Known && s.low == s.high)
}

fn replaced(prev: &SupplyState, to: Option<f64>) -> Event {
    Event::SupplyReplaced { index: prev.index.clone(), description: prev.description.clone(), from: number(prev), to }
}
