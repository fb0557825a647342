//! Where a device hangs in the network, as far as forwarding tables tell: the switch port nearest to its MAC.

use std::collections::HashMap;

use super::{Db, Result, Tx, on_db, on_tx};
use crate::model::{DeviceId, DeviceKind, Millis, SiteId};

/// Milliseconds for which a forwarding entry tells where a device is.
pub const GOOD_FOR: i64 = Millis::DAY;

/// Every device that is no infrastructure with the switch it hangs on: of several ports the one with the fewest MACs.
pub async fn parents(db: &Db, since: Millis) -> Result<HashMap<DeviceId, DeviceId>> {
    let sql = "WITH load AS (SELECT device_id, if_index, COUNT(*) AS macs FROM fdb WHERE last_seen >= $1 \
               GROUP BY device_id, if_index) \
               SELECT c.id, f.device_id, c.kind FROM device c \
               JOIN fdb f ON f.mac = lower(c.base_mac) AND f.last_seen >= $1 AND f.device_id <> c.id \
               JOIN device d ON d.id = f.device_id AND d.kind = 'switch' AND d.lifecycle = 'active' \
               JOIN load ON load.device_id = f.device_id AND load.if_index = f.if_index \
               WHERE c.lifecycle = 'active' ORDER BY load.macs DESC, f.device_id DESC";
    let rows: Vec<(i64, i64, Option<String>)> = on_db!(db, |p| sqlx::query_as(sql).bind(since.0).fetch_all(p).await?);
    // The last of a device is the port with the fewest MACs.
    let end =
        |kind: &Option<String>| !kind.as_deref().and_then(DeviceKind::parse).is_some_and(DeviceKind::is_infrastructure);
    let ends = rows.into_iter().filter(|(_, _, kind)| end(kind));
    Ok(ends.map(|(device, switch, _)| (DeviceId(device), DeviceId(switch))).collect())
}

/// Every device that is polled: its branch and kind.
pub async fn everybody(tx: &mut Tx) -> Result<Vec<(DeviceId, SiteId, Option<DeviceKind>)>> {
    let sql = "SELECT id, site_id, kind FROM device WHERE lifecycle = 'active' AND merged_into IS NULL ORDER BY id";
    let rows: Vec<(i64, i64, Option<String>)> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    let kind = |k: Option<String>| k.as_deref().and_then(DeviceKind::parse);
    Ok(rows.into_iter().map(|(d, s, k)| (DeviceId(d), SiteId(s), kind(k))).collect())
}

/// Neighbours that are devices of ours.
pub async fn links(tx: &mut Tx, since: Millis) -> Result<Vec<(DeviceId, DeviceId)>> {
    let sql = "SELECT DISTINCT device_id, remote_device_id FROM neighbor \
               WHERE remote_device_id IS NOT NULL AND last_seen >= $1 ORDER BY 1, 2";
    let rows: Vec<(i64, i64)> = on_tx!(tx, |c| sqlx::query_as(sql).bind(since.0).fetch_all(c).await?);
    Ok(rows.into_iter().map(|(a, b)| (DeviceId(a), DeviceId(b))).collect())
}

/// Device, switch and port it is seen at, of several the port with the fewest MACs; infrastructure too.
pub async fn hangs(tx: &mut Tx, since: Millis) -> Result<HashMap<DeviceId, (DeviceId, Option<i64>)>> {
    let sql = "WITH load AS (SELECT device_id, if_index, COUNT(*) AS macs FROM fdb WHERE last_seen >= $1 \
               GROUP BY device_id, if_index) \
               SELECT c.id, f.device_id, f.if_index FROM device c \
               JOIN fdb f ON f.mac = lower(c.base_mac) AND f.last_seen >= $1 AND f.device_id <> c.id \
               JOIN device d ON d.id = f.device_id AND d.kind = 'switch' AND d.lifecycle = 'active' \
               JOIN load ON load.device_id = f.device_id AND load.if_index = f.if_index \
               WHERE c.lifecycle = 'active' ORDER BY load.macs DESC, f.last_seen, f.device_id DESC";
    let rows: Vec<(i64, i64, Option<i64>)> = on_tx!(tx, |c| sqlx::query_as(sql).bind(since.0).fetch_all(c).await?);
    Ok(rows.into_iter().map(|(d, s, i)| (DeviceId(d), (DeviceId(s), i))).collect())
}

/// ifOperStatus of a port by name.
pub async fn oper(tx: &mut Tx, switch: DeviceId, if_index: i64) -> Result<Option<String>> {
    let sql = "SELECT oper FROM port WHERE device_id = $1 AND if_index = $2";
    let oper: Option<Option<String>> =
        on_tx!(tx, |c| sqlx::query_scalar(sql).bind(switch.0).bind(if_index).fetch_optional(c).await?);
    Ok(oper.flatten())
}

/// The last answer of anybody, and of anybody in a branch.
pub async fn last_answer(tx: &mut Tx, site: Option<SiteId>) -> Result<Option<Millis>> {
    let sql = "SELECT MAX(last_seen) FROM device WHERE lifecycle = 'active' AND ($1 = 0 OR site_id = $1)";
    let at: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.map_or(0, |s| s.0)).fetch_one(c).await?);
    Ok(at.map(Millis))
}
