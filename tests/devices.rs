//! Recordings made by us (from the standards and from what real agents do) against their golden facts.
//!
//! `UPDATE_EXPECT=1 cargo test --test devices` rewrites the golden files; read the diff before committing. A new
//! device is a recording here and a table in `mibs/profiles/`, no Rust.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anykey::cli::inspect::recording;
use anykey::model::{Facts, IdentifierKind, ProbeClass};
use anykey::profile::{Knowledge, KnowledgeError, Snapshot};
use anykey::protocol::snmp::{Oid, Value};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/devices")
}

fn recordings() -> BTreeMap<String, PathBuf> {
    fs::read_dir(folder())
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "snmprec"))
        .map(|p| (p.file_stem().unwrap().to_string_lossy().into_owned(), p))
        .filter(|(name, _)| !name.contains('@'))
        .collect()
}

/// Golden files leave out what says nothing: null and empty.
fn pruned(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as J;
    match value {
        J::Object(map) => J::Object(
            map.into_iter()
                .map(|(k, v)| (k, pruned(v)))
                .filter(|(_, v)| !v.is_null() && v.as_array().is_none_or(|a| !a.is_empty()))
                .collect(),
        ),
        J::Array(rows) => J::Array(rows.into_iter().map(pruned).collect()),
        other => other,
    }
}

