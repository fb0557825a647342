//! What has to leave (invariant 6): written with the change that caused it, sent with retry, once by its key.
//!
//! pending -> sending (claimed for a while; a kill leaves it to be claimed again) -> sent; or cancelled before it left.

use super::device::json;
use super::{Db, Result, Store, Tx, execute, on_db, on_tx};
use crate::model::{Millis, Notice, OrderId, OutboxId};

/// A row that was claimed for sending.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxItem {
    pub id: OutboxId,
    /// Idempotency: "order:12"; the Message-ID is made of it.
    pub key: String,
    pub channel: String,
    pub recipient: String,
    pub notice: Notice,
    /// This attempt included.
    pub attempts: i64,
    pub created_at: Millis,
}

/// Puts a notice into the outbox; `false` when its key is there already.
pub async fn add(tx: &mut Tx, key: &str, channel: &str, recipient: &str, notice: &Notice, now: Millis) -> Result<bool> {
    let sql = "INSERT INTO outbox (key, channel, recipient, payload, status, next_at, created_at) \
               VALUES ($1, $2, $3, $4, 'pending', $5, $5) ON CONFLICT (key) DO NOTHING";
    let payload = json(notice)?;
    let n = execute!(tx, sql, key, channel, recipient, payload, now.0);
    Ok(n == 1)
}

/// Takes back what has not left yet. `false`: it is being sent or has been sent.
pub async fn cancel(tx: &mut Tx, key: &str) -> Result<bool> {
    let sql = "UPDATE outbox SET status = 'cancelled' WHERE key = $1 AND status = 'pending'";
    Ok(execute!(tx, sql, key) == 1)
}

/// Claims the next due mail for `lease_ms`: nobody else gets it until then.
pub async fn claim(store: &Store, now: Millis, lease_ms: i64) -> Result<Option<OutboxItem>> {
    claim_of(store, "mail", now, lease_ms).await
}

/// The same of any channel.
pub async fn claim_of(store: &Store, channel: &str, now: Millis, lease_ms: i64) -> Result<Option<OutboxItem>> {
    let sql = "UPDATE outbox SET status = 'sending', attempts = attempts + 1, next_at = $2 WHERE id = (SELECT id FROM \
               outbox WHERE channel = $3 AND status IN ('pending', 'sending') AND next_at <= $1 ORDER BY next_at, id LIMIT 1) \
               AND status IN ('pending', 'sending') AND next_at <= $1 \
               RETURNING id, key, channel, recipient, payload, attempts, created_at";
    type Row = (i64, String, String, String, String, i64, i64);
    let mut tx = store.begin().await?;
    let until = now.0 + lease_ms;
    let row: Option<Row> =
        on_tx!(&mut tx, |c| sqlx::query_as(sql).bind(now.0).bind(until).bind(channel).fetch_optional(c).await?);
    let Some((id, key, channel, recipient, payload, attempts, created_at)) = row else { return Ok(None) };
    tx.commit().await?;
    let notice = serde_json::from_str(&payload).map_err(|e| super::StoreError::Inconsistent {
        table: "outbox",
        column: "payload",
        row: id,
        value: e.to_string(),
    })?;
    let created_at = Millis(created_at);
    Ok(Some(OutboxItem { id: OutboxId(id), key, channel, recipient, notice, attempts, created_at }))
}

/// It left. The order it carried counts as sent in the same commit.
pub async fn sent(store: &Store, item: &OutboxItem, now: Millis) -> Result<()> {
    let mut tx = store.begin().await?;
    let sql = "UPDATE outbox SET status = 'sent', sent_at = $2, last_error = NULL WHERE id = $1";
    execute!(&mut tx, sql, item.id.0, now.0);
    if let Notice::Order { order } = &item.notice {
        let sql = "UPDATE purchase_order SET status = 'sent', sent_at = $2 WHERE id = $1 AND status = 'approved'";
        execute!(&mut tx, sql, order.id.0, now.0);
    }
    tx.commit().await
}

/// It did not leave: kept, tried again at `next`.
pub async fn failed(store: &Store, item: &OutboxItem, error: &str, next: Millis) -> Result<()> {
    let mut tx = store.begin().await?;
    let sql =
        "UPDATE outbox SET status = 'pending', last_error = $2, next_at = $3 WHERE id = $1 AND status = 'sending'";
    execute!(&mut tx, sql, item.id.0, error, next.0);
    tx.commit().await
}

/// Every waiting row is due now: after a restart with a corrected configuration.
pub async fn retry_now(store: &Store, now: Millis) -> Result<()> {
    let mut tx = store.begin().await?;
    let sql = "UPDATE outbox SET next_at = $1 WHERE status = 'pending' AND next_at > $1";
    execute!(&mut tx, sql, now.0);
    tx.commit().await
}

/// Why rows that were never tried wait.
pub async fn explain_waiting(store: &Store, why: &str) -> Result<()> {
    let sql = "SELECT COUNT(*) FROM outbox WHERE channel = 'mail' AND status = 'pending' AND last_error IS NULL";
    let n: i64 = on_db!(store.db(), |p| sqlx::query_scalar(sql).fetch_one(p).await?);
    if n == 0 {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    let sql = "UPDATE outbox SET last_error = $1 WHERE channel = 'mail' AND status = 'pending' AND last_error IS NULL";
    execute!(&mut tx, sql, why);
    tx.commit().await
}

/// How many rows wait to leave, and the earliest time one of them is due.
pub async fn waiting(db: &Db) -> Result<(i64, Option<Millis>)> {
    let sql = "SELECT COUNT(*), MIN(next_at) FROM outbox WHERE status IN ('pending', 'sending')";
    let (n, next): (i64, Option<i64>) = on_db!(db, |p| sqlx::query_as(sql).fetch_one(p).await?);
    Ok((n, next.map(Millis)))
}

/// Key of the one mail an order leaves by.
pub fn order_key(order: OrderId) -> String {
    format!("order:{order}")
}
