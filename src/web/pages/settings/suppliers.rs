//! `/settings/suppliers`: to whom orders go. Only an administrator changes where the money goes.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::tabs;
use crate::engine::CommandError;
use crate::i18n::Lang;
use crate::model::{Command, Minor, Supplier, SupplierId, SupplierTerms};
use crate::store::read::articles::{self as catalogue, SupplierRow};
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, failed};

pub const PATH: &str = "/settings/suppliers";
const FIELDS: [&str; 10] = [
    "name",
    "email",
    "language",
    "currency",
    "lead_days",
    "min_order",
    "auto_send",
    "auto_week_limit",
    "webhook",
    "webhook_secret",
];

#[derive(Template)]
#[template(path = "settings_suppliers.html")]
pub struct SuppliersPage {
    ui: Ui,
    tabs: Tabs,
    suppliers: Vec<SupplierRow>,
}

#[derive(Template)]
#[template(path = "settings_supplier.html")]
pub struct SupplierPage {
    ui: Ui,
    tabs: Tabs,
    /// `None`: a new one.
    id: Option<SupplierId>,
    /// Orders to the webhook are signed.
    signed: bool,
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

    /// Where orders go and whether by themselves.
    fn way(&self, s: &SupplierRow) -> String {
        let to = match &s.terms.webhook {
            Some(_) => self.ui.t("supplier-by-webhook"),
            None => s.supplier.email.clone(),
        };
        match (s.terms.auto_send, s.terms.auto_week_limit) {
            (true, Some(limit)) => {
                let limit = self.ui.money(limit, &s.supplier.currency);
                format!("{to} · {}", self.ui.tv("supplier-auto-within", limit))
            }
            _ => to,
        }
    }

    fn lead(&self, s: &SupplierRow) -> String {
        self.ui.tn("time-days", s.terms.lead_days)
    }
}

impl SupplierPage {
    fn new(ui: Ui, id: Option<SupplierId>, signed: bool, form: Form) -> Self {
        SupplierPage { tabs: tabs(&ui), ui, id, signed, form }
    }

    fn yes_no(&self) -> Vec<(String, String)> {
        [("0", "supplier-by-click"), ("1", "supplier-by-itself")].map(|(v, k)| (v.to_owned(), self.ui.t(k))).into()
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
    let suppliers = catalogue::suppliers(state.store.db()).await?;
    SuppliersPage { tabs: tabs(&ui), ui, suppliers }.page()
}

async fn new(ui: Ui) -> Result<Response, WebError> {
    ui.require(Permission::ManageSuppliers)?;
    let form = Form::of(&[("language", ui.lang.code()), ("currency", "RUB"), ("lead_days", "9"), ("auto_send", "0")]);
    SupplierPage::new(ui, None, false, form).page()
}

fn filled(ui: &Ui, s: &SupplierRow) -> Form {
    let money = |m: Minor| ui.decimal(m.0 as f64 / 100.0, 2);
    let t = &s.terms;
    Form::of(&[
        ("name", &s.supplier.name),
        ("email", &s.supplier.email),
        ("language", &s.supplier.language),
        ("currency", &s.supplier.currency),
        ("lead_days", &t.lead_days.to_string()),
        ("min_order", &if t.min_order.0 == 0 { String::new() } else { money(t.min_order) }),
        ("auto_send", if t.auto_send { "1" } else { "0" }),
        ("auto_week_limit", &t.auto_week_limit.map(money).unwrap_or_default()),
        ("webhook", t.webhook.as_deref().unwrap_or("")),
    ])
}

async fn known(state: &AppState, id: SupplierId) -> Result<SupplierRow, WebError> {
    let all = catalogue::suppliers(state.store.db()).await?;
    all.into_iter().find(|s| s.supplier.id == id).ok_or(WebError::NotFound)
}

async fn edit(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let known = known(&state, SupplierId(id)).await?;
    let form = filled(&ui, &known);
    SupplierPage::new(ui, Some(known.supplier.id), known.signed, form).page()
}

/// The terms as typed; what is no number is marked.
fn terms(ui: &Ui, form: &mut Form) -> SupplierTerms {
    let amount = |form: &mut Form, field: &str| match form.given(field).map(super::articles::price) {
        Some(None) => {
            form.wrong(field, ui.t("error-price"));
            None
        }
        other => other.flatten().map(Minor),
    };
    let lead_days = match form.given("lead_days").map(|d| d.trim().parse::<i64>()) {
        Some(Ok(days)) => days,
        Some(Err(_)) => {
            form.wrong("lead_days", ui.t("error-bad-number"));
            0
        }
        None => SupplierTerms::default().lead_days,
    };
    SupplierTerms {
        lead_days,
        min_order: amount(form, "min_order").unwrap_or_default(),
        auto_send: form.has("auto_send", "1"),
        auto_week_limit: amount(form, "auto_week_limit"),
        webhook: form.given("webhook").map(str::to_owned),
    }
}

async fn add(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    save(ui, &state, None, form).await
}

async fn change(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    save(ui, &state, Some(SupplierId(id)), form).await
}

async fn save(ui: Ui, state: &AppState, id: Option<SupplierId>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageSuppliers)?;
    let terms = terms(&ui, &mut form);
    let done = if form.is_fine() { keep(&ui, state, id, &form, terms).await? } else { Ok(()) };
    let status = match done {
        Ok(()) if form.is_fine() => {
            return Ok(Flash::done("supplier-saved", form.value("name")).redirect(PATH));
        }
        Ok(()) => StatusCode::UNPROCESSABLE_ENTITY,
        Err(e) => failed(&ui, &mut form, &FIELDS, &e),
    };
    let signed = match id {
        Some(id) => known(state, id).await?.signed,
        None => false,
    };
    Ok((status, SupplierPage::new(ui, id, signed, form).page()?).into_response())
}

