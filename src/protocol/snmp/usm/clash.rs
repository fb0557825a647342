//! Two agents with one engine id: each sees the other's clock and keys as its own, and SNMPv3 towards them is a matter of
//! luck (cloned virtual machines and configurations do this). We keep one clock per address, so both are polled; here
//! they are noticed, so that a person can mend it.
//!
//! The same clock at two addresses is one device with two addresses, and an address that fell silent before the other
//! appeared is a device that moved: neither is a clash.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use super::window::Clock;

/// How often an address renews its claim, in microseconds.
pub const RENEW_EVERY: u64 = 10_000_000;
/// Addresses remembered for one engine id.
const MAX_CLAIMS: usize = 4;
/// Engine ids remembered; beyond that old ones go.
const MAX_ENGINES: usize = 65_536;

struct Claim {
    addr: SocketAddr,
    clock: Clock,
    first: u64,
    seen: u64,
}

/// Two addresses that say they are one engine, and are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineClash {
    pub engine_id: Vec<u8>,
    pub addresses: [SocketAddr; 2],
}

impl std::fmt::Display for EngineClash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b] = self.addresses;
        write!(f, "{a} and {b} use the same SNMP engine id ")?;
        self.engine_id.iter().try_for_each(|b| write!(f, "{b:02x}"))?;
        f.write_str(": give each device its own, or SNMPv3 fails now and then")
    }
}

/// Who says to be which engine. Shared by all workers of a client; only authenticated messages come here.
#[derive(Default)]
pub struct Claims(Mutex<HashMap<Box<[u8]>, Vec<Claim>>>);

impl Claims {
    /// An authenticated message came from this address.
    pub fn renew(&self, engine_id: &[u8], addr: SocketAddr, clock: Clock, now: u64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_ENGINES {
            all.retain(|_, claims| claims.iter().any(|c| now.saturating_sub(c.seen) < 60 * RENEW_EVERY));
        }
        let claims = match all.get_mut(engine_id) {
            Some(c) => c,
            None => all.entry(engine_id.into()).or_default(),
        };
        match claims.iter_mut().find(|c| c.addr == addr) {
            Some(c) => (c.clock, c.seen) = (clock, now),
            None => {
                if claims.len() >= MAX_CLAIMS {
                    claims.remove(0);
                }
                claims.push(Claim { addr, clock, first: now, seen: now });
            }
        }
    }
    /// All clashes, by address.
    pub fn clashes(&self, now: u64) -> Vec<EngineClash> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        for (engine_id, claims) in all.iter() {
            for (i, a) in claims.iter().enumerate() {
                let clash = |b: &&Claim| a.seen > b.first && b.seen > a.first && !a.clock.agrees(&b.clock, now);
                found.extend(claims[i + 1..].iter().filter(clash).map(|b| EngineClash {
                    engine_id: engine_id.to_vec(),
                    addresses: [a.addr.min(b.addr), a.addr.max(b.addr)],
                }));
            }
        }
        found.sort_by_key(|c| c.addresses);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    const S: u64 = 1_000_000;
    fn addr(n: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, n], 161))
    }

    #[test]
    fn two_living_devices_with_one_id_clash() {
        let c = Claims::default();
        c.renew(b"same", addr(1), Clock::new(3, 500, 0), 0);
        c.renew(b"same", addr(2), Clock::new(9, 70_000, S), S);
        assert!(c.clashes(2 * S).is_empty(), "the first may have moved");
        c.renew(b"same", addr(1), Clock::new(3, 510, 10 * S), 10 * S);
        let found = c.clashes(11 * S);
        assert_eq!(found, [EngineClash { engine_id: b"same".to_vec(), addresses: [addr(1), addr(2)] }]);
        assert!(
            found[0].to_string().starts_with("10.0.0.1:161 and 10.0.0.2:161 use the same SNMP engine id 73616d65:")
        );
    }

    #[test]
    fn one_device_with_two_addresses_or_a_new_one_does_not() {
        let c = Claims::default();
        for now in [0, 10 * S, 20 * S] {
            c.renew(b"two", addr(1), Clock::new(3, 500, 0), now);
            c.renew(b"two", addr(2), Clock::new(3, 505, 0), now + S);
        }
        // Moved by DHCP and restarted on the way.
        c.renew(b"moved", addr(3), Clock::new(1, 500, 0), 0);
        c.renew(b"moved", addr(4), Clock::new(2, 5, 100 * S), 100 * S);
        c.renew(b"moved", addr(4), Clock::new(2, 15, 110 * S), 110 * S);
        assert!(c.clashes(200 * S).is_empty());
    }
}
