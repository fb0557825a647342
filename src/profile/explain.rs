//! Why each fact is what it is: the rule, the object and the raw value behind it, for a person who doubts it.
//!
//! Reads the same snapshot with the same decoders and decides nothing itself. A new section of facts gets its line in
//! `TABLES`, or a function of its own where single values are worth naming.

use serde::Serialize;

use super::decode::{self, identity, supplies::printer_view};
use super::load::Data;
use super::oids;
use super::snapshot::Snapshot;
use super::view::{View, text_of};
use crate::model::{Facts, LevelState, ProbeClass, Source, Supply};
use crate::protocol::snmp::{Oid, Value};

/// One fact and where it is from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    /// "model", "supply 1.1 level", "ports".
    pub fact: String,
    pub value: String,
    /// Profile and place, or the step of the built-in ladder.
    pub rule: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub oids: Vec<String>,
    /// What the device answered there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// 0 to 100, of identification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
    /// What other places said, best first; only of identification.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Other>,
}

/// A source that did not win.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Other {
    pub value: String,
    pub rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oid: Option<String>,
    pub confidence: u8,
    /// It is no such thing: a placeholder, a phrase, a word without a digit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub implausible: bool,
}

/// A table's name and a column of it.
type Place = (&'static str, &'static [u32]);

/// Sections that are tables: which objects answered, and how many cells.
const TABLES: [(&str, &[Place]); 11] = [
    (
        "ports",
        &[
            ("ifTable", oids::IF_DESCR),
            ("ifTable", oids::IF_OPER_STATUS),
            ("ifXTable", oids::IF_NAME),
            ("ifMauTable", oids::IF_MAU_TYPE_LIST_BITS),
            ("ifMauAutoNegTable", oids::IF_MAU_AUTO_NEG_CAPABILITY_BITS),
        ],
    ),
    (
        "links",
        &[
            ("lldpRemTable", oids::LLDP_REM_CHASSIS_ID),
            ("lldpV2RemTable", oids::LLDP_V2_REM_CHASSIS_ID),
            ("cdpCacheTable", oids::CDP_CACHE_DEVICE_ID),
            ("mtxrNeighborTable", oids::MTXR_NEIGHBOR_INTERFACE_ID),
        ],
    ),
    (
        "poe",
        &[
            ("pethPsePortTable", oids::PETH_PSE_PORT_DETECTION_STATUS),
            ("pethMainPseTable", oids::PETH_MAIN_PSE_CONSUMPTION_POWER),
            ("cpeExtPsePortTable", oids::CPE_EXT_PSE_PORT_PWR_CONSUMPTION),
            ("mtxrPOETable", oids::MTXR_POE_STATUS),
        ],
    ),
    (
        "vlans",
        &[
            ("dot1qVlanStaticTable", oids::DOT1Q_VLAN_STATIC_NAME),
            ("dot1qVlanCurrentTable", oids::DOT1Q_VLAN_FDB_ID),
            ("vtpVlanTable", oids::VTP_VLAN_NAME),
        ],
    ),
    ("fdb", &[("dot1qTpFdbTable", oids::DOT1Q_TP_FDB_PORT), ("dot1dTpFdbTable", oids::DOT1D_TP_FDB_PORT)]),
    (
        "stp",
        &[
            ("dot1dStp", oids::DOT1D_STP_DESIGNATED_ROOT),
            ("dot1dStpPortTable", oids::DOT1D_STP_PORT_STATE),
            ("dot1dBase", oids::DOT1D_BASE_BRIDGE_ADDRESS),
        ],
    ),
    (
        "modules",
        &[("entPhysicalTable", oids::ENT_PHYSICAL_SERIAL_NUM), ("entPhysicalTable", oids::ENT_PHYSICAL_MODEL_NAME)],
    ),
    (
        "arp",
        &[
            ("ipNetToPhysicalTable", oids::IP_NET_TO_PHYSICAL_PHYS_ADDRESS),
            ("ipNetToMediaTable", oids::IP_NET_TO_MEDIA_PHYS_ADDRESS),
        ],
    ),
    (
        "transceivers",
        &[
            ("entPhysicalTable", oids::ENT_PHYSICAL_MODEL_NAME),
            ("entAliasMappingTable", oids::ENT_ALIAS_MAPPING_IDENTIFIER),
            ("entPhySensorTable", oids::ENT_PHY_SENSOR_VALUE),
            ("entSensorValueTable", oids::ENT_SENSOR_VALUE),
        ],
    ),
    ("stack", &[("entPhysicalTable", oids::ENT_PHYSICAL_SERIAL_NUM)]),
    ("sensors", &[("entPhySensorTable", oids::ENT_PHY_SENSOR_VALUE), ("entSensorValueTable", oids::ENT_SENSOR_VALUE)]),
];

