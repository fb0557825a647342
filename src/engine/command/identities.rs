//! A person says that two devices are one, or that one is two; and takes it back. Nothing is lost on either way: a merged
//! device keeps its rows, one that was split off takes the identifiers that are its own.

use super::super::action;
use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::facts::automatic_name;
use super::super::identify;
use super::super::writer::Work;
use super::{Failure, Outcome};
use crate::model::{DeviceId, Event, Identifier, IdentifierKind, Millis, Reach};
use crate::store::device::{self, Device};
use crate::store::merge::{self, Change, Recorded};
use crate::store::{Tx, identity, need, supply, timeline};

async fn load(work: &mut Work, tx: &mut Tx, id: DeviceId) -> Result<Device, Failure> {
    let known = work.known(tx, id).await?;
    Ok(known.map(|k| k.device.clone()).ok_or(CommandError::NotFound { what: "device", id: id.0 })?)
}

/// Not one that is part of another already.
async fn whole(work: &mut Work, tx: &mut Tx, id: DeviceId) -> Result<Device, Failure> {
    let d = load(work, tx, id).await?;
    if d.merged_into.is_some() {
        let detail = "it is part of another device: name that one, or take the merge back first".to_owned();
        return Err(CommandError::WrongState { what: "device", id: id.0, state: "merged".into(), detail }.into());
    }
    Ok(d)
}

async fn save(work: &mut Work, tx: &mut Tx, mut d: Device) -> Result<(), Failure> {
    if !d.named_by_person {
        d.name = automatic_name(&d);
    }
    device::save(tx, &d).await?;
    let id = d.id;
    // Hashes of what was last seen belong to the device as it was.
    work.cache.forget(id);
    work.learned(d);
    work.changed(Topic::Device, Some(id));
    Ok(())
}

/// Nobody asks it where it was: what it was found to be says nothing of now.
fn nowhere(d: &mut Device, now: Millis) {
    d.address = None;
    d.state.reach = Reach::Unknown;
    d.state.reach_since = Some(now);
    (d.state.silent, d.state.silent_since) = (0, None);
    d.condition = "unknown";
}

fn answers(d: &Device, now: Millis) -> bool {
    d.address.is_some() && d.state.silent == 0 && d.state.last_answer.is_some_and(|t| now.since(t) < identify::ALIVE)
}

fn text(d: &Device) -> Option<String> {
    d.address.map(|a| a.to_string())
}

pub(super) async fn merge(work: &mut Work, tx: &mut Tx, actor: &Actor, id: DeviceId, gone: DeviceId) -> Outcome {
    if id == gone {
        return Err(CommandError::invalid("other", "same-device", "a device cannot be merged with itself").into());
    }
    let now = work.now;
    let (mut kept, mut other) = (whole(work, tx, id).await?, whole(work, tx, gone).await?);
    let (address, port, kept_address, kept_port) = (text(&other), other.port, text(&kept), kept.port);
    let children = merge::children(tx, gone).await?;
    for child in &children {
        merge::point(tx, *child, id).await?;
        work.cache.forget(*child);
    }
    let tickets = merge::move_tickets(tx, gone, id).await?;
    if !tickets.is_empty() {
        work.changed(Topic::Ticket, Some(id));
    }
    for index in need::asked_by_device(tx, gone).await? {
        action::drop_reason(work, tx, gone, &index).await?;
    }
    identity::forget_addresses(tx, gone).await?;
    // Two addresses of one device: the one that works stays, the other is history.
    if other.address.is_some() && !answers(&kept, now) && (kept.address.is_none() || answers(&other, now)) {
        identity::forget_addresses(tx, id).await?;
        (kept.address, kept.port) = (other.address, other.port);
        kept.credential = other.credential.or(kept.credential);
    }
    let name = other.name.clone();
    other.merged_into = Some(id);
    nowhere(&mut other, now);
    save(work, tx, other).await?;
    save(work, tx, kept).await?;
    let change = Change::Merge { address, port, kept_address, kept_port, tickets, children };
    let recorded = merge::record(tx, id, gone, &change, &actor.who, now).await?;
    timeline::add(tx, id, &Event::Merged { other: name }, now).await?;
    device::want_poll(tx, id).await?;
    Ok(Done::changed(recorded))
}

