//! Workflows in virtual time: a month of a branch's life with random faults, and the invariants that must hold at
//! every step.

use std::collections::{BTreeMap, BTreeSet};

use anykey::model::*;
use anykey::status::{self, Around, Policy, SupplyContext};
use anykey::workflow::reorder::{self, Candidate, Catalogue, ReorderFacts};
use anykey::workflow::repair::{self, KnownTicket, RepairFacts};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const SITE: SiteId = SiteId(1);
const POOL: &str = "1";

/// The smallest store that obeys the actions as the engine must.
#[derive(Default)]
struct Books {
    needs: Vec<Need>,
    lines: BTreeMap<ArticleId, i64>,
    ordered: BTreeMap<ArticleId, i64>,
    tickets: Vec<(DeviceId, ProblemKey, Ticket)>,
    reopened: usize,
    notes: usize,
}

impl Books {
    fn commit(&mut self, actions: Vec<Action>, now: Millis) {
        for action in actions {
            self.commit_one(action, now);
        }
    }
    fn commit_one(&mut self, action: Action, now: Millis) {
        match action {
            Action::OpenNeed { site, pool, key, article, quantity, reason } => {
                let id = NeedId(self.needs.len() as i64 + 1);
                let open = self.needs.iter_mut().find(|n| n.key == key && n.status != NeedStatus::Closed);
                match open {
                    Some(need) => {
                        need.quantity = quantity;
                        need.reasons.push(reason);
                    }
                    None => self.needs.push(Need {
                        id,
                        site,
                        pool,
                        article,
                        key,
                        status: NeedStatus::Open,
                        reasons: vec![reason],
                        quantity,
                        opened_at: now,
                    }),
                }
            }
            Action::DropNeedReason { device, supply_index } => {
                for need in self.needs.iter_mut().filter(|n| n.status != NeedStatus::Closed) {
                    need.reasons.retain(|r| r.device != device || r.supply_index != supply_index);
                    if need.reasons.is_empty() {
                        need.status = NeedStatus::Closed;
                        if let Some(article) = need.article {
                            self.lines.remove(&article);
                        }
                    }
                }
            }
            Action::AddDraftLine { article, quantity, .. } => {
                let line = self.lines.entry(article).or_default();
                *line = (*line).max(quantity);
            }
            Action::OpenTicket { device, problem, title, priority } => {
                let id = TicketId(self.tickets.len() as i64 + 1);
                let ticket = Ticket {
                    id,
                    site: SITE,
                    device: Some(device),
                    problem: problem.clone(),
                    title,
                    status: TicketStatus::New,
                    priority,
                    touched: false,
                    opened_at: now,
                    resolved_at: None,
                };
                self.tickets.push((device, problem, ticket));
            }
            Action::ReopenTicket { ticket, .. } => {
                self.reopened += 1;
                let t = self.ticket(ticket);
                t.status = TicketStatus::New;
                t.resolved_at = None;
            }
            Action::ResolveTicket { ticket, .. } => {
                let t = self.ticket(ticket);
                t.status = TicketStatus::Resolved;
                t.resolved_at = Some(now);
            }
            Action::MergeTicket { ticket, .. } => {
                let t = self.ticket(ticket);
                t.status = TicketStatus::Cancelled;
                t.resolved_at = Some(now);
            }
            Action::NoteTicket { .. } => self.notes += 1,
            Action::Timeline { .. } => {}
        }
    }
    fn ticket(&mut self, id: TicketId) -> &mut Ticket {
        &mut self.tickets.iter_mut().find(|(_, _, t)| t.id == id).expect("a ticket that exists").2
    }
    fn newest(&self, device: DeviceId, key: &ProblemKey) -> Option<&Ticket> {
        self.tickets.iter().rev().find(|(d, k, _)| *d == device && k == key).map(|(_, _, t)| t)
    }
    fn open_tickets(&self) -> impl Iterator<Item = &(DeviceId, ProblemKey, Ticket)> {
        self.tickets.iter().filter(|(_, _, t)| t.status.is_open())
    }
    /// Invariant 7: one open need a key, one open ticket a key.
    fn check_keys(&self) {
        let mut keys = BTreeSet::new();
        for need in self.needs.iter().filter(|n| n.status != NeedStatus::Closed) {
            assert!(keys.insert(&need.key), "two open needs {}", need.key);
            let reasons: BTreeSet<_> = need.reasons.iter().map(|r| (r.device, &r.supply_index)).collect();
            assert_eq!(reasons.len(), need.reasons.len(), "a reason twice in {}", need.key);
            assert!(need.quantity >= need.reasons.len() as i64);
        }
        let mut keys = BTreeSet::new();
        for (device, problem, _) in self.open_tickets() {
            assert!(keys.insert((device, problem)), "two open tickets of {device} {problem:?}");
        }
    }
}

