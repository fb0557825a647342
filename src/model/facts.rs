//! Facts: what one device says of itself, decoded. The serialised form is that of `anykey inspect --format json`.
//!
//! A section that was not asked for is `None`; one that was asked for and is empty is `Some(vec![])`. A value the
//! device does not tell is `None`, never a guess (invariant 2).

use serde::{Deserialize, Serialize};

use super::{ArpEntry, PoeSupply, PortPoe, PortStp, Sensor, StackMember, Transceiver, Wiring};

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// Printers and MFPs; `Facts::functions` tells them apart.
    Printer,
    Scanner,
    Switch,
    Router,
    AccessPoint,
    WlanController,
    Firewall,
    Ups,
    Pdu,
    Server,
    Storage,
    Phone,
    Camera,
    Other,
}

impl DeviceKind {
    pub const ALL: [DeviceKind; 14] = [
        Self::Printer,
        Self::Scanner,
        Self::Switch,
        Self::Router,
        Self::AccessPoint,
        Self::WlanController,
        Self::Firewall,
        Self::Ups,
        Self::Pdu,
        Self::Server,
        Self::Storage,
        Self::Phone,
        Self::Camera,
        Self::Other,
    ];
    /// What other devices are reached over: judged sooner when silent, and never excused by a forwarding table.
    pub fn is_infrastructure(self) -> bool {
        matches!(self, Self::Switch | Self::Router | Self::AccessPoint | Self::WlanController | Self::Firewall)
    }
    /// The stored and serialised word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Printer => "printer",
            Self::Scanner => "scanner",
            Self::Switch => "switch",
            Self::Router => "router",
            Self::AccessPoint => "access-point",
            Self::WlanController => "wlan-controller",
            Self::Firewall => "firewall",
            Self::Ups => "ups",
            Self::Pdu => "pdu",
            Self::Server => "server",
            Self::Storage => "storage",
            Self::Phone => "phone",
            Self::Camera => "camera",
            Self::Other => "other",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// What else than printing an MFP does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrinterFunction {
    Print,
    Copy,
    Scan,
    Fax,
}

impl PrinterFunction {
    pub const ALL: [PrinterFunction; 4] = [Self::Print, Self::Copy, Self::Scan, Self::Fax];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Print => "print",
            Self::Copy => "copy",
            Self::Scan => "scan",
            Self::Fax => "fax",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == s)
    }
}

/// Everything known of a device from one round of questions. `Default` is "nothing asked".
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    pub kind: Option<DeviceKind>,
    /// Maker as the field calls it: "HP", "Kyocera", "D-Link".
    pub vendor: Option<String>,
    /// Without the maker's name.
    pub model: Option<String>,
    pub serial: Option<String>,
    pub firmware: Option<String>,
    pub sys_object_id: Option<String>,
    pub sys_descr: Option<String>,
    pub sys_name: Option<String>,
    pub sys_location: Option<String>,
    pub sys_contact: Option<String>,
    /// sysUpTime in hundredths of a second (RFC 3418).
    pub sys_uptime_cs: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<PrinterFunction>,
    /// Base MAC (dot1dBaseBridgeAddress, LLDP chassis or first port), "aa:bb:cc:dd:ee:ff".
    pub base_mac: Option<String>,
    /// lldpLocChassisId as text or MAC.
    pub lldp_chassis: Option<String>,
    /// UUID of an IPP printer (PWG 5100.13 printer-uuid).
    pub printer_uuid: Option<String>,
    /// Profile that decoded this, by name.
    pub profile: Option<String>,
    pub supplies: Option<Vec<Supply>>,
    pub printer: Option<PrinterFacts>,
    pub ports: Option<Vec<Port>>,
    pub links: Option<Vec<Link>>,
    pub vlans: Option<Vec<Vlan>>,
    pub fdb: Option<Vec<FdbEntry>>,
    /// ARP and ND caches, of what routes or switches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arp: Option<Vec<ArpEntry>>,
    pub stp: Option<Stp>,
    /// What a map of cables needs beyond neighbours and forwarding tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wiring: Option<Wiring>,
    /// Power supplies of the ports that feed devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poe: Option<Vec<PoeSupply>>,
    pub modules: Option<Vec<Module>>,
    /// Optical modules, by port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transceivers: Option<Vec<Transceiver>>,
    /// Of the device itself, not of its optical modules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensors: Option<Vec<Sensor>>,
    /// Empty for a switch alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<Vec<StackMember>>,
    /// Battery of a UPS (RFC 1628).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ups: Option<UpsFacts>,
    /// Where kind, vendor, model, serial and firmware are from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// What was cut, malformed or contradictory while reading; for people, never parsed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Why an identification fact is what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Evidence {
    /// kind, vendor, model, serial, firmware, or functions: what makes a printer an MFP.
    pub fact: String,
    /// Profile and place, or the step of the built-in ladder: "brother: 1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.1.0".
    pub rule: String,
    /// The object that said it, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oid: Option<String>,
    /// 0 to 100: how far such a place is to be believed.
    pub confidence: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SupplyKind {
    Toner,
    Ink,
    Drum,
    Developer,
    Waste,
    Fuser,
    Transfer,
    Cleaner,
    Roller,
    MaintenanceKit,
    Staples,
    Filter,
    Ribbon,
    Other,
}

