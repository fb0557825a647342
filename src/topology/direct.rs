//! Direct evidence: what neighbour protocols, LACP and spanning tree say of the far end of a port.
//!
//! Rows are first resolved to devices and ports, then matched in pairs (a row of each end that means the other), then the
//! best claim for each port is kept. Where several neighbours are heard on one port, there is a segment, not a cable.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{Directory, Meant};
use super::input::{Device, PortKind};
use super::mac::Mac;
use super::map::{Evidence, Source};
use super::names;
use crate::model::Link as Row;

/// A port of a device, by its place in the sorted list and its socket's ifIndex.
pub type Socket = (usize, u32);

/// A believed pair. Ports are as reported; `None` where the far port is not told.
#[derive(Debug, Clone)]
pub struct Pair {
    pub a: Socket,
    pub b: (usize, Option<u32>),
    pub evidence: Vec<Evidence>,
}

/// Several ports that hear each other.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    pub ports: BTreeSet<Socket>,
    pub externals: BTreeSet<String>,
    pub source: Option<Source>,
}

/// A neighbour outside the set.
#[derive(Debug, Clone)]
pub struct Stranger {
    pub at: Socket,
    pub row: Row,
    pub name: String,
    pub is_end_station: bool,
}

/// Two ends that were claimed and not believed.
#[derive(Debug, Clone)]
pub struct Doubt {
    pub a: Socket,
    pub b: (usize, Option<u32>),
    pub source: Source,
    pub reason: &'static str,
}

#[derive(Debug, Clone, Default)]
pub struct Direct {
    pub pairs: Vec<Pair>,
    pub shared: Vec<Shared>,
    pub strangers: Vec<Stranger>,
    pub doubts: Vec<Doubt>,
}

/// A neighbour's row with its local port resolved.
#[derive(Debug, Clone)]
struct Heard {
    at: Socket,
    /// The interface as the row names it, which may be a unit of the socket.
    shown: u32,
    source: Source,
    to: Option<usize>,
    /// Ports of `to` that the row may mean, likeliest first.
    far: Vec<u32>,
    stranger: String,
    is_end_station: bool,
}

pub fn find(devices: &[Device], directory: &Directory) -> Direct {
    let mut direct = Direct::default();
    let heard = hear(devices, directory, &mut direct);
    let heard = without_flooded(heard, &mut direct);
    let matched = pair_up(devices, &heard);
    let (heard, shared_sockets) = share(devices, heard, &matched, &mut direct);
    let mut claims = claims(devices, &heard, &matched, &shared_sockets);
    claims.extend(super::claims::lacp(devices, directory));
    claims.extend(super::claims::stp(devices, directory));
    super::claims::choose(devices, claims, &shared_sockets, &mut direct);
    direct
}

fn source_of(protocol: &str) -> Source {
    match protocol.to_lowercase().as_str() {
        "lldp" => Source::Lldp,
        "cdp" => Source::Cdp,
        _ => Source::Neighbour,
    }
}

fn hear(devices: &[Device], directory: &Directory, direct: &mut Direct) -> Vec<Heard> {
    let mut out = Vec::new();
    for (me, device) in devices.iter().enumerate() {
        let mut rows: Vec<&Row> = device.neighbours.iter().collect();
        rows.sort_by_key(|r| (r.local_if_index, sort_key(r)));
        for row in rows {
            let by_name = || row.local_port.as_deref().and_then(|n| by_name(device, n).first().copied());
            let Some(shown) = row.local_if_index.or_else(by_name) else { continue };
            if device.ports.get(&shown).is_some_and(|p| p.kind == PortKind::Tunnel) {
                continue;
            }
            let at = (me, device.socket(shown));
            let meant = directory.meant(devices, me, row);
            if meant == Meant::Itself {
                continue;
            }
            let to = match meant {
                Meant::Device(to) => Some(to),
                _ => None,
            };
            let far = to.and_then(|t| devices.get(t)).map(|d| far_ports(d, row)).unwrap_or_default();
            let name = stranger_name(row);
            let is_end_station = is_end_station(row);
            if to.is_none() {
                direct.strangers.push(Stranger { at, row: row.clone(), name: name.clone(), is_end_station });
            }
            let source = source_of(&row.protocol);
            out.push(Heard { at, shown, source, to, far, stranger: name, is_end_station });
        }
    }
    out
}

