//! What happens to a draft after it was planned: lines beyond the month's money wait, and an order below the supplier's
//! minimum is filled with what would be bought soon anyway.
//!
//! Both are marks on lines, made anew at a tick after anything changed, and the same again when nothing did. A line that a
//! person wants all the same is never cut; a filler that a person changed is an ordinary line. The rules are
//! `workflow::planner`.

use super::api::Topic;
use super::plan::{self, Gathered, gather};
use super::writer::Work;
use crate::model::{ArticleId, Cut, Filled, Limit, Millis, Minor, OrderId, OrderLineId, Plan, SiteId, SupplierId};
use crate::store::drafts::{self, DraftLine};
use crate::store::{Result, Tx, article, order, position, setting};
use crate::workflow::planner::{self, Bid, Filler};

/// Days at which it is asked how many pieces will be wanted.
const DAYS: [f64; 6] = [15.0, 30.0, 45.0, 60.0, 75.0, planner::LONGEST_COVER];

impl Work {
    /// Marks the lines of every draft, when something changed.
    pub async fn settle(&mut self, tx: &mut Tx) -> Result<()> {
        if !self.unsettled {
            return Ok(());
        }
        for site in drafts::sites(tx).await? {
            let left = budget(self, tx, site).await?;
            fill(self, tx, site, left).await?;
        }
        self.unsettled = false;
        Ok(())
    }
}

/// The month's limit of a branch.
async fn limit(tx: &mut Tx, site: SiteId) -> Result<Option<Limit>> {
    let set = setting::get_in(tx, &setting::of_site(setting::MONTH_LIMIT, site)).await?;
    Ok(set.as_deref().and_then(Limit::parse))
}

/// When the branch's month began.
async fn month(work: &Work, tx: &mut Tx, site: SiteId) -> Result<Millis> {
    let zone = position::time_zone(tx, site).await?;
    let zone = zone.and_then(|z| jiff::tz::TimeZone::get(&z).ok()).unwrap_or(jiff::tz::TimeZone::UTC);
    let began = jiff::Timestamp::from_millisecond(work.now.0).ok().and_then(|now| {
        let day = now.to_zoned(zone.clone()).date().first_of_month();
        day.to_zoned(zone).ok()
    });
    Ok(began.map_or(work.now, |z| Millis(z.timestamp().as_millisecond())))
}

/// Marks what the month's money does not reach for; what is left of it, where there is a limit.
pub(super) async fn budget(work: &mut Work, tx: &mut Tx, site: SiteId) -> Result<Option<(Limit, Minor)>> {
    let lines = drafts::of_site(tx, site).await?;
    let Some(limit) = limit(tx, site).await? else {
        for l in lines.iter().filter(|l| l.cut.is_some()) {
            mark(work, tx, l, None).await?;
        }
        return Ok(None);
    };
    let since = month(work, tx, site).await?;
    let spent = drafts::spent(tx, site, &limit.currency, since).await?;
    let counted = |l: &&DraftLine| l.currency == limit.currency && l.filler.is_none();
    let wanted: i64 = lines.iter().filter(counted).filter(|l| l.over_budget.is_some()).map(|l| l.cost.0).sum();
    let free = Minor((limit.amount.0 - spent.0 - wanted).max(0));
    let plan = |l: &DraftLine| l.why.as_deref().and_then(|w| serde_json::from_str::<Plan>(w).ok());
    let bids: Vec<Bid<OrderLineId>> = lines
        .iter()
        .filter(counted)
        .filter(|l| l.over_budget.is_none())
        // What a person put there is wanted for sure.
        .map(|l| Bid {
            key: l.line,
            cost: l.cost,
            risk_avoided: plan(l).map_or(1.0, |p| p.risk_without - p.risk_with),
            weight: 1.0,
        })
        .collect();
    let (kept, gone) = planner::cut(&bids, free);
    for l in &lines {
        let cut = gone.contains(&l.line).then(|| {
            let p = plan(l);
            let days = p.as_ref().map_or(30.0, |p| p.horizon_days);
            Cut {
                limit: limit.clone(),
                spent,
                risk: p.as_ref().map(|p| p.risk_without),
                device: p.and_then(|p| p.askers.first().map(|a| a.device)),
                until: work.now.plus((days * Millis::DAY as f64) as i64),
            }
        });
        mark(work, tx, l, cut).await?;
    }
    let used: i64 = bids.iter().filter(|b| kept.contains(&b.key)).map(|b| b.cost.0).sum();
    Ok(Some((limit, Minor(free.0 - used))))
}

/// Writes the mark of a line, unless it says the same already; its day moves with the days.
async fn mark(work: &mut Work, tx: &mut Tx, l: &DraftLine, cut: Option<Cut>) -> Result<()> {
    let before = l.cut.as_deref().and_then(|c| serde_json::from_str::<Cut>(c).ok());
    let same = match (&before, &cut) {
        (Some(b), Some(c)) => {
            (&b.limit, b.spent, b.risk, b.device) == (&c.limit, c.spent, c.risk, c.device)
                && b.until.since(c.until).abs() < Millis::DAY
        }
        (None, None) => l.cut.is_none(),
        _ => false,
    };
    if same {
        return Ok(());
    }
    let text = cut.map(|c| serde_json::to_string(&c).unwrap_or_default());
    drafts::set_cut(tx, l.line, text.as_deref()).await?;
    work.changed(Topic::Order, None);
    work.changed(Topic::Need, None);
    Ok(())
}

