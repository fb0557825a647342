//! Claims of LACP and spanning tree, and the choice between all claims for a port.

use std::collections::{BTreeMap, BTreeSet};

use super::direct::{Claim, Direct, Doubt, Pair, Shared, Socket};
use super::identity::Directory;
use super::input::{Device, PortKind};
use super::mac::Mac;
use super::map::{Evidence, Source, noisy_or};

/// Below this a claim is only remembered as a contradiction.
const BELIEVED: f64 = 0.45;

/// Partners by LACP: the number a partner gives its port is the actor number of one of the partner's own.
pub fn lacp(devices: &[Device], directory: &Directory) -> Vec<Claim> {
    let mut systems: BTreeMap<Mac, BTreeSet<usize>> = BTreeMap::new();
    for (at, d) in devices.iter().enumerate() {
        for system in d.lacp.iter().filter_map(|p| p.actor_system.as_deref().and_then(Mac::parse)) {
            systems.entry(system).or_default().insert(at);
        }
    }
    let owner = |mac: Mac| match systems.get(&mac).map(|s| s.iter().collect::<Vec<_>>()) {
        Some(one) if one.len() == 1 => one.first().map(|d| **d),
        Some(_) => None,
        None => directory.by_mac(mac),
    };
    let mut out = Vec::new();
    for (me, device) in devices.iter().enumerate() {
        for p in &device.lacp {
            let Some(to) = Mac::parse(&p.partner_system).filter(|m| m.is_station()).and_then(owner) else { continue };
            if to == me {
                continue;
            }
            let Some(peer) = devices.get(to) else { continue };
            let mut back = peer.lacp.iter().filter(|q| q.actor_port.is_some() && q.actor_port == p.partner_port);
            let far = back.next().filter(|_| back.next().is_none());
            let two_sided = far.is_some_and(|q| {
                q.partner_port.is_some()
                    && q.partner_port == p.actor_port
                    && Mac::parse(&q.partner_system).and_then(owner) == Some(me)
            });
            // A number alone, of a partner that says nothing of us, is not enough to name its port.
            let far = far.filter(|_| two_sided).map(|q| q.if_index);
            let score = if two_sided { 0.97 } else { 0.60 };
            let evidence = Evidence { source: Source::Lacp, two_sided, score };
            if two_sided && me < to || far.is_none() {
                out.push(Claim { a: (me, p.if_index), b: (to, far), evidence });
            }
        }
    }
    out
}

/// Spanning tree: the designated bridge and port of a segment are its end towards the root.
pub fn stp(devices: &[Device], directory: &Directory) -> Vec<Claim> {
    let mut bridges: BTreeMap<Mac, Option<usize>> = BTreeMap::new();
    for (at, d) in devices.iter().enumerate() {
        for mac in &d.identity {
            bridges.entry(*mac).and_modify(|o| *o = o.filter(|o| *o == at)).or_insert(Some(at));
        }
    }
    let mut led: BTreeMap<(usize, u32), BTreeSet<Socket>> = BTreeMap::new();
    for (me, device) in devices.iter().enumerate() {
        for s in &device.segments {
            let alive = !matches!(s.state.as_deref(), Some("disabled" | "broken") | None);
            let up = device.ports.get(&s.if_index).is_none_or(|p| p.up != Some(false));
            let leader = Mac::parse(&s.designated_bridge);
            let leader = leader.and_then(|m| bridges.get(&m).copied().flatten().or_else(|| directory.by_identity(m)));
            let (Some(to), Some(number), true) = (leader.filter(|l| *l != me), s.designated_port, alive && up) else {
                continue;
            };
            let far = devices.get(to).and_then(|d| d.bridge_ports.get(&number).copied());
            if let Some(far) = far {
                led.entry((to, far)).or_default().insert((me, s.if_index));
            }
        }
    }
    let mut out = Vec::new();
    for ((to, far), followers) in led {
        let Some(peer) = devices.get(to) else { continue };
        // One end leads many: a segment, which the forwarding tables know better.
        let [follower] = followers.iter().collect::<Vec<_>>()[..] else { continue };
        let says_so = |s: &crate::model::StpSegment| {
            s.if_index == far
                && Mac::parse(&s.designated_bridge).and_then(|m| bridges.get(&m).copied().flatten()) == Some(to)
        };
        let two_sided = peer.segments.iter().any(says_so);
        let score = if two_sided { 0.92 } else { 0.80 };
        out.push(Claim {
            a: *follower,
            b: (to, Some(far)),
            evidence: Evidence { source: Source::Stp, two_sided, score },
        });
    }
    out
}

/// The lower end, and the device and port of the other.
type Key = (Socket, usize, Option<u32>);

/// One claim with all its sources.
struct Choice {
    a: Socket,
    b: (usize, Option<u32>),
    evidence: BTreeMap<Source, Evidence>,
}

