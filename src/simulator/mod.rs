//! Recorded and virtual devices that answer real UDP. Used by the command line and the tests only.
//!
//! `table` holds the objects, `agent` answers a datagram from them; both are pure. `recordings` turns a folder into
//! devices, `server` gives each its own loopback address. It never stores anything and never polls: what it plays is
//! what a poller would meet. To add a kind of device, implement [`agent::Device`].

pub mod agent;
pub mod fleet;
pub mod mailbox;
pub mod recordings;
pub mod server;
pub mod table;

pub use agent::{Agent, Counters, Device, ONE_FRAME};
pub use mailbox::Mailbox;
pub use recordings::{Folder, Recorded, assign, load_folder};
pub use server::{Network, Server};
pub use table::Table;
