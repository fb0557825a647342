//! The writer task: takes inputs, groups readings into commits, keeps what the database could not take.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, mpsc};
use tokio::time::Instant;

use super::api::{Actor, Change, CommandError, Done, Topic};
use super::around::{Hush, Places};
use super::cache::Cache;
use super::foresight::Foresight;
use super::handle::{AtomicCounters, Control, count};
use super::{command, reading};
use crate::clock::Clock;
use crate::model::{Command, DeviceId, Millis, Reading, SiteId, Window};
use crate::sla::Agreement;
use crate::status::Policy;
use crate::store::{Store, StoreError, Tx, audit, setting};
use crate::workflow::reorder::Catalogue;

/// Readings in one commit.
const GROUP: usize = 256;
const FIRST_RETRY: Duration = Duration::from_millis(250);
const LAST_RETRY: Duration = Duration::from_secs(30);
/// Language of tickets until the setting `language` says otherwise.
const LANGUAGE: &str = "ru";

pub(super) struct Writer {
    pub store: Store,
    pub clock: Clock,
    pub counters: Arc<AtomicCounters>,
    changes: broadcast::Sender<Change>,
    pub work: Work,
    /// Readings the database could not take yet.
    kept: Vec<Reading>,
    retry_at: Instant,
    pause: Duration,
}

/// What the steps of one commit share.
pub(super) struct Work {
    /// Of the configuration; what people set on pages goes above it.
    configured: Policy,
    policy: Option<Arc<Policy>>,
    pub cache: Cache,
    pub now: Millis,
    /// The catalogue, loaded when first needed and after it changed.
    pub catalogue: Option<Arc<Catalogue>>,
    /// Language of tickets, likewise.
    pub language: Option<Arc<str>>,
    pub foresight: Foresight,
    /// What hangs behind what; `moved`: it may be another by now.
    pub places: Option<Arc<Places>>,
    pub moved: bool,
    /// Maintenance windows that are on or come; loaded when first needed and after they changed.
    pub windows: Option<Arc<Vec<Window>>>,
    /// Who is silent since anybody was heard.
    pub hush: Hush,
    /// What was agreed with branches, loaded when first needed.
    pub agreements: HashMap<SiteId, Arc<Agreement>>,
    /// When the clocks of tickets were last looked at.
    pub escalated_at: Option<Millis>,
    /// When every pool was last planned.
    pub planned_at: Option<Millis>,
    /// Drafts changed: what fits the money and the minimum is to be looked at anew.
    pub unsettled: bool,
    /// Devices whose memory must go if the commit fails.
    pub touched: Vec<DeviceId>,
    pub changes: BTreeSet<Change>,
    pub unchanged: u64,
}

impl Work {
    pub fn changed(&mut self, topic: super::Topic, device: Option<DeviceId>) {
        self.unsettled |= matches!(topic, Topic::Order | Topic::Need);
        self.changes.insert(Change { topic, device });
    }
    pub async fn language(&mut self, tx: &mut Tx) -> Result<Arc<str>, StoreError> {
        if let Some(known) = &self.language {
            return Ok(Arc::clone(known));
        }
        let set = setting::get_in(tx, setting::LANGUAGE).await?;
        let language: Arc<str> = set.unwrap_or_else(|| LANGUAGE.to_owned()).into();
        self.language = Some(Arc::clone(&language));
        Ok(language)
    }
    /// The numbers in force: the configuration's, and above them what people set on pages.
    pub async fn policy(&mut self, tx: &mut Tx) -> Result<Arc<Policy>, StoreError> {
        if let Some(known) = &self.policy {
            return Ok(Arc::clone(known));
        }
        let mut policy = self.configured.clone();
        let threshold = setting::get_in(tx, setting::SUPPLY_THRESHOLD).await?.and_then(|v| v.trim().parse().ok());
        if let Some(share) = threshold.filter(|share| (0.0..=1.0).contains(share)) {
            policy.supply_threshold = share;
        }
        let policy = Arc::new(policy);
        self.policy = Some(Arc::clone(&policy));
        Ok(policy)
    }
    /// A setting changed: what was made of settings is made anew.
    pub fn settings_changed(&mut self) {
        self.language = None;
        self.policy = None;
        // Another service level is another plan.
        self.planned_at = None;
    }
    fn forget(&mut self) {
        for device in self.touched.drain(..) {
            self.cache.forget(device);
        }
        self.changes.clear();
        self.unchanged = 0;
        self.catalogue = None;
        self.planned_at = None;
        self.unsettled = true;
        self.escalated_at = None;
        self.agreements.clear();
        self.forget_calendars();
        self.surveyed(None);
        self.places = None;
        self.windows = None;
        self.hush = Hush::default();
        self.settings_changed();
    }
}

