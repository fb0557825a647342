//! What handlers take: the caller with a right, a JSON body, a query, ids of the path; each refusal is an API error.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::{ApiError, ApiResult};
use crate::engine::{Actor, CommandSource, Done};
use crate::model::Command;
use crate::web::auth::policy::{self, Permission};
use crate::web::auth::{Door, Principal};
use crate::web::state::AppState;

/// Who asks. A handler calls `require` before anything else; commands are checked by `give`.
#[derive(Debug, Clone)]
pub struct Caller(pub Principal);

impl Caller {
    pub fn require(&self, permission: Permission) -> ApiResult<()> {
        if self.0.may(permission) { Ok(()) } else { Err(ApiError::forbidden()) }
    }

    /// Carries out a command if the role allows it.
    pub async fn give(&self, state: &AppState, command: Command) -> ApiResult<Done> {
        if !policy::may_command(self.0.role, self.0.user, &command) {
            return Err(ApiError::forbidden());
        }
        let source = if self.0.door == Door::ApiToken { CommandSource::Api } else { CommandSource::Web };
        Ok(state.engine.command(Actor { who: self.0.name.clone(), source }, command).await?)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Principal>().cloned().map(Caller).ok_or_else(ApiError::unauthenticated)
    }
}

/// A JSON body; what is wrong with it is said by field and place.
#[derive(Debug)]
pub struct ApiJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ApiJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(ApiJson(body)),
            Err(e) => Err(body_error(&e)),
        }
    }
}

fn body_error(e: &JsonRejection) -> ApiError {
    let code = match e {
        JsonRejection::MissingJsonContentType(_) => "not-json",
        JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) => "bad-body",
        _ => "unreadable-body",
    };
    ApiError::new(e.status(), code, e.body_text())
}

/// The query of a list.
#[derive(Debug)]
pub struct ApiQuery<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let taken: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        taken
            .map(|Query(q)| ApiQuery(q))
            .map_err(|e| ApiError::new(StatusCode::BAD_REQUEST, "bad-query", e.body_text()))
    }
}

/// Ids in the path.
#[derive(Debug)]
pub struct ApiPath<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for ApiPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let taken: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, state).await;
        taken.map(|Path(p)| ApiPath(p)).map_err(|e| ApiError::new(StatusCode::NOT_FOUND, "not-found", e.body_text()))
    }
}
