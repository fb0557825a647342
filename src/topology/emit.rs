//! Writing down what was found: links, clouds, stations, strangers, contradictions, sorted.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::direct::{Shared, Socket};
use super::infer::{Found, ends, is_blocked};
use super::input::Device;
use super::mac::Mac;
use super::map::*;
use super::tree::{Forest, Place, Walked};
use crate::model::DeviceKind;

fn end(devices: &[Device], device: usize, port: Option<u32>) -> End {
    let d = devices.get(device);
    End {
        device: d.map(|d| d.key.clone()).unwrap_or_default(),
        port: port.and_then(|p| Some(d?.port_name(p))),
        if_index: port,
    }
}

pub(super) fn write(found: &Found, forest: &mut Forest) -> Map {
    let devices = &found.devices;
    let mut map = Map { devices: devices.iter().map(|d| d.key.clone()).collect(), ..Map::default() };
    direct_links(found, &mut map);
    let walked = Walked::new(&found.tables, forest);
    let stations = stations(found, &walked, &mut map);
    segments(found, &walked, &stations, &mut map);
    for s in &found.direct.strangers {
        map.externals.push(External {
            end: end(devices, s.at.0, Some(s.at.1)),
            name: s.name.clone(),
            port: s.row.remote_port.clone(),
            platform: s.row.remote_platform.clone(),
            is_end_station: s.is_end_station,
        });
    }
    for d in &found.direct.doubts {
        map.contradictions.push(Contradiction {
            a: end(devices, d.a.0, Some(d.a.1)),
            b: end(devices, d.b.0, d.b.1),
            source: d.source,
            reason: d.reason.to_owned(),
        });
    }
    tidy(&mut map);
    map
}

fn tidy(map: &mut Map) {
    for link in &mut map.links {
        if link.b < link.a {
            std::mem::swap(&mut link.a, &mut link.b);
            link.aggregate = link.aggregate.take().map(|(a, b)| (b, a));
        }
    }
    map.links.sort_by(|x, y| (&x.a, &x.b).cmp(&(&y.a, &y.b)));
    for cloud in &mut map.clouds {
        cloud.ports.sort();
        cloud.ports.dedup();
        cloud.macs.sort();
    }
    map.clouds.sort_by(|x, y| (&x.ports, &x.macs).cmp(&(&y.ports, &y.macs)));
    map.hosts.sort_by(|x, y| (&x.end, x.mac).cmp(&(&y.end, y.mac)));
    map.forwarders.sort_by_key(|f| f.mac);
    map.externals.sort();
    map.externals.dedup();
    map.contradictions.sort();
    map.contradictions.dedup();
}

fn direct_links(found: &Found, map: &mut Map) {
    let devices = &found.devices;
    for pair in &found.direct.pairs {
        let evidence: BTreeMap<Source, Evidence> = pair.evidence.iter().map(|e| (e.source, e.clone())).collect();
        let aggregate = |s: Socket| {
            let d = devices.get(s.0)?;
            let lane = d.lane(s.1);
            (lane != d.socket(s.1)).then(|| d.port_name(lane))
        };
        let far = pair.b.1.map(|p| (pair.b.0, p));
        map.links.push(Link {
            a: end(devices, pair.a.0, Some(pair.a.1)),
            b: end(devices, pair.b.0, pair.b.1),
            confidence: super::claims::together(&evidence),
            evidence: evidence.into_values().collect(),
            blocked: ends(pair).any(|s| is_blocked(devices, s)),
            aggregate: aggregate(pair.a).zip(far.and_then(aggregate)),
        });
    }
    for shared in &found.direct.shared {
        let ports = shared.ports.iter().map(|(d, p)| end(devices, *d, Some(*p))).collect();
        let source = shared.source.unwrap_or(Source::Neighbour);
        let confidence = if source == Source::Lldp { 0.75 } else { 0.70 };
        let externals = shared.externals.iter().cloned().collect();
        let kind = CloudKind::UnmanagedSwitch;
        map.clouds.push(Cloud { ports, macs: Vec::new(), externals, kind, confidence, source });
    }
}

/// Stations by segment; what no segment explains goes to the forwarders.
fn stations(found: &Found, walked: &Walked<'_>, map: &mut Map) -> BTreeMap<usize, BTreeSet<u32>> {
    let bridges: BTreeSet<usize> = found.tables.bridges.iter().map(|b| b.device).collect();
    let mut by_segment: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
    for (at, mac) in found.tables.macs.iter().enumerate() {
        let Ok(number) = u32::try_from(at) else { continue };
        // A bridge's own addresses are no stations.
        if found.tables.owner.get(at).copied().flatten().is_some_and(|d| bridges.contains(&d)) {
            continue;
        }
        match walked.place(number, &|_| true, true) {
            Place::Segment(segment) => {
                by_segment.entry(segment).or_default().insert(number);
            }
            Place::Behind(lanes) => {
                let behind: BTreeSet<End> = lanes
                    .iter()
                    .filter_map(|l| walked.socket(*l))
                    .map(|(d, p)| end(&found.devices, d, Some(p)))
                    .collect();
                map.forwarders.push(Forwarder { mac: *mac, behind: behind.into_iter().collect() });
            }
            Place::Nowhere => {}
        }
    }
    by_segment
}

