//! ICMP echo over IPv4 and IPv6: is this address alive?
//!
//! One socket per family serves all hosts (`surge-ping`), with a large receive buffer, a cap on echoes in flight and a steady
//! pace. Without the privilege to open such a socket every ping says so, with the way out; callers then judge liveness by
//! SNMP. It never resolves names. To send something other than echoes, open another socket here.

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use surge_ping::{Client, Config, ICMP, PingIdentifier, PingSequence, SurgeError};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

#[derive(Debug, Clone)]
pub struct IcmpConfig {
    pub timeout: Duration,
    /// Further echoes after the first.
    pub retries: u8,
    /// Echoes in flight, all hosts together; sequence numbers allow 65,535.
    pub concurrency: usize,
    pub packets_per_second: u32,
    /// SO_RCVBUF; the kernel may grant less (net.core.rmem_max).
    pub receive_buffer: usize,
}

impl Default for IcmpConfig {
    fn default() -> Self {
        IcmpConfig {
            timeout: Duration::from_secs(1),
            retries: 1,
            concurrency: 8_192,
            packets_per_second: 10_000,
            receive_buffer: 4 << 20,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    V4,
    V6,
}
impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Family::V4 => "IPv4",
            Family::V6 => "IPv6",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PingError {
    #[error(
        "ping over {0}: this process may not open an ICMP socket. Allow it with \
         `sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"` (covers IPv6 too) or \
         `setcap cap_net_raw+ep` on the anykey binary; until then only SNMP tells whether a host is alive"
    )]
    NoPrivilege(Family),
    #[error("ping over {family}: cannot open a socket: {kind} (os error {os:?})")]
    NoSocket { family: Family, kind: io::ErrorKind, os: Option<i32> },
    #[error("ping {host}: no answer to {attempts} echoes")]
    Timeout { host: IpAddr, attempts: u8 },
    #[error("ping {host}: the network says it cannot be reached")]
    Unreachable { host: IpAddr },
    #[error("ping {host}: {kind} (os error {os:?})")]
    Io { host: IpAddr, kind: io::ErrorKind, os: Option<i32> },
}

impl PingError {
    /// Nothing is known of the host: the fault is on this side.
    pub fn is_local(&self) -> bool {
        matches!(self, PingError::NoPrivilege(_) | PingError::NoSocket { .. })
    }
}

/// The sockets. Clones share them. It must be made inside a Tokio runtime, which reads them.
#[derive(Clone)]
pub struct Icmp {
    inner: Arc<Inner>,
}

struct Inner {
    config: IcmpConfig,
    v4: Result<Client, PingError>,
    v6: Result<Client, PingError>,
    permits: Semaphore,
    /// One counter for all hosts: no host can have two echoes with one number in flight, there are fewer in flight than
    /// numbers.
    sequence: AtomicU16,
    next_send: Mutex<Instant>,
}

impl Icmp {
    /// Never fails: a family that cannot be used says why at each ping, and in `status`.
    pub fn open(config: IcmpConfig) -> Self {
        let permits = Semaphore::new(config.concurrency.clamp(1, 60_000));
        let (v4, v6) = (open(Family::V4, &config), open(Family::V6, &config));
        let next_send = Mutex::new(Instant::now());
        Icmp { inner: Arc::new(Inner { config, v4, v6, permits, sequence: AtomicU16::new(0), next_send }) }
    }
    /// Whether a family can be used, and if not, why and what to do.
    pub fn status(&self, family: Family) -> Result<(), PingError> {
        self.client(family).map(|_| ())
    }
    fn client(&self, family: Family) -> Result<&Client, PingError> {
        match family {
            Family::V4 => self.inner.v4.as_ref(),
            Family::V6 => self.inner.v6.as_ref(),
        }
        .map_err(Clone::clone)
    }

    /// Round-trip time of the first echo that is answered.
    pub async fn ping(&self, host: IpAddr) -> Result<Duration, PingError> {
        let client = self.client(if host.is_ipv4() { Family::V4 } else { Family::V6 })?;
        // The identifier counts on raw sockets only; on the others the kernel sets its own.
        let mut pinger = client.pinger(host, PingIdentifier(std::process::id() as u16)).await;
        pinger.timeout(self.inner.config.timeout);
        let attempts = self.inner.config.retries.saturating_add(1);
        for attempt in 1..=attempts {
            // The semaphore is never closed.
            let _permit = self.inner.permits.acquire().await.ok();
            self.pace().await;
            let sequence = PingSequence(self.inner.sequence.fetch_add(1, Relaxed));
            match pinger.ping(sequence, b"anykey  ").await {
                Ok((_, rtt)) => return Ok(rtt),
                Err(SurgeError::IOError(e)) => return Err(send_error(host, &e)),
                Err(_) if attempt < attempts => {}
                Err(_) => break,
            }
        }
        Err(PingError::Timeout { host, attempts })
    }

    /// Pings many hosts at once; yields each as it is done. Dropping the stream stops it.
    pub fn sweep<I>(&self, hosts: I) -> impl Stream<Item = (IpAddr, Result<Duration, PingError>)> + use<I>
    where
        I: IntoIterator<Item = IpAddr>,
    {
        let this = self.clone();
        let ping = move |host| {
            let this = this.clone();
            async move { (host, this.ping(host).await) }
        };
        stream::iter(hosts).map(ping).buffer_unordered(self.inner.config.concurrency.max(1))
    }

    async fn pace(&self) {
        let rate = self.inner.config.packets_per_second;
        if rate == 0 {
            return;
        }
        let turn = {
            let mut next = self.inner.next_send.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = (*next).max(Instant::now());
            *next = turn + Duration::from_secs(1) / rate;
            turn
        };
        sleep_until(turn).await;
    }
}

fn open(family: Family, config: &IcmpConfig) -> Result<Client, PingError> {
    let kind = match family {
        Family::V4 => ICMP::V4,
        Family::V6 => ICMP::V6,
    };
    let client = Client::new(&Config::builder().kind(kind).build()).map_err(|e| match e.kind() {
        io::ErrorKind::PermissionDenied => PingError::NoPrivilege(family),
        kind => PingError::NoSocket { family, kind, os: e.raw_os_error() },
    })?;
    let size = libc::c_int::try_from(config.receive_buffer).unwrap_or(libc::c_int::MAX);
    // Best effort: bursts of replies are lost without it, nothing else.
    // SAFETY: the socket lives in `client`; the value is a live c_int of the length given.
    unsafe {
        let fd = client.get_socket().get_native_sock();
        let len = size_of::<libc::c_int>() as libc::socklen_t;
        libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_RCVBUF, (&raw const size).cast(), len);
    }
    Ok(client)
}

fn send_error(host: IpAddr, e: &io::Error) -> PingError {
    match e.raw_os_error() {
        Some(libc::EHOSTUNREACH | libc::ENETUNREACH | libc::EHOSTDOWN) => PingError::Unreachable { host },
        os => PingError::Io { host, kind: e.kind(), os },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ICMP socket, or the reason why this machine cannot have one.
    fn icmp() -> Option<Icmp> {
        let icmp = Icmp::open(IcmpConfig { timeout: Duration::from_millis(500), ..IcmpConfig::default() });
        match icmp.status(Family::V4) {
            Ok(()) => Some(icmp),
            Err(e) => {
                assert!(std::env::var("CI").as_deref() != Ok("true"), "{e}");
                eprintln!("skipped: {e}");
                None
            }
        }
    }

    #[tokio::test]
    async fn loopback_answers_and_many_hosts_share_a_socket() {
        let Some(icmp) = icmp() else { return };
        assert!(icmp.ping("127.0.0.1".parse().unwrap()).await.unwrap() < Duration::from_millis(500));
        if icmp.status(Family::V6).is_ok() && std::net::UdpSocket::bind("[::1]:0").is_ok() {
            assert!(icmp.ping("::1".parse().unwrap()).await.is_ok());
        }
        let hosts = (0..2_000u32).map(|i| IpAddr::from((0x7F37_0001u32 + i).to_be_bytes()));
        let alive = icmp.sweep(hosts).filter(|(_, r)| std::future::ready(r.is_ok())).count().await;
        assert_eq!(alive, 2_000);
    }

    #[tokio::test]
    async fn one_host_pinged_many_times_at_once() {
        let Some(icmp) = icmp() else { return };
        let host = IpAddr::from([127, 0, 0, 1]);
        let answers = futures_util::future::join_all((0..200).map(|_| icmp.ping(host))).await;
        assert!(answers.iter().all(Result::is_ok));
    }

    #[test]
    fn the_error_says_what_to_do() {
        let e = PingError::NoPrivilege(Family::V6);
        assert!(e.is_local());
        let text = e.to_string();
        assert!(text.contains("ping_group_range") && text.contains("setcap cap_net_raw"), "{text}");
    }
}
