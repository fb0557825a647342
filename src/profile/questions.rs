//! What to fetch from a device, as plain data: scalars to GET, tables to walk, contexts to ask again in.
//!
//! Whatever a decoder reads must be named here, for the class it belongs to: a recording is cut to these questions
//! before it is decoded, so that a live device and its recording give the same facts.

use std::collections::BTreeMap;

use super::load::Profile;
use super::oids;
use super::select::enterprise;
use super::snapshot::Snapshot;
use super::source::From;
use super::supply_source::Form;
use crate::model::{DeviceKind, Facts, ProbeClass};
use crate::protocol::snmp::{Oid, Value};

/// Columns of one index, walked together in one multi-column walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<Oid>,
}

/// The questions of one class for one device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Questions {
    /// Full instance OIDs (ending in .0 or an index), for GET.
    pub scalars: Vec<Oid>,
    pub tables: Vec<Table>,
    pub contexts: Vec<ContextQuestions>,
}

/// Questions to repeat in another SNMP context: `community@name` for v1/v2c, contextName for v3. An agent that does
/// not know the context answers nothing: that is an empty answer, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextQuestions {
    pub name: String,
    pub scalars: Vec<Oid>,
    pub tables: Vec<Table>,
}

/// How a device wants to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quirks {
    /// GETBULK answers are wrong or missing: use GETNEXT.
    pub no_bulk: bool,
    /// Speaks only SNMPv1.
    pub v1_only: bool,
    /// Upper bound of max-repetitions.
    pub max_repetitions: Option<u32>,
}

type Columns = &'static [&'static [u32]];

