//! Who asked for what, and what came of it. The caller leaves secrets out.

use super::{Result, Tx, execute};
use crate::model::Millis;

pub async fn add(tx: &mut Tx, who: &str, source: &str, command: &str, result: &str, now: Millis) -> Result<()> {
    let sql = "INSERT INTO audit (at, who, source, command, result) VALUES ($1, $2, $3, $4, $5)";
    execute!(tx, sql, now.0, who, source, command, result);
    Ok(())
}
