//! `/api/v1/users` and `/api/v1/tokens`. Passwords go in and never out; a token is shown once, when it is made.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give};
use crate::model::{Command, Role, UserId};
use crate::store::read::settings::{self, TokenRow, UserRow};
use crate::web::auth::policy::Permission;
use crate::web::auth::{password, secret};
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(users, add_user))
        .routes(routes!(set_role, remove_user))
        .routes(routes!(set_password))
        .routes(routes!(tokens, add_token))
        .routes(routes!(remove_token))
}

/// People who may sign in.
#[utoipa::path(get, path = "/api/v1/users", tag = "people",
    responses((status = 200, body = [UserRow]), (status = 403, body = ErrorBody)))]
async fn users(caller: Caller, State(state): AppStateArg) -> ApiResult<Json<Vec<UserRow>>> {
    caller.require(Permission::ViewSettings)?;
    Ok(Json(settings::users(state.store.db()).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    login: String,
    password: String,
    role: Role,
}

/// The password fit to be stored, or what is wrong with it.
async fn hashed(login: &str, plain: String) -> ApiResult<String> {
    password::check(login, &plain).map_err(|weak| ApiError::invalid("password", weak.code(), weak.to_string()))?;
    password::hash(plain).await.map_err(|e| {
        tracing::error!(error = %e, "hashing a password failed");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request failed; the log says why")
    })
}

/// Lets a person in.
#[utoipa::path(post, path = "/api/v1/users", tag = "people", request_body = NewUser,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add_user(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(b): ApiJson<NewUser>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    caller.require(Permission::ManageSettings)?;
    let password_hash = hashed(&b.login, b.password).await?;
    let command = Command::AddUser { login: b.login, password_hash, role: b.role.as_str().to_owned() };
    Ok((StatusCode::CREATED, give(&state, &caller, command).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetRole {
    role: Role,
}

/// Gives a person another role.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "people", params(("id" = i64, Path)), request_body = SetRole,
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn set_role(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<SetRole>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::SetUserRole { user: UserId(id), role: b.role.as_str().to_owned() }).await
}

/// Takes a person's right to sign in.
#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "people", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn remove_user(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::RemoveUser { user: UserId(id) }).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetPassword {
    password: String,
}

/// Sets a password: one's own, or an administrator anybody's.
#[utoipa::path(put, path = "/api/v1/users/{id}/password", tag = "people", params(("id" = i64, Path)),
    request_body = SetPassword, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn set_password(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<SetPassword>,
) -> ApiResult<Json<DoneBody>> {
    let user = UserId(id);
    if caller.0.user != Some(user) {
        caller.require(Permission::ManageSettings)?;
    }
    let known = settings::users(state.store.db()).await?.into_iter().find(|u| u.id == user);
    let login = known.ok_or_else(|| ApiError::not_found("user"))?.login;
    let password_hash = hashed(&login, b.password).await?;
    give(&state, &caller, Command::SetPassword { user, password_hash }).await
}

/// API tokens by name, without the tokens.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "people",
    responses((status = 200, body = [TokenRow]), (status = 403, body = ErrorBody)))]
async fn tokens(caller: Caller, State(state): AppStateArg) -> ApiResult<Json<Vec<TokenRow>>> {
    caller.require(Permission::ViewSettings)?;
    Ok(Json(settings::tokens(state.store.db()).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// What it is for.
    name: String,
    role: Role,
}

/// A token that was just made: this is the only time it is shown.
#[derive(Serialize, ToSchema)]
struct MadeToken {
    id: Option<i64>,
    token: String,
}

/// Makes an API token.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "people", request_body = NewToken,
    responses((status = 201, body = MadeToken), (status = 422, body = ErrorBody)))]
async fn add_token(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(b): ApiJson<NewToken>,
) -> ApiResult<(StatusCode, Json<MadeToken>)> {
    caller.require(Permission::ManageSettings)?;
    let token = secret::new_token().map_err(|e| {
        tracing::error!(error = %e, "making an API token failed");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request failed; the log says why")
    })?;
    let (name, role) = (b.name, b.role.as_str().to_owned());
    let done = caller.give(&state, Command::AddToken { name, token_hash: secret::hash(&token), role }).await?;
    Ok((StatusCode::CREATED, Json(MadeToken { id: done.id, token })))
}

/// Revokes an API token.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "people", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn remove_token(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(token): ApiPath<i64>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::RemoveToken { token }).await
}
