//! `anykey forecast`: when supplies will be spent, from readings of any origin.
//!
//! Reads a CSV file, prints a table or one JSON object a supply. It asks no device and no database; the method is in
//! [`crate::forecast`].

mod readings;

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;
use serde::Serialize;

use super::out;
use crate::forecast::{Basis, Calendar, CalendarLearner, Forecast, Peers, Sign, SupplySeries, forecast};
use crate::i18n::{self, Lang};
use crate::model::Millis;
use readings::{Key, Readings, Table};

pub use readings::read;

/// Messages about bad rows before the rest is only counted.
const TOLD: usize = 20;

#[derive(clap::Args)]
pub struct Args {
    /// Readings: columns device, supply, time (RFC 3339), level (raw, -3 -2 -1 kept), capacity, unit, class, pages, and
    /// where known yield, model, alert, serial.
    file: PathBuf,
    /// Forecast as of this time (RFC 3339); later readings are not looked at. Default: the newest reading.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[arg(long, value_enum, default_value = "table")]
    format: Form,
    /// Language of the table: en or ru.
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = language)]
    lang: Lang,
}

fn language(text: &str) -> Result<Lang, String> {
    Lang::parse(text).ok_or_else(|| format!("no texts in \"{text}\"; en and ru are there"))
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    #[value(alias = "text")]
    Table,
    Json,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let name = args.file.display();
    let bytes = std::fs::read(&args.file).with_context(|| format!("reading {name} failed"))?;
    let table = readings::read(&bytes).with_context(|| format!("{name} cannot be used"))?;
    for problem in table.problems.iter().take(TOLD) {
        eprintln!("{name}: {problem}; left out");
    }
    if let more @ 1.. = table.problems.len().saturating_sub(TOLD) {
        eprintln!("{name}: {more} more rows left out");
    }
    let at = match &args.at {
        Some(text) => Some(readings::moment(text).map_err(|e| anyhow::anyhow!("--at: {e}"))?.0),
        None => None,
    };
    let supplies = forecasts(&table, at);
    if supplies.is_empty() {
        eprintln!("{name}: no reading to forecast from");
    }
    match args.format {
        Form::Json => {
            let mut text = String::new();
            for s in &supplies {
                text.push_str(&serde_json::to_string(s)?);
                text.push('\n');
            }
            out::text(&text)
        }
        Form::Table => out::text(&report(&supplies, args.lang)),
    }
}

/// One line of the JSON output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SupplyForecast {
    pub device: String,
    pub supply: String,
    /// The forecast is as of this time.
    pub at: String,
    /// Days until it is spent: 50 %, 10 % and 90 %.
    pub median_days: Option<f64>,
    pub low_days: Option<f64>,
    pub high_days: Option<f64>,
    /// Remaining percent.
    pub level: Option<f64>,
    pub level_low: Option<f64>,
    pub level_high: Option<f64>,
    pub stage: &'static str,
    pub stale: bool,
    pub basis: Vec<Basis>,
    pub replacements: Vec<Replaced>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replaced {
    pub time: String,
    pub confidence: f64,
    pub rule: &'static str,
    pub evidence: Vec<Sign>,
}

/// Every supply of the table as of `at`, or of the newest reading.
pub fn forecasts(table: &Table, at: Option<Millis>) -> Vec<SupplyForecast> {
    let newest = table.supplies.values().filter_map(|r| r.samples.last()).map(|s| s.at).max();
    let Some(now) = at.or(newest) else { return Vec::new() };
    let calendar = calendar(table, now);
    let folded: Vec<(&Key, Option<String>, SupplySeries)> = table
        .supplies
        .iter()
        .filter(|(_, r)| r.samples.first().is_some_and(|s| s.at <= now))
        .map(|(key, r)| {
            let mut series = SupplySeries::default();
            for sample in r.samples.iter().take_while(|s| s.at <= now) {
                series.observe(sample, &calendar);
            }
            (key, r.model.as_ref().map(|m| format!("{m}\n{}", key.supply)), series)
        })
        .collect();
    let peers = Peers::learn(folded.iter().map(|(key, article, s)| (article.as_deref().unwrap_or(&key.device), s)));
    folded
        .iter()
        .map(|(key, article, s)| {
            let f = forecast(s, article.as_deref(), &peers, &calendar, now);
            line(key, s, &f, now)
        })
        .collect()
}

