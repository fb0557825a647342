//! Documents beside the network: every difference as a finding with what accepting it would do. Pure; it changes nothing.
//!
//! To add a kind: a variant of `DifferenceKind`, a function here that is called in `reconcile`, its words in the catalogue.

use std::collections::{BTreeMap, BTreeSet};

use super::documented::{Documented, PathEnd, Step};
use crate::model::{
    CableStatus, DifferenceKind as K, Found, LinkRecord, LinkState, Millis, PieceId, PortAt, Suggestion, UnitKind,
};

/// A link below this is no reason to doubt a document.
const SURE: u16 = 800;
/// A station below this may be anywhere.
const LIKELY: u16 = 600;
const DEAD_AFTER: i64 = 30 * Millis::DAY;
/// Wrong frames of a day.
const MANY_ERRORS: u64 = 100;

/// A port as last read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PortSeen {
    pub name: String,
    pub up: Option<bool>,
    pub since: Option<Millis>,
    pub speed_bps: u64,
    pub below_capability: bool,
    pub half_duplex: bool,
    /// Frames with wrong checksums within a day.
    pub wrong_frames: u64,
    /// The only VLAN that stations were learned in.
    pub vlan: Option<u16>,
}

/// Somebody at an edge port.
#[derive(Debug, Clone, PartialEq)]
pub struct StationSeen {
    /// Of ours.
    pub device: Option<i64>,
    pub name: String,
    pub at: PortAt,
    pub permille: u16,
}

/// All that is seen of a branch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    pub links: Vec<LinkRecord>,
    pub stations: Vec<StationSeen>,
    pub ports: BTreeMap<PortAt, PortSeen>,
    pub names: BTreeMap<i64, String>,
}

impl Observed {
    fn port(&self, at: PortAt) -> String {
        let device = self.names.get(&at.device).cloned().unwrap_or_else(|| at.device.to_string());
        let port = self.ports.get(&at).map_or_else(|| at.if_index.to_string(), |p| p.name.clone());
        format!("{device} · {port}")
    }
}

/// Every difference, by key.
pub fn reconcile(documented: &Documented, observed: &Observed, now: Millis) -> Vec<Found> {
    let mut all: BTreeMap<String, Found> = BTreeMap::new();
    let mut add = |f: Found| drop(all.insert(f.key.clone(), f));
    links(documented, observed).into_iter().for_each(&mut add);
    stations(documented, observed).into_iter().for_each(&mut add);
    ports(documented, observed, now).into_iter().for_each(&mut add);
    loose_cables(documented).into_iter().for_each(&mut add);
    all.into_values().collect()
}

fn at_words(at: PortAt) -> String {
    format!("{}/{}", at.device, at.if_index)
}

/// What the documents say is at the other end of an interface: active jacks, and their names.
fn far(documented: &Documented, at: PortAt) -> (Vec<PieceId>, String) {
    let Some(jack) = documented.interface(at.device, at.if_index) else { return Default::default() };
    let far = documented.far_ends(jack);
    let name = |j: &PieceId| documented.plan.jacks.get(j).map(|j| documented.plan.jack_name(j));
    let names = far.iter().filter_map(name).collect::<Vec<_>>().join(", ");
    (far, names)
}

fn links(documented: &Documented, observed: &Observed) -> Vec<Found> {
    let mut found = Vec::new();
    let mut wrong: Vec<(PortAt, PortAt, &LinkRecord, String)> = Vec::new();
    for l in observed.links.iter().filter(|l| l.permille >= SURE && l.state == LinkState::Live) {
        let [Some(a), Some(b)] = l.ends() else { continue };
        let ((far_a, names_a), (far_b, names_b)) = (far(documented, a), far(documented, b));
        let jack_b = documented.interface(b.device, b.if_index);
        if jack_b.is_some_and(|j| far_a.contains(&j)) {
            continue;
        }
        if far_a.is_empty() && far_b.is_empty() {
            found.push(Found {
                key: format!("undocumented-link {}", l.key()),
                kind: K::UndocumentedLink,
                documented: String::new(),
                observed: format!("{} – {}", observed.port(a), observed.port(b)),
                evidence: l.evidence.clone(),
                permille: l.permille,
                device: Some(a.device),
                jack: documented.interface(a.device, a.if_index),
                suggestion: Some(Suggestion::Links { pairs: vec![(a, b)] }),
            });
            continue;
        }
        let said = [(a, names_a), (b, names_b)];
        let said = said.iter().filter(|(_, n)| !n.is_empty()).map(|(p, n)| format!("{} – {n}", observed.port(*p)));
        wrong.push((a, b, l, said.collect::<Vec<_>>().join("; ")));
    }
    swaps(documented, observed, wrong, &mut found);
    found
}

