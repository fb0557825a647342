//! Recordings of real devices with expected facts: decodes all of them and holds what was once reached.
//!
//! The recordings lie outside of the repository (`../shared/corpus`, their licences); without them this is skipped,
//! except in CI. `tests/corpus_floors.json` holds the matched count and the extras of each field, `holdout_floors.json`
//! those without the profiles that were written for these devices; a drop fails. `UPDATE_FLOORS=1` raises the floors.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anykey::cli::inspect::recording;
use anykey::collect::{Agent, Credential, Prober};
use anykey::model::{Facts, Outcome};
use anykey::profile::Knowledge;
use anykey::protocol::snmp::{Client, ClientConfig, Version};
use anykey::simulator::{self, Counters, Network, Server};
use serde::{Deserialize, Serialize};

/// What the issue asks for, whatever the floors say.
const REQUIRED: [(&str, f64); 3] = [("supplies.percent", 92.0), ("ports.oper", 98.0), ("vendor", 95.0)];

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Score {
    matched: u64,
    expected: u64,
    extra: u64,
}

#[derive(Deserialize)]
struct Judgement {
    all: BTreeMap<String, Score>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The corpus, or a reason to skip; in CI its absence is a failure.
fn corpus() -> Option<PathBuf> {
    let dir = root().join("../shared/corpus");
    if dir.join("walks").is_dir() {
        return Some(dir);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is missing, and CI=true", dir.display());
    println!("skipped: {} is missing", dir.display());
    None
}

fn walks(corpus: &Path) -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = fs::read_dir(corpus.join("walks"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "snmprec"))
        .map(|p| (p.file_stem().unwrap().to_string_lossy().into_owned(), p))
        .filter(|(name, _)| !name.contains('@'))
        .collect();
    found.sort();
    found
}

#[test]
fn recorded_devices_keep_their_facts() {
    let Some(corpus) = corpus() else { return };
    hold(&judged(&Knowledge::load(None).unwrap(), &corpus, ""));
}

/// Devices nobody wrote a profile for: the corpus read without any profile that is for certain devices.
#[test]
fn unknown_devices_are_read_by_general_rules() {
    let Some(corpus) = corpus() else { return };
    let general = Knowledge::load(None).unwrap().with_profiles(|_, certain| !certain);
    let reached = identification(judged(&general, &corpus, "-general"));
    let path = root().join("tests/holdout_floors.json");
    if std::env::var_os("UPDATE_FLOORS").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&reached).unwrap() + "\n").unwrap();
        return;
    }
    let floors: BTreeMap<String, Score> = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let worse = worse(&reached, &floors);
    assert!(!floors.is_empty() && worse.is_empty(), "general rules read less than before:\n{}", worse.join("\n"));
}

/// Who the devices are, and what needs no profile but might be spoiled for want of one.
fn identification(all: BTreeMap<String, Score>) -> BTreeMap<String, Score> {
    let fields = ["kind", "vendor", "model", "serial", "firmware", "supplies.kind", "supplies.percent"];
    all.into_iter().filter(|(field, _)| fields.contains(&field.as_str())).collect()
}

/// The judge's scores of what this knowledge reads. ANYKEY_CORPUS_OUT keeps the results for looking at them.
fn judged(knowledge: &Knowledge, corpus: &Path, kept_as: &str) -> BTreeMap<String, Score> {
    let kept = std::env::var("ANYKEY_CORPUS_OUT").ok().map(|dir| PathBuf::from(format!("{dir}{kept_as}")));
    let temporary = tempfile::tempdir().unwrap();
    let out = kept.unwrap_or_else(|| temporary.path().join("results"));
    fs::create_dir_all(&out).unwrap();
    for (name, path) in walks(corpus) {
        let facts = knowledge.inspect(&recording(&path).unwrap());
        let mut json = serde_json::to_value(&facts).unwrap();
        json["device"] = name.clone().into();
        fs::write(out.join(format!("{name}.json")), serde_json::to_string_pretty(&json).unwrap()).unwrap();
    }
    let judged = temporary.path().join("judged.json");
    let table = Command::new("python3")
        .arg(corpus.join("judge.py"))
        .arg(&out)
        .args(["--no-peer", "--json"])
        .arg(&judged)
        .output()
        .expect("python3 runs the judge; install python3");
    let printed = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.status.success(), "{printed}\n{}", String::from_utf8_lossy(&table.stderr));
    println!("{}", printed.split("== class").next().unwrap_or_default());
    let judgement: Judgement = serde_json::from_str(&fs::read_to_string(judged).unwrap()).unwrap();
    judgement.all
}

