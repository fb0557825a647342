//! A table of articles beside the catalogue: what each row would do, field by field, before anything is done.
//!
//! Pure: the same rows and the same catalogue give the same judgement, so that what is taken is what was shown. An empty
//! cell leaves a field as it is; only "-" clears it. An article is known by its maker and part number, written with or
//! without hyphens. To add a field: a variant of `ArticleField`, its arm in `plain` and in `put`.

use std::collections::{BTreeMap, HashMap};

use super::reorder::normal;
use crate::model::{
    Article, ArticleField, ArticleId, ArticleTerms, Fit, Given, Grade, ImportChange, ImportFault, ImportRow,
    ImportVerdict, JudgedRow, KeptArticle, Minor, SupplierName, SupplyKind,
};

/// Rate of a new article without one, per cent: the general rate in Russia since 2026.
const VAT_PERCENT: i64 = 22;
/// Longest text of a field.
const MAX_TEXT: usize = 200;

/// The catalogue, ready to be asked.
pub struct Known<'a> {
    exact: HashMap<(String, String), &'a KeptArticle>,
    near: HashMap<(String, String), &'a KeptArticle>,
    suppliers: HashMap<String, &'a SupplierName>,
    names: HashMap<i64, &'a str>,
}

impl<'a> Known<'a> {
    pub fn new(articles: &'a [KeptArticle], suppliers: &'a [SupplierName]) -> Self {
        let of = |a: &'a KeptArticle| (a.article.vendor.as_str(), a.article.part_number.as_str());
        Known {
            exact: articles.iter().map(|a| ((of(a).0.to_owned(), of(a).1.to_owned()), a)).collect(),
            // The oldest wins where two are written alike.
            near: articles.iter().rev().map(|a| (key(of(a).0, of(a).1), a)).collect(),
            suppliers: suppliers.iter().map(|s| (company(&s.1), s)).collect(),
            names: suppliers.iter().map(|(id, name)| (id.0, name.as_str())).collect(),
        }
    }

    fn find(&self, vendor: &str, part_number: &str) -> Option<&'a KeptArticle> {
        let exact = self.exact.get(&(vendor.to_owned(), part_number.to_owned()));
        exact.or_else(|| self.near.get(&key(vendor, part_number))).copied()
    }
}

fn key(vendor: &str, part_number: &str) -> (String, String) {
    (vendor.trim().to_lowercase(), normal(part_number))
}

/// A company's name without its quotes and case: people write them as they like.
fn company(name: &str) -> String {
    let plain: String = name.chars().filter(|c| !"«»\"“”„'`".contains(*c)).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What each row would do.
pub fn judge(rows: &[ImportRow], known: &Known<'_>) -> Vec<JudgedRow> {
    let repeated = repeated(rows);
    rows.iter()
        .enumerate()
        .map(|(at, row)| {
            let mut judged = judge_one(row, known);
            if let Some(fault) = repeated.get(&at) {
                judged.faults.push(fault.clone());
                judged.verdict = ImportVerdict::Wrong;
                judged.changes.clear();
            }
            judged
        })
        .collect()
}

fn judge_one(row: &ImportRow, known: &Known<'_>) -> JudgedRow {
    let (vendor, part_number) = (row.text(ArticleField::Vendor), row.text(ArticleField::PartNumber));
    let mut judged = JudgedRow {
        row: row.row,
        part_number: part_number.to_owned(),
        vendor: vendor.to_owned(),
        verdict: ImportVerdict::Wrong,
        article: known.find(vendor, part_number).map(|k| k.article.id),
        changes: Vec::new(),
        faults: Vec::new(),
    };
    match planned(row, known) {
        Ok((before, after)) => {
            judged.changes = changes(before, &after, known);
            judged.verdict = match (before, judged.changes.is_empty()) {
                (None, _) => ImportVerdict::New,
                (Some(_), true) => ImportVerdict::Same,
                (Some(_), false) => ImportVerdict::Changed,
            };
        }
        Err(faults) => judged.faults = faults,
    }
    judged
}

/// Rows that name an article another row names too. The same said twice is wrong once; two different things are both wrong.
fn repeated(rows: &[ImportRow]) -> BTreeMap<usize, ImportFault> {
    let mut by_key: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        let (vendor, part) = (row.text(ArticleField::Vendor), row.text(ArticleField::PartNumber));
        if !vendor.is_empty() && !part.is_empty() {
            by_key.entry(key(vendor, part)).or_default().push(at);
        }
    }
    let mut found = BTreeMap::new();
    for group in by_key.into_values().filter(|g| g.len() > 1) {
        let said = |at: usize| {
            let names = [ArticleField::PartNumber, ArticleField::Vendor];
            rows[at].cells.iter().filter(|(f, _)| !names.contains(f)).collect::<Vec<_>>()
        };
        let alike = group.iter().all(|at| said(*at) == said(group[0]));
        for at in &group {
            if alike && *at == group[0] {
                continue;
            }
            let others: Vec<String> =
                group.iter().filter(|o| *o != at).take(5).map(|o| rows[*o].row.to_string()).collect();
            let code = if alike { "repeated" } else { "contradicts" };
            found.insert(*at, ImportFault::new(Some(ArticleField::PartNumber), code, others.join(", ")));
        }
    }
    found
}

