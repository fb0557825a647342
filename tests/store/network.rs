//! Ports, neighbours, forwarding tables, where a device hangs; ranges, results and credentials.

use anykey::model::*;
use anykey::store::credential::Sealed;
use anykey::store::read::device as page;
use anykey::store::read::ports::{self as port_read, PortErrors};
use anykey::store::testing::{count, for_each_address, for_each_database, run_sql};
use anykey::store::{Store, StoreError, arp, credential, device, fdb, metric, neighbor, place, port, range};

use super::{NOON, branch};

async fn a_switch(store: &Store, site: SiteId, address: &str) -> DeviceId {
    let mut tx = store.begin().await.unwrap();
    let mut d = device::Device::new(site, address.parse().unwrap(), 161, None, NOON);
    d.kind = Some(DeviceKind::Switch);
    device::insert(&mut tx, &mut d).await.unwrap();
    tx.commit().await.unwrap();
    d.id
}

fn a_port(i: u32, oper: &str) -> Port {
    Port {
        if_index: i,
        name: format!("gi{i}"),
        oper: Some(oper.into()),
        physical: true,
        speed_bps: 1_000_000_000,
        ..Port::default()
    }
}

fn mac(m: &str, i: u32) -> FdbEntry {
    FdbEntry { mac: m.into(), if_index: Some(i), port: Some(format!("gi{i}")), vlan: Some(1), status: None }
}

#[tokio::test]
async fn ports_and_the_place_of_a_mac() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let (core, edge) = (a_switch(&store, site, "10.0.0.2").await, a_switch(&store, site, "10.0.0.3").await);
        let mut tx = store.begin().await.unwrap();
        let ports: Vec<Port> = (1..=300).map(|i| a_port(i, if i == 2 { "down" } else { "up" })).collect();
        let with_time: Vec<(&Port, Millis)> = ports.iter().map(|p| (p, NOON)).collect();
        port::save(&mut tx, edge, &with_time, NOON).await.unwrap();
        port::save(&mut tx, edge, &with_time[..1], NOON.plus(1)).await.unwrap();
        port::absent(&mut tx, edge, 300).await.unwrap();
        let kept = port::of_device(&mut tx, edge).await.unwrap();
        assert_eq!((kept.len(), kept[1].oper.as_deref(), kept[1].oper_since), (300, Some("down"), Some(NOON.0)));
        assert_eq!((kept[0].present, kept[299].present), (1, 0));

        let crowd: Vec<FdbEntry> =
            (0..600).map(|i| mac(&format!("00:00:00:00:{:02x}:{:02x}", i / 256, i % 256), 1)).collect();
        fdb::save(&mut tx, core, &crowd, NOON).await.unwrap();
        let here = "00:00:00:00:00:07";
        fdb::save(&mut tx, edge, &[mac(here, 2), mac(here, 2)], NOON).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count(&store, "fdb").await, 601);
        let printer = a_switch(&store, site, "10.0.0.7").await;
        run_sql(&store, &format!("UPDATE device SET kind = 'printer', base_mac = '{here}' WHERE id = {}", printer.0))
            .await;
        let parents = place::parents(store.db(), NOON).await.unwrap();
        assert_eq!(parents.into_iter().collect::<Vec<_>>(), [(printer, edge)], "the port with the fewest MACs");
        assert!(place::parents(store.db(), NOON.plus(1)).await.unwrap().is_empty(), "too old");
        let mut tx = store.begin().await.unwrap();
        let hangs = place::hangs(&mut tx, NOON).await.unwrap();
        assert_eq!(hangs.into_iter().collect::<Vec<_>>(), [(printer, (edge, Some(2)))]);
        assert!(place::hangs(&mut tx, NOON.plus(1)).await.unwrap().is_empty(), "too old");
        assert_eq!(place::oper(&mut tx, edge, 2).await.unwrap().as_deref(), Some("down"));
    })
    .await;
}

