//! Ports of a device as the page draws them: state, speed, power, what is behind, and what is wrong. Pure.

use std::collections::BTreeMap;

use crate::model::{Facts, Millis, PortDetail, PortPoe, Transceiver};
use crate::store::read::device::{Behind, PortRow};
use crate::store::read::ports::PortErrors;
use crate::web::badge::Meaning;
use crate::web::html::{Html, escape};
use crate::web::layout::Ui;

use super::panels::speed;

pub struct PortView {
    pub name: String,
    pub about: String,
    /// What is said below the name; `true`: it wants attention.
    pub notes: Vec<(bool, String)>,
    pub meaning: Meaning,
    pub state: String,
    pub since: Html,
    pub speed: String,
    /// "6.2 W · class 3"; `true`: a fault.
    pub poe: (bool, String),
    pub behind: Html,
}

#[derive(Default)]
pub struct PortsView {
    pub shown: Vec<PortView>,
    /// Virtual ones and those beyond: behind a link.
    pub hidden: usize,
    pub up: usize,
    /// One of them feeds devices.
    pub has_poe: bool,
}

/// What is known of all ports of a device.
pub struct Known<'a> {
    pub rows: &'a [PortRow],
    pub neighbors: &'a [Behind],
    pub learned: &'a [Behind],
    /// Of the last day.
    pub errors: &'a BTreeMap<u32, PortErrors>,
    pub facts: &'a Facts,
}

pub fn ports(ui: &Ui, known: &Known<'_>) -> PortsView {
    let all = ui.query.get("ports") == Some("all");
    let visible = |p: &&PortRow| all || p.physical != 0;
    let shown: Vec<PortView> = known.rows.iter().filter(visible).map(|p| port(ui, p, known)).collect();
    PortsView {
        hidden: known.rows.len() - shown.len(),
        up: shown.iter().filter(|p| p.meaning == Meaning::Ok).count(),
        has_poe: known.rows.iter().any(|p| p.detail().poe.is_some()),
        shown,
    }
}

fn port(ui: &Ui, p: &PortRow, known: &Known<'_>) -> PortView {
    let off = p.admin.as_deref() == Some("down");
    let up = p.oper.as_deref() == Some("up");
    let state = if off { "off" } else { p.oper.as_deref().unwrap_or("unknown") };
    let detail = p.detail();
    PortView {
        name: p.name.clone(),
        about: p
            .alias
            .as_ref()
            .filter(|a| !a.is_empty())
            .or(p.descr.as_ref())
            .filter(|a| **a != p.name)
            .cloned()
            .unwrap_or_default(),
        notes: notes(ui, p, &detail, up, known),
        meaning: if up { Meaning::Ok } else { Meaning::Unknown },
        state: ui.word("port-", state),
        since: p.oper_since.map(|at| ui.ago_html(&Millis(at))).unwrap_or_default(),
        speed: if up { speed(ui, p.speed_bps) } else { String::new() },
        poe: detail.poe.as_ref().map(|poe| feeding(ui, poe)).unwrap_or_default(),
        behind: behind(ui, p, known.neighbors, known.learned),
    }
}

fn notes(ui: &Ui, p: &PortRow, detail: &PortDetail, up: bool, known: &Known<'_>) -> Vec<(bool, String)> {
    let mut notes = Vec::new();
    if up && detail.below_capability {
        let most = detail.capable_bps.and_then(|b| i64::try_from(b).ok()).unwrap_or(0);
        notes.push((true, ui.tv("port-slow", speed(ui, most))));
    }
    if up && detail.duplex.as_deref() == Some("halfDuplex") {
        notes.push((true, ui.t("port-half-duplex")));
    }
    let mine = u32::try_from(p.if_index).ok();
    if let Some(errors) = mine.and_then(|i| known.errors.get(&i)) {
        notes.push((true, wrong_frames(ui, *errors)));
    }
    match detail.stp.as_ref().and_then(|s| s.role.as_deref()) {
        Some("root") => notes.push((false, ui.t("port-stp-root"))),
        Some("alternate" | "backup") if up => notes.push((false, ui.t("port-stp-blocked"))),
        _ => {}
    }
    if let Some(aggregate) = detail.aggregate.map(i64::from) {
        let name = known.rows.iter().find(|r| r.if_index == aggregate).map(|r| r.name.clone());
        notes.push((false, ui.tv("port-in-aggregate", name.unwrap_or_else(|| aggregate.to_string()))));
    }
    let plugged = known.facts.transceivers.iter().flatten().filter(|t| t.if_index.is_some() && t.if_index == mine);
    notes.extend(plugged.map(|t| (false, transceiver(ui, t))));
    notes
}

/// "12 errors in a day, 10 of them checksums".
fn wrong_frames(ui: &Ui, e: PortErrors) -> String {
    let count = e.received.max(e.checksum).saturating_add(e.sent);
    let all = ui.tn("port-errors", i64::try_from(count).unwrap_or(i64::MAX));
    match e.checksum {
        0 => all,
        n => format!("{all}, {}", ui.tv("port-errors-checksum", ui.integer(i64::try_from(n).unwrap_or(i64::MAX)))),
    }
}

