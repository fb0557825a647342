//! Anykey: the network and peripheral manager of a branch-office technician.
//!
//! One binary discovers printers, MFPs, switches and cabling ports, follows toner and uptime, drafts the order before
//! the toner runs out, opens a ticket when a device fails and resolves it when the device is well again.
//!
//! # One way through
//! Three inputs only: a [`model::Reading`] from the network, a tick of the clock, a [`model::Command`] from a person or
//! the API. All three pass the same engine and end in one database transaction.
//!
//! ```text
//!              mibs/*.mib, mibs/profiles/*.toml
//!                      |
//! network -> protocol -> collect::probe -> Reading --+      Tick (clock)    Command (web, API)
//!  snmp icmp ipp  ^       ^ discovery, poller        |          |                 |
//!                 |       +-- targets (watch) <--+   v          v                 v
//!            simulator (demo, tests)             |  +------------ engine ------------------+
//!                                                |  | status::apply(state, reading)->Event | pure
//!                                                |  | workflow::react(event, facts)->Action| pure
//!                                                +--| store.commit(state, events, actions) | one transaction
//!                                                   +------------------+-------------------+
//!                                                                      |
//!                            +-------------------- store (SQLite | PostgreSQL) --------------------+
//!                            |                        |                                            |
//!                      notify (outbox)       topology (infer, trace)                    web: pages, API, metrics
//! ```
//! A `Reading` is serialisable and self-contained: a poller in a branch can later send it over a message broker.
//!
//! # Who may import whom
//! `tests/tidy.rs` holds the table and checks it. In short: `model` and `protocol` know nothing of ours; `status`,
//! `workflow`, `forecast`, `sla`, `cabling` and `topology` are pure and know the model only; `store` alone names SQL; `collect` never sees the store;
//! `web` reads the store and changes it by commands; `app` and `cli` compose.
//!
//! # Invariants
//! 1. Read only towards devices: there is no SNMP SET in the code.
//! 2. A level is an interval with a state, a source and an age; -3 is not 50 %, -2 is not 0, a missing row is not empty.
//! 3. A device is not an address: identity is a set of weighted identifiers with time.
//! 4. unknown, unreachable, asleep, degraded and down differ, and only down raises a failure.
//! 5. Observed never overwrites documented.
//! 6. Effects leave through the outbox, written in the transaction of their cause, sent with a stable key.
//! 7. Duplicates are impossible by key: one open need per (pool, article), one open ticket per (device, class, component).
//! 8. Suppression never consumes alert state.
//! 9. Time and randomness are arguments of the pure parts ([`clock`]).
//! 10. Posted documents are never edited; every number opens its origin.
//! 11. Device knowledge is data: a new model is a TOML table, a recording and its golden facts.
//! 12. Bad input gets a clear error naming what, where and what to do; what was good stays.
//!
//! # Walkthrough: a toner runs low
//! [`collect`] asks `prtMarkerSuppliesTable` (class *supplies*); [`profile`] decodes the answer into `Facts`; the reading
//! waits in a bounded channel. The [`engine`] loads the remembered `SupplyState`, `status::supply` turns the new level
//! into an interval and, below the threshold, into `Event::SupplyLow`. `workflow::reorder` looks at the article that fits
//! and returns `OpenNeed` and `AddDraftLine`; the engine writes state, event, need and line in one transaction. A person
//! approves: the command sets the order's status and writes one outbox row in one transaction. [`notify`] sends the mail
//! with a Message-ID made of the row's key and marks both as sent.
//!
//! # Walkthrough: a device fails
//! Silent readings count up in `DeviceState`; after the policy's polls and minutes `status::apply` says `Down` and raises
//! a problem. `workflow::repair` opens the one ticket of that key. When readings are good again for long enough, the
//! problem clears and an untouched ticket resolves itself; one that a person took only gets a note.
//!
//! # Walkthrough: a device speaks by itself
//! A trap or inform of any version reaches `collect::traps`: SNMPv3 ones pass `protocol::snmp::usm`, which commits what it
//! learnt of an engine only after the digest held; then it is named from the MIBs and limited per source. It becomes a
//! [`model::Reading`] of its own kind, a line in the device's history, and the poller asks that device at once. A trap
//! changes no state: it may be forged, late or lost, and the poll that follows it says what is true.
//!
//! # Walkthrough: a cable is found
//! The class *neighbors* brings neighbours, forwarding tables and what [`model::Wiring`] holds; [`topology::infer()`] makes one map
//! of the facts of all devices: identities, direct evidence, tables, clouds, stations. It is pure and keeps nothing; today
//! the command `anykey topology` runs it over recordings, and [`topology::Plant`] follows documented cabling beside it.
//!
//! # Decisions beside the design, with the reason
//! * The SNMP v1/v2c codec is ours: requests and replies need about 500 lines, parse in place and report every truncated
//!   varbind; `snmp2` stays as the oracle in tests and the peer in the benchmark.
//! * SNMPv3 is ours too (`protocol::snmp::usm`, RFC 3414, 3826, 7860): the algorithms are crates', the engine clock, the
//!   key cache and the order "decode on a copy, commit after the digest" are what a poller of thousands needs.
//! * A pool is a branch and a class of equal articles, over all stores of the branch: no device belongs to a store, and what
//!   lies on another floor is never bought. Transfers before a purchase are therefore drafted between branches; they count
//!   as coming once sent, and a draft that a person drops, or nobody sends within five days, is bought instead.
//! * A line beyond the branch's month is cut from what a click approves, not from the draft: approving leaves it on a new
//!   draft with its risk in words, until there is money or a person says why it cannot wait.
//! * Message texts live in `dashboards/locales`, beside the templates that use them.

pub mod app;
pub mod cabling;
pub mod cli;
pub mod clock;
pub mod collect;
pub mod config;
pub mod document;
pub mod engine;
pub mod forecast;
pub mod i18n;
pub mod model;
pub mod notify;
pub mod profile;
pub mod protocol;
pub mod simulator;
pub mod sla;
pub mod status;
pub mod store;
pub mod topology;
pub mod web;
pub mod workflow;
