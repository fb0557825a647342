//! A managed switch: ports with counters, VLANs, forwarding table, spanning tree, LLDP neighbours.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::branch::{self, SWITCHES, SwitchMaker, SwitchPlan, VLANS};
use super::hours;
use super::printer::Printer;
use super::rows::{Interface, Rows, System, text};
use super::stations::{Station, trunks};
use crate::model::Millis;
use crate::protocol::snmp::{Oid, Value};

#[derive(Debug, Clone, Copy, Default)]
struct Counters {
    received: u64,
    sent: u64,
    errors: u32,
}

pub struct Switch {
    pub plan: &'static SwitchPlan,
    number: usize,
    booted: Millis,
    ports: Vec<Counters>,
    rng: StdRng,
}

/// What a switch has to know of its branch to answer.
pub struct Branch<'a> {
    pub now: Millis,
    pub network: [u8; 3],
    pub stations: &'a [Station],
    pub printers: &'a [Printer],
}

/// How a maker numbers and names things.
impl SwitchPlan {
    fn port_count(&self) -> u32 {
        self.copper + self.fiber
    }
    fn if_index(&self, port: u32) -> u32 {
        match self.maker {
            SwitchMaker::Eltex if port > self.copper => 105 + port - self.copper - 1,
            SwitchMaker::Eltex => 48 + port,
            SwitchMaker::DLink | SwitchMaker::Procurve => port,
        }
    }
    fn port_name(&self, port: u32) -> String {
        match self.maker {
            SwitchMaker::Eltex if port > self.copper => format!("te1/0/{}", port - self.copper),
            SwitchMaker::Eltex => format!("gi1/0/{port}"),
            SwitchMaker::DLink => format!("eth1/0/{port}"),
            SwitchMaker::Procurve => port.to_string(),
        }
    }
    /// Address of this port: the base, counted up.
    fn port_mac(&self, port: u32) -> [u8; 6] {
        let mut mac = self.mac;
        mac[5] = mac[5].wrapping_add(port as u8);
        mac
    }
    fn identity(&self) -> (&'static str, &'static str) {
        match self.maker {
            SwitchMaker::Eltex => {
                ("MES2348P 52-port 1G/10G Managed Switch with 48 POE+ ports", "1.3.6.1.4.1.35265.1.107")
            }
            SwitchMaker::DLink => ("DGS-1510-28 Gigabit Ethernet SmartPro Switch", "1.3.6.1.4.1.171.10.137.2.1"),
            SwitchMaker::Procurve => (
                "HP J9146A E2910al-24G-PoE Switch, revision W.15.14.0017, ROM W.14.06 \
                 (/ws/swbuildm/rel_portland_qaoff/code/build/sbm(rel_portland_qaoff)) (Formerly ProCurve)",
                "1.3.6.1.4.1.11.2.3.7.11.84",
            ),
        }
    }
}

impl Switch {
    pub fn new(number: usize, seed: u64, at: Millis) -> Self {
        let plan = &SWITCHES[number];
        let mut rng = StdRng::seed_from_u64(seed ^ (u64::from(plan.host) << 32));
        let booted = at.plus(-rng.random_range(40..300) * Millis::DAY);
        let ports = (0..plan.port_count())
            .map(|_| Counters { received: rng.random_range(0..1 << 41), sent: rng.random_range(0..1 << 42), errors: 0 })
            .collect();
        Switch { plan, number, booted, ports, rng }
    }

    /// A quarter of an hour of traffic on the ports with a link.
    pub fn quarter(&mut self, at: Millis, up: &[bool]) {
        let activity = hours::activity(at) + 0.02;
        for (port, up) in self.ports.iter_mut().zip(up) {
            if *up {
                let bytes = self.rng.random_range(300_000.0..130_000_000.0) * activity;
                port.received += bytes as u64;
                port.sent += (bytes * 3.1) as u64;
            }
        }
        // One socket of the warehouse is bad: its cable lies under the gate.
        if self.number == branch::STORE && up.get(7).copied().unwrap_or(false) {
            self.ports[7].errors += self.rng.random_range(0..20);
        }
    }

    /// Link state of every port, by number from 1.
    pub fn links(&self, stations: &[Station], printers: &[Printer], at: Millis) -> Vec<bool> {
        let mut up = vec![false; self.ports.len()];
        let mut set = |number: u32| {
            if let Some(port) = up.get_mut(number as usize - 1) {
                *port = true;
            }
        };
        trunks(self.number).into_iter().for_each(|(port, ..)| set(port));
        if branch::UNMANAGED.switch == self.number {
            set(branch::UNMANAGED.number);
        }
        for s in stations.iter().filter(|s| s.port.switch == self.number && s.port.number > 0) {
            if s.is_up(printers, at) {
                set(s.port.number);
            }
        }
        up
    }

