//! The other end of the benchmark: a process that answers as fast as the kernel lets it, from bytes made beforehand.
//!
//! Every address of 127/8 on its port is a device. GET is answered with five values, GETBULK from one of two tables: the
//! supplies of a printer, the interfaces of a switch. Addresses below 127.2/16 are silent except the first 1,024, for the sweep.

use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use anykey::protocol::snmp::{Oid, Value, codec};

pub const BATCH: usize = 64;
/// A reply ends before this many bytes.
const DATAGRAM: usize = 1_400;

/// What the benchmark asks with one GET.
pub fn get_names() -> Vec<Oid> {
    [1, 2, 3, 5, 6].map(|i| Oid::new(&[1, 3, 6, 1, 2, 1, 1, i, 0])).to_vec()
}
/// A table to walk: the name all its columns start with, its columns, and how many rows it has.
pub struct Table {
    entry: &'static [u32],
    columns: &'static [u32],
    rows: u32,
    /// Arcs of a row's index.
    index: &'static [u32],
}
/// The shape of prtMarkerSuppliesTable.
pub const PRINTER: Table =
    Table { entry: &[1, 3, 6, 1, 2, 1, 43, 11, 1, 1], columns: &[4, 5, 6, 8, 9], rows: 12, index: &[1] };
/// The shape of ifTable.
pub const SWITCH: Table =
    Table { entry: &[1, 3, 6, 1, 2, 1, 2, 2, 1], columns: &[1, 2, 5, 7, 8, 10, 16], rows: 64, index: &[] };

impl Table {
    pub fn columns(&self) -> Vec<Oid> {
        self.columns.iter().map(|c| Oid::new(self.entry).child(&[*c])).collect()
    }
    pub fn values(&self) -> usize {
        self.columns.len() * self.rows as usize
    }
    fn row(&self, row: u32) -> Vec<u8> {
        let name = |c: &Oid| c.child(self.index).child(&[row]);
        self.columns().iter().enumerate().flat_map(|(i, c)| encode(&name(c), &value(i, row))).collect()
    }
    /// What stands behind its last row, as far as a reader cares.
    fn past(&self) -> Vec<u8> {
        let name = |c: &u32| Oid::new(self.entry).child(&[c + 40, 1]);
        self.columns.iter().flat_map(|c| encode(&name(c), &Value::Integer(0))).collect()
    }
}

fn encode(name: &Oid, value: &Value) -> Vec<u8> {
    codec::encode_varbind(name, value).unwrap()
}

fn value(column: usize, row: u32) -> Value {
    match column {
        1 => Value::OctetString(format!("Toner cartridge {row}").into_bytes()),
        2 => Value::Integer(i64::from(row) * 1000),
        3 => Value::Counter32(4_000_000_000 + row),
        _ => Value::Integer(i64::from(row)),
    }
}

/// Bytes made once.
struct Prepared {
    get: Vec<u8>,
    tables: [PreparedTable; 2],
}
struct PreparedTable {
    /// Length of a column's name, and the byte of it that no other table has there.
    root: usize,
    mark: u8,
    rows: Vec<Vec<u8>>,
    past: Vec<u8>,
}

impl Prepared {
    fn new() -> Self {
        let names = get_names();
        let get = names.iter().enumerate().flat_map(|(i, n)| match i {
            1 => encode(n, &Value::Oid(Oid::new(&[1, 3, 6, 1, 4, 1, 9, 1, 1]))),
            2 => encode(n, &Value::TimeTicks(123_456_789)),
            _ => encode(n, &Value::OctetString(b"benchmark device".to_vec())),
        });
        let tables = [PRINTER, SWITCH].map(|t| PreparedTable {
            root: t.entry.len(), // the first two arcs are one byte, the column is one more
            mark: t.entry[6] as u8,
            rows: (1..=t.rows).map(|r| t.row(r)).collect(),
            past: t.past(),
        });
        Prepared { get: get.collect(), tables }
    }
    fn answer(&self, request: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let (_, message) = element(request)?.0;
        let (_version, rest) = element(message)?;
        let (_community, rest) = element(rest)?;
        let ((pdu, body), _) = element(rest)?;
        let (id, rest) = element(body)?;
        let (_, rest) = element(rest)?;
        let ((_, repetitions), rest) = element(rest)?;
        let mut list = Vec::with_capacity(DATAGRAM);
        if pdu == 0xA0 {
            list.extend_from_slice(&self.get);
        } else {
            let ((_, names), _) = element(rest)?;
            let ((_, first), _) = element(names)?;
            let ((_, name), _) = element(first)?;
            let table = self.tables.iter().find(|t| name.get(5) == Some(&t.mark))?;
            // A row's name ends with its number; a column's own name is shorter.
            let row = if name.len() > table.root { usize::from(*name.last()?) } else { 0 };
            for r in row..row + usize::from(*repetitions.last()?) {
                let next = table.rows.get(r).unwrap_or(&table.past);
                if list.len() + next.len() + 60 > DATAGRAM {
                    break;
                }
                list.extend_from_slice(next);
            }
        }
        frame(id.1, &list, out);
        Some(())
    }
}