/// "SFP-10G-SR · receives −4.1 dBm · sends −2.2 dBm · 30 °C".
fn transceiver(ui: &Ui, t: &Transceiver) -> String {
    let power = |key, value: Option<f64>| value.map(|v| ui.tv(key, ui.decimal(v, 1)));
    let parts = [
        t.model.clone().or_else(|| Some(ui.t("transceiver"))),
        power("transceiver-rx", t.rx_power_dbm),
        power("transceiver-tx", t.tx_power_dbm),
        t.temperature_c.map(|c| ui.tv("celsius", ui.decimal(c, 0))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn feeding(ui: &Ui, poe: &PortPoe) -> (bool, String) {
    match poe.status.as_deref() {
        Some("deliveringPower") => {
            let watts = poe.consumption_mw.map(|mw| ui.tv("watts", ui.decimal(f64::from(mw) / 1000.0, 1)));
            let class = poe.class.map(|c| ui.tv("poe-class", c.to_string()));
            let told: Vec<String> = [watts, class].into_iter().flatten().collect();
            (false, if told.is_empty() { ui.t("poe-feeds") } else { told.join(" · ") })
        }
        Some("fault" | "otherFault") => (true, ui.t("poe-fault")),
        _ if poe.enabled == Some(false) => (false, ui.t("poe-off")),
        _ => (false, String::new()),
    }
}

/// Names behind a port: what says its name first; else the devices whose MAC was learned, when they are few.
fn behind(ui: &Ui, p: &PortRow, neighbors: &[Behind], learned: &[Behind]) -> Html {
    let here = |b: &&Behind| b.if_index == Some(p.if_index) || (b.if_index.is_none() && b.port == p.name);
    let mut names: Vec<&Behind> = neighbors.iter().filter(here).collect();
    let told = !names.is_empty();
    if !told {
        names = learned.iter().filter(here).collect();
    }
    let mut parts: Vec<String> = names
        .iter()
        .take(3)
        .map(|b| {
            let name = escape(b.name.as_deref().unwrap_or("?"));
            let far = b.remote_port.as_deref().map(|p| format!(" · {}", escape(p))).unwrap_or_default();
            match b.device_id {
                Some(id) => format!(r#"<a href="/devices/{id}">{name}</a>{far}"#),
                None => format!("{name}{far}"),
            }
        })
        .collect();
    if names.len() > 3 {
        parts.push(escape(&ui.tn("more-count", names.len() - 3)));
    } else if !told && p.macs > names.len() as i64 {
        parts.push(format!(r#"<span class="muted">{}</span>"#, escape(&ui.tn("macs-count", p.macs))));
    }
    Html(parts.join(", "))
}

/// One switch of a stack in a line: "2 · standby", then what it is.
pub fn stack(ui: &Ui, facts: &Facts) -> Vec<(String, String)> {
    let member = |m: &crate::model::StackMember| {
        let number = m.number.map(|n| n.to_string());
        let role = m.role.as_deref().map(|r| ui.word("stack-", r));
        let head = [number, role].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let parts = [&m.model, &m.serial, &m.firmware].map(|p| p.as_deref().unwrap_or_default());
        (head, parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · "))
    };
    facts.stack.iter().flatten().map(member).collect()
}

/// Sensors of the device itself, with their unit.
pub fn sensors(ui: &Ui, facts: &Facts) -> Vec<(String, String)> {
    let line = |s: &crate::model::Sensor| {
        let key = match s.kind.as_str() {
            "celsius" => "celsius",
            "voltsDC" | "voltsAC" => "volts",
            "amperes" => "amperes",
            "watts" => "watts",
            "rpm" => "rpm",
            "percentRH" => "humidity",
            _ => return None,
        };
        let places = if matches!(key, "rpm" | "humidity") { 0 } else { 1 };
        let name = s.name.clone().unwrap_or_else(|| s.index.to_string());
        Some((name, ui.tv(key, ui.decimal(s.value, places))))
    };
    facts.sensors.iter().flatten().filter_map(line).collect()
}

/// "44 of 870 W", of all units together.
pub fn poe_budget(ui: &Ui, facts: &Facts) -> Option<String> {
    let supplies = facts.poe.as_ref().filter(|all| !all.is_empty())?;
    let sum = |of: fn(&crate::model::PoeSupply) -> Option<u32>| -> u64 {
        supplies.iter().filter_map(of).map(u64::from).sum()
    };
    let whole = |n: u64| ui.integer(i64::try_from(n).unwrap_or(i64::MAX));
    let (drawn, power) = (sum(|s| s.consumption_w), sum(|s| s.power_w));
    (power > 0).then(|| ui.tw("poe-budget", &[("drawn", whole(drawn).into()), ("power", whole(power).into())]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn power_and_errors_in_words() {
        let ui = Ui::sample(Lang::En, "/");
        let poe = |status: &str| PortPoe {
            status: Some(status.into()),
            consumption_mw: Some(6_240),
            class: Some(3),
            ..PortPoe::default()
        };
        assert_eq!(feeding(&ui, &poe("deliveringPower")), (false, "6.2\u{a0}W · class\u{a0}3".to_owned()));
        assert!(feeding(&ui, &poe("fault")).0);
        assert_eq!(feeding(&ui, &poe("searching")).1, "");
        let errors = PortErrors { received: 12, sent: 0, checksum: 10 };
        assert_eq!(wrong_frames(&ui, errors), "12 errors in a day, 10 of them checksums");
        let module = Transceiver { rx_power_dbm: Some(-19.7), temperature_c: Some(30.3), ..Transceiver::default() };
        assert_eq!(transceiver(&ui, &module), "optical module · receives −19.7\u{a0}dBm · 30\u{a0}°C");
    }
}