/// Two wrong links that exchanged their ends are one finding.
fn swaps(
    documented: &Documented,
    observed: &Observed,
    wrong: Vec<(PortAt, PortAt, &LinkRecord, String)>,
    found: &mut Vec<Found>,
) {
    let expected = |at: PortAt| -> BTreeSet<PieceId> { far(documented, at).0.into_iter().collect() };
    let jack = |at: PortAt| documented.interface(at.device, at.if_index);
    let is = |at: PortAt, other: PortAt| jack(other).is_some_and(|j| expected(at).contains(&j));
    let mut used = BTreeSet::new();
    for (n, (a, b, l, said)) in wrong.iter().enumerate() {
        if used.contains(&n) {
            continue;
        }
        let other =
            wrong.iter().enumerate().skip(n + 1).find(|(m, (c, d, ..))| {
                !used.contains(m) && ((is(*a, *d) && is(*c, *b)) || (is(*a, *c) && is(*d, *b)))
            });
        let one = format!("{} – {}", observed.port(*a), observed.port(*b));
        let base = Found {
            key: format!("wrong-link {}", l.key()),
            kind: K::WrongLink,
            documented: said.clone(),
            observed: one.clone(),
            evidence: l.evidence.clone(),
            permille: l.permille,
            device: Some(a.device),
            jack: jack(*a).or(jack(*b)),
            suggestion: Some(Suggestion::Links { pairs: vec![(*a, *b)] }),
        };
        match other {
            Some((m, (c, d, second, also))) => {
                used.insert(m);
                found.push(Found {
                    key: format!("swapped {} {}", l.key(), second.key()),
                    kind: K::Swapped,
                    documented: format!("{said}; {also}"),
                    observed: format!("{one}; {} – {}", observed.port(*c), observed.port(*d)),
                    permille: l.permille.min(second.permille),
                    suggestion: Some(Suggestion::Links { pairs: vec![(*a, *b), (*c, *d)] }),
                    ..base
                });
            }
            None => found.push(base),
        }
    }
}

/// The outlet a path leads to, and whether anything is documented at its end.
fn behind(documented: &Documented, jack: PieceId) -> (Option<PieceId>, Vec<PieceId>) {
    let plan = &documented.plan;
    let unit = |j: &PieceId| plan.jacks.get(j).and_then(|j| plan.units.get(&j.unit));
    let mut outlet = None;
    for path in documented.paths(jack) {
        for step in &path.steps {
            if let Step::Jack(id, _) = step
                && unit(id).is_some_and(|u| u.kind == UnitKind::Outlet)
            {
                outlet = outlet.or(Some(*id));
            }
        }
    }
    (outlet, documented.far_ends(jack))
}

fn stations(documented: &Documented, observed: &Observed) -> Vec<Found> {
    let plan = &documented.plan;
    let mut home: BTreeMap<i64, PieceId> = BTreeMap::new();
    let wired: BTreeSet<PieceId> =
        plan.cables.values().filter(|c| c.status.is_live()).flat_map(|c| c.ends.iter()).map(|e| e.jack).collect();
    for jack in plan.jacks.values().filter(|j| wired.contains(&j.id)) {
        let device = plan.units.get(&jack.unit).and_then(|u| u.device);
        if let Some(device) = device {
            home.entry(device.0).or_insert(jack.id);
        }
    }
    let linked: BTreeSet<PortAt> = observed.links.iter().flat_map(LinkRecord::ends).flatten().collect();
    let documented_switch = |device: i64| plan.units.values().any(|u| u.device.map(|d| d.0) == Some(device));
    let mut found = Vec::new();
    let mut strangers: BTreeMap<PortAt, Vec<&StationSeen>> = BTreeMap::new();
    for s in observed.stations.iter().filter(|s| s.permille >= LIKELY && !linked.contains(&s.at)) {
        let jack = documented.interface(s.at.device, s.at.if_index);
        let (outlet, ends) = jack.map(|j| behind(documented, j)).unwrap_or_default();
        let Some(device) = s.device else {
            if documented_switch(s.at.device) && outlet.is_none() && ends.is_empty() {
                strangers.entry(s.at).or_default().push(s);
            }
            continue;
        };
        let mine =
            |j: &PieceId| plan.jacks.get(j).and_then(|j| plan.units.get(&j.unit)?.device).map(|d| d.0) == Some(device);
        if ends.iter().any(mine) {
            continue;
        }
        let at_home = home.get(&device);
        let kind = match (at_home, outlet) {
            (Some(_), _) => K::DeviceMoved,
            (None, Some(_)) => K::OutletFound,
            (None, None) => K::UndocumentedLink,
        };
        let place = outlet.and_then(|o| plan.jacks.get(&o)).map(|j| format!(" – {}", plan.jack_name(j)));
        let was = at_home.map(|j| {
            let names = documented
                .far_ends(*j)
                .iter()
                .filter_map(|j| plan.jacks.get(j))
                .map(|j| plan.jack_name(j))
                .collect::<Vec<_>>();
            format!("{} – {}", s.name, if names.is_empty() { "…".to_owned() } else { names.join(", ") })
        });
        found.push(Found {
            key: format!("{} {device} {}", kind.as_str(), at_words(s.at)),
            kind,
            documented: was.unwrap_or_default(),
            observed: format!("{} – {}{}", s.name, observed.port(s.at), place.unwrap_or_default()),
            evidence: vec!["fdb".to_owned()],
            permille: s.permille,
            device: Some(device),
            jack: outlet.or(jack),
            suggestion: Some(Suggestion::Attach { device, at: s.at }),
        });
    }
    for (at, list) in strangers {
        let mut names: Vec<&str> = list.iter().map(|s| s.name.as_str()).collect();
        names.sort_unstable();
        names.truncate(3);
        found.push(Found {
            key: format!("ghost-patch {}", at_words(at)),
            kind: K::GhostPatch,
            documented: String::new(),
            observed: format!("{} – {}", observed.port(at), names.join(", ")),
            evidence: vec!["fdb".to_owned()],
            permille: list.iter().map(|s| s.permille).max().unwrap_or(0),
            device: Some(at.device),
            jack: documented.interface(at.device, at.if_index),
            suggestion: None,
        });
    }
    found
}

