//! The loop of consumables as a person lives it: toner falls in a real SNMP agent, a need and a draft appear, a click in a
//! real Chromium sends a mail that a real SMTP server receives, goods come in two parts, the cartridge is put in with two
//! taps on a phone, and the device's own word closes the need without a second piece leaving the shelf.
//!
//! Only the clock is ours: days pass where the test says so. Each step is looked at in Russian and English, on a desktop
//! and at 360 px (`target/screenshots/loop-*`). Nothing sleeps: the page itself tells when it has changed.

mod chromium;
#[path = "mail/smtp.rs"]
#[allow(dead_code, reason = "the tests of mail use the rest")]
mod smtp;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anykey::app::{self, App, Start};
use anykey::clock::Clock;
use anykey::config::Config;
use anykey::engine::{Actor, CommandSource, Engine, EngineHandle};
use anykey::model::{ArticleTerms, Command, Millis, NewArticle, SupplierTerms};
use anykey::protocol::snmp::{Oid, Value, snmprec};
use anykey::simulator::{Agent, Counters, Device, Network, Server, Table};
use anykey::store::Store;
use anykey::store::testing::{TestDatabase, integers};
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use chromium::{Browser, Screen};
use fantoccini::Locator;
use serde_json::{Value as Json, json};
use smtp::Smtpd;

/// Monday, 23 November 2026, 09:00 in Moscow.
const MORNING: Millis = Millis(1_795_413_600_000);
const HOUR: Duration = Duration::from_secs(3600);
const PATIENCE: Duration = Duration::from_secs(120);
const CAPACITY: i64 = 7200;

/// A recorded printer whose toner and page counter the test turns.
struct Printer {
    rows: Vec<(Oid, Value)>,
    table: Mutex<Arc<Table>>,
}

impl Printer {
    fn new() -> Printer {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/devices/kyocera.snmprec");
        Printer { rows: snmprec::load(&file).unwrap().into_sorted(), table: Mutex::default() }
    }
    /// Percent of toner left, pages ever printed.
    fn shows(&self, percent: i64, pages: u32) {
        let level: Oid = "1.3.6.1.2.1.43.11.1.1.9.1.1".parse().unwrap();
        let counter: Oid = "1.3.6.1.2.1.43.10.2.1.4.1.1".parse().unwrap();
        let now = |(oid, value): &(Oid, Value)| match oid {
            o if *o == level => (oid.clone(), Value::Integer(CAPACITY * percent / 100)),
            o if *o == counter => (oid.clone(), Value::Counter32(pages)),
            _ => (oid.clone(), value.clone()),
        };
        let rows: Vec<_> = self.rows.iter().map(now).collect();
        *self.table.lock().unwrap() = Arc::new(Table::new(&rows).0);
    }
}

impl Device for Printer {
    fn objects(&self, context: &[u8]) -> Option<Arc<Table>> {
        context.is_empty().then(|| self.table.lock().unwrap().clone())
    }
}

/// The branch: its printer, its server, its clock, its mail.
struct Branch {
    printer: Arc<Printer>,
    clock: Clock,
    store: Store,
    engine: EngineHandle,
    database: TestDatabase,
    app: App,
    _agent: Server,
}

