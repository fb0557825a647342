//! The inference on generated networks whose truth is known: trees with unmanaged switches, blocked rings, aggregates and
//! telephones, with whole and with spoiled tables; and cabling made at random.
//!
//! Numbers come from a fixed seed, so a failure names the network that shows it.

use std::collections::{BTreeMap, BTreeSet};

use anykey::model::{DeviceKind, Link as Row, LldpPort, StpSegment};
use anykey::topology::{
    Cable, Device, Goal, Jack, JackMap, Learned, Mac, Map, MapEnd, Plant, Plug, Port, PortKind, Side, Start, Status,
    Unit, infer,
};

/// SplitMix64: enough for test data, the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap()
    }
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

type Place = (usize, u32);

/// A network as it is.
#[derive(Default)]
struct World {
    switches: usize,
    /// Segments: ports of switches and stations.
    segments: Vec<(Vec<Place>, Vec<Mac>)>,
    /// Segments with members of an aggregate under each of their ports.
    bundles: BTreeMap<Place, Vec<u32>>,
    /// Cables that spanning tree blocks: (blocked end, other end).
    blocked: Vec<(Place, Place)>,
    next_port: Vec<u32>,
    lldp: Vec<bool>,
}

fn base(switch: usize) -> Mac {
    Mac(0x0010_2000_0000 + (switch as u64) * 0x100)
}

impl World {
    fn port(&mut self, switch: usize) -> Place {
        self.next_port[switch] += 1;
        (switch, self.next_port[switch])
    }

    fn new(dice: &mut Dice) -> Self {
        let switches = 2 + dice.below(14);
        let with_lldp = [0, 50, 100][dice.below(3)];
        let lldp = (0..switches).map(|_| dice.chance(with_lldp)).collect();
        let mut world = World { switches, next_port: vec![0; switches], lldp, ..World::default() };
        let mut clouds: Vec<usize> = Vec::new();
        for switch in 1..switches {
            // On a cable of its own, or on an unmanaged switch with others.
            if dice.chance(20) && !clouds.is_empty() {
                let at = clouds[dice.below(clouds.len())];
                let port = world.port(switch);
                world.segments[at].0.push(port);
                continue;
            }
            let up = dice.below(switch);
            let (a, b) = (world.port(up), world.port(switch));
            world.segments.push((vec![a, b], Vec::new()));
            if dice.chance(15) {
                clouds.push(world.segments.len() - 1);
            } else if dice.chance(15) {
                for end in [a, b] {
                    let members = (0..2).map(|i| 1000 + end.1 * 10 + i).collect();
                    world.bundles.insert(end, members);
                }
            }
        }
        if switches > 2 && dice.chance(40) {
            let a = dice.below(switches);
            let b = (a + 1 + dice.below(switches - 1)) % switches;
            let (p, q) = (world.port(a), world.port(b));
            world.blocked.push((p, q));
        }
        let mut station = 0x00A0_0000_0000;
        for switch in 0..switches {
            for _ in 0..1 + dice.below(8) {
                let port = world.port(switch);
                let macs = (0..1 + usize::from(dice.chance(20)) * dice.below(4)).map(|_| {
                    station += 1;
                    Mac(station)
                });
                world.segments.push((vec![port], macs.collect()));
            }
        }
        world
    }

    /// Port of each switch towards each segment.
    fn towards(&self) -> Vec<Vec<u32>> {
        let mut out = vec![vec![0; self.segments.len()]; self.switches];
        for (target, _) in self.segments.iter().enumerate() {
            let (mut queue, mut seen) = (vec![target], BTreeSet::from([target]));
            while let Some(at) = queue.pop() {
                for (switch, port) in &self.segments[at].0 {
                    if out[*switch][target] != 0 {
                        continue;
                    }
                    out[*switch][target] = *port;
                    for (other, (ports, _)) in self.segments.iter().enumerate() {
                        if ports.iter().any(|p| p.0 == *switch) && seen.insert(other) {
                            queue.push(other);
                        }
                    }
                }
            }
        }
        out
    }

