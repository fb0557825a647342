//! Documented cabling of a branch: places, racks, units with their jacks, cables with their ends.
//!
//! What a person wrote down, never what was seen: the two are compared elsewhere. Every piece of a company has its number
//! from one sequence, so that a change can name it and take it back. A passive jack has two sides; lanes are pairs or
//! strands, counted from 1. To add a noun: a struct, its variant of `Piece`, its table in `store::cabling`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DeviceId, Millis, SiteId};

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

/// What two labels are compared by: lower case, Cyrillic letters that look like Latin ones made Latin, one kind of dash, no
/// spaces, no zeros before a number.
pub fn label_key(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_digit = false;
    let mut chars = text.trim().chars().flat_map(char::to_lowercase).map(like_latin).peekable();
    while let Some(c) = chars.next() {
        let c = if matches!(c, '–' | '—' | '−' | '_' | '‑') { '-' } else { c };
        if c.is_whitespace() || c.is_control() {
            continue;
        }
        let is_leading = c == '0' && !after_digit && chars.peek().is_some_and(char::is_ascii_digit);
        if !is_leading {
            out.push(c);
            after_digit = c.is_ascii_digit();
        }
    }
    out
}

/// The same without any separator: "2.14-A" and "2-14a".
pub fn loose_key(text: &str) -> String {
    label_key(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn like_latin(c: char) -> char {
    match c {
        'а' => 'a',
        'в' => 'b',
        'е' | 'ё' => 'e',
        'к' => 'k',
        'м' => 'm',
        'н' => 'h',
        'о' => 'o',
        'р' => 'p',
        'с' => 'c',
        'т' => 't',
        'у' => 'y',
        'х' => 'x',
        other => other,
    }
}

/// Family and numbers of a port's name: "GigabitEthernet1/0/7", "Gi1/0/7" and "ge.1.0.7" are ("g", [1, 0, 7]).
pub fn port_key(name: &str) -> (String, Vec<u32>) {
    let lower = label_key(name);
    let letters: String = lower.chars().take_while(|c| !c.is_ascii_digit()).filter(|c| c.is_alphabetic()).collect();
    let family = match letters.as_str() {
        // "порт" after its look-alike letters were made one.
        "" | "port" | "p" | "eth" | "ethernet" | "e" | "пopt" => "",
        f if f.starts_with("gi") || f == "ge" || f == "g" => "g",
        f if f.starts_with("fa") || f == "fe" => "f",
        f if f.starts_with("te") || f == "xe" || f == "xge" || f.starts_with("xg") => "t",
        f => f,
    };
    let numbers = lower.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    (family.to_owned(), numbers)
}

/// The same port, as far as both names tell: the numbers agree, and no name contradicts the other's family.
pub fn is_same_port(a: &str, b: &str) -> bool {
    let ((af, an), (bf, bn)) = (port_key(a), port_key(b));
    !an.is_empty() && an == bn && (af == bf || af.is_empty() || bf.is_empty())
}

/// In the order people count: 2 before 10.
pub fn natural_key(text: &str) -> Vec<(bool, u64, String)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (part, tail) = rest.split_at(end);
        parts.push(match part.parse::<u64>() {
            Ok(n) if digits => (false, n, String::new()),
            _ => (true, 0, part.to_lowercase()),
        });
        rest = tail;
    }
    parts
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

/// Columns of the flat sheet of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SheetField {
    Outlet,
    Building,
    Floor,
    Room,
    Panel,
    PanelPort,
    Switch,
    SwitchPort,
    Cable,
    Cord,
    Category,
    Length,
    Colour,
    Vlan,
    Device,
    Status,
    Note,
}

impl SheetField {
    pub const ALL: [SheetField; 17] = [
        Self::Outlet,
        Self::Building,
        Self::Floor,
        Self::Room,
        Self::Panel,
        Self::PanelPort,
        Self::Switch,
        Self::SwitchPort,
        Self::Cable,
        Self::Cord,
        Self::Category,
        Self::Length,
        Self::Colour,
        Self::Vlan,
        Self::Device,
        Self::Status,
        Self::Note,
    ];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outlet => "outlet",
            Self::Building => "building",
            Self::Floor => "floor",
            Self::Room => "room",
            Self::Panel => "panel",
            Self::PanelPort => "panel-port",
            Self::Switch => "switch",
            Self::SwitchPort => "switch-port",
            Self::Cable => "cable",
            Self::Cord => "cord",
            Self::Category => "category",
            Self::Length => "length",
            Self::Colour => "colour",
            Self::Vlan => "vlan",
            Self::Device => "device",
            Self::Status => "status",
            Self::Note => "note",
        }
    }
}

/// A row of a sheet as read: cells that say something ("-" clears), and what is wrong with the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRow {
    /// Number in the file, from 1.
    pub row: u32,
    pub cells: Vec<(SheetField, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<SheetFault>,
}

