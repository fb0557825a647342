//! Devices, one device and Today, read on both databases over a branch with two switches, three printers and a history.

use sqlx::AssertSqlSafe;

use super::devices::{DeviceFilter, DeviceSort};
use super::{Paging, device, devices, today};
use crate::model::*;
use crate::store::testing::for_each_database;
use crate::store::{Db, Store, on_tx};

const DAY: i64 = Millis::DAY;
/// Midnight UTC, so that days are round.
const NOW: i64 = 20_000 * DAY;

fn statements() -> Vec<String> {
    let device = |id: i64,
                  name: &str,
                  kind: &str,
                  place: &str,
                  address: &str,
                  mac: &str,
                  condition: &str,
                  reach: &str| {
        let search = format!("{name} {address} {mac} {} {place}", mac.replace(':', "")).to_lowercase();
        format!(
            "INSERT INTO device (id, site_id, name, location, kind, vendor, model, serial, address, port, base_mac, reach, \
             condition, page_count, first_seen, last_seen, last_reading_at, search, facts) VALUES ({id}, 1, '{name}', \
             '{place}', '{kind}', 'Kyocera', 'M2040dn', 'SN{id}', '{address}', 161, '{mac}', '{reach}', '{condition}', \
             {id}000, {}, {NOW}, {NOW}, '{search}', '{{\"notes\":[\"cut\"]}}')",
            NOW - 30 * DAY
        )
    };
    let mut all = vec![
        "INSERT INTO site (id, name, time_zone, created_at) VALUES (1, 'Казань', 'Europe/Moscow', 1)".to_owned(),
        device(1, "sw1", "switch", "кроссовая", "10.0.0.2", "00:00:5e:00:00:01", "ok", "ok"),
        device(2, "sw2", "switch", "кроссовая", "10.0.0.10", "00:00:5e:00:00:02", "ok", "ok"),
        device(3, "МФУ 214", "printer", "каб. 214", "10.0.0.31", "00:00:5e:00:00:31", "attention", "ok"),
        device(4, "МФУ 215", "printer", "каб. 215", "10.0.0.4", "00:00:5e:00:00:32", "failure", "down"),
        device(5, "Склад", "printer", "склад", "10.0.0.5", "00:00:5e:00:00:33", "attention", "degraded"),
    ];
    for (idx, color, low, is_low) in [("1.1", "cyan", 0.4, 0), ("1.2", "black", 0.05, 1)] {
        all.push(format!(
            "INSERT INTO supply (device_id, idx, kind, color, description, level_state, low, high, source, is_low, \
             threshold, state, updated_at, low_since) VALUES (3, '{idx}', 'toner', '{color}', 'TK', 'known', {low}, {low}, \
             'snmp', {is_low}, 0.1, '{{}}', {NOW}, {NOW})"
        ));
    }
    for day in 0..5 {
        all.push(format!(
            "INSERT INTO supply_reading (supply_id, at, level, level_state, low, high, pages, source) \
             SELECT id, {}, 10, 'known', 0.5, 0.5, 100, 'snmp' FROM supply WHERE idx = '1.2'",
            NOW - (5 - day) * DAY
        ));
    }
    for (day, first, last) in [(3, 100, 150), (2, 150, 210)] {
        all.push(format!(
            "INSERT INTO metric_daily VALUES (3, 'pages', {}, {first}, {last}, {first}, {last}, 9)",
            NOW - day * DAY
        ));
    }
    for (at, value) in [(NOW - DAY + 1, 220), (NOW - DAY + 2, 240), (NOW - 2 * DAY + 5, 999), (NOW, 250)] {
        all.push(format!("INSERT INTO metric_reading VALUES (3, 'pages', {at}, {value})"));
    }
    for (switch, index, name) in [(1, 1, "ge1"), (1, 2, "ge2"), (2, 17, "ge17"), (2, 24, "ge24")] {
        all.push(format!(
            "INSERT INTO port (device_id, if_index, name, oper, speed_bps, updated_at) \
             VALUES ({switch}, {index}, '{name}', 'up', 1000000000, {NOW})"
        ));
    }
    // sw1 ge1 <-> sw2 ge24 by LLDP; the MFP behind sw2 ge17, so sw1 learns it on its uplink too.
    for (from, index, port, to) in [(1, 1, "ge1", 2), (2, 24, "ge24", 1)] {
        all.push(format!(
            "INSERT INTO neighbor (device_id, local_if_index, local_port, protocol, remote_key, remote_device_id, \
             first_seen, last_seen) VALUES ({from}, {index}, '{port}', 'lldp', 'sw{to}', {to}, {NOW}, {NOW})"
        ));
    }
    for (switch, index, mac) in [(1, 1, 31), (1, 2, 32), (2, 17, 31), (2, 24, 32)] {
        all.push(format!(
            "INSERT INTO fdb (device_id, mac, if_index, first_seen, last_seen) \
             VALUES ({switch}, '00:00:5e:00:00:{mac}', {index}, {NOW}, {NOW})"
        ));
    }
    all.push(format!("INSERT INTO device_identifier (kind, value, site_id, device_id, first_seen, last_seen) VALUES ('base-mac', '00:00:5e:00:00:31', 1, 3, {NOW}, {NOW})"));
    all.push(format!(
        "INSERT INTO port (device_id, if_index, name, mac, updated_at) VALUES (4, 1, 'eth0', '00:00:5e:00:00:32', {NOW})"
    ));
    all.push(format!(
        "INSERT INTO timeline (device_id, at, kind, body) VALUES (4, {}, 'reach-changed', \
         '{{\"event\":\"reach-changed\",\"from\":\"ok\",\"to\":\"down\"}}')",
        NOW - DAY
    ));
    all.push(format!(
        "INSERT INTO timeline (device_id, at, kind, body) VALUES (4, {NOW}, 'restarted', '{{\"event\":\"restarted\"}}')"
    ));
    all.push(format!(
        "INSERT INTO ticket (site_id, device_id, class, component, title, status, priority, opened_at) \
         VALUES (1, 4, 'down', 'device', 'Не отвечает', 'new', 2, {NOW})"
    ));
    all
}

