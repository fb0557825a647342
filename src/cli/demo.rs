//! `anykey demo`: a simulated branch on loopback with everything running, in a fresh temporary database.
//!
//! Three weeks of history are lived through first, then the clock runs fast and the poller talks to the branch over real
//! UDP. Nothing leaves this machine: mail goes to a mailbox of the demonstration, the database is removed at the end.

mod catalogue;
mod delivery;
mod history;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::app::{self, App, Start};
use crate::clock::Clock;
use crate::config::{Config, Secret};
use crate::engine::{Actor, CommandSource, Engine, EngineHandle};
use crate::model::{Command, Millis, SiteId};
use crate::notify::{Outbox, SmtpConfig, SmtpTls};
use crate::profile::Knowledge;
use crate::simulator::Mailbox;
use crate::simulator::fleet::ipp::IppServer;
use crate::simulator::fleet::live::Live;
use crate::simulator::fleet::{Fleet, NETWORK, hours};
use crate::store::Store;

#[derive(clap::Args)]
pub struct Args {
    /// TCP port of the web pages, on loopback.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// How many times faster than the wall the branch lives.
    #[arg(long, default_value_t = 180.0)]
    speed: f64,
    /// Days of history.
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(i64).range(1..=90))]
    days: i64,
    /// Another branch: what breaks when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// UDP port of the simulated devices.
    #[arg(long, default_value_t = 2161)]
    snmp_port: u16,
    /// TCP port of the simulated IPP printers.
    #[arg(long, default_value_t = 2631)]
    ipp_port: u16,
}

const SITE: &str = "Филиал «Северный»";

pub async fn run(args: Args) -> anyhow::Result<()> {
    super::log_to_stderr();
    let folder = TemporaryFolder::make()?;
    let mailbox =
        Mailbox::start((Ipv4Addr::LOCALHOST, 0).into()).await.context("starting the demo's mailbox failed")?;
    let config = config(&args, &folder, mailbox.address());
    let knowledge = app::knowledge(&config)?;

    let opening = hours::opening_before(Clock::system().now());
    let mut fleet = Fleet::new(args.seed, opening.plus(-args.days * Millis::DAY), opening);
    let store = tokio::select! {
        store = live_through(&mut fleet, opening, &config, &args, &knowledge) => store?,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted before the branch had its past"),
    };

    let clock = Clock::fast(opening, args.speed);
    let now = clock.clone();
    let live = Live::new(fleet, move || now.now());
    let agents = live.serve(args.snmp_port, "public").await?;
    let _printers = IppServer::start(&live, args.ipp_port).await?;
    let engine = Engine::start(store.clone(), clock.clone(), config.status.clone());
    let deliveries = tokio::spawn(delivery::watch(live, store.clone(), engine.clone()));
    let app = App::start(Start { config, clock, store, engine, knowledge, open_on_loopback: true }).await?;
    eprintln!("The demo is at http://{} (you are signed in; one second is {} minutes)", app.address, args.speed / 60.0);
    let ended = app.run().await;
    deliveries.abort();
    agents.stop().await;
    ended
}

/// The weeks before the opening, on a clock of their own; the database they leave.
async fn live_through(
    fleet: &mut Fleet,
    opening: Millis,
    config: &Config,
    args: &Args,
    knowledge: &Arc<Knowledge>,
) -> anyhow::Result<Store> {
    let clock = Clock::manual(fleet.now());
    let (store, engine) = app::open(config, &clock).await?;
    let mut past = history::History {
        knowledge: knowledge.clone(),
        store: store.clone(),
        engine: engine.clone(),
        outbox: Outbox::new(store.clone(), clock.clone(), config.smtp.clone()),
        clock,
        site: set_up(&engine, args).await?,
        port: args.snmp_port,
        fleet,
    };
    let readings = past.live(opening).await?;
    engine.stop().await;
    tracing::info!(days = args.days, readings, "the branch has a past");
    Ok(store)
}

/// Loopback only, short periods, mail to the demo's own mailbox.
fn config(args: &Args, folder: &TemporaryFolder, mailbox: SocketAddr) -> Config {
    let mut config = Config::default();
    config.server.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    config.traps.listen = None;
    config.database.url = Secret(format!("sqlite://{}", folder.0.join("demo.db").display()));
    // Every loopback address answers a ping: a printer without its plug would seem to be there.
    config.poll.icmp = false;
    config.poll.reachability = Duration::from_secs(180);
    config.poll.supplies = Duration::from_secs(15 * 60);
    config.poll.device_budget = Duration::from_secs(5);
    config.discovery.ipp_port = args.ipp_port;
    config.snmp.timeout = Duration::from_millis(300);
    config.smtp = Some(SmtpConfig {
        host: mailbox.ip().to_string(),
        port: Some(mailbox.port()),
        tls: SmtpTls::None,
        ca_file: None,
        user: None,
        password: None,
        from: "Anykey <anykey@filial.example>".into(),
        reply_to: None,
        redirect_all_to: None,
        signature: "Филиал «Северный»\nотдел ИТ".into(),
        timeout: Duration::from_secs(5),
    });
    config
}

/// The branch, its range, whom it buys what from.
async fn set_up(engine: &EngineHandle, args: &Args) -> anyhow::Result<SiteId> {
    let run = async |command: Command| {
        let actor = Actor { who: "anykey".into(), source: CommandSource::Start };
        let done = engine.command(actor, command).await?;
        done.id.context("the demo's data got no number")
    };
    let site = SiteId(run(Command::AddSite { name: SITE.into(), time_zone: "Europe/Moscow".into() }).await?);
    let community =
        Command::AddCredential { name: "Филиал".into(), version: "2c".into(), community: "public".into() };
    let credential = run(community).await?;
    let [a, b, c] = NETWORK;
    let cidr = format!("{a}.{b}.{c}.0/24");
    run(Command::AddRange { site, cidr, port: args.snmp_port, credential: Some(credential) }).await?;
    let mut suppliers = Vec::new();
    for supplier in &catalogue::SUPPLIERS {
        suppliers.push(run(supplier.command()).await?);
    }
    for article in catalogue::articles(&suppliers) {
        run(article).await?;
    }
    Ok(site)
}

/// The database's folder, removed when the demo ends.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn make() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("anykey-demo-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path); // of a process that had this number before
        std::fs::create_dir(&path).with_context(|| format!("making the folder {} failed", path.display()))?;
        Ok(TemporaryFolder(path))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
