//! `/api/v1/service`, `/api/v1/sites/{id}/service`: the service agreement: hours of a branch, days, targets, pauses.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give};
use crate::engine::CommandError;
use crate::model::{Command, DayKind, Hours, ServiceChange, SiteId, SlaTarget, TicketStatus};
use crate::sla::Agreement;
use crate::store::service;
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(set_hours))
        .routes(routes!(set_day))
        .routes(routes!(set_target))
        .routes(routes!(set_pauses))
        .routes(routes!(import))
}

/// A day that is not what its weekday says.
#[derive(Debug, Serialize, ToSchema)]
struct DayBody {
    /// 2026-11-04
    date: String,
    kind: DayKind,
    note: String,
}

/// What was agreed for a branch.
#[derive(Debug, Serialize, ToSchema)]
struct ServiceBody {
    /// IANA name.
    time_zone: String,
    /// Monday first; minutes since midnight.
    hours: Hours,
    /// P1 first; working minutes.
    targets: Vec<SlaTarget>,
    /// Statuses in which the restore clock stands.
    pauses: Vec<TicketStatus>,
    /// Entered by people, of all branches and of this one.
    days: Vec<DayBody>,
    /// Days of imported production calendars; the built-in one is not repeated here.
    imported: Vec<DayBody>,
}

/// The agreement of a branch.
#[utoipa::path(get, path = "/api/v1/sites/{id}/service", tag = "service", params(("id" = i64, Path)),
    responses((status = 200, body = ServiceBody), (status = 404, body = ErrorBody)))]
async fn show(caller: Caller, State(state): AppStateArg, ApiPath(site): ApiPath<i64>) -> ApiResult<Json<ServiceBody>> {
    caller.require(Permission::View)?;
    let terms = service::terms(state.store.db(), SiteId(site)).await?;
    if terms.time_zone.is_empty() {
        return Err(ApiError::not_found("site"));
    }
    let agreement = Agreement::of(&terms);
    let day = |d: crate::model::CalendarDay| DayBody { date: d.date.to_string(), kind: d.kind, note: d.note };
    Ok(Json(ServiceBody {
        hours: terms.hours.unwrap_or_default(),
        targets: agreement.sla.targets.to_vec(),
        pauses: agreement.sla.pauses,
        days: terms.days.into_iter().map(day).collect(),
        imported: terms.imported.into_iter().map(day).collect(),
        time_zone: terms.time_zone,
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HoursBody {
    hours: Hours,
}

/// Sets the hours of a branch's week.
#[utoipa::path(put, path = "/api/v1/sites/{id}/hours", tag = "service", params(("id" = i64, Path)),
    request_body = HoursBody,
    responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn set_hours(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(site): ApiPath<i64>,
    ApiJson(b): ApiJson<HoursBody>,
) -> ApiResult<Json<DoneBody>> {
    let change = ServiceChange::Hours { site: SiteId(site), hours: b.hours };
    give(&state, &caller, Command::Service { change }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetDay {
    /// 2026-11-04
    date: String,
    /// Left out: as the production calendar says.
    kind: Option<DayKind>,
    /// Branch; left out: all.
    site: Option<i64>,
    #[serde(default)]
    note: String,
}

/// Sets or takes back a day that differs.
#[utoipa::path(put, path = "/api/v1/service/days", tag = "service", request_body = SetDay,
    responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn set_day(caller: Caller, State(state): AppStateArg, ApiJson(b): ApiJson<SetDay>) -> ApiResult<Json<DoneBody>> {
    let date = b
        .date
        .parse()
        .map_err(|_| ApiError::from(CommandError::invalid("date", "bad-day", "write it like 2026-11-04")))?;
    let change = ServiceChange::Day { site: b.site.map(SiteId), date, kind: b.kind, note: b.note };
    give(&state, &caller, Command::Service { change }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TargetBody {
    /// 1 (branch stopped) to 5.
    priority: u8,
    response_minutes: u32,
    restore_minutes: u32,
}

/// Sets the targets of one priority, in working minutes.
#[utoipa::path(put, path = "/api/v1/service/targets", tag = "service", request_body = TargetBody,
    responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn set_target(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(b): ApiJson<TargetBody>,
) -> ApiResult<Json<DoneBody>> {
    let target = SlaTarget { response_minutes: b.response_minutes, restore_minutes: b.restore_minutes };
    let change = ServiceChange::Target { priority: b.priority, target };
    give(&state, &caller, Command::Service { change }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PausesBody {
    /// Waiting statuses.
    statuses: Vec<TicketStatus>,
}

/// Sets the statuses in which the restore clock stands.
#[utoipa::path(put, path = "/api/v1/service/pauses", tag = "service", request_body = PausesBody,
    responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn set_pauses(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(b): ApiJson<PausesBody>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::Service { change: ServiceChange::Pauses { statuses: b.statuses } }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CalendarBody {
    /// TOML with a table a year, or the XML of xmlcalendar.
    text: String,
}

/// Imports a production calendar: it replaces what is known of its years.
#[utoipa::path(post, path = "/api/v1/service/calendar", tag = "service", request_body = CalendarBody,
    responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn import(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(b): ApiJson<CalendarBody>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::Service { change: ServiceChange::Import { text: b.text } }).await
}
