//! Interfaces of a device, as last read.

use super::device::as_i64;
use super::{Result, Tx, execute, on_tx};
use crate::model::{DeviceId, Millis, Port, PortDetail};

/// What is compared to see whether a port changed.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct KeptPort {
    pub if_index: i64,
    pub oper: Option<String>,
    pub oper_since: Option<i64>,
    pub present: i64,
}

pub async fn of_device(tx: &mut Tx, device: DeviceId) -> Result<Vec<KeptPort>> {
    let sql = "SELECT if_index, oper, oper_since, present FROM port WHERE device_id = $1 ORDER BY if_index";
    Ok(on_tx!(tx, |c| sqlx::query_as(sql).bind(device.0).fetch_all(c).await?))
}

/// The name of an interface, when it was ever read.
pub async fn name(tx: &mut Tx, device: DeviceId, if_index: u32) -> Result<Option<String>> {
    let sql = "SELECT name FROM port WHERE device_id = $1 AND if_index = $2";
    let index = i64::from(if_index);
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(device.0).bind(index).fetch_optional(c).await?))
}

/// Writes ports with the time since when each is as it is; 200 a statement.
pub async fn save(tx: &mut Tx, device: DeviceId, ports: &[(&Port, Millis)], now: Millis) -> Result<()> {
    for chunk in ports.chunks(200) {
        on_tx!(tx, |c| {
            let mut q = sqlx::QueryBuilder::new(
                "INSERT INTO port (device_id, if_index, name, descr, alias, if_type, physical, admin, oper, oper_since, \
                 speed_bps, mac, updated_at, present, detail, type_number) ",
            );
            q.push_values(chunk, |mut row, (p, oper_since)| {
                row.push_bind(device.0)
                    .push_bind(i64::from(p.if_index))
                    .push_bind(p.name.as_str())
                    .push_bind(p.descr.as_deref())
                    .push_bind(p.alias.as_deref())
                    .push_bind(p.if_type.as_deref())
                    .push_bind(i64::from(p.physical))
                    .push_bind(p.admin.as_deref())
                    .push_bind(p.oper.as_deref())
                    .push_bind(oper_since.0)
                    .push_bind(as_i64(p.speed_bps))
                    .push_bind(p.mac.as_deref())
                    .push_bind(now.0)
                    .push_bind(1_i64)
                    .push_bind(serde_json::to_string(&PortDetail::from(*p)).unwrap_or_else(|_| "{}".to_owned()))
                    .push_bind(p.type_number);
            });
            q.push(
                " ON CONFLICT (device_id, if_index) DO UPDATE SET name = excluded.name, descr = excluded.descr, \
                 alias = excluded.alias, if_type = excluded.if_type, physical = excluded.physical, \
                 admin = excluded.admin, oper = excluded.oper, oper_since = excluded.oper_since, \
                 speed_bps = excluded.speed_bps, mac = excluded.mac, updated_at = excluded.updated_at, \
                 detail = excluded.detail, type_number = excluded.type_number, present = 1",
            );
            q.build().execute(c).await?;
        });
    }
    Ok(())
}

/// The device no longer lists this interface.
pub async fn absent(tx: &mut Tx, device: DeviceId, if_index: i64) -> Result<()> {
    let sql = "UPDATE port SET present = 0 WHERE device_id = $1 AND if_index = $2";
    execute!(tx, sql, device.0, if_index);
    Ok(())
}
