//! `anykey backup` and `anykey restore`: one file, verified, between SQLite and PostgreSQL too.

use std::path::PathBuf;

use crate::clock::Clock;
use crate::config::Config;
use crate::store::Store;

#[derive(clap::Args)]
pub struct BackupArgs {
    /// File to write; an old one is replaced only when the new one is whole.
    file: PathBuf,
    #[arg(long, env = "ANYKEY_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct RestoreArgs {
    /// File made by `anykey backup`.
    file: PathBuf,
    /// Replace a database that already holds devices, users or orders.
    #[arg(long)]
    force: bool,
    #[arg(long, env = "ANYKEY_CONFIG")]
    config: Option<PathBuf>,
}

pub async fn backup(args: BackupArgs) -> anyhow::Result<()> {
    let config = Config::load(args.config.as_deref())?;
    let store = Store::open(&config.database.url.0).await?;
    let done = store.backup(&args.file, Clock::system().now()).await;
    store.close().await;
    let done = done?;
    eprintln!("{}: {} rows of {} tables written and verified", args.file.display(), done.rows, done.tables);
    eprintln!("Communities in it are sealed: keep the key file (or ANYKEY_SECRET_KEY) beside the backup");
    Ok(())
}

pub async fn restore(args: RestoreArgs) -> anyhow::Result<()> {
    let config = Config::load(args.config.as_deref())?;
    let store = Store::open(&config.database.url.0).await?;
    let done = match store.lock_for_server().await {
        Ok(_only_one) => store.restore(&args.file, args.force).await,
        Err(e) => Err(e.into()),
    };
    let name = store.name();
    store.close().await;
    let done = done?;
    eprintln!("{name}: {} rows of {} tables restored from {}", done.rows, done.tables, args.file.display());
    if done.other_key {
        eprintln!("Communities were sealed with another key: bring that key file, or enter them again in Settings");
    }
    Ok(())
}
