//! Tables of assets: kept with their judgement until a person takes them (beside those of articles, in one table).

use super::device::json;
use super::{Db, Result, StoreError, Tx, execute, on_db, on_tx};
use crate::model::{AssetImport, ImportCounts, ImportDraft, ImportVerdict, Millis};

const ASSETS: &str = "assets";

pub async fn add(tx: &mut Tx, file_name: &str, body: &AssetImport, by: &str, now: Millis) -> Result<i64> {
    let sql = "INSERT INTO import_draft (kind, file_name, body, created_at, created_by) \
               VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let text = json(body)?;
    Ok(on_tx!(tx, |c| {
        sqlx::query_scalar(sql).bind(ASSETS).bind(file_name).bind(text).bind(now.0).bind(by).fetch_one(c).await?
    }))
}

/// The table, and whether it was taken.
pub async fn load(tx: &mut Tx, id: i64) -> Result<Option<(AssetImport, bool)>> {
    let sql = "SELECT body, accepted_at FROM import_draft WHERE id = $1 AND kind = $2";
    let row: Option<(String, Option<i64>)> =
        on_tx!(tx, |c| sqlx::query_as(sql).bind(id).bind(ASSETS).fetch_optional(c).await?);
    row.map(|(text, at)| Ok((body(id, &text)?, at.is_some()))).transpose()
}

fn body(id: i64, text: &str) -> Result<AssetImport> {
    serde_json::from_str(text).map_err(|e| StoreError::Inconsistent {
        table: "import_draft",
        column: "body",
        row: id,
        value: e.to_string(),
    })
}

pub async fn set_body(tx: &mut Tx, id: i64, body: &AssetImport) -> Result<()> {
    let text = json(body)?;
    execute!(tx, "UPDATE import_draft SET body = $2 WHERE id = $1", id, text);
    Ok(())
}

pub fn counts(body: &AssetImport) -> ImportCounts {
    let count = |v| body.judged.iter().filter(|r| r.verdict == v).count() as i64;
    ImportCounts {
        new: count(ImportVerdict::New),
        changed: count(ImportVerdict::Changed),
        same: count(ImportVerdict::Same),
        wrong: count(ImportVerdict::Wrong),
    }
}

type Head = (i64, String, i64, String, Option<i64>, String);

fn draft((id, file_name, at, created_by, accepted, text): Head) -> Result<(ImportDraft, AssetImport)> {
    let body = body(id, &text)?;
    let accepted_at = accepted.map(Millis);
    Ok((ImportDraft { id, file_name, created_at: Millis(at), created_by, accepted_at, counts: counts(&body) }, body))
}

pub async fn one(db: &Db, id: i64) -> Result<Option<(ImportDraft, AssetImport)>> {
    let sql = "SELECT id, file_name, created_at, created_by, accepted_at, body FROM import_draft \
               WHERE id = $1 AND kind = $2";
    let row: Option<Head> = on_db!(db, |p| sqlx::query_as(sql).bind(id).bind(ASSETS).fetch_optional(p).await?);
    row.map(draft).transpose()
}

/// The newest, waiting and taken.
pub async fn newest(db: &Db, count: i64) -> Result<Vec<ImportDraft>> {
    let sql = "SELECT id, file_name, created_at, created_by, accepted_at, body FROM import_draft \
               WHERE kind = $2 ORDER BY id DESC LIMIT $1";
    let rows: Vec<Head> = on_db!(db, |p| sqlx::query_as(sql).bind(count).bind(ASSETS).fetch_all(p).await?);
    rows.into_iter().map(|r| Ok(draft(r)?.0)).collect()
}
