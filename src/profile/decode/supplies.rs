//! Supplies: prtMarkerSuppliesTable (RFC 3805), colours, numbers out of descriptions, levels as states.
//!
//! A level is never invented: -3 is "some", -2 is unknown, -1 has no limit, a number without a capacity is no percent.
//! A receptacle's level is the room left. A maker's own place wins where it says more (`vendor_supplies`).

use std::collections::BTreeSet;

use super::vendor_supplies;
use crate::model::{LevelState, Source, Supply, SupplyKind};
use crate::profile::load::{Data, Profile};
use crate::profile::oids;
use crate::profile::snapshot::Snapshot;
use crate::profile::text::one_line;
use crate::profile::view::View;

/// prtMarkerSuppliesClass receptacleThatIsFilled.
const RECEPTACLE: i64 = 4;

/// The context that holds the printer's tables: the main one, else the first that has supplies.
pub fn printer_view<'a>(snap: &'a Snapshot) -> View<'a> {
    let has = |v: &View<'_>| v.has(oids::PRT_MARKER_SUPPLIES_LEVEL) || v.has(oids::PRT_MARKER_SUPPLIES_DESCRIPTION);
    let main = View::new(&snap.main);
    if has(&main) {
        return main;
    }
    snap.contexts.values().map(View::new).find(has).unwrap_or(main)
}

pub fn decode(data: &Data, snap: &Snapshot, profile: Option<&Profile>) -> Vec<Supply> {
    let view = printer_view(snap);
    let mut supplies: Vec<Supply> = indexes(&view).into_iter().map(|index| row(data, &view, index)).collect();
    let main = View::new(&snap.main);
    for place in profile.into_iter().flat_map(|p| &p.supplies) {
        vendor_supplies::apply(&data.words, &main, place, &mut supplies);
    }
    supplies
}

fn indexes<'a>(view: &View<'a>) -> BTreeSet<&'a [u32]> {
    [
        oids::PRT_MARKER_SUPPLIES_DESCRIPTION,
        oids::PRT_MARKER_SUPPLIES_LEVEL,
        oids::PRT_MARKER_SUPPLIES_MAX_CAPACITY,
        oids::PRT_MARKER_SUPPLIES_TYPE,
    ]
    .iter()
    .flat_map(|column| view.column(column))
    // A column of NULLs is a column that is not there.
    .filter(|(_, value)| !matches!(value, crate::protocol::snmp::Value::Null))
    .map(|(index, _)| index)
    .collect()
}

fn row(data: &Data, view: &View<'_>, index: &[u32]) -> Supply {
    let int = |column: &[u32]| view.int(column, index);
    let described = view.text(oids::PRT_MARKER_SUPPLIES_DESCRIPTION, index).map(|t| one_line(&t)).unwrap_or_default();
    let words = &data.words;
    let class = int(oids::PRT_MARKER_SUPPLIES_CLASS);
    let kind = kind(int(oids::PRT_MARKER_SUPPLIES_TYPE), class, words.kind(&described));
    let receptacle = kind == SupplyKind::Waste || class == Some(RECEPTACLE);
    let max_capacity = int(oids::PRT_MARKER_SUPPLIES_MAX_CAPACITY);
    let level = int(oids::PRT_MARKER_SUPPLIES_LEVEL);
    let unit = int(oids::PRT_MARKER_SUPPLIES_SUPPLY_UNIT)
        .and_then(|u| data.names.label("prtMarkerSuppliesSupplyUnit", u))
        .map(str::to_owned);
    let (level_percent, level_state) = level_of(level, max_capacity, unit.as_deref() == Some("percent"), receptacle);
    let colored = is_colored(kind);
    let color = words.color(&described).or_else(|| colorant(data, view, index)).filter(|_| colored);
    Supply {
        index: index.iter().map(u32::to_string).collect::<Vec<_>>().join("."),
        kind,
        color,
        part_number: words.part_number(&described),
        serial: words.serial(&described),
        description: words.plain(&described),
        max_capacity,
        level,
        level_percent,
        level_state,
        receptacle,
        fill_percent: level_percent.filter(|_| receptacle).map(|p| 100.0 - p),
        unit,
        source: Source::Snmp,
    }
}

/// Only these have a colour of their own.
pub fn is_colored(kind: SupplyKind) -> bool {
    use SupplyKind as K;
    matches!(kind, K::Toner | K::Ink | K::Drum | K::Developer | K::Ribbon | K::Other)
}

