//! When to ask whom what: due times per device and probe class, in virtual time.
//!
//! Pure: the time is an argument, jitter is a hash of (seed, device, class, turn). It never asks anybody and never
//! sleeps; the poller does. The rules, each with a test below:
//! * a new target is first asked within `initial_spread`, later polls move by `jitter` of their period;
//! * every round opens with reachability; classes due soon anyway join it, so that they share its opening questions;
//! * of a silent device only reachability is asked; when it answers again everything is due;
//! * a class that fails on a device that answers is asked ever more rarely, up to `MAX_STRETCH` periods;
//! * what the time budget cut off comes first in the next round;
//! * a look (a trap arrived) makes some classes due now, but of one device at most every `LOOK_PAUSE`;
//! * silent devices have a bounded share of the places, so they never delay the well;
//! * when the clock steps back the due times move with it; a missed turn is skipped, not made up for.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::config::PollConfig;
use crate::model::{DeviceId, Millis, ProbeClass};

/// Most periods between two polls of a class that keeps failing.
pub const MAX_STRETCH: u32 = 8;
/// A device that speaks without end is looked at this often, in milliseconds.
const LOOK_PAUSE: i64 = 10 * Millis::SECOND;
const CLASSES: usize = ProbeClass::ALL.len();
const REACHABILITY: usize = ProbeClass::Reachability as usize;

/// Due times of every target.
#[derive(Debug)]
pub struct Schedule {
    config: PollConfig,
    seed: u64,
    devices: HashMap<DeviceId, Entry>,
    /// Idle devices by the time of their next round, the silent ones apart.
    well: BTreeSet<(Millis, DeviceId)>,
    silent: BTreeSet<(Millis, DeviceId)>,
    /// Latest time seen, to notice a step back.
    latest: Millis,
}

#[derive(Debug, Clone)]
struct Entry {
    classes: [ClassState; CLASSES],
    /// Did not answer in its last round.
    silent: bool,
    /// Start of the round under way.
    started: Option<Millis>,
    /// Start of the latest round.
    last_start: Option<Millis>,
    /// When the latest look was due.
    last_look: Option<Millis>,
    /// Classes of looks that came while a round was under way.
    to_look: Vec<ProbeClass>,
    /// No longer a target: forgotten when its round ends.
    removed: bool,
    /// "Poll now": the next round asks everything at once.
    kicked: bool,
    turn: u64,
}

#[derive(Debug, Clone, Copy)]
struct ClassState {
    due: Millis,
    failures: u32,
    /// Rounds in which the budget left no time for it.
    cut_off: u32,
}

/// One round: ask this device these classes, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub device: DeviceId,
    pub classes: Vec<ProbeClass>,
    /// It did not answer last time: its round counts against the places of the silent.
    pub was_silent: bool,
    /// How late the round starts.
    pub late: Duration,
}

/// How one class of a round ended, on a device that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassResult {
    /// Answered, be it that there is nothing to tell.
    Done,
    /// Did not come through.
    Failed,
    /// Not asked: the time budget was used up.
    CutOff,
}

/// Free places for new rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    pub all: usize,
    /// Of them, for devices that were silent last time.
    pub silent: usize,
}

impl Schedule {
    pub fn new(config: PollConfig, seed: u64) -> Self {
        Schedule {
            config,
            seed,
            devices: HashMap::new(),
            well: BTreeSet::new(),
            silent: BTreeSet::new(),
            latest: Millis(i64::MIN),
        }
    }

