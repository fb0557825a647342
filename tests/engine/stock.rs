//! Stores, stock documents, the life of orders, replacements seen and told: on both databases.

use std::time::Duration;

use anykey::model::*;
use anykey::store::outbox;
use anykey::store::read::{Paging, documents, orders, stock};
use anykey::store::testing::{count, for_each_address, for_each_database};

use super::Branch;

const HALF_HOUR: Duration = Duration::from_secs(1800);
const DAY: Duration = Duration::from_secs(86_400);

fn written(kind: DocumentKind, lines: &[(i64, i64)]) -> NewDocument {
    NewDocument {
        kind,
        store: None,
        site: Some(SiteId(1)),
        to_store: None,
        device: None,
        supply_index: None,
        note: "по акту".into(),
        lines: lines.iter().map(|(a, q)| StockLine::of(ArticleId(*a), *q)).collect(),
        draft: false,
        key: None,
    }
}

async fn post(b: &Branch, document: NewDocument) -> DocumentId {
    DocumentId(b.done(Command::PostStock { document }).await.id.unwrap())
}

async fn hand(b: &Branch, store: i64) -> i64 {
    let filter = stock::BalanceFilter { store: Some(StoreId(store)), ..Default::default() };
    let rows = stock::balances(b.store.db(), &filter, Paging::all()).await.unwrap().rows;
    rows.iter().map(|r| r.on_hand).sum()
}

async fn refused(b: &Branch, command: Command) -> String {
    let e = b.command(command).await.unwrap_err();
    format!("{} {e}", e.code())
}

#[tokio::test]
async fn stock_documents_move_goods_and_are_taken_back() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let (_, a) = b.catalogue().await;
        let mut receipt = written(DocumentKind::Receipt, &[(a, 5)]);
        receipt.key = Some("r1".into());
        let first = post(&b, receipt.clone()).await;
        assert_eq!(post(&b, receipt).await, first, "pressed twice");
        let main = b.number("SELECT id FROM stock_store WHERE main = 1").await;
        assert_eq!((hand(&b, main).await, count(&b.store, "stock_move").await), (5, 1));

        let told = refused(&b, Command::PostStock { document: written(DocumentKind::Issue, &[(a, 6)]) }).await;
        assert!(
            told.starts_with("not-enough") && told.contains("Основной склад") && told.contains("TK-1170"),
            "{told}"
        );
        assert!(told.contains("holds 5") && told.contains("count"), "{told}");
        let issue = post(&b, written(DocumentKind::Issue, &[(a, 2)])).await;
        assert_eq!(hand(&b, main).await, 3);
        // The receipt cannot go back while its goods are gone.
        let back = |document, note: &str| Command::ReverseDocument { document, note: note.into() };
        assert!(refused(&b, back(first, "")).await.starts_with("not-enough"));
        b.done(back(issue, "не тот")).await;
        assert!(!b.done(back(issue, "ещё раз")).await.changed);
        assert_eq!(hand(&b, main).await, 5);

        // Away and there.
        let other = b.done(Command::AddStore { site: b.site, name: "Шкаф 2 этажа".into() }).await.id.unwrap();
        let mut away = written(DocumentKind::Transfer, &[(a, 4)]);
        away.to_store = Some(StoreId(other));
        away.draft = true;
        let document = post(&b, away).await;
        assert_eq!(hand(&b, main).await, 5, "a draft moves nothing");
        assert_eq!(refused(&b, Command::ReceiveTransfer { document }).await.split(' ').next(), Some("wrong-state"));
        b.done(Command::SendTransfer { document }).await;
        let filter = stock::BalanceFilter { store: Some(StoreId(other)), ..Default::default() };
        let there = stock::balances(b.store.db(), &filter, Paging::all()).await.unwrap().rows;
        assert_eq!((hand(&b, main).await, there[0].on_hand, there[0].in_transit), (1, 0, 4));
        assert!(refused(&b, Command::ArchiveStore { store: StoreId(other) }).await.starts_with("store-in-use"));
        b.done(Command::ReceiveTransfer { document }).await;
        assert!(!b.done(Command::ReceiveTransfer { document }).await.changed);
        assert_eq!((hand(&b, main).await, hand(&b, other).await), (1, 4));
        b.done(back(document, "")).await;
        assert_eq!((hand(&b, main).await, hand(&b, other).await), (5, 0));
        b.done(Command::ArchiveStore { store: StoreId(other) }).await;

        // Counted: the difference is posted; a count on old books is refused.
        let mut counted = written(DocumentKind::Count, &[(a, 3)]);
        counted.lines[0].expected = Some(4);
        assert!(refused(&b, Command::PostStock { document: counted.clone() }).await.starts_with("books-moved"));
        counted.lines[0].expected = Some(5);
        let counted = post(&b, counted).await;
        let detail = documents::one(b.store.db(), counted).await.unwrap().unwrap();
        assert_eq!((hand(&b, main).await, detail.lines[0].difference()), (3, Some(-2)));
        let found = stock::findings(b.store.db(), None, b.clock.now()).await.unwrap();
        assert_eq!(found.iter().map(|f| (f.kind, f.pieces)).collect::<Vec<_>>(), [(FindingKind::Shortage, 2)]);

        // Used cartridges have books of their own.
        post(&b, written(DocumentKind::Return, &[(a, 2)])).await;
        assert!(
            refused(&b, Command::PostStock { document: written(DocumentKind::HandOver, &[(a, 3)]) })
                .await
                .contains("holds 2")
        );
        post(&b, written(DocumentKind::HandOver, &[(a, 2)])).await;
        assert_eq!(hand(&b, main).await, 3);
        let mut off = written(DocumentKind::WriteOff, &[(a, 1)]);
        off.note = " ".into();
        assert!(refused(&b, Command::PostStock { document: off }).await.starts_with("say-why"));
        for bad in [written(DocumentKind::Receipt, &[]), written(DocumentKind::Receipt, &[(a, 0)])] {
            assert!(b.command(Command::PostStock { document: bad }).await.is_err());
        }
        assert_eq!(
            refused(&b, Command::PostStock { document: written(DocumentKind::Receipt, &[(99, 1)]) })
                .await
                .split(' ')
                .next(),
            Some("not-found")
        );

        let moves = stock::moves(b.store.db(), ArticleId(a), None, Paging::all()).await.unwrap();
        assert_eq!(moves.rows[0].after, 3, "each move tells what was left");
        let sum = b.number("SELECT CAST(SUM(delta) AS BIGINT) FROM stock_move").await;
        assert_eq!((sum, moves.total), (3, count(&b.store, "stock_move").await));
        let list = documents::list(b.store.db(), &Default::default(), Paging::all()).await.unwrap();
        assert_eq!(list.total, count(&b.store, "stock_document").await);
    })
    .await;
}

