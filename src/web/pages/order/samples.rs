//! Orders to draw the page of: one of every state, with what may be marked on a draft.

use super::{MAX_QUANTITY, OrderPage, OrderPrint, life};
use crate::i18n::Lang;
use crate::model::{
    Article, ArticleId, AutoHold, Cut, DeviceId, Filled, Limit, Millis, Minor, NeedId, Order, OrderId, OrderLine,
    OrderLineId, OrderStatus, SiteId, Supplier, SupplierId, SupplyKind,
};
use crate::store::read::orders::{Below, LineMark, LineReason, NextDue, OrderDetail, OrderMail};
use crate::web::form::Form;
use crate::web::layout::Ui;

pub(super) fn sample_detail(now: Millis, status: OrderStatus) -> OrderDetail {
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
        by_webhook: false,
        marks: Vec::new(),
        below: None,
        life: Default::default(),
        receipts: Vec::new(),
        reasons: vec![
            reason(1, "МФУ 214", Some("каб. 214"), 0.08, 0.08),
            reason(1, "Склад", None, 0.0, 0.2),
            reason(2, "HP LaserJet Pro MFP M428fdw, бухгалтерия", Some("каб. 301"), 0.05, 0.05),
        ],
    }
}

/// One line of each mark.
fn sample_marks(now: Millis) -> Vec<LineMark> {
    let mark =
        |line| LineMark { line: OrderLineId(line), filler: None, cut: None, device_name: None, over_budget: None };
    let cut = Cut {
        limit: Limit { amount: Minor(5_000_000), currency: "RUB".to_owned() },
        spent: Minor(4_120_000),
        risk: Some(0.34),
        device: Some(DeviceId(8)),
        until: now.plus(19 * Millis::DAY),
    };
    let filled = Filled { due_days: 24.0, cover_days: 61.0, minimum: Minor(1_500_000) };
    let name = "HP LaserJet Pro MFP M428fdw, бухгалтерия".to_owned();
    vec![
        LineMark { over_budget: Some("отчётный период, ждать нельзя".to_owned()), ..mark(1) },
        LineMark { cut: Some(cut), device_name: Some(name), ..mark(2) },
        LineMark { filler: Some(filled), ..mark(3) },
    ]
}

pub fn samples(lang: Lang) -> Vec<(&'static str, OrderPage)> {
    let ui = || Ui::sample(lang, "/orders/144");
    let now = ui().now;
    let mail = |status: &str, error: Option<&str>| OrderMail {
        channel: "mail".to_owned(),
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
    let marked = || {
        let mut page = page(OrderStatus::Draft, None, Form::default());
        page.detail.hold = None;
        page.detail.marks = sample_marks(now);
        let next = NextDue { part_number: "TK-1150".to_owned(), at: now.plus(19 * Millis::DAY) };
        page.detail.below = Some(Below { total: Minor(960_000), minimum: Minor(1_500_000), next: Some(next) });
        page
    };
    let webhook = |status: &str, error: Option<&str>| OrderMail {
        channel: "webhook".to_owned(),
        recipient: "https://orders.example.com/anykey".to_owned(),
        ..mail(status, error)
    };
    let mut drafted = page(OrderStatus::Draft, None, Form::default());
    drafted.detail.by_webhook = true;
    let busy = "https://orders.example.com/anykey answered 503 later";
    let mut wrong = Form::of(&[("q-1", "two")]);
    wrong.wrong("q-1", ui().tn("order-wrong-quantity", MAX_QUANTITY));
    let refused = "550 5.1.1 <zakaz@example.org>: Recipient address rejected: User unknown in local recipient table";
    vec![
        ("", page(OrderStatus::Draft, None, Form::default())),
        ("wrong", page(OrderStatus::Draft, None, wrong)),
        ("marked", marked()),
        ("mail-failed", page(OrderStatus::Approved, Some(mail("pending", Some(refused))), Form::default())),
        ("waiting", page(OrderStatus::Approved, Some(mail("pending", None)), Form::default())),
        ("sent", page(OrderStatus::Sent, Some(mail("sent", None)), Form::default())),
        ("webhook", drafted),
        ("webhook-failed", page(OrderStatus::Approved, Some(webhook("pending", Some(busy))), Form::default())),
        ("webhook-waiting", page(OrderStatus::Approved, Some(webhook("pending", None)), Form::default())),
        ("webhook-sent", page(OrderStatus::Sent, Some(webhook("sent", None)), Form::default())),
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
