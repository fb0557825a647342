//! The client engine: one thread and one socket per address family serve any number of devices.
//!
//! `core` decides (pure, in virtual time under test), `worker` and `socket` do; `get`, `walk` and `sweep` are the jobs.
//! A whole job crosses the channel to the worker once. It never blocks on a caller and never trusts a datagram: a reply
//! counts only with the right source address and request id, and of SNMPv3 with the right digest (`peer`, `secure`).

mod core;
mod counters;
mod device;
mod get;
mod job;
mod mailbox;
mod pacer;
mod peer;
mod secure;
mod slots;
mod socket;
mod sweep;
mod walk;
mod wheel;
mod worker;

pub use self::core::fits;
pub use get::GetJob;
pub use job::Job;
pub use sweep::{SweepProgress, SweepState};
pub use walk::WalkJob;
pub use worker::{Command, Shared, Worker};

#[cfg(test)]
mod secure_tests;
#[cfg(test)]
mod tests;