    pub fn len(&self) -> usize {
        self.devices.len()
    }
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }
    /// Devices that did not answer in their last round.
    pub fn silent_count(&self) -> usize {
        self.devices.values().filter(|e| e.silent).count()
    }
    /// When the next round starts that these places allow.
    pub fn next_due(&self, places: Places) -> Option<Millis> {
        let first = |set: &BTreeSet<(Millis, DeviceId)>, n| set.first().filter(|_| n > 0).map(|(at, _)| *at);
        first(&self.well, places.all).into_iter().chain(first(&self.silent, places.all.min(places.silent))).min()
    }

    /// Makes `targets` the whole list: new ones are spread, kept ones keep their due times, others are forgotten.
    pub fn set_targets(&mut self, targets: impl IntoIterator<Item = DeviceId>, now: Millis) {
        self.observe(now);
        let wanted: BTreeSet<DeviceId> = targets.into_iter().collect();
        let gone: Vec<DeviceId> = self.devices.keys().filter(|d| !wanted.contains(d)).copied().collect();
        for device in gone {
            self.unqueue(device);
            match self.devices.get_mut(&device) {
                Some(entry) if entry.started.is_some() => entry.removed = true,
                _ => drop(self.devices.remove(&device)),
            }
        }
        for device in wanted {
            if let Some(entry) = self.devices.get_mut(&device) {
                entry.removed = false;
                continue;
            }
            let spread = millis(self.config.initial_spread) as f64;
            let due = now.plus((spread * unit(self.seed, device, CLASSES, 0)) as i64);
            let classes = [ClassState { due, failures: 0, cut_off: 0 }; CLASSES];
            let entry = Entry {
                classes,
                silent: false,
                started: None,
                last_start: None,
                last_look: None,
                to_look: Vec::new(),
                removed: false,
                kicked: false,
                turn: 0,
            };
            self.devices.insert(device, entry);
            self.queue(device);
        }
    }

    /// "Poll now": asks everything at once, also of a silent device. False when it is no target.
    pub fn kick(&mut self, device: DeviceId, now: Millis) -> bool {
        self.observe(now);
        self.unqueue(device);
        let Some(entry) = self.devices.get_mut(&device) else { return false };
        entry.kicked = true;
        for class in &mut entry.classes {
            class.due = class.due.min(now);
        }
        self.queue(device);
        true
    }

    /// It spoke by itself: these classes are due now, or when the pause since the last look is over. False when it is no
    /// target.
    pub fn look(&mut self, device: DeviceId, classes: &[ProbeClass], now: Millis) -> bool {
        self.observe(now);
        self.unqueue(device);
        let Some(entry) = self.devices.get_mut(&device) else { return false };
        let at = entry.last_look.map_or(now, |t| now.max(t.plus(LOOK_PAUSE)));
        // A look that waits takes the later ones along.
        if entry.last_look.is_none_or(|t| t <= now) {
            entry.last_look = Some(at);
        }
        let at = entry.last_look.unwrap_or(at);
        for class in classes.iter().chain(&[ProbeClass::Reachability]) {
            let state = &mut entry.classes[*class as usize];
            state.due = state.due.min(at);
            if entry.started.is_some() && !entry.to_look.contains(class) {
                entry.to_look.push(*class);
            }
        }
        self.queue(device);
        true
    }

    /// Makes the next round of a device come at once, unless one was just started.
    pub fn hasten(&mut self, device: DeviceId, now: Millis) {
        self.observe(now);
        let pause = millis(self.config.reachability) / 6;
        self.unqueue(device);
        let Some(entry) = self.devices.get_mut(&device) else { return };
        let reach = &mut entry.classes[REACHABILITY];
        if entry.last_start.is_none_or(|t| now.since(t) >= pause) {
            reach.due = reach.due.min(now);
        }
        self.queue(device);
    }

    /// Starts the rounds that are due, at most as many as there are places, those waiting longest first.
    pub fn take_due(&mut self, now: Millis, places: Places) -> Vec<Due> {
        self.observe(now);
        let mut due = Vec::new();
        while due.len() < places.all {
            let Some(&(at, device)) = self.well.first().filter(|(at, _)| *at <= now) else { break };
            self.well.pop_first();
            due.extend(self.start(device, at, now));
        }
        for _ in 0..places.silent.min(places.all - due.len()) {
            let Some(&(at, device)) = self.silent.first().filter(|(at, _)| *at <= now) else { break };
            self.silent.pop_first();
            due.extend(self.start(device, at, now));
        }
        due
    }

    fn start(&mut self, device: DeviceId, at: Millis, now: Millis) -> Option<Due> {
        let entry = self.devices.get_mut(&device)?;
        let was_silent = entry.silent && !entry.kicked;
        let mut classes: Vec<ProbeClass> = ProbeClass::ALL
            .into_iter()
            .filter(|c| {
                *c == ProbeClass::Reachability
                    || (!was_silent && entry.classes[*c as usize].due <= now.plus(join_window(&self.config, *c)))
            })
            .collect();
        classes.sort_by_key(|c| {
            let state = entry.classes[*c as usize];
            (*c != ProbeClass::Reachability, std::cmp::Reverse(state.cut_off), state.due, *c)
        });
        entry.started = Some(now);
        entry.last_start = Some(now);
        entry.kicked = false;
        entry.turn += 1;
        Some(Due { device, classes, was_silent, late: Duration::from_millis(now.since(at).max(0).cast_unsigned()) })
    }

    /// Ends a round. `answered`: the device answered at all; `results`: each class that was to be asked.
    pub fn finish(&mut self, device: DeviceId, now: Millis, answered: bool, results: &[(ProbeClass, ClassResult)]) {
        self.observe(now);
        let Some(entry) = self.devices.get_mut(&device) else { return };
        let Some(started) = entry.started.take() else { return };
        if entry.removed {
            self.devices.remove(&device);
            return;
        }
        let next = |class: ProbeClass, turn: u64, stretch: u32| {
            let period = millis(self.config.period(class)) as f64;
            let shift = 1.0 + self.config.jitter * (2.0 * unit(self.seed, device, class as usize, turn) - 1.0);
            // From the start of the round, so that slow answers do not slow the cadence; never in the past.
            started.plus((period * shift * f64::from(stretch)) as i64).max(now.plus(1))
        };
        let recovered = entry.silent && answered;
        entry.silent = !answered;
        let reach = next(ProbeClass::Reachability, entry.turn, 1);
        if !entry.kicked {
            entry.classes[REACHABILITY].due = reach;
        }
        if recovered {
            for class in &mut entry.classes[1..] {
                class.due = now;
            }
        }
        let asked = results.iter().filter(|(c, _)| answered && !entry.kicked && *c != ProbeClass::Reachability);
        for (class, result) in asked {
            let state = &mut entry.classes[*class as usize];
            match result {
                ClassResult::Done => *state = ClassState { due: next(*class, entry.turn, 1), failures: 0, cut_off: 0 },
                ClassResult::Failed => {
                    let failures = state.failures.saturating_add(1);
                    let stretch = MAX_STRETCH.min(1 << failures.min(8));
                    *state = ClassState { due: next(*class, entry.turn, stretch), failures, cut_off: 0 };
                }
                // With the next reachability, not at once: a slow device would keep its place for ever.
                ClassResult::CutOff => {
                    state.due = state.due.max(reach);
                    state.cut_off = state.cut_off.saturating_add(1);
                }
            }
        }
        for class in std::mem::take(&mut entry.to_look) {
            let state = &mut entry.classes[class as usize];
            state.due = state.due.min(entry.last_look.unwrap_or(now).max(now));
        }
        self.queue(device);
    }

    /// Shifts every due time when the clock stepped back: else nobody would be asked until it catches up.
    fn observe(&mut self, now: Millis) {
        if now < self.latest {
            let step = now.since(self.latest);
            for entry in self.devices.values_mut() {
                entry.started = entry.started.map(|t| t.plus(step));
                entry.last_start = entry.last_start.map(|t| t.plus(step));
                entry.last_look = entry.last_look.map(|t| t.plus(step));
                for class in &mut entry.classes {
                    class.due = class.due.plus(step);
                }
            }
            for set in [&mut self.well, &mut self.silent] {
                *set = std::mem::take(set).into_iter().map(|(at, d)| (at.plus(step), d)).collect();
            }
        }
        self.latest = now;
    }

    fn queue(&mut self, device: DeviceId) {
        let Some(entry) = self.devices.get(&device) else { return };
        if entry.started.is_none() {
            let set = if entry.in_silent_queue() { &mut self.silent } else { &mut self.well };
            set.insert((entry.next_round(), device));
        }
    }
    fn unqueue(&mut self, device: DeviceId) {
        let Some(entry) = self.devices.get(&device) else { return };
        let set = if entry.in_silent_queue() { &mut self.silent } else { &mut self.well };
        set.remove(&(entry.next_round(), device));
    }
}

