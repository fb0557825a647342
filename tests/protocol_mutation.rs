//! Mutated packets through every decoder: no panic, no endless loop, nothing believed that cannot be written again.
//!
//! 200,000 by default, `ANYKEY_MUTATIONS=1000000` for the full run. The seeds are in `tests/seeds`; the mutations follow
//! from a fixed number (`ANYKEY_MUTATION_SEED` for another), so a failure can be repeated.

use std::path::Path;

use anykey::collect::traps::read;
use anykey::profile::Knowledge;
use anykey::protocol::ipp::attributes::{PrinterAttributes, device_id_field, keyed};
use anykey::protocol::ipp::codec as ipp;
use anykey::protocol::snmp::ber::Writer;
use anykey::protocol::snmp::codec::{self, Response};
use anykey::protocol::snmp::trap;
use anykey::protocol::snmp::usm::message::{self, Envelope};
use anykey::protocol::snmp::usm::{LocalEngine, Receiver};
use anykey::protocol::snmp::{AuthProtocol, OidRef, PrivProtocol, User, VarBindList};

thread_local! {
    /// The names that traps are read with.
    static READ: Knowledge = Knowledge::load(None).unwrap();
}

struct Random(u64);
impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
    fn below(&mut self, n: usize) -> usize {
        ((self.next() >> 16) % (n.max(1) as u64)) as usize
    }
}

/// Name and bytes of each seed.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seeds");
    let mut seeds: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|f| f.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "hex"))
        .map(|p| {
            let text = std::fs::read_to_string(&p).unwrap();
            let hex: String = text.lines().filter(|l| !l.starts_with('#')).collect();
            let hex: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
            let byte = |c: &[u8]| u8::from_str_radix(std::str::from_utf8(c).unwrap(), 16).unwrap();
            (p.file_stem().unwrap().to_string_lossy().into_owned(), hex.chunks(2).map(byte).collect())
        })
        .collect();
    seeds.sort();
    seeds
}

/// One to four small changes, of kinds that break decoders.
fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    const INTERESTING: [u8; 12] = [0, 1, 0x7F, 0x80, 0x81, 0x82, 0x84, 0x85, 0xFE, 0xFF, 0x30, 0x34];
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(9) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            1 if !bytes.is_empty() => bytes[at] = INTERESTING[random.below(INTERESTING.len())],
            2 if !bytes.is_empty() => bytes[at] = random.next() as u8,
            3 => bytes.truncate(at),
            4 => bytes.insert(at.min(bytes.len()), random.next() as u8),
            5 if !bytes.is_empty() => drop(bytes.remove(at)),
            6 if !bytes.is_empty() => {
                // A piece comes twice.
                let end = (at + 1 + random.below(40)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            7 if !bytes.is_empty() => bytes[at] = bytes[at].wrapping_add(if random.below(2) == 0 { 1 } else { 255 }),
            _ => {
                // The rest comes from another packet.
                bytes.truncate(at);
                bytes.extend_from_slice(&other[random.below(other.len())..]);
            }
        }
    }
}

/// Everything that reads SNMP.
fn snmp(bytes: &[u8]) {
    let header = codec::peek(bytes);
    if let Ok(m) = codec::decode_response(bytes) {
        assert_eq!(header.unwrap().id, m.request_id);
        let mut list = VarBindList::new();
        let mut varbinds = Vec::new();
        let mut items = 0;
        for item in m.varbinds.clone() {
            items += 1;
            assert!(items <= bytes.len(), "a list longer than its packet");
            match item {
                Ok(vb) => {
                    list.push(&vb);
                    varbinds.push(vb.to_varbind());
                    assert_eq!(
                        OidRef::parse(vb.name.as_ber()).unwrap().arcs().count(),
                        varbinds.last().unwrap().oid.len()
                    );
                }
                Err(e) => assert!(!e.to_string().is_empty()),
            }
        }
        // What was believed can be written, and reads the same.
        assert_eq!(list.to_vec(), varbinds);
        let status = codec::ErrorStatus::from_number(m.status);
        let again = Response {
            version: m.version,
            community: m.community,
            request_id: m.request_id,
            status,
            index: m.index,
            varbinds: &varbinds,
        };
        let again = codec::encode_response(&again, codec::MAX_DATAGRAM).unwrap();
        let again = codec::decode_response(&again).unwrap();
        let values: Vec<_> = again.varbinds.map(|v| v.unwrap().to_varbind()).collect();
        assert_eq!(values, varbinds);
    }
    if let Ok(n) = trap::decode(bytes) {
        assert!(!n.name.is_empty() && n.varbinds.len() <= trap::MAX_VARBINDS);
        let again = trap::encode(n.version, b"public", &n, 1).unwrap();
        let again = trap::decode(&again).unwrap();
        assert_eq!(
            (again.confirmed, again.agent_address, &again.varbinds),
            (n.confirmed, n.agent_address, &n.varbinds)
        );
        assert_eq!(trap::answer(bytes).is_some(), n.confirmed);
        READ.with(|knowledge| {
            let said = read(knowledge, &n);
            assert!(said.count == 1 && !said.name.is_empty());
            assert!(said.text.iter().chain(&said.port).all(|t| t.chars().count() <= 160));
        });
    }
    if let Ok(request) = codec::decode_request(bytes) {
        let again = codec::encode_request(&request).unwrap();
        assert_eq!(codec::decode_request(&again).unwrap(), request);
    }
}

