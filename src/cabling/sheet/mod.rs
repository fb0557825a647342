//! The flat sheet that branches really have: a row an outlet, with its room, panel, switch, cable and device. Read into the
//! documents row by row, and written from them so that it reads back the same.
//!
//! An empty cell leaves what is there; "-" clears it. A row that is wrong changes nothing. What two rows want differently is
//! told by row; a jack that is taken is told by whom. To add a column: a variant of `SheetField`, its line in `describe` and
//! its step in `apply`.

mod line;

use std::collections::{BTreeMap, HashMap};

pub use line::{describe, metres, rows};

use super::cords;
use super::draft::{Draft, Refused};
use crate::model::{
    CableKind, CableSource, CableStatus, Cabling, DeviceId, DeviceKind, ImportVerdict, JackSide, KnownDevice, Millis,
    NewCord, Piece, PieceId, Place, PlaceKind, Plugged, SheetChange, SheetFault, SheetField, SheetRow, SheetVerdict,
    Socket, UnitKind, label_key,
};

use SheetField as F;

/// A row as the documents have it: fields that say something.
pub type Line = BTreeMap<SheetField, String>;

/// Panels come in multiples of this many ports.
const PANEL: u16 = 24;
const LARGEST_PANEL: u16 = 576;

/// What each row would do, and the documents after all good ones.
pub fn judge(
    rows: &[SheetRow],
    plan: Cabling,
    last: i64,
    devices: &[KnownDevice],
    now: Millis,
) -> (Vec<SheetVerdict>, Draft) {
    let mut at = Reader { draft: Draft::new(plan, last), devices: Devices::new(devices), now };
    let mut seen: HashMap<String, u32> = HashMap::new();
    let judged = rows.iter().map(|row| {
        let name = name(row);
        let before = at.find(row);
        let mut verdict = SheetVerdict {
            row: row.row,
            name: name.clone(),
            verdict: ImportVerdict::Wrong,
            jack: before,
            changes: Vec::new(),
            faults: row.faults.clone(),
        };
        if let Some(first) = seen.get(&label_key(&name)).filter(|_| !name.is_empty()) {
            verdict.faults.push(SheetFault::new(None, "repeated", first.to_string()));
        }
        seen.entry(label_key(&name)).or_insert(row.row);
        if !verdict.faults.is_empty() {
            return verdict;
        }
        let old = before.map(|jack| describe(&at.draft, jack)).unwrap_or_default();
        at.draft.mark();
        match at.apply(row) {
            Ok(jack) => {
                let new = describe(&at.draft, jack);
                verdict.changes = changes(&old, &new);
                verdict.jack = before;
                verdict.verdict = match (before, at.draft.is_touched()) {
                    (None, _) => ImportVerdict::New,
                    (Some(_), true) => ImportVerdict::Changed,
                    (Some(_), false) => ImportVerdict::Same,
                };
            }
            Err(fault) => {
                at.draft.rollback();
                verdict.faults.push(fault);
            }
        }
        verdict
    });
    let judged = judged.collect();
    (judged, at.draft)
}

fn changes(old: &Line, new: &Line) -> Vec<SheetChange> {
    let value = |line: &Line, f: F| line.get(&f).cloned().unwrap_or_default();
    let of = |f: &F| SheetChange { field: *f, before: value(old, *f), after: value(new, *f) };
    F::ALL.iter().map(of).filter(|c| c.before != c.after).collect()
}

/// What people call the row.
fn name(row: &SheetRow) -> String {
    match (row.text(F::Outlet), row.text(F::Panel), row.text(F::PanelPort)) {
        ("", "", _) => String::new(),
        ("", panel, port) => format!("{panel}:{port}"),
        (outlet, ..) => outlet.to_owned(),
    }
}

fn centimetres(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part: String = part.chars().chain("00".chars()).take(2).collect();
    let cm = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part.parse().ok()?)?;
    (0..=1_000_000).contains(&cm).then_some(cm)
}

