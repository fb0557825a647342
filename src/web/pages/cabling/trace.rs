//! `/cabling/jack/{id}`: the whole path through a jack: documented from end to end, what the switch port at its end is now,
//! who is heard there, and where the two differ. "Which port is this outlet on?" is its first line.

use askama::Template;
use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::{PATH, crumb_site};
use crate::i18n::Lang;
use crate::model::{
    CableKind, CableStatus, CablingChange, Command, Jack, JackSide, Millis, NewCord, PieceId, SiteId, Socket, Unit,
    UnitKind,
};
use crate::store::cabling;
use crate::store::read::cabling::Station;
use crate::topology::{Path, Step};
use crate::web::auth::policy::Permission;
use crate::web::cabling::find::Hit;
use crate::web::cabling::now::{self, Compared, Managed};
use crate::web::cabling::strip::{self, Strip};
use crate::web::cabling::{Branch, branch};
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::Html;
use crate::web::layout::{Page, Ui};
use crate::web::pages::device::speed;
use crate::web::state::AppState;
use crate::web::{WebError, command, told};

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/cabling/jack/{id}", get(show))
        .route("/cabling/jack/{id}/connect", post(connect))
        .route("/cabling/cable/{id}", get(of_cable))
        .route("/cabling/cable/{id}/status", post(set_status))
}

/// One line of the table beside the picture.
struct Line {
    /// Jack or cable.
    what: String,
    name: String,
    href: String,
    side: String,
    about: String,
}

/// One path, drawn and told.
struct PathView {
    lying: Html,
    standing: Html,
    lines: Vec<Line>,
    summary: String,
    ends: (String, String),
    compared: Compared,
    compared_words: String,
    managed: Option<ManagedView>,
    /// Cables of the path whose state can be changed: number, name, state.
    cables: Vec<(PieceId, String, CableStatus)>,
}

/// The switch port at the end, as it is now.
struct ManagedView {
    device: String,
    device_href: String,
    port: String,
    up: Option<bool>,
    facts: Vec<String>,
    since: Option<Html>,
    read: Html,
    stations: Vec<StationView>,
}

struct StationView {
    name: String,
    href: Option<String>,
    about: String,
    mac: String,
    seen: Html,
}

#[derive(Template)]
#[template(path = "cabling_trace.html")]
pub struct TracePage {
    ui: Ui,
    site: (String, String),
    jack: PieceId,
    title: String,
    kind: String,
    place: Vec<String>,
    note: String,
    paths: Vec<PathView>,
    form: Form,
    /// Sockets of this jack that are free: side word and its value in the form.
    free: Vec<(String, String)>,
    open_form: bool,
}

/// The branch of a jack, its documents, the jack.
async fn find(ui: &Ui, state: &AppState, id: &str) -> Result<(std::sync::Arc<Branch>, PieceId), WebError> {
    let id = PieceId(id.parse().map_err(|_| WebError::NotFound)?);
    let site = cabling::site_of(state.store.db(), id).await?.ok_or(WebError::NotFound)?;
    if !ui.sites.iter().any(|s| s.id == site) {
        return Err(WebError::NotFound);
    }
    Ok((branch(state, site).await?, id))
}

async fn show(ui: Ui, State(state): State<AppState>, UrlPath(id): UrlPath<String>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let (number, svg) = id.strip_suffix(".svg").map_or((id.as_str(), false), |n| (n, true));
    let (branch, jack) = find(&ui, &state, number).await?;
    let seen = watched(&state, &branch, jack, ui.now).await?;
    if svg {
        let path = branch.documented.paths(jack).into_iter().next().ok_or(WebError::NotFound)?;
        let drawn = strip::strip(&ui, &branch.documented, &path, Some(jack)).lying(&ui.t("trace-picture"));
        let head = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CONTENT_DISPOSITION, "inline")];
        return Ok((head, drawn.0).into_response());
    }
    TracePage::new(ui, &branch, jack, seen, Form::default())?.page()
}

/// Every path of a jack with its managed port.
async fn watched(
    state: &AppState,
    branch: &Branch,
    jack: PieceId,
    at: Millis,
) -> Result<Vec<(Path, Option<Managed>)>, WebError> {
    let mut seen = Vec::new();
    for path in branch.documented.paths(jack) {
        let managed = now::managed(state.store.db(), &branch.documented, &path, at).await?;
        seen.push((path, managed));
    }
    Ok(seen)
}

