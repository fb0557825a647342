//! Stores and stock documents: what people look for, and the store that comes by itself.

use anykey::model::*;
use anykey::store::read::{Paging, documents, stock as read};
use anykey::store::testing::{for_each_database, run_sql};
use anykey::store::{Store, article, stock};

use super::{NOON, branch};

/// Two articles, of which the first has a barcode and a supplier's number.
async fn scene(store: &Store) -> (SiteId, ArticleId, ArticleId) {
    let site = branch(store).await;
    let one = |part: &str, kind| Article {
        id: ArticleId(0),
        part_number: part.into(),
        name: "Тонер".into(),
        vendor: "Kyocera".into(),
        kind,
        color: None,
        yield_pages: None,
        price: None,
        vat_percent: 22,
        supplier: None,
        supplier_article: Some("410 001".into()).filter(|_| part == "TK-1170"),
    };
    let mut tx = store.begin().await.unwrap();
    let toner = article::save(&mut tx, &one("TK-1170", SupplyKind::Toner), &[]).await.unwrap();
    let drum = article::save(&mut tx, &one("DK-1150", SupplyKind::Drum), &[]).await.unwrap();
    tx.commit().await.unwrap();
    run_sql(store, "UPDATE article SET barcode = '4006381333931' WHERE part_number = 'TK-1170'").await;
    (site, toner, drum)
}

async fn receipt(store: &Store, place: StoreId, article: ArticleId, pieces: i64, key: &str) -> DocumentId {
    let mut tx = store.begin().await.unwrap();
    let head = stock::Head {
        origin_key: Some(key),
        ..stock::Head::new(DocumentKind::Receipt, DocumentStatus::Posted, place, DocumentOrigin::Person)
    };
    let id = stock::add(&mut tx, &head, &[StockLine::of(article, pieces)], "anna", NOON).await.unwrap();
    let moved = StockMove { store: place, article, used: false, delta: pieces };
    stock::add_moves(&mut tx, id, &[moved], NOON).await.unwrap();
    assert_eq!(stock::moves(&mut tx, id).await.unwrap(), [moved]);
    assert_eq!(stock::by_key(&mut tx, key).await.unwrap(), Some(id));
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn an_article_is_found_by_what_is_scanned_or_typed() {
    for_each_database(|store| async move {
        let (_, toner, drum) = scene(&store).await;
        let found = async |code: &str| -> Vec<i64> {
            read::find(store.db(), code).await.unwrap().into_iter().map(|a| a.id).collect()
        };
        for code in ["4006381333931", " tk-1170 ", "TK-1170", "410 001", "1170"] {
            assert_eq!(found(code).await, [toner.0], "{code}");
        }
        assert_eq!(found("kyocera").await.len(), 2, "words may mean several");
        for code in ["", "  ", "4006381333932", "%", "_"] {
            assert_eq!(found(code).await, [0i64; 0], "{code:?}");
        }
        let known = read::articles(store.db(), &[drum.0, 99, toner.0]).await.unwrap();
        assert_eq!(known.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_main_store_comes_by_itself_and_is_one() {
    for_each_database(|store| async move {
        let (site, toner, drum) = scene(&store).await;
        let mut tx = store.begin().await.unwrap();
        let main = stock::main_store(&mut tx, site, "Основной склад").await.unwrap();
        assert_eq!(stock::main_store(&mut tx, site, "Main store").await.unwrap(), main, "whatever its language");
        let other = stock::add_store(&mut tx, site, "Шкаф").await.unwrap();
        assert!(!stock::is_used(&mut tx, other).await.unwrap());
        tx.commit().await.unwrap();
        receipt(&store, other, toner, 2, "a").await;
        receipt(&store, main, drum, 1, "b").await;
        let mut tx = store.begin().await.unwrap();
        assert!(stock::is_used(&mut tx, other).await.unwrap());
        assert_eq!(stock::on_hand(&mut tx, other, toner, false).await.unwrap(), 2);
        assert_eq!(stock::on_hand(&mut tx, other, toner, true).await.unwrap(), 0);
        tx.commit().await.unwrap();
        let stores = read::stores(store.db(), Some(site), false).await.unwrap();
        let told: Vec<_> = stores.iter().map(|s| (s.id, s.main, s.articles, s.pieces)).collect();
        assert_eq!(told, [(main, true, 1, 1), (other, false, 1, 2)]);
        let numbers: Vec<String> = documents::list(store.db(), &Default::default(), Paging::all())
            .await
            .unwrap()
            .rows
            .into_iter()
            .map(|d| d.number)
            .collect();
        assert_eq!(numbers, ["S-2026-0002", "S-2026-0001"]);
    })
    .await;
}
