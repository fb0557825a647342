//! Segments: ports joined into the tree that the forwarding tables draw, and the place of each station in it.
//!
//! Bridges and segments make a forest; a join that would close a loop is refused. A station lies on the one segment that
//! every bridge that knows it sees it towards; else it is only somewhere behind.

use std::collections::{BTreeMap, BTreeSet};

use super::direct::Socket;
use super::table::Tables;

/// Ports joined to segments, devices joined through them.
#[derive(Debug, Clone, Default)]
pub struct Forest {
    pub lanes: Vec<Socket>,
    numbers: BTreeMap<Socket, usize>,
    segment: Vec<usize>,
    component: Vec<usize>,
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while let Some(&up) = parents.get(at)
        && up != at
    {
        let above = parents.get(up).copied().unwrap_or(up);
        if let Some(slot) = parents.get_mut(at) {
            *slot = above;
        }
        at = up;
    }
    at
}

impl Forest {
    pub fn new(devices: usize) -> Self {
        Forest { component: (0..devices).collect(), ..Forest::default() }
    }

    pub fn lane(&mut self, socket: Socket) -> usize {
        if let Some(found) = self.numbers.get(&socket) {
            return *found;
        }
        let number = self.lanes.len();
        self.lanes.push(socket);
        self.segment.push(number);
        self.numbers.insert(socket, number);
        number
    }

    pub fn segment_of(&mut self, lane: usize) -> usize {
        root(&mut self.segment, lane)
    }

    /// One segment of two ports' segments; false where that would close a loop.
    pub fn join(&mut self, a: Socket, b: Socket) -> bool {
        let (x, y) = (self.lane(a), self.lane(b));
        let (x, y) = (root(&mut self.segment, x), root(&mut self.segment, y));
        if x == y {
            return true;
        }
        let (c, d) = (root(&mut self.component, a.0), root(&mut self.component, b.0));
        if c == d {
            return false;
        }
        let (low, high) = (c.min(d), c.max(d));
        if let Some(slot) = self.component.get_mut(high) {
            *slot = low;
        }
        let (low, high) = (x.min(y), x.max(y));
        if let Some(slot) = self.segment.get_mut(high) {
            *slot = low;
        }
        true
    }

    pub fn component_of(&mut self, device: usize) -> usize {
        root(&mut self.component, device)
    }

    /// Lanes by segment.
    pub fn segments(&mut self) -> BTreeMap<usize, Vec<usize>> {
        let mut out: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for lane in 0..self.lanes.len() {
            let segment = root(&mut self.segment, lane);
            out.entry(segment).or_default().push(lane);
        }
        out
    }
}

/// Where a station is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Segment(usize),
    /// Lanes behind which it is.
    Behind(Vec<usize>),
    Nowhere,
}

/// The forest walked once, for asking which way a segment lies.
pub struct Walked<'a> {
    tables: &'a Tables,
    forest: &'a Forest,
    segment: Vec<usize>,
    members: BTreeMap<usize, Vec<usize>>,
    /// Lane of a bridge by its own number, per bridge.
    lane_of: Vec<Vec<usize>>,
    component: Vec<usize>,
    bridge_of: BTreeMap<usize, usize>,
    entered: BTreeMap<Node, (u32, u32)>,
    above: BTreeMap<usize, usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Device(usize),
    Segment(usize),
}

impl<'a> Walked<'a> {
    pub fn new(tables: &'a Tables, forest: &'a mut Forest) -> Self {
        let lane_of: Vec<Vec<usize>> =
            tables.bridges.iter().map(|b| b.lanes.iter().map(|l| forest.lane((b.device, *l))).collect()).collect();
        let members = forest.segments();
        let count = forest.lanes.len();
        let segment: Vec<usize> = (0..count).map(|l| forest.segment_of(l)).collect();
        let devices = forest.component.len();
        let component = (0..devices).map(|d| forest.component_of(d)).collect();
        let bridge_of = tables.bridges.iter().enumerate().map(|(at, b)| (b.device, at)).collect();
        let forest: &Forest = forest;
        let mut this = Walked {
            tables,
            forest,
            segment,
            members,
            lane_of,
            component,
            bridge_of,
            entered: BTreeMap::new(),
            above: BTreeMap::new(),
        };
        this.walk(devices);
        this
    }

