//! Full disk, bad readings, kills: nothing accepted is lost, nothing is doubled, the rest goes on.

use std::time::Duration;

use anykey::engine::{Actor, CommandSource, Engine};
use anykey::model::*;
use anykey::status::Policy;
use anykey::store::testing::{TestDatabase, count, for_each_address, for_each_database, run_sql};

use super::{Branch, MINUTE, printer_facts};

#[tokio::test]
async fn one_bad_reading_never_costs_the_others() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        // A branch that does not exist: the row is refused by its key.
        let mut bad = b.discovered("10.0.0.66", printer_facts("BAD00001"));
        bad.subject = Subject::Discovered { site: 999, credential: None, range: None };
        for i in 1..=20 {
            b.engine.reading(b.discovered(&format!("10.0.0.{i}"), printer_facts(&format!("VXL{i:05}")))).await.unwrap();
            if i % 7 == 0 {
                b.engine.reading(bad.clone()).await.unwrap();
            }
        }
        b.engine.tick().await.unwrap();
        assert_eq!(count(&b.store, "device").await, 20);
        let counters = b.engine.counters();
        assert_eq!((counters.readings, counters.refused, counters.retries), (20, 2, 0));
        let known = b.number("SELECT id FROM device WHERE address = '10.0.0.1'").await;
        // A NUL in a text, which PostgreSQL refuses, and an interface listed twice.
        let port = || Port { if_index: 1, name: "gi1".into(), oper: Some("up".into()), ..Port::default() };
        let odd = Facts { sys_contact: Some("a\0b".into()), firmware: Some("1\0".into()), ..printer_facts("VXL00001") };
        b.give(b.known(known, "10.0.0.1", ProbeClass::Inventory, odd)).await;
        let twice = Facts { ports: Some(vec![port(), port()]), ..Facts::default() };
        b.give(b.known(known, "10.0.0.1", ProbeClass::Interfaces, twice)).await;
        assert_eq!((count(&b.store, "port").await, b.engine.counters().refused), (1, 2));
        // A reading of a device that is no more.
        let before = b.engine.counters().unchanged;
        b.give(b.known(999, "10.0.0.1", ProbeClass::Status, Facts::default())).await;
        assert_eq!(b.engine.counters().unchanged, before + 1);
    })
    .await;
}

/// A limit on the file's pages makes SQLite answer as a full disk does.
#[tokio::test]
async fn a_full_disk_keeps_readings_until_there_is_room() {
    let database = TestDatabase::sqlite();
    let b = Branch::open(database.open().await).await;
    let d = b.printer("10.0.0.1", "VXL00001").await;
    run_sql(&b.store, "PRAGMA max_page_count = 1").await;
    let n = 300;
    for i in 0..n {
        b.engine
            .reading(b.discovered(&format!("10.1.{}.{}", i / 250, i % 250 + 1), printer_facts(&format!("NEW{i:05}"))))
            .await
            .unwrap();
    }
    b.engine.tick().await.unwrap();
    assert!(b.engine.counters().retries > 0);
    let e = b.command(Command::AddSite { name: "x".repeat(190), time_zone: "Asia/Omsk".into() }).await;
    // Small things may still fit; if not, the answer says to try later.
    if let Err(e) = e {
        assert_eq!(e.code(), "unavailable");
    }
    run_sql(&b.store, "PRAGMA max_page_count = 1000000").await;
    // The retry comes by itself; a tick only asks for it now.
    while count(&b.store, "device").await < n + 1 {
        b.engine.tick().await.unwrap();
    }
    assert_eq!(count(&b.store, "device").await, n + 1);
    assert_eq!(b.engine.counters().refused, 0);
    b.give(b.supplies(d, "10.0.0.1", 50)).await;
    assert_eq!(count(&b.store, "supply").await, 1);
    b.engine.stop().await;
    b.store.close().await;
    database.remove().await;
}

