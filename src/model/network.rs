//! What a switch tells beyond IF-MIB: power over Ethernet, spanning tree, optical modules, sensors, stack
//! members, addresses; and how counters are compared.
//!
//! Serialised as part of `Facts`. A number keeps the unit of its name; what the device does not tell is `None`.

use serde::{Deserialize, Serialize};

use super::Port;

/// A port that feeds a device (RFC 3621 pethPsePortTable).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
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

/// One entry of an ARP or ND cache (RFC 4293 ipNetToPhysicalTable).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct ArpEntry {
    /// IPv4 or IPv6.
    pub address: String,
    pub mac: String,
    /// The interface it was learned on.
    pub if_index: Option<u32>,
    /// dynamic, static, local, other.
    pub kind: Option<String>,
}

/// The part of a port that is kept beside its row.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct PortDetail {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capable_bps: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub below_capability: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poe: Option<PortPoe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stp: Option<PortStp>,
}

impl From<&Port> for PortDetail {
    fn from(p: &Port) -> Self {
        PortDetail {
            duplex: p.duplex.clone(),
            aggregate: p.aggregate,
            capable_bps: p.capable_bps,
            below_capability: p.is_below_capability(),
            poe: p.poe.clone(),
            stp: p.stp.clone(),
        }
    }
}

/// A counter at one moment, and the discontinuity (ifCounterDiscontinuityTime) it belongs to, where that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CounterPoint {
    pub value: u64,
    pub discontinuity: Option<u64>,
}

/// How far a 32-bit counter rose over these points, in order of time. A fall is a wrap when that is the shorter way (RFC
/// 2578, 7.1.6: a counter has no meaning but its difference); else, and across a discontinuity, it began anew, and only
/// what it has counted since is known.
pub fn rise_of_counter32(points: &[CounterPoint]) -> u64 {
    const MODULUS: u64 = 1 << 32;
    let rise = |pair: &[CounterPoint]| {
        let [before, after] = pair else { return 0 };
        let told = before.discontinuity.is_some() && after.discontinuity.is_some();
        if told && before.discontinuity != after.discontinuity {
            return after.value;
        }
        match after.value.checked_sub(before.value) {
            Some(rise) => rise,
            None => {
                let wrapped = (MODULUS + after.value).saturating_sub(before.value);
                if wrapped < MODULUS / 2 { wrapped } else { after.value }
            }
        }
    };
    points.windows(2).map(rise).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[(u64, Option<u64>)]) -> Vec<CounterPoint> {
        values
            .iter()
            .map(|(value, discontinuity)| CounterPoint { value: *value, discontinuity: *discontinuity })
            .collect()
    }

    #[test]
    fn a_counter_over_time_wraps_restarts_and_breaks() {
        let told = |values: &[(u64, Option<u64>)]| rise_of_counter32(&points(values));
        assert_eq!(told(&[(5, None), (7, None), (20, None)]), 15);
        // Past 2^32 in between.
        assert_eq!(told(&[(4_294_967_290, None), (4, None), (10, None)]), 16);
        // The agent restarted: 900 are gone, 30 are new.
        assert_eq!(told(&[(900, None), (30, None), (35, None)]), 35);
        // Counting began anew although the number did not fall.
        assert_eq!(told(&[(10, Some(100)), (400, Some(5_000)), (401, Some(5_000))]), 401);
        // A fall near the top after a break is no wrap.
        assert_eq!(told(&[(4_294_967_290, Some(1)), (4, Some(2))]), 4);
        // Told on one side only: nothing is known of a break.
        assert_eq!(told(&[(10, None), (12, Some(7))]), 2);
        assert_eq!(told(&[(10, None)]), 0);
        assert_eq!(told(&[]), 0);
    }
}
