//! Opening a database: address, pools, pragmas, migrations; every failure names the database and the way out.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use super::{Db, Result, StoreError};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Readers of SQLite; each holds a file handle and its page cache.
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 10;

/// A database address, parsed.
#[derive(Clone, Debug)]
pub(super) enum Address {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

impl Address {
    /// A path, `sqlite:PATH`, `sqlite://PATH` or `postgres://…`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let wrong = |detail: &str| StoreError::Address { text: without_password(text), detail: detail.to_owned() };
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(text).map_err(|e| wrong(&e.to_string()))?;
            return Ok(Address::Postgres(Box::new(options)));
        }
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")).unwrap_or(text);
        if path.trim().is_empty() || path == ":memory:" {
            return Err(wrong("a file is needed"));
        }
        if let Some((scheme, _)) = path.split_once("://") {
            return Err(wrong(&format!("{scheme} is not supported")));
        }
        Ok(Address::Sqlite(PathBuf::from(path)))
    }
    /// How messages call it: no password.
    pub(super) fn name(&self) -> String {
        match self {
            Address::Sqlite(p) => p.display().to_string(),
            Address::Postgres(o) => format!(
                "postgres://{}@{}:{}/{}",
                o.get_username(),
                o.get_host(),
                o.get_port(),
                o.get_database().unwrap_or_else(|| o.get_username())
            ),
        }
    }
    /// Default place of the secret key: beside the SQLite file, else in the working folder.
    pub(super) fn key_file(&self) -> PathBuf {
        match self {
            Address::Sqlite(p) => {
                let mut name = p.clone().into_os_string();
                name.push(".key");
                PathBuf::from(name)
            }
            Address::Postgres(_) => PathBuf::from("anykey.key"),
        }
    }
}

/// Connects and brings the schema up to date.
pub(super) async fn open(address: &Address) -> Result<Db> {
    let db = match address {
        Address::Sqlite(path) => sqlite(path).await,
        Address::Postgres(options) => postgres(options).await,
    };
    let db = db.map_err(|e| e.at(&address.name()))?;
    if let Err(e) = migrate(&db).await {
        db.close().await;
        return Err(e.at(&address.name()));
    }
    Ok(db)
}

async fn sqlite(path: &Path) -> Result<Db> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty() && !f.exists()) {
        std::fs::create_dir_all(folder)
            .map_err(|e| StoreError::Denied { detail: format!("creating {}: {e}", folder.display()) })?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .statement_cache_capacity(512)
        .disable_statement_logging();
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        // A full disk makes SQLite roll back by itself; sqlx then counts a transaction that is no more, for ever.
        .before_acquire(|c, _| Box::pin(async move { Ok(!c.is_in_transaction()) }))
        .connect_with(options.clone())
        .await?;
    let read = SqlitePoolOptions::new()
        .max_connections(SQLITE_READERS)
        .test_before_acquire(false)
        .connect_lazy_with(options.pragma("query_only", "ON"));
    Ok(Db::Sqlite { write, read })
}

async fn postgres(options: &PgConnectOptions) -> Result<Db> {
    let options = options.clone().application_name("anykey").disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await?;
    Ok(Db::Postgres(pool))
}

async fn migrate(db: &Db) -> Result<()> {
    let known = SQLITE.iter().map(|m| m.version).max().unwrap_or(0);
    let done = match db {
        Db::Sqlite { write, .. } => SQLITE.run(write).await,
        Db::Postgres(p) => POSTGRES.run(p).await,
    };
    done.map_err(|e| match e {
        MigrateError::VersionMissing(found) if found > known => StoreError::Newer { found, known },
        MigrateError::VersionMissing(version)
        | MigrateError::VersionMismatch(version)
        | MigrateError::Dirty(version) => StoreError::ForeignSchema { version },
        MigrateError::Execute(e) => e.into(),
        MigrateError::ExecuteMigration(e, version) => match StoreError::from(e) {
            StoreError::Statement { detail } => {
                StoreError::Statement { detail: format!("bringing the schema to version {version}: {detail}") }
            }
            other => other,
        },
        other => StoreError::Statement { detail: other.to_string() },
    })
}

/// Highest schema version this program knows.
pub(super) fn schema_version() -> i64 {
    SQLITE.iter().map(|m| m.version).max().unwrap_or(0)
}

fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(a), Some(b)) if a + 3 < b => match url[a + 3..b].split_once(':') {
            Some((user, _)) => format!("{}{user}:***{}", &url[..a + 3], &url[b..]),
            None => url.to_owned(),
        },
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_understood_and_named_without_password() {
        for (text, name) in [
            ("anykey.db", "anykey.db"),
            ("sqlite:data/a.db", "data/a.db"),
            ("sqlite:///var/lib/a.db", "/var/lib/a.db"),
            ("postgres://me:secret@db.example:5433/any", "postgres://me@db.example:5433/any"),
        ] {
            assert_eq!(Address::parse(text).unwrap().name(), name);
        }
        for text in ["", "sqlite:", ":memory:", "mysql://u:secret@h/x"] {
            let e = Address::parse(text).unwrap_err().to_string();
            assert!(!e.contains("secret"), "{e}");
            assert!(e.contains("postgres://user@host/name"), "{e}");
        }
        assert_eq!(Address::parse("d/a.db").unwrap().key_file(), PathBuf::from("d/a.db.key"));
    }
}
