//! Text and addresses as devices send them: NUL padding, hex dumps inside strings, old code pages, MACs as words.
//!
//! Never fails and never loses a readable character; what cannot be read becomes U+FFFD.

/// Octets to text: padding and quotes off, hex dumps undone, UTF-8 else Shift-JIS, Windows-1251 or Latin-1.
pub fn clean(bytes: &[u8]) -> String {
    let repaired = undo_hex_dump(bytes);
    let bytes = cut_at_nul(repaired.as_deref().unwrap_or(bytes));
    let dumped = undo_hex_text(bytes);
    let text = decode(dumped.as_deref().unwrap_or(bytes));
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).collect();
    strip_quotes(text.trim()).trim().to_owned()
}

fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(t) => undo_double_utf8(t).unwrap_or_else(|| t.to_owned()),
        // Cut in the middle of its last character, as fields of a fixed length are.
        Err(e) if e.error_len().is_none() && e.valid_up_to() > 0 && has_multibyte(bytes, e.valid_up_to()) => {
            String::from_utf8_lossy(bytes.get(..e.valid_up_to()).unwrap_or_default()).into_owned()
        }
        Err(_) if looks_japanese(bytes) => encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes).0.into_owned(),
        Err(_) if looks_cyrillic(bytes) => bytes.iter().map(|b| cp1251(*b)).collect(),
        Err(_) => latin1(bytes),
    }
}

/// Whether the valid part holds UTF-8 and not only ASCII: else a last high octet is a letter of an old code page.
fn has_multibyte(bytes: &[u8], valid: usize) -> bool {
    bytes.get(..valid).is_some_and(|head| !head.is_ascii())
}

/// UTF-8 that was taken for Latin-1 and encoded once more: "Ð¢Ð¾Ð½ÐµÑ€".
fn undo_double_utf8(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()
}

/// A whole text in hexadecimal ("54 6F 6E 65 72 20 54 4B"), where it says something readable.
fn undo_hex_text(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() < 8 || words.iter().any(|w| w.len() != 2) {
        return None;
    }
    let out: Vec<u8> = words.iter().map(|w| u8::from_str_radix(w, 16).ok()).collect::<Option<_>>()?;
    let plain = cut_at_nul(&out);
    let readable = plain.iter().all(|b| *b >= 0x20 && *b != 0x7F)
        && plain.iter().filter(|b| b.is_ascii_alphabetic() || **b >= 0xC0).count() >= 4;
    (readable && (plain.is_ascii() || std::str::from_utf8(plain).is_ok() || looks_cyrillic(plain)))
        .then(|| plain.to_vec())
}

/// One line: runs of white space become one blank.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut_at_nul(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
    let rest = bytes.get(start..).unwrap_or_default();
    let end = rest.iter().position(|b| *b == 0).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

fn strip_quotes(text: &str) -> &str {
    let inner = text.strip_prefix('"').unwrap_or(text);
    if inner.len() == text.len() { text } else { inner.strip_suffix('"').unwrap_or(inner) }
}

/// Dumping tools print long octet strings as 16 raw bytes, a newline, then the rest as "xx xx xx": put it together.
fn undo_hex_dump(bytes: &[u8]) -> Option<Vec<u8>> {
    let at = bytes.iter().position(|b| *b == b'\n')?;
    let (head, tail) = (bytes.get(..at)?, bytes.get(at + 1..)?);
    let tail = std::str::from_utf8(tail).ok()?;
    let mut out = head.to_vec();
    let mut pairs = 0;
    for word in tail.split_whitespace() {
        let hex = (word.len() == 2).then(|| u8::from_str_radix(word, 16).ok()).flatten()?;
        out.push(hex);
        pairs += 1;
    }
    (pairs > 0 && head.len() == 16).then_some(out)
}

/// Words of high octets alone, as Cyrillic words are; Western words have them between ASCII letters.
fn looks_cyrillic(bytes: &[u8]) -> bool {
    let letter = |b: &u8| matches!(b, 0xC0..=0xFF | 0xA8 | 0xB8);
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    let letters = bytes.iter().filter(|b| letter(b)).count();
    let (mut pure, mut mixed) = (0, 0);
    for word in bytes.split(|b| !letter(b) && !b.is_ascii_alphabetic()) {
        let own = word.iter().filter(|b| letter(b)).count();
        match (own == word.len(), own) {
            (true, 2..) => pure += own,
            (false, _) => mixed += own,
            _ => {}
        }
    }
    pure > mixed && letters * 4 >= high * 3
}

