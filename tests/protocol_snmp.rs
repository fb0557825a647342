//! The SNMP client against agents of every temper, over real UDP on loopback.

mod protocol_support;

use std::net::UdpSocket;
use std::time::Duration;

use anykey::protocol::snmp::codec::{self, RequestKind, Response};
use anykey::protocol::snmp::{
    Client, ClientConfig, DecodeError, End, ErrorStatus, Oid, Quirks, Reason, SweepOptions, Target, Value, VarBind,
    Version, WalkOptions,
};
use protocol_support::{Agent, answer, column, mib, oid};

/// Short timeouts, so that tests of silence are quick; loopback needs microseconds.
fn config() -> ClientConfig {
    ClientConfig {
        initial_timeout: Duration::from_millis(150),
        min_timeout: Duration::from_millis(150),
        max_timeout: Duration::from_millis(300),
        ..ClientConfig::default()
    }
}
fn client() -> Client {
    Client::start(config()).unwrap()
}
fn columns() -> Vec<Oid> {
    (1..=4).map(column).collect()
}
const SYS_NAME: &str = "1.3.6.1.2.1.1.5.0";

#[tokio::test]
async fn get_returns_every_name_in_the_order_asked() {
    let agent = Agent::new(mib(3));
    let names = [oid(SYS_NAME), oid("1.3.6.1.9.9.9"), oid("1.3.6.1.2.1.1.3.0"), oid("1.3.6.1.2.1.1.2.0")];
    let reply = client().get(&agent.target(), &names).await.unwrap();
    let got: Vec<_> = reply.varbinds.iter().collect();
    assert_eq!(got.iter().map(|v| v.oid.clone()).collect::<Vec<_>>(), names);
    assert_eq!(got[0].value, Value::OctetString("принтер".into()));
    assert_eq!(got[1].value, Value::NoSuchObject);
    assert_eq!(got[2].value, Value::TimeTicks(u32::MAX));
    assert_eq!(got[3].value, Value::Oid(oid("1.3.6.1.4.1.99999.7")));
    assert!(reply.is_complete() && reply.requests == 1 && agent.log().len() == 1);
}

#[tokio::test]
async fn walk_reads_columns_side_by_side() {
    let agent = Agent::new(mib(100));
    let walk = client().walk(&agent.target(), &columns(), &WalkOptions::default()).await.unwrap();
    assert!(walk.is_complete());
    for c in &walk.columns {
        assert_eq!(c.rows.len(), 100);
    }
    assert_eq!(walk.columns[2].rows.to_vec()[99].value, Value::Counter64(u64::MAX - 100));
    // 400 values of about 25 bytes: 1,400 bytes a reply are some eight replies.
    assert!(agent.log().len() < 14, "{}", agent.log().len());
}

#[tokio::test]
async fn the_row_that_is_expected_to_be_last_saves_reading_past_it() {
    let agent = Agent::new(mib(5));
    let options = WalkOptions { expected_rows: 5, ..WalkOptions::default() };
    let walk = client().walk(&agent.target(), &[column(1)], &options).await.unwrap();
    assert!(walk.is_complete() && walk.rows() == 5);
    let log = agent.log();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].kind, RequestKind::GetBulk { non_repeaters: 0, max_repetitions: 6 });
}

#[tokio::test]
async fn ipv6_works_like_ipv4() {
    if UdpSocket::bind("[::1]:0").is_err() {
        eprintln!("skipped: no IPv6 on loopback");
        return;
    }
    let m = mib(2);
    let agent = Agent::scripted("::1", move |x| x.send(&answer(&m, &x.request, 1_472)));
    let client = client();
    let reply = client.get(&agent.target(), &[oid(SYS_NAME)]).await.unwrap();
    assert_eq!(reply.get(&oid(SYS_NAME)), Some(Value::OctetString("принтер".into())));
    assert!(client.walk(&agent.target(), &columns(), &WalkOptions::default()).await.unwrap().is_complete());
}

#[tokio::test]
async fn a_family_without_socket_is_named() {
    let client = Client::start(ClientConfig { bind_v6: None, ..config() }).unwrap();
    let target = Target::v2c("::1".parse().unwrap(), "public");
    let e = client.get(&target, &[oid(SYS_NAME)]).await.unwrap_err();
    assert_eq!(e.reason, Reason::NoSocket("IPv6"));
    assert!(e.to_string().contains("SNMP GET of [::1]:161"), "{e}");
}

