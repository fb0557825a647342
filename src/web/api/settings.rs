//! `/api/v1/settings`: plain settings by key.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiJson, ApiPath, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give};
use crate::model::Command;
use crate::store::read::settings;
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(set))
}

/// Settings that differ from the configuration file.
#[utoipa::path(get, path = "/api/v1/settings", tag = "settings",
    responses((status = 200, body = BTreeMap<String, String>), (status = 403, body = ErrorBody)))]
async fn list(caller: Caller, State(state): AppStateArg) -> ApiResult<Json<BTreeMap<String, String>>> {
    caller.require(Permission::ViewSettings)?;
    Ok(Json(settings::settings(state.store.db()).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetValue {
    value: String,
}

/// Sets one.
#[utoipa::path(put, path = "/api/v1/settings/{key}", tag = "settings", params(("key" = String, Path)),
    request_body = SetValue, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn set(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(key): ApiPath<String>,
    ApiJson(body): ApiJson<SetValue>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::SetSetting { key, value: body.value }).await
}
