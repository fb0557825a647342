//! Our SNMP codec against another one (`snmp2`), and a test for each place where that one goes wrong in silence.

mod protocol_support;

use anykey::protocol::snmp::codec::{self, DecodeError, EncodeError, Request, RequestKind, Response};
use anykey::protocol::snmp::{ErrorStatus, Oid, Value, VarBind, Version};
use protocol_support::oid;
use snmp2::{MessageType, Pdu};

/// xorshift64*: the same values on every run.
struct Random(u64);
impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 16) % n
    }
    /// Of any magnitude.
    fn number(&mut self) -> u64 {
        let bits = self.below(65) as u32;
        if bits == 0 { 0 } else { self.next() >> (64 - bits) }
    }
    fn bytes(&mut self, max: u64) -> Vec<u8> {
        (0..self.below(max + 1)).map(|_| self.next() as u8).collect()
    }
    fn oid(&mut self) -> Oid {
        let mut arcs = vec![1, 3];
        arcs.extend((0..self.below(20)).map(|_| (self.number() & 0xFFFF_FFFF) as u32));
        Oid::from(arcs)
    }
    fn value(&mut self) -> Value {
        match self.below(13) {
            0 => Value::Integer(i64::from(self.number() as u32 as i32)),
            1 => Value::OctetString(self.bytes(300)),
            2 => Value::Null,
            3 => Value::Oid(self.oid()),
            4 => Value::IpAddress((self.next() as u32).to_be_bytes()),
            5 => Value::Counter32(self.number() as u32),
            6 => Value::Gauge32(self.number() as u32),
            7 => Value::TimeTicks(self.number() as u32),
            8 => Value::Opaque(self.bytes(12)),
            9 => Value::Counter64(self.number()),
            10 => Value::NoSuchObject,
            11 => Value::NoSuchInstance,
            _ => Value::EndOfMibView,
        }
    }
}

fn theirs(oid: &snmp2::Oid<'_>, value: &snmp2::Value<'_>) -> VarBind {
    let name = |o: &snmp2::Oid<'_>| o.to_id_string().parse::<Oid>().unwrap();
    let value = match value {
        snmp2::Value::Integer(i) => Value::Integer(*i),
        snmp2::Value::OctetString(b) => Value::OctetString(b.to_vec()),
        snmp2::Value::Null => Value::Null,
        snmp2::Value::ObjectIdentifier(o) => Value::Oid(name(o)),
        snmp2::Value::IpAddress(a) => Value::IpAddress(*a),
        snmp2::Value::Counter32(v) => Value::Counter32(*v),
        snmp2::Value::Unsigned32(v) => Value::Gauge32(*v),
        snmp2::Value::Timeticks(v) => Value::TimeTicks(*v),
        snmp2::Value::Opaque(b) => Value::Opaque(b.to_vec()),
        snmp2::Value::Counter64(v) => Value::Counter64(*v),
        snmp2::Value::NoSuchObject => Value::NoSuchObject,
        snmp2::Value::NoSuchInstance => Value::NoSuchInstance,
        snmp2::Value::EndOfMibView => Value::EndOfMibView,
        other => panic!("{other:?}"),
    };
    VarBind { oid: name(oid), value }
}

/// Every varbind of a response, or its first fault.
fn read(bytes: &[u8]) -> Result<Vec<VarBind>, DecodeError> {
    let m = codec::decode_response(bytes)?;
    m.varbinds.map(|v| v.map(|v| v.to_varbind()).map_err(|e| e.error)).collect()
}
fn response(varbinds: &[VarBind]) -> Vec<u8> {
    let r = Response {
        version: Version::V2c,
        community: b"public",
        request_id: 77,
        status: ErrorStatus::NoError,
        index: 0,
        varbinds,
    };
    codec::encode_response(&r, codec::MAX_DATAGRAM).unwrap()
}
/// A response whose list of varbinds is these bytes.
fn around(list: &[u8]) -> Vec<u8> {
    let wrap = |tag: u8, inner: &[u8]| {
        let mut v = vec![tag, 0x82, (inner.len() >> 8) as u8, inner.len() as u8];
        v.extend_from_slice(inner);
        v
    };
    let pdu = [&[2, 1, 77, 2, 1, 0, 2, 1, 0][..], &wrap(0x30, list)].concat();
    wrap(0x30, &[&[2, 1, 1, 4, 6][..], b"public", &wrap(0xA2, &pdu)].concat())
}
/// One varbind 1.3.6.1 with this tag and content.
fn varbind(tag: u8, content: &[u8]) -> Vec<u8> {
    let value = [&[tag, content.len() as u8][..], content].concat();
    [&[0x30, (5 + value.len()) as u8, 6, 3, 0x2B, 6, 1][..], &value].concat()
}

