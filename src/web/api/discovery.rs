//! `/api/v1/ranges`, `/api/v1/credentials`, `/api/v1/discovery/results`. A credential's secret goes in and never out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give, paging};
use crate::model::{Command, RangeId, SiteId, SnmpUser};
use crate::store::read::Listed;
use crate::store::read::discovery::{self, CredentialRow, RangeRow, ResultFilter, ResultRow};
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(ranges, add_range))
        .routes(routes!(remove_range))
        .routes(routes!(scan))
        .routes(routes!(credentials, add_credential))
        .routes(routes!(remove_credential))
        .routes(routes!(results))
}

/// Ranges with their last sweep.
#[utoipa::path(get, path = "/api/v1/ranges", tag = "discovery",
    responses((status = 200, body = [RangeRow]), (status = 403, body = ErrorBody)))]
async fn ranges(caller: Caller, State(state): AppStateArg) -> ApiResult<Json<Vec<RangeRow>>> {
    caller.require(Permission::ViewDiscovery)?;
    Ok(Json(discovery::ranges(state.store.db()).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRange {
    site: i64,
    /// "10.0.0.0/24"
    cidr: String,
    /// UDP port of the agents.
    #[serde(default = "snmp")]
    port: u16,
    /// Absent: every credential is tried.
    credential: Option<i64>,
}

fn snmp() -> u16 {
    161
}

/// Adds a range; it is swept at once.
#[utoipa::path(post, path = "/api/v1/ranges", tag = "discovery", request_body = NewRange,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add_range(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(b): ApiJson<NewRange>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    let command = Command::AddRange { site: SiteId(b.site), cidr: b.cidr, port: b.port, credential: b.credential };
    Ok((StatusCode::CREATED, give(&state, &caller, command).await?))
}

/// Forgets a range; its devices stay.
#[utoipa::path(delete, path = "/api/v1/ranges/{id}", tag = "discovery", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn remove_range(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(range): ApiPath<i64>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::RemoveRange { range }).await
}

/// Asks for a sweep now.
#[utoipa::path(post, path = "/api/v1/ranges/{id}/scan", tag = "discovery", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn scan(caller: Caller, State(state): AppStateArg, ApiPath(range): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::ScanRange { range }).await
}

/// Credentials by name, without their secrets.
#[utoipa::path(get, path = "/api/v1/credentials", tag = "discovery",
    responses((status = 200, body = [CredentialRow]), (status = 403, body = ErrorBody)))]
async fn credentials(caller: Caller, State(state): AppStateArg) -> ApiResult<Json<Vec<CredentialRow>>> {
    caller.require(Permission::ViewDiscovery)?;
    Ok(Json(discovery::credentials(state.store.db()).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCredential {
    name: String,
    /// SNMP version: 1, 2c, 3
    version: String,
    /// Versions 1 and 2c. Stored encrypted, never shown again.
    #[serde(default)]
    community: String,
    /// Version 3: the user name, and what follows.
    #[serde(default)]
    user: String,
    /// MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512; empty for none.
    #[serde(default)]
    auth_protocol: String,
    /// At least 8 bytes. Stored encrypted, never shown again.
    #[serde(default)]
    auth_password: String,
    /// DES, AES-128, AES-192, AES-256, AES-192-C, AES-256-C; empty for none.
    #[serde(default)]
    priv_protocol: String,
    #[serde(default)]
    priv_password: String,
    /// The agent's context; mostly empty.
    #[serde(default)]
    context: String,
}

/// Adds a credential.
#[utoipa::path(post, path = "/api/v1/credentials", tag = "discovery", request_body = NewCredential,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add_credential(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(b): ApiJson<NewCredential>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    let command = match &*b.version {
        "3" => Command::AddSnmpUser {
            name: b.name,
            user: SnmpUser {
                user: b.user,
                auth_protocol: b.auth_protocol,
                auth_password: b.auth_password,
                priv_protocol: b.priv_protocol,
                priv_password: b.priv_password,
                context: b.context,
            },
        },
        _ => Command::AddCredential { name: b.name, version: b.version, community: b.community },
    };
    Ok((StatusCode::CREATED, give(&state, &caller, command).await?))
}

/// Forgets a credential; devices that used it need another.
#[utoipa::path(delete, path = "/api/v1/credentials/{id}", tag = "discovery", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn remove_credential(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(credential): ApiPath<i64>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::RemoveCredential { credential }).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ResultsQuery {
    range: Option<i64>,
    /// device, ping-only, refused
    #[serde(default)]
    outcome: String,
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

/// What each address answered in the last sweep, newest first, with the step that failed.
#[utoipa::path(get, path = "/api/v1/discovery/results", tag = "discovery", params(ResultsQuery),
    responses((status = 200, body = Listed<ResultRow>), (status = 403, body = ErrorBody)))]
async fn results(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<ResultsQuery>,
) -> ApiResult<Json<Listed<ResultRow>>> {
    caller.require(Permission::ViewDiscovery)?;
    let filter = ResultFilter { range: q.range.map(RangeId), outcome: q.outcome };
    Ok(Json(discovery::results(state.store.db(), &filter, paging(q.page, q.per_page)).await?))
}
