//! Makers' own supply levels: reads what a profile's `[[profile.supplies]]` names, and betters the standard rows by it.
//!
//! A number beats "some is left", a fine gauge beats one of a few steps, a serial or part number fills an empty field.
//! Nothing is guessed: where two rows are alike, neither is touched. Rows stand alone only where there is no standard
//! table, or where the profile says that the maker lists more.

use super::supplies::is_colored;
use super::supply_words::Words;
use crate::model::{LevelState, Source, Supply, SupplyKind};
use crate::profile::supply_source::{Block, BlockForm, Fixed, Form, Place, SupplySource, Table};
use crate::profile::text::one_line;
use crate::profile::view::{View, int_of, text_of};

/// Steps of a gauge that a finer one is worth more than.
const COARSE: i64 = 20;
/// Rows of one table: more are no supplies.
const MOST: usize = 64;

/// What a maker's place says of one supply.
struct Row {
    /// Tells rows of one device apart, the same at every reading.
    key: String,
    kind: SupplyKind,
    color: Option<String>,
    description: String,
    serial: Option<String>,
    part_number: Option<String>,
    level: i64,
    capacity: i64,
    percent: Option<f64>,
    state: LevelState,
}

pub fn apply(words: &Words, view: &View<'_>, source: &SupplySource, supplies: &mut Vec<Supply>) {
    let rows = match &source.form {
        Form::Block(block) => block_rows(view, source, block),
        Form::Table(table) => table_rows(words, view, source, table),
    };
    let alone = supplies.is_empty();
    let partners: Vec<Option<usize>> = rows.iter().map(|row| counterpart(row, &rows, supplies)).collect();
    for (row, partner) in rows.into_iter().zip(partners) {
        match partner {
            Some(at) => better(&mut supplies[at], row),
            None if alone || source.adds && !supplies.iter().any(|s| is_same(s, &row)) => {
                supplies.push(of_its_own(row))
            }
            None => {}
        }
    }
}

fn is_same(supply: &Supply, row: &Row) -> bool {
    supply.kind == row.kind && colors_agree(&supply.color, &row.color)
}

/// The standard row a maker's row speaks of: the only one of its kind and colour on both sides, or of its name.
fn counterpart(row: &Row, rows: &[Row], supplies: &[Supply]) -> Option<usize> {
    let only = |fits: &dyn Fn(&Supply) -> bool| {
        let mut found = supplies.iter().enumerate().filter(|(_, s)| fits(s)).map(|(at, _)| at);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    };
    let alike = |r: &&Row| r.kind == row.kind && r.color == row.color;
    if row.kind != SupplyKind::Other
        && rows.iter().filter(alike).count() == 1
        && let Some(at) = only(&|s| is_same(s, row))
    {
        return Some(at);
    }
    let name = row.description.to_lowercase();
    if rows.iter().filter(|r| r.description.to_lowercase() == name).count() == 1 {
        return only(&|s| s.kind == row.kind && s.description.to_lowercase() == name);
    }
    None
}

/// A machine with one toner often does not say its colour.
fn colors_agree(a: &Option<String>, b: &Option<String>) -> bool {
    match (a, b) {
        (Some(x), Some(y)) => x == y,
        (Some(x), None) | (None, Some(x)) => x == "black",
        (None, None) => true,
    }
}

fn better(supply: &mut Supply, row: Row) {
    supply.serial = supply.serial.take().or(row.serial);
    supply.part_number = supply.part_number.take().or(row.part_number);
    let rank = |state: LevelState| match state {
        LevelState::Known => 2,
        LevelState::SomeRemaining | LevelState::SomeSpaceLeft => 1,
        _ => 0,
    };
    let finer = supply.max_capacity.is_some_and(|c| (1..=COARSE).contains(&c)) && row.capacity > COARSE;
    let more = rank(row.state) > rank(supply.level_state);
    if more || finer && row.state == LevelState::Known {
        supply.level_percent = row.percent;
        supply.level_state = row.state;
        supply.fill_percent = row.percent.filter(|_| supply.receptacle).map(|p| 100.0 - p);
        supply.source = Source::SnmpPrivate;
        if row.state == LevelState::Known {
            supply.level = Some(row.level);
            supply.max_capacity = Some(row.capacity);
            supply.unit = None;
        }
    }
}

fn of_its_own(row: Row) -> Supply {
    let receptacle = row.kind == SupplyKind::Waste;
    let known = row.state == LevelState::Known;
    Supply {
        index: format!("private.{}", row.key),
        kind: row.kind,
        color: row.color.filter(|_| is_colored(row.kind)),
        description: row.description,
        part_number: row.part_number,
        serial: row.serial,
        max_capacity: known.then_some(row.capacity),
        level: known.then_some(row.level),
        level_percent: row.percent,
        level_state: row.state,
        receptacle,
        fill_percent: row.percent.filter(|_| receptacle).map(|p| 100.0 - p),
        unit: None,
        source: Source::SnmpPrivate,
    }
}

/// A number as a level, in the source's words for numbers that are none.
fn level(source: &SupplySource, kind: SupplyKind, number: i64, capacity: i64) -> (Option<f64>, LevelState) {
    if let Some(state) = source.states.get(&number) {
        return (None, *state);
    }
    if kind == SupplyKind::Waste && !source.room || number < 0 || capacity <= 0 || number > capacity {
        return (None, LevelState::Unknown);
    }
    let percent = number as f64 * 100.0 / capacity as f64;
    (Some((percent * 10.0).round() / 10.0), LevelState::Known)
}

