//! What to buy for a store: how many pieces its devices will ask for until the next chance to get some, against what lies
//! there, is on order or on its way.
//!
//! A pool is one store and one article with what may stand in for it. The pieces its devices ask for within the protection
//! horizon (review period and lead time) are the exact convolution of the devices' own small distributions; the pool is
//! filled up to the smallest number that suffices with the service level. Thresholds know nothing of all this: a cartridge at
//! 20 % that lasts half a year is no need, one at 40 % that lasts ten days is.
//!
//! Pure: no clock, no store. It never orders, and running it again on what it has brought about gives the same plan. To
//! weigh stock against money otherwise change `cut`; to use another distribution fill `Asker::chance`.

use crate::model::{ArticleId, Asker, LeadTime, Minor, Plan, Position};

/// Probability that no device waits, per order cycle: measured to serve 99 of 100 replacements at once.
pub const SERVICE_LEVEL: f64 = 0.95;
/// Pieces one device is looked ahead for.
pub const MOST_PIECES: usize = 4;
/// What fills a basket up to a supplier's minimum lasts no longer than this, in days.
pub const LONGEST_COVER: f64 = 90.0;

/// A pool to be planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    pub article: ArticleId,
    pub askers: Vec<Asker>,
    pub position: Position,
    /// Sold by so many pieces.
    pub pack: i64,
    pub service_level: f64,
    pub review_days: f64,
    pub lead: LeadTime,
    /// The maker has stopped: never more than the devices will surely use, for nobody takes the rest.
    pub ending: bool,
}

impl Pool {
    /// Days that an order decided now must last: until the order after it has arrived.
    pub fn horizon_days(&self) -> f64 {
        self.review_days + self.lead.late_days()
    }
}

/// Askers below this chance are not named as reasons.
const NAMED: f64 = 0.02;

pub fn plan(pool: &Pool) -> Plan {
    plan_with(pool, 0)
}

/// Share of the risk a branch accepts that the plan may use up: the chances are estimates, and people who change a cartridge
/// before its time ask no forecast. Measured by the fleets of `cargo bench --bench fleet`.
const ESTIMATED: f64 = 0.6;

/// What is left to buy when other stores give `moved` pieces.
pub fn plan_with(pool: &Pool, moved: i64) -> Plan {
    let demand = demand(&pool.askers);
    let mut order_up_to = up_to(&demand, 1.0 - (1.0 - pool.service_level) * ESTIMATED);
    if pool.ending {
        order_up_to = order_up_to.min(sure(&demand));
    }
    let held = pool.position.pieces() + moved;
    let missing = (order_up_to - held).max(0);
    let pack = pool.pack.max(1);
    let quantity = missing.div_euclid(pack) * pack + if missing % pack == 0 { 0 } else { pack };
    let mut askers: Vec<Asker> =
        pool.askers.iter().filter(|a| a.chance.first().is_some_and(|p| *p >= NAMED)).cloned().collect();
    let first = |a: &Asker| a.chance.first().copied().unwrap_or(0.0);
    askers.sort_by(|a, b| {
        first(b).total_cmp(&first(a)).then_with(|| (a.device, &a.supply_index).cmp(&(b.device, &b.supply_index)))
    });
    Plan {
        article: pool.article,
        quantity,
        moved,
        ending: pool.ending,
        order_up_to,
        position: pool.position,
        service_level: pool.service_level,
        review_days: pool.review_days,
        lead: pool.lead,
        horizon_days: pool.horizon_days(),
        pack,
        expected: demand.iter().enumerate().map(|(n, p)| n as f64 * p).sum(),
        risk_without: above(&demand, pool.position.pieces()),
        risk_with: above(&demand, held + quantity),
        askers,
    }
}

/// Probability of exactly n pieces from all devices together: the convolution of their own.
pub fn demand(askers: &[Asker]) -> Vec<f64> {
    let mut sum = vec![1.0];
    for a in askers {
        let own = own(&a.chance);
        if own.len() < 2 {
            continue;
        }
        let mut next = vec![0.0; sum.len() + own.len() - 1];
        for (i, p) in sum.iter().enumerate() {
            for (k, q) in own.iter().enumerate() {
                next[i + k] += p * q;
            }
        }
        // What cannot matter is not carried on: large pools stay linear.
        while next.len() > 1 && next.last().is_some_and(|p| *p < 1e-12) {
            next.pop();
        }
        sum = next;
    }
    sum
}

