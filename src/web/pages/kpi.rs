//! `/kpi`: figures of service for a month, by branch, model or device; every number opens the rows it is made of.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::civil::Date;

use super::desk::places;
use super::tabs::Tabs;
use super::tickets::sample_rows;
use crate::document::sheet::{self, SheetCell};
use crate::i18n::Lang;
use crate::model::{Millis, SiteId};
use crate::sla::kpi::{Availability, Desk};
use crate::store::read::tickets::TicketRow;
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::badge;
use crate::web::clocks;
use crate::web::html::{Html, encode, escape};
use crate::web::kpi::{Figures, Group, KpiRow};
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::table::{Card, Cell, Column, List, Row};

pub const PATH: &str = "/kpi";
/// Months the page offers.
const MONTHS: i32 = 12;

const COLUMNS: &[Column] = &[
    Column::new("name", "kpi-name").unsorted().card(Card::Wide),
    Column::new("availability", "kpi-availability").unsorted().right(),
    Column::new("coverage", "kpi-coverage").unsorted().right(),
    Column::new("failures", "kpi-failures").unsorted().right(),
    Column::new("mtrs", "kpi-mtrs").unsorted().right(),
    Column::new("sla", "kpi-sla").unsorted().right(),
    Column::new("backlog", "kpi-backlog").unsorted().right(),
    Column::new("mtbf", "kpi-mtbf").unsorted().right().hidden(),
    Column::new("unreachable", "kpi-unreachable").unsorted().right().hidden(),
    Column::new("opened", "kpi-opened").unsorted().right().hidden(),
    Column::new("resolved", "kpi-resolved").unsorted().right().hidden(),
    Column::new("mttr", "kpi-mttr").unsorted().right().hidden(),
    Column::new("repeat", "kpi-repeat").unsorted().right().hidden(),
    Column::new("first-fix", "kpi-first-fix").unsorted().right().hidden(),
    Column::new("age", "kpi-backlog-age").unsorted().right().hidden(),
    Column::new("devices", "kpi-devices").unsorted().right().hidden(),
];

#[derive(Template)]
#[template(path = "kpi.html")]
pub struct KpiPage {
    ui: Ui,
    tabs: Tabs,
    groups: Tabs,
    list: List,
    total: Vec<(String, Html)>,
    months: Vec<(String, String, bool)>,
    month: String,
}

#[derive(Template)]
#[template(path = "kpi_rows.html")]
pub struct RowsPage {
    ui: Ui,
    tabs: Tabs,
    back: String,
    title: String,
    month: String,
    tickets: Vec<TicketRow>,
    /// Device, its address here, from when, for how long.
    failures: Vec<(String, String, Html, String)>,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/kpi.csv", get(csv))
        .route("/kpi.xlsx", get(xlsx))
        .route("/kpi/rows", get(rows))
}

/// The first day of the month in the URL; the present one when none is said.
fn month(ui: &Ui) -> Date {
    let present = ui.present_day().first_of_month();
    let asked = ui.query.get("month").and_then(|m| format!("{m}-01").parse::<Date>().ok());
    asked.filter(|m| *m <= present && m.year() >= 2000).unwrap_or(present)
}

/// From the first moment of a month to that of the next, where the reader is.
pub fn period(month: Date, zone: &jiff::tz::TimeZone) -> (Millis, Millis) {
    let moment = |d: Date| d.to_zoned(zone.clone()).map_or(Millis(0), |z| Millis(z.timestamp().as_millisecond()));
    let next = month.saturating_add(jiff::Span::new().months(1)).first_of_month();
    (moment(month), moment(next))
}

fn group(ui: &Ui) -> Group {
    ui.query.get("group").and_then(Group::parse).unwrap_or_default()
}

async fn figures(ui: &Ui, state: &AppState) -> Result<Figures, WebError> {
    let (from, to) = period(month(ui), ui.locale().zone());
    Ok(Figures::of(state.store.db(), ui.site, from, to, ui.now).await?)
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let figures = figures(&ui, &state).await?;
    let rows = figures.rows(group(&ui));
    KpiPage::new(ui, &rows, &figures.total()).page()
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let figures = figures(&ui, &state).await?;
    let mut list = List::read(&ui, COLUMNS, "name");
    list.rows = figures.rows(group(&ui)).iter().map(|r| row(&ui, r)).collect();
    Ok(list.csv(&ui, "kpi"))
}

async fn xlsx(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let figures = figures(&ui, &state).await?;
    let heads: Vec<String> = COLUMNS.iter().map(|c| ui.t(c.label)).collect();
    let mut rows: Vec<Vec<SheetCell>> = figures.rows(group(&ui)).iter().map(cells).collect();
    rows.push(cells(&KpiRow { name: ui.t("kpi-total"), ..figures.total() }));
    let bytes = sheet::workbook("KPI", &heads, &rows).map_err(|e| WebError::Render(e.to_string()))?;
    let head = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, r#"attachment; filename="kpi.xlsx""#),
    ];
    Ok((head, bytes).into_response())
}