/// Shift-JIS without a fault, most of its characters led by the octets of kana and common kanji: in Windows-1251 those
/// are rare signs.
fn looks_japanese(bytes: &[u8]) -> bool {
    let (mut led, mut others) = (0, 0);
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (0..=0x7F, _) => tail,
            (0x81..=0x9F, [0x40..=0x7E | 0x80..=0xFC, tail @ ..]) => {
                led += 1;
                tail
            }
            (0xE0..=0xFC, [_, tail @ ..]) => {
                others += 1;
                tail
            }
            _ => {
                others += 1;
                tail
            }
        };
    }
    led > 0 && led >= others && !encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes).1
}

fn cp1251(b: u8) -> char {
    const HIGH: [char; 64] = [
        'Ђ', 'Ѓ', '‚', 'ѓ', '„', '…', '†', '‡', '€', '‰', 'Љ', '‹', 'Њ', 'Ќ', 'Ћ', 'Џ', 'ђ', '‘', '’', '“', '”', '•',
        '–', '—', '\u{FFFD}', '™', 'љ', '›', 'њ', 'ќ', 'ћ', 'џ', '\u{A0}', 'Ў', 'ў', 'Ј', '¤', 'Ґ', '¦', '§', 'Ё', '©',
        'Є', '«', '¬', '\u{AD}', '®', 'Ї', '°', '±', 'І', 'і', 'ґ', 'µ', '¶', '·', 'ё', '№', 'є', '»', 'ј', 'Ѕ', 'ѕ',
        'ї',
    ];
    match b {
        0..=0x7F => char::from(b),
        0x80..=0xBF => HIGH[usize::from(b - 0x80)],
        _ => char::from_u32(0x410 + u32::from(b - 0xC0)).unwrap_or('\u{FFFD}'),
    }
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(*b)).collect()
}

/// "aa:bb:cc:dd:ee:ff" from six octets, or from a text that names them in any of the usual spellings.
pub fn mac(bytes: &[u8]) -> Option<String> {
    if let Ok(six) = <[u8; 6]>::try_from(bytes) {
        return Some(format_mac(six));
    }
    let text = std::str::from_utf8(cut_at_nul(bytes)).ok()?;
    mac_text(text)
}

/// A MAC written as text: "00:1B:A9:0B:A7:52", "001b.a90b.a752", "80 E0 1D C8 95 00", "0:1b:a9:b:a7:52".
pub fn mac_text(text: &str) -> Option<String> {
    let text = text.trim();
    let groups: Vec<&str> = text.split([':', '-', ' ', '.']).filter(|g| !g.is_empty()).collect();
    let octets: Vec<u8> = if groups.len() == 6 {
        groups
            .iter()
            .map(|g| (g.len() <= 2).then(|| u8::from_str_radix(g, 16).ok()).flatten())
            .collect::<Option<_>>()?
    } else {
        let digits: String = groups.concat();
        if digits.len() != 12 || !digits.is_ascii() || !matches!(groups.len(), 1..=3) {
            return None;
        }
        (0..6).map(|i| u8::from_str_radix(digits.get(i * 2..i * 2 + 2)?, 16).ok()).collect::<Option<_>>()?
    };
    octets.try_into().ok().map(format_mac)
}

/// Six octets in the form all facts use.
pub fn format_mac(m: [u8; 6]) -> String {
    format!("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", m[0], m[1], m[2], m[3], m[4], m[5])
}

/// Readable text: no control characters but blanks, at least one letter or digit.
pub fn is_readable(bytes: &[u8]) -> bool {
    let bytes = cut_at_nul(bytes);
    std::str::from_utf8(bytes).is_ok_and(|t| {
        t.chars().any(char::is_alphanumeric) && t.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\r' | '\n'))
    })
}

