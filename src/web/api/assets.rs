//! `/api/v1/assets`: everything the branch owns; `/api/v1/service-centres`: whoever repairs it; tables of assets.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give, paging};
use crate::model::{
    Asset, AssetChange, AssetEvent, AssetId, AssetKind, AssetState, Centre, CentreId, Command, ImportDraft,
    JudgedAsset, KeptAsset, SiteId,
};
use crate::store::asset_import;
use crate::store::read::Listed;
use crate::store::read::assets::{self, AssetFilter, CentreRow, Warranty};
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;
use crate::web::upload;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(one, update))
        .routes(routes!(centres, add_centre))
        .routes(routes!(update_centre))
        .routes(routes!(imports, add_import))
        .routes(routes!(import, drop_import))
        .routes(routes!(accept_import))
        .routes(routes!(recheck_import))
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Guarantee {
    #[default]
    Any,
    Running,
    /// Within 60 days.
    Ending,
    Over,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AssetsQuery {
    /// Branch.
    site: Option<i64>,
    #[param(inline)]
    kind: Option<AssetKind>,
    #[param(inline)]
    state: Option<AssetState>,
    #[serde(default)]
    #[param(inline)]
    warranty: Guarantee,
    /// Words of number, serial, model, place, custodian, document.
    #[serde(default)]
    q: String,
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

/// Assets by maker and model.
#[utoipa::path(get, path = "/api/v1/assets", tag = "assets", params(AssetsQuery),
    responses((status = 200, body = Listed<KeptAsset>), (status = 401, body = ErrorBody)))]
async fn list(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<AssetsQuery>,
) -> ApiResult<Json<Listed<KeptAsset>>> {
    caller.require(Permission::View)?;
    let now = jiff::Timestamp::from_millisecond(state.clock.now().0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let filter = AssetFilter {
        site: q.site.map(SiteId),
        kind: q.kind,
        state: q.state,
        warranty: match q.warranty {
            Guarantee::Any => Warranty::Any,
            Guarantee::Running => Warranty::Running,
            Guarantee::Ending => Warranty::Ending,
            Guarantee::Over => Warranty::Over,
        },
        today: now.to_zoned(jiff::tz::TimeZone::UTC).date(),
        search: q.q,
        sort: String::new(),
        descending: false,
    };
    Ok(Json(assets::list(state.store.db(), &filter, paging(q.page, q.per_page)).await?))
}

#[derive(Debug, Serialize, ToSchema)]
struct AssetBody {
    asset: KeptAsset,
    /// The newest first.
    history: Vec<AssetEvent>,
}

/// One asset with its history.
#[utoipa::path(get, path = "/api/v1/assets/{id}", tag = "assets", params(("id" = i64, Path)),
    responses((status = 200, body = AssetBody), (status = 404, body = ErrorBody)))]
async fn one(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<AssetBody>> {
    caller.require(Permission::View)?;
    let db = state.store.db();
    let asset = assets::one(db, AssetId(id)).await?.ok_or_else(|| ApiError::not_found("asset"))?;
    Ok(Json(AssetBody { asset, history: assets::events(db, AssetId(id)).await? }))
}

/// Adds an asset.
#[utoipa::path(post, path = "/api/v1/assets", tag = "assets", request_body = Asset,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(asset): ApiJson<Asset>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    let change = AssetChange::Add { asset };
    Ok((StatusCode::CREATED, give(&state, &caller, Command::Asset { change }).await?))
}

/// Writes an asset anew, whole.
#[utoipa::path(put, path = "/api/v1/assets/{id}", tag = "assets", params(("id" = i64, Path)), request_body = Asset,
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn update(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(asset): ApiJson<Asset>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::Asset { change: AssetChange::Update { id: AssetId(id), asset } }).await
}

/// Whoever repairs.
#[utoipa::path(get, path = "/api/v1/service-centres", tag = "assets",
    responses((status = 200, body = [CentreRow]), (status = 401, body = ErrorBody)))]
