//! The program that is killed: this test binary started again, told what happens by lines of JSON and answering each.

use std::io::{BufRead, Write};
use std::process::Stdio;
use std::time::Duration;

use anykey::clock::Clock;
use anykey::model::Millis;
use anykey::notify::{Outbox, SmtpConfig};
use anykey::store::testing::TestDatabase;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio_util::sync::CancellationToken;

use crate::fleet_loop::{Policy, START, Told};
use crate::program::Program;

const DATABASE: &str = "ANYKEY_TEST_KILLED_DATABASE";
const SMTP: &str = "ANYKEY_TEST_KILLED_SMTP";
/// Marks our lines among those of the test harness.
const MARK: &str = "answer ";

#[derive(Debug, Serialize, Deserialize)]
pub enum Ask {
    Told { day: i64, told: Vec<Told> },
    Taken { day: i64, device: usize, pool: usize },
    Drafts { day: i64 },
    Approve { day: i64, order: i64 },
    Lines { day: i64, order: i64 },
    Received { day: i64, order: u64 },
    Send { day: i64 },
}

pub fn noon(day: i64) -> Millis {
    START.plus(day * Millis::DAY + 12 * Millis::HOUR)
}

pub fn read<T: serde::de::DeserializeOwned>(answer: Value) -> T {
    serde_json::from_value(answer).unwrap_or_else(|e| panic!("an answer: {e}"))
}

pub struct Child {
    process: tokio::process::Child,
    to: ChildStdin,
    from: tokio::io::Lines<BufReader<ChildStdout>>,
}

impl Child {
    pub fn start(url: &str, smtp: u16) -> Child {
        let this = std::env::current_exe().expect("the test itself");
        let mut process = Command::new(this)
            .args(["--ignored", "--exact", "--nocapture", "child::the_program_that_is_killed"])
            .env(DATABASE, url)
            .env(SMTP, smtp.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("starting it again");
        let to = process.stdin.take().expect("piped");
        let from = BufReader::new(process.stdout.take().expect("piped")).lines();
        Child { process, to, from }
    }

    pub async fn send(&mut self, ask: &Ask) {
        let line = serde_json::to_string(ask).expect("plain data") + "\n";
        self.to.write_all(line.as_bytes()).await.expect("it listens");
    }

    pub async fn answer(&mut self) -> Value {
        loop {
            let line = self.from.next_line().await.expect("readable").expect("the program ended by itself");
            if let Some((_, answer)) = line.split_once(MARK) {
                return serde_json::from_str(answer).unwrap_or_else(|e| panic!("{line}: {e}"));
            }
        }
    }

    /// SIGKILL, and gone.
    pub async fn kill(mut self) {
        self.process.kill().await.expect("killing it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started, and killed, by the tests beside it"]
async fn the_program_that_is_killed() {
    let Ok(url) = std::env::var(DATABASE) else { panic!("{DATABASE} is not set") };
    let smtp = std::env::var(SMTP).unwrap_or_else(|e| panic!("{SMTP}: {e}"));
    let config: SmtpConfig = toml::from_str(&format!(
        "host = '127.0.0.1'\nport = {smtp}\ntls = 'none'\nfrom = 'it@branch.example'\ntimeout = '5s'"
    ))
    .expect("a configuration");
    let mut lines = std::io::stdin().lock().lines();
    let mut running: Option<(Program, Outbox, Clock)> = None;
    while let Some(Ok(line)) = lines.next() {
        let ask: Ask = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{line}: {e}"));
        if running.is_none() {
            let store = TestDatabase::at(url.clone()).open().await;
            let clock = Clock::manual(begins(&ask));
            let outbox = Outbox::new(store.clone(), clock.clone(), Some(config.clone()));
            running = Some((Program::resumed(store, clock.clone()).await, outbox, clock));
        }
        let Some((program, outbox, clock)) = &mut running else { unreachable!() };
        let answer = match ask {
            Ask::Told { day, told } => {
                program.told(day, &told).await;
                json!(true)
            }
            Ask::Taken { day, device, pool } => {
                program.taken(day, device, pool).await;
                json!(true)
            }
            Ask::Drafts { .. } => json!(program.drafts().await),
            Ask::Approve { day, order } => match program.approve(day, order).await {
                Ok(()) => json!(true),
                Err(e) if program.drafts().await.contains(&order) => panic!("approving {order}: {e}"),
                Err(_) => Value::Null,
            },
            Ask::Lines { order, .. } => json!(program.lines(order).await),
            Ask::Received { day, order } => {
                program.received(day, order, &[]).await;
                json!(true)
            }
            Ask::Send { day } => {
                let by = noon(day).plus(Millis::HOUR).since(clock.now());
                clock.advance(Duration::from_millis(by.max(0) as u64));
                let round = outbox.round(&CancellationToken::new()).await.unwrap_or_else(|e| panic!("sending: {e}"));
                assert_eq!(round.failed, 0, "the mail server takes everything");
                json!(round.sent)
            }
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{MARK}{answer}").and_then(|()| out.flush()).expect("the other end listens");
    }
}

/// The hour at which the program starts again: that of what it is asked first.
fn begins(ask: &Ask) -> Millis {
    match ask {
        Ask::Taken { day, .. } | Ask::Received { day, .. } => START.plus(day * Millis::DAY + 8 * Millis::HOUR),
        Ask::Told { day, .. } => noon(*day),
        Ask::Send { day } => noon(*day).plus(Millis::HOUR),
        Ask::Drafts { day } | Ask::Lines { day, .. } | Ask::Approve { day, .. } => noon(*day).plus(3 * Millis::HOUR),
    }
}
