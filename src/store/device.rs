//! Devices as they are kept: who they are, where they answer, what state they are in.
//!
//! `identity` finds which device a reading speaks of; `state` is changed only by what `status::apply` gave.

use std::net::IpAddr;

use super::{Db, Result, StoreError, Tx, execute, on_db, on_tx};
use crate::model::{DeviceId, DeviceKind, DeviceState, Facts, Millis, SiteId};

/// One row of `device` without its facts.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    pub id: DeviceId,
    pub site: SiteId,
    pub name: String,
    pub named_by_person: bool,
    pub location: Option<String>,
    pub located_by_person: bool,
    pub kind: Option<DeviceKind>,
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub serial: Option<String>,
    pub firmware: Option<String>,
    pub sys_name: Option<String>,
    pub sys_descr: Option<String>,
    pub sys_object_id: Option<String>,
    pub base_mac: Option<String>,
    /// "print,scan,fax"
    pub functions: String,
    pub profile: Option<String>,
    /// `None`: another device answers where it was; it waits to be found again.
    pub address: Option<IpAddr>,
    pub port: u16,
    pub credential: Option<i64>,
    pub retired: bool,
    /// It turned out to be another device, which answers for both; its own history stays its own.
    pub merged_into: Option<DeviceId>,
    /// ok, attention, failure, unknown: the colour of its row.
    pub condition: &'static str,
    pub page_count: Option<u64>,
    /// Pages of earlier epochs: with the counter, a total that never falls.
    pub page_offset: i64,
    pub state: DeviceState,
    pub first_seen: Millis,
    pub last_seen: Option<Millis>,
    pub last_reading_at: Option<Millis>,
}

/// The words of `condition`, worst last.
pub const CONDITIONS: [&str; 4] = ["unknown", "ok", "attention", "failure"];

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    site_id: i64,
    name: String,
    named_by_person: i64,
    location: Option<String>,
    located_by_person: i64,
    kind: Option<String>,
    vendor: Option<String>,
    model: Option<String>,
    serial: Option<String>,
    firmware: Option<String>,
    sys_name: Option<String>,
    sys_descr: Option<String>,
    sys_object_id: Option<String>,
    base_mac: Option<String>,
    functions: String,
    profile: Option<String>,
    address: String,
    port: i64,
    credential_id: Option<i64>,
    lifecycle: String,
    condition: String,
    page_count: Option<i64>,
    page_offset: i64,
    merged_into: Option<i64>,
    state: String,
    first_seen: i64,
    last_seen: Option<i64>,
    last_reading_at: Option<i64>,
}

impl Row {
    fn device(self) -> Result<Device> {
        let wrong = |column, value: &str| StoreError::Inconsistent {
            table: "device",
            column,
            row: self.id,
            value: value.chars().take(80).collect(),
        };
        let kind = self.kind.as_deref().map(|k| DeviceKind::parse(k).ok_or_else(|| wrong("kind", k))).transpose()?;
        let state = serde_json::from_str(&self.state).map_err(|_| wrong("state", &self.state))?;
        let address = match self.address.as_str() {
            "" => None,
            a => Some(a.parse().map_err(|_| wrong("address", a))?),
        };
        let condition = CONDITIONS.into_iter().find(|c| *c == self.condition);
        Ok(Device {
            id: DeviceId(self.id),
            site: SiteId(self.site_id),
            named_by_person: self.named_by_person != 0,
            located_by_person: self.located_by_person != 0,
            kind,
            address,
            port: u16::try_from(self.port).map_err(|_| wrong("port", &self.port.to_string()))?,
            credential: self.credential_id,
            retired: self.lifecycle == "retired",
            condition: condition.ok_or_else(|| wrong("condition", &self.condition))?,
            page_count: self.page_count.and_then(|n| u64::try_from(n).ok()),
            page_offset: self.page_offset,
            merged_into: self.merged_into.map(DeviceId),
            state,
            first_seen: Millis(self.first_seen),
            last_seen: self.last_seen.map(Millis),
            last_reading_at: self.last_reading_at.map(Millis),
            name: self.name,
            location: self.location,
            vendor: self.vendor,
            model: self.model,
            serial: self.serial,
            firmware: self.firmware,
            sys_name: self.sys_name,
            sys_descr: self.sys_descr,
            sys_object_id: self.sys_object_id,
            base_mac: self.base_mac,
            functions: self.functions,
            profile: self.profile,
        })
    }
}

