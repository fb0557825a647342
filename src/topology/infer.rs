//! The inference, step by step: identities, direct evidence, forwarding tables, clouds, stations.
//!
//! Pure and independent of the order of its input: everything is sorted by key first. Steps and scores are those of the
//! field's practice (see the modules); a pair without evidence draws no line.

use std::collections::{BTreeMap, BTreeSet};

use super::claims;
use super::direct::{self, Direct, Pair, Socket};
use super::emit;
use super::identity::{self, Directory};
use super::input::Device;
use super::map::{Evidence, Map, Source};
use super::table::Tables;
use super::toward::{Sight, Sights};
use super::tree::{Forest, Place, Walked};

/// What the steps found, before it is written down.
pub(super) struct Found {
    pub devices: Vec<Device>,
    pub directory: Directory,
    pub direct: Direct,
    pub tables: Tables,
    /// Pairs of lanes the tables join, with their score.
    pub inferred: BTreeMap<(Socket, Socket), f64>,
    /// Ends of devices that are no bridge or a weak one, with their score.
    pub attached: BTreeMap<Socket, f64>,
    /// Devices on a segment through a port that is not certain.
    pub loose: BTreeMap<Socket, BTreeSet<usize>>,
    /// Lanes whose far end is known directly, or is a bridge outside the set.
    pub claimed: BTreeSet<Socket>,
}

/// The map of these devices.
pub fn infer(devices: Vec<Device>) -> Map {
    let (devices, same) = identity::merge(devices);
    let mut directory = Directory::new(&devices);
    learn_from_arp(&devices, &mut directory);
    let mut direct = direct::find(&devices, &directory);
    let tables = Tables::read(&devices, &directory);
    weigh_with_tables(&devices, &tables, &mut direct);
    let mut forest = Forest::new(devices.len());
    let claimed = claim(&devices, &direct, &mut forest);
    let mut found = Found {
        devices,
        directory,
        direct,
        tables,
        inferred: BTreeMap::new(),
        attached: BTreeMap::new(),
        loose: BTreeMap::new(),
        claimed,
    };
    join_bridges(&mut found, &mut forest);
    attach(&mut found, &mut forest);
    let mut map = emit::write(&found, &mut forest);
    map.same = same;
    map
}

/// The address a gateway resolves for a device's own IP is the device's.
fn learn_from_arp(devices: &[Device], directory: &mut Directory) {
    let mut told: BTreeSet<(super::mac::Mac, usize)> = BTreeSet::new();
    for (me, device) in devices.iter().enumerate() {
        for (address, mac) in device.arp.iter().filter(|(_, m)| m.is_station()) {
            told.extend(directory.by_address(*address).filter(|d| *d != me).map(|d| (*mac, d)));
        }
    }
    let mut owners: BTreeMap<super::mac::Mac, usize> = BTreeMap::new();
    for (mac, _) in &told {
        *owners.entry(*mac).or_default() += 1;
    }
    // A proxy answers for many.
    for (mac, device) in told.into_iter().filter(|(m, _)| owners.get(m) == Some(&1)) {
        directory.add_own(mac, device);
    }
}

/// Own addresses of devices by who saw them where.
fn own_seen(tables: &Tables) -> BTreeMap<(usize, usize), BTreeMap<u32, u32>> {
    let mut seen: BTreeMap<(usize, usize), BTreeMap<u32, u32>> = BTreeMap::new();
    for bridge in &tables.bridges {
        for (station, lane) in &bridge.seen {
            let owner = tables.owner.get(*station as usize).copied().flatten();
            if let (Some(owner), Some(if_index)) = (owner, bridge.lanes.get(usize::from(*lane))) {
                *seen.entry((bridge.device, owner)).or_default().entry(*if_index).or_default() += 1;
            }
        }
    }
    seen
}

