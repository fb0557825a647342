//! Networks, forwarding tables and cable paths with known truth: infers and traces all of them, and holds what was once
//! reached.
//!
//! The set lies outside of the repository (its data is for tests only); ANYKEY_TOPOLOGY names another of the same form.
//! What was found is written to `target/judge/` in the judges' form. `tests/topology_floors.json` holds the counts of the
//! usual set; a drop fails, `UPDATE_FLOORS=1` raises. Whatever the set, nothing may be invented.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anykey::cli::topology::{document, recorded};
use anykey::profile::Knowledge;
use anykey::topology::{
    Cable, CableEnd, Device, End, Jack, JackMap, Learned, Mac, MapEnd, Open, Plant, Plug, Port, Side, Start, Status,
    Unit, infer,
};
use serde_json::{Value, json};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The set, or a reason to skip; in CI its absence is a failure.
fn set() -> Option<PathBuf> {
    let dir = std::env::var_os("ANYKEY_TOPOLOGY").map_or_else(|| root().join("../shared/topology"), PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is missing, and CI=true", dir.display());
    println!("skipped: {} is missing", dir.display());
    None
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> = fs::read_dir(dir).into_iter().flatten().map(|e| e.unwrap().path()).collect();
    list.sort();
    list
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// An empty folder for the answers of one kind.
fn answers(kind: &str) -> PathBuf {
    let out = root().join("target/judge").join(kind);
    let _ = fs::remove_dir_all(&out);
    fs::create_dir_all(&out).unwrap();
    out
}

fn write(out: &Path, name: &str, answer: &Value) {
    fs::write(out.join(format!("{name}.json")), serde_json::to_string_pretty(answer).unwrap()).unwrap();
}

/// Runs a judge of the set and gives its last line.
fn judge(set: &Path, judge: &str, answers: &Path, truth: &Path) -> String {
    let script = [set.join(judge), root().join("../shared/topology").join(judge)].into_iter().find(|p| p.exists());
    let script = script.unwrap_or_else(|| panic!("{judge} is neither in the set nor beside it"));
    let run = Command::new("python3").arg(&script).arg(answers).arg(truth).output().expect("install python3");
    let printed = String::from_utf8_lossy(&run.stdout).into_owned();
    println!("{printed}{}", String::from_utf8_lossy(&run.stderr));
    printed.lines().last().unwrap_or_default().to_owned()
}

/// The counts in a judge's last line: "links 40/40", "FALSE 0".
fn counts(line: &str) -> BTreeMap<String, u64> {
    let mut out = BTreeMap::new();
    for part in line.split([',', ':']) {
        let words: Vec<&str> = part.split_whitespace().collect();
        for pair in words.windows(2) {
            let [name, value] = pair else { continue };
            if let Some(found) = value.split('/').next().and_then(|v| v.parse().ok()) {
                out.insert((*name).to_owned(), found);
            }
        }
    }
    out
}

/// Counts that may only fall.
const BAD: [&str; 6] = ["FALSE", "forbidden", "port", "double", "wrong", "one-way"];

/// Compares with the floors where the set is the usual one.
fn hold(kind: &str, line: &str) {
    let reached = counts(line);
    assert_eq!(reached.get("FALSE").copied().unwrap_or(0), 0, "{kind}: invented: {line}");
    assert_eq!(reached.get("forbidden").copied().unwrap_or(0), 0, "{kind}: forbidden: {line}");
    if std::env::var_os("ANYKEY_TOPOLOGY").is_some() {
        return;
    }
    let path = root().join("tests/topology_floors.json");
    let mut floors: BTreeMap<String, BTreeMap<String, u64>> =
        fs::read_to_string(&path).ok().map(|t| serde_json::from_str(&t).unwrap()).unwrap_or_default();
    if std::env::var_os("UPDATE_FLOORS").is_some() {
        floors.insert(kind.to_owned(), reached);
        fs::write(&path, serde_json::to_string_pretty(&floors).unwrap() + "\n").unwrap();
        return;
    }
    let floor = floors.get(kind).unwrap_or_else(|| panic!("no floors for {kind}; UPDATE_FLOORS=1 writes them"));
    for (name, least) in floor {
        let now = reached.get(name).copied().unwrap_or(0);
        let fell = if BAD.contains(&name.as_str()) { now > *least } else { now < *least };
        assert!(!fell, "{kind}: {name} is {now}, floor {least}: {line}");
    }
}

#[test]
fn networks_are_found_from_their_recordings() {
    let Some(set) = set() else { return };
    let truth = set.join("networks");
    let out = answers("networks");
    let knowledge = Knowledge::load(None).unwrap();
    for net in entries(&truth).into_iter().filter(|p| p.join("network.json").exists()) {
        let name = read(&net.join("network.json"))["name"].as_str().unwrap().to_owned();
        let devices = recorded(&knowledge, &net.join("walks")).unwrap();
        let map = infer(devices.clone());
        let reversed = infer(devices.into_iter().rev().collect());
        assert_eq!(document(&map), document(&reversed), "{name}: the order of the devices shows");
        write(&out, &name, &document(&map));
    }
    hold("networks", &judge(&set, "judge_topology.py", &out, &truth));
}

/// A set of forwarding tables as devices.
fn bridges(set: &Value) -> Vec<Device> {
    let mac = |v: &Value| v.as_str().and_then(Mac::parse);
    let hints = &set["own_macs_hint"];
    let device = |b: &Value| {
        let name = b["name"].as_str().unwrap();
        let mut device = Device { key: name.to_owned(), ..Device::default() };
        device.identity.extend(mac(&b["base_mac"]));
        match &hints[name] {
            Value::Array(list) => device.identity.extend(list.iter().filter_map(mac)),
            Value::Object(map) => {
                device.identity.extend(map.keys().filter_map(|k| Mac::parse(k)));
                device.identity.extend(map.values().filter_map(mac));
            }
            _ => {}
        }
        for (port, macs) in b["ports"].as_object().into_iter().flatten() {
            let if_index: u32 = port.parse().unwrap();
            device.ports.insert(if_index, Port { name: port.clone(), ..Port::default() });
            let macs = macs.as_array().into_iter().flatten().filter_map(mac);
            device.learned.extend(macs.map(|mac| Learned { mac, if_index, vlan: 0, age_s: 0 }));
        }
        device
    };
    set["bridges"].as_array().into_iter().flatten().map(device).collect()
}

/// Links, clouds and edges as segments.
fn segments(devices: Vec<Device>) -> Value {
    let map = infer(devices);
    let at = |e: &End| (e.device.clone(), e.if_index.unwrap_or(0));
    let mut found: BTreeMap<Vec<(String, u32)>, Vec<String>> = BTreeMap::new();
    for link in &map.links {
        found.entry(vec![at(&link.a), at(&link.b)]).or_default();
    }
    for cloud in map.clouds.iter().filter(|c| c.ports.len() > 1) {
        let macs = cloud.macs.iter().map(|m| format!("{:012x}", m.0));
        found.entry(cloud.ports.iter().map(at).collect()).or_default().extend(macs);
    }
    for host in &map.hosts {
        found.entry(vec![at(&host.end)]).or_default().push(format!("{:012x}", host.mac.0));
    }
    let rows = found.into_iter().map(|(ports, macs)| json!({"bridge_ports": ports, "macs": macs}));
    json!({ "segments": rows.collect::<Vec<_>>() })
}

#[test]
fn forwarding_tables_give_their_segments() {
    let Some(set) = set() else { return };
    let out = answers("fdb");
    for path in entries(&set.join("fdb")).into_iter().filter(|p| p.extension().is_some_and(|e| e == "json")) {
        let truth = read(&path);
        let name = truth["name"].as_str().unwrap().to_owned();
        let devices = bridges(&truth);
        let found = segments(devices.clone());
        assert_eq!(found, segments(devices.into_iter().rev().collect()), "{name}: the order of the bridges shows");
        write(&out, &name, &found);
    }
    hold("fdb", &judge(&set, "judge_fdb.py", &out, &set.join("fdb")));
}

fn text(v: &Value) -> String {
    v.as_str().map_or_else(|| v.to_string(), str::to_owned)
}

fn rows(v: &Value) -> impl Iterator<Item = &Value> {
    v.as_array().into_iter().flatten()
}

fn number(v: &Value) -> u16 {
    v.as_u64().and_then(|n| u16::try_from(n).ok()).unwrap_or(0)
}

fn side(v: &Value) -> Option<Side> {
    match v.as_str() {
        Some("front") => Some(Side::Front),
        Some("rear") => Some(Side::Rear),
        _ => None,
    }
}

fn lanes(v: &Value) -> Vec<u16> {
    rows(v).map(number).collect()
}

/// null is straight; pairs, objects with a and b, an object from lane to lane, or the list of far lanes.
fn lane_map(v: &Value) -> Option<Vec<(u16, u16)>> {
    match v {
        Value::Null => None,
        Value::Object(map) => Some(map.iter().filter_map(|(a, b)| Some((a.parse().ok()?, number(b)))).collect()),
        list => {
            let pair = |(at, v): (usize, &Value)| match v {
                Value::Array(p) => vec![(p.first().map_or(0, number), p.get(1).map_or(0, number))],
                Value::Object(o) if o.get("a").is_some_and(Value::is_array) => {
                    lanes(&o["a"]).into_iter().zip(lanes(&o["b"])).collect()
                }
                Value::Object(o) => vec![(number(&o["a"]), number(&o["b"]))],
                far => vec![(u16::try_from(at + 1).unwrap(), number(far))],
            };
            Some(rows(list).enumerate().flat_map(pair).collect())
        }
    }
}

fn plant(case: &Value) -> Plant {
    let map_end =
        |v: &Value| MapEnd { jack: text(&v["jack"]), side: side(&v["side"]).unwrap(), lanes: lanes(&v["lanes"]) };
    let jack = |v: &Value| Jack {
        name: text(&v["name"]),
        is_passive: v["passive"].as_bool().unwrap(),
        media: text(&v["media"]),
        lanes: number(&v["lanes"]),
    };
    let units = rows(&case["units"]).map(|u| Unit {
        name: text(&u["name"]),
        jacks: rows(&u["jacks"]).map(jack).collect(),
        maps: rows(&u["map"]).map(|m| JackMap { a: map_end(&m["a"]), b: map_end(&m["b"]) }).collect(),
    });
    let plug = |v: &Value| Plug {
        connector: number(&v["connector"]),
        unit: text(&v["unit"]),
        jack: text(&v["jack"]),
        side: side(&v["side"]),
        cable_lanes: lanes(&v["cable_lanes"]),
        jack_lanes: lanes(&v["jack_lanes"]),
    };
    let cables = rows(&case["cables"]).map(|c| Cable {
        name: text(&c["name"]),
        lanes: number(&c["lanes"]),
        status: Status::parse(c["status"].as_str().unwrap()).unwrap(),
        lane_map: lane_map(&c["lane_map"]),
        a: rows(&c["a"]).map(plug).collect(),
        b: rows(&c["b"]).map(plug).collect(),
        connectors: (number(&c["a_connectors"]), number(&c["b_connectors"])),
        length_m: c["length_m"].as_f64(),
        category: c["category"].as_str().map(str::to_owned),
    });
    Plant::new(units.collect(), cables.collect())
}

fn traced(plant: &Plant, from: &Value) -> Value {
    let (unit, jack) = (text(&from["unit"]), text(&from["jack"]));
    let start = Start::Jack { unit: &unit, jack: &jack, side: side(&from["side"]) };
    let trace = plant.trace(&start).unwrap_or_else(|| panic!("no jack {unit}/{jack}"));
    let open = trace.open.iter().map(|o| match o {
        Open::Socket { unit, jack, side } => json!({"unit": unit, "jack": jack, "side": side}),
        Open::Connector { cable, end, connector } => {
            json!({"cable": cable, "end": if *end == CableEnd::A { "a" } else { "b" }, "connector": connector})
        }
    });
    let to = trace.to.iter().map(|(unit, jack)| json!({"unit": unit, "jack": jack}));
    json!({
        "from": from, "to": to.collect::<Vec<_>>(), "complete": trace.is_complete, "split": trace.is_split,
        "active": trace.is_active, "lanes": trace.lanes, "open": open.collect::<Vec<_>>(),
    })
}

#[test]
fn cable_paths_are_followed() {
    let Some(set) = set() else { return };
    let out = answers("cablepaths");
    let mut asked = 0;
    for path in entries(&set.join("cablepaths")).into_iter().filter(|p| p.extension().is_some_and(|e| e == "json")) {
        let case = read(&path);
        let plant = plant(&case);
        let traces: Vec<Value> = rows(&case["traces"]).map(|t| traced(&plant, &t["from"])).collect();
        asked += traces.len();
        write(&out, case["name"].as_str().unwrap(), &json!({ "traces": traces }));
    }
    let line = judge(&set, "judge_cablepaths.py", &out, &set.join("cablepaths"));
    hold("cablepaths", &line);
    assert!(line.contains(&format!("traces {asked}/{asked}")) && line.ends_with("one-way 0"), "{line}");
}
