//! Which profile fits a device, by what the system group says.
//!
//! The most specific match wins: a longer sysObjectID prefix over a shorter one, prefix and description together over
//! either alone. A description alone counts little where sysObjectID names a maker, because owners edit it.

use super::load::{Match, Profile, Vendor};
use crate::protocol::snmp::Oid;

/// Arcs of `enterprises`.
const ENTERPRISES: [u32; 6] = [1, 3, 6, 1, 4, 1];
/// Numbers that name an agent's software (net-snmp, UCD, Broadcom's reference design), not a maker.
const SOFTWARE: [u32; 4] = [8072, 2021, 4413, 42];

/// The enterprise number of a sysObjectID, when it names a maker.
pub fn enterprise(sys_object_id: Option<&Oid>) -> Option<u32> {
    let arcs = sys_object_id?.arcs();
    let number = *arcs.strip_prefix(&ENTERPRISES)?.first()?;
    (!SOFTWARE.contains(&number)).then_some(number)
}

pub fn vendor_of(number: u32, vendors: &[Vendor]) -> Option<&Vendor> {
    vendors.iter().find(|v| v.enterprises.contains(&number))
}

/// The best matching profile, if any.
pub fn select<'a>(
    profiles: &'a [Profile],
    sys_object_id: Option<&Oid>,
    sys_descr: Option<&str>,
) -> Option<&'a Profile> {
    let named = enterprise(sys_object_id).is_some();
    profiles
        .iter()
        .enumerate()
        .filter_map(|(order, p)| {
            let best = p.matches.iter().filter_map(|m| score(m, sys_object_id, sys_descr, named)).max()?;
            Some(((best, order), p))
        })
        .max_by_key(|(key, _)| *key)
        .map(|(_, p)| p)
}

/// `None` when a condition fails.
fn score(m: &Match, sys_object_id: Option<&Oid>, sys_descr: Option<&str>, named: bool) -> Option<usize> {
    let mut score = 0;
    if let Some(prefix) = &m.sys_object_id {
        sys_object_id.filter(|o| o.starts_with(prefix))?;
        score += prefix.len() * 2;
    }
    if let Some(pattern) = &m.sys_descr {
        sys_descr.filter(|d| pattern.is_match(d))?;
        score += match (m.sys_object_id.is_some(), named) {
            (true, _) => 12,
            (false, false) => 40,
            (false, true) => 8,
        };
    }
    (score > 0).then_some(score)
}
