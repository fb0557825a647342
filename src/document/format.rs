//! Money, numbers and dates as text in the language of a document.
//!
//! Amounts are minor units; nothing is computed in floating point. To add a currency's sign, see `sign`.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Language;
use crate::model::{Millis, Minor};

/// Digits after the point of a currency (ISO 4217).
pub fn minor_digits(currency: &str) -> u32 {
    match currency {
        "JPY" | "KRW" | "VND" | "CLP" | "ISK" => 0,
        _ => 2,
    }
}

/// "4500,00" or "4500.00": for CSV and for cell values.
pub fn plain(amount: Minor, currency: &str, point: char) -> String {
    let digits = minor_digits(currency);
    let unit = 10u64.pow(digits);
    let (sign, n) = if amount.0 < 0 { ("-", amount.0.unsigned_abs()) } else { ("", amount.0.unsigned_abs()) };
    match digits {
        0 => format!("{sign}{n}"),
        _ => format!("{sign}{}{point}{:0width$}", n / unit, n % unit, width = digits as usize),
    }
}

/// "4 500,00 ₽" (with no-break spaces) or "4,500.00 RUB".
pub fn money(amount: Minor, currency: &str, language: Language) -> String {
    match language {
        Language::Ru => format!("{}\u{a0}{}", grouped(&plain(amount, currency, ','), '\u{a0}'), sign(currency)),
        Language::En => format!("{}\u{a0}{currency}", grouped(&plain(amount, currency, '.'), ',')),
    }
}

/// Thousands apart.
fn grouped(plain: &str, separator: char) -> String {
    let (sign, rest) = plain.strip_prefix('-').map_or(("", plain), |r| ("-", r));
    let whole_len = rest.find([',', '.']).unwrap_or(rest.len());
    let (whole, fraction) = rest.split_at(whole_len);
    let mut out = String::from(sign);
    for (at, c) in whole.chars().enumerate() {
        if at > 0 && (whole_len - at) % 3 == 0 {
            out.push(separator);
        }
        out.push(c);
    }
    out.push_str(fraction);
    out
}

/// The sign people write after an amount; the code where there is none.
pub fn sign(currency: &str) -> &str {
    match currency {
        "RUB" => "₽",
        "EUR" => "€",
        "USD" => "$",
        "KZT" => "₸",
        "BYN" => "Br",
        "CNY" => "¥",
        other => other,
    }
}

/// "22.11.2026" or "22 November 2026", at the branch; an unknown zone counts as UTC.
pub fn date(at: Millis, time_zone: &str, language: Language) -> String {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let Ok(stamp) = Timestamp::from_millisecond(at.0) else { return String::new() };
    let day = stamp.to_zoned(zone).date();
    match language {
        Language::Ru => day.strftime("%d.%m.%Y").to_string(),
        Language::En => day.strftime("%-d %B %Y").to_string(),
    }
}

/// Russian plural: 1 позиция, 2 позиции, 5 позиций.
pub fn plural_ru<'a>(n: i64, one: &'a str, few: &'a str, many: &'a str) -> &'a str {
    let n = n.unsigned_abs();
    match (n % 10, n % 100) {
        (1, tens) if tens != 11 => one,
        (2..=4, tens) if !(12..=14).contains(&tens) => few,
        _ => many,
    }
}

/// Text for HTML.
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_in_both_languages() {
        let ru = |n, c| money(Minor(n), c, Language::Ru).replace('\u{a0}', " ");
        let en = |n, c| money(Minor(n), c, Language::En).replace('\u{a0}', " ");
        assert_eq!(ru(123_456_789, "RUB"), "1 234 567,89 ₽");
        assert_eq!(ru(5, "KZT"), "0,05 ₸");
        assert_eq!(ru(-100_000, "RUB"), "-1 000,00 ₽");
        assert_eq!(ru(1_000, "JPY"), "1 000 JPY");
        assert_eq!(en(123_456_789, "EUR"), "1,234,567.89 EUR");
        assert_eq!(en(99_900, "USD"), "999.00 USD");
        assert_eq!(plain(Minor(i64::MIN), "RUB", '.'), "-92233720368547758.08");
    }

    #[test]
    fn a_date_is_the_branches_date() {
        let at = Millis(1_795_467_600_000); // 2026-11-23 21:00 UTC
        assert_eq!(date(at, "Europe/Moscow", Language::Ru), "24.11.2026");
        assert_eq!(date(at, "UTC", Language::En), "23 November 2026");
        assert_eq!(date(at, "Nowhere/Else", Language::Ru), "23.11.2026");
    }

    #[test]
    fn russian_plurals() {
        let word = |n| plural_ru(n, "позиция", "позиции", "позиций");
        for (n, w) in [
            (1, "позиция"),
            (2, "позиции"),
            (5, "позиций"),
            (11, "позиций"),
            (12, "позиций"),
            (21, "позиция"),
            (104, "позиции"),
            (0, "позиций"),
            (111, "позиций"),
        ] {
            assert_eq!(word(n), w, "{n}");
        }
    }
}
