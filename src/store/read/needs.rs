//! Needs: what is low, why, which article, and the order it went on.

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{Listed, Paging, places};
use crate::model::{
    ArticleId, Cut, DeviceId, DocumentId, DocumentStatus, Millis, NeedId, NeedStatus, OrderId, Plan, SiteId,
};
use crate::store::{Db, Result, StoreError, on_db};

/// One need with its names.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct NeedRow {
    pub id: NeedId,
    pub site: SiteId,
    pub site_name: String,
    pub status: NeedStatus,
    pub quantity: i64,
    pub article: Option<NeedArticle>,
    pub order: Option<NeedOrder>,
    pub opened_at: Millis,
    pub closed_at: Option<Millis>,
    pub closed_why: Option<String>,
    pub reasons: Vec<NeedReasonRow>,
    /// The numbers behind the quantity, when the planner made it.
    pub plan: Option<Plan>,
    /// Transfers from other branches that answer it, drafted or on their way.
    pub moves: Vec<NeedMove>,
    /// Its order line waits for another month's money.
    pub cut: Option<Cut>,
}

/// Pieces another store can spare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NeedMove {
    pub document: DocumentId,
    pub number: String,
    pub status: DocumentStatus,
    pub store_name: String,
    pub site_name: String,
    pub part_number: String,
    pub quantity: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct NeedArticle {
    pub id: ArticleId,
    pub part_number: String,
    pub name: String,
    /// `None`: no supplier is set, so no draft order can be made.
    pub supplier: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct NeedOrder {
    pub id: OrderId,
    pub number: String,
    pub status: String,
}

/// A supply that asks for it, and the reading that said so.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct NeedReasonRow {
    pub device: DeviceId,
    pub device_name: String,
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub location: Option<String>,
    pub supply_index: String,
    pub description: String,
    pub kind: Option<String>,
    pub color: Option<String>,
    pub part_number: Option<String>,
    /// The interval when the need arose, 0 to 1.
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub at: Millis,
    /// What the device says now.
    pub now: Option<LevelNow>,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct LevelNow {
    pub state: String,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub receptacle: bool,
    pub threshold: f64,
    pub at: Millis,
}

/// Which needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NeedFilter {
    /// Open or on an order: what still matters.
    #[default]
    Current,
    /// Open and without an article: a person has to say which.
    WithoutArticle,
    Closed,
}

#[derive(sqlx::FromRow)]
struct Raw {
    id: i64,
    site_id: i64,
    site_name: String,
    status: String,
    quantity: i64,
    opened_at: i64,
    closed_at: Option<i64>,
    closed_why: Option<String>,
    why: Option<String>,
    article_id: Option<i64>,
    part_number: Option<String>,
    article_name: Option<String>,
    supplier_name: Option<String>,
    order_id: Option<i64>,
    order_number: Option<String>,
    order_status: Option<String>,
    cut: Option<String>,
}

#[derive(sqlx::FromRow)]
struct RawReason {
    need_id: i64,
    device_id: i64,
    device_name: String,
    vendor: Option<String>,
    model: Option<String>,
    location: Option<String>,
    supply_index: String,
    description: String,
    low: Option<f64>,
    high: Option<f64>,
    at: i64,
    kind: Option<String>,
    color: Option<String>,
    part_number: Option<String>,
    now_state: Option<String>,
    now_low: Option<f64>,
    now_high: Option<f64>,
    now_receptacle: Option<i64>,
    now_threshold: Option<f64>,
    now_at: Option<i64>,
}

const SELECT: &str = "SELECT n.id, n.site_id, s.name AS site_name, n.status, n.quantity, n.opened_at, n.closed_at, \
     n.closed_why, n.why, n.article_id, a.part_number, a.name AS article_name, p.name AS supplier_name, \
     o.id AS order_id, o.number AS order_number, o.status AS order_status, \
     (SELECT max(l.cut) FROM order_line l WHERE l.need_id = n.id AND l.order_id = o.id) AS cut \
     FROM need n JOIN site s ON s.id = n.site_id LEFT JOIN article a ON a.id = n.article_id \
     LEFT JOIN supplier p ON p.id = a.supplier_id LEFT JOIN purchase_order o ON o.id = \
     (SELECT max(l.order_id) FROM order_line l JOIN purchase_order q ON q.id = l.order_id \
     WHERE l.need_id = n.id AND q.status <> 'cancelled')";

fn condition(filter: NeedFilter) -> &'static str {
    match filter {
        NeedFilter::Current => "n.status <> 'closed'",
        NeedFilter::WithoutArticle => "n.status = 'open' AND n.article_id IS NULL",
        NeedFilter::Closed => "n.status = 'closed'",
    }
}

/// Needs of a branch (`None`: all), oldest first; closed ones newest first.
pub async fn list(db: &Db, filter: NeedFilter, site: Option<SiteId>, paging: Paging) -> Result<Listed<NeedRow>> {
    let site = site.map_or(0, |s| s.0);
    let order = match filter {
        NeedFilter::Closed => "n.closed_at DESC, n.id DESC",
        _ => "CASE n.status WHEN 'open' THEN 0 ELSE 1 END, n.opened_at, n.id",
    };
    let sql = format!(
        "{SELECT} WHERE {} AND ($1 = 0 OR n.site_id = $1) ORDER BY {order} LIMIT $2 OFFSET $3",
        condition(filter)
    );
    let raw: Vec<Raw> = on_db!(db, |p| {
        sqlx::query_as(AssertSqlSafe(sql)).bind(site).bind(paging.per_page).bind(paging.offset()).fetch_all(p).await
    })?;
    let total = count(db, filter, (site != 0).then_some(SiteId(site))).await?;
    Ok(Listed { rows: with_reasons(db, raw).await?, total })
}