/// What fell below its floor.
fn worse(reached: &BTreeMap<String, Score>, floors: &BTreeMap<String, Score>) -> Vec<String> {
    let fell = |(field, floor): (&String, &Score)| match reached.get(field) {
        None => Some(format!("{field}: no longer judged")),
        Some(now) if now.matched < floor.matched || now.extra > floor.extra => Some(format!(
            "{field}: {} of {} matched with {} extra, floor {} with {}",
            now.matched, now.expected, now.extra, floor.matched, floor.extra
        )),
        Some(_) => None,
    };
    floors.iter().filter_map(fell).collect()
}

fn hold(reached: &BTreeMap<String, Score>) {
    for (field, percent) in REQUIRED {
        let s = reached[field];
        assert!(s.matched as f64 * 100.0 >= percent * s.expected as f64, "{field}: {s:?} is below {percent} %");
    }
    assert_eq!(reached["supplies"].extra, 0, "supplies were invented");
    let path = root().join("tests/corpus_floors.json");
    let floors: BTreeMap<String, Score> =
        fs::read_to_string(&path).ok().map(|t| serde_json::from_str(&t).unwrap()).unwrap_or_default();
    if std::env::var_os("UPDATE_FLOORS").is_some() {
        fs::write(&path, serde_json::to_string_pretty(reached).unwrap() + "\n").unwrap();
        return;
    }
    let dropped = worse(reached, &floors);
    assert!(!floors.is_empty(), "tests/corpus_floors.json is missing; UPDATE_FLOORS=1 writes it");
    assert!(dropped.is_empty(), "worse than before:\n{}", dropped.join("\n"));
}

/// Facts without notes, which tell of files here and of the way there.
fn comparable(mut facts: Facts) -> serde_json::Value {
    facts.notes.clear();
    serde_json::to_value(facts).unwrap()
}

/// Every recording of a folder behind real UDP: the same questions must bring the same facts as reading the file.
async fn live_equals_recorded(folder: &Path, network: &str, port: u16) -> usize {
    let loaded = simulator::load_folder(folder).unwrap();
    let names: BTreeSet<String> = loaded.devices.keys().cloned().collect();
    let addresses = simulator::assign(&names, network.parse().unwrap(), &BTreeMap::new()).unwrap();
    let counters = Arc::new(Counters::default());
    let devices = loaded.devices.into_iter().map(|(name, device)| {
        let at = SocketAddr::new(addresses[&name], port);
        (at, simulator::Agent::new("public", Arc::new(device), counters.clone()))
    });
    let server = Server::start(devices.collect(), Network::default()).await.unwrap();
    let knowledge = Arc::new(Knowledge::load(None).unwrap());
    let config = ClientConfig { packets_per_second: 100_000, ..ClientConfig::default() };
    let prober = Prober::new(Client::start(config).unwrap(), knowledge.clone());
    let mut asked = tokio::task::JoinSet::new();
    let mut wrong = Vec::new();
    let mut waiting: Vec<(String, std::net::IpAddr)> = addresses.into_iter().collect();
    let count = waiting.len();
    while !waiting.is_empty() || !asked.is_empty() {
        while asked.len() < 8
            && let Some((name, address)) = waiting.pop()
        {
            let prober = prober.clone();
            asked.spawn(async move {
                let credential = Some(Credential::community(Version::V2c, "public"));
                let agent = Agent { address, port, credential, ipp_port: None, known: Facts::default() };
                (name, prober.inspect(&agent, Duration::from_secs(120)).await)
            });
        }
        let Some(done) = asked.join_next().await else { break };
        let (name, live) = done.unwrap();
        let recorded = knowledge.inspect(&recording(&folder.join(format!("{name}.snmprec"))).unwrap());
        let answered = matches!(live.outcome, Outcome::Answered { .. }) && live.complete;
        let notes = live.facts.notes.clone();
        let (live, recorded) = (comparable(live.facts), comparable(recorded));
        if !answered || live != recorded {
            let fields = recorded.as_object().unwrap().iter().filter(|(k, v)| live.get(k) != Some(v)).map(|(k, _)| k);
            wrong.push(format!("{name}: {:?} {notes:?}", fields.collect::<Vec<_>>()));
        }
    }
    server.stop().await;
    assert!(wrong.is_empty(), "over UDP these differ from their recording:\n{}", wrong.join("\n"));
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_devices_over_udp_tell_what_their_recordings_tell() {
    let count = live_equals_recorded(&root().join("tests/devices"), "127.23.0.0/16", 23_161).await;
    assert!(count >= 80, "{count} recordings");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_devices_over_udp_tell_what_their_recordings_tell() {
    let Some(corpus) = corpus() else { return };
    let count = live_equals_recorded(&corpus.join("walks"), "127.24.0.0/16", 24_161).await;
    println!("{count} devices over UDP gave what their recordings give");
}
