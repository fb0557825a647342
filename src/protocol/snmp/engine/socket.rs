//! The sockets of a worker: one per address family, read and written in batches of 64 datagrams.
//!
//! All system calls of the engine are here. Linux only: sendmmsg, recvmmsg and the error queue that carries ICMP errors
//! with the address they are about (ip(7), IP_RECVERR).

use std::io;
use std::mem::{size_of, zeroed};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsRawFd;

use socket2::{Domain, Protocol, Socket, Type};

use super::super::ber::Writer;
use super::super::result::Reason;

pub const BATCH: usize = 64;
/// Longest request; `job.rs` and `sweep.rs` stay below.
pub const MAX_REQUEST: usize = 2_048;
const MAX_REPLY: usize = 65_536;
/// Replies are asked for so that they are shorter; not a power of two, or all would compete for the same cache lines.
const SHORT: usize = 2_112;
const CONTROL: usize = 64;

/// One UDP socket, not connected, not blocking.
pub struct Udp {
    socket: Socket,
    /// Datagrams the kernel dropped so far, as it last said.
    pub drops: u32,
}

impl Udp {
    pub fn bind(addr: SocketAddr, receive_buffer: usize) -> io::Result<Self> {
        let v6 = addr.is_ipv6();
        let socket = Socket::new(if v6 { Domain::IPV6 } else { Domain::IPV4 }, Type::DGRAM, Some(Protocol::UDP))?;
        if v6 {
            socket.set_only_v6(true)?;
        }
        socket.set_nonblocking(true)?;
        // Best effort: the kernel grants what net.core.rmem_max and wmem_max allow.
        let _ = socket.set_recv_buffer_size(receive_buffer);
        let _ = socket.set_send_buffer_size(1 << 20);
        let (level, option) = if v6 { (libc::SOL_IPV6, libc::IPV6_RECVERR) } else { (libc::SOL_IP, libc::IP_RECVERR) };
        set_option(&socket, level, option)?;
        set_option(&socket, libc::SOL_SOCKET, libc::SO_RXQ_OVFL)?;
        socket.bind(&addr.into())?;
        Ok(Udp { socket, drops: 0 })
    }
    pub fn fd(&self) -> i32 {
        self.socket.as_raw_fd()
    }

    /// The next ICMP error: what it is about, the start of our datagram, and what it says.
    pub fn next_error(&self, buffer: &mut Vec<u8>) -> Option<(SocketAddr, Reason)> {
        loop {
            buffer.resize(MAX_REQUEST, 0);
            let mut control = Control([0; 512]);
            // SAFETY: all-zero is a valid value of these C structures.
            let (mut name, mut msg): (libc::sockaddr_storage, libc::msghdr) = unsafe { (zeroed(), zeroed()) };
            let mut iov = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
            msg.msg_name = (&raw mut name).cast();
            msg.msg_namelen = size_of::<libc::sockaddr_storage>() as u32;
            msg.msg_iov = &raw mut iov;
            msg.msg_iovlen = 1;
            msg.msg_control = (&raw mut control).cast();
            msg.msg_controllen = size_of::<Control<512>>();
            // SAFETY: every pointer in `msg` is to a live local with the length given beside it.
            let n = unsafe { libc::recvmsg(self.fd(), &raw mut msg, libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT) };
            if n < 0 {
                return None;
            }
            buffer.truncate(n as usize);
            let Some(addr) = address(&name) else { continue };
            for (level, kind, data) in control_messages(&control.0[..msg.msg_controllen.min(512)]) {
                let error = (level == libc::SOL_IP && kind == libc::IP_RECVERR)
                    || (level == libc::SOL_IPV6 && kind == libc::IPV6_RECVERR);
                // The error number comes first in struct sock_extended_err.
                if let (true, Some(errno)) = (error, data.first_chunk::<4>()) {
                    match i32::from_ne_bytes(*errno) {
                        libc::ECONNREFUSED => return Some((addr, Reason::Refused)),
                        libc::EMSGSIZE => {}
                        _ => return Some((addr, Reason::Unreachable)),
                    }
                }
            }
        }
    }
}

fn set_option(socket: &Socket, level: i32, option: i32) -> io::Result<()> {
    let on: i32 = 1;
    // SAFETY: the value is a live i32 of the length given.
    let r = unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const on).cast(), 4) };
    if r == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Control<const N: usize>([u8; N]);

/// Level, type and data of each control message (cmsg(3)), with every length checked.
fn control_messages(mut bytes: &[u8]) -> impl Iterator<Item = (i32, i32, &[u8])> {
    const HEADER: usize = size_of::<libc::cmsghdr>();
    std::iter::from_fn(move || {
        let len = usize::from_ne_bytes(*bytes.first_chunk()?);
        let level = i32::from_ne_bytes(*bytes.get(8..)?.first_chunk()?);
        let kind = i32::from_ne_bytes(*bytes.get(12..)?.first_chunk()?);
        let data = bytes.get(HEADER..len)?;
        bytes = bytes.get(len.next_multiple_of(8)..).unwrap_or(&[]);
        Some((level, kind, data))
    })
}

