//! Transfer before buy: what other branches hold beyond their own pools' needs is drafted as transfers that a person sends.
//!
//! Every branch is one pool over all its stores, so what lies on another floor is never bought; only other branches give.
//! There is at most one draft for a need and a giving store. It follows the plan, goes with the need, is taken for refused
//! when a person drops it or nobody sends it, and never takes what the giving branch itself may ask for.

use std::collections::BTreeMap;

use super::api::Topic;
use super::command;
use super::plan::{Gathered, gather};
use super::survey;
use super::writer::Work;
use crate::model::{
    ArticleId, DocumentKind, DocumentOrigin, DocumentStatus, Millis, NeedId, Plan, SiteId, StockLine, StoreId,
};
use crate::store::moving::{self, Shelf};
use crate::store::{Result, Tx, stock};
use crate::workflow::planner::{self, Elsewhere};

/// Who drafts them.
const OURSELVES: &str = "anykey";
/// A draft that nobody sent within a weekend and some days is bought instead.
const WAITS: i64 = 5 * Millis::DAY;
/// What was refused is not proposed again so soon.
const REFUSED_FOR: i64 = 14 * Millis::DAY;

/// What is taken from each store.
pub(super) type Moves = BTreeMap<StoreId, Vec<StockLine>>;

/// What other branches can spare of what is missing here.
pub(super) async fn offers(work: &mut Work, tx: &mut Tx, f: &Gathered, plan: &Plan) -> Result<Moves> {
    let mut moves = Moves::new();
    let missing = plan.missing();
    if missing == 0 || !survey::may_lie(work, &f.class) {
        return Ok(moves);
    }
    let shelves = moving::shelves(tx, f.site, &f.class, f.need).await?;
    if shelves.is_empty() {
        return Ok(moves);
    }
    let mut refused = moving::refused(tx, f.site, &f.class, work.now.plus(-REFUSED_FOR)).await?;
    let mut giving: Vec<SiteId> = Vec::new();
    if let Some(need) = f.need {
        for draft in moving::drafts(tx, need).await? {
            if work.now.since(draft.created_at) >= WAITS {
                moving::give_up(tx, draft.id).await?;
                work.changed(Topic::Stock, None);
                refused.push(draft.site);
            } else {
                giving.push(draft.site);
            }
        }
    }
    let mut sites: Vec<SiteId> = shelves.iter().map(|s| SiteId(s.site_id)).collect();
    sites.sort_unstable();
    sites.dedup();
    let mut others = Vec::new();
    for site in sites.into_iter().filter(|s| !refused.contains(s)) {
        let Some(there) = gather(work, tx, site, f.bought.id).await? else { continue };
        let promised: i64 = shelves.iter().filter(|s| s.site_id == site.0).map(|s| s.promised).sum();
        let position = there.pool.position;
        others.push(Elsewhere {
            store: site,
            on_hand: position.on_hand,
            reserved: position.reserved + promised,
            order_up_to: planner::plan(&there.pool).order_up_to,
        });
    }
    // Who gives already goes on giving, then who has most to spare: a small change elsewhere changes nothing here.
    others.sort_by_key(|o| (!giving.contains(&o.store), o.order_up_to + o.reserved - o.on_hand, o.store));
    for (site, pieces) in planner::transfers(missing, &others) {
        take(&mut moves, shelves.iter().filter(|s| s.site_id == site.0), pieces);
    }
    Ok(moves)
}

/// Takes pieces off a branch's shelves, the fullest first.
fn take<'a>(moves: &mut Moves, shelves: impl Iterator<Item = &'a Shelf>, mut pieces: i64) {
    let mut shelves: Vec<&Shelf> = shelves.collect();
    shelves.sort_by_key(|s| (s.promised - s.free, s.store_id, s.article_id));
    for s in shelves {
        let n = (s.free - s.promised).min(pieces);
        if n > 0 {
            moves.entry(StoreId(s.store_id)).or_default().push(StockLine::of(ArticleId(s.article_id), n));
            pieces -= n;
        }
    }
}

pub(super) fn pieces(moves: &Moves) -> i64 {
    moves.values().flatten().map(|l| l.quantity).sum()
}

/// Makes the drafts of a need what the plan says; the same plan again changes nothing.
pub(super) async fn draft(work: &mut Work, tx: &mut Tx, site: SiteId, need: NeedId, wanted: Moves) -> Result<()> {
    if wanted.is_empty() && !survey::may_travel(work) {
        return Ok(());
    }
    let mut wanted = wanted;
    for there in moving::drafts(tx, need).await? {
        match wanted.remove(&there.from) {
            Some(lines) if lines == there.lines => continue,
            Some(lines) => stock::set_lines(tx, there.id, &lines).await?,
            None => moving::withdraw(tx, there.id).await?,
        }
        work.changed(Topic::Stock, None);
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let to = command::main_store(work, tx, site).await?;
    survey::travels(work);
    for (from, lines) in wanted {
        let head = stock::Head {
            to_store: Some(to),
            ..stock::Head::new(DocumentKind::Transfer, DocumentStatus::Draft, from, DocumentOrigin::Plan)
        };
        let id = stock::add(tx, &head, &lines, OURSELVES, work.now).await?;
        moving::belongs(tx, id, need).await?;
        work.changed(Topic::Stock, None);
    }
    Ok(())
}
