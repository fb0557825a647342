//! Today: one ordered list of what needs a person, each with its one button; beside it four numbers, below it what runs
//! low. Decides nothing: it only orders what the workflows left for people.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::i18n::Lang;
use crate::model::{DeviceId, Millis, OrderStatus};
use crate::store::read::documents::{self, DocumentFilter, DocumentRow};
use crate::store::read::needs::{self, NeedFilter, NeedRow};
use crate::store::read::orders::{self, OrderFilter, OrderRow};
use crate::store::read::tickets::{self, TicketFilter, TicketRow};
use crate::store::read::today::{self, DiscoveryNews, LowSupply, Numbers};
use crate::store::read::{Paging, devices::DeviceRow};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::badge::Meaning;
use crate::web::html::Html;
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::words;

pub const PATH: &str = "/";

/// Rows of each kind; the rest is behind "and more".
const ROWS: i64 = 8;
/// A device without a reading for so long is not polled.
const UNREAD_MS: i64 = Millis::HOUR;

/// One thing to do: what, where, why now, one button.
pub struct Task {
    pub meaning: Meaning,
    pub icon: &'static str,
    pub what: String,
    pub href: String,
    pub place: String,
    /// Finished markup: an age, or a word.
    pub when: Html,
    pub action: String,
    /// The one that comes first is the primary one.
    pub key: String,
}

/// What the page is made of, as loaded.
#[derive(Default)]
pub struct Loaded {
    pub numbers: Numbers,
    pub news: DiscoveryNews,
    pub tickets: Vec<TicketRow>,
    pub drafts: Vec<OrderRow>,
    pub sent: Vec<OrderRow>,
    pub stuck: Vec<OrderRow>,
    /// Stock documents that wait for a person.
    pub stock: Vec<DocumentRow>,
    pub needs: Vec<NeedRow>,
    pub unattended: Vec<DeviceRow>,
    pub low: Vec<LowSupply>,
}

#[derive(Template)]
#[template(path = "today.html")]
pub struct TodayPage {
    ui: Ui,
    numbers: Numbers,
    news: DiscoveryNews,
    tasks: Vec<Task>,
    low: Vec<LowSupply>,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show))
}

async fn show(State(state): State<AppState>, ui: Ui) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let db = state.store.db();
    let (site, now) = (ui.site, ui.now);
    let few = Paging { page: 1, per_page: ROWS };
    let orders = |status| OrderFilter { status: Some(status), site, supplier: None };
    let open = TicketFilter { site, ..Default::default() };
    let waiting = orders::list(db, &orders(OrderStatus::Approved), few).await?.rows;
    let mut sent = Vec::new();
    for status in [OrderStatus::Sent, OrderStatus::Confirmed, OrderStatus::PartlyReceived] {
        sent.extend(orders::list(db, &orders(status), few).await?.rows);
    }
    let waits = DocumentFilter { waiting: true, site, ..Default::default() };
    let loaded = Loaded {
        numbers: today::numbers(db, site, now.plus(-UNREAD_MS), now.plus(-7 * Millis::DAY), now).await?,
        news: today::discovery(db, site, now.plus(-Millis::DAY)).await?,
        tickets: tickets::list(db, &open, few).await?.rows,
        drafts: orders::list(db, &orders(OrderStatus::Draft), few).await?.rows,
        sent,
        stock: documents::list(db, &waits, few).await?.rows,
        stuck: waiting.into_iter().filter(|o| o.mail_error.is_some()).collect(),
        needs: needs::list(db, NeedFilter::WithoutArticle, site, few).await?.rows,
        unattended: today::unattended(db, site, ROWS).await?.rows,
        low: today::low_supplies(db, site, 10).await?,
    };
    TodayPage::new(ui, loaded).page()
}

