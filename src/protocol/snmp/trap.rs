//! Notifications: Trap-PDU of SNMPv1 (RFC 1157, 4.1.6), SNMPv2-Trap and InformRequest (RFC 3416, 4.2.6 and 4.2.7), one
//! shape for all by RFC 3584, section 3. No I/O, no state.
//!
//! Anybody can send one with any source address: what stands here is a reason to look at a device, never a fact of it.
//! Decoding is total. A varbind that cannot be read is left out, a message whose name cannot be read is an error.

use std::net::Ipv4Addr;

use super::ber::{self, Reader, Tlv, Writer, tag};
use super::codec::{DecodeError, Enclosed, EncodeError, MAX_DATAGRAM, enclosed, envelope};
use super::security::Version;
use super::view::{OidRef, ValueRef, VarBinds};
use super::{Oid, Value, VarBind};

/// Varbinds kept of one notification; real ones have fewer than ten.
pub const MAX_VARBINDS: usize = 64;

/// snmpTraps: coldStart is its first child (RFC 3418).
const SNMP_TRAPS: [u32; 9] = [1, 3, 6, 1, 6, 3, 1, 1, 5];
/// snmpTrapOID.0, snmpTrapAddress.0, sysUpTime.0
const SNMP_TRAP_OID: [u32; 11] = [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
const SNMP_TRAP_ADDRESS: [u32; 10] = [1, 3, 6, 1, 6, 3, 18, 1, 3, 0];
const SYS_UP_TIME: [u32; 9] = [1, 3, 6, 1, 2, 1, 1, 3, 0];
/// generic-trap of an SNMPv1 trap that is the maker's own.
const ENTERPRISE_SPECIFIC: i32 = 6;

/// A decoded notification of any version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    pub version: Version,
    /// An inform: its sender waits for `answer`.
    pub confirmed: bool,
    /// snmpTrapOID.0, or the SNMPv1 trap mapped by RFC 3584, 3.1.
    pub name: Oid,
    /// Hundredths of a second since the agent started.
    pub uptime_cs: Option<u32>,
    /// Whose it is, when somebody else carries it: agent-addr of v1, snmpTrapAddress.0 of v2c.
    pub agent_address: Option<Ipv4Addr>,
    /// Without sysUpTime.0, snmpTrapOID.0 and snmpTrapAddress.0.
    pub varbinds: Vec<VarBind>,
}

/// A notification of SNMPv1 or v2c; anything else is refused.
pub fn decode(datagram: &[u8]) -> Result<Notification, DecodeError> {
    let message = whole(datagram)?;
    decode_pdu(message.version, &message.pdu)
}

/// What is cut is no reason to look: a trap is small.
fn whole(datagram: &[u8]) -> Result<Enclosed<'_>, DecodeError> {
    let message = enclosed(datagram)?;
    if message.complete { Ok(message) } else { Err(DecodeError::Truncated { what: "message" }) }
}

/// The same from the PDU on, for a security model that has opened its message already.
pub fn decode_pdu(version: Version, pdu: &Tlv<'_>) -> Result<Notification, DecodeError> {
    if !pdu.complete {
        return Err(DecodeError::Truncated { what: "PDU" });
    }
    match (pdu.tag, version) {
        (tag::TRAP_V1, Version::V1) => v1(pdu.content),
        (tag::TRAP, v) if v != Version::V1 => v2(version, pdu.content, false),
        (tag::INFORM, v) if v != Version::V1 => v2(version, pdu.content, true),
        (other, _) => Err(DecodeError::Pdu(other)),
    }
}

fn v1(content: &[u8]) -> Result<Notification, DecodeError> {
    let mut r = Reader::new(content);
    let enterprise = r.expect("enterprise", tag::OBJECT_IDENTIFIER)?;
    let enterprise = OidRef::parse(enterprise.content)?;
    let agent = r.expect("agent address", tag::IP_ADDRESS)?;
    let agent = <[u8; 4]>::try_from(agent.content).ok().map(Ipv4Addr::from);
    let generic = r.integer32("generic trap")?;
    let specific = r.integer32("specific trap")?;
    let uptime = r.expect("time stamp", tag::TIME_TICKS)?;
    let name = match u32::try_from(generic) {
        Ok(g) if generic < ENTERPRISE_SPECIFIC => Oid::new(&SNMP_TRAPS).child(&[g + 1]),
        _ if generic == ENTERPRISE_SPECIFIC => enterprise.to_oid().child(&[0, specific.cast_unsigned()]),
        _ => return Err(DecodeError::BadValue { what: "generic trap" }),
    };
    let list = r.expect("variable bindings", tag::SEQUENCE)?;
    Ok(Notification {
        version: Version::V1,
        confirmed: false,
        name,
        uptime_cs: ber::unsigned32(uptime.content, "time stamp").ok(),
        agent_address: agent.filter(|a| !a.is_unspecified()),
        varbinds: varbinds(&list),
    })
}

