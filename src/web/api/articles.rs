//! `/api/v1/articles` and `/api/v1/suppliers`: what is bought, and from whom.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give, paging};
use crate::model::{ArticleId, ArticleTerms, Command, NewArticle, SupplierId, SupplierTerms};
use crate::store::read::Listed;
use crate::store::read::articles::{self, ArticleFilter, ArticleRow, SupplierRow};
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(one, update))
        .routes(routes!(suppliers, add_supplier))
        .routes(routes!(update_supplier))
        .routes(routes!(set_secret))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ArticlesQuery {
    /// Words of part number, name, maker.
    #[serde(default)]
    q: String,
    /// Word of a kind: toner, drum, ...
    #[serde(default)]
    kind: String,
    supplier: Option<i64>,
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

/// Articles by maker and part number.
#[utoipa::path(get, path = "/api/v1/articles", tag = "articles", params(ArticlesQuery),
    responses((status = 200, body = Listed<ArticleRow>), (status = 401, body = ErrorBody)))]
async fn list(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<ArticlesQuery>,
) -> ApiResult<Json<Listed<ArticleRow>>> {
    caller.require(Permission::View)?;
    let supplier = q.supplier.map(SupplierId);
    let filter = ArticleFilter { search: q.q, kind: q.kind, supplier, ..ArticleFilter::default() };
    Ok(Json(articles::filtered(state.store.db(), &filter, paging(q.page, q.per_page)).await?))
}

/// One article.
#[utoipa::path(get, path = "/api/v1/articles/{id}", tag = "articles", params(("id" = i64, Path)),
    responses((status = 200, body = ArticleRow), (status = 404, body = ErrorBody)))]
async fn one(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<ArticleRow>> {
    caller.require(Permission::View)?;
    articles::article(state.store.db(), ArticleId(id)).await?.map(Json).ok_or_else(|| ApiError::not_found("article"))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ArticleBody {
    part_number: String,
    name: String,
    vendor: String,
    /// toner, ink, drum, waste, fuser, ...
    kind: String,
    color: Option<String>,
    yield_pages: Option<i64>,
    /// Net price of one, minor units.
    price: Option<i64>,
    vat_percent: i64,
    supplier: Option<i64>,
    supplier_article: Option<String>,
    /// "vendor/model" patterns; `*` at the end matches the rest; after it "80%" of the yield, "+1" preference.
    #[serde(default)]
    fits: Vec<String>,
    #[serde(default)]
    terms: ArticleTerms,
}

impl From<ArticleBody> for NewArticle {
    fn from(b: ArticleBody) -> Self {
        NewArticle {
            part_number: b.part_number,
            name: b.name,
            vendor: b.vendor,
            kind: b.kind,
            color: b.color,
            yield_pages: b.yield_pages,
            price_minor: b.price,
            vat_percent: b.vat_percent,
            supplier: b.supplier,
            supplier_article: b.supplier_article,
            fits: b.fits,
            terms: b.terms,
        }
    }
}

/// Adds an article; needs that waited for it are put on a draft order.
#[utoipa::path(post, path = "/api/v1/articles", tag = "articles", request_body = ArticleBody,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(body): ApiJson<ArticleBody>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    Ok((StatusCode::CREATED, give(&state, &caller, Command::AddArticle { article: body.into() }).await?))
}

/// Replaces an article, with what it fits.
#[utoipa::path(put, path = "/api/v1/articles/{id}", tag = "articles", params(("id" = i64, Path)),
    request_body = ArticleBody, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn update(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(body): ApiJson<ArticleBody>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::UpdateArticle { id: ArticleId(id), article: body.into() }).await
}

/// Suppliers by name.
#[utoipa::path(get, path = "/api/v1/suppliers", tag = "articles",
    responses((status = 200, body = [SupplierRow]), (status = 401, body = ErrorBody)))]
async fn suppliers(caller: Caller, State(state): AppStateArg) -> ApiResult<Json<Vec<SupplierRow>>> {
    caller.require(Permission::View)?;
    Ok(Json(articles::suppliers(state.store.db()).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SupplierBody {
    name: String,
    /// Where orders are sent.
    email: String,
    /// Language of the order: ru, en.
    #[serde(default = "russian")]
    language: String,
    /// ISO 4217.
    #[serde(default = "rouble")]
    currency: String,
    #[serde(default)]
    terms: SupplierTerms,
}

fn russian() -> String {
    "ru".to_owned()
}

fn rouble() -> String {
    "RUB".to_owned()
}

/// Adds a supplier.
#[utoipa::path(post, path = "/api/v1/suppliers", tag = "articles", request_body = SupplierBody,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add_supplier(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(b): ApiJson<SupplierBody>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    let (name, email, language, currency, terms) = (b.name, b.email, b.language, b.currency, b.terms);
    let command = Command::AddSupplier { name, email, language, currency, terms };
    Ok((StatusCode::CREATED, give(&state, &caller, command).await?))
}

/// Replaces a supplier.
#[utoipa::path(put, path = "/api/v1/suppliers/{id}", tag = "articles", params(("id" = i64, Path)),
    request_body = SupplierBody, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn update_supplier(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<SupplierBody>,
) -> ApiResult<Json<DoneBody>> {
    let supplier = SupplierId(id);
    let (name, email, language, currency, terms) = (b.name, b.email, b.language, b.currency, b.terms);
    give(&state, &caller, Command::UpdateSupplier { supplier, name, email, language, currency, terms }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SecretBody {
    /// At least 16 bytes; empty takes it away.
    secret: String,
}

/// Sets the secret that signs orders to the supplier's webhook (HMAC-SHA256 of the body). It is never shown again.
#[utoipa::path(put, path = "/api/v1/suppliers/{id}/webhook-secret", tag = "articles", params(("id" = i64, Path)),
    request_body = SecretBody, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn set_secret(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<SecretBody>,
) -> ApiResult<Json<DoneBody>> {
    let command = Command::SetWebhookSecret { supplier: SupplierId(id), webhook_secret: b.secret };
    give(&state, &caller, command).await
}
