//! The list of devices: filters, counts beside each filter, search, sort; and the short answers of the palette.

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{Listed, Paging, like, places};
use crate::model::{DeviceId, DeviceState, LevelState, Millis, SiteId};
use crate::store::{Db, Result, StoreError, on_db};

/// A coloured or other supply as a row of the list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SupplyMark {
    pub index: String,
    pub kind: String,
    pub color: Option<String>,
    pub description: String,
    pub level_state: LevelState,
    /// True remaining fraction (of a waste box the room left) lies between these.
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub max_capacity: Option<i64>,
    pub receptacle: bool,
    /// Below its threshold.
    pub is_low: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DeviceRow {
    pub id: DeviceId,
    pub site: SiteId,
    pub site_name: String,
    pub name: String,
    pub location: Option<String>,
    /// printer, mfp, switch, ...
    pub kind: Option<String>,
    /// "print,scan,fax": what an MFP does.
    pub functions: String,
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub serial: Option<String>,
    /// Empty: another device answers where it was.
    pub address: String,
    pub base_mac: Option<String>,
    /// ok, attention, failure, unknown.
    pub condition: String,
    #[serde(skip)]
    pub state: DeviceState,
    pub page_count: Option<i64>,
    pub first_seen: Millis,
    pub last_seen: Option<Millis>,
    pub retired: bool,
    pub supplies: Vec<SupplyMark>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceSort {
    #[default]
    Name,
    /// Worst first.
    Condition,
    Kind,
    Model,
    Place,
    Address,
    Serial,
    Seen,
    Pages,
    /// The emptiest supply first.
    Supply,
}

/// What to show. Within one filter any value fits, all filters must.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceFilter {
    pub site: Option<SiteId>,
    /// Words that must all occur in name, address, MAC, serial, model or place.
    pub search: String,
    pub kinds: Vec<String>,
    pub conditions: Vec<String>,
    pub vendors: Vec<String>,
    pub places: Vec<String>,
    /// Only with a supply below its threshold.
    pub supply_low: bool,
    /// Without an open ticket, and asking for more than a cartridge.
    pub without_ticket: bool,
    /// Seen for the first time since then.
    pub new_since: Option<Millis>,
    /// Retired ones instead of active ones.
    pub retired: bool,
    pub sort: DeviceSort,
    pub descending: bool,
}

/// A filter whose values are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    Kind,
    Condition,
    Vendor,
    Place,
}

/// Values of the filters with how many devices each would leave, most first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facets {
    pub kinds: Vec<(String, i64)>,
    pub conditions: Vec<(String, i64)>,
    pub vendors: Vec<(String, i64)>,
    pub places: Vec<(String, i64)>,
}

/// An MFP is a printer that scans: for people a kind of its own.
const KIND: &str =
    "CASE WHEN d.kind = 'printer' AND d.functions LIKE '%scan%' THEN 'mfp' ELSE coalesce(d.kind, 'other') END";

/// Values offered of one filter: a menu, not a list.
const FACET_VALUES: i64 = 60;

/// A WHERE clause with its values: the number filter first, texts after it.
struct Where {
    sql: String,
    texts: Vec<String>,
}