fn v2(version: Version, content: &[u8], confirmed: bool) -> Result<Notification, DecodeError> {
    let mut r = Reader::new(content);
    r.integer32("request id")?;
    r.integer32("error status")?;
    r.integer32("error index")?;
    let list = r.expect("variable bindings", tag::SEQUENCE)?;
    let mut out = Notification {
        version,
        confirmed,
        name: Oid::default(),
        uptime_cs: None,
        agent_address: None,
        varbinds: varbinds(&list),
    };
    // The standard puts sysUpTime.0 and snmpTrapOID.0 first; agents exist that do not.
    out.varbinds.retain(|v| match (&v.value, v.oid.arcs()) {
        (Value::TimeTicks(t), arcs) if arcs == SYS_UP_TIME => {
            out.uptime_cs = Some(*t);
            false
        }
        (Value::Oid(name), arcs) if arcs == SNMP_TRAP_OID => {
            out.name = name.clone();
            false
        }
        (Value::IpAddress(a), arcs) if arcs == SNMP_TRAP_ADDRESS => {
            out.agent_address = Some(Ipv4Addr::from(*a)).filter(|a| !a.is_unspecified());
            false
        }
        _ => true,
    });
    if out.name.is_empty() {
        return Err(DecodeError::BadValue { what: "snmpTrapOID.0" });
    }
    Ok(out)
}

fn varbinds(list: &Tlv<'_>) -> Vec<VarBind> {
    VarBinds::new(list.content, list.complete)
        .filter_map(Result::ok)
        .filter(|v| !matches!(v.value, ValueRef::Null))
        .take(MAX_VARBINDS)
        .map(|v| v.to_varbind())
        .collect()
}

/// The response an inform of SNMPv2c waits for: its own request id and varbinds (RFC 3416, 4.2.7). `None`: it waits for
/// none.
pub fn answer(inform: &[u8]) -> Option<Vec<u8>> {
    let Enclosed { version, community, pdu, .. } = whole(inform).ok()?;
    if pdu.tag != tag::INFORM || version == Version::V1 {
        return None;
    }
    let mut w = Writer::new(MAX_DATAGRAM);
    let end = w.mark();
    write_answer(&pdu, &mut w).ok()?;
    envelope(version, community, end, &mut w).ok()?;
    Some(w.bytes().to_vec())
}

/// The PDU of that response alone, at the end of the buffer: any version wraps the same.
pub(crate) fn write_answer(pdu: &Tlv<'_>, w: &mut Writer) -> Result<(), EncodeError> {
    let mut r = Reader::new(pdu.content);
    // An inform that was decoded has all of these.
    let id = r.integer32("request id").unwrap_or_default();
    let list = [r.next("error status"), r.next("error index"), r.next("variable bindings")];
    let list = list.into_iter().next_back().and_then(Result::ok).map_or(&[][..], |l| l.content);
    let end = w.mark();
    w.element(tag::SEQUENCE, list)?;
    w.integer(tag::INTEGER, 0)?;
    w.integer(tag::INTEGER, 0)?;
    w.integer(tag::INTEGER, i64::from(id))?;
    w.header(tag::RESPONSE, end)
}

