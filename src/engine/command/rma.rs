//! Repairs at service centres: opened from a ticket, step by step until the thing is back. While it is away the ticket
//! waits for the vendor; what was before comes back with it.

use jiff::civil::Date;

use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Failure, Outcome, comment, optional, required};
use crate::model::{
    Asset, AssetId, AssetState, KeptAsset, Millis, Minor, PaidBy, Rma, RmaChange, RmaId, RmaPapers, RmaState, TicketId,
    TicketStatus,
};
use crate::store::{Tx, asset, rma, ticket};

/// Author of what nobody did by hand.
const OURSELVES: &str = "anykey";
/// Largest cost, minor units.
const MAX_COST: i64 = 1_000_000_000_000;

pub(super) async fn change(work: &mut Work, tx: &mut Tx, actor: &Actor, change: RmaChange) -> Outcome {
    let done = match change {
        RmaChange::Open { asset, ticket, paid_by, fault, reason } => {
            open(work, tx, actor, (asset, ticket), paid_by, [&fault, &reason]).await?
        }
        RmaChange::Step { rma, to, on, note, new_serial } => {
            step(work, tx, actor, rma, to, (on, &note, new_serial)).await?
        }
        RmaChange::Papers { rma, papers } => papers_of(work, tx, actor, rma, papers).await?,
        RmaChange::Note { rma, text } => {
            let r = load(tx, rma).await?;
            rma::add_event(tx, r.id, &actor.who, "note", comment("text", &text)?, work.now).await?;
            Done::changed(r.id.0)
        }
        RmaChange::Loan { rma, loaner } => loan(work, tx, actor, rma, loaner).await?,
    };
    if done.changed {
        work.changed(Topic::Asset, None);
    }
    Ok(done)
}

async fn load(tx: &mut Tx, id: RmaId) -> Result<Rma, Failure> {
    Ok(rma::load(tx, id).await?.ok_or(CommandError::NotFound { what: "repair", id: id.0 })?)
}

async fn thing(tx: &mut Tx, id: AssetId) -> Result<KeptAsset, Failure> {
    Ok(asset::load(tx, id).await?.ok_or(CommandError::NotFound { what: "asset", id: id.0 })?)
}

/// The present day where the branch is.
async fn today(work: &mut Work, tx: &mut Tx, site: crate::model::SiteId) -> Result<Date, Failure> {
    let zone = crate::store::service::terms_in(tx, site).await?.time_zone;
    Ok(day_in(&zone, work.now))
}

fn day_in(zone: &str, at: Millis) -> Date {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(zone).date()
}

/// `about`: the fault, and why money is paid although the warranty runs.
async fn open(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    (asset, ticket): (AssetId, Option<TicketId>),
    paid_by: PaidBy,
    [fault, reason]: [&str; 2],
) -> Outcome {
    let kept = thing(tx, asset).await?;
    if let Some(open) = rma::open_of(tx, asset).await? {
        return Ok(Done::already(open.0));
    }
    let today = today(work, tx, kept.asset.site).await?;
    let fault = comment("fault", fault)?.to_owned();
    let reason = optional("reason", reason)?;
    if paid_by == PaidBy::Paid && kept.asset.under_warranty(today) && reason.is_empty() {
        let detail = "the warranty runs: say why this repair is paid";
        return Err(CommandError::invalid("reason", "paid-under-warranty", detail).into());
    }
    if kept.asset.state == AssetState::WrittenOff {
        let (state, detail) = ("written-off".to_owned(), "it is written off".to_owned());
        return Err(CommandError::WrongState { what: "asset", id: asset.0, state, detail }.into());
    }
    if let Some(id) = ticket
        && ticket::load(tx, id).await?.is_none()
    {
        return Err(CommandError::NotFound { what: "ticket", id: id.0 }.into());
    }
    let pages = match kept.asset.device {
        Some(device) => rma::page_count(tx, device).await?,
        None => None,
    };
    let case = Rma {
        id: RmaId(0),
        number: rma::next_number(tx, today.year()).await?,
        asset,
        site: kept.asset.site,
        ticket,
        centre: kept.asset.centre,
        state: RmaState::Draft,
        paid_by,
        fault: fault.clone(),
        pages,
        request_number: String::new(),
        tracking: String::new(),
        sent_on: None,
        promised_on: None,
        returned_on: None,
        outcome: None,
        outcome_note: String::new(),
        old_serial: kept.asset.serial.clone(),
        new_serial: None,
        cost: None,
        loaner: None,
        extended_days: 0,
        asset_state: kept.asset.state,
        ticket_status: None,
        reminded_on: None,
        created_at: work.now,
        created_by: actor.who.clone(),
        closed_at: None,
    };
    let id = rma::add(tx, &case).await?;
    let said = if reason.is_empty() { fault } else { format!("{fault}\n{reason}") };
    rma::add_event(tx, id, &actor.who, "opened", &said, work.now).await?;
    asset::add_event(tx, asset, &actor.who, "rma-opened", &case.number, work.now).await?;
    if let Some(t) = ticket {
        ticket::add_event(tx, t, &actor.who, "rma", &case.number, work.now).await?;
        work.changed(Topic::Ticket, kept.asset.device);
    }
    Ok(Done::changed(id.0))
}

