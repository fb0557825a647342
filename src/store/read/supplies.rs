//! Supplies of all devices, the first to run out first, with what lies on the branch's shelves for them.

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{Listed, Paging};
use crate::model::{Millis, SiteId};
use crate::store::{Db, Result, on_db};

#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct SupplyAhead {
    pub id: i64,
    pub device_id: i64,
    pub device_name: String,
    pub location: Option<String>,
    pub site_id: i64,
    pub site_name: String,
    pub supply_index: String,
    pub kind: String,
    pub color: Option<String>,
    pub description: String,
    pub level_state: String,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub max_capacity: Option<i64>,
    pub receptacle: i64,
    pub is_low: i64,
    pub updated_at: i64,
    /// The forecast of its last reading, JSON: {at, median_days, low_days, high_days, level, stage, basis, ...}.
    pub outlook: Option<String>,
    /// Median moment at which it is spent, Unix milliseconds.
    pub empty_at: Option<i64>,
    pub article_id: Option<i64>,
    pub article: Option<String>,
    /// Pieces of the article in the branch's stores, and the store that has most of them.
    pub on_hand: i64,
    pub store: Option<String>,
}

/// Which supplies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Lower-cased words: all must stand in the device's search words or the article's.
    pub search: String,
    /// Spent before this moment.
    pub before: Option<Millis>,
}

const SELECT: &str = "SELECT s.id, d.id AS device_id, d.name AS device_name, d.location, t.id AS site_id, \
     t.name AS site_name, s.idx AS supply_index, s.kind, s.color, s.description, s.level_state, s.low, s.high, \
     s.max_capacity, s.receptacle, s.is_low, s.updated_at, s.outlook, s.empty_at, s.article_id, \
     a.part_number AS article, \
     CAST(COALESCE((SELECT SUM(m.delta) FROM stock_move m JOIN stock_store k ON k.id = m.store_id \
     WHERE k.site_id = d.site_id AND m.article_id = s.article_id), 0) AS BIGINT) AS on_hand, \
     (SELECT k.name FROM stock_move m JOIN stock_store k ON k.id = m.store_id WHERE k.site_id = d.site_id \
     AND m.article_id = s.article_id GROUP BY k.id, k.name HAVING SUM(m.delta) > 0 \
     ORDER BY SUM(m.delta) DESC, k.id LIMIT 1) AS store";
const FROM: &str = " FROM supply s JOIN device d ON d.id = s.device_id AND d.lifecycle = 'active' \
     JOIN site t ON t.id = d.site_id LEFT JOIN article a ON a.id = s.article_id \
     WHERE s.present = 1 AND ($1 = 0 OR d.site_id = $1) AND ($2 = 0 OR s.empty_at < $2) \
     AND ($3 = '' OR (d.search || ' ' || COALESCE(a.search, '')) LIKE $3)";

fn bound(filter: &Filter, site: Option<SiteId>) -> (i64, i64, String) {
    let words = filter.search.trim().to_lowercase().replace(['%', '_'], " ");
    let like = if words.is_empty() { String::new() } else { format!("%{words}%") };
    (site.map_or(0, |s| s.0), filter.before.map_or(0, |t| t.0), like)
}

/// The first to run out first; those nobody can foresee last.
pub async fn list(db: &Db, filter: &Filter, site: Option<SiteId>, paging: Paging) -> Result<Listed<SupplyAhead>> {
    let total = count(db, filter, site).await?;
    let (site, before, like) = bound(filter, site);
    let sql = AssertSqlSafe(format!(
        "{SELECT}{FROM} ORDER BY CASE WHEN s.empty_at IS NULL THEN 1 ELSE 0 END, s.empty_at, d.name, s.idx, s.id \
         LIMIT $4 OFFSET $5"
    ));
    let rows: Vec<SupplyAhead> = on_db!(db, |p| {
        sqlx::query_as(sql)
            .bind(site)
            .bind(before)
            .bind(like)
            .bind(paging.per_page)
            .bind(paging.offset())
            .fetch_all(p)
            .await?
    });
    Ok(Listed { rows, total })
}

pub async fn count(db: &Db, filter: &Filter, site: Option<SiteId>) -> Result<i64> {
    let (site, before, like) = bound(filter, site);
    let sql = AssertSqlSafe(format!("SELECT COUNT(*){FROM}"));
    Ok(on_db!(db, |p| sqlx::query_scalar(sql).bind(site).bind(before).bind(like).fetch_one(p).await?))
}
