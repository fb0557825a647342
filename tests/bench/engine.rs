//! `cargo bench --bench engine`: the SNMP engine beside the bare system calls and beside `snmp2`, in one run.
//!
//! Prints PDUs per CPU-second of this process (user and system, all threads); the agent is another process. Runs alternate
//! and medians are compared, because a virtual machine's speed drifts. See README.md beside this file.

mod agent;
mod bare;

use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use anykey::protocol::snmp::{Client, ClientConfig, SweepOptions, Target, ValueRef, VarBindList, WalkOptions};
use tokio::time::Instant;

use agent::{PRINTER, SWITCH, Table};

const ROUNDS: usize = 7;
const TASKS: u32 = 256;

fn main() {
    match std::env::var("ANYKEY_BENCH").as_deref() {
        Ok("agent") => {
            pin(1);
            agent::run()
        }
        Ok(other) => {
            let (devices, port) = other.split_once(' ').expect("devices and port");
            memory(devices.parse().unwrap(), port.parse().unwrap());
        }
        Err(_) => compare(),
    }
}

struct Agent(Child, u16);
impl Agent {
    fn start() -> Self {
        let exe = std::env::current_exe().unwrap();
        let mut child = Command::new(exe).env("ANYKEY_BENCH", "agent").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Agent(child, line.trim().parse().unwrap())
    }
}
impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Device number `i`.
fn device(i: u32, port: u16) -> SocketAddr {
    (Ipv4Addr::from(0x7F01_0001 + i), port).into()
}

fn pin(core: usize) {
    // SAFETY: a zeroed set is valid; a machine with fewer cores refuses, and nothing is pinned.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(core, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set);
    }
}
pub fn set_buffer(fd: i32, bytes: i32) {
    // SAFETY: a live i32 of the length given.
    unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_RCVBUF, (&raw const bytes).cast(), 4) };
}

/// CPU seconds of this process so far.
fn cpu() -> f64 {
    // SAFETY: a zeroed usage is valid and filled by the call.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}
fn resident_kilobytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// PDUs answered, CPU and wall seconds.
#[derive(Clone, Copy)]
struct Run {
    pdus: f64,
    cpu: f64,
    wall: f64,
}
fn measure(work: impl FnOnce() -> u64) -> Run {
    let (start, before) = (Instant::now(), cpu());
    let pdus = work() as f64;
    Run { pdus, cpu: cpu() - before, wall: start.elapsed().as_secs_f64() }
}
fn median(mut runs: Vec<Run>) -> Run {
    runs.sort_by(|a, b| (a.pdus / a.cpu).total_cmp(&(b.pdus / b.cpu)));
    runs[runs.len() / 2]
}

/// Something to measure, by name.
type Job<'a> = (&'a str, Box<dyn Fn() -> u64 + 'a>);

fn compare() {
    pin(0);
    let agent = Agent::start();
    let port = agent.1;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = ClientConfig { packets_per_second: 0, ..ClientConfig::default() };
    let client = Client::start(config).unwrap();
    let jobs: Vec<Job<'_>> = vec![
        ("bare sendmmsg/recvmmsg, GET", Box::new(|| bare::run(&bare::get(), port, 60_000))),
        ("bare sendmmsg/recvmmsg, GETBULK", Box::new(|| bare::run(&bare::bulk(), port, 60_000))),
        ("anykey, GET, 5 values read", Box::new(|| runtime.block_on(gets(&client, port, 60_000, read)))),
        ("anykey, GET, 5 values owned", Box::new(|| runtime.block_on(gets(&client, port, 60_000, own)))),
        (
            "anykey, walk of 5x12 values, all read",
            Box::new(|| runtime.block_on(walks(&client, port, &PRINTER, 20_000, read))),
        ),
        (
            "anykey, walk of 7x64 values, all read",
            Box::new(|| runtime.block_on(walks(&client, port, &SWITCH, 4_000, read))),
        ),
        (
            "anykey, walk of 7x64 values, all owned",
            Box::new(|| runtime.block_on(walks(&client, port, &SWITCH, 4_000, own))),
        ),
        ("anykey, poll of printers and switches", Box::new(|| runtime.block_on(polls(&client, port, 10)))),
        ("snmp2 sessions, GET (64 tasks)", Box::new(|| runtime.block_on(bare::snmp2_gets(port, 30_000)))),
        ("snmp2 sessions, GETBULK (64 tasks)", Box::new(|| runtime.block_on(bare::snmp2_bulks(port, 30_000)))),
    ];
    // A word on the command line picks one job, for a profiler.
    if let Some(word) = std::env::args().skip(1).find(|a| !a.starts_with('-')) {
        for (name, job) in jobs.iter().filter(|j| j.0.contains(&word)) {
            let run = median((0..ROUNDS).map(|_| measure(job)).collect());
            println!("{name:<40} {:>12.0} PDU/CPU-s", run.pdus / run.cpu);
        }
        return;
    }
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); jobs.len()];
    for round in 0..=ROUNDS {
        for (job, runs) in jobs.iter().zip(&mut runs) {
            let run = measure(&job.1);
            if round > 0 {
                runs.push(run); // the first round warms up
            }
        }
    }
    let results: Vec<Run> = runs.into_iter().map(median).collect();
    let rate = |i: usize| results[i].pdus / results[i].cpu;
    println!("{:<40} {:>12} {:>9} {:>12} {:>8}", "", "PDU/CPU-s", "us/PDU", "PDU/s wall", "to bare");
    for (i, ((name, _), r)) in jobs.iter().zip(&results).enumerate() {
        let bare = rate(usize::from(name.contains("walk") || name.contains("poll") || name.contains("BULK")));
        println!(
            "{name:<40} {:>12.0} {:>9.2} {:>12.0} {:>8.2}",
            rate(i),
            1e6 / rate(i),
            r.pdus / r.wall,
            rate(i) / bare
        );
    }
    println!("\nto snmp2: GET {:.2}, GETBULK {:.2}", rate(2) / rate(8), rate(5) / rate(9));
    println!("stats: {:?}\n", client.stats());
    drop(jobs);
    drop(client);
    runtime.block_on(sweep(port));
    println!();
    for devices in [1_000, 10_000] {
        let exe = std::env::current_exe().unwrap();
        let status = Command::new(exe).env("ANYKEY_BENCH", format!("{devices} {port}")).status().unwrap();
        assert!(status.success());
    }
}

