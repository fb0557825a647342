//! A table of articles: its columns found by name in any order, its cells brought to their plain form, what is no number
//! or no known word told by row and column. And the other way: the catalogue as a workbook that reads back the same.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};

use super::super::Language;
use super::{Cell, HeaderError, MAX_ROWS, Row, TableError, number, readings, words};
use crate::model::{ArticleField, Fit, Given, ImportFault, ImportRow};

/// Rows in which the header is looked for.
const HEADER_WITHIN: usize = 20;
/// Without these a row names no article.
const NEEDED: [ArticleField; 2] = [ArticleField::PartNumber, ArticleField::Vendor];

/// A table as read.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleTable {
    /// Columns understood: their names in the file.
    pub columns: Vec<(String, ArticleField)>,
    /// Columns left out.
    pub ignored: Vec<String>,
    pub rows: Vec<ImportRow>,
}

/// Reads a file; what is wrong in a row is in the row, what is wrong with the file is the error.
pub fn read(bytes: &[u8]) -> Result<ArticleTable, TableError> {
    let mut best: Option<(usize, usize, Vec<Row>)> = None;
    for rows in readings(bytes)? {
        for (at, row) in rows.iter().enumerate().take(HEADER_WITHIN) {
            let known = row.cells.iter().filter(|c| words::column(&c.shown()).is_some()).count();
            if best.as_ref().is_none_or(|(most, ..)| known > *most) {
                best = Some((known, at, rows.clone()));
            }
        }
    }
    let (_, at, rows) = best.ok_or(TableError::Empty)?;
    let header = Header::of(&rows[at])?;
    let body = &rows[at + 1..];
    if body.len() > MAX_ROWS {
        return Err(TableError::TooLong);
    }
    let rows = body.iter().map(|row| header.read(row)).filter(|r| !r.cells.is_empty() || !r.faults.is_empty());
    Ok(ArticleTable { rows: rows.collect(), columns: header.named(), ignored: header.ignored })
}

struct Header {
    columns: Vec<(usize, String, ArticleField)>,
    ignored: Vec<String>,
}

impl Header {
    fn of(row: &Row) -> Result<Header, HeaderError> {
        let mut header = Header { columns: Vec::new(), ignored: Vec::new() };
        let mut twice = Vec::new();
        for (at, cell) in row.cells.iter().enumerate() {
            let word: String = cell.shown().chars().take(60).collect();
            match words::column(&word) {
                Some(field) if header.columns.iter().any(|(.., f)| *f == field) => twice.push(word),
                Some(field) => header.columns.push((at, word, field)),
                None if word.is_empty() => {}
                None => header.ignored.push(word),
            }
        }
        let missing = |f: &ArticleField| !header.columns.iter().any(|(.., known)| known == f);
        let missing: Vec<(String, String)> =
            NEEDED.into_iter().filter(missing).map(|f| (f.as_str().to_owned(), words::names(f))).collect();
        if missing.is_empty() && twice.is_empty() {
            return Ok(header);
        }
        let found = header.columns.iter().map(|(_, word, field)| (word.clone(), field.as_str().to_owned()));
        Err(HeaderError { found: found.collect(), unknown: header.ignored, missing, twice })
    }

    fn named(&self) -> Vec<(String, ArticleField)> {
        self.columns.iter().map(|(_, word, field)| (word.clone(), *field)).collect()
    }

    fn read(&self, row: &Row) -> ImportRow {
        let mut read = ImportRow { row: row.number, cells: Vec::new(), faults: Vec::new() };
        let vendor = self.columns.iter().find(|(.., f)| *f == ArticleField::Vendor);
        let vendor = vendor.and_then(|(at, ..)| row.cells.get(*at)).map(Cell::shown).unwrap_or_default();
        for (at, _, field) in &self.columns {
            let cell = row.cells.get(*at).unwrap_or(&Cell::Empty);
            match given(*field, cell, &vendor) {
                Ok(Some(value)) => read.cells.push((*field, value)),
                Ok(None) => {}
                Err(code) => read.faults.push(ImportFault::new(Some(*field), code, short(&cell.shown()))),
            }
        }
        read.cells.sort_by_key(|(field, _)| *field);
        read
    }
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The cell in its plain form; `None`: it says nothing.
fn given(field: ArticleField, cell: &Cell, vendor: &str) -> Result<Option<Given>, &'static str> {
    use ArticleField as F;
    match cell {
        Cell::Empty => return Ok(None),
        Cell::Formula(_) => return Err("formula-without-value"),
        Cell::Error(_) => return Err("cell-error"),
        Cell::Text(t) if ["-", "–", "—"].contains(&t.as_str()) => return Ok(Some(Given::Clear)),
        Cell::Text(_) | Cell::Number(_) => {}
    }
    let text = cell.shown();
    let value = match field {
        F::Kind => words::kind(&text).ok_or("unknown-kind")?.as_str().to_owned(),
        F::Color => match words::color(&text).ok_or("unknown-color")? {
            Some(color) => color.to_owned(),
            None => return Ok(Some(Given::Clear)),
        },
        F::Grade => words::grade(&text).ok_or("unknown-grade")?.as_str().to_owned(),
        F::Discontinued => i64::from(words::yes(&text).ok_or("not-yes-or-no")?).to_string(),
        F::Price => hundredths(cell).filter(|n| *n >= 0).ok_or("bad-price")?.to_string(),
        F::VatPercent => vat(cell).ok_or("bad-number")?,
        F::YieldPages | F::LeadDays | F::Pack => whole(cell).ok_or("bad-number")?,
        F::Fits => fits(&text, vendor)?,
        F::PartNumber | F::Name | F::Vendor | F::Supplier | F::SupplierArticle | F::Code1c | F::Barcode => {
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        }
    };
    Ok(Some(Given::Value(value)))
}