const INTERFACES: [Columns; 4] = [
    &[
        oids::IF_DESCR,
        oids::IF_TYPE,
        oids::IF_SPEED,
        oids::IF_PHYS_ADDRESS,
        oids::IF_ADMIN_STATUS,
        oids::IF_OPER_STATUS,
        oids::IF_IN_OCTETS,
        oids::IF_IN_ERRORS,
        oids::IF_OUT_OCTETS,
        oids::IF_OUT_ERRORS,
    ],
    &[
        oids::IF_NAME,
        oids::IF_HC_IN_OCTETS,
        oids::IF_HC_OUT_OCTETS,
        oids::IF_HIGH_SPEED,
        oids::IF_CONNECTOR_PRESENT,
        oids::IF_ALIAS,
        oids::IF_COUNTER_DISCONTINUITY_TIME,
    ],
    &[oids::DOT3_STATS_FCS_ERRORS, oids::DOT3_STATS_DUPLEX_STATUS],
    &[oids::DOT3AD_AGG_PORT_ATTACHED_AGG_ID],
];
/// Beyond IF-MIB, of what may be a switch: capability, power over Ethernet, spanning tree.
const SWITCH_PORTS: [Columns; 6] = [
    &[oids::IF_MAU_TYPE_LIST_BITS],
    &[oids::IF_MAU_AUTO_NEG_CAPABILITY_BITS],
    &[
        oids::PETH_PSE_PORT_ADMIN_ENABLE,
        oids::PETH_PSE_PORT_DETECTION_STATUS,
        oids::PETH_PSE_PORT_POWER_PRIORITY,
        oids::PETH_PSE_PORT_POWER_CLASSIFICATIONS,
    ],
    &[oids::PETH_MAIN_PSE_POWER, oids::PETH_MAIN_PSE_OPER_STATUS, oids::PETH_MAIN_PSE_CONSUMPTION_POWER],
    &[
        oids::DOT1D_STP_PORT_STATE,
        oids::DOT1D_STP_PORT_PATH_COST,
        oids::DOT1D_STP_PORT_DESIGNATED_BRIDGE,
        oids::DOT1D_STP_PORT_DESIGNATED_PORT,
        oids::DOT1D_STP_PORT_PATH_COST_32,
    ],
    &[oids::DOT1D_BASE_PORT_IF_INDEX],
];
const CISCO: u32 = 9;
/// Enterprise numbers of makers with more to say of their ports, and where.
const MAKERS_PORTS: [(u32, Columns); 2] = [
    (CISCO, &[oids::CPE_EXT_PSE_PORT_PWR_ALLOCATED, oids::CPE_EXT_PSE_PORT_PWR_CONSUMPTION]),
    (14988, &[oids::MTXR_POE_NAME, oids::MTXR_POE_STATUS, oids::MTXR_POE_POWER]),
];
const SUPPLIES: [Columns; 2] = [
    &[
        oids::PRT_MARKER_SUPPLIES_COLORANT_INDEX,
        oids::PRT_MARKER_SUPPLIES_CLASS,
        oids::PRT_MARKER_SUPPLIES_TYPE,
        oids::PRT_MARKER_SUPPLIES_DESCRIPTION,
        oids::PRT_MARKER_SUPPLIES_SUPPLY_UNIT,
        oids::PRT_MARKER_SUPPLIES_MAX_CAPACITY,
        oids::PRT_MARKER_SUPPLIES_LEVEL,
    ],
    &[oids::PRT_MARKER_COLORANT_VALUE],
];
const COUNTERS: [Columns; 2] = [
    &[oids::PRT_MARKER_COUNTER_UNIT, oids::PRT_MARKER_LIFE_COUNT],
    &[oids::PRT_INPUT_MAX_CAPACITY, oids::PRT_INPUT_CURRENT_LEVEL, oids::PRT_INPUT_NAME, oids::PRT_INPUT_DESCRIPTION],
];
const PRINTER_STATUS: [Columns; 5] = [
    &[oids::HR_DEVICE_TYPE, oids::HR_DEVICE_DESCR, oids::HR_DEVICE_STATUS],
    &[oids::HR_PRINTER_STATUS, oids::HR_PRINTER_DETECTED_ERROR_STATE],
    &[
        oids::PRT_ALERT_SEVERITY_LEVEL,
        oids::PRT_ALERT_TRAINING_LEVEL,
        oids::PRT_ALERT_GROUP,
        oids::PRT_ALERT_GROUP_INDEX,
        oids::PRT_ALERT_LOCATION,
        oids::PRT_ALERT_CODE,
        oids::PRT_ALERT_DESCRIPTION,
    ],
    &[oids::PRT_CONSOLE_DISPLAY_BUFFER_TEXT],
    &[oids::PRT_COVER_DESCRIPTION, oids::PRT_COVER_STATUS],
];
/// Names and addresses of ports, to say where a neighbour is.
const PORT_NAMES: [Columns; 3] = [
    &[oids::IF_DESCR, oids::IF_TYPE, oids::IF_PHYS_ADDRESS],
    &[oids::IF_NAME, oids::IF_ALIAS],
    &[oids::DOT1D_BASE_PORT_IF_INDEX],
];
const LLDP: [Columns; 5] = [
    &[oids::LLDP_LOC_PORT_ID_SUBTYPE, oids::LLDP_LOC_PORT_ID, oids::LLDP_LOC_PORT_DESC],
    &[
        oids::LLDP_REM_CHASSIS_ID_SUBTYPE,
        oids::LLDP_REM_CHASSIS_ID,
        oids::LLDP_REM_PORT_ID_SUBTYPE,
        oids::LLDP_REM_PORT_ID,
        oids::LLDP_REM_PORT_DESC,
        oids::LLDP_REM_SYS_NAME,
        oids::LLDP_REM_SYS_DESC,
        oids::LLDP_REM_SYS_CAP_ENABLED,
    ],
    &[oids::LLDP_REM_MAN_ADDR_IF_SUBTYPE],
    &[oids::LLDP_REM_MAN_ADDR_IF_ID],
    &[
        oids::LLDP_V2_REM_CHASSIS_ID_SUBTYPE,
        oids::LLDP_V2_REM_CHASSIS_ID,
        oids::LLDP_V2_REM_PORT_ID_SUBTYPE,
        oids::LLDP_V2_REM_PORT_ID,
        oids::LLDP_V2_REM_PORT_DESC,
        oids::LLDP_V2_REM_SYS_NAME,
        oids::LLDP_V2_REM_SYS_DESC,
    ],
];
const OTHER_NEIGHBORS: [Columns; 2] = [
    &[
        oids::CDP_CACHE_ADDRESS,
        oids::CDP_CACHE_DEVICE_ID,
        oids::CDP_CACHE_DEVICE_PORT,
        oids::CDP_CACHE_PLATFORM,
        oids::CDP_CACHE_CAPABILITIES,
        oids::CDP_CACHE_SYS_NAME,
    ],
    &[
        oids::MTXR_NEIGHBOR_IP_ADDRESS,
        oids::MTXR_NEIGHBOR_MAC_ADDRESS,
        oids::MTXR_NEIGHBOR_PLATFORM,
        oids::MTXR_NEIGHBOR_IDENTITY,
        oids::MTXR_NEIGHBOR_INTERFACE_ID,
    ],
];
const FORWARDING: [Columns; 3] = [
    &[oids::DOT1D_TP_FDB_ADDRESS, oids::DOT1D_TP_FDB_PORT, oids::DOT1D_TP_FDB_STATUS],
    &[oids::DOT1Q_TP_FDB_PORT, oids::DOT1Q_TP_FDB_STATUS],
    &[oids::DOT1Q_VLAN_FDB_ID],
];
/// Who is at the other end of an aggregate or of a segment of the spanning tree.
const WIRING: [Columns; 3] = [
    &[
        oids::DOT3AD_AGG_PORT_ACTOR_SYSTEM_ID,
        oids::DOT3AD_AGG_PORT_PARTNER_OPER_SYSTEM_ID,
        oids::DOT3AD_AGG_PORT_ATTACHED_AGG_ID,
        oids::DOT3AD_AGG_PORT_ACTOR_PORT,
        oids::DOT3AD_AGG_PORT_PARTNER_OPER_PORT,
    ],
    &[oids::IF_STACK_STATUS],
    STP_SEGMENTS,
];
const STP_SEGMENTS: Columns =
    &[oids::DOT1D_STP_PORT_STATE, oids::DOT1D_STP_PORT_DESIGNATED_BRIDGE, oids::DOT1D_STP_PORT_DESIGNATED_PORT];
