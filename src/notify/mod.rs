//! Outbox to people and suppliers: sends what was committed, tries again, never decides what to send.
//!
//! A row is written by the engine with the change that caused it (invariant 6); here it is rendered (`document`), sent and
//! marked. A crash between the server's yes and our commit sends the mail again: **at least once**, with the same
//! Message-ID and the same bytes, by which receivers drop the copy. To add a channel, add a file beside `mail`.

mod config;
pub mod mail;
mod outbox;
pub mod webhook;

pub use config::{Password, SmtpConfig, SmtpConfigError, SmtpTls};
pub use outbox::{Outbox, Round};
