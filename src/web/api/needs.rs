//! `/api/v1/needs`: what runs low, and what is to be done about it.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give, paging};
use crate::model::{ArticleId, Command, NeedId, SiteId};
use crate::store::read::Listed;
use crate::store::read::needs::{self, NeedFilter, NeedRow};
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(set_article))
        .routes(routes!(dismiss))
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Which {
    /// Open or on an order.
    #[default]
    Current,
    WithoutArticle,
    Closed,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NeedsQuery {
    #[serde(default)]
    #[param(inline)]
    which: Which,
    /// Branch.
    site: Option<i64>,
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

/// Needs with their reasons.
#[utoipa::path(get, path = "/api/v1/needs", tag = "needs", params(NeedsQuery),
    responses((status = 200, body = Listed<NeedRow>), (status = 401, body = ErrorBody)))]
async fn list(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<NeedsQuery>,
) -> ApiResult<Json<Listed<NeedRow>>> {
    caller.require(Permission::View)?;
    let filter = match q.which {
        Which::Current => NeedFilter::Current,
        Which::WithoutArticle => NeedFilter::WithoutArticle,
        Which::Closed => NeedFilter::Closed,
    };
    Ok(Json(needs::list(state.store.db(), filter, q.site.map(SiteId), paging(q.page, q.per_page)).await?))
}

/// One need.
#[utoipa::path(get, path = "/api/v1/needs/{id}", tag = "needs", params(("id" = i64, Path)),
    responses((status = 200, body = NeedRow), (status = 404, body = ErrorBody)))]
async fn one(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<NeedRow>> {
    caller.require(Permission::View)?;
    needs::one(state.store.db(), NeedId(id)).await?.map(Json).ok_or_else(|| ApiError::not_found("need"))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetArticle {
    article: i64,
}

/// Names the article that answers the need.
#[utoipa::path(put, path = "/api/v1/needs/{id}/article", tag = "needs", params(("id" = i64, Path)),
    request_body = SetArticle, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn set_article(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(body): ApiJson<SetArticle>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::SetNeedArticle { need: NeedId(id), article: ArticleId(body.article) }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Dismiss {
    /// Kept with the need.
    reason: String,
}

/// Closes a need without an order.
#[utoipa::path(post, path = "/api/v1/needs/{id}/dismiss", tag = "needs", params(("id" = i64, Path)),
    request_body = Dismiss, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn dismiss(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(body): ApiJson<Dismiss>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::DismissNeed { need: NeedId(id), reason: body.reason }).await
}
