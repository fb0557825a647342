//! What a printer says of itself over IPP, as plain data: Get-Printer-Attributes (RFC 8011), markers (PWG 5100.9 and CUPS),
//! supplies and alerts (PWG 5100.9, the Printer MIB in text form).
//!
//! Nothing is interpreted: levels -1, -2 and -3 stay as they are, a missing value stays missing. All raw attributes are kept.
//! To type one more attribute, add it to `REQUESTED` and to `from_message`.

use std::collections::BTreeMap;

use super::codec::{DecodeError, Message, Value, tag};

/// What we ask for by name; printers leave some of these out of "all".
pub const REQUESTED: [&str; 41] = [
    "printer-name",
    "printer-info",
    "printer-location",
    "printer-geo-location",
    "printer-organization",
    "printer-organizational-unit",
    "printer-make-and-model",
    "printer-device-id",
    "printer-uuid",
    "printer-serial-number",
    "printer-firmware-name",
    "printer-firmware-string-version",
    "printer-firmware-version",
    "printer-firmware-patches",
    "printer-more-info",
    "printer-supply-info-uri",
    "printer-uri-supported",
    "printer-dns-sd-name",
    "printer-up-time",
    "printer-state",
    "printer-state-reasons",
    "printer-state-message",
    "printer-state-change-time",
    "printer-is-accepting-jobs",
    "queued-job-count",
    "color-supported",
    "printer-supply",
    "printer-supply-description",
    "printer-alert",
    "printer-alert-description",
    "printer-input-tray",
    "printer-output-tray",
    "printer-impressions-completed",
    "printer-impressions-completed-col",
    "printer-media-sheets-completed",
    "printer-pages-completed",
    "printer-pages-completed-col",
    "marker-names",
    "marker-types",
    "marker-colors",
    "marker-levels",
];
/// Asked beside them; separate only because both lists are arrays of a readable length.
pub const REQUESTED_MARKERS: [&str; 4] =
    ["marker-low-levels", "marker-high-levels", "marker-message", "marker-change-time"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterState {
    Idle,
    Processing,
    Stopped,
    Other(i32),
}

/// One entry of the marker-* attributes; what the printer leaves out is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marker {
    pub name: Option<String>,
    /// "toner", "wasteToner", ...
    pub kind: Option<String>,
    /// "#00FFFF", or several in a row.
    pub color: Option<String>,
    /// 0 to 100; -1 other, -2 unknown, -3 some is left. Not changed.
    pub level: Option<i64>,
    pub low: Option<i64>,
    pub high: Option<i64>,
}

/// One value of printer-supply.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Supply {
    pub index: Option<i64>,
    /// "toner", "wasteToner", "opc", ...
    pub kind: Option<String>,
    /// "supplyThatIsConsumed" or "receptacleThatIsFilled".
    pub class: Option<String>,
    /// "percent", "impressions", ...
    pub unit: Option<String>,
    pub max_capacity: Option<i64>,
    pub level: Option<i64>,
    pub colorant_name: Option<String>,
    pub colorant_role: Option<String>,
    pub colorant_tonality: Option<i64>,
    pub description: Option<String>,
    /// Every key, these included.
    pub fields: Vec<(String, String)>,
}

