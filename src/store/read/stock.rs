//! Stock as pages and the API show it: balances by store and article, every move with its origin, and where the books and
//! the world part.

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{Listed, Paging, like, places};
use crate::model::{
    ArticleId, DeviceId, DocumentId, DocumentKind, FindingKind, Millis, OrderId, ReservationId, SiteId, StoreId, Tally,
};
use crate::store::read::documents::{seen_at, wrong};
use crate::store::{Db, Result, on_db};

/// A store with what it holds.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StoreRow {
    pub id: StoreId,
    pub site: SiteId,
    pub site_name: String,
    pub name: String,
    /// Where goods of the branch arrive.
    pub main: bool,
    pub archived: bool,
    /// Articles of which something lies there.
    pub articles: i64,
    pub pieces: i64,
}

pub async fn stores(db: &Db, site: Option<SiteId>, archived: bool) -> Result<Vec<StoreRow>> {
    let sql = "SELECT t.id, t.site_id, s.name, t.name, t.main, t.archived, \
               (SELECT COUNT(*) FROM (SELECT m.article_id FROM stock_move m WHERE m.store_id = t.id GROUP BY m.article_id \
               HAVING SUM(m.delta) > 0) h), \
               (SELECT CAST(COALESCE(SUM(m.delta), 0) AS BIGINT) FROM stock_move m WHERE m.store_id = t.id) \
               FROM stock_store t JOIN site s ON s.id = t.site_id WHERE ($1 = 0 OR t.site_id = $1) \
               AND ($2 = 1 OR t.archived = 0) ORDER BY s.name, t.archived, t.main DESC, t.name, t.id";
    type Raw = (i64, i64, String, String, i64, i64, i64, i64);
    let site = site.map_or(0, |s| s.0);
    let raw: Vec<Raw> = on_db!(db, |p| sqlx::query_as(sql).bind(site).bind(i64::from(archived)).fetch_all(p).await?);
    let row = |(id, site, site_name, name, main, archived, articles, pieces): Raw| StoreRow {
        id: StoreId(id),
        site: SiteId(site),
        site_name,
        name,
        main: main != 0,
        archived: archived != 0,
        articles,
        pieces,
    };
    Ok(raw.into_iter().map(row).collect())
}

/// An article in a store.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BalanceRow {
    pub store: StoreId,
    pub store_name: String,
    pub site: SiteId,
    pub site_name: String,
    pub article: ArticleId,
    pub part_number: String,
    pub name: String,
    pub on_hand: i64,
    pub reserved: i64,
    /// On its way here from another store.
    pub in_transit: i64,
    /// Documents with it that wait for a person.
    pub drafts: i64,
    /// Used cartridges.
    pub empties: i64,
    pub counted_at: Option<Millis>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BalanceFilter {
    pub site: Option<SiteId>,
    pub store: Option<StoreId>,
    pub article: Option<ArticleId>,
    /// Words of part number, name, maker.
    pub search: String,
}

#[derive(sqlx::FromRow)]
struct RawBalance {
    store_id: i64,
    store_name: String,
    site_id: i64,
    site_name: String,
    article_id: i64,
    part_number: String,
    name: String,
    on_hand: i64,
    reserved: i64,
    in_transit: i64,
    drafts: i64,
    empties: i64,
    counted_at: Option<i64>,
}

/// Every (store, article) that has anything to tell.
const PAIRS: &str = "(SELECT store_id, article_id FROM stock_move UNION SELECT store_id, article_id FROM stock_empty \
    UNION SELECT d.store_id, l.article_id FROM stock_document d JOIN stock_line l ON l.document_id = d.id \
    WHERE d.status = 'draft' UNION SELECT d.to_store_id, l.article_id FROM stock_document d \
    JOIN stock_line l ON l.document_id = d.id WHERE d.status = 'in-transit') p \
    JOIN stock_store t ON t.id = p.store_id JOIN site s ON s.id = t.site_id JOIN article a ON a.id = p.article_id";
const OF_PAIRS: &str = "t.archived = 0 AND ($1 = 0 OR t.site_id = $1) AND ($2 = 0 OR t.id = $2) AND ($3 = 0 OR a.id = $3) \
                        AND ($4 = '' OR a.search LIKE $4 ESCAPE '\\')";

