//! What the engine is measured against: a loop of system calls that decodes nothing, and sessions of the `snmp2` crate.

use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use anykey::protocol::snmp::codec::{self, Request, RequestKind};
use anykey::protocol::snmp::{Oid, Version};
use snmp2::AsyncSession;

use super::agent::{self, BATCH, Batch};
use super::device;

const WINDOW: usize = 256;

fn request(kind: RequestKind, oids: Vec<Oid>) -> Vec<u8> {
    let community = b"public".to_vec();
    codec::encode_request(&Request { version: Version::V2c, community, request_id: 0x4000_0000, kind, oids }).unwrap()
}
pub fn get() -> Vec<u8> {
    request(RequestKind::Get, agent::get_names())
}
/// As many rows as the engine asks for.
pub fn bulk() -> Vec<u8> {
    request(RequestKind::GetBulk { non_repeaters: 0, max_repetitions: 10 }, agent::PRINTER.columns())
}

/// Sends this request `total` times, 256 in flight, to 1,000 devices in turn, and counts what comes back.
pub fn run(request: &[u8], port: u16, total: usize) -> u64 {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    super::set_buffer(socket.as_raw_fd(), 4 << 20);
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let fd = socket.as_raw_fd();
    let mut io = Batch::new();
    let id = request.windows(4).position(|w| w == [0x40, 0, 0, 0]).unwrap();
    let mut packets: Vec<(Vec<u8>, SocketAddr)> = vec![(request.to_vec(), device(0, port)); BATCH];
    let (mut sent, mut received, mut lost) = (0, 0, 0);
    while received + lost < total {
        let want = (total - sent).min(WINDOW - (sent - received - lost)).min(BATCH);
        for packet in &mut packets[..want] {
            packet.0[id..id + 4].copy_from_slice(&(0x4000_0000 | sent as u32).to_be_bytes());
            packet.1 = device(sent as u32 % 1_000, port);
            sent += 1;
        }
        io.send(fd, &packets[..want]);
        match io.receive(fd, 0) {
            0 => lost = sent - received,
            n => received += n,
        }
    }
    assert!(lost * 100 < total, "{lost} of {total} lost");
    received as u64
}

fn oids(list: &[Oid]) -> Vec<snmp2::Oid<'static>> {
    list.iter()
        .map(|o| {
            let arcs: Vec<u64> = o.arcs().iter().map(|a| u64::from(*a)).collect();
            snmp2::Oid::from(&arcs).unwrap()
        })
        .collect()
}

async fn sessions(port: u16, total: u32, bulk: bool) -> u64 {
    let next = AtomicU32::new(0);
    let list = oids(&if bulk { agent::PRINTER.columns() } else { agent::get_names() });
    let names: Vec<&snmp2::Oid<'_>> = list.iter().collect();
    let task = async |i: u32| {
        let mut session = AsyncSession::new_v2c(device(i, port), b"public", 1).await.unwrap();
        let mut pdus = 0;
        while next.fetch_add(1, Relaxed) < total {
            let pdu = if bulk { session.getbulk(&names, 0, 10).await } else { session.get_many(&names).await };
            let mut sum = 0u64;
            for (name, value) in pdu.unwrap().varbinds {
                sum = sum.wrapping_add(name.iter().map(|i| i.sum::<u64>()).unwrap_or_default());
                sum = sum.wrapping_add(match value {
                    snmp2::Value::Integer(i) => i.cast_unsigned(),
                    snmp2::Value::OctetString(b) => b.len() as u64,
                    snmp2::Value::Counter32(u) | snmp2::Value::Timeticks(u) => u.into(),
                    _ => 0,
                });
            }
            std::hint::black_box(sum);
            pdus += 1;
        }
        pdus
    };
    futures_util::future::join_all((0..64).map(task)).await.into_iter().sum()
}
pub async fn snmp2_gets(port: u16, total: u32) -> u64 {
    sessions(port, total, false).await
}
pub async fn snmp2_bulks(port: u16, total: u32) -> u64 {
    sessions(port, total, true).await
}