/// Touches every value without owning it.
fn read(list: &VarBindList) -> u64 {
    let value = |v: ValueRef<'_>| match v {
        ValueRef::Integer(i) => i.cast_unsigned(),
        ValueRef::Counter32(u) | ValueRef::Gauge32(u) | ValueRef::TimeTicks(u) => u.into(),
        ValueRef::OctetString(b) => b.len() as u64,
        ValueRef::Oid(o) => o.arcs().map(u64::from).sum(),
        _ => 0,
    };
    list.refs().map(|vb| value(vb.value).wrapping_add(vb.name.arcs().map(u64::from).sum())).fold(0, u64::wrapping_add)
}
/// Makes an owned name and value of each varbind.
fn own(list: &VarBindList) -> u64 {
    std::hint::black_box(list.to_vec()).len() as u64
}

/// A thousand devices.
fn targets(port: u16) -> Vec<Target> {
    (0..1_000).map(|i| Target::v2c(device(i, port).ip(), "public").port(port)).collect()
}

/// `total` GETs, `TASKS` at a time; returns the PDUs answered.
async fn gets(client: &Client, port: u16, total: u32, decode: fn(&VarBindList) -> u64) -> u64 {
    let (next, names, targets) = (AtomicU32::new(0), agent::get_names(), targets(port));
    let task = async || {
        let mut pdus = 0;
        loop {
            let i = next.fetch_add(1, Relaxed);
            if i >= total {
                return pdus;
            }
            let reply = client.get(&targets[i as usize % targets.len()], &names).await.unwrap();
            assert_eq!(reply.varbinds.len(), names.len());
            std::hint::black_box(decode(&reply.varbinds));
            pdus += u64::from(reply.requests);
        }
    };
    futures_util::future::join_all((0..TASKS).map(|_| task())).await.into_iter().sum()
}

/// `total` walks of a whole table; returns the PDUs answered.
async fn walks(client: &Client, port: u16, table: &Table, total: u32, decode: fn(&VarBindList) -> u64) -> u64 {
    let (next, columns, targets) = (AtomicU32::new(0), table.columns(), targets(port));
    let task = async || {
        let mut pdus = 0;
        loop {
            let i = next.fetch_add(1, Relaxed);
            if i >= total {
                return pdus;
            }
            let walk =
                client.walk(&targets[i as usize % targets.len()], &columns, &WalkOptions::default()).await.unwrap();
            assert!(walk.is_complete() && walk.rows() == table.values());
            for c in &walk.columns {
                std::hint::black_box(decode(&c.rows));
            }
            pdus += u64::from(walk.requests);
        }
    };
    futures_util::future::join_all((0..TASKS).map(|_| task())).await.into_iter().sum()
}

