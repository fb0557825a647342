//! `/stock/documents`: every document, the newest first, by kind or by what still waits.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::{kind_words, status_badge};
use crate::model::DocumentKind;
use crate::store::read::documents::{self, DocumentFilter, DocumentRow};
use crate::store::read::{Listed, Paging};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};

pub const PATH: &str = "/stock/documents";

const COLUMNS: &[Column] = &[
    Column::new("number", "stock-number").unsorted().card(Card::Wide),
    Column::new("kind", "stock-kind").unsorted(),
    Column::new("status", "stock-status").unsorted(),
    Column::new("store", "stock-store").unsorted().card(Card::Wide),
    Column::new("what", "stock-what").unsorted().card(Card::Wide),
    Column::new("pieces", "stock-quantity").unsorted().right().card(Card::Never),
    Column::new("when", "stock-when").unsorted(),
    Column::new("by", "stock-by").unsorted().hidden(),
    Column::new("note", "stock-note").unsorted().hidden(),
];

#[derive(Template)]
#[template(path = "stock_documents.html")]
pub struct DocumentsPage {
    ui: Ui,
    list: List,
    tabs: Tabs,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show)).route("/stock/documents.csv", get(csv))
}

/// The chosen view: a kind, or what waits.
fn chosen(ui: &Ui) -> (String, DocumentFilter) {
    let asked = ui.query.get("kind").unwrap_or("");
    let kind = DocumentKind::parse(asked);
    let waiting = asked == "waiting";
    let word = if waiting || kind.is_some() { asked.to_owned() } else { String::new() };
    (word, DocumentFilter { kind, waiting, site: ui.site, ..Default::default() })
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let (_, filter) = chosen(&ui);
    let db = state.store.db();
    let mut list = List::read(&ui, COLUMNS, "number");
    let mut found = documents::list(db, &filter, Paging::new(list.page, list.size)).await?;
    if list.clamp(found.total) {
        found = documents::list(db, &filter, Paging::new(list.page, list.size)).await?;
    }
    DocumentsPage::new(ui, list, found).page()
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let (_, filter) = chosen(&ui);
    let mut list = List::read(&ui, COLUMNS, "number");
    let found = documents::list(state.store.db(), &filter, Paging { page: 1, per_page: CSV_ROWS }).await?;
    list.rows = found.rows.iter().map(|d| row(&ui, d)).collect();
    Ok(list.csv(&ui, "stock-documents"))
}

fn row(ui: &Ui, d: &DocumentRow) -> Row {
    let store = match &d.to_store_name {
        Some(to) => format!("{} → {to}", d.store_name),
        None => d.store_name.clone(),
    };
    let at = d.posted_at.unwrap_or(d.created_at);
    Row {
        key: d.id.to_string(),
        cells: vec![
            Cell::name(&d.number, &format!("{PATH}/{}", d.id), &d.site_name),
            Cell::text(kind_words(ui, d.kind)),
            Cell::html(status_badge(ui, d.status), ui.word("stock-status-", d.status.as_str())),
            Cell::text(store),
            what(ui, d),
            Cell::text(ui.integer(d.pieces)),
            Cell::html(ui.ago_html(&at), ui.exact(at)),
            Cell::text(d.posted_by.clone().unwrap_or_else(|| d.created_by.clone())),
            Cell::text(d.note.clone()),
        ],
    }
}

/// "TK-1170 и ещё 2 · МФУ 214", with links.
fn what(ui: &Ui, d: &DocumentRow) -> Cell {
    let mut text = d.first.clone().unwrap_or_default();
    if d.lines > 1 {
        text = format!("{text} {}", ui.tn("stock-more-lines", d.lines - 1));
    }
    let mut html = escape(&text);
    let mut add = |href: String, words: &str| {
        html.push_str(&format!(r#" · <a href="{href}">{}</a>"#, escape(words)));
        text = format!("{text} · {words}");
    };
    if let (Some(id), Some(name)) = (d.device, &d.device_name) {
        add(format!("/devices/{id}"), name);
    }
    if let (Some(id), Some(number)) = (d.order, &d.order_number) {
        add(format!("/orders/{id}"), number);
    }
    Cell::html(Html(html), text)
}

impl DocumentsPage {
    pub(super) fn new(ui: Ui, mut list: List, found: Listed<DocumentRow>) -> Self {
        list.clamp(found.total);
        list.rows = found.rows.iter().map(|d| row(&ui, d)).collect();
        let (current, _) = chosen(&ui);
        let mut views: Vec<(&str, String, Option<i64>)> =
            vec![("", "stock-documents-all".to_owned(), None), ("waiting", "stock-documents-waiting".to_owned(), None)];
        let kinds = DocumentKind::WRITTEN.into_iter().chain([DocumentKind::Reversal]);
        views.extend(kinds.map(|k| (k.as_str(), format!("stock-kind-{}", k.as_str()), None)));
        let views: Vec<(&str, &str, Option<i64>)> = views.iter().map(|(w, k, n)| (*w, k.as_str(), *n)).collect();
        let tabs = Tabs::of_query(&ui, "kind", &current, &views);
        DocumentsPage { ui, list, tabs }
    }

    pub(super) fn columns() -> &'static [Column] {
        COLUMNS
    }
}
