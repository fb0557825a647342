//! `/cabling/map`: what the network shows of a branch as a layered picture, at most thirty nodes unless all are asked for, and
//! the same as a table with states and ages. The picture is also a file: SVG, draw.io, CSV.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::crumb_site;
use crate::i18n::Lang;
use crate::model::{LinkRecord, LinkState, Millis, SiteId};
use crate::store::{known, observed};
use crate::topology::{CloudKind, Map, Style, drawio, picture};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::badge::Meaning;
use crate::web::cabling::{site_name, site_of};
use crate::web::html::Html;
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};

const MAP: &str = "/cabling/map";
/// Nodes of the picture unless all are asked for.
const NODES: usize = 30;

const COLUMNS: &[Column] = &[
    Column::new("from", "map-from").unsorted(),
    Column::new("from_port", "map-port").unsorted(),
    Column::new("to", "map-to").unsorted(),
    Column::new("to_port", "map-port").unsorted(),
    Column::new("sure", "map-sure").unsorted().right(),
    Column::new("state", "map-state").unsorted(),
    Column::new("seen", "map-seen").unsorted().card(Card::Wide),
];

#[derive(Template)]
#[template(path = "cabling_map.html")]
pub struct MapPage {
    ui: Ui,
    site: (String, String),
    site_id: SiteId,
    at: Option<Html>,
    svg: Html,
    /// Devices the picture leaves out.
    hidden: usize,
    whole: bool,
    list: List,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(MAP, get(show))
        .route("/cabling/map.svg", get(svg))
        .route("/cabling/map.drawio", get(draw))
        .route("/cabling/map.csv", get(csv))
}

/// What is known of a branch's links.
struct Loaded {
    site: SiteId,
    map: Map,
    at: Option<Millis>,
    links: Vec<LinkRecord>,
    names: BTreeMap<i64, String>,
    /// Switches, routers, access points: drawn even alone.
    backbone: BTreeSet<i64>,
}

async fn load(ui: &Ui, state: &AppState) -> Result<Loaded, WebError> {
    let site = site_of(ui).ok_or(WebError::NotFound)?;
    let db = state.store.db();
    let kept = observed::map(db, site).await?;
    let (at, map) = match kept {
        Some((at, body)) => (Some(at), serde_json::from_str(&body).unwrap_or_default()),
        None => (None, Map::default()),
    };
    let devices = known::devices(db, site).await?;
    let backbone = devices.iter().filter(|d| d.kind.is_some_and(|k| k.is_infrastructure())).map(|d| d.id).collect();
    let names = devices.into_iter().map(|d| (d.id, d.name)).collect();
    Ok(Loaded { site, map, at, links: observed::links(db, site).await?, names, backbone })
}

/// The map without devices that hang on no link, and cut to the busiest where it is too large; what was left out, and how many
/// neighbours of each drawn device.
fn reduced(loaded: &Loaded, whole: bool) -> (Map, usize, BTreeMap<String, usize>) {
    let map = &loaded.map;
    let mut degree: BTreeMap<&str, usize> = BTreeMap::new();
    for l in &map.links {
        *degree.entry(&l.a.device).or_default() += 1;
        *degree.entry(&l.b.device).or_default() += 1;
    }
    for p in map.clouds.iter().flat_map(|c| &c.ports) {
        *degree.entry(&p.device).or_default() += 1;
    }
    let alone = |d: &str| d.parse().is_ok_and(|id: i64| loaded.backbone.contains(&id));
    let mut wanted: Vec<&str> =
        map.devices.iter().map(String::as_str).filter(|d| degree.contains_key(d) || alone(d)).collect();
    let total = wanted.len();
    wanted.sort_by_key(|d| (std::cmp::Reverse(degree.get(d).copied().unwrap_or(0)), *d));
    if !whole {
        wanted.truncate(NODES.saturating_sub(map.clouds.len().min(10)));
    }
    let kept: BTreeSet<&str> = wanted.iter().copied().collect();
    let mut away: BTreeMap<String, usize> = BTreeMap::new();
    for l in &map.links {
        for (near, far) in [(&l.a.device, &l.b.device), (&l.b.device, &l.a.device)] {
            if kept.contains(near.as_str()) && !kept.contains(far.as_str()) {
                *away.entry(near.clone()).or_default() += 1;
            }
        }
    }
    let mut small = map.clone();
    small.devices.retain(|d| kept.contains(d.as_str()));
    small.links.retain(|l| kept.contains(l.a.device.as_str()) && kept.contains(l.b.device.as_str()));
    small.clouds.retain(|c| c.ports.iter().any(|p| kept.contains(p.device.as_str())));
    if !whole {
        small.clouds.truncate(10);
        small.externals.truncate(8);
    }
    (small, total - kept.len(), away)
}

