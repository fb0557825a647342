//! `/api/v1/devices`: the list with the filters of the page, one device, its supplies with history, ports, neighbours,
//! timeline; naming, placing, retiring, polling now.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give, paging};
use crate::engine::Done;
use crate::model::{
    Command, DeviceId, Evidence, LevelState, Millis, PoeSupply, PortDetail, Sensor, SiteId, StackMember, Transceiver,
};
use crate::store::read::device::{self, Behind, DeviceDetail, PortRow, SupplyRow};
use crate::store::read::devices::{self, DeviceFilter, DeviceRow, DeviceSort};
use crate::store::read::ports::{self as port_read, PortErrors};
use crate::store::read::{Listed, metrics};
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

/// History is told this far back unless asked otherwise.
const HISTORY_MS: i64 = 90 * Millis::DAY;
/// Learned MACs older than this are no longer where they were.
const LEARNED_MS: i64 = Millis::DAY;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one, change, retire))
        .routes(routes!(poll))
        .routes(routes!(supplies))
        .routes(routes!(history))
        .routes(routes!(ports))
        .routes(routes!(neighbors))
        .routes(routes!(timeline))
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Sort {
    #[default]
    Name,
    Condition,
    Kind,
    Model,
    Place,
    Address,
    Serial,
    Seen,
    Pages,
    Supply,
}