/// "At least k + 1" as "exactly k"; whatever was given, a distribution comes out.
fn own(chance: &[f64]) -> Vec<f64> {
    let mut least: f64 = 1.0;
    let mut falling: Vec<f64> = vec![1.0];
    for p in chance.iter().take(MOST_PIECES) {
        least = if p.is_finite() { p.clamp(0.0, least) } else { 0.0 };
        falling.push(least);
    }
    while falling.len() > 1 && falling.last().is_some_and(|p| *p <= 0.0) {
        falling.pop();
    }
    (0..falling.len()).map(|k| falling[k] - falling.get(k + 1).copied().unwrap_or(0.0)).collect()
}

/// The smallest number of pieces that suffices with this probability.
fn up_to(demand: &[f64], service_level: f64) -> i64 {
    let mut sum = 0.0;
    for (n, p) in demand.iter().enumerate() {
        sum += p;
        if sum >= service_level - 1e-9 {
            return n as i64;
        }
    }
    demand.len() as i64 - 1
}

/// Pieces that are asked for more likely than not.
fn sure(demand: &[f64]) -> i64 {
    up_to(demand, 0.5)
}

fn above(demand: &[f64], pieces: i64) -> f64 {
    let from = usize::try_from((pieces + 1).max(0)).unwrap_or(usize::MAX);
    demand.get(from..).map_or(0.0, |rest| rest.iter().sum::<f64>()).clamp(0.0, 1.0)
}

/// How long orders to one supplier take, from the approval to the first goods: what was seen, with the promise worth three
/// orders.
pub fn lead_time(promised_days: f64, seen_days: &[f64]) -> LeadTime {
    const PROMISE: f64 = 3.0;
    /// Nobody is more regular than this, and a promise is kept no better.
    const SPREAD: f64 = 0.4;
    let promised = promised_days.max(1.0);
    let n = seen_days.len() as f64;
    let mean_days = (promised * PROMISE + seen_days.iter().sum::<f64>()) / (PROMISE + n);
    let prior = (SPREAD * promised).powi(2);
    let seen: f64 = seen_days.iter().map(|d| (d - mean_days).powi(2)).sum();
    let sd_days = ((prior * PROMISE + seen) / (PROMISE + n)).sqrt();
    LeadTime { mean_days, sd_days, orders: seen_days.len() as u32 }
}

/// A store of the same branch that may give some.
#[derive(Debug, Clone, PartialEq)]
pub struct Elsewhere<S> {
    pub store: S,
    pub on_hand: i64,
    pub reserved: i64,
    /// What that store itself must hold.
    pub order_up_to: i64,
}

/// Pieces to move before any are bought: only what is more than the other store's own devices need.
pub fn transfers<S: Clone>(missing: i64, others: &[Elsewhere<S>]) -> Vec<(S, i64)> {
    let mut left = missing;
    let mut moves = Vec::new();
    for o in others {
        let spare = (o.on_hand - o.reserved - o.order_up_to).max(0);
        let n = spare.min(left);
        if n > 0 {
            moves.push((o.store.clone(), n));
            left -= n;
        }
    }
    moves
}

/// A line that competes for money.
#[derive(Debug, Clone, PartialEq)]
pub struct Bid<K> {
    pub key: K,
    pub cost: Minor,
    /// Probability that somebody waits if it is not bought now, less the one if it is.
    pub risk_avoided: f64,
    /// How much a device that waits matters; 1 is an ordinary one.
    pub weight: f64,
}

