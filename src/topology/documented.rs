//! Documented cabling as a plant to follow, and ways through it in the words of the documents.
//!
//! Units, jacks and cables are named by their numbers inside the plant, so that two panels with one label never meet.

use std::collections::BTreeMap;

use super::plant::{self, MapEnd, Plant, Plug};
use super::trace::{Goal, Hop, Open, Start, Way};
use crate::model::{Cable, CableStatus, Cabling, JackSide, PieceId, PlugEnd, Plugged, Socket, UnitKind};

/// A plant with the documents it is made of.
#[derive(Debug, Clone, Default)]
pub struct Documented {
    pub plan: Cabling,
    plant: Plant,
    /// Live cables by the sockets they are in.
    plugs: BTreeMap<Socket, PieceId>,
    /// Jacks of managed interfaces.
    interfaces: BTreeMap<(i64, u32), PieceId>,
}

/// One step of a path: a jack that is passed, or a cable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Jack(PieceId, Option<JackSide>),
    Cable(PieceId),
}

/// How an end of a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathEnd {
    /// An active jack.
    Active,
    /// Nothing is plugged in there.
    Open,
    /// A cable that ends nowhere.
    Loose,
    Loop,
}

/// A whole path through a socket, from end to end, the same whichever way it was followed.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    pub steps: Vec<Step>,
    pub ends: (PathEnd, PathEnd),
    /// Lanes that go all the way.
    pub lanes: u16,
    pub length_cm: i64,
    /// Every cable's length is known.
    pub length_is_whole: bool,
    pub category: Option<String>,
    /// Every cable is connected.
    pub is_active: bool,
}

fn side(side: JackSide) -> plant::Side {
    match side {
        JackSide::Front => plant::Side::Front,
        JackSide::Rear => plant::Side::Rear,
    }
}

fn side_back(side: plant::Side) -> JackSide {
    match side {
        plant::Side::Front => JackSide::Front,
        plant::Side::Rear => JackSide::Rear,
    }
}

fn status(status: CableStatus) -> plant::Status {
    match status {
        CableStatus::Planned => plant::Status::Planned,
        CableStatus::Installed => plant::Status::Installed,
        CableStatus::Connected => plant::Status::Connected,
        CableStatus::Faulty => plant::Status::Faulty,
        CableStatus::Reserved => plant::Status::Reserved,
        CableStatus::Decommissioned => plant::Status::Decommissioned,
    }
}

fn number(name: &str) -> PieceId {
    PieceId(name.parse().unwrap_or(0))
}

impl Documented {
    pub fn new(plan: Cabling) -> Documented {
        let mut jacks: BTreeMap<PieceId, Vec<plant::Jack>> = BTreeMap::new();
        let mut interfaces = BTreeMap::new();
        for jack in plan.jacks.values() {
            let unit = plan.units.get(&jack.unit);
            if let (Some(device), Some(index)) = (unit.and_then(|u| u.device), jack.if_index) {
                interfaces.entry((device.0, index)).or_insert(jack.id);
            }
            jacks.entry(jack.unit).or_default().push(plant::Jack {
                name: jack.id.to_string(),
                is_passive: unit.is_some_and(|u| u.kind.is_passive()),
                media: jack.media.clone(),
                lanes: jack.lanes,
            });
        }
        let mut maps: BTreeMap<PieceId, Vec<plant::JackMap>> = BTreeMap::new();
        for map in plan.maps.values() {
            let Some(unit) = plan.jacks.get(&map.a_jack).map(|j| j.unit) else { continue };
            let end = |jack: PieceId, s: JackSide, lanes: &[u16]| MapEnd {
                jack: jack.to_string(),
                side: side(s),
                lanes: lanes.to_vec(),
            };
            maps.entry(unit).or_default().push(plant::JackMap {
                a: end(map.a_jack, map.a_side, &map.a_lanes),
                b: end(map.b_jack, map.b_side, &map.b_lanes),
            });
        }
        let units = plan.units.keys().map(|id| plant::Unit {
            name: id.to_string(),
            jacks: jacks.remove(id).unwrap_or_default(),
            maps: maps.remove(id).unwrap_or_default(),
        });
        let cables = plan.cables.values().map(|c| cable(&plan, c)).collect();
        let plant = Plant::new(units.collect(), cables);
        let mut plugs = BTreeMap::new();
        for cable in plan.cables.values().filter(|c| c.status.is_live()) {
            for e in &cable.ends {
                plugs.entry(Socket { jack: e.jack, side: e.side }).or_insert(cable.id);
            }
        }
        Documented { plan, plant, plugs, interfaces }
    }

