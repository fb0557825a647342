//! Suppliers and articles the demonstration's branch buys from. Data; names of companies and prices are made up.

use crate::model::{ArticleTerms, Command, NewArticle, SupplierTerms};

pub struct Supplier {
    pub name: &'static str,
    pub email: &'static str,
}

pub const SUPPLIERS: [Supplier; 3] = [
    Supplier { name: "ООО «Картридж-Сервис»", email: "zakaz@kartridzh-servis.example" },
    Supplier { name: "АО «Офисные системы»", email: "orders@ofis-sistemy.example" },
    Supplier { name: "ООО «Копир-Сервис Плюс»", email: "sklad@kopir-servis.example" },
];

impl Supplier {
    pub fn command(&self) -> Command {
        Command::AddSupplier {
            name: self.name.into(),
            email: self.email.into(),
            language: "ru".into(),
            currency: "RUB".into(),
            terms: SupplierTerms::default(),
        }
    }
}

/// Maker, part number, name, kind, colour, rated yield, price in roubles, place in `SUPPLIERS`, models it fits.
type Row =
    (&'static str, &'static str, &'static str, &'static str, &'static str, i64, i64, usize, &'static [&'static str]);

const HP_M404: &[&str] = &["laserjet pro m404*", "laserjet pro mfp m428*"];
const HP_M479: &[&str] = &["color laserjet pro mfp m479*"];
const BROTHER: &[&str] = &["hl-l5100dn*", "mfc-l5750dw*"];
const TASKALFA: &[&str] = &["taskalfa 2554ci"];
const C7025: &[&str] = &["versalink c7025*"];
const C3520: &[&str] = &["ir-adv c3520*"];
const C2503: &[&str] = &["mp c2503*"];
const C250I: &[&str] = &["bizhub c250i"];
const C5790: &[&str] = &["wf-c5790*"];

/// Some supplies are left out on purpose: their needs wait for an article.
const ARTICLES: [Row; 42] = [
    ("HP", "CF259A", "Картридж HP 59A", "toner", "black", 3000, 10_450, 0, HP_M404),
    ("HP", "CF289A", "Картридж HP 89A", "toner", "black", 5000, 15_900, 0, &["laserjet enterprise m507*"]),
    ("HP", "CE505A", "Картридж HP 05A", "toner", "black", 2300, 7_890, 0, &["laserjet p2055*"]),
    ("HP", "W2030A", "Картридж HP 415A чёрный", "toner", "black", 2400, 9_300, 0, HP_M479),
    ("HP", "W2031A", "Картридж HP 415A голубой", "toner", "cyan", 2100, 11_200, 0, HP_M479),
    ("HP", "W2033A", "Картридж HP 415A пурпурный", "toner", "magenta", 2100, 11_200, 0, HP_M479),
    ("HP", "W2032A", "Картридж HP 415A жёлтый", "toner", "yellow", 2100, 11_200, 0, HP_M479),
    ("Brother", "TN-3480", "Тонер-картридж Brother TN-3480", "toner", "black", 8000, 9_750, 0, BROTHER),
    ("Brother", "DR-3400", "Барабан Brother DR-3400", "drum", "", 50_000, 14_600, 0, BROTHER),
    ("Kyocera", "TK-1170", "Тонер-картридж Kyocera TK-1170", "toner", "black", 7200, 6_950, 1, &["ecosys m2040dn"]),
    ("Kyocera", "TK-3160", "Тонер-картридж Kyocera TK-3160", "toner", "black", 12_500, 9_480, 1, &["ecosys p3145dn"]),
    ("Kyocera", "TK-8365K", "Тонер-картридж Kyocera TK-8365K", "toner", "black", 25_000, 11_300, 1, TASKALFA),
    ("Kyocera", "TK-8365C", "Тонер-картридж Kyocera TK-8365C", "toner", "cyan", 12_000, 13_900, 1, TASKALFA),
    ("Kyocera", "TK-8365M", "Тонер-картридж Kyocera TK-8365M", "toner", "magenta", 12_000, 13_900, 1, TASKALFA),
    ("Kyocera", "TK-8365Y", "Тонер-картридж Kyocera TK-8365Y", "toner", "yellow", 12_000, 13_900, 1, TASKALFA),
    ("Xerox", "106R03583", "Тонер-картридж Xerox 106R03583", "toner", "black", 13_900, 18_200, 1, &["versalink b405*"]),
    ("Xerox", "101R00554", "Фотобарабан Xerox 101R00554", "drum", "", 65_000, 12_700, 1, &["versalink b405*"]),
    ("Xerox", "106R03745", "Тонер-картридж Xerox чёрный", "toner", "black", 23_600, 14_100, 1, C7025),
    ("Xerox", "106R03748", "Тонер-картридж Xerox голубой", "toner", "cyan", 16_500, 21_400, 1, C7025),
    ("Xerox", "106R03747", "Тонер-картридж Xerox пурпурный", "toner", "magenta", 16_500, 21_400, 1, C7025),
    ("Xerox", "106R03746", "Тонер-картридж Xerox жёлтый", "toner", "yellow", 16_500, 21_400, 1, C7025),
    ("Xerox", "115R00128", "Сборник отработанного тонера Xerox", "waste", "", 30_000, 3_900, 1, C7025),
    ("Canon", "3009C002", "Картридж Canon 057", "toner", "black", 3100, 9_990, 2, &["mf443dw*"]),
    ("Canon", "3010C002", "Картридж Canon 057H", "toner", "black", 10_000, 19_500, 2, &["lbp226dw*"]),
    ("Canon", "8524B002", "Тонер Canon C-EXV49 чёрный", "toner", "black", 36_000, 6_900, 2, C3520),
    ("Canon", "8525B002", "Тонер Canon C-EXV49 голубой", "toner", "cyan", 19_000, 11_300, 2, C3520),
    ("Canon", "8526B002", "Тонер Canon C-EXV49 пурпурный", "toner", "magenta", 19_000, 11_300, 2, C3520),
    ("Canon", "8527B002", "Тонер Canon C-EXV49 жёлтый", "toner", "yellow", 19_000, 11_300, 2, C3520),
    ("Ricoh", "418133", "Принт-картридж Ricoh IM 350", "toner", "black", 14_000, 8_700, 2, &["im 350*"]),
    ("Ricoh", "841925", "Тонер Ricoh MP C2503 чёрный", "toner", "black", 15_000, 5_600, 2, C2503),
    ("Ricoh", "841928", "Тонер Ricoh MP C2503 голубой", "toner", "cyan", 9500, 8_900, 2, C2503),
    ("Konica Minolta", "TN328K", "Тонер Konica Minolta TN328K", "toner", "black", 28_000, 6_300, 2, C250I),
    ("Konica Minolta", "TN328C", "Тонер Konica Minolta TN328C", "toner", "cyan", 26_000, 12_100, 2, C250I),
    ("Konica Minolta", "TN328M", "Тонер Konica Minolta TN328M", "toner", "magenta", 26_000, 12_100, 2, C250I),
    ("Konica Minolta", "TN328Y", "Тонер Konica Minolta TN328Y", "toner", "yellow", 26_000, 12_100, 2, C250I),
    ("Pantum", "TL-5120", "Тонер-картридж Pantum TL-5120", "toner", "black", 3000, 4_700, 0, &["bm5100adn*"]),
    ("Pantum", "TL-420X", "Тонер-картридж Pantum TL-420X", "toner", "black", 6000, 4_300, 0, &["p3010dw*"]),
    ("Lexmark", "56F5000", "Тонер-картридж Lexmark 56F5000", "toner", "black", 6000, 12_800, 2, &["ms421dn*"]),
    ("Samsung", "MLT-D201L", "Тонер-картридж Samsung MLT-D201L", "toner", "black", 10_000, 9_100, 0, &["m408*"]),
    ("Epson", "C13T945140", "Чернила Epson T9451 чёрные", "ink", "black", 5000, 5_400, 0, C5790),
    ("Epson", "C13T945240", "Чернила Epson T9452 голубые", "ink", "cyan", 5000, 6_200, 0, C5790),
    ("OKI", "45807106", "Тонер-картридж OKI B432", "toner", "black", 7000, 8_800, 2, &["b432*"]),
];

/// Commands that add the articles; `suppliers` are the numbers the suppliers got, in order.
pub fn articles(suppliers: &[i64]) -> impl Iterator<Item = Command> {
    const VAT_PERCENT: i64 = 22;
    ARTICLES.iter().map(move |(vendor, part, name, kind, color, pages, roubles, supplier, models)| {
        Command::AddArticle {
            article: NewArticle {
                part_number: (*part).into(),
                name: (*name).into(),
                vendor: (*vendor).into(),
                kind: (*kind).into(),
                color: Some((*color).to_owned()).filter(|c| !c.is_empty()),
                yield_pages: Some(*pages),
                price_minor: Some(roubles * 100),
                vat_percent: VAT_PERCENT,
                supplier: suppliers.get(*supplier).copied(),
                supplier_article: None,
                terms: ArticleTerms::default(),
                fits: models.iter().map(|m| format!("{}/{m}", vendor.to_lowercase())).collect(),
            },
        }
    })
}