/// What fits a limit: the most expected loss avoided for the money first. Lines that are cut stay visible with their risk.
pub fn cut<K: Clone + Ord>(bids: &[Bid<K>], limit: Minor) -> (Vec<K>, Vec<K>) {
    let worth = |b: &Bid<K>| b.risk_avoided.max(0.0) * b.weight.max(0.0) / (b.cost.0.max(1) as f64);
    let mut order: Vec<&Bid<K>> = bids.iter().collect();
    order.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then_with(|| a.key.cmp(&b.key)));
    let (mut kept, mut gone, mut spent) = (Vec::new(), Vec::new(), 0i64);
    for b in order {
        match spent.checked_add(b.cost.0.max(0)) {
            Some(sum) if sum <= limit.0 => {
                spent = sum;
                kept.push(b.key.clone());
            }
            _ => gone.push(b.key.clone()),
        }
    }
    (kept, gone)
}

/// The day by which `pieces` will have been asked for, of the numbers expected by each of some days; never: infinite.
pub fn when(days: &[f64], expected: &[f64], pieces: f64) -> f64 {
    let (mut day, mut sum) = (0.0, 0.0);
    for (d, e) in days.iter().zip(expected) {
        if *e >= pieces && *e > sum {
            return if pieces <= sum { day } else { day + (d - day) * (pieces - sum) / (e - sum) };
        }
        (day, sum) = (*d, *e);
    }
    f64::INFINITY
}

/// Another piece that would be bought soon anyway, to reach a supplier's minimum.
#[derive(Debug, Clone, PartialEq)]
pub struct Filler<K> {
    pub key: K,
    /// Days until the pool falls below what it must hold.
    pub due_days: f64,
    pub pack: i64,
    /// Net price of one.
    pub price: Minor,
    /// Days the stock lasts after the purchase.
    pub cover_days: f64,
}