#[test]
fn responses_read_alike_in_both_codecs() {
    let mut random = Random(11);
    for round in 0..3_000 {
        let varbinds: Vec<VarBind> =
            (0..random.below(12)).map(|_| VarBind { oid: random.oid(), value: random.value() }).collect();
        let bytes = response(&varbinds);
        assert_eq!(read(&bytes).unwrap(), varbinds, "round {round}");
        let pdu = Pdu::from_bytes(&bytes).unwrap();
        assert_eq!((pdu.req_id, pdu.community, pdu.error_status), (77, &b"public"[..], 0));
        assert_eq!(pdu.varbinds.map(|(o, v)| theirs(&o, &v)).collect::<Vec<_>>(), varbinds, "round {round}");
    }
}

#[test]
fn what_the_other_codec_writes_we_read() {
    let mut random = Random(12);
    let template = response(&[]);
    for round in 0..1_000 {
        let varbinds: Vec<VarBind> =
            (0..random.below(6)).map(|_| VarBind { oid: random.oid(), value: random.value() }).collect();
        let raw: Vec<u8> = varbinds.iter().flat_map(|v| codec::encode_varbind(&v.oid, &v.value).unwrap()).collect();
        let mut pdu = Pdu::from_bytes(&template).unwrap();
        pdu.req_id = random.next() as i32;
        pdu.error_status = random.below(20) as u32;
        pdu.error_index = random.below(300) as u32;
        pdu.varbinds = snmp2::Varbinds::from_bytes(&raw);
        let (id, status, index) = (pdu.req_id, pdu.error_status, pdu.error_index);
        let bytes = pdu.to_bytes().unwrap();
        let m = codec::decode_response(&bytes).unwrap();
        assert_eq!((m.request_id, m.status as u32, m.index as u32), (id, status, index));
        // Its Counter64 above 2^63 is written wrong: see below.
        let sane = |v: &&VarBind| !matches!(v.value, Value::Counter64(n) if n >= 1 << 63);
        let got = read(&bytes).unwrap();
        assert_eq!(got.len(), varbinds.len(), "round {round}");
        for (a, b) in got.iter().zip(&varbinds).filter(|(_, b)| sane(b)) {
            assert_eq!(a, b, "round {round}");
        }
    }
}

#[test]
fn requests_read_alike_in_both_codecs() {
    let mut random = Random(13);
    for _ in 0..1_000 {
        let kind = match random.below(3) {
            0 => RequestKind::Get,
            1 => RequestKind::GetNext,
            _ => RequestKind::GetBulk {
                non_repeaters: random.below(5) as u32,
                max_repetitions: random.below(1000) as u32,
            },
        };
        let request = Request {
            version: Version::V2c,
            community: random.bytes(30),
            request_id: random.next() as i32,
            kind,
            oids: (0..random.below(30)).map(|_| random.oid()).collect(),
        };
        let bytes = codec::encode_request(&request).unwrap();
        assert_eq!(codec::decode_request(&bytes).unwrap(), request);
        let pdu = Pdu::from_bytes(&bytes).unwrap();
        let kinds = match request.kind {
            RequestKind::Get => (MessageType::GetRequest, 0, 0),
            RequestKind::GetNext => (MessageType::GetNextRequest, 0, 0),
            RequestKind::GetBulk { non_repeaters, max_repetitions } => {
                (MessageType::GetBulkRequest, non_repeaters, max_repetitions)
            }
        };
        assert_eq!((pdu.message_type, pdu.error_status, pdu.error_index), kinds);
        assert_eq!((pdu.req_id, pdu.community), (request.request_id, &request.community[..]));
        assert_eq!(pdu.varbinds.map(|(o, v)| theirs(&o, &v).oid).collect::<Vec<_>>(), request.oids);
    }
}

