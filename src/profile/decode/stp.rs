//! Spanning tree as the bridge sees it (RFC 4188 dot1dStp).

use super::fdb::Bridge;
use crate::model::{Port, PortStp, Stp};
use crate::profile::mib::Names;
use crate::profile::oids;
use crate::profile::text::{format_mac, mac};
use crate::profile::view::{View, count_of, int_of};

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
        topology_changes: view.scalar(oids::DOT1D_STP_TOP_CHANGES).and_then(count_of),
        since_topology_change_cs: view.scalar(oids::DOT1D_STP_TIME_SINCE_TOPOLOGY_CHANGE).and_then(count_of),
    };
    (stp != Stp::default()).then_some(stp)
}

/// Two octets of priority, six of address.
fn bridge_id(bytes: &[u8]) -> Option<(u32, String)> {
    let [a, b, m0, m1, m2, m3, m4, m5] = <[u8; 8]>::try_from(bytes).ok()?;
    Some((u32::from(u16::from_be_bytes([a, b])), format_mac([m0, m1, m2, m3, m4, m5])))
}

/// Fills in each port's place in the tree, with the role that its state and its segment's leader make.
pub fn ports(names: &Names, view: &View<'_>, bridge: &Bridge, ports: &mut [Port]) {
    let own = view.scalar(oids::DOT1D_BASE_BRIDGE_ADDRESS).and_then(|v| mac(v.as_bytes()?));
    let root_port = view.scalar_int(oids::DOT1D_STP_ROOT_PORT);
    for (index, value) in view.column(oids::DOT1D_STP_PORT_STATE) {
        let ([number], Some(state)) = (index, int_of(value)) else { continue };
        let if_index = bridge.if_index(*number).or_else(|| bridge.ports().is_empty().then_some(*number));
        let Some(port) = ports.iter_mut().find(|p| Some(p.if_index) == if_index) else { continue };
        let designated =
            view.cell(oids::DOT1D_STP_PORT_DESIGNATED_BRIDGE, index).and_then(|v| bridge_id(v.as_bytes()?));
        let designated = designated.map(|(_, address)| address).filter(|a| a != "00:00:00:00:00:00");
        let role = role(state, root_port == Some(i64::from(*number)), designated.as_deref(), own.as_deref());
        let short = view.int(oids::DOT1D_STP_PORT_PATH_COST, index);
        let cost = short.filter(|c| *c < 65_535).or(view.int(oids::DOT1D_STP_PORT_PATH_COST_32, index)).or(short);
        let far = view.cell(oids::DOT1D_STP_PORT_DESIGNATED_PORT, index).and_then(|v| v.as_bytes());
        port.stp = Some(PortStp {
            state: names.label("dot1dStpPortState", state).map(str::to_owned),
            role: role.map(str::to_owned),
            path_cost: cost.and_then(|c| u64::try_from(c).ok()),
            // IEEE 802.1D-2004: four bits of priority, twelve of the number.
            designated_port: far
                .and_then(|b| <[u8; 2]>::try_from(b).ok())
                .map(|b| u32::from(u16::from_be_bytes(b) & 0x0FFF))
                .filter(|n| *n > 0),
            designated_bridge: designated,
        });
    }
}

const BLOCKING: i64 = 2;

fn role(state: i64, is_root: bool, designated: Option<&str>, own: Option<&str>) -> Option<&'static str> {
    let ours = designated? == own?;
    match state {
        BLOCKING if ours => Some("backup"),
        BLOCKING => Some("alternate"),
        3..=5 if is_root => Some("root"),
        3..=5 if ours => Some("designated"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_follow_from_state_and_leader() {
        let told = |state, is_root, leader| role(state, is_root, Some(leader), Some("me"));
        assert_eq!(told(5, true, "other"), Some("root"));
        assert_eq!(told(5, false, "me"), Some("designated"));
        assert_eq!(told(2, false, "other"), Some("alternate"));
        assert_eq!(told(2, false, "me"), Some("backup"));
        assert_eq!(told(1, false, "me"), None);
        // Forwarding, but led by another and not our root port: the table contradicts itself.
        assert_eq!(told(5, false, "other"), None);
        assert_eq!(role(5, false, None, Some("me")), None);
    }
}
