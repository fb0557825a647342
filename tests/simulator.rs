//! Recorded devices on real UDP: the address asked answers, contexts, loss, and what net-snmp's own tools make of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anykey::protocol::snmp::codec::{Request, RequestKind, decode_response, encode_request};
use anykey::protocol::snmp::{
    AuthProtocol, Client, ClientConfig, Failure, Oid, PrivProtocol, Reason, Target, User, Value, Version, WalkOptions,
    snmprec,
};
use anykey::simulator::{Agent, Counters, Network, Recorded, Server, Table, load_folder};
use tokio::net::UdpSocket;

const WALK: &str = "\
1.3.6.1.2.1.1.1.0|4|Synthetic switch
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.10
1.3.6.1.2.1.1.3.0|67|4294967290
1.3.6.1.2.1.1.5.0|4x|d0bfd180
1.3.6.1.2.1.2.2.1.8.1|2|1
1.3.6.1.2.1.2.2.1.8.2|2|2
1.3.6.1.2.1.2.2.1.10.1|65|4294967295
1.3.6.1.2.1.4.20.1.1.10.0.0.1|64|10.0.0.1
1.3.6.1.2.1.31.1.1.1.6.1|70|18446744073709551615
";

fn recorded(text: &str) -> Recorded {
    let (table, notes) = Table::new(&snmprec::parse(text).into_sorted());
    assert!(notes.is_empty());
    let bridge = Table::new(&[("1.3.6.1.2.1.17.1.2.0".parse().unwrap(), Value::Integer(24))]).0;
    Recorded::new(table, BTreeMap::from([(b"10".to_vec(), Arc::new(bridge))]))
}

/// Devices with these texts at 127.16.250.1, .2, ... and free ports.
async fn start(texts: &[&str], network: Network) -> (Server, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    let agents = texts.iter().enumerate().map(|(i, text)| {
        let at = SocketAddr::from(([127, 16, 250, i as u8 + 1], 0));
        (at, Agent::new("public", Arc::new(recorded(text)), counters.clone()))
    });
    (Server::start(agents.collect(), network).await.unwrap(), counters)
}

fn get(id: i32, oid: &str) -> Vec<u8> {
    let oids = vec![oid.parse::<Oid>().unwrap()];
    let community = b"public".to_vec();
    encode_request(&Request { version: Version::V2c, community, request_id: id, kind: RequestKind::Get, oids }).unwrap()
}

#[tokio::test]
async fn the_address_asked_answers() {
    let (server, counters) = start(&["1.3.6.1.2.1.1.1.0|4|one", "1.3.6.1.2.1.1.1.0|4|two"], Network::default()).await;
    let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut buffer = [0; 2000];
    for (at, text) in server.addresses().iter().zip(["one", "two"]) {
        client.send_to(&get(5, "1.3.6.1.2.1.1.1.0"), at).await.unwrap();
        let (len, from) = client.recv_from(&mut buffer).await.unwrap();
        assert_eq!(from, *at);
        let first = decode_response(&buffer[..len]).unwrap().varbinds.next().unwrap().unwrap().to_varbind();
        assert_eq!(first.value, Value::OctetString(text.as_bytes().to_vec()));
    }
    assert_eq!(counters.requests.load(Ordering::Relaxed), 2);
    server.stop().await;
}