/// One line for the workbook, in the order of the columns; times in hours.
fn cells(r: &KpiRow) -> Vec<SheetCell> {
    let (a, d) = (&r.availability, &r.desk);
    let hours = |ms: Option<i64>| ms.map_or(SheetCell::Empty, |ms| SheetCell::Number(ms as f64 / Millis::HOUR as f64));
    let number = |n: i64| SheetCell::Number(n as f64);
    let repeat = (d.opened > 0).then(|| d.repeats as f64 / d.opened as f64);
    vec![
        SheetCell::Text(r.name.clone()),
        a.share().into(),
        a.coverage().into(),
        number(a.failures),
        hours(a.mtrs_ms()),
        d.in_time_share().into(),
        number(d.backlog),
        hours(a.mtbf_ms().map(|(ms, _)| ms)),
        hours(Some(a.unreachable_ms)),
        number(d.opened),
        number(d.resolved),
        hours(d.mttr_ms()),
        repeat.into(),
        d.first_fix_share().into(),
        hours(d.backlog_age()),
        number(r.devices),
    ]
}

/// The address of the rows behind a number.
fn rows_url(ui: &Ui, key: &str, what: &str) -> String {
    let month = month(ui).strftime("%Y-%m").to_string();
    format!("/kpi/rows?what={what}&group={}&key={}&month={month}", group(ui).as_str(), encode(key))
}

fn row(ui: &Ui, r: &KpiRow) -> Row {
    let cells = values(ui, r);
    let name = if r.name.is_empty() { ui.t("kpi-unnamed") } else { r.name.clone() };
    let devices = ui.tn("devices-count", r.devices);
    let href = match group(ui) {
        Group::Device => format!("/devices/{}", r.key),
        _ => rows_url(ui, &r.key, "failures"),
    };
    let first = Cell::name(&name, &href, if group(ui) == Group::Device { "" } else { &devices });
    Row { key: r.key.clone(), cells: std::iter::once(first).chain(cells).collect() }
}

