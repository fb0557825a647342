//! From a remembered series to days: when it will be spent, and how sure that is.
//!
//! The level now and the use per work come from the filters, work per effective day from the usage; the days follow by asking
//! how likely the consumption of so many days exceeds what is left.

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::cartridge::{Belief, Core, DAYS, DRIFT, PAGES, ROUNDINGS};
use super::filter::Filter;
use super::normal;
use super::peers::{Article, Peers};
use super::sample::Word;
use super::series::SupplySeries;
use crate::model::Millis;

/// How far ahead anything is said, days.
pub const FARTHEST: f64 = 3_650.0;
/// Slow change of a device's use over the time ahead, as a share of it.
const CHANGE: f64 = 0.08;
/// Days of the peers' median usage that a device's own stands against.
const PEER_DAYS: f64 = 4.0;
/// Without peers: a rated cartridge lasts so many effective days.
const USUAL_LIFE: f64 = 60.0;
/// The real end differs from the gauge's 0 by so much.
const END_SD: f64 = 0.025;
/// An end above this was early.
const EARLY: f64 = 0.06;
/// Share of cartridges replaced early and their level, until learnt; and the weight of that in cartridges.
const EARLY_SHARE: f64 = 0.25;
const EARLY_LEVEL: f64 = 0.15;
const EARLY_WEIGHT: f64 = 4.0;
/// People differ, and the same one from time to time: a quarter of the early replacements each at so many times their mean.
const EARLY_SPREAD: [f64; 4] = [0.4, 0.8, 1.2, 1.8];
/// Without a newer reading for so many effective days a forecast is stale.
const STALE: f64 = 10.0;
const NODES: usize = 7;

/// How much a forecast rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// No level, or nothing to judge its fall by.
    NoData,
    /// The rated yield or the peers alone.
    ByRating,
    /// The page counter since a known level.
    ByCounter,
    /// At least two steps of the gauge.
    ByLevel,
    /// At least one whole cartridge.
    Settled,
}

impl Stage {
    pub const ALL: [Stage; 5] = [Self::NoData, Self::ByRating, Self::ByCounter, Self::ByLevel, Self::Settled];
    /// The stored and serialised word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoData => "no-data",
            Self::ByRating => "by-rating",
            Self::ByCounter => "by-counter",
            Self::ByLevel => "by-level",
            Self::Settled => "settled",
        }
    }
}

/// What a forecast rests on, for people who ask.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Steps of the gauge seen on this cartridge.
    Steps(u32),
    /// Whole cartridges of this device.
    Cartridges(u32),
    /// Other devices with the same article.
    Peers(u32),
    PagesPerWorkingDay(f64),
    /// Impressions one cartridge gives here.
    PagesPerCartridge(f64),
    /// Share of a cartridge per working day, where no page counter tells more.
    SharePerWorkingDay(f64),
    /// Nothing heard for so many working days.
    Stale(f64),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Days from now until it is spent: 50 %, and the quantiles of 10 % and 90 %.
    pub median_days: Option<f64>,
    pub low_days: Option<f64>,
    pub high_days: Option<f64>,
    /// Remaining fraction now (room left for a receptacle): median and the middle 80 %.
    pub level: Option<f64>,
    pub level_low: Option<f64>,
    pub level_high: Option<f64>,
    pub stage: Stage,
    pub stale: bool,
    pub basis: Vec<Basis>,
}

/// A forecast with its moment, as it is kept beside the supply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub at: Millis,
    #[serde(flatten)]
    pub forecast: Forecast,
}

/// One way to read the gauge.
#[derive(Debug, Clone, Copy)]
struct View {
    odds: f64,
    filter: Filter,
}

/// One equally likely part of what may be left.
#[derive(Debug, Clone, Copy)]
struct Node {
    weight: f64,
    /// Logarithm of the times it is consumed in one effective day.
    log_units: f64,
    /// Relative variance of the use.
    k_var: f64,
}