/// Our own client reads a recording as an SNMPv3 user, its contexts too, and is told what is wrong.
#[tokio::test]
async fn users_are_answered_in_their_contexts() {
    let aes = |privacy| Some((PrivProtocol::Aes256C, privacy));
    let user = |p| User::new("watch", Some((AuthProtocol::Sha1, "a long password")), aes(p)).unwrap();
    let agent = Agent::new("public", Arc::new(recorded(WALK)), Arc::default());
    let agent = agent.with_users(vec![user("another password")], b"\x80\x00\x1f\x88\x05simulated".to_vec(), 1);
    let bare = Recorded::new(Table::new(&snmprec::parse(WALK).into_sorted()).0, BTreeMap::new());
    let bare = Agent::new("public", Arc::new(bare), Arc::default());
    let bare = bare.with_users(vec![user("another password")], b"\x80\x00\x1f\x88\x05without".to_vec(), 2);
    let place = |n| SocketAddr::from(([127, 16, 250, n], 0));
    let agents = vec![(place(8), agent), (place(9), bare)];
    let server = Server::start(agents, Network::default()).await.unwrap();
    let at = server.addresses()[0];
    let client = Client::start(ClientConfig::default()).unwrap();
    let target = |u: User| Target::v3(at.ip(), u).port(at.port());
    let good = target(user("another password"));
    let walk = client.walk(&good, &["1.3.6.1.2.1".parse().unwrap()], &WalkOptions::default()).await.unwrap();
    assert!(walk.is_complete());
    assert_eq!(walk.rows(), WALK.lines().count());
    let bridge: Oid = "1.3.6.1.2.1.17.1.2.0".parse().unwrap();
    for context in ["10", "vlan-10"] {
        let reply = client.get(&good.clone().context(context), std::slice::from_ref(&bridge)).await.unwrap();
        assert_eq!(reply.get(&bridge), Some(Value::Integer(24)), "{context}");
    }
    let why = async |target: &Target| client.get(target, std::slice::from_ref(&bridge)).await.unwrap_err().reason;
    let elsewhere = Target { addr: server.addresses()[1], ..good.clone() };
    assert_eq!(why(&elsewhere.context("vlan-10")).await, Reason::Security(Failure::UnknownContext));
    assert_eq!(why(&target(user("a wrong password"))).await, Reason::Security(Failure::Decryption));
    assert_eq!(why(&target(User::new("who", None, None).unwrap())).await, Reason::Security(Failure::UnknownUser));
    server.stop().await;
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let (server, _) = start(&[WALK], Network::default()).await;
    let at = server.addresses()[0];
    let again = Agent::new("public", Arc::new(recorded(WALK)), Arc::default());
    let error = Server::start(vec![(at, again)], Network::default()).await.err().unwrap().to_string();
    assert!(error.contains(&at.to_string()) && error.contains("taken"), "{error}");
    let outside = Agent::new("public", Arc::new(recorded(WALK)), Arc::default());
    let outside = Server::start(vec![("192.0.2.1:1161".parse().unwrap(), outside)], Network::default()).await;
    assert!(outside.err().unwrap().to_string().contains("loopback"));
}

/// Which of 200 requests get no answer.
async fn lost(seed: u64) -> Vec<i32> {
    let (server, counters) = start(&[WALK], Network { loss: 0.2, seed, ..Network::default() }).await;
    let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut buffer = [0; 2000];
    let mut lost = Vec::new();
    for id in 0..200 {
        let before = counters.lost.load(Ordering::Relaxed);
        client.send_to(&get(id, "1.3.6.1.2.1.1.1.0"), server.addresses()[0]).await.unwrap();
        loop {
            tokio::select! {
                biased;
                got = client.recv_from(&mut buffer) => { got.unwrap(); break }
                () = tokio::task::yield_now() => {
                    if counters.lost.load(Ordering::Relaxed) > before { lost.push(id); break }
                }
            }
        }
    }
    server.stop().await;
    lost
}

#[tokio::test]
async fn loss_follows_its_seed() {
    let first = lost(1).await;
    assert!((20..60).contains(&first.len()), "{} of 200 lost at 20 %", first.len());
    assert_eq!(first, lost(1).await);
    assert_ne!(first, lost(2).await);
}

#[tokio::test]
async fn latency_delays_and_does_not_queue() {
    let latency = Duration::from_millis(40);
    let (server, _) = start(&[WALK], Network { latency, ..Network::default() }).await;
    let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (mut buffer, begin) = ([0; 2000], tokio::time::Instant::now());
    for id in 0..10 {
        client.send_to(&get(id, "1.3.6.1.2.1.1.1.0"), server.addresses()[0]).await.unwrap();
    }
    for _ in 0..10 {
        client.recv_from(&mut buffer).await.unwrap();
    }
    assert!(begin.elapsed() >= latency, "{:?}", begin.elapsed());
    assert!(begin.elapsed() < latency * 9, "answers waited for each other: {:?}", begin.elapsed());
}