/// All facts of a snapshot with their reasons, identification first.
pub fn explain(data: &Data, snap: &Snapshot) -> Vec<Why> {
    let facts = decode::decode(data, snap, &ProbeClass::ALL);
    let mut out = identification(data, snap, &facts);
    printer(data, snap, &facts, &mut out);
    for supply in facts.supplies.iter().flatten() {
        supply_level(data, snap, &facts, supply, &mut out);
    }
    tables(snap, &facts, &mut out);
    out
}

fn identification(data: &Data, snap: &Snapshot, facts: &Facts) -> Vec<Why> {
    let mut candidates = decode::explain(data, snap);
    candidates.sort_by_key(|c| std::cmp::Reverse(c.score));
    let kind = facts.kind.map(|k| k.as_str().to_owned());
    let values =
        [&kind, &facts.vendor, &facts.model, &facts.serial, &facts.firmware].map(|v| v.clone().unwrap_or_default());
    let names = ["kind", "vendor", "model", "serial", "firmware"];
    names
        .iter()
        .zip(values)
        .map(|(name, value)| {
            let won = facts.evidence.iter().find(|e| e.fact == *name);
            let of: Vec<_> = candidates.iter().filter(|c| c.fact.as_str() == *name).collect();
            let winner = of.iter().position(|c| {
                won.is_some_and(|w| w.rule == c.rule && w.oid == c.oid.as_ref().map(Oid::to_string))
                    && identity::plausible(c.fact, &c.value, &data.vendors).is_some()
            });
            let also = of.iter().enumerate().filter(|(at, _)| Some(*at) != winner).map(|(_, c)| Other {
                value: c.value.clone(),
                rule: c.rule.clone(),
                oid: c.oid.as_ref().map(Oid::to_string),
                confidence: c.score,
                implausible: identity::plausible(c.fact, &c.value, &data.vendors).is_none(),
            });
            Why {
                fact: (*name).to_owned(),
                value,
                rule: won.map_or_else(|| "no place told it".to_owned(), |w| w.rule.clone()),
                oids: won.and_then(|w| w.oid.clone()).into_iter().collect(),
                raw: winner.and_then(|at| of.get(at)?.raw.clone()),
                confidence: won.map(|w| w.confidence),
                also: also.collect(),
            }
        })
        .collect()
}

fn named(data: &Data, oid: &Oid) -> String {
    let name = data.names.name_of(oid);
    if name == oid.to_string() { name } else { format!("{oid} ({name})") }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "no answer".to_owned(),
        Some(v) => text_of(v).unwrap_or_else(|| v.as_bytes().map(|b| format!("{b:02x?}")).unwrap_or_default()),
    }
}

fn printer(data: &Data, snap: &Snapshot, facts: &Facts, out: &mut Vec<Why>) {
    let Some(p) = &facts.printer else { return };
    let view = printer_view(snap);
    let mut say = |fact: &str, value: Option<String>, rule: &str, column: &[u32]| {
        if let (Some(value), Some((index, raw))) = (value, view.column(column).next()) {
            out.push(Why {
                fact: fact.to_owned(),
                value,
                rule: rule.to_owned(),
                oids: vec![named(data, &Oid::from(column).child(index))],
                raw: Some(shown(Some(raw))),
                confidence: None,
                also: Vec::new(),
            });
        }
    };
    let rule = "Printer-MIB, the first marker's life count";
    say("page count", p.page_count.map(|n| n.to_string()), rule, oids::PRT_MARKER_LIFE_COUNT);
    let errors = p.detected_errors.as_ref().map(|e| if e.is_empty() { "none".to_owned() } else { e.join(", ") });
    say("detected errors", errors, "bits of the octets, the highest first", oids::HR_PRINTER_DETECTED_ERROR_STATE);
    say("device status", p.device_status.clone(), "HOST-RESOURCES-MIB", oids::HR_DEVICE_STATUS);
    say("printer status", p.printer_status.clone(), "HOST-RESOURCES-MIB", oids::HR_PRINTER_STATUS);
    let alerts = p.alerts.as_ref().map(|a| format!("{} rows", a.len()));
    say("alerts", alerts, "Printer-MIB prtAlertTable", oids::PRT_ALERT_CODE);
    let console = Some(p.console.join(" / ")).filter(|c| !c.is_empty());
    say("console", console, "Printer-MIB prtConsoleDisplayBufferTable", oids::PRT_CONSOLE_DISPLAY_BUFFER_TEXT);
}

