//! Failures judged in virtual time: every `tests/scenarios/*.toml` drives the real engine and store and says exactly what
//! tickets, states, clocks and notices come of it. `tests/scenarios/README.md` tells how to add one.

#[path = "scenarios/any_order.rs"]
mod any_order;
#[path = "scenarios/form.rs"]
mod form;
#[path = "scenarios/play.rs"]
mod play;

use std::path::PathBuf;

use anykey::store::testing::TestDatabase;

use form::Scenario;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

fn all() -> Vec<(String, Scenario)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    let only = std::env::var("ONLY").unwrap_or_default();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (name, scenario)
    };
    files.into_iter().map(read).filter(|(name, _)| name.contains(&only)).collect()
}

async fn run(postgres: bool) -> Vec<String> {
    let mut failed = Vec::new();
    for (name, scenario) in all() {
        if postgres && !scenario.postgres {
            continue;
        }
        let database = if postgres {
            match TestDatabase::postgres().await {
                Some(database) => database,
                None => return failed,
            }
        } else {
            TestDatabase::sqlite()
        };
        let faults = play::play(&database, &scenario).await;
        database.remove().await;
        failed.extend(faults.into_iter().map(|f| format!("{name} ({}): {f}", scenario.title)));
    }
    failed
}

#[tokio::test]
async fn on_sqlite() {
    let failed = run(false).await;
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

#[tokio::test]
async fn on_postgres() {
    let failed = run(true).await;
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

#[test]
fn there_are_enough_and_each_says_what_it_is() {
    if std::env::var("ONLY").is_ok() {
        return;
    }
    let all = all();
    assert!(all.len() >= 40, "{} scenarios", all.len());
    assert!(all.iter().filter(|(_, s)| s.postgres).count() >= 8, "too few run on PostgreSQL");
    for (name, s) in &all {
        assert!(!s.title.trim().is_empty(), "{name}");
        assert!(s.step.iter().any(|step| step.expect.is_some()), "{name} expects nothing");
    }
}
