//! Every page in a real browser (headless Chromium): Russian and English, desktop and a 360 px phone, light and dark.
//! No sideways scroll, no console error, no refused resource, readable contrast; screenshots in `target/screenshots`.
//!
//! Pages are their samples, served with the product's own headers and static files. Without Chromium the test says so and
//! ends; with CI=true that fails.

mod chromium;

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anykey::i18n::Lang;
use anykey::web::pages::samples;
use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use chromium::{Browser, Screen};

type Pages = Arc<HashMap<(String, String), String>>;

/// Serves the samples, and an event stream that never says anything.
async fn serve(pages: Pages) -> SocketAddr {
    let app: Router = Router::new()
        .route("/sample/{lang}/{name}", get(page))
        .route("/events", get(|| async { Sse::new(futures_util::stream::pending::<Result<Event, Infallible>>()) }))
        .with_state(pages)
        .merge(anykey::web::static_files::router())
        .layer(axum::middleware::from_fn(anykey::web::auth::headers::secure));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

async fn page(UrlPath(key): UrlPath<(String, String)>, State(pages): State<Pages>) -> Response {
    match pages.get(&key) {
        Some(html) => Html(html.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_on_every_screen() {
    let Some(mut browser) = Browser::start().await else { return };
    let mut pages = HashMap::new();
    let mut names = Vec::new();
    for lang in Lang::ALL {
        for sample in samples(lang) {
            let sample = sample.unwrap();
            names.push((lang.code().to_owned(), sample.name.clone()));
            pages.insert((lang.code().to_owned(), sample.name), sample.html);
        }
    }
    let address = serve(Arc::new(pages)).await;
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut wrong = Vec::new();
    for (lang, name) in names.iter().filter(|(_, n)| n.contains(&only)) {
        for screen in Screen::ALL {
            browser.show(screen).await;
            browser.open(&format!("http://{address}/sample/{lang}/{name}")).await;
            let at = format!("{name}-{lang}-{}", screen.name());
            wrong.extend(browser.judge(screen).await.into_iter().map(|w| format!("{at}: {w}")));
            browser.screenshot(&Path::new("target/screenshots").join(format!("{at}.png"))).await;
        }
    }
    browser.stop().await;
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}