impl DeviceFilter {
    /// `skip`: the facet that is being counted does not narrow itself.
    fn clause(&self, skip: Option<Facet>) -> Where {
        let lifecycle = if self.retired { "d.lifecycle = 'retired'" } else { "d.lifecycle = 'active'" };
        let site = if self.site.is_some() { "d.site_id = $1" } else { "$1 = 0" };
        let mut w = Where { sql: format!("{lifecycle} AND {site}"), texts: Vec::new() };
        for word in search_words(&self.search) {
            w.texts.push(like(&word));
            w.sql.push_str(&format!(" AND d.search LIKE ${} ESCAPE '\\'", w.texts.len() + 1));
        }
        let lists = [
            (Facet::Kind, KIND, &self.kinds),
            (Facet::Condition, "d.condition", &self.conditions),
            (Facet::Vendor, "coalesce(d.vendor, '')", &self.vendors),
            (Facet::Place, "coalesce(d.location, '')", &self.places),
        ];
        for (facet, column, values) in lists {
            if !values.is_empty() && skip != Some(facet) {
                w.sql.push_str(&format!(" AND {column} IN ({})", places(w.texts.len() + 2, values.len())));
                w.texts.extend(values.iter().cloned());
            }
        }
        if self.supply_low {
            w.sql.push_str(
                " AND EXISTS (SELECT 1 FROM supply s WHERE s.device_id = d.id AND s.is_low = 1 AND s.present = 1)",
            );
        }
        if self.without_ticket {
            w.sql.push_str(
                " AND NOT EXISTS (SELECT 1 FROM ticket k WHERE k.device_id = d.id \
                 AND k.status NOT IN ('resolved', 'closed', 'cancelled')) \
                 AND (d.condition = 'failure' OR NOT EXISTS (SELECT 1 FROM supply s WHERE s.device_id = d.id \
                 AND s.is_low = 1 AND s.present = 1))",
            );
        }
        if let Some(since) = self.new_since {
            w.sql.push_str(&format!(" AND d.first_seen >= {}", since.0));
        }
        w
    }

    fn order(&self) -> String {
        let rank = "CASE d.condition WHEN 'failure' THEN 0 WHEN 'attention' THEN 1 WHEN 'unknown' THEN 2 ELSE 3 END";
        let column = match self.sort {
            DeviceSort::Name => "d.search",
            DeviceSort::Condition => rank,
            DeviceSort::Kind => KIND,
            DeviceSort::Model => "lower(coalesce(d.vendor, '')), lower(coalesce(d.model, ''))",
            DeviceSort::Place => "coalesce(d.location, '')",
            // Within a network of one length the shorter number is the smaller one.
            DeviceSort::Address => "length(d.address), d.address",
            DeviceSort::Serial => "coalesce(d.serial, '')",
            DeviceSort::Seen => "coalesce(d.last_seen, 0)",
            DeviceSort::Pages => "coalesce(d.page_count, -1)",
            DeviceSort::Supply => {
                "coalesce((SELECT min(s.low) FROM supply s WHERE s.device_id = d.id AND s.present = 1 \
                 AND s.level_state = 'known'), 2)"
            }
        };
        let direction = if self.descending { " DESC" } else { "" };
        let columns: Vec<String> = split_top(column).into_iter().map(|c| format!("{c}{direction}")).collect();
        format!("{}, d.search, d.id", columns.join(", "))
    }
}

