//! What the planner is worth: a fleet over 500 days through the real engine and store, against thresholds. See `README.md`.
//!
//! `cargo bench --bench fleet [-- SEED...]`; `FLEET_POOLS=6` makes the fleet smaller.

#[path = "../fleet_loop/mod.rs"]
mod fleet_loop;
#[path = "../fleet_truth/mod.rs"]
mod fleet_truth;

use std::time::Duration;

use anykey::clock::Clock;
use anykey::engine::{Actor, CommandSource, Engine, EngineHandle};
use anykey::model::Outcome as Answer;
use anykey::model::*;
use anykey::status::Policy as StatusPolicy;
use anykey::store::Store;
use anykey::store::testing::{TestDatabase, rows};
use tokio::time::Instant;

use fleet_loop::{Fleet, Lines, Outcome, Policy, START, Threshold, Told, World};

/// The real program, told by the poller's readings and a person who approves on Wednesdays.
struct Program {
    store: Store,
    engine: EngineHandle,
    clock: Clock,
    /// Database ids by number of device and pool.
    devices: Vec<i64>,
    articles: Vec<i64>,
}

fn actor() -> Actor {
    Actor { who: "anna".into(), source: CommandSource::Web }
}

impl Program {
    async fn new(world: &World, database: &TestDatabase) -> Program {
        let store = database.open().await;
        let clock = Clock::manual(START);
        let engine = Engine::start(store.clone(), clock.clone(), StatusPolicy::default());
        let mut p = Program { store, engine, clock, devices: Vec::new(), articles: Vec::new() };
        p.done(Command::AddSite { name: "Branch".into(), time_zone: "UTC".into() }).await;
        let supplier = Command::AddSupplier {
            name: "Supplier".into(),
            email: "sales@example.test".into(),
            language: "en".into(),
            currency: "EUR".into(),
            terms: SupplierTerms::default(),
        };
        let supplier = p.done(supplier).await;
        for (number, (rated, _)) in world.pools().into_iter().enumerate() {
            let article = NewArticle {
                part_number: format!("TK-{number:04}"),
                name: "Toner".into(),
                vendor: "Maker".into(),
                kind: "toner".into(),
                color: Some("black".into()),
                yield_pages: Some(rated as i64),
                price_minor: Some(450_000),
                vat_percent: 22,
                supplier,
                supplier_article: None,
                fits: vec![format!("Maker/Model {number:04}")],
                terms: ArticleTerms::default(),
            };
            let id = p.done(Command::AddArticle { article }).await.expect("an id");
            p.articles.push(id);
        }
        for (number, pool) in world.devices().into_iter().enumerate() {
            let facts = Facts {
                kind: Some(DeviceKind::Printer),
                vendor: Some("Maker".into()),
                model: Some(format!("Model {pool:04}")),
                serial: Some(format!("SN{number:06}")),
                sys_name: Some(format!("printer-{number}")),
                ..Facts::default()
            };
            let subject = Subject::Discovered { site: 1, credential: None, range: None };
            p.engine.reading(p.reading(subject, number, ProbeClass::Inventory, facts)).await.expect("running");
        }
        p.engine.tick().await.expect("running");
        p.devices = rows(&p.store, "SELECT id FROM device ORDER BY id").await.into_iter().map(|r| r[0]).collect();
        assert_eq!(p.devices.len(), world.devices().len());
        p
    }

    async fn done(&self, command: Command) -> Option<i64> {
        let text = format!("{command:?}");
        self.engine.command(actor(), command).await.unwrap_or_else(|e| panic!("{text}: {e}")).id
    }

    fn reading(&self, subject: Subject, number: usize, class: ProbeClass, facts: Facts) -> Reading {
        Reading {
            subject,
            address: std::net::Ipv4Addr::from(0x0A00_0000 + number as u32 + 1).into(),
            port: 161,
            poller: "main".into(),
            at: self.clock.now(),
            class,
            source: Source::Snmp,
            outcome: Answer::Answered { rtt_ms: 1.0 },
            facts,
        }
    }

    fn until(&self, day: i64, hour: i64) {
        let at = START.0 + day * Millis::DAY + hour * Millis::HOUR;
        let by = at - self.clock.now().0;
        self.clock.advance(Duration::from_millis(by.max(0) as u64));
    }
}

fn supply(t: &Told) -> Supply {
    let known = t.level >= 0;
    Supply {
        index: "1.1".into(),
        kind: SupplyKind::Toner,
        color: Some("black".into()),
        description: "Black toner".into(),
        part_number: None,
        serial: None,
        max_capacity: Some(if known { 100 } else { -2 }),
        level: Some(t.level),
        level_percent: known.then_some(t.level as f64),
        level_state: if known { LevelState::Known } else { LevelState::SomeRemaining },
        receptacle: false,
        fill_percent: None,
        unit: Some("percent".into()),
        source: Source::Snmp,
    }
}

/// What a device without numbers says of its toner by its alerts (prtAlertTable).
fn alerts(t: &Told) -> Vec<Alert> {
    let word = match (t.empty, t.low) {
        (true, _) => ("markerTonerEmpty", 1101),
        (_, true) => ("markerTonerAlmostEmpty", 1104),
        _ => return Vec::new(),
    };
    vec![Alert {
        index: "1.1".into(),
        severity: Some("warning".into()),
        training: None,
        group: Some("markerSupplies".into()),
        group_index: Some(1),
        code: Some(word.1),
        code_name: Some(word.0.into()),
        description: "toner".into(),
        location: None,
    }]
}

