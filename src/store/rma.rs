//! Repairs at service centres: one row a case, every step a line beside it.

use super::{Db, Result, StoreError, Tx, execute, on_db, on_tx};
use crate::model::{
    AssetId, AssetState, CentreId, Millis, Minor, PaidBy, Rma, RmaId, RmaState, SiteId, TicketId, TicketStatus,
};

pub(super) const SELECT: &str = "SELECT r.id, r.number, r.asset_id, r.site_id, r.ticket_id, r.centre_id, r.state, r.paid_by, \
     r.fault, r.pages, r.request_number, r.tracking, r.sent_on, r.promised_on, r.returned_on, r.outcome, r.outcome_note, \
     r.old_serial, r.new_serial, r.cost, r.loaner_id, r.extended_days, r.asset_state, r.ticket_status, r.reminded_on, \
     r.created_at, r.created_by, r.closed_at FROM rma r";

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: i64,
    number: String,
    asset_id: i64,
    site_id: i64,
    ticket_id: Option<i64>,
    centre_id: Option<i64>,
    state: String,
    paid_by: String,
    fault: String,
    pages: Option<i64>,
    request_number: String,
    tracking: String,
    sent_on: Option<String>,
    promised_on: Option<String>,
    returned_on: Option<String>,
    outcome: Option<String>,
    outcome_note: String,
    old_serial: Option<String>,
    new_serial: Option<String>,
    cost: Option<i64>,
    loaner_id: Option<i64>,
    extended_days: i64,
    asset_state: String,
    ticket_status: Option<String>,
    reminded_on: Option<String>,
    created_at: i64,
    created_by: String,
    closed_at: Option<i64>,
}

impl Row {
    pub(super) fn rma(self) -> Result<Rma> {
        let bad = |column, value: &str| StoreError::Inconsistent {
            table: "rma",
            column,
            row: self.id,
            value: value.to_owned(),
        };
        let day = |column, text: &Option<String>| match text {
            Some(t) => t.parse().map(Some).map_err(|_| bad(column, t)),
            None => Ok(None),
        };
        let (sent_on, promised_on) = (day("sent_on", &self.sent_on)?, day("promised_on", &self.promised_on)?);
        let (returned_on, reminded_on) =
            (day("returned_on", &self.returned_on)?, day("reminded_on", &self.reminded_on)?);
        Ok(Rma {
            state: RmaState::parse(&self.state).ok_or_else(|| bad("state", &self.state))?,
            paid_by: PaidBy::parse(&self.paid_by).ok_or_else(|| bad("paid_by", &self.paid_by))?,
            asset_state: AssetState::parse(&self.asset_state).ok_or_else(|| bad("asset_state", &self.asset_state))?,
            outcome: self.outcome.as_deref().and_then(RmaState::parse),
            ticket_status: self.ticket_status.as_deref().and_then(TicketStatus::parse),
            id: RmaId(self.id),
            number: self.number,
            asset: AssetId(self.asset_id),
            site: SiteId(self.site_id),
            ticket: self.ticket_id.map(TicketId),
            centre: self.centre_id.map(CentreId),
            fault: self.fault,
            pages: self.pages,
            request_number: self.request_number,
            tracking: self.tracking,
            sent_on,
            promised_on,
            returned_on,
            outcome_note: self.outcome_note,
            old_serial: self.old_serial,
            new_serial: self.new_serial,
            cost: self.cost.map(Minor),
            loaner: self.loaner_id.map(AssetId),
            extended_days: self.extended_days,
            reminded_on,
            created_at: Millis(self.created_at),
            created_by: self.created_by,
            closed_at: self.closed_at.map(Millis),
        })
    }
}

pub async fn load(tx: &mut Tx, id: RmaId) -> Result<Option<Rma>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE r.id = $1"));
    let row: Option<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_optional(c).await?);
    row.map(Row::rma).transpose()
}

/// The open case of an asset.
pub async fn open_of(tx: &mut Tx, asset: AssetId) -> Result<Option<RmaId>> {
    let sql = "SELECT id FROM rma WHERE asset_id = $1 AND state NOT IN ('closed', 'cancelled')";
    let id: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(asset.0).fetch_optional(c).await?);
    Ok(id.map(RmaId))
}

/// The open case in which an asset stands in for another.
pub async fn lent_in(tx: &mut Tx, loaner: AssetId) -> Result<Option<RmaId>> {
    let sql = "SELECT id FROM rma WHERE loaner_id = $1 AND state NOT IN ('closed', 'cancelled')";
    let id: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(loaner.0).fetch_optional(c).await?);
    Ok(id.map(RmaId))
}

