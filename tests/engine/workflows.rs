//! Supply to order to mail; failure to ticket to resolution. Running anything again changes nothing.

use std::time::Duration;

use anykey::model::*;
use anykey::store::outbox;
use anykey::store::testing::{count, for_each_address, for_each_database};

use super::{Branch, MINUTE, toner};

const DAY: Duration = Duration::from_secs(86_400);
const HALF_HOUR: Duration = Duration::from_secs(1800);

#[tokio::test]
async fn a_supply_falls_and_the_order_leaves_once() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let (_, article) = b.catalogue().await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        // A cartridge lasts months here: one is enough until the order after this one.
        for level in [30, 20, 11, 10, 9, 8] {
            b.wait(10 * DAY);
            b.give(b.supplies(d, "10.0.0.1", level)).await;
        }
        assert_eq!((count(&b.store, "need").await, count(&b.store, "need_reason").await), (1, 1));
        assert_eq!(b.numbers("SELECT order_id, article_id, quantity FROM order_line").await, [1, article, 1]);
        assert_eq!(b.number("SELECT article_id FROM supply").await, article);
        assert_eq!(b.number("SELECT COUNT(*) FROM timeline WHERE kind = 'supply-low'").await, 1);

        let order = OrderId(1);
        let first = b.done(Command::ApproveOrder { order }).await;
        let second = b.done(Command::ApproveOrder { order }).await;
        assert!(first.changed && !second.changed);
        assert_eq!(count(&b.store, "outbox").await, 1);
        let item = outbox::claim(&b.store, b.clock.now(), 60_000).await.unwrap().unwrap();
        let Notice::Order { order: mail } = &item.notice else { panic!("{:?}", item.notice) };
        assert_eq!(
            (item.recipient.as_str(), mail.lines.len(), mail.number.as_str()),
            ("sales@example.test", 1, "2026-0001")
        );
        outbox::sent(&b.store, &item, b.clock.now()).await.unwrap();

        // Still low: nothing more is ordered, whatever is read.
        for level in [8, 7, 3, 0] {
            b.wait(HALF_HOUR);
            b.give(b.supplies(d, "10.0.0.1", level)).await;
        }
        b.done(Command::ReceiveOrder { order }).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM need WHERE status <> 'closed'").await, 0);
        // A new cartridge, confirmed by a second reading.
        for _ in 0..3 {
            b.wait(HALF_HOUR);
            b.give(b.supplies(d, "10.0.0.1", 100)).await;
        }
        assert_eq!(b.number("SELECT COUNT(*) FROM timeline WHERE kind = 'supply-replaced'").await, 1);
        for level in [60, 5, 5] {
            b.wait(10 * DAY);
            b.give(b.supplies(d, "10.0.0.1", level)).await;
        }
        assert_eq!(b.number("SELECT COUNT(*) FROM need WHERE status = 'open'").await, 1, "the next one");
        assert_eq!((count(&b.store, "purchase_order").await, count(&b.store, "outbox").await), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn a_cartridge_put_in_before_the_order_takes_it_back() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        b.catalogue().await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        let e = b.printer("10.0.0.2", "VXL00002").await;
        for (device, address) in [(d, "10.0.0.1"), (e, "10.0.0.2")] {
            b.give(b.supplies(device, address, 5)).await;
        }
        assert_eq!(b.numbers("SELECT COUNT(*), CAST(SUM(quantity) AS BIGINT) FROM order_line").await, [1, 2]);
        for _ in 0..3 {
            b.wait(HALF_HOUR);
            b.give(b.supplies(d, "10.0.0.1", 100)).await;
        }
        assert_eq!(b.number("SELECT quantity FROM order_line").await, 1);
        assert_eq!(b.number("SELECT quantity FROM need WHERE status = 'open'").await, 1);
        for _ in 0..3 {
            b.wait(HALF_HOUR);
            b.give(b.supplies(e, "10.0.0.2", 100)).await;
        }
        assert_eq!((count(&b.store, "order_line").await, count(&b.store, "purchase_order").await), (0, 0));
        assert_eq!(b.number("SELECT COUNT(*) FROM need WHERE status <> 'closed'").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_need_without_an_article_gets_one_when_the_catalogue_has_it() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 5)).await;
        assert_eq!(b.numbers("SELECT COUNT(*), COUNT(article_id) FROM need").await, [1, 0]);
        let (_, article) = b.catalogue().await;
        assert_eq!(b.number("SELECT article_id FROM need WHERE status = 'open'").await, article);
        assert_eq!(b.number("SELECT article_id FROM supply").await, article);
        assert_eq!(b.number("SELECT quantity FROM order_line").await, 1);
        // The same article for another printer's need: one need, one line, two pieces.
        let e = b.printer("10.0.0.2", "VXL00002").await;
        b.give(b.supplies(e, "10.0.0.2", 5)).await;
        assert_eq!(b.numbers("SELECT COUNT(*), CAST(SUM(quantity) AS BIGINT) FROM order_line").await, [1, 2]);
        assert_eq!(b.number("SELECT COUNT(*) FROM need_reason").await, 2);
    })
    .await;
}

