//! What a device tells of its own ends of cables: addresses, aggregates, numbers of ports in other tables.
//!
//! Part of `Facts`; the map of links is made of it elsewhere. A list is empty where the device has no such table.

use serde::{Deserialize, Serialize};

/// Lists are sorted, so that the same device gives the same text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wiring {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<OwnAddress>,
    /// dot1dBaseBridgeAddress of every context, sorted: Cisco may have one for each VLAN.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bridge_addresses: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bridge_ports: Vec<BridgePort>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<AggregateMember>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lacp: Vec<LacpPort>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lldp_ports: Vec<LldpPort>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<StpSegment>,
}

/// An address of the device itself (ipAddrTable).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OwnAddress {
    pub address: String,
    pub if_index: u32,
}

/// dot1dBasePortIfIndex, of all contexts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BridgePort {
    pub port: u32,
    pub if_index: u32,
}

/// A port in an aggregate, by LACP, PAgP or ifStackTable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AggregateMember {
    pub if_index: u32,
    /// ifIndex of the aggregate.
    pub aggregate: u32,
}

/// Both ends of a link as LACP sees them (dot3adAggPortTable).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LacpPort {
    pub if_index: u32,
    pub actor_system: Option<String>,
    /// LACP's own number of the port, the one its partner sees.
    pub actor_port: Option<u32>,
    pub partner_system: String,
    pub partner_port: Option<u32>,
}

/// How the device names its port in LLDP (lldpLocPortTable).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LldpPort {
    pub number: u32,
    pub id: Option<String>,
    pub descr: Option<String>,
    pub if_index: Option<u32>,
}

/// Who leads the segment of a port to the root (dot1dStpPortTable), of one VLAN's tree where there are several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StpSegment {
    pub if_index: u32,
    /// Name of the context, "" for the main one.
    pub context: String,
    /// dot1dStpPortState by name.
    pub state: Option<String>,
    pub designated_bridge: String,
    pub designated_port: Option<u32>,
}