async fn of_cable(ui: Ui, State(state): State<AppState>, UrlPath(id): UrlPath<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    for site in &ui.sites {
        let branch = branch(&state, site.id).await?;
        let Some(cable) = branch.documented.plan.cables.get(&PieceId(id)) else { continue };
        let jack = cable.ends.first().ok_or(WebError::NotFound)?.jack;
        return Ok(Redirect::to(&format!("{PATH}/jack/{jack}")).into_response());
    }
    Err(WebError::NotFound)
}

/// "front-12" of a form.
fn socket(word: &str, jack: PieceId) -> Socket {
    Socket { jack, side: JackSide::parse(word) }
}

async fn connect(
    ui: Ui,
    State(state): State<AppState>,
    UrlPath(id): UrlPath<String>,
    mut form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageCabling)?;
    let (branch, jack) = find(&ui, &state, &id).await?;
    let plan = &branch.documented.plan;
    let wrong = async |ui: Ui, form: Form| {
        let seen = watched(&state, &branch, jack, ui.now).await?;
        let page = TracePage::new(ui, &branch, jack, seen, form)?.page()?;
        Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let hits = branch.index.find(form.value("to"));
    let far = hits.iter().find_map(|h| match h {
        Hit::Jack(j) => Some(*j),
        Hit::Unit(u) => plan.jacks_of(*u).first().map(|j| j.id),
        _ => None,
    });
    let Some(far) = far else {
        form.wrong("to", ui.t("error-no-such-jack"));
        return wrong(ui, form).await;
    };
    let from = socket(form.value("side"), jack);
    let passive = plan.jacks.get(&far).and_then(|j| plan.units.get(&j.unit)).is_some_and(|u| u.kind.is_passive());
    // A cable of the wall goes from back to back, a cord from face to face.
    let wall = from.side == Some(JackSide::Rear);
    let side = if wall { JackSide::Rear } else { JackSide::Front };
    let to = Socket { jack: far, side: passive.then_some(side) };
    let cord = NewCord {
        a: from,
        b: to,
        kind: if wall { CableKind::Horizontal } else { CableKind::Cord },
        label: form.value("label").to_owned(),
        category: None,
        colour: form.given("colour").map(str::to_owned),
        length_cm: form
            .given("length")
            .and_then(|l| l.replace(',', ".").parse::<f64>().ok())
            .map(|m| (m * 100.0) as i64),
    };
    let change = CablingChange::Connect { site: branch.site, cord };
    match command(&state, &ui, Command::Cabling { change }).await? {
        Ok(_) => Ok(Flash::done("cabling-connected", "").redirect(&format!("{PATH}/jack/{jack}"))),
        Err(e) => {
            let (_, words) = crate::web::refusal(&ui, &e);
            form.wrong("to", words);
            wrong(ui, form).await
        }
    }
}

async fn set_status(
    ui: Ui,
    State(state): State<AppState>,
    UrlPath(id): UrlPath<i64>,
    form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageCabling)?;
    let back = form.value("back").to_owned();
    let status = CableStatus::parse(form.value("status")).ok_or(WebError::NotFound)?;
    let site = SiteId(form.value("site").parse().map_err(|_| WebError::NotFound)?);
    let change = CablingChange::SetStatus { site, cable: PieceId(id), status };
    let flash = match command(&state, &ui, Command::Cabling { change }).await? {
        Ok(_) => Flash::done("cabling-status-set", ui.word("cable-status-", status.as_str())),
        Err(e) => told(&ui, &e),
    };
    Ok(flash.redirect(&back))
}

