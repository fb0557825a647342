//! Words of a table of articles in Russian and English: names of columns, kinds, colours, grades. The first of each
//! language is what we write ourselves; to accept another, add it. Lower case, ё as е.

use super::super::Language;
use crate::model::{ArticleField, Grade, SupplyKind};

/// Names a column may have: Russian ones, English ones.
pub const COLUMNS: [(ArticleField, &[&str], &[&str]); 17] = [
    (
        ArticleField::PartNumber,
        &["артикул", "артикул производителя", "партномер", "парт номер", "код производителя", "каталожный номер"],
        &["part number", "part no", "part", "article", "sku", "mpn", "oem"],
    ),
    (
        ArticleField::Vendor,
        &["производитель", "марка", "бренд", "изготовитель", "вендор"],
        &["maker", "manufacturer", "vendor", "brand"],
    ),
    (
        ArticleField::Name,
        &["наименование", "название", "номенклатура", "описание", "товар"],
        &["name", "description", "title", "item"],
    ),
    (ArticleField::Kind, &["тип", "вид", "вид расходника", "тип расходника"], &["kind", "type"]),
    (ArticleField::Color, &["цвет"], &["colour", "color"]),
    (ArticleField::YieldPages, &["ресурс", "ресурс страниц"], &["yield", "rated life", "page yield"]),
    (ArticleField::Grade, &["исполнение", "оригинальность", "оригинал или аналог"], &["grade", "quality"]),
    (
        ArticleField::Price,
        &["цена без ндс", "цена", "цена нетто", "стоимость", "цена за единицу", "цена за штуку"],
        &["net price", "price", "price net", "unit price", "price without vat"],
    ),
    (ArticleField::VatPercent, &["ндс", "ставка ндс"], &["vat", "vat rate", "vat percent"]),
    (ArticleField::Supplier, &["поставщик"], &["supplier"]),
    (
        ArticleField::SupplierArticle,
        &["артикул поставщика", "код поставщика", "код товара поставщика"],
        &["supplier's article", "suppliers article", "supplier article", "supplier part number", "supplier code"],
    ),
    (ArticleField::LeadDays, &["срок поставки", "поставка"], &["lead time", "lead days", "delivery", "delivery time"]),
    (
        ArticleField::Pack,
        &["упаковка", "в упаковке", "количество в упаковке", "кратность"],
        &["pack", "pack size", "per pack"],
    ),
    (ArticleField::Code1c, &["код 1с", "код в 1с", "1с"], &["1c code", "code 1c"]),
    (ArticleField::Barcode, &["штрихкод", "штрих код", "ean"], &["barcode", "ean13", "gtin"]),
    (
        ArticleField::Discontinued,
        &["снят с производства", "снято с производства", "не выпускается"],
        &["discontinued", "end of life", "eol"],
    ),
    (
        ArticleField::Fits,
        &["подходит к", "совместимость", "модели", "совместимые модели", "для моделей", "подходит"],
        &["fits", "compatibility", "compatible with", "models", "devices"],
    ),
];

/// Units after a column's name.
const UNITS: [&str; 19] = [
    "руб",
    "рублей",
    "р",
    "rub",
    "₽",
    "стр",
    "страниц",
    "страницы",
    "pages",
    "дн",
    "дней",
    "дни",
    "days",
    "шт",
    "штук",
    "pcs",
    "pieces",
    "процент",
    "percent",
];

const KINDS: [(SupplyKind, &[&str]); 14] = [
    (
        SupplyKind::Toner,
        &["тонер", "тонер картридж", "картридж", "toner", "toner cartridge", "cartridge", "принт картридж"],
    ),
    (SupplyKind::Ink, &["чернила", "струйный картридж", "чернильница", "ink", "ink cartridge"]),
    (
        SupplyKind::Drum,
        &[
            "фотобарабан",
            "барабан",
            "драм картридж",
            "драм",
            "фотовал",
            "блок фотобарабана",
            "drum",
            "drum unit",
            "imaging unit",
        ],
    ),
    (SupplyKind::Developer, &["девелопер", "developer"]),
    (
        SupplyKind::Waste,
        &[
            "бункер отработанного тонера",
            "бункер",
            "контейнер отработанного тонера",
            "отработка",
            "waste",
            "waste toner box",
            "waste toner",
        ],
    ),
    (SupplyKind::Fuser, &["узел закрепления", "термоблок", "печь", "печка", "fuser", "fuser unit"]),
    (SupplyKind::Transfer, &["лента переноса", "узел переноса", "transfer", "transfer belt", "transfer unit"]),
    (SupplyKind::Cleaner, &["чистящий узел", "cleaner"]),
    (SupplyKind::Roller, &["ролик захвата", "ролик", "roller", "pickup roller"]),
    (
        SupplyKind::MaintenanceKit,
        &["комплект для обслуживания", "ремкомплект", "сервисный комплект", "maintenance kit", "kit"],
    ),
    (SupplyKind::Staples, &["скрепки", "staples"]),
    (SupplyKind::Filter, &["фильтр", "filter"]),
    (SupplyKind::Ribbon, &["лента", "риббон", "ribbon"]),
    (SupplyKind::Other, &["расходник", "другое", "прочее", "supply", "other"]),
];