/// What is left and how fast it goes, ready to be asked for days.
#[derive(Debug, Clone)]
pub struct Outlook {
    views: Vec<View>,
    /// Work per effective day, its own uncertainty (relative variance), and the unevenness of days (relative variance).
    rate: f64,
    rate_var: f64,
    unevenness: f64,
    /// Level at which it really ends.
    end: Belief,
    early_share: f64,
    early_level: f64,
    empty: bool,
    kind: usize,
}

impl Outlook {
    /// `None`: nothing is known of the level.
    pub fn new(
        s: &SupplySeries,
        article: Option<&Article>,
        peers: &Peers,
        calendar: &Calendar,
        now: Millis,
    ) -> Option<Self> {
        s.heard_at?;
        let kind = s.kind();
        let (rate, rate_var, unevenness) = rate(s, kind, peers);
        let unheard = calendar.effective(s.last_at, now);
        let fine = s.reference().is_some_and(|n| s.gauge.plausible_step(n) <= 0.02);
        let mut views = Vec::with_capacity(3);
        for (i, odds) in odds(&s.core, fine, kind, article).into_iter().enumerate() {
            if odds < 0.04 {
                continue;
            }
            let mut filter = s.core.filters[kind][i];
            // Neighbours confirm the last but one reading: it bounds the level of its own time, the last one that of now.
            let confirmed = s.settled_point().map_or(s.work[kind], |p| p.work[kind]).max(s.core.done[kind]);
            filter.predict(confirmed - s.core.done[kind], &DRIFT[kind]);
            advise(&mut filter, s, kind, article);
            bounded(&mut filter, s, ROUNDINGS[i], article);
            filter.predict(s.work[kind] - confirmed, &DRIFT[kind]);
            newest(&mut filter, s, ROUNDINGS[i]);
            if unheard > 0.0 {
                let before = filter.k;
                filter.predict(rate * unheard, &DRIFT[kind]);
                filter.xx += (before * rate).powi(2) * (unevenness * unheard + rate_var * unheard * unheard);
            }
            views.push(View { odds, filter });
        }
        let (end, early_share, early_level) = ends(&s.core, article);
        let empty = s.word == Some(Word::Empty) && s.core.empty;
        Some(Outlook { views, rate, rate_var, unevenness, end, early_share, early_level, empty, kind })
    }

    /// Probability that what is left, and `more` whole cartridges after it, are consumed in `days` effective days.
    pub fn spent_within(&self, days: f64, more: f64) -> f64 {
        self.reached(&self.nodes(more), days, more)
    }

    /// What may be left, in equally likely parts of every view.
    fn nodes(&self, more: f64) -> Vec<Node> {
        let sum: f64 = self.views.iter().map(|v| v.odds).sum();
        let further = more * (1.0 - self.early_share * self.early_level);
        let mut nodes = Vec::with_capacity(2 * NODES * self.views.len());
        for View { odds, filter: f } in &self.views {
            let (mean, sd) = (f.x - self.end.mean, (f.xx + self.end.var).sqrt());
            // It has not ended yet.
            let none = normal::cdf(-mean / sd).min(0.999);
            let slope = f.xk / (sd * sd);
            for i in 0..NODES {
                let p = none + (1.0 - none) * (i as f64 + 0.5) / NODES as f64;
                let left = if self.empty { 0.0 } else { (mean + sd * normal::quantile(p)).max(2e-4) };
                let k = (f.k + slope * (left - mean)).max(0.25 * f.k);
                let k_var = (f.kk - slope * f.xk).max(0.0) / (k * k);
                let weight = odds / sum.max(1e-12) / NODES as f64;
                let mut add = |amount: f64, weight: f64| {
                    let units = k * self.rate / (amount + further).max(1e-4);
                    nodes.push(Node { weight, log_units: units.max(1e-12).ln(), k_var });
                };
                let mut full = weight;
                for times in EARLY_SPREAD {
                    let early = left - (times * self.early_level).max(EARLY);
                    if early > 0.02 {
                        let part = weight * self.early_share / EARLY_SPREAD.len() as f64;
                        full -= part;
                        add(early, part);
                    }
                }
                add(left, full);
            }
        }
        nodes
    }

