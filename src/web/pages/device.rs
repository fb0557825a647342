//! One device: its state in words, supplies with their history, counters, where it is connected, ports, identity,
//! timeline; and what a person can do with it.
//!
//! `panels` and `ports` turn rows into what the template draws, `actions` takes the forms, `samples` invents devices.

mod actions;
mod identity;
mod panels;
mod ports;
mod replace;
mod samples;

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use crate::model::{DeviceId, KeptAsset, Millis};
use crate::store::pages::{self, EpochRow, JamRow};
use crate::store::read::assets;
use crate::store::read::device::{
    self, AddressRow, Attachment, Behind, DayValue, DeviceDetail, DeviceTicket, IdentifierRow, IdentityChangeRow,
    PortRow, SupplyPoint, SupplyRow, TimelineRow,
};
use crate::store::read::ports::{self as port_read, PortErrors};
use crate::store::read::stock::{self, ShelfRow};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::form::Form;
use crate::web::html::Html;
use crate::web::layout::{Crumb, Page, Ui};
use crate::web::state::AppState;
use crate::web::words::{self, StateLine};

pub use panels::speed;
pub use samples::samples;

pub const PATH: &str = "/devices/{id}";

/// Days of history the charts offer.
const SPANS: [i64; 3] = [30, 90, 365];
const DEFAULT_SPAN: i64 = 90;
/// Lines of the timeline at once.
const TIMELINE: i64 = 40;
/// Jams counted at most.
const JAMS: i64 = 500;
/// A learned MAC older than this says nothing of today.
const LEARNED_MS: i64 = 2 * Millis::DAY;

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/devices/{id}/edit", post(actions::edit))
        .route("/devices/{id}/ticket", post(actions::ticket))
        .route("/devices/{id}/poll", post(actions::poll))
        .route("/devices/{id}/replaced", post(replace::replaced))
        .route("/devices/{id}/retire", post(actions::retire))
        .route("/devices/{id}/merge", post(identity::merge))
        .route("/devices/{id}/split", post(identity::split))
        .route("/devices/{id}/identity/{change}/undo", post(identity::undo))
}

/// Everything the store knows for this page.
pub(super) struct Loaded {
    pub detail: DeviceDetail,
    pub supplies: Vec<SupplyRow>,
    /// What lies in the branch's stores for them.
    pub shelf: Vec<ShelfRow>,
    /// Replacements that nobody confirmed yet.
    pub detected: Vec<(i64, String, String)>,
    pub history: Vec<SupplyPoint>,
    pub pages: Vec<DayValue>,
    pub ports: Vec<PortRow>,
    /// Wrong frames of the last day, by interface.
    pub port_errors: BTreeMap<u32, PortErrors>,
    pub neighbors: Vec<Behind>,
    pub learned: Vec<Behind>,
    pub attachments: Vec<Attachment>,
    pub addresses: Vec<AddressRow>,
    pub identifiers: Vec<IdentifierRow>,
    pub tickets: Vec<DeviceTicket>,
    pub timeline: Vec<TimelineRow>,
    pub changes: Vec<IdentityChangeRow>,
    pub epochs: Vec<EpochRow>,
    pub jams: Vec<JamRow>,
    pub asset: Option<KeptAsset>,
}

/// The forms of the page, as typed; one of them may be open with its errors.
#[derive(Debug, Clone, Default)]
pub(super) struct Forms {
    pub edit: Form,
    pub ticket: Form,
    /// "edit" or "ticket".
    pub open: &'static str,
}

#[derive(Template)]
#[template(path = "device.html")]
pub struct DevicePage {
    ui: Ui,
    detail: DeviceDetail,
    id: DeviceId,
    forms: Forms,
    crumbs: Vec<Crumb>,
    state: StateLine,
    span: i64,
    supplies: Vec<panels::SupplyView>,
    /// Makes a button pressed twice one replacement.
    key: String,
    charts: Vec<panels::ChartView>,
    pages: Option<panels::PagesView>,
    ports: ports::PortsView,
    stack: Vec<(String, String)>,
    sensors: Vec<(String, String)>,
    attachments: Vec<panels::AttachmentView>,
    now: panels::NowView,
    facts: Vec<panels::Fact>,
    addresses: Vec<AddressRow>,
    identifiers: Vec<IdentifierRow>,
    tickets: Vec<DeviceTicket>,
    timeline: panels::TimelineView,
    changes: Vec<IdentityChangeRow>,
    epochs: Vec<panels::EpochView>,
    jams: Option<panels::JamsView>,
    asset: Option<KeptAsset>,
    warranty: Html,
}

async fn show(State(state): State<AppState>, ui: Ui, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    // Part of another device: that one tells its history too.
    if let Some(whole) = device::one(state.store.db(), DeviceId(id)).await?.and_then(|d| d.merged_into) {
        return Ok(Redirect::to(&format!("/devices/{whole}")).into_response());
    }
    let loaded = load(&state, &ui, DeviceId(id)).await?;
    let forms = Forms { edit: actions::edit_form(&loaded.detail), ..Default::default() };
    DevicePage::new(ui, loaded, forms).page()
}

fn span(ui: &Ui) -> i64 {
    ui.query.number("days").filter(|d| SPANS.contains(d)).unwrap_or(DEFAULT_SPAN)
}

