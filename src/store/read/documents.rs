//! Stock documents: the list, and one with its lines, what took it back, and the reading behind a detected replacement.

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{Listed, Paging};
use crate::model::{
    DeviceId, DocumentId, DocumentKind, DocumentOrigin, DocumentStatus, Millis, Minor, OrderId, SiteId, StoreId,
};
use crate::store::{Db, Result, StoreError, on_db};

/// A document in a list.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DocumentRow {
    pub id: DocumentId,
    pub number: String,
    pub kind: DocumentKind,
    pub status: DocumentStatus,
    pub store: StoreId,
    pub store_name: String,
    pub site: SiteId,
    pub site_name: String,
    pub to_store: Option<StoreId>,
    pub to_store_name: Option<String>,
    pub device: Option<DeviceId>,
    pub device_name: Option<String>,
    pub location: Option<String>,
    pub order: Option<OrderId>,
    pub order_number: Option<String>,
    pub origin: DocumentOrigin,
    pub note: String,
    pub lines: i64,
    pub pieces: i64,
    /// Part number of the first line.
    pub first: Option<String>,
    pub created_at: Millis,
    pub created_by: String,
    pub posted_at: Option<Millis>,
    pub posted_by: Option<String>,
    pub received_at: Option<Millis>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentFilter {
    pub kind: Option<DocumentKind>,
    pub status: Option<DocumentStatus>,
    /// Drafts and transfers on their way: what waits for a person.
    pub waiting: bool,
    pub site: Option<SiteId>,
    pub device: Option<DeviceId>,
}

#[derive(sqlx::FromRow)]
struct RawDocument {
    id: i64,
    number: String,
    kind: String,
    status: String,
    store_id: i64,
    store_name: String,
    site_id: i64,
    site_name: String,
    to_store_id: Option<i64>,
    to_store_name: Option<String>,
    device_id: Option<i64>,
    device_name: Option<String>,
    location: Option<String>,
    order_id: Option<i64>,
    order_number: Option<String>,
    origin: String,
    note: String,
    lines: i64,
    pieces: i64,
    first_part: Option<String>,
    created_at: i64,
    created_by: String,
    posted_at: Option<i64>,
    posted_by: Option<String>,
    received_at: Option<i64>,
}

pub(super) fn wrong(column: &'static str, row: i64, value: &str) -> StoreError {
    StoreError::Inconsistent { table: "stock_document", column, row, value: value.to_owned() }
}

fn document_row(r: RawDocument) -> Result<DocumentRow> {
    Ok(DocumentRow {
        id: DocumentId(r.id),
        kind: DocumentKind::parse(&r.kind).ok_or_else(|| wrong("kind", r.id, &r.kind))?,
        status: DocumentStatus::parse(&r.status).ok_or_else(|| wrong("status", r.id, &r.status))?,
        origin: DocumentOrigin::parse(&r.origin).ok_or_else(|| wrong("origin", r.id, &r.origin))?,
        number: r.number,
        store: StoreId(r.store_id),
        store_name: r.store_name,
        site: SiteId(r.site_id),
        site_name: r.site_name,
        to_store: r.to_store_id.map(StoreId),
        to_store_name: r.to_store_name,
        device: r.device_id.map(DeviceId),
        device_name: r.device_name,
        location: r.location,
        order: r.order_id.map(OrderId),
        order_number: r.order_number,
        note: r.note,
        lines: r.lines,
        pieces: r.pieces,
        first: r.first_part,
        created_at: Millis(r.created_at),
        created_by: r.created_by,
        posted_at: r.posted_at.map(Millis),
        posted_by: r.posted_by,
        received_at: r.received_at.map(Millis),
    })
}

const DOCUMENTS: &str = "SELECT d.id, d.number, d.kind, d.status, d.store_id, t.name AS store_name, t.site_id, \
    s.name AS site_name, d.to_store_id, u.name AS to_store_name, d.device_id, v.name AS device_name, v.location, d.order_id, \
    o.number AS order_number, d.origin, d.note, (SELECT COUNT(*) FROM stock_line l WHERE l.document_id = d.id) AS lines, \
    (SELECT CAST(COALESCE(SUM(l.quantity), 0) AS BIGINT) FROM stock_line l WHERE l.document_id = d.id) AS pieces, \
    (SELECT a.part_number FROM stock_line l JOIN article a ON a.id = l.article_id WHERE l.document_id = d.id \
    ORDER BY l.line LIMIT 1) AS first_part, d.created_at, d.created_by, d.posted_at, d.posted_by, d.received_at \
    FROM stock_document d JOIN stock_store t ON t.id = d.store_id JOIN site s ON s.id = t.site_id \
    LEFT JOIN stock_store u ON u.id = d.to_store_id LEFT JOIN device v ON v.id = d.device_id \
    LEFT JOIN purchase_order o ON o.id = d.order_id";
const OF_DOCUMENTS: &str = "($1 = '' OR d.kind = $1) AND ($2 = '' OR d.status = $2) \
    AND ($3 = 0 OR d.status IN ('draft', 'in-transit')) AND ($4 = 0 OR t.site_id = $4 OR u.site_id = $4) \
    AND ($5 = 0 OR d.device_id = $5)";

