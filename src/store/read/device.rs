//! Everything the page of one device shows: facts, supplies with their history, counters, ports, where it is
//! connected, addresses, identity, timeline.

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::devices::{self, DeviceRow};
use super::places;
use crate::model::{DeviceId, Event, Facts, LevelState, Millis, PortDetail, SupplyId};
use crate::store::{Db, Result, StoreError, on_db};

/// One device with what only its own page needs.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceDetail {
    pub row: DeviceRow,
    pub named_by_person: bool,
    pub located_by_person: bool,
    pub firmware: Option<String>,
    pub sys_name: Option<String>,
    pub sys_descr: Option<String>,
    pub sys_object_id: Option<String>,
    pub profile: Option<String>,
    pub port: i64,
    /// Name of the credential it answers to; never the secret.
    pub credential: Option<String>,
    /// Merged facts of every class, without what has tables of its own.
    pub facts: Facts,
    pub last_reading_at: Option<Millis>,
    /// A person asked for a round that has not been done yet.
    pub poll_wanted: bool,
    /// It is part of this device.
    pub merged_into: Option<DeviceId>,
    /// Pages over every reset of the counter.
    pub pages_total: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct RawDetail {
    named_by_person: i64,
    located_by_person: i64,
    firmware: Option<String>,
    sys_name: Option<String>,
    sys_descr: Option<String>,
    sys_object_id: Option<String>,
    profile: Option<String>,
    port: i64,
    credential: Option<String>,
    facts: String,
    last_reading_at: Option<i64>,
    poll_wanted: i64,
    merged_into: Option<i64>,
    page_offset: i64,
}

pub async fn one(db: &Db, id: DeviceId) -> Result<Option<DeviceDetail>> {
    let Some(row) = devices::one(db, id).await? else { return Ok(None) };
    let sql = "SELECT d.named_by_person, d.located_by_person, d.firmware, d.sys_name, d.sys_descr, d.sys_object_id, \
               d.profile, d.port, c.name AS credential, d.facts, d.last_reading_at, d.poll_wanted, d.merged_into, d.page_offset \
               FROM device d LEFT JOIN credential c ON c.id = d.credential_id WHERE d.id = $1";
    let raw: Option<RawDetail> = on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_optional(p).await?);
    let Some(raw) = raw else { return Ok(None) };
    let facts = serde_json::from_str(&raw.facts).map_err(|e| StoreError::Inconsistent {
        table: "device",
        column: "facts",
        row: id.0,
        value: e.to_string(),
    })?;
    Ok(Some(DeviceDetail {
        merged_into: raw.merged_into.map(DeviceId),
        pages_total: row.page_count.map(|n| n.saturating_add(raw.page_offset)),
        row,
        named_by_person: raw.named_by_person != 0,
        located_by_person: raw.located_by_person != 0,
        firmware: raw.firmware,
        sys_name: raw.sys_name,
        sys_descr: raw.sys_descr,
        sys_object_id: raw.sys_object_id,
        profile: raw.profile,
        port: raw.port,
        credential: raw.credential,
        facts,
        last_reading_at: raw.last_reading_at.map(Millis),
        poll_wanted: raw.poll_wanted != 0,
    }))
}

/// A supply in full.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct SupplyRow {
    pub id: i64,
    pub idx: String,
    pub kind: String,
    pub color: Option<String>,
    pub description: String,
    pub part_number: Option<String>,
    pub serial: Option<String>,
    pub unit: Option<String>,
    pub max_capacity: Option<i64>,
    pub level: Option<i64>,
    pub level_state: String,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub receptacle: i64,
    pub source: String,
    pub is_low: i64,
    pub low_since: Option<i64>,
    pub threshold: f64,
    pub updated_at: i64,
    pub article_id: Option<i64>,
    pub article: Option<String>,
    /// 1: a person said that the article fits.
    pub article_confirmed: i64,
    /// The forecast of its last reading, JSON.
    pub outlook: Option<String>,
    /// Pieces of the article in the branch's stores.
    pub on_hand: i64,
    /// The open need it asks in, and the order that is on.
    pub need_status: Option<String>,
    pub order_id: Option<i64>,
    pub order_number: Option<String>,
    pub order_status: Option<String>,
}