impl Device {
    /// A device of which nothing is known but where it answered.
    pub fn new(site: SiteId, address: IpAddr, port: u16, credential: Option<i64>, now: Millis) -> Self {
        Device {
            id: DeviceId(0),
            site,
            name: address.to_string(),
            named_by_person: false,
            location: None,
            located_by_person: false,
            kind: None,
            vendor: None,
            model: None,
            serial: None,
            firmware: None,
            sys_name: None,
            sys_descr: None,
            sys_object_id: None,
            base_mac: None,
            functions: String::new(),
            profile: None,
            address: Some(address),
            port,
            credential,
            retired: false,
            condition: "unknown",
            page_count: None,
            page_offset: 0,
            merged_into: None,
            state: DeviceState::default(),
            first_seen: now,
            last_seen: None,
            last_reading_at: None,
        }
    }
    /// Pages since the first reading, over every reset of the counter.
    pub fn pages_total(&self) -> Option<i64> {
        self.page_count.map(|n| as_i64(n).saturating_add(self.page_offset))
    }
    /// Lower-cased words people search by; a MAC also without its colons.
    pub fn search(&self) -> String {
        let address = self.address.map(|a| a.to_string());
        let bare = self.base_mac.as_deref().map(|m| m.replace(':', ""));
        let words = [
            Some(&self.name),
            self.sys_name.as_ref(),
            address.as_ref(),
            self.vendor.as_ref(),
            self.model.as_ref(),
            self.serial.as_ref(),
            self.base_mac.as_ref(),
            bare.as_ref(),
            self.location.as_ref(),
        ];
        words.into_iter().flatten().map(|w| w.to_lowercase()).collect::<Vec<_>>().join(" ")
    }
}

const COLUMNS: &str = "id, site_id, name, named_by_person, location, located_by_person, kind, vendor, model, serial, \
     firmware, sys_name, sys_descr, sys_object_id, base_mac, functions, profile, address, port, credential_id, lifecycle, \
     condition, page_count, page_offset, merged_into, state, first_seen, last_seen, last_reading_at";

pub async fn load(tx: &mut Tx, device: DeviceId) -> Result<Option<Device>> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM device WHERE id = $1"));
    let row: Option<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(device.0).fetch_optional(c).await?);
    row.map(Row::device).transpose()
}

/// Adds it with a new id.
pub async fn insert(tx: &mut Tx, device: &mut Device) -> Result<()> {
    let sql = "INSERT INTO device (site_id, name, address, port, first_seen) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let address = address_text(device.address);
    let id = on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(device.site.0)
            .bind(&device.name)
            .bind(address)
            .bind(i64::from(device.port))
            .bind(device.first_seen.0)
            .fetch_one(c)
            .await?
    });
    device.id = DeviceId(id);
    save(tx, device).await
}

/// Writes everything but the facts.
pub async fn save(tx: &mut Tx, d: &Device) -> Result<()> {
    let sql = "UPDATE device SET site_id = $2, name = $3, named_by_person = $4, location = $5, located_by_person = $6, \
               kind = $7, vendor = $8, model = $9, serial = $10, firmware = $11, sys_name = $12, sys_descr = $13, \
               sys_object_id = $14, base_mac = $15, functions = $16, profile = $17, address = $18, port = $19, \
               credential_id = $20, lifecycle = $21, reach = $22, condition = $23, page_count = $24, state = $25, \
               last_seen = $26, last_reading_at = $27, search = $28, page_offset = $29, merged_into = $30 \
               WHERE id = $1";
    let state = json(&d.state)?;
    execute!(
        tx,
        sql,
        d.id.0,
        d.site.0,
        &d.name,
        i64::from(d.named_by_person),
        &d.location,
        i64::from(d.located_by_person),
        d.kind.map(DeviceKind::as_str),
        &d.vendor,
        &d.model,
        &d.serial,
        &d.firmware,
        &d.sys_name,
        &d.sys_descr,
        &d.sys_object_id,
        &d.base_mac,
        &d.functions,
        &d.profile,
        address_text(d.address),
        i64::from(d.port),
        d.credential,
        lifecycle(d),
        d.state.reach.as_str(),
        d.condition,
        d.page_count.map(as_i64),
        state,
        d.last_seen.map(|t| t.0),
        d.last_reading_at.map(|t| t.0),
        d.search(),
        d.page_offset,
        d.merged_into.map(|m| m.0)
    );
    Ok(())
}

