//! One round of questions to one device: is it there, then each class, decoded into Facts.
//!
//! Asks and decodes only: when to ask is the schedule's affair, what it means the engine's. Never takes a timeout for an
//! answer: a section whose table did not come through is `None`. Another source of facts is asked here, after SNMP.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::fetch::{Fetched, Fetcher, Stop, is_answer};
use super::merge;
use super::schedule::ClassResult;
use super::target::Agent;
use crate::model::{DeviceKind, Facts, Outcome, ProbeClass, Source};
use crate::profile::{Knowledge, Snapshot};
use crate::protocol::icmp::Icmp;
use crate::protocol::ipp::{IppClient, IppError, IppFailure, IppTarget, PrinterAttributes};
use crate::protocol::snmp::{Client, Oid, Reason, SystemGroup, Target, Value, Version};

/// What asking takes: the wire and the knowledge of devices. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct Prober {
    snmp: Client,
    knowledge: Arc<Knowledge>,
    icmp: Option<Icmp>,
    ipp: Option<IppClient>,
}

/// The answers to one class of questions.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassAnswer {
    pub class: ProbeClass,
    pub result: ClassResult,
    pub source: Source,
    pub facts: Facts,
}

/// How a round went.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    pub outcome: Outcome,
    /// One for each class asked, in the order asked; empty of a device that did not answer.
    pub answers: Vec<ClassAnswer>,
    /// IPP was asked, and whether it answered.
    pub ipp: Option<bool>,
}

impl Round {
    pub fn answered(&self) -> bool {
        matches!(self.outcome, Outcome::Answered { .. })
    }
    /// How each class ended.
    pub fn results(&self) -> Vec<(ProbeClass, ClassResult)> {
        self.answers.iter().map(|a| (a.class, a.result)).collect()
    }
    /// Everything the round told, in one.
    pub fn facts(self) -> Facts {
        let mut all = Facts::default();
        for answer in self.answers {
            absorb(&mut all, answer.facts);
        }
        all
    }
}

/// The opening questions: who are you, and do you answer at all.
pub(super) struct Opening {
    pub outcome: Outcome,
    pub system: Snapshot,
    pub facts: Facts,
    /// Why there is no answer.
    pub failure: Option<Reason>,
}