/// Splits "a(x, y), b" at the commas outside brackets.
fn split_top(list: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(list[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(list[from..].trim());
    parts
}

/// Words of a search, at most six. A MAC is found however it is written.
fn search_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text.split_whitespace().take(6).map(str::to_lowercase).collect();
    for word in &mut words {
        let hex: String = word.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
        let separated = word.contains([':', '-']) || word.matches('.').count() == 2;
        if separated && hex.len() >= 4 && hex.len() <= 12 && hex.chars().all(|c| c.is_ascii_hexdigit()) {
            // The search column holds a MAC also without its colons.
            *word = hex;
        }
    }
    words
}

#[derive(sqlx::FromRow)]
struct Raw {
    id: i64,
    site_id: i64,
    site_name: String,
    name: String,
    location: Option<String>,
    kind: Option<String>,
    functions: String,
    vendor: Option<String>,
    model: Option<String>,
    serial: Option<String>,
    address: String,
    base_mac: Option<String>,
    condition: String,
    state: String,
    page_count: Option<i64>,
    first_seen: i64,
    last_seen: Option<i64>,
    lifecycle: String,
}

const COLUMNS: &str = "d.id, d.site_id, t.name AS site_name, d.name, d.location, \
     CASE WHEN d.kind = 'printer' AND d.functions LIKE '%scan%' THEN 'mfp' ELSE d.kind END AS kind, d.functions, \
     d.vendor, d.model, d.serial, d.address, d.base_mac, d.condition, d.state, d.page_count, d.first_seen, d.last_seen, \
     d.lifecycle";

impl Raw {
    fn row(self) -> Result<DeviceRow> {
        let state = serde_json::from_str(&self.state).map_err(|e| StoreError::Inconsistent {
            table: "device",
            column: "state",
            row: self.id,
            value: e.to_string(),
        })?;
        Ok(DeviceRow {
            id: DeviceId(self.id),
            site: SiteId(self.site_id),
            site_name: self.site_name,
            name: self.name,
            location: self.location.filter(|l| !l.is_empty()),
            kind: self.kind,
            functions: self.functions,
            vendor: self.vendor,
            model: self.model,
            serial: self.serial,
            address: self.address,
            base_mac: self.base_mac,
            condition: self.condition,
            state,
            page_count: self.page_count,
            first_seen: Millis(self.first_seen),
            last_seen: self.last_seen.map(Millis),
            retired: self.lifecycle == "retired",
            supplies: Vec::new(),
        })
    }
}

/// One page of the list.
pub async fn list(db: &Db, filter: &DeviceFilter, paging: Paging) -> Result<Listed<DeviceRow>> {
    let w = filter.clause(None);
    let site = filter.site.map_or(0, |s| s.0);
    let sql = format!(
        "SELECT {COLUMNS} FROM device d JOIN site t ON t.id = d.site_id WHERE {} ORDER BY {} LIMIT {} OFFSET {}",
        w.sql,
        filter.order(),
        paging.per_page,
        paging.offset()
    );
    let raw: Vec<Raw> = on_db!(db, |p| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(site);
        for text in w.texts.clone() {
            query = query.bind(text);
        }
        query.fetch_all(p).await?
    });
    let mut rows = raw.into_iter().map(Raw::row).collect::<Result<Vec<_>>>()?;
    let total = count(db, filter).await?;
    attach_supplies(db, &mut rows).await?;
    Ok(Listed { rows, total })
}

/// One device as the list shows it, retired or not.
pub async fn one(db: &Db, id: DeviceId) -> Result<Option<DeviceRow>> {
    let sql = format!("SELECT {COLUMNS} FROM device d JOIN site t ON t.id = d.site_id WHERE d.id = $1");
    let raw: Option<Raw> = on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).bind(id.0).fetch_optional(p).await?);
    let Some(raw) = raw else { return Ok(None) };
    let mut rows = [raw.row()?];
    attach_supplies(db, &mut rows).await?;
    let [row] = rows;
    Ok(Some(row))
}

/// How many fit the filter.
pub async fn count(db: &Db, filter: &DeviceFilter) -> Result<i64> {
    let w = filter.clause(None);
    let sql = format!("SELECT count(*) FROM device d WHERE {}", w.sql);
    let total = on_db!(db, |p| {
        let mut query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(filter.site.map_or(0, |s| s.0));
        for text in w.texts.clone() {
            query = query.bind(text);
        }
        query.fetch_one(p).await?
    });
    Ok(total)
}

pub async fn facets(db: &Db, filter: &DeviceFilter) -> Result<Facets> {
    Ok(Facets {
        kinds: facet(db, filter, Facet::Kind, KIND).await?,
        conditions: facet(db, filter, Facet::Condition, "d.condition").await?,
        vendors: facet(db, filter, Facet::Vendor, "coalesce(d.vendor, '')").await?,
        places: facet(db, filter, Facet::Place, "coalesce(d.location, '')").await?,
    })
}

async fn facet(db: &Db, filter: &DeviceFilter, facet: Facet, column: &str) -> Result<Vec<(String, i64)>> {
    let w = filter.clause(Some(facet));
    let sql = format!(
        "SELECT {column} AS value, count(*) AS n FROM device d WHERE {} GROUP BY {column} ORDER BY n DESC, value \
         LIMIT {FACET_VALUES}",
        w.sql
    );
    let values = on_db!(db, |p| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(filter.site.map_or(0, |s| s.0));
        for text in w.texts.clone() {
            query = query.bind(text);
        }
        query.fetch_all(p).await?
    });
    Ok(values)
}

