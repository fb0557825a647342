//! The checks of `anykey doctor`. Each looks, never changes, and returns what to print.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Finding;
use crate::cli::live;
use crate::collect::{Credential, TrapSocket, diagnose};
use crate::config::Config;
use crate::model::Millis;
use crate::notify::SmtpConfig;
use crate::notify::mail::Mailer;
use crate::profile::Knowledge;
use crate::protocol::icmp::{Family, Icmp, IcmpConfig};
use crate::store::examine::{Content, Examination, examine};

const MIB: u64 = 1 << 20;
/// What a sweep of a large range brings in at once.
const WANTED_BUFFER: u64 = 4 * MIB;
/// 2025-01-01: no machine that runs this is older.
const EARLIEST: Millis = Millis(1_735_689_600_000);

pub fn configuration(path: Option<&Path>) -> Finding {
    match path {
        Some(p) => Finding::ok(format!("{} is understood", p.display())),
        None => {
            Finding::ok("no file given: defaults and the environment (`anykey serve --sample-config` shows every key)")
        }
    }
}

pub fn profiles(config: &Config) -> Finding {
    match Knowledge::load(config.profiles.dir.as_deref()) {
        Ok(_) => match &config.profiles.dir {
            Some(dir) => Finding::ok(format!("built-in device profiles and those of {}", dir.display())),
            None => Finding::ok("built-in device profiles"),
        },
        Err(e) => Finding::fail(e.to_string()),
    }
}

pub async fn database(config: &Config) -> (Vec<Finding>, Option<Examination>) {
    let seen = match examine(&config.database.url.0).await {
        Ok(seen) => seen,
        Err(e) => return (vec![Finding::fail(e.to_string())], None),
    };
    let name = &seen.name;
    let mut findings = vec![match &seen.content {
        Content::Missing => match seen.file.as_deref().map(folder_of) {
            Some(folder) if writable(&folder) => Finding::ok(format!("{name} will be made by the first start")),
            Some(folder) => Finding::fail(format!(
                "{name} does not exist and {} cannot be written: make the folder and give it to the user that runs anykey, \
                 or set [database] url",
                folder.display()
            )),
            None => Finding::fail(format!("{name} does not exist")),
        },
        Content::Empty => Finding::ok(format!("{name} answers and is empty: the first start fills it")),
        Content::Ours { schema, .. } if *schema > seen.known => Finding::fail(format!(
            "{name} was written by a newer Anykey (schema {schema}, this one knows up to {}): use that version",
            seen.known
        )),
        Content::Ours { schema, .. } if *schema < seen.known => Finding::warn(format!(
            "{name} has schema {schema}; the next start brings it to {}: make a backup before (`anykey backup FILE`)",
            seen.known
        )),
        Content::Ours { schema, .. } => Finding::ok(format!("{name} opens and can be written, schema {schema}")),
    }];
    findings.extend(seen.file.as_deref().and_then(key_file));
    (findings, Some(seen))
}

/// The secret key beside a SQLite file must be its owner's alone.
#[cfg(unix)]
fn key_file(database: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt;
    let mut name = database.as_os_str().to_owned();
    name.push(".key");
    let path = PathBuf::from(name);
    let mode = std::fs::metadata(&path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        let path = path.display();
        Finding::warn(format!("the secret key {path} can be read by others: chmod 600 {path}"))
    })
}

#[cfg(not(unix))]
fn key_file(_database: &Path) -> Option<Finding> {
    None
}

/// Each way into a device, up to the first that works.
pub async fn device(host: &str, port: u16, ladder: &[Credential]) -> Vec<Finding> {
    let (address, prober) = match (live::resolve(host).await, live::prober(live::RATE, None)) {
        (Ok(address), Ok(prober)) => (address, prober),
        (Err(e), _) | (_, Err(e)) => return vec![Finding::fail(format!("{e:#}"))],
    };
    let mut findings = Vec::new();
    for credential in ladder {
        let found = diagnose(prober.snmp(), credential, address, port).await;
        let text = format!("{host} port {port}, {credential}: {found}");
        if found.is_fine() {
            // What failed before is no reason to worry.
            findings.iter_mut().for_each(|f: &mut Finding| f.level = super::Level::Warn);
            findings.push(Finding::ok(text));
            return findings;
        }
        findings.push(Finding::fail(text));
    }
    findings
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(p) if !p.as_os_str().is_empty() => p.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The port of traps: had now, or the way to it.
pub fn traps(config: &Config) -> Option<Finding> {
    let address = config.traps.listen?;
    Some(match TrapSocket::bind(address) {
        Ok(_) => Finding::ok(format!("traps can be received on {address}")),
        Err(e) if e.source.kind() == std::io::ErrorKind::AddrInUse => {
            Finding::warn(format!("{e}. If that is a running anykey, all is well"))
        }
        Err(e) => Finding::warn(e.to_string()),
    })
}

/// May a file be made here, or in the nearest folder above that exists?
fn writable(folder: &Path) -> bool {
    let existing = folder.ancestors().find(|p| p.is_dir()).unwrap_or(Path::new("."));
    let probe = existing.join(format!(".anykey-doctor-{}", std::process::id()));
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&probe).is_ok();
    if made {
        let _ = std::fs::remove_file(&probe);
    }
    made
}

