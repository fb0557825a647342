//! Backup and restore, between both databases, and what a damaged file does.

use std::path::PathBuf;

use anykey::model::Millis;
use anykey::store::backup::{BackupError, LEFT_OUT, TABLES};
use anykey::store::testing::for_each_database;
use anykey::store::{Db, Store};

/// A few rows with every kind of column: text with quotes and Cyrillic, reals, bytes, NULLs, a foreign key chain.
const ROWS: [&str; 8] = [
    "INSERT INTO site (id, name, created_at) VALUES (3, 'Казань «Баумана»', 1)",
    "INSERT INTO credential (id, name, version, sealed, created_at) VALUES (2, 'c', '2c', $BYTES, 1)",
    "INSERT INTO device (id, site_id, name, address, port, first_seen) VALUES (7, 3, 'МФУ \"A\"', '10.0.0.1', 161, 5)",
    "INSERT INTO supply (id, device_id, idx, kind, description, level_state, low, high, source, threshold, state, updated_at) \
     VALUES (9, 7, '1.1', 'toner', 'Black', 'known', 0.1, 0.30000000000000004, 'snmp', 0.1, '{}', 6)",
    "INSERT INTO supply_reading (supply_id, at, level, level_state, source) VALUES (9, 100, -3, 'some_remaining', 'snmp')",
    "INSERT INTO supply_reading (supply_id, at, level, level_state, source) VALUES (9, 200, 41, 'known', 'snmp')",
    "INSERT INTO setting (key, value) VALUES ('x', 'line\nbreak')",
    "INSERT INTO app_user (id, login, password_hash, role, created_at) VALUES (1, 'anna', 'h', 'technician', 1)",
];

async fn run(store: &Store, sql: &str) {
    let sql = match store.db() {
        Db::Sqlite { .. } => sql.replace("$BYTES", "X'00FF10'"),
        Db::Postgres(_) => sql.replace("$BYTES", "'\\x00ff10'"),
    };
    let sql = sqlx::AssertSqlSafe(sql);
    match store.db() {
        Db::Sqlite { write, .. } => sqlx::query(sql).execute(write).await.map(|_| ()),
        Db::Postgres(p) => sqlx::query(sql).execute(p).await.map(|_| ()),
    }
    .unwrap();
}

async fn count(store: &Store, table: &str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    match store.db() {
        Db::Sqlite { write, .. } => sqlx::query_scalar(sql).fetch_one(write).await,
        Db::Postgres(p) => sqlx::query_scalar(sql).fetch_one(p).await,
    }
    .unwrap()
}

fn file(folder: &tempfile::TempDir, name: &str) -> PathBuf {
    folder.path().join(name)
}

/// The file without its first line, which holds the time.
fn body(path: &PathBuf) -> String {
    std::fs::read_to_string(path)
        .unwrap()
        .split_once('\n')
        .unwrap()
        .1
        .lines()
        .filter(|l| !l.contains("sha256"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn what_was_backed_up_comes_back_in_the_other_database_too() {
    let folder = tempfile::tempdir().unwrap();
    for_each_database(|source| {
        let path = file(&folder, if source.db().is_sqlite() { "a.sqlite" } else { "a.pg" });
        let again = path.with_extension("again");
        async move {
            for row in ROWS {
                run(&source, row).await;
            }
            let made = source.backup(&path, Millis(1)).await.unwrap();
            assert_eq!(made.rows, ROWS.len() as u64);
            for_each_database(|target| {
                let (path, again) = (path.clone(), again.clone());
                async move {
                    let done = target.restore(&path, false).await.unwrap();
                    assert_eq!(done.rows, ROWS.len() as u64);
                    assert!(!done.other_key);
                    target.backup(&again, Millis(2)).await.unwrap();
                    assert_eq!(body(&path), body(&again));
                    // New rows get new ids.
                    run(&target, "INSERT INTO site (name, created_at) VALUES ('new', 1)").await;
                    assert_eq!(count(&target, "site").await, 2);
                }
            })
            .await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_damaged_file_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for_each_database(|store| {
        let path = file(&folder, "b.backup");
        async move {
            for row in ROWS {
                run(&store, row).await;
            }
            store.backup(&path, Millis(1)).await.unwrap();
            let good = std::fs::read_to_string(&path).unwrap();
            let cut = good[..good.len() * 2 / 3].to_owned();
            let flipped = good.replace("Black", "Blank");
            let fewer = good.lines().filter(|l| !l.contains("anna")).collect::<Vec<_>>().join("\n");
            let foreign = "{\"hello\": 1}\n".to_owned();
            for bad in [cut, flipped, fewer, foreign, String::new()] {
                std::fs::write(&path, &bad).unwrap();
                let error = store.restore(&path, true).await.unwrap_err();
                assert!(matches!(error, BackupError::Damaged { .. }), "{error}");
                assert!(error.to_string().contains("nothing was changed"), "{error}");
                assert_eq!(count(&store, "device").await, 1);
            }
            let newer = good.replacen("\"anykey_backup\":1", "\"anykey_backup\":99", 1);
            std::fs::write(&path, newer).unwrap();
            assert!(matches!(store.restore(&path, true).await, Err(BackupError::Newer { found: 99, .. })));
        }
    })
    .await;
}

#[tokio::test]
async fn a_database_in_use_is_replaced_only_when_told() {
    let folder = tempfile::tempdir().unwrap();
    for_each_database(|store| {
        let path = file(&folder, "c.backup");
        async move {
            store.backup(&path, Millis(1)).await.unwrap();
            for row in ROWS {
                run(&store, row).await;
            }
            assert!(matches!(store.restore(&path, false).await, Err(BackupError::NotEmpty { rows: 2 })));
            assert_eq!(count(&store, "device").await, 1);
            store.restore(&path, true).await.unwrap();
            assert_eq!(count(&store, "device").await, 0);
        }
    })
    .await;
}

#[test]
fn every_table_is_backed_up_or_left_out_on_purpose() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let files = std::fs::read_dir(folder).unwrap().map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap());
    let sql: String = files.collect();
    let mut tables: Vec<&str> = sql
        .lines()
        .filter_map(|l| l.strip_prefix("CREATE TABLE "))
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    let mut known: Vec<&str> = TABLES.iter().chain(&LEFT_OUT).copied().collect();
    tables.sort_unstable();
    known.sort_unstable();
    assert_eq!(tables, known);
}
