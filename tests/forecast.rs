//! The forecast against a fleet with known truth, and its command on files.
//!
//! Floors are what a small fleet must reach in every build; `cargo bench --bench forecast` prints the whole table.

mod fleet_truth;

use std::process::Command;

use anykey::model::Millis;
use fleet_truth::judge::{Knows, judge, median, table, total};
use fleet_truth::{Class, Options, START, csv, fleet};

const WARM_UP: i64 = 200 * Millis::DAY;

#[test]
fn a_small_fleet_is_forecast_better_than_by_a_straight_line() {
    for seed in [11, 12] {
        let devices = fleet(Options::small(seed));
        let scores = judge(&devices, START.plus(WARM_UP), Knows::Alone);
        let told = table(&scores);
        let numeric = total(&scores, |c, _| c != Class::Words);
        assert!(numeric.ours.len() >= 40, "too few ends to judge:\n{told}");
        assert!(median(&numeric.ours) <= 0.32, "median error:\n{told}");
        assert!(median(&numeric.ours) < median(&numeric.line), "worse than a line:\n{told}");
        assert!((0.7..=0.95).contains(&numeric.coverage()), "coverage of the 80 % interval:\n{told}");
        let coarse = total(&scores, |c, _| matches!(c, Class::Tenth | Class::Quarter));
        assert!(median(&coarse.ours) <= 0.36 && median(&coarse.ours) < median(&coarse.line), "coarse gauges:\n{told}");
        let words = total(&scores, |c, _| c == Class::Words);
        assert!(words.ours.len() >= 5 && median(&words.ours) <= 0.6, "devices of words:\n{told}");
        let all = total(&scores, |_, _| true);
        assert!(all.precision() >= 0.95 && all.recall() >= 0.93, "replacements:\n{told}");
    }
}

/// Output lines of `anykey forecast`, and what it said on stderr.
fn run(text: &str, more: &[&str]) -> (Vec<serde_json::Value>, String, Option<i32>) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("readings.csv");
    std::fs::write(&file, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_anykey"))
        .args(["forecast", file.to_str().unwrap(), "--format", "json"])
        .args(more)
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let rows = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    (rows, String::from_utf8(output.stderr).unwrap(), output.status.code())
}

#[test]
fn the_command_forecasts_every_supply_and_ignores_what_comes_after_the_time_asked() {
    let devices = fleet(Options { pools: 3, days: 200, ..Options::small(5) });
    let text = csv(&devices);
    let (rows, errors, code) = run(&text, &[]);
    assert_eq!((rows.len(), code), (devices.len(), Some(0)), "{errors}");
    for row in &rows {
        for key in ["device", "supply", "median_days", "low_days", "high_days", "stage", "replacements"] {
            assert!(row.get(key).is_some(), "{key} is missing in {row}");
        }
        if let (Some(low), Some(median), Some(high)) =
            (row["low_days"].as_f64(), row["median_days"].as_f64(), row["high_days"].as_f64())
        {
            assert!(low <= median && median <= high, "{row}");
        }
    }
    let cut = "2024-05-01T00:00:00Z";
    let upto: String = text.lines().filter(|l| l.starts_with("device,") || l.split(',').nth(2).unwrap() <= cut).fold(
        String::new(),
        |mut all, l| {
            all.push_str(l);
            all.push('\n');
            all
        },
    );
    assert_eq!(run(&text, &["--at", cut]).0, run(&upto, &["--at", cut]).0);
}

#[test]
fn order_repetition_and_scale_of_the_rows_do_not_matter() {
    let devices = fleet(Options { pools: 3, days: 150, ..Options::small(6) });
    let text = csv(&devices);
    let (head, rows) = text.split_once('\n').unwrap();
    let plain = run(&text, &[]).0;
    assert_eq!(plain, run(&text, &[]).0, "twice the same");
    let mut turned: Vec<&str> = rows.lines().rev().collect();
    turned.extend(rows.lines().take(50));
    assert_eq!(plain, run(&format!("{head}\n{}\n", turned.join("\n")), &[]).0, "in another order");
    // Units of a capacity that is no yield are only a scale.
    let percent: Vec<_> = devices.into_iter().filter(|d| d.samples.iter().all(|s| s.capacity == Some(100.0))).collect();
    assert!(!percent.is_empty());
    let plain = csv(&percent);
    let mut scaled = percent;
    for s in scaled.iter_mut().flat_map(|d| &mut d.samples) {
        (s.level, s.capacity) = (s.level.map(|l| l * 7.0), s.capacity.map(|c| c * 7.0));
    }
    assert_eq!(run(&plain, &[]).0, run(&csv(&scaled), &[]).0, "in other units");
}

#[test]
fn bad_rows_are_told_and_a_bad_header_ends_it() {
    let good = "p,black,2026-03-02T08:00:00Z,50,100,19,3,10\n";
    let (rows, errors, code) =
        run(&format!("device,supply,time,level,capacity,unit,class,pages\np,black,soon,1,100,19,3,1\n{good}"), &[]);
    assert_eq!((rows.len(), code), (1, Some(0)));
    assert!(errors.contains("row 2") && errors.contains("soon"), "{errors}");
    let (rows, errors, code) = run(&format!("device,supply,level,capacity,unit,class,pages\n{good}"), &[]);
    assert_eq!((rows.len(), code), (0, Some(1)));
    assert!(errors.contains("missing: time"), "{errors}");
}
