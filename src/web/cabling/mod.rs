//! What the pages and the API of cabling share: the documents of a branch ready to be followed, the search, the strip of a
//! path. Reads only; every change is a command.

pub mod find;
pub mod now;
pub mod strip;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::WebError;
use super::layout::Ui;
use super::state::AppState;
use crate::model::{KnownDevice, SiteId};
use crate::store::{cabling, known};
use crate::topology::Documented;

/// A branch's documents with what finds them.
pub struct Branch {
    pub site: SiteId,
    pub documented: Documented,
    pub index: find::Index,
    pub devices: Vec<KnownDevice>,
}

impl Branch {
    pub fn new(site: SiteId, documented: Documented, devices: Vec<KnownDevice>) -> Branch {
        let index = find::Index::new(&documented, &devices);
        Branch { site, documented, index, devices }
    }
}

/// Made once for each state of the documents.
type Kept = HashMap<SiteId, ((i64, i64, i64), Arc<Branch>)>;

#[derive(Default)]
pub struct Branches(Mutex<Kept>);

/// Devices and their sockets change seldom: their names are looked at again this often, in milliseconds.
const DEVICES_FOR: i64 = 60_000;

/// The documents of a branch as they are now.
pub async fn branch(state: &AppState, site: SiteId) -> Result<Arc<Branch>, WebError> {
    let db = state.store.db();
    let (set, undone) = cabling::version(db, site).await?;
    let version = (set, undone, state.clock.now().0 / DEVICES_FOR);
    {
        let kept = state.branches.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, branch)) = kept.get(&site)
            && *known == version
        {
            return Ok(Arc::clone(branch));
        }
    }
    let plan = cabling::load(db, site).await?;
    let devices = known::devices(db, site).await?;
    let made = tokio::task::spawn_blocking(move || Branch::new(site, Documented::new(plan), devices)).await;
    let made = Arc::new(made.map_err(|e| WebError::Internal(format!("following the cabling: {e}")))?);
    let mut kept = state.branches.0.lock().unwrap_or_else(PoisonError::into_inner);
    kept.insert(site, (version, Arc::clone(&made)));
    Ok(made)
}

/// The branch a page is about: asked for in the URL, chosen at the top, or the first.
pub fn site_of(ui: &Ui) -> Option<SiteId> {
    let asked = ui.query.number("site").map(SiteId).filter(|id| ui.sites.iter().any(|s| s.id == *id));
    asked.or(ui.site).or(ui.sites.first().map(|s| s.id))
}

/// The name of a branch.
pub fn site_name(ui: &Ui, site: SiteId) -> String {
    ui.sites.iter().find(|s| s.id == site).map(|s| s.name.clone()).unwrap_or_default()
}