fn table_rows(words: &Words, view: &View<'_>, source: &SupplySource, table: &Table) -> Vec<Row> {
    let indexes: Vec<&[u32]> = match table.level.column {
        true => view.column(table.level.oid.arcs()).map(|(index, _)| index).take(MOST).collect(),
        false if view.get(table.level.oid.arcs()).is_some() => vec![&[]],
        false => Vec::new(),
    };
    indexes.into_iter().filter_map(|index| table_row(words, view, source, table, index)).collect()
}

fn table_row(words: &Words, view: &View<'_>, source: &SupplySource, table: &Table, index: &[u32]) -> Option<Row> {
    let cell = |place: &Place| match place.column {
        true => view.cell(place.oid.arcs(), index),
        false => view.get(place.oid.arcs()),
    };
    let text = |place: &Option<Place>| {
        let text = place.as_ref().and_then(cell).and_then(text_of).map(|t| one_line(&t));
        text.filter(|t| !super::identity::is_placeholder(t))
    };
    let number = int_of(cell(&table.level)?)?;
    let said = text(&table.description).or_else(|| text(&table.color));
    let described = said.clone().or_else(|| source.fixed.description.clone()).unwrap_or_default();
    let typed = table.kind.as_ref().and_then(cell).and_then(int_of).and_then(|n| table.kinds.get(&n)).copied();
    let kind = typed.or_else(|| words.kind(&described)).or(source.fixed.kind).unwrap_or(SupplyKind::Other);
    let color = text(&table.color)
        .and_then(|c| words.color(&c))
        .or_else(|| words.color(&described))
        .or_else(|| source.fixed.color.clone())
        .filter(|_| is_colored(kind));
    let capacity = match &table.capacity {
        Some(place) => cell(place).and_then(int_of).unwrap_or(0),
        None => 100 * i64::from(source.scale),
    };
    let (percent, state) = level(source, kind, number, capacity);
    let key = if index.is_empty() { table.level.oid.arcs() } else { index };
    let key = key.get(key.len().saturating_sub(3)..).unwrap_or(key);
    Some(Row {
        key: key.iter().map(u32::to_string).collect::<Vec<_>>().join("."),
        kind,
        color,
        description: words.plain(&described),
        serial: text(&table.serial).or_else(|| words.serial(&described)),
        part_number: text(&table.part_number).or_else(|| words.part_number(&described)),
        level: number,
        capacity,
        percent,
        state,
    })
}

fn block_rows(view: &View<'_>, source: &SupplySource, block: &Block) -> Vec<Row> {
    let Some(bytes) = view.get(block.oid.arcs()).and_then(|v| v.as_bytes()) else { return Vec::new() };
    let records = match block.form {
        BlockForm::Brother => brother(bytes),
        BlockForm::EpsonStatus => epson(bytes),
    };
    let capacity = 100 * i64::from(source.scale);
    let row = |(id, number): (u8, i64)| {
        let Fixed { kind, color, description } = block.records.get(&id)?.clone();
        let kind = kind.or(source.fixed.kind).unwrap_or(SupplyKind::Other);
        let (percent, state) = level(source, kind, number, capacity);
        let description = description.or_else(|| source.fixed.description.clone()).unwrap_or_default();
        let (serial, part_number) = (None, None);
        let key = id.to_string();
        Some(Row { key, kind, color, description, serial, part_number, level: number, capacity, percent, state })
    };
    let mut rows: Vec<Row> = Vec::new();
    for found in records.into_iter().filter_map(row) {
        if rows.iter().all(|r| r.key != found.key) {
            rows.push(found);
        }
    }
    rows
}

fn brother(bytes: &[u8]) -> Vec<(u8, i64)> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let [id, _, len, tail @ ..] = rest {
        let Some((value, next)) = tail.split_at_checked(usize::from(*len)) else { break };
        rest = next;
        if *id == 0xFF {
            break;
        }
        let number = value.iter().fold(0i64, |n, b| n << 8 | i64::from(*b));
        if (1..=7).contains(&value.len()) {
            out.push((*id, number));
        }
    }
    out
}

fn epson(bytes: &[u8]) -> Vec<(u8, i64)> {
    const HEADER: &[u8] = b"@BDC ST2\r\n";
    const INKS: u8 = 0x0F;
    let start = bytes.windows(HEADER.len()).take(4).position(|w| w == HEADER);
    // Two octets of length, which the end of the octets says as well.
    let Some(mut rest) = start.and_then(|at| bytes.get(at + HEADER.len() + 2..)) else { return Vec::new() };
    while let [id, len, tail @ ..] = rest {
        let Some((value, next)) = tail.split_at_checked(usize::from(*len)) else { break };
        rest = next;
        if let (INKS, [size, inks @ ..]) = (*id, value) {
            let size = usize::from(*size).max(3);
            let percent = |ink: &[u8]| Some((*ink.first()?, i64::from(*ink.get(2)?)));
            return inks.chunks_exact(size).filter_map(percent).collect();
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_cut_where_they_are_broken() {
        assert_eq!(brother(&[0x6F, 1, 4, 0, 0, 0x0F, 0xA0, 0xFF]), [(0x6F, 4000)]);
        assert_eq!(brother(&[0x6F, 1, 9, 0]), []);
        assert_eq!(brother(&[0x6F, 1, 0, 0x70, 1, 1, 7]), [(0x70, 7)]);
        let st2 = [b"@BDC ST2\r\n".as_slice(), &[13, 0, 1, 1, 4, 0x0F, 9, 4, 1, 0, 61, 50, 3, 1, 7, 50]].concat();
        assert_eq!(epson(&st2), [(1, 61), (3, 7)]);
        assert_eq!(epson(&[&[0], st2.as_slice()].concat()), [(1, 61), (3, 7)]);
        assert_eq!(epson(&st2[..st2.len() - 1]), []);
        assert_eq!(epson(b"@BDC ST2\r\n"), []);
    }
}
