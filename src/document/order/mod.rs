//! The order to a supplier: subject, plain text, HTML, XLSX and CSV of one `Order`.
//!
//! Holds nothing internal: no device, no level, no reason. VAT is computed per line and rounded half-up; totals are sums
//! of lines; a line without a price counts in pieces only and the letter asks for it.

mod sheet;
mod text;

use super::{DocumentError, Language};
use crate::model::{Millis, Minor, Order, OrderLine};

/// Everything a mail of an order is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderDocument {
    pub subject: String,
    pub text: String,
    pub html: String,
    pub xlsx: Vec<u8>,
    pub xlsx_name: String,
    pub csv: Vec<u8>,
    pub csv_name: String,
}

/// What the order itself does not hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heading<'a> {
    /// Day of the order: when it was approved.
    pub at: Millis,
    /// IANA zone of the branch.
    pub time_zone: &'a str,
    /// Who orders: company, person, phone; lines under the letter, may be empty.
    pub signature: &'a str,
}

/// Renders the order in its supplier's language.
pub fn render_order(order: &Order, heading: &Heading<'_>) -> Result<OrderDocument, DocumentError> {
    let language = Language::of(&order.supplier.language);
    let sums = Sums::of(order);
    let name = file_stem(order, language);
    let xlsx = sheet::xlsx(order, heading, language, &sums)
        .map_err(|source| DocumentError::Spreadsheet { number: order.number.clone(), source })?;
    Ok(OrderDocument {
        subject: text::subject(order, language),
        text: text::plain(order, heading, language, &sums),
        html: text::html(order, heading, language, &sums),
        xlsx,
        xlsx_name: format!("{name}.xlsx"),
        csv: sheet::csv(order, language, &sums),
        csv_name: format!("{name}.csv"),
    })
}

/// Money of one line; nothing without a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LineSums {
    price: Minor,
    net: Minor,
    vat: Minor,
    total: Minor,
}

impl LineSums {
    fn of(line: &OrderLine) -> Option<Self> {
        let price = line.price?;
        let net = price.times(line.quantity);
        let vat = net.vat(line.article.vat_percent);
        Some(LineSums { price, net, vat, total: net.plus(vat) })
    }
}

/// Money of the order; `lines` in the order's order.
struct Sums {
    lines: Vec<Option<LineSums>>,
    net: Minor,
    vat: Minor,
    total: Minor,
    pieces: i64,
    without_price: usize,
}

impl Sums {
    fn of(order: &Order) -> Self {
        let lines: Vec<Option<LineSums>> = order.lines.iter().map(LineSums::of).collect();
        let sum = |f: fn(&LineSums) -> Minor| lines.iter().flatten().map(f).fold(Minor(0), Minor::plus);
        Sums {
            net: sum(|l| l.net),
            vat: sum(|l| l.vat),
            total: sum(|l| l.total),
            pieces: order.lines.iter().map(|l| l.quantity).sum(),
            without_price: lines.iter().filter(|l| l.is_none()).count(),
            lines,
        }
    }
}