impl TodayPage {
    fn new(ui: Ui, loaded: Loaded) -> Self {
        let mut tasks = Vec::new();
        tasks.extend(loaded.tickets.iter().filter(|t| t.priority <= 2).map(|t| ticket(&ui, t)));
        tasks.extend(loaded.stuck.iter().map(|o| stuck(&ui, o)));
        let is_late = |o: &&OrderRow| o.life.is_late(o.status, o.approved_at, ui.now);
        tasks.extend(loaded.sent.iter().filter(is_late).map(|o| late(&ui, o)));
        tasks.extend(loaded.drafts.iter().map(|o| draft(&ui, o)));
        tasks.extend(loaded.tickets.iter().filter(|t| t.priority > 2).map(|t| ticket(&ui, t)));
        tasks.extend(loaded.unattended.iter().map(|d| look(&ui, d)));
        tasks.extend(loaded.needs.iter().map(|n| article(&ui, n)));
        tasks.extend(loaded.stock.iter().map(|d| waits(&ui, d)));
        tasks.extend(loaded.sent.iter().filter(|o| !is_late(o)).map(|o| receive(&ui, o)));
        tasks.extend(found(&ui, &loaded.news));
        TodayPage { numbers: loaded.numbers, news: loaded.news, tasks, low: loaded.low, ui }
    }

    fn availability(&self) -> String {
        match self.numbers.availability {
            // Never rounded up to a hundred.
            Some(share) => {
                let tenths = (share * 1000.0).floor() / 10.0;
                let places = usize::from(tenths < 100.0);
                self.ui.percent_places(tenths / 100.0, places)
            }
            None => "—".to_owned(),
        }
    }

    fn name(&self, s: &LowSupply) -> String {
        words::supply_name(&self.ui, &s.mark.kind, s.mark.color.as_deref())
    }

    /// "в заказе 2026-0141, черновик", or that nothing is ordered.
    fn ordered(&self, s: &LowSupply) -> String {
        match &s.order {
            Some((_, number, status)) => self.ui.tw(
                "low-ordered",
                &[("number", number.clone().into()), ("status", self.ui.word("order-status-", status).into())],
            ),
            None => self.ui.t("low-not-ordered"),
        }
    }
}

fn ticket(ui: &Ui, t: &TicketRow) -> Task {
    Task {
        meaning: if t.priority <= 2 { Meaning::Failure } else { Meaning::Attention },
        icon: "tickets",
        what: t.title.clone(),
        href: format!("/tickets/{}", t.id),
        place: places(&[t.location.as_deref(), Some(&ui.word("ticket-status-", t.status.as_str()))]),
        when: ui.ago_html(&t.opened_at),
        action: ui.t("open"),
        key: format!("ticket-{}", t.id),
    }
}

fn order(ui: &Ui, o: &OrderRow, meaning: Meaning, what: &str, at: Millis, action: &str) -> Task {
    let total = if o.lines_without_price > 0 {
        ui.tv("order-total-at-least", ui.money(o.total, &o.currency))
    } else {
        ui.money(o.total, &o.currency)
    };
    let what = ui.tw(what, &[("number", o.number.clone().into()), ("supplier", o.supplier_name.clone().into())]);
    Task {
        meaning,
        icon: "orders",
        what,
        href: format!("/orders/{}", o.id),
        place: places(&[Some(&ui.tn("order-lines", o.lines)), Some(&total)]),
        when: ui.ago_html(&at),
        action: ui.t(action),
        key: format!("order-{}", o.id),
    }
}

fn draft(ui: &Ui, o: &OrderRow) -> Task {
    order(ui, o, Meaning::Attention, "today-approve", o.created_at, "approve")
}

fn receive(ui: &Ui, o: &OrderRow) -> Task {
    let task = order(ui, o, Meaning::Unknown, "today-receive", o.sent_at.unwrap_or(o.created_at), "receive");
    Task { icon: "truck", ..task }
}

/// A question, not a failure: it still counts as coming.
fn late(ui: &Ui, o: &OrderRow) -> Task {
    let since = o.life.late_from(o.status, o.approved_at).unwrap_or(ui.now);
    let task = order(ui, o, Meaning::Attention, "today-late", since, "open");
    let late = ui.tv("today-late-since", ui.duration(ui.now.since(since)));
    Task { icon: "truck", when: Html(crate::web::html::escape(&late)), ..task }
}

