//! A person merges two devices, splits one, or takes either back, on the page of the device. Each is a command.

use axum::extract::{Path, State};
use axum::response::Response;

use crate::engine::CommandError;
use crate::model::{Command, DeviceId, Identifier, IdentifierKind};
use crate::store::read::Paging;
use crate::store::read::devices::{self, DeviceFilter};
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::Ui;
use crate::web::state::AppState;
use crate::web::{WebError, command, told};

fn back(id: i64) -> String {
    format!("/devices/{id}#identity")
}

fn finish(ui: &Ui, id: i64, done: Result<(), CommandError>, flash: Flash) -> Result<Response, WebError> {
    match done {
        Ok(()) => Ok(flash.redirect(&back(id))),
        Err(CommandError::NotFound { .. }) => Err(WebError::NotFound),
        Err(e) => Ok(told(ui, &e).redirect(&back(id))),
    }
}

/// The other device by its number, or by words that fit one device only: name, address, serial number, MAC.
async fn find(state: &AppState, words: &str, not: DeviceId) -> Result<Option<DeviceId>, WebError> {
    if let Ok(number) = words.trim_start_matches('#').parse::<i64>() {
        return Ok(Some(DeviceId(number)));
    }
    let mut found = Vec::new();
    for retired in [false, true] {
        let filter = DeviceFilter { search: words.to_owned(), retired, ..Default::default() };
        found.extend(devices::list(state.store.db(), &filter, Paging::new(1, 3)).await?.rows);
    }
    found.retain(|d| d.id != not);
    Ok(if let [one] = &found[..] { Some(one.id) } else { None })
}

pub(super) async fn merge(
    State(state): State<AppState>,
    ui: Ui,
    Path(id): Path<i64>,
    form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageDevices)?;
    let words = form.value("other").trim().to_owned();
    let other = if words.is_empty() { None } else { find(&state, &words, DeviceId(id)).await? };
    let Some(other) = other else {
        return Ok(Flash::failed("flash-failed", ui.t("error-not-one-device")).redirect(&back(id)));
    };
    let done = command(&state, &ui, Command::MergeDevices { device: DeviceId(id), other }).await?;
    let undo = done.as_ref().ok().and_then(|d| d.id);
    let flash = Flash::done("device-merged", words);
    let flash = match undo {
        Some(change) => flash.with_undo(format!("/devices/{id}/identity/{change}/undo"), Vec::new()),
        None => flash,
    };
    finish(&ui, id, done.map(drop), flash)
}

/// "kind value", as the boxes of the form send it.
fn identifier(text: &str) -> Option<Identifier> {
    let (kind, value) = text.split_once(' ')?;
    Some(Identifier { kind: IdentifierKind::parse(kind)?, value: value.to_owned() })
}

pub(super) async fn split(
    State(state): State<AppState>,
    ui: Ui,
    Path(id): Path<i64>,
    form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageDevices)?;
    let identifiers: Vec<Identifier> = form.values().all("identifier").filter_map(identifier).collect();
    let address = form.given("address").map(str::to_owned);
    let done = command(&state, &ui, Command::SplitDevice { device: DeviceId(id), identifiers, address }).await?;
    let undo = done.as_ref().ok().and_then(|d| d.id);
    let flash = Flash::done("device-split", "");
    let flash = match undo {
        Some(change) => flash.with_undo(format!("/devices/{id}/identity/{change}/undo"), Vec::new()),
        None => flash,
    };
    finish(&ui, id, done.map(drop), flash)
}

pub(super) async fn undo(
    State(state): State<AppState>,
    ui: Ui,
    Path((id, change)): Path<(i64, i64)>,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageDevices)?;
    let done = command(&state, &ui, Command::UndoIdentity { change }).await?;
    finish(&ui, id, done.map(drop), Flash::done("device-identity-undone", ""))
}
