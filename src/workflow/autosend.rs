//! May a draft order leave without a click? Only for a supplier somebody opted in, within its weekly limit, and only when
//! nothing in it is left to decide.
//!
//! Pure: the engine asks at every tick and writes the reason of a refusal beside the order, in words for people.

use crate::model::{AutoHold, Millis, Minor, Order, OrderStatus, SupplierTerms};

/// A draft rests so long first: needs of one morning make one order, and a person may still look.
pub const REST: i64 = Millis::HOUR;
/// What the limit counts.
pub const WEEK: i64 = 7 * Millis::DAY;

/// What comes of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Send,
    /// Nothing to say: not opted in, empty, or still resting.
    Wait,
    /// A person has to click, and why.
    Hold(AutoHold),
}

/// `spent`: net sum of the supplier's orders that left by themselves within `WEEK`.
pub fn decide(order: &Order, terms: &SupplierTerms, spent: Minor, now: Millis) -> Decision {
    let resting = now.since(order.created_at) < REST;
    if !terms.auto_send || order.status != OrderStatus::Draft || order.lines.is_empty() || resting {
        return Decision::Wait;
    }
    let unpriced = order.lines.iter().filter(|l| l.price.is_none_or(|p| p.0 <= 0)).count();
    if unpriced > 0 {
        return Decision::Hold(AutoHold::NoPrice { lines: unpriced as i64 });
    }
    let sums = order.lines.iter().filter_map(|l| Some(l.price?.times(l.quantity)));
    let total = sums.fold(Minor(0), Minor::plus);
    if total < terms.min_order {
        return Decision::Hold(AutoHold::BelowMinimum { total, minimum: terms.min_order });
    }
    match terms.auto_week_limit {
        None => Decision::Hold(AutoHold::NoLimit),
        Some(limit) if spent.plus(total) > limit => Decision::Hold(AutoHold::AboveLimit { total, spent, limit }),
        Some(_) => Decision::Send,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::*;

    fn order(prices: &[Option<i64>]) -> Order {
        let article = Article {
            id: ArticleId(1),
            part_number: "TK-1170".into(),
            name: "Тонер".into(),
            vendor: "Kyocera".into(),
            kind: SupplyKind::Toner,
            color: None,
            yield_pages: None,
            price: None,
            vat_percent: 22,
            supplier: Some(SupplierId(1)),
            supplier_article: None,
        };
        let json = serde_json::json!({
            "id": 1, "number": "2026-0001", "site": 1, "site_name": "Уфа", "status": "draft", "created_at": 0,
            "supplier": { "id": 1, "name": "Тонер", "email": "a@b.c", "language": "ru", "currency": "RUB" },
            "lines": prices.iter().map(|p| serde_json::json!({
                "id": 1, "article": article, "quantity": 2, "price": p, "need": null, "received": 0
            })).collect::<Vec<_>>(),
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn only_what_leaves_nothing_to_decide() {
        let terms = SupplierTerms {
            auto_send: true,
            auto_week_limit: Some(Minor(1_000)),
            min_order: Minor(100),
            ..SupplierTerms::default()
        };
        let at = Millis(REST);
        let of = |prices: &[Option<i64>], spent| decide(&order(prices), &terms, Minor(spent), at);
        assert_eq!(of(&[Some(100), Some(200)], 400), Decision::Send);
        let above = AutoHold::AboveLimit { total: Minor(600), spent: Minor(401), limit: Minor(1_000) };
        assert_eq!(of(&[Some(100), Some(200)], 401), Decision::Hold(above));
        assert_eq!(of(&[Some(100), None, Some(0)], 0), Decision::Hold(AutoHold::NoPrice { lines: 2 }));
        let small = AutoHold::BelowMinimum { total: Minor(98), minimum: Minor(100) };
        assert_eq!(of(&[Some(49)], 0), Decision::Hold(small));
        assert_eq!(of(&[], 0), Decision::Wait);
        assert_eq!(decide(&order(&[Some(100)]), &terms, Minor(0), Millis(REST - 1)), Decision::Wait, "it rests");
        let by_hand = SupplierTerms { auto_send: false, ..terms.clone() };
        assert_eq!(decide(&order(&[Some(100)]), &by_hand, Minor(0), at), Decision::Wait);
        let endless = SupplierTerms { auto_week_limit: None, ..terms.clone() };
        assert_eq!(decide(&order(&[Some(100)]), &endless, Minor(0), at), Decision::Hold(AutoHold::NoLimit));
        let sent = Order { status: OrderStatus::Sent, ..order(&[Some(100)]) };
        assert_eq!(decide(&sent, &terms, Minor(0), at), Decision::Wait);
    }
}