/// Tables speak for or against what one end said, and name the far port where only the device was named.
fn weigh_with_tables(devices: &[Device], tables: &Tables, direct: &mut Direct) {
    let seen = own_seen(tables);
    let lane = |s: Socket| devices.get(s.0).map_or(s.1, |d| d.lane(s.1));
    let busy: BTreeSet<Socket> = direct.pairs.iter().flat_map(ends).map(|s| (s.0, lane(s))).collect();
    let mut kept = Vec::new();
    for mut pair in std::mem::take(&mut direct.pairs) {
        if pair.b.1.is_none() {
            let views = seen.get(&(pair.b.0, pair.a.0));
            let one = views.filter(|v| v.len() == 1).and_then(|v| v.keys().next().copied());
            pair.b.1 = one.filter(|p| !busy.contains(&(pair.b.0, *p)));
        }
        let sees = |from: Socket, to: usize| {
            let views = seen.get(&(from.0, to))?;
            Some(views.contains_key(&lane(from)))
        };
        let views = [sees(pair.a, pair.b.0), pair.b.1.and_then(|p| sees((pair.b.0, p), pair.a.0))];
        let two_sided = pair.evidence.iter().any(|e| e.two_sided);
        if !two_sided && views.contains(&Some(false)) && !views.contains(&Some(true)) {
            let source = pair.evidence.first().map_or(Source::Neighbour, |e| e.source);
            let reason = "forwarding tables see it behind another port";
            direct.doubts.push(direct::Doubt { a: pair.a, b: pair.b, source, reason });
            continue;
        }
        let spoke = views.iter().filter(|v| **v == Some(true)).count();
        if spoke > 0 {
            let (two_sided, score) = if spoke == 2 { (true, 0.85) } else { (false, 0.60) };
            pair.evidence.push(Evidence { source: Source::Fdb, two_sided, score });
        }
        kept.push(pair);
    }
    direct.pairs = kept;
}

pub(super) fn ends(pair: &Pair) -> impl Iterator<Item = Socket> + use<> {
    std::iter::once(pair.a).chain(pair.b.1.map(|p| (pair.b.0, p)))
}

/// Joins what is known directly; gives the lanes that take no part in the rest.
fn claim(devices: &[Device], direct: &Direct, forest: &mut Forest) -> BTreeSet<Socket> {
    let lane = |s: Socket| (s.0, devices.get(s.0).map_or(s.1, |d| d.lane(s.1)));
    let mut claimed = BTreeSet::new();
    for pair in &direct.pairs {
        let all: Vec<Socket> = ends(pair).map(lane).collect();
        claimed.extend(all.iter().copied());
        if let [a, b] = all[..]
            && !ends(pair).any(|s| is_blocked(devices, s))
        {
            // A ring closed by a blocked port: the tables only follow the tree.
            forest.join(a, b);
        }
    }
    for shared in &direct.shared {
        let lanes: Vec<Socket> = claims::lanes_of(devices, shared).into_iter().collect();
        for pair in lanes.windows(2) {
            if let [a, b] = pair {
                forest.join(*a, *b);
            }
        }
    }
    let bridges = direct.strangers.iter().filter(|s| !s.is_end_station);
    claimed.extend(bridges.map(|s| lane(s.at)));
    claimed
}

pub(super) fn is_blocked(devices: &[Device], socket: Socket) -> bool {
    let Some(device) = devices.get(socket.0) else { return false };
    let lane = device.lane(socket.1);
    [socket.1, device.socket(socket.1), lane].iter().any(|p| device.ports.get(p).is_some_and(|p| p.blocked))
}

