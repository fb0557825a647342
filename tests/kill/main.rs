//! kill -9 at 200 moments of a running branch, on both databases: no need, order, mail or stock document is lost or doubled.
//!
//! The truth of the branch (`fleet_loop`) and the mail server live here; the engine, its store and the outbox live in a child
//! (`child.rs`), which is killed at a moment drawn from a seed: while it opens the database, plans, writes or sends. What was
//! not answered is asked again, as a poller or a person would.

mod child;
// The same branch as in the tests of the planner: its thresholds are not asked here, nor the mail server's troubles.
#[allow(dead_code)]
#[path = "../fleet_loop/mod.rs"]
mod fleet_loop;
#[path = "../fleet_truth/mod.rs"]
mod fleet_truth;
#[path = "../fleet_loop/program.rs"]
mod program;
#[allow(dead_code)]
#[path = "../mail/smtp.rs"]
mod smtp;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anykey::store::testing::{TestDatabase, rows};

use child::{Ask, Child};
use fleet_loop::{Fleet, Lines, Outcome, Policy, Told, World};
use fleet_truth::Rng;
use program::Program;
use smtp::Smtpd;

const KILLS: u32 = 200;
const DAYS: i64 = 240;
const FLEET: Fleet = Fleet { seed: 5, pools: 3, most_devices: 4, per_year: 16.0, warm_up: 0, measured: DAYS };

/// The branch's view of a program that dies again and again.
struct Dying {
    url: String,
    smtp: u16,
    child: Option<Child>,
    rng: Rng,
    kills: u32,
    /// How many of them struck before the answer.
    in_the_midst: u32,
    /// What a question takes, and the way from a start to its first answer, in seconds.
    usual: (f64, f64),
    /// What was told to the program, for the reckoning.
    takings: BTreeSet<(usize, i64)>,
    orders: BTreeMap<u64, Lines>,
}

impl Dying {
    /// Asks until there is an answer.
    async fn ask(&mut self, ask: &Ask) -> serde_json::Value {
        loop {
            let fresh = self.child.is_none();
            let mut child = match self.child.take() {
                Some(child) => child,
                None => Child::start(&self.url, self.smtp),
            };
            child.send(ask).await;
            let usual = if fresh { self.usual.1 } else { self.usual.0 };
            let begun = tokio::time::Instant::now();
            let doomed = self.kills < KILLS && self.rng.chance(0.5);
            let answer = if doomed {
                let moment = Duration::from_secs_f64(usual * self.rng.between(0.0, 1.2));
                tokio::time::timeout(moment, child.answer()).await.ok()
            } else {
                Some(child.answer().await)
            };
            if doomed {
                child.kill().await;
                self.kills += 1;
                self.in_the_midst += u32::from(answer.is_none());
            } else {
                let took = begun.elapsed().as_secs_f64();
                let mean = if fresh { &mut self.usual.1 } else { &mut self.usual.0 };
                *mean = 0.8 * *mean + 0.2 * took;
                self.child = Some(child);
            }
            if let Some(answer) = answer {
                return answer;
            }
        }
    }
}

impl Policy for Dying {
    async fn told(&mut self, day: i64, told: &[Told]) {
        self.ask(&Ask::Told { day, told: told.to_vec() }).await;
        self.ask(&Ask::Send { day }).await;
    }
    async fn taken(&mut self, day: i64, device: usize, pool: usize) {
        self.takings.insert((device, day));
        self.ask(&Ask::Taken { day, device, pool }).await;
    }
    async fn order(&mut self, day: i64) -> Vec<(u64, Lines)> {
        let drafts: Vec<i64> = child::read(self.ask(&Ask::Drafts { day }).await);
        let mut orders = Vec::new();
        for order in drafts {
            // A program that started meanwhile may have taken an empty draft away.
            if self.ask(&Ask::Approve { day, order }).await.is_null() {
                continue;
            }
            let lines: Lines = child::read(self.ask(&Ask::Lines { day, order }).await);
            self.orders.insert(order as u64, lines.clone());
            orders.push((order as u64, lines));
        }
        orders
    }
    async fn received(&mut self, day: i64, order: u64, _: &[(usize, i64)]) {
        self.ask(&Ask::Received { day, order }).await;
    }
}

async fn survives(database: &TestDatabase, server: &Smtpd, seed: u64) {
    let mut world = World::new(FLEET);
    Program::new(&world, database).await.stop().await;
    let before = server.mails().len();
    let mut dying = Dying {
        url: database.url.clone(),
        smtp: server.plain,
        child: None,
        rng: Rng(seed),
        kills: 0,
        in_the_midst: 0,
        usual: (0.02, 0.1),
        takings: BTreeSet::new(),
        orders: BTreeMap::new(),
    };
    let outcome = world.run(&mut dying).await;
    assert_eq!(dying.kills, KILLS, "too short a time for so many kills");
    // What was being sent when the program died is claimed for a while; then it leaves.
    for later in 1..=3 {
        dying.ask(&Ask::Send { day: DAYS + later }).await;
    }
    drop(dying.child.take());
    let undisturbed = undisturbed().await;
    let store = database.open().await;
    let clock = anykey::clock::Clock::manual(child::noon(DAYS + 4));
    let mut program = Program::resumed(store.clone(), clock).await;
    let mails = server.mails().split_off(before);
    reckoned(&store, &dying, &outcome, &mails).await;
    assert_eq!(program.planned_again().await, 0, "planning once more changed rows");
    assert_eq!((outcome.unbalanced, program.misplaced(&world).await), (0, 0), "pieces lost or doubled");
    println!(
        "{KILLS} kills, {} before the answer; {} orders, {} mails, {} issues; {:.0} ms a question",
        dying.in_the_midst,
        dying.orders.len(),
        mails.len(),
        dying.takings.len(),
        dying.usual.0 * 1e3
    );
    assert!(dying.in_the_midst >= KILLS / 4, "only {} kills struck a working program", dying.in_the_midst);
    assert_eq!((outcome, books(&store).await), undisturbed, "a program that never died did something else");
    program.stop().await;
}

