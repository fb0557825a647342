//! `/needs`: what runs low, where, by which reading, and whether it is on an order.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::tabs::Tabs;
use crate::i18n::Lang;
use crate::model::{
    ArticleId, Asker, Cut, DeviceId, DocumentId, DocumentStatus, LeadTime, LevelState, Limit, Millis, Minor, NeedId,
    NeedStatus, OrderId, Plan, Position, SiteId,
};
use crate::store::read::needs::{self, LevelNow, NeedArticle, NeedFilter, NeedMove, NeedOrder, NeedReasonRow, NeedRow};
use crate::store::read::{Listed, Paging};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::badge::Meaning;
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::level::Level;
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};

pub const PATH: &str = "/needs";

const COLUMNS: &[Column] = &[
    Column::new("what", "need-what").unsorted().card(Card::Wide),
    Column::new("where", "need-where").unsorted().card(Card::Wide),
    Column::new("level", "need-level").unsorted().card(Card::Wide),
    Column::new("quantity", "need-quantity").unsorted().right(),
    Column::new("state", "need-state").unsorted(),
    Column::new("opened", "need-opened").unsorted(),
    Column::new("branch", "need-branch").unsorted().hidden(),
];

#[derive(Template)]
#[template(path = "needs.html")]
pub struct NeedsPage {
    ui: Ui,
    list: List,
    tabs: Tabs,
    places: Tabs,
    current: &'static str,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show)).route("/needs.csv", get(csv))
}

const TABS: [(&str, &str, NeedFilter); 3] = [
    ("", "needs-current", NeedFilter::Current),
    ("without-article", "needs-without-article", NeedFilter::WithoutArticle),
    ("closed", "needs-closed", NeedFilter::Closed),
];

fn chosen(ui: &Ui) -> (&'static str, NeedFilter) {
    let asked = ui.query.get("which").unwrap_or("");
    TABS.iter().find(|t| t.0 == asked).map_or((TABS[0].0, TABS[0].2), |t| (t.0, t.2))
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let (current, filter) = chosen(&ui);
    let db = state.store.db();
    let mut list = List::read(&ui, COLUMNS, "what");
    let mut found = needs::list(db, filter, ui.site, Paging::new(list.page, list.size)).await?;
    if list.clamp(found.total) {
        found = needs::list(db, filter, ui.site, Paging::new(list.page, list.size)).await?;
    }
    let mut views = Vec::new();
    for (word, key, filter) in TABS {
        views.push((word, key, Some(needs::count(db, filter, ui.site).await?)));
    }
    NeedsPage::new(ui, list, found, &views, current).page()
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let (_, filter) = chosen(&ui);
    let mut list = List::read(&ui, COLUMNS, "what");
    let all = Paging { page: 1, per_page: CSV_ROWS };
    let found = needs::list(state.store.db(), filter, ui.site, all).await?;
    list.rows = found.rows.iter().map(|n| row(&ui, n)).collect();
    Ok(list.csv(&ui, "needs"))
}

impl NeedsPage {
    fn new(
        ui: Ui,
        mut list: List,
        found: Listed<NeedRow>,
        views: &[(&str, &str, Option<i64>)],
        current: &'static str,
    ) -> Self {
        list.clamp(found.total);
        list.rows = found.rows.iter().map(|n| row(&ui, n)).collect();
        let tabs = Tabs::of_query(&ui, "which", current, views);
        let places = super::supplies::places(&ui);
        NeedsPage { ui, list, tabs, places, current }
    }
}

fn row(ui: &Ui, n: &NeedRow) -> Row {
    let href = format!("{PATH}/{}", n.id);
    let (title, sub) = title(ui, n);
    Row {
        key: n.id.to_string(),
        cells: vec![
            Cell::name(&title, &href, &sub),
            places(ui, n),
            levels(ui, n),
            Cell::text(ui.integer(n.quantity)),
            state_cell(ui, n),
            Cell::html(ui.ago_html(&n.closed_at.unwrap_or(n.opened_at)), ui.exact(n.closed_at.unwrap_or(n.opened_at))),
            Cell::text(n.site_name.clone()),
        ],
    }
}

/// The article, or what the device calls the supply.
pub fn title(ui: &Ui, n: &NeedRow) -> (String, String) {
    match (&n.article, n.reasons.first()) {
        (Some(a), _) => (a.part_number.clone(), a.name.clone()),
        (None, Some(r)) => (r.description.clone(), ui.t("need-no-article")),
        (None, None) => (ui.tv("need-number", n.id.to_string()), ui.t("need-no-article")),
    }
}

fn place(r: &NeedReasonRow) -> String {
    match &r.location {
        Some(l) => format!("{}, {l}", r.device_name),
        None => r.device_name.clone(),
    }
}