#[tokio::test]
async fn unknown_levels_order_nothing() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        b.catalogue().await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        for (level, state) in
            [(-3, LevelState::SomeRemaining), (-2, LevelState::Unknown), (-1, LevelState::NoRestriction)]
        {
            b.wait(HALF_HOUR);
            let supply = Supply { level: Some(level), level_percent: None, level_state: state, ..toner("1.1", 0) };
            let facts = Facts { supplies: Some(vec![supply]), ..Facts::default() };
            b.give(b.known(d, "10.0.0.1", ProbeClass::Supplies, facts)).await;
        }
        // A list without the row: absent, not empty.
        let facts = Facts { supplies: Some(vec![]), ..Facts::default() };
        b.give(b.known(d, "10.0.0.1", ProbeClass::Supplies, facts)).await;
        assert_eq!(count(&b.store, "need").await, 0);
        assert_eq!(b.numbers("SELECT present, COUNT(*) FROM supply GROUP BY present").await, [0, 1]);
        assert_eq!(count(&b.store, "supply_reading").await, 3);
    })
    .await;
}

async fn down(b: &Branch, d: i64, polls: usize) {
    for _ in 0..polls {
        b.wait(5 * MINUTE);
        b.give(b.silent(d, "10.0.0.1")).await;
    }
}

async fn up(b: &Branch, d: i64, polls: usize) {
    for _ in 0..polls {
        b.wait(5 * MINUTE);
        b.give(b.known(d, "10.0.0.1", ProbeClass::Reachability, Facts::default())).await;
    }
}

#[tokio::test]
async fn a_device_down_has_one_ticket_that_resolves_and_comes_back() {
    for_each_address(|database| async move {
        let b = Branch::open(database.open().await).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        up(&b, d, 2).await;
        down(&b, d, 2).await;
        assert_eq!(count(&b.store, "ticket").await, 0, "two lost polls are no failure");
        down(&b, d, 6).await;
        assert_eq!(b.numbers("SELECT COUNT(*), MIN(priority) FROM ticket WHERE status = 'new'").await, [1, 2]);
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE reach = 'down' AND condition = 'failure'").await, 1);

        // Killed and started again in the middle: the same ticket.
        let (clock, site) = (b.clock.clone(), b.site);
        b.engine.stop().await;
        b.store.close().await;
        let b = Branch::again(database.open().await, &clock, site).await;
        down(&b, d, 4).await;
        assert_eq!(count(&b.store, "ticket").await, 1);

        up(&b, d, 12).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM ticket WHERE status = 'resolved' AND touched = 0").await, 1);
        down(&b, d, 6).await;
        assert_eq!(b.numbers("SELECT COUNT(*), MAX(reopened) FROM ticket WHERE status = 'new'").await, [1, 1]);
        // A person takes it: it is noted, not resolved.
        let (ticket, status) = (TicketId(1), TicketStatus::InProgress);
        b.done(Command::SetTicketStatus { ticket, status }).await;
        up(&b, d, 12).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM ticket WHERE status = 'in-progress'").await, 1);
        b.done(Command::SetTicketStatus { ticket, status: TicketStatus::Closed }).await;
        // Four days later it is another failure.
        b.wait(Duration::from_secs(4 * 86_400));
        up(&b, d, 2).await;
        down(&b, d, 6).await;
        assert_eq!(b.numbers("SELECT COUNT(*), MIN(id) FROM ticket WHERE status = 'new'").await, [1, 2]);
        b.store.close().await;
    })
    .await;
}

#[tokio::test]
async fn behind_a_dead_switch_nothing_is_judged() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        up(&b, d, 2).await;
        let switch = Facts {
            kind: Some(DeviceKind::Switch),
            serial: Some("SW000001".into()),
            ports: Some(vec![Port {
                if_index: 7,
                name: "gi7".into(),
                oper: Some("up".into()),
                physical: true,
                ..Port::default()
            }]),
            fdb: Some(vec![FdbEntry {
                mac: super::mac_of("VXL00001"),
                if_index: Some(7),
                port: Some("gi7".into()),
                vlan: Some(1),
                status: None,
            }]),
            ..Facts::default()
        };
        b.give(b.discovered("10.0.0.254", switch)).await;
        let s = b.number("SELECT id FROM device WHERE kind = 'switch'").await;
        for _ in 0..6 {
            b.wait(5 * MINUTE);
            b.give(b.silent(s, "10.0.0.254")).await;
            b.give(b.silent(d, "10.0.0.1")).await;
        }
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE reach = 'unreachable'").await, 1);
        assert_eq!(b.numbers("SELECT COUNT(*), MIN(device_id) FROM ticket").await, [1, s], "one ticket: the switch's");
        // The switch is back, the printer is not: judged from now on.
        for _ in 0..8 {
            b.wait(5 * MINUTE);
            b.give(b.known(
                s,
                "10.0.0.254",
                ProbeClass::Interfaces,
                Facts {
                    ports: Some(vec![Port {
                        if_index: 7,
                        name: "gi7".into(),
                        oper: Some("down".into()),
                        physical: true,
                        ..Port::default()
                    }]),
                    ..Facts::default()
                },
            ))
            .await;
            b.give(b.silent(d, "10.0.0.1")).await;
        }
        assert_eq!(b.number("SELECT COUNT(*) FROM ticket WHERE status = 'new'").await, 1);
        assert_eq!(b.number("SELECT device_id FROM ticket WHERE status = 'new'").await, d);
    })
    .await;
}