/// Cases whose promised day has passed and of which nobody was reminded today.
pub async fn late(tx: &mut Tx, today: &str) -> Result<Vec<Rma>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE r.state NOT IN ('returned', 'closed', 'cancelled') AND r.promised_on < $1 \
         AND coalesce(r.reminded_on, '') < $1 ORDER BY r.id"
    ));
    let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(today).fetch_all(c).await?);
    rows.into_iter().map(Row::rma).collect()
}

/// "R-2026-0001"; a number is never given twice.
pub async fn next_number(tx: &mut Tx, year: i16) -> Result<String> {
    let sql = "INSERT INTO counter (name, value) VALUES ($1, 1) \
               ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value";
    let n: i64 = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(format!("rma/{year}")).fetch_one(c).await?);
    Ok(format!("R-{year}-{n:04}"))
}

pub async fn add(tx: &mut Tx, r: &Rma) -> Result<RmaId> {
    let sql = "INSERT INTO rma (number, asset_id, site_id, ticket_id, centre_id, state, paid_by, fault, pages, asset_state, \
               ticket_status, old_serial, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
               $13, $14) RETURNING id";
    let id: i64 = on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(&r.number)
            .bind(r.asset.0)
            .bind(r.site.0)
            .bind(r.ticket.map(|t| t.0))
            .bind(r.centre.map(|t| t.0))
            .bind(r.state.as_str())
            .bind(r.paid_by.as_str())
            .bind(&r.fault)
            .bind(r.pages)
            .bind(r.asset_state.as_str())
            .bind(r.ticket_status.map(TicketStatus::as_str))
            .bind(&r.old_serial)
            .bind(r.created_at.0)
            .bind(&r.created_by)
            .fetch_one(c)
            .await?
    });
    Ok(RmaId(id))
}

/// Writes what steps and papers change.
pub async fn save(tx: &mut Tx, r: &Rma) -> Result<()> {
    let sql = "UPDATE rma SET centre_id = $2, state = $3, request_number = $4, tracking = $5, sent_on = $6, promised_on = $7, \
               returned_on = $8, outcome = $9, outcome_note = $10, new_serial = $11, cost = $12, loaner_id = $13, \
               extended_days = $14, ticket_status = $15, reminded_on = $16, closed_at = $17, asset_state = $18 WHERE id = $1";
    let day = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string());
    execute!(
        tx,
        sql,
        r.id.0,
        r.centre.map(|c| c.0),
        r.state.as_str(),
        &r.request_number,
        &r.tracking,
        day(r.sent_on),
        day(r.promised_on),
        day(r.returned_on),
        r.outcome.map(RmaState::as_str),
        &r.outcome_note,
        &r.new_serial,
        r.cost.map(|c| c.0),
        r.loaner.map(|l| l.0),
        r.extended_days,
        r.ticket_status.map(TicketStatus::as_str),
        day(r.reminded_on),
        r.closed_at.map(|c| c.0),
        r.asset_state.as_str(),
    );
    Ok(())
}

pub async fn add_event(tx: &mut Tx, id: RmaId, author: &str, kind: &str, body: &str, now: Millis) -> Result<()> {
    let sql = "INSERT INTO rma_event (rma_id, at, author, kind, body) VALUES ($1, $2, $3, $4, $5)";
    execute!(tx, sql, id.0, now.0, author, kind, body);
    Ok(())
}

/// Costs of an asset's cases with the moment they were opened, cancelled ones left out.
pub async fn costs(db: &Db, asset: AssetId, but: RmaId) -> Result<Vec<(Millis, Option<Minor>)>> {
    let sql = "SELECT created_at, cost FROM rma WHERE asset_id = $1 AND id <> $2 AND state <> 'cancelled' ORDER BY id";
    let rows: Vec<(i64, Option<i64>)> =
        on_db!(db, |p| sqlx::query_as(sql).bind(asset.0).bind(but.0).fetch_all(p).await?);
    Ok(rows.into_iter().map(|(at, cost)| (Millis(at), cost.map(Minor))).collect())
}

/// The page counter of a device.
pub async fn page_count(tx: &mut Tx, device: crate::model::DeviceId) -> Result<Option<i64>> {
    let sql = "SELECT page_count FROM device WHERE id = $1";
    let found: Option<Option<i64>> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(device.0).fetch_optional(c).await?);
    Ok(found.flatten())
}

/// What the newest line of this kind says.
pub async fn last_event(tx: &mut Tx, id: RmaId, kind: &str) -> Result<Option<String>> {
    let sql = "SELECT body FROM rma_event WHERE rma_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(id.0).bind(kind).fetch_optional(c).await?))
}
