//! Everything one device tells, asked once: the live twin of decoding a recording.
//!
//! Asks like the poller, but all classes in one set of questions, each thing once, and a second time what the first
//! answers made possible (contexts per VLAN). It keeps nothing.

use std::time::Duration;

use tokio::time::Instant;

use super::fetch::{Fetched, Fetcher, Stop};
use super::merge;
use super::probe::{Opening, Prober, drop_missing};
use super::target::Agent;
use crate::model::{DeviceKind, Facts, Outcome, ProbeClass};
use crate::profile::{Questions, Snapshot};
use crate::protocol::ipp::IppTarget;
use crate::protocol::snmp::Reason;

/// What a device told, and how far it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    pub outcome: Outcome,
    pub facts: Facts,
    /// Some answers did not come through: why is in `facts.notes`.
    pub complete: bool,
    /// Why SNMP gave no answer.
    pub failure: Option<Reason>,
}

impl Prober {
    /// Asks for everything within `budget`. Facts are empty of a device that does not answer.
    pub async fn inspect(&self, agent: &Agent, budget: Duration) -> Inspection {
        let deadline = Instant::now() + budget;
        let Some(target) = agent.credential.as_ref().map(|c| c.target(agent.address, agent.port)) else {
            let round = self.round(agent, &ProbeClass::ALL, budget).await;
            let outcome = round.outcome.clone();
            return Inspection { outcome, facts: round.facts(), complete: true, failure: None };
        };
        let Opening { outcome, system, facts, failure } = self.open(&target, deadline).await;
        if !matches!(outcome, Outcome::Answered { .. }) {
            return Inspection { outcome, facts, complete: false, failure };
        }
        let target = self.tuned(target, &facts);
        let knowledge = self.knowledge();
        let first = knowledge.questions_of(&ProbeClass::ALL, &facts);
        let fetcher = |start: Snapshot| Fetcher::new(self.snmp(), target.clone(), deadline, start);
        let Fetched { mut snapshot, mut missing, mut stop } = fetcher(system).fetch(&first).await;
        let inventory = knowledge.decode(&first.answers(&snapshot), &[ProbeClass::Inventory]);
        let all = knowledge.questions_of(&ProbeClass::ALL, &Facts { vlans: inventory.vlans, ..facts });
        let more = without(&all, &first);
        if stop.is_none() && more != Questions::default() {
            let second = fetcher(snapshot).fetch(&more).await;
            (snapshot, stop) = (second.snapshot, second.stop);
            missing.extend(second.missing);
        }
        let mut facts = knowledge.decode(&all.answers(&snapshot), &ProbeClass::ALL);
        drop_missing(&mut facts, &missing);
        self.complete_by_ipp(agent, &mut facts, deadline).await;
        match stop {
            Some(Stop::Deadline) => facts.notes.push(format!("stopped after {}", humantime::format_duration(budget))),
            Some(Stop::Silent) => facts.notes.push("the device stopped answering".to_owned()),
            Some(Stop::Local) | None => {}
        }
        Inspection { outcome, facts, complete: missing.is_empty() && stop.is_none(), failure: None }
    }

    async fn complete_by_ipp(&self, agent: &Agent, facts: &mut Facts, deadline: Instant) {
        let (Some(ipp), Some(port), Some(DeviceKind::Printer)) = (self.ipp(), agent.ipp_port, facts.kind) else {
            return;
        };
        let target = IppTarget::new(agent.address).port(port);
        let answer = tokio::time::timeout_at(deadline, ipp.printer_attributes(&target)).await;
        if let Ok(Ok(printer)) = answer {
            merge::complete(facts, super::ipp::facts(self.knowledge(), &printer, &ProbeClass::ALL));
        }
    }
}

/// What `all` asks and `asked` did not.
fn without(all: &Questions, asked: &Questions) -> Questions {
    let mut more = all.clone();
    more.scalars.retain(|s| !asked.scalars.contains(s));
    more.tables.retain(|t| !asked.tables.contains(t));
    for context in &mut more.contexts {
        if let Some(old) = asked.contexts.iter().find(|c| c.name == context.name) {
            context.scalars.retain(|s| !old.scalars.contains(s));
            context.tables.retain(|t| !old.tables.contains(t));
        }
    }
    more.contexts.retain(|c| !c.scalars.is_empty() || !c.tables.is_empty());
    more
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{ContextQuestions, Table};
    use crate::protocol::snmp::Oid;

    #[test]
    fn only_what_was_not_asked_is_asked_again() {
        let oid = |n| Oid::new(&[1, 3, n]);
        let table = |n| Table { columns: vec![oid(n)] };
        let context = |name: &str, tables| ContextQuestions { name: name.into(), scalars: vec![], tables };
        let first =
            Questions { scalars: vec![oid(1)], tables: vec![table(2)], contexts: vec![context("a", vec![table(3)])] };
        let mut all = first.clone();
        assert_eq!(without(&all, &first), Questions::default());
        all.contexts.push(context("10", vec![table(4)]));
        all.contexts[0].tables.push(table(5));
        all.scalars.push(oid(6));
        let more = without(&all, &first);
        assert_eq!((more.scalars, more.tables), (vec![oid(6)], vec![]));
        assert_eq!(more.contexts, [context("a", vec![table(5)]), context("10", vec![table(4)])]);
    }
}
