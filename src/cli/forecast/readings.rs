//! Readings of supplies from a CSV file of any origin.
//!
//! Columns in any order, `,` `;` or tab between them, quoted or not. A row that cannot be read is told with its line and
//! left out; the rest is used. Two files with the same rows in another order give the same.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};

use crate::forecast::{Alert, Sample, Unit};
use crate::model::Millis;

/// Without these nothing can be said.
const NEEDED: [&str; 4] = ["device", "supply", "time", "level"];
const KNOWN: [&str; 12] =
    ["device", "supply", "time", "level", "capacity", "unit", "class", "pages", "yield", "model", "alert", "serial"];
/// What a cell may hold before a message quotes only its beginning, characters.
const QUOTED: usize = 40;

/// One supply of one device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub device: String,
    pub supply: String,
}

/// Its readings, in order of time, each moment once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Readings {
    pub model: Option<String>,
    pub samples: Vec<Sample>,
}

#[derive(Debug, Default)]
pub struct Table {
    pub supplies: BTreeMap<Key, Readings>,
    /// Messages about rows that were left out, with their line.
    pub problems: Vec<String>,
    /// Most frequent distance from UTC in the times, for the working calendar.
    pub offset_ms: i64,
    pub rows: usize,
}

/// Where a column stands.
struct Header {
    at: [Option<usize>; KNOWN.len()],
    len: usize,
}

impl Header {
    fn of(record: &csv::ByteRecord) -> anyhow::Result<Self> {
        let names: Vec<String> = record.iter().map(|f| text(f).to_ascii_lowercase()).collect();
        let at = KNOWN.map(|name| names.iter().position(|n| n == name));
        let header = Header { at, len: names.len() };
        let missing: Vec<&str> = NEEDED.into_iter().filter(|n| header.place(n).is_none()).collect();
        if !missing.is_empty() {
            bail!(
                "the first row must name the columns; missing: {} (found: {})",
                missing.join(", "),
                shortened(&names.join(", "), 200)
            );
        }
        for name in KNOWN {
            if names.iter().filter(|n| *n == name).count() > 1 {
                bail!("the first row names the column \"{name}\" twice; keep one");
            }
        }
        Ok(header)
    }

    fn place(&self, name: &str) -> Option<usize> {
        KNOWN.iter().position(|n| *n == name).and_then(|i| self.at[i])
    }
}

/// Reads the whole file.
pub fn read(bytes: &[u8]) -> anyhow::Result<Table> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        bail!("the file is empty; its first row must name the columns {}", NEEDED.join(", "));
    }
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator(bytes)).has_headers(false).flexible(true).from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    reader.read_byte_record(&mut record).context("reading the first row failed")?;
    let header = Header::of(&record)?;
    let mut table = Table::default();
    let mut offsets: BTreeMap<i64, usize> = BTreeMap::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(e) => {
                table.problems.push(format!("the rest of the file cannot be read: {e}"));
                break;
            }
        }
        if record.iter().all(|f| f.iter().all(u8::is_ascii_whitespace)) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        match row(&header, &record) {
            Ok(row) => {
                *offsets.entry(row.offset_ms).or_default() += 1;
                table.rows += 1;
                let readings = table.supplies.entry(row.key).or_default();
                // The same whatever the order of rows.
                readings.model = readings.model.take().max(row.model);
                readings.samples.push(row.sample);
            }
            Err(why) => table.problems.push(format!("row {line}: {why}")),
        }
    }
    let most = offsets.iter().max_by_key(|(offset, n)| (**n, std::cmp::Reverse(**offset)));
    table.offset_ms = most.map_or(0, |(offset, _)| *offset);
    for readings in table.supplies.values_mut() {
        put_in_order(&mut readings.samples);
    }
    Ok(table)
}

/// By time; of several rows for one moment the one that says most.
fn put_in_order(samples: &mut Vec<Sample>) {
    samples.sort_by(|a, b| {
        let number = |v: Option<f64>| v.unwrap_or(f64::NEG_INFINITY);
        a.at.cmp(&b.at)
            .then_with(|| number(b.level).total_cmp(&number(a.level)))
            .then_with(|| number(b.pages).total_cmp(&number(a.pages)))
            .then_with(|| number(b.capacity).total_cmp(&number(a.capacity)))
            .then_with(|| format!("{b:?}").cmp(&format!("{a:?}")))
    });
    samples.dedup_by_key(|s| s.at);
}

