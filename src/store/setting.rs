//! Settings people change on pages: key and text. What a key means is its reader's affair.

use super::{Db, Result, Tx, execute, on_db, on_tx};
use crate::model::SiteId;

/// Remaining share (0 to 1) at which a supply counts as low.
pub const SUPPLY_THRESHOLD: &str = "supply_threshold";
/// Code of the language that tickets and orders are written in.
pub const LANGUAGE: &str = "language";

/// Statuses in which the restore clock of a ticket stands, separated by spaces.
pub const SLA_PAUSES: &str = "sla_pauses";
/// Probability with which a branch's stock suffices until the next delivery, 0.5 to 0.999.
pub const SERVICE_LEVEL: &str = "stock_service_level";

/// What a branch may order in a month, net: "15000000 RUB", minor units.
pub const MONTH_LIMIT: &str = "month_limit";

/// Key of a branch's own value of a setting.
pub fn of_site(key: &str, site: SiteId) -> String {
    format!("{key}.{site}")
}

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
