//! Keeps what a device told: its row, supplies, series, ports, neighbours, forwarding table. Each only when it changed, or
//! when its last writing is too long ago.

use std::collections::{BTreeMap, BTreeSet};

use super::action;
use super::api::Topic;
use super::cache::{KnownSeries, KnownSupply, hash_of};
use super::facts;
use super::foresight::{self, Around, Found};
use super::pages;
use super::writer::Work;
use crate::model::{DeviceId, Event, Facts, Link, Millis, Outcome, Port, PortPoe, Reading, Supply};
use crate::status::{self, SupplyContext};
use crate::store::{Result, Tx, arp, device, fdb, metric, neighbor, observed, port, supply};

/// History gets a row at least this often.
const HEARTBEAT: i64 = Millis::DAY;
/// "Read again, unchanged" is written at most this often.
const CONFIRM_EVERY: i64 = 10 * Millis::MINUTE;
/// Unchanged neighbours and forwarding tables get a new time this often.
const SEEN_EVERY: i64 = Millis::HOUR;
/// Round-trip times and port counters always change: a point this often.
const COARSE: i64 = Millis::HOUR;
/// The charge of a UPS moves quickly when it matters.
const FINE: i64 = 5 * Millis::MINUTE;

#[derive(Default)]
pub(super) struct Kept {
    /// The device's row changed.
    pub changed: bool,
    pub events: Vec<Event>,
    /// Cartridges that were changed, as the estimator found it out.
    pub found: Vec<Found>,
}

/// Everything an answer told.
pub(super) async fn facts(work: &mut Work, tx: &mut Tx, id: DeviceId, reading: &Reading, at: Millis) -> Result<Kept> {
    let mut kept = Kept::default();
    let told = &reading.facts;
    merged(work, tx, id, reading, &mut kept).await?;
    if let Some(pages) = told.printer.as_ref().and_then(|p| p.page_count) {
        let (changed, event) = pages::take(work, tx, id, pages, at).await?;
        kept.changed |= changed;
        kept.events.extend(event);
    }
    series(work, tx, id, reading, at).await?;
    if let Some(list) = &told.supplies {
        supplies(work, tx, id, list, at, &mut kept).await?;
    }
    if let Some(list) = &told.ports {
        ports(work, tx, id, list, at).await?;
    }
    if let Some(list) = &told.links {
        links(work, tx, id, list, at).await?;
    }
    if let Some(list) = &told.fdb {
        let Some(known) = work.cache.get(id) else { return Ok(kept) };
        let hash = hash_of(list);
        if known.fdb != Some(hash) || at.since(known.fdb_at) >= SEEN_EVERY {
            fdb::save(tx, id, list, at).await?;
            work.moved = true;
            (known.fdb, known.fdb_at) = (Some(hash), at);
        }
    }
    if let Some(wiring) = &told.wiring {
        let Some(known) = work.cache.get(id) else { return Ok(kept) };
        let hash = hash_of(wiring);
        if known.wiring != Some(hash) {
            observed::save_wiring(tx, id, wiring, at).await?;
            known.wiring = Some(hash);
        }
    }
    if let Some(list) = &told.arp {
        let Some(known) = work.cache.get(id) else { return Ok(kept) };
        let hash = hash_of(list);
        if !list.is_empty() && (known.arp != Some(hash) || at.since(known.arp_at) >= SEEN_EVERY) {
            arp::save(tx, id, list, at).await?;
            (known.arp, known.arp_at) = (Some(hash), at);
        }
    }
    Ok(kept)
}

/// The identity columns and the merged facts of all classes.
async fn merged(work: &mut Work, tx: &mut Tx, id: DeviceId, reading: &Reading, kept: &mut Kept) -> Result<()> {
    let slim = facts::slim(&reading.facts);
    if slim == Facts::default() {
        return Ok(());
    }
    let hash = hash_of(&slim);
    let Some(known) = work.cache.get(id) else { return Ok(()) };
    let slot = &mut known.facts[reading.class as usize];
    if *slot == Some(hash) {
        return Ok(());
    }
    *slot = Some(hash);
    let (changed, events) = facts::take(&mut known.device, &slim, reading.class, reading.source);
    kept.changed |= changed;
    kept.events.extend(events);
    let vlans = slim.vlans.clone();
    let old = device::facts(tx, id).await?;
    let same_vlans = old.vlans == vlans;
    let new = facts::merge(old.clone(), slim);
    if new != old {
        device::save_facts(tx, id, &new).await?;
    }
    if let Some(vlans) = vlans.filter(|_| !same_vlans) {
        neighbor::save_vlans(tx, id, &vlans).await?;
    }
    Ok(())
}

