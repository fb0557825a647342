//! Tables somebody wants to import: kept with their judgement until a person takes them.

use super::device::json;
use super::{Db, Result, StoreError, Tx, execute, on_db, on_tx};
use crate::model::{ImportBody, ImportCounts, ImportDraft, Millis};

const ARTICLES: &str = "articles";

pub async fn add(tx: &mut Tx, file_name: &str, body: &ImportBody, by: &str, now: Millis) -> Result<i64> {
    let sql = "INSERT INTO import_draft (kind, file_name, body, created_at, created_by) \
               VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let text = json(body)?;
    Ok(on_tx!(tx, |c| {
        sqlx::query_scalar(sql).bind(ARTICLES).bind(file_name).bind(text).bind(now.0).bind(by).fetch_one(c).await?
    }))
}

pub async fn load(tx: &mut Tx, id: i64) -> Result<Option<(ImportBody, Option<Millis>)>> {
    let sql = "SELECT body, accepted_at FROM import_draft WHERE id = $1 AND kind = $2";
    let row: Option<(String, Option<i64>)> =
        on_tx!(tx, |c| sqlx::query_as(sql).bind(id).bind(ARTICLES).fetch_optional(c).await?);
    row.map(|(text, at)| Ok((body(id, &text)?, at.map(Millis)))).transpose()
}

fn body(id: i64, text: &str) -> Result<ImportBody> {
    serde_json::from_str(text).map_err(|e| StoreError::Inconsistent {
        table: "import_draft",
        column: "body",
        row: id,
        value: e.to_string(),
    })
}

pub async fn set_body(tx: &mut Tx, id: i64, body: &ImportBody) -> Result<()> {
    let text = json(body)?;
    execute!(tx, "UPDATE import_draft SET body = $2 WHERE id = $1", id, text);
    Ok(())
}

pub async fn accept(tx: &mut Tx, id: i64, now: Millis) -> Result<()> {
    execute!(tx, "UPDATE import_draft SET accepted_at = $2 WHERE id = $1", id, now.0);
    Ok(())
}

/// `false`: there is none, or it was taken and stays as a record.
pub async fn remove(tx: &mut Tx, id: i64) -> Result<bool> {
    Ok(execute!(tx, "DELETE FROM import_draft WHERE id = $1 AND accepted_at IS NULL", id) == 1)
}

type Head = (i64, String, i64, String, Option<i64>, String);

fn draft((id, file_name, at, created_by, accepted, text): Head) -> Result<(ImportDraft, ImportBody)> {
    let body = body(id, &text)?;
    let counts = ImportCounts::of(&body.judged);
    let accepted_at = accepted.map(Millis);
    Ok((ImportDraft { id, file_name, created_at: Millis(at), created_by, accepted_at, counts }, body))
}

/// One import with its rows.
pub async fn one(db: &Db, id: i64) -> Result<Option<(ImportDraft, ImportBody)>> {
    let sql = "SELECT id, file_name, created_at, created_by, accepted_at, body FROM import_draft \
               WHERE id = $1 AND kind = $2";
    let row: Option<Head> = on_db!(db, |p| sqlx::query_as(sql).bind(id).bind(ARTICLES).fetch_optional(p).await?);
    row.map(draft).transpose()
}

/// The newest imports, waiting and taken.
pub async fn newest(db: &Db, count: i64) -> Result<Vec<ImportDraft>> {
    let sql = "SELECT id, file_name, created_at, created_by, accepted_at, body FROM import_draft \
               WHERE kind = $2 ORDER BY id DESC LIMIT $1";
    let rows: Vec<Head> = on_db!(db, |p| sqlx::query_as(sql).bind(count).bind(ARTICLES).fetch_all(p).await?);
    rows.into_iter().map(|r| Ok(draft(r)?.0)).collect()
}