impl TracePage {
    fn new(
        ui: Ui,
        branch: &Branch,
        jack: PieceId,
        seen: Vec<(Path, Option<Managed>)>,
        form: Form,
    ) -> Result<TracePage, WebError> {
        let plan = &branch.documented.plan;
        let j = plan.jacks.get(&jack).ok_or(WebError::NotFound)?;
        let unit = plan.units.get(&j.unit).ok_or(WebError::NotFound)?;
        let place = plan.place_path(plan.place_of(unit).unwrap_or_default()).iter().map(|p| p.name.clone()).collect();
        let paths = seen.into_iter().map(|(path, managed)| path_view(&ui, branch, jack, &path, managed)).collect();
        let title = plan.jack_name(j);
        let kind = ui.word("unit-kind-", unit.kind.as_str());
        let free = free_sides(&ui, branch, j, unit);
        let (site, open_form) = (crumb_site(&ui, branch.site), !form.is_fine());
        Ok(TracePage { site, jack, title, kind, place, note: j.note.clone(), paths, form, free, open_form, ui })
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageCabling)
    }

    fn side_options(&self) -> Vec<(String, String)> {
        self.free.clone()
    }

    fn statuses(&self, now: &CableStatus) -> Vec<(&'static str, String)> {
        let all = CableStatus::ALL.iter().filter(|s| *s != now);
        all.map(|s| (s.as_str(), self.ui.word("cable-status-", s.as_str()))).collect()
    }

    fn site_number(&self) -> &str {
        self.site.0.rsplit('=').next().unwrap_or("")
    }

    fn place_words(&self) -> String {
        self.place.join(" · ")
    }
}

fn free_sides(ui: &Ui, branch: &Branch, jack: &Jack, unit: &Unit) -> Vec<(String, String)> {
    let sides = if unit.kind.is_passive() { vec![Some(JackSide::Front), Some(JackSide::Rear)] } else { vec![None] };
    sides
        .into_iter()
        .filter(|side| branch.documented.in_socket(Socket { jack: jack.id, side: *side }).is_none())
        .map(|side| {
            let value = side.map_or("", JackSide::as_str);
            let key = if side.is_none() { "side-only".to_owned() } else { format!("side-{value}") };
            (value.to_owned(), ui.t(&key))
        })
        .collect()
}

fn path_view(ui: &Ui, branch: &Branch, here: PieceId, path: &Path, managed: Option<Managed>) -> PathView {
    let documented = &branch.documented;
    let plan = &documented.plan;
    let mut drawn = strip::strip(ui, documented, path, Some(here));
    let compared = now::compare(documented, path, managed.as_ref());
    if let Some(m) = &managed {
        let word = if m.is_up() { ui.t("port-up-word") } else { ui.t("port-down-word") };
        mark(&mut drawn, m.jack, (word, m.is_up()));
    }
    let lines = path.steps.iter().filter_map(|step| line(ui, branch, step)).collect();
    let cables = path.steps.iter().filter_map(|s| match s {
        Step::Cable(id) => plan.cables.get(id),
        Step::Jack(..) => None,
    });
    let name = |c: &crate::model::Cable| {
        let label = if c.label.is_empty() { ui.word("cable-kind-", c.kind.as_str()) } else { c.label.clone() };
        format!("{label}: {}", super::cable_ends(documented, c))
    };
    let cables = cables.map(|c| (c.id, name(c), c.status)).collect();
    let compared_words = match &compared {
        Compared::Differs { documented, seen } => {
            ui.tw(compared.key(), &[("documented", documented.clone().into()), ("seen", seen.clone().into())])
        }
        Compared::Occupied { seen } => ui.tv(compared.key(), seen.as_str()),
        _ => ui.t(compared.key()),
    };
    PathView {
        lying: drawn.lying(&ui.t("trace-picture")),
        standing: drawn.standing(&ui.t("trace-picture")),
        lines,
        summary: drawn.summary.clone(),
        ends: drawn.ends.clone(),
        compared,
        compared_words,
        managed: managed.map(|m| managed_view(ui, &m)),
        cables,
    }
}

fn mark(drawn: &mut Strip, jack: PieceId, state: (String, bool)) {
    if let Some(node) = drawn.nodes.iter_mut().find(|n| n.jack_id == jack) {
        node.state = Some(state);
    }
}

fn line(ui: &Ui, branch: &Branch, step: &Step) -> Option<Line> {
    let plan = &branch.documented.plan;
    Some(match step {
        Step::Jack(id, side) => {
            let jack = plan.jacks.get(id)?;
            let unit = plan.units.get(&jack.unit)?;
            Line {
                what: ui.word("unit-kind-", unit.kind.as_str()),
                name: plan.jack_name(jack),
                href: format!("{PATH}/jack/{id}"),
                side: strip::side_words(ui, *side),
                about: plan.place_name(unit).unwrap_or("").to_owned(),
            }
        }
        Step::Cable(id) => {
            let cable = plan.cables.get(id)?;
            Line {
                what: ui.t("cabling-cable"),
                name: if cable.label.is_empty() { ui.t("cable-without-label") } else { cable.label.clone() },
                href: String::new(),
                side: String::new(),
                about: strip::about(ui, cable),
            }
        }
    })
}

