//! SNMPv3 in virtual time: an agent that restarts, forgets and moves, and somebody between us who forges and replays.

use std::net::SocketAddr;
use std::sync::Arc;

use super::super::ber::{Writer, tag};
use super::super::codec::{self, Response};
use super::super::result::{Reason, Reply, SnmpError};
use super::super::target::{ClientConfig, Target};
use super::super::usm::message::{self, Envelope};
use super::super::usm::{AuthProtocol, Claims, Failure, Level, LocalEngine, PrivProtocol, Receiver, User};
use super::super::{ErrorStatus, Oid, Value, VarBind, Version};
use super::core::Core;
use super::get::GetJob;
use super::job::Job;
use super::mailbox::{Pending, promise};

const S: u64 = 1_000_000;

struct Agent {
    addr: SocketAddr,
    receiver: Receiver,
    log: Vec<Vec<u8>>,
}
impl Agent {
    fn new(last: u8, engine: &[u8], boots: u32, now: u64) -> Agent {
        let receiver = Receiver::new(LocalEngine::new(engine.to_vec(), boots, now), vec![user("right password")], 5);
        Agent { addr: SocketAddr::from(([10, 0, 0, last], 161)), receiver, log: Vec::new() }
    }
    /// What it sends back: the value is its answer to everything.
    fn answer(&mut self, request: &[u8], now: u64) -> Option<Vec<u8>> {
        let mut scratch = Vec::new();
        let opened = match self.receiver.receive(request, now, &mut scratch) {
            Ok(o) => o,
            Err(refused) => return refused.report,
        };
        let (to, request_id) = (opened.reply.clone(), opened.message().unwrap().request_id);
        let varbinds = [VarBind { oid: name(), value: Value::Integer(7) }];
        let r = Response {
            version: Version::V3,
            community: &[],
            request_id,
            status: ErrorStatus::NoError,
            index: 0,
            varbinds: &varbinds,
        };
        Some(self.receiver.reply(&to, now, 1_472, |w| codec::write_response(&r, w)).unwrap())
    }
}

fn user(password: &str) -> User {
    User::new("watch", Some((AuthProtocol::Sha256, password)), Some((PrivProtocol::Aes128, "privacy password")))
        .unwrap()
}
fn name() -> Oid {
    "1.3.6.1.2.1.1.5.0".parse().unwrap()
}

struct Bench {
    core: Core,
    claims: Arc<Claims>,
    user: User,
    writer: Writer,
    now: u64,
}
impl Bench {
    fn new() -> Self {
        let claims = Arc::new(Claims::default());
        let core = Core::new(ClientConfig::default(), 0, 42, Arc::default(), claims.clone());
        Bench { core, claims, user: user("right password"), writer: Writer::new(2048), now: S }
    }
    fn ask(&mut self, agent: &Agent) -> Pending<Box<GetJob>> {
        let (tx, rx) = promise(Arc::default());
        let target = Target { addr: agent.addr, ..Target::v3(agent.addr.ip(), self.user.clone()) };
        self.core.submit(Job::Get(GetJob::new(&target, &[name()], tx).unwrap()), self.now);
        rx
    }
    fn sent(&mut self) -> Option<Vec<u8>> {
        self.core.next_send(self.now, &mut self.writer).map(|_| self.writer.bytes().to_vec())
    }
    /// Everything that is sent reaches the agent, whose answers pass `between`. Until there is no more to do now.
    fn exchange(&mut self, agent: &mut Agent, mut between: impl FnMut(&mut Core, Vec<u8>, u64)) -> usize {
        let mut n = 0;
        while let Some(request) = self.sent() {
            n += 1;
            agent.log.push(request.clone());
            if let Some(answer) = agent.answer(&request, self.now) {
                between(&mut self.core, answer, self.now);
            }
        }
        n
    }
    /// A whole GET over an honest line: its result and how many datagrams it took.
    fn get(&mut self, agent: &mut Agent) -> (Result<Reply, SnmpError>, usize) {
        let pending = self.ask(agent);
        let from = agent.addr;
        let mut n = 0;
        for _ in 0..100 {
            n += self.exchange(agent, |core, answer, now| core.datagram(from, &answer, now));
            if let Some(job) = pending.ready() {
                return (job.into_result(), n);
            }
            self.now += S / 5;
            self.core.tick(self.now);
        }
        panic!("no result");
    }
    fn ok(&mut self, agent: &mut Agent) -> usize {
        let (result, n) = self.get(agent);
        assert_eq!(result.unwrap().get(&name()), Some(Value::Integer(7)));
        n
    }
}

