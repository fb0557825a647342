//! Fresh databases for tests: every test runs on SQLite and on PostgreSQL, each time in a database of its own.
//!
//! PostgreSQL is the one of `ANYKEY_TEST_POSTGRES` (default `postgres://postgres@127.0.0.1:5432/postgres`), a schema per
//! test. Where it is absent the test says so and goes on with SQLite; with `CI=true` its absence fails.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use sqlx::{AssertSqlSafe, ColumnIndex, Connection, Decode, PgConnection, Row, Type};

use super::{KeySource, Store};

/// A fresh database that `reopen` can open again, as after a kill.
#[derive(Clone, Debug)]
pub struct TestDatabase {
    pub url: String,
    folder: Option<PathBuf>,
    schema: Option<String>,
}

const KEY: KeySource = KeySource::Given([42; 32]);

impl TestDatabase {
    pub async fn open(&self) -> Store {
        Store::open_with(&self.url, Some(KEY)).await.unwrap_or_else(|e| panic!("opening a test database: {e}"))
    }
    /// A database that another process made, and will remove.
    pub fn at(url: String) -> Self {
        TestDatabase { url, folder: None, schema: None }
    }
    /// An empty SQLite file in a temporary folder.
    pub fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(unique());
        std::fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("creating {}: {e}", folder.display()));
        TestDatabase { url: folder.join("anykey.db").display().to_string(), folder: Some(folder), schema: None }
    }
    /// An empty schema of the test server, or `None` (said on stderr) when there is no server.
    pub async fn postgres() -> Option<Self> {
        let server = postgres_server();
        let mut connection = match PgConnection::connect(&server).await {
            Ok(c) => c,
            Err(e) => {
                let ci = std::env::var("CI").is_ok_and(|v| v == "true");
                assert!(!ci, "no PostgreSQL at {server}: {e}; CI needs it (set ANYKEY_TEST_POSTGRES)");
                eprintln!("skipped: no PostgreSQL (set ANYKEY_TEST_POSTGRES)");
                return None;
            }
        };
        let schema = unique();
        let made = sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&mut connection).await;
        made.unwrap_or_else(|e| panic!("creating schema {schema}: {e}"));
        let mark = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{mark}options[search_path]={schema}&options[synchronous_commit]=off");
        Some(TestDatabase { url, folder: None, schema: Some(schema) })
    }
    pub async fn remove(&self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
        if let Some(schema) = &self.schema
            && let Ok(mut c) = PgConnection::connect(&postgres_server()).await
        {
            let _ = sqlx::query(AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"))).execute(&mut c).await;
        }
    }
}

/// Runs `test` on a fresh SQLite file and a fresh PostgreSQL schema, and removes both afterwards.
pub async fn for_each_database<F, Fut>(test: F)
where
    F: Fn(Store) -> Fut,
    Fut: Future<Output = ()>,
{
    let test = &test;
    for_each_address(|database| async move {
        let store = database.open().await;
        test(store.clone()).await;
        store.close().await;
    })
    .await;
}

/// The same for tests that open the database themselves, more than once.
pub async fn for_each_address<F, Fut>(test: F)
where
    F: Fn(TestDatabase) -> Fut,
    Fut: Future<Output = ()>,
{
    let mut databases = vec![TestDatabase::sqlite()];
    databases.extend(TestDatabase::postgres().await);
    for database in databases {
        let kind = if database.schema.is_some() { "PostgreSQL" } else { "SQLite" };
        let result = AssertUnwindSafe(test(database.clone())).catch_unwind().await;
        database.remove().await;
        if let Err(panic) = result {
            eprintln!("failed on {kind}");
            std::panic::resume_unwind(panic);
        }
    }
}

fn postgres_server() -> String {
    std::env::var("ANYKEY_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

/// A name no other test, process or earlier run uses.
fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let now = crate::clock::Clock::system().now().0;
    format!("anykey_test_{}_{}_{now}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Rows of a table.
pub async fn count(store: &Store, table: &'static str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    let n: Result<i64, sqlx::Error> = super::on_db!(store.db(), |p| sqlx::query_scalar(sql).fetch_one(p).await);
    n.unwrap_or_else(|e| panic!("counting {table}: {e}"))
}

/// Runs a statement a test needs and the program does not (damage, a newer schema).
pub async fn run_sql(store: &Store, sql: &str) {
    let mut tx = store.begin().await.unwrap_or_else(|e| panic!("{e}"));
    let done: super::Result<u64> = async {
        let n = super::execute!(&mut tx, AssertSqlSafe(sql.to_owned()));
        tx.commit().await?;
        Ok(n)
    }
    .await;
    done.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

/// Every row of a statement that selects integers.
pub async fn rows(store: &Store, sql: &str) -> Vec<Vec<i64>> {
    super::on_db!(store.db(), |p| {
        let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(p).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        found.iter().map(|row| (0..row.len()).map(|i| integer(row, i)).collect()).collect()
    })
}

/// The integers of one row.
pub async fn integers(store: &Store, sql: &'static str) -> Vec<i64> {
    super::on_db!(store.db(), |p| {
        let row = sqlx::query(sql).fetch_one(p).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        (0..row.len()).map(|i| integer(&row, i)).collect()
    })
}

/// A literal is four bytes wide on PostgreSQL.
fn integer<R>(row: &R, column: usize) -> i64
where
    R: Row,
    usize: ColumnIndex<R>,
    i64: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    i32: for<'r> Decode<'r, R::Database> + Type<R::Database>,
{
    row.try_get::<i64, _>(column).unwrap_or_else(|_| row.get::<i32, _>(column).into())
}
