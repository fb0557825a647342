//! `anykey serve`: the main job.

use std::path::PathBuf;

use super::out;
use crate::app::{self, App, Start};
use crate::clock::Clock;
use crate::config::{Config, SAMPLE};

#[derive(clap::Args)]
pub struct Args {
    /// Configuration file; everything in it has a default.
    #[arg(long, env = "ANYKEY_CONFIG")]
    config: Option<PathBuf>,
    /// Print a configuration with every key, its default and its meaning, and end.
    #[arg(long)]
    sample_config: bool,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    if args.sample_config {
        out::text(SAMPLE)?;
        return Ok(());
    }
    super::log_to_stderr();
    let config = Config::load(args.config.as_deref())?;
    let clock = Clock::system();
    let knowledge = app::knowledge(&config)?;
    let (store, engine) = app::open(&config, &clock).await?;
    let _only_one = store.lock_for_server().await?;
    tracing::info!("database {}", store.name());
    let app = App::start(Start { config, clock, store, engine, knowledge, open_on_loopback: false }).await?;
    eprintln!("Anykey is at http://{}", app.address);
    if let Some(path) = &app.setup {
        eprintln!("Open this once to make the first administrator: http://{}{path}", super::reachable(app.address));
    }
    app.run().await
}
