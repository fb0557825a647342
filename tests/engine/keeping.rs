//! What is written of readings, and how little when nothing changed.

use std::time::Duration;

use anykey::engine::{Change, Topic};
use anykey::model::*;
use anykey::store::testing::{count, for_each_database};

use super::{Branch, MINUTE, printer_facts};

#[tokio::test]
async fn an_unchanged_reading_writes_times_once_a_minute_and_history_once_a_day() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        b.give(b.supplies(d, "10.0.0.1", 70)).await;
        let mut changes = b.engine.changes();
        for _ in 0..48 {
            b.wait(Duration::from_secs(1800));
            b.give(b.supplies(d, "10.0.0.1", 70)).await;
            b.give(b.known(d, "10.0.0.1", ProbeClass::Inventory, printer_facts("VXL00001"))).await;
        }
        assert_eq!(count(&b.store, "supply_reading").await, 2, "the first and a heartbeat");
        assert_eq!(b.number("SELECT COUNT(*) FROM metric_reading WHERE series = 'pages'").await, 2);
        assert_eq!(b.number("SELECT COUNT(*) FROM metric_reading WHERE series = 'rtt_us'").await, 2);
        assert_eq!(b.number("SELECT updated_at FROM supply").await, b.clock.now().0, "its age is known");
        assert_eq!(b.number("SELECT last_seen FROM device").await, b.clock.now().0);
        assert!(changes.try_recv().is_err(), "nobody is told of nothing");

        // Within a minute the row is left alone until the next tick.
        b.wait(MINUTE / 6);
        b.engine.reading(b.supplies(d, "10.0.0.1", 69)).await.unwrap();
        b.engine.tick().await.unwrap();
        let told: Vec<Change> = std::iter::from_fn(|| changes.try_recv().ok()).collect();
        assert_eq!(told, [Change { topic: Topic::Supply, device: Some(DeviceId(d)) }]);
        assert_eq!(count(&b.store, "supply_reading").await, 3);
    })
    .await;
}

