//! Silence with and without an excuse: what stands before a device, and whether anybody is heard at all.

use anykey::model::*;
use anykey::store::testing::{count, for_each_database};

use super::{Branch, MINUTE};

fn box_facts(kind: DeviceKind, n: u32) -> Facts {
    Facts {
        kind: Some(kind),
        serial: Some(format!("BOX{n:05}")),
        base_mac: Some(format!("00:c0:00:00:00:{n:02x}")),
        sys_name: Some(format!("box-{n}")),
        ..Facts::default()
    }
}

async fn device(b: &Branch, n: u32, kind: DeviceKind) -> i64 {
    b.give(b.discovered(&format!("10.0.1.{n}"), box_facts(kind, n))).await;
    b.number("SELECT MAX(id) FROM device").await
}

/// One poll of devices 1 to `last`, those of `silent` without an answer.
async fn round(b: &Branch, last: i64, silent: &[i64]) {
    b.wait(5 * MINUTE);
    for d in 1..=last {
        let address = format!("10.0.1.{d}");
        let reading = match silent.contains(&d) {
            true => b.silent(d, &address),
            false => b.known(d, &address, ProbeClass::Reachability, Facts::default()),
        };
        b.engine.reading(reading).await.unwrap();
    }
    b.engine.tick().await.unwrap();
}

/// Router 1, core 2 and edge 3 announce each other; printers 4 to 7 hang on the edge.
async fn network(b: &Branch) {
    use DeviceKind as K;
    for (n, kind) in
        [K::Router, K::Switch, K::Switch, K::Printer, K::Printer, K::Printer, K::Printer].iter().enumerate()
    {
        device(b, n as u32 + 1, *kind).await;
    }
    let link = |n: u32| Link {
        protocol: "lldp".into(),
        local_if_index: Some(n),
        remote_chassis: Some(format!("00:c0:00:00:00:{n:02x}")),
        ..Link::default()
    };
    let entry = |n: u32| FdbEntry {
        mac: format!("00:c0:00:00:00:{n:02x}"),
        if_index: Some(n),
        port: Some(format!("gi{n}")),
        vlan: Some(1),
        status: None,
    };
    let core = Facts { links: Some(vec![link(1), link(3)]), ..Facts::default() };
    b.give(b.known(2, "10.0.1.2", ProbeClass::Neighbors, core)).await;
    let edge = Facts { fdb: Some((4..=7).map(entry).collect()), ..Facts::default() };
    b.give(b.known(3, "10.0.1.3", ProbeClass::Neighbors, edge)).await;
}

#[tokio::test]
async fn a_dead_uplink_hides_all_behind_it_and_nothing_is_lost() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        network(&b).await;
        round(&b, 7, &[]).await;
        // Printer 4 has failed by itself before.
        for _ in 0..5 {
            round(&b, 7, &[4]).await;
        }
        assert_eq!(b.numbers("SELECT COUNT(*), MIN(device_id) FROM ticket").await, [1, 4]);
        for _ in 0..6 {
            round(&b, 7, &[2, 3, 4, 5, 6, 7]).await;
        }
        assert_eq!(
            b.numbers("SELECT COUNT(*), MIN(device_id) FROM ticket WHERE status = 'new'").await,
            [1, 2],
            "the core's"
        );
        assert_eq!(b.number("SELECT merged_into FROM ticket WHERE device_id = 4").await, 2);
        let behind =
            "SELECT COUNT(*), MIN(device_id), MAX(device_id) FROM hidden WHERE parent_id = 2 AND until IS NULL";
        assert_eq!(b.numbers(behind).await, [5, 3, 7]);
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE reach = 'unreachable'").await, 5);
        // It comes back; 4 is still down, and 5 went with it.
        for _ in 0..8 {
            round(&b, 7, &[4, 5]).await;
        }
        assert_eq!(
            b.numbers("SELECT COUNT(*), MIN(device_id), MAX(device_id) FROM ticket WHERE status = 'new'").await,
            [2, 4, 5],
            "their own tickets, by their own polls"
        );
        assert_eq!(b.number("SELECT COUNT(*) FROM hidden WHERE until IS NULL").await, 0);
        assert_eq!(b.number("SELECT COUNT(*) FROM ticket WHERE status = 'resolved' AND device_id = 2").await, 1);
    })
    .await;
}

#[tokio::test]
async fn when_nobody_answers_it_is_our_own_network() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        network(&b).await;
        round(&b, 7, &[]).await;
        let all: Vec<i64> = (1..=7).collect();
        for _ in 0..12 {
            round(&b, 7, &all).await;
        }
        assert_eq!(b.numbers("SELECT COUNT(*), MIN(priority) FROM ticket").await, [1, 1]);
        assert_eq!(b.number("SELECT COUNT(*) FROM ticket WHERE class = 'network' AND device_id IS NULL").await, 1);
        assert_eq!(b.number("SELECT COUNT(*) FROM device WHERE reach = 'down'").await, 0, "nobody is judged");
        // All but the edge answer again: it is judged from its own polls since.
        round(&b, 7, &[3, 4, 5, 6, 7]).await;
        assert_eq!(count(&b.store, "ticket").await, 1, "silence while we were deaf proves nothing");
        for _ in 0..3 {
            round(&b, 7, &[3, 4, 5, 6, 7]).await;
        }
        assert_eq!(b.numbers("SELECT COUNT(*), MIN(device_id) FROM ticket WHERE status = 'new'").await, [1, 3]);
        assert_eq!(b.number("SELECT COUNT(*) FROM ticket WHERE class = 'network' AND status = 'resolved'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_people_say_goes_above_what_is_seen() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        for n in 1..=3 {
            device(&b, n, DeviceKind::Ups).await;
        }
        let say =
            |device: i64, parent: i64| Command::SetParent { device: DeviceId(device), parent: Some(DeviceId(parent)) };
        b.done(say(3, 2)).await;
        b.done(say(2, 1)).await;
        assert!(b.command(say(1, 3)).await.is_err(), "a loop");
        assert!(b.command(say(1, 1)).await.is_err(), "itself");
        round(&b, 3, &[]).await;
        for _ in 0..5 {
            round(&b, 3, &[1, 2, 3]).await;
        }
        assert_eq!(b.numbers("SELECT COUNT(*), MIN(device_id) FROM ticket").await, [1, 1]);
        // Two tickets of one matter.
        let open = |title: &str| Command::OpenTicket { device: DeviceId(3), title: title.into(), priority: 3 };
        let (one, two) = (b.done(open("Пищит")).await.id.unwrap(), b.done(open("Пищит и мигает")).await.id.unwrap());
        b.done(Command::MergeTicket { ticket: TicketId(two), into: TicketId(one) }).await;
        assert!(b.command(Command::MergeTicket { ticket: TicketId(two), into: TicketId(one) }).await.is_err());
        assert!(b.command(Command::MergeTicket { ticket: TicketId(one), into: TicketId(two) }).await.is_err());
        assert_eq!(b.numbers("SELECT merged_into FROM ticket WHERE merged_into IS NOT NULL").await, [one]);
    })
    .await;
}
