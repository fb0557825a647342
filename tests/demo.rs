//! `anykey demo` as a person meets it: a branch with a past, and within two minutes an order drafted, a ticket opened and
//! one resolved, all told by the API and the first page.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// Two minutes of an optimised build; a debug build on a busy machine gets more.
const PATIENCE: Duration = Duration::from_secs(360);

struct Demo {
    child: Child,
    base: String,
    client: reqwest::Client,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Demo {
    fn start() -> Demo {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anykey"));
        command.args(["demo", "--port", "0", "--days", "2", "--snmp-port", "22161", "--ipp-port", "22631"]);
        let mut child = command.env("RUST_LOG", "warn").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = lines.by_ref().map(Result::unwrap).find(|l| l.contains("The demo is at "));
        let said = said.expect("the demo's address");
        std::thread::spawn(move || lines.for_each(drop));
        let base = said.split_whitespace().find(|w| w.starts_with("http://")).unwrap().to_owned();
        let _ = rustls::crypto::ring::default_provider().install_default();
        Demo { child, base, client: reqwest::Client::new() }
    }
    async fn text(&self, path: &str) -> String {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }
    async fn rows(&self, path: &str) -> Vec<Value> {
        let all: Value = serde_json::from_str(&self.text(path).await).unwrap();
        all["rows"].as_array().unwrap().clone()
    }
}

fn latest(rows: &[Value], field: &str) -> i64 {
    rows.iter().filter_map(|r| r[field].as_i64()).max().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_branch_has_a_past_and_lives() {
    let demo = Demo::start();
    let devices = demo.rows("/api/v1/devices?per_page=500").await;
    assert!(devices.len() >= 35, "{} devices", devices.len());
    for kind in ["printer", "switch", "access-point", "ups"] {
        assert!(devices.iter().any(|d| d["kind"] == kind), "a {kind}");
    }
    let history = demo.rows("/api/v1/tickets?state=all&per_page=500").await;
    // Opened and resolved after the curtain rose: by readings over UDP, not by the history.
    let raised = latest(&history, "opened_at").max(latest(&history, "resolved_at"));
    let waited = tokio::time::timeout(PATIENCE, async {
        let mut every = tokio::time::interval(Duration::from_millis(500));
        let (mut opened, mut resolved, mut drafted) = (false, false, false);
        while !(opened && resolved && drafted) {
            every.tick().await;
            let tickets = demo.rows("/api/v1/tickets?state=all&per_page=500").await;
            opened |= latest(&tickets, "opened_at") > raised;
            resolved |= latest(&tickets, "resolved_at") > raised;
            drafted |= demo.rows("/api/v1/orders?per_page=500").await.iter().any(|o| o["status"] == "draft");
        }
    });
    waited.await.expect("an order drafted, a ticket opened and one resolved");
    // Only now: a past of two days may be a weekend on which nothing ran low.
    let today = demo.text("/").await;
    assert!(today.contains("/devices/"), "Today names a device");
}
