//! The outbox: rows in both databases, a real SMTP server, refusals, a kill between the server's yes and the commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::smtp::Smtpd;
use anykey::clock::Clock;
use anykey::model::*;
use anykey::notify::{Outbox, Round, SmtpConfig};
use anykey::store::testing::{for_each_address, for_each_database};
use anykey::store::{Store, article, order, outbox, read, site, supplier};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

const NOON: Millis = Millis(1_795_500_000_000);

fn config(port: u16) -> SmtpConfig {
    toml::from_str(&format!(
        "host = '127.0.0.1'\nport = {port}\ntls = 'none'\nfrom = 'it@branch.example'\ntimeout = '5s'"
    ))
    .unwrap()
}

/// An approved order with its outbox row, as the engine leaves them.
async fn approved(store: &Store, number: i64) -> OrderId {
    let mut tx = store.begin().await.unwrap();
    let name = format!("Филиал {number}");
    let site = site::add(&mut tx, &name, "Asia/Yekaterinburg", NOON).await.unwrap();
    let to = Supplier {
        id: SupplierId(0),
        name: format!("ООО Тонер {number}"),
        email: format!("sales{number}@example.com"),
        language: "ru".into(),
        currency: "RUB".into(),
    };
    let to_id = supplier::save(&mut tx, None, &to).await.unwrap();
    let a = Article {
        id: ArticleId(0),
        part_number: format!("TK-{number}"),
        name: "Тонер-картридж".into(),
        vendor: "Kyocera".into(),
        kind: SupplyKind::Toner,
        color: None,
        yield_pages: None,
        price: Some(Minor(100_000)),
        vat_percent: 22,
        supplier: Some(to_id),
        supplier_article: None,
    };
    let a_id = article::save(&mut tx, &a, &[]).await.unwrap();
    let a = article::load(&mut tx, a_id).await.unwrap().unwrap();
    let id = order::draft(&mut tx, site, to_id, NOON).await.unwrap();
    order::add_line(&mut tx, id, &a, 3, None).await.unwrap();
    assert!(order::approve(&mut tx, id, "anna", NOON).await.unwrap());
    let notice = Notice::Order { order: order::load(&mut tx, id).await.unwrap().unwrap() };
    outbox::add(&mut tx, &outbox::order_key(id), "mail", &to.email, &notice, NOON).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn status(store: &Store, id: OrderId) -> (OrderStatus, String, i64, Option<String>, Millis) {
    let detail = read::orders::one(store.db(), id).await.unwrap().unwrap();
    let mail = detail.mail.unwrap();
    (detail.order.status, mail.status, mail.attempts, mail.last_error, mail.next_at)
}

async fn round(worker: &Outbox) -> Round {
    worker.round(&CancellationToken::new()).await.unwrap()
}

#[tokio::test]
async fn an_approved_order_leaves_once_and_is_sent() {
    let Some(server) = Smtpd::start() else { return };
    let server = &server;
    for_each_database(|store| async move {
        let before = server.mails().len();
        let (first, second) = (approved(&store, 1).await, approved(&store, 2).await);
        let clock = Clock::manual(NOON);
        let told = Arc::new(AtomicUsize::new(0));
        let counter = told.clone();
        let worker = Outbox::new(store.clone(), clock.clone(), Some(config(server.plain))).observed(move |_, error| {
            assert!(error.is_none());
            counter.fetch_add(1, Ordering::SeqCst);
        });
        assert_eq!(round(&worker).await, Round { sent: 2, failed: 0, stopped: false });
        clock.advance(Duration::from_secs(86_400));
        assert_eq!(round(&worker).await, Round::default(), "once");
        for id in [first, second] {
            let (order, mail, attempts, error, _) = status(&store, id).await;
            assert_eq!((order, mail.as_str(), attempts, error), (OrderStatus::Sent, "sent", 1, None));
        }
        let mails = server.mails();
        assert_eq!(mails.len() - before, 2);
        assert_eq!(mails[before]["rcpt_to"][0], "sales1@example.com");
        let text = mails[before]["text"].as_str().unwrap();
        // 2026-11-24 06:00 UTC is 11:00 in Yekaterinburg.
        assert!(text.contains("от 24.11.2026") && text.contains("TK-1 — Тонер-картридж: 3 шт."), "{text}");
        assert_eq!(told.load(Ordering::SeqCst), 2);
    })
    .await;
}

#[tokio::test]
async fn a_refused_mail_stays_with_its_error_and_goes_later() {
    let Some(server) = Smtpd::start() else { return };
    let server = &server;
    for_each_database(|store| async move {
        let before = server.mails().len();
        let id = approved(&store, 1).await;
        let clock = Clock::manual(NOON);
        let worker = Outbox::new(store.clone(), clock.clone(), Some(config(server.plain)));
        server.answer(Some("451 4.3.0 try later"));
        assert_eq!(round(&worker).await, Round { sent: 0, failed: 1, stopped: false });
        let (order, mail, attempts, error, next) = status(&store, id).await;
        assert_eq!((order, mail.as_str(), attempts), (OrderStatus::Approved, "pending", 1));
        assert!(error.unwrap().contains("try later"));
        assert_eq!(next, NOON.plus(Millis::MINUTE));
        assert_eq!(round(&worker).await, Round::default(), "not before its time");

        // For good, says the server: a person must look, and it is still tried.
        server.answer(Some("550 5.1.1 no such user"));
        clock.advance(Duration::from_secs(60));
        assert_eq!(round(&worker).await.failed, 1);
        let (order, mail, attempts, error, next) = status(&store, id).await;
        assert_eq!((order, mail.as_str(), attempts), (OrderStatus::Approved, "pending", 2));
        assert!(error.unwrap().contains("550"), "shown on the order");
        assert_eq!(next, clock.now().plus(2 * Millis::HOUR));

        server.answer(None);
        clock.advance(Duration::from_secs(7200));
        assert_eq!(round(&worker).await.sent, 1);
        assert_eq!(status(&store, id).await.0, OrderStatus::Sent);
        assert_eq!(server.mails().len() - before, 1);
    })
    .await;
}

#[tokio::test]
async fn a_kill_between_yes_and_commit_sends_the_same_mail_again() {
    let Some(server) = Smtpd::start() else { return };
    let server = &server;
    for_each_address(|database| async move {
        let before = server.mails().len();
        let store = database.open().await;
        let id = approved(&store, 1).await;
        let clock = Clock::manual(NOON);
        // The server has the mail, we do not know: its connection died before the answer, and then we did.
        let item = outbox::claim(&store, NOON, Millis::MINUTE).await.unwrap().unwrap();
        assert_eq!(item.attempts, 1);
        store.close().await;
        let store = database.open().await;
        let worker = Outbox::new(store.clone(), clock.clone(), Some(config(server.plain)));
        assert_eq!(round(&worker).await, Round::default(), "claimed until the lease is over");
        clock.advance(Duration::from_secs(60));
        // The server keeps the mail and hangs up before it says so.
        server.hang_up(true);
        assert_eq!(round(&worker).await, Round { sent: 0, failed: 1, stopped: true });
        server.hang_up(false);
        assert_eq!(status(&store, id).await.0, OrderStatus::Approved);
        clock.advance(Duration::from_secs(600));
        assert_eq!(round(&worker).await.sent, 1);
        assert_eq!(status(&store, id).await.0, OrderStatus::Sent);
        let mails = server.mails();
        assert_eq!(mails.len() - before, 2, "at least once");
        let id = |n: usize| mails[n]["headers"]["message-id"].as_str().unwrap().to_owned();
        assert_eq!(id(before), id(before + 1), "and the copy is recognisable");
        assert_eq!(server.raw(before + 1), server.raw(before + 2));
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn without_a_server_mails_wait_and_say_so() {
    let Some(server) = Smtpd::start() else { return };
    let server = &server;
    for_each_database(|store| async move {
        let id = approved(&store, 1).await;
        let clock = Clock::manual(NOON);
        let none = Outbox::new(store.clone(), clock.clone(), None);
        assert_eq!(round(&none).await, Round::default());
        let (order, mail, attempts, error, _) = status(&store, id).await;
        assert_eq!((order, mail.as_str(), attempts), (OrderStatus::Approved, "pending", 0));
        assert!(error.unwrap().contains("[smtp]"));
        // A wrong configuration: the same, without an attempt.
        let wrong = SmtpConfig { from: "nobody".into(), ..config(server.plain) };
        let wrong = Outbox::new(store.clone(), clock.clone(), Some(wrong));
        assert!(round(&wrong).await.stopped);
        assert_eq!(status(&store, id).await.2, 0);
        // Nobody listens: one is tried, the others are left alone.
        approved(&store, 2).await;
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let unreachable = Outbox::new(store.clone(), clock.clone(), Some(config(closed)));
        assert_eq!(round(&unreachable).await, Round { sent: 0, failed: 1, stopped: true });
        // Then it is configured.
        clock.advance(Duration::from_secs(30));
        let good = Outbox::new(store.clone(), clock.clone(), Some(config(server.plain)));
        assert_eq!(round(&good).await.sent, 2);
        assert_eq!(status(&store, id).await.3, None);
    })
    .await;
}

#[tokio::test]
async fn the_worker_wakes_on_a_kick_retries_after_a_restart_and_stops() {
    let Some(server) = Smtpd::start() else { return };
    let server = &server;
    for_each_database(|store| async move {
        let before = server.mails().len();
        // Failed for good before the restart, due only tomorrow.
        let id = approved(&store, 1).await;
        let item = outbox::claim(&store, NOON, 1000).await.unwrap().unwrap();
        outbox::failed(&store, &item, "535 wrong password", NOON.plus(Millis::DAY)).await.unwrap();

        let (sent, mut received) = tokio::sync::mpsc::unbounded_channel();
        let worker = Outbox::new(store.clone(), Clock::manual(NOON), Some(config(server.plain)))
            .observed(move |item, _| drop(sent.send(item.key.clone())));
        let (kick, shutdown) = (Arc::new(Notify::new()), CancellationToken::new());
        let task = tokio::spawn(worker.run(kick.clone(), shutdown.clone()));
        assert_eq!(received.recv().await, Some(outbox::order_key(id)));
        let second = approved(&store, 2).await;
        kick.notify_one();
        assert_eq!(received.recv().await, Some(outbox::order_key(second)));
        shutdown.cancel();
        task.await.unwrap();
        assert_eq!(server.mails().len() - before, 2);
    })
    .await;
}

/// One request as the receiver saw it: the head in lower case, and the body.
async fn receive(listener: &tokio::net::TcpListener, answer: &str) -> (String, Vec<u8>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let n = stream.read(&mut part).await.unwrap();
        bytes.extend_from_slice(&part[..n]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap().parse::<usize>().unwrap();
        if bytes.len() >= end + 4 + length {
            stream.write_all(answer.as_bytes()).await.unwrap();
            return (head, bytes[end + 4..].to_vec());
        }
    }
}

#[tokio::test]
async fn a_webhook_gets_the_same_signed_order_until_it_takes_it() {
    for_each_database(|store| async move {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/orders", listener.local_addr().unwrap());
        let id = approved(&store, 1).await;
        let secret = "sixteen bytes or more";
        let mut tx = store.begin().await.unwrap();
        let o = order::load(&mut tx, id).await.unwrap().unwrap();
        supplier::save_secret(&mut tx, store.keeper(), o.supplier.id, Some(secret)).await.unwrap();
        tx.commit().await.unwrap();
        let set = format!("UPDATE outbox SET channel = 'webhook', recipient = '{url}'");
        anykey::store::testing::run_sql(&store, &set).await;
        let clock = Clock::manual(NOON);
        // No mail server is configured: webhooks do not need one.
        let worker = Outbox::new(store.clone(), clock.clone(), None);
        let busy = "HTTP/1.1 503 Busy\r\ncontent-length: 5\r\nconnection: close\r\n\r\nlater";
        let (result, first) = tokio::join!(round(&worker), receive(&listener, busy));
        assert_eq!(result, Round { sent: 0, failed: 1, stopped: false });
        let (state, mail, attempts, error, next) = status(&store, id).await;
        assert_eq!((state, mail.as_str(), attempts), (OrderStatus::Approved, "pending", 1));
        assert!(error.unwrap().contains("503 later"));
        assert_eq!(next, NOON.plus(Millis::MINUTE));
        clock.advance(Duration::from_secs(60));
        let taken = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
        let (result, second) = tokio::join!(round(&worker), receive(&listener, taken));
        assert_eq!(result, Round { sent: 1, failed: 0, stopped: false });
        assert_eq!(status(&store, id).await.0, OrderStatus::Sent);
        assert_eq!(first.1, second.1, "the same bytes");
        let header = |head: &str, name: &str| {
            head.lines().find_map(|l| l.strip_prefix(&format!("{name}: ")).map(str::to_owned)).unwrap()
        };
        for name in ["idempotency-key", "x-anykey-signature"] {
            assert_eq!(header(&first.0, name), header(&second.0, name));
        }
        let signed = anykey::notify::webhook::signature(secret, &second.1).unwrap();
        assert_eq!(header(&second.0, "x-anykey-signature"), signed);
        let body: serde_json::Value = serde_json::from_slice(&second.1).unwrap();
        assert_eq!((&body["lines"][0]["part_number"], &body["lines"][0]["quantity"]), (&"TK-1".into(), &3.into()));
        assert_eq!((&body["net"], &body["currency"]), (&300_000.into(), &"RUB".into()));
    })
    .await;
}