#[tokio::test]
async fn stock_is_reserved_and_the_device_gets_it() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let (_, a) = b.catalogue().await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        post(&b, written(DocumentKind::Receipt, &[(a, 2)])).await;
        let r = |quantity| NewReservation {
            store: StoreId(1),
            article: ArticleId(a),
            device: Some(DeviceId(d)),
            quantity,
            note: String::new(),
        };
        let first = b.done(Command::Reserve { reservation: r(1) }).await;
        assert!(!b.done(Command::Reserve { reservation: r(1) }).await.changed, "pressed twice");
        assert!(refused(&b, Command::Reserve { reservation: r(2) }).await.starts_with("not-free"));
        let reserved = "SELECT COUNT(*) FROM stock_reservation WHERE released_at IS NULL";
        let mut issue = written(DocumentKind::Issue, &[(a, 1)]);
        issue.device = Some(DeviceId(d));
        post(&b, issue).await;
        assert_eq!((b.number(reserved).await, hand(&b, 1).await), (0, 1), "given out");
        b.wait(DAY);
        let second = b.done(Command::Reserve { reservation: r(1) }).await.id.unwrap();
        assert_ne!(first.id, Some(second));
        let release = Command::Release { reservation: ReservationId(second) };
        assert!(b.done(release.clone()).await.changed);
        assert!(!b.done(release).await.changed);
        assert_eq!(b.number(reserved).await, 0);
    })
    .await;
}

/// A cartridge falls to little and is seen new again.
async fn replaced(b: &Branch, d: i64) {
    for level in [5, 5, 5, 100, 100, 100] {
        b.wait(HALF_HOUR);
        b.give(b.supplies(d, "10.0.0.1", level)).await;
    }
}

