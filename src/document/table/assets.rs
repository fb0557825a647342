//! A table of assets: columns found by name in any order, cells brought to their plain form; and the other way: the
//! assets as a workbook that reads back the same.

use jiff::civil::Date;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};

use super::super::Language;
use super::{Cell, HeaderError, MAX_ROWS, Row, TableError, number, readings, words::normal};
use crate::model::{AssetFault, AssetField, AssetKind, AssetRow, AssetState, KeptAsset, WarrantyKind};

/// Rows in which the header is looked for.
const HEADER_WITHIN: usize = 20;
/// Days of a spreadsheet that count as dates: 1927 to 2118.
const SERIAL_DAYS: std::ops::Range<f64> = 10_000.0..80_000.0;

type Names<T> = (T, &'static [&'static str], &'static [&'static str]);

/// Names a column may have; the first of each language is ours.
const COLUMNS: [Names<AssetField>; 18] = [
    (AssetField::Inventory, &["инвентарный номер", "инв номер", "инвентарный"], &["inventory number", "asset tag"]),
    (AssetField::Kind, &["вид", "тип", "вид техники"], &["kind", "type"]),
    (AssetField::Vendor, &["производитель", "марка", "бренд"], &["maker", "manufacturer", "vendor"]),
    (AssetField::Model, &["модель", "наименование"], &["model", "name"]),
    (AssetField::Serial, &["серийный номер", "заводской номер"], &["serial number", "serial"]),
    (AssetField::State, &["состояние", "статус"], &["state", "status"]),
    (AssetField::Site, &["филиал", "подразделение"], &["branch", "site"]),
    (AssetField::Place, &["место", "кабинет", "помещение"], &["place", "room", "location"]),
    (AssetField::Store, &["склад"], &["store"]),
    (AssetField::Custodian, &["ответственный", "мол", "материально ответственное лицо"], &["custodian", "owner"]),
    (AssetField::BoughtOn, &["дата покупки", "дата приобретения"], &["bought on", "purchase date"]),
    (AssetField::Price, &["цена", "стоимость", "первоначальная стоимость"], &["price", "cost"]),
    (AssetField::Supplier, &["поставщик"], &["supplier"]),
    (AssetField::Document, &["документ", "накладная", "упд"], &["document", "invoice"]),
    (AssetField::WarrantyUntil, &["гарантия до", "окончание гарантии"], &["warranty until", "warranty end"]),
    (AssetField::WarrantyKind, &["вид гарантии"], &["warranty kind", "warranty type"]),
    (AssetField::Centre, &["сервисный центр", "асц"], &["service centre", "service center"]),
    (AssetField::Note, &["примечание", "комментарий"], &["note", "comment"]),
];

const KINDS: [Names<AssetKind>; 16] = [
    (AssetKind::Printer, &["принтер"], &["printer"]),
    (AssetKind::Mfp, &["мфу"], &["mfp"]),
    (AssetKind::Scanner, &["сканер"], &["scanner"]),
    (AssetKind::Copier, &["копир", "ксерокс"], &["copier"]),
    (AssetKind::Fax, &["факс"], &["fax"]),
    (AssetKind::Computer, &["компьютер", "пк", "системный блок"], &["computer", "pc"]),
    (AssetKind::Laptop, &["ноутбук"], &["laptop", "notebook"]),
    (AssetKind::Monitor, &["монитор"], &["monitor"]),
    (AssetKind::Keyboard, &["клавиатура"], &["keyboard"]),
    (AssetKind::Mouse, &["мышь"], &["mouse"]),
    (AssetKind::Phone, &["телефон"], &["phone"]),
    (AssetKind::Ups, &["ибп"], &["ups"]),
    (AssetKind::Switch, &["коммутатор", "свитч"], &["switch"]),
    (AssetKind::Server, &["сервер"], &["server"]),
    (AssetKind::Projector, &["проектор"], &["projector"]),
    (AssetKind::Other, &["другое", "прочее"], &["other"]),
];

