//! Any interleaving of readings, ticks, windows and commands keeps: at most one open ticket a key, what is hidden is not
//! lost, every clock is what the history says. Seeded: a failure names its seed and step.

use std::collections::BTreeSet;
use std::time::Duration;

use anykey::clock::Clock;
use anykey::engine::{Actor, CommandSource, Engine, EngineHandle};
use anykey::model::*;
use anykey::sla::{Agreement, Happened};
use anykey::status::Policy;
use anykey::store::read::tickets;
use anykey::store::testing::{TestDatabase, rows};
use anykey::store::{Store, service};

const START: Millis = Millis(1_772_431_200_000);
const STEPS: usize = 260;
const PRINTERS: std::ops::RangeInclusive<i64> = 4..=9;
const ALL: std::ops::RangeInclusive<i64> = 1..=9;

struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

struct Life {
    database: TestDatabase,
    store: Store,
    engine: EngineHandle,
    clock: Clock,
    chance: Chance,
    /// Devices that are broken in truth; what hangs behind one is not heard either.
    broken: BTreeSet<i64>,
    fuser: BTreeSet<i64>,
    /// Our own network.
    deaf: bool,
    windows: Vec<i64>,
}

fn mac(id: i64) -> String {
    format!("00:c0:ab:00:00:{id:02x}")
}

impl Life {
    async fn begin(seed: u64) -> Life {
        let database = TestDatabase::sqlite();
        let store = database.open().await;
        let clock = Clock::manual(START);
        let engine = Engine::start(store.clone(), clock.clone(), Policy::default());
        let life = Life {
            database,
            store,
            engine,
            clock,
            chance: Chance(seed),
            broken: BTreeSet::new(),
            fuser: BTreeSet::new(),
            deaf: false,
            windows: Vec::new(),
        };
        life.command(Command::AddSite { name: "Main".into(), time_zone: "Asia/Omsk".into() }).await.unwrap();
        for id in ALL {
            let kind = match id {
                1 => DeviceKind::Router,
                2 | 3 => DeviceKind::Switch,
                _ => DeviceKind::Printer,
            };
            let facts = Facts {
                kind: Some(kind),
                vendor: Some("Kyocera".into()),
                serial: Some(format!("ANY{id:05}")),
                base_mac: Some(mac(id)),
                sys_name: Some(format!("d{id}")),
                ..Facts::default()
            };
            let mut reading = life.reading(id, ProbeClass::Inventory, facts);
            reading.subject = Subject::Discovered { site: 1, credential: None, range: None };
            life.engine.reading(reading).await.unwrap();
        }
        for (switch, printers) in [(2, 4..=6), (3, 7..=9)] {
            let entry = |n: i64| FdbEntry {
                mac: mac(n),
                if_index: Some(n as u32),
                port: Some(format!("gi{n}")),
                vlan: Some(1),
                status: None,
            };
            let link = |n: i64| Link {
                protocol: "lldp".into(),
                local_if_index: Some(n as u32),
                remote_chassis: Some(mac(n)),
                ..Link::default()
            };
            let facts =
                Facts { fdb: Some(printers.map(entry).collect()), links: Some(vec![link(1)]), ..Facts::default() };
            let reading = life.reading(switch, ProbeClass::Neighbors, facts);
            life.engine.reading(reading).await.unwrap();
        }
        life.engine.tick().await.unwrap();
        life
    }

    fn reading(&self, id: i64, class: ProbeClass, facts: Facts) -> Reading {
        Reading {
            subject: Subject::Known { device: DeviceId(id) },
            address: format!("10.0.0.{id}").parse().unwrap(),
            port: 161,
            poller: "main".into(),
            at: self.clock.now(),
            class,
            source: Source::Snmp,
            outcome: Outcome::Answered { rtt_ms: 1.0 },
            facts,
        }
    }

    async fn command(&self, command: Command) -> Result<i64, String> {
        let actor = Actor { who: "anna".into(), source: CommandSource::Web };
        self.engine.command(actor, command).await.map(|d| d.id.unwrap_or(0)).map_err(|e| e.to_string())
    }

    fn heard(&self, id: i64) -> bool {
        let above: &[i64] = match id {
            1 => &[],
            2 | 3 => &[1],
            4..=6 => &[2, 1],
            _ => &[3, 1],
        };
        !self.deaf && !self.broken.contains(&id) && above.iter().all(|a| !self.broken.contains(a))
    }

