//! `/orders/{id}`: lines with their reasons, quantities while it is a draft, approval in one click, its mail, its files.

mod life;
mod samples;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::document::{Heading, OrderDocument, render_order};
use crate::engine::CommandError;
use crate::model::{AutoHold, Command, Cut, Minor, Order, OrderId, OrderLine, OrderLineId, OrderStatus};
use crate::store::read::orders::{self, LineMark, LineReason, OrderDetail, OrderMail};
use crate::web::auth::policy::Permission;
use crate::web::badge;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::Html;
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::{WebError, command, refusal, told};

/// Pieces of one line; more is a typing error.
const MAX_QUANTITY: i64 = 10_000;

#[derive(Template)]
#[template(path = "order.html")]
pub struct OrderPage {
    ui: Ui,
    detail: OrderDetail,
    form: Form,
}

/// The order on paper.
#[derive(Template)]
#[template(path = "order_print.html")]
pub struct OrderPrint {
    ui: Ui,
    detail: OrderDetail,
}

pub use samples::{print_samples, samples};

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/orders/{id}", get(show))
        .route("/orders/{id}/print", get(print))
        .route("/orders/{id}/order.xlsx", get(xlsx))
        .route("/orders/{id}/order.csv", get(csv))
        .route("/orders/{id}/lines", post(save_lines))
        .route("/orders/{id}/lines/{line}/over-budget", post(over_budget))
        .route("/orders/{id}/approve", post(approve))
        .route("/orders/{id}/receive", post(receive))
        .route("/orders/{id}/confirm", post(life::confirm))
        .route("/orders/{id}/close", post(life::close))
        .route("/orders/{id}/ask", post(life::ask))
        .route("/orders/{id}/cancel", post(cancel))
}

async fn load(state: &AppState, id: i64) -> Result<OrderDetail, WebError> {
    orders::one(state.store.db(), OrderId(id)).await?.ok_or(WebError::NotFound)
}

async fn show(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let detail = load(&state, id).await?;
    OrderPage { ui, detail, form: Form::default() }.page()
}

async fn print(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let detail = bought_now(load(&state, id).await?);
    OrderPrint { ui, detail }.page()
}

/// Net, VAT and gross of lines; lines without a price count nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    pub net: Minor,
    pub vat: Minor,
    pub total: Minor,
    pub unpriced: i64,
}

impl Sums {
    fn of<'a>(lines: impl IntoIterator<Item = &'a OrderLine>) -> Sums {
        lines.into_iter().fold(Sums::default(), |s, l| match l.price {
            Some(price) => {
                let net = price.times(l.quantity);
                let vat = net.vat(l.article.vat_percent);
                Sums { net: s.net.plus(net), vat: s.vat.plus(vat), total: s.total.plus(net).plus(vat), ..s }
            }
            None => Sums { unpriced: s.unpriced + 1, ..s },
        })
    }
}

/// Does the line wait for another month's money?
fn is_cut(detail: &OrderDetail, line: &OrderLine) -> bool {
    detail.marks.iter().any(|m| m.line == line.id && m.cut.is_some())
}

/// What is sent: without what waits.
fn bought_now(mut detail: OrderDetail) -> OrderDetail {
    let waits: Vec<OrderLineId> = detail.marks.iter().filter(|m| m.cut.is_some()).map(|m| m.line).collect();
    detail.order.lines.retain(|l| !waits.contains(&l.id));
    detail
}

/// Why a line waits and what that risks, in words.
pub fn cut_words(ui: &Ui, cut: &Cut, device: Option<&str>) -> String {
    let money = |m: Minor| ui.money(m, &cut.limit.currency);
    let spent = ui.tw("order-cut", &[("limit", money(cut.limit.amount).into()), ("spent", money(cut.spent).into())]);
    let until = ui.date(cut.until);
    let risk = match (cut.risk, device) {
        (Some(risk), Some(name)) => ui.tw(
            "order-cut-risk",
            &[("risk", ui.percent(risk).into()), ("device", name.into()), ("until", until.into())],
        ),
        (Some(risk), None) => {
            ui.tw("order-cut-risk-any", &[("risk", ui.percent(risk).into()), ("until", until.into())])
        }
        (None, _) => return spent,
    };
    format!("{spent} {risk}")
}

