//! Changes of documented cabling, made on a copy in memory: what differs afterwards is what is written, and can be taken
//! back.
//!
//! Pure: the same documents and the same wish give the same edits. Nothing observed comes in here but by a person's word.
//! `draft` holds the copy with its indexes, `cords` connects jacks, `sheet` reads the flat sheet of a branch into it.

mod accept;
mod cords;
mod draft;
pub mod sheet;

pub use accept::accept;
pub use cords::{connect, free, set_status};
pub use draft::{Draft, Refused};

use crate::model::{Cabling, Jack, NewPiece, Piece, PieceEdit, PieceId, PieceKind, Unit, label_key};

/// Longest text of a field.
const MAX_TEXT: usize = 120;
/// Units of a rack, jacks of a unit, lanes of a jack.
const MAX_UNITS: u16 = 60;
const MAX_JACKS: usize = 1_152;
const MAX_LANES: u16 = 288;

/// A line of text, trimmed.
fn line(field: &'static str, text: &str) -> Result<String, Refused> {
    let text = text.trim();
    if text.chars().count() > MAX_TEXT || text.chars().any(char::is_control) {
        return Err(Refused::new(field, "too-long", text.chars().take(40).collect::<String>()));
    }
    Ok(text.to_owned())
}

fn needed(field: &'static str, text: &str) -> Result<String, Refused> {
    let text = line(field, text)?;
    if text.is_empty() { Err(Refused::new(field, "required", "")) } else { Ok(text) }
}

/// Enters or changes one piece; its number.
pub fn save(draft: &mut Draft, piece: NewPiece) -> Result<PieceId, Refused> {
    match piece {
        NewPiece::Place(mut p) => {
            p.name = needed("name", &p.name)?;
            p.id = known(draft, PieceKind::Place, p.id)?;
            let ring = p.parent.is_some_and(|at| draft.plan.place_path(at).iter().any(|x| x.id == p.id));
            if ring || p.parent.is_some_and(|at| !draft.plan.places.contains_key(&at)) {
                return Err(Refused::new("parent", "bad-place", ""));
            }
            draft.put(Piece::Place(p.clone()));
            Ok(p.id)
        }
        NewPiece::Rack(mut r) => {
            r.name = needed("name", &r.name)?;
            r.id = known(draft, PieceKind::Rack, r.id)?;
            if !(1..=MAX_UNITS).contains(&r.units) {
                return Err(Refused::new("units", "bad-number", r.units.to_string()));
            }
            place_exists(&draft.plan, r.place)?;
            draft.put(Piece::Rack(r.clone()));
            Ok(r.id)
        }
        NewPiece::Unit { unit, jacks } => save_unit(draft, unit, &jacks),
        NewPiece::Jack(mut j) => {
            j.label = line("label", &j.label)?;
            j.note = line("note", &j.note)?;
            j.id = known(draft, PieceKind::Jack, j.id)?;
            if !draft.plan.units.contains_key(&j.unit) || !(1..=MAX_LANES).contains(&j.lanes) {
                return Err(Refused::new("unit", "bad-unit", j.unit.to_string()));
            }
            let taken = draft.jack(j.unit, &j.label).is_some_and(|other| other != j.id);
            if taken {
                return Err(Refused::new("label", "taken", j.label));
            }
            draft.put(Piece::Jack(j.clone()));
            Ok(j.id)
        }
        NewPiece::CableType(mut t) => {
            t.name = needed("name", &t.name)?;
            t.id = known(draft, PieceKind::CableType, t.id)?;
            let fits = |lane: &u16| (1..=t.lanes).contains(lane);
            if !(1..=MAX_LANES).contains(&t.lanes) || !t.lane_map.iter().all(|(a, b)| fits(a) && fits(b)) {
                return Err(Refused::new("lanes", "bad-number", t.lanes.to_string()));
            }
            draft.put(Piece::CableType(t.clone()));
            Ok(t.id)
        }
        NewPiece::Cable(c) => cords::save_cable(draft, c),
    }
}

/// The number of a piece that is there, or a new one.
fn known(draft: &mut Draft, kind: PieceKind, id: PieceId) -> Result<PieceId, Refused> {
    if id.0 == 0 {
        return Ok(draft.number());
    }
    if draft.plan.get((kind, id)).is_some() { Ok(id) } else { Err(Refused::new("id", "not-found", id.to_string())) }
}

fn place_exists(plan: &Cabling, place: Option<PieceId>) -> Result<(), Refused> {
    match place {
        Some(id) if !plan.places.contains_key(&id) => Err(Refused::new("place", "bad-place", id.to_string())),
        _ => Ok(()),
    }
}

