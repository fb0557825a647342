//! One message that survives a redirect: "done", with an undo. A cookie read once; its text is a catalogue key and
//! values, so nothing a stranger could plant is shown as markup, and undo only posts to paths of ours.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use super::html::{encode, local_path};
use super::layout::cookie;

const NAME: &str = "flash";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// A message with `$value`.
    pub key: String,
    pub value: String,
    /// Something failed: shown until closed.
    #[serde(default)]
    pub failed: bool,
    pub undo: Option<Undo>,
}

/// The form that takes it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Flash {
    pub fn done(key: &str, value: impl Into<String>) -> Flash {
        Flash { key: key.to_owned(), value: value.into(), failed: false, undo: None }
    }

    pub fn failed(key: &str, value: impl Into<String>) -> Flash {
        Flash { failed: true, ..Flash::done(key, value) }
    }

    pub fn with_undo(self, action: impl Into<String>, fields: Vec<(String, String)>) -> Flash {
        Flash { undo: Some(Undo { action: action.into(), fields }), ..self }
    }

    /// Back to a page of ours, which then shows it.
    pub fn redirect(&self, to: &str) -> Response {
        let mut response = Redirect::to(local_path(to)).into_response();
        let json = serde_json::to_string(self).unwrap_or_default();
        let text = format!("{NAME}={}; Path=/; Max-Age=30; HttpOnly; SameSite=Lax", encode(&json));
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }
}

pub fn read(headers: &HeaderMap) -> Option<Flash> {
    let flash: Flash = serde_json::from_str(&cookie(headers, NAME)?).ok()?;
    let safe = flash.undo.as_ref().is_none_or(|u| local_path(&u.action) == u.action);
    safe.then_some(flash)
}

/// Middleware: a flash that was sent along is spent by the page that shows it.
pub async fn spend(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    let had = request.method() == axum::http::Method::GET && cookie(request.headers(), NAME).is_some();
    let mut response = next.run(request).await;
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"text/html"));
    if had && is_page {
        let clear = HeaderValue::from_static("flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        response.headers_mut().append(header::SET_COOKIE, clear);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(flash: &Flash) -> HeaderMap {
        let response = flash.redirect("/devices/3");
        let set = response.headers()[header::SET_COOKIE].to_str().unwrap();
        let pair = set.split(';').next().unwrap();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(pair).unwrap())])
    }

    #[test]
    fn survives_a_redirect() {
        let fields = vec![("name".to_owned(), "каб. 214; \"старый\"".to_owned())];
        let flash = Flash::done("device-renamed", "МФУ").with_undo("/devices/3/rename", fields);
        assert_eq!(read(&sent(&flash)), Some(flash));
    }

    #[test]
    fn undo_stays_on_the_site() {
        let flash = Flash::done("device-renamed", "x").with_undo("//example.org/", Vec::new());
        assert_eq!(read(&sent(&flash)), None);
    }
}
