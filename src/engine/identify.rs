//! Which device a reading speaks of (invariant 3): found by identifiers, moved with them, never merged in silence.
//!
//! The cases, each with a test: a newcomer; the same device at a new address (DHCP); another device at a known address; a
//! device that answers at several addresses; a replaced board; serials that many devices share.

use super::api::Topic;
use super::cache::hash_of;
use super::facts::automatic_name;
use super::writer::Work;
use crate::model::{
    DeviceId, Event, Identifier, IdentifierKind as Kind, Millis, Outcome, Reach, Reading, SiteId, Subject,
};
use crate::store::device::{self, Device};
use crate::store::identity::{self, Candidate, Verdict};
use crate::store::{Result, Tx, range, timeline};

/// A device that answered within this time is where it answered.
pub(super) const ALIVE: i64 = 15 * Millis::MINUTE;

/// The device the reading is to be credited to; `None`: to nobody (silence of a stranger, a device that has moved).
pub(super) async fn identify(work: &mut Work, tx: &mut Tx, reading: &Reading) -> Result<Option<DeviceId>> {
    match &reading.subject {
        Subject::Known { device } => known(work, tx, *device, reading).await,
        Subject::Discovered { site, credential, range } => {
            if !matches!(reading.outcome, Outcome::Answered { .. }) {
                return Ok(None);
            }
            let found = discovered(work, tx, SiteId(*site), *credential, reading).await?;
            if let Some(range) = range {
                range::save_device(tx, *range, reading.address, reading.port, found, work.now).await?;
                work.changed(Topic::Discovery, Some(found));
            }
            Ok(Some(found))
        }
        Subject::Stranger => Ok(None),
    }
}

async fn known(work: &mut Work, tx: &mut Tx, id: DeviceId, reading: &Reading) -> Result<Option<DeviceId>> {
    let now = work.now;
    let Some(known) = work.known(tx, id).await? else { return Ok(None) };
    // Asked before the device moved: says nothing of where it is now.
    if known.device.address != Some(reading.address) || known.device.port != reading.port {
        return Ok(None);
    }
    let ids = reading.facts.identifiers();
    if !matches!(reading.outcome, Outcome::Answered { .. }) || ids.is_empty() {
        return Ok(Some(id));
    }
    let hash = hash_of(&ids);
    if known.identity == Some(hash) {
        return Ok(Some(id));
    }
    let (site, credential) = (known.device.site, known.device.credential);
    let kept = identity::of_device(tx, id).await?;
    if identity::judge(&kept, &ids) == Verdict::Other || identity::is_pinned_elsewhere(tx, id, &ids).await? {
        // Somebody else answers here now.
        return Ok(Some(discovered(work, tx, site, credential, reading).await?));
    }
    if ids.iter().any(|i| !kept.contains(i)) {
        identity::remember(tx, id, site, &ids, now).await?;
    }
    if let Some(known) = work.cache.get(id) {
        known.identity = Some(hash);
    }
    Ok(Some(id))
}

/// Finds or makes the device that answered.
async fn discovered(
    work: &mut Work,
    tx: &mut Tx,
    site: SiteId,
    credential: Option<i64>,
    reading: &Reading,
) -> Result<DeviceId> {
    let now = work.now;
    let address = identity::of_address(reading.address, reading.port);
    let mut ids = reading.facts.identifiers();
    ids.push(address.clone());
    let mut chosen = None;
    for candidate in identity::candidates(tx, site, &ids).await? {
        let joins = match identity::judge(&candidate.known, &ids) {
            Verdict::Same => !is_clone(work, tx, &candidate, &ids, reading).await?,
            Verdict::Unsure => candidate.known.contains(&address) && may_be(&candidate.known, &ids),
            Verdict::Other => false,
        };
        if joins {
            chosen = Some(candidate.device);
            break;
        }
    }
    let id = match chosen {
        Some(id) => id,
        None => create(work, tx, site, credential, reading).await?,
    };
    let here = settle(work, tx, id, site, credential, reading).await?;
    if !here {
        ids.pop();
    }
    let site = work.known(tx, id).await?.map_or(site, |k| k.device.site);
    identity::remember(tx, id, site, &ids, now).await?;
    device::saw_address(tx, id, reading.address, reading.port, now).await?;
    Ok(id)
}

async fn create(
    work: &mut Work,
    tx: &mut Tx,
    site: SiteId,
    credential: Option<i64>,
    reading: &Reading,
) -> Result<DeviceId> {
    vacate(work, tx, site, reading, None).await?;
    let mut new = Device::new(site, reading.address, reading.port, credential, work.now);
    new.kind = reading.facts.kind;
    device::insert(tx, &mut new).await?;
    let id = new.id;
    timeline::add(tx, id, &Event::DeviceDiscovered { kind: new.kind }, work.now).await?;
    work.learned(new);
    work.changed(Topic::Device, Some(id));
    Ok(id)
}