pub(super) async fn load(state: &AppState, ui: &Ui, id: DeviceId) -> Result<Loaded, WebError> {
    let db = state.store.db();
    let detail = device::one(db, id).await?.ok_or(WebError::NotFound)?;
    let from = ui.now.plus(-span(ui) * Millis::DAY);
    let fresh = ui.now.plus(-LEARNED_MS);
    let group = ui.query.get("show").and_then(|g| words::TIMELINE_GROUPS.iter().find(|(w, _)| *w == g));
    let kinds = group.map_or(&[][..], |(_, kinds)| kinds);
    let before = ui.query.number("before").map(Millis);
    let ports = device::ports(db, id, fresh).await?;
    // Only what learns addresses has something behind its ports.
    let learned = if ports.iter().any(|p| p.macs > 0) { device::learned(db, id, fresh).await? } else { Vec::new() };
    Ok(Loaded {
        supplies: device::supplies(db, id).await?,
        shelf: stock::shelf(db, id).await?,
        detected: stock::detected(db, id).await?,
        history: device::supply_history(db, id, from).await?,
        pages: device::daily(db, id, "pages", from.plus(-Millis::DAY)).await?,
        neighbors: device::neighbors(db, id).await?,
        port_errors: port_read::errors(db, id, ui.now.plus(-Millis::DAY)).await?,
        attachments: device::attachments(db, id, fresh).await?,
        addresses: device::addresses(db, id).await?,
        identifiers: device::identifiers(db, id).await?,
        tickets: device::tickets(db, id, 6).await?,
        timeline: device::timeline(db, id, kinds, before, TIMELINE + 1).await?,
        changes: device::identity_changes(db, id).await?,
        epochs: pages::epochs(db, id).await?,
        jams: pages::jams(db, id, from, JAMS).await?,
        asset: assets::of_device(db, id).await?,
        detail,
        ports,
        learned,
    })
}

impl DevicePage {
    pub(super) fn new(ui: Ui, loaded: Loaded, forms: Forms) -> Self {
        let row = &loaded.detail.row;
        let span = span(&ui);
        DevicePage {
            id: row.id,
            crumbs: crumbs(&ui, &loaded.detail),
            state: words::state(&ui, row),
            supplies: (loaded.supplies.iter())
                .map(|s| panels::SupplyView {
                    replace: replace::view(&ui, s, &loaded.shelf, &loaded.detected),
                    ..panels::supply(&ui, s, &loaded.history)
                })
                .collect(),
            key: super::stock::fresh_key().unwrap_or_default(),
            charts: panels::charts(&ui, &loaded.supplies, &loaded.history, span),
            pages: panels::pages(&ui, loaded.detail.pages_total, &loaded.pages, span),
            epochs: panels::epochs(&ui, &loaded.epochs),
            jams: panels::jams(&ui, &loaded.jams, &loaded.pages, span),
            ports: ports::ports(
                &ui,
                &ports::Known {
                    rows: &loaded.ports,
                    neighbors: &loaded.neighbors,
                    learned: &loaded.learned,
                    errors: &loaded.port_errors,
                    facts: &loaded.detail.facts,
                },
            ),
            stack: ports::stack(&ui, &loaded.detail.facts),
            sensors: ports::sensors(&ui, &loaded.detail.facts),
            attachments: loaded.attachments.iter().map(|a| panels::attachment(&ui, a)).collect(),
            now: panels::now(&ui, &loaded.detail),
            facts: panels::facts(&ui, &loaded.detail),
            timeline: panels::timeline(&ui, loaded.timeline),
            addresses: loaded.addresses,
            identifiers: loaded.identifiers,
            tickets: loaded.tickets,
            changes: loaded.changes,
            warranty: super::assets::banner(&ui, loaded.asset.as_ref()),
            asset: loaded.asset,
            detail: loaded.detail,
            span,
            forms,
            ui,
        }
    }

    fn kind(&self) -> String {
        words::kind(&self.ui, self.detail.row.kind.as_deref(), &self.detail.row.functions)
    }

    fn spans(&self) -> Vec<(i64, String)> {
        SPANS.iter().map(|d| (*d, self.ui.query.with("days", d).url(&self.ui.path))).collect()
    }

    fn ago(&self, ms: &i64) -> Html {
        self.ui.ago_html(&Millis(*ms))
    }

    fn ticket_status(&self, t: &DeviceTicket) -> Html {
        match crate::model::TicketStatus::parse(&t.status) {
            Some(status) => crate::web::badge::ticket(&self.ui, status),
            None => Html(crate::web::html::escape(&t.status)),
        }
    }

    /// Worth a form: something can stay and something can go.
    fn may_split(&self) -> bool {
        self.identifiers.iter().filter(|i| i.kind != "address").count() > 1
    }

    /// Addresses it answered at, for the device that is taken out.
    fn address_options(&self) -> Vec<(String, String)> {
        let nowhere = std::iter::once((String::new(), self.ui.t("split-no-address")));
        nowhere.chain(self.addresses.iter().map(|a| (a.address.clone(), a.address.clone()))).collect()
    }

    fn change_words(&self, c: &IdentityChangeRow) -> String {
        self.ui.tv(if c.kind == "merge" { "timeline-merged" } else { "timeline-split-off" }, c.other.as_str())
    }

    fn site_options(&self) -> Vec<(String, String)> {
        self.ui.sites.iter().map(|s| (s.id.to_string(), s.name.clone())).collect()
    }

    fn priority_options(&self) -> Vec<(String, String)> {
        (1..=5).map(|p| (p.to_string(), self.ui.word("priority-", &p.to_string()))).collect()
    }
}

/// Devices, branch, room.
fn crumbs(ui: &Ui, d: &DeviceDetail) -> Vec<Crumb> {
    let mut crumbs = vec![
        Crumb { text: ui.t("nav-devices"), href: "/devices".into() },
        Crumb { text: d.row.site_name.clone(), href: "/devices".into() },
    ];
    if let Some(place) = &d.row.location {
        let href = crate::web::html::Params::default().with("place", place).url("/devices");
        crumbs.push(Crumb { text: place.clone(), href });
    }
    crumbs
}
