//! `anykey inspect`: every fact of one device, live or from a recording.
//!
//! JSON is the form of `Facts` with the recording's name as `device`; text is for a technician. Recording and live
//! device go through the same questions and the same decoder, so both print the same.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;

use super::inspect_live::{self, Extent};
use super::subject::{Of, Subject};
use super::{TextOrJson, inspect_switch as switch, out};
use crate::model::{Facts, Link, Port, PrinterFacts, Source, Supply};
use crate::profile::{Knowledge, Snapshot};
use crate::protocol::snmp::snmprec;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    #[command(flatten)]
    live: inspect_live::LiveArgs,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let (name, facts) = match args.subject.of() {
        Of::Recording(path) => {
            let facts = Knowledge::load(args.live.profiles.as_deref())?.inspect(&recording(path)?);
            (path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(), facts)
        }
        Of::Host(host) => (host.to_owned(), inspect_live::facts(host, &args.live, Extent::Questions).await?.0),
    };
    print(&name, &facts, args.format)
}

/// A recording with its contexts, as a snapshot.
pub fn recording(path: &Path) -> anyhow::Result<Snapshot> {
    let main = snmprec::load(path)?;
    let mut snap = Snapshot { notes: main.notes.clone(), ..Snapshot::default() };
    for (oid, value) in main.rows {
        snap.insert(oid, value);
    }
    for (context, file) in snmprec::contexts(path) {
        let part = snmprec::load(&file).with_context(|| format!("context {context}"))?;
        snap.notes.extend(part.notes.iter().map(|n| format!("context {context}: {n}")));
        for (oid, value) in part.rows {
            snap.insert_in(&context, oid, value);
        }
    }
    Ok(snap)
}

/// Facts of one device on stdout.
pub fn print(name: &str, facts: &Facts, format: TextOrJson) -> anyhow::Result<()> {
    match format {
        TextOrJson::Json => {
            let mut value = serde_json::to_value(facts)?;
            if let Some(object) = value.as_object_mut() {
                object.insert("device".to_owned(), name.into());
            }
            out::line(&serde_json::to_string_pretty(&value)?)?;
        }
        TextOrJson::Text => out::text(&report(name, facts))?,
    }
    Ok(())
}

/// The whole report as text.
fn report(name: &str, facts: &Facts) -> String {
    let mut out = String::new();
    identity(&mut out, name, facts);
    if let Some(p) = &facts.printer {
        printer(&mut out, p);
    }
    if let Some(rows) = facts.supplies.as_deref().filter(|r| !r.is_empty()) {
        supplies(&mut out, rows);
    }
    if let Some(u) = &facts.ups {
        head(&mut out, "Battery");
        field(&mut out, "status", u.battery_status.as_deref());
        field(&mut out, "charge", u.charge_percent.map(|p| format!("{p} %")).as_deref());
        field(&mut out, "runtime", u.minutes_remaining.map(|m| format!("{m} min")).as_deref());
        field(&mut out, "output from", u.output_source.as_deref());
        field(&mut out, "load", u.load_percent.map(|p| format!("{p} %")).as_deref());
    }
    if let Some(rows) = facts.ports.as_deref().filter(|r| !r.is_empty()) {
        ports(&mut out, rows);
    }
    if let Some(rows) = facts.links.as_deref().filter(|r| !r.is_empty()) {
        links(&mut out, rows);
    }
    bridge(&mut out, facts);
    switch::sections(&mut out, facts);
    if let Some(rows) = facts.modules.as_deref().filter(|r| !r.is_empty()) {
        head(&mut out, &format!("Modules ({})", rows.len()));
        let rows = rows.iter().map(|m| {
            let software = m.software_rev.as_ref().or(m.firmware_rev.as_ref());
            let name = m.name.as_ref().or(m.descr.as_ref());
            [&m.class, &name.cloned(), &m.model, &m.serial, &software.cloned()]
                .map(|f| f.clone().unwrap_or_default())
                .to_vec()
        });
        table(&mut out, &["class", "name", "model", "serial", "version"], rows.collect());
    }
    if !facts.notes.is_empty() {
        head(&mut out, "Notes");
        for note in &facts.notes {
            let _ = writeln!(out, "  {note}");
        }
    }
    out
}

