//! Address ranges a person asks to scan: parsing with a clear refusal, bounded size, enumeration.
//!
//! No I/O. IPv4 networks are swept; of IPv6 only single addresses, since no sweep covers a /64.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};

/// Most addresses one range may hold: a /16.
pub const MAX_RANGE: u64 = 65_536;
/// Most addresses one scan may hold.
pub const MAX_SCAN: usize = 1 << 20;

/// One range: an IPv4 network or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScanRange(IpNet);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    #[error("{0:?} is not an address range: write a network like 192.168.1.0/24 or a single address")]
    Syntax(String),
    #[error("{text} holds {count} addresses, more than {MAX_RANGE}: split it into networks of at most /16")]
    TooLarge { text: String, count: u64 },
    #[error(
        "{0} is an IPv6 network, which no scan can cover: name single IPv6 addresses (neighbours are found by LLDP and CDP)"
    )]
    Ipv6Network(String),
    #[error("{0} cannot be scanned: it is a multicast, broadcast or unspecified address")]
    NotUnicast(String),
    #[error("the ranges together hold {0} addresses, more than {MAX_SCAN}: scan them in parts")]
    Total(usize),
}

impl FromStr for ScanRange {
    type Err = RangeError;
    fn from_str(text: &str) -> Result<Self, RangeError> {
        let t = text.trim();
        let net = match t.parse::<IpNet>() {
            Ok(net) => net.trunc(),
            Err(_) => IpNet::from(t.parse::<IpAddr>().map_err(|_| RangeError::Syntax(text.to_owned()))?),
        };
        let host = net.prefix_len() == net.max_prefix_len();
        if matches!(net, IpNet::V6(_)) && !host {
            return Err(RangeError::Ipv6Network(t.to_owned()));
        }
        let count = 1u64 << u32::from(net.max_prefix_len() - net.prefix_len()).min(63);
        if count > MAX_RANGE {
            return Err(RangeError::TooLarge { text: t.to_owned(), count });
        }
        let first = net.addr();
        let unusable = match first {
            IpAddr::V4(a) => a.is_multicast() || (host && (a.is_broadcast() || a.is_unspecified())),
            IpAddr::V6(a) => a.is_multicast() || a.is_unspecified(),
        };
        if unusable {
            return Err(RangeError::NotUnicast(t.to_owned()));
        }
        Ok(ScanRange(net))
    }
}

impl fmt::Display for ScanRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

impl ScanRange {
    /// Every address to ask, in order. Of a /24 and wider the network and the broadcast address are left out; what is
    /// narrower may be a part of the real network, where those two are hosts.
    pub fn hosts(&self) -> impl Iterator<Item = IpAddr> + use<> {
        let v4 = match self.0 {
            IpNet::V4(n) => Some(n),
            IpNet::V6(_) => None,
        };
        let single = v4.is_none().then(|| self.0.addr());
        v4.into_iter().flat_map(v4_hosts).map(IpAddr::V4).chain(single)
    }
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

fn v4_hosts(net: Ipv4Net) -> impl Iterator<Item = Ipv4Addr> {
    let (first, last) = (u32::from(net.network()), u32::from(net.broadcast()));
    let (first, last) = if net.prefix_len() <= 24 { (first + 1, last - 1) } else { (first, last) };
    (first..=last).map(Ipv4Addr::from)
}

/// Every address of the ranges once, in ascending order.
pub fn addresses(ranges: &[ScanRange]) -> Result<Vec<IpAddr>, RangeError> {
    let mut all = Vec::new();
    for r in ranges {
        all.extend(r.hosts());
        if all.len() > 2 * MAX_SCAN {
            return Err(RangeError::Total(all.len()));
        }
    }
    all.sort_unstable();
    all.dedup();
    if all.len() > MAX_SCAN { Err(RangeError::Total(all.len())) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(s: &str) -> Vec<String> {
        s.parse::<ScanRange>().unwrap().hosts().map(|a| a.to_string()).collect()
    }

    #[test]
    fn networks_leave_out_their_ends() {
        assert_eq!(hosts("10.0.0.0/24").len(), 254);
        assert_eq!(hosts("10.0.0.128/25").len(), 128, "may be half of a /24, where .128 is a host");
        assert_eq!(hosts("10.0.0.7/30"), ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"]);
        assert_eq!(hosts("10.0.0.0/31"), ["10.0.0.0", "10.0.0.1"]);
        assert_eq!(hosts("10.0.0.9"), ["10.0.0.9"]);
        assert_eq!(hosts("::1"), ["::1"]);
        assert_eq!(hosts("127.16.0.0/16").len(), 65_534);
    }

    #[test]
    fn what_cannot_be_scanned_is_named() {
        for (text, part) in [
            ("10.0.0.0/33", "\"10.0.0.0/33\" is not an address range"),
            ("printer", "\"printer\" is not an address range"),
            ("", "is not an address range"),
            ("10.0.0.0/8", "holds 16777216 addresses"),
            ("0.0.0.0/0", "holds 4294967296 addresses"),
            ("fe80::/64", "IPv6 network"),
            ("::/0", "IPv6 network"),
            ("224.0.0.0/24", "multicast"),
            ("255.255.255.255", "broadcast"),
            ("0.0.0.0", "unspecified"),
        ] {
            let e = text.parse::<ScanRange>().unwrap_err().to_string();
            assert!(e.contains(part), "{text}: {e}");
        }
    }

    #[test]
    fn overlapping_ranges_ask_each_address_once() {
        let r: Vec<ScanRange> = ["10.0.0.0/29", "10.0.0.4/30", "::1", "10.0.0.2"].map(|s| s.parse().unwrap()).into();
        let a = addresses(&r).unwrap();
        assert_eq!(a.len(), 9);
        assert!(a.is_sorted());
        let many: Vec<ScanRange> = (0..40).map(|i| format!("10.{i}.0.0/16").parse().unwrap()).collect();
        assert!(matches!(addresses(&many), Err(RangeError::Total(_))));
    }
}