    /// The jack of a managed interface.
    pub fn interface(&self, device: i64, if_index: u32) -> Option<PieceId> {
        self.interfaces.get(&(device, if_index)).copied()
    }

    /// The cable in a side of a jack.
    pub fn in_socket(&self, socket: Socket) -> Option<&Cable> {
        self.plan.cables.get(self.plugs.get(&socket)?)
    }

    /// Paths through a jack: one, or several where lanes part. The end nearest to a switch comes first.
    pub fn paths(&self, jack: PieceId) -> Vec<Path> {
        let Some(j) = self.plan.jacks.get(&jack) else { return Vec::new() };
        let (unit, name) = (j.unit.to_string(), jack.to_string());
        let is_passive = self.plan.units.get(&j.unit).is_some_and(|u| u.kind.is_passive());
        let ways = |start: Start<'_>| self.plant.trace(&start).map(|t| t.ways).unwrap_or_default();
        if !is_passive {
            return self.joined(jack, None, &ways(Start::Jack { unit: &unit, jack: &name, side: None }));
        }
        let inward = |s| ways(Start::Jack { unit: &unit, jack: &name, side: Some(side(s)) });
        let used = |s| self.plugs.contains_key(&Socket { jack, side: Some(s) });
        // The side that leads somewhere: behind a splitter only one does.
        let goes = |s| used(s) || inward(s).iter().any(|w| w.hops.len() > 1);
        let from = if goes(JackSide::Front) { JackSide::Front } else { JackSide::Rear };
        let out = ways(Start::Out { unit: &unit, jack: &name, side: side(from) });
        self.joined(jack, Some(&out), &inward(from))
    }

    /// Paths through a cable.
    pub fn cable_paths(&self, cable: PieceId) -> Vec<Path> {
        let first = self.plan.cables.get(&cable).and_then(|c| c.ends.first()).map(|e| e.jack);
        let through = |p: &Path| p.steps.contains(&Step::Cable(cable));
        first.map(|j| self.paths(j)).unwrap_or_default().into_iter().filter(through).collect()
    }

    /// Ways outwards and inwards from one side of a jack that share lanes, made one.
    fn joined(&self, jack: PieceId, out: Option<&[Way]>, inward: &[Way]) -> Vec<Path> {
        let mut paths = Vec::new();
        for right in inward {
            match out {
                None => paths.push(self.path(jack, None, right, right.lanes.len())),
                Some(out) => {
                    for left in out {
                        let shared = right.lanes.iter().filter(|l| left.lanes.contains(l)).count();
                        if shared > 0 {
                            paths.push(self.path(jack, Some(left), right, shared));
                        }
                    }
                }
            }
        }
        paths.sort_by(|a: &Path, b| a.steps.cmp(&b.steps));
        paths
    }

    fn path(&self, jack: PieceId, left: Option<&Way>, right: &Way, lanes: usize) -> Path {
        let step = |h: &Hop| match h {
            Hop::Jack { jack, side, .. } => Step::Jack(number(jack), side.map(side_back)),
            Hop::Cable { name } => Step::Cable(number(name)),
        };
        // Both ways begin at the same side of the jack.
        let mut steps: Vec<Step> = Vec::new();
        if let Some(left) = left {
            steps.extend(left.hops.iter().skip(1).map(step).rev());
        }
        steps.extend(right.hops.iter().map(step));
        let mut ends = (left.map_or(PathEnd::Active, |w| end(&w.goal)), end(&right.goal));
        if steps.is_empty() {
            steps.push(Step::Jack(jack, None));
        }
        if self.rank(steps.last()) < self.rank(steps.first()) {
            steps.reverse();
            ends = (ends.1, ends.0);
        }
        let cables: Vec<&Cable> = steps
            .iter()
            .filter_map(|s| match s {
                Step::Cable(id) => self.plan.cables.get(id),
                Step::Jack(..) => None,
            })
            .collect();
        let categories = [left.and_then(|w| w.category.clone()), right.category.clone()];
        Path {
            ends,
            lanes: u16::try_from(lanes).unwrap_or(u16::MAX),
            length_cm: cables.iter().filter_map(|c| c.length_cm).sum(),
            length_is_whole: cables.iter().all(|c| c.length_cm.is_some()),
            category: categories.into_iter().flatten().min_by_key(|c| super::trace::rank(c)),
            is_active: cables.iter().all(|c| c.status == CableStatus::Connected),
            steps,
        }
    }

