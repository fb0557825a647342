//! What Today shows besides tickets, orders and needs: the four numbers, devices that want a look, what runs low, and
//! what discovery found.

use super::devices::{self, DeviceFilter, DeviceRow, DeviceSort, SupplyMark};
use super::{Listed, Paging};
use crate::model::{DeviceId, Event, LevelState, Millis, Reach, SiteId};
use crate::store::{Db, Result, on_db};

/// Counts of one branch, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Numbers {
    pub devices: i64,
    /// Supplies below their threshold.
    pub supplies_low: i64,
    /// Active devices without a reading since the given moment.
    pub not_polled: i64,
    pub failed: i64,
    pub open_tickets: i64,
    /// Share of the time devices answered of the time it was judged, 0 to 1; `None` when nothing was judged.
    pub availability: Option<f64>,
}

pub async fn numbers(
    db: &Db,
    site: Option<SiteId>,
    unread_since: Millis,
    week_ago: Millis,
    now: Millis,
) -> Result<Numbers> {
    let site = site.map_or(0, |s| s.0);
    let sql = "SELECT count(*), coalesce(sum(CASE WHEN coalesce(last_reading_at, 0) < $2 THEN 1 ELSE 0 END), 0), \
               coalesce(sum(CASE WHEN condition = 'failure' THEN 1 ELSE 0 END), 0) FROM device \
               WHERE lifecycle = 'active' AND ($1 = 0 OR site_id = $1)";
    let (devices, not_polled, failed): (i64, i64, i64) =
        on_db!(db, |p| sqlx::query_as(sql).bind(site).bind(unread_since.0).fetch_one(p).await?);
    let sql = "SELECT count(*) FROM supply s JOIN device d ON d.id = s.device_id WHERE s.is_low = 1 AND s.present = 1 \
               AND d.lifecycle = 'active' AND ($1 = 0 OR d.site_id = $1)";
    let supplies_low = on_db!(db, |p| sqlx::query_scalar(sql).bind(site).fetch_one(p).await?);
    let sql = "SELECT count(*) FROM ticket WHERE status NOT IN ('resolved', 'closed', 'cancelled') \
               AND ($1 = 0 OR site_id = $1)";
    let open_tickets = on_db!(db, |p| sqlx::query_scalar(sql).bind(site).fetch_one(p).await?);
    let availability = availability(db, site, week_ago, now).await?;
    Ok(Numbers { devices, supplies_low, not_polled, failed, open_tickets, availability })
}

/// Time of one device in one state.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Judged {
    up_ms: f64,
    down_ms: f64,
}

impl Judged {
    /// Unknown and unreachable time says nothing of the device and counts neither way.
    fn add(&mut self, reach: Reach, ms: i64) {
        match reach {
            Reach::Ok | Reach::Degraded | Reach::Asleep => self.up_ms += ms.max(0) as f64,
            Reach::Down => self.down_ms += ms.max(0) as f64,
            Reach::Unknown | Reach::Unreachable => {}
        }
    }
}

/// From the reach changes of the timeline; devices without one were all the time as they are now.
async fn availability(db: &Db, site: i64, from: Millis, now: Millis) -> Result<Option<f64>> {
    let sql = "SELECT t.device_id, t.at, t.body, d.reach, d.first_seen FROM timeline t JOIN device d ON d.id = t.device_id \
               WHERE t.kind = 'reach-changed' AND t.at >= $2 AND d.lifecycle = 'active' AND ($1 = 0 OR d.site_id = $1) \
               ORDER BY t.device_id, t.at, t.id";
    let changes: Vec<(i64, i64, String, String, i64)> =
        on_db!(db, |p| sqlx::query_as(sql).bind(site).bind(from.0).fetch_all(p).await?);
    let mut total = Judged::default();
    for device in changes.chunk_by(|a, b| a.0 == b.0) {
        let mut at = from.0.max(device[0].4);
        let mut last = Reach::parse(&device[0].3).unwrap_or_default();
        for (_, when, body, ..) in device {
            if let Ok(Event::ReachChanged { from, to }) = serde_json::from_str(body) {
                total.add(from, when - at);
                (at, last) = (*when, to);
            }
        }
        total.add(last, now.0 - at);
    }
    let sql = "SELECT d.reach, CAST(sum($3 - CASE WHEN d.first_seen > $2 THEN d.first_seen ELSE $2 END) AS DOUBLE PRECISION) \
               FROM device d WHERE d.lifecycle = 'active' AND ($1 = 0 OR d.site_id = $1) AND NOT EXISTS \
               (SELECT 1 FROM timeline t WHERE t.device_id = d.id AND t.kind = 'reach-changed' AND t.at >= $2) \
               GROUP BY d.reach";
    let steady: Vec<(String, f64)> =
        on_db!(db, |p| sqlx::query_as(sql).bind(site).bind(from.0).bind(now.0).fetch_all(p).await?);
    for (reach, ms) in steady {
        total.add(Reach::parse(&reach).unwrap_or_default(), ms as i64);
    }
    let judged = total.up_ms + total.down_ms;
    Ok((judged > 0.0).then(|| total.up_ms / judged))
}

/// A supply below its threshold, with its device and what is already done about it.
#[derive(Debug, Clone, PartialEq)]
pub struct LowSupply {
    pub device: DeviceId,
    pub device_name: String,
    pub location: Option<String>,
    pub mark: SupplyMark,
    pub article: Option<String>,
    pub low_since: Option<Millis>,
    pub order: Option<(i64, String, String)>,
}

