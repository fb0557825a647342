//! A branch that prints, runs out, orders on Wednesdays and waits for its goods: truth, with a policy that decides what to
//! buy. The policy sees what a person or a poller would see; whether a device stood still is known here only.
//!
//! The design is that of the evaluation: pools of one to twelve devices of one model, four kinds of gauges, bursty
//! printing with weekends, holidays, season and month ends, shaken cartridges, early replacement, outages, lead times.

use anykey::model::Millis;

use crate::fleet_truth::Rng;

/// 2024-01-01, a Monday.
pub const START: Millis = Millis(1_704_067_200_000);
/// The whole evaluation: experience before anything is counted, and what is counted.
pub const WARM_UP: i64 = 260;
pub const MEASURED: i64 = 500;
/// Wednesday: orders leave.
const ORDER_DAY: i64 = 2;

#[derive(Debug, Clone, Copy)]
pub struct Fleet {
    pub seed: u64,
    pub pools: usize,
    pub most_devices: usize,
    /// Cartridges per device and year.
    pub per_year: f64,
    /// Days of experience before anything is counted, and days that count.
    pub warm_up: i64,
    pub measured: i64,
}

/// What a device answers today.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Told {
    pub device: usize,
    pub pool: usize,
    /// Raw level of 100, or -3.
    pub level: i64,
    pub low: bool,
    pub empty: bool,
    pub pages: u64,
}

/// Pool and pieces.
pub type Lines = Vec<(usize, i64)>;

/// Decides what to buy.
#[allow(async_fn_in_trait)]
pub trait Policy {
    async fn told(&mut self, day: i64, told: &[Told]);
    /// A cartridge was taken from the shelf for a device.
    async fn taken(&mut self, day: i64, device: usize, pool: usize);
    /// Pieces to buy now, by pool, each order with its own number.
    async fn order(&mut self, day: i64) -> Vec<(u64, Lines)>;
    async fn received(&mut self, day: i64, order: u64, lines: &[(usize, i64)]);
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    pub wanted: u64,
    pub served: u64,
    pub device_days: u64,
    pub down_days: u64,
    pub stock_days: u64,
    pub orders: u64,
    pub pieces: u64,
    /// Pieces ordered less those used, lying on shelves and on their way: 0 when none was lost or doubled.
    pub unbalanced: i64,
}