/// net-snmp's tools, or `None` where they are missing (an error on CI).
fn net_snmp(tool: &str, args: &[&str]) -> Option<(bool, String)> {
    match Command::new(tool).args(args).env("MIBS", "").output() {
        Ok(out) => {
            // On success the first run of these tools may still chatter on stderr about folders it creates.
            let text = if out.status.success() { out.stdout } else { [out.stdout, out.stderr].concat() };
            let text = String::from_utf8_lossy(&text).into_owned();
            Some((out.status.success(), text))
        }
        Err(e) => {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{tool} is needed: {e}");
            println!("skipped: {tool} is not installed (Debian package snmp)");
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn net_snmp_reads_what_was_recorded() {
    let (server, _) = start(&[WALK], Network::default()).await;
    let at = server.addresses()[0].to_string();
    let run = async |tool: &'static str, args: &[&str]| {
        let args: Vec<String> = args.iter().map(|a| a.replace("AT", &at)).collect();
        tokio::task::spawn_blocking(move || net_snmp(tool, &args.iter().map(String::as_str).collect::<Vec<_>>()))
            .await
            .unwrap()
    };
    let expected = "\
.1.3.6.1.2.1.1.1.0 = STRING: \"Synthetic switch\"
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.8072.3.2.10
.1.3.6.1.2.1.1.3.0 = 4294967290
.1.3.6.1.2.1.1.5.0 = Hex-STRING: D0 BF D1 80 
.1.3.6.1.2.1.2.2.1.8.1 = INTEGER: 1
.1.3.6.1.2.1.2.2.1.8.2 = INTEGER: 2
.1.3.6.1.2.1.2.2.1.10.1 = Counter32: 4294967295
.1.3.6.1.2.1.4.20.1.1.10.0.0.1 = IpAddress: 10.0.0.1
.1.3.6.1.2.1.31.1.1.1.6.1 = Counter64: 18446744073709551615
";
    let common = ["-c", "public", "-r", "0", "-t", "3", "-On", "-Ot"];
    let with = |version: &'static str, rest: &[&'static str]| [&[version][..], &common[..], &["AT"], rest].concat();
    let end =
        ".1.3.6.1.2.1.31.1.1.1.6.1 = No more variables left in this MIB View (It is past the end of the MIB tree)\n";
    for reps in ["-Cr1", "-Cr3", "-Cr50"] {
        let args = [&[reps][..], &with("-v2c", &[".1.3"])].concat();
        let Some((ok, text)) = run("snmpbulkwalk", &args).await else { return };
        assert!(ok, "{text}");
        assert_eq!(text, format!("{expected}{end}"), "{reps}");
    }
    let (_, text) = run("snmpwalk", &with("-v2c", &[".1.3"])).await.unwrap();
    assert_eq!(text, format!("{expected}{end}"));
    let (_, v1) = run("snmpwalk", &with("-v1", &[".1.3"])).await.unwrap();
    assert!(v1.starts_with(expected.split_inclusive('\n').take(8).collect::<String>().as_str()), "{v1}");
    assert!(!v1.contains("Counter64"), "{v1}");
    let (_, text) = run("snmpget", &with("-v2c", &["1.3.6.1.2.1.1.1.1", "1.3.6.1.2.1.1.4.0"])).await.unwrap();
    assert!(text.contains("1.1.1 = No Such Instance") && text.contains("1.4.0 = No Such Object"), "{text}");
    let (ok, text) = run("snmpget", &with("-v1", &["1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.4.0"])).await.unwrap();
    assert!(!ok || text.contains("noSuchName"), "{text}");
    let (_, text) = run("snmpget", &["-v2c", "-c", "public@10", "-On", "AT", "1.3.6.1.2.1.17.1.2.0"]).await.unwrap();
    assert!(text.contains("INTEGER: 24"), "{text}");
    let (ok, text) =
        run("snmpget", &["-v2c", "-c", "wrong", "-r", "0", "-t", "0.2", "AT", "1.3.6.1.2.1.1.1.0"]).await.unwrap();
    assert!(!ok && text.contains("Timeout"), "{text}");
    server.stop().await;
}

/// Every recording of the corpus, walked by GETBULK through the agent, gives back exactly its rows.
#[test]
fn the_corpus_comes_back_whole() {
    let walks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/walks");
    if !walks.exists() {
        println!("skipped: {} is not there", walks.display());
        return;
    }
    let folder = load_folder(&walks).unwrap();
    assert!(folder.devices.len() > 100, "{}", folder.devices.len());
    let mut rows = 0;
    for (name, device) in folder.devices {
        let want = snmprec::load(&walks.join(format!("{name}.snmprec"))).unwrap().into_sorted();
        let agent = Agent::new("public", Arc::new(device), Arc::default());
        let (mut at, mut got) = ("1.0".parse::<Oid>().unwrap(), Vec::new());
        'walk: loop {
            let kind = RequestKind::GetBulk { non_repeaters: 0, max_repetitions: 40 };
            let request =
                Request { version: Version::V2c, community: b"public".to_vec(), request_id: 1, kind, oids: vec![at] };
            let bytes = agent.answer(&encode_request(&request).unwrap()).unwrap();
            let message = decode_response(&bytes).unwrap();
            assert_eq!(message.status, 0, "{name} after {}", request.oids[0]);
            for varbind in message.varbinds {
                let varbind = varbind.unwrap().to_varbind();
                if varbind.value == Value::EndOfMibView {
                    break 'walk;
                }
                got.push((varbind.oid, varbind.value));
            }
            at = got.last().unwrap().0.clone();
        }
        rows += got.len();
        let differs = got.iter().zip(&want).find(|(g, w)| g != w);
        assert!(
            got.len() == want.len() && differs.is_none(),
            "{name}: {} of {} rows, {differs:?}",
            got.len(),
            want.len()
        );
    }
    assert!(rows > 100_000, "{rows}");
}

