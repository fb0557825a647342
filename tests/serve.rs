//! The main job as a process: simulator and `serve` over real UDP, killed without warning and started again, on both
//! databases. One device for each recording, none twice, history unbroken.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anykey::model::{Facts, IdentifierKind};
use anykey::store::testing::{TestDatabase, count, for_each_address, integers};
use anykey::store::{KeySource, Store};

const KEY: [u8; 32] = [42; 32];
const PATIENCE: Duration = Duration::from_secs(90);

/// A child that does not outlive the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn anykey() -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_anykey"));
    c.env_remove("ANYKEY_DATABASE_URL").env_remove("ANYKEY_CONFIG").env("RUST_LOG", "warn");
    c
}

/// Starts it and reads stderr up to a line that holds `word`; the rest is drained so that the child never blocks.
fn start(mut command: Command, word: &str) -> (Process, String) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let process = Process(child);
    let mut seen = Vec::new();
    for line in lines.by_ref() {
        let line = line.unwrap();
        seen.push(line.clone());
        if line.contains(word) {
            std::thread::spawn(move || lines.for_each(drop));
            return (process, line);
        }
    }
    panic!("ended before {word:?}:\n{}", seen.join("\n"));
}

const DEVICES: usize = 40;

/// Recordings of distinct devices: a branch has no two with the same serial, while recordings may share one.
fn recordings() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/devices");
    let mut all: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    let (mut seen, mut chosen) = (HashSet::new(), Vec::new());
    for golden in all.iter().filter(|p| p.extension().is_some_and(|e| e == "json")) {
        let facts: Facts = serde_json::from_str(&std::fs::read_to_string(golden).unwrap()).unwrap();
        let own = facts.identifiers();
        if own.iter().any(|i| i.kind == IdentifierKind::Serial) && own.iter().all(|i| !seen.contains(i)) {
            seen.extend(own);
            chosen.push(golden.with_extension("snmprec"));
        }
        if chosen.len() == DEVICES {
            break;
        }
    }
    chosen
}

struct Scene {
    folder: tempfile::TempDir,
    devices: i64,
    database: TestDatabase,
    _simulator: Process,
}

impl Scene {
    /// Each scene has a network of its own on loopback: tests run side by side.
    fn new(database: TestDatabase, network: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut simulate = anykey();
        let walks = folder.path().join("walks");
        std::fs::create_dir(&walks).unwrap();
        let chosen = recordings();
        for walk in &chosen {
            std::fs::copy(walk, walks.join(walk.file_name().unwrap())).unwrap();
        }
        simulate.args(["simulate", "--network", &format!("127.{network}.0.0/24"), "--port", "11610", "--walks"]);
        simulate.arg(&walks).arg("--map").arg(folder.path().join("map.json"));
        let (simulator, _) = start(simulate, "ready");
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[poll]\nreachability = \"1s\"\nstatus = \"1s\"\ninterfaces = \"2s\"\n\
             supplies = \"1s\"\nneighbors = \"2s\"\ninventory = \"3s\"\ninitial_spread = \"1s\"\nipp = false\n\
             [snmp]\ntimeout = \"300ms\"\nretries = 1\n[discovery]\nevery = \"2s\"\nipp_port = 9\n\
             [[site]]\nname = \"Казань\"\nrange = [{{ cidr = \"127.{network}.0.0/25\", port = 11610 }}, \
             {{ cidr = \"127.{network}.0.128/25\", port = 11610 }}]\n"
        );
        std::fs::write(folder.path().join("anykey.toml"), config).unwrap();
        Scene { folder, devices: chosen.len() as i64, database, _simulator: simulator }
    }
    fn config(&self) -> PathBuf {
        self.folder.path().join("anykey.toml")
    }
    fn serve(&self) -> Process {
        let mut serve = anykey();
        serve.arg("serve").arg("--config").arg(self.config());
        serve.env("ANYKEY_DATABASE_URL", &self.database.url).env("ANYKEY_SECRET_KEY", "2a".repeat(32));
        start(serve, "Anykey is at http://").0
    }
    async fn store(&self) -> Store {
        Store::open_with(&self.database.url, Some(KeySource::Given(KEY))).await.unwrap()
    }
}

