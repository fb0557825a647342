//! What the client gives back: replies, walks, sweep hits, errors and counters. Plain data, no I/O.
//!
//! Nothing read is thrown away: a partial result is a result that says what is missing and why.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::codec::{DecodeError, EncodeError, ErrorStatus};
use super::target::Quirks;
use super::usm::Failure;
use super::view::{BadVarBind, VarBindList};
use super::{Oid, Value, VarBind};

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Get,
    Walk,
    Sweep,
}
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operation::Get => "GET",
            Operation::Walk => "walk",
            Operation::Sweep => "sweep",
        })
    }
}

/// Why there is no answer, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error(
        "no answer to {attempts} requests (device off, wrong community, SNMP filtered, or this version switched off)"
    )]
    Timeout { attempts: u8 },
    #[error("the host refuses UDP on this port (no SNMP agent listens there)")]
    Refused,
    #[error("the network says the host cannot be reached (ICMP)")]
    Unreachable,
    #[error("the agent answered with a bad message: {0}")]
    BadReply(DecodeError),
    #[error("the agent answered, but not to what was asked")]
    WrongNames,
    #[error("the agent answered {status}")]
    ErrorStatus { status: ErrorStatus },
    #[error("SNMPv3: {0}")]
    Security(Failure),
    #[error("the request cannot be encoded: {0}")]
    Request(EncodeError),
    #[error("the local socket failed: {kind} (os error {os:?})")]
    Io { kind: std::io::ErrorKind, os: Option<i32> },
    #[error("this machine has no {0} socket: address family disabled in the kernel or the configuration")]
    NoSocket(&'static str),
    #[error("the SNMP client was shut down")]
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("SNMP {operation} of {target}: {reason}")]
pub struct SnmpError {
    pub operation: Operation,
    pub target: SocketAddr,
    pub reason: Reason,
}

/// A name that has no value in this reply, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub oid: Oid,
    pub reason: Reason,
}

/// Answer to a GET. Every name asked for is either in `varbinds` (perhaps as noSuchObject or noSuchInstance), in the order
/// asked, or in `problems`.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub varbinds: VarBindList,
    pub problems: Vec<Problem>,
    /// Round-trip time of the last request.
    pub rtt: Duration,
    /// Round trips it took.
    pub requests: u32,
    /// What is known of the device now.
    pub quirks: Quirks,
}

impl Reply {
    /// The value of this name, exceptions included.
    pub fn get(&self, oid: &Oid) -> Option<Value> {
        self.varbinds.get(oid)
    }
    pub fn is_complete(&self) -> bool {
        self.problems.is_empty()
    }
}

/// How a subtree of a walk ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The agent said so: the next name is outside, or endOfMibView.
    Complete,
    RowLimit,
    /// The time budget of the walk was spent.
    Budget,
    /// The agent kept returning names it had returned already.
    Loop,
    Failed(Reason),
}

impl End {
    pub fn is_complete(&self) -> bool {
        matches!(self, End::Complete)
    }
}
impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Complete => f.write_str("complete"),
            End::RowLimit => f.write_str("stopped at the row limit"),
            End::Budget => f.write_str("stopped: time budget spent"),
            End::Loop => f.write_str("stopped: the agent repeats itself"),
            End::Failed(r) => write!(f, "stopped: {r}"),
        }
    }
}

/// One subtree of a walk.
#[derive(Debug, Clone)]
pub struct Column {
    pub root: Oid,
    /// Everything read, in the order the agent gave it, each name once.
    pub rows: VarBindList,
    pub end: End,
    /// Names that came again, or out of order.
    pub disorder: u32,
}

/// Result of a walk: its subtrees in the order asked.
#[derive(Debug, Clone, Default)]
pub struct Walk {
    pub columns: Vec<Column>,
    /// Varbinds that could not be read: the first few, and how many in all.
    pub bad: Vec<BadVarBind>,
    pub bad_count: u32,
    /// Round-trip time of the last request.
    pub rtt: Duration,
    /// Round trips it took.
    pub requests: u32,
    pub quirks: Quirks,
}

impl Walk {
    pub fn is_complete(&self) -> bool {
        self.columns.iter().all(|c| c.end.is_complete())
    }
    /// All rows of all subtrees.
    pub fn iter(&self) -> impl Iterator<Item = VarBind> + '_ {
        self.columns.iter().flat_map(|c| c.rows.iter())
    }
    pub fn column(&self, root: &Oid) -> Option<&Column> {
        self.columns.iter().find(|c| c.root == *root)
    }
    pub fn rows(&self) -> usize {
        self.columns.iter().map(|c| c.rows.len()).sum()
    }
}

/// The system group, as a sweep reads it; what the agent does not have is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SystemGroup {
    pub descr: Option<Vec<u8>>,
    pub object_id: Option<Oid>,
    pub name: Option<Vec<u8>>,
    /// Hundredths of a second.
    pub up_time: Option<u32>,
}

/// An address that showed a sign of life to a sweep.
#[derive(Debug, Clone)]
pub struct SweepHit {
    pub addr: SocketAddr,
    pub rtt: Duration,
    /// The group, or what came instead of it (a bad message, an error; `Refused` if asked for).
    pub result: Result<SystemGroup, Reason>,
}

/// Counters of a client since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Requests sent, retries included.
    pub sent: u64,
    /// Datagrams received.
    pub received: u64,
    pub retries: u64,
    /// Requests given up after all attempts.
    pub timeouts: u64,
    /// Replies that belong to no waiting request: late, duplicate, forged, or from another address.
    pub stray: u64,
    /// Datagrams or varbinds that could not be read.
    pub malformed: u64,
    /// Datagrams the kernel dropped because the receive buffer was full.
    pub drops: u64,
    /// ICMP unreachable messages.
    pub unreachable: u64,
    /// Sends the kernel refused.
    pub send_errors: u64,
    /// Devices the workers remember, and requests waiting for an answer, now.
    pub devices: u64,
    pub in_flight: u64,
}

impl std::ops::Add for Stats {
    type Output = Stats;
    fn add(self, o: Stats) -> Stats {
        Stats {
            sent: self.sent + o.sent,
            received: self.received + o.received,
            retries: self.retries + o.retries,
            timeouts: self.timeouts + o.timeouts,
            stray: self.stray + o.stray,
            malformed: self.malformed + o.malformed,
            drops: self.drops + o.drops,
            unreachable: self.unreachable + o.unreachable,
            send_errors: self.send_errors + o.send_errors,
            devices: self.devices + o.devices,
            in_flight: self.in_flight + o.in_flight,
        }
    }
}
