//! The flat sheet of a branch's cabling: rows as read, what each would do, and how labels and ports are compared.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PieceId, SiteId};

/// What two labels are compared by: lower case, Cyrillic letters that look like Latin ones made Latin, one kind of dash, no
/// spaces, no zeros before a number.
pub fn label_key(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_digit = false;
    let mut chars = text.trim().chars().flat_map(char::to_lowercase).map(like_latin).peekable();
    while let Some(c) = chars.next() {
        let c = if matches!(c, '–' | '—' | '−' | '_' | '‑') { '-' } else { c };
        if c.is_whitespace() || c.is_control() {
            continue;
        }
        let is_leading = c == '0' && !after_digit && chars.peek().is_some_and(char::is_ascii_digit);
        if !is_leading {
            out.push(c);
            after_digit = c.is_ascii_digit();
        }
    }
    out
}

/// The same without any separator: "2.14-A" and "2-14a".
pub fn loose_key(text: &str) -> String {
    label_key(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn like_latin(c: char) -> char {
    match c {
        'а' => 'a',
        'в' => 'b',
        'е' | 'ё' => 'e',
        'к' => 'k',
        'м' => 'm',
        'н' => 'h',
        'о' => 'o',
        'р' => 'p',
        'с' => 'c',
        'т' => 't',
        'у' => 'y',
        'х' => 'x',
        other => other,
    }
}

/// Family and numbers of a port's name: "GigabitEthernet1/0/7", "Gi1/0/7" and "ge.1.0.7" are ("g", [1, 0, 7]).
pub fn port_key(name: &str) -> (String, Vec<u32>) {
    let lower = label_key(name);
    let letters: String = lower.chars().take_while(|c| !c.is_ascii_digit()).filter(|c| c.is_alphabetic()).collect();
    let family = match letters.as_str() {
        // "порт" after its look-alike letters were made one.
        "" | "port" | "p" | "eth" | "ethernet" | "e" | "пopt" => "",
        f if f.starts_with("gi") || f == "ge" || f == "g" => "g",
        f if f.starts_with("fa") || f == "fe" => "f",
        f if f.starts_with("te") || f == "xe" || f == "xge" || f.starts_with("xg") => "t",
        f => f,
    };
    let numbers = lower.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    (family.to_owned(), numbers)
}

/// The same port, as far as both names tell: the numbers agree, and no name contradicts the other's family.
pub fn is_same_port(a: &str, b: &str) -> bool {
    let ((af, an), (bf, bn)) = (port_key(a), port_key(b));
    !an.is_empty() && an == bn && (af == bf || af.is_empty() || bf.is_empty())
}

/// In the order people count: 2 before 10.
pub fn natural_key(text: &str) -> Vec<(bool, u64, String)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (part, tail) = rest.split_at(end);
        parts.push(match part.parse::<u64>() {
            Ok(n) if digits => (false, n, String::new()),
            _ => (true, 0, part.to_lowercase()),
        });
        rest = tail;
    }
    parts
}

/// Columns of the flat sheet of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SheetField {
    Outlet,
    Building,
    Floor,
    Room,
    Panel,
    PanelPort,
    Switch,
    SwitchPort,
    Cable,
    Cord,
    Category,
    Length,
    Colour,
    Vlan,
    Device,
    Status,
    Note,
}

impl SheetField {
    pub const ALL: [SheetField; 17] = [
        Self::Outlet,
        Self::Building,
        Self::Floor,
        Self::Room,
        Self::Panel,
        Self::PanelPort,
        Self::Switch,
        Self::SwitchPort,
        Self::Cable,
        Self::Cord,
        Self::Category,
        Self::Length,
        Self::Colour,
        Self::Vlan,
        Self::Device,
        Self::Status,
        Self::Note,
    ];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outlet => "outlet",
            Self::Building => "building",
            Self::Floor => "floor",
            Self::Room => "room",
            Self::Panel => "panel",
            Self::PanelPort => "panel-port",
            Self::Switch => "switch",
            Self::SwitchPort => "switch-port",
            Self::Cable => "cable",
            Self::Cord => "cord",
            Self::Category => "category",
            Self::Length => "length",
            Self::Colour => "colour",
            Self::Vlan => "vlan",
            Self::Device => "device",
            Self::Status => "status",
            Self::Note => "note",
        }
    }
}

/// A row of a sheet as read: cells that say something ("-" clears), and what is wrong with the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRow {
    /// Number in the file, from 1.
    pub row: u32,
    pub cells: Vec<(SheetField, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<SheetFault>,
}