#[tokio::test]
async fn an_address_leads_over_its_mac_to_a_port() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let (gateway, edge) = (a_switch(&store, site, "10.0.0.1").await, a_switch(&store, site, "10.0.0.3").await);
        // Tells no MAC of its own: only its branch's router knows who answers at its address.
        let quiet = a_switch(&store, site, "10.0.0.9").await;
        let entry = |mac: &str| ArpEntry {
            address: "10.0.0.9".into(),
            mac: mac.into(),
            if_index: Some(2),
            kind: Some("dynamic".into()),
        };
        let here = "00:00:00:00:00:09";
        let mut tx = store.begin().await.unwrap();
        fdb::save(&mut tx, edge, &[mac(here, 7)], NOON).await.unwrap();
        arp::save(&mut tx, gateway, &[entry(here), entry(here)], NOON).await.unwrap();
        arp::save(&mut tx, gateway, &[entry(here)], NOON.plus(5)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count(&store, "arp").await, 1, "one row for one pair");
        let found = page::attachments(store.db(), quiet, NOON).await.unwrap();
        assert_eq!(found.iter().map(|a| (a.switch_id, a.port.as_str())).collect::<Vec<_>>(), [(edge.0, "gi7")]);
        // What was there long ago is not there now.
        assert!(page::attachments(store.db(), quiet, NOON.plus(6)).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_port_keeps_its_details_and_counts_its_errors() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let edge = a_switch(&store, site, "10.0.0.3").await;
        let poe = PortPoe { status: Some("deliveringPower".into()), consumption_mw: Some(6_200), ..PortPoe::default() };
        let slow = Port {
            speed_bps: 100_000_000,
            capable_bps: Some(1_000_000_000),
            poe: Some(poe.clone()),
            ..a_port(1, "up")
        };
        let mut tx = store.begin().await.unwrap();
        port::save(&mut tx, edge, &[(&slow, NOON), (&a_port(2, "up"), NOON)], NOON).await.unwrap();
        let hour = |n: i64| NOON.plus(n * Millis::HOUR);
        let top = i64::from(u32::MAX);
        for (n, first, second, third) in [(0, top - 4, 100, 50), (1, 5, 20, 60), (2, 25, 30, 65)] {
            // The first goes past 2^32, the second restarts with a break told, the third only rises.
            for (series, value) in
                [("port.1.in_errors", first), ("port.2.in_errors", second), ("port.2.discontinuity", 7 + n.min(1))]
            {
                metric::add(&mut tx, edge, series, hour(n), value).await.unwrap();
            }
            metric::add(&mut tx, edge, "port.1.fcs_errors", hour(n), third).await.unwrap();
        }
        tx.commit().await.unwrap();
        let rows = page::ports(store.db(), edge, NOON).await.unwrap();
        let detail = rows[0].detail();
        assert_eq!((detail.below_capability, detail.poe), (true, Some(poe)));
        assert_eq!(rows[1].detail(), PortDetail::default());
        let errors = port_read::errors(store.db(), edge, NOON).await.unwrap();
        assert_eq!(errors[&1], PortErrors { received: 30, sent: 0, checksum: 15 });
        assert_eq!(errors[&2], PortErrors { received: 30, sent: 0, checksum: 0 }, "20 since the break, then 10");
        let later = port_read::errors(store.db(), edge, hour(2)).await.unwrap();
        assert!(later.is_empty(), "one point is no difference");
    })
    .await;
}

#[tokio::test]
async fn neighbours_are_one_row_each() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let (a, b) = (a_switch(&store, site, "10.0.0.2").await, a_switch(&store, site, "10.0.0.3").await);
        let mut tx = store.begin().await.unwrap();
        let chassis = Identifier { kind: IdentifierKind::LldpChassis, value: "aa:bb:cc:00:00:01".into() };
        anykey::store::identity::remember(&mut tx, b, site, &[chassis], NOON).await.unwrap();
        let link = Link {
            local_if_index: Some(7),
            protocol: "lldp".into(),
            remote_chassis: Some("AA:BB:CC:00:00:01".into()),
            remote_host: Some("edge".into()),
            ..Link::default()
        };
        let nameless = Link { local_if_index: Some(8), ..Link::default() };
        neighbor::save(&mut tx, a, &[link.clone(), nameless], NOON).await.unwrap();
        neighbor::save(&mut tx, a, &[link], NOON.plus(1)).await.unwrap();
        let vlans = [Vlan { id: 1, name: None }, Vlan { id: 1, name: Some("x".into()) }, Vlan { id: 9, name: None }];
        neighbor::save_vlans(&mut tx, a, &vlans).await.unwrap();
        neighbor::save_vlans(&mut tx, a, &vlans[..1]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((count(&store, "neighbor").await, count(&store, "vlan").await), (1, 1));
        let row = "SELECT remote_device_id, first_seen, last_seen FROM neighbor";
        assert_eq!(anykey::store::testing::integers(&store, row).await, [b.0, NOON.0, NOON.0 + 1]);
    })
    .await;
}

