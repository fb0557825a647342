//! Cables between jacks: plugged, freed, and their life from planned to decommissioned.

use super::draft::{Draft, Refused};
use super::{line, needed};
use crate::model::{
    Cable, CableSource, CableStatus, Millis, NewCord, Piece, PieceId, PieceKind, PlugEnd, Plugged, Socket,
};

/// The socket exists, and names a side exactly where its jack has two.
fn check(draft: &Draft, field: &'static str, socket: Socket) -> Result<(), Refused> {
    if !draft.plan.jacks.contains_key(&socket.jack) {
        return Err(Refused::new(field, "bad-jack", socket.jack.to_string()));
    }
    if draft.is_passive(socket.jack) != socket.side.is_some() {
        return Err(Refused::new(field, "bad-side", socket.jack.to_string()));
    }
    Ok(())
}

/// What a socket is called, for refusals.
fn name(draft: &Draft, socket: Socket) -> String {
    draft.plan.jacks.get(&socket.jack).map(|j| draft.plan.jack_name(j)).unwrap_or_default()
}

/// A cable from one free socket to another, over all lanes that both have.
pub fn connect(draft: &mut Draft, cord: &NewCord, source: CableSource, now: Millis) -> Result<PieceId, Refused> {
    check(draft, "a", cord.a)?;
    check(draft, "b", cord.b)?;
    if cord.a == cord.b {
        return Err(Refused::new("b", "same-jack", name(draft, cord.b)));
    }
    for (field, socket) in [("a", cord.a), ("b", cord.b)] {
        if draft.in_socket(socket).is_some() {
            return Err(Refused::new(field, "socket-taken", name(draft, socket)));
        }
    }
    let label = line("label", &cord.label)?;
    if !label.is_empty() && draft.cable(&label).is_some() {
        return Err(Refused::new("label", "taken", label));
    }
    let jack = |s: Socket| draft.plan.jacks.get(&s.jack);
    let (lanes, media) = match (jack(cord.a), jack(cord.b)) {
        (Some(a), Some(b)) => (a.lanes.min(b.lanes), if a.media == "8p8c" { "utp" } else { "om3" }),
        _ => (4, "utp"),
    };
    let id = draft.number();
    let plug = |end, s: Socket| Plugged {
        end,
        connector: 1,
        jack: s.jack,
        side: s.side,
        cable_lanes: Vec::new(),
        jack_lanes: Vec::new(),
    };
    draft.put(Piece::Cable(Cable {
        id,
        label,
        kind: cord.kind,
        media: media.to_owned(),
        category: cord.category.clone().filter(|c| !c.trim().is_empty()),
        lanes,
        cable_type: None,
        colour: cord.colour.clone().filter(|c| !c.trim().is_empty()),
        length_cm: cord.length_cm.filter(|l| *l > 0),
        status: CableStatus::Connected,
        source,
        bundle: None,
        note: String::new(),
        valid_from: Some(now),
        valid_to: None,
        ends: vec![plug(PlugEnd::A, cord.a), plug(PlugEnd::B, cord.b)],
    }));
    Ok(id)
}

/// Decommissions what is plugged there.
pub fn free(draft: &mut Draft, socket: Socket, now: Millis) {
    while let Some((cable, _)) = draft.in_socket(socket) {
        let gone = Cable { status: CableStatus::Decommissioned, valid_to: Some(now), ..cable.clone() };
        draft.put(Piece::Cable(gone));
    }
}

/// The next state of a cable. One that was decommissioned comes back only where its sockets are free.
pub fn set_status(draft: &mut Draft, id: PieceId, status: CableStatus, now: Millis) -> Result<(), Refused> {
    let Some(cable) = draft.plan.cables.get(&id).cloned() else {
        return Err(Refused::new("cable", "not-found", id.to_string()));
    };
    if status.is_live() && !cable.status.is_live() {
        for e in &cable.ends {
            let socket = Socket { jack: e.jack, side: e.side };
            if draft.in_socket(socket).is_some() {
                return Err(Refused::new("cable", "socket-taken", name(draft, socket)));
            }
        }
        if !cable.label.is_empty() && draft.cable(&cable.label).is_some() {
            return Err(Refused::new("label", "taken", cable.label));
        }
    }
    let valid_to = if status.is_live() { None } else { cable.valid_to.or(Some(now)) };
    draft.put(Piece::Cable(Cable { status, valid_to, ..cable }));
    Ok(())
}

/// A cable with any ends: trunks, breakouts, single strands.
pub(super) fn save_cable(draft: &mut Draft, mut cable: Cable) -> Result<PieceId, Refused> {
    cable.label = line("label", &cable.label)?;
    cable.media = needed("media", &cable.media)?;
    cable.note = line("note", &cable.note)?;
    cable.id = super::known(draft, PieceKind::Cable, cable.id)?;
    if !(1..=super::MAX_LANES).contains(&cable.lanes) {
        return Err(Refused::new("lanes", "bad-number", cable.lanes.to_string()));
    }
    if !cable.label.is_empty() && cable.status.is_live() && draft.cable(&cable.label).is_some_and(|o| o != cable.id) {
        return Err(Refused::new("label", "taken", cable.label));
    }
    if cable.cable_type.is_some_and(|t| !draft.plan.types.contains_key(&t)) {
        return Err(Refused::new("cable_type", "not-found", ""));
    }
    cable.ends.sort();
    let mut seen = std::collections::BTreeSet::new();
    for e in &cable.ends {
        let socket = Socket { jack: e.jack, side: e.side };
        check(draft, "ends", socket)?;
        if !seen.insert((e.end, e.connector)) || e.connector == 0 {
            return Err(Refused::new("ends", "twice", e.connector.to_string()));
        }
        if cable.status.is_live() {
            lanes_free(draft, &cable, e)?;
        }
    }
    let id = cable.id;
    draft.put(Piece::Cable(cable));
    Ok(id)
}

/// No other live cable has a lane of this plug's jack.
fn lanes_free(draft: &Draft, cable: &Cable, plug: &Plugged) -> Result<(), Refused> {
    let all = draft.plan.jacks.get(&plug.jack).map_or(0, |j| j.lanes);
    let lanes = |p: &Plugged| if p.jack_lanes.is_empty() { (1..=all).collect() } else { p.jack_lanes.clone() };
    let mine = lanes(plug);
    let others = draft.plan.cables.values().filter(|c| c.id != cable.id && c.status.is_live());
    let same = |e: &&Plugged| e.jack == plug.jack && e.side == plug.side;
    let meets = |e: &Plugged| lanes(e).iter().any(|l| mine.contains(l));
    if others.flat_map(|c| c.ends.iter()).filter(same).any(meets) {
        let socket = Socket { jack: plug.jack, side: plug.side };
        return Err(Refused::new("ends", "socket-taken", name(draft, socket)));
    }
    Ok(())
}
