//! From files to knowledge: parses `mibs/`, checks every word of it, compiles patterns, resolves inheritance.
//!
//! A mistake is refused at start with its file and line, never at poll time. The embedded data comes first; a user's
//! folder (`*.mib`, `profiles/*.toml` or `*.toml`) adds to it, and a profile of the same name replaces ours.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::pattern::Pattern;
use rust_embed::RustEmbed;

use super::KnowledgeError;
use super::decode::kind::FunctionWords;
use super::decode::supply_words::Words;
use super::mib::{Module, Names};
use super::places::{self, OpticsPlace, StackPlace};
use super::schema::{File, RawFunction, RawMatch, RawNever, RawProfile, RawSource, RawVendor, Text};
use super::source::{Decode, EntityField, Fact, From, Source, Template};
use super::supply_source::SupplySource;
use crate::model::{DeviceKind, PrinterFunction, SupplyKind};
use crate::protocol::snmp::Oid;

/// Classes of alerts are knowledge of the status module, what to ask after a notification of the collector.
const NOT_OURS: [&str; 2] = ["alerts", "notifications"];

#[derive(RustEmbed)]
#[folder = "mibs/"]
struct Embedded;

/// A maker, and how its devices call it.
#[derive(Debug, Clone)]
pub struct Vendor {
    pub name: String,
    pub enterprises: Vec<u32>,
    /// Lower case, the name itself among them.
    pub words: Vec<String>,
    pub kind: Option<DeviceKind>,
}

/// When a profile applies: every given condition holds.
pub struct Match {
    pub sys_object_id: Option<Oid>,
    pub sys_descr: Option<Pattern>,
}

/// A family of devices that is asked and read the same way.
pub struct Profile {
    pub name: String,
    pub vendor: Option<String>,
    pub kind: Option<DeviceKind>,
    pub matches: Vec<Match>,
    pub no_bulk: bool,
    pub v1_only: bool,
    pub max_repetitions: Option<u32>,
    pub contexts: Vec<String>,
    pub vlan_contexts: bool,
    pub models: BTreeMap<Oid, String>,
    /// What is no such fact, though it looks like it.
    pub never: Vec<(Fact, Pattern)>,
    /// Own first, then the parents'.
    pub sources: Vec<Source>,
    pub supplies: Vec<SupplySource>,
    pub vlans: Vec<VlanPlace>,
    pub neighbors: Vec<NeighborPlace>,
    pub optics: Vec<OpticsPlace>,
    pub stack: Vec<StackPlace>,
}

/// A vendor's own VLAN table.
#[derive(Debug, Clone)]
pub struct VlanPlace {
    pub name: Oid,
    /// Column of the VLAN id; without it the last arc of the index is the id.
    pub id: Option<Oid>,
    /// Bits by which a row's number is shifted to be dot1qFdbId.
    pub fdb_shift: Option<u32>,
}

/// Columns of a vendor's own neighbour table.
#[derive(Debug, Clone)]
pub struct NeighborPlace {
    pub protocol: String,
    pub local: Option<Oid>,
    pub chassis: Option<Oid>,
    pub port: Option<Oid>,
    pub port_descr: Option<Oid>,
    pub name: Option<Oid>,
    pub platform: Option<Oid>,
    pub address: Option<Oid>,
}

impl NeighborPlace {
    pub fn columns(&self) -> impl Iterator<Item = &Oid> {
        [&self.local, &self.chassis, &self.port, &self.port_descr, &self.name, &self.platform, &self.address]
            .into_iter()
            .flatten()
    }
}

/// Everything loaded.
pub struct Data {
    pub names: Names,
    pub vendors: Vec<Vendor>,
    pub profiles: Vec<Profile>,
    pub words: Words,
    pub functions: Vec<FunctionWords>,
}

/// One file's text, with the name messages give it.
pub(super) struct TextFile {
    file: String,
    text: String,
}

impl TextFile {
    fn error(&self, at: usize, message: impl Into<String>) -> KnowledgeError {
        let line = self.text.get(..at).map_or(1, |head| head.matches('\n').count() + 1);
        KnowledgeError::Profile { file: self.file.clone(), line, message: message.into() }
    }
    pub(super) fn at(&self, text: &Text, message: impl Into<String>) -> KnowledgeError {
        self.error(text.span().start, message)
    }
}