    fn walk(&mut self, devices: usize) {
        let mut of_device: Vec<Vec<usize>> = vec![Vec::new(); devices];
        for (lane, (device, _)) in self.forest.lanes.iter().enumerate() {
            if let (Some(list), Some(segment)) = (of_device.get_mut(*device), self.segment.get(lane)) {
                list.push(*segment);
            }
        }
        let mut clock = 0u32;
        for first in 0..devices {
            if self.entered.contains_key(&Node::Device(first)) {
                continue;
            }
            // Entering and leaving, without recursion.
            let mut stack = vec![(Node::Device(first), false)];
            while let Some((node, leaving)) = stack.pop() {
                if leaving {
                    if let Some(times) = self.entered.get_mut(&node) {
                        times.1 = clock;
                    }
                    continue;
                }
                if self.entered.contains_key(&node) {
                    continue;
                }
                self.entered.insert(node, (clock, clock));
                clock += 1;
                stack.push((node, true));
                match node {
                    Node::Device(d) => {
                        for segment in of_device.get(d).into_iter().flatten() {
                            if !self.entered.contains_key(&Node::Segment(*segment)) {
                                stack.push((Node::Segment(*segment), false));
                            }
                        }
                    }
                    Node::Segment(s) => {
                        for lane in self.members.get(&s).into_iter().flatten() {
                            let Some((device, _)) = self.forest.lanes.get(*lane) else { continue };
                            if !self.entered.contains_key(&Node::Device(*device)) {
                                self.above.insert(*device, s);
                                stack.push((Node::Device(*device), false));
                            }
                        }
                    }
                }
            }
        }
    }

    /// Is the segment on the side of this lane?
    fn leads_to(&self, lane: usize, target: usize) -> bool {
        let (Some(segment), Some((device, _))) = (self.segment.get(lane), self.forest.lanes.get(lane)) else {
            return false;
        };
        let within = |node: Node| {
            let (Some(outer), Some(inner)) = (self.entered.get(&node), self.entered.get(&Node::Segment(target))) else {
                return false;
            };
            outer.0 <= inner.0 && inner.0 < outer.1
        };
        if self.above.get(device) == Some(segment) {
            !within(Node::Device(*device))
        } else {
            within(Node::Segment(*segment))
        }
    }

    pub fn socket(&self, lane: usize) -> Option<Socket> {
        self.forest.lanes.get(lane).copied()
    }

    pub fn sockets(&self, segment: usize) -> Vec<Socket> {
        let lanes = self.members.get(&segment).into_iter().flatten();
        lanes.filter_map(|l| self.forest.lanes.get(*l).copied()).collect()
    }