pub async fn balances(db: &Db, f: &BalanceFilter, paging: Paging) -> Result<Listed<BalanceRow>> {
    let (site, store) = (f.site.map_or(0, |s| s.0), f.store.map_or(0, |s| s.0));
    let article = f.article.map_or(0, |a| a.0);
    let search = if f.search.trim().is_empty() { String::new() } else { like(&f.search) };
    let sql = format!(
        "SELECT t.id AS store_id, t.name AS store_name, t.site_id, s.name AS site_name, a.id AS article_id, a.part_number, \
         a.name, CAST(COALESCE((SELECT SUM(m.delta) FROM stock_move m WHERE m.store_id = t.id AND m.article_id = a.id), 0) \
         AS BIGINT) AS on_hand, CAST(COALESCE((SELECT SUM(r.quantity) FROM stock_reservation r WHERE r.store_id = t.id \
         AND r.article_id = a.id AND r.released_at IS NULL), 0) AS BIGINT) AS reserved, \
         CAST(COALESCE((SELECT SUM(l.quantity) FROM stock_line l JOIN stock_document d ON d.id = l.document_id \
         WHERE d.to_store_id = t.id AND l.article_id = a.id AND d.status = 'in-transit'), 0) AS BIGINT) AS in_transit, \
         (SELECT COUNT(*) FROM stock_line l JOIN stock_document d ON d.id = l.document_id WHERE d.store_id = t.id \
         AND l.article_id = a.id AND d.status = 'draft') AS drafts, \
         CAST(COALESCE((SELECT SUM(e.delta) FROM stock_empty e WHERE e.store_id = t.id AND e.article_id = a.id), 0) \
         AS BIGINT) AS empties, (SELECT MAX(d.posted_at) FROM stock_line l JOIN stock_document d ON d.id = l.document_id \
         WHERE d.store_id = t.id AND l.article_id = a.id AND d.kind = 'count' AND d.status = 'posted') AS counted_at \
         FROM {PAIRS} WHERE {OF_PAIRS} ORDER BY s.name, t.main DESC, t.name, t.id, a.vendor, a.part_number, a.id \
         LIMIT $5 OFFSET $6"
    );
    let raw: Vec<RawBalance> = on_db!(db, |p| {
        sqlx::query_as(AssertSqlSafe(sql))
            .bind(site)
            .bind(store)
            .bind(article)
            .bind(&search)
            .bind(paging.per_page)
            .bind(paging.offset())
            .fetch_all(p)
            .await?
    });
    let sql = format!("SELECT COUNT(*) FROM {PAIRS} WHERE {OF_PAIRS}");
    let total = on_db!(db, |p| {
        sqlx::query_scalar(AssertSqlSafe(sql)).bind(site).bind(store).bind(article).bind(&search).fetch_one(p).await?
    });
    let row = |r: RawBalance| BalanceRow {
        store: StoreId(r.store_id),
        store_name: r.store_name,
        site: SiteId(r.site_id),
        site_name: r.site_name,
        article: ArticleId(r.article_id),
        part_number: r.part_number,
        name: r.name,
        on_hand: r.on_hand,
        reserved: r.reserved,
        in_transit: r.in_transit,
        drafts: r.drafts,
        empties: r.empties,
        counted_at: r.counted_at.map(Millis),
    };
    Ok(Listed { rows: raw.into_iter().map(row).collect(), total })
}

/// One move of an article with its origin.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MoveRow {
    pub at: Millis,
    pub store: StoreId,
    pub store_name: String,
    pub delta: i64,
    /// On hand in this store after it.
    pub after: i64,
    pub document: DocumentId,
    pub number: String,
    pub kind: DocumentKind,
    pub device: Option<DeviceId>,
    pub device_name: Option<String>,
    pub order: Option<OrderId>,
    pub order_number: Option<String>,
    pub by: Option<String>,
    /// The reading behind it, when a device told.
    pub seen_at: Option<Millis>,
}

#[derive(sqlx::FromRow)]
struct RawMove {
    at: i64,
    store_id: i64,
    store_name: String,
    delta: i64,
    after: i64,
    document_id: i64,
    number: String,
    kind: String,
    device_id: Option<i64>,
    device_name: Option<String>,
    order_id: Option<i64>,
    order_number: Option<String>,
    posted_by: Option<String>,
    matched_key: Option<String>,
}