fn told(d: i64, a: i64) -> NewDocument {
    let supply_index = Some("1.1".into());
    NewDocument { device: Some(DeviceId(d)), supply_index, ..written(DocumentKind::Issue, &[(a, 1)]) }
}

#[tokio::test]
async fn a_replacement_seen_waits_for_a_person_and_is_never_two() {
    for_each_address(|database| async move {
        let b = Branch::open(database.open().await).await;
        let (_, a) = b.catalogue().await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 50)).await;
        replaced(&b, d).await;
        let drafts = "SELECT COUNT(*) FROM stock_document WHERE status = 'draft' AND origin = 'detection'";
        assert_eq!(b.number(drafts).await, 1);
        let found = stock::findings(b.store.db(), None, b.clock.now()).await.unwrap();
        assert!(found.is_empty(), "no books in this branch yet: {found:?}");
        // Killed and started again: the same draft.
        let (clock, site) = (b.clock.clone(), b.site);
        b.engine.stop().await;
        b.store.close().await;
        let b = Branch::again(database.open().await, &clock, site).await;
        b.give(b.supplies(d, "10.0.0.1", 100)).await;
        assert_eq!(b.number(drafts).await, 1);
        // Nothing lies in the store: what was seen is posted all the same, and the books say so.
        let document = DocumentId(b.number("SELECT id FROM stock_document").await);
        assert_eq!(documents::one(b.store.db(), document).await.unwrap().unwrap().evidence.unwrap().to, Some(1.0));
        b.done(Command::PostDraft { document }).await;
        assert!(!b.done(Command::PostDraft { document }).await.changed);
        let found = stock::findings(b.store.db(), None, b.clock.now()).await.unwrap();
        assert_eq!(found.iter().map(|f| (f.kind, f.pieces)).collect::<Vec<_>>(), [(FindingKind::Negative, 1)]);
        // A person tells the same a day later.
        b.wait(DAY);
        let same = b.done(Command::PostStock { document: told(d, a) }).await;
        assert_eq!((same.changed, same.id), (false, Some(document.0)));
        let counted = written(DocumentKind::Count, &[(a, 4)]);
        b.done(Command::PostStock { document: counted }).await;

        // The next one is told first and seen afterwards.
        b.wait(DAY * 10);
        let first = post(&b, told(d, a)).await;
        assert_eq!(hand(&b, 1).await, 3);
        replaced(&b, d).await;
        assert_eq!(b.number(drafts).await, 0, "told already");
        assert_eq!(
            b.numbers("SELECT COUNT(*), MAX(id) FROM stock_document WHERE matched_key IS NOT NULL").await,
            [2, first.0]
        );
        // Another one seen the day after is another one; the person takes a second piece from the shelf for it.
        b.wait(DAY);
        replaced(&b, d).await;
        assert_eq!(b.number(drafts).await, 1);
        let seen = b.number("SELECT MAX(id) FROM stock_document").await;
        let done = b.done(Command::PostStock { document: told(d, a) }).await;
        assert_eq!((done.changed, done.id), (true, Some(seen)), "the draft is posted");
        assert_eq!(hand(&b, 1).await, 2);
        assert_eq!(stock::findings(b.store.db(), None, b.clock.now()).await.unwrap(), []);

        // Seen and not believed: dropped, and no alarm.
        b.wait(DAY * 10);
        replaced(&b, d).await;
        let document = DocumentId(b.number("SELECT MAX(id) FROM stock_document").await);
        let alarms = stock::findings(b.store.db(), None, b.clock.now()).await.unwrap();
        assert_eq!(alarms.iter().map(|f| f.kind).collect::<Vec<_>>(), [FindingKind::Unrecorded]);
        b.done(Command::DropDraft { document, found: None }).await;
        assert!(!b.done(Command::DropDraft { document, found: None }).await.changed);
        assert_eq!(stock::findings(b.store.db(), None, b.clock.now()).await.unwrap(), []);
        assert_eq!(hand(&b, 1).await, 2);
        b.store.close().await;
    })
    .await;
}

/// The verdict on the last replacement that a device told of.
const VERDICT: &str = "SELECT CASE verdict WHEN 'confirmed' THEN 1 WHEN 'moved' THEN 2 WHEN 'refill' THEN 3 ELSE 0 END \
                       FROM supply_replacement ORDER BY id DESC LIMIT 1";

