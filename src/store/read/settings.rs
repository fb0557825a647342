//! Settings: people, API tokens, suppliers, articles, plain settings, mail and database state.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{Listed, Paging, like, places};
use crate::model::{ArticleId, Millis, Minor, Role, SiteId, Supplier, SupplierId, UserId};
use crate::store::{Db, Result, StoreError, on_db};

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SiteRow {
    pub id: SiteId,
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    pub devices: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct UserRow {
    pub id: UserId,
    pub login: String,
    pub role: Role,
    pub language: Option<String>,
    pub created_at: Millis,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TokenRow {
    pub id: i64,
    pub name: String,
    pub role: Role,
    pub created_at: Millis,
}

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
    /// "vendor/model" patterns; `*` at the end matches the rest.
    pub fits: Vec<String>,
}

/// State of the mail that leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Default, utoipa::ToSchema)]
pub struct MailState {
    pub pending: i64,
    pub sent: i64,
    /// Newest error of a mail that is still waiting.
    pub last_error: Option<String>,
    pub last_sent_at: Option<Millis>,
}

pub async fn sites(db: &Db) -> Result<Vec<SiteRow>> {
    let raw: Vec<(i64, String, String, i64)> = on_db!(db, |p| {
        sqlx::query_as(
            "SELECT s.id, s.name, s.time_zone, \
             (SELECT count(*) FROM device d WHERE d.site_id = s.id AND d.lifecycle = 'active') \
             FROM site s ORDER BY s.name",
        )
        .fetch_all(p)
        .await
    })?;
    Ok(raw
        .into_iter()
        .map(|(id, name, time_zone, devices)| SiteRow { id: SiteId(id), name, time_zone, devices })
        .collect())
}

fn role(table: &'static str, row: i64, word: &str) -> Result<Role> {
    Role::parse(word).ok_or_else(|| StoreError::Inconsistent { table, column: "role", row, value: word.to_owned() })
}

pub async fn users(db: &Db) -> Result<Vec<UserRow>> {
    let raw: Vec<(i64, String, String, Option<String>, i64)> = on_db!(db, |p| {
        sqlx::query_as("SELECT id, login, role, language, created_at FROM app_user ORDER BY login").fetch_all(p).await
    })?;
    raw.into_iter()
        .map(|(id, login, word, language, at)| {
            Ok(UserRow { id: UserId(id), login, role: role("app_user", id, &word)?, language, created_at: Millis(at) })
        })
        .collect()
}

pub async fn tokens(db: &Db) -> Result<Vec<TokenRow>> {
    let raw: Vec<(i64, String, String, i64)> = on_db!(db, |p| {
        sqlx::query_as("SELECT id, name, role, created_at FROM api_token ORDER BY name").fetch_all(p).await
    })?;
    raw.into_iter()
        .map(|(id, name, word, at)| {
            Ok(TokenRow { id, name, role: role("api_token", id, &word)?, created_at: Millis(at) })
        })
        .collect()
}

pub async fn suppliers(db: &Db) -> Result<Vec<Supplier>> {
    let raw: Vec<(i64, String, String, String, String)> = on_db!(db, |p| {
        sqlx::query_as("SELECT id, name, email, language, currency FROM supplier ORDER BY name").fetch_all(p).await
    })?;
    Ok(raw
        .into_iter()
        .map(|(id, name, email, language, currency)| Supplier { id: SupplierId(id), name, email, language, currency })
        .collect())
}

pub async fn settings(db: &Db) -> Result<BTreeMap<String, String>> {
    let raw: Vec<(String, String)> =
        on_db!(db, |p| sqlx::query_as("SELECT key, value FROM setting ORDER BY key").fetch_all(p).await)?;
    Ok(raw.into_iter().collect())
}

pub async fn mail_state(db: &Db) -> Result<MailState> {
    let (pending, sent, last_sent_at): (i64, i64, Option<i64>) = on_db!(db, |p| {
        sqlx::query_as(
            "SELECT count(CASE WHEN status <> 'sent' THEN 1 END), count(CASE WHEN status = 'sent' THEN 1 END), \
             max(sent_at) FROM outbox",
        )
        .fetch_one(p)
        .await
    })?;
    let last_error: Option<Option<String>> = on_db!(db, |p| {
        sqlx::query_scalar(
            "SELECT last_error FROM outbox WHERE status <> 'sent' AND last_error IS NOT NULL ORDER BY id DESC LIMIT 1",
        )
        .fetch_optional(p)
        .await
    })?;
    Ok(MailState { pending, sent, last_error: last_error.flatten(), last_sent_at: last_sent_at.map(Millis) })
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
}

const ARTICLE: &str = "SELECT a.id, a.part_number, a.name, a.vendor, a.kind, a.color, a.yield_pages, a.price, a.vat_percent, \
     a.supplier_id, p.name AS supplier_name, p.currency, a.supplier_article \
     FROM article a LEFT JOIN supplier p ON p.id = a.supplier_id";

/// Articles by maker and part number; `search` over part number, name, maker.
pub async fn articles(db: &Db, search: &str, paging: Paging) -> Result<Listed<ArticleRow>> {
    let search = if search.trim().is_empty() { String::new() } else { like(search) };
    let sql = format!(
        "{ARTICLE} WHERE ($1 = '' OR a.search LIKE $1 ESCAPE '\\') ORDER BY a.vendor, a.part_number LIMIT $2 OFFSET $3"
    );
    let raw: Vec<RawArticle> = on_db!(db, |p| {
        sqlx::query_as(AssertSqlSafe(sql))
            .bind(search.clone())
            .bind(paging.per_page)
            .bind(paging.offset())
            .fetch_all(p)
            .await
    })?;
    let total = on_db!(db, |p| {
        sqlx::query_scalar("SELECT count(*) FROM article a WHERE ($1 = '' OR a.search LIKE $1 ESCAPE '\\')")
            .bind(search)
            .fetch_one(p)
            .await
    })?;
    Ok(Listed { rows: with_fits(db, raw).await?, total })
}

pub async fn article(db: &Db, id: ArticleId) -> Result<Option<ArticleRow>> {
    let sql = format!("{ARTICLE} WHERE a.id = $1");
    let raw: Vec<RawArticle> = on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).bind(id.0).fetch_all(p).await)?;
    Ok(with_fits(db, raw).await?.into_iter().next())
}

async fn with_fits(db: &Db, raw: Vec<RawArticle>) -> Result<Vec<ArticleRow>> {
    let mut rows: Vec<ArticleRow> = raw.into_iter().map(article_row).collect();
    if rows.is_empty() {
        return Ok(rows);
    }
    let sql = format!(
        "SELECT article_id, vendor, model FROM article_fit WHERE article_id IN ({}) ORDER BY vendor, model",
        places(1, rows.len())
    );
    let fits: Vec<(i64, String, String)> = on_db!(db, |p| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql));
        for row in &rows {
            query = query.bind(row.id.0);
        }
        query.fetch_all(p).await
    })?;
    for (article, vendor, model) in fits {
        if let Some(row) = rows.iter_mut().find(|a| a.id.0 == article) {
            row.fits.push(format!("{vendor}/{model}"));
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
        fits: Vec::new(),
    }
}
