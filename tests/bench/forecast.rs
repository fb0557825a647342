//! The forecast against fleets with known truth, and what it costs.
//!
//! `cargo bench --bench forecast [-- SEED...]`: the table of errors by class of gauge on a busy and a quiet fleet, for a supply
//! alone and with what its peers teach; then 10,000 supplies from remembered state, and a CSV file of 100,000 rows.

#[path = "../fleet_truth/mod.rs"]
mod fleet_truth;

use std::collections::BTreeMap;
use std::time::Duration;

use anykey::cli::forecast::{forecasts, read};
use anykey::forecast::{Calendar, Peers, SupplySeries, forecast};
use anykey::model::Millis;
use fleet_truth::judge::{Knows, Score, fold, judge, table};
use fleet_truth::{Options, START, csv, fleet};

/// What comes first is experience and not judged.
const WARM_UP: i64 = 260 * Millis::DAY;

fn main() {
    let mut seeds: Vec<u64> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    if seeds.is_empty() {
        seeds = vec![1, 2, 3];
    }
    for knows in [Knows::Alone, Knows::Fleet] {
        for (name, options) in [("busy", Options::busy as fn(u64) -> Options), ("quiet", Options::quiet)] {
            let mut scores: BTreeMap<_, Score> = BTreeMap::new();
            for seed in &seeds {
                for (key, score) in judge(&fleet(options(*seed)), START.plus(WARM_UP), knows) {
                    scores.entry(key).or_default().add(&score);
                }
            }
            println!("{name} fleet, {knows:?}, seeds {seeds:?}: 14 days before the real end\n{}", table(&scores));
        }
    }
    remembered();
    file();
}

fn remembered() {
    let devices = fleet(Options { poll_hours: 24, ..Options::busy(1) });
    let calendar = Calendar::default();
    let now = START.plus(700 * Millis::DAY);
    let series: Vec<SupplySeries> = devices.iter().map(|d| fold(d, &calendar, now)).collect();
    let stored: Vec<String> = series.iter().map(|s| serde_json::to_string(s).expect("plain data")).collect();
    let bytes = stored.iter().map(String::len).sum::<usize>() / stored.len();
    let before = processor_time();
    let mut days = 0.0;
    for i in 0..10_000 {
        let f = forecast(&series[i % series.len()], None, &Peers::default(), &calendar, now);
        days += f.median_days.unwrap_or_default();
    }
    let took = processor_time() - before;
    println!(
        "10,000 supplies from remembered state: {took:.2?} (mean {:.0} days), {bytes} bytes of JSON each",
        days / 1e4
    );
    let before = processor_time();
    let mut rows = 0;
    for d in &devices {
        rows += d.samples.len();
        fold(d, &calendar, now);
    }
    let took = processor_time() - before;
    println!("folding {rows} readings: {:.0} ns each", took.as_nanos() as f64 / rows as f64);
}

fn file() {
    let all = csv(&fleet(Options { poll_hours: 24, ..Options::busy(2) }));
    let text = all.lines().take(100_001).collect::<Vec<_>>().join("\n");
    let before = processor_time();
    let read = read(text.as_bytes()).expect("our own file");
    let parsed = processor_time() - before;
    let supplies = forecasts(&read, None).len();
    let took = processor_time() - before;
    println!("CSV file of {} rows, {supplies} supplies: {took:.2?}, of which reading {parsed:.2?}", read.rows);
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