#[tokio::test]
async fn silence_is_a_timeout_after_all_attempts() {
    let agent = Agent::scripted("127.0.0.1", |_| {});
    let client = client();
    let e = client.get(&agent.target(), &[oid(SYS_NAME)]).await.unwrap_err();
    assert_eq!(e.reason, Reason::Timeout { attempts: 3 });
    assert_eq!(agent.log().len(), 3);
    let stats = client.stats();
    assert_eq!((stats.sent, stats.retries, stats.timeouts, stats.received), (3, 2, 1, 0));
}

#[tokio::test]
async fn a_lost_reply_costs_one_retry() {
    let m = mib(3);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        if x.count != 0 {
            x.send(&answer(&m, &x.request, 1_472));
        }
    });
    let client = client();
    let reply = client.get(&agent.target(), &[oid(SYS_NAME)]).await.unwrap();
    assert_eq!(reply.varbinds.len(), 1);
    assert_eq!(client.stats().retries, 1);
}

#[tokio::test]
async fn a_late_reply_to_the_first_attempt_is_used_once() {
    // The first request is answered only when its retry arrives, and the retry after it: as a slow agent does.
    let m = mib(3);
    let mut kept = Vec::new();
    let agent = Agent::scripted("127.0.0.1", move |x| {
        kept.push(answer(&m, &x.request, 1_472));
        if x.count == 1 {
            kept.iter().for_each(|b| x.send(b));
        } else if x.count > 1 {
            x.send(&kept[x.count]);
        }
    });
    let client = client();
    let reply = client.get(&agent.target(), &[oid(SYS_NAME)]).await.unwrap();
    assert_eq!(reply.varbinds.len(), 1);
    assert!(reply.rtt >= Duration::from_millis(140), "round trip counts from the attempt that was answered");
    // The second answer is a stranger to whatever is asked next, not its answer.
    let next = oid("1.3.6.1.2.1.1.2.0");
    let reply = client.get(&agent.target(), std::slice::from_ref(&next)).await.unwrap();
    assert_eq!(reply.get(&next), Some(Value::Oid(oid("1.3.6.1.4.1.99999.7"))));
    assert_eq!(client.stats().stray, 1);
}

#[tokio::test]
async fn duplicate_and_wrong_id_replies_are_strangers() {
    let m = mib(3);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        let right = answer(&m, &x.request, 1_472);
        let mut other = x.request.clone();
        other.request_id ^= 1 << 4; // another generation
        x.send(&answer(&m, &other, 1_472));
        x.send(&right);
        x.send(&right);
    });
    let client = client();
    for _ in 0..20 {
        assert_eq!(client.get(&agent.target(), &[oid(SYS_NAME)]).await.unwrap().varbinds.len(), 1);
    }
    assert_eq!(client.stats().retries, 0);
    let stats = client.stats();
    assert!((39..=40).contains(&stats.stray), "{stats:?}"); // the last one may still be on its way
}

#[tokio::test]
async fn a_reply_from_another_address_or_port_does_not_count() {
    // The forger knows the request id, but sits at another address; another sits at another port of the same host.
    let forger = UdpSocket::bind("127.0.0.2:0").unwrap();
    let neighbour = UdpSocket::bind("127.0.0.1:0").unwrap();
    let m = mib(3);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        let forged = VarBind { oid: x.request.oids[0].clone(), value: Value::OctetString(b"forged".to_vec()) };
        let forged = codec::encode_response(&Response { varbinds: &[forged], ..Response::to(&x.request) }, 1_472);
        let forged = forged.unwrap();
        forger.send_to(&forged, x.from).unwrap();
        neighbour.send_to(&forged, x.from).unwrap();
        x.send(&answer(&m, &x.request, 1_472));
    });
    let client = client();
    let reply = client.get(&agent.target(), &[oid(SYS_NAME)]).await.unwrap();
    assert_eq!(reply.get(&oid(SYS_NAME)), Some(Value::OctetString("принтер".into())));
    assert_eq!(client.stats().stray, 2);
}

#[tokio::test]
async fn out_of_order_replies_find_their_requests() {
    // One agent with four requests allowed in flight answers them in reverse.
    let m = mib(3);
    let mut kept: Vec<Vec<u8>> = Vec::new();
    let agent = Agent::scripted("127.0.0.1", move |x| {
        kept.push(answer(&m, &x.request, 1_472));
        if kept.len() == 4 {
            kept.drain(..).rev().for_each(|b| x.send(&b));
        }
    });
    let client = client();
    let target = agent.target().quirks(Quirks { in_flight: 4, ..Quirks::default() });
    let names = ["1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.1.3.0", SYS_NAME].map(oid);
    let asked = names.iter().map(|n| client.get(&target, std::slice::from_ref(n)));
    for (reply, name) in futures_util::future::join_all(asked).await.into_iter().zip(&names) {
        assert_eq!(reply.unwrap().varbinds.to_vec()[0].oid, *name);
    }
    assert_eq!(client.stats().retries, 0);
}