pub(super) async fn split(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    id: DeviceId,
    identifiers: &[Identifier],
    address: Option<String>,
) -> Outcome {
    let now = work.now;
    let mut d = whole(work, tx, id).await?;
    let own = identity::of_device(tx, id).await?;
    let strong = |i: &&Identifier| i.kind != IdentifierKind::Address;
    let chosen: Vec<Identifier> = own.iter().filter(strong).filter(|i| identifiers.contains(i)).cloned().collect();
    if chosen.is_empty() || chosen.len() < identifiers.len() {
        let detail = "name one or more identifiers of this device that are the other one's (a MAC, a serial number)";
        return Err(CommandError::invalid("identifiers", "no-identifier", detail).into());
    }
    if chosen.len() == own.iter().filter(strong).count() {
        let detail = "at least one identifier must stay, or the device would never be recognised again";
        return Err(CommandError::invalid("identifiers", "none-left", detail).into());
    }
    let place = address.as_deref().filter(|a| !a.is_empty()).map(|a| {
        a.parse().map_err(|_| CommandError::invalid("address", "not-its-address", format!("{a:?} is no address")))
    });
    let place: Option<std::net::IpAddr> = place.transpose()?;
    let mut new = Device::new(d.site, std::net::Ipv4Addr::UNSPECIFIED.into(), d.port, d.credential, now);
    (new.address, new.kind) = (None, d.kind);
    new.name = chosen.first().map_or_else(String::new, |i| i.value.clone());
    device::insert(tx, &mut new).await?;
    if merge::move_identifiers(tx, id, new.id, &chosen).await? == 0 {
        let detail = "these came with a merge: take the merge back instead";
        return Err(CommandError::invalid("identifiers", "no-identifier", detail).into());
    }
    if let Some(place) = place {
        let Some(port) = merge::move_address(tx, id, new.id, &place.to_string()).await? else {
            let detail = format!("the device never answered at {place}");
            return Err(CommandError::invalid("address", "not-its-address", detail).into());
        };
        if d.address == Some(place) {
            identity::forget_addresses(tx, id).await?;
            nowhere(&mut d, now);
        }
        if device::at_address(tx, d.site, place, port).await?.is_none_or(|at| at == id) {
            (new.address, new.port) = (Some(place), port);
        }
    }
    forget_moved(&mut d, &chosen);
    let (name, new_id, new_name) = (d.name.clone(), new.id, new.name.clone());
    save(work, tx, d).await?;
    device::save(tx, &new).await?;
    work.learned(new);
    work.changed(Topic::Device, Some(new_id));
    let change = Change::Split { identifiers: chosen, address };
    let recorded = merge::record(tx, id, new_id, &change, &actor.who, now).await?;
    timeline::add(tx, id, &Event::SplitOff { other: new_name }, now).await?;
    timeline::add(tx, new_id, &Event::SplitOff { other: name }, now).await?;
    for asked in [id, new_id] {
        device::want_poll(tx, asked).await?;
    }
    Ok(Done::changed(recorded))
}

/// What is shown as the device's own but was the other's; the next inventory tells anew.
fn forget_moved(d: &mut Device, moved: &[Identifier]) {
    let is = |kind, mine: &Option<String>| {
        let Some(mine) = mine.as_deref().map(str::to_lowercase) else { return false };
        moved.iter().any(|i| i.kind == kind && i.value.to_lowercase().ends_with(&mine))
    };
    if is(IdentifierKind::BaseMac, &d.base_mac) {
        d.base_mac = None;
    }
    if is(IdentifierKind::Serial, &d.serial) {
        d.serial = None;
    }
    if is(IdentifierKind::SysName, &d.sys_name) {
        d.sys_name = None;
    }
}

