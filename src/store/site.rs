//! Branches of the company.

use super::{Db, Result, Tx, on_db, on_tx};
use crate::model::{Millis, SiteId};

pub async fn add(tx: &mut Tx, name: &str, time_zone: &str, now: Millis) -> Result<SiteId> {
    let sql = "INSERT INTO site (name, time_zone, created_at) VALUES ($1, $2, $3) RETURNING id";
    let id = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(name).bind(time_zone).bind(now.0).fetch_one(c).await?);
    Ok(SiteId(id))
}

pub async fn by_name(db: &Db, name: &str) -> Result<Option<SiteId>> {
    let sql = "SELECT id FROM site WHERE name = $1";
    let id: Option<i64> = on_db!(db, |p| sqlx::query_scalar(sql).bind(name).fetch_optional(p).await?);
    Ok(id.map(SiteId))
}

pub async fn id_by_name(tx: &mut Tx, name: &str) -> Result<Option<SiteId>> {
    let sql = "SELECT id FROM site WHERE name = $1";
    let id: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(name).fetch_optional(c).await?);
    Ok(id.map(SiteId))
}

/// The branch, when there is no other.
pub async fn only(tx: &mut Tx) -> Result<Option<SiteId>> {
    let ids: Vec<i64> = on_tx!(tx, |c| sqlx::query_scalar("SELECT id FROM site LIMIT 2").fetch_all(c).await?);
    Ok(if let [id] = ids[..] { Some(SiteId(id)) } else { None })
}

pub async fn exists(tx: &mut Tx, site: SiteId) -> Result<bool> {
    let sql = "SELECT id FROM site WHERE id = $1";
    let id: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.0).fetch_optional(c).await?);
    Ok(id.is_some())
}
