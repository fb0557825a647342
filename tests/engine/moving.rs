//! Another branch has what a need asks for: a transfer is drafted instead of bought, once, and goes with its reason.

use std::time::Duration;

use anykey::engine::CommandError;
use anykey::model::*;
use anykey::store::testing::{count, for_each_database};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{Branch, new_article};

const DAY: Duration = Duration::from_secs(86_400);
const DRAFTS: &str = "SELECT COUNT(*) FROM stock_document WHERE origin = 'plan' AND status = 'draft'";
const MOVED: &str = "SELECT CAST(COALESCE(SUM(l.quantity), 0) AS BIGINT) FROM stock_line l \
                     JOIN stock_document d ON d.id = l.document_id WHERE d.origin = 'plan' AND d.status = 'draft'";
const BOUGHT: &str = "SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM order_line";
const OPEN: &str = "SELECT COUNT(*) FROM need WHERE status = 'open'";

/// Pieces laid into the main store of a branch.
async fn lay(b: &Branch, site: SiteId, article: i64, pieces: i64) {
    write(b, site, DocumentKind::Receipt, article, pieces).await.unwrap();
}

async fn write(b: &Branch, site: SiteId, kind: DocumentKind, article: i64, n: i64) -> Result<(), CommandError> {
    let document = NewDocument {
        kind,
        store: None,
        site: Some(site),
        to_store: None,
        device: None,
        supply_index: None,
        note: "test".into(),
        lines: vec![StockLine::of(ArticleId(article), n)],
        draft: false,
        key: None,
    };
    b.command(Command::PostStock { document }).await.map(|_| ())
}

async fn branch(b: &Branch, name: &str) -> SiteId {
    let add = Command::AddSite { name: name.into(), time_zone: "Europe/Moscow".into() };
    SiteId(b.done(add).await.id.unwrap())
}

/// A day later everything is planned anew.
async fn next_day(b: &Branch) {
    b.wait(DAY);
    b.engine.tick().await.unwrap();
}

async fn drafted(b: &Branch) -> DocumentId {
    DocumentId(b.number("SELECT MAX(id) FROM stock_document WHERE origin = 'plan' AND status = 'draft'").await)
}

#[tokio::test]
async fn what_another_branch_can_spare_is_moved_and_not_bought() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let (_, article) = b.catalogue().await;
        let far = branch(&b, "Казань").await;
        lay(&b, far, article, 1).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        let e = b.printer("10.0.0.2", "VXL00002").await;
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        assert_eq!((b.number(OPEN).await, b.number(MOVED).await, b.number(BOUGHT).await), (1, 1, 0));
        b.give(b.supplies(e, "10.0.0.2", 5)).await;
        assert_eq!((b.number(OPEN).await, b.number(MOVED).await, b.number(BOUGHT).await), (1, 1, 1), "one is bought");
        assert_eq!(b.number("SELECT quantity FROM need").await, 2);
        let document = drafted(&b).await;
        let before = b.numbers("SELECT id, need_id, quantity FROM order_line").await;
        next_day(&b).await;
        assert_eq!(b.numbers("SELECT id, need_id, quantity FROM order_line").await, before);
        assert_eq!((drafted(&b).await, b.number(DRAFTS).await), (document, 1), "the same plan drafts nothing new");

        b.done(Command::PostDraft { document }).await;
        assert_eq!(b.number("SELECT quantity FROM need WHERE status = 'open'").await, 1, "what travels counts");
        next_day(&b).await;
        assert_eq!((b.number(DRAFTS).await, b.number(BOUGHT).await), (0, 1));
        b.done(Command::ReceiveTransfer { document }).await;
        next_day(&b).await;
        assert_eq!((b.number(DRAFTS).await, b.number(BOUGHT).await, b.number(OPEN).await), (0, 1, 1));
        assert_eq!(b.number("SELECT CAST(SUM(delta) AS BIGINT) FROM stock_move").await, 1, "no piece is lost");
    })
    .await;
}

