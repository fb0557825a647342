//! Following cabling from a socket or a cable: every lane by itself, until it reaches an active jack or ends.
//!
//! Nothing is stored: the plant is small, the walk takes microseconds and cannot be stale. All maps are one to one on
//! lanes, so a path from A to B is the path from B to A reversed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::plant::{CableEnd, Plant, Side, Socket, Status};

/// What a lane passed, in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Hop {
    Jack { unit: String, jack: String, side: Option<Side> },
    Cable { name: String },
}

/// Where a lane ended without an active jack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Open {
    Socket {
        unit: String,
        jack: String,
        side: Option<Side>,
    },
    /// A connector that is plugged in nowhere.
    Connector {
        cable: String,
        end: CableEnd,
        connector: u16,
    },
}

/// How a way ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Goal {
    Active {
        unit: String,
        jack: String,
    },
    Open(Open),
    /// A lane that is wired to nothing inside a plug or unit.
    Unwired,
    /// Back where it began, past passive jacks only.
    Loop,
}

/// Lanes that go the same way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Way {
    /// Lanes at the start.
    pub lanes: Vec<u16>,
    pub hops: Vec<Hop>,
    pub goal: Goal,
    /// Metres of the cables whose length is known.
    pub length_m: f64,
    /// Every cable's length is known.
    pub length_is_whole: bool,
    /// Least category of the cables that tell one: "5e", "6", "6A".
    pub category: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Trace {
    /// Active jacks reached, (unit, jack).
    pub to: BTreeSet<(String, String)>,
    pub open: BTreeSet<Open>,
    /// Own lanes that reach an active jack.
    pub lanes: usize,
    /// Something is reached and no lane ends open.
    pub is_complete: bool,
    /// More than one far jack.
    pub is_split: bool,
    /// Every cable on the way is connected.
    pub is_active: bool,
    pub ways: Vec<Way>,
}

/// Where a trace begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start<'a> {
    /// From an active jack outwards; from a passive one inwards from the named side, or both ways without one.
    Jack { unit: &'a str, jack: &'a str, side: Option<Side> },
    /// Outwards from one side of a passive jack.
    Out { unit: &'a str, jack: &'a str, side: Side },
    /// Both ways from a cable.
    Cable(&'a str),
}

/// One lane of a socket or of a cable's end, on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    /// Leaves the unit through this socket.
    Out(Socket, u16),
    /// Comes into the unit through this socket.
    In(Socket, u16),
    /// On a cable, towards this end.
    Wire(usize, CableEnd, u16),
}

type Route = (Vec<Hop>, Goal);
/// Lanes at the start, and cables on the way.
type Passed = (BTreeSet<u16>, BTreeSet<usize>);

impl Plant {
    /// `None` where there is no such jack or cable.
    pub fn trace(&self, from: &Start<'_>) -> Option<Trace> {
        let starts = self.starts(from)?;
        let mut ways: BTreeMap<Route, Passed> = BTreeMap::new();
        for (lane, start) in starts {
            let (hops, cables, goal) = self.follow(start);
            let way = ways.entry((hops, goal)).or_default();
            way.0.insert(lane);
            way.1.extend(cables);
        }
        let mut out = Trace { is_active: true, ..Trace::default() };
        let mut reached = BTreeSet::new();
        for ((hops, goal), (lanes, cables)) in ways {
            match &goal {
                Goal::Active { unit, jack } => {
                    out.to.insert((unit.clone(), jack.clone()));
                    reached.extend(lanes.iter().copied());
                }
                Goal::Open(open) => {
                    out.open.insert(open.clone());
                }
                Goal::Unwired | Goal::Loop => {}
            }
            let cables: Vec<_> = cables.iter().filter_map(|c| self.cables.get(*c)).collect();
            out.is_active &= cables.iter().all(|c| c.status == Status::Connected);
            let least = cables.iter().filter_map(|c| c.category.as_deref()).min_by_key(|c| rank(c));
            out.ways.push(Way {
                lanes: lanes.into_iter().collect(),
                hops,
                goal,
                length_m: cables.iter().filter_map(|c| c.length_m).sum(),
                length_is_whole: cables.iter().all(|c| c.length_m.is_some()),
                category: least.map(str::to_owned),
            });
        }
        out.lanes = reached.len();
        out.is_complete = !out.to.is_empty() && out.open.is_empty();
        out.is_split = out.to.len() > 1;
        Some(out)
    }