/// Fills a basket of `worth` up to `minimum` with what is due next; `None`: it cannot be reached without hoarding.
pub fn fill<K: Clone>(worth: Minor, minimum: Minor, fillers: &[Filler<K>]) -> Option<Vec<(K, i64)>> {
    let mut sum = worth.0;
    let mut taken = Vec::new();
    let mut due: Vec<&Filler<K>> = fillers.iter().filter(|f| f.cover_days <= LONGEST_COVER).collect();
    due.sort_by(|a, b| a.due_days.total_cmp(&b.due_days));
    for f in due {
        if sum >= minimum.0 {
            break;
        }
        let pieces = f.pack.max(1);
        sum = sum.saturating_add(f.price.0.saturating_mul(pieces));
        taken.push((f.key.clone(), pieces));
    }
    (sum >= minimum.0).then_some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeviceId;

    fn asker(device: i64, chance: &[f64]) -> Asker {
        Asker {
            device: DeviceId(device),
            supply_index: "1.1".into(),
            description: "TK-1170".into(),
            chance: chance.to_vec(),
            median_days: None,
            low: None,
            high: None,
        }
    }

    fn pool(askers: Vec<Asker>, position: Position) -> Pool {
        Pool {
            article: ArticleId(1),
            askers,
            position,
            pack: 1,
            service_level: SERVICE_LEVEL,
            review_days: 7.0,
            lead: LeadTime { mean_days: 9.0, sd_days: 4.0, orders: 5 },
            ending: false,
        }
    }

    #[test]
    fn demand_of_many_devices_is_exact() {
        let d = demand(&[asker(1, &[0.5]), asker(2, &[0.5])]);
        assert_eq!(d, [0.25, 0.5, 0.25]);
        let d = demand(&[asker(1, &[0.9, 0.4])]);
        for (got, want) in d.iter().zip([0.1, 0.5, 0.4]) {
            assert!((got - want).abs() < 1e-12, "{d:?}");
        }
        let many: Vec<Asker> = (0..200).map(|i| asker(i, &[0.3, 0.1, 0.01])).collect();
        let d = demand(&many);
        assert!((d.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let mean: f64 = d.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
        assert!((mean - 200.0 * 0.41).abs() < 1e-6, "{mean}");
        // Nonsense from outside makes no nonsense here.
        let d = demand(&[asker(1, &[f64::NAN, 3.0]), asker(2, &[0.2, 0.9]), asker(3, &[])]);
        assert!((d.iter().sum::<f64>() - 1.0).abs() < 1e-12 && d.iter().all(|p| *p >= 0.0), "{d:?}");
    }

    #[test]
    fn the_shelf_and_what_comes_are_counted() {
        let sure = vec![asker(1, &[1.0]), asker(2, &[1.0]), asker(3, &[0.01])];
        let none = plan(&pool(sure.clone(), Position::default()));
        assert_eq!((none.quantity, none.order_up_to, none.askers.len()), (2, 2, 2));
        assert!(none.risk_without > 0.99 && none.risk_with < 0.05);
        for (position, quantity) in [
            (Position { on_hand: 2, ..Position::default() }, 0),
            (Position { on_hand: 2, reserved: 1, ..Position::default() }, 1),
            (Position { ordered: 1, in_transit: 1, ..Position::default() }, 0),
            (Position { on_hand: 9, ..Position::default() }, 0),
            // The books are below nothing: what is missing there is bought too.
            (Position { on_hand: -1, ..Position::default() }, 3),
        ] {
            assert_eq!(plan(&pool(sure.clone(), position)).quantity, quantity, "{position:?}");
        }
        let again = plan(&pool(sure.clone(), Position { ordered: none.quantity, ..Position::default() }));
        assert_eq!(again.quantity, 0, "planning on what was planned changes nothing");
        let packs = Pool { pack: 3, ..pool(sure.clone(), Position::default()) };
        assert_eq!(plan(&packs).quantity, 3);
        let maybe = vec![asker(1, &[1.0]), asker(2, &[0.3])];
        assert_eq!(plan(&pool(maybe.clone(), Position::default())).quantity, 2);
        let last = Pool { ending: true, ..pool(maybe, Position::default()) };
        assert_eq!(plan(&last).quantity, 1, "what is no longer made is bought for what is sure");
        let half = plan_with(&packs, 1);
        assert_eq!((half.quantity, half.moved, half.missing()), (3, 1, 2), "a pack is a pack");
        assert_eq!(plan_with(&packs, 2).quantity, 0);
    }

    #[test]
    fn a_pool_needs_less_than_its_devices_alone() {
        let alone: i64 = (0..10).map(|i| plan(&pool(vec![asker(i, &[0.1])], Position::default())).quantity).sum();
        let together = plan(&pool((0..10).map(|i| asker(i, &[0.1])).collect(), Position::default())).quantity;
        assert_eq!((alone, together), (10, 3));
    }

    #[test]
    fn lead_times_are_learnt() {
        let new = lead_time(9.0, &[]);
        assert_eq!((new.mean_days, new.orders), (9.0, 0));
        assert!((13.0..14.5).contains(&new.late_days()), "{new:?}");
        let slow = lead_time(9.0, &[20.0, 22.0, 18.0, 25.0, 19.0, 21.0]);
        assert!(slow.mean_days > 16.0 && slow.late_days() > 22.0, "{slow:?}");
        let steady = lead_time(5.0, &[5.0; 30]);
        assert!(steady.late_days() < 6.0, "{steady:?}");
    }

    #[test]
    fn another_store_gives_what_it_does_not_need() {
        let other = |store, on_hand, reserved, order_up_to| Elsewhere { store, on_hand, reserved, order_up_to };
        assert_eq!(
            transfers(3, &[other("a", 2, 0, 2), other("b", 4, 1, 1), other("c", 9, 0, 0)]),
            [("b", 2), ("c", 1)]
        );
        assert_eq!(transfers(0, &[other("a", 9, 0, 0)]), []);
    }

    #[test]
    fn money_goes_where_most_loss_is_avoided() {
        let bid = |key, cost, risk_avoided| Bid { key, cost: Minor(cost), risk_avoided, weight: 1.0 };
        let bids = [bid("dear", 10_000, 0.9), bid("cheap", 1_000, 0.5), bid("idle", 1_000, 0.0)];
        assert_eq!(cut(&bids, Minor(11_500)), (vec!["cheap", "dear"], vec!["idle"]));
        assert_eq!(cut(&bids, Minor(2_000)).0, ["cheap", "idle"]);
        assert_eq!(cut(&bids, Minor(0)).0, Vec::<&str>::new());
    }

    #[test]
    fn the_day_a_piece_is_asked_for_lies_between_those_looked_at() {
        let (days, expected) = ([15.0, 30.0, 60.0], [0.5, 1.0, 1.5]);
        let day = |pieces| when(&days, &expected, pieces);
        assert_eq!((day(0.5), day(0.75), day(1.25)), (15.0, 22.5, 45.0));
        assert!(day(1.6).is_infinite() && when(&[], &[], 1.0).is_infinite());
        assert!(when(&days, &[0.0, 0.0, 0.0], 0.5).is_infinite());
        assert_eq!(day(-1.0), 0.0, "less than nothing is wanted at once");
    }

    #[test]
    fn a_minimum_is_reached_without_hoarding() {
        let f = |key, due_days, cover_days| Filler { key, due_days, pack: 1, price: Minor(500), cover_days };
        let fillers = [f("late", 40.0, 60.0), f("soon", 3.0, 30.0), f("hoard", 1.0, 400.0)];
        assert_eq!(fill(Minor(1_000), Minor(1_400), &fillers), Some(vec![("soon", 1)]));
        assert_eq!(fill(Minor(1_000), Minor(2_000), &fillers), Some(vec![("soon", 1), ("late", 1)]));
        assert_eq!(fill(Minor(1_000), Minor(9_000), &fillers), None);
        assert_eq!(fill(Minor(9_000), Minor(9_000), &fillers), Some(vec![]));
    }

    /// Whatever the pool, the offers, the lines and the money: totals hold, and the plan on the plan is nothing.
    #[test]
    fn random_pools_keep_the_totals() {
        use rand::{RngExt, SeedableRng};
        let mut rng = rand::rngs::StdRng::seed_from_u64(7);
        for round in 0..2_000 {
            let askers = (0..rng.random_range(0..8)).map(|i| asker(i, &[rng.random::<f64>(), rng.random::<f64>()]));
            let mut p = pool(askers.collect(), Position::default());
            p.pack = rng.random_range(1..4);
            p.ending = rng.random_bool(0.2);
            p.service_level = rng.random_range(0.5..0.999);
            p.position.on_hand = rng.random_range(0..5);
            p.position.reserved = rng.random_range(0..3);
            let alone = plan(&p);
            let others: Vec<Elsewhere<i64>> = (0..rng.random_range(0..4))
                .map(|store| Elsewhere {
                    store,
                    on_hand: rng.random_range(-1..6),
                    reserved: rng.random_range(0..3),
                    order_up_to: rng.random_range(0..4),
                })
                .collect();
            let moves = transfers(alone.missing(), &others);
            for (store, n) in &moves {
                let o = &others[*store as usize];
                assert!(*n > 0 && o.on_hand - o.reserved - n >= o.order_up_to, "{round}: {o:?} gave {n}");
            }
            let moved: i64 = moves.iter().map(|m| m.1).sum();
            let rest = plan_with(&p, moved);
            assert!(moved <= alone.missing() && rest.quantity + moved >= alone.missing(), "{round}");
            assert!(rest.quantity % p.pack == 0 && rest.quantity - (alone.missing() - moved) < p.pack, "{round}");
            assert!(rest.risk_with <= rest.risk_without + 1e-12, "{round}");
            p.position.ordered += rest.quantity;
            p.position.in_transit += moved;
            let again = plan(&p);
            assert_eq!((again.quantity, again.missing()), (0, 0), "{round}: planning twice changes nothing");

            let bids: Vec<Bid<i64>> = (0..rng.random_range(0..9))
                .map(|key| Bid {
                    key,
                    cost: Minor(rng.random_range(0..1_000)),
                    risk_avoided: rng.random(),
                    weight: rng.random_range(0.5..2.0),
                })
                .collect();
            let limit = Minor(rng.random_range(0..3_000));
            let (mut all, gone) = cut(&bids, limit);
            let sum = |keys: &[i64]| keys.iter().map(|k| bids[*k as usize].cost.0).sum::<i64>();
            let kept = sum(&all);
            assert!(kept <= limit.0, "{round}");
            assert!(gone.iter().all(|k| kept + bids[*k as usize].cost.0 > limit.0), "{round}: what fits is kept");
            all.extend(&gone);
            all.sort_unstable();
            assert_eq!(all, (0..bids.len() as i64).collect::<Vec<_>>(), "{round}: no line is lost");
        }
    }
}
