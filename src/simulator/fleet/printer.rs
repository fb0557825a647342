//! The life of one printer in steps of a minute: jobs, toner, paper, jams, failures, people who come and mend.
//!
//! Everything random comes from its own seeded generator, so other devices and the way time is cut into calls change
//! nothing. How its state looks over SNMP is `printer_mib.rs`.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::branch::PrinterPlan;
use super::hours;
use super::models::{Report, SupplySpec};
use crate::model::Millis;

/// Below this share the device itself says a supply is low.
pub const LOW: f64 = 0.10;
const PAGES_PER_JOB: f64 = 5.0;
const PAGES_PER_JAM: f64 = 2500.0;
const PAGES_PER_FAULT: f64 = 60_000.0;
/// Working minutes of one printer between two times somebody pulls its plug.
const MINUTES_PER_OUTAGE: f64 = 540.0 * 26.0 * 5.0;

/// What really happened, for tests and nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// Supply number, from 0, went through the device's own low mark.
    Low(usize),
    Empty(usize),
    Replaced(usize),
    Jam,
    Fault,
    Repaired,
    PowerOff,
    PowerOn,
}

#[derive(Debug, Clone)]
pub struct Supply {
    pub spec: &'static SupplySpec,
    /// True share left; of a receptacle the room.
    pub remaining: f64,
    /// Changes with every new cartridge.
    pub serial: u32,
    /// True yield over the rated one.
    wear: f64,
    /// Working minutes until somebody brings a new one.
    replacement_in: Option<u32>,
}

impl Supply {
    fn new(spec: &'static SupplySpec, remaining: f64, rng: &mut StdRng) -> Self {
        let spread: f64 = (0..4).map(|_| rng.random_range(-0.15..0.15)).sum();
        let serial = rng.random_range(0x1000_0000..0xffff_0000);
        Supply { spec, remaining, serial, wear: spread.exp(), replacement_in: None }
    }
    /// What the agent says: prtMarkerSuppliesMaxCapacity and prtMarkerSuppliesLevel.
    pub fn reported(&self) -> (i64, i64) {
        match self.spec.report {
            Report::Percent(step) => {
                let step = f64::from(step);
                (100, ((self.remaining * 100.0 / step).ceil() * step).clamp(0.0, 100.0) as i64)
            }
            Report::Pages => {
                let rated = i64::from(self.spec.yield_pages);
                (rated, (self.remaining * rated as f64).round() as i64)
            }
            Report::Some => (-2, if self.is_empty() { 0 } else { -3 }),
            Report::Unknown => (-2, -2),
        }
    }
    pub fn is_empty(&self) -> bool {
        self.remaining <= 0.0
    }
    pub fn is_low(&self) -> bool {
        self.remaining <= LOW
    }
}

/// What an agent complains about, in terms of the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    Low(usize),
    Empty(usize),
    PaperLow(usize),
    PaperOut(usize),
    Jam,
    CoverOpen,
    Fault,
}

/// A row of prtAlertTable.
#[derive(Debug, Clone)]
pub struct Alert {
    pub index: u32,
    pub cause: Cause,
    pub since: Millis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Jam,
    CoverOpen,
    Fault,
}

pub struct Printer {
    pub plan: &'static PrinterPlan,
    pub supplies: Vec<Supply>,
    /// Sheets left.
    pub trays: Vec<u32>,
    pub pages: u64,
    pub color_pages: u64,
    pub printing: bool,
    pub booted: Millis,
    pub alerts: Vec<Alert>,
    rng: StdRng,
    queue: u32,
    trouble: Option<(Trouble, u32)>,
    /// Minutes until it is switched on again.
    off: Option<u32>,
    /// Working minutes until somebody fills the trays.
    refill_in: Option<u32>,
    /// A long job that runs until this supply is down to this share.
    rush: Option<(usize, f64)>,
    next_alert: u32,
}

impl Printer {
    pub fn new(plan: &'static PrinterPlan, seed: u64, at: Millis) -> Self {
        let mut rng = StdRng::seed_from_u64(seed ^ (u64::from(plan.host) << 32));
        let supplies = plan.model.supplies.iter().map(|spec| {
            let remaining = rng.random_range(0.12..1.0);
            Supply::new(spec, remaining, &mut rng)
        });
        let supplies = supplies.collect();
        let trays = plan.model.trays.iter().map(|t| rng.random_range(t.capacity / 2..=t.capacity)).collect();
        let pages = rng.random_range(8_000..160_000);
        Printer {
            plan,
            supplies,
            trays,
            pages,
            color_pages: (pages as f64 * plan.model.color_share) as u64,
            printing: false,
            booted: at.plus(-rng.random_range(1..30) * Millis::DAY),
            alerts: Vec::new(),
            rng,
            queue: 0,
            trouble: None,
            off: None,
            refill_in: None,
            rush: None,
            next_alert: 1,
        }
    }