/// Draws with the words of the reader.
fn styled<T>(ui: &Ui, loaded: &Loaded, away: &BTreeMap<String, usize>, with: impl Fn(&Style<'_>) -> T) -> T {
    let name = |key: &str| {
        let number = key.parse::<i64>().ok();
        number.and_then(|n| loaded.names.get(&n).cloned()).unwrap_or_else(|| key.to_owned())
    };
    let cloud = |kind: CloudKind| {
        ui.t(match kind {
            CloudKind::UnmanagedSwitch => "cloud-unmanaged-switch",
            CloudKind::Wifi => "cloud-wifi",
            CloudKind::PhonePassthrough => "cloud-phone",
            CloudKind::Hypervisor => "cloud-hypervisor",
        })
    };
    let style = Style {
        title: format!("{}: {}", ui.t("cabling-map"), site_name(ui, loaded.site)),
        legend: ui.t("map-legend"),
        name: &name,
        href: &|key| key.parse::<i64>().ok().map(|id| format!("/devices/{id}")),
        stations: &|n| ui.tn("map-stations", n),
        cloud: &cloud,
        under: &|key| away.get(key).map(|n| ui.tn("map-away", *n)).unwrap_or_default(),
    };
    with(&style)
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let loaded = load(&ui, &state).await?;
    MapPage::new(ui, &loaded).page()
}

fn file(kind: &'static str, name: &'static str, body: String) -> Response {
    let disposition = format!(r#"attachment; filename="{name}""#);
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}

async fn svg(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let loaded = load(&ui, &state).await?;
    let (map, _, away) = reduced(&loaded, ui.query.has("all", "1"));
    Ok(file("image/svg+xml", "map.svg", styled(&ui, &loaded, &away, |s| picture(&map, s))))
}

async fn draw(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let loaded = load(&ui, &state).await?;
    let (map, _, away) = reduced(&loaded, ui.query.has("all", "1"));
    Ok(file("application/xml", "map.drawio", styled(&ui, &loaded, &away, |s| drawio(&map, s))))
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let loaded = load(&ui, &state).await?;
    let mut list = List::read(&ui, COLUMNS, "from");
    list.rows = loaded.links.iter().take(CSV_ROWS as usize).map(|l| row(&ui, &loaded, l)).collect();
    Ok(list.csv(&ui, "map"))
}

pub fn state_badge(ui: &Ui, state: LinkState) -> Html {
    let meaning = match state {
        LinkState::Live => Meaning::Ok,
        LinkState::Aging => Meaning::Attention,
        LinkState::Stale | LinkState::LastKnown => Meaning::Unknown,
    };
    meaning.badge(&ui.word("link-state-", state.as_str()))
}

fn row(ui: &Ui, loaded: &Loaded, l: &LinkRecord) -> Row {
    let name = |id: i64| loaded.names.get(&id).cloned().unwrap_or_else(|| id.to_string());
    let far = Html(format!(r#"<a href="/devices/{}">{}</a>"#, l.b_device, crate::web::html::escape(&name(l.b_device))));
    Row {
        key: l.key(),
        cells: vec![
            Cell::name(&name(l.a_device), &format!("/devices/{}", l.a_device), ""),
            Cell::mono(l.a_port.clone()),
            Cell::html(far, name(l.b_device)),
            Cell::mono(l.b_port.clone()),
            Cell::text(ui.percent(f64::from(l.permille) / 1_000.0)),
            Cell::html(state_badge(ui, l.state), ui.word("link-state-", l.state.as_str())),
            Cell::html(ui.ago_html(&l.last_seen), ui.exact(l.last_seen)),
        ],
    }
}

impl MapPage {
    fn new(ui: Ui, loaded: &Loaded) -> Self {
        let whole = ui.query.has("all", "1");
        let (map, hidden, away) = reduced(loaded, whole);
        let svg = if map.devices.is_empty() { String::new() } else { styled(&ui, loaded, &away, |s| picture(&map, s)) };
        let mut list = List::read(&ui, COLUMNS, "from");
        list.clamp(loaded.links.len() as i64);
        let (skip, take) = (usize::try_from(list.offset()).unwrap_or(0), usize::try_from(list.size).unwrap_or(0));
        list.rows = loaded.links.iter().skip(skip).take(take).map(|l| row(&ui, loaded, l)).collect();
        let at = loaded.at.map(|at| ui.ago_html(&at));
        let site = crumb_site(&ui, loaded.site);
        MapPage { site, site_id: loaded.site, at, svg: Html(svg), hidden, whole, list, ui }
    }

    fn is_empty(&self) -> bool {
        self.svg.0.is_empty()
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, MapPage)> {
    use crate::topology::{Cloud, End, Evidence, Link, Source};
    let end = |d: i64, p: u32| End { device: d.to_string(), port: Some(format!("Gi1/0/{p}")), if_index: Some(p) };
    let network = |access: i64| {
        let mut map = Map { devices: (1..=access + 1).map(|d| d.to_string()).collect(), ..Map::default() };
        for n in 0..access {
            let evidence = vec![Evidence { source: Source::Lldp, two_sided: n % 3 != 0, score: 0.99 }];
            let confidence = if n % 4 == 3 { 0.7 } else { 0.99 };
            let (a, b) = (end(1 + n / 8 * 8, (n + 1) as u32), end(n + 2, 48));
            map.links.push(Link { a, b, confidence, evidence, blocked: n % 7 == 6, aggregate: None });
        }
        map.clouds.push(Cloud {
            ports: vec![end(2, 7), end(3, 7)],
            macs: Vec::new(),
            externals: Vec::new(),
            kind: CloudKind::UnmanagedSwitch,
            confidence: 0.6,
            source: Source::Fdb,
        });
        let mut links = crate::topology::history::seen(&map, Millis(1_795_690_900_000));
        if let Some(l) = links.get_mut(1) {
            (l.state, l.last_seen) = (LinkState::LastKnown, Millis(1_795_600_000_000));
        }
        let names: BTreeMap<i64, String> = (1..=access + 1)
            .map(|d| (d, if d == 1 { "core-1.kazan".to_owned() } else { format!("sw{d}-этаж-{}", d / 8 + 1) }))
            .collect();
        let backbone = names.keys().copied().collect();
        Loaded { site: SiteId(1), map, at: Some(Millis(1_795_690_900_000)), links, names, backbone }
    };
    let empty = Loaded {
        site: SiteId(1),
        map: Map::default(),
        at: None,
        links: Vec::new(),
        names: BTreeMap::new(),
        backbone: BTreeSet::new(),
    };
    let page = |path: &str, loaded: &Loaded| MapPage::new(Ui::sample(lang, path), loaded);
    vec![
        ("", page(MAP, &network(9))),
        ("many", page(MAP, &network(50))),
        ("whole", page("/cabling/map?all=1", &network(50))),
        ("empty", page(MAP, &empty)),
    ]
}
