//! What is seen of a port now, and where an address was seen: the living half of the cabling pages.

use serde::Serialize;

use crate::model::{Millis, SiteId};
use crate::store::{Db, Result, on_db};

/// A port of a managed device as last read.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct PortNow {
    pub device_id: i64,
    pub device: String,
    pub if_index: i64,
    pub name: String,
    pub alias: Option<String>,
    pub admin: Option<String>,
    pub oper: Option<String>,
    pub oper_since: Option<i64>,
    pub speed_bps: i64,
    pub detail: String,
    pub updated_at: i64,
}

pub async fn port(db: &Db, device: i64, if_index: u32) -> Result<Option<PortNow>> {
    let sql = "SELECT p.device_id, d.name AS device, p.if_index, p.name, p.alias, p.admin, p.oper, p.oper_since, \
               p.speed_bps, p.detail, p.updated_at FROM port p JOIN device d ON d.id = p.device_id \
               WHERE p.device_id = $1 AND p.if_index = $2";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(device).bind(i64::from(if_index)).fetch_optional(p).await?))
}

/// A MAC learned on a port, with everything that names it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow, Serialize, utoipa::ToSchema)]
pub struct Station {
    pub mac: String,
    pub vlan: i64,
    pub address: Option<String>,
    pub device_id: Option<i64>,
    pub device: Option<String>,
    pub first_seen: i64,
    pub last_seen: i64,
}

const STATION: &str = "SELECT f.mac, f.vlan, (SELECT MIN(a.address) FROM arp a WHERE a.mac = f.mac AND a.last_seen >= $3) \
                       AS address, x.id AS device_id, x.name AS device, f.first_seen, f.last_seen FROM fdb f \
                       LEFT JOIN device x ON x.id = (SELECT MIN(COALESCE(y.merged_into, y.id)) FROM device_identifier i \
                       JOIN device y ON y.id = i.device_id \
                       WHERE i.kind IN ('base-mac', 'lldp-chassis') AND i.value = f.mac)";

/// Who was heard on a port since; the latest first.
pub async fn stations(db: &Db, device: i64, if_index: u32, since: Millis) -> Result<Vec<Station>> {
    let sql = format!(
        "{STATION} WHERE f.device_id = $1 AND f.if_index = $2 AND f.last_seen >= $3 \
                       AND COALESCE(f.status, 'learned') <> 'self' ORDER BY f.last_seen DESC, f.mac LIMIT 200"
    );
    Ok(on_db!(db, |p| {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
        query.bind(device).bind(i64::from(if_index)).bind(since.0).fetch_all(p).await?
    }))
}

/// A port a MAC was heard on.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow, Serialize, utoipa::ToSchema)]
pub struct Heard {
    pub device_id: i64,
    pub device: String,
    pub if_index: Option<i64>,
    pub port: String,
    pub vlan: i64,
    /// MACs on that port: one is the station's own socket.
    pub macs: i64,
    pub first_seen: i64,
    pub last_seen: i64,
}

/// Where a MAC was heard since: the emptiest port first, which is the nearest.
pub async fn heard(db: &Db, site: SiteId, mac: &str, since: Millis) -> Result<Vec<Heard>> {
    let sql = "SELECT f.device_id, d.name AS device, f.if_index, COALESCE(p.name, f.port, '') AS port, f.vlan, \
               (SELECT COUNT(DISTINCT g.mac) FROM fdb g WHERE g.device_id = f.device_id AND g.if_index = f.if_index \
               AND g.last_seen >= $3) AS macs, f.first_seen, f.last_seen FROM fdb f \
               JOIN device d ON d.id = f.device_id AND d.site_id = $1 AND d.lifecycle = 'active' \
               LEFT JOIN port p ON p.device_id = f.device_id AND p.if_index = f.if_index \
               WHERE f.mac = $2 AND f.last_seen >= $3 AND COALESCE(f.status, 'learned') <> 'self' \
               ORDER BY macs, f.last_seen DESC, f.device_id LIMIT 20";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(site.0).bind(mac).bind(since.0).fetch_all(p).await?))
}

/// MACs at an address, the latest first.
pub async fn macs_at(db: &Db, site: SiteId, address: &str) -> Result<Vec<String>> {
    let sql = "SELECT a.mac FROM arp a JOIN device d ON d.id = a.device_id WHERE d.site_id = $1 AND a.address = $2 \
               GROUP BY a.mac ORDER BY MAX(a.last_seen) DESC LIMIT 4";
    Ok(on_db!(db, |p| sqlx::query_scalar(sql).bind(site.0).bind(address).fetch_all(p).await?))
}

/// Every MAC a device calls its own.
pub async fn macs_of(db: &Db, device: i64) -> Result<Vec<String>> {
    let sql = "SELECT value FROM device_identifier WHERE device_id = $1 AND kind = 'base-mac' UNION \
               SELECT mac FROM port WHERE device_id = $1 AND mac IS NOT NULL AND physical = 1 UNION \
               SELECT a.mac FROM arp a JOIN device d ON d.address = a.address AND d.id = $1 \
               JOIN device r ON r.id = a.device_id AND r.site_id = d.site_id LIMIT 64";
    Ok(on_db!(db, |p| sqlx::query_scalar(sql).bind(device).fetch_all(p).await?))
}
