//! `/cabling`: one search box, what is documented in a branch, and the way to everything else about its cables.
//! One file a page; this one holds the landing page and what they share.

pub mod changes;
pub mod findings;
pub mod map;
pub mod sheets;
pub mod trace;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::tabs::Tabs;
use super::{Sample, drawn};
use crate::i18n::Lang;
use crate::model::{Cable, Millis, PieceId, SiteId, UnitKind, natural_key};
use crate::store::read::cabling::{self as read, Heard};
use crate::topology::{Documented, PathEnd, Step};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::cabling::find::{self, Hit};
use crate::web::cabling::{Branch, branch, now, site_name, site_of, strip};
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};

pub const PATH: &str = "/cabling";

const OUTLETS: &[Column] = &[
    Column::new("name", "cabling-outlet"),
    Column::new("place", "cabling-place"),
    Column::new("panel", "cabling-panel"),
    Column::new("switch", "cabling-switch-port"),
    Column::new("device", "cabling-device"),
    Column::new("cable", "cabling-cable").hidden(),
    Column::new("vlan", "cabling-vlan").right().hidden(),
    Column::new("note", "cabling-note").card(Card::Wide),
];
/// Sockets of one unit.
const PORTS: &[Column] = &[
    Column::new("name", "cabling-port"),
    Column::new("outlet", "cabling-outlet"),
    Column::new("panel", "cabling-panel"),
    Column::new("switch", "cabling-switch-port"),
    Column::new("device", "cabling-device"),
    Column::new("cable", "cabling-cable").hidden(),
    Column::new("vlan", "cabling-vlan").right().hidden(),
    Column::new("note", "cabling-note").card(Card::Wide),
];
const UNITS: &[Column] = &[
    Column::new("name", "cabling-unit"),
    Column::new("kind", "cabling-kind"),
    Column::new("place", "cabling-place"),
    Column::new("ports", "cabling-ports").right(),
    Column::new("free", "cabling-free").right(),
];
const CABLES: &[Column] = &[
    Column::new("name", "cabling-cable"),
    Column::new("kind", "cabling-kind"),
    Column::new("ends", "cabling-ends").card(Card::Wide),
    Column::new("length", "cabling-length").right(),
    Column::new("status", "cabling-status"),
    Column::new("source", "cabling-source").hidden(),
];

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/cabling.csv", get(csv))
        .merge(trace::router())
        .merge(sheets::router())
        .merge(changes::router())
        .merge(findings::router())
        .merge(map::router())
}

/// A search result as a line.
pub struct Found {
    pub href: String,
    pub name: String,
    /// What it is.
    pub what: String,
    pub sub: String,
}

#[derive(Template)]
#[template(path = "cabling.html")]
pub struct CablingPage {
    ui: Ui,
    site: Option<SiteId>,
    site_name: String,
    q: String,
    /// `None`: nobody searched.
    found: Option<Vec<Found>>,
    /// Ports on which a MAC or address that was searched is heard.
    heard: Vec<Heard>,
    tabs: Tabs,
    list: List,
    /// The unit or room whose sockets are listed.
    within: Option<String>,
    counts: (usize, usize, usize),
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let Some(site) = site_of(&ui) else {
        return CablingPage::new(ui, None, None, Vec::new()).page();
    };
    let branch = branch(&state, site).await?;
    let q = ui.query.get("q").unwrap_or("").trim().to_owned();
    if q.is_empty() {
        return CablingPage::new(ui, Some(&branch), None, Vec::new()).page();
    }
    let (hits, heard) = search(&state, &branch, &q, ui.now).await?;
    if let (Some(href), true) = (direct(&hits, &heard, &branch), ui.query.get("list").is_none()) {
        return Ok(Redirect::to(&href).into_response());
    }
    CablingPage::new(ui, Some(&branch), Some(hits), heard).page()
}

/// Where exactly one thing is meant.
fn direct(hits: &[Hit], heard: &[Heard], branch: &Branch) -> Option<String> {
    match (hits, heard) {
        ([one], []) => Some(href(branch, *one)),
        ([], [near, ..]) => {
            let index = u32::try_from(near.if_index?).ok()?;
            let jack = branch.documented.interface(near.device_id, index)?;
            Some(format!("{PATH}/jack/{jack}"))
        }
        _ => None,
    }
}

