//! The letter: subject, plain text, HTML. One line per article, totals, a request to confirm.
//!
//! The words of both languages are here; nothing else in the crate writes to suppliers.

use std::fmt::Write;

use super::super::Language;
use super::super::format::{date, escape_html, money, plural_ru};
use super::{Heading, LineSums, Sums};
use crate::model::{Order, OrderLine};

pub(super) struct Words {
    pub(super) order: &'static str,
    number: &'static str,
    with_vat: &'static str,
    pub(super) of_day: &'static str,
    pub(super) branch: &'static str,
    pub(super) supplier: &'static str,
    greeting: &'static str,
    please: &'static str,
    no_price: &'static str,
    pub(super) pieces: &'static str,
    pub(super) net: &'static str,
    pub(super) vat: &'static str,
    pub(super) total: &'static str,
    ask_price: &'static str,
    confirm: &'static str,
    attached: &'static str,
    pub(super) columns: [&'static str; 8],
    pub(super) sum: &'static str,
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::Ru => &Words {
            order: "Заказ №",
            number: "№",
            with_vat: "с НДС",
            of_day: "от",
            branch: "Филиал",
            supplier: "Поставщик",
            greeting: "Здравствуйте!",
            please: "Просим принять заказ",
            no_price: "цена не указана",
            pieces: "шт.",
            net: "Сумма без НДС",
            vat: "НДС",
            total: "Всего с НДС",
            ask_price: "Для позиций без цены просим сообщить цену; в итоги они не вошли.",
            confirm: "Просим подтвердить заказ и срок поставки ответом на это письмо, сохранив номер заказа в теме.",
            attached: "Та же таблица приложена файлом XLSX.",
            columns: [
                "Артикул поставщика",
                "Артикул производителя",
                "Наименование",
                "Количество",
                "Цена без НДС",
                "Ставка НДС",
                "Сумма НДС",
                "Всего с НДС",
            ],
            sum: "Итого",
        },
        Language::En => &Words {
            order: "Purchase order No.",
            number: "No.",
            with_vat: "with VAT",
            of_day: "of",
            branch: "Branch",
            supplier: "Supplier",
            greeting: "Hello,",
            please: "Please accept our order",
            no_price: "no price given",
            pieces: "pcs",
            net: "Net",
            vat: "VAT",
            total: "Total with VAT",
            ask_price: "Please tell us the price of the lines without one; the totals leave them out.",
            confirm: "Please confirm the order and the delivery date by replying to this mail; keep the order number in the subject.",
            attached: "The same table is attached as an XLSX file.",
            columns: [
                "Supplier's article",
                "Part number",
                "Name",
                "Quantity",
                "Net price",
                "VAT rate",
                "VAT",
                "Total with VAT",
            ],
            sum: "Total",
        },
    }
}

pub(super) fn subject(order: &Order, language: Language) -> String {
    one_line(&format!("{} {} ({})", words(language).order, order.number, order.site_name))
}

/// A header line or a table cell has no line breaks.
pub(super) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control()).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ")
}

fn headline(order: &Order, heading: &Heading<'_>, language: Language) -> String {
    let w = words(language);
    let day = date(heading.at, heading.time_zone, language);
    format!("{} {} {} {} {day}", w.please, w.number, order.number, w.of_day)
}

/// "3 позиции, 5 шт."
fn extent(order: &Order, language: Language, sums: &Sums) -> String {
    let lines = order.lines.len() as i64;
    let noun = match language {
        Language::Ru => plural_ru(lines, "позиция", "позиции", "позиций"),
        Language::En if lines == 1 => "line",
        Language::En => "lines",
    };
    format!("{lines} {noun}, {} {}", sums.pieces, words(language).pieces)
}

fn articles(line: &OrderLine) -> String {
    let own = one_line(&line.article.part_number);
    match line.article.supplier_article.as_deref().map(one_line) {
        Some(theirs) if theirs != own && !theirs.is_empty() => format!("{theirs} ({own})"),
        _ => own,
    }
}