fn save_unit(draft: &mut Draft, mut unit: Unit, jacks: &[String]) -> Result<PieceId, Refused> {
    unit.label = needed("label", &unit.label)?;
    unit.note = line("note", &unit.note)?;
    unit.id = known(draft, PieceKind::Unit, unit.id)?;
    place_exists(&draft.plan, unit.place)?;
    if draft.unit(&unit.label).is_some_and(|other| other != unit.id) {
        return Err(Refused::new("label", "taken", unit.label));
    }
    unit.rows = unit.rows.clamp(1, 4);
    unit.height = unit.height.clamp(1, MAX_UNITS);
    (unit.x, unit.y) = (unit.x.map(|x| x.clamp(0, 10_000)), unit.y.map(|y| y.clamp(0, 10_000)));
    fits_rack(&draft.plan, &unit)?;
    if jacks.len() > MAX_JACKS {
        return Err(Refused::new("jacks", "too-many-lines", jacks.len().to_string()));
    }
    draft.put(Piece::Unit(unit.clone()));
    for label in jacks {
        let label = line("jacks", label)?;
        if draft.jack(unit.id, &label).is_none() {
            draft.new_jack(unit.id, &label);
        }
    }
    Ok(unit.id)
}

/// Its place in the rack exists and is free.
fn fits_rack(plan: &Cabling, unit: &Unit) -> Result<(), Refused> {
    let Some(rack) = unit.rack else { return Ok(()) };
    let Some(rack) = plan.racks.get(&rack) else { return Err(Refused::new("rack", "bad-rack", rack.to_string())) };
    let Some(low) = unit.position else { return Ok(()) };
    let span = |low: u16, height: u16| (low, low.saturating_add(height).saturating_sub(1));
    let (low, high) = span(low, unit.height);
    if low < 1 || high > rack.units {
        return Err(Refused::new("position", "bad-number", format!("{low}–{high}")));
    }
    let other = plan.units.values().find(|u| {
        let (l, h) = span(u.position.unwrap_or(0), u.height);
        u.id != unit.id && u.rack == Some(rack.id) && u.position.is_some() && l <= high && low <= h
    });
    match other {
        Some(u) => Err(Refused::new("position", "taken-by", u.label.clone())),
        None => Ok(()),
    }
}

/// Takes edits back: each piece must still be as they left it.
pub fn undo(plan: Cabling, next: i64, edits: &[PieceEdit]) -> Result<Draft, Refused> {
    let mut draft = Draft::new(plan, next);
    for edit in edits {
        let Some(key) = edit.key() else { continue };
        if draft.plan.get(key) != edit.after {
            return Err(Refused::new("change_set", "changed-since", name_of(&draft.plan, edit)));
        }
    }
    // What was added goes last to first, so that nothing is left pointing at it.
    for edit in edits.iter().rev() {
        match (&edit.before, edit.key()) {
            (Some(piece), _) => draft.put(piece.clone()),
            (None, Some(key)) => draft.remove(key),
            (None, None) => {}
        }
    }
    orphans(&draft)?;
    Ok(draft)
}

/// Pieces added since that need what would go.
fn orphans(draft: &Draft) -> Result<(), Refused> {
    let plan = &draft.plan;
    let lost = |what: &str| Err(Refused::new("change_set", "needed-since", what.to_owned()));
    if let Some(j) = plan.jacks.values().find(|j| !plan.units.contains_key(&j.unit)) {
        return lost(&j.label);
    }
    if let Some(c) = plan.cables.values().find(|c| c.ends.iter().any(|e| !plan.jacks.contains_key(&e.jack))) {
        return lost(&c.label);
    }
    let gone = |p: Option<PieceId>| p.is_some_and(|p| !plan.places.contains_key(&p));
    if let Some(u) = plan.units.values().find(|u| gone(u.place) || u.rack.is_some_and(|r| !plan.racks.contains_key(&r)))
    {
        return lost(&u.label);
    }
    match plan.racks.values().find(|r| gone(r.place)) {
        Some(r) => lost(&r.name),
        None => Ok(()),
    }
}

fn name_of(plan: &Cabling, edit: &PieceEdit) -> String {
    match edit.after.as_ref().or(edit.before.as_ref()) {
        Some(Piece::Place(p)) => p.name.clone(),
        Some(Piece::Rack(r)) => r.name.clone(),
        Some(Piece::Unit(u)) => u.label.clone(),
        Some(Piece::Jack(j)) => plan.jack_name(j),
        Some(Piece::CableType(t)) => t.name.clone(),
        Some(Piece::Cable(c)) => c.label.clone(),
        Some(Piece::LaneMap(_)) | None => String::new(),
    }
}

/// The jack of that label on a unit, "07" and "7" alike.
pub fn find_jack<'a>(plan: &'a Cabling, unit: PieceId, label: &str) -> Option<&'a Jack> {
    let key = label_key(label);
    plan.jacks.values().find(|j| j.unit == unit && label_key(&j.label) == key)
}