/// Asked only of what routes or switches: a host's cache tells of its own peers.
const ADDRESS_CACHES: [Columns; 2] = [
    &[oids::IP_NET_TO_PHYSICAL_PHYS_ADDRESS, oids::IP_NET_TO_PHYSICAL_TYPE],
    &[oids::IP_NET_TO_MEDIA_PHYS_ADDRESS, oids::IP_NET_TO_MEDIA_TYPE],
];
const VLANS: [Columns; 3] = [
    &[oids::DOT1Q_VLAN_STATIC_NAME, oids::DOT1Q_VLAN_STATIC_EGRESS_PORTS, oids::DOT1Q_VLAN_STATIC_ROW_STATUS],
    &[oids::DOT1Q_VLAN_FDB_ID, oids::DOT1Q_VLAN_STATUS],
    &[oids::VTP_VLAN_TYPE, oids::VTP_VLAN_NAME],
];
const ENTITY: [Columns; 1] = [&[
    oids::ENT_PHYSICAL_DESCR,
    oids::ENT_PHYSICAL_CONTAINED_IN,
    oids::ENT_PHYSICAL_CLASS,
    oids::ENT_PHYSICAL_NAME,
    oids::ENT_PHYSICAL_HARDWARE_REV,
    oids::ENT_PHYSICAL_FIRMWARE_REV,
    oids::ENT_PHYSICAL_SOFTWARE_REV,
    oids::ENT_PHYSICAL_SERIAL_NUM,
    oids::ENT_PHYSICAL_MFG_NAME,
    oids::ENT_PHYSICAL_MODEL_NAME,
]];
/// Optical modules and sensors, with what joins them to ports.
const SENSORS: [Columns; 2] = [
    &[oids::ENT_ALIAS_MAPPING_IDENTIFIER],
    &[
        oids::ENT_PHY_SENSOR_TYPE,
        oids::ENT_PHY_SENSOR_SCALE,
        oids::ENT_PHY_SENSOR_PRECISION,
        oids::ENT_PHY_SENSOR_VALUE,
        oids::ENT_PHY_SENSOR_OPER_STATUS,
        oids::ENT_PHY_SENSOR_UNITS_DISPLAY,
    ],
];
const CISCO_SENSORS: Columns = &[
    oids::ENT_SENSOR_TYPE,
    oids::ENT_SENSOR_SCALE,
    oids::ENT_SENSOR_PRECISION,
    oids::ENT_SENSOR_VALUE,
    oids::ENT_SENSOR_STATUS,
];
/// What the kind of a device shows in, beyond the tables above.
const KIND: [Columns; 5] = [
    &[oids::HR_DEVICE_TYPE, oids::HR_DEVICE_DESCR],
    &[oids::PRT_MARKER_LIFE_COUNT],
    &[oids::PRT_MARKER_SUPPLIES_DESCRIPTION, oids::PRT_MARKER_SUPPLIES_LEVEL],
    &[oids::PRT_CHANNEL_TYPE],
    &[oids::PRT_COVER_DESCRIPTION],
];
const ADDRESSES: [&[u32]; 3] =
    [oids::LLDP_LOC_CHASSIS_ID_SUBTYPE, oids::LLDP_LOC_CHASSIS_ID, oids::DOT1D_BASE_BRIDGE_ADDRESS];
