//! Traps from others' hands: net-snmp's `snmptrap` and `snmpinform` against the whole program, a simulated switch behind it.
//!
//! A flood of them is measured by `cargo bench --bench traps`.

#[path = "../collect_lab/mod.rs"]
mod collect_lab;
#[path = "../protocol_support/mod.rs"]
mod protocol_support;
mod scene;

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::process::{Command, Output};
use std::sync::Arc;

use anykey::app::{self, App, Start};
use anykey::clock::Clock;
use anykey::collect::traps::{Looks, Secure, Setup};
use anykey::collect::{Agent, PollConfig, PollTarget, Poller, Prober, TrapCounts, TrapListener, TrapSocket};
use anykey::config::{Config, Secret};
use anykey::engine::{Actor, CommandSource};
use anykey::model::{Command as Change, DeviceId, Facts, Outcome, Reading, SnmpUser, Trap};
use anykey::profile::Knowledge;
use anykey::protocol::snmp::{Client, ClientConfig, User};
use anykey::store::read::{device, discovery};
use protocol_support::installed;
use scene::{IF_INDEX, LINK_DOWN, PATIENCE, Scene};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Runs one of net-snmp's senders with this address as its own.
fn send(s: &Scene, command: &str, from: IpAddr, arguments: &[&str]) -> Output {
    let (to, client) = (format!("udp:{}", s.traps), format!("--clientaddr={from}"));
    let mut all: Vec<&str> = Vec::new();
    for a in arguments {
        all.push(if *a == "TO" { &to } else { a });
    }
    let out = Command::new(command).arg(client).args(all).env("MIBS", "").output().unwrap();
    assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traps_of_every_version_are_named_and_make_the_poller_look() {
    if !installed("snmptrap", "snmp") {
        return;
    }
    let mut s = Scene::start(1).await;
    let rounds = s.app.poller.stats().rounds;
    let (one, three) = (format!("{IF_INDEX}.1"), format!("{IF_INDEX}.3"));
    let v1 = ["-v1", "-c", "public", "TO", "1.3.6.1.4.1.9.1.1", "0.0.0.0", "2", "0", "4711", one.as_str(), "i", "1"];
    send(&s, "snmptrap", s.switch, &v1);
    s.until("the v1 trap", async |s| s.told().await.len() == 1).await;
    s.until("a look at the switch", async |s| s.app.poller.stats().rounds > rounds).await;
    let v2c = ["-v2c", "-c", "public", "TO", "4711", LINK_DOWN, three.as_str(), "i", "3"];
    send(&s, "snmptrap", s.switch, &v2c);
    s.until("the v2c trap", async |s| s.told().await.len() == 2).await;
    // An inform is answered, or its sender would fail after its retries.
    let inform = ["-v2c", "-c", "public", "-r", "1", "-t", "5", "TO", "4711", "1.3.6.1.6.3.1.1.5.1"];
    send(&s, "snmpinform", s.switch, &inform);
    let own = ["-v1", "-c", "public", "TO", "1.3.6.1.4.1.318", "0.0.0.0", "6", "5", "4711"];
    send(&s, "snmptrap", s.switch, &own);
    let unknown = ["-v2c", "-c", "any", "TO", "4711", "1.3.6.1.4.1.99999.0.7", "1.3.6.1.4.1.99999.1", "s", "Paper jam"];
    send(&s, "snmptrap", s.switch, &unknown);
    // Carried by somebody else, in the name of the switch.
    let agent = s.switch.to_string();
    let carried = ["-v1", "-c", "public", "TO", "1.3.6.1.2.1.17", agent.as_str(), "6", "2", "4711"];
    send(&s, "snmptrap", IpAddr::from([127, 0, 0, 1]), &carried);
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
        send(&s, "snmptrap", IpAddr::from([127, 23, 9, 9]), &v2c);
    }
    s.until("the proposal", async |s| {
        let ranges = discovery::ranges(s.store.db()).await.unwrap();
        ranges.iter().any(|r| r.cidr == "127.23.9.9" && r.origin == "trap" && !r.enabled)
    })
    .await;
    assert_eq!(discovery::ranges(s.store.db()).await.unwrap().len(), 2);
    s.app.stop().await.unwrap();
}

/// A user entered on a page is one whose traps are taken, without a restart, and no longer after the user is removed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_of_the_store_may_send_traps() {
    if !installed("snmptrap", "snmp") {
        return;
    }
    let mut s = Scene::start(3).await;
    let user = SnmpUser {
        user: "watch".into(),
        auth_protocol: "SHA-256".into(),
        auth_password: "auth-pass-1".into(),
        priv_protocol: "AES-128".into(),
        priv_password: "priv-pass-1".into(),
        context: String::new(),
    };
    let person = Actor { who: "anna".into(), source: CommandSource::Web };
    let added = s.engine.command(person.clone(), Change::AddSnmpUser { name: "core".into(), user }).await.unwrap();
    let secure = ["-v3", "-u", "watch", "-l", "authPriv", "-a", "SHA-256", "-A", "auth-pass-1", "-x", "AES", "-X"];
    let engine = ["priv-pass-1", "-e", "0x8000000001020399", "TO", "4711", LINK_DOWN];
    // The listener learns of the user a moment after the command: sent until it is taken.
    let from = s.switch;
    s.until("the trap of the new user", async |s| {
        send(s, "snmptrap", from, &[&secure[..], &engine[..]].concat());
        !s.told().await.is_empty()
    })
    .await;
    let told = s.told().await;
    assert_eq!((told[0].name.as_str(), told[0].version.as_str()), ("linkDown", "3"));
    s.engine.command(person, Change::RemoveCredential { credential: added.id.unwrap() }).await.unwrap();
    let refused = async |s: &Scene| {
        let counted = s.counted().await;
        let line = counted.iter().find(|l| l.contains("refused")).cloned().unwrap_or_default();
        line.rsplit(' ').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or_default()
    };
    let before = refused(&s).await;
    s.until("the trap refused", async |s| {
        send(s, "snmptrap", from, &[&secure[..], &engine[..]].concat());
        refused(s).await > before
    })
    .await;
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
