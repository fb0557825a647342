//! What a person does with a device: name and place it, ask for a poll, write a ticket, retire it. Each is a command;
//! what can be taken back comes with its undo.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{DevicePage, Forms, load};
use crate::engine::CommandError;
use crate::model::{Command, DeviceId, SiteId};
use crate::store::read::device::{self, DeviceDetail};
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::{WebError, command, failed, told};

fn path(id: i64) -> String {
    format!("/devices/{id}")
}

/// The form with what the device has now; an automatic name stands as a proposal only.
pub(super) fn edit_form(d: &DeviceDetail) -> Form {
    let place = d.row.location.as_deref().filter(|_| d.located_by_person).unwrap_or("");
    let name = if d.named_by_person { d.row.name.as_str() } else { "" };
    Form::of(&[("name", name), ("site", &d.row.site.to_string()), ("location", place)])
}

/// Name, branch and room together; empty gives back the device's own word.
pub(super) async fn edit(
    State(state): State<AppState>,
    ui: Ui,
    Path(id): Path<i64>,
    mut form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageDevices)?;
    let device = DeviceId(id);
    let before = device::one(state.store.db(), device).await?.ok_or(WebError::NotFound)?;
    let was = edit_form(&before);
    let site = form.value("site").parse().map_or(before.row.site, SiteId);
    let location = form.given("location").map(str::to_owned);
    let mut done = Ok(());
    if form.value("site") != was.value("site") || form.value("location") != was.value("location") {
        done = command(&state, &ui, Command::PlaceDevice { device, site, location }).await?.map(drop);
    }
    if done.is_ok() && form.value("name") != was.value("name") {
        let name = form.value("name").to_owned();
        done = command(&state, &ui, Command::RenameDevice { device, name }).await?.map(drop);
    }
    if let Err(e) = done {
        let status = failed(&ui, &mut form, &["name", "site", "location"], &e);
        return again(&state, ui, device, Forms { edit: form, open: "edit", ..Default::default() }, status).await;
    }
    let old = ["name", "site", "location"].map(|f| (f.to_owned(), was.value(f).to_owned()));
    let flash = Flash::done("device-changed", before.row.name);
    let undoing = form.has("undo", "1");
    let flash = if undoing { flash } else { flash.with_undo(format!("{}/edit", path(id)), undo(old.into())) };
    Ok(flash.redirect(&path(id)))
}

/// An undo is the same form; its mark keeps it from offering an undo of itself.
fn undo(mut fields: Vec<(String, String)>) -> Vec<(String, String)> {
    fields.push(("undo".to_owned(), "1".to_owned()));
    fields
}

pub(super) async fn ticket(
    State(state): State<AppState>,
    ui: Ui,
    Path(id): Path<i64>,
    mut form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageTickets)?;
    let device = DeviceId(id);
    let title = form.value("title").to_owned();
    let priority = form.value("priority").parse().unwrap_or(3);
    match command(&state, &ui, Command::OpenTicket { device, title, priority }).await? {
        Ok(done) => {
            let to = done.id.map_or(path(id), |ticket| format!("/tickets/{ticket}"));
            Ok(Flash::done("device-ticket-opened", form.value("title")).redirect(&to))
        }
        Err(e) => {
            let status = failed(&ui, &mut form, &["title", "priority"], &e);
            again(&state, ui, device, Forms { ticket: form, open: "ticket", ..Default::default() }, status).await
        }
    }
}

pub(super) async fn poll(State(state): State<AppState>, ui: Ui, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::ManageDevices)?;
    let asked = command(&state, &ui, Command::PollNow { device: DeviceId(id) }).await?;
    finish(&ui, asked.map(drop), Flash::done("device-poll-asked", ""), &path(id))
}

pub(super) async fn retire(State(state): State<AppState>, ui: Ui, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::ManageDevices)?;
    let done = command(&state, &ui, Command::RetireDevice { device: DeviceId(id) }).await?;
    finish(&ui, done.map(drop), Flash::done("device-is-retired", ""), &path(id))
}

/// Back to the page with what came of it; a device that does not exist is "not found".
fn finish(ui: &Ui, done: Result<(), CommandError>, flash: Flash, to: &str) -> Result<Response, WebError> {
    match done {
        Ok(()) => Ok(flash.redirect(to)),
        Err(CommandError::NotFound { .. }) => Err(WebError::NotFound),
        Err(e) => Ok(told(ui, &e).redirect(to)),
    }
}

/// The page again, with the form open and its errors beside the fields.
async fn again(
    state: &AppState,
    mut ui: Ui,
    id: DeviceId,
    forms: Forms,
    status: StatusCode,
) -> Result<Response, WebError> {
    ui.path = path(id.0);
    let loaded = load(state, &ui, id).await?;
    let forms = if forms.open == "edit" { forms } else { Forms { edit: edit_form(&loaded.detail), ..forms } };
    let page = DevicePage::new(ui, loaded, forms).page()?;
    Ok((status, page).into_response())
}
