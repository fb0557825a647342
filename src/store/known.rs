//! Devices of a branch as cabling needs them: what people call them, and the sockets they have.

use std::collections::BTreeMap;

use super::{Db, Result, Tx, on_db, on_tx};
use crate::model::{DeviceKind, KnownDevice, KnownPort, SiteId};

type DeviceRow = (i64, String, String, Option<String>, Option<String>);
type PortRow = (i64, i64, String, Option<String>);

const DEVICES: &str = "SELECT id, name, address, serial, kind FROM device \
                       WHERE site_id = $1 AND lifecycle = 'active' AND merged_into IS NULL ORDER BY id";
const PORTS: &str = "SELECT p.device_id, p.if_index, p.name, p.descr FROM port p JOIN device d ON d.id = p.device_id \
                     WHERE d.site_id = $1 AND d.lifecycle = 'active' AND p.physical = 1 AND p.present = 1 \
                     ORDER BY p.device_id, p.if_index";

/// Inside a transaction.
pub async fn devices_in(tx: &mut Tx, site: SiteId) -> Result<Vec<KnownDevice>> {
    let devices: Vec<DeviceRow> = on_tx!(tx, |c| sqlx::query_as(DEVICES).bind(site.0).fetch_all(c).await?);
    let ports: Vec<PortRow> = on_tx!(tx, |c| sqlx::query_as(PORTS).bind(site.0).fetch_all(c).await?);
    Ok(joined(devices, ports))
}

/// For pages.
pub async fn devices(db: &Db, site: SiteId) -> Result<Vec<KnownDevice>> {
    let devices: Vec<DeviceRow> = on_db!(db, |p| sqlx::query_as(DEVICES).bind(site.0).fetch_all(p).await?);
    let ports: Vec<PortRow> = on_db!(db, |p| sqlx::query_as(PORTS).bind(site.0).fetch_all(p).await?);
    Ok(joined(devices, ports))
}

fn joined(devices: Vec<DeviceRow>, ports: Vec<PortRow>) -> Vec<KnownDevice> {
    let mut of: BTreeMap<i64, Vec<KnownPort>> = BTreeMap::new();
    for (device, if_index, name, descr) in ports {
        let Ok(if_index) = u32::try_from(if_index) else { continue };
        of.entry(device).or_default().push(KnownPort { if_index, name, descr });
    }
    devices
        .into_iter()
        .map(|(id, name, address, serial, kind)| KnownDevice {
            id,
            name,
            address,
            serial,
            kind: kind.as_deref().and_then(DeviceKind::parse),
            ports: of.remove(&id).unwrap_or_default(),
        })
        .collect()
}
