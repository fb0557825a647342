//! Gives every agent its own address on real UDP, with the latency and the loss one asks for.
//!
//! One bound socket per address, so that replies come from the address asked and addresses without a device refuse.
//! Only loopback addresses are taken: simulated devices are never seen from outside. It decides nothing about answers.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use super::agent::{Agent, Counters};
use crate::protocol::snmp::codec::MAX_DATAGRAM;

/// How bad the way to the devices is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Network {
    /// Added to every answer.
    pub latency: Duration,
    /// Share of requests that get no answer, 0.0 to 1.0.
    pub loss: f64,
    /// The same seed and the same requests lose the same answers.
    pub seed: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0} is not a loopback address: simulated devices live in 127.0.0.0/8 or at ::1")]
    NotLoopback(SocketAddr),
    #[error("two devices want the address {0}; give each its own")]
    Twice(SocketAddr),
    #[error("{0} is taken by another program; stop it (another simulator?) or choose another port or network")]
    Taken(SocketAddr),
    #[error(
        "{needed} devices need as many open files and this process may have {allowed}; raise the limit (ulimit -n)"
    )]
    Files { needed: usize, allowed: u64 },
    #[error("binding {address} failed: {why}")]
    Bind { address: SocketAddr, why: io::Error },
}

/// Devices answering. Dropping it stops them.
pub struct Server {
    tasks: JoinSet<()>,
    addresses: Vec<SocketAddr>,
}

impl Server {
    /// Binds every address first, so either all devices answer or none. Port 0 takes any free one.
    pub async fn start(agents: Vec<(SocketAddr, Agent)>, network: Network) -> Result<Server, StartError> {
        allow_files(agents.len())?;
        let mut bound = BTreeMap::new();
        for (address, agent) in agents {
            if !address.ip().is_loopback() {
                return Err(StartError::NotLoopback(address));
            }
            if bound.contains_key(&address) && address.port() != 0 {
                return Err(StartError::Twice(address));
            }
            let socket = UdpSocket::bind(address).await.map_err(|why| match why.kind() {
                io::ErrorKind::AddrInUse => StartError::Taken(address),
                _ => StartError::Bind { address, why },
            })?;
            let address = socket.local_addr().map_err(|why| StartError::Bind { address, why })?;
            bound.insert(address, (socket, agent));
        }
        let mut tasks = JoinSet::new();
        let addresses = bound.keys().copied().collect();
        for (number, (socket, agent)) in bound.into_values().enumerate() {
            let rng = StdRng::seed_from_u64(network.seed.wrapping_add(number as u64));
            tasks.spawn(serve(Arc::new(socket), agent, network, rng));
        }
        Ok(Server { tasks, addresses })
    }

    /// Where devices answer, in order.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

thread_local! {
    /// One receive buffer per thread, not per device.
    static DATAGRAM: std::cell::RefCell<Vec<u8>> = std::cell::RefCell::new(vec![0; MAX_DATAGRAM]);
}

async fn serve(socket: Arc<UdpSocket>, agent: Agent, network: Network, mut rng: StdRng) {
    let counters = agent.counters().clone();
    let start = tokio::time::Instant::now();
    loop {
        if let Err(e) = socket.readable().await {
            tracing::error!(error = %e, "a simulated device stopped: its socket failed");
            return;
        }
        let answered = DATAGRAM.with(|buffer| {
            let buffer = &mut *buffer.borrow_mut();
            socket
                .try_recv_from(buffer)
                .map(|(len, from)| (agent.answer_at(&buffer[..len], start.elapsed().as_micros() as u64), from))
        });
        let (answer, to) = match answered {
            Ok((Some(answer), from)) => (answer, from),
            Ok((None, _)) => continue,
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => continue,
            Err(_) => {
                // A client that went away; the next datagram has nothing to do with it.
                Counters::add(&counters.io_errors, 1);
                continue;
            }
        };
        if network.loss > 0.0 && rng.random_bool(network.loss.clamp(0.0, 1.0)) {
            Counters::add(&counters.lost, 1);
            continue;
        }
        if network.latency.is_zero() {
            send(&socket, &answer, to, &counters).await;
        } else {
            let (socket, counters) = (socket.clone(), counters.clone());
            tokio::spawn(async move {
                tokio::time::sleep(network.latency).await;
                send(&socket, &answer, to, &counters).await;
            });
        }
    }
}

async fn send(socket: &UdpSocket, answer: &[u8], to: SocketAddr, counters: &Counters) {
    if socket.send_to(answer, to).await.is_err() {
        Counters::add(&counters.io_errors, 1);
    }
}

/// Raises the limit of open files of this process as far as allowed.
#[cfg(unix)]
fn allow_files(devices: usize) -> Result<(), StartError> {
    /// Files of the program itself.
    const OTHERS: u64 = 100;
    let needed = devices as u64 + OTHERS;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls only read or write the struct they are given.
    let failed = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } != 0;
    if failed || limit.rlim_cur >= needed {
        return Ok(()); // without an answer let bind say what is wrong
    }
    let raised = libc::rlimit { rlim_cur: needed.min(limit.rlim_max), ..limit };
    // SAFETY: as above.
    unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raised) };
    if raised.rlim_cur < needed {
        return Err(StartError::Files { needed: devices, allowed: raised.rlim_cur });
    }
    Ok(())
}

#[cfg(not(unix))]
fn allow_files(_devices: usize) -> Result<(), StartError> {
    Ok(())
}
