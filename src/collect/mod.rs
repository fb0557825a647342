//! Network to Reading: probes, poller, discovery, neighbours. Never writes to a device or to the store.
//!
//! ```text
//! targets (watch) -> poller -> schedule (pure: who, what, when)
//!                       |
//!                       +-> probe: questions of profile -> snmp, icmp, ipp -> decode -> Facts -> Reading (bounded channel)
//! UDP 162 -> traps: limit, name, "look at this device now" -> poller; a line for its history -> Reading
//! ranges, credentials -> discovery -> Found, Progress (bounded channel);  neighbors: Facts -> proposed addresses
//! ```
//!
//! Facts of a table that did not come through whole are `None`, never an empty list: a timeout is no answer.
//! To add a source of facts (another protocol), ask it in `probe` and say in `merge` when it is the better one.

pub mod config;
pub mod diagnose;
pub mod discovery;
pub mod fetch;
pub mod inspect;
mod ipp;
pub mod merge;
pub mod neighbors;
pub mod poller;
pub mod probe;
pub mod range;
pub mod schedule;
pub mod target;
pub mod trail;
pub mod traps;

pub use config::{PollConfig, PollConfigError};
pub use diagnose::{Diagnosis, diagnose};
pub use discovery::{DiscoveryError, DiscoveryEvent, DiscoveryProgress, Found, Scan, discover};
pub use inspect::Inspection;
pub use poller::{Poller, PollerHandle, PollerStats};
pub use probe::{ClassAnswer, Prober, Round};
pub use range::{RangeError, ScanRange};
pub use target::{Agent, Credential, IPP_PORT, PollTarget, SNMP_PORT};
pub use trail::{Trail, Tried};
pub use traps::{TrapCounts, TrapError, TrapListener, TrapSocket};
