//! Tickets: the list with its filters, one ticket with its timeline.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{Listed, Paging, like};
use crate::model::{DeviceId, Millis, ProblemClass, SiteId, TicketId, TicketStatus};
use crate::store::{Db, Result, StoreError, hidden, on_db};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TicketRow {
    pub id: TicketId,
    pub site: SiteId,
    pub site_name: String,
    pub device: Option<DeviceId>,
    pub device_name: Option<String>,
    pub location: Option<String>,
    pub class: ProblemClass,
    pub component: String,
    pub title: String,
    pub status: TicketStatus,
    /// 1 (branch stopped) to 5.
    pub priority: i64,
    /// A person took it.
    pub touched: bool,
    pub opened_at: Millis,
    pub resolved_at: Option<Millis>,
    pub reopened: i64,
    /// The ticket whose matter it is.
    pub merged_into: Option<TicketId>,
}

/// A device that was silent because the ticket's device was.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct HiddenRow {
    pub device: DeviceId,
    pub name: String,
    pub location: Option<String>,
    pub since: Millis,
    /// `None`: it still is.
    pub until: Option<Millis>,
}

/// A ticket that was merged into this one.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MergedRow {
    pub ticket: TicketId,
    pub title: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TicketEventRow {
    pub at: Millis,
    /// Login, or 'anykey'.
    pub author: String,
    /// opened, note, comment, status, priority, escalated, merged, merged-in
    pub kind: String,
    pub body: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TicketDetail {
    pub ticket: TicketRow,
    pub events: Vec<TicketEventRow>,
    /// Of a device that does not answer: what was hidden behind it, at most 500.
    pub hidden: Vec<HiddenRow>,
    pub merged: Vec<MergedRow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TicketState {
    #[default]
    Open,
    /// Resolved, closed, cancelled.
    Done,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TicketSort {
    /// Worst, then oldest first: what to take next.
    #[default]
    Priority,
    Opened,
    Title,
    Device,
    Status,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TicketFilter {
    pub state: TicketState,
    pub site: Option<SiteId>,
    pub device: Option<DeviceId>,
    /// Words of title, device, component.
    pub search: String,
    pub sort: TicketSort,
    pub descending: bool,
}

#[derive(sqlx::FromRow)]
struct Raw {
    id: i64,
    site_id: i64,
    site_name: String,
    device_id: Option<i64>,
    device_name: Option<String>,
    location: Option<String>,
    class: String,
    component: String,
    title: String,
    status: String,
    priority: i64,
    touched: i64,
    opened_at: i64,
    resolved_at: Option<i64>,
    reopened: i64,
    merged_into: Option<i64>,
}

const SELECT: &str = "SELECT t.id, t.site_id, s.name AS site_name, t.device_id, d.name AS device_name, d.location, t.class, \
     t.component, t.title, t.status, t.priority, t.touched, t.opened_at, t.resolved_at, t.reopened, t.merged_into \
     FROM ticket t JOIN site s ON s.id = t.site_id LEFT JOIN device d ON d.id = t.device_id";

fn condition(state: TicketState) -> String {
    let state = match state {
        TicketState::Open => "t.status NOT IN ('resolved', 'closed', 'cancelled')",
        TicketState::Done => "t.status IN ('resolved', 'closed', 'cancelled')",
        TicketState::All => "1 = 1",
    };
    format!(
        "{state} AND ($1 = 0 OR t.site_id = $1) AND ($2 = 0 OR t.device_id = $2) \
         AND ($3 = '' OR t.search LIKE $3 ESCAPE '\\' OR d.search LIKE $3 ESCAPE '\\')"
    )
}

fn order(filter: &TicketFilter) -> &'static str {
    match (filter.sort, filter.descending, filter.state) {
        (TicketSort::Priority, false, TicketState::Done) => "t.resolved_at DESC, t.id DESC",
        (TicketSort::Priority, false, _) => "t.priority, t.opened_at, t.id",
        (TicketSort::Priority, true, _) => "t.priority DESC, t.opened_at, t.id",
        (TicketSort::Opened, false, _) => "t.opened_at, t.id",
        (TicketSort::Opened, true, _) => "t.opened_at DESC, t.id DESC",
        (TicketSort::Title, false, _) => "t.title, t.id",
        (TicketSort::Title, true, _) => "t.title DESC, t.id DESC",
        (TicketSort::Device, false, _) => "coalesce(d.name, ''), t.id",
        (TicketSort::Device, true, _) => "coalesce(d.name, '') DESC, t.id DESC",
        (TicketSort::Status, false, _) => "t.status, t.priority, t.id",
        (TicketSort::Status, true, _) => "t.status DESC, t.priority, t.id",
    }
}

pub async fn list(db: &Db, filter: &TicketFilter, paging: Paging) -> Result<Listed<TicketRow>> {
    let where_ = condition(filter.state);
    let sql = format!("{SELECT} WHERE {where_} ORDER BY {} LIMIT $4 OFFSET $5", order(filter));
    let search = if filter.search.trim().is_empty() { String::new() } else { like(&filter.search) };
    let (site, device) = (filter.site.map_or(0, |s| s.0), filter.device.map_or(0, |d| d.0));
    let raw: Vec<Raw> = on_db!(db, |p| {
        sqlx::query_as(AssertSqlSafe(sql))
            .bind(site)
            .bind(device)
            .bind(search)
            .bind(paging.per_page)
            .bind(paging.offset())
            .fetch_all(p)
            .await
    })?;
    let total = count(db, filter).await?;
    Ok(Listed { rows: raw.into_iter().map(row).collect::<Result<_>>()?, total })
}

pub async fn one(db: &Db, id: TicketId) -> Result<Option<TicketDetail>> {
    let sql = format!("{SELECT} WHERE t.id = $1");
    let raw: Option<Raw> = on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).bind(id.0).fetch_optional(p).await)?;
    let Some(raw) = raw else { return Ok(None) };
    let events: Vec<(i64, String, String, String)> = on_db!(db, |p| {
        sqlx::query_as("SELECT at, author, kind, body FROM ticket_event WHERE ticket_id = $1 ORDER BY at, id")
            .bind(id.0)
            .fetch_all(p)
            .await
    })?;
    let events = events
        .into_iter()
        .map(|(at, author, kind, body)| TicketEventRow { at: Millis(at), author, kind, body })
        .collect();
    let ticket = row(raw)?;
    let hidden = match ticket.device.filter(|_| ticket.class == ProblemClass::Down) {
        Some(device) => hidden_behind(db, device, &ticket).await?,
        None => Vec::new(),
    };
    let merged: Vec<(i64, String)> = on_db!(db, |p| {
        sqlx::query_as("SELECT id, title FROM ticket WHERE merged_into = $1 ORDER BY id").bind(id.0).fetch_all(p).await
    })?;
    let merged = merged.into_iter().map(|(id, title)| MergedRow { ticket: TicketId(id), title }).collect();
    Ok(Some(TicketDetail { ticket, events, hidden, merged }))
}

/// Silence was believed a little after it began.
const BEFORE_OPENING: i64 = 30 * Millis::MINUTE;
const MOST_HIDDEN: i64 = 500;

async fn hidden_behind(db: &Db, device: DeviceId, ticket: &TicketRow) -> Result<Vec<HiddenRow>> {
    let from = ticket.opened_at.plus(-BEFORE_OPENING);
    let to = ticket.resolved_at.unwrap_or(Millis(i64::MAX));
    let rows = hidden::behind(db, device, from, to, MOST_HIDDEN).await?;
    let row = |h: hidden::Hidden| HiddenRow {
        device: DeviceId(h.device_id),
        name: h.name,
        location: h.location,
        since: Millis(h.since),
        until: h.until.map(Millis),
    };
    Ok(rows.into_iter().map(row).collect())
}

fn row(r: Raw) -> Result<TicketRow> {
    let bad =
        |column, value: &str| StoreError::Inconsistent { table: "ticket", column, row: r.id, value: value.to_owned() };
    Ok(TicketRow {
        id: TicketId(r.id),
        site: SiteId(r.site_id),
        class: ProblemClass::parse(&r.class).ok_or_else(|| bad("class", &r.class))?,
        status: TicketStatus::parse(&r.status).ok_or_else(|| bad("status", &r.status))?,
        site_name: r.site_name,
        device: r.device_id.map(DeviceId),
        device_name: r.device_name,
        location: r.location,
        component: r.component,
        title: r.title,
        priority: r.priority,
        touched: r.touched == 1,
        opened_at: Millis(r.opened_at),
        resolved_at: r.resolved_at.map(Millis),
        reopened: r.reopened,
        merged_into: r.merged_into.map(TicketId),
    })
}

/// What clocks are made of, of some tickets.
pub async fn histories(db: &Db, tickets: &[TicketId]) -> Result<HashMap<TicketId, Vec<TicketEventRow>>> {
    let mut found: HashMap<TicketId, Vec<TicketEventRow>> = HashMap::new();
    if tickets.is_empty() {
        return Ok(found);
    }
    let ids: Vec<String> = tickets.iter().map(|t| t.0.to_string()).collect();
    let sql = format!(
        "SELECT ticket_id, at, author, kind, CASE WHEN kind = 'comment' THEN '' ELSE body END FROM ticket_event \
         WHERE ticket_id IN ({}) AND kind IN ('status', 'comment', 'priority') ORDER BY at, id",
        ids.join(", ")
    );
    let rows: Vec<(i64, i64, String, String, String)> =
        on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).fetch_all(p).await)?;
    for (ticket, at, author, kind, body) in rows {
        found.entry(TicketId(ticket)).or_default().push(TicketEventRow { at: Millis(at), author, kind, body });
    }
    Ok(found)
}