    /// Switches lead, then routers and panels; what people sit at comes last.
    fn rank(&self, step: Option<&Step>) -> (u8, PieceId) {
        let Some(Step::Jack(id, _)) = step else { return (9, PieceId(0)) };
        let kind = self.plan.jacks.get(id).and_then(|j| self.plan.units.get(&j.unit)).map(|u| u.kind);
        let rank = match kind {
            Some(UnitKind::Switch) => 0,
            Some(UnitKind::Router) => 1,
            Some(UnitKind::Converter) => 2,
            Some(UnitKind::Panel | UnitKind::Splice | UnitKind::Consolidation | UnitKind::Splitter) => 3,
            Some(UnitKind::AccessPoint) => 4,
            Some(UnitKind::Outlet) => 5,
            _ => 6,
        };
        (rank, *id)
    }

    /// Active jacks at the ends of the paths through a jack, itself left out.
    pub fn far_ends(&self, jack: PieceId) -> Vec<PieceId> {
        let mut found = std::collections::BTreeSet::new();
        for path in self.paths(jack) {
            for (step, end) in [(path.steps.first(), path.ends.0), (path.steps.last(), path.ends.1)] {
                if let (Some(Step::Jack(id, _)), PathEnd::Active) = (step, end) {
                    found.insert(*id);
                }
            }
        }
        found.remove(&jack);
        found.into_iter().collect()
    }
}

fn end(goal: &Goal) -> PathEnd {
    match goal {
        Goal::Active { .. } => PathEnd::Active,
        Goal::Open(Open::Socket { .. }) => PathEnd::Open,
        Goal::Open(Open::Connector { .. }) | Goal::Unwired => PathEnd::Loose,
        Goal::Loop => PathEnd::Loop,
    }
}

