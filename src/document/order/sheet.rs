//! The order as a table: XLSX with real numbers and formulas, CSV as Excel of the receiver's country opens it.
//!
//! A formula carries its value too, so that readers that do not calculate show it. Text cells never become formulas.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, XlsxError};

use super::super::Language;
use super::super::format::{date, minor_digits, plain};
use super::text::{one_line, words};
use super::{Heading, Sums};
use crate::model::{Minor, Order};

const COLUMN_WIDTHS: [f64; 8] = [22.0, 22.0, 48.0, 12.0, 15.0, 12.0, 15.0, 17.0];
const PAPER_A4: u8 = 9;
/// Row of the table's head, from 0: title, branch, supplier and an empty row come before.
const HEAD_ROW: u32 = 4;

struct Formats {
    title: Format,
    head: Format,
    text: Format,
    count: Format,
    money: Format,
    percent: Format,
    sum_text: Format,
    sum_count: Format,
    sum_money: Format,
}

impl Formats {
    fn new(currency: &str) -> Self {
        let cell = || Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
        let money = if minor_digits(currency) == 0 { "#,##0" } else { "#,##0.00" };
        let wrapped = cell().set_text_wrap();
        Formats {
            title: Format::new().set_bold().set_font_size(14),
            head: wrapped.clone().set_bold().set_background_color(0xE8_EEF4).set_align(FormatAlign::VerticalCenter),
            text: wrapped,
            count: cell().set_num_format("0"),
            money: cell().set_num_format(money),
            percent: cell().set_num_format("0%"),
            sum_text: cell().set_bold(),
            sum_count: cell().set_bold().set_num_format("0"),
            sum_money: cell().set_bold().set_num_format(money),
        }
    }
}

pub(super) fn xlsx(
    order: &Order,
    heading: &Heading<'_>,
    language: Language,
    sums: &Sums,
) -> Result<Vec<u8>, XlsxError> {
    let w = words(language);
    let formats = Formats::new(&order.supplier.currency);
    let mut book = Workbook::new();
    // The writer would take the wall clock: a mail sent again must be the same mail.
    let made = ExcelDateTime::from_timestamp(heading.at.0.div_euclid(1000))?;
    book.set_properties(&DocProperties::new().set_title(title(order, heading, language)).set_creation_datetime(&made));
    let sheet = book.add_worksheet();
    sheet.set_name(if language == Language::Ru { "Заказ" } else { "Order" })?;
    sheet.set_landscape().set_paper_size(PAPER_A4).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(HEAD_ROW, HEAD_ROW)?.set_freeze_panes(HEAD_ROW + 1, 0)?;
    sheet.set_footer("&C&P / &N");
    for (at, width) in (0u16..).zip(COLUMN_WIDTHS) {
        sheet.set_column_width(at, width)?;
    }
    sheet.write_string_with_format(0, 0, title(order, heading, language), &formats.title)?;
    sheet.write_string(1, 0, format!("{}: {}", w.branch, one_line(&order.site_name)))?;
    sheet.write_string(2, 0, format!("{}: {}", w.supplier, one_line(&order.supplier.name)))?;
    for (at, name) in (0u16..).zip(w.columns) {
        let money = (4..=7).contains(&at) && at != 5;
        let name = if money { format!("{name}, {}", order.supplier.currency) } else { name.to_owned() };
        sheet.write_string_with_format(HEAD_ROW, at, name, &formats.head)?;
    }
    write_lines(sheet, order, sums, &formats)?;
    write_sums(sheet, order, sums, &formats, w.sum)?;
    let last = HEAD_ROW + 1 + order.lines.len() as u32;
    sheet.set_print_area(0, 0, last, 7)?;
    book.save_to_buffer()
}

fn title(order: &Order, heading: &Heading<'_>, language: Language) -> String {
    let w = words(language);
    format!("{} {} {} {}", w.order, order.number, w.of_day, date(heading.at, heading.time_zone, language))
}