    fn reached(&self, nodes: &[Node], days: f64, more: f64) -> f64 {
        if days <= 0.0 {
            return if self.empty && more == 0.0 { 1.0 } else { 0.0 };
        }
        let (spread, log_days) = (self.rate_var + self.unevenness / days, days.ln());
        let one = |n: &Node| {
            let log_var = ((1.0 + spread) * (1.0 + n.k_var) + more * 0.01).ln();
            n.weight * normal::cdf((n.log_units + log_days - 0.5 * log_var) / log_var.sqrt().max(1e-3))
        };
        nodes.iter().map(one).sum()
    }

    /// Effective days after which it is spent with probability `p`.
    fn effective_days(&self, nodes: &[Node], p: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        while self.reached(nodes, high, 0.0) < p {
            low = high;
            high *= 2.0;
            if high > FARTHEST {
                return FARTHEST;
            }
        }
        for _ in 0..24 {
            let middle = 0.5 * (low + high);
            if self.reached(nodes, middle, 0.0) < p {
                low = middle;
            } else {
                high = middle;
            }
            if high - low < 0.01 {
                break;
            }
        }
        0.5 * (low + high)
    }

    fn days(&self, nodes: &[Node], p: f64, calendar: &Calendar, now: Millis) -> f64 {
        if self.empty {
            return 0.0;
        }
        calendar.days_until(now, self.effective_days(nodes, p)).min(FARTHEST)
    }

    /// Remaining fraction at probability `p`.
    fn level(&self, p: f64) -> f64 {
        if self.empty {
            return 0.0;
        }
        let sum: f64 = self.views.iter().map(|v| v.odds).sum();
        let below = |x: f64| {
            self.views.iter().map(|v| v.odds * normal::cdf((x - v.filter.x) / v.filter.xx.sqrt())).sum::<f64>() / sum
        };
        let (mut low, mut high) = (-1.0, 2.0);
        for _ in 0..20 {
            let middle = 0.5 * (low + high);
            if below(middle) < p {
                low = middle;
            } else {
                high = middle;
            }
        }
        (0.5 * (low + high)).clamp(0.0, 1.0)
    }
}

/// Forecast of one supply as of `now`.
pub fn forecast(s: &SupplySeries, article: Option<&str>, peers: &Peers, calendar: &Calendar, now: Millis) -> Forecast {
    let known = article.and_then(|a| peers.articles.get(a));
    let outlook = Outlook::new(s, known, peers, calendar, now);
    let stage = stage(s, known, outlook.as_ref());
    let unheard = s.heard_at.map_or(0.0, |h| calendar.effective(h, now));
    let mut basis = basis(s, known, outlook.as_ref());
    if unheard > STALE {
        basis.push(Basis::Stale(unheard));
    }
    let told = outlook.filter(|_| stage != Stage::NoData);
    let nodes = told.as_ref().map(|o| o.nodes(0.0)).unwrap_or_default();
    let days = |p: f64| told.as_ref().map(|o| o.days(&nodes, p, calendar, now));
    let level = |p: f64| told.as_ref().map(|o| o.level(p));
    Forecast {
        median_days: days(0.5),
        low_days: days(0.1),
        high_days: days(0.9),
        level: level(0.5),
        level_low: level(0.1),
        level_high: level(0.9),
        stage,
        stale: unheard > STALE,
        basis,
    }
}

/// Probabilities that at least 1, 2, ... `most` cartridges are used up within `days` calendar days from `now`; 0 when nothing
/// is known.
pub fn p_replacements_within(
    s: &SupplySeries,
    article: Option<&str>,
    peers: &Peers,
    calendar: &Calendar,
    now: Millis,
    days: f64,
    most: u32,
) -> Vec<f64> {
    let known = article.and_then(|a| peers.articles.get(a));
    let effective = calendar.effective(now, now.plus((days * Millis::DAY as f64) as i64));
    let outlook = Outlook::new(s, known, peers, calendar, now);
    let chance = |k| outlook.as_ref().map_or(0.0, |o| o.spent_within(effective, f64::from(k)));
    (0..most).map(chance).collect()
}

