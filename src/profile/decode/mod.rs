//! Answers to facts: one file per section, each a pure function of the snapshot. Total on any bytes.
//!
//! A section that was not asked for stays `None`. To decode a new table, add a file with its columns and a function,
//! name the columns in `questions`, call it here; the mutation test then covers it.

pub mod arp;
pub mod capability;
pub mod entity;
pub mod fdb;
pub mod identity;
pub mod kind;
pub mod links;
pub mod lldp;
pub mod modules;
pub mod poe;
pub mod ports;
pub mod printer;
pub mod sensors;
pub mod stack;
pub mod stp;
pub mod supplies;
pub mod supply_words;
pub mod system;
pub mod transceivers;
pub mod ups;
pub mod vendor_supplies;
pub mod vlans;
pub mod wiring;

use super::load::{Data, Profile};
use super::select::{enterprise, select, vendor_of};
use super::snapshot::Snapshot;
use super::source::{Candidate, Fact, Scene};
use super::view::View;
use crate::model::{DeviceKind, Facts, ProbeClass};
use crate::protocol::snmp::Oid;

/// Fallback when no vendor's profile matches.
pub const GENERIC: &str = "generic";

/// The profile for what the system group says.
pub fn profile<'a>(data: &'a Data, sys_object_id: Option<&Oid>, sys_descr: Option<&str>) -> Option<&'a Profile> {
    select(&data.profiles, sys_object_id, sys_descr).or_else(|| data.profiles.iter().find(|p| p.name == GENERIC))
}

pub fn decode(data: &Data, snap: &Snapshot, classes: &[ProbeClass]) -> Facts {
    let view = View::new(&snap.main);
    let mut facts = Facts { notes: snap.notes.clone(), ..Facts::default() };
    system::decode(&view, &mut facts);
    let asked = |class: ProbeClass| classes.contains(&class);
    let sys_object_id = system::object_id(&view);
    let profile = profile(data, sys_object_id.as_ref(), facts.sys_descr.as_deref());
    facts.profile = profile.map(|p| p.name.clone());
    if asked(ProbeClass::Inventory) {
        inventory(data, &view, profile, sys_object_id.as_ref(), &mut facts);
    }
    if asked(ProbeClass::Supplies) {
        facts.supplies = Some(supplies::decode(data, snap, profile));
        printer::counters(data, &supplies::printer_view(snap), facts.printer.get_or_insert_default());
    }
    if asked(ProbeClass::Status) {
        printer::status(data, &supplies::printer_view(snap), facts.printer.get_or_insert_default());
        facts.ups = ups::decode(data, &view);
    }
    // A device that has nothing of a printer has no printer section.
    facts.printer = facts.printer.filter(|p| kind::printer_row(&view).is_some() || *p != Default::default());
    if asked(ProbeClass::Interfaces) {
        let bridge = fdb::Bridge::read(snap);
        let mut list = ports::decode(&data.names, &view);
        poe::ports(&data.names, &view, &bridge, &mut list);
        stp::ports(&data.names, &view, &bridge, &mut list);
        facts.ports = Some(list);
        facts.poe = Some(poe::supplies(&data.names, &view));
    }
    if asked(ProbeClass::Inventory) || asked(ProbeClass::Neighbors) {
        let bridge = fdb::Bridge::read(snap);
        let local = links::LocalPorts::read(&view, &bridge);
        if asked(ProbeClass::Inventory) {
            facts.vlans = Some(vlans::decode(&view, profile));
            facts.stp = stp::decode(&view);
            let rows = entity::rows(&view);
            let (optics, sensors) = transceivers::decode(&data.names, &view, profile, &rows, &local);
            facts.transceivers = Some(optics);
            facts.sensors = Some(sensors);
            facts.stack = Some(stack::decode(&view, profile, &rows));
        }
        if asked(ProbeClass::Neighbors) {
            facts.links = Some(links::decode(&view, profile, &local));
            facts.fdb = Some(fdb::decode(&data.names, snap, profile, &bridge, &local));
            let (entries, all) = arp::decode(&data.names, &view);
            if all > entries.len() {
                facts.notes.push(format!("ARP: the first {} of {all} entries are kept", entries.len()));
            }
            facts.arp = Some(entries);
            facts.wiring = Some(wiring::decode(&data.names, snap, &bridge, &local));
        }
    }
    facts
}

