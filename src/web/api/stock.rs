//! `/api/v1/stock` and `/api/v1/stores`: what lies where, documents, reservations, where books and world part.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give, paging};
use crate::model::{
    ArticleId, Command, DeviceId, DocumentId, DocumentKind, DocumentStatus, FoundElsewhere, NewDocument,
    NewReservation, ReservationId, SiteId, StockLine, StoreId,
};
use crate::store::read::documents::{self, DocumentDetail, DocumentFilter, DocumentRow};
use crate::store::read::stock::{
    self, ArticleRef, BalanceFilter, BalanceRow, Finding, MoveRow, ReservationRow, StoreRow,
};
use crate::store::read::{Listed, Paging};
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(stores, add_store))
        .routes(routes!(rename_store))
        .routes(routes!(archive_store))
        .routes(routes!(balances))
        .routes(routes!(article))
        .routes(routes!(find))
        .routes(routes!(findings))
        .routes(routes!(list, write))
        .routes(routes!(one))
        .routes(routes!(post_draft))
        .routes(routes!(send))
        .routes(routes!(receive))
        .routes(routes!(reverse))
        .routes(routes!(drop_draft))
        .routes(routes!(reserve))
        .routes(routes!(release))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StoresQuery {
    /// Branch.
    site: Option<i64>,
    /// Archived ones too.
    archived: Option<bool>,
}

/// Stores with what they hold.
#[utoipa::path(get, path = "/api/v1/stores", tag = "stock", params(StoresQuery),
    responses((status = 200, body = [StoreRow]), (status = 401, body = ErrorBody)))]
async fn stores(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<StoresQuery>,
) -> ApiResult<Json<Vec<StoreRow>>> {
    caller.require(Permission::View)?;
    let archived = q.archived.unwrap_or(false);
    Ok(Json(stock::stores(state.store.db(), q.site.map(SiteId), archived).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewStore {
    site: i64,
    name: String,
}

/// Adds a store; a branch has a main one by itself.
#[utoipa::path(post, path = "/api/v1/stores", tag = "stock", request_body = NewStore,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add_store(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(b): ApiJson<NewStore>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    let command = Command::AddStore { site: SiteId(b.site), name: b.name };
    Ok((StatusCode::CREATED, give(&state, &caller, command).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StoreName {
    name: String,
}

/// Renames a store.
#[utoipa::path(patch, path = "/api/v1/stores/{id}", tag = "stock", params(("id" = i64, Path)), request_body = StoreName,
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn rename_store(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<StoreName>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::RenameStore { store: StoreId(id), name: b.name }).await
}

/// Archives an empty store.
#[utoipa::path(post, path = "/api/v1/stores/{id}/archive", tag = "stock", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn archive_store(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::ArchiveStore { store: StoreId(id) }).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BalancesQuery {
    /// Branch.
    site: Option<i64>,
    store: Option<i64>,
    /// Words of part number, name, maker.
    #[serde(default)]
    q: String,
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

/// What lies where: on hand, reserved, in transit, drafts, empties, when it was last counted.
#[utoipa::path(get, path = "/api/v1/stock", tag = "stock", params(BalancesQuery),
    responses((status = 200, body = Listed<BalanceRow>), (status = 401, body = ErrorBody)))]
async fn balances(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<BalancesQuery>,
) -> ApiResult<Json<Listed<BalanceRow>>> {
    caller.require(Permission::View)?;
    let (site, store) = (q.site.map(SiteId), q.store.map(StoreId));
    let filter = BalanceFilter { site, store, article: None, search: q.q };
    Ok(Json(stock::balances(state.store.db(), &filter, paging(q.page, q.per_page)).await?))
}

/// One article in all stores.
#[derive(Debug, Serialize, ToSchema)]
struct ArticleStock {
    article: ArticleRef,
    balances: Vec<BalanceRow>,
    reservations: Vec<ReservationRow>,
    /// The newest 500 moves.
    moves: Vec<MoveRow>,
}

/// An article: where it lies, for whom it is reserved, every move with its document.
#[utoipa::path(get, path = "/api/v1/stock/articles/{id}", tag = "stock", params(("id" = i64, Path)),
    responses((status = 200, body = ArticleStock), (status = 404, body = ErrorBody)))]
