//! House rules as a test: who may import whom, module docs, size limits, equal migrations, recorded profiles.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Lines of one file without its tests.
const MAX_FILE: usize = 600;
/// Lines of one function.
const MAX_FUNCTION: usize = 80;

/// Module -> modules of ours it may import (design, section 3).
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("model", &[][..]),
        ("clock", &["model"][..]),
        ("protocol", &[][..]),
        ("profile", &["model", "protocol"][..]),
        ("status", &["model"][..]),
        ("workflow", &["model"][..]),
        ("forecast", &["model"][..]),
        ("sla", &["model"][..]),
        ("topology", &["model"][..]),
        ("cabling", &["model"][..]),
        ("collect", &["model", "protocol", "profile", "clock"][..]),
        ("store", &["model", "clock"][..]),
        ("engine", &["model", "status", "workflow", "forecast", "sla", "cabling", "store", "clock"][..]),
        ("i18n", &["model"][..]),
        ("document", &["model", "i18n"][..]),
        ("notify", &["model", "document", "store", "clock", "i18n"][..]),
        (
            "web",
            &["model", "topology", "forecast", "sla", "cabling", "document", "store", "engine", "clock", "i18n"][..],
        ),
        ("simulator", &["model", "protocol"][..]),
    ])
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(String, String)> {
    let src = Path::new(ROOT).join("src");
    files(&src, "rs")
        .into_iter()
        .map(|p| {
            let name = p.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(&p).unwrap())
        })
        .collect()
}

/// The file up to its test module.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}

fn module_of(name: &str) -> &str {
    name.split(['/', '.']).next().unwrap_or(name)
}

