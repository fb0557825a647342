//! `/metrics` in the Prometheus text format: gauges of devices, supplies and workflows read from the store at the
//! moment of asking (a retired device leaves no stale series), and the program's own counters.
//!
//! Any module counts with the `metrics` macros; `handle` installs the one recorder. Names are in `anykey_`, units in
//! the name, no label ever holds a secret. `dashboards/grafana/` draws them.

use std::fmt::Write as _;
use std::sync::OnceLock;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::auth::policy::Permission;
use super::auth::{Principal, gate, secret};
use super::debug::TaskInfo;
use super::state::AppState;
use crate::engine::Counters;
use crate::model::Reach;
use crate::store::read::metrics::{self as read, DeviceMetrics, SupplyMetrics, WorkflowMetrics};

pub const PATH: &str = "/metrics";

pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Upper edges of the request histogram, seconds; the page budget is 0.05.
const REQUEST_SECONDS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The recorder of this process, installed at first use.
pub fn handle() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder =
            PrometheusBuilder::new().set_buckets(&REQUEST_SECONDS).unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed; internal counters will be missing from /metrics");
        }
        handle
    })
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show))
}

/// Open to the configured bearer token, to who may see the settings, and, without a token, to this machine.
fn is_allowed(state: &AppState, request: &Request) -> bool {
    if request.extensions().get::<Principal>().is_some_and(|p| p.may(Permission::ViewSettings)) {
        return true;
    }
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    match (&state.auth.options.metrics_token, sent) {
        (Some(token), Some(sent)) => secret::same(token, sent.trim()),
        (Some(_), None) => false,
        (None, _) => gate::is_local(request),
    }
}

async fn show(State(state): State<AppState>, request: Request) -> Response {
    if !is_allowed(&state, &request) {
        let ask = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
        let how =
            "metrics: send the token of server.metrics_token as Authorization: Bearer, or ask from this machine\n";
        return (StatusCode::UNAUTHORIZED, ask, how).into_response();
    }
    match snapshot(&state).await {
        Ok(snapshot) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], render(&snapshot)).into_response(),
        Err(e) => {
            tracing::error!(error = %e, "reading metrics failed");
            (StatusCode::SERVICE_UNAVAILABLE, "metrics: the database refuses at the moment\n").into_response()
        }
    }
}

async fn snapshot(state: &AppState) -> Result<Snapshot, crate::store::StoreError> {
    let db = state.store.db();
    Ok(Snapshot {
        devices: read::devices(db).await?,
        supplies: read::supplies(db).await?,
        workflows: read::workflows(db).await?,
        engine: state.engine.counters(),
        tasks: state.tasks.list(),
    })
}

/// Middleware: counts and times every request by its route, never by its path.
pub async fn count_requests(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = request.method().to_string();
    let started = tokio::time::Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    metrics::histogram!("anykey_http_request_seconds", "route" => route.clone())
        .record(started.elapsed().as_secs_f64());
    metrics::counter!("anykey_http_requests_total", "route" => route, "method" => method, "status" => status)
        .increment(1);
    response
}

/// What an answer is made of.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub devices: Vec<DeviceMetrics>,
    pub supplies: Vec<SupplyMetrics>,
    pub workflows: WorkflowMetrics,
    pub engine: Counters,
    pub tasks: Vec<TaskInfo>,
}

