//! Numbers, money, dates and ages as people of a language write them. Pure: the present moment and the zone are given.

use fluent::types::FluentValue;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Arg, Lang, text, text_with};
use crate::model::{Millis, Minor};

/// Between a number and its unit, and between groups of digits: does not wrap.
const NBSP: char = '\u{a0}';

/// A whole number, digits in groups of three (from 10 000 in Russian and English alike, and for four digits too).
pub fn integer(lang: Lang, value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + 6);
    if value < 0 {
        out.push('−');
    }
    let separator = match lang {
        Lang::Ru => NBSP,
        Lang::En => ',',
    };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// A number with so many decimal places.
pub fn decimal(lang: Lang, value: f64, places: usize) -> String {
    let scale = 10_f64.powi(places as i32);
    let scaled = (value * scale).round();
    if !scaled.is_finite() || scaled.abs() > 9e15 {
        return value.to_string();
    }
    let (scaled, scale) = (scaled as i64, scale as i64);
    let sign = if scaled < 0 { "−" } else { "" };
    let whole = integer(lang, scaled.abs() / scale);
    if places == 0 {
        return format!("{sign}{whole}");
    }
    let point = match lang {
        Lang::Ru => ',',
        Lang::En => '.',
    };
    format!("{sign}{whole}{point}{:0places$}", scaled.abs() % scale)
}

/// How a language writes numbers and times at one moment in one zone.
#[derive(Debug, Clone)]
pub struct Locale {
    pub lang: Lang,
    pub zone: TimeZone,
    pub now: Millis,
}

