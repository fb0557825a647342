//! Which article refills a supply: proposed by a rule, confirmed or refused by a person.

use super::device::json;
use super::{Result, Tx, execute, on_tx};
use crate::model::{ArticleId, DeviceId, FoundBy, SupplyId, SupplyState};

/// An article found by a rule: a person may still confirm or refuse it.
pub async fn propose(tx: &mut Tx, supply: SupplyId, article: ArticleId, why: FoundBy) -> Result<()> {
    let sql = "UPDATE supply SET article_id = $2, article_why = $3, article_confirmed = 0 WHERE id = $1";
    execute!(tx, sql, supply.0, article.0, why.as_str());
    Ok(())
}

/// A person says: this article refills it.
pub async fn confirm(tx: &mut Tx, supply: SupplyId, article: ArticleId, refused: &[ArticleId]) -> Result<()> {
    let sql = "UPDATE supply SET article_id = $2, article_why = NULL, article_confirmed = 1, article_rejected = $3 \
               WHERE id = $1";
    execute!(tx, sql, supply.0, article.0, json(&refused)?);
    Ok(())
}

/// A person gave this supply its article by way of a need.
pub async fn keep(tx: &mut Tx, device: DeviceId, index: &str, article: ArticleId) -> Result<()> {
    let sql = "UPDATE supply SET article_confirmed = 1, article_why = NULL \
               WHERE device_id = $1 AND idx = $2 AND article_id = $3";
    execute!(tx, sql, device.0, index, article.0);
    Ok(())
}

/// A person says: these do not. The supply is without an article until another is found.
pub async fn refuse(tx: &mut Tx, supply: SupplyId, refused: &[ArticleId]) -> Result<()> {
    let sql = "UPDATE supply SET article_id = NULL, article_why = NULL, article_confirmed = 0, article_rejected = $2 \
               WHERE id = $1";
    execute!(tx, sql, supply.0, json(&refused)?);
    Ok(())
}

/// A supply as its article is chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Asking {
    pub id: SupplyId,
    pub device: DeviceId,
    pub state: SupplyState,
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub article: Option<ArticleId>,
    pub confirmed: bool,
    pub refused: Vec<ArticleId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    device_id: i64,
    state: String,
    vendor: Option<String>,
    model: Option<String>,
    article_id: Option<i64>,
    article_confirmed: i64,
    article_rejected: String,
}

/// Present supplies of active devices, or one of any device.
pub async fn asking(tx: &mut Tx, only: Option<SupplyId>) -> Result<Vec<Asking>> {
    let sql = "SELECT s.id, s.device_id, s.state, d.vendor, d.model, s.article_id, s.article_confirmed, \
               s.article_rejected FROM supply s JOIN device d ON d.id = s.device_id \
               WHERE s.id = $1 OR ($1 = 0 AND s.present = 1 AND d.lifecycle = 'active') ORDER BY s.id";
    let only = only.map_or(0, |s| s.0);
    let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(only).fetch_all(c).await?);
    // A state that cannot be read is told where its device is read.
    let asking = rows.into_iter().filter_map(|r| {
        Some(Asking {
            id: SupplyId(r.id),
            device: DeviceId(r.device_id),
            state: serde_json::from_str(&r.state).ok()?,
            vendor: r.vendor,
            model: r.model,
            article: r.article_id.map(ArticleId),
            confirmed: r.article_confirmed != 0,
            refused: serde_json::from_str(&r.article_rejected).unwrap_or_default(),
        })
    });
    Ok(asking.collect())
}

/// What a person confirmed once.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Confirmed {
    pub vendor: String,
    pub model: String,
    pub kind: String,
    pub color: Option<String>,
    pub article_id: i64,
}

/// Everything that persons confirmed, oldest first.
pub async fn confirmed(tx: &mut Tx) -> Result<Vec<Confirmed>> {
    let sql = "SELECT d.vendor, d.model, s.kind, s.color, s.article_id FROM supply s \
               JOIN device d ON d.id = s.device_id WHERE s.article_confirmed = 1 AND s.article_id IS NOT NULL \
               AND d.vendor IS NOT NULL AND d.model IS NOT NULL ORDER BY s.id";
    Ok(on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?))
}

/// These are not proposed again; the article the supply has stays.
pub async fn remember_refused(tx: &mut Tx, supply: SupplyId, refused: &[ArticleId]) -> Result<()> {
    execute!(tx, "UPDATE supply SET article_rejected = $2 WHERE id = $1", supply.0, json(&refused)?);
    Ok(())
}