#[tokio::test]
async fn one_request_in_flight_per_device_and_jobs_take_turns() {
    let m = mib(300);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        // Whatever came after this one would already be here: a second request in flight.
        x.socket.set_nonblocking(true).unwrap();
        assert!(x.socket.peek_from(&mut [0; 8]).is_err(), "two requests in flight");
        x.socket.set_nonblocking(false).unwrap();
        x.send(&answer(&m, &x.request, 1_472));
    });
    let client = client();
    let target = agent.target();
    let (roots, name, options) = ([column(1)], [oid(SYS_NAME)], WalkOptions::default());
    let walks = futures_util::future::join_all((0..3).map(|_| client.walk(&target, &roots, &options)));
    let (walks, get) = tokio::join!(walks, client.get(&target, &name));
    assert!(walks.iter().all(|w| w.as_ref().unwrap().rows() == 300));
    assert!(get.is_ok());
    // The GET did not wait for the walks to end.
    let log = agent.log();
    let at = log.iter().position(|r| r.kind == RequestKind::Get).unwrap();
    assert!(at + 3 < log.len(), "GET was request {at} of {}", log.len());
}

#[tokio::test]
async fn too_big_get_is_halved_and_the_limit_remembered() {
    let m = mib(40);
    let agent = Agent::scripted("127.0.0.1", move |x| x.send(&answer(&m, &x.request, 200)));
    let names: Vec<Oid> = (1..=20).map(|r| column(2).child(&[r])).collect();
    let client = client();
    let reply = client.get(&agent.target(), &names).await.unwrap();
    assert!(reply.is_complete());
    assert_eq!(reply.varbinds.iter().map(|v| v.oid).collect::<Vec<_>>(), names);
    assert_eq!(reply.quirks.max_varbinds, 5);
    let before = agent.log().len();
    client.get(&agent.target(), &names).await.unwrap();
    assert_eq!(agent.log().len() - before, 4);
}

#[tokio::test]
async fn too_big_walk_is_halved_down_to_single_values() {
    // Nothing larger than one row of one column fits; GETBULK with too much is refused rather than cut.
    let m = mib(12);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        let many = match x.request.kind {
            RequestKind::GetBulk { max_repetitions, .. } => max_repetitions as usize * x.request.oids.len(),
            _ => x.request.oids.len(),
        };
        if many > 1 { x.error(ErrorStatus::TooBig, 0) } else { x.send(&answer(&m, &x.request, 1_472)) }
    });
    let walk = client().walk(&agent.target(), &columns(), &WalkOptions::default()).await.unwrap();
    assert!(walk.is_complete());
    assert_eq!(walk.rows(), 48);
    assert_eq!(walk.quirks.max_repetitions, 1);
}

#[tokio::test]
async fn a_value_too_big_for_the_agent_is_a_problem_of_its_own() {
    let m = mib(3);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        if x.request.oids.contains(&column(2).child(&[2])) {
            x.error(ErrorStatus::TooBig, 0);
        } else {
            x.send(&answer(&m, &x.request, 1_472));
        }
    });
    let names: Vec<Oid> = (1..=3).map(|r| column(2).child(&[r])).collect();
    let reply = client().get(&agent.target(), &names).await.unwrap();
    assert_eq!(reply.varbinds.len(), 2);
    assert_eq!(reply.problems.len(), 1);
    assert_eq!(reply.problems[0].oid, names[1]);
    assert_eq!(reply.problems[0].reason, Reason::ErrorStatus { status: ErrorStatus::TooBig });
}

#[tokio::test]
async fn v1_get_drops_the_names_the_agent_does_not_have() {
    let agent = Agent::new(mib(3));
    let names = [oid("1.3.6.1.9.1.0"), oid(SYS_NAME), oid("1.3.6.1.9.2.0"), oid("1.3.6.1.2.1.1.1.0")];
    let reply = client().get(&agent.v1(), &names).await.unwrap();
    let got = reply.varbinds.to_vec();
    assert_eq!(got.iter().map(|v| v.oid.clone()).collect::<Vec<_>>(), names);
    assert_eq!((&got[0].value, &got[2].value), (&Value::NoSuchObject, &Value::NoSuchObject));
    assert_eq!(got[3].value, Value::OctetString(b"test agent".to_vec()));
    assert!(agent.log().iter().all(|r| r.version == Version::V1));
}

