//! The documents of a branch as a working copy: indexes of labels and plugs, numbers of new pieces, what differs at the end.

use std::collections::{BTreeMap, HashMap};

use crate::model::{
    Cable, Cabling, Jack, JackSide, Piece, PieceEdit, PieceId, PieceKind, PlugEnd, Socket, Unit, UnitKind, label_key,
};

/// Why a wish was not carried out: field, stable word, what stood there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub field: &'static str,
    pub code: &'static str,
    pub value: String,
}

impl Refused {
    pub fn new(field: &'static str, code: &'static str, value: impl Into<String>) -> Self {
        Refused { field, code, value: value.into() }
    }
}

pub struct Draft {
    pub plan: Cabling,
    next: i64,
    /// Every touched piece as it was.
    before: BTreeMap<(PieceKind, PieceId), Option<Piece>>,
    units: HashMap<String, PieceId>,
    jacks: HashMap<(PieceId, String), PieceId>,
    cables: HashMap<String, PieceId>,
    /// Live cables in a side of a jack, with their end.
    plugs: HashMap<Socket, Vec<(PieceId, PlugEnd)>>,
    counts: HashMap<PieceId, u16>,
    /// Touched since the last mark, as it was then.
    log: Vec<((PieceKind, PieceId), Option<Piece>)>,
    marked: i64,
}

impl Draft {
    /// `last`: the last number given to a piece.
    pub fn new(plan: Cabling, last: i64) -> Draft {
        let mut draft = Draft {
            next: last,
            before: BTreeMap::new(),
            units: HashMap::new(),
            jacks: HashMap::new(),
            cables: HashMap::new(),
            plugs: HashMap::new(),
            counts: HashMap::new(),
            log: Vec::new(),
            marked: last,
            plan: Cabling::default(),
        };
        for unit in plan.units.values() {
            draft.units.insert(label_key(&unit.label), unit.id);
        }
        for jack in plan.jacks.values() {
            draft.jacks.insert((jack.unit, label_key(&jack.label)), jack.id);
            let most = draft.counts.entry(jack.unit).or_default();
            *most = (*most).max(jack.ord);
        }
        for cable in plan.cables.values() {
            draft.plug(cable);
        }
        draft.plan = plan;
        draft
    }

    pub fn number(&mut self) -> PieceId {
        self.next += 1;
        PieceId(self.next)
    }

    /// The last number given.
    pub fn last(&self) -> i64 {
        self.next
    }

    fn plug(&mut self, cable: &Cable) {
        if !cable.status.is_live() {
            return;
        }
        if !cable.label.is_empty() {
            self.cables.insert(label_key(&cable.label), cable.id);
        }
        for e in &cable.ends {
            self.plugs.entry(Socket { jack: e.jack, side: e.side }).or_default().push((cable.id, e.end));
        }
    }

    fn unplug(&mut self, cable: &Cable) {
        let key = label_key(&cable.label);
        if self.cables.get(&key) == Some(&cable.id) {
            self.cables.remove(&key);
        }
        for e in &cable.ends {
            if let Some(list) = self.plugs.get_mut(&Socket { jack: e.jack, side: e.side }) {
                list.retain(|(c, _)| *c != cable.id);
            }
        }
    }

    pub fn put(&mut self, piece: Piece) {
        let key = piece.key();
        let old = self.plan.get(key);
        if old.as_ref() == Some(&piece) {
            return;
        }
        match (&old, &piece) {
            (Some(Piece::Unit(u)), _) => drop(self.units.remove(&label_key(&u.label))),
            (Some(Piece::Jack(j)), _) => drop(self.jacks.remove(&(j.unit, label_key(&j.label)))),
            (Some(Piece::Cable(c)), _) => self.unplug(&c.clone()),
            _ => {}
        }
        match &piece {
            Piece::Unit(u) => drop(self.units.insert(label_key(&u.label), u.id)),
            Piece::Jack(j) => {
                self.jacks.insert((j.unit, label_key(&j.label)), j.id);
                let most = self.counts.entry(j.unit).or_default();
                *most = (*most).max(j.ord);
            }
            Piece::Cable(c) => self.plug(c),
            _ => {}
        }
        self.log.push((key, old.clone()));
        self.before.entry(key).or_insert(old);
        self.plan.put(piece);
    }

