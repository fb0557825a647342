//! Assets and who repairs them. The history is only ever added to.

use super::{Result, StoreError, Tx, execute, on_tx};
use crate::model::{
    Asset, AssetDiff, AssetId, AssetKind, AssetState, Centre, CentreId, DeviceId, KeptAsset, Millis, Minor, SiteId,
    StoreId, WarrantyKind,
};

pub(super) const SELECT: &str = "SELECT a.id, a.inventory, a.serial, a.kind, a.vendor, a.model, a.state, a.site_id, a.place, \
     a.store_id, a.custodian, a.bought_on, a.price, a.supplier, a.document, a.warranty_until, a.warranty_kind, a.centre_id, \
     a.device_id, a.note, s.name AS site_name, t.name AS store_name, c.name AS centre_name, c.phone AS centre_phone, \
     d.name AS device_name FROM asset a JOIN site s ON s.id = a.site_id LEFT JOIN stock_store t ON t.id = a.store_id \
     LEFT JOIN service_centre c ON c.id = a.centre_id LEFT JOIN device d ON d.id = a.device_id";

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: i64,
    inventory: Option<String>,
    serial: Option<String>,
    kind: String,
    vendor: String,
    model: String,
    state: String,
    site_id: i64,
    place: String,
    store_id: Option<i64>,
    custodian: String,
    bought_on: Option<String>,
    price: Option<i64>,
    supplier: String,
    document: String,
    warranty_until: Option<String>,
    warranty_kind: Option<String>,
    centre_id: Option<i64>,
    device_id: Option<i64>,
    note: String,
    site_name: String,
    store_name: Option<String>,
    centre_name: Option<String>,
    centre_phone: Option<String>,
    device_name: Option<String>,
}

impl Row {
    pub(super) fn kept(self) -> Result<KeptAsset> {
        let bad = |column, value: &str| StoreError::Inconsistent {
            table: "asset",
            column,
            row: self.id,
            value: value.to_owned(),
        };
        let day = |column, text: &Option<String>| match text {
            Some(t) => t.parse().map(Some).map_err(|_| bad(column, t)),
            None => Ok(None),
        };
        let warranty_kind = match &self.warranty_kind {
            Some(k) => Some(WarrantyKind::parse(k).ok_or_else(|| bad("warranty_kind", k))?),
            None => None,
        };
        let (bought_on, warranty_until) =
            (day("bought_on", &self.bought_on)?, day("warranty_until", &self.warranty_until)?);
        Ok(KeptAsset {
            id: AssetId(self.id),
            asset: Asset {
                kind: AssetKind::parse(&self.kind).ok_or_else(|| bad("kind", &self.kind))?,
                state: AssetState::parse(&self.state).ok_or_else(|| bad("state", &self.state))?,
                inventory: self.inventory,
                serial: self.serial,
                vendor: self.vendor,
                model: self.model,
                site: SiteId(self.site_id),
                place: self.place,
                store: self.store_id.map(StoreId),
                custodian: self.custodian,
                bought_on,
                price: self.price.map(Minor),
                supplier: self.supplier,
                document: self.document,
                warranty_until,
                warranty_kind,
                centre: self.centre_id.map(CentreId),
                device: self.device_id.map(DeviceId),
                note: self.note,
            },
            site_name: self.site_name,
            store_name: self.store_name,
            centre_name: self.centre_name,
            centre_phone: self.centre_phone,
            device_name: self.device_name,
        })
    }
}

pub async fn load(tx: &mut Tx, id: AssetId) -> Result<Option<KeptAsset>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE a.id = $1"));
    let row: Option<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_optional(c).await?);
    row.map(Row::kept).transpose()
}

/// All of them, for tables to be compared with.
pub async fn all(tx: &mut Tx) -> Result<Vec<KeptAsset>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} ORDER BY a.id"));
    let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    rows.into_iter().map(Row::kept).collect()
}

/// The asset with this inventory number.
pub async fn by_inventory(tx: &mut Tx, number: &str) -> Result<Option<AssetId>> {
    let sql = "SELECT id FROM asset WHERE inventory = $1";
    let id: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(number).fetch_optional(c).await?);
    Ok(id.map(AssetId))
}

/// The asset that is this device.
pub async fn by_device(tx: &mut Tx, device: DeviceId) -> Result<Option<AssetId>> {
    let sql = "SELECT id FROM asset WHERE device_id = $1";
    let id: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(device.0).fetch_optional(c).await?);
    Ok(id.map(AssetId))
}

/// The one polled device with this serial number that no asset is yet.
pub async fn device_with_serial(tx: &mut Tx, serial: &str) -> Result<Option<DeviceId>> {
    let sql = "SELECT id FROM device WHERE lower(serial) = lower($1) AND lifecycle = 'active' AND merged_into IS NULL \
               AND id NOT IN (SELECT device_id FROM asset WHERE device_id IS NOT NULL) LIMIT 2";
    let ids: Vec<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(serial).fetch_all(c).await?);
    Ok(if let [id] = ids[..] { Some(DeviceId(id)) } else { None })
}