impl From<Sort> for DeviceSort {
    fn from(s: Sort) -> Self {
        match s {
            Sort::Name => DeviceSort::Name,
            Sort::Condition => DeviceSort::Condition,
            Sort::Kind => DeviceSort::Kind,
            Sort::Model => DeviceSort::Model,
            Sort::Place => DeviceSort::Place,
            Sort::Address => DeviceSort::Address,
            Sort::Serial => DeviceSort::Serial,
            Sort::Seen => DeviceSort::Seen,
            Sort::Pages => DeviceSort::Pages,
            Sort::Supply => DeviceSort::Supply,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DevicesQuery {
    /// Words of name, address, MAC, serial, model, place; all must occur.
    #[serde(default)]
    q: String,
    /// Branch.
    site: Option<i64>,
    /// printer, mfp, switch, ... separated by commas.
    #[serde(default)]
    kind: String,
    /// ok, attention, failure, unknown; separated by commas.
    #[serde(default)]
    condition: String,
    /// Makers, separated by commas.
    #[serde(default)]
    vendor: String,
    /// Only with a supply below its threshold.
    #[serde(default)]
    supply_low: bool,
    /// Retired ones instead of active ones.
    #[serde(default)]
    retired: bool,
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
    #[serde(default)]
    descending: bool,
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

fn words(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// Devices.
#[utoipa::path(get, path = "/api/v1/devices", tag = "devices", params(DevicesQuery),
    responses((status = 200, body = Listed<DeviceRow>), (status = 401, body = ErrorBody)))]
async fn list(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<DevicesQuery>,
) -> ApiResult<Json<Listed<DeviceRow>>> {
    caller.require(Permission::View)?;
    let filter = DeviceFilter {
        site: q.site.map(SiteId),
        search: q.q,
        kinds: words(&q.kind),
        conditions: words(&q.condition),
        vendors: words(&q.vendor),
        supply_low: q.supply_low,
        retired: q.retired,
        sort: q.sort.into(),
        descending: q.descending,
        ..Default::default()
    };
    Ok(Json(devices::list(state.store.db(), &filter, paging(q.page, q.per_page)).await?))
}

/// One device in full.
#[derive(Serialize, ToSchema)]
struct DeviceBody {
    #[serde(flatten)]
    row: DeviceRow,
    /// ok, degraded, unreachable, asleep, down, unknown: only down is a failure.
    reach: &'static str,
    reach_since: Option<Millis>,
    firmware: Option<String>,
    sys_name: Option<String>,
    sys_descr: Option<String>,
    sys_object_id: Option<String>,
    /// How it is read.
    profile: Option<String>,
    /// Where kind, vendor, model, serial, firmware and functions are from.
    evidence: Vec<Evidence>,
    /// UDP port of its agent.
    port: i64,
    /// Name of the credential it answers to.
    credential: Option<String>,
    last_reading_at: Option<Millis>,
    /// A person asked for a poll that has not happened yet.
    poll_wanted: bool,
    /// What is wrong with it now.
    problems: Vec<ProblemBody>,
    /// Power supplies of the ports that feed devices.
    poe: Vec<PoeSupply>,
    /// Switches of a stack; none for a switch alone.
    stack: Vec<StackMember>,
    sensors: Vec<Sensor>,
}

#[derive(Serialize, ToSchema)]
struct ProblemBody {
    /// down, repair, configuration, reported
    class: &'static str,
    component: String,
    detail: String,
    /// 1 worst to 5.
    priority: u8,
    first_seen: Millis,
}

impl From<DeviceDetail> for DeviceBody {
    fn from(d: DeviceDetail) -> Self {
        let state = &d.row.state;
        let problems = state.problems.iter().filter(|p| p.raised).map(|p| ProblemBody {
            class: p.key.class.as_str(),
            component: p.key.component.clone(),
            detail: p.detail.clone(),
            priority: p.priority,
            first_seen: p.first_seen,
        });
        DeviceBody {
            reach: state.reach.as_str(),
            reach_since: state.reach_since,
            problems: problems.collect(),
            firmware: d.firmware,
            sys_name: d.sys_name,
            sys_descr: d.sys_descr,
            sys_object_id: d.sys_object_id,
            profile: d.profile,
            evidence: d.facts.evidence,
            poe: d.facts.poe.unwrap_or_default(),
            stack: d.facts.stack.unwrap_or_default(),
            sensors: d.facts.sensors.unwrap_or_default(),
            port: d.port,
            credential: d.credential,
            last_reading_at: d.last_reading_at,
            poll_wanted: d.poll_wanted,
            row: d.row,
        }
    }
}

/// One device.
#[utoipa::path(get, path = "/api/v1/devices/{id}", tag = "devices", params(("id" = i64, Path)),
    responses((status = 200, body = DeviceBody), (status = 404, body = ErrorBody)))]
async fn one(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DeviceBody>> {
    caller.require(Permission::View)?;
    let found = device::one(state.store.db(), DeviceId(id)).await?;
    found.map(|d| Json(d.into())).ok_or_else(|| ApiError::not_found("device"))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeDevice {
    /// A person's name for it wins over its own.
    name: Option<String>,
    /// Branch; needs `location` too, or the room is forgotten.
    site: Option<i64>,
    /// Room; an empty one is forgotten.
    location: Option<String>,
}

/// Names or places a device.
#[utoipa::path(patch, path = "/api/v1/devices/{id}", tag = "devices", params(("id" = i64, Path)),
    request_body = ChangeDevice, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn change(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<ChangeDevice>,
) -> ApiResult<Json<DoneBody>> {
    caller.require(Permission::ManageDevices)?;
    let device = DeviceId(id);
    let known = devices::one(state.store.db(), device).await?.ok_or_else(|| ApiError::not_found("device"))?;
    let mut done = Done::already(id);
    if let Some(name) = b.name {
        let named = caller.give(&state, Command::RenameDevice { device, name }).await?;
        done.changed |= named.changed;
    }
    if b.site.is_some() || b.location.is_some() {
        let site = b.site.map_or(known.site, SiteId);
        let location = b.location.filter(|l| !l.trim().is_empty());
        let placed = caller.give(&state, Command::PlaceDevice { device, site, location }).await?;
        done.changed |= placed.changed;
    }
    Ok(Json(done.into()))
}

/// Takes a device out of service; its history stays.
#[utoipa::path(delete, path = "/api/v1/devices/{id}", tag = "devices", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn retire(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::RetireDevice { device: DeviceId(id) }).await
}

/// Asks the poller to ask the device at once.
#[utoipa::path(post, path = "/api/v1/devices/{id}/poll", tag = "devices", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn poll(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::PollNow { device: DeviceId(id) }).await
}

/// A supply with the interval its remaining share lies in.
#[derive(Serialize, ToSchema)]
struct SupplyBody {
    index: String,
    kind: String,
    color: Option<String>,
    description: String,
    part_number: Option<String>,
    serial: Option<String>,
    unit: Option<String>,
    /// Raw prtMarkerSuppliesMaxCapacity and prtMarkerSuppliesLevel.
    max_capacity: Option<i64>,
    level: Option<i64>,
    /// known, some_remaining, some_space_left, unknown, no_restriction, level_without_capacity
    level_state: String,
    /// The true remaining fraction (room left of a waste box) lies between these; absent: nobody knows.
    low: Option<f64>,
    high: Option<f64>,
    receptacle: bool,
    /// snmp, snmp-private, ipp, manual
    source: String,
    is_low: bool,
    low_since: Option<i64>,
    threshold: f64,
    updated_at: i64,
    article: Option<i64>,
}

impl From<SupplyRow> for SupplyBody {
    fn from(s: SupplyRow) -> Self {
        SupplyBody {
            index: s.idx,
            kind: s.kind,
            color: s.color,
            description: s.description,
            part_number: s.part_number,
            serial: s.serial,
            unit: s.unit,
            max_capacity: s.max_capacity,
            level: s.level,
            level_state: s.level_state,
            low: s.low,
            high: s.high,
            receptacle: s.receptacle == 1,
            source: s.source,
            is_low: s.is_low == 1,
            low_since: s.low_since,
            threshold: s.threshold,
            updated_at: s.updated_at,
            article: s.article_id,
        }
    }
}

async fn known(state: &AppState, caller: &Caller, id: i64) -> ApiResult<DeviceId> {
    caller.require(Permission::View)?;
    let device = DeviceId(id);
    if metrics::device_exists(state.store.db(), device).await? {
        Ok(device)
    } else {
        Err(ApiError::not_found("device"))
    }
}

/// Supplies of a device.
#[utoipa::path(get, path = "/api/v1/devices/{id}/supplies", tag = "devices", params(("id" = i64, Path)),
    responses((status = 200, body = [SupplyBody]), (status = 404, body = ErrorBody)))]