type Element<'a> = ((u8, &'a [u8]), &'a [u8]);
fn element(b: &[u8]) -> Option<Element<'_>> {
    let (len, head) = match *b.get(1)? {
        0x81 => (usize::from(*b.get(2)?), 3),
        0x82 => (usize::from(*b.get(2)?) << 8 | usize::from(*b.get(3)?), 4),
        n => (usize::from(n), 2),
    };
    Some(((b[0], b.get(head..head + len)?), b.get(head + len..)?))
}

fn frame(id: &[u8], list: &[u8], out: &mut Vec<u8>) {
    let long = |tag: u8, len: usize| [tag, 0x82, (len >> 8) as u8, len as u8];
    out.clear();
    let pdu = 2 + id.len() + 6 + 4 + list.len();
    out.extend_from_slice(&long(0x30, 3 + 8 + 4 + pdu));
    out.extend_from_slice(b"\x02\x01\x01\x04\x06public");
    out.extend_from_slice(&long(0xA2, pdu));
    out.extend_from_slice(&[2, id.len() as u8]);
    out.extend_from_slice(id);
    out.extend_from_slice(&[2, 1, 0, 2, 1, 0]);
    out.extend_from_slice(&long(0x30, list.len()));
    out.extend_from_slice(list);
}

/// Binds a port, prints it, answers until killed.
pub fn run() -> ! {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let fd = socket.as_raw_fd();
    super::set_buffer(fd, 8 << 20);
    let on: i32 = 1;
    // SAFETY: a live i32 of the length given.
    unsafe { libc::setsockopt(fd, libc::SOL_IP, libc::IP_PKTINFO, (&raw const on).cast(), 4) };
    println!("{}", socket.local_addr().unwrap().port());
    let prepared = Prepared::new();
    let mut io = Batch::new();
    loop {
        let n = io.receive(fd, 0);
        let mut out = 0;
        for i in 0..n {
            let mut reply = std::mem::take(&mut io.replies[out]);
            let answered = !silent(io.destination(i)) && prepared.answer(io.bytes(i), &mut reply).is_some();
            io.replies[out] = reply;
            if answered {
                io.to[out] = i;
                out += 1;
            }
        }
        io.reply(fd, out);
    }
}

fn silent(destination: [u8; 4]) -> bool {
    destination[1] == 2 && destination[2] >= 4
}

/// Plain C structures for one batch in and out.
pub struct Batch {
    buffers: Vec<[u8; 2048]>,
    names: Vec<libc::sockaddr_in>,
    controls: Vec<[u64; 8]>,
    lengths: Vec<(usize, usize)>,
    pub replies: Vec<Vec<u8>>,
    to: Vec<usize>,
}

