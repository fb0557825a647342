//! A walk of several subtrees at once: multi-column GETBULK sized to one datagram, or GETNEXT where GETBULK does not work.
//!
//! Each subtree keeps its own cursor and its own end. The loop guard follows the agent wherever it goes, names out of order
//! included, drops names that came before, and gives up a subtree after four answers in a row with nothing new in it.
//! Every answer adds a row, ends a subtree, adds a strike or lowers a limit: the walk ends whatever the agent does.

use std::collections::HashSet;
use std::time::Duration;

use super::super::Oid;
use super::super::Version;
use super::super::ber::{self, Writer};
use super::super::codec::{DecodeError, EncodeError, ErrorStatus, RequestKind};
use super::super::result::{Column, End, Operation, Reason, SnmpError, Walk};
use super::super::target::{Quirks, Target, WalkOptions};
use super::super::view::{BadVarBind, OidRef, VarBindList, VarBindRef, VarBinds};
use super::counters::count;
use super::device::Known;
use super::job::{Agent, Answer, Cx, MAX_NAMES, Names, Seal, Step};
use super::mailbox::Promise;

pub type WalkResult = Result<Walk, SnmpError>;

/// Asked of a device before its first GETBULK was answered.
const FIRST_REPETITIONS: u32 = 10;
const MAX_REPETITIONS: u32 = 64;
/// Bytes of rows to make room for at the start.
const FIRST_BYTES: usize = 1_500;
/// The index of rows has 16 bits for it.
const MAX_SUBTREES: usize = 4_096;
/// Bad varbinds kept in the result; the rest is counted.
const KEEP_BAD: usize = 16;

/// The rows of all subtrees as they came, one after another: one buffer, whatever their number.
#[derive(Default)]
struct Rows {
    bytes: Vec<u8>,
    /// Subtree and length of each.
    index: Vec<(u16, u16)>,
}

impl Rows {
    fn push(&mut self, subtree: u16, vb: &VarBindRef<'_>) {
        self.bytes.extend_from_slice(vb.raw);
        self.index.push((subtree, vb.raw.len() as u16));
    }
    fn iter(&self) -> impl Iterator<Item = (u16, &[u8])> {
        let mut rest = &self.bytes[..];
        self.index.iter().map(move |(subtree, len)| {
            let (row, after) = rest.split_at(usize::from(*len));
            rest = after;
            (*subtree, row)
        })
    }
    /// Encoded names of one subtree's rows.
    fn names(&self, subtree: u16) -> impl Iterator<Item = OidRef<'_>> {
        let rows = self.iter().filter(move |r| r.0 == subtree);
        rows.filter_map(|(_, row)| VarBinds::new(row, true).next()?.ok()).map(|vb| vb.name)
    }
}

/// The content bytes of its root are in `WalkJob::roots`.
#[derive(Default)]
struct Subtree {
    count: usize,
    bytes: usize,
    /// Where in `Rows` the last name is.
    last: std::ops::Range<usize>,
    /// The name to go on from when that is not the last row's.
    jump: Option<Vec<u8>>,
    end: Option<End>,
    disorder: u32,
    strikes: u8,
    /// Names so far; only once the agent went backwards.
    seen: Option<HashSet<Box<[u8]>>>,
    /// Why the last answer brought nothing, when it could not be read.
    unread: Option<DecodeError>,
}

