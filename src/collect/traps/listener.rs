//! The socket and its loop: receive, limit, decode, answer informs, find the device, make the poller look, tell the engine.
//!
//! It runs on a thread of its own and waits in the kernel, so a flood takes time from nobody's requests. It never waits for
//! the engine: what finds no place in the queue is counted and gone.

use std::collections::{HashMap, VecDeque};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::gather::{Gather, Gathered};
use super::limit::Limiter;
use super::look::Looks;
use super::read::read;
use super::secure::{NotTaken, Secure};
use crate::clock::Clock;
use crate::collect::poller::PollerHandle;
use crate::collect::target::PollTarget;
use crate::model::{DeviceId, Facts, Outcome, ProbeClass, Reading, Source, Subject, Trap};
use crate::profile::Knowledge;
use crate::protocol::snmp::trap::{self, Notification};
use crate::protocol::snmp::usm::User;
use crate::protocol::snmp::{Version, codec};

/// What the kernel keeps for us while we are busy.
const RECEIVE_BUFFER: usize = 4 << 20;
/// Longest wait in the kernel: how late a stop is noticed.
const WAIT: Duration = Duration::from_millis(200);
const HOUSEKEEPING_MS: u64 = 200;
/// Readings kept while the engine's queue is full.
const MAX_WAITING: usize = 256;
/// A stranger is told of once in this time, and so many are remembered.
const STRANGER_AGAIN_MS: u64 = 3_600_000;
const MAX_STRANGERS: usize = 1_024;

/// The port cannot be had. The rest of the program goes on without it.
#[derive(Debug, thiserror::Error)]
#[error("listening for SNMP traps on {address} failed: {source}{}", way_out(*.address, .source))]
pub struct TrapError {
    pub address: SocketAddr,
    pub source: io::Error,
}

fn way_out(address: SocketAddr, e: &io::Error) -> String {
    let other = SocketAddr::new(address.ip(), address.port().max(162) + 1_000);
    match e.kind() {
        ErrorKind::PermissionDenied => format!(
            ". Ports below 1024 need a right: `setcap cap_net_bind_service,cap_net_raw=+ep` on the program, \
             AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit, or another port ([traps] listen = \"{other}\")"
        ),
        ErrorKind::AddrInUse => format!(
            ". Another program (snmptrapd?) uses the port: stop it, or set [traps] listen = \"{other}\", or \"\" for no traps"
        ),
        _ => ". Set [traps] listen to an address of this machine, or to \"\" for no traps".to_owned(),
    }
}

/// What came of everything that was received.
#[derive(Debug, Default)]
pub struct TrapCounts {
    pub received: AtomicU64,
    pub malformed: AtomicU64,
    /// SNMPv3 that none of our users sent, or not now.
    pub refused: AtomicU64,
    /// Cut off by the limits, undecoded.
    pub limited: AtomicU64,
    /// From addresses nobody polls.
    pub strangers: AtomicU64,
    pub informs: AtomicU64,
    /// Looks at a device that were asked of the poller.
    pub looks: AtomicU64,
    /// No place in the queue or in the memory for equal ones.
    pub lost: AtomicU64,
}

