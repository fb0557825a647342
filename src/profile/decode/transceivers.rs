//! Optical modules on their ports with what they measure; the sensors that are left belong to the device.
//!
//! Which port a module is in: ENTITY-MIB's alias of it, of what it holds or of what holds it; else the port's name in
//! its name. Makers without that have tables of their own, which profiles list as `optics`.

use std::collections::{BTreeMap, BTreeSet};

use super::entity::{self, Row};
use super::links::LocalPorts;
use super::sensors::{self, DBM, Measure};
use crate::model::{Sensor, Transceiver};
use crate::profile::load::Profile;
use crate::profile::mib::Names;
use crate::profile::oids;
use crate::profile::places::{Measured, OpticsPlace};
use crate::profile::text::one_line;
use crate::profile::view::{View, int_of, text_of};
use crate::protocol::snmp::{Oid, Value};

/// Words of modules, lower case.
const OPTICS: [&str; 9] = ["sfp", "xfp", "gbic", "xcvr", "transceiver", "base-", "basesx", "baselx", "optic"];
/// Words of their sensors, where the module itself has no row.
const DDM: [&str; 8] = ["bias", "laser", "receive", "transmit", "rx", "tx", "transceiver", "dom"];
/// Levels of containment between a sensor and its module or port.
const DEPTH: usize = 6;
/// A module of four lanes may be four interfaces.
const LANES: usize = 4;
/// ifEntry: what an alias of a port points into.
const IF_ENTRY: [u32; 9] = [1, 3, 6, 1, 2, 1, 2, 2, 1];

pub fn decode(
    names: &Names,
    view: &View<'_>,
    profile: Option<&Profile>,
    rows: &BTreeMap<u32, Row>,
    local: &LocalPorts,
) -> (Vec<Transceiver>, Vec<Sensor>) {
    let tree = Tree::new(view, rows, local);
    let mut modules: BTreeMap<u32, Transceiver> =
        rows.values().filter(|r| tree.is_module(r)).map(|r| (r.index, tree.module(r))).collect();
    let mut bare: BTreeMap<u32, Transceiver> = BTreeMap::new();
    let mut own = Vec::new();
    for (index, measure) in sensors::read(names, view) {
        let row = rows.get(&index);
        let words = row.map(words).unwrap_or_default();
        let holder = tree.up(index).find(|i| modules.contains_key(i));
        let taken = match holder.and_then(|i| modules.get_mut(&i)) {
            Some(module) => put(module, &measure, &words),
            None => match tree.port(index).filter(|_| is_ddm(&words)) {
                Some(port) => put(bare.entry(port).or_insert_with(|| on_port(port, local)), &measure, &words),
                None => false,
            },
        };
        if !taken && measure.kind != DBM {
            let name = row.and_then(|r| r.name.clone().or_else(|| r.descr.clone()));
            own.push(Sensor { index, name, kind: measure.kind, value: sensors::rounded(measure.value) });
        }
    }
    let mut all: Vec<Transceiver> = modules.into_values().collect();
    for found in bare.into_values().chain(private(view, profile, local)) {
        match all.iter_mut().find(|t| t.if_index.is_some() && t.if_index == found.if_index) {
            Some(known) => complete(known, found),
            None => all.push(found),
        }
    }
    for module in &mut all {
        // Exactly 0 dBm both ways is no measure, it is a register that was never written.
        if (module.tx_power_dbm, module.rx_power_dbm) == (Some(0.0), Some(0.0)) {
            (module.tx_power_dbm, module.rx_power_dbm) = (None, None);
        }
    }
    // Words alone are no proof: a switch "with 4 SFP+ ports" is no module.
    all.retain(|t| t.if_index.is_some() || t.rx_power_dbm.or(t.tx_power_dbm).is_some());
    all.sort_by_key(|t| (t.if_index.unwrap_or(u32::MAX), t.entity));
    (all, own)
}

/// The containment of entPhysicalTable with its aliases.
struct Tree<'a> {
    rows: &'a BTreeMap<u32, Row>,
    local: &'a LocalPorts,
    children: BTreeMap<u32, Vec<u32>>,
    aliases: BTreeMap<u32, u32>,
}

impl<'a> Tree<'a> {
    fn new(view: &View<'_>, rows: &'a BTreeMap<u32, Row>, local: &'a LocalPorts) -> Self {
        let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for row in rows.values() {
            if let Some(parent) = row.contained_in.and_then(|p| u32::try_from(p).ok()).filter(|p| *p != row.index) {
                children.entry(parent).or_default().push(row.index);
            }
        }
        let alias = |(index, value): (&[u32], &Value)| {
            let target = value.as_oid()?.arcs().strip_prefix(&IF_ENTRY)?;
            Some((*index.first()?, *target.last()?)).filter(|(_, i)| local.is_port(*i))
        };
        let aliases = view.column(oids::ENT_ALIAS_MAPPING_IDENTIFIER).filter_map(alias).collect();
        Tree { rows, local, children, aliases }
    }