impl Subtree {
    fn open(&self) -> bool {
        self.end.is_none()
    }
    /// The name to ask the successor of.
    fn cursor<'a>(&'a self, root: &'a [u8], rows: &'a Rows) -> &'a [u8] {
        match &self.jump {
            Some(jump) => jump,
            None if self.count == 0 => root,
            None => &rows.bytes[self.last.clone()],
        }
    }
    /// Bytes one row takes in a reply: as seen so far, or a guess.
    fn row_size(&self, root: &[u8]) -> usize {
        self.bytes.checked_div(self.count).map_or(root.len() + 20, |n| n + 1)
    }
    /// True when the varbind was a new row.
    #[inline]
    fn take(&mut self, number: u16, vb: &VarBindRef<'_>, root: &[u8], max_rows: usize, rows: &mut Rows) -> bool {
        if vb.value.is_exception() || !vb.name.starts_with(OidRef::trusted(root)) {
            // endOfMibView; in a subtree noSuchObject and noSuchInstance have no other meaning either.
            self.end = Some(End::Complete);
            return false;
        }
        let backwards = vb.name <= OidRef::trusted(self.cursor(root, rows));
        if (backwards || self.seen.is_some()) && !self.unseen(number, vb, backwards, rows) {
            return false;
        }
        let start = rows.bytes.len() + vb.name_offset();
        self.last = start..start + vb.name.as_ber().len();
        self.jump = None;
        self.count += 1;
        self.bytes += vb.raw.len();
        rows.push(number, vb);
        if self.count >= max_rows {
            self.end = Some(End::RowLimit);
        }
        true
    }
    /// Whether this name did not come before; asked only of agents that went backwards once.
    #[cold]
    fn unseen(&mut self, number: u16, vb: &VarBindRef<'_>, backwards: bool, rows: &Rows) -> bool {
        self.disorder += u32::from(backwards);
        let seen = self.seen.get_or_insert_with(|| rows.names(number).map(|n| n.as_ber().into()).collect());
        seen.insert(vb.name.as_ber().into())
    }
    /// An answer brought nothing new: go on from the greatest name, then from just behind it, then give up.
    #[cold]
    fn strike(&mut self, number: u16, root: &[u8], rows: &Rows) {
        let greatest = rows.names(number).max().map_or_else(|| root.to_vec(), |n| n.as_ber().to_vec());
        self.strikes += 1;
        if self.strikes == 1 && greatest == self.cursor(root, rows) {
            self.strikes = 2;
        }
        let next = match self.strikes {
            1 => Some(greatest),
            2 => Some([&greatest[..], &[0]].concat()),
            // For agents that answer with the name asked for rather than its successor.
            3 => past(&greatest).filter(|p| p.starts_with(root)),
            _ => None,
        };
        match next {
            Some(next) => self.jump = Some(next),
            None => self.end = Some(self.unread.take().map_or(End::Loop, |e| End::Failed(Reason::BadReply(e)))),
        }
    }
}

/// The name with its last arc increased.
fn past(name: &[u8]) -> Option<Vec<u8>> {
    let mut arcs: Vec<u32> = OidRef::trusted(name).arcs().collect();
    loop {
        let last = arcs.pop()?;
        if let Some(next) = last.checked_add(1) {
            arcs.push(next);
            return ber::encode_oid(&arcs).ok();
        }
    }
}

pub struct WalkJob {
    pub agent: Agent,
    options: WalkOptions,
    roots: Names,
    subtrees: Vec<Subtree>,
    rows: Rows,
    /// Subtrees of the request in flight.
    window: Vec<u32>,
    /// max-repetitions of the request in flight; 0: GETNEXT.
    repetitions: u32,
    /// What the last attempt uses instead.
    fallback: u32,
    last_attempt: u8,
    /// Limits learned in this walk.
    width: usize,
    most: u32,
    /// The next request must be a GETNEXT.
    next_once: bool,
    failures: u8,
    answered: bool,
    deadline: u64,
    bad: Vec<BadVarBind>,
    bad_count: u32,
    requests: u32,
    rtt: u64,
    quirks: Quirks,
    caller: Option<Promise<Box<WalkJob>>>,
}

