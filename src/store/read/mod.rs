//! Read models: what pages and the JSON API show, one file per noun, no change ever.
//!
//! Rows carry names beside ids, so that a page needs one or two statements. To add a list: a row struct, its statement
//! once for both databases, and a test that runs it on both.

pub mod articles;
pub mod assets;
pub mod cabling;
pub mod device;
pub mod devices;
pub mod discovery;
pub mod documents;
pub mod kpi;
pub mod metrics;
pub mod needs;
pub mod orders;
pub mod ports;
pub mod rmas;
pub mod settings;
pub mod stock;
pub mod supplies;
pub mod tickets;
pub mod today;

use serde::Serialize;

use super::{Db, Result, on_db};

/// Does the database answer at all?
pub async fn ping(db: &Db) -> Result<()> {
    on_db!(db, |p| sqlx::query("SELECT 1").execute(p).await.map(|_| ()))?;
    Ok(())
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// From 1.
    pub page: i64,
    pub per_page: i64,
}

impl Paging {
    pub fn new(page: i64, per_page: i64) -> Self {
        Paging { page: page.clamp(1, 1_000_000), per_page: per_page.clamp(1, 500) }
    }
    pub fn all() -> Self {
        Paging { page: 1, per_page: 10_000 }
    }
    pub(super) fn offset(self) -> i64 {
        (self.page - 1) * self.per_page
    }
}

/// One page of a list and how long the whole is.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Listed<T> {
    pub rows: Vec<T>,
    pub total: i64,
}

/// `$first,$first+1,...`: as many places as there are values.
pub(super) fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(",")
}

/// `%text%` for LIKE on a search column, its own wildcards taken literally (`ESCAPE '\'`).
pub(super) fn like(text: &str) -> String {
    let escaped = text.trim().to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod device_tests;
#[cfg(test)]
mod tests;