/// The job of `performance.md`: of a thousand devices 713 are printers and the others switches; each gets one GET and one walk
/// at a time, `cycles` times. Returns the PDUs answered.
async fn polls(client: &Client, port: u16, cycles: u32) -> u64 {
    let (next, targets) = (AtomicU32::new(0), targets(port));
    let (names, printer, switch) = (agent::get_names(), PRINTER.columns(), SWITCH.columns());
    let task = async || {
        let mut pdus = 0;
        loop {
            let i = next.fetch_add(1, Relaxed);
            if i >= cycles * 1_000 {
                return pdus;
            }
            let i = i as usize % targets.len();
            let reply = client.get(&targets[i], &names).await.unwrap();
            let columns = if i * 7 % 1_000 < 713 { &printer } else { &switch };
            let walk = client.walk(&targets[i], columns, &WalkOptions::default()).await.unwrap();
            assert!(reply.is_complete() && walk.is_complete());
            std::hint::black_box(read(&reply.varbinds));
            for c in &walk.columns {
                std::hint::black_box(read(&c.rows));
            }
            pdus += u64::from(reply.requests + walk.requests);
        }
    };
    futures_util::future::join_all((0..TASKS).map(|_| task())).await.into_iter().sum()
}

/// 65,536 addresses of which 1,024 answer: how long, against what timeout and retry alone take.
async fn sweep(port: u16) {
    let client = Client::start(ClientConfig { packets_per_second: 0, ..ClientConfig::default() }).unwrap();
    let options = SweepOptions { port, ..SweepOptions::v2c("public") };
    let policy = options.timeout * (u32::from(options.retries) + 1);
    let before = cpu();
    let start = Instant::now();
    let mut sweep =
        client.sweep((0..65_536u32).map(|i| IpAddr::from(Ipv4Addr::from(0x7F02_0000 + i))), options).unwrap();
    let mut found = 0;
    while let Some(hit) = sweep.next().await {
        found += u32::from(hit.result.is_ok());
    }
    let wall = start.elapsed();
    println!(
        "sweep of 65,536 addresses, {found} of 1,024 found: {wall:.2?}, {:.2} of the policy's {policy:?}; {:.2} CPU-s, {:.0} packets/CPU-s",
        wall.as_secs_f64() / policy.as_secs_f64(),
        cpu() - before,
        client.stats().sent as f64 / (cpu() - before),
    );
}

/// In a process of its own: what the engine remembers of devices that were polled, and the peak while it polls.
fn memory(devices: u32, port: u16) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config =
        ClientConfig { packets_per_second: 0, initial_timeout: Duration::from_secs(5), ..ClientConfig::default() };
    let client = Client::start(config).unwrap();
    runtime.block_on(async {
        gets(&client, port, 100, read).await; // code and first buffers
        let empty = resident_kilobytes();
        let (columns, names) = (PRINTER.columns(), agent::get_names());
        // All at once: the worst case. Results are kept until all have come.
        let results = futures_util::future::join_all((0..devices).map(|i| {
            let (client, columns, names) = (&client, &columns, &names);
            let target = Target::v2c(device(i, port).ip(), "public").port(port);
            async move {
                let get = client.get(&target, names).await.unwrap();
                let walk = client.walk(&target, columns, &WalkOptions::default()).await.unwrap();
                (get, walk)
            }
        }))
        .await;
        let rows: usize = results.iter().map(|(g, w)| g.varbinds.len() + w.rows()).sum();
        let peak = resident_kilobytes();
        drop(results);
        // SAFETY: no arguments that matter; gives freed memory back so that what stays can be seen.
        unsafe { libc::malloc_trim(0) };
        let after = resident_kilobytes();
        let each = |kb: f64| (kb - empty) / f64::from(devices);
        println!(
            "memory, {devices:>6} devices: {:.2} KB each while all are polled at once and their {rows} values kept, {:.2} KB each after; process {:.1} MB",
            each(peak),
            each(after),
            after / 1024.0
        );
        assert_eq!(client.stats().devices, u64::from(devices.max(100)));
    });
}