impl WalkJob {
    pub fn new(
        target: &Target,
        roots: &[Oid],
        options: &WalkOptions,
        caller: Promise<Box<WalkJob>>,
    ) -> Result<Box<Self>, EncodeError> {
        if roots.iter().any(|r| r.len() < 2) || roots.len() > MAX_SUBTREES {
            return Err(EncodeError::BadOid);
        }
        // Made here, the worker has to allocate only when there is more than about a datagram.
        let rows = Rows { bytes: Vec::with_capacity(FIRST_BYTES), index: Vec::with_capacity(FIRST_BYTES / 24) };
        Ok(Box::new(WalkJob {
            agent: Agent::new(target),
            options: WalkOptions { max_rows: options.max_rows.max(1), ..*options },
            subtrees: roots.iter().map(|_| Subtree::default()).collect(),
            roots: Names::encode(roots)?,
            rows,
            window: Vec::with_capacity(roots.len().min(MAX_NAMES)),
            repetitions: 0,
            fallback: 0,
            last_attempt: u8::MAX,
            width: MAX_NAMES,
            most: MAX_REPETITIONS,
            next_once: false,
            failures: 0,
            answered: false,
            deadline: u64::MAX,
            bad: Vec::new(),
            bad_count: 0,
            requests: 0,
            rtt: 0,
            quirks: Quirks::default(),
            caller: Some(caller),
        }))
    }
    pub fn abandoned(&self) -> bool {
        self.caller.as_ref().is_none_or(Promise::is_abandoned)
    }
    pub fn deadline(&self) -> u64 {
        self.deadline
    }

    /// The next request: the first open subtrees, as many as fit, and as many repetitions as fit then.
    pub fn plan(&mut self, cx: &mut Cx<'_>) -> Step {
        if self.deadline == u64::MAX {
            let budget = u64::try_from(self.options.budget.as_micros()).unwrap_or(u64::MAX);
            self.deadline = cx.now.saturating_add(budget);
        }
        if cx.now >= self.deadline {
            self.end_all(&End::Budget);
            return Step::Done;
        }
        self.window.clear();
        let quirks = cx.known.quirks;
        let width = if quirks.max_varbinds == 0 { self.width } else { self.width.min(quirks.max_varbinds.into()) };
        let room = cx.config.datagram.saturating_sub(self.agent.overhead());
        let mut row = 0;
        for (i, s) in self.subtrees.iter().enumerate().filter(|(_, s)| s.open()) {
            let root = self.roots.get(i);
            let size = s.row_size(root).max(s.cursor(root, &self.rows).len() + 6);
            if self.window.len() >= width.clamp(1, MAX_NAMES) || (row + size > room && !self.window.is_empty()) {
                break;
            }
            row += size;
            self.window.push(i as u32);
        }
        if self.window.is_empty() {
            return Step::Done;
        }
        let next = self.agent.version() == Version::V1 || quirks.no_bulk || std::mem::take(&mut self.next_once);
        self.repetitions = if next { 0 } else { self.repetitions(room / row.max(1), cx.known) };
        self.fallback = u32::from(cx.known.bulk_works && self.repetitions > 0);
        self.last_attempt = cx.config.retries;
        Step::Send
    }
    fn repetitions(&self, fit: usize, known: &Known) -> u32 {
        let mut r = (fit as u32).min(self.most);
        if !known.bulk_works {
            r = r.min(FIRST_REPETITIONS);
        }
        if known.quirks.max_repetitions > 0 {
            r = r.min(known.quirks.max_repetitions.into());
        }
        let left = |i: &u32| self.options.max_rows as usize - self.subtrees[*i as usize].count;
        r = r.min(self.window.iter().map(left).max().unwrap_or(1) as u32);
        let read = self.window.iter().map(|i| self.subtrees[*i as usize].count).min().unwrap_or(0) as u32;
        if self.options.expected_rows >= read {
            // One more than expected: the row that shows that the table is over.
            if self.options.expected_rows > 0 {
                r = r.min(self.options.expected_rows - read + 1);
            }
        }
        r.max(1)
    }

    /// Repetitions of this attempt: halved, then the least.
    fn shape(&self, attempt: u8) -> u32 {
        match attempt {
            0 => self.repetitions,
            a if a >= self.last_attempt || a > 1 => self.fallback.min(self.repetitions),
            _ => (self.repetitions / 2).max(self.repetitions.min(1)),
        }
    }
    pub fn encode(&self, attempt: u8, seal: &Seal<'_>, w: &mut Writer) -> Result<(), EncodeError> {
        let mut names = [&[][..]; MAX_NAMES];
        for (slot, i) in names.iter_mut().zip(&self.window) {
            *slot = self.subtrees[*i as usize].cursor(self.roots.get(*i as usize), &self.rows);
        }
        let kind = match self.shape(attempt) {
            0 => RequestKind::GetNext,
            r => RequestKind::GetBulk { non_repeaters: 0, max_repetitions: r },
        };
        self.agent.seal(kind, seal, &names[..self.window.len()], w)
    }

