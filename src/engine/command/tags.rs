//! Labels of devices and what people who scan them report.

use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::writer::Work;
use super::{MAX_COMMENT, Outcome, optional, required};
use crate::model::{DeviceId, FaultReport, ProblemClass, ProblemKey, tag_typed};
use crate::store::{Tx, tag, ticket};

/// Labels made at once.
const MOST: usize = 5_000;

/// Gives devices their codes; those that have one keep it.
pub(super) async fn add(work: &mut Work, tx: &mut Tx, tags: &[(DeviceId, String)]) -> Outcome {
    if tags.len() > MOST {
        return Err(CommandError::invalid("tags", "too-many-lines", format!("more than {MOST} at once")).into());
    }
    let mut made = 0;
    for (device, code) in tags {
        if tag_typed(code).as_deref() != Some(code) {
            return Err(CommandError::invalid("tags", "bad-code", format!("{code:?} is no code of a label")).into());
        }
        if work.known(tx, *device).await?.is_none() {
            return Err(CommandError::NotFound { what: "device", id: device.0 }.into());
        }
        made += i64::from(tag::add(tx, *device, code, work.now).await?);
    }
    Ok(if made > 0 { Done::changed(made) } else { Done::already(0) })
}

/// A fault somebody saw: a new ticket, or a word on the one that is open already.
pub(super) async fn report(work: &mut Work, tx: &mut Tx, actor: &Actor, r: FaultReport) -> Outcome {
    let title = required("title", &r.title)?;
    let reporter = optional("reporter", &r.reporter)?;
    let text = r.text.trim();
    if text.chars().count() > MAX_COMMENT {
        return Err(CommandError::invalid("text", "too-long", format!("longer than {MAX_COMMENT} characters")).into());
    }
    let not_found = CommandError::NotFound { what: "device", id: r.device.0 };
    let device =
        work.known(tx, r.device).await?.map(|k| (k.device.site, k.device.name.clone())).ok_or(not_found.clone())?;
    let (site, name) = device;
    let said: Vec<&str> = [title, text, reporter].into_iter().filter(|s| !s.is_empty()).collect();
    let body = said.join("\n");
    if let Some(id) = r.ticket
        && let Some(t) = ticket::load(tx, id).await?
        && t.device == Some(r.device)
        && t.status.is_open()
    {
        ticket::add_event(tx, id, &actor.who, "report", &body, work.now).await?;
        work.changed(Topic::Ticket, Some(r.device));
        return Ok(Done::changed(id.0));
    }
    let key = ProblemKey { class: ProblemClass::Reported, component: "device".into() };
    let title = format!("{name}: {title}");
    let id = ticket::open(tx, site, Some(r.device), &key, &title, 3, work.now).await?.ok_or(not_found)?;
    ticket::add_event(tx, id, &actor.who, "opened", &body, work.now).await?;
    work.changed(Topic::Ticket, Some(r.device));
    Ok(Done::changed(id.0))
}