    /// The entity and what holds it, from the inside out.
    fn up(&self, index: u32) -> impl Iterator<Item = u32> + '_ {
        let parent = |i: &u32| u32::try_from(self.rows.get(i)?.contained_in?).ok().filter(|p| *p > 0 && p != i);
        std::iter::successors(Some(index), parent).take(DEPTH)
    }

    /// What it holds, in a few levels.
    fn below(&self, index: u32) -> Vec<u32> {
        let (mut out, mut level) = (Vec::new(), vec![index]);
        for _ in 0..DEPTH {
            level = level.iter().filter_map(|i| self.children.get(i)).flatten().copied().collect();
            if level.is_empty() || out.len() > self.rows.len() {
                break;
            }
            out.extend(&level);
        }
        out
    }

    /// The interface an entity is, holds or is held by.
    fn port(&self, index: u32) -> Option<u32> {
        let inside: BTreeSet<u32> = self.below(index).iter().filter_map(|i| self.aliases.get(i).copied()).collect();
        let own =
            self.aliases.get(&index).copied().or_else(|| inside.first().copied().filter(|_| inside.len() <= LANES));
        own.or_else(|| {
            // Only ports and what is around one: an alias further out is of the whole.
            let held = self.up(index).skip(1).take_while(|i| {
                self.rows.get(i).is_some_and(|r| matches!(r.class, Some(entity::PORT | entity::CONTAINER)))
            });
            held.filter_map(|i| self.aliases.get(&i).copied()).next()
        })
        .or_else(|| self.named(self.rows.get(&index)?))
        .or_else(|| {
            self.up(index).skip(1).take(2).find_map(|i| {
                let row = self.rows.get(&i)?;
                matches!(row.class, Some(entity::PORT | entity::CONTAINER)).then(|| self.named(row))?
            })
        })
    }

    /// The port whose name stands in the row's name or description: "Te1/1/1 Receive Power Sensor".
    fn named(&self, row: &Row) -> Option<u32> {
        let texts = [&row.name, &row.descr].into_iter().flatten();
        let mut words = texts.flat_map(|t| t.split([' ', ',', '(', ')', '"']));
        let both = |w: &&str| w.contains(|c: char| c.is_ascii_digit()) && w.contains(|c: char| c.is_alphabetic());
        words.find_map(|w| Some(w.trim_matches(':')).filter(both).and_then(|w| self.local.by_name(w)))
    }

    fn is_module(&self, row: &Row) -> bool {
        if matches!(
            row.class,
            Some(
                entity::CHASSIS
                    | entity::CONTAINER
                    | entity::SENSOR
                    | entity::FAN
                    | entity::POWER_SUPPLY
                    | entity::STACK
            )
        ) || row.model.is_none() && row.serial.is_none()
        {
            return false;
        }
        let in_port = row.class == Some(entity::MODULE)
            && self.up(row.index).nth(1).and_then(|p| self.rows.get(&p)).is_some_and(|p| p.class == Some(entity::PORT));
        let all = format!("{} {}", words(row), row.model.as_deref().unwrap_or_default().to_lowercase());
        if !in_port && !OPTICS.iter().any(|w| all.contains(w)) {
            return false;
        }
        // What holds slots or many ports is a card for modules, not a module.
        let below = self.below(row.index);
        let holds =
            |i: &u32| matches!(self.rows.get(i).and_then(|r| r.class), Some(entity::CONTAINER | entity::MODULE));
        !below.iter().any(holds) && below.iter().filter(|i| self.aliases.contains_key(i)).count() <= LANES
    }

    fn module(&self, row: &Row) -> Transceiver {
        let if_index = self.port(row.index);
        Transceiver {
            if_index,
            port: if_index.and_then(|i| self.local.name(i)).map(str::to_owned),
            entity: Some(row.index),
            model: row.model.clone().or_else(|| row.descr.clone()),
            serial: row.serial.clone(),
            manufacturer: row.vendor.clone(),
            ..Transceiver::default()
        }
    }
}

fn words(row: &Row) -> String {
    format!("{} {}", row.name.as_deref().unwrap_or_default(), row.descr.as_deref().unwrap_or_default()).to_lowercase()
}

fn has(words: &str, of: &[&str]) -> bool {
    words.split(|c: char| !c.is_alphanumeric()).any(|w| of.iter().any(|o| w.starts_with(o)))
}

fn is_ddm(words: &str) -> bool {
    has(words, &DDM)
}

fn on_port(port: u32, local: &LocalPorts) -> Transceiver {
    Transceiver { if_index: Some(port), port: local.name(port).map(str::to_owned), ..Transceiver::default() }
}