/// Bridges that see each other or the same stations, in groups; weak ones do not vote.
fn domains(tables: &Tables) -> Vec<Vec<usize>> {
    let mut parents: Vec<usize> = (0..tables.bridges.len()).collect();
    fn top(parents: &mut [usize], mut at: usize) -> usize {
        while let Some(&up) = parents.get(at)
            && up != at
        {
            at = up;
        }
        at
    }
    let weak: Vec<bool> = tables.bridges.iter().map(super::table::Bridge::is_weak).collect();
    let strong = |b: usize| weak.get(b) == Some(&false);
    let by_device: BTreeMap<usize, usize> = tables.bridges.iter().enumerate().map(|(i, b)| (b.device, i)).collect();
    for (station, list) in tables.witnesses.iter().enumerate() {
        let owner = tables.owner.get(station).copied().flatten().and_then(|d| by_device.get(&d)).copied();
        let mut members = list.iter().map(|b| *b as usize).chain(owner).filter(|b| strong(*b));
        let Some(first) = members.next() else { continue };
        for other in members {
            let (a, b) = (top(&mut parents, first), top(&mut parents, other));
            if let Some(slot) = parents.get_mut(a.max(b)) {
                *slot = a.min(b);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for bridge in (0..tables.bridges.len()).filter(|b| strong(*b)) {
        groups.entry(top(&mut parents, bridge)).or_default().push(bridge);
    }
    groups.into_values().filter(|g| g.len() > 1).collect()
}

/// Joins the lanes of bridges that see each other with nobody between, best evidence first.
fn join_bridges(found: &mut Found, forest: &mut Forest) {
    for members in domains(&found.tables) {
        let sights = Sights::of(&found.tables, members);
        let mut candidates: Vec<(Rank, Socket, Socket, Sight)> = Vec::new();
        let mut beside: BTreeMap<Socket, BTreeSet<Socket>> = BTreeMap::new();
        for ((i, j), sight) in &sights.pairs {
            let (Some(p), Some(q)) = sight.lanes else { continue };
            let socket = |at: usize, lane: u16| {
                let bridge = found.tables.bridges.get(*sights.members.get(at)?)?;
                Some((bridge.device, *bridge.lanes.get(usize::from(lane))?))
            };
            let (Some(a), Some(b)) = (socket(*i, p), socket(*j, q)) else { continue };
            if !sight.is_enough() || sights.has_between(*i, *j, (p, q)) {
                continue;
            }
            match (found.claimed.contains(&a), found.claimed.contains(&b)) {
                (false, false) => candidates.push((sight.rank(), a, b, *sight)),
                (true, false) if sight.sides() == 2 => drop(beside.entry(a).or_default().insert(b)),
                (false, true) if sight.sides() == 2 => drop(beside.entry(b).or_default().insert(a)),
                _ => {}
            }
        }
        crowd(found, forest, &beside);
        candidates.sort_by(|x, y| y.0.cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
        for (_, a, b, sight) in candidates {
            if forest.join(a, b) {
                found.inferred.insert((a, b), sight.score());
            }
        }
    }
}

/// A cable whose both ends see a third bridge towards each other is none: something unmanaged passes the neighbours' words
/// on, and the third does not speak.
fn crowd(found: &mut Found, forest: &mut Forest, beside: &BTreeMap<Socket, BTreeSet<Socket>>) {
    let mut kept = Vec::new();
    for pair in std::mem::take(&mut found.direct.pairs) {
        let lane = |s: Socket| (s.0, found.devices.get(s.0).map_or(s.1, |d| d.lane(s.1)));
        let lanes: Vec<Socket> = ends(&pair).map(lane).collect();
        let third = match lanes[..] {
            [a, b] => beside.get(&a).zip(beside.get(&b)).and_then(|(x, y)| x.intersection(y).next().copied()),
            _ => None,
        };
        let is_plain = ends(&pair).all(|s| lane(s) == s);
        match (third, lanes.first()) {
            (Some(third), Some(first)) if is_plain && forest.join(*first, third) => {
                let source = pair.evidence.first().map(|e| e.source);
                let ports = ends(&pair).collect();
                found.direct.shared.push(direct::Shared { ports, externals: BTreeSet::new(), source });
                found.claimed.retain(|s| !lanes.contains(s));
            }
            _ => kept.push(pair),
        }
    }
    found.direct.pairs = kept;
    found.direct.shared.sort_by(|a, b| a.ports.cmp(&b.ports));
}

/// Both see each other's own addresses, one does, how many stations agree, how few do not.
type Rank = (u8, i64);

impl Sight {
    fn sides(&self) -> u8 {
        u8::from(self.own.0 > 0) + u8::from(self.own.1 > 0)
    }

    fn rank(&self) -> Rank {
        (self.sides(), i64::from(self.support) - 3 * i64::from(self.against))
    }

    /// The least that decides: each other's addresses, one's and a station, or stations in general position.
    fn is_enough(&self) -> bool {
        match self.sides() {
            2 => true,
            1 => self.support >= 1,
            _ => self.support >= 2,
        }
    }

    /// 0.85 for each other's addresses, 0.60 for one's, else by the stations up to 0.75; less for each that contradicts.
    fn score(&self) -> f64 {
        let simple = (0.50 + 0.02 * f64::from(self.support)).min(0.75);
        let base = match self.sides() {
            2 => 0.85,
            1 => simple.max(0.60),
            _ => simple,
        };
        (base - 0.1 * f64::from(self.against.min(4))).max(0.1)
    }
}

/// Weak bridges and devices that are no bridges, by where their own addresses are.
fn attach(found: &mut Found, forest: &mut Forest) {
    let weak: Vec<bool> = found.tables.bridges.iter().map(super::table::Bridge::is_weak).collect();
    let strong_devices: BTreeSet<usize> =
        found.tables.bridges.iter().zip(&weak).filter(|(_, w)| !**w).map(|(b, _)| b.device).collect();
    let mut where_is: BTreeMap<usize, BTreeMap<usize, BTreeSet<super::mac::Mac>>> = BTreeMap::new();
    let sockets: BTreeMap<usize, Vec<Socket>> = {
        let walked = Walked::new(&found.tables, &mut *forest);
        let may_vote = |b: usize| weak.get(b) == Some(&false);
        for (station, owner) in found.tables.owner.iter().enumerate() {
            let Some(device) = owner.filter(|d| !strong_devices.contains(d)) else { continue };
            let Ok(number) = u32::try_from(station) else { continue };
            if let (Place::Segment(segment), Some(mac)) =
                (walked.place(number, &may_vote, false), found.tables.macs.get(station))
            {
                where_is.entry(device).or_default().entry(segment).or_default().insert(*mac);
            }
        }
        where_is.values().flat_map(BTreeMap::keys).map(|s| (*s, walked.sockets(*s))).collect()
    };
    for (device, segments) in where_is {
        for (segment, macs) in segments {
            let Some(at) = sockets.get(&segment) else { continue };
            attach_one(found, forest, device, &macs, at);
        }
    }
}

fn attach_one(found: &mut Found, forest: &mut Forest, device: usize, macs: &BTreeSet<super::mac::Mac>, at: &[Socket]) {
    // What is directly linked there is there already; beyond a claimed lane is somebody else.
    let Some(first) = at.first().copied() else { return };
    if at.iter().any(|s| s.0 == device || found.claimed.contains(s)) {
        return;
    }
    let Some(d) = found.devices.get(device) else { return };
    let bridge = found.tables.bridges.iter().find(|b| b.device == device);
    let own_side = bridge.and_then(|b| {
        let lane = b.lanes.get(usize::from(b.seen.first()?.1))?;
        let sees = b.seen.iter().any(|(s, _)| {
            let owner = found.tables.owner.get(*s as usize).copied().flatten();
            owner.is_some_and(|o| at.iter().any(|x| x.0 == o))
        });
        Some((*lane, sees))
    });
    let (port, score) = match own_side {
        Some((lane, sees)) => (Some(lane), if sees { 0.85 } else { 0.60 }),
        None => {
            let ports: BTreeSet<u32> = macs.iter().flat_map(|m| direct::sockets_of(d, *m)).collect();
            let alive = |p: &u32| d.ports.get(p).is_none_or(|p| p.up != Some(false));
            let up: Vec<u32> = ports.iter().copied().filter(alive).collect();
            let lanes: BTreeSet<u32> = up.iter().map(|p| d.lane(*p)).collect();
            (lanes.first().copied().filter(|_| lanes.len() == 1), 0.60)
        }
    };
    let Some(port) = port.filter(|p| !found.claimed.contains(&(device, *p))) else {
        for socket in at {
            found.loose.entry(*socket).or_default().insert(device);
        }
        return;
    };
    if forest.join(first, (device, port)) {
        found.attached.insert((device, port), score);
    }
}
