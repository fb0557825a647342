//! What a caller says to the client: whom to ask, how, and within what limits. Plain data, no I/O.
//!
//! To let callers tune one more thing of one device, add it to `Quirks`; of all devices, to `ClientConfig`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::security::{Credential, Version};
use super::usm::User;

/// An agent and how to talk to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub addr: SocketAddr,
    pub version: Version,
    pub credential: Credential,
    pub quirks: Quirks,
}

impl Target {
    /// Version 2c with a community, on the standard port 161.
    pub fn v2c(ip: IpAddr, community: impl AsRef<[u8]>) -> Self {
        Target {
            addr: SocketAddr::new(ip, 161),
            version: Version::V2c,
            credential: Credential::community(community),
            quirks: Quirks::default(),
        }
    }
    pub fn v1(ip: IpAddr, community: impl AsRef<[u8]>) -> Self {
        Target { version: Version::V1, ..Target::v2c(ip, community) }
    }
    pub fn v3(ip: IpAddr, user: User) -> Self {
        Target { version: Version::V3, credential: Credential::user(user, ""), ..Target::v2c(ip, "") }
    }
    /// SNMPv3: another context of the agent.
    pub fn context(mut self, name: impl AsRef<[u8]>) -> Self {
        if let Credential::User { context, .. } = &mut self.credential {
            *context = name.as_ref().into();
        }
        self
    }
    pub fn port(mut self, port: u16) -> Self {
        self.addr.set_port(port);
        self
    }
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.quirks = quirks;
        self
    }
}

/// What one device cannot do. The client learns these and returns them with every result; a caller may keep them, or set
/// them from a profile. What the caller sets and what was learned both hold; `Client::forget` drops the learned part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// GETBULK is not answered, or answered wrongly: walk with GETNEXT.
    pub no_bulk: bool,
    /// Largest max-repetitions it can answer; 0: no limit known.
    pub max_repetitions: u16,
    /// Largest number of names in one request; 0: no limit known.
    pub max_varbinds: u16,
    /// Never give up on a request sooner; 0: the client's own floor.
    pub min_timeout_ms: u32,
    /// Requests in flight at once; 0: the client's default.
    pub in_flight: u8,
}

impl Quirks {
    /// Both hold: the stricter limit of each kind.
    pub fn union(self, other: Quirks) -> Quirks {
        let stricter = |a: u16, b: u16| if a == 0 || b == 0 { a.max(b) } else { a.min(b) };
        Quirks {
            no_bulk: self.no_bulk || other.no_bulk,
            max_repetitions: stricter(self.max_repetitions, other.max_repetitions),
            max_varbinds: stricter(self.max_varbinds, other.max_varbinds),
            min_timeout_ms: self.min_timeout_ms.max(other.min_timeout_ms),
            in_flight: stricter(self.in_flight.into(), other.in_flight.into()) as u8,
        }
    }
}

/// Settings of a client. The defaults suit a branch network.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Threads, each with its own pair of sockets. One serves tens of thousands of devices.
    pub workers: usize,
    /// Requests sent per second, all devices together; 0: as fast as the machine can.
    pub packets_per_second: u32,
    /// Wait for the first answer of a device whose round-trip time is unknown.
    pub initial_timeout: Duration,
    /// Least and most wait, whatever the round-trip time.
    pub min_timeout: Duration,
    pub max_timeout: Duration,
    /// Further attempts after the first.
    pub retries: u8,
    /// Requests in flight per device.
    pub in_flight_per_device: u8,
    /// Replies are asked for so that they fit this many bytes.
    pub datagram: usize,
    /// SO_RCVBUF; the kernel may grant less (net.core.rmem_max).
    pub receive_buffer: usize,
    /// Local addresses; `None`: this family is not used.
    pub bind_v4: Option<Ipv4Addr>,
    pub bind_v6: Option<Ipv6Addr>,
    /// Start of the request ids; `None`: from the kernel's random source.
    pub seed: Option<u64>,
}

impl Default for ClientConfig {
    fn default() -> Self {
        ClientConfig {
            workers: 1,
            packets_per_second: 10_000,
            initial_timeout: Duration::from_secs(1),
            min_timeout: Duration::from_millis(200),
            max_timeout: Duration::from_secs(5),
            retries: 2,
            in_flight_per_device: 1,
            datagram: 1_400,
            receive_buffer: 4 << 20,
            bind_v4: Some(Ipv4Addr::UNSPECIFIED),
            bind_v6: Some(Ipv6Addr::UNSPECIFIED),
            seed: None,
        }
    }
}

/// Limits of one walk.
#[derive(Debug, Clone, Copy)]
pub struct WalkOptions {
    /// Rows read per subtree before it ends as `End::RowLimit`.
    pub max_rows: u32,
    /// Time for the whole walk, from its first request.
    pub budget: Duration,
    /// Rows expected, if known: saves reading past the end of short tables. 0: unknown.
    pub expected_rows: u32,
}

impl Default for WalkOptions {
    fn default() -> Self {
        WalkOptions { max_rows: 50_000, budget: Duration::from_secs(60), expected_rows: 0 }
    }
}

/// How to sweep a range of addresses.
#[derive(Debug, Clone)]
pub struct SweepOptions {
    pub port: u16,
    pub version: Version,
    pub credential: Credential,
    /// Requests in flight, at most 65,536.
    pub window: usize,
    pub timeout: Duration,
    pub retries: u8,
    /// Report addresses that refused (ICMP port unreachable) too.
    pub report_refused: bool,
}

impl SweepOptions {
    pub fn v2c(community: impl AsRef<[u8]>) -> Self {
        SweepOptions {
            port: 161,
            version: Version::V2c,
            credential: Credential::community(community),
            window: 65_536,
            timeout: Duration::from_secs(1),
            retries: 1,
            report_refused: false,
        }
    }
}