/// Devices by how a sheet calls them.
struct Devices<'a> {
    by_name: HashMap<String, &'a KnownDevice>,
    by_id: HashMap<i64, &'a KnownDevice>,
}

impl<'a> Devices<'a> {
    fn new(devices: &'a [KnownDevice]) -> Self {
        let mut by_name = HashMap::new();
        for d in devices {
            let short = d.name.split('.').next().unwrap_or("");
            let names = [d.name.as_str(), short, &d.address, d.serial.as_deref().unwrap_or("")];
            for name in names.into_iter().filter(|n| !n.is_empty()) {
                by_name.entry(label_key(name)).or_insert(d);
            }
        }
        Devices { by_name, by_id: devices.iter().map(|d| (d.id, d)).collect() }
    }
}

struct Reader<'a> {
    draft: Draft,
    devices: Devices<'a>,
    now: Millis,
}

type Step<T = ()> = Result<T, SheetFault>;

fn fault(field: F, code: &str, value: &str) -> SheetFault {
    SheetFault::new(Some(field), code, value)
}

fn told(field: F) -> impl Fn(Refused) -> SheetFault {
    move |r| fault(field, r.code, &r.value)
}

impl Reader<'_> {
    /// The jack a row speaks of, where it is there already.
    fn find(&self, row: &SheetRow) -> Option<PieceId> {
        let outlet = row.text(F::Outlet);
        if !outlet.is_empty() {
            return outlet_jack(&self.draft, outlet).ok().flatten();
        }
        let panel = self.draft.unit(row.text(F::Panel))?;
        let jack = self.draft.jack(panel, row.text(F::PanelPort))?;
        let used = self.draft.in_socket(self.draft.front(jack)).is_some();
        used.then_some(jack)
    }

    fn apply(&mut self, row: &SheetRow) -> Step<PieceId> {
        let panel = self.panel(row)?;
        let outlet = self.outlet(row)?;
        let Some(start) = outlet.or(panel) else {
            return Err(fault(F::Outlet, "required", ""));
        };
        if let Some(jack) = outlet {
            self.place(row, jack)?;
            self.wall(row, jack, panel)?;
        }
        self.patch(row, outlet, panel)?;
        if let Some(jack) = outlet {
            self.plugged(row, jack)?;
        }
        self.attributes(row, outlet, panel)?;
        self.jack_texts(row, start)?;
        Ok(start)
    }

    fn outlet(&mut self, row: &SheetRow) -> Step<Option<PieceId>> {
        let label = row.text(F::Outlet);
        if label.is_empty() {
            return Ok(None);
        }
        if let Some(jack) = outlet_jack(&self.draft, label)? {
            return Ok(Some(jack));
        }
        let unit = self.draft.new_unit(UnitKind::Outlet, label);
        Ok(Some(self.draft.new_jack(unit, "")))
    }

    fn panel(&mut self, row: &SheetRow) -> Step<Option<PieceId>> {
        let (label, port) = (row.text(F::Panel), row.text(F::PanelPort));
        match (label.is_empty(), port.is_empty()) {
            (true, true) => return Ok(None),
            (true, false) => return Err(fault(F::PanelPort, "needs-panel", port)),
            (false, true) => return Err(fault(F::Panel, "needs-port", label)),
            (false, false) => {}
        }
        let unit = match self.draft.unit(label) {
            Some(id) => id,
            None if self.devices.by_name.contains_key(&label_key(label)) => {
                return Err(fault(F::Panel, "not-a-panel", label));
            }
            None => self.draft.new_unit(UnitKind::Panel, label),
        };
        let kind = self.draft.plan.units.get(&unit).map(|u| u.kind);
        if !kind.is_some_and(|k| k.is_passive() && k != UnitKind::Outlet) {
            return Err(fault(F::Panel, "not-a-panel", label));
        }
        if let Some(jack) = self.draft.jack(unit, port) {
            return Ok(Some(jack));
        }
        match port.parse::<u16>() {
            Ok(n) if (1..=LARGEST_PANEL).contains(&n) => {
                for k in 1..=n.div_ceil(PANEL) * PANEL {
                    if self.draft.jack(unit, &k.to_string()).is_none() {
                        self.draft.new_jack(unit, &k.to_string());
                    }
                }
                if let Some(mut u) = self.draft.plan.units.get(&unit).cloned() {
                    u.rows = if n > PANEL { 2 } else { u.rows };
                    self.draft.put(Piece::Unit(u));
                }
                self.draft.jack(unit, port).map(Some).ok_or_else(|| fault(F::PanelPort, "bad-port", port))
            }
            _ if port.chars().all(|c| c.is_ascii_digit()) => Err(fault(F::PanelPort, "bad-port", port)),
            _ => Ok(Some(self.draft.new_jack(unit, port))),
        }
    }

    /// The room of the outlet, inside its floor and building.
    fn place(&mut self, row: &SheetRow, jack: PieceId) -> Step {
        let wanted = [(PlaceKind::Building, F::Building), (PlaceKind::Floor, F::Floor), (PlaceKind::Room, F::Room)];
        if wanted.iter().all(|(_, f)| row.get(*f).is_none()) {
            return Ok(());
        }
        let Some(mut unit) = self.draft.plan.jacks.get(&jack).and_then(|j| self.draft.plan.units.get(&j.unit)).cloned()
        else {
            return Ok(());
        };
        // What the row does not say stays as it is.
        let old: BTreeMap<PlaceKind, String> = self
            .draft
            .plan
            .place_path(self.draft.plan.place_of(&unit).unwrap_or_default())
            .into_iter()
            .map(|p| (p.kind, p.name.clone()))
            .collect();
        let mut at = None;
        for (kind, field) in wanted {
            let name = row.get(field).map_or_else(|| old.get(&kind).cloned().unwrap_or_default(), str::to_owned);
            if !name.is_empty() {
                at = Some(self.place_named(kind, &name, at, row));
            }
        }
        unit.place = at;
        self.draft.put(Piece::Unit(unit));
        Ok(())
    }

    fn place_named(&mut self, kind: PlaceKind, name: &str, inside: Option<PieceId>, row: &SheetRow) -> PieceId {
        let key = label_key(name);
        let places = self.draft.plan.places.values();
        let alike: Vec<&Place> = places.filter(|p| p.kind == kind && label_key(&p.name) == key).collect();
        let whole = row.get(F::Floor).is_some() || row.get(F::Building).is_some();
        let found = alike.iter().find(|p| p.parent == inside).or(alike.first().filter(|_| inside.is_none() && !whole));
        if let Some(place) = found {
            return place.id;
        }
        let id = self.draft.number();
        self.draft.put(Piece::Place(Place { id, parent: inside, kind, name: name.to_owned(), picture: None }));
        id
    }

    /// The cable in the wall, from the outlet's back to the panel's.
    fn wall(&mut self, row: &SheetRow, outlet: PieceId, panel: Option<PieceId>) -> Step {
        let from = self.draft.rear(outlet);
        match (panel, row.get(F::Panel)) {
            (Some(panel), _) => {
                let to = self.draft.rear(panel);
                self.join(from, to, CableKind::Horizontal, F::PanelPort, "panel-port-taken")
            }
            (None, Some(_)) => {
                cords::free(&mut self.draft, from, self.now);
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// A cable of one end already there is led to the other; a socket somebody else has is told.
    fn join(&mut self, from: Socket, to: Socket, kind: CableKind, field: F, taken: &str) -> Step {
        let far = self.draft.across(from).map(|(c, far)| (c.clone(), far));
        if far.as_ref().is_some_and(|(_, f)| *f == Some(to)) {
            return Ok(());
        }
        if self.draft.in_socket(to).is_some() {
            let by = self.draft.across(to).and_then(|(_, far)| far).map(|s| s.jack);
            let by = by.and_then(|j| self.draft.plan.jacks.get(&j)).map(|j| self.draft.plan.jack_name(j));
            return Err(fault(field, taken, &by.unwrap_or_default()));
        }
        match far {
            Some((mut cable, _)) => {
                let Some(mine) = cable.ends.iter().find(|e| e.jack == from.jack && e.side == from.side).map(|e| e.end)
                else {
                    return Ok(());
                };
                match cable.ends.iter_mut().find(|e| e.end != mine) {
                    Some(end) => *end = Plugged { jack: to.jack, side: to.side, ..end.clone() },
                    None => {
                        let end = cable.ends.first().cloned();
                        let other = crate::model::PlugEnd::ALL.iter().copied().find(|e| *e != mine);
                        if let (Some(end), Some(other)) = (end, other) {
                            cable.ends.push(Plugged { end: other, jack: to.jack, side: to.side, ..end });
                        }
                    }
                }
                self.draft.put(Piece::Cable(cable));
                Ok(())
            }
            None => {
                let (category, colour, length_cm) = (None, None, None);
                let cord = NewCord { a: from, b: to, kind, label: String::new(), category, colour, length_cm };
                let done = cords::connect(&mut self.draft, &cord, CableSource::Import, self.now);
                done.map(|_| ()).map_err(told(field))
            }
        }
    }

    /// Where the cord to the switch starts: the panel's face, or the outlet's back where there is no panel.
    fn patch_from(&self, outlet: Option<PieceId>, panel: Option<PieceId>) -> Option<Socket> {
        if let Some(panel) = panel {
            return Some(self.draft.front(panel));
        }
        let outlet = outlet?;
        match self.draft.across(self.draft.rear(outlet)).and_then(|(_, far)| far) {
            Some(far) if far.side.is_some() => Some(self.draft.front(far.jack)),
            _ => Some(self.draft.rear(outlet)),
        }
    }

    fn patch(&mut self, row: &SheetRow, outlet: Option<PieceId>, panel: Option<PieceId>) -> Step {
        let Some(from) = self.patch_from(outlet, panel) else { return Ok(()) };
        let (Some(label), port) = (row.get(F::Switch), row.text(F::SwitchPort)) else {
            let port = row.text(F::SwitchPort);
            return if port.is_empty() { Ok(()) } else { Err(fault(F::SwitchPort, "needs-switch", port)) };
        };
        if label.is_empty() {
            let leads = self.draft.across(from).and_then(|(_, far)| far);
            if leads.is_none_or(|s| s.side.is_none()) {
                cords::free(&mut self.draft, from, self.now);
            }
            return Ok(());
        }
        if port.is_empty() {
            return Err(fault(F::Switch, "needs-port", label));
        }
        let to = Socket { jack: self.active_jack(label, port)?, side: None };
        let is_direct = from.side == Some(JackSide::Rear);
        let kind = if is_direct { CableKind::Horizontal } else { CableKind::Cord };
        self.join(from, to, kind, F::SwitchPort, "switch-port-taken")
    }

    /// The port of a switch: of a managed one by its interfaces, of another one as it is written.
    fn active_jack(&mut self, label: &str, port: &str) -> Step<PieceId> {
        let known = self.devices.by_name.get(&label_key(label)).copied();
        let by_device =
            known.and_then(|d| self.draft.plan.units.values().find(|u| u.device.map(|d| d.0) == Some(d.id)));
        let unit = match self.draft.unit(label).or(by_device.map(|u| u.id)) {
            Some(id) => id,
            None => {
                let kind = known.map_or(UnitKind::Switch, |d| unit_kind(d.kind));
                self.draft.new_unit(kind, known.map_or(label, |d| d.name.as_str()))
            }
        };
        let Some(mut u) = self.draft.plan.units.get(&unit).cloned() else {
            return Err(fault(F::Switch, "not-a-switch", label));
        };
        if u.kind.is_passive() {
            return Err(fault(F::Switch, "not-a-switch", label));
        }
        if let Some(device) = known.filter(|_| u.device.is_none()) {
            u.device = Some(DeviceId(device.id));
            self.draft.put(Piece::Unit(u.clone()));
        }
        let device = u.device.and_then(|d| self.devices.by_id.get(&d.0).copied());
        let seen = device.and_then(|d| d.port(port));
        if device.is_some_and(|d| !d.ports.is_empty()) && seen.is_none() {
            return Err(fault(F::SwitchPort, "unknown-port", port));
        }
        let name = seen.map_or(port, |p| p.name.as_str());
        let jack = match self.draft.jack(unit, name) {
            Some(jack) => jack,
            None => self.draft.new_jack(unit, name),
        };
        if let (Some(seen), Some(mut j)) = (seen, self.draft.plan.jacks.get(&jack).cloned()) {
            j.if_index = Some(seen.if_index);
            j.ord = device
                .and_then(|d| d.ports.iter().position(|p| p.if_index == seen.if_index))
                .map_or(j.ord, |n| u16::try_from(n + 1).unwrap_or(j.ord));
            self.draft.put(Piece::Jack(j));
        }
        Ok(jack)
    }

    /// What is plugged into the outlet.
    fn plugged(&mut self, row: &SheetRow, outlet: PieceId) -> Step {
        let Some(label) = row.get(F::Device) else { return Ok(()) };
        let from = self.draft.front(outlet);
        if label.is_empty() {
            cords::free(&mut self.draft, from, self.now);
            return Ok(());
        }
        let known = self.devices.by_name.get(&label_key(label)).copied();
        let by_device =
            known.and_then(|d| self.draft.plan.units.values().find(|u| u.device.map(|d| d.0) == Some(d.id)));
        let unit = match self.draft.unit(label).or(by_device.map(|u| u.id)) {
            Some(id) => id,
            None => {
                let kind = known.map_or(UnitKind::Host, |d| unit_kind(d.kind));
                self.draft.new_unit(kind, known.map_or(label, |d| d.name.as_str()))
            }
        };
        let Some(mut u) = self.draft.plan.units.get(&unit).cloned().filter(|u| !u.kind.is_passive()) else {
            return Err(fault(F::Device, "not-a-device", label));
        };
        if let Some(device) = known.filter(|_| u.device.is_none()) {
            u.device = Some(DeviceId(device.id));
            self.draft.put(Piece::Unit(u));
        }
        let jack = match self.draft.plan.jacks_of(unit).first().map(|j| j.id) {
            Some(jack) => jack,
            None => self.draft.new_jack(unit, "LAN"),
        };
        let to = Socket { jack, side: None };
        let is_there = self.draft.across(from).is_some_and(|(_, far)| far == Some(to));
        if !is_there {
            // It moved: where it was is free now.
            cords::free(&mut self.draft, to, self.now);
            cords::free(&mut self.draft, from, self.now);
            self.join(from, to, CableKind::Cord, F::Device, "device-elsewhere")?;
        }
        Ok(())
    }

    /// Labels, category, length, colour and status of the cables of the row.
    fn attributes(&mut self, row: &SheetRow, outlet: Option<PieceId>, panel: Option<PieceId>) -> Step {
        let wall = outlet.and_then(|o| self.draft.in_socket(self.draft.rear(o))).map(|(c, _)| c.id);
        let cord = self.patch_from(outlet, panel).and_then(|s| self.draft.in_socket(s)).map(|(c, _)| c.id);
        let cord = cord.filter(|c| Some(*c) != wall);
        for (field, cable) in [(F::Cable, wall), (F::Cord, cord)] {
            let Some(label) = row.get(field) else { continue };
            let Some(mut c) = cable.and_then(|c| self.draft.plan.cables.get(&c)).cloned() else {
                if label.is_empty() {
                    continue;
                }
                return Err(fault(field, "no-cable", label));
            };
            if !label.is_empty() && self.draft.cable(label).is_some_and(|other| other != c.id) {
                return Err(fault(field, "label-taken", label));
            }
            c.label = label.to_owned();
            self.draft.put(Piece::Cable(c));
        }
        let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
        for field in [F::Category, F::Length, F::Status, F::Colour] {
            let Some(text) = row.get(field) else { continue };
            let of = if field == F::Colour { cord.or(wall) } else { wall };
            let Some(mut c) = of.and_then(|c| self.draft.plan.cables.get(&c)).cloned() else {
                if text.is_empty() {
                    continue;
                }
                return Err(fault(field, "no-cable", text));
            };
            match field {
                F::Category => c.category = some(text),
                F::Colour => c.colour = some(text),
                F::Length if text.is_empty() => c.length_cm = None,
                F::Length => {
                    c.length_cm = Some(centimetres(text).ok_or_else(|| fault(field, "bad-number", text))?);
                }
                _ => {
                    let word = if text.is_empty() { "connected" } else { text };
                    c.status = CableStatus::parse(word).ok_or_else(|| fault(field, "bad-status", text))?;
                }
            }
            self.draft.put(Piece::Cable(c));
        }
        Ok(())
    }

    fn jack_texts(&mut self, row: &SheetRow, jack: PieceId) -> Step {
        let Some(mut j) = self.draft.plan.jacks.get(&jack).cloned() else { return Ok(()) };
        if let Some(vlan) = row.get(F::Vlan) {
            let number = vlan.parse::<u16>().ok().filter(|v| (1..=4094).contains(v));
            if number.is_none() && !vlan.is_empty() {
                return Err(fault(F::Vlan, "bad-number", vlan));
            }
            j.vlan = number;
        }
        if let Some(note) = row.get(F::Note) {
            j.note = note.chars().take(super::MAX_TEXT).collect();
        }
        self.draft.put(Piece::Jack(j));
        Ok(())
    }
}

/// The jack of an outlet by what stands on the wall: its own label, or the label of one of its jacks.
fn outlet_jack(draft: &Draft, label: &str) -> Step<Option<PieceId>> {
    if let Some(unit) = draft.unit(label) {
        if draft.plan.units.get(&unit).map(|u| u.kind) != Some(UnitKind::Outlet) {
            return Err(fault(F::Outlet, "not-an-outlet", label));
        }
        let one = draft.jack(unit, "");
        return Ok(one.or_else(|| draft.plan.jacks_of(unit).first().map(|j| j.id)));
    }
    let Some((unit, jack)) = label.rsplit_once(['-', '/', '–']) else { return Ok(None) };
    let unit = draft.unit(unit).filter(|u| draft.plan.units.get(u).map(|u| u.kind) == Some(UnitKind::Outlet));
    Ok(unit.and_then(|u| draft.jack(u, jack)))
}

/// What a device is in the documents.
pub fn unit_kind(kind: Option<DeviceKind>) -> UnitKind {
    match kind {
        Some(DeviceKind::Switch) => UnitKind::Switch,
        Some(DeviceKind::Router | DeviceKind::Firewall | DeviceKind::WlanController) => UnitKind::Router,
        Some(DeviceKind::AccessPoint) => UnitKind::AccessPoint,
        Some(DeviceKind::Printer | DeviceKind::Scanner) => UnitKind::Printer,
        Some(DeviceKind::Phone) => UnitKind::Phone,
        Some(DeviceKind::Camera) => UnitKind::Camera,
        _ => UnitKind::Host,
    }
}

#[cfg(test)]
mod tests;
