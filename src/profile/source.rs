//! One place to look for a fact, and what it says about one device. Pure: a source and a view give candidates.
//!
//! Nothing here decides; `decode::identity` weighs the candidates. A new way to read bytes is one variant of `Decode`.

use super::pattern::Pattern;

use super::decode::entity::Chassis;
use super::oids;
use super::text;
use super::view::{View, text_of};
use crate::model::DeviceKind;
use crate::protocol::snmp::{Oid, Value};

/// The facts a source can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    Kind,
    Vendor,
    Model,
    Serial,
    Firmware,
}

impl Fact {
    pub fn as_str(self) -> &'static str {
        match self {
            Fact::Kind => "kind",
            Fact::Vendor => "vendor",
            Fact::Model => "model",
            Fact::Serial => "serial",
            Fact::Firmware => "firmware",
        }
    }
}

/// Something one source says. The page and `anykey explain` name `rule`.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub fact: Fact,
    pub value: String,
    /// 0 to 100: how far this place is to be believed.
    pub score: u8,
    /// Profile and place: "hp-jetdirect: sysDescr.0".
    pub rule: String,
    /// The object it was read from.
    pub oid: Option<Oid>,
    /// Its text before patterns and templates.
    pub raw: Option<String>,
}

impl Candidate {
    /// What no single object said.
    pub fn inferred(fact: Fact, value: String, score: u8, rule: String) -> Self {
        Candidate { fact, value, score, rule, oid: None, raw: None }
    }
}

/// Where a text is found.
#[derive(Debug, Clone, PartialEq)]
pub enum From {
    Instance(Oid),
    /// The first row that says something usable.
    Column(Oid),
    /// Below sysObjectID, after dropping `up` of its last arcs.
    Relative {
        up: usize,
        tail: Vec<u32>,
    },
    Entity(EntityField),
    /// hrDeviceDescr of the printer's row.
    PrinterDescr,
    /// eth0's MAC, else the lowest universal one: some makers print it as the serial number.
    BaseMac,
}

/// A column of the ENTITY-MIB row that stands for the whole device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityField {
    Model,
    Serial,
    Software,
    Firmware,
    Hardware,
    Descr,
    Name,
    Vendor,
}

impl EntityField {
    pub const KNOWN: [&'static str; 8] =
        ["model", "serial", "software", "firmware", "hardware", "descr", "name", "vendor"];
    pub fn parse(s: &str) -> Option<Self> {
        use EntityField as E;
        let fields = [E::Model, E::Serial, E::Software, E::Firmware, E::Hardware, E::Descr, E::Name, E::Vendor];
        Self::KNOWN.iter().zip(fields).find(|(name, _)| **name == s).map(|(_, field)| field)
    }
}

/// How octets become text.
#[derive(Debug, Clone, PartialEq)]
pub enum Decode {
    Text,
    /// HP PML: two header octets, then text.
    HpPml,
    /// Octets as a MAC.
    Mac,
    /// An OID value whose tail is LEN and ASCII arcs.
    OidText,
    /// A field of an IEEE 1284 device id.
    Ieee1284(String),
}

/// "AOS {pf} / App {af}": literal text and groups of the pattern; "{}" is the whole text, "{0}" what matched.
#[derive(Debug, Clone, PartialEq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Literal(String),
    Group(String),
    Whole,
    Match,
}

impl Template {
    pub fn parse(text: &str, groups: &[String]) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let Some(close) = rest.get(open..).and_then(|r| r.find('}')).map(|c| c + open) else {
                return Err(format!("{text:?}: a '{{' without its '}}'"));
            };
            parts.push(Part::Literal(rest[..open].to_owned()));
            match &rest[open + 1..close] {
                "" => parts.push(Part::Whole),
                "0" => parts.push(Part::Match),
                group if groups.iter().any(|g| g == group) => parts.push(Part::Group(group.to_owned())),
                group => return Err(format!("{text:?}: the pattern has no group {group:?}")),
            }
            rest = &rest[close + 1..];
        }
        parts.push(Part::Literal(rest.to_owned()));
        Ok(Template(parts))
    }

    pub fn group(name: &str) -> Self {
        Template(vec![Part::Group(name.to_owned())])
    }

    /// `None` when a group it needs did not take part in the match.
    fn fill(&self, text: &str, found: Option<&regex::Captures<'_>>) -> Option<String> {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(l) => out.push_str(l),
                Part::Whole => out.push_str(text),
                Part::Match => out.push_str(found?.get(0)?.as_str()),
                Part::Group(g) => out.push_str(found?.name(g)?.as_str()),
            }
        }
        Some(text::one_line(&out)).filter(|t| !t.is_empty())
    }
}

/// One place to look.
pub struct Source {
    pub rule: String,
    pub from: From,
    /// Further instances whose texts are put behind the first one's.
    pub join: Vec<Oid>,
    pub separator: String,
    pub decode: Decode,
    pub pattern: Option<Pattern>,
    pub set: Vec<(Fact, Template)>,
    pub kind: Option<DeviceKind>,
    pub score: u8,
}