struct Printer {
    id: DeviceId,
    state: DeviceState,
    supply: Option<SupplyState>,
    /// The truth.
    level: f64,
    alive: bool,
    broken: bool,
}

struct Branch {
    rng: StdRng,
    now: Millis,
    policy: Policy,
    books: Books,
    printers: Vec<Printer>,
    switch_alive: bool,
    switch: DeviceState,
    article: Article,
}

impl Branch {
    fn new(seed: u64, printers: i64) -> Self {
        let printer = |id| Printer {
            id: DeviceId(id),
            state: DeviceState::default(),
            supply: None,
            level: 0.2 + 0.1 * (id % 8) as f64,
            alive: true,
            broken: false,
        };
        Branch {
            rng: StdRng::seed_from_u64(seed),
            now: Millis(1_760_000_000_000),
            policy: Policy::default(),
            books: Books::default(),
            printers: (10..10 + printers).map(printer).collect(),
            switch_alive: true,
            switch: DeviceState::default(),
            article: article(1, Some(1)),
        }
    }
    fn chance(&mut self, p: f64) -> bool {
        self.rng.random_bool(p)
    }

    /// Five minutes of the branch.
    fn step(&mut self, round: u32) {
        self.now = self.now.plus(5 * Millis::MINUTE);
        self.switch_alive = if self.switch_alive { !self.chance(0.0005) } else { self.chance(0.05) };
        let outcome = if self.switch_alive { Outcome::Answered { rtt_ms: 1.0 } } else { Outcome::Silent };
        let reading = self.reading(DeviceId(1), ProbeClass::Reachability, outcome, Facts::default());
        let (state, events) =
            status::apply(&self.switch, Some(DeviceKind::Switch), &reading, false, &self.policy, self.now);
        self.switch = state;
        self.work(DeviceId(1), DeviceKind::Switch, &events);
        for at in 0..self.printers.len() {
            self.live(at);
            self.poll(at, round);
        }
        self.people();
        self.books.check_keys();
    }

    /// The truth moves: power, faults, paper, toner.
    fn live(&mut self, at: usize) {
        let (off, on, fault, mend) = (self.chance(0.002), self.chance(0.05), self.chance(0.0005), self.chance(0.01));
        let used = self.rng.random_range(0.0..0.0015);
        let swap = self.chance(0.01);
        let p = &mut self.printers[at];
        p.alive = if p.alive { !off } else { on };
        p.broken = if p.broken { !mend } else { fault };
        p.level = (p.level - used).max(0.0);
        if p.level < 0.06 && swap {
            p.level = 1.0;
        }
    }

    fn poll(&mut self, at: usize, round: u32) {
        let (lost, ping) = (self.chance(0.02), self.chance(0.01));
        let printer = &self.printers[at];
        let id = printer.id;
        let outcome = match (self.switch_alive && printer.alive, lost, ping) {
            (false, _, _) | (true, true, _) => Outcome::Silent,
            (true, false, true) => Outcome::PingOnly { rtt_ms: 1.0 },
            (true, false, false) => Outcome::Answered { rtt_ms: 3.0 },
        };
        let answers = matches!(outcome, Outcome::Answered { .. });
        let facts = self.status_facts(at);
        self.apply(at, ProbeClass::Reachability, outcome.clone(), Facts::default());
        if !answers {
            return;
        }
        self.apply(at, ProbeClass::Status, outcome, facts);
        if round.is_multiple_of(6) {
            let shown = (self.printers[at].level * 100.0).round();
            let wobble = f64::from(self.rng.random_range(-1..=1));
            let shown = (shown + wobble).clamp(0.0, 100.0);
            let s = toner(shown);
            let context = SupplyContext::new(&self.printers[at].state, std::slice::from_ref(&s));
            let (next, events) =
                status::supply(self.printers[at].supply.as_ref(), &s, &context, &self.policy, self.now);
            self.printers[at].supply = Some(next);
            self.work(id, DeviceKind::Printer, &events);
        }
    }

