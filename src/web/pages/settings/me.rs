//! `/settings`: language, theme and password of the person who looks.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::{PATH, tabs};
use crate::i18n::Lang;
use crate::model::{Command, Role, UserId};
use crate::store::user;
use crate::web::auth::{Principal, password};
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::{Page, Theme, Ui, choice_cookie};
use crate::web::pages::setup::weak_words;
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, failed};

#[derive(Template)]
#[template(path = "settings_me.html")]
pub struct MePage {
    ui: Ui,
    tabs: Tabs,
    form: Form,
    view: Form,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/settings/view", post(choose))
        .route("/settings/password", post(set_password))
}

impl MePage {
    fn new(ui: Ui, form: Form) -> Self {
        let view = Form::of(&[("lang", ui.lang.code()), ("theme", ui.theme.as_str())]);
        MePage { tabs: tabs(&ui), ui, form, view }
    }

    fn role(&self) -> String {
        self.ui.who.as_ref().map(|w| self.ui.word("role-", w.role.as_str())).unwrap_or_default()
    }

    /// The demo's person and API tokens have no password.
    fn has_password(&self) -> bool {
        self.ui.who.as_ref().is_some_and(|w| w.user.is_some())
    }

    fn languages(&self) -> Vec<(String, String)> {
        Lang::ALL.iter().map(|l| (l.code().to_owned(), l.own_name())).collect()
    }

    fn themes(&self) -> Vec<(String, String)> {
        Theme::ALL.iter().map(|t| (t.as_str().to_owned(), self.ui.word("theme-", t.as_str()))).collect()
    }
}

async fn show(mut ui: Ui) -> Result<Response, WebError> {
    PATH.clone_into(&mut ui.path);
    MePage::new(ui, Form::default()).page()
}

/// Kept with the person, and in this browser.
async fn choose(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    let lang = Lang::parse(form.value("lang")).unwrap_or(ui.lang);
    let theme = Theme::parse(form.value("theme")).unwrap_or(ui.theme);
    if let Some(id) = ui.who.as_ref().and_then(|w| w.user) {
        user::set_language(&state.store, id, lang.code()).await?;
    }
    let mut response = Flash::done("settings-saved", "").redirect(PATH);
    for (name, value) in [("lang", lang.code()), ("theme", theme.as_str())] {
        response.headers_mut().append(header::SET_COOKIE, choice_cookie(name, value));
    }
    Ok(response)
}

async fn set_password(mut ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    PATH.clone_into(&mut ui.path);
    let Some((id, login)) = ui.who.as_ref().and_then(|w| Some((w.user?, w.name.clone()))) else {
        return Err(WebError::Forbidden);
    };
    let internal = |e: password::HashError| WebError::Internal(e.to_string());
    let stored = user::by_login(state.store.db(), &login).await?.map(|u| u.password_hash);
    let plain = form.value("password").to_owned();
    if !password::verify(form.value("present").to_owned(), stored).await.map_err(internal)? {
        form.wrong("present", ui.t("password-present-wrong"));
    }
    if let Err(weak) = password::check(&login, &plain) {
        form.wrong("password", weak_words(&ui, weak));
    } else if plain != form.value("again") {
        form.wrong("again", ui.t("setup-differs"));
    }
    if !form.is_fine() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, MePage::new(ui, form).page()?).into_response());
    }
    let password_hash = password::hash(plain).await.map_err(internal)?;
    match command(&state, &ui, Command::SetPassword { user: id, password_hash }).await? {
        // Every session of this person has ended, this one too.
        Ok(_) => Ok(Flash::done("password-changed", "").redirect("/sign-in")),
        Err(e) => {
            let status = failed(&ui, &mut form, &["password"], &e);
            Ok((status, MePage::new(ui, form).page()?).into_response())
        }
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, MePage)> {
    let who = |role| Principal {
        name: "petrov".to_owned(),
        role,
        user: Some(UserId(1)),
        language: None,
        door: crate::web::auth::Door::Session,
    };
    let ui = |role| {
        let mut ui = Ui::sample(lang, PATH);
        ui.who = Some(who(role));
        ui
    };
    let mut wrong = Form::default();
    let sample = ui(Role::ReadOnly);
    wrong.wrong("present", sample.t("password-present-wrong"));
    wrong.wrong("again", sample.t("setup-differs"));
    vec![
        ("", MePage::new(ui(Role::Administrator), Form::default())),
        ("wrong", MePage::new(sample, wrong)),
        ("demo", MePage::new(Ui::sample(lang, PATH), Form::default())),
    ]
}