    fn access_vlan(&self, port: u32, b: &Branch<'_>) -> Option<u32> {
        if trunks(self.number).iter().any(|(p, ..)| *p == port) {
            return None;
        }
        let here = |s: &&Station| s.port.switch == self.number && s.port.number == port;
        Some(b.stations.iter().find(here).map_or(branch::OFFICE, |s| s.vlan))
    }

    /// All objects now, sorted.
    pub fn objects(&self, b: &Branch<'_>) -> Vec<(Oid, Value)> {
        let mut rows = Rows::default();
        let (descr, object_id) = self.plan.identity();
        rows.system(System {
            descr,
            object_id,
            uptime_cs: (b.now.since(self.booted) / 10) as u32, // wraps after 497 days, as real ones do
            name: self.plan.name,
            location: self.plan.room,
            services: 2,
        });
        let [x, y, z] = b.network;
        let first = self.plan.if_index(1);
        rows.address([x, y, z, self.plan.host], first);
        self.chassis(&mut rows);
        self.interfaces(b, &mut rows);
        self.bridge(b, &mut rows);
        self.vlans(b, &mut rows);
        self.lldp(b, &mut rows);
        rows.finish()
    }

    /// ENTITY-MIB, the chassis only.
    fn chassis(&self, rows: &mut Rows) {
        let (model, firmware, maker) = match self.plan.maker {
            SwitchMaker::Eltex => ("MES2348P", "4.0.15.2", "Eltex"),
            SwitchMaker::DLink => ("DGS-1510-28", "1.50.021", "D-Link"),
            SwitchMaker::Procurve => ("J9146A", "W.15.14.0017", "HP"),
        };
        rows.row(
            "47.1.1.1.1",
            &[1],
            [
                (2, text(model)),
                (4, Value::Integer(0)),
                (5, Value::Integer(3)), // chassis
                (7, text(self.plan.name)),
                (10, text(firmware)),
                (11, text(self.plan.serial)),
                (12, text(maker)),
                (13, text(model)),
            ],
        );
    }

    fn interfaces(&self, b: &Branch<'_>, rows: &mut Rows) {
        let up = self.links(b.stations, b.printers, b.now);
        rows.mib2("2.1", &[0], Value::Integer(self.ports.len() as i64));
        for (port, counters) in (1..).zip(&self.ports) {
            let name = self.plan.port_name(port);
            let trunk = trunks(self.number).into_iter().find(|(p, ..)| *p == port);
            let alias = trunk.map_or(String::new(), |(_, other, _)| SWITCHES[other].name.to_owned());
            rows.interface(&Interface {
                index: self.plan.if_index(port),
                descr: &match name.strip_prefix("gi") {
                    Some(rest) => format!("gigabitethernet{rest}"),
                    None => name.replacen("te", "tengigabitethernet", 1),
                },
                extended: Some((&name, &alias)),
                mac: self.plan.port_mac(port),
                up: up[port as usize - 1],
                speed_mbps: if port > self.plan.copper && self.plan.maker == SwitchMaker::Eltex {
                    10_000
                } else {
                    1000
                },
                in_octets: counters.received,
                out_octets: counters.sent,
                in_errors: counters.errors,
                last_change_cs: 0,
            });
        }
    }

    /// BRIDGE-MIB with spanning tree (the core is the root), Q-BRIDGE forwarding table.
    fn bridge(&self, b: &Branch<'_>, rows: &mut Rows) {
        rows.mib2("17.1.1", &[0], text(self.plan.mac));
        rows.mib2("17.1.2", &[0], Value::Integer(self.ports.len() as i64));
        rows.mib2("17.1.3", &[0], Value::Integer(2)); // transparent-only
        for port in 1..=self.ports.len() as u32 {
            let index = self.plan.if_index(port);
            rows.mib2("17.1.4.1.1", &[index], Value::Integer(i64::from(index)));
            rows.mib2("17.1.4.1.2", &[index], Value::Integer(i64::from(index)));
        }
        let is_root = self.plan.uplink.is_none();
        let root = &SWITCHES[branch::CORE];
        let root_id = [&[0x10, 0x00][..], &root.mac].concat(); // priority 4096, then the address
        rows.mib2("17.2.1", &[0], Value::Integer(3));
        rows.mib2("17.2.2", &[0], Value::Integer(if is_root { 4096 } else { 32_768 }));
        rows.mib2("17.2.5", &[0], text(root_id));
        rows.mib2("17.2.6", &[0], Value::Integer(if is_root { 0 } else { 20_000 }));
        let root_port = self.plan.uplink.map_or(0, |port| self.plan.if_index(port));
        rows.mib2("17.2.7", &[0], Value::Integer(i64::from(root_port)));
        let learned = Value::Integer(3);
        for s in b.stations.iter().filter(|s| s.is_up(b.printers, b.now)) {
            let Some(port) = s.seen_at(self.number) else { continue };
            let (mac, port) = (s.mac.map(u32::from), Value::Integer(i64::from(self.plan.if_index(port))));
            let in_vlan = [&[s.vlan][..], &mac].concat();
            rows.mib2("17.7.1.2.2.1.2", &in_vlan, port.clone());
            rows.mib2("17.7.1.2.2.1.3", &in_vlan, learned.clone());
            rows.row("17.4.3.1", &mac, [(1, text(s.mac)), (2, port), (3, learned.clone())]);
        }
        let own = self.plan.mac.map(u32::from);
        let in_vlan = [&[branch::MGMT][..], &own].concat();
        rows.mib2("17.7.1.2.2.1.2", &in_vlan, Value::Integer(0));
        rows.mib2("17.7.1.2.2.1.3", &in_vlan, Value::Integer(4)); // self
    }

