//! A device is not an address (invariant 3).

use std::time::Duration;

use anykey::model::*;
use anykey::store::testing::{count, for_each_database};

use super::{Branch, MINUTE, printer_facts};

#[tokio::test]
async fn dhcp_moves_a_device_and_its_history_stays() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 80)).await;
        // Found elsewhere while it still answers here: a second address, nothing moves.
        b.wait(MINUTE);
        b.give(b.discovered("10.0.0.9", printer_facts("VXL00001"))).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE address = '10.0.0.1'").await, 1);
        // Silent here: it is asked where it was seen.
        for _ in 0..2 {
            b.wait(5 * MINUTE);
            b.give(b.silent(d, "10.0.0.1")).await;
        }
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE address = '10.0.0.9'").await, 1);
        // Moved once more, found by a scan after it fell silent.
        for _ in 0..2 {
            b.wait(5 * MINUTE);
            b.give(b.silent(d, "10.0.0.9")).await;
        }
        b.give(b.discovered("10.0.0.17", printer_facts("VXL00001"))).await;
        assert_eq!(b.numbers("SELECT COUNT(*), MAX(id) FROM device WHERE address = '10.0.0.17'").await, [1, d]);
        assert_eq!((count(&b.store, "device").await, count(&b.store, "device_address_history").await), (1, 3));
        assert_eq!(b.number("SELECT COUNT(*) FROM timeline WHERE kind = 'address-changed'").await, 2);
        assert_eq!(count(&b.store, "supply").await, 1);
        // An answer that was still on its way from the old address says nothing.
        b.give(b.silent(d, "10.0.0.1")).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE address = '10.0.0.17'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn two_devices_that_swap_addresses_stay_two() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let one = b.printer("10.0.0.1", "VXL00001").await;
        let two = b.printer("10.0.0.2", "VXL00002").await;
        b.wait(Duration::from_secs(3600));
        // Each inventory is answered by the other.
        b.give(b.known(one, "10.0.0.1", ProbeClass::Inventory, printer_facts("VXL00002"))).await;
        b.give(b.known(two, "10.0.0.2", ProbeClass::Inventory, printer_facts("VXL00001"))).await;
        b.give(b.discovered("10.0.0.2", printer_facts("VXL00001"))).await;
        assert_eq!(count(&b.store, "device").await, 2);
        assert_eq!(b.number("SELECT id FROM device WHERE address = '10.0.0.1'").await, two);
        assert_eq!(b.number("SELECT id FROM device WHERE address = '10.0.0.2'").await, one);
        assert_eq!(b.number("SELECT COUNT(DISTINCT serial) FROM device").await, 2);
    })
    .await;
}

#[tokio::test]
async fn another_device_at_a_known_address_is_another_device() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let old = b.printer("10.0.0.1", "VXL00001").await;
        b.wait(Duration::from_secs(3600));
        b.give(b.known(old, "10.0.0.1", ProbeClass::Inventory, printer_facts("VXL00077"))).await;
        assert_eq!(count(&b.store, "device").await, 2, "a replaced printer");
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE address = ''").await, 1, "the old one is nowhere");
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE address = '' AND condition = 'unknown'").await, 1);
        let new = b.number("SELECT id FROM device WHERE serial = 'VXL00077'").await;
        assert_ne!(new, old);
        // The old one is found again in another room.
        b.give(b.discovered("10.0.0.50", printer_facts("VXL00001"))).await;
        assert_eq!(b.number("SELECT id FROM device WHERE address = '10.0.0.50'").await, old);
        assert_eq!(count(&b.store, "device").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_replaced_board_is_the_same_device_by_its_serial() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.wait(Duration::from_secs(3600));
        let board = Facts { base_mac: Some("00:c0:ee:99:99:99".into()), ..printer_facts("VXL00001") };
        b.give(b.discovered("10.0.0.1", board)).await;
        assert_eq!((count(&b.store, "device").await, d), (1, 1));
        assert_eq!(b.number("SELECT COUNT(*) FROM device_identifier WHERE kind = 'base-mac'").await, 2);
        // The board forgot the serial and was given another: two serials are two devices.
        b.wait(Duration::from_secs(3600));
        b.give(b.discovered("10.0.0.1", Facts { serial: Some("ZZZ00009".into()), ..printer_facts("VXL00001") })).await;
        assert_eq!(count(&b.store, "device").await, 2);
    })
    .await;
}

