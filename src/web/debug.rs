//! Background tasks seen from outside: each has a name, a period, and what became of its last run.
//!
//! The composition root registers its tasks and reports each run here; `/debug/tasks` shows the registry, as a page or
//! (`Accept: application/json`) as JSON. `/healthz` says whether the database answers. Nothing here starts or stops a task.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::auth::policy::Permission;
use super::badge::Meaning;
use super::error::WebError;
use super::html::Html;
use super::layout::{Page, Ui};
use super::state::AppState;
use crate::clock::Clock;
use crate::i18n::Lang;
use crate::model::Millis;

pub const TASKS_PATH: &str = "/debug/tasks";
pub const HEALTH_PATH: &str = "/healthz";
/// A database that takes longer is ill.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(5);

pub fn router() -> Router<AppState> {
    Router::new().route(TASKS_PATH, get(tasks)).route(HEALTH_PATH, get(health))
}

/// Background tasks on a page.
#[derive(Template)]
#[template(path = "debug_tasks.html")]
pub struct TasksPage {
    ui: Ui,
    tasks: Vec<TaskInfo>,
}

async fn tasks(ui: Ui, State(state): State<AppState>, headers: HeaderMap) -> Result<Response, WebError> {
    ui.require(Permission::ViewSettings)?;
    let tasks = state.tasks.list();
    if headers.get(header::ACCEPT).is_some_and(|a| a.as_bytes().starts_with(b"application/json")) {
        return Ok(Json(tasks).into_response());
    }
    TasksPage { ui, tasks }.page()
}

/// For a watchdog or a load balancer: no word about what is inside.
async fn health(State(state): State<AppState>) -> Response {
    let answer = |status: StatusCode, word: &str| (status, Json(serde_json::json!({ "status": word }))).into_response();
    match tokio::time::timeout(HEALTH_TIMEOUT, crate::store::read::ping(state.store.db())).await {
        Ok(Ok(())) => answer(StatusCode::OK, "ok"),
        Ok(Err(e)) => {
            tracing::warn!(error = %e, "the health check failed");
            answer(StatusCode::SERVICE_UNAVAILABLE, "database")
        }
        Err(_) => answer(StatusCode::SERVICE_UNAVAILABLE, "database"),
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, TasksPage)> {
    let ui = || Ui::sample(lang, TASKS_PATH);
    let registry = TaskRegistry::default();
    let now = ui().now;
    let retention =
        registry.register("retention", "Rolls readings up by day and drops old ones.", Some(Duration::from_secs(3600)));
    retention.started(now.plus(-20 * Millis::MINUTE));
    retention.finished(now.plus(-20 * Millis::MINUTE + 900), Ok("1204 rows".to_owned()));
    let outbox = registry.register("outbox", "Sends what waits.", Some(Duration::from_secs(10)));
    outbox.started(now.plus(-4_000));
    outbox.finished(now.plus(-3_000), Err("mail.example.org:587: connection refused".to_owned()));
    registry.register("poller", "Asks the devices.", None).started(now.plus(-3 * Millis::HOUR));
    vec![("", TasksPage { ui: ui(), tasks: registry.list() }), ("empty", TasksPage { ui: ui(), tasks: Vec::new() })]
}

/// One background task as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TaskInfo {
    pub name: &'static str,
    /// One sentence: what it does.
    pub description: &'static str,
    /// Seconds between runs; `None`: runs for ever or on demand.
    pub period_seconds: Option<u64>,
    pub running: bool,
    pub runs: u64,
    pub failures: u64,
    /// UTC milliseconds.
    pub last_started: Option<i64>,
    pub last_finished: Option<i64>,
    /// "ok", what it did, or the error.
    pub last_result: Option<String>,
    pub last_failed: bool,
}

/// How the page words it.
impl TaskInfo {
    fn period(&self, ui: &Ui) -> String {
        match self.period_seconds {
            Some(s) => ui.duration(i64::try_from(s).unwrap_or(i64::MAX / 1000) * 1000),
            None => ui.t("tasks-always"),
        }
    }

