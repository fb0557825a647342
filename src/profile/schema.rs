//! The TOML form of `mibs/profiles/*.toml`, as written by people. Unknown keys are errors; `load` gives it meaning.
//!
//! ```toml
//! [[vendor]]                      # who makes it, by IANA enterprise number and by the words texts use
//! name = "Acme"
//! enterprises = [99999]
//! words = ["Acme Corp"]
//!
//! [[profile]]                     # a family of devices that is asked and read the same way
//! name = "acme-printer"
//! extends = ["generic-printer"]   # sources of the parents are kept; default ["generic"]
//! vendor = "Acme"
//! kind = "printer"
//! match = [{ sys_object_id = "1.3.6.1.4.1.99999.2" }, { sys_descr = '^Acme P\d+' }]
//! quirks = { no_bulk = true, contexts = ["Jetdirect"] }
//! models = { "1.3.6.1.4.1.99999.2.7" = "P700" }     # sysObjectID -> model, when the device does not say
//!
//! # Own tables: columns by what they hold. Neighbours and modules by ifIndex, members of a stack by their number.
//! neighbors = [{ protocol = "lldp", name = "1.3.6.1.4.1.99999.3.1.2", port = "1.3.6.1.4.1.99999.3.1.3" }]
//! optics = [{ rx_power = "1.3.6.1.4.1.99999.4.1.5", serial = "1.3.6.1.4.1.99999.4.1.2", milli = ["rx_power"] }]
//! stack = [{ role = "1.3.6.1.4.1.99999.5.1.2", roles = ["master", "member"], mac = "1.3.6.1.4.1.99999.5.1.3" }]
//!
//! [[profile.source]]              # one place to look for facts; the best scored plausible value wins
//! from = "1.3.6.1.4.1.99999.1.2.0"                  # or sysDescr.0, prtGeneralSerialNumber.*, @.1.10.0, entity.model
//! pattern = '^(?<model>\S+) v(?<firmware>\S+)'      # named groups are facts; others feed templates
//! serial = "{sn}"                                   # a template; "{}" is the whole text, "{0}" what matched
//! score = 80
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::places::{RawOptics, RawStack};

pub type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    #[serde(default)]
    pub vendor: Vec<RawVendor>,
    #[serde(default)]
    pub profile: Vec<RawProfile>,
    /// Words for kinds of supplies, in the order they are tried.
    #[serde(default)]
    pub supply_kind: Vec<RawWords>,
    #[serde(default)]
    pub supply_color: Vec<RawWords>,
    #[serde(default)]
    pub supply_text: RawSupplyText,
    #[serde(default)]
    pub printer_function: Vec<RawFunction>,
}

/// What a printer does besides printing, by words of its model ("MAKER MODEL") and descriptions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFunction {
    /// copy, scan, fax
    pub functions: Vec<Text>,
    pub patterns: Vec<Text>,
    /// 0 to 100.
    pub confidence: u8,
}

/// `name` is the kind or the colour.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawWords {
    pub name: Text,
    pub words: Vec<String>,
}

/// Patterns over supply descriptions.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct RawSupplyText {
    #[serde(default)]
    pub color_codes: Vec<Text>,
    #[serde(default)]
    pub part_numbers: Vec<Text>,
    #[serde(default)]
    pub serials: Vec<Text>,
    #[serde(default)]
    pub noise: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawVendor {
    pub name: Text,
    #[serde(default)]
    pub enterprises: Vec<u32>,
    /// Further names by which device texts call the maker; also cut off the front of model names.
    #[serde(default)]
    pub words: Vec<String>,
    /// What most of its devices are.
    pub kind: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawProfile {
    pub name: Text,
    /// Parents, nearest first; without it "generic".
    #[serde(default)]
    pub extends: Vec<Text>,
    pub vendor: Option<Text>,
    pub kind: Option<Text>,
    #[serde(default, rename = "match")]
    pub matches: Vec<RawMatch>,
    #[serde(default)]
    pub quirks: RawQuirks,
    #[serde(default)]
    pub models: BTreeMap<Text, String>,
    #[serde(default)]
    pub never: RawNever,
    #[serde(default)]
    pub source: Vec<RawSource>,
    #[serde(default)]
    pub supplies: Vec<RawSupplies>,
    #[serde(default)]
    pub vlans: Vec<RawVlans>,
    #[serde(default)]
    pub neighbors: Vec<RawNeighbors>,
    #[serde(default)]
    pub optics: Vec<RawOptics>,
    #[serde(default)]
    pub stack: Vec<RawStack>,
}

/// Patterns of words that look like the fact and are not it: a network card's name is no model.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct RawNever {
    pub model: Option<Text>,
    pub firmware: Option<Text>,
}

