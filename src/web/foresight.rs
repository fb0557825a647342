//! A supply's forecast in words and for the chart. It only words what the engine foresaw; nothing is computed here.

use crate::forecast::{Basis, Seen, Stage};
use crate::model::Millis;
use crate::web::layout::Ui;

/// Beyond this nobody plans.
const A_YEAR: f64 = 365.0;

/// The stored forecast; one that another version wrote is none.
pub fn read(json: Option<&str>) -> Option<Seen> {
    serde_json::from_str(json?).ok()
}

/// The moment a quantile of days stands for.
pub fn moment(seen: &Seen, days: Option<f64>) -> Option<Millis> {
    days.filter(|d| d.is_finite()).map(|d| seen.at.plus((d.clamp(0.0, 20.0 * A_YEAR) * Millis::DAY as f64) as i64))
}

/// Whole days from now; what has passed is 0.
fn days_left(ui: &Ui, at: Millis) -> i64 {
    (at.since(ui.now).max(0) as f64 / Millis::DAY as f64).round() as i64
}

/// "около 12 дней (8–17), к 8 дек."; `None`: nothing is foreseen.
pub fn words(ui: &Ui, seen: &Seen) -> Option<String> {
    let f = &seen.forecast;
    let median = moment(seen, f.median_days)?;
    let words = match days_left(ui, median) {
        0 if f.level.is_some_and(|l| l <= 0.02) => ui.t("forecast-spent"),
        0 | 1 => ui.t("forecast-soon"),
        d if d as f64 > A_YEAR => ui.t("forecast-year"),
        d => {
            let about = ui.tn("forecast-about", d);
            match (moment(seen, f.low_days), moment(seen, f.high_days)) {
                (Some(low), Some(high)) => ui.tw(
                    "forecast-full",
                    &[
                        ("about", about.into()),
                        ("low", days_left(ui, low).into()),
                        ("high", days_left(ui, high).into()),
                        ("date", ui.date(median).into()),
                    ],
                ),
                _ => about,
            }
        }
    };
    let note = match f.stage {
        _ if f.stale => Some("supply-stale"),
        Stage::ByRating => Some("forecast-stage-by-rating"),
        _ => None,
    };
    Some(match note {
        Some(key) => format!("{words}, {}", ui.t(key)),
        None => words,
    })
}

pub fn stage(ui: &Ui, seen: Option<&Seen>) -> String {
    ui.word("forecast-stage-", seen.map_or(Stage::NoData, |s| s.forecast.stage).as_str())
}

/// What it rests on, one line each.
pub fn basis(ui: &Ui, seen: &Seen) -> Vec<String> {
    let line = |b: &Basis| match *b {
        Basis::Steps(n) => ui.tn("basis-steps", n),
        Basis::Cartridges(n) => ui.tn("basis-cartridges", n),
        Basis::Peers(n) => ui.tn("basis-peers", n),
        Basis::PagesPerWorkingDay(n) => ui.tv("basis-pages-per-day", ui.integer(n.round() as i64)),
        Basis::PagesPerCartridge(n) => ui.tv("basis-pages-per-cartridge", ui.integer((n / 10.0).round() as i64 * 10)),
        Basis::SharePerWorkingDay(n) => ui.tv("basis-share-per-day", ui.percent_places(n, 1)),
        Basis::Stale(n) => ui.tn("basis-stale", n.round() as i64),
    };
    seen.forecast.basis.iter().map(line).collect()
}

/// An invented one: so many days, with its interval.
pub fn sample(now: Millis, level: f64, days: [f64; 3], stage: Stage) -> Seen {
    let [low, median, high] = days;
    Seen {
        at: now.plus(-10 * Millis::MINUTE),
        forecast: crate::forecast::Forecast {
            median_days: Some(median),
            low_days: Some(low),
            high_days: Some(high),
            level: Some(level),
            level_low: Some((level - 0.01).max(0.0)),
            level_high: Some(level + 0.01),
            stage,
            stale: false,
            basis: vec![Basis::Steps(12), Basis::Cartridges(3), Basis::PagesPerWorkingDay(87.0), Basis::Peers(4)],
        },
    }
}
