//! Integer series of a device ('pages', 'rtt_us', 'port.3.in_octets'): on change and heartbeat, rolled up by day.
//!
//! Which value is worth a row is the engine's to say; here it is only kept. `retention` rolls up and drops.

use super::{Result, Tx, execute, on_tx};
use crate::model::{DeviceId, Millis};

pub async fn add(tx: &mut Tx, device: DeviceId, series: &str, at: Millis, value: i64) -> Result<()> {
    let sql = "INSERT INTO metric_reading (device_id, series, at, value) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (device_id, series, at) DO UPDATE SET value = excluded.value";
    execute!(tx, sql, device.0, series, at.0, value);
    Ok(())
}

/// Many rows in one statement each 500: a switch has hundreds of series.
pub async fn add_many(tx: &mut Tx, device: DeviceId, at: Millis, rows: &[(String, i64)]) -> Result<()> {
    for chunk in rows.chunks(500) {
        on_tx!(tx, |c| {
            let mut q = sqlx::QueryBuilder::new("INSERT INTO metric_reading (device_id, series, at, value) ");
            q.push_values(chunk, |mut row, (series, value)| {
                row.push_bind(device.0).push_bind(series.as_str()).push_bind(at.0).push_bind(*value);
            });
            q.push(" ON CONFLICT (device_id, series, at) DO UPDATE SET value = excluded.value");
            q.build().execute(c).await?;
        });
    }
    Ok(())
}

/// The newest point of a series.
pub async fn last(tx: &mut Tx, device: DeviceId, series: &str) -> Result<Option<(Millis, i64)>> {
    let sql = "SELECT at, value FROM metric_reading WHERE device_id = $1 AND series = $2 ORDER BY at DESC LIMIT 1";
    let row: Option<(i64, i64)> =
        on_tx!(tx, |c| sqlx::query_as(sql).bind(device.0).bind(series).fetch_optional(c).await?);
    Ok(row.map(|(at, value)| (Millis(at), value)))
}
