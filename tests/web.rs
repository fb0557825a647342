//! The whole program behind its pages and its API, over real HTTP, on both databases: the set-up link, the forms a person
//! fills in, what is shut to strangers and to readers, every documented address of the API.

#[path = "web_parts/assets.rs"]
mod assets;
#[path = "web_parts/cabling.rs"]
mod cabling;
#[path = "web_parts/desk.rs"]
mod desk;
#[path = "web_parts/imports.rs"]
mod imports;
#[path = "web_parts/kpi.rs"]
mod kpi;
#[path = "web_parts/labels.rs"]
mod labels;
#[path = "web_parts/repairs.rs"]
mod repairs;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use anykey::app::{App, Start};
use anykey::clock::Clock;
use anykey::config::{Config, Secret};
use anykey::engine::EngineHandle;
use anykey::model::*;
use anykey::profile::Knowledge;
use anykey::store::testing::{count, for_each_address, integers};
use anykey::store::{KeySource, Store};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

const PASSWORD: &str = "Долгая дорога 12";

struct Server {
    app: App,
    store: Store,
    engine: EngineHandle,
    clock: Clock,
    base: String,
}

impl Server {
    async fn start(url: &str, knowledge: &Arc<Knowledge>) -> Server {
        let mut config = Config::default();
        config.server.listen = "127.0.0.1:0".parse().unwrap();
        config.database.url = Secret(url.to_owned());
        config.poll.icmp = false;
        // Every test is a server: one port would be a quarrel.
        config.traps.listen = None;
        let clock = Clock::system();
        let store = Store::open_with(url, Some(KeySource::Given([7; 32]))).await.unwrap();
        let engine = anykey::engine::Engine::start(store.clone(), clock.clone(), config.status.clone());
        let start = Start {
            config,
            clock: clock.clone(),
            store: store.clone(),
            engine: engine.clone(),
            knowledge: Arc::clone(knowledge),
            open_on_loopback: false,
        };
        let app = App::start(start).await.unwrap();
        let base = format!("http://{}", app.address);
        Server { app, store, engine, clock, base }
    }
    fn visitor(&self) -> Person {
        // The second and later ones find it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Person { client, base: self.base.clone(), cookie: None }
    }
    async fn administrator(&self) -> Person {
        let mut person = self.visitor();
        let link = self.app.setup.clone().expect("a set-up link while there is no user");
        assert!(person.page(&link).await.contains("name=\"token\""));
        let token = link.split('=').nth(1).unwrap();
        let fields = [("token", token), ("login", "Anna"), ("password", PASSWORD), ("again", PASSWORD)];
        let done = person.send("/setup", &fields).await;
        assert_eq!(done.status(), 303, "set up");
        person.keep(&done);
        person
    }
    /// A printer with one toner, as discovery would give it.
    async fn printer(&self, site: i64) {
        let facts = Facts {
            kind: Some(DeviceKind::Printer),
            vendor: Some("Kyocera".into()),
            model: Some("ECOSYS M2040dn".into()),
            serial: Some("VXL0012345".into()),
            sys_name: Some("mfu-1".into()),
            supplies: Some(vec![toner(69)]),
            ..Facts::default()
        };
        self.give(Subject::Discovered { site, credential: None, range: None }, ProbeClass::Inventory, facts).await;
    }
    async fn give(&self, subject: Subject, class: ProbeClass, facts: Facts) {
        self.give_from([192, 0, 2, 7], subject, class, facts).await;
    }
    async fn give_from(&self, address: [u8; 4], subject: Subject, class: ProbeClass, facts: Facts) {
        let reading = Reading {
            subject,
            address: IpAddr::from(address),
            port: 161,
            poller: "main".into(),
            at: self.clock.now(),
            class,
            source: Source::Snmp,
            outcome: Outcome::Answered { rtt_ms: 1.0 },
            facts,
        };
        self.engine.reading(reading).await.unwrap();
        self.engine.tick().await.unwrap();
    }
}

/// A server on each database with its first administrator.
async fn on_each_database(work: impl AsyncFn(&Server, &Person)) {
    let knowledge = Knowledge::load(None).map(Arc::new).unwrap();
    for_each_address(|database| {
        let (knowledge, work) = (&knowledge, &work);
        async move {
            let server = Server::start(&database.url, knowledge).await;
            let admin = server.administrator().await;
            work(&server, &admin).await;
            server.app.stop().await.unwrap();
        }
    })
    .await;
}

