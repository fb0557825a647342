//! The way in: bounded queues in front of the writer task. A full queue means waiting, never losing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{broadcast, mpsc, oneshot};

use super::api::{Actor, Change, CommandError, Counters, Done, Topic};
use crate::model::{Command, Reading};

/// What does not queue behind readings.
pub(super) enum Control {
    Command { actor: Actor, command: Box<Command>, reply: oneshot::Sender<Result<Done, CommandError>> },
    Tick { reply: oneshot::Sender<()> },
    Stop { reply: oneshot::Sender<()> },
}

/// Cheap to clone; all clones speak to the same writer.
#[derive(Clone)]
pub struct EngineHandle {
    readings: mpsc::Sender<Reading>,
    controls: mpsc::Sender<Control>,
    changes: broadcast::Sender<Change>,
    counters: Arc<AtomicCounters>,
}

/// The engine has been stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the engine has stopped")]
pub struct Stopped;

impl EngineHandle {
    pub(super) fn new(
        readings: mpsc::Sender<Reading>,
        controls: mpsc::Sender<Control>,
        changes: broadcast::Sender<Change>,
        counters: Arc<AtomicCounters>,
    ) -> Self {
        EngineHandle { readings, controls, changes, counters }
    }
    /// Queues a reading; waits while the queue is full.
    pub async fn reading(&self, reading: Reading) -> Result<(), Stopped> {
        self.readings.send(reading).await.map_err(|_| Stopped)
    }
    /// Carries out a command; when this returns `Ok` it is committed.
    pub async fn command(&self, actor: Actor, command: Command) -> Result<Done, CommandError> {
        let (reply, answer) = oneshot::channel();
        let control = Control::Command { actor, command: Box::new(command), reply };
        self.controls.send(control).await.map_err(|_| CommandError::Stopping)?;
        answer.await.unwrap_or(Err(CommandError::Stopping))
    }
    /// Lets time-driven rules run at the clock's present time; returns when every reading queued before it was worked on.
    pub async fn tick(&self) -> Result<(), Stopped> {
        let (reply, answer) = oneshot::channel();
        self.controls.send(Control::Tick { reply }).await.map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }
    /// Commits what is queued and ends the writer.
    pub async fn stop(&self) {
        let (reply, answer) = oneshot::channel();
        if self.controls.send(Control::Stop { reply }).await.is_ok() {
            let _ = answer.await;
        }
    }
    /// What pages may want to show anew. A receiver that lags loses the oldest and should reload.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }
    /// Tells of a change that was committed past the engine (progress of a scan, a mail that left).
    pub fn announce(&self, topic: Topic) {
        let _ = self.changes.send(Change { topic, device: None });
    }
    pub fn counters(&self) -> Counters {
        let c = &self.counters;
        let get = |a: &AtomicU64| a.load(Ordering::Relaxed);
        Counters {
            readings: get(&c.readings),
            unchanged: get(&c.unchanged),
            refused: get(&c.refused),
            commands: get(&c.commands),
            ticks: get(&c.ticks),
            commits: get(&c.commits),
            retries: get(&c.retries),
            waiting: (self.readings.max_capacity() - self.readings.capacity()) as u64,
        }
    }
}

#[derive(Default)]
pub(super) struct AtomicCounters {
    pub readings: AtomicU64,
    pub unchanged: AtomicU64,
    pub refused: AtomicU64,
    pub commands: AtomicU64,
    pub ticks: AtomicU64,
    pub commits: AtomicU64,
    pub retries: AtomicU64,
}

pub(super) fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}
