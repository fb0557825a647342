//! The only place that names SQL: one file per noun, the same text for SQLite and PostgreSQL.
//!
//! Writing functions take `&mut Tx` and are called by the engine (or by the few writers that are no input: sessions, the
//! outbox); reading ones take `&Db`; what the pages read lies in `read/`. Nothing here decides anything: it loads and keeps.
//! To add a noun: a table in both `migrations/` folders, a file here, its statements in `tests/store*.rs` (run on both).

pub mod arp;
pub mod article;
pub mod asset;
pub mod asset_import;
pub mod audit;
pub mod auto_send;
pub mod backup;
pub mod cabling;
pub mod credential;
mod db;
pub mod desk;
pub mod device;
pub mod drafts;
pub mod error;
pub mod examine;
pub mod fdb;
pub mod hidden;
pub mod identity;
pub mod import;
pub mod known;
pub mod lock;
pub mod maintenance;
pub mod merge;
pub mod metric;
pub mod moving;
pub mod need;
pub mod neighbor;
pub mod notice;
pub mod observed;
mod open;
pub mod order;
pub mod outbox;
pub mod pages;
pub mod place;
pub mod port;
pub mod position;
pub mod range;
pub mod read;
pub mod retention;
pub mod rma;
pub mod secret;
pub mod service;
pub mod setting;
pub mod site;
pub mod stock;
pub mod supplier;
pub mod supply;
pub mod supply_article;
pub mod tag;
pub mod target;
pub mod testing;
pub mod ticket;
pub mod timeline;
pub mod user;

use std::path::PathBuf;

pub use db::{Db, Tx};
pub(crate) use db::{execute, on_db, on_tx};
pub use error::StoreError;
pub use secret::{Keeper, KeySource};

use open::Address;

pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An open, migrated database with its secret key. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
    keeper: Keeper,
    address: std::sync::Arc<Address>,
}

impl Store {
    /// Opens (SQLite: creates) the database at a path or `postgres://…` and brings its schema up to date. The secret key is
    /// `ANYKEY_SECRET_KEY` or the file beside it.
    pub async fn open(url: &str) -> Result<Store> {
        Self::open_with(url, None).await
    }
    /// The same with the key from elsewhere.
    pub async fn open_with(url: &str, key: Option<KeySource>) -> Result<Store> {
        let address = Address::parse(url)?;
        let key = key.unwrap_or_else(|| KeySource::File(address.key_file()));
        let db = open::open(&address).await?;
        Ok(Store { db, keeper: Keeper::new(key), address: std::sync::Arc::new(address) })
    }
    /// For reading (`store::read`).
    pub fn db(&self) -> &Db {
        &self.db
    }
    pub async fn begin(&self) -> Result<Tx> {
        self.db.begin().await
    }
    pub fn keeper(&self) -> &Keeper {
        &self.keeper
    }
    /// How messages call this database, without its password.
    pub fn name(&self) -> String {
        self.address.name()
    }
    /// The SQLite file, for checks of disk space.
    pub fn file(&self) -> Option<PathBuf> {
        match &*self.address {
            Address::Sqlite(p) => Some(p.clone()),
            Address::Postgres(_) => None,
        }
    }
    pub fn schema_version(&self) -> i64 {
        open::schema_version()
    }
    pub async fn close(&self) {
        self.db.close().await;
    }
}
