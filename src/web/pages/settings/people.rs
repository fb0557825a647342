//! `/settings/people`: who may sign in, and as what.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::{press, tabs};
use crate::i18n::Lang;
use crate::model::{Command, Millis, Role, UserId};
use crate::store::read::settings::{self, UserRow};
use crate::web::auth::password;
use crate::web::auth::policy::Permission;
use crate::web::auth::session::normal_login;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::{Page, Ui};
use crate::web::pages::setup::{is_login, weak_words};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, failed};

pub const PATH: &str = "/settings/people";

#[derive(Template)]
#[template(path = "settings_people.html")]
pub struct PeoplePage {
    ui: Ui,
    tabs: Tabs,
    people: Vec<UserRow>,
    form: Form,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show).post(add))
        .route("/settings/people/{id}/role", post(set_role))
        .route("/settings/people/{id}/password", post(set_password))
        .route("/settings/people/{id}/remove", post(remove))
}

/// Roles as choices, with what they may do.
pub fn roles(ui: &Ui) -> Vec<(String, String)> {
    Role::ALL.map(|r| (r.as_str().to_owned(), ui.word("role-choice-", r.as_str()))).into()
}

impl PeoplePage {
    fn new(ui: Ui, people: Vec<UserRow>, form: Form) -> Self {
        let form = if form.values().is_empty() && form.is_fine() { Form::of(&[("role", "technician")]) } else { form };
        PeoplePage { tabs: tabs(&ui), ui, people, form }
    }

    fn roles(&self) -> Vec<(String, String)> {
        roles(&self.ui)
    }

    fn role(&self, u: &UserRow) -> String {
        self.ui.word("role-", u.role.as_str())
    }

    fn is_role(&self, u: &UserRow, word: &str) -> bool {
        u.role.as_str() == word
    }

    fn is_me(&self, u: &UserRow) -> bool {
        self.ui.who.as_ref().is_some_and(|w| w.user == Some(u.id))
    }
}

async fn page(state: &AppState, ui: Ui, form: Form) -> Result<PeoplePage, WebError> {
    ui.require(Permission::ViewSettings)?;
    let people = settings::users(state.store.db()).await?;
    Ok(PeoplePage::new(ui, people, form))
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    page(&state, ui, Form::default()).await?.page()
}

async fn person(state: &AppState, id: i64) -> Result<UserRow, WebError> {
    let all = settings::users(state.store.db()).await?;
    all.into_iter().find(|u| u.id.0 == id).ok_or(WebError::NotFound)
}

async fn add(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageSettings)?;
    let (login, plain) = (normal_login(form.value("login")), form.value("password").to_owned());
    let role = form.value("role").to_owned();
    if !is_login(&login) {
        form.wrong("login", ui.t("error-login"));
    }
    if let Err(weak) = password::check(&login, &plain) {
        form.wrong("password", weak_words(&ui, weak));
    }
    if !form.is_fine() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&state, ui, form).await?.page()?).into_response());
    }
    let password_hash = password::hash(plain).await.map_err(|e| WebError::Internal(e.to_string()))?;
    match command(&state, &ui, Command::AddUser { login: login.clone(), password_hash, role }).await? {
        Ok(_) => Ok(Flash::done("person-added", login).redirect(PATH)),
        Err(e) => {
            let status = failed(&ui, &mut form, &["login", "password", "role"], &e);
            Ok((status, page(&state, ui, form).await?.page()?).into_response())
        }
    }
}

async fn set_role(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    form: Form,
) -> Result<Response, WebError> {
    let known = person(&state, id).await?;
    let undo = vec![("role".to_owned(), known.role.as_str().to_owned())];
    let done = Flash::done("person-role-set", known.login).with_undo(format!("{PATH}/{id}/role"), undo);
    let asked = Command::SetUserRole { user: UserId(id), role: form.value("role").to_owned() };
    press(&ui, &state, asked, done, PATH).await
}

/// A forgotten password: an administrator sets a new one and tells it.
async fn set_password(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageSettings)?;
    let known = person(&state, id).await?;
    let plain = form.value("password").to_owned();
    if let Err(weak) = password::check(&known.login, &plain) {
        return Ok(Flash::failed("flash-failed", weak_words(&ui, weak)).redirect(PATH));
    }
    let password_hash = password::hash(plain).await.map_err(|e| WebError::Internal(e.to_string()))?;
    let done = Flash::done("person-password-set", known.login);
    press(&ui, &state, Command::SetPassword { user: UserId(id), password_hash }, done, PATH).await
}

async fn remove(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    let known = person(&state, id).await?;
    let done = Flash::done("person-removed", known.login);
    press(&ui, &state, Command::RemoveUser { user: UserId(id) }, done, PATH).await
}

pub fn samples(lang: Lang) -> Vec<(&'static str, PeoplePage)> {
    let ui = || Ui::sample(lang, PATH);
    let person = |id: i64, login: &str, role| UserRow {
        id: UserId(id),
        login: login.to_owned(),
        role,
        language: None,
        created_at: ui().now.plus(-id * 40 * Millis::DAY),
    };
    let people = vec![
        person(1, "petrov", Role::Administrator),
        person(2, "ekaterina.konstantinopolskaya@branch.example.org", Role::Technician),
        person(3, "бухгалтерия", Role::ReadOnly),
    ];
    let mut wrong = Form::of(&[("login", "two words"), ("role", "read-only")]);
    wrong.wrong("login", ui().t("error-login"));
    vec![("", PeoplePage::new(ui(), people.clone(), Form::default())), ("wrong", PeoplePage::new(ui(), people, wrong))]
}
