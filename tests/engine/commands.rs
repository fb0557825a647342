//! Commands: checked by field, audited without secrets, once however often they come.

use anykey::engine::CommandError;
use anykey::model::*;
use anykey::store::testing::{count, for_each_database};

use super::{Branch, new_article};

fn field_and_code(e: CommandError) -> (&'static str, &'static str) {
    match e {
        CommandError::Invalid { field, code, .. } => (field, code),
        other => ("", other.code()),
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_by_field_and_writes_nothing() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let before = count(&b.store, "audit").await;
        let s = |t: &str| t.to_owned();
        let supplier = |name: &str, email: &str, language: &str, currency: &str| Command::AddSupplier {
            name: s(name),
            email: s(email),
            language: s(language),
            currency: s(currency),
            terms: SupplierTerms::default(),
        };
        let range = |cidr: &str, port| Command::AddRange { site: b.site, cidr: s(cidr), port, credential: None };
        let article = |change: fn(&mut NewArticle)| {
            let mut a = new_article(None);
            change(&mut a);
            Command::AddArticle { article: a }
        };
        let cases = [
            (Command::AddSite { name: s(" "), time_zone: s("Asia/Omsk") }, ("name", "required")),
            (Command::AddSite { name: s("Омск"), time_zone: s("Asia/Nowhere") }, ("time_zone", "bad-time-zone")),
            (Command::AddSite { name: s("Уфа"), time_zone: s("Asia/Omsk") }, ("name", "taken")),
            (supplier("x", "no address", "ru", "RUB"), ("email", "bad-email")),
            (supplier("x", "a@b", "de", "RUB"), ("language", "unknown-language")),
            (supplier("x", "a@b", "ru", "rubles"), ("currency", "bad-currency")),
            (range("10.0.0.0/8", 161), ("cidr", "too-large")),
            (range("printer", 161), ("cidr", "bad-cidr")),
            (range("10.0.0.0/24", 0), ("port", "bad-number")),
            (article(|a| a.kind = "paint".into()), ("kind", "unknown-kind")),
            (article(|a| a.part_number = "".into()), ("part_number", "required")),
            (article(|a| a.price_minor = Some(-1)), ("price_minor", "bad-number")),
            (article(|a| a.vat_percent = 101), ("vat_percent", "bad-number")),
            (article(|a| a.fits = vec!["kyocera".into()]), ("fits", "bad-fit")),
            (article(|a| a.supplier = Some(9)), ("supplier", "not-found")),
            (
                Command::AddCredential { name: s("x"), version: s("3"), community: s("c") },
                ("version", "unknown-version"),
            ),
            (Command::AddCredential { name: s("x"), version: s("1"), community: s("") }, ("community", "required")),
            (Command::AddSnmpUser { name: s("x"), user: SnmpUser::default() }, ("user", "snmp-user")),
            (
                Command::AddUser { login: s("a b"), password_hash: s("$argon2id$"), role: s("technician") },
                ("login", "not-a-word"),
            ),
            (
                Command::AddUser { login: s("a"), password_hash: s("plain"), role: s("technician") },
                ("password", "required"),
            ),
            (Command::AddUser { login: s("a"), password_hash: s("plain"), role: s("king") }, ("role", "unknown-role")),
            (Command::SetSetting { key: s("retention.x"), value: s("1") }, ("key", "reserved")),
            (Command::OpenTicket { device: DeviceId(9), title: s("x"), priority: 9 }, ("priority", "bad-number")),
            (Command::OpenTicket { device: DeviceId(9), title: s("x"), priority: 3 }, ("", "not-found")),
            (Command::ApproveOrder { order: OrderId(9) }, ("", "not-found")),
            (Command::RemoveRange { range: 9 }, ("", "not-found")),
            (Command::RenameDevice { device: DeviceId(9), name: s("x\ny") }, ("name", "not-a-line")),
            (Command::RenameDevice { device: DeviceId(9), name: s("x") }, ("", "not-found")),
        ];
        let n = cases.len() as i64;
        for (command, expected) in cases {
            let e = b.command(command.clone()).await.unwrap_err();
            assert_eq!(field_and_code(e), expected, "{command:?}");
        }
        for table in ["supplier", "scan_range", "article", "credential", "app_user", "ticket"] {
            assert_eq!(count(&b.store, table).await, 0, "{table}");
        }
        assert_eq!(count(&b.store, "audit").await, before + n, "refusals are written down");
    })
    .await;
}