/// `false`: it is no such measure.
fn put(module: &mut Transceiver, measure: &Measure, words: &str) -> bool {
    let highest = |old: Option<f64>, new: f64| Some(old.map_or(new, |o| o.max(new)));
    let lowest = |old: Option<f64>, new: f64| Some(old.map_or(new, |o| o.min(new)));
    let value = sensors::rounded(measure.value);
    match measure.kind.as_str() {
        "celsius" => module.temperature_c = highest(module.temperature_c, value),
        "voltsDC" | "voltsAC" => module.voltage_v = module.voltage_v.or(Some(value)),
        "amperes" => module.tx_bias_ma = highest(module.tx_bias_ma, sensors::rounded(measure.value * 1000.0)),
        "watts" | DBM => {
            // No laser of a switch has a watt: this is a power supply.
            if measure.kind == "watts" && measure.value > 1.0 {
                return false;
            }
            let power = if measure.kind == DBM { Some(measure.value) } else { sensors::dbm(measure.value) };
            let Some(power) = power.map(sensors::rounded) else { return true };
            if has(words, &["receive", "rx", "input"]) {
                module.rx_power_dbm = lowest(module.rx_power_dbm, power);
            } else if has(words, &["transmit", "tx", "output", "laser"]) {
                module.tx_power_dbm = lowest(module.tx_power_dbm, power);
            } else {
                return false;
            }
        }
        _ => return false,
    }
    true
}

/// A maker's own table, as a profile describes it.
fn private(view: &View<'_>, profile: Option<&Profile>, local: &LocalPorts) -> Vec<Transceiver> {
    let places = profile.into_iter().flat_map(|p| &p.optics);
    places.flat_map(|place| private_rows(view, place, local)).collect()
}

fn private_rows(view: &View<'_>, place: &OpticsPlace, local: &LocalPorts) -> Vec<Transceiver> {
    let indexes: BTreeSet<&[u32]> = place.columns().flat_map(|c| view.column(c.arcs()).map(|(i, _)| i)).collect();
    let row = |index: &[u32]| {
        let text = |column: &Option<Oid>| {
            let text = view.cell(column.as_ref()?.arcs(), index).and_then(text_of)?;
            Some(one_line(&text)).filter(|t| !t.is_empty())
        };
        let number = |m: &Option<Measured>| {
            let m = m.as_ref()?;
            view.cell(m.column.arcs(), index).and_then(reading).map(|n| sensors::rounded(n / m.divisor))
        };
        let named = place.name.as_ref().map(|_| text(&place.name).and_then(|n| local.by_name(&n)));
        let if_index = named.unwrap_or_else(|| index.first().copied().filter(|i| local.is_port(*i)))?;
        let found = Transceiver {
            model: text(&place.model),
            serial: text(&place.serial),
            manufacturer: text(&place.vendor),
            temperature_c: number(&place.temperature),
            voltage_v: number(&place.voltage).filter(|v| *v > 0.0),
            tx_bias_ma: number(&place.bias),
            tx_power_dbm: number(&place.tx_power),
            rx_power_dbm: number(&place.rx_power),
            ..on_port(if_index, local)
        };
        // A row of an empty cage is zeros and nothing else.
        let some = found.serial.is_some() || found.model.is_some() || found.voltage_v.is_some();
        let light = found.tx_power_dbm.or(found.rx_power_dbm).is_some_and(|p| p != 0.0);
        (some || light).then_some(found)
    };
    indexes.into_iter().filter_map(row).collect()
}

/// A number, or a text that begins with one: "-002.1234 dBm: Normal". Negative numbers also come as Gauge32.
fn reading(value: &Value) -> Option<f64> {
    if let Value::Gauge32(n) = value {
        return Some(f64::from(*n as i32));
    }
    if let Some(n) = int_of(value) {
        return Some(n as f64);
    }
    let text = text_of(value)?;
    let number: String =
        text.trim().chars().take_while(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')).collect();
    number.parse().ok().filter(|n: &f64| n.is_finite())
}

fn complete(known: &mut Transceiver, more: Transceiver) {
    known.model = known.model.take().or(more.model);
    known.serial = known.serial.take().or(more.serial);
    known.manufacturer = known.manufacturer.take().or(more.manufacturer);
    known.temperature_c = known.temperature_c.or(more.temperature_c);
    known.voltage_v = known.voltage_v.or(more.voltage_v);
    known.tx_bias_ma = known.tx_bias_ma.or(more.tx_bias_ma);
    known.tx_power_dbm = known.tx_power_dbm.or(more.tx_power_dbm);
    known.rx_power_dbm = known.rx_power_dbm.or(more.rx_power_dbm);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_that_begin_with_one() {
        let text = |t: &str| reading(&Value::OctetString(t.as_bytes().to_vec()));
        assert_eq!(text(" -002.1234 dBm: Normal"), Some(-2.1234));
        assert_eq!(text("31.5000 C: Normal"), Some(31.5));
        assert_eq!(text("N/A"), None);
        assert_eq!(reading(&Value::Gauge32((-128i32) as u32)), Some(-128.0));
        assert_eq!(reading(&Value::Integer(-2400)), Some(-2400.0));
    }

    #[test]
    fn the_weakest_lane_counts() {
        let mut module = Transceiver::default();
        let lane = |value: f64| Measure { kind: DBM.into(), value };
        for power in [-2.1, -9.4, -2.3] {
            assert!(put(&mut module, &lane(power), "ethernet1 lane 1 rx power"));
        }
        assert_eq!(module.rx_power_dbm, Some(-9.4));
        assert!(!put(&mut module, &lane(1.0), "power"));
    }
}
