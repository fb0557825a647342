//! What a socket can do at most: by its MAU (RFC 4836) where one answers, else by its type and name.
//!
//! Never less than the speed it runs at, and nothing where nobody tells: a current speed is no capability.

use std::collections::BTreeMap;

use crate::profile::oids;
use crate::profile::view::View;

const MEGABIT: u64 = 1_000_000;
const GIGABIT: u64 = 1_000_000_000;

/// Bits of IANAifMauAutoNegCapBits, highest speed last: (first, last, bits per second).
const AUTO_NEGOTIATION: [(usize, usize, u64); 3] = [(1, 2, 10 * MEGABIT), (3, 7, 100 * MEGABIT), (12, 15, GIGABIT)];
/// Bits of IANAifMauTypeListBits.
const TYPE_LIST: [(usize, usize, u64); 6] = [
    (5, 13, 10 * MEGABIT),
    (14, 20, 100 * MEGABIT),
    (44, 46, 100 * MEGABIT),
    (21, 30, GIGABIT),
    (47, 53, GIGABIT),
    (31, 41, 10 * GIGABIT),
];

/// ifTypes whose name is a speed.
const FAST_ETHERNET: [i64; 2] = [62, 69];
const GIGABIT_ETHERNET: i64 = 117;

/// What makers put before the number of a port, lower case.
const NAMES: [(&str, u64); 34] = [
    ("fa", 100 * MEGABIT),
    ("fe", 100 * MEGABIT),
    ("fastethernet", 100 * MEGABIT),
    ("gi", GIGABIT),
    ("ge", GIGABIT),
    ("gigabitethernet", GIGABIT),
    ("gigaethernet", GIGABIT),
    ("twogigabitethernet", 2_500 * MEGABIT),
    ("2.5ge", 2_500 * MEGABIT),
    ("fivegigabitethernet", 5 * GIGABIT),
    ("te", 10 * GIGABIT),
    ("xe", 10 * GIGABIT),
    ("xge", 10 * GIGABIT),
    ("10ge", 10 * GIGABIT),
    ("tengige", 10 * GIGABIT),
    ("tengigabitethernet", 10 * GIGABIT),
    ("ten-gigabitethernet", 10 * GIGABIT),
    ("tgigaethernet", 10 * GIGABIT),
    ("xgigabitethernet", 10 * GIGABIT),
    ("sfp-sfpplus", 10 * GIGABIT),
    ("twe", 25 * GIGABIT),
    ("25ge", 25 * GIGABIT),
    ("twentyfivegige", 25 * GIGABIT),
    ("twenty-fivegige", 25 * GIGABIT),
    ("fo", 40 * GIGABIT),
    ("40ge", 40 * GIGABIT),
    ("fortygige", 40 * GIGABIT),
    ("fortygigabitethernet", 40 * GIGABIT),
    ("fortygigabit", 40 * GIGABIT),
    ("hu", 100 * GIGABIT),
    ("100ge", 100 * GIGABIT),
    ("hundredgige", 100 * GIGABIT),
    ("hundredgigabitethernet", 100 * GIGABIT),
    ("hundredgigabit", 100 * GIGABIT),
];

/// Highest speed of each interface that its MAUs name.
pub fn by_mau(view: &View<'_>) -> BTreeMap<u32, u64> {
    let mut found: BTreeMap<u32, u64> = BTreeMap::new();
    for (column, table) in
        [(oids::IF_MAU_AUTO_NEG_CAPABILITY_BITS, &AUTO_NEGOTIATION[..]), (oids::IF_MAU_TYPE_LIST_BITS, &TYPE_LIST[..])]
    {
        for (index, value) in view.column(column) {
            let ([if_index, _], Some(bits)) = (index, value.as_bytes()) else { continue };
            let is_set = |bit: usize| bits.get(bit / 8).is_some_and(|b| b & (0x80 >> (bit % 8)) != 0);
            let speeds = table.iter().filter(|(first, last, _)| (*first..=*last).any(is_set)).map(|(.., bps)| *bps);
            if let Some(best) = speeds.max() {
                let known = found.entry(*if_index).or_default();
                *known = best.max(*known);
            }
        }
    }
    found
}

/// What a type or a name says.
pub fn by_name(if_type: Option<i64>, names: &[Option<&str>]) -> Option<u64> {
    let of_type = match if_type {
        Some(t) if FAST_ETHERNET.contains(&t) => Some(100 * MEGABIT),
        Some(GIGABIT_ETHERNET) => Some(GIGABIT),
        _ => None,
    };
    let of_name = names.iter().flatten().filter_map(|name| {
        let name = name.trim().to_lowercase();
        let known = |(word, _): &&(&str, u64)| {
            // Then a number, perhaps after a space or a dash: "Gi1/0/1", "ge-0/0/0", "TenGigE 0/1".
            name.strip_prefix(word)
                .is_some_and(|rest| rest.trim_start_matches([' ', '-']).starts_with(|c: char| c.is_ascii_digit()))
        };
        NAMES.iter().find(known).map(|(_, bps)| *bps)
    });
    of_name.chain(of_type).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Snapshot;
    use crate::protocol::snmp::{Oid, Value};

    #[test]
    fn names_that_are_speeds() {
        let told = |name: &str| by_name(Some(6), &[Some(name)]);
        assert_eq!(told("GigabitEthernet1/0/1"), Some(GIGABIT));
        assert_eq!(told("gi3"), Some(GIGABIT));
        assert_eq!(told("ge-0/0/12"), Some(GIGABIT));
        assert_eq!(told("Te1/1/1"), Some(10 * GIGABIT));
        assert_eq!(told("Ten-GigabitEthernet1/0/49"), Some(10 * GIGABIT));
        assert_eq!(told("10GE1/0/1"), Some(10 * GIGABIT));
        assert_eq!(told("FastEthernet0/1"), Some(100 * MEGABIT));
        // Words that only begin alike say nothing.
        for other in ["general 1", "ether1", "Port 1", "team0", "eth0", "10", "fan1", "hub1", "gigabit"] {
            assert_eq!(told(other), None, "{other}");
        }
        assert_eq!(by_name(Some(62), &[Some("Port 3"), None]), Some(100 * MEGABIT));
    }

    #[test]
    fn maus_name_the_highest() {
        let row = |column: &[u32], bytes: &[u8]| (Oid::from(column).child(&[7, 1]), Value::OctetString(bytes.to_vec()));
        // 10 and 100BASE-TX, then 1000BASE-T full duplex.
        let snap: Snapshot = [row(oids::IF_MAU_AUTO_NEG_CAPABILITY_BITS, &[0x6C, 0x01])].into_iter().collect();
        assert_eq!(by_mau(&View::new(&snap.main)), BTreeMap::from([(7, GIGABIT)]));
        let snap: Snapshot = [row(oids::IF_MAU_AUTO_NEG_CAPABILITY_BITS, &[0x6C])].into_iter().collect();
        assert_eq!(by_mau(&View::new(&snap.main)), BTreeMap::from([(7, 100 * MEGABIT)]));
        // b10GbaseSR(36)
        let snap: Snapshot = [row(oids::IF_MAU_TYPE_LIST_BITS, &[0, 0, 0, 0, 0x08])].into_iter().collect();
        assert_eq!(by_mau(&View::new(&snap.main)), BTreeMap::from([(7, 10 * GIGABIT)]));
    }
}
