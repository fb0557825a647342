//! `/cabling/changes`: what people changed in the documents, and the way back.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::crumb_site;
use crate::i18n::Lang;
use crate::model::{CablingChange, Command, Millis};
use crate::store::cabling::{self, ChangeSet};
use crate::web::auth::policy::Permission;
use crate::web::cabling::site_of;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::{Html, local_path};
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::{WebError, command, told};

const CHANGES: &str = "/cabling/changes";
/// Shown at once.
const MOST: i64 = 100;

#[derive(Template)]
#[template(path = "cabling_changes.html")]
pub struct ChangesPage {
    ui: Ui,
    site: (String, String),
    sets: Vec<ChangeSet>,
}

pub fn router() -> Router<AppState> {
    Router::new().route(CHANGES, get(show)).route("/cabling/changes/{id}/undo", post(undo))
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let site = site_of(&ui).ok_or(WebError::NotFound)?;
    let sets = cabling::newest(state.store.db(), site, MOST).await?;
    ChangesPage { site: crumb_site(&ui, site), ui, sets }.page()
}

async fn undo(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageCabling)?;
    let change = CablingChange::Undo { change_set: id };
    let flash = match command(&state, &ui, Command::Cabling { change }).await? {
        Ok(_) => Flash::done("cabling-undone", ""),
        Err(e) => told(&ui, &e),
    };
    let back = form.given("back").map_or(CHANGES, local_path);
    Ok(flash.redirect(back))
}

impl ChangesPage {
    fn may(&self) -> bool {
        self.ui.may(Permission::ManageCabling)
    }

    fn kind(&self, set: &ChangeSet) -> String {
        self.ui.word("change-", &set.kind)
    }

    fn ago(&self, at: &i64) -> Html {
        self.ui.ago_html(&Millis(*at))
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, ChangesPage)> {
    let set = |id, kind: &str, title: &str, pieces, undone: bool| ChangeSet {
        id,
        site_id: 1,
        at: 1_795_690_000_000 - id * 3_600_000,
        who: "petrov".into(),
        kind: kind.into(),
        title: title.into(),
        pieces,
        undone_at: undone.then_some(1_795_690_900_000),
        undone_by: undone.then(|| "anna".into()),
    };
    let page = |sets| {
        let ui = Ui::sample(lang, CHANGES);
        ChangesPage { site: crumb_site(&ui, crate::model::SiteId(1)), ui, sets }
    };
    let few = vec![
        set(3, "connect", "PP1 · 7 – sw2 · Gi1/0/7", 1, false),
        set(2, "status", "PP1 · 8 – sw2 · Gi1/0/8", 1, true),
        set(
            1,
            "import",
            "Кроссировка Казань, Баумана 5, этажи 2–4 (ноябрь, исправленная по обходу).xlsx",
            1_240,
            false,
        ),
    ];
    vec![("", page(few)), ("empty", page(Vec::new()))]
}
