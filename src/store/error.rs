//! What can go wrong with the database, in words a person can act on, and whether trying again later can help.

/// An error of the store. `Open` names the database; the others are told by whoever knows which one it was.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database {database}: {source}")]
    Open {
        database: String,
        #[source]
        source: Box<StoreError>,
    },
    #[error("{text:?} is no database address: write a file path, sqlite:PATH or postgres://user@host/name ({detail})")]
    Address { text: String, detail: String },
    #[error(
        "it was written by a newer Anykey (schema {found}, this one knows up to {known}): start that version, or restore \
         a backup made by this one into a new database"
    )]
    Newer { found: i64, known: i64 },
    #[error(
        "its schema {version} is not the one this Anykey made: it comes from another build; back it up with the Anykey \
         that made it (`anykey backup`) and restore into a new database"
    )]
    ForeignSchema { version: i64 },
    #[error(
        "it is damaged or no database at all ({detail}): put the file aside and restore the latest backup \
         (`anykey restore FILE`)"
    )]
    Corrupt { detail: String },
    #[error("no space left on its disk ({detail}): free some; what was accepted is kept and written then")]
    Full { detail: String },
    #[error("it cannot be reached ({detail}): check that the server runs, its address and the network between")]
    Unreachable { detail: String },
    #[error(
        "no right to use it ({detail}): check the owner and rights of the file and its folder, or the user's grants"
    )]
    Denied { detail: String },
    #[error("another process holds it ({detail}): end that process or wait until it is done")]
    Busy { detail: String },
    #[error("reading or writing its file failed ({detail}): check the disk and the system log")]
    Io { detail: String },
    /// A rule of the schema refused a row: one input is wrong, not the database.
    #[error("the row was refused: {detail}")]
    Refused { detail: String, unique: bool },
    #[error("column {column} of table {table} holds {value:?}, which this Anykey does not understand (row {row})")]
    Inconsistent { table: &'static str, column: &'static str, row: i64, value: String },
    #[error("{0}")]
    Secret(#[from] super::secret::SecretError),
    #[error("a statement failed: {detail}")]
    Statement { detail: String },
}

impl StoreError {
    /// True when the same input may succeed later: the caller keeps it.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Open { source, .. } => source.is_temporary(),
            Self::Corrupt { .. }
            | Self::Full { .. }
            | Self::Unreachable { .. }
            | Self::Denied { .. }
            | Self::Busy { .. }
            | Self::Io { .. } => true,
            Self::Address { .. }
            | Self::Newer { .. }
            | Self::ForeignSchema { .. }
            | Self::Refused { .. }
            | Self::Inconsistent { .. }
            | Self::Secret(_)
            | Self::Statement { .. } => false,
        }
    }
    /// A unique key was already taken.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Refused { unique: true, .. })
    }
    pub(super) fn at(self, database: &str) -> Self {
        match self {
            Self::Open { .. } | Self::Address { .. } => self,
            e => Self::Open { database: database.to_owned(), source: Box::new(e) },
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(e: sqlx::Error) -> Self {
        let detail = e.to_string();
        match &e {
            sqlx::Error::Database(d) => of_database(d.as_ref(), detail),
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => {
                Self::Unreachable { detail }
            }
            sqlx::Error::WorkerCrashed => Self::Io { detail },
            sqlx::Error::Configuration(_) => Self::Address { text: String::new(), detail },
            _ => Self::Statement { detail },
        }
    }
}

fn of_database(d: &dyn sqlx::error::DatabaseError, detail: String) -> StoreError {
    let code = d.code().unwrap_or_default().into_owned();
    if d.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        // Extended result codes keep the primary one in the low byte.
        return match code.parse::<i64>().unwrap_or(0) & 0xff {
            13 => StoreError::Full { detail },
            11 | 26 => StoreError::Corrupt { detail },
            3 | 8 | 14 | 23 => StoreError::Denied { detail },
            5 | 6 => StoreError::Busy { detail },
            7 | 10 => StoreError::Io { detail },
            19 => StoreError::Refused { unique: d.is_unique_violation(), detail },
            _ => StoreError::Statement { detail },
        };
    }
    match code.as_str() {
        "53100" => StoreError::Full { detail },
        "XX001" | "XX002" => StoreError::Corrupt { detail },
        // 25006: a standby took over and only reads.
        "42501" | "25006" => StoreError::Denied { detail },
        "40001" | "40P01" | "55P03" | "57014" => StoreError::Busy { detail },
        "3D000" => StoreError::Unreachable { detail: format!("{detail}; create it: createdb NAME") },
        c if c.starts_with("28") => StoreError::Denied { detail },
        c if c.starts_with("08") || c.starts_with("57P") || c.starts_with("53") => StoreError::Unreachable { detail },
        c if c.starts_with("58") => StoreError::Io { detail },
        c if c.starts_with("23") => StoreError::Refused { unique: d.is_unique_violation(), detail },
        _ => StoreError::Statement { detail },
    }
}
