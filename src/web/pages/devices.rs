//! Devices: every device of the branch; filters, search, sort and page in the URL; CSV of what is seen.
//! Also answers the palette (`/devices/find`).

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::i18n::Lang;
use crate::model::{DeviceId, DeviceState, LevelState, Millis, Reach, SiteId};
use crate::store::read::devices::{self, DeviceFilter, DeviceRow, DeviceSort, Facets, SupplyMark};
use crate::store::read::{Listed, Paging};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::badge::Meaning;
use crate::web::html::{Html, Params};
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};
use crate::web::words;

pub const PATH: &str = "/devices";

const COLUMNS: &[Column] = &[
    Column::new("name", "col-name").card(Card::Wide),
    Column::new("state", "col-state").card(Card::Wide),
    Column::new("place", "col-place"),
    Column::new("supply", "col-supplies").card(Card::Wide),
    Column::new("address", "col-address"),
    Column::new("seen", "col-seen").right(),
    Column::new("kind", "col-kind").hidden(),
    Column::new("model", "col-model").hidden(),
    Column::new("serial", "col-serial").hidden(),
    Column::new("mac", "col-mac").unsorted().hidden(),
    Column::new("pages", "col-pages").right().hidden(),
    Column::new("site", "col-site").unsorted().hidden(),
];

/// A filter's menu: its word in the URL, its name, its values.
pub struct Menu {
    pub label: &'static str,
    pub choices: Vec<Choice>,
}

pub struct Choice {
    pub href: String,
    pub words: String,
    pub count: i64,
    pub chosen: bool,
}

/// A filter that is on: its words, and the link that takes it off.
pub struct Chip {
    pub words: String,
    pub href: String,
}

#[derive(Template)]
#[template(path = "devices.html")]
pub struct DevicesPage {
    ui: Ui,
    list: List,
    tabs: Vec<Choice>,
    menus: Vec<Menu>,
    chips: Vec<Chip>,
    search: String,
    /// No device at all, whatever the filters.
    nothing_yet: bool,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show)).route("/devices.csv", get(csv)).route("/devices/find", get(find))
}

fn filter(ui: &Ui, list: &List) -> DeviceFilter {
    let q = &ui.query;
    let all = |name: &str| q.all(name).map(str::to_owned).collect();
    let sort = match list.sort {
        "state" => DeviceSort::Condition,
        "place" => DeviceSort::Place,
        "supply" => DeviceSort::Supply,
        "address" => DeviceSort::Address,
        "seen" => DeviceSort::Seen,
        "kind" => DeviceSort::Kind,
        "model" => DeviceSort::Model,
        "serial" => DeviceSort::Serial,
        "pages" => DeviceSort::Pages,
        _ => DeviceSort::Name,
    };
    DeviceFilter {
        site: ui.site,
        search: q.get("q").unwrap_or("").to_owned(),
        kinds: all("kind"),
        conditions: all("state"),
        vendors: all("vendor"),
        places: q.all("place").map(|p| if p == NO_PLACE { String::new() } else { p.to_owned() }).collect(),
        supply_low: q.get("low").is_some(),
        new_since: q.get("new").map(|_| ui.now.plus(-Millis::DAY)),
        without_ticket: false,
        retired: q.get("retired").is_some(),
        sort,
        descending: list.descending,
    }
}

/// In the URL: devices without a place (an empty value means "not said").
const NO_PLACE: &str = "-";

async fn show(State(state): State<AppState>, ui: Ui) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let db = state.store.db();
    let mut list = List::read(&ui, COLUMNS, "name");
    let filter = filter(&ui, &list);
    let mut found = devices::list(db, &filter, Paging { page: list.page, per_page: list.size }).await?;
    if list.clamp(found.total) {
        found = devices::list(db, &filter, Paging { page: list.page, per_page: list.size }).await?;
    }
    let facets = devices::facets(db, &filter).await?;
    let unfiltered = DeviceFilter { site: ui.site, ..Default::default() };
    let nothing_yet = found.total == 0 && devices::count(db, &unfiltered).await? == 0;
    DevicesPage::new(ui, list, found, facets, nothing_yet).page()
}