fn segments(found: &Found, walked: &Walked<'_>, stations: &BTreeMap<usize, BTreeSet<u32>>, map: &mut Map) {
    let addresses = addresses(found);
    let none = BTreeSet::new();
    for segment in walked.all() {
        let sockets = walked.sockets(segment);
        let here = stations.get(&segment).unwrap_or(&none);
        let direct = sockets.iter().any(|s| found.claimed.contains(s));
        let shared = found.direct.shared.iter().position(|s| sockets.iter().any(|x| s.ports.contains(x)));
        // Own addresses of the devices that are joined here are no stations beside them.
        let owner = |s: &u32| found.tables.owner.get(*s as usize).copied().flatten();
        let others: BTreeSet<u32> =
            here.iter().copied().filter(|s| owner(s).is_none_or(|d| !sockets.iter().any(|x| x.0 == d))).collect();
        let bridges: Vec<Socket> = sockets.iter().copied().filter(|s| is_bridge_end(found, *s)).collect();
        if let [one] = bridges[..] {
            edge_hosts(found, one, here, &addresses, map);
        }
        if shared.is_some() || (direct && sockets.len() > 1) {
            if let Some(shared) = shared.and_then(|at| found.direct.shared.get(at)) {
                heard_and_seen(found, shared, &sockets, &others, map);
            }
            continue;
        }
        let loose = sockets.iter().any(|s| found.loose.contains_key(s));
        match sockets[..] {
            [a, b] if others.is_empty() && !loose => map.links.push(inferred_link(found, a, b)),
            [_] if others.len() <= 1 || direct => {}
            [] => {}
            _ => map.clouds.push(cloud(found, &sockets, &others)),
        }
    }
}

/// A segment that neighbour protocols showed: the tables add bridges that do not speak and the stations on it.
fn heard_and_seen(found: &Found, shared: &Shared, sockets: &[Socket], others: &BTreeSet<u32>, map: &mut Map) {
    let ends_of = |sockets: &mut dyn Iterator<Item = Socket>| -> BTreeSet<End> {
        sockets.map(|(d, p)| end(&found.devices, d, Some(p))).collect()
    };
    let heard = ends_of(&mut shared.ports.iter().copied());
    let lanes = super::claims::lanes_of(&found.devices, shared);
    let silent = ends_of(&mut sockets.iter().copied().filter(|s| !lanes.contains(s)));
    if let Some(cloud) = map.clouds.iter_mut().find(|c| c.ports.iter().any(|p| heard.contains(p))) {
        cloud.ports.extend(silent);
        cloud.macs = others.iter().filter_map(|s| found.tables.macs.get(*s as usize).copied()).collect();
    }
}

/// An end of a bridge that learned stations; others only answer on the segment.
fn is_bridge_end(found: &Found, socket: Socket) -> bool {
    found.tables.bridges.iter().any(|b| b.device == socket.0 && b.lanes.contains(&socket.1))
}

fn inferred_link(found: &Found, a: Socket, b: Socket) -> Link {
    let (a, b) = (a.min(b), a.max(b));
    let devices = &found.devices;
    let both = found.inferred.get(&(a, b)).or_else(|| found.inferred.get(&(b, a)));
    let score = both.or_else(|| found.attached.get(&a)).or_else(|| found.attached.get(&b)).copied().unwrap_or(0.5);
    // An aggregate of one is its member.
    let member = |s: Socket| {
        let d = devices.get(s.0)?;
        let mut members = d.aggregates.iter().filter(|(_, g)| **g == s.1).map(|(m, _)| *m);
        let one = members.next()?;
        members.next().is_none().then_some(one)
    };
    let (p, q) = match (member(a), member(b)) {
        (Some(p), Some(q)) => (p, q),
        _ => (a.1, b.1),
    };
    let named = |s: Socket, shown: u32| {
        let d = devices.get(s.0)?;
        (shown == s.1 && d.aggregates.values().any(|g| *g == s.1)).then(|| d.port_name(s.1))
    };
    Link {
        a: end(devices, a.0, Some(p)),
        b: end(devices, b.0, Some(q)),
        confidence: noisy_or([score]),
        evidence: vec![Evidence { source: Source::Fdb, two_sided: score >= 0.8, score }],
        blocked: is_blocked(devices, a) || is_blocked(devices, b),
        aggregate: named(a, p).zip(named(b, q)),
    }
}

