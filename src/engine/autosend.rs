//! Drafts that may leave by themselves do so at a tick; of the others it is written why they wait for a click.

use super::api::{Actor, CommandSource, Topic};
use super::command::{self, Failure};
use super::writer::Work;
use crate::store::{Result, Tx, auto_send, drafts, order, supplier};
use crate::workflow::autosend::{Decision, WEEK, decide};

/// Who approves what leaves by itself.
const OURSELVES: &str = "anykey";

impl Work {
    pub async fn auto_send(&mut self, tx: &mut Tx) -> Result<()> {
        let actor = Actor { who: OURSELVES.to_owned(), source: CommandSource::Start };
        for id in auto_send::drafts(tx).await? {
            let Some(mut draft) = order::load(tx, id).await? else { continue };
            // What the month's money does not reach for does not leave.
            let cut = drafts::cut_lines(tx, id).await?;
            draft.lines.retain(|l| !cut.contains(&l.id));
            let terms = supplier::terms(tx, draft.supplier.id).await?;
            // What left a moment ago in this loop counts already.
            let spent = auto_send::spent(tx, draft.supplier.id, OURSELVES, self.now.plus(-WEEK)).await?;
            let hold = match decide(&draft, &terms, spent, self.now) {
                Decision::Hold(why) => Some(why),
                Decision::Wait => None,
                Decision::Send => {
                    match command::approve(self, tx, &actor, id).await {
                        Ok(_) => tracing::info!(order = %draft.number, "the order leaves by itself"),
                        Err(Failure::Refused(e)) => tracing::warn!(order = %draft.number, "not sent by itself: {e}"),
                        Err(Failure::Store(e)) => return Err(e),
                    }
                    None
                }
            };
            if auto_send::set_hold(tx, id, hold).await? {
                self.changed(Topic::Order, None);
            }
        }
        Ok(())
    }
}
