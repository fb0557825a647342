//! What was found is taken into the documents: links through the panels their cords lead to, devices where they are plugged
//! in. The old word of the documents is decommissioned, never removed.

use super::cords;
use super::draft::{Draft, Refused};
use super::sheet::unit_kind;
use crate::model::{
    CableKind, CableSource, DeviceId, JackSide, KnownDevice, Millis, NewCord, Piece, PieceId, PortAt, Socket,
    Suggestion, UnitKind,
};

/// Longest chain of panels that is followed.
const MOST_STEPS: usize = 32;

/// Carries out a suggestion.
pub fn accept(draft: &mut Draft, wish: &Suggestion, devices: &[KnownDevice], now: Millis) -> Result<(), Refused> {
    match wish {
        Suggestion::Links { pairs } => {
            let mut jacks = Vec::new();
            for (a, b) in pairs {
                jacks.push((port_jack(draft, *a, devices)?, port_jack(draft, *b, devices)?));
            }
            // All old ends go first: in a swap one's new socket is the other's old one.
            for (a, b) in &jacks {
                for jack in [*a, *b] {
                    let end = open_end(draft, jack);
                    if end.jack == jack && end.side.is_none() || is_active_behind(draft, jack) {
                        cords::free(draft, Socket { jack, side: None }, now);
                    }
                }
            }
            for (a, b) in jacks {
                let (from, to) = (open_end(draft, a), open_end(draft, b));
                join(draft, from, to, now)?;
            }
            Ok(())
        }
        Suggestion::Attach { device, at } => {
            let known = devices.iter().find(|d| d.id == *device);
            let Some(known) = known else { return Err(Refused::new("device", "not-found", device.to_string())) };
            let host = host_jack(draft, known);
            cords::free(draft, Socket { jack: host, side: None }, now);
            let port = port_jack(draft, *at, devices)?;
            if is_active_behind(draft, port) {
                // Somebody documented is in the way: his last cord is pulled.
                let end = last_socket(draft, port);
                cords::free(draft, end, now);
            }
            let to = open_end(draft, port);
            join(draft, to, Socket { jack: host, side: None }, now)
        }
        Suggestion::Free { jack } => {
            if !draft.plan.jacks.contains_key(jack) {
                return Err(Refused::new("jack", "not-found", jack.to_string()));
            }
            let socket = draft.front(*jack);
            cords::free(draft, socket, now);
            Ok(())
        }
    }
}

fn join(draft: &mut Draft, a: Socket, b: Socket, now: Millis) -> Result<(), Refused> {
    let wall = a.side == Some(JackSide::Rear) && b.side == Some(JackSide::Rear);
    let kind = match (wall, a.side.is_none() && b.side.is_none()) {
        (true, _) => CableKind::Backbone,
        (_, true) => CableKind::Direct,
        _ => CableKind::Cord,
    };
    let cord = NewCord { a, b, kind, label: String::new(), category: None, colour: None, length_cm: None };
    cords::connect(draft, &cord, CableSource::Accepted, now).map(|_| ())
}

/// Where a path out of an active jack ends: itself, or the last free socket beyond panels.
fn open_end(draft: &Draft, jack: PieceId) -> Socket {
    let mut at = Socket { jack, side: None };
    for _ in 0..MOST_STEPS {
        let Some((_, Some(far))) = draft.across(at) else { break };
        match far.side {
            Some(side) => at = Socket { jack: far.jack, side: Some(side.other()) },
            None => break,
        }
    }
    at
}

/// The socket whose cable leads to the active jack at the far end.
fn last_socket(draft: &Draft, jack: PieceId) -> Socket {
    open_end(draft, jack)
}

/// The path ends in another active jack.
fn is_active_behind(draft: &Draft, jack: PieceId) -> bool {
    draft.in_socket(open_end(draft, jack)).is_some()
}

/// The jack of an interface; its switch and itself are entered where they are not documented yet.
fn port_jack(draft: &mut Draft, at: PortAt, devices: &[KnownDevice]) -> Result<PieceId, Refused> {
    let Some(known) = devices.iter().find(|d| d.id == at.device) else {
        return Err(Refused::new("device", "not-found", at.device.to_string()));
    };
    let unit = unit_of(draft, known, unit_kind(known.kind));
    let port = known.ports.iter().find(|p| p.if_index == at.if_index);
    let label = port.map_or_else(|| at.if_index.to_string(), |p| p.name.clone());
    let by_index = draft.plan.jacks.values().find(|j| j.unit == unit && j.if_index == Some(at.if_index)).map(|j| j.id);
    let jack = match by_index.or_else(|| draft.jack(unit, &label)) {
        Some(jack) => jack,
        None => draft.new_jack(unit, &label),
    };
    if let Some(mut j) = draft.plan.jacks.get(&jack).cloned() {
        j.if_index = Some(at.if_index);
        draft.put(Piece::Jack(j));
    }
    Ok(jack)
}

