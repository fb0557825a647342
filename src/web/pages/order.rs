//! `/orders/{id}`: lines with their reasons, quantities while it is a draft, approval in one click, its mail, its files.

mod life;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::document::{Heading, OrderDocument, render_order};
use crate::engine::CommandError;
use crate::i18n::Lang;
use crate::model::{
    Article, ArticleId, AutoHold, Command, DeviceId, Millis, Minor, NeedId, Order, OrderId, OrderLine, OrderLineId,
    OrderStatus, SiteId, Supplier, SupplierId, SupplyKind,
};
use crate::store::read::orders::{self, LineReason, OrderDetail, OrderMail};
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

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/orders/{id}", get(show))
        .route("/orders/{id}/print", get(print))
        .route("/orders/{id}/order.xlsx", get(xlsx))
        .route("/orders/{id}/order.csv", get(csv))
        .route("/orders/{id}/lines", post(save_lines))
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
    let detail = load(&state, id).await?;
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
    fn of(lines: &[OrderLine]) -> Sums {
        lines.iter().fold(Sums::default(), |s, l| match l.price {
            Some(price) => {
                let net = price.times(l.quantity);
                let vat = net.vat(l.article.vat_percent);
                Sums { net: s.net.plus(net), vat: s.vat.plus(vat), total: s.total.plus(net).plus(vat), ..s }
            }
            None => Sums { unpriced: s.unpriced + 1, ..s },
        })
    }
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
            fn sums(&self) -> Sums {
                Sums::of(&self.detail.order.lines)
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

    fn mail_advice(&self, error: &str) -> String {
        self.ui.t(advice(error))
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
    let detail = load(state, id).await?;
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

fn sample_detail(now: Millis, status: OrderStatus) -> OrderDetail {
    let line = |id: i64, part: &str, name: &str, quantity: i64, price: Option<i64>| OrderLine {
        id: OrderLineId(id),
        article: Article {
            id: ArticleId(id),
            part_number: part.to_owned(),
            name: name.to_owned(),
            vendor: "Kyocera".to_owned(),
            kind: SupplyKind::Toner,
            color: None,
            yield_pages: Some(7200),
            price: price.map(Minor),
            vat_percent: 22,
            supplier: Some(SupplierId(1)),
            supplier_article: Some(format!("{}", 410_000 + id)),
        },
        quantity,
        price: price.map(Minor),
        need: Some(NeedId(id)),
        received: 0,
    };
    let reason = |line: i64, name: &str, place: Option<&str>, low: f64, high: f64| LineReason {
        line: OrderLineId(line),
        device: DeviceId(line + 6),
        device_name: name.to_owned(),
        location: place.map(str::to_owned),
        description: String::new(),
        low: Some(low),
        high: Some(high),
    };
    OrderDetail {
        hold: (status == OrderStatus::Draft).then_some(AutoHold::AboveLimit {
            total: Minor(480_000),
            spent: Minor(2_750_000),
            limit: Minor(3_000_000),
        }),
        order: Order {
            id: OrderId(144),
            number: "2026-0144".to_owned(),
            site: SiteId(1),
            site_name: "Казань, ул. Баумана 5".to_owned(),
            supplier: Supplier {
                id: SupplierId(1),
                name: "Комус".to_owned(),
                email: "zakaz@example.org".to_owned(),
                language: "ru".to_owned(),
                currency: "RUB".to_owned(),
            },
            status,
            created_at: now.plus(-26 * Millis::HOUR),
            lines: vec![
                line(1, "TK-1170", "Тонер-картридж TK-1170, чёрный, 7 200 стр.", 2, Some(480_000)),
                line(
                    2,
                    "CF259X",
                    "Картридж HP 59X повышенной ёмкости, для LaserJet Pro M404 и MFP M428",
                    1,
                    Some(1_250_050),
                ),
                line(3, "WT-220", "Бункер отработанного тонера", 1, None),
            ],
        },
        approved_at: (status != OrderStatus::Draft).then(|| now.plus(-Millis::HOUR)),
        approved_by: (status != OrderStatus::Draft).then(|| "petrov".to_owned()),
        sent_at: (status == OrderStatus::Sent).then(|| now.plus(-50 * Millis::MINUTE)),
        received_at: None,
        mail: None,
        life: Default::default(),
        receipts: Vec::new(),
        reasons: vec![
            reason(1, "МФУ 214", Some("каб. 214"), 0.08, 0.08),
            reason(1, "Склад", None, 0.0, 0.2),
            reason(2, "HP LaserJet Pro MFP M428fdw, бухгалтерия", Some("каб. 301"), 0.05, 0.05),
        ],
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, OrderPage)> {
    let ui = || Ui::sample(lang, "/orders/144");
    let now = ui().now;
    let mail = |status: &str, error: Option<&str>| OrderMail {
        recipient: "zakaz@example.org".to_owned(),
        status: status.to_owned(),
        attempts: if error.is_some() { 4 } else { 1 },
        next_at: now.plus(14 * Millis::MINUTE),
        last_error: error.map(str::to_owned),
        created_at: now.plus(-Millis::HOUR),
        sent_at: (status == "sent").then(|| now.plus(-50 * Millis::MINUTE)),
    };
    let page = |status: OrderStatus, mail: Option<OrderMail>, form: Form| OrderPage {
        ui: ui(),
        detail: OrderDetail { mail, ..sample_detail(now, status) },
        form,
    };
    let mut wrong = Form::of(&[("q-1", "two")]);
    wrong.wrong("q-1", ui().tn("order-wrong-quantity", MAX_QUANTITY));
    let refused = "550 5.1.1 <zakaz@example.org>: Recipient address rejected: User unknown in local recipient table";
    vec![
        ("", page(OrderStatus::Draft, None, Form::default())),
        ("wrong", page(OrderStatus::Draft, None, wrong)),
        ("mail-failed", page(OrderStatus::Approved, Some(mail("pending", Some(refused))), Form::default())),
        ("waiting", page(OrderStatus::Approved, Some(mail("pending", None)), Form::default())),
        ("sent", page(OrderStatus::Sent, Some(mail("sent", None)), Form::default())),
        ("cancelled", page(OrderStatus::Cancelled, None, Form::default())),
        ("partly", life::sample(page(OrderStatus::PartlyReceived, Some(mail("sent", None)), Form::default()), false)),
        ("late", life::sample(page(OrderStatus::Confirmed, Some(mail("sent", None)), Form::default()), true)),
    ]
}

pub fn print_samples(lang: Lang) -> Vec<(&'static str, OrderPrint)> {
    let ui = Ui::sample(lang, "/orders/144/print");
    let detail = sample_detail(ui.now, OrderStatus::Draft);
    vec![("", OrderPrint { ui, detail })]
}

#[cfg(test)]
mod tests {
    use super::*;

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
