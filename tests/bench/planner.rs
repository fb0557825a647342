//! What forecasting and planning 10,000 supplies costs: through the engine and its store, as at the daily run of the planner.
//!
//! `cargo bench --bench planner`: ends with an error above two processor seconds, or when a second run gives other plans.

#[path = "../fleet_truth/mod.rs"]
mod fleet_truth;

use std::process::ExitCode;
use std::time::Duration;

use anykey::clock::Clock;
use anykey::engine::{Actor, CommandSource, Engine, EngineHandle};
use anykey::forecast::{Calendar, SupplySeries};
use anykey::model::*;
use anykey::status::Policy;
use anykey::store::Store;
use anykey::store::testing::{TestDatabase, rows, run_sql};

use fleet_truth::{Device, Options, START, fleet};

const SUPPLIES: usize = 10_000;
const DAYS: i64 = 300;
/// Processor time that all of them may take.
const LIMIT: Duration = Duration::from_secs(2);
/// Branches that the devices stand in.
const SITES: usize = 40;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let options = Options { pools: 2_400, days: DAYS, poll_hours: 24, ..Options::busy(1) };
    let mut devices = fleet(options);
    devices.truncate(SUPPLIES);
    assert_eq!(devices.len(), SUPPLIES, "a larger fleet is needed");
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let clock = Clock::manual(START.plus(DAYS * Millis::DAY));
    told(&store, &clock, &devices).await;
    remembered(&store, &devices).await;
    let first = planned(&store, &clock).await;
    let plans = written(&store).await;
    let second = planned(&store, &clock).await;
    let same = plans == written(&store).await;
    store.close().await;
    database.remove().await;
    println!(
        "{SUPPLIES} supplies forecast and planned, {} needs: {first:.2?} of processor time, again {second:.2?}, {}",
        plans.len(),
        if same { "the same plans" } else { "other plans" }
    );
    if same && !plans.is_empty() && first.max(second) <= LIMIT { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Branches, articles, and a first look at every device, as discovery and the poller give them.
async fn told(store: &Store, clock: &Clock, devices: &[Device]) {
    let engine = Engine::start(store.clone(), clock.clone(), Policy::default());
    for n in 0..SITES {
        done(&engine, Command::AddSite { name: format!("Branch {n}"), time_zone: "UTC".into() }).await;
    }
    let supplier = Command::AddSupplier {
        name: "Supplier".into(),
        email: "sales@example.test".into(),
        language: "en".into(),
        currency: "EUR".into(),
        terms: SupplierTerms::default(),
    };
    let supplier = done(&engine, supplier).await;
    let mut models: Vec<(&str, f64)> = devices
        .iter()
        .map(|d| (d.model.as_str(), d.samples.iter().find_map(|s| s.rated_yield).unwrap_or(3_000.0)))
        .collect();
    models.dedup_by_key(|m| m.0);
    for (number, (model, rated)) in models.iter().enumerate() {
        let article = NewArticle {
            part_number: format!("TK-{number:05}"),
            name: "Toner".into(),
            vendor: "Maker".into(),
            kind: "toner".into(),
            color: Some("black".into()),
            yield_pages: Some(*rated as i64),
            price_minor: Some(450_000),
            vat_percent: 22,
            supplier,
            supplier_article: None,
            fits: vec![format!("Maker/{model}")],
            terms: ArticleTerms::default(),
        };
        done(&engine, Command::AddArticle { article }).await;
    }
    for (number, d) in devices.iter().enumerate() {
        let pool: usize = d.model.rsplit(' ').next().and_then(|n| n.parse().ok()).expect("a number");
        let subject = Subject::Discovered { site: (pool % SITES) as i64 + 1, credential: None, range: None };
        let facts = Facts {
            kind: Some(DeviceKind::Printer),
            vendor: Some("Maker".into()),
            model: Some(d.model.clone()),
            serial: Some(format!("SN{number:06}")),
            supplies: Some(vec![toner(d)]),
            ..Facts::default()
        };
        for class in [ProbeClass::Inventory, ProbeClass::Supplies] {
            let known = Subject::Known { device: DeviceId(number as i64 + 1) };
            let subject = if class == ProbeClass::Inventory { subject.clone() } else { known };
            engine.reading(reading(clock, subject, number, class, facts.clone())).await.expect("running");
        }
    }
    engine.tick().await.expect("running");
    engine.stop().await;
    let found = rows(store, "SELECT COUNT(*), COUNT(article_id) FROM supply").await;
    assert_eq!(found, [[SUPPLIES as i64; 2]], "every supply with its article");
}

async fn done(engine: &EngineHandle, command: Command) -> Option<i64> {
    let actor = Actor { who: "anna".into(), source: CommandSource::Web };
    let text = format!("{command:?}");
    engine.command(actor, command).await.unwrap_or_else(|e| panic!("{text}: {e}")).id
}

fn reading(clock: &Clock, subject: Subject, number: usize, class: ProbeClass, facts: Facts) -> Reading {
    Reading {
        subject,
        address: std::net::Ipv4Addr::from(0x0A00_0000 + number as u32 + 1).into(),
        port: 161,
        poller: "main".into(),
        at: clock.now(),
        class,
        source: Source::Snmp,
        outcome: Outcome::Answered { rtt_ms: 1.0 },
        facts,
    }
}

fn toner(d: &Device) -> Supply {
    let number = d.samples.last().and_then(|s| s.look().number);
    let level = number.map_or(-3, |n| (n * 100.0).round() as i64);
    Supply {
        index: "1.1".into(),
        kind: SupplyKind::Toner,
        color: Some("black".into()),
        description: "Black toner".into(),
        part_number: None,
        serial: None,
        max_capacity: Some(if number.is_some() { 100 } else { -2 }),
        level: Some(level),
        level_percent: number.map(|n| n * 100.0),
        level_state: if number.is_some() { LevelState::Known } else { LevelState::SomeRemaining },
        receptacle: false,
        fill_percent: None,
        unit: Some("percent".into()),
        source: Source::Snmp,
    }
}

/// What the estimator remembers of a year of readings.
async fn remembered(store: &Store, devices: &[Device]) {
    let calendar = Calendar::default();
    for (at, chunk) in devices.chunks(100).enumerate() {
        let mut cases = String::new();
        for (i, d) in chunk.iter().enumerate() {
            let mut series = SupplySeries::default();
            for s in &d.samples {
                series.observe(s, &calendar);
            }
            let text = serde_json::to_string(&series).expect("plain data");
            cases += &format!(" WHEN {} THEN '{text}'", at * 100 + i + 1);
        }
        let (from, to) = (at * 100 + 1, at * 100 + chunk.len());
        run_sql(
            store,
            &format!("UPDATE supply SET forecast = CASE device_id{cases} END WHERE device_id BETWEEN {from} AND {to}"),
        )
        .await;
    }
}

/// A program that starts plans everything: the processor time of that.
async fn planned(store: &Store, clock: &Clock) -> Duration {
    let engine = Engine::start(store.clone(), clock.clone(), Policy::default());
    let before = processor_time();
    engine.tick().await.expect("running");
    let took = processor_time() - before;
    engine.stop().await;
    took
}

/// Every open need with the numbers of its plan, to 1e-12.
async fn written(store: &Store) -> Vec<Vec<i64>> {
    let number = |key: &str| format!("CAST(json_extract(why, '$.{key}') * 1e12 AS INTEGER)");
    let sql = format!(
        "SELECT id, quantity, json_array_length(why, '$.askers'), {}, {}, {}, {} FROM need WHERE status = 'open' ORDER BY id",
        number("order_up_to"),
        number("expected"),
        number("risk_without"),
        number("risk_with")
    );
    rows(store, &sql).await
}

fn processor_time() -> Duration {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: getrusage fills the struct it is given.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    let of = |t: libc::timeval| Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64);
    of(usage.ru_utime) + of(usage.ru_stime)
}
