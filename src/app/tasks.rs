//! Background tasks: each runs until its token is cancelled and reports every run to the registry.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::collect::discovery::{self, DiscoveryEvent, DiscoveryProgress, Scan};
use crate::collect::traps::{Looks, Secure, Setup};
use crate::collect::{Agent, Credential, PollTarget, PollerHandle, Prober, ScanRange, Trail, TrapListener, TrapSocket};
use crate::config::Config;
use crate::engine::{Change, EngineHandle, Topic};
use crate::model::{CredentialId, DeviceId, DeviceKind, Facts, Reading};
use crate::notify::Outbox;
use crate::profile::Knowledge;
use crate::protocol::snmp::usm::{LocalEngine, User};
use crate::protocol::snmp::{self, Version};
use crate::store::{Store, credential, place, range, retention, target};
use crate::web::debug::TaskRegistry;

/// Changes of the same second are answered once.
const SETTLE: Duration = Duration::from_millis(500);
const TARGETS_EVERY: Duration = Duration::from_secs(30);
const PARENTS_EVERY: Duration = Duration::from_secs(600);
const WANTED_EVERY: Duration = Duration::from_secs(2);
const DISCOVERY_EVERY: Duration = Duration::from_secs(10);
const PROGRESS_EVERY: Duration = Duration::from_secs(1);
const OUTBOX_EVERY: Duration = Duration::from_secs(30);
const TICK_EVERY: Duration = Duration::from_secs(60);
const RETENTION_EVERY: Duration = Duration::from_secs(24 * 3600);

#[derive(Clone)]
pub struct Shared {
    pub config: Arc<Config>,
    pub clock: Clock,
    pub store: Store,
    pub engine: EngineHandle,
    pub registry: TaskRegistry,
    pub stop: CancellationToken,
    pub credentials: KnownCredentials,
}

/// Readings to the engine, until every sender is gone.
pub async fn pump(mut readings: mpsc::Receiver<Reading>, engine: EngineHandle) {
    while let Some(reading) = readings.recv().await {
        if engine.reading(reading).await.is_err() {
            return;
        }
    }
}

/// Keeps the poller's list equal to the database's.
/// The users of SNMPv3 among the credentials go to the listener for traps.
pub async fn targets(s: Shared, out: watch::Sender<Vec<PollTarget>>, users: watch::Sender<Vec<User>>) {
    let task = s.registry.register("targets", "Keeps the list of devices to poll up to date", Some(TARGETS_EVERY));
    let mut changes = s.engine.changes();
    let mut parents = HashMap::new();
    let mut parents_at = None;
    loop {
        task.started(s.clock.now());
        // Reads every forwarding table: far less often than the list.
        if parents_at.is_none_or(|at: tokio::time::Instant| at.elapsed() >= PARENTS_EVERY) {
            parents_at = Some(tokio::time::Instant::now());
            let since = s.clock.now().plus(-place::GOOD_FOR);
            match place::parents(s.store.db(), since).await {
                Ok(found) => parents = found,
                Err(e) => tracing::warn!("which switch each device hangs on is not known: {e}"),
            }
        }
        let result = load_targets(&s, &parents).await;
        let told = match result {
            Ok((list, known_users)) => {
                let n = list.len();
                send_if_other(&out, list);
                send_if_other(&users, known_users);
                Ok(format!("{n} devices"))
            }
            Err(e) => Err(format!("{e:#}")),
        };
        task.finished(s.clock.now(), told);
        if !wait_for_change(&s, &mut changes, &[Topic::Device, Topic::Setting], TARGETS_EVERY).await {
            return;
        }
    }
}

fn send_if_other<T: PartialEq>(out: &watch::Sender<T>, new: T) {
    out.send_if_modified(|old| {
        let differs = *old != new;
        if differs {
            *old = new;
        }
        differs
    });
}

