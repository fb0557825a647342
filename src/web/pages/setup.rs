//! `/setup`: the first administrator, by the one-time link that `serve` prints while nobody can sign in.

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::sign_in::signed_in;
use crate::i18n::Lang;
use crate::model::Millis;
use crate::store::user;
use crate::web::WebError;
use crate::web::auth::password::Weak;
use crate::web::auth::session::normal_login;
use crate::web::auth::{password, secret, session};
use crate::web::form::Form;
use crate::web::layout::{OpenUi, Page, Ui};
use crate::web::state::AppState;

pub const PATH: &str = "/setup";

#[derive(Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    ui: Ui,
    form: Form,
    /// The link counts; otherwise the page says what to do.
    offered: bool,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show).post(finish))
}

pub fn samples(lang: Lang) -> Vec<(&'static str, SetupPage)> {
    let ui = || Ui::plain(lang, "UTC", Millis(0), PATH);
    let mut weak = Form::of(&[("login", "petrov"), ("token", "0")]);
    weak.wrong("password", weak_words(&ui(), Weak::Short));
    vec![
        ("", SetupPage { ui: ui(), form: Form::of(&[("token", "0")]), offered: true }),
        ("weak", SetupPage { ui: ui(), form: weak, offered: true }),
        ("used", SetupPage { ui: ui(), form: Form::default(), offered: false }),
    ]
}

/// Why a password is not good enough.
pub fn weak_words(ui: &Ui, weak: Weak) -> String {
    ui.tw(
        &format!("error-{}", weak.code()),
        &[("min", (password::MIN_LENGTH as i64).into()), ("max", (password::MAX_LENGTH as i64).into())],
    )
}

/// A login people can type anywhere: 2 to 64 letters, digits, dot, dash, underscore, at.
pub fn is_login(login: &str) -> bool {
    let length = login.chars().count();
    (2..=64).contains(&length) && login.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@'))
}

async fn offered(state: &AppState, token: &str) -> Result<bool, WebError> {
    if user::any(state.store.db()).await? {
        return Ok(false);
    }
    Ok(user::setup_is_offered(state.store.db(), &secret::hash(token), state.clock.now()).await?)
}

async fn show(OpenUi(ui): OpenUi, State(state): State<AppState>) -> Result<Response, WebError> {
    let token = ui.query.get("token").unwrap_or("").to_owned();
    let offered = offered(&state, &token).await?;
    let status = if offered { StatusCode::OK } else { StatusCode::GONE };
    Ok((status, SetupPage { form: Form::of(&[("token", &token)]), ui, offered }.page()?).into_response())
}

async fn finish(OpenUi(ui): OpenUi, State(state): State<AppState>, request: Request) -> Result<Response, WebError> {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let mut form = <Form as axum::extract::FromRequest<AppState>>::from_request(request, &state).await?;
    let gone = |ui, form| -> Result<Response, WebError> {
        Ok((StatusCode::GONE, SetupPage { ui, form, offered: false }.page()?).into_response())
    };
    if !offered(&state, form.value("token")).await? {
        return gone(ui, form);
    }
    let (login, plain) = (normal_login(form.value("login")), form.value("password").to_owned());
    if !is_login(&login) {
        form.wrong("login", ui.t("error-login"));
    }
    if let Err(weak) = password::check(&login, &plain) {
        form.wrong("password", weak_words(&ui, weak));
    } else if plain != form.value("again") {
        form.wrong("again", ui.t("setup-differs"));
    }
    if !form.is_fine() {
        let page = SetupPage { ui, form, offered: true }.page()?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let internal = |e: String| WebError::Internal(format!("setting up: {e}"));
    let hashed = password::hash(plain).await.map_err(|e| internal(e.to_string()))?;
    let token_hash = secret::hash(form.value("token"));
    let made = user::finish_setup(&state.store, &token_hash, &login, &hashed, state.clock.now()).await?;
    let Some(person) = made else { return gone(ui, form) };
    tracing::info!(login, "the first administrator was set up");
    let token = session::start(&state, person).await.map_err(|e| internal(e.to_string()))?;
    Ok(signed_in(&state, &token, "/", &headers, &extensions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins() {
        for good in ["ai", "ivan.petrov", "анна-2", "a@b.ru"] {
            assert!(is_login(good), "{good}");
        }
        for bad in ["", "a", "two words", "<b>", &"x".repeat(65)] {
            assert!(!is_login(bad), "{bad}");
        }
    }
}