async fn step(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    id: RmaId,
    to: RmaState,
    (on, note, new_serial): (Option<Date>, &str, Option<String>),
) -> Outcome {
    let mut r = load(tx, id).await?;
    if r.state == to {
        return Ok(Done::already(id.0));
    }
    let from = r.state;
    if !from.next().contains(&to) {
        let detail = format!("{} does not follow {}", to.as_str(), from.as_str());
        return Err(
            CommandError::WrongState { what: "repair", id: id.0, state: from.as_str().to_owned(), detail }.into()
        );
    }
    let note = optional("note", note)?;
    let day = match on {
        Some(day) => day,
        None => today(work, tx, r.site).await?,
    };
    let kept = thing(tx, r.asset).await?;
    let mut new = kept.asset.clone();
    r.state = to;
    match to {
        RmaState::Sent => r.sent_on = Some(day),
        RmaState::AtService if from == RmaState::Returned => r.returned_on = None,
        RmaState::Repaired | RmaState::Refused => outcome(&mut r, to, note),
        RmaState::Replaced => {
            let serial = required("new_serial", new_serial.as_deref().unwrap_or_default())?.to_owned();
            outcome(&mut r, to, note);
            (r.old_serial, r.new_serial) = (kept.asset.serial.clone(), Some(serial.clone()));
            // The device that was polled is gone; the one with the new serial is recognised when it answers.
            (new.serial, new.device) = (Some(serial), None);
        }
        RmaState::Returned => {
            if r.sent_on.is_some_and(|sent| day < sent) {
                return Err(CommandError::invalid("on", "returned-before-sent", "returned before it was sent").into());
            }
            r.returned_on = Some(day);
        }
        _ => {}
    }
    if to == RmaState::Closed {
        extend(&mut r, &mut new, day);
    }
    new.state = if to.is_away() { AssetState::InRepair } else { state_after(&r, kept.asset.state) };
    if !to.is_open() {
        r.closed_at = Some(work.now);
        give_back(work, tx, actor, &mut r).await?;
    }
    wait_or_go_on(work, tx, &mut r).await?;
    if new != kept.asset {
        super::assets::save(work, tx, actor, &kept, &new).await?;
    }
    asset::add_event(tx, r.asset, &actor.who, &format!("rma-{}", to.as_str()), &r.number, work.now).await?;
    rma::save(tx, &r).await?;
    let said =
        [day.to_string().as_str(), note, r.new_serial.as_deref().filter(|_| to == RmaState::Replaced).unwrap_or("")]
            .into_iter()
            .filter(|s| !s.is_empty())
            .collect::<Vec<_>>()
            .join(" · ");
    rma::add_event(tx, id, &actor.who, to.as_str(), &said, work.now).await?;
    Ok(Done::changed(id.0))
}

fn outcome(r: &mut Rma, to: RmaState, note: &str) {
    r.outcome = Some(to);
    r.outcome_note = note.to_owned();
}

