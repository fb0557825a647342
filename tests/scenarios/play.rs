//! Plays one scenario: readings poll by poll, a tick after each, and what people do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anykey::clock::Clock;
use anykey::engine::{Actor, CommandSource, Engine, EngineHandle};
use anykey::model::*;
use anykey::sla::{Agreement, Happened};
use anykey::status::Policy;
use anykey::store::read::Paging;
use anykey::store::read::tickets::{self, TicketFilter, TicketState};
use anykey::store::testing::{TestDatabase, rows};
use anykey::store::{Store, notice, service};
use jiff::tz::TimeZone;

use super::form::{self, Expect, Scenario, Step};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    Ping,
    Flap,
    Unasked,
}

struct Thing {
    id: i64,
    name: String,
    kind: DeviceKind,
    address: String,
    on: Option<String>,
    answer: Answer,
    turn: bool,
    shows: Option<PrinterFacts>,
    jam: bool,
    pages: Option<u64>,
    toner: Option<i64>,
}

struct Play<'a> {
    database: &'a TestDatabase,
    store: Store,
    engine: EngineHandle,
    clock: Clock,
    zone: TimeZone,
    poll: Duration,
    things: Vec<Thing>,
    sites: BTreeMap<String, i64>,
    links: BTreeMap<String, Vec<String>>,
    ports: BTreeMap<String, String>,
    faults: Vec<String>,
}

fn kind(word: &str) -> DeviceKind {
    DeviceKind::parse(word).unwrap_or_else(|| panic!("no such kind: {word}"))
}

fn mac(id: i64) -> String {
    format!("00:c0:ee:00:{:02x}:{:02x}", id / 256, id % 256)
}

fn epoch(text: &str, zone: &TimeZone) -> Millis {
    let local: jiff::civil::DateTime = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
    Millis(zone.to_timestamp(local).unwrap().as_millisecond())
}

/// What went wrong, step by step; nothing: the scenario holds.
pub async fn play(database: &TestDatabase, s: &Scenario) -> Vec<String> {
    let first = s.site.first().map_or(&s.zone, |site| &site.zone);
    let zone = TimeZone::get(first).unwrap_or_else(|e| panic!("{first}: {e}"));
    let clock = Clock::manual(epoch(&s.start, &zone));
    let store = database.open().await;
    let engine = Engine::start(store.clone(), clock.clone(), Policy::default());
    let mut play = Play {
        database,
        store,
        engine,
        clock,
        zone,
        poll: humantime::parse_duration(&s.poll).unwrap(),
        things: Vec::new(),
        sites: BTreeMap::new(),
        links: BTreeMap::new(),
        ports: BTreeMap::new(),
        faults: Vec::new(),
    };
    play.build(s).await;
    for (number, step) in s.step.iter().enumerate() {
        for _ in 0..step.times.unwrap_or(1) {
            play.until(&step.at).await;
            play.act(step).await;
        }
        if let Some(expect) = &step.expect {
            let before = play.faults.len();
            play.expect(expect).await;
            for fault in &mut play.faults[before..] {
                *fault = format!("step {} ({}): {fault}", number + 1, step.at);
            }
        }
    }
    play.engine.stop().await;
    play.store.close().await;
    play.faults
}