impl Outcome {
    pub fn fill(&self) -> f64 {
        self.served as f64 / self.wanted.max(1) as f64
    }
    pub fn stock_per_device(&self) -> f64 {
        self.stock_days as f64 / self.device_days.max(1) as f64
    }
    pub fn down(&self) -> f64 {
        self.down_days as f64 / self.device_days.max(1) as f64
    }
    pub fn add(&mut self, o: &Outcome) {
        self.wanted += o.wanted;
        self.served += o.served;
        self.device_days += o.device_days;
        self.down_days += o.down_days;
        self.stock_days += o.stock_days;
        self.orders += o.orders;
        self.pieces += o.pieces;
        self.unbalanced += o.unbalanced;
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Gauge {
    Percent(i64),
    Words,
}

struct Pool {
    gauge: Gauge,
    low: f64,
    early: f64,
    rated: f64,
    devices: usize,
}

struct Machine {
    pool: usize,
    rng: Rng,
    daily: f64,
    shape: f64,
    season: (f64, f64),
    drift: f64,
    missing: f64,
    outages: f64,
    use_factor: f64,
    silent_until: i64,
    left: f64,
    per_page: f64,
    bias: f64,
    early_at: Option<f64>,
    shake: Option<(f64, f64)>,
    lifted: (f64, i64),
    pages: f64,
    /// Wants a cartridge since that day.
    waiting: bool,
}

impl Machine {
    fn fresh(&mut self, pool: &Pool) {
        let r = &mut self.rng;
        self.left = 1.0;
        self.per_page = self.use_factor * (0.1 * r.normal()).exp() / pool.rated;
        self.bias = r.between(-0.04, 0.04);
        self.early_at = r.chance(pool.early).then(|| r.between(0.05, 0.25));
        self.shake = r.chance(0.05).then(|| (r.between(0.04, 0.2), r.between(0.02, 0.15)));
        self.lifted = (0.0, 0);
        self.waiting = false;
    }

    fn print(&mut self, day: i64, holiday: bool) {
        let mut mean = self.daily
            * (1.0 + self.season.0 * (std::f64::consts::TAU * day as f64 / 365.0 + self.season.1).sin())
            * (1.0 + self.drift * day as f64).max(0.2);
        if day % 30 >= 25 {
            mean *= 1.35;
        }
        if day % 7 >= 5 || holiday {
            mean *= 0.04;
        }
        let wanted = mean * self.rng.gamma(self.shape);
        let printed = wanted.min(self.left / self.per_page);
        self.pages += printed;
        self.left -= printed * self.per_page;
        if let Some((_, by)) = self.shake.filter(|(at, _)| self.left <= *at) {
            self.lifted = (by, day + 1 + self.rng.below(4) as i64);
            self.shake = None;
        }
        if self.lifted.1 <= day {
            self.lifted = (0.0, 0);
        }
        if self.left <= 1e-9 {
            self.left = 0.0;
            self.waiting = true;
        } else if self.early_at.is_some_and(|e| self.left <= e) {
            self.waiting = true;
        }
    }

    fn tells(&mut self, day: i64, number: usize, pool: &Pool) -> Option<Told> {
        if self.rng.chance(self.outages) {
            self.silent_until = day + 2 + self.rng.below(10) as i64;
        }
        if day < self.silent_until || self.rng.chance(self.missing) {
            return None;
        }
        let shown = (1.0 - (1.0 - self.left) * (1.0 - self.bias) + self.lifted.0).clamp(0.0, 1.0);
        let mut told = Told {
            device: number,
            pool: self.pool,
            level: -3,
            low: shown <= pool.low,
            empty: self.left <= 0.0,
            pages: self.pages as u64,
        };
        if let Gauge::Percent(step) = pool.gauge {
            let mut level = ((shown * 100.0 / step as f64).ceil() as i64) * step;
            if step == 1 && self.rng.chance(0.03) {
                level += if self.rng.chance(0.5) { 1 } else { -1 };
            }
            told.level = level.clamp(0, 100);
            (told.low, told.empty) = (false, false);
        }
        Some(told)
    }
}

pub struct World {
    pools: Vec<Pool>,
    machines: Vec<Machine>,
    shelf: Vec<i64>,
    rng: Rng,
    /// Day of arrival, order, lines.
    coming: Vec<(i64, u64, Lines)>,
    fleet: Fleet,
}

impl World {
    pub fn new(f: Fleet) -> World {
        // Not the step of SplitMix64 itself: seeds would be one sequence, shifted.
        let mut rng = Rng(f.seed.wrapping_mul(0x5851_F42D_4C95_7F2D) ^ 0x5150);
        let (mut pools, mut machines) = (Vec::new(), Vec::new());
        for number in 0..f.pools {
            let gauge = match rng.unit() {
                u if u < 0.6 => Gauge::Percent(1),
                u if u < 0.8 => Gauge::Percent(10),
                u if u < 0.88 => Gauge::Percent(25),
                _ => Gauge::Words,
            };
            let pool = Pool {
                gauge,
                low: rng.between(0.05, 0.2),
                early: rng.between(0.1, 0.4),
                rated: (rng.between(15.0, 120.0) * 100.0).round(),
                devices: 1 + rng.below(f.most_devices),
            };
            let coverage = (0.25 * rng.normal()).exp();
            for _ in 0..pool.devices {
                let mut r = Rng((rng.unit() * 9e15) as u64);
                let use_factor = coverage * (0.15 * r.normal()).exp();
                let per_year = f.per_year * r.between(0.5, 1.6);
                let mut m = Machine {
                    pool: number,
                    daily: per_year * pool.rated / use_factor / 250.0,
                    shape: r.between(0.8, 3.0),
                    season: (r.between(0.0, 0.25), r.between(0.0, std::f64::consts::TAU)),
                    drift: r.between(-0.25, 0.25) / 365.0,
                    missing: r.between(0.02, 0.15),
                    outages: r.between(0.5, 3.0) / 365.0,
                    use_factor,
                    silent_until: 0,
                    left: 1.0,
                    per_page: 0.0,
                    bias: 0.0,
                    early_at: None,
                    shake: None,
                    lifted: (0.0, 0),
                    pages: r.between(0.0, 200_000.0),
                    waiting: false,
                    rng: r,
                };
                m.fresh(&pool);
                m.left = m.rng.between(0.3, 1.0);
                machines.push(m);
            }
            pools.push(pool);
        }
        World { shelf: vec![0; pools.len()], pools, machines, rng, coming: Vec::new(), fleet: f }
    }

    /// Rated yield and number of devices of each pool.
    pub fn pools(&self) -> Vec<(f64, usize)> {
        self.pools.iter().map(|p| (p.rated, p.devices)).collect()
    }
    /// The pool of each device.
    pub fn devices(&self) -> Vec<usize> {
        self.machines.iter().map(|m| m.pool).collect()
    }

    /// Pieces on each pool's shelf.
    pub fn shelf(&self) -> &[i64] {
        &self.shelf
    }

    /// The whole time; what happens after the warm-up counts.
    pub async fn run(&mut self, policy: &mut impl Policy) -> Outcome {
        let mut o = Outcome::default();
        let (mut bought, mut used) = (0i64, 0i64);
        for day in 0..self.fleet.warm_up + self.fleet.measured {
            let counts = day >= self.fleet.warm_up;
            let (arrived, coming): (Vec<_>, Vec<_>) =
                std::mem::take(&mut self.coming).into_iter().partition(|c| c.0 <= day);
            self.coming = coming;
            for (_, order, lines) in arrived {
                for (pool, n) in &lines {
                    self.shelf[*pool] += n;
                }
                policy.received(day, order, &lines).await;
            }
            self.work(day, counts, policy, &mut o, &mut used).await;
            let told: Vec<Told> = (0..self.machines.len())
                .filter_map(|i| {
                    let pool = &self.pools[self.machines[i].pool];
                    self.machines[i].tells(day, i, pool)
                })
                .collect();
            policy.told(day, &told).await;
            if day % 7 == ORDER_DAY {
                for (order, lines) in policy.order(day).await {
                    let pieces: i64 = lines.iter().map(|l| l.1).sum();
                    bought += pieces;
                    if counts {
                        o.orders += 1;
                        o.pieces += pieces as u64;
                    }
                    let lead = (3.0 + 6.0 * self.rng.gamma(2.0)).min(20.0).round() as i64;
                    self.coming.push((day + lead, order, lines));
                }
            }
            if counts {
                o.stock_days += self.shelf.iter().sum::<i64>() as u64;
                o.device_days += self.machines.len() as u64;
            }
        }
        let on_the_way: i64 = self.coming.iter().flat_map(|c| &c.2).map(|l| l.1).sum();
        o.unbalanced = bought - used - self.shelf.iter().sum::<i64>() - on_the_way;
        o
    }

    /// Everybody prints, and who wants a cartridge takes one if there is one.
    async fn work(&mut self, day: i64, counts: bool, policy: &mut impl Policy, o: &mut Outcome, used: &mut i64) {
        let holiday = matches!(day % 365, 0..=6 | 53 | 67 | 120 | 128 | 162 | 307);
        for i in 0..self.machines.len() {
            let (pool, waited) = (self.machines[i].pool, self.machines[i].waiting);
            if !waited || self.machines[i].left > 0.0 {
                self.machines[i].print(day, holiday);
            }
            if !self.machines[i].waiting {
                continue;
            }
            let there = self.shelf[pool] > 0;
            if counts && !waited {
                o.wanted += 1;
                o.served += u64::from(there);
            }
            if there {
                self.shelf[pool] -= 1;
                *used += 1;
                self.machines[i].fresh(&self.pools[pool]);
                policy.taken(day, i, pool).await;
            } else if counts && self.machines[i].left <= 0.0 {
                o.down_days += 1;
            }
        }
    }
}

/// A threshold policy by its two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rival {
    pub level: i64,
    pub minimum: i64,
}

impl std::fmt::Display for Rival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} % + min {}", self.level, self.minimum)
    }
}