/// The separator that the first row uses most, outside quotes.
fn separator(bytes: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for &b in bytes {
        match b {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(s, _)| *s == b).for_each(|(_, n)| *n += 1),
        }
    }
    // The first of equals: a file of one column has none.
    counts.iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(s, _)| *s)
}

struct Row {
    key: Key,
    model: Option<String>,
    offset_ms: i64,
    sample: Sample,
}

fn row(header: &Header, record: &csv::ByteRecord) -> Result<Row, String> {
    let extra = record.iter().skip(header.len).any(|f| !f.is_empty());
    if record.len() < header.len || extra {
        return Err(format!("{} fields, the first row has {}", record.len(), header.len));
    }
    let cell = |name: &str| header.place(name).and_then(|i| record.get(i)).map(text).unwrap_or_default();
    let needed = |name: &str| match cell(name) {
        t if t.is_empty() => Err(format!("{name} is empty")),
        t => Ok(t.into_owned()),
    };
    let key = Key { device: needed("device")?, supply: needed("supply")? };
    let (at, offset_ms) = moment(&needed("time")?)?;
    let number = |name: &str| number(name, &cell(name));
    let some = |name: &str| Some(cell(name).into_owned()).filter(|t| !t.is_empty());
    let capacity = number("capacity")?;
    let unit = match cell("unit") {
        t if t.is_empty() && capacity.is_none_or(|c| c <= 0.0) => Unit::Percent,
        t => unit(&t),
    };
    let sample = Sample {
        at,
        level: number("level")?,
        capacity: capacity.filter(|c| *c > 0.0),
        unit,
        pages: number("pages")?.filter(|p| *p >= 0.0),
        alert: alert(&cell("alert")),
        serial: some("serial"),
        board: None,
        rated_yield: number("yield")?.filter(|y| *y > 0.0),
    };
    Ok(Row { key, model: some("model"), offset_ms, sample })
}

fn text(field: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(field.trim_ascii())
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A moment as RFC 3339 and its distance from UTC.
pub fn moment(text: &str) -> Result<(Millis, i64), String> {
    let bad = || format!("time \"{}\" is no time of RFC 3339, such as 2026-03-02T08:00:00Z", shortened(text, QUOTED));
    let at: jiff::Timestamp = text.parse().map_err(|_| bad())?;
    let tail = text.len().checked_sub(6).and_then(|from| text.get(from..)).unwrap_or_default();
    let offset = match tail.as_bytes() {
        [sign @ (b'+' | b'-'), a, b, b':', c, d] if [a, b, c, d].iter().all(|x| x.is_ascii_digit()) => {
            let digit = |x: &u8| i64::from(x - b'0');
            let minutes = (digit(a) * 10 + digit(b)) * 60 + digit(c) * 10 + digit(d);
            minutes * Millis::MINUTE * if *sign == b'-' { -1 } else { 1 }
        }
        _ => 0,
    };
    Ok((Millis(at.as_millisecond()), offset))
}

/// Empty is "not told". A decimal comma is understood.
fn number(name: &str, text: &str) -> Result<Option<f64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = text.parse::<f64>().or_else(|_| text.replacen(',', ".", 1).parse::<f64>());
    match parsed {
        Ok(n) if n.is_finite() && n.abs() <= 1e12 => Ok(Some(n)),
        _ => Err(format!("{name} \"{}\" is no number", shortened(text, QUOTED))),
    }
}

/// prtMarkerSuppliesSupplyUnit by name or number.
fn unit(text: &str) -> Unit {
    match bare(text).as_str() {
        "19" | "percent" | "%" => Unit::Percent,
        "7" | "8" | "impressions" | "sheets" | "pages" => Unit::Impressions,
        _ => Unit::Other,
    }
}

/// What alerts say of the supply, in words, names or numbers of prtAlertCode, or bits of hrPrinterDetectedErrorState; of
/// several the one that says most.
fn alert(cell: &str) -> Option<Alert> {
    let parts: Vec<Alert> = cell.to_lowercase().split([',', ';', '|', '+']).filter_map(one_alert).collect();
    [Alert::Empty, Alert::Low, Alert::Touched].into_iter().find(|a| parts.contains(a))
}

