//! Supplies of a device: what they are now, and every raw reading on change and once a day, kept for ever.

use super::device::json;
use super::{Result, StoreError, Tx, execute, on_tx};
use crate::model::{ArticleId, DeviceId, DocumentId, Millis, Source, Supply, SupplyId, SupplyState};

/// One row of `supply`.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptSupply {
    pub id: SupplyId,
    pub state: SupplyState,
    /// Chosen by a person or matched before.
    pub article: Option<ArticleId>,
    pub present: bool,
    /// What the estimator remembers, JSON; `None`: nothing yet.
    pub series: Option<String>,
}

/// The supplies of a device, absent ones too.
pub async fn of_device(tx: &mut Tx, device: DeviceId) -> Result<Vec<KeptSupply>> {
    let sql = "SELECT id, state, article_id, present, forecast FROM supply WHERE device_id = $1 ORDER BY id";
    type Row = (i64, String, Option<i64>, i64, Option<String>);
    let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(device.0).fetch_all(c).await?);
    rows.into_iter()
        .map(|(id, state, article, present, series)| {
            let state = serde_json::from_str(&state).map_err(|e| StoreError::Inconsistent {
                table: "supply",
                column: "state",
                row: id,
                value: e.to_string(),
            })?;
            Ok(KeptSupply { id: SupplyId(id), state, article: article.map(ArticleId), present: present != 0, series })
        })
        .collect()
}

/// Writes a supply as it was read and judged; makes its row when it is new.
pub async fn save(tx: &mut Tx, device: DeviceId, read: &Supply, state: &SupplyState) -> Result<SupplyId> {
    let sql = "INSERT INTO supply (device_id, idx, kind, color, description, part_number, serial, unit, max_capacity, \
               level, level_state, low, high, receptacle, source, is_low, low_since, threshold, state, updated_at, present) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 1) \
               ON CONFLICT (device_id, idx) DO UPDATE SET kind = excluded.kind, color = excluded.color, \
               description = excluded.description, part_number = excluded.part_number, serial = excluded.serial, \
               unit = excluded.unit, max_capacity = excluded.max_capacity, level = excluded.level, \
               level_state = excluded.level_state, low = excluded.low, high = excluded.high, \
               receptacle = excluded.receptacle, source = excluded.source, is_low = excluded.is_low, \
               low_since = excluded.low_since, threshold = excluded.threshold, state = excluded.state, \
               updated_at = excluded.updated_at, present = 1 RETURNING id";
    let body = json(state)?;
    let id = on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(device.0)
            .bind(&state.index)
            .bind(state.kind.as_str())
            .bind(&state.color)
            .bind(&state.description)
            .bind(&state.part_number)
            .bind(&read.serial)
            .bind(&read.unit)
            .bind(read.max_capacity)
            .bind(read.level)
            .bind(state.level_state.as_str())
            .bind(state.low)
            .bind(state.high)
            .bind(i64::from(read.receptacle))
            .bind(source_word(read.source))
            .bind(i64::from(state.is_low))
            .bind(state.low_since.map(|t| t.0))
            .bind(state.threshold)
            .bind(body)
            .bind(state.updated_at.0)
            .fetch_one(c)
            .await?
    });
    Ok(SupplyId(id))
}

/// All present supplies were read again and had not changed.
pub async fn confirm(tx: &mut Tx, device: DeviceId, now: Millis) -> Result<()> {
    let sql = "UPDATE supply SET updated_at = $2 WHERE device_id = $1 AND present = 1";
    execute!(tx, sql, device.0, now.0);
    Ok(())
}

/// The device no longer lists it.
pub async fn absent(tx: &mut Tx, supply: SupplyId) -> Result<()> {
    let sql = "UPDATE supply SET present = 0 WHERE id = $1";
    execute!(tx, sql, supply.0);
    Ok(())
}

/// Which article refills it.
pub async fn set_article(tx: &mut Tx, supply: SupplyId, article: Option<ArticleId>) -> Result<()> {
    let sql = "UPDATE supply SET article_id = $2 WHERE id = $1";
    execute!(tx, sql, supply.0, article.map(|a| a.0));
    Ok(())
}

/// One raw reading, with the device's page counter at that moment.
pub async fn add_reading(
    tx: &mut Tx,
    supply: SupplyId,
    read: &Supply,
    state: &SupplyState,
    pages: Option<i64>,
    at: Millis,
) -> Result<()> {
    let sql = "INSERT INTO supply_reading (supply_id, at, level, max_capacity, level_state, low, high, pages, source) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (supply_id, at) DO UPDATE SET \
               level = excluded.level, max_capacity = excluded.max_capacity, level_state = excluded.level_state, \
               low = excluded.low, high = excluded.high, pages = excluded.pages, source = excluded.source";
    execute!(
        tx,
        sql,
        supply.0,
        at.0,
        read.level,
        read.max_capacity,
        read.level_state.as_str(),
        state.low,
        state.high,
        pages,
        source_word(read.source)
    );
    Ok(())
}

/// What the estimator remembers of the supply, and what it foresees; both JSON.
pub async fn save_series(
    tx: &mut Tx,
    supply: SupplyId,
    series: &str,
    outlook: &str,
    empty_at: Option<Millis>,
) -> Result<()> {
    let sql = "UPDATE supply SET forecast = $2, outlook = $3, empty_at = $4 WHERE id = $1";
    execute!(tx, sql, supply.0, series, outlook, empty_at.map(|t| t.0));
    Ok(())
}