const STATES: [Names<AssetState>; 5] = [
    (AssetState::InUse, &["используется", "в работе", "в эксплуатации"], &["in use"]),
    (AssetState::InStock, &["на складе"], &["in stock"]),
    (AssetState::InRepair, &["в ремонте"], &["in repair"]),
    (AssetState::OnLoan, &["подменный", "на подмене"], &["on loan"]),
    (AssetState::WrittenOff, &["списано", "списан"], &["written off"]),
];

const WARRANTIES: [Names<WarrantyKind>; 2] = [
    (WarrantyKind::CarryIn, &["в сервис центре", "отвозим сами"], &["carry in"]),
    (WarrantyKind::OnSite, &["с выездом", "выезд"], &["on site"]),
];

fn find<T: Copy>(table: &[Names<T>], word: &str) -> Option<T> {
    let word = normal(word);
    let is = |names: &[&str]| names.iter().any(|n| normal(n) == word);
    table.iter().find(|(_, ru, en)| is(ru) || is(en)).map(|(t, ..)| *t)
}

fn ours<T: Copy + PartialEq>(table: &[Names<T>], value: T, language: Language) -> String {
    let found = table.iter().find(|(t, ..)| *t == value);
    found.map_or_else(String::new, |(_, ru, en)| (if language == Language::Ru { ru[0] } else { en[0] }).to_owned())
}

/// A table as read.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetTable {
    /// Columns left out.
    pub ignored: Vec<String>,
    pub rows: Vec<AssetRow>,
}

/// Reads a file; what is wrong in a row is in the row, what is wrong with the file is the error.
pub fn read(bytes: &[u8]) -> Result<AssetTable, TableError> {
    let mut best: Option<(usize, usize, Vec<Row>)> = None;
    for rows in readings(bytes)? {
        for (at, row) in rows.iter().enumerate().take(HEADER_WITHIN) {
            let known = row.cells.iter().filter(|c| column(&c.shown()).is_some()).count();
            if best.as_ref().is_none_or(|(most, ..)| known > *most) {
                best = Some((known, at, rows.clone()));
            }
        }
    }
    let (_, at, rows) = best.ok_or(TableError::Empty)?;
    let (columns, ignored) = header(&rows[at])?;
    let body = &rows[at + 1..];
    if body.len() > MAX_ROWS {
        return Err(TableError::TooLong);
    }
    let rows = body.iter().map(|r| row(r, &columns)).filter(|r| !r.cells.is_empty() || !r.faults.is_empty());
    Ok(AssetTable { ignored, rows: rows.collect() })
}

/// "Цена, руб." is the price too.
fn column(word: &str) -> Option<AssetField> {
    let own = || AssetField::ALL.iter().copied().find(|f| normal(f.as_str()) == normal(word));
    let name = normal(word);
    let bare = || name.rsplit_once(' ').filter(|(_, unit)| ["руб", "рублей", "rub", "₽", "р"].contains(unit));
    find(&COLUMNS, word).or_else(own).or_else(|| find(&COLUMNS, bare()?.0))
}

type Columns = (Vec<(usize, AssetField)>, Vec<String>);

fn header(row: &Row) -> Result<Columns, HeaderError> {
    let (mut columns, mut found, mut unknown, mut twice) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (at, cell) in row.cells.iter().enumerate() {
        let word: String = cell.shown().chars().take(60).collect();
        match column(&word) {
            Some(AssetField::Device) => unknown.push(word),
            Some(field) if columns.iter().any(|(_, f)| *f == field) => twice.push(word),
            Some(field) => {
                found.push((word, field.as_str().to_owned()));
                columns.push((at, field));
            }
            None if word.is_empty() => {}
            None => unknown.push(word),
        }
    }
    let has = |f: AssetField| columns.iter().any(|(_, of)| *of == f);
    let mut missing = Vec::new();
    if !has(AssetField::Inventory) && !has(AssetField::Serial) {
        missing.push((AssetField::Inventory.as_str().to_owned(), "инвентарный номер, inventory number".to_owned()));
    }
    if missing.is_empty() && twice.is_empty() {
        return Ok((columns, unknown));
    }
    Err(HeaderError { found, unknown, missing, twice })
}