async fn load_targets(
    s: &Shared,
    parents: &HashMap<DeviceId, DeviceId>,
) -> anyhow::Result<(Vec<PollTarget>, Vec<User>)> {
    let credentials = credentials(s).await?;
    let users = credentials.iter().filter_map(|c| match &c.secret {
        snmp::Credential::User { user, .. } => Some(user.clone()),
        _ => None,
    });
    let users = users.collect();
    let by_id: HashMap<i64, &Credential> = credentials.iter().filter_map(|c| c.id.map(|id| (id.0, c))).collect();
    let list = target::all(s.store.db()).await?;
    let list = list
        .into_iter()
        .map(|t| {
            let printer = t.kind == Some(DeviceKind::Printer);
            let credential = t.credential.and_then(|id| by_id.get(&id).copied()).or(credentials.first());
            PollTarget {
                device: t.device,
                agent: Agent {
                    address: t.address,
                    port: t.port,
                    credential: credential.cloned(),
                    ipp_port: (printer && s.config.poll.ipp).then_some(s.config.discovery.ipp_port),
                    known: Facts { kind: t.kind, profile: t.profile, ..Facts::default() },
                },
                parents: parents.get(&t.device).copied().into_iter().collect(),
            }
        })
        .collect();
    Ok((list, users))
}

/// Ways in, by their number, as they were made: the passwords of users are hashed once, not at each look.
pub type KnownCredentials = Arc<Mutex<HashMap<i64, (credential::Credential, Credential)>>>;

/// Credentials to try; "public" when nobody entered one.
async fn credentials(s: &Shared) -> anyhow::Result<Vec<Credential>> {
    let (open, shut) = credential::all(&s.store).await?;
    if !shut.is_empty() {
        tracing::warn!("these credentials were sealed with another key, enter them again: {}", shut.join(", "));
    }
    if open.is_empty() {
        return Ok(vec![Credential::community(Version::V2c, "public"), Credential::community(Version::V1, "public")]);
    }
    let mut known = s.credentials.lock().unwrap_or_else(PoisonError::into_inner);
    let mut old = std::mem::take(&mut *known);
    let mut list = Vec::with_capacity(open.len());
    for entered in open {
        let made = match old.remove(&entered.id).filter(|(e, _)| *e == entered) {
            Some((_, made)) => Ok(made),
            None => made_of(&entered),
        };
        match made {
            Ok(made) => {
                known.insert(entered.id, (entered, made.clone()));
                list.push(made);
            }
            Err(e) => tracing::warn!("the credential {:?} cannot be used: {e}", entered.name),
        }
    }
    Ok(list)
}

fn made_of(entered: &credential::Credential) -> Result<Credential, String> {
    let id = Some(CredentialId(entered.id));
    match &entered.secret {
        credential::Sealed::User(user) => Ok(Credential { id, ..Credential::of_user(&entered.name, user)? }),
        credential::Sealed::Community(c) => Ok(Credential {
            id,
            name: entered.name.clone(),
            version: if entered.version == "1" { Version::V1 } else { Version::V2c },
            secret: snmp::Credential::community(c),
        }),
    }
}

