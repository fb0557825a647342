//! One reading, from its device to its rows: identify, apply, keep the facts, let the workflows react.

use super::api::Topic;
use super::facts::state_changed;
use super::writer::Work;
use super::{action, identify, keep, notice};
use crate::model::{Event, Outcome, ProbeClass, Reading};
use crate::status;
use crate::store::{Result, Tx, device, pages, timeline};

/// Writes what the reading changes; `false`: nothing worth a row.
pub(super) async fn write(work: &mut Work, tx: &mut Tx, reading: &Reading) -> Result<bool> {
    if matches!(reading.outcome, Outcome::NotAsked { .. }) {
        return Ok(false);
    }
    if let Outcome::Spoke { trap } = &reading.outcome {
        return notice::write(work, tx, reading, trap).await;
    }
    let Some(id) = identify::identify(work, tx, reading).await? else { return Ok(false) };
    let answered = matches!(reading.outcome, Outcome::Answered { .. });
    let mut around = work.circumstances(tx, id, reading).await?;
    if reading.outcome == Outcome::Silent && reading.class == ProbeClass::Reachability {
        work.around(tx, id, reading, &mut around).await?;
    }
    let now = work.now;
    let at = reading.at.min(now);
    let Some(known) = work.known(tx, id).await? else { return Ok(false) };
    if known.device.retired || known.device.merged_into.is_some() {
        return Ok(false);
    }
    let (site, hid) = (known.device.site, known.device.state.behind);
    if answered || matches!(reading.outcome, Outcome::PingOnly { .. }) {
        work.heard(site, at);
    }
    let policy = work.policy(tx).await?;
    let Some(known) = work.cache.get(id) else { return Ok(false) };
    let d = &mut known.device;
    let mut found = Vec::new();
    let (state, mut events) = status::apply(&d.state, d.kind, reading, around, &policy, now);
    let mut changed = state_changed(&d.state, &state);
    let jam = status::pages::new_jam(&d.state, &state);
    d.state = state;
    d.last_reading_at = d.last_reading_at.max(Some(at));
    if answered {
        d.last_seen = d.last_seen.max(Some(at));
        let kept = keep::facts(work, tx, id, reading, at).await?;
        changed |= kept.changed;
        events.extend(kept.events);
        found = kept.found;
    } else if reading.outcome == Outcome::Silent {
        changed |= identify::follow(work, tx, id, reading).await?;
    }
    if let Some(detail) = jam {
        let pages = work.cache.get(id).and_then(|k| k.device.pages_total());
        pages::add_jam(tx, id, at, pages, &detail).await?;
    }
    if events.contains(&Event::Restarted) {
        // A restart is when boards, names and addresses change: look at everything soon.
        device::want_poll(tx, id).await?;
    }
    if let Some(known) = work.cache.get(id) {
        let condition = status::condition(&known.device.state, known.any_supply_low());
        changed |= condition != known.device.condition;
        known.device.condition = condition;
    }
    work.keep_hidden(tx, id, hid, at).await?;
    let wrote = work.write_device(tx, id, changed).await?;
    if changed {
        work.changed(Topic::Device, Some(id));
    }
    let told = !events.is_empty();
    for event in events {
        timeline::add(tx, id, &event, at).await?;
        action::react(work, tx, id, &event).await?;
    }
    let told = told || !found.is_empty();
    for one in found {
        action::changed_cartridge(work, tx, id, one).await?;
    }
    Ok(changed || told || wrote)
}