/// The warranty is longer by the days away, unless the centre refused.
fn extend(r: &mut Rma, asset: &mut Asset, day: Date) {
    let served = r.paid_by == PaidBy::Warranty && matches!(r.outcome, Some(RmaState::Repaired | RmaState::Replaced));
    let (Some(until), Some(days)) = (asset.warranty_until, r.days_away(day)) else { return };
    if served && r.extended_days == 0 && days > 0 {
        asset.warranty_until = until.checked_add(jiff::Span::new().days(days)).ok().or(Some(until));
        r.extended_days = days;
    }
}

/// What the asset is when it is not away: what it was before, if the repair had changed that.
fn state_after(r: &Rma, now: AssetState) -> AssetState {
    if now == AssetState::InRepair { r.asset_state } else { now }
}

/// The ticket waits for the vendor while the thing is away, and is what it was when it is back.
async fn wait_or_go_on(work: &mut Work, tx: &mut Tx, r: &mut Rma) -> Result<(), Failure> {
    let Some(id) = r.ticket else { return Ok(()) };
    let Some(t) = ticket::load(tx, id).await? else { return Ok(()) };
    let to = match (r.state.is_away(), r.ticket_status) {
        (true, None) if t.status.is_open() => {
            r.ticket_status = Some(t.status);
            TicketStatus::WaitingVendor
        }
        // A person who moved it meanwhile is not overruled.
        (false, Some(before)) => {
            r.ticket_status = None;
            if t.status != TicketStatus::WaitingVendor {
                return Ok(());
            }
            if before == TicketStatus::New { TicketStatus::InProgress } else { before }
        }
        _ => return Ok(()),
    };
    if t.status != to {
        ticket::set_status(tx, id, to, true, work.now).await?;
        ticket::add_event(tx, id, OURSELVES, "status", to.as_str(), work.now).await?;
        work.changed(Topic::Ticket, t.device);
    }
    Ok(())
}

async fn papers_of(work: &mut Work, tx: &mut Tx, actor: &Actor, id: RmaId, p: RmaPapers) -> Outcome {
    let mut r = load(tx, id).await?;
    if p.cost.is_some_and(|Minor(c)| !(0..=MAX_COST).contains(&c)) {
        return Err(CommandError::invalid("cost", "bad-number", format!("0 to {MAX_COST}")).into());
    }
    if let Some(centre) = p.centre
        && !asset::centres(tx).await?.iter().any(|(known, _)| *known == centre)
    {
        return Err(CommandError::NotFound { what: "service centre", id: centre.0 }.into());
    }
    let before = r.clone();
    r.centre = p.centre;
    r.request_number = optional("request_number", &p.request_number)?.to_owned();
    r.tracking = optional("tracking", &p.tracking)?.to_owned();
    if r.promised_on != p.promised_on {
        (r.promised_on, r.reminded_on) = (p.promised_on, None);
    }
    r.cost = p.cost;
    if r == before {
        return Ok(Done::already(id.0));
    }
    rma::save(tx, &r).await?;
    let day = |d: Option<Date>| d.map(|d| d.to_string()).unwrap_or_default();
    let cost = r.cost.map(|c| format!("{}.{:02}", c.0 / 100, c.0 % 100)).unwrap_or_default();
    let said: Vec<String> = [r.request_number.clone(), r.tracking.clone(), day(r.promised_on), cost]
        .into_iter()
        .filter(|s| !s.is_empty())
        .collect();
    rma::add_event(tx, id, &actor.who, "edited", &said.join(" · "), work.now).await?;
    Ok(Done::changed(id.0))
}

