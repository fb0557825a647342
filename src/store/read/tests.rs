//! Every read statement on both databases, over one small branch written by hand.

use sqlx::AssertSqlSafe;

use super::*;
use crate::model::*;
use crate::store::testing::for_each_database;
use crate::store::{Db, on_tx};

const BRANCH: &[&str] = &[
    "INSERT INTO site (id, name, time_zone, created_at) VALUES (1, 'Казань', 'Europe/Moscow', 1)",
    "INSERT INTO site (id, name, time_zone, created_at) VALUES (2, 'Уфа', 'Asia/Yekaterinburg', 1)",
    "INSERT INTO credential (id, name, version, sealed, created_at) VALUES (1, 'office', '2c', $BLOB, 1)",
    "INSERT INTO scan_range (id, site_id, cidr, port, credential_id, last_started_at, last_finished_at, last_asked, \
     last_found, origin) VALUES (1, 1, '10.0.0.0/24', 161, 1, 20, 10, 254, 3, 'person')",
    "INSERT INTO device (id, site_id, name, location, kind, vendor, model, address, port, credential_id, reach, condition, \
     page_count, first_seen, last_seen, search) VALUES (7, 1, 'МФУ 214', 'каб. 214', 'printer', 'Kyocera', 'M2040dn', \
     '10.0.0.7', 161, 1, 'ok', 'attention', 41208, 1, 90, 'мфу 214 kyocera')",
    "INSERT INTO supplier (id, name, email, language, currency) VALUES (1, 'Комус', 'z@example.org', 'ru', 'RUB')",
    "INSERT INTO article (id, part_number, name, vendor, kind, color, yield_pages, price, vat_percent, supplier_id, search) \
     VALUES (1, 'TK-1170', 'Тонер TK-1170', 'Kyocera', 'toner', 'black', 7200, 480000, 22, 1, 'tk-1170 kyocera')",
    "INSERT INTO article_fit (article_id, vendor, model) VALUES (1, 'kyocera', 'm2040*')",
    "INSERT INTO supply (id, device_id, idx, kind, color, description, level_state, low, high, source, is_low, threshold, \
     article_id, state, updated_at) VALUES (1, 7, '1.1', 'toner', 'black', 'TK-1170', 'known', 0.08, 0.08, 'snmp', 1, 0.1, \
     1, '{}', 80)",
    "INSERT INTO need (id, site_id, pool, key, article_id, status, quantity, opened_at) \
     VALUES (1, 1, 'site:1', 'article:1', 1, 'ordered', 1, 50)",
    "INSERT INTO need (id, site_id, pool, key, status, quantity, opened_at) \
     VALUES (2, 1, 'site:1', 'supply:9/1', 'open', 1, 60)",
    "INSERT INTO need (id, site_id, pool, key, status, quantity, opened_at, closed_at, closed_why) \
     VALUES (3, 2, 'site:2', 'supply:9/2', 'closed', 1, 40, 45, 'replaced')",
    "INSERT INTO need_reason (need_id, device_id, supply_index, description, low, high, at) \
     VALUES (1, 7, '1.1', 'TK-1170', 0.1, 0.1, 50)",
    "INSERT INTO purchase_order (id, number, site_id, supplier_id, status, created_at, approved_at, approved_by) \
     VALUES (1, '2026-0001', 1, 1, 'approved', 51, 55, 'anna')",
    "INSERT INTO order_line (id, order_id, article_id, quantity, price, vat_percent, need_id) \
     VALUES (1, 1, 1, 2, 480000, 22, 1)",
    "INSERT INTO outbox (id, key, channel, recipient, payload, status, attempts, next_at, last_error, created_at) \
     VALUES (1, 'order:1', 'mail', 'z@example.org', '{}', 'pending', 3, 99, '550 no such user', 56)",
    "INSERT INTO ticket (id, site_id, device_id, class, component, title, status, priority, opened_at, search) \
     VALUES (1, 1, 7, 'repair', 'fuser', 'Узел закрепления', 'new', 2, 70, 'узел закрепления')",
    "INSERT INTO ticket (id, site_id, device_id, class, component, title, status, priority, opened_at, resolved_at, search) \
     VALUES (2, 1, 7, 'down', 'device', 'Не отвечает', 'resolved', 1, 30, 35, 'не отвечает')",
    "INSERT INTO ticket_event (id, ticket_id, at, author, kind, body) VALUES (1, 1, 70, 'anykey', 'opened', 'E000')",
    "INSERT INTO app_user (id, login, password_hash, role, created_at) VALUES (1, 'anna', 'x', 'technician', 1)",
    "INSERT INTO api_token (id, name, token_hash, role, created_at) VALUES (1, 'grafana', 'x', 'read-only', 1)",
    "INSERT INTO setting (key, value) VALUES ('threshold.toner', '0.15')",
    "INSERT INTO discovery_result (range_id, address, port, at, outcome, steps, device_id) \
     VALUES (1, '10.0.0.7', 161, 20, 'device', '[\"ping\",\"snmp\"]', 7)",
    "INSERT INTO discovery_result (range_id, address, port, at, outcome, steps) \
     VALUES (1, '10.0.0.8', 161, 21, 'refused', 'no answer to any credential')",
];