#[test]
fn trap_varbinds_after_a_bad_one_are_lost_in_silence() {
    let list = [varbind(0x47, &[5]), varbind(0x02, &[7])].concat();
    let bytes = around(&list);
    assert_eq!(Pdu::from_bytes(&bytes).unwrap().varbinds.count(), 0, "the other codec says nothing");
    let ours: Vec<_> = codec::decode_response(&bytes).unwrap().varbinds.collect();
    assert_eq!(ours[0].as_ref().unwrap_err().error, DecodeError::BadTag { what: "value", found: 0x47 });
    assert_eq!(ours[1].as_ref().unwrap().to_varbind().value, Value::Integer(7));
}

#[test]
fn trap_a_cut_list_is_shorter_in_silence() {
    let list = [varbind(0x02, &[1]), varbind(0x02, &[2]), varbind(0x02, &[3])].concat();
    let bytes = around(&list);
    for cut in 1..list.len() {
        let short = &bytes[..bytes.len() - cut];
        let ours: Vec<_> = codec::decode_response(short).unwrap().varbinds.collect();
        let good = ours.iter().filter(|v| v.is_ok()).count();
        assert_eq!(good, 2 - (cut - 1) / 10, "cut by {cut}");
        assert!(ours.last().unwrap().as_ref().unwrap_err().is_truncation(), "cut by {cut}");
    }
}

#[test]
fn trap_counter64_above_the_sign_bit_is_written_wrong() {
    for n in [1 << 63, u64::MAX, u64::MAX - 1, i64::MAX as u64] {
        let vb = VarBind { oid: oid("1.3.6.1"), value: Value::Counter64(n) };
        assert_eq!(read(&response(std::slice::from_ref(&vb))).unwrap(), [vb]);
    }
    // As the standard says (nine bytes), and as some agents do (eight, negative).
    assert_eq!(
        read(&around(&varbind(0x46, &[0, 255, 255, 255, 255, 255, 255, 255, 255]))).unwrap()[0].value,
        Value::Counter64(u64::MAX)
    );
    assert_eq!(read(&around(&varbind(0x46, &[255; 8]))).unwrap()[0].value, Value::Counter64(u64::MAX));
}

#[test]
fn trap_values_beyond_32_bits_become_small_ones() {
    for tag in [0x41, 0x42, 0x43] {
        let two_to_the_32 = around(&varbind(tag, &[1, 0, 0, 0, 0]));
        let (_, theirs) = Pdu::from_bytes(&two_to_the_32).unwrap().varbinds.next().unwrap();
        let zero =
            matches!(theirs, snmp2::Value::Counter32(0) | snmp2::Value::Unsigned32(0) | snmp2::Value::Timeticks(0));
        assert!(zero, "{theirs:?}");
        assert!(matches!(read(&two_to_the_32), Err(DecodeError::BadValue { .. })));
        // Five bytes and below 2^32 is right; four with the sign bit is the same number badly written.
        let expected = |v: &Value| v.as_u64() == Some(0xFFFF_FFFE);
        assert!(expected(&read(&around(&varbind(tag, &[0, 255, 255, 255, 254]))).unwrap()[0].value));
        assert!(expected(&read(&around(&varbind(tag, &[255, 255, 255, 254]))).unwrap()[0].value));
    }
}

