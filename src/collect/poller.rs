//! The poller: keeps the schedule, asks what is due, sends Readings.
//!
//! It never judges an answer and never waits for one device to ask another: each round is a task of its own, their number
//! is bounded, the silent have places of their own. A full channel slows polling down, it never drops a Reading.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::config::PollConfig;
use super::probe::{Prober, Round, absorb};
use super::schedule::{ClassResult, Due, Places, Schedule};
use super::target::PollTarget;
use crate::clock::Clock;
use crate::model::{DeviceId, Facts, Outcome, ProbeClass, Reading, Source, Subject};

/// Longest wait between two looks at the clock, so that a step of it is noticed.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Counters of a poller since its start, and its present state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PollerStats {
    pub targets: u64,
    pub silent: u64,
    pub in_flight: u64,
    pub rounds: u64,
    pub answered: u64,
    pub ping_only: u64,
    pub unanswered: u64,
    /// Rounds our own side could not carry out.
    pub not_asked: u64,
    pub readings: u64,
    /// Classes that did not come through, or were cut off by the time budget.
    pub failed_classes: u64,
    /// How late the latest round started, in milliseconds of the clock.
    pub late_ms: u64,
}

#[derive(Debug, Default)]
struct Counters {
    targets: AtomicU64,
    silent: AtomicU64,
    in_flight: AtomicU64,
    rounds: AtomicU64,
    answered: AtomicU64,
    ping_only: AtomicU64,
    unanswered: AtomicU64,
    not_asked: AtomicU64,
    readings: AtomicU64,
    failed_classes: AtomicU64,
    late_ms: AtomicU64,
}

/// A wish to ask a device before its time.
#[derive(Debug)]
enum Kick {
    /// A person waits: everything.
    Now(DeviceId),
    /// It spoke by itself.
    Look(DeviceId, Vec<ProbeClass>),
}

/// What the rest of the program holds of a running poller.
#[derive(Debug, Clone)]
pub struct PollerHandle {
    kicks: mpsc::UnboundedSender<Kick>,
    counters: Arc<Counters>,
}

impl PollerHandle {
    /// "Poll now": asks the device everything at once. False when the poller has ended.
    pub fn poll_now(&self, device: DeviceId) -> bool {
        self.kicks.send(Kick::Now(device)).is_ok()
    }
    /// It spoke by itself: asks it these classes at once, but not for each of many words. False when the poller has ended.
    pub fn look(&self, device: DeviceId, classes: &[ProbeClass]) -> bool {
        self.kicks.send(Kick::Look(device, classes.to_vec())).is_ok()
    }
    pub fn stats(&self) -> PollerStats {
        let c = &*self.counters;
        let n = |a: &AtomicU64| a.load(Relaxed);
        PollerStats {
            targets: n(&c.targets),
            silent: n(&c.silent),
            in_flight: n(&c.in_flight),
            rounds: n(&c.rounds),
            answered: n(&c.answered),
            ping_only: n(&c.ping_only),
            unanswered: n(&c.unanswered),
            not_asked: n(&c.not_asked),
            readings: n(&c.readings),
            failed_classes: n(&c.failed_classes),
            late_ms: n(&c.late_ms),
        }
    }
}

/// Asks a list of devices for ever.
pub struct Poller {
    prober: Prober,
    config: PollConfig,
    clock: Clock,
    /// Goes into each Reading.
    name: Arc<str>,
    kicks: mpsc::UnboundedReceiver<Kick>,
    counters: Arc<Counters>,
}

/// The loop's own state.
struct Running {
    schedule: Schedule,
    targets: HashMap<DeviceId, PollTarget>,
    rounds: JoinSet<Round>,
    /// Whose round each task is, and whether it holds a place of the silent.
    tasks: HashMap<tokio::task::Id, (DeviceId, bool)>,
    silent_in_flight: usize,
}