#[test]
fn recordings_give_their_golden_facts() {
    let knowledge = Knowledge::load(None).unwrap();
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    for (name, path) in recordings() {
        let facts = knowledge.inspect(&recording(&path).unwrap());
        let text = serde_json::to_string_pretty(&pruned(serde_json::to_value(&facts).unwrap())).unwrap() + "\n";
        let golden = path.with_extension("json");
        if update {
            fs::write(&golden, &text).unwrap();
        } else if fs::read_to_string(&golden).unwrap_or_default() != text {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "facts differ for {wrong:?}; UPDATE_EXPECT=1 rewrites them, then read the diff");
}

/// A simulated branch is made of these, and a branch has no two devices with one serial number.
#[test]
fn recordings_are_of_distinct_devices() {
    let knowledge = Knowledge::load(None).unwrap();
    let mut owners: BTreeMap<(IdentifierKind, String), Vec<String>> = BTreeMap::new();
    for (name, path) in recordings() {
        for i in knowledge.inspect(&recording(&path).unwrap()).identifiers() {
            owners.entry((i.kind, i.value)).or_default().push(name.clone());
        }
    }
    owners.retain(|(kind, _), names| kind.weight() >= 50 && names.len() > 1);
    assert!(owners.is_empty(), "give each a serial and MAC of its own: {owners:#?}");
}

#[test]
fn a_poll_by_classes_gives_what_one_inspection_gives() {
    let knowledge = Knowledge::load(None).unwrap();
    for (name, path) in recordings() {
        let snap = recording(&path).unwrap();
        let whole = knowledge.inspect(&snap);
        // What a poller knows after its first inventory.
        let known = Facts { vlans: whole.vlans.clone(), kind: whole.kind, ..knowledge.decode(&snap, &[]) };
        for class in ProbeClass::ALL {
            let part = knowledge.decode(&knowledge.questions(class, &known).answers(&snap), &[class]);
            match class {
                ProbeClass::Reachability => assert_eq!(part.sys_uptime_cs, whole.sys_uptime_cs, "{name}"),
                ProbeClass::Status => {
                    let (a, b) = (part.printer.unwrap_or_default(), whole.printer.clone().unwrap_or_default());
                    assert_eq!(
                        (a.detected_errors, a.alerts, a.console),
                        (b.detected_errors, b.alerts, b.console),
                        "{name}"
                    );
                    assert_eq!(part.ups, whole.ups, "{name}");
                }
                ProbeClass::Interfaces => assert_eq!(part.ports, whole.ports, "{name}"),
                ProbeClass::Supplies => {
                    assert_eq!(part.supplies, whole.supplies, "{name}");
                    let pages = |f: &Facts| f.printer.as_ref().and_then(|p| p.page_count);
                    assert_eq!(pages(&part), pages(&whole), "{name}");
                }
                ProbeClass::Neighbors => {
                    assert_eq!((part.links, part.fdb), (whole.links.clone(), whole.fdb.clone()), "{name}");
                    assert_eq!(part.arp, whole.arp, "{name}");
                }
                ProbeClass::Inventory => {
                    let identity = |f: &Facts| {
                        (
                            f.kind,
                            f.vendor.clone(),
                            f.model.clone(),
                            f.serial.clone(),
                            f.firmware.clone(),
                            f.base_mac.clone(),
                        )
                    };
                    assert_eq!(identity(&part), identity(&whole), "{name}");
                    assert_eq!(
                        (part.modules, part.vlans, part.stp),
                        (whole.modules.clone(), whole.vlans.clone(), whole.stp.clone()),
                        "{name}"
                    );
                    assert_eq!(
                        (part.transceivers, part.sensors, part.stack),
                        (whole.transceivers.clone(), whole.sensors.clone(), whole.stack.clone()),
                        "{name}"
                    );
                }
            }
        }
    }
}

#[test]
fn sections_not_asked_for_stay_absent() {
    let knowledge = Knowledge::load(None).unwrap();
    let snap = recording(&folder().join("hp-printer.snmprec")).unwrap();
    let facts = knowledge.decode(&snap, &[ProbeClass::Supplies]);
    assert!(facts.supplies.is_some());
    assert!(facts.kind.is_none() && facts.ports.is_none() && facts.links.is_none() && facts.modules.is_none());
}

/// A user's folder with one file, as text.
fn user_folder(file: &str, text: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    dir
}

/// Where and why a user's file was refused.
fn refused(file: &str, text: &str) -> (usize, String) {
    let dir = user_folder(file, text);
    match Knowledge::load(Some(dir.path())) {
        Err(KnowledgeError::Profile { file: named, line, message }) => {
            assert!(named.ends_with(Path::new(file).file_name().unwrap().to_str().unwrap()), "{named}");
            (line, message)
        }
        Err(other) => panic!("refused for another reason: {other}"),
        Ok(_) => panic!("taken: {text}"),
    }
}

#[test]
fn a_wrong_profile_is_refused_with_file_and_line() {
    let profile = "[[profile]]\nname = \"acme\"\n";
    for (tail, line, why) in [
        ("colour = 1\n", 3, "unknown field `colour`"),
        ("kind = \"toaster\"\n", 3, "unknown kind \"toaster\""),
        ("extends = [\"nothing\"]\n", 3, "which no file defines"),
        ("extends = [\"acme\"]\n", 2, "extends itself"),
        ("match = [{ sys_object_id = \"1.3.six\" }]\n", 3, "not an object identifier"),
        ("match = [{ sys_descr = 'a(b' }]\n", 3, "bad pattern"),
        ("[[profile.source]]\nfrom = \"noSuchObject.0\"\nmodel = \"{}\"\n", 4, "no module in mibs/ defines an object"),
        ("[[profile.source]]\nfrom = \"sysDescr.0\"\nmodel = \"{nope}\"\n", 5, "no group \"nope\""),
        ("[[profile.source]]\nfrom = \"entity.colour\"\nmodel = \"{}\"\n", 4, "unknown field entity.colour"),
        ("[[profile.source]]\nfrom = \"sysDescr.0\"\nscore = 300\nmodel = \"{}\"\n", 5, "300"),
        ("[[profile.source]]\nfrom = \"sysDescr.0\"\n", 4, "sets nothing"),
        ("[[profile.source]]\nfrom = \"sysDescr.0\"\ndecode = \"rot13\"\nmodel = \"{}\"\n", 5, "unknown decoder"),
        ("[[profile.supplies]]\nname = \"a\"\n", 4, "either level or block"),
        ("[[profile.supplies]]\nname = \"a\"\nlevel = \"nosuch.*\"\n", 5, "no module in mibs/ defines an object"),
        (
            "[[profile.supplies]]\nname = \"a\"\nblock = \"1.3.6.1.4.1.9.0\"\nform = \"magic\"\n",
            6,
            "unknown form of block",
        ),
        (
            "[[profile.supplies]]\nname = \"a\"\nlevel = \"1.3.6.1.4.1.9.*\"\nstates = { \"x\" = \"unknown\" }\n",
            6,
            "is no number",
        ),
        (
            "[[profile.supplies]]\nname = \"a\"\nlevel = \"1.3.6.1.4.1.9.*\"\nstates = { \"-3\" = \"full\" }\n",
            6,
            "unknown state",
        ),
        (
            "[[profile.supplies]]\nname = \"a\"\nlevel = \"1.3.6.1.4.1.9.*\"\ntypes = { \"1\" = \"soap\" }\n",
            6,
            "unknown supply kind",
        ),
    ] {
        let (at, message) = refused("profiles/acme.toml", &format!("{profile}{tail}"));
        assert!(message.contains(why), "{tail:?}: {message}");
        assert_eq!(at, line, "{tail:?}: {message}");
    }
    let (line, _) = refused(
        "ACME-MIB.mib",
        "ACME-MIB DEFINITIONS ::= BEGIN\nIMPORTS enterprises FROM SNMPv2-SMI;\nacme OBJECT IDENTIFIER ::= { enterprises }}\nEND\n",
    );
    assert_eq!(line, 3);
}

#[test]
fn a_users_folder_adds_and_overrides() {
    let text = "[[vendor]]\nname = \"Acme\"\nenterprises = [99999]\n\n[[profile]]\nname = \"acme\"\nkind = \"scanner\"\n\
        match = [{ sys_object_id = \"1.3.6.1.4.1.99999\" }]\nquirks = { no_bulk = true, max_repetitions = 5 }\n\
        [[profile.source]]\nfrom = \"acmeModel.0\"\nmodel = \"{}\"\nscore = 95\n\n\
        [[supply_kind]]\nname = \"filter\"\nwords = [\"szitka\"]\n";
    let dir = user_folder("profiles/acme.toml", text);
    fs::write(
        dir.path().join("ACME-MIB.mib"),
        "ACME-MIB DEFINITIONS ::= BEGIN\nIMPORTS enterprises, OBJECT-TYPE FROM SNMPv2-SMI DisplayString FROM SNMPv2-TC;\n\
         acme OBJECT IDENTIFIER ::= { enterprises 99999 }\n\
         acmeModel OBJECT-TYPE SYNTAX DisplayString MAX-ACCESS read-only STATUS current ::= { acme 5 }\nEND\n",
    )
    .unwrap();
    let knowledge = Knowledge::load(Some(dir.path())).unwrap();
    let text = |t: &str| Value::OctetString(t.as_bytes().to_vec());
    let oid = |o: &str| o.parse::<Oid>().unwrap();
    let snap: Snapshot = [
        (oid("1.3.6.1.2.1.1.1.0"), text("a box")),
        (oid("1.3.6.1.2.1.1.2.0"), Value::Oid(oid("1.3.6.1.4.1.99999.1"))),
        (oid("1.3.6.1.4.1.99999.5.0"), text("Acme Flat 9000")),
        (oid("1.3.6.1.2.1.43.11.1.1.6.1.1"), text("Szitka")),
    ]
    .into_iter()
    .collect();
    let facts = knowledge.inspect(&snap);
    assert_eq!(facts.vendor.as_deref(), Some("Acme"));
    assert_eq!(facts.model.as_deref(), Some("Flat 9000"));
    assert_eq!(facts.kind.map(|k| k.as_str()), Some("scanner"));
    assert_eq!(facts.supplies.as_ref().unwrap()[0].kind.as_str(), "filter");
    let quirks = knowledge.quirks(&facts);
    assert!(quirks.no_bulk && quirks.max_repetitions == Some(5));
    assert_eq!(knowledge.names().name_of(&oid("1.3.6.1.4.1.99999.5.0")), "acmeModel.0");
}

/// A small generator with a fixed seed: the same mutations in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    fn value(&mut self, old: &Value) -> Value {
        let bytes = |r: &mut Random| {
            let len = [0, 1, 2, 3, 6, 7, 8, 17, 300][r.below(9)];
            (0..len).map(|_| r.next() as u8).collect::<Vec<u8>>()
        };
        match self.below(14) {
            0 => Value::Null,
            1 => Value::Integer(i64::MAX),
            2 => Value::Integer(i64::MIN),
            3 => Value::Integer(-(self.below(5) as i64)),
            4 => Value::Counter64(u64::MAX),
            5 => Value::Gauge32(u32::MAX),
            6 => Value::IpAddress([255, 0, 255, 0]),
            7 => Value::Oid(Oid::new(&[])),
            8 => Value::Oid(Oid::new(&[1, 3, 6, 1, 4, 1])),
            9 => Value::Opaque(bytes(self)),
            10 => Value::Integer(self.next() as i64),
            _ => match old {
                Value::OctetString(b) if self.below(2) == 0 && !b.is_empty() => {
                    let mut b = b.clone();
                    let at = self.below(b.len());
                    match self.below(3) {
                        0 => b.truncate(at),
                        1 => b[at] = self.next() as u8,
                        _ => b.insert(at, self.next() as u8),
                    }
                    Value::OctetString(b)
                }
                _ => Value::OctetString(bytes(self)),
            },
        }
    }
    fn index(&mut self, oid: &Oid) -> Oid {
        let mut arcs = oid.arcs().to_vec();
        match self.below(5) {
            0 => {
                let keep = arcs.len().saturating_sub(1 + self.below(4)).max(1);
                arcs.truncate(keep);
            }
            1 => arcs.push(self.next() as u32),
            2 => {
                if let Some(last) = arcs.last_mut() {
                    *last = [0, 1, 255, 256, u32::MAX][self.next() as usize % 5];
                }
            }
            3 => arcs.extend([0, 4, 1, 2]),
            _ => {}
        }
        Oid::from(arcs)
    }
}

