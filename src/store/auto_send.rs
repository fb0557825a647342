//! Drafts that may leave by themselves, what has left so, and why one did not.

use super::device::json;
use super::{Db, Result, Tx, execute, on_db, on_tx};
use crate::model::{AutoHold, Millis, Minor, OrderId, SupplierId};

/// Drafts of suppliers with automatic sending.
pub async fn drafts(tx: &mut Tx) -> Result<Vec<OrderId>> {
    let sql = "SELECT o.id FROM purchase_order o JOIN supplier s ON s.id = o.supplier_id \
               WHERE o.status = 'draft' AND s.auto_send = 1 ORDER BY o.id";
    let ids: Vec<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).fetch_all(c).await?);
    Ok(ids.into_iter().map(OrderId).collect())
}

/// Net sum of what `who` approved for this supplier since then, cancelled orders left out.
pub async fn spent(tx: &mut Tx, supplier: SupplierId, who: &str, since: Millis) -> Result<Minor> {
    let sql = "SELECT CAST(COALESCE(SUM(l.quantity * l.price), 0) AS BIGINT) FROM purchase_order o \
               JOIN order_line l ON l.order_id = o.id WHERE o.supplier_id = $1 AND o.approved_by = $2 \
               AND o.approved_at >= $3 AND o.status <> 'cancelled'";
    let sum: i64 =
        on_tx!(tx, |c| sqlx::query_scalar(sql).bind(supplier.0).bind(who).bind(since.0).fetch_one(c).await?);
    Ok(Minor(sum))
}

/// Keeps why the draft waits for a click; `true` when that is new.
pub async fn set_hold(tx: &mut Tx, order: OrderId, hold: Option<AutoHold>) -> Result<bool> {
    let text = hold.map(|h| json(&h)).transpose()?;
    let sql = "UPDATE purchase_order SET auto_note = $2 WHERE id = $1 AND COALESCE(auto_note, '') <> COALESCE($2, '')";
    Ok(execute!(tx, sql, order.0, text) == 1)
}

/// Why a draft waits for a click, when it does.
pub async fn hold(db: &Db, order: OrderId) -> Result<Option<AutoHold>> {
    let sql = "SELECT auto_note FROM purchase_order WHERE id = $1 AND status = 'draft'";
    let note: Option<Option<String>> = on_db!(db, |p| sqlx::query_scalar(sql).bind(order.0).fetch_optional(p).await?);
    Ok(note.flatten().and_then(|n| serde_json::from_str(&n).ok()))
}
