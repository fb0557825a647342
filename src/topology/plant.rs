//! Documented cabling: units with jacks, cables between them, lanes (pairs or strands) all the way.
//!
//! A passive jack has two sides; without a map a lane goes straight from one to the other. Decommissioned cables are not
//! there. Where two plugs claim one lane of a socket, or two maps one lane of a jack, the first by name has it: every
//! step stays one to one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Front,
    Rear,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Front => Self::Rear,
            Self::Rear => Self::Front,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum CableEnd {
    A,
    B,
}

impl CableEnd {
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Planned,
    Installed,
    Connected,
    Faulty,
    Reserved,
    Decommissioned,
}

impl Status {
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "planned" => Self::Planned,
            "installed" => Self::Installed,
            "connected" => Self::Connected,
            "faulty" => Self::Faulty,
            "reserved" => Self::Reserved,
            "decommissioned" | "decommissioning" => Self::Decommissioned,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Unit {
    pub name: String,
    pub jacks: Vec<Jack>,
    pub maps: Vec<JackMap>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Jack {
    pub name: String,
    pub is_passive: bool,
    /// 8p8c, lc, sc, st, mpo, coax, sfp.
    pub media: String,
    /// Pairs or strands, counted from 1.
    pub lanes: u16,
}

/// Lanes that enter at `a` leave at `b`, and back.
#[derive(Debug, Clone, PartialEq)]
pub struct JackMap {
    pub a: MapEnd,
    pub b: MapEnd,
}

#[derive(Debug, Clone, PartialEq)]
pub struct MapEnd {
    pub jack: String,
    pub side: Side,
    pub lanes: Vec<u16>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Cable {
    pub name: String,
    pub lanes: u16,
    pub status: Status,
    /// Lane at end A and lane at end B; `None` is straight.
    pub lane_map: Option<Vec<(u16, u16)>>,
    pub a: Vec<Plug>,
    pub b: Vec<Plug>,
    /// Connectors the cable has at each end, plugged or not.
    pub connectors: (u16, u16),
    pub length_m: Option<f64>,
    pub category: Option<String>,
}

/// A connector in a socket. Lanes pair in order; of the longer list the rest is not wired.
#[derive(Debug, Clone, PartialEq)]
pub struct Plug {
    pub connector: u16,
    pub unit: String,
    pub jack: String,
    pub side: Option<Side>,
    pub cable_lanes: Vec<u16>,
    pub jack_lanes: Vec<u16>,
}

/// A jack by number, and its side where it is passive.
pub type Socket = (usize, Option<Side>);
type Wire = (usize, CableEnd, u16);

/// The cabling, ready to be followed.
#[derive(Debug, Clone, Default)]
pub struct Plant {
    pub(super) cables: Vec<Cable>,
    jacks: Vec<(String, Jack)>,
    numbers: BTreeMap<(String, String), usize>,
    plugs: BTreeMap<(Socket, u16), Wire>,
    landings: BTreeMap<Wire, (Socket, u16)>,
    crossings: BTreeMap<Wire, u16>,
    maps: BTreeMap<(Socket, u16), (Socket, u16)>,
    mapped: BTreeSet<usize>,
    filled: BTreeSet<Socket>,
    /// What was left out, and why: a plug in no jack, a lane with two claims.
    pub problems: Vec<String>,
}

impl Plant {
    pub fn new(mut units: Vec<Unit>, cables: Vec<Cable>) -> Self {
        units.sort_by(|a, b| a.name.cmp(&b.name));
        let mut cables: Vec<Cable> = cables.into_iter().filter(|c| c.status != Status::Decommissioned).collect();
        cables.sort_by(|a, b| a.name.cmp(&b.name));
        let mut this = Plant { cables, ..Plant::default() };
        for unit in &units {
            for jack in &unit.jacks {
                this.numbers.entry((unit.name.clone(), jack.name.clone())).or_insert(this.jacks.len());
                this.jacks.push((unit.name.clone(), jack.clone()));
            }
            for map in &unit.maps {
                this.add_map(unit, map);
            }
        }
        for (index, cable) in std::mem::take(&mut this.cables).into_iter().enumerate() {
            this.add_cable(index, &cable);
            this.cables.push(cable);
        }
        this
    }

    fn add_map(&mut self, unit: &Unit, map: &JackMap) {
        let socket =
            |end: &MapEnd| self.numbers.get(&(unit.name.clone(), end.jack.clone())).map(|j| (*j, Some(end.side)));
        let (Some(a), Some(b)) = (socket(&map.a), socket(&map.b)) else {
            self.problems.push(format!(
                "unit {}: a map names jack {} or {}, which it has not",
                unit.name, map.a.jack, map.b.jack
            ));
            return;
        };
        self.mapped.extend([a.0, b.0]);
        for (x, y) in map.a.lanes.iter().zip(&map.b.lanes) {
            let (from, to) = ((a, *x), (b, *y));
            if from == to || self.maps.contains_key(&from) || self.maps.contains_key(&to) {
                self.problems.push(format!("unit {}: lane {x} of jack {} is mapped twice", unit.name, map.a.jack));
                continue;
            }
            self.maps.insert(from, to);
            self.maps.insert(to, from);
        }
    }

    fn add_cable(&mut self, index: usize, cable: &Cable) {
        for (end, plugs) in [(CableEnd::A, &cable.a), (CableEnd::B, &cable.b)] {
            for plug in plugs {
                let Some(jack) = self.numbers.get(&(plug.unit.clone(), plug.jack.clone())).copied() else {
                    self.problems.push(format!("cable {}: no jack {} in unit {}", cable.name, plug.jack, plug.unit));
                    continue;
                };
                let side = if self.is_passive(jack) { plug.side.or(Some(Side::Front)) } else { None };
                let socket = (jack, side);
                if self.is_one_plug(jack) {
                    self.filled.insert(socket);
                }
                for (wire, lane) in plug.cable_lanes.iter().zip(&plug.jack_lanes) {
                    let (at, wire) = ((socket, *lane), (index, end, *wire));
                    if self.plugs.contains_key(&at) || self.landings.contains_key(&wire) {
                        let problem =
                            format!("cable {}: lane {lane} of {}/{} is taken", cable.name, plug.unit, plug.jack);
                        self.problems.push(problem);
                        continue;
                    }
                    self.plugs.insert(at, wire);
                    self.landings.insert(wire, at);
                }
            }
        }
        let straight = || (1..=cable.lanes).map(|l| (l, l)).collect();
        for (a, b) in cable.lane_map.clone().unwrap_or_else(straight) {
            let (near, far) = ((index, CableEnd::A, a), (index, CableEnd::B, b));
            if !self.crossings.contains_key(&near) && !self.crossings.contains_key(&far) {
                self.crossings.insert(near, b);
                self.crossings.insert(far, a);
            }
        }
    }

    /// Every strand of a duplex fibre jack has its own hole; any other jack takes one plug.
    fn is_one_plug(&self, jack: usize) -> bool {
        let media = self.jacks.get(jack).map(|(_, j)| j.media.to_lowercase()).unwrap_or_default();
        !["lc", "sc", "st", "fc"].iter().any(|m| media.starts_with(m))
    }

    pub(super) fn jack(&self, unit: &str, jack: &str) -> Option<(usize, &Jack)> {
        let index = *self.numbers.get(&(unit.to_owned(), jack.to_owned()))?;
        Some((index, &self.jacks.get(index)?.1))
    }

    pub(super) fn names(&self, jack: usize) -> (String, String) {
        self.jacks.get(jack).map(|(u, j)| (u.clone(), j.name.clone())).unwrap_or_default()
    }

    pub(super) fn is_passive(&self, jack: usize) -> bool {
        self.jacks.get(jack).is_some_and(|(_, j)| j.is_passive)
    }

    /// The cable's lane in a socket's lane.
    pub(super) fn plugged(&self, socket: Socket, lane: u16) -> Option<Wire> {
        self.plugs.get(&(socket, lane)).copied()
    }

    /// A plug is in it, whether or not it wires every lane.
    pub(super) fn is_filled(&self, socket: Socket) -> bool {
        self.filled.contains(&socket)
    }

    /// The lane at the other end of the cable.
    pub(super) fn across(&self, cable: usize, end: CableEnd, lane: u16) -> Option<u16> {
        self.crossings.get(&(cable, end, lane)).copied()
    }

    pub(super) fn lands(&self, cable: usize, end: CableEnd, lane: u16) -> Option<(Socket, u16)> {
        self.landings.get(&(cable, end, lane)).copied()
    }

    /// Where a lane that entered a passive jack leaves its unit.
    pub(super) fn through(&self, socket: Socket, lane: u16) -> Option<(Socket, u16)> {
        if let Some(to) = self.maps.get(&(socket, lane)) {
            return Some(*to);
        }
        let (jack, side) = socket;
        let lanes = self.jacks.get(jack).map_or(0, |(_, j)| j.lanes);
        let straight = !self.mapped.contains(&jack) && (1..=lanes).contains(&lane);
        side.filter(|_| straight).map(|s| ((jack, Some(s.other())), lane))
    }

    /// The connector that carries a lane that no plug does; `None` where the lane is in a plug and not wired.
    pub(super) fn free_connector(&self, cable: usize, end: CableEnd, lane: u16) -> Option<u16> {
        let c = self.cables.get(cable)?;
        let (plugs, count) = match end {
            CableEnd::A => (&c.a, c.connectors.0),
            CableEnd::B => (&c.b, c.connectors.1),
        };
        if plugs.iter().any(|p| p.cable_lanes.contains(&lane)) {
            return None;
        }
        let free: Vec<u16> = (1..=count).filter(|n| !plugs.iter().any(|p| p.connector == *n)).collect();
        // Lanes are dealt to connectors evenly, in order, where the plugged ones do not say otherwise.
        let share = c.lanes.checked_div(count).filter(|s| *s > 0 && c.lanes % count == 0)?;
        let even = |p: &Plug| p.cable_lanes.iter().all(|l| l.saturating_sub(1) / share + 1 == p.connector);
        let by_order = (lane.saturating_sub(1)) / share + 1;
        if plugs.iter().all(even) && free.contains(&by_order) {
            return Some(by_order);
        }
        let loose: Vec<u16> = (1..=c.lanes).filter(|l| !plugs.iter().any(|p| p.cable_lanes.contains(l))).collect();
        let at = loose.iter().position(|l| *l == lane)?;
        let per = loose.len().div_ceil(free.len().max(1)).max(1);
        free.get(at / per).copied()
    }
}
