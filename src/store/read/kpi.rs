//! What figures of service are made of: reachability as it changed, tickets of a period.

use crate::model::{DeviceId, Event, Millis, Reach, SiteId};
use crate::store::{Db, Result, on_db};

/// A device as figures name it.
#[derive(Debug, Clone, PartialEq)]
pub struct KpiDevice {
    pub id: DeviceId,
    pub name: String,
    pub site: SiteId,
    pub site_name: String,
    pub model: String,
    pub reach: Reach,
    pub first_seen: Millis,
    pub last_reading: Option<Millis>,
}

/// Devices that were met before the end of a period.
pub async fn devices(db: &Db, site: Option<SiteId>, to: Millis) -> Result<Vec<KpiDevice>> {
    let sql = "SELECT d.id, d.name, d.site_id, s.name, coalesce(d.vendor, ''), coalesce(d.model, ''), d.reach, d.first_seen, \
               d.last_reading_at FROM device d JOIN site s ON s.id = d.site_id WHERE d.lifecycle = 'active' \
               AND d.merged_into IS NULL AND d.first_seen < $2 AND ($1 = 0 OR d.site_id = $1) ORDER BY d.name, d.id";
    type Raw = (i64, String, i64, String, String, String, String, i64, Option<i64>);
    let rows: Vec<Raw> =
        on_db!(db, |p| sqlx::query_as(sql).bind(site.map_or(0, |s| s.0)).bind(to.0).fetch_all(p).await?);
    let row = |(id, name, site, site_name, vendor, model, reach, first, last): Raw| KpiDevice {
        id: DeviceId(id),
        name,
        site: SiteId(site),
        site_name,
        model: if model.to_lowercase().starts_with(&vendor.to_lowercase()) {
            model
        } else {
            format!("{vendor} {model}")
        },
        reach: Reach::parse(&reach).unwrap_or_default(),
        first_seen: Millis(first),
        last_reading: last.map(Millis),
    };
    Ok(rows.into_iter().map(row).collect())
}

/// (device, when, from, to) since then, in their order.
pub async fn changes(db: &Db, from: Millis) -> Result<Vec<(DeviceId, Millis, Reach, Reach)>> {
    let sql = "SELECT device_id, at, body FROM timeline WHERE kind = 'reach-changed' AND at >= $1 ORDER BY at, id";
    let rows: Vec<(i64, i64, String)> = on_db!(db, |p| sqlx::query_as(sql).bind(from.0).fetch_all(p).await?);
    let change = |(device, at, body): (i64, i64, String)| match serde_json::from_str(&body) {
        Ok(Event::ReachChanged { from, to }) => Some((DeviceId(device), Millis(at), from, to)),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(change).collect())
}