fn ipp_message(bytes: &[u8]) {
    if let Ok(m) = ipp::decode(bytes) {
        let p = PrinterAttributes::from_message("ipp://test/", &m);
        assert!(p.markers.len() <= bytes.len() && p.supplies.len() <= bytes.len());
        assert!(!format!("{p:?}").is_empty());
    }
}
fn text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for (key, value) in keyed(&text) {
        assert!(!key.is_empty() && !key.contains(['=', ';']) && !value.contains(';'));
    }
    for key in ["MFG", "SN", ""] {
        assert!(device_id_field(&text, key).is_none_or(|v| !v.is_empty()));
    }
}

#[test]
fn mutated_packets_break_nothing() {
    let variable = |name: &str| std::env::var(name).ok().and_then(|v| v.parse().ok());
    let count: u64 = variable("ANYKEY_MUTATIONS").unwrap_or(200_000);
    let mut random = Random(variable("ANYKEY_MUTATION_SEED").unwrap_or(0x000A_4E7E_5EED));
    let seeds = seeds();
    assert!(seeds.len() >= 20);
    for _ in 0..count {
        let (name, seed) = &seeds[random.below(seeds.len())];
        let (_, other) = &seeds[random.below(seeds.len())];
        let mut bytes = seed.clone();
        mutate(&mut bytes, other, &mut random);
        let result = std::panic::catch_unwind(|| {
            snmp(&bytes);
            ipp_message(&bytes);
            if name.starts_with("text") {
                text(&bytes);
            }
        });
        if let Err(e) = result {
            let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
            eprintln!("from {name}: keep this as a seed:\n{hex}");
            std::panic::resume_unwind(e);
        }
    }
}

/// Users of every level, one per protocol of privacy.
fn users() -> Vec<User> {
    let auth = Some((AuthProtocol::Sha256, "a long password"));
    let mut all = vec![User::new("none", None, None).unwrap(), User::new("auth", auth, None).unwrap()];
    all.extend(PrivProtocol::ALL.map(|p| User::new(p.name(), auth, Some((p, "another password"))).unwrap()));
    all
}
fn sealed(user: &User, pdu: &[u8], reportable: bool) -> Vec<u8> {
    let mut w = Writer::new(4_096);
    w.raw(&pdu[..pdu.len().min(2_000)]).unwrap();
    let keys = user.keys(b"engine");
    let e = Envelope {
        msg_id: 77,
        level: user.level(),
        reportable,
        engine_id: b"engine",
        boots: 3,
        time: 10,
        user: user.name(),
        keys: Some(&keys),
        salt: 9,
        context_engine_id: b"engine",
        context: b"vlan-1",
    };
    e.seal(&mut w).unwrap();
    w.bytes().to_vec()
}

#[test]
fn mutated_messages_of_version_3_break_and_change_nothing() {
    let variable = |name: &str| std::env::var(name).ok().and_then(|v| v.parse().ok());
    let count: u64 = variable("ANYKEY_MUTATIONS").unwrap_or(200_000) / 8;
    let mut random = Random(variable("ANYKEY_MUTATION_SEED").unwrap_or(0x000A_4E7E_5EED));
    let (users, seeds) = (users(), seeds());
    // Asked (we are the engine) and told (somebody else is).
    let receiver = |id: &[u8]| Receiver::new(LocalEngine::new(id.to_vec(), 3, 0), users.clone(), 1);
    let (mut asked, mut told) = (receiver(b"engine"), receiver(b"another"));
    let mut scratch = Vec::new();
    for _ in 0..count {
        let user = &users[random.below(users.len())];
        let (_, seed) = &seeds[random.below(seeds.len())];
        let (_, other) = &seeds[random.below(seeds.len())];
        // The PDU of a seed as it is, or changed before it is signed: what a broken agent with the right key sends.
        let mut pdu = seed.get(2..).unwrap_or_default().to_vec();
        let inside = random.below(2) == 0;
        if inside {
            mutate(&mut pdu, other, &mut random);
        }
        let mut bytes = sealed(user, &pdu, random.below(2) == 0);
        let whole = bytes.clone();
        if !inside {
            mutate(&mut bytes, other, &mut random);
        }
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for receiver in [&mut asked, &mut told] {
                match receiver.receive(&bytes, 5_000_000, &mut scratch) {
                    Ok(opened) => {
                        // Whatever is believed of a signed message is what was signed.
                        let signed = user.level() > message::Level::NoAuthNoPriv;
                        assert!(!signed || bytes.starts_with(&whole), "an altered message was believed");
                        if let Ok(m) = opened.message() {
                            m.varbinds.take(bytes.len() + 1).for_each(drop);
                        }
                    }
                    Err(refused) => {
                        if let Some(report) = refused.report {
                            assert!(message::parse(&report).is_ok());
                        }
                    }
                }
            }
            let _ = codec::peek(&bytes);
        }));
        if let Err(e) = result {
            let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
            eprintln!("from {user:?}: keep this as a seed:\n{hex}");
            std::panic::resume_unwind(e);
        }
    }
}

#[test]
fn seeds_are_what_their_names_say() {
    for (name, bytes) in seeds() {
        match name.split('-').next().unwrap() {
            "trap" => assert!(trap::decode(&bytes).is_ok(), "{name}"),
            "request" => assert!(codec::decode_request(&bytes).is_ok(), "{name}"),
            "response" => assert!(codec::peek(&bytes).is_ok() || name == "response-v1-trap", "{name}"),
            "ipp" => assert_eq!(ipp::decode(&bytes).unwrap().fault, None, "{name}"),
            "text" => assert!(bytes.iter().all(u8::is_ascii), "{name}"),
            other => panic!("{name}: no such kind {other}"),
        }
    }
}
