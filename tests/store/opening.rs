//! Opening: creating, refusing what cannot be used, with the way out in the message.

use anykey::store::testing::{TestDatabase, count, for_each_address, for_each_database, run_sql};
use anykey::store::{Store, StoreError, audit};

use super::{NOON, branch};

#[tokio::test]
async fn what_was_committed_is_there_after_reopening_and_the_rest_is_not() {
    for_each_address(|database| async move {
        let store = database.open().await;
        branch(&store).await;
        let mut tx = store.begin().await.unwrap();
        audit::add(&mut tx, "x", "web", "c", "r", NOON).await.unwrap();
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        audit::add(&mut tx, "y", "web", "c", "r", NOON).await.unwrap();
        tx.rollback().await.unwrap();
        store.close().await;
        let store = database.open().await;
        assert_eq!((count(&store, "site").await, count(&store, "audit").await), (1, 0));
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_newer_and_a_foreign_schema_are_refused() {
    for_each_address(|database| async move {
        let store = database.open().await;
        let name = store.name();
        let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                     SELECT 99, 'later', success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
        run_sql(&store, newer).await;
        store.close().await;
        let e = Store::open(&database.url).await.unwrap_err();
        let text = e.to_string();
        assert!(text.contains(&name) && text.contains("newer Anykey (schema 99, this one knows up to "), "{text}");
        assert!(!e.is_temporary());
    })
    .await;
    for_each_address(|database| async move {
        let store = database.open().await;
        run_sql(
            &store,
            "UPDATE _sqlx_migrations SET checksum = CAST('other' AS BLOB)"
                .replace("CAST('other' AS BLOB)", if store.db().is_sqlite() { "x'00'" } else { "'\\x00'::bytea" })
                .as_str(),
        )
        .await;
        store.close().await;
        let e = Store::open(&database.url).await.unwrap_err().to_string();
        assert!(e.contains("another build") && e.contains("anykey backup"), "{e}");
    })
    .await;
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named_with_the_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let garbage = dir.path().join("garbage.db");
    std::fs::write(&garbage, "this is no database, only text that is long enough to have a header".repeat(40)).unwrap();
    let e = Store::open(garbage.to_str().unwrap()).await.unwrap_err().to_string();
    assert!(e.contains("garbage.db") && e.contains("anykey restore"), "{e}");
    assert!(std::fs::read_to_string(&garbage).unwrap().starts_with("this is no database"), "left as it was");

    let below_a_file = garbage.join("x").join("a.db");
    let e = Store::open(below_a_file.to_str().unwrap()).await.unwrap_err().to_string();
    assert!(e.contains("no right to use it"), "{e}");

    let e = Store::open(dir.path().to_str().unwrap()).await.unwrap_err().to_string();
    assert!(e.contains("no right to use it"), "{e}");

    let new = dir.path().join("new").join("folder").join("a.db");
    Store::open(new.to_str().unwrap()).await.unwrap().close().await;
    assert!(new.exists(), "folders are made");
}

#[tokio::test]
async fn an_unreachable_server_and_a_wrong_database_are_told_apart() {
    // Port 1: nobody listens there.
    let e = Store::open("postgres://me:geheim@127.0.0.1:1/anykey").await.unwrap_err();
    let text = e.to_string();
    assert!(text.contains("postgres://me@127.0.0.1:1/anykey") && text.contains("cannot be reached"), "{text}");
    assert!(!text.contains("geheim") && e.is_temporary());
    if TestDatabase::postgres().await.is_some() {
        let server = std::env::var("ANYKEY_TEST_POSTGRES")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".into());
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path("/no_such_database_of_anykey");
        let e = Store::open(url.as_str()).await.unwrap_err().to_string();
        assert!(e.contains("createdb"), "{e}");
    }
}

/// A limit on the number of pages makes SQLite answer as a full disk does.
#[tokio::test]
async fn a_full_disk_is_recognised_and_nothing_is_half_written() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let site = branch(&store).await;
    run_sql(&store, "PRAGMA max_page_count = 1").await;
    let mut tx = store.begin().await.unwrap();
    let big = "x".repeat(100_000);
    let mut failed = None;
    for _ in 0..50 {
        if let Err(e) = audit::add(&mut tx, &big, "web", &big, "r", NOON).await {
            failed = Some(e);
            break;
        }
    }
    let e = failed.unwrap();
    assert!(matches!(e, StoreError::Full { .. }) && e.is_temporary(), "{e}");
    assert!(e.to_string().contains("no space left"), "{e}");
    drop(tx);
    assert_eq!(count(&store, "audit").await, 0);
    run_sql(&store, "PRAGMA max_page_count = 1000000").await;
    let mut tx = store.begin().await.unwrap();
    assert!(anykey::store::site::exists(&mut tx, site).await.unwrap());
    drop(tx);
    store.close().await;
    database.remove().await;
}

#[tokio::test]
async fn a_key_taken_is_refused_as_a_duplicate() {
    for_each_database(|store| async move {
        branch(&store).await;
        let mut tx = store.begin().await.unwrap();
        let e = anykey::store::site::add(&mut tx, "Ufa", "Asia/Yekaterinburg", NOON).await.unwrap_err();
        assert!(e.is_duplicate() && !e.is_temporary(), "{e}");
    })
    .await;
}

#[tokio::test]
async fn only_one_server_has_a_database() {
    for_each_address(|database| async move {
        let (first, second) = (database.open().await, database.open().await);
        let lock = first.lock_for_server().await.unwrap();
        let e = second.lock_for_server().await.unwrap_err();
        assert!(e.to_string().contains(&first.name()) && e.to_string().contains("server is running"), "{e}");
        drop(lock);
        let mut again = second.lock_for_server().await;
        // The server of PostgreSQL notices the closed connection a moment later.
        while again.is_err() {
            tokio::task::yield_now().await;
            again = second.lock_for_server().await;
        }
        first.close().await;
        // A server that stops closes its store first: the lock must not hold that up.
        second.close().await;
        drop(again);
    })
    .await;
}
