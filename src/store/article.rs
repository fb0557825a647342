//! What we buy, and the devices it fits.

use std::collections::HashMap;

use super::{Result, StoreError, Tx, execute, on_tx};
use crate::model::{Article, ArticleId, ArticleTerms, Fit, Grade, KeptArticle, Minor, SupplierId, SupplyKind};

#[derive(sqlx::FromRow)]
struct TermsRow {
    id: i64,
    grade: String,
    lead_days: Option<i64>,
    pack: i64,
    code_1c: Option<String>,
    barcode: Option<String>,
    discontinued: i64,
}

impl From<TermsRow> for ArticleTerms {
    fn from(r: TermsRow) -> Self {
        ArticleTerms {
            grade: Grade::parse(&r.grade).unwrap_or_default(),
            lead_days: r.lead_days,
            pack: r.pack,
            code_1c: r.code_1c,
            barcode: r.barcode,
            discontinued: r.discontinued != 0,
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub id: i64,
    pub part_number: String,
    pub name: String,
    pub vendor: String,
    pub kind: String,
    pub color: Option<String>,
    pub yield_pages: Option<i64>,
    pub price: Option<i64>,
    pub vat_percent: i64,
    pub supplier_id: Option<i64>,
    pub supplier_article: Option<String>,
}

pub(super) const COLUMNS: &str = "a.id, a.part_number, a.name, a.vendor, a.kind, a.color, a.yield_pages, a.price, \
                                  a.vat_percent, a.supplier_id, a.supplier_article";

impl Row {
    pub(super) fn article(self) -> Result<Article> {
        let kind = SupplyKind::parse(&self.kind).ok_or_else(|| StoreError::Inconsistent {
            table: "article",
            column: "kind",
            row: self.id,
            value: self.kind.clone(),
        })?;
        Ok(Article {
            id: ArticleId(self.id),
            part_number: self.part_number,
            name: self.name,
            vendor: self.vendor,
            kind,
            color: self.color,
            yield_pages: self.yield_pages,
            price: self.price.map(Minor),
            vat_percent: self.vat_percent,
            supplier: self.supplier_id.map(SupplierId),
            supplier_article: self.supplier_article,
        })
    }
}

pub async fn load(tx: &mut Tx, id: ArticleId) -> Result<Option<Article>> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM article a WHERE a.id = $1"));
    let row: Option<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_optional(c).await?);
    row.map(Row::article).transpose()
}

pub async fn id_by_part(tx: &mut Tx, vendor: &str, part_number: &str) -> Result<Option<ArticleId>> {
    let sql = "SELECT id FROM article WHERE vendor = $1 AND part_number = $2";
    let id: Option<i64> =
        on_tx!(tx, |c| sqlx::query_scalar(sql).bind(vendor).bind(part_number).fetch_optional(c).await?);
    Ok(id.map(ArticleId))
}

/// The whole catalogue.
pub async fn all(tx: &mut Tx) -> Result<Vec<KeptArticle>> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM article a ORDER BY a.id"));
    let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    let sql = "SELECT id, grade, lead_days, pack, code_1c, barcode, discontinued FROM article";
    let terms: Vec<TermsRow> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    let mut terms: HashMap<i64, ArticleTerms> = terms.into_iter().map(|t| (t.id, t.into())).collect();
    let sql = "SELECT article_id, vendor, model, preference, yield_percent FROM article_fit \
               ORDER BY article_id, vendor, model";
    type FitRow = (i64, String, String, i64, i64);
    let fits: Vec<FitRow> = on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    let mut by_article: HashMap<i64, Vec<Fit>> = HashMap::new();
    for (article, vendor, model, preference, yield_percent) in fits {
        by_article.entry(article).or_default().push(Fit { vendor, model, preference, yield_percent });
    }
    rows.into_iter()
        .map(|r| {
            let fits = by_article.remove(&r.id).unwrap_or_default();
            let terms = terms.remove(&r.id).unwrap_or_default();
            Ok(KeptArticle { article: r.article()?, fits, terms })
        })
        .collect()
}

/// Adds it (id 0) or changes it, and replaces the models it fits.
pub async fn save(tx: &mut Tx, a: &Article, fits: &[Fit]) -> Result<ArticleId> {
    let theirs = a.supplier_article.as_deref().unwrap_or("");
    let search = [a.part_number.as_str(), &a.name, &a.vendor, theirs].map(str::to_lowercase).join(" ");
    let add = "INSERT INTO article (part_number, name, vendor, kind, color, yield_pages, price, vat_percent, supplier_id, \
               supplier_article, search) VALUES ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id + $1";
    let change = "UPDATE article SET part_number = $2, name = $3, vendor = $4, kind = $5, color = $6, yield_pages = $7, \
                  price = $8, vat_percent = $9, supplier_id = $10, supplier_article = $11, search = $12 WHERE id = $1 \
                  RETURNING id";
    let id: i64 = on_tx!(tx, |c| {
        sqlx::query_scalar(if a.id.0 == 0 { add } else { change })
            .bind(a.id.0)
            .bind(&a.part_number)
            .bind(&a.name)
            .bind(&a.vendor)
            .bind(a.kind.as_str())
            .bind(&a.color)
            .bind(a.yield_pages)
            .bind(a.price.map(|p| p.0))
            .bind(a.vat_percent)
            .bind(a.supplier.map(|s| s.0))
            .bind(&a.supplier_article)
            .bind(search)
            .fetch_one(c)
            .await?
    });
    if a.id.0 != 0 {
        let sql = "DELETE FROM article_fit WHERE article_id = $1";
        execute!(tx, sql, id);
    }
    let sql = "INSERT INTO article_fit (article_id, vendor, model, preference, yield_percent) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (article_id, vendor, model) DO NOTHING";
    for f in fits {
        execute!(tx, sql, id, &f.vendor, &f.model, f.preference, f.yield_percent);
    }
    Ok(ArticleId(id))
}

/// How it is bought.
pub async fn save_terms(tx: &mut Tx, id: ArticleId, t: &ArticleTerms) -> Result<()> {
    let sql = "UPDATE article SET grade = $2, lead_days = $3, pack = $4, code_1c = $5, barcode = $6, discontinued = $7 \
               WHERE id = $1";
    let discontinued = i64::from(t.discontinued);
    execute!(tx, sql, id.0, t.grade.as_str(), t.lead_days, t.pack, &t.code_1c, &t.barcode, discontinued);
    Ok(())
}