/// What both the page and the paper say of an order.
macro_rules! shared {
    ($name:ident) => {
        impl $name {
            fn order(&self) -> &Order {
                &self.detail.order
            }
            fn money(&self, amount: &Minor) -> String {
                self.ui.money(*amount, &self.detail.order.supplier.currency)
            }
            fn price(&self, line: &OrderLine) -> String {
                line.price.map_or_else(|| self.ui.t("order-no-price"), |p| self.money(&p))
            }
            fn net(&self, line: &OrderLine) -> String {
                line.price.map(|p| self.money(&p.times(line.quantity))).unwrap_or_default()
            }
            /// Of what is bought now.
            fn sums(&self) -> Sums {
                Sums::of(self.detail.order.lines.iter().filter(|l| !is_cut(&self.detail, l)))
            }
            fn vat(&self, line: &OrderLine) -> String {
                self.ui.percent(line.article.vat_percent as f64 / 100.0)
            }
        }
    };
}
shared!(OrderPage);
shared!(OrderPrint);

impl OrderPrint {
    fn day(&self) -> String {
        self.ui.date(self.detail.approved_at.unwrap_or(self.detail.order.created_at))
    }
}

/// How a mail that failed is explained: the server's own words stand beside.
fn advice(error: &str) -> &'static str {
    let e = error.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| e.contains(w));
    if has(&["not configured", "no smtp", "smtp is not set"]) {
        "mail-advice-not-set"
    } else if has(&["535", "534", "530", "auth"]) {
        "mail-advice-login"
    } else if has(&["550", "551", "553", "554", "recipient", "mailbox"]) {
        "mail-advice-recipient"
    } else if has(&["certificate", "tls", "handshake"]) {
        "mail-advice-tls"
    } else if has(&["refused", "timed out", "timeout", "resolve", "dns", "unreachable", "connect"]) {
        "mail-advice-unreachable"
    } else {
        "mail-advice-other"
    }
}

impl OrderPage {
    /// Why it does not leave by itself.
    fn hold(&self) -> Option<String> {
        let money = |m: Minor| self.ui.money(m, &self.detail.order.supplier.currency);
        Some(match self.detail.hold? {
            AutoHold::NoPrice { lines } => self.ui.tn("order-hold-no-price", lines),
            AutoHold::NoLimit => self.ui.t("order-hold-no-limit"),
            AutoHold::BelowMinimum { total, minimum } => self
                .ui
                .tw("order-hold-below-minimum", &[("total", money(total).into()), ("minimum", money(minimum).into())]),
            AutoHold::AboveLimit { total, spent, limit } => self.ui.tw(
                "order-hold-above-limit",
                &[("total", money(total).into()), ("spent", money(spent).into()), ("limit", money(limit).into())],
            ),
        })
    }

    fn mark(&self, line: &OrderLine) -> Option<&LineMark> {
        self.detail.marks.iter().find(|m| m.line == line.id)
    }

    /// What is special of a line, in words.
    fn marked(&self, m: &LineMark) -> String {
        let ui = &self.ui;
        if let Some(cut) = &m.cut {
            return cut_words(ui, cut, m.device_name.as_deref());
        }
        if let Some(f) = &m.filler {
            let days = |d: f64| ui.tn("time-days", d.round() as i64);
            let words = [
                ("minimum", self.money(&f.minimum).into()),
                ("due", days(f.due_days).into()),
                ("cover", days(f.cover_days).into()),
            ];
            return ui.tw("order-filler", &words);
        }
        m.over_budget.as_deref().map(|why| ui.tv("order-over-budget-why", why)).unwrap_or_default()
    }

    /// Lines that wait for money.
    fn cut(&self) -> Vec<&OrderLine> {
        self.order().lines.iter().filter(|l| is_cut(&self.detail, l)).collect()
    }

    /// What is missing to the supplier's minimum, and when it will be there.
    fn below(&self) -> Option<String> {
        let b = self.detail.below.as_ref()?;
        let missing = Minor(b.minimum.0 - b.total.0);
        let words = self.ui.tw(
            "order-below",
            &[
                ("missing", self.money(&missing).into()),
                ("total", self.money(&b.total).into()),
                ("minimum", self.money(&b.minimum).into()),
            ],
        );
        let next = match &b.next {
            Some(n) => self.ui.tw(
                "order-below-next",
                &[("article", n.part_number.as_str().into()), ("day", self.ui.date(n.at).into())],
            ),
            None => self.ui.t("order-below-alone"),
        };
        Some(format!("{words} {next}"))
    }

