//! A recording without the people and places in it: names, addresses, serials and contacts become invented ones.
//!
//! The same word always becomes the same word under one key, so that what joined before (a MAC in ifTable and in a
//! forwarding table, a neighbour's name by LLDP and by CDP) still joins. What a device is (model, firmware, port names)
//! stays. It cannot know every maker's private texts: whoever sends a recording reads it first. What is hidden where is
//! listed in `places`.

mod places;

use std::collections::{BTreeMap, BTreeSet};

use regex::{Captures, Regex};
use sha2::{Digest, Sha256};

use places::{ADDRESSED, BITMAPS, CDP_ADDRESS, LEFT_OUT, MACS, NAMES};

use super::source::Fact;
use super::text::{self, format_mac};
use super::view::{bytes_of, text_of};
use super::{Knowledge, Snapshot};
use crate::model::Facts;
use crate::protocol::snmp::{Oid, Value};

/// The shortest word that is also hidden inside other texts: shorter ones are words of every language.
const HIDDEN_INSIDE: usize = 5;

/// What to hide, found in one recording, and the key it is hidden by.
pub struct Redactor {
    key: Vec<u8>,
    /// Serial numbers as they stand, and what replaces them.
    serials: BTreeMap<String, String>,
    /// What the profile asks for stays, wherever it is.
    asked: BTreeSet<Oid>,
    /// Hidden as names, but part of what says the device is this device: a host called "sonic" that runs SONiC.
    exempt: BTreeSet<String>,
    /// Whole texts of name columns.
    names: BTreeSet<String>,
    macs: BTreeSet<[u8; 6]>,
    addresses: BTreeSet<[u8; 4]>,
    /// Words that say what a device is.
    kept: BTreeSet<String>,
    inside: Option<Regex>,
    replaced: BTreeMap<String, String>,
    patterns: Patterns,
}

struct Patterns {
    mail: Option<Regex>,
    mac: Option<Regex>,
    hex: Option<Regex>,
    address: Option<Regex>,
    address6: Option<Regex>,
    serial: Option<Regex>,
    words: Option<Regex>,
    port: Option<Regex>,
}

