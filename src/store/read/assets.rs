//! Assets: the list with its filters, one card, whoever repairs; the asset that a device is.

use jiff::civil::Date;
use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::super::asset::{Row, SELECT};
use super::{Listed, Paging, like};
use crate::model::{AssetEvent, AssetId, AssetKind, AssetState, Centre, CentreId, DeviceId, KeptAsset, Millis, SiteId};
use crate::store::{Db, Result, on_db};

/// What the list shows of warranties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Warranty {
    #[default]
    Any,
    /// Runs, and its last day is known.
    Running,
    /// Ends within 60 days.
    Ending,
    Over,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetFilter {
    pub site: Option<SiteId>,
    pub kind: Option<AssetKind>,
    pub state: Option<AssetState>,
    pub warranty: Warranty,
    pub today: Date,
    /// Words of number, serial, model, place, custodian, document.
    pub search: String,
    /// Key of a column.
    pub sort: String,
    pub descending: bool,
}

/// Days before its end in which a warranty counts as ending.
const ENDING_DAYS: i64 = 60;

fn condition(f: &AssetFilter) -> String {
    let today = f.today;
    let soon = today.saturating_add(jiff::Span::new().days(ENDING_DAYS));
    let warranty = match f.warranty {
        Warranty::Any => "1 = 1".to_owned(),
        Warranty::Running => format!("a.warranty_until >= '{today}'"),
        Warranty::Ending => format!("a.warranty_until >= '{today}' AND a.warranty_until <= '{soon}'"),
        Warranty::Over => format!("a.warranty_until < '{today}'"),
    };
    format!(
        "{warranty} AND ($1 = 0 OR a.site_id = $1) AND ($2 = '' OR a.kind = $2) AND ($3 = '' OR a.state = $3) \
         AND ($4 = '' OR a.search LIKE $4 ESCAPE '\\')"
    )
}

fn order(f: &AssetFilter) -> String {
    let way = if f.descending { "DESC" } else { "ASC" };
    let column = match f.sort.as_str() {
        "inventory" => "coalesce(a.inventory, '')",
        "serial" => "coalesce(a.serial, '')",
        "place" => "a.place",
        "custodian" => "a.custodian",
        "state" => "a.state",
        "warranty" => "coalesce(a.warranty_until, '')",
        "bought" => "coalesce(a.bought_on, '')",
        "price" => "coalesce(a.price, 0)",
        _ => "lower(a.vendor || ' ' || a.model)",
    };
    format!("{column} {way}, a.id")
}

type Bound = (i64, &'static str, &'static str, String);

fn bound(f: &AssetFilter) -> Bound {
    let search = if f.search.trim().is_empty() { String::new() } else { like(&f.search) };
    (f.site.map_or(0, |s| s.0), f.kind.map_or("", AssetKind::as_str), f.state.map_or("", AssetState::as_str), search)
}

pub async fn list(db: &Db, filter: &AssetFilter, paging: Paging) -> Result<Listed<KeptAsset>> {
    let sql = format!("{SELECT} WHERE {} ORDER BY {} LIMIT $5 OFFSET $6", condition(filter), order(filter));
    let (site, kind, state, search) = bound(filter);
    let rows: Vec<Row> = on_db!(db, |p| {
        sqlx::query_as(AssertSqlSafe(sql))
            .bind(site)
            .bind(kind)
            .bind(state)
            .bind(search)
            .bind(paging.per_page)
            .bind(paging.offset())
            .fetch_all(p)
            .await?
    });
    Ok(Listed { rows: rows.into_iter().map(Row::kept).collect::<Result<_>>()?, total: count(db, filter).await? })
}

/// How many the filter leaves.
pub async fn count(db: &Db, filter: &AssetFilter) -> Result<i64> {
    let sql = format!("SELECT count(*) FROM asset a WHERE {}", condition(filter));
    let (site, kind, state, search) = bound(filter);
    Ok(on_db!(db, |p| {
        sqlx::query_scalar(AssertSqlSafe(sql)).bind(site).bind(kind).bind(state).bind(search).fetch_one(p).await?
    }))
}

pub async fn one(db: &Db, id: AssetId) -> Result<Option<KeptAsset>> {
    let sql = format!("{SELECT} WHERE a.id = $1");
    let row: Option<Row> = on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).bind(id.0).fetch_optional(p).await?);
    row.map(Row::kept).transpose()
}

/// The asset that a device is: linked to it or to a part it took in, else the only one with its serial number.
pub async fn of_device(db: &Db, device: DeviceId) -> Result<Option<KeptAsset>> {
    let sql = format!(
        "{SELECT} WHERE a.device_id = $1 OR a.device_id IN (SELECT id FROM device WHERE merged_into = $1) \
         OR (a.device_id IS NULL AND lower(a.serial) = (SELECT lower(serial) FROM device WHERE id = $1)) \
         ORDER BY CASE WHEN a.device_id = $1 THEN 0 WHEN a.device_id IS NULL THEN 2 ELSE 1 END, a.id LIMIT 2"
    );
    let rows: Vec<Row> = on_db!(db, |p| sqlx::query_as(AssertSqlSafe(sql)).bind(device.0).fetch_all(p).await?);
    let mut found = rows.into_iter().map(Row::kept).collect::<Result<Vec<_>>>()?;
    // Two cards with its serial and no link: nobody knows which it is.
    let ambiguous = found.len() == 2 && found[0].asset.device.is_none();
    Ok(if found.is_empty() || ambiguous { None } else { Some(found.swap_remove(0)) })
}

/// The history, the newest first.
pub async fn events(db: &Db, id: AssetId) -> Result<Vec<AssetEvent>> {
    let sql = "SELECT at, author, kind, body FROM asset_event WHERE asset_id = $1 ORDER BY at DESC, id DESC LIMIT 500";
    let rows: Vec<(i64, String, String, String)> = on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_all(p).await?);
    Ok(rows.into_iter().map(|(at, author, kind, body)| AssetEvent { at: Millis(at), author, kind, body }).collect())
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CentreRow {
    pub id: CentreId,
    #[serde(flatten)]
    pub centre: Centre,
    /// Assets it serves.
    pub assets: i64,
}

/// Whoever repairs, by name.
pub async fn centres(db: &Db) -> Result<Vec<CentreRow>> {
    let sql = "SELECT c.id, c.name, c.phone, c.email, c.address, c.hours, c.brands, c.note, \
               (SELECT count(*) FROM asset a WHERE a.centre_id = c.id) FROM service_centre c ORDER BY c.name, c.id";
    type Raw = (i64, String, String, String, String, String, String, String, i64);
    let rows: Vec<Raw> = on_db!(db, |p| sqlx::query_as(sql).fetch_all(p).await?);
    let row = |(id, name, phone, email, address, hours, brands, note, assets): Raw| CentreRow {
        id: CentreId(id),
        centre: Centre { name, phone, email, address, hours, brands, note },
        assets,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// (id, branch, name) of the stores in use.
pub async fn stores(db: &Db) -> Result<Vec<(i64, i64, String)>> {
    let sql = "SELECT id, site_id, name FROM stock_store WHERE archived = 0 ORDER BY name, id";
    Ok(on_db!(db, |p| sqlx::query_as(sql).fetch_all(p).await?))
}