async fn branch(store: &crate::store::Store) {
    let blob = if store.db().is_sqlite() { "x'00'" } else { "'\\x00'" };
    let mut tx = store.begin().await.unwrap();
    for sql in BRANCH {
        let sql = sql.replace("$BLOB", blob);
        on_tx!(&mut tx, |c| {
            sqlx::query(AssertSqlSafe(sql.clone()))
                .execute(c)
                .await
                .map(|_| ())
                .unwrap_or_else(|e| panic!("{sql}: {e}"))
        });
    }
    tx.commit().await.unwrap();
}

async fn check_needs(db: &Db) {
    let all = Paging::new(1, 50);
    let current = needs::list(db, needs::NeedFilter::Current, None, all).await.unwrap();
    assert_eq!(current.total, 2);
    assert_eq!(current.rows.iter().map(|n| n.id.0).collect::<Vec<_>>(), [2, 1], "open before ordered");
    let ordered = &current.rows[1];
    assert_eq!(ordered.article.as_ref().unwrap().supplier.as_deref(), Some("Комус"));
    assert_eq!(ordered.order.as_ref().unwrap().number, "2026-0001");
    assert_eq!(ordered.reasons[0].now.as_ref().unwrap().low, Some(0.08));
    let unknown = needs::list(db, needs::NeedFilter::WithoutArticle, Some(SiteId(1)), all).await.unwrap();
    assert_eq!((unknown.total, unknown.rows[0].id), (1, NeedId(2)));
    assert_eq!(needs::count(db, needs::NeedFilter::Current, Some(SiteId(2))).await.unwrap(), 0);
    assert_eq!(needs::one(db, NeedId(3)).await.unwrap().unwrap().closed_why.as_deref(), Some("replaced"));
    assert!(needs::one(db, NeedId(99)).await.unwrap().is_none());
}

async fn check_orders(db: &Db) {
    let list = orders::list(db, &orders::OrderFilter::default(), Paging::new(1, 50)).await.unwrap();
    let row = &list.rows[0];
    assert_eq!((list.total, row.lines, row.total.0, row.lines_without_price), (1, 1, 960_000, 0));
    assert_eq!(row.mail_error.as_deref(), Some("550 no such user"));
    let filter = orders::OrderFilter { status: Some(OrderStatus::Draft), ..Default::default() };
    assert_eq!(orders::list(db, &filter, Paging::new(1, 50)).await.unwrap().total, 0);
    assert_eq!(orders::counts(db, None).await.unwrap(), [(OrderStatus::Approved, 1)]);
    let one = orders::one(db, OrderId(1)).await.unwrap().unwrap();
    assert_eq!(one.order.lines[0].article.part_number, "TK-1170");
    assert_eq!(one.mail.unwrap().attempts, 3);
    assert_eq!(one.reasons[0].device_name, "МФУ 214");
}

async fn check_tickets(db: &Db) {
    let list = tickets::list(db, &tickets::TicketFilter::default(), Paging::new(1, 50)).await.unwrap();
    assert_eq!((list.total, list.rows[0].id), (1, TicketId(1)));
    let find = |search: &str| tickets::TicketFilter {
        state: tickets::TicketState::All,
        search: search.to_owned(),
        ..Default::default()
    };
    assert_eq!(tickets::list(db, &find("ЗАКРЕП"), Paging::new(1, 50)).await.unwrap().total, 1);
    assert_eq!(tickets::list(db, &find("KYOCERA"), Paging::new(1, 50)).await.unwrap().total, 2);
    assert_eq!(tickets::list(db, &find("100%"), Paging::new(1, 50)).await.unwrap().total, 0);
    use tickets::{TicketSort as S, TicketState as T};
    for sort in [S::Priority, S::Opened, S::Title, S::Device, S::Status] {
        for (descending, state) in [(false, T::Open), (true, T::Done), (false, T::Done)] {
            let filter = tickets::TicketFilter { sort, descending, state, ..Default::default() };
            assert_eq!(tickets::list(db, &filter, Paging::new(1, 50)).await.unwrap().total, 1);
        }
    }
    let one = tickets::one(db, TicketId(1)).await.unwrap().unwrap();
    assert_eq!(one.events[0].body, "E000");
}