/// Moves of an article, the newest first, with how many there are.
pub async fn moves(db: &Db, article: ArticleId, site: Option<SiteId>, paging: Paging) -> Result<Listed<MoveRow>> {
    let site = site.map_or(0, |s| s.0);
    let sql = "SELECT m.at, m.store_id, t.name AS store_name, m.delta, CAST(m.after AS BIGINT) AS after, m.document_id, \
               d.number, d.kind, d.device_id, v.name AS device_name, d.order_id, o.number AS order_number, d.posted_by, \
               d.matched_key FROM (SELECT id, at, store_id, delta, document_id, \
               SUM(delta) OVER (PARTITION BY store_id ORDER BY id) AS after FROM stock_move WHERE article_id = $1) m \
               JOIN stock_store t ON t.id = m.store_id JOIN stock_document d ON d.id = m.document_id \
               LEFT JOIN device v ON v.id = d.device_id LEFT JOIN purchase_order o ON o.id = d.order_id \
               WHERE ($2 = 0 OR t.site_id = $2) ORDER BY m.id DESC LIMIT $3 OFFSET $4";
    let raw: Vec<RawMove> = on_db!(db, |p| {
        sqlx::query_as(sql).bind(article.0).bind(site).bind(paging.per_page).bind(paging.offset()).fetch_all(p).await?
    });
    let sql = "SELECT COUNT(*) FROM stock_move m JOIN stock_store t ON t.id = m.store_id WHERE m.article_id = $1 \
               AND ($2 = 0 OR t.site_id = $2)";
    let total = on_db!(db, |p| sqlx::query_scalar(sql).bind(article.0).bind(site).fetch_one(p).await?);
    let row = |r: RawMove| {
        Ok(MoveRow {
            at: Millis(r.at),
            store: StoreId(r.store_id),
            store_name: r.store_name,
            delta: r.delta,
            after: r.after,
            document: DocumentId(r.document_id),
            kind: DocumentKind::parse(&r.kind).ok_or_else(|| wrong("kind", r.document_id, &r.kind))?,
            number: r.number,
            device: r.device_id.map(DeviceId),
            device_name: r.device_name,
            order: r.order_id.map(OrderId),
            order_number: r.order_number,
            by: r.posted_by,
            seen_at: r.matched_key.as_deref().and_then(seen_at),
        })
    };
    Ok(Listed { rows: raw.into_iter().map(row).collect::<Result<_>>()?, total })
}

/// Pieces kept for somebody.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ReservationRow {
    pub id: ReservationId,
    pub store: StoreId,
    pub store_name: String,
    pub article: ArticleId,
    pub device: Option<DeviceId>,
    pub device_name: Option<String>,
    pub quantity: i64,
    pub note: String,
    pub created_at: Millis,
    pub created_by: String,
}

pub async fn reservations(db: &Db, article: ArticleId) -> Result<Vec<ReservationRow>> {
    let sql = "SELECT r.id, r.store_id, t.name, r.device_id, v.name, r.quantity, r.note, r.created_at, r.created_by \
               FROM stock_reservation r JOIN stock_store t ON t.id = r.store_id LEFT JOIN device v ON v.id = r.device_id \
               WHERE r.article_id = $1 AND r.released_at IS NULL ORDER BY r.id";
    type Raw = (i64, i64, String, Option<i64>, Option<String>, i64, String, i64, String);
    let raw: Vec<Raw> = on_db!(db, |p| sqlx::query_as(sql).bind(article.0).fetch_all(p).await?);
    let row = |(id, store, store_name, device, device_name, quantity, note, at, by): Raw| ReservationRow {
        id: ReservationId(id),
        store: StoreId(store),
        store_name,
        article,
        device: device.map(DeviceId),
        device_name,
        quantity,
        note,
        created_at: Millis(at),
        created_by: by,
    };
    Ok(raw.into_iter().map(row).collect())
}

/// An article as a line of a document names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct ArticleRef {
    pub id: i64,
    pub part_number: String,
    pub name: String,
}

pub async fn article(db: &Db, id: ArticleId) -> Result<Option<ArticleRef>> {
    let sql = "SELECT id, part_number, name FROM article WHERE id = $1";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_optional(p).await?))
}

/// Those of these numbers that exist.
pub async fn articles(db: &Db, ids: &[i64]) -> Result<Vec<ArticleRef>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT id, part_number, name FROM article WHERE id IN ({})", places(1, ids.len()));
    Ok(on_db!(db, |p| {
        let query = ids.iter().fold(sqlx::query_as(AssertSqlSafe(sql)), |q, id| q.bind(*id));
        query.fetch_all(p).await?
    }))
}

/// What a scanner or a person may mean: the barcode, part number or supplier's article exactly, else words of it.
pub async fn find(db: &Db, code: &str) -> Result<Vec<ArticleRef>> {
    let code = code.trim();
    if code.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT id, part_number, name FROM article WHERE barcode = $1 OR part_number = $1 OR supplier_article = $1 \
               OR lower(part_number) = $2 OR lower(supplier_article) = $2 ORDER BY id LIMIT 8";
    let exact: Vec<ArticleRef> =
        on_db!(db, |p| sqlx::query_as(sql).bind(code).bind(code.to_lowercase()).fetch_all(p).await?);
    if !exact.is_empty() {
        return Ok(exact);
    }
    let sql =
        "SELECT id, part_number, name FROM article WHERE search LIKE $1 ESCAPE '\\' ORDER BY part_number, id LIMIT 8";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(like(code)).fetch_all(p).await?))
}