/// A field of an IEEE 1284 device id ("MFG:Brother;MDL:HL-5370DW series;CLS:PRINTER;"), by its short or long key.
pub fn ieee1284_field(id: &str, key: &str) -> Option<String> {
    let long = match key {
        "MFG" => "MANUFACTURER",
        "MDL" => "MODEL",
        "CMD" => "COMMAND SET",
        "CLS" => "CLASS",
        "DES" => "DESCRIPTION",
        "SN" => "SERIALNUMBER",
        other => other,
    };
    id.split(';').find_map(|part| {
        let (k, v) = part.split_once(':')?;
        let k = k.trim();
        let v = v.trim();
        ((k.eq_ignore_ascii_case(key) || k.eq_ignore_ascii_case(long)) && !v.is_empty()).then(|| v.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_padding_quotes_and_dumps() {
        assert_eq!(clean(b"Black Cartridge \n48 50 20 43 46 33 30 30 41 00 00"), "Black Cartridge HP CF300A");
        assert_eq!(clean(b"gi1/0/1\0\0\0"), "gi1/0/1");
        assert_eq!(clean(b"\"USER ROOM\""), "USER ROOM");
        assert_eq!(clean("黑色碳粉".as_bytes()), "黑色碳粉");
        assert_eq!(clean(b"two\nlines"), "two\nlines");
        assert_eq!(clean(b"\0\0"), "");
    }

    #[test]
    fn old_code_pages() {
        assert_eq!(clean(&[0xD2, 0xEE, 0xED, 0xE5, 0xF0, b' ', 0xF7, 0xB8, 0xF0, 0xED, 0xFB, 0xE9]), "Тонер чёрный");
        assert_eq!(clean(b"B\xFCro 3"), "Büro 3");
        // Two high letters in a row, and no Cyrillic: "Größe", "ação".
        assert_eq!(clean(b"Gr\xF6\xDFe A4"), "Größe A4");
        assert_eq!(clean(b"Fun\xE7\xE3o"), "Função");
        // "Картридж HP 83X", "Каб. 12, МФУ": short words and model names between.
        assert_eq!(clean(&cp1251_of("Картридж HP 83X")), "Картридж HP 83X");
        assert_eq!(clean(&cp1251_of("каб. 12, МФУ №3")), "каб. 12, МФУ №3");
        assert_eq!(clean(&cp1251_of("Ёмкость отраб. тонера WT-8500")), "Ёмкость отраб. тонера WT-8500");
        // "Toner, black" in katakana.
        assert_eq!(clean(b"\x83g\x83i\x81[ \x83u\x83\x89\x83b\x83N"), "トナー ブラック");
        assert_eq!(clean(b"2F \x8E\x96\x96\xB1\x8F\x8A"), "2F 事務所");
        // No Shift-JIS: read as Latin-1, whose control characters go.
        assert_eq!(clean(&[0x81, b' ', 0xFF]), "ÿ");
    }

    fn cp1251_of(text: &str) -> Vec<u8> {
        encoding_rs::WINDOWS_1251.encode(text).0.into_owned()
    }

    #[test]
    fn damaged_utf8() {
        let toner = "Тонер чёрный".as_bytes();
        assert_eq!(clean(&toner[..toner.len() - 1]), "Тонер чёрны");
        let twice: String = toner.iter().map(|b| char::from(*b)).collect();
        assert_eq!(clean(twice.as_bytes()), "Тонер чёрный");
        assert_eq!(clean("Größe".as_bytes()), "Größe");
        assert_eq!(clean(b"Caf\xE9"), "Café");
        let hex = |b: &[u8]| b.iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(" ");
        assert_eq!(clean(hex(toner).as_bytes()), "Тонер чёрный");
        assert_eq!(clean(hex(b"Toner TK-1170").as_bytes()), "Toner TK-1170");
        assert_eq!(clean(hex(&cp1251_of("Тонер чёрный")).as_bytes()), "Тонер чёрный");
        for no in ["80 E0 1D C8 95 00", "30 31 32 33 34 35 36 37", "12 34 56 78 90 12 34 56", "to be or 12 34 56 78 90"]
        {
            assert_eq!(clean(no.as_bytes()), no);
        }
    }

    #[test]
    fn macs_in_every_spelling() {
        let want = Some("80:e0:1d:c8:95:00".to_owned());
        for spelling in ["80 E0 1D C8 95 00", "80:e0:1d:c8:95:0", "80e0.1dc8.9500", "80E01DC89500", "80e01d-c89500"] {
            assert_eq!(mac(spelling.as_bytes()), want, "{spelling}");
        }
        assert_eq!(mac(&[0x80, 0xe0, 0x1d, 0xc8, 0x95, 0]), want);
        for no in ["346288XXYYZZ", "", "1.2.3.4", "eth1/0/26"] {
            assert_eq!(mac(no.as_bytes()), None, "{no}");
        }
    }

    #[test]
    fn device_id_fields() {
        let id = "MFG:HP;CMD:PJL;MDL:HP LaserJet MFP M129-M134;DES:HP LaserJet MFP M130nw;";
        assert_eq!(ieee1284_field(id, "DES").as_deref(), Some("HP LaserJet MFP M130nw"));
        assert_eq!(ieee1284_field("MANUFACTURER:Xerox; MODEL:Phaser", "MDL").as_deref(), Some("Phaser"));
        assert_eq!(ieee1284_field(id, "SN"), None);
    }
}
