//! Transfers that the plan drafts for a need, and what they are made of: shelves of other branches, what is promised from
//! them, what a person refused.

use std::collections::HashSet;

use super::{Result, Tx, execute, on_tx};
use crate::model::{ArticleId, DocumentId, DocumentStatus, Millis, NeedId, SiteId, StockLine, StoreId};

/// Pieces of one article in one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Shelf {
    pub site_id: i64,
    pub store_id: i64,
    pub article_id: i64,
    /// On hand, less what is reserved there.
    pub free: i64,
    /// On transfers drafted for other needs.
    pub promised: i64,
}

/// Where else something of these articles lies.
pub async fn shelves(tx: &mut Tx, not: SiteId, articles: &[ArticleId], need: Option<NeedId>) -> Result<Vec<Shelf>> {
    let sql = "SELECT t.site_id, t.id AS store_id, m.article_id, \
        CAST(SUM(m.delta) AS BIGINT) - CAST(COALESCE((SELECT SUM(r.quantity) FROM stock_reservation r \
            WHERE r.store_id = t.id AND r.article_id = m.article_id AND r.released_at IS NULL), 0) AS BIGINT) AS free, \
        CAST(COALESCE((SELECT SUM(l.quantity) FROM stock_document d JOIN stock_line l ON l.document_id = d.id \
            WHERE d.store_id = t.id AND l.article_id = m.article_id AND d.status = 'draft' \
            AND d.need_id IS NOT NULL AND d.need_id <> $3), 0) AS BIGINT) AS promised \
        FROM stock_move m JOIN stock_store t ON t.id = m.store_id AND t.archived = 0 AND t.site_id <> $1 \
        WHERE m.article_id = $2 GROUP BY t.site_id, t.id, m.article_id HAVING SUM(m.delta) > 0 ORDER BY t.id";
    let need = need.map_or(0, |n| n.0);
    let mut all = Vec::new();
    for article in articles {
        let found: Vec<Shelf> =
            on_tx!(tx, |c| sqlx::query_as(sql).bind(not.0).bind(article.0).bind(need).fetch_all(c).await?);
        all.extend(found);
    }
    Ok(all)
}

/// Articles of which some store holds something.
pub async fn lying(tx: &mut Tx) -> Result<HashSet<ArticleId>> {
    let sql = "SELECT article_id FROM stock_move GROUP BY store_id, article_id HAVING SUM(delta) > 0";
    let found: Vec<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).fetch_all(c).await?);
    Ok(found.into_iter().map(ArticleId).collect())
}

/// Is any transfer drafted for a need?
pub async fn any_draft(tx: &mut Tx) -> Result<bool> {
    let sql = "SELECT id FROM stock_document WHERE status = 'draft' AND need_id IS NOT NULL LIMIT 1";
    let found: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).fetch_optional(c).await?);
    Ok(found.is_some())
}

/// A transfer drafted for a need.
#[derive(Debug, Clone, PartialEq)]
pub struct Drafted {
    pub id: DocumentId,
    pub from: StoreId,
    pub site: SiteId,
    pub created_at: Millis,
    pub lines: Vec<StockLine>,
}

pub async fn drafts(tx: &mut Tx, need: NeedId) -> Result<Vec<Drafted>> {
    let sql = "SELECT d.id, d.store_id, t.site_id, d.created_at FROM stock_document d \
               JOIN stock_store t ON t.id = d.store_id WHERE d.need_id = $1 AND d.status = 'draft' ORDER BY d.id";
    let heads: Vec<(i64, i64, i64, i64)> = on_tx!(tx, |c| sqlx::query_as(sql).bind(need.0).fetch_all(c).await?);
    let mut all = Vec::with_capacity(heads.len());
    for (id, store, site, created) in heads {
        let id = DocumentId(id);
        let lines = super::stock::load(tx, id).await?.map(|d| d.lines).unwrap_or_default();
        all.push(Drafted { id, from: StoreId(store), site: SiteId(site), created_at: Millis(created), lines });
    }
    Ok(all)
}

/// It was drafted for this need.
pub async fn belongs(tx: &mut Tx, document: DocumentId, need: NeedId) -> Result<()> {
    execute!(tx, "UPDATE stock_document SET need_id = $2 WHERE id = $1", document.0, need.0);
    Ok(())
}

/// Its reason went, or changed: nobody refused it, and it may be drafted again.
pub async fn withdraw(tx: &mut Tx, document: DocumentId) -> Result<()> {
    let sql = "UPDATE stock_document SET status = 'dropped', need_id = NULL WHERE id = $1 AND status = 'draft'";
    execute!(tx, sql, document.0);
    Ok(())
}

/// Every draft of a need goes; `true` when there was one.
pub async fn withdraw_all(tx: &mut Tx, need: NeedId) -> Result<bool> {
    let sql = "UPDATE stock_document SET status = 'dropped', need_id = NULL WHERE need_id = $1 AND status = 'draft'";
    Ok(execute!(tx, sql, need.0) > 0)
}

/// Branches whose transfers of these articles to this one were not wanted, drafted since then.
pub async fn refused(tx: &mut Tx, to: SiteId, articles: &[ArticleId], since: Millis) -> Result<Vec<SiteId>> {
    let sql = "SELECT DISTINCT f.site_id FROM stock_document d JOIN stock_line l ON l.document_id = d.id \
               JOIN stock_store f ON f.id = d.store_id JOIN stock_store t ON t.id = d.to_store_id \
               WHERE d.need_id IS NOT NULL AND d.status = 'dropped' AND t.site_id = $1 AND l.article_id = $2 \
               AND d.created_at >= $3 ORDER BY f.site_id";
    let mut all = Vec::new();
    for article in articles {
        let found: Vec<i64> =
            on_tx!(tx, |c| sqlx::query_scalar(sql).bind(to.0).bind(article.0).bind(since.0).fetch_all(c).await?);
        all.extend(found.into_iter().map(SiteId));
    }
    Ok(all)
}

/// Branches that drafted transfers promise pieces of these articles from this one's stores.
pub async fn receivers(tx: &mut Tx, from: SiteId, articles: &[ArticleId]) -> Result<Vec<(SiteId, ArticleId)>> {
    let sql = "SELECT DISTINCT n.site_id, n.article_id FROM stock_document d JOIN stock_line l ON l.document_id = d.id \
               JOIN stock_store f ON f.id = d.store_id JOIN need n ON n.id = d.need_id \
               WHERE d.status = 'draft' AND f.site_id = $1 AND l.article_id = $2 AND n.article_id IS NOT NULL \
               ORDER BY n.site_id, n.article_id";
    let mut all = Vec::new();
    for article in articles {
        let found: Vec<(i64, i64)> =
            on_tx!(tx, |c| sqlx::query_as(sql).bind(from.0).bind(article.0).fetch_all(c).await?);
        all.extend(found.into_iter().map(|(s, a)| (SiteId(s), ArticleId(a))));
    }
    all.dedup();
    Ok(all)
}

/// A transfer somebody has not sent for so long is not waited for: it counts as refused.
pub async fn give_up(tx: &mut Tx, document: DocumentId) -> Result<()> {
    super::stock::set_status(tx, document, DocumentStatus::Dropped).await
}