/// A device was recognised at an address: it moves there unless it answers where it was. `true`: it is there now.
async fn settle(
    work: &mut Work,
    tx: &mut Tx,
    id: DeviceId,
    site: SiteId,
    credential: Option<i64>,
    reading: &Reading,
) -> Result<bool> {
    let now = work.now;
    let Some(known) = work.known(tx, id).await? else { return Ok(false) };
    let d = &known.device;
    let same_place = d.address == Some(reading.address) && d.port == reading.port && d.site == site;
    if same_place && (credential.is_none() || d.credential == credential) {
        return Ok(true);
    }
    if !same_place && is_alive(d, now) {
        // It has several addresses; the one that works stays.
        return Ok(false);
    }
    let from = d.address.map(|a| a.to_string()).unwrap_or_default();
    let moved_site = d.site != site;
    if !same_place {
        vacate(work, tx, site, reading, Some(id)).await?;
        identity::forget_addresses(tx, id).await?;
    }
    let Some(known) = work.known(tx, id).await? else { return Ok(false) };
    if moved_site {
        identity::move_site(tx, id, site).await?;
        known.device.site = site;
        if !known.device.located_by_person {
            known.device.location = None;
        }
    }
    known.device.address = Some(reading.address);
    known.device.port = reading.port;
    known.device.credential = credential.or(known.device.credential);
    rename(&mut known.device);
    device::save(tx, &known.device).await?;
    if !same_place {
        let to = reading.address.to_string();
        timeline::add(tx, id, &Event::AddressChanged { from, to }, now).await?;
    }
    work.changed(Topic::Device, Some(id));
    Ok(true)
}

/// Whoever was polled at this address is there no more.
async fn vacate(work: &mut Work, tx: &mut Tx, site: SiteId, reading: &Reading, by: Option<DeviceId>) -> Result<()> {
    let Some(old) = device::at_address(tx, site, reading.address, reading.port).await? else { return Ok(()) };
    if Some(old) == by {
        return Ok(());
    }
    let now = work.now;
    let Some(known) = work.known(tx, old).await? else { return Ok(()) };
    known.device.address = None;
    // Nobody asks it any more: what it was found to be says nothing of now.
    known.device.state.reach = Reach::Unknown;
    known.device.state.reach_since = Some(now);
    (known.device.state.silent, known.device.state.silent_since) = (0, None);
    known.device.condition = "unknown";
    device::save(tx, &known.device).await?;
    identity::forget_addresses(tx, old).await?;
    let gone = Event::AddressChanged { from: reading.address.to_string(), to: String::new() };
    timeline::add(tx, old, &gone, now).await?;
    work.changed(Topic::Device, Some(old));
    Ok(())
}

/// Silent where it was, but seen elsewhere since: it is asked there from now on.
pub(super) async fn follow(work: &mut Work, tx: &mut Tx, id: DeviceId, reading: &Reading) -> Result<bool> {
    let Some(known) = work.cache.get(id) else { return Ok(false) };
    let state = &known.device.state;
    if !(2..=6).contains(&state.silent) {
        return Ok(false);
    }
    let since = state.last_answer.unwrap_or(known.device.first_seen);
    let site = known.device.site;
    let Some((address, port)) = device::later_address(tx, id, since).await? else { return Ok(false) };
    if device::at_address(tx, site, address, port).await?.is_some() {
        return Ok(false);
    }
    let now = work.now;
    let Some(known) = work.cache.get(id) else { return Ok(false) };
    known.device.address = Some(address);
    known.device.port = port;
    rename(&mut known.device);
    identity::forget_addresses(tx, id).await?;
    identity::remember(tx, id, site, &[identity::of_address(address, port)], now).await?;
    let moved = Event::AddressChanged { from: reading.address.to_string(), to: address.to_string() };
    timeline::add(tx, id, &moved, now).await?;
    Ok(true)
}

fn rename(d: &mut Device) {
    if !d.named_by_person {
        d.name = automatic_name(d);
    }
}

fn is_alive(d: &Device, now: Millis) -> bool {
    d.address.is_some()
        && !d.retired
        && d.state.silent == 0
        && d.state.reach == Reach::Ok
        && d.state.last_answer.is_some_and(|t| now.since(t) < ALIVE)
}

/// Only the serial agrees, the MAC does not, and the device answers elsewhere at this moment: two devices that were
/// given one serial number.
async fn is_clone(
    work: &mut Work,
    tx: &mut Tx,
    candidate: &Candidate,
    ids: &[Identifier],
    reading: &Reading,
) -> Result<bool> {
    let differs = |kind: Kind| {
        let has = |list: &[Identifier]| list.iter().any(|i| i.kind == kind);
        has(&candidate.known) && has(ids) && !ids.iter().any(|i| i.kind == kind && candidate.known.contains(i))
    };
    if !differs(Kind::BaseMac) || candidate.weight > Kind::Serial.weight() + Kind::SysName.weight() {
        return Ok(false);
    }
    let now = work.now;
    let Some(known) = work.known(tx, candidate.device).await? else { return Ok(true) };
    Ok(known.device.address != Some(reading.address) && is_alive(&known.device, now))
}

/// At the same address, nothing speaks against it: the same, unless it has another name. A new name alone is a renamed
/// device when neither side can tell more and the agent is of the same make.
fn may_be(known: &[Identifier], new: &[Identifier]) -> bool {
    let names = |ids: &[Identifier]| -> Vec<String> {
        ids.iter().filter(|i| i.kind == Kind::SysName).map(|i| i.value.clone()).collect()
    };
    let (ours, theirs) = (names(known), names(new));
    if ours.is_empty() || theirs.is_empty() || theirs.iter().any(|n| ours.contains(n)) {
        return true;
    }
    let strong = |ids: &[Identifier]| ids.iter().any(|i| identity::is_strong(i.kind));
    let make = |n: &String| n.split_once('/').map(|(oid, _)| oid.to_owned());
    !strong(known) && !strong(new) && theirs.iter().any(|n| ours.iter().any(|o| make(o) == make(n)))
}
