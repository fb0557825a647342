//! The planner's hands: loads a pool, lets `workflow::planner` decide, makes need and draft line what the plan says.
//!
//! A pool is a branch and an article with its equals (same kind and colour, fitting the same models). It is planned in the
//! transaction of whatever changed it, and all of them once a day, because time alone changes a forecast. A person's larger
//! quantity stays, a line a person took off does not come back until the plan asks for more, and a need a person sent away
//! stays away for a week.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::action::{catalogue, close_need, pool as pool_of};
use super::api::Topic;
use super::foresight::peer_key;
use super::moving::{self, Moves};
use super::survey::{self, Asking, Survey};
use super::writer::Work;
use crate::forecast::{Calendar, Peers, Stage, SupplySeries, forecast, p_replacements_within};
use crate::model::{
    Article, ArticleId, Asker, Millis, NeedId, NeedReason, NeedStatus, Plan, Position, SAME_REPLACEMENT_MS, SiteId,
};
use crate::store::moving::receivers;
use crate::store::{Result, Tx, need, order, position};
use crate::workflow::planner::{self, MOST_PIECES, Pool, lead_time};
use crate::workflow::reorder::{self, Candidate};

/// Orders are gathered once a week.
const REVIEW_DAYS: f64 = 7.0;
/// A device silent for so long orders nothing by itself.
const ABSENT: i64 = 30 * Millis::DAY;

impl Work {
    /// Plans every pool whose last plan is a day old.
    pub async fn plan_daily(&mut self, tx: &mut Tx) -> Result<()> {
        if self.planned_at.is_some_and(|at| (0..Millis::DAY).contains(&self.now.since(at))) {
            return Ok(());
        }
        let survey = Survey::taken(tx, self.now).await?;
        self.surveyed(Some(survey));
        for (site, article) in leaders(self, tx).await? {
            pool(self, tx, site, article).await?;
        }
        self.surveyed(None);
        self.planned_at = Some(self.now);
        self.unsettled = true;
        Ok(())
    }
}

/// One article of each class in each branch.
async fn leaders(work: &mut Work, tx: &mut Tx) -> Result<BTreeSet<(SiteId, ArticleId)>> {
    let mut leaders = BTreeSet::new();
    for (site, article) in position::pools(tx).await? {
        leaders.insert((site, work.equals(tx, article).await?[0]));
    }
    Ok(leaders)
}

/// A pool with what it was made of.
pub(super) struct Gathered {
    pub site: SiteId,
    /// What is bought for the class.
    pub bought: Article,
    pub class: Arc<[ArticleId]>,
    pub pool: Pool,
    /// The need that is not closed.
    pub need: Option<NeedId>,
}

/// Plans one pool and does what the plan says; then those to whom it was to give something.
pub(super) async fn pool(work: &mut Work, tx: &mut Tx, site: SiteId, article: ArticleId) -> Result<()> {
    one(work, tx, site, article).await?;
    if !survey::may_travel(work) {
        return Ok(());
    }
    let class = work.equals(tx, article).await?;
    for (receiver, wanted) in receivers(tx, site, &class).await? {
        if receiver != site {
            one(work, tx, receiver, wanted).await?;
        }
    }
    Ok(())
}

async fn one(work: &mut Work, tx: &mut Tx, site: SiteId, article: ArticleId) -> Result<()> {
    let Some(f) = gather(work, tx, site, article).await? else { return Ok(()) };
    let alone = planner::plan(&f.pool);
    let moves = moving::offers(work, tx, &f, &alone).await?;
    let plan = planner::plan_with(&f.pool, moving::pieces(&moves));
    for other in f.class.iter().filter(|id| **id != plan.article) {
        withdraw(work, tx, site, *other).await?;
    }
    fulfil(work, tx, &f, &plan, moves).await
}

