//! SNMPv3 against net-snmp's agent: every pair of algorithms, restarts, wrong passwords named, clashing engine ids; and
//! against one who forges and replays.

mod protocol_support;

use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anykey::protocol::snmp::{
    AuthProtocol, Client, ClientConfig, Failure, PrivProtocol, Reason, SweepOptions, Target, User, Value, Version,
    WalkOptions,
};
use protocol_support::{installed, oid};

const AUTH: &str = "authentication password";
const PRIV: &str = "privacy password";

/// Ends with the test.
struct Snmpd {
    child: Child,
    port: u16,
}
impl Snmpd {
    /// With the users of `conf`, in `dir`, on this port or any free one.
    fn start(dir: &Path, conf: &str, port: Option<u16>) -> Snmpd {
        let free = || UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let port = port.unwrap_or_else(free);
        std::fs::write(dir.join("snmpd.conf"), format!("sysName anykey-v3\n{conf}")).unwrap();
        let child = Command::new("snmpd")
            .args(["-f", "-Ln", "-C", "-c", "snmpd.conf", "-I", "-smux", &format!("udp:127.0.0.1:{port}")])
            .current_dir(dir)
            .env("SNMP_PERSISTENT_DIR", dir.join("var"))
            .env("MIBS", "")
            .env("PATH", format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Snmpd { child, port }
    }
    /// Ends it in good order, so that it remembers its boots.
    fn stop(mut self) -> u16 {
        // SAFETY: a signal to the child this test started.
        unsafe { libc::kill(self.child.id().cast_signed(), libc::SIGTERM) };
        self.child.wait().unwrap();
        self.port
    }
    fn target(&self, user: &User) -> Target {
        Target::v3("127.0.0.1".parse().unwrap(), user.clone()).port(self.port)
    }
}
impl Drop for Snmpd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client() -> Client {
    Client::start(ClientConfig { max_timeout: Duration::from_millis(400), ..ClientConfig::default() }).unwrap()
}
/// sysName, or why not.
async fn name(client: &Client, target: &Target) -> Result<String, Reason> {
    let name = oid("1.3.6.1.2.1.1.5.0");
    let reply = client.get(target, std::slice::from_ref(&name)).await.map_err(|e| e.reason)?;
    match reply.get(&name) {
        Some(Value::OctetString(b)) => Ok(String::from_utf8(b).unwrap()),
        other => panic!("{other:?} is no name"),
    }
}
/// Until it listens, the port refuses: asking again is the wait.
async fn up(client: &Client, target: &Target) -> Result<String, Reason> {
    let mut last = Err(Reason::Refused);
    for _ in 0..2_000 {
        last = name(client, target).await;
        if !matches!(last, Err(Reason::Refused)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    last
}

/// Names as net-snmp's configuration has them.
fn their(auth: AuthProtocol) -> String {
    auth.name().replace("SHA-1", "SHA")
}
fn their_privacy(p: PrivProtocol) -> String {
    p.name().replace("AES-128", "AES")
}

#[tokio::test]
async fn snmpd_is_read_with_every_pair_of_algorithms() {
    if !installed("snmpd", "snmpd") {
        return;
    }
    let mut conf = "createUser plain\nrouser plain noauth\n".to_owned();
    let mut users = vec![User::new("plain", None, None).unwrap()];
    for auth in AuthProtocol::ALL {
        let n = format!("{auth}").to_lowercase();
        conf += &format!("createUser {n} {} \"{AUTH}\"\nrouser {n} auth\n", their(auth));
        users.push(User::new(&n, Some((auth, AUTH)), None).unwrap());
        for privacy in PrivProtocol::ALL {
            let n = format!("{auth}-{privacy}").to_lowercase();
            conf += &format!(
                "createUser {n} {} \"{AUTH}\" {} \"{PRIV}\"\nrouser {n} priv\n",
                their(auth),
                their_privacy(privacy)
            );
            users.push(User::new(&n, Some((auth, AUTH)), Some((privacy, PRIV))).unwrap());
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let snmpd = Snmpd::start(dir.path(), &conf, None);
    let client = client();
    for user in &users {
        let target = snmpd.target(user);
        assert_eq!(up(&client, &target).await.as_deref(), Ok("anykey-v3"), "{user:?}");
    }
    // Large answers and many of them.
    let target = snmpd.target(&users[users.len() - 1]);
    let walk =
        client.walk(&target, &[oid("1.3.6.1.2.1.1"), oid("1.3.6.1.2.1.2")], &WalkOptions::default()).await.unwrap();
    assert!(walk.is_complete() && walk.rows() > 30 && walk.bad_count == 0, "{} rows", walk.rows());
}

fn six(engine_id: &str) -> (String, Vec<User>) {
    let mut conf = format!("exactEngineID {engine_id}\ncreateUser plain\nrouser plain noauth\n");
    let mut users = vec![User::new("plain", None, None).unwrap()];
    let some = [
        (AuthProtocol::Md5, None),
        (AuthProtocol::Sha1, Some(PrivProtocol::Des)),
        (AuthProtocol::Sha256, Some(PrivProtocol::Aes128)),
        (AuthProtocol::Sha384, Some(PrivProtocol::Aes192)),
        (AuthProtocol::Sha512, Some(PrivProtocol::Aes256)),
    ];
    for (i, (auth, privacy)) in some.into_iter().enumerate() {
        let n = format!("user{i}");
        conf += &format!("createUser {n} {} \"{AUTH}\"", their(auth));
        match privacy {
            Some(p) => conf += &format!(" {} \"{PRIV}\"\nrouser {n} priv\n", their_privacy(p)),
            None => conf += &format!("\nrouser {n} auth\n"),
        }
        users.push(User::new(&n, Some((auth, AUTH)), privacy.map(|p| (p, PRIV))).unwrap());
    }
    (conf, users)
}

#[tokio::test]
async fn polling_goes_on_through_restarts_and_lost_boots() {
    if !installed("snmpd", "snmpd") {
        return;
    }
    let (conf, users) = six("0x80001f8880000000000000000a");
    let dir = tempfile::tempdir().unwrap();
    let client = client();
    let mut snmpd = Snmpd::start(dir.path(), &conf, None);
    for round in 0..4 {
        assert_eq!(up(&client, &snmpd.target(&users[0])).await.as_deref(), Ok("anykey-v3"));
        for user in &users {
            let before = client.stats().sent;
            assert_eq!(name(&client, &snmpd.target(user)).await.as_deref(), Ok("anykey-v3"), "{user:?} round {round}");
            // Once the clock is known again, one request is one datagram.
            let more = client.stats().sent - before;
            assert!(more <= if user == &users[1] { 3 } else { 1 }, "{more} datagrams for {user:?} in round {round}");
        }
        let port = snmpd.stop();
        if round == 2 {
            // Its memory is gone: boots start again, below what we saw.
            std::fs::remove_dir_all(dir.path().join("var")).unwrap();
        }
        snmpd = Snmpd::start(dir.path(), &conf, Some(port));
    }
    assert!(client.engine_clashes().is_empty());
    // Another engine at the address: a replaced device.
    let port = snmpd.stop();
    let (conf, users) = six("0x80001f8880000000000000000b");
    let snmpd = Snmpd::start(dir.path(), &conf, Some(port));
    assert_eq!(up(&client, &snmpd.target(&users[0])).await.as_deref(), Ok("anykey-v3"));
    for user in &users {
        assert_eq!(name(&client, &snmpd.target(user)).await.as_deref(), Ok("anykey-v3"), "{user:?}");
    }
}

#[tokio::test]
async fn the_step_that_fails_is_named() {
    if !installed("snmpd", "snmpd") {
        return;
    }
    let (conf, users) = six("0x80001f8880000000000000000c");
    let dir = tempfile::tempdir().unwrap();
    let snmpd = Snmpd::start(dir.path(), &conf, None);
    let client = client();
    assert!(up(&client, &snmpd.target(&users[0])).await.is_ok());
    let sha = |password| Some((AuthProtocol::Sha256, password));
    let aes = |password| Some((PrivProtocol::Aes128, password));
    let wrong = [
        (User::new("nobody", sha(AUTH), aes(PRIV)), vec![Failure::UnknownUser]),
        (User::new("user2", sha("another password"), aes(PRIV)), vec![Failure::WrongDigest]),
        (User::new("user2", Some((AuthProtocol::Sha512, AUTH)), aes(PRIV)), vec![Failure::WrongDigest]),
        (User::new("user2", sha(AUTH), aes("another password")), vec![Failure::Decryption, Failure::SilentToUser]),
        (
            User::new("user2", sha(AUTH), Some((PrivProtocol::Des, PRIV))),
            vec![Failure::Decryption, Failure::SilentToUser],
        ),
        (User::new("user0", Some((AuthProtocol::Md5, AUTH)), aes(PRIV)), vec![Failure::UnsupportedLevel]),
    ];
    for (user, expected) in wrong {
        let user = user.unwrap();
        match name(&client, &snmpd.target(&user)).await {
            Err(Reason::Security(f)) => assert!(expected.contains(&f), "{user:?}: {f}"),
            other => panic!("{user:?}: {other:?}"),
        }
    }
    let there = snmpd.target(&users[3]);
    // net-snmp says nothing to a context it does not have; others report it.
    assert_eq!(name(&client, &there.clone().context("vlan-7")).await, Err(Reason::Security(Failure::SilentToUser)));
    assert_eq!(name(&client, &there).await.as_deref(), Ok("anykey-v3"), "failures leave no trace");

    // A sweep finds it by a user, and says why not by another.
    let sweep = async |user: &User| {
        let options = SweepOptions {
            port: snmpd.port,
            version: Version::V3,
            credential: there_credential(user),
            timeout: Duration::from_millis(300),
            ..SweepOptions::v2c("")
        };
        let addresses = (1..=20u8).map(|i| [127, 0, 0, i].into());
        let mut sweep = client.sweep(addresses.collect::<Vec<_>>(), options).unwrap();
        let mut hits = Vec::new();
        while let Some(hit) = sweep.next().await {
            hits.push(hit);
        }
        hits
    };
    let fresh = client.clone();
    fresh.forget(there.addr);
    let hits = sweep(&users[4]).await;
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].result.as_ref().unwrap().name.as_deref(), Some(&b"anykey-v3"[..]));
    let hits = sweep(&User::new("nobody", sha(AUTH), None).unwrap()).await;
    assert_eq!(hits[0].result, Err(Reason::Security(Failure::UnknownUser)));
}
fn there_credential(user: &User) -> anykey::protocol::snmp::Credential {
    anykey::protocol::snmp::Credential::user(user.clone(), "")
}
