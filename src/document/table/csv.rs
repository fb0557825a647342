//! Text tables: RFC 4180 with `;`, `,` or tab; UTF-8, UTF-16 with its mark, or Windows-1251.

use super::{Cell, MAX_COLUMNS, MAX_ROWS, Row, TableError};

/// Rows before the header that a title may take.
const SLACK: usize = 64;

/// The table cut by each separator that its beginning holds, the likeliest first.
pub fn readings(bytes: &[u8]) -> Result<Vec<Vec<Row>>, TableError> {
    let text = decoded(bytes)?;
    let head: String = text.lines().take(20).collect::<Vec<_>>().join("\n");
    let mut separators: Vec<(usize, char)> =
        [';', '\t', ','].map(|s| (head.matches(s).count(), s)).into_iter().filter(|(n, _)| *n > 0).collect();
    separators.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
    if separators.is_empty() {
        separators.push((0, ';'));
    }
    separators.into_iter().map(|(_, separator)| rows(&text, separator)).collect()
}

fn decoded(bytes: &[u8]) -> Result<String, TableError> {
    let text = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xFF, 0xFE, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        [0xFE, 0xFF, rest @ ..] => encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding_rs::WINDOWS_1251.decode_without_bom_handling(bytes).0.into_owned(),
        },
    };
    // Pictures, archives and the like: no text holds NUL.
    if text.chars().take(4_096).any(|c| c == '\0') { Err(TableError::NoTable) } else { Ok(text.replace('\0', "")) }
}

/// One row a record; a quoted field may hold the separator and line ends. Numbers count lines of the file.
fn rows(text: &str, separator: char) -> Result<Vec<Row>, TableError> {
    let (mut found, mut cells) = (Vec::new(), Vec::new());
    let mut field = String::new();
    let (mut line, mut started, mut quoted, mut was_quoted) = (1u32, 1u32, false, false);
    let mut chars = text.chars().peekable();
    loop {
        let next = chars.next();
        match next {
            Some('"') if quoted => {
                if chars.peek() == Some(&'"') {
                    chars.next();
                    field.push('"');
                } else {
                    quoted = false;
                }
            }
            Some(c) if quoted => {
                line += u32::from(c == '\n');
                field.push(c);
            }
            Some('"') if field.trim().is_empty() && !was_quoted => {
                field.clear();
                (quoted, was_quoted) = (true, true);
            }
            Some('\r') => {}
            Some(c) if c == separator => {
                cells.push(Cell::text(&std::mem::take(&mut field)));
                was_quoted = false;
            }
            Some('\n') | None => {
                cells.push(Cell::text(&std::mem::take(&mut field)));
                was_quoted = false;
                let mut done: Vec<Cell> = std::mem::take(&mut cells);
                done.truncate(MAX_COLUMNS);
                if done.iter().any(|c| *c != Cell::Empty) {
                    found.push(Row { number: started, cells: done });
                }
                if found.len() > MAX_ROWS + SLACK {
                    return Err(TableError::TooLong);
                }
                if next.is_none() {
                    return Ok(found);
                }
                line += 1;
                started = line;
            }
            Some(c) => field.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
        let first = readings(bytes).unwrap().remove(0);
        first.into_iter().map(|r| (r.number, r.cells.iter().map(Cell::shown).collect())).collect()
    }

    #[test]
    fn quotes_line_ends_and_empty_rows() {
        let text = "a;b\r\n\r\n\"x;\"\"1\"\"\";\"two\nlines\"\n;;\nlast;1";
        let row = |n, cells: &[&str]| (n, cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>());
        let expected = [row(1, &["a", "b"]), row(3, &["x;\"1\"", "two\nlines"]), row(6, &["last", "1"])];
        assert_eq!(shown(text.as_bytes()), expected);
    }

    #[test]
    fn every_encoding_an_office_writes() {
        let text = "артикул;цена\nTK-1170;4 500,00 ₽";
        let utf8 = shown(text.as_bytes());
        assert_eq!(utf8[0].1, ["артикул", "цена"]);
        assert_eq!(shown(format!("\u{feff}{text}").as_bytes()), utf8);
        let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(shown(&utf16), utf8);
        let old = text.replace('₽', "р.");
        let (cp1251, _, lost) = encoding_rs::WINDOWS_1251.encode(&old);
        assert!(!lost);
        assert_eq!(shown(&cp1251), shown(old.as_bytes()));
        assert_eq!(readings(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Err(TableError::NoTable));
    }

    #[test]
    fn a_table_that_never_ends_is_refused() {
        assert_eq!(readings("a;b\n".repeat(MAX_ROWS + SLACK + 1).as_bytes()), Err(TableError::TooLong));
    }
}