    pub fn remove(&mut self, key: (PieceKind, PieceId)) {
        let Some(old) = self.plan.get(key) else { return };
        match &old {
            Piece::Unit(u) => drop(self.units.remove(&label_key(&u.label))),
            Piece::Jack(j) => drop(self.jacks.remove(&(j.unit, label_key(&j.label)))),
            Piece::Cable(c) => self.unplug(&c.clone()),
            _ => {}
        }
        self.log.push((key, Some(old.clone())));
        self.before.entry(key).or_insert(Some(old));
        self.plan.remove(key);
    }

    /// From here `rollback` comes back to.
    pub fn mark(&mut self) {
        self.log.clear();
        self.marked = self.next;
    }

    /// Something differs since the mark.
    pub fn is_touched(&self) -> bool {
        self.log.iter().any(|(key, was)| self.plan.get(*key) != *was)
    }

    /// As it was at the mark.
    pub fn rollback(&mut self) {
        for (key, was) in std::mem::take(&mut self.log).into_iter().rev() {
            match was {
                Some(piece) => self.put(piece),
                None => self.remove(key),
            }
        }
        self.next = self.marked;
        self.log.clear();
    }

    /// A unit by its label.
    pub fn unit(&self, label: &str) -> Option<PieceId> {
        self.units.get(&label_key(label)).copied()
    }

    /// A jack by its unit and label.
    pub fn jack(&self, unit: PieceId, label: &str) -> Option<PieceId> {
        self.jacks.get(&(unit, label_key(label))).copied()
    }

    /// A live cable by its label.
    pub fn cable(&self, label: &str) -> Option<PieceId> {
        self.cables.get(&label_key(label)).copied()
    }

    /// The live cable in a side of a jack, and which of its ends.
    pub fn in_socket(&self, socket: Socket) -> Option<(&Cable, PlugEnd)> {
        let (cable, end) = self.plugs.get(&socket)?.first()?;
        Some((self.plan.cables.get(cable)?, *end))
    }

    /// Where the cable in this socket leads: its other first plug.
    pub fn across(&self, socket: Socket) -> Option<(&Cable, Option<Socket>)> {
        let (cable, end) = self.in_socket(socket)?;
        let far = cable.ends.iter().find(|e| e.end != end);
        Some((cable, far.map(|e| Socket { jack: e.jack, side: e.side })))
    }

    /// The side of a jack where cables of the wall end, or its only one.
    pub fn rear(&self, jack: PieceId) -> Socket {
        Socket { jack, side: self.is_passive(jack).then_some(JackSide::Rear) }
    }

    pub fn front(&self, jack: PieceId) -> Socket {
        Socket { jack, side: self.is_passive(jack).then_some(JackSide::Front) }
    }

    pub fn is_passive(&self, jack: PieceId) -> bool {
        let unit = self.plan.jacks.get(&jack).and_then(|j| self.plan.units.get(&j.unit));
        unit.is_some_and(|u| u.kind.is_passive())
    }

    pub fn new_unit(&mut self, kind: UnitKind, label: &str) -> PieceId {
        let id = self.number();
        self.put(Piece::Unit(Unit {
            id,
            kind,
            label: label.to_owned(),
            place: None,
            rack: None,
            position: None,
            height: 1,
            device: None,
            x: None,
            y: None,
            rows: 1,
            note: String::new(),
        }));
        id
    }

    /// A copper jack after the others of its unit.
    pub fn new_jack(&mut self, unit: PieceId, label: &str) -> PieceId {
        let id = self.number();
        let ord = self.counts.get(&unit).copied().unwrap_or(0).saturating_add(1);
        self.put(Piece::Jack(Jack {
            id,
            unit,
            ord,
            label: label.to_owned(),
            media: "8p8c".to_owned(),
            lanes: 4,
            if_index: None,
            vlan: None,
            note: String::new(),
        }));
        id
    }

    /// What differs from the beginning.
    pub fn edits(&self) -> Vec<PieceEdit> {
        let of = |(key, before): (&(PieceKind, PieceId), &Option<Piece>)| {
            let after = self.plan.get(*key);
            (*before != after).then(|| PieceEdit { before: before.clone(), after })
        };
        self.before.iter().filter_map(of).collect()
    }
}
