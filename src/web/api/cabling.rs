//! `/api/v1/cabling`: documented cabling: search, paths, the sheet, pieces, cables, change sets.

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
    Cable, CableStatus, CableType, CablingChange, Command, ImportVerdict, Jack, JackSide, LaneMap, LinkRecord, Millis,
    NewCord, NewPiece, PieceId, Place, Rack, SheetVerdict, SiteId, Unit,
};
use crate::store::cabling::{self, ChangeSet};
use crate::store::observed::{self, FindingRow};
use crate::store::read::Listed;
use crate::store::read::cabling::Heard;
use crate::topology::{Path, PathEnd, Step};
use crate::web::auth::policy::Permission;
use crate::web::cabling::find::Hit;
use crate::web::cabling::{Branch, branch};
use crate::web::pages::cabling::search;
use crate::web::state::AppState;
use crate::web::upload;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(documents))
        .routes(routes!(find))
        .routes(routes!(trace))
        .routes(routes!(save))
        .routes(routes!(connect))
        .routes(routes!(set_status))
        .routes(routes!(add_sheet))
        .routes(routes!(sheet))
        .routes(routes!(accept_sheet))
        .routes(routes!(drop_sheet))
        .routes(routes!(changes))
        .routes(routes!(undo))
        .routes(routes!(links))
        .routes(routes!(list_findings))
        .routes(routes!(decide))
        .routes(routes!(accept_all))
}

/// Everything documented of a branch.
#[derive(Debug, Serialize, ToSchema)]
struct CablingBody {
    places: Vec<Place>,
    racks: Vec<Rack>,
    units: Vec<Unit>,
    jacks: Vec<Jack>,
    lane_maps: Vec<LaneMap>,
    cable_types: Vec<CableType>,
    cables: Vec<Cable>,
}

/// The documents of a branch.
#[utoipa::path(get, path = "/api/v1/sites/{id}/cabling", tag = "cabling", params(("id" = i64, Path)),
    responses((status = 200, body = CablingBody), (status = 404, body = ErrorBody)))]
