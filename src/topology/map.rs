//! The result: which ends are joined, how sure that is and why. Serialisable, sorted, without anything of time.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::mac::Mac;

/// One end of a line. `if_index` is absent where only the device is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct End {
    pub device: String,
    pub port: Option<String>,
    pub if_index: Option<u32>,
}

/// A source that spoke for a link, and how far it is believed, 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub source: Source,
    /// Both ends said so.
    pub two_sided: bool,
    pub score: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    Lldp,
    Cdp,
    /// Other neighbour protocols: EDP, FDP, MNDP.
    Neighbour,
    Lacp,
    Stp,
    /// Forwarding tables.
    Fdb,
}

/// A cable between two ports, or an aggregate of them where the members cannot be paired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub a: End,
    pub b: End,
    /// 0 to 0.995.
    pub confidence: f64,
    pub evidence: Vec<Evidence>,
    /// Spanning tree keeps one of the ends blocked.
    pub blocked: bool,
    /// Names of the aggregates both ends are members of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<(String, String)>,
}

/// What is between the ports of a segment that is no plain cable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloudKind {
    UnmanagedSwitch,
    Wifi,
    PhonePassthrough,
    Hypervisor,
}

/// A segment with more than two ports, or with stations beside them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cloud {
    pub ports: Vec<End>,
    pub macs: Vec<Mac>,
    /// Names of neighbours outside the set that are heard on it.
    pub externals: Vec<String>,
    /// A guess, said as one.
    pub kind: CloudKind,
    pub confidence: f64,
    pub source: Source,
}

/// Where a station is plugged in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Host {
    pub end: End,
    pub mac: Mac,
    pub addresses: Vec<IpAddr>,
    /// A device of the set, where the address is one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    pub vlans: Vec<u32>,
    pub confidence: f64,
    /// What it is behind on that port, where a neighbour outside the set is heard there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
}

/// A station no single segment explains: it is somewhere behind these ports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forwarder {
    pub mac: Mac,
    pub behind: Vec<End>,
}

/// A neighbour that is no device of the set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct External {
    pub end: End,
    pub name: String,
    pub port: Option<String>,
    pub platform: Option<String>,
    /// A telephone or a station: the port is still an edge.
    pub is_end_station: bool,
}

/// Said by somebody, and not believed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contradiction {
    pub a: End,
    pub b: End,
    pub source: Source,
    pub reason: String,
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Map {
    /// Keys of the devices; of several inputs that are one device the first.
    pub devices: Vec<String>,
    /// Keys of inputs that are the same device as another, and that one's.
    pub same: Vec<(String, String)>,
    pub links: Vec<Link>,
    pub clouds: Vec<Cloud>,
    pub hosts: Vec<Host>,
    pub forwarders: Vec<Forwarder>,
    pub externals: Vec<External>,
    pub contradictions: Vec<Contradiction>,
}

/// Independent sources together: one minus the product of their doubts, never certain.
pub fn noisy_or(scores: impl IntoIterator<Item = f64>) -> f64 {
    let doubt = scores.into_iter().fold(1.0, |doubt, score| doubt * (1.0 - score.clamp(0.0, 1.0)));
    // Three digits: the order of multiplication must not show.
    (((1.0 - doubt).min(0.995)) * 1000.0).round() / 1000.0
}