fn write_lines(
    sheet: &mut rust_xlsxwriter::Worksheet,
    order: &Order,
    sums: &Sums,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let currency = &order.supplier.currency;
    let digits = minor_digits(currency);
    for (row, (line, s)) in (HEAD_ROW + 1..).zip(order.lines.iter().zip(&sums.lines)) {
        let a = &line.article;
        let texts = [a.supplier_article.as_deref().unwrap_or(""), &a.part_number, &a.name];
        for (at, text) in (0u16..).zip(texts) {
            sheet.write_string_with_format(row, at, one_line(text), &formats.text)?;
        }
        sheet.write_number_with_format(row, 3, line.quantity as f64, &formats.count)?;
        sheet.write_number_with_format(row, 5, a.vat_percent as f64 / 100.0, &formats.percent)?;
        let Some(s) = s else {
            for at in [4, 6, 7] {
                sheet.write_blank(row, at, &formats.money)?;
            }
            continue;
        };
        let n = row + 1;
        sheet.write_number_with_format(row, 4, number(s.price, currency), &formats.money)?;
        let vat = Formula::new(format!("=ROUND(D{n}*E{n}*F{n},{digits})")).set_result(plain(s.vat, currency, '.'));
        sheet.write_formula_with_format(row, 6, vat, &formats.money)?;
        let total = Formula::new(format!("=D{n}*E{n}+G{n}")).set_result(plain(s.total, currency, '.'));
        sheet.write_formula_with_format(row, 7, total, &formats.money)?;
    }
    Ok(())
}

fn write_sums(
    sheet: &mut rust_xlsxwriter::Worksheet,
    order: &Order,
    sums: &Sums,
    formats: &Formats,
    word: &str,
) -> Result<(), XlsxError> {
    let currency = &order.supplier.currency;
    let row = HEAD_ROW + 1 + order.lines.len() as u32;
    for at in 0..8 {
        sheet.write_blank(row, at, &formats.sum_text)?;
    }
    sheet.write_string_with_format(row, 0, word, &formats.sum_text)?;
    if order.lines.is_empty() {
        return Ok(());
    }
    let (first, last) = (HEAD_ROW + 2, row);
    let sum =
        |column: char, value: String| Formula::new(format!("=SUM({column}{first}:{column}{last})")).set_result(value);
    sheet.write_formula_with_format(row, 3, sum('D', sums.pieces.to_string()), &formats.sum_count)?;
    sheet.write_formula_with_format(row, 6, sum('G', plain(sums.vat, currency, '.')), &formats.sum_money)?;
    sheet.write_formula_with_format(row, 7, sum('H', plain(sums.total, currency, '.')), &formats.sum_money)?;
    Ok(())
}

/// Spreadsheets have only floating point: exact for every amount below 90 trillion.
fn number(amount: Minor, currency: &str) -> f64 {
    amount.0 as f64 / 10f64.powi(minor_digits(currency) as i32)
}

/// UTF-8 with its mark; Russian Excel wants `;` and the decimal comma.
pub(super) fn csv(order: &Order, language: Language, sums: &Sums) -> Vec<u8> {
    let (separator, point) = match language {
        Language::Ru => (';', ','),
        Language::En => (',', '.'),
    };
    let currency = &order.supplier.currency;
    let mut out = String::from('\u{feff}');
    let mut put = |cells: &[String]| {
        let quoted: Vec<String> = cells.iter().map(|c| quote(c, separator)).collect();
        out.push_str(&quoted.join(&separator.to_string()));
        out.push_str("\r\n");
    };
    put(&words(language).columns.map(str::to_owned));
    for (line, s) in order.lines.iter().zip(&sums.lines) {
        let a = &line.article;
        let amount =
            |f: fn(&super::LineSums) -> Minor| s.as_ref().map_or(String::new(), |s| plain(f(s), currency, point));
        put(&[
            text_cell(a.supplier_article.as_deref().unwrap_or("")),
            text_cell(&a.part_number),
            text_cell(&a.name),
            line.quantity.to_string(),
            amount(|s| s.price),
            a.vat_percent.to_string(),
            amount(|s| s.vat),
            amount(|s| s.total),
        ]);
    }
    let empty = String::new;
    put(&[
        words(language).sum.to_owned(),
        empty(),
        empty(),
        sums.pieces.to_string(),
        empty(),
        empty(),
        plain(sums.vat, currency, point),
        plain(sums.total, currency, point),
    ]);
    out.into_bytes()
}

/// A name that begins like a formula must not run in the receiver's spreadsheet.
fn text_cell(text: &str) -> String {
    let text = one_line(text);
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

fn quote(cell: &str, separator: char) -> String {
    if cell.contains([separator, '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