    fn status(&self) -> Html {
        badge::order(&self.ui, self.order().status)
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageOrders)
    }

    fn can_change(&self) -> bool {
        self.may() && self.order().status == OrderStatus::Draft
    }

    fn can_receive(&self) -> bool {
        self.may() && self.order().status.is_open()
    }

    fn can_cancel(&self) -> bool {
        self.may() && matches!(self.order().status, OrderStatus::Draft | OrderStatus::Approved)
    }

    fn reasons(&self, line: &OrderLine) -> Vec<&LineReason> {
        self.detail.reasons.iter().filter(|r| r.line == line.id).collect()
    }

    /// "8 %" of a reason, or nothing known.
    fn left(&self, r: &LineReason) -> String {
        match (r.low, r.high) {
            (Some(low), Some(high)) if high - low > 0.015 => {
                format!("{}–{}", self.ui.decimal(low * 100.0, 0), self.ui.percent(high))
            }
            (Some(low), _) => self.ui.percent(low),
            _ => self.ui.t("level-unknown"),
        }
    }

    fn quantity_field(line: &OrderLine) -> String {
        format!("q-{}", line.id)
    }

    /// What was typed, else what is stored.
    fn quantity(&self, line: &OrderLine) -> String {
        self.form.given(&Self::quantity_field(line)).map_or_else(|| line.quantity.to_string(), str::to_owned)
    }

    fn quantity_error(&self, line: &OrderLine) -> Option<&str> {
        self.form.error(&Self::quantity_field(line))
    }

    /// In the words of the way it leaves by.
    fn by(&self, sending: &OrderMail, mail: &str, webhook: &str) -> String {
        let key = if sending.channel == "webhook" { webhook } else { mail };
        self.ui.tv(key, sending.recipient.as_str())
    }

    fn mail_advice(&self, sending: &OrderMail, error: &str) -> String {
        self.ui.t(if sending.channel == "webhook" { "webhook-advice" } else { advice(error) })
    }

    fn mail_next(&self, mail: &OrderMail) -> String {
        self.ui.tv("order-mail-next", self.ui.ago(mail.next_at))
    }

    fn is_draft(&self) -> bool {
        self.order().status == OrderStatus::Draft
    }
}

/// The quantities of a form that differ from the draft; wrong ones are marked.
fn changes(ui: &Ui, detail: &OrderDetail, form: &mut Form) -> Vec<(OrderLineId, i64)> {
    let mut changed = Vec::new();
    for line in &detail.order.lines {
        let field = OrderPage::quantity_field(line);
        let Some(typed) = form.given(&field) else { continue };
        match typed.trim().parse::<i64>() {
            Ok(n) if (0..=MAX_QUANTITY).contains(&n) => {
                if n != line.quantity {
                    changed.push((line.id, n));
                }
            }
            _ => form.wrong(&field, ui.tn("order-wrong-quantity", MAX_QUANTITY)),
        }
    }
    changed
}

/// Saves changed quantities; `Some`: the page again, with what is wrong.
async fn save(
    state: &AppState,
    ui: &Ui,
    detail: &OrderDetail,
    form: &mut Form,
) -> Result<Option<StatusCode>, WebError> {
    let changed = changes(ui, detail, form);
    if !form.is_fine() {
        return Ok(Some(StatusCode::UNPROCESSABLE_ENTITY));
    }
    for (line, quantity) in changed {
        if let Err(e) = command(state, ui, Command::SetLineQuantity { line, quantity }).await? {
            let (status, sentence) = refusal(ui, &e);
            form.wrong(&format!("q-{line}"), sentence);
            return Ok(Some(status));
        }
    }
    Ok(None)
}

async fn save_lines(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    mut form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageOrders)?;
    let detail = load(&state, id).await?;
    match save(&state, &ui, &detail, &mut form).await? {
        Some(status) => Ok((status, OrderPage { ui, detail, form }.page()?).into_response()),
        None => {
            // A draft without lines is gone.
            let left = orders::one(state.store.db(), OrderId(id)).await?.is_some();
            let to = if left { format!("/orders/{id}") } else { super::orders::PATH.to_owned() };
            Ok(Flash::done("order-saved", detail.order.number).redirect(&to))
        }
    }
}

/// Saves what was typed, then approves: what was seen is what is sent.
async fn approve(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    mut form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageOrders)?;
    let detail = load(&state, id).await?;
    if let Some(status) = save(&state, &ui, &detail, &mut form).await? {
        return Ok((status, OrderPage { ui, detail, form }.page()?).into_response());
    }
    let done = command(&state, &ui, Command::ApproveOrder { order: OrderId(id) }).await?;
    answer(&ui, id, "order-was-approved", detail.order.number, done.map(|_| ()))
}

