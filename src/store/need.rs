//! Needs: "this branch needs that article", one open per (pool, key), with the supplies that ask for it.

use std::collections::HashMap;

use super::{Result, StoreError, Tx, execute, on_tx};
use crate::model::{ArticleId, DeviceId, Millis, Need, NeedId, NeedReason, NeedStatus, SiteId};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    site_id: i64,
    pool: String,
    key: String,
    article_id: Option<i64>,
    status: String,
    quantity: i64,
    opened_at: i64,
}

/// Reasons written in one statement.
const REASONS: usize = 100;

const SELECT: &str =
    "SELECT n.id, n.site_id, n.pool, n.key, n.article_id, n.status, n.quantity, n.opened_at FROM need n";

async fn with_reasons(tx: &mut Tx, row: Row) -> Result<Need> {
    let sql = "SELECT device_id, supply_index, description, low, high, at FROM need_reason WHERE need_id = $1 \
               ORDER BY at, device_id, supply_index";
    type Reason = (i64, String, String, Option<f64>, Option<f64>, i64);
    let reasons: Vec<Reason> = on_tx!(tx, |c| sqlx::query_as(sql).bind(row.id).fetch_all(c).await?);
    let status = NeedStatus::parse(&row.status).ok_or_else(|| StoreError::Inconsistent {
        table: "need",
        column: "status",
        row: row.id,
        value: row.status.clone(),
    })?;
    Ok(Need {
        id: NeedId(row.id),
        site: SiteId(row.site_id),
        pool: row.pool,
        article: row.article_id.map(ArticleId),
        key: row.key,
        status,
        reasons: reasons
            .into_iter()
            .map(|(device, supply_index, description, low, high, at)| NeedReason {
                device: DeviceId(device),
                supply_index,
                description,
                low,
                high,
                at: Millis(at),
            })
            .collect(),
        quantity: row.quantity,
        opened_at: Millis(row.opened_at),
    })
}

pub async fn load(tx: &mut Tx, id: NeedId) -> Result<Option<Need>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE n.id = $1"));
    let row: Option<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_optional(c).await?);
    match row {
        Some(r) => Ok(Some(with_reasons(tx, r).await?)),
        None => Ok(None),
    }
}

/// The one open or ordered need of this key.
pub async fn by_key(tx: &mut Tx, pool: &str, key: &str) -> Result<Option<Need>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE n.pool = $1 AND n.key = $2 AND n.status <> 'closed'"));
    let row: Option<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(pool).bind(key).fetch_optional(c).await?);
    match row {
        Some(r) => Ok(Some(with_reasons(tx, r).await?)),
        None => Ok(None),
    }
}

/// A need that is not closed, without its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub id: NeedId,
    pub status: NeedStatus,
    pub quantity: i64,
    /// The plan, JSON.
    pub why: Option<String>,
}

type HeadRow = (i64, String, i64, Option<String>);

fn made((id, status, quantity, why): HeadRow) -> Result<Head> {
    let status = NeedStatus::parse(&status).ok_or(StoreError::Inconsistent {
        table: "need",
        column: "status",
        row: id,
        value: status,
    })?;
    Ok(Head { id: NeedId(id), status, quantity, why })
}

/// The one open or ordered need of this key.
pub async fn head(tx: &mut Tx, pool: &str, key: &str) -> Result<Option<Head>> {
    let sql = "SELECT id, status, quantity, why FROM need WHERE pool = $1 AND key = $2 AND status <> 'closed'";
    let row: Option<HeadRow> = on_tx!(tx, |c| sqlx::query_as(sql).bind(pool).bind(key).fetch_optional(c).await?);
    row.map(made).transpose()
}

/// Every open or ordered need, by pool and key.
pub async fn heads(tx: &mut Tx) -> Result<HashMap<(String, String), Head>> {
    let sql = "SELECT pool, key, id, status, quantity, why FROM need WHERE status <> 'closed'";
    type Keyed = (String, String, i64, String, i64, Option<String>);
    let rows: Vec<Keyed> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    rows.into_iter().map(|(pool, key, id, status, n, why)| Ok(((pool, key), made((id, status, n, why))?))).collect()
}

/// Needs not closed that have this supply among their reasons.
pub async fn asked_by(tx: &mut Tx, device: DeviceId, supply_index: &str) -> Result<Vec<Need>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} JOIN need_reason r ON r.need_id = n.id WHERE r.device_id = $1 AND r.supply_index = $2 \
         AND n.status <> 'closed' ORDER BY n.id"
    ));
    let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(device.0).bind(supply_index).fetch_all(c).await?);
    let mut needs = Vec::with_capacity(rows.len());
    for row in rows {
        needs.push(with_reasons(tx, row).await?);
    }
    Ok(needs)
}

/// Supplies of a device that some need not closed has among its reasons.
pub async fn asked_by_device(tx: &mut Tx, device: DeviceId) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT r.supply_index FROM need_reason r JOIN need n ON n.id = r.need_id \
               WHERE r.device_id = $1 AND n.status <> 'closed' ORDER BY r.supply_index";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(device.0).fetch_all(c).await?))
}

/// Articles that open needs name.
pub async fn wanting(tx: &mut Tx) -> Result<std::collections::HashSet<ArticleId>> {
    let sql = "SELECT DISTINCT article_id FROM need WHERE status = 'open' AND article_id IS NOT NULL";
    let ids: Vec<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).fetch_all(c).await?);
    Ok(ids.into_iter().map(ArticleId).collect())
}