fn address(s: &libc::sockaddr_storage) -> Option<SocketAddr> {
    match i32::from(s.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says that this is what the kernel wrote, and the storage is large and aligned enough.
            let a = unsafe { &*std::ptr::from_ref(s).cast::<libc::sockaddr_in>() };
            let ip = Ipv4Addr::from(u32::from_be(a.sin_addr.s_addr));
            Some(SocketAddrV4::new(ip, u16::from_be(a.sin_port)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let a = unsafe { &*std::ptr::from_ref(s).cast::<libc::sockaddr_in6>() };
            let ip = Ipv6Addr::from(a.sin6_addr.s6_addr);
            Some(SocketAddrV6::new(ip, u16::from_be(a.sin6_port), 0, a.sin6_scope_id).into())
        }
        _ => None,
    }
}

/// A socket address as the kernel reads it; large enough for either family and no larger.
#[repr(C)]
#[derive(Clone, Copy)]
union RawAddr {
    v4: libc::sockaddr_in,
    v6: libc::sockaddr_in6,
}

/// Where a datagram goes.
#[derive(Clone, Copy)]
struct Destination {
    raw: RawAddr,
    is_v6: bool,
}

impl Destination {
    fn new(addr: SocketAddr) -> Self {
        // SAFETY: all-zero is a valid value of this C structure.
        let mut raw: RawAddr = unsafe { zeroed() };
        match addr {
            SocketAddr::V4(a) => {
                raw.v4.sin_family = libc::AF_INET as libc::sa_family_t;
                raw.v4.sin_port = a.port().to_be();
                raw.v4.sin_addr.s_addr = u32::from(*a.ip()).to_be();
            }
            SocketAddr::V6(a) => {
                raw.v6 = libc::sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as libc::sa_family_t,
                    sin6_port: a.port().to_be(),
                    sin6_flowinfo: a.flowinfo(),
                    sin6_addr: libc::in6_addr { s6_addr: a.ip().octets() },
                    sin6_scope_id: a.scope_id(),
                };
            }
        }
        Destination { raw, is_v6: addr.is_ipv6() }
    }
    fn len(&self) -> libc::socklen_t {
        let len = if self.is_v6 { size_of::<libc::sockaddr_in6>() } else { size_of::<libc::sockaddr_in>() };
        len as libc::socklen_t
    }
}

/// Room for 64 datagrams on their way out. They leave in order; those the kernel does not take yet stay.
pub struct SendBatch {
    writers: Vec<Writer>,
    addrs: Vec<Destination>,
    ids: Vec<u32>,
    /// Already sent.
    start: usize,
}

/// How far a flush came.
#[derive(Debug, PartialEq, Eq)]
pub enum Flush {
    Empty,
    /// The socket of this family takes no more for now.
    Blocked,
}

impl SendBatch {
    pub fn new() -> Self {
        SendBatch {
            writers: (0..BATCH).map(|_| Writer::new(MAX_REQUEST)).collect(),
            addrs: Vec::with_capacity(BATCH),
            ids: Vec::with_capacity(BATCH),
            start: 0,
        }
    }
    pub fn is_full(&self) -> bool {
        self.ids.len() == BATCH
    }
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
    /// The writer of the next datagram; `push` takes it.
    pub fn writer(&mut self) -> &mut Writer {
        &mut self.writers[self.ids.len()]
    }
    pub fn push(&mut self, addr: SocketAddr, id: u32) {
        self.addrs.push(Destination::new(addr));
        self.ids.push(id);
    }

    /// Sends all of it. `failed` is told of each datagram the kernel refuses; `errors` is called when the kernel reports
    /// an error that may be about an earlier datagram, and must empty the error queue.
    pub fn flush(
        &mut self,
        v4: Option<&Udp>,
        v6: Option<&Udp>,
        mut failed: impl FnMut(u32, Reason),
        mut errors: impl FnMut(&Udp),
    ) -> Flush {
        let mut tries = 0;
        while self.start < self.ids.len() {
            let is_v6 = self.addrs[self.start].is_v6;
            let run = self.addrs[self.start..].iter().take_while(|a| a.is_v6 == is_v6).count();
            let Some(udp) = (if is_v6 { v6 } else { v4 }) else {
                failed(self.ids[self.start], Reason::NoSocket(if is_v6 { "IPv6" } else { "IPv4" }));
                self.start += 1;
                continue;
            };
            match self.send_run(udp, run) {
                Ok(n) => {
                    self.start += n;
                    tries = 0;
                }
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock) => return Flush::Blocked,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    errors(udp);
                    tries += 1;
                    // The first error may belong to an earlier datagram; if it comes again, it is about this one.
                    if tries > 1 {
                        let os = e.raw_os_error();
                        let reason = match os {
                            Some(libc::ENETUNREACH | libc::EHOSTUNREACH) => Reason::Unreachable,
                            _ => Reason::Io { kind: e.kind(), os },
                        };
                        failed(self.ids[self.start], reason);
                        self.start += 1;
                        tries = 0;
                    }
                }
            }
        }
        self.addrs.clear();
        self.ids.clear();
        self.start = 0;
        Flush::Empty
    }

    fn send_run(&self, udp: &Udp, run: usize) -> io::Result<usize> {
        // SAFETY: all-zero is a valid value of these C structures.
        let mut iovs: [libc::iovec; BATCH] = unsafe { zeroed() };
        // SAFETY: as above.
        let mut msgs: [libc::mmsghdr; BATCH] = unsafe { zeroed() };
        for i in 0..run {
            let bytes = self.writers[self.start + i].bytes();
            let addr = &self.addrs[self.start + i];
            iovs[i] = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
            let h = &mut msgs[i].msg_hdr;
            h.msg_name = (&raw const addr.raw).cast_mut().cast();
            h.msg_namelen = addr.len();
            h.msg_iov = &raw mut iovs[i];
            h.msg_iovlen = 1;
        }
        // SAFETY: the first `run` headers point to names and buffers that outlive the call; the kernel only reads them.
        let n = unsafe { libc::sendmmsg(udp.fd(), msgs.as_mut_ptr(), run as u32, libc::MSG_DONTWAIT) };
        if n < 0 { Err(io::Error::last_os_error()) } else { Ok(n as usize) }
    }
}

