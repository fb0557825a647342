//! A file a person sends with a form, and a table of articles made of it. Sizes are limited; nothing is written to disk.

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};

use super::error::WebError;
use crate::document::table::{self, TableError};
use crate::model::{AssetChange, CablingChange, Command, SiteId};

/// Bytes of one file.
pub const MAX_FILE: usize = 16 << 20;

/// A file of a form.
pub struct Upload {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The first file of a multipart form. `None`: there is none. The caller has checked who asks.
pub async fn file(mut request: Request) -> Result<Result<Option<Upload>, TooLarge>, WebError> {
    let bad = |e: &dyn std::fmt::Display| WebError::BadRequest(format!("the file could not be read: {e}"));
    // The file and what the form puts around it.
    DefaultBodyLimit::max(MAX_FILE + (64 << 10)).apply(&mut request);
    let is_form =
        request.headers().get("content-type").is_some_and(|t| t.as_bytes().starts_with(b"multipart/form-data"));
    if !is_form {
        return Ok(Ok(None));
    }
    let mut form = Multipart::from_request(request, &()).await.map_err(|e| bad(&e))?;
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(Ok(None)),
            Err(e) if e.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE => return Ok(Err(TooLarge)),
            Err(e) => return Err(bad(&e)),
        };
        let Some(name) = field.file_name().map(str::to_owned) else { continue };
        return match field.bytes().await {
            Ok(bytes) if bytes.len() > MAX_FILE => Ok(Err(TooLarge)),
            Ok(bytes) if bytes.is_empty() && name.is_empty() => Ok(Ok(None)),
            Ok(bytes) => Ok(Ok(Some(Upload { name: plain_name(&name), bytes: bytes.to_vec() }))),
            Err(e) if e.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE => Ok(Err(TooLarge)),
            Err(e) => Err(bad(&e)),
        };
    }
}

/// The file is larger than `MAX_FILE`.
#[derive(Debug)]
pub struct TooLarge;

/// The last part of a path, without control characters.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let clean: String = last.chars().filter(|c| !c.is_control()).take(150).collect();
    if clean.trim().is_empty() { "table".to_owned() } else { clean.trim().to_owned() }
}

/// The command that keeps a table of articles for judgement. Reading runs beside the web's own tasks.
pub async fn articles(file_name: String, bytes: Vec<u8>) -> Result<Command, TableError> {
    let read = tokio::task::spawn_blocking(move || table::articles::read(&bytes)).await;
    let table = read.unwrap_or_else(|e| Err(TableError::Damaged(e.to_string())))?;
    Ok(Command::DraftImport { file_name: plain_name(&file_name), ignored: table.ignored, rows: table.rows })
}

/// The command that keeps a sheet of cabling for judgement.
pub async fn cabling(site: SiteId, file_name: String, bytes: Vec<u8>) -> Result<Command, TableError> {
    let read = tokio::task::spawn_blocking(move || table::cabling::read(&bytes)).await;
    let sheet = read.unwrap_or_else(|e| Err(TableError::Damaged(e.to_string())))?;
    let (ignored, rows) = (sheet.ignored, sheet.rows);
    let change = CablingChange::DraftSheet { site, file_name: plain_name(&file_name), ignored, rows };
    Ok(Command::Cabling { change })
}

/// The command that keeps a table of assets for judgement.
pub async fn assets(file_name: String, bytes: Vec<u8>) -> Result<Command, TableError> {
    let read = tokio::task::spawn_blocking(move || table::assets::read(&bytes)).await;
    let table = read.unwrap_or_else(|e| Err(TableError::Damaged(e.to_string())))?;
    let (file_name, ignored, rows) = (plain_name(&file_name), table.ignored, table.rows);
    Ok(Command::Asset { change: AssetChange::DraftImport { file_name, ignored, rows } })
}
