//! Which article refills a supply: a person confirms what was found, or refuses it for good.

use super::super::action;
use super::super::api::{CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Failure, Outcome};
use crate::model::{ArticleId, Event, SupplyId};
use crate::store::supply_article::{self, Asking};
use crate::store::{Tx, article};
use crate::workflow::reorder;

async fn load(tx: &mut Tx, id: SupplyId) -> Result<Asking, Failure> {
    let found = supply_article::asking(tx, Some(id)).await?.into_iter().next();
    Ok(found.ok_or(CommandError::NotFound { what: "supply", id: id.0 })?)
}

/// Confirmed here, it is proposed to the same supply of every other device of the model.
pub(super) async fn confirm(work: &mut Work, tx: &mut Tx, id: SupplyId, article: ArticleId) -> Outcome {
    let mut asking = load(tx, id).await?;
    if asking.confirmed && asking.article == Some(article) {
        return Ok(Done::already(id.0));
    }
    if article::load(tx, article).await?.is_none() {
        return Err(CommandError::NotFound { what: "article", id: article.0 }.into());
    }
    asking.refused.retain(|r| *r != article);
    supply_article::confirm(tx, id, article, &asking.refused).await?;
    work.catalogue = None;
    propose(work, tx).await?;
    if asking.article != Some(article) {
        ask_again(work, tx, &asking).await?;
    }
    work.changed(Topic::Supply, Some(asking.device));
    Ok(Done::changed(id.0))
}

pub(super) async fn reject(work: &mut Work, tx: &mut Tx, id: SupplyId, article: ArticleId) -> Outcome {
    let mut asking = load(tx, id).await?;
    if asking.refused.contains(&article) {
        return Ok(Done::already(id.0));
    }
    asking.refused.push(article);
    if asking.article == Some(article) {
        supply_article::refuse(tx, id, &asking.refused).await?;
    } else {
        supply_article::remember_refused(tx, id, &asking.refused).await?;
    }
    work.catalogue = None;
    propose(work, tx).await?;
    if asking.article == Some(article) {
        ask_again(work, tx, &asking).await?;
    }
    work.changed(Topic::Supply, Some(asking.device));
    Ok(Done::changed(id.0))
}

/// A low supply that asked for another article asks for the one it has now.
async fn ask_again(work: &mut Work, tx: &mut Tx, asking: &Asking) -> Result<(), Failure> {
    if !asking.state.is_low {
        return Ok(());
    }
    action::drop_reason(work, tx, asking.device, &asking.state.index).await?;
    if work.known(tx, asking.device).await?.is_some() {
        let low = Event::SupplyLow { supply: asking.state.clone() };
        action::react(work, tx, asking.device, &low).await?;
    }
    Ok(())
}

/// Finds articles anew for every supply whose article no person has confirmed.
pub(super) async fn propose(work: &mut Work, tx: &mut Tx) -> Result<(), Failure> {
    let catalogue = action::catalogue(work, tx).await?;
    for s in supply_article::asking(tx, None).await? {
        if s.confirmed {
            continue;
        }
        let (vendor, model) = (s.vendor.as_deref(), s.model.as_deref());
        let found = reorder::choose_article(&s.state, vendor, model, &catalogue, &s.refused);
        if let Some((found, why)) = found.filter(|(a, _)| s.article != Some(a.id)) {
            supply_article::propose(tx, s.id, found.id, why).await?;
            work.changed(Topic::Supply, Some(s.device));
        }
    }
    Ok(())
}
