//! People merge and split devices and take it back; addresses wander for a month; page counters begin anew.

use std::collections::BTreeMap;
use std::time::Duration;

use anykey::engine::CommandError;
use anykey::model::*;
use anykey::store::read::device;
use anykey::store::testing::{count, for_each_database};

use super::{Branch, MINUTE, printer_facts};

const HOUR: Duration = Duration::from_secs(3600);

fn id_of(kind: IdentifierKind, value: &str) -> Identifier {
    Identifier { kind, value: value.into() }
}

#[tokio::test]
async fn two_devices_become_one_and_two_again() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let one = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(one, "10.0.0.1", 80)).await;
        b.wait(HOUR);
        // Its new board has another serial number: by itself that is another device.
        let two = b.printer("10.0.0.2", "VXL00002").await;
        b.give(b.supplies(two, "10.0.0.2", 70)).await;
        assert_eq!(count(&b.store, "device").await, 2);
        let lines = || async { device::timeline(b.store.db(), DeviceId(two), &[], None, 100).await.unwrap().len() };
        let own = lines().await;

        let done = b.done(Command::MergeDevices { device: DeviceId(two), other: DeviceId(one) }).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE lifecycle = 'active'").await, 1);
        assert!(lines().await > own + 1, "the other's history is here too");
        let history = device::supply_history(b.store.db(), DeviceId(two), Millis(0)).await.unwrap();
        assert_eq!(history.len(), 2, "levels of both");
        assert_eq!(device::addresses(b.store.db(), DeviceId(two)).await.unwrap().len(), 2);
        // Either serial, at either address, is this device now.
        b.give(b.discovered("10.0.0.1", printer_facts("VXL00001"))).await;
        b.give(b.discovered("10.0.0.7", printer_facts("VXL00001"))).await;
        b.give(b.known(two, "10.0.0.2", ProbeClass::Inventory, printer_facts("VXL00002"))).await;
        assert_eq!(
            (count(&b.store, "device").await, b.number("SELECT COUNT(*) FROM device WHERE address = '10.0.0.2'").await),
            (2, 1)
        );
        // A reading that was still on its way to the old row says nothing.
        b.give(b.known(one, "10.0.0.1", ProbeClass::Inventory, printer_facts("VXL00001"))).await;
        let e = b.command(Command::MergeDevices { device: DeviceId(two), other: DeviceId(one) }).await.unwrap_err();
        assert!(matches!(e, CommandError::WrongState { .. }), "{e}");
        let e = b.command(Command::MergeDevices { device: DeviceId(two), other: DeviceId(two) }).await.unwrap_err();
        assert_eq!(e.code(), "same-device");

        let undo = Command::UndoIdentity { change: done.id.unwrap() };
        assert!(b.done(undo.clone()).await.changed);
        assert!(!b.done(undo).await.changed, "once is enough");
        assert_eq!(b.number("SELECT id FROM device WHERE address = '10.0.0.1'").await, one);
        assert_eq!(b.number("SELECT id FROM device WHERE address = '10.0.0.2'").await, two);
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE lifecycle = 'active'").await, 2);
        assert_eq!(device::supply_history(b.store.db(), DeviceId(one), Millis(0)).await.unwrap().len(), 1);
        b.give(b.discovered("10.0.0.1", printer_facts("VXL00001"))).await;
        assert_eq!(count(&b.store, "device").await, 2);
        assert_eq!(
            b.number("SELECT COUNT(*) FROM audit WHERE command LIKE '%merge-devices%' AND result = 'done'").await,
            1
        );
        assert_eq!(
            b.number("SELECT COUNT(*) FROM audit WHERE command LIKE '%undo-identity%' AND result = 'done'").await,
            1
        );
    })
    .await;
}

/// A need goes with the device that asked for it, and comes back with it.
#[tokio::test]
async fn an_undone_merge_brings_back_what_was_needed() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let one = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(one, "10.0.0.1", 5)).await;
        let two = b.printer("10.0.0.2", "VXL00002").await;
        b.give(b.supplies(two, "10.0.0.2", 80)).await;
        let open = "SELECT COUNT(*) FROM need WHERE status = 'open'";
        assert_eq!(b.number(open).await, 1);
        let merge = Command::MergeDevices { device: DeviceId(two), other: DeviceId(one) };
        let change = b.done(merge).await.id.unwrap();
        assert_eq!(b.number(open).await, 0, "nothing is ordered for a device that is another");
        b.done(Command::UndoIdentity { change }).await;
        assert_eq!(b.number(open).await, 1);
        b.give(b.supplies(one, "10.0.0.1", 5)).await;
        assert_eq!(b.number(open).await, 1, "and once only");
    })
    .await;
}

