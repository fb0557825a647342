//! `/orders`: drafts that wait for a person first, then what is on its way, then the past.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::tabs::Tabs;
use crate::i18n::Lang;
use crate::model::{Millis, Minor, OrderId, OrderStatus, SiteId, SupplierId};
use crate::store::read::orders::{self, OrderFilter, OrderRow};
use crate::store::read::{Listed, Paging};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::badge::{self, Meaning};
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};

pub const PATH: &str = "/orders";

const COLUMNS: &[Column] = &[
    Column::new("number", "order-number").unsorted().card(Card::Wide),
    Column::new("supplier", "order-supplier").unsorted().card(Card::Wide),
    Column::new("status", "order-status").unsorted().card(Card::Wide),
    Column::new("lines", "orders-lines").unsorted().right(),
    Column::new("total", "order-total").unsorted().right(),
    Column::new("created", "order-created").unsorted(),
    Column::new("branch", "need-branch").unsorted().hidden(),
    Column::new("approved", "order-approved-by").unsorted().hidden(),
];

const VIEWS: [(&str, &str, Option<OrderStatus>); 8] = [
    ("", "orders-all", None),
    ("draft", "orders-draft", Some(OrderStatus::Draft)),
    ("approved", "orders-approved", Some(OrderStatus::Approved)),
    ("sent", "orders-sent", Some(OrderStatus::Sent)),
    ("confirmed", "orders-confirmed", Some(OrderStatus::Confirmed)),
    ("partly-received", "orders-partly-received", Some(OrderStatus::PartlyReceived)),
    ("closed", "orders-closed", Some(OrderStatus::Closed)),
    ("cancelled", "orders-cancelled", Some(OrderStatus::Cancelled)),
];

#[derive(Template)]
#[template(path = "orders.html")]
pub struct OrdersPage {
    ui: Ui,
    list: List,
    tabs: Tabs,
    current: &'static str,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show)).route("/orders.csv", get(csv))
}

fn chosen(ui: &Ui) -> (&'static str, OrderFilter) {
    let asked = ui.query.get("status").unwrap_or("");
    let (word, _, status) = VIEWS.iter().find(|v| v.0 == asked).unwrap_or(&VIEWS[0]);
    (word, OrderFilter { status: *status, site: ui.site, supplier: ui.query.number("supplier").map(SupplierId) })
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let (current, filter) = chosen(&ui);
    let db = state.store.db();
    let mut list = List::read(&ui, COLUMNS, "number");
    let mut found = orders::list(db, &filter, Paging::new(list.page, list.size)).await?;
    if list.clamp(found.total) {
        found = orders::list(db, &filter, Paging::new(list.page, list.size)).await?;
    }
    let counts = orders::counts(db, ui.site).await?;
    OrdersPage::new(ui, list, found, &counts, current).page()
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let (_, filter) = chosen(&ui);
    let mut list = List::read(&ui, COLUMNS, "number");
    let found = orders::list(state.store.db(), &filter, Paging { page: 1, per_page: CSV_ROWS }).await?;
    list.rows = found.rows.iter().map(|o| row(&ui, o)).collect();
    Ok(list.csv(&ui, "orders"))
}

impl OrdersPage {
    fn new(
        ui: Ui,
        mut list: List,
        found: Listed<OrderRow>,
        counts: &[(OrderStatus, i64)],
        current: &'static str,
    ) -> Self {
        list.clamp(found.total);
        list.rows = found.rows.iter().map(|o| row(&ui, o)).collect();
        let count = |status: Option<OrderStatus>| {
            counts.iter().filter(|(s, _)| status.is_none_or(|wanted| wanted == *s)).map(|(_, n)| n).sum()
        };
        let views: Vec<_> = VIEWS.iter().map(|(word, key, status)| (*word, *key, Some(count(*status)))).collect();
        let tabs = Tabs::of_query(&ui, "status", current, &views);
        OrdersPage { ui, list, tabs, current }
    }
}

