//! Pages, JSON API, metrics, sign-in. Reads the store (`store::read`), changes it only by engine commands; never asks a
//! device ("poll now" is a Command).
//!
//! # What the pages share
//! * `layout::Ui`: the frame: language, zone, theme, branch, who looks, flash. An extractor; refuses who is not signed in
//!   (`OpenUi` for the sign-in pages). Words: `ui.t("key")`, `ui.tn("key", count)`, `ui.tv("key", value)`, `ui.tw("key", &[..])`,
//!   `ui.word("kind-", stored)`; numbers and times: `ui.integer`, `ui.percent`, `ui.money`, `ui.ago_html`, `ui.date_time`, `ui.duration`.
//! * `table::List` + `{% include "list.html" %}`: columns, sort, filter, page, size in the URL, chooser, CSV.
//! * `form::Form`: an extractor that keeps what was typed; `form.text(ui, "name", "label-key", "help-key")` draws a field
//!   with its error; `form.wrong("name", sentence)`.
//! * `level::Level` (bars), `badge::Meaning` (state badges), `chart` (history), `html::icon`, `flash::Flash` (message
//!   after a redirect, with undo).
//! * Templates extend `base.html` (blocks `title`, `crumbs`, `content`) or `bare.html` (no frame). No inline style or
//!   script: the CSP refuses them. No text in a template: the test of `pages` refuses it.
//! * Live parts: `<section id="x" data-live="device need">`; replaced when `/events` sends `event: change` with one of these
//!   topics in its data (`engine::Topic` words; `device-12` for one device), separated by spaces.
//!
//! # To add a page
//! 1. `pages/warranty.rs`: `PATH`, `struct WarrantyPage { ui: Ui, .. }` with `#[derive(Template)]`, `samples(lang)`, `get`
//!    (and `post`), `router()`. It takes `Ui` first, then asks `ui.require(Permission::..)?`, loads by `store::read`,
//!    returns `page.page()`. A post gives a command with `command(&state, &ui, ..)` and ends in `Flash::done(..).redirect(..)`.
//! 2. `dashboards/templates/warranty.html`, and its messages in `dashboards/locales/{ru,en}/warranty.ftl`.
//! 3. One line in `pages::router`, one in `pages::samples`, and, when it is a place of its own, one in `NAV`.
//!
//! The tests then render it in both languages, check its markup and its words, and look at it in a browser.

pub mod api;
pub mod auth;
pub mod badge;
pub mod cabling;
pub mod chart;
pub mod clocks;
pub mod debug;
pub mod error;
pub mod flash;
pub mod foresight;
pub mod form;
pub mod html;
pub mod kpi;
pub mod layout;
pub mod level;
pub mod metrics;
pub mod pages;
pub mod qr;
pub mod sse;
pub mod state;
pub mod static_files;
pub mod table;
pub mod upload;
pub mod view;
pub mod words;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use auth::policy::Permission;
pub use error::WebError;
pub use state::{AppState, Shared};

use crate::engine::{Actor, CommandError, CommandSource, Done};
use crate::model::Command;
use flash::Flash;
use form::Form;
use layout::Ui;

/// A place of the rail.
#[derive(Debug, Clone, Copy)]
pub struct NavEntry {
    pub path: &'static str,
    /// Message of its name.
    pub key: &'static str,
    pub icon: &'static str,
    /// After `g`: the physical key.
    pub letter: char,
    /// In the bottom bar of a phone; the others are under "more".
    pub phone: bool,
    pub needs: Permission,
}

/// The rail, from the top.
pub const NAV: &[NavEntry] = &[
    NavEntry { path: "/", key: "nav-today", icon: "today", letter: 't', phone: true, needs: Permission::View },
    NavEntry {
        path: "/devices",
        key: "nav-devices",
        icon: "devices",
        letter: 'd',
        phone: true,
        needs: Permission::View,
    },
    NavEntry { path: "/supplies", key: "nav-needs", icon: "needs", letter: 's', phone: false, needs: Permission::View },
    NavEntry { path: "/stock", key: "nav-stock", icon: "stock", letter: 'k', phone: false, needs: Permission::View },
    NavEntry { path: "/orders", key: "nav-orders", icon: "orders", letter: 'p', phone: true, needs: Permission::View },
    NavEntry {
        path: "/tickets",
        key: "nav-tickets",
        icon: "tickets",
        letter: 'z',
        phone: true,
        needs: Permission::View,
    },
    NavEntry { path: "/assets", key: "nav-assets", icon: "assets", letter: 'a', phone: false, needs: Permission::View },
    NavEntry {
        path: "/cabling",
        key: "nav-cabling",
        icon: "cabling",
        letter: 'c',
        phone: false,
        needs: Permission::View,
    },
    NavEntry {
        path: "/discovery",
        key: "nav-discovery",
        icon: "discovery",
        letter: 'o',
        phone: false,
        needs: Permission::ViewDiscovery,
    },
    NavEntry {
        path: "/settings",
        key: "nav-settings",
        icon: "settings",
        letter: 'n',
        phone: false,
        needs: Permission::ManageSelf,
    },
];