fn waits(ui: &Ui, d: &DocumentRow) -> Task {
    Task {
        meaning: Meaning::Attention,
        icon: "stock",
        what: super::stock::what_waits(ui, d),
        href: format!("/stock/documents/{}", d.id),
        place: places(&[d.location.as_deref(), Some(&d.to_store_name.clone().unwrap_or(d.store_name.clone()))]),
        when: ui.ago_html(&d.created_at),
        action: ui.t("today-confirm"),
        key: format!("stock-{}", d.id),
    }
}

fn stuck(ui: &Ui, o: &OrderRow) -> Task {
    let mut task = order(ui, o, Meaning::Failure, "today-stuck", o.approved_at.unwrap_or(o.created_at), "open");
    task.place = o.mail_error.clone().unwrap_or_default();
    task
}

fn look(ui: &Ui, d: &DeviceRow) -> Task {
    let state = words::state(ui, d);
    let when = d.state.reach_since.or(d.last_seen).map(|at| ui.ago_html(&at)).unwrap_or_default();
    Task {
        meaning: state.meaning,
        icon: state.meaning.as_str(),
        what: format!("{}: {}", d.name, if state.why.is_empty() { &state.word } else { &state.why }),
        href: format!("/devices/{}", d.id),
        place: places(&[d.location.as_deref(), Some(&d.address)]),
        when,
        action: ui.t("look"),
        key: format!("device-{}", d.id),
    }
}

fn article(ui: &Ui, n: &NeedRow) -> Task {
    let first = n.reasons.first();
    let description = first.map(|r| r.description.clone()).unwrap_or_default();
    let place = places(&[
        first.map(|r| r.device_name.as_str()),
        first.and_then(|r| r.location.as_deref()),
        (n.reasons.len() > 1).then(|| ui.tn("devices-count", n.reasons.len())).as_deref(),
    ]);
    Task {
        meaning: Meaning::Attention,
        icon: "needs",
        what: ui.tv("today-article", description),
        href: format!("/needs/{}", n.id),
        place,
        when: ui.ago_html(&n.opened_at),
        action: ui.t("choose"),
        key: format!("need-{}", n.id),
    }
}

/// What discovery leaves for people, one line each.
fn found(ui: &Ui, news: &DiscoveryNews) -> Vec<Task> {
    let line = |count: i64, key: &str, meaning, href: &str, action: &str| {
        (count > 0).then(|| Task {
            meaning,
            icon: "discovery",
            what: ui.tn(key, count),
            href: href.to_owned(),
            place: ui.t("nav-discovery"),
            when: Html::default(),
            action: ui.t(action),
            key: key.to_owned(),
        })
    };
    let may = ui.may(Permission::ViewDiscovery);
    let lines = [
        line(news.refused, "today-refused", Meaning::Attention, "/discovery", "look").filter(|_| may),
        line(news.proposed, "today-proposed", Meaning::Unknown, "/discovery", "look").filter(|_| may),
        line(news.new_devices, "today-new", Meaning::Unknown, "/devices?new=1", "look"),
    ];
    lines.into_iter().flatten().collect()
}

fn places(parts: &[Option<&str>]) -> String {
    parts.iter().flatten().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join(" · ")
}

pub fn samples(lang: Lang) -> Vec<(&'static str, TodayPage)> {
    let page = |loaded| TodayPage::new(Ui::sample(lang, PATH), loaded);
    let devices = Numbers { devices: 41, availability: Some(0.9996), ..Default::default() };
    let ranges = DiscoveryNews { ranges: 2, ..Default::default() };
    vec![
        ("", page(sample(lang))),
        ("done", page(Loaded { numbers: devices, news: ranges, ..Default::default() })),
        ("sweeping", page(Loaded { news: DiscoveryNews { sweeping: 1, ..ranges }, ..Default::default() })),
        ("empty", page(Loaded::default())),
    ]
}

