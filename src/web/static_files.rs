//! Style sheets, scripts and icons, embedded in the binary. A URL carries the content's hash and may be kept for ever;
//! without the hash (modules that import each other) the browser asks again and mostly hears 304.

use std::collections::HashMap;
use std::sync::OnceLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "dashboards/static"]
struct Files;

/// "/static/app.css?v=0f3a…": the file as it is in this build.
pub fn url(name: &str) -> String {
    match version(name) {
        Some(v) => format!("/static/{name}?v={v}"),
        None => format!("/static/{name}"),
    }
}

/// Hashes by name: read once in a release, each time while developing (the files are read from disk then).
fn version(name: &str) -> Option<String> {
    if cfg!(debug_assertions) {
        return Files::get(name).map(|f| short(&f.metadata.sha256_hash()));
    }
    static VERSIONS: OnceLock<HashMap<String, String>> = OnceLock::new();
    let versions = VERSIONS.get_or_init(|| {
        Files::iter().filter_map(|n| Some((n.to_string(), short(&Files::get(&n)?.metadata.sha256_hash())))).collect()
    });
    versions.get(name).cloned()
}

fn short(hash: &[u8; 32]) -> String {
    hash[..6].iter().map(|b| format!("{b:02x}")).collect()
}

/// Names and bytes of every static file: for the weight test.
pub fn all() -> Vec<(String, Vec<u8>)> {
    Files::iter().filter_map(|n| Some((n.to_string(), Files::get(&n)?.data.into_owned()))).collect()
}

pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/static/{*name}", get(serve))
}

async fn serve(Path(name): Path<String>, uri: axum::http::Uri, headers: HeaderMap) -> Response {
    let Some(file) = Files::get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let hash = short(&file.metadata.sha256_hash());
    let tag = format!("\"{hash}\"");
    let cache = match uri.query().and_then(|q| q.strip_prefix("v=")) {
        Some(v) if v == hash => "public, max-age=31536000, immutable",
        _ => "no-cache",
    };
    let kept = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    if kept.is_some_and(|v| v.split(',').any(|t| t.trim().trim_start_matches("W/") == tag)) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    let mime = match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        _ => file.metadata.mimetype(),
    };
    let head =
        [(header::CONTENT_TYPE, mime.to_owned()), (header::CACHE_CONTROL, cache.to_owned()), (header::ETAG, tag)];
    (head, file.data.into_owned()).into_response()
}