impl Policy for Program {
    async fn told(&mut self, day: i64, told: &[Told]) {
        self.until(day, 12);
        for t in told {
            let subject = Subject::Known { device: DeviceId(self.devices[t.device]) };
            let state = Facts {
                printer: Some(PrinterFacts { alerts: Some(alerts(t)), ..PrinterFacts::default() }),
                ..Facts::default()
            };
            let facts = Facts {
                supplies: Some(vec![supply(t)]),
                printer: Some(PrinterFacts { page_count: Some(t.pages), ..PrinterFacts::default() }),
                ..Facts::default()
            };
            if t.level < 0 {
                self.engine
                    .reading(self.reading(subject.clone(), t.device, ProbeClass::Status, state))
                    .await
                    .expect("running");
            }
            self.engine.reading(self.reading(subject, t.device, ProbeClass::Supplies, facts)).await.expect("running");
        }
        self.engine.tick().await.expect("running");
    }

    async fn taken(&mut self, day: i64, device: usize, pool: usize) {
        self.until(day, 9);
        let document = NewDocument {
            kind: DocumentKind::Issue,
            store: None,
            site: Some(SiteId(1)),
            to_store: None,
            device: Some(DeviceId(self.devices[device])),
            supply_index: Some("1.1".into()),
            note: String::new(),
            lines: vec![StockLine::of(ArticleId(self.articles[pool]), 1)],
            draft: false,
            key: None,
        };
        self.done(Command::PostStock { document }).await;
    }

    async fn order(&mut self, day: i64) -> Vec<(u64, Lines)> {
        self.until(day, 15);
        let mut orders = Vec::new();
        for draft in rows(&self.store, "SELECT id FROM purchase_order WHERE status = 'draft' ORDER BY id").await {
            let id = draft[0];
            let sql = format!("SELECT article_id, quantity FROM order_line WHERE order_id = {id} ORDER BY id");
            let pool = |article: i64| self.articles.iter().position(|a| *a == article).expect("of a pool");
            let lines = rows(&self.store, &sql).await.into_iter().map(|r| (pool(r[0]), r[1])).collect();
            self.done(Command::ApproveOrder { order: OrderId(id) }).await;
            orders.push((id as u64, lines));
        }
        orders
    }

    async fn received(&mut self, day: i64, order: u64, _: &[(usize, i64)]) {
        self.until(day, 8);
        self.done(Command::ReceiveOrder { order: OrderId(order as i64) }).await;
    }
}

fn line(name: &str, o: &Outcome, took: Option<Duration>) {
    println!(
        "{name:<22} fill {:5.1} %  down {:6.3} %  pieces/device {:.3}  orders {:4}  bought {:5}  unbalanced {}{}",
        o.fill() * 100.0,
        o.down() * 100.0,
        o.stock_per_device(),
        o.orders,
        o.pieces,
        o.unbalanced,
        took.map(|t| format!("  ({t:.0?})")).unwrap_or_default()
    );
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut seeds: Vec<u64> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    if seeds.is_empty() {
        seeds = vec![1, 2, 3];
    }
    let pools = std::env::var("FLEET_POOLS").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    for (name, per_year) in [("busy", 5.0), ("quiet", 2.3)] {
        let mut ours = Outcome::default();
        let mut rivals: Vec<(i64, i64, Outcome)> = Vec::new();
        for level in [10, 20] {
            for minimum in 0..=3 {
                rivals.push((level, minimum, Outcome::default()));
            }
        }
        println!("{name} fleet, seeds {seeds:?}, {pools} pools, 500 days after 260");
        let started = Instant::now();
        for seed in &seeds {
            let fleet = Fleet { seed: *seed, pools, most_devices: 8, per_year };
            let database = TestDatabase::sqlite();
            let mut world = World::new(fleet);
            let mut program = Program::new(&world, &database).await;
            let one = world.run(&mut program).await;
            line(&format!("  seed {seed}"), &one, None);
            ours.add(&one);
            program.engine.stop().await;
            program.store.close().await;
            database.remove().await;
            for (level, minimum, sum) in &mut rivals {
                let mut world = World::new(fleet);
                let mut policy = Threshold::new(&world, *level, *minimum);
                sum.add(&world.run(&mut policy).await);
            }
        }
        line("forecast, SL 0.95", &ours, Some(started.elapsed()));
        for (level, minimum, o) in &rivals {
            line(&format!("{level} % + min {minimum}"), o, None);
        }
        let cheapest = rivals
            .iter()
            .filter(|(_, _, o)| o.fill() >= ours.fill())
            .min_by(|a, b| a.2.stock_per_device().total_cmp(&b.2.stock_per_device()));
        match cheapest {
            Some((level, minimum, o)) => println!(
                "the smallest threshold with that fill: {level} % + min {minimum}, {:.2} x our stock\n",
                o.stock_per_device() / ours.stock_per_device().max(1e-9)
            ),
            None => println!("no threshold reaches that fill\n"),
        }
    }
}