    /// What the switches would tell. `known` percent of stations are in each table; `noise` percent of rows are stale.
    fn devices(&self, dice: &mut Dice, known: usize, noise: usize) -> Vec<Device> {
        let towards = self.towards();
        let home = |s: usize| self.segments.iter().position(|(p, _)| p.iter().any(|p| p.0 == s)).unwrap();
        let mut out: Vec<Device> = (0..self.switches).map(|s| self.bare(s)).collect();
        for (s, device) in out.iter_mut().enumerate() {
            for (target, (_, macs)) in self.segments.iter().enumerate() {
                for mac in macs {
                    if self.segments[target].0.iter().any(|p| p.0 == s) || dice.chance(known) {
                        device.learned.push(row(*mac, towards[s][target]));
                    }
                }
            }
            for other in (0..self.switches).filter(|o| *o != s) {
                // Of the other's segments one is nearest; all lie the same way.
                let far = towards[s][home(other)];
                let near = self
                    .segments
                    .iter()
                    .position(|(p, _)| p.iter().any(|p| p.0 == s) && p.iter().any(|p| p.0 == other));
                let port = near.map_or(far, |n| towards[s][n]);
                device.learned.push(row(base(other), port));
            }
            let ports: Vec<u32> = device.ports.keys().copied().filter(|p| *p < 1000).collect();
            let mut spoiled = Vec::new();
            for mut r in std::mem::take(&mut device.learned) {
                if dice.chance(noise) {
                    match dice.below(3) {
                        0 => r.if_index = ports[dice.below(ports.len())],
                        1 => spoiled.push(Learned { if_index: ports[dice.below(ports.len())], ..r }),
                        _ => continue,
                    }
                }
                spoiled.push(r);
            }
            device.learned = spoiled;
        }
        self.tell_neighbours(&mut out);
        out
    }

    fn bare(&self, s: usize) -> Device {
        let mut device = Device {
            key: format!("sw{s:02}"),
            name: Some(format!("sw{s:02}")),
            kind: Some(DeviceKind::Switch),
            ..Device::default()
        };
        device.identity.insert(base(s));
        for number in 1..=self.next_port[s] {
            let mut port = Port { name: format!("Gi0/{number}"), up: Some(true), ..Port::default() };
            if let Some(members) = self.bundles.get(&(s, number)) {
                port.kind = PortKind::Aggregate;
                port.name = format!("Po{number}");
                for m in members {
                    device.ports.insert(*m, Port { name: format!("Gi1/{m}"), ..Port::default() });
                    device.aggregates.insert(*m, number);
                }
            }
            port.blocked = self.blocked.iter().any(|(b, _)| *b == (s, number));
            device.ports.insert(number, port);
            device.bridge_ports.insert(number, number);
        }
        device
    }

    /// LLDP of the cables between switches that speak it; unmanaged switches pass it on.
    fn tell_neighbours(&self, devices: &mut [Device]) {
        let mut cables: Vec<(Place, Place)> = self.blocked.clone();
        for (ports, _) in &self.segments {
            for a in ports {
                for b in ports.iter().filter(|b| *b != a) {
                    cables.push((*a, *b));
                }
            }
        }
        cables.extend(self.blocked.iter().map(|(a, b)| (*b, *a)));
        for (a, b) in cables {
            if !(self.lldp[a.0] && self.lldp[b.0]) {
                continue;
            }
            let ends = match (self.bundles.get(&a), self.bundles.get(&b)) {
                (Some(x), Some(y)) => x.iter().copied().zip(y.iter().copied()).collect(),
                _ => vec![(a.1, b.1)],
            };
            for (p, q) in ends {
                let far = devices[b.0].ports[&q].name.clone();
                devices[a.0].neighbours.push(Row {
                    local_if_index: Some(p),
                    protocol: "lldp".to_owned(),
                    remote_host: Some(format!("sw{:02}", b.0)),
                    remote_chassis: Some(base(b.0).to_string()),
                    remote_port: Some(far),
                    capabilities: vec!["bridge".to_owned()],
                    ..Row::default()
                });
            }
        }
    }

    /// Is a line between these ports true?
    fn joins(&self, a: Place, b: Place) -> bool {
        let up = |p: Place| {
            let group = self.bundles.iter().find(|((s, _), m)| *s == p.0 && m.contains(&p.1));
            group.map_or(p, |(lane, _)| *lane)
        };
        let (a, b) = (up(a), up(b));
        let cable = |x: &(Place, Place)| *x == (a, b) || *x == (b, a);
        self.blocked.iter().any(cable) || self.segments.iter().any(|(p, _)| p.contains(&a) && p.contains(&b))
    }
}

fn row(mac: Mac, if_index: u32) -> Learned {
    Learned { mac, if_index, vlan: 1, age_s: 0 }
}

fn place(end: &anykey::topology::End) -> Place {
    (end.device[2..].parse().unwrap(), end.if_index.unwrap_or(0))
}