/// Any value of any type at any index: facts come out, never a panic, and percentages stay percentages.
#[test]
fn mutated_answers_never_panic() {
    let knowledge = Knowledge::load(None).unwrap();
    let mut random = Random(0x5EED_0A17_C0DE_0001);
    let sources: Vec<Snapshot> = recordings().values().map(|p| recording(p).unwrap()).collect();
    let rounds = std::env::var("ANYKEY_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    for round in 0..rounds {
        for source in &sources {
            let mut snap = Snapshot::default();
            let share = 1 + random.below(10);
            for (oid, value) in &source.main {
                let hit = random.below(10) < share;
                let oid = if hit && random.below(3) == 0 { random.index(oid) } else { oid.clone() };
                let value = if hit { random.value(value) } else { value.clone() };
                snap.insert(oid, value);
            }
            for (context, map) in &source.contexts {
                for (oid, value) in map {
                    snap.insert_in(context, oid.clone(), random.value(value));
                }
            }
            let facts = knowledge.decode(&snap, &ProbeClass::ALL);
            for supply in facts.supplies.iter().flatten() {
                assert!(supply.level_percent.is_none_or(|p| (0.0..=100.0).contains(&p)), "round {round}: {supply:?}");
            }
            let indexes: Vec<u32> = facts.ports.iter().flatten().map(|p| p.if_index).collect();
            assert_eq!(indexes.iter().collect::<BTreeSet<_>>().len(), indexes.len(), "a port twice");
            serde_json::to_string(&facts).unwrap();
        }
    }
}

