//! The observer: every few minutes, and soon after a port or neighbour changed, the map of each branch is inferred anew from
//! what devices told, its links age, and differences to the documents become findings. It writes no document.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::clock::Clock;
use crate::engine::Topic;
use crate::model::{DeviceId, Millis, PortAt, SiteId};
use crate::store::read::{ports, settings};
use crate::store::{Store, cabling, observed};
use crate::topology::{Device, Documented, Map, Observed, PortSeen, StationSeen, history, infer, reconcile};

use super::tasks::{Shared, wait_for_change};

const EVERY: Duration = Duration::from_secs(300);
/// Between two looks, however much changes.
const PAUSE: Duration = Duration::from_secs(20);

/// Looks at every branch until told to stop.
pub async fn observer(s: Shared) {
    let task =
        s.registry.register("cabling", "Infers the map of links and compares it with the documents", Some(EVERY));
    let mut changes = s.engine.changes();
    loop {
        task.started(s.clock.now());
        let told = look(&s.store, &s.clock).await;
        if matches!(told, Ok((_, true))) {
            s.engine.announce(Topic::Cabling);
        }
        let told = told.map(|(links, _)| format!("{links} links")).map_err(|e| format!("{e:#}"));
        task.finished(s.clock.now(), told);
        tokio::select! {
            () = s.stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        if !wait_for_change(&s, &mut changes, &[Topic::Port, Topic::Cabling], EVERY).await {
            return;
        }
    }
}

/// One look at every branch: links seen, and whether anything is other than before.
pub async fn look(store: &Store, clock: &Clock) -> anyhow::Result<(usize, bool)> {
    let (mut links, mut changed) = (0, false);
    for site in settings::sites(store.db()).await? {
        let (n, other) = look_at(store, site.id, clock.now()).await?;
        links += n;
        changed |= other;
    }
    Ok((links, changed))
}

/// One look at a branch.
pub async fn look_at(store: &Store, site: SiteId, now: Millis) -> anyhow::Result<(usize, bool)> {
    let db = store.db();
    let seen = observed::facts(db, site, now).await?;
    let plan = cabling::load(db, site).await?;
    let old = observed::links(db, site).await?;
    let mut errors = BTreeMap::new();
    for device in &seen {
        errors.insert(device.id, ports::errors(db, DeviceId(device.id), now.plus(-Millis::DAY)).await?);
    }
    let judged = tokio::task::spawn_blocking(move || {
        let devices = seen.iter().map(|d| Device::from_facts(&d.id.to_string(), &d.facts)).collect();
        let map = infer(devices);
        let ports = port_states(&seen, &errors);
        let down = ports.iter().filter(|(_, p)| p.up == Some(false)).map(|(at, _)| *at).collect::<BTreeSet<_>>();
        let links = history::advance(old, history::seen(&map, now), &down, now);
        let names = seen.iter().map(|d| (d.id, d.name.clone())).collect();
        let stations = stations(&map, &names);
        let observed = Observed { links, stations, ports, names };
        let found = reconcile(&Documented::new(plan), &observed, now);
        let body = serde_json::to_string(&map);
        (body, map.links.len(), observed.links, found)
    });
    let (body, count, links, found) = judged.await?;
    let changed = observed::save(store, site, &body?, &links, &found, now).await?;
    Ok((count, changed))
}

fn port_states(
    seen: &[observed::Seen],
    errors: &BTreeMap<i64, BTreeMap<u32, ports::PortErrors>>,
) -> BTreeMap<PortAt, PortSeen> {
    let mut all = BTreeMap::new();
    for d in seen {
        let mut vlans: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for e in d.facts.fdb.iter().flatten() {
            if let (Some(index), Some(vlan)) = (e.if_index, e.vlan) {
                vlans.entry(index).or_default().insert(vlan);
            }
        }
        for p in d.facts.ports.iter().flatten().filter(|p| p.physical) {
            let only = vlans.get(&p.if_index).filter(|v| v.len() == 1).and_then(|v| v.first().copied());
            let state = PortSeen {
                name: p.name.clone(),
                up: p.oper.as_deref().map(|o| o == "up"),
                since: d.since.get(&p.if_index).copied(),
                speed_bps: p.speed_bps,
                below_capability: d.below_capability.get(&p.if_index) == Some(&true),
                half_duplex: p.duplex.as_deref() == Some("halfDuplex"),
                wrong_frames: errors.get(&d.id).and_then(|e| e.get(&p.if_index)).map_or(0, |e| e.checksum),
                vlan: only.and_then(|v| u16::try_from(v).ok()),
            };
            all.insert(PortAt { device: d.id, if_index: p.if_index }, state);
        }
    }
    all
}

fn stations(map: &Map, names: &BTreeMap<i64, String>) -> Vec<StationSeen> {
    let of = |h: &crate::topology::Host| {
        let device: Option<i64> = h.device.as_ref().and_then(|d| d.parse().ok());
        let name = device.and_then(|d| names.get(&d).cloned());
        let address = h.addresses.first().map(ToString::to_string);
        Some(StationSeen {
            device,
            name: name.or(address).unwrap_or_else(|| h.mac.to_string()),
            at: PortAt { device: h.end.device.parse().ok()?, if_index: h.end.if_index? },
            permille: (h.confidence * 1_000.0).round() as u16,
        })
    };
    map.hosts.iter().filter_map(of).collect()
}