impl Writer {
    pub fn new(
        store: Store,
        clock: Clock,
        policy: Policy,
        changes: broadcast::Sender<Change>,
        counters: Arc<AtomicCounters>,
    ) -> Self {
        let work = Work {
            configured: policy,
            policy: None,
            cache: Cache::default(),
            now: clock.now(),
            catalogue: None,
            language: None,
            foresight: Foresight::default(),
            places: None,
            moved: false,
            windows: None,
            hush: Hush::default(),
            agreements: HashMap::new(),
            escalated_at: None,
            planned_at: None,
            unsettled: true,
            touched: Vec::new(),
            changes: BTreeSet::new(),
            unchanged: 0,
        };
        let retry_at = Instant::now();
        Writer { store, clock, counters, changes, work, kept: Vec::new(), retry_at, pause: FIRST_RETRY }
    }

    pub async fn run(mut self, mut readings: mpsc::Receiver<Reading>, mut controls: mpsc::Receiver<Control>) {
        let mut group = Vec::with_capacity(GROUP);
        loop {
            tokio::select! {
                biased;
                control = controls.recv() => match control {
                    Some(Control::Command { actor, command, reply }) => {
                        let _ = reply.send(self.command(&actor, *command).await);
                    }
                    Some(Control::Tick { reply }) => {
                        self.drain(&mut readings).await;
                        self.tick().await;
                        let _ = reply.send(());
                    }
                    Some(Control::Stop { reply }) => {
                        readings.close();
                        self.finish(&mut readings).await;
                        let _ = reply.send(());
                        return;
                    }
                    // The last handle is gone.
                    None => return self.finish(&mut readings).await,
                },
                () = tokio::time::sleep_until(self.retry_at), if !self.kept.is_empty() => self.retry().await,
                n = readings.recv_many(&mut group, GROUP), if self.kept.is_empty() => {
                    if n > 0 {
                        self.readings(std::mem::take(&mut group)).await;
                    }
                }
            }
        }
    }

    /// Works on everything that is queued, unless the database refuses.
    async fn drain(&mut self, readings: &mut mpsc::Receiver<Reading>) {
        self.retry().await;
        while self.kept.is_empty() {
            let mut group = Vec::with_capacity(GROUP);
            while group.len() < GROUP {
                match readings.try_recv() {
                    Ok(r) => group.push(r),
                    Err(_) => break,
                }
            }
            if group.is_empty() {
                return;
            }
            self.readings(group).await;
        }
    }

    async fn finish(&mut self, readings: &mut mpsc::Receiver<Reading>) {
        self.drain(readings).await;
        self.tick().await;
        if !self.kept.is_empty() {
            tracing::error!(
                "stopping while database {} takes nothing: {} readings are lost, the devices will be asked again",
                self.store.name(),
                self.kept.len()
            );
        }
    }

    async fn retry(&mut self) {
        if !self.kept.is_empty() {
            let kept = std::mem::take(&mut self.kept);
            self.readings(kept).await;
        }
    }

    /// One group: together, else one by one, else kept for later.
    async fn readings(&mut self, group: Vec<Reading>) {
        let failed = match self.commit_readings(&group).await {
            Ok(()) => return self.recovered(),
            Err(e) => e,
        };
        if failed.is_temporary() {
            return self.keep(group, &failed);
        }
        let mut group = group.into_iter();
        while let Some(mut one) = group.next() {
            if let Some(clean) = without_nul(&one) {
                one = clean;
            }
            match self.commit_readings(std::slice::from_ref(&one)).await {
                Ok(()) => self.recovered(),
                Err(e) if e.is_temporary() => {
                    let rest = std::iter::once(one).chain(group).collect();
                    return self.keep(rest, &e);
                }
                Err(e) => {
                    count(&self.counters.refused, 1);
                    let (address, class) = (one.address, one.class.as_str());
                    tracing::error!("a reading of {address} ({class}) was left out: {e}");
                }
            }
        }
    }

    async fn commit_readings(&mut self, group: &[Reading]) -> Result<(), StoreError> {
        self.work.now = self.clock.now();
        let result = self.write_readings(group).await;
        match result {
            Ok(()) => {
                count(&self.counters.readings, group.len() as u64);
                self.committed();
            }
            Err(_) => self.work.forget(),
        }
        result
    }