fn identity(out: &mut String, name: &str, facts: &Facts) {
    let _ = writeln!(out, "{name}");
    let functions: Vec<String> = facts.functions.iter().map(|f| format!("{f:?}").to_lowercase()).collect();
    field(out, "kind", facts.kind.map(|k| k.as_str()));
    field(out, "functions", Some(functions.join(", ")).filter(|f| !f.is_empty()).as_deref());
    field(out, "vendor", facts.vendor.as_deref());
    field(out, "model", facts.model.as_deref());
    field(out, "serial", facts.serial.as_deref());
    field(out, "firmware", facts.firmware.as_deref());
    field(out, "name", facts.sys_name.as_deref());
    field(out, "location", facts.sys_location.as_deref());
    field(out, "contact", facts.sys_contact.as_deref());
    field(out, "up for", facts.sys_uptime_cs.map(uptime).as_deref());
    field(out, "base MAC", facts.base_mac.as_deref());
    field(out, "LLDP chassis", facts.lldp_chassis.as_deref().filter(|c| Some(*c) != facts.base_mac.as_deref()));
    field(
        out,
        "describes itself",
        facts.sys_descr.as_deref().map(|d| d.split_whitespace().collect::<Vec<_>>().join(" ")).as_deref(),
    );
    field(out, "sysObjectID", facts.sys_object_id.as_deref());
    field(out, "profile", facts.profile.as_deref());
}

fn uptime(centiseconds: u64) -> String {
    let minutes = centiseconds / 6000;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, m) => format!("{m} min"),
        (0, h, m) => format!("{h} h {m} min"),
        (d, h, _) => format!("{d} d {h} h"),
    }
}