impl SupplyRow {
    pub fn state(&self) -> Option<LevelState> {
        LevelState::parse(&self.level_state)
    }
}

/// Supplies that are there now: K, C, M, Y, then the rest.
pub async fn supplies(db: &Db, id: DeviceId) -> Result<Vec<SupplyRow>> {
    let sql = "SELECT s.id, s.idx, s.kind, s.color, s.description, s.part_number, s.serial, s.unit, s.max_capacity, \
               s.level, s.level_state, s.low, s.high, s.receptacle, s.source, s.is_low, s.low_since, s.threshold, \
               s.updated_at, s.article_id, a.part_number AS article, \
               s.article_confirmed, s.outlook, \
               CAST(COALESCE((SELECT SUM(m.delta) FROM stock_move m JOIN stock_store k ON k.id = m.store_id \
               JOIN device d ON d.id = s.device_id WHERE k.site_id = d.site_id AND m.article_id = s.article_id), 0) \
               AS BIGINT) AS on_hand, n.status AS need_status, o.id AS order_id, \
               o.number AS order_number, o.status AS order_status \
               FROM supply s LEFT JOIN article a ON a.id = s.article_id \
               LEFT JOIN need n ON n.id = (SELECT max(r.need_id) FROM need_reason r JOIN need m ON m.id = r.need_id \
               WHERE r.device_id = s.device_id AND r.supply_index = s.idx AND m.status <> 'closed') \
               LEFT JOIN purchase_order o ON o.id = (SELECT max(l.order_id) FROM order_line l \
               JOIN purchase_order q ON q.id = l.order_id WHERE l.need_id = n.id AND q.status <> 'cancelled') \
               WHERE s.device_id = $1 AND s.present = 1 ORDER BY CASE s.color WHEN 'black' THEN 0 WHEN 'cyan' THEN 1 \
               WHEN 'magenta' THEN 2 WHEN 'yellow' THEN 3 ELSE 4 END, s.idx";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_all(p).await?))
}

/// One stored reading of a supply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SupplyPoint {
    pub supply: SupplyId,
    pub at: Millis,
    pub state: LevelState,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub pages: Option<i64>,
}

/// Readings of every supply of a device since `from`, and of each the last one before it, by supply and time.
pub async fn supply_history(db: &Db, id: DeviceId, from: Millis) -> Result<Vec<SupplyPoint>> {
    let sql = "SELECT k.id, r.at, r.level_state, r.low, r.high, r.pages FROM supply_reading r \
               JOIN supply s ON s.id = r.supply_id JOIN supply k ON k.device_id = $1 AND k.idx = s.idx AND k.present = 1 \
               WHERE s.device_id IN (SELECT id FROM device WHERE id = $1 OR merged_into = $1) AND r.at >= coalesce( \
               (SELECT max(b.at) FROM supply_reading b WHERE b.supply_id = r.supply_id AND b.at <= $2), $2) \
               ORDER BY k.id, r.at";
    type Raw = (i64, i64, String, Option<f64>, Option<f64>, Option<i64>);
    let rows: Vec<Raw> = on_db!(db, |p| sqlx::query_as(sql).bind(id.0).bind(from.0).fetch_all(p).await?);
    rows.into_iter()
        .map(|(supply, at, state, low, high, pages)| {
            let parsed = LevelState::parse(&state).ok_or(StoreError::Inconsistent {
                table: "supply_reading",
                column: "level_state",
                row: supply,
                value: state,
            })?;
            Ok(SupplyPoint { supply: SupplyId(supply), at: Millis(at), state: parsed, low, high, pages })
        })
        .collect()
}

/// First and last value of a series on one day (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayValue {
    pub day: Millis,
    pub first: i64,
    pub last: i64,
}