/// What came, line by line; a form without lines means all of it.
async fn receive(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    mut form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageOrders)?;
    let detail = load(&state, id).await?;
    let Some(goods) = life::goods(&ui, &detail, &mut form) else {
        let done = command(&state, &ui, Command::ReceiveOrder { order: OrderId(id) }).await?;
        return answer(&ui, id, "order-taken", detail.order.number, done.map(|_| ()));
    };
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if form.is_fine() {
        match command(&state, &ui, goods).await? {
            Ok(_) => return Ok(Flash::done("order-taken", detail.order.number).redirect(&format!("/orders/{id}"))),
            Err(e) => {
                let (refused, sentence) = refusal(&ui, &e);
                status = refused;
                form.wrong("lines", sentence);
            }
        }
    }
    Ok((status, OrderPage { ui, detail, form }.page()?).into_response())
}

async fn over_budget(
    ui: Ui,
    State(state): State<AppState>,
    Path((id, line)): Path<(i64, i64)>,
    form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageOrders)?;
    let detail = load(&state, id).await?;
    let Some(of) = detail.order.lines.iter().find(|l| l.id.0 == line) else { return Err(WebError::NotFound) };
    let article = of.article.part_number.clone();
    let asked = Command::BuyOverBudget { line: OrderLineId(line), reason: form.value("reason").to_owned() };
    let done = command(&state, &ui, asked).await?;
    answer(&ui, id, "order-over-budget", article, done.map(|_| ()))
}

async fn cancel(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    let detail = load(&state, id).await?;
    let done = command(&state, &ui, Command::CancelOrder { order: OrderId(id) }).await?;
    answer(&ui, id, "order-was-cancelled", detail.order.number, done.map(|_| ()))
}

fn answer(ui: &Ui, id: i64, key: &str, number: String, done: Result<(), CommandError>) -> Result<Response, WebError> {
    let flash = match done {
        Ok(()) => Flash::done(key, number),
        Err(e) => told(ui, &e),
    };
    Ok(flash.redirect(&format!("/orders/{id}")))
}

async fn document(ui: &Ui, state: &AppState, id: i64) -> Result<OrderDocument, WebError> {
    ui.require(Permission::View)?;
    let detail = bought_now(load(state, id).await?);
    let sites = state.sites().await?;
    let zone = sites.iter().find(|s| s.id == detail.order.site).map_or("UTC", |s| s.time_zone.as_str());
    let at = detail.approved_at.unwrap_or(detail.order.created_at);
    let heading = Heading { at, time_zone: zone, signature: "" };
    render_order(&detail.order, &heading).map_err(|e| WebError::Internal(e.to_string()))
}

fn file(content_type: &str, name: &str, bytes: Vec<u8>) -> Response {
    let head = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"order\"; filename*=UTF-8''{}", crate::web::html::encode(name)),
        ),
    ];
    (head, bytes).into_response()
}

async fn xlsx(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    let d = document(&ui, &state, id).await?;
    Ok(file("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &d.xlsx_name, d.xlsx))
}

async fn csv(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    let d = document(&ui, &state, id).await?;
    Ok(file("text/csv; charset=utf-8", &d.csv_name, d.csv))
}

#[cfg(test)]
mod tests {
    use super::samples::sample_detail;
    use super::*;
    use crate::i18n::Lang;
    use crate::model::Millis;

    #[test]
    fn sums_are_by_line_and_skip_what_has_no_price() {
        let s = Sums::of(&sample_detail(Millis(0), OrderStatus::Draft).order.lines);
        assert_eq!((s.net.0, s.vat.0, s.unpriced), (2_210_050, 211_200 + 275_011, 1));
        assert_eq!(s.total.0, s.net.0 + s.vat.0);
    }

    #[test]
    fn quantities_are_numbers_that_make_sense() {
        let ui = Ui::sample(Lang::En, "/orders/1");
        let detail = sample_detail(Millis(0), OrderStatus::Draft);
        let mut form = Form::of(&[("q-1", "2"), ("q-2", " 5 "), ("q-3", "0")]);
        assert_eq!(changes(&ui, &detail, &mut form), [(OrderLineId(2), 5), (OrderLineId(3), 0)]);
        assert!(form.is_fine());
        for bad in ["-1", "two", "1.5", "99999"] {
            let mut form = Form::of(&[("q-1", bad)]);
            assert!(changes(&ui, &detail, &mut form).is_empty());
            assert!(form.error("q-1").is_some(), "{bad}");
        }
    }

    #[test]
    fn a_failed_mail_is_explained() {
        for (error, key) in [
            ("535 5.7.8 authentication failed", "mail-advice-login"),
            ("550 5.1.1 User unknown", "mail-advice-recipient"),
            ("connecting to mail:587: Connection refused (os error 111)", "mail-advice-unreachable"),
            ("invalid peer certificate: UnknownIssuer", "mail-advice-tls"),
            ("452 4.3.1 out of storage", "mail-advice-other"),
        ] {
            assert_eq!(advice(error), key, "{error}");
        }
    }
}
