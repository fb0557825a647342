//! Recordings of agents in the `.snmprec` form: one `OID|tag|value` line per object.
//!
//! Reading is total: a broken line becomes a note naming its number and is left out, the rest stays. Values are kept
//! as bytes, never forced into UTF-8. Nothing here sends or answers anything; to read a new tag, extend `value`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Oid, Value};

/// The rows of one file in file order, and what was wrong with the lines that are not among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording {
    pub rows: Vec<(Oid, Value)>,
    /// `line N: what was wrong and what was done about it`.
    pub notes: Vec<String>,
}

impl Recording {
    /// Sorted by OID, each OID once: of duplicates the first in the file wins.
    pub fn sorted(&self) -> Vec<(Oid, Value)> {
        let mut rows = self.rows.clone();
        sort_unique(&mut rows);
        rows
    }

    /// As `sorted`, without copying the rows.
    pub fn into_sorted(self) -> Vec<(Oid, Value)> {
        let mut rows = self.rows;
        sort_unique(&mut rows);
        rows.shrink_to_fit();
        rows
    }
}

fn sort_unique(rows: &mut Vec<(Oid, Value)>) {
    rows.sort_by(|a, b| a.0.cmp(&b.0)); // stable: equal OIDs stay in file order
    rows.dedup_by(|later, first| later.0 == first.0);
}

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("reading the recording {path} failed: {why}; check that the file exists and may be read", path = .path.display())]
    Read { path: PathBuf, why: std::io::Error },
    #[error("{path} holds no object: {first}; expected lines like 1.3.6.1.2.1.1.1.0|4|text", path = .path.display())]
    Empty { path: PathBuf, first: String },
}

/// Reads a whole file. A file without a single usable line is an error, broken lines among good ones are notes.
pub fn load(path: &Path) -> Result<Recording, LoadError> {
    let bytes = std::fs::read(path).map_err(|why| LoadError::Read { path: path.to_owned(), why })?;
    let recording = parse(bytes);
    if recording.rows.is_empty() {
        let first = recording.notes.first().cloned().unwrap_or_else(|| "the file is empty".to_owned());
        return Err(LoadError::Empty { path: path.to_owned(), first });
    }
    Ok(recording)
}

/// Further SNMP contexts of the same device: the sibling files `NAME@context.snmprec` of `NAME.snmprec`, by context.
pub fn contexts(path: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let (Some(name), Some(folder)) = (path.file_stem().and_then(|s| s.to_str()), path.parent()) else {
        return found;
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let prefix = format!("{name}@");
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let file = entry.path();
        let (Some(stem), Some("snmprec")) =
            (file.file_stem().and_then(|s| s.to_str()), file.extension().and_then(|e| e.to_str()))
        else {
            continue;
        };
        if let Some(context) = stem.strip_prefix(&prefix) {
            found.insert(context.to_owned(), file.clone());
        }
    }
    found
}

/// Parses the text of a recording. Blank lines and `#` comments are skipped without a note.
pub fn parse(text: impl AsRef<[u8]>) -> Recording {
    let mut out = Recording::default();
    for (at, line) in text.as_ref().split(|&b| b == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.iter().all(u8::is_ascii_whitespace) || line.starts_with(b"#") {
            continue;
        }
        match row(line) {
            Ok((oid, value, None)) => out.rows.push((oid, value)),
            Ok((oid, value, Some(note))) => {
                out.notes.push(format!("line {}: {note}", at + 1));
                out.rows.push((oid, value));
            }
            Err(what) => out.notes.push(format!("line {}: {what}, line skipped", at + 1)),
        }
    }
    out
}