/// Another asset stands in, or comes back.
async fn loan(work: &mut Work, tx: &mut Tx, actor: &Actor, id: RmaId, loaner: Option<AssetId>) -> Outcome {
    let mut r = load(tx, id).await?;
    if r.loaner == loaner {
        return Ok(Done::already(id.0));
    }
    if !r.state.is_open() {
        let (state, detail) = (r.state.as_str().to_owned(), "the case is over".to_owned());
        return Err(CommandError::WrongState { what: "repair", id: id.0, state, detail }.into());
    }
    give_back(work, tx, actor, &mut r).await?;
    if let Some(other) = loaner {
        let kept = thing(tx, other).await?;
        let free = matches!(kept.asset.state, AssetState::InStock | AssetState::InUse);
        if other == r.asset || !free || rma::lent_in(tx, other).await?.is_some() {
            return Err(CommandError::invalid("loaner", "loaner-not-free", "this asset is not free to be lent").into());
        }
        let stands_for = thing(tx, r.asset).await?;
        // Where it lay is kept in its history; it stands where the other stood.
        let new = Asset {
            state: AssetState::OnLoan,
            place: stands_for.asset.place.clone(),
            custodian: stands_for.asset.custodian.clone(),
            ..kept.asset.clone()
        };
        let home = serde_json::json!({ "state": kept.asset.state, "place": kept.asset.place, "custodian": kept.asset.custodian });
        super::assets::save(work, tx, actor, &kept, &new).await?;
        asset::add_event(tx, other, &actor.who, "lent", &r.number, work.now).await?;
        rma::add_event(tx, id, &actor.who, "lent", &name(&kept), work.now).await?;
        rma::add_event(tx, id, OURSELVES, "loaner-home", &home.to_string(), work.now).await?;
        r.loaner = Some(other);
    }
    rma::save(tx, &r).await?;
    Ok(Done::changed(id.0))
}

fn name(a: &KeptAsset) -> String {
    let number = a.asset.inventory.clone().or_else(|| a.asset.serial.clone()).unwrap_or_default();
    format!("{} {number}", a.model()).trim().to_owned()
}

/// The loaner goes back to where it was.
async fn give_back(work: &Work, tx: &mut Tx, actor: &Actor, r: &mut Rma) -> Result<(), Failure> {
    let Some(loaner) = r.loaner.take() else { return Ok(()) };
    let kept = thing(tx, loaner).await?;
    let home = rma::last_event(tx, r.id, "loaner-home").await?.unwrap_or_default();
    let home: serde_json::Value = serde_json::from_str(&home).unwrap_or_default();
    let text = |key: &str, now: &str| home[key].as_str().unwrap_or(now).to_owned();
    let state = home["state"].as_str().and_then(AssetState::parse).unwrap_or(AssetState::InStock);
    let new = Asset {
        state: if kept.asset.state == AssetState::OnLoan { state } else { kept.asset.state },
        place: text("place", &kept.asset.place),
        custodian: text("custodian", &kept.asset.custodian),
        ..kept.asset.clone()
    };
    if new != kept.asset {
        super::assets::save(work, tx, actor, &kept, &new).await?;
    }
    asset::add_event(tx, loaner, &actor.who, "given-back", &r.number, work.now).await?;
    rma::add_event(tx, r.id, &actor.who, "loan-back", &name(&kept), work.now).await?;
    Ok(())
}

/// A promised day has passed: the case and its ticket say so, once a day of the branch.
pub(in crate::engine) async fn remind(work: &mut Work, tx: &mut Tx) -> Result<(), crate::store::StoreError> {
    // The latest day on earth: no case is missed; each is judged in its own zone.
    let widest = day_in("Pacific/Kiritimati", work.now).to_string();
    for mut r in rma::late(tx, &widest).await? {
        let zone = crate::store::service::terms_in(tx, r.site).await?.time_zone;
        let today = day_in(&zone, work.now);
        if !r.is_late(today) || r.reminded_on.is_some_and(|d| d >= today) {
            continue;
        }
        let promised = r.promised_on.map(|d| d.to_string()).unwrap_or_default();
        r.reminded_on = Some(today);
        rma::save(tx, &r).await?;
        rma::add_event(tx, r.id, OURSELVES, "reminder", &promised, work.now).await?;
        if let Some(t) = r.ticket {
            ticket::add_event(tx, t, OURSELVES, "rma-late", &format!("{} · {promised}", r.number), work.now).await?;
            work.changed(Topic::Ticket, None);
        }
        work.changed(Topic::Asset, None);
    }
    Ok(())
}