#[tokio::test]
async fn v1_no_such_name_without_index_is_isolated() {
    let m = mib(3);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        if x.request.oids.iter().all(|o| m.contains_key(o)) {
            x.send(&answer(&m, &x.request, 1_472));
        } else {
            x.error(ErrorStatus::NoSuchName, 0);
        }
    });
    let names = [oid("1.3.6.1.9.1.0"), oid(SYS_NAME), oid("1.3.6.1.2.1.1.1.0")];
    let reply = client().get(&agent.v1(), &names).await.unwrap();
    assert_eq!(reply.get(&names[0]), Some(Value::NoSuchObject));
    assert_eq!(reply.get(&names[2]), Some(Value::OctetString(b"test agent".to_vec())));
}

#[tokio::test]
async fn v1_walk_uses_getnext_and_ends_with_the_mib() {
    let mut m = mib(7);
    m.remove(&oid("1.3.6.1.4.1.99999.2.0"));
    let agent = Agent::new(m);
    let walk = client().walk(&agent.v1(), &columns(), &WalkOptions::default()).await.unwrap();
    assert!(walk.is_complete());
    assert_eq!(walk.columns.iter().map(|c| c.rows.len()).collect::<Vec<_>>(), [7; 4]);
    assert!(agent.log().iter().all(|r| r.kind == RequestKind::GetNext));
}

#[tokio::test]
async fn agents_without_getbulk_are_found_out_and_remembered() {
    for silent in [true, false] {
        let m = mib(30);
        let agent = Agent::scripted("127.0.0.1", move |x| match x.request.kind {
            RequestKind::GetBulk { .. } if silent => {}
            RequestKind::GetBulk { .. } => x.error(ErrorStatus::GenErr, 0),
            _ => x.send(&answer(&m, &x.request, 1_472)),
        });
        let client = client();
        let walk = client.walk(&agent.target(), &columns(), &WalkOptions::default()).await.unwrap();
        assert!(walk.is_complete(), "silent {silent}: {:?}", walk.columns[0].end);
        assert_eq!(walk.rows(), 120);
        assert!(walk.quirks.no_bulk);
        let before = agent.log().len();
        client.walk(&agent.target(), &columns(), &WalkOptions::default()).await.unwrap();
        assert!(agent.log()[before..].iter().all(|r| r.kind == RequestKind::GetNext));
        // The caller forgets it, the device is tried anew.
        client.forget(agent.addr);
        client.walk(&agent.target(), &columns(), &WalkOptions::default()).await.unwrap();
        assert!(agent.log().last().is_some());
        assert!(agent.log()[before + 31..].iter().any(|r| r.kind != RequestKind::GetNext));
    }
}

#[tokio::test]
async fn an_empty_answer_to_getbulk_falls_back_too() {
    let m = mib(9);
    let agent = Agent::scripted("127.0.0.1", move |x| match x.request.kind {
        RequestKind::GetBulk { .. } => x.reply(&[]),
        _ => x.send(&answer(&m, &x.request, 1_472)),
    });
    let walk = client().walk(&agent.target(), &columns(), &WalkOptions::default()).await.unwrap();
    assert!(walk.is_complete() && walk.rows() == 36 && walk.quirks.no_bulk);
}

#[tokio::test]
async fn a_quirk_set_by_the_caller_holds() {
    let agent = Agent::new(mib(5));
    let target = agent.target().quirks(Quirks { no_bulk: true, ..Quirks::default() });
    let walk = client().walk(&target, &columns(), &WalkOptions::default()).await.unwrap();
    assert_eq!(walk.rows(), 20);
    assert!(agent.log().iter().all(|r| r.kind == RequestKind::GetNext));
}

