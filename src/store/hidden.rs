//! Devices hidden behind a silent one, and what people say is before a device.

use super::{Db, Result, Tx, execute, on_db, on_tx};
use crate::model::{DeviceId, Millis};

/// A device is behind `parent` from now on; a row that is open already only changes its parent.
pub async fn set(tx: &mut Tx, device: DeviceId, parent: DeviceId, now: Millis) -> Result<()> {
    let sql = "INSERT INTO hidden (device_id, parent_id, since) VALUES ($1, $2, $3) \
               ON CONFLICT (device_id) WHERE until IS NULL DO UPDATE SET parent_id = excluded.parent_id";
    execute!(tx, sql, device.0, parent.0, now.0);
    // What hung behind this one hangs behind what hides it.
    execute!(tx, "UPDATE hidden SET parent_id = $2 WHERE parent_id = $1 AND until IS NULL", device.0, parent.0);
    Ok(())
}

pub async fn end(tx: &mut Tx, device: DeviceId, now: Millis) -> Result<()> {
    execute!(tx, "UPDATE hidden SET until = $2 WHERE device_id = $1 AND until IS NULL", device.0, now.0);
    Ok(())
}

/// A device that stood, or stands, behind another.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Hidden {
    pub device_id: i64,
    pub name: String,
    pub location: Option<String>,
    pub since: i64,
    pub until: Option<i64>,
}

/// Those behind `parent` at some moment of a time, the newest first.
pub async fn behind(db: &Db, parent: DeviceId, from: Millis, to: Millis, limit: i64) -> Result<Vec<Hidden>> {
    let sql = "SELECT h.device_id, d.name, d.location, h.since, h.until FROM hidden h JOIN device d ON d.id = h.device_id \
               WHERE h.parent_id = $1 AND h.since <= $3 AND (h.until IS NULL OR h.until >= $2) \
               ORDER BY CASE WHEN h.until IS NULL THEN 0 ELSE 1 END, d.name, h.id LIMIT $4";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(parent.0).bind(from.0).bind(to.0).bind(limit).fetch_all(p).await?))
}

/// Every word of people on what is before a device.
pub async fn documented(tx: &mut Tx) -> Result<Vec<(DeviceId, DeviceId)>> {
    let sql = "SELECT device_id, parent_id FROM device_parent ORDER BY device_id";
    let rows: Vec<(i64, i64)> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    Ok(rows.into_iter().map(|(d, p)| (DeviceId(d), DeviceId(p))).collect())
}

pub async fn document(tx: &mut Tx, device: DeviceId, parent: Option<DeviceId>) -> Result<()> {
    execute!(tx, "DELETE FROM device_parent WHERE device_id = $1", device.0);
    if let Some(parent) = parent {
        execute!(tx, "INSERT INTO device_parent (device_id, parent_id) VALUES ($1, $2)", device.0, parent.0);
    }
    Ok(())
}

/// Before a device: what people say, and what hides it now.
#[derive(Debug, Clone, Default, PartialEq, sqlx::FromRow)]
pub struct Before {
    pub documented_id: Option<i64>,
    pub documented_name: Option<String>,
    pub hides_id: Option<i64>,
    pub hides_name: Option<String>,
}

pub async fn before(db: &Db, device: DeviceId) -> Result<Before> {
    let sql = "SELECT p.id AS documented_id, p.name AS documented_name, b.id AS hides_id, b.name AS hides_name \
               FROM device d LEFT JOIN device_parent dp ON dp.device_id = d.id LEFT JOIN device p ON p.id = dp.parent_id \
               LEFT JOIN hidden h ON h.device_id = d.id AND h.until IS NULL LEFT JOIN device b ON b.id = h.parent_id \
               WHERE d.id = $1";
    let row: Option<Before> = on_db!(db, |p| sqlx::query_as(sql).bind(device.0).fetch_optional(p).await?);
    Ok(row.unwrap_or_default())
}
