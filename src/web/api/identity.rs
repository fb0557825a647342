//! `/api/v1/devices/{id}/…`: merge and split of devices with their undo; epochs of the page counter; jams.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give};
use crate::model::{Command, DeviceId, Identifier, IdentifierKind, Millis};
use crate::store::pages;
use crate::store::read::device::{self, IdentityChangeRow};
use crate::store::read::metrics;
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(merge))
        .routes(routes!(split))
        .routes(routes!(changes))
        .routes(routes!(undo))
        .routes(routes!(page_epochs))
        .routes(routes!(jams))
}

async fn known(state: &AppState, caller: &Caller, id: i64) -> ApiResult<DeviceId> {
    caller.require(Permission::View)?;
    let device = DeviceId(id);
    let there = metrics::device_exists(state.store.db(), device).await?;
    if there { Ok(device) } else { Err(ApiError::not_found("device")) }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeBody {
    /// The device that turns out to be this one.
    other: i64,
}

/// Two devices are one: the other's history comes along. The answer's id is that of the change, for its undo.
#[utoipa::path(post, path = "/api/v1/devices/{id}/merge", tag = "devices", params(("id" = i64, Path)),
    request_body = MergeBody, responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn merge(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<MergeBody>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::MergeDevices { device: DeviceId(id), other: DeviceId(b.other) }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SplitBody {
    /// What is the other device's.
    identifiers: Vec<IdentifierBody>,
    /// Where the other device answers, if that is known.
    address: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IdentifierBody {
    /// serial, printer-uuid, base-mac, lldp-chassis, sys-name
    kind: String,
    value: String,
}

/// One device is two: these identifiers become a device of their own.
#[utoipa::path(post, path = "/api/v1/devices/{id}/split", tag = "devices", params(("id" = i64, Path)),
    request_body = SplitBody, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn split(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<SplitBody>,
) -> ApiResult<Json<DoneBody>> {
    let identifiers = b.identifiers.into_iter().filter_map(|i| {
        let kind = IdentifierKind::parse(&i.kind)?;
        Some(Identifier { kind, value: i.value })
    });
    let (device, identifiers) = (DeviceId(id), identifiers.collect());
    give(&state, &caller, Command::SplitDevice { device, identifiers, address: b.address }).await
}

/// Merges and splits of a device, the newest first.
#[utoipa::path(get, path = "/api/v1/devices/{id}/identity", tag = "devices", params(("id" = i64, Path)),
    responses((status = 200, body = [IdentityChangeRow]), (status = 404, body = ErrorBody)))]
async fn changes(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<Vec<IdentityChangeRow>>> {
    let device = known(&state, &caller, id).await?;
    Ok(Json(device::identity_changes(state.store.db(), device).await?))
}

/// Takes a merge or a split back.
#[utoipa::path(post, path = "/api/v1/identity-changes/{id}/undo", tag = "devices", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn undo(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::UndoIdentity { change: id }).await
}

#[derive(Serialize, ToSchema)]
struct EpochBody {
    started_at: i64,
    last_at: i64,
    /// first, reset, board
    why: String,
    /// The raw counter, impressions.
    first: i64,
    last: i64,
    /// The total over all epochs at the end of this one.
    total: i64,
}

/// Epochs of the page counter, the newest first: a reset or another board opens one; the total never falls.
#[utoipa::path(get, path = "/api/v1/devices/{id}/page-epochs", tag = "devices", params(("id" = i64, Path)),
    responses((status = 200, body = [EpochBody]), (status = 404, body = ErrorBody)))]
async fn page_epochs(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<Vec<EpochBody>>> {
    let device = known(&state, &caller, id).await?;
    let body = pages::epochs(state.store.db(), device).await?.into_iter().map(|e| EpochBody {
        started_at: e.started_at,
        last_at: e.last_at,
        first: e.first_value,
        last: e.last_value,
        total: e.page_offset.saturating_add(e.last_value),
        why: e.why,
    });
    Ok(Json(body.collect()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct JamsQuery {
    /// UTC milliseconds; everything when absent.
    from: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct JamBody {
    at: i64,
    /// Total of the page counter at that moment.
    pages: Option<i64>,
    /// The device's words, or empty.
    detail: String,
}

/// Jams of a printer, the newest first, at most 500.
#[utoipa::path(get, path = "/api/v1/devices/{id}/jams", tag = "devices", params(("id" = i64, Path), JamsQuery),
    responses((status = 200, body = [JamBody]), (status = 404, body = ErrorBody)))]
async fn jams(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(q): ApiQuery<JamsQuery>,
) -> ApiResult<Json<Vec<JamBody>>> {
    let device = known(&state, &caller, id).await?;
    let rows = pages::jams(state.store.db(), device, Millis(q.from.unwrap_or(0)), 500).await?;
    Ok(Json(rows.into_iter().map(|j| JamBody { at: j.at, pages: j.pages, detail: j.detail }).collect()))
}
