//! Pure: event + facts -> actions. `reorder` makes needs and draft lines of low supplies, `planner` says how many pieces a store
//! should buy and why, `repair` makes tickets of problems.
//!
//! No clock, no store, no I/O: the engine loads the facts, calls `react` and commits the actions in the transaction of
//! the event. Nothing here sends, approves or buys. Every action is keyed, so running a planner again on what it has
//! already done gives nothing new (invariant 7). To add a workflow, add a file with its facts and its `react`.

pub mod assets;
pub mod autosend;
pub mod import;
pub mod planner;
pub mod reference;
pub mod reorder;
pub mod repair;
pub mod stock;
