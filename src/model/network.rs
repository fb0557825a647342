//! What a switch tells of its ports beyond IF-MIB: power over Ethernet, spanning tree.
//!
//! Serialised as part of `Facts`. A number keeps the unit of its name; what the device does not tell is `None`.

use serde::{Deserialize, Serialize};

/// A port that feeds a device (RFC 3621 pethPsePortTable).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PortPoe {
    /// pethPsePortAdminEnable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// pethPsePortDetectionStatus by name: searching, deliveringPower, fault, otherFault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// IEEE 802.3af/at class 0 to 4 of what is fed; told while power is delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<u8>,
    /// pethPsePortPowerPriority by name: critical, high, low.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// Milliwatts drawn now (cpeExtPsePortPwrConsumption).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumption_mw: Option<u32>,
    /// Milliwatts set aside for it (cpeExtPsePortPwrAllocated).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocated_mw: Option<u32>,
}

/// A power supply of fed ports (RFC 3621 pethMainPseTable).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PoeSupply {
    /// pethMainPseGroupIndex: the unit of a stack, or 1.
    pub group: u32,
    /// pethMainPseOperStatus by name: on, off, faulty.
    pub status: Option<String>,
    /// Nominal watts (pethMainPsePower).
    pub power_w: Option<u32>,
    /// Watts drawn now (pethMainPseConsumptionPower).
    pub consumption_w: Option<u32>,
}

/// One port of the spanning tree (RFC 4188 dot1dStpPortTable).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PortStp {
    /// dot1dStpPortState by name: blocking, listening, learning, forwarding, disabled, broken.
    pub state: Option<String>,
    /// root, designated, alternate, backup (IEEE 802.1D-2004, 17.7): derived, the MIB has no column for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// dot1dStpPortPathCost, or dot1dStpPortPathCost32 where that one is full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_cost: Option<u64>,
    /// Address part of dot1dStpPortDesignatedBridge: who leads this segment to the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub designated_bridge: Option<String>,
    /// Port number in dot1dStpPortDesignatedPort, without its priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub designated_port: Option<u32>,
}
