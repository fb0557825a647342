//! A supply of a device over time: its state and the thresholds that make a need of it.

use serde::{Deserialize, Serialize};

use super::{LevelState, Millis, SupplyKind};

/// Remembered state of one supply; changed only by `status::supply`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupplyState {
    pub index: String,
    pub kind: SupplyKind,
    pub color: Option<String>,
    pub description: String,
    pub part_number: Option<String>,
    #[serde(default)]
    pub serial: Option<String>,
    pub level: Option<i64>,
    pub max_capacity: Option<i64>,
    pub level_state: LevelState,
    /// True remaining fraction, 0 to 1, as an interval.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// An alert or detected error says low or empty.
    pub alert_low: bool,
    pub alert_empty: bool,
    /// Below threshold, with hysteresis: set at the threshold, cleared only by a clear rise.
    pub is_low: bool,
    pub low_since: Option<Millis>,
    /// Fraction at which it counts as low.
    pub threshold: f64,
    pub updated_at: Millis,
    /// A rise not yet believed: a re-seated or shaken cartridge falls back.
    #[serde(default)]
    pub rise: Option<Rise>,
}

/// A rise of the level that waits for its confirmation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rise {
    /// Remaining fraction before it.
    pub from: Option<f64>,
    pub since: Millis,
    /// Readings that showed it.
    pub seen: u32,
}
