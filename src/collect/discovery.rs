//! Discovery: which of these addresses answer, by what, and who are they.
//!
//! Ping and the first credential go to every address at the same time, paced: hosts that drop pings are found too, and
//! a /16 takes the time of its timeouts, not their sum. Further credentials and IPP are tried only where something
//! lives. It never guesses passwords beyond the list it is given, never stores, and never scans what was not asked for.
//! Who answered is asked for its identity at once, so that the caller can match it to a device it knows.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::fetch::is_answer;
use super::probe::{Prober, absorb, system_snapshot};
use super::range::{RangeError, ScanRange, addresses};
use super::target::{Agent, Credential};
use super::trail::{Trail, Tried};
use crate::model::{DeviceKind, Facts, Millis, Outcome, ProbeClass, Reading, SiteId, Source, Subject};
use crate::protocol::icmp::Family;
use crate::protocol::snmp::{Reason, SweepHit, SweepOptions};

/// Most credentials one scan tries at an address: agents log and count failures.
pub const MAX_CREDENTIALS: usize = 8;
/// Hosts asked for their identity, and TCP connections opened, at the same time.
const IDENTITIES: usize = 128;
const CONNECTIONS: usize = 256;
/// Without ping, IPP is asked of every address of scans up to this size.
const BLIND_IPP: usize = 4_096;
const IDENTITY_BUDGET: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// What to scan and how.
#[derive(Debug, Clone)]
pub struct Scan {
    pub ranges: Vec<ScanRange>,
    pub port: u16,
    /// Tried in this order; the first that is answered is kept.
    pub credentials: Vec<Credential>,
    /// `None`: IPP is not asked.
    pub ipp_port: Option<u16>,
    /// Report hosts that answer nothing but a ping.
    pub ping_only: bool,
    /// SNMP, per attempt.
    pub timeout: Duration,
    pub retries: u8,
}

impl Scan {
    pub fn new(ranges: Vec<ScanRange>, credentials: Vec<Credential>) -> Self {
        Scan {
            ranges,
            port: super::SNMP_PORT,
            credentials,
            ipp_port: Some(super::IPP_PORT),
            ping_only: false,
            timeout: Duration::from_secs(1),
            retries: 1,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    #[error(transparent)]
    Range(#[from] RangeError),
    #[error(
        "{0} credentials are too many for one scan, at most {MAX_CREDENTIALS}: agents log and count failed attempts"
    )]
    TooManyCredentials(usize),
    #[error("nothing to scan: no range given")]
    NoRange,
    #[error("credential {0}: {1}")]
    Credential(String, crate::protocol::snmp::EncodeError),
}

/// News of a running scan.
#[derive(Debug)]
pub enum DiscoveryEvent {
    Progress(DiscoveryProgress),
    Found(Box<Found>),
    /// Something lives there, but nothing we can talk to: which step failed.
    Unidentified(Trail),
    /// What limits this scan, for people; said once.
    Note(String),
}

/// How far a scan is. `total` addresses times the credentials of the ladder at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiscoveryProgress {
    pub total: u64,
    pub pinged: u64,
    pub alive: u64,
    /// The rung of the credential ladder, from 1, and how many addresses it is done with.
    pub rung: u64,
    pub rungs: u64,
    pub asked: u64,
    pub rung_total: u64,
    pub found: u64,
}

/// Somebody who answered.
#[derive(Debug, Clone)]
pub struct Found {
    pub address: IpAddr,
    pub port: u16,
    pub ping_ms: Option<f64>,
    /// The credential that was answered.
    pub credential: Option<Credential>,
    /// URI of its IPP service.
    pub ipp: Option<String>,
    /// Identity: system group, kind, vendor, model, serial, addresses.
    pub facts: Facts,
    pub trail: Trail,
}

