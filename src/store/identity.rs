//! Which device a reading speaks of: identifiers with weights and time, never the address alone (invariant 3).
//!
//! Two serial numbers are two devices, whatever else agrees. Identifiers join at `JOIN`; several devices that match: the
//! heaviest. Names and addresses only count inside their branch. What is decided here is a lookup, not a merge: rows of two
//! devices are never put together. Even when a person merges two, each keeps its rows, and one answers for both (`merged_into`),
//! so that it can be taken back; what a person split off is pinned and outweighs everything else.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Result, Tx, execute, on_tx};
use crate::model::{DeviceId, Identifier, IdentifierKind as Kind, Millis, SiteId};

/// Weight at which identifiers join a reading to a device.
pub const JOIN: u32 = 50;

/// What a person said counts more than all the rest together.
const PINNED: u32 = 1_000;

/// Kinds that name one device all over the world.
pub fn is_strong(kind: Kind) -> bool {
    kind.weight() > JOIN
}

/// The identifier of last resort.
pub fn of_address(address: IpAddr, port: u16) -> Identifier {
    Identifier { kind: Kind::Address, value: format!("{address} {port}") }
}

/// A device that shares at least one identifier with the reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub device: DeviceId,
    /// Sum over the kinds that agree.
    pub weight: u32,
    pub known: Vec<Identifier>,
}

/// How the identifiers of a reading stand to those of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Same,
    /// Nothing speaks against it, nothing is enough for it.
    Unsure,
    /// Its serial number, or every strong identifier both have, differs.
    Other,
}

/// Judges a reading's identifiers (`new`) against a device's.
pub fn judge(known: &[Identifier], new: &[Identifier]) -> Verdict {
    let serials = |ids: &[Identifier]| -> Vec<String> {
        // The maker's name in front may be spelt anew by a better profile.
        let bare = |i: &Identifier| i.value.rsplit_once('/').map_or(i.value.clone(), |(_, s)| s.to_owned());
        ids.iter().filter(|i| i.kind == Kind::Serial).map(bare).collect()
    };
    let (ours, theirs) = (serials(known), serials(new));
    if !ours.is_empty() && !theirs.is_empty() && !theirs.iter().any(|s| ours.contains(s)) {
        return Verdict::Other;
    }
    let (mut weight, mut differs) = (0, false);
    for kind in Kind::ALL {
        let of = |ids: &[Identifier]| -> Vec<String> {
            ids.iter().filter(|i| i.kind == kind).map(|i| i.value.clone()).collect()
        };
        let (a, b) = (of(known), of(new));
        if b.iter().any(|v| a.contains(v)) {
            weight += kind.weight();
        } else if is_strong(kind) && kind != Kind::Serial && !a.is_empty() && !b.is_empty() {
            differs = true;
        }
    }
    if weight >= JOIN {
        Verdict::Same
    } else if differs {
        Verdict::Other
    } else {
        Verdict::Unsure
    }
}

/// Devices that share an identifier, the heaviest first (then the oldest).
pub async fn candidates(tx: &mut Tx, site: SiteId, new: &[Identifier]) -> Result<Vec<Candidate>> {
    let sql = "SELECT COALESCE(d.merged_into, d.id), i.pinned FROM device_identifier i JOIN device d ON d.id = i.device_id \
               WHERE i.kind = $1 AND i.value = $2 AND (i.site_id = $3 OR $4 = 1)";
    let mut weights: BTreeMap<i64, u32> = BTreeMap::new();
    for kind in Kind::ALL {
        let mut of_kind: Vec<(i64, i64)> = Vec::new();
        for id in new.iter().filter(|i| i.kind == kind) {
            let found: Vec<(i64, i64)> = on_tx!(tx, |c| {
                sqlx::query_as(sql)
                    .bind(kind.as_str())
                    .bind(&id.value)
                    .bind(site.0)
                    .bind(i64::from(is_strong(kind)))
                    .fetch_all(c)
                    .await?
            });
            of_kind.extend(found);
        }
        of_kind.sort_unstable_by_key(|(device, pinned)| (*device, std::cmp::Reverse(*pinned)));
        of_kind.dedup_by_key(|(device, _)| *device);
        for (device, pinned) in of_kind {
            *weights.entry(device).or_default() += kind.weight() + if pinned == 1 { PINNED } else { 0 };
        }
    }
    let mut found = Vec::with_capacity(weights.len());
    for (device, weight) in weights {
        let known = of_device(tx, DeviceId(device)).await?;
        found.push(Candidate { device: DeviceId(device), weight, known });
    }
    found.sort_by_key(|c| (std::cmp::Reverse(c.weight), c.device));
    Ok(found)
}