/// Ends the whole runtime of an engine in the middle of its work, as a kill would, at another point of every step; starts
/// again and tells the step once more. The end is that of a story told once.
#[test]
fn killed_in_the_middle_and_started_again_nothing_is_lost_or_doubled() {
    let calm = runtime();
    calm.block_on(for_each_address(|database| async move {
        let b = Branch::open(database.open().await).await;
        b.catalogue().await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        let (clock, site) = (b.clock.clone(), b.site);
        b.engine.stop().await;
        b.store.close().await;
        let levels = [40, 12, 9, 8, 8, 5, 100, 100, 100, 60, 9, 8];
        for (step, level) in levels.into_iter().enumerate() {
            clock.advance(Duration::from_secs(1800));
            for kill in 0..4 {
                let (database, clock) = (database.clone(), clock.clone());
                let last = kill == 3;
                let doomed = std::thread::spawn(move || {
                    let runtime = runtime();
                    runtime.block_on(async {
                        let b = Branch::again(database.open().await, &clock, site).await;
                        b.engine.reading(b.supplies(d, "10.0.0.1", level)).await.unwrap();
                        let approve = tokio::spawn({
                            let engine = b.engine.clone();
                            let actor = Actor { who: "anna".into(), source: CommandSource::Web };
                            let approve = Command::ApproveOrder { order: OrderId(1) };
                            async move { if step == 4 { engine.command(actor, approve).await.ok() } else { None } }
                        });
                        if last {
                            b.engine.tick().await.unwrap();
                            approve.await.unwrap();
                        } else {
                            for _ in 0..(step * 7 + kill * 13) {
                                tokio::task::yield_now().await;
                            }
                        }
                    });
                    runtime.shutdown_background();
                });
                doomed.join().unwrap();
            }
        }
        let b = Branch::again(database.open().await, &clock, site).await;
        b.give(b.supplies(d, "10.0.0.1", 8)).await;
        let _ = b.command(Command::ApproveOrder { order: OrderId(1) }).await;
        assert_eq!(count(&b.store, "outbox").await, 1);
        assert_eq!(b.number("SELECT COUNT(*) FROM timeline WHERE kind = 'supply-low'").await, 2);
        assert_eq!(b.number("SELECT COUNT(*) FROM timeline WHERE kind = 'supply-replaced'").await, 1);
        assert_eq!((count(&b.store, "device").await, count(&b.store, "supply").await), (1, 1));
        assert_eq!(b.number("SELECT COUNT(*) FROM need WHERE status <> 'closed'").await, 1);
        assert_eq!(b.number("SELECT COUNT(*) FROM order_line").await, 1);
        b.store.close().await;
    }));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[tokio::test]
async fn stopping_writes_what_was_accepted() {
    for_each_address(|database| async move {
        let b = Branch::open(database.open().await).await;
        for i in 1..=100 {
            b.engine.reading(b.discovered(&format!("10.0.0.{i}"), printer_facts(&format!("VXL{i:05}")))).await.unwrap();
        }
        b.wait(MINUTE / 2);
        let last = b.clock.now();
        b.engine.reading(b.known(1, "10.0.0.1", ProbeClass::Reachability, Facts::default())).await.unwrap();
        b.engine.stop().await;
        assert_eq!(count(&b.store, "device").await, 100);
        assert_eq!(b.number("SELECT last_seen FROM device WHERE id = 1").await, last.0);
        assert!(b.engine.reading(b.silent(1, "10.0.0.1")).await.is_err(), "stopped");
        assert!(b.command(Command::PollNow { device: DeviceId(1) }).await.is_err());
        b.store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_lost_server_is_waited_for() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let b = Branch::open(database.open().await).await;
    let d = b.printer("10.0.0.1", "VXL00001").await;
    // The server ends every connection of ours, as at its restart.
    run_sql(
        &b.store,
        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'anykey' \
         AND pid <> pg_backend_pid() AND query LIKE '%' || current_schema() || '%'",
    )
    .await;
    b.give(b.supplies(d, "10.0.0.1", 50)).await;
    while count(&b.store, "supply").await < 1 {
        b.engine.tick().await.unwrap();
    }
    assert_eq!(b.engine.counters().refused, 0);
    b.engine.stop().await;
    b.store.close().await;
    database.remove().await;
}

/// The way in is `Engine::start`; a handle dropped without `stop` ends the writer after it wrote what it had.
#[tokio::test]
async fn the_last_handle_ends_the_writer() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let clock = anykey::clock::Clock::manual(super::MORNING);
    let engine = Engine::start(store.clone(), clock, Policy::default());
    let mut changes = engine.changes();
    drop(engine);
    assert!(matches!(changes.recv().await, Err(tokio::sync::broadcast::error::RecvError::Closed)));
    store.close().await;
    database.remove().await;
}