fn host_jack(draft: &mut Draft, known: &KnownDevice) -> PieceId {
    let unit = unit_of(draft, known, unit_kind(known.kind));
    match draft.plan.jacks_of(unit).first().map(|j| j.id) {
        Some(jack) => jack,
        None => draft.new_jack(unit, "LAN"),
    }
}

fn unit_of(draft: &mut Draft, known: &KnownDevice, kind: UnitKind) -> PieceId {
    let by_device = draft.plan.units.values().find(|u| u.device == Some(DeviceId(known.id))).map(|u| u.id);
    if let Some(unit) = by_device {
        return unit;
    }
    // Of one name, unless that is a panel's or outlet's: then with its number.
    let named = draft
        .unit(&known.name)
        .filter(|u| draft.plan.units.get(u).is_some_and(|u| u.device.is_none() && !u.kind.is_passive()));
    let unit = match named {
        Some(unit) => unit,
        None => {
            let label = if draft.unit(&known.name).is_some() {
                format!("{} #{}", known.name, known.id)
            } else {
                known.name.clone()
            };
            draft.new_unit(kind, &label)
        }
    };
    if let Some(mut u) = draft.plan.units.get(&unit).cloned() {
        u.device = Some(DeviceId(known.id));
        draft.put(Piece::Unit(u));
    }
    unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cabling::sheet;
    use crate::model::{Cabling, DeviceKind, KnownPort, SheetField as F, SheetRow};

    const NOW: Millis = Millis(1_772_366_400_000);

    fn devices() -> Vec<KnownDevice> {
        let switch = |id: i64, name: &str| KnownDevice {
            id,
            name: name.into(),
            kind: Some(DeviceKind::Switch),
            ports: (1..=24).map(|n| KnownPort { if_index: n, name: format!("Gi0/{n}"), descr: None }).collect(),
            ..KnownDevice::default()
        };
        let printer =
            KnownDevice { id: 9, name: "mfu".into(), kind: Some(DeviceKind::Printer), ..KnownDevice::default() };
        vec![switch(1, "sw1"), switch(2, "sw2"), printer]
    }

    fn at(device: i64, if_index: u32) -> PortAt {
        PortAt { device, if_index }
    }

    fn ends(draft: &Draft) -> Vec<String> {
        let plan = &draft.plan;
        let live = plan.cables.values().filter(|c| c.status.is_live());
        live.map(|c| c.ends.iter().map(|e| plan.jack_name(&plan.jacks[&e.jack])).collect::<Vec<_>>().join(" – "))
            .collect()
    }

    #[test]
    fn links_of_unknown_switches_enter_them() {
        let mut draft = Draft::new(Cabling::default(), 0);
        let wish = Suggestion::Links { pairs: vec![(at(1, 24), at(2, 1))] };
        accept(&mut draft, &wish, &devices(), NOW).unwrap();
        assert_eq!(ends(&draft), ["sw1 · Gi0/24 – sw2 · Gi0/1"]);
        // A swap is undone in one go.
        let both = Suggestion::Links { pairs: vec![(at(1, 23), at(2, 2))] };
        accept(&mut draft, &both, &devices(), NOW).unwrap();
        let swap = Suggestion::Links { pairs: vec![(at(1, 24), at(2, 2)), (at(1, 23), at(2, 1))] };
        accept(&mut draft, &swap, &devices(), NOW).unwrap();
        assert_eq!(ends(&draft), ["sw1 · Gi0/24 – sw2 · Gi0/2", "sw1 · Gi0/23 – sw2 · Gi0/1"]);
    }

    #[test]
    fn a_printer_is_plugged_in_where_its_port_leads() {
        let cells =
            [(F::Outlet, "2.14"), (F::Panel, "PP1"), (F::PanelPort, "7"), (F::Switch, "sw1"), (F::SwitchPort, "7")];
        let row = SheetRow { row: 2, cells: cells.map(|(f, t)| (f, t.to_owned())).into(), faults: Vec::new() };
        let (_, mut draft) = sheet::judge(&[row], Cabling::default(), 0, &devices(), NOW);
        let wish = Suggestion::Attach { device: 9, at: at(1, 7) };
        accept(&mut draft, &wish, &devices(), NOW).unwrap();
        assert!(ends(&draft).contains(&"2.14 – mfu · LAN".to_owned()), "{:?}", ends(&draft));
        // It moves to a port without documents: the outlet is free again.
        accept(&mut draft, &Suggestion::Attach { device: 9, at: at(1, 9) }, &devices(), NOW).unwrap();
        let now = ends(&draft);
        assert!(
            now.contains(&"sw1 · Gi0/9 – mfu · LAN".to_owned()) && !now.contains(&"2.14 – mfu · LAN".to_owned()),
            "{now:?}"
        );
    }
}
