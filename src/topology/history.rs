//! Links over time: seen now, not for a while, not since a day, or before a port went down. Pure.
//!
//! When either end is seen elsewhere, the old link is gone at both ends at once: a port that keeps showing the device which
//! moved away is worse than one that shows nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::map::{Map, Source};
use crate::model::{LinkRecord, LinkState, Millis, PortAt};

/// A link is live while it was seen within two looks.
pub const LIVE_FOR: i64 = 15 * Millis::MINUTE;
const STALE_AFTER: i64 = Millis::DAY;
/// Nobody asks for what was there before.
const FORGOTTEN_AFTER: i64 = 90 * Millis::DAY;

/// The map as records seen now; device keys are numbers.
pub fn seen(map: &Map, now: Millis) -> Vec<LinkRecord> {
    let number = |key: &str| key.parse::<i64>().ok();
    let records = map.links.iter().filter_map(|l| {
        let evidence = l.evidence.iter().map(|e| format!("{}{}", word(e.source), if e.two_sided { "2" } else { "" }));
        Some(LinkRecord {
            a_device: number(&l.a.device)?,
            a_index: l.a.if_index,
            a_port: l.a.port.clone().unwrap_or_default(),
            b_device: number(&l.b.device)?,
            b_index: l.b.if_index,
            b_port: l.b.port.clone().unwrap_or_default(),
            permille: (l.confidence * 1_000.0).round().clamp(0.0, 1_000.0) as u16,
            evidence: evidence.collect(),
            blocked: l.blocked,
            state: LinkState::Live,
            first_seen: now,
            last_seen: now,
        })
    });
    records.collect()
}

fn word(source: Source) -> &'static str {
    match source {
        Source::Lldp => "lldp",
        Source::Cdp => "cdp",
        Source::Neighbour => "neighbour",
        Source::Lacp => "lacp",
        Source::Stp => "stp",
        Source::Fdb => "fdb",
    }
}

/// What was known, and what is seen now. `down`: ports without link.
pub fn advance(old: Vec<LinkRecord>, seen: Vec<LinkRecord>, down: &BTreeSet<PortAt>, now: Millis) -> Vec<LinkRecord> {
    let taken: BTreeSet<PortAt> = seen.iter().flat_map(LinkRecord::ends).flatten().collect();
    let mut all: BTreeMap<String, LinkRecord> = seen.into_iter().map(|r| (r.key(), r)).collect();
    for mut record in old {
        if let Some(again) = all.get_mut(&record.key()) {
            again.first_seen = record.first_seen;
            continue;
        }
        let age = now.since(record.last_seen);
        if record.ends().into_iter().flatten().any(|p| taken.contains(&p)) || age > FORGOTTEN_AFTER {
            continue;
        }
        record.state = match age {
            _ if record.ends().into_iter().flatten().any(|p| down.contains(&p)) => LinkState::LastKnown,
            age if age <= LIVE_FOR => LinkState::Live,
            age if age <= STALE_AFTER => LinkState::Aging,
            _ => LinkState::Stale,
        };
        all.insert(record.key(), record);
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_772_366_400_000);

    fn link(a: (i64, u32), b: (i64, u32), at: Millis) -> LinkRecord {
        LinkRecord {
            a_device: a.0,
            a_index: Some(a.1),
            a_port: format!("Gi0/{}", a.1),
            b_device: b.0,
            b_index: Some(b.1),
            b_port: format!("Gi0/{}", b.1),
            permille: 990,
            evidence: vec!["lldp2".into()],
            blocked: false,
            state: LinkState::Live,
            first_seen: at,
            last_seen: at,
        }
    }

    #[test]
    fn a_link_ages_and_is_remembered() {
        let first = vec![link((1, 24), (2, 1), NOW)];
        let step = |old: &[LinkRecord], after: i64, down: &BTreeSet<PortAt>| {
            advance(old.to_vec(), Vec::new(), down, NOW.plus(after))
        };
        let none = BTreeSet::new();
        let state = |list: Vec<LinkRecord>| list.iter().map(|l| l.state).collect::<Vec<_>>();
        assert_eq!(state(step(&first, 10 * Millis::MINUTE, &none)), [LinkState::Live]);
        assert_eq!(state(step(&first, Millis::HOUR, &none)), [LinkState::Aging]);
        assert_eq!(state(step(&first, 2 * Millis::DAY, &none)), [LinkState::Stale]);
        let down = BTreeSet::from([PortAt { device: 2, if_index: 1 }]);
        assert_eq!(state(step(&first, Millis::MINUTE, &down)), [LinkState::LastKnown]);
        assert!(step(&first, 91 * Millis::DAY, &none).is_empty());
        // Seen again, it is as old as it ever was.
        let later = NOW.plus(Millis::DAY);
        let again = advance(first, vec![link((2, 1), (1, 24), later)], &none, later);
        assert_eq!((again.len(), again[0].first_seen, again[0].last_seen), (1, NOW, later));
    }

    #[test]
    fn what_moved_leaves_nothing_behind_at_either_end() {
        let old = vec![link((1, 24), (2, 1), NOW), link((1, 23), (3, 1), NOW)];
        let moved = advance(old, vec![link((1, 7), (2, 1), NOW)], &BTreeSet::new(), NOW);
        let keys: Vec<String> = moved.iter().map(LinkRecord::key).collect();
        assert_eq!(keys, ["1/23 3/1", "1/7 2/1"], "the port 24 shows nobody");
    }
}
