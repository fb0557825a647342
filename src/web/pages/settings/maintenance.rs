//! `/settings/maintenance`: times in which failures of a branch or a device are expected; planned, seen, ended.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{press, tabs};
use crate::i18n::Lang;
use crate::model::{Command, DeviceId, Millis, NewWindow, SiteId};
use crate::store::maintenance::{self, Planned};
use crate::store::read::device;
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, failed};

pub const PATH: &str = "/settings/maintenance";

#[derive(Template)]
#[template(path = "settings_maintenance.html")]
pub struct MaintenancePage {
    ui: Ui,
    tabs: Tabs,
    planned: Vec<Planned>,
    /// The device a window is planned for: its number and name.
    device: Option<(i64, String)>,
    form: Form,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show).post(plan)).route("/settings/maintenance/{id}/end", post(end))
}

#[derive(Debug, Deserialize)]
struct ForDevice {
    device: Option<i64>,
}

impl MaintenancePage {
    fn may(&self) -> bool {
        self.ui.may(Permission::ManageDevices)
    }

    fn scopes(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = self.ui.sites.iter().map(|s| (s.id.to_string(), s.name.clone())).collect();
        all.push(("all".to_owned(), self.ui.t("maintenance-everything")));
        all
    }

    fn what(&self, p: &Planned) -> String {
        match (&p.device_name, &p.site_name) {
            (Some(device), _) => device.clone(),
            (None, Some(site)) => site.clone(),
            (None, None) => self.ui.t("maintenance-everything"),
        }
    }

    /// Begin and end that count now: of a weekly window those that are on or come next.
    fn times(&self, p: &Planned) -> (Millis, Millis) {
        let zone = p.time_zone.as_deref().and_then(|z| TimeZone::get(z).ok()).unwrap_or_else(|| self.ui.zone.clone());
        let planned = p.window().planned;
        let now = planned.at(self.ui.now, &zone).or_else(|| planned.next(self.ui.now, &zone));
        now.unwrap_or((planned.starts_at, planned.ends_at))
    }

    fn when(&self, p: &Planned) -> String {
        let (from, to) = self.times(p);
        format!("{} – {}", self.ui.date_time(from), self.ui.date_time(to))
    }

    fn is_on(&self, p: &Planned) -> bool {
        let (from, to) = self.times(p);
        (from..to).contains(&self.ui.now)
    }
}

async fn load(state: &AppState, ui: Ui, device: Option<i64>) -> Result<MaintenancePage, WebError> {
    ui.require(Permission::View)?;
    let planned = maintenance::planned(state.store.db(), ui.site, ui.now).await?;
    let device = match device {
        Some(id) => device::one(state.store.db(), DeviceId(id)).await?.map(|d| (id, d.row.name)),
        None => None,
    };
    let scope = ui.site.map_or_else(|| "all".to_owned(), |s| s.to_string());
    let form = Form::of(&[("scope", &scope)]);
    Ok(MaintenancePage { tabs: tabs(&ui), planned, device, form, ui })
}

async fn show(ui: Ui, State(state): State<AppState>, Query(q): Query<ForDevice>) -> Result<Response, WebError> {
    load(&state, ui, q.device).await?.page()
}

/// A moment as a browser gives it, in the reader's time.
fn moment(ui: &Ui, text: &str) -> Option<Millis> {
    let local: jiff::civil::DateTime = text.trim().parse().ok()?;
    Some(Millis(ui.zone.to_timestamp(local).ok()?.as_millisecond()))
}

async fn plan(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageDevices)?;
    let device: Option<i64> = form.value("device").parse().ok();
    let (from, to) = (moment(&ui, form.value("from")), moment(&ui, form.value("to")));
    for (field, value) in [("from", from), ("to", to)] {
        if value.is_none() {
            form.wrong(field, ui.t("maintenance-wrong-time"));
        }
    }
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if let (Some(starts_at), Some(ends_at)) = (from, to) {
        let window = NewWindow {
            site: form.value("scope").parse().ok().map(SiteId).filter(|_| device.is_none()),
            device: device.map(DeviceId),
            starts_at,
            ends_at,
            weekly: form.given("weekly").is_some(),
            reason: form.value("reason").to_owned(),
        };
        match command(&state, &ui, Command::PlanMaintenance { window }).await? {
            Ok(_) => return Ok(Flash::done("maintenance-planned", "").redirect(PATH)),
            Err(e) => status = failed(&ui, &mut form, &["reason", "from", "to"], &e),
        }
    }
    let page = MaintenancePage { form, ..load(&state, ui, device).await? };
    Ok((status, page.page()?).into_response())
}

async fn end(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::ManageDevices)?;
    press(&ui, &state, Command::EndMaintenance { window: id }, Flash::done("maintenance-ended", ""), PATH).await
}

pub fn samples(lang: Lang) -> Vec<(&'static str, MaintenancePage)> {
    let ui = || Ui::sample(lang, PATH);
    let now = ui().now;
    let planned = |id: i64, device: Option<&str>, hours: i64, weekly: bool| Planned {
        id,
        site_id: Some(1),
        site_name: Some("Казань, ул. Баумана 5".to_owned()),
        time_zone: Some("Europe/Moscow".to_owned()),
        device_id: device.map(|_| 7),
        device_name: device.map(str::to_owned),
        starts_at: now.plus(hours * Millis::HOUR).0,
        ends_at: now.plus((hours + 4) * Millis::HOUR).0,
        weekly: i64::from(weekly),
        reason: "Замена источников бесперебойного питания в кроссовой второго этажа".to_owned(),
        planned_by: "petrov".to_owned(),
    };
    let page = |planned: Vec<Planned>, device: Option<(i64, String)>, form: Form| {
        let ui = ui();
        MaintenancePage { tabs: tabs(&ui), planned, device, form, ui }
    };
    let mut wrong = Form::of(&[("scope", "all")]);
    wrong.wrong("from", ui().t("maintenance-wrong-time"));
    let some = vec![
        planned(1, None, -2, false),
        planned(2, Some("sw2, кроссовая"), 30, false),
        planned(3, None, -24 * 7, true),
        Planned { site_id: None, site_name: None, ..planned(4, None, 100, false) },
    ];
    let many = (5..60).map(|n| planned(n, Some("МФУ Kyocera M2040"), n * 3, false)).collect();
    vec![
        ("", page(some, None, Form::default())),
        ("empty", page(Vec::new(), None, Form::default())),
        ("device", page(Vec::new(), Some((7, "МФУ Kyocera M2040".to_owned())), wrong)),
        ("many", page(many, None, Form::default())),
    ]
}
