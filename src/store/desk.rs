//! Files of tickets, links between them, notes of what helps and the steps that were tried.

use serde::Serialize;

use super::{Db, Result, StoreError, Tx, execute, on_db, on_tx};
use crate::model::{KnowledgeNote, Millis, StepOutcome, TicketId, TicketStatus};

/// A file without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FileRow {
    pub id: i64,
    pub name: String,
    pub mime: String,
    pub size: i64,
    pub at: Millis,
    pub author: String,
}

pub async fn add_file(
    tx: &mut Tx,
    ticket: TicketId,
    (name, mime): (&str, &str),
    bytes: &[u8],
    author: &str,
    now: Millis,
) -> Result<i64> {
    let sql = "INSERT INTO ticket_file (ticket_id, at, author, name, mime, size, content) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
    Ok(on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(ticket.0)
            .bind(now.0)
            .bind(author)
            .bind(name)
            .bind(mime)
            .bind(bytes.len() as i64)
            .bind(bytes)
            .fetch_one(c)
            .await?
    }))
}

pub async fn count_files(tx: &mut Tx, ticket: TicketId) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM ticket_file WHERE ticket_id = $1";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(ticket.0).fetch_one(c).await?))
}

/// The name of what was removed.
pub async fn remove_file(tx: &mut Tx, ticket: TicketId, file: i64) -> Result<Option<String>> {
    let sql = "DELETE FROM ticket_file WHERE id = $1 AND ticket_id = $2 RETURNING name";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(file).bind(ticket.0).fetch_optional(c).await?))
}

pub async fn files(db: &Db, ticket: TicketId) -> Result<Vec<FileRow>> {
    let sql = "SELECT id, name, mime, size, at, author FROM ticket_file WHERE ticket_id = $1 ORDER BY id";
    type Raw = (i64, String, String, i64, i64, String);
    let rows: Vec<Raw> = on_db!(db, |p| sqlx::query_as(sql).bind(ticket.0).fetch_all(p).await?);
    let row = |(id, name, mime, size, at, author): Raw| FileRow { id, name, mime, size, at: Millis(at), author };
    Ok(rows.into_iter().map(row).collect())
}

/// Name, type and bytes.
pub async fn content(db: &Db, ticket: TicketId, file: i64) -> Result<Option<(String, String, Vec<u8>)>> {
    let sql = "SELECT name, mime, content FROM ticket_file WHERE ticket_id = $1 AND id = $2";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(ticket.0).bind(file).fetch_optional(p).await?))
}

/// A ticket beside another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LinkRow {
    pub ticket: TicketId,
    pub title: String,
    pub status: TicketStatus,
    /// related, device (open, of the same device)
    pub kind: String,
}

fn ordered(a: TicketId, b: TicketId) -> (i64, i64) {
    (a.0.min(b.0), a.0.max(b.0))
}

/// `false`: they were linked already.
pub async fn link(tx: &mut Tx, a: TicketId, b: TicketId, author: &str, now: Millis) -> Result<bool> {
    let sql = "INSERT INTO ticket_link (ticket_id, other_id, at, author) VALUES ($1, $2, $3, $4) \
               ON CONFLICT DO NOTHING";
    let (a, b) = ordered(a, b);
    Ok(execute!(tx, sql, a, b, now.0, author) == 1)
}

pub async fn unlink(tx: &mut Tx, a: TicketId, b: TicketId) -> Result<bool> {
    let (a, b) = ordered(a, b);
    let sql = "DELETE FROM ticket_link WHERE ticket_id = $1 AND other_id = $2";
    Ok(execute!(tx, sql, a, b) == 1)
}