fn row(ui: &Ui, o: &OrderRow) -> Row {
    let total = ui.money(o.total, &o.currency);
    let total = if o.lines_without_price > 0 { ui.tv("order-at-least", total) } else { total };
    Row {
        key: o.id.to_string(),
        cells: vec![
            Cell::name(&o.number, &format!("{PATH}/{}", o.id), &o.site_name),
            Cell::text(o.supplier_name.clone()),
            status(ui, o),
            Cell::text(ui.integer(o.lines)),
            Cell::text(total),
            Cell::html(ui.ago_html(&o.created_at), ui.exact(o.created_at)),
            Cell::text(o.site_name.clone()),
            Cell::text(o.approved_by.clone().unwrap_or_default()),
        ],
    }
}

/// The status, and beside it a mail that does not get through.
fn status(ui: &Ui, o: &OrderRow) -> Cell {
    let words = ui.word("order-status-", o.status.as_str());
    let badge = badge::order(ui, o.status);
    match &o.mail_error {
        Some(error) => {
            let failed = ui.t("order-mail-failed");
            let mark = Meaning::Failure.badge(&failed);
            let html = format!(r#"{mark}<span class="sub">{}</span>"#, escape(error));
            Cell::html(Html(html), format!("{words}, {failed}: {error}"))
        }
        None => Cell::html(badge, words),
    }
}

pub fn sample_rows(now: Millis) -> Vec<OrderRow> {
    let order = |id: i64, supplier: &str, status: OrderStatus, total: i64| OrderRow {
        id: OrderId(id),
        number: format!("2026-{id:04}"),
        site: SiteId(1),
        site_name: "Казань, ул. Баумана 5".to_owned(),
        supplier: SupplierId(1),
        supplier_name: supplier.to_owned(),
        currency: "RUB".to_owned(),
        status,
        created_at: now.plus(-(145 - id) * 20 * Millis::HOUR),
        approved_at: None,
        approved_by: (status != OrderStatus::Draft).then(|| "petrov".to_owned()),
        sent_at: None,
        received_at: None,
        lines: 1 + id % 7,
        total: Minor(total),
        lines_without_price: 0,
        mail_error: None,
        life: Default::default(),
    };
    vec![
        OrderRow { lines_without_price: 2, ..order(144, "Комус", OrderStatus::Draft, 8_624_000) },
        order(143, "ООО «Торговый дом „Офисные и печатающие системы Поволжья“»", OrderStatus::Draft, 1_250_050),
        OrderRow {
            mail_error: Some("550 5.1.1 <zakaz@example.org>: Recipient address rejected".to_owned()),
            ..order(142, "Комус", OrderStatus::Approved, 480_000)
        },
        order(141, "Комус", OrderStatus::Sent, 3_420_000),
        order(140, "Ситилинк", OrderStatus::Closed, 99_900),
        order(139, "Ситилинк", OrderStatus::Cancelled, 0),
    ]
}

pub fn samples(lang: Lang) -> Vec<(&'static str, OrdersPage)> {
    let now = Ui::sample(lang, PATH).now;
    let page = |path: &str, rows: Vec<OrderRow>, total: i64| {
        let ui = Ui::sample(lang, path);
        let (current, _) = chosen(&ui);
        let list = List::read(&ui, COLUMNS, "number");
        let counts: Vec<(OrderStatus, i64)> = rows.iter().map(|o| (o.status, 1)).collect();
        OrdersPage::new(ui, list, Listed { rows, total }, &counts, current)
    };
    let many = (0..9).flat_map(|_| sample_rows(now)).take(50).collect();
    vec![
        ("", page(PATH, sample_rows(now), 6)),
        ("empty", page(PATH, Vec::new(), 0)),
        ("no-drafts", page("/orders?status=draft", Vec::new(), 0)),
        ("many", page("/orders?page=2", many, 10_000)),
    ]
}