/// The week of those who print, from one counter a device.
fn calendar(table: &Table, now: Millis) -> Calendar {
    let mut learner = CalendarLearner::new(table.offset_ms);
    let mut device: Option<(&str, Vec<(Millis, f64)>)> = None;
    let counter = |r: &Readings| -> Vec<(Millis, f64)> {
        let upto = r.samples.iter().take_while(|s| s.at <= now);
        let pages: Vec<(Millis, f64)> = upto.clone().filter_map(|s| Some((s.at, s.pages?))).collect();
        if pages.len() >= 2 {
            return pages;
        }
        upto.filter_map(|s| Some((s.at, -s.look().number?))).collect()
    };
    for (key, readings) in &table.supplies {
        let rows = counter(readings);
        match &mut device {
            Some((name, best)) if *name == key.device => {
                if rows.len() > best.len() {
                    *best = rows;
                }
            }
            _ => {
                if let Some((_, best)) = device.replace((&key.device, rows)) {
                    learner.device(&best);
                }
            }
        }
    }
    if let Some((_, best)) = device {
        learner.device(&best);
    }
    learner.learnt()
}

fn line(key: &Key, s: &SupplySeries, f: &Forecast, now: Millis) -> SupplyForecast {
    let rounded = |v: Option<f64>, unit: f64| v.map(|v| (v * unit * 100.0).round() / 100.0);
    SupplyForecast {
        device: key.device.clone(),
        supply: key.supply.clone(),
        at: rfc3339(now),
        median_days: rounded(f.median_days, 1.0),
        low_days: rounded(f.low_days, 1.0),
        high_days: rounded(f.high_days, 1.0),
        level: rounded(f.level, 100.0),
        level_low: rounded(f.level_low, 100.0),
        level_high: rounded(f.level_high, 100.0),
        stage: f.stage.as_str(),
        stale: f.stale,
        basis: f.basis.clone(),
        replacements: s
            .replacements()
            .iter()
            .map(|r| Replaced {
                time: rfc3339(r.at),
                confidence: r.confidence,
                rule: r.rule.as_str(),
                evidence: r.evidence.clone(),
            })
            .collect(),
    }
}

fn rfc3339(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|t| format!("{t:.0}")).unwrap_or_default()
}

/// The table, soonest first.
fn report(supplies: &[SupplyForecast], lang: Lang) -> String {
    let mut rows: Vec<&SupplyForecast> = supplies.iter().collect();
    rows.sort_by(|a, b| {
        let days = |s: &SupplyForecast| s.median_days.unwrap_or(f64::INFINITY);
        days(a).total_cmp(&days(b)).then_with(|| (&a.device, &a.supply).cmp(&(&b.device, &b.supply)))
    });
    let head = [
        "forecast-device",
        "forecast-supply",
        "forecast-level",
        "forecast-days",
        "forecast-likely",
        "forecast-date",
        "forecast-stage",
        "forecast-replaced",
    ];
    let mut cells: Vec<Vec<String>> = vec![head.map(|key| i18n::text(lang, key)).to_vec()];
    cells.extend(rows.into_iter().map(|s| in_words(s, lang)));
    let width = |c: usize| cells.iter().map(|r| r[c].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut text = String::new();
    for row in &cells {
        let line: Vec<String> = row.iter().zip(&widths).map(|(cell, w)| format!("{cell:<w$}")).collect();
        let _ = writeln!(text, "{}", line.join("  ").trim_end());
    }
    text
}

fn in_words(s: &SupplyForecast, lang: Lang) -> Vec<String> {
    let whole = |v: Option<f64>| v.map(|v| format!("{v:.0}")).unwrap_or_default();
    let likely = s.low_days.map(|_| format!("{}–{}", whole(s.low_days), whole(s.high_days)));
    let times = s.replacements.last().map(|last| {
        let date = last.time.get(..10).unwrap_or_default().to_owned();
        i18n::text_with(lang, "forecast-times", &[("count", s.replacements.len().into()), ("date", date.into())])
    });
    let mut stage = i18n::text(lang, &format!("forecast-stage-{}", s.stage));
    if s.stale {
        stage = format!("{stage}, {}", i18n::text(lang, "forecast-stale"));
    }
    vec![
        s.device.clone(),
        s.supply.clone(),
        s.level.map(|l| format!("{l:.0} %")).unwrap_or_default(),
        whole(s.median_days),
        likely.unwrap_or_default(),
        day_of(s).unwrap_or_default(),
        stage,
        times.unwrap_or_default(),
    ]
}

/// The day of the median, as a date.
fn day_of(s: &SupplyForecast) -> Option<String> {
    let at: jiff::Timestamp = s.at.parse().ok()?;
    let days = s.median_days.filter(|d| *d < crate::forecast::FARTHEST)?;
    let then = Millis(at.as_millisecond()).plus((days * Millis::DAY as f64) as i64);
    rfc3339(then).get(..10).map(str::to_owned)
}
