//! `/settings/rules`: from which level on a supply is low, and the language records are written in.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::tabs;
use crate::i18n::Lang;
use crate::model::Command;
use crate::store::read::settings;
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, failed};

pub const PATH: &str = "/settings/rules";

/// Keys of the settings this page sets; the engine reads them.
pub use crate::store::setting::{LANGUAGE, SUPPLY_THRESHOLD as THRESHOLD};

#[derive(Template)]
#[template(path = "settings_rules.html")]
pub struct RulesPage {
    ui: Ui,
    tabs: Tabs,
    form: Form,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show).post(save))
}

impl RulesPage {
    fn new(ui: Ui, form: Form) -> Self {
        RulesPage { tabs: tabs(&ui), ui, form }
    }

    fn languages(&self) -> Vec<(String, String)> {
        Lang::ALL.iter().map(|l| (l.code().to_owned(), l.own_name())).collect()
    }
}

/// "15" of a stored "0.15".
fn percent(fraction: &str) -> String {
    fraction.parse::<f64>().map(|f| format!("{}", (f * 100.0).round())).unwrap_or_default()
}

/// The stored fraction of a typed "15" or "15 %"; between 1 and 50.
fn fraction(typed: &str) -> Option<String> {
    let n: i64 = typed.trim().trim_end_matches('%').trim().parse().ok()?;
    (1..=50).contains(&n).then(|| format!("{:.2}", n as f64 / 100.0))
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::ViewSettings)?;
    let stored = settings::settings(state.store.db()).await?;
    let threshold = stored.get(THRESHOLD).map(|f| percent(f)).unwrap_or_default();
    let language = stored.get(LANGUAGE).map_or("ru", String::as_str);
    let form = Form::of(&[("threshold", &threshold), ("language", language)]);
    RulesPage::new(ui, form).page()
}

async fn save(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageSettings)?;
    let mut wanted = vec![("language", LANGUAGE, form.value("language").to_owned())];
    match form.given("threshold").map(fraction) {
        None => wanted.push(("threshold", THRESHOLD, String::new())),
        Some(Some(f)) => wanted.push(("threshold", THRESHOLD, f)),
        Some(None) => form.wrong("threshold", ui.t("rules-wrong-threshold")),
    }
    if !form.is_fine() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, RulesPage::new(ui, form).page()?).into_response());
    }
    for (field, key, value) in wanted {
        let asked = Command::SetSetting { key: key.to_owned(), value };
        if let Err(e) = command(&state, &ui, asked).await? {
            let status = failed(&ui, &mut form, &[field], &e);
            return Ok((status, RulesPage::new(ui, form).page()?).into_response());
        }
    }
    Ok(Flash::done("settings-saved", "").redirect(PATH))
}

pub fn samples(lang: Lang) -> Vec<(&'static str, RulesPage)> {
    let ui = || Ui::sample(lang, PATH);
    let mut wrong = Form::of(&[("threshold", "много"), ("language", "en")]);
    wrong.wrong("threshold", ui().t("rules-wrong-threshold"));
    let fine = Form::of(&[("threshold", "10"), ("language", "ru")]);
    vec![("", RulesPage::new(ui(), fine)), ("wrong", RulesPage::new(ui(), wrong))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_there_and_back() {
        assert_eq!(fraction("15 %").as_deref(), Some("0.15"));
        assert_eq!(percent("0.15"), "15");
        for bad in ["0", "51", "-1", "x", "1.5"] {
            assert_eq!(fraction(bad), None, "{bad}");
        }
    }
}
