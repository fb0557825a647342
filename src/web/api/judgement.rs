//! `/api/v1/devices/{id}/parent`: what a device is judged by besides its own readings.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give};
use crate::model::{Command, DeviceId};
use crate::store::hidden;
use crate::store::read::devices;
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(parent, set_parent))
}

#[derive(Debug, Serialize, ToSchema)]
struct ParentBody {
    /// What people say it is reached through.
    documented: Option<i64>,
    /// The silent device that hides it now.
    hidden_by: Option<i64>,
}

/// What a device is reached through, as people say; and what hides it.
#[utoipa::path(get, path = "/api/v1/devices/{id}/parent", tag = "devices", params(("id" = i64, Path)),
    responses((status = 200, body = ParentBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn parent(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<ParentBody>> {
    caller.require(Permission::View)?;
    let db = state.store.db();
    devices::one(db, DeviceId(id)).await?.ok_or_else(|| ApiError::not_found("device"))?;
    let known = hidden::before(db, DeviceId(id)).await?;
    Ok(Json(ParentBody { documented: known.documented_id, hidden_by: known.hides_id }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetParent {
    /// The device before it; null: as it is observed.
    parent: Option<i64>,
}

/// Says what a device is reached through, above what is observed.
#[utoipa::path(put, path = "/api/v1/devices/{id}/parent", tag = "devices", params(("id" = i64, Path)),
    request_body = SetParent, responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody),
    (status = 422, body = ErrorBody)))]
async fn set_parent(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(body): ApiJson<SetParent>,
) -> ApiResult<Json<DoneBody>> {
    let command = Command::SetParent { device: DeviceId(id), parent: body.parent.map(DeviceId) };
    give(&state, &caller, command).await
}
