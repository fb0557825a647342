//! Makers' own supply levels, by named decoder; profiles say which one and where.
//!
//! They refine rows of the standard table that state no number, and stand alone only when there is no such table.

use super::supply_words::Words;
use crate::model::{LevelState, Source, Supply, SupplyKind};
use crate::profile::load::{SupplyDecode, SupplySource};
use crate::profile::text::one_line;
use crate::profile::view::{View, int_of, text_of};

/// What a private place says of one supply.
struct Level {
    kind: SupplyKind,
    color: Option<String>,
    description: String,
    percent: Option<f64>,
    state: LevelState,
}

pub fn apply(words: &Words, view: &View<'_>, place: &SupplySource, supplies: &mut Vec<Supply>) {
    let levels = match place.decode {
        SupplyDecode::BrotherMaintenance => brother(view, place),
        SupplyDecode::RicohLevels => ricoh(words, view, place),
    };
    if supplies.is_empty() {
        supplies.extend(levels.into_iter().enumerate().map(|(n, l)| alone(n + 1, l)));
        return;
    }
    for level in levels {
        let Some(percent) = level.percent else { continue };
        let mut same = supplies.iter_mut().filter(|s| s.kind == level.kind && colors_agree(&s.color, &level.color));
        // Two rows of one kind and colour: which of them is meant is not known.
        if let (Some(supply), None) = (same.next(), same.next())
            && supply.level_state != LevelState::Known
        {
            supply.level_percent = Some(percent);
            supply.level_state = LevelState::Known;
            supply.fill_percent = supply.receptacle.then_some(100.0 - percent);
            supply.source = Source::SnmpPrivate;
        }
    }
}

/// A machine with one toner often does not say its colour.
fn colors_agree(a: &Option<String>, b: &Option<String>) -> bool {
    match (a, b) {
        (Some(x), Some(y)) => x == y,
        (Some(x), None) | (None, Some(x)) => x == "black",
        (None, None) => true,
    }
}

fn alone(number: usize, level: Level) -> Supply {
    let receptacle = level.kind == SupplyKind::Waste;
    Supply {
        index: format!("private.{number}"),
        kind: level.kind,
        color: level.color,
        description: level.description,
        part_number: None,
        serial: None,
        max_capacity: None,
        level: None,
        level_percent: level.percent,
        level_state: level.state,
        receptacle,
        fill_percent: level.percent.filter(|_| receptacle).map(|p| 100.0 - p),
        unit: None,
        source: Source::SnmpPrivate,
    }
}

/// Brother's maintenance block: records of id, 01, length, value; 0xFF ends it. Remaining lives are hundredths of a
/// percent, big-endian.
fn brother(view: &View<'_>, place: &SupplySource) -> Vec<Level> {
    let Some(bytes) = view.get(place.oid.arcs()).and_then(|v| v.as_bytes()) else { return Vec::new() };
    let mut out = Vec::new();
    let mut rest = bytes;
    while let [id, _, len, tail @ ..] = rest {
        let Some((value, next)) = tail.split_at_checked(usize::from(*len)) else { break };
        rest = next;
        if *id == 0xFF {
            break;
        }
        let (kind, color, description) = match id {
            0x6F => (SupplyKind::Toner, Some("black"), "Black Toner Cartridge"),
            0x70 => (SupplyKind::Toner, Some("cyan"), "Cyan Toner Cartridge"),
            0x71 => (SupplyKind::Toner, Some("magenta"), "Magenta Toner Cartridge"),
            0x72 => (SupplyKind::Toner, Some("yellow"), "Yellow Toner Cartridge"),
            0x41 => (SupplyKind::Drum, None, "Drum Unit"),
            0x69 => (SupplyKind::Transfer, None, "Belt Unit"),
            0x6A => (SupplyKind::Fuser, None, "Fuser Unit"),
            _ => continue,
        };
        let Some(number) = big_endian(value).filter(|n| *n <= 10_000) else { continue };
        out.push(Level {
            kind,
            color: color.map(str::to_owned),
            description: description.to_owned(),
            percent: Some(number as f64 / 100.0),
            state: LevelState::Known,
        });
    }
    out
}

fn big_endian(bytes: &[u8]) -> Option<u64> {
    (!bytes.is_empty() && bytes.len() <= 8).then(|| bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
}

/// ricohEngTonerTable: column 2 the colour's name, column 5 the level in percent (-100 nearly empty, -3 some, -2 unknown).
fn ricoh(words: &Words, view: &View<'_>, place: &SupplySource) -> Vec<Level> {
    let column = |n: u32| place.oid.child(&[n]);
    let (names, descriptions, levels) = (column(2), column(3), column(5));
    view.column(levels.arcs())
        .filter_map(|(index, value)| {
            let level = int_of(value)?;
            let text =
                |c: &crate::protocol::snmp::Oid| view.cell(c.arcs(), index).and_then(text_of).map(|t| one_line(&t));
            let name = text(&names).or_else(|| text(&descriptions)).unwrap_or_else(|| "Toner".to_owned());
            let (percent, state) = match level {
                0..=100 => (Some(level as f64), LevelState::Known),
                -3 | -100 => (None, LevelState::SomeRemaining),
                _ => (None, LevelState::Unknown),
            };
            Some(Level {
                kind: words.kind(&name).unwrap_or(SupplyKind::Toner),
                color: words.color(&name),
                description: text(&descriptions).unwrap_or_else(|| name.clone()),
                percent,
                state,
            })
        })
        .collect()
}
