//! Articles as pages and the API show them, suppliers with their terms, and supplies whose article nobody has confirmed.

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{Listed, Paging, like, places};
use crate::model::{
    ArticleId, ArticleTerms, DeviceId, Fit, FoundBy, Grade, Minor, Supplier, SupplierId, SupplierTerms, SupplyId,
};
use crate::store::{Db, Result, on_db, supplier};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ArticleRow {
    pub id: ArticleId,
    pub part_number: String,
    pub name: String,
    pub vendor: String,
    pub kind: String,
    pub color: Option<String>,
    pub yield_pages: Option<i64>,
    /// Net price of one, minor units of the supplier's currency.
    pub price: Option<Minor>,
    pub vat_percent: i64,
    pub supplier: Option<SupplierId>,
    pub supplier_name: Option<String>,
    pub currency: Option<String>,
    pub supplier_article: Option<String>,
    pub terms: ArticleTerms,
    /// "vendor/model" patterns; `*` at the end matches the rest; after it "80%" of the yield, "+1" preference.
    pub fits: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct RawArticle {
    id: i64,
    part_number: String,
    name: String,
    vendor: String,
    kind: String,
    color: Option<String>,
    yield_pages: Option<i64>,
    price: Option<i64>,
    vat_percent: i64,
    supplier_id: Option<i64>,
    supplier_name: Option<String>,
    currency: Option<String>,
    supplier_article: Option<String>,
    grade: String,
    lead_days: Option<i64>,
    pack: i64,
    code_1c: Option<String>,
    barcode: Option<String>,
    discontinued: i64,
}

const ARTICLE: &str = "SELECT a.id, a.part_number, a.name, a.vendor, a.kind, a.color, a.yield_pages, a.price, a.vat_percent, \
     a.supplier_id, p.name AS supplier_name, p.currency, a.supplier_article, a.grade, a.lead_days, a.pack, a.code_1c, \
     a.barcode, a.discontinued FROM article a LEFT JOIN supplier p ON p.id = a.supplier_id";

/// Which articles, in which order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArticleFilter {
    /// Over part number, name, maker, the supplier's article.
    pub search: String,
    /// Word of a kind, or "".
    pub kind: String,
    pub supplier: Option<SupplierId>,
    /// Of the words `order_by` knows; anything else is maker and part number.
    pub sort: String,
    pub descending: bool,
}

const WHERE: &str = "($1 = '' OR a.search LIKE $1 ESCAPE '\\') AND ($2 = '' OR a.kind = $2) \
                     AND ($3 = 0 OR a.supplier_id = $3)";

/// Only these words reach the statement.
fn order_by(sort: &str, descending: bool) -> String {
    let direction = if descending { "DESC" } else { "ASC" };
    let column = match sort {
        "article" => "a.part_number",
        "kind" => "a.kind",
        "supplier" => "coalesce(p.name, '')",
        "price" => "coalesce(a.price, 0)",
        "yield" => "coalesce(a.yield_pages, 0)",
        _ => "a.vendor",
    };
    format!("{column} {direction}, a.vendor, a.part_number")
}

/// Articles by maker and part number; `search` over part number, name, maker.
pub async fn articles(db: &Db, search: &str, paging: Paging) -> Result<Listed<ArticleRow>> {
    filtered(db, &ArticleFilter { search: search.to_owned(), ..ArticleFilter::default() }, paging).await
}

pub async fn filtered(db: &Db, filter: &ArticleFilter, paging: Paging) -> Result<Listed<ArticleRow>> {
    let search = if filter.search.trim().is_empty() { String::new() } else { like(&filter.search) };
    let supplier = filter.supplier.map_or(0, |s| s.0);
    let order = order_by(&filter.sort, filter.descending);
    let sql = format!("{ARTICLE} WHERE {WHERE} ORDER BY {order} LIMIT $4 OFFSET $5");
    let raw: Vec<RawArticle> = on_db!(db, |p| {
        sqlx::query_as(AssertSqlSafe(sql))
            .bind(search.clone())
            .bind(&filter.kind)
            .bind(supplier)
            .bind(paging.per_page)
            .bind(paging.offset())
            .fetch_all(p)
            .await
    })?;
    let sql = format!("SELECT count(*) FROM article a WHERE {WHERE}");
    let total = on_db!(db, |p| {
        sqlx::query_scalar(AssertSqlSafe(sql)).bind(search).bind(&filter.kind).bind(supplier).fetch_one(p).await
    })?;
    Ok(Listed { rows: with_fits(db, raw).await?, total })
}

pub async fn article(db: &Db, id: ArticleId) -> Result<Option<ArticleRow>> {
    let sql = format!("{ARTICLE} WHERE a.id = $1");
    let raw: Vec<RawArticle> = on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).bind(id.0).fetch_all(p).await)?;
    Ok(with_fits(db, raw).await?.into_iter().next())
}

/// Articles whose fits are asked for in one statement: below the databases' limits of values.
const AT_ONCE: usize = 500;

async fn with_fits(db: &Db, raw: Vec<RawArticle>) -> Result<Vec<ArticleRow>> {
    let mut rows: Vec<ArticleRow> = raw.into_iter().map(article_row).collect();
    for part in rows.chunks_mut(AT_ONCE) {
        let sql = format!(
            "SELECT article_id, vendor, model, preference, yield_percent FROM article_fit WHERE article_id IN ({}) \
             ORDER BY vendor, model",
            places(1, part.len())
        );
        type Raw = (i64, String, String, i64, i64);
        let fits: Vec<Raw> = on_db!(db, |p| {
            let mut query = sqlx::query_as(AssertSqlSafe(sql));
            for row in part.iter() {
                query = query.bind(row.id.0);
            }
            query.fetch_all(p).await
        })?;
        let at: std::collections::HashMap<i64, usize> = part.iter().enumerate().map(|(i, a)| (a.id.0, i)).collect();
        for (article, vendor, model, preference, yield_percent) in fits {
            if let Some(i) = at.get(&article) {
                part[*i].fits.push(Fit { vendor, model, preference, yield_percent }.to_string());
            }
        }
    }
    Ok(rows)
}