impl Entry {
    /// A person waits for a kicked device: it takes a place of the well.
    fn in_silent_queue(&self) -> bool {
        self.silent && !self.kicked
    }
    fn next_round(&self) -> Millis {
        if self.in_silent_queue() {
            return self.classes[REACHABILITY].due;
        }
        self.classes.iter().map(|c| c.due).min().unwrap_or_default()
    }
}

/// How much earlier than due a class may be asked to share a round.
fn join_window(config: &PollConfig, class: ProbeClass) -> i64 {
    millis(config.reachability.min(config.period(class))) / 4
}

fn millis(d: Duration) -> i64 {
    i64::try_from(d.as_millis()).unwrap_or(i64::MAX / 4)
}

/// A number in 0..1 that depends on nothing but its arguments (SplitMix64 of their mixture).
fn unit(seed: u64, device: DeviceId, class: usize, turn: u64) -> f64 {
    let mut x = seed;
    for part in [device.0.cast_unsigned(), class as u64, turn] {
        x = x.wrapping_add(part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
    }
    (x >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProbeClass::*;

    const ALL: Places = Places { all: usize::MAX, silent: usize::MAX };

    fn schedule(n: i64) -> Schedule {
        let mut s = Schedule::new(PollConfig::default(), 7);
        s.set_targets((1..=n).map(DeviceId), Millis(0));
        s
    }
    fn done(due: &Due) -> Vec<(ProbeClass, ClassResult)> {
        due.classes.iter().map(|c| (*c, ClassResult::Done)).collect()
    }
    /// Runs until `end`, every round answered at once as `answer` says; returns how often each class was asked.
    fn run(
        s: &mut Schedule,
        end: i64,
        mut answer: impl FnMut(&Due, Millis) -> (bool, Vec<(ProbeClass, ClassResult)>),
    ) -> HashMap<(DeviceId, ProbeClass), Vec<i64>> {
        let mut asked: HashMap<_, Vec<i64>> = HashMap::new();
        let mut now = Millis(0);
        while let Some(next) = s.next_due(ALL).filter(|t| t.0 <= end) {
            now = now.max(next);
            for due in s.take_due(now, ALL) {
                for c in &due.classes {
                    asked.entry((due.device, *c)).or_default().push(now.0);
                }
                let (answered, results) = answer(&due, now);
                s.finish(due.device, now, answered, &results);
            }
        }
        asked
    }

    #[test]
    fn every_class_keeps_its_period_for_a_day() {
        let mut s = schedule(3);
        let asked = run(&mut s, Millis::DAY, |due, _| (true, done(due)));
        let config = PollConfig::default();
        for d in (1..=3).map(DeviceId) {
            for c in ProbeClass::ALL {
                let times = &asked[&(d, c)];
                let want = (Millis::DAY / millis(config.period(c))) as f64;
                let n = times.len() as f64;
                assert!(n >= want * 0.95 && n <= want * 1.25 + 1.0, "{c:?}: asked {n} times, wanted {want}");
                let longest = times.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0) as f64;
                assert!(longest <= millis(config.period(c)) as f64 * (1.0 + config.jitter) + 1.0, "{c:?}: {longest}");
            }
        }
    }

    #[test]
    fn classes_share_rounds() {
        let mut s = schedule(1);
        let asked = run(&mut s, Millis::DAY, |due, _| (true, done(due)));
        let rounds = asked[&(DeviceId(1), Reachability)].len();
        // One round a minute would be 1,440; a class of its own round each time would add 670.
        assert!(rounds < 1_650, "{rounds} rounds a day");
    }

    #[test]
    fn new_targets_are_spread_and_a_restart_repeats_it() {
        let mut s = schedule(1000);
        let first = |s: &mut Schedule, at| s.take_due(Millis(at), ALL).iter().map(|d| d.device).collect::<Vec<_>>();
        let half = first(&mut s, 15_000);
        assert!((400..600).contains(&half.len()), "{} of 1000 in half the time", half.len());
        assert_eq!(first(&mut s, 30_000).len() + half.len(), 1000);
        assert_eq!(first(&mut schedule(1000), 15_000), half, "the same seed gives the same order");
        let mut other = Schedule::new(PollConfig::default(), 8);
        other.set_targets((1..=1000).map(DeviceId), Millis(0));
        assert_ne!(first(&mut other, 15_000), half);
    }

    #[test]
    fn a_silent_device_is_only_asked_whether_it_lives() {
        let mut s = schedule(1);
        let (from, to) = (Millis::HOUR, 3 * Millis::HOUR);
        let asked = run(&mut s, 4 * Millis::HOUR, |due, now| {
            if (from..to).contains(&now.0) { (false, vec![]) } else { (true, done(due)) }
        });
        let within = |c| asked[&(DeviceId(1), c)].iter().filter(|t| (from + Millis::MINUTE..to).contains(t)).count();
        assert!(within(Reachability) >= 112, "reachability goes on: {}", within(Reachability));
        for c in [Status, Interfaces, Supplies, Neighbors, Inventory] {
            assert_eq!(within(c), 0, "{c:?} pauses");
            let back = asked[&(DeviceId(1), c)].iter().find(|t| **t >= to).copied().unwrap_or(i64::MAX);
            assert!(back < to + 2 * Millis::MINUTE, "{c:?} is asked as soon as it answers again: {back}");
        }
    }

    #[test]
    fn a_failing_class_is_asked_ever_more_rarely() {
        let mut s = schedule(1);
        let asked = run(&mut s, Millis::DAY, |due, _| {
            let mut r = done(due);
            r.iter_mut().filter(|(c, _)| *c == Neighbors).for_each(|(_, r)| *r = ClassResult::Failed);
            (true, r)
        });
        let n = asked[&(DeviceId(1), Neighbors)].len();
        assert!((5..=9).contains(&n), "48 polls a day became {n}");
        assert!(asked[&(DeviceId(1), Supplies)].len() >= 46, "others are not touched");
    }

    #[test]
    fn what_was_cut_off_comes_first_and_nothing_starves() {
        let mut s = schedule(1);
        // Time for two classes besides reachability.
        let asked = run(&mut s, 2 * Millis::HOUR, |due, _| {
            let cut = |i| if i < 3 { ClassResult::Done } else { ClassResult::CutOff };
            (true, due.classes.iter().enumerate().map(|(i, c)| (*c, cut(i))).collect())
        });
        for c in ProbeClass::ALL {
            assert!(asked.contains_key(&(DeviceId(1), c)), "{c:?} never had its turn");
        }
        let mut s = schedule(1);
        let first = s.take_due(Millis(Millis::MINUTE), ALL).remove(0);
        let results: Vec<_> = first
            .classes
            .iter()
            .map(|c| (*c, if *c == Inventory { ClassResult::CutOff } else { ClassResult::Done }))
            .collect();
        s.finish(DeviceId(1), Millis(Millis::MINUTE), true, &results);
        let again = s.take_due(s.next_due(ALL).unwrap(), ALL).remove(0);
        assert_eq!(again.classes[..2], [Reachability, Inventory]);
    }

    #[test]
    fn the_silent_have_their_own_places() {
        let mut s = schedule(20);
        for due in s.take_due(Millis(Millis::MINUTE), ALL) {
            let well = due.device.0 > 10;
            s.finish(due.device, Millis(Millis::MINUTE), well, &done(&due));
        }
        assert_eq!(s.silent_count(), 10);
        let due = s.take_due(Millis(3 * Millis::MINUTE), Places { all: 15, silent: 3 });
        assert_eq!(due.iter().filter(|d| d.was_silent).count(), 3);
        assert_eq!(due.iter().filter(|d| !d.was_silent).count(), 10);
    }

    #[test]
    fn poll_now_asks_everything_at_once() {
        let mut s = schedule(2);
        let t = Millis(Millis::MINUTE);
        for due in s.take_due(t, ALL) {
            s.finish(due.device, t, due.device.0 == 1, &done(&due));
        }
        for d in [1, 2] {
            assert!(s.kick(DeviceId(d), t.plus(1000)));
        }
        let due = s.take_due(t.plus(1000), Places { all: 5, silent: 0 });
        assert_eq!(due.len(), 2);
        assert!(due.iter().all(|d| d.classes.len() == CLASSES));
        // Kicked again under way: one more round, not lost.
        s.kick(DeviceId(1), t.plus(2000));
        s.finish(DeviceId(1), t.plus(3000), true, &done(&due[0]));
        assert_eq!(s.take_due(t.plus(3000), ALL)[0].classes.len(), CLASSES);
        assert!(!s.kick(DeviceId(99), t));
    }

    #[test]
    fn a_look_comes_now_and_a_thousand_looks_are_few_rounds() {
        let mut s = schedule(1);
        let t = Millis(Millis::MINUTE);
        let due = s.take_due(t, ALL).remove(0);
        s.finish(DeviceId(1), t, true, &done(&due));
        let (mut rounds, mut first) = (0, None);
        for i in 0..1_000 {
            let now = t.plus(20_000 + i * 50);
            assert!(s.look(DeviceId(1), &[Status, Interfaces], now));
            for due in s.take_due(now, ALL) {
                assert!(due.classes.contains(&Status) && due.classes.contains(&Interfaces), "{:?}", due.classes);
                first.get_or_insert(i);
                rounds += 1;
                s.finish(DeviceId(1), now, true, &done(&due));
            }
        }
        assert_eq!(first, Some(0), "the first one at once");
        assert!((4..=6).contains(&rounds), "{rounds} rounds in 50 seconds");
        // One that comes while a round is under way is not lost.
        let later = t.plus(10 * Millis::MINUTE);
        let due = s.take_due(later, ALL).remove(0);
        s.look(DeviceId(1), &[Supplies], later.plus(500));
        s.finish(DeviceId(1), later.plus(1_000), true, &done(&due));
        assert!(s.next_due(ALL).unwrap().since(later) <= LOOK_PAUSE + 1_000);
        assert!(!s.look(DeviceId(9), &[Status], later));
    }

    #[test]
    fn a_parent_is_asked_soon_but_not_for_every_child() {
        let mut s = schedule(1);
        let t = Millis(Millis::MINUTE);
        let due = s.take_due(t, ALL).remove(0);
        s.finish(DeviceId(1), t, true, &done(&due));
        s.hasten(DeviceId(1), t.plus(5_000));
        assert!(s.take_due(t.plus(5_000), ALL).is_empty(), "asked five seconds ago");
        s.hasten(DeviceId(1), t.plus(20_000));
        s.hasten(DeviceId(9), t.plus(20_000));
        assert_eq!(s.take_due(t.plus(20_000), ALL).len(), 1);
    }

    #[test]
    fn targets_come_and_go() {
        let mut s = schedule(3);
        let t = Millis(Millis::MINUTE);
        let due = s.take_due(t, ALL);
        assert_eq!(due.len(), 3);
        s.set_targets([DeviceId(1), DeviceId(4)], t);
        for d in &due {
            s.finish(d.device, t, true, &done(d));
        }
        assert_eq!(s.len(), 2);
        let next: Vec<i64> = s.take_due(t.plus(10 * Millis::MINUTE), ALL).iter().map(|d| d.device.0).collect();
        assert_eq!(next.len(), 2);
        assert!(next.contains(&1) && next.contains(&4));
        // A late end of a round nobody knows any more.
        s.finish(DeviceId(77), t, true, &[]);
        s.set_targets([], t.plus(10 * Millis::MINUTE));
        assert!(s.next_due(ALL).is_none());
    }

    #[test]
    fn a_step_of_the_clock_neither_stops_nor_floods() {
        let mut s = schedule(1);
        let t = Millis(10 * Millis::DAY);
        let due = s.take_due(t, ALL).remove(0);
        s.finish(DeviceId(1), t, true, &done(&due));
        let back = Millis(9 * Millis::DAY);
        assert!(s.take_due(back, ALL).is_empty());
        assert!(s.next_due(ALL).unwrap().since(back) <= 64_000);
        // A jump forward: one round, not one per missed minute.
        let later = Millis(20 * Millis::DAY);
        let due = s.take_due(later, ALL).remove(0);
        s.finish(DeviceId(1), later, true, &done(&due));
        assert!(s.take_due(later, ALL).is_empty());
    }
}