fn ports(documented: &Documented, observed: &Observed, now: Millis) -> Vec<Found> {
    let busy: BTreeSet<PortAt> = observed.stations.iter().map(|s| s.at).collect();
    let mut found = Vec::new();
    for (at, p) in &observed.ports {
        let jack = documented.interface(at.device, at.if_index);
        let paths = jack.map(|j| documented.paths(j)).unwrap_or_default();
        let (_, names) = far(documented, *at);
        let end = |kind: K, observed_words: String, suggestion| Found {
            key: format!("{} {}", kind.as_str(), at_words(*at)),
            kind,
            documented: if names.is_empty() { String::new() } else { format!("{} – {names}", observed.port(*at)) },
            observed: format!("{}: {observed_words}", observed.port(*at)),
            evidence: vec!["port".to_owned()],
            permille: 950,
            device: Some(at.device),
            jack,
            suggestion,
        };
        let is_up = p.up == Some(true);
        let lanes = paths.iter().map(|p| p.lanes).max().unwrap_or(4);
        let plugged = jack.and_then(|j| documented.in_socket(crate::model::Socket { jack: j, side: None }));
        let connected = plugged.is_some_and(|c| c.status == CableStatus::Connected);
        let dead = p.up == Some(false) && p.since.is_some_and(|s| now.since(s) > DEAD_AFTER);
        if let Some(jack) = jack.filter(|_| connected && dead && !busy.contains(at)) {
            let days = p.since.map_or(0, |s| now.since(s) / Millis::DAY);
            found.push(end(K::DeadPort, format!("{days} d"), Some(Suggestion::Free { jack })));
        }
        // Two pairs carry 100 Mbit/s and no more: a splitter explains it.
        if is_up && p.below_capability && lanes >= 4 {
            found.push(end(K::SpeedDowngrade, format!("{} Mbit/s", p.speed_bps / 1_000_000), None));
        }
        if p.wrong_frames >= MANY_ERRORS {
            found.push(end(K::FcsErrors, p.wrong_frames.to_string(), None));
        }
        if is_up && p.half_duplex && p.speed_bps >= 100_000_000 {
            found.push(end(K::DuplexMismatch, "half duplex".to_owned(), None));
        }
        let outlet = jack.and_then(|j| behind(documented, j).0).and_then(|o| documented.plan.jacks.get(&o));
        if let (Some(wanted), Some(seen)) = (outlet.and_then(|o| o.vlan), p.vlan)
            && wanted != seen
        {
            let name = outlet.map(|o| documented.plan.jack_name(o)).unwrap_or_default();
            let mut f = end(K::VlanMismatch, format!("VLAN {seen}"), None);
            f.documented = format!("{name}: VLAN {wanted}");
            found.push(f);
        }
    }
    found
}

fn loose_cables(documented: &Documented) -> Vec<Found> {
    let plan = &documented.plan;
    let loose = plan.cables.values().filter(|c| c.status == CableStatus::Connected).filter(|c| {
        let ends: BTreeSet<_> = c.ends.iter().map(|e| e.end).collect();
        ends.len() < 2
    });
    loose
        .map(|c| {
            let at = c.ends.first().and_then(|e| plan.jacks.get(&e.jack));
            let name = at.map(|j| plan.jack_name(j)).unwrap_or_default();
            Found {
                key: format!("one-end-cable {}", c.id),
                kind: K::OneEndCable,
                documented: format!("{} {name}", c.label).trim().to_owned(),
                observed: String::new(),
                evidence: Vec::new(),
                permille: 1_000,
                device: None,
                jack: at.map(|j| j.id),
                suggestion: None,
            }
        })
        .collect()
}

/// A path has an open end at this jack: where a missing middle would begin.
pub fn open_end(documented: &Documented, jack: PieceId) -> Option<crate::model::Socket> {
    documented.paths(jack).into_iter().find_map(|path| {
        [(path.steps.first(), path.ends.0), (path.steps.last(), path.ends.1)].into_iter().find_map(
            |(step, end)| match (step, end) {
                (Some(Step::Jack(id, side)), PathEnd::Open) if *id != jack => {
                    Some(crate::model::Socket { jack: *id, side: *side })
                }
                _ => None,
            },
        )
    })
}
