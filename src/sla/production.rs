//! A country's production calendar as data: days off, eves, worked weekends. The format is a table a year, so that an import
//! needs no program.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::Deserialize;

use crate::model::{CalendarDay, DayKind};

/// Longest run of days one line may name.
const LONGEST_RUN: usize = 31;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProductionFault {
    #[error("the calendar cannot be read: {0}")]
    Form(String),
    #[error("year {year}: \"{text}\" is no day: write it like 05-01 or 01-01..01-11")]
    Day { year: i16, text: String },
    #[error("year {year}: {date} is named twice")]
    Twice { year: i16, date: Date },
    #[error("the calendar names no day")]
    Empty,
}

/// The calendar of a country, year by year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Production {
    days: BTreeMap<Date, CalendarDay>,
    years: BTreeSet<i16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "country")]
    _country: String,
    #[serde(default)]
    year: Vec<Year>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    year: i16,
    #[serde(default)]
    source: String,
    #[serde(default)]
    off: Vec<String>,
    #[serde(default)]
    short: Vec<String>,
    #[serde(default)]
    working: Vec<String>,
}

impl Production {
    /// What the program knows of Russia.
    pub fn russia() -> Self {
        // Checked by a test; a calendar that cannot be read knows no day.
        Self::parse(include_str!("ru.toml")).unwrap_or_default()
    }

    /// A TOML file like `ru.toml`, or the XML of xmlcalendar.
    pub fn parse(text: &str) -> Result<Self, ProductionFault> {
        let text = text.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with('<') {
            return Self::parse_xml(text);
        }
        let file: File = toml::from_str(text).map_err(|e| ProductionFault::Form(e.to_string()))?;
        let mut all = Production::default();
        for y in &file.year {
            all.years.insert(y.year);
            for (kind, list) in [(DayKind::Off, &y.off), (DayKind::Short, &y.short), (DayKind::Working, &y.working)] {
                for text in list {
                    for date in run(y.year, text)? {
                        all.add(y.year, CalendarDay { date, kind, note: y.source.clone() })?;
                    }
                }
            }
        }
        if all.days.is_empty() { Err(ProductionFault::Empty) } else { Ok(all) }
    }

    /// `<calendar year="2026"><days><day d="01.09" t="1"/>…`: t is 1 off, 2 short, 3 working.
    fn parse_xml(text: &str) -> Result<Self, ProductionFault> {
        let form = |what: &str| ProductionFault::Form(what.to_owned());
        let head = tags(text, "calendar").next().ok_or_else(|| form("there is no <calendar>"))?;
        let year: i16 =
            attribute(head, "year").and_then(|y| y.parse().ok()).ok_or_else(|| form("<calendar> names no year"))?;
        let mut all = Production::default();
        all.years.insert(year);
        for tag in tags(text, "day") {
            let wrong = || ProductionFault::Day { year, text: tag.trim().to_owned() };
            let (month, day) = attribute(tag, "d").and_then(|d| d.split_once('.')).ok_or_else(wrong)?;
            let number = |s: &str| s.parse::<i8>().map_err(|_| wrong());
            let date = Date::new(year, number(month)?, number(day)?).map_err(|_| wrong())?;
            let kind = match attribute(tag, "t") {
                Some("1") => DayKind::Off,
                Some("2") => DayKind::Short,
                Some("3") => DayKind::Working,
                _ => return Err(wrong()),
            };
            all.add(year, CalendarDay { date, kind, note: String::new() })?;
        }
        if all.days.is_empty() { Err(ProductionFault::Empty) } else { Ok(all) }
    }

    fn add(&mut self, year: i16, day: CalendarDay) -> Result<(), ProductionFault> {
        let date = day.date;
        match self.days.insert(date, day) {
            Some(_) => Err(ProductionFault::Twice { year, date }),
            None => Ok(()),
        }
    }

    pub fn days(&self) -> impl Iterator<Item = &CalendarDay> {
        self.days.values()
    }