/// A black toner with so many percent left.
fn toner(left: i64) -> Supply {
    Supply {
        index: "1.1".into(),
        kind: SupplyKind::Toner,
        color: Some("black".into()),
        description: "Toner TK-1170".into(),
        part_number: None,
        serial: None,
        max_capacity: Some(100),
        level: Some(left),
        level_percent: Some(left as f64),
        level_state: LevelState::Known,
        receptacle: false,
        fill_percent: None,
        unit: Some("percent".into()),
        source: Source::Snmp,
    }
}

#[derive(Clone)]
struct Person {
    client: Client,
    base: String,
    cookie: Option<String>,
}

impl Person {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let r = self.client.request(method, format!("{}{path}", self.base));
        match &self.cookie {
            Some(c) => r.header("cookie", c),
            None => r,
        }
    }
    async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }
    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "GET {path}");
        answer.text().await.unwrap()
    }
    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let form = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        form.body(body).send().await.unwrap()
    }
    /// Fills in a form that is taken; the address it leads to.
    async fn fill(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.send(path, fields).await;
        let (status, to) = (answer.status(), answer.headers().get("location").cloned());
        assert_eq!(status, 303, "POST {path} {fields:?}: {}", answer.text().await.unwrap());
        to.unwrap().to_str().unwrap().to_owned()
    }
    fn keep(&mut self, answer: &Response) {
        let cookies = answer.headers().get_all("set-cookie").iter().map(|c| c.to_str().unwrap());
        let session: Vec<&str> =
            cookies.filter(|c| c.contains("HttpOnly")).map(|c| c.split(';').next().unwrap()).collect();
        self.cookie = Some(session.join("; "));
    }
    async fn api(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut r = self.request(method, path).header("accept", "application/json");
        if let Some(body) = body {
            r = r.header("content-type", "application/json").body(body.to_string());
        }
        let answer = r.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let value =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or_else(|_| json!(text)) };
        (status, value)
    }
}

/// Addresses on a page: what can be opened and what can be sent.
fn addresses(html: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let of = |mark: &str| {
        html.split(mark)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .filter(|a| a.starts_with('/') && !a.starts_with("/static/"))
            .map(|a| a.split('#').next().unwrap_or(a).replace("&amp;", "&"))
            .collect()
    };
    let mut forms: BTreeSet<String> = of("method=\"post\" action=\"");
    forms.extend(of("formaction=\""));
    (of("href=\""), forms)
}

