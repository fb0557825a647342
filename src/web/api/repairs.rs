//! `/api/v1/repairs`: cases at service centres, step by step.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give};
use crate::model::{AssetEvent, AssetId, Command, PaidBy, RmaChange, RmaId, RmaPapers, RmaState, SiteId, TicketId};
use crate::store::read::rmas::{self, RmaRow};
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(one))
        .routes(routes!(step))
        .routes(routes!(papers))
        .routes(routes!(note))
        .routes(routes!(loan))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RepairsQuery {
    /// Branch.
    site: Option<i64>,
    /// Finished ones instead of those that go on.
    #[serde(default)]
    done: bool,
}

/// Repairs, the newest first.
#[utoipa::path(get, path = "/api/v1/repairs", tag = "assets", params(RepairsQuery),
    responses((status = 200, body = [RmaRow]), (status = 401, body = ErrorBody)))]
async fn list(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<RepairsQuery>,
) -> ApiResult<Json<Vec<RmaRow>>> {
    caller.require(Permission::View)?;
    Ok(Json(rmas::list(state.store.db(), q.site.map(SiteId), !q.done).await?))
}

#[derive(Debug, Serialize, ToSchema)]
struct RepairBody {
    repair: RmaRow,
    /// The newest first.
    history: Vec<AssetEvent>,
}

/// One repair with its history.
#[utoipa::path(get, path = "/api/v1/repairs/{id}", tag = "assets", params(("id" = i64, Path)),
    responses((status = 200, body = RepairBody), (status = 404, body = ErrorBody)))]
async fn one(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<RepairBody>> {
    caller.require(Permission::View)?;
    let db = state.store.db();
    let repair = rmas::one(db, RmaId(id)).await?.ok_or_else(|| ApiError::not_found("repair"))?;
    Ok(Json(RepairBody { repair, history: rmas::events(db, RmaId(id)).await? }))
}

async fn send(state: &AppState, caller: &Caller, change: RmaChange) -> ApiResult<Json<DoneBody>> {
    give(state, caller, Command::Rma { change }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRepair {
    asset: i64,
    ticket: Option<i64>,
    paid_by: PaidBy,
    fault: String,
    /// Why it is paid although the warranty runs.
    #[serde(default)]
    reason: String,
}

/// Opens a repair; one that goes on already is given back.
#[utoipa::path(post, path = "/api/v1/repairs", tag = "assets", request_body = NewRepair,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn open(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(b): ApiJson<NewRepair>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    let change = RmaChange::Open {
        asset: AssetId(b.asset),
        ticket: b.ticket.map(TicketId),
        paid_by: b.paid_by,
        fault: b.fault,
        reason: b.reason,
    };
    Ok((StatusCode::CREATED, send(&state, &caller, change).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Step {
    to: RmaState,
    /// The day it happened, like 2026-11-04; today when left out.
    #[schema(value_type = Option<String>)]
    on: Option<Date>,
    #[serde(default)]
    note: String,
    /// Of a replacement.
    new_serial: Option<String>,
}

/// The next step of a repair.
#[utoipa::path(post, path = "/api/v1/repairs/{id}/steps", tag = "assets", params(("id" = i64, Path)),
    request_body = Step, responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn step(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<Step>,
) -> ApiResult<Json<DoneBody>> {
    let change = RmaChange::Step { rma: RmaId(id), to: b.to, on: b.on, note: b.note, new_serial: b.new_serial };
    send(&state, &caller, change).await
}

/// Writes centre, numbers, promised day and cost anew.
#[utoipa::path(put, path = "/api/v1/repairs/{id}/papers", tag = "assets", params(("id" = i64, Path)),
    request_body = RmaPapers, responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn papers(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(papers): ApiJson<RmaPapers>,
) -> ApiResult<Json<DoneBody>> {
    send(&state, &caller, RmaChange::Papers { rma: RmaId(id), papers }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
}

/// Adds a note.
#[utoipa::path(post, path = "/api/v1/repairs/{id}/notes", tag = "assets", params(("id" = i64, Path)),
    request_body = Note, responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn note(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<Note>,
) -> ApiResult<Json<DoneBody>> {
    send(&state, &caller, RmaChange::Note { rma: RmaId(id), text: b.text }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Loan {
    /// The asset that stands in; left out: it came back.
    loaner: Option<i64>,
}

/// Lends another asset for the time, or takes it back.
#[utoipa::path(put, path = "/api/v1/repairs/{id}/loaner", tag = "assets", params(("id" = i64, Path)),
    request_body = Loan, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn loan(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<Loan>,
) -> ApiResult<Json<DoneBody>> {
    send(&state, &caller, RmaChange::Loan { rma: RmaId(id), loaner: b.loaner.map(AssetId) }).await
}
