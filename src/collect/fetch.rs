//! Fetches the answers to a profile's questions from one agent into a snapshot, and says what is missing.
//!
//! Read only (GET and walks). It knows no device: what to ask comes from `profile`, what it means goes back there.
//! A table that did not come through is listed in `missing`; whoever decodes must not take its absence for emptiness.

use tokio::time::{Instant, timeout_at};

use super::target::in_context;
use crate::profile::{Questions, Snapshot, Table};
use crate::protocol::snmp::{Client, Column, End, Failure, Oid, Reason, SnmpError, Target, WalkOptions};

/// sysUpTime.0: the cheapest sign of life.
const SYS_UP_TIME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 3, 0];
/// Contexts in a row that nobody answers before the rest is left out.
const SILENT_CONTEXTS: usize = 2;

/// Why fetching ended before all was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The time budget is used up.
    Deadline,
    /// The agent no longer answers at all.
    Silent,
    /// Our own side failed.
    Local,
}

/// What came back.
#[derive(Debug, Default)]
pub struct Fetched {
    pub snapshot: Snapshot,
    /// Names and table columns that did not come through.
    pub missing: Vec<Oid>,
    pub stop: Option<Stop>,
}

/// Asks one agent, until `deadline`.
pub struct Fetcher<'a> {
    snmp: &'a Client,
    target: Target,
    deadline: Instant,
    max_rows: u32,
    out: Fetched,
}

impl<'a> Fetcher<'a> {
    /// `start`: answers already known (the system group).
    pub fn new(snmp: &'a Client, target: Target, deadline: Instant, start: Snapshot) -> Self {
        let max_rows = WalkOptions::default().max_rows;
        Fetcher { snmp, target, deadline, max_rows, out: Fetched { snapshot: start, ..Fetched::default() } }
    }
    /// Rows read of a subtree at most.
    pub fn max_rows(self, max_rows: u32) -> Self {
        Fetcher { max_rows, ..self }
    }

    /// Everything in `questions`: scalars, then tables, then the contexts.
    pub async fn fetch(mut self, questions: &Questions) -> Fetched {
        let target = self.target.clone();
        self.scalars(&target, None, &questions.scalars).await;
        for table in &questions.tables {
            self.table(&target, None, table).await;
        }
        let mut silent = 0;
        for (n, context) in questions.contexts.iter().enumerate() {
            let target = in_context(&self.target, &context.name);
            let before = self.out.missing.len();
            let answered = self.context(&target, &context.name, &context.scalars, &context.tables).await;
            silent = if answered { 0 } else { silent + 1 };
            if !answered && self.out.stop.is_none() {
                // Unknown to the agent: an empty answer, not a failed one.
                self.out.missing.truncate(before);
                if silent == SILENT_CONTEXTS && n + 1 < questions.contexts.len() {
                    let note =
                        format!("SNMP contexts {:?} and others are not answered: the rest left out", context.name);
                    self.out.snapshot.notes.push(note);
                    break;
                }
            }
        }
        self.out
    }

    /// False when nobody answered in this context.
    async fn context(&mut self, target: &Target, name: &str, scalars: &[Oid], tables: &[Table]) -> bool {
        let mut answered = self.scalars(target, Some(name), scalars).await;
        if !scalars.is_empty() && !answered {
            return false;
        }
        for table in tables {
            answered |= self.table(target, Some(name), table).await;
            if !answered {
                return false;
            }
        }
        answered
    }

    async fn scalars(&mut self, target: &Target, context: Option<&str>, names: &[Oid]) -> bool {
        // The system group is known from the opening.
        let known = |n: &&Oid| context.is_none() && self.out.snapshot.main.contains_key(*n);
        let names: Vec<Oid> = names.iter().filter(|n| !known(n)).cloned().collect();
        if names.is_empty() || self.out.stop.is_some() {
            self.out.missing.extend(names);
            return false;
        }
        let Ok(result) = timeout_at(self.deadline, self.snmp.get(target, &names)).await else {
            self.out.stop = Some(Stop::Deadline);
            self.out.missing.extend(names);
            return false;
        };
        match result {
            Ok(reply) => {
                for vb in reply.varbinds.iter() {
                    self.put(context, vb.oid, vb.value);
                }
                for p in reply.problems {
                    if is_lost(&p.reason) {
                        self.out.missing.push(p.oid.clone());
                    }
                    self.out.snapshot.notes.push(format!("{}: {}", p.oid, p.reason));
                }
                true
            }
            Err(e) => {
                if is_lost(&e.reason) {
                    self.out.missing.extend(names);
                }
                self.failed(context, &e).await
            }
        }
    }