    async fn ask(&mut self, id: i64) {
        let heard = self.heard(id);
        let mut reading = self.reading(id, ProbeClass::Reachability, Facts::default());
        if !heard {
            reading.outcome = Outcome::Silent;
        }
        self.engine.reading(reading).await.unwrap();
        if heard && PRINTERS.contains(&id) {
            let broken = self.fuser.contains(&id).then(|| Alert {
                index: "1.1".into(),
                severity: Some("critical".into()),
                training: None,
                group: None,
                group_index: None,
                code: Some(1004),
                code_name: None,
                description: "Fuser failure".into(),
                location: None,
            });
            let printer = PrinterFacts { alerts: Some(broken.into_iter().collect()), ..PrinterFacts::default() };
            let facts = Facts { printer: Some(printer), ..Facts::default() };
            self.engine.reading(self.reading(id, ProbeClass::Status, facts)).await.unwrap();
        }
    }

    async fn step(&mut self) {
        self.clock.advance(Duration::from_secs(60 + self.chance.below(420)));
        let device = 1 + self.chance.below(9) as i64;
        match self.chance.below(12) {
            0 => {
                self.broken.insert(device);
            }
            1 | 2 => self.broken.retain(|d| *d != device),
            3 if PRINTERS.contains(&device) && !self.fuser.remove(&device) => {
                self.fuser.insert(device);
            }
            4 => self.deaf = self.chance.one_in(4),
            5 => self.person().await,
            6 if self.chance.one_in(4) => self.restart().await,
            _ => {}
        }
        // Any order, some twice, some not at all.
        for _ in 0..self.chance.below(14) {
            let id = 1 + self.chance.below(9) as i64;
            self.ask(id).await;
            if self.chance.one_in(5) {
                self.engine.tick().await.unwrap();
            }
        }
        self.engine.tick().await.unwrap();
    }

    async fn restart(&mut self) {
        self.engine.stop().await;
        self.store.close().await;
        self.store = self.database.open().await;
        self.engine = Engine::start(self.store.clone(), self.clock.clone(), Policy::default());
    }

    /// Whatever a person does; a refusal is an answer too.
    async fn person(&mut self) {
        let tickets = rows(&self.store, "SELECT id FROM ticket ORDER BY id").await;
        let now = self.clock.now();
        let any = |chance: &mut Chance| tickets.get(chance.below(tickets.len().max(1) as u64) as usize).map(|r| r[0]);
        let (one, two) = (any(&mut self.chance), any(&mut self.chance));
        let command = match (self.chance.below(6), one, two) {
            (0, Some(t), _) => {
                let status = TicketStatus::ALL[self.chance.below(10) as usize];
                Command::SetTicketStatus { ticket: TicketId(t), status }
            }
            (1, Some(t), _) => {
                Command::SetTicketPriority { ticket: TicketId(t), priority: 1 + self.chance.below(5) as u8 }
            }
            (2, Some(t), _) => Command::CommentTicket { ticket: TicketId(t), text: "смотрю".into() },
            (3, Some(t), Some(into)) => Command::MergeTicket { ticket: TicketId(t), into: TicketId(into) },
            (4, ..) => Command::PlanMaintenance {
                window: NewWindow {
                    site: None,
                    device: Some(DeviceId(1 + self.chance.below(9) as i64)),
                    starts_at: now,
                    ends_at: now.plus((1 + self.chance.below(120) as i64) * Millis::MINUTE),
                    weekly: false,
                    reason: "Работы".into(),
                },
            },
            _ => match self.windows.pop() {
                Some(window) => Command::EndMaintenance { window },
                None => return,
            },
        };
        let plans = matches!(command, Command::PlanMaintenance { .. });
        if let (Ok(id), true) = (self.command(command).await, plans) {
            self.windows.push(id);
        }
    }