/// One value of printer-alert.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alert {
    /// "jam", "coverOpen", ...
    pub code: Option<String>,
    /// "critical", "warning", ...
    pub severity: Option<String>,
    pub training: Option<String>,
    /// "mediaPath", "markerSupplies", ...
    pub group: Option<String>,
    pub group_index: Option<i64>,
    pub location: Option<i64>,
    /// Seconds of up time.
    pub time: Option<i64>,
    pub description: Option<String>,
    pub fields: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PrinterAttributes {
    /// The address that answered.
    pub uri: String,
    /// Every attribute, as a list of values.
    pub raw: BTreeMap<String, Vec<Value>>,
    pub name: Option<String>,
    pub info: Option<String>,
    pub location: Option<String>,
    pub make_and_model: Option<String>,
    /// IEEE 1284 device id.
    pub device_id: Option<String>,
    pub uuid: Option<String>,
    pub serial_number: Option<String>,
    /// Name and version of each firmware part.
    pub firmware: Vec<(String, String)>,
    /// Seconds.
    pub up_time: Option<i64>,
    pub state: Option<PrinterState>,
    /// Without "none".
    pub state_reasons: Vec<String>,
    pub state_message: Option<String>,
    pub accepting_jobs: Option<bool>,
    pub impressions_completed: Option<i64>,
    pub pages_completed: Option<i64>,
    pub markers: Vec<Marker>,
    pub supplies: Vec<Supply>,
    pub alerts: Vec<Alert>,
    /// The reply could not be read to its end; what is here came before.
    pub fault: Option<DecodeError>,
}

impl PrinterAttributes {
    pub fn from_message(uri: &str, m: &Message) -> Self {
        let mut raw: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for a in m.attributes(tag::PRINTER) {
            // A name that comes twice: the first counts, unless it was empty.
            let values = raw.entry(a.name.clone()).or_default();
            if values.is_empty() {
                *values = a.values.iter().filter(|v| !matches!(v, Value::None(_))).cloned().collect();
            }
        }
        let first = |n: &str| raw.get(n).and_then(|v| v.first());
        let text = |n: &str| first(n).and_then(Value::text).filter(|t| !t.is_empty());
        let number = |n: &str| first(n).and_then(Value::as_i64);
        let reasons = texts(&raw, "printer-state-reasons").into_iter().flatten().filter(|r| r != "none").collect();
        let device_id = text("printer-device-id");
        let serial = text("printer-serial-number").or_else(|| {
            let id = device_id.as_deref()?;
            ["SN", "SERN", "SERIALNUMBER"].iter().find_map(|k| device_id_field(id, k)).map(str::to_owned)
        });
        PrinterAttributes {
            uri: uri.to_owned(),
            name: text("printer-name"),
            info: text("printer-info"),
            location: text("printer-location"),
            make_and_model: text("printer-make-and-model"),
            uuid: text("printer-uuid").map(|u| u.trim_start_matches("urn:uuid:").to_owned()),
            serial_number: serial,
            firmware: firmware(&raw),
            up_time: number("printer-up-time"),
            state: number("printer-state").map(|s| match s {
                3 => PrinterState::Idle,
                4 => PrinterState::Processing,
                5 => PrinterState::Stopped,
                n => PrinterState::Other(n as i32),
            }),
            state_reasons: reasons,
            state_message: text("printer-state-message"),
            accepting_jobs: first("printer-is-accepting-jobs").and_then(Value::as_bool),
            impressions_completed: number("printer-impressions-completed"),
            pages_completed: number("printer-pages-completed"),
            markers: markers(&raw),
            supplies: supplies(&raw),
            alerts: alerts(&raw),
            device_id,
            fault: m.fault.clone(),
            raw,
        }
    }
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.raw.get(name)?.first()?.as_i64()
    }
    pub fn text(&self, name: &str) -> Option<String> {
        self.raw.get(name)?.first()?.text()
    }
}

type Raw = BTreeMap<String, Vec<Value>>;

fn texts(raw: &Raw, name: &str) -> Vec<Option<String>> {
    raw.get(name).map(|v| v.iter().map(|v| v.text().filter(|t| !t.is_empty())).collect()).unwrap_or_default()
}
fn integers(raw: &Raw, name: &str) -> Vec<Option<i64>> {
    raw.get(name).map(|v| v.iter().map(Value::as_i64).collect()).unwrap_or_default()
}

fn firmware(raw: &Raw) -> Vec<(String, String)> {
    let names = texts(raw, "printer-firmware-name");
    let versions = texts(raw, "printer-firmware-string-version").into_iter().enumerate();
    versions.filter_map(|(i, v)| Some((names.get(i).cloned().flatten().unwrap_or_default(), v?))).collect()
}