/// The type where it says something; the description where it does not, or where both cannot be true.
fn kind(supply_type: Option<i64>, class: Option<i64>, described: Option<SupplyKind>) -> SupplyKind {
    let typed = match supply_type {
        Some(3 | 21 | 35) => Some(SupplyKind::Toner),
        Some(4 | 8 | 14 | 24 | 26) => Some(SupplyKind::Waste),
        Some(5 | 6 | 12 | 36) => Some(SupplyKind::Ink),
        Some(7 | 13) => Some(SupplyKind::Ribbon),
        Some(9) => Some(SupplyKind::Drum),
        Some(10) => Some(SupplyKind::Developer),
        Some(11 | 15 | 17 | 19 | 22) => Some(SupplyKind::Fuser),
        Some(18) => Some(SupplyKind::Cleaner),
        Some(20) => Some(SupplyKind::Transfer),
        Some(32) => Some(SupplyKind::Staples),
        _ => None,
    };
    match (typed, described) {
        // "Waste toner" sent as toner: a container, by class or by words.
        (Some(SupplyKind::Toner | SupplyKind::Ink), Some(SupplyKind::Waste)) => SupplyKind::Waste,
        (Some(SupplyKind::Toner | SupplyKind::Ink), _) if class == Some(RECEPTACLE) => SupplyKind::Waste,
        (Some(k), _) => k,
        (None, Some(k)) => k,
        (None, None) if class == Some(RECEPTACLE) => SupplyKind::Waste,
        (None, None) => SupplyKind::Other,
    }
}

/// RFC 3805 prtMarkerSuppliesLevel against prtMarkerSuppliesMaxCapacity. Percent is exact to a tenth.
pub fn level_of(
    level: Option<i64>,
    capacity: Option<i64>,
    unit_is_percent: bool,
    receptacle: bool,
) -> (Option<f64>, LevelState) {
    match (level, capacity) {
        (Some(-3), _) if receptacle => (None, LevelState::SomeSpaceLeft),
        (Some(-3), _) => (None, LevelState::SomeRemaining),
        (Some(-1), _) => (None, LevelState::NoRestriction),
        (Some(l), Some(c)) if l >= 0 && c > 0 => (Some(share(l, c)), LevelState::Known),
        (Some(l), _) if (0..=100).contains(&l) && unit_is_percent => (Some(share(l, 100)), LevelState::Known),
        (Some(l), _) if l >= 0 => (None, LevelState::LevelWithoutCapacity),
        _ => (None, LevelState::Unknown),
    }
}

fn share(level: i64, capacity: i64) -> f64 {
    let percent = level as f64 * 100.0 / capacity as f64;
    ((percent * 10.0).round() / 10.0).clamp(0.0, 100.0)
}

/// The colorant table's word for it, in the words we use.
fn colorant(data: &Data, view: &View<'_>, index: &[u32]) -> Option<String> {
    let number = u32::try_from(view.int(oids::PRT_MARKER_SUPPLIES_COLORANT_INDEX, index)?).ok().filter(|n| *n > 0)?;
    let device = *index.first()?;
    let value = view.text(oids::PRT_MARKER_COLORANT_VALUE, &[device, number])?;
    data.words.color(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_states_before_they_are_numbers() {
        assert_eq!(level_of(Some(-3), Some(-2), false, false), (None, LevelState::SomeRemaining));
        assert_eq!(level_of(Some(-3), Some(-2), false, true), (None, LevelState::SomeSpaceLeft));
        assert_eq!(level_of(Some(-2), Some(100), false, false), (None, LevelState::Unknown));
        assert_eq!(level_of(Some(-1), Some(-1), false, false), (None, LevelState::NoRestriction));
        assert_eq!(level_of(Some(0), Some(-2), false, false), (None, LevelState::LevelWithoutCapacity));
        assert_eq!(level_of(Some(40), Some(-2), true, false), (Some(40.0), LevelState::Known));
        assert_eq!(level_of(Some(17208), Some(25000), false, false), (Some(68.8), LevelState::Known));
        assert_eq!(level_of(None, Some(100), false, false), (None, LevelState::Unknown));
        assert_eq!(level_of(Some(i64::MAX), Some(1), false, false).0, Some(100.0));
    }

    #[test]
    fn kind_by_type_else_by_words() {
        assert_eq!(kind(Some(9), None, None), SupplyKind::Drum);
        assert_eq!(kind(Some(1), None, Some(SupplyKind::Roller)), SupplyKind::Roller);
        assert_eq!(kind(Some(3), None, Some(SupplyKind::Waste)), SupplyKind::Waste);
        assert_eq!(kind(None, Some(RECEPTACLE), None), SupplyKind::Waste);
        assert_eq!(kind(Some(15), None, Some(SupplyKind::Roller)), SupplyKind::Fuser);
    }
}