/// What sources are evaluated against.
pub struct Scene<'a> {
    pub view: View<'a>,
    pub sys_object_id: Option<&'a Oid>,
    pub chassis: &'a Chassis,
    /// hrDeviceIndex of the printer.
    pub printer: Option<u32>,
}

impl Source {
    /// Everything this source says of the device, in order of rows.
    pub fn candidates(&self, scene: &Scene<'_>, out: &mut Vec<Candidate>) {
        for (oid, mut text) in self.texts(scene) {
            for more in self.join.iter().filter_map(|o| scene.view.get(o.arcs())).filter_map(text_of) {
                text = text + &self.separator + &more;
            }
            let found = match &self.pattern {
                Some(p) => match p.captures(&text) {
                    Some(c) => Some(c),
                    None => continue,
                },
                None => None,
            };
            let mut say = |fact, value| {
                let (rule, raw) = (self.rule.clone(), Some(text.clone()));
                out.push(Candidate { fact, value, score: self.score, rule, oid: oid.clone(), raw });
            };
            for (fact, template) in &self.set {
                if let Some(value) = template.fill(&text, found.as_ref()) {
                    say(*fact, value);
                }
            }
            if let Some(kind) = self.kind {
                say(Fact::Kind, kind.as_str().to_owned());
            }
        }
    }

    /// Texts with the objects they are from.
    fn texts(&self, scene: &Scene<'_>) -> Vec<(Option<Oid>, String)> {
        let at = |oid: Oid| {
            let text = scene.view.get(oid.arcs()).and_then(|v| self.decode.text(v))?;
            Some((Some(oid), text))
        };
        match &self.from {
            From::Instance(oid) => at(oid.clone()).into_iter().collect(),
            From::Column(oid) => scene
                .view
                .column(oid.arcs())
                .filter_map(|(index, v)| Some((Some(oid.child(index)), self.decode.text(v)?)))
                .take(16)
                .collect(),
            From::Relative { .. } => self.oid(scene.sys_object_id).and_then(at).into_iter().collect(),
            From::Entity(field) => scene.chassis.field(*field).into_iter().map(|(oid, t)| (Some(oid), t)).collect(),
            From::BaseMac => base_mac(&scene.view).into_iter().map(|t| (None, t)).collect(),
            From::PrinterDescr => {
                let place = scene.printer.map(|i| Oid::from(oids::HR_DEVICE_DESCR).child(&[i]));
                place.and_then(at).into_iter().collect()
            }
        }
    }

    /// The instance to ask for, when it is one.
    pub fn oid(&self, sys_object_id: Option<&Oid>) -> Option<Oid> {
        match &self.from {
            From::Instance(oid) => Some(oid.clone()),
            From::Relative { up, tail } => {
                let arcs = sys_object_id?.arcs();
                let head = arcs.get(..arcs.len().checked_sub(*up)?)?;
                // Below the vendor's own arc only: a generic sysObjectID has nothing of its own.
                (head.len() > 7).then(|| Oid::from(head).child(tail))
            }
            _ => None,
        }
    }
}

impl Decode {
    fn text(&self, value: &Value) -> Option<String> {
        match self {
            Decode::Text => text_of(value),
            Decode::HpPml => {
                let bytes = value.as_bytes()?;
                let body = if bytes.first() == Some(&1) { bytes.get(2..)? } else { bytes };
                Some(text::clean(body)).filter(|t| !t.is_empty())
            }
            Decode::Mac => text::mac(value.as_bytes()?),
            Decode::OidText => oid_text(value.as_oid()?),
            Decode::Ieee1284(field) => text::ieee1284_field(&text_of(value)?, field),
        }
    }
}

fn base_mac(view: &View<'_>) -> Option<String> {
    let ethernet = |index: &[u32]| view.int(oids::IF_TYPE, index).is_none_or(|t| matches!(t, 6 | 117));
    let first = |index: &[u32]| view.text(oids::IF_DESCR, index).as_deref() == Some("eth0");
    view.column(oids::IF_PHYS_ADDRESS)
        .filter(|(index, _)| ethernet(index))
        .filter_map(|(index, v)| Some((!first(index), <[u8; 6]>::try_from(v.as_bytes()?).ok()?)))
        .filter(|(_, m)| m[0] & 0x03 == 0 && *m != [0; 6])
        .min()
        .map(|(_, m)| m.iter().map(|b| format!("{b:02X}")).collect())
}

/// Epson writes names as "... LEN c1 c2 c3" in an OID.
fn oid_text(oid: &Oid) -> Option<String> {
    let arcs = oid.arcs();
    (0..arcs.len()).rev().find_map(|at| {
        let len = *arcs.get(at)? as usize;
        let tail = arcs.get(at + 1..)?;
        let text: String = tail
            .iter()
            .map(|a| u8::try_from(*a).ok().filter(|b| (32..127).contains(b)).map(char::from))
            .collect::<Option<_>>()?;
        (len >= 2 && tail.len() == len).then_some(text)
    })
}
