//! Names of objects, their enumerations and notifications, from the SMIv2 modules in `mibs/`.
//!
//! Read once at start into plain maps; nothing of the parser stays behind. A user's module is added by dropping the
//! file in the user's folder: a broken one is refused with its file and line.

use std::collections::{BTreeMap, HashMap};

use mib_rs::{DiagCode, DiagnosticConfig, DiagnosticEntry, Loader, Severity};

use super::KnowledgeError;
use crate::protocol::snmp::Oid;

/// One module's text and where it is from.
pub struct Module {
    /// As in its DEFINITIONS line, which is also its file name.
    pub name: String,
    pub text: Vec<u8>,
    /// File name for messages.
    pub file: String,
}

/// What the modules say, by name and by number.
#[derive(Default)]
pub struct Names {
    oids: HashMap<String, Oid>,
    names: BTreeMap<Oid, String>,
    enums: HashMap<String, BTreeMap<i64, String>>,
    notifications: BTreeMap<Oid, String>,
}

impl Names {
    /// Later modules of the same name replace earlier ones: a user's folder comes last.
    pub fn load(modules: Vec<Module>) -> Result<Self, KnowledgeError> {
        let files: HashMap<String, String> = modules.iter().map(|m| (m.name.clone(), m.file.clone())).collect();
        let mut texts: HashMap<String, Vec<u8>> = HashMap::new();
        for m in modules {
            texts.insert(m.name, m.text);
        }
        let mut wanted: Vec<String> = texts.keys().cloned().collect();
        wanted.sort();
        let mib = Loader::new()
            .source(mib_rs::source::memory_modules(texts))
            .modules(wanted)
            .diagnostic_config(DiagnosticConfig { fail_at: Severity::Fatal, ..DiagnosticConfig::default() })
            .parallelism(1)
            .load()
            .map_err(|e| KnowledgeError::Mib(e.to_string()))?;
        for entry in mib.diagnostic_report().iter() {
            // Broken text is refused; a style no agent cares about is not.
            let d = entry.diagnostic();
            if d.severity <= Severity::Severe || d.code == DiagCode::ParseError {
                return Err(mib_error(&entry, &files));
            }
        }
        let mut out = Names::default();
        for node in mib.nodes() {
            let oid = Oid::new(node.oid());
            if node.name().is_empty() || oid.is_empty() {
                continue;
            }
            out.oids.insert(node.name().to_owned(), oid.clone());
            out.names.insert(oid.clone(), node.name().to_owned());
            if node.notification().is_some() {
                out.notifications.insert(oid, node.name().to_owned());
            }
        }
        for object in mib.objects() {
            let values: BTreeMap<i64, String> = object
                .effective_enums()
                .iter()
                .chain(object.effective_bits())
                .map(|v| (v.value, v.label.clone()))
                .collect();
            if !values.is_empty() {
                out.enums.insert(object.name().to_owned(), values);
            }
        }
        for ty in mib.types() {
            let values: BTreeMap<i64, String> =
                ty.effective_enums().iter().chain(ty.effective_bits()).map(|v| (v.value, v.label.clone())).collect();
            if !values.is_empty() {
                out.enums.entry(ty.name().to_owned()).or_insert(values);
            }
        }
        Ok(out)
    }

    /// "ifDescr", "ifDescr.3" or "1.3.6.1.2.1.2.2.1.2.3" as numbers.
    pub fn resolve(&self, name: &str) -> Option<Oid> {
        if name.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return name.parse().ok();
        }
        let (object, index) = name.split_once('.').map_or((name, None), |(o, i)| (o, Some(i)));
        let oid = self.oids.get(object)?;
        match index {
            None => Some(oid.clone()),
            Some(i) => i.parse::<Oid>().ok().map(|i| oid.child(i.arcs())),
        }
    }

    /// "ifDescr.3" for 1.3.6.1.2.1.2.2.1.2.3; numbers as they are where no module knows them.
    pub fn name_of(&self, oid: &Oid) -> String {
        let arcs = oid.arcs();
        for end in (1..=arcs.len()).rev() {
            let (Some(head), Some(tail)) = (arcs.get(..end), arcs.get(end..)) else { continue };
            if let Some(name) = self.names.get(&Oid::from(head)) {
                // A bare root such as "enterprises" explains nothing.
                if end <= 6 && !tail.is_empty() {
                    break;
                }
                let rest: String = tail.iter().map(|a| format!(".{a}")).collect();
                return format!("{name}{rest}");
            }
        }
        oid.to_string()
    }

    /// The label of an enumeration (or of a bit) of an object or textual convention.
    pub fn label(&self, object: &str, value: i64) -> Option<&str> {
        self.enums.get(object)?.get(&value).map(String::as_str)
    }

    /// The number behind a label.
    pub fn value(&self, object: &str, label: &str) -> Option<i64> {
        self.enums.get(object)?.iter().find(|(_, l)| *l == label).map(|(v, _)| *v)
    }

    /// The notification (trap) of this number: `snmpTrapOID.0` of SNMPv2, or the v1 trap mapped by RFC 3584.
    pub fn notification(&self, oid: &Oid) -> Option<&str> {
        self.notifications.get(oid).map(String::as_str)
    }
}

fn mib_error(entry: &DiagnosticEntry<'_>, files: &HashMap<String, String>) -> KnowledgeError {
    let message = entry.diagnostic().message.clone();
    let label = entry.range().ok().flatten().map(|(source, _)| source.label().to_owned()).unwrap_or_default();
    let module = label.trim_start_matches("<memory:").trim_end_matches('>');
    let line = entry.byte_positions().ok().flatten().map_or(0, |(start, _)| start.line() + 1);
    KnowledgeError::Profile {
        file: files.get(module).cloned().unwrap_or_else(|| module.to_owned()),
        line: line as usize,
        message,
    }
}
