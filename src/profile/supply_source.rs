//! A maker's own place for supplies, as a profile writes it: columns or single instances, or a block of octets.
//!
//! Only what to ask and what the numbers mean; `decode::vendor_supplies` reads. A new maker's table is TOML
//! (`schema::RawSupplies`); Rust is needed only for a new form of block.

use std::collections::BTreeMap;

use super::schema::{RawFixed, RawSupplies, Text};
use crate::model::{LevelState, SupplyKind};
use crate::protocol::snmp::Oid;

/// One object of a table: a column with one cell a supply, or the one instance of the only supply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub oid: Oid,
    pub column: bool,
}

/// What is known without being told.
#[derive(Debug, Clone, Default)]
pub struct Fixed {
    pub kind: Option<SupplyKind>,
    pub color: Option<String>,
    pub description: Option<String>,
}

/// How a block of octets is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockForm {
    /// Brother's maintenance block: records of id, 01, length and a big-endian number; id 0xFF ends it.
    Brother,
    /// Epson's status block "@BDC ST2": records of type, length and octets after a little-endian length; type 0x0F
    /// holds the inks, each an id, the ink's own code and percent.
    EpsonStatus,
}

/// Supplies in one octet string, told apart by a number.
#[derive(Debug, Clone)]
pub struct Block {
    pub oid: Oid,
    pub form: BlockForm,
    pub records: BTreeMap<u8, Fixed>,
}

/// The columns of a maker's own table of supplies.
#[derive(Debug, Clone)]
pub struct Table {
    pub level: Place,
    /// Without it the level is percent.
    pub capacity: Option<Place>,
    pub description: Option<Place>,
    pub color: Option<Place>,
    pub serial: Option<Place>,
    pub part_number: Option<Place>,
    pub kind: Option<Place>,
    /// What the numbers of `kind` mean.
    pub kinds: BTreeMap<i64, SupplyKind>,
}

impl Table {
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        let optional = [&self.capacity, &self.description, &self.color, &self.serial, &self.part_number, &self.kind];
        std::iter::once(&self.level).chain(optional.into_iter().flatten())
    }
}

#[derive(Debug, Clone)]
pub enum Form {
    Table(Box<Table>),
    Block(Block),
}

/// A maker's own supplies.
#[derive(Debug, Clone)]
pub struct SupplySource {
    pub form: Form,
    pub fixed: Fixed,
    /// Numbers in one percent, or in one of the capacity's units.
    pub scale: u32,
    /// Numbers that are no level.
    pub states: BTreeMap<i64, LevelState>,
    /// The level of a container is the room left; without it such a level is not used, because makers differ.
    pub room: bool,
    /// Supplies the standard table does not list are added to it.
    pub adds: bool,
}

impl SupplySource {
    /// Every object it reads.
    pub fn oids(&self) -> Vec<&Oid> {
        match &self.form {
            Form::Block(block) => vec![&block.oid],
            Form::Table(table) => table.places().map(|p| &p.oid).collect(),
        }
    }

    /// `resolve` turns a name or number into an object, `fail` a mistake into an error with its line.
    pub fn compile<E>(
        raw: &RawSupplies,
        resolve: impl Fn(&Text, &str) -> Result<Oid, E>,
        fail: impl Fn(&Text, String) -> E,
    ) -> Result<Self, E> {
        let place = |text: &Text| -> Result<Place, E> {
            let (name, column) =
                text.get_ref().strip_suffix(".*").map_or((text.get_ref().as_str(), false), |n| (n, true));
            Ok(Place { oid: resolve(text, name)?, column })
        };
        let optional = |text: &Option<Text>| text.as_ref().map(place).transpose();
        let form = match (&raw.level, &raw.block) {
            (Some(level), None) => {
                let mut kinds = BTreeMap::new();
                for (number, name) in &raw.types {
                    kinds.insert(number_of(number, &fail)?, kind_of(name, &fail)?);
                }
                Form::Table(Box::new(Table {
                    level: place(level)?,
                    capacity: optional(&raw.capacity)?,
                    description: optional(&raw.description)?,
                    color: optional(&raw.color)?,
                    serial: optional(&raw.serial)?,
                    part_number: optional(&raw.part_number)?,
                    kind: optional(&raw.kind)?,
                    kinds,
                }))
            }
            (None, Some(block)) => {
                let form = raw.form.as_ref().ok_or_else(|| fail(block, "a block needs its form".into()))?;
                let mut records = BTreeMap::new();
                for record in &raw.records {
                    records.insert(record.id, fixed_of(&record.is, &fail)?);
                }
                Form::Block(Block { oid: resolve(block, block.get_ref())?, form: form_of(form, &fail)?, records })
            }
            _ => {
                let at = raw.level.as_ref().or(raw.block.as_ref()).unwrap_or(&raw.name);
                return Err(fail(at, "say where the supplies are: either level or block".into()));
            }
        };
        let mut states = BTreeMap::new();
        for (number, name) in &raw.states {
            let state = LevelState::parse(name.get_ref()).filter(|s| *s != LevelState::Known).ok_or_else(|| {
                let known: Vec<&str> = LevelState::ALL.iter().map(|s| s.as_str()).filter(|s| *s != "known").collect();
                fail(name, format!("unknown state {:?}; known: {}", name.get_ref(), known.join(", ")))
            })?;
            states.insert(number_of(number, &fail)?, state);
        }
        Ok(SupplySource {
            form,
            fixed: raw.fixed.as_ref().map(|f| fixed_of(f, &fail)).transpose()?.unwrap_or_default(),
            scale: raw.scale.unwrap_or(1).max(1),
            states,
            room: raw.room,
            adds: raw.adds,
        })
    }
}

fn number_of<E>(text: &Text, fail: &impl Fn(&Text, String) -> E) -> Result<i64, E> {
    text.get_ref().parse().map_err(|_| fail(text, format!("{:?} is no number", text.get_ref())))
}

fn kind_of<E>(text: &Text, fail: &impl Fn(&Text, String) -> E) -> Result<SupplyKind, E> {
    SupplyKind::parse(text.get_ref()).ok_or_else(|| {
        let known: Vec<&str> = SupplyKind::ALL.iter().map(|k| k.as_str()).collect();
        fail(text, format!("unknown supply kind {:?}; known: {}", text.get_ref(), known.join(", ")))
    })
}

fn fixed_of<E>(raw: &RawFixed, fail: &impl Fn(&Text, String) -> E) -> Result<Fixed, E> {
    Ok(Fixed {
        kind: raw.kind.as_ref().map(|k| kind_of(k, fail)).transpose()?,
        color: raw.color.clone(),
        description: raw.description.clone(),
    })
}

fn form_of<E>(text: &Text, fail: &impl Fn(&Text, String) -> E) -> Result<BlockForm, E> {
    match text.get_ref().as_str() {
        "brother" => Ok(BlockForm::Brother),
        "epson-status" => Ok(BlockForm::EpsonStatus),
        other => Err(fail(text, format!("unknown form of block {other:?}; known: brother, epson-status"))),
    }
}
