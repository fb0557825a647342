//! Backup and restore as one text file that fits both databases: a header, a line per table and row, a trailer with counts
//! and SHA-256. A file is read and checked whole before a single row of the target is replaced.
//!
//! It holds sealed secrets and the key's fingerprint, never the key; sign-in sessions and set-up links stay out. To add a
//! table: one name in `TABLES`, after the tables it refers to (a test compares the list with the schema).

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, QueryBuilder, Row};

use super::secret::hex;
use super::{Store, StoreError, Tx, on_tx};
use crate::model::Millis;

const FORMAT: u32 = 1;
/// Bound parameters of one INSERT: below both databases' limits.
const PARAMETERS: usize = 30_000;

/// What is kept, parents first.
pub const TABLES: [&str; 75] = [
    "site",
    "calendar_day",
    "calendar_year",
    "sla_target",
    "credential",
    "scan_range",
    "device",
    "device_tag",
    "device_parent",
    "hidden",
    "maintenance",
    "device_identifier",
    "device_address_history",
    "supplier",
    "article",
    "article_fit",
    "supply",
    "supply_reading",
    "metric_reading",
    "metric_daily",
    "port",
    "neighbor",
    "fdb",
    "arp",
    "vlan",
    "timeline",
    "identity_change",
    "page_epoch",
    "jam",
    "need",
    "need_reason",
    "purchase_order",
    "order_line",
    "stock_store",
    "stock_document",
    "stock_line",
    "stock_move",
    "stock_empty",
    "stock_reservation",
    "service_centre",
    "asset",
    "asset_event",
    "supply_replacement",
    "import_draft",
    "ticket",
    "ticket_event",
    "ticket_file",
    "ticket_link",
    "knowledge_note",
    "ticket_step",
    "rma",
    "rma_event",
    "notice_group",
    "notice_line",
    "outbox",
    "app_user",
    "api_token",
    "setting",
    "counter",
    "audit",
    "discovery_result",
    "plan_picture",
    "place",
    "rack",
    "unit",
    "jack",
    "lane_map",
    "cable_type",
    "cable",
    "cable_end",
    "change_set",
    "wiring",
    "observed_map",
    "observed_link",
    "finding",
];
/// What is left out on purpose: it would sign people in.
pub const LEFT_OUT: [&str; 2] = ["web_session", "setup_token"];

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{operation} the backup {path} failed: {source}")]
    File { operation: &'static str, path: PathBuf, source: std::io::Error },
    #[error("the backup {path} is damaged, nothing was changed: {detail}")]
    Damaged { path: PathBuf, detail: String },
    #[error("the backup {path} was made by a newer Anykey (format {found}): restore it with that version")]
    Newer { path: PathBuf, found: u32 },
    #[error("the database already holds {rows} devices, users or orders: add --force to replace everything in it")]
    NotEmpty { rows: i64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    anykey_backup: u32,
    made_at: i64,
    schema: i64,
    key_fingerprint: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TableHead {
    table: String,
    columns: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Trailer {
    rows: u64,
    sha256: String,
}

/// What a backup or restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub tables: usize,
    pub rows: u64,
    /// The secrets inside were sealed with another key than the present one.
    pub other_key: bool,
}

/// The kinds of column our schema has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Real,
    Text,
    Bytes,
}

impl Store {
    /// Writes everything to `path` (first beside it, then renamed), from one consistent view of the database.
    pub async fn backup(&self, path: &Path, now: Millis) -> Result<Summary, BackupError> {
        let part = path.with_extension("part");
        let failed = |operation| {
            let path = path.to_owned();
            move |source| BackupError::File { operation, path, source }
        };
        let file = create_private(&part).map_err(failed("creating"))?;
        let mut out = Hashing { inner: BufWriter::new(file), hash: Sha256::new() };
        let header = Header {
            anykey_backup: FORMAT,
            made_at: now.0,
            schema: self.schema_version(),
            key_fingerprint: self.keeper().fingerprint().ok(),
        };
        out.line(&header).map_err(failed("writing"))?;
        let mut tx = self.snapshot().await?;
        let mut rows = 0;
        for table in TABLES {
            let columns = columns(&mut tx, table).await?;
            let names = columns.iter().map(|(n, _)| n.clone()).collect();
            out.line(&TableHead { table: table.into(), columns: names }).map_err(failed("writing"))?;
            for row in dump(&mut tx, table, &columns).await? {
                out.line(&row).map_err(failed("writing"))?;
                rows += 1;
            }
        }
        tx.rollback().await?;
        let trailer = Trailer { rows, sha256: hex(&out.hash.clone().finalize()) };
        out.line(&trailer).map_err(failed("writing"))?;
        let file = out.inner.into_inner().map_err(|e| failed("writing")(e.into_error()))?;
        file.sync_all().map_err(failed("writing"))?;
        verify(&part)?;
        std::fs::rename(&part, path).map_err(failed("renaming"))?;
        Ok(Summary { tables: TABLES.len(), rows, other_key: false })
    }

    /// Replaces everything by what `path` holds, in one transaction. Without `force` only into a database without devices,
    /// users and orders.
    pub async fn restore(&self, path: &Path, force: bool) -> Result<Summary, BackupError> {
        let header = verify(path)?;
        let mut tx = self.begin().await?;
        let held: i64 = on_tx!(&mut tx, |c| sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM device) + (SELECT count(*) FROM app_user) + (SELECT count(*) FROM purchase_order)"
        )
        .fetch_one(c)
        .await)
        .map_err(StoreError::from)?;
        if held > 0 && !force {
            return Err(BackupError::NotEmpty { rows: held });
        }
        for table in LEFT_OUT.iter().chain(TABLES.iter().rev()) {
            let sql = format!("DELETE FROM {table}");
            on_tx!(&mut tx, |c| sqlx::query(AssertSqlSafe(sql)).execute(c).await.map(|_| ()))
                .map_err(StoreError::from)?;
        }
        let rows = self.fill(&mut tx, path).await?;
        reset_sequences(&mut tx).await?;
        tx.commit().await?;
        let present = self.keeper().fingerprint().ok();
        Ok(Summary { tables: TABLES.len(), rows, other_key: header.key_fingerprint != present })
    }

    async fn fill(&self, tx: &mut Tx, path: &Path) -> Result<u64, BackupError> {
        let mut rows = 0;
        let mut table: Option<(String, Vec<(String, Kind)>)> = None;
        let mut waiting: Vec<Vec<Value>> = Vec::new();
        for line in lines(path)?.skip(1) {
            let value = line?;
            match value {
                Value::Array(row) => {
                    let width = table.as_ref().map_or(1, |(_, c)| c.len().max(1));
                    waiting.push(row);
                    rows += 1;
                    if waiting.len() * width >= PARAMETERS - width {
                        insert(tx, &table, &mut waiting).await?;
                    }
                }
                other => {
                    insert(tx, &table, &mut waiting).await?;
                    let Ok(head) = serde_json::from_value::<TableHead>(other) else { continue };
                    let known = columns(tx, &head.table).await?;
                    let kinds = head
                        .columns
                        .into_iter()
                        .map(|name| {
                            let kind = known.iter().find(|(n, _)| *n == name).map(|(_, k)| *k);
                            kind.map(|k| (name.clone(), k)).ok_or_else(|| BackupError::Damaged {
                                path: path.to_owned(),
                                detail: format!("table {} has no column {name} in this database", head.table),
                            })
                        })
                        .collect::<Result<Vec<_>, _>>()?;
                    table = Some((head.table, kinds));
                }
            }
        }
        Ok(rows)
    }

    /// A transaction that sees one state of the database.
    async fn snapshot(&self) -> Result<Tx, StoreError> {
        Ok(match self.db() {
            super::Db::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            super::Db::Postgres(p) => {
                Tx::Postgres(p.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        })
    }
}

/// Reads the whole file: header, order, counts and hash must agree.
fn verify(path: &Path) -> Result<Header, BackupError> {
    let damaged = |detail: String| BackupError::Damaged { path: path.to_owned(), detail };
    let opened = |source| BackupError::File { operation: "reading", path: path.to_owned(), source };
    let mut hash = Sha256::new();
    let (mut header, mut trailer, mut rows, mut line_no) = (None::<Header>, None::<Trailer>, 0u64, 0usize);
    for line in BufReader::new(File::open(path).map_err(opened)?).split(b'\n') {
        let line = line.map_err(opened)?;
        line_no += 1;
        if trailer.is_some() {
            return Err(damaged(format!("line {line_no} follows the end")));
        }
        let value: Value = serde_json::from_slice(&line).map_err(|e| damaged(format!("line {line_no}: {e}")))?;
        if line_no == 1 {
            let h: Header = serde_json::from_value(value).map_err(|_| damaged("this is no Anykey backup".into()))?;
            if h.anykey_backup > FORMAT {
                return Err(BackupError::Newer { path: path.to_owned(), found: h.anykey_backup });
            }
            header = Some(h);
        } else if value.is_array() {
            rows += 1;
        } else if let Ok(t) = serde_json::from_value::<Trailer>(value.clone()) {
            trailer = Some(t);
            continue;
        } else {
            let head: TableHead =
                serde_json::from_value(value).map_err(|_| damaged(format!("line {line_no} is of no known form")))?;
            if !TABLES.contains(&head.table.as_str()) {
                return Err(damaged(format!("line {line_no}: unknown table {}", head.table)));
            }
        }
        hash.update(&line);
        hash.update(b"\n");
    }
    let header = header.ok_or_else(|| damaged("it is empty".into()))?;
    let trailer = trailer.ok_or_else(|| damaged(format!("its end is missing after line {line_no}")))?;
    if trailer.rows != rows {
        return Err(damaged(format!("it should hold {} rows and holds {rows}", trailer.rows)));
    }
    if trailer.sha256 != hex(&hash.finalize()) {
        return Err(damaged("its content does not match its checksum".into()));
    }
    Ok(header)
}

fn lines(path: &Path) -> Result<impl Iterator<Item = Result<Value, BackupError>>, BackupError> {
    let owned = path.to_owned();
    let file =
        File::open(path).map_err(|source| BackupError::File { operation: "reading", path: owned.clone(), source })?;
    Ok(BufReader::new(file).split(b'\n').map(move |line| {
        let line = line.map_err(|source| BackupError::File { operation: "reading", path: owned.clone(), source })?;
        serde_json::from_slice(&line).map_err(|e| BackupError::Damaged { path: owned.clone(), detail: e.to_string() })
    }))
}

async fn columns(tx: &mut Tx, table: &str) -> Result<Vec<(String, Kind)>, StoreError> {
    let table = table.to_owned();
    let rows: Vec<(String, String)> = match tx {
        Tx::Sqlite(t) => {
            sqlx::query_as("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")
                .bind(table)
                .fetch_all(&mut **t)
                .await?
        }
        Tx::Postgres(t) => {
            sqlx::query_as(
                "SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT) FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
            )
            .bind(table)
            .fetch_all(&mut **t)
            .await?
        }
    };
    let kind = |t: &str| match t.to_ascii_lowercase().as_str() {
        "integer" | "bigint" => Kind::Integer,
        "real" | "double precision" => Kind::Real,
        "blob" | "bytea" => Kind::Bytes,
        _ => Kind::Text,
    };
    Ok(rows.into_iter().map(|(name, t)| (name, kind(&t))).collect())
}

async fn dump(tx: &mut Tx, table: &str, columns: &[(String, Kind)]) -> Result<Vec<Vec<Value>>, StoreError> {
    let names = columns.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT {names} FROM {table} ORDER BY 1, 2");
    Ok(on_tx!(tx, |c| {
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(c).await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut values = Vec::with_capacity(columns.len());
            for (i, (_, kind)) in columns.iter().enumerate() {
                values.push(match kind {
                    Kind::Integer => row.try_get::<Option<i64>, _>(i)?.map_or(Value::Null, Value::from),
                    Kind::Real => row.try_get::<Option<f64>, _>(i)?.map_or(Value::Null, Value::from),
                    Kind::Text => row.try_get::<Option<String>, _>(i)?.map_or(Value::Null, Value::from),
                    Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(i)?.map_or(Value::Null, |b| Value::from(hex(&b))),
                });
            }
            out.push(values);
        }
        Ok::<_, sqlx::Error>(out)
    })?)
}

