//! `/api/v1/orders`: drafts, approval, receipt.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give, paging};
use crate::model::{Command, Millis, OrderId, OrderLineId, OrderStatus, ReceivedLine, SiteId, SupplierId};
use crate::store::read::Listed;
use crate::store::read::orders::{self, OrderDetail, OrderFilter, OrderRow};
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(approve))
        .routes(routes!(over_budget))
        .routes(routes!(cancel))
        .routes(routes!(receive))
        .routes(routes!(set_quantity))
        .routes(routes!(confirm))
        .routes(routes!(receive_lines))
        .routes(routes!(close_rest))
        .routes(routes!(ask_supplier))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OrdersQuery {
    #[param(inline)]
    status: Option<OrderStatus>,
    /// Branch.
    site: Option<i64>,
    supplier: Option<i64>,
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

/// Orders, drafts first.
#[utoipa::path(get, path = "/api/v1/orders", tag = "orders", params(OrdersQuery),
    responses((status = 200, body = Listed<OrderRow>), (status = 401, body = ErrorBody)))]
async fn list(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<OrdersQuery>,
) -> ApiResult<Json<Listed<OrderRow>>> {
    caller.require(Permission::View)?;
    let filter = OrderFilter { status: q.status, site: q.site.map(SiteId), supplier: q.supplier.map(SupplierId) };
    Ok(Json(orders::list(state.store.db(), &filter, paging(q.page, q.per_page)).await?))
}

/// One order with its lines, their reasons and the state of its mail.
#[utoipa::path(get, path = "/api/v1/orders/{id}", tag = "orders", params(("id" = i64, Path)),
    responses((status = 200, body = OrderDetail), (status = 404, body = ErrorBody)))]
async fn one(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<OrderDetail>> {
    caller.require(Permission::View)?;
    orders::one(state.store.db(), OrderId(id)).await?.map(Json).ok_or_else(|| ApiError::not_found("order"))
}

/// Approves a draft: the order leaves by mail.
#[utoipa::path(post, path = "/api/v1/orders/{id}/approve", tag = "orders", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn approve(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::ApproveOrder { order: OrderId(id) }).await
}

/// Cancels an order that has not been received; its needs open again.
#[utoipa::path(post, path = "/api/v1/orders/{id}/cancel", tag = "orders", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn cancel(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::CancelOrder { order: OrderId(id) }).await
}

/// All that is still to come has come: a posted receipt into the branch's main store.
#[utoipa::path(post, path = "/api/v1/orders/{id}/receive", tag = "orders", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn receive(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::ReceiveOrder { order: OrderId(id) }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetQuantity {
    /// 0 removes the line.
    quantity: i64,
}

/// Changes a line of a draft.
#[utoipa::path(patch, path = "/api/v1/orders/{id}/lines/{line}", tag = "orders",
    params(("id" = i64, Path), ("line" = i64, Path)), request_body = SetQuantity,
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn set_quantity(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath((id, line)): ApiPath<(i64, i64)>,
    ApiJson(body): ApiJson<SetQuantity>,
) -> ApiResult<Json<DoneBody>> {
    caller.require(Permission::ManageOrders)?;
    let order = orders::one(state.store.db(), OrderId(id)).await?.ok_or_else(|| ApiError::not_found("order"))?;
    if !order.order.lines.iter().any(|l| l.id.0 == line) {
        return Err(ApiError::not_found("line of this order"));
    }
    give(&state, &caller, Command::SetLineQuantity { line: OrderLineId(line), quantity: body.quantity }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OverBudget {
    /// Why it is bought though the branch's month is spent; kept with the line and in the audit.
    reason: String,
}

/// Buys a line beyond the month's limit.
#[utoipa::path(post, path = "/api/v1/orders/{id}/lines/{line}/over-budget", tag = "orders",
    params(("id" = i64, Path), ("line" = i64, Path)), request_body = OverBudget,
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn over_budget(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath((id, line)): ApiPath<(i64, i64)>,
    ApiJson(body): ApiJson<OverBudget>,
) -> ApiResult<Json<DoneBody>> {
    caller.require(Permission::ManageOrders)?;
    let order = orders::one(state.store.db(), OrderId(id)).await?.ok_or_else(|| ApiError::not_found("order"))?;
    if !order.order.lines.iter().any(|l| l.id.0 == line) {
        return Err(ApiError::not_found("line of this order"));
    }
    give(&state, &caller, Command::BuyOverBudget { line: OrderLineId(line), reason: body.reason }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmBody {
    /// The promised day, UTC milliseconds.
    expected_at: Option<i64>,
}

/// The supplier's word, with its day; again: a new day.
#[utoipa::path(post, path = "/api/v1/orders/{id}/confirm", tag = "orders", params(("id" = i64, Path)),
    request_body = ConfirmBody, responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn confirm(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<ConfirmBody>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::ConfirmOrder { order: OrderId(id), expected_at: b.expected_at.map(Millis) }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReceiptBody {
    lines: Vec<ReceivedLine>,
    /// More than was ordered is meant.
    #[serde(default)]
    more: bool,
    /// The same key again is the same receipt.
    key: Option<String>,
}

/// Receives goods line by line.
#[utoipa::path(post, path = "/api/v1/orders/{id}/receipts", tag = "orders", params(("id" = i64, Path)),
    request_body = ReceiptBody,
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn receive_lines(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<ReceiptBody>,
) -> ApiResult<Json<DoneBody>> {
    let command = Command::ReceiveLines { order: OrderId(id), lines: b.lines, more: b.more, key: b.key };
    give(&state, &caller, command).await
}

/// The rest is not waited for: closed, or cancelled when nothing came.
#[utoipa::path(post, path = "/api/v1/orders/{id}/close", tag = "orders", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn close_rest(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::CloseRest { order: OrderId(id) }).await
}

/// Asks the supplier of a late order by mail where it is; once a day.
#[utoipa::path(post, path = "/api/v1/orders/{id}/ask", tag = "orders", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 409, body = ErrorBody)))]
async fn ask_supplier(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::AskSupplier { order: OrderId(id) }).await
}
