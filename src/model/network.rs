//! What a switch tells beyond IF-MIB: power over Ethernet, spanning tree, optical modules, sensors, stack members.
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

/// An optical module in its port: what it is (ENTITY-MIB) and what it measures (DDM). Of several lanes the weakest power
/// and the highest current and temperature, because one bad lane is a bad link.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Transceiver {
    /// ifIndex of its port, when the device tells where it is plugged in.
    pub if_index: Option<u32>,
    pub port: Option<String>,
    /// entPhysicalIndex, where it has a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<u32>,
    pub model: Option<String>,
    pub serial: Option<String>,
    pub manufacturer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_c: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voltage_v: Option<f64>,
    /// Laser current, milliamperes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_bias_ma: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_power_dbm: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rx_power_dbm: Option<f64>,
}

/// A sensor of the device itself (RFC 3433 entPhySensorTable, CISCO-ENTITY-SENSOR-MIB entSensorValueTable).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Sensor {
    /// entPhysicalIndex.
    pub index: u32,
    pub name: Option<String>,
    /// Type by name, which is also the unit: celsius, voltsDC, amperes, watts, rpm, percentRH, hertz, cmm.
    pub kind: String,
    pub value: f64,
}

/// One switch of a stack.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StackMember {
    pub number: Option<u32>,
    /// entPhysicalIndex of its chassis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<u32>,
    /// In the maker's words: master, standby, member.
    pub role: Option<String>,
    /// In the maker's words: ready, removed.
    pub state: Option<String>,
    pub priority: Option<u32>,
    pub mac: Option<String>,
    pub model: Option<String>,
    pub serial: Option<String>,
    pub firmware: Option<String>,
}
