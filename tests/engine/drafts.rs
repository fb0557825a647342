//! A draft after it was planned: the month's money, the supplier's minimum, and what a person decides against both.

use std::time::Duration;

use anykey::engine::CommandError;
use anykey::model::*;
use anykey::store::testing::{count, for_each_database};

use super::{Branch, new_article, printer_facts, toner};

const DAY: Duration = Duration::from_secs(86_400);
const CUT: &str = "SELECT COUNT(*) FROM order_line WHERE cut IS NOT NULL";
const FILLERS: &str = "SELECT COUNT(*) FROM order_line WHERE filler IS NOT NULL";
const LINES: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(id * quantity * article_id), 0) AS BIGINT) FROM order_line";

/// A supplier with a minimum and two articles: 4500 for the one model, 1000 for the other.
async fn catalogue(b: &Branch, minimum: i64) -> [i64; 2] {
    let terms = SupplierTerms { min_order: Minor(minimum), ..SupplierTerms::default() };
    let add = Command::AddSupplier {
        name: "ООО Тонер".into(),
        email: "sales@example.test".into(),
        language: "ru".into(),
        currency: "RUB".into(),
        terms,
    };
    let supplier = b.done(add).await.id.unwrap();
    let dear = b.done(Command::AddArticle { article: new_article(Some(supplier)) }).await.id.unwrap();
    let cheap = NewArticle {
        part_number: "TK-3190".into(),
        price_minor: Some(100_000),
        fits: vec!["Kyocera/ECOSYS P3055*".into()],
        ..new_article(Some(supplier))
    };
    [dear, b.done(Command::AddArticle { article: cheap }).await.id.unwrap()]
}

/// A printer that takes the second article.
async fn other_printer(b: &Branch, address: &str, serial: &str) -> i64 {
    let facts = Facts { model: Some("ECOSYS P3055dn".into()), ..printer_facts(serial) };
    b.give(b.discovered(address, facts)).await;
    b.number("SELECT MAX(id) FROM device").await
}

fn read(b: &Branch, device: i64, address: &str, level: i64, pages: u64) -> Reading {
    let facts = Facts {
        supplies: Some(vec![toner("1.1", level)]),
        printer: Some(PrinterFacts { page_count: Some(pages), ..PrinterFacts::default() }),
        ..Facts::default()
    };
    b.known(device, address, ProbeClass::Supplies, facts)
}

async fn limit(b: &Branch, value: &str) -> Result<(), CommandError> {
    let key = format!("month_limit.{}", b.site);
    b.command(Command::SetSetting { key, value: value.into() }).await?;
    b.engine.tick().await.unwrap();
    Ok(())
}

#[tokio::test]
async fn what_the_month_cannot_pay_waits_in_sight() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let [dear, cheap] = catalogue(&b, 0).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        let e = other_printer(&b, "10.0.0.2", "VXL00002").await;
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        b.give(b.supplies(e, "10.0.0.2", 5)).await;
        assert_eq!((b.number(CUT).await, count(&b.store, "order_line").await), (0, 2));
        for wrong in ["200000", "-1 RUB", "200000 roubles"] {
            assert!(matches!(limit(&b, wrong).await, Err(CommandError::Invalid { code: "bad-limit", .. })), "{wrong}");
        }
        limit(&b, "200000 RUB").await.unwrap();
        assert_eq!(b.numbers("SELECT article_id FROM order_line WHERE cut IS NOT NULL").await, [dear]);
        let lines = b.numbers(LINES).await;
        b.engine.tick().await.unwrap();
        assert_eq!((b.number(CUT).await, b.numbers(LINES).await), (1, lines));

        b.done(Command::ApproveOrder { order: OrderId(1) }).await;
        assert_eq!(b.numbers("SELECT article_id FROM order_line WHERE order_id = 1").await, [cheap]);
        assert_eq!(b.numbers("SELECT article_id, order_id FROM order_line WHERE cut IS NOT NULL").await, [dear, 2]);
        assert_eq!(b.numbers("SELECT article_id FROM need WHERE status = 'open'").await, [dear], "its need is not met");
        assert_eq!(b.numbers("SELECT article_id FROM need WHERE status = 'ordered'").await, [cheap]);
        b.engine.tick().await.unwrap();
        let again = b.command(Command::ApproveOrder { order: OrderId(2) }).await;
        assert!(matches!(again, Err(CommandError::Invalid { code: "over-budget", .. })), "{again:?}");

        let line = OrderLineId(b.number("SELECT id FROM order_line WHERE cut IS NOT NULL").await);
        let silent = b.command(Command::BuyOverBudget { line, reason: "  ".into() }).await;
        assert!(matches!(silent, Err(CommandError::Invalid { code: "required", .. })), "{silent:?}");
        b.done(Command::BuyOverBudget { line, reason: "closing the year".into() }).await;
        b.engine.tick().await.unwrap();
        assert_eq!(b.number(CUT).await, 0, "a person's word stays");
        b.done(Command::ApproveOrder { order: OrderId(2) }).await;
        let audit = "SELECT COUNT(*) FROM audit WHERE command LIKE '%buy-over-budget%closing the year%' AND who = 'anna' \
                     AND result = 'done'";
        assert_eq!(b.number(audit).await, 1);
        assert_eq!(count(&b.store, "purchase_order").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_raised_limit_and_a_new_month_let_lines_go() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        catalogue(&b, 0).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        limit(&b, "500000 RUB").await.unwrap();
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        assert_eq!(b.number(CUT).await, 0, "it fits");
        b.done(Command::ApproveOrder { order: OrderId(1) }).await;
        let e = other_printer(&b, "10.0.0.2", "VXL00002").await;
        b.give(b.supplies(e, "10.0.0.2", 5)).await;
        assert_eq!(b.number(CUT).await, 1, "what was ordered counts");
        limit(&b, "500000 EUR").await.unwrap();
        assert_eq!(b.number(CUT).await, 0, "another money is not counted");
        limit(&b, "500000 RUB").await.unwrap();
        assert_eq!(b.number(CUT).await, 1);
        limit(&b, "600000 RUB").await.unwrap();
        assert_eq!(b.number(CUT).await, 0);
        limit(&b, "500000 RUB").await.unwrap();
        assert_eq!(b.number(CUT).await, 1);
        // Both branches' month ends on 31 March; the test began on the second.
        b.wait(29 * DAY);
        b.give(b.supplies(e, "10.0.0.2", 5)).await;
        assert_eq!(b.number(CUT).await, 1);
        b.wait(DAY);
        b.give(b.supplies(e, "10.0.0.2", 4)).await;
        assert_eq!(b.number(CUT).await, 0, "a new month has its own money");
    })
    .await;
}