/// Lines that are not true, and how many true joins of two switches were found.
fn judged(world: &World, map: &Map, least: f64) -> (Vec<String>, usize, usize) {
    let mut wrong = Vec::new();
    let mut found = BTreeSet::new();
    let mut ends: Vec<(Place, Place, f64)> =
        map.links.iter().map(|l| (place(&l.a), place(&l.b), l.confidence)).collect();
    for cloud in &map.clouds {
        let ports: Vec<Place> = cloud.ports.iter().map(place).collect();
        ends.extend(
            ports.iter().flat_map(|a| ports.iter().map(|b| (*a, *b, cloud.confidence))).filter(|(a, b, _)| a < b),
        );
    }
    for (a, b, confidence) in ends.into_iter().filter(|(_, _, c)| *c >= least) {
        if world.joins(a, b) {
            found.insert((a.0.min(b.0), a.0.max(b.0)));
        } else {
            wrong.push(format!("{a:?} {b:?} {confidence}"));
        }
    }
    let mut expected = BTreeSet::new();
    for (ports, _) in &world.segments {
        expected.extend(ports.windows(2).map(|w| (w[0].0.min(w[1].0), w[0].0.max(w[1].0))));
    }
    let missing = expected.difference(&found).count();
    (wrong, expected.len() - missing, expected.len())
}

#[test]
fn whole_tables_give_the_network_and_nothing_else() {
    let (mut right, mut all) = (0, 0);
    for seed in 0..200u64 {
        let mut dice = Dice(seed);
        let world = World::new(&mut dice);
        let devices = world.devices(&mut dice, 100, 0);
        let map = infer(devices.clone());
        let (wrong, found, expected) = judged(&world, &map, 0.0);
        assert!(wrong.is_empty(), "network {seed}: {wrong:?}");
        right += found;
        all += expected;
        let mut shuffled = devices;
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, dice.below(at + 1));
        }
        for d in &mut shuffled {
            d.learned.reverse();
            d.neighbours.reverse();
        }
        assert_eq!(infer(shuffled), map, "network {seed}: the order shows");
    }
    println!("whole tables: {right} of {all}");
    assert!(right * 100 >= all * 99, "{right} of {all}");
}

#[test]
fn tables_with_gaps_still_invent_nothing_sure() {
    for (known, noise) in [(60, 0), (30, 0), (80, 5), (50, 5)] {
        let (mut right, mut all, mut lines) = (0, 0, 0);
        for seed in 1000..1100u64 {
            let mut dice = Dice(seed);
            let world = World::new(&mut dice);
            let map = infer(world.devices(&mut dice, known, noise));
            let (sure, _, _) = judged(&world, &map, 0.9);
            assert!(sure.is_empty(), "network {seed}, {known} % known, {noise} % spoiled: {sure:?}");
            let (wrong, found, expected) = judged(&world, &map, 0.0);
            right += found;
            all += expected;
            lines += wrong.len();
        }
        println!("{known} % known, {noise} % spoiled: {right} of {all}, {lines} wrong below 0.9");
        assert!(right * 100 >= all * 85, "{known} % known, {noise} % spoiled: {right} of {all}");
    }
}

/// Cabling made at random: units with straight and mapped jacks, cables of several plugs and twisted lanes.
fn plant(dice: &mut Dice) -> (Plant, Vec<(String, String)>) {
    let (mut units, mut sockets, mut active) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..3 + dice.below(8) {
        let name = format!("u{number}");
        let passive = dice.chance(60);
        let lanes = [1, 2, 4][dice.below(3)];
        let mut unit = Unit { name: name.clone(), ..Unit::default() };
        for j in 0..1 + dice.below(4) {
            let media = ["8p8c", "lc"][dice.below(2)].to_owned();
            unit.jacks.push(Jack { name: format!("{j}"), is_passive: passive, media, lanes });
            let sides = if passive { vec![Some(Side::Front), Some(Side::Rear)] } else { vec![None] };
            sockets.extend(sides.into_iter().map(|s| (name.clone(), format!("{j}"), s, lanes)));
            if !passive {
                active.push((name.clone(), format!("{j}")));
            }
        }
        if passive && unit.jacks.len() > 1 && dice.chance(50) {
            let mut far: Vec<u16> = (1..=lanes).collect();
            far.rotate_left(dice.below(usize::from(lanes)));
            let end = |jack: &str, lanes: Vec<u16>| MapEnd { jack: jack.to_owned(), side: Side::Front, lanes };
            unit.maps.push(JackMap { a: end("0", (1..=lanes).collect()), b: end("1", far) });
        }
        units.push(unit);
    }
    let mut cables = Vec::new();
    for number in 0..2 + dice.below(14) {
        let mut plug = |connector: u16, from: u16| {
            let (unit, jack, side, lanes) = sockets[dice.below(sockets.len())].clone();
            let wires: Vec<u16> = (from..from + lanes).collect();
            Plug { connector, unit, jack, side, cable_lanes: wires, jack_lanes: (1..=lanes).collect() }
        };
        let (a, b) = (vec![plug(1, 1)], vec![plug(1, 1), plug(2, 3)]);
        let status = [Status::Connected, Status::Planned, Status::Decommissioned][dice.below(3)];
        let twisted = dice.chance(30).then(|| vec![(1, 2), (2, 1), (3, 3), (4, 4)]);
        let name = format!("c{number}");
        let connectors = (1, 2);
        cables.push(Cable {
            name,
            lanes: 4,
            status,
            lane_map: twisted,
            a,
            b,
            connectors,
            length_m: Some(1.0),
            category: None,
        });
    }
    (Plant::new(units, cables), active)
}

