//! How an article is bought, what it fits, on which terms a supplier works, and a table of articles on its way in.

use serde::{Deserialize, Serialize};

use super::{Article, ArticleId, Millis, Minor, SupplierId};

/// Who made what is in the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Of the device's maker (OEM).
    #[default]
    Genuine,
    /// New, of another maker.
    Compatible,
    Refilled,
}

impl Grade {
    pub const ALL: [Grade; 3] = [Self::Genuine, Self::Compatible, Self::Refilled];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Genuine => "genuine",
            Self::Compatible => "compatible",
            Self::Refilled => "refilled",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|g| g.as_str() == s)
    }
}

/// How an article is bought; what an order itself does not need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ArticleTerms {
    pub grade: Grade,
    /// Promised days from order to delivery; the supplier's when empty.
    pub lead_days: Option<i64>,
    /// Sold by so many pieces.
    pub pack: i64,
    /// Code of the item in 1C, text: leading zeros count.
    pub code_1c: Option<String>,
    pub barcode: Option<String>,
    /// No longer made: nothing is chosen for a supply from these while another fits.
    pub discontinued: bool,
}

impl Default for ArticleTerms {
    fn default() -> Self {
        ArticleTerms {
            grade: Grade::Genuine,
            lead_days: None,
            pack: 1,
            code_1c: None,
            barcode: None,
            discontinued: false,
        }
    }
}

/// A device model an article fits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fit {
    /// Lower-cased; `*` is any maker.
    pub vendor: String,
    /// Lower-cased; `*` at the end matches the rest.
    pub model: String,
    /// Among several articles of one model the highest is taken first.
    pub preference: i64,
    /// Of the rated yield, in this model.
    pub yield_percent: i64,
}

impl Fit {
    pub const MAX_PREFERENCE: i64 = 99;
    pub const MAX_YIELD_PERCENT: i64 = 1000;

    pub fn new(vendor: &str, model: &str) -> Fit {
        Fit {
            vendor: vendor.trim().to_lowercase(),
            model: model.trim().to_lowercase(),
            preference: 0,
            yield_percent: 100,
        }
    }

    /// "vendor/model", and after it in any order "80%" (of the yield) and "+2" (preference). `None`: it is not so.
    pub fn parse(text: &str) -> Option<Fit> {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let (mut preference, mut percent) = (None, None);
        while let Some(last) = words.last() {
            if let (Some(n), None) = (last.strip_suffix('%').and_then(|n| n.parse::<i64>().ok()), percent) {
                percent = Some(n);
            } else if let (true, None, Ok(n)) =
                (last.starts_with(['+', '-']) && last.len() > 1, preference, last.parse::<i64>())
            {
                preference = Some(n);
            } else {
                break;
            }
            words.pop();
        }
        let plain = words.join(" ");
        let (vendor, model) = plain.split_once('/')?;
        let fit = Fit {
            preference: preference.unwrap_or(0),
            yield_percent: percent.unwrap_or(100),
            ..Fit::new(vendor, model)
        };
        let sound = !fit.vendor.is_empty()
            && !fit.model.is_empty()
            && fit.preference.abs() <= Self::MAX_PREFERENCE
            && (1..=Self::MAX_YIELD_PERCENT).contains(&fit.yield_percent);
        sound.then_some(fit)
    }
}

impl std::fmt::Display for Fit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.vendor, self.model)?;
        if self.yield_percent != 100 {
            write!(f, " {}%", self.yield_percent)?;
        }
        if self.preference != 0 {
            write!(f, " {:+}", self.preference)?;
        }
        Ok(())
    }
}

/// An article with the models it fits and how it is bought.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptArticle {
    pub article: Article,
    pub fits: Vec<Fit>,
    pub terms: ArticleTerms,
}

/// On which terms a supplier works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SupplierTerms {
    /// Days from order to delivery, until own orders teach better.
    pub lead_days: i64,
    /// Smallest order, net minor units.
    pub min_order: Minor,
    /// Orders leave without a click, within `auto_week_limit`.
    pub auto_send: bool,
    /// Net sum of automatic orders in seven days, minor units; without it nothing leaves by itself.
    pub auto_week_limit: Option<Minor>,
    /// http(s) address that takes orders instead of mail.
    pub webhook: Option<String>,
}

impl Default for SupplierTerms {
    fn default() -> Self {
        SupplierTerms { lead_days: 9, min_order: Minor(0), auto_send: false, auto_week_limit: None, webhook: None }
    }
}

/// Why an order of a supplier with automatic sending still waits for a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum AutoHold {
    /// So many lines have no price.
    NoPrice { lines: i64 },
    /// The supplier takes no order below this.
    BelowMinimum { total: Minor, minimum: Minor },
    /// With what left by itself in seven days it would be above the limit.
    AboveLimit { total: Minor, spent: Minor, limit: Minor },
    /// Automatic sending is on, its weekly limit is not set.
    NoLimit,
}

/// How the article of a supply was found, while no person has confirmed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FoundBy {
    /// The device names the part number.
    PartNumber,
    /// The part number stands in the description of the supply.
    Description,
    /// A person confirmed it on another device of the model.
    SameModel,
    /// The catalogue says it fits the model.
    Model,
}

impl FoundBy {
    pub const ALL: [FoundBy; 4] = [Self::PartNumber, Self::Description, Self::SameModel, Self::Model];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PartNumber => "part-number",
            Self::Description => "description",
            Self::SameModel => "same-model",
            Self::Model => "model",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == s)
    }
}

