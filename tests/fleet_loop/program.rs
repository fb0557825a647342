//! The real program in the branch of `fleet_loop`: engine and store, told by the poller's readings, and a person who approves
//! on Wednesdays and writes down what is taken from the shelf.

use std::time::Duration;

use anykey::clock::Clock;
use anykey::engine::{Actor, CommandError, CommandSource, Engine, EngineHandle};
use anykey::model::Outcome as Answer;
use anykey::model::*;
use anykey::status::Policy as StatusPolicy;
use anykey::store::Store;
use anykey::store::testing::{TestDatabase, rows};

use crate::fleet_loop::{Lines, Policy, START, Told, World};

/// The real program, told by the poller's readings and a person who approves on Wednesdays.
pub struct Program {
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
    pub async fn new(world: &World, database: &TestDatabase) -> Program {
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
        p.devices = first_column(&p.store, "SELECT id FROM device ORDER BY id").await;
        assert_eq!(p.devices.len(), world.devices().len());
        p
    }

    /// A program that starts again on what an earlier one left: only the test of kills does that.
    #[allow(dead_code)]
    pub async fn resumed(store: Store, clock: Clock) -> Program {
        let devices = first_column(&store, "SELECT id FROM device ORDER BY id").await;
        let articles = first_column(&store, "SELECT id FROM article ORDER BY id").await;
        let engine = Engine::start(store.clone(), clock.clone(), StatusPolicy::default());
        Program { store, engine, clock, devices, articles }
    }

    pub async fn stop(self) {
        self.engine.stop().await;
        self.store.close().await;
    }

    /// The planner judges every pool anew, and once more at the same moment: rows that the second run made different.
    pub async fn planned_again(&mut self) -> usize {
        self.started_again().await;
        let before = self.plans().await;
        self.started_again().await;
        let after = self.plans().await;
        let kept = before.iter().filter(|row| after.contains(row)).count();
        before.len().max(after.len()) - kept
    }

    /// A program that starts plans everything.
    async fn started_again(&mut self) {
        let next = Engine::start(self.store.clone(), self.clock.clone(), StatusPolicy::default());
        std::mem::replace(&mut self.engine, next).stop().await;
        self.engine.tick().await.expect("running");
    }

    async fn plans(&self) -> Vec<Vec<i64>> {
        let needs = "SELECT 1, id, quantity, CASE status WHEN 'open' THEN 1 ELSE 0 END FROM need ORDER BY id";
        let lines = "SELECT 2, id, article_id, quantity FROM order_line ORDER BY id";
        let documents =
            "SELECT 3, id, created_at, CASE status WHEN 'draft' THEN 1 ELSE 0 END FROM stock_document ORDER BY id";
        let mut all = Vec::new();
        for sql in [needs, lines, documents] {
            all.extend(rows(&self.store, sql).await);
        }
        all
    }

    /// Pieces that the books have on the shelf more or less than the world.
    pub async fn misplaced(&self, world: &World) -> i64 {
        let sql = "SELECT article_id, CAST(SUM(delta) AS BIGINT) FROM stock_move GROUP BY article_id";
        let mut books = vec![0; self.articles.len()];
        for row in rows(&self.store, sql).await {
            books[self.pool(row[0])] = row[1];
        }
        books.iter().zip(world.shelf()).map(|(b, w)| (b - w).abs()).sum()
    }

    pub async fn drafts(&self) -> Vec<i64> {
        first_column(&self.store, "SELECT id FROM purchase_order WHERE status = 'draft' ORDER BY id").await
    }

    pub async fn approve(&mut self, day: i64, order: i64) -> Result<(), CommandError> {
        self.until(day, 15);
        self.engine.command(actor(), Command::ApproveOrder { order: OrderId(order) }).await.map(drop)
    }

    pub async fn lines(&self, order: i64) -> Lines {
        let sql = format!("SELECT article_id, quantity FROM order_line WHERE order_id = {order} ORDER BY id");
        rows(&self.store, &sql).await.into_iter().map(|r| (self.pool(r[0]), r[1])).collect()
    }

    fn pool(&self, article: i64) -> usize {
        self.articles.iter().position(|a| *a == article).expect("of a pool")
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

async fn first_column(store: &Store, sql: &str) -> Vec<i64> {
    rows(store, sql).await.into_iter().map(|r| r[0]).collect()
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
        // As a form does: sent twice, it is one document.
        let key = Some(format!("{device}-{day}"));
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
            key,
        };
        self.done(Command::PostStock { document }).await;
    }

    async fn order(&mut self, day: i64) -> Vec<(u64, Lines)> {
        let mut orders = Vec::new();
        for id in self.drafts().await {
            self.approve(day, id).await.unwrap_or_else(|e| panic!("approving {id}: {e}"));
            orders.push((id as u64, self.lines(id).await));
        }
        orders
    }

    async fn received(&mut self, day: i64, order: u64, _: &[(usize, i64)]) {
        self.until(day, 8);
        self.done(Command::ReceiveOrder { order: OrderId(order as i64) }).await;
    }
}