/// The same without an outlook: a person told something between two readings.
pub async fn save_memory(tx: &mut Tx, supply: SupplyId, series: &str) -> Result<()> {
    execute!(tx, "UPDATE supply SET forecast = $2 WHERE id = $1", supply.0, series);
    Ok(())
}

/// One row of `supply_reading`, raw, for an estimator that begins late.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RawReading {
    pub at: i64,
    pub level: Option<i64>,
    pub max_capacity: Option<i64>,
    pub pages: Option<i64>,
}

/// The last year of raw readings, oldest first.
pub async fn raw_readings(tx: &mut Tx, supply: SupplyId, since: Millis) -> Result<Vec<RawReading>> {
    let sql = "SELECT at, level, max_capacity, pages FROM supply_reading WHERE supply_id = $1 AND at >= $2 ORDER BY at";
    Ok(on_tx!(tx, |c| sqlx::query_as(sql).bind(supply.0).bind(since.0).fetch_all(c).await?))
}

/// A cartridge that was changed, as the estimator found it out; told once.
#[derive(Debug, Clone, PartialEq)]
pub struct Replaced<'a> {
    pub at: Millis,
    pub rule: &'a str,
    pub confidence: f64,
    pub before: Option<f64>,
    pub after: Option<f64>,
    pub pages: Option<i64>,
    /// JSON list.
    pub evidence: &'a str,
    pub article: Option<ArticleId>,
}

pub async fn add_replacement(tx: &mut Tx, supply: SupplyId, r: &Replaced<'_>) -> Result<()> {
    let sql = "INSERT INTO supply_replacement (supply_id, at, rule, confidence, level_before, level_after, pages, evidence, \
               article_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (supply_id, at) DO UPDATE SET \
               rule = excluded.rule, confidence = excluded.confidence, evidence = excluded.evidence, cancelled_at = NULL";
    execute!(
        tx,
        sql,
        supply.0,
        r.at.0,
        r.rule,
        r.confidence,
        r.before,
        r.after,
        r.pages,
        r.evidence,
        r.article.map(|a| a.0)
    );
    Ok(())
}

/// It was the old one after all: seated anew, or the wrong one was tried.
pub async fn cancel_replacement(tx: &mut Tx, supply: SupplyId, at: Millis, now: Millis) -> Result<()> {
    let sql =
        "UPDATE supply_replacement SET cancelled_at = $3 WHERE supply_id = $1 AND at = $2 AND cancelled_at IS NULL";
    execute!(tx, sql, supply.0, at.0, now.0);
    Ok(())
}

/// What a replacement was, as a person or another device's reading says: confirmed, moved, refill.
pub async fn judged(tx: &mut Tx, supply: SupplyId, at: Millis, verdict: &str) -> Result<()> {
    let sql = "UPDATE supply_replacement SET verdict = $3 WHERE supply_id = $1 AND at = $2";
    execute!(tx, sql, supply.0, at.0, verdict);
    Ok(())
}

/// The same of the replacement that a document was drafted for.
pub async fn judge_replacement(tx: &mut Tx, document: DocumentId, verdict: &str) -> Result<()> {
    let sql = "UPDATE supply_replacement SET verdict = $2 WHERE EXISTS (SELECT 1 FROM stock_document d WHERE d.id = $1 \
               AND d.supply_id = supply_replacement.supply_id AND d.matched_key = \
               'replaced:' || CAST(supply_replacement.supply_id AS TEXT) || ':' || CAST(supply_replacement.at AS TEXT))";
    execute!(tx, sql, document.0, verdict);
    Ok(())
}

/// Was a supply with this serial number read in another device?
pub async fn was_elsewhere(tx: &mut Tx, here: SupplyId, serial: &str) -> Result<bool> {
    let sql = "SELECT o.id FROM supply o JOIN supply h ON h.id = $1 \
               WHERE o.device_id <> h.device_id AND o.kind = h.kind AND trim(o.serial) = $2 LIMIT 1";
    let found: Option<i64> =
        on_tx!(tx, |c| sqlx::query_scalar(sql).bind(here.0).bind(serial).fetch_optional(c).await?);
    Ok(found.is_some())
}

/// When each supply of a device was last written to the history.
pub async fn last_readings(tx: &mut Tx, device: DeviceId) -> Result<Vec<(SupplyId, Millis)>> {
    let sql = "SELECT r.supply_id, MAX(r.at) FROM supply_reading r JOIN supply s ON s.id = r.supply_id \
               WHERE s.device_id = $1 GROUP BY r.supply_id";
    let rows: Vec<(i64, i64)> = on_tx!(tx, |c| sqlx::query_as(sql).bind(device.0).fetch_all(c).await?);
    Ok(rows.into_iter().map(|(s, at)| (SupplyId(s), Millis(at))).collect())
}

/// The stored word of a source.
pub fn source_word(source: Source) -> &'static str {
    match source {
        Source::Snmp => "snmp",
        Source::SnmpPrivate => "snmp-private",
        Source::Ipp => "ipp",
        Source::Icmp => "icmp",
        Source::Manual => "manual",
    }
}