#[test]
fn trap_messages_longer_than_a_datagram_panic() {
    let huge = VarBind { oid: oid("1.3.6.1"), value: Value::OctetString(vec![0; 66_000]) };
    let request = Request {
        version: Version::V2c,
        community: b"public".to_vec(),
        request_id: 1,
        kind: RequestKind::Get,
        oids: (0..8_000).map(|i| Oid::new(&[1, 3, 6, 1, 4, 1, 9, i])).collect(),
    };
    let too_big = Err(EncodeError::TooBig { limit: codec::MAX_DATAGRAM });
    assert_eq!(codec::encode_request(&request), too_big);
    assert_eq!(codec::encode_response(&Response { varbinds: &[huge], ..Response::to(&request) }, usize::MAX), too_big);
    let small = [VarBind { oid: oid("1.3.6.1"), value: Value::OctetString(vec![0; 200]) }];
    let answer = Response { varbinds: &small, ..Response::to(&request) };
    assert_eq!(codec::encode_response(&answer, 100), Err(EncodeError::TooBig { limit: 100 }));
    assert!(codec::encode_response(&answer, 300).unwrap().len() <= 300);
}

#[test]
fn lengths_are_checked_at_every_level() {
    let good = response(&[VarBind { oid: oid("1.3.6.1.2.1"), value: Value::OctetString(b"abc".to_vec()) }]);
    for n in 0..good.len() {
        // Cut anywhere, it is an error or a marked truncation, never a shorter list.
        assert!(read(&good[..n]).is_err(), "{n}");
    }
    // A value that reaches beyond its varbind, a varbind with something behind its value, a value without name.
    for list in [
        vec![0x30, 7, 6, 3, 0x2B, 6, 1, 4, 9],
        vec![0x30, 10, 6, 3, 0x2B, 6, 1, 2, 1, 1, 5, 0],
        vec![0x30, 3, 2, 1, 1],
        vec![0x31, 5, 6, 3, 0x2B, 6, 1],
        varbind(0x40, &[1, 2, 3]),
        varbind(0x05, &[1]),
        varbind(0x02, &[]),
        varbind(0x02, &[1; 10]),
        varbind(0x06, &[0x2B, 0x86]),
    ] {
        assert!(read(&around(&list)).is_err(), "{list:02x?}");
    }
    assert_eq!(
        codec::decode_response(&[0x30, 0x80, 2, 1, 1, 0, 0]).unwrap_err(),
        DecodeError::BadLength { what: "message" }
    );
}

#[test]
fn headers_of_every_version_can_be_peeked() {
    let v3 = [0x30, 0x3A, 2, 1, 3, 0x30, 0x0F, 2, 3, 0x12, 0x34, 0x56, 2, 3, 0, 0xFF, 0xE3, 4, 1, 4, 2, 1, 3, 4, 0];
    assert_eq!(codec::peek(&v3), Ok(codec::Header { version: 3, id: 0x12_3456 }));
    assert_eq!(codec::decode_response(&v3).unwrap_err(), DecodeError::Version(3));
    let v2 = response(&[]);
    assert_eq!(codec::peek(&v2), Ok(codec::Header { version: 1, id: 77 }));
    assert!(codec::peek(b"GET / HTTP/1.1").is_err());
}

#[test]
fn requests_that_would_write_are_not_decoded() {
    let mut bytes = codec::encode_request(&Request {
        version: Version::V2c,
        community: b"public".to_vec(),
        request_id: 5,
        kind: RequestKind::Get,
        oids: vec![oid("1.3.6.1.2.1.1.5.0")],
    })
    .unwrap();
    let at = bytes.iter().position(|b| *b == 0xA0).unwrap();
    for pdu in [0xA3, 0xA4, 0xA6, 0xA7] {
        bytes[at] = pdu;
        assert_eq!(codec::decode_request(&bytes).unwrap_err(), DecodeError::Pdu(pdu));
    }
    bytes[at] = 0xA5; // GETBULK does not exist in version 1
    let version = bytes.iter().position(|b| *b == 2).unwrap() + 2;
    bytes[version] = 0;
    assert_eq!(codec::decode_request(&bytes).unwrap_err(), DecodeError::Pdu(0xA5));
}

#[test]
fn errors_round_trip_by_number() {
    for n in 0..20 {
        assert_eq!(ErrorStatus::from_number(n).number(), n);
    }
    assert_eq!(ErrorStatus::TooBig.to_string(), "tooBig");
    assert_eq!(ErrorStatus::from_number(99).to_string(), "error status 99");
}