    fn status_facts(&mut self, at: usize) -> Facts {
        let jam = self.chance(0.02);
        let mut alerts = Vec::new();
        if self.printers[at].broken {
            alerts.push(alert(1004, "Fuser thermistor"));
        }
        if jam {
            alerts.push(alert(8, "Paper jam"));
        }
        let errors = if jam { vec!["jammed".into(), "serviceRequested".into()] } else { vec![] };
        let printer = PrinterFacts { alerts: Some(alerts), detected_errors: Some(errors), ..PrinterFacts::default() };
        Facts { printer: Some(printer), ..Facts::default() }
    }

    fn apply(&mut self, at: usize, class: ProbeClass, outcome: Outcome, facts: Facts) {
        let id = self.printers[at].id;
        let parent_down = self.switch.silent > 0 || self.switch.reach == Reach::Down;
        // Half of the printers hang on a known port.
        let port_up = (id.0 % 2 == 0).then_some(self.printers[at].alive);
        let reading = self.reading(id, class, outcome, facts);
        let (state, events) = status::apply(
            &self.printers[at].state,
            Some(DeviceKind::Printer),
            &reading,
            Around { parent_down, port_up, ..Around::default() },
            &self.policy,
            self.now,
        );
        for event in &events {
            if let Event::ProblemRaised { problem } = event
                && problem.key.class == ProblemClass::Down
            {
                assert_eq!(state.reach, Reach::Down, "a ticket for a device that is not down");
                assert!(!parent_down);
            }
        }
        self.printers[at].state = state;
        self.work(id, DeviceKind::Printer, &events);
    }

    /// The engine's part: load the facts, react, commit; and again, to see that nothing new comes.
    fn work(&mut self, device: DeviceId, kind: DeviceKind, events: &[Event]) {
        for event in events {
            if let Some(key) = repair::key_of(event) {
                let facts = self.repair_facts(device, kind, key);
                self.books.commit(repair::react(event, &facts), self.now);
            }
            if let Event::SupplyLow { supply } = event {
                let index = supply.index.clone();
                let facts = self.reorder_facts(device, &index);
                self.books.commit(reorder::react(event, &facts), self.now);
                let facts = self.reorder_facts(device, &index);
                assert!(reorder::react(event, &facts).is_empty(), "the planner ran again and did something");
            }
            if matches!(event, Event::SupplyReplaced { .. }) {
                let facts = self.reorder_facts(device, "1.1");
                self.books.commit(reorder::react(event, &facts), self.now);
            }
        }
    }

    fn repair_facts(&self, device: DeviceId, kind: DeviceKind, key: &ProblemKey) -> RepairFacts {
        let known =
            |t: &Ticket| KnownTicket { id: t.id, status: t.status, touched: t.touched, resolved_at: t.resolved_at };
        RepairFacts {
            device,
            device_name: format!("device {device}"),
            kind: Some(kind),
            functions: vec![],
            language: "ru".into(),
            ticket: self.books.newest(device, key).map(known),
            now: self.now,
            behind: None,
            explained: None,
        }
    }

    fn reorder_facts(&self, device: DeviceId, index: &str) -> ReorderFacts {
        let key = reorder::need_key(Some(self.article.id), device, index);
        let open = || self.books.needs.iter().filter(|n| n.status != NeedStatus::Closed);
        ReorderFacts {
            device,
            site: SITE,
            pool: POOL.into(),
            article: Some(self.article.clone()),
            need: open().find(|n| n.key == key).cloned(),
            asked_by: open().find(|n| n.reasons.iter().any(|r| r.device == device && r.supply_index == index)).cloned(),
            drafted: self.books.lines.get(&self.article.id).copied().unwrap_or(0),
            ordered: self.books.ordered.get(&self.article.id).copied().unwrap_or(0),
        }
    }

