//! `/api/v1/sites`: branches.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiJson, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give};
use crate::model::Command;
use crate::store::read::settings::{self, SiteRow};
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add))
}

/// Branches by name.
#[utoipa::path(get, path = "/api/v1/sites", tag = "sites",
    responses((status = 200, body = [SiteRow]), (status = 401, body = ErrorBody)))]
async fn list(caller: Caller, State(state): AppStateArg) -> ApiResult<Json<Vec<SiteRow>>> {
    caller.require(Permission::View)?;
    Ok(Json(settings::sites(state.store.db()).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSite {
    name: String,
    /// IANA name: "Europe/Moscow".
    time_zone: String,
}

/// Adds a branch.
#[utoipa::path(post, path = "/api/v1/sites", tag = "sites", request_body = NewSite,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(b): ApiJson<NewSite>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    let command = Command::AddSite { name: b.name, time_zone: b.time_zone };
    Ok((StatusCode::CREATED, give(&state, &caller, command).await?))
}
