//! Assets on both databases: added, told apart, linked to what is polled, imported as shown; the history keeps it all.

use anykey::model::*;
use anykey::store::read::Paging;
use anykey::store::read::assets::{self, AssetFilter, Warranty};
use anykey::store::testing::for_each_database;

use super::Branch;

pub fn change(change: AssetChange) -> Command {
    Command::Asset { change }
}

pub async fn add(b: &Branch, asset: Asset) -> AssetId {
    AssetId(b.done(change(AssetChange::Add { asset })).await.id.unwrap())
}

pub fn asset(b: &Branch, inventory: &str, serial: &str) -> Asset {
    let text = |t: &str| (!t.is_empty()).then(|| t.to_owned());
    Asset {
        inventory: text(inventory),
        serial: text(serial),
        vendor: "Kyocera".into(),
        model: "ECOSYS M2040dn".into(),
        place: "каб. 214".into(),
        ..Asset::new(AssetKind::Mfp, b.site)
    }
}

#[tokio::test]
async fn an_asset_is_the_device_with_its_serial_and_remembers_its_changes() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let device = DeviceId(b.printer("10.0.0.1", "VXL00001").await);
        let id = add(&b, asset(&b, "ИНВ-1", "vxl00001")).await;
        let db = b.store.db();
        let kept = assets::one(db, id).await.unwrap().unwrap();
        assert_eq!(kept.asset.device, Some(device));
        assert_eq!(assets::of_device(db, device).await.unwrap().map(|a| a.id), Some(id));

        let day = |d: &str| Some(d.parse().unwrap());
        let centre = Centre { name: "АСЦ".into(), phone: "+7 347".into(), ..Centre::default() };
        let centre = CentreId(b.done(change(AssetChange::AddCentre { centre })).await.id.unwrap());
        let new = Asset { warranty_until: day("2026-03-10"), centre: Some(centre), ..kept.asset.clone() };
        b.done(change(AssetChange::Update { id, asset: new.clone() })).await;
        let again = b.done(change(AssetChange::Update { id, asset: new.clone() })).await;
        assert!(!again.changed);
        let events = assets::events(db, id).await.unwrap();
        assert_eq!(events.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>(), ["changed", "added"]);
        assert!(events[0].body.contains("2026-03-10") && events[0].body.contains("АСЦ"), "{}", events[0].body);

        // The list: by words in any case, by the state of the warranty.
        let filter = AssetFilter {
            site: Some(b.site),
            kind: None,
            state: None,
            warranty: Warranty::Any,
            today: "2026-03-02".parse().unwrap(),
            search: "инв-1".into(),
            sort: "warranty".into(),
            descending: true,
        };
        for (warranty, today, found) in [
            (Warranty::Any, "2026-03-02", 1),
            (Warranty::Running, "2026-03-10", 1),
            (Warranty::Ending, "2026-03-10", 1),
            (Warranty::Ending, "2025-12-01", 0),
            (Warranty::Running, "2026-03-11", 0),
            (Warranty::Over, "2026-03-11", 1),
        ] {
            let filter = AssetFilter { warranty, today: today.parse().unwrap(), ..filter.clone() };
            assert_eq!(assets::list(db, &filter, Paging::all()).await.unwrap().total, found, "{warranty:?} {today}");
        }
        for (wrong, code) in [
            (Asset { inventory: None, serial: None, device: None, ..new.clone() }, "asset-nameless"),
            (asset(&b, "ИНВ-1", ""), "taken"),
            (Asset { device: Some(device), ..asset(&b, "ИНВ-2", "") }, "taken"),
            (Asset { site: SiteId(99), ..asset(&b, "ИНВ-2", "") }, "not-found"),
            (Asset { store: Some(StoreId(99)), ..asset(&b, "ИНВ-2", "") }, "other-branch"),
            (Asset { centre: Some(CentreId(99)), ..asset(&b, "ИНВ-2", "") }, "not-found"),
            (Asset { price: Some(Minor(-1)), ..asset(&b, "ИНВ-2", "") }, "bad-number"),
            (
                Asset { bought_on: day("2026-01-01"), warranty_until: day("2025-01-01"), ..asset(&b, "ИНВ-2", "") },
                "warranty-before-purchase",
            ),
        ] {
            let error = b.command(change(AssetChange::Add { asset: wrong.clone() })).await.unwrap_err();
            assert_eq!(error.code(), code, "{wrong:?}: {error}");
        }
        assert_eq!(b.number("SELECT COUNT(*) FROM asset").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_table_is_shown_first_and_taken_as_shown() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let id = add(&b, asset(&b, "ИНВ-1", "")).await;
        let row = |n, cells: &[(AssetField, &str)]| AssetRow {
            row: n,
            cells: cells.iter().map(|(f, v)| (*f, (*v).to_owned())).collect(),
            faults: Vec::new(),
        };
        use AssetField as F;
        let rows = vec![
            row(2, &[(F::Inventory, "ИНВ-1"), (F::Place, "каб. 310")]),
            row(3, &[(F::Inventory, "ИНВ-2"), (F::Kind, "monitor")]),
            row(4, &[(F::Inventory, "ИНВ-3"), (F::Kind, "штука")]),
        ];
        let draft = |rows| change(AssetChange::DraftImport { file_name: "a.xlsx".into(), ignored: vec![], rows });
        let import = b.done(draft(rows.clone())).await.id.unwrap();
        assert_eq!(b.number("SELECT COUNT(*) FROM asset").await, 1, "nothing yet");
        let accept = |good_only| change(AssetChange::AcceptImport { import, good_only });
        assert_eq!(b.command(accept(false)).await.unwrap_err().code(), "import-wrong-rows");
        // Somebody changed the asset meanwhile.
        let moved = Asset { place: "каб. 1".into(), ..asset(&b, "ИНВ-1", "") };
        b.done(change(AssetChange::Update { id, asset: moved })).await;
        assert_eq!(b.command(accept(true)).await.unwrap_err().code(), "import-stale");
        b.done(change(AssetChange::RecheckImport { import })).await;
        b.done(accept(true)).await;
        assert!(!b.done(accept(true)).await.changed, "taken once");
        assert_eq!(b.number("SELECT COUNT(*) FROM asset").await, 2);
        let kept = assets::one(b.store.db(), id).await.unwrap().unwrap();
        assert_eq!((kept.asset.place.as_str(), kept.asset.kind), ("каб. 310", AssetKind::Mfp));
        assert_eq!(b.command(change(AssetChange::DropImport { import })).await.unwrap_err().code(), "wrong-state");
        let other = b.done(draft(rows)).await.id.unwrap();
        b.done(change(AssetChange::DropImport { import: other })).await;
        assert_eq!(b.command(draft(vec![])).await.unwrap_err().code(), "import-empty");
    })
    .await;
}
