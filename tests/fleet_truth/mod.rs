//! A fleet with known truth, in virtual time and from a seed: what was printed, when each cartridge really ended, and what the
//! gauges said of it. The judge (`judge.rs`) compares the forecast with it.
//!
//! Nothing of the forecast's own assumptions is used here: how a gauge rounds, how it errs at the end, when people replace and
//! shake cartridges are drawn for every pool of same-model devices.
#![allow(dead_code)]

pub mod judge;

/// The error is measured so long before the real end.
pub const END_HORIZON: i64 = 14 * Millis::DAY;

use anykey::forecast::{Alert, Sample, Unit};
use anykey::model::Millis;

/// 2024-01-01, a Monday.
pub const START: Millis = Millis(1_704_067_200_000);

/// SplitMix64.
pub struct Rng(pub u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    /// 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize % n.max(1)
    }
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }
    pub fn normal(&mut self) -> f64 {
        let (a, b) = (self.unit().max(1e-300), self.unit());
        (-2.0 * a.ln()).sqrt() * (2.0 * std::f64::consts::PI * b).cos()
    }
    /// Gamma distributed with this shape and mean 1 (Marsaglia and Tsang).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = self.unit().max(1e-300).powf(1.0 / shape);
            return self.gamma(shape + 1.0) * (shape + 1.0) / shape * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.unit().max(1e-300).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v / shape;
            }
        }
    }
}

/// What kind of gauge a pool has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Steps of 1 %.
    Fine,
    /// Steps of 10 %.
    Tenth,
    /// Steps of 25 %.
    Quarter,
    /// Only "some", "low", "empty".
    Words,
}

impl Class {
    pub const ALL: [Class; 4] = [Self::Fine, Self::Tenth, Self::Quarter, Self::Words];
    pub fn step(self) -> f64 {
        match self {
            Self::Fine => 0.01,
            Self::Tenth => 0.1,
            Self::Quarter => 0.25,
            Self::Words => 1.0,
        }
    }
}

/// How a device of words tells "low" and "empty".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// -3 throughout, with alerts.
    Alerts,
    /// -3, -2, 0.
    Levels,
    /// -3 and 0.
    EndOnly,
}

#[derive(Debug, Clone, Copy)]
pub struct Options {
    pub seed: u64,
    pub pools: usize,
    pub most_devices: usize,
    pub days: i64,
    /// Cartridges per device and year.
    pub per_year: f64,
    /// Share of devices without a page counter.
    pub uncounted: f64,
    /// Share of fine gauges of which every reading trembles.
    pub trembling: f64,
    /// Hours between polls; 0: drawn for every device.
    pub poll_hours: i64,
}

impl Options {
    pub fn small(seed: u64) -> Self {
        Options {
            seed,
            pools: 14,
            most_devices: 4,
            days: 520,
            per_year: 5.0,
            uncounted: 0.2,
            trembling: 0.1,
            poll_hours: 24,
        }
    }
    pub fn busy(seed: u64) -> Self {
        Options {
            seed,
            pools: 60,
            most_devices: 8,
            days: 760,
            per_year: 5.0,
            uncounted: 0.25,
            trembling: 0.1,
            poll_hours: 0,
        }
    }
    pub fn quiet(seed: u64) -> Self {
        Options { per_year: 2.3, ..Options::busy(seed) }
    }
}

/// A cartridge's end as it really was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    pub at: Millis,
    pub early: bool,
    pub installed: Millis,
}

pub struct Device {
    pub name: String,
    pub supply: &'static str,
    pub receptacle: bool,
    pub model: String,
    pub class: Class,
    pub rounding: &'static str,
    pub counted: bool,
    pub samples: Vec<Sample>,
    pub ends: Vec<End>,
    /// Another cartridge was put in.
    pub replaced: Vec<Millis>,
    pub shaken: usize,
}

struct Pool {
    class: Class,
    rounding: &'static str,
    telling: Telling,
    rated: f64,
    tells_yield: bool,
    capacity: (f64, Unit),
    low: f64,
    early: f64,
    coverage: f64,
    counted: bool,
    persistent_shake: bool,
    /// Standard deviation of every single reading.
    tremble: f64,
    supply: &'static str,
    model: String,
}

/// The whole fleet.
pub fn fleet(o: Options) -> Vec<Device> {
    let mut rng = Rng(o.seed.wrapping_mul(0x5851_F42D_4C95_7F2D) ^ 0xA5A5);
    let holidays: Vec<i64> =
        (0..o.days).filter(|d| matches!(d % 365, 0..=6 | 53 | 67 | 120 | 128 | 162 | 307)).collect();
    let mut devices = Vec::new();
    for number in 0..o.pools {
        let pool = pool(&mut rng, number, o);
        for _ in 0..=rng.below(o.most_devices) {
            let seed = rng.next();
            devices.push(device(&mut Rng(seed), &pool, devices.len(), o, &holidays));
        }
    }
    devices
}

