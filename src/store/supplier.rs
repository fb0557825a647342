//! Whom we buy from.

use super::{Keeper, Result, Store, Tx, execute, on_db, on_tx};
use crate::model::{Minor, Supplier, SupplierId, SupplierName, SupplierTerms};

const SELECT: &str = "SELECT id, name, email, language, currency FROM supplier";

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub language: String,
    pub currency: String,
}

impl From<Row> for Supplier {
    fn from(r: Row) -> Self {
        Supplier { id: SupplierId(r.id), name: r.name, email: r.email, language: r.language, currency: r.currency }
    }
}

pub async fn load(tx: &mut Tx, id: SupplierId) -> Result<Option<Supplier>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1"));
    let row: Option<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_optional(c).await?);
    Ok(row.map(Into::into))
}

pub async fn id_by_name(tx: &mut Tx, name: &str) -> Result<Option<SupplierId>> {
    let sql = "SELECT id FROM supplier WHERE name = $1";
    let id: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(name).fetch_optional(c).await?);
    Ok(id.map(SupplierId))
}

/// Adds it, or with an id changes it.
pub async fn save(tx: &mut Tx, id: Option<SupplierId>, s: &Supplier) -> Result<SupplierId> {
    let id = match id {
        None => {
            let sql = "INSERT INTO supplier (name, email, language, currency) VALUES ($1, $2, $3, $4) RETURNING id";
            on_tx!(tx, |c| {
                sqlx::query_scalar(sql)
                    .bind(&s.name)
                    .bind(&s.email)
                    .bind(&s.language)
                    .bind(&s.currency)
                    .fetch_one(c)
                    .await?
            })
        }
        Some(id) => {
            let sql = "UPDATE supplier SET name = $2, email = $3, language = $4, currency = $5 WHERE id = $1";
            execute!(tx, sql, id.0, &s.name, &s.email, &s.language, &s.currency);
            id.0
        }
    };
    Ok(SupplierId(id))
}

#[derive(sqlx::FromRow)]
pub(super) struct TermsRow {
    pub lead_days: i64,
    pub min_order: i64,
    pub auto_send: i64,
    pub auto_week_limit: Option<i64>,
    pub webhook: Option<String>,
}

impl From<TermsRow> for SupplierTerms {
    fn from(r: TermsRow) -> Self {
        SupplierTerms {
            lead_days: r.lead_days,
            min_order: Minor(r.min_order),
            auto_send: r.auto_send != 0,
            auto_week_limit: r.auto_week_limit.map(Minor),
            webhook: r.webhook,
        }
    }
}

pub async fn terms(tx: &mut Tx, id: SupplierId) -> Result<SupplierTerms> {
    let sql = "SELECT lead_days, min_order, auto_send, auto_week_limit, webhook FROM supplier WHERE id = $1";
    let row: Option<TermsRow> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_optional(c).await?);
    Ok(row.map(Into::into).unwrap_or_default())
}

pub async fn save_terms(tx: &mut Tx, id: SupplierId, t: &SupplierTerms) -> Result<()> {
    let sql = "UPDATE supplier SET lead_days = $2, min_order = $3, auto_send = $4, auto_week_limit = $5, webhook = $6 \
               WHERE id = $1";
    let limit = t.auto_week_limit.map(|m| m.0);
    execute!(tx, sql, id.0, t.lead_days, t.min_order.0, i64::from(t.auto_send), limit, &t.webhook);
    Ok(())
}

/// Every supplier by name.
pub async fn names(tx: &mut Tx) -> Result<Vec<SupplierName>> {
    let rows: Vec<(i64, String)> =
        on_tx!(tx, |c| sqlx::query_as("SELECT id, name FROM supplier ORDER BY id").fetch_all(c).await?);
    Ok(rows.into_iter().map(|(id, name)| (SupplierId(id), name)).collect())
}

/// The webhook's secret is sealed under this context: moved to another supplier it does not open.
fn secret_context(id: SupplierId) -> String {
    format!("webhook:{id}")
}

/// Keeps the secret that signs what goes to the webhook; `None` takes it away.
pub async fn save_secret(tx: &mut Tx, keeper: &Keeper, id: SupplierId, secret: Option<&str>) -> Result<()> {
    let sealed = secret.map(|s| keeper.seal(&secret_context(id), s)).transpose().map_err(super::StoreError::Secret)?;
    execute!(tx, "UPDATE supplier SET webhook_secret = $2 WHERE id = $1", id.0, sealed);
    Ok(())
}

/// The secret in the clear, for signing only. `None`: there is none.
pub async fn secret(store: &Store, id: SupplierId) -> Result<Option<String>> {
    let sql = "SELECT webhook_secret FROM supplier WHERE id = $1";
    let sealed: Option<Option<Vec<u8>>> =
        on_db!(store.db(), |p| sqlx::query_scalar(sql).bind(id.0).fetch_optional(p).await?);
    let opened = sealed.flatten().map(|s| store.keeper().open(&secret_context(id), &s));
    opened.transpose().map_err(super::StoreError::Secret)
}