impl Found {
    /// As a Reading, for the engine to match or create the device.
    pub fn reading(&self, site: SiteId, range: Option<i64>, poller: &str, at: Millis) -> Reading {
        let credential = self.credential.as_ref();
        let ms = |t: &Tried| if let Tried::Ok { ms } = t { Some(*ms) } else { None };
        let rtt_ms = self.trail.snmp.iter().map(|(_, t)| t).chain(&self.trail.ipp).find_map(ms);
        let outcome = match (rtt_ms, self.ping_ms) {
            (Some(rtt_ms), _) => Outcome::Answered { rtt_ms },
            (None, Some(rtt_ms)) => Outcome::PingOnly { rtt_ms },
            (None, None) => Outcome::Silent,
        };
        Reading {
            subject: Subject::Discovered {
                site: site.0,
                credential: credential.and_then(|c| c.id).map(|id| id.0),
                range,
            },
            address: self.address,
            port: self.port,
            poller: poller.to_owned(),
            at,
            class: ProbeClass::Inventory,
            source: if credential.is_some() {
                Source::Snmp
            } else if self.ipp.is_some() {
                Source::Ipp
            } else {
                Source::Icmp
            },
            outcome,
            facts: self.facts.clone(),
        }
    }
}

/// Runs a scan to its end or until `stop`; says how far it came.
pub async fn discover(
    prober: &Prober,
    scan: &Scan,
    out: mpsc::Sender<DiscoveryEvent>,
    stop: CancellationToken,
) -> Result<DiscoveryProgress, DiscoveryError> {
    if scan.ranges.is_empty() {
        return Err(DiscoveryError::NoRange);
    }
    if scan.credentials.len() > MAX_CREDENTIALS {
        return Err(DiscoveryError::TooManyCredentials(scan.credentials.len()));
    }
    let run = Arc::new(Run::new(prober.clone(), scan.clone(), addresses(&scan.ranges)?, out));
    let result = tokio::select! {
        () = stop.cancelled() => Ok(()),
        () = run.out.closed() => Ok(()),
        result = run.clone().work() => result,
    };
    run.send(DiscoveryEvent::Progress(run.progress())).await;
    result.map(|()| run.progress())
}

/// One scan under way; its parts run side by side on this.
struct Run {
    prober: Prober,
    scan: Scan,
    addresses: Vec<IpAddr>,
    out: mpsc::Sender<DiscoveryEvent>,
    seen: Mutex<Seen>,
    /// Ping can be sent at all.
    can_ping: AtomicBool,
    pings_done: CancellationToken,
    first_rung_done: CancellationToken,
    ladder_done: CancellationToken,
    pinged: AtomicU64,
    rung: AtomicU64,
    asked: AtomicU64,
    rung_total: AtomicU64,
    found: AtomicU64,
}

/// What is known of the addresses so far; only of those that showed a sign of life.
#[derive(Default)]
struct Seen {
    ping_ms: HashMap<IpAddr, f64>,
    /// Answered SNMP.
    snmp: HashSet<IpAddr>,
    /// Alive, but nothing listens on the SNMP port: no further credential can help.
    refused: HashSet<IpAddr>,
    /// Speaks SNMPv3 but does not let us in: which credential, and which step failed.
    locked: HashMap<IpAddr, Vec<(usize, String)>>,
    ipp: HashMap<IpAddr, Tried>,
    reported: HashSet<IpAddr>,
}

/// An SNMP answer to follow up.
struct Hit {
    rung: usize,
    hit: SweepHit,
}