/// A series by day, rolled-up days and the still raw ones together.
pub async fn daily(db: &Db, id: DeviceId, series: &str, from: Millis) -> Result<Vec<DayValue>> {
    let from = from.0 - from.0.rem_euclid(Millis::DAY);
    let sql = "SELECT day, min(first_value), max(last_value) FROM metric_daily WHERE device_id IN \
               (SELECT id FROM device WHERE id = $1 OR merged_into = $1) AND series = $2 AND day >= $3 \
               GROUP BY day ORDER BY day";
    let rolled: Vec<(i64, i64, i64)> =
        on_db!(db, |p| sqlx::query_as(sql).bind(id.0).bind(series).bind(from).fetch_all(p).await?);
    let mut days: Vec<DayValue> =
        rolled.into_iter().map(|(day, first, last)| DayValue { day: Millis(day), first, last }).collect();
    let raw_from = days.last().map_or(from, |d| d.day.0 + Millis::DAY);
    let sql = "SELECT at, value FROM metric_reading WHERE device_id IN \
               (SELECT id FROM device WHERE id = $1 OR merged_into = $1) AND series = $2 AND at >= $3 ORDER BY at";
    let raw: Vec<(i64, i64)> =
        on_db!(db, |p| sqlx::query_as(sql).bind(id.0).bind(series).bind(raw_from).fetch_all(p).await?);
    for (at, value) in raw {
        let day = Millis(at - at.rem_euclid(Millis::DAY));
        match days.last_mut().filter(|d| d.day == day) {
            Some(d) => d.last = value,
            None => days.push(DayValue { day, first: value, last: value }),
        }
    }
    Ok(days)
}

/// An interface with what is seen behind it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct PortRow {
    pub if_index: i64,
    pub name: String,
    pub descr: Option<String>,
    pub alias: Option<String>,
    pub if_type: Option<String>,
    pub physical: i64,
    pub admin: Option<String>,
    pub oper: Option<String>,
    pub oper_since: Option<i64>,
    pub speed_bps: i64,
    pub mac: Option<String>,
    /// `PortDetail` as JSON.
    pub detail: String,
    /// Learned MACs of the last day.
    pub macs: i64,
}

impl PortRow {
    /// What cannot be read is as if it had not been told: the next reading writes it anew.
    pub fn detail(&self) -> PortDetail {
        serde_json::from_str(&self.detail).unwrap_or_default()
    }
}

pub async fn ports(db: &Db, id: DeviceId, since: Millis) -> Result<Vec<PortRow>> {
    let sql = "SELECT p.if_index, p.name, p.descr, p.alias, p.if_type, p.physical, p.admin, p.oper, p.oper_since, \
               p.speed_bps, p.mac, p.detail, coalesce(f.n, 0) AS macs FROM port p LEFT JOIN (SELECT if_index, \
               count(DISTINCT mac) AS n FROM fdb WHERE device_id = $1 AND last_seen >= $2 GROUP BY if_index) f \
               ON f.if_index = p.if_index WHERE p.device_id = $1 AND p.present = 1 ORDER BY p.if_index";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(id.0).bind(since.0).fetch_all(p).await?))
}

/// Who is behind a port: a neighbour that says its name, or the only device whose MAC was learned there.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Behind {
    pub if_index: Option<i64>,
    pub port: String,
    /// lldp, cdp, mndp; fdb for a learned MAC.
    pub protocol: String,
    pub device_id: Option<i64>,
    pub name: Option<String>,
    pub remote_port: Option<String>,
    pub last_seen: i64,
}

/// Neighbours this device reports itself.
pub async fn neighbors(db: &Db, id: DeviceId) -> Result<Vec<Behind>> {
    let sql = "SELECT n.local_if_index AS if_index, n.local_port AS port, n.protocol, n.remote_device_id AS device_id, \
               coalesce(d.name, n.remote_host, n.remote_chassis, n.remote_address) AS name, n.remote_port, n.last_seen \
               FROM neighbor n LEFT JOIN device d ON d.id = n.remote_device_id WHERE n.device_id = $1 \
               ORDER BY n.local_if_index, n.last_seen DESC";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_all(p).await?))
}

/// Devices of ours whose MAC a switch learned on its ports, uplinks with many of them too.
pub async fn learned(db: &Db, id: DeviceId, since: Millis) -> Result<Vec<Behind>> {
    let seen = "FROM fdb f JOIN %s ON %s JOIN device d ON d.id = i.device_id AND d.lifecycle = 'active' \
                WHERE f.device_id = $1 AND f.last_seen >= $2 AND i.device_id <> $1";
    let by = |table, on| seen.replacen("%s", table, 1).replacen("%s", on, 1);
    let columns = "SELECT f.if_index, i.device_id AS device_id, d.name AS name, f.last_seen";
    let sql = format!(
        "SELECT u.if_index, '' AS port, 'fdb' AS protocol, u.device_id, u.name, CAST(NULL AS TEXT) AS remote_port, \
         max(u.last_seen) AS last_seen FROM ({columns} {} UNION ALL {columns} {}) u \
         GROUP BY u.if_index, u.device_id, u.name ORDER BY u.if_index, u.name LIMIT 2000",
        by("device_identifier i", "i.kind = 'base-mac' AND i.value = f.mac"),
        by("port i", "i.mac = f.mac"),
    );
    Ok(on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).bind(id.0).bind(since.0).fetch_all(p).await?))
}