pub fn load(extra_dir: Option<&Path>) -> Result<Data, KnowledgeError> {
    let mut modules = Vec::new();
    let mut texts = Vec::new();
    for name in Embedded::iter() {
        let Some(data) = Embedded::get(&name).map(|f| f.data.into_owned()) else { continue };
        take(format!("mibs/{name}"), data, &mut modules, &mut texts)?;
    }
    if let Some(dir) = extra_dir {
        for path in user_files(dir)? {
            let data = std::fs::read(&path)
                .map_err(|source| KnowledgeError::Read { path: path.display().to_string(), source })?;
            take(path.display().to_string(), data, &mut modules, &mut texts)?;
        }
    }
    let names = Names::load(modules)?;
    compile(names, texts)
}

/// Sorts a file by its extension into modules or profile texts; others are ignored.
fn take(
    file: String,
    data: Vec<u8>,
    modules: &mut Vec<Module>,
    texts: &mut Vec<TextFile>,
) -> Result<(), KnowledgeError> {
    let stem = Path::new(&file).file_stem().and_then(|s| s.to_str()).unwrap_or_default().to_owned();
    if file.ends_with(".mib") {
        modules.push(Module { name: stem, text: data, file });
    } else if file.ends_with(".toml") && !NOT_OURS.contains(&stem.as_str()) {
        let text = String::from_utf8(data).map_err(|e| {
            let line = e
                .as_bytes()
                .get(..e.utf8_error().valid_up_to())
                .map_or(1, |h| h.iter().filter(|b| **b == b'\n').count() + 1);
            KnowledgeError::Profile { file: file.clone(), line, message: "not UTF-8; save the file as UTF-8".into() }
        })?;
        texts.push(TextFile { file, text });
    }
    Ok(())
}

fn user_files(dir: &Path) -> Result<Vec<PathBuf>, KnowledgeError> {
    let read = |path: &Path| -> Result<Vec<PathBuf>, KnowledgeError> {
        let error = |source| KnowledgeError::Read { path: path.display().to_string(), source };
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).map_err(error)? {
            let path = entry.map_err(error)?.path();
            if path.is_file() {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    };
    let mut files = read(dir)?;
    let profiles = dir.join("profiles");
    if profiles.is_dir() {
        files.extend(read(&profiles)?);
    }
    Ok(files)
}

fn compile(names: Names, texts: Vec<TextFile>) -> Result<Data, KnowledgeError> {
    let mut vendors: Vec<Vendor> = Vec::new();
    let mut words = Words::default();
    let mut functions = Vec::new();
    let mut raw: Vec<(usize, RawProfile)> = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let file: File = toml::from_str(&text.text)
            .map_err(|e| text.error(e.span().map_or(0, |s| s.start), e.message().to_owned()))?;
        supply_words(&file, text, &mut words)?;
        for raw in &file.printer_function {
            functions.push(function_words(raw, text)?);
        }
        for v in file.vendor {
            let vendor = vendor(&v, text)?;
            vendors.retain(|old| old.name != vendor.name);
            vendors.push(vendor);
        }
        for p in file.profile {
            raw.retain(|(_, old)| old.name.get_ref() != p.name.get_ref());
            raw.push((at, p));
        }
    }
    let by_name: BTreeMap<&str, usize> =
        raw.iter().enumerate().map(|(i, (_, p))| (p.name.get_ref().as_str(), i)).collect();
    let mut profiles = Vec::new();
    for (at, p) in &raw {
        let text = &texts[*at];
        let chain = chain(p, text, &raw, &by_name)?;
        let mut profile = own(p, text, &names)?;
        for parent in chain {
            let (at, parent) = &raw[parent];
            inherit(&mut profile, own(parent, &texts[*at], &names)?);
        }
        profiles.push(profile);
    }
    Ok(Data { names, vendors, profiles, words, functions })
}