/// Answers a GETNEXT or GETBULK of one column from a list in the agent's own order: each name leads to the one after it.
fn in_own_order(rows: &[u32], end: bool, x: &protocol_support::Exchange<'_>) {
    let root = column(1);
    let row = |o: &Oid| o.strip_prefix(&root).and_then(|t| t.first().copied());
    let reps = match x.request.kind {
        RequestKind::GetBulk { max_repetitions, .. } => max_repetitions,
        _ => 1,
    };
    let mut at = row(&x.request.oids[0]).and_then(|r| rows.iter().rposition(|x| *x == r)).map_or(0, |p| p + 1);
    let mut out = Vec::new();
    for _ in 0..reps {
        if at >= rows.len() {
            if end {
                out.push(VarBind { oid: oid("1.3.6.1.4.1.99999.2.0"), value: Value::Integer(1) });
                break;
            }
            at = 0;
        }
        out.push(VarBind { oid: root.child(&[rows[at]]), value: Value::Integer(rows[at].into()) });
        at += 1;
    }
    x.reply(&out);
}
async fn walk_own_order(rows: &'static [u32], end: bool, options: &WalkOptions) -> anykey::protocol::snmp::Walk {
    let agent = Agent::scripted("127.0.0.1", move |x| in_own_order(rows, end, x));
    let walk = client().walk(&agent.target(), &[column(1)], options).await.unwrap();
    assert!(agent.log().len() < 40, "{} requests", agent.log().len());
    walk
}
fn last_arcs(walk: &anykey::protocol::snmp::Walk) -> Vec<u32> {
    walk.columns[0].rows.iter().map(|v| *v.oid.arcs().last().unwrap()).collect()
}

#[tokio::test]
async fn names_out_of_order_are_followed() {
    let walk = walk_own_order(&[1, 10, 11, 2, 3, 20, 4], true, &WalkOptions::default()).await;
    assert_eq!(walk.columns[0].end, End::Complete);
    assert_eq!(last_arcs(&walk), [1, 10, 11, 2, 3, 20, 4]);
    assert_eq!(walk.columns[0].disorder, 2);
}

#[tokio::test]
async fn a_repeated_name_does_not_end_the_walk() {
    let walk = walk_own_order(&[1, 2, 2, 3, 3, 3, 4, 5, 4, 6], true, &WalkOptions::default()).await;
    assert_eq!(walk.columns[0].end, End::Complete);
    assert_eq!(last_arcs(&walk), [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn a_circle_is_a_loop_with_every_row_once() {
    let walk = walk_own_order(&[1, 2, 3, 4, 5], false, &WalkOptions::default()).await;
    assert_eq!(walk.columns[0].end, End::Loop);
    assert_eq!(last_arcs(&walk), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn an_agent_that_repeats_one_name_for_ever_is_left() {
    let root = column(1);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        x.reply(&[VarBind { oid: root.child(&[7]), value: Value::Integer(7) }]);
    });
    let walk = client().walk(&agent.target(), &[column(1)], &WalkOptions::default()).await.unwrap();
    assert_eq!((walk.columns[0].end.clone(), walk.rows()), (End::Loop, 1));
    assert!(agent.log().len() <= 6);
}

#[tokio::test]
async fn a_stuck_row_is_stepped_over() {
    // Asked for the successor of row 5 this agent answers row 5.
    let m = mib(9);
    let stuck = column(1).child(&[5]);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        if x.request.oids[0] == stuck {
            x.reply(&[VarBind { oid: stuck.clone(), value: Value::Integer(5) }]);
        } else {
            let request = codec::Request { kind: RequestKind::GetNext, ..x.request.clone() };
            x.send(&answer(&m, &request, 1_472));
        }
    });
    let walk = client().walk(&agent.target(), &[column(1)], &WalkOptions::default()).await.unwrap();
    assert_eq!((walk.columns[0].end.clone(), walk.rows()), (End::Complete, 9));
}

#[tokio::test]
async fn rows_without_end_stop_at_the_limit() {
    let mut n = 0;
    let agent = Agent::scripted("127.0.0.1", move |x| {
        let rows: Vec<_> = (0..10)
            .map(|_| {
                n += 1;
                VarBind { oid: column(1).child(&[n]), value: Value::Integer(0) }
            })
            .collect();
        x.reply(&rows);
    });
    let options = WalkOptions { max_rows: 250, ..WalkOptions::default() };
    let walk = client().walk(&agent.target(), &[column(1)], &options).await.unwrap();
    assert_eq!((walk.columns[0].end.clone(), walk.rows()), (End::RowLimit, 250));
}

#[tokio::test]
async fn tables_that_end_at_the_end_of_the_mib_are_complete() {
    let mut m = mib(25);
    m.remove(&oid("1.3.6.1.4.1.99999.2.0"));
    for limit in [1_472, 400] {
        let m = m.clone();
        let agent = Agent::scripted("127.0.0.1", move |x| x.send(&answer(&m, &x.request, limit)));
        let walk = client().walk(&agent.target(), &columns(), &WalkOptions::default()).await.unwrap();
        assert!(walk.is_complete());
        assert_eq!(walk.columns.iter().map(|c| c.rows.len()).collect::<Vec<_>>(), [25; 4]);
        assert_eq!(walk.columns[3].disorder, 0);
    }
}

#[tokio::test]
async fn an_empty_subtree_is_complete_and_not_an_error() {
    let agent = Agent::new(mib(2));
    let roots = [oid("1.3.6.1.4.1.99999.9"), column(9)];
    let walk = client().walk(&agent.target(), &roots, &WalkOptions::default()).await.unwrap();
    assert!(walk.is_complete() && walk.rows() == 0 && agent.log().len() == 1);
}

#[tokio::test]
async fn what_was_read_before_silence_is_kept() {
    let m = mib(300);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        if x.count < 3 {
            x.send(&answer(&m, &x.request, 1_472));
        }
    });
    let walk = client().walk(&agent.target(), &[column(1)], &WalkOptions::default()).await.unwrap();
    assert!(walk.rows() > 50 && walk.rows() < 300);
    assert_eq!(walk.columns[0].end, End::Failed(Reason::Timeout { attempts: 3 }));
}

