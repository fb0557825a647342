//! What we know of devices, as data: loads `mibs/`, selects a profile, decides what to ask, decodes the answers.
//!
//! Total: never panics on device bytes, never does I/O beyond its own files, never invents a value (invariant 2).
//! Three steps with plain data between them: [`Knowledge::questions`] says what to fetch, somebody else fetches it
//! into a [`Snapshot`], [`Knowledge::decode`] turns that into [`Facts`]. To teach it a device, add a table to
//! `mibs/profiles/` and a recording to `tests/devices/`; no Rust.

pub mod decode;
pub mod explain;
pub mod load;
pub mod mib;
pub mod oids;
mod pattern;
pub mod places;
pub mod questions;
pub mod redact;
pub mod schema;
pub mod select;
pub mod snapshot;
pub mod source;
pub mod supply_source;
pub mod text;
pub mod view;

use std::path::Path;

pub use questions::{ContextQuestions, Questions, Quirks, Table};
pub use snapshot::Snapshot;
pub use source::Candidate;

use crate::model::{Facts, ProbeClass};
use crate::protocol::snmp::Oid;

/// Why `mibs/` or the user's own folder could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    #[error("reading device knowledge from {path} failed: {source}; check that it exists and may be read")]
    Read { path: String, source: std::io::Error },
    #[error("{file}:{line}: {message}")]
    Profile { file: String, line: usize, message: String },
    #[error("the MIB modules cannot be loaded: {0}")]
    Mib(String),
}

/// Everything we know of devices: MIB names, vendors, profiles. Loaded once, shared by reference.
pub struct Knowledge {
    data: load::Data,
}

impl Knowledge {
    /// The built-in data, then the user's own folder (`*.mib`, `*.toml`, `profiles/*.toml`), which adds to it and
    /// overrides it.
    pub fn load(extra_dir: Option<&Path>) -> Result<Self, KnowledgeError> {
        load::load(extra_dir).map(|data| Knowledge { data })
    }

    /// Without the profiles that `keep` refuses: to measure how far the rest reads devices nobody wrote a profile for.
    /// It is told a profile's name and whether it is for certain devices, or a base of others.
    pub fn with_profiles(mut self, keep: impl Fn(&str, bool) -> bool) -> Self {
        self.data.profiles.retain(|p| keep(&p.name, !p.matches.is_empty()));
        self
    }

    /// Names of objects, enumerations and notifications.
    pub fn names(&self) -> &mib::Names {
        &self.data.names
    }

    /// What to ask first, of any device: the system group.
    pub fn system_questions(&self) -> Questions {
        Questions::system()
    }

    /// What to fetch for a class of questions. `known` holds at least the system group; what earlier readings told
    /// (VLANs for the per-VLAN contexts of Cisco) makes the questions better.
    pub fn questions(&self, class: ProbeClass, known: &Facts) -> Questions {
        let sys_object_id = object_id(known);
        Questions::of(class, self.profile(known), known, sys_object_id.as_ref())
    }

    /// The questions of several classes, each thing asked once.
    pub fn questions_of(&self, classes: &[ProbeClass], known: &Facts) -> Questions {
        let mut all = Questions::default();
        for class in classes {
            all.merge(self.questions(*class, known));
        }
        all
    }

    /// How this device wants to be asked.
    pub fn quirks(&self, known: &Facts) -> Quirks {
        self.profile(known).map_or_else(Quirks::default, |p| Quirks {
            no_bulk: p.no_bulk,
            v1_only: p.v1_only,
            max_repetitions: p.max_repetitions,
        })
    }

    /// Facts out of a snapshot. Total; sections not belonging to `classes` stay `None`.
    pub fn decode(&self, snap: &Snapshot, classes: &[ProbeClass]) -> Facts {
        decode::decode(&self.data, snap, classes)
    }

    /// Facts of a recording: asked in the same rounds as a live device, so that both give the same.
    pub fn inspect(&self, recording: &Snapshot) -> Facts {
        self.decode(&self.asked(recording), &ProbeClass::ALL)
    }

    /// What every source says of kind, vendor, model, serial and firmware, and which place it is from.
    pub fn candidates(&self, snap: &Snapshot) -> Vec<Candidate> {
        decode::explain(&self.data, snap)
    }

    /// Each fact with the rule, the object and the raw value behind it.
    pub fn explain(&self, snap: &Snapshot) -> Vec<explain::Why> {
        explain::explain(&self.data, snap)
    }

    /// The answers to all questions out of a recording, asked in the rounds of a live device: round one is the system
    /// group, round two everything, round three what round two made possible (contexts per VLAN, caches of what routes).
    pub fn asked(&self, recording: &Snapshot) -> Snapshot {
        let system = self.decode(&self.system_questions().answers(recording), &[]);
        let all = self.questions_of(&ProbeClass::ALL, &system);
        let known = self.decode(&all.answers(recording), &[ProbeClass::Inventory]);
        self.questions_of(&ProbeClass::ALL, &Facts { vlans: known.vlans, kind: known.kind, ..system })
            .answers(recording)
    }

    fn profile(&self, known: &Facts) -> Option<&load::Profile> {
        decode::profile(&self.data, object_id(known).as_ref(), known.sys_descr.as_deref())
    }
}

fn object_id(known: &Facts) -> Option<Oid> {
    known.sys_object_id.as_deref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_those_of_the_modules() {
        let knowledge = Knowledge::load(None).unwrap();
        for (name, arcs) in oids::ALL {
            assert_eq!(knowledge.names().resolve(name), Some(Oid::new(arcs)), "{name}");
        }
    }

    #[test]
    fn names_both_ways() {
        let knowledge = Knowledge::load(None).unwrap();
        let names = knowledge.names();
        let oid = names.resolve("prtMarkerSuppliesLevel.1.3").unwrap();
        assert_eq!(oid.to_string(), "1.3.6.1.2.1.43.11.1.1.9.1.3");
        assert_eq!(names.name_of(&oid), "prtMarkerSuppliesLevel.1.3");
        assert_eq!(names.label("ifOperStatus", 7), Some("lowerLayerDown"));
        assert_eq!(names.label("prtAlertCode", 8), Some("jam"));
        assert_eq!(names.label("ifType", 6), Some("ethernetCsmacd"));
        assert_eq!(names.label("hrPrinterDetectedErrorState", 5), Some("jammed"));
        let link_down = names.resolve("linkDown").unwrap();
        assert_eq!(link_down.to_string(), "1.3.6.1.6.3.1.1.5.3");
        assert_eq!(names.notification(&link_down), Some("linkDown"));
        assert_eq!(names.name_of(&"1.3.6.1.4.1.99999.1".parse().unwrap()), "1.3.6.1.4.1.99999.1");
    }
}