fn sort_key(r: &Row) -> (String, String, String, String) {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    (r.protocol.clone(), text(&r.remote_chassis), text(&r.remote_host), text(&r.remote_port))
}

fn stranger_name(row: &Row) -> String {
    let name = row.remote_host.as_ref().or(row.remote_chassis.as_ref()).or(row.remote_address.as_ref());
    name.cloned().unwrap_or_else(|| "?".to_owned())
}

/// Telephones, cameras and computers: beyond them is at most one more station.
fn is_end_station(row: &Row) -> bool {
    let says = |word: &str| row.capabilities.iter().any(|c| c == word);
    if says("telephone") || says("station") {
        return true;
    }
    if says("router") || says("wlan-access-point") || says("bridge") || says("repeater") {
        return false;
    }
    let text = |t: &Option<String>| t.as_deref().unwrap_or_default().to_lowercase();
    let (host, platform) = (text(&row.remote_host), text(&row.remote_platform));
    let phone_name = ["sep", "sip"].iter().any(|w| host.strip_prefix(w).is_some_and(|r| Mac::parse(r).is_some()));
    let words = ["phone", "soundpoint", "polycom", "yealink", "grandstream", "snom", "camera", "printer"];
    // A card that speaks of itself by its address only is a computer's.
    let nameless = row.remote_host.is_none() && row.remote_platform.is_none();
    phone_name || words.iter().any(|w| platform.contains(w)) || nameless
}

/// Ports of a device by a name in any spelling.
fn by_name(device: &Device, name: &str) -> Vec<u32> {
    let wanted = names::port(name);
    let named = device.ports.iter().filter(|(_, p)| names::port(&p.name) == wanted);
    let found: Vec<u32> = named.map(|(i, _)| *i).collect();
    if !found.is_empty() {
        return found;
    }
    let described = |p: &super::input::Port| p.descr.as_deref().is_some_and(|d| names::port(d) == wanted);
    device.ports.iter().filter(|(_, p)| described(p)).map(|(i, _)| *i).collect()
}

/// Which ports of the far device a row may mean, likeliest first.
fn far_ports(device: &Device, row: &Row) -> Vec<u32> {
    let mut out: Vec<u32> = Vec::new();
    let mut add = |found: Vec<u32>| {
        // What means many ports means none.
        if found.len() <= 2 {
            for port in found {
                if !out.contains(&port) {
                    out.push(port);
                }
            }
        }
    };
    if let Some(name) = row.remote_port.as_deref().map(str::trim).filter(|n| !n.is_empty()) {
        let told = device.lldp_ports.iter().filter(|p| p.id.as_deref().is_some_and(|i| i.eq_ignore_ascii_case(name)));
        add(told.filter_map(|p| p.if_index).collect());
        add(by_name(device, name));
        // RouterOS puts the bridge before the port: "bridge/ether2".
        let inner = name.split_once('/').filter(|(outer, _)| {
            outer.to_lowercase().starts_with("bridge") || device.ports.values().any(|p| p.name == *outer)
        });
        add(inner.map(|(_, port)| by_name(device, port)).unwrap_or_default());
        if let Some(mac) = Mac::parse(name) {
            add(sockets_of(device, mac));
        }
    }
    if let Some(descr) = row.remote_port_descr.as_deref().map(str::trim).filter(|d| !d.is_empty()) {
        let told = device.lldp_ports.iter().filter(|p| p.descr.as_deref() == Some(descr)).filter_map(|p| p.if_index);
        add(told.collect());
        add(by_name(device, descr));
        let alias = device.ports.iter().filter(|(_, p)| p.alias.as_deref() == Some(descr)).map(|(i, _)| *i);
        add(alias.collect());
    }
    let number = row.remote_port.as_deref().and_then(|n| n.trim().parse::<u32>().ok());
    if let Some(number) = number {
        add(device.lldp_ports.iter().filter(|p| p.number == number).filter_map(|p| p.if_index).collect());
        add(device.ports.contains_key(&number).then_some(number).into_iter().collect());
        add(device.bridge_ports.get(&number).copied().into_iter().collect());
    }
    out
}