impl Play<'_> {
    async fn build(&mut self, s: &Scenario) {
        self.done(Command::SetSetting { key: "language".into(), value: s.language.clone() }).await;
        let listed: Vec<(String, String)> = s.site.iter().map(|x| (x.name.clone(), x.zone.clone())).collect();
        let main = vec![("Main".to_owned(), s.zone.clone())];
        for (name, time_zone) in if listed.is_empty() { main } else { listed } {
            let id = self.done(Command::AddSite { name: name.clone(), time_zone }).await;
            self.sites.insert(name, id);
        }
        let first = s.site.first().map_or("Main", |x| &x.name);
        for d in &s.device {
            let site = self.sites[d.site.as_deref().unwrap_or(first)];
            for n in 1..=d.count.unwrap_or(1) {
                let name = if d.count.is_some() { format!("{}{n}", d.name) } else { d.name.clone() };
                self.device(d, name, site).await;
            }
        }
        let all: Vec<(String, String)> =
            s.device.iter().filter_map(|d| Some((d.name.clone(), d.parent.clone()?))).collect();
        for (name, parent) in all {
            for id in self.ids(&[name]) {
                self.say_parent(id, &parent).await;
            }
        }
        self.wiring().await;
        self.engine.tick().await.unwrap();
    }

    async fn device(&mut self, d: &form::Device, name: String, site: i64) {
        let id = self.things.len() as i64 + 1;
        let mut functions = vec![PrinterFunction::Print];
        if d.mfp {
            functions.extend([PrinterFunction::Copy, PrinterFunction::Scan]);
        }
        let facts = Facts {
            kind: Some(kind(&d.kind)),
            vendor: Some(d.vendor.clone().unwrap_or_else(|| "Kyocera".into())),
            serial: Some(format!("SCN{id:06}")),
            sys_name: Some(name.clone()),
            sys_object_id: Some("1.3.6.1.4.1.99999.1".into()),
            base_mac: Some(mac(id)),
            functions: if d.kind == "printer" { functions } else { Vec::new() },
            ..Facts::default()
        };
        let thing = Thing {
            id,
            name: name.clone(),
            kind: kind(&d.kind),
            address: format!("10.{site}.{}.{}", id / 250, id % 250 + 1),
            on: d.on.clone(),
            answer: Answer::Yes,
            turn: false,
            shows: None,
            jam: false,
            pages: None,
            toner: None,
        };
        let subject = Subject::Discovered { site, credential: None, range: None };
        let mut reading = self.reading(&thing, ProbeClass::Inventory, facts);
        reading.subject = subject;
        self.engine.reading(reading).await.unwrap();
        self.links.insert(name, d.links.clone());
        self.things.push(thing);
    }

    /// Forwarding tables, neighbours and ports, as the class of neighbours tells them.
    async fn wiring(&mut self) {
        for at in 0..self.things.len() {
            let name = self.things[at].name.clone();
            let behind: Vec<(i64, String)> = self
                .things
                .iter()
                .filter(|t| t.on.as_deref() == Some(&name))
                .map(|t| (t.id, self.ports.get(&t.name).cloned().unwrap_or_else(|| "up".into())))
                .collect();
            let index = |id: i64| u32::try_from(id).ok();
            let fdb = behind.iter().map(|(id, _)| FdbEntry {
                mac: mac(*id),
                if_index: index(*id),
                port: Some(format!("gi{id}")),
                vlan: Some(1),
                status: None,
            });
            let ports = behind.iter().map(|(id, oper)| Port {
                if_index: index(*id).unwrap_or(0),
                name: format!("gi{id}"),
                oper: Some(oper.clone()),
                physical: true,
                ..Port::default()
            });
            let links = self.links[&name].iter().filter_map(|other| self.things.iter().find(|t| t.name == *other)).map(
                |other| Link {
                    protocol: "lldp".into(),
                    local_if_index: index(other.id),
                    remote_chassis: Some(mac(other.id)),
                    ..Link::default()
                },
            );
            let facts = Facts {
                fdb: (!behind.is_empty()).then(|| fdb.collect()),
                ports: (!behind.is_empty()).then(|| ports.collect()),
                links: Some(links.collect()),
                ..Facts::default()
            };
            if self.things[at].answer == Answer::Yes && self.things[at].kind.is_infrastructure() {
                let reading = self.reading(&self.things[at], ProbeClass::Neighbors, facts);
                self.engine.reading(reading).await.unwrap();
            }
        }
    }

    fn reading(&self, t: &Thing, class: ProbeClass, facts: Facts) -> Reading {
        Reading {
            subject: Subject::Known { device: DeviceId(t.id) },
            address: t.address.parse().unwrap(),
            port: 161,
            poller: "main".into(),
            at: self.clock.now(),
            class,
            source: Source::Snmp,
            outcome: Outcome::Answered { rtt_ms: 1.0 },
            facts,
        }
    }

    /// Time goes on, poll by poll, to a moment.
    async fn until(&mut self, at: &str) {
        let now = self.clock.now();
        let to = if let Some(wait) = at.strip_prefix('+') {
            now.plus(humantime::parse_duration(wait).unwrap_or_else(|e| panic!("{at}: {e}")).as_millis() as i64)
        } else if at.contains('T') {
            epoch(at, &self.zone)
        } else {
            let today = jiff::Timestamp::from_millisecond(now.0).unwrap().to_zoned(self.zone.clone()).date();
            let here = epoch(&format!("{today}T{at}"), &self.zone);
            if here > now { here } else { here.plus(Millis::DAY) }
        };
        assert!(to >= now, "{at} lies in the past");
        let step = self.poll.as_millis() as i64;
        while self.clock.now().plus(step) <= to {
            self.clock.advance(self.poll);
            self.poll_all().await;
        }
        let rest = to.since(self.clock.now());
        if rest > 0 {
            self.clock.advance(Duration::from_millis(rest as u64));
            self.engine.tick().await.unwrap();
        }
    }

    async fn poll_all(&mut self) {
        let mut readings = Vec::new();
        for i in 0..self.things.len() {
            let (yes, outcome) = match self.things[i].answer {
                Answer::Unasked => continue,
                Answer::Yes => (true, Outcome::Answered { rtt_ms: 1.0 }),
                Answer::No => (false, Outcome::Silent),
                Answer::Ping => (false, Outcome::PingOnly { rtt_ms: 1.0 }),
                Answer::Flap => {
                    self.things[i].turn = !self.things[i].turn;
                    let up = self.things[i].turn;
                    (up, if up { Outcome::Answered { rtt_ms: 1.0 } } else { Outcome::Silent })
                }
            };
            let t = &self.things[i];
            let alive = self.reading(t, ProbeClass::Reachability, Facts::default());
            readings.push(Reading { outcome, ..alive });
            if yes && (t.shows.is_some() || t.jam || t.pages.is_some()) {
                let mut shows = t.shows.clone().unwrap_or_default();
                shows.page_count = t.pages;
                let alerts = shows.alerts.get_or_insert_default();
                if t.jam {
                    alerts.push(Alert { code_name: Some("jam".into()), ..alert(8, "critical", "Paper jam") });
                }
                let facts = Facts { printer: Some(shows), ..Facts::default() };
                readings.push(self.reading(t, ProbeClass::Status, facts));
            }
            if let Some(level) = t.toner.filter(|_| yes) {
                let facts = Facts { supplies: Some(vec![toner(level)]), ..Facts::default() };
                readings.push(self.reading(t, ProbeClass::Supplies, facts));
            }
            if self.things[i].jam && yes {
                self.things[i].jam = false;
                self.things[i].shows.get_or_insert_default();
            }
        }
        for r in readings {
            self.engine.reading(r).await.unwrap();
        }
        self.engine.tick().await.unwrap();
    }

    fn ids(&self, names: &[String]) -> Vec<i64> {
        let mut found = Vec::new();
        for name in names {
            let prefix = name.strip_suffix('*');
            let here: Vec<i64> = self
                .things
                .iter()
                .filter(|t| t.name == *name || prefix.is_some_and(|p| t.name.starts_with(p)))
                .map(|t| t.id)
                .collect();
            assert!(!here.is_empty(), "no device is called {name}");
            found.extend(here);
        }
        found
    }

    fn thing(&mut self, name: &str) -> &mut Thing {
        self.things.iter_mut().find(|t| t.name == name).unwrap_or_else(|| panic!("no device is called {name}"))
    }

    fn one(&self, name: &str) -> DeviceId {
        DeviceId(self.ids(&[name.to_owned()])[0])
    }

    async fn say_parent(&mut self, id: i64, parent: &str) {
        let parent = (!parent.is_empty()).then(|| self.one(parent));
        self.done(Command::SetParent { device: DeviceId(id), parent }).await;
    }

    async fn command(&self, command: Command) -> Result<i64, String> {
        let actor = Actor { who: "anna".into(), source: CommandSource::Web };
        self.engine.command(actor, command).await.map(|d| d.id.unwrap_or(0)).map_err(|e| e.to_string())
    }

    async fn done(&self, command: Command) -> i64 {
        self.command(command.clone()).await.unwrap_or_else(|e| panic!("{command:?}: {e}"))
    }

    async fn act(&mut self, s: &Step) {
        for (names, answer) in [
            (&s.silent, Answer::No),
            (&s.answer, Answer::Yes),
            (&s.ping, Answer::Ping),
            (&s.flap, Answer::Flap),
            (&s.unasked, Answer::Unasked),
        ] {
            let ids = self.ids(names);
            for t in self.things.iter_mut().filter(|t| ids.contains(&t.id)) {
                t.answer = answer;
            }
        }
        for (name, alerts) in &s.alerts {
            let shown = alerts.iter().enumerate().map(|(i, a)| Alert {
                index: format!("1.{}", i + 1),
                training: a.training.clone(),
                ..alert(a.code.unwrap_or(1), &a.severity, &a.text)
            });
            self.thing(name).shows.get_or_insert_default().alerts = Some(shown.collect());
        }
        for (name, bits) in &s.bits {
            self.thing(name).shows.get_or_insert_default().detected_errors = Some(bits.clone());
        }
        for (name, text) in &s.console {
            let lines = if text.is_empty() { Vec::new() } else { vec![text.clone()] };
            self.thing(name).shows.get_or_insert_default().console = lines;
        }
        for name in &s.jam {
            self.thing(name).jam = true;
        }
        for (name, pages) in &s.pages {
            self.thing(name).pages = Some(*pages);
        }
        for (name, level) in &s.toner {
            self.thing(name).toner = Some(*level);
        }
        if !s.port.is_empty() {
            self.ports.extend(s.port.clone());
            self.wiring().await;
        }
        if s.restart {
            self.engine.stop().await;
            self.store.close().await;
            self.store = self.database.open().await;
            self.engine = Engine::start(self.store.clone(), self.clock.clone(), Policy::default());
        }
        for command in self.commands(s) {
            match (self.command(command.clone()).await, s.refused) {
                (Ok(_), true) => self.faults.push(format!("was not refused: {command:?}")),
                (Err(e), false) => self.faults.push(format!("{command:?}: {e}")),
                _ => {}
            }
        }
        self.engine.tick().await.unwrap();
    }

    /// What people do in a step.
    fn commands(&self, s: &Step) -> Vec<Command> {
        let ticket = |number: &str| TicketId(number.parse().unwrap_or_else(|e| panic!("ticket {number}: {e}")));
        let mut all = Vec::new();
        let status = |word: &str| TicketStatus::parse(word).unwrap_or_else(|| panic!("no such status: {word}"));
        all.extend(s.open.iter().map(|(d, title)| Command::OpenTicket {
            device: self.one(d),
            title: title.clone(),
            priority: 3,
        }));
        all.extend(s.report.iter().map(|r| Command::ReportFault {
            report: FaultReport {
                device: self.one(&r.device),
                title: r.title.clone(),
                text: String::new(),
                reporter: "Касса".into(),
                ticket: r.known.map(TicketId),
            },
        }));
        all.extend(s.comment.iter().map(|(t, text)| Command::CommentTicket { ticket: ticket(t), text: text.clone() }));
        all.extend(s.status.iter().map(|(t, w)| Command::SetTicketStatus { ticket: ticket(t), status: status(w) }));
        all.extend(s.priority.iter().map(|(t, p)| Command::SetTicketPriority { ticket: ticket(t), priority: *p }));
        all.extend(s.merge.iter().map(|(t, into)| Command::MergeTicket { ticket: ticket(t), into: TicketId(*into) }));
        all.extend(s.target.iter().map(|(p, [response, restore])| Command::Service {
            change: ServiceChange::Target {
                priority: p.parse().unwrap(),
                target: SlaTarget { response_minutes: *response, restore_minutes: *restore },
            },
        }));
        all.extend(s.pauses.iter().map(|list| Command::Service {
            change: ServiceChange::Pauses { statuses: list.iter().map(|w| status(w)).collect() },
        }));
        all.extend(s.day.iter().map(|(date, kind)| Command::Service {
            change: ServiceChange::Day {
                site: None,
                date: date.parse().unwrap(),
                kind: DayKind::parse(kind),
                note: String::new(),
            },
        }));
        all.extend(s.retire.iter().map(|d| Command::RetireDevice { device: self.one(d) }));
        all.extend(
            s.parent
                .iter()
                .map(|(d, p)| Command::SetParent { device: self.one(d), parent: (!p.is_empty()).then(|| self.one(p)) }),
        );
        all.extend(s.window.iter().map(|w| Command::PlanMaintenance {
            window: NewWindow {
                site: w.site.as_ref().map(|name| SiteId(self.sites[name])),
                device: w.device.as_ref().map(|name| self.one(name)),
                starts_at: epoch(&w.from, &self.zone),
                ends_at: epoch(&w.to, &self.zone),
                weekly: w.weekly,
                reason: "Плановые работы".into(),
            },
        }));
        all.extend(s.end_window.iter().map(|id| Command::EndMaintenance { window: *id }));
        all
    }

    fn name(&self, id: i64) -> String {
        self.things.iter().find(|t| t.id == id).map_or_else(|| format!("device {id}"), |t| t.name.clone())
    }

    async fn expect(&mut self, e: &Expect) {
        let filter = TicketFilter { state: TicketState::All, ..TicketFilter::default() };
        let paging = Paging { page: 1, per_page: 500 };
        let mut all = tickets::list(self.store.db(), &filter, paging).await.unwrap().rows;
        all.sort_by_key(|t| t.id.0);
        if let Some(want) = &e.tickets {
            let told: Vec<String> = all
                .iter()
                .map(|t| {
                    let who = t.device.map_or_else(|| t.site_name.clone(), |d| self.name(d.0));
                    let merged = t.merged_into.map(|m| format!(" merged #{m}")).unwrap_or_default();
                    let reopened = if t.reopened > 0 { format!(" reopened {}", t.reopened) } else { String::new() };
                    let (class, component) = (t.class.as_str(), &t.component);
                    format!(
                        "#{} {who} {class}/{component} {} P{}{merged}{reopened}",
                        t.id,
                        t.status.as_str(),
                        t.priority
                    )
                })
                .collect();
            self.same("tickets", &told, want);
        }
        for (number, words) in &e.title {
            let title = all.iter().find(|t| t.id.to_string() == *number).map(|t| t.title.clone()).unwrap_or_default();
            if !title.contains(words) {
                self.faults.push(format!("the title of #{number} is \"{title}\" and lacks \"{words}\""));
            }
        }
        if let Some(want) = &e.reach {
            self.reach(want).await;
        }
        if let Some(want) = &e.clocks {
            let mut told = Vec::new();
            for t in &all {
                if want.iter().any(|w| w.starts_with(&format!("#{} ", t.id))) {
                    told.push(self.clock_of(t.id).await);
                }
            }
            self.same("clocks", &told, want);
        }
        for (number, want) in &e.escalated {
            let detail = tickets::one(self.store.db(), TicketId(number.parse().unwrap())).await.unwrap().unwrap();
            let told: Vec<u16> =
                detail.events.iter().filter(|v| v.kind == "escalated").filter_map(|v| v.body.parse().ok()).collect();
            if told != *want {
                self.faults.push(format!("#{number} escalated at {told:?}, not {want:?}"));
            }
        }
        if let Some(want) = &e.notices {
            let lines = notice::released(self.store.db(), 0, 1_000).await.unwrap();
            let mut groups: Vec<(i64, String, Vec<String>)> = Vec::new();
            for l in lines {
                if groups.last().is_none_or(|g| g.0 != l.group_id) {
                    groups.push((l.group_id, l.site_name.clone(), Vec::new()));
                }
                if let Some(group) = groups.last_mut() {
                    group.2.push(format!("{} #{}", l.said, l.ticket_id));
                }
            }
            let told: Vec<String> =
                groups.into_iter().map(|(_, site, said)| format!("{site}: {}", said.join(", "))).collect();
            self.same("notices", &told, want);
        }
        if let Some(want) = &e.hidden {
            let sql = "SELECT parent_id, COUNT(*) FROM hidden WHERE until IS NULL GROUP BY parent_id";
            let told: BTreeMap<String, usize> =
                rows(&self.store, sql).await.iter().map(|r| (self.name(r[0]), r[1] as usize)).collect();
            if told != *want {
                self.faults.push(format!("hidden: {told:?}, not {want:?}"));
            }
        }
        if let Some(want) = e.needs {
            let told = rows(&self.store, "SELECT COUNT(*) FROM need WHERE status <> 'closed'").await[0][0];
            if told != want {
                self.faults.push(format!("{told} open needs, not {want}"));
            }
        }
    }

    async fn reach(&mut self, want: &BTreeMap<String, Vec<String>>) {
        let mut told: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
        for reach in Reach::ALL.into_iter().filter(|r| *r != Reach::Ok) {
            let sql = format!("SELECT id FROM device WHERE reach = '{}' AND lifecycle = 'active'", reach.as_str());
            let here: BTreeSet<i64> = rows(&self.store, &sql).await.iter().map(|r| r[0]).collect();
            if !here.is_empty() {
                told.insert(reach.as_str(), here);
            }
        }
        let want: BTreeMap<&str, BTreeSet<i64>> =
            want.iter().map(|(word, names)| (word.as_str(), self.ids(names).into_iter().collect())).collect();
        if told != want {
            let words = |all: &BTreeMap<&str, BTreeSet<i64>>| {
                let names = |ids: &BTreeSet<i64>| ids.iter().map(|i| self.name(*i)).collect::<Vec<_>>().join(" ");
                all.iter().map(|(w, ids)| format!("{w}: {}", names(ids))).collect::<Vec<_>>().join("; ")
            };
            let fault = format!("states are {{{}}}, not {{{}}}", words(&told), words(&want));
            self.faults.push(fault);
        }
    }

    async fn clock_of(&self, id: TicketId) -> String {
        let detail = tickets::one(self.store.db(), id).await.unwrap().unwrap();
        let t = &detail.ticket;
        let agreement = Agreement::of(&service::terms(self.store.db(), t.site).await.unwrap());
        let first = detail.events.iter().find(|e| e.kind == "priority").map(|_| ());
        let opened = u8::try_from(t.priority).unwrap_or(5);
        let mut history = vec![Happened::opened(t.opened_at, opened)];
        history.extend(detail.events.iter().filter_map(|e| Happened::of(e.at, &e.author, &e.kind, &e.body)));
        let _ = first;
        let Some(c) = agreement.clock(&history, self.clock.now()) else { return format!("#{id} no clock") };
        let time = |ms: i64| format!("{}:{:02}", ms / Millis::HOUR, ms / Millis::MINUTE % 60);
        let state = |s: anykey::sla::State| format!("{s:?}").to_lowercase();
        let missed = if c.restore.is_missed() { " missed" } else { "" };
        format!(
            "#{id} response {} {}, restore {} of {} {}{missed}, felt {}",
            time(c.response.elapsed_ms),
            state(c.response.state),
            time(c.restore.elapsed_ms),
            time(c.restore.target_ms),
            state(c.restore.state),
            time(c.felt_ms)
        )
    }

    fn same(&mut self, what: &str, told: &[String], want: &[String]) {
        if told != want {
            self.faults.push(format!("{what} are\n    {}\n  not\n    {}", told.join("\n    "), want.join("\n    ")));
        }
    }
}

fn alert(code: i64, severity: &str, text: &str) -> Alert {
    Alert {
        index: "1.1".into(),
        severity: Some(severity.into()),
        training: None,
        group: None,
        group_index: None,
        code: Some(code),
        code_name: None,
        description: text.into(),
        location: None,
    }
}

fn toner(level: i64) -> Supply {
    Supply {
        index: "1.1".into(),
        kind: SupplyKind::Toner,
        color: Some("black".into()),
        description: "Black toner".into(),
        part_number: None,
        serial: None,
        max_capacity: Some(100),
        level: Some(level),
        level_percent: Some(level as f64),
        level_state: LevelState::Known,
        receptacle: false,
        fill_percent: None,
        unit: Some("percent".into()),
        source: Source::Snmp,
    }
}
