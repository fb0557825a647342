//! `/api/v1/supplies`: consumables of all devices with their forecast, the first to run out first.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiQuery, ApiResult, AppStateArg, Caller, ErrorBody, paging};
use crate::model::{Millis, SiteId};
use crate::store::read::Listed;
use crate::store::read::supplies::{self, Filter, SupplyAhead};
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SuppliesQuery {
    /// Words of the device's or the article's.
    #[serde(default)]
    q: String,
    site: Option<i64>,
    /// Only what is spent within so many days (median forecast).
    within_days: Option<i64>,
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

/// Supplies, the first to run out first; those without a forecast last.
#[utoipa::path(get, path = "/api/v1/supplies", tag = "supplies", params(SuppliesQuery),
    responses((status = 200, body = Listed<SupplyAhead>), (status = 401, body = ErrorBody)))]
async fn list(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<SuppliesQuery>,
) -> ApiResult<Json<Listed<SupplyAhead>>> {
    caller.require(Permission::View)?;
    let days = q.within_days.map(|d| d.clamp(0, 10_000));
    let before = days.map(|d| state.clock.now().plus(d * Millis::DAY));
    let filter = Filter { search: q.q, before };
    Ok(Json(supplies::list(state.store.db(), &filter, q.site.map(SiteId), paging(q.page, q.per_page)).await?))
}
