//! What the network shows of a branch: facts of its devices for the inference, the newest map, links over time, findings.
//!
//! Written by the observer past the engine, as progress of scans is: derived, never a document. What people decide about a
//! finding goes through the engine.

use std::collections::BTreeMap;

use super::device::json;
use super::{Db, Result, Store, StoreError, Tx, execute, on_db, on_tx};
use crate::model::{
    ArpEntry, DeviceId, Facts, FdbEntry, Found, Link, LinkRecord, Millis, Port, PortDetail, SiteId, Suggestion, Wiring,
};

/// Learned addresses older than this say nothing of today.
const FDB_FOR: i64 = 15 * Millis::MINUTE;
/// Neighbours of a device that has not been read for so long are history.
const LINKS_FOR: i64 = 3 * Millis::HOUR;

/// What a device tells of its ends of cables.
pub async fn save_wiring(tx: &mut Tx, device: DeviceId, wiring: &Wiring, now: Millis) -> Result<()> {
    let sql = "INSERT INTO wiring (device_id, body, updated_at) VALUES ($1, $2, $3) \
               ON CONFLICT (device_id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at";
    execute!(tx, sql, device.0, json(wiring)?, now.0);
    Ok(())
}

/// A device with everything the map needs.
#[derive(Debug, Clone)]
pub struct Seen {
    pub id: i64,
    pub name: String,
    pub facts: Facts,
    /// Since when each port is as it is.
    pub since: BTreeMap<u32, Millis>,
    pub below_capability: BTreeMap<u32, bool>,
}

type DeviceRow = (i64, String, String, Option<String>, Option<String>);
#[derive(sqlx::FromRow)]
struct PortRow {
    device_id: i64,
    if_index: i64,
    name: String,
    descr: Option<String>,
    alias: Option<String>,
    if_type: Option<String>,
    type_number: Option<i64>,
    physical: i64,
    admin: Option<String>,
    oper: Option<String>,
    oper_since: Option<i64>,
    speed_bps: i64,
    mac: Option<String>,
    detail: String,
}
type FdbRow = (i64, String, i64, Option<i64>, Option<String>, Option<String>);

const DEVICES: &str = "SELECT d.id, d.name, d.facts, w.body, d.base_mac FROM device d \
                       LEFT JOIN wiring w ON w.device_id = d.id WHERE d.site_id = $1 AND d.lifecycle = 'active' \
                       AND d.merged_into IS NULL ORDER BY d.id";
const PORTS: &str = "SELECT p.device_id, p.if_index, p.name, p.descr, p.alias, p.if_type, p.type_number, p.physical, \
                     p.admin, p.oper, p.oper_since, p.speed_bps, p.mac, p.detail FROM port p \
                     JOIN device d ON d.id = p.device_id WHERE d.site_id = $1 AND d.lifecycle = 'active' \
                     AND p.present = 1 ORDER BY p.device_id, p.if_index";
/// Those of the last reading.
const LINKS: &str = "SELECT n.device_id, n.detail FROM neighbor n JOIN device d ON d.id = n.device_id \
                     WHERE d.site_id = $1 AND d.lifecycle = 'active' AND n.last_seen = d.links_read_at \
                     AND n.last_seen >= $2 ORDER BY n.id";
const FDB: &str = "SELECT f.device_id, f.mac, f.vlan, f.if_index, f.port, f.status FROM fdb f \
                   JOIN device d ON d.id = f.device_id WHERE d.site_id = $1 AND d.lifecycle = 'active' \
                   AND f.last_seen >= COALESCE(d.fdb_read_at, 0) - $2 ORDER BY f.device_id, f.mac, f.vlan";
const ARP: &str = "SELECT a.device_id, a.address, a.mac, a.if_index FROM arp a JOIN device d ON d.id = a.device_id \
                   WHERE d.site_id = $1 AND d.lifecycle = 'active' AND a.last_seen >= $2 \
                   ORDER BY a.device_id, a.address, a.mac";

