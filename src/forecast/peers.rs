//! What other devices teach about one: the use per page of an article, how its gauge rounds, how much a device prints.
//!
//! Computed from all series at once and given to the forecast as an argument; a device alone gets none and keeps its own
//! experience.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cartridge::{Belief, DAYS, PAGES};
use super::series::SupplySeries;

/// Devices of one article never agree better than this (variance of the logarithm).
const LEAST_VARIANCE: f64 = 0.01;

/// Experience with one article on all devices.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Article {
    /// Series that it rests on.
    pub devices: u32,
    /// Natural logarithm of the fraction used per page.
    pub per_page: Option<Belief>,
    /// The same per effective day, with the differences between devices.
    pub per_day: Option<Belief>,
    /// Where "low" begins.
    pub lows: Vec<f64>,
    /// Levels at which it was replaced.
    #[serde(default)]
    pub ends: Vec<f64>,
    /// Log-odds of the three roundings, for pages and for days.
    pub roundings: [[f64; 3]; 2],
}

/// Experience of a fleet or a branch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Peers {
    pub articles: BTreeMap<String, Article>,
    /// Median pages per effective day of a device.
    pub pages_per_day: Option<f64>,
}

impl Peers {
    /// `series`: each with the key of its article (part number, or model and supply).
    pub fn learn<'a>(series: impl IntoIterator<Item = (&'a str, &'a SupplySeries)>) -> Self {
        let mut groups: BTreeMap<&str, Vec<&SupplySeries>> = BTreeMap::new();
        let mut pages = Vec::new();
        for (key, s) in series {
            groups.entry(key).or_default().push(s);
            if s.usage.seen >= 10.0 && s.usage.mean() > 0.0 {
                pages.push(s.usage.mean());
            }
        }
        pages.sort_by(f64::total_cmp);
        let articles = groups.into_iter().map(|(key, all)| (key.to_owned(), article(&all))).collect();
        Peers { articles, pages_per_day: pages.get(pages.len() / 2).copied().filter(|_| pages.len() >= 3) }
    }
}

fn article(all: &[&SupplySeries]) -> Article {
    let mut a = Article { devices: all.len() as u32, ..Article::default() };
    if all.len() < 2 {
        return a;
    }
    a.per_page = pooled(all.iter().filter_map(|s| own(s, PAGES)), LEAST_VARIANCE);
    a.per_day = pooled(all.iter().filter_map(|s| own(s, DAYS)), 0.1);
    for s in all {
        a.lows.extend(&s.core.lows);
        a.ends.extend(&s.core.ends);
        for (kind, sums) in a.roundings.iter_mut().enumerate() {
            let odds = s.core.roundings(kind);
            let most = odds.iter().copied().fold(0.0, f64::max);
            for (sum, o) in sums.iter_mut().zip(odds) {
                *sum += (o / most).ln().max(-3.0);
            }
        }
    }
    a.lows.sort_by(f64::total_cmp);
    a.ends.sort_by(f64::total_cmp);
    a
}

/// A series' own experience: logarithm of the use, and its variance.
fn own(s: &SupplySeries, kind: usize) -> Option<Belief> {
    if s.core.finished == 0 && s.core.edges < 3 {
        return None;
    }
    if kind == PAGES && s.work[PAGES] <= 0.0 {
        return None;
    }
    let f = s.core.best(kind);
    let b = if s.core.finished > 0 { s.core.usual(kind) } else { Belief { mean: f.k, var: f.kk } };
    let unit = if kind == PAGES { s.scale } else { 1.0 };
    (b.mean > 0.0).then(|| Belief { mean: (b.mean / unit).ln(), var: b.var / (b.mean * b.mean) })
}

fn pooled(own: impl Iterator<Item = Belief>, least: f64) -> Option<Belief> {
    let all: Vec<Belief> = own.filter(|b| b.var < 0.5).collect();
    if all.len() < 2 {
        return None;
    }
    let weight = |b: &Belief| 1.0 / (b.var + 0.02);
    let sum: f64 = all.iter().map(weight).sum();
    let mean = all.iter().map(|b| weight(b) * b.mean).sum::<f64>() / sum;
    let spread = all.iter().map(|b| weight(b) * (b.mean - mean).powi(2)).sum::<f64>() / sum;
    let n = all.len() as f64;
    Some(Belief { mean, var: (spread * n / (n - 1.0)).max(least) })
}