/// What stays and what must not: the device is the same kind of thing, and nobody's words are left in it.
fn check_redacted(knowledge: &Knowledge, name: &str, recording: &Snapshot) -> Result<(), String> {
    use anykey::protocol::snmp::snmprec;
    let redact = |key: &[u8]| anykey::profile::redact::redact(knowledge, recording, key);
    let hidden = redact(b"a key of the test");
    let (before, after) = (knowledge.inspect(recording), knowledge.inspect(&hidden));
    let keyed = hidden == redact(b"a key of the test") && hidden != redact(b"another");
    if recording.main.len() < 60 && before.serial.is_some() && !keyed {
        return Err(format!("{name}: the key does not decide"));
    }
    let identity = |f: &Facts| format!("{:?}", (f.kind, &f.vendor, &f.model, &f.firmware, &f.profile));
    if identity(&before) != identity(&after) {
        return Err(format!("{name}: {} became {}", identity(&before), identity(&after)));
    }
    let joined = |f: &Facts| {
        let fdb: BTreeSet<&str> = f.fdb.iter().flatten().map(|e| e.mac.as_str()).collect();
        let links = f.links.iter().flatten();
        [
            f.serial.is_some().into(),
            f.ports.as_ref().map_or(0, Vec::len),
            f.links.as_ref().map_or(0, Vec::len),
            f.links.iter().flatten().filter(|l| l.local_if_index.is_some()).count(),
            links.filter(|l| l.remote_chassis.as_deref().is_some_and(|c| fdb.contains(c))).count(),
            f.fdb.as_ref().map_or(0, Vec::len),
            f.fdb.iter().flatten().filter(|e| e.if_index.is_some()).count(),
            f.vlans.as_ref().map_or(0, Vec::len),
            f.modules.as_ref().map_or(0, Vec::len),
            f.supplies.as_ref().map_or(0, Vec::len),
            f.supplies.iter().flatten().filter(|s| s.level_percent.is_some()).count(),
        ]
    };
    if joined(&before) != joined(&after) {
        return Err(format!("{name}: {:?} became {:?}", joined(&before), joined(&after)));
    }
    let lines = hidden.main.iter().filter_map(|(o, v)| snmprec::line(o, v));
    let text = lines.fold(String::new(), |all, l| all + &l + "\n").to_lowercase();
    let private = [&before.sys_name, &before.sys_contact, &before.sys_location, &before.serial];
    for word in private.into_iter().flatten().map(|w| w.to_lowercase()) {
        let telling = word.len() >= 5 && word.chars().filter(|c| c.is_alphanumeric()).count() >= 5;
        let what = format!("{:?}", (&before.vendor, &before.model, &before.sys_descr, &before.profile)).to_lowercase();
        let common = word.split(|c: char| !c.is_alphanumeric()).all(|part| what.contains(part));
        if telling && !common && !word.contains("private") && text.contains(&word) {
            return Err(format!("{name}: {word:?} is still there"));
        }
    }
    for mac in before.ports.iter().flatten().filter_map(|p| p.mac.as_ref()) {
        let hex = mac.replace(':', "");
        let real = !hex.ends_with("000000") && u8::from_str_radix(&hex[..2], 16).unwrap() & 1 == 0;
        if real && (text.contains(mac.as_str()) || text.contains(&hex)) {
            return Err(format!("{name}: {mac} is still there"));
        }
    }
    Ok(())
}

