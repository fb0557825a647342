//! One box for everything: an outlet, a cable, a port, a room, a device; a MAC or an address is looked up elsewhere.
//!
//! Labels are compared by their keys, so a Cyrillic "А" finds a Latin "A". What fits exactly comes first.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{KnownDevice, PieceId, UnitKind, label_key, loose_key, natural_key};
use crate::topology::{Documented, Mac};

/// Something that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(tag = "kind", content = "id", rename_all = "kebab-case")]
pub enum Hit {
    /// An outlet, a port of a panel or of a switch.
    Jack(PieceId),
    Unit(PieceId),
    Cable(PieceId),
    Place(PieceId),
    Rack(PieceId),
    /// A managed device.
    Device(i64),
}

/// Most hits of one search.
const MOST: usize = 50;

/// Keys of everything that has a name.
pub struct Index {
    exact: HashMap<String, Vec<Hit>>,
    /// Key and hit, in the order people count.
    all: Vec<(String, Hit)>,
}

impl Index {
    pub fn new(documented: &Documented, devices: &[KnownDevice]) -> Index {
        let plan = &documented.plan;
        let mut named: Vec<(String, Hit)> = Vec::new();
        for jack in plan.jacks.values() {
            let Some(unit) = plan.units.get(&jack.unit) else { continue };
            if unit.kind == UnitKind::Outlet {
                named.push((plan.jack_name(jack), Hit::Jack(jack.id)));
            } else {
                for joint in [":", "/", " ", "-"] {
                    named.push((format!("{}{joint}{}", unit.label, jack.label), Hit::Jack(jack.id)));
                }
            }
        }
        // An outlet with one jack is found by its jack.
        let single: HashSet<PieceId> = plan.jacks.values().filter(|j| j.label.is_empty()).map(|j| j.unit).collect();
        for unit in plan.units.values() {
            if unit.kind != UnitKind::Outlet || !single.contains(&unit.id) {
                named.push((unit.label.clone(), Hit::Unit(unit.id)));
            }
        }
        named.extend(plan.cables.values().filter(|c| !c.label.is_empty()).map(|c| (c.label.clone(), Hit::Cable(c.id))));
        named.extend(plan.places.values().map(|p| (p.name.clone(), Hit::Place(p.id))));
        named.extend(plan.racks.values().map(|r| (r.name.clone(), Hit::Rack(r.id))));
        // A documented device is found as its unit, unless by what only the device has.
        let labels: HashSet<String> = plan.units.values().map(|u| label_key(&u.label)).collect();
        for d in devices {
            for name in [&d.name, &d.address, d.serial.as_ref().unwrap_or(&String::new())] {
                if !name.is_empty() && !labels.contains(&label_key(name)) {
                    named.push((name.clone(), Hit::Device(d.id)));
                }
            }
        }
        named.sort_by_cached_key(|(name, hit)| (natural_key(name), *hit));
        let mut exact: HashMap<String, Vec<Hit>> = HashMap::new();
        let mut all = Vec::with_capacity(named.len());
        for (name, hit) in named {
            for key in [label_key(&name), loose_key(&name)] {
                let list = exact.entry(key).or_default();
                if !list.contains(&hit) {
                    list.push(hit);
                }
            }
            // Of a port's four spellings one is enough to be a part of.
            if all.last().is_none_or(|(_, last): &(String, Hit)| *last != hit) {
                all.push((loose_key(&name), hit));
            }
        }
        Index { exact, all }
    }

    /// Exact ones; where there are none, those that begin so, then those that hold it.
    pub fn find(&self, text: &str) -> Vec<Hit> {
        let (key, loose) = (label_key(text), loose_key(text));
        if loose.is_empty() {
            return Vec::new();
        }
        // "кабинет 214" is the room however it is written.
        let word = ["room", "office"].iter().find_map(|w| loose.strip_prefix(w)).map(str::to_owned);
        let bare = word.or_else(|| {
            let words = ["кабинет", "каб", "комната", "розетка", "панель"].map(loose_key);
            words.iter().find_map(|w| loose.strip_prefix(w.as_str())).map(str::to_owned)
        });
        for key in [Some(key), Some(loose.clone()), bare.clone()].into_iter().flatten().filter(|k| !k.is_empty()) {
            if let Some(hits) = self.exact.get(&key) {
                return hits.iter().take(MOST).copied().collect();
            }
        }
        let wanted = bare.filter(|b| !b.is_empty()).unwrap_or(loose);
        let mut found: Vec<Hit> = Vec::new();
        let begins = self.all.iter().filter(|(k, _)| k.starts_with(&wanted));
        let holds = self.all.iter().filter(|(k, _)| k.contains(&wanted));
        for (_, hit) in begins.chain(holds) {
            if !found.contains(hit) {
                found.push(*hit);
            }
            if found.len() == MOST {
                break;
            }
        }
        found
    }
}

