//! Reading: one answer of one device to one class of questions. Self-contained and serialisable: nothing else passes
//! from the collector to the engine.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{DeviceId, Facts, Millis, Source, Trap};

/// UDP port of SNMP agents (RFC 3417).
pub const SNMP_PORT: u16 = 161;

/// A class of questions with its own period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeClass {
    /// Ping and sysUpTime.
    Reachability,
    /// Device and printer status, alerts, console.
    Status,
    Interfaces,
    /// Supplies and page counters in the same set.
    Supplies,
    /// LLDP, CDP, forwarding tables.
    Neighbors,
    /// Identity, modules, VLANs.
    Inventory,
}

impl ProbeClass {
    pub const ALL: [ProbeClass; 6] =
        [Self::Reachability, Self::Status, Self::Interfaces, Self::Supplies, Self::Neighbors, Self::Inventory];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reachability => "reachability",
            Self::Status => "status",
            Self::Interfaces => "interfaces",
            Self::Supplies => "supplies",
            Self::Neighbors => "neighbors",
            Self::Inventory => "inventory",
        }
    }
}

/// Did it answer, and by what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Outcome {
    /// Answered the management protocol.
    Answered { rtt_ms: f64 },
    /// Answers a ping, not SNMP.
    PingOnly { rtt_ms: f64 },
    /// Neither ping nor SNMP.
    Silent,
    /// The poller itself failed (no route, no socket): says nothing of the device.
    NotAsked { reason: String },
    /// Nobody asked: it spoke by itself. Untrusted, says nothing of its state.
    Spoke { trap: Trap },
}

/// Who was asked: a device already known, or an address being discovered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "subject", rename_all = "kebab-case")]
pub enum Subject {
    Known {
        device: DeviceId,
    },
    /// A newcomer: the engine matches it to a device by its identifiers or creates one.
    Discovered {
        site: i64,
        credential: Option<i64>,
        range: Option<i64>,
    },
    /// Spoke to us from an address that nobody polls.
    Stranger,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub subject: Subject,
    pub address: IpAddr,
    /// UDP port of the agent.
    pub port: u16,
    /// Name of the poller that asked.
    pub poller: String,
    pub at: Millis,
    pub class: ProbeClass,
    pub source: Source,
    pub outcome: Outcome,
    pub facts: Facts,
}