#[tokio::test]
async fn commands_at_the_same_moment_make_nothing_twice() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        b.catalogue().await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        let e = b.printer("10.0.0.2", "VXL00002").await;
        let readings = (0..50).map(|i| {
            let (id, address) = if i % 2 == 0 { (d, "10.0.0.1") } else { (e, "10.0.0.2") };
            b.engine.reading(b.supplies(id, address, 5))
        });
        for r in futures_util::future::join_all(readings).await {
            r.unwrap();
        }
        b.engine.tick().await.unwrap();
        let order = OrderId(1);
        let approvals = (0..20).map(|_| b.command(Command::ApproveOrder { order }));
        let done = futures_util::future::join_all(approvals).await;
        assert_eq!(done.iter().filter(|r| r.as_ref().is_ok_and(|d| d.changed)).count(), 1);
        assert!(done.iter().all(Result::is_ok));
        assert_eq!(
            (count(&b.store, "need").await, count(&b.store, "order_line").await, count(&b.store, "outbox").await),
            (1, 1, 1)
        );
        assert_eq!(b.number("SELECT quantity FROM order_line").await, 2);
        let sites =
            (0..10).map(|_| b.command(Command::AddSite { name: "Омск".into(), time_zone: "Asia/Omsk".into() }));
        let done = futures_util::future::join_all(sites).await;
        assert_eq!(done.iter().filter(|r| r.is_ok()).count(), 1);
        assert_eq!(b.number("SELECT COUNT(*) FROM audit WHERE command LIKE '%approve-order%'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_order_has_its_states_and_its_mail_is_taken_back_in_time() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let (_, article) = b.catalogue().await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        let (order, line, need) = (OrderId(1), OrderLineId(1), NeedId(1));
        assert_eq!(b.command(Command::ReceiveOrder { order }).await.unwrap_err().code(), "wrong-state");
        assert_eq!(b.command(Command::SetLineQuantity { line, quantity: -1 }).await.unwrap_err().code(), "bad-number");
        assert!(b.done(Command::SetLineQuantity { line, quantity: 4 }).await.changed);
        assert!(!b.done(Command::SetLineQuantity { line, quantity: 4 }).await.changed);
        b.done(Command::ApproveOrder { order }).await;
        assert_eq!(b.command(Command::SetLineQuantity { line, quantity: 1 }).await.unwrap_err().code(), "wrong-state");
        assert_eq!(
            b.command(Command::DismissNeed { need, reason: "".into() }).await.unwrap_err().code(),
            "wrong-state"
        );
        b.done(Command::CancelOrder { order }).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM outbox WHERE status = 'cancelled'").await, 1);
        assert_eq!(b.number("SELECT COUNT(*) FROM need WHERE status = 'open'").await, 1);
        assert_eq!(b.command(Command::ApproveOrder { order }).await.unwrap_err().code(), "wrong-state");
        // The need is still there: a person may order it again.
        assert_eq!(b.number("SELECT article_confirmed FROM supply").await, 0, "a rule found it");
        b.done(Command::SetNeedArticle { need, article: ArticleId(article) }).await;
        assert_eq!(b.number("SELECT article_confirmed FROM supply").await, 1, "a person said so");
        assert_eq!(b.number("SELECT COUNT(*) FROM purchase_order WHERE status = 'draft'").await, 1);
        b.done(Command::DismissNeed { need, reason: "лежит на складе".into() }).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM purchase_order WHERE status = 'draft'").await, 0);
        b.wait(super::MINUTE * 30);
        b.give(b.supplies(d, "10.0.0.1", 4)).await;
        assert_eq!(
            b.number("SELECT COUNT(*) FROM need WHERE status <> 'closed'").await,
            0,
            "dismissed stays dismissed"
        );
    })
    .await;
}