#[tokio::test]
async fn placeholders_and_shared_serials_never_merge() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        for (i, serial) in ["NA", "NA", "N/A", "00000000", "XXXXXXXX", "Not Specified"].into_iter().enumerate() {
            let facts = Facts {
                base_mac: None,
                sys_name: Some(format!("printer{i}")),
                serial: Some(serial.into()),
                ..printer_facts("x")
            };
            b.give(b.discovered(&format!("10.0.0.{}", i + 1), facts)).await;
        }
        assert_eq!(count(&b.store, "device").await, 6);
        // One serial on two boards that answer at the same time.
        let clone = |mac: &str, name: &str| Facts {
            base_mac: Some(mac.into()),
            sys_name: Some(name.into()),
            serial: Some("1234567890".into()),
            ..printer_facts("x")
        };
        b.give(b.discovered("10.0.1.1", clone("00:11:22:33:44:01", "a"))).await;
        b.give(b.discovered("10.0.1.2", clone("00:11:22:33:44:02", "b"))).await;
        assert_eq!(count(&b.store, "device").await, 8);
        // Found again, each is itself.
        b.give(b.discovered("10.0.1.2", clone("00:11:22:33:44:02", "b"))).await;
        b.give(b.discovered("10.0.1.1", clone("00:11:22:33:44:01", "a"))).await;
        assert_eq!(count(&b.store, "device").await, 8);
        assert_eq!(b.number("SELECT COUNT(*) FROM timeline WHERE kind = 'address-changed'").await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_same_address_in_two_branches_is_two_devices() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let other = b.done(Command::AddSite { name: "Омск".into(), time_zone: "Asia/Omsk".into() }).await.id.unwrap();
        let plain = || Facts {
            sys_name: Some("printer".into()),
            sys_object_id: Some("1.3.6.1.4.1.11".into()),
            ..Facts::default()
        };
        let there = |facts| {
            let mut r = b.discovered("192.168.1.10", facts);
            r.subject = Subject::Discovered { site: other, credential: None, range: None };
            r
        };
        for _ in 0..2 {
            b.give(b.discovered("192.168.1.10", plain())).await;
            b.give(there(plain())).await;
        }
        assert_eq!(count(&b.store, "device").await, 2);
        // A printer that was carried to the other branch is still itself.
        let d = b.printer("192.168.1.20", "VXL00001").await;
        b.wait(Duration::from_secs(7200));
        let mut r = b.discovered("192.168.1.20", printer_facts("VXL00001"));
        r.subject = Subject::Discovered { site: other, credential: None, range: None };
        b.give(r).await;
        assert_eq!(b.numbers("SELECT COUNT(*), MAX(site_id) FROM device WHERE serial = 'VXL00001'").await, [1, other]);
        assert_eq!(d, 3);
    })
    .await;
}

#[tokio::test]
async fn a_device_that_tells_little_is_found_again_and_may_be_renamed() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let bare = |name: Option<&str>| Facts {
            sys_object_id: Some("1.3.6.1.4.1.4526".into()),
            sys_name: name.map(Into::into),
            ..Facts::default()
        };
        b.give(b.discovered("10.0.0.5", bare(None))).await;
        b.give(b.discovered("10.0.0.5", bare(None))).await;
        b.give(b.discovered("10.0.0.5", bare(Some("sw1")))).await;
        b.give(b.discovered("10.0.0.5", bare(Some("sw-entrance")))).await;
        b.give(b.discovered("10.0.0.5", Facts { serial: Some("GS12345".into()), ..bare(Some("sw-entrance")) })).await;
        assert_eq!(count(&b.store, "device").await, 1);
        // Another make at that address, with nothing else to go by, is another device.
        b.wait(Duration::from_secs(3600));
        let other =
            Facts { sys_object_id: Some("1.3.6.1.4.1.9".into()), sys_name: Some("c1".into()), ..Facts::default() };
        b.give(b.discovered("10.0.0.5", other)).await;
        assert_eq!(count(&b.store, "device").await, 2);
        // Silence and pings of strangers make no device.
        let mut r = b.discovered("10.0.0.6", Facts::default());
        r.outcome = Outcome::PingOnly { rtt_ms: 1.0 };
        b.give(r.clone()).await;
        r.outcome = Outcome::Silent;
        b.give(r).await;
        assert_eq!(count(&b.store, "device").await, 2);
    })
    .await;
}
