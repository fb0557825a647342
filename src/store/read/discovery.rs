//! Discovery: ranges with their last sweep, names of credentials (never the secret), what each address answered.

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{Listed, Paging};
use crate::model::{CredentialId, DeviceId, Millis, RangeId, SiteId};
use crate::store::{Db, Result, on_db};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RangeRow {
    pub id: RangeId,
    pub site: SiteId,
    pub site_name: String,
    pub cidr: String,
    pub port: i64,
    pub credential: Option<CredentialId>,
    pub credential_name: Option<String>,
    pub enabled: bool,
    /// A sweep is asked for and has not begun.
    pub scan_wanted: bool,
    pub last_started_at: Option<Millis>,
    pub last_finished_at: Option<Millis>,
    /// Addresses asked in the last sweep, and how many answered.
    pub last_asked: i64,
    pub last_found: i64,
    pub last_error: Option<String>,
    /// person, config, neighbor
    pub origin: String,
    pub results: i64,
}

impl RangeRow {
    /// A sweep is under way.
    pub fn is_running(&self) -> bool {
        self.last_started_at.is_some_and(|s| self.last_finished_at.is_none_or(|f| f < s))
    }
}

/// A credential as people may see it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CredentialRow {
    pub id: CredentialId,
    pub name: String,
    /// SNMP version: 1, 2c, 3
    pub version: String,
    pub created_at: Millis,
    /// Devices that answered to it.
    pub devices: i64,
}

/// What one address answered.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ResultRow {
    pub range: RangeId,
    pub cidr: String,
    pub address: String,
    pub port: i64,
    pub at: Millis,
    /// device, ping-only, refused
    pub outcome: String,
    /// What was tried, in order; the last one is where it ended.
    pub steps: Vec<String>,
    pub device: Option<DeviceId>,
    pub device_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResultFilter {
    pub range: Option<RangeId>,
    /// device, ping-only, refused; empty: all.
    pub outcome: String,
}

#[derive(sqlx::FromRow)]
struct RawRange {
    id: i64,
    site_id: i64,
    site_name: String,
    cidr: String,
    port: i64,
    credential_id: Option<i64>,
    credential_name: Option<String>,
    enabled: i64,
    scan_wanted: i64,
    last_started_at: Option<i64>,
    last_finished_at: Option<i64>,
    last_asked: i64,
    last_found: i64,
    last_error: Option<String>,
    origin: String,
    results: i64,
}

#[derive(sqlx::FromRow)]
struct RawResult {
    range_id: i64,
    cidr: String,
    address: String,
    port: i64,
    at: i64,
    outcome: String,
    steps: String,
    device_id: Option<i64>,
    device_name: Option<String>,
}

pub async fn ranges(db: &Db) -> Result<Vec<RangeRow>> {
    let raw: Vec<RawRange> = on_db!(db, |p| {
        sqlx::query_as(
            "SELECT r.id, r.site_id, s.name AS site_name, r.cidr, r.port, r.credential_id, c.name AS credential_name, \
             r.enabled, r.scan_wanted, r.last_started_at, r.last_finished_at, r.last_asked, r.last_found, r.last_error, \
             r.origin, (SELECT count(*) FROM discovery_result x WHERE x.range_id = r.id) AS results \
             FROM scan_range r JOIN site s ON s.id = r.site_id LEFT JOIN credential c ON c.id = r.credential_id \
             ORDER BY s.name, r.cidr, r.port",
        )
        .fetch_all(p)
        .await
    })?;
    Ok(raw
        .into_iter()
        .map(|r| RangeRow {
            id: RangeId(r.id),
            site: SiteId(r.site_id),
            site_name: r.site_name,
            cidr: r.cidr,
            port: r.port,
            credential: r.credential_id.map(CredentialId),
            credential_name: r.credential_name,
            enabled: r.enabled == 1,
            scan_wanted: r.scan_wanted == 1,
            last_started_at: r.last_started_at.map(Millis),
            last_finished_at: r.last_finished_at.map(Millis),
            last_asked: r.last_asked,
            last_found: r.last_found,
            last_error: r.last_error,
            origin: r.origin,
            results: r.results,
        })
        .collect())
}

pub async fn credentials(db: &Db) -> Result<Vec<CredentialRow>> {
    let raw: Vec<(i64, String, String, i64, i64)> = on_db!(db, |p| {
        sqlx::query_as(
            "SELECT c.id, c.name, c.version, c.created_at, \
             (SELECT count(*) FROM device d WHERE d.credential_id = c.id AND d.lifecycle = 'active') \
             FROM credential c ORDER BY c.name",
        )
        .fetch_all(p)
        .await
    })?;
    Ok(raw
        .into_iter()
        .map(|(id, name, version, created_at, devices)| CredentialRow {
            id: CredentialId(id),
            name,
            version,
            created_at: Millis(created_at),
            devices,
        })
        .collect())
}

const RESULTS: &str = "FROM discovery_result x JOIN scan_range r ON r.id = x.range_id \
     LEFT JOIN device d ON d.id = x.device_id WHERE ($1 = 0 OR x.range_id = $1) AND ($2 = '' OR x.outcome = $2)";

/// Newest first: results as they come.
pub async fn results(db: &Db, filter: &ResultFilter, paging: Paging) -> Result<Listed<ResultRow>> {
    let range = filter.range.map_or(0, |r| r.0);
    let sql = format!(
        "SELECT x.range_id, r.cidr, x.address, x.port, x.at, x.outcome, x.steps, x.device_id, d.name AS device_name \
         {RESULTS} ORDER BY x.at DESC, x.range_id, x.address LIMIT $3 OFFSET $4"
    );
    let raw: Vec<RawResult> = on_db!(db, |p| {
        sqlx::query_as(AssertSqlSafe(sql))
            .bind(range)
            .bind(filter.outcome.clone())
            .bind(paging.per_page)
            .bind(paging.offset())
            .fetch_all(p)
            .await
    })?;
    let sql = format!("SELECT count(*) {RESULTS}");
    let total = on_db!(db, |p| {
        sqlx::query_scalar(AssertSqlSafe(sql)).bind(range).bind(filter.outcome.clone()).fetch_one(p).await
    })?;
    Ok(Listed { rows: raw.into_iter().map(result).collect(), total })
}

/// How many results have each outcome.
pub async fn outcomes(db: &Db, range: Option<RangeId>) -> Result<Vec<(String, i64)>> {
    let range = range.map_or(0, |r| r.0);
    Ok(on_db!(db, |p| {
        sqlx::query_as(
            "SELECT outcome, count(*) FROM discovery_result WHERE ($1 = 0 OR range_id = $1) GROUP BY outcome \
             ORDER BY outcome",
        )
        .bind(range)
        .fetch_all(p)
        .await
    })?)
}

fn result(r: RawResult) -> ResultRow {
    // An old or hand-made row may hold plain text: shown as one step.
    let steps = serde_json::from_str(&r.steps).unwrap_or_else(|_| vec![r.steps]);
    ResultRow {
        range: RangeId(r.range_id),
        cidr: r.cidr,
        address: r.address,
        port: r.port,
        at: Millis(r.at),
        outcome: r.outcome,
        steps,
        device: r.device_id.map(DeviceId),
        device_name: r.device_name,
    }
}
