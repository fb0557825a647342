//! `anykey topology`: the map of cables of a network, from recordings of its devices.
//!
//! Reads and prints only: facts go through the decoders every command uses, the map through `crate::topology`. JSON is for
//! machines: one row per link, cloud and port with stations; SVG is for people. Progress goes to stderr.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::{inspect, out};
use crate::profile::Knowledge;
use crate::topology::{Device, End, Map, infer, svg};

#[derive(clap::Args)]
pub struct Args {
    /// Folder of recordings, FILE.snmprec and FILE@CONTEXT.snmprec; a device is named by its file.
    #[arg(long, value_name = "DIR")]
    walks: PathBuf,
    #[arg(long, value_enum, default_value = "json")]
    format: Form,
    /// Folder of your own profiles, read after the built-in ones.
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Json,
    Svg,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let knowledge = Knowledge::load(args.profiles.as_deref())?;
    let devices = recorded(&knowledge, &args.walks)?;
    if devices.is_empty() {
        bail!("no recording in {}: put FILE.snmprec there, `anykey walk` makes them", args.walks.display());
    }
    eprintln!("anykey: {} devices read", devices.len());
    let map = infer(devices);
    eprintln!("anykey: {} links, {} clouds, {} stations", map.links.len(), map.clouds.len(), map.hosts.len());
    match args.format {
        Form::Json => out::line(&serde_json::to_string_pretty(&document(&map))?),
        Form::Svg => out::line(svg(&map).trim_end()),
    }
}

/// The devices of a folder of recordings, by file name.
pub fn recorded(knowledge: &Knowledge, folder: &Path) -> anyhow::Result<Vec<Device>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .with_context(|| format!("reading the folder {}", folder.display()))?
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "snmprec"))
        .collect();
    files.sort();
    let mut devices = Vec::new();
    for path in files {
        let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        if name.contains('@') {
            continue;
        }
        let facts = knowledge.inspect(&inspect::recording(&path)?);
        devices.push(Device::from_facts(&name, &facts));
    }
    Ok(devices)
}

/// The map as flat rows: `links` with both ends in one row, `clouds`, `hosts` by port, and what was not believed.
pub fn document(map: &Map) -> Value {
    let links: Vec<Value> = map
        .links
        .iter()
        .map(|l| {
            json!({
                "a_device": l.a.device, "a_port": l.a.port, "a_if_index": l.a.if_index,
                "b_device": l.b.device, "b_port": l.b.port, "b_if_index": l.b.if_index,
                "confidence": l.confidence, "kind": "link",
                "evidence": l.evidence, "blocked": l.blocked, "aggregate": l.aggregate,
            })
        })
        .collect();
    let clouds: Vec<Value> = map
        .clouds
        .iter()
        .map(|c| {
            let ports: Vec<Value> = c.ports.iter().map(port).collect();
            json!({
                "ports": ports, "macs": c.macs.iter().map(plain).collect::<Vec<_>>(), "kind": c.kind,
                "externals": c.externals, "confidence": c.confidence, "source": c.source,
            })
        })
        .collect();
    let mut by_port: BTreeMap<&End, Vec<&crate::topology::Host>> = BTreeMap::new();
    for host in &map.hosts {
        by_port.entry(&host.end).or_default().push(host);
    }
    let hosts: Vec<Value> = by_port
        .into_iter()
        .map(|(end, hosts)| {
            let macs: Vec<String> = hosts.iter().map(|h| plain(&h.mac)).collect();
            let mut row = port(end);
            if let Some(row) = row.as_object_mut() {
                row.insert("macs".to_owned(), json!(macs));
                row.insert("stations".to_owned(), json!(hosts));
            }
            row
        })
        .collect();
    json!({
        "devices": map.devices, "same": map.same, "links": links, "clouds": clouds, "hosts": hosts,
        "forwarders": map.forwarders, "externals": map.externals, "contradictions": map.contradictions,
    })
}

fn port(end: &End) -> Value {
    json!({ "device": end.device, "port": end.port, "if_index": end.if_index })
}

/// Twelve digits without separators, as tables of stations are searched.
fn plain(mac: &crate::topology::Mac) -> String {
    format!("{:012x}", mac.0)
}