    pub fn answer(&mut self, answer: &Answer<'_>, cx: &mut Cx<'_>) -> Step {
        self.requests += 1;
        self.rtt = answer.rtt;
        self.failures = 0;
        self.answered = true;
        let used = self.shape(answer.attempt);
        match ErrorStatus::from_number(answer.message.status) {
            ErrorStatus::NoError if answer.message.varbinds.is_empty() => self.nothing(used, cx.known),
            ErrorStatus::NoError => {
                self.learn(used, answer.attempt, cx.known);
                self.take(answer, used, cx);
            }
            status => self.refused(status, answer.message.index, used, cx.known),
        }
        self.plan(cx)
    }

    /// What the shape of the request that was answered says of the device.
    fn learn(&mut self, used: u32, attempt: u8, known: &mut Known) {
        if used > 0 {
            known.bulk_works = true;
            known.bulk_failures = 0;
            self.most = if attempt == 0 { (self.most + self.most / 2 + 1).min(MAX_REPETITIONS) } else { used };
        } else if self.repetitions > 0 {
            self.bulk_failed(known);
        }
    }
    /// A GETBULK brought nothing where a GETNEXT does. Twice, and never a good one: this device cannot.
    fn bulk_failed(&mut self, known: &mut Known) {
        known.bulk_failures = known.bulk_failures.saturating_add(1);
        if known.bulk_failures >= 2 && !known.bulk_works {
            known.quirks.no_bulk = true;
        }
    }

    fn take(&mut self, answer: &Answer<'_>, used: u32, cx: &mut Cx<'_>) {
        let n = self.window.len();
        let max_rows = self.options.max_rows as usize;
        let (mut served, mut fresh) = ([false; MAX_NAMES], [false; MAX_NAMES]);
        let (mut open, mut column) = (n, n - 1);
        for item in answer.message.varbinds.clone() {
            column = if column + 1 == n { 0 } else { column + 1 };
            let index = self.window[column] as usize;
            let subtree = &mut self.subtrees[index];
            let vb = match item {
                Ok(vb) => vb,
                Err(bad) => {
                    count(cx.malformed);
                    served[column] = true;
                    fresh[column] |= self.unread(index, bad, used);
                    continue;
                }
            };
            served[column] = true;
            if !subtree.open() {
                continue;
            }
            fresh[column] |= subtree.take(index as u16, &vb, self.roots.get(index), max_rows, &mut self.rows);
            if !subtree.open() {
                open -= 1;
                if open == 0 {
                    break; // what follows was not asked for
                }
            }
        }
        for column in 0..n {
            let index = self.window[column] as usize;
            let subtree = &mut self.subtrees[index];
            if fresh[column] {
                (subtree.strikes, subtree.unread) = (0, None);
            } else if subtree.open() && served[column] {
                subtree.strike(index as u16, self.roots.get(index), &self.rows);
            }
        }
    }

    /// A varbind that could not be read. True when its name could, and the walk can go on from there: its value is lost, its
    /// successor is not.
    fn unread(&mut self, index: usize, bad: BadVarBind, used: u32) -> bool {
        let (subtree, root) = (&mut self.subtrees[index], self.roots.get(index));
        subtree.unread = Some(bad.error.clone());
        let mut ahead = false;
        if bad.is_truncation() {
            self.most = (used / 2).max(1);
            self.width = if used <= 1 { (self.window.len() / 2).max(1) } else { self.width };
        } else if let Some(name) = bad.name.as_ref().and_then(|n| ber::encode_oid(n.arcs()).ok())
            && subtree.open()
            && name.starts_with(root)
            && OidRef::trusted(&name) > OidRef::trusted(subtree.cursor(root, &self.rows))
        {
            subtree.jump = Some(name);
            ahead = true;
        }
        self.bad_count += 1;
        if self.bad.len() < KEEP_BAD {
            self.bad.push(bad);
        }
        ahead
    }