async fn centres(caller: Caller, State(state): AppStateArg) -> ApiResult<Json<Vec<CentreRow>>> {
    caller.require(Permission::View)?;
    Ok(Json(assets::centres(state.store.db()).await?))
}

/// Adds a service centre.
#[utoipa::path(post, path = "/api/v1/service-centres", tag = "assets", request_body = Centre,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add_centre(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(centre): ApiJson<Centre>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    let change = AssetChange::AddCentre { centre };
    Ok((StatusCode::CREATED, give(&state, &caller, Command::Asset { change }).await?))
}

/// Changes a service centre.
#[utoipa::path(put, path = "/api/v1/service-centres/{id}", tag = "assets", params(("id" = i64, Path)),
    request_body = Centre, responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn update_centre(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(centre): ApiJson<Centre>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::Asset { change: AssetChange::UpdateCentre { id: CentreId(id), centre } }).await
}

/// The newest tables of assets.
#[utoipa::path(get, path = "/api/v1/asset-imports", tag = "assets",
    responses((status = 200, body = [ImportDraft]), (status = 401, body = ErrorBody)))]
async fn imports(caller: Caller, State(state): AppStateArg) -> ApiResult<Json<Vec<ImportDraft>>> {
    caller.require(Permission::View)?;
    Ok(Json(asset_import::newest(state.store.db(), 50).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileQuery {
    /// Name of the file, for people.
    #[serde(default)]
    name: String,
}

/// Judges a table of assets and keeps it; nothing else changes. The body is the file (XLSX or CSV), at most 16 MB and
/// 20,000 rows.
#[utoipa::path(post, path = "/api/v1/asset-imports", tag = "assets", params(FileQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add_import(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<FileQuery>,
    body: Body,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    caller.require(Permission::ManageAssets)?;
    let too_large = || ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "file-too-large", "at most 16 MB");
    let bytes = axum::body::to_bytes(body, upload::MAX_FILE).await.map_err(|_| too_large())?;
    let name = if q.name.trim().is_empty() { "api".to_owned() } else { q.name };
    let command =
        upload::assets(name, bytes.to_vec()).await.map_err(|e| ApiError::invalid("file", e.code(), e.to_string()))?;
    Ok((StatusCode::CREATED, give(&state, &caller, command).await?))
}

#[derive(Debug, Serialize, ToSchema)]
struct AssetImportReport {
    import: ImportDraft,
    /// Columns that were not understood.
    ignored: Vec<String>,
    rows: Vec<JudgedAsset>,
}

/// One table: what each row would do.
#[utoipa::path(get, path = "/api/v1/asset-imports/{id}", tag = "assets", params(("id" = i64, Path)),
    responses((status = 200, body = AssetImportReport), (status = 404, body = ErrorBody)))]
async fn import(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<AssetImportReport>> {
    caller.require(Permission::View)?;
    let found = asset_import::one(state.store.db(), id).await?;
    let (import, body) = found.ok_or_else(|| ApiError::not_found("import"))?;
    Ok(Json(AssetImportReport { import, ignored: body.ignored, rows: body.judged }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Accept {
    /// Leaves wrong rows out, else they refuse the whole.
    #[serde(default)]
    good_only: bool,
}

/// Takes a table as it was shown.
#[utoipa::path(post, path = "/api/v1/asset-imports/{id}/accept", tag = "assets", params(("id" = i64, Path)),
    request_body = Accept, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn accept_import(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<Accept>,
) -> ApiResult<Json<DoneBody>> {
    let change = AssetChange::AcceptImport { import: id, good_only: b.good_only };
    give(&state, &caller, Command::Asset { change }).await
}

/// Judges it anew, because the assets have changed.
#[utoipa::path(post, path = "/api/v1/asset-imports/{id}/recheck", tag = "assets", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn recheck_import(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::Asset { change: AssetChange::RecheckImport { import: id } }).await
}

/// Throws away a table that was not taken.
#[utoipa::path(delete, path = "/api/v1/asset-imports/{id}", tag = "assets", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn drop_import(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::Asset { change: AssetChange::DropImport { import: id } }).await
}