#[tokio::test]
async fn a_chain_of_merges_is_taken_back_link_by_link() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let (a, c, d) = (
            b.printer("10.0.0.1", "VXL00001").await,
            b.printer("10.0.0.2", "VXL00002").await,
            b.printer("10.0.0.3", "VXL00003").await,
        );
        let first = b.done(Command::MergeDevices { device: DeviceId(c), other: DeviceId(a) }).await.id.unwrap();
        let second = b.done(Command::MergeDevices { device: DeviceId(d), other: DeviceId(c) }).await.id.unwrap();
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE lifecycle = 'active'").await, 1);
        b.give(b.discovered("10.0.0.9", printer_facts("VXL00001"))).await;
        assert_eq!(count(&b.store, "device").await, 3, "the innermost is found through both");
        let e = b.command(Command::UndoIdentity { change: first }).await.unwrap_err();
        assert!(matches!(e, CommandError::WrongState { .. }), "{e}");
        b.done(Command::UndoIdentity { change: second }).await;
        assert_eq!(b.number("SELECT merged_into FROM device ORDER BY id LIMIT 1").await, c);
        b.done(Command::UndoIdentity { change: first }).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE lifecycle = 'active'").await, 3);
    })
    .await;
}

#[tokio::test]
async fn one_that_was_wrongly_joined_is_split_and_stays_split() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        // Two printers with one serial number, never alive at the same time when found: taken for one with a new board.
        let clone = |mac: &str| Facts { base_mac: Some(mac.into()), ..printer_facts("CLONE0001") };
        b.give(b.discovered("10.0.0.1", clone("00:c0:ee:00:00:01"))).await;
        b.wait(24 * HOUR);
        b.give(b.discovered("10.0.0.2", clone("00:c0:ee:00:00:02"))).await;
        assert_eq!(count(&b.store, "device").await, 1);
        let d = DeviceId(b.number("SELECT MAX(id) FROM device").await);
        let second = id_of(IdentifierKind::BaseMac, "00:c0:ee:00:00:02");
        let split = |identifiers: Vec<Identifier>, address: &str| Command::SplitDevice {
            device: d,
            identifiers,
            address: Some(address.into()),
        };
        for (wrong, code) in [
            (split(vec![], "10.0.0.2"), "no-identifier"),
            (split(vec![id_of(IdentifierKind::Serial, "nobody/1")], ""), "no-identifier"),
            (split(vec![second.clone()], "10.9.9.9"), "not-its-address"),
            (split(vec![second.clone()], "here"), "not-its-address"),
        ] {
            assert_eq!(b.command(wrong).await.unwrap_err().code(), code);
        }
        assert_eq!(count(&b.store, "device").await, 1, "a refused split leaves nothing behind");
        let change = b.done(split(vec![second], "10.0.0.2")).await.id.unwrap();
        let new = b.number("SELECT MAX(id) FROM device").await;
        assert_eq!(b.number("SELECT id FROM device WHERE address = '10.0.0.2'").await, new);
        // Found again and again, whoever is alive, each is itself.
        for round in 0..4 {
            b.wait(12 * HOUR);
            let order = if round % 2 == 0 { [1, 2] } else { [2, 1] };
            for n in order {
                b.give(b.discovered(&format!("10.0.0.{n}"), clone(&format!("00:c0:ee:00:00:0{n}")))).await;
            }
            b.give(b.known(new, "10.0.0.2", ProbeClass::Inventory, clone("00:c0:ee:00:00:02"))).await;
            b.give(b.known(d.0, "10.0.0.1", ProbeClass::Inventory, clone("00:c0:ee:00:00:01"))).await;
            assert_eq!(count(&b.store, "device").await, 2, "round {round}");
            assert_eq!(b.number("SELECT id FROM device WHERE address = '10.0.0.1'").await, d.0);
            assert_eq!(b.number("SELECT id FROM device WHERE address = '10.0.0.2'").await, new);
        }
        b.done(Command::UndoIdentity { change }).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE lifecycle = 'active'").await, 1);
        b.wait(HOUR);
        b.give(b.discovered("10.0.0.2", clone("00:c0:ee:00:00:02"))).await;
        assert_eq!(count(&b.store, "device").await, 2, "no third row");
    })
    .await;
}