/// The newest first.
pub async fn list(db: &Db, f: &DocumentFilter, paging: Paging) -> Result<Listed<DocumentRow>> {
    let kind = f.kind.map_or("", DocumentKind::as_str);
    let status = f.status.map_or("", DocumentStatus::as_str);
    let (site, device) = (f.site.map_or(0, |s| s.0), f.device.map_or(0, |d| d.0));
    let waiting = i64::from(f.waiting);
    let sql = format!("{DOCUMENTS} WHERE {OF_DOCUMENTS} ORDER BY d.created_at DESC, d.id DESC LIMIT $6 OFFSET $7");
    let raw: Vec<RawDocument> = on_db!(db, |p| {
        sqlx::query_as(AssertSqlSafe(sql))
            .bind(kind)
            .bind(status)
            .bind(waiting)
            .bind(site)
            .bind(device)
            .bind(paging.per_page)
            .bind(paging.offset())
            .fetch_all(p)
            .await?
    });
    let sql = format!(
        "SELECT COUNT(*) FROM stock_document d JOIN stock_store t ON t.id = d.store_id \
         LEFT JOIN stock_store u ON u.id = d.to_store_id WHERE {OF_DOCUMENTS}"
    );
    let total = on_db!(db, |p| {
        sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(kind)
            .bind(status)
            .bind(waiting)
            .bind(site)
            .bind(device)
            .fetch_one(p)
            .await?
    });
    Ok(Listed { rows: raw.into_iter().map(document_row).collect::<Result<_>>()?, total })
}

#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct DocumentLine {
    pub article: i64,
    pub part_number: String,
    pub name: String,
    /// Of a count: what was counted.
    pub quantity: i64,
    /// Of a count: what the books said.
    pub expected: Option<i64>,
    /// Net price of one, minor units.
    #[schema(value_type = Option<i64>)]
    pub price: Option<i64>,
}

impl DocumentLine {
    pub fn price(&self) -> Option<Minor> {
        self.price.map(Minor)
    }
    /// Of a count: counted less expected.
    pub fn difference(&self) -> Option<i64> {
        self.expected.map(|e| self.quantity - e)
    }
}

/// Another document, by its number.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DocumentRef {
    pub id: DocumentId,
    pub number: String,
}

/// The reading behind a detected replacement.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Evidence {
    pub at: Millis,
    pub description: String,
    /// Remaining fraction before and after.
    pub from: Option<f64>,
    pub to: Option<f64>,
}

/// One document with everything its page shows.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DocumentDetail {
    pub document: DocumentRow,
    pub lines: Vec<DocumentLine>,
    pub reverses: Option<DocumentRef>,
    pub reversed_by: Option<DocumentRef>,
    pub evidence: Option<Evidence>,
    /// Of the supplier of its order, for prices.
    pub currency: Option<String>,
}

pub async fn one(db: &Db, id: DocumentId) -> Result<Option<DocumentDetail>> {
    let sql = format!("{DOCUMENTS} WHERE d.id = $1");
    let raw: Option<RawDocument> =
        on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).bind(id.0).fetch_optional(p).await?);
    let Some(raw) = raw else { return Ok(None) };
    let sql = "SELECT l.article_id AS article, a.part_number, a.name, l.quantity, l.expected, l.price FROM stock_line l \
               JOIN article a ON a.id = l.article_id WHERE l.document_id = $1 ORDER BY l.line";
    let lines = on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_all(p).await?);
    let other = |(id, number): (i64, String)| DocumentRef { id: DocumentId(id), number };
    let sql = "SELECT o.id, o.number FROM stock_document d JOIN stock_document o ON o.id = d.reverses WHERE d.id = $1";
    let reverses: Option<(i64, String)> = on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_optional(p).await?);
    let sql = "SELECT id, number FROM stock_document WHERE reverses = $1 ORDER BY id LIMIT 1";
    let reversed: Option<(i64, String)> = on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_optional(p).await?);
    let sql = "SELECT p.currency FROM stock_document d JOIN purchase_order o ON o.id = d.order_id \
               JOIN supplier p ON p.id = o.supplier_id WHERE d.id = $1";
    let currency: Option<String> = on_db!(db, |p| sqlx::query_scalar(sql).bind(id.0).fetch_optional(p).await?);
    let evidence = evidence(db, id).await?;
    Ok(Some(DocumentDetail {
        document: document_row(raw)?,
        lines,
        reverses: reverses.map(other),
        reversed_by: reversed.map(other),
        evidence,
        currency,
    }))
}

/// When the replacement was seen: the end of the key, "replaced:SUPPLY:AT".
pub(super) fn seen_at(key: &str) -> Option<Millis> {
    key.strip_prefix("replaced:")?.rsplit(':').next()?.parse().ok().map(Millis)
}

async fn evidence(db: &Db, id: DocumentId) -> Result<Option<Evidence>> {
    let sql = "SELECT matched_key, supply_id FROM stock_document WHERE id = $1 AND matched_key IS NOT NULL \
               AND supply_id IS NOT NULL";
    let found: Option<(String, i64)> = on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_optional(p).await?);
    let Some((at, supply)) = found.and_then(|(key, supply)| Some((seen_at(&key)?, supply))) else { return Ok(None) };
    let sql = "SELECT s.description, r.level_before, r.level_after FROM supply_replacement r \
               JOIN supply s ON s.id = r.supply_id WHERE r.supply_id = $1 AND r.at = $2";
    let row: Option<(String, Option<f64>, Option<f64>)> =
        on_db!(db, |p| sqlx::query_as(sql).bind(supply).bind(at.0).fetch_optional(p).await?);
    let (description, from, to) = row.unwrap_or_default();
    Ok(Some(Evidence { at, description, from, to }))
}
