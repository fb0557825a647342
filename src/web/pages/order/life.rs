//! An order after it was placed: the supplier's word, goods line by line, the rest that is not waited for, and "where is it?"
//! when it is late.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{OrderPage, answer, load};
use crate::model::{Command, Millis, OrderId, OrderLine, ReceivedLine};
use crate::store::read::orders::{OrderDetail, ReceiptRef};
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::Ui;
use crate::web::state::AppState;
use crate::web::{WebError, command, told};

fn field(line: &OrderLine) -> String {
    format!("r-{}", line.id)
}

/// The receipt a form asks for; `None`: it names no lines. What is no number is marked.
pub(super) fn goods(ui: &Ui, detail: &OrderDetail, form: &mut Form) -> Option<Command> {
    let mut lines = Vec::new();
    let mut named = false;
    for line in &detail.order.lines {
        let name = field(line);
        let Some(typed) = form.given(&name).map(|t| t.trim().to_owned()) else { continue };
        named = true;
        match typed.parse::<i64>() {
            Ok(quantity) if (0..=super::MAX_QUANTITY).contains(&quantity) => {
                lines.push(ReceivedLine { line: line.id, quantity });
            }
            _ => form.wrong(&name, ui.t("error-bad-number")),
        }
    }
    let key = form.given("key").map(str::to_owned);
    // With its key it is the form of lines, though all of them were emptied.
    if !named && key.is_none() {
        return None;
    }
    Some(Command::ReceiveLines { order: detail.order.id, lines, more: form.has("more", "1"), key })
}

/// A day of a form as the end of that day in the reader's zone.
fn end_of_day(ui: &Ui, text: &str) -> Option<Millis> {
    let day: jiff::civil::Date = text.trim().parse().ok()?;
    let end = day.at(23, 59, 59, 0).to_zoned(ui.zone.clone()).ok()?;
    Some(Millis(end.timestamp().as_millisecond()))
}

pub(super) async fn confirm(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageOrders)?;
    let number = load(&state, id).await?.order.number;
    let expected_at = form.given("expected").and_then(|d| end_of_day(&ui, d));
    if form.given("expected").is_some() && expected_at.is_none() {
        return Ok(Flash::failed("flash-failed", ui.t("error-bad-day")).redirect(&format!("/orders/{id}")));
    }
    let done = command(&state, &ui, Command::ConfirmOrder { order: OrderId(id), expected_at }).await?;
    answer(&ui, id, "order-was-confirmed", number, done.map(|_| ()))
}

pub(super) async fn close(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::ManageOrders)?;
    let number = load(&state, id).await?.order.number;
    let done = command(&state, &ui, Command::CloseRest { order: OrderId(id) }).await?;
    answer(&ui, id, "order-rest-closed", number, done.map(|_| ()))
}

pub(super) async fn ask(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::ManageOrders)?;
    load(&state, id).await?;
    let flash = match command(&state, &ui, Command::AskSupplier { order: OrderId(id) }).await? {
        Ok(_) => Flash::done("order-was-asked", ""),
        Err(e) => told(&ui, &e),
    };
    Ok(flash.redirect(&format!("/orders/{id}")))
}

impl OrderPage {
    pub(super) fn placed(&self) -> bool {
        self.detail.approved_at.is_some()
    }
    pub(super) fn any_received(&self) -> bool {
        self.order().lines.iter().any(|l| l.received > 0)
    }
    pub(super) fn is_late(&self) -> bool {
        self.detail.life.is_late(self.order().status, self.detail.approved_at, self.ui.now)
    }
    /// Since when it is late, in words.
    pub(super) fn late_title(&self) -> String {
        let at = self.detail.life.expected_at.unwrap_or(self.ui.now);
        self.ui.tv("order-late-title", self.ui.date(at))
    }
    pub(super) fn asked(&self) -> Option<String> {
        self.detail.life.late_asked_at.map(|at| self.ui.tv("order-asked", self.ui.ago(at)))
    }
    /// "ожидается 3 дек.", of an order on its way.
    pub(super) fn expected(&self) -> Option<String> {
        let at = self.detail.life.expected_at.filter(|_| self.order().status.is_open())?;
        let key = if self.detail.life.confirmed_at.is_some() { "order-expected" } else { "order-usual" };
        Some(self.ui.tv(key, self.ui.date(at)))
    }
    pub(super) fn expected_day(&self) -> String {
        let at = self.detail.life.expected_at.unwrap_or(self.ui.now).max(self.ui.now);
        let zoned = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(self.ui.zone.clone());
        zoned.date().to_string()
    }
    pub(super) fn received(&self, line: &OrderLine) -> String {
        let words = [("received", line.received.into()), ("ordered", line.quantity.into())];
        self.ui.tw("order-received-of", &words)
    }
    /// What was typed, else what is still to come.
    pub(super) fn came(&self, line: &OrderLine) -> String {
        let left = (line.quantity - line.received).max(0).to_string();
        self.form.given(&field(line)).map_or(left, str::to_owned)
    }
    pub(super) fn came_error(&self, line: &OrderLine) -> Option<&str> {
        self.form.error(&field(line))
    }
    pub(super) fn lines_error(&self) -> Option<&str> {
        self.form.error("lines")
    }
    pub(super) fn key(&self) -> String {
        self.form.given("key").map_or_else(|| crate::web::pages::stock::fresh_key().unwrap_or_default(), str::to_owned)
    }
    pub(super) fn close_words(&self) -> String {
        self.ui.t(if self.any_received() { "order-close-rest" } else { "order-cancel-rest" })
    }
}

/// An order on its way: in part, or late.
pub(super) fn sample(mut page: OrderPage, late: bool) -> OrderPage {
    let now = page.ui.now;
    page.detail.approved_at = Some(now.plus(-12 * Millis::DAY));
    page.detail.sent_at = page.detail.approved_at;
    page.detail.life.confirmed_at = Some(now.plus(-11 * Millis::DAY));
    page.detail.life.expected_at = Some(now.plus(if late { -2 } else { 3 } * Millis::DAY));
    page.detail.life.late_asked_at = late.then(|| now.plus(-26 * Millis::HOUR));
    if !late {
        page.detail.order.lines[0].received = 1;
        page.detail.received_at = Some(now.plus(-Millis::DAY));
        page.detail.receipts = vec![ReceiptRef { id: crate::model::DocumentId(3), number: "S-2026-0003".to_owned() }];
    }
    page
}
