//! Watches the clocks of open tickets: when one passes a step of its target, the ticket's history says so, once.
//!
//! Nothing of a clock is stored: each look computes it from the history. A step that was told stays told, whatever the terms
//! become later.

use std::sync::Arc;

use super::api::Topic;
use super::writer::Work;
use crate::model::{Millis, SiteId};
use crate::sla::{Agreement, Happened};
use crate::store::{Result, Tx, service, ticket};

/// Between two looks: clocks count minutes.
const LOOK_EVERY: i64 = Millis::MINUTE;
/// Author of what nobody did by hand.
const OURSELVES: &str = "anykey";

impl Work {
    /// What was agreed for a branch.
    pub async fn agreement(&mut self, tx: &mut Tx, site: SiteId) -> Result<Arc<Agreement>> {
        if let Some(known) = self.agreements.get(&site) {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(Agreement::of(&service::terms_in(tx, site).await?));
        self.agreements.insert(site, Arc::clone(&made));
        Ok(made)
    }

    pub async fn escalate(&mut self, tx: &mut Tx) -> Result<()> {
        if self.escalated_at.is_some_and(|at| (0..LOOK_EVERY).contains(&self.now.since(at))) {
            return Ok(());
        }
        for t in ticket::open_lives(tx).await? {
            let agreement = self.agreement(tx, t.site).await?;
            let mut history = vec![Happened::opened(t.opened_at, t.priority)];
            history.extend(t.events.iter().filter_map(|e| Happened::of(e.at, &e.author, &e.kind, &e.body)));
            let Some(clock) = agreement.clock(&history, self.now) else { continue };
            let told = |step: u16| t.events.iter().any(|e| e.kind == "escalated" && e.body == step.to_string());
            for (step, at) in clock.steps.iter().filter(|s| !told(s.0)) {
                ticket::add_event(tx, t.id, OURSELVES, "escalated", &step.to_string(), *at).await?;
                self.changed(Topic::Ticket, t.device);
            }
        }
        self.escalated_at = Some(self.now);
        Ok(())
    }
}
