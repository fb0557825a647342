//! GET of any number of names: split to datagrams, halved when too big, freed of names an SNMPv1 agent does not know.
//!
//! Each round either settles a name or lowers the number asked at once, so it ends whatever the agent answers.

use std::time::Duration;

use super::super::ber::{self, Writer};
use super::super::codec::{EncodeError, ErrorStatus, RequestKind};
use super::super::result::{Operation, Problem, Reason, Reply, SnmpError};
use super::super::target::{Quirks, Target};
use super::super::view::{OidRef, VarBindList, VarBindRef};
use super::super::{Oid, Value};
use super::counters::count;
use super::device::Known;
use super::job::{Agent, Answer, Cx, MAX_NAMES, Names, Seal, Step};
use super::mailbox::Promise;

pub type GetResult = Result<Reply, SnmpError>;

/// What a value and the frame around it may take in a reply: a guess.
const VALUE_SIZE: usize = 26;

pub struct GetJob {
    pub agent: Agent,
    names: Names,
    /// Names before this one are settled.
    first: usize,
    /// Of the 64 names from `first` on: which are settled.
    settled: u64,
    /// Of the same: which are in the request in flight.
    window: u64,
    /// Names asked at once.
    limit: u32,
    /// In the order they came; `answered` has their names' indexes once that is not the order asked.
    values: VarBindList,
    last_answered: Option<usize>,
    disordered: bool,
    problems: Vec<(u32, Reason)>,
    requests: u32,
    rtt: u64,
    /// The last attempt asks for half.
    last_attempt: u8,
    quirks: Quirks,
    caller: Option<Promise<Box<GetJob>>>,
}

impl GetJob {
    pub fn new(target: &Target, oids: &[Oid], caller: Promise<Box<GetJob>>) -> Result<Box<Self>, EncodeError> {
        let names = Names::encode(oids)?;
        let mut values = VarBindList::new();
        // Made here, the worker seldom has to allocate.
        values.reserve(names.total() + names.len() * VALUE_SIZE);
        Ok(Box::new(GetJob {
            agent: Agent::new(target),
            names,
            first: 0,
            settled: 0,
            window: 0,
            limit: MAX_NAMES as u32,
            values,
            last_answered: None,
            disordered: false,
            problems: Vec::new(),
            requests: 0,
            rtt: 0,
            last_attempt: u8::MAX,
            quirks: Quirks::default(),
            caller: Some(caller),
        }))
    }
    pub fn abandoned(&self) -> bool {
        self.caller.as_ref().is_none_or(Promise::is_abandoned)
    }

    pub fn plan(&mut self, cx: &mut Cx<'_>) -> Step {
        let done = self.settled.trailing_ones();
        self.first += done as usize;
        self.settled = self.settled.checked_shr(done).unwrap_or(0);
        self.window = 0;
        let limit = match cx.known.quirks.max_varbinds {
            0 => self.limit,
            n => self.limit.min(n.into()),
        };
        let mut bytes = self.agent.overhead();
        for (bit, i) in (self.first..self.names.len()).take(MAX_NAMES).enumerate() {
            if self.settled & (1 << bit) != 0 {
                continue;
            }
            bytes += self.names.get(i).len() + VALUE_SIZE;
            if self.window != 0 && (self.window.count_ones() >= limit || bytes > cx.config.datagram) {
                break;
            }
            self.window |= 1 << bit;
        }
        self.last_attempt = cx.config.retries;
        if self.window == 0 { Step::Done } else { Step::Send }
    }

    /// Indexes of the names in the request in flight.
    fn asked(&self) -> impl Iterator<Item = usize> + use<> {
        let (first, mut window) = (self.first, self.window);
        std::iter::from_fn(move || {
            let bit = (window != 0).then(|| window.trailing_zeros() as usize)?;
            window &= window - 1;
            Some(first + bit)
        })
    }
    fn width(&self) -> u32 {
        self.window.count_ones()
    }

    pub fn encode(&self, attempt: u8, seal: &Seal<'_>, w: &mut Writer) -> Result<(), EncodeError> {
        let ask = if attempt > 0 && attempt >= self.last_attempt {
            self.width().div_ceil(2) // some agents drop in silence what they find too long
        } else {
            self.width()
        } as usize;
        let mut names = [&[][..]; MAX_NAMES];
        for (slot, i) in names.iter_mut().zip(self.asked().take(ask)) {
            *slot = self.names.get(i);
        }
        self.agent.seal(RequestKind::Get, seal, &names[..ask], w)
    }