impl Patterns {
    fn new() -> Self {
        let p = |text: &str| Regex::new(text).ok();
        Patterns {
            mail: p(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
            mac: p(
                r"(?i)\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b|\b[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}\b|\b(?:[0-9a-f]{2} ){5}[0-9a-f]{2}\b|\b[0-9a-f]{12}\b",
            ),
            hex: p(r"(?i)[0-9a-f]{13,}"),
            address: p(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
            address6: p(r"(?i)\b(?:fe80|fd[0-9a-f]{2}|2[0-9a-f]{3}):[0-9a-f:]{4,}\b"),
            serial: p(r"(?i)\b(?:S/N|SN|serial(?: ?(?:no|number|#))?)[.:# ]+([A-Z0-9-]{6,})"),
            words: p(r"[\p{L}\p{N}]+"),
            port: p(
                r"(?i)^(?:[a-z]{1,4}|ethernet|fastethernet|gigabitethernet|tengigabitethernet|port|slot|eth|vlan|[a-z]*ethernet)?[ #-]?\d+(?:[/.:-]\d+)*$|^default$",
            ),
        }
    }
}

impl Redactor {
    /// Reads what there is to hide. The same key and recording give the same result.
    pub fn new(knowledge: &Knowledge, recording: &Snapshot, key: &[u8]) -> Self {
        let facts = knowledge.inspect(recording);
        let mut this = Redactor {
            key: key.to_vec(),
            serials: BTreeMap::new(),
            asked: knowledge.asked(recording).main.into_keys().collect(),
            exempt: BTreeSet::new(),
            names: BTreeSet::new(),
            macs: BTreeSet::new(),
            addresses: BTreeSet::new(),
            // Cut off a model's name, and still no name of anybody.
            kept: BTreeSet::from(["series", "printer"].map(str::to_owned)),
            inside: None,
            replaced: BTreeMap::new(),
            patterns: Patterns::new(),
        };
        for text in [&facts.vendor, &facts.model, &facts.firmware].into_iter().flatten() {
            let found = this.patterns.words.iter().flat_map(|p| p.find_iter(text)).map(|w| w.as_str().to_lowercase());
            this.kept.extend(found);
            this.kept.insert(text.to_lowercase());
        }
        for port in facts.ports.iter().flatten() {
            this.kept.extend([Some(&port.name), port.descr.as_ref()].into_iter().flatten().map(|n| n.to_lowercase()));
        }
        let plausible = |s: &&String| super::decode::identity::plausible_serial(s);
        let candidates = knowledge.candidates(recording);
        let said: Vec<String> = candidates.into_iter().filter(|c| c.fact == Fact::Serial).map(|c| c.value).collect();
        for map in std::iter::once(&recording.main).chain(recording.contexts.values()) {
            for (oid, value) in map {
                this.learn(oid, value);
            }
        }
        let modules = facts.modules.iter().flatten().filter_map(|m| m.serial.as_ref());
        let supplies = facts.supplies.iter().flatten().filter_map(|s| s.serial.as_ref());
        let optics = facts.transceivers.iter().flatten().filter_map(|t| t.serial.as_ref());
        let members = facts.stack.iter().flatten().filter_map(|m| m.serial.as_ref());
        let parts = modules.chain(optics).chain(members);
        for serial in said.iter().chain(&facts.serial).chain(parts).chain(supplies).filter(plausible) {
            this.hide_serial(serial.trim());
        }
        this.finish();
        this
    }

    fn hide_serial(&mut self, serial: &str) {
        // A MAC that serves as serial number goes the way of the MACs.
        let mac = text::mac_text(serial).and_then(|m| octets_of(&m));
        let plain = !serial.contains([':', '-', '.', ' ']);
        let is_mac = mac.is_some_and(|m| !plain || self.macs.contains(&m));
        if !is_mac && !self.kept.contains(&serial.to_lowercase()) {
            let invented = self.same_form("serial", serial);
            self.serials.insert(serial.to_owned(), invented);
        }
    }

    fn learn(&mut self, oid: &Oid, value: &Value) {
        if let Value::IpAddress(a) = value {
            self.addresses.insert(*a);
        }
        if let Some(mac) = value.as_bytes().and_then(|b| six(oid, b)).filter(|_| !is_in(oid, &BITMAPS)) {
            self.macs.insert(mac);
            return;
        }
        let Some(text) = value.as_bytes().and_then(|_| text_of(value)) else { return };
        if is_in(oid, &NAMES) {
            let technical = self.patterns.port.as_ref().is_some_and(|p| p.is_match(&text));
            if !technical
                && !super::decode::identity::is_placeholder(&text)
                && !self.kept.contains(&text.to_lowercase())
            {
                self.names.insert(text);
            }
            return;
        }
        let found: Vec<String> = self
            .patterns
            .serial
            .iter()
            .flat_map(|p| p.captures_iter(&text))
            .filter_map(|c| c.get(1))
            .map(|s| s.as_str().to_owned())
            .filter(|s| s.chars().any(|c| c.is_ascii_digit()) && super::decode::identity::plausible_serial(s))
            .collect();
        found.iter().for_each(|s| self.hide_serial(s));
    }

    /// One pattern for everything that is hidden inside other texts too.
    fn finish(&mut self) {
        self.replaced.clear();
        self.inside = None;
        let mut words: BTreeSet<String> = self.serials.keys().filter(|s| s.len() >= HIDDEN_INSIDE).cloned().collect();
        for name in &self.names {
            let host = name.split(['.', '(', ' ']).next().unwrap_or(name);
            for word in [name.as_str(), host] {
                let known = self.kept.contains(&word.to_lowercase()) || self.exempt.contains(word);
                if word.chars().count() >= HIDDEN_INSIDE && !known {
                    words.insert(word.to_owned());
                }
            }
        }
        let mut words: Vec<String> = words.into_iter().collect();
        words.sort_by_key(|w| std::cmp::Reverse(w.len()));
        if !words.is_empty() {
            let any: Vec<String> = words.iter().map(|w| regex::escape(w)).collect();
            // Whole words only: "core" is not hidden in "hardcore".
            let pattern = format!(r"(?i)(?:{})", any.join("|"));
            self.inside = regex::RegexBuilder::new(&pattern).size_limit(64 << 20).build().ok();
        }
    }

    /// A row as it may be shown; `None` where the whole table is left out.
    pub fn row(&mut self, oid: &Oid, value: &Value) -> Option<(Oid, Value)> {
        let v6 = is_in(oid, &ADDRESSED) && oid.arcs().windows(2).skip(8).any(|w| w == [2, 16]);
        if LEFT_OUT.iter().any(|root| oid.arcs().starts_with(root)) && !self.asked.contains(oid) || v6 {
            return None;
        }
        Some((self.name(oid), self.value(oid, value)))
    }

    /// MACs and IPv4 addresses in an index, wherever they stand.
    fn name(&self, oid: &Oid) -> Oid {
        let mut arcs = oid.arcs().to_vec();
        let start = arcs.len().min(8);
        // A MAC is known, or it is the end of a forwarding table's index.
        let fdb = [&[1, 3, 6, 1, 2, 1, 17, 4, 3, 1][..], &[1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1][..]];
        let ends_in_mac = fdb.iter().any(|root| arcs.starts_with(root)) && arcs.len() > 16;
        let mut at = start;
        while at + 6 <= arcs.len() {
            let mac = arcs.get(at..at + 6).and_then(bytes_of).and_then(|b| <[u8; 6]>::try_from(b).ok());
            let hidden = mac.filter(|m| self.macs.contains(m) || ends_in_mac && at + 6 == arcs.len());
            if let Some(m) = hidden {
                let new = self.mac(m);
                arcs.iter_mut().skip(at).zip(new).for_each(|(arc, b)| *arc = u32::from(b));
                at += 6;
            } else {
                at += 1;
            }
        }
        let addressed = is_in(oid, &ADDRESSED);
        let mut at = start;
        while at + 4 <= arcs.len() {
            let four = arcs.get(at..at + 4).and_then(bytes_of).and_then(|b| <[u8; 4]>::try_from(b).ok());
            // Small numbers are indexes, and only a known address ends an index or follows its length.
            let here = |a: &[u8; 4]| match addressed {
                true => self.is_address(*a) || at + 4 == arcs.len(),
                false => {
                    a[0] > 9 && self.addresses.contains(a) && (at + 4 == arcs.len() || arcs.get(at - 1) == Some(&4))
                }
            };
            if let Some(a) = four.filter(|a| is_host(*a) && here(a)) {
                let new = self.address(a);
                arcs.iter_mut().skip(at).zip(new).for_each(|(arc, b)| *arc = u32::from(b));
                at += 4;
            } else {
                at += 1;
            }
        }
        Oid::from(arcs)
    }

    fn value(&mut self, oid: &Oid, value: &Value) -> Value {
        match value {
            Value::IpAddress(a) => Value::IpAddress(if is_host(*a) { self.address(*a) } else { *a }),
            Value::OctetString(b) => Value::OctetString(self.octets(oid, b)),
            Value::Opaque(b) => Value::Opaque(self.octets(oid, b)),
            other => other.clone(),
        }
    }

    fn octets(&mut self, oid: &Oid, bytes: &[u8]) -> Vec<u8> {
        if is_in(oid, &BITMAPS) && !is_in(oid, &NAMES) {
            return bytes.to_vec();
        }
        if let Some(mac) = six(oid, bytes) {
            return self.mac(mac).to_vec();
        }
        if let (true, Ok(a)) = (is_in(oid, &CDP_ADDRESS), <[u8; 4]>::try_from(bytes)) {
            return if is_host(a) { self.address(a).to_vec() } else { bytes.to_vec() };
        }
        if !text::is_readable(bytes) && std::str::from_utf8(bytes).is_err() && !is_in(oid, &NAMES) {
            return self.binary(bytes);
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(t) => t.to_owned(),
            Err(_) => text::clean(bytes),
        };
        if is_in(oid, &NAMES) {
            let plain = text::clean(bytes);
            return if self.names.contains(&plain) { self.by_words(&plain).into_bytes() } else { bytes.to_vec() };
        }
        let hidden = self.text(&text);
        if hidden == text { bytes.to_vec() } else { hidden.into_bytes() }
    }

    /// Octets that are no text: known MACs inside them (bridge ids, LLDP ids with a type octet) and serials in ASCII.
    fn binary(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        let mut at = 0;
        while at + 6 <= out.len() {
            let six = out.get(at..at + 6).and_then(|s| <[u8; 6]>::try_from(s).ok());
            // A bridge id is two octets of priority and a MAC.
            if let Some(m) = six.filter(|m| self.macs.contains(m) || out.len() == 8 && at == 2 && universal(*m)) {
                let new = self.mac(m);
                out.iter_mut().skip(at).zip(new).for_each(|(old, b)| *old = b);
                at += 6;
            } else {
                at += 1;
            }
        }
        for (serial, invented) in &self.serials {
            if let Some(at) = out.windows(serial.len().max(1)).position(|w| w == serial.as_bytes()) {
                out.iter_mut().skip(at).zip(invented.bytes()).for_each(|(old, b)| *old = b);
            }
        }
        if let ([family @ (1 | 2), rest @ ..], true) = (&mut out[..], bytes.len() == 5)
            && *family == 1
            && let Ok(a) = <[u8; 4]>::try_from(&*rest)
            && is_host(a)
        {
            rest.copy_from_slice(&self.address(a));
        }
        out
    }

    fn text(&mut self, text: &str) -> String {
        if text.len() < 4 {
            return text.to_owned();
        }
        if let Some(done) = self.replaced.get(text) {
            return done.clone();
        }
        let mut out = text.to_owned();
        if let Some(p) = &self.patterns.mail {
            out = p.replace_all(&out, |c: &Captures<'_>| self.by_words(&c[0])).into_owned();
        }
        if let Some(p) = &self.inside {
            out = p.replace_all(&out, |c: &Captures<'_>| self.word(&c[0])).into_owned();
        }
        if let Some(p) = &self.patterns.mac {
            let whole = text.trim().len() <= 20;
            if let Some(run) = &self.patterns.hex {
                out = run.replace_all(&out, |c: &Captures<'_>| self.macs_in_hex(&c[0])).into_owned();
            }
            out = p.replace_all(&out, |c: &Captures<'_>| self.mac_as_written(&c[0], whole)).into_owned();
        }
        if let Some(p) = &self.patterns.address {
            out = p.replace_all(&out, |c: &Captures<'_>| self.address_as_written(&c[0])).into_owned();
        }
        if let Some(p) = &self.patterns.address6 {
            out = p
                .replace_all(&out, |c: &Captures<'_>| format!("fd00::{}", self.same_form("v6", &c[0]).len()))
                .into_owned();
        }
        self.replaced.insert(text.to_owned(), out.clone());
        out
    }

    /// A hidden word found in a text: a serial keeps its own replacement.
    fn word(&self, found: &str) -> String {
        let serial = self.serials.iter().find(|(s, _)| s.eq_ignore_ascii_case(found));
        serial.map_or_else(|| self.by_words(found), |(_, invented)| invented.clone())
    }

    /// Each word by itself, so that "sw1" and "sw1.example.org" keep their common part. What is between stays.
    fn by_words(&self, name: &str) -> String {
        if let Some(invented) = self.serials.get(name) {
            return invented.clone();
        }
        if let Some(mac) = text::mac_text(name).and_then(|m| octets_of(&m)) {
            return format_mac(self.mac(mac));
        }
        let Some(p) = &self.patterns.words else { return self.same_form("name", name) };
        p.replace_all(name, |c: &Captures<'_>| {
            let word = &c[0];
            if let Some(invented) = self.serials.get(word) {
                return invented.clone();
            }
            match word.len() {
                1 => word.to_owned(),
                _ if self.kept.contains(&word.to_lowercase()) => word.to_owned(),
                _ => self.same_form("name", &word.to_lowercase()),
            }
        })
        .into_owned()
    }

    /// An invented word of the same form: a digit for a digit, a letter for a letter.
    fn same_form(&self, what: &str, word: &str) -> String {
        let digest = self.digest(what, word.as_bytes());
        let mut random = digest.iter().cycle().zip(0usize..).map(|(b, n)| usize::from(*b) + n);
        word.chars()
            .map(|c| {
                let r = random.next().unwrap_or(0);
                match c {
                    '0'..='9' => char::from(b"0123456789"[r % 10]),
                    'A'..='Z' => char::from(b"ABCDEFGHJKLMNPRSTUVWXYZ"[r % 23]),
                    c if c.is_alphabetic() => char::from(b"abcdefghjkmnprstuvwxyz"[r % 22]),
                    other => other,
                }
            })
            .collect()
    }

    /// Maker's half stays, the rest is invented by a keyed permutation, so that two MACs never become one.
    fn mac(&self, mac: [u8; 6]) -> [u8; 6] {
        let [a, b, c, d, e, f] = mac;
        // Group addresses and what is no address at all mean the same everywhere.
        if a & 1 == 1 || mac == [0; 6] {
            return mac;
        }
        let [d, e, f] = self.permuted([a, b, c], [d, e, f]);
        [a, b, c, d, e, f]
    }

    /// Four Feistel rounds over 24 bits.
    fn permuted(&self, tweak: [u8; 3], value: [u8; 3]) -> [u8; 3] {
        let whole = u32::from_be_bytes([0, value[0], value[1], value[2]]);
        let (mut left, mut right) = (whole >> 12, whole & 0xFFF);
        for round in 0..4u8 {
            let input = [&tweak[..], &[round], &right.to_be_bytes()].concat();
            let digest = self.digest("mac", &input);
            let f = u32::from_be_bytes([0, 0, digest[0], digest[1]]) & 0xFFF;
            (left, right) = (right, left ^ f);
        }
        let [_, a, b, c] = (left << 12 | right).to_be_bytes();
        [a, b, c]
    }

    /// An address out of 10/8 by the same permutation; the network is not kept.
    fn address(&self, a: [u8; 4]) -> [u8; 4] {
        let [x, y, z] = self.permuted([4, a[0], 0], [a[1], a[2], a[3]]);
        [10, x, y, z]
    }

    fn is_address(&self, a: [u8; 4]) -> bool {
        self.addresses.contains(&a)
            || matches!(a, [192, 168, ..] | [169, 254, ..])
            || a[0] == 172 && (16..32).contains(&a[1])
    }

    fn mac_as_written(&self, found: &str, whole: bool) -> String {
        let Some(mac) = text::mac_text(found).and_then(|m| octets_of(&m)) else { return found.to_owned() };
        // Twelve digits without marks are a MAC only where one is known.
        let plain = !found.contains([':', '-', '.', ' ']);
        if plain && !self.macs.contains(&mac) && !(whole && found.chars().any(|c| c.is_ascii_alphabetic())) {
            return found.to_owned();
        }
        let mut hex = self.mac(mac).iter().map(|b| format!("{b:02x}")).collect::<String>().chars().collect::<Vec<_>>();
        hex.reverse();
        let upper = found.contains(|c: char| c.is_ascii_uppercase());
        found
            .chars()
            .map(|c| match c.is_ascii_hexdigit() {
                true => hex.pop().map_or(c, |h| if upper { h.to_ascii_uppercase() } else { h }),
                false => c,
            })
            .collect()
    }

    /// Known MACs in a longer run of hex digits, like a bridge id.
    fn macs_in_hex(&self, run: &str) -> String {
        let mut out = run.to_owned();
        for at in 0..=run.len().saturating_sub(12) {
            let hex = out.get(at..at + 12).unwrap_or_default().to_owned();
            if text::mac_text(&hex).and_then(|m| octets_of(&m)).is_some_and(|m| self.macs.contains(&m)) {
                out.replace_range(at..at + 12, &self.mac_as_written(&hex, true));
                break;
            }
        }
        out
    }

    fn address_as_written(&self, found: &str) -> String {
        let parsed: Option<[u8; 4]> = found.parse::<std::net::Ipv4Addr>().ok().map(|a| a.octets());
        match parsed.filter(|a| is_host(*a) && self.is_address(*a) && !self.kept.contains(found)) {
            Some(a) => std::net::Ipv4Addr::from(self.address(a)).to_string(),
            None => found.to_owned(),
        }
    }

    fn digest(&self, what: &str, input: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update((self.key.len() as u64).to_be_bytes());
        hash.update(&self.key);
        hash.update(what.as_bytes());
        hash.update([0]);
        hash.update(input);
        hash.finalize().into()
    }
}

fn is_in(oid: &Oid, columns: &[&[u32]]) -> bool {
    columns.iter().any(|c| oid.arcs().starts_with(c))
}

/// Six octets that are no word; where MACs live, six octets that are not plain ASCII.
fn six(oid: &Oid, bytes: &[u8]) -> Option<[u8; 6]> {
    let mac = <[u8; 6]>::try_from(bytes).ok()?;
    let word = match is_in(oid, &MACS) {
        true => bytes.iter().all(|b| (0x20..0x7F).contains(b)),
        false => text::is_readable(bytes),
    };
    (!word && mac != [0; 6]).then_some(mac)
}

fn universal(mac: [u8; 6]) -> bool {
    mac[0] & 1 == 0 && mac != [0; 6]
}

fn octets_of(mac: &str) -> Option<[u8; 6]> {
    let bytes: Vec<u8> = mac.split(':').map(|p| u8::from_str_radix(p, 16).ok()).collect::<Option<_>>()?;
    bytes.try_into().ok()
}

/// Not loopback, mask, group or nothing.
fn is_host(a: [u8; 4]) -> bool {
    !matches!(a[0], 0 | 127 | 224..=255) && a != [1, 0, 0, 0]
}

/// A whole recording with the key it is hidden by.
pub fn redact(knowledge: &Knowledge, recording: &Snapshot, key: &[u8]) -> Snapshot {
    let mut redactor = Redactor::new(knowledge, recording, key);
    let out = redactor.all(recording);
    let before = knowledge.inspect(recording);
    let identity = |f: &Facts| (f.kind, f.vendor.clone(), f.model.clone(), f.firmware.clone(), f.profile.clone());
    if identity(&knowledge.inspect(&out)) == identity(&before) {
        return out;
    }
    // Somebody's name is also a word that says what the device is: leave that word alone where it is not the name.
    let told: String = knowledge.candidates(recording).into_iter().filter_map(|c| c.raw).collect::<Vec<_>>().join("\n");
    let told = told.to_lowercase() + &before.sys_descr.clone().unwrap_or_default().to_lowercase();
    let doubtful = |name: &&String| name.chars().count() >= HIDDEN_INSIDE && told.contains(&name.to_lowercase());
    redactor.exempt = redactor.names.iter().filter(doubtful).cloned().collect();
    redactor.finish();
    redactor.all(recording)
}

impl Redactor {
    fn all(&mut self, recording: &Snapshot) -> Snapshot {
        let mut out = Snapshot::default();
        for (oid, value) in &recording.main {
            if let Some((oid, value)) = self.row(oid, value) {
                out.insert(oid, value);
            }
        }
        for (context, map) in &recording.contexts {
            for (oid, value) in map {
                if let Some((oid, value)) = self.row(oid, value) {
                    out.insert_in(context, oid, value);
                }
            }
        }
        out
    }
}
