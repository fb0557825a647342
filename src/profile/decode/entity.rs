//! entPhysicalTable (RFC 6933): which row stands for the whole device, and the rows worth listing as modules.
//!
//! The right row is the chassis, not a module; in a stack the first member, not the second. Columns are often
//! missing, class and containment among them, so the choice is a ladder.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{plausible_model, plausible_serial};
use crate::model::Module;
use crate::profile::mib::Names;
use crate::profile::oids;
use crate::profile::source::EntityField;
use crate::profile::text::one_line;
use crate::profile::view::{View, int_of, text_of};
use crate::protocol::snmp::Oid;

pub const CHASSIS: i64 = 3;
pub const CONTAINER: i64 = 5;
pub const POWER_SUPPLY: i64 = 6;
pub const FAN: i64 = 7;
pub const SENSOR: i64 = 8;
pub const MODULE: i64 = 9;
pub const PORT: i64 = 10;
pub const STACK: i64 = 11;
/// entPhysicalDescr of a chassis that Aricent ISS was not told about.
const ISS_ROW: &str = "Network Element";

/// One row, as far as it is answered.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub index: u32,
    pub class: Option<i64>,
    pub contained_in: Option<i64>,
    pub descr: Option<String>,
    pub name: Option<String>,
    pub hardware: Option<String>,
    pub firmware: Option<String>,
    pub software: Option<String>,
    pub serial: Option<String>,
    pub vendor: Option<String>,
    pub model: Option<String>,
}

impl Row {
    fn says_something(&self) -> bool {
        self.serial.is_some() || self.model.is_some() || self.descr.is_some() || self.name.is_some()
    }
    fn identifies(&self) -> bool {
        self.serial.as_deref().is_some_and(plausible_serial) || self.model.as_deref().is_some_and(plausible_model)
    }
    fn is_part(&self) -> bool {
        matches!(self.class, Some(POWER_SUPPLY | FAN | SENSOR | PORT))
    }
}

/// All rows, by index.
pub fn rows(view: &View<'_>) -> BTreeMap<u32, Row> {
    let mut rows: BTreeMap<u32, Row> = BTreeMap::new();
    let mut text = |column: &[u32], put: fn(&mut Row, String)| {
        for (index, value) in view.column(column) {
            if let ([i], Some(t)) = (index, text_of(value)) {
                let row = rows.entry(*i).or_insert_with(|| Row { index: *i, ..Row::default() });
                put(row, one_line(&t));
            }
        }
    };
    text(oids::ENT_PHYSICAL_DESCR, |r, t| r.descr = Some(t));
    text(oids::ENT_PHYSICAL_NAME, |r, t| r.name = Some(t));
    text(oids::ENT_PHYSICAL_HARDWARE_REV, |r, t| r.hardware = Some(t));
    text(oids::ENT_PHYSICAL_FIRMWARE_REV, |r, t| r.firmware = Some(t));
    text(oids::ENT_PHYSICAL_SOFTWARE_REV, |r, t| r.software = Some(t));
    text(oids::ENT_PHYSICAL_SERIAL_NUM, |r, t| r.serial = Some(t));
    text(oids::ENT_PHYSICAL_MFG_NAME, |r, t| r.vendor = Some(t));
    text(oids::ENT_PHYSICAL_MODEL_NAME, |r, t| r.model = Some(t));
    let mut number = |column: &[u32], put: fn(&mut Row, i64)| {
        for (index, value) in view.column(column) {
            if let ([i], Some(n)) = (index, int_of(value)) {
                let row = rows.entry(*i).or_insert_with(|| Row { index: *i, ..Row::default() });
                put(row, n);
            }
        }
    };
    number(oids::ENT_PHYSICAL_CLASS, |r, n| r.class = Some(n));
    number(oids::ENT_PHYSICAL_CONTAINED_IN, |r, n| r.contained_in = Some(n));
    rows
}

/// The row that stands for the device, with what its own parts say where it is silent.
#[derive(Debug, Clone, Default)]
pub struct Chassis {
    row: Row,
    /// First plausible ones below the row, with their rows.
    inner_serial: Option<(u32, String)>,
    inner_software: Option<(u32, String)>,
    inner_firmware: Option<(u32, String)>,
}

impl Chassis {
    pub fn find(rows: &BTreeMap<u32, Row>) -> Self {
        let Some(row) = primary(rows) else { return Chassis::default() };
        let inside: Vec<&Row> = subtree(rows, row.index).into_iter().filter(|r| !r.is_part()).collect();
        let boards: Vec<&&Row> =
            inside.iter().filter(|r| r.class == Some(MODULE) || r.class == Some(CONTAINER)).collect();
        let inner_serial = boards
            .iter()
            .filter(|r| is_main_board(r) || boards.len() == 1)
            .find_map(|r| Some((r.index, r.serial.clone().filter(|s| plausible_serial(s))?)));
        Chassis {
            row: row.clone(),
            inner_serial,
            inner_software: inside.iter().find_map(|r| Some((r.index, r.software.clone()?))),
            inner_firmware: inside.iter().find_map(|r| Some((r.index, r.firmware.clone()?))),
        }
    }