/// The branch as a person makes it: by its forms alone.
async fn make_branch(server: &Server, admin: &Person) {
    admin.fill("/discovery/sites", &[("name", "Казань"), ("time_zone", "Europe/Moscow")]).await;
    let site = "1";
    let wrong = admin.send("/discovery/ranges", &[("cidr", "10.0.0/24"), ("site", site), ("port", "161")]).await;
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text().await.unwrap().contains("10.0.0/24"), "what was typed stays");
    admin.fill("/discovery/ranges", &[("cidr", "127.66.0.0/30"), ("site", site), ("port", "161")]).await;
    let community = [("name", "switches"), ("version", "2c"), ("community", "no-one-sees-this")];
    admin.fill("/discovery/credentials", &community).await;
    let mut user = vec![("name", "core"), ("version", "3"), ("user", "watch"), ("auth_protocol", "SHA-256")];
    user.extend([("auth_password", "short"), ("priv_protocol", "AES-256-C"), ("priv_password", "no-one-sees-this")]);
    let wrong = admin.send("/discovery/credentials", &user).await;
    assert_eq!(wrong.status(), 422);
    let wrong = wrong.text().await.unwrap();
    assert!(wrong.contains("e-auth_password") && wrong.contains(r#"value="watch""#), "{wrong}");
    assert!(wrong.contains(r#"value="AES-256-C" selected"#) && !wrong.contains("no-one-sees-this"));
    user[4] = ("auth_password", "no-one-sees-this");
    admin.fill("/discovery/credentials", &user).await;
    let page = admin.page("/discovery").await;
    assert!(!page.contains("no-one-sees-this"), "a community is never shown");
    assert!(page.contains("core") && page.contains("SNMP v3"));
    let body = serde_json::json!({"name": "api", "version": "3", "user": "watch"});
    assert_eq!(admin.api(Method::POST, "/api/v1/credentials", Some(body)).await.0, 201);
    let body = serde_json::json!({"name": "api", "version": "3", "user": "watch", "priv_protocol": "DES"});
    let (status, error) = admin.api(Method::POST, "/api/v1/credentials", Some(body)).await;
    assert!(status == 422 && error.to_string().contains("auth_protocol"), "{error}");
    let supplier = [("name", "ООО Тонер"), ("email", "sales@example.test"), ("language", "ru"), ("currency", "RUB")];
    admin.fill("/settings/suppliers/new", &supplier).await;
    let article = [
        ("part_number", "TK-1170"),
        ("name", "Тонер"),
        ("vendor", "Kyocera"),
        ("kind", "toner"),
        ("color", "black"),
        ("fits", "kyocera/ecosys m2040*"),
        ("supplier", "1"),
        ("price_minor", "4500,00"),
        ("vat_percent", "22"),
        ("yield_pages", "7200"),
    ];
    admin.fill("/settings/articles/new", &article).await;
    admin.fill("/settings/rules", &[("threshold", "15"), ("language", "ru")]).await;
    server.printer(1).await;
    let receipt =
        json!({"kind": "receipt", "site": 1, "draft": true, "lines": [{"article": 1, "quantity": 3}], "key": "first"});
    for _ in 0..2 {
        let (status, done) = admin.api(Method::POST, "/api/v1/stock/documents", Some(receipt.clone())).await;
        assert_eq!((status, done["id"].as_i64()), (201, Some(1)), "{done}");
    }
    let ticket = admin.fill("/tickets/new", &[("title", "Жуёт бумагу"), ("search", "mfu-1"), ("priority", "2")]).await;
    assert!(admin.page(&ticket).await.contains("Жуёт бумагу"));
    admin.fill(&format!("{ticket}/comments"), &[("text", "Ролик стёрт")]).await;
    assert!(admin.page(&ticket).await.contains("Ролик стёрт"));
    let reader = [("login", "reader"), ("password", PASSWORD), ("role", "read-only")];
    admin.fill("/settings/people", &reader).await;
    admin.fill("/settings/people", &[("login", "tech"), ("password", PASSWORD), ("role", "technician")]).await;
}

async fn signed_in(server: &Server, login: &str) -> Person {
    let mut person = server.visitor();
    let wrong = person.send("/sign-in", &[("login", login), ("password", "wrong one")]).await;
    assert_eq!(wrong.status(), 422, "a wrong password");
    let right = person.send("/sign-in", &[("login", login), ("password", PASSWORD)]).await;
    assert_eq!(right.status(), 303, "{login}");
    person.keep(&right);
    person
}

/// Follows every link from Today; every page opens. What was found: addresses to open, addresses to send to.
async fn crawl(admin: &Person) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut seen, mut forms) = (BTreeSet::new(), BTreeSet::new());
    let mut todo: Vec<String> = vec!["/".into()];
    while let Some(path) = todo.pop() {
        // One look at a list is enough: sorting and paging it is another test's.
        let plain = path.split('?').next().unwrap_or(&path).to_owned();
        if !seen.insert(plain.clone()) {
            continue;
        }
        let answer = admin.get(&path).await;
        assert_eq!(answer.status(), 200, "GET {path}");
        let is_html = answer.headers()["content-type"].to_str().unwrap().starts_with("text/html");
        let body = answer.bytes().await.unwrap();
        if is_html {
            let (links, posts) = addresses(&String::from_utf8_lossy(&body));
            forms.extend(posts);
            todo.extend(links);
        }
    }
    (seen, forms)
}

#[tokio::test(flavor = "multi_thread")]
async fn people_work_and_strangers_stay_outside() {
    on_each_database(async |server, admin| {
        let again = server.visitor().get(server.app.setup.as_ref().unwrap()).await;
        assert_eq!(again.status(), 410, "the link counts once");
        make_branch(server, admin).await;

        // An import that waits has forms of its own.
        let table = admin.request(Method::POST, "/api/v1/imports").body("part number;maker;price\nTK-1170;Kyocera;1");
        assert_eq!(table.send().await.unwrap().status(), 201);
        let (pages, forms) = crawl(admin).await;
        assert!(pages.len() > 15 && forms.len() > 15, "{pages:?} {forms:?}");
        assert!(pages.iter().any(|p| p.starts_with("/devices/")) && pages.contains("/settings/people"), "{pages:?}");
        let before = count(&server.store, "audit").await;
        let stranger = server.visitor();
        // Metrics and health are for programs of this machine.
        let open = ["/sign-in", "/setup", "/view", "/sign-out", "/metrics", "/healthz"];
        for path in pages.iter().filter(|p| !open.contains(&p.as_str())) {
            let answer = stranger.get(path).await;
            if path.starts_with("/api/") {
                assert_eq!(answer.status(), 401, "GET {path}");
                continue;
            }
            assert_eq!(answer.status(), 303, "GET {path}");
            assert!(answer.headers()["location"].to_str().unwrap().starts_with("/sign-in"), "{path}");
        }
        let reader = signed_in(server, "reader").await;
        let mut wrong = Vec::new();
        for path in forms.iter().filter(|p| !open.contains(&p.as_str())) {
            assert_eq!(stranger.send(path, &[]).await.status(), 303, "POST {path}");
            let forged = admin.request(Method::POST, path).header("sec-fetch-site", "cross-site");
            assert_eq!(forged.send().await.unwrap().status(), 403, "another site's form to {path}");
            if !path.starts_with("/settings/view") && !path.starts_with("/settings/password") {
                let status = reader.send(path, &[]).await.status().as_u16();
                if status != 403 {
                    wrong.push(format!("{status} {path}"));
                }
            }
        }
        assert!(wrong.is_empty(), "a reader's form is not refused: {wrong:?}");
        let tech = signed_in(server, "tech").await;
        assert_eq!(tech.send("/settings/people", &[("login", "x")]).await.status(), 403);
        assert_eq!(tech.get("/settings/people").await.status(), 403);
        let after = count(&server.store, "audit").await;
        assert_eq!(after, before, "nothing was changed by those who may not");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_address_answers() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        let table =
            admin.request(Method::POST, "/api/v1/imports?name=a.csv").body("part number;maker\nTK-1170;Kyocera");
        assert_eq!(table.send().await.unwrap().status(), 201);
        let asset = json!({ "kind": "monitor", "site": 1, "inventory": "1" });
        assert_eq!(admin.api(Method::POST, "/api/v1/assets", Some(asset)).await.0, 201);
        let note = json!({ "title": "x", "body": "y" });
        assert_eq!(admin.api(Method::POST, "/api/v1/notes", Some(note)).await.0, 201);
        let file = admin.request(Method::POST, "/api/v1/tickets/1/files?name=a.txt").body("text");
        let ticket = json!({ "device": 1, "title": "x" });
        assert_eq!(admin.api(Method::POST, "/api/v1/tickets", Some(ticket)).await.0, 201);
        assert_eq!(file.send().await.unwrap().status(), 201);
        let repair = json!({ "asset": 1, "paid_by": "own", "fault": "x" });
        assert_eq!(admin.api(Method::POST, "/api/v1/repairs", Some(repair)).await.0, 201);
        let table = admin.request(Method::POST, "/api/v1/asset-imports?name=a.csv").body("serial;kind\nSN1;UPS");
        assert_eq!(table.send().await.unwrap().status(), 201);
        let (status, document) = admin.api(Method::GET, "/api/openapi.json", None).await;
        assert_eq!(status, 200);
        let stranger = server.visitor();
        let mut asked = 0;
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                let method: Method = method.to_uppercase().parse().unwrap();
                let missing = path.replace("{id}", "999").replace("{line}", "999").replace("{index}", "9.9");
                let missing = missing.replace("{key}", "supply_threshold");
                let (status, body) = stranger.api(method.clone(), &missing, Some(json!({}))).await;
                assert_eq!((status, body["error"]["code"].as_str()), (401, Some("unauthenticated")), "{method} {path}");
                asked += 1;
                if method != Method::GET {
                    let (status, body) = admin.api(method.clone(), &missing, Some(json!([]))).await;
                    assert!(
                        (400..500).contains(&status) && body["error"]["code"].is_string(),
                        "{method} {path}: {status} {body}"
                    );
                    continue;
                }
                let (status, body) = admin.api(method.clone(), &missing, None).await;
                let expected = if path.contains("{id}") { 404 } else { 200 };
                assert_eq!(status, expected, "{method} {path}: {body}");
                let there = missing.replace("999", "1").replace("9.9", "1.1");
                let there = there.replace("asset-imports/1", "asset-imports/2");
                if !there.contains("/orders/") && !there.contains("/needs/") {
                    // Some answers are bytes.
                    let (status, body) = admin.api(method.clone(), &there, None).await;
                    assert_eq!(status, 200, "{method} {there}: {body}");
                }
            }
        }
        assert!(asked >= 40, "{asked} documented operations");
        let token = admin.api(Method::POST, "/api/v1/tokens", Some(json!({"name": "1C", "role": "read-only"}))).await;
        assert_eq!(token.0, 201, "{token:?}");
        let mut program = server.visitor();
        let bearer = format!("Bearer {}", token.1["token"].as_str().unwrap());
        let with = |r: RequestBuilder| r.header("authorization", bearer.clone()).send();
        assert_eq!(with(program.request(Method::GET, "/api/v1/devices")).await.unwrap().status(), 200);
        let wanted = program.request(Method::POST, "/api/v1/devices/1/poll");
        assert_eq!(with(wanted).await.unwrap().status(), 403, "a reader's token changes nothing");
        program.cookie = Some("anykey_session=forged".into());
        assert_eq!(program.api(Method::GET, "/api/v1/devices", None).await.0, 401);
    })
    .await;
}