impl Branch {
    async fn open(mail: u16) -> Branch {
        let printer = Arc::new(Printer::new());
        printer.shows(60, 77_120);
        let agent = Agent::new("public", printer.clone(), Arc::new(Counters::default()));
        let place: SocketAddr = "127.77.0.1:0".parse().unwrap();
        let server = Server::start(vec![(place, agent)], Network::default()).await.unwrap();
        let port = server.addresses()[0].port();
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[poll]\nipp = false\nicmp = false\ninitial_spread = \"0s\"\njitter = 0.0\n\
             [traps]\nlisten = \"\"\n[discovery]\nipp_port = 9\n\
             [smtp]\nhost = \"127.0.0.1\"\nport = {mail}\ntls = \"none\"\nfrom = \"Отдел ИТ <it@branch.example>\"\n\
             [[site]]\nname = \"Казань\"\nrange = [{{ cidr = \"127.77.0.1/32\", port = {port} }}]\n"
        );
        let config = Config::parse(&text, Path::new("anykey.toml")).unwrap();
        let clock = Clock::manual(MORNING);
        let database = TestDatabase::sqlite();
        let store = database.open().await;
        let engine = Engine::start(store.clone(), clock.clone(), config.status.clone());
        let knowledge = app::knowledge(&config).unwrap();
        let start = Start {
            config,
            clock: clock.clone(),
            store: store.clone(),
            engine: engine.clone(),
            knowledge,
            open_on_loopback: false,
        };
        let app = App::start(start).await.unwrap();
        Branch { printer, clock, store, engine, database, app, _agent: server }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.app.address)
    }

    async fn run(&self, command: Command) -> i64 {
        let actor = Actor { who: "test".into(), source: CommandSource::Cli };
        self.engine.command(actor, command).await.unwrap().id.unwrap()
    }

    /// Whom it buys what from.
    async fn catalogue(&self) {
        let supplier = self
            .run(Command::AddSupplier {
                name: "ООО «Картридж»".into(),
                email: "zakaz@kartridzh.example".into(),
                language: "ru".into(),
                currency: "RUB".into(),
                terms: SupplierTerms::default(),
            })
            .await;
        let article = NewArticle {
            part_number: "TK-1170".into(),
            name: "Тонер-картридж Kyocera TK-1170".into(),
            vendor: "Kyocera".into(),
            kind: "toner".into(),
            color: None,
            yield_pages: Some(CAPACITY),
            price_minor: Some(695_000),
            vat_percent: 22,
            supplier: Some(supplier),
            supplier_article: Some("К-1170".into()),
            terms: ArticleTerms::default(),
            fits: Vec::new(),
        };
        self.run(Command::AddArticle { article }).await;
    }

    /// Waits until the database says yes; it changes in the engine's own time, so it is asked whenever something changed.
    async fn until(&self, what: &str, sql: &'static str, holds: impl Fn(i64) -> bool) -> i64 {
        let mut changes = self.engine.changes();
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let found = integers(&self.store, sql).await[0];
                if holds(found) {
                    return found;
                }
                let _ = tokio::time::timeout(Duration::from_secs(1), changes.recv()).await;
            }
        });
        waited.await.unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"))
    }

    /// So much later the printer shows this, and has been asked.
    async fn later(&self, by: Duration, percent: i64, pages: u32) {
        self.printer.shows(percent, pages);
        self.clock.advance(by);
        let now = self.clock.now();
        const READ: &str = "SELECT COALESCE(max(updated_at), 0) FROM supply";
        self.until("the printer was asked", READ, |at| at >= now.0).await;
    }

    async fn stop(self) {
        self.app.stop().await.unwrap();
        self.database.remove().await;
    }
}

/// A person at the branch's pages.
struct Person {
    browser: Browser,
    base: String,
    wrong: Vec<String>,
}

impl Person {
    async fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.base)).await;
    }
    async fn click(&self, css: &str) {
        let found = self.browser.client.find(Locator::Css(css)).await.unwrap_or_else(|e| panic!("{css}: {e}"));
        found.click().await.unwrap_or_else(|e| panic!("clicking {css}: {e}"));
    }
    async fn write(&self, css: &str, text: &str) {
        let found = self.browser.client.find(Locator::Css(css)).await.unwrap_or_else(|e| panic!("{css}: {e}"));
        found.clear().await.unwrap();
        found.send_keys(text).await.unwrap();
    }
    /// Waits in the page: the condition is looked at whenever the page changes. A page that is left is asked anew.
    async fn until(&self, what: &str, condition: &str) -> Json {
        let script = format!(
            "const done = arguments[arguments.length - 1]; const holds = () => {{ {condition} }};\n\
             const seen = new MutationObserver(look);\n\
             function look() {{ const v = holds(); if (v) {{ seen.disconnect(); done(v); }} }}\n\
             seen.observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }}); look();"
        );
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                match self.browser.client.execute_async(&script, Vec::new()).await {
                    Ok(value) => return value,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        });
        match waited.await {
            Ok(value) => value,
            Err(_) => {
                let page = self.browser.run("return location.href + '\\n' + document.body.innerText").await;
                panic!("not within {PATIENCE:?}: {what}; the page:\n{}", page.as_str().unwrap_or_default())
            }
        }
    }
    async fn words(&self) -> String {
        let text = self.browser.run("return document.querySelector('main, body').innerText").await;
        text.as_str().unwrap().replace(['\u{a0}', '\u{202f}'], " ")
    }
    async fn speaks(&self, lang: &str) {
        self.browser.run(&format!("document.cookie = 'lang={lang}; path=/; SameSite=Lax'")).await;
    }
    /// The page in both languages on both screens; afterwards it stands in Russian on the desktop.
    async fn look(&mut self, name: &str, path: &str) {
        for lang in ["en", "ru"] {
            self.speaks(lang).await;
            for screen in Screen::ALL.into_iter().filter(|s| *s != Screen::Dark).rev() {
                self.browser.show(screen).await;
                self.open(path).await;
                let at = format!("loop-{name}-{lang}-{}", screen.name());
                let faults = self.browser.judge(screen).await;
                self.wrong.extend(faults.into_iter().map(|w| format!("{at}: {w}")));
                self.browser.screenshot(&Path::new("target/screenshots").join(format!("{at}.png"))).await;
            }
        }
    }
    async fn sign_in(&mut self, branch: &Branch) {
        let (login, password) = ("petrova", "тонер в коридоре 4 этажа");
        self.browser.show(Screen::Desktop).await;
        self.open(branch.app.setup.as_deref().expect("nobody can sign in yet")).await;
        self.speaks("ru").await;
        self.write("input[name=login]", login).await;
        self.write("input[name=password]", password).await;
        self.write("input[name=again]", password).await;
        self.click("button.primary").await;
        self.until("the first page", "return location.pathname === '/'").await;
        // As on the next morning.
        self.browser.client.delete_all_cookies().await.unwrap();
        self.open("/supplies").await;
        self.speaks("ru").await;
        self.write("input[name=login]", login).await;
        self.write("input[name=password]", password).await;
        self.click("button.primary").await;
        self.until("where she wanted to go", "return location.pathname === '/supplies'").await;
    }
}