/// The whole answer.
pub fn render(snapshot: &Snapshot) -> String {
    let mut text = Exposition::default();
    text.head("anykey_build_info", "gauge", "Version of this program, always 1.");
    text.sample("anykey_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    device_metrics(&mut text, &snapshot.devices);
    supply_metrics(&mut text, &snapshot.supplies);
    workflow_metrics(&mut text, &snapshot.workflows);
    engine_metrics(&mut text, &snapshot.engine);
    task_metrics(&mut text, &snapshot.tasks);
    handle().run_upkeep();
    text.0 + &handle().render()
}

fn device_metrics(text: &mut Exposition, devices: &[DeviceMetrics]) {
    text.head("anykey_device_info", "gauge", "What a device is, always 1.");
    for d in devices {
        let labels = [
            ("id", d.id.to_string()),
            ("device", d.name.clone()),
            ("site", d.site.clone()),
            ("kind", d.kind.clone().unwrap_or_default()),
            ("vendor", d.vendor.clone().unwrap_or_default()),
            ("model", d.model.clone().unwrap_or_default()),
            ("serial", d.serial.clone().unwrap_or_default()),
            ("address", d.address.clone()),
        ];
        text.sample("anykey_device_info", &labels, 1.0);
    }
    text.head(
        "anykey_device_reach",
        "gauge",
        "Reachability as a state set: 1 for the present state. Only down is a failure.",
    );
    for d in devices {
        for state in Reach::ALL {
            let labels = with_device(d, [("state", state.as_str().to_owned())]);
            text.sample("anykey_device_reach", &labels, f64::from(u8::from(d.reach == state.as_str())));
        }
    }
    text.head("anykey_device_condition", "gauge", "Condition as a state set: ok, attention, failure, unknown.");
    for d in devices {
        for state in ["ok", "attention", "failure", "unknown"] {
            let labels = with_device(d, [("state", state.to_owned())]);
            text.sample("anykey_device_condition", &labels, f64::from(u8::from(d.condition == state)));
        }
    }
    text.head("anykey_device_last_answer_timestamp_seconds", "gauge", "When the device last answered.");
    for d in devices {
        if let Some(at) = d.last_seen {
            text.sample("anykey_device_last_answer_timestamp_seconds", &with_device(d, []), at as f64 / 1000.0);
        }
    }
    text.head("anykey_device_pages_total", "counter", "Impressions over the life of the printer (prtMarkerLifeCount).");
    for d in devices {
        if let Some(pages) = d.page_count {
            text.sample("anykey_device_pages_total", &with_device(d, []), pages as f64);
        }
    }
}

fn with_device<const N: usize>(d: &DeviceMetrics, more: [(&'static str, String); N]) -> Vec<(&'static str, String)> {
    let mut labels = vec![("id", d.id.to_string()), ("device", d.name.clone()), ("site", d.site.clone())];
    labels.extend(more);
    labels
}

fn supply_metrics(text: &mut Exposition, supplies: &[SupplyMetrics]) {
    let labels = |s: &SupplyMetrics| {
        [
            ("id", s.device_id.to_string()),
            ("device", s.device.clone()),
            ("site", s.site.clone()),
            ("supply", s.idx.clone()),
            ("kind", s.kind.clone()),
            ("color", s.color.clone().unwrap_or_default()),
        ]
    };
    text.head(
        "anykey_supply_remaining_low_ratio",
        "gauge",
        "Lower end of the interval the remaining share lies in, 0 to 1; room left for waste boxes. Absent when unknown.",
    );
    for s in supplies {
        if let Some(low) = s.low {
            text.sample("anykey_supply_remaining_low_ratio", &labels(s), low);
        }
    }
    text.head("anykey_supply_remaining_high_ratio", "gauge", "Upper end of that interval.");
    for s in supplies {
        if let Some(high) = s.high {
            text.sample("anykey_supply_remaining_high_ratio", &labels(s), high);
        }
    }
    text.head("anykey_supply_low", "gauge", "1 when the supply is at or below its threshold.");
    for s in supplies {
        text.sample("anykey_supply_low", &labels(s), s.is_low as f64);
    }
}

fn workflow_metrics(text: &mut Exposition, w: &WorkflowMetrics) {
    let none: [(&str, String); 0] = [];
    text.head("anykey_needs_open", "gauge", "Needs that are on no order yet.");
    text.sample("anykey_needs_open", &none, w.needs_open as f64);
    text.head("anykey_needs_without_article", "gauge", "Open needs for which a person has to name the article.");
    text.sample("anykey_needs_without_article", &none, w.needs_without_article as f64);
    text.head("anykey_orders", "gauge", "Orders by status.");
    for (status, count) in &w.orders {
        text.sample("anykey_orders", &[("status", status)], *count as f64);
    }
    text.head("anykey_tickets_open", "gauge", "Open tickets by priority, 1 is the worst.");
    for (priority, count) in &w.tickets_open {
        text.sample("anykey_tickets_open", &[("priority", priority.to_string())], *count as f64);
    }
    text.head("anykey_outbox_pending", "gauge", "Messages waiting to leave.");
    text.sample("anykey_outbox_pending", &none, w.outbox_pending as f64);
    text.head("anykey_outbox_failing", "gauge", "Waiting messages whose last attempt failed.");
    text.sample("anykey_outbox_failing", &none, w.outbox_failing as f64);
    if let Some(oldest) = w.outbox_oldest {
        text.head("anykey_outbox_oldest_timestamp_seconds", "gauge", "When the oldest waiting message was made.");
        text.sample("anykey_outbox_oldest_timestamp_seconds", &none, oldest.0 as f64 / 1000.0);
    }
}

fn engine_metrics(text: &mut Exposition, c: &Counters) {
    let none: [(&str, String); 0] = [];
    for (name, help, value) in [
        ("anykey_engine_readings_total", "Readings taken in.", c.readings),
        ("anykey_engine_readings_unchanged_total", "Readings that changed nothing worth a row.", c.unchanged),
        ("anykey_engine_readings_refused_total", "Readings the database refused.", c.refused),
        ("anykey_engine_commands_total", "Commands of people and programs.", c.commands),
        ("anykey_engine_ticks_total", "Turns of the clock.", c.ticks),
        ("anykey_engine_commits_total", "Committed transactions.", c.commits),
        ("anykey_engine_retries_total", "Commits that failed and were tried again.", c.retries),
    ] {
        text.head(name, "counter", help);
        text.sample(name, &none, value as f64);
    }
    text.head("anykey_engine_inputs_waiting", "gauge", "Inputs in front of the writer.");
    text.sample("anykey_engine_inputs_waiting", &none, c.waiting as f64);
}

fn task_metrics(text: &mut Exposition, tasks: &[TaskInfo]) {
    text.head("anykey_task_runs_total", "counter", "Runs of a background task since the start.");
    for t in tasks {
        text.sample("anykey_task_runs_total", &[("task", t.name)], t.runs as f64);
    }
    text.head("anykey_task_failures_total", "counter", "Runs that ended in an error.");
    for t in tasks {
        text.sample("anykey_task_failures_total", &[("task", t.name)], t.failures as f64);
    }
    text.head("anykey_task_last_finished_timestamp_seconds", "gauge", "When the last run ended.");
    for t in tasks {
        if let Some(at) = t.last_finished {
            text.sample("anykey_task_last_finished_timestamp_seconds", &[("task", t.name)], at as f64 / 1000.0);
        }
    }
}

/// Text exposition format 0.0.4.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample<V: AsRef<str>>(&mut self, name: &str, labels: &[(&str, V)], value: f64) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            let open = if at == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{open}{label}=\"{}\"", escaped(text.as_ref()));
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device() -> DeviceMetrics {
        DeviceMetrics {
            id: 7,
            name: "МФУ \"214\"\\".to_owned(),
            site: "Казань".to_owned(),
            kind: Some("printer".to_owned()),
            vendor: None,
            model: None,
            serial: None,
            address: "10.0.0.7".to_owned(),
            reach: "asleep".to_owned(),
            condition: "ok".to_owned(),
            page_count: Some(41_208),
            last_seen: Some(1_500),
        }
    }

    #[test]
    fn labels_are_escaped_and_states_are_a_set() {
        let text = render(&Snapshot { devices: vec![device()], ..Default::default() });
        assert!(text.contains(r#"device="МФУ \"214\"\\""#), "{text}");
        assert!(text.contains(r#"state="asleep"} 1"#) && text.contains(r#"state="down"} 0"#), "{text}");
        assert!(text.contains("anykey_device_last_answer_timestamp_seconds{id=\"7\""), "{text}");
        assert!(text.contains("} 1.5\n"), "{text}");
    }

    /// An unknown level leaves no series: no invented number (invariant 2).
    #[test]
    fn unknown_levels_are_absent() {
        let supply = SupplyMetrics {
            device_id: 7,
            device: "p".to_owned(),
            site: "s".to_owned(),
            idx: "1.1".to_owned(),
            kind: "toner".to_owned(),
            color: None,
            low: None,
            high: None,
            is_low: 0,
        };
        let text = render(&Snapshot { supplies: vec![supply], ..Default::default() });
        assert!(!text.lines().any(|l| l.starts_with("anykey_supply_remaining")), "{text}");
        assert!(text.contains("anykey_supply_low{"), "{text}");
    }

    #[test]
    fn every_line_is_a_comment_or_a_sample() {
        metrics::counter!("anykey_test_total").increment(1);
        let text = render(&Snapshot { devices: vec![device()], ..Default::default() });
        for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let value = line.rsplit(' ').next().unwrap();
            assert!(line.starts_with("anykey_") && value.parse::<f64>().is_ok(), "{line}");
        }
    }

    /// The Grafana dashboard asks only for metrics that exist.
    #[test]
    fn the_dashboard_asks_for_what_there_is() {
        let workflows =
            WorkflowMetrics { orders: vec![("draft".to_owned(), 1)], tickets_open: vec![(2, 1)], ..Default::default() };
        metrics::counter!("anykey_http_requests_total", "route" => "/").increment(1);
        metrics::histogram!("anykey_http_request_seconds", "route" => "/").record(0.01);
        let text = render(&Snapshot { devices: vec![device()], workflows, ..Default::default() });
        let told: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("# TYPE ")?.split(' ').next()).collect();
        let dashboard = include_str!("../../dashboards/grafana/anykey.json");
        let mut asked = 0;
        for (at, _) in dashboard.match_indices("anykey_") {
            let name: String = dashboard[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let name = name.strip_suffix("_bucket").unwrap_or(&name);
            assert!(told.contains(&name), "the dashboard asks for {name}");
            asked += 1;
        }
        assert!(asked > 10);
    }
}
