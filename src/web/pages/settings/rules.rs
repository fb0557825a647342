//! `/settings/rules`: from which level on a supply is low, the language records are written in, and how surely each branch's
//! stock must suffice.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::tabs;
use crate::i18n::Lang;
use crate::model::{Command, Limit, Minor};
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
pub use crate::store::setting::{LANGUAGE, MONTH_LIMIT, SERVICE_LEVEL, SUPPLY_THRESHOLD as THRESHOLD, of_site};

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

    fn limit_field(&self, site: &crate::model::SiteId) -> String {
        limit_field(*site)
    }

    fn level_field(&self, site: &crate::model::SiteId) -> String {
        level_field(*site)
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

/// "97,5" of a stored "0.975".
fn level(stored: &str, ui: &Ui) -> String {
    let Ok(share) = stored.parse::<f64>() else { return String::new() };
    let text = ui.decimal(share * 100.0, 1);
    text.strip_suffix(",0").or(text.strip_suffix(".0")).unwrap_or(&text).to_owned()
}

/// The stored share of a typed "97,5" or "98 %"; between 50 and 99.9.
fn share(typed: &str) -> Option<String> {
    let n: f64 = typed.trim().trim_end_matches('%').trim().replace(',', ".").parse().ok()?;
    (50.0..=99.9).contains(&n).then(|| format!("{:.4}", n / 100.0))
}

/// "150000,50 RUB" of a stored "15000050 RUB".
fn amount(stored: &str) -> String {
    let Some(limit) = Limit::parse(stored) else { return String::new() };
    let (whole, part) = (limit.amount.0 / 100, limit.amount.0 % 100);
    let part = if part == 0 { String::new() } else { format!(",{part:02}") };
    format!("{whole}{part} {}", limit.currency)
}

/// The stored limit of a typed "150 000 RUB" or "150000"; roubles when no currency is named.
fn limit(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let (sum, currency) = match typed.rsplit_once(char::is_whitespace) {
        Some((sum, code)) if code.len() == 3 && code.bytes().all(|b| b.is_ascii_alphabetic()) => (sum, code),
        _ => (typed, "RUB"),
    };
    let amount = Minor(super::articles::price(sum).filter(|n| *n >= 0)?);
    Some(Limit { amount, currency: currency.to_ascii_uppercase() }.to_string())
}

fn limit_field(site: crate::model::SiteId) -> String {
    format!("limit-{site}")
}

fn level_field(site: crate::model::SiteId) -> String {
    format!("level-{site}")
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::ViewSettings)?;
    let stored = settings::settings(state.store.db()).await?;
    let threshold = stored.get(THRESHOLD).map(|f| percent(f)).unwrap_or_default();
    let language = stored.get(LANGUAGE).map_or("ru", String::as_str);
    let mut form = Form::of(&[("threshold", &threshold), ("language", language)]);
    for s in ui.sites.iter() {
        let told = stored.get(&of_site(SERVICE_LEVEL, s.id)).map(|v| level(v, &ui)).unwrap_or_default();
        form.set(&level_field(s.id), &told);
        let told = stored.get(&of_site(MONTH_LIMIT, s.id)).map(|v| amount(v)).unwrap_or_default();
        form.set(&limit_field(s.id), &told);
    }
    RulesPage::new(ui, form).page()
}

async fn save(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageSettings)?;
    let mut wanted = vec![("language".to_owned(), LANGUAGE.to_owned(), form.value("language").to_owned())];
    match form.given("threshold").map(fraction) {
        None => wanted.push(("threshold".to_owned(), THRESHOLD.to_owned(), String::new())),
        Some(Some(f)) => wanted.push(("threshold".to_owned(), THRESHOLD.to_owned(), f)),
        Some(None) => form.wrong("threshold", ui.t("rules-wrong-threshold")),
    }
    let stored = settings::settings(state.store.db()).await?;
    for s in ui.sites.iter() {
        let (field, key) = (level_field(s.id), of_site(SERVICE_LEVEL, s.id));
        match form.given(&field).map(share) {
            None if !stored.contains_key(&key) => {}
            None => wanted.push((field, key, String::new())),
            Some(Some(f)) => wanted.push((field, key, f)),
            Some(None) => form.wrong(&field, ui.t("rules-wrong-level")),
        }
        let (field, key) = (limit_field(s.id), of_site(MONTH_LIMIT, s.id));
        match form.given(&field).map(limit) {
            None if !stored.contains_key(&key) => {}
            None => wanted.push((field, key, String::new())),
            Some(Some(text)) => wanted.push((field, key, text)),
            Some(None) => form.wrong(&field, ui.t("error-bad-limit")),
        }
    }
    if !form.is_fine() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, RulesPage::new(ui, form).page()?).into_response());
    }
    for (field, key, value) in wanted {
        let asked = Command::SetSetting { key, value };
        if let Err(e) = command(&state, &ui, asked).await? {
            let status = failed(&ui, &mut form, &[field.as_str()], &e);
            return Ok((status, RulesPage::new(ui, form).page()?).into_response());
        }
    }
    Ok(Flash::done("settings-saved", "").redirect(PATH))
}

pub fn samples(lang: Lang) -> Vec<(&'static str, RulesPage)> {
    let ui = || Ui::sample(lang, PATH);
    let mut wrong = Form::of(&[("threshold", "много"), ("language", "en")]);
    wrong.wrong("threshold", ui().t("rules-wrong-threshold"));
    let fine = Form::of(&[("threshold", "10"), ("language", "ru"), ("level-1", "98"), ("limit-1", "50000 RUB")]);
    vec![("", RulesPage::new(ui(), fine)), ("wrong", RulesPage::new(ui(), wrong))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_there_and_back() {
        assert_eq!(fraction("15 %").as_deref(), Some("0.15"));
        assert_eq!(percent("0.15"), "15");
        let ui = Ui::sample(Lang::Ru, PATH);
        for (typed, stored, told) in [("98", "0.9800", "98"), ("97,5 %", "0.9750", "97,5"), ("99.9", "0.9990", "99,9")]
        {
            assert_eq!(share(typed).as_deref(), Some(stored));
            assert_eq!(level(stored, &ui), told);
        }
        for (typed, stored, told) in [
            ("150 000 RUB", "15000000 RUB", "150000 RUB"),
            ("0", "0 RUB", "0 RUB"),
            ("99,50 eur", "9950 EUR", "99,50 EUR"),
        ] {
            assert_eq!(limit(typed).as_deref(), Some(stored), "{typed}");
            assert_eq!(amount(stored), told);
        }
        for bad in ["", "-5", "RUB", "many RUB"] {
            assert_eq!(limit(bad), None, "{bad}");
        }
        for bad in ["49", "100", "NaN", "inf", "x", ""] {
            assert_eq!(share(bad), None, "{bad}");
        }
        for bad in ["0", "51", "-1", "x", "1.5"] {
            assert_eq!(fraction(bad), None, "{bad}");
        }
    }
}