/// Asks until it is true; the wait is for another process, so there is nothing to be told by.
async fn until(what: &str, mut ready: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        let mut every = tokio::time::interval(Duration::from_millis(200));
        while !ready().await {
            every.tick().await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"));
}

const READINGS: &str = "SELECT count(*), COALESCE(min(at), 0) FROM supply_reading";
const POLLED: &str = "SELECT COALESCE(CAST(sum(CASE WHEN last_reading_at > 0 THEN 1 ELSE 0 END) AS BIGINT), 0), \
                      COALESCE(min(last_seen), 0) FROM device";
const TWICE: &str =
    "SELECT (SELECT count(*) FROM device) - (SELECT count(*) FROM (SELECT DISTINCT address FROM device) a)";

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_started_again_it_knows_every_device_once() {
    let next = std::sync::atomic::AtomicU8::new(41);
    for_each_address(|database| {
        let network = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move {
            let scene = Scene::new(database, network);
            let expected = scene.devices;
            assert_eq!(expected, DEVICES as i64, "recordings in tests/devices");
            let store = scene.store().await;
            let first = scene.serve();
            until("every recording is a device", async || count(&store, "device").await >= expected).await;
            until("every device was polled", async || integers(&store, POLLED).await[0] >= expected).await;
            until("levels were stored", async || integers(&store, READINGS).await[0] > 0).await;
            let before = integers(&store, READINGS).await;
            let seen = integers(&store, POLLED).await[1];
            // SIGKILL: no chance to say goodbye.
            drop(first);
            let second = scene.serve();
            until("it polls again", async || integers(&store, POLLED).await[1] > seen).await;
            assert_eq!(count(&store, "device").await, expected, "one device for each recording");
            assert_eq!(integers(&store, TWICE).await[0], 0, "no address twice");
            let after = integers(&store, READINGS).await;
            assert!(after[0] >= before[0] && after[1] == before[1], "history: {before:?} then {after:?}");
            drop(second);
            store.close().await;
        }
    })
    .await;
}

fn fails(args: &[&str], envs: &[(&str, &str)]) -> String {
    let mut c = anykey();
    c.args(args);
    for (k, v) in envs {
        c.env(k, v);
    }
    let out = c.stdin(Stdio::null()).output().unwrap();
    assert_eq!(out.status.code(), Some(1), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stderr).into_owned()
}

#[test]
fn what_is_wrong_is_said_with_place_and_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let config = path("anykey.toml");
    let database = path("a.db");

    std::fs::write(&config, "[server]\nlisten = \"127.0.0.1:0\"\nlisen = 1\n").unwrap();
    let e = fails(&["serve", "--config", &config], &[]);
    assert!(e.contains("line 3") && e.contains("did you mean `listen`"), "{e}");

    std::fs::write(&config, "[[site]]\nname = \"A\"\nrange = [{ cidr = \"10.0.0/24\" }]\n").unwrap();
    let e = fails(&["serve", "--config", &config], &[]);
    assert!(e.contains("10.0.0/24") && e.contains("192.168.1.0/24"), "{e}");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    std::fs::write(&config, format!("[server]\nlisten = \"{address}\"\n")).unwrap();
    let e = fails(&["serve", "--config", &config], &[("ANYKEY_DATABASE_URL", &database)]);
    assert!(e.contains(&address) && e.contains("ANYKEY_LISTEN"), "{e}");

    std::fs::write(path("broken.db"), b"this is no database at all, not even nearly one....").unwrap();
    let e = fails(&["serve"], &[("ANYKEY_DATABASE_URL", &path("broken.db")), ("ANYKEY_LISTEN", "127.0.0.1:0")]);
    assert!(e.contains("broken.db") && e.contains("restore"), "{e}");

    let e = fails(&["serve", "--config", &path("missing.toml")], &[]);
    assert!(e.contains("missing.toml") && e.contains("--config"), "{e}");
}