#[tokio::test]
async fn a_poisonous_column_does_not_cost_the_others() {
    let m = mib(20);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        if !x.request.oids.iter().any(|o| o.starts_with(&column(3))) || x.count == 0 {
            x.send(&answer(&m, &x.request, 300));
        }
    });
    let walk = client().walk(&agent.target(), &columns(), &WalkOptions::default()).await.unwrap();
    let ends: Vec<_> = walk.columns.iter().map(|c| c.end.is_complete()).collect();
    assert_eq!(ends, [true, true, false, true]);
    assert_eq!(walk.columns[2].end, End::Failed(Reason::Timeout { attempts: 3 }));
    assert_eq!(walk.columns[3].rows.len(), 20);
}

#[tokio::test]
async fn a_general_error_ends_its_column_only() {
    let m = mib(6);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        let at = x.request.oids.iter().position(|o| o.starts_with(&column(2)));
        match (x.request.kind, at) {
            (_, None) => x.send(&answer(&m, &x.request, 1_472)),
            (_, Some(i)) => x.error(ErrorStatus::GenErr, i as i32 + 1),
        }
    });
    let walk = client().walk(&agent.target(), &columns(), &WalkOptions::default()).await.unwrap();
    assert_eq!(walk.columns[1].end, End::Failed(Reason::ErrorStatus { status: ErrorStatus::GenErr }));
    assert_eq!(walk.columns.iter().map(|c| c.rows.len()).collect::<Vec<_>>(), [6, 0, 6, 6]);
}

#[tokio::test]
async fn the_time_budget_ends_a_walk_with_what_it_has() {
    let m = mib(50_000);
    let agent = Agent::scripted("127.0.0.1", move |x| x.send(&answer(&m, &x.request, 1_472)));
    let options = WalkOptions { budget: Duration::from_millis(60), ..WalkOptions::default() };
    let target = agent.target().quirks(Quirks { max_repetitions: 1, ..Quirks::default() });
    let walk = client().walk(&target, &[column(1)], &options).await.unwrap();
    assert_eq!(walk.columns[0].end, End::Budget);
    assert!(walk.rows() > 0);
    // Silence does not outlast the budget either.
    let silent = Agent::scripted("127.0.0.1", |_| {});
    let walk = client().walk(&silent.target(), &[column(1)], &options).await.unwrap();
    assert_eq!(walk.columns[0].end, End::Budget);
    assert_eq!(silent.log().len(), 1);
}

#[tokio::test]
async fn a_cut_reply_keeps_what_is_whole_and_asks_again_for_the_rest() {
    let m = mib(30);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        let whole = answer(&m, &x.request, 65_507);
        x.send(&whole[..whole.len().min(220)]);
    });
    let client = client();
    let names: Vec<Oid> = (1..=12).map(|r| column(2).child(&[r])).collect();
    let reply = client.get(&agent.target(), &names).await.unwrap();
    assert!(reply.is_complete());
    assert_eq!(reply.varbinds.iter().map(|v| v.oid).collect::<Vec<_>>(), names);
    assert!(client.stats().malformed > 0);
    let walk = client.walk(&agent.target(), &columns(), &WalkOptions::default()).await.unwrap();
    assert!(walk.is_complete(), "{:?}", walk.columns.iter().map(|c| &c.end).collect::<Vec<_>>());
    assert_eq!(walk.rows(), 120);
    assert!(walk.bad_count > 0 && walk.bad.iter().all(|b| b.is_truncation()));
}

/// Replaces the tag of the value of the first varbind whose value is this byte string.
fn poison(bytes: &mut [u8], value: &[u8], tag: u8) {
    if let Some(at) = bytes.windows(value.len()).position(|w| w == value) {
        bytes[at - 2] = tag;
    }
}