fn lifecycle(d: &Device) -> &'static str {
    match (d.merged_into, d.retired) {
        (Some(_), _) => "merged",
        (None, true) => "retired",
        (None, false) => "active",
    }
}

/// The cheap write of a reading that changed nothing: times and counters only.
pub async fn touch(tx: &mut Tx, d: &Device) -> Result<()> {
    let sql = "UPDATE device SET state = $2, last_seen = $3, last_reading_at = $4 WHERE id = $1";
    let state = json(&d.state)?;
    let (seen, read) = (d.last_seen.map(|t| t.0), d.last_reading_at.map(|t| t.0));
    execute!(tx, sql, d.id.0, state, seen, read);
    Ok(())
}

/// The merged facts of all classes, without what has tables of its own.
pub async fn facts(tx: &mut Tx, device: DeviceId) -> Result<Facts> {
    let sql = "SELECT facts FROM device WHERE id = $1";
    let text: Option<String> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(device.0).fetch_optional(c).await?);
    let text = text.unwrap_or_else(|| "{}".to_owned());
    serde_json::from_str(&text).map_err(|e| StoreError::Inconsistent {
        table: "device",
        column: "facts",
        row: device.0,
        value: e.to_string(),
    })
}

pub async fn save_facts(tx: &mut Tx, device: DeviceId, facts: &Facts) -> Result<()> {
    let sql = "UPDATE device SET facts = $2 WHERE id = $1";
    let facts = json(facts)?;
    execute!(tx, sql, device.0, facts);
    Ok(())
}

/// Where it answered and until when; `true` when the pair is new for this device.
pub async fn saw_address(tx: &mut Tx, device: DeviceId, address: IpAddr, port: u16, now: Millis) -> Result<bool> {
    let sql = "INSERT INTO device_address_history (device_id, address, port, first_seen, last_seen) \
               VALUES ($1, $2, $3, $4, $4) \
               ON CONFLICT (device_id, address, port) DO UPDATE SET last_seen = excluded.last_seen RETURNING first_seen";
    let first: i64 = on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(device.0)
            .bind(address.to_string())
            .bind(i64::from(port))
            .bind(now.0)
            .fetch_one(c)
            .await?
    });
    Ok(first == now.0)
}

/// Another address where it answered at `since` or later, the latest first: where to look when it is silent.
pub async fn later_address(tx: &mut Tx, device: DeviceId, since: Millis) -> Result<Option<(IpAddr, u16)>> {
    let sql = "SELECT h.address, h.port FROM device_address_history h JOIN device d ON d.id = h.device_id \
               WHERE h.device_id = $1 AND h.last_seen >= $2 AND (h.address <> d.address OR h.port <> d.port) \
               ORDER BY h.last_seen DESC, h.address LIMIT 1";
    let found: Option<(String, i64)> =
        on_tx!(tx, |c| sqlx::query_as(sql).bind(device.0).bind(since.0).fetch_optional(c).await?);
    Ok(found.and_then(|(a, p)| Some((a.parse().ok()?, u16::try_from(p).ok()?))))
}

/// The device that is polled at this address of the branch.
pub async fn at_address(tx: &mut Tx, site: SiteId, address: IpAddr, port: u16) -> Result<Option<DeviceId>> {
    let sql = "SELECT id FROM device WHERE address = $2 AND port = $3 AND site_id = $1 ORDER BY id LIMIT 1";
    let id: Option<i64> = on_tx!(tx, |c| {
        sqlx::query_scalar(sql).bind(site.0).bind(address.to_string()).bind(i64::from(port)).fetch_optional(c).await?
    });
    Ok(id.map(DeviceId))
}

/// Asks the poller for a full round now.
pub async fn want_poll(tx: &mut Tx, device: DeviceId) -> Result<()> {
    let sql = "UPDATE device SET poll_wanted = 1 WHERE id = $1";
    execute!(tx, sql, device.0);
    Ok(())
}

/// How many devices are kept, retired ones too.
pub async fn count(db: &Db) -> Result<i64> {
    Ok(on_db!(db, |p| sqlx::query_scalar("SELECT COUNT(*) FROM device").fetch_one(p).await?))
}

fn address_text(address: Option<IpAddr>) -> String {
    address.map(|a| a.to_string()).unwrap_or_default()
}

pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::Statement { detail: format!("writing JSON: {e}") })
}

pub(super) fn as_i64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
