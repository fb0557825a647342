//! The core in virtual time: what is sent when, to whom, and what is believed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::mpsc;

use super::super::ber::Writer;
use super::super::codec::{self, Request, Response};
use super::super::result::{Reason, Reply, SnmpError, SweepHit};
use super::super::target::{ClientConfig, Quirks, SweepOptions, Target, WalkOptions};
use super::super::{Oid, Value, VarBind};
use super::core::{Core, Outgoing};
use super::counters::Counters;
use super::get::GetJob;
use super::job::Job;
use super::mailbox::{Pending, promise};
use super::sweep::{SweepProgress, SweepState};
use super::walk::WalkJob;

const MS: u64 = 1_000;

/// A GET on its way.
struct Waiting(Pending<Box<GetJob>>);
impl Waiting {
    fn ready(&self) -> Option<Result<Reply, SnmpError>> {
        self.0.ready().map(|job| job.into_result())
    }
}

struct Bench {
    core: Core,
    counters: Arc<Counters>,
    writer: Writer,
    now: u64,
}

impl Bench {
    fn new(packets_per_second: u32) -> Self {
        let counters = Arc::new(Counters::default());
        let core = Core::new(ClientConfig::default(), packets_per_second, 42, counters.clone(), Arc::default());
        Bench { core, counters, writer: Writer::new(2048), now: 0 }
    }
    fn get(&mut self, target: &Target) -> Waiting {
        let (tx, rx) = promise(Arc::default());
        let job = GetJob::new(target, &[name()], tx).unwrap();
        self.core.submit(Job::Get(job), self.now);
        Waiting(rx)
    }
    fn sweep(&mut self, first: u32, count: u32, window: usize) -> mpsc::UnboundedReceiver<SweepHit> {
        let (tx, rx) = mpsc::unbounded_channel();
        let addresses = (first..first + count).map(|i| IpAddr::from(Ipv4Addr::from(i)));
        let options = SweepOptions { window, ..SweepOptions::v2c("public") };
        let progress = Arc::new(SweepProgress::default());
        self.core.submit_sweep(SweepState::new(Box::new(addresses), options, tx, progress).unwrap());
        rx
    }
    fn send(&mut self) -> Option<(Outgoing, Request)> {
        let out = self.core.next_send(self.now, &mut self.writer)?;
        Some((out, codec::decode_request(self.writer.bytes()).unwrap()))
    }
    fn reply(&mut self, from: SocketAddr, request: &Request) {
        let varbinds: Vec<_> =
            request.oids.iter().map(|o| VarBind { oid: o.clone(), value: Value::Integer(7) }).collect();
        let bytes = codec::encode_response(&Response { varbinds: &varbinds, ..Response::to(request) }, 1_472).unwrap();
        self.core.datagram(from, &bytes, self.now);
    }
    /// Moves to the next moment at which the core wants to be woken.
    fn sleep(&mut self) -> bool {
        let Some(next) = self.core.next_wakeup(self.now) else { return false };
        self.now = next.max(self.now + 1);
        self.core.tick(self.now);
        true
    }
    fn pass(&mut self, us: u64) {
        self.now += us;
        self.core.tick(self.now);
    }
}

fn name() -> Oid {
    Oid::new(&[1, 3, 6, 1, 2, 1, 1, 5, 0])
}
fn target(last: u8) -> Target {
    Target::v2c(IpAddr::from([192, 0, 2, last]), "public")
}