#[test]
fn imports_follow_the_architecture() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let module = module_of(&name);
        let Some(may) = allowed.get(module) else { continue };
        for (line_no, line) in without_tests(&text).lines().enumerate() {
            for (at, _) in line.match_indices("crate::") {
                let rest = &line[at + "crate::".len()..];
                let target: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if target.is_empty()
                    || target == module
                    || may.contains(&target.as_str())
                    || line.trim().starts_with("//")
                {
                    continue;
                }
                // Macros exported at the root belong to the store.
                if target == "on_db" {
                    continue;
                }
                wrong.push(format!("src/{name}:{}: {module} must not use crate::{target}", line_no + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the architecture:\n{}", wrong.join("\n"));
}

#[test]
fn pure_modules_stay_pure() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let forbidden: &[&str] = match module_of(&name) {
            "model" => &["tokio", "sqlx", "axum", "std::net::Udp", "std::fs"],
            "status" | "workflow" | "forecast" | "sla" | "topology" | "cabling" => {
                &["tokio", "sqlx", "async fn", "std::fs", "std::time::Instant"]
            }
            "store" => &["axum"],
            _ => &["sqlx::"],
        };
        for (line_no, line) in without_tests(&text).lines().enumerate() {
            if line.trim().starts_with("//") {
                continue;
            }
            for word in forbidden {
                if line.contains(word) {
                    wrong.push(format!("src/{name}:{}: `{word}` has no place here", line_no + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "impure:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    let missing: Vec<String> =
        sources().into_iter().filter(|(_, t)| !t.trim_start().starts_with("//!")).map(|(n, _)| n).collect();
    assert!(missing.is_empty(), "files without a `//!` comment at the top: {missing:?}");
}

#[test]
fn files_and_functions_stay_small() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        if name.ends_with("_tests.rs") || name.ends_with("/tests.rs") {
            continue;
        }
        let body = without_tests(&text);
        let lines: Vec<&str> = body.lines().collect();
        if lines.len() > MAX_FILE {
            wrong.push(format!("src/{name}: {} lines, at most {MAX_FILE}", lines.len()));
        }
        wrong.extend(
            long_functions(&lines)
                .into_iter()
                .map(|(at, what, n)| format!("src/{name}:{at}: `{what}` has {n} lines, at most {MAX_FUNCTION}")),
        );
    }
    assert!(wrong.is_empty(), "too long:\n{}", wrong.join("\n"));
}

/// Functions by rustfmt's own layout: from the `fn` line to the brace at its indentation.
fn long_functions(lines: &[&str]) -> Vec<(usize, String, usize)> {
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let head = ["pub ", "pub(crate) ", "pub(super) ", "const ", "async ", "unsafe "]
            .iter()
            .fold(trimmed, |t, p| t.strip_prefix(p).unwrap_or(t));
        if !head.starts_with("fn ") {
            continue;
        }
        let close = format!("{}}}", " ".repeat(indent));
        let Some(end) = lines[at..].iter().position(|l| *l == close) else { continue };
        if end + 1 > MAX_FUNCTION {
            let name = head[3..].split(['(', '<']).next().unwrap_or("?").to_owned();
            found.push((at + 1, name, end + 1));
        }
    }
    found
}

#[test]
fn migrations_are_the_same_in_both_databases() {
    let list = |dir: &str| -> BTreeSet<String> {
        files(&Path::new(ROOT).join("migrations").join(dir), "sql")
            .iter()
            .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
            .collect()
    };
    let (sqlite, postgres) = (list("sqlite"), list("postgres"));
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
    for name in sqlite {
        let tables = |dir: &str| -> Vec<String> {
            let text = fs::read_to_string(Path::new(ROOT).join("migrations").join(dir).join(&name)).unwrap();
            columns(&text)
        };
        assert_eq!(tables("sqlite"), tables("postgres"), "{name}: tables or columns differ");
    }
}

/// "table.column" of every CREATE TABLE, without types.
fn columns(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut table: Option<String> = None;
    for line in sql.lines() {
        let line = line.split("--").next().unwrap_or("").trim();
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            table = rest.split_whitespace().next().map(str::to_owned);
        } else if line.starts_with(')') {
            table = None;
        } else if let (Some(t), Some(word)) = (&table, line.split_whitespace().next()) {
            found.push(format!("{t}.{word}"));
        }
    }
    found
}

#[test]
fn every_profile_is_used_by_a_recording() {
    let recordings = files(&Path::new(ROOT).join("tests/devices"), "json");
    let used: BTreeSet<String> = recordings
        .iter()
        .filter_map(|p| {
            let golden: serde_json::Value = serde_json::from_str(&fs::read_to_string(p).ok()?).ok()?;
            golden.get("profile")?.as_str().map(str::to_owned)
        })
        .collect();
    let mut missing = Vec::new();
    for path in files(&Path::new(ROOT).join("mibs/profiles"), "toml") {
        let text = fs::read_to_string(&path).unwrap();
        let parsed: toml::Value = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let profiles = parsed.get("profile").and_then(toml::Value::as_array);
        for profile in profiles.into_iter().flatten() {
            let name = profile.get("name").and_then(toml::Value::as_str).unwrap_or("?");
            // A profile without `match` is only a base for others.
            if profile.get("match").is_some() && !used.contains(name) {
                missing.push(name.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "profiles without a recording in tests/devices: {missing:?}");
}

#[test]
fn nothing_is_left_undone() {
    let words = [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("FIX", "ME"), concat!("dbg", "!(")];
    let mut found = Vec::new();
    for (name, text) in sources() {
        for (line_no, line) in text.lines().enumerate() {
            if words.iter().any(|w| line.contains(w)) {
                found.push(format!("src/{name}:{}: {}", line_no + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "left undone:\n{}", found.join("\n"));
}

#[test]
fn the_top_level_is_as_designed() {
    let known = [
        ".ci",
        ".clippy.toml",
        ".git",
        ".gitignore",
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "askama.toml",
        "LICENSE",
        "README.md",
        "dashboards",
        "mibs",
        "migrations",
        "rustfmt.toml",
        "src",
        "target",
        "tests",
    ];
    let unknown: Vec<String> = fs::read_dir(ROOT)
        .unwrap()
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .filter(|n| !known.contains(&n.as_str()))
        .collect();
    assert!(unknown.is_empty(), "not part of the top level: {unknown:?}");
}
