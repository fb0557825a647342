//! The first visible sheet of a workbook, cell by cell: a lone cell a million rows below costs nothing.
//!
//! What unpacks to too much is refused by its own directory before anything is unpacked.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetVisible, Xlsx, open_workbook_from_rs};

use super::{Cell, MAX_COLUMNS, MAX_ROWS, Row, TableError};

/// Rows above the header and empty rows between, besides `MAX_ROWS` of the table.
const SLACK: usize = 64;
/// Most that all parts of a workbook may unpack to, MB.
const MAX_UNPACKED_MB: u64 = 200;

pub fn rows(bytes: &[u8]) -> Result<Vec<Row>, TableError> {
    if unpacked(bytes) > MAX_UNPACKED_MB << 20 {
        return Err(TableError::TooLarge(MAX_UNPACKED_MB));
    }
    // The reader is not ours: should it panic on a damaged file, that is the file's fault.
    catch_unwind(AssertUnwindSafe(|| read(bytes)))
        .unwrap_or_else(|_| Err(TableError::Damaged("its parts contradict each other".to_owned())))
}

fn damaged(e: calamine::XlsxError) -> TableError {
    TableError::Damaged(e.to_string())
}

fn read(bytes: &[u8]) -> Result<Vec<Row>, TableError> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(damaged)?;
    let visible = book.sheets_metadata().iter().find(|s| s.visible == SheetVisible::Visible).map(|s| s.name.clone());
    let sheet = visible.or_else(|| book.sheet_names().first().cloned()).ok_or(TableError::Empty)?;
    let mut reader = book.worksheet_cells_reader(&sheet).map_err(damaged)?;
    let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
    while let Some(found) = reader.next_cell_with_formula().map_err(damaged)? {
        let (row, column) = (found.pos.0, found.pos.1 as usize);
        let cell = cell(&found.value, found.formula);
        if cell == Cell::Empty || column >= MAX_COLUMNS {
            continue;
        }
        let cells = rows.entry(row).or_default();
        if cells.len() <= column {
            cells.resize(column + 1, Cell::Empty);
        }
        cells[column] = cell;
        if rows.len() > MAX_ROWS + SLACK {
            return Err(TableError::TooLong);
        }
    }
    Ok(rows.into_iter().map(|(at, cells)| Row { number: at.saturating_add(1), cells }).collect())
}

fn cell(value: &DataRef<'_>, formula: Option<String>) -> Cell {
    let cell = match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(s) => Cell::text(s),
        DataRef::SharedString(s) => Cell::text(s),
        DataRef::Int(n) => Cell::Number(*n as f64),
        DataRef::Float(n) if n.is_finite() => Cell::Number(*n),
        DataRef::Float(_) => Cell::Empty,
        DataRef::Bool(b) => Cell::Text(if *b { "1" } else { "0" }.to_owned()),
        DataRef::DateTime(d) => Cell::Number(d.as_f64()),
        DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => Cell::text(s),
        DataRef::Error(e) => Cell::Error(e.to_string()),
    };
    // An empty text is a result; no result at all is none.
    match (cell, formula) {
        (Cell::Empty, Some(f)) if *value == DataRef::Empty => Cell::Formula(f.chars().take(200).collect()),
        (cell, _) => cell,
    }
}

/// Sum of the sizes that the archive's central directory announces (PKWARE APPNOTE 4.3.12), in bytes.
fn unpacked(bytes: &[u8]) -> u64 {
    const SIGNATURE: [u8; 4] = *b"PK\x01\x02";
    let mut sum = 0u64;
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.windows(4).position(|w| w == SIGNATURE)) {
        let entry = at + found;
        let size = bytes.get(entry + 24..entry + 28).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
        sum += u64::from(size);
        at = entry + 4;
    }
    sum
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{Formula, Workbook};

    use super::*;

    fn book(fill: impl Fn(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
        let mut book = Workbook::new();
        fill(book.add_worksheet());
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn values_formulas_and_far_cells() {
        let bytes = book(|s| {
            s.write_string(1, 0, " текст ").unwrap();
            s.write_number(1, 1, 1170.0).unwrap();
            s.write_formula(1, 2, Formula::new("B2*2").set_result("2340")).unwrap();
            s.set_formula_result_default("");
            s.write_formula(1, 3, Formula::new("IF(1,\"\")")).unwrap();
            s.write_formula(1, 4, Formula::new("1/0").set_result("#DIV/0!")).unwrap();
            s.write_string(1_048_575, 16_383, "далеко").unwrap();
            s.write_string(1_048_575, 0, "внизу").unwrap();
        });
        let rows = rows(&bytes).unwrap();
        assert_eq!(rows.iter().map(|r| r.number).collect::<Vec<_>>(), [2, 1_048_576]);
        assert_eq!(rows[0].cells[..3], [Cell::Text("текст".into()), Cell::Number(1170.0), Cell::Number(2340.0)]);
        assert_eq!(rows[0].cells[3], Cell::Empty, "calculated to nothing");
        assert_eq!(rows[0].cells[4], Cell::Error("#DIV/0!".into()));
        assert_eq!(rows[1].cells, [Cell::Text("внизу".into())]);
    }

    #[test]
    fn a_bomb_and_a_cut_file_are_refused() {
        let whole = book(|s| drop(s.write_string(0, 0, "x").map(|_| ())));
        let mut bomb = whole.clone();
        let at = bomb.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        bomb[at + 24..at + 28].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(rows(&bomb), Err(TableError::TooLarge(MAX_UNPACKED_MB)));
        assert!(matches!(rows(&whole[..whole.len() / 2]), Err(TableError::Damaged(_))));
    }
}
