//! Where a device hangs in the network, as far as forwarding tables tell: the switch port nearest to its MAC.

use std::collections::HashMap;

use super::{Db, Result, Tx, on_db, on_tx};
use crate::model::{DeviceId, DeviceKind, Millis};

/// Milliseconds for which a forwarding entry tells where a device is.
pub const GOOD_FOR: i64 = Millis::DAY;

/// The port a MAC was last seen behind; of several the one with the fewest MACs, which is the nearest.
#[derive(Debug, Clone, PartialEq)]
pub struct Uplink {
    pub switch: DeviceId,
    /// ifOperStatus by name, when the port is known.
    pub oper: Option<String>,
}

/// Every device that is no infrastructure with the switch it hangs on, as of `of_mac`.
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

pub async fn of_mac(tx: &mut Tx, mac: &str, since: Millis) -> Result<Option<Uplink>> {
    let sql = "SELECT f.device_id, p.oper FROM fdb f JOIN device d ON d.id = f.device_id \
               LEFT JOIN port p ON p.device_id = f.device_id AND p.if_index = f.if_index \
               WHERE f.mac = $1 AND f.last_seen >= $2 AND d.kind = 'switch' AND d.lifecycle = 'active' \
               ORDER BY (SELECT COUNT(*) FROM fdb g WHERE g.device_id = f.device_id AND g.if_index = f.if_index \
               AND g.last_seen >= f.last_seen), f.last_seen DESC, f.device_id LIMIT 1";
    let row: Option<(i64, Option<String>)> =
        on_tx!(tx, |c| sqlx::query_as(sql).bind(mac).bind(since.0).fetch_optional(c).await?);
    Ok(row.map(|(switch, oper)| Uplink { switch: DeviceId(switch), oper }))
}
