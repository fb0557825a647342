//! `/api/v1/kpi`: figures of service for a month.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiQuery, ApiResult, AppStateArg, Caller, ErrorBody};
use crate::model::{Millis, SiteId};
use crate::store::read::settings;
use crate::web::auth::policy::Permission;
use crate::web::kpi::{Figures, Group, KpiRow};
use crate::web::pages::kpi::period;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct KpiQuery {
    /// Branch.
    site: Option<i64>,
    /// Like 2026-11; the present one when left out.
    month: Option<String>,
    #[serde(default)]
    #[param(inline)]
    group: Group,
}

#[derive(Debug, Serialize, ToSchema)]
struct KpiBody {
    from: Millis,
    /// The end of the month, or now.
    to: Millis,
    total: KpiRow,
    rows: Vec<KpiRow>,
}

/// Availability with its coverage, restore times, tickets in time, repeats, backlog. Times are working milliseconds.
#[utoipa::path(get, path = "/api/v1/kpi", tag = "tickets", params(KpiQuery),
    responses((status = 200, body = KpiBody), (status = 422, body = ErrorBody)))]
async fn show(caller: Caller, State(state): AppStateArg, ApiQuery(q): ApiQuery<KpiQuery>) -> ApiResult<Json<KpiBody>> {
    caller.require(Permission::View)?;
    let sites = settings::sites(state.store.db()).await?;
    let zone = sites.iter().find(|s| q.site.is_none_or(|id| s.id.0 == id)).map_or("UTC", |s| s.time_zone.as_str());
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let now = state.clock.now();
    let present = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default().to_zoned(zone.clone()).date();
    let month = match q.month {
        None => present.first_of_month(),
        Some(m) => {
            format!("{m}-01").parse().map_err(|_| ApiError::invalid("month", "bad-date", "write it like 2026-11"))?
        }
    };
    let (from, to) = period(month, &zone);
    let figures = Figures::of(state.store.db(), q.site.map(SiteId), from, to, now).await?;
    let rows = figures.rows(q.group);
    Ok(Json(KpiBody { from: figures.from, to: figures.to, total: figures.total(), rows }))
}
