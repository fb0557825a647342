//! Devices, identity, supplies, series, retention, targets.

use anykey::model::*;
use anykey::store::retention::{self, Keep};
use anykey::store::testing::{count, for_each_database};
use anykey::store::{Store, device, identity, metric, site, supply, target, timeline};

use super::{NOON, branch};

async fn a_device(store: &Store, site: SiteId, address: &str) -> device::Device {
    let mut tx = store.begin().await.unwrap();
    let mut d = device::Device::new(site, address.parse().unwrap(), 161, None, NOON);
    device::insert(&mut tx, &mut d).await.unwrap();
    tx.commit().await.unwrap();
    d
}

#[tokio::test]
async fn a_device_is_kept_whole() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let mut d = a_device(&store, site, "10.0.0.1").await;
        d.name = "МФУ бухгалтерии".into();
        d.kind = Some(DeviceKind::Printer);
        d.vendor = Some("Kyocera".into());
        d.model = Some("M2040dn".into());
        d.serial = Some("VXL123".into());
        d.base_mac = Some("00:c0:ee:11:22:33".into());
        d.functions = "print,scan".into();
        d.page_count = Some(u64::MAX);
        d.condition = "attention";
        d.state.reach = Reach::Ok;
        d.last_seen = Some(NOON);
        let mut tx = store.begin().await.unwrap();
        device::save(&mut tx, &d).await.unwrap();
        d.page_count = Some(i64::MAX as u64);
        assert_eq!(device::load(&mut tx, d.id).await.unwrap(), Some(d.clone()));
        assert_eq!(device::load(&mut tx, DeviceId(99)).await.unwrap(), None);
        assert!(d.search().contains("мфу бухгалтерии") && d.search().contains("00c0ee112233"));
        d.last_seen = Some(NOON.plus(5));
        d.state.answered = 7;
        device::touch(&mut tx, &d).await.unwrap();
        assert_eq!(device::load(&mut tx, d.id).await.unwrap().unwrap(), d);
        let facts = Facts { sys_contact: Some("help".into()), ..Facts::default() };
        assert_eq!(device::facts(&mut tx, d.id).await.unwrap(), Facts::default());
        device::save_facts(&mut tx, d.id, &facts).await.unwrap();
        assert_eq!(device::facts(&mut tx, d.id).await.unwrap(), facts);
        assert_eq!(device::at_address(&mut tx, site, d.address.unwrap(), 161).await.unwrap(), Some(d.id));
        assert_eq!(device::at_address(&mut tx, site, d.address.unwrap(), 162).await.unwrap(), None);
        timeline::add(&mut tx, d.id, &Event::Restarted, NOON).await.unwrap();
        device::want_poll(&mut tx, d.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(device::count(store.db()).await.unwrap(), 1);
        let targets = target::all(store.db()).await.unwrap();
        assert_eq!((targets.len(), targets[0].device, targets[0].kind), (1, d.id, Some(DeviceKind::Printer)));
        assert_eq!(target::take_wanted(&store).await.unwrap(), [d.id]);
        assert!(target::take_wanted(&store).await.unwrap().is_empty());
        d.address = None;
        let mut tx = store.begin().await.unwrap();
        device::save(&mut tx, &d).await.unwrap();
        tx.commit().await.unwrap();
        assert!(target::all(store.db()).await.unwrap().is_empty(), "nowhere to ask");
    })
    .await;
}

#[tokio::test]
async fn an_mfp_is_a_kind_of_its_own_in_the_list() {
    use anykey::store::read::Paging;
    use anykey::store::read::devices::{DeviceFilter, facets, list};
    for_each_database(|store| async move {
        let site = branch(&store).await;
        for (address, functions) in [("10.0.0.1", "print,copy,scan"), ("10.0.0.2", "print")] {
            let mut d = a_device(&store, site, address).await;
            d.kind = Some(DeviceKind::Printer);
            d.functions = functions.into();
            let mut tx = store.begin().await.unwrap();
            device::save(&mut tx, &d).await.unwrap();
            tx.commit().await.unwrap();
        }
        let found = facets(store.db(), &DeviceFilter::default()).await.unwrap();
        assert_eq!(found.kinds, [("mfp".to_owned(), 1), ("printer".to_owned(), 1)]);
        for (kind, address) in [("mfp", "10.0.0.1"), ("printer", "10.0.0.2")] {
            let filter = DeviceFilter { kinds: vec![kind.into()], ..DeviceFilter::default() };
            let listed = list(store.db(), &filter, Paging::new(1, 50)).await.unwrap();
            let rows: Vec<_> = listed.rows.iter().map(|r| (r.kind.as_deref(), r.address.as_str())).collect();
            assert_eq!(rows, [(Some(kind), address)]);
        }
    })
    .await;
}

