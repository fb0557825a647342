//! Tickets: a person takes, comments, resolves, reports.

use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Failure, Outcome, comment as checked_comment, required};
use crate::model::{DeviceId, ProblemClass, ProblemKey, Ticket, TicketId, TicketStatus};
use crate::store::{Tx, ticket};

async fn load(tx: &mut Tx, id: TicketId) -> Result<Ticket, Failure> {
    Ok(ticket::load(tx, id).await?.ok_or(CommandError::NotFound { what: "ticket", id: id.0 })?)
}

pub(super) async fn set_status(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    id: TicketId,
    status: TicketStatus,
) -> Outcome {
    let t = load(tx, id).await?;
    if t.status == status {
        return Ok(Done::already(id.0));
    }
    if status.is_open()
        && !t.status.is_open()
        && let Some(device) = t.device.filter(|_| t.problem.class != ProblemClass::Reported)
    {
        let newest = ticket::newest(tx, device, &t.problem).await?;
        if newest.is_some_and(|n| n.id != id && n.status.is_open()) {
            let detail = "a newer ticket of the same problem is open".to_owned();
            let state = t.status.as_str().to_owned();
            return Err(CommandError::WrongState { what: "ticket", id: id.0, state, detail }.into());
        }
    }
    ticket::set_status(tx, id, status, true, work.now).await?;
    ticket::add_event(tx, id, &actor.who, "status", status.as_str(), work.now).await?;
    if !status.is_open() {
        // What a person ended before it was told need not be told.
        work.untell(tx, id).await?;
    }
    work.changed(Topic::Ticket, t.device);
    Ok(Done::changed(id.0))
}

pub(super) async fn set_priority(work: &mut Work, tx: &mut Tx, actor: &Actor, id: TicketId, priority: u8) -> Outcome {
    let t = load(tx, id).await?;
    if !(1..=5).contains(&priority) {
        return Err(CommandError::invalid("priority", "bad-number", "must lie between 1 and 5").into());
    }
    if t.priority == priority {
        return Ok(Done::already(id.0));
    }
    ticket::set_priority(tx, id, priority).await?;
    ticket::add_event(tx, id, &actor.who, "priority", &priority.to_string(), work.now).await?;
    work.changed(Topic::Ticket, t.device);
    Ok(Done::changed(id.0))
}

pub(super) async fn comment(work: &mut Work, tx: &mut Tx, actor: &Actor, id: TicketId, text: &str) -> Outcome {
    let t = load(tx, id).await?;
    let text = checked_comment("text", text)?;
    ticket::touch(tx, id).await?;
    ticket::add_event(tx, id, &actor.who, "comment", text, work.now).await?;
    work.changed(Topic::Ticket, t.device);
    Ok(Done::changed(id.0))
}

pub(super) async fn open(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    device: DeviceId,
    title: &str,
    priority: u8,
) -> Outcome {
    let now = work.now;
    let title = required("title", title)?;
    if !(1..=5).contains(&priority) {
        return Err(CommandError::invalid("priority", "bad-number", "must lie between 1 and 5").into());
    }
    let not_found = CommandError::NotFound { what: "device", id: device.0 };
    let site = work.known(tx, device).await?.map(|k| k.device.site).ok_or(not_found.clone())?;
    let key = ProblemKey { class: ProblemClass::Reported, component: "device".into() };
    let id = ticket::open(tx, site, Some(device), &key, title, priority, now).await?.ok_or(not_found)?;
    ticket::add_event(tx, id, &actor.who, "opened", title, now).await?;
    work.changed(Topic::Ticket, Some(device));
    Ok(Done::changed(id.0))
}

/// One matter, one ticket: this one is cancelled and leads to the other. It cannot be taken back; a wrong one is opened anew.
pub(super) async fn merge(work: &mut Work, tx: &mut Tx, actor: &Actor, id: TicketId, into: TicketId) -> Outcome {
    let (t, other) = (load(tx, id).await?, load(tx, into).await?);
    if id == into {
        return Err(CommandError::invalid("into", "bad-number", "a ticket cannot be merged into itself").into());
    }
    let wrong = |t: &Ticket, detail: &str| {
        let state = t.status.as_str().to_owned();
        CommandError::WrongState { what: "ticket", id: t.id.0, state, detail: detail.to_owned() }
    };
    if !t.status.is_open() {
        return Err(wrong(&t, "only an open ticket is merged").into());
    }
    if !other.status.is_open() {
        return Err(wrong(&other, "the other ticket is not open").into());
    }
    ticket::merge(tx, id, Some(into), true, work.now).await?;
    ticket::touch(tx, into).await?;
    ticket::add_event(tx, id, &actor.who, "merged", &into.0.to_string(), work.now).await?;
    ticket::add_event(tx, id, &actor.who, "status", TicketStatus::Cancelled.as_str(), work.now).await?;
    ticket::add_event(tx, into, &actor.who, "merged-in", &id.0.to_string(), work.now).await?;
    work.changed(Topic::Ticket, t.device);
    work.changed(Topic::Ticket, other.device);
    Ok(Done::changed(into.0))
}
