//! `/sign-in` and `/sign-out`. A wrong login and a wrong password get the same sentence.

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use crate::i18n::Lang;
use crate::model::Millis;
use crate::web::WebError;
use crate::web::auth::session::{self, SignInError};
use crate::web::auth::{cookie, gate};
use crate::web::form::Form;
use crate::web::html::local_path;
use crate::web::layout::{OpenUi, Page, Ui};
use crate::web::state::AppState;

pub const PATH: &str = "/sign-in";
pub const SIGN_OUT: &str = "/sign-out";

#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    ui: Ui,
    form: Form,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show).post(enter)).route(SIGN_OUT, post(leave))
}

pub fn samples(lang: Lang) -> Vec<(&'static str, SignInPage)> {
    let ui = || Ui::plain(lang, "UTC", Millis(0), "/sign-in?back=%2Fdevices");
    let mut wrong = Form::of(&[("login", "petrov"), ("back", "/devices")]);
    wrong.wrong("password", ui().t("sign-in-wrong"));
    vec![("", SignInPage { ui: ui(), form: Form::default() }), ("wrong", SignInPage { ui: ui(), form: wrong })]
}

async fn show(OpenUi(ui): OpenUi) -> Result<Response, WebError> {
    let back = local_path(ui.query.get("back").unwrap_or("/")).to_owned();
    if ui.who.is_some() {
        return Ok(Redirect::to(&back).into_response());
    }
    SignInPage { form: Form::of(&[("back", &back)]), ui }.page()
}

async fn enter(OpenUi(ui): OpenUi, State(state): State<AppState>, request: Request) -> Result<Response, WebError> {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let mut form = <Form as axum::extract::FromRequest<AppState>>::from_request(request, &state).await?;
    let (login, password) = (form.value("login").to_owned(), form.value("password").to_owned());
    let back = local_path(form.value("back")).to_owned();
    match session::sign_in(&state, &login, password, gate::client(&headers, &extensions)).await {
        Ok(token) => Ok(signed_in(&state, &token, &back, &headers, &extensions)),
        Err(e) => {
            let (status, sentence) = match e {
                SignInError::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, ui.t("sign-in-wrong")),
                SignInError::TooMany { seconds } => {
                    (StatusCode::TOO_MANY_REQUESTS, ui.tn("sign-in-wait", (seconds + 59) / 60))
                }
                other => return Err(WebError::Internal(format!("signing in: {other}"))),
            };
            form.wrong("password", sentence);
            Ok((status, SignInPage { ui, form }.page()?).into_response())
        }
    }
}

/// The session's cookie, and on to where the person wanted to go.
pub fn signed_in(state: &AppState, token: &str, to: &str, headers: &HeaderMap, extensions: &Extensions) -> Response {
    let secure = state.auth.options.secure_cookies || gate::is_https(headers, extensions);
    let mut response = Redirect::to(to).into_response();
    set_cookie(&mut response, &cookie::set(token, session::IDLE_MS / 1000, secure));
    response
}

fn set_cookie(response: &mut Response, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

async fn leave(State(state): State<AppState>, request: Request) -> Result<Response, WebError> {
    session::sign_out(&state, request.headers()).await?;
    let secure = state.auth.options.secure_cookies || gate::is_https(request.headers(), request.extensions());
    let mut response = Redirect::to(PATH).into_response();
    set_cookie(&mut response, &cookie::clear(secure));
    Ok(response)
}