const STP: [&[u32]; 6] = [
    oids::DOT1D_STP_PRIORITY,
    oids::DOT1D_STP_DESIGNATED_ROOT,
    oids::DOT1D_STP_ROOT_COST,
    oids::DOT1D_STP_ROOT_PORT,
    oids::DOT1D_STP_TOP_CHANGES,
    oids::DOT1D_STP_TIME_SINCE_TOPOLOGY_CHANGE,
];
const UPS: [&[u32]; 4] = [
    oids::UPS_BATTERY_STATUS,
    oids::UPS_ESTIMATED_MINUTES_REMAINING,
    oids::UPS_ESTIMATED_CHARGE_REMAINING,
    oids::UPS_OUTPUT_SOURCE,
];
/// Asked with every class, so that each answer can be decoded by itself.
const IDENTITY: [&[u32]; 3] = [oids::SYS_DESCR, oids::SYS_OBJECT_ID, oids::SYS_UP_TIME];
const SYSTEM: [&[u32]; 7] = [
    oids::SYS_DESCR,
    oids::SYS_OBJECT_ID,
    oids::SYS_UP_TIME,
    oids::SYS_CONTACT,
    oids::SYS_NAME,
    oids::SYS_LOCATION,
    oids::SYS_SERVICES,
];

impl Questions {
    pub fn system() -> Self {
        let mut q = Questions::default();
        q.ask(&SYSTEM);
        q
    }