impl Prober {
    pub fn new(snmp: Client, knowledge: Arc<Knowledge>) -> Self {
        Prober { snmp, knowledge, icmp: None, ipp: None }
    }
    /// Pings who is silent. Without, silence of SNMP is all there is to know.
    pub fn with_icmp(self, icmp: Icmp) -> Self {
        Prober { icmp: Some(icmp), ..self }
    }
    /// Asks printers by IPP too.
    pub fn with_ipp(self, ipp: IppClient) -> Self {
        Prober { ipp: Some(ipp), ..self }
    }
    pub fn snmp(&self) -> &Client {
        &self.snmp
    }
    pub fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }
    pub fn icmp(&self) -> Option<&Icmp> {
        self.icmp.as_ref()
    }
    pub fn ipp(&self) -> Option<&IppClient> {
        self.ipp.as_ref()
    }

    /// What an IPP service at this address says, all classes, and its URI.
    pub async fn ask_ipp(&self, address: IpAddr, port: u16) -> Result<(String, Facts), IppError> {
        let Some(ipp) = &self.ipp else {
            let failure = IppFailure::Connect("IPP is switched off".into());
            return Err(IppError { uri: format!("{address}:{port}"), failure });
        };
        let printer = ipp.printer_attributes(&IppTarget::new(address).port(port)).await?;
        let facts = super::ipp::facts(&self.knowledge, &printer, &ProbeClass::ALL);
        Ok((printer.uri, facts))
    }

    /// Asks `classes` in this order within `budget`. Reachability is always asked and always comes first.
    pub async fn round(&self, agent: &Agent, classes: &[ProbeClass], budget: Duration) -> Round {
        let deadline = Instant::now() + budget;
        let mut second = Second { prober: self, agent, answer: None };
        let Some(target) = agent.credential.as_ref().map(|c| c.target(agent.address, agent.port)) else {
            return self.round_without_snmp(classes, &mut second, deadline).await;
        };
        let Opening { outcome, system, facts, .. } = self.open(&target, deadline).await;
        if !matches!(outcome, Outcome::Answered { .. }) {
            return Round { outcome, answers: Vec::new(), ipp: None };
        }
        let known = with_known(&facts, &agent.known);
        let target = self.tuned(target, &known);
        let mut answers = vec![answer(ProbeClass::Reachability, Source::Snmp, facts)];
        let mut stop = None;
        for class in classes.iter().copied().filter(|c| *c != ProbeClass::Reachability) {
            if stop.is_some() || Instant::now() >= deadline {
                answers
                    .push(ClassAnswer { result: ClassResult::CutOff, ..answer(class, Source::Snmp, Facts::default()) });
                continue;
            }
            let (mut answer, stopped) = self.class(&target, class, &known, &system, deadline).await;
            stop = stopped;
            if second.is_wanted(class, &answer.facts, &known)
                && let Some(printer) = second.ask(deadline).await
            {
                let more = super::ipp::facts(&self.knowledge, printer, &[class]);
                merge::complete(&mut answer.facts, more);
            }
            answers.push(answer);
        }
        Round { outcome, answers, ipp: second.answer.map(|a| a.is_some()) }
    }

    /// A device that has only IPP, or nothing but an address.
    async fn round_without_snmp(&self, classes: &[ProbeClass], second: &mut Second<'_>, deadline: Instant) -> Round {
        let started = Instant::now();
        let address = second.agent.address;
        if self.ipp.is_none() || second.agent.ipp_port.is_none() {
            return Round { outcome: self.ping(address, deadline, None).await, answers: Vec::new(), ipp: None };
        }
        let Some(printer) = second.ask(deadline).await else {
            return Round { outcome: self.ping(address, deadline, None).await, answers: Vec::new(), ipp: Some(false) };
        };
        let outcome = Outcome::Answered { rtt_ms: ms(started.elapsed()) };
        let reachability = answer(ProbeClass::Reachability, Source::Ipp, Facts::default());
        let others = classes.iter().copied().filter(|c| *c != ProbeClass::Reachability);
        let told = others.map(|c| answer(c, Source::Ipp, super::ipp::facts(&self.knowledge, printer, &[c])));
        Round { outcome, answers: std::iter::once(reachability).chain(told).collect(), ipp: Some(true) }
    }

    /// The system group in one request: liveness and identity together.
    pub(super) async fn open(&self, target: &Target, deadline: Instant) -> Opening {
        let nothing = |outcome, failure| {
            let (system, facts) = (Snapshot::default(), Facts::default());
            Opening { outcome, system, facts, failure }
        };
        let questions = self.knowledge.system_questions();
        let started = Instant::now();
        match timeout_at(deadline, self.snmp.get(target, &questions.scalars)).await {
            Ok(Ok(reply)) => {
                let mut system: Snapshot = reply.varbinds.iter().map(|vb| (vb.oid, vb.value)).collect();
                system.notes.extend(reply.problems.iter().map(|p| format!("{}: {}", p.oid, p.reason)));
                let mut facts = self.knowledge.decode(&system, &[ProbeClass::Reachability]);
                facts.notes.extend(self.clash(target));
                system.notes.clear();
                Opening { outcome: Outcome::Answered { rtt_ms: ms(reply.rtt) }, system, facts, failure: None }
            }
            Ok(Err(e)) if is_answer(&e.reason) => {
                let facts = Facts { notes: vec![e.to_string()], ..Facts::default() };
                let outcome = Outcome::Answered { rtt_ms: ms(started.elapsed()) };
                Opening { outcome, system: Snapshot::default(), facts, failure: Some(e.reason) }
            }
            Ok(Err(e)) => {
                let outcome = match e.reason {
                    Reason::Io { .. } | Reason::NoSocket(_) | Reason::Closed | Reason::Request(_) => {
                        Outcome::NotAsked { reason: e.to_string() }
                    }
                    // Who refuses is there, and so is who does not know us.
                    Reason::Refused | Reason::Security(_) => {
                        self.ping(target.addr.ip(), deadline, Some(ms(started.elapsed()))).await
                    }
                    _ => self.ping(target.addr.ip(), deadline, None).await,
                };
                nothing(outcome, Some(e.reason))
            }
            Err(_) => nothing(Outcome::Silent, None),
        }
    }

    /// Another device with the same SNMPv3 engine id, for people to mend.
    fn clash(&self, target: &Target) -> Option<String> {
        if target.version != Version::V3 {
            return None;
        }
        let clashes = self.snmp.engine_clashes();
        clashes.iter().find(|c| c.addresses.contains(&target.addr)).map(ToString::to_string)
    }

    /// Is the host there at all? `otherwise`: a sign of life seen already, with its time.
    async fn ping(&self, address: IpAddr, deadline: Instant, otherwise: Option<f64>) -> Outcome {
        let pong = async { self.icmp.as_ref()?.ping(address).await.ok() };
        let rtt_ms = timeout_at(deadline, pong).await.ok().flatten().map(ms).or(otherwise);
        rtt_ms.map_or(Outcome::Silent, |rtt_ms| Outcome::PingOnly { rtt_ms })
    }

    async fn class(
        &self,
        target: &Target,
        class: ProbeClass,
        known: &Facts,
        system: &Snapshot,
        deadline: Instant,
    ) -> (ClassAnswer, Option<Stop>) {
        let questions = self.knowledge.questions(class, known);
        let Fetched { snapshot, missing, stop } =
            Fetcher::new(&self.snmp, target.clone(), deadline, system.clone()).fetch(&questions).await;
        let mut facts = self.knowledge.decode(&snapshot, &[class]);
        drop_missing(&mut facts, &missing);
        let result = if missing.is_empty() { ClassResult::Done } else { ClassResult::Failed };
        (ClassAnswer { result, ..answer(class, Source::Snmp, facts) }, stop)
    }

    /// The profile's word on how the device wants to be asked.
    pub(super) fn tuned(&self, mut target: Target, known: &Facts) -> Target {
        let quirks = self.knowledge.quirks(known);
        target.quirks.no_bulk = quirks.no_bulk;
        target.quirks.max_repetitions = quirks.max_repetitions.map_or(0, |n| n.min(u32::from(u16::MAX)) as u16);
        if quirks.v1_only && target.version == Version::V2c {
            target.version = Version::V1;
        }
        target
    }
}

