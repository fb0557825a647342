//! `/settings`: one's own language and password; for administrators people, tokens, suppliers, rules; what runs here.
//! One file a page; this one holds what they share.

pub mod about;
pub mod articles;
pub mod imports;
pub mod maintenance;
pub mod me;
pub mod people;
pub mod rules;
pub mod service;
pub mod suggestions;
pub mod suppliers;
pub mod tokens;

use axum::Router;
use axum::response::Response;

use super::tabs::Tabs;
use super::{Sample, drawn};
use crate::i18n::Lang;
use crate::model::Command;
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::layout::Ui;
use crate::web::state::AppState;
use crate::web::{WebError, command, told};

pub const PATH: &str = "/settings";

pub fn router() -> Router<AppState> {
    Router::new()
        .merge(me::router())
        .merge(people::router())
        .merge(tokens::router())
        .merge(suppliers::router())
        .merge(articles::router())
        .merge(imports::router())
        .merge(suggestions::router())
        .merge(rules::router())
        .merge(service::router())
        .merge(maintenance::router())
        .merge(about::router())
}

/// The pages of this place that the reader may see.
fn tabs(ui: &Ui) -> Tabs {
    let pages = [
        (PATH, "settings-me", Permission::ManageSelf),
        (articles::PATH, "settings-articles", Permission::View),
        (suppliers::PATH, "settings-suppliers", Permission::View),
        (people::PATH, "settings-people", Permission::ViewSettings),
        (tokens::PATH, "settings-tokens", Permission::ViewSettings),
        (rules::PATH, "settings-rules", Permission::ViewSettings),
        (service::PATH, "settings-service", Permission::View),
        (maintenance::PATH, "settings-maintenance", Permission::View),
        (about::PATH, "settings-about", Permission::View),
    ];
    let seen: Vec<_> = pages.iter().filter(|p| ui.may(p.2)).map(|p| (p.0, p.1)).collect();
    Tabs::of_paths(ui, &seen)
}

/// A button without fields: done, or a message why not.
async fn press(ui: &Ui, state: &AppState, asked: Command, done: Flash, to: &str) -> Result<Response, WebError> {
    let flash = match command(state, ui, asked).await? {
        Ok(_) => done,
        Err(e) => told(ui, &e),
    };
    Ok(flash.redirect(to))
}

pub fn samples(lang: Lang, all: &mut Vec<Result<Sample, String>>) {
    drawn("settings", me::samples(lang), all);
    drawn("settings-people", people::samples(lang), all);
    drawn("settings-tokens", tokens::samples(lang), all);
    drawn("settings-suppliers", suppliers::samples(lang), all);
    drawn("settings-supplier", suppliers::one_samples(lang), all);
    drawn("settings-articles", articles::samples(lang), all);
    drawn("settings-article", articles::one_samples(lang), all);
    drawn("settings-articles-import", imports::samples(lang), all);
    drawn("settings-articles-report", imports::report_samples(lang), all);
    drawn("settings-articles-suggestions", suggestions::samples(lang), all);
    drawn("settings-articles-reference", suggestions::reference_samples(lang), all);
    drawn("settings-rules", rules::samples(lang), all);
    drawn("settings-service", service::samples(lang), all);
    drawn("settings-maintenance", maintenance::samples(lang), all);
    drawn("settings-about", about::samples(lang), all);
}
