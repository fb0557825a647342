//! Devices: a person names, places, retires them, or wants one polled now.

use super::super::action;
use super::super::api::{CommandError, Done, Topic};
use super::super::facts::automatic_name;
use super::super::writer::Work;
use super::{Failure, Outcome, optional};
use crate::model::{DeviceId, SiteId, TicketStatus};
use crate::store::device::Device;
use crate::store::{Tx, device, hidden, identity, need, site, ticket};

async fn load<'w>(work: &'w mut Work, tx: &mut Tx, id: DeviceId) -> Result<&'w mut Device, Failure> {
    let known = work.known(tx, id).await?;
    Ok(known.map(|k| &mut k.device).ok_or(CommandError::NotFound { what: "device", id: id.0 })?)
}

/// An empty name gives it back its own.
pub(super) async fn rename(work: &mut Work, tx: &mut Tx, id: DeviceId, name: &str) -> Outcome {
    let name = optional("name", name)?;
    let d = load(work, tx, id).await?;
    if name == d.name && d.named_by_person {
        return Ok(Done::already(id.0));
    }
    d.named_by_person = !name.is_empty();
    d.name = if name.is_empty() { automatic_name(d) } else { name.to_owned() };
    device::save(tx, d).await?;
    work.changed(Topic::Device, Some(id));
    Ok(Done::changed(id.0))
}

/// `None` as the place gives it back the device's own word.
pub(super) async fn place(work: &mut Work, tx: &mut Tx, id: DeviceId, to: SiteId, location: Option<String>) -> Outcome {
    let location = location.as_deref().map(|l| optional("location", l)).transpose()?.filter(|l| !l.is_empty());
    let facts = device::facts(tx, id).await?;
    if !site::exists(tx, to).await? {
        return Err(CommandError::NotFound { what: "site", id: to.0 }.into());
    }
    let d = load(work, tx, id).await?;
    if d.site != to {
        if let Some(address) = d.address
            && device::at_address(tx, to, address, d.port).await?.is_some()
        {
            let detail = format!("{address} is already another device of that site");
            return Err(CommandError::invalid("site", "taken", detail).into());
        }
        identity::move_site(tx, id, to).await?;
    }
    d.site = to;
    d.located_by_person = location.is_some();
    d.location = location.map(str::to_owned).or(facts.sys_location.filter(|l| !l.trim().is_empty()));
    device::save(tx, d).await?;
    work.changed(Topic::Device, Some(id));
    Ok(Done::changed(id.0))
}

/// No longer polled; nothing is ordered or repaired for it any more. Its history stays.
pub(super) async fn retire(work: &mut Work, tx: &mut Tx, id: DeviceId) -> Outcome {
    let d = load(work, tx, id).await?;
    if d.retired {
        return Ok(Done::already(id.0));
    }
    d.retired = true;
    device::save(tx, d).await?;
    for index in need::asked_by_device(tx, id).await? {
        action::drop_reason(work, tx, id, &index).await?;
    }
    for t in ticket::open_of_device(tx, id).await? {
        ticket::set_status(tx, t.id, TicketStatus::Cancelled, false, work.now).await?;
        ticket::add_event(tx, t.id, "anykey", "status", TicketStatus::Cancelled.as_str(), work.now).await?;
        work.changed(Topic::Ticket, Some(id));
    }
    work.changed(Topic::Device, Some(id));
    Ok(Done::changed(id.0))
}

/// What it is reached through, above what is observed; it is judged by that from its next reading.
pub(super) async fn set_parent(work: &mut Work, tx: &mut Tx, id: DeviceId, parent: Option<DeviceId>) -> Outcome {
    load(work, tx, id).await?;
    let known = hidden::documented(tx).await?;
    if let Some(parent) = parent {
        let d = load(work, tx, parent).await?;
        if d.retired || parent == id {
            return Err(CommandError::invalid("parent", "bad-number", "must be another device that is in use").into());
        }
        let (mut at, mut steps) = (Some(parent), 0);
        while let Some(here) = at.filter(|_| steps <= known.len()) {
            if here == id {
                let detail = "that device is connected through this one".to_owned();
                return Err(CommandError::invalid("parent", "loop", detail).into());
            }
            steps += 1;
            at = known.iter().find(|(d, _)| *d == here).map(|(_, p)| *p);
        }
    }
    if known.iter().find(|(d, _)| *d == id).map(|(_, p)| *p) == parent {
        return Ok(Done::already(id.0));
    }
    hidden::document(tx, id, parent).await?;
    work.places = None;
    work.changed(Topic::Device, Some(id));
    Ok(Done::changed(id.0))
}

pub(super) async fn poll_now(work: &mut Work, tx: &mut Tx, id: DeviceId) -> Outcome {
    let d = load(work, tx, id).await?;
    if d.retired || d.address.is_none() {
        let state = if d.retired { "retired" } else { "without an address" }.to_owned();
        let detail = "there is nothing to ask".to_owned();
        return Err(CommandError::WrongState { what: "device", id: id.0, state, detail }.into());
    }
    device::want_poll(tx, id).await?;
    Ok(Done::changed(id.0))
}