fn supply_level(data: &Data, snap: &Snapshot, facts: &Facts, supply: &Supply, out: &mut Vec<Why>) {
    let what =
        [supply.color.as_deref(), Some(supply.kind.as_str())].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let value = match supply.level_percent {
        Some(p) if supply.receptacle => format!("{what}: {p} % room left"),
        Some(p) => format!("{what}: {p} %"),
        None => format!("{what}: {}", supply.level_state.as_str()),
    };
    let mut why = Why {
        fact: format!("supply {}", supply.index),
        value,
        rule: String::new(),
        oids: Vec::new(),
        raw: None,
        confidence: None,
        also: Vec::new(),
    };
    if supply.source == Source::SnmpPrivate {
        let profile = facts.profile.as_deref().unwrap_or_default();
        let places = data.profiles.iter().filter(|p| p.name == profile).flat_map(|p| &p.supplies);
        why.rule = format!("{profile}: the maker's own place says more than the standard table");
        why.oids = places.flat_map(|s| s.oids()).map(Oid::to_string).collect();
        out.push(why);
        return;
    }
    why.rule = match supply.level_state {
        LevelState::Known if supply.receptacle => "level is room left (RFC 3805), against the capacity",
        LevelState::Known => "level against the capacity (RFC 3805)",
        LevelState::SomeRemaining | LevelState::SomeSpaceLeft => "-3: some, and no number (RFC 3805)",
        LevelState::NoRestriction => "-1: no limit (RFC 3805)",
        LevelState::LevelWithoutCapacity => "a level without a capacity is no percent",
        LevelState::Unknown => "-2 or no answer: unknown (RFC 3805)",
    }
    .to_owned();
    let view = printer_view(snap);
    let index: Option<Vec<u32>> = supply.index.split('.').map(|a| a.parse().ok()).collect();
    let columns = [
        oids::PRT_MARKER_SUPPLIES_LEVEL,
        oids::PRT_MARKER_SUPPLIES_MAX_CAPACITY,
        oids::PRT_MARKER_SUPPLIES_TYPE,
        oids::PRT_MARKER_SUPPLIES_DESCRIPTION,
    ];
    let mut raw = Vec::new();
    for column in columns {
        let Some(oid) = index.as_ref().map(|i| Oid::from(column).child(i)) else { continue };
        if let Some(value) = view.get(oid.arcs()) {
            raw.push(shown(Some(value)));
            why.oids.push(named(data, &oid));
        }
    }
    why.raw = Some(raw.join(" | ")).filter(|r| !r.is_empty());
    out.push(why);
}

fn tables(snap: &Snapshot, facts: &Facts, out: &mut Vec<Why>) {
    let main = View::new(&snap.main);
    for (section, places) in TABLES {
        let rows = match section {
            "ports" => facts.ports.as_ref().map(Vec::len),
            "links" => facts.links.as_ref().map(Vec::len),
            "vlans" => facts.vlans.as_ref().map(Vec::len),
            "transceivers" => facts.transceivers.as_ref().map(Vec::len),
            "sensors" => facts.sensors.as_ref().map(Vec::len),
            "stack" => facts.stack.as_ref().map(Vec::len),
            "arp" => facts.arp.as_ref().map(Vec::len),
            "poe" => facts.ports.as_ref().map(|all| all.iter().filter(|p| p.poe.is_some()).count()),
            "fdb" => facts.fdb.as_ref().map(Vec::len),
            "stp" => facts.stp.as_ref().map(|_| 1),
            _ => facts.modules.as_ref().map(Vec::len),
        };
        let Some(rows) = rows.filter(|n| *n > 0) else { continue };
        let contexts = snap.contexts.values().map(View::new);
        let views: Vec<View<'_>> = std::iter::once(main).chain(contexts).collect();
        let mut oids = Vec::new();
        for (name, column) in places {
            let cells: usize = views.iter().map(|v| v.column(column).count()).sum();
            if cells > 0 {
                oids.push(format!("{} ({name}, {cells} cells)", Oid::from(*column)));
            }
        }
        let rule = if oids.is_empty() { "the profile's own table" } else { "standard tables" };
        out.push(Why {
            fact: section.to_owned(),
            value: format!("{rows} rows"),
            rule: rule.to_owned(),
            oids,
            raw: None,
            confidence: None,
            also: Vec::new(),
        });
    }
}
