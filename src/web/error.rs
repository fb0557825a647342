//! What goes wrong while answering a page, and the page that says so with a way out. Details go to the log, not to
//! the reader.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::html::encode;
use super::layout::Ui;
use crate::i18n::{Lang, text};
use crate::model::Millis;

#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// No such device, order, page.
    #[error("not found")]
    NotFound,
    /// Nobody is signed in; the path to come back to.
    #[error("signing in is needed for {0}")]
    SignInNeeded(String),
    /// Signed in, but the role does not allow it.
    #[error("not allowed")]
    Forbidden,
    /// The form or the query makes no sense; the text is for the log.
    #[error("bad request: {0}")]
    BadRequest(String),
    #[error("rendering a page failed: {0}")]
    Render(String),
    /// The store or the engine failed.
    #[error("{0}")]
    Internal(String),
}

impl From<crate::store::StoreError> for WebError {
    fn from(e: crate::store::StoreError) -> Self {
        WebError::Internal(e.to_string())
    }
}

impl WebError {
    pub fn status(&self) -> StatusCode {
        match self {
            WebError::NotFound => StatusCode::NOT_FOUND,
            WebError::SignInNeeded(_) => StatusCode::SEE_OTHER,
            WebError::Forbidden => StatusCode::FORBIDDEN,
            WebError::BadRequest(_) => StatusCode::BAD_REQUEST,
            WebError::Render(_) | WebError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A page of its own, without the frame: it must also work when the store does not. Both languages stand on it,
/// because the reader's is not known here.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    pub ui: Ui,
    pub messages: Vec<ErrorText>,
}

pub struct ErrorText {
    pub lang: &'static str,
    pub title: String,
    pub what_next: String,
    pub home: String,
}

impl ErrorPage {
    pub fn new(status: StatusCode) -> ErrorPage {
        let messages = Lang::ALL.map(|lang| {
            let code = status.as_u16();
            ErrorText {
                lang: lang.code(),
                title: text(lang, &format!("error-title-{code}")),
                what_next: text(lang, &format!("error-next-{code}")),
                home: text(lang, "error-home"),
            }
        });
        ErrorPage { ui: Ui::plain(Lang::Ru, "UTC", Millis(0), "/error"), messages: messages.into() }
    }
}

pub fn samples() -> Vec<(&'static str, ErrorPage)> {
    vec![
        ("400", ErrorPage::new(StatusCode::BAD_REQUEST)),
        ("403", ErrorPage::new(StatusCode::FORBIDDEN)),
        ("404", ErrorPage::new(StatusCode::NOT_FOUND)),
        ("500", ErrorPage::new(StatusCode::INTERNAL_SERVER_ERROR)),
    ]
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        if let WebError::SignInNeeded(back) = &self {
            return Redirect::to(&format!("/sign-in?back={}", encode(back))).into_response();
        }
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = %self, "a page failed");
        } else {
            tracing::debug!(error = %self, "a page was refused");
        }
        let html = ErrorPage::new(status).render().unwrap_or_else(|e| {
            tracing::error!(error = %e, "the error page failed");
            status.to_string()
        });
        (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
    }
}
