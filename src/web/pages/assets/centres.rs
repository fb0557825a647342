//! `/assets/centres`: whoever repairs: the vendors' service centres and workshops.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{places, sample_data};
use crate::i18n::Lang;
use crate::model::{AssetChange, Centre, CentreId, Command};
use crate::store::read::assets::{self, CentreRow};
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, failed};

pub const PATH: &str = "/assets/centres";
const FIELDS: [&str; 7] = ["name", "phone", "email", "address", "hours", "brands", "note"];

#[derive(Template)]
#[template(path = "centres.html")]
pub struct CentresPage {
    ui: Ui,
    places: Tabs,
    centres: Vec<CentreRow>,
}

#[derive(Template)]
#[template(path = "centre.html")]
pub struct CentrePage {
    ui: Ui,
    places: Tabs,
    id: Option<CentreId>,
    form: Form,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/assets/centres/new", get(new).post(add))
        .route("/assets/centres/{id}", get(edit).post(change))
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let centres = assets::centres(state.store.db()).await?;
    CentresPage { places: places(&ui), ui, centres }.page()
}

async fn new(ui: Ui) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    CentrePage { places: places(&ui), ui, id: None, form: Form::default() }.page()
}

fn filled(c: &Centre) -> Form {
    let values = [&c.name, &c.phone, &c.email, &c.address, &c.hours, &c.brands, &c.note];
    let pairs: Vec<(&str, &str)> = FIELDS.into_iter().zip(values.map(String::as_str)).collect();
    Form::of(&pairs)
}

async fn edit(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let all = assets::centres(state.store.db()).await?;
    let row = all.into_iter().find(|c| c.id.0 == id).ok_or(WebError::NotFound)?;
    CentrePage { places: places(&ui), ui, id: Some(row.id), form: filled(&row.centre) }.page()
}

async fn add(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    save(ui, &state, None, form).await
}

async fn change(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    save(ui, &state, Some(CentreId(id)), form).await
}

async fn save(ui: Ui, state: &AppState, id: Option<CentreId>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    let [name, phone, email, address, hours, brands, note] = FIELDS.map(|f| form.value(f).to_owned());
    let centre = Centre { name, phone, email, address, hours, brands, note };
    let change = match id {
        Some(id) => AssetChange::UpdateCentre { id, centre },
        None => AssetChange::AddCentre { centre },
    };
    match command(state, &ui, Command::Asset { change }).await? {
        Ok(_) => Ok(Flash::done("centre-saved", form.value("name")).redirect(PATH)),
        Err(e) => {
            let status = failed(&ui, &mut form, &FIELDS, &e);
            Ok((status, CentrePage { places: places(&ui), ui, id, form }.page()?).into_response())
        }
    }
}

impl CentresPage {
    fn may(&self) -> bool {
        self.ui.may(Permission::ManageAssets)
    }
}

impl CentrePage {
    fn may(&self) -> bool {
        self.ui.may(Permission::ManageAssets)
    }

    fn action(&self) -> String {
        self.id.map_or_else(|| format!("{PATH}/new"), |id| format!("{PATH}/{id}"))
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, CentresPage)> {
    let page = |centres| {
        let ui = Ui::sample(lang, PATH);
        CentresPage { places: places(&ui), ui, centres }
    };
    vec![("", page(sample_data::centres())), ("empty", page(Vec::new()))]
}

pub fn one_samples(lang: Lang) -> Vec<(&'static str, CentrePage)> {
    let page = |id: Option<i64>, form| {
        let ui = Ui::sample(lang, "/assets/centres/1");
        CentrePage { places: places(&ui), ui, id: id.map(CentreId), form }
    };
    let mut wrong = Form::default();
    wrong.wrong("name", Ui::sample(lang, PATH).t("error-required"));
    vec![("", page(Some(1), filled(&sample_data::centres()[0].centre))), ("wrong", page(None, wrong))]
}