#[tokio::test]
async fn addresses_have_a_history() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let d = a_device(&store, site, "10.0.0.1").await;
        let (a, b) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let mut tx = store.begin().await.unwrap();
        assert!(device::saw_address(&mut tx, d.id, a, 161, NOON).await.unwrap());
        assert!(!device::saw_address(&mut tx, d.id, a, 161, NOON.plus(1)).await.unwrap());
        assert_eq!(device::later_address(&mut tx, d.id, NOON).await.unwrap(), None, "it is there now");
        assert!(device::saw_address(&mut tx, d.id, b, 161, NOON.plus(2)).await.unwrap());
        assert_eq!(device::later_address(&mut tx, d.id, NOON).await.unwrap(), Some((b, 161)));
        assert_eq!(device::later_address(&mut tx, d.id, NOON.plus(3)).await.unwrap(), None);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn identifiers_find_the_heaviest_and_names_stay_in_their_branch() {
    for_each_database(|store| async move {
        let here = branch(&store).await;
        let mut tx = store.begin().await.unwrap();
        let there = site::add(&mut tx, "Омск", "Asia/Omsk", NOON).await.unwrap();
        tx.commit().await.unwrap();
        let (a, b) = (a_device(&store, here, "10.0.0.1").await, a_device(&store, there, "10.0.0.1").await);
        let id = |kind, value: &str| Identifier { kind, value: value.into() };
        let address = identity::of_address("10.0.0.1".parse().unwrap(), 161);
        let name = id(IdentifierKind::SysName, "1.3/printer");
        let serial = id(IdentifierKind::Serial, "hp/CN1234");
        let mut tx = store.begin().await.unwrap();
        identity::remember(&mut tx, a.id, here, &[serial.clone(), address.clone(), name.clone()], NOON).await.unwrap();
        identity::remember(&mut tx, b.id, there, &[address.clone(), name.clone()], NOON).await.unwrap();
        identity::remember(&mut tx, b.id, there, std::slice::from_ref(&address), NOON.plus(1)).await.unwrap();
        let found = identity::candidates(&mut tx, there, &[address.clone(), name.clone()]).await.unwrap();
        assert_eq!(found.iter().map(|c| (c.device, c.weight)).collect::<Vec<_>>(), [(b.id, 50)]);
        let found = identity::candidates(&mut tx, there, &[serial, address.clone()]).await.unwrap();
        assert_eq!(found.iter().map(|c| (c.device, c.weight)).collect::<Vec<_>>(), [(a.id, 100), (b.id, 30)]);
        identity::forget_addresses(&mut tx, b.id).await.unwrap();
        assert_eq!(identity::of_device(&mut tx, b.id).await.unwrap(), [name]);
        identity::move_site(&mut tx, a.id, there).await.unwrap();
        assert!(identity::candidates(&mut tx, here, &[address]).await.unwrap().is_empty());
        tx.commit().await.unwrap();
    })
    .await;
}

fn toner(level: i64) -> Supply {
    Supply {
        index: "1.1".into(),
        kind: SupplyKind::Toner,
        color: Some("black".into()),
        description: "TK-1170".into(),
        part_number: Some("TK-1170".into()),
        serial: Some("S1".into()),
        max_capacity: Some(100),
        level: Some(level),
        level_percent: Some(level as f64),
        level_state: LevelState::Known,
        receptacle: false,
        fill_percent: None,
        unit: Some("percent".into()),
        source: Source::SnmpPrivate,
    }
}

