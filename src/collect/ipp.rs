//! What a printer says over IPP, told in the objects of the Printer MIB, so that one decoder with one set of words reads both.
//!
//! Pure. IPP's printer-supply and printer-alert are rows of that MIB in text form (PWG 5100.9); marker-* attributes are
//! the same in fewer words. Levels stay as sent. To use one more attribute, put it into the object it means here.

use crate::model::{DeviceKind, Facts, PrinterFunction, ProbeClass, Source};
use crate::profile::mib::Names;
use crate::profile::{Knowledge, Snapshot};
use crate::protocol::ipp::attributes::{device_id_field, keyed};
use crate::protocol::ipp::{Alert, Marker, PrinterAttributes, PrinterState, Supply};
use crate::protocol::snmp::{Oid, Value};

/// hrDevicePrinter (RFC 2790, hrDeviceTypes).
const HR_DEVICE_PRINTER: &[u32] = &[1, 3, 6, 1, 2, 1, 25, 3, 1, 5];
/// The one device and marker that an IPP printer is.
const DEVICE: u32 = 1;

/// Facts of an IPP answer, of these classes of questions.
pub fn facts(knowledge: &Knowledge, printer: &PrinterAttributes, classes: &[ProbeClass]) -> Facts {
    let mut facts = knowledge.decode(&snapshot(printer, knowledge.names()), classes);
    facts.sys_object_id = None;
    let ours = |index: &str| format!("ipp.{}", index.split_once('.').map_or(index, |(_, row)| row));
    for supply in facts.supplies.iter_mut().flatten() {
        supply.index = ours(&supply.index);
        supply.source = Source::Ipp;
    }
    if let Some(p) = &mut facts.printer {
        p.alerts.iter_mut().flatten().for_each(|a| a.index = ours(&a.index));
        p.trays.iter_mut().for_each(|t| t.index = ours(&t.index));
        // IPP always tells its alerts, a printer without any leaves the attribute out; old ones never have it.
        if printer.alerts.is_empty() && !printer.raw.contains_key("printer-alert") {
            p.alerts = None;
        }
    }
    // The objects are only the form it is told in.
    for why in &mut facts.evidence {
        why.rule = format!("IPP, read as {}", why.rule);
        why.oid = None;
    }
    if classes.contains(&ProbeClass::Inventory) {
        facts.kind = facts.kind.or(Some(DeviceKind::Printer));
        facts.printer_uuid.clone_from(&printer.uuid);
        facts.functions.extend(services(printer));
        facts.functions.sort();
        facts.functions.dedup();
        let versions: Vec<&str> = printer.firmware.iter().map(|(_, version)| version.as_str()).collect();
        if facts.firmware.is_none() && !versions.is_empty() {
            facts.firmware = Some(versions.join(", "));
        }
    }
    if let Some(fault) = &printer.fault {
        facts.notes.push(format!("IPP {}: the reply was cut: {fault}", printer.uri));
    }
    facts
}

/// ipp-features-supported: an FaxOut service (PWG 5100.15) needs a machine that faxes, a Scan service (PWG 5100.17) one
/// that scans.
fn services(printer: &PrinterAttributes) -> Vec<PrinterFunction> {
    use PrinterFunction::{Copy, Fax, Print, Scan};
    let features = printer.raw.get("ipp-features-supported").into_iter().flatten().filter_map(|v| v.text());
    let features: Vec<String> = features.map(|f| f.to_ascii_lowercase()).collect();
    let has = |name: &str| features.iter().any(|f| f == name);
    let mut out = vec![Print];
    if has("faxout") {
        out.extend([Copy, Scan, Fax]);
    }
    if has("scan") {
        out.extend([Copy, Scan]);
    }
    out
}

/// The answer as the agent of the same printer would have given it.
fn snapshot(printer: &PrinterAttributes, names: &Names) -> Snapshot {
    let mut out = Objects { names, snapshot: Snapshot::default() };
    out.put("hrDeviceType", &[DEVICE], Value::Oid(Oid::new(HR_DEVICE_PRINTER)));
    out.text("hrDeviceDescr", &[DEVICE], make_and_model(printer).as_deref());
    out.text("prtGeneralSerialNumber", &[DEVICE], printer.serial_number.as_deref());
    out.state(printer);
    if let Some(count) = printer.impressions_completed.and_then(|n| u32::try_from(n).ok()) {
        out.put("prtMarkerLifeCount", &[DEVICE, 1], Value::Counter32(count));
        out.label("prtMarkerCounterUnit", &[DEVICE, 1], Some("impressions"));
    }
    if printer.supplies.is_empty() {
        for (n, marker) in (1..).zip(&printer.markers) {
            out.marker(n, marker);
        }
    } else {
        for (n, supply) in (1..).zip(&printer.supplies) {
            out.supply(n, supply);
        }
    }
    for (n, alert) in (1..).zip(&printer.alerts) {
        out.alert(n, alert);
    }
    let trays = printer.raw.get("printer-input-tray").into_iter().flatten().filter_map(|v| v.text());
    for (n, tray) in (1..).zip(trays) {
        out.tray(n, &keyed(&tray));
    }
    out.snapshot
}

