//! Makers' own tables of optical modules and stack members, as a profile lists their columns. Data only; the decoders
//! of the same names read them.

use serde::Deserialize;

use super::KnowledgeError;
use super::load::{TextFile, resolve};
use super::mib::Names;
use super::schema::Text;
use crate::protocol::snmp::Oid;

/// `optics = [{...}]`: one row a module; the index is the ifIndex, unless `name` is the column of the port's name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawOptics {
    pub name: Option<Text>,
    pub temperature: Option<Text>,
    pub voltage: Option<Text>,
    pub bias: Option<Text>,
    pub tx_power: Option<Text>,
    pub rx_power: Option<Text>,
    pub model: Option<Text>,
    pub serial: Option<Text>,
    pub vendor: Option<Text>,
    /// Columns in thousandths of degrees, volts, milliamperes, dBm.
    #[serde(default)]
    pub milli: Vec<Text>,
}

/// `stack = [{...}]`: one row a member; the index is its number, with `entity` the entPhysicalIndex of its chassis.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawStack {
    #[serde(default)]
    pub entity: bool,
    pub number: Option<Text>,
    pub role: Option<Text>,
    /// Words of the role's values 1, 2, 3...
    #[serde(default)]
    pub roles: Vec<String>,
    pub state: Option<Text>,
    #[serde(default)]
    pub states: Vec<String>,
    pub priority: Option<Text>,
    pub mac: Option<Text>,
    pub serial: Option<Text>,
    pub firmware: Option<Text>,
}

/// A measured column and by what to divide it.
#[derive(Debug, Clone)]
pub struct Measured {
    pub column: Oid,
    pub divisor: f64,
}

#[derive(Debug, Clone)]
pub struct OpticsPlace {
    pub name: Option<Oid>,
    pub temperature: Option<Measured>,
    pub voltage: Option<Measured>,
    pub bias: Option<Measured>,
    pub tx_power: Option<Measured>,
    pub rx_power: Option<Measured>,
    pub model: Option<Oid>,
    pub serial: Option<Oid>,
    pub vendor: Option<Oid>,
}

#[derive(Debug, Clone)]
pub struct StackPlace {
    pub entity: bool,
    pub number: Option<Oid>,
    pub role: Option<Oid>,
    pub roles: Vec<String>,
    pub state: Option<Oid>,
    pub states: Vec<String>,
    pub priority: Option<Oid>,
    pub mac: Option<Oid>,
    pub serial: Option<Oid>,
    pub firmware: Option<Oid>,
}

impl OpticsPlace {
    pub fn columns(&self) -> impl Iterator<Item = &Oid> {
        let measured = [&self.temperature, &self.voltage, &self.bias, &self.tx_power, &self.rx_power];
        let texts = [&self.name, &self.model, &self.serial, &self.vendor];
        measured.into_iter().flatten().map(|m| &m.column).chain(texts.into_iter().flatten())
    }
}

impl StackPlace {
    pub fn columns(&self) -> impl Iterator<Item = &Oid> {
        [&self.number, &self.role, &self.state, &self.priority, &self.mac, &self.serial, &self.firmware]
            .into_iter()
            .flatten()
    }
}

fn column(t: &Option<Text>, text: &TextFile, names: &Names) -> Result<Option<Oid>, KnowledgeError> {
    t.as_ref().map(|t| resolve(t, t.get_ref().trim_end_matches(".*"), text, names)).transpose()
}

pub(super) fn optics(raw: &RawOptics, text: &TextFile, names: &Names) -> Result<OpticsPlace, KnowledgeError> {
    const MEASURED: [&str; 5] = ["temperature", "voltage", "bias", "tx_power", "rx_power"];
    if let Some(wrong) = raw.milli.iter().find(|m| !MEASURED.contains(&m.get_ref().as_str())) {
        let message = format!("unknown column {:?} in milli; known: {}", wrong.get_ref(), MEASURED.join(", "));
        return Err(text.at(wrong, message));
    }
    let measured = |what: &str, t: &Option<Text>| -> Result<Option<Measured>, KnowledgeError> {
        let divisor = if raw.milli.iter().any(|m| m.get_ref() == what) { 1000.0 } else { 1.0 };
        Ok(column(t, text, names)?.map(|column| Measured { column, divisor }))
    };
    Ok(OpticsPlace {
        name: column(&raw.name, text, names)?,
        temperature: measured("temperature", &raw.temperature)?,
        voltage: measured("voltage", &raw.voltage)?,
        bias: measured("bias", &raw.bias)?,
        tx_power: measured("tx_power", &raw.tx_power)?,
        rx_power: measured("rx_power", &raw.rx_power)?,
        model: column(&raw.model, text, names)?,
        serial: column(&raw.serial, text, names)?,
        vendor: column(&raw.vendor, text, names)?,
    })
}

pub(super) fn stack(raw: &RawStack, text: &TextFile, names: &Names) -> Result<StackPlace, KnowledgeError> {
    Ok(StackPlace {
        entity: raw.entity,
        number: column(&raw.number, text, names)?,
        role: column(&raw.role, text, names)?,
        roles: raw.roles.clone(),
        state: column(&raw.state, text, names)?,
        states: raw.states.clone(),
        priority: column(&raw.priority, text, names)?,
        mac: column(&raw.mac, text, names)?,
        serial: column(&raw.serial, text, names)?,
        firmware: column(&raw.firmware, text, names)?,
    })
}