/// A user's words come after ours, so that they add and do not hide.
fn supply_words(file: &File, text: &TextFile, words: &mut Words) -> Result<(), KnowledgeError> {
    let lower = |list: &[String]| list.iter().map(|w| w.to_lowercase()).collect::<Vec<_>>();
    for k in &file.supply_kind {
        let Some(kind) = SupplyKind::parse(k.name.get_ref()) else {
            let known: Vec<&str> = SupplyKind::ALL.iter().map(|k| k.as_str()).collect();
            return Err(
                text.at(&k.name, format!("unknown supply kind {:?}; known: {}", k.name.get_ref(), known.join(", ")))
            );
        };
        words.kinds.push((kind, lower(&k.words)));
    }
    for c in &file.supply_color {
        words.colors.push((c.name.get_ref().clone(), lower(&c.words)));
    }
    let patterns = |list: &[Text]| list.iter().map(|t| pattern(t, text)).collect::<Result<Vec<_>, _>>();
    words.color_codes.extend(patterns(&file.supply_text.color_codes)?);
    words.part_numbers.extend(patterns(&file.supply_text.part_numbers)?);
    words.serials.extend(patterns(&file.supply_text.serials)?);
    words.noise.extend(patterns(&file.supply_text.noise)?);
    Ok(())
}

fn function_words(raw: &RawFunction, text: &TextFile) -> Result<FunctionWords, KnowledgeError> {
    let function = |t: &Text| {
        PrinterFunction::parse(t.get_ref())
            .ok_or_else(|| text.at(t, format!("unknown function {:?}; known: print, copy, scan, fax", t.get_ref())))
    };
    Ok(FunctionWords {
        functions: raw.functions.iter().map(function).collect::<Result<_, _>>()?,
        patterns: raw.patterns.iter().map(|t| pattern(t, text)).collect::<Result<_, _>>()?,
        confidence: raw.confidence,
    })
}

/// Indexes of all parents, nearest first, each once.
fn chain(
    profile: &RawProfile,
    text: &TextFile,
    raw: &[(usize, RawProfile)],
    by_name: &BTreeMap<&str, usize>,
) -> Result<Vec<usize>, KnowledgeError> {
    let mut out = Vec::new();
    let mut open: std::collections::VecDeque<&str> = parents(profile).into();
    while let Some(name) = open.pop_front() {
        let Some(&index) = by_name.get(name) else {
            let at = profile.extends.first().unwrap_or(&profile.name);
            let known: Vec<&str> = by_name.keys().copied().collect();
            return Err(text.at(at, format!("extends {name:?}, which no file defines; known: {}", known.join(", "))));
        };
        let parent = &raw[index].1;
        if parent.name.get_ref() == profile.name.get_ref() {
            return Err(text.at(&profile.name, format!("{name:?} extends itself")));
        }
        if !out.contains(&index) {
            out.push(index);
            open.extend(parents(parent));
        }
    }
    Ok(out)
}

/// Named parents; a vendor's profile that names none has all the generic ones.
fn parents(profile: &RawProfile) -> Vec<&str> {
    let named: Vec<&str> = profile.extends.iter().map(|t| t.get_ref().as_str()).collect();
    match named.is_empty() && !profile.name.get_ref().starts_with("generic") {
        true => vec!["generic"],
        false => named,
    }
}

fn inherit(profile: &mut Profile, parent: Profile) {
    profile.vendor = profile.vendor.take().or(parent.vendor);
    profile.kind = profile.kind.or(parent.kind);
    profile.no_bulk |= parent.no_bulk;
    profile.v1_only |= parent.v1_only;
    profile.max_repetitions = profile.max_repetitions.or(parent.max_repetitions);
    for context in parent.contexts {
        if !profile.contexts.contains(&context) {
            profile.contexts.push(context);
        }
    }
    profile.vlan_contexts |= parent.vlan_contexts;
    for (oid, model) in parent.models {
        profile.models.entry(oid).or_insert(model);
    }
    profile.never.extend(parent.never);
    profile.sources.extend(parent.sources);
    profile.supplies.extend(parent.supplies);
    profile.vlans.extend(parent.vlans);
    profile.neighbors.extend(parent.neighbors);
    profile.optics.extend(parent.optics);
    profile.stack.extend(parent.stack);
}

fn vendor(raw: &RawVendor, text: &TextFile) -> Result<Vendor, KnowledgeError> {
    let mut words: Vec<String> = raw.words.iter().map(|w| w.to_lowercase()).collect();
    words.push(raw.name.get_ref().to_lowercase());
    // The longest first: "hewlett packard enterprise" before "hewlett packard".
    words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    words.dedup();
    Ok(Vendor {
        name: raw.name.get_ref().clone(),
        enterprises: raw.enterprises.clone(),
        words,
        kind: raw.kind.as_ref().map(|k| kind(k, text)).transpose()?,
    })
}

