//! What `/metrics` tells of devices, supplies and workflows: plain numbers, no names made up.

use crate::model::{DeviceId, Millis};
use crate::store::{Db, Result, on_db};

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct DeviceMetrics {
    pub id: i64,
    pub name: String,
    pub site: String,
    pub kind: Option<String>,
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub serial: Option<String>,
    pub address: String,
    pub reach: String,
    pub condition: String,
    pub page_count: Option<i64>,
    pub last_seen: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct SupplyMetrics {
    pub device_id: i64,
    pub device: String,
    pub site: String,
    pub idx: String,
    pub kind: String,
    pub color: Option<String>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub is_low: i64,
}

/// Counts of the workflows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkflowMetrics {
    pub needs_open: i64,
    pub needs_without_article: i64,
    /// (status, orders)
    pub orders: Vec<(String, i64)>,
    /// (priority, open tickets)
    pub tickets_open: Vec<(i64, i64)>,
    pub outbox_pending: i64,
    pub outbox_failing: i64,
    pub outbox_oldest: Option<Millis>,
}

/// Is there such a device, retired or not?
pub async fn device_exists(db: &Db, id: DeviceId) -> Result<bool> {
    let n: i64 =
        on_db!(db, |p| sqlx::query_scalar("SELECT count(*) FROM device WHERE id = $1").bind(id.0).fetch_one(p).await)?;
    Ok(n > 0)
}

/// Active devices.
pub async fn devices(db: &Db) -> Result<Vec<DeviceMetrics>> {
    Ok(on_db!(db, |p| {
        sqlx::query_as(
            "SELECT d.id, d.name, s.name AS site, d.kind, d.vendor, d.model, d.serial, d.address, d.reach, d.condition, \
             d.page_count + d.page_offset AS page_count, d.last_seen FROM device d JOIN site s ON s.id = d.site_id WHERE d.lifecycle = 'active' \
             ORDER BY d.id",
        )
        .fetch_all(p)
        .await
    })?)
}

/// Supplies that are in their devices now.
pub async fn supplies(db: &Db) -> Result<Vec<SupplyMetrics>> {
    Ok(on_db!(db, |p| {
        sqlx::query_as(
            "SELECT y.device_id, d.name AS device, s.name AS site, y.idx, y.kind, y.color, y.low, y.high, y.is_low \
             FROM supply y JOIN device d ON d.id = y.device_id JOIN site s ON s.id = d.site_id \
             WHERE y.present = 1 AND d.lifecycle = 'active' ORDER BY y.device_id, y.idx",
        )
        .fetch_all(p)
        .await
    })?)
}

pub async fn workflows(db: &Db) -> Result<WorkflowMetrics> {
    let (needs_open, needs_without_article): (i64, i64) = on_db!(db, |p| {
        sqlx::query_as(
            "SELECT count(*), count(CASE WHEN article_id IS NULL THEN 1 END) FROM need WHERE status = 'open'",
        )
        .fetch_one(p)
        .await
    })?;
    let orders = on_db!(db, |p| {
        sqlx::query_as("SELECT status, count(*) FROM purchase_order GROUP BY status ORDER BY status").fetch_all(p).await
    })?;
    let tickets_open = on_db!(db, |p| {
        sqlx::query_as(
            "SELECT priority, count(*) FROM ticket WHERE status NOT IN ('resolved', 'closed', 'cancelled') \
             GROUP BY priority ORDER BY priority",
        )
        .fetch_all(p)
        .await
    })?;
    let (outbox_pending, outbox_failing, oldest): (i64, i64, Option<i64>) = on_db!(db, |p| {
        sqlx::query_as("SELECT count(*), count(last_error), min(created_at) FROM outbox WHERE status <> 'sent'")
            .fetch_one(p)
            .await
    })?;
    Ok(WorkflowMetrics {
        needs_open,
        needs_without_article,
        orders,
        tickets_open,
        outbox_pending,
        outbox_failing,
        outbox_oldest: oldest.map(Millis),
    })
}
