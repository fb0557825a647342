//! What is told of failures: one group a branch, gathered for a little, at most one in ten minutes. A recovery is told only
//! if the failure was. Carrying groups to people is others' work (`store::notice::released`).

use super::writer::Work;
use crate::model::{Millis, SiteId, TicketId};
use crate::store::notice::{self, Said};
use crate::store::{Result, Tx};

/// What fails together is told together.
const GATHERED_FOR: i64 = 2 * Millis::MINUTE;
/// Between two groups of a branch.
const APART: i64 = 10 * Millis::MINUTE;

impl Work {
    /// A ticket was opened, opened again, or is well.
    pub async fn tell(&mut self, tx: &mut Tx, site: SiteId, ticket: TicketId, said: Said) -> Result<()> {
        let now = self.now;
        let (told, gathers) = notice::said(tx, ticket).await?;
        let told_well = told.as_deref().is_none_or(|t| t == Said::Well.as_str());
        if said == Said::Well && told_well {
            // Nobody knows of the failure: nobody need know that it is over.
            return notice::unsay(tx, ticket).await;
        }
        if said != Said::Well && !told_well {
            // Known as failed: a recovery that still gathers is taken back, and that is all.
            return if gathers.is_some() { notice::unsay(tx, ticket).await } else { Ok(()) };
        }
        let said = if said == Said::Failed && told.is_some() { Said::Again } else { said };
        let group = match notice::gathering(tx, site).await? {
            Some(group) => group,
            None => {
                let last = notice::last_released(tx, site).await?;
                let due = now.plus(GATHERED_FOR).max(last.map_or(now, |t| t.plus(APART)));
                notice::open(tx, site, now, due).await?
            }
        };
        notice::say(tx, group, ticket, said, now).await
    }

    /// It was nothing, or another one's matter.
    pub async fn untell(&mut self, tx: &mut Tx, ticket: TicketId) -> Result<()> {
        notice::unsay(tx, ticket).await
    }

    /// Groups that are due go out.
    pub async fn release(&mut self, tx: &mut Tx) -> Result<()> {
        notice::release(tx, self.now).await?;
        Ok(())
    }
}
