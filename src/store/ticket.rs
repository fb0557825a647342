//! Tickets: one open per (device, class, component), with everything that was said on them.

use super::{Result, StoreError, Tx, execute, on_tx};
use crate::model::{DeviceId, Millis, ProblemClass, ProblemKey, SiteId, Ticket, TicketId, TicketStatus};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    site_id: i64,
    device_id: Option<i64>,
    class: String,
    component: String,
    title: String,
    status: String,
    priority: i64,
    touched: i64,
    opened_at: i64,
    resolved_at: Option<i64>,
}

const SELECT: &str = "SELECT id, site_id, device_id, class, component, title, status, priority, touched, opened_at, \
                      resolved_at FROM ticket";

impl Row {
    fn ticket(self) -> Result<Ticket> {
        let wrong = |column, value: &str| StoreError::Inconsistent {
            table: "ticket",
            column,
            row: self.id,
            value: value.to_owned(),
        };
        let class = ProblemClass::parse(&self.class).ok_or_else(|| wrong("class", &self.class))?;
        let status = TicketStatus::parse(&self.status).ok_or_else(|| wrong("status", &self.status))?;
        Ok(Ticket {
            id: TicketId(self.id),
            site: SiteId(self.site_id),
            device: self.device_id.map(DeviceId),
            problem: ProblemKey { class, component: self.component },
            title: self.title,
            status,
            priority: u8::try_from(self.priority).unwrap_or(5),
            touched: self.touched != 0,
            opened_at: Millis(self.opened_at),
            resolved_at: self.resolved_at.map(Millis),
        })
    }
}

pub async fn load(tx: &mut Tx, id: TicketId) -> Result<Option<Ticket>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1"));
    let row: Option<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_optional(c).await?);
    row.map(Row::ticket).transpose()
}

/// The newest ticket of this problem, open ones first.
pub async fn newest(tx: &mut Tx, device: DeviceId, problem: &ProblemKey) -> Result<Option<Ticket>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE device_id = $1 AND class = $2 AND component = $3 \
         ORDER BY CASE WHEN status IN ('resolved', 'closed', 'cancelled') THEN 1 ELSE 0 END, id DESC LIMIT 1"
    ));
    let row: Option<Row> = on_tx!(tx, |c| {
        sqlx::query_as(sql)
            .bind(device.0)
            .bind(problem.class.as_str())
            .bind(&problem.component)
            .fetch_optional(c)
            .await?
    });
    row.map(Row::ticket).transpose()
}

/// The newest ticket that concerns a branch as a whole.
pub async fn newest_of_site(tx: &mut Tx, site: SiteId, problem: &ProblemKey) -> Result<Option<Ticket>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE site_id = $1 AND device_id IS NULL AND class = $2 AND component = $3 \
         ORDER BY CASE WHEN status IN ('resolved', 'closed', 'cancelled') THEN 1 ELSE 0 END, id DESC LIMIT 1"
    ));
    let row: Option<Row> = on_tx!(tx, |c| {
        sqlx::query_as(sql).bind(site.0).bind(problem.class.as_str()).bind(&problem.component).fetch_optional(c).await?
    });
    row.map(Row::ticket).transpose()
}

/// Branches with an open ticket of the network as a whole, and its component.
pub async fn open_of_sites(tx: &mut Tx) -> Result<Vec<(SiteId, String)>> {
    let sql = "SELECT site_id, component FROM ticket WHERE device_id IS NULL AND class = 'network' \
               AND status NOT IN ('resolved', 'closed', 'cancelled') ORDER BY id";
    let rows: Vec<(i64, String)> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    Ok(rows.into_iter().map(|(site, component)| (SiteId(site), component)).collect())
}

/// The ticket is another one's matter. Whatever was merged into it goes along.
pub async fn merge(tx: &mut Tx, id: TicketId, into: Option<TicketId>, touched: bool, now: Millis) -> Result<()> {
    set_status(tx, id, TicketStatus::Cancelled, touched, now).await?;
    let into = into.map(|t| t.0);
    execute!(tx, "UPDATE ticket SET merged_into = $2 WHERE id = $1 OR merged_into = $1", id.0, into);
    Ok(())
}

/// Tickets of devices behind this one that were taken back before its own was open belong to it.
pub async fn adopt(tx: &mut Tx, parent: DeviceId, ticket: TicketId, since: Millis) -> Result<()> {
    let sql = "UPDATE ticket SET merged_into = $2 WHERE merged_into IS NULL AND status = 'cancelled' AND class = 'down' \
               AND resolved_at >= $3 AND touched = 0 \
               AND device_id IN (SELECT device_id FROM hidden WHERE parent_id = $1 AND until IS NULL)";
    execute!(tx, sql, parent.0, ticket.0, since.0);
    Ok(())
}

