//! The shell of the engine: a thread that owns a pair of sockets, moves datagrams between them and `Core`, and sleeps in
//! between. Commands come through a queue; results leave through the channels inside the jobs.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use super::super::result::Stats;
use super::super::target::ClientConfig;
use super::super::usm::Claims;
use super::core::Core;
use super::counters::Counters;
use super::job::Job;
use super::mailbox::{Deferred, Outbox, Pending, Promise, promise};
use super::socket::{BATCH, Flush, ReceiveBatch, SendBatch, Udp};
use super::sweep::SweepState;

/// Microseconds that wakers may lie in the outbox.
const PATIENCE: u64 = 500;

pub enum Command {
    Job(Job),
    Sweep(Box<SweepState>),
    Forget(SocketAddr),
    Shutdown,
}

/// What a worker shares with its client.
pub struct Shared {
    commands: Mutex<Vec<Command>>,
    /// The worker is about to sleep, or asleep: wake it.
    sleeping: AtomicBool,
    wake: OwnedFd,
    counters: Arc<Counters>,
    outbox: Arc<Outbox>,
}

impl Shared {
    fn new() -> io::Result<Self> {
        // SAFETY: no pointers; the result is checked, and owned by nobody else.
        let wake = unsafe {
            match libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) {
                -1 => return Err(io::Error::last_os_error()),
                fd => OwnedFd::from_raw_fd(fd),
            }
        };
        let commands = Mutex::new(Vec::new());
        Ok(Shared {
            commands,
            sleeping: AtomicBool::new(false),
            wake,
            counters: Arc::default(),
            outbox: Arc::default(),
        })
    }
    /// A cell for the result of a job that will be sent here.
    pub fn promise<T>(&self) -> (Promise<T>, Pending<T>) {
        promise(self.outbox.clone())
    }
    pub fn send(&self, command: Command) {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).push(command);
        if self.sleeping.swap(false, SeqCst) {
            let one = 1u64.to_ne_bytes();
            // SAFETY: eight live bytes; a full counter means that it is awake already.
            unsafe { libc::write(self.wake.as_raw_fd(), one.as_ptr().cast(), 8) };
        }
    }
    pub fn stats(&self) -> Stats {
        self.counters.read()
    }
    fn take(&self, into: &mut Vec<Command>) {
        std::mem::swap(&mut *self.commands.lock().unwrap_or_else(PoisonError::into_inner), into);
    }
    fn has_commands(&self) -> bool {
        !self.commands.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

pub struct Worker {
    shared: Arc<Shared>,
    core: Core,
    v4: Option<Udp>,
    v6: Option<Udp>,
    send: SendBatch,
    receive: ReceiveBatch,
    blocked: bool,
    /// Since when wakers lie in the outbox.
    posted: u64,
    start: Instant,
    now: u64,
    error_buffer: Vec<u8>,
}

/// What `poll` said.
#[derive(Default, Clone, Copy)]
struct Events {
    v4: i16,
    v6: i16,
}

impl Worker {
    /// Opens the sockets. A family that the kernel does not have is left out; no family at all is an error.
    pub fn open(
        config: &ClientConfig,
        packets_per_second: u32,
        seed: u64,
        claims: Arc<Claims>,
    ) -> io::Result<(Self, Arc<Shared>)> {
        let shared = Arc::new(Shared::new()?);
        let open = |addr: SocketAddr| match Udp::bind(addr, config.receive_buffer) {
            Ok(udp) => Ok(Some(udp)),
            Err(e) if matches!(e.raw_os_error(), Some(libc::EAFNOSUPPORT | libc::EADDRNOTAVAIL)) => Ok(None),
            Err(e) => Err(e),
        };
        let v4 = config.bind_v4.map(|a| open((a, 0).into())).transpose()?.flatten();
        let v6 = config.bind_v6.map(|a| open((a, 0).into())).transpose()?.flatten();
        if v4.is_none() && v6.is_none() {
            return Err(io::ErrorKind::AddrNotAvailable.into());
        }
        let worker = Worker {
            shared: shared.clone(),
            core: Core::new(config.clone(), packets_per_second, seed, shared.counters.clone(), claims),
            v4,
            v6,
            send: SendBatch::new(),
            receive: ReceiveBatch::new(),
            blocked: false,
            posted: 0,
            start: Instant::now(),
            now: 0,
            error_buffer: Vec::new(),
        };
        Ok((worker, shared))
    }
    pub fn has_v4(&self) -> bool {
        self.v4.is_some()
    }
    pub fn has_v6(&self) -> bool {
        self.v6.is_some()
    }

    /// Until `Shutdown`.
    pub fn run(self) {
        // Outlives the jobs, so that whoever still waits learns of the end.
        let _deferred = Deferred::start(self.shared.outbox.clone());
        self.rounds();
    }
    fn rounds(mut self) {
        let mut commands = Vec::new();
        loop {
            self.now = self.start.elapsed().as_micros() as u64;
            self.shared.take(&mut commands);
            for command in commands.drain(..) {
                match command {
                    Command::Job(job) => self.core.submit(job, self.now),
                    Command::Sweep(sweep) => self.core.submit_sweep(*sweep),
                    Command::Forget(addr) => self.core.forget(&addr),
                    Command::Shutdown => return,
                }
            }
            self.core.tick(self.now);
            let more = self.send_some();
            self.publish();
            self.post();
            let events = self.wait(more);
            self.now = self.start.elapsed().as_micros() as u64;
            self.receive_some(events);
        }
    }
    fn publish(&self) {
        let drops = [&self.v4, &self.v6].into_iter().flatten().map(|u| u64::from(u.drops)).sum();
        self.shared.counters.drops.store(drops, Relaxed);
        self.core.publish();
    }

    /// Tells the callers. Wakers that nobody took for a while are woken from here.
    fn post(&mut self) {
        let outbox = &self.shared.outbox;
        if !outbox.is_full() {
            self.posted = self.now;
        } else if self.now >= self.posted + PATIENCE {
            outbox.flush();
        }
        Deferred::post(outbox);
    }

    /// A batch at most, so that reading gets its turn. True when there may be more to send at once.
    fn send_some(&mut self) -> bool {
        while !self.blocked && !self.send.is_full() {
            let Some(out) = self.core.next_send(self.now, self.send.writer()) else { break };
            self.send.push(out.addr, out.id);
        }
        if self.send.is_empty() {
            return false;
        }
        let full = self.send.is_full();
        let mut failures = Vec::new();
        let (core, buffer, now) = (&mut self.core, &mut self.error_buffer, self.now);
        let flush = self.send.flush(
            self.v4.as_ref(),
            self.v6.as_ref(),
            |id, reason| failures.push((id, reason)),
            |udp| drain_errors(udp, core, buffer, now),
        );
        for (id, reason) in failures {
            self.core.send_failed(id, &reason, self.now);
        }
        self.blocked = flush == Flush::Blocked;
        full && !self.blocked
    }

    /// Sleeps until something arrives, a command comes, or it is time.
    fn wait(&mut self, more: bool) -> Events {
        let fd = |u: &Option<Udp>| u.as_ref().map_or(-1, Udp::fd); // poll ignores negative descriptors
        let want = libc::POLLIN | if self.blocked { libc::POLLOUT } else { 0 };
        let mut fds = [
            libc::pollfd { fd: self.shared.wake.as_raw_fd(), events: libc::POLLIN, revents: 0 },
            libc::pollfd { fd: fd(&self.v4), events: want, revents: 0 },
            libc::pollfd { fd: fd(&self.v6), events: want, revents: 0 },
        ];
        self.shared.sleeping.store(true, SeqCst);
        let until = match more || self.shared.has_commands() {
            true => Some(0),
            false if self.blocked => Some(1_000),
            false => self.core.next_wakeup(self.now).map(|t| t.saturating_sub(self.now)),
        };
        let until = if self.shared.outbox.is_full() { Some(until.unwrap_or(PATIENCE).min(PATIENCE)) } else { until };
        let timeout = until.map(|us| libc::timespec {
            tv_sec: (us / 1_000_000) as libc::time_t,
            tv_nsec: (us % 1_000_000 * 1_000) as libc::c_long,
        });
        let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: three live descriptors, and a timeout that is null or live.
        let n = unsafe { libc::ppoll(fds.as_mut_ptr(), 3, timeout, std::ptr::null()) };
        self.shared.sleeping.store(false, SeqCst);
        if n <= 0 {
            return Events::default();
        }
        if fds[0].revents != 0 {
            let mut count = [0u8; 8];
            // SAFETY: eight live bytes.
            unsafe { libc::read(self.shared.wake.as_raw_fd(), count.as_mut_ptr().cast(), 8) };
        }
        if (fds[1].revents | fds[2].revents) & libc::POLLOUT != 0 {
            self.blocked = false;
        }
        Events { v4: fds[1].revents, v6: fds[2].revents }
    }

    fn receive_some(&mut self, events: Events) {
        for (udp, events) in [(&mut self.v4, events.v4), (&mut self.v6, events.v6)] {
            let Some(udp) = udp else { continue };
            if events & libc::POLLERR != 0 {
                drain_errors(udp, &mut self.core, &mut self.error_buffer, self.now);
            }
            if events & libc::POLLIN == 0 {
                continue;
            }
            // A few batches at most, so that sending and timers get their turn.
            for _ in 0..4 {
                let Ok(n) = self.receive.receive(udp) else {
                    // Nothing left, or an error that the error queue explains.
                    drain_errors(udp, &mut self.core, &mut self.error_buffer, self.now);
                    break;
                };
                for (from, bytes) in self.receive.iter() {
                    self.core.datagram(from, bytes, self.now);
                }
                if n < BATCH {
                    break;
                }
            }
        }
    }
}

fn drain_errors(udp: &Udp, core: &mut Core, buffer: &mut Vec<u8>, now: u64) {
    while let Some((addr, reason)) = udp.next_error(buffer) {
        core.unreachable(addr, buffer, &reason, now);
    }
}