fn hundredths(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Number(n) if n.abs() < 1e13 => Some((n * 100.0).round() as i64),
        Cell::Text(t) => number::hundredths(t),
        _ => None,
    }
}

/// A whole number, with its unit: "7 200 стр.".
fn whole(cell: &Cell) -> Option<String> {
    let text = cell.shown();
    let digits = text.trim_end_matches(|c: char| c.is_alphabetic() || c == '.' || c.is_whitespace());
    let n = number::hundredths(digits)?;
    (n % 100 == 0 && n >= 0).then(|| (n / 100).to_string())
}

/// 22, "22 %", "22%", 0.22 of a cell in per cent, "без НДС".
fn vat(cell: &Cell) -> Option<String> {
    if let Cell::Text(t) = cell
        && ["без ндс", "не облагается", "no vat"].contains(&words::normal(t).as_str())
    {
        return Some("0".to_owned());
    }
    if let Cell::Number(n) = cell
        && *n > 0.0
        && *n < 1.0
    {
        let percent = n * 100.0;
        return ((percent - percent.round()).abs() < 1e-6).then(|| number::shown(percent.round()));
    }
    let text = cell.shown();
    let n = number::hundredths(text.trim_end_matches(['%', ' ']))?;
    (n % 100 == 0).then(|| (n / 100).to_string())
}

/// Models divided by line ends, `;` or `,`; one without a maker is of the article's.
fn fits(text: &str, vendor: &str) -> Result<String, &'static str> {
    let mut found: Vec<String> = Vec::new();
    for part in text.split(['\n', ';', ',']).map(str::trim).filter(|p| !p.is_empty()) {
        // "M2040/M2540" are two models; "kyocera/m2040" is a maker and a model.
        let maker = part.split_once('/').map(|(maker, _)| maker.trim());
        let pieces: Vec<&str> = match maker {
            Some(m) if m.chars().any(|c| c.is_ascii_digit()) => part.split('/').collect(),
            _ => vec![part],
        };
        for piece in pieces {
            let whole = if piece.contains('/') { piece.to_owned() } else { format!("{vendor}/{piece}") };
            let fit = Fit::parse(&whole).ok_or("bad-fit")?.to_string();
            if !found.contains(&fit) {
                found.push(fit);
            }
        }
    }
    found.sort();
    Ok(found.join("\n"))
}

/// One article for the workbook: fields in their plain form.
pub type Line = Vec<(ArticleField, String)>;

