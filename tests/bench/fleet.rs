//! What the planner is worth: a fleet over 500 days through the real engine and store, against thresholds. See `README.md`.
//!
//! `cargo bench --bench fleet [-- [busy|quiet] SEED...]`; `FLEET_POOLS=6` makes the fleet smaller. Ends with an error when a claim of the
//! README does not hold.

#[path = "../fleet_loop/mod.rs"]
mod fleet_loop;
#[path = "../fleet_truth/mod.rs"]
mod fleet_truth;
#[path = "../fleet_loop/program.rs"]
mod program;

use std::process::ExitCode;
use std::time::Duration;

use anykey::store::testing::TestDatabase;
use tokio::time::Instant;

use fleet_loop::{Fleet, MEASURED, Outcome, Rivals, WARM_UP, World, smallest};
use program::Program;

/// Replacements served at once, at a service level of 0.95.
const FILL: f64 = 0.98;

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
async fn main() -> ExitCode {
    let mut seeds: Vec<u64> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    if seeds.is_empty() {
        seeds = vec![1, 2, 3];
    }
    let pools = std::env::var("FLEET_POOLS").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let mut broken = Vec::new();
    let asked: Vec<String> = std::env::args().filter(|a| a == "busy" || a == "quiet").collect();
    for (name, per_year) in [("busy", 5.0), ("quiet", 2.3)] {
        if !asked.is_empty() && !asked.iter().any(|a| a == name) {
            continue;
        }
        println!("{name} fleet, seeds {seeds:?}, {pools} pools, {MEASURED} days after {WARM_UP}");
        let (mut ours, mut rivals) = (Outcome::default(), Rivals::default());
        let (mut changed, mut misplaced, started) = (0, 0, Instant::now());
        for seed in &seeds {
            let fleet = Fleet { seed: *seed, pools, most_devices: 8, per_year, warm_up: WARM_UP, measured: MEASURED };
            let database = TestDatabase::sqlite();
            let mut world = World::new(fleet);
            let mut program = Program::new(&world, &database).await;
            let one = world.run(&mut program).await;
            changed += program.planned_again().await;
            misplaced += program.misplaced(&world).await;
            program.stop().await;
            database.remove().await;
            line(&format!("  seed {seed}"), &one, None);
            ours.add(&one);
            rivals.run(fleet).await;
        }
        line("forecast, SL 0.95", &ours, Some(started.elapsed()));
        println!("a second planner run changed {changed} rows; the books miss {misplaced} pieces");
        for (rival, o) in &rivals.sums {
            line(&rival.to_string(), o, None);
        }
        let rival = smallest(&rivals.sums, ours.fill());
        match rival {
            Some((rival, o)) => println!(
                "the smallest threshold with that fill: {rival}, {:.2} x our stock\n",
                o.stock_per_device() / ours.stock_per_device().max(1e-9)
            ),
            None => println!("no threshold reaches that fill\n"),
        }
        let claims = [
            (ours.fill() >= FILL, "fill"),
            (rival.is_none_or(|(_, o)| ours.stock_per_device() <= o.stock_per_device()), "stock"),
            (ours.unbalanced == 0 && misplaced == 0, "mass balance"),
            (changed == 0, "the planner run twice"),
        ];
        broken.extend(claims.iter().filter(|(holds, _)| !holds).map(|(_, claim)| format!("{name}: {claim}")));
    }
    for claim in &broken {
        eprintln!("does not hold: {claim}");
    }
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
