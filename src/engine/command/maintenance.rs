//! Maintenance windows: a person plans one and takes it back.

use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Outcome, required};
use crate::model::{Millis, NewWindow};
use crate::store::{Tx, maintenance, site};

/// Longest window.
const LONGEST: i64 = 31 * Millis::DAY;
/// A weekly one must leave time between.
const LONGEST_WEEKLY: i64 = 6 * Millis::DAY;
/// A window may begin so long ago: the work began before somebody wrote it down.
const BACKWARDS: i64 = 7 * Millis::DAY;

pub(super) async fn plan(work: &mut Work, tx: &mut Tx, actor: &Actor, window: NewWindow) -> Outcome {
    let reason = required("reason", &window.reason)?.to_owned();
    let length = window.ends_at.since(window.starts_at);
    if length <= 0 {
        return Err(CommandError::invalid("ends_at", "backwards", "must lie after the beginning").into());
    }
    if length > if window.weekly { LONGEST_WEEKLY } else { LONGEST } {
        return Err(CommandError::invalid("ends_at", "too-long", "is too long for a maintenance window").into());
    }
    if !window.weekly && window.ends_at <= work.now {
        return Err(CommandError::invalid("ends_at", "past", "lies in the past").into());
    }
    if work.now.since(window.starts_at) > BACKWARDS {
        return Err(CommandError::invalid("starts_at", "past", "lies too far in the past").into());
    }
    if let Some(device) = window.device {
        let known = work.known(tx, device).await?.is_some_and(|k| !k.device.retired);
        if !known {
            return Err(CommandError::NotFound { what: "device", id: device.0 }.into());
        }
    }
    if let Some(id) = window.site
        && !site::exists(tx, id).await?
    {
        return Err(CommandError::NotFound { what: "site", id: id.0 }.into());
    }
    let id = maintenance::plan(tx, &NewWindow { reason, ..window.clone() }, &actor.who, work.now).await?;
    work.windows = None;
    work.changed(Topic::Device, window.device);
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id))
}

pub(super) async fn end(work: &mut Work, tx: &mut Tx, id: i64) -> Outcome {
    let window = maintenance::load(tx, id).await?.ok_or(CommandError::NotFound { what: "maintenance window", id })?;
    if window.ended_at.is_some() {
        return Ok(Done::already(id));
    }
    maintenance::take_back(tx, id, work.now).await?;
    work.windows = None;
    work.changed(Topic::Device, window.planned.device);
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id))
}
