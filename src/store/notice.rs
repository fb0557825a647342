//! What is told of failures: groups of a branch that gather, and those that were released.

use super::{Db, Result, Tx, execute, on_db, on_tx};
use crate::model::{Millis, SiteId, TicketId};

/// What a line says of its ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Failed,
    /// It was well, and failed again.
    Again,
    Well,
}

impl Said {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Again => "again",
            Self::Well => "well",
        }
    }
}

/// The group of a branch that still gathers.
pub async fn gathering(tx: &mut Tx, site: SiteId) -> Result<Option<i64>> {
    let sql = "SELECT id FROM notice_group WHERE site_id = $1 AND released_at IS NULL";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.0).fetch_optional(c).await?))
}

pub async fn open(tx: &mut Tx, site: SiteId, now: Millis, due: Millis) -> Result<i64> {
    let sql = "INSERT INTO notice_group (site_id, opened_at, due_at) VALUES ($1, $2, $3) RETURNING id";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.0).bind(now.0).bind(due.0).fetch_one(c).await?))
}

pub async fn last_released(tx: &mut Tx, site: SiteId) -> Result<Option<Millis>> {
    let sql = "SELECT MAX(released_at) FROM notice_group WHERE site_id = $1";
    let at: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.0).fetch_one(c).await?);
    Ok(at.map(Millis))
}

/// The last word on a ticket that was released, and the one that gathers.
pub async fn said(tx: &mut Tx, ticket: TicketId) -> Result<(Option<String>, Option<String>)> {
    let sql = "SELECT l.said, CAST(CASE WHEN g.released_at IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM notice_line l \
               JOIN notice_group g ON g.id = l.group_id WHERE l.ticket_id = $1 ORDER BY l.id";
    let rows: Vec<(String, i64)> = on_tx!(tx, |c| sqlx::query_as(sql).bind(ticket.0).fetch_all(c).await?);
    let last = |released: i64| rows.iter().rev().find(|(_, r)| *r == released).map(|(said, _)| said.clone());
    Ok((last(1), last(0)))
}

pub async fn say(tx: &mut Tx, group: i64, ticket: TicketId, said: Said, now: Millis) -> Result<()> {
    let sql = "INSERT INTO notice_line (group_id, ticket_id, said, at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (group_id, ticket_id) DO UPDATE SET said = excluded.said, at = excluded.at";
    execute!(tx, sql, group, ticket.0, said.as_str(), now.0);
    Ok(())
}

/// What was not released yet is not said.
pub async fn unsay(tx: &mut Tx, ticket: TicketId) -> Result<()> {
    let sql = "DELETE FROM notice_line WHERE ticket_id = $1 \
               AND group_id IN (SELECT id FROM notice_group WHERE released_at IS NULL)";
    execute!(tx, sql, ticket.0);
    Ok(())
}

/// Groups that are due go out; those with nothing left to say vanish. Their numbers.
pub async fn release(tx: &mut Tx, now: Millis) -> Result<Vec<i64>> {
    let empty = "DELETE FROM notice_group WHERE released_at IS NULL AND due_at <= $1 \
                 AND NOT EXISTS (SELECT 1 FROM notice_line l WHERE l.group_id = notice_group.id)";
    execute!(tx, empty, now.0);
    let sql = "UPDATE notice_group SET released_at = $1 WHERE released_at IS NULL AND due_at <= $1 RETURNING id";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(now.0).fetch_all(c).await?))
}

/// A line of a released group, with what people need to know.
#[derive(Debug, Clone, PartialEq, serde::Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Line {
    pub group_id: i64,
    pub site_id: i64,
    pub site_name: String,
    pub released_at: i64,
    pub ticket_id: i64,
    /// failed, again, well
    pub said: String,
    pub title: String,
    pub priority: i64,
    pub device_id: Option<i64>,
    /// Devices that are not heard because this one is silent.
    pub hidden: i64,
}

/// Lines of the groups released after a number, in order; whole groups, at most so many.
pub async fn released(db: &Db, after: i64, groups: i64) -> Result<Vec<Line>> {
    let sql = "SELECT g.id AS group_id, g.site_id, s.name AS site_name, g.released_at, l.ticket_id, l.said, t.title, \
               t.priority, t.device_id, (SELECT COUNT(*) FROM hidden h WHERE h.parent_id = t.device_id \
               AND h.until IS NULL AND t.class = 'down') AS hidden FROM notice_group g JOIN site s ON s.id = g.site_id \
               JOIN notice_line l ON l.group_id = g.id JOIN ticket t ON t.id = l.ticket_id \
               WHERE g.id IN (SELECT id FROM notice_group WHERE id > $1 AND released_at IS NOT NULL ORDER BY id LIMIT $2) \
               ORDER BY g.id, t.priority, l.id";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(after).bind(groups).fetch_all(p).await?))
}