/// A morning with something of everything.
fn sample(lang: Lang) -> Loaded {
    use crate::model::{ProblemClass, SiteId, TicketId, TicketStatus};
    let now = Ui::sample(lang, PATH).now;
    let ago = |minutes: i64| now.plus(-minutes * Millis::MINUTE);
    let ticket = |id, title: &str, place: &str, priority, minutes| TicketRow {
        id: TicketId(id),
        site: SiteId(1),
        site_name: String::new(),
        device: Some(DeviceId(2)),
        device_name: None,
        location: Some(place.to_owned()),
        class: ProblemClass::Repair,
        component: "fuser".into(),
        title: title.to_owned(),
        status: TicketStatus::New,
        priority,
        touched: false,
        opened_at: ago(minutes),
        resolved_at: None,
        reopened: 0,
        merged_into: None,
    };
    let order = |id, status, error| sample_order(now, id, status, error);
    let low = |id: i64, color: &str, share: f64, order: Option<(i64, String, String)>| LowSupply {
        device: DeviceId(id),
        device_name: "Kyocera ECOSYS M2040dn".into(),
        location: Some("каб. 214".into()),
        mark: super::devices::sample_mark(color, share, true),
        article: Some("TK-1170".into()),
        low_since: Some(ago(600)),
        order,
    };
    let mut unattended = super::devices::sample_rows();
    unattended.retain(|d| d.condition == "attention");
    Loaded {
        numbers: Numbers {
            devices: 41,
            supplies_low: 3,
            not_polled: 1,
            failed: 1,
            open_tickets: 3,
            availability: Some(0.994),
        },
        news: DiscoveryNews { ranges: 2, sweeping: 0, new_devices: 3, refused: 2, proposed: 0 },
        tickets: vec![
            ticket(118, "МФУ Kyocera M2040: неисправность: узел закрепления", "каб. 214", 2, 130),
            ticket(117, "sw-2-kross: не отвечает", "кроссовая", 1, 12),
            ticket(112, "Приёмная: отвечает на ping, но не на SNMP", "каб. 301", 4, 4000),
        ],
        drafts: vec![order(1, OrderStatus::Draft, None)],
        sent: vec![
            order(3, OrderStatus::Sent, None),
            OrderRow { life: overdue(now), ..order(4, OrderStatus::Confirmed, None) },
        ],
        stock: super::stock::sample_waiting(now),
        stuck: vec![order(2, OrderStatus::Approved, Some("550 5.1.1 no such user"))],
        needs: vec![sample_need(ago(55))],
        unattended,
        low: vec![
            low(1, "black", 0.02, Some((1, "2026-0141".into(), "draft".into()))),
            low(2, "cyan", 0.07, Some((3, "2026-0143".into(), "sent".into()))),
            low(3, "yellow", 0.09, None),
        ],
    }
}

/// A need that no article covers yet.
fn sample_need(opened_at: Millis) -> NeedRow {
    NeedRow {
        id: crate::model::NeedId(5),
        site: crate::model::SiteId(1),
        site_name: String::new(),
        status: crate::model::NeedStatus::Open,
        quantity: 1,
        article: None,
        order: None,
        opened_at,
        closed_at: None,
        closed_why: None,
        plan: None,
        moves: Vec::new(),
        cut: None,
        reasons: Vec::new(),
    }
}

/// Promised for two days ago.
fn overdue(now: Millis) -> crate::model::OrderLife {
    crate::model::OrderLife {
        confirmed_at: Some(now.plus(-9 * Millis::DAY)),
        expected_at: Some(now.plus(-2 * Millis::DAY)),
        ..Default::default()
    }
}

fn sample_order(now: Millis, id: i64, status: OrderStatus, error: Option<&str>) -> OrderRow {
    use crate::model::{Minor, OrderId, SiteId, SupplierId};
    let ago = |minutes: i64| now.plus(-minutes * Millis::MINUTE);
    OrderRow {
        id: OrderId(id),
        number: format!("2026-{:04}", 140 + id),
        site: SiteId(1),
        site_name: String::new(),
        supplier: SupplierId(1),
        supplier_name: "Комус".into(),
        currency: "RUB".into(),
        status,
        created_at: ago(200),
        approved_at: Some(ago(100)),
        approved_by: None,
        sent_at: Some(ago(3 * 1440)),
        received_at: None,
        lines: 6,
        total: Minor(8_624_000),
        lines_without_price: i64::from(error.is_some()),
        mail_error: error.map(str::to_owned),
        life: Default::default(),
    }
}