fn printer(out: &mut String, p: &PrinterFacts) {
    head(out, "Printer");
    field(out, "device status", p.device_status.as_deref());
    field(out, "printer status", p.printer_status.as_deref());
    let errors = p.detected_errors.as_ref().map(|e| if e.is_empty() { "none".to_owned() } else { e.join(", ") });
    field(out, "errors", errors.as_deref());
    let unit = p.page_count_unit.as_deref().unwrap_or("pages");
    field(out, "printed", p.page_count.map(|c| format!("{c} {unit}")).as_deref());
    field(out, "console", Some(p.console.join(" / ")).filter(|c| !c.is_empty()).as_deref());
    field(out, "open covers", Some(p.open_covers.join(", ")).filter(|c| !c.is_empty()).as_deref());
    for alert in p.alerts.iter().flatten() {
        let what =
            [alert.severity.as_deref(), alert.code_name.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        field(out, "alert", Some(format!("{what}: {}", alert.description).as_str()));
    }
    if !p.trays.is_empty() {
        let rows = p.trays.iter().map(|t| {
            let level = level(t.level_percent, t.level, t.level_state);
            vec![t.name.clone().unwrap_or_else(|| t.index.clone()), level, number(t.max_capacity.filter(|c| *c > 0))]
        });
        table(out, &["tray", "level", "holds"], rows.collect());
    }
}

fn supplies(out: &mut String, rows: &[Supply]) {
    head(out, "Supplies");
    let rows = rows.iter().map(|s| {
        let mut level = level(s.level_percent, s.level, s.level_state);
        if s.receptacle && s.level_percent.is_some() {
            level.push_str(" room left");
        }
        let kind = [s.color.as_deref(), Some(s.kind.as_str())].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let source = match s.source {
            Source::Snmp => "",
            Source::SnmpPrivate => "maker's own place",
            Source::Ipp => "IPP",
            Source::Icmp | Source::Manual => "person",
        };
        vec![kind, level, s.part_number.clone().unwrap_or_default(), s.description.clone(), source.to_owned()]
    });
    table(out, &["supply", "level", "part", "description", "source"], rows.collect());
}

/// A level in words: never a number the device did not say.
fn level(percent: Option<f64>, raw: Option<i64>, state: crate::model::LevelState) -> String {
    use crate::model::LevelState as L;
    match (state, percent, raw) {
        (L::Known, Some(p), _) => format!("{p:.0} %"),
        (L::SomeRemaining, ..) => "some left".to_owned(),
        (L::SomeSpaceLeft, ..) => "some room left".to_owned(),
        (L::NoRestriction, ..) => "no limit".to_owned(),
        (L::LevelWithoutCapacity, _, Some(r)) => format!("{r}, capacity unknown"),
        _ => "unknown".to_owned(),
    }
}

fn ports(out: &mut String, rows: &[Port]) {
    let up = rows.iter().filter(|p| p.oper.as_deref() == Some("up")).count();
    head(out, &format!("Ports ({}, {up} up)", rows.len()));
    let rows = rows.iter().map(|p| {
        let state = match (p.admin.as_deref(), p.oper.as_deref()) {
            (Some("down"), _) => "switched off".to_owned(),
            (_, Some("up")) if p.duplex.as_deref() == Some("halfDuplex") => "up, half duplex".to_owned(),
            (_, oper) => oper.unwrap_or("unknown").to_owned(),
        };
        let text = p.alias.clone().or_else(|| p.descr.clone().filter(|d| *d != p.name)).unwrap_or_default();
        let mut rate = speed(p.speed_bps);
        if p.is_below_capability() {
            rate.push_str(&format!(" of {}", speed(p.capable_bps.unwrap_or(0))));
        }
        let mac = p.mac.clone().unwrap_or_default();
        vec![p.if_index.to_string(), p.name.clone(), state, rate, switch::power(p), switch::tree(p), mac, text]
    });
    table(out, &["index", "port", "state", "speed", "PoE", "STP", "MAC", "text"], rows.collect());
}

fn speed(bps: u64) -> String {
    match bps {
        0 => String::new(),
        b if b % 1_000_000_000 == 0 => format!("{} Gbit/s", b / 1_000_000_000),
        b if b >= 1_000_000_000 => format!("{:.1} Gbit/s", b as f64 / 1e9),
        b if b >= 1_000_000 => format!("{} Mbit/s", b / 1_000_000),
        b => format!("{} kbit/s", b / 1000),
    }
}

fn links(out: &mut String, rows: &[Link]) {
    head(out, &format!("Neighbours ({})", rows.len()));
    let rows = rows.iter().map(|l| {
        let local =
            l.local_port.clone().or_else(|| l.local_if_index.map(|i| i.to_string())).unwrap_or_else(|| "?".to_owned());
        let remote = l.remote_host.clone().or_else(|| l.remote_chassis.clone()).unwrap_or_default();
        let port = l.remote_port.clone().unwrap_or_default();
        let address = l.remote_address.clone().unwrap_or_default();
        vec![local, remote, port, address, l.protocol.clone(), l.remote_platform.clone().unwrap_or_default()]
    });
    table(out, &["port", "neighbour", "its port", "address", "by", "what it is"], rows.collect());
}

fn bridge(out: &mut String, facts: &Facts) {
    if let Some(rows) = facts.vlans.as_deref().filter(|r| !r.is_empty()) {
        head(out, &format!("VLANs ({})", rows.len()));
        table(
            out,
            &["VLAN", "name"],
            rows.iter().map(|v| vec![v.id.to_string(), v.name.clone().unwrap_or_default()]).collect(),
        );
    }
    if let Some(s) = &facts.stp {
        head(out, "Spanning tree");
        field(out, "bridge", s.bridge_address.as_deref());
        field(out, "priority", s.priority.map(|p| p.to_string()).as_deref());
        field(out, "root", s.designated_root.as_deref());
        field(out, "cost to root", s.root_cost.map(|c| c.to_string()).as_deref());
    }
    if let Some(rows) = facts.fdb.as_deref().filter(|r| !r.is_empty()) {
        head(out, &format!("Learned addresses ({})", rows.len()));
        let rows = rows.iter().map(|e| {
            let port = e.port.clone().or_else(|| e.if_index.map(|i| i.to_string())).unwrap_or_else(|| "?".to_owned());
            vec![
                e.mac.clone(),
                port,
                e.vlan.map(|v| v.to_string()).unwrap_or_default(),
                e.status.clone().unwrap_or_default(),
            ]
        });
        table(out, &["MAC", "port", "VLAN", "status"], rows.collect());
    }
}

fn number(n: Option<i64>) -> String {
    n.map(|n| n.to_string()).unwrap_or_default()
}

pub(super) fn head(out: &mut String, title: &str) {
    let _ = writeln!(out, "\n{title}");
}

pub(super) fn field(out: &mut String, name: &str, value: Option<&str>) {
    if let Some(v) = value {
        let _ = writeln!(out, "  {name:<17} {v}");
    }
}

/// Columns as wide as their widest cell; empty columns are left out.
pub(super) fn table(out: &mut String, names: &[&str], rows: Vec<Vec<String>>) {
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
    let columns: Vec<(usize, usize)> = names
        .iter()
        .enumerate()
        .map(|(c, name)| (c, width(c), name.len()))
        .filter(|(_, w, _)| *w > 0)
        .map(|(c, w, n)| (c, w.max(n)))
        .collect();
    let mut line = |cells: &dyn Fn(usize) -> String| {
        let text: Vec<String> = columns.iter().map(|(c, w)| format!("{:<w$}", cells(*c))).collect();
        let _ = writeln!(out, "  {}", text.join("  ").trim_end());
    };
    line(&|c| names.get(c).map(|n| (*n).to_owned()).unwrap_or_default());
    for row in &rows {
        line(&|c| row.get(c).cloned().unwrap_or_default());
    }
}
