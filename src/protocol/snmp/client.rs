//! The client that callers hold: a cheap handle to the workers.
//!
//! It never opens a socket per device and never blocks the caller's thread. Dropping the last handle ends the workers;
//! dropping a future abandons its job before the next request is sent.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::codec::EncodeError;
use super::engine::{Command, GetJob, Job, Shared, SweepProgress, SweepState, WalkJob, Worker, fits};
use super::result::{Operation, Reason, Reply, SnmpError, Stats, SweepHit, Walk};
use super::target::{ClientConfig, SweepOptions, Target, WalkOptions};
use super::usm::{Claims, EngineClash};
use super::{Credential, Oid, Version};

#[derive(Debug, thiserror::Error)]
#[error(
    "cannot open the SNMP client's sockets: {0} (the configured local address must exist, and the limit of open files must allow it)"
)]
pub struct StartError(#[from] io::Error);

/// A handle to the SNMP engine. Clones share it.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    workers: Vec<(Arc<Shared>, Option<JoinHandle<()>>)>,
    has_v4: bool,
    has_v6: bool,
    next_sweep: AtomicUsize,
    claims: Arc<Claims>,
    start: Instant,
}

impl Client {
    /// Opens the sockets and starts the workers.
    pub fn start(config: ClientConfig) -> Result<Self, StartError> {
        let count = config.workers.max(1);
        let share = if config.packets_per_second == 0 { 0 } else { (config.packets_per_second / count as u32).max(1) };
        let seed = match config.seed {
            Some(s) => s,
            None => random_seed()?,
        };
        let mut inner = Inner {
            workers: Vec::new(),
            has_v4: true,
            has_v6: true,
            next_sweep: AtomicUsize::new(0),
            claims: Arc::default(),
            start: Instant::now(),
        };
        for i in 0..count {
            let seed = seed.wrapping_add((i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let (worker, shared) = Worker::open(&config, share, seed, inner.claims.clone())?;
            inner.has_v4 &= worker.has_v4();
            inner.has_v6 &= worker.has_v6();
            let thread = std::thread::Builder::new().name(format!("snmp-{i}")).spawn(move || worker.run())?;
            inner.workers.push((shared, Some(thread)));
        }
        Ok(Client { inner: Arc::new(inner) })
    }

    /// The values of these names. Any number of them; `Err` only when not a single one could be had.
    pub async fn get(&self, target: &Target, oids: &[Oid]) -> Result<Reply, SnmpError> {
        if oids.is_empty() {
            return Ok(Reply::default());
        }
        let error = |reason| SnmpError { operation: Operation::Get, target: target.addr, reason };
        self.check(target).map_err(error)?;
        let worker = self.worker(&target.addr);
        let (promise, pending) = worker.promise();
        let job = GetJob::new(target, oids, promise).map_err(|e| error(Reason::Request(e)))?;
        worker.send(Command::Job(Job::Get(job)));
        pending.await.ok_or_else(|| error(Reason::Closed))?.into_result()
    }

    /// Everything below these names: columns of tables or whole subtrees, read side by side. `Err` only when nothing was
    /// read and no subtree is known to be empty; otherwise each `Column` says how it ended.
    pub async fn walk(&self, target: &Target, roots: &[Oid], options: &WalkOptions) -> Result<Walk, SnmpError> {
        if roots.is_empty() {
            return Ok(Walk::default());
        }
        let error = |reason| SnmpError { operation: Operation::Walk, target: target.addr, reason };
        self.check(target).map_err(error)?;
        let worker = self.worker(&target.addr);
        let (promise, pending) = worker.promise();
        let job = WalkJob::new(target, roots, options, promise).map_err(|e| error(Reason::Request(e)))?;
        worker.send(Command::Job(Job::Walk(job)));
        pending.await.ok_or_else(|| error(Reason::Closed))?.into_result(roots)
    }

    /// Asks every address for its system group, paced, many at once. The iterator is read by the worker as room allows;
    /// it must not block. The stream ends when all are done; dropping it ends the sweep.
    pub fn sweep<I>(&self, addresses: I, options: SweepOptions) -> Result<Sweep, EncodeError>
    where
        I: IntoIterator<Item = IpAddr>,
        I::IntoIter: Send + 'static,
    {
        usable(&options.credential, options.version)?;
        let (tx, hits) = mpsc::unbounded_channel();
        let progress = Arc::new(SweepProgress::default());
        let state = SweepState::new(Box::new(addresses.into_iter()), options, tx, progress.clone())?;
        let turn = self.inner.next_sweep.fetch_add(1, Relaxed) % self.inner.workers.len();
        self.inner.workers[turn].0.send(Command::Sweep(Box::new(state)));
        Ok(Sweep { hits, progress, _client: self.clone() })
    }

    /// Drops what was learned of a device: round-trip time and quirks.
    pub fn forget(&self, addr: SocketAddr) {
        self.worker(&addr).send(Command::Forget(addr));
    }
    /// Counters of all workers.
    pub fn stats(&self) -> Stats {
        self.inner.workers.iter().fold(Stats::default(), |a, w| a + w.0.stats())
    }

    /// Devices that share an SNMPv3 engine id and should not.
    pub fn engine_clashes(&self) -> Vec<EngineClash> {
        self.inner.claims.clashes(self.inner.start.elapsed().as_micros() as u64)
    }

    fn check(&self, target: &Target) -> Result<(), Reason> {
        match target.addr {
            SocketAddr::V4(_) if !self.inner.has_v4 => return Err(Reason::NoSocket("IPv4")),
            SocketAddr::V6(_) if !self.inner.has_v6 => return Err(Reason::NoSocket("IPv6")),
            _ => {}
        }
        usable(&target.credential, target.version).map_err(Reason::Request)
    }
    /// A device always belongs to the same worker, which knows it.
    fn worker(&self, addr: &SocketAddr) -> &Shared {
        let n = self.inner.workers.len();
        let hash = match addr.ip() {
            IpAddr::V4(a) => u32::from(a),
            IpAddr::V6(a) => (u128::from(a) ^ (u128::from(a) >> 64)) as u32,
        };
        &self.inner.workers[(hash.wrapping_mul(0x9E37_79B9) >> 16) as usize % n].0
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("workers", &self.inner.workers.len()).field("stats", &self.stats()).finish()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        for (shared, _) in &self.workers {
            shared.send(Command::Shutdown);
        }
        let me = std::thread::current().id();
        for (_, thread) in &mut self.workers {
            // The last handle may die inside a sweep's iterator, which is the worker's own thread.
            if let Some(thread) = thread.take().filter(|t| t.thread().id() != me) {
                let _ = thread.join();
            }
        }
    }
}

/// A running sweep: a stream of the addresses that showed a sign of life.
#[derive(Debug)]
pub struct Sweep {
    hits: mpsc::UnboundedReceiver<SweepHit>,
    progress: Arc<SweepProgress>,
    /// The workers live while the sweep does.
    _client: Client,
}

impl Sweep {
    pub async fn next(&mut self) -> Option<SweepHit> {
        self.hits.recv().await
    }
    /// Addresses asked so far, and addresses done with.
    pub fn progress(&self) -> (u64, u64) {
        (self.progress.started.load(Relaxed), self.progress.finished.load(Relaxed))
    }
}
impl futures_util::Stream for Sweep {
    type Item = SweepHit;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<SweepHit>> {
        self.hits.poll_recv(cx)
    }
}

fn usable(credential: &Credential, version: Version) -> Result<(), EncodeError> {
    if !credential.fits(version) {
        return Err(EncodeError::Credential);
    }
    // Here, in the caller's time: the workers serve everybody.
    credential.prepare();
    fits(credential.overhead())
}

/// From the kernel.
fn random_seed() -> io::Result<u64> {
    let mut bytes = [0u8; 8];
    // SAFETY: eight live bytes.
    let n = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    if n == 8 { Ok(u64::from_ne_bytes(bytes)) } else { Err(io::Error::last_os_error()) }
}