impl SheetRow {
    /// What the cell says; `None`: nothing, `Some("")`: there is to be nothing.
    pub fn get(&self, field: SheetField) -> Option<&str> {
        let cell = self.cells.iter().find(|(f, _)| *f == field).map(|(_, text)| text.as_str())?;
        Some(if cell == "-" { "" } else { cell })
    }
    pub fn text(&self, field: SheetField) -> &str {
        self.get(field).unwrap_or("")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SheetFault {
    /// `None`: of the whole row.
    pub field: Option<SheetField>,
    /// Stable word, named in the catalogue as `sheet-fault-<code>`.
    pub code: String,
    pub value: String,
}

impl SheetFault {
    pub fn new(field: Option<SheetField>, code: &str, value: impl Into<String>) -> Self {
        SheetFault { field, code: code.to_owned(), value: value.into() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SheetChange {
    pub field: SheetField,
    pub before: String,
    pub after: String,
}

/// What a row would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SheetVerdict {
    pub row: u32,
    /// The outlet, else the port of the panel.
    pub name: String,
    pub verdict: super::ImportVerdict,
    /// The jack it would change.
    pub jack: Option<PieceId>,
    pub changes: Vec<SheetChange>,
    pub faults: Vec<SheetFault>,
}

/// A stored sheet: the rows as read, and what was shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SheetBody {
    pub site: SiteId,
    pub ignored: Vec<String>,
    pub rows: Vec<SheetRow>,
    pub judged: Vec<SheetVerdict>,
    /// The change set it became.
    #[serde(default)]
    pub change_set: Option<i64>,
}

/// A device as cabling needs it: its name and its sockets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownDevice {
    pub id: i64,
    pub name: String,
    pub address: String,
    pub serial: Option<String>,
    pub kind: Option<super::DeviceKind>,
    pub ports: Vec<KnownPort>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownPort {
    pub if_index: u32,
    pub name: String,
    pub descr: Option<String>,
}

impl KnownDevice {
    /// The socket people mean: by name, by description, else "7" as the port that ends so, else as the seventh.
    pub fn port(&self, text: &str) -> Option<&KnownPort> {
        let same =
            |p: &&KnownPort| is_same_port(&p.name, text) || p.descr.as_deref().is_some_and(|d| is_same_port(d, text));
        let exact = self.ports.iter().find(|p| label_key(&p.name) == label_key(text));
        if let Some(port) = exact.or_else(|| self.ports.iter().find(same)) {
            return Some(port);
        }
        let (family, numbers) = port_key(text);
        let [number] = numbers[..] else { return None };
        let ends: Vec<&KnownPort> = self
            .ports
            .iter()
            .filter(|p| {
                let (of, own) = port_key(&p.name);
                own.last() == Some(&number) && (family.is_empty() || family == of)
            })
            .collect();
        if let [port] = ends[..] {
            return Some(port);
        }
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        if family.is_empty() { self.ports.get(at) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_look_alike_are_alike() {
        for (a, b) in [("2.14-А", "2.14-a"), ("РР1:07", "pp1:7"), ("1А–07", "1a-7"), (" 3.08 В", "3.8b"), ("0", "0")]
        {
            assert_eq!(label_key(a), label_key(b), "{a} {b}");
        }
        assert_ne!(label_key("2.14-A"), label_key("2.14-B"));
        assert_ne!(label_key("10"), label_key("1"));
        assert_eq!(label_key("100"), "100");
        assert_eq!(loose_key("2.14-А"), loose_key("2/14a"));
    }

    #[test]
    fn ports_in_any_spelling() {
        assert!(is_same_port("GigabitEthernet1/0/7", "Gi1/0/7") && is_same_port("ge.1.7", "ge-1/7"));
        assert!(is_same_port("1/0/7", "Gi1/0/7") && !is_same_port("Te1/0/7", "Gi1/0/7"));
        assert!(!is_same_port("Gi1/0/7", "Gi1/0/17") && !is_same_port("mgmt", "mgmt"));
        let port = |n: u32, name: &str| KnownPort { if_index: n, name: name.into(), descr: None };
        let ports = (1..=24).map(|n| port(10_100 + n, &format!("Gi0/{n}"))).chain([port(10_201, "Te0/1")]).collect();
        let switch = KnownDevice { ports, ..KnownDevice::default() };
        let at = |text: &str| switch.port(text).map(|p| p.if_index);
        assert_eq!(
            (at("7"), at("порт 7"), at("Gi0/7"), at("GigabitEthernet0/7")),
            (Some(10_107), Some(10_107), Some(10_107), Some(10_107))
        );
        assert_eq!((at("Te0/1"), at("1"), at("99"), at("uplink")), (Some(10_201), Some(10_101), None, None));
    }

    #[test]
    fn numbers_in_order() {
        let mut list = ["2.14-B", "2.2-A", "2.14-A", "10"];
        list.sort_by_key(|l| natural_key(l));
        assert_eq!(list, ["2.2-A", "2.14-A", "2.14-B", "10"]);
    }
}