/// IPP beside SNMP: asked at most once a round, and only where it may know more.
struct Second<'a> {
    prober: &'a Prober,
    agent: &'a Agent,
    /// Asked: the answer, if there was one.
    answer: Option<Option<Box<PrinterAttributes>>>,
}

impl Second<'_> {
    fn is_wanted(&self, class: ProbeClass, facts: &Facts, known: &Facts) -> bool {
        let is_printer = facts.kind.or(known.kind) == Some(DeviceKind::Printer);
        let printer = facts.printer.as_ref();
        is_printer
            && match class {
                ProbeClass::Inventory => true,
                ProbeClass::Supplies => merge::wants_levels(facts.supplies.as_deref()),
                ProbeClass::Status => printer.is_none_or(|p| p.alerts.is_none() || p.detected_errors.is_none()),
                _ => false,
            }
    }
    async fn ask(&mut self, deadline: Instant) -> Option<&PrinterAttributes> {
        if self.answer.is_none() {
            let (ipp, port) = (self.prober.ipp.as_ref()?, self.agent.ipp_port?);
            let target = IppTarget::new(self.agent.address).port(port);
            let answer = timeout_at(deadline, ipp.printer_attributes(&target)).await;
            self.answer = Some(answer.ok().and_then(Result::ok).map(Box::new));
        }
        self.answer.as_ref()?.as_deref()
    }
}

fn answer(class: ProbeClass, source: Source, facts: Facts) -> ClassAnswer {
    ClassAnswer { class, result: ClassResult::Done, source, facts }
}

