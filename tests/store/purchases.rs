//! Articles, suppliers, needs, orders, the outbox; tickets.

use anykey::model::*;
use anykey::store::testing::for_each_database;
use anykey::store::{Store, Tx, article, device, need, order, outbox, supplier, ticket};

use super::{NOON, branch, count};

async fn a_supplier(tx: &mut Tx) -> SupplierId {
    let s = Supplier {
        id: SupplierId(0),
        name: "ООО Тонер".into(),
        email: "sales@example.test".into(),
        language: "ru".into(),
        currency: "RUB".into(),
    };
    supplier::save(tx, None, &s).await.unwrap()
}

fn an_article(supplier: Option<SupplierId>) -> Article {
    Article {
        id: ArticleId(0),
        part_number: "TK-1170".into(),
        name: "Тонер TK-1170".into(),
        vendor: "Kyocera".into(),
        kind: SupplyKind::Toner,
        color: Some("black".into()),
        yield_pages: Some(7200),
        price: Some(Minor(450_000)),
        vat_percent: 22,
        supplier,
        supplier_article: Some("K-77".into()),
    }
}

async fn a_device(store: &Store, site: SiteId) -> DeviceId {
    let mut tx = store.begin().await.unwrap();
    let mut d = device::Device::new(site, "10.0.0.1".parse().unwrap(), 161, None, NOON);
    device::insert(&mut tx, &mut d).await.unwrap();
    tx.commit().await.unwrap();
    d.id
}

fn reason(device: DeviceId, index: &str) -> NeedReason {
    let (low, high) = (Some(0.05), Some(0.1));
    NeedReason { device, supply_index: index.into(), description: "Toner".into(), low, high, at: NOON }
}

#[tokio::test]
async fn the_catalogue() {
    for_each_database(|store| async move {
        let mut tx = store.begin().await.unwrap();
        let s = a_supplier(&mut tx).await;
        let mut kept = supplier::load(&mut tx, s).await.unwrap().unwrap();
        kept.language = "en".into();
        supplier::save(&mut tx, Some(s), &kept).await.unwrap();
        assert_eq!(supplier::load(&mut tx, s).await.unwrap().unwrap().language, "en");
        assert_eq!(supplier::id_by_name(&mut tx, "ООО Тонер").await.unwrap(), Some(s));
        assert_eq!(supplier::id_by_name(&mut tx, "x").await.unwrap(), None);

        let fits = vec![Fit::parse("kyocera/ecosys m2040* 80% +1").unwrap(), Fit::new("*", "x")];
        let id = article::save(&mut tx, &an_article(Some(s)), &fits).await.unwrap();
        let mut a = article::load(&mut tx, id).await.unwrap().unwrap();
        assert_eq!(a, Article { id, ..an_article(Some(s)) });
        assert_eq!(article::id_by_part(&mut tx, "Kyocera", "TK-1170").await.unwrap(), Some(id));
        a.price = None;
        assert_eq!(article::save(&mut tx, &a, &fits[..1]).await.unwrap(), id);
        let all = article::all(&mut tx).await.unwrap();
        assert_eq!((all.len(), &all[0].article, &all[0].fits), (1, &a, &fits[..1].to_vec()));
        assert_eq!(all[0].terms, ArticleTerms::default());
        let terms = ArticleTerms {
            grade: Grade::Refilled,
            lead_days: Some(3),
            pack: 2,
            code_1c: Some("007".into()),
            barcode: Some("460".into()),
            discontinued: true,
        };
        article::save_terms(&mut tx, id, &terms).await.unwrap();
        assert_eq!(article::all(&mut tx).await.unwrap()[0].terms, terms);
        let of = SupplierTerms { lead_days: 4, auto_send: true, auto_week_limit: Some(Minor(7)), ..Default::default() };
        supplier::save_terms(&mut tx, s, &of).await.unwrap();
        assert_eq!(supplier::terms(&mut tx, s).await.unwrap(), of);
        supplier::save_secret(&mut tx, store.keeper(), s, Some("a secret of 16 b")).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(supplier::secret(&store, s).await.unwrap().as_deref(), Some("a secret of 16 b"));
    })
    .await;
}