fn judged(level: i64) -> SupplyState {
    SupplyState {
        index: "1.1".into(),
        kind: SupplyKind::Toner,
        color: Some("black".into()),
        description: "TK-1170".into(),
        part_number: Some("TK-1170".into()),
        serial: Some("S1".into()),
        level: Some(level),
        max_capacity: Some(100),
        level_state: LevelState::Known,
        low: Some(level as f64 / 100.0),
        high: Some(level as f64 / 100.0),
        alert_low: false,
        alert_empty: false,
        is_low: level <= 10,
        low_since: (level <= 10).then_some(NOON),
        threshold: 0.1,
        updated_at: NOON,
        rise: None,
    }
}

#[tokio::test]
async fn supplies_and_their_raw_readings() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let d = a_device(&store, site, "10.0.0.1").await;
        let mut tx = store.begin().await.unwrap();
        let id = supply::save(&mut tx, d.id, &toner(50), &judged(50)).await.unwrap();
        assert_eq!(supply::save(&mut tx, d.id, &toner(5), &judged(5)).await.unwrap(), id);
        supply::add_reading(&mut tx, id, &toner(5), &judged(5), Some(1000), NOON).await.unwrap();
        supply::add_reading(&mut tx, id, &toner(4), &judged(4), None, NOON).await.unwrap();
        supply::add_reading(&mut tx, id, &toner(4), &judged(4), None, NOON.plus(9)).await.unwrap();
        assert_eq!(supply::last_readings(&mut tx, d.id).await.unwrap(), [(id, NOON.plus(9))]);
        supply::confirm(&mut tx, d.id, NOON.plus(9)).await.unwrap();
        supply::set_article(&mut tx, id, None).await.unwrap();
        let kept = supply::of_device(&mut tx, d.id).await.unwrap();
        assert_eq!((kept.len(), kept[0].id, &kept[0].state, kept[0].present), (1, id, &judged(5), true));
        supply::absent(&mut tx, id).await.unwrap();
        assert!(!supply::of_device(&mut tx, d.id).await.unwrap()[0].present);
        tx.commit().await.unwrap();
        assert_eq!(count(&store, "supply_reading").await, 2);
    })
    .await;
}

#[tokio::test]
async fn series_roll_up_by_day_and_old_rows_go() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let d = a_device(&store, site, "10.0.0.1").await;
        let mut tx = store.begin().await.unwrap();
        let day = NOON.0 - NOON.0.rem_euclid(Millis::DAY);
        for (i, v) in [5, 9, 2, 7].into_iter().enumerate() {
            metric::add(&mut tx, d.id, "pages", Millis(day + i as i64), v).await.unwrap();
        }
        let many: Vec<(String, i64)> = (0..700).map(|i| (format!("port.{i}.in_octets"), i)).collect();
        metric::add_many(&mut tx, d.id, Millis(day + Millis::DAY), &many).await.unwrap();
        metric::add_many(&mut tx, d.id, Millis(day + Millis::DAY), &many[..2]).await.unwrap();
        timeline::add(&mut tx, d.id, &Event::Restarted, Millis(day - 5000 * Millis::DAY)).await.unwrap();
        assert_eq!(metric::last(&mut tx, d.id, "pages").await.unwrap(), Some((Millis(day + 3), 7)));
        assert_eq!(metric::last(&mut tx, d.id, "none").await.unwrap(), None);
        tx.commit().await.unwrap();

        let keep = Keep { metric_days: 30, ..Keep::default() };
        let now = Millis(day + 2 * Millis::DAY + 5);
        let done = retention::run(&store, now, &keep).await.unwrap();
        assert_eq!((done.days_rolled_up, done.rows_dropped), (2, 1));
        assert_eq!(count(&store, "metric_daily").await, 701);
        let sums: Vec<i64> = daily(&store).await;
        assert_eq!(sums, [5, 7, 2, 9, 4], "first, last, least, most, how many");
        assert_eq!(retention::run(&store, now, &keep).await.unwrap(), retention::Cleaned::default(), "again: nothing");
        let done = retention::run(&store, Millis(day + 30 * Millis::DAY + 5), &keep).await.unwrap();
        assert_eq!(done.rows_dropped, 4, "raw rows of the first day");
        assert_eq!(daily(&store).await, sums, "rolled-up days stay");
    })
    .await;
}

async fn daily(store: &Store) -> Vec<i64> {
    anykey::store::testing::integers(
        store,
        "SELECT first_value, last_value, min_value, max_value, readings FROM metric_daily WHERE series = 'pages'",
    )
    .await
}