/// Sockets with an address, before units and VLANs that share it.
pub fn sockets_of(device: &Device, mac: Mac) -> Vec<u32> {
    let with = |kind: PortKind| {
        let ports = device.ports.iter().filter(move |(_, p)| p.mac == Some(mac) && p.kind == kind);
        ports.map(|(i, _)| device.socket(*i)).collect::<BTreeSet<u32>>()
    };
    let sockets = with(PortKind::Socket);
    let found = if sockets.is_empty() { with(PortKind::Aggregate) } else { sockets };
    found.into_iter().collect()
}

/// CDP is carried through switches that do not speak it: where LLDP names a neighbour on a port, CDP rows that name
/// another come from farther away.
fn without_flooded(heard: Vec<Heard>, direct: &mut Direct) -> Vec<Heard> {
    let mut lldp: BTreeMap<Socket, BTreeSet<String>> = BTreeMap::new();
    let who = |h: &Heard| h.to.map_or_else(|| h.stranger.to_lowercase(), |d| format!("#{d}"));
    for h in heard.iter().filter(|h| h.source == Source::Lldp && !(h.to.is_none() && h.is_end_station)) {
        lldp.entry(h.at).or_default().insert(who(h));
    }
    let mut kept = Vec::new();
    for h in heard {
        let flooded = h.source != Source::Lldp && lldp.get(&h.at).is_some_and(|set| !set.contains(&who(&h)));
        match h.to {
            Some(to) if flooded => {
                let b = (to, h.far.first().copied());
                direct.doubts.push(Doubt { a: h.at, b, source: h.source, reason: "LLDP names another on this port" });
            }
            _ if flooded => direct.strangers.retain(|s| !(s.at == h.at && s.name == h.stranger)),
            _ => kept.push(h),
        }
    }
    kept
}

/// Rows of both ends that mean each other: (row, row) with the first one's device the smaller.
fn pair_up(devices: &[Device], heard: &[Heard]) -> Vec<(usize, usize)> {
    let mut by_pair: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (at, h) in heard.iter().enumerate() {
        if let Some(to) = h.to {
            by_pair.entry((h.at.0, to)).or_default().push(at);
        }
    }
    let mut matched = Vec::new();
    for (&(a, b), rows) in by_pair.iter().filter(|((a, b), _)| a < b) {
        let Some(back) = by_pair.get(&(b, a)) else { continue };
        let mut options: Vec<(u32, usize, usize)> = Vec::new();
        for &i in rows {
            for &j in back {
                let (Some(x), Some(y)) = (heard.get(i), heard.get(j)) else { continue };
                options.extend(agreement(devices, x, y).map(|cost| (cost, i, j)));
            }
        }
        options.sort_unstable();
        let lonely = rows.len() == 1 && back.len() == 1;
        let mut used: BTreeSet<usize> = BTreeSet::new();
        for (cost, i, j) in options {
            // Nothing told of either port: only where there is nothing to mix up.
            if (cost < UNTOLD || lonely) && !used.contains(&i) && !used.contains(&j) {
                used.extend([i, j]);
                matched.push((i, j));
            }
        }
    }
    matched
}

const UNTOLD: u32 = 100;

/// How well two rows agree: 0 is each naming the other's port first; `None` is a contradiction.
fn agreement(devices: &[Device], x: &Heard, y: &Heard) -> Option<u32> {
    let place = |h: &Heard, other: &Heard| -> Option<u32> {
        let device = devices.get(other.at.0)?;
        if h.far.is_empty() {
            return Some(UNTOLD / 2);
        }
        let lane = device.lane(other.shown);
        let is = |port: &u32| *port == other.shown || device.socket(*port) == other.at.1;
        let at = h.far.iter().position(is).or_else(|| {
            // The row names the aggregate, the neighbour hears on its member.
            h.far.iter().position(|p| *p == lane)
        });
        at.and_then(|p| u32::try_from(p).ok())
    };
    // Of different protocols, only where one end speaks no other.
    let mixed = if x.source == y.source { 0 } else { 20 };
    Some(place(x, y)? + place(y, x)? + mixed)
}

