//! A whole Anykey with one simulated switch that sends it traps; the tests and the benchmark of traps share it.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use anykey::app::{self, App, Start};
use anykey::clock::Clock;
use anykey::config::{Config, Secret, SiteConfig};
use anykey::engine::EngineHandle;
use anykey::model::{DeviceId, Event, Trap};
use anykey::protocol::snmp::{Oid, Value};
use anykey::simulator::Server;
use anykey::store::Store;
use anykey::store::read::device;

use crate::collect_lab::{lab, oid, system_group};

pub const LINK_DOWN: &str = "1.3.6.1.6.3.1.1.5.3";
pub const IF_INDEX: &str = "1.3.6.1.2.1.2.2.1.1";
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running Anykey with one simulated switch, found by its own discovery.
pub struct Scene {
    pub app: App,
    pub store: Store,
    pub engine: EngineHandle,
    pub traps: SocketAddr,
    pub switch: IpAddr,
    pub device: DeviceId,
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
    pub async fn start(net: u8) -> Scene {
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
        let start =
            Start { config, clock, store: store.clone(), engine: engine.clone(), knowledge, open_on_loopback: true };
        let app = App::start(start).await.unwrap();
        let mut scene =
            Scene { app, store, engine, traps, switch, device: DeviceId(1), _agent: agent, _folder: folder };
        // Found, and asked for everything once: the names of its ports are known.
        scene.until("the switch and its ports", async |s| s.port_names().await == 4).await;
        scene.until("the poller's first round", async |s| s.app.poller.stats().answered > 0).await;
        scene
    }

    async fn port_names(&self) -> usize {
        device::ports(self.store.db(), self.device, anykey::model::Millis(0)).await.unwrap().len()
    }

    /// Asks until it is so: the wait is for real sockets and another task's commit.
    pub async fn until(&mut self, what: &str, mut ready: impl AsyncFnMut(&Scene) -> bool) {
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
    pub async fn counted(&self) -> Vec<String> {
        let url = format!("http://{}/metrics", self.app.address);
        let text = reqwest::get(url).await.unwrap().text().await.unwrap();
        text.lines().filter(|l| l.contains("traps")).map(str::to_owned).collect()
    }

    /// Traps in the switch's history, the oldest first.
    pub async fn told(&self) -> Vec<Trap> {
        let rows = device::timeline(self.store.db(), self.device, &["trap-received"], None, 500).await.unwrap();
        let trap = |e| if let Event::TrapReceived { trap } = e { Some(trap) } else { None };
        rows.into_iter().rev().filter_map(|r| trap(r.event)).collect()
    }
}
