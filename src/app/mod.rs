//! Composition root: opens everything, starts the named background tasks, stops them in order.
//!
//! It decides nothing about devices: it only connects. To add a background task: a function in `tasks` that runs until the
//! token is cancelled, one line in `collectors` with its name, period and one sentence for `/debug/tasks`.
//!
//! Order of stopping: web (event streams end first), discovery and poller, the readings under way, engine, outbox, store.

pub mod observe;
mod seed;
mod tasks;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::collect::{Poller, PollerHandle, Prober};
use crate::config::Config;
use crate::engine::{Engine, EngineHandle, Topic};
use crate::notify::Outbox;
use crate::notify::mail::{MailError, Trouble};
use crate::profile::Knowledge;
use crate::protocol::{icmp, ipp, snmp};
use crate::store::Store;
use crate::store::outbox::OutboxItem;
use crate::web::auth::{Auth, AuthOptions, session};
use crate::web::debug::TaskRegistry;
use crate::web::sse::Streams;
use crate::web::state::Info;
use crate::web::{self, AppState, Shared};

/// Readings between the collector and the engine.
const READING_QUEUE: usize = 4_096;
/// How long open pages may hold up a shutdown.
const WEB_GRACE: Duration = Duration::from_secs(3);

/// What a start needs; the demo brings a store and an engine that already have a past.
pub struct Start {
    pub config: Config,
    pub clock: Clock,
    pub store: Store,
    pub engine: EngineHandle,
    pub knowledge: Arc<Knowledge>,
    /// Whoever comes from this machine is signed in as administrator.
    pub open_on_loopback: bool,
}

/// A running Anykey.
pub struct App {
    /// Where the pages are, with the real port.
    pub address: SocketAddr,
    /// Path of the one-time set-up link, when there is no user yet.
    pub setup: Option<String>,
    pub poller: PollerHandle,
    stop: CancellationToken,
    web: JoinHandle<std::io::Result<()>>,
    collectors: Vec<JoinHandle<()>>,
    pump: JoinHandle<()>,
    engine: EngineHandle,
    outbox: JoinHandle<()>,
    stop_outbox: CancellationToken,
    store: Store,
}

/// Opens the database and starts the engine on it.
pub async fn open(config: &Config, clock: &Clock) -> anyhow::Result<(Store, EngineHandle)> {
    let store = Store::open(&config.database.url.0).await?;
    let engine = Engine::start(store.clone(), clock.clone(), config.status.clone());
    Ok((store, engine))
}

/// Built-in profiles and those of the configured folder; a wrong one is refused with file and line.
pub fn knowledge(config: &Config) -> anyhow::Result<Arc<Knowledge>> {
    let dir: Option<&Path> = config.profiles.dir.as_deref();
    own_alerts(dir)?;
    Ok(Arc::new(Knowledge::load(dir).context("loading the device profiles failed")?))
}

impl App {
    /// Starts everything. The pages answer when this returns.
    pub async fn start(s: Start) -> anyhow::Result<App> {
        let Start { config, clock, store, engine, knowledge, open_on_loopback } = s;
        let listener = TcpListener::bind(config.server.listen).await.with_context(|| {
            format!(
                "listening on {} failed: is another program using the port? Change [server] listen or ANYKEY_LISTEN",
                config.server.listen
            )
        })?;
        let address = listener.local_addr()?;
        // From now on everything counts.
        let _ = web::metrics::handle();
        seed::apply(&config, &store, &engine).await?;

        let stop = CancellationToken::new();
        let registry = TaskRegistry::default();
        let shared = tasks::Shared {
            config: Arc::new(config.clone()),
            clock: clock.clone(),
            store: store.clone(),
            engine: engine.clone(),
            registry: registry.clone(),
            stop: stop.clone(),
            credentials: tasks::KnownCredentials::default(),
        };
        let Collectors { poller, tasks: collectors, pump } = collectors(&shared, knowledge)?;
        let stop_outbox = CancellationToken::new();
        let outbox = tokio::spawn(tasks::outbox(
            shared.clone(),
            Outbox::new(store.clone(), clock.clone(), config.smtp.clone()).observed(told(engine.clone())),
            stop_outbox.clone(),
        ));

        let auth = Auth::new(AuthOptions {
            secure_cookies: config.server.secure_cookies,
            public_url: config.server.public_url.clone(),
            metrics_token: config.server.metrics_token.as_ref().map(|t| t.0.clone()),
            demo: open_on_loopback,
        });
        let setup = if open_on_loopback { None } else { session::offer_setup(&store, clock.now()).await? };
        let state = AppState::new(Shared {
            store: store.clone(),
            engine: engine.clone(),
            clock,
            tasks: registry,
            auth,
            info: Info { smtp: config.smtp.as_ref().map(|m| m.host.clone()) },
            streams: Streams::default(),
            branches: web::cabling::Branches::default(),
            stopping: stop.clone(),
        });
        let service = web::router(state).into_make_service_with_connect_info::<SocketAddr>();
        let web_stop = stop.clone();
        let web = tokio::spawn(async move {
            axum::serve(listener, service).with_graceful_shutdown(web_stop.cancelled_owned()).await
        });
        Ok(App { address, setup, poller, stop, web, collectors, pump, engine, outbox, stop_outbox, store })
    }