/// A switch port this device hangs on, as somebody saw it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Attachment {
    pub switch_id: i64,
    pub switch_name: String,
    pub switch_place: Option<String>,
    pub port: String,
    /// The port's own description by a person (ifAlias).
    pub port_alias: Option<String>,
    pub speed_bps: Option<i64>,
    pub vlan: Option<i64>,
    /// lldp, cdp, mndp, fdb.
    pub protocol: String,
    /// MACs learned on that port: one is a direct cable.
    pub macs: i64,
    pub last_seen: i64,
}

/// Where it is plugged in: what its neighbours say first, then learned MACs (its own, or the one its branch's ARP caches
/// have at its address), the emptiest port first. Uplinks (a port
/// with a switch behind it) are left out.
pub async fn attachments(db: &Db, id: DeviceId, since: Millis) -> Result<Vec<Attachment>> {
    let told = "SELECT n.device_id AS switch_id, d.name AS switch_name, d.location AS switch_place, \
                coalesce(p.name, n.local_port) AS port, p.alias AS port_alias, p.speed_bps, CAST(NULL AS BIGINT) AS vlan, n.protocol, \
                CAST(1 AS BIGINT) AS macs, n.last_seen FROM neighbor n JOIN device d ON d.id = n.device_id \
                LEFT JOIN port p ON p.device_id = n.device_id AND p.if_index = n.local_if_index \
                WHERE n.remote_device_id = $1 AND n.last_seen >= $2 ORDER BY n.last_seen DESC LIMIT 8";
    let mut found: Vec<Attachment> = on_db!(db, |p| sqlx::query_as(told).bind(id.0).bind(since.0).fetch_all(p).await?);
    if !found.is_empty() {
        return Ok(found);
    }
    let macs: Vec<String> = on_db!(db, |p| {
        sqlx::query_scalar(
            "SELECT base_mac FROM device WHERE id = $1 AND base_mac IS NOT NULL UNION \
             SELECT mac FROM port WHERE device_id = $1 AND mac IS NOT NULL AND physical = 1 UNION \
             SELECT a.mac FROM arp a JOIN device d ON d.address = a.address AND d.id = $1 JOIN device r \
             ON r.id = a.device_id AND r.site_id = d.site_id WHERE a.last_seen >= $2 LIMIT 200",
        )
        .bind(id.0)
        .bind(since.0)
        .fetch_all(p)
        .await?
    });
    if macs.is_empty() {
        return Ok(found);
    }
    let sql = format!(
        "SELECT f.device_id AS switch_id, d.name AS switch_name, d.location AS switch_place, \
         coalesce(p.name, f.port, '') AS port, p.alias AS port_alias, p.speed_bps, f.vlan, 'fdb' AS protocol, \
         (SELECT count(DISTINCT g.mac) FROM fdb g WHERE g.device_id = f.device_id AND g.if_index = f.if_index \
         AND g.last_seen >= $2) AS macs, f.last_seen FROM fdb f JOIN device d ON d.id = f.device_id \
         LEFT JOIN port p ON p.device_id = f.device_id AND p.if_index = f.if_index \
         WHERE f.device_id <> $1 AND f.last_seen >= $2 AND f.mac IN ({}) AND NOT EXISTS (SELECT 1 FROM neighbor n \
         LEFT JOIN device r ON r.id = n.remote_device_id WHERE n.device_id = f.device_id \
         AND n.local_if_index = f.if_index AND (r.kind IN ('switch', 'router') OR r.id IS NULL)) \
         ORDER BY macs, f.last_seen DESC, f.device_id LIMIT 4",
        places(3, macs.len())
    );
    found = on_db!(db, |p| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(id.0).bind(since.0);
        for mac in &macs {
            query = query.bind(mac);
        }
        query.fetch_all(p).await?
    });
    Ok(found)
}

