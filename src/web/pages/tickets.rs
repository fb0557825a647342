//! `/tickets`: what is broken, worst first. `/tickets/new`: a person opens one.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::tabs::Tabs;
use crate::i18n::Lang;
use crate::model::{Command, DeviceId, Millis, ProblemClass, ServiceTerms, SiteId, TicketId, TicketStatus};
use crate::sla::{Agreement, Clock};
use crate::store::read::devices::{self, FoundDevice};
use crate::store::read::tickets::{self, TicketEventRow, TicketFilter, TicketRow, TicketSort, TicketState};
use crate::store::read::{Listed, Paging};
use crate::web::auth::policy::Permission;
use crate::web::badge::{self, Meaning};
use crate::web::clocks::{self, Clocks};
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};
use crate::web::{WebError, command, failed};

pub const PATH: &str = "/tickets";
pub const NEW: &str = "/tickets/new";
/// Devices offered when a search fits several.
const MAX_FOUND: i64 = 10;

const COLUMNS: &[Column] = &[
    Column::new("title", "ticket-title").card(Card::Wide),
    Column::new("device", "ticket-device").card(Card::Wide),
    Column::new("priority", "ticket-priority"),
    Column::new("status", "ticket-status"),
    Column::new("due", "ticket-due").unsorted(),
    Column::new("opened", "ticket-opened"),
    Column::new("branch", "need-branch").unsorted().hidden(),
    Column::new("class", "ticket-class").unsorted().hidden(),
];

const VIEWS: [(&str, &str, TicketState); 3] = [
    ("", "tickets-open", TicketState::Open),
    ("done", "tickets-done", TicketState::Done),
    ("all", "tickets-all", TicketState::All),
];

#[derive(Template)]
#[template(path = "tickets.html")]
pub struct TicketsPage {
    ui: Ui,
    list: List,
    tabs: Tabs,
    places: Tabs,
    search: String,
}

#[derive(Template)]
#[template(path = "ticket_new.html")]
pub struct NewTicketPage {
    ui: Ui,
    form: Form,
    /// The device it is about, when known.
    device: Option<FoundDevice>,
    /// Several fit what was typed.
    found: Vec<FoundDevice>,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show)).route("/tickets.csv", get(csv)).route(NEW, get(new).post(open))
}

fn chosen(ui: &Ui, list: &List) -> (&'static str, TicketFilter) {
    let asked = ui.query.get("state").unwrap_or("");
    let (word, _, state) = VIEWS.iter().find(|v| v.0 == asked).unwrap_or(&VIEWS[0]);
    let sort = match list.sort {
        "title" => TicketSort::Title,
        "device" => TicketSort::Device,
        "status" => TicketSort::Status,
        "opened" => TicketSort::Opened,
        _ => TicketSort::Priority,
    };
    let filter = TicketFilter {
        state: *state,
        site: ui.site,
        device: ui.query.number("device").map(DeviceId),
        search: ui.query.get("q").unwrap_or("").to_owned(),
        sort,
        descending: list.descending,
    };
    (word, filter)
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let db = state.store.db();
    let mut list = List::read(&ui, COLUMNS, "priority");
    let (current, filter) = chosen(&ui, &list);
    let mut found = tickets::list(db, &filter, Paging::new(list.page, list.size)).await?;
    if list.clamp(found.total) {
        found = tickets::list(db, &filter, Paging::new(list.page, list.size)).await?;
    }
    let mut views = Vec::new();
    for (word, key, state) in VIEWS {
        let counted = TicketFilter { state, ..filter.clone() };
        views.push((word, key, Some(tickets::count(db, &counted).await?)));
    }
    let clocks = Clocks::of(db, &found.rows, ui.now).await?;
    TicketsPage::new(ui, list, found, &clocks, &views, current).page()
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let mut list = List::read(&ui, COLUMNS, "priority");
    let (_, filter) = chosen(&ui, &list);
    let found = tickets::list(state.store.db(), &filter, Paging { page: 1, per_page: CSV_ROWS }).await?;
    let clocks = Clocks::of(state.store.db(), &found.rows, ui.now).await?;
    list.rows = found.rows.iter().map(|t| row(&ui, t, clocks.get(t.id))).collect();
    Ok(list.csv(&ui, "tickets"))
}

impl TicketsPage {
    fn new(
        ui: Ui,
        mut list: List,
        found: Listed<TicketRow>,
        clocks: &Clocks,
        views: &[(&str, &str, Option<i64>)],
        current: &'static str,
    ) -> Self {
        list.clamp(found.total);
        list.rows = found.rows.iter().map(|t| row(&ui, t, clocks.get(t.id))).collect();
        let tabs = Tabs::of_query(&ui, "state", current, views);
        let search = ui.query.get("q").unwrap_or("").to_owned();
        TicketsPage { places: super::desk::places(&ui), ui, list, tabs, search }
    }

