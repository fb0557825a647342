//! Errors of the API: a stable code, a sentence for the log of the caller, the field that is wrong.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::CommandError;
use crate::store::StoreError;
use crate::web::error::WebError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    pub status: StatusCode,
    pub code: String,
    pub message: String,
    pub field: Option<String>,
}

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// Stable word to decide by: not-found, forbidden, invalid-cidr, ...
    pub code: String,
    /// One English sentence.
    pub message: String,
    /// The field of the request that is wrong.
    pub field: Option<String>,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        ApiError { status, code: code.to_owned(), message: message.into(), field: None }
    }
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", format!("there is no such {what}"))
    }
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "send Authorization: Bearer TOKEN, or sign in")
    }
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "the role of this token or person does not allow it")
    }
    pub fn invalid(field: &str, code: &str, message: impl Into<String>) -> Self {
        let field = Some(field.to_owned());
        ApiError { field, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message) }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let unauthenticated = self.status == StatusCode::UNAUTHORIZED;
        let detail = ErrorDetail { code: self.code, message: self.message, field: self.field };
        let mut response = (self.status, Json(ErrorBody { error: detail })).into_response();
        if unauthenticated {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(e: StoreError) -> Self {
        tracing::error!(error = %e, "the store failed under an API request");
        if e.is_temporary() {
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the database refuses at the moment");
        }
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request failed; the log says why")
    }
}

impl From<WebError> for ApiError {
    fn from(e: WebError) -> Self {
        match e {
            WebError::NotFound => Self::not_found("thing"),
            WebError::Forbidden => Self::forbidden(),
            WebError::SignInNeeded(_) => Self::unauthenticated(),
            WebError::BadRequest(detail) => Self::new(StatusCode::BAD_REQUEST, "bad-request", detail),
            WebError::Render(detail) | WebError::Internal(detail) => {
                tracing::error!(error = %detail, "an API request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request failed; the log says why")
            }
        }
    }
}

impl From<CommandError> for ApiError {
    fn from(e: CommandError) -> Self {
        let status = match &e {
            CommandError::Invalid { .. } | CommandError::Explained { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            CommandError::NotFound { .. } => StatusCode::NOT_FOUND,
            CommandError::WrongState { .. } => StatusCode::CONFLICT,
            CommandError::Unavailable(_) | CommandError::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        };
        ApiError { status, code: e.code().to_owned(), message: e.to_string(), field: e.field().map(str::to_owned) }
    }
}
