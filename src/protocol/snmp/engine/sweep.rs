//! A sweep: one GET of the system group per address, many addresses in flight, addresses taken from an iterator as slots
//! free up. It keeps nothing of addresses that stay silent.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::mpsc;

use super::super::Oid;
use super::super::ber::Writer;
use super::super::codec::{EncodeError, ErrorStatus, Message, RequestKind};
use super::super::result::{Reason, SweepHit, SystemGroup};
use super::super::target::{Quirks, SweepOptions, Target};
use super::super::view::ValueRef;
use super::job::{Agent, Names, Seal};

/// sysDescr, sysObjectID, sysUpTime, sysName.
const SYSTEM: [[u32; 9]; 4] = [
    [1, 3, 6, 1, 2, 1, 1, 1, 0],
    [1, 3, 6, 1, 2, 1, 1, 2, 0],
    [1, 3, 6, 1, 2, 1, 1, 3, 0],
    [1, 3, 6, 1, 2, 1, 1, 5, 0],
];
pub const ALL_NAMES: u8 = 0b1111;

/// How far a sweep has come; shared with the caller.
#[derive(Debug, Default)]
pub struct SweepProgress {
    /// Addresses asked so far, and addresses done with.
    pub started: AtomicU64,
    pub finished: AtomicU64,
}

pub struct SweepState {
    pub agent: Agent,
    pub options: SweepOptions,
    addresses: Box<dyn Iterator<Item = IpAddr> + Send>,
    names: Names,
    pub in_flight: usize,
    pub exhausted: bool,
    hits: mpsc::UnboundedSender<SweepHit>,
    progress: Arc<SweepProgress>,
}

/// What to do with an address after its answer.
pub enum Next {
    Done,
    /// Ask once more, for these names only (SNMPv1 refuses all for one it does not have).
    Ask(u8),
}

impl SweepState {
    pub fn new(
        addresses: Box<dyn Iterator<Item = IpAddr> + Send>,
        options: SweepOptions,
        hits: mpsc::UnboundedSender<SweepHit>,
        progress: Arc<SweepProgress>,
    ) -> Result<Self, EncodeError> {
        let target = Target {
            addr: SocketAddr::new(IpAddr::from([0; 4]), options.port),
            version: options.version,
            credential: options.credential.clone(),
            quirks: Quirks::default(),
        };
        let names = Names::encode(&SYSTEM.map(|a| Oid::new(&a)))?;
        let agent = Agent::new(&target);
        Ok(SweepState { agent, options, addresses, names, in_flight: 0, exhausted: false, hits, progress })
    }
    /// The next address, while the window has room.
    pub fn next(&mut self) -> Option<SocketAddr> {
        if self.exhausted || self.in_flight >= self.options.window.clamp(1, 65_536) {
            return None;
        }
        if self.hits.is_closed() {
            self.exhausted = true;
            return None;
        }
        let Some(ip) = self.addresses.next() else {
            self.exhausted = true;
            return None;
        };
        self.in_flight += 1;
        self.progress.started.fetch_add(1, Relaxed);
        Some(SocketAddr::new(ip, self.options.port))
    }
    pub fn over(&self) -> bool {
        self.exhausted && self.in_flight == 0
    }
    pub fn release(&mut self) {
        self.in_flight -= 1;
        self.progress.finished.fetch_add(1, Relaxed);
    }

    pub fn encode(&self, names: u8, seal: &Seal<'_>, w: &mut Writer) -> Result<(), EncodeError> {
        let mut list = [&[][..]; 4];
        let mut n = 0;
        for i in (0..4).filter(|i| names & (1 << i) != 0) {
            list[n] = self.names.get(i);
            n += 1;
        }
        self.agent.seal(RequestKind::Get, seal, &list[..n], w)
    }

    pub fn answer(&self, addr: SocketAddr, m: &Message<'_>, names: u8, rtt: u64) -> Next {
        let status = ErrorStatus::from_number(m.status);
        if status != ErrorStatus::NoError {
            let asked: Vec<u8> = (0..4).filter(|i| names & (1 << i) != 0).collect();
            let left = match usize::try_from(m.index).ok().and_then(|i| asked.get(i.wrapping_sub(1))) {
                Some(i) => names & !(1 << i),
                None => names & (names - 1), // no hint: without the first
            };
            if left != 0 {
                return Next::Ask(left);
            }
            self.report(addr, rtt, Err(Reason::ErrorStatus { status }));
            return Next::Done;
        }
        let mut group = SystemGroup::default();
        let (mut known, mut bad) = (false, None);
        for item in m.varbinds.clone() {
            let vb = match item {
                Ok(vb) => vb,
                Err(e) => {
                    bad = Some(e.error);
                    continue;
                }
            };
            let name = (0..4).find(|i| self.names.get(*i) == vb.name.as_ber());
            known |= name.is_some();
            match (name, vb.value) {
                (Some(0), ValueRef::OctetString(b)) => group.descr = Some(b.to_vec()),
                (Some(1), ValueRef::Oid(o)) => group.object_id = Some(o.to_oid()),
                (Some(2), ValueRef::TimeTicks(t)) => group.up_time = Some(t),
                (Some(3), ValueRef::OctetString(b)) => group.name = Some(b.to_vec()),
                _ => {}
            }
        }
        let result = if known { Ok(group) } else { Err(bad.map_or(Reason::WrongNames, Reason::BadReply)) };
        self.report(addr, rtt, result);
        Next::Done
    }
    pub fn report(&self, addr: SocketAddr, rtt: u64, result: Result<SystemGroup, Reason>) {
        let _ = self.hits.send(SweepHit { addr, rtt: Duration::from_micros(rtt), result });
    }
}
