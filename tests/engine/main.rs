//! The engine in virtual time, on both databases: readings, commands and ticks in, needs, orders, tickets and mail out.

mod assets;
mod commands;
mod desk;
mod drafts;
mod faults;
mod identity;
mod identity_people;
mod judgement;
mod keeping;
mod moving;
mod rma;
mod service;
mod stock;
mod workflows;

use std::net::IpAddr;
use std::time::Duration;

use anykey::clock::Clock;
use anykey::engine::{Actor, CommandError, CommandSource, Done, Engine, EngineHandle};
use anykey::model::*;
use anykey::status::Policy;
use anykey::store::Store;
use anykey::store::testing::integers;

/// 2 March 2026, 06:00 UTC, a Monday.
pub const MORNING: Millis = Millis(1_772_431_200_000);
pub const MINUTE: Duration = Duration::from_secs(60);

/// A store with a running engine and one branch.
pub struct Branch {
    pub store: Store,
    pub clock: Clock,
    pub engine: EngineHandle,
    pub site: SiteId,
}

impl Branch {
    pub async fn open(store: Store) -> Branch {
        let clock = Clock::manual(MORNING);
        let engine = Engine::start(store.clone(), clock.clone(), Policy::default());
        let mut b = Branch { store, clock, engine, site: SiteId(0) };
        let add = Command::AddSite { name: "Уфа".into(), time_zone: "Asia/Yekaterinburg".into() };
        b.site = SiteId(b.done(add).await.id.unwrap());
        b
    }
    /// The same database after the process was killed.
    pub async fn again(store: Store, clock: &Clock, site: SiteId) -> Branch {
        let clock = Clock::manual(clock.now());
        let engine = Engine::start(store.clone(), clock.clone(), Policy::default());
        Branch { store, clock, engine, site }
    }
    pub async fn command(&self, command: Command) -> Result<Done, CommandError> {
        let actor = Actor { who: "anna".into(), source: CommandSource::Web };
        self.engine.command(actor, command).await
    }
    pub async fn done(&self, command: Command) -> Done {
        self.command(command.clone()).await.unwrap_or_else(|e| panic!("{command:?}: {e}"))
    }
    /// Gives a reading and waits until it is committed.
    pub async fn give(&self, reading: Reading) {
        self.engine.reading(reading).await.unwrap();
        self.engine.tick().await.unwrap();
    }
    pub fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }
    /// First value of the first row.
    pub async fn number(&self, sql: &'static str) -> i64 {
        integers(&self.store, sql).await[0]
    }
    pub async fn numbers(&self, sql: &'static str) -> Vec<i64> {
        integers(&self.store, sql).await
    }
    pub fn discovered(&self, address: &str, facts: Facts) -> Reading {
        let site = self.site.0;
        self.reading(Subject::Discovered { site, credential: None, range: None }, address, facts, ProbeClass::Inventory)
    }
    pub fn known(&self, device: i64, address: &str, class: ProbeClass, facts: Facts) -> Reading {
        self.reading(Subject::Known { device: DeviceId(device) }, address, facts, class)
    }
    pub fn silent(&self, device: i64, address: &str) -> Reading {
        let alive = self.known(device, address, ProbeClass::Reachability, Facts::default());
        Reading { outcome: Outcome::Silent, ..alive }
    }
    fn reading(&self, subject: Subject, address: &str, facts: Facts, class: ProbeClass) -> Reading {
        Reading {
            subject,
            address: address.parse::<IpAddr>().unwrap(),
            port: 161,
            poller: "main".into(),
            at: self.clock.now(),
            class,
            source: Source::Snmp,
            outcome: Outcome::Answered { rtt_ms: 1.5 },
            facts,
        }
    }
    /// A printer found at an address; its id.
    pub async fn printer(&self, address: &str, serial: &str) -> i64 {
        self.give(self.discovered(address, printer_facts(serial))).await;
        self.number("SELECT MAX(id) FROM device").await
    }
    /// A supplier and the article that fits the printers of these tests.
    pub async fn catalogue(&self) -> (i64, i64) {
        let supplier = self
            .done(Command::AddSupplier {
                name: "ООО Тонер".into(),
                email: "sales@example.test".into(),
                language: "ru".into(),
                currency: "RUB".into(),
                terms: SupplierTerms::default(),
            })
            .await
            .id
            .unwrap();
        let article = self.done(Command::AddArticle { article: new_article(Some(supplier)) }).await.id.unwrap();
        (supplier, article)
    }
    pub fn supplies(&self, device: i64, address: &str, level: i64) -> Reading {
        let facts = Facts {
            supplies: Some(vec![toner("1.1", level)]),
            printer: Some(PrinterFacts { page_count: Some(1_000), ..PrinterFacts::default() }),
            ..Facts::default()
        };
        self.known(device, address, ProbeClass::Supplies, facts)
    }
}

pub fn new_article(supplier: Option<i64>) -> NewArticle {
    NewArticle {
        part_number: "TK-1170".into(),
        name: "Тонер TK-1170".into(),
        vendor: "Kyocera".into(),
        kind: "toner".into(),
        color: Some("black".into()),
        yield_pages: Some(7_200),
        price_minor: Some(450_000),
        vat_percent: 22,
        supplier,
        supplier_article: None,
        fits: vec!["Kyocera/ECOSYS M2040*".into()],
        terms: ArticleTerms::default(),
    }
}

pub fn printer_facts(serial: &str) -> Facts {
    Facts {
        kind: Some(DeviceKind::Printer),
        vendor: Some("Kyocera".into()),
        model: Some("ECOSYS M2040dn".into()),
        serial: Some(serial.into()),
        sys_name: Some(format!("KM-{serial}")),
        sys_object_id: Some("1.3.6.1.4.1.1347.41".into()),
        base_mac: Some(mac_of(serial)),
        functions: vec![PrinterFunction::Print, PrinterFunction::Scan],
        ..Facts::default()
    }
}

/// A MAC that belongs to a serial.
pub fn mac_of(serial: &str) -> String {
    let n = serial.bytes().fold(7u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b)));
    let [a, b, c, d] = n.to_be_bytes();
    format!("00:c0:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

pub fn toner(index: &str, level: i64) -> Supply {
    Supply {
        index: index.into(),
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
