//! Settings of polling and discovery, as they stand in the configuration file. Defaults for everything.
//!
//! Plain data: no I/O. A new probe class gets its period here and in `PollConfig::period`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::ProbeClass;

/// How often each class of questions is asked, and how many devices at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PollConfig {
    #[serde(with = "humantime_serde")]
    pub reachability: Duration,
    #[serde(with = "humantime_serde")]
    pub status: Duration,
    #[serde(with = "humantime_serde")]
    pub interfaces: Duration,
    #[serde(with = "humantime_serde")]
    pub supplies: Duration,
    #[serde(with = "humantime_serde")]
    pub neighbors: Duration,
    #[serde(with = "humantime_serde")]
    pub inventory: Duration,
    /// Share of a period by which each poll is moved, so that devices do not march in step: 0 to 0.5.
    pub jitter: f64,
    /// A new target is first asked within this time.
    #[serde(with = "humantime_serde")]
    pub initial_spread: Duration,
    /// Devices asked at the same time.
    pub concurrency: usize,
    /// How many of them may be devices that did not answer last time: the silent never crowd out the well.
    pub silent_concurrency: usize,
    /// Wall time one device may take in one round; classes left over are asked next time, the oldest first.
    #[serde(with = "humantime_serde")]
    pub device_budget: Duration,
    /// Ask printers by IPP too.
    pub ipp: bool,
    /// Ping too: tells "does not answer SNMP" from "is not there". Off where everything answers a ping, as on loopback.
    pub icmp: bool,
}

impl Default for PollConfig {
    fn default() -> Self {
        PollConfig {
            reachability: Duration::from_secs(60),
            status: Duration::from_secs(5 * 60),
            interfaces: Duration::from_secs(5 * 60),
            supplies: Duration::from_secs(30 * 60),
            neighbors: Duration::from_secs(30 * 60),
            inventory: Duration::from_secs(24 * 3600),
            jitter: 0.05,
            initial_spread: Duration::from_secs(30),
            concurrency: 1024,
            silent_concurrency: 512,
            device_budget: Duration::from_secs(30),
            ipp: true,
            icmp: true,
        }
    }
}

/// A setting that cannot work, named with its way out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PollConfigError {
    #[error("poll.{class} = \"{value}\" is too short: give at least 1s", class = .0.as_str(), value = humantime::format_duration(*.1))]
    ShortPeriod(ProbeClass, Duration),
    #[error("poll.{0} = 0 would ask nobody: give at least 1")]
    Zero(&'static str),
    #[error("poll.jitter = {0} is outside 0 to 0.5: it is a share of the period")]
    Jitter(f64),
    #[error("poll.device_budget = \"{value}\" is too short: give at least 1s", value = humantime::format_duration(*.0))]
    ShortBudget(Duration),
}

impl PollConfig {
    pub fn period(&self, class: ProbeClass) -> Duration {
        match class {
            ProbeClass::Reachability => self.reachability,
            ProbeClass::Status => self.status,
            ProbeClass::Interfaces => self.interfaces,
            ProbeClass::Supplies => self.supplies,
            ProbeClass::Neighbors => self.neighbors,
            ProbeClass::Inventory => self.inventory,
        }
    }

    /// Refuses what cannot work; `Ok` settings need no further care.
    pub fn check(&self) -> Result<(), PollConfigError> {
        for class in ProbeClass::ALL {
            let period = self.period(class);
            if period < Duration::from_secs(1) {
                return Err(PollConfigError::ShortPeriod(class, period));
            }
        }
        if !(0.0..=0.5).contains(&self.jitter) {
            return Err(PollConfigError::Jitter(self.jitter));
        }
        if self.concurrency == 0 {
            return Err(PollConfigError::Zero("concurrency"));
        }
        if self.silent_concurrency == 0 {
            return Err(PollConfigError::Zero("silent_concurrency"));
        }
        if self.device_budget < Duration::from_secs(1) {
            return Err(PollConfigError::ShortBudget(self.device_budget));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_humantime_and_refuses_unknown_keys() {
        let c: PollConfig = toml::from_str("supplies = \"45m\"\nreachability = \"90s\"").unwrap();
        assert_eq!(c.supplies, Duration::from_secs(45 * 60));
        assert_eq!(c.reachability, Duration::from_secs(90));
        assert_eq!(c.status, PollConfig::default().status);
        let e = toml::from_str::<PollConfig>("suplies = \"45m\"").unwrap_err();
        assert!(e.to_string().contains("suplies"), "{e}");
    }

    #[test]
    fn what_cannot_work_is_named() {
        assert_eq!(PollConfig::default().check(), Ok(()));
        let c = PollConfig { status: Duration::from_millis(200), ..PollConfig::default() };
        assert_eq!(c.check().unwrap_err().to_string(), "poll.status = \"200ms\" is too short: give at least 1s");
        let c = PollConfig { jitter: 0.9, ..PollConfig::default() };
        assert!(c.check().unwrap_err().to_string().contains("0.9"));
        let c = PollConfig { concurrency: 0, ..PollConfig::default() };
        assert!(c.check().unwrap_err().to_string().contains("poll.concurrency"));
    }
}
