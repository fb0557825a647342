//! The branch's past: three weeks of the fleet's life in virtual time, fed to the engine as readings and commands.
//!
//! The same snapshots, profiles, readings and transactions as live, only without the network between. It asks where
//! something happened and rests where nothing did, so that weeks take seconds.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::delivery;
use crate::clock::Clock;
use crate::engine::{Actor, CommandSource, EngineHandle};
use crate::model::{
    Command, DeviceId, Facts, Millis, OrderStatus, Outcome, ProbeClass, Reading, SiteId, Source, Subject,
};
use crate::notify::Outbox;
use crate::profile::{Knowledge, Snapshot};
use crate::simulator::fleet::{Fleet, Number, Pulse, hours};
use crate::store::read::documents::{self, DocumentFilter};
use crate::store::read::{Paging, orders};
use crate::store::{Store, target};

const STEP: i64 = 5 * Millis::MINUTE;
const STEP_AT_NIGHT: i64 = 30 * Millis::MINUTE;
/// After a failure came or went a device is asked at every step for this long: hysteresis wants several looks.
const RESTLESS: i64 = 50 * Millis::MINUTE;
const REACHABILITY: i64 = 8 * Millis::HOUR;
const SUPPLIES: i64 = Millis::HOUR;
const INTERFACES: i64 = 6 * Millis::HOUR;
const NEIGHBORS: i64 = 24 * Millis::HOUR;
/// Orders are approved two days after they were drafted, and come two days later. The last days are left to the present.
const APPROVED_AFTER: i64 = 2 * Millis::DAY;
const RECEIVED_AFTER: i64 = 2 * Millis::DAY;
/// The newest replacement is left to be confirmed by whoever looks.
const CONFIRMED_AFTER: i64 = Millis::DAY;
const PERSON: &str = "И. Соколова";

pub struct History<'a> {
    pub fleet: &'a mut Fleet,
    pub knowledge: Arc<Knowledge>,
    pub store: Store,
    pub engine: EngineHandle,
    /// Manual, at the fleet's time.
    pub clock: Clock,
    pub outbox: Outbox,
    pub site: SiteId,
    pub port: u16,
}

/// What was told of a device so far.
struct Told {
    id: DeviceId,
    pulse: Pulse,
    pages: u64,
    restless_until: Millis,
    reachability: Millis,
    supplies: Millis,
    interfaces: Millis,
    neighbors: Millis,
}