#[test]
fn a_redacted_recording_replays_and_names_nobody() {
    let knowledge = Knowledge::load(None).unwrap();
    let check = |(name, path): (String, PathBuf)| check_redacted(&knowledge, &name, &recording(&path).unwrap()).err();
    let mut wrong: Vec<String> = recordings().into_iter().filter_map(check).collect();
    // The recordings of real devices, where they are at hand.
    if let Ok(walks) = fs::read_dir(folder().join("../../../shared/corpus/walks")) {
        let files = walks.map(|e| e.unwrap().path()).filter(|p| !p.to_string_lossy().contains('@'));
        wrong.extend(
            files
                .filter(|p| p.metadata().unwrap().len() < 200_000)
                .filter_map(|p| check((p.file_stem().unwrap().to_string_lossy().into_owned(), p))),
        );
    }
    assert!(wrong.is_empty(), "{} recordings:\n{}", wrong.len(), wrong.join("\n"));
}

/// The binary with these arguments, and a reader that stops after the first line.
#[test]
fn commands_explain_and_end_quietly_when_nobody_reads() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let walk = folder().join("generic-switch.snmprec");
    let anykey = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anykey"));
        command.args(arguments).arg("--walk").arg(&walk).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    for arguments in [&["inspect", "--format", "json"][..], &["walk", "--redact"]] {
        let mut child = anykey(arguments).spawn().unwrap();
        let mut line = String::new();
        BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let done = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success() && !said.contains("panicked"), "{arguments:?}: {} {said}", done.status);
    }
    let explained = String::from_utf8(anykey(&["explain"]).output().unwrap().stdout).unwrap();
    for part in ["model: ", "by    generic", "from  1.3.6.1.2.1.1.1.0", "confidence ", "ports: ", "ifTable, "] {
        assert!(explained.contains(part), "{part:?} is missing in:\n{explained}");
    }
}

