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
use crate::profile::{Questions, Snapshot, Table};
use crate::protocol::ipp::IppTarget;
use crate::protocol::snmp::{Oid, Reason};

/// Subtrees of a whole recording: LLDP, LLDP 2009, the standard MIBs, the makers' own.
const WHOLE: [&[u32]; 4] = [&[1, 0, 8802], &[1, 3, 111, 2, 802], &[1, 3, 6, 1, 2, 1], &[1, 3, 6, 1, 4, 1]];
/// Rows of one subtree in a whole recording.
const MOST_ROWS: u32 = 2_000_000;

/// What a device told, and how far it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    pub outcome: Outcome,
    pub facts: Facts,
    /// What it answered, as far as the questions went.
    pub answers: Snapshot,
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
            return Inspection {
                outcome: round.outcome.clone(),
                facts: round.facts(),
                answers: Snapshot::default(),
                complete: true,
                failure: None,
            };
        };
        let Opening { outcome, system, facts, failure } = self.open(&target, deadline).await;
        if !matches!(outcome, Outcome::Answered { .. }) {
            return Inspection { outcome, facts, answers: system, complete: false, failure };
        }
        let target = self.tuned(target, &facts);
        let knowledge = self.knowledge();
        let first = knowledge.questions_of(&ProbeClass::ALL, &facts);
        let fetcher = |start: Snapshot| Fetcher::new(self.snmp(), target.clone(), deadline, start);
        let Fetched { mut snapshot, mut missing, mut stop } = fetcher(system).fetch(&first).await;
        let inventory = knowledge.decode(&first.answers(&snapshot), &[ProbeClass::Inventory]);
        let all =
            knowledge.questions_of(&ProbeClass::ALL, &Facts { vlans: inventory.vlans, kind: inventory.kind, ..facts });
        let more = without(&all, &first);
        if stop.is_none() && more != Questions::default() {
            let second = fetcher(snapshot).fetch(&more).await;
            (snapshot, stop) = (second.snapshot, second.stop);
            missing.extend(second.missing);
        }
        let answers = all.answers(&snapshot);
        let mut facts = knowledge.decode(&answers, &ProbeClass::ALL);
        drop_missing(&mut facts, &missing);
        self.complete_by_ipp(agent, &mut facts, deadline).await;
        match stop {
            Some(Stop::Deadline) => facts.notes.push(format!("stopped after {}", humantime::format_duration(budget))),
            Some(Stop::Silent) => facts.notes.push("the device stopped answering".to_owned()),
            Some(Stop::Local) | None => {}
        }
        Inspection { outcome, facts, answers, complete: missing.is_empty() && stop.is_none(), failure: None }
    }

    /// Everything the agent has, whether anybody asks for it or not, and the contexts the questions name.
    pub async fn record(&self, agent: &Agent, budget: Duration) -> Inspection {
        let deadline = Instant::now() + budget;
        let nothing = |outcome, facts, failure| Inspection {
            outcome,
            facts,
            answers: Snapshot::default(),
            complete: false,
            failure,
        };
        let Some(target) = agent.credential.as_ref().map(|c| c.target(agent.address, agent.port)) else {
            let reason = "a recording is made by SNMP, and there is no way in".to_owned();
            return nothing(Outcome::NotAsked { reason }, Facts::default(), None);
        };
        let Opening { outcome, system, facts, failure } = self.open(&target, deadline).await;
        if !matches!(outcome, Outcome::Answered { .. }) {
            return nothing(outcome, facts, failure);
        }
        let target = self.tuned(target, &facts);
        let roots = WHOLE.iter().map(|root| Table { columns: vec![Oid::new(root)] });
        let whole = Questions { tables: roots.collect(), ..Questions::default() };
        let fetcher = |start| Fetcher::new(self.snmp(), target.clone(), deadline, start).max_rows(MOST_ROWS);
        let Fetched { snapshot, mut missing, mut stop } = fetcher(system).fetch(&whole).await;
        let knowledge = self.knowledge();
        let known = knowledge.inspect(&snapshot);
        let contexts = knowledge.questions_of(&ProbeClass::ALL, &known).contexts;
        let mut answers = snapshot;
        if stop.is_none() && !contexts.is_empty() {
            let more = fetcher(answers).fetch(&Questions { contexts, ..Questions::default() }).await;
            (answers, stop) = (more.snapshot, more.stop);
            missing.extend(more.missing);
        }
        let facts = knowledge.inspect(&answers);
        Inspection { outcome, facts, answers, complete: missing.is_empty() && stop.is_none(), failure: None }
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
    use crate::profile::ContextQuestions;

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