/// Labels first, then what only the network knows.
pub async fn search(
    state: &AppState,
    branch: &Branch,
    q: &str,
    at: Millis,
) -> Result<(Vec<Hit>, Vec<Heard>), WebError> {
    let db = state.store.db();
    let since = at.plus(-now::HEARD_FOR);
    let hits = branch.index.find(q);
    let mut macs: Vec<String> = find::mac(q).into_iter().collect();
    if let Some(address) = find::address(q) {
        macs.extend(read::macs_at(db, branch.site, &address).await?);
    }
    if let [Hit::Device(device)] = hits[..] {
        macs.extend(read::macs_of(db, device).await?);
    }
    let mut heard = Vec::new();
    for mac in macs.iter().take(16) {
        heard.extend(read::heard(db, branch.site, mac, since).await?);
    }
    heard.sort_by_key(|h| (h.macs, -h.last_seen, h.device_id));
    Ok((hits, heard))
}

/// The page of a hit.
pub fn href(branch: &Branch, hit: Hit) -> String {
    let plan = &branch.documented.plan;
    let first = |unit: PieceId| plan.jacks_of(unit).first().map(|j| j.id);
    match hit {
        Hit::Jack(id) => format!("{PATH}/jack/{id}"),
        Hit::Cable(id) => format!("{PATH}/cable/{id}"),
        // One socket: its path is what is meant.
        Hit::Unit(id) if plan.jacks_of(id).len() == 1 => format!("{PATH}/jack/{}", first(id).unwrap_or_default()),
        Hit::Unit(id) => format!("{PATH}?site={}&unit={id}", branch.site),
        Hit::Place(id) => format!("{PATH}?site={}&place={id}", branch.site),
        Hit::Rack(_) => format!("{PATH}?site={}&show=units", branch.site),
        Hit::Device(id) => format!("/devices/{id}"),
    }
}

fn found(ui: &Ui, branch: &Branch, hit: Hit) -> Found {
    let plan = &branch.documented.plan;
    let (name, what, sub) = match hit {
        Hit::Jack(id) => {
            let jack = plan.jacks.get(&id);
            let unit = jack.and_then(|j| plan.units.get(&j.unit));
            let name = jack.map(|j| plan.jack_name(j)).unwrap_or_default();
            let kind = unit.map(|u| ui.word("unit-kind-", u.kind.as_str())).unwrap_or_default();
            (name, kind, unit.and_then(|u| plan.place_name(u)).unwrap_or("").to_owned())
        }
        Hit::Unit(id) => {
            let unit = plan.units.get(&id);
            let kind = unit.map(|u| ui.word("unit-kind-", u.kind.as_str())).unwrap_or_default();
            let place = unit.and_then(|u| plan.place_name(u)).unwrap_or("").to_owned();
            (unit.map(|u| u.label.clone()).unwrap_or_default(), kind, place)
        }
        Hit::Cable(id) => {
            let cable = plan.cables.get(&id);
            let about = cable.map(|c| strip::about(ui, c)).unwrap_or_default();
            (cable.map(|c| c.label.clone()).unwrap_or_default(), ui.t("cabling-cable"), about)
        }
        Hit::Place(id) => {
            let path = plan.place_path(id);
            let kind = path.last().map(|p| ui.word("place-kind-", p.kind.as_str())).unwrap_or_default();
            let names: Vec<&str> = path.iter().map(|p| p.name.as_str()).collect();
            (path.last().map(|p| p.name.clone()).unwrap_or_default(), kind, names.join(" · "))
        }
        Hit::Rack(id) => {
            let rack = plan.racks.get(&id).map(|r| r.name.clone()).unwrap_or_default();
            (rack, ui.t("cabling-rack"), String::new())
        }
        Hit::Device(id) => {
            let device = branch.devices.iter().find(|d| d.id == id);
            let name = device.map(|d| d.name.clone()).unwrap_or_default();
            (name, ui.t("cabling-device"), device.map(|d| d.address.clone()).unwrap_or_default())
        }
    };
    Found { href: href(branch, hit), name, what, sub }
}

/// Ends of an outlet's path as cells: panel, switch port, device.
#[derive(Default)]
struct Ends {
    outlet: String,
    panel: String,
    switch: String,
    device: String,
    cable: String,
}

fn ends(documented: &Documented, jack: PieceId) -> Ends {
    let plan = &documented.plan;
    let mut ends = Ends::default();
    let Some(path) = documented.paths(jack).into_iter().next() else { return ends };
    for step in &path.steps {
        match step {
            Step::Jack(id, _) if *id != jack => {
                let Some((j, unit)) = plan.jacks.get(id).and_then(|j| Some((j, plan.units.get(&j.unit)?))) else {
                    continue;
                };
                match unit.kind {
                    UnitKind::Outlet => ends.outlet = plan.jack_name(j),
                    UnitKind::Panel => ends.panel = plan.jack_name(j),
                    UnitKind::Switch | UnitKind::Router => ends.switch = plan.jack_name(j),
                    k if !k.is_passive() => ends.device = unit.label.clone(),
                    _ => {}
                }
            }
            Step::Cable(id) if ends.cable.is_empty() => {
                ends.cable = plan
                    .cables
                    .get(id)
                    .filter(|c| c.kind != crate::model::CableKind::Cord)
                    .map(|c| c.label.clone())
                    .unwrap_or_default();
            }
            _ => {}
        }
    }
    if path.ends == (PathEnd::Loose, PathEnd::Loose) {
        ends.switch.clear();
    }
    ends
}