impl Batch {
    pub fn new() -> Self {
        // SAFETY: all-zero is a valid address.
        let name: libc::sockaddr_in = unsafe { std::mem::zeroed() };
        Batch {
            buffers: vec![[0; 2048]; BATCH],
            names: vec![name; BATCH],
            controls: vec![[0; 8]; BATCH],
            lengths: vec![(0, 0); BATCH],
            replies: vec![Vec::new(); BATCH],
            to: vec![0; BATCH],
        }
    }
    pub fn bytes(&self, i: usize) -> &[u8] {
        &self.buffers[i][..self.lengths[i].0]
    }
    fn destination(&self, i: usize) -> [u8; 4] {
        // The address is the last field of in_pktinfo, behind the 16 bytes of the header.
        let bytes: Vec<u8> = self.controls[i].iter().flat_map(|w| w.to_ne_bytes()).collect();
        bytes[24..28].try_into().unwrap()
    }
    /// Waits for at least one datagram unless the flags say otherwise.
    pub fn receive(&mut self, fd: i32, flags: i32) -> usize {
        // SAFETY: all-zero is valid; every pointer below is to a live part of `self` with its length.
        unsafe {
            let mut iovs: [libc::iovec; BATCH] = std::mem::zeroed();
            let mut msgs: [libc::mmsghdr; BATCH] = std::mem::zeroed();
            for i in 0..BATCH {
                iovs[i] = libc::iovec { iov_base: self.buffers[i].as_mut_ptr().cast(), iov_len: 2048 };
                let h = &mut msgs[i].msg_hdr;
                h.msg_name = (&raw mut self.names[i]).cast();
                h.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
                h.msg_iov = &raw mut iovs[i];
                h.msg_iovlen = 1;
                h.msg_control = self.controls[i].as_mut_ptr().cast();
                h.msg_controllen = 64;
            }
            let n =
                libc::recvmmsg(fd, msgs.as_mut_ptr(), BATCH as u32, flags | libc::MSG_WAITFORONE, std::ptr::null_mut());
            for (i, m) in msgs.iter().enumerate().take(n.max(0) as usize) {
                self.lengths[i] = (m.msg_len as usize, m.msg_hdr.msg_controllen);
            }
            n.max(0) as usize
        }
    }
    /// Sends the first replies to their askers, from the address that was asked.
    fn reply(&mut self, fd: i32, count: usize) {
        // SAFETY: as above.
        unsafe {
            let mut iovs: [libc::iovec; BATCH] = std::mem::zeroed();
            let mut msgs: [libc::mmsghdr; BATCH] = std::mem::zeroed();
            for out in 0..count {
                let i = self.to[out];
                // Interface 0: any; the address asked becomes the source (ipi_spec_dst is what the kernel put there).
                self.controls[i][2] &= 0xFFFF_FFFF_0000_0000;
                iovs[out] =
                    libc::iovec { iov_base: self.replies[out].as_mut_ptr().cast(), iov_len: self.replies[out].len() };
                let h = &mut msgs[out].msg_hdr;
                h.msg_name = (&raw mut self.names[i]).cast();
                h.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
                h.msg_iov = &raw mut iovs[out];
                h.msg_iovlen = 1;
                h.msg_control = self.controls[i].as_mut_ptr().cast();
                h.msg_controllen = self.lengths[i].1;
            }
            let mut sent = 0;
            while sent < count {
                let n = libc::sendmmsg(fd, msgs.as_mut_ptr().add(sent), (count - sent) as u32, 0);
                sent += n.max(1) as usize;
            }
        }
    }
    /// Sends the same bytes, with these ids in them, to these addresses.
    pub fn send(&mut self, fd: i32, packets: &[(Vec<u8>, SocketAddr)]) {
        // SAFETY: as above; the kernel only reads the packets.
        unsafe {
            let mut iovs: [libc::iovec; BATCH] = std::mem::zeroed();
            let mut msgs: [libc::mmsghdr; BATCH] = std::mem::zeroed();
            for (i, (bytes, to)) in packets.iter().enumerate() {
                let SocketAddr::V4(to) = to else { continue };
                self.names[i].sin_family = libc::AF_INET as u16;
                self.names[i].sin_port = to.port().to_be();
                self.names[i].sin_addr.s_addr = u32::from(*to.ip()).to_be();
                iovs[i] = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
                let h = &mut msgs[i].msg_hdr;
                h.msg_name = (&raw mut self.names[i]).cast();
                h.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
                h.msg_iov = &raw mut iovs[i];
                h.msg_iovlen = 1;
            }
            let mut sent = 0;
            while sent < packets.len() {
                let n = libc::sendmmsg(fd, msgs.as_mut_ptr().add(sent), (packets.len() - sent) as u32, 0);
                sent += n.max(1) as usize;
            }
        }
    }
}