    pub fn all(&self) -> impl Iterator<Item = usize> + '_ {
        self.members.keys().copied()
    }

    /// Places a station by those bridges that may vote. `strict`: all bridges of its segment must know it.
    pub fn place(&self, station: u32, may_vote: &dyn Fn(usize) -> bool, strict: bool) -> Place {
        let mut by_component: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for bridge in self.tables.witnesses.get(station as usize).into_iter().flatten() {
            let at = *bridge as usize;
            let Some(b) = self.tables.bridges.get(at).filter(|_| may_vote(at)) else { continue };
            let lane = b.lane_of(station).and_then(|l| self.lane_of.get(at)?.get(usize::from(l)).copied());
            let component = self.component.get(b.device).copied().unwrap_or(b.device);
            by_component.entry(component).or_default().extend(lane);
        }
        // A bridge that learned on one lane only and is joined to nobody tells less than any other.
        if by_component.len() > 1 {
            let better: Vec<usize> = by_component
                .iter()
                .filter(|(_, lanes)| !(lanes.len() == 1 && lanes.iter().all(|l| self.is_weak_lane(*l))))
                .map(|(c, _)| *c)
                .collect();
            if !better.is_empty() {
                by_component.retain(|c, _| better.contains(c));
            }
        }
        let places: Vec<Place> = by_component.values().map(|lanes| self.place_in(lanes, may_vote, strict)).collect();
        match &places[..] {
            [] => Place::Nowhere,
            [one] => one.clone(),
            // Islands that nothing joins: its own is where it is nearly alone.
            many => self.nearest(many).unwrap_or_else(|| Place::Behind(by_component.into_values().flatten().collect())),
        }
    }

    fn is_weak_lane(&self, lane: usize) -> bool {
        let device = self.forest.lanes.get(lane).map(|(d, _)| *d);
        let bridge = device.and_then(|d| self.bridge_of.get(&d)).and_then(|b| self.tables.bridges.get(*b));
        bridge.is_some_and(|b| b.is_weak())
    }

    fn nearest(&self, places: &[Place]) -> Option<Place> {
        const FEW: usize = 3;
        let crowd = |p: &Place| match p {
            Place::Segment(s) => self.crowd(*s),
            _ => usize::MAX,
        };
        let mut few = places.iter().filter(|p| crowd(p) <= FEW);
        match (few.next(), few.next()) {
            (Some(one), None) => Some(one.clone()),
            _ => None,
        }
    }

    /// Stations its bridges have learned towards a segment.
    fn crowd(&self, segment: usize) -> usize {
        let lanes = self.members.get(&segment).into_iter().flatten();
        let count = |lane: &usize| {
            let (device, if_index) = self.forest.lanes.get(*lane)?;
            let bridge = self.tables.bridges.get(*self.bridge_of.get(device)?)?;
            let number = bridge.lanes.iter().position(|l| l == if_index)?;
            Some(bridge.seen.iter().filter(|(_, l)| usize::from(*l) == number).count())
        };
        lanes.filter_map(count).max().unwrap_or(0)
    }

    fn place_in(&self, lanes: &[usize], may_vote: &dyn Fn(usize) -> bool, strict: bool) -> Place {
        let behind = || Place::Behind(lanes.to_vec());
        let seen_by: BTreeMap<usize, usize> =
            lanes.iter().filter_map(|l| Some((self.forest.lanes.get(*l)?.0, *l))).collect();
        let Some(mut at) = lanes.first().and_then(|l| self.segment.get(*l)).copied() else { return Place::Nowhere };
        let agrees = |l: &usize, at: usize| self.segment.get(*l) == Some(&at) || self.leads_to(*l, at);
        let mut passed = BTreeSet::new();
        while passed.insert(at) {
            let further: BTreeSet<usize> = self
                .members
                .get(&at)
                .into_iter()
                .flatten()
                .filter_map(|l| {
                    let device = self.forest.lanes.get(*l)?.0;
                    let seen = seen_by.get(&device)?;
                    self.segment.get(*seen).copied().filter(|s| *s != at)
                })
                .collect();
            match further.into_iter().collect::<Vec<_>>()[..] {
                // A bridge on the way may not know it, and one beyond does.
                [] => match lanes.iter().find(|l| !agrees(l, at)).and_then(|l| self.segment.get(*l)) {
                    Some(next) => at = *next,
                    None => break,
                },
                [next] => at = next,
                _ => return behind(),
            }
        }
        let agreed = lanes.iter().all(|l| agrees(l, at));
        let unknown_to = |l: &usize| {
            let Some((device, _)) = self.forest.lanes.get(*l) else { return false };
            let votes = self.bridge_of.get(device).is_some_and(|b| may_vote(*b));
            votes && !seen_by.contains_key(device)
        };
        let missing = strict && self.members.get(&at).into_iter().flatten().any(unknown_to);
        if agreed && !missing { Place::Segment(at) } else { behind() }
    }
}
