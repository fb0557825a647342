//! What the planner must know of a branch and an article: who uses it, what lies there, what is ordered and on its way, how
//! long the supplier takes. Reads only.

use std::collections::HashMap;

use super::{Result, StoreError, Tx, on_tx};
use crate::model::{ArticleId, DeviceId, Millis, SiteId, SupplierId, SupplyId, SupplyState};

/// One supply that takes an article.
#[derive(Debug, Clone)]
pub struct User {
    pub device: DeviceId,
    /// When the device last answered.
    pub last_seen: Option<Millis>,
    pub supply: SupplyId,
    pub article: ArticleId,
    pub state: SupplyState,
    /// What the estimator remembers, as `supply::save_series` wrote it.
    pub series: Option<String>,
    /// When a piece was last given out for it: the device tells of the new one later.
    pub issued_at: Option<Millis>,
}

#[derive(sqlx::FromRow)]
struct Row {
    site_id: i64,
    last_seen: Option<i64>,
    device_id: i64,
    id: i64,
    article_id: i64,
    state: String,
    forecast: Option<String>,
    issued_at: Option<i64>,
}

const USERS: &str = "SELECT d.site_id, d.last_seen, s.device_id, s.id, s.article_id, s.state, s.forecast, \
                     (SELECT MAX(i.posted_at) FROM stock_document i WHERE i.supply_id = s.id AND i.kind = 'issue' \
                     AND i.status = 'posted') AS issued_at FROM supply s \
                     JOIN device d ON d.id = s.device_id AND d.lifecycle = 'active' \
                     WHERE s.present = 1 AND";

/// Supplies of the branch's devices that take one of these articles.
pub async fn users(tx: &mut Tx, site: SiteId, articles: &[ArticleId]) -> Result<Vec<User>> {
    let mut all = Vec::new();
    for article in articles {
        let sql = sqlx::AssertSqlSafe(format!("{USERS} d.site_id = $1 AND s.article_id = $2 ORDER BY s.id"));
        let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(site.0).bind(article.0).fetch_all(c).await?);
        for r in rows {
            all.push(user(r)?);
        }
    }
    Ok(all)
}

/// Supplies of all branches that take an article, in the same order.
pub async fn all_users(tx: &mut Tx) -> Result<Vec<(SiteId, User)>> {
    let sql = sqlx::AssertSqlSafe(format!("{USERS} s.article_id IS NOT NULL ORDER BY s.id"));
    let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    rows.into_iter().map(|r| Ok((SiteId(r.site_id), user(r)?))).collect()
}

fn user(r: Row) -> Result<User> {
    let state = serde_json::from_str(&r.state).map_err(|e| StoreError::Inconsistent {
        table: "supply",
        column: "state",
        row: r.id,
        value: e.to_string(),
    })?;
    Ok(User {
        device: DeviceId(r.device_id),
        last_seen: r.last_seen.map(Millis),
        supply: SupplyId(r.id),
        article: ArticleId(r.article_id),
        state,
        series: r.forecast,
        issued_at: r.issued_at.map(Millis),
    })
}

/// Every (branch, article) that some device uses or some open need asks for.
pub async fn pools(tx: &mut Tx) -> Result<Vec<(SiteId, ArticleId)>> {
    let sql = "SELECT d.site_id, s.article_id FROM supply s JOIN device d ON d.id = s.device_id AND d.lifecycle = 'active' \
               WHERE s.present = 1 AND s.article_id IS NOT NULL \
               UNION SELECT n.site_id, n.article_id FROM need n WHERE n.status = 'open' AND n.article_id IS NOT NULL \
               ORDER BY 1, 2";
    let rows: Vec<(i64, i64)> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    Ok(rows.into_iter().map(|(s, a)| (SiteId(s), ArticleId(a))).collect())
}

/// Pieces of one article for one branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Pieces {
    pub on_hand: i64,
    /// Kept for somebody, or seen to be put in and not yet confirmed.
    pub reserved: i64,
    /// Approved and not yet received.
    pub ordered: i64,
    /// On a transfer that has left for the branch.
    pub in_transit: i64,
    /// Seen to be put into devices, while nobody confirmed it.
    pub seen: i64,
}