/// The virtual branch on UDP: it lives by the clock it is given, and a device that is off is silent.
#[tokio::test(flavor = "multi_thread")]
async fn the_fleet_answers_and_falls_silent() {
    use anykey::model::Millis;
    use anykey::simulator::fleet::{CURTAIN_FALLS, Fleet, Happening, live::Live};
    use std::sync::atomic::AtomicI64;

    let opening = Millis(1_794_983_400_000);
    let minute = Arc::new(AtomicI64::new(0));
    let clock = minute.clone();
    let now = move || opening.plus(clock.load(Ordering::SeqCst) * Millis::MINUTE);
    let live = Live::new(Fleet::new(1, opening.plus(-Millis::HOUR), opening), now);
    let server = live.serve(21_661, "public").await.unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut buffer = vec![0; 65_507];
    assert_eq!(server.addresses().len(), 40);
    for (id, at) in server.addresses().iter().enumerate() {
        client.send_to(&get(id as i32, "1.3.6.1.2.1.1.5.0"), at).await.unwrap();
        let (len, from) = client.recv_from(&mut buffer).await.unwrap();
        let card =
            live.with(|fleet| (0..40).map(|n| fleet.card(n)).find(|c| std::net::IpAddr::V4(c.address) == from.ip()));
        let name = decode_response(&buffer[..len]).unwrap().varbinds.next().unwrap().unwrap().to_varbind().value;
        assert_eq!(name, Value::OctetString(card.unwrap().name.as_bytes().to_vec()));
    }
    // Twenty-six minutes after the opening somebody has pulled a plug.
    minute.store(26, Ordering::SeqCst);
    let off = live.with(|f| f.log().iter().rfind(|t| t.what == Happening::PowerOff).map(|t| f.card(t.device).address));
    let off = SocketAddr::new(off.unwrap().into(), 21_661);
    client.send_to(&get(100, "1.3.6.1.2.1.1.3.0"), off).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(200), client.recv_from(&mut buffer)).await.is_err());
    minute.store(CURTAIN_FALLS, Ordering::SeqCst);
    client.send_to(&get(101, "1.3.6.1.2.1.1.3.0"), off).await.unwrap();
    let (len, from) = client.recv_from(&mut buffer).await.unwrap();
    let answer = decode_response(&buffer[..len]).unwrap();
    assert_eq!((from, answer.request_id), (off, 101));
    server.stop().await;
}

/// Three printers also answer IPP, and say the same as over SNMP.
#[tokio::test(flavor = "multi_thread")]
async fn the_fleet_speaks_ipp() {
    use anykey::model::Millis;
    use anykey::protocol::ipp::{IppClient, IppConfig, IppTarget};
    use anykey::simulator::fleet::{Fleet, ipp::IppServer, live::Live};

    let opening = Millis(1_794_983_400_000);
    let live = Live::new(Fleet::new(1, opening.plus(-Millis::DAY), opening), move || opening);
    let server = IppServer::start(&live, 21_631).await.unwrap();
    let client = IppClient::new(IppConfig::default()).unwrap();
    assert_eq!(server.addresses().len(), 3);
    for address in server.addresses() {
        let target = IppTarget::new(address.ip()).port(address.port());
        let told = client.printer_attributes(&target).await.unwrap();
        let (plan, levels) = live.with(|fleet| {
            let number =
                (0..fleet.len()).find(|n| std::net::IpAddr::V4(fleet.card(*n).address) == address.ip()).unwrap();
            let printer = fleet.printer(number).unwrap();
            (
                printer.plan,
                printer.supplies.iter().map(|s| Some((s.remaining * 100.0).ceil() as i64)).collect::<Vec<_>>(),
            )
        });
        assert_eq!(told.name.as_deref(), Some(plan.name));
        assert_eq!(told.location.as_deref(), Some(plan.room));
        assert_eq!(told.serial_number.as_deref(), Some(plan.serial));
        assert_eq!(told.markers.iter().map(|m| m.level).collect::<Vec<_>>(), levels);
        assert_eq!(told.supplies.iter().map(|s| s.level).collect::<Vec<_>>(), levels);
        assert!(told.fault.is_none() && told.state.is_some() && told.uuid.is_some());
    }
}
