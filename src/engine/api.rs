//! What goes in and out of the engine besides readings: who asks, what came of it, what changed, what is counted.

use serde::{Deserialize, Serialize};

use crate::model::DeviceId;

/// Who asks: a login, or "anykey" for our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub who: String,
    pub source: CommandSource,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandSource {
    Web,
    Api,
    Cli,
    /// Configuration at start, the demo.
    Start,
}

impl CommandSource {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Cli => "cli",
            Self::Start => "start",
        }
    }
}

/// A command was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Done {
    /// Of what was added or acted on.
    pub id: Option<i64>,
    /// False: it already was as asked; nothing was written.
    pub changed: bool,
}

impl Done {
    pub fn changed(id: i64) -> Self {
        Done { id: Some(id), changed: true }
    }
    pub fn already(id: i64) -> Self {
        Done { id: Some(id), changed: false }
    }
}

/// A command was not carried out; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// `code` is stable and names the message of the catalogue (`error-<code>`); `detail` is for the log and the API.
    #[error("{field}: {detail}")]
    Invalid { field: &'static str, code: &'static str, detail: String },
    #[error("there is no {what} {id}")]
    NotFound { what: &'static str, id: i64 },
    /// Refused with words that people need: `values` fill the message `error-<code>`, `detail` says the same in English.
    #[error("{detail}")]
    Explained { field: &'static str, code: &'static str, detail: String, values: Vec<(&'static str, String)> },
    /// The thing is in a state where this makes no sense (an order already sent).
    #[error("{what} {id} is {state}: {detail}")]
    WrongState { what: &'static str, id: i64, state: String, detail: String },
    /// The database refuses at the moment; the same command may succeed later.
    #[error("not saved, try again later: {0}")]
    Unavailable(String),
    #[error("Anykey is shutting down: nothing was changed")]
    Stopping,
}

impl CommandError {
    pub fn invalid(field: &'static str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid { field, code, detail: detail.into() }
    }
    /// Stable word for the message catalogue (`error-<code>`).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { code, .. } | Self::Explained { code, .. } => code,
            Self::NotFound { .. } => "not-found",
            Self::WrongState { .. } => "wrong-state",
            Self::Unavailable(_) => "unavailable",
            Self::Stopping => "stopping",
        }
    }
    /// The field of the form that is wrong.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Invalid { field, .. } | Self::Explained { field, .. } => Some(field),
            _ => None,
        }
    }
}

/// Something shown on pages changed: sent to their event streams after the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    pub topic: Topic,
    pub device: Option<DeviceId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// State, condition, name, place or address.
    Device,
    Supply,
    Port,
    Need,
    Order,
    Ticket,
    Discovery,
    /// Articles, suppliers, sites, credentials, ranges, users, settings.
    Setting,
    /// Stores, documents, balances.
    Stock,
    /// Places, racks, panels, cables, findings.
    Cabling,
    /// What the branch owns and its repairs.
    Asset,
}

/// What the engine did since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counters {
    pub readings: u64,
    /// Readings that changed nothing worth a row.
    pub unchanged: u64,
    /// Readings the database refused as such: logged and left out.
    pub refused: u64,
    pub commands: u64,
    pub ticks: u64,
    pub commits: u64,
    /// Commits that failed and are tried again with everything they held.
    pub retries: u64,
    /// Inputs waiting.
    pub waiting: u64,
}