/// Room for 64 datagrams that arrived. The start of each lands in a compact buffer that stays in the processor's cache; what
/// is longer goes on in a large one, whose pages are not touched before.
pub struct ReceiveBatch {
    short: Vec<[u8; SHORT]>,
    long: Vec<u8>,
    names: Vec<libc::sockaddr_storage>,
    controls: Vec<Control<CONTROL>>,
    lengths: Vec<usize>,
}

impl ReceiveBatch {
    pub fn new() -> Self {
        ReceiveBatch {
            short: vec![[0; SHORT]; BATCH],
            long: vec![0; BATCH * MAX_REPLY],
            // SAFETY: all-zero is a valid socket address storage.
            names: vec![unsafe { zeroed() }; BATCH],
            controls: vec![Control([0; CONTROL]); BATCH],
            lengths: Vec::with_capacity(BATCH),
        }
    }

    /// Reads what is there, at most a batch; returns how many.
    pub fn receive(&mut self, udp: &mut Udp) -> io::Result<usize> {
        self.lengths.clear();
        // SAFETY: all-zero is a valid value of these C structures.
        let mut iovs: [[libc::iovec; 2]; BATCH] = unsafe { zeroed() };
        // SAFETY: as above.
        let mut msgs: [libc::mmsghdr; BATCH] = unsafe { zeroed() };
        for (i, long) in self.long.chunks_exact_mut(MAX_REPLY).enumerate().take(BATCH) {
            // The large buffer has room for the start in front.
            let rest = &mut long[SHORT..];
            iovs[i] = [
                libc::iovec { iov_base: self.short[i].as_mut_ptr().cast(), iov_len: SHORT },
                libc::iovec { iov_base: rest.as_mut_ptr().cast(), iov_len: rest.len() },
            ];
            let h = &mut msgs[i].msg_hdr;
            h.msg_name = (&raw mut self.names[i]).cast();
            h.msg_namelen = size_of::<libc::sockaddr_storage>() as u32;
            h.msg_iov = iovs[i].as_mut_ptr();
            h.msg_iovlen = 2;
            h.msg_control = (&raw mut self.controls[i]).cast();
            h.msg_controllen = CONTROL;
        }
        // SAFETY: every header points to its own live part of the buffers, with its length.
        let n = unsafe {
            libc::recvmmsg(udp.fd(), msgs.as_mut_ptr(), BATCH as u32, libc::MSG_DONTWAIT, std::ptr::null_mut())
        };
        if n < 0 {
            return Err(io::Error::last_os_error());
        }
        for (i, msg) in msgs[..n as usize].iter().enumerate() {
            let len = (msg.msg_len as usize).min(MAX_REPLY);
            if len > SHORT {
                self.long[i * MAX_REPLY..][..SHORT].copy_from_slice(&self.short[i]);
            }
            self.lengths.push(len);
            if msg.msg_hdr.msg_controllen > 0 {
                let control = &self.controls[i].0[..msg.msg_hdr.msg_controllen.min(CONTROL)];
                for (level, kind, data) in control_messages(control) {
                    if let (libc::SOL_SOCKET, libc::SO_RXQ_OVFL, Some(n)) = (level, kind, data.first_chunk::<4>()) {
                        udp.drops = u32::from_ne_bytes(*n);
                    }
                }
            }
        }
        Ok(n as usize)
    }
    /// The datagrams of the last `receive`, with their senders.
    pub fn iter(&self) -> impl Iterator<Item = (SocketAddr, &[u8])> {
        self.lengths.iter().enumerate().filter_map(|(i, len)| {
            let bytes = if *len > SHORT { &self.long[i * MAX_REPLY..][..*len] } else { &self.short[i][..*len] };
            Some((address(&self.names[i])?, bytes))
        })
    }
}