const COLORS: [(&str, &[&str]); 11] = [
    ("black", &["черный", "black", "bk", "k", "ч", "ч/б", "чб"]),
    ("cyan", &["голубой", "cyan", "c", "циан"]),
    ("magenta", &["пурпурный", "magenta", "m", "маджента", "малиновый"]),
    ("yellow", &["желтый", "yellow", "y"]),
    ("light-cyan", &["светло-голубой", "light cyan", "lc"]),
    ("light-magenta", &["светло-пурпурный", "light magenta", "lm"]),
    ("gray", &["серый", "gray", "grey", "gy"]),
    ("red", &["красный", "red"]),
    ("blue", &["синий", "blue"]),
    ("green", &["зеленый", "green"]),
    ("white", &["белый", "white"]),
];
const NO_COLOR: [&str; 4] = ["без цвета", "нет", "no colour", "none"];

const GRADES: [(Grade, &[&str]); 3] = [
    (Grade::Genuine, &["оригинальный", "genuine", "оригинал", "original", "oem", "ориг"]),
    (Grade::Compatible, &["совместимый", "compatible", "аналог", "совместимые"]),
    (Grade::Refilled, &["заправленный", "refilled", "восстановленный", "remanufactured", "перезаправленный"]),
];

const YES: [&str; 6] = ["да", "yes", "1", "true", "+", "д"];
const NO: [&str; 6] = ["нет", "no", "0", "false", "n", "н"];

/// Lower case, ё as е, words of letters, digits, ₽ and ' with one space between; what stands in brackets left out.
pub fn normal(text: &str) -> String {
    let mut depth = 0usize;
    let mut plain = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            'ё' => plain.push('е'),
            c if c.is_alphanumeric() || c == '\'' || c == '₽' => plain.push(c),
            _ => plain.push(' '),
        }
    }
    // "1C" is written with a Latin and with a Cyrillic letter.
    plain.split_whitespace().map(|w| if w == "1c" { "1с" } else { w }).collect::<Vec<_>>().join(" ")
}

/// The field a column's name means.
pub fn column(name: &str) -> Option<ArticleField> {
    let whole = normal(name);
    let mut words: Vec<&str> = whole.split(' ').collect();
    loop {
        let plain = words.join(" ");
        let is = |names: &[&str]| names.iter().any(|n| normal(n) == plain);
        let own = |f: ArticleField| normal(f.as_str()) == plain;
        if let Some((field, ..)) = COLUMNS.iter().find(|(f, ru, en)| is(ru) || is(en) || own(*f)) {
            return Some(*field);
        }
        // "Цена, руб." is the price; "руб" alone is nothing.
        if words.len() < 2 || !words.last().is_some_and(|w| UNITS.contains(w)) {
            return None;
        }
        words.pop();
    }
}

