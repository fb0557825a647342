//! `anykey user` and `anykey doctor` as a person runs them: the binary, its output, its exit status.

use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the binary in `folder`, where its default database is.
fn anykey(folder: &Path, arguments: &[&str], password: Option<&str>, stdin: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anykey"));
    command.args(arguments).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for variable in ["ANYKEY_CONFIG", "ANYKEY_DATABASE_URL", "ANYKEY_LISTEN", "ANYKEY_PASSWORD", "ANYKEY_SECRET_KEY"] {
        command.env_remove(variable);
    }
    if let Some(p) = password {
        command.env("ANYKEY_PASSWORD", p);
    }
    let mut child = command.spawn().unwrap();
    // The command may end without reading it.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

fn out(o: &Output) -> String {
    String::from_utf8_lossy(&o.stdout).into_owned()
}

fn err(o: &Output) -> String {
    String::from_utf8_lossy(&o.stderr).into_owned()
}

#[test]
fn people_come_change_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let run =
        |arguments: &[&str], password: Option<&str>, stdin: &str| anykey(folder.path(), arguments, password, stdin);
    let good = |o: Output| {
        assert!(o.status.success(), "{}{}", out(&o), err(&o));
        o
    };
    let bad = |o: Output, word: &str| {
        assert_eq!(o.status.code(), Some(1), "{}{}", out(&o), err(&o));
        assert!(err(&o).contains(word), "{}", err(&o));
    };
    good(run(&["user", "add", "анна", "--role", "administrator"], Some("correct horse 1"), ""));
    good(run(&["user", "add", "ivan", "--role", "technician"], None, "another horse 2\n"));
    bad(run(&["user", "add", "ivan", "--role", "technician"], Some("another horse 2"), ""), "ivan");
    bad(run(&["user", "add", "petr", "--role", "read-only"], Some("short"), ""), "characters");
    bad(run(&["user", "add", "petr", "--role", "read-only"], None, ""), "ANYKEY_PASSWORD");
    let usage = run(&["user", "add", "petr", "--role", "king"], Some("correct horse 1"), "");
    assert_eq!(usage.status.code(), Some(2));
    assert!(err(&usage).contains("technician"), "{}", err(&usage));

    good(run(&["user", "role", "ivan", "read-only"], None, ""));
    good(run(&["user", "password", "ivan"], Some("a third horse 3"), ""));
    let list = good(run(&["user", "list", "--format", "json"], None, ""));
    assert!(!out(&list).contains("argon2"), "no hash leaves");
    let users: Vec<serde_json::Value> = out(&list).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let pairs: Vec<_> = users.iter().map(|u| (u["login"].as_str().unwrap(), u["role"].as_str().unwrap())).collect();
    assert_eq!(pairs, [("ivan", "read-only"), ("анна", "administrator")]);
    bad(run(&["user", "remove", "nobody"], None, ""), "nobody");
    bad(run(&["user", "remove", "анна"], None, ""), "administrator");
    good(run(&["user", "remove", "ivan"], None, ""));
    assert_eq!(out(&good(run(&["user", "list"], None, ""))).trim(), "анна  administrator");
}

fn line<'a>(report: &'a str, about: &str) -> &'a str {
    report
        .lines()
        .find(|l| l.split_whitespace().nth(1) == Some(about))
        .unwrap_or_else(|| panic!("no {about} in\n{report}"))
}

#[test]
fn the_doctor_looks_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = format!("[server]\nlisten = \"127.0.0.1:{port}\"\n");
    std::fs::write(folder.path().join("anykey.toml"), &config).unwrap();
    let doctor = || anykey(folder.path(), &["doctor", "--config", "anykey.toml"], None, "");
    let first = doctor();
    let report = out(&first);
    assert!(first.status.success(), "{report}{}", err(&first));
    assert!(line(&report, "database").contains("will be made by the first start"), "{report}");
    assert!(line(&report, "mail").starts_with("warn"), "{report}");
    assert!(line(&report, "web").starts_with("ok"), "{report}");
    assert!(!folder.path().join("anykey.db").exists());

    let add = anykey(folder.path(), &["user", "add", "anna", "--role", "administrator"], Some("correct horse 1"), "");
    assert!(add.status.success(), "{}", err(&add));
    assert!(line(&out(&doctor()), "database").contains("opens and can be written"));

    // Another program on the port, no database, no mail server: each is told, the status is 1.
    let taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let mail = "[database]\nurl = \"postgres://nobody:secret@127.0.0.1:1/none\"\n\
                [smtp]\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\nfrom = \"it@example.com\"\n";
    std::fs::write(folder.path().join("anykey.toml"), format!("{config}{mail}")).unwrap();
    let ill = doctor();
    drop(taken);
    let report = out(&ill);
    assert_eq!(ill.status.code(), Some(1), "{report}");
    for about in ["database", "web", "mail"] {
        assert!(line(&report, about).starts_with("fail"), "{report}");
    }
    assert!(!format!("{report}{}", err(&ill)).contains("secret"));

    std::fs::write(folder.path().join("anykey.toml"), "[sever]\n").unwrap();
    let wrong = doctor();
    assert_eq!(wrong.status.code(), Some(1));
    assert!(line(&out(&wrong), "configuration").contains("server"), "{}", out(&wrong));
}
