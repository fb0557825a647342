//! SNMP communities and users, sealed (`secret`): they leave this file in the clear only for the poller.

use super::{Result, Store, StoreError, Tx, execute, on_db, on_tx};
use crate::model::{Millis, SnmpUser};

/// What is sealed.
#[derive(Clone, PartialEq, Eq)]
pub enum Sealed {
    Community(String),
    /// Of version 3; sealed as JSON.
    User(SnmpUser),
}

/// A way into an agent as the poller needs it. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    pub id: i64,
    pub name: String,
    /// "1", "2c" or "3".
    pub version: String,
    pub secret: Sealed,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Every credential in the clear. One that the present key does not open is left out and named in the second list.
pub async fn all(store: &Store) -> Result<(Vec<Credential>, Vec<String>)> {
    let sql = "SELECT id, name, version, sealed FROM credential ORDER BY id";
    let rows: Vec<(i64, String, String, Vec<u8>)> = on_db!(store.db(), |p| sqlx::query_as(sql).fetch_all(p).await?);
    let (mut open, mut shut) = (Vec::new(), Vec::new());
    for (id, name, version, sealed) in rows {
        let plain = store.keeper().open(&name, &sealed).ok();
        let secret = plain.and_then(|plain| match &*version {
            "3" => serde_json::from_str(&plain).ok().map(Sealed::User),
            _ => Some(Sealed::Community(plain)),
        });
        match secret {
            Some(secret) => open.push(Credential { id, name, version, secret }),
            None => shut.push(name),
        }
    }
    Ok((open, shut))
}

pub async fn exists(tx: &mut Tx, id: i64) -> Result<bool> {
    let sql = "SELECT id FROM credential WHERE id = $1";
    let id: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(id).fetch_optional(c).await?);
    Ok(id.is_some())
}

/// The credential of this name, when it already holds exactly this.
pub async fn same(tx: &mut Tx, keeper: &super::Keeper, name: &str, version: &str, plain: &str) -> Result<Option<i64>> {
    let sql = "SELECT id, sealed FROM credential WHERE name = $1 AND version = $2";
    let row: Option<(i64, Vec<u8>)> =
        on_tx!(tx, |c| sqlx::query_as(sql).bind(name).bind(version).fetch_optional(c).await?);
    Ok(row.filter(|(_, sealed)| keeper.open(name, sealed).is_ok_and(|c| c == plain)).map(|(id, _)| id))
}

/// Adds it, or gives the one of this name a new version and secret.
pub async fn save(
    tx: &mut Tx,
    keeper: &super::Keeper,
    name: &str,
    version: &str,
    plain: &str,
    now: Millis,
) -> Result<i64> {
    let sealed = keeper.seal(name, plain).map_err(StoreError::Secret)?;
    let sql = "INSERT INTO credential (name, version, sealed, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (name) \
               DO UPDATE SET version = excluded.version, sealed = excluded.sealed RETURNING id";
    Ok(on_tx!(tx, |c| {
        sqlx::query_scalar(sql).bind(name).bind(version).bind(sealed).bind(now.0).fetch_one(c).await?
    }))
}

/// Devices and ranges that used it try all others from now on. `false`: there was none.
pub async fn remove(tx: &mut Tx, id: i64) -> Result<bool> {
    let sql = "DELETE FROM credential WHERE id = $1";
    Ok(execute!(tx, sql, id) == 1)
}
