//! Command line: one file per command, this one only dispatches.
//!
//! Output for machines is JSON on stdout, logs go to stderr; exit status 0 done, 1 failed, 2 usage.
//! To add a command: a file with `Args` and `run`, one variant and one arm here.

mod access;
pub mod backup;
pub mod demo;
pub mod doctor;
pub mod explain;
pub mod forecast;
pub mod inspect;
mod inspect_live;
mod inspect_switch;
mod live;
mod out;
pub mod scan;
pub mod serve;
pub mod simulate;
mod subject;
pub mod topology;
pub mod user;
pub mod walk;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

#[derive(Parser)]
#[command(name = "anykey", version, about = "Printers, switches and cabling of a branch: polled, supplied, repaired.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Poll, keep the workflows going and serve the web pages: the main job.
    Serve(serve::Args),
    /// A simulated branch on loopback with everything running, in a fresh temporary database.
    Demo(demo::Args),
    /// One-shot discovery of what answers SNMP or IPP.
    Scan(scan::Args),
    /// Every fact of one device, live or from a recording.
    Inspect(inspect::Args),
    /// For each fact of a device the rule, the object and the raw value that gave it.
    Explain(explain::Args),
    /// Write a recording of a device, on request without names, addresses, serials and contacts.
    Walk(walk::Args),
    /// When supplies will be spent, from readings in a CSV file.
    Forecast(forecast::Args),
    /// Which port is joined to which, from recordings of the devices of a network.
    Topology(topology::Args),
    /// Recorded devices, each at its own loopback address.
    Simulate(simulate::Args),
    /// Check configuration, database, privileges, ports, clock, SMTP, and say what to do.
    Doctor(doctor::Args),
    /// Write the whole database to one verified file.
    Backup(backup::BackupArgs),
    /// Replace the database by a backup.
    Restore(backup::RestoreArgs),
    /// Manage people who may sign in.
    User(user::Args),
}

/// Form of the output of `scan`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableOrJson {
    Table,
    Json,
}

/// Form of the output of `inspect` and `explain`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    Text,
    Json,
}

/// Parses the arguments, runs the command, prints an error once.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(r) => r,
        Err(e) => {
            eprintln!("anykey: starting the runtime failed: {e}");
            return ExitCode::from(1);
        }
    };
    let result = runtime.block_on(dispatch(cli.command));
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // `anykey inspect … | head`: whoever read has had enough.
        Err(e) if e.chain().any(|cause| cause.is::<out::ReaderGone>()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("anykey: {e:#}");
            ExitCode::from(1)
        }
    }
}

async fn dispatch(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(a) => serve::run(a).await,
        Command::Demo(a) => demo::run(a).await,
        Command::Scan(a) => scan::run(a).await,
        Command::Inspect(a) => inspect::run(a).await,
        Command::Explain(a) => explain::run(a).await,
        Command::Walk(a) => walk::run(a).await,
        Command::Forecast(a) => forecast::run(a).await,
        Command::Topology(a) => topology::run(a).await,
        Command::Simulate(a) => simulate::run(a).await,
        Command::Doctor(a) => doctor::run(a).await,
        Command::Backup(a) => backup::backup(a).await,
        Command::Restore(a) => backup::restore(a).await,
        Command::User(a) => user::run(a).await,
    }
}

/// Logs to stderr; `RUST_LOG` chooses, "info" by default.
pub(crate) fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,lettre=error,sqlx=warn,mib_rs=error"));
    // A second call (tests) keeps the first subscriber.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr)
        .try_init();
}

/// An address a browser can open: a listener on every interface is reached on loopback from here.
pub(crate) fn reachable(address: std::net::SocketAddr) -> std::net::SocketAddr {
    let mut a = address;
    if a.ip().is_unspecified() {
        a.set_ip(if a.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    a
}