    /// A person now and then takes a ticket, finishes one, approves the draft, receives the goods.
    fn people(&mut self) {
        if self.chance(0.01)
            && let Some((_, _, t)) = self.books.tickets.iter_mut().find(|(_, _, t)| t.status.is_open() && !t.touched)
        {
            t.touched = true;
            t.status = TicketStatus::InProgress;
        }
        if self.chance(0.005)
            && let Some((_, _, t)) = self.books.tickets.iter_mut().find(|(_, _, t)| t.status.is_open() && t.touched)
        {
            t.status = TicketStatus::Resolved;
            t.resolved_at = Some(self.now);
        }
        let article = self.article.id;
        if self.chance(0.002)
            && let Some(n) = self.books.lines.remove(&article)
        {
            *self.books.ordered.entry(article).or_default() += n;
            for need in self.books.needs.iter_mut().filter(|n| n.status == NeedStatus::Open) {
                need.status = NeedStatus::Ordered;
            }
        }
        if self.chance(0.001) && self.books.ordered.remove(&article).is_some() {
            for need in self.books.needs.iter_mut().filter(|n| n.status == NeedStatus::Ordered) {
                need.status = NeedStatus::Closed;
            }
        }
    }

    fn reading(&self, device: DeviceId, class: ProbeClass, outcome: Outcome, facts: Facts) -> Reading {
        Reading {
            subject: Subject::Known { device },
            address: "192.0.2.7".parse().unwrap(),
            port: 161,
            poller: "branch".into(),
            at: self.now,
            class,
            source: Source::Snmp,
            outcome,
            facts,
        }
    }
}

fn article(id: i64, supplier: Option<i64>) -> Article {
    Article {
        id: ArticleId(id),
        part_number: "TK-1170".into(),
        name: "Тонер-картридж TK-1170".into(),
        vendor: "Kyocera".into(),
        kind: SupplyKind::Toner,
        color: None,
        yield_pages: Some(7200),
        price: Some(Minor(450_000)),
        vat_percent: 22,
        supplier: supplier.map(SupplierId),
        supplier_article: None,
    }
}

fn toner(percent: f64) -> Supply {
    Supply {
        index: "1.1".into(),
        kind: SupplyKind::Toner,
        color: None,
        description: "TK-1170".into(),
        part_number: None,
        serial: None,
        max_capacity: Some(100),
        level: Some(percent as i64),
        level_percent: Some(percent),
        level_state: LevelState::Known,
        receptacle: false,
        fill_percent: None,
        unit: None,
        source: Source::Snmp,
    }
}

fn alert(code: i64, text: &str) -> Alert {
    Alert {
        index: format!("1.{code}"),
        severity: Some("critical".into()),
        training: None,
        group: None,
        group_index: None,
        code: Some(code),
        code_name: None,
        description: text.into(),
        location: None,
    }
}

#[test]
fn a_month_of_a_branch_keeps_its_invariants() {
    let (mut needs, mut tickets, mut reopened, mut notes) = (0, 0, 0, 0);
    for seed in 0..3 {
        let mut branch = Branch::new(seed, 6);
        for round in 0..30 * 24 * 12 {
            branch.step(round);
        }
        // Everything mends; more than a day later every ticket nobody took is resolved.
        branch.switch_alive = true;
        // Longer than a day: so long a cluster of jams is one.
        for _ in 0..330 {
            branch.now = branch.now.plus(5 * Millis::MINUTE);
            for at in 0..branch.printers.len() {
                branch.printers[at].alive = true;
                branch.printers[at].broken = false;
                let answered = Outcome::Answered { rtt_ms: 1.0 };
                branch.apply(at, ProbeClass::Reachability, answered.clone(), Facts::default());
                let facts = Facts {
                    printer: Some(PrinterFacts { alerts: Some(vec![]), ..PrinterFacts::default() }),
                    ..Facts::default()
                };
                branch.apply(at, ProbeClass::Status, answered, facts);
            }
            let reading = branch.reading(
                DeviceId(1),
                ProbeClass::Reachability,
                Outcome::Answered { rtt_ms: 1.0 },
                Facts::default(),
            );
            let (state, events) =
                status::apply(&branch.switch, Some(DeviceKind::Switch), &reading, false, &branch.policy, branch.now);
            branch.switch = state;
            branch.work(DeviceId(1), DeviceKind::Switch, &events);
        }
        let left: Vec<_> = branch.books.open_tickets().filter(|(_, _, t)| !t.touched).collect();
        assert!(left.is_empty(), "seed {seed}: {left:?}");
        let ill = branch.printers.iter().find(|p| !p.state.problems.is_empty() || p.state.reach != Reach::Ok);
        assert!(ill.is_none(), "seed {seed}: {:?}", ill.map(|p| (&p.state.reach, &p.state.problems)));
        needs += branch.books.needs.len();
        tickets += branch.books.tickets.len();
        reopened += branch.books.reopened;
        notes += branch.books.notes;
    }
    // The random lives did reach the paths this test is about.
    assert!(needs > 5 && tickets > 20 && reopened > 2 && notes > 0, "{needs} {tickets} {reopened} {notes}");
}

