//! Spanning tree as the bridge sees it (RFC 4188 dot1dStp).

use crate::model::Stp;
use crate::profile::oids;
use crate::profile::text::{format_mac, mac};
use crate::profile::view::View;

pub fn decode(view: &View<'_>) -> Option<Stp> {
    let root = view.scalar(oids::DOT1D_STP_DESIGNATED_ROOT).and_then(|v| bridge_id(v.as_bytes()?));
    let number = |object: &[u32]| view.scalar_int(object);
    let stp = Stp {
        bridge_address: view.scalar(oids::DOT1D_BASE_BRIDGE_ADDRESS).and_then(|v| mac(v.as_bytes()?)),
        priority: number(oids::DOT1D_STP_PRIORITY).and_then(|n| u32::try_from(n).ok()),
        root_priority: root.as_ref().map(|(priority, _)| *priority),
        designated_root: root.map(|(_, address)| address),
        root_cost: number(oids::DOT1D_STP_ROOT_COST).and_then(|n| u64::try_from(n).ok()),
        root_bridge_port: number(oids::DOT1D_STP_ROOT_PORT).and_then(|n| u32::try_from(n).ok()),
    };
    (stp != Stp::default()).then_some(stp)
}

/// Two octets of priority, six of address.
fn bridge_id(bytes: &[u8]) -> Option<(u32, String)> {
    let [a, b, m0, m1, m2, m3, m4, m5] = <[u8; 8]>::try_from(bytes).ok()?;
    Some((u32::from(u16::from_be_bytes([a, b])), format_mac([m0, m1, m2, m3, m4, m5])))
}