/// The first device with its room; the others counted.
fn places(ui: &Ui, n: &NeedRow) -> Cell {
    let Some(first) = n.reasons.first() else { return Cell::default() };
    let text = n.reasons.iter().map(place).collect::<Vec<_>>().join("; ");
    let more = match n.reasons.len() as i64 - 1 {
        0 => String::new(),
        count => format!(r#" <span class="muted">{}</span>"#, escape(&ui.tn("need-more-devices", count))),
    };
    Cell::html(Html(format!(r#"<a href="/devices/{}">{}</a>{more}"#, first.device, escape(&place(first)))), text)
}

/// The level of the present reading, or of the one that made the need.
pub fn level(r: &NeedReasonRow) -> Level {
    let (state, low, high, receptacle) = match &r.now {
        Some(now) => (LevelState::parse(&now.state).unwrap_or(LevelState::Unknown), now.low, now.high, now.receptacle),
        None => (if r.low.is_some() { LevelState::Known } else { LevelState::Unknown }, r.low, r.high, false),
    };
    Level { state, low, high, color: r.color.clone(), steps: None, receptacle, is_low: true }
}

fn levels(ui: &Ui, n: &NeedRow) -> Cell {
    let worst = n.reasons.iter().min_by(|a, b| a.low.unwrap_or(1.0).total_cmp(&b.low.unwrap_or(1.0)));
    let Some(r) = worst else { return Cell::default() };
    let level = level(r);
    let words = level.words(ui);
    let html = format!(r#"<span class="levels single">{}</span> {}"#, level.mini(ui), escape(&words));
    Cell::html(Html(html), words)
}

fn state_cell(ui: &Ui, n: &NeedRow) -> Cell {
    let (html, text) = state(ui, n);
    Cell::html(html, text)
}

/// Where the need stands: what a person must do next, or the order that answers it.
pub fn state(ui: &Ui, n: &NeedRow) -> (Html, String) {
    let badge = |m: Meaning, words: String| (m.badge(&words), words);
    match (n.status, &n.order, &n.article) {
        (NeedStatus::Closed, ..) => {
            let why = ui.word("need-closed-", n.closed_why.as_deref().unwrap_or("done"));
            (Html(escape(&why)), why)
        }
        (_, Some(o), _) if n.cut.is_some() => {
            let words = ui.tv("need-waits-for-money", o.number.as_str());
            (Html(format!(r#"<a href="/orders/{}">{}</a>"#, o.id, Meaning::Attention.badge(&words))), words)
        }
        (_, Some(o), _) => {
            let words = format!("{} {}", o.number, ui.word("order-status-", &o.status));
            let meaning = if o.status == "draft" { Meaning::Attention } else { Meaning::Ok };
            let html = format!(r#"<a href="/orders/{}">{}</a>"#, o.id, meaning.badge(&words));
            (Html(html), words)
        }
        (_, None, _) if !n.moves.is_empty() => badge(Meaning::Attention, ui.t("need-move")),
        (_, None, None) => badge(Meaning::Attention, ui.t("need-name-article")),
        (_, None, Some(a)) if a.supplier.is_none() => badge(Meaning::Attention, ui.t("need-name-supplier")),
        _ => badge(Meaning::Unknown, ui.t("need-open")),
    }
}

/// Two devices, one of which is sure to ask.
fn sample_plan() -> Plan {
    let asker = |device: i64, chance: &[f64]| Asker {
        device: DeviceId(device),
        supply_index: "1.1".to_owned(),
        description: "TK-1170".to_owned(),
        chance: chance.to_vec(),
        median_days: Some(4.0),
        low: Some(0.08),
        high: Some(0.08),
    };
    Plan {
        article: ArticleId(1),
        quantity: 2,
        moved: 0,
        ending: false,
        order_up_to: 3,
        position: Position { on_hand: 1, reserved: 0, ordered: 0, in_transit: 0 },
        service_level: 0.95,
        review_days: 7.0,
        lead: LeadTime { mean_days: 8.0, sd_days: 3.0, orders: 6 },
        horizon_days: 18.8,
        pack: 1,
        expected: 1.7,
        risk_without: 0.62,
        risk_with: 0.004,
        askers: vec![asker(7, &[1.0, 0.2]), asker(9, &[0.5])],
    }
}

/// One that waits for a person, one on its way.
fn sample_moves() -> Vec<NeedMove> {
    let moved = |id: i64, status, store: &str, quantity| NeedMove {
        document: DocumentId(id),
        number: format!("S-2026-{id:04}"),
        status,
        store_name: store.to_owned(),
        site_name: "Уфа, проспект Октября 132".to_owned(),
        part_number: "TK-1170".to_owned(),
        quantity,
    };
    vec![
        moved(31, DocumentStatus::Draft, "Шкаф у кабинета 305, второй этаж", 2),
        moved(30, DocumentStatus::InTransit, "Основной склад", 1),
    ]
}

fn sample_cut(now: Millis) -> Cut {
    Cut {
        limit: Limit { amount: Minor(5_000_000), currency: "RUB".to_owned() },
        spent: Minor(4_120_000),
        risk: Some(0.62),
        device: Some(DeviceId(7)),
        until: now.plus(19 * Millis::DAY),
    }
}

/// A branch with one need of every state.
pub fn sample_rows(now: Millis) -> Vec<NeedRow> {
    let reason = |device: i64, name: &str, place: &str, low: f64, color: &str| NeedReasonRow {
        device: DeviceId(device),
        device_name: name.to_owned(),
        vendor: Some("Kyocera".to_owned()),
        model: Some("ECOSYS M2040dn".to_owned()),
        location: Some(place.to_owned()),
        supply_index: "1.1".to_owned(),
        description: "Kyocera TK-1170 Black Toner Cartridge".to_owned(),
        kind: Some("toner".to_owned()),
        color: Some(color.to_owned()),
        part_number: None,
        low: Some(low),
        high: Some(low),
        at: now.plus(-26 * Millis::HOUR),
        now: Some(LevelNow {
            state: "known".to_owned(),
            low: Some(low - 0.01),
            high: Some(low + 0.02),
            receptacle: false,
            threshold: 0.1,
            at: now.plus(-12 * Millis::MINUTE),
        }),
    };
    let need = |id: i64, reasons: Vec<NeedReasonRow>| NeedRow {
        id: NeedId(id),
        site: SiteId(1),
        site_name: "Казань, ул. Баумана 5".to_owned(),
        status: NeedStatus::Open,
        quantity: reasons.len() as i64,
        article: None,
        order: None,
        opened_at: now.plus(-26 * Millis::HOUR),
        closed_at: None,
        closed_why: None,
        reasons,
        plan: None,
        moves: Vec::new(),
        cut: None,
    };
    let article = NeedArticle {
        id: ArticleId(1),
        part_number: "TK-1170".to_owned(),
        name: "Kyocera TK-1170, чёрный, 7 200 стр.".to_owned(),
        supplier: Some("Комус".to_owned()),
    };
    let order =
        |status: &str| Some(NeedOrder { id: OrderId(1), number: "2026-0141".to_owned(), status: status.to_owned() });
    let long = "HP LaserJet Enterprise Flow MFP M880z, бухгалтерия, второй этаж";
    vec![
        need(1, vec![reason(7, long, "каб. 214, у окна слева от сейфа", 0.04, "cyan")]),
        NeedRow {
            article: Some(NeedArticle { supplier: None, ..article.clone() }),
            ..need(2, vec![reason(8, "МФУ-2", "каб. 105", 0.09, "black")])
        },
        NeedRow {
            status: NeedStatus::Ordered,
            article: Some(article.clone()),
            order: order("draft"),
            plan: Some(sample_plan()),
            cut: Some(sample_cut(now)),
            ..need(3, vec![reason(7, "МФУ 214", "каб. 214", 0.08, "black"), reason(9, "Склад", "склад", 0.05, "black")])
        },
        NeedRow {
            status: NeedStatus::Ordered,
            article: Some(article.clone()),
            order: order("sent"),
            ..need(4, vec![reason(9, "МФУ 301", "каб. 301", 0.02, "magenta")])
        },
        NeedRow {
            article: Some(article.clone()),
            quantity: 3,
            plan: Some(Plan { quantity: 0, moved: 3, ending: true, order_up_to: 4, ..sample_plan() }),
            moves: sample_moves(),
            ..need(5, vec![reason(7, "МФУ 402", "каб. 402", 0.06, "black")])
        },
    ]
}

pub fn samples(lang: Lang) -> Vec<(&'static str, NeedsPage)> {
    let page = |path: &str, rows: Vec<NeedRow>, total: i64| {
        let ui = Ui::sample(lang, path);
        let (current, _) = chosen(&ui);
        let list = List::read(&ui, COLUMNS, "what");
        let views: Vec<_> = TABS.iter().map(|t| (t.0, t.1, Some(total))).collect();
        NeedsPage::new(ui, list, Listed { rows, total }, &views, current)
    };
    let now = Ui::sample(lang, PATH).now;
    let many = (0..50).flat_map(|_| sample_rows(now)).take(50).enumerate();
    let many: Vec<NeedRow> = many.map(|(i, n)| NeedRow { id: NeedId(i as i64), ..n }).collect();
    let mut closed = sample_rows(now);
    for n in &mut closed {
        n.status = NeedStatus::Closed;
        n.closed_at = Some(now.plus(-Millis::HOUR));
        n.closed_why = Some("replaced".to_owned());
    }
    vec![
        ("", page(PATH, sample_rows(now), 4)),
        ("empty", page(PATH, Vec::new(), 0)),
        ("many", page("/needs?page=3", many, 1234)),
        ("closed", page("/needs?which=closed", closed, 4)),
    ]
}