pub(super) fn plain(order: &Order, heading: &Heading<'_>, language: Language, sums: &Sums) -> String {
    let w = words(language);
    let currency = &order.supplier.currency;
    let money = |m| money(m, currency, language);
    let mut t = String::new();
    let _ = writeln!(t, "{}\n\n{}.", w.greeting, headline(order, heading, language));
    let _ = writeln!(t, "{}: {}\n", w.branch, one_line(&order.site_name));
    for (at, (line, s)) in order.lines.iter().zip(&sums.lines).enumerate() {
        let name = one_line(&line.article.name);
        let _ = write!(t, "{}. {} — {name}: {} {}", at + 1, articles(line), line.quantity, w.pieces);
        let _ = match s {
            Some(LineSums { price, net, vat, total }) => writeln!(
                t,
                " × {} = {}; {} {}\u{a0}%: {}; {}: {}",
                money(*price),
                money(*net),
                w.vat,
                line.article.vat_percent,
                money(*vat),
                w.with_vat,
                money(*total),
            ),
            None => writeln!(t, "; {}", w.no_price),
        };
    }
    let _ = writeln!(t, "\n{}: {}", w.sum, extent(order, language, sums));
    if sums.without_price < order.lines.len() {
        for (name, amount) in [(w.net, sums.net), (w.vat, sums.vat), (w.total, sums.total)] {
            let _ = writeln!(t, "{name}: {}", money(amount));
        }
    }
    t.push('\n');
    if sums.without_price > 0 {
        let _ = writeln!(t, "{}", w.ask_price);
    }
    let _ = writeln!(t, "{}\n{}", w.confirm, w.attached);
    if !heading.signature.trim().is_empty() {
        let _ = writeln!(t, "\n-- \n{}", heading.signature.trim());
    }
    t
}

pub(super) fn html(order: &Order, heading: &Heading<'_>, language: Language, sums: &Sums) -> String {
    let w = words(language);
    let currency = &order.supplier.currency;
    let money = |m| escape_html(&money(m, currency, language));
    let lang = if language == Language::Ru { "ru" } else { "en" };
    let mut h = format!(
        "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body style=\"font-family:sans-serif;font-size:14px;color:#1b1b1b\">\n<p>{}</p>\n<p>{}.<br>{}: <b>{}</b></p>\n",
        escape_html(&subject(order, language)),
        w.greeting,
        escape_html(&headline(order, heading, language)),
        w.branch,
        escape_html(&one_line(&order.site_name)),
    );
    h.push_str("<table style=\"border-collapse:collapse\" cellpadding=\"6\" border=\"1\">\n<thead><tr>");
    for c in w.columns {
        let _ = write!(h, "<th align=\"left\">{}</th>", escape_html(c));
    }
    h.push_str("</tr></thead>\n<tbody>\n");
    for (line, s) in order.lines.iter().zip(&sums.lines) {
        let a = &line.article;
        let texts = [a.supplier_article.as_deref().unwrap_or(""), &a.part_number, &a.name];
        h.push_str("<tr>");
        for text in texts {
            let _ = write!(h, "<td>{}</td>", escape_html(&one_line(text)));
        }
        let numbers = match s {
            Some(s) => [money(s.price), format!("{}\u{a0}%", a.vat_percent), money(s.vat), money(s.total)],
            None => [w.no_price.to_owned(), format!("{}\u{a0}%", a.vat_percent), String::new(), String::new()],
        };
        let _ = write!(h, "<td align=\"right\">{}</td>", line.quantity);
        for n in numbers {
            let _ = write!(h, "<td align=\"right\">{n}</td>");
        }
        h.push_str("</tr>\n");
    }
    let _ = write!(
        h,
        "</tbody>\n<tfoot><tr><td colspan=\"3\"><b>{}</b>: {}</td><td align=\"right\">{}</td><td></td><td></td>\
         <td align=\"right\">{}</td><td align=\"right\"><b>{}</b></td></tr></tfoot>\n</table>\n",
        w.sum,
        escape_html(&extent(order, language, sums)),
        sums.pieces,
        money(sums.vat),
        money(sums.total),
    );
    if sums.without_price > 0 {
        let _ = writeln!(h, "<p>{}</p>", w.ask_price);
    }
    let _ = writeln!(h, "<p>{}<br>{}</p>", w.confirm, w.attached);
    if !heading.signature.trim().is_empty() {
        let signature = escape_html(heading.signature.trim()).replace('\n', "<br>\n");
        let _ = writeln!(h, "<p style=\"color:#555\">--<br>\n{signature}</p>");
    }
    h.push_str("</body></html>\n");
    h
}