fn inventory(data: &Data, view: &View<'_>, profile: Option<&Profile>, sys_object_id: Option<&Oid>, facts: &mut Facts) {
    let rows = entity::rows(view);
    let candidates = candidates(data, view, profile, sys_object_id, &entity::Chassis::find(&rows));
    let identity = identity::choose(&candidates, &data.vendors);
    facts.kind = identity.kind;
    facts.vendor = identity.vendor;
    facts.model = identity.model;
    facts.serial = identity.serial;
    facts.firmware = identity.firmware;
    facts.evidence = identity.evidence;
    if facts.kind == Some(DeviceKind::Printer) {
        let (functions, evidence) = kind::functions(&data.functions, view, &said(view, facts));
        facts.functions = functions;
        facts.evidence.extend(evidence);
    }
    facts.modules = Some(modules::decode(&rows, &data.names));
    system::addresses(view, facts);
    if facts.profile.as_deref() == Some(GENERIC) {
        let family = match facts.kind {
            Some(DeviceKind::Printer) => "generic-printer",
            Some(DeviceKind::Switch) => "generic-switch",
            _ => "generic-host",
        };
        facts.profile = Some(family.to_owned());
    }
}

/// Texts in which a printer says what it does.
fn said(view: &View<'_>, facts: &Facts) -> Vec<kind::Said> {
    let model = facts.model.as_ref().map(|m| format!("{} {m}", facts.vendor.as_deref().unwrap_or("-")));
    let row = kind::printer_row(view);
    let described = row.and_then(|row| view.text(super::oids::HR_DEVICE_DESCR, &[row]));
    [("the model", model), ("hrDeviceDescr", described), ("sysDescr", facts.sys_descr.clone())]
        .into_iter()
        .filter_map(|(place, text)| Some(kind::Said { place, text: text? }))
        .collect()
}

/// Everything all sources say, best first within a fact only by score.
pub fn candidates(
    data: &Data,
    view: &View<'_>,
    profile: Option<&Profile>,
    sys_object_id: Option<&Oid>,
    chassis: &entity::Chassis,
) -> Vec<Candidate> {
    let mut out = Vec::new();
    let mut say = |fact, value: String, score, rule: String| out.push(Candidate::inferred(fact, value, score, rule));
    if let Some(p) = profile {
        if let Some(v) = &p.vendor {
            say(Fact::Vendor, v.clone(), 80, format!("profile {}", p.name));
        }
        if let Some(k) = p.kind {
            say(Fact::Kind, k.as_str().to_owned(), 78, format!("profile {}", p.name));
        }
        if let Some(model) = sys_object_id.and_then(|o| p.models.get(o)) {
            say(Fact::Model, model.clone(), 45, format!("profile {}: sysObjectID", p.name));
        }
    }
    if let Some(v) = enterprise(sys_object_id).and_then(|n| vendor_of(n, &data.vendors)) {
        say(Fact::Vendor, v.name.clone(), 60, "enterprise number".to_owned());
        if let Some(k) = v.kind {
            say(Fact::Kind, k.as_str().to_owned(), 40, format!("vendor {}", v.name));
        }
    }
    if let Some((vendor, model)) =
        view.scalar_text(super::oids::SYS_DESCR).and_then(|d| identity::by_words(&d, &data.vendors))
    {
        let rule = "sysDescr's first words".to_owned();
        if let Some(k) = data.vendors.iter().find(|v| v.name == vendor).and_then(|v| v.kind) {
            say(Fact::Kind, k.as_str().to_owned(), 39, rule.clone());
        }
        if let Some(m) = model {
            say(Fact::Model, m, 41, rule.clone());
        }
        say(Fact::Vendor, vendor, 50, rule);
    }
    let scene = Scene { view: *view, sys_object_id, chassis, printer: kind::printer_row(view) };
    for source in profile.into_iter().flat_map(|p| &p.sources) {
        source.candidates(&scene, &mut out);
    }
    kind::candidates(view, &mut out);
    let never = |c: &Candidate| {
        let patterns = profile.into_iter().flat_map(|p| &p.never).filter(|(fact, _)| *fact == c.fact);
        patterns.into_iter().any(|(_, pattern)| pattern.is_match(&c.value))
    };
    out.retain(|c| !never(c));
    out
}

/// The candidates of a whole snapshot, for people who ask why.
pub fn explain(data: &Data, snap: &Snapshot) -> Vec<Candidate> {
    let view = View::new(&snap.main);
    let sys_object_id = system::object_id(&view);
    let sys_descr = view.scalar_text(super::oids::SYS_DESCR);
    let profile = profile(data, sys_object_id.as_ref(), sys_descr.as_deref());
    candidates(data, &view, profile, sys_object_id.as_ref(), &entity::Chassis::find(&entity::rows(&view)))
}
