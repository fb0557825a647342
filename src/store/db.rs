//! The two databases behind one door: `Db` for reading, `Tx` for writing, and the macros that expand one body for both.
//!
//! One SQL text serves both (`$1`, RETURNING, ON CONFLICT); integers are `i64`, booleans 0/1, times `Millis.0`. What has to
//! differ is in `dialect`. SQLite has one writer (`BEGIN IMMEDIATE`) and a pool of readers, so reads never wait for writes.

use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use super::Result;

/// Where reads go. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Db {
    Sqlite { write: SqlitePool, read: SqlitePool },
    Postgres(PgPool),
}

/// A write transaction. Dropped without `commit`: nothing happened.
#[derive(Debug)]
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// `on_db!(db, |p| sqlx::query(..).fetch_all(p).await)`: the body once for each database; `p` is a pool for reading.
macro_rules! on_db {
    ($db:expr, |$p:ident| $body:expr) => {
        match $db {
            $crate::store::Db::Sqlite { read: $p, .. } => $body,
            $crate::store::Db::Postgres($p) => $body,
        }
    };
}

/// `on_tx!(tx, |c| sqlx::query(..).execute(c).await)`: the same inside a transaction; `c` is used once per expansion.
macro_rules! on_tx {
    ($tx:expr, |$c:ident| $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(t) => {
                let $c = &mut **t;
                $body
            }
            $crate::store::Tx::Postgres(t) => {
                let $c = &mut **t;
                $body
            }
        }
    };
}

/// `execute!(tx, sql, a, b)`: runs one statement with its values inside a transaction; gives the number of rows it touched.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        $crate::store::on_tx!($tx, |c| sqlx::query($sql)$(.bind($value))*.execute(c).await?.rows_affected())
    };
}

pub(crate) use {execute, on_db, on_tx};

impl Db {
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Db::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres(p) => Tx::Postgres(p.begin().await?),
        })
    }
    pub fn is_sqlite(&self) -> bool {
        matches!(self, Db::Sqlite { .. })
    }
    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        match self {
            Db::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Db::Postgres(p) => p.close().await,
        }
    }
}

impl Tx {
    pub async fn commit(self) -> Result<()> {
        match self {
            Tx::Sqlite(t) => t.commit().await?,
            Tx::Postgres(t) => t.commit().await?,
        }
        Ok(())
    }
    /// Waits for the rollback; dropping does the same in the background.
    pub async fn rollback(self) -> Result<()> {
        match self {
            Tx::Sqlite(t) => t.rollback().await?,
            Tx::Postgres(t) => t.rollback().await?,
        }
        Ok(())
    }
}