async fn check_discovery(db: &Db) {
    let ranges = discovery::ranges(db).await.unwrap();
    assert!(ranges[0].is_running() && ranges[0].results == 2);
    assert_eq!(discovery::credentials(db).await.unwrap()[0].devices, 1);
    let all = discovery::results(db, &discovery::ResultFilter::default(), Paging::new(1, 50)).await.unwrap();
    assert_eq!(all.total, 2);
    assert_eq!(all.rows[0].steps, ["no answer to any credential"], "newest first, plain text shown as one step");
    assert_eq!(all.rows[1].steps, ["ping", "snmp"]);
    let filter = discovery::ResultFilter { range: Some(RangeId(1)), outcome: "device".to_owned() };
    assert_eq!(discovery::results(db, &filter, Paging::new(1, 50)).await.unwrap().rows[0].device, Some(DeviceId(7)));
    let outcomes = discovery::outcomes(db, None).await.unwrap();
    assert_eq!(outcomes, [("device".to_owned(), 1), ("refused".to_owned(), 1)]);
}

async fn check_settings(db: &Db) {
    assert_eq!(settings::sites(db).await.unwrap().iter().map(|s| s.devices).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(settings::users(db).await.unwrap()[0].role, Role::Technician);
    assert_eq!(settings::tokens(db).await.unwrap()[0].name, "grafana");
    assert_eq!(settings::suppliers(db).await.unwrap()[0].currency, "RUB");
    assert_eq!(settings::settings(db).await.unwrap()["threshold.toner"], "0.15");
    let mail = settings::mail_state(db).await.unwrap();
    assert_eq!((mail.pending, mail.sent, mail.last_error.as_deref()), (1, 0, Some("550 no such user")));
    let articles = settings::articles(db, "TK-11", Paging::new(1, 50)).await.unwrap();
    assert_eq!((articles.total, articles.rows[0].fits.as_slice()), (1, ["kyocera/m2040*".to_owned()].as_slice()));
    assert!(settings::article(db, ArticleId(1)).await.unwrap().is_some());
}

async fn check_metrics(db: &Db) {
    assert_eq!(metrics::devices(db).await.unwrap()[0].page_count, Some(41_208));
    assert_eq!(metrics::supplies(db).await.unwrap()[0].is_low, 1);
    let w = metrics::workflows(db).await.unwrap();
    assert_eq!((w.needs_open, w.needs_without_article, w.outbox_pending, w.outbox_failing), (1, 1, 1, 1));
    assert_eq!((w.orders, w.tickets_open), (vec![("approved".to_owned(), 1)], vec![(2, 1)]));
}

#[tokio::test]
async fn every_list_reads_on_both_databases() {
    for_each_database(|store| async move {
        branch(&store).await;
        let db = store.db();
        check_needs(db).await;
        check_orders(db).await;
        check_tickets(db).await;
        check_discovery(db).await;
        check_settings(db).await;
        check_metrics(db).await;
    })
    .await;
}

/// Nothing there yet: empty lists, no errors.
#[tokio::test]
async fn an_empty_database_reads_empty() {
    for_each_database(|store| async move {
        let db = store.db();
        let all = Paging::new(1, 50);
        assert_eq!(needs::list(db, needs::NeedFilter::Current, None, all).await.unwrap().total, 0);
        assert_eq!(orders::list(db, &orders::OrderFilter::default(), all).await.unwrap().total, 0);
        assert_eq!(tickets::list(db, &tickets::TicketFilter::default(), all).await.unwrap().total, 0);
        assert!(discovery::ranges(db).await.unwrap().is_empty());
        assert_eq!(settings::mail_state(db).await.unwrap(), settings::MailState::default());
        assert_eq!(metrics::workflows(db).await.unwrap(), metrics::WorkflowMetrics::default());
    })
    .await;
}
