//! An SNMP agent for tests: a thread with a real UDP socket on loopback that answers from a table, or as a script says.
//!
//! It never waits for time to pass: what must come late is kept until the next request arrives.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use anykey::protocol::snmp::codec::{self, Request, RequestKind, Response};
use anykey::protocol::snmp::{ErrorStatus, Oid, Target, Value, VarBind, Version};

pub type Mib = BTreeMap<Oid, Value>;

pub fn oid(s: &str) -> Oid {
    s.parse().unwrap()
}

/// The system group and a table of `rows` rows: columns 1 to 4 of 1.3.6.1.4.1.99999.1.1.
pub fn mib(rows: u32) -> Mib {
    let mut m = Mib::new();
    m.insert(oid("1.3.6.1.2.1.1.1.0"), Value::OctetString(b"test agent".to_vec()));
    m.insert(oid("1.3.6.1.2.1.1.2.0"), Value::Oid(oid("1.3.6.1.4.1.99999.7")));
    m.insert(oid("1.3.6.1.2.1.1.3.0"), Value::TimeTicks(4_294_967_295));
    m.insert(oid("1.3.6.1.2.1.1.5.0"), Value::OctetString("принтер".into()));
    for row in 1..=rows {
        for column in 1..=4u32 {
            let value = match column {
                1 => Value::Integer(row.into()),
                2 => Value::OctetString(format!("row {row}").into_bytes()),
                3 => Value::Counter64(u64::MAX - u64::from(row)),
                _ => Value::Gauge32(u32::MAX - row),
            };
            m.insert(Oid::new(&[1, 3, 6, 1, 4, 1, 99999, 1, 1, column, row]), value);
        }
    }
    m.insert(oid("1.3.6.1.4.1.99999.2.0"), Value::Integer(-5));
    m
}
pub fn column(n: u32) -> Oid {
    Oid::new(&[1, 3, 6, 1, 4, 1, 99999, 1, 1, n])
}

/// The right answer to a request (RFC 3416, section 4.2), at most `limit` bytes.
pub fn answer(mib: &Mib, r: &Request, limit: usize) -> Vec<u8> {
    let next = |o: &Oid| {
        let after = (std::ops::Bound::Excluded(o.clone()), std::ops::Bound::Unbounded);
        mib.range(after).next().map(|(o, v)| VarBind { oid: o.clone(), value: v.clone() })
    };
    let mut varbinds = Vec::new();
    let mut failed = None;
    for (i, o) in r.oids.iter().enumerate() {
        let vb = match r.kind {
            RequestKind::Get => mib.get(o).map(|v| VarBind { oid: o.clone(), value: v.clone() }),
            _ => next(o),
        };
        let exception = if r.kind == RequestKind::Get { Value::NoSuchObject } else { Value::EndOfMibView };
        if vb.is_none() && r.version == Version::V1 && failed.is_none() {
            failed = Some(i as i32 + 1);
        }
        varbinds.push(vb.unwrap_or(VarBind { oid: o.clone(), value: exception }));
    }
    let mut response = Response::to(r);
    if let Some(index) = failed {
        (response.status, response.index) = (ErrorStatus::NoSuchName, index);
        varbinds = r.oids.iter().map(|o| VarBind { oid: o.clone(), value: Value::Null }).collect();
    }
    if let RequestKind::GetBulk { max_repetitions, .. } = r.kind {
        let width = r.oids.len();
        for row in 1..max_repetitions.min(100) as usize {
            for c in 0..width {
                let last = varbinds[(row - 1) * width + c].clone();
                let end = VarBind { oid: last.oid.clone(), value: Value::EndOfMibView };
                varbinds.push(next(&last.oid).unwrap_or(end));
            }
        }
        while !varbinds.is_empty() {
            if let Ok(bytes) = codec::encode_response(&Response { varbinds: &varbinds, ..response }, limit) {
                return bytes;
            }
            varbinds.pop();
        }
    }
    codec::encode_response(&Response { varbinds: &varbinds, ..response }, limit).unwrap_or_else(|_| {
        codec::encode_response(&Response { status: ErrorStatus::TooBig, ..Response::to(r) }, 65_507).unwrap()
    })
}

/// What the script of an agent sees and may send.
pub struct Exchange<'a> {
    pub socket: &'a UdpSocket,
    pub from: SocketAddr,
    pub bytes: &'a [u8],
    pub request: Request,
    /// Requests before this one.
    pub count: usize,
}

impl Exchange<'_> {
    pub fn send(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, self.from).unwrap();
    }
    pub fn reply(&self, varbinds: &[VarBind]) {
        self.send(&codec::encode_response(&Response { varbinds, ..Response::to(&self.request) }, 65_507).unwrap());
    }
    pub fn error(&self, status: ErrorStatus, index: i32) {
        self.send(&codec::encode_response(&Response { status, index, ..Response::to(&self.request) }, 65_507).unwrap());
    }
}

pub struct Agent {
    pub addr: SocketAddr,
    pub requests: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Agent {
    /// Answers rightly from a table.
    pub fn new(mib: Mib) -> Self {
        Agent::scripted("127.0.0.1", move |x| x.send(&answer(&mib, &x.request, 1_472)))
    }
    /// Answers as the script does.
    pub fn scripted(ip: &str, mut script: impl FnMut(&Exchange<'_>) + Send + 'static) -> Self {
        let socket = UdpSocket::bind((ip.parse::<IpAddr>().unwrap(), 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let addr = socket.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (log, stopped) = (requests.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            let mut count = 0;
            while !stopped.load(Relaxed) {
                let Ok((n, from)) = socket.recv_from(&mut buffer) else { continue };
                let request = codec::decode_request(&buffer[..n]).expect("the client sends valid requests");
                log.lock().unwrap().push(request.clone());
                script(&Exchange { socket: &socket, from, bytes: &buffer[..n], request, count });
                count += 1;
            }
        });
        Agent { addr, requests, stop, thread: Some(thread) }
    }
    pub fn target(&self) -> Target {
        Target::v2c(self.addr.ip(), "public").port(self.addr.port())
    }
    pub fn v1(&self) -> Target {
        Target::v1(self.addr.ip(), "public").port(self.addr.port())
    }
    pub fn log(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        if let Some(t) = self.thread.take()
            && t.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the agent's script failed");
        }
    }
}

/// A command is installed, or the reason to print; with CI=true its absence fails.
pub fn installed(command: &str, package: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    let found = dirs.into_iter().any(|d| d.join(command).is_file());
    if !found {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no {command} (install Debian package {package})");
        eprintln!("skipped: no {command} (install Debian package {package})");
    }
    found
}