#[tokio::test]
async fn a_cartridge_from_another_device_or_filled_again_leaves_no_shelf() {
    for_each_address(|database| async move {
        let b = Branch::open(database.open().await).await;
        b.catalogue().await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        let last = "SELECT MAX(id) FROM stock_document";
        b.give(b.supplies(d, "10.0.0.1", 50)).await;
        for (found, verdict) in [(Some(FoundElsewhere::Refill), 3), (Some(FoundElsewhere::Moved), 2), (None, 0)] {
            replaced(&b, d).await;
            let document = DocumentId(b.number(last).await);
            assert!(b.done(Command::DropDraft { document, found }).await.changed);
            assert_eq!(b.number(VERDICT).await, verdict);
            b.wait(DAY * 5);
        }
        replaced(&b, d).await;
        b.done(Command::PostDraft { document: DocumentId(b.number(last).await) }).await;
        assert_eq!(b.number(VERDICT).await, 1);
        // A person's own draft came from a shelf, or from nowhere.
        let draft = NewDocument { draft: true, ..written(DocumentKind::Surplus, &[(1, 1)]) };
        let document = post(&b, draft).await;
        let said = refused(&b, Command::DropDraft { document, found: Some(FoundElsewhere::Moved) }).await;
        assert!(said.contains("no device told"), "{said}");

        // The second device shows the number that the first one had.
        let other = b.printer("10.0.0.2", "VXL00002").await;
        let drafts = "SELECT COUNT(*) FROM stock_document WHERE status = 'draft' AND origin = 'detection'";
        for (device, address, serial) in [(d, "10.0.0.1", "CRUM-000777"), (other, "10.0.0.2", "CRUM-000888")] {
            for _ in 0..3 {
                b.wait(HALF_HOUR);
                b.give(numbered(&b, device, address, serial)).await;
            }
        }
        let before = b.number(drafts).await;
        for _ in 0..3 {
            b.wait(HALF_HOUR);
            b.give(numbered(&b, other, "10.0.0.2", "CRUM-000777")).await;
        }
        assert_eq!((b.number(drafts).await, b.number(VERDICT).await), (before, 2));
        b.store.close().await;
    })
    .await;
}

/// Readings of a cartridge that tells its serial number.
fn numbered(b: &Branch, device: i64, address: &str, serial: &str) -> Reading {
    let mut reading = b.supplies(device, address, 60);
    for supply in reading.facts.supplies.iter_mut().flatten() {
        supply.serial = Some(serial.into());
    }
    reading
}