/// What the same time brings where nobody kills.
async fn undisturbed() -> (Outcome, Vec<Vec<Vec<i64>>>) {
    let database = TestDatabase::sqlite();
    let mut world = World::new(FLEET);
    let mut program = Program::new(&world, &database).await;
    let outcome = world.run(&mut program).await;
    program.planned_again().await;
    program.stop().await;
    let store = database.open().await;
    let books = books(&store).await;
    store.close().await;
    database.remove().await;
    (outcome, books)
}

/// Needs, what was ordered for them, and what moved on the shelf.
async fn books(store: &anykey::store::Store) -> Vec<Vec<Vec<i64>>> {
    let needs = "SELECT article_id, COUNT(*), SUM(CASE status WHEN 'closed' THEN 1 ELSE 0 END) FROM need GROUP BY article_id ORDER BY article_id";
    let orders = "SELECT o.created_at, o.approved_at, l.article_id, l.quantity, l.received FROM order_line l \
                  JOIN purchase_order o ON o.id = l.order_id WHERE o.status <> 'draft' ORDER BY 2, 3";
    let moves = "SELECT article_id, COUNT(*), CAST(SUM(delta) AS BIGINT) FROM stock_move GROUP BY article_id ORDER BY article_id";
    let mut all = Vec::new();
    for sql in [needs, orders, moves] {
        all.push(rows(store, sql).await);
    }
    all
}

/// Everything told stands in the books once.
async fn reckoned(store: &anykey::store::Store, told: &Dying, outcome: &Outcome, mails: &[serde_json::Value]) {
    assert!(told.orders.len() > 10 && told.takings.len() > 30, "too little happened: {outcome:?}");
    let none = |sql: &'static str| async move { assert_eq!(rows(store, sql).await, [[0]], "{sql}") };
    let approved =
        rows(store, "SELECT id FROM purchase_order WHERE status NOT IN ('draft', 'cancelled') ORDER BY id").await;
    let approved: Vec<u64> = approved.into_iter().map(|r| r[0] as u64).collect();
    assert_eq!(approved, told.orders.keys().copied().collect::<Vec<_>>(), "orders");
    let issues = "SELECT COUNT(*), COUNT(DISTINCT origin_key) FROM stock_document \
                  WHERE kind = 'issue' AND status = 'posted' AND origin = 'person'";
    assert_eq!(rows(store, issues).await, [[told.takings.len() as i64; 2]], "issues");
    none("SELECT COUNT(*) FROM (SELECT pool, key FROM need WHERE status <> 'closed' GROUP BY pool, key HAVING COUNT(*) > 1) t")
        .await;
    none(
        "SELECT COUNT(*) FROM need n WHERE n.status = 'ordered' AND NOT EXISTS \
          (SELECT 1 FROM order_line l WHERE l.need_id = n.id)",
    )
    .await;
    // A receipt for every order that came whole, one each, with its pieces.
    none("SELECT COUNT(*) FROM (SELECT order_id FROM stock_document WHERE kind = 'receipt' GROUP BY order_id HAVING COUNT(*) > 1) t")
        .await;
    none(
        "SELECT COUNT(*) FROM purchase_order o WHERE (o.status = 'closed') <> EXISTS \
          (SELECT 1 FROM stock_document d WHERE d.order_id = o.id AND d.kind = 'receipt' AND d.status = 'posted')",
    )
    .await;
    let outbox = "SELECT COUNT(*), COUNT(CASE WHEN status = 'sent' THEN 1 END) FROM outbox WHERE key LIKE 'order:%'";
    assert_eq!(rows(store, outbox).await, [[told.orders.len() as i64; 2]], "letters written and sent");
    left_once(told, mails);
}

/// One Message-ID for an order. A mail that left in the moment of a kill may be there twice: the same to every mail system.
fn left_once(told: &Dying, mails: &[serde_json::Value]) {
    let mut seen: BTreeMap<&str, (&str, u32)> = BTreeMap::new();
    for mail in mails {
        let id = mail["headers"]["message-id"].as_str().expect("a Message-ID");
        let subject = mail["headers"]["subject"].as_str().expect("a subject");
        let known = seen.entry(id).or_insert((subject, 0));
        assert_eq!(known.0, subject, "two letters with one Message-ID");
        known.1 += 1;
    }
    let subjects: BTreeSet<&str> = seen.values().map(|s| s.0).collect();
    assert_eq!((seen.len(), subjects.len()), (told.orders.len(), told.orders.len()), "a letter for each order");
    let copies: u32 = seen.values().map(|s| s.1 - 1).sum();
    assert!(copies <= told.in_the_midst, "{copies} copies");
}

async fn killed_on(database: Option<TestDatabase>, seed: u64) {
    let Some(database) = database else { return };
    let Some(server) = Smtpd::start() else { return database.remove().await };
    survives(&database, &server, seed).await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_kills_lose_and_double_nothing_on_sqlite() {
    killed_on(Some(TestDatabase::sqlite()), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_kills_lose_and_double_nothing_on_postgresql() {
    killed_on(TestDatabase::postgres().await, 2).await;
}
