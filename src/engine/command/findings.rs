//! What people decide about findings: the documents follow, somebody goes there, or it is not told for a while.

use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Failure, Outcome, cabling as documents};
use crate::cabling as pure;
use crate::model::{DeviceId, Millis, ProblemClass, ProblemKey, SiteId, Suggestion};
use crate::store::observed::{self, FindingRow};
use crate::store::{Tx, known, ticket};

/// Longest time a finding is not told.
const LONGEST: i64 = 366 * Millis::DAY;
/// Accepted at once.
const MOST: usize = 2_000;

async fn load(tx: &mut Tx, id: i64) -> Result<(FindingRow, Option<Suggestion>), Failure> {
    Ok(observed::finding(tx, id).await?.ok_or(CommandError::NotFound { what: "finding", id })?)
}

/// One change set of all of them; each must still be open and say what to do.
pub(super) async fn accept(work: &mut Work, tx: &mut Tx, actor: &Actor, ids: &[i64]) -> Outcome {
    let Some(first) = ids.first() else {
        return Err(CommandError::invalid("findings", "required", "nothing was chosen").into());
    };
    if ids.len() > MOST {
        return Err(CommandError::invalid("findings", "too-many-lines", format!("more than {MOST} at once")).into());
    }
    let site = SiteId(load(tx, *first).await?.0.site_id);
    let devices = known::devices_in(tx, site).await?;
    let mut draft = documents::open(tx, site).await?;
    let mut title = String::new();
    for id in ids {
        let (row, suggestion) = load(tx, *id).await?;
        if row.site_id != site.0 {
            return Err(CommandError::invalid("findings", "other-site", "findings of one branch at a time").into());
        }
        let Some(wish) = suggestion.filter(|_| row.state == "open" || row.state == "ignored" || row.state == "ordered")
        else {
            let detail = "it cannot be taken into the documents".to_owned();
            return Err(CommandError::WrongState { what: "finding", id: *id, state: row.state, detail }.into());
        };
        pure::accept(&mut draft, &wish, &devices, work.now)?;
        if title.is_empty() {
            title = row.observed;
        }
        observed::decide(tx, *id, ("accepted", None, None), &actor.who, work.now).await?;
    }
    if ids.len() > 1 {
        title = format!("{title} +{}", ids.len() - 1);
    }
    let set = documents::write(work, tx, actor, site, ("accept", &title), &draft).await?;
    work.changed(Topic::Cabling, None);
    Ok(Done::changed(set.unwrap_or_default()))
}

pub(super) async fn accept_all(work: &mut Work, tx: &mut Tx, actor: &Actor, site: SiteId, permille: u16) -> Outcome {
    if permille < 500 {
        return Err(CommandError::invalid("permille", "bad-number", "at least 500").into());
    }
    let ids = observed::acceptable(tx, site, i64::from(permille)).await?;
    if ids.is_empty() {
        return Ok(Done::already(0));
    }
    accept(work, tx, actor, &ids).await
}

pub(super) async fn ignore(work: &mut Work, tx: &mut Tx, actor: &Actor, id: i64, until: Millis) -> Outcome {
    load(tx, id).await?;
    let ahead = until.since(work.now);
    if !(1..=LONGEST).contains(&ahead) {
        return Err(CommandError::invalid("until", "bad-day", "a moment within the next year").into());
    }
    observed::decide(tx, id, ("ignored", Some(until), None), &actor.who, work.now).await?;
    work.changed(Topic::Cabling, None);
    Ok(Done::changed(id))
}

pub(super) async fn reopen(work: &mut Work, tx: &mut Tx, actor: &Actor, id: i64) -> Outcome {
    let (row, _) = load(tx, id).await?;
    if row.state == "open" {
        return Ok(Done::already(id));
    }
    observed::decide(tx, id, ("open", None, None), &actor.who, work.now).await?;
    work.changed(Topic::Cabling, None);
    Ok(Done::changed(id))
}

/// A ticket that says both sides.
pub(super) async fn work_order(work: &mut Work, tx: &mut Tx, actor: &Actor, id: i64) -> Outcome {
    let (row, _) = load(tx, id).await?;
    if let Some(ticket) = row.ticket_id.filter(|_| row.state == "ordered") {
        return Ok(Done::already(ticket));
    }
    let words = work.language(tx).await?;
    let russian = &*words == "ru";
    let (title, wanted) =
        if russian { ("Кроссировка", "по документам") } else { ("Cabling", "documented") };
    let seen = if russian { "наблюдается" } else { "observed" };
    let what = if row.observed.is_empty() { &row.documented } else { &row.observed };
    let title: String = format!("{title}: {what}").chars().take(180).collect();
    let key = ProblemKey { class: ProblemClass::Reported, component: format!("cabling-{id}") };
    let device = row.device_id.map(DeviceId);
    let opened = ticket::open(tx, SiteId(row.site_id), device, &key, &title, 4, work.now).await?;
    let opened = opened.ok_or(CommandError::NotFound { what: "device", id: row.device_id.unwrap_or(0) })?;
    let body = format!("{wanted}: {}\n{seen}: {}", row.documented, row.observed);
    ticket::add_event(tx, opened, &actor.who, "opened", &body, work.now).await?;
    observed::decide(tx, id, ("ordered", None, Some(opened.0)), &actor.who, work.now).await?;
    work.changed(Topic::Ticket, device);
    work.changed(Topic::Cabling, None);
    Ok(Done::changed(opened.0))
}