#[tokio::test]
async fn a_transfer_goes_with_its_reason_and_is_not_forced_on_anybody() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let (_, article) = b.catalogue().await;
        let far = branch(&b, "Казань").await;
        lay(&b, far, article, 2).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        assert_eq!((b.number(MOVED).await, b.number(BOUGHT).await), (1, 0));
        // The giving branch lost it: bought at once.
        write(&b, far, DocumentKind::WriteOff, article, 2).await.unwrap();
        assert_eq!((b.number(DRAFTS).await, b.number(BOUGHT).await), (0, 1));
        lay(&b, far, article, 2).await;
        next_day(&b).await;
        assert_eq!((b.number(MOVED).await, b.number(BOUGHT).await), (1, 0), "and moved again");
        assert_eq!(count(&b.store, "purchase_order").await, 0);
        // A person does not want it moved.
        b.done(Command::DropDraft { document: drafted(&b).await, found: None }).await;
        assert_eq!((b.number(DRAFTS).await, b.number(BOUGHT).await), (0, 1));
        next_day(&b).await;
        assert_eq!((b.number(DRAFTS).await, b.number(BOUGHT).await), (0, 1), "a refusal is remembered");
        // Its own shelf was found full: no need, no line, no draft.
        lay(&b, b.site, article, 1).await;
        assert_eq!((b.number(OPEN).await, b.number(DRAFTS).await, b.number(BOUGHT).await), (0, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn what_nobody_sends_is_bought() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let (_, article) = b.catalogue().await;
        let far = branch(&b, "Казань").await;
        lay(&b, far, article, 2).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        for _ in 0..4 {
            next_day(&b).await;
            assert_eq!((b.number(MOVED).await, b.number(BOUGHT).await), (1, 0));
        }
        next_day(&b).await;
        assert_eq!((b.number(DRAFTS).await, b.number(BOUGHT).await), (0, 1));
        // The printer is taken away: nobody asks any more.
        b.done(Command::RetireDevice { device: DeviceId(d) }).await;
        next_day(&b).await;
        assert_eq!((b.number(OPEN).await, b.number(BOUGHT).await), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_branch_gives_nothing_it_needs_itself() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let (_, article) = b.catalogue().await;
        let far = branch(&b, "Казань").await;
        lay(&b, far, article, 1).await;
        let there = b.printer("10.0.1.1", "VXL00009").await;
        let place = Command::PlaceDevice { device: DeviceId(there), site: far, location: None };
        b.done(place).await;
        b.give(b.supplies(there, "10.0.1.1", 5)).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        assert_eq!((b.number(DRAFTS).await, b.number(BOUGHT).await), (0, 1));
        // Less is to be sure of there: still nothing that the device calls low for certain.
        let key = format!("stock_service_level.{far}");
        b.done(Command::SetSetting { key: key.clone(), value: "0.5".into() }).await;
        b.engine.tick().await.unwrap();
        assert_eq!((b.number(DRAFTS).await, b.number(BOUGHT).await), (0, 1));
        for wrong in ["0.4", "1", "NaN", "much"] {
            let set = Command::SetSetting { key: key.clone(), value: wrong.into() };
            assert!(matches!(b.command(set).await, Err(CommandError::Invalid { code: "bad-level", .. })), "{wrong}");
        }
        let nowhere = Command::SetSetting { key: "stock_service_level.77".into(), value: "0.9".into() };
        assert!(matches!(b.command(nowhere).await, Err(CommandError::Invalid { code: "no-branch", .. })));
    })
    .await;
}

