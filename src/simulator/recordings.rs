//! A folder of recordings as devices: `NAME.snmprec` is a device, `NAME@context.snmprec` a context of it.
//!
//! A broken recording gets one message with file and line and is left out, the others are served. Order is by name, so
//! addresses given out are the same in every run. It never writes into the folder.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::agent::{Device, ONE_FRAME};
use super::table::Table;
use crate::protocol::snmp::codec::MAX_DATAGRAM;
use crate::protocol::snmp::snmprec;

#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("reading the folder {path} failed: {why}; --walks wants a folder of .snmprec files", path = .path.display())]
    Read { path: PathBuf, why: std::io::Error },
    #[error("{path} holds no usable recording (NAME.snmprec): {first}", path = .path.display())]
    None { path: PathBuf, first: String },
}

/// One recorded device.
pub struct Recorded {
    main: Arc<Table>,
    contexts: BTreeMap<Vec<u8>, Arc<Table>>,
    max_message: usize,
}

impl Recorded {
    pub fn new(main: Table, contexts: BTreeMap<Vec<u8>, Arc<Table>>) -> Self {
        // Room for the envelope around the largest row: who recorded it got it in one message.
        let largest = contexts.values().map(|t| t.largest_row()).chain([main.largest_row()]).max().unwrap_or(0) + 300;
        let max_message = if largest > ONE_FRAME { MAX_DATAGRAM } else { ONE_FRAME };
        Recorded { main: Arc::new(main), contexts, max_message }
    }
}

impl Device for Recorded {
    /// A device with contexts answers an unknown one as an empty agent, one without keeps silent.
    fn objects(&self, context: &[u8]) -> Option<Arc<Table>> {
        if context.is_empty() {
            return Some(self.main.clone());
        }
        if self.contexts.is_empty() {
            return None;
        }
        Some(self.contexts.get(context).cloned().unwrap_or_default())
    }
    fn max_message(&self) -> usize {
        self.max_message
    }
}

/// What a folder held.
pub struct Folder {
    /// By recording name.
    pub devices: BTreeMap<String, Recorded>,
    /// One message per file with something wrong in it.
    pub messages: Vec<String>,
}

/// Loads all recordings of a folder.
pub fn load_folder(path: &Path) -> Result<Folder, FolderError> {
    let entries = std::fs::read_dir(path).map_err(|why| FolderError::Read { path: path.to_owned(), why })?;
    let mut files: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in entries.flatten().map(|e| e.path()) {
        let (stem, extension) = (file.file_stem().and_then(|s| s.to_str()), file.extension());
        if let (Some(stem), Some("snmprec")) = (stem, extension.and_then(|e| e.to_str())) {
            files.insert(stem.to_owned(), file.clone());
        }
    }
    let mut messages = Vec::new();
    let mut devices = BTreeMap::new();
    for (name, file) in files.iter().filter(|(name, _)| !name.contains('@')) {
        let Some(main) = table(file, &mut messages) else { continue };
        let prefix = format!("{name}@");
        let mut contexts = BTreeMap::new();
        for (other, file) in files.range(prefix.clone()..).take_while(|(other, _)| other.starts_with(&prefix)) {
            // A context that cannot be read is still a context: it answers as empty.
            let table = table(file, &mut messages).unwrap_or_default();
            contexts.insert(other.as_bytes()[prefix.len()..].to_vec(), Arc::new(table));
        }
        devices.insert(name.clone(), Recorded::new(main, contexts));
    }
    for (name, file) in &files {
        if let Some((device, _)) = name.split_once('@')
            && !files.contains_key(device)
        {
            messages.push(format!("{}: not served, there is no {device}.snmprec it could belong to", file.display()));
        }
    }
    if devices.is_empty() {
        let first = messages.first().cloned().unwrap_or_else(|| "give the folder that has them".to_owned());
        return Err(FolderError::None { path: path.to_owned(), first });
    }
    Ok(Folder { devices, messages })
}