/// Joins the sources of each pair and gives each port to its best pair.
pub fn choose(devices: &[Device], claims: Vec<Claim>, shared: &BTreeSet<Socket>, direct: &mut Direct) {
    let socket = |d: usize, p: u32| (d, devices.get(d).map_or(p, |x| x.socket(p)));
    let lane = |d: usize, p: u32| (d, devices.get(d).map_or(p, |x| x.lane(p)));
    let mut options: BTreeMap<Key, Choice> = BTreeMap::new();
    for claim in claims {
        let a = socket(claim.a.0, claim.a.1);
        let b = claim.b.1.map(|p| socket(claim.b.0, p).1);
        // The same pair from its other end is the same pair.
        let (key, a, b) = match b {
            Some(port) if (claim.b.0, port) < a => (
                ((claim.b.0, port), a.0, Some(a.1)),
                (claim.b.0, claim.b.1.unwrap_or(port)),
                (claim.a.0, Some(claim.a.1)),
            ),
            _ => ((a, claim.b.0, b), claim.a, claim.b),
        };
        let option = options.entry(key).or_insert_with(|| Choice { a, b, evidence: BTreeMap::new() });
        let old = option.evidence.get(&claim.evidence.source);
        if old.is_none_or(|o| o.score < claim.evidence.score) {
            option.evidence.insert(claim.evidence.source, claim.evidence);
        }
    }
    let mut ranked: Vec<(Key, Choice, f64)> = options
        .into_iter()
        .map(|(key, option)| {
            let score = together(&option.evidence);
            (key, option, score)
        })
        .collect();
    let told = |o: &Choice| o.evidence.keys().any(|s| matches!(s, Source::Lldp | Source::Cdp | Source::Neighbour));
    let both = |o: &Choice| o.evidence.values().any(|e| e.two_sided);
    ranked.sort_by(|(k, x, s), (l, y, t)| {
        let order = (both(y), y.b.1.is_some(), told(y)).cmp(&(both(x), x.b.1.is_some(), told(x)));
        order.then(t.total_cmp(s)).then(k.cmp(l))
    });
    let mut taken: BTreeSet<Socket> = BTreeSet::new();
    let mut joined: BTreeSet<(Socket, usize)> = BTreeSet::new();
    for ((a, to, b), option, score) in ranked {
        let ends: Vec<Socket> = std::iter::once(a).chain(b.map(|p| (to, p))).collect();
        let source = option.evidence.keys().next().copied().unwrap_or(Source::Neighbour);
        if ends.iter().any(|e| shared.contains(e)) {
            continue;
        }
        // An aggregate's link is that of its members, whether or not the device tells which they are.
        let by_members = ends.iter().any(|e| {
            let Some(d) = devices.get(e.0) else { return false };
            let is_aggregate = d.ports.get(&e.1).is_some_and(|p| p.kind == PortKind::Aggregate);
            is_aggregate
                && (direct.pairs.iter().any(|p| joins(p, a.0, to)) || taken.iter().any(|t| lane(t.0, t.1) == *e))
        });
        if by_members || (b.is_none() && joined.contains(&(a, to))) {
            continue;
        }
        let clash = ends.iter().any(|e| taken.contains(e));
        if clash || score < BELIEVED {
            let reason = if clash { "the port has a better neighbour" } else { "the other end names somebody else" };
            direct.doubts.push(Doubt { a: option.a, b: option.b, source, reason });
            continue;
        }
        taken.extend(ends);
        joined.insert((a, to));
        joined.extend(b.map(|p| ((to, p), a.0)));
        direct.pairs.push(Pair { a: option.a, b: option.b, evidence: option.evidence.into_values().collect() });
    }
}

fn joins(pair: &Pair, a: usize, b: usize) -> bool {
    (pair.a.0, pair.b.0) == (a, b) || (pair.a.0, pair.b.0) == (b, a)
}

/// LLDP and CDP of one daemon count once; LACP, spanning tree and tables are independent of them.
pub fn together(evidence: &BTreeMap<Source, Evidence>) -> f64 {
    let told = [Source::Lldp, Source::Cdp, Source::Neighbour];
    let best = told.iter().filter_map(|s| evidence.get(s)).map(|e| e.score).fold(0.0, f64::max);
    let others = evidence.iter().filter(|(s, _)| !told.contains(s)).map(|(_, e)| e.score);
    noisy_or(others.chain([best]))
}

/// Ports of a shared segment as one set, for the tree.
pub fn lanes_of(devices: &[Device], shared: &Shared) -> BTreeSet<Socket> {
    shared.ports.iter().map(|(d, p)| (*d, devices.get(*d).map_or(*p, |x| x.lane(*p)))).collect()
}