impl Run {
    fn new(prober: Prober, scan: Scan, addresses: Vec<IpAddr>, out: mpsc::Sender<DiscoveryEvent>) -> Self {
        Run {
            prober,
            scan,
            addresses,
            out,
            seen: Mutex::default(),
            can_ping: AtomicBool::new(false),
            pings_done: CancellationToken::new(),
            first_rung_done: CancellationToken::new(),
            ladder_done: CancellationToken::new(),
            pinged: AtomicU64::new(0),
            rung: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            rung_total: AtomicU64::new(0),
            found: AtomicU64::new(0),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
    async fn send(&self, event: DiscoveryEvent) {
        // Nobody listens any more: `discover` notices by itself.
        let _ = self.out.send(event).await;
    }

    /// Each part is a task of its own, so that decoding what was found does not hold up the sweep; all end with this.
    async fn work(self: Arc<Self>) -> Result<(), DiscoveryError> {
        let (hits, follow) = mpsc::unbounded_channel();
        let (pings, ladder, ipp, identities) = (self.clone(), self.clone(), self.clone(), self.clone());
        let all = async {
            let (_, ladder, _, _) = tokio::join!(
                task(async move { pings.pings().await }),
                task(async move { ladder.ladder(hits).await }),
                task(async move { ipp.ipp().await }),
                task(async move { identities.identities(follow).await }),
            );
            // A task that broke off was a panic, which Tokio has reported.
            ladder.unwrap_or(Ok(()))
        };
        let mut tick = tokio::time::interval(PROGRESS_EVERY);
        tokio::pin!(all);
        let result = loop {
            tokio::select! {
                result = &mut all => break result,
                _ = tick.tick() => self.send(DiscoveryEvent::Progress(self.progress())).await,
            }
        };
        self.leftovers().await;
        result
    }

    /// Pings every address whose family can be pinged.
    async fn pings(&self) {
        let _done = self.pings_done.clone().drop_guard();
        let Some(icmp) = self.prober.icmp() else { return };
        let mut can = [true, true];
        for (i, v6) in [false, true].into_iter().enumerate() {
            if !self.addresses.iter().any(|a| a.is_ipv6() == v6) {
                continue;
            }
            if let Err(e) = icmp.status(if v6 { Family::V6 } else { Family::V4 }) {
                can[i] = false;
                self.send(DiscoveryEvent::Note(e.to_string())).await;
            }
        }
        self.can_ping.store(can.iter().any(|c| *c), Relaxed);
        let hosts: Vec<IpAddr> = self.addresses.iter().copied().filter(|a| can[usize::from(a.is_ipv6())]).collect();
        let mut answers = std::pin::pin!(icmp.sweep(hosts));
        let all = async {
            while let Some((address, answer)) = answers.next().await {
                self.pinged.fetch_add(1, Relaxed);
                if let Ok(rtt) = answer {
                    self.seen().ping_ms.insert(address, ms(rtt));
                }
            }
        };
        // Thousands of echoes in one task: with Tokio's budget of operations, each turn would poll all of them again for
        // the progress of a few.
        tokio::task::unconstrained(all).await;
    }

    /// The credential ladder: the first rung for every address, the others where something lives and has not answered.
    async fn ladder(&self, hits: mpsc::UnboundedSender<Hit>) -> Result<(), DiscoveryError> {
        let _done = self.ladder_done.clone().drop_guard();
        let first = self.first_rung_done.clone().drop_guard();
        let mut first = Some(first);
        for (rung, credential) in self.scan.credentials.iter().enumerate() {
            let candidates = if rung == 0 {
                self.addresses.clone()
            } else {
                self.pings_done.cancelled().await;
                self.unanswered()
            };
            self.rung(rung, credential, candidates, &hits).await?;
            drop(first.take());
        }
        Ok(())
    }

    /// Alive as far as we can tell, and without an SNMP answer so far.
    fn unanswered(&self) -> Vec<IpAddr> {
        let seen = self.seen();
        let blind = !self.can_ping.load(Relaxed);
        self.addresses
            .iter()
            .copied()
            .filter(|a| blind || seen.ping_ms.contains_key(a) || seen.locked.contains_key(a))
            .filter(|a| !seen.snmp.contains(a) && !seen.refused.contains(a))
            .collect()
    }

    async fn rung(
        &self,
        rung: usize,
        credential: &Credential,
        candidates: Vec<IpAddr>,
        hits: &mpsc::UnboundedSender<Hit>,
    ) -> Result<(), DiscoveryError> {
        let options = SweepOptions {
            port: self.scan.port,
            version: credential.version,
            credential: credential.secret.clone(),
            timeout: self.scan.timeout,
            retries: self.scan.retries,
            report_refused: true,
            ..SweepOptions::v2c("")
        };
        self.rung.store(rung as u64 + 1, Relaxed);
        self.asked.store(0, Relaxed);
        self.rung_total.store(candidates.len() as u64, Relaxed);
        let snmp = self.prober.snmp();
        let bad = |e| DiscoveryError::Credential(credential.to_string(), e);
        let mut sweep = snmp.sweep(candidates, options).map_err(bad)?;
        let mut tick = tokio::time::interval(PROGRESS_EVERY);
        loop {
            let hit = tokio::select! {
                hit = sweep.next() => hit,
                _ = tick.tick() => {
                    self.asked.store(sweep.progress().1, Relaxed);
                    continue;
                }
            };
            let Some(hit) = hit else { break };
            let address = hit.addr.ip();
            match &hit.result {
                Err(Reason::Refused) => drop(self.seen().refused.insert(address)),
                Err(reason @ Reason::Security(_)) => {
                    self.seen().locked.entry(address).or_default().push((rung, reason.to_string()));
                }
                Err(reason) if !is_answer(reason) => {}
                _ => {
                    if self.seen().snmp.insert(address) {
                        let _ = hits.send(Hit { rung, hit });
                    }
                }
            }
        }
        self.asked.store(self.rung_total.load(Relaxed), Relaxed);
        Ok(())
    }

    /// IPP where something lives that did not answer the first credential.
    async fn ipp(&self) {
        let Some(port) = self.scan.ipp_port.filter(|_| self.prober.ipp().is_some()) else { return };
        self.pings_done.cancelled().await;
        self.first_rung_done.cancelled().await;
        let blind = !self.can_ping.load(Relaxed);
        if blind && self.addresses.len() > BLIND_IPP {
            let note = format!(
                "without ping, IPP is asked only of hosts that answer something else: {} addresses are too many to try all",
                self.addresses.len()
            );
            self.send(DiscoveryEvent::Note(note)).await;
        }
        let candidates: Vec<IpAddr> = {
            let seen = self.seen();
            let all = blind && self.addresses.len() <= BLIND_IPP;
            let alive = |a: &IpAddr| all || seen.ping_ms.contains_key(a) || seen.refused.contains(a);
            self.addresses.iter().copied().filter(|a| alive(a) && !seen.snmp.contains(a)).collect()
        };
        stream::iter(candidates)
            .for_each_concurrent(CONNECTIONS, |address| async move {
                let (tried, facts) = self.ask_ipp(address, port).await;
                self.seen().ipp.insert(address, tried);
                if let Some((uri, facts)) = facts {
                    // It may answer a later credential: then it is reported with both.
                    self.ladder_done.cancelled().await;
                    if !self.seen().snmp.contains(&address) {
                        self.report(address, None, Some(uri), facts).await;
                    }
                }
            })
            .await;
    }

    /// A bare connection first: most hosts have no IPP, and say so at once.
    async fn ask_ipp(&self, address: IpAddr, port: u16) -> (Tried, Option<(String, Facts)>) {
        let connect = tokio::net::TcpStream::connect(SocketAddr::new(address, port));
        match tokio::time::timeout(CONNECT_TIMEOUT, connect).await {
            Err(_) => return (Tried::Timeout, None),
            Ok(Err(e)) if e.kind() == std::io::ErrorKind::ConnectionRefused => return (Tried::Refused, None),
            Ok(Err(e)) => return (Tried::Failed(e.kind().to_string()), None),
            Ok(Ok(_)) => {}
        }
        let started = tokio::time::Instant::now();
        match self.prober.ask_ipp(address, port).await {
            Ok((uri, facts)) => (Tried::Ok { ms: ms(started.elapsed()) }, Some((uri, facts))),
            Err(e) => (Tried::Failed(e.to_string()), None),
        }
    }

    /// Asks who answered SNMP for its identity; printers for IPP too.
    async fn identities(self: Arc<Self>, hits: mpsc::UnboundedReceiver<Hit>) {
        let hits = stream::unfold(hits, async |mut hits| Some((hits.recv().await?, hits)));
        let follow = |hit| {
            let run = self.clone();
            async move { drop(task(async move { run.identity(hit).await }).await) }
        };
        hits.for_each_concurrent(IDENTITIES, follow).await;
    }

    async fn identity(&self, Hit { rung, hit }: Hit) {
        let address = hit.addr.ip();
        let credential = &self.scan.credentials[rung];
        let classes = [ProbeClass::Reachability, ProbeClass::Inventory];
        let mut facts = match &hit.result {
            Ok(group) => self.prober.knowledge().decode(&system_snapshot(group), &classes),
            Err(reason) => Facts { notes: vec![reason.to_string()], ..Facts::default() },
        };
        let agent = Agent {
            address,
            port: self.scan.port,
            credential: Some(credential.clone()),
            ipp_port: None,
            known: facts.clone(),
        };
        absorb(&mut facts, self.prober.round(&agent, &classes, IDENTITY_BUDGET).await.facts());
        let mut uri = None;
        let may_print = matches!(facts.kind, None | Some(DeviceKind::Printer));
        if let Some(port) = self.scan.ipp_port.filter(|_| may_print && self.prober.ipp().is_some()) {
            let (tried, answer) = self.ask_ipp(address, port).await;
            self.seen().ipp.insert(address, tried);
            if let Some((at, more)) = answer {
                uri = Some(at);
                super::merge::complete(&mut facts, more);
            }
        }
        // The pings may still be under way: theirs belongs to the report.
        self.pings_done.cancelled().await;
        self.report(address, Some((rung, ms(hit.rtt))), uri, facts).await;
    }

    async fn report(&self, address: IpAddr, snmp: Option<(usize, f64)>, ipp: Option<String>, facts: Facts) {
        let found = {
            let mut seen = self.seen();
            if !seen.reported.insert(address) {
                return;
            }
            Found {
                address,
                port: self.scan.port,
                ping_ms: seen.ping_ms.get(&address).copied(),
                credential: snmp.map(|(rung, _)| self.scan.credentials[rung].clone()),
                ipp,
                facts,
                trail: self.trail(&seen, address, snmp),
            }
        };
        self.found.fetch_add(1, Relaxed);
        self.send(DiscoveryEvent::Found(Box::new(found))).await;
    }

    /// Hosts that live but say nothing we understand.
    async fn leftovers(&self) {
        let alive: Vec<IpAddr> = {
            let seen = self.seen();
            let alive = |a: &&IpAddr| {
                seen.ping_ms.contains_key(*a) || seen.refused.contains(*a) || seen.locked.contains_key(*a)
            };
            self.addresses.iter().filter(|a| alive(a) && !seen.reported.contains(*a)).copied().collect()
        };
        for address in alive {
            if self.scan.ping_only {
                self.report(address, None, None, Facts::default()).await;
            } else if !address.is_loopback() || self.seen().locked.contains_key(&address) {
                // Every address of 127/8 answers a ping: there it says nothing.
                let trail = self.trail(&self.seen(), address, None);
                self.send(DiscoveryEvent::Unidentified(trail)).await;
            }
        }
    }

    fn trail(&self, seen: &Seen, address: IpAddr, snmp: Option<(usize, f64)>) -> Trail {
        let ping = match seen.ping_ms.get(&address) {
            Some(ms) => Tried::Ok { ms: *ms },
            None if !self.can_ping.load(Relaxed) => Tried::Unavailable,
            None => Tried::Timeout,
        };
        let refused = seen.refused.contains(&address);
        let (last, rtt) = match snmp {
            Some((rung, rtt)) => (rung, Some(rtt)),
            None => (if refused { 0 } else { self.scan.credentials.len().saturating_sub(1) }, None),
        };
        let failed = |i: usize| {
            let steps = seen.locked.get(&address)?;
            steps.iter().find(|(rung, _)| *rung == i).map(|(_, why)| why.clone())
        };
        let step = |(i, c): (usize, &Credential)| {
            let tried = match rtt.filter(|_| i == last) {
                Some(ms) => Tried::Ok { ms },
                None if refused => Tried::Refused,
                None if failed(i).is_some() => Tried::Failed(failed(i).unwrap_or_default()),
                None => Tried::Timeout,
            };
            (c.to_string(), tried)
        };
        let snmp = self.scan.credentials.iter().enumerate().take(last + 1).map(step).collect();
        Trail { address, ping: Some(ping), snmp, ipp: seen.ipp.get(&address).cloned() }
    }

    fn progress(&self) -> DiscoveryProgress {
        DiscoveryProgress {
            total: self.addresses.len() as u64,
            pinged: self.pinged.load(Relaxed),
            alive: self.seen().ping_ms.len() as u64,
            rung: self.rung.load(Relaxed),
            rungs: self.scan.credentials.len() as u64,
            asked: self.asked.load(Relaxed),
            rung_total: self.rung_total.load(Relaxed),
            found: self.found.load(Relaxed),
        }
    }
}

/// Runs beside its caller and ends with it.
fn task<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> AbortOnDropHandle<T> {
    AbortOnDropHandle::new(tokio::spawn(work))
}

fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}