fn own(raw: &RawProfile, text: &TextFile, names: &Names) -> Result<Profile, KnowledgeError> {
    let mut models = BTreeMap::new();
    for (oid, model) in &raw.models {
        models.insert(resolve(oid, oid.get_ref(), text, names)?, model.clone());
    }
    let at_resolve = |at: &Text, name: &str| resolve(at, name, text, names);
    let supplies = raw
        .supplies
        .iter()
        .map(|s| SupplySource::compile(s, at_resolve, |at: &Text, message: String| text.at(at, message)))
        .collect::<Result<_, _>>()?;
    let column =
        |t: &Option<Text>| t.as_ref().map(|t| resolve(t, t.get_ref().trim_end_matches(".*"), text, names)).transpose();
    let mut vlans = Vec::new();
    for v in &raw.vlans {
        let name = resolve(&v.name, v.name.get_ref().trim_end_matches(".*"), text, names)?;
        vlans.push(VlanPlace { name, id: column(&v.id)?, fdb_shift: v.fdb_shift.as_ref().map(|s| *s.get_ref()) });
    }
    let mut neighbors = Vec::new();
    for n in &raw.neighbors {
        neighbors.push(NeighborPlace {
            protocol: n.protocol.get_ref().clone(),
            local: column(&n.local)?,
            chassis: column(&n.chassis)?,
            port: column(&n.port)?,
            port_descr: column(&n.port_descr)?,
            name: column(&n.name)?,
            platform: column(&n.platform)?,
            address: column(&n.address)?,
        });
    }
    Ok(Profile {
        name: raw.name.get_ref().clone(),
        vendor: raw.vendor.as_ref().map(|v| v.get_ref().clone()),
        kind: raw.kind.as_ref().map(|k| kind(k, text)).transpose()?,
        matches: raw.matches.iter().map(|m| matcher(m, text, names)).collect::<Result<_, _>>()?,
        no_bulk: raw.quirks.no_bulk.unwrap_or(false),
        v1_only: raw.quirks.v1.unwrap_or(false),
        max_repetitions: raw.quirks.max_repetitions,
        contexts: raw.quirks.contexts.clone(),
        vlan_contexts: raw.quirks.vlan_contexts.unwrap_or(false),
        models,
        never: never(&raw.never, text)?,
        sources: raw.source.iter().map(|s| source(s, raw, text, names)).collect::<Result<_, _>>()?,
        supplies,
        vlans,
        neighbors,
        optics: raw.optics.iter().map(|o| places::optics(o, text, names)).collect::<Result<_, _>>()?,
        stack: raw.stack.iter().map(|s| places::stack(s, text, names)).collect::<Result<_, _>>()?,
    })
}

fn never(raw: &RawNever, text: &TextFile) -> Result<Vec<(Fact, Pattern)>, KnowledgeError> {
    [(Fact::Model, &raw.model), (Fact::Firmware, &raw.firmware)]
        .into_iter()
        .filter_map(|(fact, given)| Some(pattern(given.as_ref()?, text).map(|p| (fact, p))))
        .collect()
}

fn matcher(raw: &RawMatch, text: &TextFile, names: &Names) -> Result<Match, KnowledgeError> {
    Ok(Match {
        sys_object_id: raw
            .sys_object_id
            .as_ref()
            .map(|t| resolve(t, t.get_ref().trim_end_matches(".*"), text, names))
            .transpose()?,
        sys_descr: raw.sys_descr.as_ref().map(|t| pattern(t, text)).transpose()?,
    })
}

