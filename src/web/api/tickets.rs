//! `/api/v1/tickets`: repairs, by the program or by a person.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give, paging};
use crate::model::{Command, DeviceId, SiteId, TicketId, TicketStatus};
use crate::sla::{Agreement, Clock};
use crate::store::read::Listed;
use crate::store::read::tickets::{
    self, HiddenRow, MergedRow, TicketDetail, TicketEventRow, TicketFilter, TicketRow, TicketSort, TicketState,
};
use crate::store::service;
use crate::web::auth::policy::Permission;
use crate::web::clocks;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(one, set_status))
        .routes(routes!(set_priority))
        .routes(routes!(comment))
        .routes(routes!(merge))
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Which {
    #[default]
    Open,
    Done,
    All,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TicketsQuery {
    #[serde(default)]
    #[param(inline)]
    state: Which,
    /// Branch.
    site: Option<i64>,
    device: Option<i64>,
    /// Words of the title, the device, the component.
    #[serde(default)]
    q: String,
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

/// Tickets, worst first.
#[utoipa::path(get, path = "/api/v1/tickets", tag = "tickets", params(TicketsQuery),
    responses((status = 200, body = Listed<TicketRow>), (status = 401, body = ErrorBody)))]
async fn list(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<TicketsQuery>,
) -> ApiResult<Json<Listed<TicketRow>>> {
    caller.require(Permission::View)?;
    let filter = TicketFilter {
        state: match q.state {
            Which::Open => TicketState::Open,
            Which::Done => TicketState::Done,
            Which::All => TicketState::All,
        },
        site: q.site.map(SiteId),
        device: q.device.map(DeviceId),
        search: q.q,
        sort: TicketSort::Priority,
        descending: false,
    };
    Ok(Json(tickets::list(state.store.db(), &filter, paging(q.page, q.per_page)).await?))
}

/// A ticket with its timeline and its clocks.
#[derive(Debug, Serialize, ToSchema)]
struct TicketBody {
    ticket: TicketRow,
    events: Vec<TicketEventRow>,
    /// Response and restore, in working milliseconds of the branch.
    clock: Option<Clock>,
    /// Devices that are, or were, silent because this one was.
    hidden: Vec<HiddenRow>,
    /// Tickets that turned out to be this one's matter.
    merged: Vec<MergedRow>,
}

/// One ticket with its timeline.
#[utoipa::path(get, path = "/api/v1/tickets/{id}", tag = "tickets", params(("id" = i64, Path)),
    responses((status = 200, body = TicketBody), (status = 404, body = ErrorBody)))]
async fn one(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<TicketBody>> {
    caller.require(Permission::View)?;
    let db = state.store.db();
    let TicketDetail { ticket, events, hidden, merged } =
        tickets::one(db, TicketId(id)).await?.ok_or_else(|| ApiError::not_found("ticket"))?;
    let agreement = Agreement::of(&service::terms(db, ticket.site).await?);
    let clock = clocks::clock(&agreement, &ticket, &events, state.clock.now());
    Ok(Json(TicketBody { ticket, events, clock, hidden, merged }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTicket {
    device: i64,
    title: String,
    /// 1 (branch stopped) to 5.
    #[serde(default = "middle")]
    priority: u8,
}

fn middle() -> u8 {
    3
}

/// A person's own ticket.
#[utoipa::path(post, path = "/api/v1/tickets", tag = "tickets", request_body = NewTicket,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn open(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(body): ApiJson<NewTicket>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    let command = Command::OpenTicket { device: DeviceId(body.device), title: body.title, priority: body.priority };
    Ok((StatusCode::CREATED, give(&state, &caller, command).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetStatus {
    status: TicketStatus,
}

/// Moves a ticket on.
#[utoipa::path(patch, path = "/api/v1/tickets/{id}", tag = "tickets", params(("id" = i64, Path)),
    request_body = SetStatus, responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn set_status(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(body): ApiJson<SetStatus>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::SetTicketStatus { ticket: TicketId(id), status: body.status }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetPriority {
    /// 1 (branch stopped) to 5.
    priority: u8,
}

/// Another priority: the targets change, what has passed stays.
#[utoipa::path(put, path = "/api/v1/tickets/{id}/priority", tag = "tickets", params(("id" = i64, Path)),
    request_body = SetPriority, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn set_priority(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(body): ApiJson<SetPriority>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::SetTicketPriority { ticket: TicketId(id), priority: body.priority }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Comment {
    text: String,
}

/// Adds a comment to the timeline.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/comments", tag = "tickets", params(("id" = i64, Path)),
    request_body = Comment, responses((status = 201, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn comment(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(body): ApiJson<Comment>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    let command = Command::CommentTicket { ticket: TicketId(id), text: body.text };
    Ok((StatusCode::CREATED, give(&state, &caller, command).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Merge {
    into: i64,
}

/// One matter, one ticket: this one is cancelled and leads to the other.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/merge", tag = "tickets", params(("id" = i64, Path)),
    request_body = Merge, responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody),
    (status = 409, body = ErrorBody)))]
async fn merge(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(body): ApiJson<Merge>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::MergeTicket { ticket: TicketId(id), into: TicketId(body.into) }).await
}
