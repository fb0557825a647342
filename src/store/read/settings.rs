//! Settings: people, API tokens, suppliers, articles, plain settings, mail and database state.

use std::collections::BTreeMap;

use serde::Serialize;

pub use super::articles::{ArticleRow, article, articles};
use crate::model::{Millis, Role, SiteId, Supplier, SupplierId, UserId};
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