/// The article a row describes: as it is now (`None`: a new one) and as it would be.
pub fn planned<'a>(
    row: &ImportRow,
    known: &Known<'a>,
) -> Result<(Option<&'a KeptArticle>, KeptArticle), Vec<ImportFault>> {
    let mut faults = row.faults.clone();
    for field in [ArticleField::PartNumber, ArticleField::Vendor] {
        if row.text(field).is_empty() && !faults.iter().any(|f| f.field == Some(field)) {
            faults.push(ImportFault::new(Some(field), "required", ""));
        }
    }
    let before = known.find(row.text(ArticleField::Vendor), row.text(ArticleField::PartNumber));
    if before.is_none()
        && row.text(ArticleField::Kind).is_empty()
        && !faults.iter().any(|f| f.field == Some(ArticleField::Kind))
    {
        faults.push(ImportFault::new(Some(ArticleField::Kind), "required", ""));
    }
    let mut after = before.cloned().unwrap_or_else(|| new(row));
    for (field, given) in &row.cells {
        if let Err((code, value)) = put(&mut after, *field, given, known, before.is_some()) {
            faults.push(ImportFault::new(Some(*field), code, value));
        }
    }
    if after.article.name.is_empty() {
        after.article.name = after.article.part_number.clone();
    }
    if faults.is_empty() { Ok((before, after)) } else { Err(faults) }
}

fn new(row: &ImportRow) -> KeptArticle {
    let article = Article {
        id: ArticleId(0),
        part_number: row.text(ArticleField::PartNumber).to_owned(),
        name: String::new(),
        vendor: row.text(ArticleField::Vendor).to_owned(),
        kind: SupplyKind::Other,
        color: None,
        yield_pages: None,
        price: None,
        vat_percent: VAT_PERCENT,
        supplier: None,
        supplier_article: None,
    };
    KeptArticle { article, fits: Vec::new(), terms: ArticleTerms::default() }
}