fn table(file: &Path, messages: &mut Vec<String>) -> Option<Table> {
    let recording = match snmprec::load(file) {
        Ok(recording) => recording,
        Err(e) => {
            messages.push(e.to_string());
            return None;
        }
    };
    let mut notes = recording.notes.clone();
    let (table, unencodable) = Table::new(&recording.into_sorted());
    notes.extend(unencodable);
    if let Some(first) = notes.first() {
        let more = if notes.len() > 1 { format!(" (and {} more such lines)", notes.len() - 1) } else { String::new() };
        messages.push(format!("{}: {first}{more}; the rest of it is served", file.display()));
    }
    Some(table)
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AddressError {
    #[error("the map names {0:?}, and there is no such recording; names are file names without .snmprec")]
    Unknown(String),
    #[error("the map gives {address} to both {first:?} and {second:?}; a device needs its own address")]
    Twice { address: IpAddr, first: String, second: String },
    #[error("{devices} devices do not fit into {network}; take a larger network, such as 127.16.0.0/16")]
    Full { devices: usize, network: ipnet::Ipv4Net },
}

/// An address for each device: that of the map, else the next free one of the network in order of names.
pub fn assign(
    names: &BTreeSet<String>,
    network: ipnet::Ipv4Net,
    map: &BTreeMap<String, IpAddr>,
) -> Result<BTreeMap<String, IpAddr>, AddressError> {
    let mut owner: BTreeMap<IpAddr, &String> = BTreeMap::new();
    for (name, address) in map {
        if !names.contains(name) {
            return Err(AddressError::Unknown(name.clone()));
        }
        if let Some(first) = owner.insert(*address, name) {
            return Err(AddressError::Twice { address: *address, first: first.clone(), second: name.clone() });
        }
    }
    let mut free = network.hosts().filter(|a: &Ipv4Addr| !owner.contains_key(&IpAddr::V4(*a)));
    let mut given = BTreeMap::new();
    for name in names {
        let address = match map.get(name) {
            Some(address) => *address,
            None => free.next().map(IpAddr::V4).ok_or(AddressError::Full { devices: names.len(), network })?,
        };
        given.insert(name.clone(), address);
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::snmp::Value;

    fn names(list: &[&str]) -> BTreeSet<String> {
        list.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn addresses_go_by_name_and_the_map_wins() {
        let net: ipnet::Ipv4Net = "127.16.0.0/29".parse().unwrap();
        let map = BTreeMap::from([("b".to_owned(), "127.16.0.1".parse().unwrap())]);
        let given = assign(&names(&["c", "a", "b"]), net, &map).unwrap();
        let given: Vec<_> = given.iter().map(|(n, a)| format!("{n} {a}")).collect();
        assert_eq!(given, ["a 127.16.0.2", "b 127.16.0.1", "c 127.16.0.3"]);
        assert_eq!(assign(&names(&["a"]), net, &map), Err(AddressError::Unknown("b".into())));
        let many: Vec<String> = (0..7).map(|i| format!("d{i}")).collect();
        let many: BTreeSet<String> = many.into_iter().collect();
        assert!(matches!(assign(&many, net, &BTreeMap::new()), Err(AddressError::Full { devices: 7, .. })));
        let twice = BTreeMap::from(["a", "b"].map(|n| (n.to_owned(), "127.0.0.9".parse().unwrap())));
        assert!(matches!(assign(&names(&["a", "b"]), net, &twice), Err(AddressError::Twice { .. })));
    }

    #[test]
    fn a_corrupt_recording_is_named_and_the_rest_served() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("good.snmprec", "1.3.6.1.2.1.1.1.0|4|ok\n1.3.6.1.2.1.1.2.0|2|\n1.3.6.1.2.1.1.3.0|2|x"),
            ("bad.snmprec", "\u{0}\u{1}not a recording"),
            ("good@10.snmprec", "1.3.6.1.2.1.17.1.2.0|2|8"),
            ("orphan@1.snmprec", "1.3.6.1.2.1.17.1.2.0|2|8"),
        ] {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let folder = load_folder(dir.path()).unwrap();
        assert_eq!(folder.devices.keys().collect::<Vec<_>>(), ["good"]);
        assert_eq!(folder.messages.len(), 3, "{:?}", folder.messages);
        assert!(folder.messages[0].contains("bad.snmprec") && folder.messages[0].contains("line 1"));
        assert!(folder.messages[1].contains("good.snmprec: line 2") && folder.messages[1].contains("1 more"));
        assert!(folder.messages[2].contains("orphan@1.snmprec"));
        let good = &folder.devices["good"];
        assert_eq!(good.objects(b"").unwrap().len(), 1);
        let bridge = "1.3.6.1.2.1.17.1.2.0".parse().unwrap();
        assert_eq!(good.objects(b"10").unwrap().get(&bridge), Value::Integer(8));
        assert!(good.objects(b"11").unwrap().is_empty());
        assert_eq!(good.max_message(), ONE_FRAME);
        std::fs::remove_file(dir.path().join("good.snmprec")).unwrap();
        assert!(matches!(load_folder(dir.path()), Err(FolderError::None { .. })));
    }

    #[test]
    fn a_device_with_large_values_sends_large_messages() {
        let rows = [("1.3.6.1.4.1.9.1.0".parse().unwrap(), Value::OctetString(vec![0; 2000]))];
        assert_eq!(Recorded::new(Table::new(&rows).0, BTreeMap::new()).max_message(), MAX_DATAGRAM);
    }
}