/// What a sweep read of the system group, as a decoder takes it.
pub(super) fn system_snapshot(group: &SystemGroup) -> Snapshot {
    let scalar = |arc: u32| Oid::new(&[1, 3, 6, 1, 2, 1, 1, arc, 0]);
    let text = |arc, t: &Option<Vec<u8>>| t.as_ref().map(|t| (scalar(arc), Value::OctetString(t.clone())));
    [
        text(1, &group.descr),
        group.object_id.clone().map(|o| (scalar(2), Value::Oid(o))),
        group.up_time.map(|t| (scalar(3), Value::TimeTicks(t))),
        text(5, &group.name),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}

/// What the device says now, completed by what it said before.
fn with_known(live: &Facts, known: &Facts) -> Facts {
    // Another device at the address: what was known belongs to its predecessor.
    if live.sys_object_id.is_some() && known.sys_object_id.is_some() && live.sys_object_id != known.sys_object_id {
        return live.clone();
    }
    let mut all = known.clone();
    absorb(&mut all, live.clone());
    all
}

/// Takes over everything `from` tells; what it does not tell stays.
pub fn absorb(into: &mut Facts, from: Facts) {
    macro_rules! take {
        ($($field:ident),*) => { $( if from.$field.is_some() { into.$field = from.$field; } )* };
    }
    take!(
        kind,
        vendor,
        model,
        serial,
        firmware,
        sys_object_id,
        sys_descr,
        sys_name,
        sys_location,
        sys_contact,
        sys_uptime_cs,
        base_mac,
        lldp_chassis,
        printer_uuid,
        profile,
        supplies,
        ports,
        links,
        vlans,
        fdb,
        arp,
        stp,
        poe,
        modules,
        transceivers,
        sensors,
        stack,
        ups
    );
    if !from.functions.is_empty() {
        into.functions = from.functions;
    }
    if !from.evidence.is_empty() {
        into.evidence = from.evidence;
    }
    match (&mut into.printer, from.printer) {
        (Some(old), Some(new)) => absorb_printer(old, new),
        (old, new @ Some(_)) => *old = new,
        (_, None) => {}
    }
    for note in from.notes {
        if !into.notes.contains(&note) {
            into.notes.push(note);
        }
    }
}

fn absorb_printer(into: &mut crate::model::PrinterFacts, from: crate::model::PrinterFacts) {
    macro_rules! take {
        ($($field:ident),*) => { $( if from.$field.is_some() { into.$field = from.$field; } )* };
    }
    take!(page_count, page_count_unit, detected_errors, device_status, printer_status, alerts);
    if !from.trays.is_empty() {
        into.trays = from.trays;
    }
    if !from.console.is_empty() {
        into.console = from.console;
    }
    if !from.open_covers.is_empty() {
        into.open_covers = from.open_covers;
    }
}

/// A MIB subtree and the section of facts that comes from it.
type Section = (&'static [u32], fn(&mut Facts));
/// What is not listed here has no list that could look empty.
const SECTIONS: &[Section] = &[
    (&[1, 3, 6, 1, 2, 1, 43, 11], |f| f.supplies = None),
    (&[1, 3, 6, 1, 2, 1, 43, 12], |f| f.supplies = None),
    (&[1, 3, 6, 1, 2, 1, 43, 18], |f| {
        if let Some(p) = &mut f.printer {
            p.alerts = None
        }
    }),
    (&[1, 3, 6, 1, 2, 1, 43, 8], |f| {
        if let Some(p) = &mut f.printer {
            p.trays.clear()
        }
    }),
    (&[1, 3, 6, 1, 2, 1, 43, 16], |f| {
        if let Some(p) = &mut f.printer {
            p.console.clear()
        }
    }),
    (&[1, 3, 6, 1, 2, 1, 43, 10], |f| {
        if let Some(p) = &mut f.printer {
            p.page_count = None
        }
    }),
    (&[1, 3, 6, 1, 2, 1, 25, 3, 5], |f| {
        if let Some(p) = &mut f.printer {
            p.detected_errors = None
        }
    }),
    (&[1, 3, 6, 1, 2, 1, 2], |f| f.ports = None),
    (&[1, 3, 6, 1, 2, 1, 31], |f| f.ports = None),
    (&[1, 3, 6, 1, 2, 1, 17, 1], |f| {
        f.fdb = None;
        f.stp = None;
        f.links = None
    }),
    (&[1, 3, 6, 1, 2, 1, 17, 2], |f| f.stp = None),
    (&[1, 3, 6, 1, 2, 1, 17, 4], |f| f.fdb = None),
    (&[1, 3, 6, 1, 2, 1, 17, 7], |f| {
        f.fdb = None;
        f.vlans = None
    }),
    (&[1, 3, 6, 1, 2, 1, 4], |f| f.arp = None),
    (&[1, 0, 8802, 1, 1, 2], |f| f.links = None),
    (&[1, 3, 6, 1, 2, 1, 47], |f| {
        f.modules = None;
        f.transceivers = None;
        f.stack = None
    }),
    (&[1, 3, 6, 1, 2, 1, 99], |f| {
        f.transceivers = None;
        f.sensors = None
    }),
    (&[1, 3, 6, 1, 2, 1, 105], |f| f.poe = None),
    (&[1, 3, 6, 1, 2, 1, 33], |f| f.ups = None),
    // A vendor's own tables may feed any list.
    (&[1, 3, 6, 1, 4, 1], |f| {
        f.supplies = None;
        f.links = None;
        f.vlans = None;
        f.fdb = None;
        f.modules = None;
        f.transceivers = None;
        f.sensors = None;
        f.stack = None
    }),
];

/// Makes unknown what a lost table would have filled.
pub(super) fn drop_missing(facts: &mut Facts, missing: &[Oid]) {
    for oid in missing {
        for (_, clear) in SECTIONS.iter().filter(|(root, _)| oid.arcs().starts_with(root)) {
            clear(facts);
        }
    }
}