#[tokio::test]
async fn a_value_of_unknown_type_is_reported_not_dropped() {
    let m = mib(8);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        let mut bytes = answer(&m, &x.request, 1_472);
        poison(&mut bytes, b"row 3", 0x47);
        x.send(&bytes);
    });
    let client = client();
    let walk = client.walk(&agent.target(), &[column(2)], &WalkOptions::default()).await.unwrap();
    assert!(walk.is_complete());
    assert_eq!((walk.rows(), walk.bad_count), (7, 1));
    assert_eq!(walk.bad[0].name, Some(column(2).child(&[3])));
    assert_eq!(walk.bad[0].error, DecodeError::BadTag { what: "value", found: 0x47 });
    let names: Vec<Oid> = (2..=4).map(|r| column(2).child(&[r])).collect();
    let reply = client.get(&agent.target(), &names).await.unwrap();
    assert_eq!(reply.varbinds.len(), 2);
    assert_eq!(reply.problems[0].oid, names[1]);
    assert!(matches!(reply.problems[0].reason, Reason::BadReply(DecodeError::BadTag { found: 0x47, .. })));
}

#[tokio::test]
async fn garbage_is_told_from_silence() {
    let agent = Agent::scripted("127.0.0.1", |x| x.send(b"\x30\x05hello"));
    let client = client();
    let e = client.get(&agent.target(), &[oid(SYS_NAME)]).await.unwrap_err();
    assert!(matches!(e.reason, Reason::BadReply(_)), "{e}");
    assert_eq!(client.stats().malformed, 3);
    // A right header and nonsense behind it needs no waiting.
    let agent = Agent::scripted("127.0.0.1", |x| {
        let mut bytes = codec::encode_response(&Response::to(&x.request), 1_472).unwrap();
        *bytes.last_mut().unwrap() = 0x55;
        let last = bytes.len() - 2;
        bytes[last] = 0x31;
        x.send(&bytes);
    });
    let e = client.get(&agent.target(), &[oid(SYS_NAME)]).await.unwrap_err();
    assert_eq!(e.reason, Reason::BadReply(DecodeError::BadTag { what: "variable bindings", found: 0x31 }));
}

#[tokio::test]
async fn an_answer_in_another_version_is_a_bad_reply() {
    let m = mib(3);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        let request = codec::Request { version: Version::V1, ..x.request.clone() };
        x.send(&answer(&m, &request, 1_472));
    });
    let e = client().get(&agent.target(), &[oid(SYS_NAME)]).await.unwrap_err();
    assert_eq!(e.reason, Reason::BadReply(DecodeError::Version(0)));
}

#[tokio::test]
async fn an_answer_to_something_else_is_said() {
    let agent = Agent::scripted("127.0.0.1", |x| {
        x.reply(&[VarBind { oid: oid("1.3.6.1.2.1.1.4.0"), value: Value::Null }]);
    });
    let e = client().get(&agent.target(), &[oid(SYS_NAME), oid("1.3.6.1.2.1.1.1.0")]).await.unwrap_err();
    assert_eq!(e.reason, Reason::WrongNames);
}

#[tokio::test]
async fn a_closed_port_is_refused_at_once() {
    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = client();
    let e = client.get(&Target::v2c(closed.ip(), "public").port(closed.port()), &[oid(SYS_NAME)]).await.unwrap_err();
    assert_eq!(e.reason, Reason::Refused, "{e}");
    let stats = client.stats();
    assert_eq!((stats.unreachable, stats.sent), (1, 1));
}

#[tokio::test]
async fn a_community_that_leaves_no_room_is_refused_before_sending() {
    let target = Target::v2c("127.0.0.1".parse().unwrap(), vec![b'x'; 2_000]);
    let client = client();
    let e = client.get(&target, &[oid(SYS_NAME)]).await.unwrap_err();
    assert!(matches!(e.reason, Reason::Request(_)), "{e}");
    let e = client.get(&Target::v2c("127.0.0.1".parse().unwrap(), "p"), &[oid("3.1")]).await.unwrap_err();
    assert!(e.to_string().contains("not a valid object identifier"), "{e}");
    assert_eq!(client.stats().sent, 0);
    assert!(!format!("{target:?}").contains("xxx"), "the community is never printed");
}

#[tokio::test]
async fn replies_of_64_kilobytes_are_read() {
    let big = Value::OctetString(vec![0xA5; 60_000]);
    let value = big.clone();
    let agent = Agent::scripted("127.0.0.1", move |x| {
        x.reply(&[VarBind { oid: x.request.oids[0].clone(), value: value.clone() }]);
    });
    let reply = client().get(&agent.target(), &[oid(SYS_NAME)]).await.unwrap();
    assert_eq!(reply.get(&oid(SYS_NAME)), Some(big));
}

