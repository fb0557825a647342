//! Device: identity by weighted identifiers, and state.

use serde::{Deserialize, Serialize};

use super::{Alert, DeviceId, Facts, Millis, Source};

/// Kinds of identifier, strongest first (invariant 3: a device is not an IP address).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentifierKind {
    /// Vendor and serial number together.
    Serial,
    PrinterUuid,
    BaseMac,
    LldpChassis,
    /// sysName with sysObjectID: weak, only joins when nothing stronger contradicts.
    SysName,
    /// Address and port: the last resort.
    Address,
}

impl IdentifierKind {
    pub const ALL: [IdentifierKind; 6] =
        [Self::Serial, Self::PrinterUuid, Self::BaseMac, Self::LldpChassis, Self::SysName, Self::Address];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::PrinterUuid => "printer-uuid",
            Self::BaseMac => "base-mac",
            Self::LldpChassis => "lldp-chassis",
            Self::SysName => "sys-name",
            Self::Address => "address",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
    /// Weight in a match; two devices join at 50 and more.
    pub fn weight(self) -> u32 {
        match self {
            Self::Serial => 100,
            Self::PrinterUuid => 90,
            Self::BaseMac => 80,
            Self::LldpChassis => 60,
            Self::SysName => 20,
            Self::Address => 30,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identifier {
    pub kind: IdentifierKind,
    pub value: String,
}

/// Texts that agents and people put where a serial number belongs.
const PLACEHOLDERS: [&str; 14] = [
    "na",
    "none",
    "null",
    "unknown",
    "private",
    "notavailable",
    "unavailable",
    "notspecified",
    "default",
    "serial",
    "serialnumber",
    "tobefilledbyoem",
    "test",
    "xxxxxxxx",
];

/// A serial that names one device: not a placeholder, not one repeated character, at least four characters.
pub fn is_real_serial(s: &str) -> bool {
    let t: String = s.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    if t.len() < 4 || PLACEHOLDERS.contains(&t.as_str()) {
        return false;
    }
    let first = t.as_bytes()[0];
    !t.bytes().all(|b| b == first)
}

/// A MAC that belongs to one device: universal or local, but not zero, broadcast or multicast.
pub fn is_real_mac(mac: &str) -> bool {
    let hex: String = mac.chars().filter(char::is_ascii_hexdigit).collect();
    if hex.len() != 12 {
        return false;
    }
    let Ok(n) = u64::from_str_radix(&hex, 16) else { return false };
    n != 0 && n != 0xffff_ffff_ffff && (n >> 40) & 1 == 0
}

impl Facts {
    /// Identifiers these facts give, strongest first; placeholders left out. The address is the caller's to add.
    pub fn identifiers(&self) -> Vec<Identifier> {
        let mut v = Vec::new();
        let mut add = |kind, value: String| v.push(Identifier { kind, value });
        if let Some(s) = self.serial.as_deref().filter(|s| is_real_serial(s)) {
            let vendor = self.vendor.as_deref().unwrap_or("?").to_lowercase();
            add(IdentifierKind::Serial, format!("{vendor}/{}", s.trim().to_uppercase()));
        }
        if let Some(u) = self.printer_uuid.as_deref() {
            add(IdentifierKind::PrinterUuid, u.trim_start_matches("urn:uuid:").to_lowercase());
        }
        if let Some(m) = self.base_mac.as_deref().filter(|m| is_real_mac(m)) {
            add(IdentifierKind::BaseMac, m.to_lowercase());
        }
        if let Some(c) = self.lldp_chassis.as_deref().filter(|c| !c.trim().is_empty())
            && (c.matches(':').count() != 5 || is_real_mac(c))
        {
            add(IdentifierKind::LldpChassis, c.trim().to_lowercase());
        }
        if let (Some(n), Some(o)) = (self.sys_name.as_deref(), self.sys_object_id.as_deref()) {
            let n = n.trim();
            if !n.is_empty() && !n.contains('<') {
                add(IdentifierKind::SysName, format!("{o}/{}", n.to_lowercase()));
            }
        }
        v
    }
}

/// Reachability (invariant 4): only `Down` is a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Never answered yet, or nothing was asked.
    #[default]
    Unknown,
    Ok,
    /// Pings, but SNMP is silent: a configuration problem, not a failure.
    Degraded,
    /// Its parent is down: not judged.
    Unreachable,
    /// Deep sleep: silent, its switch port up.
    Asleep,
    Down,
}

impl Reach {
    pub const ALL: [Reach; 6] = [Self::Unknown, Self::Ok, Self::Degraded, Self::Unreachable, Self::Asleep, Self::Down];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Unreachable => "unreachable",
            Self::Asleep => "asleep",
            Self::Down => "down",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// One problem of a device that is seen now: the key of a ticket (invariant 7).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProblemKey {
    pub class: ProblemClass,
    /// "device", "fuser", "port 17": the component group.
    pub component: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemClass {
    /// The device is down.
    Down,
    /// An alert of class R (`domain/workflows.md` 3.1).
    Repair,
    /// Degraded: SNMP off or the community changed.
    Configuration,
    /// It comes and goes.
    Unstable,
    /// Nobody of a branch answers, or nobody at all: the link to it, or our own network.
    Network,
    /// A person said so.
    Reported,
}

impl ProblemClass {
    pub const ALL: [ProblemClass; 6] =
        [Self::Down, Self::Repair, Self::Configuration, Self::Unstable, Self::Network, Self::Reported];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Repair => "repair",
            Self::Configuration => "configuration",
            Self::Unstable => "unstable",
            Self::Network => "network",
            Self::Reported => "reported",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// A problem with its hysteresis: how long it has been seen or missed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    pub key: ProblemKey,
    /// Text of the device or ours, shown on the ticket.
    pub detail: String,
    /// 1 worst to 5: priority the ticket starts with.
    pub priority: u8,
    pub first_seen: Millis,
    pub last_seen: Millis,
    /// Consecutive readings with and, since it went away, without it.
    pub seen: u32,
    pub missed: u32,
    /// The failure event was raised.
    pub raised: bool,
    /// It was raised, and then hidden behind a silent parent: raised again or cleared once it can be judged.
    #[serde(default)]
    pub hidden: bool,
    /// When it was first missed, for "clear for 30 minutes".
    pub missed_since: Option<Millis>,
    /// Whose word it is: only a reading of the same source can miss it.
    #[serde(default)]
    pub source: Option<Source>,
}

/// What an alert asks of people (`mibs/alerts.toml`, `domain/workflows.md` 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertClass {
    /// Paper, covers, a single jam: whoever stands at the device.
    User,
    /// The supply workflow's affair.
    Supply,
    /// A technician.
    Repair,
    /// Planned work: life limits, maintenance kits.
    Maintenance,
    /// History only.
    Ignore,
}

/// An alert the device shows now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActiveAlert {
    pub alert: Alert,
    pub class: AlertClass,
    pub source: Source,
    pub since: Millis,
}

/// In which hours a device is usually off; slots are those of `status::habit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Habit {
    /// Learning began.
    pub since: Millis,
    /// The slot counted last, and when.
    pub last: Option<(u8, Millis)>,
    /// Days each slot was seen, and days it was silent.
    pub seen: Vec<u8>,
    pub absent: Vec<u8>,
}