/// How many the filter leaves.
pub async fn count(db: &Db, filter: &TicketFilter) -> Result<i64> {
    let search = if filter.search.trim().is_empty() { String::new() } else { like(&filter.search) };
    let (site, device) = (filter.site.map_or(0, |s| s.0), filter.device.map_or(0, |d| d.0));
    let sql = format!(
        "SELECT count(*) FROM ticket t LEFT JOIN device d ON d.id = t.device_id WHERE {}",
        condition(filter.state)
    );
    Ok(on_db!(db, |p| {
        sqlx::query_scalar(AssertSqlSafe(sql)).bind(site).bind(device).bind(search).fetch_one(p).await
    })?)
}

/// Tickets that were open in a period, or opened in it, in the order they were opened.
pub async fn between(db: &Db, site: Option<SiteId>, from: Millis, to: Millis) -> Result<Vec<TicketRow>> {
    let sql = format!(
        "{SELECT} WHERE t.opened_at < $3 AND (t.resolved_at IS NULL OR t.resolved_at >= $2) AND ($1 = 0 OR t.site_id = $1) \
         ORDER BY t.opened_at, t.id"
    );
    let site = site.map_or(0, |s| s.0);
    let raw: Vec<Raw> =
        on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).bind(site).bind(from.0).bind(to.0).fetch_all(p).await)?;
    raw.into_iter().map(row).collect()
}