/// What the SMTP server got, as Python's parser reads it.
fn check_mail(server: &Smtpd, number: &str) {
    let mails = server.mails();
    assert_eq!(mails.len(), 1, "one mail");
    let mail = &mails[0];
    assert_eq!(mail["defects"], json!([]));
    assert_eq!(mail["rcpt_to"], json!(["zakaz@kartridzh.example"]));
    let header = |name: &str| mail["headers"][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(header("subject"), format!("Заказ № {number} (Казань)"));
    let id = header("message-id");
    assert!(id.starts_with("<anykey.order-") && id.ends_with("@branch.example>"), "{id}");
    let text = mail["text"].as_str().unwrap().replace(['\u{a0}', '\u{202f}'], " ");
    assert!(text.contains("К-1170 (TK-1170) — Тонер-картридж Kyocera TK-1170: 3 шт. × 6 950,00 ₽"), "{text}");
    assert!(mail["html"].as_str().unwrap().contains("<td>Тонер-картридж Kyocera TK-1170"));
    let attachment = &mail["attachments"][0];
    let name = format!("Заказ {number} Казань.xlsx");
    assert_eq!(attachment["name"], name.as_str(), "RFC 2231");
    assert_eq!(attachment["type_name"], name.as_str(), "RFC 2047, for older clients");
    let bytes = std::fs::read(attachment["file"].as_str().unwrap()).unwrap();
    let mut book: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("Заказ").unwrap();
    let cell = |column| sheet.get_value((5, column)).cloned().unwrap();
    assert_eq!((cell(0), cell(3)), (Data::String("К-1170".into()), Data::Float(3.0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn from_falling_toner_to_a_closed_loop() {
    let Some(mail) = Smtpd::start() else { return };
    let Some(browser) = Browser::start().await else { return };
    let branch = Branch::open(mail.plain).await;
    let mut person = Person { browser, base: branch.url(""), wrong: Vec::new() };
    person.sign_in(&branch).await;
    branch.catalogue().await;
    branch.until("discovery found the printer", "SELECT count(*) FROM supply", |n| n > 0).await;

    falls(&branch, &mut person).await;
    let order = ordered(&branch, &mut person, &mail).await;
    received(&branch, &mut person, &order).await;
    replaced(&branch, &mut person).await;
    closed(&branch, &mut person, &order).await;

    let wrong = std::mem::take(&mut person.wrong);
    person.browser.stop().await;
    branch.stop().await;
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

/// Sixty per cent falls to nine in a fortnight of work; the page of supplies says so.
async fn falls(branch: &Branch, person: &mut Person) {
    for step in 1..=17 {
        branch.later(20 * HOUR, 60 - 3 * step, 77_120 + 216 * step as u32).await;
    }
    branch.until("a need is open", "SELECT count(*) FROM need WHERE status <> 'closed'", |n| n == 1).await;
    person.look("1-supplies", "/supplies").await;
    let words = person.words().await;
    assert!(words.contains("9 %") && words.contains("TK-1170"), "{words}");
    person.look("2-device", "/devices/1").await;
    person.look("3-needs", "/needs").await;
    let need = integers(&branch.store, "SELECT id FROM need").await[0];
    person.look("4-need", &format!("/needs/{need}")).await;
    let words = person.words().await;
    assert!(words.contains("kyocera") && words.contains("9 %"), "the reason names the device and its level: {words}");
}

/// The draft, its approval with a click, the mail.
async fn ordered(branch: &Branch, person: &mut Person, mail: &Smtpd) -> String {
    branch.until("a draft", "SELECT count(*) FROM purchase_order WHERE status = 'draft'", |n| n == 1).await;
    person.look("5-orders", "/orders").await;
    person.click("a[href^='/orders/']:not([href$='.csv'])").await;
    let path =
        person.until("the order", "return /^\\/orders\\/\\d+$/.test(location.pathname) && location.pathname").await;
    let path = path.as_str().unwrap().to_owned();
    person.look("6-draft", &path).await;
    person.write("input.quantity", "3").await;
    person.click("button[formaction$='/approve']").await;
    person.until("the mail left", "return document.querySelector('#order-mail .notice.ok') !== null").await;
    let title = person.browser.run("return document.querySelector('h1').textContent").await;
    let number = title.as_str().unwrap().split_whitespace().last().unwrap().to_owned();
    check_mail(mail, &number);
    person.look("7-sent", &path).await;
    person.click("details:has(form[action$='/confirm']) > summary").await;
    person.click("details[open] form[action$='/confirm'] button.primary").await;
    branch.until("confirmed", "SELECT count(*) FROM purchase_order WHERE status = 'confirmed'", |n| n == 1).await;
    path
}

/// One piece comes, two days later the rest; the shelf has three.
async fn received(branch: &Branch, person: &mut Person, order: &str) {
    branch.later(24 * HOUR, 8, 80_900).await;
    person.open(order).await;
    person.write("input[name^='r-']", "1").await;
    person.click("button.primary[form='order-lines']").await;
    person.until("two are awaited", "return document.querySelector('input[name^=\"r-\"]')?.value === '2'").await;
    person.look("8-partly", order).await;
    branch.later(48 * HOUR, 7, 81_000).await;
    person.open(order).await;
    person.click("button.primary[form='order-lines']").await;
    person.until("nothing is awaited", "return document.querySelector('input[name^=\"r-\"]') === null").await;
    branch.until("closed", "SELECT count(*) FROM purchase_order WHERE status = 'closed'", |n| n == 1).await;
    person.look("9-received", order).await;
    person.look("10-shelf", "/stock").await;
    assert_eq!(on_shelf(branch).await, 3);
    assert!(person.words().await.contains("TK-1170"));
}

async fn on_shelf(branch: &Branch) -> i64 {
    integers(&branch.store, "SELECT COALESCE(CAST(sum(delta) AS BIGINT), 0) FROM stock_move").await[0]
}

/// In the corridor: two taps.
async fn replaced(branch: &Branch, person: &mut Person) {
    person.browser.show(Screen::Phone).await;
    person.open("/devices/1").await;
    person.click(".supply .replace summary").await;
    person.browser.screenshot(Path::new("target/screenshots/loop-11-two-taps-ru-360.png")).await;
    person.click(".supply .replace[class] button.primary").await;
    let issued = "SELECT count(*) FROM stock_document WHERE kind = 'issue' AND status = 'posted'";
    branch.until("one piece was issued", issued, |n| n == 1).await;
    assert_eq!(on_shelf(branch).await, 2);
    person.until("it says so", "return document.querySelector('.toast:not([data-keep])') !== null").await;
    person.browser.screenshot(Path::new("target/screenshots/loop-12-replaced-ru-360.png")).await;
}

/// The device shows a full cartridge; what it shows is the replacement that was told.
async fn closed(branch: &Branch, person: &mut Person, order: &str) {
    person.open("/devices/1").await;
    branch.later(HOUR, 100, 81_010).await;
    let full = "return [...document.querySelectorAll('#supplies .supply')].some(s => s.innerText.includes('100'))";
    person.until("the page shows a full cartridge by itself", full).await;
    branch.later(HOUR, 100, 81_020).await;
    branch.later(HOUR, 99, 81_040).await;
    let seen = "SELECT count(*) FROM supply_replacement WHERE cancelled_at IS NULL";
    branch.until("the device's word was believed", seen, |n| n == 1).await;
    branch.until("the need is gone", "SELECT count(*) FROM need WHERE status <> 'closed'", |n| n == 0).await;
    branch.engine.tick().await.unwrap();
    assert_eq!(integers(&branch.store, "SELECT count(*) FROM stock_document WHERE kind = 'issue'").await[0], 1);
    assert_eq!(on_shelf(branch).await, 2, "one piece left, not two");
    assert_eq!(integers(&branch.store, "SELECT count(*) FROM purchase_order").await[0], 1, "no second order");
    person.look("13-device", "/devices/1").await;
    person.look("14-needs", "/needs").await;
    person.look("15-supplies", "/supplies").await;
    person.look("16-stock", "/stock").await;
    person.look("17-documents", "/stock/documents").await;
    person.look("18-order", order).await;
}