/// Where the books and the world part.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Finding {
    pub kind: FindingKind,
    pub pieces: i64,
    pub store: Option<StoreId>,
    pub store_name: Option<String>,
    pub article: Option<ArticleId>,
    pub part_number: Option<String>,
    pub device: Option<DeviceId>,
    pub device_name: Option<String>,
    pub document: Option<DocumentId>,
    pub at: Option<Millis>,
}

type ByArticle = (i64, String, i64, String, i64, Option<i64>, Option<i64>);

fn of_article(kind: FindingKind, (store, store_name, article, part, pieces, document, at): ByArticle) -> Finding {
    Finding {
        kind,
        pieces,
        store: Some(StoreId(store)),
        store_name: Some(store_name),
        article: Some(ArticleId(article)),
        part_number: Some(part),
        device: None,
        device_name: None,
        document: document.map(DocumentId),
        at: at.map(Millis),
    }
}

/// Negative balances, shortages of the last count within 30 days, devices whose replacements and issues do not agree.
pub async fn findings(db: &Db, site: Option<SiteId>, now: Millis) -> Result<Vec<Finding>> {
    let site = site.map_or(0, |s| s.0);
    let (month, two_months) = (now.plus(-30 * Millis::DAY), now.plus(-60 * Millis::DAY));
    let sql = "SELECT t.id, t.name, a.id, a.part_number, CAST(-SUM(m.delta) AS BIGINT), CAST(NULL AS BIGINT), MAX(m.at) \
               FROM stock_move m JOIN stock_store t ON t.id = m.store_id JOIN article a ON a.id = m.article_id \
               WHERE ($1 = 0 OR t.site_id = $1) GROUP BY t.id, t.name, a.id, a.part_number HAVING SUM(m.delta) < 0 \
               ORDER BY t.name, a.part_number";
    let negative: Vec<ByArticle> = on_db!(db, |p| sqlx::query_as(sql).bind(site).fetch_all(p).await?);
    let sql = "SELECT t.id, t.name, a.id, a.part_number, l.expected - l.quantity, d.id, d.posted_at FROM stock_document d \
               JOIN stock_line l ON l.document_id = d.id JOIN stock_store t ON t.id = d.store_id \
               JOIN article a ON a.id = l.article_id WHERE d.kind = 'count' AND d.status = 'posted' AND d.posted_at >= $2 \
               AND l.expected - l.quantity >= 1 AND ($1 = 0 OR t.site_id = $1) AND NOT EXISTS (SELECT 1 \
               FROM stock_document e JOIN stock_line k ON k.document_id = e.id WHERE e.kind = 'count' \
               AND e.status = 'posted' AND e.id > d.id AND e.store_id = d.store_id AND k.article_id = l.article_id) \
               ORDER BY d.posted_at DESC, a.part_number";
    let short: Vec<ByArticle> = on_db!(db, |p| sqlx::query_as(sql).bind(site).bind(month.0).fetch_all(p).await?);
    let mut all: Vec<Finding> = negative.into_iter().map(|r| of_article(FindingKind::Negative, r)).collect();
    all.extend(short.into_iter().map(|r| of_article(FindingKind::Shortage, r)));
    // A dropped draft is a person's word that nothing was replaced.
    let sql = "SELECT v.id, v.name, \
        (SELECT COUNT(*) FROM timeline x WHERE x.device_id = v.id AND x.kind = 'supply-replaced' AND x.at >= $2) \
        - (SELECT COUNT(*) FROM stock_document d WHERE d.device_id = v.id AND d.origin = 'detection' \
           AND d.status IN ('dropped', 'reversed') AND d.created_at >= $2), \
        (SELECT CAST(COALESCE(SUM(l.quantity), 0) AS BIGINT) FROM stock_document d JOIN stock_line l ON l.document_id = d.id \
           WHERE d.device_id = v.id AND d.kind = 'issue' AND d.status = 'posted' AND d.posted_at >= $2), \
        (SELECT COUNT(*) FROM timeline x WHERE x.device_id = v.id AND x.kind = 'supply-replaced' AND x.at >= $3) \
        - (SELECT COUNT(*) FROM stock_document d WHERE d.device_id = v.id AND d.origin = 'detection' \
           AND d.status IN ('dropped', 'reversed') AND d.created_at >= $3), \
        (SELECT CAST(COALESCE(SUM(l.quantity), 0) AS BIGINT) FROM stock_document d JOIN stock_line l ON l.document_id = d.id \
           WHERE d.device_id = v.id AND d.kind = 'issue' AND d.status = 'posted' AND d.posted_at >= $3) \
        FROM device v WHERE v.lifecycle = 'active' AND ($1 = 0 OR v.site_id = $1) \
        AND (EXISTS (SELECT 1 FROM stock_document d WHERE d.device_id = v.id AND d.created_at >= $3) \
             OR EXISTS (SELECT 1 FROM timeline x WHERE x.device_id = v.id AND x.kind = 'supply-replaced' AND x.at >= $2)) \
        AND EXISTS (SELECT 1 FROM stock_move m JOIN stock_store t ON t.id = m.store_id WHERE t.site_id = v.site_id) \
        ORDER BY v.name, v.id";
    type ByDevice = (i64, String, i64, i64, i64, i64);
    let tallies: Vec<ByDevice> =
        on_db!(db, |p| sqlx::query_as(sql).bind(site).bind(month.0).bind(two_months.0).fetch_all(p).await?);
    for (device, name, detected_30, issued_30, detected_60, issued_60) in tallies {
        let tally = Tally { detected_30, issued_30, detected_60, issued_60 };
        let Some((kind, pieces)) = tally.finding() else { continue };
        all.push(Finding {
            kind,
            pieces,
            store: None,
            store_name: None,
            article: None,
            part_number: None,
            device: Some(DeviceId(device)),
            device_name: Some(name),
            document: None,
            at: None,
        });
    }
    Ok(all)
}

