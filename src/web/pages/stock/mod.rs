//! `/stock`: what lies where, what waits for a person, where books and world part, the stores themselves.
//!
//! `write` holds the forms of every kind of document, `document` one of them, `documents` their list, `article` one article
//! with every move. Posting asks once, with totals; what a device saw is posted or dropped with one tap.

mod article;
mod document;
mod documents;
mod samples;
mod write;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::tabs::Tabs;
use crate::engine::CommandError;
use crate::model::{Command, DocumentKind, DocumentOrigin, DocumentStatus, SiteId, StoreId};
use crate::store::read::documents::{DocumentFilter, DocumentRow};
use crate::store::read::stock::{self, BalanceFilter, BalanceRow, Finding, StoreRow};
use crate::store::read::{Listed, Paging};
use crate::web::auth::policy::Permission;
use crate::web::badge::Meaning;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};
use crate::web::{WebError, command, told};

pub use samples::{all as samples, waiting as sample_waiting};
pub use write::fresh_key;

pub const PATH: &str = "/stock";

/// Waiting documents shown at once; the rest is in the list of documents.
const WAITING: i64 = 8;
/// Findings shown at once.
const FINDINGS: usize = 12;

const COLUMNS: &[Column] = &[
    Column::new("article", "stock-article").unsorted().card(Card::Wide),
    Column::new("store", "stock-store").unsorted().card(Card::Wide),
    Column::new("hand", "stock-on-hand").unsorted().right(),
    Column::new("reserved", "stock-reserved").unsorted().right(),
    Column::new("transit", "stock-in-transit").unsorted().right(),
    Column::new("drafts", "stock-drafts").unsorted().right(),
    Column::new("counted", "stock-counted").unsorted(),
    Column::new("empties", "stock-empties").unsorted().right().hidden(),
];

#[derive(Template)]
#[template(path = "stock.html")]
pub struct StockPage {
    ui: Ui,
    list: List,
    tabs: Tabs,
    stores: Vec<StoreRow>,
    waiting: Listed<DocumentRow>,
    findings: Vec<Finding>,
    search: String,
    form: Form,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/stock.csv", get(csv))
        .route("/stock/stores", post(add_store))
        .route("/stock/stores/{id}/rename", post(rename_store))
        .route("/stock/stores/{id}/archive", post(archive_store))
        .merge(article::router())
        .merge(document::router())
        .merge(documents::router())
        .merge(write::router())
}

fn filter(ui: &Ui) -> BalanceFilter {
    BalanceFilter {
        site: ui.site,
        store: ui.query.number("store").map(StoreId),
        article: None,
        search: ui.query.get("q").unwrap_or("").to_owned(),
    }
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let db = state.store.db();
    let filter = filter(&ui);
    let mut list = List::read(&ui, COLUMNS, "article");
    let mut found = stock::balances(db, &filter, Paging::new(list.page, list.size)).await?;
    if list.clamp(found.total) {
        found = stock::balances(db, &filter, Paging::new(list.page, list.size)).await?;
    }
    let stores = stock::stores(db, ui.site, false).await?;
    let waits = DocumentFilter { waiting: true, site: ui.site, ..Default::default() };
    let waiting = crate::store::read::documents::list(db, &waits, Paging::new(1, WAITING)).await?;
    let findings = stock::findings(db, ui.site, ui.now).await?;
    StockPage::new(ui, list, found, stores, waiting, findings).page()
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let mut list = List::read(&ui, COLUMNS, "article");
    let all = Paging { page: 1, per_page: CSV_ROWS };
    let found = stock::balances(state.store.db(), &filter(&ui), all).await?;
    list.rows = found.rows.iter().map(|b| row(&ui, b)).collect();
    Ok(list.csv(&ui, "stock"))
}