    /// An answer without a single varbind.
    fn nothing(&mut self, used: u32, known: &mut Known) {
        if used > 0 {
            known.bulk_works = false;
            self.bulk_failed(known);
            self.next_once = true;
        } else if self.window.len() > 1 {
            self.width = 1;
        } else {
            let e = DecodeError::Truncated { what: "variable bindings" };
            self.subtrees[self.window[0] as usize].end = Some(End::Failed(Reason::BadReply(e)));
        }
    }

    /// The agent answered with an error.
    fn refused(&mut self, status: ErrorStatus, index: i32, used: u32, known: &mut Known) {
        let n = self.window.len();
        if status == ErrorStatus::TooBig {
            if used > 1 {
                self.most = used / 2;
                known.quirks.max_repetitions = self.most as u16;
            } else if n > 1 {
                self.width = n / 2;
            } else if used == 1 {
                self.next_once = true;
            } else {
                self.subtrees[self.window[0] as usize].end = Some(End::Failed(Reason::ErrorStatus { status }));
            }
            return;
        }
        if used > 0 {
            self.bulk_failed(known);
            self.next_once = true;
            return;
        }
        let culprit = usize::try_from(index).ok().and_then(|i| i.checked_sub(1)).filter(|i| *i < n);
        match culprit.or((n == 1).then_some(0)) {
            Some(at) => {
                // To a GETNEXT noSuchName is SNMPv1's way to say endOfMibView.
                let end = match status {
                    ErrorStatus::NoSuchName => End::Complete,
                    status => End::Failed(Reason::ErrorStatus { status }),
                };
                self.subtrees[self.window[at] as usize].end = Some(end);
            }
            None => self.width = 1,
        }
    }

    /// After silence to a device that answered before, each subtree is tried alone: one of them may be poison to it.
    pub fn fail(&mut self, reason: &Reason, cx: &mut Cx<'_>) -> Step {
        self.failures += 1;
        let silence = matches!(reason, Reason::Timeout { .. } | Reason::BadReply(_));
        if cx.now >= self.deadline {
            self.end_all(&End::Budget);
        } else if !silence || !self.answered || self.failures >= 2 {
            self.end_all(&End::Failed(reason.clone()));
        } else if let [only] = self.window[..] {
            self.subtrees[only as usize].end = Some(End::Failed(reason.clone()));
        } else {
            self.width = 1;
        }
        self.plan(cx)
    }
    fn end_all(&mut self, end: &End) {
        self.subtrees.iter_mut().filter(|s| s.open()).for_each(|s| s.end = Some(end.clone()));
    }

    pub fn finish(mut self: Box<Self>, known: &Known) {
        self.quirks = known.quirks;
        if let Some(caller) = self.caller.take() {
            caller.keep(self);
        }
    }
    /// What has become of it: the rows sorted into their subtrees.
    pub fn into_result(self: Box<Self>, roots: &[Oid]) -> WalkResult {
        let failed = |s: &Subtree| match &s.end {
            Some(End::Failed(r)) if s.count == 0 => Some(r.clone()),
            _ => None,
        };
        if self.subtrees.iter().all(|s| failed(s).is_some())
            && let Some(reason) = self.subtrees.first().and_then(failed)
        {
            return Err(SnmpError { operation: Operation::Walk, target: self.agent.addr, reason });
        }
        let mut columns = Vec::with_capacity(roots.len());
        for (root, s) in roots.iter().zip(&self.subtrees) {
            let mut rows = VarBindList::new();
            rows.reserve(s.bytes);
            let end = s.end.clone().unwrap_or(End::Complete);
            columns.push(Column { root: root.clone(), rows, end, disorder: s.disorder });
        }
        for (subtree, row) in self.rows.iter() {
            columns[usize::from(subtree)].rows.push_raw(row);
        }
        Ok(Walk {
            columns,
            bad: self.bad,
            bad_count: self.bad_count,
            rtt: Duration::from_micros(self.rtt),
            requests: self.requests,
            quirks: self.quirks,
        })
    }
}
