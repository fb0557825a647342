//! Repairs: the list by where the thing is, one case with its steps, those of an asset or a ticket.

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::super::rma::{Row, SELECT};
use crate::model::{AssetEvent, AssetId, Millis, Rma, RmaId, SiteId, TicketId};
use crate::store::{Db, Result, on_db};

/// A case with the names of what it refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RmaRow {
    pub rma: Rma,
    /// Maker, model and number of the asset.
    pub asset_name: String,
    pub site_name: String,
    pub centre_name: Option<String>,
    pub centre_phone: Option<String>,
    pub loaner_name: Option<String>,
}

/// Most cases of one answer.
const MOST: i64 = 1_000;

type Names = (i64, String, String, Option<String>, Option<String>, Option<String>);

async fn named(db: &Db, condition: &str, value: i64) -> Result<Vec<RmaRow>> {
    let sql = format!("{SELECT} WHERE {condition} ORDER BY r.id DESC LIMIT {MOST}");
    let rows: Vec<Row> = on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).bind(value).fetch_all(p).await?);
    let title =
        |t: &str| format!("trim({t}.vendor || ' ' || {t}.model || ' ' || coalesce({t}.inventory, {t}.serial, ''))");
    let sql = format!(
        "SELECT r.id, {}, s.name, c.name, c.phone, CASE WHEN l.id IS NULL THEN NULL ELSE {} END FROM rma r \
         JOIN asset a ON a.id = r.asset_id JOIN site s ON s.id = r.site_id LEFT JOIN service_centre c ON c.id = r.centre_id \
         LEFT JOIN asset l ON l.id = r.loaner_id WHERE {condition} ORDER BY r.id DESC LIMIT {MOST}",
        title("a"),
        title("l")
    );
    let names: Vec<Names> = on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).bind(value).fetch_all(p).await?);
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let rma = row.rma()?;
        let Some((_, asset_name, site_name, centre_name, centre_phone, loaner_name)) =
            names.iter().find(|n| n.0 == rma.id.0).cloned()
        else {
            continue;
        };
        found.push(RmaRow { rma, asset_name, site_name, centre_name, centre_phone, loaner_name });
    }
    Ok(found)
}

/// Cases of a branch (or all), the newest first; `open`: only those that go on.
pub async fn list(db: &Db, site: Option<SiteId>, open: bool) -> Result<Vec<RmaRow>> {
    let state = if open { "r.state NOT IN ('closed', 'cancelled')" } else { "r.state IN ('closed', 'cancelled')" };
    named(db, &format!("{state} AND ($1 = 0 OR r.site_id = $1)"), site.map_or(0, |s| s.0)).await
}

pub async fn one(db: &Db, id: RmaId) -> Result<Option<RmaRow>> {
    Ok(named(db, "r.id = $1", id.0).await?.into_iter().next())
}

pub async fn of_asset(db: &Db, asset: AssetId) -> Result<Vec<RmaRow>> {
    named(db, "r.asset_id = $1", asset.0).await
}

pub async fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<RmaRow>> {
    named(db, "r.ticket_id = $1", ticket.0).await
}

/// Steps and words, the newest first; what only the program reads is left out.
pub async fn events(db: &Db, id: RmaId) -> Result<Vec<AssetEvent>> {
    let sql = "SELECT at, author, kind, body FROM rma_event WHERE rma_id = $1 AND kind <> 'loaner-home' \
               ORDER BY at DESC, id DESC";
    let rows: Vec<(i64, String, String, String)> = on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_all(p).await?);
    Ok(rows.into_iter().map(|(at, author, kind, body)| AssetEvent { at: Millis(at), author, kind, body }).collect())
}

/// Assets that may stand in: in stock or in use, not lent, of the same branch; those in stock first.
pub async fn free(db: &Db, site: SiteId, but: AssetId) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT a.id, trim(a.vendor || ' ' || a.model || ' ' || coalesce(a.inventory, a.serial, '')) FROM asset a \
               WHERE a.site_id = $1 AND a.id <> $2 AND a.state = 'in-stock' AND NOT EXISTS (SELECT 1 FROM rma r \
               WHERE r.loaner_id = a.id AND r.state NOT IN ('closed', 'cancelled')) \
               ORDER BY CASE WHEN a.kind = (SELECT kind FROM asset WHERE id = $2) THEN 0 ELSE 1 END, a.id LIMIT 200";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(site.0).bind(but.0).fetch_all(p).await?))
}
