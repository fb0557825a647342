//! A decoded notification in our words: its name from the MIBs, the interface and the alert it speaks of. Total.

use crate::model::Trap;
use crate::profile::Knowledge;
use crate::profile::text::{clean, is_readable, one_line};
use crate::protocol::snmp::trap::Notification;
use crate::protocol::snmp::{Oid, Version};

/// Characters kept of a text.
const MAX_TEXT: usize = 160;

/// What it says, without believing it.
pub fn read(knowledge: &Knowledge, n: &Notification) -> Trap {
    let names = knowledge.names();
    let name = name_of(knowledge, &n.name);
    let column = |column: &str| {
        let root = names.resolve(column)?;
        n.varbinds.iter().find(|v| v.oid.starts_with(&root))
    };
    let text = |column_name: &str| column(column_name).and_then(|v| words(v.value.as_bytes()?));
    // The value, else the index of any column of the interface tables.
    let if_index = column("ifIndex").and_then(|v| v.value.as_i64()).or_else(|| {
        let tables = ["ifEntry", "ifXEntry"].into_iter().filter_map(|t| names.resolve(t)).collect::<Vec<_>>();
        n.varbinds.iter().find_map(|v| match tables.iter().find_map(|t| v.oid.strip_prefix(t))? {
            [_, index] => Some(i64::from(*index)),
            _ => None,
        })
    });
    let port = ["ifName", "ifDescr", "ifAlias"].into_iter().find_map(text);
    let alert = column("prtAlertCode").and_then(|v| v.value.as_i64());
    let first = || {
        let known = [port.as_deref()];
        let mut texts = n.varbinds.iter().filter_map(|v| words(v.value.as_bytes()?));
        texts.find(|t| !known.contains(&Some(t.as_str())))
    };
    Trap {
        name,
        oid: n.name.to_string(),
        if_index: if_index.and_then(|i| u32::try_from(i).ok()),
        alert: alert.map(|a| names.label("prtAlertCode", a).map_or_else(|| a.to_string(), str::to_owned)),
        text: text("prtAlertDescription").or_else(first),
        port,
        version: match n.version {
            Version::V1 => "1".to_owned(),
            v => v.to_string(),
        },
        count: 1,
    }
}

/// The name the modules give it. The arc 0 that RFC 3584 puts into a v1 trap's number is there in some modules and not in
/// others.
fn name_of(knowledge: &Knowledge, oid: &Oid) -> String {
    let names = knowledge.names();
    let other = match oid.arcs() {
        [head @ .., 0, last] => Some([head, &[*last]].concat()),
        [head @ .., last] => Some([head, &[0, *last]].concat()),
        [] => None,
    };
    let found = names.notification(oid).or_else(|| names.notification(&Oid::from(other?)));
    found.map_or_else(|| oid.to_string(), str::to_owned)
}

fn words(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() || !is_readable(bytes) {
        return None;
    }
    let text = one_line(&clean(bytes));
    let text: String = text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect();
    Some(text).filter(|t| !t.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::snmp::{Value, VarBind};

    fn trap(name: &str, varbinds: &[(&str, Value)]) -> Trap {
        let knowledge = Knowledge::load(None).unwrap();
        let names = knowledge.names();
        let varbinds = varbinds.iter().map(|(n, v)| VarBind { oid: names.resolve(n).unwrap(), value: v.clone() });
        let n = Notification {
            version: Version::V2c,
            confirmed: false,
            name: names.resolve(name).unwrap(),
            uptime_cs: None,
            agent_address: None,
            varbinds: varbinds.collect(),
        };
        read(&knowledge, &n)
    }
    fn text(s: &str) -> Value {
        Value::OctetString(s.into())
    }

    #[test]
    fn a_link_is_named_by_its_interface() {
        let t = trap("linkDown", &[("ifIndex.7", Value::Integer(7)), ("ifDescr.7", text("GigabitEthernet0/7"))]);
        assert_eq!((t.name.as_str(), t.if_index, t.port.as_deref()), ("linkDown", Some(7), Some("GigabitEthernet0/7")));
        assert_eq!(t.text, None);
        // Without ifIndex, the index of any column tells.
        assert_eq!(trap("linkUp", &[("ifOperStatus.12", Value::Integer(1))]).if_index, Some(12));
        assert_eq!(trap("linkUp", &[("ifOperStatus.12", Value::Integer(1))]).port, None);
    }

    #[test]
    fn an_alert_is_named_by_its_code() {
        let t = trap(
            "printerV2Alert",
            &[("prtAlertCode.1.5", Value::Integer(8)), ("prtAlertDescription.1.5", text("Замятие в лотке 2"))],
        );
        assert_eq!((t.alert.as_deref(), t.text.as_deref()), (Some("jam"), Some("Замятие в лотке 2")));
        // RFC 1628 has no arc 0 in its notifications; a v1 trap of it does.
        assert_eq!(trap("1.3.6.1.2.1.33.2.0.1", &[]).name, "upsTrapOnBattery");
        assert_eq!(trap("1.3.6.1.4.1.318.0.5", &[]).name, "upsOnBattery");
    }

    #[test]
    fn the_unknown_is_shown_by_its_number() {
        let t = trap("1.3.6.1.4.1.99999.7", &[("1.3.6.1.4.1.99999.1", Value::OctetString(vec![0, 1, 2]))]);
        assert_eq!((t.name.as_str(), t.text), ("1.3.6.1.4.1.99999.7", None));
    }
}