fn cable(plan: &Cabling, c: &Cable) -> plant::Cable {
    let kind = c.cable_type.and_then(|t| plan.types.get(&t));
    let plug = |e: &Plugged| {
        let lanes = plan.jacks.get(&e.jack).map_or(0, |j| j.lanes);
        let all = |given: &[u16], count: u16| if given.is_empty() { (1..=count).collect() } else { given.to_vec() };
        Plug {
            connector: e.connector,
            unit: plan.jacks.get(&e.jack).map(|j| j.unit.to_string()).unwrap_or_default(),
            jack: e.jack.to_string(),
            side: e.side.map(side),
            cable_lanes: all(&e.cable_lanes, c.lanes),
            jack_lanes: all(&e.jack_lanes, lanes),
        }
    };
    let at = |end: PlugEnd| c.ends.iter().filter(|e| e.end == end).map(plug).collect::<Vec<_>>();
    let (a, b) = (at(PlugEnd::A), at(PlugEnd::B));
    let count = |n: Option<u16>, there: &[Plug]| n.unwrap_or(1).max(u16::try_from(there.len()).unwrap_or(1));
    plant::Cable {
        name: c.id.to_string(),
        lanes: c.lanes,
        status: status(c.status),
        lane_map: kind.map(|k| k.lane_map.clone()).filter(|m| !m.is_empty()),
        connectors: (count(kind.map(|k| k.a_connectors), &a), count(kind.map(|k| k.b_connectors), &b)),
        a,
        b,
        length_m: c.length_cm.map(|cm| cm as f64 / 100.0),
        category: c.category.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CableKind, CableSource, Jack, Piece, Unit};

    /// sw·7 –cord– PP·7 ‖ PP·7 –wall– outlet –cord– host, numbered 1 to 4 and 11 to 13.
    fn office() -> Documented {
        let mut plan = Cabling::default();
        for (id, kind) in [(1, UnitKind::Switch), (2, UnitKind::Panel), (3, UnitKind::Outlet), (4, UnitKind::Printer)] {
            let (id, label) = (PieceId(id), id.to_string());
            let (place, rack, position, device) = (None, None, None, None);
            let note = String::new();
            let unit =
                Unit { id, kind, label, place, rack, position, height: 1, device, x: None, y: None, rows: 1, note };
            plan.put(Piece::Unit(unit));
            let jack = PieceId(id.0 + 10);
            let (media, note) = ("8p8c".to_owned(), String::new());
            let jack = Jack {
                id: jack,
                unit: id,
                ord: 1,
                label: "1".into(),
                media,
                lanes: 4,
                if_index: None,
                vlan: None,
                note,
            };
            plan.put(Piece::Jack(jack));
        }
        let (front, rear) = (Some(JackSide::Front), Some(JackSide::Rear));
        for (id, a, b, length_cm) in [
            (21, (11, None), (12, front), Some(200)),
            (22, (13, rear), (12, rear), Some(3_850)),
            (23, (13, front), (14, None), None),
        ] {
            let plug = |end, (jack, side)| Plugged {
                end,
                connector: 1,
                jack: PieceId(jack),
                side,
                cable_lanes: vec![],
                jack_lanes: vec![],
            };
            plan.put(Piece::Cable(Cable {
                id: PieceId(id),
                label: String::new(),
                kind: CableKind::Cord,
                media: "utp".into(),
                category: (id == 22).then(|| "6".into()),
                lanes: 4,
                cable_type: None,
                colour: None,
                length_cm,
                status: CableStatus::Connected,
                source: CableSource::Manual,
                bundle: None,
                note: String::new(),
                valid_from: None,
                valid_to: None,
                ends: vec![plug(PlugEnd::A, a), plug(PlugEnd::B, b)],
            }));
        }
        Documented::new(plan)
    }

    #[test]
    fn the_path_is_the_same_from_everywhere() {
        let office = office();
        let whole = office.paths(PieceId(11));
        assert_eq!(whole.len(), 1);
        let path = &whole[0];
        let (front, rear) = (Some(JackSide::Front), Some(JackSide::Rear));
        let jack = |n, side| Step::Jack(PieceId(n), side);
        let cable = |n| Step::Cable(PieceId(n));
        let steps = [
            jack(11, None),
            cable(21),
            jack(12, front),
            jack(12, rear),
            cable(22),
            jack(13, rear),
            jack(13, front),
            cable(23),
            jack(14, None),
        ];
        assert_eq!(path.steps, steps);
        assert_eq!((path.ends, path.lanes, path.length_cm), ((PathEnd::Active, PathEnd::Active), 4, 4_050));
        assert_eq!((path.length_is_whole, path.category.as_deref(), path.is_active), (false, Some("6"), true));
        for from in [12, 13, 14] {
            assert_eq!(office.paths(PieceId(from)), whole, "from {from}");
        }
        assert_eq!(office.cable_paths(PieceId(22)), whole);
        assert_eq!(office.far_ends(PieceId(13)), [PieceId(11), PieceId(14)]);
    }

    #[test]
    fn a_cord_that_was_pulled_leaves_an_open_end() {
        let mut plan = office().plan;
        let mut cord = plan.cables[&PieceId(21)].clone();
        cord.status = CableStatus::Decommissioned;
        plan.put(Piece::Cable(cord));
        let office = Documented::new(plan);
        let paths = office.paths(PieceId(14));
        assert_eq!(paths.len(), 1);
        assert_eq!(paths[0].ends, (PathEnd::Open, PathEnd::Active));
        assert_eq!(paths[0].steps.first(), Some(&Step::Jack(PieceId(12), Some(JackSide::Front))));
        assert_eq!(office.paths(PieceId(12)), paths);
    }
}
