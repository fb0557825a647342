//! The CSV reader and the forecast after it stand any bytes: no panic, and either a table or an error that says what to do.

mod fleet_truth;

use anykey::cli::forecast::{forecasts, read};
use fleet_truth::{Options, Rng, csv, fleet};

/// Pieces that break readers more often than random bytes do.
const PIECES: [&str; 24] = [
    "\"",
    "\"\"",
    ",",
    ";",
    "\t",
    "\r\n",
    "\n",
    "\r",
    "-3",
    "-2",
    "-1",
    "0",
    "1e308",
    "-1e308",
    "NaN",
    "inf",
    "\u{feff}",
    "9999-12-31T23:59:59Z",
    "-009999-01-02T00:00:00Z",
    "1970-01-01T00:00:00+23:59",
    "device",
    "\0",
    "é",
    "18446744073709551616",
];

#[test]
fn broken_files_never_panic_and_stay_within_what_they_hold() {
    let whole = csv(&fleet(Options { pools: 2, days: 40, ..Options::small(21) }));
    let seed = whole.lines().take(60).collect::<Vec<_>>().join("\n").into_bytes();
    let rng = &mut Rng(2024);
    let mut tables = 0;
    for _ in 0..4_000 {
        let mut bytes = seed.clone();
        for _ in 0..=rng.below(6) {
            mutate(&mut bytes, rng);
        }
        match read(&bytes) {
            Ok(table) => {
                tables += 1;
                for s in forecasts(&table, None) {
                    for days in [s.low_days, s.median_days, s.high_days].into_iter().flatten() {
                        assert!((0.0..=3_650.0).contains(&days), "{s:?}");
                    }
                    if let (Some(low), Some(median), Some(high)) = (s.low_days, s.median_days, s.high_days) {
                        assert!(low <= median && median <= high, "{s:?}");
                    }
                }
            }
            Err(error) => assert!(error.to_string().contains("column") || error.to_string().contains("first row")),
        }
    }
    assert!(tables > 1_000, "most files stay readable: {tables}");
}

fn mutate(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let at = rng.below(bytes.len() + 1);
    match rng.below(5) {
        0 => bytes.truncate(at.max(10)),
        1 if at < bytes.len() => bytes[at] = (rng.unit() * 256.0) as u8,
        2 if at < bytes.len() => {
            let end = (at + rng.below(40)).min(bytes.len());
            bytes.drain(at..end);
        }
        3 => {
            let end = (at + rng.below(200)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy);
        }
        _ => {
            let piece = PIECES[rng.below(PIECES.len())];
            bytes.splice(at..at, piece.bytes());
        }
    }
}