async fn supplies(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<Vec<SupplyBody>>> {
    let device = known(&state, &caller, id).await?;
    Ok(Json(device::supplies(state.store.db(), device).await?.into_iter().map(SupplyBody::from).collect()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// UTC milliseconds; 90 days back when absent.
    from: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct SupplyPointBody {
    at: Millis,
    level_state: LevelState,
    low: Option<f64>,
    high: Option<f64>,
    /// The device's page counter at that moment.
    pages: Option<i64>,
}

/// Readings of one supply, kept on change and once a day.
#[utoipa::path(get, path = "/api/v1/devices/{id}/supplies/{index}/history", tag = "devices",
    params(("id" = i64, Path), ("index" = String, Path), HistoryQuery),
    responses((status = 200, body = [SupplyPointBody]), (status = 404, body = ErrorBody)))]
async fn history(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath((id, index)): ApiPath<(i64, String)>,
    ApiQuery(q): ApiQuery<HistoryQuery>,
) -> ApiResult<Json<Vec<SupplyPointBody>>> {
    let device = known(&state, &caller, id).await?;
    let db = state.store.db();
    let supply = device::supplies(db, device).await?.into_iter().find(|s| s.idx == index);
    let supply = supply.ok_or_else(|| ApiError::not_found("supply"))?.id;
    let from = q.from.map_or_else(|| state.clock.now().plus(-HISTORY_MS), Millis);
    let points = device::supply_history(db, device, from).await?.into_iter().filter(|p| p.supply.0 == supply);
    let body =
        points.map(|p| SupplyPointBody { at: p.at, level_state: p.state, low: p.low, high: p.high, pages: p.pages });
    Ok(Json(body.collect()))
}

#[derive(Serialize, ToSchema)]
struct PortBody {
    if_index: i64,
    name: String,
    descr: Option<String>,
    alias: Option<String>,
    /// IANAifType by name.
    if_type: Option<String>,
    /// A socket a plug fits in.
    physical: bool,
    admin: Option<String>,
    oper: Option<String>,
    oper_since: Option<i64>,
    /// 0: down or not told.
    speed_bps: i64,
    mac: Option<String>,
    /// MACs learned in the last day.
    macs: i64,
    /// duplex, aggregate, capable_bps, below_capability, poe, stp: each where it is told.
    #[serde(flatten)]
    detail: PortDetail,
    /// The optical module in it.
    transceiver: Option<Transceiver>,
    /// Frames with errors in the last day.
    errors: Option<ErrorsBody>,
}

#[derive(Serialize, ToSchema)]
struct ErrorsBody {
    received: u64,
    sent: u64,
    /// Wrong checksums, of those received: a cable or a duplex mismatch.
    checksum: u64,
}

impl From<PortErrors> for ErrorsBody {
    fn from(e: PortErrors) -> Self {
        ErrorsBody { received: e.received, sent: e.sent, checksum: e.checksum }
    }
}

impl From<PortRow> for PortBody {
    fn from(p: PortRow) -> Self {
        PortBody {
            detail: p.detail(),
            transceiver: None,
            errors: None,
            if_index: p.if_index,
            name: p.name,
            descr: p.descr,
            alias: p.alias,
            if_type: p.if_type,
            physical: p.physical == 1,
            admin: p.admin,
            oper: p.oper,
            oper_since: p.oper_since,
            speed_bps: p.speed_bps,
            mac: p.mac,
            macs: p.macs,
        }
    }
}

/// Interfaces of a device.
#[utoipa::path(get, path = "/api/v1/devices/{id}/ports", tag = "devices", params(("id" = i64, Path)),
    responses((status = 200, body = [PortBody]), (status = 404, body = ErrorBody)))]