    /// What holds at any moment after a tick.
    async fn check(&self, told: &str) {
        let doubled = "SELECT device_id, COUNT(*) FROM ticket WHERE status NOT IN ('resolved', 'closed', 'cancelled') \
                       AND class <> 'reported' AND device_id IS NOT NULL \
                       GROUP BY device_id, class, component HAVING COUNT(*) > 1";
        assert!(rows(&self.store, doubled).await.is_empty(), "{told}: two open tickets of one key");
        let network = "SELECT COUNT(*) FROM ticket WHERE device_id IS NULL AND class = 'network' \
                       AND status NOT IN ('resolved', 'closed', 'cancelled')";
        assert!(rows(&self.store, network).await[0][0] <= 1, "{told}: two tickets of the network");
        let hidden = "SELECT d.id FROM device d LEFT JOIN hidden h ON h.device_id = d.id AND h.until IS NULL \
                      WHERE (d.reach = 'unreachable') <> (h.id IS NOT NULL)";
        assert!(rows(&self.store, hidden).await.is_empty(), "{told}: hidden and not said, or said and not hidden");
        // A raised problem has a ticket: open, or ended by a person.
        let raised = "SELECT d.id FROM device d WHERE d.reach = 'down' AND d.state LIKE '%\"class\":\"down\",%\"raised\":true%' \
                      AND NOT EXISTS (SELECT 1 FROM ticket t WHERE t.device_id = d.id AND t.class = 'down' \
                      AND (t.status NOT IN ('resolved', 'closed', 'cancelled') OR t.touched = 1))";
        assert!(rows(&self.store, raised).await.is_empty(), "{told}: a failure without a ticket");
        let agreement = Agreement::of(&service::terms(self.store.db(), SiteId(1)).await.unwrap());
        let open = "SELECT id FROM ticket WHERE status NOT IN ('resolved', 'closed', 'cancelled')";
        for row in rows(&self.store, open).await {
            let t = tickets::one(self.store.db(), TicketId(row[0])).await.unwrap().unwrap();
            let opened = Happened::opened(t.ticket.opened_at, u8::try_from(t.ticket.priority).unwrap());
            let mut history = vec![opened];
            history.extend(t.events.iter().filter_map(|e| Happened::of(e.at, &e.author, &e.kind, &e.body)));
            let clock = agreement.clock(&history, self.clock.now()).unwrap();
            for (step, at) in &clock.steps {
                let said = t.events.iter().any(|e| e.kind == "escalated" && e.body == step.to_string());
                let soon = self.clock.now().since(*at) < Millis::MINUTE;
                assert!(said || soon, "{told}: #{} passed {step} % at {at:?} and nobody was told", row[0]);
            }
            // The same life in another order, asked twice, is the same clock.
            history.reverse();
            assert_eq!(agreement.clock(&history, self.clock.now()).map(|c| c.wall_ms), Some(clock.wall_ms), "{told}");
        }
    }

    /// Rounds of polls without anything new.
    async fn quiet(&mut self, rounds: usize) {
        for _ in 0..rounds {
            self.clock.advance(Duration::from_secs(300));
            for id in ALL {
                self.ask(id).await;
            }
            self.engine.tick().await.unwrap();
        }
    }
}

async fn live(seed: u64) {
    let mut life = Life::begin(seed).await;
    for step in 0..STEPS {
        life.step().await;
        if step % 13 == 0 {
            life.check(&format!("seed {seed}, step {step}")).await;
        }
    }
    let told = format!("seed {seed}, at the end");
    // What is broken now and not hidden by anything is told, whatever was hidden before.
    (life.deaf, life.broken) = (false, BTreeSet::from([4, 7]));
    life.fuser = BTreeSet::from([5]);
    for window in std::mem::take(&mut life.windows) {
        let _ = life.command(Command::EndMaintenance { window }).await;
    }
    life.clock.advance(Duration::from_secs(3 * 3600));
    life.quiet(40).await;
    life.check(&told).await;
    let failed = "SELECT DISTINCT device_id FROM ticket WHERE class IN ('down', 'repair') AND (status NOT IN \
                  ('resolved', 'closed', 'cancelled') OR touched = 1) AND device_id IN (4, 5, 7) ORDER BY device_id";
    let failed: Vec<i64> = rows(&life.store, failed).await.iter().map(|r| r[0]).collect();
    assert_eq!(failed, [4, 5, 7], "{told}: hidden and lost");
    // And when all is well, nothing that nobody took stays.
    life.broken.clear();
    life.fuser.clear();
    life.quiet(40).await;
    life.check(&told).await;
    let left = "SELECT id FROM ticket WHERE touched = 0 AND status IN ('new', 'assigned', 'in-progress')";
    assert!(rows(&life.store, left).await.is_empty(), "{told}: a ticket of what is well");
    assert!(rows(&life.store, "SELECT id FROM hidden WHERE until IS NULL").await.is_empty(), "{told}: still hidden");
    assert!(rows(&life.store, "SELECT id FROM device WHERE reach <> 'ok'").await.is_empty(), "{told}: not ok");
    life.engine.stop().await;
    life.store.close().await;
    life.database.remove().await;
}

#[tokio::test]
async fn any_order_keeps_the_rules() {
    for seed in 1..=4 {
        live(seed).await;
    }
}
