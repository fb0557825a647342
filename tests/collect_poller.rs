//! The poller against simulated agents over real UDP on loopback: cadence, isolation of dead devices, contents of Readings.

mod collect_lab;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anykey::clock::Clock;
use anykey::collect::{Agent, Credential, PollConfig, PollTarget, Poller, Prober};
use anykey::model::{DeviceId, Facts, Outcome, ProbeClass, Reading, Subject};
use anykey::profile::Knowledge;
use anykey::protocol::snmp::{Client, ClientConfig, Version};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use collect_lab::{lab, system_group};

const PORT: u16 = 21161;
const WAIT: Duration = Duration::from_secs(20);

fn prober(timeout: Duration) -> Prober {
    let config = ClientConfig { initial_timeout: timeout, max_timeout: timeout, ..ClientConfig::default() };
    Prober::new(Client::start(config).unwrap(), Arc::new(Knowledge::load(None).unwrap()))
}

fn target(device: i64, address: IpAddr) -> PollTarget {
    PollTarget {
        device: DeviceId(device),
        agent: Agent {
            address,
            port: PORT,
            credential: Some(Credential::community(Version::V2c, "public")),
            ipp_port: None,
            known: Facts::default(),
        },
        parents: Vec::new(),
    }
}

struct Running {
    targets: watch::Sender<Vec<PollTarget>>,
    readings: mpsc::Receiver<Reading>,
    handle: anykey::collect::PollerHandle,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

fn start(config: PollConfig, targets: Vec<PollTarget>, capacity: usize, timeout: Duration) -> Running {
    let (poller, handle) = Poller::new(prober(timeout), config, Clock::system(), "test");
    let (targets, watching) = watch::channel(targets);
    let (sender, readings) = mpsc::channel(capacity);
    let stop = CancellationToken::new();
    let task = tokio::spawn(poller.run(watching, sender, stop.clone()));
    Running { targets, readings, handle, stop, task }
}

impl Running {
    async fn next(&mut self) -> Reading {
        timeout(WAIT, self.readings.recv()).await.expect("no reading in time").expect("the poller ended")
    }
    async fn end(self) {
        self.stop.cancel();
        timeout(WAIT, self.task).await.expect("the poller does not stop").unwrap();
    }
}

fn quick() -> PollConfig {
    PollConfig { initial_spread: Duration::ZERO, reachability: Duration::from_secs(1), ..PollConfig::default() }
}

#[tokio::test]
async fn a_dead_device_delays_nobody() {
    let live: Vec<IpAddr> = (1..=3).map(|i| IpAddr::from([127, 21, 1, i])).collect();
    let server = lab(live.iter().map(|a| (SocketAddr::new(*a, PORT), system_group("sw", "1.3.6.1.4.1.9.1.1")))).await;
    // Bound, so that nothing refuses: 60 devices that never answer, twice as many as there are places.
    let _silent: Vec<std::net::UdpSocket> =
        (1..=60).map(|i| std::net::UdpSocket::bind((IpAddr::from([127, 21, 2, i]), PORT)).unwrap()).collect();
    let mut targets: Vec<PollTarget> = (1..=60).map(|i| target(i.into(), IpAddr::from([127, 21, 2, i]))).collect();
    targets.extend(live.iter().enumerate().map(|(i, a)| target(100 + i as i64, *a)));
    let config = PollConfig { concurrency: 64, silent_concurrency: 20, ..quick() };
    let mut poller = start(config, targets, 64, Duration::from_millis(1500));
    // Sixty dead devices, twenty at a time, three attempts of 1.5 s each: whoever waited for them all would wait for their
    // sixty readings. Three rounds of each live device come before a third of those.
    let (mut answers, mut silent) = (0, 0);
    while answers < 9 {
        let r = poller.next().await;
        match r.outcome {
            Outcome::Answered { .. } => answers += usize::from(r.class == ProbeClass::Reachability),
            _ => silent += 1,
        }
    }
    assert!(silent <= 20, "{silent} readings of dead devices came before nine of living ones");
    poller.end().await;
    server.stop().await;
}

#[tokio::test]
async fn readings_say_who_what_and_when() {
    let address = IpAddr::from([127, 21, 3, 1]);
    let server = lab([(SocketAddr::new(address, PORT), system_group("core", "1.3.6.1.4.1.9.1.1"))]).await;
    let mut poller = start(quick(), vec![target(7, address)], 1, Duration::from_secs(1));
    let mut classes = Vec::new();
    while classes.len() < ProbeClass::ALL.len() {
        let r = poller.next().await;
        assert_eq!(r.subject, Subject::Known { device: DeviceId(7) });
        assert_eq!((r.address, r.port, r.poller.as_str()), (address, PORT, "test"));
        assert!(matches!(r.outcome, Outcome::Answered { .. }), "{:?}", r.outcome);
        if r.class == ProbeClass::Reachability {
            assert_eq!(r.facts.sys_name.as_deref(), Some("core"));
            assert!(r.facts.sys_uptime_cs.is_some());
        }
        if !classes.contains(&r.class) {
            classes.push(r.class);
        }
    }
    assert_eq!(classes[0], ProbeClass::Reachability, "reachability opens the round");
    poller.end().await;
    server.stop().await;
}

#[tokio::test]
async fn targets_change_and_poll_now_while_it_runs() {
    let (a, b) = (IpAddr::from([127, 21, 4, 1]), IpAddr::from([127, 21, 4, 2]));
    let server = lab([a, b].map(|x| (SocketAddr::new(x, PORT), system_group("x", "1.3.6.1.4.1.9.1.1")))).await;
    let slow = PollConfig { reachability: Duration::from_secs(3600), ..quick() };
    let mut poller = start(slow, vec![target(1, a)], 64, Duration::from_secs(1));
    while poller.next().await.class != ProbeClass::Inventory {}
    assert!(poller.handle.poll_now(DeviceId(1)));
    assert_eq!(poller.next().await.class, ProbeClass::Reachability);
    while poller.next().await.class != ProbeClass::Inventory {}
    poller.targets.send(vec![target(2, b)]).unwrap();
    let r = poller.next().await;
    assert_eq!(r.subject, Subject::Known { device: DeviceId(2) });
    let stats = poller.handle.stats();
    assert_eq!((stats.targets, stats.unanswered), (1, 0));
    assert!(stats.answered >= 2 && stats.rounds >= 2, "{stats:?}");
    poller.end().await;
    server.stop().await;
}

#[tokio::test]
async fn a_device_that_comes_back_is_asked_everything() {
    let address = IpAddr::from([127, 21, 5, 1]);
    let holder = std::net::UdpSocket::bind((address, PORT)).unwrap();
    let mut poller = start(quick(), vec![target(1, address)], 64, Duration::from_millis(200));
    let r = poller.next().await;
    assert!(!matches!(r.outcome, Outcome::Answered { .. }), "{:?}", r.outcome);
    assert_eq!(r.facts, Facts::default(), "a timeout tells nothing");
    drop(holder);
    let server = lab([(SocketAddr::new(address, PORT), system_group("x", "1.3.6.1.4.1.9.1.1"))]).await;
    while poller.next().await.class != ProbeClass::Inventory {}
    assert_eq!(poller.handle.stats().silent, 0);
    poller.end().await;
    server.stop().await;
}

#[tokio::test]
async fn ipv6_loopback() {
    let address: IpAddr = "::1".parse().unwrap();
    let port = 21162;
    let server = lab([(SocketAddr::new(address, port), system_group("six", "1.3.6.1.4.1.9.1.1"))]).await;
    let mut t = target(1, address);
    t.agent.port = port;
    let mut poller = start(quick(), vec![t], 64, Duration::from_secs(1));
    assert_eq!(poller.next().await.facts.sys_name.as_deref(), Some("six"));
    poller.end().await;
    server.stop().await;
}
