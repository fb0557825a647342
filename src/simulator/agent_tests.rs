//! What the agent answers, byte by byte where the standard fixes the bytes.

use super::*;
use crate::protocol::snmp::codec::{decode_response, encode_request};

struct Fixed(Arc<Table>, usize);
impl Device for Fixed {
    fn objects(&self, context: &[u8]) -> Option<Arc<Table>> {
        match context {
            b"" => Some(self.0.clone()),
            b"10" => Some(Arc::new(Table::new(&[(oid("1.3.6.1.2.1.17.1.2.0"), Value::Integer(24))]).0)),
            _ => None,
        }
    }
    fn max_message(&self) -> usize {
        self.1
    }
}

fn oid(s: &str) -> Oid {
    s.parse().unwrap()
}

fn agent(rows: &[(&str, Value)], limit: usize) -> Agent {
    let rows: Vec<_> = rows.iter().map(|(o, v)| (oid(o), v.clone())).collect();
    Agent::new("public", Arc::new(Fixed(Arc::new(Table::new(&rows).0), limit)), Arc::default())
}

fn small() -> Agent {
    agent(
        &[
            ("1.3.6.1.2.1.1.1.0", Value::OctetString(b"printer".to_vec())),
            ("1.3.6.1.2.1.1.3.0", Value::TimeTicks(100)),
            ("1.3.6.1.2.1.31.1.1.1.6.1", Value::Counter64(u64::MAX)),
            ("1.3.6.1.2.1.31.1.1.1.15.1", Value::Gauge32(1000)),
        ],
        ONE_FRAME,
    )
}

fn request(version: Version, kind: RequestKind, oids: &[&str]) -> Vec<u8> {
    let oids = oids.iter().map(|o| oid(o)).collect();
    encode_request(&Request { version, community: b"public".to_vec(), request_id: 77, kind, oids }).unwrap()
}

/// error-status, error-index and the varbinds as `oid=value`.
fn ask(agent: &Agent, version: Version, kind: RequestKind, oids: &[&str]) -> (i32, i32, Vec<String>) {
    let bytes = agent.answer(&request(version, kind, oids)).expect("an answer");
    let m = decode_response(&bytes).unwrap();
    assert_eq!((m.request_id, m.version, m.community), (77, version, &b"public"[..]));
    let varbinds = m.varbinds.map(|v| v.unwrap().to_varbind());
    (m.status, m.index, varbinds.map(|v| format!("{}={:?}", v.oid, v.value)).collect())
}

const BULK: fn(u32, u32) -> RequestKind =
    |non_repeaters, max_repetitions| RequestKind::GetBulk { non_repeaters, max_repetitions };

#[test]
fn get_v2_has_exceptions_per_varbind() {
    let names = ["1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.3.7", "1.3.6.1.2.1.1.9.0"];
    assert_eq!(
        ask(&small(), Version::V2c, RequestKind::Get, &names),
        (
            0,
            0,
            vec![
                "1.3.6.1.2.1.1.3.0=TimeTicks(100)".into(),
                "1.3.6.1.2.1.1.3.7=NoSuchInstance".into(),
                "1.3.6.1.2.1.1.9.0=NoSuchObject".into()
            ]
        )
    );
}

#[test]
fn exceptions_on_the_wire_are_the_tags_of_the_standard() {
    let get = request(Version::V2c, RequestKind::Get, &["1.3.6.1.2.1.1.3.7"]);
    let bytes = small().answer(&get).unwrap();
    // SEQUENCE { OID 1.3.6.1.2.1.1.3.7, noSuchInstance [1] IMPLICIT NULL } ends the message.
    assert_eq!(&bytes[bytes.len() - 14..], [0x30, 12, 6, 8, 0x2b, 6, 1, 2, 1, 1, 3, 7, 0x81, 0]);
    assert_eq!(&bytes[..13], [0x30, bytes.len() as u8 - 2, 2, 1, 1, 4, 6, b'p', b'u', b'b', b'l', b'i', b'c']);
    let get = request(Version::V2c, RequestKind::Get, &["1.3.6.1.2.1.1.9.0"]);
    assert_eq!(small().answer(&get).unwrap().last_chunk::<2>(), Some(&[0x80, 0]));
    let end = request(Version::V2c, RequestKind::GetNext, &["1.3.6.1.2.1.31.1.1.1.15.1"]);
    assert_eq!(small().answer(&end).unwrap().last_chunk::<2>(), Some(&[0x82, 0]));
}

#[test]
fn v1_fails_the_whole_request_and_names_the_place() {
    let names = ["1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.9.0"];
    let nulls: Vec<String> = names.iter().map(|n| format!("{n}=Null")).collect();
    assert_eq!(ask(&small(), Version::V1, RequestKind::Get, &names), (2, 2, nulls));
    let last = ["1.3.6.1.2.1.31.1.1.1.15.1"];
    assert_eq!(ask(&small(), Version::V1, RequestKind::GetNext, &last).0, 2);
    // Counter64 does not exist in version 1.
    assert_eq!(ask(&small(), Version::V1, RequestKind::Get, &["1.3.6.1.2.1.31.1.1.1.6.1"]).0, 2);
    let skipped = ask(&small(), Version::V1, RequestKind::GetNext, &["1.3.6.1.2.1.1.3.0"]);
    assert_eq!(skipped, (0, 0, vec!["1.3.6.1.2.1.31.1.1.1.15.1=Gauge32(1000)".into()]));
    // GETBULK does not exist there either.
    let mut bulk = request(Version::V2c, BULK(0, 1), &["1.3"]);
    bulk[4] = 0;
    assert_eq!(small().answer(&bulk), None);
}