/// What we call a column ourselves.
pub fn heading(field: ArticleField, language: Language) -> String {
    let found = COLUMNS.iter().find(|(f, ..)| *f == field).map(|(_, ru, en)| match language {
        Language::Ru => ru[0],
        Language::En => en[0],
    });
    let word = found.unwrap_or("").replace("1с", "1С").replace("1c", "1C").replace("ндс", "НДС").replace("vat", "VAT");
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The names a column may have, for people: two of each language.
pub fn names(field: ArticleField) -> String {
    let found = COLUMNS.iter().find(|(f, ..)| *f == field);
    let all = found.map(|(_, ru, en)| ru.iter().take(2).chain(en.iter().take(2)).copied().collect::<Vec<_>>());
    all.unwrap_or_default().join(", ")
}

fn one_of<T: Copy>(table: &[(T, &[&str])], word: &str) -> Option<T> {
    let word = normal(word);
    table.iter().find(|(_, words)| words.iter().any(|w| normal(w) == word)).map(|(t, _)| *t)
}

pub fn kind(word: &str) -> Option<SupplyKind> {
    SupplyKind::parse(word.trim()).or_else(|| one_of(&KINDS, word))
}

/// `Some(None)`: has none.
pub fn color(word: &str) -> Option<Option<&'static str>> {
    if NO_COLOR.contains(&normal(word).as_str()) {
        return Some(None);
    }
    let by_word = COLORS.iter().find(|(name, _)| normal(name) == normal(word)).map(|(name, _)| *name);
    by_word.or_else(|| one_of(&COLORS, word)).map(Some)
}

pub fn grade(word: &str) -> Option<Grade> {
    Grade::parse(word.trim()).or_else(|| one_of(&GRADES, word))
}

pub fn yes(word: &str) -> Option<bool> {
    let word = word.trim().to_lowercase();
    match (YES.contains(&word.as_str()), NO.contains(&word.as_str())) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// A stored word as we write it in a table.
pub fn shown(field: ArticleField, word: &str, language: Language) -> String {
    let pick = |words: Option<&&[&'static str]>, fallback: &str| {
        let own = |w: &&&str| w.chars().any(|c| ('а'..='я').contains(&c)) == (language == Language::Ru);
        words.and_then(|all| all.iter().find(own)).map_or(fallback.to_owned(), |w| (*w).to_owned())
    };
    match field {
        ArticleField::Kind => {
            let kind = SupplyKind::parse(word);
            pick(KINDS.iter().find(|(k, _)| Some(*k) == kind).map(|(_, w)| w), word)
        }
        ArticleField::Color => pick(COLORS.iter().find(|(c, _)| *c == word).map(|(_, w)| w), word),
        ArticleField::Grade => {
            let grade = Grade::parse(word);
            pick(GRADES.iter().find(|(g, _)| Some(*g) == grade).map(|(_, w)| w), word)
        }
        ArticleField::Discontinued => {
            let word = match (word, language) {
                ("1", Language::Ru) => "да",
                ("1", Language::En) => "yes",
                (_, Language::Ru) => "нет",
                (_, Language::En) => "no",
            };
            word.to_owned()
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_by_any_of_their_names() {
        for (name, field) in [
            ("Артикул", ArticleField::PartNumber),
            ("Цена, руб.", ArticleField::Price),
            ("Цена (без НДС), ₽", ArticleField::Price),
            ("НДС, %", ArticleField::VatPercent),
            ("Код 1C", ArticleField::Code1c),
            ("код_1с", ArticleField::Code1c),
            ("Ресурс, стр.", ArticleField::YieldPages),
            ("Part No.", ArticleField::PartNumber),
            ("supplier_article", ArticleField::SupplierArticle),
            ("Штрих-код", ArticleField::Barcode),
        ] {
            assert_eq!(column(name), Some(field), "{name}");
        }
        for unknown in ["", "руб", "Цена с НДС", "Остаток", "№"] {
            assert_eq!(column(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn what_we_write_we_read() {
        for language in [Language::Ru, Language::En] {
            for field in ArticleField::ALL {
                assert_eq!(column(&heading(field, language)), Some(field), "{}", heading(field, language));
                assert_eq!(column(field.as_str()), Some(field));
            }
            for k in SupplyKind::ALL {
                assert_eq!(kind(&shown(ArticleField::Kind, k.as_str(), language)), Some(k));
                assert_eq!(kind(k.as_str()), Some(k));
            }
            for (c, _) in COLORS {
                assert_eq!(color(&shown(ArticleField::Color, c, language)), Some(Some(c)));
            }
            for g in Grade::ALL {
                assert_eq!(grade(&shown(ArticleField::Grade, g.as_str(), language)), Some(g));
            }
        }
    }

    #[test]
    fn no_word_means_two_things() {
        let mut seen = std::collections::BTreeMap::new();
        for (field, ru, en) in COLUMNS {
            for name in ru.iter().chain(en) {
                assert_eq!(seen.insert(normal(name), field), None, "{name}");
            }
        }
    }
}