fn make_and_model(printer: &PrinterAttributes) -> Option<String> {
    if printer.make_and_model.is_some() {
        return printer.make_and_model.clone();
    }
    let id = printer.device_id.as_deref()?;
    let field = |keys: &[&str]| keys.iter().find_map(|k| device_id_field(id, k));
    let (make, model) = (field(&["MFG", "MANUFACTURER"]), field(&["MDL", "MODEL"])?);
    Some(make.map_or_else(|| model.to_owned(), |make| format!("{make} {model}")))
}

struct Objects<'a> {
    names: &'a Names,
    snapshot: Snapshot,
}

impl Objects<'_> {
    fn put(&mut self, object: &str, index: &[u32], value: Value) {
        if let Some(oid) = self.names.resolve(object) {
            self.snapshot.insert(oid.child(index), value);
        }
    }
    fn text(&mut self, object: &str, index: &[u32], text: Option<&str>) {
        if let Some(text) = text {
            self.put(object, index, Value::OctetString(text.as_bytes().to_vec()));
        }
    }
    fn int(&mut self, object: &str, index: &[u32], value: Option<i64>) {
        if let Some(value) = value {
            self.put(object, index, Value::Integer(value));
        }
    }
    /// An enumeration by its label, in any case and with hyphens: "waste-toner" is wasteToner.
    fn label(&mut self, object: &str, index: &[u32], label: Option<&str>) {
        let value = label.and_then(|l| self.names.value(object, &camel_case(l)));
        self.int(object, index, value);
    }

    fn supply(&mut self, n: u32, supply: &Supply) {
        let at = [DEVICE, n];
        self.text("prtMarkerSuppliesDescription", &at, supply.description.as_deref().or(Some("")));
        self.label("prtMarkerSuppliesType", &at, supply.kind.as_deref());
        self.label("prtMarkerSuppliesClass", &at, supply.class.as_deref());
        self.label("prtMarkerSuppliesSupplyUnit", &at, supply.unit.as_deref());
        self.int("prtMarkerSuppliesMaxCapacity", &at, supply.max_capacity);
        self.int("prtMarkerSuppliesLevel", &at, supply.level);
        self.colorant(n, supply.colorant_name.as_deref());
    }

    fn marker(&mut self, n: u32, marker: &Marker) {
        let at = [DEVICE, n];
        let kind = marker.kind.as_deref().map(camel_case);
        let receptacle = kind.as_deref().is_some_and(|k| k.starts_with("waste"));
        self.text("prtMarkerSuppliesDescription", &at, marker.name.as_deref().or(Some("")));
        self.label("prtMarkerSuppliesType", &at, kind.as_deref());
        let class = if receptacle { "receptacleThatIsFilled" } else { "supplyThatIsConsumed" };
        self.label("prtMarkerSuppliesClass", &at, Some(class));
        let (level, percent) = match marker.level {
            // A high mark below the top means the number says how full it is (CUPS); the MIB counts the room left.
            Some(level @ 0..=100) if receptacle && marker.high.is_some_and(|h| (1..100).contains(&h)) => {
                (Some(100 - level), true)
            }
            // Full or empty? The standard does not say: a number without a meaning.
            Some(level) if receptacle && level >= 0 => (Some(level), false),
            level => (level, level.is_some_and(|l| (0..=100).contains(&l))),
        };
        if percent {
            self.label("prtMarkerSuppliesSupplyUnit", &at, Some("percent"));
        }
        self.int("prtMarkerSuppliesMaxCapacity", &at, Some(if percent { 100 } else { -2 }));
        self.int("prtMarkerSuppliesLevel", &at, level);
        self.colorant(n, marker.color.as_deref().and_then(color_name));
    }

    fn colorant(&mut self, n: u32, color: Option<&str>) {
        if let Some(color) = color.filter(|c| !c.is_empty()) {
            self.int("prtMarkerSuppliesColorantIndex", &[DEVICE, n], Some(n.into()));
            self.text("prtMarkerColorantValue", &[DEVICE, n], Some(color));
        }
    }

    fn alert(&mut self, n: u32, alert: &Alert) {
        let at = [DEVICE, n];
        let description = alert.description.as_deref().or(alert.code.as_deref());
        self.text("prtAlertDescription", &at, description.or(Some("")));
        self.label("prtAlertSeverityLevel", &at, alert.severity.as_deref());
        self.label("prtAlertTrainingLevel", &at, alert.training.as_deref());
        self.label("prtAlertGroup", &at, alert.group.as_deref());
        self.label("prtAlertCode", &at, alert.code.as_deref());
        self.int("prtAlertGroupIndex", &at, alert.group_index);
        self.int("prtAlertLocation", &at, alert.location);
    }

    fn tray(&mut self, n: u32, fields: &[(String, String)]) {
        let at = [DEVICE, n];
        let text = |key: &str| fields.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
        let number = |key: &str| text(key).and_then(|v| v.parse().ok());
        self.text("prtInputName", &at, text("name"));
        self.int("prtInputMaxCapacity", &at, number("maxcapacity"));
        self.int("prtInputCurrentLevel", &at, number("level"));
    }

    /// printer-state and printer-state-reasons (RFC 8011, 5.4.11 and 5.4.12) as the host-resources statuses.
    fn state(&mut self, printer: &PrinterAttributes) {
        let Some(state) = printer.state else { return };
        let at = [DEVICE];
        let warned = printer.state_reasons.iter().any(|r| !r.ends_with("-report"));
        let (device, status) = match state {
            PrinterState::Stopped => ("down", "other"),
            PrinterState::Processing => (if warned { "warning" } else { "running" }, "printing"),
            PrinterState::Idle => (if warned { "warning" } else { "running" }, "idle"),
            PrinterState::Other(_) => ("unknown", "unknown"),
        };
        self.label("hrDeviceStatus", &at, Some(device));
        self.label("hrPrinterStatus", &at, Some(status));
        let mut bits = [0u8; 2];
        for reason in &printer.state_reasons {
            let bit = detected_error(reason).and_then(|e| self.names.value("hrPrinterDetectedErrorState", e));
            if let Some(bit @ 0..16) = bit {
                bits[bit as usize / 8] |= 0x80 >> (bit % 8);
            }
        }
        self.put("hrPrinterDetectedErrorState", &at, Value::OctetString(bits.to_vec()));
    }
}

