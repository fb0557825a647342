//! Compares forecasts with the truth: error of the days 14 days before the real end, beside a straight line through the last
//! 30 readings; coverage of the 80 % interval; replacements found within 24 hours.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anykey::forecast::{Calendar, CalendarLearner, Peers, Sample, SupplySeries, forecast};
use anykey::model::Millis;

use super::{Class, Device, END_HORIZON};

#[derive(Debug, Default, Clone)]
pub struct Score {
    /// |median - true| / true of those that ran out; the line's on the same cartridges (1 where it finds no end).
    pub ours: Vec<f64>,
    pub line: Vec<f64>,
    pub bias: Vec<f64>,
    pub covered: usize,
    pub all: usize,
    /// The same with those replaced early.
    pub ours_all: Vec<f64>,
    pub unknown: usize,
    pub found: usize,
    pub real: usize,
    pub right: usize,
    pub below: usize,
}

impl Score {
    pub fn coverage(&self) -> f64 {
        self.covered as f64 / self.all.max(1) as f64
    }
    pub fn precision(&self) -> f64 {
        self.right as f64 / self.found.max(1) as f64
    }
    pub fn recall(&self) -> f64 {
        self.right as f64 / self.real.max(1) as f64
    }
    pub fn add(&mut self, o: &Score) {
        self.ours.extend(&o.ours);
        self.line.extend(&o.line);
        self.bias.extend(&o.bias);
        self.ours_all.extend(&o.ours_all);
        self.covered += o.covered;
        self.all += o.all;
        self.unknown += o.unknown;
        self.found += o.found;
        self.real += o.real;
        self.right += o.right;
        self.below += o.below;
    }
}

pub fn mean(v: &[f64]) -> f64 {
    v.iter().sum::<f64>() / v.len().max(1) as f64
}

pub fn median(v: &[f64]) -> f64 {
    let mut v = v.to_vec();
    v.sort_by(f64::total_cmp);
    v.get(v.len() / 2).copied().unwrap_or(0.0)
}

/// What the forecast may know beside the device itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knows {
    /// A file of one supply.
    Alone,
    /// The whole fleet.
    Fleet,
}

/// Scores by class, and of counted and uncounted devices.
pub fn judge(devices: &[Device], from: Millis, knows: Knows) -> BTreeMap<(Class, bool), Score> {
    let calendar = match knows {
        Knows::Alone => Calendar::default(),
        Knows::Fleet => learnt(devices, from),
    };
    let articles: Vec<String> = devices.iter().map(|d| format!("{}\n{}", d.model, d.supply)).collect();
    let peers = match knows {
        Knows::Alone => Peers::default(),
        Knows::Fleet => {
            let folded: Vec<SupplySeries> = devices.iter().map(|d| fold(d, &calendar, from)).collect();
            Peers::learn(articles.iter().map(String::as_str).zip(&folded))
        }
    };
    let mut scores: BTreeMap<(Class, bool), Score> = BTreeMap::new();
    for (d, article) in devices.iter().zip(&articles) {
        let article = (knows == Knows::Fleet).then_some(article.as_str());
        let score = one(d, article, &peers, &calendar, from);
        scores.entry((d.class, d.counted)).or_default().add(&score);
    }
    scores
}

pub fn total(scores: &BTreeMap<(Class, bool), Score>, pick: impl Fn(Class, bool) -> bool) -> Score {
    let mut sum = Score::default();
    scores.iter().filter(|((c, n), _)| pick(*c, *n)).for_each(|(_, s)| sum.add(s));
    sum
}

fn learnt(devices: &[Device], until: Millis) -> Calendar {
    let mut learner = CalendarLearner::new(0);
    for d in devices {
        let before = d.samples.iter().take_while(|s| s.at < until);
        let rows: Vec<(Millis, f64)> = before.filter_map(|s| Some((s.at, s.pages?))).collect();
        learner.device(&rows);
    }
    learner.learnt()
}

pub fn fold(d: &Device, calendar: &Calendar, until: Millis) -> SupplySeries {
    let mut s = SupplySeries::default();
    d.samples.iter().take_while(|x| x.at <= until).for_each(|x| {
        s.observe(x, calendar);
    });
    s
}

fn one(d: &Device, article: Option<&str>, peers: &Peers, calendar: &Calendar, from: Millis) -> Score {
    let mut score = Score::default();
    let mut series = SupplySeries::default();
    let mut next = 0;
    for end in &d.ends {
        let now = end.at.plus(-END_HORIZON);
        if now <= end.installed || now < from {
            continue;
        }
        while let Some(s) = d.samples.get(next).filter(|s| s.at <= now) {
            series.observe(s, calendar);
            next += 1;
        }
        let actual = END_HORIZON as f64 / Millis::DAY as f64;
        let f = forecast(&series, article, peers, calendar, now);
        let Some((median, low, high)) = f.median_days.zip(f.low_days).zip(f.high_days).map(|((m, l), h)| (m, l, h))
        else {
            score.unknown += 1;
            continue;
        };
        let error = (median - actual).abs() / actual;
        score.ours_all.push(error);
        if end.early {
            continue;
        }
        score.ours.push(error);
        if std::env::var_os("FORECAST_FAR").is_some() && (error > 1.5 || d.class == Class::Words) {
            eprintln!("far {error:.2} {} {:?} counted {} {now:?} {f:?}", d.name, d.class, d.counted);
        }
        score.bias.push(median - actual);
        score.all += 1;
        score.covered += usize::from(low <= actual && actual <= high);
        score.below += usize::from(actual < low);
        if d.class != Class::Words {
            let days = straight_line(&d.samples[..next], end.installed, now);
            score.line.push(days.map_or(1.0, |l| (l - actual).abs() / actual));
        }
    }
    while let Some(s) = d.samples.get(next) {
        series.observe(s, calendar);
        next += 1;
    }
    replacements(d, &series, &mut score);
    score
}