#[derive(sqlx::FromRow)]
struct RawLow {
    device_id: i64,
    device_name: String,
    location: Option<String>,
    idx: String,
    kind: String,
    color: Option<String>,
    description: String,
    level_state: String,
    low: Option<f64>,
    high: Option<f64>,
    max_capacity: Option<i64>,
    receptacle: i64,
    article: Option<String>,
    low_since: Option<i64>,
    order_id: Option<i64>,
    order_number: Option<String>,
    order_status: Option<String>,
}

/// The emptiest first.
pub async fn low_supplies(db: &Db, site: Option<SiteId>, limit: i64) -> Result<Vec<LowSupply>> {
    let sql = "SELECT s.device_id, d.name AS device_name, d.location, s.idx, s.kind, s.color, s.description, \
               s.level_state, s.low, s.high, s.max_capacity, s.receptacle, a.part_number AS article, s.low_since, \
               o.id AS order_id, o.number AS order_number, o.status AS order_status \
               FROM supply s JOIN device d ON d.id = s.device_id LEFT JOIN article a ON a.id = s.article_id \
               LEFT JOIN purchase_order o ON o.id = (SELECT max(l.order_id) FROM need_reason r \
               JOIN need n ON n.id = r.need_id AND n.status <> 'closed' JOIN order_line l ON l.need_id = n.id \
               JOIN purchase_order q ON q.id = l.order_id AND q.status <> 'cancelled' \
               WHERE r.device_id = s.device_id AND r.supply_index = s.idx) \
               WHERE s.is_low = 1 AND s.present = 1 AND d.lifecycle = 'active' AND ($1 = 0 OR d.site_id = $1) \
               ORDER BY coalesce(s.high, 1), coalesce(s.low, 1), s.low_since, s.id LIMIT $2";
    let site = site.map_or(0, |s| s.0);
    let raw: Vec<RawLow> = on_db!(db, |p| sqlx::query_as(sql).bind(site).bind(limit).fetch_all(p).await?);
    Ok(raw.into_iter().map(RawLow::row).collect())
}

impl RawLow {
    fn row(self) -> LowSupply {
        LowSupply {
            device: DeviceId(self.device_id),
            device_name: self.device_name,
            location: self.location,
            mark: SupplyMark {
                index: self.idx,
                kind: self.kind,
                color: self.color,
                description: self.description,
                level_state: LevelState::parse(&self.level_state).unwrap_or(LevelState::Unknown),
                low: self.low,
                high: self.high,
                max_capacity: self.max_capacity,
                receptacle: self.receptacle != 0,
                is_low: true,
            },
            article: self.article,
            low_since: self.low_since.map(Millis),
            order: self.order_id.zip(self.order_number).zip(self.order_status).map(|((id, n), s)| (id, n, s)),
        }
    }
}

/// Devices that want a look and have no ticket yet: failed, or asking for something else than a cartridge.
pub async fn unattended(db: &Db, site: Option<SiteId>, limit: i64) -> Result<Listed<DeviceRow>> {
    let filter = DeviceFilter {
        site,
        conditions: vec!["failure".to_owned(), "attention".to_owned()],
        without_ticket: true,
        sort: DeviceSort::Condition,
        ..Default::default()
    };
    devices::list(db, &filter, Paging { page: 1, per_page: limit }).await
}

/// What discovery has to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiscoveryNews {
    pub ranges: i64,
    /// A sweep is under way or asked for.
    pub sweeping: i64,
    /// Devices seen for the first time since the given moment.
    pub new_devices: i64,
    /// Addresses that answered but took none of the credentials.
    pub refused: i64,
    /// Ranges proposed by neighbours, waiting for a person.
    pub proposed: i64,
}

pub async fn discovery(db: &Db, site: Option<SiteId>, since: Millis) -> Result<DiscoveryNews> {
    let site = site.map_or(0, |s| s.0);
    let sql = "SELECT coalesce(sum(CASE WHEN enabled = 1 THEN 1 ELSE 0 END), 0), \
               coalesce(sum(CASE WHEN enabled = 1 AND (scan_wanted = 1 \
               OR coalesce(last_started_at, 0) > coalesce(last_finished_at, 0)) THEN 1 ELSE 0 END), 0), \
               coalesce(sum(CASE WHEN enabled = 0 AND origin = 'neighbor' THEN 1 ELSE 0 END), 0) \
               FROM scan_range WHERE ($1 = 0 OR site_id = $1)";
    let (ranges, sweeping, proposed): (i64, i64, i64) =
        on_db!(db, |p| sqlx::query_as(sql).bind(site).fetch_one(p).await?);
    let sql =
        "SELECT count(*) FROM device WHERE lifecycle = 'active' AND first_seen >= $2 AND ($1 = 0 OR site_id = $1)";
    let new_devices = on_db!(db, |p| sqlx::query_scalar(sql).bind(site).bind(since.0).fetch_one(p).await?);
    let sql = "SELECT count(*) FROM discovery_result r JOIN scan_range g ON g.id = r.range_id \
               WHERE r.outcome = 'refused' AND ($1 = 0 OR g.site_id = $1)";
    let refused = on_db!(db, |p| sqlx::query_scalar(sql).bind(site).fetch_one(p).await?);
    Ok(DiscoveryNews { ranges, sweeping, new_devices, refused, proposed })
}