fn pool(rng: &mut Rng, number: usize, o: Options) -> Pool {
    let class = match rng.unit() {
        u if u < 0.6 => Class::Fine,
        u if u < 0.8 => Class::Tenth,
        u if u < 0.88 => Class::Quarter,
        _ => Class::Words,
    };
    let rated = (rng.between(15.0, 120.0) * 100.0).round();
    let capacity = match rng.below(4) {
        0 | 1 => (100.0, Unit::Percent),
        2 => (rated, Unit::Impressions),
        _ => (460.0, Unit::Other),
    };
    Pool {
        class,
        rounding: ["up", "down", "nearest"][rng.below(3)],
        telling: match rng.below(10) {
            0..=5 => Telling::Alerts,
            6..=8 => Telling::Levels,
            _ => Telling::EndOnly,
        },
        rated,
        tells_yield: rng.chance(0.5),
        capacity,
        low: rng.between(0.05, 0.2),
        early: rng.between(0.1, 0.4),
        coverage: (0.25 * rng.normal()).exp(),
        counted: !rng.chance(o.uncounted),
        persistent_shake: rng.chance(0.5),
        tremble: if rng.chance(o.trembling) { rng.between(0.01, 0.03) } else { 0.0 },
        supply: ["Black Toner", "Cyan Toner", "Drum Unit", "Waste Toner Box"][[0, 0, 0, 1, 2, 3][rng.below(6)]],
        model: format!("Model {number}"),
    }
}

/// A device's life, hour by hour.
struct Life<'a> {
    pool: &'a Pool,
    rng: &'a mut Rng,
    /// True remaining fraction.
    x: f64,
    per_page: f64,
    /// Reported at the true end.
    bias: f64,
    early_at: Option<f64>,
    /// Shaken when the level falls to the first, by the second.
    shake: Option<(f64, f64)>,
    lifted: f64,
    lift_ends: i64,
    waits: Option<i64>,
    use_factor: f64,
    pages: f64,
}

impl Life<'_> {
    fn fresh(&mut self) {
        let r = &mut *self.rng;
        self.x = 1.0;
        self.per_page = self.use_factor * (0.1 * r.normal()).exp() / self.pool.rated;
        self.bias = r.between(-0.04, 0.04);
        self.early_at = r.chance(self.pool.early).then(|| r.between(0.05, 0.25));
        self.shake = r.chance(0.05).then(|| (r.between(0.04, 0.2), r.between(0.02, 0.15)));
        (self.lifted, self.lift_ends, self.waits) = (0.0, 0, None);
    }

    fn reported(&self) -> f64 {
        (1.0 - (1.0 - self.x) * (1.0 - self.bias) + self.lifted).clamp(0.0, 1.0)
    }

    /// What the device answers.
    fn sample(&mut self, at: Millis) -> Sample {
        let p = self.pool;
        let (capacity, unit) = p.capacity;
        let mut s = Sample {
            at,
            capacity: Some(capacity),
            unit,
            pages: p.counted.then(|| self.pages.floor()),
            rated_yield: p.tells_yield.then_some(p.rated),
            ..Sample::default()
        };
        let r = self.reported();
        if p.class == Class::Words {
            s.capacity = None;
            let (low, empty) = (r <= p.low, self.x <= 0.0);
            (s.level, s.alert) = match p.telling {
                _ if empty && p.telling != Telling::Alerts => (Some(0.0), None),
                Telling::Alerts if empty => (Some(-3.0), Some(Alert::Empty)),
                Telling::Alerts if low => (Some(-3.0), Some(Alert::Low)),
                Telling::Levels if low => (Some(-2.0), None),
                _ => (Some(-3.0), None),
            };
            return s;
        }
        let step = p.class.step();
        let r = if p.class == Class::Fine { r + p.tremble * self.rng.normal() } else { r };
        let steps = (r / step * 1e9).round() / 1e9;
        let mut shown = step
            * match p.rounding {
                "up" => steps.ceil(),
                "down" => steps.floor(),
                _ => steps.round(),
            };
        if p.class == Class::Fine && self.rng.chance(0.03) {
            shown += if self.rng.chance(0.5) { step } else { -step };
        }
        s.level = Some((shown.clamp(0.0, 1.0) * capacity).round());
        s
    }
}