#[test]
fn getnext_walks_everything_once() {
    let (mut at, mut seen) = ("1.3".to_owned(), Vec::new());
    loop {
        let (_, _, v) = ask(&small(), Version::V2c, RequestKind::GetNext, &[&at]);
        let (name, value) = v[0].split_once('=').unwrap();
        if value == "EndOfMibView" {
            assert_eq!(name, at); // the name stays that of the request
            break;
        }
        at = name.to_owned();
        seen.push(at.clone());
    }
    assert_eq!(seen.len(), 4);
    assert!(ask(&small(), Version::V2c, RequestKind::GetNext, &["1.3"]).2[0].contains("[112, 114"));
}

#[test]
fn getbulk_rows_interleave_and_end() {
    let names = ["1.3.6.1.2.1.1.1", "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.31.1.1.1.6"];
    let (status, _, v) = ask(&small(), Version::V2c, BULK(1, 10), &names);
    let short: Vec<_> = v.iter().map(|v| v.replace("1.3.6.1.2.1.", "")).collect();
    assert_eq!(status, 0);
    assert_eq!(
        short,
        [
            "1.1.0=OctetString([112, 114, 105, 110, 116, 101, 114])",
            "1.3.0=TimeTicks(100)",
            "31.1.1.1.6.1=Counter64(18446744073709551615)",
            "31.1.1.1.6.1=Counter64(18446744073709551615)",
            "31.1.1.1.15.1=Gauge32(1000)",
            "31.1.1.1.15.1=Gauge32(1000)",
            "31.1.1.1.15.1=EndOfMibView",
            "31.1.1.1.15.1=EndOfMibView",
            "31.1.1.1.15.1=EndOfMibView",
        ]
    );
    assert_eq!(v.len(), 1 + 2 * 4); // the last row of both columns is endOfMibView, then it stops
    assert_eq!(ask(&small(), Version::V2c, BULK(0, 0), &["1.3"]).2.len(), 0);
    assert_eq!(ask(&small(), Version::V2c, BULK(9, 5), &["1.3"]).2.len(), 1);
    assert_eq!(ask(&small(), Version::V2c, BULK(0, 5), &[]).2.len(), 0);
}

fn wide(limit: usize) -> Agent {
    let rows: Vec<_> = (1..200).map(|i| (oid("1.3.6.1.4.1.9").child(&[i]), Value::OctetString(vec![7; 100]))).collect();
    Agent::new("public", Arc::new(Fixed(Arc::new(Table::new(&rows).0), limit)), Arc::default())
}

#[test]
fn getbulk_is_cut_to_the_size_and_get_is_too_big() {
    for (limit, min) in [(484, 3), (ONE_FRAME, 11), (MAX_DATAGRAM, 199)] {
        let bulk = request(Version::V2c, BULK(0, 5000), &["1.3"]);
        let bytes = wide(limit).answer(&bulk).unwrap();
        assert!(bytes.len() <= limit, "{} > {limit}", bytes.len());
        let got = decode_response(&bytes).unwrap().varbinds.count();
        assert!(got >= min, "{got} varbinds in {limit}");
    }
    let names: Vec<String> = (1..40).map(|i| format!("1.3.6.1.4.1.9.{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(ask(&wide(ONE_FRAME), Version::V2c, RequestKind::Get, &names), (1, 0, vec![]));
    let (status, index, v) = ask(&wide(ONE_FRAME), Version::V1, RequestKind::Get, &names);
    assert_eq!((status, index, v.len()), (1, 0, 39));
    assert_eq!(ask(&wide(MAX_DATAGRAM), Version::V2c, RequestKind::Get, &names).2.len(), 39);
    // Not even one row fits.
    assert_eq!(ask(&wide(100), Version::V2c, BULK(0, 5), &["1.3"]), (1, 0, vec![]));
}

#[test]
fn communities_contexts_and_silence() {
    let a = small();
    let with = |community: &[u8]| {
        let mut r = decode_request(&request(Version::V2c, RequestKind::GetNext, &["1.3"])).unwrap();
        r.community = community.to_vec();
        a.answer(&encode_request(&r).unwrap())
    };
    assert!(with(b"public").is_some());
    let bridge = with(b"public@10").unwrap();
    assert_eq!(decode_response(&bridge).unwrap().community, b"public@10");
    for wrong in [&b"private"[..], b"", b"publi", b"publicx", b"public@", b"public@11"] {
        assert_eq!(with(wrong), None, "{}", String::from_utf8_lossy(wrong));
    }
    assert_eq!(a.answer(b"\x30\x03not snmp"), None);
    let count = |c: &AtomicU64| c.load(Ordering::Relaxed);
    let c = a.counters();
    assert_eq!((count(&c.requests), count(&c.refused), count(&c.malformed)), (2, 6, 1));
    assert_eq!(count(&c.varbinds), 2);
}

#[test]
fn mutated_requests_never_panic() {
    use rand::{RngExt, SeedableRng};
    let mut rng = rand::rngs::StdRng::seed_from_u64(3);
    let (a, base) = (small(), request(Version::V2c, BULK(1, 20), &["1.3", "1.3.6.1.2.1.31"]));
    let mut answered = 0;
    for _ in 0..20_000 {
        let mut b = base.clone();
        for _ in 0..rng.random_range(1..4) {
            let at = rng.random_range(0..b.len());
            b[at] = rng.random();
        }
        if rng.random_bool(0.2) {
            b.truncate(rng.random_range(b.len() / 2..=b.len()));
        }
        answered += usize::from(a.answer(&b).is_some_and(|r| decode_response(&r).is_ok()));
    }
    assert!(answered > 100, "{answered}");
}