/// A whole MAC in any notation, as it is kept.
pub fn mac(text: &str) -> Option<String> {
    // Twelve digits without separators may be a serial: at least one letter or separator says it is a MAC.
    let plain = text.trim();
    let digits = plain.chars().filter(char::is_ascii_hexdigit).count();
    let looks = digits == 12 && plain.chars().any(|c| matches!(c, ':' | '-' | '.') || c.is_ascii_alphabetic());
    Mac::parse(plain).filter(|_| looks).map(|m| m.to_string())
}

/// An address.
pub fn address(text: &str) -> Option<String> {
    text.trim().parse::<std::net::IpAddr>().ok().map(|a| a.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cabling, Jack, KnownPort, Piece, Place, PlaceKind, Unit};

    fn index() -> Index {
        let mut plan = Cabling::default();
        let mut add = |id: i64, kind: UnitKind, label: &str, jacks: &[&str]| {
            let unit = Unit {
                id: PieceId(id),
                kind,
                label: label.into(),
                place: None,
                rack: None,
                position: None,
                height: 1,
                device: None,
                x: None,
                y: None,
                rows: 1,
                note: String::new(),
            };
            plan.put(Piece::Unit(unit));
            for (n, jack) in (1..).zip(jacks) {
                plan.put(Piece::Jack(Jack {
                    id: PieceId(id + n),
                    unit: PieceId(id),
                    ord: 1,
                    label: (*jack).into(),
                    media: "8p8c".into(),
                    lanes: 4,
                    if_index: None,
                    vlan: None,
                    note: String::new(),
                }));
            }
        };
        add(10, UnitKind::Outlet, "2.14-A", &[""]);
        add(20, UnitKind::Outlet, "2.15", &["A", "B"]);
        add(30, UnitKind::Panel, "PP1", &["1", "7", "17"]);
        plan.put(Piece::Place(Place {
            id: PieceId(40),
            parent: None,
            kind: PlaceKind::Room,
            name: "каб. 214".into(),
            picture: None,
        }));
        let devices = [KnownDevice {
            id: 5,
            name: "mfu-214".into(),
            address: "10.4.2.31".into(),
            ports: vec![KnownPort::default()],
            ..KnownDevice::default()
        }];
        Index::new(&Documented::new(plan), &devices)
    }

    #[test]
    fn by_any_way_people_write_it() {
        let index = index();
        for text in ["2.14-A", "2.14-а", "2.14А", "розетка 2.14-А", " 2/14a "] {
            assert_eq!(index.find(text), [Hit::Jack(PieceId(11))], "{text}");
        }
        assert_eq!(index.find("2.15-B"), [Hit::Jack(PieceId(22))]);
        assert_eq!(index.find("2.15"), [Hit::Unit(PieceId(20))]);
        for text in ["PP1:07", "РР1-7", "pp1 7"] {
            assert_eq!(index.find(text), [Hit::Jack(PieceId(32))], "{text}");
        }
        for text in ["каб. 214", "кабинет 214"] {
            assert!(index.find(text).contains(&Hit::Place(PieceId(40))), "{text}");
        }
        assert_eq!(index.find("10.4.2.31"), [Hit::Device(5)]);
        assert!(index.find("2.1").len() >= 3 && index.find("нет такого").is_empty() && index.find("").is_empty());
    }

    #[test]
    fn macs_and_addresses_are_told_from_labels() {
        for text in ["00:1B:A9:01:02:03", "001b.a901.0203", "00-1b-a9-01-02-03", "001ba9010203"] {
            assert_eq!(mac(text).as_deref(), Some("00:1b:a9:01:02:03"), "{text}");
        }
        assert_eq!((mac("123456789012"), mac("2.14-A"), address("10.4.2")), (None, None, None));
        assert_eq!(address(" 10.4.2.31 ").as_deref(), Some("10.4.2.31"));
    }
}