/// An address it answered at.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct AddressRow {
    pub address: String,
    pub port: i64,
    pub first_seen: i64,
    pub last_seen: i64,
}

pub async fn addresses(db: &Db, id: DeviceId) -> Result<Vec<AddressRow>> {
    let sql = "SELECT address, port, min(first_seen) AS first_seen, max(last_seen) AS last_seen \
               FROM device_address_history WHERE device_id IN (SELECT id FROM device WHERE id = $1 OR merged_into = $1) \
               GROUP BY address, port ORDER BY max(last_seen) DESC, address LIMIT 50";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_all(p).await?))
}

/// What the device is recognised by.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct IdentifierRow {
    pub kind: String,
    pub value: String,
    pub first_seen: i64,
    pub last_seen: i64,
}

pub async fn identifiers(db: &Db, id: DeviceId) -> Result<Vec<IdentifierRow>> {
    let sql = "SELECT kind, value, min(first_seen) AS first_seen, max(last_seen) AS last_seen FROM device_identifier \
               WHERE device_id IN (SELECT id FROM device WHERE id = $1 OR merged_into = $1) GROUP BY kind, value \
               ORDER BY max(last_seen) DESC, kind, value LIMIT 50";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_all(p).await?))
}

/// A merge or a split of this device, with the name the other has now.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct IdentityChangeRow {
    pub id: i64,
    /// merge: the other became part of this one; split: the other was taken out of it.
    pub kind: String,
    pub other_id: i64,
    pub other: String,
    pub at: i64,
    pub who: String,
    pub undone_at: Option<i64>,
}

pub async fn identity_changes(db: &Db, id: DeviceId) -> Result<Vec<IdentityChangeRow>> {
    let sql = "SELECT c.id, c.kind, c.other_id, o.name AS other, c.at, c.who, c.undone_at FROM identity_change c \
               JOIN device o ON o.id = c.other_id WHERE c.device_id = $1 ORDER BY c.id DESC LIMIT 20";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_all(p).await?))
}

/// A ticket of the device.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct DeviceTicket {
    pub id: i64,
    pub title: String,
    pub status: String,
    pub priority: i64,
    pub opened_at: i64,
    pub resolved_at: Option<i64>,
}

/// Newest first; open ones before all.
pub async fn tickets(db: &Db, id: DeviceId, limit: i64) -> Result<Vec<DeviceTicket>> {
    let sql = "SELECT id, title, status, priority, opened_at, resolved_at FROM ticket WHERE device_id IN \
               (SELECT id FROM device WHERE id = $1 OR merged_into = $1) \
               ORDER BY CASE WHEN status IN ('resolved', 'closed', 'cancelled') THEN 1 ELSE 0 END, opened_at DESC, id DESC \
               LIMIT $2";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(id.0).bind(limit).fetch_all(p).await?))
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineRow {
    pub id: i64,
    pub at: Millis,
    pub event: Event,
}

/// Newest first, before `before`, of these kinds (none: all). An event this version does not know is left out.
pub async fn timeline(
    db: &Db,
    id: DeviceId,
    kinds: &[&str],
    before: Option<Millis>,
    limit: i64,
) -> Result<Vec<TimelineRow>> {
    let filter = if kinds.is_empty() { String::new() } else { format!(" AND kind IN ({})", places(3, kinds.len())) };
    let sql = format!(
        "SELECT id, at, body FROM timeline WHERE device_id IN (SELECT id FROM device WHERE id = $1 OR merged_into = $1) \
         AND at < $2{filter} ORDER BY at DESC, id DESC LIMIT {limit}"
    );
    let raw: Vec<(i64, i64, String)> = on_db!(db, |p| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(id.0).bind(before.map_or(i64::MAX, |m| m.0));
        for kind in kinds {
            query = query.bind(*kind);
        }
        query.fetch_all(p).await?
    });
    let event = |(id, at, body): (i64, i64, String)| {
        Some(TimelineRow { id, at: Millis(at), event: serde_json::from_str(&body).ok()? })
    };
    Ok(raw.into_iter().filter_map(event).collect())
}
