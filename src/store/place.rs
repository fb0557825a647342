//! Where a device hangs in the network, as far as forwarding tables tell: the switch port nearest to its MAC.

use super::{Result, Tx, on_tx};
use crate::model::{DeviceId, Millis};

/// The port a MAC was last seen behind; of several the one with the fewest MACs, which is the nearest.
#[derive(Debug, Clone, PartialEq)]
pub struct Uplink {
    pub switch: DeviceId,
    /// ifOperStatus by name, when the port is known.
    pub oper: Option<String>,
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