impl SupplySeries {
    /// Pages where a counter runs, else effective days.
    fn kind(&self) -> usize {
        if self.work[PAGES] > 0.0 && self.usage.seen >= 1.0 && self.counted_lately() { PAGES } else { DAYS }
    }
}

/// Work per effective day: mean, relative variance of the mean, relative variance of one day.
fn rate(s: &SupplySeries, kind: usize, peers: &Peers) -> (f64, f64, f64) {
    if kind == DAYS {
        return (1.0, CHANGE * CHANGE, DRIFT[DAYS].by_work);
    }
    let own_days = s.usage.days();
    // A few days of one device say little: a holiday week is not its life.
    let (usual, usual_days) = match peers.pages_per_day {
        Some(p) => (p, PEER_DAYS),
        None => (s.scale / USUAL_LIFE, 0.5 * PEER_DAYS),
    };
    let weight = usual_days * (1.0 - own_days / (3.0 * PEER_DAYS)).max(0.0);
    let mean = (s.usage.mean() * own_days + usual * weight) / (own_days + weight).max(1e-9);
    let mean = mean.max(1e-3);
    let unevenness = s.usage.variance(mean) / (mean * mean);
    (mean / s.scale, unevenness / (1.4 * own_days + 1.0) + CHANGE * CHANGE, unevenness)
}

fn odds(core: &Core, fine: bool, kind: usize, article: Option<&Article>) -> [f64; 3] {
    let own = core.roundings(kind);
    if fine {
        // The three ways hardly differ: the best alone.
        let best = own.iter().copied().fold(0.0, f64::max);
        return own.map(|o| f64::from(u8::from(o >= best)));
    }
    let Some(a) = article.filter(|a| a.devices >= 2) else { return own };
    let mut all = [0.0; 3];
    for i in 0..3 {
        // The peers include this series; its own odds are not counted twice.
        all[i] = a.roundings[kind][i].exp().max(1e-6) * own[i].powf(0.2);
    }
    let sum: f64 = all.iter().sum();
    all.map(|o| o / sum)
}

/// The peers' experience with the article, where the device's own says less.
fn advise(f: &mut Filter, s: &SupplySeries, kind: usize, article: Option<&Article>) {
    // Own cartridges teach more than the neighbours'.
    let own = f64::from(s.core.finished);
    let Some(a) = article.filter(|_| own < 3.0) else { return };
    let (belief, unit) = if kind == PAGES { (a.per_page, s.scale) } else { (a.per_day, 1.0) };
    if let Some(b) = belief {
        let k = b.mean.exp() * unit;
        f.use_is(k, k * ((b.var + 0.01) * (1.0 + own)).sqrt());
    }
}

/// The last report bounds the level: within its step, above "low", below it.
fn bounded(f: &mut Filter, s: &SupplySeries, rounding: f64, article: Option<&Article>) {
    if let Some(number) = s.reference() {
        let step = s.gauge.plausible_step(number);
        let soft = 0.1 * step + 0.01 + s.gauge.noise();
        f.level_below(number + rounding * step, soft);
        if number > 0.5 * step && s.core.rebound == 0.0 {
            f.level_above(number + (rounding - 1.0) * step, soft);
        }
        return;
    }
    let mut low = s.core.low();
    if let Some(peers) = article.map(|a| &a.lows).filter(|l| l.len() > s.core.lows.len() && s.core.lows.len() < 3) {
        let n = peers.len() as f64;
        low.mean = (peers.iter().sum::<f64>() + low.mean) / (n + 1.0);
    }
    match s.word {
        Some(Word::Some) => f.level_above(low.mean, low.var.sqrt()),
        Some(Word::Low) => f.level_below(low.mean, low.var.sqrt()),
        _ => {}
    }
}

