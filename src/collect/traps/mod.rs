//! Traps and informs: somebody speaks by itself, and the poller looks at that device now.
//!
//! A notification is untrusted: it changes no state, it only makes the poller look and leaves a line in the device's history.
//! What floods is cut here, before it is decoded: see `limit` (per source) and `gather` (equal ones are one line). What to ask
//! after which notification is data: `mibs/notifications.toml`. To speak another version, teach `protocol::snmp::trap`.

pub mod gather;
pub mod limit;
mod listener;
mod look;
mod read;
mod secure;

pub use listener::{Setup, TrapCounts, TrapError, TrapListener, TrapSocket};
pub use look::{LookError, Looks};
pub use read::read;
pub use secure::{NotTaken, Secure};