async fn csv(State(state): State<AppState>, mut ui: Ui) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    ui.path = PATH.to_owned();
    let mut list = List::read(&ui, COLUMNS, "name");
    let filter = filter(&ui, &list);
    let found = devices::list(state.store.db(), &filter, Paging { page: 1, per_page: CSV_ROWS }).await?;
    list.rows = rows(&ui, found.rows);
    Ok(list.csv(&ui, "devices"))
}

async fn find(State(state): State<AppState>, ui: Ui) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let text = ui.query.get("q").unwrap_or("");
    let found = devices::find(state.store.db(), ui.site, text, 8).await?;
    let devices: Vec<_> = found
        .into_iter()
        .map(|d| json!({"href": format!("/devices/{}", d.id), "name": d.name, "place": d.location, "address": d.address}))
        .collect();
    Ok(Json(json!({ "devices": devices })).into_response())
}

fn rows(ui: &Ui, found: Vec<DeviceRow>) -> Vec<Row> {
    found.into_iter().map(|d| row(ui, &d)).collect()
}

fn row(ui: &Ui, d: &DeviceRow) -> Row {
    let kind = words::kind(ui, d.kind.as_deref(), &d.functions);
    let model = words::model(d.vendor.as_deref(), d.model.as_deref());
    let sub = if model.is_empty() || model == d.name { kind.clone() } else { format!("{kind} · {model}") };
    let state = words::state(ui, d);
    let place = d.location.clone().unwrap_or_default();
    let seen = match d.last_seen {
        Some(at) => Cell::html(ui.ago_html(&at), ui.iso(at)),
        None => Cell::html(Html(format!(r#"<span class="muted">{}</span>"#, ui.t("seen-never"))), ""),
    };
    let pages = d.page_count.map(|n| ui.integer(n)).unwrap_or_default();
    Row {
        key: d.id.to_string(),
        cells: vec![
            Cell::name(&d.name, &format!("{PATH}/{}", d.id), &sub),
            Cell::html(state.cell(), state.text()),
            Cell::text(place),
            supplies(ui, &d.supplies),
            Cell::mono(d.address.clone()),
            seen,
            Cell::text(kind),
            Cell::text(model),
            Cell::mono(d.serial.clone().unwrap_or_default()),
            Cell::mono(d.base_mac.clone().unwrap_or_default()),
            Cell::html(Html(pages), d.page_count.map(|n| n.to_string()).unwrap_or_default()),
            Cell::text(d.site_name.clone()),
        ],
    }
}

/// Bars of what has a colour; of the other parts only those that run low.
fn supplies(ui: &Ui, marks: &[SupplyMark]) -> Cell {
    let coloured = |s: &&SupplyMark| matches!(s.kind.as_str(), "toner" | "ink") && s.color.is_some();
    let bars: String = marks.iter().filter(coloured).take(6).map(|s| words::level(s).mini(ui).0).collect();
    let others: Vec<String> =
        marks.iter().filter(|s| s.is_low && !coloured(s)).map(|s| ui.word("supply-", &s.kind)).collect();
    let mut html = if bars.is_empty() { String::new() } else { format!(r#"<span class="levels">{bars}</span>"#) };
    if !others.is_empty() {
        html.push_str(&format!(
            r#"<span class="sub">{}</span>"#,
            crate::web::html::escape(&ui.tv("state-low", others.join(", ")))
        ));
    }
    let told = marks.iter().map(|s| format!("{} {}", words::short_name(ui, s), words::level(s).words(ui)));
    Cell::html(Html(html), told.collect::<Vec<_>>().join("; "))
}

impl DevicesPage {
    fn new(ui: Ui, mut list: List, found: Listed<DeviceRow>, facets: Facets, nothing_yet: bool) -> Self {
        list.clamp(found.total);
        list.rows = rows(&ui, found.rows);
        let query = list.params.clone();
        DevicesPage {
            tabs: tabs(&ui, &query, &facets),
            menus: menus(&ui, &query, &facets),
            chips: chips(&ui, &query),
            search: query.get("q").unwrap_or("").to_owned(),
            nothing_yet,
            list,
            ui,
        }
    }

    fn is_filtered(&self) -> bool {
        !self.chips.is_empty() || !self.search.is_empty() || self.list.params.get("state").is_some()
    }

    /// What the search form must send along.
    fn kept(&self) -> Vec<(String, String)> {
        self.list.params.without("q").without("page").pairs().to_vec()
    }
}

/// All, then one for each state that occurs.
fn tabs(ui: &Ui, query: &Params, facets: &Facets) -> Vec<Choice> {
    let total = facets.conditions.iter().map(|(_, n)| n).sum();
    let base = query.without("state").without("page");
    let mut tabs = vec![Choice {
        href: base.url(PATH),
        words: ui.t("tab-all"),
        count: total,
        chosen: query.get("state").is_none(),
    }];
    for meaning in [Meaning::Failure, Meaning::Attention, Meaning::Unknown, Meaning::Ok] {
        let word = meaning.as_str();
        let count = facets.conditions.iter().find(|(c, _)| c == word).map_or(0, |(_, n)| *n);
        let chosen = query.has("state", word);
        if count > 0 || chosen {
            tabs.push(Choice { href: base.with("state", word).url(PATH), words: ui.word("tab-", word), count, chosen });
        }
    }
    tabs
}

fn menus(ui: &Ui, query: &Params, facets: &Facets) -> Vec<Menu> {
    let menu = |label, name: &str, values: &[(String, i64)], words: &dyn Fn(&str) -> String| Menu {
        label,
        choices: values
            .iter()
            .map(|(value, count)| {
                let value = if value.is_empty() { NO_PLACE } else { value };
                Choice {
                    href: query.toggled(name, value).url(PATH),
                    words: words(value),
                    count: *count,
                    chosen: query.has(name, value),
                }
            })
            .collect(),
    };
    let told: Vec<(String, i64)> = facets.vendors.iter().filter(|(v, _)| !v.is_empty()).cloned().collect();
    let menus = [
        menu("col-kind", "kind", &facets.kinds, &|v| ui.word("kind-", v)),
        menu("col-vendor", "vendor", &told, &|v| v.to_owned()),
        menu("col-place", "place", &facets.places, &|v| place_words(ui, v)),
    ];
    menus.into_iter().filter(|m| m.choices.len() > 1 || m.choices.iter().any(|c| c.chosen)).collect()
}

fn place_words(ui: &Ui, value: &str) -> String {
    if value == NO_PLACE { ui.t("place-none") } else { value.to_owned() }
}

fn chips(ui: &Ui, query: &Params) -> Vec<Chip> {
    let words = |name: &str, value: &str| match name {
        "kind" => Some(ui.word("kind-", value)),
        "vendor" => Some(value.to_owned()),
        "place" => Some(place_words(ui, value)),
        "low" => Some(ui.t("filter-low")),
        "new" => Some(ui.t("filter-new")),
        "retired" => Some(ui.t("filter-retired")),
        _ => None,
    };
    let chip = |(name, value): &(String, String)| {
        Some(Chip { words: words(name, value)?, href: query.toggled(name, value).url(PATH) })
    };
    query.pairs().iter().filter_map(chip).collect()
}

/// One invented device of a list.
fn sample_row(id: i64, name: &str, place: &str, condition: &str, reach: Reach, supplies: Vec<SupplyMark>) -> DeviceRow {
    let seen = Ui::sample(Lang::Ru, PATH).now.plus(-id * 7 * Millis::MINUTE);
    DeviceRow {
        id: DeviceId(id),
        site: SiteId(1),
        site_name: "Казань, ул. Баумана 5".into(),
        name: name.into(),
        location: (!place.is_empty()).then(|| place.to_owned()),
        kind: Some(if supplies.is_empty() { "switch" } else { "printer" }.into()),
        functions: if id < 3 { "print,scan,copy".into() } else { String::new() },
        vendor: Some("Kyocera".into()),
        model: Some("ECOSYS M2040dn".into()),
        serial: Some(format!("VCG7Z{id:05}")),
        address: format!("10.4.2.{id}"),
        base_mac: Some(format!("00:17:c8:00:00:{id:02x}")),
        condition: condition.into(),
        state: DeviceState { reach, reach_since: Some(seen), ..Default::default() },
        page_count: (id < 4).then_some(41_208 + id * 1_000),
        first_seen: seen.plus(-90 * Millis::DAY),
        last_seen: (reach != Reach::Unknown).then_some(seen),
        retired: false,
        supplies,
    }
}

pub(super) fn sample_mark(color: &str, low: f64, is_low: bool) -> SupplyMark {
    SupplyMark {
        index: "1.1".into(),
        kind: "toner".into(),
        color: Some(color.into()),
        description: "TK-1170".into(),
        level_state: LevelState::Known,
        low: Some(low),
        high: Some(low),
        max_capacity: Some(100),
        receptacle: false,
        is_low,
    }
}

pub(super) fn sample_rows() -> Vec<DeviceRow> {
    let colour = |k, low| {
        let mut marks = vec![sample_mark("black", k, low)];
        marks.extend([("cyan", 0.71), ("magenta", 0.38), ("yellow", 0.9)].map(|(c, l)| sample_mark(c, l, false)));
        marks
    };
    let some = SupplyMark {
        level_state: LevelState::SomeRemaining,
        low: Some(0.0),
        high: Some(1.0),
        ..sample_mark("black", 0.0, false)
    };
    vec![
        sample_row(1, "МФУ бухгалтерии", "каб. 214", "attention", Reach::Ok, colour(0.06, true)),
        sample_row(
            2,
            "HP LaserJet Managed MFP E72525dn Flow, второй этаж у лестницы",
            "коридор 2 эт.",
            "failure",
            Reach::Down,
            colour(0.5, false),
        ),
        sample_row(3, "Склад", "", "ok", Reach::Asleep, vec![some]),
        sample_row(4, "sw-2-kross", "кроссовая", "ok", Reach::Ok, Vec::new()),
        sample_row(5, "10.4.2.5", "", "unknown", Reach::Unknown, Vec::new()),
        sample_row(6, "Приёмная", "каб. 301", "attention", Reach::Degraded, vec![sample_mark("black", 0.33, false)]),
    ]
}

pub fn samples(lang: Lang) -> Vec<(&'static str, DevicesPage)> {
    let facets = Facets {
        kinds: vec![("printer".into(), 31), ("switch".into(), 3), ("ups".into(), 1)],
        conditions: [("ok", 28), ("attention", 5), ("failure", 1), ("unknown", 1)]
            .map(|(c, n)| (c.to_owned(), n))
            .into(),
        vendors: vec![("Kyocera".into(), 12), ("HP".into(), 9)],
        places: vec![("каб. 214".into(), 4), (String::new(), 2)],
    };
    let page = |path: &str, rows: Vec<DeviceRow>, total: i64, nothing_yet: bool| {
        let ui = Ui::sample(lang, path);
        let list = List::read(&ui, COLUMNS, "name");
        DevicesPage::new(ui, list, Listed { rows, total }, facets.clone(), nothing_yet)
    };
    vec![
        ("", page("/devices?size=25", sample_rows(), 35, false)),
        (
            "filtered",
            page("/devices?kind=printer&place=-&low=1&state=attention&sort=-seen&q=214", sample_rows(), 6, false),
        ),
        ("none", page("/devices?q=сканер", Vec::new(), 0, false)),
        ("empty", page("/devices", Vec::new(), 0, true)),
    ]
}