/// A notification as an agent sends it: the simulator's and the tests' side.
pub fn encode(version: Version, community: &[u8], n: &Notification, id: i32) -> Result<Vec<u8>, EncodeError> {
    let mut w = Writer::new(MAX_DATAGRAM);
    let end = w.mark();
    for v in n.varbinds.iter().rev() {
        w.raw(&super::codec::encode_varbind(&v.oid, &v.value)?)?;
    }
    let uptime = n.uptime_cs.unwrap_or(0);
    if version != Version::V1 {
        if let Some(a) = n.agent_address {
            w.raw(&super::codec::encode_varbind(&Oid::new(&SNMP_TRAP_ADDRESS), &Value::IpAddress(a.octets()))?)?;
        }
        w.raw(&super::codec::encode_varbind(&Oid::new(&SNMP_TRAP_OID), &Value::Oid(n.name.clone()))?)?;
        w.raw(&super::codec::encode_varbind(&Oid::new(&SYS_UP_TIME), &Value::TimeTicks(uptime))?)?;
        w.header(tag::SEQUENCE, end)?;
        w.integer(tag::INTEGER, 0)?;
        w.integer(tag::INTEGER, 0)?;
        w.integer(tag::INTEGER, i64::from(id))?;
        w.header(if n.confirmed { tag::INFORM } else { tag::TRAP }, end)?;
        envelope(version, community, end, &mut w)?;
        return Ok(w.bytes().to_vec());
    }
    w.header(tag::SEQUENCE, end)?;
    let (enterprise, generic, specific) = match n.name.arcs() {
        [rest @ .., g @ 1..=6] if rest == SNMP_TRAPS => (&SNMP_TRAPS[..], i64::from(*g) - 1, 0),
        [enterprise @ .., 0, specific] => {
            (enterprise, i64::from(ENTERPRISE_SPECIFIC), i64::from(specific.cast_signed()))
        }
        [enterprise @ .., specific] => (enterprise, i64::from(ENTERPRISE_SPECIFIC), i64::from(specific.cast_signed())),
        [] => return Err(EncodeError::BadOid),
    };
    w.integer(tag::TIME_TICKS, i64::from(uptime))?;
    w.integer(tag::INTEGER, specific)?;
    w.integer(tag::INTEGER, generic)?;
    w.element(tag::IP_ADDRESS, &n.agent_address.unwrap_or(Ipv4Addr::UNSPECIFIED).octets())?;
    w.oid(enterprise)?;
    w.header(tag::TRAP_V1, end)?;
    envelope(version, community, end, &mut w)?;
    Ok(w.bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link_down(version: Version, confirmed: bool) -> Notification {
        Notification {
            version,
            confirmed,
            name: "1.3.6.1.6.3.1.1.5.3".parse().unwrap(),
            uptime_cs: Some(4_711),
            agent_address: Some(Ipv4Addr::new(192, 0, 2, 7)),
            varbinds: vec![VarBind { oid: "1.3.6.1.2.1.2.2.1.1.3".parse().unwrap(), value: Value::Integer(3) }],
        }
    }

    #[test]
    fn every_version_says_the_same() {
        for (version, confirmed) in [(Version::V1, false), (Version::V2c, false), (Version::V2c, true)] {
            let n = link_down(version, confirmed);
            let bytes = encode(version, b"public", &n, 77).unwrap();
            assert_eq!(decode(&bytes).unwrap(), n);
            assert_eq!(answer(&bytes).is_some(), confirmed);
        }
    }

    #[test]
    fn a_makers_own_v1_trap_is_named_by_its_enterprise() {
        let own = Notification { name: "1.3.6.1.4.1.318.0.5".parse().unwrap(), ..link_down(Version::V1, false) };
        let bytes = encode(Version::V1, b"public", &own, 0).unwrap();
        assert_eq!(decode(&bytes).unwrap().name, own.name);
    }

    #[test]
    fn an_inform_is_answered_with_its_own_words() {
        let bytes = encode(Version::V2c, b"public", &link_down(Version::V2c, true), 77).unwrap();
        let back = answer(&bytes).unwrap();
        let m = super::super::codec::decode_response(&back).unwrap();
        assert_eq!((m.request_id, m.status, m.index, m.community), (77, 0, 0, &b"public"[..]));
        assert_eq!(m.varbinds.count(), 4, "sysUpTime, snmpTrapOID, snmpTrapAddress and its own");
    }

    #[test]
    fn what_has_no_name_is_no_notification() {
        let get = [0x30, 0x0c, 2, 1, 1, 4, 0, 0xa0, 5, 2, 1, 1, 2, 0];
        assert_eq!(decode(&get).unwrap_err(), DecodeError::Pdu(0xa0));
        let mut n = link_down(Version::V2c, false);
        n.name = Oid::default();
        let mut bytes = encode(Version::V2c, b"public", &link_down(Version::V2c, false), 1).unwrap();
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        // v1 with a v2 PDU.
        bytes[4] = 0;
        assert!(decode(&bytes).is_err());
    }
}
