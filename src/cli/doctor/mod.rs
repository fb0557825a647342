//! `anykey doctor`: checks what `serve` needs and says what to do; changes nothing.
//!
//! One line a check: ok, warn (works, but) or fail (will not work). Exit status 1 when something fails. To add a check, a
//! function in `checks` that returns a `Finding`, and one line in `run`.

mod checks;

use std::path::PathBuf;

use anyhow::bail;

use super::access::Access;
use super::out;
use crate::clock::Clock;
use crate::collect::SNMP_PORT;
use crate::config::Config;

#[derive(clap::Args)]
pub struct Args {
    /// Configuration file; everything in it has a default.
    #[arg(long, env = "ANYKEY_CONFIG")]
    config: Option<PathBuf>,
    /// Check the way into this device too; with --user or --community those, else the community "public".
    #[arg(long, value_name = "HOST")]
    device: Option<String>,
    /// UDP port of its SNMP agent.
    #[arg(long, default_value_t = SNMP_PORT, requires = "device")]
    port: u16,
    #[command(flatten)]
    access: Access,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Ok,
    Warn,
    Fail,
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    level: Level,
    text: String,
}

impl Finding {
    fn ok(text: impl Into<String>) -> Self {
        Finding { level: Level::Ok, text: text.into() }
    }
    fn warn(text: impl Into<String>) -> Self {
        Finding { level: Level::Warn, text: text.into() }
    }
    fn fail(text: impl Into<String>) -> Self {
        Finding { level: Level::Fail, text: text.into() }
    }
}

/// Prints findings as they come and counts the bad ones.
#[derive(Default)]
struct Report {
    warnings: usize,
    failures: usize,
}

impl Report {
    fn add(&mut self, about: &str, findings: impl IntoIterator<Item = Finding>) -> anyhow::Result<()> {
        for finding in findings {
            let word = match finding.level {
                Level::Ok => "ok",
                Level::Warn => {
                    self.warnings += 1;
                    "warn"
                }
                Level::Fail => {
                    self.failures += 1;
                    "fail"
                }
            };
            out::line(&format!("{word:<5} {about:<14} {}", finding.text))?;
        }
        Ok(())
    }
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let mut report = Report::default();
    let ladder = args.access.ladder(None)?;
    let config = match Config::load(args.config.as_deref()) {
        Ok(config) => config,
        Err(e) => {
            report.add("configuration", [Finding::fail(e.to_string())])?;
            bail!("the configuration must be mended before the rest can be checked");
        }
    };
    report.add("configuration", [checks::configuration(args.config.as_deref())])?;
    report.add("profiles", [checks::profiles(&config)])?;
    let now = Clock::system().now();
    let (database, seen) = checks::database(&config).await;
    report.add("database", database)?;
    report.add("disk", seen.as_ref().map(checks::disk).unwrap_or_default())?;
    report.add("clock", checks::clock(now, seen.as_ref()))?;
    report.add("ping", checks::ping())?;
    report.add("snmp", [checks::receive_buffer()])?;
    report.add("traps", checks::traps(&config))?;
    report.add("web", [checks::web_port(config.server.listen).await])?;
    report.add("mail", checks::mail(config.smtp.as_ref()).await)?;
    if let Some(host) = &args.device {
        report.add("device", checks::device(host, args.port, &ladder).await)?;
    }
    out::line("")?;
    match (report.failures, report.warnings) {
        (0, 0) => out::line("All is well.")?,
        (0, n) => out::line(&format!("It will work; {n} warning(s) above."))?,
        (n, _) => bail!("{n} check(s) failed; the lines above say what to do"),
    }
    Ok(())
}