fn replacements(d: &Device, series: &SupplySeries, score: &mut Score) {
    let last = d.samples.last().map_or(Millis(0), |s| s.at);
    // What nobody can have confirmed yet does not count.
    let settled = d.replaced.iter().copied().filter(|r| last.since(*r) > 2 * Millis::DAY);
    // A device of words that never said "low" or "empty" of a cartridge tells nobody that it was replaced.
    let told = |r: Millis| {
        let before = d.replaced.iter().copied().filter(|o| *o < r).max().unwrap_or(super::START);
        d.samples.iter().any(|s| s.at > before && s.at < r && (s.alert.is_some() || s.level != Some(-3.0)))
    };
    let real: Vec<Millis> = settled.filter(|r| d.class != Class::Words || told(*r)).collect();
    let mut taken = vec![false; real.len()];
    for r in series.replacements() {
        let near = (0..real.len()).filter(|i| !taken[*i] && r.at.since(real[*i]).abs() <= Millis::DAY);
        let best = near.min_by_key(|i| r.at.since(real[*i]).abs());
        if last.since(r.at) <= 3 * Millis::DAY && best.is_none() {
            continue;
        }
        score.found += 1;
        if let Some(i) = best {
            taken[i] = true;
            score.right += 1;
        } else if std::env::var_os("FORECAST_WRONG").is_some() {
            eprintln!("wrong {} {:?} {} {r:?}", d.name, d.class, d.rounding);
        }
    }
    for (r, taken) in real.iter().zip(&taken) {
        if !taken && std::env::var_os("FORECAST_WRONG").is_some() {
            let around: Vec<_> = d
                .samples
                .iter()
                .filter(|s| s.at.since(*r).abs() < 4 * Millis::DAY)
                .map(|s| (s.at.since(*r) / Millis::HOUR, s.level.unwrap_or(-9.0), s.capacity))
                .collect();
            eprintln!(
                "missed {} {:?} {} {:?} {around:?}",
                d.name,
                d.class,
                d.rounding,
                jiff::Timestamp::from_millisecond(r.0)
            );
        }
    }
    score.real += real.len();
}

/// The rival: least squares through the last 30 readings with a number. It is told when the cartridge was put in.
fn straight_line(samples: &[Sample], installed: Millis, now: Millis) -> Option<f64> {
    let points: Vec<(f64, f64)> = samples
        .iter()
        .rev()
        .take_while(|s| s.at >= installed)
        .filter_map(|s| Some((s.at.since(now) as f64 / Millis::DAY as f64, s.look().number?)))
        .take(30)
        .collect();
    let n = points.len() as f64;
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let sxy: f64 = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum();
    let sxx: f64 = points.iter().map(|p| (p.0 - mx).powi(2)).sum();
    let slope = sxy / sxx;
    let here = my - slope * mx;
    (slope < -1e-9).then(|| (here / -slope).clamp(0.0, 3650.0))
}

/// The table of the design: errors beside the line's, coverage, bias, replacements.
pub fn table(scores: &BTreeMap<(Class, bool), Score>) -> String {
    let mut out = format!(
        "{:<22}{:>5} {:>14} {:>14} {:>6} {:>7} {:>6} {:>6} {:>6} {:>6} {:>5}\n",
        "class", "n", "ours mean/med", "line mean/med", "bias", "80 %in", "below", "prec", "recall", "allmed", "none"
    );
    let mut row = |name: String, s: &Score| {
        let _ = writeln!(
            out,
            "{name:<22}{:>5} {:>6.1} /{:>5.1} % {:>6.1} /{:>5.1} % {:>+6.1} {:>6.1}% {:>5.1}% {:>6.3} {:>6.3} {:>5.1}% {:>5}",
            s.ours.len(),
            100.0 * mean(&s.ours),
            100.0 * median(&s.ours),
            100.0 * mean(&s.line),
            100.0 * median(&s.line),
            mean(&s.bias),
            100.0 * s.coverage(),
            100.0 * s.below as f64 / s.all.max(1) as f64,
            s.precision(),
            s.recall(),
            100.0 * median(&s.ours_all),
            s.unknown
        );
    };
    for ((class, counted), s) in scores {
        row(format!("{class:?}{}", if *counted { "" } else { ", no counter" }), s);
    }
    row("numeric".to_owned(), &total(scores, |c, _| c != Class::Words));
    row("all".to_owned(), &total(scores, |_, _| true));
    out
}