/// Integers whose course is kept: on change but not more often than `gap`, and once a day.
async fn series(work: &mut Work, tx: &mut Tx, id: DeviceId, reading: &Reading, at: Millis) -> Result<()> {
    let told = &reading.facts;
    let mut points: Vec<(&'static str, i64, i64)> = Vec::new();
    if let Some(pages) = told.printer.as_ref().and_then(|p| p.page_count) {
        points.push(("pages", i64::try_from(pages).unwrap_or(i64::MAX), 0));
    }
    if let Outcome::Answered { rtt_ms } | Outcome::PingOnly { rtt_ms } = reading.outcome
        && rtt_ms.is_finite()
        && rtt_ms > 0.0
    {
        points.push(("rtt_us", (rtt_ms * 1000.0) as i64, COARSE));
    }
    if let Some(ups) = &told.ups {
        let of_ups = [
            ("ups.charge_percent", ups.charge_percent),
            ("ups.minutes_remaining", ups.minutes_remaining),
            ("ups.load_percent", ups.load_percent),
        ];
        points.extend(of_ups.into_iter().filter_map(|(name, value)| Some((name, value?, FINE))));
    }
    for (name, value, gap) in points {
        point(work, tx, id, name, value, gap, at).await?;
    }
    Ok(())
}

async fn point(
    work: &mut Work,
    tx: &mut Tx,
    id: DeviceId,
    name: &'static str,
    value: i64,
    gap: i64,
    at: Millis,
) -> Result<()> {
    let Some(known) = work.cache.get(id) else { return Ok(()) };
    let slot = match known.series.iter().position(|s| s.name == name) {
        Some(i) => &mut known.series[i],
        None => {
            let last = metric::last(tx, id, name).await?;
            known.series.push(KnownSeries { name, last });
            let end = known.series.len() - 1;
            &mut known.series[end]
        }
    };
    let due = slot.last.is_none_or(|(when, what)| {
        let age = at.since(when);
        age >= HEARTBEAT || (what != value && age >= gap)
    });
    if due {
        metric::add(tx, id, name, at, value).await?;
        slot.last = Some((at, value));
    }
    Ok(())
}

/// Each supply through `status::supply`; those no longer listed are absent, not empty.
async fn supplies(
    work: &mut Work,
    tx: &mut Tx,
    id: DeviceId,
    list: &[Supply],
    at: Millis,
    kept: &mut Kept,
) -> Result<()> {
    let policy = work.policy(tx).await?;
    let Some(around) = Around::of(work, tx, id).await? else { return Ok(()) };
    let Some(known) = work.cache.get(id) else { return Ok(()) };
    let pages = known.device.page_count.and_then(|p| i64::try_from(p).ok());
    let context = SupplyContext::new(&known.device.state, list);
    let supplies_at = known.supplies_at;
    let mine = known.supplies(tx).await?;
    let (mut any, mut quiet, mut new) = (false, true, Vec::new());
    for read in list {
        let slot = mine.iter().position(|s| s.state.index == read.index);
        let before = slot.map(|i| &mine[i].state);
        let (state, events) = status::supply(before, read, &context, &policy, at);
        kept.events.extend(events);
        let raw = hash_of(read);
        let same_raw = before.is_some_and(|b| {
            b.level == read.level && b.max_capacity == read.max_capacity && b.level_state == read.level_state
        });
        let same_row = slot.is_some_and(|i| {
            let k = &mine[i];
            k.present && k.raw.is_none_or(|r| r == raw) && same_but_for_time(&k.state, &state)
        });
        let last_row = slot.and_then(|i| mine[i].last_row);
        let mut supply_id = slot.map(|i| mine[i].id);
        if !same_row {
            supply_id = Some(supply::save(tx, id, read, &state).await?);
            any = true;
        }
        let Some(supply_id) = supply_id else { continue };
        let due = !same_raw || last_row.is_none_or(|t| at.since(t) >= HEARTBEAT);
        if due {
            supply::add_reading(tx, supply_id, read, &state, pages, at).await?;
        }
        quiet &= same_row;
        let last_row = if due { Some(at) } else { last_row };
        let article = slot.and_then(|i| mine[i].article);
        let mut series = slot.map(|i| std::mem::take(&mut mine[i].series)).unwrap_or_default();
        let found = foresight::fold(tx, supply_id, &mut series, (read, &state, at), article, &around, due).await?;
        kept.found.extend(found);
        let entry = KnownSupply { id: supply_id, state, present: true, raw: Some(raw), last_row, article, series };
        match slot {
            Some(i) => mine[i] = entry,
            None => {
                new.push(supply_id);
                mine.push(entry);
            }
        }
    }
    for gone in mine.iter_mut().filter(|s| s.present && !list.iter().any(|r| r.index == s.state.index)) {
        supply::absent(tx, gone.id).await?;
        gone.present = false;
        any = true;
    }
    if !(quiet && at.since(supplies_at) < CONFIRM_EVERY) {
        supply::confirm(tx, id, at).await?;
        if let Some(known) = work.cache.get(id) {
            known.supplies_at = at;
        }
    }
    for supply in new {
        action::match_article(work, tx, id, supply).await?;
    }
    if any {
        work.changed(Topic::Supply, Some(id));
    }
    Ok(())
}

fn same_but_for_time(a: &crate::model::SupplyState, b: &crate::model::SupplyState) -> bool {
    let mut like = b.clone();
    like.updated_at = a.updated_at;
    like == *a
}

/// A port without the numbers that are another at every reading.
fn bare(p: &Port) -> Port {
    let poe = p.poe.clone().map(|poe| PortPoe { consumption_mw: None, ..poe });
    Port { counters: None, poe, ..p.clone() }
}

/// Interfaces when one changed, what they feed every ten minutes; their counters once an hour.
async fn ports(work: &mut Work, tx: &mut Tx, id: DeviceId, list: &[Port], at: Millis) -> Result<()> {
    let Some(known) = work.cache.get(id) else { return Ok(()) };
    // An agent that lists an interface twice: the last word counts.
    let unique: BTreeMap<u32, &Port> = list.iter().map(|p| (p.if_index, p)).collect();
    let list: Vec<&Port> = unique.into_values().collect();
    let bare: Vec<Port> = list.iter().map(|p| bare(p)).collect();
    let (hash, exact) = (hash_of(&bare), list.iter().map(|p| p.poe.as_ref()).collect::<Vec<_>>());
    let exact = hash_of(&exact);
    let changed = known.ports != Some(hash);
    if changed || known.ports_exact != Some(exact) && at.since(known.ports_at) >= CONFIRM_EVERY {
        (known.ports, known.ports_exact, known.ports_at) = (Some(hash), Some(exact), at);
        let kept = port::of_device(tx, id).await?;
        let rows: Vec<(&Port, Millis)> = list
            .iter()
            .map(|p| {
                let before = kept.iter().find(|k| k.if_index == i64::from(p.if_index));
                let since = before.filter(|k| k.oper == p.oper).and_then(|k| k.oper_since).unwrap_or(at.0);
                (*p, Millis(since))
            })
            .collect();
        port::save(tx, id, &rows, at).await?;
        for gone in kept.iter().filter(|k| k.present != 0 && !list.iter().any(|p| i64::from(p.if_index) == k.if_index))
        {
            port::absent(tx, id, gone.if_index).await?;
        }
        if changed {
            work.changed(Topic::Port, Some(id));
        }
    }
    let Some(known) = work.cache.get(id) else { return Ok(()) };
    if at.since(known.counters_at) >= COARSE {
        let rows = counters(&list);
        // A series of errors begins with the zero before its first number, or that number would be no rise.
        let is_first = |(name, _): &&(String, i64)| known.no_errors.contains(name.as_str());
        let zeros: Vec<(String, i64)> = rows.iter().filter(is_first).map(|(name, _)| (name.clone(), 0)).collect();
        metric::add_many(tx, id, known.counters_at, &zeros).await?;
        metric::add_many(tx, id, at, &rows).await?;
        if !rows.is_empty() {
            (known.counters_at, known.no_errors) = (at, no_errors(&list));
        }
    }
    Ok(())
}

/// Series of errors that are at zero.
fn no_errors(list: &[&Port]) -> BTreeSet<String> {
    let of_port = |p: &&Port| {
        let counters = p.counters.clone().unwrap_or_default();
        let at_zero = [
            ("in_errors", counters.in_errors),
            ("out_errors", counters.out_errors),
            ("fcs_errors", counters.fcs_errors),
        ];
        let index = p.if_index;
        at_zero.into_iter().filter(|(_, n)| *n == Some(0)).map(move |(name, _)| format!("port.{index}.{name}"))
    };
    list.iter().flat_map(of_port).collect()
}

/// Octets of ports that are up, errors of those that have any.
fn counters(list: &[&Port]) -> Vec<(String, i64)> {
    let mut rows = Vec::new();
    for p in list {
        let Some(c) = &p.counters else { continue };
        let up = p.oper.as_deref() == Some("up");
        let wanted = [
            ("in_octets", c.in_octets.filter(|_| up)),
            ("out_octets", c.out_octets.filter(|_| up)),
            ("in_errors", c.in_errors.filter(|n| *n > 0)),
            ("out_errors", c.out_errors.filter(|n| *n > 0)),
            ("fcs_errors", c.fcs_errors.filter(|n| *n > 0)),
            ("discontinuity", c.discontinuity_cs),
        ];
        rows.extend(wanted.into_iter().filter_map(|(name, value)| {
            let value = i64::try_from(value?).unwrap_or(i64::MAX);
            Some((format!("port.{}.{name}", p.if_index), value))
        }));
    }
    rows
}

async fn links(work: &mut Work, tx: &mut Tx, id: DeviceId, list: &[Link], at: Millis) -> Result<()> {
    let Some(known) = work.cache.get(id) else { return Ok(()) };
    let hash = hash_of(&list);
    let changed = known.links != Some(hash);
    if !changed && at.since(known.links_at) < SEEN_EVERY {
        return Ok(());
    }
    (known.links, known.links_at) = (Some(hash), at);
    neighbor::save(tx, id, list, at).await?;
    work.moved = true;
    if changed {
        action::propose(work, tx, id, list).await?;
    }
    Ok(())
}