type Wrong = (&'static str, String);

/// Puts one cell into the article.
fn put(a: &mut KeptArticle, field: ArticleField, given: &Given, known: &Known<'_>, is_old: bool) -> Result<(), Wrong> {
    use ArticleField as F;
    let value = match given {
        Given::Value(v) => Some(v.as_str()),
        Given::Clear => None,
    };
    let text = || match value {
        Some(v) if v.chars().count() > MAX_TEXT => Err(("too-long", v.chars().take(40).collect())),
        Some(v) if v.chars().any(char::is_control) => Err(("not-a-line", v.chars().take(40).collect())),
        other => Ok(other.map(str::to_owned)),
    };
    let number = |least: i64, most: i64| match value.map(|v| (v, v.parse::<i64>())) {
        None => Ok(None),
        Some((_, Ok(n))) if (least..=most).contains(&n) => Ok(Some(n)),
        Some((v, _)) => Err(("bad-number", v.to_owned())),
    };
    let unknown = |code: &'static str| (code, value.unwrap_or("-").to_owned());
    match field {
        // Its spelling in the catalogue stays: it is the same article.
        F::PartNumber | F::Vendor if is_old => {}
        F::PartNumber => a.article.part_number = text()?.ok_or(unknown("required"))?,
        F::Vendor => a.article.vendor = text()?.ok_or(unknown("required"))?,
        F::Name => a.article.name = text()?.unwrap_or_default(),
        F::Kind => a.article.kind = value.and_then(SupplyKind::parse).ok_or(unknown("unknown-kind"))?,
        F::Color => a.article.color = text()?.map(|c| c.to_lowercase()),
        F::YieldPages => a.article.yield_pages = number(1, 100_000_000)?,
        F::Grade => a.terms.grade = value.and_then(Grade::parse).ok_or(unknown("unknown-grade"))?,
        F::Price => a.article.price = number(0, 1_000_000_000_000)?.map(Minor),
        F::VatPercent => a.article.vat_percent = number(0, 100)?.unwrap_or(0),
        F::Supplier => {
            a.article.supplier = match value {
                None => None,
                Some(v) => Some(known.suppliers.get(&company(v)).ok_or(unknown("unknown-supplier"))?.0),
            }
        }
        F::SupplierArticle => a.article.supplier_article = text()?,
        F::LeadDays => a.terms.lead_days = number(0, 365)?,
        F::Pack => a.terms.pack = number(1, 10_000)?.unwrap_or(1),
        F::Code1c => a.terms.code_1c = text()?,
        F::Barcode => a.terms.barcode = text()?,
        F::Discontinued => a.terms.discontinued = value == Some("1"),
        F::Fits => {
            let mut fits = Vec::new();
            for line in value.unwrap_or("").lines() {
                fits.push(Fit::parse(line).ok_or(("bad-fit", line.to_owned()))?);
            }
            fits.sort();
            fits.dedup_by(|b, a| (&a.vendor, &a.model) == (&b.vendor, &b.model));
            a.fits = fits;
        }
    }
    Ok(())
}

/// The field as a cell says it.
fn plain(a: &KeptArticle, field: ArticleField, known: &Known<'_>) -> String {
    use ArticleField as F;
    let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    match field {
        F::PartNumber => a.article.part_number.clone(),
        F::Vendor => a.article.vendor.clone(),
        F::Name => a.article.name.clone(),
        F::Kind => a.article.kind.as_str().to_owned(),
        F::Color => text(&a.article.color),
        F::YieldPages => number(a.article.yield_pages),
        F::Grade => a.terms.grade.as_str().to_owned(),
        F::Price => number(a.article.price.map(|p| p.0)),
        F::VatPercent => a.article.vat_percent.to_string(),
        F::Supplier => a.article.supplier.and_then(|s| known.names.get(&s.0)).map_or("", |n| n).to_owned(),
        F::SupplierArticle => text(&a.article.supplier_article),
        F::LeadDays => number(a.terms.lead_days),
        F::Pack => a.terms.pack.to_string(),
        F::Code1c => text(&a.terms.code_1c),
        F::Barcode => text(&a.terms.barcode),
        F::Discontinued => i64::from(a.terms.discontinued).to_string(),
        F::Fits => {
            let mut fits: Vec<&Fit> = a.fits.iter().collect();
            fits.sort();
            fits.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }
    }
}

/// Fields that differ; of a new article those that say something.
fn changes(before: Option<&KeptArticle>, after: &KeptArticle, known: &Known<'_>) -> Vec<ImportChange> {
    let differ = |field: &ArticleField| {
        let before = before.map(|b| plain(b, *field, known)).unwrap_or_default();
        let after = plain(after, *field, known);
        (before != after).then_some(ImportChange { field: *field, before, after })
    };
    ArticleField::ALL.iter().filter_map(differ).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SupplierId;
    use ArticleField as F;

    fn row(row: u32, cells: &[(ArticleField, &str)]) -> ImportRow {
        let given = |v: &str| if v == "-" { Given::Clear } else { Given::Value(v.to_owned()) };
        ImportRow { row, cells: cells.iter().map(|(f, v)| (*f, given(v))).collect(), faults: Vec::new() }
    }

    fn tk() -> KeptArticle {
        let mut a = new(&row(1, &[(F::PartNumber, "TK-1170"), (F::Vendor, "Kyocera")]));
        a.article = Article {
            id: ArticleId(7),
            kind: SupplyKind::Toner,
            name: "Тонер".into(),
            price: Some(Minor(450_000)),
            supplier: Some(SupplierId(3)),
            ..a.article
        };
        a.fits = vec![Fit::new("kyocera", "m2040dn")];
        a
    }

    fn judge_all(rows: &[ImportRow]) -> Vec<JudgedRow> {
        let (articles, suppliers) = ([tk()], [(SupplierId(3), "ООО «Тонер»".to_owned())]);
        judge(rows, &Known::new(&articles, &suppliers))
    }

    #[test]
    fn what_a_row_changes_is_told_field_by_field() {
        let judged = judge_all(&[
            row(2, &[(F::PartNumber, "tk1170"), (F::Vendor, "KYOCERA"), (F::Price, "460000"), (F::Pack, "2")]),
            row(3, &[(F::PartNumber, "TK-1150"), (F::Vendor, "Kyocera"), (F::Kind, "toner")]),
        ]);
        let change =
            |field, before: &str, after: &str| ImportChange { field, before: before.into(), after: after.into() };
        assert_eq!((judged[0].verdict, judged[0].article), (ImportVerdict::Changed, Some(ArticleId(7))));
        assert_eq!(judged[0].changes, [change(F::Price, "450000", "460000"), change(F::Pack, "1", "2")]);
        assert_eq!((judged[1].verdict, judged[1].article), (ImportVerdict::New, None));
        let same = [(F::PartNumber, "TK-1170"), (F::Vendor, "Kyocera"), (F::Supplier, "ооо \"тонер\"")];
        assert_eq!(judge_all(&[row(2, &same)])[0].verdict, ImportVerdict::Same);
        let clear = [(F::PartNumber, "TK-1170"), (F::Vendor, "Kyocera"), (F::Price, "-"), (F::Fits, "-")];
        let judged = judge_all(&[row(2, &clear)]);
        assert_eq!(judged[0].changes, [change(F::Price, "450000", ""), change(F::Fits, "kyocera/m2040dn", "")]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_field() {
        let told = |cells: &[(ArticleField, &str)]| {
            let judged = judge_all(&[row(2, cells)]);
            assert_eq!(judged[0].verdict, ImportVerdict::Wrong);
            assert!(judged[0].changes.is_empty());
            judged[0].faults.iter().map(|f| format!("{} {}", f.field.unwrap().as_str(), f.code)).collect::<Vec<_>>()
        };
        assert_eq!(told(&[(F::Name, "x")]), ["part_number required", "vendor required", "kind required"]);
        let old = [(F::PartNumber, "TK-1170"), (F::Vendor, "Kyocera")];
        let with = |f, v| told(&[old[0], old[1], (f, v)]);
        assert_eq!(with(F::Supplier, "Никто"), ["supplier unknown-supplier"]);
        assert_eq!(with(F::Kind, "-"), ["kind unknown-kind"]);
        assert_eq!(with(F::Pack, "0"), ["pack bad-number"]);
        assert_eq!(with(F::VatPercent, "101"), ["vat_percent bad-number"]);
        assert_eq!(with(F::Fits, "m2040"), ["fits bad-fit"]);
        let long = "x".repeat(201);
        assert_eq!(with(F::Name, &long), ["name too-long"]);
    }

    #[test]
    fn the_same_twice_is_wrong_once_and_two_different_things_are_both() {
        let one = [(F::PartNumber, "TK-1170"), (F::Vendor, "Kyocera"), (F::Price, "1")];
        let other = [(F::PartNumber, "ТК1170"), (F::Vendor, "kyocera"), (F::Price, "2")]; // Cyrillic ТК
        let judged = judge_all(&[row(2, &one), row(3, &one)]);
        assert_eq!((judged[0].verdict, judged[1].verdict), (ImportVerdict::Changed, ImportVerdict::Wrong));
        assert_eq!((judged[1].faults[0].code.as_str(), judged[1].faults[0].value.as_str()), ("repeated", "2"));
        let judged = judge_all(&[row(2, &one), row(5, &other)]);
        let told: Vec<_> = judged.iter().map(|j| (j.verdict, j.faults[0].value.as_str())).collect();
        assert_eq!(told, [(ImportVerdict::Wrong, "5"), (ImportVerdict::Wrong, "2")]);
    }
}