    /// The questions of one class. Tables of printers are left out for devices whose profile is another kind, and the
    /// other way round.
    pub fn of(class: ProbeClass, profile: Option<&Profile>, known: &Facts, sys_object_id: Option<&Oid>) -> Self {
        let mut q = Questions::default();
        let kind = profile.and_then(|p| p.kind);
        let printer = kind.is_none_or(|k| matches!(k, DeviceKind::Printer | DeviceKind::Scanner | DeviceKind::Other));
        let network = !matches!(kind, Some(DeviceKind::Printer | DeviceKind::Scanner));
        q.ask(&IDENTITY);
        match class {
            ProbeClass::Reachability => q.scalars = vec![Oid::from(oids::SYS_UP_TIME).child(&[0])],
            ProbeClass::Status => {
                q.ask(&UPS);
                q.walk(&[&[oids::UPS_OUTPUT_PERCENT_LOAD]]);
                if printer {
                    q.walk(&PRINTER_STATUS);
                    q.walk(&KIND[1..3]);
                    q.repeat_in(profile, &PRINTER_STATUS);
                    q.repeat_in(profile, &KIND[1..3]);
                }
            }
            ProbeClass::Interfaces => {
                q.walk(&INTERFACES);
                if network {
                    q.ask(&[oids::DOT1D_BASE_BRIDGE_ADDRESS, oids::DOT1D_STP_ROOT_PORT]);
                    q.walk(&SWITCH_PORTS);
                    let maker = enterprise(sys_object_id);
                    let places = MAKERS_PORTS.iter().filter(|(number, _)| maker == Some(*number));
                    q.tables.extend(places.map(|(_, columns)| table(columns)));
                }
            }
            ProbeClass::Supplies => {
                if printer {
                    q.walk(&SUPPLIES);
                    q.walk(&COUNTERS);
                    q.repeat_in(profile, &SUPPLIES);
                    q.repeat_in(profile, &COUNTERS);
                    q.vendor_supplies(profile);
                }
            }
            ProbeClass::Neighbors => {
                q.walk(&PORT_NAMES);
                q.walk(&LLDP);
                q.walk(&[&[oids::IP_AD_ENT_IF_INDEX]]);
                if network {
                    q.ask(&[oids::DOT1D_BASE_BRIDGE_ADDRESS]);
                    q.walk(&WIRING);
                    if enterprise(sys_object_id) == Some(CISCO) {
                        q.walk(&[&[oids::PAGP_GROUP_IF_INDEX]]);
                    }
                    q.walk(&OTHER_NEIGHBORS);
                    q.walk(&FORWARDING);
                    q.per_vlan(profile, known);
                }
                if kind.or(known.kind).is_some_and(DeviceKind::is_infrastructure) {
                    q.walk(&ADDRESS_CACHES);
                }
                for place in profile.into_iter().flat_map(|p| &p.vlans).filter(|v| v.fdb_shift.is_some()) {
                    q.tables.extend(place.id.iter().map(|id| Table { columns: vec![id.clone()] }));
                }
                for place in profile.into_iter().flat_map(|p| &p.neighbors) {
                    q.tables.push(Table { columns: place.columns().cloned().collect() });
                }
            }
            ProbeClass::Inventory => q.inventory(profile, sys_object_id, network),
        }
        q.tidy();
        q
    }

    fn inventory(&mut self, profile: Option<&Profile>, sys_object_id: Option<&Oid>, network: bool) {
        self.ask(&SYSTEM);
        self.ask(&ADDRESSES);
        self.ask(&UPS[..3]);
        self.walk(&KIND);
        self.walk(&ENTITY);
        self.walk(&PORT_NAMES);
        if network {
            self.ask(&STP);
            self.walk(&VLANS);
            self.walk(&SENSORS);
            if enterprise(sys_object_id) == Some(CISCO) {
                self.tables.push(table(CISCO_SENSORS));
            }
            for place in profile.into_iter().flat_map(|p| &p.optics) {
                self.tables.push(Table { columns: place.columns().cloned().collect() });
            }
            for place in profile.into_iter().flat_map(|p| &p.stack) {
                // Columns of more than one table.
                self.tables.extend(place.columns().map(|c| Table { columns: vec![c.clone()] }));
            }
            for place in profile.into_iter().flat_map(|p| &p.vlans) {
                let columns = [Some(&place.name), place.id.as_ref()].into_iter().flatten().cloned().collect();
                self.tables.push(Table { columns });
            }
        }
        for source in profile.into_iter().flat_map(|p| &p.sources) {
            self.scalars.extend(source.join.iter().cloned());
            match &source.from {
                From::Column(column) => self.tables.push(Table { columns: vec![column.clone()] }),
                _ => self.scalars.extend(source.oid(sys_object_id)),
            }
        }
    }

    fn vendor_supplies(&mut self, profile: Option<&Profile>) {
        for source in profile.into_iter().flat_map(|p| &p.supplies) {
            match &source.form {
                Form::Block(block) => self.scalars.push(block.oid.clone()),
                Form::Table(places) => {
                    let (columns, instances): (Vec<_>, Vec<_>) = places.places().partition(|p| p.column);
                    self.scalars.extend(instances.into_iter().map(|p| p.oid.clone()));
                    self.tables.push(Table { columns: columns.into_iter().map(|p| p.oid.clone()).collect() });
                }
            }
        }
    }