/// Facts of every device of a branch, as one round of questions would bring them.
pub async fn facts(db: &Db, site: SiteId, now: Millis) -> Result<Vec<Seen>> {
    let devices: Vec<DeviceRow> = on_db!(db, |p| sqlx::query_as(DEVICES).bind(site.0).fetch_all(p).await?);
    let mut all: BTreeMap<i64, Seen> = BTreeMap::new();
    for (id, name, facts, wiring, base_mac) in devices {
        // What cannot be read is as if it had not been told: the next reading writes it anew.
        let mut facts: Facts = serde_json::from_str(&facts).unwrap_or_default();
        facts.wiring = wiring.and_then(|w| serde_json::from_str(&w).ok());
        facts.base_mac = facts.base_mac.or(base_mac);
        let (since, below_capability) = Default::default();
        all.insert(id, Seen { id, name, facts, since, below_capability });
    }
    let ports: Vec<PortRow> = on_db!(db, |p| sqlx::query_as(PORTS).bind(site.0).fetch_all(p).await?);
    for row in ports {
        if let Some(seen) = all.get_mut(&row.device_id) {
            port(seen, row);
        }
    }
    let since = now.plus(-LINKS_FOR);
    let links: Vec<(i64, String)> =
        on_db!(db, |p| sqlx::query_as(LINKS).bind(site.0).bind(since.0).fetch_all(p).await?);
    for (id, detail) in links {
        let link: Link = serde_json::from_str(&detail).unwrap_or_default();
        if let Some(seen) = all.get_mut(&id).filter(|_| !link.protocol.is_empty()) {
            seen.facts.links.get_or_insert_default().push(link);
        }
    }
    let fdb: Vec<FdbRow> = on_db!(db, |p| sqlx::query_as(FDB).bind(site.0).bind(FDB_FOR).fetch_all(p).await?);
    for (id, mac, vlan, if_index, port, status) in fdb {
        let Some(seen) = all.get_mut(&id) else { continue };
        let vlan = u32::try_from(vlan).ok().filter(|v| *v > 0);
        let if_index = if_index.and_then(|i| u32::try_from(i).ok());
        seen.facts.fdb.get_or_insert_default().push(FdbEntry { mac, if_index, port, vlan, status });
    }
    let arp: Vec<(i64, String, String, Option<i64>)> =
        on_db!(db, |p| sqlx::query_as(ARP).bind(site.0).bind(since.0).fetch_all(p).await?);
    for (id, address, mac, if_index) in arp {
        let Some(seen) = all.get_mut(&id) else { continue };
        let if_index = if_index.and_then(|i| u32::try_from(i).ok());
        seen.facts.arp.get_or_insert_default().push(ArpEntry { address, mac, if_index, kind: None });
    }
    Ok(all.into_values().collect())
}

fn port(seen: &mut Seen, row: PortRow) {
    let Ok(if_index) = u32::try_from(row.if_index) else { return };
    let detail: PortDetail = serde_json::from_str(&row.detail).unwrap_or_default();
    if let Some(since) = row.oper_since {
        seen.since.insert(if_index, Millis(since));
    }
    seen.below_capability.insert(if_index, detail.below_capability);
    seen.facts.ports.get_or_insert_default().push(Port {
        if_index,
        name: row.name,
        descr: row.descr,
        alias: row.alias,
        if_type: row.if_type,
        type_number: row.type_number,
        admin: row.admin,
        oper: row.oper,
        speed_bps: u64::try_from(row.speed_bps).unwrap_or(0),
        mac: row.mac,
        physical: row.physical != 0,
        duplex: detail.duplex,
        aggregate: detail.aggregate,
        capable_bps: detail.capable_bps,
        poe: detail.poe,
        stp: detail.stp,
        counters: None,
    });
}

fn wrong(table: &'static str, column: &'static str, row: i64, value: &str) -> StoreError {
    StoreError::Inconsistent { table, column, row, value: value.to_owned() }
}

