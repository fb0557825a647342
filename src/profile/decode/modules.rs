//! Modules: entPhysicalTable rows with a serial or a model, placeholders left out.

use std::collections::BTreeMap;

use super::entity::{self, Row};
use crate::model::Module;
use crate::profile::mib::Names;

pub fn decode(rows: &BTreeMap<u32, Row>, names: &Names) -> Vec<Module> {
    entity::modules(rows, names)
}