/// One line: the row, and a note when it could only be mended.
/// One line of a recording, without its newline; `None` for an exception, which no agent stores.
pub fn line(oid: &Oid, value: &Value) -> Option<String> {
    let octets = |tag: &str, b: &[u8]| match std::str::from_utf8(b) {
        Ok(text) if text.chars().all(|c| !c.is_control()) && text.trim() == text => format!("{oid}|{tag}|{text}"),
        _ => format!("{oid}|{tag}x|{}", b.iter().map(|b| format!("{b:02x}")).collect::<String>()),
    };
    Some(match value {
        Value::Integer(n) => format!("{oid}|2|{n}"),
        Value::OctetString(b) => octets("4", b),
        Value::Null => format!("{oid}|5|"),
        Value::Oid(o) => format!("{oid}|6|{o}"),
        Value::IpAddress(a) => format!("{oid}|64|{}", std::net::Ipv4Addr::from(*a)),
        Value::Counter32(n) => format!("{oid}|65|{n}"),
        Value::Gauge32(n) => format!("{oid}|66|{n}"),
        Value::TimeTicks(n) => format!("{oid}|67|{n}"),
        Value::Opaque(b) => format!("{oid}|68x|{}", b.iter().map(|b| format!("{b:02x}")).collect::<String>()),
        Value::Counter64(n) => format!("{oid}|70|{n}"),
        Value::NoSuchObject | Value::NoSuchInstance | Value::EndOfMibView => return None,
    })
}

fn row(line: &[u8]) -> Result<(Oid, Value, Option<String>), String> {
    let mut parts = line.splitn(3, |&b| b == b'|');
    let (Some(oid), Some(tag), Some(raw)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(format!("expected OID|tag|value, found {:?}", shown(line)));
    };
    let oid: Oid = ascii(oid)?.parse().map_err(|e: super::types::OidError| e.to_string())?;
    let (value, note) = value(ascii(tag)?.trim(), raw)?;
    Ok((oid, value, note))
}

/// The value below its tag: a BER tag in decimal, then `x` (hex) or `e` (backslash escapes) or nothing (as is).
fn value(tag: &str, raw: &[u8]) -> Result<(Value, Option<String>), String> {
    let digits = tag.len() - tag.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, suffix) = tag.split_at(digits);
    let mut note = None;
    let bytes = match suffix {
        "" => raw.to_vec(),
        "e" => unescape(raw),
        x if x.chars().all(|c| c == 'x') => {
            let (bytes, cut) = unhex(raw)?;
            if cut {
                note = Some("the hex value ends in half a byte, that half was dropped".to_owned());
            } else if x.len() > 1 {
                note = Some(format!("tag {tag:?} read as hex"));
            }
            bytes
        }
        _ => return Err(format!("unknown tag {tag:?}")),
    };
    let value = match number {
        "2" => Value::Integer(number_of(&bytes)?),
        "4" => Value::OctetString(bytes),
        "5" => Value::Null,
        "6" => Value::Oid(ascii(&bytes)?.parse().map_err(|e: super::types::OidError| e.to_string())?),
        "64" => Value::IpAddress(address(&bytes, suffix)?),
        "65" => Value::Counter32(number_of(&bytes)?),
        "66" => Value::Gauge32(number_of(&bytes)?),
        "67" => Value::TimeTicks(number_of(&bytes)?),
        // 40 is Opaque written by a recorder that took the tag for hexadecimal.
        "68" | "40" => Value::Opaque(bytes),
        "70" => Value::Counter64(number_of(&bytes)?),
        _ => return Err(format!("unknown tag {tag:?}")),
    };
    Ok((value, note))
}

fn number_of<T: std::str::FromStr>(bytes: &[u8]) -> Result<T, String> {
    let text = ascii(bytes)?.trim();
    if text.is_empty() {
        return Err("the number is empty".to_owned());
    }
    text.parse().map_err(|_| format!("{:?} is no number of this type", shown(bytes)))
}

fn address(bytes: &[u8], suffix: &str) -> Result<[u8; 4], String> {
    if let (false, Ok(four)) = (suffix.is_empty(), <[u8; 4]>::try_from(bytes)) {
        return Ok(four);
    }
    ascii(bytes)?
        .trim()
        .parse::<std::net::Ipv4Addr>()
        .map(|a| a.octets())
        .map_err(|_| format!("{:?} is no IPv4 address", shown(bytes)))
}

fn ascii(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes)
        .ok()
        .filter(|s| s.is_ascii())
        .ok_or_else(|| format!("expected plain ASCII, found {:?}", shown(bytes)))
}