/// Takes out the ports on which several neighbours are heard, as segments.
fn share(
    devices: &[Device],
    heard: Vec<Heard>,
    matched: &[(usize, usize)],
    direct: &mut Direct,
) -> (Vec<Heard>, BTreeSet<Socket>) {
    let mut neighbours: BTreeMap<Socket, BTreeSet<String>> = BTreeMap::new();
    for h in heard.iter().filter(|h| !(h.to.is_none() && h.is_end_station)) {
        let who = h.to.map_or_else(|| h.stranger.to_lowercase(), |d| format!("#{d}"));
        neighbours.entry(h.at).or_default().insert(who);
    }
    let count = |s: &Socket| neighbours.get(s).map_or(0, BTreeSet::len);
    // A partner that hears nobody but us on its port is at the end of our cable.
    let mut partners: BTreeMap<Socket, BTreeSet<Socket>> = BTreeMap::new();
    for (i, j) in matched {
        let (Some(x), Some(y)) = (heard.get(*i), heard.get(*j)) else { continue };
        if count(&y.at) == 1 {
            partners.entry(x.at).or_default().insert(y.at);
        }
        if count(&x.at) == 1 {
            partners.entry(y.at).or_default().insert(x.at);
        }
    }
    let crowded = |s: &Socket| count(s) > 1 && partners.get(s).map_or(0, BTreeSet::len) != 1;
    let mut groups: Vec<Shared> = Vec::new();
    for h in heard.iter().filter(|h| crowded(&h.at)) {
        let mut group = Shared { source: Some(h.source), ..Shared::default() };
        group.ports.insert(h.at);
        match h.to {
            Some(to) => {
                let far = h.far.first().and_then(|p| Some((to, devices.get(to)?.socket(*p))));
                group.ports.extend(far.filter(|f| count(f) <= 1 || crowded(f)));
            }
            None => {
                group.externals.insert(h.stranger.clone());
            }
        }
        let (joined, rest): (Vec<Shared>, Vec<Shared>) =
            groups.into_iter().partition(|g| !g.ports.is_disjoint(&group.ports));
        for g in joined {
            group.ports.extend(g.ports);
            group.externals.extend(g.externals);
            group.source = group.source.min(g.source);
        }
        groups = rest;
        groups.push(group);
    }
    let sockets: BTreeSet<Socket> = groups.iter().flat_map(|g| g.ports.iter().copied()).collect();
    groups.sort_by(|a, b| a.ports.cmp(&b.ports));
    direct.shared = groups;
    (heard, sockets)
}

/// A pair as one source claims it.
#[derive(Debug, Clone)]
pub struct Claim {
    pub a: Socket,
    pub b: (usize, Option<u32>),
    pub evidence: Evidence,
}

fn claims(devices: &[Device], heard: &[Heard], matched: &[(usize, usize)], shared: &BTreeSet<Socket>) -> Vec<Claim> {
    let mut out = Vec::new();
    let mut used = BTreeSet::new();
    for (i, j) in matched {
        let (Some(x), Some(y)) = (heard.get(*i), heard.get(*j)) else { continue };
        used.extend([*i, *j]);
        let source = x.source.max(y.source);
        let score = if source == Source::Lldp { 0.99 } else { 0.93 };
        let evidence = Evidence { source, two_sided: true, score };
        out.push(Claim { a: (x.at.0, x.shown), b: (y.at.0, Some(y.shown)), evidence });
    }
    let speaks: BTreeSet<(usize, Source)> = heard.iter().map(|h| (h.at.0, h.source)).collect();
    let busy: BTreeSet<Socket> = heard.iter().filter(|h| h.to.is_some() || !h.is_end_station).map(|h| h.at).collect();
    for (_, h) in heard.iter().enumerate().filter(|(at, h)| !used.contains(at) && !shared.contains(&h.at)) {
        let Some((to, peer)) = h.to.and_then(|to| Some((to, devices.get(to)?))) else { continue };
        let far = h.far.first().copied();
        let is_lldp = h.source == Source::Lldp;
        let named_elsewhere = far.is_some_and(|f| busy.contains(&(to, peer.socket(f))));
        let already = heard.iter().enumerate().any(|(i, o)| used.contains(&i) && o.at == h.at && o.to == h.to);
        if already {
            continue;
        }
        let score = match (far, speaks.contains(&(to, h.source))) {
            (None, _) => {
                if is_lldp {
                    0.75
                } else {
                    0.60
                }
            }
            _ if named_elsewhere => 0.40,
            (Some(_), true) => {
                if is_lldp {
                    0.55
                } else {
                    0.50
                }
            }
            (Some(_), false) => {
                if is_lldp {
                    0.90
                } else {
                    0.70
                }
            }
        };
        let evidence = Evidence { source: h.source, two_sided: false, score };
        out.push(Claim { a: (h.at.0, h.shown), b: (to, far), evidence });
    }
    out
}
