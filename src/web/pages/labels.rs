//! `/labels`: a sheet of labels to print: each device with its name, place and the code that opens the form of faults.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rand::TryRng;
use rand::rngs::SysRng;

use crate::i18n::Lang;
use crate::model::{Command, DeviceId, TAG_LENGTH, tag_code};
use crate::store::read::Paging;
use crate::store::read::devices::{self, DeviceFilter, DeviceRow};
use crate::store::tag;
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::Html;
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::{WebError, command, qr, told};

pub const PATH: &str = "/labels";
/// Labels of one sheet.
const MOST: i64 = 500;

/// One label.
struct Label {
    name: String,
    place: String,
    serial: String,
    code: String,
    qr: Html,
}

#[derive(Template)]
#[template(path = "labels.html")]
pub struct LabelsPage {
    ui: Ui,
    labels: Vec<Label>,
    /// Devices that have no code yet.
    without: usize,
    /// One label a page, for a label printer.
    roll: bool,
    device: Option<i64>,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show).post(make))
}

/// Where phones come from outside: what the configuration says, else what this browser typed.
fn origin(state: &AppState, headers: &HeaderMap) -> String {
    if let Some(url) = &state.auth.options.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost");
    format!("http://{host}")
}

async fn rows(state: &AppState, ui: &Ui, device: Option<i64>) -> Result<Vec<DeviceRow>, WebError> {
    let db = state.store.db();
    if let Some(id) = device {
        let one = devices::one(db, DeviceId(id)).await?.ok_or(WebError::NotFound)?;
        return Ok(vec![one]);
    }
    let filter = DeviceFilter { site: ui.site, sort: devices::DeviceSort::Place, ..Default::default() };
    Ok(devices::list(db, &filter, Paging { page: 1, per_page: MOST }).await?.rows)
}

async fn show(ui: Ui, State(state): State<AppState>, headers: HeaderMap) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let device = ui.query.number("device");
    let rows = rows(&state, &ui, device).await?;
    let ids: Vec<DeviceId> = rows.iter().map(|d| d.id).collect();
    let codes = tag::of_devices(state.store.db(), &ids).await?;
    LabelsPage::new(ui, &rows, &codes, &origin(&state, &headers), device).page()
}

/// Gives a code to every device of the sheet that has none.
async fn make(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageDevices)?;
    let device = form.value("device").parse().ok();
    let to = device.map_or_else(|| PATH.to_owned(), |d: i64| format!("{PATH}?device={d}"));
    let rows = rows(&state, &ui, device).await?;
    let mut tags = Vec::with_capacity(rows.len());
    for d in &rows {
        let mut random = [0_u8; TAG_LENGTH];
        SysRng.try_fill_bytes(&mut random).map_err(|e| WebError::Internal(format!("making a code: {e}")))?;
        tags.push((d.id, tag_code(random)));
    }
    match command(&state, &ui, Command::TagDevices { tags }).await? {
        Ok(_) => Ok(Redirect::to(&to).into_response()),
        Err(e) => {
            let flash: Flash = told(&ui, &e);
            Ok(flash.redirect(&to))
        }
    }
}

impl LabelsPage {
    fn new(ui: Ui, rows: &[DeviceRow], codes: &[(DeviceId, String)], origin: &str, device: Option<i64>) -> Self {
        let mut labels = Vec::new();
        for d in rows {
            let Some((_, code)) = codes.iter().find(|c| c.0 == d.id) else { continue };
            let shown = format!("{}-{}", &code[..code.len() / 2], &code[code.len() / 2..]);
            labels.push(Label {
                name: d.name.clone(),
                place: d.location.clone().unwrap_or_default(),
                serial: d.serial.clone().unwrap_or_default(),
                qr: qr::svg(&format!("{origin}/t/{code}"), &shown),
                code: shown,
            });
        }
        let without = rows.len() - labels.len();
        let roll = ui.query.get("form") == Some("roll");
        LabelsPage { ui, labels, without, roll, device }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageDevices)
    }

    fn other_form(&self) -> (String, String) {
        let (word, key) = if self.roll { ("a4", "labels-a4") } else { ("roll", "labels-roll") };
        (self.ui.query.with("form", word).url(PATH), self.ui.t(key))
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, LabelsPage)> {
    let rows: Vec<DeviceRow> = super::devices::sample_rows();
    let codes: Vec<(DeviceId, String)> =
        rows.iter().enumerate().map(|(at, d)| (d.id, tag_code([at as u8; TAG_LENGTH]))).collect();
    let page = |path: &str, codes: &[(DeviceId, String)], rows: &[DeviceRow]| {
        LabelsPage::new(Ui::sample(lang, path), rows, codes, "https://anykey.example.org", None)
    };
    vec![
        ("", page(PATH, &codes, &rows)),
        ("some", page(PATH, &codes[..1], &rows)),
        ("none", page(PATH, &[], &rows)),
        ("roll", page("/labels?form=roll", &codes, &rows)),
        ("empty", page(PATH, &[], &[])),
    ]
}