#[tokio::test]
async fn dropped_futures_leave_the_device_free() {
    let m = mib(3);
    let agent = Agent::scripted("127.0.0.1", move |x| {
        if x.count > 0 {
            x.send(&answer(&m, &x.request, 1_472));
        }
    });
    let client = client();
    let (target, names) = (agent.target(), [oid(SYS_NAME)]);
    for _ in 0..5 {
        let asked = client.get(&target, &names);
        tokio::select! { biased; _ = asked => {}, () = tokio::task::yield_now() => {} }
    }
    assert!(client.get(&target, &names).await.is_ok());
    assert_eq!(client.stats().in_flight, 0);
}

#[tokio::test]
async fn shutting_down_answers_everybody() {
    let agent = Agent::scripted("127.0.0.1", |_| {});
    let client = client();
    let target = agent.target();
    let waiting = tokio::spawn({
        let (client, target) = (client.clone(), target.clone());
        async move { client.get(&target, &[oid(SYS_NAME)]).await }
    });
    drop(client);
    assert!(waiting.await.unwrap().is_err());
}

#[tokio::test]
async fn a_sweep_finds_the_living_and_keeps_nothing_of_the_dead() {
    let agents: Vec<Agent> = (1..=5)
        .map(|i| {
            let m = mib(1);
            Agent::scripted(&format!("127.77.3.{i}"), move |x| x.send(&answer(&m, &x.request, 1_472)))
        })
        .collect();
    // Agents have their own ports: one sweep each, of the same range.
    let client = Client::start(ClientConfig { packets_per_second: 0, ..config() }).unwrap();
    for agent in &agents {
        let options = SweepOptions {
            port: agent.addr.port(),
            timeout: Duration::from_millis(100),
            report_refused: true,
            ..SweepOptions::v2c("public")
        };
        let range = (0..256u32).map(|i| std::net::IpAddr::from((0x7F4D_0300u32 + i).to_be_bytes()));
        let mut sweep = client.sweep(range, options).unwrap();
        let (mut found, mut refused) = (Vec::new(), 0);
        while let Some(hit) = sweep.next().await {
            match hit.result {
                Ok(group) => found.push((hit.addr, group)),
                Err(Reason::Refused) => refused += 1,
                Err(e) => panic!("{e}"),
            }
        }
        assert_eq!(sweep.progress(), (256, 256));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, agent.addr);
        assert_eq!(found[0].1.object_id, Some(oid("1.3.6.1.4.1.99999.7")));
        assert_eq!(found[0].1.name.as_deref(), Some("принтер".as_bytes()));
        assert_eq!(found[0].1.up_time, Some(u32::MAX));
        assert_eq!(refused, 255);
    }
    let stats = client.stats();
    assert_eq!((stats.devices, stats.in_flight), (0, 0));
}

#[tokio::test]
async fn a_sweep_asks_a_v1_agent_for_what_it_has() {
    let mut m = mib(1);
    m.remove(&oid("1.3.6.1.2.1.1.1.0"));
    m.remove(&oid(SYS_NAME));
    let agent = Agent::new(m);
    let options = SweepOptions { version: Version::V1, port: agent.addr.port(), ..SweepOptions::v2c("public") };
    let mut sweep = client().sweep([agent.addr.ip()], options).unwrap();
    let group = sweep.next().await.unwrap().result.unwrap();
    assert_eq!((group.descr, group.name), (None, None));
    assert_eq!(group.object_id, Some(oid("1.3.6.1.4.1.99999.7")));
    assert!(sweep.next().await.is_none());
}

#[tokio::test]
async fn a_dropped_sweep_stops_sending() {
    let client = Client::start(ClientConfig { packets_per_second: 500, ..config() }).unwrap();
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let options = SweepOptions { port: silent.local_addr().unwrap().port(), ..SweepOptions::v2c("public") };
    let forever = std::iter::repeat(silent.local_addr().unwrap().ip());
    let sweep = client.sweep(forever, options).unwrap();
    silent.recv_from(&mut [0; 512]).unwrap();
    drop(sweep);
    let agent = Agent::new(mib(1));
    client.get(&agent.target(), &[oid(SYS_NAME)]).await.unwrap();
    let sent = client.stats().sent;
    client.get(&agent.target(), &[oid(SYS_NAME)]).await.unwrap();
    assert!(client.stats().sent <= sent + 2);
}