/// Loads a pool; `None`: the article is not in the catalogue.
pub(super) async fn gather(work: &mut Work, tx: &mut Tx, site: SiteId, article: ArticleId) -> Result<Option<Gathered>> {
    let all = catalogue(work, tx).await?;
    let class = work.equals(tx, article).await?;
    let users = survey::users(work, tx, site, &class).await?;
    let Some(bought) = bought(&users, &class, &all.candidates).cloned() else { return Ok(None) };
    let (calendar, peers) = (work.calendar(tx, site).await?, work.peers(tx).await?);
    let terms = survey::terms(work, tx, bought.id).await?;
    let lead = match bought.supplier {
        Some(supplier) => {
            let (promised, seen) = survey::lead_days(work, tx, supplier).await?;
            lead_time(terms.lead_days.map_or(promised, |d| d as f64), &seen)
        }
        None => lead_time(terms.lead_days.unwrap_or(9) as f64, &[]),
    };
    let mut p = Pool {
        article: bought.id,
        askers: Vec::new(),
        position: Position::default(),
        pack: terms.pack,
        service_level: survey::service_level(work, tx, site).await?,
        review_days: REVIEW_DAYS,
        lead,
        ending: terms.discontinued != 0,
    };
    for id in &*class {
        let pieces = survey::pieces(work, tx, site, *id).await?;
        p.position.on_hand += pieces.on_hand;
        p.position.reserved += pieces.reserved;
        p.position.ordered += pieces.ordered;
        p.position.in_transit += pieces.in_transit;
    }
    let horizon = p.horizon_days();
    for a in users.iter().flat_map(|u| u.iter()) {
        let key = peer_key(Some(a.user.article), None, None, "", None);
        let view = View { key: &key, peers: &peers, calendar: &calendar, now: work.now, horizon };
        p.askers.push(asker(&a.user, &a.series, &view));
    }
    let key = reorder::need_key(Some(bought.id), crate::model::DeviceId(0), "");
    let need = survey::need(work, tx, &pool_of(site), &key).await?.map(|n| n.id);
    Ok(Some(Gathered { site, bought, class, pool: p, need }))
}

/// Pieces a pool will be asked for within each of some days, on average.
pub(super) async fn expected(work: &mut Work, tx: &mut Tx, f: &Gathered, days: &[f64]) -> Result<Vec<f64>> {
    let users = survey::users(work, tx, f.site, &f.class).await?;
    let (calendar, peers) = (work.calendar(tx, f.site).await?, work.peers(tx).await?);
    let mut sums = vec![0.0; days.len()];
    for a in users.iter().flat_map(|u| u.iter()) {
        let key = peer_key(Some(a.user.article), None, None, "", None);
        for (sum, horizon) in sums.iter_mut().zip(days) {
            let view = View { key: &key, peers: &peers, calendar: &calendar, now: work.now, horizon: *horizon };
            // Pieces on average are the sum of the chances of at least one, at least two and so on.
            *sum += asker(&a.user, &a.series, &view).chance.iter().sum::<f64>();
        }
    }
    Ok(sums)
}

/// What is bought for a class: what is still made, what most of its supplies take, and of equals one that somebody sells.
fn bought<'a>(users: &[Arc<Vec<Asking>>], class: &[ArticleId], all: &'a [Candidate]) -> Option<&'a Article> {
    let takes = |id: ArticleId| users.iter().flat_map(|u| u.iter()).filter(|a| a.user.article == id).count();
    let candidates = all.iter().filter(|c| class.contains(&c.article.id));
    let best = candidates.max_by_key(|c| {
        let a = &c.article;
        (!c.discontinued, takes(a.id), a.supplier.is_some(), std::cmp::Reverse(a.id))
    });
    best.map(|c| &c.article)
}

/// What a forecast of a pool rests on.
struct View<'a> {
    key: &'a str,
    peers: &'a Peers,
    calendar: &'a Calendar,
    now: Millis,
    /// Days to last.
    horizon: f64,
}

fn asker(user: &position::User, series: &SupplySeries, v: &View<'_>) -> Asker {
    let absent = user.last_seen.is_none_or(|t| v.now.since(t) > ABSENT);
    let told = forecast(series, Some(v.key), v.peers, v.calendar, v.now);
    // A rated yield alone makes a suggestion, no order.
    let trusted = !absent && !matches!(told.stage, Stage::NoData | Stage::ByRating);
    let mut chance: Vec<f64> = Vec::new();
    if trusted {
        let most = MOST_PIECES as u32;
        chance = p_replacements_within(series, Some(v.key), v.peers, v.calendar, v.now, v.horizon, most);
    }
    // One was given out and no reading shows it yet. A word that lags behind a known replacement says nothing of the new one.
    let replaced = series.replacements().last().map(|r| r.at);
    let seen = |t: Millis| replaced.is_some_and(|r| r.plus(SAME_REPLACEMENT_MS) >= t);
    let just_issued = user.issued_at.is_some_and(|t| v.now.since(t) < SAME_REPLACEMENT_MS && !seen(t));
    let former = trusted && user.state.low_since.is_some_and(|t| replaced.is_some_and(|r| r >= t));
    if series.awaits_issued() || just_issued {
        chance.clear();
    } else if user.state.is_low && !former {
        // What the device itself calls low will be changed, whatever is thought of the days.
        match chance.first_mut() {
            Some(first) => *first = 1.0,
            None => chance.push(1.0),
        }
    }
    Asker {
        device: user.device,
        supply_index: user.state.index.clone(),
        description: user.state.description.clone(),
        chance,
        median_days: told.median_days,
        low: user.state.low,
        high: user.state.high,
    }
}