impl SheetRow {
    /// What the cell says; `None`: nothing, `Some("")`: there is to be nothing.
    pub fn get(&self, field: SheetField) -> Option<&str> {
        let cell = self.cells.iter().find(|(f, _)| *f == field).map(|(_, text)| text.as_str())?;
        Some(if cell == "-" { "" } else { cell })
    }
    pub fn text(&self, field: SheetField) -> &str {
        self.get(field).unwrap_or("")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SheetFault {
    /// `None`: of the whole row.
    pub field: Option<SheetField>,
    /// Stable word, named in the catalogue as `sheet-fault-<code>`.
    pub code: String,
    pub value: String,
}

impl SheetFault {
    pub fn new(field: Option<SheetField>, code: &str, value: impl Into<String>) -> Self {
        SheetFault { field, code: code.to_owned(), value: value.into() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SheetChange {
    pub field: SheetField,
    pub before: String,
    pub after: String,
}

/// What a row would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SheetVerdict {
    pub row: u32,
    /// The outlet, else the port of the panel.
    pub name: String,
    pub verdict: super::ImportVerdict,
    /// The jack it would change.
    pub jack: Option<PieceId>,
    pub changes: Vec<SheetChange>,
    pub faults: Vec<SheetFault>,
}

/// A stored sheet: the rows as read, and what was shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SheetBody {
    pub site: SiteId,
    pub ignored: Vec<String>,
    pub rows: Vec<SheetRow>,
    pub judged: Vec<SheetVerdict>,
    /// The change set it became.
    #[serde(default)]
    pub change_set: Option<i64>,
}

/// A device as cabling needs it: its name and its sockets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownDevice {
    pub id: i64,
    pub name: String,
    pub address: String,
    pub serial: Option<String>,
    pub kind: Option<super::DeviceKind>,
    pub ports: Vec<KnownPort>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownPort {
    pub if_index: u32,
    pub name: String,
    pub descr: Option<String>,
}

impl KnownDevice {
    /// The socket people mean: by name, by description, else "7" as the port that ends so, else as the seventh.
    pub fn port(&self, text: &str) -> Option<&KnownPort> {
        let same =
            |p: &&KnownPort| is_same_port(&p.name, text) || p.descr.as_deref().is_some_and(|d| is_same_port(d, text));
        let exact = self.ports.iter().find(|p| label_key(&p.name) == label_key(text));
        if let Some(port) = exact.or_else(|| self.ports.iter().find(same)) {
            return Some(port);
        }
        let (family, numbers) = port_key(text);
        let [number] = numbers[..] else { return None };
        let ends: Vec<&KnownPort> = self
            .ports
            .iter()
            .filter(|p| {
                let (of, own) = port_key(&p.name);
                own.last() == Some(&number) && (family.is_empty() || family == of)
            })
            .collect();
        if let [port] = ends[..] {
            return Some(port);
        }
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        if family.is_empty() { self.ports.get(at) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_look_alike_are_alike() {
        for (a, b) in [("2.14-А", "2.14-a"), ("РР1:07", "pp1:7"), ("1А–07", "1a-7"), (" 3.08 В", "3.8b"), ("0", "0")]
        {
            assert_eq!(label_key(a), label_key(b), "{a} {b}");
        }
        assert_ne!(label_key("2.14-A"), label_key("2.14-B"));
        assert_ne!(label_key("10"), label_key("1"));
        assert_eq!(label_key("100"), "100");
        assert_eq!(loose_key("2.14-А"), loose_key("2/14a"));
    }

    #[test]
    fn ports_in_any_spelling() {
        assert!(is_same_port("GigabitEthernet1/0/7", "Gi1/0/7") && is_same_port("ge.1.7", "ge-1/7"));
        assert!(is_same_port("1/0/7", "Gi1/0/7") && !is_same_port("Te1/0/7", "Gi1/0/7"));
        assert!(!is_same_port("Gi1/0/7", "Gi1/0/17") && !is_same_port("mgmt", "mgmt"));
        let port = |n: u32, name: &str| KnownPort { if_index: n, name: name.into(), descr: None };
        let ports = (1..=24).map(|n| port(10_100 + n, &format!("Gi0/{n}"))).chain([port(10_201, "Te0/1")]).collect();
        let switch = KnownDevice { ports, ..KnownDevice::default() };
        let at = |text: &str| switch.port(text).map(|p| p.if_index);
        assert_eq!(
            (at("7"), at("порт 7"), at("Gi0/7"), at("GigabitEthernet0/7")),
            (Some(10_107), Some(10_107), Some(10_107), Some(10_107))
        );
        assert_eq!((at("Te0/1"), at("1"), at("99"), at("uplink")), (Some(10_201), Some(10_101), None, None));
    }

    #[test]
    fn numbers_in_order() {
        let mut list = ["2.14-B", "2.2-A", "2.14-A", "10"];
        list.sort_by_key(|l| natural_key(l));
        assert_eq!(list, ["2.2-A", "2.14-A", "2.14-B", "10"]);
    }
}
