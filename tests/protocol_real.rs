//! Against programs that others wrote: net-snmp's agent and its command line, and CUPS's IPP printer.
//!
//! Each starts in a temporary directory on a high port of loopback; ippeveprinter, which wants D-Bus and Avahi, gets both in
//! network and mount namespaces of its own.

mod protocol_support;

use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anykey::protocol::ipp::{IppClient, IppConfig, IppFailure, IppTarget, PrinterState, Status};
use anykey::protocol::snmp::{Client, ClientConfig, Oid, Reason, Target, Value, WalkOptions};
use protocol_support::{installed, oid};

/// Ends with the test.
struct Running(Child);
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn snmpd(dir: &Path) -> (Running, u16) {
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let conf = "rocommunity public\nsysName anykey-test\nsysDescr Проверка\nsysLocation Room 5\nsysObjectID .1.3.6.1.4.1.8072.3.2.10\n";
    std::fs::write(dir.join("snmpd.conf"), conf).unwrap();
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
    (Running(child), port)
}

/// `snmpbulkwalk -Onq`: names and values as net-snmp prints them.
fn net_snmp(command: &str, port: u16, version: &str, root: &str) -> Vec<String> {
    let out = Command::new(command)
        .args([&format!("-v{version}"), "-c", "public", "-Onq", "-Ih", &format!("127.0.0.1:{port}"), root])
        .env("MIBS", "")
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).lines().filter(|l| l.starts_with(".1.")).map(str::to_owned).collect()
}

#[tokio::test]
async fn snmpd_answers_as_its_own_tools_say() {
    if !installed("snmpd", "snmpd") || !installed("snmpbulkwalk", "snmp") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (_snmpd, port) = snmpd(dir.path());
    let client =
        Client::start(ClientConfig { max_timeout: Duration::from_millis(300), ..ClientConfig::default() }).unwrap();
    let (v2c, v1) = (
        Target::v2c("127.0.0.1".parse().unwrap(), "public").port(port),
        Target::v1("127.0.0.1".parse().unwrap(), "public").port(port),
    );
    // Until it listens, the port refuses: asking again is the wait.
    let name = oid("1.3.6.1.2.1.1.5.0");
    let mut ready = Err(Reason::Refused);
    for _ in 0..2_000 {
        ready = client.get(&v2c, std::slice::from_ref(&name)).await.map_err(|e| e.reason);
        if ready.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(ready.unwrap().get(&name), Some(Value::OctetString(b"anykey-test".to_vec())));

    // The system group, interfaces and IP tables hold still enough to be compared by name; some values by value.
    let options = WalkOptions::default();
    for root in ["1.3.6.1.2.1.1", "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.4.20"] {
        let theirs = net_snmp("snmpbulkwalk", port, "2c", root);
        assert_eq!(net_snmp("snmpwalk", port, "1", root).len(), theirs.len());
        for target in [&v2c, &v1] {
            let walk = client.walk(target, &[oid(root)], &options).await.unwrap();
            assert!(walk.is_complete(), "{root}: {}", walk.columns[0].end);
            let ours: Vec<String> = walk.iter().map(|v| format!(".{}", v.oid)).collect();
            let names: Vec<&str> = theirs.iter().filter_map(|l| l.split(' ').next()).collect();
            assert_eq!(ours, names, "{root}");
            for (vb, line) in walk.iter().zip(&theirs) {
                if let Value::Integer(i) = vb.value {
                    assert!(line.ends_with(&format!(" {i}")), "{line} is not {i}");
                }
            }
        }
    }
    let columns: Vec<Oid> = [1, 2, 3, 5, 6, 8, 10, 16].map(|c| oid("1.3.6.1.2.1.2.2.1").child(&[c])).to_vec();
    let table = client.walk(&v2c, &columns, &options).await.unwrap();
    assert!(table.is_complete());
    assert!(table.columns.iter().all(|c| c.rows.len() == table.columns[0].rows.len() && !c.rows.is_empty()));

    // The whole agent, against net-snmp's own count (tables of processes and sockets move between the two).
    let whole = client.walk(&v2c, &[oid("1.3.6.1.2.1")], &options).await.unwrap();
    assert!(whole.is_complete() && whole.bad_count == 0, "{:?}", whole.bad);
    let theirs = net_snmp("snmpbulkwalk", port, "2c", "1.3.6.1.2.1").len();
    assert!(whole.rows().abs_diff(theirs) * 10 < theirs, "{} and {theirs}", whole.rows());

    // v1 names that are not there, and a wrong community, which this agent meets with silence.
    let names = [oid("1.3.6.1.2.1.1.5.0"), oid("1.3.6.1.9.9.0"), oid("1.3.6.1.2.1.1.6.0")];
    let reply = client.get(&v1, &names).await.unwrap();
    assert_eq!(reply.get(&names[1]), Some(Value::NoSuchObject));
    assert_eq!(reply.get(&names[2]), Some(Value::OctetString(b"Room 5".to_vec())));
    let wrong = Target::v2c("127.0.0.1".parse().unwrap(), "private").port(port);
    assert_eq!(client.get(&wrong, &names).await.unwrap_err().reason, Reason::Timeout { attempts: 3 });
}

/// Starts what ippeveprinter needs and then this test once more, inside.
const NAMESPACE: &str = r##"
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/dbus /run/avahi-daemon
ip link set lo up
ip link set lo multicast on
printf '[server]\nuse-ipv4=yes\nuse-ipv6=no\nenable-dbus=yes\nallow-interfaces=lo\n' > avahi.conf
dbus-daemon --system --nofork --nopidfile & dbus=$!
while [ ! -S /run/dbus/system_bus_socket ]; do sleep 0.01; done
avahi-daemon -f "$PWD/avahi.conf" --no-drop-root --no-chroot --no-rlimits 2>/dev/null & avahi=$!
while [ ! -S /run/avahi-daemon/socket ]; do sleep 0.01; done
cat > attributes <<'END'
ATTR text printer-device-id "MFG:Test;MDL:P1;SN:E7X123;"
ATTR name marker-names "Чёрный","Cyan"
ATTR integer marker-levels 42,-3
ATTR keyword marker-types toner,toner
ATTR name marker-colors "#000000","#00FFFF"
ATTR integer marker-low-levels 10,10
ATTR octetString printer-supply "type=toner;maxcapacity=100;level=42;index=1;class=supplyThatIsConsumed;unit=percent;colorantname=black;"
ATTR text printer-supply-description "Чёрный тонер"
END
mkdir keys
ippeveprinter -p 18631 -d "$PWD/spool" -K "$PWD/keys" -k -r off -l "Кабинет 5" -a attributes "Принтер" > printer.log 2>&1 & printer=$!
set +e
ANYKEY_INSIDE=1 "$1" --exact ippeveprinter_answers_over_ipp_and_ipps --nocapture
code=$?
[ $code = 0 ] || cat printer.log
kill $printer $avahi $dbus
exit $code
"##;

#[tokio::test]
async fn ippeveprinter_answers_over_ipp_and_ipps() {
    if std::env::var_os("ANYKEY_INSIDE").is_some() {
        return inside().await;
    }
    let tools = [("ippeveprinter", "cups-ipp-utils"), ("avahi-daemon", "avahi-daemon"), ("dbus-daemon", "dbus")];
    if !tools.iter().all(|(command, package)| installed(command, package)) {
        return;
    }
    // Namespaces need privileges that a developer's account may not have.
    let allowed = Command::new("unshare").args(["-n", "-m", "true"]).output().is_ok_and(|o| o.status.success());
    if !allowed {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no permission for unshare -n -m (run as root)");
        eprintln!("skipped: no permission for unshare -n -m (run as root)");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let out = Command::new("unshare")
        .args(["-n", "-m", "bash", "-c", NAMESPACE, "namespace"])
        .arg(std::env::current_exe().unwrap())
        .current_dir(dir.path())
        .env("HOME", dir.path())
        .env("PATH", format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default()))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&out.stderr));
}

