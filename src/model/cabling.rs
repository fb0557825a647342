//! Documented cabling of a branch: places, racks, units with their jacks, cables with their ends.
//!
//! What a person wrote down, never what was seen: the two are compared elsewhere. Every piece of a company has its number
//! from one sequence, so that a change can name it and take it back. A passive jack has two sides; lanes are pairs or
//! strands, counted from 1. To add a noun: a struct, its variant of `Piece`, its table in `store::cabling`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DeviceId, Millis, SheetRow, SiteId};

/// A place, rack, unit, jack or cable: one sequence for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct PieceId(pub i64);

impl std::fmt::Display for PieceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A closed set of stored words.
macro_rules! words {
    ($(#[$m:meta])* $name:ident { $($(#[$v:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$m])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$v])* $variant),* }
        impl $name {
            pub const ALL: &'static [$name] = &[$(Self::$variant),*];
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|w| w.as_str() == word)
            }
        }
    };
}

words!(PlaceKind { Building = "building", Floor = "floor", Room = "room", Zone = "zone", Outdoor = "outdoor" });
words!(UnitKind {
    Switch = "switch",
    Router = "router",
    AccessPoint = "access-point",
    Host = "host",
    Printer = "printer",
    Phone = "phone",
    Camera = "camera",
    Panel = "panel",
    Outlet = "outlet",
    Consolidation = "consolidation",
    Splice = "splice",
    Splitter = "splitter",
    Converter = "converter",
});
words!(CableKind { Cord = "cord", Horizontal = "horizontal", Backbone = "backbone", Direct = "direct" });
words!(
    /// planned, installed, connected; faulty and reserved beside them; decommissioned frees the jacks.
    CableStatus {
        Planned = "planned",
        Installed = "installed",
        Connected = "connected",
        Faulty = "faulty",
        Reserved = "reserved",
        Decommissioned = "decommissioned",
    }
);
words!(
    /// Where a document's line comes from.
    CableSource { Manual = "manual", Import = "import", Accepted = "accepted" }
);
words!(JackSide { Front = "front", Rear = "rear" });
words!(PlugEnd { A = "a", B = "b" });

impl UnitKind {
    /// Its jacks only pass lanes through.
    pub fn is_passive(self) -> bool {
        matches!(self, Self::Panel | Self::Outlet | Self::Consolidation | Self::Splice | Self::Splitter)
    }
}

impl CableStatus {
    /// It occupies its jacks.
    pub fn is_live(self) -> bool {
        self != Self::Decommissioned
    }
}

