//! The pipeline from a queued reading to its committed row, in devices per second of processor time, and memory per device.
//!
//! `cargo bench --bench pipeline [-- DEVICES [postgres]]`. One printer is one reading of its supplies: four of them, and its
//! page counter. "unchanged": as before. "every supply changed": four new levels and a new counter, four history rows.

use std::time::Duration;

use anykey::clock::Clock;
use anykey::engine::{Actor, CommandSource, Engine, EngineHandle};
use anykey::model::*;
use anykey::status::Policy;
use anykey::store::testing::{TestDatabase, count};

const ROUNDS: i64 = 5;
const START: Millis = Millis(1_772_431_200_000);

fn main() {
    let mut devices = 2_000;
    let mut postgres = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "postgres" => postgres = true,
            other => devices = other.parse().unwrap_or(devices),
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(measure(devices, postgres));
}

async fn measure(devices: i64, postgres: bool) {
    let database = if postgres { TestDatabase::postgres().await } else { Some(TestDatabase::sqlite()) };
    let Some(database) = database else { return };
    let store = database.open().await;
    let clock = Clock::manual(START);
    let engine = Engine::start(store.clone(), clock.clone(), Policy::default());
    let actor = Actor { who: "bench".into(), source: CommandSource::Start };
    let site = Command::AddSite { name: "Bench".into(), time_zone: "Europe/Moscow".into() };
    let site = engine.command(actor, site).await.expect("a site").id.expect("its number");
    let idle = resident();

    let run = Run { engine, clock };
    run.round("discovered", devices, 1, |i, now| discovered(site, i, now)).await;
    run.round("first supplies", devices, 1, |i, now| supplies(i, 90, now)).await;
    run.round("unchanged, reachability", devices, ROUNDS, reachability).await;
    run.round("unchanged, supplies", devices, ROUNDS, |i, now| supplies(i, 90, now)).await;
    run.round("every supply changed", devices, ROUNDS, |i, now| {
        let turn = (now.0 - START.0) / (30 * Millis::MINUTE);
        supplies(i, 90 - turn % 60, now)
    })
    .await;
    println!("memory: {:.1} KB per device", (resident() - idle) as f64 / devices as f64);
    println!(
        "rows: {} supply readings, {} devices",
        count(&store, "supply_reading").await,
        count(&store, "device").await
    );
    run.engine.stop().await;
    store.close().await;
    database.remove().await;
}

struct Run {
    engine: EngineHandle,
    clock: Clock,
}

impl Run {
    async fn round(&self, what: &str, devices: i64, rounds: i64, make: impl Fn(i64, Millis) -> Reading) {
        let (mut cpu, started) = (Duration::ZERO, tokio::time::Instant::now());
        for _ in 0..rounds {
            self.clock.advance(Duration::from_secs(1800));
            let now = self.clock.now();
            let readings: Vec<Reading> = (1..=devices).map(|i| make(i, now)).collect();
            let before = processor_time();
            for r in readings {
                self.engine.reading(r).await.expect("the engine runs");
            }
            self.engine.tick().await.expect("the engine runs");
            cpu += processor_time() - before;
        }
        let n = (devices * rounds) as f64;
        let (cpu, wall) = (cpu.as_secs_f64(), started.elapsed().as_secs_f64());
        println!("{what}: {:.0} devices per CPU-second ({:.0} per second)", n / cpu, n / wall);
    }
}

fn address(i: i64) -> std::net::IpAddr {
    std::net::IpAddr::from([10, (i >> 16) as u8, (i >> 8) as u8, i as u8])
}

fn reading(subject: Subject, i: i64, class: ProbeClass, facts: Facts, at: Millis) -> Reading {
    Reading {
        subject,
        address: address(i),
        port: 161,
        poller: "bench".into(),
        at,
        class,
        source: Source::Snmp,
        outcome: Outcome::Answered { rtt_ms: 1.0 },
        facts,
    }
}

fn discovered(site: i64, i: i64, at: Millis) -> Reading {
    let facts = Facts {
        kind: Some(DeviceKind::Printer),
        vendor: Some("Kyocera".into()),
        model: Some("ECOSYS M6230cidn".into()),
        serial: Some(format!("VXL{i:07}")),
        sys_name: Some(format!("KM{i:06}")),
        sys_object_id: Some("1.3.6.1.4.1.1347.41".into()),
        sys_descr: Some("KYOCERA Document Solutions Printing System".into()),
        base_mac: Some(format!("00:c0:ee:{:02x}:{:02x}:{:02x}", i >> 16 & 255, i >> 8 & 255, i & 255)),
        ..Facts::default()
    };
    reading(Subject::Discovered { site, credential: None, range: None }, i, ProbeClass::Inventory, facts, at)
}

fn reachability(i: i64, at: Millis) -> Reading {
    let subject = Subject::Known { device: DeviceId(i) };
    let facts = Facts { sys_uptime_cs: Some((at.0 / 10) as u64), ..Facts::default() };
    reading(subject, i, ProbeClass::Reachability, facts, at)
}

fn supplies(i: i64, level: i64, at: Millis) -> Reading {
    let one = |n: usize, color: &str| Supply {
        index: format!("1.{n}"),
        kind: SupplyKind::Toner,
        color: Some(color.into()),
        description: format!("TK-5270 {color}"),
        part_number: Some("TK-5270".into()),
        serial: None,
        max_capacity: Some(8_000),
        level: Some(level * 80),
        level_percent: Some(level as f64),
        level_state: LevelState::Known,
        receptacle: false,
        fill_percent: None,
        unit: Some("impressions".into()),
        source: Source::Snmp,
    };
    let colors = ["black", "cyan", "magenta", "yellow"];
    let facts = Facts {
        supplies: Some(colors.iter().enumerate().map(|(n, c)| one(n + 1, c)).collect()),
        printer: Some(PrinterFacts { page_count: Some((100_000 - level * 100) as u64), ..PrinterFacts::default() }),
        ..Facts::default()
    };
    reading(Subject::Known { device: DeviceId(i) }, i, ProbeClass::Supplies, facts, at)
}

/// User and system time of this process, all threads.
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

/// Resident memory in KB.
fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