fn device(rng: &mut Rng, pool: &Pool, number: usize, o: Options, holidays: &[i64]) -> Device {
    let per_year = o.per_year * rng.between(0.5, 1.6);
    let use_factor = pool.coverage * (0.15 * rng.normal()).exp();
    let daily = per_year * pool.rated / use_factor / 250.0;
    let shape = rng.between(0.8, 3.0);
    let (season, phase) = (rng.between(0.0, 0.25), rng.between(0.0, std::f64::consts::TAU));
    let drift = rng.between(-0.25, 0.25) / 365.0;
    let poll = if o.poll_hours > 0 { o.poll_hours } else { [1, 4, 24, 24][rng.below(4)] };
    let (missing, outages) = (rng.between(0.02, 0.15), rng.between(0.5, 3.0) / 365.0);
    let first_level = rng.between(0.3, 1.0);
    let pages = rng.between(0.0, 200_000.0).floor();
    let offset = rng.below(24) as i64;
    let mut life = Life {
        pool,
        rng,
        x: 1.0,
        per_page: 0.0,
        bias: 0.0,
        early_at: None,
        shake: None,
        lifted: 0.0,
        lift_ends: 0,
        waits: None,
        use_factor,
        pages,
    };
    life.fresh();
    life.x = first_level;
    let mut d = Device {
        name: format!("printer-{number:03}"),
        supply: pool.supply,
        receptacle: pool.supply.starts_with("Waste"),
        model: pool.model.clone(),
        class: pool.class,
        rounding: pool.rounding,
        counted: pool.counted,
        samples: Vec::new(),
        ends: Vec::new(),
        replaced: Vec::new(),
        shaken: 0,
    };
    let (mut silent_until, mut installed) = (0, START);
    for day in 0..o.days {
        let weekend = day % 7 >= 5;
        let mut mean = daily * (1.0 + season * (std::f64::consts::TAU * day as f64 / 365.0 + phase).sin());
        mean *= (1.0 + drift * day as f64).max(0.2);
        if day % 30 >= 25 {
            mean *= 1.35;
        }
        if weekend || holidays.contains(&day) {
            mean *= 0.04;
        }
        let today = mean * life.rng.gamma(shape);
        if life.rng.chance(outages) {
            silent_until = (day + 2 + life.rng.below(10) as i64) * 24;
        }
        for hour in 0..24 {
            let (h, at) = (day * 24 + hour, START.plus((day * 24 + hour) * Millis::HOUR));
            let works = (8..18).contains(&hour);
            if works {
                installed = step(&mut life, &mut d, at, h, today / 10.0, installed, weekend);
            }
            if h % poll == offset % poll && h >= silent_until && !life.rng.chance(missing) {
                let minute = life_minute(life.rng);
                d.samples.push(life.sample(at.plus(minute)));
            }
        }
    }
    d
}

fn life_minute(rng: &mut Rng) -> i64 {
    rng.below(20) as i64 * Millis::MINUTE
}

/// One working hour: prints, runs out, is replaced, is shaken. When the cartridge in it was put in.
fn step(life: &mut Life, d: &mut Device, at: Millis, h: i64, pages: f64, installed: Millis, weekend: bool) -> Millis {
    if let Some(until) = life.waits {
        if h >= until && !weekend {
            life.fresh();
            d.replaced.push(at);
            return at;
        }
        return installed;
    }
    if life.lift_ends > 0 && h >= life.lift_ends {
        (life.lifted, life.lift_ends) = (0.0, 0);
    }
    // A cartridge gives nothing beyond its end.
    let printed = pages.min(life.x / life.per_page);
    life.pages += printed;
    life.x -= printed * life.per_page;
    if let Some((_, by)) = life.shake.filter(|(at, _)| life.x <= *at) {
        life.lifted = by;
        life.lift_ends = if life.pool.persistent_shake { 0 } else { h + 24 + life.rng.below(96) as i64 };
        life.shake = None;
        d.shaken += 1;
    }
    if life.x <= 1e-9 {
        life.x = 0.0;
        d.ends.push(End { at, early: false, installed });
        let wait = if life.rng.chance(0.6) { 1 } else { 4 + life.rng.below(72) as i64 };
        life.waits = Some(h + wait);
    } else if life.early_at.is_some_and(|e| life.x <= e) {
        d.ends.push(End { at, early: true, installed });
        d.replaced.push(at);
        life.fresh();
        return at;
    }
    installed
}

/// The fleet's readings as a CSV file.
pub fn csv(devices: &[Device]) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("device,supply,time,level,capacity,unit,class,pages,yield,model,alert\n");
    let number = |v: Option<f64>| v.map(|v| format!("{v}")).unwrap_or_default();
    for d in devices {
        let class = if d.receptacle { "receptacleThatIsFilled" } else { "supplyThatIsConsumed" };
        for s in &d.samples {
            let unit = match s.unit {
                Unit::Percent => "percent",
                Unit::Impressions => "impressions",
                Unit::Other => "tenthsOfGrams",
            };
            let alert = match s.alert {
                Some(Alert::Low) => "markerTonerAlmostEmpty(1104)",
                Some(Alert::Empty) => "markerTonerEmpty(1101)",
                Some(Alert::Touched) => "markerTonerCartridgeMissing(1115)",
                None => "",
            };
            let seconds = s.at.0 / 1000;
            let time = jiff::Timestamp::from_second(seconds).map(|t| t.to_string()).unwrap_or_default();
            let _ = writeln!(
                text,
                "{},{},{time},{},{},{unit},{class},{},{},{},{alert}",
                d.name,
                d.supply,
                number(s.level),
                s.capacity.map_or("-2".to_owned(), |c| c.to_string()),
                number(s.pages),
                number(s.rated_yield),
                d.model
            );
        }
    }
    text
}