/// Every link that is remembered.
pub async fn links(db: &Db, site: SiteId) -> Result<Vec<LinkRecord>> {
    let sql = "SELECT body FROM observed_link WHERE site_id = $1 ORDER BY key";
    let rows: Vec<String> = on_db!(db, |p| sqlx::query_scalar(sql).bind(site.0).fetch_all(p).await?);
    let parse = |t: &String| serde_json::from_str(t).map_err(|_| wrong("observed_link", "body", site.0, t));
    rows.iter().map(parse).collect()
}

/// The newest map, as the observer wrote it.
pub async fn map(db: &Db, site: SiteId) -> Result<Option<(Millis, String)>> {
    let sql = "SELECT at, body FROM observed_map WHERE site_id = $1";
    let row: Option<(i64, String)> = on_db!(db, |p| sqlx::query_as(sql).bind(site.0).fetch_optional(p).await?);
    Ok(row.map(|(at, body)| (Millis(at), body)))
}

/// What one look brought: the map, the links over time, the differences. `true`: something is other than before.
pub async fn save(
    store: &Store,
    site: SiteId,
    map: &str,
    links: &[LinkRecord],
    found: &[Found],
    now: Millis,
) -> Result<bool> {
    let before = (self::map(store.db(), site).await?.map(|(_, body)| body), self::links(store.db(), site).await?);
    let mut tx = store.begin().await?;
    let sql = "INSERT INTO observed_map (site_id, at, body) VALUES ($1, $2, $3) \
               ON CONFLICT (site_id) DO UPDATE SET at = excluded.at, body = excluded.body";
    execute!(&mut tx, sql, site.0, now.0, map);
    execute!(&mut tx, "DELETE FROM observed_link WHERE site_id = $1", site.0);
    let sql = "INSERT INTO observed_link (site_id, key, body, state, first_seen, last_seen) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    for l in links {
        execute!(&mut tx, sql, site.0, l.key(), json(l)?, l.state.as_str(), l.first_seen.0, l.last_seen.0);
    }
    let changed = save_found(&mut tx, site, found, now).await?;
    tx.commit().await?;
    let same_links = |a: &[LinkRecord], b: &[LinkRecord]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.key() == b.key() && a.state == b.state)
    };
    Ok(changed || before.0.as_deref() != Some(map) || !same_links(&before.1, links))
}

async fn save_found(tx: &mut Tx, site: SiteId, found: &[Found], now: Millis) -> Result<bool> {
    let open = "SELECT key FROM finding WHERE site_id = $1 AND state IN ('open', 'ordered', 'ignored')";
    let known: Vec<String> = on_tx!(&mut *tx, |c| sqlx::query_scalar(open).bind(site.0).fetch_all(c).await?);
    let sql = "INSERT INTO finding (site_id, key, kind, documented, observed, evidence, permille, device_id, jack_id, \
               suggestion, state, first_seen, last_seen) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $11, $11) \
               ON CONFLICT (site_id, key) DO UPDATE SET documented = excluded.documented, observed = excluded.observed, \
               evidence = excluded.evidence, permille = excluded.permille, device_id = excluded.device_id, \
               jack_id = excluded.jack_id, suggestion = excluded.suggestion, last_seen = excluded.last_seen, \
               first_seen = CASE WHEN finding.state IN ('resolved', 'accepted') THEN excluded.first_seen \
               ELSE finding.first_seen END, state = CASE WHEN finding.state IN ('resolved', 'accepted') THEN 'open' \
               WHEN finding.state = 'ignored' AND finding.ignored_until <= excluded.last_seen THEN 'open' \
               ELSE finding.state END";
    for f in found {
        let suggestion = f.suggestion.as_ref().map(json).transpose()?;
        execute!(
            tx,
            sql,
            site.0,
            &f.key,
            f.kind.as_str(),
            &f.documented,
            &f.observed,
            json(&f.evidence)?,
            i64::from(f.permille),
            f.device,
            f.jack.map(|j| j.0),
            suggestion,
            now.0
        );
    }
    // What is no longer so resolves itself.
    let gone: Vec<&String> = known.iter().filter(|k| !found.iter().any(|f| f.key == **k)).collect();
    for key in &gone {
        let sql = "UPDATE finding SET state = 'resolved' WHERE site_id = $1 AND key = $2";
        execute!(tx, sql, site.0, *key);
    }
    Ok(!gone.is_empty() || found.iter().any(|f| !known.contains(&f.key)))
}

