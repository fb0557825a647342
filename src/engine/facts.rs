//! What facts say of a device, taken into its row, and the facts of several classes merged into one.
//!
//! Pure. Sections with tables of their own (supplies, ports, links, forwarding table) are left out of the merged facts.

use crate::model::{DeviceState, Event, Facts, PrinterFacts, PrinterFunction, ProbeClass, Source};
use crate::store::device::Device;

/// Takes the identity part of facts into the device; `true` when its row changed, with what people should know.
///
/// Only a full SNMP inventory may change what is known: other readings fill gaps, so that two sources that spell a model
/// differently do not change it at every poll.
pub(super) fn take(device: &mut Device, facts: &Facts, class: ProbeClass, source: Source) -> (bool, Vec<Event>) {
    let before = device.clone();
    let mut events = Vec::new();
    let strong = class == ProbeClass::Inventory && source != Source::Ipp;
    let mut changed = |field: &str, from: Option<String>, to: &str| {
        if let Some(from) = from.filter(|f| f != to) {
            events.push(Event::IdentityChanged { field: field.to_owned(), from, to: to.to_owned() });
        }
    };
    for (field, mine, theirs, told) in [
        ("vendor", &mut device.vendor, &facts.vendor, false),
        ("model", &mut device.model, &facts.model, true),
        ("serial", &mut device.serial, &facts.serial, true),
        ("firmware", &mut device.firmware, &facts.firmware, true),
        ("sys-descr", &mut device.sys_descr, &facts.sys_descr, false),
        ("sys-name", &mut device.sys_name, &facts.sys_name, false),
        ("sys-object-id", &mut device.sys_object_id, &facts.sys_object_id, false),
        ("base-mac", &mut device.base_mac, &facts.base_mac, false),
        ("profile", &mut device.profile, &facts.profile, false),
    ] {
        let Some(new) = theirs.as_ref().map(|s| s.trim()).filter(|s| !s.is_empty()) else { continue };
        if mine.is_none() || strong {
            if told {
                changed(field, mine.clone(), new);
            }
            if mine.as_deref() != Some(new) {
                *mine = Some(new.to_owned());
            }
        }
    }
    if let Some(kind) = facts.kind.filter(|_| device.kind.is_none() || strong) {
        device.kind = Some(kind);
    }
    if !facts.functions.is_empty() && (device.functions.is_empty() || strong) {
        device.functions = function_words(&facts.functions);
    }
    if let Some(place) = facts.sys_location.as_deref().map(str::trim).filter(|_| !device.located_by_person && strong) {
        device.location = Some(place.to_owned()).filter(|p| !p.is_empty());
    }
    if !device.named_by_person {
        device.name = automatic_name(device);
    }
    (*device != before, events)
}

/// sysName, else model, else address.
pub(super) fn automatic_name(device: &Device) -> String {
    let named = device.sys_name.clone().or_else(|| device.model.clone());
    named.or_else(|| device.address.map(|a| a.to_string())).unwrap_or_else(|| device.name.clone())
}

pub(super) fn functions(device: &Device) -> Vec<PrinterFunction> {
    device.functions.split(',').filter_map(|w| serde_json::from_value(serde_json::Value::from(w)).ok()).collect()
}

fn function_words(functions: &[PrinterFunction]) -> String {
    let word = |f: &PrinterFunction| serde_json::to_value(f).ok().and_then(|v| v.as_str().map(str::to_owned));
    functions.iter().filter_map(word).collect::<Vec<_>>().join(",")
}

/// The part of facts that is kept in the device's row.
pub(super) fn slim(facts: &Facts) -> Facts {
    Facts {
        sys_uptime_cs: None,
        supplies: None,
        ports: None,
        links: None,
        fdb: None,
        arp: None,
        wiring: None,
        kind: facts.kind,
        vendor: facts.vendor.clone(),
        model: facts.model.clone(),
        serial: facts.serial.clone(),
        firmware: facts.firmware.clone(),
        sys_object_id: facts.sys_object_id.clone(),
        sys_descr: facts.sys_descr.clone(),
        sys_name: facts.sys_name.clone(),
        sys_location: facts.sys_location.clone(),
        sys_contact: facts.sys_contact.clone(),
        functions: facts.functions.clone(),
        base_mac: facts.base_mac.clone(),
        lldp_chassis: facts.lldp_chassis.clone(),
        printer_uuid: facts.printer_uuid.clone(),
        profile: facts.profile.clone(),
        printer: facts.printer.clone(),
        vlans: facts.vlans.clone(),
        stp: facts.stp.clone(),
        poe: facts.poe.clone(),
        modules: facts.modules.clone(),
        transceivers: facts.transceivers.clone(),
        sensors: facts.sensors.clone(),
        stack: facts.stack.clone(),
        ups: facts.ups.clone(),
        evidence: facts.evidence.clone(),
        notes: facts.notes.clone(),
    }
}

