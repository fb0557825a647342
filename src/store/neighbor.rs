//! Neighbours seen on ports (LLDP, CDP, MNDP), and VLANs.

use super::{Result, Tx, execute};
use crate::model::{DeviceId, Link, Millis, Vlan};

/// Writes the neighbours seen now; those no longer seen keep their last time. Links without a name of their far end are
/// left out: nothing would tell them apart.
pub async fn save(tx: &mut Tx, device: DeviceId, links: &[Link], now: Millis) -> Result<()> {
    let sql = "INSERT INTO neighbor (device_id, local_if_index, local_port, protocol, remote_key, remote_host, \
               remote_chassis, remote_port, remote_platform, remote_address, remote_device_id, first_seen, last_seen, detail) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
               (SELECT MIN(device_id) FROM device_identifier WHERE kind IN ('base-mac', 'lldp-chassis') AND value = $11), \
               $12, $12, $13) ON CONFLICT (device_id, local_port, remote_key) DO UPDATE SET \
               local_if_index = excluded.local_if_index, protocol = excluded.protocol, \
               remote_host = excluded.remote_host, remote_chassis = excluded.remote_chassis, \
               remote_port = excluded.remote_port, remote_platform = excluded.remote_platform, \
               remote_address = excluded.remote_address, \
               remote_device_id = COALESCE(excluded.remote_device_id, neighbor.remote_device_id), \
               last_seen = excluded.last_seen, detail = excluded.detail";
    for link in links {
        let Some(key) = remote_key(link) else { continue };
        let local = link.local_port.clone().or(link.local_if_index.map(|i| i.to_string())).unwrap_or_default();
        execute!(
            tx,
            sql,
            device.0,
            link.local_if_index.map(i64::from),
            local,
            &link.protocol,
            &key,
            &link.remote_host,
            &link.remote_chassis,
            link.remote_port.as_ref().or(link.remote_port_descr.as_ref()),
            &link.remote_platform,
            &link.remote_address,
            link.remote_chassis.as_deref().unwrap_or("").trim().to_lowercase(),
            now.0,
            super::device::json(link)?
        );
    }
    execute!(tx, "UPDATE device SET links_read_at = $2 WHERE id = $1", device.0, now.0);
    Ok(())
}

/// Chassis, else host, else address: what makes a neighbour one.
fn remote_key(link: &Link) -> Option<String> {
    [&link.remote_chassis, &link.remote_host, &link.remote_address]
        .into_iter()
        .flatten()
        .map(|s| s.trim().to_lowercase())
        .find(|s| !s.is_empty())
}

/// The VLANs of a switch as they are now.
pub async fn save_vlans(tx: &mut Tx, device: DeviceId, vlans: &[Vlan]) -> Result<()> {
    execute!(tx, "DELETE FROM vlan WHERE device_id = $1", device.0);
    let sql = "INSERT INTO vlan (device_id, vlan, name) VALUES ($1, $2, $3) \
               ON CONFLICT (device_id, vlan) DO UPDATE SET name = excluded.name";
    for v in vlans {
        execute!(tx, sql, device.0, i64::from(v.id), &v.name);
    }
    Ok(())
}
