//! The map of cables: what devices tell of their neighbours, made into links, clouds and places of stations ([`infer()`]),
//! and the cabling that people documented, followed from any socket ([`trace`]).
//!
//! Pure: knows the model only; no clock, no I/O, no database. The same facts in any order give the same map, byte for
//! byte. It never invents a line: a pair without evidence stays apart, and what contradicts is kept as a contradiction.
//!
//! # Steps of the inference
//! `identity` says which inputs are one device and whom a neighbour's row means; `direct` and `claims` weigh what LLDP,
//! CDP, LACP and spanning tree say; `table` cleans the forwarding tables, `toward` asks through which lane bridges see
//! each other, `tree` joins lanes to segments and places stations; `emit` writes the [`Map`].
//!
//! To add a source of direct evidence, give `claims` a function that makes claims of it and [`Source`] its word.

mod claims;
mod direct;
mod documented;
mod draw;
mod emit;
pub mod history;
mod identity;
mod infer;
mod input;
mod mac;
mod map;
mod names;
mod plant;
mod reconcile;
mod table;
mod toward;
mod trace;
mod tree;

pub use documented::{Documented, Path, PathEnd, Step};
pub use draw::{Style, drawio, picture, svg};
pub use infer::infer;
pub use input::{Device, Learned, Port, PortKind};
pub use mac::Mac;
pub use map::{Cloud, CloudKind, Contradiction, End, Evidence, External, Forwarder, Host, Link, Map, Source};
pub use plant::{Cable, CableEnd, Jack, JackMap, MapEnd, Plant, Plug, Side, Status, Unit};
pub use reconcile::{Observed, PortSeen, StationSeen, open_end, reconcile};
pub use trace::{Goal, Hop, Open, Start, Trace, Way};