#[test]
fn every_way_has_its_way_back() {
    let mut ways = 0;
    for seed in 0..2000u64 {
        let mut dice = Dice(seed);
        let (plant, active) = plant(&mut dice);
        for (unit, jack) in &active {
            let from = |unit, jack| plant.trace(&Start::Jack { unit, jack, side: None }).unwrap();
            let there = from(unit, jack);
            let mut taken = BTreeSet::new();
            for way in &there.ways {
                assert!(
                    way.lanes.iter().all(|l| taken.insert(*l)),
                    "plant {seed}: a lane of {unit}/{jack} goes two ways"
                );
                let Goal::Active { unit: far, jack: other } = &way.goal else { continue };
                let mut reversed = way.hops.clone();
                reversed.reverse();
                let back = from(far, other);
                let same = back.ways.iter().find(|w| w.hops == reversed);
                let same =
                    same.unwrap_or_else(|| panic!("plant {seed}: no way back from {far}/{other} to {unit}/{jack}"));
                assert_eq!(same.lanes.len(), way.lanes.len(), "plant {seed}");
                assert_eq!(
                    (same.length_m, same.goal.clone()),
                    (way.length_m, Goal::Active { unit: unit.clone(), jack: jack.clone() })
                );
                ways += 1;
            }
        }
    }
    assert!(ways > 1000, "{ways} ways");
}

/// Anything a device may say, right or not.
fn garbage(dice: &mut Dice, number: usize) -> Device {
    let word = |dice: &mut Dice| {
        ["", "sw00", "Gi0/1", "7", "bridge/ether2", "00:10:20:00:00:00", "10.0.0.1", "é(", ".", "a.b"][dice.below(10)]
            .to_owned()
    };
    let index = |dice: &mut Dice| [0, 1, 2, 7, 1002, u32::MAX][dice.below(6)];
    let mac =
        |dice: &mut Dice| Mac([0, 1, 0x0010_2000_0000, 0x0010_2000_0001, u64::MAX, 0x3333_0000_0001][dice.below(6)]);
    let mut d = Device { key: format!("{}", dice.below(number + 1)), name: Some(word(dice)), ..Device::default() };
    for _ in 0..dice.below(8) {
        d.ports.insert(
            index(dice),
            Port { name: word(dice), mac: Some(mac(dice)), up: Some(dice.chance(50)), ..Port::default() },
        );
        d.aggregates.insert(index(dice), index(dice));
        d.bridge_ports.insert(index(dice), index(dice));
        d.identity.insert(mac(dice));
        d.serials.extend(dice.chance(10).then(|| word(dice)));
        d.learned.push(Learned { mac: mac(dice), if_index: index(dice), vlan: index(dice), age_s: 0 });
        d.lldp_ports.push(LldpPort {
            number: index(dice),
            id: Some(word(dice)),
            descr: Some(word(dice)),
            if_index: Some(index(dice)),
        });
        d.neighbours.push(Row {
            local_if_index: Some(index(dice)),
            protocol: ["lldp", "cdp", ""][dice.below(3)].to_owned(),
            remote_host: Some(word(dice)),
            remote_chassis: Some(word(dice)),
            remote_port: Some(word(dice)),
            remote_address: Some(word(dice)),
            ..Row::default()
        });
        d.segments.push(StpSegment {
            if_index: index(dice),
            context: String::new(),
            state: Some("forwarding".to_owned()),
            designated_bridge: mac(dice).to_string(),
            designated_port: Some(index(dice)),
        });
    }
    d
}

#[test]
fn nonsense_gives_some_map_and_never_a_panic() {
    for seed in 0..2000u64 {
        let mut dice = Dice(seed);
        let devices: Vec<Device> = (0..1 + dice.below(6)).map(|n| garbage(&mut dice, n)).collect();
        let map = infer(devices.clone());
        assert!(map.links.iter().all(|l| l.a.device != l.b.device), "nonsense {seed}: a device joined to itself");
        assert!(map.links.iter().all(|l| (0.0..=0.995).contains(&l.confidence)), "nonsense {seed}");
    }
}