#[tokio::test]
async fn facts_of_several_classes_are_one_and_people_win() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let d = b.printer("10.0.0.1", "VXL00001").await;
        let status = Facts {
            printer: Some(PrinterFacts {
                console: vec!["Готов".into()],
                alerts: Some(vec![]),
                page_count: Some(500),
                ..PrinterFacts::default()
            }),
            ..Facts::default()
        };
        b.give(b.known(d, "10.0.0.1", ProbeClass::Status, status)).await;
        let mut tx = b.store.begin().await.unwrap();
        let facts = anykey::store::device::facts(&mut tx, DeviceId(d)).await.unwrap();
        drop(tx);
        assert_eq!(facts.serial.as_deref(), Some("VXL00001"));
        assert_eq!(facts.printer.unwrap().console, ["Готов"]);
        assert_eq!(b.number("SELECT page_count FROM device").await, 500);

        b.done(Command::RenameDevice { device: DeviceId(d), name: "МФУ бухгалтерии".into() }).await;
        let place = Command::PlaceDevice { device: DeviceId(d), site: b.site, location: Some("к. 12".into()) };
        b.done(place).await;
        b.wait(MINUTE);
        let new = Facts {
            sys_location: Some("somewhere".into()),
            firmware: Some("2.0".into()),
            sys_name: Some("NEW".into()),
            ..printer_facts("VXL00001")
        };
        b.give(b.known(d, "10.0.0.1", ProbeClass::Inventory, new.clone())).await;
        b.wait(MINUTE);
        b.give(b.known(d, "10.0.0.1", ProbeClass::Inventory, Facts { firmware: Some("2.1".into()), ..new })).await;
        let mut tx = b.store.begin().await.unwrap();
        let kept = anykey::store::device::load(&mut tx, DeviceId(d)).await.unwrap().unwrap();
        drop(tx);
        assert_eq!((kept.name.as_str(), kept.location.as_deref()), ("МФУ бухгалтерии", Some("к. 12")));
        assert_eq!((kept.firmware.as_deref(), kept.sys_name.as_deref()), (Some("2.1"), Some("NEW")));
        assert_eq!(b.number("SELECT COUNT(*) FROM timeline WHERE kind = 'identity-changed'").await, 1, "2.0 to 2.1");
        b.done(Command::RenameDevice { device: DeviceId(d), name: " ".into() }).await;
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE name = 'NEW' AND named_by_person = 0").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_switch_keeps_ports_neighbours_and_its_table() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let range = Command::AddRange { site: b.site, cidr: "10.0.0.0/24".into(), port: 161, credential: None };
        b.done(range).await;
        let port = |i: u32, oper: &str, octets: u64| Port {
            if_index: i,
            name: format!("gi{i}"),
            oper: Some(oper.into()),
            physical: true,
            counters: Some(PortCounters {
                in_octets: Some(octets),
                in_errors: Some(if octets > 6_000 { 7 } else { 0 }),
                wide: true,
                ..PortCounters::default()
            }),
            ..Port::default()
        };
        let facts = |down: bool, octets| Facts {
            kind: Some(DeviceKind::Switch),
            serial: Some("SW000001".into()),
            ports: Some(vec![port(1, "up", octets), port(2, if down { "down" } else { "up" }, octets)]),
            vlans: Some(vec![Vlan { id: 10, name: Some("voice".into()) }]),
            links: Some(vec![
                Link {
                    local_port: Some("gi1".into()),
                    remote_host: Some("core".into()),
                    protocol: "lldp".into(),
                    remote_address: Some("10.0.0.2".into()),
                    ..Link::default()
                },
                Link {
                    local_port: Some("gi2".into()),
                    remote_host: Some("far".into()),
                    protocol: "cdp".into(),
                    remote_address: Some("172.16.0.9".into()),
                    ..Link::default()
                },
                Link {
                    local_port: Some("gi3".into()),
                    remote_host: Some("odd".into()),
                    protocol: "cdp".into(),
                    remote_address: Some("169.254.0.9".into()),
                    ..Link::default()
                },
            ]),
            fdb: Some(vec![FdbEntry {
                mac: "00:00:00:00:00:09".into(),
                if_index: Some(1),
                port: None,
                vlan: None,
                status: None,
            }]),
            arp: Some(vec![ArpEntry {
                address: "10.0.0.9".into(),
                mac: "00:00:00:00:00:09".into(),
                if_index: Some(1),
                kind: Some("dynamic".into()),
            }]),
            ..Facts::default()
        };
        b.give(b.discovered("10.0.0.254", facts(false, 1))).await;
        let d = b.number("SELECT id FROM device").await;
        let start = b.clock.now().0;
        for i in 0..12 {
            b.wait(5 * MINUTE);
            b.give(b.known(d, "10.0.0.254", ProbeClass::Neighbors, facts(i >= 6, 1000 * i))).await;
        }
        assert_eq!(b.number("SELECT oper_since FROM port WHERE if_index = 1").await, start);
        assert_eq!(b.number("SELECT oper_since FROM port WHERE if_index = 2").await, start + 35 * 60_000);
        assert_eq!(
            (count(&b.store, "neighbor").await, count(&b.store, "fdb").await, count(&b.store, "vlan").await),
            (3, 1, 1)
        );
        assert_eq!(count(&b.store, "arp").await, 1);
        let errors = anykey::store::read::ports::errors(b.store.db(), DeviceId(d), Millis(start)).await.unwrap();
        assert_eq!(errors[&1].received, 7, "the first errors are a rise, from the zero before them");
        assert_eq!(b.number("SELECT last_seen FROM fdb").await, b.clock.now().0, "seen again within the hour");
        assert_eq!(b.number("SELECT COUNT(*) FROM metric_reading WHERE series = 'port.1.in_octets'").await, 2);
        let proposals =
            "SELECT COUNT(*), MAX(enabled) FROM scan_range WHERE origin = 'neighbor' AND cidr = '172.16.0.9'";
        assert_eq!(b.numbers(proposals).await, [1, 0], "proposed, not scanned");
        assert_eq!(count(&b.store, "scan_range").await, 2, "what is in a range or has no meaning here is not proposed");
        b.done(Command::ScanRange { range: 2 }).await;
        assert_eq!(b.number("SELECT enabled FROM scan_range WHERE id = 2").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_discovered_device_is_named_in_its_range_and_a_restart_wants_a_look() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let add = Command::AddRange { site: b.site, cidr: "10.0.0.0/24".into(), port: 161, credential: None };
        let range = b.done(add.clone()).await.id;
        assert!(!b.done(add).await.changed, "the same range again");
        let mut r = b.discovered("10.0.0.1", printer_facts("VXL00001"));
        r.subject = Subject::Discovered { site: b.site.0, credential: None, range };
        b.give(r).await;
        assert_eq!(
            b.numbers("SELECT COUNT(*), MAX(device_id) FROM discovery_result WHERE outcome = 'device'").await,
            [1, 1]
        );
        for uptime in [500_000, 900_000, 100] {
            b.wait(5 * MINUTE);
            let facts = Facts { sys_uptime_cs: Some(uptime), ..Facts::default() };
            b.give(b.known(1, "10.0.0.1", ProbeClass::Reachability, facts)).await;
        }
        assert_eq!(b.number("SELECT poll_wanted FROM device").await, 1);
        assert_eq!(b.number("SELECT COUNT(*) FROM timeline WHERE kind = 'restarted'").await, 1);
    })
    .await;
}
