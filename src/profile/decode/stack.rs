//! Members of a stack: the chassis of ENTITY-MIB (RFC 6933), with the roles a maker's own table gives them.
//!
//! One switch alone is no stack, whatever its tables are called.

use std::collections::BTreeMap;

use super::entity::{self, Row};
use super::identity::plausible_serial;
use crate::model::StackMember;
use crate::profile::load::Profile;
use crate::profile::places::StackPlace;
use crate::profile::text::{mac, one_line};
use crate::profile::view::{View, int_of, text_of};
use crate::protocol::snmp::Oid;

pub fn decode(view: &View<'_>, profile: Option<&Profile>, rows: &BTreeMap<u32, Row>) -> Vec<StackMember> {
    let mut members = chassis(rows);
    for place in profile.into_iter().flat_map(|p| &p.stack) {
        told(view, place, &mut members);
    }
    if members.len() < 2 {
        return Vec::new();
    }
    members.sort_by_key(|m| (m.number.unwrap_or(u32::MAX), m.entity));
    members
}

/// Chassis that say who they are and are not inside another one.
fn chassis(rows: &BTreeMap<u32, Row>) -> Vec<StackMember> {
    let is_chassis = |r: &&Row| r.class == Some(entity::CHASSIS) && r.serial.as_deref().is_some_and(plausible_serial);
    let inside = |r: &Row| {
        let parent = r.contained_in.and_then(|p| rows.get(&u32::try_from(p).ok()?));
        parent.is_some_and(|p| p.class == Some(entity::CHASSIS))
    };
    let mut members: Vec<StackMember> = Vec::new();
    for row in rows.values().filter(is_chassis).filter(|r| !inside(r)) {
        // One chassis in two rows is one member.
        if members.iter().any(|m| m.serial == row.serial) {
            continue;
        }
        members.push(StackMember {
            number: row.name.as_deref().and_then(number_in),
            entity: Some(row.index),
            model: row.model.clone(),
            serial: row.serial.clone(),
            firmware: row.software.clone().or_else(|| row.firmware.clone()),
            ..StackMember::default()
        });
    }
    members
}

/// "Switch 2", "Unit: 2", "2".
fn number_in(name: &str) -> Option<u32> {
    let mut numbers = name.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty());
    match (numbers.next(), numbers.next()) {
        (Some(one), None) => one.parse().ok().filter(|n| *n < 100),
        _ => None,
    }
}

/// What a maker's table says of members; those it alone knows are added.
fn told(view: &View<'_>, place: &StackPlace, members: &mut Vec<StackMember>) {
    let mut found: BTreeMap<u32, StackMember> = BTreeMap::new();
    for column in place.columns() {
        for (index, _) in view.column(column.arcs()) {
            if let [i] = index {
                found.entry(*i).or_default();
            }
        }
    }
    for (index, mut new) in found {
        let cell = |column: &Option<Oid>| view.cell(column.as_ref()?.arcs(), &[index]);
        let number = |column: &Option<Oid>| cell(column).and_then(int_of).and_then(|n| u32::try_from(n).ok());
        let text =
            |column: &Option<Oid>| cell(column).and_then(text_of).map(|t| one_line(&t)).filter(|t| !t.is_empty());
        let word =
            |column: &Option<Oid>, words: &[String]| words.get((number(column)? as usize).checked_sub(1)?).cloned();
        new.number = number(&place.number).or((!place.entity).then_some(index));
        new.entity = place.entity.then_some(index);
        new.role = word(&place.role, &place.roles);
        new.state = word(&place.state, &place.states);
        new.priority = number(&place.priority);
        new.mac = cell(&place.mac).and_then(|v| mac(v.as_bytes()?));
        new.serial = text(&place.serial);
        new.firmware = text(&place.firmware);
        let same = |m: &&mut StackMember| match place.entity {
            true => m.entity == new.entity,
            false => m.number == new.number || m.serial.is_some() && m.serial == new.serial,
        };
        match members.iter_mut().find(same) {
            Some(known) => complete(known, new),
            // A row of a table that only repeats the index is nobody.
            None if new.serial.is_some() || new.role.is_some() => members.push(new),
            None => {}
        }
    }
}

fn complete(known: &mut StackMember, told: StackMember) {
    known.number = told.number.or(known.number);
    known.role = told.role.or(known.role.take());
    known.state = told.state.or(known.state.take());
    known.priority = told.priority.or(known.priority);
    known.mac = told.mac.or(known.mac.take());
    known.serial = known.serial.take().or(told.serial);
    known.firmware = known.firmware.take().or(told.firmware);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names() {
        assert_eq!(number_in("Switch 2"), Some(2));
        assert_eq!(number_in("2"), Some(2));
        assert_eq!(number_in("WS-C3850-24P"), None);
        assert_eq!(number_in("Chassis"), None);
        assert_eq!(number_in("Chassis 99999999999"), None);
    }
}
