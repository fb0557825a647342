//! What the network shows of cabling and where it differs from the documents. Observed never becomes documented by itself:
//! a finding waits for a person.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Millis, PieceId};

/// A port of a managed device: device and ifIndex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct PortAt {
    pub device: i64,
    pub if_index: u32,
}

/// How fresh a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    Live,
    Aging,
    Stale,
    /// A port of it is down: what was there before.
    LastKnown,
}

impl LinkState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Aging => "aging",
            Self::Stale => "stale",
            Self::LastKnown => "last-known",
        }
    }
}

/// A link over time. Without an ifIndex only the device is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinkRecord {
    pub a_device: i64,
    pub a_index: Option<u32>,
    pub a_port: String,
    pub b_device: i64,
    pub b_index: Option<u32>,
    pub b_port: String,
    /// Confidence in thousandths.
    pub permille: u16,
    /// Who says so: "lldp", "fdb", with "2" behind it from both ends.
    pub evidence: Vec<String>,
    pub blocked: bool,
    pub state: LinkState,
    pub first_seen: Millis,
    pub last_seen: Millis,
}

impl LinkRecord {
    pub fn key(&self) -> String {
        let end = |device: i64, index: Option<u32>, port: &str| match index {
            Some(i) => format!("{device}/{i}"),
            None => format!("{device}/{port}"),
        };
        let mut ends = [end(self.a_device, self.a_index, &self.a_port), end(self.b_device, self.b_index, &self.b_port)];
        ends.sort();
        ends.join(" ")
    }
    pub fn ends(&self) -> [Option<PortAt>; 2] {
        let at = |device, index: Option<u32>| index.map(|if_index| PortAt { device, if_index });
        [at(self.a_device, self.a_index), at(self.b_device, self.b_index)]
    }
}

/// A table of kinds: each is judged in `topology::reconcile`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceKind {
    UndocumentedLink,
    WrongLink,
    /// Two wrong links that exchanged their ends.
    Swapped,
    DeviceMoved,
    OutletFound,
    DeadPort,
    GhostPatch,
    SpeedDowngrade,
    FcsErrors,
    DuplexMismatch,
    VlanMismatch,
    OneEndCable,
}

impl DifferenceKind {
    pub const ALL: [DifferenceKind; 12] = [
        Self::WrongLink,
        Self::Swapped,
        Self::DeviceMoved,
        Self::UndocumentedLink,
        Self::OutletFound,
        Self::GhostPatch,
        Self::DeadPort,
        Self::SpeedDowngrade,
        Self::FcsErrors,
        Self::DuplexMismatch,
        Self::VlanMismatch,
        Self::OneEndCable,
    ];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UndocumentedLink => "undocumented-link",
            Self::WrongLink => "wrong-link",
            Self::Swapped => "swapped",
            Self::DeviceMoved => "device-moved",
            Self::OutletFound => "outlet-found",
            Self::DeadPort => "dead-port",
            Self::GhostPatch => "ghost-patch",
            Self::SpeedDowngrade => "speed-downgrade",
            Self::FcsErrors => "fcs-errors",
            Self::DuplexMismatch => "duplex-mismatch",
            Self::VlanMismatch => "vlan-mismatch",
            Self::OneEndCable => "one-end-cable",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// What accepting a finding does to the documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "suggestion", rename_all = "kebab-case")]
pub enum Suggestion {
    /// These ports are joined: through the panels their cords lead to, else directly.
    Links { pairs: Vec<(PortAt, PortAt)> },
    /// The device is plugged in where this port leads.
    Attach { device: i64, at: PortAt },
    /// What is plugged into this jack is taken out.
    Free { jack: PieceId },
}

/// A difference as it was found; deciding about it is a person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The same difference found again has the same key.
    pub key: String,
    pub kind: DifferenceKind,
    /// Names on both sides; "" where there is nothing.
    pub documented: String,
    pub observed: String,
    pub evidence: Vec<String>,
    pub permille: u16,
    pub device: Option<i64>,
    pub jack: Option<PieceId>,
    pub suggestion: Option<Suggestion>,
}
