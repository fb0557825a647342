//! ARP and ND: ipNetToPhysicalTable (RFC 4293) and the older ipNetToMediaTable, which knows IPv4 only.
//!
//! Both in one list, each pair of interface and address once, the newer table's word first. What has no MAC yet, or was
//! declared invalid, is left out.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::ArpEntry;
use crate::profile::mib::Names;
use crate::profile::oids;
use crate::profile::text::mac;
use crate::profile::view::{View, bytes_of};

const INVALID: i64 = 2;
/// Entries kept: more than this is a provider's router, and none of it is ours.
pub const MOST: usize = 20_000;

/// Columns of MAC and type, the type's enumeration, and how an address stands in the index.
type Layout = (&'static [u32], &'static [u32], &'static str, fn(&[u32]) -> Option<IpAddr>);

/// The entries, and how many there were.
pub fn decode(names: &Names, view: &View<'_>) -> (Vec<ArpEntry>, usize) {
    let mut found: BTreeMap<(u32, IpAddr), ArpEntry> = BTreeMap::new();
    let tables: [Layout; 2] = [
        (oids::IP_NET_TO_PHYSICAL_PHYS_ADDRESS, oids::IP_NET_TO_PHYSICAL_TYPE, "ipNetToPhysicalType", typed_address),
        (oids::IP_NET_TO_MEDIA_PHYS_ADDRESS, oids::IP_NET_TO_MEDIA_TYPE, "ipNetToMediaType", last_four),
    ];
    for (column, types, label, address) in tables {
        for (index, value) in view.column(column) {
            let Some((if_index, rest)) = index.split_first() else { continue };
            let Some(address) = address(rest).filter(is_host) else { continue };
            let Some(mac) = value.as_bytes().and_then(mac).filter(|m| is_station(m)) else { continue };
            let kind = view.int(types, index);
            if kind == Some(INVALID) {
                continue;
            }
            found.entry((*if_index, address)).or_insert_with(|| ArpEntry {
                address: address.to_string(),
                mac,
                if_index: Some(*if_index).filter(|i| *i > 0),
                kind: kind.and_then(|k| names.label(label, k)).map(str::to_owned),
            });
        }
    }
    let all = found.len();
    (found.into_values().take(MOST).collect(), all)
}

/// InetAddressType and InetAddress (RFC 4001): with its length before it, which some agents leave out. A zone is cut.
fn typed_address(index: &[u32]) -> Option<IpAddr> {
    let (kind, rest) = index.split_first()?;
    let length = match kind {
        1 | 3 => 4,
        2 | 4 => 16,
        _ => return None,
    };
    let zone = if matches!(kind, 3 | 4) { 4 } else { 0 };
    let octets = match rest.split_first() {
        Some((told, octets)) if octets.len() == length + zone && *told as usize == octets.len() => octets,
        _ if rest.len() == length + zone => rest,
        _ => return None,
    };
    let bytes = bytes_of(octets.get(..length)?)?;
    match length {
        4 => <[u8; 4]>::try_from(bytes).ok().map(|b| Ipv4Addr::from(b).into()),
        _ => <[u8; 16]>::try_from(bytes).ok().map(|b| Ipv6Addr::from(b).into()),
    }
}

/// The address at the end of the index; some agents put its type before it.
fn last_four(index: &[u32]) -> Option<IpAddr> {
    let bytes = bytes_of(index.get(index.len().checked_sub(4)?..)?)?;
    <[u8; 4]>::try_from(bytes).ok().map(|b| Ipv4Addr::from(b).into())
}

fn is_host(address: &IpAddr) -> bool {
    !(address.is_unspecified() || address.is_multicast() || address.is_loopback())
        && *address != IpAddr::V4(Ipv4Addr::BROADCAST)
}

/// A MAC of one station: not zero, not a group's.
fn is_station(mac: &str) -> bool {
    let first = mac.get(..2).and_then(|h| u8::from_str_radix(h, 16).ok());
    mac != "00:00:00:00:00:00" && first.is_some_and(|b| b & 1 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_an_index() {
        let v4: IpAddr = "10.0.20.5".parse().unwrap();
        assert_eq!(typed_address(&[1, 4, 10, 0, 20, 5]), Some(v4));
        assert_eq!(typed_address(&[1, 10, 0, 20, 5]), Some(v4), "without its length");
        assert_eq!(typed_address(&[3, 8, 10, 0, 20, 5, 0, 0, 0, 2]), Some(v4), "with a zone");
        let v6 = [2, 16, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0x5e, 0xff, 0xfe, 0, 0, 1];
        assert_eq!(typed_address(&v6), Some("fe80::200:5eff:fe00:1".parse().unwrap()));
        for odd in [&[1, 4, 10, 0][..], &[1, 4, 10, 0, 20, 256], &[16, 4, 10, 0, 20, 5], &[1], &[]] {
            assert_eq!(typed_address(odd), None, "{odd:?}");
        }
        assert_eq!(last_four(&[10, 0, 20, 5]), Some(v4));
        assert_eq!(last_four(&[1, 10, 0, 20, 5]), Some(v4));
        assert_eq!(last_four(&[0, 20, 5]), None);
    }

    #[test]
    fn groups_and_nobody_are_no_stations() {
        assert!(is_station("02:00:5e:00:00:01"));
        assert!(!is_station("01:00:5e:00:00:01") && !is_station("00:00:00:00:00:00") && !is_station(""));
    }
}
