//! What judging a storm costs: 10,000 devices of 20 branches, in each a switch dies with 24 printers behind it; and a month of
//! 500 devices with failures in it.
//!
//! `cargo bench --bench judge` ends with an error when there are not exactly 20 tickets and one notice a branch, when judging
//! took two seconds of processor time or more, or the month five.

use std::process::ExitCode;
use std::time::Duration;

use anykey::clock::Clock;
use anykey::engine::{Actor, CommandSource, Engine, EngineHandle};
use anykey::model::*;
use anykey::status::Policy;
use anykey::store::Store;
use anykey::store::testing::{TestDatabase, rows};

const START: Millis = Millis(1_772_431_200_000);
const SITES: i64 = 20;
const OF_SITE: i64 = 500;
/// Printers behind the switch that dies.
const BEHIND: i64 = 24;
const LIMIT: Duration = Duration::from_secs(2);
const MONTH_LIMIT: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let storm = storm().await;
    let month = month().await;
    if storm && month { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Fleet {
    database: TestDatabase,
    store: Store,
    engine: EngineHandle,
    clock: Clock,
    sites: i64,
    of_site: i64,
}

fn mac(id: i64) -> String {
    format!("00:c0:be:{:02x}:{:02x}:{:02x}", id / 65_536, id / 256 % 256, id % 256)
}

impl Fleet {
    /// In each branch a router, two switches on it, printers on both; the second switch has few.
    async fn new(sites: i64, of_site: i64) -> Fleet {
        let database = TestDatabase::sqlite();
        let store = database.open().await;
        let clock = Clock::manual(START);
        let engine = Engine::start(store.clone(), clock.clone(), Policy::default());
        let f = Fleet { database, store, engine, clock, sites, of_site };
        for n in 1..=sites {
            let actor = Actor { who: "bench".into(), source: CommandSource::Cli };
            let add = Command::AddSite { name: format!("Branch {n}"), time_zone: "UTC".into() };
            f.engine.command(actor, add).await.expect("a branch");
        }
        for id in 1..=sites * of_site {
            let kind = match f.place(id) {
                0 => DeviceKind::Router,
                1 | 2 => DeviceKind::Switch,
                _ => DeviceKind::Printer,
            };
            let facts = Facts {
                kind: Some(kind),
                vendor: Some("Kyocera".into()),
                serial: Some(format!("BEN{id:07}")),
                base_mac: Some(mac(id)),
                sys_name: Some(format!("d{id}")),
                ..Facts::default()
            };
            let site = (id - 1) / of_site + 1;
            let mut r = f.reading(id, ProbeClass::Inventory, facts);
            r.subject = Subject::Discovered { site, credential: None, range: None };
            f.engine.reading(r).await.expect("the engine runs");
        }
        for site in 0..sites {
            let first = site * of_site + 1;
            let entry = |n: i64| FdbEntry {
                mac: mac(n),
                if_index: u32::try_from(n - first).ok(),
                port: Some(format!("gi{}", n - first)),
                vlan: Some(1),
                status: None,
            };
            let link = Link {
                protocol: "lldp".into(),
                local_if_index: Some(1),
                remote_chassis: Some(mac(first)),
                ..Link::default()
            };
            let few = (first + 3..first + 3 + BEHIND).map(entry).collect();
            let most = (first + 3 + BEHIND..first + of_site).map(entry).collect();
            for (switch, fdb) in [(first + 1, few), (first + 2, most)] {
                let facts = Facts { fdb: Some(fdb), links: Some(vec![link.clone()]), ..Facts::default() };
                f.engine.reading(f.reading(switch, ProbeClass::Neighbors, facts)).await.expect("the engine runs");
            }
        }
        f.engine.tick().await.expect("the engine runs");
        f
    }

    fn place(&self, id: i64) -> i64 {
        (id - 1) % self.of_site
    }

    fn reading(&self, id: i64, class: ProbeClass, facts: Facts) -> Reading {
        Reading {
            subject: Subject::Known { device: DeviceId(id) },
            address: std::net::IpAddr::from([10, (id / 65_536) as u8, (id / 256 % 256) as u8, (id % 256) as u8]),
            port: 161,
            poller: "main".into(),
            at: self.clock.now(),
            class,
            source: Source::Snmp,
            outcome: Outcome::Answered { rtt_ms: 1.0 },
            facts,
        }
    }

    async fn round(&self, every: Duration, silent: impl Fn(i64) -> bool) {
        self.clock.advance(every);
        for id in 1..=self.sites * self.of_site {
            let mut r = self.reading(id, ProbeClass::Reachability, Facts::default());
            if silent(id) {
                r.outcome = Outcome::Silent;
            }
            self.engine.reading(r).await.expect("the engine runs");
        }
        self.engine.tick().await.expect("the engine runs");
    }

    async fn number(&self, sql: &str) -> i64 {
        rows(&self.store, sql).await[0][0]
    }

    async fn end(self) {
        self.engine.stop().await;
        self.store.close().await;
        self.database.remove().await;
    }
}

async fn storm() -> bool {
    let f = Fleet::new(SITES, OF_SITE).await;
    let minute = Duration::from_secs(60);
    for _ in 0..2 {
        f.round(minute, |_| false).await;
    }
    let before = cpu();
    f.round(minute, |_| false).await;
    let still = cpu() - before;
    let dead = |id: i64| (f.place(id) == 1) || (3..3 + BEHIND).contains(&f.place(id));
    let before = cpu();
    let mut rounds = 0_u32;
    while rounds < 8 && f.number("SELECT COUNT(*) FROM ticket").await < SITES {
        f.round(minute, dead).await;
        rounds += 1;
    }
    let all = cpu() - before;
    let judged = all.saturating_sub(still * rounds);
    for _ in 0..4 {
        f.round(minute, dead).await;
    }
    let tickets = f.number("SELECT COUNT(*) FROM ticket WHERE class = 'down'").await;
    let others = f.number("SELECT COUNT(*) FROM ticket WHERE class <> 'down'").await;
    let groups = f.number("SELECT COUNT(*) FROM notice_group WHERE released_at IS NOT NULL").await;
    let branches = f.number("SELECT COUNT(DISTINCT site_id) FROM notice_group WHERE released_at IS NOT NULL").await;
    let hidden = f.number("SELECT COUNT(*) FROM hidden WHERE until IS NULL").await;
    println!(
        "{} devices, {} fail behind {SITES} switches: {tickets} tickets, {groups} notices of {branches} branches, {hidden} \
         devices on the tickets of others; {rounds} rounds of polls took {all:.2?} of processor time, of which judging \
         {judged:.2?} (a round in which all is well: {still:.2?})",
        SITES * OF_SITE,
        SITES * (BEHIND + 1)
    );
    let right = tickets == SITES && others == 0 && groups == SITES && branches == SITES && hidden == SITES * BEHIND;
    f.end().await;
    right && all < LIMIT
}

/// Thirty days with a round of polls every four hours; each day another thirtieth of the printers is gone.
async fn month() -> bool {
    let f = Fleet::new(1, OF_SITE).await;
    let before = cpu();
    for round in 0..30 * 6 + 12_i64 {
        let day = round / 6;
        f.round(Duration::from_secs(4 * 3600), |id| f.place(id) > 2 && f.place(id) % 30 == day).await;
    }
    let took = cpu() - before;
    let tickets = f.number("SELECT COUNT(*) FROM ticket").await;
    let open = f.number("SELECT COUNT(*) FROM ticket WHERE status = 'new'").await;
    println!(
        "a month of {OF_SITE} devices: {took:.2?} of processor time, {tickets} tickets, {open} of them open at the end"
    );
    f.end().await;
    tickets > 0 && open == 0 && took < MONTH_LIMIT
}

fn cpu() -> Duration {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: getrusage fills the struct it is given.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    let of = |t: libc::timeval| Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64);
    of(usage.ru_utime) + of(usage.ru_stime)
}