/// Room where the database grows; nothing to say of a database elsewhere.
pub fn disk(seen: &Examination) -> Vec<Finding> {
    let Some(file) = &seen.file else { return Vec::new() };
    let folder = folder_of(file);
    let existing = folder.ancestors().find(|p| p.is_dir()).unwrap_or(Path::new("."));
    free_space(existing).map(|free| space(free, existing)).into_iter().collect()
}

fn space(free: u64, folder: &Path) -> Finding {
    let text = format!("{} MiB free in {}", free / MIB, folder.display());
    match free {
        f if f < 100 * MIB => Finding::fail(format!("{text}: free some, else nothing can be written soon")),
        f if f < 1024 * MIB => Finding::warn(format!("{text}: a year of 300 devices takes about 1 GiB")),
        _ => Finding::ok(text),
    }
}

#[cfg(unix)]
fn free_space(folder: &Path) -> Option<u64> {
    use std::os::unix::ffi::OsStrExt;
    let path = std::ffi::CString::new(folder.as_os_str().as_bytes()).ok()?;
    // SAFETY: `path` is a C string and `stat` a zeroed struct of the type that statvfs fills.
    let (done, stat) = unsafe {
        let mut stat: libc::statvfs = std::mem::zeroed();
        (libc::statvfs(path.as_ptr(), &mut stat), stat)
    };
    (done == 0).then(|| stat.f_bavail.saturating_mul(stat.f_frsize))
}

#[cfg(not(unix))]
fn free_space(_folder: &Path) -> Option<u64> {
    None
}

pub fn clock(now: Millis, seen: Option<&Examination>) -> Vec<Finding> {
    let newest = seen.and_then(|s| match s.content {
        Content::Ours { newest, .. } => newest,
        _ => None,
    });
    let mut findings = vec![sane(now, newest)];
    if synchronised() == Some(false) {
        findings.push(Finding::warn(
            "not synchronised: levels and tickets get wrong times; run an NTP client (timedatectl set-ntp true)",
        ));
    }
    if jiff::tz::TimeZone::get("Europe/Moscow").is_err() {
        findings.push(Finding::warn("no time zone data on this machine: branch times show as UTC; install tzdata"));
    }
    findings
}

fn sane(now: Millis, newest: Option<Millis>) -> Finding {
    let told =
        jiff::Timestamp::from_millisecond(now.0).map(|t| t.strftime("%F %T UTC").to_string()).unwrap_or_default();
    match newest {
        _ if now < EARLIEST => Finding::fail(format!("{told} is long ago: set the machine's clock")),
        Some(at) if at.since(now) > 5 * Millis::MINUTE => Finding::fail(format!(
            "{told} is {} minutes before the newest entry of the database: the clock went back; set it right",
            at.since(now) / Millis::MINUTE
        )),
        _ => Finding::ok(told),
    }
}

/// What the kernel knows of NTP; `None` where it cannot tell.
#[cfg(target_os = "linux")]
fn synchronised() -> Option<bool> {
    // SAFETY: a zeroed timex with modes 0 only asks; the kernel fills the struct.
    let (state, timex) = unsafe {
        let mut timex: libc::timex = std::mem::zeroed();
        (libc::adjtimex(&mut timex), timex)
    };
    (state >= 0).then_some(timex.status & libc::STA_UNSYNC == 0)
}

#[cfg(not(target_os = "linux"))]
fn synchronised() -> Option<bool> {
    None
}

/// Without the right to ping only SNMP tells whether a device is alive: it works, less well.
pub fn ping() -> Vec<Finding> {
    let icmp = Icmp::open(IcmpConfig::default());
    [Family::V4, Family::V6]
        .map(|family| match icmp.status(family) {
            Ok(()) => Finding::ok(format!("{family} echoes may be sent")),
            Err(e) => Finding::warn(e.to_string()),
        })
        .into()
}

/// A small receive buffer loses answers of a sweep; the kernel's limit is the first thing to look at.
pub fn receive_buffer() -> Finding {
    let limit = std::fs::read_to_string("/proc/sys/net/core/rmem_max").ok().and_then(|t| t.trim().parse::<u64>().ok());
    match limit {
        Some(bytes) if bytes < WANTED_BUFFER => Finding::warn(format!(
            "net.core.rmem_max is {bytes}: sweeps of large ranges may lose answers and ask again; \
             sysctl -w net.core.rmem_max=8388608"
        )),
        Some(bytes) => Finding::ok(format!("receive buffer up to {bytes} bytes")),
        None => Finding::ok("receive buffer: as the system gives"),
    }
}