/// Outlets of a place and everything inside it, or all.
fn outlet_rows(documented: &Documented, place: Option<PieceId>) -> Vec<Row> {
    let plan = &documented.plan;
    let inside = |u: &crate::model::Unit| {
        place.is_none_or(|p| plan.place_path(plan.place_of(u).unwrap_or_default()).iter().any(|x| x.id == p))
    };
    let unit = |j: &crate::model::Jack| plan.units.get(&j.unit).filter(|u| u.kind == UnitKind::Outlet && inside(u));
    let outlets = plan.jacks.values().filter_map(|j| Some((j, unit(j)?)));
    let place = |u| Html(format!(r#"<span class="nowrap">{}</span>"#, escape(plan.place_name(u).unwrap_or(""))));
    let row = |(jack, u)| jack_row(documented, jack, &|_| Cell::html(place(u), plan.place_name(u).unwrap_or("")));
    outlets.map(row).collect()
}

fn jack_row(documented: &Documented, jack: &crate::model::Jack, second: &dyn Fn(&Ends) -> Cell) -> Row {
    let ends = ends(documented, jack.id);
    Row {
        key: jack.id.to_string(),
        cells: vec![
            Cell::name(&documented.plan.jack_name(jack), &format!("{PATH}/jack/{}", jack.id), ""),
            second(&ends),
            Cell::mono(ends.panel),
            Cell::mono(ends.switch),
            Cell::text(ends.device),
            Cell::mono(ends.cable),
            Cell::text(jack.vlan.map(|v| v.to_string()).unwrap_or_default()),
            Cell::text(jack.note.clone()),
        ],
    }
}

/// Sockets of one unit, in the order of its face where the reader sorts by nothing else.
fn port_rows(documented: &Documented, unit: PieceId) -> Vec<Row> {
    let jacks = documented.plan.jacks_of(unit).into_iter();
    jacks.map(|j| jack_row(documented, j, &|e| Cell::text(e.outlet.clone()))).collect()
}

fn unit_rows(ui: &Ui, documented: &Documented) -> Vec<Row> {
    let plan = &documented.plan;
    plan.units
        .values()
        .filter(|u| u.kind != UnitKind::Outlet)
        .map(|u| {
            let jacks = plan.jacks_of(u.id);
            let used = |j: &&&crate::model::Jack| {
                let side = u.kind.is_passive().then_some(crate::model::JackSide::Front);
                documented.in_socket(crate::model::Socket { jack: j.id, side }).is_some()
            };
            let free = jacks.len() - jacks.iter().filter(used).count();
            let kind = ui.word("unit-kind-", u.kind.as_str());
            Row {
                key: u.id.to_string(),
                cells: vec![
                    Cell::name(&u.label, &ui.query.without("page").without("show").with("unit", u.id).url(PATH), ""),
                    Cell::text(kind),
                    Cell::text(plan.place_name(u).unwrap_or("")),
                    Cell::text(jacks.len().to_string()),
                    Cell::text(free.to_string()),
                ],
            }
        })
        .collect()
}

/// "PP1 · 7 – 2.14-A".
pub fn cable_ends(documented: &Documented, cable: &Cable) -> String {
    let plan = &documented.plan;
    let names = cable.ends.iter().filter_map(|e| plan.jacks.get(&e.jack)).map(|j| plan.jack_name(j));
    names.collect::<Vec<_>>().join(" – ")
}

fn cable_rows(ui: &Ui, documented: &Documented) -> Vec<Row> {
    let rows = documented.plan.cables.values().map(|c| {
        let label = if c.label.is_empty() { ui.t("cable-without-label") } else { c.label.clone() };
        let status = ui.word("cable-status-", c.status.as_str());
        Row {
            key: c.id.to_string(),
            cells: vec![
                Cell::name(&label, &format!("{PATH}/cable/{}", c.id), ""),
                Cell::text(ui.word("cable-kind-", c.kind.as_str())),
                Cell::text(cable_ends(documented, c)),
                Cell::text(c.length_cm.map(|cm| strip::length(ui, cm)).unwrap_or_default()),
                Cell::text(status),
                Cell::text(ui.word("cable-source-", c.source.as_str())),
            ],
        }
    });
    rows.collect()
}

fn listed(ui: &Ui, documented: Option<&Documented>) -> (List, &'static str) {
    let view = ui.query.get("show").unwrap_or("");
    let unit = ui.query.number("unit").map(PieceId);
    let (columns, view): (&'static [Column], &'static str) = match view {
        _ if unit.is_some() => (PORTS, "units"),
        "units" => (UNITS, "units"),
        "cables" => (CABLES, "cables"),
        _ => (OUTLETS, ""),
    };
    let mut list = List::read(ui, columns, "name");
    let Some(documented) = documented else { return (list, view) };
    let mut rows = match (unit, view) {
        (Some(unit), _) => port_rows(documented, unit),
        (None, "units") => unit_rows(ui, documented),
        (None, "cables") => cable_rows(ui, documented),
        (None, _) => outlet_rows(documented, ui.query.number("place").map(PieceId)),
    };
    let column = columns.iter().position(|c| c.key == list.sort).unwrap_or(0);
    rows.sort_by_cached_key(|r| (natural_key(&r.cells[column].text), r.key.clone()));
    if list.descending {
        rows.reverse();
    }
    list.rows = rows;
    (list, view)
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let site = site_of(&ui).ok_or(WebError::NotFound)?;
    let branch = branch(&state, site).await?;
    let (mut list, _) = listed(&ui, Some(&branch.documented));
    list.rows.truncate(CSV_ROWS as usize);
    Ok(list.csv(&ui, "cabling"))
}

impl CablingPage {
    fn new(ui: Ui, branch: Option<&Branch>, hits: Option<Vec<Hit>>, heard: Vec<Heard>) -> Self {
        let documented = branch.map(|b| &b.documented);
        let (mut list, view) = listed(&ui, documented);
        let total = list.rows.len();
        list.clamp(total as i64);
        let (skip, take) = (usize::try_from(list.offset()).unwrap_or(0), usize::try_from(list.size).unwrap_or(0));
        list.rows = std::mem::take(&mut list.rows).into_iter().skip(skip).take(take).collect();
        let plan = documented.map(|d| &d.plan);
        let outlets = plan.map_or(0, |p| {
            let is_outlet = |id: &PieceId| p.units.get(id).is_some_and(|u| u.kind == UnitKind::Outlet);
            p.jacks.values().filter(|j| is_outlet(&j.unit)).count()
        });
        let units = plan.map_or(0, |p| p.units.values().filter(|u| u.kind != UnitKind::Outlet).count());
        let cables = plan.map_or(0, |p| p.cables.len());
        let views = [
            ("", "cabling-outlets", Some(outlets as i64)),
            ("units", "cabling-units", Some(units as i64)),
            ("cables", "cabling-cables", Some(cables as i64)),
        ];
        let mut tabs = Tabs::of_query(&ui, "show", view, &views);
        // A view of everything leaves the unit or room that was looked at.
        for (tab, word) in tabs.0.iter_mut().zip(["", "units", "cables"]) {
            let all = ui.query.without("unit").without("place").without("q").without("page").without("show");
            tab.href = if word.is_empty() { all.url(PATH) } else { all.with("show", word).url(PATH) };
        }
        let within = plan.and_then(|p| {
            let unit = ui.query.number("unit").and_then(|id| p.units.get(&PieceId(id))).map(|u| u.label.clone());
            unit.or_else(|| Some(p.places.get(&PieceId(ui.query.number("place")?))?.name.clone()))
        });
        let found = match (hits, branch) {
            (Some(hits), Some(branch)) => Some(hits.into_iter().map(|h| found(&ui, branch, h)).collect()),
            _ => None,
        };
        let site = branch.map(|b| b.site);
        let site_name = site.map(|s| site_name(&ui, s)).unwrap_or_default();
        let q = ui.query.get("q").unwrap_or("").to_owned();
        CablingPage { ui, site, site_name, q, found, heard, tabs, list, within, counts: (outlets, units, cables) }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageCabling)
    }

    fn is_empty(&self) -> bool {
        self.counts == (0, 0, 0)
    }

    fn heard_words(&self, h: &Heard) -> String {
        let mut said = Vec::new();
        if h.vlan > 0 {
            said.push(format!("VLAN {}", h.vlan));
        }
        said.push(if h.macs > 1 { self.ui.tn("port-shared", h.macs - 1) } else { self.ui.t("heard-alone") });
        said.join(" · ")
    }

    fn seen(&self, h: &Heard) -> crate::web::html::Html {
        self.ui.ago_html(&Millis(h.last_seen))
    }
}

/// Branches with their doors: what every page of cabling has above it.
pub fn crumb_site(ui: &Ui, site: SiteId) -> (String, String) {
    (format!("{PATH}?site={site}"), site_name(ui, site))
}

pub fn samples(lang: Lang, all: &mut Vec<Result<Sample, String>>) {
    drawn("cabling", home_samples(lang), all);
    drawn("cabling-trace", trace::samples(lang), all);
    drawn("cabling-import", sheets::samples(lang), all);
    drawn("cabling-report", sheets::report_samples(lang), all);
    drawn("cabling-changes", changes::samples(lang), all);
    drawn("cabling-findings", findings::samples(lang), all);
    drawn("cabling-map", map::samples(lang), all);
}

/// A branch as a sheet would have made it.
pub fn sample_branch(outlets: u32) -> Branch {
    use crate::cabling::sheet;
    use crate::model::{KnownPort, SheetField as F, SheetRow};
    let ports = (1..=24).map(|n| KnownPort { if_index: n, name: format!("Gi1/0/{n}"), descr: None }).collect();
    let switch = crate::model::KnownDevice {
        id: 1,
        name: "sw2".into(),
        address: "10.4.0.2".into(),
        kind: Some(crate::model::DeviceKind::Switch),
        ports,
        serial: None,
    };
    let row = |n: u32| {
        let mut cells = vec![
            (
                F::Outlet,
                format!("{}.{:02}-{}", n / 40 + 2, n % 40 / 2 + 1, if n.is_multiple_of(2) { "A" } else { "B" }),
            ),
            (F::Floor, format!("{} этаж", n / 40 + 2)),
            (F::Room, format!("каб. {}{:02}", n / 40 + 2, n % 40 / 2 + 1)),
            (F::Panel, format!("PP{}", n / 24 + 1)),
            (F::PanelPort, (n % 24 + 1).to_string()),
            (F::Cable, format!("L-{:04}", n + 1)),
            (F::Category, "6".to_owned()),
            (F::Length, format!("{}.5", 20 + n % 50)),
        ];
        if n < 16 {
            cells.extend([(F::Switch, "sw2".to_owned()), (F::SwitchPort, (n + 1).to_string())]);
            cells.extend([(F::Cord, format!("{:04}", n + 41)), (F::Colour, "blue".to_owned())]);
        }
        if n == 0 {
            cells.extend([(F::Device, "Kyocera ECOSYS M2040dn".to_owned()), (F::Vlan, "20".to_owned())]);
            cells.push((F::Note, "у окна, за шкафом с бумагой для большого плоттера".to_owned()));
        }
        SheetRow { row: n + 2, cells, faults: Vec::new() }
    };
    let rows: Vec<SheetRow> = (0..outlets).map(row).collect();
    let devices = vec![switch];
    let (_, draft) = sheet::judge(&rows, crate::model::Cabling::default(), 0, &devices, Millis(0));
    Branch::new(SiteId(1), Documented::new(draft.plan), devices)
}

fn home_samples(lang: Lang) -> Vec<(&'static str, CablingPage)> {
    let page = |path: &str, outlets: u32, hits: bool, heard: Vec<Heard>| {
        let ui = Ui::sample(lang, path);
        let branch = sample_branch(outlets);
        let hits = hits.then(|| branch.index.find(ui.query.get("q").unwrap_or("")));
        CablingPage::new(ui, Some(&branch), hits, heard)
    };
    let heard = vec![Heard {
        device_id: 1,
        device: "sw2".into(),
        if_index: Some(7),
        port: "Gi1/0/7".into(),
        vlan: 20,
        macs: 1,
        first_seen: 1_795_000_000_000,
        last_seen: 1_795_690_900_000,
    }];
    vec![
        ("", page(PATH, 40, false, Vec::new())),
        ("empty", page(PATH, 0, false, Vec::new())),
        ("many", page("/cabling?page=3", 2_000, false, Vec::new())),
        ("units", page("/cabling?show=units", 300, false, Vec::new())),
        ("unit", page("/cabling?unit=1", 40, false, Vec::new())),
        ("cables", page("/cabling?show=cables", 40, false, Vec::new())),
        ("found", page("/cabling?q=2.0", 40, true, heard)),
        ("nothing", page("/cabling?q=xyzzy", 40, true, Vec::new())),
        ("no-site", CablingPage::new(Ui::sample(lang, PATH), None, None, Vec::new())),
    ]
}