fn row(row: &Row, columns: &[(usize, AssetField)]) -> AssetRow {
    let mut read = AssetRow { row: row.number, cells: Vec::new(), faults: Vec::new() };
    for (at, field) in columns {
        let cell = row.cells.get(*at).unwrap_or(&Cell::Empty);
        match plain(*field, cell) {
            Ok(Some(value)) => read.cells.push((*field, value)),
            Ok(None) => {}
            Err(code) => {
                let value = cell.shown().chars().take(80).collect();
                read.faults.push(AssetFault { field: *field, code: code.to_owned(), value });
            }
        }
    }
    read.cells.sort_by_key(|(field, _)| *field);
    read
}

/// The cell in its plain form; `None`: it says nothing.
fn plain(field: AssetField, cell: &Cell) -> Result<Option<String>, &'static str> {
    use AssetField as F;
    match cell {
        Cell::Empty => return Ok(None),
        Cell::Formula(_) => return Err("formula-without-value"),
        Cell::Error(_) => return Err("cell-error"),
        Cell::Text(_) | Cell::Number(_) => {}
    }
    let text = cell.shown();
    let stored = |word: Option<&'static str>| word.map(str::to_owned).ok_or("unknown-word");
    let value = match field {
        F::Kind => stored(AssetKind::parse(&text).or_else(|| find(&KINDS, &text)).map(AssetKind::as_str))?,
        F::State => stored(AssetState::parse(&text).or_else(|| find(&STATES, &text)).map(AssetState::as_str))?,
        F::WarrantyKind => {
            stored(WarrantyKind::parse(&text).or_else(|| find(&WARRANTIES, &text)).map(WarrantyKind::as_str))?
        }
        F::Price => match cell {
            Cell::Number(n) if (0.0..1e13).contains(n) => format!("{:.0}", n * 100.0),
            _ => number::hundredths(&text).filter(|n| *n >= 0).ok_or("bad-price")?.to_string(),
        },
        F::BoughtOn | F::WarrantyUntil => date(cell).ok_or("bad-date")?.to_string(),
        _ => text.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    Ok(Some(value))
}

