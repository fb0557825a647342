//! Contract of the store: every function, so every statement, on SQLite and on PostgreSQL.

mod devices;
mod network;
mod opening;
mod people;
mod purchases;
mod stock;

use anykey::model::{Millis, SiteId};
use anykey::store::{Store, site};

/// 1 March 2026, noon UTC.
pub const NOON: Millis = Millis(1_772_366_400_000);

pub async fn branch(store: &Store) -> SiteId {
    let mut tx = store.begin().await.unwrap();
    let id = site::add(&mut tx, "Ufa", "Asia/Yekaterinburg", NOON).await.unwrap();
    tx.commit().await.unwrap();
    id
}

pub async fn count(store: &Store, table: &'static str) -> i64 {
    anykey::store::testing::count(store, table).await
}