impl TrapCounts {
    /// Name of the counter in `/metrics` and its value.
    pub fn list(&self) -> [(&'static str, u64); 8] {
        [
            ("received", &self.received),
            ("malformed", &self.malformed),
            ("refused", &self.refused),
            ("limited", &self.limited),
            ("strangers", &self.strangers),
            ("informs", &self.informs),
            ("looks", &self.looks),
            ("lost", &self.lost),
        ]
        .map(|(name, n)| (name, n.load(Relaxed)))
    }
}

/// An open port for traps.
#[derive(Debug)]
pub struct TrapSocket(UdpSocket);

impl TrapSocket {
    pub fn bind(address: SocketAddr) -> Result<Self, TrapError> {
        let open = || {
            let socket = UdpSocket::bind(address)?;
            // As much as the kernel allows; less is no failure.
            let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER);
            socket.set_read_timeout(Some(WAIT))?;
            Ok(socket)
        };
        open().map(TrapSocket).map_err(|source| TrapError { address, source })
    }
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// What a listener needs besides its socket.
pub struct Setup {
    pub knowledge: Arc<Knowledge>,
    pub looks: Looks,
    pub poller: PollerHandle,
    pub clock: Clock,
    /// Goes into each Reading.
    pub name: String,
    /// Opens SNMPv3.
    pub secure: Secure,
    /// Who may speak it.
    pub users: watch::Receiver<Vec<User>>,
}

/// Listens until it is told to stop.
pub struct TrapListener {
    socket: UdpSocket,
    setup: Setup,
    counts: Arc<TrapCounts>,
    started: Instant,
    limiter: Limiter,
    gather: Gather,
    devices: HashMap<IpAddr, Vec<DeviceId>>,
    /// When each was last told of.
    strangers: HashMap<IpAddr, u64>,
    waiting: VecDeque<Reading>,
}

impl TrapListener {
    pub fn new(socket: TrapSocket, mut setup: Setup) -> Self {
        let users = setup.users.borrow_and_update().clone();
        setup.secure.set_users(users);
        TrapListener {
            socket: socket.0,
            setup,
            counts: Arc::default(),
            started: Instant::now(),
            limiter: Limiter::new(0),
            gather: Gather::default(),
            devices: HashMap::new(),
            strangers: HashMap::new(),
            waiting: VecDeque::new(),
        }
    }

    pub fn counts(&self) -> Arc<TrapCounts> {
        self.counts.clone()
    }