async fn insert(
    tx: &mut Tx,
    table: &Option<(String, Vec<(String, Kind)>)>,
    waiting: &mut Vec<Vec<Value>>,
) -> Result<(), StoreError> {
    let Some((name, columns)) = table.as_ref().filter(|_| !waiting.is_empty()) else { return Ok(()) };
    let names = columns.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(", ");
    let rows = std::mem::take(waiting);
    on_tx!(tx, |c| {
        let mut builder = QueryBuilder::new(format!("INSERT INTO {name} ({names}) "));
        builder.push_values(&rows, |mut b, row| {
            for (i, (_, kind)) in columns.iter().enumerate() {
                let value = row.get(i).unwrap_or(&Value::Null);
                match kind {
                    Kind::Integer => b.push_bind(value.as_i64()),
                    Kind::Real => b.push_bind(value.as_f64()),
                    Kind::Text => b.push_bind(value.as_str().map(str::to_owned)),
                    Kind::Bytes => b.push_bind(value.as_str().and_then(unhex)),
                };
            }
        });
        builder.build().execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// PostgreSQL's identity columns do not notice ids that came with the rows.
async fn reset_sequences(tx: &mut Tx) -> Result<(), StoreError> {
    let Tx::Postgres(t) = tx else { return Ok(()) };
    let with_id: Vec<String> = sqlx::query_scalar(
        "SELECT CAST(table_name AS TEXT) FROM information_schema.columns \
         WHERE table_schema = current_schema() AND column_name = 'id' AND is_identity = 'YES'",
    )
    .fetch_all(&mut **t)
    .await?;
    for table in with_id {
        let sql = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), \
             (SELECT COALESCE(max(id), 0) + 1 FROM {table}), false)"
        );
        sqlx::query(AssertSqlSafe(sql)).execute(&mut **t).await?;
    }
    Ok(())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

struct Hashing {
    inner: BufWriter<File>,
    hash: Sha256,
}

impl Hashing {
    fn line<T: Serialize>(&mut self, value: &T) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.hash.update(&line);
        self.inner.write_all(&line)
    }
}