fn article_row(r: RawArticle) -> ArticleRow {
    ArticleRow {
        id: ArticleId(r.id),
        part_number: r.part_number,
        name: r.name,
        vendor: r.vendor,
        kind: r.kind,
        color: r.color,
        yield_pages: r.yield_pages,
        price: r.price.map(Minor),
        vat_percent: r.vat_percent,
        supplier: r.supplier_id.map(SupplierId),
        supplier_name: r.supplier_name,
        currency: r.currency,
        supplier_article: r.supplier_article,
        terms: ArticleTerms {
            grade: Grade::parse(&r.grade).unwrap_or_default(),
            lead_days: r.lead_days,
            pack: r.pack,
            code_1c: r.code_1c,
            barcode: r.barcode,
            discontinued: r.discontinued != 0,
        },
        fits: Vec::new(),
    }
}

/// A supplier with its terms.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SupplierRow {
    #[serde(flatten)]
    pub supplier: Supplier,
    pub terms: SupplierTerms,
    /// Whether orders to the webhook are signed; the secret itself is never shown.
    pub signed: bool,
}

#[derive(sqlx::FromRow)]
struct RawSupplier {
    #[sqlx(flatten)]
    supplier: supplier::Row,
    #[sqlx(flatten)]
    terms: supplier::TermsRow,
    signed: i64,
}

/// Suppliers by name.
pub async fn suppliers(db: &Db) -> Result<Vec<SupplierRow>> {
    let sql = "SELECT id, name, email, language, currency, lead_days, min_order, auto_send, auto_week_limit, webhook, \
               CASE WHEN webhook_secret IS NULL THEN CAST(0 AS BIGINT) ELSE 1 END AS signed FROM supplier ORDER BY name";
    let raw: Vec<RawSupplier> = on_db!(db, |p| sqlx::query_as(sql).fetch_all(p).await)?;
    let row =
        |r: RawSupplier| SupplierRow { supplier: r.supplier.into(), terms: r.terms.into(), signed: r.signed != 0 };
    Ok(raw.into_iter().map(row).collect())
}

/// A supply whose article a rule found and nobody confirmed.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Suggestion {
    pub supply: SupplyId,
    pub device: DeviceId,
    pub device_name: String,
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub kind: String,
    pub color: Option<String>,
    pub description: String,
    pub article: ArticleId,
    pub part_number: String,
    pub article_vendor: String,
    pub found_by: Option<FoundBy>,
}

#[derive(sqlx::FromRow)]
struct RawSuggestion {
    supply: i64,
    device: i64,
    device_name: String,
    vendor: Option<String>,
    model: Option<String>,
    kind: String,
    color: Option<String>,
    description: String,
    article: i64,
    part_number: String,
    article_vendor: String,
    article_why: Option<String>,
}

const SUGGESTED: &str = "FROM supply s JOIN device d ON d.id = s.device_id JOIN article a ON a.id = s.article_id \
                         WHERE s.present = 1 AND s.article_confirmed = 0 AND d.lifecycle = 'active' \
                         AND ($1 = 0 OR d.id = $1)";

/// By model, then device; of one device when it is given.
pub async fn suggestions(db: &Db, device: Option<DeviceId>, paging: Paging) -> Result<Listed<Suggestion>> {
    let of = device.map_or(0, |d| d.0);
    let sql = format!(
        "SELECT s.id AS supply, d.id AS device, d.name AS device_name, d.vendor, d.model, s.kind, s.color, \
         s.description, a.id AS article, a.part_number, a.vendor AS article_vendor, s.article_why {SUGGESTED} \
         ORDER BY d.vendor, d.model, d.name, s.id LIMIT $2 OFFSET $3"
    );
    let raw: Vec<RawSuggestion> = on_db!(db, |p| {
        sqlx::query_as(AssertSqlSafe(sql)).bind(of).bind(paging.per_page).bind(paging.offset()).fetch_all(p).await
    })?;
    let sql = format!("SELECT count(*) {SUGGESTED}");
    let total = on_db!(db, |p| sqlx::query_scalar(AssertSqlSafe(sql)).bind(of).fetch_one(p).await)?;
    let row = |r: RawSuggestion| Suggestion {
        supply: SupplyId(r.supply),
        device: DeviceId(r.device),
        device_name: r.device_name,
        vendor: r.vendor,
        model: r.model,
        kind: r.kind,
        color: r.color,
        description: r.description,
        article: ArticleId(r.article),
        part_number: r.part_number,
        article_vendor: r.article_vendor,
        found_by: r.article_why.as_deref().and_then(FoundBy::parse),
    };
    Ok(Listed { rows: raw.into_iter().map(row).collect(), total })
}

/// Makers and models of active devices that have supplies, with how many of each there are.
pub async fn models(db: &Db) -> Result<Vec<(String, String, i64)>> {
    let sql = "SELECT d.vendor, d.model, count(*) FROM device d WHERE d.lifecycle = 'active' AND d.vendor IS NOT NULL \
               AND d.model IS NOT NULL AND EXISTS (SELECT 1 FROM supply s WHERE s.device_id = d.id AND s.present = 1) \
               GROUP BY d.vendor, d.model ORDER BY d.vendor, d.model";
    Ok(on_db!(db, |p| sqlx::query_as(sql).fetch_all(p).await)?)
}
