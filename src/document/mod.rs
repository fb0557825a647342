//! Documents people send, pure: the order to a supplier as mail text, HTML, XLSX and CSV (model in, bytes out), and tables
//! of articles (bytes in, rows out).
//!
//! Never decides, never reads a clock or the store: the same order gives the same bytes, so that a mail sent twice is the
//! same mail. Numbers in tables are numbers. To add a document, add a folder beside `order`; to add a language, add its
//! words to each document and its signs to `format`.

pub mod format;
pub mod order;
pub mod sheet;
pub mod table;
pub mod where_is;

pub use order::{Heading, OrderDocument, render_order};
pub use where_is::render_where_is;

/// Language of a document: the receiver's, not the reader's of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Ru,
    En,
}

impl Language {
    /// "ru" or a regional form of it; everything else gets English.
    pub fn of(code: &str) -> Self {
        if code.trim().to_lowercase().starts_with("ru") { Self::Ru } else { Self::En }
    }
}

/// A document could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("writing the spreadsheet of order {number} failed: {source}")]
    Spreadsheet { number: String, source: rust_xlsxwriter::XlsxError },
}
