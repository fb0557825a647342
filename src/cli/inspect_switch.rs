//! The sections of `anykey inspect` that only switches and routers have: power, spanning tree, modules, sensors, stack,
//! address caches. Text for a technician; the JSON form is that of `Facts`.

use super::inspect::{field, head, table};
use crate::model::{Facts, Port};

/// "6.2 W, class 3" or what keeps it from feeding.
pub fn power(p: &Port) -> String {
    let Some(poe) = &p.poe else { return String::new() };
    match poe.status.as_deref() {
        Some("deliveringPower") => {
            let watts = poe.consumption_mw.map(|mw| format!("{:.1} W", f64::from(mw) / 1000.0));
            let class = poe.class.map(|c| format!("class {c}"));
            let told: Vec<String> = [watts, class].into_iter().flatten().collect();
            if told.is_empty() { "feeds".to_owned() } else { told.join(", ") }
        }
        status => status.unwrap_or_default().to_owned(),
    }
}

/// The role where it follows, else the state.
pub fn tree(p: &Port) -> String {
    p.stp.as_ref().and_then(|s| s.role.clone().or_else(|| s.state.clone())).unwrap_or_default()
}

pub fn sections(out: &mut String, facts: &Facts) {
    if let Some(rows) = facts.poe.as_deref().filter(|r| !r.is_empty()) {
        head(out, "Power over Ethernet");
        for s in rows {
            let watts = |w: Option<u32>| w.map_or_else(|| "?".to_owned(), |w| w.to_string());
            let text = format!("{} of {} W, {}", watts(s.consumption_w), watts(s.power_w), text(&s.status));
            field(out, &format!("unit {}", s.group), Some(&text));
        }
    }
    if let Some(rows) = facts.stack.as_deref().filter(|r| !r.is_empty()) {
        head(out, &format!("Stack ({})", rows.len()));
        let rows = rows.iter().map(|m| {
            let number = m.number.map(|n| n.to_string()).unwrap_or_default();
            vec![number, text(&m.role), text(&m.state), text(&m.model), text(&m.serial), text(&m.firmware)]
        });
        table(out, &["unit", "role", "state", "model", "serial", "version"], rows.collect());
    }
    if let Some(rows) = facts.transceivers.as_deref().filter(|r| !r.is_empty()) {
        head(out, &format!("Optical modules ({})", rows.len()));
        let number = |n: Option<f64>| n.map(|n| n.to_string()).unwrap_or_default();
        let rows = rows.iter().map(|t| {
            let mut row = vec![text(&t.port), text(&t.model), text(&t.serial), text(&t.manufacturer)];
            row.extend([t.rx_power_dbm, t.tx_power_dbm, t.tx_bias_ma, t.temperature_c, t.voltage_v].map(number));
            row
        });
        let names = ["port", "model", "serial", "maker", "rx dBm", "tx dBm", "bias mA", "\u{b0}C", "V"];
        table(out, &names, rows.collect());
    }
    if let Some(rows) = facts.sensors.as_deref().filter(|r| !r.is_empty()) {
        head(out, &format!("Sensors ({})", rows.len()));
        let rows = rows.iter().map(|s| vec![text(&s.name), s.value.to_string(), s.kind.clone()]);
        table(out, &["sensor", "value", "unit"], rows.collect());
    }
    if let Some(rows) = facts.arp.as_deref().filter(|r| !r.is_empty()) {
        head(out, &format!("Address cache ({})", rows.len()));
        let name = |i: u32| facts.ports.iter().flatten().find(|p| p.if_index == i).map(|p| p.name.clone());
        let rows = rows.iter().map(|e| {
            let port = e.if_index.map(|i| name(i).unwrap_or_else(|| i.to_string())).unwrap_or_default();
            vec![e.address.clone(), e.mac.clone(), port, text(&e.kind)]
        });
        table(out, &["address", "MAC", "interface", "kind"], rows.collect());
    }
}

fn text(t: &Option<String>) -> String {
    t.clone().unwrap_or_default()
}
