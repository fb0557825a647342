//! The service agreement: hours, days, targets, pauses, an imported production calendar.

use super::super::api::{CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Outcome, optional};
use crate::model::{CalendarDay, Hours, ServiceChange, SiteId, SlaTarget, TicketStatus};
use crate::sla::Production;
use crate::store::{Tx, service, setting, site};

/// Longest target: a year of minutes.
const LONGEST: u32 = 366 * 24 * 60;
/// Bytes of an imported calendar.
const LONGEST_CALENDAR: usize = 256 << 10;

pub(super) async fn change(work: &mut Work, tx: &mut Tx, change: ServiceChange) -> Outcome {
    let id = match change {
        ServiceChange::Hours { site, hours } => {
            check(&hours)?;
            if !service::set_hours(tx, site, &hours).await? {
                return Err(CommandError::NotFound { what: "site", id: site.0 }.into());
            }
            site.0
        }
        ServiceChange::Day { site, date, kind, note } => {
            known(tx, site).await?;
            let note = optional("note", &note)?.to_owned();
            match kind {
                Some(kind) => service::set_day(tx, site, &CalendarDay { date, kind, note }).await?,
                None if !service::drop_day(tx, site, date).await? => return Ok(Done::already(0)),
                None => {}
            }
            site.map_or(0, |s| s.0)
        }
        ServiceChange::Import { text } => {
            let calendar = read(&text)?;
            let (years, days): (Vec<i16>, Vec<CalendarDay>) =
                (calendar.years().collect(), calendar.days().cloned().collect());
            service::import(tx, &years, &days, work.now).await?;
            days.len() as i64
        }
        ServiceChange::Target { priority, target } => {
            if !(1..=5).contains(&priority) {
                return Err(CommandError::invalid("priority", "bad-number", "must lie between 1 and 5").into());
            }
            check_target(target)?;
            service::set_target(tx, priority, target).await?;
            i64::from(priority)
        }
        ServiceChange::Pauses { statuses } => {
            if let Some(s) = statuses.iter().find(|s| !s.is_waiting()) {
                let detail = format!("a clock cannot stand while a ticket is {}", s.as_str());
                return Err(CommandError::invalid("pauses", "not-allowed", detail).into());
            }
            let words: Vec<&str> = statuses.into_iter().map(TicketStatus::as_str).collect();
            setting::set(tx, setting::SLA_PAUSES, &words.join(" ")).await?;
            0
        }
    };
    work.changed(Topic::Setting, None);
    work.changed(Topic::Ticket, None);
    work.agreements.clear();
    work.forget_calendars();
    Ok(Done::changed(id))
}

async fn known(tx: &mut Tx, id: Option<SiteId>) -> Result<(), super::Failure> {
    match id {
        Some(id) if !site::exists(tx, id).await? => Err(CommandError::NotFound { what: "site", id: id.0 }.into()),
        _ => Ok(()),
    }
}

fn check(hours: &Hours) -> Result<(), CommandError> {
    let wrong = |detail: String| CommandError::invalid("hours", "bad-hours", detail);
    for day in &hours.0 {
        let mut end = 0;
        for s in day {
            if s.from >= s.to || s.to > 1440 || s.from < end {
                let detail = "spans of a day lie between 0 and 1440 minutes, ascend and do not overlap";
                return Err(wrong(detail.to_owned()));
            }
            end = s.to;
        }
    }
    if hours.0.iter().all(Vec::is_empty) {
        return Err(wrong("a week without hours: no clock would ever run".to_owned()));
    }
    Ok(())
}

fn check_target(t: SlaTarget) -> Result<(), CommandError> {
    let wrong = |field, detail| Err(CommandError::invalid(field, "bad-number", detail));
    if !(1..=LONGEST).contains(&t.response_minutes) {
        return wrong("response", format!("must lie between 1 and {LONGEST} minutes"));
    }
    if !(1..=LONGEST).contains(&t.restore_minutes) {
        return wrong("restore", format!("must lie between 1 and {LONGEST} minutes"));
    }
    if t.restore_minutes < t.response_minutes {
        return wrong("restore", "is shorter than the time to answer".to_owned());
    }
    Ok(())
}

fn read(text: &str) -> Result<Production, CommandError> {
    if text.len() > LONGEST_CALENDAR {
        let detail = format!("the calendar is larger than {LONGEST_CALENDAR} bytes");
        return Err(CommandError::invalid("calendar", "too-long", detail));
    }
    Production::parse(text).map_err(|e| CommandError::Explained {
        field: "calendar",
        code: "bad-calendar",
        detail: e.to_string(),
        values: vec![("why", e.to_string())],
    })
}