#[tokio::test]
async fn a_need_is_one_by_its_key() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let device = a_device(&store, site).await;
        let mut tx = store.begin().await.unwrap();
        let a = article::save(&mut tx, &an_article(None), &[]).await.unwrap();
        let n = need::open(&mut tx, site, "site:1", "supply:1/1", None, 1, NOON).await.unwrap();
        assert_eq!(need::open(&mut tx, site, "site:1", "supply:1/1", None, 2, NOON).await.unwrap(), n);
        need::add_reason(&mut tx, n, &reason(device, "1")).await.unwrap();
        need::add_reason(&mut tx, n, &reason(device, "1")).await.unwrap();
        need::add_reason(&mut tx, n, &reason(device, "2")).await.unwrap();
        let kept = need::by_key(&mut tx, "site:1", "supply:1/1").await.unwrap().unwrap();
        assert_eq!((kept.id, kept.quantity, kept.reasons.len(), kept.status), (n, 2, 2, NeedStatus::Open));
        assert_eq!(kept.reasons[0], reason(device, "1"));
        assert_eq!(need::asked_by(&mut tx, device, "2").await.unwrap().len(), 1);
        assert_eq!(need::asked_by_device(&mut tx, device).await.unwrap(), ["1", "2"]);
        assert_eq!(need::waiting_for(&mut tx, a).await.unwrap().len(), 1, "it waits for any article");
        need::set_article(&mut tx, n, a, "article:1").await.unwrap();
        assert_eq!(need::waiting_for(&mut tx, a).await.unwrap().len(), 1, "it is on no order");
        need::drop_reason(&mut tx, n, device, "2").await.unwrap();
        need::set_quantity(&mut tx, n, 1).await.unwrap();
        let kept = need::load(&mut tx, n).await.unwrap().unwrap();
        assert_eq!((kept.article, kept.key.as_str(), kept.quantity, kept.reasons.len()), (Some(a), "article:1", 1, 1));
        need::close(&mut tx, n, "well again", NOON).await.unwrap();
        assert_eq!(need::by_key(&mut tx, "site:1", "article:1").await.unwrap(), None);
        assert!(need::asked_by(&mut tx, device, "1").await.unwrap().is_empty());
        let again = need::open(&mut tx, site, "site:1", "article:1", Some(a), 1, NOON).await.unwrap();
        assert_ne!(again, n, "a closed need stays closed");
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_order_from_draft_to_received_and_its_mail() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let mut tx = store.begin().await.unwrap();
        let s = a_supplier(&mut tx).await;
        let id = article::save(&mut tx, &an_article(Some(s)), &[]).await.unwrap();
        let a = article::load(&mut tx, id).await.unwrap().unwrap();
        let n = need::open(&mut tx, site, "site:1", "article:1", Some(id), 2, NOON).await.unwrap();

        let o = order::draft(&mut tx, site, s, NOON).await.unwrap();
        assert_eq!(order::draft(&mut tx, site, s, NOON).await.unwrap(), o, "one draft");
        let line = order::add_line(&mut tx, o, &a, 2, Some(n)).await.unwrap();
        assert_eq!(order::add_line(&mut tx, o, &a, 1, None).await.unwrap(), line, "at least, not in addition");
        assert_eq!(order::of_line(&mut tx, line).await.unwrap(), Some(o));
        assert_eq!(order::draft_line_of(&mut tx, n).await.unwrap(), Some((o, line, 2)));
        assert_eq!(order::pieces(&mut tx, site, id).await.unwrap(), (2, 0));
        order::set_line_quantity(&mut tx, line, 3).await.unwrap();
        let kept = order::load(&mut tx, o).await.unwrap().unwrap();
        assert_eq!(
            (kept.number.as_str(), kept.status, kept.site_name.as_str()),
            ("2026-0001", OrderStatus::Draft, "Ufa")
        );
        assert_eq!(
            (kept.lines[0].quantity, kept.lines[0].price, kept.lines[0].need),
            (3, Some(Minor(450_000)), Some(n))
        );
        assert_eq!(kept.supplier.name, "ООО Тонер");

        assert!(order::approve(&mut tx, o, "anna", NOON).await.unwrap());
        assert!(!order::approve(&mut tx, o, "anna", NOON).await.unwrap(), "once");
        assert_eq!(need::load(&mut tx, n).await.unwrap().unwrap().status, NeedStatus::Ordered);
        assert_eq!(order::pieces(&mut tx, site, id).await.unwrap(), (0, 3));
        let notice = Notice::Order { order: order::load(&mut tx, o).await.unwrap().unwrap() };
        let key = outbox::order_key(o);
        assert!(outbox::add(&mut tx, &key, "mail", "sales@example.test", &notice, NOON).await.unwrap());
        assert!(!outbox::add(&mut tx, &key, "mail", "sales@example.test", &notice, NOON).await.unwrap(), "once");
        tx.commit().await.unwrap();

        assert_eq!(outbox::waiting(store.db()).await.unwrap(), (1, Some(NOON)));
        assert_eq!(outbox::claim(&store, NOON.plus(-1), 1000).await.unwrap(), None, "not due");
        let item = outbox::claim(&store, NOON, 1000).await.unwrap().unwrap();
        assert_eq!((item.key.as_str(), item.attempts, &item.notice), ("order:1", 1, &notice));
        assert_eq!(outbox::claim(&store, NOON, 1000).await.unwrap(), None, "claimed");
        let mut tx = store.begin().await.unwrap();
        assert!(!outbox::cancel(&mut tx, &key).await.unwrap(), "it is being sent");
        drop(tx);
        outbox::failed(&store, &item, "451 later", NOON.plus(60_000)).await.unwrap();
        let item = outbox::claim(&store, NOON.plus(60_000), 1000).await.unwrap().unwrap();
        // Killed while sending: claimed again when the lease is over.
        let again = outbox::claim(&store, NOON.plus(61_000), 1000).await.unwrap().unwrap();
        assert_eq!((again.id, again.attempts), (item.id, 3));
        outbox::sent(&store, &again, NOON.plus(62_000)).await.unwrap();
        assert_eq!(outbox::waiting(store.db()).await.unwrap(), (0, None));

        let mut tx = store.begin().await.unwrap();
        assert_eq!(order::load(&mut tx, o).await.unwrap().unwrap().status, OrderStatus::Sent);
        assert!(!order::cancel(&mut tx, o).await.unwrap(), "it has left");
        assert!(order::receive(&mut tx, o, &[(line, 3)], true, NOON).await.unwrap());
        assert!(!order::receive(&mut tx, o, &[(line, 3)], true, NOON).await.unwrap());
        assert_eq!(need::load(&mut tx, n).await.unwrap().unwrap().status, NeedStatus::Closed);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn cancelling_gives_the_need_back_and_numbers_are_never_reused() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let mut tx = store.begin().await.unwrap();
        let s = a_supplier(&mut tx).await;
        let id = article::save(&mut tx, &an_article(Some(s)), &[]).await.unwrap();
        let a = article::load(&mut tx, id).await.unwrap().unwrap();
        let n = need::open(&mut tx, site, "site:1", "article:1", Some(id), 1, NOON).await.unwrap();
        let first = order::draft(&mut tx, site, s, NOON).await.unwrap();
        let line = order::add_line(&mut tx, first, &a, 1, Some(n)).await.unwrap();
        order::remove_empty_draft(&mut tx, first).await.unwrap();
        assert!(order::load(&mut tx, first).await.unwrap().is_some(), "it has a line");
        order::remove_line(&mut tx, line).await.unwrap();
        order::remove_empty_draft(&mut tx, first).await.unwrap();
        assert!(order::load(&mut tx, first).await.unwrap().is_none());
        let second = order::draft(&mut tx, site, s, NOON).await.unwrap();
        order::add_line(&mut tx, second, &a, 1, Some(n)).await.unwrap();
        assert_eq!(order::load(&mut tx, second).await.unwrap().unwrap().number, "2026-0002");
        order::approve(&mut tx, second, "anna", NOON).await.unwrap();
        let notice = Notice::Order { order: order::load(&mut tx, second).await.unwrap().unwrap() };
        outbox::add(&mut tx, "order:2", "mail", "x@example.test", &notice, NOON).await.unwrap();
        assert!(outbox::cancel(&mut tx, "order:2").await.unwrap());
        assert!(order::cancel(&mut tx, second).await.unwrap());
        assert_eq!(need::load(&mut tx, n).await.unwrap().unwrap().status, NeedStatus::Open);
        let next_year = order::draft(&mut tx, site, s, NOON.plus(360 * Millis::DAY)).await.unwrap();
        assert_eq!(order::load(&mut tx, next_year).await.unwrap().unwrap().number, "2027-0001");
        tx.commit().await.unwrap();
        assert_eq!(outbox::claim(&store, NOON, 1000).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_ticket_is_one_by_its_problem() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let d = a_device(&store, site).await;
        let down = ProblemKey { class: ProblemClass::Down, component: "device".into() };
        let mut tx = store.begin().await.unwrap();
        let t = ticket::open(&mut tx, site, Some(d), &down, "Принтер: не отвечает", 2, NOON).await.unwrap().unwrap();
        assert_eq!(ticket::open(&mut tx, site, Some(d), &down, "again", 2, NOON).await.unwrap(), None);
        let kept = ticket::newest(&mut tx, d, &down).await.unwrap().unwrap();
        assert_eq!((kept.id, kept.status, kept.priority, kept.touched), (t, TicketStatus::New, 2, false));
        ticket::add_event(&mut tx, t, "anykey", "opened", "x", NOON).await.unwrap();
        ticket::set_status(&mut tx, t, TicketStatus::Resolved, false, NOON).await.unwrap();
        assert_eq!(ticket::load(&mut tx, t).await.unwrap().unwrap().resolved_at, Some(NOON));
        ticket::reopen(&mut tx, t).await.unwrap();
        let kept = ticket::load(&mut tx, t).await.unwrap().unwrap();
        assert_eq!((kept.status, kept.resolved_at), (TicketStatus::New, None));
        ticket::set_status(&mut tx, t, TicketStatus::InProgress, true, NOON).await.unwrap();
        assert!(ticket::load(&mut tx, t).await.unwrap().unwrap().touched);
        ticket::set_status(&mut tx, t, TicketStatus::Closed, true, NOON).await.unwrap();
        let t2 = ticket::open(&mut tx, site, Some(d), &down, "later", 2, NOON).await.unwrap().unwrap();
        assert_eq!(ticket::open_of_device(&mut tx, d).await.unwrap().len(), 1);
        ticket::touch(&mut tx, t2).await.unwrap();
        assert_eq!(ticket::newest(&mut tx, d, &down).await.unwrap().unwrap().id, t2);
        assert!(ticket::open_of_device(&mut tx, d).await.unwrap().is_empty(), "a person has it");
        // What people report is never folded together.
        let said = ProblemKey { class: ProblemClass::Reported, component: "device".into() };
        for _ in 0..2 {
            assert!(ticket::open(&mut tx, site, Some(d), &said, "полосы", 3, NOON).await.unwrap().is_some());
        }
        tx.commit().await.unwrap();
        assert_eq!(count(&store, "ticket").await, 4);
    })
    .await;
}