/// A jam, with the page it happened at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jam {
    pub at: Millis,
    pub pages: Option<i64>,
}

/// What we hold a device to be, as JSON in one row; changed only by `status::apply`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceState {
    pub reach: Reach,
    pub reach_since: Option<Millis>,
    /// Consecutive readings that said so.
    pub silent: u32,
    pub ping_only: u32,
    pub answered: u32,
    /// First of the present silent run.
    pub silent_since: Option<Millis>,
    /// The last polls, the newest in the lowest bit; a one above marks the oldest (`status::flap`).
    #[serde(skip_serializing_if = "is_zero")]
    pub polls: u32,
    /// It comes and goes.
    #[serde(skip_serializing_if = "is_false")]
    pub unstable: bool,
    /// When it is usually off; learnt from its first silence on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub habit: Option<Box<Habit>>,
    /// Asleep because it is usually off now, not because its port is up.
    #[serde(skip_serializing_if = "is_false")]
    pub usually_off: bool,
    /// Jams of the last months.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jams: Vec<Jam>,
    /// While unreachable: the silent device that hides it.
    pub behind: Option<DeviceId>,
    pub last_answer: Option<Millis>,
    pub last_reading: Option<Millis>,
    pub problems: Vec<Problem>,
    pub detected_errors: Vec<String>,
    pub device_status: Option<String>,
    pub printer_status: Option<String>,
    pub console: Vec<String>,
    /// Alerts of every class shown at the last status reading of their source.
    pub alerts: Vec<ActiveAlert>,
    pub uptime_cs: Option<u64>,
    /// When that uptime was read.
    pub uptime_at: Option<Millis>,
    /// Maker, remembered from the reading that told it: service codes are read by maker.
    pub vendor: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(b: &bool) -> bool {
    !*b
}