impl SupplyKind {
    pub const ALL: [SupplyKind; 14] = [
        Self::Toner,
        Self::Ink,
        Self::Drum,
        Self::Developer,
        Self::Waste,
        Self::Fuser,
        Self::Transfer,
        Self::Cleaner,
        Self::Roller,
        Self::MaintenanceKit,
        Self::Staples,
        Self::Filter,
        Self::Ribbon,
        Self::Other,
    ];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Toner => "toner",
            Self::Ink => "ink",
            Self::Drum => "drum",
            Self::Developer => "developer",
            Self::Waste => "waste",
            Self::Fuser => "fuser",
            Self::Transfer => "transfer",
            Self::Cleaner => "cleaner",
            Self::Roller => "roller",
            Self::MaintenanceKit => "maintenance-kit",
            Self::Staples => "staples",
            Self::Filter => "filter",
            Self::Ribbon => "ribbon",
            Self::Other => "other",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// What the level says, in words of RFC 3805 prtMarkerSuppliesLevel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LevelState {
    /// A number with a capacity.
    Known,
    /// -3 on a supply that is consumed.
    SomeRemaining,
    /// -3 on a receptacle.
    SomeSpaceLeft,
    /// -2.
    Unknown,
    /// -1.
    NoRestriction,
    /// A number without a capacity to divide by.
    LevelWithoutCapacity,
}

impl LevelState {
    pub const ALL: [LevelState; 6] = [
        Self::Known,
        Self::SomeRemaining,
        Self::SomeSpaceLeft,
        Self::Unknown,
        Self::NoRestriction,
        Self::LevelWithoutCapacity,
    ];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::SomeRemaining => "some_remaining",
            Self::SomeSpaceLeft => "some_space_left",
            Self::Unknown => "unknown",
            Self::NoRestriction => "no_restriction",
            Self::LevelWithoutCapacity => "level_without_capacity",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// Where a value came from; the better source wins and the page says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A standard MIB.
    Snmp,
    /// A vendor's own OID.
    SnmpPrivate,
    Ipp,
    Icmp,
    /// A person said so.
    Manual,
}

/// One row of prtMarkerSuppliesTable (RFC 3805) or of a better source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Supply {
    /// hrDeviceIndex.prtMarkerSuppliesIndex; "ipp.N" for a supply only IPP knows.
    pub index: String,
    pub kind: SupplyKind,
    /// Lower-case English colour of a colorant, from the colorant table or the description.
    pub color: Option<String>,
    pub description: String,
    /// Cut out of the description or from a vendor's source.
    pub part_number: Option<String>,
    pub serial: Option<String>,
    /// Raw prtMarkerSuppliesMaxCapacity.
    pub max_capacity: Option<i64>,
    /// Raw prtMarkerSuppliesLevel.
    pub level: Option<i64>,
    /// Remaining share (room left for a receptacle), only when computable.
    pub level_percent: Option<f64>,
    pub level_state: LevelState,
    /// Class receptacleThatIsFilled(4), or a waste type.
    pub receptacle: bool,
    /// 100 - level_percent of a receptacle.
    pub fill_percent: Option<f64>,
    /// prtMarkerSuppliesSupplyUnit as its enumeration name.
    pub unit: Option<String>,
    pub source: Source,
}