/// Acceptance: 30 devices swap their addresses every few hours for a month. 30 devices, each with a whole history.
#[tokio::test]
async fn addresses_wander_for_a_month_and_no_history_breaks() {
    for_each_database(|store| async move {
        const N: usize = 30;
        let b = Branch::open(store).await;
        let serial = |i: usize| format!("VXL{i:05}");
        let address = |slot: usize| format!("10.0.0.{}", slot + 1);
        let mut at: Vec<usize> = (0..N).collect();
        for (i, slot) in at.iter().enumerate() {
            b.engine.reading(b.discovered(&address(*slot), printer_facts(&serial(i)))).await.unwrap();
        }
        b.engine.tick().await.unwrap();
        assert_eq!(count(&b.store, "device").await, N as i64);
        let mut seed = 11u64;
        let mut random = move |n: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % n
        };
        let mut pages = vec![1_000u64; N];
        for step in 0..30 * 8 {
            b.wait(3 * HOUR);
            // A few leases end: two swap, or one moves over a free address.
            for _ in 0..random(6) {
                let (i, j) = (random(N), random(N));
                at.swap(i, j);
            }
            // The poller asks each device where it believes it to be; whoever sits there now answers.
            let believed: BTreeMap<i64, String> = {
                let rows = anykey::store::target::all(b.store.db()).await.unwrap();
                rows.into_iter().map(|t| (t.device.0, t.address.to_string())).collect()
            };
            for (device, place) in &believed {
                let Some(i) = (0..N).find(|i| address(at[*i]) == *place) else { continue };
                b.engine
                    .reading(b.known(*device, place, ProbeClass::Inventory, printer_facts(&serial(i))))
                    .await
                    .unwrap();
            }
            // A sweep a day finds those who are nowhere.
            if step % 8 == 7 {
                for (i, slot) in at.iter().enumerate() {
                    b.engine.reading(b.discovered(&address(*slot), printer_facts(&serial(i)))).await.unwrap();
                }
            }
            b.engine.tick().await.unwrap();
            // Supplies and counters reach whoever is known to be there.
            for t in anykey::store::target::all(b.store.db()).await.unwrap() {
                let place = t.address.to_string();
                let Some(i) = (0..N).find(|i| address(at[*i]) == place) else { continue };
                pages[i] += random(40) as u64;
                let mut facts = printer_facts(&serial(i));
                facts.printer = Some(PrinterFacts { page_count: Some(pages[i]), ..PrinterFacts::default() });
                b.engine.reading(b.known(t.device.0, &place, ProbeClass::Supplies, facts)).await.unwrap();
            }
            b.engine.tick().await.unwrap();
        }
        assert_eq!(count(&b.store, "device").await, N as i64, "thirty devices");
        assert_eq!(b.number("SELECT COUNT(DISTINCT serial) FROM device").await, N as i64);
        assert_eq!(b.number("SELECT COUNT(*) FROM timeline WHERE kind = 'identity-changed'").await, 0);
        assert_eq!(
            b.number("SELECT COUNT(*) FROM timeline WHERE kind = 'page-count-reset'").await,
            0,
            "nobody counted for another"
        );
        assert_eq!(b.number("SELECT COUNT(*) FROM page_epoch").await, N as i64);
        // One serial and one MAC each, and points of the counter on every day but few.
        assert_eq!(b.number("SELECT COUNT(*) FROM device_identifier WHERE kind = 'serial'").await, N as i64);
        assert_eq!(b.number("SELECT COUNT(*) FROM device_identifier WHERE kind = 'base-mac'").await, N as i64);
        let least = "SELECT MIN(n) FROM (SELECT COUNT(DISTINCT at / 86400000) AS n FROM metric_reading \
                     WHERE series = 'pages' GROUP BY device_id) x";
        assert!(b.number(least).await >= 25, "{}", b.number(least).await);
        assert!(b.number("SELECT COUNT(*) FROM timeline WHERE kind = 'address-changed'").await > 100);
    })
    .await;
}

#[tokio::test]
async fn a_counter_that_begins_anew_opens_an_epoch() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        let read = |pages: u64| {
            let printer = PrinterFacts { page_count: Some(pages), ..PrinterFacts::default() };
            b.known(d, "10.0.0.1", ProbeClass::Supplies, Facts { printer: Some(printer), ..Facts::default() })
        };
        let mut totals = Vec::new();
        for (hours, pages) in [(0, 41_000), (24, 41_300), (24, 0), (1, 41_310), (48, 12), (48, 512), (1, 512)] {
            b.wait(HOUR * hours);
            b.give(read(pages)).await;
            totals.push(b.number("SELECT page_count + page_offset FROM device").await);
        }
        assert_eq!(totals, [41_000, 41_300, 41_300, 41_310, 41_310, 41_810, 41_810]);
        assert_eq!(b.number("SELECT COUNT(*) FROM page_epoch").await, 2);
        assert_eq!(b.number("SELECT COUNT(*) FROM page_epoch WHERE why = 'reset' AND first_value = 12").await, 1);
        // A new board, known by its MAC, that has printed more than the old one.
        b.wait(HOUR);
        let board = Facts { base_mac: Some("00:c0:ee:99:99:99".into()), ..printer_facts("VXL00001") };
        b.give(b.known(d, "10.0.0.1", ProbeClass::Inventory, board)).await;
        b.give(read(700_000)).await;
        assert_eq!(b.number("SELECT page_count + page_offset FROM device").await, 41_810);
        assert_eq!(b.number("SELECT COUNT(*) FROM page_epoch WHERE why = 'board'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn each_jam_is_kept_once_with_its_page() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        let status = |errors: &[&str]| {
            let errors = errors.iter().map(|e| (*e).to_owned()).collect();
            let printer =
                PrinterFacts { page_count: Some(5_000), detected_errors: Some(errors), ..PrinterFacts::default() };
            b.known(d, "10.0.0.1", ProbeClass::Status, Facts { printer: Some(printer), ..Facts::default() })
        };
        for errors in [&[][..], &["jammed"], &["jammed"], &["jammed", "noPaper"], &[], &["jammed"], &[]] {
            b.wait(5 * MINUTE);
            b.give(status(errors)).await;
        }
        let jams = anykey::store::pages::jams(b.store.db(), DeviceId(d), Millis(0), 10).await.unwrap();
        assert_eq!(jams.len(), 2);
        assert_eq!(jams[0].pages, Some(5_000));
    })
    .await;
}
