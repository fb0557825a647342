//! The system group, and the addresses a device is known by.

use crate::model::Facts;
use crate::profile::oids;
use crate::profile::text;
use crate::profile::view::{View, count_of, int_of, text_of};
use crate::protocol::snmp::Oid;

pub fn object_id(view: &View<'_>) -> Option<Oid> {
    view.scalar(oids::SYS_OBJECT_ID).and_then(|v| match v.as_oid() {
        Some(o) => Some(o.clone()),
        // Some agents send it as text.
        None => text_of(v)?.parse().ok(),
    })
}

pub fn decode(view: &View<'_>, facts: &mut Facts) {
    facts.sys_object_id = object_id(view).map(|o| o.to_string());
    facts.sys_descr = view.scalar(oids::SYS_DESCR).and_then(text_of);
    facts.sys_name = view.scalar_text(oids::SYS_NAME);
    facts.sys_location = view.scalar_text(oids::SYS_LOCATION);
    facts.sys_contact = view.scalar_text(oids::SYS_CONTACT);
    facts.sys_uptime_cs = view.scalar(oids::SYS_UP_TIME).and_then(count_of);
}

/// Base MAC and LLDP chassis, which identify a device better than its address.
pub fn addresses(view: &View<'_>, facts: &mut Facts) {
    let real = |m: &String| m != "00:00:00:00:00:00" && m != "ff:ff:ff:ff:ff:ff";
    let subtype = view.scalar(oids::LLDP_LOC_CHASSIS_ID_SUBTYPE).and_then(int_of);
    let chassis = view.scalar(oids::LLDP_LOC_CHASSIS_ID).and_then(|v| v.as_bytes());
    let chassis_mac =
        chassis.filter(|b| subtype == Some(4) || b.len() == 6 && !text::is_readable(b)).and_then(text::mac);
    facts.lldp_chassis = chassis_mac
        .clone()
        .filter(real)
        .or_else(|| chassis.map(text::clean).filter(|t| !t.is_empty() && chassis_mac.is_none()));
    let bridge = view.scalar(oids::DOT1D_BASE_BRIDGE_ADDRESS).and_then(|v| text::mac(v.as_bytes()?));
    let first_port =
        || view.column(oids::IF_PHYS_ADDRESS).filter_map(|(_, v)| text::mac(v.as_bytes()?)).find(|m| real(m));
    facts.base_mac = bridge.filter(real).or(chassis_mac.filter(real)).or_else(first_port);
}
