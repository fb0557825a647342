//! `/settings/tokens`: tokens for programs. A token is shown once, on the answer to its making, and never again.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::people::roles;
use super::{press, tabs};
use crate::i18n::Lang;
use crate::model::{Command, Millis, Role};
use crate::store::read::settings::{self, TokenRow};
use crate::web::auth::policy::Permission;
use crate::web::auth::secret;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, failed};

pub const PATH: &str = "/settings/tokens";

#[derive(Template)]
#[template(path = "settings_tokens.html")]
pub struct TokensPage {
    ui: Ui,
    tabs: Tabs,
    tokens: Vec<TokenRow>,
    form: Form,
    /// Just made.
    made: Option<String>,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show).post(add)).route("/settings/tokens/{id}/remove", post(remove))
}

impl TokensPage {
    fn new(ui: Ui, tokens: Vec<TokenRow>, form: Form, made: Option<String>) -> Self {
        let form = if form.values().is_empty() { Form::of(&[("role", "read-only")]) } else { form };
        TokensPage { tabs: tabs(&ui), ui, tokens, form, made }
    }

    fn roles(&self) -> Vec<(String, String)> {
        roles(&self.ui)
    }

    fn role(&self, t: &TokenRow) -> String {
        self.ui.word("role-", t.role.as_str())
    }
}

async fn page(state: &AppState, ui: Ui, form: Form, made: Option<String>) -> Result<TokensPage, WebError> {
    ui.require(Permission::ViewSettings)?;
    let tokens = settings::tokens(state.store.db()).await?;
    Ok(TokensPage::new(ui, tokens, form, made))
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    page(&state, ui, Form::default(), None).await?.page()
}

async fn add(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    let token = secret::new_token().map_err(|e| WebError::Internal(e.to_string()))?;
    let (name, role) = (form.value("name").to_owned(), form.value("role").to_owned());
    match command(&state, &ui, Command::AddToken { name, token_hash: secret::hash(&token), role }).await? {
        Ok(_) => page(&state, ui, Form::default(), Some(token)).await?.page(),
        Err(e) => {
            let status: StatusCode = failed(&ui, &mut form, &["name", "role"], &e);
            Ok((status, page(&state, ui, form, None).await?.page()?).into_response())
        }
    }
}

async fn remove(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    let known = settings::tokens(state.store.db()).await?.into_iter().find(|t| t.id == id).ok_or(WebError::NotFound)?;
    press(&ui, &state, Command::RemoveToken { token: id }, Flash::done("token-removed", known.name), PATH).await
}

pub fn samples(lang: Lang) -> Vec<(&'static str, TokensPage)> {
    let ui = || Ui::sample(lang, PATH);
    let token = |id: i64, name: &str, role| TokenRow {
        id,
        name: name.to_owned(),
        role,
        created_at: ui().now.plus(-id * 9 * Millis::DAY),
    };
    let tokens = vec![token(1, "Grafana", Role::ReadOnly), token(2, "1С: Управление торговлей", Role::Technician)];
    let made = Some("3f9a".repeat(16));
    vec![
        ("", TokensPage::new(ui(), tokens.clone(), Form::default(), None)),
        ("empty", TokensPage::new(ui(), Vec::new(), Form::default(), None)),
        ("made", TokensPage::new(ui(), tokens, Form::default(), made)),
    ]
}