impl History<'_> {
    /// Lives from the fleet's present to `until`; the number of readings.
    pub async fn live(&mut self, until: Millis) -> anyhow::Result<u64> {
        let mut told = self.discover().await?;
        let mut readings = told.len() as u64;
        while self.fleet.now() < until {
            let step = if hours::activity(self.fleet.now()) > 0.0 { STEP } else { STEP_AT_NIGHT };
            self.step_to(self.fleet.now().plus(step).min(until));
            let fresh = self.look(&mut told);
            if !fresh.is_empty() {
                readings += fresh.len() as u64;
                for reading in fresh {
                    self.engine.reading(reading).await?;
                }
                self.engine.tick().await?;
            }
            self.purchasing(until).await?;
        }
        Ok(readings)
    }

    fn step_to(&mut self, to: Millis) {
        let by = to.since(self.clock.now()).max(0);
        self.clock.advance(Duration::from_millis(by.cast_unsigned()));
        self.fleet.advance(to);
    }

    /// The first day: everything is found and asked everything.
    async fn discover(&mut self) -> anyhow::Result<Vec<Told>> {
        let found = Subject::Discovered { site: self.site.0, credential: None, range: None };
        for n in 0..self.fleet.len() {
            let Some(snapshot) = self.snapshot(n) else { continue };
            let facts = self.knowledge.inspect(&snapshot);
            let reading = self.reading(found.clone(), n, ProbeClass::Inventory, facts);
            self.engine.reading(reading).await?;
        }
        self.engine.tick().await?;
        let known = target::all(self.store.db()).await?;
        let told = (0..self.fleet.len()).map(|n| {
            let card = self.fleet.card(n);
            let known = known.iter().find(|t| t.address == IpAddr::V4(card.address));
            let id = known.with_context(|| format!("{} was not found at the first look", card.name))?.device;
            let long_ago = Millis(0);
            Ok(Told {
                id,
                pulse: Pulse { on: true, ..Pulse::default() },
                pages: 0,
                restless_until: long_ago,
                reachability: long_ago,
                supplies: long_ago,
                interfaces: long_ago,
                neighbors: long_ago,
            })
        });
        told.collect()
    }

    fn snapshot(&self, n: Number) -> Option<Snapshot> {
        Some(self.fleet.objects(n)?.into_iter().collect())
    }

    fn reading(&self, subject: Subject, n: Number, class: ProbeClass, facts: Facts) -> Reading {
        // Loopback answers at once; a branch does not.
        let rtt_ms = 0.6 + (n % 7) as f64 * 0.35;
        Reading {
            subject,
            address: self.fleet.card(n).address.into(),
            port: self.port,
            poller: "main".into(),
            at: self.fleet.now(),
            class,
            source: Source::Snmp,
            outcome: Outcome::Answered { rtt_ms },
            facts,
        }
    }

    /// Readings of this step, switches first: who falls silent is judged by the port before it.
    fn look(&self, told: &mut [Told]) -> Vec<Reading> {
        let now = self.fleet.now();
        let pulses: Vec<Pulse> = (0..told.len()).map(|n| self.fleet.pulse(n)).collect();
        let power_changed = pulses.iter().zip(told.iter()).any(|(new, old)| new.on != old.pulse.on);
        let mut out = Vec::new();
        for (n, pulse) in pulses.into_iter().enumerate() {
            let t = &mut told[n];
            let news = pulse != t.pulse;
            if (pulse.on, pulse.fault) != (t.pulse.on, t.pulse.fault) {
                t.restless_until = now.plus(RESTLESS);
            }
            t.pulse = pulse;
            let restless = news || now <= t.restless_until || !t.pulse.on;
            let classes = self.due(n, t, restless, power_changed, now);
            if classes.is_empty() {
                continue;
            }
            let subject = Subject::Known { device: t.id };
            let Some(snapshot) = self.snapshot(n) else {
                let silent = self.reading(subject, n, ProbeClass::Reachability, Facts::default());
                out.push(Reading { outcome: Outcome::Silent, ..silent });
                continue;
            };
            for class in classes {
                out.push(self.reading(subject.clone(), n, class, self.knowledge.decode(&snapshot, &[class])));
            }
        }
        out
    }

    fn due(&self, n: Number, t: &mut Told, restless: bool, power_changed: bool, now: Millis) -> Vec<ProbeClass> {
        let mut classes = Vec::new();
        let every = |last: &mut Millis, period: i64| {
            let due = now.since(*last) >= period;
            if due {
                *last = now;
            }
            due
        };
        if every(&mut t.reachability, if restless { STEP } else { REACHABILITY }) {
            classes.push(ProbeClass::Reachability);
            classes.push(ProbeClass::Status);
        }
        if let Some(printer) = self.fleet.printer(n) {
            if printer.pages != t.pages && every(&mut t.supplies, SUPPLIES) {
                t.pages = printer.pages;
                classes.push(ProbeClass::Supplies);
            }
            return classes;
        }
        if power_changed || every(&mut t.interfaces, INTERFACES) {
            classes.push(ProbeClass::Interfaces);
        }
        // In working hours, when computers are on the network too.
        if hours::is_working(now) && every(&mut t.neighbors, NEIGHBORS) {
            classes.push(ProbeClass::Neighbors);
        }
        classes
    }

    /// What people did with the orders of that time.
    async fn purchasing(&mut self, until: Millis) -> anyhow::Result<()> {
        let now = self.fleet.now();
        if now.0 % Millis::HOUR != 0 || !hours::is_working(now) {
            return Ok(());
        }
        let actor = || Actor { who: PERSON.into(), source: CommandSource::Start };
        // Cartridges that the printers showed as replaced were indeed put in.
        let waiting = DocumentFilter { waiting: true, ..Default::default() };
        for seen in documents::list(self.store.db(), &waiting, Paging::all()).await?.rows {
            if now.since(seen.created_at) >= CONFIRMED_AFTER {
                self.engine.command(actor(), Command::PostDraft { document: seen.id }).await?;
            }
        }
        let all = orders::list(self.store.db(), &orders::OrderFilter::default(), Paging::all()).await?;
        for order in all.rows {
            let old_enough = |since: Option<Millis>, age: i64| since.is_some_and(|t| now.since(t) >= age);
            match order.status {
                // Nothing of the past is left to approve: the first draft of the present is new.
                OrderStatus::Draft
                    if old_enough(Some(order.created_at), APPROVED_AFTER) || until.since(now) <= Millis::DAY =>
                {
                    self.engine.command(actor(), Command::ApproveOrder { order: order.id }).await?;
                    self.outbox.round(&CancellationToken::new()).await?;
                }
                OrderStatus::Sent if old_enough(order.sent_at, RECEIVED_AFTER) => {
                    self.engine.command(actor(), Command::ReceiveOrder { order: order.id }).await?;
                    let parcel = delivery::parcel(&self.store, order.id).await?;
                    delivery::put_in(self.fleet, &parcel);
                }
                _ => {}
            }
        }
        Ok(())
    }
}