/// Everything that answers HTTP. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`: what is only for
/// this machine needs to know who is at the other end.
pub fn router(state: AppState) -> Router {
    routes()
        .fallback(|| async { WebError::NotFound })
        .layer(from_fn(flash::spend))
        .layer(from_fn_with_state(state.clone(), auth::gate::guard))
        .layer(csrf(state.auth.options.public_url.as_deref()))
        .layer(from_fn(metrics::count_requests))
        .layer(from_fn(auth::headers::secure))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .with_state(state)
}

fn routes() -> Router<AppState> {
    Router::new()
        .merge(pages::router())
        .merge(view::router())
        .merge(api::router())
        .merge(sse::router())
        .merge(metrics::router())
        .merge(debug::router())
        .merge(static_files::router())
}

/// Refuses changes that another site's page asks for in the reader's name (Sec-Fetch-Site, Origin).
fn csrf(public_url: Option<&str>) -> CsrfLayer {
    let Some(url) = public_url else { return CsrfLayer::new() };
    // Behind a proxy that rewrites Host, the browser still says the public origin.
    let origin = url.split('/').take(3).collect::<Vec<_>>().join("/");
    CsrfLayer::new().add_trusted_origin(origin).unwrap_or_else(|e| {
        tracing::warn!(error = %e, "server.public_url is no origin, it is not trusted");
        CsrfLayer::new()
    })
}

/// A command of the person who looks: refused when their role does not hold its right.
pub async fn command(state: &AppState, ui: &Ui, command: Command) -> Result<Result<Done, CommandError>, WebError> {
    let Some(who) = &ui.who else { return Err(WebError::Forbidden) };
    if !auth::policy::may_command(who.role, who.user, &command) {
        return Err(WebError::Forbidden);
    }
    let actor = Actor { who: who.name.clone(), source: CommandSource::Web };
    Ok(state.engine.command(actor, command).await)
}

/// What came of a refused command, in words, and the status of the answer.
pub fn refusal(ui: &Ui, error: &CommandError) -> (StatusCode, String) {
    match error {
        CommandError::Invalid { code, detail, .. } => {
            let key = format!("error-{code}");
            let known = crate::i18n::has(ui.lang, &key);
            (StatusCode::UNPROCESSABLE_ENTITY, if known { ui.t(&key) } else { detail.clone() })
        }
        CommandError::Explained { code, values, .. } => {
            let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.clone().into())).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, ui.tw(&format!("error-{code}"), &values))
        }
        CommandError::NotFound { .. } => (StatusCode::NOT_FOUND, ui.t("error-not-found")),
        CommandError::WrongState { .. } => (StatusCode::CONFLICT, ui.t("error-wrong-state")),
        CommandError::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, ui.t("error-unavailable")),
        CommandError::Stopping => (StatusCode::SERVICE_UNAVAILABLE, ui.t("error-stopping")),
    }
}

/// Puts a refusal beside its field. `fields`: those of the form, the first takes what belongs to none of them.
pub fn failed(ui: &Ui, form: &mut Form, fields: &[&str], error: &CommandError) -> StatusCode {
    let (status, sentence) = refusal(ui, error);
    let field = error.field().filter(|f| fields.contains(f)).or(fields.first().copied()).unwrap_or("form");
    form.wrong(field, sentence);
    status
}

/// The refusal of a button without a form: a message on the page the person comes back to.
pub fn told(ui: &Ui, error: &CommandError) -> Flash {
    Flash::failed("flash-failed", refusal(ui, error).1)
}