#[test]
fn the_same_seed_gives_the_same_life() {
    let life = |seed| {
        let mut branch = Branch::new(seed, 6);
        for round in 0..2000 {
            branch.step(round);
        }
        format!("{:?} {:?}", branch.books.needs, branch.books.tickets)
    };
    assert_eq!(life(3), life(3));
    assert_ne!(life(3), life(4));
}

// ---- reorder ----

fn low(device: i64) -> (Event, ReorderFacts) {
    let context = SupplyContext::default();
    let (state, events) = status::supply(None, &toner(5.0), &context, &Policy::default(), Millis(0));
    assert!(state.is_low);
    let facts = ReorderFacts {
        device: DeviceId(device),
        site: SITE,
        pool: POOL.into(),
        article: Some(article(1, Some(7))),
        need: None,
        asked_by: None,
        drafted: 0,
        ordered: 0,
    };
    (events.into_iter().next().unwrap(), facts)
}

#[test]
fn two_printers_of_one_article_make_one_need_of_two() {
    let mut books = Books::default();
    for device in [1, 2] {
        let (event, mut facts) = low(device);
        facts.need = books.needs.first().cloned();
        facts.drafted = books.lines.values().sum();
        books.commit(reorder::react(&event, &facts), Millis(0));
    }
    assert_eq!(books.needs.len(), 1);
    assert_eq!((books.needs[0].quantity, books.lines[&ArticleId(1)]), (2, 2));
    // One is replaced: the need stays for the other.
    let replaced = Event::SupplyReplaced { index: "1.1".into(), description: String::new(), from: None, to: None };
    books.commit(reorder::react(&replaced, &low(1).1), Millis(0));
    assert_eq!((books.needs[0].status, books.needs[0].reasons.len()), (NeedStatus::Open, 1));
    books.commit(reorder::react(&replaced, &low(2).1), Millis(0));
    assert_eq!(books.needs[0].status, NeedStatus::Closed);
    assert!(books.lines.is_empty());
}

#[test]
fn without_an_article_or_a_supplier_the_need_still_opens() {
    let (event, facts) = low(9);
    let nameless = ReorderFacts { article: None, ..facts.clone() };
    let actions = reorder::react(&event, &nameless);
    assert!(
        matches!(&actions[..], [Action::OpenNeed { key, article: None, .. }] if key == "supply:9/1.1"),
        "{actions:?}"
    );
    let unsold = ReorderFacts { article: Some(article(1, None)), ..facts };
    let actions = reorder::react(&event, &unsold);
    assert!(matches!(&actions[..], [Action::OpenNeed { key, .. }] if key == "article:1"), "{actions:?}");
}

#[test]
fn what_is_on_its_way_is_not_ordered_again() {
    let (event, facts) = low(9);
    let coming = ReorderFacts { ordered: 1, ..facts };
    assert!(!reorder::react(&event, &coming).iter().any(|a| matches!(a, Action::AddDraftLine { .. })));
}

#[test]
fn candidates_without_a_fit_are_not_chosen() {
    let (event, _) = low(1);
    let Event::SupplyLow { supply } = event else { panic!() };
    let other = Article { part_number: "CF259A".into(), ..article(2, Some(1)) };
    let fits = vec![Fit::new("HP", "LaserJet Pro M404*")];
    let candidates = vec![Candidate { article: other, fits, discontinued: false }];
    let all = Catalogue { candidates, learnt: Vec::new() };
    assert!(reorder::choose_article(&supply, Some("Kyocera"), Some("P2040dn"), &all, &[]).is_none());
    assert!(reorder::choose_article(&supply, Some("HP"), Some("LaserJet Pro M404n"), &all, &[]).is_some());
}