/// A piece on a shelf that goes into a supply of a device.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct ShelfRow {
    pub supply_index: String,
    pub article: i64,
    pub part_number: String,
    pub name: String,
    pub store: i64,
    pub store_name: String,
    pub on_hand: i64,
    /// It is what the supply is known to take.
    pub usual: i64,
}

/// For each supply of the device what lies in the stores of its branch and fits; the usual article first, then the fullest
/// shelf.
pub async fn shelf(db: &Db, device: DeviceId) -> Result<Vec<ShelfRow>> {
    let sql = "SELECT x.supply_index, x.article, x.part_number, x.name, x.store, x.store_name, x.on_hand, x.usual FROM \
        (SELECT s.idx AS supply_index, a.id AS article, a.part_number, a.name, t.id AS store, t.name AS store_name, \
        CAST(COALESCE((SELECT SUM(m.delta) FROM stock_move m WHERE m.store_id = t.id AND m.article_id = a.id), 0) AS BIGINT) \
        AS on_hand, CAST(CASE WHEN s.article_id = a.id THEN 1 ELSE 0 END AS BIGINT) AS usual, t.main \
        FROM supply s JOIN device d ON d.id = s.device_id JOIN stock_store t ON t.site_id = d.site_id AND t.archived = 0 \
        JOIN article a ON a.id = s.article_id OR (a.kind = s.kind AND (a.color IS NULL OR s.color IS NULL \
        OR a.color = s.color) AND EXISTS (SELECT 1 FROM article_fit f WHERE f.article_id = a.id \
        AND f.vendor IN ('*', lower(COALESCE(d.vendor, ''))) AND (f.model = lower(COALESCE(d.model, '')) OR (f.model LIKE '%*' \
        AND substr(lower(COALESCE(d.model, '')), 1, length(f.model) - 1) = substr(f.model, 1, length(f.model) - 1))))) \
        WHERE s.device_id = $1 AND s.present = 1) x WHERE x.on_hand > 0 OR (x.usual = 1 AND x.main = 1) \
        ORDER BY x.supply_index, CASE WHEN x.on_hand > 0 THEN 0 ELSE 1 END, x.usual DESC, x.on_hand DESC, x.article, x.store";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(device.0).fetch_all(p).await?))
}

/// Detected replacements of a device that wait for a person: document, supply index, part number, pieces left on the shelf.
pub async fn detected(db: &Db, device: DeviceId) -> Result<Vec<(i64, String, String)>> {
    let sql = "SELECT d.id, s.idx, a.part_number FROM stock_document d JOIN supply s ON s.id = d.supply_id \
               JOIN stock_line l ON l.document_id = d.id JOIN article a ON a.id = l.article_id \
               WHERE d.device_id = $1 AND d.status = 'draft' AND d.origin = 'detection' ORDER BY d.id";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(device.0).fetch_all(p).await?))
}