async fn inside() {
    let client = IppClient::new(IppConfig::default()).unwrap();
    let target = IppTarget::new("127.0.0.1".parse().unwrap()).port(18631);
    let mut answer = client.printer_attributes(&target).await;
    for _ in 0..1_000 {
        if answer.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        answer = client.printer_attributes(&target).await;
    }
    let plain = answer.unwrap();
    let tls = client.printer_attributes(&IppTarget { tls: true, ..target.clone() }).await.unwrap();
    assert!(tls.uri.starts_with("ipps://127.0.0.1:18631/ipp/print"), "{}", tls.uri);
    for p in [&plain, &tls] {
        assert_eq!(p.state, Some(PrinterState::Idle));
        assert_eq!(p.info.as_deref(), Some("Принтер"));
        assert_eq!(p.location.as_deref(), Some("Кабинет 5"));
        assert_eq!(p.serial_number.as_deref(), Some("E7X123"));
        assert_eq!(p.markers.len(), 2);
        assert_eq!(p.markers[0].name.as_deref(), Some("Чёрный"));
        assert_eq!(p.markers.iter().map(|m| m.level).collect::<Vec<_>>(), [Some(42), Some(-3)]);
        assert_eq!(p.markers[1].color.as_deref(), Some("#00FFFF"));
        assert_eq!(p.supplies[0].level, Some(42));
        assert_eq!(p.supplies[0].description.as_deref(), Some("Чёрный тонер"));
        assert!(p.uuid.is_some() && p.up_time.is_some() && p.fault.is_none());
    }
    let e = client.printer_attributes(&target.clone().queue("нет такой")).await.unwrap_err();
    let not_there = matches!(e.failure, IppFailure::Http(404 | 400))
        || matches!(e.failure, IppFailure::Status { status: Status::NOT_FOUND, .. });
    assert!(not_there, "{e}");
}