impl Locale {
    /// `zone` is an IANA name; an unknown one counts as UTC and is shown as such.
    pub fn new(lang: Lang, zone: &str, now: Millis) -> Self {
        Locale { lang, zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC), now }
    }

    pub fn t(&self, key: &str) -> String {
        text(self.lang, key)
    }

    pub fn tw(&self, key: &str, args: &[Arg]) -> String {
        text_with(self.lang, key, args)
    }

    /// A message that counts (`$count`).
    pub fn tn(&self, key: &str, count: impl Into<FluentValue<'static>>) -> String {
        text_with(self.lang, key, &[("count", count.into())])
    }

    /// A message with one `$value`.
    pub fn tv(&self, key: &str, value: impl Into<String>) -> String {
        text_with(self.lang, key, &[("value", value.into().into())])
    }

    pub fn integer(&self, value: i64) -> String {
        integer(self.lang, value)
    }

    /// The same for templates, which hand out references.
    pub fn count(&self, value: &i64) -> String {
        integer(self.lang, *value)
    }

    pub fn decimal(&self, value: f64, places: usize) -> String {
        decimal(self.lang, value, places)
    }

    /// A fraction as whole per cent: "42 %" in Russian, "42%" in English.
    pub fn percent(&self, fraction: f64) -> String {
        self.percent_places(fraction, 0)
    }

    pub fn percent_places(&self, fraction: f64, places: usize) -> String {
        let n = decimal(self.lang, fraction * 100.0, places);
        match self.lang {
            Lang::Ru => format!("{n}{NBSP}%"),
            Lang::En => format!("{n}%"),
        }
    }

    /// An amount with its currency (ISO 4217): "86 240,00 ₽", "€1,200.50".
    pub fn money(&self, amount: Minor, currency: &str) -> String {
        let sign = match currency {
            "RUB" => "₽",
            "USD" => "$",
            "EUR" => "€",
            "KZT" => "₸",
            other => other,
        };
        let number = decimal(self.lang, amount.0 as f64 / 100.0, 2);
        match self.lang {
            Lang::En if sign.chars().count() == 1 => format!("{sign}{number}"),
            _ => format!("{number}{NBSP}{sign}"),
        }
    }

    fn zoned(&self, at: Millis) -> jiff::Zoned {
        Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.zone.clone())
    }

    /// "26 нояб. 2026", "26 Nov 2026"; the year is left out in the present one.
    pub fn date(&self, at: Millis) -> String {
        let z = self.zoned(at);
        let month = self.t(&format!("month-{}", z.month()));
        if z.year() == self.zoned(self.now).year() {
            format!("{}{NBSP}{month}", z.day())
        } else {
            format!("{}{NBSP}{month} {}", z.day(), z.year())
        }
    }

    pub fn zone(&self) -> &jiff::tz::TimeZone {
        &self.zone
    }

    /// A day of the calendar: "14 мар. 2027".
    pub fn day(&self, day: jiff::civil::Date) -> String {
        format!("{}{NBSP}{} {}", day.day(), self.t(&format!("month-{}", day.month())), day.year())
    }

    /// The present day where the reader is.
    pub fn present_day(&self) -> jiff::civil::Date {
        self.zoned(self.now).date()
    }

    /// "четверг, 26 ноября", "Thursday, 26 November".
    pub fn long_date(&self, at: Millis) -> String {
        let z = self.zoned(at);
        let weekday = self.t(&format!("weekday-{}", z.weekday().to_monday_one_offset()));
        let month = self.t(&format!("month-full-{}", z.month()));
        format!("{weekday}, {}{NBSP}{month}", z.day())
    }

    /// The present day in long form.
    pub fn today(&self) -> String {
        self.long_date(self.now)
    }

    /// "14:05" of a 24-hour clock.
    pub fn time(&self, at: Millis) -> String {
        let z = self.zoned(at);
        format!("{:02}:{:02}", z.hour(), z.minute())
    }

    /// "26 нояб., 14:05:09 MSK": the exact moment, for a title or a log.
    pub fn exact(&self, at: Millis) -> String {
        let z = self.zoned(at);
        format!("{}, {:02}:{:02}:{:02} {}", self.date(at), z.hour(), z.minute(), z.second(), z.strftime("%Z"))
    }

    /// "26 нояб., 14:05"; today only the time.
    pub fn date_time(&self, at: Millis) -> String {
        if self.zoned(at).date() == self.zoned(self.now).date() {
            return self.time(at);
        }
        format!("{}, {}", self.date(at), self.time(at))
    }

    /// "2026-11-26T14:05:09Z" for `<time datetime>`, CSV and JSON.
    pub fn iso(&self, at: Millis) -> String {
        Timestamp::from_millisecond(at.0 - at.0.rem_euclid(1000)).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
    }

    /// "3 мин назад", "yesterday, 14:05", then the date. The future is told as "in 3 min".
    pub fn ago(&self, at: Millis) -> String {
        let ms = self.now.since(at);
        if ms < 0 {
            return self.tv("time-in", self.duration(-ms));
        }
        if ms < Millis::MINUTE {
            return self.t("time-now");
        }
        let days = self.zoned(self.now).date().since(self.zoned(at).date()).map_or(0, |s| s.get_days());
        match (ms, days) {
            (..3_600_000, _) => self.tn("time-minutes-ago", ms / Millis::MINUTE),
            (_, 0) => self.tn("time-hours-ago", ms / Millis::HOUR),
            (_, 1) => self.tv("time-yesterday", self.time(at)),
            (_, 2..=6) => self.tn("time-days-ago", i64::from(days)),
            _ => self.date(at),
        }
    }

    /// A length in at most two units: "2 ч 10 мин", "5 дн.".
    pub fn duration(&self, ms: i64) -> String {
        let minutes = ms / Millis::MINUTE;
        let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
        match (days, hours, rest) {
            (0, 0, 0) => self.tn("time-seconds", ms / Millis::SECOND),
            (0, 0, m) => self.tn("time-minutes", m),
            (0, h, 0) => self.tn("time-hours", h),
            (0, h, m) => format!("{} {}", self.tn("time-hours", h), self.tn("time-minutes", m)),
            (1, h, _) if h > 0 => format!("{} {}", self.tn("time-days", 1), self.tn("time-hours", h)),
            (d, _, _) => self.tn("time-days", d),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 26 November 2026, 11:05:09 UTC.
    const NOW: Millis = Millis(1_795_691_109_000);

    fn ru() -> Locale {
        Locale::new(Lang::Ru, "Europe/Moscow", NOW)
    }
    fn en() -> Locale {
        Locale::new(Lang::En, "Europe/Moscow", NOW)
    }

    #[test]
    fn numbers() {
        assert_eq!(integer(Lang::Ru, 1_234_567), "1\u{a0}234\u{a0}567");
        assert_eq!(integer(Lang::En, -1_234), "−1,234");
        assert_eq!(decimal(Lang::Ru, 1234.56, 1), "1\u{a0}234,6");
        assert_eq!(decimal(Lang::En, -0.05, 2), "−0.05");
        assert_eq!(ru().percent(0.994), "99\u{a0}%");
        assert_eq!(ru().money(Minor(8_624_000), "RUB"), "86\u{a0}240,00\u{a0}₽");
        assert_eq!(en().money(Minor(120_050), "EUR"), "€1,200.50");
        assert_eq!(en().money(Minor(120_050), "BYN"), "1,200.50\u{a0}BYN");
    }

    #[test]
    fn moments() {
        assert_eq!(ru().long_date(NOW), "четверг, 26\u{a0}ноября");
        assert_eq!(en().long_date(NOW), "Thursday, 26\u{a0}November");
        assert_eq!(ru().time(NOW), "14:05");
        assert_eq!(en().exact(NOW), "26\u{a0}Nov, 14:05:09 MSK");
        assert_eq!(ru().date(NOW.plus(-400 * Millis::DAY)), "22\u{a0}окт. 2025");
        assert_eq!(ru().iso(NOW), "2026-11-26T11:05:09Z");
    }

    #[test]
    fn ages() {
        let before = |ms: i64| NOW.plus(-ms);
        assert_eq!(ru().ago(before(10_000)), "только что");
        assert_eq!(ru().ago(before(3 * Millis::MINUTE)), "3\u{a0}мин назад");
        assert_eq!(en().ago(before(2 * Millis::HOUR)), "2\u{a0}h ago");
        assert_eq!(ru().ago(before(20 * Millis::HOUR)), "вчера, 18:05");
        assert_eq!(ru().ago(before(3 * Millis::DAY)), "3\u{a0}дня назад");
        assert_eq!(en().ago(before(30 * Millis::DAY)), "27\u{a0}Oct");
        assert_eq!(ru().duration(130 * Millis::MINUTE), "2\u{a0}ч 10\u{a0}мин");
        assert_eq!(en().duration(49 * Millis::HOUR), "2\u{a0}days");
    }
}