/// The rule that people set on the page is the rule the engine follows.
#[tokio::test(flavor = "multi_thread")]
async fn the_threshold_of_the_page_is_the_engines() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        assert_eq!(count(&server.store, "need").await, 0, "69 % left, low at 15 %");
        let low = admin.send("/settings/rules", &[("threshold", "99"), ("language", "ru")]).await;
        assert_eq!(low.status(), 422, "at most 50 %");
        admin.fill("/settings/rules", &[("threshold", "50"), ("language", "ru")]).await;
        let facts = Facts { supplies: Some(vec![toner(42)]), ..Facts::default() };
        server.give(Subject::Known { device: DeviceId(1) }, ProbeClass::Supplies, facts).await;
        assert_eq!(count(&server.store, "need").await, 1, "42 % left, low at 50 %");
    })
    .await;
}

/// Two devices are one by a person's word, and two again; what is refused says why and changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn devices_are_merged_and_split_on_their_page() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        let board = Facts {
            kind: Some(DeviceKind::Printer),
            serial: Some("VXL0099999".into()),
            sys_name: Some("mfu-2".into()),
            base_mac: Some("00:c0:ee:00:00:02".into()),
            ..Facts::default()
        };
        let found = Subject::Discovered { site: 1, credential: None, range: None };
        server.give_from([192, 0, 2, 8], found, ProbeClass::Inventory, board).await;
        assert_eq!(count(&server.store, "device").await, 2);

        let to = admin.fill("/devices/1/merge", &[("other", "нет такого")]).await;
        assert!(admin.page(&to).await.contains("mfu-1"), "a name nobody has changes nothing");
        assert_eq!(admin.get("/devices/2").await.status(), 200);
        let to = admin.fill("/devices/1/merge", &[("other", "mfu-2")]).await;
        let page = admin.page(&to).await;
        assert!(page.contains("/devices/1/identity/1/undo") && page.contains("00:c0:ee:00:00:02"), "{page}");
        let part = admin.get("/devices/2").await;
        assert_eq!(part.headers()["location"], "/devices/1", "the part leads to the whole");
        admin.fill("/devices/1/identity/1/undo", &[]).await;
        assert!(admin.page("/devices/2").await.contains("mfu-2"));

        // One box of three is the other's: it becomes a device of its own.
        admin.fill("/devices/2/split", &[]).await;
        assert_eq!(count(&server.store, "device").await, 2, "no box, no split");
        let to = admin.fill("/devices/2/split", &[("identifier", "base-mac 00:c0:ee:00:00:02")]).await;
        assert_eq!(count(&server.store, "device").await, 3);
        assert!(admin.page(&to).await.contains("/devices/2/identity/2/undo"));
        assert!(admin.page("/devices/3").await.contains("00:c0:ee:00:00:02"));
        let (status, list) = admin.api(Method::GET, "/api/v1/devices/2/identity", None).await;
        assert_eq!((status, list["items"].as_array().or(list.as_array()).map(Vec::len)), (200, Some(1)), "{list}");
    })
    .await;
}

