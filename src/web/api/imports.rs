//! `/api/v1/imports`: tables of articles (XLSX, CSV), shown first and taken when somebody says so; `/api/v1/suggestions`:
//! articles found for supplies that nobody has confirmed.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ApiError, ApiJson, ApiPath, ApiQuery, ApiResult, AppStateArg, Caller, DoneBody, ErrorBody, give, paging};
use crate::model::{ArticleId, Command, ImportDraft, ImportVerdict, JudgedRow, SupplyId};
use crate::store::import;
use crate::store::read::Listed;
use crate::store::read::articles::{self, Suggestion};
use crate::web::auth::policy::Permission;
use crate::web::state::AppState;
use crate::web::upload;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(one, remove))
        .routes(routes!(accept))
        .routes(routes!(recheck))
        .routes(routes!(suggestions))
        .routes(routes!(confirm))
        .routes(routes!(reject))
}

/// The newest imports.
#[utoipa::path(get, path = "/api/v1/imports", tag = "articles",
    responses((status = 200, body = [ImportDraft]), (status = 401, body = ErrorBody)))]
async fn list(caller: Caller, State(state): AppStateArg) -> ApiResult<Json<Vec<ImportDraft>>> {
    caller.require(Permission::View)?;
    Ok(Json(import::newest(state.store.db(), 50).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileQuery {
    /// Name of the file, for people.
    #[serde(default)]
    name: String,
}

/// Judges a table of articles and keeps it; nothing else changes. The body is the file (XLSX or CSV), at most 16 MB
/// and 20,000 rows.
#[utoipa::path(post, path = "/api/v1/imports", tag = "articles", params(FileQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<FileQuery>,
    body: Body,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    caller.require(Permission::ManageArticles)?;
    let too_large = || ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "file-too-large", "at most 16 MB");
    let bytes = axum::body::to_bytes(body, upload::MAX_FILE).await.map_err(|_| too_large())?;
    let name = if q.name.trim().is_empty() { "api".to_owned() } else { q.name };
    let command =
        upload::articles(name, bytes.to_vec()).await.map_err(|e| ApiError::invalid("file", e.code(), e.to_string()))?;
    Ok((StatusCode::CREATED, give(&state, &caller, command).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowsQuery {
    /// new, changed, same, wrong; all when left out.
    verdict: Option<String>,
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ImportReport {
    import: ImportDraft,
    /// Columns that were not understood.
    ignored: Vec<String>,
    rows: Listed<JudgedRow>,
}

/// One import: what each row would do, by number of row.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "articles", params(("id" = i64, Path), RowsQuery),
    responses((status = 200, body = ImportReport), (status = 404, body = ErrorBody)))]
async fn one(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(q): ApiQuery<RowsQuery>,
) -> ApiResult<Json<ImportReport>> {
    caller.require(Permission::View)?;
    let (draft, body) = import::one(state.store.db(), id).await?.ok_or_else(|| ApiError::not_found("import"))?;
    let verdict = match q.verdict.as_deref() {
        None | Some("") => None,
        Some(word) => Some(
            ImportVerdict::parse(word)
                .ok_or_else(|| ApiError::invalid("verdict", "unknown-verdict", "new, changed, same or wrong"))?,
        ),
    };
    let part = paging(q.page, q.per_page);
    let all: Vec<JudgedRow> = body.judged.into_iter().filter(|r| verdict.is_none_or(|v| v == r.verdict)).collect();
    let total = all.len() as i64;
    let skip = usize::try_from((part.page - 1) * part.per_page).unwrap_or(usize::MAX);
    let rows = all.into_iter().skip(skip).take(usize::try_from(part.per_page).unwrap_or(0)).collect();
    Ok(Json(ImportReport { import: draft, ignored: body.ignored, rows: Listed { rows, total } }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptBody {
    /// Leaves wrong rows out; otherwise they refuse the whole.
    #[serde(default)]
    good_only: bool,
}

/// Takes an import exactly as it was shown; refused when the catalogue has changed since.
#[utoipa::path(post, path = "/api/v1/imports/{id}/accept", tag = "articles", params(("id" = i64, Path)),
    request_body = AcceptBody, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn accept(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<AcceptBody>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::AcceptImport { import: id, good_only: b.good_only }).await
}

/// Judges an import anew.
#[utoipa::path(post, path = "/api/v1/imports/{id}/recheck", tag = "articles", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn recheck(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::RecheckImport { import: id }).await
}

/// Throws away an import that was not taken.
#[utoipa::path(delete, path = "/api/v1/imports/{id}", tag = "articles", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn remove(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::DropImport { import: id }).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

/// Supplies whose article a rule found and nobody confirmed, by model.
#[utoipa::path(get, path = "/api/v1/suggestions", tag = "articles", params(PageQuery),
    responses((status = 200, body = Listed<Suggestion>), (status = 401, body = ErrorBody)))]
async fn suggestions(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<PageQuery>,
) -> ApiResult<Json<Listed<Suggestion>>> {
    caller.require(Permission::View)?;
    Ok(Json(articles::suggestions(state.store.db(), None, paging(q.page, q.per_page)).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SupplyArticleBody {
    article: i64,
}

/// This article refills this supply.
#[utoipa::path(post, path = "/api/v1/supplies/{id}/confirm", tag = "articles", params(("id" = i64, Path)),
    request_body = SupplyArticleBody, responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn confirm(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<SupplyArticleBody>,
) -> ApiResult<Json<DoneBody>> {
    let command = Command::ConfirmSupplyArticle { supply: SupplyId(id), article: ArticleId(b.article) };
    give(&state, &caller, command).await
}

/// This article does not refill this supply; it is not proposed again.
#[utoipa::path(post, path = "/api/v1/supplies/{id}/reject", tag = "articles", params(("id" = i64, Path)),
    request_body = SupplyArticleBody, responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn reject(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<SupplyArticleBody>,
) -> ApiResult<Json<DoneBody>> {
    let command = Command::RejectSupplyArticle { supply: SupplyId(id), article: ArticleId(b.article) };
    give(&state, &caller, command).await
}