/// Every identifier a device ever had, those of devices merged into it too; of addresses only the one it has now.
pub async fn of_device(tx: &mut Tx, device: DeviceId) -> Result<Vec<Identifier>> {
    let sql = "SELECT DISTINCT kind, value FROM device_identifier WHERE device_id IN \
               (SELECT id FROM device WHERE id = $1 OR merged_into = $1) ORDER BY kind, value";
    let rows: Vec<(String, String)> = on_tx!(tx, |c| sqlx::query_as(sql).bind(device.0).fetch_all(c).await?);
    Ok(rows.into_iter().filter_map(|(kind, value)| Kind::parse(&kind).map(|kind| Identifier { kind, value })).collect())
}

/// Does one of these belong to somebody else by a person's word?
pub async fn is_pinned_elsewhere(tx: &mut Tx, device: DeviceId, ids: &[Identifier]) -> Result<bool> {
    let sql = "SELECT d.id FROM device_identifier i JOIN device d ON d.id = i.device_id WHERE i.kind = $1 \
               AND i.value = $2 AND i.pinned = 1 AND COALESCE(d.merged_into, d.id) <> $3 LIMIT 1";
    for id in ids {
        let found: Option<i64> = on_tx!(tx, |c| {
            sqlx::query_scalar(sql).bind(id.kind.as_str()).bind(&id.value).bind(device.0).fetch_optional(c).await?
        });
        if found.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Remembers identifiers of a device, new and old.
pub async fn remember(tx: &mut Tx, device: DeviceId, site: SiteId, ids: &[Identifier], now: Millis) -> Result<()> {
    let sql = "INSERT INTO device_identifier (kind, value, site_id, device_id, first_seen, last_seen) \
               VALUES ($1, $2, $3, $4, $5, $5) \
               ON CONFLICT (kind, value, site_id, device_id) DO UPDATE SET last_seen = excluded.last_seen";
    for id in ids {
        execute!(tx, sql, id.kind.as_str(), &id.value, site.0, device.0, now.0);
    }
    Ok(())
}

/// The device is no longer where it was: its address says nothing of it any more (the history keeps it).
pub async fn forget_addresses(tx: &mut Tx, device: DeviceId) -> Result<()> {
    let sql = "DELETE FROM device_identifier WHERE device_id = $1 AND kind = 'address'";
    execute!(tx, sql, device.0);
    Ok(())
}

/// The device moved to another branch: so do the identifiers that are only unique inside one.
pub async fn move_site(tx: &mut Tx, device: DeviceId, to: SiteId) -> Result<()> {
    let sql = "UPDATE device_identifier SET site_id = $2 WHERE device_id = $1 AND site_id <> $2 AND NOT EXISTS ( \
               SELECT 1 FROM device_identifier o WHERE o.device_id = $1 AND o.site_id = $2 \
               AND o.kind = device_identifier.kind AND o.value = device_identifier.value)";
    execute!(tx, sql, device.0, to.0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(kind: Kind, value: &str) -> Identifier {
        Identifier { kind, value: value.into() }
    }

    #[test]
    fn identifiers_are_judged_by_weight_and_contradiction() {
        use Verdict::*;
        let a = id(Kind::Address, "10.0.0.1 161");
        let s1 = id(Kind::Serial, "hp/AAAA1");
        let cases: Vec<(&str, Vec<Identifier>, Vec<Identifier>, Verdict)> = vec![
            ("same serial", vec![s1.clone()], vec![s1.clone()], Same),
            (
                "serial, maker spelt anew",
                vec![s1.clone(), a.clone()],
                vec![id(Kind::Serial, "hewlett-packard/AAAA1")],
                Unsure,
            ),
            (
                "two serials, all else equal",
                vec![s1.clone(), id(Kind::BaseMac, "m")],
                vec![id(Kind::Serial, "hp/B1234"), id(Kind::BaseMac, "m")],
                Other,
            ),
            (
                "replaced board: other MAC, same serial",
                vec![s1.clone(), id(Kind::BaseMac, "m1")],
                vec![s1.clone(), id(Kind::BaseMac, "m2")],
                Same,
            ),
            ("only the address", vec![a.clone()], vec![a.clone()], Unsure),
            (
                "address and name",
                vec![a.clone(), id(Kind::SysName, "o/n")],
                vec![a.clone(), id(Kind::SysName, "o/n")],
                Same,
            ),
            (
                "other MAC at the same address",
                vec![a.clone(), id(Kind::BaseMac, "m1")],
                vec![a.clone(), id(Kind::BaseMac, "m2")],
                Other,
            ),
            (
                "other name at the same address",
                vec![a.clone(), id(Kind::SysName, "o/n")],
                vec![a, id(Kind::SysName, "o/x")],
                Unsure,
            ),
        ];
        for (what, known, new, expected) in cases {
            assert_eq!(judge(&known, &new), expected, "{what}");
        }
    }
}