async fn article(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<ArticleStock>> {
    caller.require(Permission::View)?;
    let (db, id) = (state.store.db(), ArticleId(id));
    let article = stock::article(db, id).await?.ok_or_else(|| ApiError::not_found("article"))?;
    let filter = BalanceFilter { article: Some(id), ..Default::default() };
    Ok(Json(ArticleStock {
        article,
        balances: stock::balances(db, &filter, Paging::all()).await?.rows,
        reservations: stock::reservations(db, id).await?,
        moves: stock::moves(db, id, None, Paging::new(1, 500)).await?.rows,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindQuery {
    /// A barcode, part number or supplier's article; else words.
    #[serde(default)]
    code: String,
}

/// The articles a scanned or typed code may mean.
#[utoipa::path(get, path = "/api/v1/stock/find", tag = "stock", params(FindQuery),
    responses((status = 200, body = [ArticleRef]), (status = 401, body = ErrorBody)))]
async fn find(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<FindQuery>,
) -> ApiResult<Json<Vec<ArticleRef>>> {
    caller.require(Permission::View)?;
    Ok(Json(stock::find(state.store.db(), &q.code).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SiteQuery {
    /// Branch.
    site: Option<i64>,
}

/// Negative balances, shortages, replacements without an issue, issues without a replacement.
#[utoipa::path(get, path = "/api/v1/stock/findings", tag = "stock", params(SiteQuery),
    responses((status = 200, body = [Finding]), (status = 401, body = ErrorBody)))]
async fn findings(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<SiteQuery>,
) -> ApiResult<Json<Vec<Finding>>> {
    caller.require(Permission::View)?;
    Ok(Json(stock::findings(state.store.db(), q.site.map(SiteId), state.clock.now()).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DocumentsQuery {
    #[param(inline)]
    kind: Option<DocumentKind>,
    #[param(inline)]
    status: Option<DocumentStatus>,
    /// Branch.
    site: Option<i64>,
    device: Option<i64>,
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

/// Stock documents, the newest first.
#[utoipa::path(get, path = "/api/v1/stock/documents", tag = "stock", params(DocumentsQuery),
    responses((status = 200, body = Listed<DocumentRow>), (status = 401, body = ErrorBody)))]
async fn list(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<DocumentsQuery>,
) -> ApiResult<Json<Listed<DocumentRow>>> {
    caller.require(Permission::View)?;
    let (site, device) = (q.site.map(SiteId), q.device.map(DeviceId));
    let filter = DocumentFilter { kind: q.kind, status: q.status, waiting: false, site, device };
    Ok(Json(documents::list(state.store.db(), &filter, paging(q.page, q.per_page)).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DocumentBody {
    #[schema(inline)]
    kind: DocumentKind,
    /// Left out: the main store of `site`.
    store: Option<i64>,
    site: Option<i64>,
    /// Second store of a transfer.
    to_store: Option<i64>,
    device: Option<i64>,
    /// The supply of the device that was replaced.
    supply_index: Option<String>,
    #[serde(default)]
    note: String,
    lines: Vec<StockLine>,
    /// Kept without moving anything.
    #[serde(default)]
    draft: bool,
    /// The same key again is the same document.
    key: Option<String>,
}

/// Writes a document and posts it; a transfer is sent; a draft is kept.
#[utoipa::path(post, path = "/api/v1/stock/documents", tag = "stock", request_body = DocumentBody,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn write(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(b): ApiJson<DocumentBody>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    let document = NewDocument {
        kind: b.kind,
        store: b.store.map(StoreId),
        site: b.site.map(SiteId),
        to_store: b.to_store.map(StoreId),
        device: b.device.map(DeviceId),
        supply_index: b.supply_index,
        note: b.note,
        lines: b.lines,
        draft: b.draft,
        key: b.key,
    };
    Ok((StatusCode::CREATED, give(&state, &caller, Command::PostStock { document }).await?))
}

/// One document with its lines and the reading behind it.
#[utoipa::path(get, path = "/api/v1/stock/documents/{id}", tag = "stock", params(("id" = i64, Path)),
    responses((status = 200, body = DocumentDetail), (status = 404, body = ErrorBody)))]
async fn one(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DocumentDetail>> {
    caller.require(Permission::View)?;
    let found = documents::one(state.store.db(), DocumentId(id)).await?;
    found.map(Json).ok_or_else(|| ApiError::not_found("stock document"))
}

/// Posts a draft.
#[utoipa::path(post, path = "/api/v1/stock/documents/{id}/post", tag = "stock", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn post_draft(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::PostDraft { document: DocumentId(id) }).await
}

/// Sends a transfer: its goods leave the first store.
#[utoipa::path(post, path = "/api/v1/stock/documents/{id}/send", tag = "stock", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn send(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::SendTransfer { document: DocumentId(id) }).await
}

/// Receives a transfer: its goods are in the second store.
#[utoipa::path(post, path = "/api/v1/stock/documents/{id}/receive", tag = "stock", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn receive(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::ReceiveTransfer { document: DocumentId(id) }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReverseBody {
    #[serde(default)]
    note: String,
}

/// Takes a posted document back by a reversal with the opposite moves.
#[utoipa::path(post, path = "/api/v1/stock/documents/{id}/reverse", tag = "stock", params(("id" = i64, Path)),
    request_body = ReverseBody, responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn reverse(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<ReverseBody>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::ReverseDocument { document: DocumentId(id), note: b.note }).await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DropQuery {
    /// Of an issue that a device's replacement drafted: where the cartridge came from, when from no shelf.
    found: Option<FoundElsewhere>,
}

/// Drops a draft that is not wanted.
#[utoipa::path(post, path = "/api/v1/stock/documents/{id}/drop", tag = "stock", params(("id" = i64, Path), DropQuery),
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn drop_draft(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(q): ApiQuery<DropQuery>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::DropDraft { document: DocumentId(id), found: q.found }).await
}

/// Keeps free pieces for a device or a person.
#[utoipa::path(post, path = "/api/v1/stock/reservations", tag = "stock", request_body = NewReservation,
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn reserve(
    caller: Caller,
    State(state): AppStateArg,
    ApiJson(reservation): ApiJson<NewReservation>,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    Ok((StatusCode::CREATED, give(&state, &caller, Command::Reserve { reservation }).await?))
}

/// Releases what was reserved.
#[utoipa::path(post, path = "/api/v1/stock/reservations/{id}/release", tag = "stock", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn release(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::Release { reservation: ReservationId(id) }).await
}