/// New facts over old ones: what was not told stays.
pub(super) fn merge(old: Facts, new: Facts) -> Facts {
    Facts {
        sys_uptime_cs: None,
        supplies: None,
        ports: None,
        links: None,
        fdb: None,
        arp: None,
        wiring: None,
        kind: new.kind.or(old.kind),
        vendor: new.vendor.or(old.vendor),
        model: new.model.or(old.model),
        serial: new.serial.or(old.serial),
        firmware: new.firmware.or(old.firmware),
        sys_object_id: new.sys_object_id.or(old.sys_object_id),
        sys_descr: new.sys_descr.or(old.sys_descr),
        sys_name: new.sys_name.or(old.sys_name),
        sys_location: new.sys_location.or(old.sys_location),
        sys_contact: new.sys_contact.or(old.sys_contact),
        functions: if new.functions.is_empty() { old.functions } else { new.functions },
        base_mac: new.base_mac.or(old.base_mac),
        lldp_chassis: new.lldp_chassis.or(old.lldp_chassis),
        printer_uuid: new.printer_uuid.or(old.printer_uuid),
        profile: new.profile.or(old.profile),
        printer: match (old.printer, new.printer) {
            (Some(o), Some(n)) => Some(merge_printer(o, n)),
            (o, n) => n.or(o),
        },
        vlans: new.vlans.or(old.vlans),
        stp: new.stp.or(old.stp),
        poe: new.poe.or(old.poe),
        modules: new.modules.or(old.modules),
        transceivers: new.transceivers.or(old.transceivers),
        sensors: new.sensors.or(old.sensors),
        stack: new.stack.or(old.stack),
        ups: new.ups.or(old.ups),
        evidence: if new.evidence.is_empty() { old.evidence } else { new.evidence },
        notes: if new.notes.is_empty() { old.notes } else { new.notes },
    }
}

fn merge_printer(old: PrinterFacts, new: PrinterFacts) -> PrinterFacts {
    // Console and covers belong to the questions of status, which also ask for alerts.
    let asked = new.alerts.is_some() || new.detected_errors.is_some();
    let open_covers = if new.open_covers.is_empty() && !asked { old.open_covers } else { new.open_covers };
    let console = if new.console.is_empty() && !asked { old.console } else { new.console };
    PrinterFacts {
        page_count: new.page_count.or(old.page_count),
        page_count_unit: new.page_count_unit.or(old.page_count_unit),
        detected_errors: new.detected_errors.or(old.detected_errors),
        device_status: new.device_status.or(old.device_status),
        printer_status: new.printer_status.or(old.printer_status),
        trays: if new.trays.is_empty() { old.trays } else { new.trays },
        alerts: new.alerts.or(old.alerts),
        open_covers,
        console,
    }
}

/// The states differ in more than times and counters: worth a row at once.
pub(super) fn state_changed(old: &DeviceState, new: &DeviceState) -> bool {
    let mut like_old = new.clone();
    like_old.last_answer = old.last_answer;
    like_old.last_reading = old.last_reading;
    like_old.uptime_cs = old.uptime_cs;
    like_old.uptime_at = old.uptime_at;
    like_old.answered = old.answered;
    like_old.polls = old.polls;
    like_old.habit.clone_from(&old.habit);
    for (n, o) in like_old.problems.iter_mut().zip(&old.problems) {
        if n.key == o.key && n.raised == o.raised && n.missed_since == o.missed_since {
            n.last_seen = o.last_seen;
            n.seen = o.seen;
            n.missed = o.missed;
        }
    }
    like_old != *old
}