async fn seed(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    for sql in statements() {
        let run = on_tx!(&mut tx, |c| sqlx::query(AssertSqlSafe(sql.clone())).execute(c).await.map(drop));
        run.unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
    tx.commit().await.unwrap();
}

async fn names(db: &Db, filter: DeviceFilter) -> Vec<String> {
    let listed = devices::list(db, &filter, Paging::new(1, 50)).await.unwrap();
    assert_eq!(listed.total, listed.rows.len() as i64);
    listed.rows.into_iter().map(|r| r.name).collect()
}

async fn check_list(db: &Db) {
    let all = DeviceFilter::default();
    assert_eq!(names(db, all.clone()).await, ["sw1", "sw2", "МФУ 214", "МФУ 215", "Склад"].map(str::to_owned));
    let by = |sort, descending| DeviceFilter { sort, descending, ..Default::default() };
    assert_eq!(names(db, by(DeviceSort::Condition, false)).await[0], "МФУ 215");
    assert_eq!(names(db, by(DeviceSort::Supply, false)).await[0], "МФУ 214");
    assert_eq!(names(db, by(DeviceSort::Address, false)).await[..3], ["sw1", "МФУ 215", "Склад"]);
    assert_eq!(names(db, by(DeviceSort::Pages, true)).await[0], "Склад");
    use DeviceSort as S;
    for sort in [S::Name, S::Kind, S::Model, S::Place, S::Serial, S::Seen] {
        assert_eq!(names(db, by(sort, true)).await.len(), 5, "{sort:?}");
    }
    let search = |text: &str| DeviceFilter { search: text.to_owned(), ..Default::default() };
    assert_eq!(names(db, search("мфу КАБ. 215")).await, ["МФУ 215"]);
    assert_eq!(names(db, search("00-00-5E-00-00-31")).await, ["МФУ 214"]);
    assert_eq!(names(db, search("100%")).await, Vec::<String>::new());
    let kinds = DeviceFilter { kinds: vec!["switch".into(), "ups".into()], ..Default::default() };
    assert_eq!(names(db, kinds.clone()).await, ["sw1", "sw2"]);
    let facets = devices::facets(db, &kinds).await.unwrap();
    assert_eq!(facets.kinds, [("printer".to_owned(), 3), ("switch".to_owned(), 2)], "a facet does not narrow itself");
    assert_eq!(facets.places, [("кроссовая".to_owned(), 2)]);
    let low = DeviceFilter { supply_low: true, site: Some(SiteId(1)), ..Default::default() };
    assert_eq!(names(db, low).await, ["МФУ 214"]);
    let fresh = DeviceFilter { new_since: Some(Millis(NOW)), ..Default::default() };
    assert!(names(db, fresh).await.is_empty());
    assert!(names(db, DeviceFilter { site: Some(SiteId(9)), ..Default::default() }).await.is_empty());
    let mfp = devices::one(db, DeviceId(3)).await.unwrap().unwrap();
    let colours: Vec<_> = mfp.supplies.iter().map(|s| s.color.as_deref().unwrap()).collect();
    assert_eq!(colours, ["black", "cyan"], "K first");
    let found = devices::find(db, None, "мфу", 1).await.unwrap();
    assert_eq!(found.iter().map(|f| f.id).collect::<Vec<_>>(), [3]);
}

async fn check_device(db: &Db) {
    assert!(device::one(db, DeviceId(99)).await.unwrap().is_none());
    let one = device::one(db, DeviceId(3)).await.unwrap().unwrap();
    assert_eq!((one.row.name.as_str(), one.facts.notes.as_slice()), ("МФУ 214", ["cut".to_owned()].as_slice()));
    let supplies = device::supplies(db, DeviceId(3)).await.unwrap();
    assert_eq!((supplies[0].is_low, supplies[0].state()), (1, Some(LevelState::Known)));
    let history = device::supply_history(db, DeviceId(3), Millis(NOW - 3 * DAY + 1)).await.unwrap();
    assert_eq!(history.len(), 3, "the reading before the window is there too");
    let days = device::daily(db, DeviceId(3), "pages", Millis(NOW - 10 * DAY)).await.unwrap();
    let values: Vec<_> = days.iter().map(|d| ((NOW - d.day.0) / DAY, d.first, d.last)).collect();
    assert_eq!(values, [(3, 100, 150), (2, 150, 210), (1, 220, 240), (0, 250, 250)]);
    let since = Millis(NOW - DAY);
    assert_eq!(device::ports(db, DeviceId(2), since).await.unwrap()[0].macs, 1);
    assert_eq!(device::neighbors(db, DeviceId(2)).await.unwrap()[0].name.as_deref(), Some("sw1"));
    let behind = device::learned(db, DeviceId(2), since).await.unwrap();
    assert_eq!(behind.iter().filter_map(|b| b.name.as_deref()).collect::<Vec<_>>(), ["МФУ 214", "МФУ 215"]);
    let at: Vec<_> = device::attachments(db, DeviceId(3), since).await.unwrap();
    let ports: Vec<_> = at.iter().map(|a| (a.switch_name.as_str(), a.port.as_str())).collect();
    assert_eq!(ports, [("sw2", "ge17")], "not the uplink of sw1");
    assert_eq!(device::attachments(db, DeviceId(1), since).await.unwrap()[0].port, "ge24");
    assert!(device::addresses(db, DeviceId(3)).await.unwrap().is_empty());
    assert_eq!(device::identifiers(db, DeviceId(3)).await.unwrap()[0].kind, "base-mac");
    assert_eq!(device::tickets(db, DeviceId(4), 5).await.unwrap()[0].title, "Не отвечает");
    let all = device::timeline(db, DeviceId(4), &[], None, 10).await.unwrap();
    assert_eq!((all.len(), &all[0].event), (2, &Event::Restarted));
    let some = device::timeline(db, DeviceId(4), &["reach-changed"], Some(Millis(NOW)), 10).await.unwrap();
    assert_eq!(some.len(), 1);
}

async fn check_today(db: &Db) {
    let now = Millis(NOW);
    let n = today::numbers(db, Some(SiteId(1)), now, now.plus(-7 * DAY), now).await.unwrap();
    assert_eq!((n.devices, n.supplies_low, n.not_polled, n.failed, n.open_tickets), (5, 1, 0, 1, 1));
    // Five devices seven days; one of them was down for the last day.
    let share = n.availability.unwrap();
    assert!((share - 34.0 / 35.0).abs() < 1e-9, "{share}");
    let low = today::low_supplies(db, None, 10).await.unwrap();
    assert_eq!((low.len(), low[0].device, low[0].order.is_none()), (1, DeviceId(3), true));
    let look = today::unattended(db, None, 10).await.unwrap();
    assert_eq!(look.rows.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["Склад"], "no ticket, no cartridge");
    let news = today::discovery(db, None, now.plus(-40 * DAY)).await.unwrap();
    assert_eq!((news.ranges, news.new_devices), (0, 5));
}

#[tokio::test]
async fn devices_read_on_both_databases() {
    for_each_database(|store| async move {
        let empty = today::numbers(store.db(), None, Millis(NOW), Millis(0), Millis(NOW)).await.unwrap();
        assert_eq!(empty, today::Numbers::default());
        seed(&store).await;
        check_list(store.db()).await;
        check_device(store.db()).await;
        check_today(store.db()).await;
    })
    .await;
}
