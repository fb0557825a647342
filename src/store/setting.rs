//! Settings people change on pages: key and text. What a key means is its reader's affair.

use super::{Db, Result, Tx, execute, on_db, on_tx};

/// Remaining share (0 to 1) at which a supply counts as low.
pub const SUPPLY_THRESHOLD: &str = "supply_threshold";
/// Code of the language that tickets and orders are written in.
pub const LANGUAGE: &str = "language";

/// Statuses in which the restore clock of a ticket stands, separated by spaces.
pub const SLA_PAUSES: &str = "sla_pauses";

pub async fn get(db: &Db, key: &str) -> Result<Option<String>> {
    let sql = "SELECT value FROM setting WHERE key = $1";
    Ok(on_db!(db, |p| sqlx::query_scalar(sql).bind(key).fetch_optional(p).await?))
}

pub async fn get_in(tx: &mut Tx, key: &str) -> Result<Option<String>> {
    let sql = "SELECT value FROM setting WHERE key = $1";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(key).fetch_optional(c).await?))
}

pub async fn set(tx: &mut Tx, key: &str, value: &str) -> Result<()> {
    let sql = "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    execute!(tx, sql, key, value);
    Ok(())
}
