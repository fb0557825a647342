//! "Where is the order?": the letter to a supplier whose order is late, with what is still to come. The order itself is
//! attached as it was sent.

use super::format::{date, escape_html};
use super::order::{Heading, OrderDocument, render_order};
use super::{DocumentError, Language};
use crate::model::{Millis, Order};

/// `ordered_at`: when it was approved; `expected_at`: the day it was expected on.
pub fn render_where_is(
    order: &Order,
    heading: &Heading<'_>,
    ordered_at: Millis,
    expected_at: Option<Millis>,
) -> Result<OrderDocument, DocumentError> {
    let language = Language::of(&order.supplier.language);
    let day = |at| date(at, heading.time_zone, language);
    let document = render_order(order, &Heading { at: ordered_at, ..*heading })?;
    let ru = language == Language::Ru;
    let subject = match language {
        Language::Ru => format!("Где заказ № {}? {}", order.number, order.site_name),
        Language::En => format!("Where is purchase order No. {}? {}", order.number, order.site_name),
    };
    let number = &order.number;
    let expected =
        expected_at.map(|at| if ru { format!(", ждали {}", day(at)) } else { format!(", expected on {}", day(at)) });
    let expected = expected.unwrap_or_default();
    let (greeting, question, please) = match language {
        Language::Ru => (
            "Здравствуйте!",
            format!("Заказ № {number} от {} ещё не получен полностью{expected}. Не хватает:", day(ordered_at)),
            "Просим ответить на это письмо, когда придёт остальное, сохранив номер заказа в теме.",
        ),
        Language::En => (
            "Hello,",
            format!("Purchase order No. {number} of {} has not arrived in full{expected}. Missing:", day(ordered_at)),
            "Please answer this mail with the day the rest will arrive, keeping the number of the order in the subject.",
        ),
    };
    let missing: Vec<String> = order
        .lines
        .iter()
        .filter(|l| l.received < l.quantity)
        .map(|l| {
            let pieces = if ru { "шт." } else { "pcs" };
            format!("{} {}: {} {pieces}", l.article.part_number, l.article.name, l.quantity - l.received)
        })
        .collect();
    let signature = heading.signature.trim();
    let lines: String = missing.iter().map(|m| format!("- {m}\n")).collect();
    let text = format!("{greeting}\n\n{question}\n{lines}\n{please}\n\n{signature}\n");
    let items: String = missing.iter().map(|m| format!("<li>{}</li>", escape_html(m))).collect();
    let signed = escape_html(signature).replace('\n', "<br>");
    let html = format!(
        "<!doctype html><html><body><p>{greeting}</p><p>{}</p><ul>{items}</ul><p>{please}</p><p>{signed}</p></body></html>",
        escape_html(&question)
    );
    Ok(OrderDocument {
        subject: subject.replace(['\r', '\n'], " "),
        text: text.trim_end().to_owned() + "\n",
        html,
        ..document
    })
}