#[tokio::test]
async fn ranges_are_scanned_when_wanted_and_proposals_wait() {
    for_each_database(|store| async move {
        let site = branch(&store).await;
        let d = a_switch(&store, site, "10.0.0.2").await;
        let mut tx = store.begin().await.unwrap();
        let r = range::add(&mut tx, site, "10.0.0.0/24", 161, None, range::Origin::Person).await.unwrap();
        let p = range::add(&mut tx, site, "10.0.9.9/32", 161, None, range::Origin::Neighbor).await.unwrap();
        assert_eq!(range::add(&mut tx, site, "10.0.0.0/24", 161, None, range::Origin::Neighbor).await.unwrap(), r);
        assert_eq!(range::same(&mut tx, site, "10.0.0.0/24", 161, None).await.unwrap(), Some(r));
        assert_eq!(range::same(&mut tx, site, "10.0.9.9/32", 161, None).await.unwrap(), None, "only proposed");
        assert_eq!(range::of_site(&mut tx, site).await.unwrap(), ["10.0.0.0/24", "10.0.9.9/32"]);
        tx.commit().await.unwrap();
        let enabled = range::enabled(store.db()).await.unwrap();
        assert_eq!((enabled.len(), enabled[0].id, enabled[0].scan_wanted, enabled[0].site()), (1, r, 1, site));
        range::scan_started(&store, r, NOON).await.unwrap();
        range::scan_progress(&store, r, 100, 1, None, None).await.unwrap();
        range::scan_progress(&store, r, 254, 2, Some(NOON.plus(9)), Some("no privilege for ICMP")).await.unwrap();
        let enabled = range::enabled(store.db()).await.unwrap();
        assert_eq!((enabled[0].scan_wanted, enabled[0].last_finished_at), (0, Some(NOON.0 + 9)));

        let mut tx = store.begin().await.unwrap();
        assert!(range::want_scan(&mut tx, p).await.unwrap() && !range::want_scan(&mut tx, 99).await.unwrap());
        let address = "10.0.0.2".parse().unwrap();
        let mut found =
            range::Found { address, port: 161, outcome: "refused".into(), steps: vec!["ping ok".into()], device: None };
        range::save_device(&mut tx, r, address, 161, d, NOON).await.unwrap();
        range::save_result(&mut tx, r, &found, NOON).await.unwrap();
        found.device = Some(d);
        range::save_result(&mut tx, 99, &found, NOON).await.unwrap();
        range::save_device(&mut tx, 99, address, 161, d, NOON).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(range::enabled(store.db()).await.unwrap().len(), 2);
        assert_eq!(count(&store, "discovery_result").await, 1);
        let row = "SELECT device_id FROM discovery_result";
        assert_eq!(anykey::store::testing::integers(&store, row).await, [d.0], "the device is not forgotten");
        let mut tx = store.begin().await.unwrap();
        assert!(range::remove(&mut tx, r).await.unwrap() && !range::remove(&mut tx, r).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(count(&store, "discovery_result").await, 0);
    })
    .await;
}

#[tokio::test]
async fn communities_are_sealed_and_one_that_cannot_be_opened_is_named() {
    for_each_address(|database| async move {
        let store = database.open().await;
        let mut tx = store.begin().await.unwrap();
        let id = credential::save(&mut tx, store.keeper(), "office", "2c", "pub", NOON).await.unwrap();
        assert_eq!(credential::save(&mut tx, store.keeper(), "office", "1", "s3cret", NOON).await.unwrap(), id);
        let same =
            async |tx: &mut anykey::store::Tx, c| credential::same(tx, store.keeper(), "office", "1", c).await.unwrap();
        assert_eq!((same(&mut tx, "s3cret").await, same(&mut tx, "pub").await), (Some(id), None));
        assert!(credential::exists(&mut tx, id).await.unwrap() && !credential::exists(&mut tx, 9).await.unwrap());
        tx.commit().await.unwrap();
        let (open, shut) = credential::all(&store).await.unwrap();
        assert!(
            (open[0].id, &open[0].secret, open[0].version.as_str(), shut.len())
                == (id, &Sealed::Community("s3cret".into()), "1", 0)
        );
        assert!(!format!("{:?}", open[0]).contains("s3cret"));
        let user = SnmpUser { user: "watch".into(), auth_password: "hidden".into(), ..SnmpUser::default() };
        let mut tx = store.begin().await.unwrap();
        let plain = serde_json::to_string(&user).unwrap();
        let v3 = credential::save(&mut tx, store.keeper(), "v3", "3", &plain, NOON).await.unwrap();
        tx.commit().await.unwrap();
        let (open, _) = credential::all(&store).await.unwrap();
        assert!(open[1].secret == Sealed::User(user) && !format!("{:?}", open[1]).contains("hidden"));
        let mut tx = store.begin().await.unwrap();
        assert!(credential::remove(&mut tx, v3).await.unwrap());
        tx.commit().await.unwrap();
        run_sql(&store, "UPDATE credential SET name = 'moved'").await;
        let (open, shut) = credential::all(&store).await.unwrap();
        assert!(open.is_empty() && shut == ["moved"], "sealed for another name");
        let mut tx = store.begin().await.unwrap();
        assert!(credential::remove(&mut tx, id).await.unwrap() && !credential::remove(&mut tx, id).await.unwrap());
        tx.commit().await.unwrap();
        store.close().await;
        let folder = tempfile::tempdir().unwrap();
        let bad = folder.path().join("bad.key");
        std::fs::write(&bad, "short").unwrap();
        let other = Store::open_with(&database.url, Some(anykey::store::KeySource::File(bad))).await.unwrap();
        let mut tx = other.begin().await.unwrap();
        let e = credential::save(&mut tx, other.keeper(), "x", "2c", "y", NOON).await.unwrap_err();
        assert!(matches!(e, StoreError::Secret(_)) && e.to_string().contains("bad.key"), "{e}");
        drop(tx);
        other.close().await;
    })
    .await;
}
