//! Codes on labels of devices. A code outlives merges: it leads to the device that stayed.

use super::{Db, Result, Tx, execute, on_db};
use crate::model::{DeviceId, Millis};

/// Most merges a code is followed through.
const MOST_MERGES: usize = 32;

/// Gives a device its code; one it has already stays.
pub async fn add(tx: &mut Tx, device: DeviceId, code: &str, now: Millis) -> Result<bool> {
    let sql = "INSERT INTO device_tag (code, device_id, made_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    Ok(execute!(tx, sql, code, device.0, now.0) == 1)
}

/// Codes of these devices; those without one are left out.
pub async fn of_devices(db: &Db, devices: &[DeviceId]) -> Result<Vec<(DeviceId, String)>> {
    if devices.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = devices.iter().map(|d| d.0.to_string()).collect();
    let sql =
        format!("SELECT device_id, code FROM device_tag WHERE device_id IN ({}) ORDER BY device_id", ids.join(", "));
    let rows: Vec<(i64, String)> = on_db!(db, |p| sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(p).await?);
    Ok(rows.into_iter().map(|(id, code)| (DeviceId(id), code)).collect())
}

/// The device a code stands on, or the one it was merged into.
pub async fn device(db: &Db, code: &str) -> Result<Option<DeviceId>> {
    let sql = "SELECT device_id FROM device_tag WHERE code = $1";
    let mut id: Option<i64> = on_db!(db, |p| sqlx::query_scalar(sql).bind(code).fetch_optional(p).await?);
    for _ in 0..MOST_MERGES {
        let Some(at) = id else { return Ok(None) };
        let sql = "SELECT merged_into FROM device WHERE id = $1";
        let next: Option<Option<i64>> = on_db!(db, |p| sqlx::query_scalar(sql).bind(at).fetch_optional(p).await?);
        match next.flatten() {
            Some(into) => id = Some(into),
            None => return Ok(Some(DeviceId(at))),
        }
    }
    Ok(None)
}