fn managed_view(ui: &Ui, m: &Managed) -> ManagedView {
    let detail = m.detail();
    let mut facts = vec![speed(ui, m.port.speed_bps)];
    if detail.below_capability {
        facts.push(ui.t("trace-below-capability"));
    }
    let mut vlans: Vec<i64> = m.stations.iter().map(|s| s.vlan).filter(|v| *v > 0).collect();
    vlans.sort_unstable();
    vlans.dedup();
    if let [vlan] = vlans[..] {
        facts.push(format!("VLAN {vlan}"));
    }
    facts.extend(m.port.alias.as_ref().filter(|a| !a.is_empty()).map(|a| format!("«{a}»")));
    facts.retain(|f| !f.is_empty());
    let station = |s: &Station| StationView {
        name: s.device.clone().or(s.address.clone()).unwrap_or_else(|| s.mac.clone()),
        href: s.device_id.map(|id| format!("/devices/{id}")),
        about: s.address.clone().filter(|_| s.device.is_some()).unwrap_or_default(),
        mac: s.mac.clone(),
        seen: ui.ago_html(&Millis(s.last_seen)),
    };
    ManagedView {
        device: m.port.device.clone(),
        device_href: format!("/devices/{}", m.port.device_id),
        port: m.port.name.clone(),
        up: m.port.oper.as_deref().map(|o| o == "up"),
        facts,
        since: m.port.oper_since.map(|at| ui.ago_html(&Millis(at))),
        read: ui.ago_html(&Millis(m.port.updated_at)),
        stations: m.stations.iter().take(20).map(station).collect(),
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, TracePage)> {
    let branch = super::sample_branch(40);
    let plan = &branch.documented.plan;
    let outlet = |name: &str| {
        let named = |j: &&Jack| {
            plan.jack_name(j) == name && plan.units.get(&j.unit).is_some_and(|u| u.kind == UnitKind::Outlet)
        };
        plan.jacks.values().find(named).map(|j| j.id).unwrap_or_default()
    };
    let station = |device: Option<&str>, mac: &str| Station {
        mac: mac.into(),
        vlan: 20,
        address: Some("10.4.2.31".into()),
        device_id: device.map(|_| 3),
        device: device.map(str::to_owned),
        first_seen: 1_795_000_000_000,
        last_seen: 1_795_690_900_000,
    };
    let managed = |jack: PieceId, up: bool, stations: Vec<Station>| Managed {
        jack,
        port: crate::store::read::cabling::PortNow {
            device_id: 1,
            device: "sw2".into(),
            if_index: 1,
            name: "Gi1/0/1".into(),
            alias: Some("2.01-A бухгалтерия".into()),
            admin: Some("up".into()),
            oper: Some(if up { "up" } else { "down" }.into()),
            oper_since: Some(1_795_000_000_000),
            speed_bps: if up { 100_000_000 } else { 0 },
            detail: r#"{"below_capability":true,"capable_bps":1000000000}"#.into(),
            updated_at: 1_795_690_900_000,
        },
        stations,
    };
    let page = |name: &str, up: bool, stations: Option<Vec<Station>>| {
        let ui = Ui::sample(lang, "/cabling/jack/1");
        let jack = outlet(name);
        let seen = branch.documented.paths(jack).into_iter().map(|p| {
            let at = p.steps.iter().find_map(|s| match s {
                Step::Jack(id, None) => Some(*id),
                _ => None,
            });
            let managed = stations.clone().zip(at).map(|(s, at)| managed(at, up, s));
            (p, managed)
        });
        let seen = seen.collect();
        TracePage::new(ui, &branch, jack, seen, Form::default())
    };
    let many = (0..30).map(|n| station(None, &format!("00:1b:a9:00:00:{n:02x}"))).collect();
    let cases = [
        ("", page("2.01-A", true, Some(vec![station(Some("Kyocera ECOSYS M2040dn"), "00:1b:a9:01:02:03")]))),
        ("differs", page("2.01-B", true, Some(many))),
        ("down", page("2.02-A", false, Some(Vec::new()))),
        ("unpatched", page("2.20-B", false, None)),
    ];
    cases.into_iter().filter_map(|(case, page)| Some((case, page.ok()?))).collect()
}
