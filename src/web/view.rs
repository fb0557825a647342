//! POST /view: language, theme and branch of this browser. Cookies only; nothing in the store changes.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;

use super::form::Form;
use super::html::local_path;
use super::layout::{Theme, choice_cookie};
use super::state::AppState;
use crate::i18n::Lang;

pub const PATH: &str = "/view";

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, post(choose))
}

async fn choose(form: Form) -> Response {
    let mut response = Redirect::to(local_path(form.value("back"))).into_response();
    let mut set = |name: &str, value: &str| {
        response.headers_mut().append(header::SET_COOKIE, choice_cookie(name, value));
    };
    if let Some(lang) = Lang::parse(form.value("lang")) {
        set("lang", lang.code());
    }
    if let Some(theme) = Theme::parse(form.value("theme")) {
        set("theme", theme.as_str());
    }
    match form.value("site") {
        "" => {}
        // Unknown numbers are ignored where the cookie is read.
        site => set("site", if site.chars().all(|c| c.is_ascii_digit()) { site } else { "all" }),
    }
    response
}