    async fn table(&mut self, target: &Target, context: Option<&str>, table: &Table) -> bool {
        if table.columns.is_empty() {
            return true;
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        if self.out.stop.is_none() && left.is_zero() {
            self.out.stop = Some(Stop::Deadline);
        }
        if self.out.stop.is_some() {
            self.out.missing.extend_from_slice(&table.columns);
            return false;
        }
        let options = WalkOptions { budget: left, max_rows: self.max_rows, ..WalkOptions::default() };
        match self.snmp.walk(target, &table.columns, &options).await {
            Ok(walk) => {
                let mut timed_out = None;
                for column in walk.columns {
                    self.column(context, &column);
                    match column.end {
                        End::Budget => self.out.stop = Some(Stop::Deadline),
                        End::Failed(reason @ Reason::Timeout { .. }) => timed_out = Some(reason),
                        _ => {}
                    }
                }
                if let Some(first) = walk.bad.first().filter(|_| walk.bad_count > 0) {
                    let name = first.name.as_ref().unwrap_or(&table.columns[0]);
                    let note = format!("{} unreadable variables, the first at {name}: {}", walk.bad_count, first.error);
                    self.out.snapshot.notes.push(note);
                }
                if timed_out.is_some() && self.out.stop.is_none() {
                    self.check_alive().await;
                }
                true
            }
            Err(e) => {
                if is_lost(&e.reason) {
                    self.out.missing.extend_from_slice(&table.columns);
                }
                self.failed(context, &e).await
            }
        }
    }

    fn column(&mut self, context: Option<&str>, column: &Column) {
        for vb in column.rows.iter() {
            self.put(context, vb.oid, vb.value);
        }
        let lost = match &column.end {
            End::Complete => return,
            // The agent has told all it ever will.
            End::RowLimit | End::Loop => false,
            End::Budget => true,
            End::Failed(reason) => is_lost(reason),
        };
        if lost {
            self.out.missing.push(column.root.clone());
        }
        self.out.snapshot.notes.push(format!("{} {} after {} rows", column.root, column.end, column.rows.len()));
    }

    /// Notes a request without result. True when it still was an answer.
    async fn failed(&mut self, context: Option<&str>, error: &SnmpError) -> bool {
        if context.is_some() && is_no_context(&error.reason) {
            return false;
        }
        self.out.snapshot.notes.push(error.to_string());
        match error.reason {
            Reason::Timeout { .. } | Reason::Security(_) => self.check_alive().await,
            Reason::Refused | Reason::Unreachable => self.out.stop = Some(Stop::Silent),
            Reason::Io { .. } | Reason::NoSocket(_) | Reason::Closed => self.out.stop = Some(Stop::Local),
            _ => {}
        }
        is_answer(&error.reason)
    }

    /// After a timeout: is only this question unanswered, or the agent gone?
    async fn check_alive(&mut self) {
        let names = [Oid::new(SYS_UP_TIME)];
        match timeout_at(self.deadline, self.snmp.get(&self.target, &names)).await {
            Err(_) => self.out.stop = Some(Stop::Deadline),
            Ok(Err(e)) if !is_answer(&e.reason) => self.out.stop = Some(Stop::Silent),
            Ok(_) => {}
        }
    }

    fn put(&mut self, context: Option<&str>, oid: Oid, value: crate::protocol::snmp::Value) {
        match context {
            Some(name) => self.out.snapshot.insert_in(name, oid, value),
            None => self.out.snapshot.insert(oid, value),
        }
    }
}

/// Nothing is known of what was asked; an error status is what the agent has to say of it.
fn is_lost(reason: &Reason) -> bool {
    !matches!(reason, Reason::ErrorStatus { .. })
}

/// How agents say that they do not have a context: by silence, or in so many words.
fn is_no_context(reason: &Reason) -> bool {
    matches!(reason, Reason::Timeout { .. } | Reason::Security(Failure::UnknownContext | Failure::SilentToUser))
}

/// Somebody is there, whatever the answer is worth. An agent that does not let us in gives no answer.
pub fn is_answer(reason: &Reason) -> bool {
    matches!(reason, Reason::ErrorStatus { .. } | Reason::BadReply(_) | Reason::WrongNames)
}