async fn documents(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<CablingBody>> {
    caller.require(Permission::View)?;
    known(&state, id).await?;
    let plan = cabling::load(state.store.db(), SiteId(id)).await?;
    Ok(Json(CablingBody {
        places: plan.places.into_values().collect(),
        racks: plan.racks.into_values().collect(),
        units: plan.units.into_values().collect(),
        jacks: plan.jacks.into_values().collect(),
        lane_maps: plan.maps.into_values().collect(),
        cable_types: plan.types.into_values().collect(),
        cables: plan.cables.into_values().collect(),
    }))
}

/// The branch exists.
async fn known(state: &AppState, id: i64) -> ApiResult<()> {
    let sites = state.sites().await?;
    if sites.iter().any(|s| s.id.0 == id) { Ok(()) } else { Err(ApiError::not_found("site")) }
}

async fn opened(state: &AppState, site: Option<i64>) -> ApiResult<Option<std::sync::Arc<Branch>>> {
    let sites = state.sites().await?;
    let Some(site) = site.or(sites.first().map(|s| s.id.0)) else { return Ok(None) };
    if !sites.iter().any(|s| s.id.0 == site) {
        return Err(ApiError::not_found("site"));
    }
    Ok(Some(branch(state, SiteId(site)).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindQuery {
    /// Outlet, port, cable, room, device, MAC or address.
    #[serde(default)]
    q: String,
    /// Branch; left out: the first.
    site: Option<i64>,
}

#[derive(Debug, Default, Serialize, ToSchema)]
struct FoundBody {
    /// Documented things of that name, exact ones only where there are any.
    hits: Vec<NamedHit>,
    /// Ports on which a MAC or address is heard, the nearest first.
    heard: Vec<Heard>,
}

#[derive(Debug, Serialize, ToSchema)]
struct NamedHit {
    #[serde(flatten)]
    hit: Hit,
    name: String,
}

/// One search for everything.
#[utoipa::path(get, path = "/api/v1/cabling/find", tag = "cabling", params(FindQuery),
    responses((status = 200, body = FoundBody), (status = 401, body = ErrorBody)))]
async fn find(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<FindQuery>,
) -> ApiResult<Json<FoundBody>> {
    caller.require(Permission::View)?;
    let Some(branch) = opened(&state, q.site).await?.filter(|_| !q.q.trim().is_empty()) else {
        return Ok(Json(FoundBody::default()));
    };
    let (hits, heard) = search(&state, &branch, &q.q, state.clock.now()).await?;
    let hits = hits.into_iter().map(|hit| NamedHit { name: name(&branch, hit), hit }).collect();
    Ok(Json(FoundBody { hits, heard }))
}

fn name(branch: &Branch, hit: Hit) -> String {
    let plan = &branch.documented.plan;
    let found = match hit {
        Hit::Jack(id) => plan.jacks.get(&id).map(|j| plan.jack_name(j)),
        Hit::Unit(id) => plan.units.get(&id).map(|u| u.label.clone()),
        Hit::Cable(id) => plan.cables.get(&id).map(|c| c.label.clone()),
        Hit::Place(id) => plan.places.get(&id).map(|p| p.name.clone()),
        Hit::Rack(id) => plan.racks.get(&id).map(|r| r.name.clone()),
        Hit::Device(id) => branch.devices.iter().find(|d| d.id == id).map(|d| d.name.clone()),
    };
    found.unwrap_or_default()
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TraceQuery {
    /// A jack by its number.
    jack: Option<i64>,
    /// Or a cable.
    cable: Option<i64>,
    /// Branch; left out: the first.
    site: Option<i64>,
}

/// A path from end to end; the end nearest to a switch comes first.
#[derive(Debug, Serialize, ToSchema)]
struct PathBody {
    steps: Vec<StepBody>,
    /// active, open, loose, loop: both ends.
    ends: (&'static str, &'static str),
    /// Pairs or strands that go all the way.
    lanes: u16,
    length_cm: i64,
    length_is_whole: bool,
    category: Option<String>,
    /// Every cable is connected.
    is_active: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct StepBody {
    jack: Option<PieceId>,
    side: Option<JackSide>,
    cable: Option<PieceId>,
    name: String,
}

/// Paths through a jack or a cable.
#[utoipa::path(get, path = "/api/v1/cabling/trace", tag = "cabling", params(TraceQuery),
    responses((status = 200, body = [PathBody]), (status = 401, body = ErrorBody)))]
async fn trace(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<TraceQuery>,
) -> ApiResult<Json<Vec<PathBody>>> {
    caller.require(Permission::View)?;
    let Some(branch) = opened(&state, q.site).await? else { return Ok(Json(Vec::new())) };
    let paths = match (q.jack, q.cable) {
        (Some(jack), _) => branch.documented.paths(PieceId(jack)),
        (None, Some(cable)) => branch.documented.cable_paths(PieceId(cable)),
        (None, None) => Vec::new(),
    };
    Ok(Json(paths.into_iter().map(|p| path_body(&branch, p)).collect()))
}

fn path_body(branch: &Branch, path: Path) -> PathBody {
    let word = |end| match end {
        PathEnd::Active => "active",
        PathEnd::Open => "open",
        PathEnd::Loose => "loose",
        PathEnd::Loop => "loop",
    };
    let step = |s: &Step| match s {
        Step::Jack(id, side) => {
            StepBody { jack: Some(*id), side: *side, cable: None, name: name(branch, Hit::Jack(*id)) }
        }
        Step::Cable(id) => StepBody { jack: None, side: None, cable: Some(*id), name: name(branch, Hit::Cable(*id)) },
    };
    PathBody {
        steps: path.steps.iter().map(step).collect(),
        ends: (word(path.ends.0), word(path.ends.1)),
        lanes: path.lanes,
        length_cm: path.length_cm,
        length_is_whole: path.length_is_whole,
        category: path.category,
        is_active: path.is_active,
    }
}

/// Enters or changes a place, rack, unit, jack, cable type or cable; number 0 is a new one.
#[utoipa::path(post, path = "/api/v1/sites/{id}/cabling/pieces", tag = "cabling", params(("id" = i64, Path)),
    request_body = NewPiece, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn save(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(piece): ApiJson<NewPiece>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::Cabling { change: CablingChange::Save { site: SiteId(id), piece } }).await
}

/// A cable between two free sockets.
#[utoipa::path(post, path = "/api/v1/sites/{id}/cabling/cords", tag = "cabling", params(("id" = i64, Path)),
    request_body = NewCord, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn connect(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(cord): ApiJson<NewCord>,
) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::Cabling { change: CablingChange::Connect { site: SiteId(id), cord } }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StatusBody {
    cable: i64,
    status: CableStatus,
}

/// Sets the state of a cable; a decommissioned one frees its sockets.
#[utoipa::path(put, path = "/api/v1/sites/{id}/cabling/status", tag = "cabling", params(("id" = i64, Path)),
    request_body = StatusBody, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn set_status(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<StatusBody>,
) -> ApiResult<Json<DoneBody>> {
    let change = CablingChange::SetStatus { site: SiteId(id), cable: PieceId(b.cable), status: b.status };
    give(&state, &caller, Command::Cabling { change }).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileQuery {
    /// Name of the file, for people.
    #[serde(default)]
    name: String,
}

/// Judges a sheet of cabling and keeps it; the documents stay. The body is the file (XLSX or CSV), at most 16 MB.
#[utoipa::path(post, path = "/api/v1/sites/{id}/cabling/sheets", tag = "cabling", params(("id" = i64, Path), FileQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn add_sheet(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(q): ApiQuery<FileQuery>,
    body: Body,
) -> ApiResult<(StatusCode, Json<DoneBody>)> {
    caller.require(Permission::ManageCabling)?;
    let too_large = || ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "file-too-large", "at most 16 MB");
    let bytes = axum::body::to_bytes(body, upload::MAX_FILE).await.map_err(|_| too_large())?;
    let name = if q.name.trim().is_empty() { "api".to_owned() } else { q.name };
    let command = upload::cabling(SiteId(id), name, bytes.to_vec())
        .await
        .map_err(|e| ApiError::invalid("file", e.code(), e.to_string()))?;
    Ok((StatusCode::CREATED, give(&state, &caller, command).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SheetQuery {
    /// The sheet; left out: the newest.
    sheet: Option<i64>,
    /// new, changed, same, wrong; all when left out.
    verdict: Option<String>,
    page: Option<i64>,
    /// At most 500.
    per_page: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SheetReport {
    /// `None`: nobody has sent one.
    id: Option<i64>,
    file_name: String,
    accepted_at: Option<Millis>,
    /// What it became, when it was taken.
    change_set: Option<i64>,
    /// Columns that were not understood.
    ignored: Vec<String>,
    rows: Listed<SheetVerdict>,
}

/// A sheet: what each row would do, by number of row.
#[utoipa::path(get, path = "/api/v1/cabling/sheets", tag = "cabling", params(SheetQuery),
    responses((status = 200, body = SheetReport), (status = 404, body = ErrorBody)))]
async fn sheet(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<SheetQuery>,
) -> ApiResult<Json<SheetReport>> {
    caller.require(Permission::View)?;
    let db = state.store.db();
    let found = match q.sheet {
        Some(id) => Some(cabling::sheet(db, id).await?.ok_or_else(|| ApiError::not_found("sheet"))?),
        None => cabling::newest_sheets(db, 1).await?.into_iter().next(),
    };
    let Some((id, file_name, _, _, accepted_at, body)) = found else {
        let rows = Listed { rows: Vec::new(), total: 0 };
        let (id, file_name, accepted_at, change_set) = (None, String::new(), None, None);
        return Ok(Json(SheetReport { id, file_name, accepted_at, change_set, ignored: Vec::new(), rows }));
    };
    let verdict = match q.verdict.as_deref() {
        None | Some("") => None,
        Some(word) => Some(
            ImportVerdict::parse(word)
                .ok_or_else(|| ApiError::invalid("verdict", "unknown-verdict", "new, changed, same or wrong"))?,
        ),
    };
    let part = paging(q.page, q.per_page);
    let all: Vec<SheetVerdict> = body.judged.into_iter().filter(|r| verdict.is_none_or(|v| v == r.verdict)).collect();
    let total = all.len() as i64;
    let skip = usize::try_from((part.page - 1) * part.per_page).unwrap_or(usize::MAX);
    let rows = all.into_iter().skip(skip).take(usize::try_from(part.per_page).unwrap_or(0)).collect();
    let (ignored, change_set) = (body.ignored, body.change_set);
    Ok(Json(SheetReport { id: Some(id), file_name, accepted_at, change_set, ignored, rows: Listed { rows, total } }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptBody {
    /// Leaves wrong rows out; otherwise they refuse the whole.
    good_only: bool,
}

/// Takes a sheet exactly as it was shown; refused when the documents have changed since.
#[utoipa::path(post, path = "/api/v1/cabling/sheets/{id}/accept", tag = "cabling", params(("id" = i64, Path)),
    request_body = AcceptBody, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn accept_sheet(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<AcceptBody>,
) -> ApiResult<Json<DoneBody>> {
    let change = CablingChange::AcceptSheet { import: id, good_only: b.good_only };
    give(&state, &caller, Command::Cabling { change }).await
}

/// Throws away a sheet that was not taken.
#[utoipa::path(delete, path = "/api/v1/cabling/sheets/{id}", tag = "cabling", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 404, body = ErrorBody)))]
async fn drop_sheet(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::Cabling { change: CablingChange::DropSheet { import: id } }).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SiteQuery {
    /// Branch; left out: the first.
    site: Option<i64>,
}

/// The newest hundred change sets.
#[utoipa::path(get, path = "/api/v1/cabling/changes", tag = "cabling", params(SiteQuery),
    responses((status = 200, body = [ChangeSet]), (status = 401, body = ErrorBody)))]
async fn changes(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<SiteQuery>,
) -> ApiResult<Json<Vec<ChangeSet>>> {
    caller.require(Permission::View)?;
    let Some(branch) = opened(&state, q.site).await? else { return Ok(Json(Vec::new())) };
    Ok(Json(cabling::newest(state.store.db(), branch.site, 100).await?))
}

/// Takes a change set back, unless what it left was changed since.
#[utoipa::path(post, path = "/api/v1/cabling/changes/{id}/undo", tag = "cabling", params(("id" = i64, Path)),
    responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn undo(caller: Caller, State(state): AppStateArg, ApiPath(id): ApiPath<i64>) -> ApiResult<Json<DoneBody>> {
    give(&state, &caller, Command::Cabling { change: CablingChange::Undo { change_set: id } }).await
}

/// Links the network shows, with their state over time.
#[utoipa::path(get, path = "/api/v1/cabling/links", tag = "cabling", params(SiteQuery),
    responses((status = 200, body = [LinkRecord]), (status = 401, body = ErrorBody)))]
async fn links(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<SiteQuery>,
) -> ApiResult<Json<Vec<LinkRecord>>> {
    caller.require(Permission::View)?;
    let Some(branch) = opened(&state, q.site).await? else { return Ok(Json(Vec::new())) };
    Ok(Json(observed::links(state.store.db(), branch.site).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindingsQuery {
    /// Branch; left out: the first.
    site: Option<i64>,
    /// open, ordered, ignored, accepted, resolved; all when left out.
    #[serde(default)]
    state: String,
}

/// Where documents and network differ, the surest first.
#[utoipa::path(get, path = "/api/v1/cabling/findings", tag = "cabling", params(FindingsQuery),
    responses((status = 200, body = [FindingRow]), (status = 401, body = ErrorBody)))]
async fn list_findings(
    caller: Caller,
    State(state): AppStateArg,
    ApiQuery(q): ApiQuery<FindingsQuery>,
) -> ApiResult<Json<Vec<FindingRow>>> {
    caller.require(Permission::View)?;
    let Some(branch) = opened(&state, q.site).await? else { return Ok(Json(Vec::new())) };
    Ok(Json(observed::findings(state.store.db(), branch.site, &q.state).await?))
}

/// What to do about a finding.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "decision", rename_all = "kebab-case")]
enum Decision {
    /// The documents follow the network.
    Accept,
    /// A ticket is opened.
    WorkOrder,
    /// Not told before this moment.
    Ignore { until: Millis },
    /// Told again.
    Reopen,
}

/// Decides about a finding; accepting gives the number of the change set, a work order that of the ticket.
#[utoipa::path(put, path = "/api/v1/cabling/findings/{id}", tag = "cabling", params(("id" = i64, Path)),
    request_body = Decision, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn decide(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(decision): ApiJson<Decision>,
) -> ApiResult<Json<DoneBody>> {
    let change = match decision {
        Decision::Accept => CablingChange::Accept { findings: vec![id] },
        Decision::WorkOrder => CablingChange::WorkOrder { finding: id },
        Decision::Ignore { until } => CablingChange::Ignore { finding: id, until },
        Decision::Reopen => CablingChange::Reopen { finding: id },
    };
    give(&state, &caller, Command::Cabling { change }).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptAllBody {
    /// At least so sure, in thousandths; 500 to 1000.
    permille: u16,
}

/// Takes every new link and outlet of a branch that is sure enough, as one change set.
#[utoipa::path(post, path = "/api/v1/sites/{id}/cabling/accept", tag = "cabling", params(("id" = i64, Path)),
    request_body = AcceptAllBody, responses((status = 200, body = DoneBody), (status = 422, body = ErrorBody)))]
async fn accept_all(
    caller: Caller,
    State(state): AppStateArg,
    ApiPath(id): ApiPath<i64>,
    ApiJson(b): ApiJson<AcceptAllBody>,
) -> ApiResult<Json<DoneBody>> {
    let change = CablingChange::AcceptAll { site: SiteId(id), permille: b.permille };
    give(&state, &caller, Command::Cabling { change }).await
}
