//! Fifty thousand traps a second for ten seconds: what a page and the poller feel of it. See `README.md`.

#[path = "../collect_lab/mod.rs"]
mod collect_lab;
#[allow(dead_code, reason = "the tests use more of the scene")]
#[path = "../traps/scene.rs"]
mod scene;

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

use anykey::protocol::snmp::Value;
use collect_lab::oid;
use scene::{IF_INDEX, LINK_DOWN, PATIENCE, Scene};

const SECONDS: u64 = 10;

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

/// Ten seconds of a person opening the page of the device that shouts.
async fn looked(s: &Scene) -> Vec<Duration> {
    let page = format!("http://{}/devices/{}", s.app.address, s.device.0);
    let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
    let mut times = Vec::new();
    let until = tokio::time::Instant::now() + Duration::from_secs(SECONDS);
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
    times
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    if std::env::var_os("FLOOD_TO").is_some() {
        return flood();
    }
    let s = Scene::start(2).await;
    let mut quiet = None;
    for flooded in [false, true] {
        let (cpu, rounds) = (cpu_seconds(), s.app.poller.stats().rounds);
        let sender = flooded.then(|| {
            Command::new(std::env::current_exe().unwrap())
                .env("FLOOD_TO", s.traps.to_string())
                .env("FLOOD_FROM", s.switch.to_string())
                .env("FLOOD_SECONDS", SECONDS.to_string())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        });
        let times = looked(&s).await;
        let sent = sender.map(|p| String::from_utf8_lossy(&p.wait_with_output().unwrap().stdout).trim().to_owned());
        let (median, worst) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        let ratio = median.as_secs_f64() / quiet.get_or_insert(median).as_secs_f64();
        println!(
            "{}: page median {median:.1?} (x{ratio:.2} of quiet), 99 % {worst:.1?}; CPU {:.2} s of {SECONDS}; rounds of \
             polling {}; lines of history {}",
            sent.as_deref().unwrap_or("quiet"),
            cpu_seconds() - cpu,
            s.app.poller.stats().rounds - rounds,
            s.told().await.len(),
        );
    }
    s.app.stop().await.unwrap();
}
