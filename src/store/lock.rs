//! One server a database: a second `serve` on the same database would write behind the first one's back.
//!
//! SQLite: a lock on a file beside it; PostgreSQL: an advisory lock of a connection kept for it. Both end with the process,
//! however it ends.

use sqlx::PgConnection;

use super::open::Address;
use super::{Db, Result, Store, StoreError};

/// Key of the advisory lock: "anykey" as bytes.
const ADVISORY: i64 = 0x616e_796b_6579;

/// Held as long as this lives.
#[derive(Debug)]
pub struct ServerLock(#[expect(dead_code, reason = "held, never read")] Held);

#[derive(Debug)]
enum Held {
    #[expect(dead_code, reason = "the open file is the lock")]
    File(std::fs::File),
    #[expect(dead_code, reason = "the open connection is the lock")]
    Connection(PgConnection),
}

impl Store {
    /// Makes this process the only one that serves the database, or says that another one does.
    pub async fn lock_for_server(&self) -> Result<ServerLock> {
        let held = self.lock().await.map_err(|e| e.at(&self.name()))?;
        Ok(ServerLock(held))
    }
    async fn lock(&self) -> Result<Held> {
        let taken = || StoreError::Busy { detail: "an Anykey server is running on it".to_owned() };
        match (&*self.address, &self.db) {
            (Address::Sqlite(path), _) => {
                let mut name = path.clone().into_os_string();
                name.push(".lock");
                let failed = |e: std::io::Error| StoreError::Denied { detail: format!("{}: {e}", name.display()) };
                let file = std::fs::File::options().create(true).append(true).open(&name).map_err(failed)?;
                match file.try_lock() {
                    Ok(()) => Ok(Held::File(file)),
                    Err(std::fs::TryLockError::WouldBlock) => Err(taken()),
                    Err(std::fs::TryLockError::Error(e)) => Err(failed(e)),
                }
            }
            (_, Db::Postgres(pool)) => {
                // Its own, not the pool's: closing the store waits for those of the pool.
                let mut connection = pool.acquire().await?.detach();
                // A schema a database: the key is of the database and the schema.
                let sql = "SELECT pg_try_advisory_lock($1 + hashtext(current_schema())::bigint)";
                let got: bool = sqlx::query_scalar(sql).bind(ADVISORY).fetch_one(&mut connection).await?;
                if !got {
                    return Err(taken());
                }
                Ok(Held::Connection(connection))
            }
            (Address::Postgres(_), Db::Sqlite { .. }) => Err(taken()),
        }
    }
}