    /// Blocks its thread until `stop`, or until nobody takes Readings any more.
    pub fn run(
        mut self,
        mut targets: watch::Receiver<Vec<PollTarget>>,
        readings: &mpsc::Sender<Reading>,
        stop: &CancellationToken,
    ) {
        let mut buffer = vec![0; trap_buffer()];
        let mut kept_house = 0;
        self.learn(&targets.borrow_and_update());
        while !stop.is_cancelled() && !readings.is_closed() {
            let received = self.socket.recv_from(&mut buffer);
            // The list may have changed while we waited.
            if targets.has_changed().unwrap_or(false) {
                self.learn(&targets.borrow_and_update());
            }
            if self.setup.users.has_changed().unwrap_or(false) {
                let users = self.setup.users.borrow_and_update().clone();
                self.setup.secure.set_users(users);
            }
            match received {
                Ok((n, from)) => self.datagram(&buffer[..n], from),
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
                // An answer to an inform met a closed port.
                Err(e) if e.kind() == ErrorKind::ConnectionRefused => {}
                Err(e) => {
                    tracing::warn!("receiving traps failed: {e}");
                    std::thread::sleep(WAIT);
                }
            }
            let now = self.now();
            if now.saturating_sub(kept_house) >= HOUSEKEEPING_MS {
                kept_house = now;
                self.keep_house(now);
            }
            self.pass_on(readings);
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn learn(&mut self, targets: &[PollTarget]) {
        self.devices.clear();
        for t in targets {
            self.devices.entry(t.agent.address.to_canonical()).or_default().push(t.device);
        }
        let devices = &self.devices;
        self.limiter.keep(|a| devices.contains_key(a));
        self.strangers.retain(|a, _| !devices.contains_key(a));
    }

    fn datagram(&mut self, bytes: &[u8], from: SocketAddr) {
        let count = |n: &AtomicU64| n.fetch_add(1, Relaxed);
        count(&self.counts.received);
        let (now, source) = (self.now(), from.ip().to_canonical());
        if !self.limiter.admit(source, self.devices.contains_key(&source), now) {
            count(&self.counts.limited);
            return;
        }
        let Some((notification, answer)) = self.open(bytes, from) else { return };
        if let Some(answer) = answer {
            count(&self.counts.informs);
            // Lost like any datagram: then it is sent again.
            let _ = self.socket.send_to(&answer, from);
        }
        let said = read(&self.setup.knowledge, &notification);
        match self.whose(source, &notification) {
            None => self.stranger(from, said, now),
            Some(devices) => self.of_device(&devices, from, said, now),
        }
    }

    /// The notification, and what its sender waits for.
    fn open(&mut self, bytes: &[u8], from: SocketAddr) -> Option<(Notification, Option<Vec<u8>>)> {
        let malformed = |e: String| {
            self.counts.malformed.fetch_add(1, Relaxed);
            tracing::debug!("a trap of {from} cannot be read: {e}");
        };
        if codec::peek(bytes).is_ok_and(|h| h.version == i32::from(Version::V3.number())) {
            let now = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
            return match self.setup.secure.open(bytes, now) {
                Ok(said) => Some((said.notification, said.answer)),
                Err(NotTaken::Malformed(e)) => {
                    malformed(e);
                    None
                }
                Err(NotTaken::Refused { why, report }) => {
                    self.counts.refused.fetch_add(1, Relaxed);
                    tracing::debug!("an SNMPv3 trap of {from} is not taken: {why}");
                    if let Some(report) = report {
                        let _ = self.socket.send_to(&report, from);
                    }
                    None
                }
            };
        }
        let notification = trap::decode(bytes).map_err(|e| malformed(e.to_string())).ok()?;
        let answer = if notification.confirmed { trap::answer(bytes) } else { None };
        Some((notification, answer))
    }

    /// Whose it is: somebody may carry it for a device of ours, else it is the sender's.
    fn whose(&self, source: IpAddr, n: &Notification) -> Option<Vec<DeviceId>> {
        let carried = n.agent_address.and_then(|a| self.devices.get(&IpAddr::V4(a)));
        carried.or_else(|| self.devices.get(&source)).cloned()
    }

    /// Devices of two branches with the same address: each is looked at, but whose history it belongs to nobody can tell.
    fn of_device(&mut self, devices: &[DeviceId], from: SocketAddr, said: Trap, now: u64) {
        let classes = self.setup.looks.of(&said.name);
        if !classes.is_empty() {
            for device in devices {
                self.setup.poller.look(*device, classes);
                self.counts.looks.fetch_add(1, Relaxed);
            }
        }
        let [device] = devices else { return };
        match self.gather.take(*device, said, now) {
            Gathered::Tell(said) => self.tell(Subject::Known { device: *device }, from, said),
            Gathered::Counted => {}
            Gathered::Full => _ = self.counts.lost.fetch_add(1, Relaxed),
        }
    }

    fn stranger(&mut self, from: SocketAddr, said: Trap, now: u64) {
        self.counts.strangers.fetch_add(1, Relaxed);
        let source = from.ip().to_canonical();
        let known = self.strangers.get(&source).is_some_and(|t| now.saturating_sub(*t) < STRANGER_AGAIN_MS);
        if known || self.strangers.len() >= MAX_STRANGERS {
            return;
        }
        self.strangers.insert(source, now);
        self.tell(Subject::Stranger, from, said);
    }

    fn tell(&mut self, subject: Subject, from: SocketAddr, trap: Trap) {
        if self.waiting.len() >= MAX_WAITING {
            self.counts.lost.fetch_add(1, Relaxed);
            return;
        }
        self.waiting.push_back(Reading {
            subject,
            address: from.ip().to_canonical(),
            port: from.port(),
            poller: self.setup.name.clone(),
            at: self.setup.clock.now(),
            class: ProbeClass::Status,
            source: Source::Snmp,
            outcome: Outcome::Spoke { trap },
            facts: Facts::default(),
        });
    }

    fn keep_house(&mut self, now: u64) {
        for (device, trap) in self.gather.due(now) {
            // The address only names the sender of the first one; the line is the device's.
            let from = SocketAddr::from(([0, 0, 0, 0], 0));
            self.tell(Subject::Known { device }, from, trap);
        }
        self.strangers.retain(|_, t| now.saturating_sub(*t) < STRANGER_AGAIN_MS);
        for (what, n) in self.counts.list() {
            metrics::counter!("anykey_traps_total", "result" => what).absolute(n);
        }
    }

    fn pass_on(&mut self, readings: &mpsc::Sender<Reading>) {
        while let Some(reading) = self.waiting.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(reading)) = readings.try_send(reading) {
                self.waiting.push_front(reading);
                return;
            }
        }
    }
}

/// Room for the largest datagram.
fn trap_buffer() -> usize {
    codec::MAX_DATAGRAM + 1
}