/// A file name that every system takes.
fn file_stem(order: &Order, language: Language) -> String {
    let word = match language {
        Language::Ru => "Заказ",
        Language::En => "Order",
    };
    let clean = |c: char| if c.is_alphanumeric() || " -_().".contains(c) { c } else { '_' };
    let site: String = order.site_name.chars().map(clean).take(60).collect();
    let number: String = order.number.chars().map(clean).take(40).collect();
    format!("{word} {number} {}", site.trim()).trim_end_matches([' ', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};

    use super::*;
    use crate::model::{
        Article, ArticleId, OrderId, OrderLineId, OrderStatus, SiteId, Supplier, SupplierId, SupplyKind,
    };

    fn line(id: i64, name: &str, quantity: i64, price: Option<i64>, vat: i64, theirs: Option<&str>) -> OrderLine {
        OrderLine {
            id: OrderLineId(id),
            article: Article {
                id: ArticleId(id),
                part_number: format!("TK-{id}"),
                name: name.into(),
                vendor: "Kyocera".into(),
                kind: SupplyKind::Toner,
                color: None,
                yield_pages: None,
                price: price.map(Minor),
                vat_percent: vat,
                supplier: Some(SupplierId(1)),
                supplier_article: theirs.map(Into::into),
            },
            quantity,
            price: price.map(Minor),
            need: None,
            received: 0,
        }
    }

    fn order(language: &str, lines: Vec<OrderLine>) -> Order {
        Order {
            id: OrderId(1),
            number: "2026-0001".into(),
            site: SiteId(1),
            site_name: "Казань, ул. \"Баумана\"/2".into(),
            supplier: Supplier {
                id: SupplierId(1),
                name: "ООО «Картридж & Ко»".into(),
                email: "sales@example.com".into(),
                language: language.into(),
                currency: "RUB".into(),
            },
            status: OrderStatus::Approved,
            created_at: Millis(1_795_000_000_000),
            lines,
        }
    }

    fn lines() -> Vec<OrderLine> {
        vec![
            line(1170, "Тонер-картридж <TK-1170>", 3, Some(450_033), 22, Some("K-77")),
            line(2, "=HYPERLINK(\"x\");опасно", 1, None, 22, None),
            line(3, "Бумага, A4", 10, Some(5), 10, Some("")),
        ]
    }

    const HEADING: Heading<'static> = Heading {
        at: Millis(1_795_467_600_000),
        time_zone: "Europe/Moscow",
        signature: "ООО «Ромашка»\nИван <i@example.com>",
    };

    fn cells(xlsx: &[u8]) -> calamine::Range<Data> {
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(xlsx.to_vec())).unwrap();
        let name = book.sheet_names()[0].clone();
        book.worksheet_range(&name).unwrap()
    }

    #[test]
    fn vat_is_rounded_half_up_per_line_and_totals_are_sums() {
        let sums = Sums::of(&order("ru", lines()));
        // 3 * 4500.33 = 13500.99; 22 % = 2970.2178 -> 2970.22. 10 * 0.05 = 0.50; 10 % = 0.05.
        let first = sums.lines[0].unwrap();
        assert_eq!((first.net, first.vat, first.total), (Minor(1_350_099), Minor(297_022), Minor(1_647_121)));
        assert_eq!((sums.net, sums.vat, sums.total), (Minor(1_350_149), Minor(297_027), Minor(1_647_176)));
        assert_eq!((sums.pieces, sums.without_price), (14, 1));
    }

    #[test]
    fn numbers_in_the_spreadsheet_are_numbers() {
        let doc = render_order(&order("ru", lines()), &HEADING).unwrap();
        let sheet = cells(&doc.xlsx);
        let at = |row, column| sheet.get_value((row, column)).cloned().unwrap_or(Data::Empty);
        assert_eq!(at(0, 0), Data::String("Заказ № 2026-0001 от 24.11.2026".into()));
        assert_eq!(at(4, 0), Data::String("Артикул поставщика".into()));
        assert_eq!(at(5, 0), Data::String("K-77".into()));
        assert_eq!(at(5, 1), Data::String("TK-1170".into()));
        let expected = [3.0, 4500.33, 0.22, 2970.22, 16471.21];
        for (column, n) in (3..).zip(expected) {
            assert_eq!(at(5, column), Data::Float(n), "column {column}");
        }
        assert_eq!(at(6, 2), Data::String("=HYPERLINK(\"x\");опасно".into()));
        assert_eq!(at(6, 7), Data::Empty);
        assert_eq!((at(8, 3), at(8, 6), at(8, 7)), (Data::Float(14.0), Data::Float(2970.27), Data::Float(16471.76)));
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(doc.xlsx)).unwrap();
        let formulas = book.worksheet_formula("Заказ").unwrap();
        let formula = |row, column| formulas.get_value((row, column)).cloned().unwrap_or_default();
        assert_eq!(formula(5, 6), "ROUND(D6*E6*F6,2)");
        assert_eq!(formula(8, 7), "SUM(H6:H8)");
        assert_eq!(formula(6, 2), "");
    }

    #[test]
    fn the_letter_is_in_the_suppliers_language() {
        let ru = render_order(&order("ru", lines()), &HEADING).unwrap();
        assert_eq!(ru.subject, "Заказ № 2026-0001 (Казань, ул. \"Баумана\"/2)");
        assert_eq!(ru.xlsx_name, "Заказ 2026-0001 Казань_ ул. _Баумана__2.xlsx");
        let text = ru.text.replace('\u{a0}', " ");
        for part in [
            "Просим принять заказ № 2026-0001 от 24.11.2026.",
            "1. K-77 (TK-1170) — Тонер-картридж <TK-1170>: 3 шт. × 4 500,33 ₽ = 13 500,99 ₽; НДС 22 %: 2 970,22 ₽; с НДС: 16 471,21 ₽",
            "цена не указана",
            "Итого: 3 позиции, 14 шт.",
            "Всего с НДС: 16 471,76 ₽",
            "Для позиций без цены",
            "ООО «Ромашка»",
        ] {
            assert!(text.contains(part), "{part}\n---\n{text}");
        }
        assert!(ru.html.contains("Тонер-картридж &lt;TK-1170&gt;") && !ru.html.contains("<i@"), "{}", ru.html);
        let en = render_order(&order("en-GB", lines()), &HEADING).unwrap();
        assert_eq!(en.subject, "Purchase order No. 2026-0001 (Казань, ул. \"Баумана\"/2)");
        let text = en.text.replace('\u{a0}', " ");
        assert!(text.contains("3 pcs × 4,500.33 RUB = 13,500.99 RUB; VAT 22 %: 2,970.22 RUB"), "{text}");
        assert!(text.contains("order No. 2026-0001 of 24 November 2026."), "{text}");
        assert_eq!(cells(&en.xlsx).get_value((4, 0)), Some(&Data::String("Supplier's article".into())));
    }

    #[test]
    fn csv_opens_in_excel_of_the_receivers_country() {
        let ru = String::from_utf8(render_order(&order("ru", lines()), &HEADING).unwrap().csv).unwrap();
        let rows: Vec<&str> = ru.trim_start_matches('\u{feff}').split("\r\n").collect();
        assert!(ru.starts_with('\u{feff}'));
        assert_eq!(rows[1], "K-77;TK-1170;Тонер-картридж <TK-1170>;3;4500,33;22;2970,22;16471,21");
        assert_eq!(rows[2], ";TK-2;\"'=HYPERLINK(\"\"x\"\");опасно\";1;;22;;");
        assert_eq!(rows[4], "Итого;;;14;;;2970,27;16471,76");
        let en = String::from_utf8(render_order(&order("en", lines()), &HEADING).unwrap().csv).unwrap();
        assert!(en.contains("K-77,TK-1170,Тонер-картридж <TK-1170>,3,4500.33,22,2970.22,16471.21\r\n"), "{en}");
        assert!(en.contains(",\"Бумага, A4\",10,0.05,10,0.05,0.55"), "{en}");
    }

    #[test]
    fn the_same_order_gives_the_same_bytes() {
        let render = || render_order(&order("ru", lines()), &HEADING).unwrap();
        assert_eq!(render(), render());
    }

    #[test]
    fn odd_orders_are_still_documents() {
        let unpriced =
            render_order(&order("ru", vec![line(1, "x\r\nBcc: evil@example.com", 1, None, 22, None)]), &HEADING)
                .unwrap();
        assert!(!unpriced.text.contains("Всего с НДС"), "{}", unpriced.text);
        assert!(unpriced.text.contains("x Bcc:"), "one line");
        let empty = render_order(&order("ru", vec![]), &Heading { signature: "", ..HEADING }).unwrap();
        assert!(empty.text.contains("0 позиций") && !empty.text.contains("-- "));
    }
}