/// Every threshold policy that somebody might try, on the same fleets.
pub struct Rivals {
    pub sums: Vec<(Rival, Outcome)>,
}

impl Default for Rivals {
    fn default() -> Self {
        let all = [5, 10, 15, 20, 25, 30].into_iter().flat_map(|level| (0..=4).map(move |minimum| (level, minimum)));
        Rivals { sums: all.map(|(level, minimum)| (Rival { level, minimum }, Outcome::default())).collect() }
    }
}

impl Rivals {
    pub async fn run(&mut self, fleet: Fleet) {
        for (rival, sum) in &mut self.sums {
            let mut world = World::new(fleet);
            let mut policy = Threshold::new(&world, rival.level, rival.minimum);
            sum.add(&world.run(&mut policy).await);
        }
    }
}

/// The policy that reaches this fill with the fewest pieces.
pub fn smallest(all: &[(Rival, Outcome)], fill: f64) -> Option<&(Rival, Outcome)> {
    let reach = all.iter().filter(|(_, o)| o.fill() >= fill);
    reach.min_by(|a, b| a.1.stock_per_device().total_cmp(&b.1.stock_per_device()))
}

/// Order up to the number of devices at or below a level, open orders netted, and keep a minimum: what print managers do.
pub struct Threshold {
    pub level: i64,
    pub minimum: i64,
    pub low: Vec<bool>,
    pub pool_of: Vec<usize>,
    pub position: Vec<i64>,
    pub next: u64,
}

impl Threshold {
    pub fn new(world: &World, level: i64, minimum: i64) -> Threshold {
        let pool_of = world.devices();
        Threshold {
            level,
            minimum,
            low: vec![false; pool_of.len()],
            pool_of,
            position: vec![0; world.pools().len()],
            next: 0,
        }
    }
}

impl Policy for Threshold {
    async fn told(&mut self, _: i64, told: &[Told]) {
        for t in told {
            self.low[t.device] = if t.level >= 0 { t.level <= self.level } else { t.low || t.empty };
        }
    }
    async fn taken(&mut self, _: i64, device: usize, pool: usize) {
        self.low[device] = false;
        self.position[pool] -= 1;
    }
    async fn order(&mut self, _: i64) -> Vec<(u64, Lines)> {
        let mut wanted = vec![0i64; self.position.len()];
        for (device, pool) in self.pool_of.iter().enumerate() {
            wanted[*pool] += i64::from(self.low[device]);
        }
        let mut lines = Vec::new();
        for (pool, n) in wanted.iter().enumerate() {
            let missing = n + self.minimum - self.position[pool];
            if missing > 0 {
                self.position[pool] += missing;
                lines.push((pool, missing));
            }
        }
        self.next += 1;
        if lines.is_empty() { Vec::new() } else { vec![(self.next, lines)] }
    }
    async fn received(&mut self, _: i64, _: u64, _: &[(usize, i64)]) {}
}