/// Four weeks of a printer that takes two months for a cartridge; 70 % are left.
async fn worn(b: &Branch, e: i64) {
    for n in 0..10u64 {
        b.give(read(b, e, "10.0.0.2", 100 - 3 * n as i64, 1_000 + 216 * n)).await;
        b.wait(2 * DAY);
    }
    b.give(read(b, e, "10.0.0.2", 70, 1_000 + 216 * 10)).await;
}

#[tokio::test]
async fn an_order_below_the_minimum_is_filled_with_what_is_due() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let [_, cheap] = catalogue(&b, 500_000).await;
        let e = other_printer(&b, "10.0.0.2", "VXL00002").await;
        worn(&b, e).await;
        assert_eq!(count(&b.store, "need").await, 0, "nothing is needed yet");
        assert_eq!(count(&b.store, "purchase_order").await, 0, "nothing is bought for a minimum alone");
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        assert_eq!(b.numbers("SELECT article_id, quantity FROM order_line WHERE filler IS NOT NULL").await, [cheap, 1]);
        let lines = b.numbers(LINES).await;
        b.wait(DAY);
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        assert_eq!((b.number(FILLERS).await, b.numbers(LINES).await), (1, lines), "the same plan, the same filler");
        // No money for what is not needed yet.
        limit(&b, "500000 RUB").await.unwrap();
        assert_eq!((b.number(FILLERS).await, b.number(CUT).await), (0, 0));
        limit(&b, "").await.unwrap();
        assert_eq!(b.number(FILLERS).await, 1);
        // Another printer asks: the minimum is reached without it.
        let f = b.printer("10.0.0.3", "VXL00003").await;
        b.give(b.supplies(f, "10.0.0.3", 5)).await;
        assert_eq!((b.number(FILLERS).await, count(&b.store, "order_line").await), (0, 1));
        // Put in again, both reasons go: nothing is left of the order.
        for (device, address) in [(d, "10.0.0.1"), (f, "10.0.0.3")] {
            for _ in 0..3 {
                b.wait(DAY / 24);
                b.give(b.supplies(device, address, 100)).await;
            }
        }
        assert_eq!((count(&b.store, "order_line").await, count(&b.store, "purchase_order").await), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_filler_a_person_changed_is_a_line_and_one_that_is_needed_too() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let [dear, cheap] = catalogue(&b, 500_000).await;
        let e = other_printer(&b, "10.0.0.2", "VXL00002").await;
        worn(&b, e).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        assert_eq!(b.number(FILLERS).await, 1);
        // It runs low itself: the need takes the line.
        b.give(read(&b, e, "10.0.0.2", 4, 9_000)).await;
        let of_cheap = "SELECT l.quantity, COUNT(*) FROM order_line l JOIN need n ON n.id = l.need_id \
                        WHERE l.filler IS NULL GROUP BY l.quantity";
        assert_eq!((b.number(FILLERS).await, b.numbers(of_cheap).await), (0, vec![1, 2]), "{dear} {cheap}");
        assert_eq!(count(&b.store, "order_line").await, 2);
    })
    .await;
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        catalogue(&b, 500_000).await;
        let e = other_printer(&b, "10.0.0.2", "VXL00002").await;
        worn(&b, e).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        let line = OrderLineId(b.number("SELECT id FROM order_line WHERE filler IS NOT NULL").await);
        b.done(Command::SetLineQuantity { line, quantity: 3 }).await;
        b.engine.tick().await.unwrap();
        assert_eq!(b.numbers("SELECT COUNT(*), CAST(SUM(quantity) AS BIGINT) FROM order_line").await, [2, 4]);
        assert_eq!(b.number(FILLERS).await, 0);
    })
    .await;
}

#[tokio::test]
async fn hoarding_is_no_way_to_a_minimum() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        catalogue(&b, 9_000_000).await;
        let e = other_printer(&b, "10.0.0.2", "VXL00002").await;
        worn(&b, e).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        assert_eq!((b.number(FILLERS).await, count(&b.store, "order_line").await), (0, 1));
        // A person may approve it as it is.
        b.done(Command::ApproveOrder { order: OrderId(1) }).await;
    })
    .await;
}