/// Open needs that wait for an article, or for this one to get onto an order.
pub async fn waiting_for(tx: &mut Tx, article: ArticleId) -> Result<Vec<Need>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE n.status = 'open' AND (n.article_id IS NULL OR (n.article_id = $1 AND NOT EXISTS \
         (SELECT 1 FROM order_line l WHERE l.need_id = n.id))) ORDER BY n.id"
    ));
    let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(article.0).fetch_all(c).await?);
    let mut needs = Vec::with_capacity(rows.len());
    for row in rows {
        needs.push(with_reasons(tx, row).await?);
    }
    Ok(needs)
}

/// Opens the need, or gives the one that is open its new quantity.
pub async fn open(
    tx: &mut Tx,
    site: SiteId,
    pool: &str,
    key: &str,
    article: Option<ArticleId>,
    quantity: i64,
    now: Millis,
) -> Result<NeedId> {
    let sql = "INSERT INTO need (site_id, pool, key, article_id, status, quantity, opened_at) \
               VALUES ($1, $2, $3, $4, 'open', $5, $6) \
               ON CONFLICT (pool, key) WHERE status <> 'closed' DO UPDATE SET quantity = excluded.quantity RETURNING id";
    let id = on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(site.0)
            .bind(pool)
            .bind(key)
            .bind(article.map(|a| a.0))
            .bind(quantity)
            .bind(now.0)
            .fetch_one(c)
            .await?
    });
    Ok(NeedId(id))
}

pub async fn add_reason(tx: &mut Tx, need: NeedId, r: &NeedReason) -> Result<()> {
    let sql = "INSERT INTO need_reason (need_id, device_id, supply_index, description, low, high, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (need_id, device_id, supply_index) DO NOTHING";
    execute!(tx, sql, need.0, r.device.0, &r.supply_index, &r.description, r.low, r.high, r.at.0);
    Ok(())
}

/// Why it is what it is: the plan (JSON) and the supplies that ask, in place of what stood there. `fresh`: nothing did.
pub async fn explain(tx: &mut Tx, need: NeedId, why: &str, reasons: &[NeedReason], fresh: bool) -> Result<()> {
    execute!(tx, "UPDATE need SET why = $2, status = 'open' WHERE id = $1", need.0, why);
    if !fresh {
        let sql = "SELECT device_id, supply_index FROM need_reason WHERE need_id = $1";
        let old: Vec<(i64, String)> = on_tx!(tx, |c| sqlx::query_as(sql).bind(need.0).fetch_all(c).await?);
        for (device, index) in old {
            if !reasons.iter().any(|r| r.device.0 == device && r.supply_index == index) {
                drop_reason(tx, need, DeviceId(device), &index).await?;
            }
        }
    }
    for some in reasons.chunks(REASONS) {
        add_reasons(tx, need, some).await?;
    }
    Ok(())
}

/// In one statement.
async fn add_reasons(tx: &mut Tx, need: NeedId, reasons: &[NeedReason]) -> Result<()> {
    let row = |i: usize| format!("($1, ${}, ${}, ${}, ${}, ${}, ${})", i + 2, i + 3, i + 4, i + 5, i + 6, i + 7);
    let rows: Vec<String> = (0..reasons.len()).map(|n| row(n * 6)).collect();
    let sql = sqlx::AssertSqlSafe(format!(
        "INSERT INTO need_reason (need_id, device_id, supply_index, description, low, high, at) VALUES {} \
         ON CONFLICT (need_id, device_id, supply_index) DO NOTHING",
        rows.join(", ")
    ));
    on_tx!(tx, |c| {
        let mut query = sqlx::query(sql).bind(need.0);
        for r in reasons {
            let (index, words) = (r.supply_index.as_str(), r.description.as_str());
            query = query.bind(r.device.0).bind(index).bind(words).bind(r.low).bind(r.high).bind(r.at.0);
        }
        query.execute(c).await?;
    });
    Ok(())
}

pub async fn drop_reason(tx: &mut Tx, need: NeedId, device: DeviceId, supply_index: &str) -> Result<()> {
    let sql = "DELETE FROM need_reason WHERE need_id = $1 AND device_id = $2 AND supply_index = $3";
    execute!(tx, sql, need.0, device.0, supply_index);
    Ok(())
}

pub async fn set_quantity(tx: &mut Tx, need: NeedId, quantity: i64) -> Result<()> {
    let sql = "UPDATE need SET quantity = $2 WHERE id = $1";
    execute!(tx, sql, need.0, quantity);
    Ok(())
}

/// Its article is known now; the key with it.
pub async fn set_article(tx: &mut Tx, need: NeedId, article: ArticleId, key: &str) -> Result<()> {
    let sql = "UPDATE need SET article_id = $2, key = $3 WHERE id = $1";
    execute!(tx, sql, need.0, article.0, key);
    Ok(())
}

pub async fn close(tx: &mut Tx, need: NeedId, why: &str, now: Millis) -> Result<()> {
    let sql = "UPDATE need SET status = 'closed', closed_at = $2, closed_why = $3 WHERE id = $1 AND status <> 'closed'";
    execute!(tx, sql, need.0, now.0, why);
    Ok(())
}
