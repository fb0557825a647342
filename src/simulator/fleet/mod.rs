//! A living virtual branch made by us: forty devices whose toner falls, whose parts fail, whose people mend them.
//!
//! Pure in virtual time: no clock, no sockets, everything random from one seed, and how time is cut into `advance` calls
//! changes nothing. `branch` is the plan as data, `models` the printers, `printer`/`switch`/`others` live and answer,
//! `scenes` makes sure that the first hours after the opening are worth watching. `live` puts it on real UDP.

mod branch;

pub mod hours;
pub mod ipp;
pub mod live;
mod models;
mod others;
mod printer;
mod printer_mib;
mod rows;
mod scenes;
mod stations;
mod switch;

pub use branch::PrinterPlan;
pub use printer::{Happening, Printer, Supply};
pub use scenes::{CURTAIN_FALLS, Scene};

use branch::{OTHERS, OtherKind, PRINTERS, SWITCHES};
use others::Other;
use stations::Station;
use switch::{Branch, Switch};

use crate::model::Millis;
use crate::protocol::snmp::{Oid, Value};

/// First three octets of the branch's addresses; the last is the device's own.
pub const NETWORK: [u8; 3] = [127, 20, 0];

/// A device's number in the fleet: switches, then printers, then the others.
pub type Number = usize;

/// What really happened, with when and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    pub at: Millis,
    pub device: Number,
    pub what: Happening,
}

/// Who a device is, without asking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card {
    pub name: &'static str,
    pub room: &'static str,
    pub address: std::net::Ipv4Addr,
    pub ipp: bool,
}

/// What a status poll would tell of a device, in short.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pulse {
    pub on: bool,
    /// A part failed, or the mains.
    pub fault: bool,
    /// Indexes of the alert table.
    pub alerts: Vec<u32>,
}

pub struct Fleet {
    now: Millis,
    /// When the scenes begin.
    opening: Millis,
    network: [u8; 3],
    switches: Vec<Switch>,
    printers: Vec<Printer>,
    others: Vec<Other>,
    stations: Vec<Station>,
    log: Vec<Truth>,
}

impl Fleet {
    /// The branch as it is at `start`; the scenes of `scenes` are played from `opening` on.
    pub fn new(seed: u64, start: Millis, opening: Millis) -> Self {
        let start = on_the_minute(start);
        let printers: Vec<_> = PRINTERS.iter().map(|plan| Printer::new(plan, seed, start)).collect();
        Fleet {
            now: start,
            opening: on_the_minute(opening),
            network: NETWORK,
            switches: (0..SWITCHES.len()).map(|n| Switch::new(n, seed, start)).collect(),
            stations: stations::all(&printers),
            printers,
            others: OTHERS.iter().map(|plan| Other::new(plan, start)).collect(),
            log: Vec::new(),
        }
    }

    pub fn now(&self) -> Millis {
        self.now
    }
    pub fn len(&self) -> usize {
        self.switches.len() + self.printers.len() + self.others.len()
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Everything that happened so far, oldest first.
    pub fn log(&self) -> &[Truth] {
        &self.log
    }

    /// Lives on, minute by minute, until the last whole minute at or before `to`. Time never goes back.
    pub fn advance(&mut self, to: Millis) {
        let mut happened = Vec::new();
        while self.now.plus(Millis::MINUTE) <= to {
            let before = self.now;
            self.now = self.now.plus(Millis::MINUTE);
            let at = self.now;
            for n in 0..self.printers.len() {
                self.printers[n].minute(at, &mut happened);
                self.record(n, &mut happened);
            }
            scenes::play(self, at);
            self.others.iter_mut().for_each(|other| other.minute(at));
            // Links change rarely; traffic is the same whether they are looked at each minute or each quarter.
            if before.0.div_euclid(15 * Millis::MINUTE) != at.0.div_euclid(15 * Millis::MINUTE) {
                for switch in &mut self.switches {
                    let up = switch.links(&self.stations, &self.printers, at);
                    switch.quarter(at, &up);
                }
            }
        }
    }

    fn record(&mut self, printer: usize, happened: &mut Vec<Happening>) {
        let (at, device) = (self.now, self.switches.len() + printer);
        self.log.extend(happened.drain(..).map(|what| Truth { at, device, what }));
    }

    pub fn card(&self, device: Number) -> Card {
        let [a, b, c] = self.network;
        let card = |name, room, host, ipp| Card { name, room, address: [a, b, c, host].into(), ipp };
        match self.part(device) {
            Part::Switch(s) => card(s.plan.name, s.plan.room, s.plan.host, false),
            Part::Printer(p) => card(p.plan.name, p.plan.room, p.plan.host, p.plan.ipp),
            Part::Other(o) => card(o.plan.name, o.plan.room, o.plan.host, false),
        }
    }

    /// All objects of a device now, sorted; `None` while it is off.
    pub fn objects(&self, device: Number) -> Option<Vec<(Oid, Value)>> {
        Some(match self.part(device) {
            Part::Switch(s) => s.objects(&Branch {
                now: self.now,
                network: self.network,
                stations: &self.stations,
                printers: &self.printers,
            }),
            Part::Printer(p) if !p.is_on() => return None,
            Part::Printer(p) => {
                let [a, b, c] = self.network;
                p.objects(self.now, [a, b, c, p.plan.host])
            }
            Part::Other(o) => o.objects(self.now, self.network),
        })
    }

    /// Equal as long as nothing happened that a status poll would tell; cheap to take every minute.
    pub fn pulse(&self, device: Number) -> Pulse {
        match self.part(device) {
            Part::Printer(p) => Pulse {
                on: p.is_on(),
                fault: p.alerts.iter().any(|a| a.cause == printer::Cause::Fault),
                alerts: p.alerts.iter().map(|a| a.index).collect(),
            },
            Part::Other(o) => Pulse { on: true, fault: o.is_on_battery(), alerts: Vec::new() },
            Part::Switch(_) => Pulse { on: true, ..Pulse::default() },
        }
    }

    /// The printer with this number.
    pub fn printer(&self, device: Number) -> Option<&Printer> {
        match self.part(device) {
            Part::Printer(p) => Some(p),
            _ => None,
        }
    }

    /// A delivered cartridge is put in: supply by its place in prtMarkerSuppliesTable, from 0.
    pub fn replace(&mut self, device: Number, supply: usize) {
        let printer = device.wrapping_sub(self.switches.len());
        if let Some(p) = self.printers.get_mut(printer) {
            let mut happened = p.replace(supply).into_iter().collect();
            self.record(printer, &mut happened);
        }
    }

    fn part(&self, device: Number) -> Part<'_> {
        let (switches, printers) = (self.switches.len(), self.printers.len());
        if device < switches {
            Part::Switch(&self.switches[device])
        } else if device < switches + printers {
            Part::Printer(&self.printers[device - switches])
        } else {
            Part::Other(&self.others[(device - switches - printers).min(self.others.len() - 1)])
        }
    }

    fn ups(&mut self) -> Option<&mut Other> {
        self.others.iter_mut().find(|o| o.plan.kind == OtherKind::Ups)
    }
}

enum Part<'a> {
    Switch(&'a Switch),
    Printer(&'a Printer),
    Other(&'a Other),
}

fn on_the_minute(at: Millis) -> Millis {
    Millis(at.0.div_euclid(Millis::MINUTE) * Millis::MINUTE)
}

#[cfg(test)]
mod tests;