/// Fills the drafts that are below their supplier's minimum.
async fn fill(work: &mut Work, tx: &mut Tx, site: SiteId, mut left: Option<(Limit, Minor)>) -> Result<()> {
    let lines = drafts::of_site(tx, site).await?;
    let mut orders: Vec<OrderId> = lines.iter().map(|l| l.order).collect();
    orders.dedup();
    for id in orders {
        let of_order: Vec<&DraftLine> = lines.iter().filter(|l| l.order == id).collect();
        let Some(first) = of_order.first() else { continue };
        let money = left.as_ref().filter(|(limit, _)| limit.currency == first.currency).map(|(_, m)| *m);
        let added = fill_one(work, tx, &of_order, money).await?;
        if let Some((limit, m)) = &mut left
            && limit.currency == first.currency
        {
            m.0 -= added.0;
        }
    }
    Ok(())
}

/// What a filler is made of.
struct Candidate {
    filler: Filler<ArticleId>,
    due_days: f64,
}

/// Makes one draft's fillers what they must be; their cost.
async fn fill_one(work: &mut Work, tx: &mut Tx, lines: &[&DraftLine], money: Option<Minor>) -> Result<Minor> {
    let (order, site, supplier, minimum) = (lines[0].order, lines[0].site, lines[0].supplier, lines[0].minimum);
    let there: Vec<&DraftLine> = lines.iter().copied().filter(|l| l.filler.is_some()).collect();
    let bought = lines.iter().filter(|l| l.filler.is_none() && l.cut.is_none());
    let (worth, any) = bought.fold((0i64, false), |(sum, _), l| (sum.saturating_add(l.cost.0), true));
    let mut wanted: Vec<(ArticleId, i64)> = Vec::new();
    let mut candidates = Vec::new();
    if any && worth < minimum.0 {
        let taken: Vec<ArticleId> = lines.iter().filter(|l| l.filler.is_none()).map(|l| l.article).collect();
        candidates = due_next(work, tx, site, supplier, &taken).await?;
        if still_right(&there, &candidates, worth, minimum, money) {
            return Ok(Minor(there.iter().map(|l| l.cost.0).sum()));
        }
        let fillers: Vec<Filler<ArticleId>> = candidates.iter().map(|c| c.filler.clone()).collect();
        wanted = planner::fill(Minor(worth), minimum, &fillers).unwrap_or_default();
    }
    let price = |a: ArticleId| candidates.iter().find(|c| c.filler.key == a).map_or(Minor(0), |c| c.filler.price);
    let cost = Minor(wanted.iter().map(|(a, n)| price(*a).times(*n).0).sum());
    if money.is_some_and(|m| cost > m) {
        wanted.clear();
    }
    for l in there.iter().filter(|l| !wanted.iter().any(|(a, _)| *a == l.article)) {
        order::remove_line(tx, l.line).await?;
        work.changed(Topic::Order, None);
    }
    for (id, pieces) in &wanted {
        let found = candidates.iter().find(|c| c.filler.key == *id);
        let (Some(c), Some(article)) = (found, article::load(tx, *id).await?) else { continue };
        if there.iter().any(|l| l.article == *id) {
            continue;
        }
        let line = order::add_line(tx, order, &article, *pieces, None).await?;
        let told = Filled { due_days: c.due_days, cover_days: c.filler.cover_days, minimum };
        drafts::set_filler(tx, line, Some(&serde_json::to_string(&told).unwrap_or_default())).await?;
        work.changed(Topic::Order, None);
    }
    order::remove_empty_draft(tx, order).await?;
    Ok(if wanted.is_empty() { Minor(0) } else { cost })
}

/// The fillers that are there still reach the minimum, and none is one too many.
fn still_right(
    there: &[&DraftLine],
    candidates: &[Candidate],
    worth: i64,
    minimum: Minor,
    money: Option<Minor>,
) -> bool {
    let sum: i64 = there.iter().map(|l| l.cost.0).sum();
    let due = |l: &&DraftLine| {
        candidates.iter().any(|c| c.filler.key == l.article && c.filler.cover_days <= planner::LONGEST_COVER)
    };
    !there.is_empty()
        && worth + sum >= minimum.0
        && money.is_none_or(|m| sum <= m.0)
        && there.iter().all(|l| due(l) && worth + sum - l.cost.0 < minimum.0)
}

/// What the branch's devices will ask of this supplier next, besides what stands on the draft.
async fn due_next(
    work: &mut Work,
    tx: &mut Tx,
    site: SiteId,
    supplier: SupplierId,
    taken: &[ArticleId],
) -> Result<Vec<Candidate>> {
    let mut leaders: Vec<ArticleId> = Vec::new();
    for (of, article) in position::pools(tx).await? {
        let leader = work.equals(tx, article).await?[0];
        if of == site && !leaders.contains(&leader) {
            leaders.push(leader);
        }
    }
    let mut found = Vec::new();
    for leader in leaders {
        let Some(f) = gather(work, tx, site, leader).await? else { continue };
        let price = f.bought.price.filter(|p| p.0 > 0);
        let stands = f.class.iter().any(|a| taken.contains(a));
        let (Some(price), false, None, false) = (price, stands, f.need, f.pool.ending) else { continue };
        if f.bought.supplier == Some(supplier) {
            found.extend(candidate(work, tx, &f, price).await?);
        }
    }
    Ok(found)
}

async fn candidate(work: &mut Work, tx: &mut Tx, f: &Gathered, price: Minor) -> Result<Option<Candidate>> {
    let wanted = plan::expected(work, tx, f, &DAYS).await?;
    let held = f.pool.position.pieces() as f64;
    let pack = f.pool.pack.max(1);
    let due_days = planner::when(&DAYS, &wanted, held + 0.5);
    let cover_days = planner::when(&DAYS, &wanted, held + pack as f64);
    let filler = Filler { key: f.bought.id, due_days, pack, price, cover_days };
    Ok(due_days.is_finite().then_some(Candidate { filler, due_days }))
}