pub async fn pieces(tx: &mut Tx, site: SiteId, article: ArticleId) -> Result<Pieces> {
    let sql = "SELECT \
        CAST(COALESCE((SELECT SUM(m.delta) FROM stock_move m JOIN stock_store t ON t.id = m.store_id \
            WHERE t.site_id = $1 AND m.article_id = $2), 0) AS BIGINT) AS on_hand, \
        CAST(COALESCE((SELECT SUM(r.quantity) FROM stock_reservation r JOIN stock_store t ON t.id = r.store_id \
            WHERE t.site_id = $1 AND r.article_id = $2 AND r.released_at IS NULL), 0) AS BIGINT) AS reserved, \
        CAST(COALESCE((SELECT SUM(l.quantity - l.received) FROM order_line l JOIN purchase_order o ON o.id = l.order_id \
            WHERE o.site_id = $1 AND l.article_id = $2 AND l.quantity > l.received \
            AND o.status IN ('approved', 'sent', 'confirmed', 'partly-received')), 0) AS BIGINT) AS ordered, \
        CAST(COALESCE((SELECT SUM(l.quantity) FROM stock_line l JOIN stock_document d ON d.id = l.document_id \
            JOIN stock_store t ON t.id = d.to_store_id WHERE t.site_id = $1 AND l.article_id = $2 \
            AND d.kind = 'transfer' AND d.status = 'in-transit'), 0) AS BIGINT) AS in_transit, \
        CAST(COALESCE((SELECT SUM(l.quantity) FROM stock_line l JOIN stock_document d ON d.id = l.document_id \
            JOIN stock_store t ON t.id = d.store_id WHERE t.site_id = $1 AND l.article_id = $2 AND d.status = 'draft' \
            AND d.origin = 'detection'), 0) AS BIGINT) AS seen";
    let mut p: Pieces = on_tx!(tx, |c| sqlx::query_as(sql).bind(site.0).bind(article.0).fetch_one(c).await?);
    p.settle();
    Ok(p)
}

/// The same of every branch and article at once.
pub async fn all_pieces(tx: &mut Tx) -> Result<HashMap<(SiteId, ArticleId), Pieces>> {
    let sql = "SELECT x.site_id, x.article_id, CAST(SUM(x.a) AS BIGINT) AS on_hand, CAST(SUM(x.b) AS BIGINT) AS reserved, \
        CAST(SUM(x.c) AS BIGINT) AS ordered, CAST(SUM(x.d) AS BIGINT) AS in_transit, CAST(SUM(x.e) AS BIGINT) AS seen FROM ( \
        SELECT t.site_id, m.article_id, m.delta AS a, 0 AS b, 0 AS c, 0 AS d, 0 AS e FROM stock_move m \
            JOIN stock_store t ON t.id = m.store_id \
        UNION ALL SELECT t.site_id, r.article_id, 0, r.quantity, 0, 0, 0 FROM stock_reservation r \
            JOIN stock_store t ON t.id = r.store_id WHERE r.released_at IS NULL \
        UNION ALL SELECT o.site_id, l.article_id, 0, 0, l.quantity - l.received, 0, 0 FROM order_line l \
            JOIN purchase_order o ON o.id = l.order_id WHERE l.quantity > l.received \
            AND o.status IN ('approved', 'sent', 'confirmed', 'partly-received') \
        UNION ALL SELECT t.site_id, l.article_id, 0, 0, 0, l.quantity, 0 FROM stock_line l \
            JOIN stock_document d ON d.id = l.document_id JOIN stock_store t ON t.id = d.to_store_id \
            WHERE d.kind = 'transfer' AND d.status = 'in-transit' \
        UNION ALL SELECT t.site_id, l.article_id, 0, 0, 0, 0, l.quantity FROM stock_line l \
            JOIN stock_document d ON d.id = l.document_id JOIN stock_store t ON t.id = d.store_id \
            WHERE d.status = 'draft' AND d.origin = 'detection') x GROUP BY x.site_id, x.article_id";
    #[derive(sqlx::FromRow)]
    struct Placed {
        site_id: i64,
        article_id: i64,
        #[sqlx(flatten)]
        pieces: Pieces,
    }
    let rows: Vec<Placed> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    let settled = |mut r: Placed| {
        r.pieces.settle();
        ((SiteId(r.site_id), ArticleId(r.article_id)), r.pieces)
    };
    Ok(rows.into_iter().map(settled).collect())
}