    fn ask(&mut self, objects: &[&[u32]]) {
        self.scalars.extend(objects.iter().map(|o| Oid::from(*o).child(&[0])));
    }

    fn walk(&mut self, tables: &[Columns]) {
        self.tables.extend(tables.iter().map(|columns| table(columns)));
    }

    /// The same tables in the contexts the profile names.
    fn repeat_in(&mut self, profile: Option<&Profile>, tables: &[Columns]) {
        for name in profile.into_iter().flat_map(|p| &p.contexts) {
            let tables = tables.iter().map(|columns| table(columns));
            match self.contexts.iter_mut().find(|c| c.name == *name) {
                Some(c) => c.tables.extend(tables),
                None => {
                    let tables = tables.collect();
                    self.contexts.push(ContextQuestions { name: name.clone(), scalars: Vec::new(), tables });
                }
            }
        }
    }

    /// One bridge table per VLAN, where the profile says so.
    fn per_vlan(&mut self, profile: Option<&Profile>, known: &Facts) {
        if !profile.is_some_and(|p| p.vlan_contexts) {
            return;
        }
        for vlan in known.vlans.iter().flatten() {
            self.contexts.push(ContextQuestions {
                name: vlan.id.to_string(),
                scalars: vec![Oid::from(oids::DOT1D_BASE_BRIDGE_ADDRESS).child(&[0])],
                tables: vec![
                    table(&[oids::DOT1D_BASE_PORT_IF_INDEX]),
                    table(STP_SEGMENTS),
                    table(&[oids::DOT1D_TP_FDB_ADDRESS, oids::DOT1D_TP_FDB_PORT, oids::DOT1D_TP_FDB_STATUS]),
                ],
            });
        }
    }

    /// Everything of both, each thing once.
    pub fn merge(&mut self, other: Questions) {
        self.scalars.extend(other.scalars);
        self.tables.extend(other.tables);
        for c in other.contexts {
            match self.contexts.iter_mut().find(|o| o.name == c.name) {
                Some(o) => {
                    o.scalars.extend(c.scalars);
                    o.tables.extend(c.tables);
                }
                None => self.contexts.push(c),
            }
        }
        self.tidy();
    }

    fn tidy(&mut self) {
        self.scalars.sort();
        self.scalars.dedup();
        once(&mut self.tables);
        for c in &mut self.contexts {
            once(&mut c.tables);
        }
    }

    /// What an agent with these answers would have answered to these questions.
    pub fn answers(&self, all: &Snapshot) -> Snapshot {
        let mut out = Snapshot { notes: all.notes.clone(), ..Snapshot::default() };
        pick(&all.main, &self.scalars, &self.tables, &mut out.main);
        for c in &self.contexts {
            if let Some(map) = all.contexts.get(&c.name) {
                let mut picked = BTreeMap::new();
                pick(map, &c.scalars, &c.tables, &mut picked);
                out.contexts.insert(c.name.clone(), picked);
            }
        }
        out
    }
}

fn table(columns: &[&[u32]]) -> Table {
    Table { columns: columns.iter().map(|c| Oid::from(*c)).collect() }
}

/// No column is walked twice.
fn once(tables: &mut Vec<Table>) {
    let mut seen = std::collections::BTreeSet::new();
    for t in tables.iter_mut() {
        t.columns.retain(|c| seen.insert(c.clone()));
    }
    tables.retain(|t| !t.columns.is_empty());
}

fn pick(from: &BTreeMap<Oid, Value>, scalars: &[Oid], tables: &[Table], into: &mut BTreeMap<Oid, Value>) {
    for oid in scalars {
        if let Some(value) = from.get(oid) {
            into.insert(oid.clone(), value.clone());
        }
    }
    for column in tables.iter().flat_map(|t| &t.columns) {
        let rows = from.range(column.clone()..).take_while(|(oid, _)| oid.starts_with(column));
        into.extend(rows.map(|(oid, value)| (oid.clone(), value.clone())));
    }
}