/// The newest reading, unless it is far from what the others let expect.
fn newest(f: &mut Filter, s: &SupplySeries, rounding: f64) {
    let Some(number) = s.unconfirmed() else { return };
    let step = s.gauge.plausible_step(number);
    let expected = number + (rounding - 0.5) * step;
    if (f.x - expected).abs() > 4.0 * f.xx.sqrt() + step + 0.03 {
        return;
    }
    let soft = 0.1 * step + 0.015 + s.gauge.noise();
    f.level_below(number + rounding * step, soft);
    if number > 0.5 * step && s.core.rebound == 0.0 {
        f.level_above(number + (rounding - 1.0) * step, soft);
    }
}

/// Where it ends: the gauge's error at the end, and the share and level of early replacements; those of the same article in
/// other devices weigh as much as a few own.
fn ends(core: &Core, article: Option<&Article>) -> (Belief, f64, f64) {
    let (early, run_out): (Vec<f64>, Vec<f64>) = core.ends.iter().partition(|e| **e >= EARLY);
    let n = run_out.len() as f64;
    let end = Belief { mean: run_out.iter().sum::<f64>() / (n + 2.0), var: END_SD * END_SD };
    let (mut usual_share, mut usual_level) = (EARLY_SHARE, EARLY_LEVEL);
    if let Some(ends) = article.map(|a| &a.ends).filter(|e| e.len() > core.ends.len()) {
        let early: Vec<f64> = ends.iter().copied().filter(|e| *e >= EARLY).collect();
        let count = early.len() as f64;
        usual_share = (count + EARLY_SHARE * EARLY_WEIGHT) / (ends.len() as f64 + EARLY_WEIGHT);
        usual_level = (early.iter().sum::<f64>() + EARLY_LEVEL * 2.0) / (count + 2.0);
    }
    let count = early.len() as f64;
    let share = (count + usual_share * EARLY_WEIGHT) / (count + n + EARLY_WEIGHT);
    let level = (early.iter().sum::<f64>() + usual_level * 2.0) / (count + 2.0);
    (end, share, level)
}

fn stage(s: &SupplySeries, article: Option<&Article>, outlook: Option<&Outlook>) -> Stage {
    let Some(o) = outlook else { return Stage::NoData };
    let peers = |a: &Article| if o.kind == PAGES { a.per_page.is_some() } else { a.per_day.is_some() };
    let taught = (o.kind == PAGES && s.rated.is_some()) || article.is_some_and(peers);
    match () {
        () if s.core.finished >= 1 => Stage::Settled,
        () if s.core.edges >= 2 => Stage::ByLevel,
        () if o.kind == PAGES && (taught || s.core.edges >= 1) && (s.core.whole || s.numbers > 0) => Stage::ByCounter,
        () if taught || s.core.edges >= 1 || s.core.low_at.is_some() || s.core.empty => Stage::ByRating,
        () => Stage::NoData,
    }
}

fn basis(s: &SupplySeries, article: Option<&Article>, outlook: Option<&Outlook>) -> Vec<Basis> {
    let mut basis = Vec::new();
    if s.core.edges > 0 {
        basis.push(Basis::Steps(s.core.edges));
    }
    if s.core.finished > 0 {
        basis.push(Basis::Cartridges(s.core.finished));
    }
    if let Some(a) = article.filter(|a| a.devices >= 2) {
        basis.push(Basis::Peers(a.devices - 1));
    }
    match outlook.map(|o| (o.kind, o)) {
        Some((PAGES, o)) => {
            basis.push(Basis::PagesPerWorkingDay(o.rate * s.scale));
            if s.core.edges > 0 || s.core.finished > 0 {
                basis.push(Basis::PagesPerCartridge(s.scale / s.core.best(PAGES).k));
            }
        }
        Some((_, _)) if s.core.edges > 0 || s.core.finished > 0 => {
            basis.push(Basis::SharePerWorkingDay(s.core.best(DAYS).k));
        }
        _ => {}
    }
    basis
}
