//! Maintenance windows as they are planned and taken back; none is ever removed: reports leave their time out.

use super::{Db, Result, Tx, execute, on_db, on_tx};
use crate::model::{DeviceId, Millis, NewWindow, SiteId, Window};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    site_id: Option<i64>,
    device_id: Option<i64>,
    starts_at: i64,
    ends_at: i64,
    weekly: i64,
    reason: String,
    ended_at: Option<i64>,
}

impl Row {
    fn window(self) -> Window {
        Window {
            id: self.id,
            planned: NewWindow {
                site: self.site_id.map(SiteId),
                device: self.device_id.map(DeviceId),
                starts_at: Millis(self.starts_at),
                ends_at: Millis(self.ends_at),
                weekly: self.weekly == 1,
                reason: self.reason,
            },
            ended_at: self.ended_at.map(Millis),
        }
    }
}

const SELECT: &str = "SELECT id, site_id, device_id, starts_at, ends_at, weekly, reason, ended_at FROM maintenance";

pub async fn plan(tx: &mut Tx, window: &NewWindow, by: &str, now: Millis) -> Result<i64> {
    let sql = "INSERT INTO maintenance (site_id, device_id, starts_at, ends_at, weekly, reason, planned_by, planned_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
    Ok(on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(window.site.map(|s| s.0))
            .bind(window.device.map(|d| d.0))
            .bind(window.starts_at.0)
            .bind(window.ends_at.0)
            .bind(i64::from(window.weekly))
            .bind(&window.reason)
            .bind(by)
            .bind(now.0)
            .fetch_one(c)
            .await?
    }))
}

pub async fn load(tx: &mut Tx, id: i64) -> Result<Option<Window>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1"));
    let row: Option<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id).fetch_optional(c).await?);
    Ok(row.map(Row::window))
}

pub async fn take_back(tx: &mut Tx, id: i64, now: Millis) -> Result<()> {
    execute!(tx, "UPDATE maintenance SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL", id, now.0);
    Ok(())
}

/// Those that may still be on at some moment after `now`.
pub async fn coming(tx: &mut Tx, now: Millis) -> Result<Vec<Window>> {
    let sql =
        sqlx::AssertSqlSafe(format!("{SELECT} WHERE ended_at IS NULL AND (weekly = 1 OR ends_at > $1) ORDER BY id"));
    let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(now.0).fetch_all(c).await?);
    Ok(rows.into_iter().map(Row::window).collect())
}

/// A window with the names of what it is for.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Planned {
    pub id: i64,
    pub site_id: Option<i64>,
    pub site_name: Option<String>,
    pub time_zone: Option<String>,
    pub device_id: Option<i64>,
    pub device_name: Option<String>,
    pub starts_at: i64,
    pub ends_at: i64,
    pub weekly: i64,
    pub reason: String,
    pub planned_by: String,
}

impl Planned {
    pub fn window(&self) -> Window {
        Window {
            id: self.id,
            planned: NewWindow {
                site: self.site_id.map(SiteId),
                device: self.device_id.map(DeviceId),
                starts_at: Millis(self.starts_at),
                ends_at: Millis(self.ends_at),
                weekly: self.weekly == 1,
                reason: self.reason.clone(),
            },
            ended_at: None,
        }
    }
}

/// Windows that are on or come, of one branch (and of everything) or of all.
pub async fn planned(db: &Db, site: Option<SiteId>, now: Millis) -> Result<Vec<Planned>> {
    let sql = "SELECT m.id, COALESCE(m.site_id, d.site_id) AS site_id, s.name AS site_name, s.time_zone, m.device_id, \
               d.name AS device_name, m.starts_at, m.ends_at, m.weekly, m.reason, m.planned_by FROM maintenance m \
               LEFT JOIN device d ON d.id = m.device_id LEFT JOIN site s ON s.id = COALESCE(m.site_id, d.site_id) \
               WHERE m.ended_at IS NULL AND (m.weekly = 1 OR m.ends_at > $2) \
               AND ($1 = 0 OR COALESCE(m.site_id, d.site_id, $1) = $1) ORDER BY m.starts_at, m.id LIMIT 500";
    Ok(on_db!(db, |p| sqlx::query_as(sql).bind(site.map_or(0, |s| s.0)).bind(now.0).fetch_all(p).await?))
}
