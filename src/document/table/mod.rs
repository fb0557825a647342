//! Tables people send: XLSX and CSV bytes to rows of cells, and rows of cells to articles. Pure; the first sheet only.
//!
//! Bytes are a stranger's: every size has a limit, a damaged file is an error with words, never a panic. It judges
//! nothing against the catalogue. To read another kind of table, add a file beside `articles`.

pub mod articles;
pub mod assets;
pub mod cabling;
mod csv;
mod number;
mod words;
mod xlsx;

/// Rows of one table, its header not counted.
pub const MAX_ROWS: usize = 20_000;
/// Columns that are looked at.
const MAX_COLUMNS: usize = 64;
/// Characters of a cell that are kept.
const MAX_CELL: usize = 4_000;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    /// A formula that was never calculated: its text.
    Formula(String),
    /// "#N/A" and the like.
    Error(String),
}

impl Cell {
    fn text(text: &str) -> Cell {
        let text: String =
            text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').chars().take(MAX_CELL).collect();
        if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
    }
    /// As a spreadsheet shows it: 1170 and not 1170.0.
    fn shown(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(t) | Cell::Error(t) => t.clone(),
            Cell::Formula(f) => format!("={f}"),
            Cell::Number(n) => number::shown(*n),
        }
    }
}

/// A row with its number in the file, from 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub number: u32,
    pub cells: Vec<Cell>,
}

/// Why bytes are no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    #[error("the file is empty")]
    Empty,
    #[error("this is an old .xls workbook: save it as .xlsx or .csv and send that")]
    OldWorkbook,
    #[error("the file is neither an .xlsx workbook nor a text table (CSV)")]
    NoTable,
    #[error("the workbook is damaged: {0}")]
    Damaged(String),
    #[error("the table has more than {MAX_ROWS} rows: divide it into files of at most {MAX_ROWS}")]
    TooLong,
    #[error("the workbook unpacks to more than {0} MB: save only the sheet with the table")]
    TooLarge(u64),
    #[error(transparent)]
    Header(#[from] HeaderError),
}

impl TableError {
    /// Stable word, named in the catalogue as `error-<code>`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "table-empty",
            Self::OldWorkbook => "table-xls",
            Self::NoTable => "table-unknown",
            Self::Damaged(_) => "table-damaged",
            Self::TooLong => "import-too-long",
            Self::TooLarge(_) => "table-too-large",
            Self::Header(_) => "table-header",
        }
    }
}

/// The header does not say what the columns are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderError {
    /// Columns that were understood: the word in the file and its field.
    pub found: Vec<(String, String)>,
    /// Columns that were not.
    pub unknown: Vec<String>,
    /// Fields without a column, each with names it may have.
    pub missing: Vec<(String, String)>,
    /// Fields with two columns.
    pub twice: Vec<String>,
}

impl std::fmt::Display for HeaderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let found: Vec<&str> = self.found.iter().map(|(word, _)| word.as_str()).collect();
        let missing: Vec<String> = self.missing.iter().map(|(field, names)| format!("{field} ({names})")).collect();
        write!(f, "the header is not understood: columns found: {}; ", or_none(&found.join(", ")))?;
        write!(f, "not understood: {}; ", or_none(&self.unknown.join(", ")))?;
        if !self.twice.is_empty() {
            write!(f, "there twice: {}; ", self.twice.join(", "))?;
        }
        write!(f, "missing: {}", or_none(&missing.join(", ")))
    }
}

impl std::error::Error for HeaderError {}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

/// The rows of a file with something in them, the header first among them; several ways when the bytes allow several
/// (a CSV file and its separators).
pub fn readings(bytes: &[u8]) -> Result<Vec<Vec<Row>>, TableError> {
    match bytes {
        [] => Err(TableError::Empty),
        [b'P', b'K', 3 | 5, ..] => xlsx::rows(bytes).map(|rows| vec![rows]),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(TableError::OldWorkbook),
        _ => csv::readings(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Language;
    use crate::model::ArticleField;

    /// xorshift64: the same damage at every run.
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % n as u64).unwrap()
        }
        fn damage(&mut self, whole: &[u8]) -> Vec<u8> {
            let mut bytes = whole.to_vec();
            for _ in 0..=self.below(8) {
                let at = self.below(bytes.len().max(1));
                match self.below(5) {
                    _ if bytes.is_empty() => bytes.push(0),
                    0 => bytes[at] = u8::try_from(self.below(256)).unwrap(),
                    1 => bytes.truncate(at),
                    2 => drop(bytes.remove(at)),
                    3 => bytes.insert(at, [b'"', b';', b'\n', 0, 0xFF][self.below(5)]),
                    _ => {
                        let end = (at + self.below(64)).min(bytes.len());
                        let part = bytes[at..end].to_vec();
                        bytes.extend(part);
                    }
                }
            }
            bytes
        }
    }

    #[test]
    fn damaged_files_are_errors_or_rows_and_never_a_panic() {
        let line = vec![
            (ArticleField::PartNumber, "TK-1170".to_owned()),
            (ArticleField::Vendor, "Kyocera".to_owned()),
            (ArticleField::Price, "450000".to_owned()),
            (ArticleField::Fits, "kyocera/m2040*".to_owned()),
        ];
        let xlsx = articles::workbook(&vec![line; 20], Language::Ru).unwrap();
        let csv =
            "артикул;производитель;цена;подходит к\r\n\"TK-\"\"1170\";Kyocera;4 500,00 ₽;m2040*, m2540*\r\n".repeat(5);
        let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(csv.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let (cp1251, ..) = encoding_rs::WINDOWS_1251.encode(&csv);
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let mut read = 0;
        for whole in [&xlsx[..], csv.as_bytes(), &utf16, &cp1251] {
            articles::read(whole).unwrap();
            for _ in 0..150 {
                if let Ok(table) = articles::read(&random.damage(whole)) {
                    read += 1;
                    assert!(table.rows.len() <= MAX_ROWS);
                }
            }
        }
        assert!(read > 40, "{read} damaged files were still tables: the damage is too great to test anything");
    }
}