/// What has a level and runs out, in the order people read it: K, C, M, Y, then the rest.
async fn attach_supplies(db: &Db, rows: &mut [DeviceRow]) -> Result<()> {
    #[derive(sqlx::FromRow)]
    struct Mark {
        device_id: i64,
        idx: String,
        kind: String,
        color: Option<String>,
        description: String,
        level_state: String,
        low: Option<f64>,
        high: Option<f64>,
        max_capacity: Option<i64>,
        receptacle: i64,
        is_low: i64,
    }
    for chunk in rows.chunks_mut(500) {
        let sql = format!(
            "SELECT device_id, idx, kind, color, description, level_state, low, high, max_capacity, receptacle, is_low \
             FROM supply WHERE present = 1 AND device_id IN ({}) ORDER BY device_id, \
             CASE color WHEN 'black' THEN 0 WHEN 'cyan' THEN 1 WHEN 'magenta' THEN 2 WHEN 'yellow' THEN 3 ELSE 4 END, idx",
            places(1, chunk.len())
        );
        let marks: Vec<Mark> = on_db!(db, |p| {
            let mut query = sqlx::query_as(AssertSqlSafe(sql));
            for row in chunk.iter() {
                query = query.bind(row.id.0);
            }
            query.fetch_all(p).await?
        });
        for m in marks {
            let Some(row) = chunk.iter_mut().find(|r| r.id.0 == m.device_id) else { continue };
            let level_state = LevelState::parse(&m.level_state).ok_or_else(|| StoreError::Inconsistent {
                table: "supply",
                column: "level_state",
                row: m.device_id,
                value: m.level_state.clone(),
            })?;
            row.supplies.push(SupplyMark {
                index: m.idx,
                kind: m.kind,
                color: m.color,
                description: m.description,
                level_state,
                low: m.low,
                high: m.high,
                max_capacity: m.max_capacity,
                receptacle: m.receptacle != 0,
                is_low: m.is_low != 0,
            });
        }
    }
    Ok(())
}

/// A device as the palette shows it.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct FoundDevice {
    pub id: i64,
    pub name: String,
    pub location: Option<String>,
    pub address: String,
    pub condition: String,
}

/// The first few that hold every word, those whose name begins so before others.
pub async fn find(db: &Db, site: Option<SiteId>, text: &str, limit: i64) -> Result<Vec<FoundDevice>> {
    let filter = DeviceFilter { site, search: text.to_owned(), ..Default::default() };
    let w = filter.clause(None);
    if w.texts.is_empty() {
        return Ok(Vec::new());
    }
    let begins = like(&search_words(text)[0]);
    let begins = begins.trim_start_matches('%').to_owned();
    let next = w.texts.len() + 2;
    let sql = format!(
        "SELECT d.id, d.name, d.location, d.address, d.condition FROM device d WHERE {} \
         ORDER BY CASE WHEN d.search LIKE ${next} ESCAPE '\\' THEN 0 ELSE 1 END, d.search, d.id LIMIT {limit}",
        w.sql
    );
    let found = on_db!(db, |p| {
        let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(site.map_or(0, |s| s.0));
        for text in w.texts.clone() {
            query = query.bind(text);
        }
        query.bind(begins).fetch_all(p).await?
    });
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_is_found_however_it_is_written() {
        assert_eq!(search_words("00-1B:a9"), ["001ba9"]);
        assert_eq!(search_words("001b.a9c0.1122"), ["001ba9c01122"]);
        assert_eq!(search_words("10.4.2.31 Каб"), ["10.4.2.31", "каб"]);
        assert_eq!(search_words("HP-M428"), ["hp-m428"]);
        assert_eq!(search_words(&"a ".repeat(50)).len(), 6);
    }

    #[test]
    fn orders_turn_every_column_round() {
        let filter = DeviceFilter { sort: DeviceSort::Model, descending: true, ..Default::default() };
        let order = filter.order();
        assert!(
            order.starts_with("lower(coalesce(d.vendor, '')) DESC, lower(coalesce(d.model, '')) DESC, "),
            "{order}"
        );
    }
}