/// What the system group of the next model would say: one line a family in `families.txt`.
#[test]
fn families_are_known_by_their_system_group() {
    let knowledge = Knowledge::load(None).unwrap();
    let plain = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let mut wrong = Vec::new();
    let text = fs::read_to_string(folder().join("families.txt")).unwrap();
    for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let [oid, descr, kind, vendor, model, firmware] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("six columns: {line}");
        };
        let snap: Snapshot = [
            ("1.3.6.1.2.1.1.1.0", Value::OctetString(descr.trim_start_matches('-').as_bytes().to_vec())),
            ("1.3.6.1.2.1.1.2.0", Value::Oid(oid.parse().unwrap())),
        ]
        .into_iter()
        .map(|(o, v)| (o.parse().unwrap(), v))
        .collect();
        let facts = knowledge.inspect(&snap);
        let got = [facts.kind.map(|k| k.as_str().to_owned()), facts.vendor, facts.model, facts.firmware];
        for ((what, want), got) in ["kind", "vendor", "model", "firmware"]
            .iter()
            .zip([kind, vendor, model, firmware])
            .zip(got.map(Option::unwrap_or_default))
        {
            let (want, got) = (plain(want), plain(&got));
            let good = match *what {
                _ if want.is_empty() => *what == "kind" || *what == "vendor" || got.is_empty(),
                "firmware" => got.contains(&want) && got.len() <= want.len() + 12,
                _ => got == want,
            };
            if !good {
                wrong.push(format!("{descr:.60}: {what} {got:?}, not {want:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// MFP or printer by the name alone: one line a model in `functions.txt`.
#[test]
fn mfps_are_told_from_printers() {
    let knowledge = Knowledge::load(None).unwrap();
    let text = fs::read_to_string(folder().join("functions.txt")).unwrap();
    let mut wrong = Vec::new();
    for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (described, functions) = line.split_once(" | ").expect("two columns");
        let rows = [
            ("1.3.6.1.2.1.25.3.2.1.2.1", Value::Oid("1.3.6.1.2.1.25.3.1.5".parse().unwrap())),
            ("1.3.6.1.2.1.25.3.2.1.3.1", Value::OctetString(described.as_bytes().to_vec())),
        ];
        let facts = knowledge.inspect(&rows.into_iter().map(|(o, v)| (o.parse().unwrap(), v)).collect());
        let got: Vec<&str> = facts.functions.iter().map(|f| f.as_str()).collect();
        let evidence = facts.evidence.iter().any(|e| e.fact == "functions");
        if got.join(",") != functions || evidence != (functions != "print") {
            wrong.push(format!("{described}: {got:?} of {:?}, not {functions}", facts.model));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// A feeder's cover or a fax line tells an MFP whose name does not.
#[test]
fn parts_tell_an_mfp() {
    let knowledge = Knowledge::load(None).unwrap();
    let functions = |oid: &str, value: Value| {
        let printer = ("1.3.6.1.2.1.25.3.2.1.2.1", Value::Oid("1.3.6.1.2.1.25.3.1.5".parse().unwrap()));
        let snap: Snapshot = [printer, (oid, value)].into_iter().map(|(o, v)| (o.parse().unwrap(), v)).collect();
        let words: Vec<&str> = knowledge.inspect(&snap).functions.iter().map(|f| f.as_str()).collect();
        words.join(",")
    };
    let text = |t: &str| Value::OctetString(t.as_bytes().to_vec());
    assert_eq!(functions("1.3.6.1.2.1.43.6.1.1.2.1.3", text("Document Feeder Cover")), "print,copy,scan");
    assert_eq!(functions("1.3.6.1.2.1.43.11.1.1.6.1.7", text("ADF Separation Pad")), "print,copy,scan");
    assert_eq!(functions("1.3.6.1.2.1.43.11.1.1.6.1.7", text("Paper Feeder Kit")), "print");
    assert_eq!(functions("1.3.6.1.2.1.43.14.1.1.2.1.4", Value::Integer(18)), "print,copy,scan,fax");
}

/// Kind and colour out of the description alone, in the languages devices speak: one line each in `supplies.txt`.
#[test]
fn supplies_are_known_by_their_description() {
    let knowledge = Knowledge::load(None).unwrap();
    let text = fs::read_to_string(folder().join("supplies.txt")).unwrap();
    let mut wrong = Vec::new();
    for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let [described, kind, color] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}")
        };
        let rows = [
            ("1.3.6.1.2.1.43.11.1.1.6.1.1", Value::OctetString(described.as_bytes().to_vec())),
            ("1.3.6.1.2.1.43.11.1.1.9.1.1", Value::Integer(40)),
        ];
        let snap: Snapshot = rows.into_iter().map(|(o, v)| (o.parse().unwrap(), v)).collect();
        let supply = &knowledge.decode(&snap, &[ProbeClass::Supplies]).supplies.unwrap()[0];
        let got = (supply.kind.as_str(), supply.color.as_deref().unwrap_or("-"));
        if got != (kind, color) {
            wrong.push(format!("{described}: {got:?}, not {:?}", (kind, color)));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// LLDP and supplies alone, many times: `ANYKEY_MUTATIONS=1000000` is a long run, the default a short one.
#[test]
fn mutated_neighbours_and_supplies_never_panic() {
    let knowledge = Knowledge::load(None).unwrap();
    let mut random = Random(0x5EED_0A17_C0DE_0002);
    let part = |name: &str, roots: &[&str]| -> Snapshot {
        let whole = recording(&folder().join(format!("{name}.snmprec"))).unwrap();
        let roots: Vec<Oid> = roots.iter().map(|r| r.parse().unwrap()).collect();
        let kept = whole.main.into_iter().filter(|(oid, _)| roots.iter().any(|r| oid.starts_with(r)));
        kept.take(60).collect()
    };
    let lldp = ["1.3.6.1.2.1.1", "1.0.8802.1.1.2.1.4", "1.0.8802.1.1.2.1.3.7", "1.3.6.1.2.1.31.1.1.1.1"];
    let supplies = ["1.3.6.1.2.1.1", "1.3.6.1.2.1.43.11", "1.3.6.1.2.1.43.12", "1.3.6.1.4.1"];
    let sources = [
        (part("odd-lldp", &lldp), ProbeClass::Neighbors),
        (part("generic-switch", &lldp), ProbeClass::Neighbors),
        (part("xerox", &supplies), ProbeClass::Supplies),
        (part("brother", &supplies), ProbeClass::Supplies),
        (part("ricoh", &supplies), ProbeClass::Supplies),
        (part("lexmark-mps", &["1.3.6.1.2.1.1", "1.3.6.1.2.1.43.11.1.1.9", "1.3.6.1.4.1"]), ProbeClass::Supplies),
        (part("epson-inks", &supplies), ProbeClass::Supplies),
        (part("pantum-private", &supplies), ProbeClass::Supplies),
    ];
    let rounds: usize = std::env::var("ANYKEY_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    for round in 0..rounds {
        let (source, class) = &sources[round % sources.len()];
        let mut snap = source.clone();
        for _ in 0..1 + random.below(4) {
            let at = random.below(snap.main.len());
            let Some((oid, value)) = snap.main.iter().nth(at).map(|(o, v)| (o.clone(), v.clone())) else { continue };
            snap.main.remove(&oid);
            let oid = if random.below(3) == 0 { random.index(&oid) } else { oid };
            snap.insert(oid, random.value(&value));
        }
        let facts = knowledge.decode(&snap, &[*class]);
        for supply in facts.supplies.iter().flatten() {
            assert!(supply.level_percent.is_none_or(|p| (0.0..=100.0).contains(&p)), "round {round}: {supply:?}");
            assert!(supply.level_state != anykey::model::LevelState::Known || supply.level_percent.is_some());
        }
    }
}

/// The README's way for a new model: its table, a recording and golden facts, in a person's own folder.
#[test]
fn the_readmes_table_reads_a_new_printer() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let table: String = rest.split("```").next().unwrap().lines().map(|l| l.trim_start().to_owned() + "\n").collect();
    let dir = user_folder("profiles/acme.toml", &table);
    let walk = dir.path().join("acme-p100.snmprec");
    let rows = [
        "1.3.6.1.2.1.1.1.0|4|Acme P100 v2.31",
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.2.4",
        "1.3.6.1.2.1.43.10.2.1.4.1.1|65|1203",
        "1.3.6.1.2.1.43.11.1.1.6.1.1|4|Overflow bin",
        "1.3.6.1.2.1.43.11.1.1.8.1.1|2|100",
        "1.3.6.1.2.1.43.11.1.1.9.1.1|2|60",
        "1.3.6.1.2.1.43.11.1.1.6.1.2|4|Cyan toner",
        "1.3.6.1.2.1.43.11.1.1.9.1.2|2|-3",
        "1.3.6.1.4.1.99999.2.3.1.2.7|4|Toner, cyan",
        "1.3.6.1.4.1.99999.2.3.1.4.7|2|35",
        "1.3.6.1.4.1.99999.2.1.7.0|4|AC7781234",
    ];
    fs::write(&walk, rows.join("\n")).unwrap();
    let golden = serde_json::json!({
        "kind": "printer", "vendor": "Acme", "model": "P100", "serial": "AC7781234", "firmware": "2.31",
        "profile": "acme-printer", "supply": "waste", "room_left": 60.0, "pages": 1203,
        "toner": 35.0,
    });
    let facts = Knowledge::load(Some(dir.path())).unwrap().inspect(&recording(&walk).unwrap());
    let supply = &facts.supplies.as_ref().unwrap()[0];
    let got = serde_json::json!({
        "kind": facts.kind, "vendor": facts.vendor, "model": facts.model, "serial": facts.serial,
        "firmware": facts.firmware, "profile": facts.profile, "supply": supply.kind, "room_left": supply.level_percent,
        "pages": facts.printer.as_ref().and_then(|p| p.page_count),
        "toner": facts.supplies.as_ref().unwrap()[1].level_percent,
    });
    assert_eq!(got, golden);
}