// ---- repair ----

fn facts(ticket: Option<KnownTicket>) -> RepairFacts {
    RepairFacts {
        device: DeviceId(5),
        device_name: "Касса".into(),
        kind: Some(DeviceKind::Printer),
        functions: vec![],
        language: "ru".into(),
        ticket,
        now: Millis(1_760_000_000_000),
        behind: None,
        explained: None,
    }
}

fn raised(class: ProblemClass, priority: u8) -> Event {
    Event::ProblemRaised {
        problem: Problem {
            key: ProblemKey { class, component: "fuser".into() },
            detail: "50.2 Fuser Error".into(),
            priority,
            first_seen: Millis(0),
            last_seen: Millis(0),
            seen: 2,
            missed: 0,
            raised: true,
            hidden: false,
            missed_since: None,
            source: None,
        },
    }
}

fn ticket(status: TicketStatus, touched: bool, resolved_hours_ago: Option<i64>) -> Option<KnownTicket> {
    let now = facts(None).now;
    let resolved_at = resolved_hours_ago.map(|h| now.plus(-h * Millis::HOUR));
    Some(KnownTicket { id: TicketId(8), status, touched, resolved_at })
}

fn one(actions: Vec<Action>) -> String {
    match &actions[..] {
        [Action::OpenTicket { title, priority, .. }] => format!("open P{priority} {title}"),
        [Action::NoteTicket { text, .. }] => format!("note {text}"),
        [Action::ReopenTicket { .. }] => "reopen".into(),
        [Action::ResolveTicket { automatic, .. }] => format!("resolve {automatic}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_problem_is_opened_noted_or_reopened() {
    let event = raised(ProblemClass::Repair, 3);
    let with = |t| one(repair::react(&event, &facts(t)));
    assert_eq!(with(None), "open P3 Касса: неисправность: 50.2 Fuser Error");
    assert!(with(ticket(TicketStatus::New, false, None)).starts_with("note "));
    assert_eq!(with(ticket(TicketStatus::Resolved, false, Some(71))), "reopen");
    assert_eq!(with(ticket(TicketStatus::Closed, true, Some(72))), "reopen");
    assert!(with(ticket(TicketStatus::Resolved, false, Some(73))).starts_with("open"));
    assert!(with(ticket(TicketStatus::Cancelled, true, Some(1))).starts_with("open"), "a person said it is none");
}

#[test]
fn a_touched_ticket_is_only_noted() {
    let event = Event::ProblemCleared { key: ProblemKey { class: ProblemClass::Repair, component: "fuser".into() } };
    let with = |t| one(repair::react(&event, &facts(t)));
    assert_eq!(with(ticket(TicketStatus::New, false, None)), "resolve true");
    assert!(with(ticket(TicketStatus::InProgress, true, None)).starts_with("note "));
    assert!(with(ticket(TicketStatus::WaitingParts, false, None)).starts_with("note "));
    assert_eq!(with(ticket(TicketStatus::Resolved, false, Some(1))), "[]");
    assert_eq!(with(None), "[]");
}

#[test]
fn a_shared_mfp_is_more_urgent_than_a_desk_printer() {
    let mfp = RepairFacts { functions: vec![PrinterFunction::Print, PrinterFunction::Scan], ..facts(None) };
    let priority = |class, f: &RepairFacts| one(repair::react(&raised(class, 3), f))[5..7].to_owned();
    assert_eq!(priority(ProblemClass::Down, &mfp), "P2");
    assert_eq!(priority(ProblemClass::Down, &facts(None)), "P3");
    assert_eq!(priority(ProblemClass::Configuration, &mfp), "P3");
    // Other events are not for this workflow.
    assert!(repair::react(&Event::Restarted, &mfp).is_empty());
    let english = RepairFacts { language: "en".into(), ..facts(None) };
    assert_eq!(one(repair::react(&raised(ProblemClass::Down, 3), &english)), "open P3 Касса: does not answer");
}