/// Adds it, or with an id changes it.
pub async fn save(tx: &mut Tx, id: Option<AssetId>, a: &Asset, now: Millis) -> Result<AssetId> {
    let words = [a.inventory.as_deref(), a.serial.as_deref(), Some(&a.vendor), Some(&a.model), Some(&a.custodian)];
    let more = [Some(a.place.as_str()), Some(&a.document), Some(&a.note)];
    let search = words.into_iter().chain(more).flatten().collect::<Vec<_>>().join(" ").to_lowercase();
    let update = "UPDATE asset SET inventory = $2, serial = $3, kind = $4, vendor = $5, model = $6, state = $7, \
                  site_id = $8, place = $9, store_id = $10, custodian = $11, bought_on = $12, price = $13, supplier = $14, \
                  document = $15, warranty_until = $16, warranty_kind = $17, centre_id = $18, device_id = $19, note = $20, \
                  search = $21 WHERE id = $1 RETURNING id";
    let insert = "INSERT INTO asset (created_at, inventory, serial, kind, vendor, model, state, site_id, place, store_id, \
                  custodian, bought_on, price, supplier, document, warranty_until, warranty_kind, centre_id, device_id, note, \
                  search) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
                  $21) RETURNING id";
    let (sql, first) = match id {
        Some(id) => (update, id.0),
        None => (insert, now.0),
    };
    let saved: i64 = on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(first)
            .bind(&a.inventory)
            .bind(&a.serial)
            .bind(a.kind.as_str())
            .bind(&a.vendor)
            .bind(&a.model)
            .bind(a.state.as_str())
            .bind(a.site.0)
            .bind(&a.place)
            .bind(a.store.map(|s| s.0))
            .bind(&a.custodian)
            .bind(a.bought_on.map(|d| d.to_string()))
            .bind(a.price.map(|p| p.0))
            .bind(&a.supplier)
            .bind(&a.document)
            .bind(a.warranty_until.map(|d| d.to_string()))
            .bind(a.warranty_kind.map(WarrantyKind::as_str))
            .bind(a.centre.map(|c| c.0))
            .bind(a.device.map(|d| d.0))
            .bind(&a.note)
            .bind(search)
            .fetch_one(c)
            .await?
    });
    Ok(AssetId(saved))
}

pub async fn add_event(tx: &mut Tx, id: AssetId, author: &str, kind: &str, body: &str, now: Millis) -> Result<()> {
    let sql = "INSERT INTO asset_event (asset_id, at, author, kind, body) VALUES ($1, $2, $3, $4, $5)";
    execute!(tx, sql, id.0, now.0, author, kind, body);
    Ok(())
}

/// Fields before and after, as one line of the history.
pub async fn add_changes(tx: &mut Tx, id: AssetId, author: &str, changes: &[AssetDiff], now: Millis) -> Result<()> {
    add_event(tx, id, author, "changed", &super::device::json(&changes)?, now).await
}

/// Stores by branch, for tables.
pub async fn stores(tx: &mut Tx) -> Result<Vec<(StoreId, SiteId, String)>> {
    let sql = "SELECT id, site_id, name FROM stock_store WHERE archived = 0 ORDER BY id";
    let rows: Vec<(i64, i64, String)> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    Ok(rows.into_iter().map(|(id, site, name)| (StoreId(id), SiteId(site), name)).collect())
}

pub async fn sites(tx: &mut Tx) -> Result<Vec<(SiteId, String)>> {
    let rows: Vec<(i64, String)> =
        on_tx!(tx, |c| sqlx::query_as("SELECT id, name FROM site ORDER BY id").fetch_all(c).await?);
    Ok(rows.into_iter().map(|(id, name)| (SiteId(id), name)).collect())
}

pub async fn centres(tx: &mut Tx) -> Result<Vec<(CentreId, String)>> {
    let rows: Vec<(i64, String)> =
        on_tx!(tx, |c| sqlx::query_as("SELECT id, name FROM service_centre ORDER BY id").fetch_all(c).await?);
    Ok(rows.into_iter().map(|(id, name)| (CentreId(id), name)).collect())
}

/// Adds it, or with an id changes it; `None`: there is none with that id.
pub async fn save_centre(tx: &mut Tx, id: Option<CentreId>, c: &Centre) -> Result<Option<CentreId>> {
    let update = "UPDATE service_centre SET name = $1, phone = $2, email = $3, address = $4, hours = $5, brands = $6, \
                  note = $7 WHERE id = $8 RETURNING id";
    let insert = "INSERT INTO service_centre (name, phone, email, address, hours, brands, note) \
                  SELECT $1, $2, $3, $4, $5, $6, $7 WHERE $8 = 0 RETURNING id";
    let sql = if id.is_some() { update } else { insert };
    let saved: Option<i64> = on_tx!(tx, |t| {
        sqlx::query_scalar(sql)
            .bind(&c.name)
            .bind(&c.phone)
            .bind(&c.email)
            .bind(&c.address)
            .bind(&c.hours)
            .bind(&c.brands)
            .bind(&c.note)
            .bind(id.map_or(0, |i| i.0))
            .fetch_optional(t)
            .await?
    });
    Ok(saved.map(CentreId))
}