async fn ports(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<Vec<PortBody>>> {
    let device = known(&state, &caller, id).await?;
    let (db, now) = (state.store.db(), state.clock.now());
    let mut bodies: Vec<PortBody> =
        device::ports(db, device, now.plus(-LEARNED_MS)).await?.into_iter().map(PortBody::from).collect();
    let errors = port_read::errors(db, device, now.plus(-Millis::DAY)).await?;
    let modules = device::one(db, device).await?.and_then(|d| d.facts.transceivers).unwrap_or_default();
    for body in &mut bodies {
        let index = u32::try_from(body.if_index).ok();
        body.errors = index.and_then(|i| errors.get(&i)).map(|e| (*e).into());
        body.transceiver = modules.iter().find(|t| t.if_index.is_some() && t.if_index == index).cloned();
    }
    Ok(Json(bodies))
}

#[derive(Serialize, ToSchema)]
struct NeighborBody {
    if_index: Option<i64>,
    port: String,
    /// lldp, cdp, mndp; fdb: its MAC was learned there.
    protocol: String,
    /// When it is a device of ours.
    device: Option<i64>,
    name: Option<String>,
    remote_port: Option<String>,
    last_seen: i64,
}

impl From<Behind> for NeighborBody {
    fn from(b: Behind) -> Self {
        NeighborBody {
            if_index: b.if_index,
            port: b.port,
            protocol: b.protocol,
            device: b.device_id,
            name: b.name,
            remote_port: b.remote_port,
            last_seen: b.last_seen,
        }
    }
}

/// Who is behind its ports: announced neighbours, then devices of ours whose MAC was learned.
#[utoipa::path(get, path = "/api/v1/devices/{id}/neighbors", tag = "devices", params(("id" = i64, Path)),
    responses((status = 200, body = [NeighborBody]), (status = 404, body = ErrorBody)))]
async fn neighbors(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<Vec<NeighborBody>>> {
    let device = known(&state, &caller, id).await?;
    let db = state.store.db();
    let mut all = device::neighbors(db, device).await?;
    all.extend(device::learned(db, device, state.clock.now().plus(-LEARNED_MS)).await?);
    Ok(Json(all.into_iter().map(NeighborBody::from).collect()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TimelineQuery {
    /// Kinds of event, separated by commas: reach-changed, supply-low, ...
    #[serde(default)]
    kind: String,
    /// Only what is older than this, UTC milliseconds: the next page.
    before: Option<i64>,
    /// At most 500.
    limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct TimelineBody {
    id: i64,
    at: Millis,
    kind: &'static str,
    /// The event with its fields.
    #[schema(value_type = Object)]
    event: serde_json::Value,
}

/// What happened to a device, newest first.
#[utoipa::path(get, path = "/api/v1/devices/{id}/timeline", tag = "devices", params(("id" = i64, Path), TimelineQuery),
    responses((status = 200, body = [TimelineBody]), (status = 404, body = ErrorBody)))]
async fn timeline(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(q): ApiQuery<TimelineQuery>,
) -> ApiResult<Json<Vec<TimelineBody>>> {
    let device = known(&state, &caller, id).await?;
    let kinds = words(&q.kind);
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    let limit = q.limit.unwrap_or(100).clamp(1, 500);
    let rows = device::timeline(state.store.db(), device, &kinds, q.before.map(Millis), limit).await?;
    let body = rows.into_iter().map(|r| TimelineBody {
        id: r.id,
        at: r.at,
        kind: r.event.as_str(),
        event: serde_json::to_value(&r.event).unwrap_or_default(),
    });
    Ok(Json(body.collect()))
}