    /// Q-BRIDGE-MIB: current and static VLANs, port VLAN ids.
    fn vlans(&self, b: &Branch<'_>, rows: &mut Rows) {
        let ports = 1..=self.ports.len() as u32;
        let bytes = ports.clone().map(|p| self.plan.if_index(p)).max().unwrap_or(0).div_ceil(8) as usize;
        for (vlan, name) in VLANS {
            let (mut egress, mut untagged) = (vec![0u8; bytes], vec![0u8; bytes]);
            for port in ports.clone() {
                let bit = self.plan.if_index(port) as usize - 1;
                let access = self.access_vlan(port, b);
                if access.is_none_or(|v| v == vlan) {
                    egress[bit / 8] |= 0x80 >> (bit % 8);
                }
                if access == Some(vlan) {
                    untagged[bit / 8] |= 0x80 >> (bit % 8);
                }
            }
            let columns = [(3, Value::Gauge32(vlan)), (4, text(&egress)), (5, text(&untagged)), (6, Value::Integer(2))];
            rows.row("17.7.1.4.2.1", &[0, vlan], columns);
            let columns = [(1, text(name)), (2, text(egress)), (4, text(untagged)), (5, Value::Integer(1))];
            rows.row("17.7.1.4.3.1", &[vlan], columns);
        }
        for port in ports {
            let pvid = self.access_vlan(port, b).unwrap_or(branch::MGMT);
            rows.mib2("17.7.1.4.5.1.1", &[self.plan.if_index(port)], Value::Gauge32(pvid));
        }
    }

    fn lldp(&self, b: &Branch<'_>, rows: &mut Rows) {
        let (mac_id, interface_name, local) = (Value::Integer(4), 5, 7);
        rows.lldp("3.1", &[0], mac_id.clone());
        rows.lldp("3.2", &[0], text(self.plan.mac));
        rows.lldp("3.3", &[0], text(self.plan.name));
        rows.lldp("3.4", &[0], text(self.plan.identity().0));
        let subtype = |maker| if maker == SwitchMaker::Procurve { local } else { interface_name };
        for port in 1..=self.ports.len() as u32 {
            let index = self.plan.if_index(port);
            rows.lldp("3.7.1.2", &[index], Value::Integer(subtype(self.plan.maker)));
            rows.lldp("3.7.1.3", &[index], text(self.plan.port_name(port)));
            rows.lldp("3.7.1.4", &[index], text(self.plan.port_name(port)));
        }
        let mut neighbor = 0;
        let mut remote = |port: u32, chassis: [u8; 6], port_id: (i64, Value), about: [&str; 3], caps: u8, host: u8| {
            neighbor += 1;
            let index = [4200 + neighbor * 17, self.plan.if_index(port), neighbor]; // the time mark is not 0
            let columns = [
                (4, mac_id.clone()),
                (5, text(chassis)),
                (6, Value::Integer(port_id.0)),
                (7, port_id.1),
                (8, text(about[2])),
                (9, text(about[0])),
                (10, text(about[1])),
                (11, text([caps])),
                (12, text([caps])),
            ];
            for (column, value) in columns {
                rows.lldp(&format!("4.1.1.{column}"), &index, value);
            }
            let [x, y, z] = b.network.map(u32::from);
            let address = [&index[..], &[1, 4, x, y, z, u32::from(host)]].concat();
            rows.lldp("4.2.1.3", &address, Value::Integer(2));
            rows.lldp("4.2.1.4", &address, Value::Integer(1));
        };
        for (port, other, its_port) in trunks(self.number) {
            let plan = &SWITCHES[other];
            let name = plan.port_name(its_port);
            let id = (subtype(plan.maker), text(&name));
            remote(port, plan.mac, id, [plan.name, plan.identity().0, &name], 0x20, plan.host);
        }
        for s in b.stations.iter().filter(|s| s.port.switch == self.number && s.is_up(b.printers, b.now)) {
            // The unmanaged switch swallows LLDP.
            if let (Some(a), true) = (s.announcement(), s.port != branch::UNMANAGED) {
                let id = a.port_id.map_or((3, text(s.mac)), |name| (interface_name, text(name)));
                let descr = a.port_id.unwrap_or_default();
                remote(s.port.number, s.mac, id, [a.sys_name, a.sys_descr, descr], a.capabilities, a.host);
            }
        }
    }
}
