//! The JSON API, `/api/v1`: what the pages show and do, for programs. One file a resource.
//!
//! Every answer is JSON; every error is `{"error": {"code", "message", "field"}}` with a stable code. Reading is
//! `store::read`, changing is an engine command under the caller's role, as on the pages. The OpenAPI document is made
//! from the same handlers and served at `/api/openapi.json`.
//!
//! To add a resource: a file with `router()` of `routes!(..)`, one line in `router` here, its tag in `Document`.
//! Never a route outside `routes!`: it would be missing from the document (a test counts them).

mod articles;
mod assets;
mod cabling;
mod desk;
mod devices;
mod discovery;
mod error;
mod extract;
mod identity;
mod imports;
mod judgement;
mod kpi;
mod maintenance;
mod needs;
mod orders;
mod people;
mod repairs;
mod service;
mod settings;
mod sites;
mod stock;
mod supplies;
mod tickets;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;

pub use error::{ApiError, ErrorBody};
pub use extract::{ApiJson, ApiPath, ApiQuery, Caller};

use super::state::AppState;
use crate::engine::Done;
use crate::model::Command;
use crate::store::read::Paging;

pub type ApiResult<T> = Result<T, ApiError>;

/// Path of the OpenAPI document.
pub const DOCUMENT_PATH: &str = "/api/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Anykey",
        description = "Devices, supplies, orders and tickets of a branch. Times are UTC milliseconds since 1970, money is \
                       minor units (kopecks, cents), levels are intervals of the remaining fraction from 0 to 1."
    ),
    modifiers(&Doors),
    components(schemas(ErrorBody)),
    security(("token" = []), ("session" = [])),
    tags(
        (name = "devices", description = "Devices, their supplies, ports, neighbours and history"),
        (name = "needs", description = "What runs low"),
        (name = "orders", description = "Orders to suppliers"),
        (name = "articles", description = "What is bought, and from whom"),
        (name = "tickets", description = "Repairs"),
        (name = "assets", description = "What the branch owns, its warranty, whoever repairs it"),
        (name = "discovery", description = "Ranges, credentials, what the sweep met"),
        (name = "sites", description = "Branches"),
        (name = "settings", description = "Plain settings"),
        (name = "service", description = "Hours, days and targets of the service level"),
        (name = "people", description = "Who may sign in, and API tokens"),
        (name = "stock", description = "Stores, stock documents, reservations"),
        (name = "cabling", description = "Places, panels, outlets, cables: documents, paths, search")
    )
)]
struct Document;

/// The two doors of the API.
struct Doors;

impl Modify for Doors {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(
            "token",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        );
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(super::auth::cookie::NAME))),
        );
    }
}

fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(devices::router())
        .merge(identity::router())
        .merge(judgement::router())
        .merge(maintenance::router())
        .merge(supplies::router())
        .merge(needs::router())
        .merge(orders::router())
        .merge(articles::router())
        .merge(imports::router())
        .merge(assets::router())
        .merge(repairs::router())
        .merge(tickets::router())
        .merge(kpi::router())
        .merge(desk::router())
        .merge(discovery::router())
        .merge(sites::router())
        .merge(settings::router())
        .merge(people::router())
        .merge(service::router())
        .merge(stock::router())
        .merge(cabling::router())
}

/// The document of every route below `/api/v1`.
pub fn document() -> utoipa::openapi::OpenApi {
    documented().into_openapi()
}

pub fn router() -> Router<AppState> {
    let (router, document) = documented().split_for_parts();
    let text = document.to_pretty_json().unwrap_or_default();
    router
        .route(
            DOCUMENT_PATH,
            get(move || {
                let text = text.clone();
                async move { ([(axum::http::header::CONTENT_TYPE, "application/json")], text) }
            }),
        )
        .route("/api/{*path}", axum::routing::any(|| async { ApiError::not_found("route") }))
}

/// What a change came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoneBody {
    /// Of what was added or acted on.
    pub id: Option<i64>,
    /// False: it already was as asked.
    pub changed: bool,
}

impl From<Done> for DoneBody {
    fn from(d: Done) -> Self {
        DoneBody { id: d.id, changed: d.changed }
    }
}

/// Gives a command in the name of the caller.
async fn give(state: &AppState, caller: &Caller, command: Command) -> ApiResult<Json<DoneBody>> {
    Ok(Json(caller.give(state, command).await?.into()))
}

/// Page and size of a list in the query.
fn paging(page: Option<i64>, per_page: Option<i64>) -> Paging {
    Paging::new(page.unwrap_or(1), per_page.unwrap_or(50))
}

/// The state every handler takes.
type AppStateArg = State<AppState>;