    pub fn is_on(&self) -> bool {
        self.off.is_none()
    }
    /// Jammed, open or broken.
    pub fn has_trouble(&self) -> bool {
        self.trouble.is_some()
    }
    pub fn is_rushing(&self) -> bool {
        self.rush.is_some()
    }
    /// Needs a person before it prints again.
    pub fn is_blocked(&self) -> bool {
        self.trouble.is_some() || self.out_of_paper() || self.out_of_supply()
    }
    fn out_of_supply(&self) -> bool {
        self.supplies.iter().any(|s| s.is_empty() && s.spec.kind.stops_printing())
    }
    fn out_of_paper(&self) -> bool {
        !self.trays.is_empty() && self.main_trays().all(|t| self.trays[t] == 0)
    }
    /// The bypass is empty most of the time and nobody minds.
    pub fn is_bypass(&self, tray: usize) -> bool {
        self.trays.len() > 1 && self.plan.model.trays[tray].capacity <= 150
    }
    fn main_trays(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.trays.len()).filter(|t| !self.is_bypass(*t))
    }

    /// A part fails now and is mended after this many minutes.
    pub fn fail(&mut self, minutes: u32) -> Happening {
        self.trouble = Some((Trouble::Fault, minutes));
        Happening::Fault
    }
    /// Somebody pulls the plug for this many minutes.
    pub fn power_off(&mut self, minutes: u32) -> Happening {
        self.off = Some(minutes);
        self.printing = false;
        Happening::PowerOff
    }
    /// A long job that ends when this supply is down to `target`.
    pub fn rush(&mut self, supply: usize, target: f64) {
        self.rush = Some((supply, target));
    }
    /// A new cartridge (or an emptied box) goes in now.
    pub fn replace(&mut self, supply: usize) -> Option<Happening> {
        let old = self.supplies.get(supply)?;
        self.supplies[supply] = Supply::new(old.spec, 1.0, &mut self.rng);
        Some(Happening::Replaced(supply))
    }

    /// One minute that ends at `at`.
    pub fn minute(&mut self, at: Millis, out: &mut Vec<Happening>) {
        if let Some(left) = self.off {
            self.off = left.checked_sub(1).filter(|left| *left > 0);
            if self.off.is_none() {
                self.booted = at;
                out.push(Happening::PowerOn);
            }
            return;
        }
        let (working, activity) = (hours::is_working(at), hours::activity(at));
        if activity == 0.0 && self.queue == 0 && self.trouble.is_none() && self.rush.is_none() {
            self.printing = false;
            return; // nights change nothing
        }
        self.mend(working, out);
        if working && self.rush.is_none() && self.rng.random_bool(1.0 / MINUTES_PER_OUTAGE) {
            let minutes = self.rng.random_range(40..200);
            out.push(self.power_off(minutes));
            return;
        }
        self.jobs(activity);
        let pages = self.print();
        self.consume(pages, out);
        self.break_down(pages, out);
        self.reconcile_alerts(at);
    }

    /// People come: jams are cleared at any time, parts, paper and cartridges in working hours.
    fn mend(&mut self, working: bool, out: &mut Vec<Happening>) {
        if let Some((trouble, left)) = self.trouble {
            self.trouble = (left > 1).then(|| (trouble, left - 1));
            match (self.trouble, trouble) {
                (None, Trouble::Fault) => out.push(Happening::Repaired),
                // Who clears a jam has the cover open for a moment.
                (None, Trouble::Jam) => self.trouble = Some((Trouble::CoverOpen, self.rng.random_range(1..5))),
                _ => {}
            }
        }
        if !working {
            return;
        }
        if count_down(&mut self.refill_in) {
            for tray in 0..self.trays.len() {
                if !self.is_bypass(tray) {
                    self.trays[tray] = self.plan.model.trays[tray].capacity;
                }
            }
        }
        for supply in 0..self.supplies.len() {
            if count_down(&mut self.supplies[supply].replacement_in) {
                out.extend(self.replace(supply));
            }
        }
    }

    fn jobs(&mut self, activity: f64) {
        let per_minute = self.plan.pages_per_hour * activity / 60.0 / PAGES_PER_JOB;
        if per_minute > 0.0 && self.rng.random_bool(per_minute.min(1.0)) {
            // Geometric, as most jobs are short and some are not.
            let mut pages = 1;
            while pages < 120 && self.rng.random_bool(1.0 - 1.0 / PAGES_PER_JOB) {
                pages += 1;
            }
            self.queue = (self.queue + pages).min(300);
        }
    }

    /// Prints what a minute allows; the number of pages.
    fn print(&mut self) -> u32 {
        let speed = self.plan.model.pages_per_minute;
        if let Some((supply, target)) = self.rush {
            if self.supplies.get(supply).is_none_or(|s| s.remaining <= target) {
                self.rush = None;
            } else if self.trouble.is_none() && !self.out_of_supply() {
                self.printing = true;
                return speed; // whoever stands there feeds the paper
            }
        }
        self.printing = !self.is_blocked() && self.queue > 0;
        if !self.printing {
            return 0;
        }
        let mut wanted = self.queue.min(speed);
        let mut printed = 0;
        for tray in 0..self.trays.len() {
            if !self.is_bypass(tray) {
                let sheets = self.trays[tray].min(wanted);
                self.trays[tray] -= sheets;
                printed += sheets;
                wanted -= sheets;
            }
        }
        if self.trays.is_empty() {
            printed = wanted;
        }
        self.queue -= printed;
        if self.out_of_paper() && self.refill_in.is_none() {
            self.refill_in = Some(self.rng.random_range(4..35));
        }
        printed
    }

    fn consume(&mut self, pages: u32, out: &mut Vec<Happening>) {
        if pages == 0 {
            return;
        }
        self.pages += u64::from(pages);
        let color = f64::from(pages) * self.plan.model.color_share;
        self.color_pages += color.round() as u64;
        for number in 0..self.supplies.len() {
            let supply = &mut self.supplies[number];
            let colored = matches!(supply.spec.color, "cyan" | "magenta" | "yellow");
            let used = if colored { color } else { f64::from(pages) };
            let before = supply.remaining;
            supply.remaining = (before - used / (f64::from(supply.spec.yield_pages) * supply.wear)).max(0.0);
            if before > LOW && supply.remaining <= LOW {
                out.push(Happening::Low(number));
            }
            if before > 0.0 && supply.remaining <= 0.0 {
                // Mostly there is one in the cupboard, sometimes it has to come from elsewhere.
                let soon = self.rng.random_bool(0.8);
                let wait = if soon { self.rng.random_range(20..90) } else { self.rng.random_range(480..900) };
                self.supplies[number].replacement_in = Some(wait);
                out.push(Happening::Empty(number));
            }
        }
    }

    fn break_down(&mut self, pages: u32, out: &mut Vec<Happening>) {
        if pages == 0 || self.rush.is_some() || self.trouble.is_some() {
            return;
        }
        if self.rng.random_bool((f64::from(pages) / PAGES_PER_FAULT).min(1.0)) {
            let minutes = self.rng.random_range(90..420);
            out.push(self.fail(minutes));
        } else if self.rng.random_bool((f64::from(pages) / PAGES_PER_JAM).min(1.0)) {
            self.trouble = Some((Trouble::Jam, self.rng.random_range(4..25)));
            out.push(Happening::Jam);
        }
        self.printing &= self.trouble.is_none();
    }

    /// Rows that stay keep their index, new ones get the next.
    fn reconcile_alerts(&mut self, at: Millis) {
        let causes = self.causes();
        self.alerts.retain(|a| causes.contains(&a.cause));
        for cause in causes {
            if !self.alerts.iter().any(|a| a.cause == cause) {
                self.alerts.push(Alert { index: self.next_alert, cause, since: at });
                self.next_alert += 1;
            }
        }
    }

    fn causes(&self) -> Vec<Cause> {
        let mut causes = Vec::new();
        match self.trouble {
            Some((Trouble::Fault, _)) => causes.push(Cause::Fault),
            Some((Trouble::Jam, _)) => causes.push(Cause::Jam),
            Some((Trouble::CoverOpen, _)) => causes.push(Cause::CoverOpen),
            None => {}
        }
        for (number, supply) in self.supplies.iter().enumerate() {
            if supply.spec.report == Report::Unknown {
                continue; // nothing is known of it, so nothing is said
            }
            if supply.is_empty() {
                causes.push(Cause::Empty(number));
            } else if supply.is_low() {
                causes.push(Cause::Low(number));
            }
        }
        for tray in self.main_trays() {
            if self.trays[tray] == 0 {
                causes.push(Cause::PaperOut(tray));
            } else if self.plan.model.trays[tray].counts
                && self.trays[tray] * 10 <= self.plan.model.trays[tray].capacity
            {
                causes.push(Cause::PaperLow(tray));
            }
        }
        causes
    }
}

/// One minute less; true when the time has come.
fn count_down(timer: &mut Option<u32>) -> bool {
    match timer {
        Some(0 | 1) => {
            *timer = None;
            true
        }
        Some(left) => {
            *left -= 1;
            false
        }
        None => false,
    }
}
