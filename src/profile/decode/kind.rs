//! What a device is, as far as its tables show it: evidence for `identity`, weaker than a profile, stronger than words.

use crate::model::{DeviceKind, Evidence, PrinterFunction};
use crate::profile::oids;
use crate::profile::pattern::Pattern;
use crate::profile::source::{Candidate, Fact};
use crate::profile::view::{View, int_of, text_of};

/// net-snmp numbers its devices by type in the high octets: a row there is a host's print queue, not a printer.
const HOST_DEVICES: u32 = 0x100;
/// prtChannelType (IANA-PRINTER-MIB).
const CH_FAX: i64 = 18;

fn typed_printer(view: &View<'_>) -> Option<u32> {
    view.column(oids::HR_DEVICE_TYPE).find_map(|(index, value)| match (index, value.as_oid()) {
        ([i], Some(o)) if *i < HOST_DEVICES && o.arcs() == oids::HR_DEVICE_PRINTER => Some(*i),
        _ => None,
    })
}

/// hrDeviceIndex of the printer, when there is one.
pub fn printer_row(view: &View<'_>) -> Option<u32> {
    let by_tables = || {
        [oids::PRT_MARKER_SUPPLIES_DESCRIPTION, oids::PRT_MARKER_SUPPLIES_LEVEL, oids::PRT_MARKER_LIFE_COUNT]
            .iter()
            .find_map(|column| view.column(column).next().and_then(|(index, _)| index.first().copied()))
    };
    let single = || {
        let mut rows = view.column(oids::HR_DEVICE_DESCR);
        match (rows.next(), rows.next()) {
            (Some(([i], _)), None) if *i < HOST_DEVICES => Some(*i),
            _ => None,
        }
    };
    by_tables().or_else(|| typed_printer(view)).or_else(single)
}

/// Evidence from tables.
pub fn candidates(view: &View<'_>, out: &mut Vec<Candidate>) {
    let mut say = |kind: DeviceKind, score: u8, rule: &str| {
        let value = kind.as_str().to_owned();
        out.push(Candidate::inferred(Fact::Kind, value, score, rule.to_owned()));
    };
    if typed_printer(view).is_some() {
        say(DeviceKind::Printer, 73, "hrDeviceType printer");
    }
    if view.has(oids::PRT_MARKER_SUPPLIES_LEVEL) || view.has(oids::PRT_MARKER_LIFE_COUNT) {
        say(DeviceKind::Printer, 75, "Printer-MIB");
    }
    if view.scalar(oids::UPS_BATTERY_STATUS).is_some() || view.scalar(oids::UPS_ESTIMATED_CHARGE_REMAINING).is_some() {
        say(DeviceKind::Ups, 74, "UPS-MIB");
    }
    let types = |wanted: &[i64]| {
        view.column(oids::IF_TYPE).filter(|(_, v)| int_of(v).is_some_and(|t| wanted.contains(&t))).count()
    };
    let (ethernet, radio) = (types(&[6, 62, 69, 117]), types(&[71]));
    let bridge_ports = view.column(oids::DOT1D_BASE_PORT_IF_INDEX).count();
    if bridge_ports >= 5 && ethernet >= 5 {
        say(DeviceKind::Switch, 44, "BRIDGE-MIB ports");
    }
    if radio > 0 && ethernet <= 3 {
        say(DeviceKind::AccessPoint, 43, "IEEE 802.11 interfaces");
    }
    // Many sockets and nothing else said: a switch; lines to a provider: a router.
    if ethernet >= 8 {
        say(DeviceKind::Switch, 16, "Ethernet ports");
    }
    if types(&[22, 23, 94, 95, 97, 230, 238, 243, 244, 251]) > 0 {
        say(DeviceKind::Router, 15, "lines to a provider");
    }
    let Some(services) = view.scalar_int(oids::SYS_SERVICES) else { return };
    let (bridges, routes, serves) = (services & 0x02 != 0, services & 0x04 != 0, services & 0x40 != 0);
    match (bridges, routes, serves) {
        (true, _, _) if ethernet >= 5 => say(DeviceKind::Switch, 38, "sysServices layer 2"),
        (true, false, _) => say(DeviceKind::Switch, 30, "sysServices layer 2"),
        (_, true, _) => say(DeviceKind::Router, 28, "sysServices layer 3"),
        (_, _, true) => say(DeviceKind::Server, 20, "sysServices layer 7"),
        _ => {}
    }
}

/// Words that say what a printer does besides printing (`mibs/words.toml`).
pub struct FunctionWords {
    pub functions: Vec<PrinterFunction>,
    pub patterns: Vec<Pattern>,
    pub confidence: u8,
}

/// A text that may say it, and where it stands.
pub struct Said {
    pub place: &'static str,
    pub text: String,
}

/// What else than printing an MFP does: its fax channel, the feeder among its covers and supplies, its words. The
/// evidence is that of the surest.
pub fn functions(words: &[FunctionWords], view: &View<'_>, said: &[Said]) -> (Vec<PrinterFunction>, Option<Evidence>) {
    use PrinterFunction::{Copy, Fax, Print, Scan};
    let mut found: Vec<(&[PrinterFunction], u8, String)> = Vec::new();
    if view.column(oids::PRT_CHANNEL_TYPE).any(|(_, v)| int_of(v) == Some(CH_FAX)) {
        found.push((&[Copy, Scan, Fax], 88, "prtChannelType chFax".to_owned()));
    }
    let parts = [("a supply", oids::PRT_MARKER_SUPPLIES_DESCRIPTION), ("a cover", oids::PRT_COVER_DESCRIPTION)];
    for (what, column) in parts {
        if view.column(column).filter_map(|(_, v)| text_of(v)).any(|t| is_of_a_scanner(&t)) {
            found.push((&[Copy, Scan], 85, format!("{what} of the document feeder or scanner")));
        }
    }
    for Said { place, text } in said {
        for w in words.iter().filter(|w| w.patterns.iter().any(|p| p.is_match(text))) {
            found.push((&w.functions, w.confidence, format!("words of {place}")));
        }
    }
    let mut functions: Vec<PrinterFunction> =
        found.iter().flat_map(|(f, ..)| f.iter().copied()).chain([Print]).collect();
    functions.sort();
    functions.dedup();
    let surest = found.into_iter().rev().max_by_key(|(_, confidence, _)| *confidence);
    let evidence =
        surest.map(|(_, confidence, rule)| Evidence { fact: "functions".into(), rule, oid: None, confidence });
    (functions, evidence)
}

/// Parts that only a machine with a scanner has.
fn is_of_a_scanner(text: &str) -> bool {
    let text = text.to_lowercase();
    let words = ["document feeder", "adf", "dadf", "radf", "scanner", "автоподатчик", "сканер", "originaleinzug"];
    words.iter().any(|w| {
        text.match_indices(w).any(|(at, _)| {
            let before = text.get(..at).and_then(|t| t.chars().next_back());
            let after = text.get(at + w.len()..).and_then(|t| t.chars().next());
            let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            !letter(before) && (w.len() > 4 || !letter(after))
        })
    })
}
