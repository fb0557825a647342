//! Work on tickets: files, links, notes of what helps.

use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Failure, Outcome, comment, optional, required};
use crate::model::{DeskChange, KnowledgeNote, MOST_BYTES, MOST_FILES, StepOutcome, Ticket, TicketId, file_type};
use crate::store::{Tx, desk, ticket};

pub(super) async fn change(work: &mut Work, tx: &mut Tx, actor: &Actor, change: DeskChange) -> Outcome {
    let done = match change {
        DeskChange::Attach { ticket, name, bytes } => attach(work, tx, actor, ticket, &name, &bytes).await?,
        DeskChange::RemoveFile { ticket, file } => {
            let missing = CommandError::NotFound { what: "file", id: file };
            let name = desk::remove_file(tx, ticket, file).await?.ok_or(missing)?;
            ticket::add_event(tx, ticket, &actor.who, "file-removed", &name, work.now).await?;
            Done::changed(file)
        }
        DeskChange::Link { ticket, other } => link(work, tx, actor, ticket, other).await?,
        DeskChange::Unlink { ticket, other } => {
            load(tx, ticket).await?;
            if desk::unlink(tx, ticket, other).await? { Done::changed(ticket.0) } else { Done::already(ticket.0) }
        }
        DeskChange::SaveNote { id, note } => save_note(work, tx, actor, id, note).await?,
        DeskChange::RemoveNote { id } => match desk::archive_note(tx, id).await? {
            true => Done::changed(id),
            false => return Err(CommandError::NotFound { what: "note", id }.into()),
        },
        DeskChange::Step { ticket, note, step, outcome } => {
            tried(work, tx, actor, ticket, (note, step), outcome).await?
        }
    };
    if done.changed {
        work.changed(Topic::Ticket, None);
    }
    Ok(done)
}

async fn load(tx: &mut Tx, id: TicketId) -> Result<Ticket, Failure> {
    Ok(ticket::load(tx, id).await?.ok_or(CommandError::NotFound { what: "ticket", id: id.0 })?)
}

async fn attach(work: &mut Work, tx: &mut Tx, actor: &Actor, ticket: TicketId, name: &str, bytes: &[u8]) -> Outcome {
    load(tx, ticket).await?;
    let name = required("file", name)?;
    if bytes.len() > MOST_BYTES {
        let detail = format!("larger than {} MB", MOST_BYTES >> 20);
        return Err(CommandError::invalid("file", "attachment-too-large", detail).into());
    }
    let Some(mime) = file_type(bytes) else {
        let detail = "a picture, a PDF, an office document, an archive or plain text";
        return Err(CommandError::invalid("file", "attachment-type", detail).into());
    };
    if desk::count_files(tx, ticket).await? >= MOST_FILES {
        return Err(CommandError::invalid("file", "too-many-files", format!("at most {MOST_FILES}")).into());
    }
    let id = desk::add_file(tx, ticket, (name, mime), bytes, &actor.who, work.now).await?;
    ticket::touch(tx, ticket).await?;
    ticket::add_event(tx, ticket, &actor.who, "file", name, work.now).await?;
    Ok(Done::changed(id))
}

fn other_than(ticket: TicketId, other: TicketId) -> Result<(), CommandError> {
    match ticket == other {
        true => Err(CommandError::invalid("other", "same-ticket", "a ticket and itself")),
        false => Ok(()),
    }
}

async fn link(work: &mut Work, tx: &mut Tx, actor: &Actor, ticket: TicketId, other: TicketId) -> Outcome {
    other_than(ticket, other)?;
    load(tx, ticket).await?;
    load(tx, other).await?;
    if !desk::link(tx, ticket, other, &actor.who, work.now).await? {
        return Ok(Done::already(ticket.0));
    }
    for (at, told) in [(ticket, other), (other, ticket)] {
        ticket::add_event(tx, at, &actor.who, "linked", &told.to_string(), work.now).await?;
    }
    Ok(Done::changed(ticket.0))
}

async fn save_note(work: &mut Work, tx: &mut Tx, actor: &Actor, id: Option<i64>, n: KnowledgeNote) -> Outcome {
    let note = KnowledgeNote {
        title: required("title", &n.title)?.to_owned(),
        vendor: optional("vendor", &n.vendor)?.to_lowercase(),
        model: optional("model", &n.model)?.to_lowercase(),
        body: comment("body", &n.body)?.to_owned(),
    };
    let saved = desk::save_note(tx, id, &note, &actor.who, work.now).await?;
    let missing = CommandError::NotFound { what: "note", id: id.unwrap_or_default() };
    Ok(Done::changed(saved.ok_or(missing)?))
}

async fn tried(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    ticket: TicketId,
    (note, step): (i64, i64),
    outcome: Option<StepOutcome>,
) -> Outcome {
    load(tx, ticket).await?;
    let known = desk::load_note(tx, note).await?.ok_or(CommandError::NotFound { what: "note", id: note })?;
    let at = usize::try_from(step).unwrap_or(usize::MAX);
    let Some(words) = known.note.steps().get(at).map(|s| (*s).to_owned()) else {
        return Err(CommandError::NotFound { what: "step", id: step }.into());
    };
    desk::set_step(tx, (ticket, note, step), outcome, &actor.who, work.now).await?;
    if let Some(o) = outcome {
        ticket::touch(tx, ticket).await?;
        let said = format!("{} {words}", o.as_str());
        ticket::add_event(tx, ticket, &actor.who, "step", &said, work.now).await?;
    }
    Ok(Done::changed(ticket.0))
}