    async fn write_readings(&mut self, group: &[Reading]) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        for one in group {
            if !reading::write(&mut self.work, &mut tx, one).await? {
                self.work.unchanged += 1;
            }
        }
        tx.commit().await
    }

    fn committed(&mut self) {
        count(&self.counters.commits, 1);
        count(&self.counters.unchanged, std::mem::take(&mut self.work.unchanged));
        self.work.touched.clear();
        for change in std::mem::take(&mut self.work.changes) {
            let _ = self.changes.send(change);
        }
    }

    fn keep(&mut self, group: Vec<Reading>, e: &StoreError) {
        if self.pause == FIRST_RETRY {
            tracing::error!("database {}: {e}; readings are kept and tried again", self.store.name());
        }
        count(&self.counters.retries, 1);
        self.kept = group;
        self.retry_at = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(LAST_RETRY);
    }

    fn recovered(&mut self) {
        if self.pause != FIRST_RETRY {
            tracing::info!("database {} takes readings again", self.store.name());
            self.pause = FIRST_RETRY;
        }
    }

    async fn command(&mut self, actor: &Actor, command: Command) -> Result<Done, CommandError> {
        count(&self.counters.commands, 1);
        self.work.now = self.clock.now();
        let text = command::audit_text(&command);
        match self.commit_command(actor, command, &text).await {
            Ok(done) => {
                self.committed();
                Ok(done)
            }
            Err(failure) => {
                self.work.forget();
                let error = match failure {
                    Failure::Refused(e) => e,
                    Failure::Store(e) if e.is_duplicate() => CommandError::invalid("name", "taken", e.to_string()),
                    Failure::Store(e) => {
                        tracing::error!("database {}: a command of {} failed: {e}", self.store.name(), actor.who);
                        return Err(CommandError::Unavailable(e.to_string()));
                    }
                };
                self.audit(actor, &text, &format!("refused: {error}")).await;
                Err(error)
            }
        }
    }

    async fn commit_command(&mut self, actor: &Actor, command: Command, text: &str) -> Result<Done, Failure> {
        let mut tx = self.store.begin().await?;
        let keeper = self.store.keeper().clone();
        let done = command::carry_out(&mut self.work, &mut tx, &keeper, actor, command).await?;
        if done.changed {
            // What people order, receive, move and price is what plans are made of.
            let planned = |c: &Change| matches!(c.topic, Topic::Order | Topic::Stock | Topic::Setting);
            if self.work.changes.iter().any(planned) {
                self.work.planned_at = None;
            }
            audit::add(&mut tx, &actor.who, actor.source.as_str(), text, "done", self.work.now).await?;
            tx.commit().await?;
        }
        Ok(done)
    }

    async fn audit(&mut self, actor: &Actor, text: &str, result: &str) {
        let wrote = async {
            let mut tx = self.store.begin().await?;
            audit::add(&mut tx, &actor.who, actor.source.as_str(), text, result, self.work.now).await?;
            tx.commit().await
        };
        if let Err(e) = wrote.await {
            tracing::warn!("a refused command of {} could not be written down: {e}", actor.who);
        }
    }

    /// Writes the times and counters that were held back.
    async fn tick(&mut self) {
        count(&self.counters.ticks, 1);
        self.work.now = self.clock.now();
        let stale = self.work.cache.stale();
        let wrote = async {
            let mut tx = self.store.begin().await?;
            for device in &stale {
                self.work.flush(&mut tx, *device).await?;
            }
            self.work.plan_daily(&mut tx).await?;
            self.work.look(&mut tx).await?;
            self.work.release(&mut tx).await?;
            self.work.escalate(&mut tx).await?;
            command::rma::remind(&mut self.work, &mut tx).await?;
            self.work.settle(&mut tx).await?;
            self.work.auto_send(&mut tx).await?;
            tx.commit().await
        };
        match wrote.await {
            Ok(()) => self.committed(),
            Err(e) => {
                self.work.forget();
                tracing::warn!("database {}: the times of {} devices wait: {e}", self.store.name(), stale.len());
            }
        }
    }
}

/// The reading without NUL characters, which PostgreSQL takes in no text; `None`: it holds none.
fn without_nul(reading: &Reading) -> Option<Reading> {
    let text = serde_json::to_string(reading).ok()?;
    if !text.contains("\\u0000") {
        return None;
    }
    serde_json::from_str(&text.replace("\\u0000", "")).ok()
}

/// Why a command was not carried out.
#[derive(Debug)]
pub(super) enum Failure {
    Refused(CommandError),
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(e: StoreError) -> Self {
        Failure::Store(e)
    }
}

impl From<CommandError> for Failure {
    fn from(e: CommandError) -> Self {
        Failure::Refused(e)
    }
}