fn cloud(found: &Found, sockets: &[Socket], others: &BTreeSet<u32>) -> Cloud {
    let macs: Vec<Mac> = others.iter().filter_map(|s| found.tables.macs.get(*s as usize).copied()).collect();
    let strangers = || found.direct.strangers.iter().filter(|s| sockets.contains(&s.at));
    let externals: BTreeSet<String> = strangers().map(|s| s.name.clone()).collect();
    let scores = sockets.iter().filter_map(|s| found.attached.get(s)).copied();
    let pairs = found.inferred.iter().filter(|((a, b), _)| sockets.contains(a) && sockets.contains(b)).map(|(_, s)| *s);
    let least = scores.chain(pairs).fold(0.85, f64::min);
    Cloud {
        ports: sockets.iter().map(|(d, p)| end(&found.devices, *d, Some(*p))).collect(),
        kind: guess(found, sockets, &macs, strangers().any(|s| is_phone(&s.row))),
        macs,
        externals: externals.into_iter().collect(),
        confidence: noisy_or([least]),
        source: Source::Fdb,
    }
}

fn is_phone(row: &crate::model::Link) -> bool {
    let platform = row.remote_platform.as_deref().unwrap_or_default().to_lowercase();
    let host = row.remote_host.as_deref().unwrap_or_default().to_lowercase();
    let says = row.capabilities.iter().any(|c| c == "telephone");
    says || ["phone", "soundpoint", "polycom", "yealink", "grandstream", "snom"].iter().any(|w| platform.contains(w))
        || ["sep", "sip"].iter().any(|w| host.strip_prefix(w).is_some_and(|r| Mac::parse(r).is_some()))
}

/// Step 4: what a segment with stations may be.
fn guess(found: &Found, sockets: &[Socket], macs: &[Mac], phone: bool) -> CloudKind {
    let kinds = || sockets.iter().filter_map(|s| found.devices.get(s.0)?.kind);
    let virtual_ones = macs.iter().filter(|m| m.is_virtual_machine() || m.is_local()).count();
    if phone && macs.len() <= 3 {
        CloudKind::PhonePassthrough
    } else if kinds().any(|k| matches!(k, DeviceKind::AccessPoint | DeviceKind::WlanController)) {
        CloudKind::Wifi
    } else if virtual_ones >= 2 && virtual_ones * 2 > macs.len() && sockets.len() == 1 {
        CloudKind::Hypervisor
    } else {
        CloudKind::UnmanagedSwitch
    }
}

/// Step 6: addresses of stations, by ARP and ND caches and by devices' own.
fn addresses(found: &Found) -> BTreeMap<Mac, BTreeSet<IpAddr>> {
    let mut out: BTreeMap<Mac, BTreeSet<IpAddr>> = BTreeMap::new();
    for device in &found.devices {
        for (address, mac) in &device.arp {
            out.entry(*mac).or_default().insert(*address);
        }
    }
    out
}

fn edge_hosts(
    found: &Found,
    at: Socket,
    here: &BTreeSet<u32>,
    addresses: &BTreeMap<Mac, BTreeSet<IpAddr>>,
    map: &mut Map,
) {
    let behind = found.direct.strangers.iter().find(|s| s.at == at && (!s.is_end_station || is_phone(&s.row)));
    let linked = found
        .direct
        .pairs
        .iter()
        .any(|p| ends(p).any(|s| found.devices.get(s.0).is_some_and(|d| (s.0, d.lane(s.1)) == at)));
    let device = u32::try_from(at.0).unwrap_or(u32::MAX);
    for station in here {
        let Some(mac) = found.tables.macs.get(*station as usize).copied() else { continue };
        let owner = found.directory.by_mac(mac).and_then(|d| found.devices.get(d)).map(|d| d.key.clone());
        let confidence = match (linked, behind, here.len()) {
            (true, _, _) => 0.5,
            (_, Some(s), _) if !s.is_end_station => 0.6,
            (_, Some(_), n) if n <= 2 => 0.9,
            (_, _, 1) => 0.95,
            _ => 0.85,
        };
        map.hosts.push(Host {
            end: end(&found.devices, at.0, Some(at.1)),
            mac,
            addresses: addresses.get(&mac).into_iter().flatten().copied().collect(),
            device: owner,
            vlans: found.tables.vlans.get(&(*station, device)).into_iter().flatten().copied().collect(),
            confidence,
            behind: behind.map(|s| s.name.clone()),
        });
    }
}