impl JackSide {
    pub fn other(self) -> Self {
        if self == Self::Front { Self::Rear } else { Self::Front }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Place {
    pub id: PieceId,
    pub parent: Option<PieceId>,
    pub kind: PlaceKind,
    pub name: String,
    /// Picture of the plan; `None`: a plain grid.
    pub picture: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rack {
    pub id: PieceId,
    pub place: Option<PieceId>,
    pub name: String,
    /// Height in units.
    pub units: u16,
    /// Unit 1 is at the top.
    pub from_top: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Unit {
    pub id: PieceId,
    pub kind: UnitKind,
    /// Unique in the branch.
    pub label: String,
    pub place: Option<PieceId>,
    pub rack: Option<PieceId>,
    /// Lowest unit of the rack it takes.
    pub position: Option<u16>,
    /// Units of the rack it takes.
    pub height: u16,
    /// The managed device it is.
    pub device: Option<DeviceId>,
    /// On the plan of its floor, in ten-thousandths of its width and height.
    pub x: Option<i32>,
    pub y: Option<i32>,
    /// Rows of jacks on its face; 2: odd ones above even ones.
    pub rows: u16,
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Jack {
    pub id: PieceId,
    pub unit: PieceId,
    /// Order on the face.
    pub ord: u16,
    pub label: String,
    /// 8p8c, lc, sc, st, mpo, coax, sfp.
    pub media: String,
    pub lanes: u16,
    /// Interface of the unit's device, where it was seen.
    pub if_index: Option<u32>,
    /// The VLAN that ought to be there.
    pub vlan: Option<u16>,
    pub note: String,
}

/// Lanes that go another way than straight through their jack: splitters, cassettes, splices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LaneMap {
    pub id: PieceId,
    pub a_jack: PieceId,
    pub a_side: JackSide,
    pub a_lanes: Vec<u16>,
    pub b_jack: PieceId,
    pub b_side: JackSide,
    pub b_lanes: Vec<u16>,
}

/// A kind of trunk or breakout cable, entered by people: how the lanes of end A come out at end B.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CableType {
    pub id: PieceId,
    pub name: String,
    pub a_connectors: u16,
    pub b_connectors: u16,
    pub lanes: u16,
    /// Pairs (lane at A, lane at B); empty: straight.
    pub lane_map: Vec<(u16, u16)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cable {
    pub id: PieceId,
    /// Unique in the branch, or empty.
    pub label: String,
    pub kind: CableKind,
    /// utp, ftp, stp, om1 to om5, os1, os2, dac, aoc, coax.
    pub media: String,
    /// 5e, 6, 6A, 7, 8.
    pub category: Option<String>,
    pub lanes: u16,
    pub cable_type: Option<PieceId>,
    pub colour: Option<String>,
    pub length_cm: Option<i64>,
    pub status: CableStatus,
    pub source: CableSource,
    pub bundle: Option<String>,
    pub note: String,
    pub valid_from: Option<Millis>,
    pub valid_to: Option<Millis>,
    pub ends: Vec<Plugged>,
}

/// A connector of a cable in a jack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Plugged {
    pub end: PlugEnd,
    /// From 1.
    pub connector: u16,
    pub jack: PieceId,
    /// `None` for an active jack.
    pub side: Option<JackSide>,
    /// Lanes of the cable and of the jack they meet; empty: all, in order.
    pub cable_lanes: Vec<u16>,
    pub jack_lanes: Vec<u16>,
}

/// Order of writing: what others point at comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PieceKind {
    Place,
    Rack,
    Unit,
    Jack,
    LaneMap,
    CableType,
    Cable,
}

/// One row of the documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "piece", rename_all = "kebab-case")]
pub enum Piece {
    Place(Place),
    Rack(Rack),
    Unit(Unit),
    Jack(Jack),
    LaneMap(LaneMap),
    CableType(CableType),
    Cable(Cable),
}

impl Piece {
    pub fn key(&self) -> (PieceKind, PieceId) {
        match self {
            Piece::Place(p) => (PieceKind::Place, p.id),
            Piece::Rack(p) => (PieceKind::Rack, p.id),
            Piece::Unit(p) => (PieceKind::Unit, p.id),
            Piece::Jack(p) => (PieceKind::Jack, p.id),
            Piece::LaneMap(p) => (PieceKind::LaneMap, p.id),
            Piece::CableType(p) => (PieceKind::CableType, p.id),
            Piece::Cable(p) => (PieceKind::Cable, p.id),
        }
    }
}

/// One row before and after; undoing swaps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PieceEdit {
    pub before: Option<Piece>,
    pub after: Option<Piece>,
}

impl PieceEdit {
    pub fn key(&self) -> Option<(PieceKind, PieceId)> {
        self.after.as_ref().or(self.before.as_ref()).map(Piece::key)
    }
}

/// All documents of a branch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cabling {
    pub places: BTreeMap<PieceId, Place>,
    pub racks: BTreeMap<PieceId, Rack>,
    pub units: BTreeMap<PieceId, Unit>,
    pub jacks: BTreeMap<PieceId, Jack>,
    pub maps: BTreeMap<PieceId, LaneMap>,
    pub types: BTreeMap<PieceId, CableType>,
    pub cables: BTreeMap<PieceId, Cable>,
}

impl Cabling {
    pub fn get(&self, (kind, id): (PieceKind, PieceId)) -> Option<Piece> {
        match kind {
            PieceKind::Place => self.places.get(&id).cloned().map(Piece::Place),
            PieceKind::Rack => self.racks.get(&id).cloned().map(Piece::Rack),
            PieceKind::Unit => self.units.get(&id).cloned().map(Piece::Unit),
            PieceKind::Jack => self.jacks.get(&id).cloned().map(Piece::Jack),
            PieceKind::LaneMap => self.maps.get(&id).cloned().map(Piece::LaneMap),
            PieceKind::CableType => self.types.get(&id).cloned().map(Piece::CableType),
            PieceKind::Cable => self.cables.get(&id).cloned().map(Piece::Cable),
        }
    }

    pub fn put(&mut self, piece: Piece) {
        match piece {
            Piece::Place(p) => drop(self.places.insert(p.id, p)),
            Piece::Rack(p) => drop(self.racks.insert(p.id, p)),
            Piece::Unit(p) => drop(self.units.insert(p.id, p)),
            Piece::Jack(p) => drop(self.jacks.insert(p.id, p)),
            Piece::LaneMap(p) => drop(self.maps.insert(p.id, p)),
            Piece::CableType(p) => drop(self.types.insert(p.id, p)),
            Piece::Cable(p) => drop(self.cables.insert(p.id, p)),
        }
    }