pub(super) async fn undo(work: &mut Work, tx: &mut Tx, actor: &Actor, change: i64) -> Outcome {
    let Some(r) = merge::load(tx, change).await? else {
        return Err(CommandError::NotFound { what: "identity change", id: change }.into());
    };
    if r.undone {
        return Ok(Done::already(change));
    }
    let now = work.now;
    let (device, other) = (load(work, tx, r.device).await?, load(work, tx, r.other).await?);
    let as_left = match r.change {
        Change::Merge { .. } => device.merged_into.is_none() && other.merged_into == Some(r.device),
        Change::Split { .. } => device.merged_into.is_none() && other.merged_into.is_none(),
    };
    if !as_left {
        let detail = "one of the two was merged or split since: take that back first".to_owned();
        let what = "identity change";
        return Err(CommandError::WrongState { what, id: change, state: "overtaken".into(), detail }.into());
    }
    let names = [(r.device, other.name.clone()), (r.other, device.name.clone())];
    match &r.change {
        Change::Merge { .. } => unmerge(work, tx, &r, device, other).await?,
        Change::Split { .. } => unsplit(work, tx, device, other).await?,
    }
    merge::undone(tx, change, &actor.who, now).await?;
    for (id, other) in names {
        timeline::add(tx, id, &Event::IdentityUndone { other }, now).await?;
        device::want_poll(tx, id).await?;
    }
    Ok(Done::changed(change))
}

async fn unmerge(work: &mut Work, tx: &mut Tx, r: &Recorded, mut d: Device, mut other: Device) -> Result<(), Failure> {
    let Change::Merge { address, port, kept_address, kept_port, tickets, children } = &r.change else { return Ok(()) };
    let address = address.as_deref().and_then(|a| a.parse().ok());
    if address.is_some() && d.address == address && d.port == *port {
        // It had taken the other's place: back to its own, if nobody else is there.
        let own = kept_address.as_deref().and_then(|a| a.parse().ok());
        identity::forget_addresses(tx, d.id).await?;
        nowhere(&mut d, work.now);
        if let Some(own) = own
            && device::at_address(tx, d.site, own, *kept_port).await?.is_none()
        {
            (d.address, d.port) = (Some(own), *kept_port);
        }
    }
    save(work, tx, d).await?;
    other.merged_into = None;
    if let Some(place) = address
        && device::at_address(tx, other.site, place, *port).await?.is_none()
    {
        (other.address, other.port) = (Some(place), *port);
    }
    merge::give_tickets(tx, tickets, r.other).await?;
    for child in children {
        merge::point(tx, *child, r.other).await?;
        work.cache.forget(*child);
    }
    save(work, tx, other).await?;
    ask_again(work, tx, r.other).await
}

/// What was low when the device went lost its need then; it is low still, as far as anybody knows.
async fn ask_again(work: &mut Work, tx: &mut Tx, id: DeviceId) -> Result<(), Failure> {
    for s in supply::of_device(tx, id).await? {
        if s.present && s.state.is_low {
            action::react(work, tx, id, &Event::SupplyLow { supply: s.state }).await?;
        }
    }
    Ok(())
}

/// What was split off becomes part of the device again, with what it lived through.
async fn unsplit(work: &mut Work, tx: &mut Tx, mut d: Device, mut other: Device) -> Result<(), Failure> {
    merge::unpin(tx, other.id).await?;
    merge::move_tickets(tx, other.id, d.id).await?;
    identity::forget_addresses(tx, other.id).await?;
    if d.address.is_none() {
        (d.address, d.port) = (other.address, other.port);
    }
    other.merged_into = Some(d.id);
    nowhere(&mut other, work.now);
    save(work, tx, other).await?;
    save(work, tx, d).await
}