/// The class is bought as another article now: an open need of this one goes.
async fn withdraw(work: &mut Work, tx: &mut Tx, site: SiteId, article: ArticleId) -> Result<()> {
    let (pool, key) = (pool_of(site), reorder::need_key(Some(article), crate::model::DeviceId(0), ""));
    if let Some(n) = survey::need(work, tx, &pool, &key).await?
        && n.status == NeedStatus::Open
    {
        close_need(work, tx, n.id, "merged").await?;
        survey::need_is(work, &pool, &key, None);
    }
    Ok(())
}

async fn fulfil(work: &mut Work, tx: &mut Tx, f: &Gathered, plan: &Plan, moves: Moves) -> Result<()> {
    let (site, article) = (f.site, &f.bought);
    let (pool, key) = (pool_of(site), reorder::need_key(Some(article.id), crate::model::DeviceId(0), ""));
    let found = survey::need(work, tx, &pool, &key).await?;
    let open = found.as_ref().filter(|n| n.status == NeedStatus::Open);
    let wanted = plan.quantity + plan.moved;
    if wanted == 0 {
        if let Some(n) = open {
            close_need(work, tx, n.id, if plan.askers.is_empty() { "well-again" } else { "covered" }).await?;
            survey::need_is(work, &pool, &key, None);
        } else if let Some(n) = found {
            moving::draft(work, tx, site, n.id, moves).await?;
        }
        return Ok(());
    }
    if open.is_none() && survey::dismissed(work, tx, &pool, &key).await?.is_some_and(|q| q >= wanted) {
        return Ok(());
    }
    let why = serde_json::to_string(plan).unwrap_or_default();
    if plan.moved == 0 && open.is_some_and(|n| n.quantity == wanted && n.why.as_deref() == Some(&why)) {
        return Ok(());
    }
    // What was to be bought before: of a need that a person made, all of it.
    let before = open.map_or(0, |n| n.why.as_deref().and_then(bought_before).unwrap_or(n.quantity));
    let id = need::open(tx, site, &pool, &key, Some(article.id), wanted, work.now).await?;
    need::explain(tx, id, &why, &reasons(plan, work.now), found.is_none()).await?;
    moving::draft(work, tx, site, id, moves).await?;
    if open.map_or(0, |n| n.quantity) != wanted {
        work.changed(Topic::Need, None);
    }
    let head = need::Head { id, status: NeedStatus::Open, quantity: wanted, why: Some(why.clone()) };
    survey::need_is(work, &pool, &key, Some(head));
    if before == plan.quantity {
        return Ok(());
    }
    line(work, tx, f, (id, before), plan, &why).await
}

/// Pieces that a stored plan bought.
fn bought_before(why: &str) -> Option<i64> {
    serde_json::from_str::<Plan>(why).ok().map(|p| p.quantity)
}

/// The draft line follows the need, as long as no person changed it.
async fn line(
    work: &mut Work,
    tx: &mut Tx,
    f: &Gathered,
    (need, before): (NeedId, i64),
    plan: &Plan,
    why: &str,
) -> Result<()> {
    let Some(supplier) = f.bought.supplier else { return Ok(()) };
    let line = match order::draft_line_of(tx, need).await? {
        // Another store gives all of it now.
        Some((draft, line, drafted)) if plan.quantity == 0 && drafted == before => {
            order::remove_line(tx, line).await?;
            order::remove_empty_draft(tx, draft).await?;
            work.changed(Topic::Order, None);
            return Ok(());
        }
        Some((_, line, drafted)) if plan.quantity > 0 && (drafted == before || drafted < plan.quantity) => {
            order::set_line_quantity(tx, line, plan.quantity).await?;
            line
        }
        // One a person took off comes back only when more is asked for.
        None if plan.quantity > before => {
            let draft = order::draft(tx, f.site, supplier, work.now).await?;
            order::add_line(tx, draft, &f.bought, plan.quantity, Some(need)).await?
        }
        _ => return Ok(()),
    };
    order::explain_line(tx, line, why).await?;
    work.changed(Topic::Order, None);
    Ok(())
}

fn reasons(plan: &Plan, now: Millis) -> Vec<NeedReason> {
    let reason = |a: &Asker| NeedReason {
        device: a.device,
        supply_index: a.supply_index.clone(),
        description: a.description.clone(),
        low: a.low,
        high: a.high,
        at: now,
    };
    plan.askers.iter().map(reason).collect()
}