    fn starts(&self, from: &Start<'_>) -> Option<Vec<(u16, At)>> {
        match from {
            Start::Jack { unit, jack, side } => {
                let (index, jack) = self.jack(unit, jack)?;
                let lanes = 1..=jack.lanes;
                Some(match (jack.is_passive, side) {
                    (false, _) => lanes.map(|l| (l, At::Out((index, None), l))).collect(),
                    (true, Some(side)) => lanes.map(|l| (l, At::In((index, Some(*side)), l))).collect(),
                    (true, None) => lanes
                        .flat_map(|l| [Side::Front, Side::Rear].map(|s| (l, At::In((index, Some(s)), l))))
                        .collect(),
                })
            }
            Start::Out { unit, jack, side } => {
                let (index, jack) = self.jack(unit, jack)?;
                let side = jack.is_passive.then_some(*side);
                Some((1..=jack.lanes).map(|l| (l, At::Out((index, side), l))).collect())
            }
            Start::Cable(name) => {
                let index = self.cables.iter().position(|c| c.name == *name)?;
                let both = |l: u16| [(l, At::Wire(index, CableEnd::A, l)), (l, At::Wire(index, CableEnd::B, l))];
                // Towards A the lanes are counted as end A counts them.
                Some((1..=self.cables.get(index)?.lanes).flat_map(both).collect())
            }
        }
    }

    fn hop(&self, socket: Socket) -> Hop {
        let (unit, jack) = self.names(socket.0);
        Hop::Jack { unit, jack, side: socket.1 }
    }

    fn follow(&self, start: At) -> (Vec<Hop>, BTreeSet<usize>, Goal) {
        let (mut hops, mut cables, mut passed) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        let mut at = start;
        loop {
            if !passed.insert(at) {
                return (hops, cables, Goal::Loop);
            }
            match at {
                At::Out(socket, lane) => {
                    hops.push(self.hop(socket));
                    match self.plugged(socket, lane) {
                        Some((cable, end, wire)) => {
                            let Some(wire) = self.across(cable, end, wire) else {
                                cables.insert(cable);
                                return (hops, cables, Goal::Unwired);
                            };
                            at = At::Wire(cable, end.other(), wire);
                        }
                        None if self.is_filled(socket) => return (hops, cables, Goal::Unwired),
                        None => {
                            let (unit, jack) = self.names(socket.0);
                            let open = Open::Socket { unit, jack, side: socket.1 };
                            return (hops, cables, Goal::Open(open));
                        }
                    }
                }
                At::Wire(cable, end, wire) => {
                    cables.insert(cable);
                    let name = self.cables.get(cable).map(|c| c.name.clone()).unwrap_or_default();
                    hops.push(Hop::Cable { name: name.clone() });
                    match self.lands(cable, end, wire) {
                        Some((socket, lane)) => at = At::In(socket, lane),
                        None => {
                            let free = self.free_connector(cable, end, wire);
                            let open = free.map(|connector| Open::Connector { cable: name, end, connector });
                            return (hops, cables, open.map_or(Goal::Unwired, Goal::Open));
                        }
                    }
                }
                At::In(socket, lane) => {
                    hops.push(self.hop(socket));
                    if !self.is_passive(socket.0) {
                        let (unit, jack) = self.names(socket.0);
                        return (hops, cables, Goal::Active { unit, jack });
                    }
                    match self.through(socket, lane) {
                        Some((socket, lane)) => at = At::Out(socket, lane),
                        None => return (hops, cables, Goal::Unwired),
                    }
                }
            }
        }
    }
}

/// Order of categories: 5, 5e, 6, 6A, 7, 7A, 8.
pub(super) fn rank(category: &str) -> (u32, bool) {
    let digits: String =
        category.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    (digits.parse().unwrap_or(0), category.ends_with(['e', 'E', 'a', 'A']))
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn categories_in_order() {
        let mut list = ["6A", "5e", "8", "7", "6", "Cat5"];
        list.sort_by_key(|c| rank(c));
        assert_eq!(list, ["Cat5", "5e", "6", "6A", "7", "8"]);
    }
}