impl Pieces {
    /// What was taken without record is nothing to be bought again, and what was seen to go came from the shelf.
    fn settle(&mut self) {
        self.on_hand = self.on_hand.max(0);
        self.reserved += self.seen.min((self.on_hand - self.reserved).max(0));
    }
}

/// Days from approval to goods of the supplier's last orders, the newest first, and the days it promises.
pub async fn lead_days(tx: &mut Tx, supplier: SupplierId) -> Result<(f64, Vec<f64>)> {
    let sql = "SELECT lead_days FROM supplier WHERE id = $1";
    let promised: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(supplier.0).fetch_optional(c).await?);
    let sql = "SELECT received_at - approved_at FROM purchase_order WHERE supplier_id = $1 AND received_at IS NOT NULL \
               AND approved_at IS NOT NULL AND received_at >= approved_at ORDER BY received_at DESC LIMIT 30";
    let seen: Vec<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(supplier.0).fetch_all(c).await?);
    Ok((promised.unwrap_or(9) as f64, seen.into_iter().map(|ms| ms as f64 / Millis::DAY as f64).collect()))
}

/// Pack and the supplier's promise for this article, where it differs; whether it is still made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Terms {
    pub pack: i64,
    pub lead_days: Option<i64>,
    pub discontinued: i64,
}

pub async fn terms(tx: &mut Tx, article: ArticleId) -> Result<Terms> {
    let sql = "SELECT pack, lead_days, discontinued FROM article WHERE id = $1";
    let found: Option<Terms> = on_tx!(tx, |c| sqlx::query_as(sql).bind(article.0).fetch_optional(c).await?);
    Ok(found.unwrap_or(Terms { pack: 1, lead_days: None, discontinued: 0 }))
}

pub async fn all_terms(tx: &mut Tx) -> Result<HashMap<ArticleId, Terms>> {
    let sql = "SELECT id, pack, lead_days, discontinued FROM article";
    let rows: Vec<(i64, i64, Option<i64>, i64)> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    let terms = |(id, pack, lead_days, discontinued)| (ArticleId(id), Terms { pack, lead_days, discontinued });
    Ok(rows.into_iter().map(terms).collect())
}

/// What every supply remembers, with what makes two of them alike: for what devices teach one another.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Remembered {
    pub article_id: Option<i64>,
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub kind: String,
    pub color: Option<String>,
    pub forecast: String,
}

pub async fn remembered(tx: &mut Tx) -> Result<Vec<Remembered>> {
    let sql = "SELECT s.article_id, d.vendor, d.model, s.kind, s.color, s.forecast FROM supply s \
               JOIN device d ON d.id = s.device_id WHERE s.forecast IS NOT NULL AND s.present = 1 ORDER BY s.id";
    Ok(on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?))
}

/// The branch's time zone, for its working days.
pub async fn time_zone(tx: &mut Tx, site: SiteId) -> Result<Option<String>> {
    let sql = "SELECT time_zone FROM site WHERE id = $1";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.0).fetch_optional(c).await?))
}

/// All needs that a person sent away since then: pieces of the last one of each pool and key.
pub async fn all_dismissed(tx: &mut Tx, since: Millis) -> Result<HashMap<(String, String), i64>> {
    let sql = "SELECT pool, key, quantity FROM need WHERE status = 'closed' AND closed_at >= $1 \
               AND closed_why NOT IN ('well-again', 'received', 'merged', 'covered') ORDER BY closed_at";
    let rows: Vec<(String, String, i64)> = on_tx!(tx, |c| sqlx::query_as(sql).bind(since.0).fetch_all(c).await?);
    Ok(rows.into_iter().map(|(pool, key, n)| ((pool, key), n)).collect())
}

/// A need of this key that a person sent away not long ago: how many pieces it was about.
pub async fn dismissed(tx: &mut Tx, pool: &str, key: &str, since: Millis) -> Result<Option<i64>> {
    let sql = "SELECT quantity FROM need WHERE pool = $1 AND key = $2 AND status = 'closed' AND closed_at >= $3 \
               AND closed_why NOT IN ('well-again', 'received', 'merged', 'covered') ORDER BY closed_at DESC LIMIT 1";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(pool).bind(key).bind(since.0).fetch_optional(c).await?))
}
