//! Everything with a MAC address on the branch's network, where it is plugged in and when it is there.
//!
//! One list serves the forwarding tables, the LLDP tables and the link states of all switches, so they cannot disagree.

use super::branch::{self, COMPUTERS, OTHERS, OtherKind, PRINTERS, Port, SWITCHES, SwitchPlan, WIRELESS};
use super::hours;
use super::models::Maker;
use super::printer::Printer;
use crate::model::Millis;

/// What announces itself by LLDP (IEEE 802.1AB).
#[derive(Debug, Clone, Copy)]
pub struct Announcement {
    /// Empty for endpoints that only give their MAC.
    pub sys_name: &'static str,
    pub sys_descr: &'static str,
    /// `None`: the port id is the MAC.
    pub port_id: Option<&'static str>,
    /// lldpRemSysCapEnabled: bridge 0x20, access point 0x10, router 0x08, telephone 0x04, station 0x01.
    pub capabilities: u8,
    pub host: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Switch(usize),
    Printer(usize),
    Other(usize),
    /// Comes to work this many minutes after half past eight.
    Computer(i64),
    /// As a computer, but through an access point.
    Wireless(i64),
}

#[derive(Debug, Clone, Copy)]
pub struct Station {
    pub who: Who,
    pub mac: [u8; 6],
    pub port: Port,
    pub vlan: u32,
}

/// All stations; printers give their own MAC.
pub fn all(printers: &[Printer]) -> Vec<Station> {
    let mut stations = Vec::new();
    for (n, s) in SWITCHES.iter().enumerate() {
        // Seen by the others behind its uplink, by itself as its own.
        let port = Port { switch: n, number: 0 };
        stations.push(Station { who: Who::Switch(n), mac: s.mac, port, vlan: branch::MGMT });
    }
    for (n, plan) in PRINTERS.iter().enumerate() {
        let mac = printers[n].mac();
        stations.push(Station { who: Who::Printer(n), mac, port: plan.port, vlan: branch::PRINT });
    }
    for (n, plan) in OTHERS.iter().enumerate() {
        stations.push(Station { who: Who::Other(n), mac: plan.mac, port: plan.port, vlan: plan.vlan });
    }
    let mut number = 0u8;
    for (port, count) in COMPUTERS {
        for _ in 0..count {
            number += 1;
            let (mac, late) = ([0x04, 0x7c, 0x16, 0x5a, port.switch as u8, number], i64::from(number % 41));
            stations.push(Station { who: Who::Computer(late), mac, port, vlan: branch::OFFICE });
        }
    }
    for (port, count) in WIRELESS {
        for _ in 0..count {
            number += 1;
            // Telephones make up their address: locally administered.
            let (mac, late) = ([0x9a, 0x3e, number.wrapping_mul(37), 0x71, 0x0c, number], i64::from(number % 50));
            stations.push(Station { who: Who::Wireless(late), mac, port, vlan: branch::WIFI });
        }
    }
    stations
}

impl Station {
    /// Powered and on the network.
    pub fn is_up(&self, printers: &[Printer], at: Millis) -> bool {
        match self.who {
            Who::Switch(_) | Who::Other(_) => true,
            Who::Printer(n) => printers[n].is_on(),
            Who::Computer(late) | Who::Wireless(late) => hours::is_present(at, late),
        }
    }

    /// Port of this switch behind which the station is.
    pub fn seen_at(&self, switch: usize) -> Option<u32> {
        if self.port.switch == switch {
            return (self.port.number > 0).then_some(self.port.number);
        }
        match SWITCHES[switch].uplink {
            Some(uplink) => Some(uplink),
            None => Some(SWITCHES[self.port.switch].core_port),
        }
    }

    /// What it says of itself by LLDP, if it speaks it.
    pub fn announcement(&self) -> Option<Announcement> {
        match self.who {
            Who::Switch(_) | Who::Computer(_) | Who::Wireless(_) => None,
            // JetDirect cards give their addresses and nothing else.
            Who::Printer(n) => (PRINTERS[n].model.maker == Maker::Hp).then_some(Announcement {
                sys_name: "",
                sys_descr: "",
                port_id: None,
                capabilities: 0x01,
                host: PRINTERS[n].host,
            }),
            Who::Other(n) => {
                let plan = &OTHERS[n];
                let (sys_descr, port_id, capabilities) = match plan.kind {
                    OtherKind::Router => ("RouterOS RB5009UPr+S+", Some("ether1"), 0x28),
                    OtherKind::AccessPoint => ("UAP-nanoHD, 6.6.77.15402", Some("eth0"), 0x30),
                    OtherKind::Phone => ("", None, 0x04),
                    OtherKind::Server => ("Debian GNU/Linux 12 (bookworm) Linux 6.1.0-28-amd64", Some("eno1"), 0x01),
                    OtherKind::Ups | OtherKind::Storage | OtherKind::LabelPrinter => return None,
                };
                Some(Announcement { sys_name: plan.name, sys_descr, port_id, capabilities, host: plan.host })
            }
        }
    }
}

/// Switches this one is cabled to: (own port, which switch, its port).
pub fn trunks(switch: usize) -> Vec<(u32, usize, u32)> {
    match SWITCHES[switch].uplink {
        Some(uplink) => vec![(uplink, branch::CORE, SWITCHES[switch].core_port)],
        None => {
            let below = |(n, s): (usize, &SwitchPlan)| s.uplink.map(|uplink| (s.core_port, n, uplink));
            SWITCHES.iter().enumerate().filter_map(below).collect()
        }
    }
}