/// The catalogue as a workbook; without lines, the empty form to fill in.
pub fn workbook(lines: &[Line], language: Language) -> Result<Vec<u8>, XlsxError> {
    let head = Format::new().set_bold().set_text_wrap().set_background_color(0xE8_EEF4).set_align(FormatAlign::Top);
    let money = Format::new().set_num_format("#,##0.00");
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(if language == Language::Ru { "Каталог" } else { "Catalogue" })?.set_freeze_panes(1, 2)?;
    for (column, field) in (0u16..).zip(ArticleField::ALL) {
        let width = match field {
            ArticleField::Name | ArticleField::Fits => 44.0,
            ArticleField::Supplier | ArticleField::Kind => 26.0,
            _ => 16.0,
        };
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, words::heading(field, language), &head)?;
    }
    for (row, line) in (1u32..).zip(lines) {
        for (column, field) in (0u16..).zip(ArticleField::ALL) {
            let value = line.iter().find(|(f, _)| *f == field).map_or("", |(_, v)| v.as_str());
            match (field, value.parse::<i64>()) {
                _ if value.is_empty() => {}
                (ArticleField::Price, Ok(n)) => {
                    sheet.write_number_with_format(row, column, n as f64 / 100.0, &money)?;
                }
                (
                    ArticleField::YieldPages | ArticleField::VatPercent | ArticleField::LeadDays | ArticleField::Pack,
                    Ok(n),
                ) => {
                    sheet.write_number(row, column, n as f64)?;
                }
                (ArticleField::Fits, _) => {
                    sheet.write_string_with_format(row, column, value, &wrapped)?;
                }
                _ => {
                    sheet.write_string(row, column, words::shown(field, value, language))?;
                }
            }
        }
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ArticleField as F;

    fn values(row: &ImportRow) -> Vec<(ArticleField, &str)> {
        row.cells.iter().map(|(f, g)| (*f, if let Given::Value(v) = g { v.as_str() } else { "(clear)" })).collect()
    }

    #[test]
    fn a_table_as_an_office_has_it() {
        let text = "Прайс на ноябрь;;;;;;;\n;;;\nЦвет;Цена, руб.;Производитель;Артикул;Тип;НДС;Остаток;Подходит к\n\
                    Чёрный;4 500,00 ₽;Kyocera;TK-1170;Тонер-картридж;22 %;5;M2040dn, M2540dn/M2640idw\n\
                    розовый;много;HP;CF259X;штука;0,5;;\n;;;;;;;\n-;-;HP;CE505A;тонер;без НДС;;hp/p2055* 90% +1";
        let table = read(text.as_bytes()).unwrap();
        assert_eq!(table.ignored, ["Остаток"]);
        assert_eq!(table.rows.iter().map(|r| r.row).collect::<Vec<_>>(), [4, 5, 7]);
        let first = [
            (F::PartNumber, "TK-1170"),
            (F::Vendor, "Kyocera"),
            (F::Kind, "toner"),
            (F::Color, "black"),
            (F::Price, "450000"),
            (F::VatPercent, "22"),
            (F::Fits, "kyocera/m2040dn\nkyocera/m2540dn\nkyocera/m2640idw"),
        ];
        assert_eq!(values(&table.rows[0]), first);
        let faults: Vec<String> = table.rows[1]
            .faults
            .iter()
            .map(|f| format!("{} {} {}", f.field.unwrap().as_str(), f.code, f.value))
            .collect();
        let expected = [
            "color unknown-color розовый",
            "price bad-price много",
            "kind unknown-kind штука",
            "vat_percent bad-number 0,5",
        ];
        assert_eq!(faults, expected);
        let last = values(&table.rows[2]);
        assert!(last.contains(&(F::Color, "(clear)")) && last.contains(&(F::VatPercent, "0")), "{last:?}");
        assert!(last.contains(&(F::Fits, "hp/p2055* 90% +1")), "{last:?}");
    }

    #[test]
    fn a_header_that_says_too_little_says_what_it_lacks() {
        let Err(TableError::Header(e)) = read("Модель;Цена;Цена\nM2040;1;2".as_bytes()) else { panic!() };
        assert_eq!(e.found, [("Цена".to_owned(), "price".to_owned())]);
        assert_eq!((e.unknown.as_slice(), e.twice.as_slice()), (&["Модель".to_owned()][..], &["Цена".to_owned()][..]));
        let said = e.to_string();
        assert!(said.contains("part_number (артикул") && said.contains("vendor (производитель"), "{said}");
    }

    #[test]
    fn what_we_write_reads_back() {
        let line: Line = vec![
            (F::PartNumber, "007".to_owned()),
            (F::Vendor, "Kyocera".to_owned()),
            (F::Kind, "waste".to_owned()),
            (F::Color, "light-cyan".to_owned()),
            (F::Grade, "refilled".to_owned()),
            (F::Price, "450050".to_owned()),
            (F::VatPercent, "22".to_owned()),
            (F::Pack, "2".to_owned()),
            (F::Code1c, "00-00012".to_owned()),
            (F::Barcode, "0460700177001".to_owned()),
            (F::Discontinued, "1".to_owned()),
            (F::Fits, "*/x 80%\nkyocera/ecosys m2040*".to_owned()),
        ];
        for language in [Language::Ru, Language::En] {
            let table = read(&workbook(std::slice::from_ref(&line), language).unwrap()).unwrap();
            assert_eq!(table.columns.len(), F::ALL.len());
            let mut expected: Vec<(ArticleField, &str)> = line.iter().map(|(f, v)| (*f, v.as_str())).collect();
            expected.sort_by_key(|(f, _)| *f);
            assert_eq!(values(&table.rows[0]), expected);
            assert_eq!(read(&workbook(&[], language).unwrap()).unwrap().rows, []);
        }
    }
}