impl Supply {
    /// The true remaining fraction lies in `low..=high`, both 0 to 1; `None` when nothing is known
    /// (`domain` rule: -3 is "some", not 50 %; -2 and -1 say nothing).
    pub fn interval(&self) -> Option<(f64, f64)> {
        match self.level_state {
            LevelState::Known => self.level_percent.map(|p| {
                let f = (p / 100.0).clamp(0.0, 1.0);
                (f, f)
            }),
            LevelState::SomeRemaining | LevelState::SomeSpaceLeft => Some((0.0, 1.0)),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PrinterFacts {
    /// prtMarkerLifeCount of the first marker.
    pub page_count: Option<u64>,
    pub page_count_unit: Option<String>,
    /// Bits of hrPrinterDetectedErrorState by name (RFC 2790): "lowPaper", "jammed", ...
    pub detected_errors: Option<Vec<String>>,
    /// hrDeviceStatus by name: running, warning, down, ...
    pub device_status: Option<String>,
    /// hrPrinterStatus by name: idle, printing, warmup, ...
    pub printer_status: Option<String>,
    pub trays: Vec<Tray>,
    pub alerts: Option<Vec<Alert>>,
    /// prtConsoleDisplayBufferText lines.
    pub console: Vec<String>,
    /// prtCoverDescription of covers and interlocks that are open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open_covers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tray {
    pub index: String,
    pub name: Option<String>,
    pub max_capacity: Option<i64>,
    pub level: Option<i64>,
    pub level_percent: Option<f64>,
    pub level_state: LevelState,
}

/// One row of prtAlertTable (RFC 3805), or an IPP printer-alert value in the same terms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    pub index: String,
    /// prtAlertSeverityLevel: critical, warning, warningBinaryChangeEvent, other.
    pub severity: Option<String>,
    /// prtAlertTrainingLevel by name.
    pub training: Option<String>,
    /// prtAlertGroup by name and its index: ("markerSupplies", 1).
    pub group: Option<String>,
    pub group_index: Option<i64>,
    /// IANA-PRINTER-MIB PrtAlertCodeTC number.
    pub code: Option<i64>,
    /// Its name: "jam", "coverOpen".
    pub code_name: Option<String>,
    pub description: String,
    pub location: Option<i64>,
}

/// One interface (IF-MIB).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Port {
    pub if_index: u32,
    /// ifName, else ifDescr.
    pub name: String,
    pub descr: Option<String>,
    pub alias: Option<String>,
    /// IANAifType by name.
    #[serde(rename = "type")]
    pub if_type: Option<String>,
    pub type_number: Option<i64>,
    pub admin: Option<String>,
    pub oper: Option<String>,
    /// 0 when down or not told.
    pub speed_bps: u64,
    pub mac: Option<String>,
    /// A socket a plug fits in, not a VLAN, loopback or aggregate.
    pub physical: bool,
    /// dot3StatsDuplexStatus by name: halfDuplex, fullDuplex (RFC 3635).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplex: Option<String>,
    /// ifIndex of the aggregate it is a member of (IEEE 802.3ad dot3adAggPortAttachedAggID).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<u32>,
    /// The most it can do, where a MAU table, its type or its name tells: bits per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capable_bps: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poe: Option<PortPoe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stp: Option<PortStp>,
    /// ifHC or 32-bit counters with their width, absent when not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counters: Option<PortCounters>,
}

impl Port {
    /// With link, but slower than its socket: a bad cable, or an old device behind it. Above 1 Gbit/s a slower module in
    /// a faster socket is ordinary, so the capability counts as 1 Gbit/s at most.
    pub fn is_below_capability(&self) -> bool {
        // Below a megabit it is no speed of Ethernet: an agent that counts in megabits.
        let up = self.oper.as_deref() == Some("up") && self.speed_bps >= 1_000_000;
        up && self.capable_bps.is_some_and(|c| self.speed_bps < c.min(1_000_000_000))
    }
}

/// Cumulative since the agent's start; differences are the store's affair.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PortCounters {
    pub in_octets: Option<u64>,
    pub out_octets: Option<u64>,
    pub in_errors: Option<u64>,
    pub out_errors: Option<u64>,
    /// Frames with a wrong checksum (dot3StatsFCSErrors): a bad cable or a duplex mismatch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fcs_errors: Option<u64>,
    /// Octets are 64-bit (ifXTable).
    pub wide: bool,
    /// ifCounterDiscontinuityTime in hundredths of a second of sysUpTime: counters before it are another series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discontinuity_cs: Option<u64>,
}

/// A neighbour seen on a port (LLDP, CDP, MNDP).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    pub local_if_index: Option<u32>,
    pub local_port: Option<String>,
    pub protocol: String,
    pub remote_host: Option<String>,
    pub remote_chassis: Option<String>,
    pub remote_port: Option<String>,
    pub remote_port_descr: Option<String>,
    pub remote_platform: Option<String>,
    /// lldpRemManAddr or cdpCacheAddress.
    pub remote_address: Option<String>,
    /// What it says it is (lldpRemSysCapEnabled, cdpCacheCapabilities): bridge, router, telephone, wlan-access-point,
    /// station, repeater, other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vlan {
    pub id: u32,
    pub name: Option<String>,
}

/// One learned MAC (BRIDGE-MIB dot1dTpFdbTable, Q-BRIDGE dot1qTpFdbTable).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FdbEntry {
    pub mac: String,
    pub if_index: Option<u32>,
    pub port: Option<String>,
    pub vlan: Option<u32>,
    /// learned, self, mgmt, ...
    pub status: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Stp {
    pub bridge_address: Option<String>,
    pub priority: Option<u32>,
    pub designated_root: Option<String>,
    pub root_priority: Option<u32>,
    pub root_cost: Option<u64>,
    pub root_bridge_port: Option<u32>,
    /// dot1dStpTopChanges since the agent's start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology_changes: Option<u64>,
    /// dot1dStpTimeSinceTopologyChange in hundredths of a second, at the time of the reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_topology_change_cs: Option<u64>,
}

/// A row of entPhysicalTable with a serial or a model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Module {
    pub index: u32,
    pub class: Option<String>,
    pub name: Option<String>,
    pub descr: Option<String>,
    pub model: Option<String>,
    pub serial: Option<String>,
    pub hardware_rev: Option<String>,
    pub firmware_rev: Option<String>,
    pub software_rev: Option<String>,
    pub manufacturer: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UpsFacts {
    /// upsBatteryStatus by name: batteryNormal, batteryLow, batteryDepleted.
    pub battery_status: Option<String>,
    pub charge_percent: Option<i64>,
    pub minutes_remaining: Option<i64>,
    /// upsOutputSource by name: normal, battery, bypass.
    pub output_source: Option<String>,
    pub load_percent: Option<i64>,
}
