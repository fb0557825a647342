//! `/stock/articles/{id}`: one article in all stores: what lies where, for whom it is kept, every move down to its document
//! and reading.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::{finish, kind_words, pieces, signed};
use crate::model::{ArticleId, Command, NewReservation, ReservationId, StoreId};
use crate::store::read::stock::{self, ArticleRef, BalanceFilter, BalanceRow, MoveRow, ReservationRow};
use crate::store::read::{Listed, Paging};
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};
use crate::web::{WebError, command};

const COLUMNS: &[Column] = &[
    Column::new("document", "stock-document").unsorted().card(Card::Wide),
    Column::new("delta", "stock-delta").unsorted().right(),
    Column::new("after", "stock-after").unsorted().right(),
    Column::new("store", "stock-store").unsorted(),
    Column::new("origin", "stock-origin").unsorted().card(Card::Wide),
    Column::new("when", "stock-when").unsorted(),
    Column::new("by", "stock-by").unsorted(),
];

#[derive(Template)]
#[template(path = "stock_article.html")]
pub struct ArticlePage {
    ui: Ui,
    article: ArticleRef,
    balances: Vec<BalanceRow>,
    reservations: Vec<ReservationRow>,
    list: List,
    form: Form,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/stock/articles/{id}", get(show))
        .route("/stock/articles/{id}/reserve", post(reserve))
        .route("/stock/articles/{id}/reservations/{reservation}/release", post(release))
}

async fn show(ui: Ui, State(state): State<AppState>, Path(id): Path<String>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let db = state.store.db();
    // The list asks for its CSV beside its own address.
    let (id, csv) = id.strip_suffix(".csv").map_or((id.as_str(), false), |id| (id, true));
    let id = ArticleId(id.parse().map_err(|_| WebError::NotFound)?);
    let article = stock::article(db, id).await?.ok_or(WebError::NotFound)?;
    let mut list = List::read(&ui, COLUMNS, "document");
    if csv {
        let all = stock::moves(db, id, ui.site, Paging { page: 1, per_page: CSV_ROWS }).await?;
        list.rows = all.rows.iter().enumerate().map(|(n, m)| row(&ui, n, m)).collect();
        return Ok(list.csv(&ui, "stock-moves"));
    }
    let mut moves = stock::moves(db, id, ui.site, Paging::new(list.page, list.size)).await?;
    if list.clamp(moves.total) {
        moves = stock::moves(db, id, ui.site, Paging::new(list.page, list.size)).await?;
    }
    let filter = BalanceFilter { site: ui.site, article: Some(id), ..Default::default() };
    let balances = stock::balances(db, &filter, Paging::all()).await?.rows;
    let reservations = stock::reservations(db, id).await?;
    ArticlePage::new(ui, article, balances, reservations, list, moves).page()
}

fn row(ui: &Ui, n: usize, m: &MoveRow) -> Row {
    let kind = kind_words(ui, m.kind);
    let name = format!("{kind} {}", m.number);
    Row {
        key: format!("{}-{n}", m.document),
        cells: vec![
            Cell::name(&name, &format!("/stock/documents/{}", m.document), ""),
            Cell::html(Html(format!("<strong>{}</strong>", escape(&signed(ui, m.delta)))), m.delta.to_string()),
            Cell::html(
                Html(format!(
                    r#"<span class="phone">{} </span>{}"#,
                    escape(&ui.t("stock-after")),
                    pieces(ui, m.after).html.0
                )),
                m.after.to_string(),
            ),
            Cell::text(m.store_name.clone()),
            origin(ui, m),
            Cell::html(ui.ago_html(&m.at), ui.exact(m.at)),
            Cell::text(m.by.clone().unwrap_or_default()),
        ],
    }
}

/// The device with its reading, or the order.
fn origin(ui: &Ui, m: &MoveRow) -> Cell {
    let mut parts: Vec<(String, String)> = Vec::new();
    if let (Some(id), Some(name)) = (m.device, &m.device_name) {
        parts.push((format!("/devices/{id}"), name.clone()));
    }
    if let (Some(id), Some(number)) = (m.order, &m.order_number) {
        parts.push((format!("/orders/{id}"), ui.tv("order-title", number.as_str())));
    }
    let mut html: Vec<String> =
        parts.iter().map(|(href, words)| format!(r#"<a href="{href}">{}</a>"#, escape(words))).collect();
    let mut text: Vec<String> = parts.into_iter().map(|p| p.1).collect();
    if let (Some(at), Some(device)) = (m.seen_at, m.device) {
        let words = ui.tv("stock-seen", ui.date_time(at));
        html.push(format!(r#"<a href="/devices/{device}?show=supply#timeline">{}</a>"#, escape(&words)));
        text.push(words);
    }
    Cell::html(Html(html.join(" · ")), text.join(" · "))
}

impl ArticlePage {
    pub(super) fn new(
        ui: Ui,
        article: ArticleRef,
        balances: Vec<BalanceRow>,
        reservations: Vec<ReservationRow>,
        mut list: List,
        moves: Listed<MoveRow>,
    ) -> Self {
        list.clamp(moves.total);
        list.rows = moves.rows.iter().enumerate().map(|(n, m)| row(&ui, n, m)).collect();
        let form = Form::of(&[("quantity", "1")]);
        ArticlePage { ui, article, balances, reservations, list, form }
    }

    pub(super) fn columns() -> &'static [Column] {
        COLUMNS
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageStock)
    }

    fn number(&self, n: &i64) -> Html {
        pieces(&self.ui, *n).html
    }

    fn total(&self) -> String {
        self.ui.tn("stock-pieces", self.balances.iter().map(|b| b.on_hand).sum::<i64>())
    }

    fn store(&self, b: &BalanceRow) -> String {
        if self.ui.site.is_none() { format!("{} · {}", b.store_name, b.site_name) } else { b.store_name.clone() }
    }

    /// Stores with something free.
    fn store_options(&self) -> Vec<(String, String)> {
        let free = self.balances.iter().filter(|b| b.on_hand > b.reserved);
        free.map(|b| {
            (b.store.to_string(), format!("{}: {}", self.store(b), self.ui.tn("stock-pieces", b.on_hand - b.reserved)))
        })
        .collect()
    }
}

async fn reserve(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageStock)?;
    let number = |field: &str| form.value(field).trim().parse::<i64>().unwrap_or(0);
    let reservation = NewReservation {
        store: StoreId(number("store")),
        article: ArticleId(id),
        device: None,
        quantity: number("quantity"),
        note: form.value("note").to_owned(),
    };
    let done = command(&state, &ui, Command::Reserve { reservation }).await?;
    finish(&ui, done, Flash::done("stock-was-kept", form.value("quantity")), &format!("/stock/articles/{id}"))
}

async fn release(
    ui: Ui,
    State(state): State<AppState>,
    Path((id, reservation)): Path<(i64, i64)>,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageStock)?;
    let done = command(&state, &ui, Command::Release { reservation: ReservationId(reservation) }).await?;
    finish(&ui, done, Flash::done("stock-was-released", ""), &format!("/stock/articles/{id}"))
}