    fn started(&self, ui: &Ui) -> Html {
        match self.last_started {
            Some(at) => ui.ago_html(&Millis(at)),
            None => Html(ui.t("tasks-never")),
        }
    }

    fn state(&self, ui: &Ui) -> Html {
        match (self.running, self.last_finished, self.last_failed) {
            (true, ..) => Meaning::Ok.badge(&ui.t("tasks-running")),
            (false, None, _) => Html::default(),
            (false, Some(_), true) => Meaning::Failure.badge(&ui.t("tasks-failed")),
            (false, Some(_), false) => Meaning::Ok.badge(&ui.t("tasks-done")),
        }
    }
}

/// Shared list of the named background tasks; clones see the same list.
#[derive(Debug, Clone, Default)]
pub struct TaskRegistry(Arc<Mutex<BTreeMap<&'static str, TaskInfo>>>);

impl TaskRegistry {
    /// Adds a task (or takes up an old one with this name again) and returns the handle its runs are reported by.
    pub fn register(&self, name: &'static str, description: &'static str, period: Option<Duration>) -> TaskHandle {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let info = tasks.entry(name).or_insert(TaskInfo {
            name,
            description,
            period_seconds: None,
            running: false,
            runs: 0,
            failures: 0,
            last_started: None,
            last_finished: None,
            last_result: None,
            last_failed: false,
        });
        info.description = description;
        info.period_seconds = period.map(|p| p.as_secs());
        TaskHandle { registry: self.clone(), name }
    }

    /// All tasks by name.
    pub fn list(&self) -> Vec<TaskInfo> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn change(&self, name: &'static str, f: impl FnOnce(&mut TaskInfo)) {
        if let Some(info) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(name) {
            f(info);
        }
    }
}

/// Reports the runs of one task.
#[derive(Debug, Clone)]
pub struct TaskHandle {
    registry: TaskRegistry,
    name: &'static str,
}

impl TaskHandle {
    pub fn started(&self, now: Millis) {
        self.registry.change(self.name, |t| {
            t.running = true;
            t.runs += 1;
            t.last_started = Some(now.0);
        });
    }

    /// `Ok` carries what was done in a few words, `Err` the error; both are shown.
    pub fn finished(&self, now: Millis, result: Result<String, String>) {
        self.registry.change(self.name, |t| {
            t.running = false;
            t.last_finished = Some(now.0);
            t.last_failed = result.is_err();
            t.failures += u64::from(result.is_err());
            t.last_result = Some(match result {
                Ok(done) if done.is_empty() => "ok".to_owned(),
                Ok(done) => done,
                Err(e) => e,
            });
        });
    }

    /// One run, reported at both ends.
    pub async fn run<T, E: std::fmt::Display>(
        &self,
        clock: &Clock,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.started(clock.now());
        let result = work.await;
        self.finished(clock.now(), result.as_ref().map(|_| String::new()).map_err(ToString::to_string));
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_run_is_seen_from_both_ends() {
        let clock = Clock::manual(Millis(1_000));
        let registry = TaskRegistry::default();
        let task = registry.register("retention", "Drops old readings.", Some(Duration::from_secs(3600)));
        task.started(clock.now());
        assert!(registry.list()[0].running);
        clock.advance(Duration::from_secs(2));
        task.finished(clock.now(), Ok("12 rows".to_owned()));
        let failed: Result<(), String> = task.run(&clock, async { Err("disk full".to_owned()) }).await;
        assert!(failed.is_err());
        let info = registry.list().remove(0);
        assert_eq!((info.runs, info.failures, info.running), (2, 1, false));
        assert_eq!((info.last_started, info.last_finished), (Some(3_000), Some(3_000)));
        assert_eq!(info.last_result.as_deref(), Some("disk full"));
        assert_eq!(info.period_seconds, Some(3600));
    }
}