/// The figures of a line, in the order of the columns but the first.
fn values(ui: &Ui, r: &KpiRow) -> Vec<Cell> {
    let (a, d) = (&r.availability, &r.desk);
    let dash = || "—".to_owned();
    let share = |s: Option<f64>| s.map_or_else(dash, |s| ui.percent_places(s, 1));
    // Working time is told in hours: a day of it is not a day of the calendar.
    let time = |ms: Option<i64>| ms.map_or_else(dash, |ms| clocks::working(ui, ms));
    let age = |ms: Option<i64>| ms.map_or_else(dash, |ms| ui.duration(ms));
    let open = |what: &str, text: String| {
        let href = rows_url(ui, &r.key, what);
        let html =
            if text == "—" { escape(&text) } else { format!(r#"<a href="{}">{}</a>"#, escape(&href), escape(&text)) };
        Cell::html(Html(html), text)
    };
    let between = match a.mtbf_ms() {
        None => dash(),
        Some((ms, true)) => ui.tv("kpi-more-than", clocks::working(ui, ms)),
        Some((ms, false)) => clocks::working(ui, ms),
    };
    let repeat = (d.opened > 0).then(|| d.repeats as f64 / d.opened as f64);
    vec![
        open("failures", share(a.share())),
        Cell::text(share(a.coverage())),
        open("failures", ui.integer(a.failures)),
        open("failures", time(a.mtrs_ms())),
        open("late", share(d.in_time_share())),
        open("backlog", ui.integer(d.backlog)),
        open("failures", between),
        Cell::text(clocks::working(ui, a.unreachable_ms)),
        open("opened", ui.integer(d.opened)),
        open("resolved", ui.integer(d.resolved)),
        open("resolved", time(d.mttr_ms())),
        open("repeat", share(repeat)),
        open("resolved", share(d.first_fix_share())),
        open("backlog", age(d.backlog_age())),
        Cell::text(ui.integer(r.devices)),
    ]
}

impl KpiPage {
    fn new(ui: Ui, rows: &[KpiRow], total: &KpiRow) -> Self {
        let mut list = List::read(&ui, COLUMNS, "name");
        list.clamp(rows.len() as i64);
        let (skip, take) = (usize::try_from(list.offset()).unwrap_or(0), usize::try_from(list.size).unwrap_or(0));
        list.rows = rows.iter().skip(skip).take(take).map(|r| row(&ui, r)).collect();
        let heads = COLUMNS.iter().skip(1).map(|c| ui.t(c.label));
        let total = heads.zip(values(&ui, total)).map(|(head, cell)| (head, cell.html)).collect();
        let chosen = month(&ui);
        let rest = ui.query.without("page").without("month");
        let months = (0..MONTHS).map(|back| {
            let m = ui.present_day().first_of_month().saturating_sub(jiff::Span::new().months(back));
            (words(&ui, m), rest.with("month", m.strftime("%Y-%m")).url(PATH), m == chosen)
        });
        let months = months.collect();
        let views: Vec<_> =
            [("", "kpi-by-branch", None), ("model", "kpi-by-model", None), ("device", "kpi-by-device", None)].into();
        let current = if group(&ui) == Group::Branch { "" } else { group(&ui).as_str() };
        let groups = Tabs::of_query(&ui, "group", current, &views);
        KpiPage { tabs: places(&ui), month: words(&ui, chosen), ui, groups, list, total, months }
    }

    fn xlsx_url(&self) -> String {
        self.ui.query.without("page").url("/kpi.xlsx")
    }
}

/// "ноябрь 2026".
fn words(ui: &Ui, month: Date) -> String {
    format!("{} {}", ui.t(&format!("month-{}", month.month())), month.year())
}

async fn rows(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let figures = figures(&ui, &state).await?;
    let key = ui.query.get("key").unwrap_or("").to_owned();
    let what = ui.query.get("what").unwrap_or("failures").to_owned();
    let name = figures.rows(group(&ui)).into_iter().find(|r| r.key == key).map(|r| r.name);
    let tickets = figures.tickets(group(&ui), &key, &what).into_iter().cloned().collect();
    let mut failures = Vec::new();
    if what == "failures" {
        for f in figures.failures(group(&ui), &key) {
            let lasted = ui.duration(f.span.to.since(f.span.from));
            let when = ui.time_html(f.span.from, &ui.date_time(f.span.from));
            failures.push((f.device.name.clone(), format!("/devices/{}", f.device.id), when, lasted));
        }
    }
    RowsPage::new(ui, name, &what, tickets, failures).page()
}

impl RowsPage {
    fn new(
        ui: Ui,
        name: Option<String>,
        what: &str,
        tickets: Vec<TicketRow>,
        failures: Vec<(String, String, Html, String)>,
    ) -> Self {
        let title = match name.filter(|n| !n.is_empty()) {
            Some(name) => format!("{}: {name}", ui.word("kpi-what-", what)),
            None => ui.word("kpi-what-", what),
        };
        let back = ui.query.without("what").without("key").url(PATH);
        RowsPage { tabs: places(&ui), month: words(&ui, month(&ui)), ui, back, title, tickets, failures }
    }

    fn status(&self, t: &TicketRow) -> Html {
        badge::ticket(&self.ui, t.status)
    }
}

fn sample(key: &str, name: &str, n: i64) -> KpiRow {
    KpiRow {
        key: key.to_owned(),
        name: name.to_owned(),
        devices: 10 * n,
        availability: Availability {
            up_ms: n * 180 * Millis::HOUR,
            down_ms: n * 3 * Millis::HOUR,
            unreachable_ms: Millis::HOUR,
            unknown_ms: 9 * Millis::HOUR,
            failures: n,
        },
        desk: Desk {
            opened: 5 * n,
            resolved: 4 * n,
            in_time: 3 * n,
            first_fix: 3 * n,
            repeats: n,
            backlog: n,
            backlog_age_ms: n * 40 * Millis::HOUR,
            repair_ms: n * 5 * Millis::HOUR,
            repaired: n,
        },
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, KpiPage)> {
    let page = |path: &str, rows: Vec<KpiRow>, total: KpiRow| KpiPage::new(Ui::sample(lang, path), &rows, &total);
    let rows = || {
        vec![
            sample(&SiteId(1).to_string(), "Казань, ул. Баумана 5", 3),
            sample("2", "Самара", 1),
            sample("3", "Обособленное подразделение «Набережные Челны, проспект Хасана Туфана, 12»", 12),
        ]
    };
    let nothing = KpiRow {
        key: String::new(),
        name: String::new(),
        devices: 0,
        availability: Availability::default(),
        desk: Desk::default(),
    };
    let many = (0..300).map(|n| sample(&n.to_string(), &format!("МФУ Kyocera M2040, № {n}"), 1)).collect();
    vec![
        ("", page(PATH, rows(), sample("", "", 16))),
        ("empty", page(PATH, Vec::new(), nothing)),
        ("devices", page("/kpi?group=device&month=2026-10&page=3", many, sample("", "", 300))),
        ("all-columns", page("/kpi?col=mtbf&col=mttr&col=repeat&col=age&col=first-fix", rows(), sample("", "", 16))),
    ]
}

pub fn rows_samples(lang: Lang) -> Vec<(&'static str, RowsPage)> {
    let ui = |what: &str| Ui::sample(lang, &format!("/kpi/rows?what={what}&group=branch&key=1&month=2026-11"));
    let now = ui("late").now;
    let when = |ui: &Ui, at: Millis| ui.time_html(at, &ui.date_time(at));
    let failures: Vec<_> = (1..4)
        .map(|n| {
            let ui = ui("failures");
            let html = when(&ui, now.plus(-n * Millis::DAY));
            (format!("МФУ Kyocera M2040, № {n}"), format!("/devices/{n}"), html, ui.duration(n * Millis::HOUR))
        })
        .collect();
    let name = || Some("Казань, ул. Баумана 5".to_owned());
    vec![
        ("failures", RowsPage::new(ui("failures"), name(), "failures", Vec::new(), failures)),
        ("late", RowsPage::new(ui("late"), name(), "late", sample_rows(now), Vec::new())),
        ("empty", RowsPage::new(ui("repeat"), None, "repeat", Vec::new(), Vec::new())),
    ]
}
