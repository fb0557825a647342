//! One reading, from its device to its rows: identify, apply, keep the facts, let the workflows react.

use super::api::Topic;
use super::facts::state_changed;
use super::writer::Work;
use super::{action, identify, keep, notice};
use crate::model::{DeviceId, DeviceKind, Event, Outcome, Reach, Reading};
use crate::status::{self, Around};
use crate::store::{Result, Tx, device, pages, place, timeline};

/// Writes what the reading changes; `false`: nothing worth a row.
pub(super) async fn write(work: &mut Work, tx: &mut Tx, reading: &Reading) -> Result<bool> {
    if matches!(reading.outcome, Outcome::NotAsked { .. }) {
        return Ok(false);
    }
    if let Outcome::Spoke { trap } = &reading.outcome {
        return notice::write(work, tx, reading, trap).await;
    }
    let Some(id) = identify::identify(work, tx, reading).await? else { return Ok(false) };
    let around = around(work, tx, id, reading).await?;
    let now = work.now;
    let at = reading.at.min(now);
    let Some(known) = work.known(tx, id).await? else { return Ok(false) };
    if known.device.retired || known.device.merged_into.is_some() {
        return Ok(false);
    }
    let answered = matches!(reading.outcome, Outcome::Answered { .. });
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

/// What is known of the switch port before a silent device. Infrastructure has no parent here: a forwarding table does not
/// tell up from down, and two switches must not excuse each other.
async fn around(work: &mut Work, tx: &mut Tx, id: DeviceId, reading: &Reading) -> Result<Around> {
    if matches!(reading.outcome, Outcome::Answered { .. }) {
        return Ok(Around::default());
    }
    let since = work.now.plus(-place::GOOD_FOR);
    let Some(known) = work.known(tx, id).await? else { return Ok(Around::default()) };
    let infrastructure = known.device.kind.is_some_and(DeviceKind::is_infrastructure);
    let Some(mac) = known.device.base_mac.clone().filter(|_| !infrastructure) else { return Ok(Around::default()) };
    let Some(uplink) = place::of_mac(tx, &mac.to_lowercase(), since).await? else { return Ok(Around::default()) };
    let Some(switch) = work.known(tx, uplink.switch).await? else { return Ok(Around::default()) };
    let s = &switch.device.state;
    let parent_down = s.silent > 0 || matches!(s.reach, Reach::Down | Reach::Unreachable);
    let port_up = uplink.oper.as_deref().map(|o| o == "up").filter(|_| !parent_down);
    Ok(Around { parent_down, port_up })
}