pub async fn web_port(listen: SocketAddr) -> Finding {
    let error = match TcpListener::bind(listen).await {
        Ok(_) => return Finding::ok(format!("{listen} is free")),
        Err(e) => e,
    };
    match error.kind() {
        std::io::ErrorKind::AddrInUse if anykey_answers(listen).await => {
            Finding::ok(format!("{listen}: Anykey is already running there"))
        }
        std::io::ErrorKind::AddrInUse => Finding::fail(format!(
            "{listen} is used by another program: end it, or set [server] listen or ANYKEY_LISTEN"
        )),
        std::io::ErrorKind::PermissionDenied => Finding::fail(format!(
            "{listen}: no right to this port: take one from 1024 up, or setcap cap_net_bind_service+ep on the anykey binary"
        )),
        std::io::ErrorKind::AddrNotAvailable => {
            Finding::fail(format!("{listen}: this machine has no such address: set [server] listen"))
        }
        _ => Finding::fail(format!("{listen}: {error}")),
    }
}

/// Asks whoever holds the port whether it is one of us.
async fn anykey_answers(listen: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(super::super::reachable(listen)).await.ok()?;
        stream.write_all(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n").await.ok()?;
        let mut answer = Vec::new();
        stream.take(64 * 1024).read_to_end(&mut answer).await.ok()?;
        let answer = String::from_utf8_lossy(&answer);
        Some([r#"{"status":"ok"}"#, r#"{"status":"database"}"#].iter().any(|known| answer.ends_with(known)))
    };
    tokio::time::timeout(Duration::from_secs(3), ask).await.ok().flatten().unwrap_or(false)
}

pub async fn mail(config: Option<&SmtpConfig>) -> Vec<Finding> {
    let Some(config) = config else {
        return vec![Finding::warn("no mail server: orders wait in the outbox; fill in [smtp] (host, from)")];
    };
    let mut findings = Vec::new();
    let tried = match Mailer::new(config) {
        Ok(mailer) => mailer.check().await,
        Err(e) => Err(e),
    };
    findings.push(match tried {
        Ok(()) => Finding::ok(format!("{} takes our mail", config.server())),
        Err(e) => Finding::fail(e.to_string()),
    });
    if config.login_unprotected() {
        findings
            .push(Finding::warn("smtp.tls is none: the password travels readable; set smtp.tls to starttls or tls"));
    }
    if let Some(to) = &config.redirect_all_to {
        findings.push(Finding::warn(format!("test mode: suppliers get nothing, every mail goes to {to}")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn the_clock_is_judged_by_the_database() {
        let now = Millis(1_795_500_000_000);
        assert_eq!(sane(now, None).level, Level::Ok);
        assert_eq!(sane(now, Some(now.plus(Millis::MINUTE))).level, Level::Ok);
        let back = sane(now, Some(now.plus(Millis::HOUR)));
        assert!(back.level == Level::Fail && back.text.contains("60 minutes"), "{back:?}");
        assert_eq!(sane(Millis(0), None).level, Level::Fail);
    }

    #[test]
    fn little_room_is_told() {
        let level = |mib: u64| space(mib * MIB, Path::new("/data")).level;
        assert_eq!((level(50), level(500), level(5000)), (Level::Fail, Level::Warn, Level::Ok));
        assert!(free_space(Path::new("/")).is_some());
    }

    #[test]
    fn a_folder_that_does_not_exist_is_judged_by_its_parent() {
        let folder = tempfile::tempdir().unwrap();
        assert!(writable(&folder.path().join("a/b/c")));
        assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing is left behind");
        assert!(!writable(Path::new("/proc/anykey")));
    }

    #[tokio::test]
    async fn a_taken_port_is_told() {
        let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = other.local_addr().unwrap();
        let silent = tokio::spawn(async move { drop(other.accept().await) });
        let finding = web_port(address).await;
        assert!(finding.level == Level::Fail && finding.text.contains("another program"), "{finding:?}");
        silent.await.unwrap();
    }

    #[tokio::test]
    async fn mail_without_a_server_is_a_warning_and_a_dead_server_a_failure() {
        assert_eq!(mail(None).await[0].level, Level::Warn);
        let config: SmtpConfig =
            toml::from_str("host='127.0.0.1'\nport=1\ntls='none'\nfrom='a@b.example'\nredirect_all_to='c@d.example'")
                .unwrap();
        let levels: Vec<Level> = mail(Some(&config)).await.iter().map(|f| f.level).collect();
        assert_eq!(levels, [Level::Fail, Level::Warn]);
    }
}