impl Poller {
    /// `name` goes into each Reading and seeds the jitter.
    pub fn new(prober: Prober, config: PollConfig, clock: Clock, name: &str) -> (Self, PollerHandle) {
        let (sender, kicks) = mpsc::unbounded_channel();
        let counters = Arc::new(Counters::default());
        let handle = PollerHandle { kicks: sender, counters: counters.clone() };
        (Poller { prober, config, clock, name: name.into(), kicks, counters }, handle)
    }

    /// Runs until `shutdown`, or until nobody takes the Readings any more. Rounds under way are abandoned then.
    pub async fn run(
        mut self,
        mut targets: watch::Receiver<Vec<PollTarget>>,
        readings: mpsc::Sender<Reading>,
        shutdown: CancellationToken,
    ) {
        let seed = self.name.bytes().fold(0u64, |h, b| h.wrapping_mul(31).wrapping_add(b.into()));
        let mut now = Running {
            schedule: Schedule::new(self.config.clone(), seed),
            targets: HashMap::new(),
            rounds: JoinSet::new(),
            tasks: HashMap::new(),
            silent_in_flight: 0,
        };
        self.take_targets(&mut now, &mut targets);
        let mut watching = true;
        loop {
            self.start_due(&mut now, &readings);
            let wait = self.wait(&now);
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                () = readings.closed() => break,
                changed = targets.changed(), if watching => match changed {
                    Ok(()) => self.take_targets(&mut now, &mut targets),
                    Err(_) => watching = false,
                },
                Some(kick) = self.kicks.recv() => match kick {
                    Kick::Now(device) => drop(now.schedule.kick(device, self.clock.now())),
                    Kick::Look(device, classes) => drop(now.schedule.look(device, &classes, self.clock.now())),
                },
                Some(ended) = now.rounds.join_next_with_id() => self.take_round(&mut now, ended),
                () = tokio::time::sleep(wait) => {}
            }
        }
        now.rounds.shutdown().await;
    }

    fn take_targets(&self, now: &mut Running, targets: &mut watch::Receiver<Vec<PollTarget>>) {
        let list = targets.borrow_and_update();
        let mut kept = HashMap::with_capacity(list.len());
        for target in list.iter() {
            let mut target = target.clone();
            // What was learned since the list was made is newer than the list.
            if let Some(old) = now.targets.remove(&target.device).filter(|o| o.agent.address == target.agent.address) {
                absorb(&mut target.agent.known, old.agent.known);
            }
            kept.insert(target.device, target);
        }
        drop(list);
        now.targets = kept;
        now.schedule.set_targets(now.targets.keys().copied(), self.clock.now());
        self.counters.targets.store(now.targets.len() as u64, Relaxed);
    }

    fn start_due(&self, now: &mut Running, readings: &mpsc::Sender<Reading>) {
        for due in now.schedule.take_due(self.clock.now(), self.places(now)) {
            let Some(target) = now.targets.get(&due.device) else {
                now.schedule.finish(due.device, self.clock.now(), false, &[]);
                continue;
            };
            self.counters.late_ms.store(due.late.as_millis() as u64, Relaxed);
            now.silent_in_flight += usize::from(due.was_silent);
            let (device, was_silent) = (due.device, due.was_silent);
            let task = now.rounds.spawn(self.round(due, target.clone(), readings.clone()));
            now.tasks.insert(task.id(), (device, was_silent));
        }
        self.counters.in_flight.store(now.rounds.len() as u64, Relaxed);
    }

    fn places(&self, now: &Running) -> Places {
        Places {
            all: self.config.concurrency.saturating_sub(now.rounds.len()),
            silent: self.config.silent_concurrency.saturating_sub(now.silent_in_flight),
        }
    }

    /// One round and its Readings, as a task of its own.
    fn round(
        &self,
        due: Due,
        target: PollTarget,
        readings: mpsc::Sender<Reading>,
    ) -> impl Future<Output = Round> + Send + use<> {
        let (prober, clock, name) = (self.prober.clone(), self.clock.clone(), self.name.clone());
        let (budget, counters) = (self.config.device_budget, self.counters.clone());
        async move {
            let at = clock.now();
            let round = prober.round(&target.agent, &due.classes, budget).await;
            let reading = |class, source, facts| Reading {
                subject: Subject::Known { device: due.device },
                address: target.agent.address,
                port: target.agent.port,
                poller: name.to_string(),
                at,
                class,
                source,
                outcome: round.outcome.clone(),
                facts,
            };
            let mut out: Vec<Reading> = (round.answers.iter())
                .filter(|a| a.result != ClassResult::CutOff)
                .map(|a| reading(a.class, a.source, a.facts.clone()))
                .collect();
            if out.is_empty() {
                out.push(reading(ProbeClass::Reachability, Source::Snmp, Facts::default()));
            }
            for reading in out {
                if readings.send(reading).await.is_ok() {
                    counters.readings.fetch_add(1, Relaxed);
                }
            }
            round
        }
    }

    fn take_round(&self, now: &mut Running, ended: Result<(tokio::task::Id, Round), tokio::task::JoinError>) {
        let task = ended.as_ref().map_or_else(tokio::task::JoinError::id, |(id, _)| *id);
        let Some((device, was_silent)) = now.tasks.remove(&task) else { return };
        now.silent_in_flight -= usize::from(was_silent);
        let round = match ended {
            Ok((_, round)) => round,
            Err(e) => {
                tracing::error!(%device, "a round of polling broke off: {e}");
                Round { outcome: Outcome::NotAsked { reason: e.to_string() }, answers: Vec::new(), ipp: None }
            }
        };
        self.count(&round);
        let (answered, results) = (round.answered(), round.results());
        // Our own failure says nothing of the device: it keeps its full schedule.
        let own_failure = matches!(round.outcome, Outcome::NotAsked { .. });
        now.schedule.finish(device, self.clock.now(), answered || own_failure, &results);
        let Some(target) = now.targets.get_mut(&device) else { return };
        if answered {
            learn(&mut target.agent.known, round);
        } else if !own_failure && !was_silent {
            for parent in target.parents.clone() {
                now.schedule.hasten(parent, self.clock.now());
            }
        }
        self.counters.silent.store(now.schedule.silent_count() as u64, Relaxed);
    }

    fn count(&self, round: &Round) {
        let c = &self.counters;
        c.rounds.fetch_add(1, Relaxed);
        let by_outcome = match round.outcome {
            Outcome::Answered { .. } => &c.answered,
            Outcome::PingOnly { .. } => &c.ping_only,
            Outcome::Silent => &c.unanswered,
            Outcome::NotAsked { .. } | Outcome::Spoke { .. } => &c.not_asked,
        };
        by_outcome.fetch_add(1, Relaxed);
        let failed = round.answers.iter().filter(|a| a.result != ClassResult::Done).count();
        c.failed_classes.fetch_add(failed as u64, Relaxed);
    }

    /// Wall time until there is something to do by the clock.
    fn wait(&self, now: &Running) -> Duration {
        let Some(next) = now.schedule.next_due(self.places(now)) else { return LONGEST_WAIT };
        let wait = Duration::from_millis(next.since(self.clock.now()).max(0).cast_unsigned());
        self.clock.wall(wait).clamp(Duration::from_millis(1), LONGEST_WAIT)
    }
}

/// Keeps of a round what makes later questions better: identity and VLANs, not the tables.
fn learn(known: &mut Facts, round: Round) {
    let mut facts = round.facts();
    (facts.supplies, facts.printer, facts.ports, facts.links) = (None, None, None, None);
    (facts.fdb, facts.stp, facts.modules, facts.ups) = (None, None, None, None);
    (facts.notes, facts.sys_uptime_cs) = (Vec::new(), None);
    absorb(known, facts);
}