/// All given conditions must hold; a list of these is an "or".
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMatch {
    pub sys_object_id: Option<Text>,
    pub sys_descr: Option<Text>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct RawQuirks {
    pub no_bulk: Option<bool>,
    pub v1: Option<bool>,
    pub max_repetitions: Option<u32>,
    /// SNMP contexts that hold the supplies ("Jetdirect").
    #[serde(default)]
    pub contexts: Vec<String>,
    /// One bridge table per VLAN, in context `community@vlan`.
    pub vlan_contexts: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSource {
    pub from: Text,
    /// Further instances, put behind the first with `separator` between.
    #[serde(default)]
    pub join: Vec<Text>,
    pub separator: Option<String>,
    pub decode: Option<Text>,
    pub pattern: Option<Text>,
    pub vendor: Option<Text>,
    pub kind: Option<Text>,
    pub model: Option<Text>,
    pub serial: Option<Text>,
    pub firmware: Option<Text>,
    pub score: Option<Spanned<u8>>,
}

/// A maker's own supplies: a table, or a block of octets with numbered records. A place that ends in ".*" is a column.
///
/// ```toml
/// [[profile.supplies]]
/// name = "ACME-MIB acmeSupplyTable"
/// level = "1.3.6.1.4.1.99999.3.1.5.*"       # percent, unless there is a capacity
/// capacity = "1.3.6.1.4.1.99999.3.1.4.*"
/// description = "1.3.6.1.4.1.99999.3.1.2.*" # words say kind and colour; so do `kind` with `types`, `color`, `fixed`
/// serial = "1.3.6.1.4.1.99999.3.1.6.*"
/// states = { "-3" = "some_remaining" }      # numbers that are no level
/// ```
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSupplies {
    /// What it is called, for messages and for people.
    pub name: Text,
    pub level: Option<Text>,
    pub capacity: Option<Text>,
    pub description: Option<Text>,
    pub color: Option<Text>,
    pub serial: Option<Text>,
    pub part_number: Option<Text>,
    pub kind: Option<Text>,
    /// Number in `kind` -> kind of supply.
    #[serde(default)]
    pub types: BTreeMap<Text, Text>,
    /// Said of every row where the device says nothing.
    pub fixed: Option<RawFixed>,
    pub block: Option<Text>,
    pub form: Option<Text>,
    #[serde(default)]
    pub records: Vec<RawRecord>,
    /// Numbers in one percent: 100 where the level is in hundredths.
    pub scale: Option<u32>,
    #[serde(default)]
    pub states: BTreeMap<Text, Text>,
    /// The level of a container is the room left.
    #[serde(default)]
    pub room: bool,
    /// Adds supplies that the standard table does not list.
    #[serde(default)]
    pub adds: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFixed {
    pub kind: Option<Text>,
    pub color: Option<String>,
    pub description: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRecord {
    pub id: u8,
    pub is: RawFixed,
}

/// A vendor's own VLAN table: the id is a column, or else the last arc of the index.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawVlans {
    pub name: Text,
    pub id: Option<Text>,
    /// The forwarding table's id is the row's number shifted left by this many bits.
    pub fdb_shift: Option<Spanned<u32>>,
}

/// A vendor's own neighbour table; the first arc of its index is the local port, unless `local` names a column.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNeighbors {
    pub protocol: Text,
    pub local: Option<Text>,
    pub chassis: Option<Text>,
    pub port: Option<Text>,
    pub port_descr: Option<Text>,
    pub name: Option<Text>,
    pub platform: Option<Text>,
    pub address: Option<Text>,
}
