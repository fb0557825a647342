//! What the engine remembers of each device between requests: round-trip time, quirks, and the jobs that wait for it.
//!
//! About a hundred bytes each; devices that were not asked for an hour are forgotten when the table grows.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::net::SocketAddr;
use std::time::Duration;

use super::super::target::{ClientConfig, Quirks};
use super::peer::Peer;

/// No job, no slot.
pub const NONE: u32 = u32::MAX;
const FORGET_AFTER: u64 = 3600 * 1_000_000;

/// What a job may read and learn of its device.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known {
    /// Smoothed round-trip time in microseconds; 0: unknown.
    pub srtt: u32,
    pub quirks: Quirks,
    /// A GETBULK was answered properly at least once.
    pub bulk_works: bool,
    /// Times a GETBULK failed since then where a GETNEXT did not.
    pub bulk_failures: u8,
}

impl Known {
    pub fn sample(&mut self, rtt: u64) {
        let rtt = u32::try_from(rtt.max(1)).unwrap_or(u32::MAX);
        self.srtt = match self.srtt {
            0 => rtt,
            old => ((u64::from(old) * 7 + u64::from(rtt)) / 8).max(1) as u32,
        };
    }

    /// How long to wait for the answer to this attempt (0 is the first). Known devices get 4 times their round-trip time,
    /// doubled with each attempt; the last attempt gets at least the initial timeout, for devices that wake up slowly.
    pub fn timeout(&self, attempt: u8, config: &ClientConfig) -> u64 {
        let us = |d: Duration| u64::try_from(d.as_micros()).unwrap_or(u64::MAX);
        let (initial, floor, cap) =
            (us(config.initial_timeout), us(config.min_timeout), us(config.max_timeout).max(us(config.min_timeout)));
        let base = match self.srtt {
            0 => initial,
            srtt => (u64::from(srtt) * 4).max(floor) << attempt.min(8),
        };
        let base = if attempt >= config.retries { base.max(initial) } else { base };
        base.min(cap).max(u64::from(self.quirks.min_timeout_ms) * 1000)
    }
}

pub struct Device {
    pub addr: SocketAddr,
    pub known: Known,
    /// Its SNMPv3 engine, once it was asked that way.
    pub peer: Option<Box<Peer>>,
    /// Requests granted: in flight or waiting for their turn to be sent.
    pub in_flight: u8,
    /// Jobs that wait for a grant: a list through `JobEntry::next`.
    pub head: u32,
    pub tail: u32,
    /// All jobs of this device, waiting or granted.
    pub jobs: u32,
    /// Slot of its last request.
    pub slot: u32,
    used: u64,
}

/// An address in a form that is quick to hash and compare.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    ip: u128,
    port_and_scope: u64,
}
impl Key {
    fn new(addr: &SocketAddr) -> Self {
        let (ip, scope) = match addr {
            SocketAddr::V4(a) => (u128::from(a.ip().to_ipv6_mapped()), 0),
            SocketAddr::V6(a) => (u128::from(*a.ip()), a.scope_id()),
        };
        Key { ip, port_and_scope: u64::from(addr.port()) << 32 | u64::from(scope) }
    }
}
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let fold = self.ip as u64 ^ (self.ip >> 64) as u64;
        state.write_u64(fold.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ self.port_and_scope);
    }
}

#[derive(Default)]
struct KeyHasher(u64);
impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        let h = self.0.wrapping_mul(0x517C_C1B7_2722_0A95);
        h ^ (h >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.0 = self.0.rotate_left(5) ^ u64::from(*b));
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

/// Only addresses that callers name get in, so the simple hash cannot be abused from the network.
pub struct Devices {
    index: HashMap<Key, u32, BuildHasherDefault<KeyHasher>>,
    devices: Vec<Option<Device>>,
    free: Vec<u32>,
    /// Size at which to look for forgotten devices.
    purge_at: usize,
}

impl Devices {
    pub fn new() -> Self {
        Devices { index: HashMap::default(), devices: Vec::new(), free: Vec::new(), purge_at: 1024 }
    }
    pub fn len(&self) -> usize {
        self.index.len()
    }
    pub fn find(&self, addr: &SocketAddr) -> Option<u32> {
        self.index.get(&Key::new(addr)).copied()
    }
    pub fn get(&self, device: u32) -> Option<&Device> {
        self.devices.get(device as usize)?.as_ref()
    }
    pub fn get_mut(&mut self, device: u32) -> Option<&mut Device> {
        self.devices.get_mut(device as usize)?.as_mut()
    }

    /// The device at this address, known or new.
    pub fn enter(&mut self, addr: SocketAddr, now: u64) -> u32 {
        if let Some(i) = self.find(&addr) {
            if let Some(d) = self.get_mut(i) {
                d.used = now;
            }
            return i;
        }
        if self.index.len() >= self.purge_at {
            self.purge(now);
        }
        let new = Device {
            addr,
            known: Known::default(),
            peer: None,
            in_flight: 0,
            head: NONE,
            tail: NONE,
            jobs: 0,
            slot: NONE,
            used: now,
        };
        let i = match self.free.pop() {
            Some(i) => {
                self.devices[i as usize] = Some(new);
                i
            }
            None => {
                self.devices.push(Some(new));
                (self.devices.len() - 1) as u32
            }
        };
        self.index.insert(Key::new(&addr), i);
        i
    }
    /// Drops what was learned of this address.
    pub fn forget(&mut self, addr: &SocketAddr) {
        if let Some(d) = self.find(addr).and_then(|i| self.get_mut(i)) {
            d.known = Known::default();
            d.peer = None;
        }
    }
    fn purge(&mut self, now: u64) {
        for i in 0..self.devices.len() {
            if let Some(d) = &self.devices[i]
                && d.jobs == 0
                && now.saturating_sub(d.used) > FORGET_AFTER
            {
                self.index.remove(&Key::new(&d.addr));
                self.devices[i] = None;
                self.free.push(i as u32);
            }
        }
        self.purge_at = (self.index.len() * 2).max(1024);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_follow_the_device() {
        let config = ClientConfig::default();
        let mut k = Known::default();
        assert_eq!([0, 1, 2].map(|a| k.timeout(a, &config)), [1_000_000; 3]);
        k.sample(2_000);
        assert_eq!([0, 1, 2].map(|a| k.timeout(a, &config)), [200_000, 400_000, 1_000_000]);
        for _ in 0..100 {
            k.sample(300_000);
        }
        assert_eq!([0, 1, 2].map(|a| k.timeout(a, &config) / 100_000), [11, 23, 47]);
        k.quirks.min_timeout_ms = 3_000;
        assert_eq!(k.timeout(0, &config), 3_000_000);
        k.sample(u64::MAX);
        assert_eq!(k.timeout(2, &config), 5_000_000);
    }

    #[test]
    fn idle_devices_are_forgotten_when_the_table_grows() {
        let mut d = Devices::new();
        let addr = |i: u32| SocketAddr::from((std::net::Ipv4Addr::from(i), 161));
        for i in 0..1024 {
            d.enter(addr(i), 0);
        }
        let busy = d.find(&addr(5)).unwrap();
        d.get_mut(busy).unwrap().jobs = 1;
        d.enter(addr(5000), FORGET_AFTER + 1);
        assert_eq!(d.len(), 2);
        assert!(d.find(&addr(5)).is_some() && d.find(&addr(6)).is_none());
    }
}
