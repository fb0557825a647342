//! A headless Chromium behind chromedriver: sizes, colour scheme, console, screenshots.

use std::path::Path;
use std::process::Stdio;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Screens every page is looked at on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    Desktop,
    Dark,
    Phone,
}

impl Screen {
    pub const ALL: [Screen; 3] = [Screen::Desktop, Screen::Dark, Screen::Phone];
    pub fn name(self) -> &'static str {
        match self {
            Screen::Desktop => "1280",
            Screen::Dark => "1280-dark",
            Screen::Phone => "360",
        }
    }
    pub fn width(self) -> i64 {
        if self == Screen::Phone { 360 } else { 1280 }
    }
}

pub struct Browser {
    driver: Child,
    /// For hands: clicks, keys, cookies.
    pub client: Client,
    session: String,
    profile: tempfile::TempDir,
}

/// A command of the DevTools protocol, or of chromedriver's own.
#[derive(Debug)]
struct Raw {
    session: String,
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Raw {
    fn endpoint(&self, base: &url::Url, _: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", self.session, self.path))
    }
    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

fn skip(why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
    println!("skipped: {why}");
}

fn find(names: &[&str]) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).flat_map(|dir| names.iter().map(move |n| dir.join(n))).find(|p| p.is_file())
}

impl Browser {
    /// `None`, and a word why, where there is no Chromium.
    pub async fn start() -> Option<Browser> {
        let (Some(chromium), Some(driver)) = (find(&["chromium", "chromium-browser"]), find(&["chromedriver"])) else {
            skip("no Chromium (install chromium and chromium-driver)");
            return None;
        };
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver starts");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next_line().await.unwrap().expect("chromedriver says its port");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        // Somebody has to read what it says.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let profile = tempfile::tempdir().unwrap();
        let args = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-quic",
            "--hide-scrollbars",
            "--force-device-scale-factor=1",
        ];
        let mut args: Vec<String> = args.map(str::to_owned).into();
        args.push(format!("--user-data-dir={}", profile.path().display()));
        let capabilities = json!({
            "goog:chromeOptions": {"binary": chromium, "args": args},
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let Value::Object(capabilities) = capabilities else { unreachable!() };
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = ClientBuilder::rustls()
            .unwrap()
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser session");
        let session = client.session_id().await.unwrap().expect("a session id");
        Some(Browser { driver, client, session, profile })
    }

    async fn raw(&self, path: &'static str, body: Value) -> Value {
        self.client.issue_cmd(Raw { session: self.session.clone(), path, body }).await.unwrap()
    }

    async fn devtools(&self, command: &str, params: Value) -> Value {
        self.raw("goog/cdp/execute", json!({"cmd": command, "params": params})).await
    }

    pub async fn show(&self, screen: Screen) {
        let phone = screen == Screen::Phone;
        let (width, height) = if phone { (360, 740) } else { (1280, 800) };
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if screen == Screen::Dark { "dark" } else { "light" };
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// What the console said since the last call; information left out.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.raw("se/log", json!({"type": "browser"})).await;
        let entries = entries.as_array().cloned().unwrap_or_default();
        let loud = entries.iter().filter(|e| matches!(e["level"].as_str(), Some("SEVERE" | "WARNING")));
        loud.map(|e| e["message"].as_str().unwrap_or("").to_owned()).collect()
    }

    /// What is wrong with the page as it stands on this screen.
    pub async fn judge(&mut self, screen: Screen) -> Vec<String> {
        let mut wrong = Vec::new();
        let width = self.run("return document.documentElement.scrollWidth").await;
        if width.as_i64() > Some(screen.width()) {
            let wide = self.run(include_str!("../browser/wide.js")).await;
            wrong.push(format!("scrolls sideways: {width} px wide; {wide}"));
        }
        for message in self.console().await {
            wrong.push(format!("console: {message}"));
        }
        let pale = self.run(include_str!("../browser/contrast.js")).await;
        if let Value::Array(list) = pale {
            wrong.extend(list.iter().map(|v| format!("contrast: {v}")));
        }
        if screen == Screen::Phone {
            let small = self.run(include_str!("../browser/touch.js")).await;
            if let Value::Array(list) = small {
                wrong.extend(list.iter().map(|v| format!("too small to touch: {v}")));
            }
        }
        wrong
    }

    /// The whole page, not only what fits.
    pub async fn screenshot(&self, to: &Path) {
        let shot = self.devtools("Page.captureScreenshot", json!({"captureBeyondViewport": true})).await;
        let png = decode_base64(shot["data"].as_str().expect("a screenshot"));
        let to = Path::new(env!("CARGO_MANIFEST_DIR")).join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, png).unwrap();
    }

    pub async fn stop(mut self) {
        self.client.close().await.ok();
        self.driver.kill().await.ok();
        drop(self.profile);
    }
}

fn decode_base64(text: &str) -> Vec<u8> {
    let value = |b: u8| match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0);
    for byte in text.bytes().filter(|b| *b != b'=' && !b.is_ascii_whitespace()) {
        bits = bits << 6 | u32::from(value(byte));
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    out
}