    /// What a search form must send along.
    fn kept(&self) -> Vec<(String, String)> {
        self.ui.query.without("q").without("page").pairs().to_vec()
    }
}

fn row(ui: &Ui, t: &TicketRow, clock: Option<&Clock>) -> Row {
    let device = match (&t.device, &t.device_name) {
        (Some(id), Some(name)) => {
            let place = t.location.as_deref().unwrap_or("");
            let sub =
                if place.is_empty() { String::new() } else { format!(r#"<span class="sub">{}</span>"#, escape(place)) };
            Cell::html(Html(format!(r#"<a href="/devices/{id}">{}</a>{sub}"#, escape(name))), name.clone())
        }
        _ => Cell::default(),
    };
    let due =
        clock.map(|c| &c.restore).map_or_else(Cell::default, |c| Cell::html(clocks::cell(ui, c), clocks::words(ui, c)));
    let when = t.resolved_at.unwrap_or(t.opened_at);
    Row {
        key: t.id.to_string(),
        cells: vec![
            Cell::name(&t.title, &format!("{PATH}/{}", t.id), &ui.tv("ticket-number", t.id.to_string())),
            device,
            Cell::html(priority(ui, t.priority), format!("P{}", t.priority)),
            Cell::html(badge::ticket(ui, t.status), ui.word("ticket-status-", t.status.as_str())),
            due,
            Cell::html(ui.ago_html(&when), ui.exact(when)),
            Cell::text(t.site_name.clone()),
            Cell::text(ui.word("ticket-class-", t.class.as_str())),
        ],
    }
}

/// "P1" with its meaning spelled out on hover.
pub fn priority(ui: &Ui, priority: i64) -> Html {
    let words = ui.word("ticket-priority-", &priority.to_string());
    let class = match priority {
        1 => "is-failure",
        2 => "is-attention",
        _ => "muted",
    };
    Html(format!(r#"<span class="nowrap {class}"><b>P{priority}</b> {}</span>"#, escape(&words)))
}

async fn new(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::ManageTickets)?;
    let device = match ui.query.number("device") {
        Some(id) => one(&state, DeviceId(id)).await?,
        None => None,
    };
    let form = Form::of(&[("priority", "3"), ("search", ui.query.get("q").unwrap_or(""))]);
    NewTicketPage { ui, form, device, found: Vec::new() }.page()
}

async fn one(state: &AppState, id: DeviceId) -> Result<Option<FoundDevice>, WebError> {
    Ok(devices::one(state.store.db(), id).await?.map(|d| FoundDevice {
        id: d.id.0,
        name: d.name,
        location: d.location,
        address: d.address,
        condition: d.condition,
    }))
}

async fn open(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageTickets)?;
    let mut found = Vec::new();
    let device = match form.value("device").parse().map(DeviceId) {
        Ok(id) => one(&state, id).await?,
        Err(_) => {
            found = devices::find(state.store.db(), None, form.value("search"), MAX_FOUND).await?;
            if found.len() == 1 { found.pop() } else { None }
        }
    };
    if device.is_none() {
        let key = if found.is_empty() { "ticket-no-device" } else { "ticket-which-device" };
        form.wrong("search", ui.t(key));
    }
    if form.value("title").trim().is_empty() {
        form.wrong("title", ui.t("ticket-say-what"));
    }
    if let (Some(d), true) = (&device, form.is_fine()) {
        let priority = form.value("priority").parse().unwrap_or(3);
        let title = form.value("title").trim().to_owned();
        let asked = Command::OpenTicket { device: DeviceId(d.id), title: title.clone(), priority };
        match command(&state, &ui, asked).await? {
            Ok(done) => {
                let to = done.id.map_or_else(|| PATH.to_owned(), |id| format!("{PATH}/{id}"));
                return Ok(Flash::done("ticket-was-opened", title).redirect(&to));
            }
            Err(e) => {
                let status = failed(&ui, &mut form, &["title", "priority"], &e);
                return Ok((status, NewTicketPage { ui, form, device, found }.page()?).into_response());
            }
        }
    }
    let page = NewTicketPage { ui, form, device, found }.page()?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

impl NewTicketPage {
    fn priorities(&self) -> Vec<(String, String)> {
        (1..=5)
            .map(|p: i64| (p.to_string(), format!("P{p} — {}", self.ui.word("ticket-priority-", &p.to_string()))))
            .collect()
    }

    fn place(&self, d: &FoundDevice) -> String {
        match &d.location {
            Some(l) => format!("{l} · {}", d.address),
            None => d.address.clone(),
        }
    }

    fn mark(&self, d: &FoundDevice) -> Html {
        Meaning::of(&d.condition).mark(&self.ui.word("condition-", &d.condition))
    }
}

pub fn sample_rows(now: Millis) -> Vec<TicketRow> {
    let ticket = |id: i64, title: &str, class, priority, status| TicketRow {
        id: TicketId(id),
        site: SiteId(1),
        site_name: "Казань, ул. Баумана 5".to_owned(),
        device: Some(DeviceId(7)),
        device_name: Some("МФУ Kyocera M2040".to_owned()),
        location: Some("каб. 214".to_owned()),
        class,
        component: "fuser".to_owned(),
        title: title.to_owned(),
        status,
        priority,
        touched: status != TicketStatus::New,
        opened_at: now.plus(-id * 37 * Millis::MINUTE),
        resolved_at: (!status.is_open()).then(|| now.plus(-id * 20 * Millis::MINUTE)),
        reopened: 0,
        merged_into: None,
    };
    use ProblemClass as C;
    use TicketStatus as S;
    vec![
        ticket(118, "sw2, кроссовая: не отвечает", C::Down, 1, S::New),
        ticket(117, "МФУ Kyocera M2040: неисправность: C6000 узел закрепления", C::Repair, 2, S::InProgress),
        ticket(
            115,
            "Полосит и бледно печатает, особенно на второй странице длинных документов",
            C::Reported,
            3,
            S::WaitingParts,
        ),
        TicketRow {
            device: None,
            device_name: None,
            location: None,
            ..ticket(114, "Не работает розетка в переговорной", C::Reported, 4, S::Assigned)
        },
        ticket(110, "ИБП: отвечает на ping, но не на SNMP", C::Configuration, 5, S::Resolved),
    ]
}

pub fn samples(lang: Lang) -> Vec<(&'static str, TicketsPage)> {
    let now = Ui::sample(lang, PATH).now;
    let page = |path: &str, rows: Vec<TicketRow>, total: i64| {
        let ui = Ui::sample(lang, path);
        let list = List::read(&ui, COLUMNS, "priority");
        let (current, _) = chosen(&ui, &list);
        let views: Vec<_> = VIEWS.iter().map(|v| (v.0, v.1, Some(total))).collect();
        let clocks = sample_clocks(&rows, now);
        TicketsPage::new(ui, list, Listed { rows, total }, &clocks, &views, current)
    };
    let many = (0..10).flat_map(|_| sample_rows(now)).collect();
    vec![
        ("", page(PATH, sample_rows(now), 5)),
        ("empty", page(PATH, Vec::new(), 0)),
        ("nothing-found", page("/tickets?q=%D0%BF%D0%B0%D1%80%D0%BE%D0%B2%D0%BE%D0%B7", Vec::new(), 0)),
        ("many", page("/tickets?page=200&state=all", many, 10_000)),
    ]
}

/// Clocks as a branch with the usual hours has them.
pub fn sample_clocks(rows: &[TicketRow], now: Millis) -> Clocks {
    let agreement = Agreement::of(&ServiceTerms { time_zone: "Europe/Moscow".to_owned(), ..ServiceTerms::default() });
    let mut clocks = Clocks::default();
    for t in rows {
        let status = |at| TicketEventRow {
            at,
            author: "petrov".to_owned(),
            kind: "status".to_owned(),
            body: t.status.as_str().to_owned(),
        };
        let events =
            if t.touched { vec![status(t.resolved_at.unwrap_or(t.opened_at.plus(Millis::HOUR)))] } else { vec![] };
        if let Some(c) = clocks::clock(&agreement, t, &events, now) {
            clocks.set(t.id, c);
        }
    }
    clocks
}

pub fn new_samples(lang: Lang) -> Vec<(&'static str, NewTicketPage)> {
    let ui = || Ui::sample(lang, NEW);
    let device = |id: i64| FoundDevice {
        id,
        name: format!("МФУ Kyocera M2040, № {id}"),
        location: Some("каб. 214".to_owned()),
        address: format!("10.4.2.{id}"),
        condition: "attention".to_owned(),
    };
    let mut wrong = Form::of(&[("search", "kyocera"), ("priority", "2")]);
    wrong.wrong("search", ui().t("ticket-which-device"));
    wrong.wrong("title", ui().t("ticket-say-what"));
    let start = Form::of(&[("priority", "3")]);
    vec![
        ("", NewTicketPage { ui: ui(), form: start.clone(), device: None, found: Vec::new() }),
        ("device", NewTicketPage { ui: ui(), form: start, device: Some(device(7)), found: Vec::new() }),
        ("wrong", NewTicketPage { ui: ui(), form: wrong, device: None, found: vec![device(7), device(8)] }),
    ]
}
