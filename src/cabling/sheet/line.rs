//! A row of the sheet as the documents have it: what an export writes and an import compares with.

use super::super::draft::Draft;
use super::Line;
use crate::model::{Cable, CableStatus, PieceId, PlaceKind, SheetField, Socket, UnitKind, natural_key};

use SheetField as F;

/// Every row of the documents: outlets in the order people count, then ports of panels that lead to no outlet.
pub fn rows(draft: &Draft) -> Vec<(PieceId, Line)> {
    let plan = &draft.plan;
    let mut outlets = Vec::new();
    let mut panels = Vec::new();
    for jack in plan.jacks.values() {
        let Some(unit) = plan.units.get(&jack.unit) else { continue };
        match unit.kind {
            UnitKind::Outlet => outlets.push((natural_key(&plan.jack_name(jack)), jack.id)),
            UnitKind::Panel => {
                let used = draft.in_socket(draft.front(jack.id)).is_some();
                let to_outlet = draft.across(draft.rear(jack.id)).and_then(|(_, far)| far).is_some_and(|far| {
                    let unit = plan.jacks.get(&far.jack).and_then(|j| plan.units.get(&j.unit));
                    unit.is_some_and(|u| u.kind == UnitKind::Outlet)
                });
                if used && !to_outlet {
                    panels.push((natural_key(&plan.jack_name(jack)), jack.id));
                }
            }
            _ => {}
        }
    }
    outlets.sort();
    panels.sort();
    outlets.into_iter().chain(panels).map(|(_, jack)| (jack, describe(draft, jack))).collect()
}

/// The row of an outlet, or of a panel's port.
pub fn describe(draft: &Draft, jack: PieceId) -> Line {
    let plan = &draft.plan;
    let mut line = Line::new();
    let Some((j, unit)) = plan.jacks.get(&jack).and_then(|j| Some((j, plan.units.get(&j.unit)?))) else { return line };
    let mut say = |field: F, text: &str| {
        if !text.is_empty() {
            line.insert(field, text.to_owned());
        }
    };
    let kind_of = |s: Socket| plan.jacks.get(&s.jack).and_then(|j| plan.units.get(&j.unit)).map(|u| (u, s.jack));
    let label = |jack: PieceId| plan.jacks.get(&jack).map(|j| j.label.clone()).unwrap_or_default();
    // The socket the cord to the switch starts at.
    let mut patch = draft.front(jack);
    let mut wall: Option<&Cable> = None;
    let mut switch: Option<PieceId> = None;
    if unit.kind == UnitKind::Outlet {
        say(F::Outlet, &plan.jack_name(j));
        for place in plan.place_path(plan.place_of(unit).unwrap_or_default()) {
            match place.kind {
                PlaceKind::Building => say(F::Building, &place.name),
                PlaceKind::Floor => say(F::Floor, &place.name),
                _ => say(F::Room, &place.name),
            }
        }
        say(F::Vlan, &j.vlan.map(|v| v.to_string()).unwrap_or_default());
        say(F::Note, &j.note);
        let far = draft.across(draft.rear(jack));
        wall = far.map(|(cable, _)| cable);
        match far.and_then(|(_, far)| kind_of(far?)) {
            Some((panel, at)) if panel.kind.is_passive() => {
                say(F::Panel, &panel.label);
                say(F::PanelPort, &label(at));
                patch = draft.front(at);
            }
            Some((_, at)) => switch = Some(at),
            None => {}
        }
        if let Some((host, _)) = draft.across(draft.front(jack)).and_then(|(_, far)| kind_of(far?)) {
            say(F::Device, &host.label);
        }
    } else {
        say(F::Panel, &unit.label);
        say(F::PanelPort, &j.label);
        say(F::Note, &j.note);
    }
    let is_patched = unit.kind != UnitKind::Outlet || patch.jack != jack;
    let cord = if is_patched { draft.across(patch) } else { None };
    switch = switch.or_else(|| kind_of(cord?.1?).filter(|(u, _)| !u.kind.is_passive()).map(|(_, at)| at));
    if let Some((unit, at)) = switch.and_then(|at| kind_of(Socket { jack: at, side: None })) {
        say(F::Switch, &unit.label);
        say(F::SwitchPort, &label(at));
    }
    if let Some(cable) = wall {
        say(F::Cable, &cable.label);
        say(F::Category, cable.category.as_deref().unwrap_or(""));
        say(F::Length, &cable.length_cm.map(metres).unwrap_or_default());
        if cable.status != CableStatus::Connected {
            say(F::Status, cable.status.as_str());
        }
    }
    if let Some((cord, _)) = cord {
        say(F::Cord, &cord.label);
        say(F::Colour, cord.colour.as_deref().unwrap_or(""));
    } else if let Some(cable) = wall {
        say(F::Colour, cable.colour.as_deref().unwrap_or(""));
    }
    line
}

/// "38" or "38.5".
pub fn metres(cm: i64) -> String {
    let text = format!("{}.{:02}", cm / 100, cm % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