/// 2026-11-04, 04.11.2026, 04/11/2026, or a spreadsheet's number of days.
fn date(cell: &Cell) -> Option<Date> {
    if let Cell::Number(n) = cell {
        let days = SERIAL_DAYS.contains(n).then_some(*n as i64)?;
        // Day 0 of spreadsheets, their false leap day counted.
        return Date::constant(1899, 12, 30).checked_add(jiff::Span::new().days(days)).ok();
    }
    let text = cell.shown();
    let text = text.split([' ', 'T']).next()?;
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let mut parts = text.split(['.', '/']);
    let mut next = || parts.next()?.parse::<i16>().ok();
    let (day, month, year) = (next()?, next()?, next()?);
    let year = if (0..100).contains(&year) { year + 2000 } else { year };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The assets as a workbook; without any, the empty form to fill in.
pub fn workbook(assets: &[KeptAsset], language: Language) -> Result<Vec<u8>, XlsxError> {
    let head = Format::new().set_bold().set_text_wrap().set_background_color(0xE8_EEF4).set_align(FormatAlign::Top);
    let money = Format::new().set_num_format("#,##0.00");
    let day = Format::new().set_num_format(if language == Language::Ru { "dd.mm.yyyy" } else { "yyyy-mm-dd" });
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(if language == Language::Ru { "Имущество" } else { "Assets" })?.set_freeze_panes(1, 1)?;
    for (at, (field, ru, en)) in (0u16..).zip(COLUMNS) {
        let word = if language == Language::Ru { ru[0] } else { en[0] };
        let mut letters = word.chars();
        let word: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        sheet.set_column_width(at, if field == AssetField::Model { 34.0 } else { 18.0 })?;
        sheet.write_string_with_format(0, at, word, &head)?;
    }
    for (row, asset) in (1u32..).zip(assets) {
        for (at, (field, ..)) in (0u16..).zip(COLUMNS) {
            let value = asset.plain(field);
            match (field, value.parse::<i64>(), value.parse::<Date>()) {
                _ if value.is_empty() => {}
                (AssetField::Price, Ok(n), _) => {
                    sheet.write_number_with_format(row, at, n as f64 / 100.0, &money)?;
                }
                (AssetField::BoughtOn | AssetField::WarrantyUntil, _, Ok(d)) => {
                    let days = Date::constant(1899, 12, 30).until(d).map_or(0, |s| s.get_days());
                    sheet.write_number_with_format(row, at, f64::from(days), &day)?;
                }
                _ => {
                    sheet.write_string(row, at, shown(asset, field, value, language))?;
                }
            }
        }
    }
    book.save_to_buffer()
}

fn shown(asset: &KeptAsset, field: AssetField, value: String, language: Language) -> String {
    match field {
        AssetField::Kind => ours(&KINDS, asset.asset.kind, language),
        AssetField::State => ours(&STATES, asset.asset.state, language),
        AssetField::WarrantyKind => asset.asset.warranty_kind.map_or(value, |k| ours(&WARRANTIES, k, language)),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Asset, AssetId, Minor, SiteId};
    use AssetField as F;

    #[test]
    fn a_table_as_an_office_has_it() {
        let text = "Ведомость;;;;\nИнв. номер;Вид;Модель;Гарантия до;Цена, руб;Цвет\n\
                    000123;МФУ;ECOSYS M2040dn;14.03.2027;45 000,50;белый\n000124;штука;;вчера;-5;\n";
        let table = read(text.as_bytes()).unwrap();
        assert_eq!(table.ignored, ["Цвет"]);
        let first: Vec<(F, &str)> = table.rows[0].cells.iter().map(|(f, v)| (*f, v.as_str())).collect();
        let expected = [
            (F::Inventory, "000123"),
            (F::Kind, "mfp"),
            (F::Model, "ECOSYS M2040dn"),
            (F::Price, "4500050"),
            (F::WarrantyUntil, "2027-03-14"),
        ];
        assert_eq!(first, expected);
        let codes: Vec<&str> = table.rows[1].faults.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, ["unknown-word", "bad-date", "bad-price"]);
        let Err(TableError::Header(e)) = read("Модель;Место\nM;1".as_bytes()) else { panic!() };
        assert!(e.to_string().contains("инвентарный номер"), "{e}");
    }

    #[test]
    fn what_we_write_reads_back() {
        let mut asset = Asset::new(AssetKind::Ups, SiteId(1));
        asset.inventory = Some("000001".into());
        asset.state = AssetState::OnLoan;
        asset.price = Some(Minor(1_250_050));
        asset.warranty_until = Some(Date::constant(2028, 2, 29));
        asset.warranty_kind = Some(WarrantyKind::OnSite);
        let kept = KeptAsset {
            id: AssetId(1),
            asset,
            site_name: "Уфа".into(),
            store_name: None,
            centre_name: Some("АСЦ «Сервис-Т»".into()),
            centre_phone: None,
            device_name: None,
        };
        for language in [Language::Ru, Language::En] {
            let table = read(&workbook(std::slice::from_ref(&kept), language).unwrap()).unwrap();
            assert_eq!((table.ignored.len(), table.rows.len()), (0, 1));
            assert_eq!(table.rows[0].faults, []);
            for (field, value) in &table.rows[0].cells {
                assert_eq!(*value, kept.plain(*field), "{field:?}");
            }
            assert_eq!(table.rows[0].cells.len(), 8);
            assert_eq!(read(&workbook(&[], language).unwrap()).unwrap().rows, []);
        }
    }
}