fn source(raw: &RawSource, profile: &RawProfile, text: &TextFile, names: &Names) -> Result<Source, KnowledgeError> {
    let pattern = raw.pattern.as_ref().map(|t| pattern(t, text)).transpose()?;
    let groups: Vec<String> = pattern.iter().flat_map(|p| p.groups().to_vec()).collect();
    let mut set = Vec::new();
    let given = [
        (Fact::Vendor, &raw.vendor),
        (Fact::Model, &raw.model),
        (Fact::Serial, &raw.serial),
        (Fact::Firmware, &raw.firmware),
    ];
    for (fact, value) in given {
        if let Some(t) = value {
            let template = Template::parse(t.get_ref(), &groups).map_err(|e| text.at(t, e))?;
            set.push((fact, template));
        } else if groups.iter().any(|g| g == fact.as_str()) {
            set.push((fact, Template::group(fact.as_str())));
        }
    }
    let kind = raw.kind.as_ref().map(|k| kind(k, text)).transpose()?;
    if set.is_empty() && kind.is_none() {
        return Err(text.at(&raw.from, "this source sets nothing: add vendor, model, serial, firmware or kind"));
    }
    Ok(Source {
        rule: format!("{}: {}", profile.name.get_ref(), raw.from.get_ref()),
        from: origin(&raw.from, text, names)?,
        join: raw.join.iter().map(|t| resolve(t, t.get_ref(), text, names)).collect::<Result<_, _>>()?,
        separator: raw.separator.clone().unwrap_or_else(|| " ".to_owned()),
        decode: raw.decode.as_ref().map(|d| decode(d, text)).transpose()?.unwrap_or(Decode::Text),
        pattern,
        set,
        kind,
        score: raw.score.as_ref().map_or(70, |s| *s.get_ref()),
    })
}

/// What `from` may say: an object, a column (`.*`), a place relative to sysObjectID, a field of the ENTITY chassis row.
fn origin(raw: &Text, text: &TextFile, names: &Names) -> Result<From, KnowledgeError> {
    let value = raw.get_ref().as_str();
    if let Some(field) = value.strip_prefix("entity.") {
        return EntityField::parse(field).map(From::Entity).ok_or_else(|| {
            text.at(raw, format!("unknown field entity.{field}; known: {}", EntityField::KNOWN.join(", ")))
        });
    }
    match value {
        "printer.descr" => return Ok(From::PrinterDescr),
        "mac.base" => return Ok(From::BaseMac),
        _ => {}
    }
    if let Some(rest) = value.strip_prefix('@') {
        // "@.1.10.0" is below sysObjectID, "@-1.1.10.0" below its parent.
        let (up, tail) = rest.strip_prefix('-').map_or((Some(0), rest), |r| {
            let (n, tail) = r.split_at(r.find('.').unwrap_or(r.len()));
            (n.parse::<usize>().ok(), tail)
        });
        return match (up, tail.parse::<Oid>()) {
            (Some(up), Ok(tail)) => Ok(From::Relative { up, tail: tail.arcs().to_vec() }),
            _ => Err(text.at(raw, format!("{value:?} is no place below sysObjectID, like @.1.10.0 or @-1.1.3.0"))),
        };
    }
    match value.strip_suffix(".*") {
        Some(column) => Ok(From::Column(resolve(raw, column, text, names)?)),
        None => Ok(From::Instance(resolve(raw, value, text, names)?)),
    }
}

fn decode(raw: &Text, text: &TextFile) -> Result<Decode, KnowledgeError> {
    let value = raw.get_ref().as_str();
    Ok(match value {
        "text" => Decode::Text,
        "hp-pml" => Decode::HpPml,
        "mac" => Decode::Mac,
        "oid-text" => Decode::OidText,
        _ => match value.strip_prefix("ieee1284.") {
            Some(field) if !field.is_empty() => Decode::Ieee1284(field.to_owned()),
            _ => {
                let known = "text, hp-pml, mac, oid-text, ieee1284.FIELD";
                return Err(text.at(raw, format!("unknown decoder {value:?}; known: {known}")));
            }
        },
    })
}

pub(super) fn resolve(at: &Text, name: &str, text: &TextFile, names: &Names) -> Result<Oid, KnowledgeError> {
    names.resolve(name).ok_or_else(|| {
        let why = if name.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            format!("{name:?} is not an object identifier, expected numbers and dots")
        } else {
            format!("no module in mibs/ defines an object {name:?}")
        };
        text.at(at, why)
    })
}

fn kind(raw: &Text, text: &TextFile) -> Result<DeviceKind, KnowledgeError> {
    DeviceKind::parse(raw.get_ref()).ok_or_else(|| {
        let known: Vec<&str> = DeviceKind::ALL.iter().map(|k| k.as_str()).collect();
        text.at(raw, format!("unknown kind {:?}; known: {}", raw.get_ref(), known.join(", ")))
    })
}

fn pattern(raw: &Text, text: &TextFile) -> Result<Pattern, KnowledgeError> {
    Pattern::new(raw.get_ref()).map_err(|reason| text.at(raw, format!("bad pattern {:?}: {reason}", raw.get_ref())))
}
