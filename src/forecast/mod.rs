//! The forecast of consumables: when a supply will be spent, how sure that is, and when it was replaced. Pure.
//!
//! Readings of one supply are folded into a [`SupplySeries`], a small state that can be stored; [`forecast`] turns it, what
//! peers teach ([`Peers`]) and the branch's [`Calendar`] into days. [`p_replacements_within`] is for the ordering.
//!
//! # Method
//! A gauge tells most at the moment it drops a step; between the steps the pages printed tell how far it has come. A Kalman
//! filter ([`filter`]) carries level and use per page together, once for pages and once for effective days, and for three
//! ways of rounding. Words ("some", "low", "empty") are bounds and moments like steps. Work ahead comes from the usage per
//! effective day; the distribution of days asks how likely the consumption of so many days exceeds what is left.
//!
//! It never reads a clock, never orders, and never calls an unknown level empty. To judge replacements otherwise change
//! `detect`; to follow another kind of work add one beside pages and days in `cartridge`.

mod calendar;
mod cartridge;
mod detect;
mod estimate;
pub mod filter;
mod gauge;
pub mod normal;
mod peers;
mod sample;
mod series;
mod usage;

pub use calendar::{Calendar, CalendarLearner};
pub use detect::{Replacement, Rule, Sign};
pub use estimate::{Basis, FARTHEST, Forecast, Outlook, Seen, Stage, forecast, p_replacements_within};
pub use peers::{Article, Peers};
pub use sample::{Alert, Look, Sample, Unit, Word};
pub use series::SupplySeries;