/// Random weeks of three branches: whatever happens, nobody gives what he needs, nothing is lost, planning again is nothing.
#[tokio::test]
async fn random_weeks_keep_the_books() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let (supplier, article) = b.catalogue().await;
        let equal = NewArticle { part_number: "TK-1170C".into(), ..new_article(Some(supplier)) };
        let equal = b.done(Command::AddArticle { article: equal }).await.id.unwrap();
        let sites = [b.site, branch(&b, "Казань").await, branch(&b, "Самара").await];
        let mut printers = Vec::new();
        for (n, site) in sites.iter().cycle().take(6).enumerate() {
            let address = format!("10.0.0.{}", n + 1);
            let d = b.printer(&address, &format!("VXL0000{n}")).await;
            b.done(Command::PlaceDevice { device: DeviceId(d), site: *site, location: None }).await;
            printers.push((d, address));
        }
        let mut rng = StdRng::seed_from_u64(11);
        let (mut laid, mut proposed) = (0, 0);
        for _ in 0..60 {
            b.wait(Duration::from_secs(rng.random_range(600..90_000)));
            let which = [article, equal][rng.random_range(0..2)];
            let site = sites[rng.random_range(0..3)];
            match rng.random_range(0..5) {
                0 => {
                    lay(&b, site, which, 2).await;
                    laid += 2;
                }
                1 if write(&b, site, DocumentKind::WriteOff, which, 1).await.is_ok() => laid -= 1,
                2 if b.number(DRAFTS).await > 0 => {
                    let document = drafted(&b).await;
                    let post = rng.random_bool(0.7);
                    let act = if post {
                        Command::PostDraft { document }
                    } else {
                        Command::DropDraft { document, found: None }
                    };
                    b.done(act).await;
                    if post && rng.random_bool(0.5) {
                        b.done(Command::ReceiveTransfer { document }).await;
                    }
                }
                _ => {
                    let (d, address) = &printers[rng.random_range(0..6)];
                    let level = [3, 5, 60, 90][rng.random_range(0..4)];
                    b.give(b.supplies(*d, address, level)).await;
                }
            }
            holds(&b, laid).await;
            proposed += b.number(DRAFTS).await.min(1);
        }
        next_day(&b).await;
        let before = everything(&b).await;
        b.clock.advance(DAY / 24);
        let again = Branch::again(b.store.clone(), &b.clock, b.site).await;
        again.engine.tick().await.unwrap();
        assert_eq!(everything(&b).await, before, "planning what was planned changes nothing");
        assert!(proposed > 5, "transfers were proposed in {proposed} of 60 steps");
    })
    .await;
}

async fn everything(b: &Branch) -> [Vec<i64>; 3] {
    [
        b.numbers("SELECT COUNT(*), CAST(COALESCE(SUM(id * quantity), 0) AS BIGINT) FROM need WHERE status = 'open'").await,
        b.numbers("SELECT COUNT(*), CAST(COALESCE(SUM(id * quantity), 0) AS BIGINT) FROM order_line").await,
        b.numbers("SELECT COUNT(*), CAST(COALESCE(SUM(id * need_id), 0) AS BIGINT) FROM stock_document WHERE status = 'draft'").await,
    ]
}

async fn holds(b: &Branch, laid: i64) {
    let there = b.number("SELECT CAST(COALESCE(SUM(delta), 0) AS BIGINT) FROM stock_move").await;
    let travels = b
        .number(
            "SELECT CAST(COALESCE(SUM(l.quantity), 0) AS BIGINT) FROM stock_line l JOIN stock_document d \
             ON d.id = l.document_id WHERE d.kind = 'transfer' AND d.status = 'in-transit'",
        )
        .await;
    assert_eq!(there + travels, laid, "mass balance");
    let overdrawn = "SELECT COUNT(*) FROM (SELECT d.store_id, l.article_id, SUM(l.quantity) AS n FROM stock_document d \
         JOIN stock_line l ON l.document_id = d.id WHERE d.origin = 'plan' AND d.status = 'draft' \
         GROUP BY d.store_id, l.article_id) p WHERE p.n > (SELECT COALESCE(SUM(m.delta), 0) FROM stock_move m \
         WHERE m.store_id = p.store_id AND m.article_id = p.article_id)";
    assert_eq!(b.number(overdrawn).await, 0, "nobody promises what does not lie there");
    let twice = "SELECT COUNT(*) FROM (SELECT pool, key FROM need WHERE status <> 'closed' GROUP BY pool, key \
                 HAVING COUNT(*) > 1) t";
    assert_eq!(b.number(twice).await, 0);
    let orphans = "SELECT COUNT(*) FROM stock_document d LEFT JOIN need n ON n.id = d.need_id \
                   WHERE d.origin = 'plan' AND d.status = 'draft' AND (n.id IS NULL OR n.status = 'closed')";
    assert_eq!(b.number(orphans).await, 0, "a draft goes with its need");
    let sums = "SELECT COUNT(*) FROM need n WHERE n.status = 'open' AND n.quantity < (SELECT COALESCE(SUM(l.quantity), 0) \
                FROM stock_document d JOIN stock_line l ON l.document_id = d.id WHERE d.need_id = n.id AND d.status = 'draft')";
    assert_eq!(b.number(sums).await, 0, "no more is moved than is needed");
}