/// The supplier, then its secret: an empty field leaves the secret as it is.
async fn keep(
    ui: &Ui,
    state: &AppState,
    id: Option<SupplierId>,
    form: &Form,
    terms: SupplierTerms,
) -> Result<Result<(), CommandError>, WebError> {
    let [name, email, language, currency] = ["name", "email", "language", "currency"].map(|f| form.value(f).to_owned());
    let asked = match id {
        Some(supplier) => Command::UpdateSupplier { supplier, name, email, language, currency, terms },
        None => Command::AddSupplier { name, email, language, currency, terms },
    };
    let saved = match command(state, ui, asked).await? {
        Ok(done) => done.id.map(SupplierId).or(id),
        Err(e) => return Ok(Err(e)),
    };
    let secret = match (form.given("webhook_secret"), form.has("unsigned", "1")) {
        (Some(secret), _) => secret.to_owned(),
        (None, true) => String::new(),
        (None, false) => return Ok(Ok(())),
    };
    let Some(supplier) = saved else { return Ok(Ok(())) };
    let asked = Command::SetWebhookSecret { supplier, webhook_secret: secret };
    Ok(command(state, ui, asked).await?.map(drop))
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

pub fn rows_with_terms() -> Vec<SupplierRow> {
    let plain = |supplier| SupplierRow { supplier, terms: SupplierTerms::default(), signed: false };
    let mut rows: Vec<SupplierRow> = sample_rows().into_iter().map(plain).collect();
    rows[0].terms = SupplierTerms {
        lead_days: 4,
        min_order: Minor(500_000),
        auto_send: true,
        auto_week_limit: Some(Minor(3_000_000)),
        webhook: None,
    };
    rows[2].terms.webhook = Some("https://orders.example.com/anykey".to_owned());
    rows[2].signed = true;
    rows
}

pub fn samples(lang: Lang) -> Vec<(&'static str, SuppliersPage)> {
    let page = |suppliers| {
        let ui = Ui::sample(lang, PATH);
        SuppliersPage { tabs: tabs(&ui), ui, suppliers }
    };
    vec![("", page(rows_with_terms())), ("empty", page(Vec::new()))]
}

pub fn one_samples(lang: Lang) -> Vec<(&'static str, SupplierPage)> {
    let ui = || Ui::sample(lang, "/settings/suppliers/1");
    let mut wrong =
        Form::of(&[("name", "Комус"), ("email", "комус точка ру"), ("language", "ru"), ("currency", "RUB")]);
    wrong.wrong("email", ui().t("error-bad-email"));
    wrong.wrong("auto_week_limit", ui().t("error-auto-needs-limit"));
    let page = |at: usize| {
        let row = &rows_with_terms()[at];
        SupplierPage::new(ui(), Some(row.supplier.id), row.signed, filled(&ui(), row))
    };
    vec![("", page(0)), ("webhook", page(2)), ("wrong", SupplierPage::new(ui(), None, false, wrong))]
}
