//! A plain table as a workbook: headings and rows of texts, numbers and shares. Knows nothing of what they mean.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum SheetCell {
    Text(String),
    Number(f64),
    /// From 0 to 1, shown in per cent.
    Share(f64),
    Empty,
}

impl From<Option<f64>> for SheetCell {
    fn from(share: Option<f64>) -> Self {
        share.map_or(SheetCell::Empty, SheetCell::Share)
    }
}

pub fn workbook(name: &str, heads: &[String], rows: &[Vec<SheetCell>]) -> Result<Vec<u8>, XlsxError> {
    let head = Format::new().set_bold().set_text_wrap().set_background_color(0xE8_EEF4);
    let (number, share) = (Format::new().set_num_format("#,##0.##"), Format::new().set_num_format("0.0%"));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(name)?.set_freeze_panes(1, 1)?.set_landscape().set_print_fit_to_pages(1, 0);
    for (at, text) in (0u16..).zip(heads) {
        sheet.set_column_width(at, if at == 0 { 36.0 } else { 14.0 })?;
        sheet.write_string_with_format(0, at, text, &head)?;
    }
    for (row, cells) in (1u32..).zip(rows) {
        for (at, cell) in (0u16..).zip(cells) {
            match cell {
                SheetCell::Text(t) => sheet.write_string(row, at, t)?,
                SheetCell::Number(n) => sheet.write_number_with_format(row, at, *n, &number)?,
                SheetCell::Share(s) => sheet.write_number_with_format(row, at, *s, &share)?,
                SheetCell::Empty => continue,
            };
        }
    }
    book.save_to_buffer()
}