/// A finding as people see it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow, serde::Serialize, utoipa::ToSchema)]
pub struct FindingRow {
    pub id: i64,
    pub site_id: i64,
    pub kind: String,
    /// Names on both sides; "" where there is nothing.
    pub documented: String,
    pub observed: String,
    /// JSON list of sources.
    pub evidence: String,
    /// How sure, in thousandths.
    pub permille: i64,
    pub device_id: Option<i64>,
    pub jack_id: Option<i64>,
    /// What accepting would do, JSON.
    pub suggestion: Option<String>,
    /// open, accepted, ignored, ordered, resolved.
    pub state: String,
    pub ignored_until: Option<i64>,
    pub ticket_id: Option<i64>,
    pub first_seen: i64,
    pub last_seen: i64,
    pub decided_at: Option<i64>,
    pub decided_by: Option<String>,
}

const FINDING: &str = "SELECT id, site_id, kind, documented, observed, evidence, permille, device_id, jack_id, suggestion, \
                       state, ignored_until, ticket_id, first_seen, last_seen, decided_at, decided_by FROM finding";

/// Findings of a branch, the surest first. `state` empty: all.
pub async fn findings(db: &Db, site: SiteId, state: &str) -> Result<Vec<FindingRow>> {
    let sql = format!(
        "{FINDING} WHERE site_id = $1 AND ($2 = '' OR state = $2) ORDER BY permille DESC, first_seen DESC, id LIMIT 2000"
    );
    Ok(on_db!(db, |p| sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(site.0).bind(state).fetch_all(p).await?))
}

/// How many findings of each state.
pub async fn counts(db: &Db, site: SiteId) -> Result<Vec<(String, i64)>> {
    let sql = "SELECT state, COUNT(*) FROM finding WHERE site_id = $1 GROUP BY state";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(site.0).fetch_all(p).await?))
}

/// A finding inside a transaction: its branch, what accepting does, its row.
pub async fn finding(tx: &mut Tx, id: i64) -> Result<Option<(FindingRow, Option<Suggestion>)>> {
    let sql = format!("{FINDING} WHERE id = $1");
    let row: Option<FindingRow> =
        on_tx!(tx, |c| sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await?);
    let Some(row) = row else { return Ok(None) };
    let suggestion = match &row.suggestion {
        Some(text) => Some(serde_json::from_str(text).map_err(|_| wrong("finding", "suggestion", id, text))?),
        None => None,
    };
    Ok(Some((row, suggestion)))
}

/// Open findings of a branch that can be accepted and are at least so sure.
pub async fn acceptable(tx: &mut Tx, site: SiteId, permille: i64) -> Result<Vec<i64>> {
    let sql = "SELECT id FROM finding WHERE site_id = $1 AND state = 'open' AND suggestion IS NOT NULL \
               AND permille >= $2 AND kind IN ('undocumented-link', 'outlet-found') ORDER BY id";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.0).bind(permille).fetch_all(c).await?))
}

/// What a person decided.
pub async fn decide(
    tx: &mut Tx,
    id: i64,
    (state, until, ticket): (&str, Option<Millis>, Option<i64>),
    who: &str,
    now: Millis,
) -> Result<()> {
    let sql = "UPDATE finding SET state = $2, ignored_until = $3, ticket_id = COALESCE($4, ticket_id), decided_at = $5, \
               decided_by = $6 WHERE id = $1";
    execute!(tx, sql, id, state, until.map(|u| u.0), ticket, now.0, who);
    Ok(())
}

/// Number of open findings by branch.
pub async fn open_by_site(db: &Db) -> Result<Vec<(i64, i64)>> {
    let sql = "SELECT site_id, COUNT(*) FROM finding WHERE state = 'open' GROUP BY site_id";
    Ok(on_db!(db, |p| sqlx::query_as(sql).fetch_all(p).await?))
}
