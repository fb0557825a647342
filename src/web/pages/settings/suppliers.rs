//! `/settings/suppliers`: to whom orders go. Only an administrator changes where the money goes.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::tabs;
use crate::i18n::Lang;
use crate::model::{Command, Supplier, SupplierId};
use crate::store::read::settings;
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, failed};

pub const PATH: &str = "/settings/suppliers";
const FIELDS: [&str; 4] = ["name", "email", "language", "currency"];

#[derive(Template)]
#[template(path = "settings_suppliers.html")]
pub struct SuppliersPage {
    ui: Ui,
    tabs: Tabs,
    suppliers: Vec<Supplier>,
}

#[derive(Template)]
#[template(path = "settings_supplier.html")]
pub struct SupplierPage {
    ui: Ui,
    tabs: Tabs,
    /// `None`: a new one.
    id: Option<SupplierId>,
    form: Form,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/settings/suppliers/new", get(new).post(add))
        .route("/settings/suppliers/{id}", get(edit).post(change))
}

impl SuppliersPage {
    fn may(&self) -> bool {
        self.ui.may(Permission::ManageSuppliers)
    }

    fn language(&self, s: &Supplier) -> String {
        Lang::parse(&s.language).map_or_else(|| s.language.clone(), Lang::own_name)
    }
}

impl SupplierPage {
    fn new(ui: Ui, id: Option<SupplierId>, form: Form) -> Self {
        SupplierPage { tabs: tabs(&ui), ui, id, form }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageSuppliers)
    }

    fn languages(&self) -> Vec<(String, String)> {
        Lang::ALL.iter().map(|l| (l.code().to_owned(), l.own_name())).collect()
    }

    fn currencies(&self) -> Vec<(String, String)> {
        let mut all: Vec<String> = ["RUB", "USD", "EUR", "KZT"].map(str::to_owned).into();
        let own = self.form.value("currency").to_owned();
        if !own.is_empty() && !all.contains(&own) {
            all.push(own);
        }
        all.into_iter().map(|c| (c.clone(), c)).collect()
    }

    fn action(&self) -> String {
        match self.id {
            Some(id) => format!("{PATH}/{id}"),
            None => format!("{PATH}/new"),
        }
    }
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let suppliers = settings::suppliers(state.store.db()).await?;
    SuppliersPage { tabs: tabs(&ui), ui, suppliers }.page()
}

async fn new(ui: Ui) -> Result<Response, WebError> {
    ui.require(Permission::ManageSuppliers)?;
    let form = Form::of(&[("language", ui.lang.code()), ("currency", "RUB")]);
    SupplierPage::new(ui, None, form).page()
}

fn filled(s: &Supplier) -> Form {
    Form::of(&[("name", &s.name), ("email", &s.email), ("language", &s.language), ("currency", &s.currency)])
}

async fn edit(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let all = settings::suppliers(state.store.db()).await?;
    let known = all.into_iter().find(|s| s.id.0 == id).ok_or(WebError::NotFound)?;
    SupplierPage::new(ui, Some(known.id), filled(&known)).page()
}

async fn add(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    save(ui, &state, None, form).await
}

async fn change(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    save(ui, &state, Some(SupplierId(id)), form).await
}

async fn save(ui: Ui, state: &AppState, id: Option<SupplierId>, mut form: Form) -> Result<Response, WebError> {
    let [name, email, language, currency] = FIELDS.map(|f| form.value(f).to_owned());
    let shown = name.clone();
    let asked = match id {
        Some(supplier) => Command::UpdateSupplier { supplier, name, email, language, currency },
        None => Command::AddSupplier { name, email, language, currency },
    };
    match command(state, &ui, asked).await? {
        Ok(_) => Ok(Flash::done("supplier-saved", shown).redirect(PATH)),
        Err(e) => {
            let status = failed(&ui, &mut form, &FIELDS, &e);
            Ok((status, SupplierPage::new(ui, id, form).page()?).into_response())
        }
    }
}

pub fn sample_rows() -> Vec<Supplier> {
    let supplier = |id: i64, name: &str, email: &str, language: &str, currency: &str| Supplier {
        id: SupplierId(id),
        name: name.to_owned(),
        email: email.to_owned(),
        language: language.to_owned(),
        currency: currency.to_owned(),
    };
    vec![
        supplier(1, "Комус", "zakaz@example.org", "ru", "RUB"),
        supplier(2, "ООО «Торговый дом „Офисные и печатающие системы Поволжья“»", "orders@example.net", "ru", "RUB"),
        supplier(3, "Print Parts Ltd", "sales@example.com", "en", "EUR"),
    ]
}

pub fn samples(lang: Lang) -> Vec<(&'static str, SuppliersPage)> {
    let page = |suppliers| {
        let ui = Ui::sample(lang, PATH);
        SuppliersPage { tabs: tabs(&ui), ui, suppliers }
    };
    vec![("", page(sample_rows())), ("empty", page(Vec::new()))]
}

pub fn one_samples(lang: Lang) -> Vec<(&'static str, SupplierPage)> {
    let ui = || Ui::sample(lang, "/settings/suppliers/1");
    let mut wrong =
        Form::of(&[("name", "Комус"), ("email", "комус точка ру"), ("language", "ru"), ("currency", "RUB")]);
    wrong.wrong("email", ui().t("error-bad-email"));
    vec![
        ("", SupplierPage::new(ui(), Some(SupplierId(1)), filled(&sample_rows()[0]))),
        ("wrong", SupplierPage::new(ui(), None, wrong)),
    ]
}