#[tokio::test]
async fn access_cannot_be_lost_and_secrets_are_not_written_down() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaGhhc2hoYXNo";
        let add = |login: &str, role: &str| Command::AddUser {
            login: login.into(),
            password_hash: hash.into(),
            role: role.into(),
        };
        let anna = UserId(b.done(add("anna", "administrator")).await.id.unwrap());
        let boris = UserId(b.done(add("boris", "technician")).await.id.unwrap());
        assert_eq!(b.command(Command::RemoveUser { user: anna }).await.unwrap_err().code(), "last-administrator");
        let down = Command::SetUserRole { user: anna, role: "read-only".into() };
        assert_eq!(b.command(down.clone()).await.unwrap_err().code(), "last-administrator");
        b.done(Command::SetUserRole { user: boris, role: "administrator".into() }).await;
        b.done(down).await;
        b.done(Command::SetPassword { user: anna, password_hash: hash.into() }).await;
        b.done(Command::RemoveUser { user: anna }).await;
        let token = "f".repeat(64);
        let t = b.done(Command::AddToken { name: "grafana".into(), token_hash: token, role: "read-only".into() }).await;
        b.done(Command::RemoveToken { token: t.id.unwrap() }).await;
        let credential =
            Command::AddCredential { name: "office".into(), version: "2c".into(), community: "s3cret".into() };
        assert!(b.done(credential.clone()).await.changed);
        assert!(!b.done(credential).await.changed, "the same again");
        let user = SnmpUser {
            user: "watch".into(),
            auth_protocol: "SHA-256".into(),
            auth_password: "s3cret password".into(),
            priv_password: "s3cret and not used".into(),
            ..SnmpUser::default()
        };
        let credential = Command::AddSnmpUser { name: "core".into(), user };
        assert!(b.done(credential.clone()).await.changed);
        assert!(!b.done(credential).await.changed, "the same again");
        let audit = "SELECT COUNT(*) FROM audit WHERE command LIKE '%argon2%' OR command LIKE '%s3cret%' \
                     OR command LIKE '%ffffffff%'";
        assert_eq!(b.number(audit).await, 0);
        b.done(Command::SetSetting { key: "language".into(), value: "en".into() }).await;
        assert!(!b.done(Command::SetSetting { key: "language".into(), value: "en".into() }).await.changed);
        let d = b.printer("10.0.0.1", "VXL00001").await;
        for _ in 0..6 {
            b.wait(super::MINUTE * 5);
            b.give(b.silent(d, "10.0.0.1")).await;
        }
        assert_eq!(b.number("SELECT COUNT(*) FROM ticket WHERE title LIKE '%does not answer%'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_retired_device_orders_and_repairs_nothing() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        b.catalogue().await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        let device = DeviceId(d);
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        for _ in 0..6 {
            b.wait(super::MINUTE * 5);
            b.give(b.silent(d, "10.0.0.1")).await;
        }
        b.done(Command::PollNow { device }).await;
        let t = b.done(Command::OpenTicket { device, title: "полосы".into(), priority: 3 }).await.id.unwrap();
        b.done(Command::CommentTicket { ticket: TicketId(t), text: "заказан барабан".into() }).await;
        b.done(Command::RetireDevice { device }).await;
        assert!(!b.done(Command::RetireDevice { device }).await.changed);
        assert_eq!(b.number("SELECT COUNT(*) FROM need WHERE status <> 'closed'").await, 0);
        assert_eq!(count(&b.store, "order_line").await, 0);
        assert_eq!(
            b.number("SELECT COUNT(*) FROM ticket WHERE status = 'cancelled'").await,
            1,
            "a person's ticket stays"
        );
        assert_eq!(b.command(Command::PollNow { device }).await.unwrap_err().code(), "wrong-state");
        b.wait(super::MINUTE * 60);
        b.give(b.discovered("10.0.0.1", super::printer_facts("VXL00001"))).await;
        b.give(b.supplies(d, "10.0.0.1", 3)).await;
        assert_eq!(
            (count(&b.store, "device").await, b.number("SELECT COUNT(*) FROM need WHERE status = 'open'").await),
            (1, 0)
        );
    })
    .await;
}

/// An order leaves without a click only for who opted in, within the week's limit; above it the reason is kept.
#[tokio::test]
async fn orders_leave_by_themselves_within_the_limit() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let (supplier, _) = b.catalogue().await;
        let device = b.printer("192.0.2.5", "S1").await;
        b.give(b.supplies(device, "192.0.2.5", 4)).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM purchase_order WHERE status = 'draft'").await, 1);
        let terms = async |limit: i64, webhook: Option<&str>| {
            let terms = SupplierTerms {
                auto_send: true,
                auto_week_limit: Some(Minor(limit)),
                webhook: webhook.map(str::to_owned),
                ..SupplierTerms::default()
            };
            b.done(Command::UpdateSupplier {
                supplier: SupplierId(supplier),
                name: "ООО Тонер".into(),
                email: "sales@example.test".into(),
                language: "ru".into(),
                currency: "RUB".into(),
                terms,
            })
            .await;
        };
        b.wait(crate::MINUTE * 120);
        b.engine.tick().await.unwrap();
        assert_eq!(b.number("SELECT COUNT(*) FROM outbox").await, 0, "nobody opted in");
        terms(1, None).await;
        b.engine.tick().await.unwrap();
        assert_eq!(b.number("SELECT COUNT(*) FROM outbox").await, 0, "above the limit");
        let held = "SELECT COUNT(*) FROM purchase_order WHERE auto_note LIKE '%above-limit%'";
        assert_eq!(b.number(held).await, 1);
        terms(100_000_000, Some("https://supplier.example/orders")).await;
        b.engine.tick().await.unwrap();
        b.engine.tick().await.unwrap();
        let left = "SELECT COUNT(*) FROM outbox WHERE channel = 'webhook'";
        assert_eq!(b.number(left).await, 1, "once, by the supplier's own way");
        let by_us = "SELECT COUNT(*) FROM purchase_order WHERE status = 'approved' AND approved_by = 'anykey'";
        assert_eq!(b.number(by_us).await, 1);
        assert_eq!(b.number(held).await, 0);
    })
    .await;
}