/// Stock by its forms alone: counted, written off, given out at the device with two taps, taken back; each button once.
#[tokio::test(flavor = "multi_thread")]
async fn stock_is_kept_by_its_forms() {
    on_each_database(async |server, admin| {
        make_branch(server, admin).await;
        // Scanned twice: one line of two pieces, on the same page.
        let mut form = vec![("kind", "receipt"), ("store", "1"), ("key", "k1"), ("code", "tk-1170"), ("do", "add")];
        let page = admin.send("/stock/new", &form).await.text().await.unwrap();
        assert!(page.contains(r#"name="q-1" value="1""#), "{page}");
        form.push(("q-1", "1"));
        let page = admin.send("/stock/new", &form).await.text().await.unwrap();
        assert!(page.contains(r#"name="q-1" value="2""#), "{page}");
        form[3] = ("code", "4006381333931");
        let unknown = admin.send("/stock/new", &form).await;
        assert_eq!(unknown.status(), 422);
        let unknown = unknown.text().await.unwrap();
        assert!(unknown.contains("e-code") && unknown.contains(r#"name="q-1" value="1""#), "what was there stays");
        // Posting asks once, with totals.
        let form = [("kind", "receipt"), ("store", "1"), ("key", "k1"), ("q-1", "2"), ("do", "post")];
        let asked = admin.send("/stock/new", &form).await.text().await.unwrap();
        assert!(asked.contains(r#"value="confirm""#) && asked.contains("2 шт."), "{asked}");
        let form = [("kind", "receipt"), ("store", "1"), ("key", "k1"), ("q-1", "2"), ("do", "confirm")];
        let to = admin.fill("/stock/new", &form).await;
        assert_eq!(admin.fill("/stock/new", &form).await, to, "pressed twice");
        assert_eq!(integers(&server.store, "SELECT CAST(SUM(delta) AS BIGINT) FROM stock_move").await, [2]);
        // The device has its cartridge with two taps; the third piece is not there, and the page says so.
        let page = admin.page("/devices/1").await;
        assert!(page.contains(r#"value="1/1" checked"#), "{page}");
        for (key, hand) in [("a", 1), ("a", 1), ("b", 0), ("c", 0)] {
            admin.fill("/devices/1/replaced", &[("index", "1.1"), ("pick", "1/1"), ("key", key)]).await;
            let held = integers(&server.store, "SELECT CAST(SUM(delta) AS BIGINT) FROM stock_move").await;
            assert_eq!(held, [hand], "{key}");
        }
        let issue = integers(&server.store, "SELECT MIN(id) FROM stock_document WHERE kind = 'issue'").await[0];
        admin.fill(&format!("/stock/documents/{issue}/reverse"), &[("note", "не тот")]).await;
        let page = admin.page("/stock/articles/1").await;
        assert!(page.contains("Сторно") && page.contains("+1"), "{page}");
        let kept = [("store", "1"), ("quantity", "1"), ("note", "для Самары")];
        admin.fill("/stock/articles/1/reserve", &kept).await;
        assert!(admin.page("/stock/articles/1").await.contains("для Самары"));
        admin.fill("/stock/articles/1/reservations/1/release", &[]).await;
        admin.fill("/stock/stores", &[("name", "Шкаф"), ("site", "1")]).await;
        let wrong = [("kind", "issue"), ("store", "2"), ("key", "k2"), ("q-1", "5"), ("do", "confirm")];
        let wrong = admin.send("/stock/new", &wrong).await;
        assert_eq!(wrong.status(), 422);
        assert!(wrong.text().await.unwrap().contains("«Шкаф»"), "the refusal names the store");
        let count = [("kind", "count"), ("store", "1"), ("key", "k3"), ("q-1", "3"), ("x-1", "1"), ("do", "confirm")];
        let to = admin.fill("/stock/new", &count).await;
        assert!(admin.page(&to).await.contains("+2"));
        admin.page(&format!("{to}/print")).await;
        admin.fill("/stock/stores/2/rename", &[("name", "Шкаф 305")]).await;
        admin.fill("/stock/stores/2/archive", &[]).await;
        assert!(!admin.page("/stock").await.contains("Шкаф 305"));
    })
    .await;
}