/// Columns of a table of articles; their words are the fields' of `ArticleRow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArticleField {
    PartNumber,
    Name,
    Vendor,
    Kind,
    Color,
    YieldPages,
    Grade,
    Price,
    VatPercent,
    Supplier,
    SupplierArticle,
    LeadDays,
    Pack,
    #[serde(rename = "code_1c")]
    Code1c,
    Barcode,
    Discontinued,
    Fits,
}

impl ArticleField {
    pub const ALL: [ArticleField; 17] = [
        Self::PartNumber,
        Self::Vendor,
        Self::Name,
        Self::Kind,
        Self::Color,
        Self::YieldPages,
        Self::Grade,
        Self::Price,
        Self::VatPercent,
        Self::Supplier,
        Self::SupplierArticle,
        Self::LeadDays,
        Self::Pack,
        Self::Code1c,
        Self::Barcode,
        Self::Discontinued,
        Self::Fits,
    ];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PartNumber => "part_number",
            Self::Name => "name",
            Self::Vendor => "vendor",
            Self::Kind => "kind",
            Self::Color => "color",
            Self::YieldPages => "yield_pages",
            Self::Grade => "grade",
            Self::Price => "price",
            Self::VatPercent => "vat_percent",
            Self::Supplier => "supplier",
            Self::SupplierArticle => "supplier_article",
            Self::LeadDays => "lead_days",
            Self::Pack => "pack",
            Self::Code1c => "code_1c",
            Self::Barcode => "barcode",
            Self::Discontinued => "discontinued",
            Self::Fits => "fits",
        }
    }
}

/// What a cell says: a value in its plain form ("4500.00" is 450000 minor units, a kind is its word), or "take it away".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Given {
    Value(String),
    Clear,
}

/// Something is wrong in a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportFault {
    /// `None`: of the whole row.
    pub field: Option<ArticleField>,
    /// Stable word, named in the catalogue as `import-fault-<code>`.
    pub code: String,
    /// What stood there.
    pub value: String,
}

impl ImportFault {
    pub fn new(field: Option<ArticleField>, code: &str, value: impl Into<String>) -> Self {
        ImportFault { field, code: code.to_owned(), value: value.into() }
    }
}

/// One row of a file as read: cells that say something, and what is wrong with the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// Number of the row in the file, from 1, as a spreadsheet shows it.
    pub row: u32,
    pub cells: Vec<(ArticleField, Given)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<ImportFault>,
}

impl ImportRow {
    pub fn get(&self, field: ArticleField) -> Option<&Given> {
        self.cells.iter().find(|(f, _)| *f == field).map(|(_, g)| g)
    }
    pub fn text(&self, field: ArticleField) -> &str {
        match self.get(field) {
            Some(Given::Value(v)) => v,
            _ => "",
        }
    }
}

/// What an accepted row would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImportVerdict {
    New,
    Changed,
    Same,
    Wrong,
}

impl ImportVerdict {
    pub const ALL: [ImportVerdict; 4] = [Self::Wrong, Self::New, Self::Changed, Self::Same];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Same => "same",
            Self::Wrong => "wrong",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == s)
    }
}

/// One field before and after; values in their plain form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportChange {
    pub field: ArticleField,
    pub before: String,
    pub after: String,
}

/// A row of a file beside the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JudgedRow {
    pub row: u32,
    pub part_number: String,
    pub vendor: String,
    pub verdict: ImportVerdict,
    /// The article it would change.
    pub article: Option<ArticleId>,
    pub changes: Vec<ImportChange>,
    pub faults: Vec<ImportFault>,
}

/// A stored draft: the rows as read, and what was shown to the person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportBody {
    /// Columns of the file that were not understood and are left out.
    #[serde(default)]
    pub ignored: Vec<String>,
    pub rows: Vec<ImportRow>,
    pub judged: Vec<JudgedRow>,
}

/// How many rows of each verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportCounts {
    pub new: i64,
    pub changed: i64,
    pub same: i64,
    pub wrong: i64,
}

impl ImportCounts {
    pub fn of(rows: &[JudgedRow]) -> Self {
        let count = |v| rows.iter().filter(|r| r.verdict == v).count() as i64;
        ImportCounts {
            new: count(ImportVerdict::New),
            changed: count(ImportVerdict::Changed),
            same: count(ImportVerdict::Same),
            wrong: count(ImportVerdict::Wrong),
        }
    }
    pub fn of_verdict(&self, verdict: ImportVerdict) -> i64 {
        match verdict {
            ImportVerdict::New => self.new,
            ImportVerdict::Changed => self.changed,
            ImportVerdict::Same => self.same,
            ImportVerdict::Wrong => self.wrong,
        }
    }
}

/// An import that waits to be taken, or was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportDraft {
    pub id: i64,
    pub file_name: String,
    pub created_at: Millis,
    pub created_by: String,
    pub accepted_at: Option<Millis>,
    pub counts: ImportCounts,
}

/// A supplier as imports name it.
pub type SupplierName = (SupplierId, String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fit_is_written_as_it_is_read() {
        for text in ["kyocera/ecosys m2040*", "hp/laserjet 4+ 80%", "*/x 120% +2", "brother/hl-l5100dn -1"] {
            assert_eq!(Fit::parse(text).unwrap().to_string(), text);
        }
        let fit = Fit::parse(" Kyocera / ECOSYS  M2040dn +2 90% ").unwrap();
        assert_eq!((fit.model.as_str(), fit.preference, fit.yield_percent), ("ecosys m2040dn", 2, 90));
        for wrong in ["m2040", "/x", "hp/", "hp/x 0%", "hp/x 2000%", "hp/x +500", ""] {
            assert_eq!(Fit::parse(wrong), None, "{wrong}");
        }
    }
}
