//! The imperative shell: input, load, pure functions, one commit. A single task writes; everybody else holds an
//! `EngineHandle`.
//!
//! Three inputs: a Reading, a Command, a Tick. What the pure parts decide is written in the transaction of its cause, with
//! its timeline and its outbox rows; nobody is told of a change before it is committed. It never speaks to the network and
//! never renders a page.
//!
//! * Readings are taken in groups, one commit a group. If the group fails, each is tried alone, so that one bad reading
//!   never costs the others; if the database itself fails (full disk, lost server), the group is kept and tried again.
//! * What is remembered of devices between readings (`cache`) only spares loading: the database is the truth, and after a
//!   failed commit the memory of everything touched is thrown away.
//!
//! To add a command: a variant of `model::Command`, an arm in `command`. To add an action: an arm in `action`. To keep
//! another part of the facts: a step in `keep`.

mod action;
mod api;
mod around;
mod autosend;
mod cache;
mod command;
mod drafts;
mod escalate;
mod facts;
mod foresight;
mod handle;
mod identify;
mod keep;
mod moving;
mod notice;
mod pages;
mod plan;
mod reading;
pub mod reference;
mod survey;
mod tell;
mod writer;

use std::sync::Arc;

use tokio::sync::{broadcast, mpsc};

pub use api::{Actor, Change, CommandError, CommandSource, Counters, Done, Topic};
pub use handle::{EngineHandle, Stopped};

use crate::clock::Clock;
use crate::status::Policy;
use crate::store::Store;

/// Readings waiting for the writer; a poller that is faster waits.
const READINGS: usize = 2_048;
/// Commands and ticks waiting.
const CONTROLS: usize = 64;
/// Changes kept for a page that listens slowly.
const CHANGES: usize = 1_024;

/// Starts the writer.
pub struct Engine;

impl Engine {
    /// The one writer of this database: start it once. It ends with `EngineHandle::stop`, or with its last handle.
    pub fn start(store: Store, clock: Clock, policy: Policy) -> EngineHandle {
        let (readings, readings_in) = mpsc::channel(READINGS);
        let (controls, controls_in) = mpsc::channel(CONTROLS);
        let (changes, _) = broadcast::channel(CHANGES);
        let counters = Arc::default();
        let writer = writer::Writer::new(store, clock, policy, changes.clone(), Arc::clone(&counters));
        tokio::spawn(writer.run(readings_in, controls_in));
        EngineHandle::new(readings, controls, changes, counters)
    }
}
