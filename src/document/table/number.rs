//! Numbers as people and spreadsheets write them: "4 500,00 ₽", "1,234.50", "12.5".

/// A number of a cell as text: whole ones without a point, others with at most four decimals.
pub fn shown(n: f64) -> String {
    if n.fract() == 0.0 && n.abs() < 1e15 {
        return format!("{n:.0}");
    }
    let text = format!("{n:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Digits with their decimals in hundredths, rounded half-up at the third; `None`: it is no number.
///
/// A comma or a point with one, two or more than three digits behind it is the decimal point; with exactly three it
/// divides thousands, unless both signs are there (then the last one is the point) or only a zero stands in front.
pub fn hundredths(text: &str) -> Option<i64> {
    let mut plain: String = text.chars().filter(|c| !c.is_whitespace() && !"'\u{202f}\u{a0}’".contains(*c)).collect();
    for sign in ["₽", "$", "€", "руб.", "руб", "р.", "rub", "RUB", "Руб.", "Руб", "РУБ"] {
        if let Some(rest) = plain.strip_suffix(sign).or_else(|| plain.strip_prefix(sign)) {
            plain = rest.to_owned();
            break;
        }
    }
    let (negative, digits) = match plain.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, plain.as_str()),
    };
    let marks: Vec<(usize, char)> = digits.char_indices().filter(|(_, c)| *c == ',' || *c == '.').collect();
    let last = marks.last().copied();
    let mixed = marks.iter().any(|m| Some(m.1) != last.map(|l| l.1));
    let behind = last.map_or(0, |(at, _)| digits.len() - at - 1);
    let zero = last.is_some_and(|(at, _)| &digits[..at] == "0");
    let is_point = last.is_some() && (mixed || (marks.len() == 1 && (behind != 3 || zero)));
    let (whole, part) = match last {
        Some((at, _)) if is_point => (&digits[..at], &digits[at + 1..]),
        _ => (digits, ""),
    };
    if !is_point && marks.len() > 1 && !digits.split([',', '.']).skip(1).all(|group| group.len() == 3) {
        return None;
    }
    let whole: String = whole.chars().filter(|c| *c != ',' && *c != '.').collect();
    let sound = !whole.is_empty() && whole.len() <= 15 && whole.chars().chain(part.chars()).all(|c| c.is_ascii_digit());
    if !sound {
        return None;
    }
    let digit = |at: usize| part.as_bytes().get(at).map_or(0, |b| i64::from(b - b'0'));
    let hundredths = whole.parse::<i64>().ok()? * 100 + digit(0) * 10 + digit(1) + i64::from(digit(2) >= 5);
    Some(if negative { -hundredths } else { hundredths })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        for (text, n) in [
            ("4500", 450_000),
            ("4 500,00 ₽", 450_000),
            ("4\u{a0}500,5", 450_050),
            ("4\u{202f}500.05 руб.", 450_005),
            ("1,234.50", 123_450),
            ("1.234,50", 123_450),
            ("1,234", 123_400),
            ("1.234.567", 123_456_700),
            ("12,345678", 1_235),
            ("0,005", 1),
            ("−3,1", -310),
            ("$5", 500),
        ] {
            assert_eq!(hundredths(text), Some(n), "{text}");
        }
        for wrong in ["", "-", "abc", "4 500 шт", "1.23.4", "12-3", "1e5", "99999999999999999999"] {
            assert_eq!(hundredths(wrong), None, "{wrong}");
        }
        assert_eq!(
            (shown(1170.0), shown(12.5), shown(4_607_001_770_015.0)),
            ("1170".into(), "12.5".into(), "4607001770015".into())
        );
    }
}
