//! Looks at a database without changing it: is it there, does it answer, whose schema is it, can it be written, how far
//! has its time come. For `anykey doctor`; it never creates a file and never migrates.

use std::path::PathBuf;

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqliteConnection};

use super::open::{Address, schema_version};
use super::{Result, StoreError};
use crate::model::Millis;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// Without its password.
    pub name: String,
    /// The SQLite file, for checks of its folder and disk.
    pub file: Option<PathBuf>,
    pub content: Content,
    /// Schema this program knows.
    pub known: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// No such file yet: the first start makes it.
    Missing,
    /// It answers and holds nothing of ours: the first start fills it.
    Empty,
    /// Ours.
    Ours {
        schema: i64,
        /// The newest time in it.
        newest: Option<Millis>,
    },
}

/// Opens, asks, tries to write and takes it back.
pub async fn examine(url: &str) -> Result<Examination> {
    let address = Address::parse(url)?;
    let name = address.name();
    let (file, content) = match &address {
        Address::Sqlite(path) if !path.exists() => (Some(path.clone()), Ok(Content::Missing)),
        Address::Sqlite(path) => (Some(path.clone()), sqlite(path).await),
        Address::Postgres(options) => (None, postgres(options).await),
    };
    Ok(Examination { file, content: content.map_err(|e| e.at(&name))?, known: schema_version(), name })
}

/// The questions, the same on both. A macro, because the two connections share no type.
macro_rules! look {
    ($c:expr, $tables:expr) => {{
        let tables: i64 = sqlx::query_scalar($tables).fetch_one(&mut $c).await?;
        if tables == 0 {
            return Ok(Content::Empty);
        }
        let schema: Option<i64> = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut $c).await?;
        let mut t = $c.begin().await?;
        let newest: Option<i64> = sqlx::query_scalar(
            "SELECT MAX(at) FROM (SELECT MAX(last_reading_at) AS at FROM device UNION ALL SELECT MAX(at) FROM audit) AS times",
        )
        .fetch_one(&mut *t)
        .await?;
        t.execute(AssertSqlSafe("INSERT INTO setting (key, value) VALUES ('doctor', 'writes')")).await?;
        t.rollback().await?;
        Ok(Content::Ours { schema: schema.unwrap_or(0), newest: newest.map(Millis) })
    }};
}

async fn sqlite(path: &std::path::Path) -> Result<Content> {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(std::time::Duration::from_secs(5))
        .disable_statement_logging();
    let mut c = SqliteConnection::connect_with(&options).await.map_err(StoreError::from)?;
    look!(c, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'")
}

async fn postgres(options: &sqlx::postgres::PgConnectOptions) -> Result<Content> {
    let options = options.clone().disable_statement_logging();
    let mut c = PgConnection::connect_with(&options).await.map_err(StoreError::from)?;
    look!(c, "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('_sqlx_migrations')")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{TestDatabase, for_each_address};

    #[tokio::test]
    async fn empty_then_ours_and_nothing_is_left_behind() {
        for_each_address(|database| async move {
            let seen = examine(&database.url).await.unwrap();
            let fresh = if seen.file.is_some() { Content::Missing } else { Content::Empty };
            assert_eq!(seen.content, fresh);
            assert!(seen.file.is_none_or(|f| !f.exists()), "looking made a file");
            database.open().await.close().await;
            for _ in 0..2 {
                let seen = examine(&database.url).await.unwrap();
                assert_eq!(seen.content, Content::Ours { schema: seen.known, newest: None });
            }
        })
        .await;
    }

    #[tokio::test]
    async fn what_is_no_database_is_said() {
        let database = TestDatabase::sqlite();
        std::fs::write(&database.url, "not a database at all, but long enough to have a header of one").unwrap();
        let e = examine(&database.url).await.unwrap_err().to_string();
        assert!(e.contains("damaged or no database"), "{e}");
        database.remove().await;
        let e = examine("postgres://nobody@127.0.0.1:1/none").await.unwrap_err().to_string();
        assert!(e.contains("127.0.0.1:1") && e.contains("cannot be reached"), "{e}");
    }
}