/// A number, or a quiet dash: zeros do not shout.
fn pieces(ui: &Ui, n: i64) -> Cell {
    match n {
        0 => Cell::html(Html(r#"<span class="muted">0</span>"#.to_owned()), "0"),
        n if n < 0 => Cell::html(Meaning::Failure.badge(&signed(ui, n)), n.to_string()),
        n => Cell::text(ui.integer(n)),
    }
}

/// "+3", "−2".
fn signed(ui: &Ui, n: i64) -> String {
    match n {
        1.. => format!("+{}", ui.integer(n)),
        0 => "0".to_owned(),
        _ => format!("−{}", ui.integer(n.saturating_neg())),
    }
}

/// What the card of a phone says before a number, where no heading stands above it.
fn named(ui: &Ui, label: &str, cell: Cell) -> Cell {
    let html = format!(r#"<span class="phone">{} </span>{}"#, escape(&ui.t(label)), cell.html.0);
    let quiet = cell.text == "0" && label != "stock-on-hand";
    let html = if quiet { format!(r#"<span class="zero">{html}</span>"#) } else { html };
    Cell { html: Html(html), text: cell.text }
}

fn row(ui: &Ui, b: &BalanceRow) -> Row {
    let counted = match b.counted_at {
        Some(at) => Cell::html(ui.ago_html(&at), ui.exact(at)),
        None => Cell::html(Html(format!(r#"<span class="muted">{}</span>"#, escape(&ui.t("stock-never")))), ""),
    };
    let place = if ui.site.is_none() { format!("{} · {}", b.store_name, b.site_name) } else { b.store_name.clone() };
    Row {
        key: format!("{}-{}", b.store, b.article),
        cells: vec![
            Cell::name(&b.part_number, &format!("/stock/articles/{}", b.article), &b.name),
            Cell::text(place),
            named(ui, "stock-on-hand", pieces(ui, b.on_hand)),
            named(ui, "stock-reserved", pieces(ui, b.reserved)),
            named(ui, "stock-in-transit", pieces(ui, b.in_transit)),
            named(ui, "stock-drafts", pieces(ui, b.drafts)),
            named(ui, "stock-counted", counted),
            named(ui, "stock-empties", pieces(ui, b.empties)),
        ],
    }
}

impl StockPage {
    fn new(
        ui: Ui,
        mut list: List,
        found: Listed<BalanceRow>,
        stores: Vec<StoreRow>,
        waiting: Listed<DocumentRow>,
        findings: Vec<Finding>,
    ) -> Self {
        list.clamp(found.total);
        list.rows = found.rows.iter().map(|b| row(&ui, b)).collect();
        let current = ui.query.get("store").unwrap_or("").to_owned();
        let names: Vec<(String, String)> = stores.iter().map(|s| (s.id.to_string(), store_name(&ui, s))).collect();
        let mut tabs = Tabs::of_query(&ui, "store", &current, &[("", "stock-all-stores", None)]);
        let rest = ui.query.without("page").without("store");
        tabs.0.extend(names.into_iter().map(|(id, words)| super::tabs::Tab {
            href: rest.with("store", &id).url(PATH),
            current: id == current,
            words,
            count: String::new(),
        }));
        let search = ui.query.get("q").unwrap_or("").to_owned();
        StockPage { ui, list, tabs, stores, waiting, findings, search, form: Form::default() }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageStock)
    }

    /// Buttons of the head, and those of its menu.
    fn kinds(&self) -> [DocumentKind; 4] {
        [DocumentKind::Receipt, DocumentKind::Issue, DocumentKind::Transfer, DocumentKind::Count]
    }

    fn more_kinds(&self) -> [DocumentKind; 4] {
        [DocumentKind::WriteOff, DocumentKind::Surplus, DocumentKind::Return, DocumentKind::HandOver]
    }

    fn kind(&self, kind: &DocumentKind) -> String {
        kind_words(&self.ui, *kind)
    }

    fn new_url(&self, kind: &DocumentKind) -> String {
        let url = format!("/stock/new?kind={}", kind.as_str());
        self.ui.query.number("store").map_or(url.clone(), |s| format!("{url}&store={s}"))
    }

    /// What waits, in one sentence.
    fn waits(&self, d: &DocumentRow) -> String {
        what_waits(&self.ui, d)
    }

    fn place(&self, d: &DocumentRow) -> String {
        let store = match &d.to_store_name {
            Some(to) => format!("{} → {to}", d.store_name),
            None => d.store_name.clone(),
        };
        let parts = [Some(store.as_str()), d.location.as_deref(), Some(d.number.as_str())];
        parts.into_iter().flatten().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    fn seen(&self, d: &DocumentRow) -> bool {
        d.origin == DocumentOrigin::Detection
    }

    fn travels(&self, d: &DocumentRow) -> bool {
        d.status == DocumentStatus::InTransit
    }

    fn more_waiting(&self) -> i64 {
        self.waiting.total - self.waiting.rows.len() as i64
    }

    fn shown_findings(&self) -> &[Finding] {
        &self.findings[..self.findings.len().min(FINDINGS)]
    }

    fn more_findings(&self) -> i64 {
        self.findings.len().saturating_sub(FINDINGS) as i64
    }

    /// What was found, and where to look.
    fn finding(&self, f: &Finding) -> Html {
        let link = |href: String, words: &str| format!(r#"<a href="{}">{}</a>"#, escape(&href), escape(words));
        let subject = match (f.article, f.device) {
            (Some(a), _) => link(format!("/stock/articles/{a}"), f.part_number.as_deref().unwrap_or("?")),
            (None, Some(d)) => link(format!("/devices/{d}"), f.device_name.as_deref().unwrap_or("?")),
            (None, None) => String::new(),
        };
        let words = escape(&self.ui.tn(&format!("stock-finding-{}", f.kind.as_str()), f.pieces));
        let store = f.store_name.as_deref().map(|s| format!(" · {}", escape(s))).unwrap_or_default();
        let document = f
            .document
            .map(|d| format!(" · {}", link(format!("/stock/documents/{d}"), &self.ui.t("stock-count-document"))));
        Html(format!("{subject}{store}: {words}{}", document.unwrap_or_default()))
    }

    /// Counting is what settles a difference; at a device a person looks.
    fn finding_url(&self, f: &Finding) -> String {
        match (f.store, f.device) {
            (Some(s), _) => format!("/stock/new?kind=count&store={s}"),
            (None, Some(d)) => format!("/devices/{d}"),
            (None, None) => PATH.to_owned(),
        }
    }

    /// What the search form must send along.
    fn kept(&self) -> Vec<(String, String)> {
        self.ui.query.without("q").without("page").pairs().to_vec()
    }

    fn is_filtered(&self) -> bool {
        !self.search.is_empty() || self.ui.query.get("store").is_some()
    }

    fn store(&self, s: &StoreRow) -> String {
        store_name(&self.ui, s)
    }

    fn site_options(&self) -> Vec<(String, String)> {
        self.ui.sites.iter().map(|s| (s.id.to_string(), s.name.clone())).collect()
    }
}

/// The name, with the branch where several are shown.
fn store_name(ui: &Ui, s: &StoreRow) -> String {
    if ui.site.is_none() && ui.sites.len() > 1 { format!("{} · {}", s.name, s.site_name) } else { s.name.clone() }
}

pub fn kind_words(ui: &Ui, kind: DocumentKind) -> String {
    ui.word("stock-kind-", kind.as_str())
}

pub fn status_badge(ui: &Ui, status: DocumentStatus) -> Html {
    let meaning = match status {
        DocumentStatus::Draft | DocumentStatus::InTransit => Meaning::Attention,
        DocumentStatus::Posted => Meaning::Ok,
        DocumentStatus::Reversed | DocumentStatus::Dropped => Meaning::Unknown,
    };
    meaning.badge(&ui.word("stock-status-", status.as_str()))
}

/// A waiting document in one sentence: "заменён TK-1170 → МФУ 214".
pub fn what_waits(ui: &Ui, d: &DocumentRow) -> String {
    let part = d.first.clone().unwrap_or_default();
    let device = d.device_name.clone().unwrap_or_default();
    match (d.status, d.origin) {
        (DocumentStatus::InTransit, _) => ui.tn("stock-waits-transfer", d.pieces),
        (_, DocumentOrigin::Detection) => {
            ui.tw("stock-waits-replaced", &[("article", part.into()), ("device", device.into())])
        }
        (DocumentStatus::Draft, DocumentOrigin::Plan) => {
            ui.tw("stock-waits-move", &[("article", part.into()), ("count", d.pieces.into())])
        }
        _ => format!("{}: {}", kind_words(ui, d.kind), ui.tn("stock-pieces", d.pieces)),
    }
}

/// Back to where the button was, with what came of it.
pub fn finish<T>(ui: &Ui, done: Result<T, CommandError>, flash: Flash, to: &str) -> Result<Response, WebError> {
    match done {
        Ok(_) => Ok(flash.redirect(to)),
        Err(CommandError::NotFound { .. }) => Err(WebError::NotFound),
        Err(e) => Ok(told(ui, &e).redirect(to)),
    }
}

async fn add_store(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageStock)?;
    let site = form.value("site").parse().ok().map(SiteId).or(ui.site).or_else(|| ui.sites.first().map(|s| s.id));
    let Some(site) = site else { return Err(WebError::BadRequest("no branch is named".to_owned())) };
    let name = form.value("name").to_owned();
    let done = command(&state, &ui, Command::AddStore { site, name: name.clone() }).await?;
    finish(&ui, done, Flash::done("stock-store-added", name), PATH)
}

async fn rename_store(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageStock)?;
    let name = form.value("name").to_owned();
    let done = command(&state, &ui, Command::RenameStore { store: StoreId(id), name: name.clone() }).await?;
    finish(&ui, done, Flash::done("stock-store-renamed", name), PATH)
}

async fn archive_store(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::ManageStock)?;
    let done = command(&state, &ui, Command::ArchiveStore { store: StoreId(id) }).await?;
    finish(&ui, done, Flash::done("stock-store-archived", ""), PATH)
}
