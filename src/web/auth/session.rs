//! Signing in and out: from a login and a password, a token or the set-up link to a `Principal`.
//!
//! The order of the answer never tells whether a login exists: an unknown one costs the same time and gets the same
//! sentence. What is written here are sessions; people themselves change by engine commands, except the very first.

use std::net::IpAddr;

use axum::http::HeaderMap;

use super::secret::{self, NoEntropy};
use super::{Door, Principal, cookie, password};
use crate::model::{Millis, Role};
use crate::store::{Store, StoreError, user};
use crate::web::state::AppState;

/// A session that is not used for this long ends.
pub const IDLE_MS: i64 = 30 * Millis::DAY;
/// A used session is prolonged at most this often: one write a day, not one a request.
const EXTEND_MS: i64 = Millis::DAY;
/// The set-up link counts this long; a restart prints a new one.
const SETUP_MS: i64 = Millis::DAY;

#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such login, or not its password.
    #[error("login or password is wrong")]
    Wrong,
    #[error("too many attempts, wait {seconds} s")]
    TooMany { seconds: i64 },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Hash(#[from] password::HashError),
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
}

/// Logins are compared as people type them: without spaces around, without case.
pub fn normal_login(typed: &str) -> String {
    typed.trim().to_lowercase()
}

/// Checks the password and starts a session; returns its token for the cookie.
pub async fn sign_in(state: &AppState, login: &str, password: String, from: IpAddr) -> Result<String, SignInError> {
    let now = state.clock.now();
    let login = normal_login(login);
    if let Some(seconds) = state.auth.limit.wait_seconds(from, &login, now) {
        metrics::counter!("anykey_sign_ins_total", "result" => "slowed").increment(1);
        return Err(SignInError::TooMany { seconds });
    }
    let known = user::by_login(state.store.db(), &login).await?;
    let stored = known.as_ref().map(|u| u.password_hash.clone());
    if !password::verify(password, stored).await? {
        state.auth.limit.failed(from, &login, now);
        metrics::counter!("anykey_sign_ins_total", "result" => "wrong").increment(1);
        tracing::warn!(login, %from, "a sign-in was refused");
        return Err(SignInError::Wrong);
    }
    let Some(person) = known else { return Err(SignInError::Wrong) };
    state.auth.limit.succeeded(from, &login);
    metrics::counter!("anykey_sign_ins_total", "result" => "ok").increment(1);
    tracing::info!(login, %from, "signed in");
    start(state, person.id).await
}

/// A session of that person.
pub async fn start(state: &AppState, person: crate::model::UserId) -> Result<String, SignInError> {
    let token = secret::new_token()?;
    let now = state.clock.now();
    user::start_session(&state.store, &secret::hash(&token), person, now, now.plus(IDLE_MS)).await?;
    Ok(token)
}

/// Ends the session of this request, if it has one.
pub async fn sign_out(state: &AppState, headers: &HeaderMap) -> Result<(), StoreError> {
    match cookie::get(headers) {
        Some(token) => user::end_session(&state.store, &secret::hash(token)).await,
        None => Ok(()),
    }
}

/// Who sends this request, by its token or its cookie.
pub async fn principal(state: &AppState, headers: &HeaderMap) -> Result<Option<Principal>, StoreError> {
    let db = state.store.db();
    if let Some(token) = cookie::bearer(headers) {
        let found = user::of_token(db, &secret::hash(token)).await?;
        return Ok(found.map(|(name, role)| Principal {
            name,
            role,
            user: None,
            language: None,
            door: Door::ApiToken,
        }));
    }
    let Some(token) = cookie::get(headers) else { return Ok(None) };
    let (hash, now) = (secret::hash(token), state.clock.now());
    let Some((person, expires)) = user::of_session(db, &hash, now).await? else { return Ok(None) };
    if expires.since(now) < IDLE_MS - EXTEND_MS {
        // Not worth failing the page for: it is tried again at the next one.
        if let Err(e) = user::extend_session(&state.store, &hash, now.plus(IDLE_MS)).await {
            tracing::warn!(error = %e, "prolonging a session failed");
        }
    }
    let (name, language, user) = (person.login, person.language, Some(person.id));
    Ok(Some(Principal { name, role: person.role, user, language, door: Door::Session }))
}

/// The demo's own person: everything may be tried.
pub fn demo() -> Principal {
    Principal { name: "demo".to_owned(), role: Role::Administrator, user: None, language: None, door: Door::Demo }
}

/// When nobody can sign in yet: the path of the one-time set-up link, to be printed at start.
pub async fn offer_setup(store: &Store, now: Millis) -> Result<Option<String>, SignInError> {
    if user::any(store.db()).await? {
        return Ok(None);
    }
    let token = secret::new_token()?;
    user::offer_setup(store, &secret::hash(&token), now.plus(SETUP_MS)).await?;
    Ok(Some(format!("/setup?token={token}")))
}
