//! Traps from others' hands: net-snmp's `snmptrap` and `snmpinform` against the whole program, a simulated switch behind it.
//!
//! The flood is measured by hand: `cargo test --test traps -- --ignored --nocapture`.

mod collect_lab;
mod protocol_support;

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use anykey::app::{self, App, Start};
use anykey::clock::Clock;
use anykey::collect::traps::{Looks, Secure, Setup};
use anykey::collect::{Agent, PollConfig, PollTarget, Poller, Prober, TrapCounts, TrapListener, TrapSocket};
use anykey::config::{Config, Secret, SiteConfig};
use anykey::model::{DeviceId, Event, Facts, Outcome, Reading, Trap};
use anykey::profile::Knowledge;
use anykey::protocol::snmp::{Client, ClientConfig, Oid, User, Value};
use anykey::simulator::Server;
use anykey::store::Store;
use anykey::store::read::{device, discovery};
use collect_lab::{lab, oid, system_group};
use protocol_support::installed;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(30);

/// A running Anykey with one simulated switch, found by its own discovery.
struct Scene {
    app: App,
    store: Store,
    traps: SocketAddr,
    switch: IpAddr,
    device: DeviceId,
    _agent: Server,
    _folder: tempfile::TempDir,
}

/// A port nobody uses at this moment.
fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn switch_rows() -> Vec<(Oid, Value)> {
    let mut rows = system_group("sw-test", "1.3.6.1.4.1.9.1.1");
    let column = |c: u32, i: u32| oid("1.3.6.1.2.1.2.2.1").child(&[c, i]);
    for i in 1..=4u32 {
        rows.push((column(1, i), Value::Integer(i.into())));
        rows.push((column(2, i), Value::OctetString(format!("GigabitEthernet0/{i}").into_bytes())));
        rows.push((column(3, i), Value::Integer(6)));
        rows.push((column(7, i), Value::Integer(1)));
        rows.push((column(8, i), Value::Integer(1)));
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

impl Scene {
    /// `net`: each test has loopback addresses of its own.
    async fn start(net: u8) -> Scene {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let (switch, port) = (IpAddr::from([127, 23, net, 1]), 16_100 + u16::from(net));
        let agent = lab([(SocketAddr::new(switch, port), switch_rows())]).await;
        let traps = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut config = Config::default();
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.database.url = Secret(format!("sqlite://{}", folder.path().join("a.db").display()));
        config.traps.listen = Some(traps);
        // Only what a trap asks for is asked again during the test.
        config.poll.initial_spread = Duration::ZERO;
        (config.poll.icmp, config.poll.ipp) = (false, false);
        config.discovery.ipp_port = 9;
        config.site = vec![SiteConfig {
            name: "Казань".into(),
            time_zone: "Europe/Moscow".into(),
            range: vec![anykey::config::RangeConfig { cidr: switch.to_string(), port }],
        }];
        let clock = Clock::system();
        let (store, engine) = app::open(&config, &clock).await.unwrap();
        let knowledge = app::knowledge(&config).unwrap();
        let start = Start { config, clock, store: store.clone(), engine, knowledge, open_on_loopback: true };
        let app = App::start(start).await.unwrap();
        let mut scene = Scene { app, store, traps, switch, device: DeviceId(1), _agent: agent, _folder: folder };
        // Found, and asked for everything once: the names of its ports are known.
        scene.until("the switch and its ports", async |s| s.port_names().await == 4).await;
        scene.until("the poller's first round", async |s| s.app.poller.stats().answered > 0).await;
        scene
    }

    async fn port_names(&self) -> usize {
        device::ports(self.store.db(), self.device, anykey::model::Millis(0)).await.unwrap().len()
    }

    /// Asks until it is so: the wait is for real sockets and another task's commit.
    async fn until(&mut self, what: &str, mut ready: impl AsyncFnMut(&Scene) -> bool) {
        let waited = tokio::time::timeout(PATIENCE, async {
            let mut every = tokio::time::interval(Duration::from_millis(20));
            loop {
                every.tick().await;
                if ready(self).await {
                    return;
                }
            }
        });
        if waited.await.is_err() {
            panic!("no {what} in time; told: {:?}; {:#?}", self.told().await, self.counted().await);
        }
    }

    /// Our counters of traps.
    async fn counted(&self) -> Vec<String> {
        let url = format!("http://{}/metrics", self.app.address);
        let text = reqwest::get(url).await.unwrap().text().await.unwrap();
        text.lines().filter(|l| l.contains("traps")).map(str::to_owned).collect()
    }

    /// Traps in the switch's history, the oldest first.
    async fn told(&self) -> Vec<Trap> {
        let rows = device::timeline(self.store.db(), self.device, &["trap-received"], None, 500).await.unwrap();
        let trap = |e| if let Event::TrapReceived { trap } = e { Some(trap) } else { None };
        rows.into_iter().rev().filter_map(|r| trap(r.event)).collect()
    }

    /// Runs one of net-snmp's senders with the switch's address as its own.
    fn send(&self, command: &str, from: IpAddr, arguments: &[&str]) -> Output {
        let (to, client) = (format!("udp:{}", self.traps), format!("--clientaddr={from}"));
        let mut all: Vec<&str> = Vec::new();
        for a in arguments {
            all.push(if *a == "TO" { &to } else { a });
        }
        let out = Command::new(command).arg(client).args(all).env("MIBS", "").output().unwrap();
        assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
        out
    }
}

const LINK_DOWN: &str = "1.3.6.1.6.3.1.1.5.3";
const IF_INDEX: &str = "1.3.6.1.2.1.2.2.1.1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traps_of_every_version_are_named_and_make_the_poller_look() {
    if !installed("snmptrap", "snmp") {
        return;
    }
    let mut s = Scene::start(1).await;
    let rounds = s.app.poller.stats().rounds;
    let (one, three) = (format!("{IF_INDEX}.1"), format!("{IF_INDEX}.3"));
    let v1 = ["-v1", "-c", "public", "TO", "1.3.6.1.4.1.9.1.1", "0.0.0.0", "2", "0", "4711", one.as_str(), "i", "1"];
    s.send("snmptrap", s.switch, &v1);
    s.until("the v1 trap", async |s| s.told().await.len() == 1).await;
    s.until("a look at the switch", async |s| s.app.poller.stats().rounds > rounds).await;
    let v2c = ["-v2c", "-c", "public", "TO", "4711", LINK_DOWN, three.as_str(), "i", "3"];
    s.send("snmptrap", s.switch, &v2c);
    s.until("the v2c trap", async |s| s.told().await.len() == 2).await;
    // An inform is answered, or its sender would fail after its retries.
    let inform = ["-v2c", "-c", "public", "-r", "1", "-t", "5", "TO", "4711", "1.3.6.1.6.3.1.1.5.1"];
    s.send("snmpinform", s.switch, &inform);
    let own = ["-v1", "-c", "public", "TO", "1.3.6.1.4.1.318", "0.0.0.0", "6", "5", "4711"];
    s.send("snmptrap", s.switch, &own);
    let unknown = ["-v2c", "-c", "any", "TO", "4711", "1.3.6.1.4.1.99999.0.7", "1.3.6.1.4.1.99999.1", "s", "Paper jam"];
    s.send("snmptrap", s.switch, &unknown);
    // Carried by somebody else, in the name of the switch.
    let agent = s.switch.to_string();
    let carried = ["-v1", "-c", "public", "TO", "1.3.6.1.2.1.17", agent.as_str(), "6", "2", "4711"];
    s.send("snmptrap", IpAddr::from([127, 0, 0, 1]), &carried);
    s.until("all six", async |s| s.told().await.len() == 6).await;

    let told = s.told().await;
    let names: Vec<&str> = told.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["linkDown", "linkDown", "coldStart", "upsOnBattery", "1.3.6.1.4.1.99999.0.7", "topologyChange"]);
    let ports: Vec<Option<&str>> = told.iter().map(|t| t.port.as_deref()).collect();
    assert_eq!(ports[..3], [Some("GigabitEthernet0/1"), Some("GigabitEthernet0/3"), None]);
    assert_eq!(told[4].text.as_deref(), Some("Paper jam"));
    assert_eq!(told.iter().map(|t| t.version.as_str()).collect::<Vec<_>>(), ["1", "2c", "2c", "1", "2c", "1"]);

    // A trap says nothing of the state, whatever its name.
    let d = device::one(s.store.db(), s.device).await.unwrap().unwrap();
    assert_eq!(d.row.condition, "ok");

    // Somebody whom nobody polls is proposed once, and never scanned by itself.
    for _ in 0..3 {
        s.send("snmptrap", IpAddr::from([127, 23, 9, 9]), &v2c);
    }
    s.until("the proposal", async |s| {
        let ranges = discovery::ranges(s.store.db()).await.unwrap();
        ranges.iter().any(|r| r.cidr == "127.23.9.9" && r.origin == "trap" && !r.enabled)
    })
    .await;
    assert_eq!(discovery::ranges(s.store.db()).await.unwrap().len(), 2);
    s.app.stop().await.unwrap();
}