#[tokio::test]
async fn an_order_lives_from_draft_to_closed() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        b.catalogue().await;
        for n in 1..=3 {
            let address = format!("10.0.0.{n}");
            let d = b.printer(&address, &format!("VXL0000{n}")).await;
            b.give(b.supplies(d, &address, 5)).await;
        }
        let order = OrderId(1);
        let ordered = b.number("SELECT quantity FROM order_line").await;
        assert!(ordered > 1);
        assert_eq!(b.number("SELECT quantity FROM need").await, ordered);
        assert!(b.command(Command::ConfirmOrder { order, expected_at: None }).await.is_err(), "a draft");
        b.done(Command::ApproveOrder { order }).await;
        let item = outbox::claim(&b.store, b.clock.now(), 60_000).await.unwrap().unwrap();
        outbox::sent(&b.store, &item, b.clock.now()).await.unwrap();
        let detail = async || orders::one(b.store.db(), order).await.unwrap().unwrap();
        let usual = detail().await.life.expected_at.unwrap().since(b.clock.now());
        assert_eq!(usual, 9 * Millis::DAY, "as the supplier promises");
        let ask = Command::AskSupplier { order };
        assert!(refused(&b, ask.clone()).await.starts_with("wrong-state"), "not late yet");
        b.wait(DAY * 19);
        let asked = b.done(ask.clone()).await;
        assert!(asked.changed && !b.done(ask.clone()).await.changed, "once a day");
        let item = outbox::claim(&b.store, b.clock.now(), 60_000).await.unwrap().unwrap();
        assert!(matches!(&item.notice, Notice::WhereIs { .. }), "{:?}", item.notice);
        let expected_at = Some(b.clock.now().plus(2 * Millis::DAY));
        let confirm = Command::ConfirmOrder { order, expected_at };
        b.done(confirm.clone()).await;
        assert!(!b.done(confirm).await.changed);
        assert!(refused(&b, ask).await.starts_with("wrong-state"), "a new day, not late");
        assert_eq!(detail().await.order.status, OrderStatus::Confirmed);

        let lines = |quantity| vec![ReceivedLine { line: OrderLineId(1), quantity }];
        let come = |quantity, more, key: &str| Command::ReceiveLines {
            order,
            lines: lines(quantity),
            more,
            key: Some(key.into()),
        };
        assert!(refused(&b, come(ordered + 1, false, "x")).await.starts_with("more-than-ordered"));
        assert!(refused(&b, come(0, false, "x")).await.starts_with("nothing-came"));
        b.done(come(1, false, "one")).await;
        assert!(!b.done(come(1, false, "one")).await.changed, "pressed twice");
        let now = detail().await;
        assert_eq!(
            (now.order.status, now.order.lines[0].received, now.receipts.len()),
            (OrderStatus::PartlyReceived, 1, 1)
        );
        assert_eq!(b.number("SELECT COUNT(*) FROM need WHERE status = 'ordered'").await, 1, "it wants more");
        assert_eq!(hand(&b, 1).await, 1);
        // That receipt was a mistake: it is taken back, and the order waits for all of it again.
        let document = now.receipts[0].id;
        b.done(Command::ReverseDocument { document, note: String::new() }).await;
        let now = detail().await;
        assert_eq!((now.order.status, now.order.lines[0].received, hand(&b, 1).await), (OrderStatus::Confirmed, 0, 0));
        b.done(come(ordered - 1, false, "two")).await;
        b.done(Command::CloseRest { order }).await;
        assert!(!b.done(Command::CloseRest { order }).await.changed);
        assert_eq!(detail().await.order.status, OrderStatus::Closed);
        assert_eq!(b.number("SELECT COUNT(*) FROM need WHERE status = 'ordered'").await, 0);
        let took = b.numbers("SELECT received_at - approved_at FROM purchase_order WHERE id = 1").await;
        assert_eq!(took, [19 * Millis::DAY], "what the lead time is learnt from");

        // What still lacks is on the next draft by itself; of it comes one more than ordered, because the supplier gave it.
        let order = OrderId(b.number("SELECT id FROM purchase_order WHERE status = 'draft'").await);
        b.done(Command::ApproveOrder { order }).await;
        let expected: i64 =
            b.number("SELECT expected_at - approved_at FROM purchase_order WHERE status = 'approved'").await;
        assert!(expected > 9 * Millis::DAY && expected < 19 * Millis::DAY, "learnt: {}", expected / Millis::DAY);
        let line = OrderLineId(b.number("SELECT MAX(id) FROM order_line").await);
        let lacked = b.number("SELECT quantity FROM order_line ORDER BY id DESC LIMIT 1").await;
        let lines = vec![ReceivedLine { line, quantity: lacked + 1 }];
        b.done(Command::ReceiveLines { order, lines, more: true, key: None }).await;
        assert_eq!(b.numbers("SELECT COUNT(*) FROM need WHERE status <> 'closed'").await, [0]);
        assert_eq!(
            (hand(&b, 1).await, b.number("SELECT COUNT(*) FROM purchase_order WHERE status = 'closed'").await),
            (4, 2)
        );
        assert!(!b.done(Command::ReceiveOrder { order }).await.changed);
    })
    .await;
}

#[tokio::test]
async fn an_order_of_which_nothing_comes_is_cancelled_and_wanted_again() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        b.catalogue().await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        let order = OrderId(1);
        assert!(b.command(Command::CloseRest { order }).await.is_err(), "a draft is cancelled");
        b.done(Command::ApproveOrder { order }).await;
        b.done(Command::CloseRest { order }).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM purchase_order WHERE status = 'cancelled'").await, 1);
        assert_eq!(b.number("SELECT COUNT(*) FROM need WHERE status = 'open'").await, 1);
        assert_eq!(b.number("SELECT COUNT(*) FROM outbox WHERE status = 'cancelled'").await, 1, "its mail stays here");
        assert_eq!(count(&b.store, "stock_document").await, 0);
    })
    .await;
}