/// Hex pairs, blanks allowed; the flag says a last half byte was dropped.
fn unhex(raw: &[u8]) -> Result<(Vec<u8>, bool), String> {
    let mut out = Vec::with_capacity(raw.len() / 2);
    let mut half = None;
    for &b in raw.iter().filter(|b| !b.is_ascii_whitespace()) {
        let Some(digit) = char::from(b).to_digit(16) else {
            return Err(format!("{:?} is not hex", shown(raw)));
        };
        match half.take() {
            None => half = Some(digit as u8),
            Some(high) => out.push(high << 4 | digit as u8),
        }
    }
    Ok((out, half.is_some()))
}

/// Backslash escapes `\n \r \t \0 \\ \" \' \xHH`; an unknown one stays as it is.
fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        let plain = match (first, tail.first()) {
            (b'\\', Some(b'n')) => b'\n',
            (b'\\', Some(b'r')) => b'\r',
            (b'\\', Some(b't')) => b'\t',
            (b'\\', Some(b'0')) => 0,
            (b'\\', Some(&c @ (b'\\' | b'"' | b'\''))) => c,
            (b'\\', Some(b'x')) => {
                if let Some(Ok((bytes, false))) = tail.get(1..3).map(unhex)
                    && let [byte] = bytes[..]
                {
                    out.push(byte);
                    rest = &tail[3..];
                } else {
                    out.push(first);
                }
                continue;
            }
            _ => {
                out.push(first);
                continue;
            }
        };
        out.push(plain);
        rest = &tail[1..];
    }
    out
}