/// Linked ones, and other open ones of the same device.
pub async fn links(db: &Db, ticket: TicketId) -> Result<Vec<LinkRow>> {
    let sql = "SELECT t.id, t.title, t.status, 'related' FROM ticket_link l JOIN ticket t \
               ON t.id = CASE WHEN l.ticket_id = $1 THEN l.other_id ELSE l.ticket_id END \
               WHERE l.ticket_id = $1 OR l.other_id = $1 \
               UNION ALL SELECT t.id, t.title, t.status, 'device' FROM ticket t JOIN ticket o ON o.id = $1 \
               AND o.device_id = t.device_id WHERE t.id <> $1 AND t.status NOT IN ('resolved', 'closed', 'cancelled') \
               AND NOT EXISTS (SELECT 1 FROM ticket_link k WHERE (k.ticket_id = t.id AND k.other_id = $1) \
               OR (k.ticket_id = $1 AND k.other_id = t.id)) ORDER BY 4 DESC, 1 LIMIT 100";
    let rows: Vec<(i64, String, String, String)> =
        on_db!(db, |p| sqlx::query_as(sql).bind(ticket.0).fetch_all(p).await?);
    rows.into_iter()
        .map(|(id, title, status, kind)| {
            let status = TicketStatus::parse(&status).ok_or_else(|| StoreError::Inconsistent {
                table: "ticket",
                column: "status",
                row: id,
                value: status.clone(),
            })?;
            Ok(LinkRow { ticket: TicketId(id), title, status, kind })
        })
        .collect()
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NoteRow {
    pub id: i64,
    #[serde(flatten)]
    pub note: KnowledgeNote,
    pub updated_at: Millis,
    pub updated_by: String,
}

/// Adds it, or with an id changes it; `None`: there is none with that id.
pub async fn save_note(
    tx: &mut Tx,
    id: Option<i64>,
    n: &KnowledgeNote,
    author: &str,
    now: Millis,
) -> Result<Option<i64>> {
    let update = "UPDATE knowledge_note SET title = $1, vendor = $2, model = $3, body = $4, updated_at = $5, updated_by = $6 \
                  WHERE id = $7 AND archived = 0 RETURNING id";
    let insert = "INSERT INTO knowledge_note (title, vendor, model, body, updated_at, updated_by) \
                  SELECT $1, $2, $3, $4, $5, $6 WHERE $7 = 0 RETURNING id";
    let sql = if id.is_some() { update } else { insert };
    Ok(on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(&n.title)
            .bind(&n.vendor)
            .bind(&n.model)
            .bind(&n.body)
            .bind(now.0)
            .bind(author)
            .bind(id.unwrap_or(0))
            .fetch_optional(c)
            .await?
    }))
}

pub async fn archive_note(tx: &mut Tx, id: i64) -> Result<bool> {
    Ok(execute!(tx, "UPDATE knowledge_note SET archived = 1 WHERE id = $1 AND archived = 0", id) == 1)
}

type RawNote = (i64, String, String, String, String, i64, String);

fn note_row((id, title, vendor, model, body, at, updated_by): RawNote) -> NoteRow {
    NoteRow { id, note: KnowledgeNote { title, vendor, model, body }, updated_at: Millis(at), updated_by }
}

const NOTES: &str = "SELECT id, title, vendor, model, body, updated_at, updated_by FROM knowledge_note \
     WHERE archived = 0 ORDER BY title, id";

pub async fn notes(db: &Db) -> Result<Vec<NoteRow>> {
    let rows: Vec<RawNote> = on_db!(db, |p| sqlx::query_as(NOTES).fetch_all(p).await?);
    Ok(rows.into_iter().map(note_row).collect())
}

pub async fn load_note(tx: &mut Tx, id: i64) -> Result<Option<NoteRow>> {
    let rows: Vec<RawNote> = on_tx!(tx, |c| sqlx::query_as(NOTES).fetch_all(c).await?);
    Ok(rows.into_iter().map(note_row).find(|n| n.id == id))
}

/// Maker and model of a ticket's device.
pub async fn model_of(db: &Db, ticket: TicketId) -> Result<(String, String)> {
    let sql = "SELECT coalesce(d.vendor, ''), coalesce(d.model, '') FROM ticket t JOIN device d ON d.id = t.device_id \
               WHERE t.id = $1";
    let row: Option<(String, String)> = on_db!(db, |p| sqlx::query_as(sql).bind(ticket.0).fetch_optional(p).await?);
    Ok(row.unwrap_or_default())
}

pub async fn set_step(
    tx: &mut Tx,
    (ticket, note, step): (TicketId, i64, i64),
    outcome: Option<StepOutcome>,
    author: &str,
    now: Millis,
) -> Result<()> {
    match outcome {
        None => {
            let sql = "DELETE FROM ticket_step WHERE ticket_id = $1 AND note_id = $2 AND step = $3";
            execute!(tx, sql, ticket.0, note, step);
        }
        Some(o) => {
            let sql = "INSERT INTO ticket_step (ticket_id, note_id, step, outcome, at, author) VALUES ($1, $2, $3, $4, $5, $6) \
                       ON CONFLICT (ticket_id, note_id, step) DO UPDATE SET outcome = excluded.outcome, at = excluded.at, \
                       author = excluded.author";
            execute!(tx, sql, ticket.0, note, step, o.as_str(), now.0, author);
        }
    }
    Ok(())
}

/// (note, step, outcome) of what was tried on a ticket.
pub async fn steps(db: &Db, ticket: TicketId) -> Result<Vec<(i64, i64, String)>> {
    let sql = "SELECT note_id, step, outcome FROM ticket_step WHERE ticket_id = $1 ORDER BY note_id, step";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(ticket.0).fetch_all(p).await?))
}