/// Open tickets of a device that no person has touched and nobody reported.
pub async fn open_of_device(tx: &mut Tx, device: DeviceId) -> Result<Vec<Ticket>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE device_id = $1 AND status NOT IN ('resolved', 'closed', 'cancelled') AND touched = 0 \
         AND class <> 'reported' ORDER BY id"
    ));
    let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(device.0).fetch_all(c).await?);
    rows.into_iter().map(Row::ticket).collect()
}

/// Opens a ticket; `None` when one with this key is open already.
pub async fn open(
    tx: &mut Tx,
    site: SiteId,
    device: Option<DeviceId>,
    problem: &ProblemKey,
    title: &str,
    priority: u8,
    now: Millis,
) -> Result<Option<TicketId>> {
    let sql = "INSERT INTO ticket (site_id, device_id, class, component, title, status, priority, opened_at, search) \
               VALUES ($1, $2, $3, $4, $5, 'new', $6, $7, $8) ON CONFLICT (device_id, class, component) \
               WHERE status NOT IN ('resolved', 'closed', 'cancelled') AND class <> 'reported' DO NOTHING RETURNING id";
    let id: Option<i64> = on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(site.0)
            .bind(device.map(|d| d.0))
            .bind(problem.class.as_str())
            .bind(&problem.component)
            .bind(title)
            .bind(i64::from(priority))
            .bind(now.0)
            .bind(title.to_lowercase())
            .fetch_optional(c)
            .await?
    });
    Ok(id.map(TicketId))
}

/// A new status. Resolved or closed sets the time it was resolved, open clears it; `touched`: a person did it.
pub async fn set_status(tx: &mut Tx, id: TicketId, status: TicketStatus, touched: bool, now: Millis) -> Result<()> {
    let sql = "UPDATE ticket SET status = $2, touched = CASE WHEN $3 = 1 THEN 1 ELSE touched END, \
               resolved_at = CASE WHEN $4 = 1 THEN NULL ELSE COALESCE(resolved_at, $5) END WHERE id = $1";
    execute!(tx, sql, id.0, status.as_str(), i64::from(touched), i64::from(status.is_open()), now.0);
    Ok(())
}

/// The problem came back soon: the same ticket goes on, as new.
pub async fn reopen(tx: &mut Tx, id: TicketId) -> Result<()> {
    let sql =
        "UPDATE ticket SET status = 'new', touched = 0, resolved_at = NULL, reopened = reopened + 1 WHERE id = $1";
    execute!(tx, sql, id.0);
    Ok(())
}

pub async fn touch(tx: &mut Tx, id: TicketId) -> Result<()> {
    execute!(tx, "UPDATE ticket SET touched = 1 WHERE id = $1", id.0);
    Ok(())
}

pub async fn set_priority(tx: &mut Tx, id: TicketId, priority: u8) -> Result<()> {
    execute!(tx, "UPDATE ticket SET priority = $2, touched = 1 WHERE id = $1", id.0, i64::from(priority));
    Ok(())
}

/// What clocks are made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Life {
    pub id: TicketId,
    pub site: SiteId,
    pub device: Option<DeviceId>,
    pub priority: u8,
    pub opened_at: Millis,
    pub events: Vec<LifeEvent>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LifeEvent {
    pub at: Millis,
    pub author: String,
    pub kind: String,
    pub body: String,
}

/// The lives of all open tickets, with the events that clocks care about.
pub async fn open_lives(tx: &mut Tx) -> Result<Vec<Life>> {
    let sql =
        sqlx::AssertSqlSafe(format!("{SELECT} WHERE status NOT IN ('resolved', 'closed', 'cancelled') ORDER BY id"));
    let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    let mut lives = Vec::with_capacity(rows.len());
    for t in rows.into_iter().map(Row::ticket) {
        let Ticket { id, site, device, priority, opened_at, .. } = t?;
        lives.push(Life { id, site, device, priority, opened_at, events: Vec::new() });
    }
    // What was said is counted, never read.
    let sql = "SELECT e.ticket_id, e.at, e.author, e.kind, CASE WHEN e.kind IN ('comment', 'note') THEN '' ELSE e.body \
               END FROM ticket_event e JOIN ticket t ON t.id = e.ticket_id \
               WHERE t.status NOT IN ('resolved', 'closed', 'cancelled') ORDER BY e.ticket_id, e.at, e.id";
    let events: Vec<(i64, i64, String, String, String)> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    for (ticket, at, author, kind, body) in events {
        if let Ok(i) = lives.binary_search_by_key(&ticket, |l| l.id.0) {
            lives[i].events.push(LifeEvent { at: Millis(at), author, kind, body });
        }
    }
    Ok(lives)
}

/// `kind`: opened, note, comment, status, priority, escalated.
pub async fn add_event(tx: &mut Tx, id: TicketId, author: &str, kind: &str, body: &str, now: Millis) -> Result<()> {
    let sql = "INSERT INTO ticket_event (ticket_id, at, author, kind, body) VALUES ($1, $2, $3, $4, $5)";
    execute!(tx, sql, id.0, now.0, author, kind, body);
    Ok(())
}
