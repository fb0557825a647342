//! Numbers that decide when a change is believed: counts, delays, thresholds (`domain/workflows.md` 3.2, 3.3).
//!
//! Plain data with defaults, read from the configuration; it never decides anything itself. To add a number, add a
//! field with its unit and its default here and use it in the module it governs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::DeviceKind;

/// When silence is believed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DownAfter {
    /// Consecutive silent polls.
    pub polls: u32,
    /// And at least this long since the first of them.
    #[serde(with = "humantime_serde")]
    pub time: Duration,
}

impl Default for DownAfter {
    fn default() -> Self {
        DownAfter { polls: 3, time: Duration::from_secs(15 * 60) }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Printers, phones and whatever people switch off.
    pub down_end_device: DownAfter,
    /// Switches, routers and other infrastructure.
    pub down_infrastructure: DownAfter,
    /// Working time for which a device that is usually off at some hours may be silent.
    #[serde(with = "humantime_serde")]
    pub habit_patience: Duration,
    /// Answered polls that bring a device back.
    pub up_polls: u32,
    /// Polls with a ping but without SNMP that make it degraded.
    pub degraded_polls: u32,
    /// A critical repair alert is believed after this many readings ...
    pub critical_polls: u32,
    /// ... or this long.
    #[serde(with = "humantime_serde")]
    pub critical_time: Duration,
    /// A repair alert that is only a warning is believed after this long.
    #[serde(with = "humantime_serde")]
    pub warning_time: Duration,
    /// A problem is over after this many readings without it ...
    pub clear_polls: u32,
    /// ... and this long.
    #[serde(with = "humantime_serde")]
    pub clear_time: Duration,
    /// Remaining fraction at which a supply counts as low.
    pub supply_threshold: f64,
    /// It is well again only this much above the threshold.
    pub supply_hysteresis: f64,
    /// Upper end of the remaining fraction when the device only says "low".
    pub low_means: f64,
    /// A low alert is not believed above this numeric level.
    pub alert_believed_below: f64,
    /// A rise is believed when a second reading, this much later, shows it too.
    #[serde(with = "humantime_serde")]
    pub rise_confirmed_after: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            down_end_device: DownAfter::default(),
            down_infrastructure: DownAfter { polls: 2, time: Duration::from_secs(3 * 60) },
            habit_patience: Duration::from_secs(2 * 60 * 60),
            up_polls: 2,
            degraded_polls: 3,
            critical_polls: 2,
            critical_time: Duration::from_secs(5 * 60),
            warning_time: Duration::from_secs(30 * 60),
            clear_polls: 2,
            clear_time: Duration::from_secs(30 * 60),
            supply_threshold: 0.10,
            supply_hysteresis: 0.05,
            low_means: 0.10,
            alert_believed_below: 0.30,
            rise_confirmed_after: Duration::from_secs(30 * 60),
        }
    }
}

impl Policy {
    pub fn down_after(&self, kind: Option<DeviceKind>) -> &DownAfter {
        if kind.is_some_and(DeviceKind::is_infrastructure) { &self.down_infrastructure } else { &self.down_end_device }
    }
}

/// A duration in the milliseconds of `Millis`.
pub(super) fn ms(d: Duration) -> i64 {
    i64::try_from(d.as_millis()).unwrap_or(i64::MAX)
}