    pub fn answer(&mut self, answer: &Answer<'_>, cx: &mut Cx<'_>) -> Step {
        self.requests += 1;
        self.rtt = answer.rtt;
        let m = &answer.message;
        let status = ErrorStatus::from_number(m.status);
        if status == ErrorStatus::NoError {
            self.take(answer, cx);
            return self.plan(cx);
        }
        let width = self.width();
        // The index of a tooBig means nothing.
        let culprit = usize::try_from(m.index).ok().and_then(|i| i.checked_sub(1)).and_then(|i| self.asked().nth(i));
        let culprit = culprit.filter(|_| status != ErrorStatus::TooBig);
        match culprit.or_else(|| self.asked().next().filter(|_| width == 1)) {
            Some(i) if status == ErrorStatus::NoSuchName => self.settle_missing(i),
            Some(i) => self.settle_problem(i, Reason::ErrorStatus { status }),
            None => {
                self.limit = (width / 2).max(1);
                if status == ErrorStatus::TooBig {
                    cx.known.quirks.max_varbinds = self.limit as u16;
                }
            }
        }
        self.plan(cx)
    }

    fn take(&mut self, answer: &Answer<'_>, cx: &mut Cx<'_>) {
        let width = self.width();
        let (mut settled, mut bad) = (0, None);
        let mut places = self.asked();
        for item in answer.message.varbinds.clone() {
            let place = places.next();
            match item {
                Ok(vb) => {
                    if let Some(i) = self.find(place, vb.name.as_ber()) {
                        self.values.push(&vb);
                        self.settle_value(i);
                        settled += 1;
                    }
                }
                Err(e) => {
                    count(cx.malformed);
                    let name = e.name.as_ref().and_then(|n| ber::encode_oid(n.arcs()).ok());
                    if let Some(i) = name.and_then(|n| self.find(place, &n)) {
                        self.settle_problem(i, Reason::BadReply(e.error.clone()));
                        settled += 1;
                    }
                    bad = Some(e.error);
                }
            }
        }
        if settled < width {
            self.limit = if settled == 0 { (width / 2).max(1) } else { settled };
            if settled == 0
                && width == 1
                && let Some(only) = self.asked().next()
            {
                self.settle_problem(only, bad.map_or(Reason::WrongNames, Reason::BadReply));
            }
        }
    }

    /// The name of the request in flight with these bytes that has no answer yet, looked for at its place first.
    fn find(&self, place: Option<usize>, name: &[u8]) -> Option<usize> {
        let is = |i: &usize| self.settled & (1 << (i - self.first)) == 0 && self.names.get(*i) == name;
        place.filter(is).or_else(|| self.asked().find(is))
    }
    fn settle(&mut self, i: usize) {
        self.settled |= 1 << (i - self.first);
    }
    fn settle_value(&mut self, i: usize) {
        self.disordered |= self.last_answered.is_some_and(|last| last > i);
        self.last_answered = Some(i);
        self.settle(i);
    }
    /// SNMPv1 says noSuchName where v2c says noSuchObject.
    fn settle_missing(&mut self, i: usize) {
        match self.values.push_value(&self.oid(i), &Value::NoSuchObject) {
            Ok(()) => self.settle_value(i),
            Err(e) => self.settle_problem(i, Reason::Request(e)),
        }
    }
    fn settle_problem(&mut self, i: usize, reason: Reason) {
        self.problems.push((i as u32, reason));
        self.settle(i);
    }
    fn oid(&self, i: usize) -> Oid {
        OidRef::trusted(self.names.get(i)).to_oid()
    }

    pub fn fail(&mut self, reason: &Reason, _cx: &mut Cx<'_>) -> Step {
        for i in self.first..self.names.len() {
            let bit = i - self.first;
            if bit >= MAX_NAMES || self.settled & (1 << bit) == 0 {
                self.problems.push((i as u32, reason.clone()));
            }
        }
        Step::Done
    }

    pub fn finish(mut self: Box<Self>, known: &Known) {
        self.quirks = known.quirks;
        if let Some(caller) = self.caller.take() {
            caller.keep(self);
        }
    }
    /// What has become of it.
    pub fn into_result(mut self: Box<Self>) -> GetResult {
        if self.values.is_empty()
            && let Some((_, reason)) = self.problems.first()
        {
            let (target, reason) = (self.agent.addr, reason.clone());
            return Err(SnmpError { operation: Operation::Get, target, reason });
        }
        self.problems.sort_by_key(|p| p.0);
        let problems = self.problems.iter().map(|(i, r)| Problem { oid: self.oid(*i as usize), reason: r.clone() });
        let problems = problems.collect();
        let mut varbinds = if self.disordered { self.in_asked_order() } else { std::mem::take(&mut self.values) };
        varbinds.shrink();
        Ok(Reply {
            varbinds,
            problems,
            rtt: Duration::from_micros(self.rtt),
            requests: self.requests,
            quirks: self.quirks,
        })
    }
    fn in_asked_order(&self) -> VarBindList {
        let mut rows: Vec<Option<VarBindRef<'_>>> = self.values.refs().map(Some).collect();
        let mut list = VarBindList::new();
        for i in 0..self.names.len() {
            let is = |r: &&mut Option<VarBindRef<'_>>| r.is_some_and(|vb| vb.name.as_ber() == self.names.get(i));
            if let Some(vb) = rows.iter_mut().find(is).and_then(Option::take) {
                list.push(&vb);
            }
        }
        list
    }
}
