//! Forwarding tables: which MAC was behind which port, from when to when.

use super::{Result, Tx, on_tx};
use crate::model::{DeviceId, FdbEntry, Millis};

/// Writes the table as it is now: every entry gets this time, those gone keep their last.
pub async fn save(tx: &mut Tx, device: DeviceId, entries: &[FdbEntry], now: Millis) -> Result<()> {
    // A MAC twice in one statement would be refused by PostgreSQL.
    let unique: std::collections::BTreeMap<(&str, u32), &FdbEntry> =
        entries.iter().map(|e| ((e.mac.as_str(), e.vlan.unwrap_or(0)), e)).collect();
    let rows: Vec<_> = unique.into_iter().collect();
    for chunk in rows.chunks(500) {
        on_tx!(tx, |c| {
            let mut q = sqlx::QueryBuilder::new(
                "INSERT INTO fdb (device_id, mac, vlan, if_index, port, first_seen, last_seen, status) ",
            );
            q.push_values(chunk, |mut row, ((mac, vlan), e)| {
                row.push_bind(device.0)
                    .push_bind(*mac)
                    .push_bind(i64::from(*vlan))
                    .push_bind(e.if_index.map(i64::from))
                    .push_bind(e.port.as_deref())
                    .push_bind(now.0)
                    .push_bind(now.0)
                    .push_bind(e.status.as_deref());
            });
            q.push(
                " ON CONFLICT (device_id, mac, vlan) DO UPDATE SET if_index = excluded.if_index, port = excluded.port, \
                 last_seen = excluded.last_seen, status = excluded.status",
            );
            q.build().execute(c).await?;
        });
    }
    super::execute!(tx, "UPDATE device SET fdb_read_at = $2 WHERE id = $1", device.0, now.0);
    Ok(())
}