/// A listener alone, with these users and one device at 127.0.0.1.
struct Ear {
    address: SocketAddr,
    readings: mpsc::Receiver<Reading>,
    counts: Arc<TrapCounts>,
    stop: CancellationToken,
    thread: tokio::task::JoinHandle<()>,
    _targets: watch::Sender<Vec<PollTarget>>,
    _users: watch::Sender<Vec<User>>,
}

impl Ear {
    fn open(users: Vec<User>) -> Ear {
        let socket = TrapSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = socket.address().unwrap();
        let knowledge = Arc::new(Knowledge::load(None).unwrap());
        let client = Client::start(ClientConfig::default()).unwrap();
        let prober = Prober::new(client, knowledge.clone());
        let (_, poller) = Poller::new(prober, PollConfig::default(), Clock::system(), "test");
        let (known, unknown) = (Facts::default(), None);
        let agent = Agent { address: [127, 0, 0, 1].into(), port: 161, credential: unknown, ipp_port: None, known };
        let target = PollTarget { device: DeviceId(7), agent, parents: Vec::new() };
        let (targets, targets_in) = watch::channel(vec![target]);
        let (users, users_in) = watch::channel(users);
        let (readings_out, readings) = mpsc::channel(64);
        let setup = Setup {
            knowledge,
            looks: Looks::built_in().unwrap(),
            poller,
            clock: Clock::system(),
            name: "test".into(),
            secure: Secure::new(b"\x80\0\0\0\x05anykey".to_vec(), 29_000_000, 1),
            users: users_in,
        };
        let listener = TrapListener::new(socket, setup);
        let (counts, stop) = (listener.counts(), CancellationToken::new());
        let stopped = stop.clone();
        let thread = tokio::task::spawn_blocking(move || listener.run(targets_in, &readings_out, &stopped));
        Ear { address, readings, counts, stop, thread, _targets: targets, _users: users }
    }
    async fn next(&mut self) -> Trap {
        let reading = tokio::time::timeout(PATIENCE, self.readings.recv()).await.expect("no trap in time").unwrap();
        assert_eq!(reading.subject, anykey::model::Subject::Known { device: DeviceId(7) });
        let Outcome::Spoke { trap } = reading.outcome else { panic!("{reading:?}") };
        trap
    }
    async fn close(self) -> [(&'static str, u64); 8] {
        self.stop.cancel();
        self.thread.await.unwrap();
        self.counts.list()
    }
}

fn net_snmp(command: &str, ear: &Ear, arguments: &[&str]) -> bool {
    let to = format!("udp:{}", ear.address);
    let all = arguments.iter().map(|a| if *a == "TO" { to.as_str() } else { a });
    let out = Command::new(command).args(all).env("MIBS", "").env("HOME", "/nonexistent").output().unwrap();
    out.status.success()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_3_is_taken_from_users_only() {
    if !installed("snmptrap", "snmp") {
        return;
    }
    use anykey::protocol::snmp::{AuthProtocol as A, PrivProtocol as P};
    let (a, x) = ("auth-pass-1", "priv-pass-1");
    let ways: [(&str, &str, &str, User); 3] = [
        ("sha", "SHA", "AES", User::new("sha", Some((A::Sha1, a)), Some((P::Aes128, x))).unwrap()),
        ("sha256", "SHA-256", "AES", User::new("sha256", Some((A::Sha256, a)), Some((P::Aes128, x))).unwrap()),
        ("md5", "MD5", "DES", User::new("md5", Some((A::Md5, a)), Some((P::Des, x))).unwrap()),
    ];
    let only_auth = User::new("half", Some((A::Sha256, a)), None).unwrap();
    let users = ways.iter().map(|w| w.3.clone()).chain([only_auth]).collect();
    let mut ear = Ear::open(users);
    let arguments = |level: &'static str, user: &'static str, h: &'static str, p: &'static str| {
        vec!["-v3", "-u", user, "-l", level, "-a", h, "-A", "auth-pass-1", "-x", p, "-X", "priv-pass-1"]
    };
    for (user, hash, privacy, _) in &ways {
        let mut trap = arguments("authPriv", user, hash, privacy);
        trap.extend(["-e", "0x8000000001020304", "TO", "4711", LINK_DOWN, "1.3.6.1.2.1.2.2.1.1.5", "i", "5"]);
        // Another engine for each, as devices are.
        let engine = format!("0x80000000010203{:02x}", user.len());
        trap[14] = &engine;
        assert!(net_snmp("snmptrap", &ear, &trap));
    }
    let t = ear.next().await;
    assert_eq!((t.name.as_str(), t.version.as_str(), t.if_index), ("linkDown", "3", Some(5)));
    let mut inform = arguments("authPriv", "sha256", "SHA-256", "AES");
    inform.extend(["-r", "1", "-t", "5", "TO", "4711", "1.3.6.1.6.3.1.1.5.1"]);
    assert!(net_snmp("snmpinform", &ear, &inform), "the inform is answered");
    assert_eq!(ear.next().await.name, "coldStart");
    let mut half = arguments("authNoPriv", "half", "SHA-256", "AES");
    half.extend(["-e", "0x80000000010203aa", "TO", "4711", "1.3.6.1.6.3.1.1.5.2"]);
    assert!(net_snmp("snmptrap", &ear, &half));
    assert_eq!(ear.next().await.name, "warmStart");
    // A stranger's password, and less protection than the user has.
    for (user, password, level) in [("sha", "another-pass", "authNoPriv"), ("sha256", "auth-pass-1", "authNoPriv")] {
        let forged = ["-v3", "-u", user, "-l", level, "-a", "SHA", "-A", password, "-e", "0x80000000010203bb", "TO"];
        assert!(net_snmp("snmptrap", &ear, &[&forged[..], &["4711", "1.3.6.1.6.3.1.1.5.5"]].concat()));
    }
    let wrong = ["-v3", "-u", "sha", "-l", "authNoPriv", "-a", "SHA", "-A", "another-pass", "-r", "0", "-t", "1", "TO"];
    assert!(!net_snmp("snmpinform", &ear, &[&wrong[..], &["4711", "1.3.6.1.6.3.1.1.5.5"]].concat()));
    // Whatever was refused left no trace: the next one is a real one.
    assert!(net_snmp("snmptrap", &ear, &["-v2c", "-c", "x", "TO", "4711", "1.3.6.1.6.3.1.1.5.4"]));
    assert_eq!(ear.next().await.name, "linkUp");
    let counts = ear.close().await;
    let of = |name| counts.iter().find(|c| c.0 == name).unwrap().1;
    assert_eq!((of("malformed"), of("limited"), of("strangers"), of("lost")), (0, 0, 0, 0));
    assert_eq!(of("looks"), 6, "every one that was taken, the three equal ones too: {counts:?}");
    assert!(of("informs") == 1 && of("refused") >= 4, "{counts:?}");
}

#[tokio::test]
async fn a_port_that_cannot_be_had_stops_nothing() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let e = TrapSocket::bind(address).unwrap_err().to_string();
    assert!(e.contains(&address.to_string()) && e.contains("[traps] listen"), "{e}");
    let denied = anykey::collect::TrapError {
        address: SocketAddr::from(([0, 0, 0, 0], 162)),
        source: std::io::ErrorKind::PermissionDenied.into(),
    };
    let text = denied.to_string();
    assert!(text.contains("setcap") && text.contains("0.0.0.0:1162"), "{text}");

    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.database.url = Secret(format!("sqlite://{}", folder.path().join("a.db").display()));
    config.traps.listen = Some(address);
    let clock = Clock::system();
    let (store, engine) = app::open(&config, &clock).await.unwrap();
    let knowledge = app::knowledge(&config).unwrap();
    let app = App::start(Start { config, clock, store, engine, knowledge, open_on_loopback: true }).await.unwrap();
    app.stop().await.unwrap();
}

/// Sends `count` traps at 50,000 a second from a process of its own, so that its time is not counted as the server's.
fn flood() {
    let var = |name: &str| std::env::var(name).unwrap();
    let (to, seconds): (SocketAddr, u64) = (var("FLOOD_TO").parse().unwrap(), var("FLOOD_SECONDS").parse().unwrap());
    let from: IpAddr = var("FLOOD_FROM").parse().unwrap();
    let socket = UdpSocket::bind((from, 0)).unwrap();
    let name = LINK_DOWN.parse().unwrap();
    let n = anykey::protocol::snmp::trap::Notification {
        version: anykey::protocol::snmp::Version::V2c,
        confirmed: false,
        name,
        uptime_cs: Some(1),
        agent_address: None,
        varbinds: vec![anykey::protocol::snmp::VarBind {
            oid: oid(&format!("{IF_INDEX}.2")),
            value: Value::Integer(2),
        }],
    };
    let bytes = anykey::protocol::snmp::trap::encode(n.version, b"public", &n, 1).unwrap();
    let started = tokio::time::Instant::now();
    let mut sent = 0u64;
    while started.elapsed() < Duration::from_secs(seconds) {
        let due = started.elapsed().as_micros() as u64 * 50_000 / 1_000_000;
        while sent < due {
            let _ = socket.send_to(&bytes, to);
            sent += 1;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    println!("sent {sent}");
}

/// User and system time of this process.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, run by hand: 50,000 traps a second for ten seconds"]
async fn a_flood_leaves_the_rest_responsive() {
    if std::env::var_os("FLOOD_TO").is_some() {
        return flood();
    }
    let s = Scene::start(2).await;
    let page = format!("http://{}/devices/{}", s.app.address, s.device.0);
    let http = reqwest::Client::new();
    let mut worst = [Duration::ZERO; 2];
    for (phase, worst) in worst.iter_mut().enumerate() {
        let (cpu, rounds) = (cpu_seconds(), s.app.poller.stats().rounds);
        let sender = (phase == 1).then(|| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "a_flood_leaves_the_rest_responsive", "--ignored", "--nocapture"])
                .env("FLOOD_TO", s.traps.to_string())
                .env("FLOOD_FROM", s.switch.to_string())
                .env("FLOOD_SECONDS", "10")
                .stdout(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        });
        let mut times = Vec::new();
        let until = tokio::time::Instant::now() + Duration::from_secs(10);
        let mut every = tokio::time::interval(Duration::from_millis(50));
        while tokio::time::Instant::now() < until {
            every.tick().await;
            let asked = tokio::time::Instant::now();
            let answer = http.get(&page).send().await.unwrap();
            assert!(answer.status().is_success());
            answer.bytes().await.unwrap();
            times.push(asked.elapsed());
        }
        times.sort();
        *worst = times[times.len() * 99 / 100];
        let sent = sender.map(|p| String::from_utf8_lossy(&p.wait_with_output().unwrap().stdout).into_owned());
        let sent = sent.unwrap_or_default();
        let sent = sent.lines().find(|l| l.contains("sent")).unwrap_or("quiet");
        println!(
            "{sent}: page median {:?}, 99 % {worst:?}; server CPU {:.2} s of 10; rounds of polling {}; lines of history {}",
            times[times.len() / 2],
            cpu_seconds() - cpu,
            s.app.poller.stats().rounds - rounds,
            s.told().await.len(),
        );
    }
    s.counted().await.iter().for_each(|l| println!("{l}"));
    assert!(worst[1] < Duration::from_millis(500), "{worst:?}");
    s.app.stop().await.unwrap();
}
