//! Ranges to scan, how their scans went, and what answered at each address.

use std::net::IpAddr;

use super::device::json;
use super::{Db, Result, Store, Tx, execute, on_db, on_tx};
use crate::model::{DeviceId, Millis, SiteId};

/// Who wanted a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Person,
    Config,
    /// Proposed by a neighbour's announcement: not scanned until a person asks.
    Neighbor,
    /// Sent us traps and nobody polls it: not scanned until a person asks.
    Trap,
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Config => "config",
            Self::Neighbor => "neighbor",
            Self::Trap => "trap",
        }
    }
}

/// A range as the scanner needs it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Range {
    pub id: i64,
    pub site_id: i64,
    pub cidr: String,
    pub port: i64,
    pub credential_id: Option<i64>,
    /// A person asked, or it is new.
    pub scan_wanted: i64,
    pub last_finished_at: Option<i64>,
}

impl Range {
    pub fn site(&self) -> SiteId {
        SiteId(self.site_id)
    }
}

/// What came of one address.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub address: IpAddr,
    pub port: u16,
    /// device, ping-only, refused
    pub outcome: String,
    /// What was tried and what failed, in words.
    pub steps: Vec<String>,
    pub device: Option<DeviceId>,
}

/// Enabled ranges, those wanted now first.
pub async fn enabled(db: &Db) -> Result<Vec<Range>> {
    let sql = "SELECT id, site_id, cidr, port, credential_id, scan_wanted, last_finished_at FROM scan_range \
               WHERE enabled = 1 ORDER BY scan_wanted DESC, id";
    Ok(on_db!(db, |p| sqlx::query_as(sql).fetch_all(p).await?))
}

/// Ranges of a branch as text, disabled ones too.
pub async fn of_site(tx: &mut Tx, site: SiteId) -> Result<Vec<String>> {
    let sql = "SELECT cidr FROM scan_range WHERE site_id = $1 ORDER BY id";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.0).fetch_all(c).await?))
}

/// Site and text of every range, those only proposed too.
pub async fn everywhere(tx: &mut Tx) -> Result<Vec<(SiteId, String)>> {
    let rows: Vec<(i64, String)> =
        on_tx!(tx, |c| sqlx::query_as("SELECT site_id, cidr FROM scan_range ORDER BY id").fetch_all(c).await?);
    Ok(rows.into_iter().map(|(site, cidr)| (SiteId(site), cidr)).collect())
}

/// How many ranges stand there only because somebody sent a trap.
pub async fn proposed_by_traps(tx: &mut Tx) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM scan_range WHERE origin = 'trap' AND enabled = 0";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).fetch_one(c).await?))
}

/// The range that is already exactly this and enabled.
pub async fn same(tx: &mut Tx, site: SiteId, cidr: &str, port: u16, credential: Option<i64>) -> Result<Option<i64>> {
    let sql = "SELECT id FROM scan_range WHERE site_id = $1 AND cidr = $2 AND port = $3 AND enabled = 1 \
               AND COALESCE(credential_id, 0) = $4";
    Ok(on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(site.0)
            .bind(cidr)
            .bind(i64::from(port))
            .bind(credential.unwrap_or(0))
            .fetch_optional(c)
            .await?
    }))
}

/// Adds a range; one that is there already is given this credential and, unless only proposed, enabled and scanned.
pub async fn add(
    tx: &mut Tx,
    site: SiteId,
    cidr: &str,
    port: u16,
    credential: Option<i64>,
    origin: Origin,
) -> Result<i64> {
    let on = i64::from(!matches!(origin, Origin::Neighbor | Origin::Trap));
    let sql = "INSERT INTO scan_range (site_id, cidr, port, credential_id, enabled, scan_wanted, origin) \
               VALUES ($1, $2, $3, $4, $5, $5, $6) ON CONFLICT (site_id, cidr, port) DO UPDATE SET \
               credential_id = CASE WHEN $5 = 1 THEN excluded.credential_id ELSE scan_range.credential_id END, \
               scan_wanted = CASE WHEN $5 = 1 AND scan_range.enabled = 0 THEN 1 ELSE scan_range.scan_wanted END, \
               enabled = CASE WHEN $5 = 1 THEN 1 ELSE scan_range.enabled END RETURNING id";
    Ok(on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(site.0)
            .bind(cidr)
            .bind(i64::from(port))
            .bind(credential)
            .bind(on)
            .bind(origin.as_str())
            .fetch_one(c)
            .await?
    }))
}