    /// The text of a field and the object that holds it.
    pub fn field(&self, field: EntityField) -> Option<(Oid, String)> {
        let r = &self.row;
        // Aricent ISS, which many makers build on, leaves its own version in the software column of its default row.
        let field = match field {
            EntityField::Software if r.descr.as_deref() == Some(ISS_ROW) && r.firmware.is_some() => {
                EntityField::Firmware
            }
            other => other,
        };
        let own = |text: &Option<String>| text.clone().map(|t| (r.index, t));
        let (column, found) = match field {
            EntityField::Model => (oids::ENT_PHYSICAL_MODEL_NAME, own(&r.model)),
            EntityField::Serial => {
                let serial = r.serial.clone().filter(|s| plausible_serial(s));
                (oids::ENT_PHYSICAL_SERIAL_NUM, own(&serial).or_else(|| self.inner_serial.clone()))
            }
            EntityField::Software => {
                (oids::ENT_PHYSICAL_SOFTWARE_REV, own(&r.software).or_else(|| self.inner_software.clone()))
            }
            EntityField::Firmware => {
                (oids::ENT_PHYSICAL_FIRMWARE_REV, own(&r.firmware).or_else(|| self.inner_firmware.clone()))
            }
            EntityField::Hardware => (oids::ENT_PHYSICAL_HARDWARE_REV, own(&r.hardware)),
            EntityField::Descr => (oids::ENT_PHYSICAL_DESCR, own(&r.descr)),
            EntityField::Name => (oids::ENT_PHYSICAL_NAME, own(&r.name)),
            EntityField::Vendor => (oids::ENT_PHYSICAL_MFG_NAME, own(&r.vendor)),
        };
        found.map(|(index, text)| (Oid::from(column).child(&[index]), text))
    }
}

/// Chassis; else the first unit of a stack that says who it is; else the first root row that does.
fn primary(rows: &BTreeMap<u32, Row>) -> Option<&Row> {
    let chassis: Vec<&Row> = rows.values().filter(|r| r.class == Some(CHASSIS) && r.says_something()).collect();
    if let Some(row) = chassis.iter().find(|r| r.identifies()).or(chassis.first()) {
        return Some(row);
    }
    let stack = rows.values().filter(|r| r.class == Some(STACK));
    for root in stack.clone() {
        if let Some(unit) = subtree(rows, root.index).into_iter().find(|r| !r.is_part() && r.identifies()) {
            return Some(unit);
        }
    }
    let whole = || rows.values().filter(|r| !r.is_part());
    let root = |r: &&Row| matches!(r.contained_in, None | Some(0));
    whole()
        .filter(root)
        .find(|r| r.identifies())
        .or_else(|| whole().find(|r| r.identifies()))
        .or_else(|| whole().filter(root).find(|r| r.says_something()))
}

/// Everything inside `top`, breadth first, without it.
fn subtree(rows: &BTreeMap<u32, Row>, top: u32) -> Vec<&Row> {
    let mut children: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
    for row in rows.values() {
        if let Some(parent) = row.contained_in.filter(|p| *p > 0 && *p != i64::from(row.index)) {
            children.entry(parent).or_default().push(row);
        }
    }
    let mut seen = BTreeSet::from([top]);
    let mut out: Vec<&Row> = Vec::new();
    let mut level = vec![top];
    while !level.is_empty() {
        let mut next = Vec::new();
        for index in level {
            for row in children.get(&i64::from(index)).into_iter().flatten() {
                if seen.insert(row.index) {
                    out.push(row);
                    next.push(row.index);
                }
            }
        }
        level = next;
    }
    out
}

fn is_main_board(row: &Row) -> bool {
    let text = format!("{} {}", row.name.as_deref().unwrap_or(""), row.descr.as_deref().unwrap_or("")).to_lowercase();
    ["mpu", "main", "base", "supervisor", "management", "motherboard", "system", "unit", "routing engine", "cpu"]
        .iter()
        .any(|w| text.contains(w))
}

/// Rows that can be told apart by a serial or a model, for the inventory page.
pub fn modules(rows: &BTreeMap<u32, Row>, names: &Names) -> Vec<Module> {
    rows.values()
        .filter(|r| r.serial.is_some() || r.model.is_some())
        .map(|r| Module {
            index: r.index,
            class: r.class.and_then(|c| names.label("entPhysicalClass", c)).map(str::to_owned),
            name: r.name.clone(),
            descr: r.descr.clone(),
            model: r.model.clone(),
            serial: r.serial.clone(),
            hardware_rev: r.hardware.clone(),
            firmware_rev: r.firmware.clone(),
            software_rev: r.software.clone(),
            manufacturer: r.vendor.clone(),
        })
        .collect()
}