/// True to go on; false when stopping.
pub(super) async fn wait_for_change(
    s: &Shared,
    changes: &mut broadcast::Receiver<Change>,
    topics: &[Topic],
    at_most: Duration,
) -> bool {
    let wanted = async {
        loop {
            match changes.recv().await {
                Ok(c) if topics.contains(&c.topic) => break,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => break,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
        tokio::time::sleep(SETTLE).await;
    };
    tokio::select! {
        () = s.stop.cancelled() => false,
        () = wanted => true,
        () = tokio::time::sleep(at_most) => true,
    }
}

async fn sleep(s: &Shared, wall: Duration) -> bool {
    tokio::select! {
        () = s.stop.cancelled() => false,
        () = tokio::time::sleep(wall) => true,
    }
}

/// "Poll now" of people, carried to the poller.
pub async fn poll_wanted(s: Shared, poller: PollerHandle) {
    let task = s.registry.register("poll-now", "Carries \"poll now\" of people to the poller", Some(WANTED_EVERY));
    while sleep(&s, WANTED_EVERY).await {
        task.started(s.clock.now());
        let told = match target::take_wanted(&s.store).await {
            Ok(ids) => {
                let asked = ids.into_iter().filter(|id| poller.poll_now(*id)).count();
                Ok(format!("{asked} devices"))
            }
            Err(e) => Err(e.to_string()),
        };
        task.finished(s.clock.now(), told);
    }
}

/// We as an SNMPv3 engine: the same id as long as database and name are the same, and more boots at each start without
/// counting them, because the minutes of the clock only grow.
fn secure(s: &Shared) -> Secure {
    let id = LocalEngine::id_of(&format!("{} {}", s.store.name(), s.config.server.poller));
    let now = s.clock.now().0.max(0).cast_unsigned();
    let boots = u32::try_from(now / 60_000 % 0x7FFF_FFFE).unwrap_or(1).max(1);
    Secure::new(id, boots, now << 20)
}

/// Traps and informs, on a thread of their own. A port that cannot be had is said once; everything else goes on.
pub async fn traps(
    s: Shared,
    knowledge: Arc<Knowledge>,
    poller: PollerHandle,
    targets: watch::Receiver<Vec<PollTarget>>,
    users: watch::Receiver<Vec<User>>,
    readings: mpsc::Sender<Reading>,
) {
    let Some(address) = s.config.traps.listen else { return };
    let task = s.registry.register("traps", "Listens for traps and informs, and has their devices looked at", None);
    task.started(s.clock.now());
    let open = || -> Result<TrapListener, String> {
        let socket = TrapSocket::bind(address).map_err(|e| e.to_string())?;
        let looks = Looks::built_in().map_err(|e| e.to_string())?;
        let (clock, name) = (s.clock.clone(), s.config.server.poller.clone());
        let secure = secure(&s);
        Ok(TrapListener::new(socket, Setup { knowledge, looks, poller, clock, name, secure, users }))
    };
    let listener = match open() {
        Ok(l) => l,
        Err(e) => {
            tracing::warn!("{e}; devices are polled all the same");
            return task.finished(s.clock.now(), Err(e));
        }
    };
    let (counts, stop) = (listener.counts(), s.stop.clone());
    let ended = tokio::task::spawn_blocking(move || listener.run(targets, &readings, &stop)).await;
    let told = counts.list().map(|(what, n)| format!("{what} {n}")).join(", ");
    task.finished(s.clock.now(), ended.map(|()| told).map_err(|e| e.to_string()));
}

/// Lets time-driven rules run.
pub async fn tick(s: Shared) {
    let task = s.registry.register("tick", "Lets time-driven rules run", Some(TICK_EVERY));
    while sleep(&s, s.clock.wall(TICK_EVERY)).await {
        task.started(s.clock.now());
        let told = s.engine.tick().await.map(|()| String::new()).map_err(|e| e.to_string());
        task.finished(s.clock.now(), told);
    }
}

/// Daily roll-up of readings.
pub async fn retention(s: Shared) {
    let task = s.registry.register("retention", "Rolls up and drops old readings", Some(RETENTION_EVERY));
    let metric_days = i64::try_from(s.config.database.keep_metrics.as_secs() / 86_400).unwrap_or(90).max(1);
    let keep = retention::Keep { metric_days, ..retention::Keep::default() };
    loop {
        task.started(s.clock.now());
        let told = match retention::run(&s.store, s.clock.now(), &keep).await {
            Ok(done) => Ok(format!("{} days rolled up, {} rows dropped", done.days_rolled_up, done.rows_dropped)),
            Err(e) => Err(e.to_string()),
        };
        task.finished(s.clock.now(), told);
        if !sleep(&s, s.clock.wall(RETENTION_EVERY)).await {
            return;
        }
    }
}

/// Mail out of the outbox.
pub async fn outbox(s: Shared, outbox: Outbox, stop: CancellationToken) {
    let task = s.registry.register("outbox", "Sends the mail that waits in the outbox", None);
    task.started(s.clock.now());
    let kick = Arc::new(Notify::new());
    let kicks = async {
        let mut changes = s.engine.changes();
        while wait_for_change(&s, &mut changes, &[Topic::Order], OUTBOX_EVERY).await {
            kick.notify_one();
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = outbox.run(kick.clone(), stop) => {}
        () = kicks => {}
    }
    task.finished(s.clock.now(), Ok(String::new()));
}

/// Sweeps ranges that are new, asked for, or due again; one after the other.
pub async fn discovery(s: Shared, prober: Prober, readings: mpsc::Sender<Reading>) {
    let task = s.registry.register("discovery", "Sweeps the ranges of the branches", Some(DISCOVERY_EVERY));
    let mut changes = s.engine.changes();
    loop {
        task.started(s.clock.now());
        let told = sweep_due(&s, &prober, &readings).await.map_err(|e| format!("{e:#}"));
        if let Err(e) = &told {
            tracing::error!("discovery: {e}");
        }
        task.finished(s.clock.now(), told);
        if !wait_for_change(&s, &mut changes, &[Topic::Discovery, Topic::Setting], DISCOVERY_EVERY).await {
            return;
        }
    }
}

async fn sweep_due(s: &Shared, prober: &Prober, readings: &mpsc::Sender<Reading>) -> anyhow::Result<String> {
    let every = i64::try_from(s.config.discovery.every.as_millis()).unwrap_or(i64::MAX);
    let (mut ranges, mut found) = (0, 0);
    for r in range::enabled(s.store.db()).await? {
        let due = r.scan_wanted == 1 || r.last_finished_at.is_none_or(|t| s.clock.now().0 - t >= every);
        if !due || s.stop.is_cancelled() {
            continue;
        }
        ranges += 1;
        found += sweep(s, prober, readings, &r).await?;
    }
    Ok(if ranges == 0 { String::new() } else { format!("{ranges} ranges, {found} devices answered") })
}

async fn sweep(s: &Shared, prober: &Prober, readings: &mpsc::Sender<Reading>, r: &range::Range) -> anyhow::Result<u64> {
    range::scan_started(&s.store, r.id, s.clock.now()).await?;
    let parsed: Result<ScanRange, _> = r.cidr.parse();
    let parsed = match parsed {
        Ok(p) => p,
        Err(e) => {
            let text = e.to_string();
            range::scan_progress(&s.store, r.id, 0, 0, Some(s.clock.now()), Some(&text)).await?;
            return Ok(0);
        }
    };
    let mut ladder = credentials(s).await?;
    if let Some(id) = r.credential_id {
        ladder.retain(|c| c.id == Some(CredentialId(id)));
    }
    ladder.truncate(discovery::MAX_CREDENTIALS);
    let scan = Scan {
        port: u16::try_from(r.port).unwrap_or(161),
        ipp_port: Some(s.config.discovery.ipp_port),
        timeout: s.config.snmp.timeout,
        retries: s.config.snmp.retries,
        ..Scan::new(vec![parsed], ladder)
    };
    let (out, events) = mpsc::channel(256);
    let (done, last) =
        tokio::join!(discovery::discover(prober, &scan, out, s.stop.clone()), follow(s, r, readings, events));
    let error = done.as_ref().err().map(ToString::to_string);
    let progress = done.unwrap_or(last?);
    let (asked, found) = (progress.total as i64, progress.found as i64);
    range::scan_progress(&s.store, r.id, asked, found, Some(s.clock.now()), error.as_deref()).await?;
    Ok(progress.found)
}

/// Takes the news of a scan: finds to the engine and the list of results, progress to the page.
async fn follow(
    s: &Shared,
    r: &range::Range,
    readings: &mpsc::Sender<Reading>,
    mut events: mpsc::Receiver<DiscoveryEvent>,
) -> anyhow::Result<DiscoveryProgress> {
    let mut last = DiscoveryProgress::default();
    let mut told = tokio::time::Instant::now();
    while let Some(event) = events.recv().await {
        match event {
            DiscoveryEvent::Progress(p) => {
                last = p;
                if told.elapsed() >= PROGRESS_EVERY {
                    told = tokio::time::Instant::now();
                    range::scan_progress(&s.store, r.id, p.asked as i64, p.found as i64, None, None).await?;
                    s.engine.announce(Topic::Discovery);
                }
            }
            DiscoveryEvent::Found(f) => {
                let outcome = if f.credential.is_some() || f.ipp.is_some() { "device" } else { "ping-only" };
                save(s, r, outcome, &f.trail, f.address).await?;
                if outcome == "device" {
                    let reading = f.reading(r.site(), Some(r.id), &s.config.server.poller, s.clock.now());
                    if readings.send(reading).await.is_err() {
                        break;
                    }
                }
            }
            DiscoveryEvent::Unidentified(trail) => save(s, r, "refused", &trail, trail.address).await?,
            DiscoveryEvent::Note(text) => tracing::info!("discovery of {}: {text}", r.cidr),
        }
    }
    Ok(last)
}

async fn save(
    s: &Shared,
    r: &range::Range,
    outcome: &str,
    trail: &Trail,
    address: std::net::IpAddr,
) -> anyhow::Result<()> {
    let found = range::Found {
        address,
        port: u16::try_from(r.port).unwrap_or(161),
        outcome: outcome.into(),
        steps: steps(trail),
        device: None,
    };
    let mut tx = s.store.begin().await?;
    range::save_result(&mut tx, r.id, &found, s.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// "ping ok", "SNMP v2c «public»: timeout": one line for each step.
fn steps(trail: &Trail) -> Vec<String> {
    let text = trail.to_string();
    let said = text.strip_prefix(&format!("{}: ", trail.address)).unwrap_or(&text);
    said.split("; ").map(str::to_owned).collect()
}