    pub fn has_year(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    pub fn years(&self) -> impl Iterator<Item = i16> {
        self.years.iter().copied()
    }
}

/// "05-01", or "01-01..01-11".
fn run(year: i16, text: &str) -> Result<Vec<Date>, ProductionFault> {
    let wrong = || ProductionFault::Day { year, text: text.to_owned() };
    let day = |t: &str| {
        let (m, d) = t.trim().split_once('-')?;
        Date::new(year, m.parse().ok()?, d.parse().ok()?).ok()
    };
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (day(from).ok_or_else(wrong)?, day(to).ok_or_else(wrong)?);
    let days: Vec<Date> = from.series(1.day()).take_while(|d| *d <= to).take(LONGEST_RUN + 1).collect();
    if days.is_empty() || days.len() > LONGEST_RUN { Err(wrong()) } else { Ok(days) }
}

/// The attributes of every tag of this name.
fn tags<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.split('<').filter_map(move |part| {
        let rest = part.strip_prefix(name)?;
        rest.starts_with([' ', '\t', '\r', '\n']).then(|| rest.split('>').next().unwrap_or(rest))
    })
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let quote = after.trim_start().chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, left) = after.trim_start()[1..].split_once(quote)?;
        if before.split_whitespace().last() == Some(name) {
            return Some(value);
        }
        rest = left;
    }
    None
}

/// Days off that the law itself names (Labour Code of Russia, article 112): for years whose decree is not known yet.
pub fn statutory(year: i16) -> Vec<CalendarDay> {
    let mut days: Vec<Date> = (1..=8).map(|d| date(year, 1, d)).collect();
    days.extend([(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)].map(|(m, d)| date(year, m, d)));
    days.into_iter().map(|date| CalendarDay { date, kind: DayKind::Off, note: String::new() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_calendar_is_read() {
        let ru = Production::parse(include_str!("ru.toml")).unwrap();
        assert!(ru.has_year(2026) && !ru.has_year(2027));
        assert_eq!(ru.days().filter(|d| d.date.year() == 2026 && d.kind == DayKind::Short).count(), 4);
    }

    #[test]
    fn xml_of_others_is_read() {
        let text = r#"<?xml version="1.0"?><calendar year="2027" lang="ru"><holidays><holiday id="1" title="x"/></holidays>
            <days><day d="01.01" t="1" h="1"/><day t='2' d='02.22'/><day d="11.06" t="3"></day></days></calendar>"#;
        let all = Production::parse(text).unwrap();
        let found: Vec<_> = all.days().map(|d| (d.date.to_string(), d.kind)).collect();
        assert_eq!(
            found,
            [
                ("2027-01-01".to_owned(), DayKind::Off),
                ("2027-02-22".to_owned(), DayKind::Short),
                ("2027-11-06".to_owned(), DayKind::Working),
            ]
        );
    }

    #[test]
    fn wrong_calendars_say_what_is_wrong() {
        for (text, says) in [
            ("", "names no day"),
            ("[[year]]\nyear = 2027\noff = [\"13-01\"]", "13-01"),
            ("[[year]]\nyear = 2027\noff = [\"05-09..05-01\"]", "05-09..05-01"),
            ("[[year]]\nyear = 2027\noff = [\"01-01..12-31\"]", "01-01..12-31"),
            ("[[year]]\nyear = 2027\noff = [\"05-01\"]\nshort = [\"05-01\"]", "twice"),
            ("[[year]]\nyear = 2027\nfree = []", "free"),
            ("<calendar lang=\"ru\"><day d=\"01.01\" t=\"1\"/></calendar>", "no year"),
            ("<calendar year=\"2027\"><day d=\"01.41\" t=\"1\"/></calendar>", "01.41"),
            ("<calendar year=\"2027\"><day d=\"01.01\" t=\"9\"/></calendar>", "01.01"),
            ("<html></html>", "no <calendar>"),
        ] {
            let fault = Production::parse(text).unwrap_err().to_string();
            assert!(fault.contains(says), "{text}: {fault}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let good = r#"<calendar year="2027"><day d="01.01" t="1"/><day d='02.22' t='2'/></calendar>"#;
        let toml = include_str!("ru.toml");
        for text in [good, toml] {
            for at in 0..text.len() {
                for with in ["", "<", "\"", "=", "9", "ж", ">"] {
                    if text.is_char_boundary(at) {
                        let mut broken = text.to_owned();
                        broken.insert_str(at, with);
                        let _ = Production::parse(&broken);
                        let _ = Production::parse(&text[..at]);
                        let _ = Production::parse(&text[at..]);
                    }
                }
            }
        }
    }

    #[test]
    fn the_law_names_fourteen_days() {
        assert_eq!(statutory(2027).len(), 14);
    }
}