/// `false`: there was none.
pub async fn remove(tx: &mut Tx, id: i64) -> Result<bool> {
    let sql = "DELETE FROM scan_range WHERE id = $1";
    Ok(execute!(tx, sql, id) == 1)
}

/// A person asks for a scan now; a proposed range becomes a real one. `false`: there is no such range.
pub async fn want_scan(tx: &mut Tx, id: i64) -> Result<bool> {
    let sql = "UPDATE scan_range SET scan_wanted = 1, enabled = 1 WHERE id = $1";
    Ok(execute!(tx, sql, id) == 1)
}

pub async fn scan_started(store: &Store, id: i64, now: Millis) -> Result<()> {
    let mut tx = store.begin().await?;
    let sql = "UPDATE scan_range SET scan_wanted = 0, last_started_at = $2, last_asked = 0, last_found = 0, \
               last_error = NULL WHERE id = $1";
    execute!(&mut tx, sql, id, now.0);
    tx.commit().await
}

/// How far a scan is; `finished` when it ended, with its error if it failed as a whole.
pub async fn scan_progress(
    store: &Store,
    id: i64,
    asked: i64,
    found: i64,
    finished: Option<Millis>,
    error: Option<&str>,
) -> Result<()> {
    let mut tx = store.begin().await?;
    let sql = "UPDATE scan_range SET last_asked = $2, last_found = $3, \
               last_finished_at = COALESCE($4, last_finished_at), last_error = $5 WHERE id = $1";
    execute!(&mut tx, sql, id, asked, found, finished.map(|t| t.0), error);
    tx.commit().await
}

/// What answered (or refused) at one address. A later "no device" does not forget which device it was.
pub async fn save_result(tx: &mut Tx, range: i64, found: &Found, now: Millis) -> Result<()> {
    let sql = "INSERT INTO discovery_result (range_id, address, port, at, outcome, steps, device_id) \
               SELECT $1, $2, $3, $4, $5, $6, $7 WHERE EXISTS (SELECT 1 FROM scan_range WHERE id = $1) \
               ON CONFLICT (range_id, address, port) DO UPDATE SET at = excluded.at, outcome = excluded.outcome, \
               steps = excluded.steps, device_id = COALESCE(excluded.device_id, discovery_result.device_id)";
    let steps = json(&found.steps)?;
    execute!(
        tx,
        sql,
        range,
        found.address.to_string(),
        i64::from(found.port),
        now.0,
        &found.outcome,
        steps,
        found.device.map(|d| d.0)
    );
    Ok(())
}

/// A device was recognised at an address of a range, whatever the scanner says of its steps.
pub async fn save_device(
    tx: &mut Tx,
    range: i64,
    address: IpAddr,
    port: u16,
    device: DeviceId,
    now: Millis,
) -> Result<()> {
    let sql = "INSERT INTO discovery_result (range_id, address, port, at, outcome, steps, device_id) \
               SELECT $1, $2, $3, $4, 'device', '[]', $5 WHERE EXISTS (SELECT 1 FROM scan_range WHERE id = $1) \
               ON CONFLICT (range_id, address, port) DO UPDATE SET at = excluded.at, outcome = 'device', \
               device_id = excluded.device_id";
    execute!(tx, sql, range, address.to_string(), i64::from(port), now.0, device.0);
    Ok(())
}
