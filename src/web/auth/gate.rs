//! The one door in front of every route: finds out who asks, and turns away who is nobody.
//!
//! Deny by default: a path is open only when it is named here. What a known person may do is asked by the handlers of
//! `policy`. Behind a reverse proxy on the same machine the proxy's word is taken for the address and the scheme;
//! from anywhere else it is not.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Extensions, HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::session;
use crate::web::api::ApiError;
use crate::web::error::WebError;
use crate::web::state::AppState;

/// Answered without asking who it is.
const OPEN: [&str; 5] = ["/sign-in", "/setup", "/view", "/healthz", "/metrics"];

/// Answered without even looking: no page of these shows who is signed in.
fn is_plain(path: &str) -> bool {
    path.starts_with("/static/") || path == "/healthz"
}

pub fn is_open(path: &str) -> bool {
    OPEN.contains(&path) || path.starts_with(crate::web::pages::report::UNDER) || is_plain(path)
}

/// Middleware: puts the `Principal` into the request, or answers "sign in first".
pub async fn guard(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if is_plain(path) {
        return next.run(request).await;
    }
    let program = is_program(&request);
    let found = match session::principal(&state, request.headers()).await {
        Ok(found) => found,
        Err(e) if program => return ApiError::from(e).into_response(),
        Err(e) => return WebError::from(e).into_response(),
    };
    let found = found.or_else(|| (state.auth.options.demo && is_local(&request)).then(session::demo));
    match found {
        Some(principal) => {
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        None if is_open(path) => next.run(request).await,
        None if program => ApiError::unauthenticated().into_response(),
        None => WebError::SignInNeeded(back(&request)).into_response(),
    }
}

/// Answered in JSON rather than by a page.
fn is_program(request: &Request) -> bool {
    let path = request.uri().path();
    path.starts_with("/api/")
        || path == crate::web::sse::PATH
        || request.headers().contains_key(header::AUTHORIZATION)
        || request.headers().get(header::ACCEPT).is_some_and(|a| a.as_bytes().starts_with(b"application/json"))
}

/// Where to come back to after signing in: only what can be asked for again.
fn back(request: &Request) -> String {
    let again = matches!(*request.method(), Method::GET | Method::HEAD);
    let target = request.uri().path_and_query().map_or("/", |p| p.as_str());
    if again { target.to_owned() } else { "/".to_owned() }
}

/// Address of the other end of the connection, when the server knows it.
pub fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip().to_canonical())
}

fn first<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Address of the client: of the peer, or what a proxy on this machine says it is.
pub fn client(headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
    let peer = peer(extensions).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    if !peer.is_loopback() {
        return peer;
    }
    // The last entry is the proxy's own; those before it are the client's claims.
    let told = first(headers, "x-forwarded-for").and_then(|v| v.rsplit(',').next()?.trim().parse().ok());
    told.unwrap_or(peer)
}

/// The page came over https, as far as we can know: the cookie may be `Secure`.
pub fn is_https(headers: &HeaderMap, extensions: &Extensions) -> bool {
    peer(extensions).is_some_and(|p| p.is_loopback())
        && first(headers, "x-forwarded-proto").is_some_and(|v| v.eq_ignore_ascii_case("https"))
}

/// Asked from this machine itself: from loopback, not through a proxy, and by a name of this machine (a stranger's name
/// that resolves to 127.0.0.1 is a trick on the browser).
pub fn is_local(request: &Request) -> bool {
    let headers = request.headers();
    let proxied = headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
    let host = first(headers, "host").or_else(|| request.uri().host()).unwrap_or("");
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    let named = name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    peer(request.extensions()).is_some_and(|p| p.is_loopback()) && !proxied && named
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn request(peer: &str, headers: &[(&str, &str)]) -> Request {
        let mut r = Request::builder().uri("/devices?q=1");
        for (name, value) in headers {
            r = r.header(*name, *value);
        }
        let mut r = r.body(Body::empty()).unwrap();
        r.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 40_000)));
        r
    }

    #[test]
    fn local_is_loopback_by_its_own_name_without_a_proxy() {
        assert!(is_local(&request("127.0.0.1", &[("host", "localhost:8080")])));
        assert!(is_local(&request("::1", &[("host", "[::1]:8080")])));
        assert!(is_local(&request("127.0.0.1", &[("host", "127.0.0.1:8080")])));
        assert!(!is_local(&request("127.0.0.1", &[("host", "evil.example:8080")])), "rebinding");
        assert!(!is_local(&request("127.0.0.1", &[("host", "localhost"), ("x-forwarded-for", "192.0.2.1")])));
        assert!(!is_local(&request("192.0.2.1", &[("host", "localhost:8080")])));
        assert!(!is_local(&request("127.0.0.1", &[])));
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        let headers = [("x-forwarded-for", "203.0.113.9, 192.0.2.7"), ("x-forwarded-proto", "https")];
        let near = request("127.0.0.1", &headers);
        assert_eq!(client(near.headers(), near.extensions()).to_string(), "192.0.2.7");
        assert!(is_https(near.headers(), near.extensions()));
        let far = request("198.51.100.1", &headers);
        assert_eq!(client(far.headers(), far.extensions()).to_string(), "198.51.100.1");
        assert!(!is_https(far.headers(), far.extensions()));
    }

    #[test]
    fn only_named_paths_are_open() {
        for open in ["/sign-in", "/setup", "/view", "/healthz", "/metrics", "/static/app.css"] {
            assert!(is_open(open), "{open}");
        }
        for closed in
            ["/", "/devices", "/sign-in/x", "/setup2", "/api/openapi.json", "/events", "/debug/tasks", "/staticx"]
        {
            assert!(!is_open(closed), "{closed}");
        }
    }

    #[test]
    fn nobody_is_sent_back_into_a_post() {
        let mut r = request("127.0.0.1", &[]);
        assert_eq!(back(&r), "/devices?q=1");
        *r.method_mut() = Method::POST;
        assert_eq!(back(&r), "/");
    }
}