/// At most 40 bytes of the input for a message.
fn shown(bytes: &[u8]) -> String {
    let mut s = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
    if bytes.len() > 40 {
        s.push('…');
    }
    s
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(s: &str) -> Oid {
        s.parse().unwrap()
    }

    fn only(line: &[u8]) -> Value {
        let r = parse(line);
        assert_eq!(r.notes, Vec::<String>::new(), "{line:?}");
        r.rows.into_iter().next().unwrap().1
    }

    #[test]
    fn every_tag() {
        assert_eq!(only(b"1.3|2|-3"), Value::Integer(-3));
        assert_eq!(only(b"1.3|4|a|b "), Value::OctetString(b"a|b ".to_vec()));
        assert_eq!(only(b"1.3|4|"), Value::OctetString(vec![]));
        assert_eq!(only(b"1.3|4x|00Ff"), Value::OctetString(vec![0, 255]));
        assert_eq!(only(b"1.3|4e|a\\n\\x00\\\\x\\q"), Value::OctetString(b"a\n\0\\x\\q".to_vec()));
        assert_eq!(only(b"1.3|4|\xda\xff"), Value::OctetString(vec![0xda, 0xff]));
        assert_eq!(only(b"1.3|5|"), Value::Null);
        assert_eq!(only(b".1.3.6|6|.1.3.6.1.4.1.9"), Value::Oid(oid("1.3.6.1.4.1.9")));
        assert_eq!(only(b"1.3|64|10.0.0.9\r"), Value::IpAddress([10, 0, 0, 9]));
        assert_eq!(only(b"1.3|64x|0a000009"), Value::IpAddress([10, 0, 0, 9]));
        assert_eq!(only(b"1.3|65|4294967295"), Value::Counter32(u32::MAX));
        assert_eq!(only(b"1.3|66|7"), Value::Gauge32(7));
        assert_eq!(only(b"1.3|67|7"), Value::TimeTicks(7));
        assert_eq!(only(b"1.3|68|Float: 0.08"), Value::Opaque(b"Float: 0.08".to_vec()));
        assert_eq!(only(b"1.3|40|0.08"), Value::Opaque(b"0.08".to_vec()));
        assert_eq!(only(b"1.3|70|18446744073709551615"), Value::Counter64(u64::MAX));
    }

    #[test]
    fn broken_lines_are_noted_and_the_rest_stays() {
        let r = parse(
            "# comment\n1.3.6.1|2|\n1.3.6.2|2|0.0\n\n1.3.<IPADDR>|4|x\nno bars\n1.3.6.3|4x|0g\n1.3.6.4|65|4294967296\n\
             1.3.6.5|99|1\n1.3.6.6|4h|1\n1.3.6.7|4|good\n1.3.6.8|4x|abc\n1.3.6.9|4xx|ab\n1.3.6.10|67|<private>",
        );
        let kept: Vec<_> = r.rows.iter().map(|(o, v)| (o.to_string(), v.clone())).collect();
        assert_eq!(
            kept,
            [
                ("1.3.6.7".to_owned(), Value::OctetString(b"good".to_vec())),
                ("1.3.6.8".to_owned(), Value::OctetString(vec![0xab])),
                ("1.3.6.9".to_owned(), Value::OctetString(vec![0xab])),
            ]
        );
        let lines: Vec<_> = r.notes.iter().map(|n| n.split(':').next().unwrap()).collect();
        assert_eq!(
            lines,
            [
                "line 2", "line 3", "line 5", "line 6", "line 7", "line 8", "line 9", "line 10", "line 12", "line 13",
                "line 14"
            ]
        );
        assert!(r.notes[0].contains("empty") && r.notes[0].contains("skipped"), "{}", r.notes[0]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let at = oid("1.3.6.1.4.1.9.1");
        for value in [
            Value::Integer(-3),
            Value::OctetString(b"plain | text".to_vec()),
            Value::OctetString("Тонер".as_bytes().to_vec()),
            Value::OctetString(b" two\nlines ".to_vec()),
            Value::OctetString(vec![0, 255, 10]),
            Value::OctetString(Vec::new()),
            Value::Null,
            Value::Oid(oid("1.3.6.1")),
            Value::IpAddress([10, 0, 0, 1]),
            Value::Counter32(1),
            Value::Gauge32(u32::MAX),
            Value::TimeTicks(5),
            Value::Opaque(vec![0x9f, 0x78]),
            Value::Counter64(u64::MAX),
        ] {
            assert_eq!(only(line(&at, &value).unwrap().as_bytes()), value);
        }
        assert_eq!(line(&at, &Value::EndOfMibView), None);
    }

    #[test]
    fn sorted_is_unique_and_the_first_wins() {
        let r = parse("1.3.10|2|1\n1.3.9|2|2\n1.3.10|2|3\n1.3.9.1|2|4\n");
        let want: Vec<(Oid, Value)> = [("1.3.9", 2), ("1.3.9.1", 4), ("1.3.10", 1)]
            .into_iter()
            .map(|(o, v)| (oid(o), Value::Integer(v)))
            .collect();
        assert_eq!(r.sorted(), want);
        assert_eq!(r.rows.len(), 4);
        assert_eq!(r.into_sorted(), want);
    }

    #[test]
    fn files_and_their_contexts() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in
            [("sw.snmprec", "1.3.6|2|1"), ("sw@10.snmprec", "1.3.6|2|2"), ("sw2@9.snmprec", "x"), ("sw@10.txt", "")]
        {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let main = dir.path().join("sw.snmprec");
        assert_eq!(load(&main).unwrap().rows.len(), 1);
        assert_eq!(contexts(&main).into_keys().collect::<Vec<_>>(), ["10"]);
        let broken = load(&dir.path().join("sw2@9.snmprec")).unwrap_err().to_string();
        assert!(broken.contains("sw2@9.snmprec") && broken.contains("line 1"), "{broken}");
        assert!(matches!(load(&dir.path().join("none.snmprec")), Err(LoadError::Read { .. })));
    }

    #[test]
    fn any_bytes_are_read_without_panic() {
        use rand::{RngExt, SeedableRng};
        let mut rng = rand::rngs::StdRng::seed_from_u64(7);
        let base = b"1.3.6.1.2.1.1.1.0|4e|a\\x41\\n\n1.3.6.1|64x|0a0a0a0a\n.1.3|70|99\n1.3|6|1.3.6\n".to_vec();
        for _ in 0..20_000 {
            let mut b = base.clone();
            for _ in 0..rng.random_range(1..6) {
                let at = rng.random_range(0..b.len());
                b[at] = rng.random();
            }
            let r = parse(&b);
            assert!(r.rows.len() + r.notes.len() <= b.len());
        }
    }
}