#[test]
fn the_engine_is_met_once_and_its_clock_is_kept() {
    let (mut b, mut a) = (Bench::new(), Agent::new(1, b"engine", 3, 0));
    assert_eq!(b.ok(&mut a), 2, "a probe and the request");
    assert_eq!(b.ok(&mut a), 1);
    b.now += 3_000 * S;
    assert_eq!(b.ok(&mut a), 1, "time went on without a word from it");
    // Restarts: its report is signed, one turn mends it.
    a = Agent::new(1, b"engine", 4, b.now);
    b.now += 5 * S;
    assert_eq!(b.ok(&mut a), 2);
    assert_eq!(b.ok(&mut a), 1);
    // Restarts and forgets how often it did.
    a = Agent::new(1, b"engine", 1, b.now);
    assert_eq!(b.ok(&mut a), 2);
    assert_eq!(b.ok(&mut a), 1);
    // Another device at the address.
    a = Agent::new(1, b"other engine", 9, b.now);
    assert_eq!(b.ok(&mut a), 2);
    assert!(b.claims.clashes(b.now).is_empty());
}

#[test]
fn devices_with_one_engine_id_are_both_read_and_reported() {
    let mut b = Bench::new();
    let (mut one, mut two) = (Agent::new(1, b"same", 3, 0), Agent::new(2, b"same", 40, 0));
    for round in 0..4 {
        assert_eq!((b.ok(&mut one), b.ok(&mut two)), if round == 0 { (2, 2) } else { (1, 1) });
        b.now += 20 * S;
    }
    let clashes = b.claims.clashes(b.now);
    assert_eq!(clashes.len(), 1);
    assert_eq!(clashes[0].addresses, [one.addr, two.addr]);
}

/// A report as anybody can make it.
fn forged_report(msg_id: i32, engine: &[u8], boots: u32, failure: &Failure) -> Vec<u8> {
    let varbinds = [VarBind { oid: failure.report_oid().unwrap(), value: Value::Counter32(1) }];
    let r = Response {
        version: Version::V3,
        community: &[],
        request_id: 0,
        status: ErrorStatus::NoError,
        index: 0,
        varbinds: &varbinds,
    };
    let mut w = Writer::new(1_000);
    codec::write_answer(tag::REPORT, &r, &mut w).unwrap();
    let (user, context, keys, salt, time) = (&b"watch"[..], &b""[..], None, 0, 0x7FFF_FFFE);
    let e = Envelope {
        msg_id,
        level: Level::NoAuthNoPriv,
        reportable: false,
        engine_id: engine,
        boots,
        time,
        user,
        keys,
        salt,
        context_engine_id: engine,
        context,
    };
    e.seal(&mut w).unwrap();
    w.bytes().to_vec()
}

#[test]
fn forged_reports_change_nothing_that_lasts() {
    let (mut b, mut a) = (Bench::new(), Agent::new(1, b"engine", 3, 0));
    b.ok(&mut a);
    let from = a.addr;
    for (engine, failure) in [
        (&b"engine"[..], Failure::NotInTimeWindow),
        (b"engine", Failure::UnknownEngine),
        (b"false engine", Failure::UnknownEngine),
        (b"false engine", Failure::NotInTimeWindow),
        (b"engine", Failure::WrongDigest),
        (b"engine", Failure::UnknownUser),
    ] {
        // One forged report arrives before each of the agent's own answers.
        let pending = b.ask(&a);
        let mut forged = 0;
        while let Some(request) = b.sent() {
            let msg_id = message::parse(&request).unwrap().msg_id;
            if forged < 2 {
                forged += 1;
                b.core.datagram(from, &forged_report(msg_id, engine, 0x7FFF_FFFE, &failure), b.now);
            }
            if let Some(answer) = a.answer(&request, b.now) {
                b.core.datagram(from, &answer, b.now);
            }
        }
        let job = pending.ready().unwrap_or_else(|| panic!("{failure}"));
        assert_eq!(job.into_result().unwrap().get(&name()), Some(Value::Integer(7)), "{failure}");
        assert_eq!(b.ok(&mut a), 1, "after {failure} all is as before");
    }
    // From elsewhere, or with another message id, it is not even looked at.
    let pending = b.ask(&a);
    let request = b.sent().unwrap();
    let msg_id = message::parse(&request).unwrap().msg_id;
    let report = forged_report(msg_id, b"false", 9, &Failure::UnknownEngine);
    b.core.datagram("10.0.0.99:161".parse().unwrap(), &report, b.now);
    b.core.datagram(from, &forged_report(msg_id ^ 0x2000, b"false", 9, &Failure::UnknownEngine), b.now);
    assert!(b.sent().is_none());
    let answer = a.answer(&request, b.now).unwrap();
    b.core.datagram(from, &answer, b.now);
    assert!(pending.ready().is_some());
}