/// printer-state-reasons keyword to the bit of hrPrinterDetectedErrorState with its meaning.
fn detected_error(reason: &str) -> Option<&'static str> {
    let reason = ["-error", "-warning", "-report"].iter().find_map(|s| reason.strip_suffix(s)).unwrap_or(reason);
    Some(match reason {
        "media-low" => "lowPaper",
        "media-needed" | "media-empty" => "noPaper",
        "toner-low" | "marker-supply-low" | "developer-low" | "marker-ink-low" | "marker-toner-low" => "lowToner",
        "toner-empty" | "marker-supply-empty" | "developer-empty" | "marker-ink-empty" | "marker-toner-empty" => {
            "noToner"
        }
        "cover-open" | "door-open" | "interlock-open" => "doorOpen",
        "media-jam" => "jammed",
        "shutdown" | "offline" | "connecting-to-device" | "timed-out" => "offline",
        "input-tray-missing" => "inputTrayMissing",
        "output-tray-missing" => "outputTrayMissing",
        "marker-supply-missing" | "opc-missing" => "markerSupplyMissing",
        "output-area-almost-full" => "outputNearFull",
        "output-area-full" => "outputFull",
        "service-needed" | "fuser-over-temp" | "fuser-under-temp" | "opc-life-over" | "marker-failure" => {
            "serviceRequested"
        }
        _ => return None,
    })
}

/// "#00FFFF" as a word; several colours in one, or one that has no name, as none.
fn color_name(hex: &str) -> Option<&'static str> {
    let n = u32::from_str_radix(hex.trim().strip_prefix('#')?, 16).ok().filter(|_| hex.trim().len() == 7)?;
    let channel = |shift: u32| match n >> shift & 0xff {
        0..0x50 => Some(false),
        0xb0.. => Some(true),
        _ => None,
    };
    Some(match (channel(16), channel(8), channel(0)) {
        (Some(false), Some(false), Some(false)) => "black",
        (Some(false), Some(true), Some(true)) => "cyan",
        (Some(true), Some(false), Some(true)) => "magenta",
        (Some(true), Some(true), Some(false)) => "yellow",
        _ => return None,
    })
}

/// "waste-toner" and "Waste-Toner" as wasteToner; what has no hyphen keeps its case.
fn camel_case(keyword: &str) -> String {
    let mut parts = keyword.trim().split('-');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut chars = part.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.extend(chars);
    }
    let mut chars = out.chars();
    chars.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(chars).collect()
}