#[test]
fn attempts_are_spaced_by_the_round_trip_time() {
    let mut b = Bench::new(0);
    let known = b.get(&target(1));
    let (out, request) = b.send().unwrap();
    b.pass(10 * MS);
    b.reply(out.addr, &request);
    assert_eq!(known.ready().unwrap().unwrap().rtt, Duration::from_millis(10));
    // 4 x 10 ms is below the floor: 200, 400 and, the last, 1,000 ms.
    let lost = b.get(&target(1));
    let mut sent = Vec::new();
    let start = b.now;
    loop {
        while let Some((out, _)) = b.send() {
            sent.push((b.now - start, out.id));
        }
        if !b.sleep() {
            break;
        }
    }
    let near = |at: u64, ms: u64| (ms * MS..ms * MS + 12 * MS).contains(&at);
    assert!(near(sent[1].0, 200) && near(sent[2].0, 600) && near(b.now - start, 1_600), "{sent:?} {}", b.now - start);
    assert_eq!(sent.len(), 3);
    assert_eq!(lost.ready().unwrap().unwrap_err().reason, Reason::Timeout { attempts: 3 });
    // Ids of attempts differ, and only in the attempt.
    assert_eq!(sent.iter().map(|s| s.1 & 3).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(sent[0].1 >> 2, sent[2].1 >> 2);
}

#[test]
fn replies_count_with_the_right_address_and_id_only() {
    let mut b = Bench::new(0);
    let rx = b.get(&target(1));
    let (out, request) = b.send().unwrap();
    b.reply("192.0.2.9:161".parse().unwrap(), &request);
    b.reply("192.0.2.1:1610".parse().unwrap(), &request);
    for wrong in [0, -1, i32::MAX, request.request_id ^ 4, request.request_id ^ (1 << 13), request.request_id + 1] {
        b.reply(out.addr, &Request { request_id: wrong, ..request.clone() });
    }
    assert!(rx.ready().is_none());
    assert_eq!(b.counters.stray.load(Relaxed), 8);
    b.reply(out.addr, &request);
    assert!(rx.ready().unwrap().is_ok());
    b.reply(out.addr, &request);
    assert_eq!(b.counters.stray.load(Relaxed), 9);
}

#[test]
fn a_retry_that_waits_for_its_turn_is_not_sent_after_the_answer() {
    let mut b = Bench::new(0);
    let rx = b.get(&target(1));
    let (out, request) = b.send().unwrap();
    b.pass(1_100 * MS); // expired: the retry is ready
    b.reply(out.addr, &request);
    assert!(rx.ready().unwrap().is_ok());
    assert!(b.send().is_none());
}

#[test]
fn icmp_ends_a_request_only_when_it_is_about_it() {
    let mut b = Bench::new(0);
    let rx = b.get(&target(1));
    let (out, _) = b.send().unwrap();
    let ours = b.writer.bytes().to_vec();
    b.core.unreachable("192.0.2.9:161".parse().unwrap(), &ours, &Reason::Refused, b.now);
    b.core.unreachable(out.addr, b"\x30\x02", &Reason::Refused, b.now);
    assert!(rx.ready().is_none());
    b.core.unreachable(out.addr, &ours[..30], &Reason::Refused, b.now);
    assert_eq!(rx.ready().unwrap().unwrap_err().reason, Reason::Refused);
}

#[test]
fn a_slow_device_does_not_hold_up_another() {
    let mut b = Bench::new(0);
    let slow: Vec<_> = (0..50).map(|_| b.get(&target(1))).collect();
    let quick = b.get(&target(2));
    let mut asked = Vec::new();
    while let Some((out, request)) = b.send() {
        asked.push(out.addr);
        if out.addr == target(2).addr {
            b.reply(out.addr, &request);
        }
    }
    assert_eq!(asked, [target(1).addr, target(2).addr]); // one in flight each
    assert!(quick.ready().unwrap().is_ok());
    drop(slow);
    // Nobody waits for the slow one's answers any more: its queue is dropped unsent.
    while b.sleep() {
        assert!(b.send().is_none());
    }
}

#[test]
fn more_in_flight_where_the_quirk_allows() {
    let mut b = Bench::new(0);
    let t = target(1).quirks(Quirks { in_flight: 3, ..Quirks::default() });
    let waiting: Vec<_> = (0..10).map(|_| b.get(&t)).collect();
    assert_eq!(std::iter::from_fn(|| b.send()).count(), 3);
    drop(waiting);
}

#[test]
fn sending_is_paced() {
    let mut b = Bench::new(1_000);
    let waiting: Vec<_> = (0..200).map(|i| b.get(&target(i))).collect();
    let mut sent = std::iter::from_fn(|| b.send()).count();
    while sent < 200 {
        b.sleep();
        let burst = std::iter::from_fn(|| b.send()).count();
        assert!(burst <= 20);
        sent += burst;
    }
    assert!((170 * MS..200 * MS).contains(&b.now), "{}", b.now);
    drop(waiting);
}

#[test]
fn a_sweep_takes_its_turn_with_polls() {
    let mut b = Bench::new(0);
    let hits = b.sweep(0x0A00_0000, 1_000, 1_000);
    let waiting: Vec<_> = (0..30).map(|i| b.get(&target(i))).collect();
    let sent: Vec<bool> = std::iter::from_fn(|| b.send())
        .take(40)
        .map(|(o, _)| o.addr.ip().is_ipv4() && o.addr.ip() < IpAddr::from([11, 0, 0, 0]))
        .collect();
    let sweeps = sent.iter().filter(|s| **s).count();
    assert!((9..=11).contains(&sweeps), "{sweeps} of 40");
    drop((hits, waiting));
}

#[test]
fn a_sweep_of_65536_silent_addresses_takes_what_its_policy_says() {
    let mut b = Bench::new(0);
    let mut hits = b.sweep(0x0A00_0000, 65_536, 65_536);
    let mut sent = 0u32;
    loop {
        while let Some((out, request)) = b.send() {
            sent += 1;
            if sent.is_multiple_of(1_000) {
                b.reply(out.addr, &request);
            }
        }
        if !b.sleep() {
            break;
        }
    }
    assert_eq!(sent, 65_536 * 2 - 65);
    // One second and one retry.
    assert!((2_000 * MS..2_020 * MS).contains(&b.now), "{}", b.now);
    let mut found = 0;
    while hits.try_recv().is_ok() {
        found += 1;
    }
    assert!(hits.is_closed() && found == 131, "{found}");
    assert_eq!(b.counters.in_flight.load(Relaxed), 0);
}

#[test]
fn a_narrow_window_is_kept() {
    let mut b = Bench::new(0);
    let hits = b.sweep(0x0A00_0000, 1_000, 10);
    assert_eq!(std::iter::from_fn(|| b.send()).count(), 10);
    b.pass(1_100 * MS);
    assert_eq!(std::iter::from_fn(|| b.send()).count(), 10, "their retries");
    b.pass(1_100 * MS);
    assert_eq!(std::iter::from_fn(|| b.send()).count(), 10, "the next ten");
    drop(hits);
}

/// Whatever an agent answers, with the right id or not, a GET and a walk end, and soon.
#[test]
fn jobs_end_whatever_the_agent_answers() {
    let mut random = 0x1234_5678_9ABC_DEF1u64;
    let mut below = move |n: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 20) as usize % n.max(1)
    };
    let roots: Vec<Oid> = (1..=5).map(|c| Oid::new(&[1, 3, 6, 1, 4, 1, 9, c])).collect();
    for round in 0..400 {
        let mut b = Bench::new(0);
        let t = target(1);
        let (tx, walk) = promise(Arc::default());
        let options = WalkOptions { max_rows: 200, ..WalkOptions::default() };
        b.core.submit(Job::Walk(WalkJob::new(&t, &roots, &options, tx).unwrap()), 0);
        let (tx, get) = promise(Arc::default());
        b.core.submit(Job::Get(GetJob::new(&t, &roots, tx).unwrap()), 0);
        let mut requests = 0;
        loop {
            while let Some((out, request)) = b.send() {
                requests += 1;
                assert!(requests < 12_000, "round {round}: no end");
                let varbinds: Vec<_> = (0..below(20)).map(|_| strange(&request, &roots, &mut below)).collect();
                let status = [0, 0, 0, 0, 0, 0, 1, 2, 5, 77][below(10)];
                let response = Response {
                    status: codec::ErrorStatus::from_number(status),
                    index: below(8) as i32 - 1,
                    varbinds: &varbinds,
                    ..Response::to(&request)
                };
                let mut bytes = codec::encode_response(&response, 1_472).unwrap();
                if below(4) == 0 {
                    let at = below(bytes.len());
                    bytes[at] = below(256) as u8;
                }
                if below(8) == 0 {
                    bytes.truncate(below(bytes.len()));
                }
                if below(10) > 0 {
                    b.core.datagram(out.addr, &bytes, b.now);
                }
            }
            if !b.sleep() {
                break;
            }
        }
        assert!(get.ready().is_some(), "round {round}");
        if let Ok(w) = walk.ready().expect("the walk has ended").into_result(&roots) {
            for c in &w.columns {
                let names: std::collections::HashSet<_> = c.rows.iter().map(|v| v.oid).collect();
                assert_eq!(names.len(), c.rows.len(), "every name once");
                assert!(names.iter().all(|n| n.starts_with(&c.root)) && c.rows.len() <= 200);
            }
        }
        assert_eq!(b.counters.in_flight.load(Relaxed), 0);
    }
}

/// A name near what was asked, and any value.
fn strange(request: &Request, roots: &[Oid], below: &mut impl FnMut(usize) -> usize) -> VarBind {
    let asked = request.oids[below(request.oids.len())].clone();
    let oid = match below(6) {
        0 => asked,
        1 => roots[below(roots.len())].child(&[below(50) as u32]),
        2 => Oid::new(&[1, 3, 6, 1, 5]),
        3 => asked.child(&[below(3) as u32]),
        _ => {
            let mut arcs = asked.arcs().to_vec();
            *arcs.last_mut().unwrap() = arcs.last().unwrap().wrapping_add(below(3) as u32);
            Oid::from(arcs)
        }
    };
    let value = [Value::Integer(1), Value::EndOfMibView, Value::OctetString(vec![7; 30]), Value::Null]
        [[0, 0, 0, 0, 2, 2, 3, 1][below(8)]]
    .clone();
    VarBind { oid, value }
}
