//! Work on tickets: `/api/v1/tickets/{id}/files`, links; `/api/v1/notes`: what helps with a model.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give};
use crate::model::{Command, DeskChange, KnowledgeNote, MOST_BYTES, StepOutcome, TicketId};
use crate::store::desk::{self, FileRow, LinkRow, NoteRow};
use crate::store::read::tickets;
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(work))
        .routes(routes!(attach))
        .routes(routes!(file, remove_file))
        .routes(routes!(link, unlink))
        .routes(routes!(step))
        .routes(routes!(notes, add_note))
        .routes(routes!(change_note, remove_note))
}

async fn send(state: &AppState, caller: &Caller, change: DeskChange) -> ApiResult<Json<DoneBody>> {
    give(state, caller, Command::Desk { change }).await
}

/// What lies beside a ticket.
#[derive(Debug, Serialize, ToSchema)]
struct WorkBody {
    files: Vec<FileRow>,
    links: Vec<LinkRow>,
    /// Notes that fit the device's model.
    notes: Vec<NoteRow>,
    /// Note, step from 0, outcome.
    steps: Vec<(i64, i64, String)>,
}

/// Files, links, notes and steps of a ticket.
#[utoipa::path(get, path = "/api/v1/tickets/{id}/work", tag = "tickets", params(("id" = i64, Path)),
    responses((status = 200, body = WorkBody), (status = 404, body = ErrorBody)))]
async fn work(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<WorkBody>> {
    caller.require(Permission::View)?;
    let (db, id) = (state.store.db(), TicketId(id));
    tickets::one(db, id).await?.ok_or_else(|| ApiError::not_found("ticket"))?;
    let (vendor, model) = desk::model_of(db, id).await?;
    Ok(Json(WorkBody {
        files: desk::files(db, id).await?,
        links: desk::links(db, id).await?,
        notes: desk::notes(db).await?.into_iter().filter(|n| n.note.fits(&vendor, &model)).collect(),
        steps: desk::steps(db, id).await?,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileQuery {
    /// Name of the file.
    #[serde(default)]
    name: String,
}

/// Attaches a file. The body is its bytes, at most 10 MB; its type is told by them.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/files", tag = "tickets", params(("id" = i64, Path), FileQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn attach(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(q): ApiQuery<FileQuery>,
    body: Body,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    caller.require(Permission::ManageTickets)?;
    let too_large = || ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "attachment-too-large", "at most 10 MB");
    let bytes = axum::body::to_bytes(body, MOST_BYTES).await.map_err(|_| too_large())?;
    let name = if q.name.trim().is_empty() { "file".to_owned() } else { q.name };
    let change = DeskChange::Attach { ticket: TicketId(id), name, bytes: bytes.to_vec() };
    Ok((StatusCode::CREATED, send(&state, &caller, change).await?))
}

/// The bytes of a file.
#[utoipa::path(get, path = "/api/v1/tickets/{id}/files/{line}", tag = "tickets",
    params(("id" = i64, Path), ("line" = i64, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 404, body = ErrorBody)))]
async fn file(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath((id, file)): ApiPath<(i64, i64)>,
) -> ApiResult<Response> {
    caller.require(Permission::View)?;
    let found = desk::content(state.store.db(), TicketId(id), file).await?;
    let (_, mime, bytes) = found.ok_or_else(|| ApiError::not_found("file"))?;
    let head = [(header::CONTENT_TYPE, mime), (header::CONTENT_DISPOSITION, "attachment".to_owned())];
    Ok((head, bytes).into_response())
}

/// Removes a file.
#[utoipa::path(delete, path = "/api/v1/tickets/{id}/files/{line}", tag = "tickets",
    params(("id" = i64, Path), ("line" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn remove_file(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath((id, file)): ApiPath<(i64, i64)>,
) -> ApiResult<Json<DoneBody>> {
    send(&state, &caller, DeskChange::RemoveFile { ticket: TicketId(id), file }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Other {
    /// The other ticket.
    other: i64,
}

/// Says that two tickets have to do with each other.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/links", tag = "tickets", params(("id" = i64, Path)),
    request_body = Other, responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn link(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<Other>,
) -> ApiResult<Json<DoneBody>> {
    send(&state, &caller, DeskChange::Link { ticket: TicketId(id), other: TicketId(b.other) }).await
}

/// Takes that back.
#[utoipa::path(delete, path = "/api/v1/tickets/{id}/links", tag = "tickets", params(("id" = i64, Path)),
    request_body = Other, responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn unlink(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<Other>,
) -> ApiResult<Json<DoneBody>> {
    send(&state, &caller, DeskChange::Unlink { ticket: TicketId(id), other: TicketId(b.other) }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Tried {
    note: i64,
    /// From 0.
    step: i64,
    /// Left out: nothing was done yet.
    outcome: Option<StepOutcome>,
}

/// What came of a step of a note.
#[utoipa::path(put, path = "/api/v1/tickets/{id}/steps", tag = "tickets", params(("id" = i64, Path)),
    request_body = Tried, responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn step(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<Tried>,
) -> ApiResult<Json<DoneBody>> {
    let change = DeskChange::Step { ticket: TicketId(id), note: b.note, step: b.step, outcome: b.outcome };
    send(&state, &caller, change).await
}

/// Notes of what helps.
#[utoipa::path(get, path = "/api/v1/notes", tag = "tickets",
    responses((status = 200, body = [NoteRow]), (status = 401, body = ErrorBody)))]
async fn notes(caller: Caller, State(state): AppStateArg) -> ApiResult<Json<Vec<NoteRow>>> {
    caller.require(Permission::View)?;
    Ok(Json(desk::notes(state.store.db()).await?))
}

/// Adds a note.
#[utoipa::path(post, path = "/api/v1/notes", tag = "tickets", request_body = KnowledgeNote,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add_note(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(note): ApiJson<KnowledgeNote>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    Ok((StatusCode::CREATED, send(&state, &caller, DeskChange::SaveNote { id: None, note }).await?))
}

/// Changes a note.
#[utoipa::path(put, path = "/api/v1/notes/{id}", tag = "tickets", params(("id" = i64, Path)),
    request_body = KnowledgeNote, responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn change_note(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(note): ApiJson<KnowledgeNote>,
) -> ApiResult<Json<DoneBody>> {
    send(&state, &caller, DeskChange::SaveNote { id: Some(id), note }).await
}

/// Removes a note; what was tried by it stays.
#[utoipa::path(delete, path = "/api/v1/notes/{id}", tag = "tickets", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn remove_note(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<DoneBody>> {
    send(&state, &caller, DeskChange::RemoveNote { id }).await
}
