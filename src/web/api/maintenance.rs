//! `/api/v1/maintenance`: times in which failures are expected. `/api/v1/notices`: what was told of failures.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give};
use crate::model::{Command, DeviceId, Millis, NewWindow, SiteId};
use crate::store::{maintenance, notice};
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

/// Groups in one answer.
const GROUPS: i64 = 100;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, plan)).routes(routes!(end)).routes(routes!(notices))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WindowsQuery {
    /// Branch.
    site: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct WindowBody {
    id: i64,
    site: Option<i64>,
    device: Option<i64>,
    starts_at: Millis,
    ends_at: Millis,
    /// Every week at the same local time of the branch.
    weekly: bool,
    reason: String,
    planned_by: String,
}

/// Maintenance windows that are on or come.
#[utoipa::path(get, path = "/api/v1/maintenance", tag = "devices", params(WindowsQuery),
    responses((status = 200, body = Vec<WindowBody>), (status = 401, body = ErrorBody)))]
async fn list(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<WindowsQuery>,
) -> ApiResult<Json<Vec<WindowBody>>> {
    caller.require(Permission::View)?;
    let found = maintenance::planned(state.store.db(), q.site.map(SiteId), state.clock.now()).await?;
    let body = |p: maintenance::Planned| WindowBody {
        id: p.id,
        site: p.site_id,
        device: p.device_id,
        starts_at: Millis(p.starts_at),
        ends_at: Millis(p.ends_at),
        weekly: p.weekly == 1,
        reason: p.reason,
        planned_by: p.planned_by,
    };
    Ok(Json(found.into_iter().map(body).collect()))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMaintenance {
    /// Branch; neither a branch nor a device: everything.
    site: Option<i64>,
    device: Option<i64>,
    /// UTC milliseconds.
    starts_at: i64,
    ends_at: i64,
    #[serde(default)]
    weekly: bool,
    reason: String,
}

/// Plans a window: failures in it are judged as ever and told afterwards, if they stay.
#[utoipa::path(post, path = "/api/v1/maintenance", tag = "devices", request_body = NewMaintenance,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn plan(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(body): ApiJson<NewMaintenance>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    let window = NewWindow {
        site: body.site.map(SiteId),
        device: body.device.map(DeviceId),
        starts_at: Millis(body.starts_at),
        ends_at: Millis(body.ends_at),
        weekly: body.weekly,
        reason: body.reason,
    };
    Ok((StatusCode::CREATED, give(&state, &caller, Command::PlanMaintenance { window }).await?))
}

/// Ends a window now, or takes one back that has not begun.
#[utoipa::path(delete, path = "/api/v1/maintenance/{id}", tag = "devices", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn end(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::EndMaintenance { window: id }).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NoticesQuery {
    /// The last group that is known.
    #[serde(default)]
    after: i64,
}

/// What was told of failures: the lines of at most 100 groups, one group a branch and ten minutes.
#[utoipa::path(get, path = "/api/v1/notices", tag = "tickets", params(NoticesQuery),
    responses((status = 200, body = Vec<notice::Line>), (status = 401, body = ErrorBody)))]
async fn notices(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<NoticesQuery>,
) -> ApiResult<Json<Vec<notice::Line>>> {
    caller.require(Permission::View)?;
    Ok(Json(notice::released(state.store.db(), q.after, GROUPS).await?))
}