    pub fn remove(&mut self, (kind, id): (PieceKind, PieceId)) {
        match kind {
            PieceKind::Place => drop(self.places.remove(&id)),
            PieceKind::Rack => drop(self.racks.remove(&id)),
            PieceKind::Unit => drop(self.units.remove(&id)),
            PieceKind::Jack => drop(self.jacks.remove(&id)),
            PieceKind::LaneMap => drop(self.maps.remove(&id)),
            PieceKind::CableType => drop(self.types.remove(&id)),
            PieceKind::Cable => drop(self.cables.remove(&id)),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.units.is_empty() && self.cables.is_empty() && self.places.is_empty() && self.racks.is_empty()
    }

    /// Jacks of a unit in the order of its face.
    pub fn jacks_of(&self, unit: PieceId) -> Vec<&Jack> {
        let mut list: Vec<&Jack> = self.jacks.values().filter(|j| j.unit == unit).collect();
        list.sort_by_key(|j| (j.ord, j.id));
        list
    }

    /// The place and what it lies in, outermost first.
    pub fn place_path(&self, id: PieceId) -> Vec<&Place> {
        let mut path = Vec::new();
        let mut at = Some(id);
        while let Some(place) = at.and_then(|id| self.places.get(&id)) {
            // A place inside itself ends here.
            if path.len() > 16 {
                break;
            }
            path.push(place);
            at = place.parent;
        }
        path.reverse();
        path
    }

    /// Where a unit is: its own place, else its rack's.
    pub fn place_of(&self, unit: &Unit) -> Option<PieceId> {
        unit.place.or_else(|| self.racks.get(&unit.rack?)?.place)
    }

    /// "каб. 214" of "2 этаж · каб. 214": the innermost name.
    pub fn place_name(&self, unit: &Unit) -> Option<&str> {
        self.places.get(&self.place_of(unit)?).map(|p| p.name.as_str())
    }

    /// What a jack is called on the wall: an outlet with one jack by its own label, others with the jack's.
    pub fn jack_name(&self, jack: &Jack) -> String {
        let Some(unit) = self.units.get(&jack.unit) else { return jack.label.clone() };
        match unit.kind {
            UnitKind::Outlet if jack.label.is_empty() => unit.label.clone(),
            UnitKind::Outlet => format!("{}-{}", unit.label, jack.label),
            _ => format!("{} · {}", unit.label, jack.label),
        }
    }
}

/// Changes of the documents that people ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum CablingChange {
    /// Judges a sheet and keeps it; the documents stay.
    DraftSheet {
        site: SiteId,
        file_name: String,
        ignored: Vec<String>,
        rows: Vec<SheetRow>,
    },
    /// Takes what was shown. `good_only`: leaves wrong rows out, else they refuse the whole.
    AcceptSheet {
        import: i64,
        good_only: bool,
    },
    DropSheet {
        import: i64,
    },
    /// Takes a change set back.
    Undo {
        change_set: i64,
    },
    /// A place, rack, unit, jack, type or cable entered or changed; without an id it is new.
    Save {
        site: SiteId,
        piece: NewPiece,
    },
    /// A cable between two jacks, from now on.
    Connect {
        site: SiteId,
        cord: NewCord,
    },
    /// The documents follow what was found.
    Accept {
        findings: Vec<i64>,
    },
    /// Every new link and outlet that is at least so sure, in thousandths.
    AcceptAll {
        site: SiteId,
        permille: u16,
    },
    /// Not told again before this moment.
    Ignore {
        finding: i64,
        until: Millis,
    },
    /// It is told again.
    Reopen {
        finding: i64,
    },
    /// Somebody is to go there: a ticket.
    WorkOrder {
        finding: i64,
    },
    /// The cable's life goes on: faulty, decommissioned, ...
    SetStatus {
        site: SiteId,
        cable: PieceId,
        status: CableStatus,
    },
}

/// A row somebody entered; `id` 0: a new one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "piece", rename_all = "kebab-case")]
pub enum NewPiece {
    Place(Place),
    Rack(Rack),
    /// With the labels of new jacks on its face.
    Unit {
        unit: Unit,
        jacks: Vec<String>,
    },
    Jack(Jack),
    CableType(CableType),
    Cable(Cable),
}

/// A cable from jack to jack over all its lanes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewCord {
    pub a: Socket,
    pub b: Socket,
    pub kind: CableKind,
    #[serde(default)]
    pub label: String,
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub colour: Option<String>,
    #[serde(default)]
    pub length_cm: Option<i64>,
}

/// A side of a jack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct Socket {
    pub jack: PieceId,
    /// Left out for an active jack.
    #[serde(default)]
    pub side: Option<JackSide>,
}
