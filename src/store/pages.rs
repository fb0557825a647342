//! Epochs of page counters, and jams with the counter at that moment.

use super::{Db, Result, Tx, execute, on_db, on_tx};
use crate::model::{DeviceId, Millis};

/// One row of `page_epoch`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EpochRow {
    pub started_at: i64,
    /// first, reset, board
    pub why: String,
    pub first_value: i64,
    pub last_value: i64,
    pub last_at: i64,
    pub page_offset: i64,
    pub board: Option<String>,
}

const COLUMNS: &str = "started_at, why, first_value, last_value, last_at, page_offset, board";

/// The present epoch and the one before it.
pub async fn latest(tx: &mut Tx, device: DeviceId) -> Result<Vec<EpochRow>> {
    let sql = format!("SELECT {COLUMNS} FROM page_epoch WHERE device_id = $1 ORDER BY started_at DESC LIMIT 2");
    Ok(on_tx!(tx, |c| sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(device.0).fetch_all(c).await?))
}

pub async fn save(tx: &mut Tx, device: DeviceId, e: &EpochRow) -> Result<()> {
    let sql = "INSERT INTO page_epoch (device_id, started_at, why, first_value, last_value, last_at, page_offset, board) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (device_id, started_at) DO UPDATE SET \
               last_value = excluded.last_value, last_at = excluded.last_at, board = excluded.board";
    execute!(tx, sql, device.0, e.started_at, &e.why, e.first_value, e.last_value, e.last_at, e.page_offset, &e.board);
    Ok(())
}

/// The device took it back.
pub async fn drop_from(tx: &mut Tx, device: DeviceId, started_at: i64) -> Result<()> {
    execute!(tx, "DELETE FROM page_epoch WHERE device_id = $1 AND started_at >= $2", device.0, started_at);
    Ok(())
}

/// All epochs of a device and of what was merged into it, the newest first.
pub async fn epochs(db: &Db, device: DeviceId) -> Result<Vec<EpochRow>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM page_epoch WHERE device_id IN (SELECT id FROM device WHERE id = $1 OR merged_into = $1) \
         ORDER BY started_at DESC LIMIT 100"
    );
    Ok(on_db!(db, |p| sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(device.0).fetch_all(p).await?))
}

/// A jam.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct JamRow {
    pub at: i64,
    /// Total of the page counter over its epochs.
    pub pages: Option<i64>,
    pub detail: String,
}

pub async fn add_jam(tx: &mut Tx, device: DeviceId, at: Millis, pages: Option<i64>, detail: &str) -> Result<()> {
    let sql = "INSERT INTO jam (device_id, at, pages, detail) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (device_id, at) DO NOTHING";
    execute!(tx, sql, device.0, at.0, pages, detail);
    Ok(())
}

/// Jams since then, the newest first.
pub async fn jams(db: &Db, device: DeviceId, from: Millis, limit: i64) -> Result<Vec<JamRow>> {
    let sql = "SELECT at, pages, detail FROM jam WHERE device_id IN \
               (SELECT id FROM device WHERE id = $1 OR merged_into = $1) AND at >= $2 ORDER BY at DESC LIMIT $3";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(device.0).bind(from.0).bind(limit).fetch_all(p).await?))
}
