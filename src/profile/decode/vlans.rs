//! VLANs: Q-BRIDGE-MIB (RFC 4363), Cisco's VTP table, and the places profiles name for their vendor.

use std::collections::BTreeMap;

use crate::model::Vlan;
use crate::profile::load::Profile;
use crate::profile::oids;
use crate::profile::text::one_line;
use crate::profile::view::{View, int_of, text_of};

/// VTP's own rows for FDDI and token ring.
const VTP_DEFAULTS: std::ops::RangeInclusive<u32> = 1002..=1005;
const VTP_ETHERNET: i64 = 1;

pub fn decode(view: &View<'_>, profile: Option<&Profile>) -> Vec<Vlan> {
    let mut found: BTreeMap<u32, Option<String>> = BTreeMap::new();
    let mut add = |id: u32, name: Option<String>| {
        if (1..=4094).contains(&id) {
            let known = found.entry(id).or_default();
            *known = known.take().or(name);
        }
    };
    let name = |v| text_of(v).map(|t| one_line(&t));
    for (index, value) in view.column(oids::DOT1Q_VLAN_STATIC_NAME) {
        if let [id] = index {
            add(*id, name(value));
        }
    }
    for column in [oids::DOT1Q_VLAN_STATIC_EGRESS_PORTS, oids::DOT1Q_VLAN_STATIC_ROW_STATUS] {
        for (index, _) in view.column(column) {
            if let [id] = index {
                add(*id, None);
            }
        }
    }
    // timeMark, VLAN. An index of one number is a row number on the agents that send it.
    for column in [oids::DOT1Q_VLAN_FDB_ID, oids::DOT1Q_VLAN_STATUS] {
        for (index, _) in view.column(column) {
            if let [_, id] = index {
                add(*id, None);
            }
        }
    }
    for (index, value) in view.column(oids::VTP_VLAN_NAME) {
        let ethernet = view.int(oids::VTP_VLAN_TYPE, index).is_none_or(|t| t == VTP_ETHERNET);
        if let [_, id] = index
            && ethernet
            && !VTP_DEFAULTS.contains(id)
        {
            add(*id, name(value));
        }
    }
    for place in profile.into_iter().flat_map(|p| &p.vlans) {
        for (index, value) in view.column(place.name.arcs()) {
            let id = match &place.id {
                Some(column) => view.cell(column.arcs(), index).and_then(int_of).and_then(|i| u32::try_from(i).ok()),
                None => index.last().copied(),
            };
            if let Some(id) = id {
                add(id, name(value));
            }
        }
    }
    found.into_iter().map(|(id, name)| Vlan { id, name }).collect()
}
