//! Whom we buy from.

use super::{Result, Tx, execute, on_tx};
use crate::model::{Supplier, SupplierId};

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