#[test]
fn replayed_and_altered_answers_are_as_if_they_had_not_come() {
    let (mut b, mut a) = (Bench::new(), Agent::new(1, b"engine", 3, 0));
    b.ok(&mut a);
    let from = a.addr;
    // Every answer of two turns of the message id, to be replayed when it comes around again.
    let mut old = Vec::new();
    for _ in 0..2_100 {
        let pending = b.ask(&a);
        b.exchange(&mut a, |core, answer, now| {
            old.push(answer.clone());
            core.datagram(from, &answer, now);
        });
        assert!(pending.ready().is_some());
    }
    let pending = b.ask(&a);
    let request = b.sent().unwrap();
    for answer in &old {
        b.core.datagram(from, answer, b.now);
    }
    assert!(pending.ready().is_none(), "the message id fits one of them, what is inside does not");
    let answer = a.answer(&request, b.now).unwrap();
    for at in 0..answer.len() {
        let mut bad = answer.clone();
        bad[at] ^= 0x10;
        b.core.datagram(from, &bad, b.now);
        assert!(pending.ready().is_none(), "byte {at}");
    }
    b.core.datagram(from, &answer, b.now);
    // Altered answers that cannot be read made it ask again at once; the first right answer still counts.
    assert_eq!(pending.ready().unwrap().into_result().unwrap().get(&name()), Some(Value::Integer(7)));
}

#[test]
fn silence_to_the_user_is_not_silence_of_the_device() {
    let (mut b, mut a) = (Bench::new(), Agent::new(1, b"engine", 3, 0));
    b.ok(&mut a);
    let (result, _) = {
        let pending = b.ask(&a);
        let from = a.addr;
        let mut result = None;
        for _ in 0..100 {
            b.exchange(&mut a, |core, answer, now| {
                // Everything but the answer to a probe is lost.
                if message::parse(&answer).unwrap().level == Level::NoAuthNoPriv {
                    core.datagram(from, &answer, now);
                }
            });
            if let Some(job) = pending.ready() {
                result = Some(job.into_result());
                break;
            }
            b.now += S / 5;
            b.core.tick(b.now);
        }
        (result.unwrap(), ())
    };
    assert_eq!(result.unwrap_err().reason, Reason::Security(Failure::SilentToUser));
    // Off altogether.
    let pending = b.ask(&a);
    for _ in 0..100 {
        while b.sent().is_some() {}
        b.now += S / 5;
        b.core.tick(b.now);
    }
    assert_eq!(pending.ready().unwrap().into_result().unwrap_err().reason, Reason::Timeout { attempts: 3 });
    assert_eq!(b.ok(&mut a), 2, "back again: first who is there, then the rest");
    assert_eq!(b.ok(&mut a), 1);
    assert_eq!(a.log.iter().filter(|r| message::parse(r).unwrap().engine_id.is_empty()).count(), 3);
}

#[test]
fn refusals_are_named() {
    let (mut b, mut a) = (Bench::new(), Agent::new(1, b"engine", 3, 0));
    a.receiver.set_users(vec![user("wrong password")]);
    assert_eq!(b.get(&mut a).0.unwrap_err().reason, Reason::Security(Failure::WrongDigest));
    a.receiver.set_users(Vec::new());
    assert_eq!(b.get(&mut a).0.unwrap_err().reason, Reason::Security(Failure::UnknownUser));
    let weak = User::new("watch", Some((AuthProtocol::Sha256, "right password")), None).unwrap();
    a.receiver.set_users(vec![weak]);
    assert_eq!(b.get(&mut a).0.unwrap_err().reason, Reason::Security(Failure::UnsupportedLevel));
    let other = User::new(
        "watch",
        Some((AuthProtocol::Sha256, "right password")),
        Some((PrivProtocol::Aes256, "privacy password")),
    );
    a.receiver.set_users(vec![other.unwrap()]);
    assert_eq!(b.get(&mut a).0.unwrap_err().reason, Reason::Security(Failure::Decryption));
    a.receiver.set_users(vec![user("right password")]);
    b.ok(&mut a);
}

#[test]
fn mutated_answers_neither_break_nor_teach_anything() {
    let count: usize = std::env::var("ANYKEY_MUTATIONS").ok().and_then(|v| v.parse().ok()).unwrap_or(200_000) / 20;
    let (mut b, mut a) = (Bench::new(), Agent::new(1, b"engine", 3, 0));
    b.ok(&mut a);
    let from = a.addr;
    let mut random = 0x000A_4E7E_5EEDu64;
    let mut next = move |n: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 20) as usize % n
    };
    for _ in 0..count {
        let pending = b.ask(&a);
        // Real answers and reports, changed in one to three places, then the real answer.
        while let Some(request) = b.sent() {
            let Some(answer) = a.answer(&request, b.now) else { continue };
            let msg_id = message::parse(&request).unwrap().msg_id;
            let report = forged_report(msg_id, b"engine", 9, &Failure::NotInTimeWindow);
            let mut bad = if next(2) == 0 { answer.clone() } else { report };
            for _ in 0..=next(3) {
                let at = next(bad.len());
                match next(3) {
                    0 => bad[at] = next(256) as u8,
                    1 => bad.truncate(at.max(1)),
                    _ => bad.insert(at, next(256) as u8),
                }
            }
            b.core.datagram(from, &bad, b.now);
            b.core.datagram(from, &answer, b.now);
        }
        let result = pending.ready().expect("answered").into_result();
        assert_eq!(result.unwrap().get(&name()), Some(Value::Integer(7)));
    }
    assert_eq!(b.ok(&mut a), 1, "nothing was learned from them");
}