    /// Runs until Ctrl-C or SIGTERM, then stops in order.
    pub async fn run(self) -> anyhow::Result<()> {
        wait_for_signal().await?;
        tracing::info!("stopping");
        self.stop().await
    }

    /// Stops in order; what was accepted is committed.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        let mut web = self.web;
        let served = tokio::time::timeout(WEB_GRACE, &mut web).await;
        if served.is_err() {
            web.abort();
        }
        for task in self.collectors {
            task.await.context("a background task broke off")?;
        }
        self.pump.await.context("the readings' pump broke off")?;
        self.engine.stop().await;
        self.stop_outbox.cancel();
        self.outbox.await.context("the outbox broke off")?;
        self.store.close().await;
        Ok(())
    }
}

/// Open pages learn what became of an order's mail. Not while the server is in trouble: the word would wake the outbox,
/// and the next mail would run into the same trouble at once.
fn told(engine: EngineHandle) -> impl Fn(&OutboxItem, Option<&MailError>) + Send + Sync + 'static {
    move |_, error| {
        if error.is_none_or(|e| e.trouble() != Trouble::Server) {
            engine.announce(Topic::Order);
        }
    }
}

/// Everything that hears from the network.
struct Collectors {
    poller: PollerHandle,
    tasks: Vec<JoinHandle<()>>,
    pump: JoinHandle<()>,
}

/// Poller, traps, discovery and what feeds them; their Readings go to the engine through one queue.
fn collectors(s: &tasks::Shared, knowledge: Arc<Knowledge>) -> anyhow::Result<Collectors> {
    let prober = prober(&s.config, knowledge.clone())?;
    let (poller, handle) = Poller::new(prober.clone(), s.config.poll.clone(), s.clock.clone(), &s.config.server.poller);
    let (targets_out, targets) = watch::channel(Vec::new());
    let (users_out, users) = watch::channel(Vec::new());
    let (readings_out, readings) = mpsc::channel(READING_QUEUE);
    let traps = tasks::traps(s.clone(), knowledge, handle.clone(), targets.clone(), users, readings_out.clone());
    let tasks = vec![
        tokio::spawn(traps),
        tokio::spawn(poller.run(targets, readings_out.clone(), s.stop.clone())),
        tokio::spawn(tasks::targets(s.clone(), targets_out, users_out)),
        tokio::spawn(tasks::poll_wanted(s.clone(), handle.clone())),
        tokio::spawn(tasks::discovery(s.clone(), prober, readings_out)),
        tokio::spawn(tasks::tick(s.clone())),
        tokio::spawn(observe::observer(s.clone())),
        tokio::spawn(tasks::retention(s.clone())),
    ];
    let pump = tokio::spawn(tasks::pump(readings, s.engine.clone()));
    Ok(Collectors { poller: handle, tasks, pump })
}

fn prober(config: &Config, knowledge: Arc<Knowledge>) -> anyhow::Result<Prober> {
    let snmp = snmp::Client::start(snmp::ClientConfig {
        workers: config.snmp.workers,
        packets_per_second: config.snmp.packets_per_second,
        retries: config.snmp.retries,
        initial_timeout: config.snmp.timeout,
        ..snmp::ClientConfig::default()
    })?;
    let mut prober = Prober::new(snmp, knowledge);
    if config.poll.icmp {
        let icmp = icmp::Icmp::open(icmp::IcmpConfig::default());
        if let Err(e) = icmp.status(icmp::Family::V4) {
            tracing::warn!("{e}; devices are judged by SNMP alone");
        }
        prober = prober.with_icmp(icmp);
    }
    let ipp = ipp::IppClient::new(ipp::IppConfig::default())?;
    Ok(prober.with_ipp(ipp))
}

async fn wait_for_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            r = tokio::signal::ctrl_c() => r,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// What alerts and service codes mean, of one's own, before what comes with the program.
fn own_alerts(dir: Option<&Path>) -> anyhow::Result<()> {
    let Some(file) = dir.map(|d| d.join("alerts.toml")).filter(|f| f.is_file()) else { return Ok(()) };
    let name = || format!("reading {}", file.display());
    let text = std::fs::read_to_string(&file).with_context(name)?;
    crate::status::use_own(&text).with_context(name)
}
