//! ARP and ND caches of routers and switches: which MAC answered at which address, from when to when.

use super::{Result, Tx, on_tx};
use crate::model::{ArpEntry, DeviceId, Millis};

/// Writes the cache as it is now: every entry gets this time, those gone keep their last.
pub async fn save(tx: &mut Tx, device: DeviceId, entries: &[ArpEntry], now: Millis) -> Result<()> {
    // A pair twice in one statement would be refused by PostgreSQL.
    let unique: std::collections::BTreeMap<(&str, &str), &ArpEntry> =
        entries.iter().map(|e| ((e.address.as_str(), e.mac.as_str()), e)).collect();
    let rows: Vec<_> = unique.into_iter().collect();
    for chunk in rows.chunks(500) {
        on_tx!(tx, |c| {
            let mut q = sqlx::QueryBuilder::new(
                "INSERT INTO arp (device_id, address, mac, if_index, kind, first_seen, last_seen) ",
            );
            q.push_values(chunk, |mut row, ((address, mac), e)| {
                row.push_bind(device.0)
                    .push_bind(*address)
                    .push_bind(*mac)
                    .push_bind(e.if_index.map(i64::from))
                    .push_bind(e.kind.as_deref())
                    .push_bind(now.0)
                    .push_bind(now.0);
            });
            q.push(
                " ON CONFLICT (device_id, address, mac) DO UPDATE SET if_index = excluded.if_index, \
                 kind = excluded.kind, last_seen = excluded.last_seen",
            );
            q.build().execute(c).await?;
        });
    }
    Ok(())
}