fn markers(raw: &Raw) -> Vec<Marker> {
    let [names, kinds, colors] = ["marker-names", "marker-types", "marker-colors"].map(|n| texts(raw, n));
    let [levels, lows, highs] = ["marker-levels", "marker-low-levels", "marker-high-levels"].map(|n| integers(raw, n));
    let count = [names.len(), kinds.len(), levels.len()].into_iter().max().unwrap_or(0);
    let text = |v: &[Option<String>], i: usize| v.get(i).cloned().flatten();
    let number = |v: &[Option<i64>], i: usize| v.get(i).copied().flatten();
    let marker = |i| Marker {
        name: text(&names, i),
        kind: text(&kinds, i),
        color: text(&colors, i),
        level: number(&levels, i),
        low: number(&lows, i),
        high: number(&highs, i),
    };
    (0..count).map(marker).collect()
}

/// "key=value;key=value;": the text form of a Printer MIB row. Parts without "=" are dropped, spaces around are too.
pub fn keyed(text: &str) -> Vec<(String, String)> {
    text.split(';')
        .filter_map(|part| part.split_once('='))
        .map(|(k, v)| (k.trim().to_ascii_lowercase(), v.trim().to_owned()))
        .filter(|(k, _)| !k.is_empty())
        .collect()
}
struct Keyed(Vec<(String, String)>);
impl Keyed {
    fn of(v: &Value) -> Option<Self> {
        let fields = keyed(&v.text()?);
        (!fields.is_empty()).then_some(Keyed(fields))
    }
    fn text(&self, key: &str) -> Option<String> {
        self.0.iter().find(|f| f.0 == key).map(|f| f.1.clone()).filter(|v| !v.is_empty())
    }
    fn number(&self, key: &str) -> Option<i64> {
        self.text(key)?.parse().ok()
    }
}

fn supplies(raw: &Raw) -> Vec<Supply> {
    let descriptions = texts(raw, "printer-supply-description");
    let rows = raw.get("printer-supply").into_iter().flatten().enumerate();
    rows.filter_map(|(i, v)| {
        let k = Keyed::of(v)?;
        Some(Supply {
            index: k.number("index"),
            kind: k.text("type"),
            class: k.text("class"),
            unit: k.text("unit"),
            max_capacity: k.number("maxcapacity"),
            level: k.number("level"),
            colorant_name: k.text("colorantname"),
            colorant_role: k.text("colorantrole"),
            colorant_tonality: k.number("coloranttonality"),
            description: descriptions.get(i).cloned().flatten(),
            fields: k.0,
        })
    })
    .collect()
}

fn alerts(raw: &Raw) -> Vec<Alert> {
    let descriptions = texts(raw, "printer-alert-description");
    let rows = raw.get("printer-alert").into_iter().flatten().enumerate();
    rows.filter_map(|(i, v)| {
        let k = Keyed::of(v)?;
        Some(Alert {
            code: k.text("code"),
            severity: k.text("severity"),
            training: k.text("training"),
            group: k.text("group"),
            group_index: k.number("groupindex"),
            location: k.number("location"),
            time: k.number("time"),
            description: descriptions.get(i).cloned().flatten(),
            fields: k.0,
        })
    })
    .collect()
}

/// A field of an IEEE 1284 device id ("MFG:Kyocera;MDL:ECOSYS P3145dn;SN:..."), its key in any case.
pub fn device_id_field<'a>(id: &'a str, key: &str) -> Option<&'a str> {
    let fields = id.split(';').filter_map(|f| f.split_once(':'));
    fields.map(|(k, v)| (k.trim(), v.trim())).find(|(k, v)| k.eq_ignore_ascii_case(key) && !v.is_empty()).map(|f| f.1)
}

#[cfg(test)]
mod tests {
    use super::super::codec::{Encoder, decode};
    use super::*;

