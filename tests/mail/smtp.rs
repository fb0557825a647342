//! Starts `smtpd.py`; says what is missing where it cannot.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A running SMTP server; ends with this value.
pub struct Smtpd {
    child: Child,
    pub folder: tempfile::TempDir,
    pub plain: u16,
    /// With STARTTLS and TLS, when `openssl` could make a certificate.
    pub encrypted: Option<Encrypted>,
}

pub struct Encrypted {
    pub starttls: u16,
    pub tls: u16,
    pub ca: PathBuf,
}

impl Smtpd {
    /// `None` (said on stderr) where there is no aiosmtpd; in CI that fails.
    pub fn start() -> Option<Smtpd> {
        let python = ["/usr/bin/python3", "python3"].into_iter().find(|p| {
            let probe = Command::new(p).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
            probe.is_ok_and(|s| s.success())
        });
        let Some(python) = python else {
            return skip("no aiosmtpd (pip install aiosmtpd)");
        };
        let folder = tempfile::tempdir().unwrap();
        let certified = certificate(folder.path());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/smtpd.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Python's warnings and handshakes refused on purpose: kept beside the mails.
            .stderr(std::fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ports: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("smtpd.py said {line:?}: {e}"));
        let port = |name: &str| ports[name].as_u64().map(|p| p as u16);
        let encrypted = certified.then(|| Encrypted {
            starttls: port("starttls").unwrap(),
            tls: port("tls").unwrap(),
            ca: folder.path().join("srv.pem"),
        });
        Some(Smtpd { child, plain: port("plain").unwrap(), encrypted, folder })
    }
    /// What the server answers to the next mails; `None`: it takes them.
    pub fn answer(&self, reply: Option<&str>) {
        let file = self.folder.path().join("reply");
        match reply {
            Some(text) => std::fs::write(file, text).unwrap(),
            None => drop(std::fs::remove_file(file)),
        }
    }
    /// It keeps the next mails and hangs up before saying so.
    pub fn hang_up(&self, on: bool) {
        let file = self.folder.path().join("hang-up");
        if on { std::fs::write(file, "").unwrap() } else { drop(std::fs::remove_file(file)) }
    }
    /// Mails received so far, in order, as read by Python's parser.
    pub fn mails(&self) -> Vec<Value> {
        (1..)
            .map_while(|n| std::fs::read_to_string(self.folder.path().join(format!("{n}.json"))).ok())
            .map(|text| serde_json::from_str(&text).unwrap())
            .collect()
    }
    /// The raw bytes of the nth mail, from 1.
    pub fn raw(&self, n: usize) -> Vec<u8> {
        std::fs::read(self.folder.path().join(format!("{n}.eml"))).unwrap()
    }
}

impl Drop for Smtpd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn skip<T>(what: &str) -> Option<T> {
    assert!(!std::env::var("CI").is_ok_and(|v| v == "true"), "{what}: CI needs it");
    eprintln!("skipped: {what}");
    None
}

/// A self-signed certificate for localhost.
fn certificate(folder: &Path) -> bool {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(folder.join("srv.key"))
        .arg("-out")
        .arg(folder.join("srv.pem"))
        .stderr(Stdio::null())
        .status();
    made.is_ok_and(|s| s.success()) || skip::<()>("no openssl, so no SMTP over TLS").is_some()
}