fn one_alert(text: &str) -> Option<Alert> {
    let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
    // Trays and paper have their own empty and full.
    if has(&["paper", "tray", "output", "input", "media"]) {
        return None;
    }
    // A number is a code when it stands alone or behind its name, as in "subunitEmpty(13)".
    let digits = match text.split_once('(') {
        Some((_, rest)) => rest.split(')').next().unwrap_or_default(),
        None => text,
    };
    match digits.trim().parse::<u32>() {
        Ok(1101..=1103 | 1109 | 1110 | 1112 | 1114 | 11 | 13 | 15) => return Some(Alert::Empty),
        Ok(1104..=1108 | 1111 | 1113 | 10 | 12 | 14) => return Some(Alert::Low),
        Ok(1115 | 26 | 9 | 3) => return Some(Alert::Touched),
        _ => {}
    }
    match () {
        () if has(&["missing", "removed", "open"]) => Some(Alert::Touched),
        () if has(&["almost", "near", "low"]) => Some(Alert::Low),
        () if has(&["empty", "full", "notoner", "no toner", "toner out", "lifeover", "life over", "replace"]) => {
            Some(Alert::Empty)
        }
        () => None,
    }
}

/// "percent(19)" and " Percent " are "percent".
fn bare(text: &str) -> String {
    text.split('(').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "device,supply,time,level,capacity,unit,class,pages\n";

    fn one(text: &str) -> Readings {
        let table = read(text.as_bytes()).unwrap();
        assert_eq!(table.problems, Vec::<String>::new());
        table.supplies.into_values().next().unwrap()
    }

    #[test]
    fn every_dialect_of_the_same_rows_reads_the_same() {
        let plain = one(&format!("{HEADER}p1,black,2026-03-02T08:00:00Z,57,100,percent,3,1000\n"));
        assert_eq!(plain.samples[0].look().number, Some(0.57));
        let others = [
            "\u{feff}Device;Supply;Time;Level;Capacity;Unit;Class;Pages\r\np1;black;2026-03-02T08:00:00Z;57;100;19;supplyThatIsConsumed;1000\r\n".to_owned(),
            "pages,\"class\",unit,note,capacity,level,time,supply,device\n1000,3,percent(19),\"a, \"\"b\"\"\",100,57,2026-03-02T11:00:00+03:00,black,\"p1\"".to_owned(),
            format!("{HEADER}p1,black,2026-03-02T08:00:00Z,57,100,percent,3,1000\np1,black,2026-03-02T08:00:00Z,57,100,percent,3,1000\n\n"),
        ];
        for text in others {
            assert_eq!(one(&text), plain, "{text}");
        }
    }

    #[test]
    fn a_bad_row_is_told_with_its_line_and_the_rest_is_used() {
        let rows = "p1,black,yesterday,57,100,19,3,1\np1,black,2026-03-02T08:00:00Z,some,100,19,3,1\n\
                    p1,,2026-03-02T08:00:00Z,57,100,19,3,1\np1,black\np1,black,2026-03-02T08:00:00Z,-3,100,19,3,1\n";
        let table = read(format!("{HEADER}{rows}").as_bytes()).unwrap();
        assert_eq!(table.rows, 1);
        let expected = [
            "row 2: time \"yesterday\" is no time of RFC 3339, such as 2026-03-02T08:00:00Z",
            "row 3: level \"some\" is no number",
            "row 4: supply is empty",
            "row 5: 2 fields, the first row has 8",
        ];
        assert_eq!(table.problems, expected);
    }

    #[test]
    fn a_bad_header_names_what_is_missing() {
        let error = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
        assert!(
            error("device,supply,when,level\n").contains("missing: time"),
            "{}",
            error("device,supply,when,level\n")
        );
        assert!(error("a\n1\n").contains("missing: device, supply, time, level"));
        assert!(error("device,supply,time,level,Level\n").contains("\"level\" twice"));
        assert!(error(" \n").contains("empty"));
    }

    #[test]
    fn alerts_by_word_and_by_number() {
        for (text, expected) in [
            ("markerTonerAlmostEmpty(1104)", Some(Alert::Low)),
            ("lowToner", Some(Alert::Low)),
            ("1101", Some(Alert::Empty)),
            ("noToner", Some(Alert::Empty)),
            ("waste almost full", Some(Alert::Low)),
            ("markerWasteTonerReceptacleFull", Some(Alert::Empty)),
            ("coverOpen", Some(Alert::Touched)),
            ("1115", Some(Alert::Touched)),
            ("jam(8)", None),
            ("inputTrayEmpty, lowPaper", None),
            ("lowPaper, lowToner", Some(Alert::Low)),
            ("Black cartridge 3 is empty", Some(Alert::Empty)),
            ("subunitAlmostEmpty(12)", Some(Alert::Low)),
            ("", None),
        ] {
            assert_eq!(alert(text), expected, "{text}");
        }
    }
}