    fn read(e: Encoder) -> PrinterAttributes {
        PrinterAttributes::from_message("ipp://test/", &decode(&e.finish()).unwrap())
    }
    fn printer() -> Encoder {
        let mut e = Encoder::new((1, 1), 0, 1);
        e.group(tag::PRINTER);
        e
    }

    #[test]
    fn markers_of_unequal_lists_keep_what_there_is() {
        let mut e = printer();
        e.texts(tag::NAME, "marker-names", ["Black", "Waste"])
            .texts(tag::KEYWORD, "marker-types", ["toner", "wasteToner"])
            .texts(tag::NAME, "marker-colors", ["#000000"])
            .integers(tag::INTEGER, "marker-levels", [-3, -2])
            .integers(tag::INTEGER, "marker-low-levels", [10]);
        let p = read(e);
        let black = &p.markers[0];
        assert_eq!((black.level, black.low, black.high), (Some(-3), Some(10), None));
        assert_eq!(p.markers[1].kind.as_deref(), Some("wasteToner"));
        assert_eq!((p.markers[1].level, &p.markers[1].color), (Some(-2), &None));
    }

    #[test]
    fn supplies_and_alerts_are_taken_apart() {
        let mut e = printer();
        e.texts(
            tag::OCTET_STRING,
            "printer-supply",
            [
                "type=toner;maxcapacity=100;level=7;index=1;class=supplyThatIsConsumed;unit=percent;colorantname=black;",
                "index=2; type=wasteToner ;level=-3;maxcapacity=-2;class=receptacleThatIsFilled;coloranttonality=128",
                "rubbish",
            ],
        )
        .texts(tag::TEXT, "printer-supply-description", ["Чёрный тонер", "Waste box"])
        .texts(tag::OCTET_STRING, "printer-alert", ["code=jam;severity=critical;group=mediaPath;groupindex=1;time=99"])
        .texts(tag::TEXT, "printer-alert-description", ["Замятие в лотке 2"])
        .texts(tag::KEYWORD, "printer-state-reasons", ["media-jam-error", "none"])
        .integers(tag::ENUM, "printer-state", [5]);
        let p = read(e);
        assert_eq!(p.supplies.len(), 2);
        let black = &p.supplies[0];
        assert_eq!((black.level, black.max_capacity, black.index), (Some(7), Some(100), Some(1)));
        assert_eq!(black.description.as_deref(), Some("Чёрный тонер"));
        assert_eq!((p.supplies[1].level, p.supplies[1].max_capacity), (Some(-3), Some(-2)));
        assert_eq!(p.supplies[1].kind.as_deref(), Some("wasteToner"));
        assert_eq!((p.alerts[0].code.as_deref(), p.alerts[0].time), (Some("jam"), Some(99)));
        assert_eq!(p.alerts[0].description.as_deref(), Some("Замятие в лотке 2"));
        assert_eq!(p.state, Some(PrinterState::Stopped));
        assert_eq!(p.state_reasons, ["media-jam-error"]);
    }

    #[test]
    fn identity_comes_from_the_device_id_too() {
        let mut e = printer();
        e.texts(tag::TEXT, "printer-device-id", ["MFG:Brother;MDL:HL-L2340D series;SN: E7X123 ;CMD:PJL"])
            .texts(tag::URI, "printer-uuid", ["urn:uuid:e3248000-80ce-11db-8000-30055c773bcf"])
            .texts(tag::NAME, "printer-firmware-name", ["main", "engine"])
            .texts(tag::TEXT, "printer-firmware-string-version", ["1.20", "B3"])
            .raw(tag::NO_VALUE, "printer-serial-number", b"");
        let p = read(e);
        assert_eq!(p.serial_number.as_deref(), Some("E7X123"));
        assert_eq!(p.uuid.as_deref(), Some("e3248000-80ce-11db-8000-30055c773bcf"));
        assert_eq!(p.firmware[1], ("engine".into(), "B3".into()));
        assert_eq!(device_id_field(p.device_id.as_deref().unwrap(), "mdl"), Some("HL-L2340D series"));
    }
}
