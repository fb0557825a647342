//! What the planner knows of all pools at once: read in a few statements before every pool is planned, so that a pool of
//! which nothing is wanted costs none. A pool planned alone reads for itself; both ways give the same plan.
//!
//! It lives for one run within one transaction and never decides. To add to it, read the whole table here and let the
//! function beside it fall back to the single statement.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::writer::Work;
use crate::forecast::SupplySeries;
use crate::model::{ArticleId, Millis, SiteId, SupplierId};
use crate::store::need::{self, Head};
use crate::store::position::{self, Pieces, Terms, User};
use crate::store::{Result, Tx, moving, setting};
use crate::workflow::planner::SERVICE_LEVEL;

/// A supply that takes an article, and what is remembered of it.
pub(super) struct Asking {
    pub user: User,
    pub series: SupplySeries,
}

type Users = Arc<Vec<Asking>>;
type NeedKey = (String, String);

/// A need that a person sent away is not made again within this time, unless more is asked for.
const DISMISSED_FOR: i64 = 7 * Millis::DAY;

#[derive(Default)]
pub(super) struct Survey {
    users: HashMap<(SiteId, ArticleId), Users>,
    pieces: HashMap<(SiteId, ArticleId), Pieces>,
    terms: HashMap<ArticleId, Terms>,
    lead: HashMap<SupplierId, (f64, Vec<f64>)>,
    levels: HashMap<SiteId, f64>,
    needs: HashMap<NeedKey, Head>,
    dismissed: HashMap<NeedKey, i64>,
    /// What lies on some shelf.
    lying: HashSet<ArticleId>,
    /// Transfers are drafted for some need.
    transfers: bool,
}

impl Survey {
    pub async fn taken(tx: &mut Tx, now: Millis) -> Result<Survey> {
        let mut users: HashMap<(SiteId, ArticleId), Vec<Asking>> = HashMap::new();
        for (site, user) in position::all_users(tx).await? {
            users.entry((site, user.article)).or_default().push(asking(user));
        }
        Ok(Survey {
            users: users.into_iter().map(|(k, v)| (k, Arc::new(v))).collect(),
            pieces: position::all_pieces(tx).await?,
            terms: position::all_terms(tx).await?,
            needs: need::heads(tx).await?,
            dismissed: position::all_dismissed(tx, now.plus(-DISMISSED_FOR)).await?,
            lying: moving::lying(tx).await?,
            transfers: moving::any_draft(tx).await?,
            ..Survey::default()
        })
    }
}

fn asking(mut user: User) -> Asking {
    let text = user.series.take();
    Asking { series: text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default(), user }
}

/// Who takes these articles in a branch.
pub(super) async fn users(work: &Work, tx: &mut Tx, site: SiteId, class: &[ArticleId]) -> Result<Vec<Users>> {
    match work.survey() {
        Some(s) => Ok(class.iter().filter_map(|a| s.users.get(&(site, *a)).cloned()).collect()),
        None => {
            let found = position::users(tx, site, class).await?;
            Ok(vec![Arc::new(found.into_iter().map(asking).collect())])
        }
    }
}

pub(super) async fn pieces(work: &Work, tx: &mut Tx, site: SiteId, article: ArticleId) -> Result<Pieces> {
    match work.survey() {
        Some(s) => Ok(s.pieces.get(&(site, article)).copied().unwrap_or_default()),
        None => position::pieces(tx, site, article).await,
    }
}

pub(super) async fn terms(work: &Work, tx: &mut Tx, article: ArticleId) -> Result<Terms> {
    match work.survey().and_then(|s| s.terms.get(&article)) {
        Some(known) => Ok(*known),
        None => position::terms(tx, article).await,
    }
}

/// Days the supplier promises, and took.
pub(super) async fn lead_days(work: &mut Work, tx: &mut Tx, supplier: SupplierId) -> Result<(f64, Vec<f64>)> {
    if let Some(known) = work.survey().and_then(|s| s.lead.get(&supplier)) {
        return Ok(known.clone());
    }
    let found = position::lead_days(tx, supplier).await?;
    if let Some(s) = work.survey_mut() {
        s.lead.insert(supplier, found.clone());
    }
    Ok(found)
}

/// What the branch wants, else what suffices.
pub(super) async fn service_level(work: &mut Work, tx: &mut Tx, site: SiteId) -> Result<f64> {
    if let Some(known) = work.survey().and_then(|s| s.levels.get(&site)) {
        return Ok(*known);
    }
    let set = setting::get_in(tx, &setting::of_site(setting::SERVICE_LEVEL, site)).await?;
    let level = set.and_then(|v| v.trim().parse().ok()).unwrap_or(SERVICE_LEVEL);
    if let Some(s) = work.survey_mut() {
        s.levels.insert(site, level);
    }
    Ok(level)
}

/// The need of this key that is not closed.
pub(super) async fn need(work: &Work, tx: &mut Tx, pool: &str, key: &str) -> Result<Option<Head>> {
    match work.survey() {
        Some(s) => Ok(s.needs.get(&(pool.to_owned(), key.to_owned())).cloned()),
        None => need::head(tx, pool, key).await,
    }
}

/// The need was written, or closed.
pub(super) fn need_is(work: &mut Work, pool: &str, key: &str, head: Option<Head>) {
    let Some(s) = work.survey_mut() else { return };
    let place = (pool.to_owned(), key.to_owned());
    match head {
        Some(head) => drop(s.needs.insert(place, head)),
        None => drop(s.needs.remove(&place)),
    }
}

/// Pieces of a need of this key that a person sent away not long ago.
pub(super) async fn dismissed(work: &Work, tx: &mut Tx, pool: &str, key: &str) -> Result<Option<i64>> {
    match work.survey() {
        Some(s) => Ok(s.dismissed.get(&(pool.to_owned(), key.to_owned())).copied()),
        None => position::dismissed(tx, pool, key, work.now.plus(-DISMISSED_FOR)).await,
    }
}

/// May some of these lie on a shelf?
pub(super) fn may_lie(work: &Work, class: &[ArticleId]) -> bool {
    work.survey().is_none_or(|s| class.iter().any(|a| s.lying.contains(a)))
}

/// May there be transfers drafted for needs?
pub(super) fn may_travel(work: &Work) -> bool {
    work.survey().is_none_or(|s| s.transfers)
}

/// A transfer was drafted.
pub(super) fn travels(work: &mut Work) {
    if let Some(s) = work.survey_mut() {
        s.transfers = true;
    }
}