pub async fn count(db: &Db, filter: NeedFilter, site: Option<SiteId>) -> Result<i64> {
    let sql = format!("SELECT count(*) FROM need n WHERE {} AND ($1 = 0 OR n.site_id = $1)", condition(filter));
    let site = site.map_or(0, |s| s.0);
    Ok(on_db!(db, |p| sqlx::query_scalar(AssertSqlSafe(sql)).bind(site).fetch_one(p).await)?)
}

pub async fn one(db: &Db, id: NeedId) -> Result<Option<NeedRow>> {
    let sql = format!("{SELECT} WHERE n.id = $1");
    let raw: Vec<Raw> = on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).bind(id.0).fetch_all(p).await)?;
    Ok(with_reasons(db, raw).await?.into_iter().next())
}

async fn with_reasons(db: &Db, raw: Vec<Raw>) -> Result<Vec<NeedRow>> {
    let mut rows = raw.into_iter().map(need).collect::<Result<Vec<_>>>()?;
    if rows.is_empty() {
        return Ok(rows);
    }
    let sql = format!(
        "SELECT r.need_id, r.device_id, d.name AS device_name, d.vendor, d.model, d.location, r.supply_index, \
         r.description, r.low, r.high, r.at, y.kind, y.color, y.part_number, y.level_state AS now_state, \
         y.low AS now_low, y.high AS now_high, y.receptacle AS now_receptacle, y.threshold AS now_threshold, \
         y.updated_at AS now_at FROM need_reason r JOIN device d ON d.id = r.device_id \
         LEFT JOIN supply y ON y.device_id = r.device_id AND y.idx = r.supply_index AND y.present = 1 \
         WHERE r.need_id IN ({}) ORDER BY r.at, r.device_id, r.supply_index",
        places(1, rows.len())
    );
    let reasons: Vec<RawReason> = on_db!(db, |p| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql));
        for row in &rows {
            query = query.bind(row.id.0);
        }
        query.fetch_all(p).await
    })?;
    for r in reasons {
        if let Some(row) = rows.iter_mut().find(|n| n.id.0 == r.need_id) {
            row.reasons.push(reason(r));
        }
    }
    with_moves(db, &mut rows).await?;
    Ok(rows)
}

async fn with_moves(db: &Db, rows: &mut [NeedRow]) -> Result<()> {
    let sql = format!(
        "SELECT d.need_id, d.id, d.number, d.status, t.name AS store_name, s.name AS site_name, a.part_number, l.quantity \
         FROM stock_document d JOIN stock_line l ON l.document_id = d.id JOIN article a ON a.id = l.article_id \
         JOIN stock_store t ON t.id = d.store_id JOIN site s ON s.id = t.site_id \
         WHERE d.status IN ('draft', 'in-transit') AND d.need_id IN ({}) ORDER BY d.id, l.line",
        places(1, rows.len())
    );
    type Raw = (i64, i64, String, String, String, String, String, i64);
    let found: Vec<Raw> = on_db!(db, |p| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql));
        for row in rows.iter() {
            query = query.bind(row.id.0);
        }
        query.fetch_all(p).await
    })?;
    for (need, id, number, status, store_name, site_name, part_number, quantity) in found {
        let status = DocumentStatus::parse(&status).ok_or_else(|| super::documents::wrong("status", id, &status))?;
        let document = DocumentId(id);
        let moved = NeedMove { document, number, status, store_name, site_name, part_number, quantity };
        rows.iter_mut().filter(|r| r.id.0 == need).for_each(|r| r.moves.push(moved.clone()));
    }
    Ok(())
}

fn need(r: Raw) -> Result<NeedRow> {
    let status = NeedStatus::parse(&r.status).ok_or_else(|| StoreError::Inconsistent {
        table: "need",
        column: "status",
        row: r.id,
        value: r.status.clone(),
    })?;
    let article = match (r.article_id, r.part_number, r.article_name) {
        (Some(id), Some(part_number), Some(name)) => {
            Some(NeedArticle { id: ArticleId(id), part_number, name, supplier: r.supplier_name })
        }
        _ => None,
    };
    let order = match (r.order_id, r.order_number, r.order_status) {
        (Some(id), Some(number), Some(status)) => Some(NeedOrder { id: OrderId(id), number, status }),
        _ => None,
    };
    Ok(NeedRow {
        id: NeedId(r.id),
        site: SiteId(r.site_id),
        site_name: r.site_name,
        status,
        quantity: r.quantity,
        article,
        order,
        opened_at: Millis(r.opened_at),
        closed_at: r.closed_at.map(Millis),
        closed_why: r.closed_why,
        reasons: Vec::new(),
        // One that another version wrote is none.
        moves: Vec::new(),
        cut: r.cut.and_then(|text| serde_json::from_str(&text).ok()),
        plan: r.why.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

fn reason(r: RawReason) -> NeedReasonRow {
    let now = match (r.now_state, r.now_threshold, r.now_at) {
        (Some(state), Some(threshold), Some(at)) => Some(LevelNow {
            state,
            low: r.now_low,
            high: r.now_high,
            receptacle: r.now_receptacle == Some(1),
            threshold,
            at: Millis(at),
        }),
        _ => None,
    };
    NeedReasonRow {
        device: DeviceId(r.device_id),
        device_name: r.device_name,
        vendor: r.vendor,
        model: r.model,
        location: r.location,
        supply_index: r.supply_index,
        description: r.description,
        kind: r.kind,
        color: r.color,
        part_number: r.part_number,
        low: r.low,
        high: r.high,
        at: Millis(r.at),
        now,
    }
}
