//! Merges and splits of devices by people, each with what its way back needs. Rows are never put together: a merged device keeps
//! its own, and points to the one that answers for it.

use serde::{Deserialize, Serialize};

use super::device::json;
use super::{Result, StoreError, Tx, execute, on_tx};
use crate::model::{DeviceId, Identifier, Millis, TicketId};

/// What happened, and what the way back needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// `other` became part of `device`.
    Merge {
        address: Option<String>,
        port: u16,
        /// Where the device that stayed was asked before.
        kept_address: Option<String>,
        kept_port: u16,
        tickets: Vec<TicketId>,
        /// Devices that had been merged into the one that went.
        children: Vec<DeviceId>,
    },
    /// `other` was taken out of `device`.
    Split { identifiers: Vec<Identifier>, address: Option<String> },
}

impl Change {
    pub fn as_str(&self) -> &'static str {
        match self {
            Change::Merge { .. } => "merge",
            Change::Split { .. } => "split",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    pub id: i64,
    pub device: DeviceId,
    pub other: DeviceId,
    pub undone: bool,
    pub change: Change,
}

pub async fn record(
    tx: &mut Tx,
    device: DeviceId,
    other: DeviceId,
    change: &Change,
    who: &str,
    now: Millis,
) -> Result<i64> {
    let sql = "INSERT INTO identity_change (device_id, other_id, kind, at, who, body) VALUES ($1, $2, $3, $4, $5, $6) \
               RETURNING id";
    let body = json(change)?;
    Ok(on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(device.0)
            .bind(other.0)
            .bind(change.as_str())
            .bind(now.0)
            .bind(who)
            .bind(body)
            .fetch_one(c)
            .await?
    }))
}

pub async fn load(tx: &mut Tx, id: i64) -> Result<Option<Recorded>> {
    let sql = "SELECT device_id, other_id, undone_at, body FROM identity_change WHERE id = $1";
    let row: Option<(i64, i64, Option<i64>, String)> =
        on_tx!(tx, |c| sqlx::query_as(sql).bind(id).fetch_optional(c).await?);
    let Some((device, other, undone, body)) = row else { return Ok(None) };
    let change = serde_json::from_str(&body).map_err(|e| StoreError::Inconsistent {
        table: "identity_change",
        column: "body",
        row: id,
        value: e.to_string(),
    })?;
    Ok(Some(Recorded { id, device: DeviceId(device), other: DeviceId(other), undone: undone.is_some(), change }))
}

pub async fn undone(tx: &mut Tx, id: i64, who: &str, now: Millis) -> Result<()> {
    let sql = "UPDATE identity_change SET undone_at = $2, undone_by = $3 WHERE id = $1";
    execute!(tx, sql, id, now.0, who);
    Ok(())
}

/// Devices that are part of this one.
pub async fn children(tx: &mut Tx, device: DeviceId) -> Result<Vec<DeviceId>> {
    let sql = "SELECT id FROM device WHERE merged_into = $1 ORDER BY id";
    let ids: Vec<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(device.0).fetch_all(c).await?);
    Ok(ids.into_iter().map(DeviceId).collect())
}

/// Moves a child, which is known to be merged, to another.
pub async fn point(tx: &mut Tx, child: DeviceId, to: DeviceId) -> Result<()> {
    execute!(tx, "UPDATE device SET merged_into = $2 WHERE id = $1", child.0, to.0);
    Ok(())
}

/// Open tickets go to the other device, but for those of a problem it has one of already.
pub async fn move_tickets(tx: &mut Tx, from: DeviceId, to: DeviceId) -> Result<Vec<TicketId>> {
    let sql = "UPDATE ticket SET device_id = $2 WHERE device_id = $1 AND status NOT IN ('resolved', 'closed', 'cancelled') \
               AND NOT EXISTS (SELECT 1 FROM ticket o WHERE o.device_id = $2 AND o.class = ticket.class \
               AND o.component = ticket.component AND o.status NOT IN ('resolved', 'closed', 'cancelled')) RETURNING id";
    let ids: Vec<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(from.0).bind(to.0).fetch_all(c).await?);
    Ok(ids.into_iter().map(TicketId).collect())
}

pub async fn give_tickets(tx: &mut Tx, tickets: &[TicketId], to: DeviceId) -> Result<()> {
    for t in tickets {
        execute!(tx, "UPDATE ticket SET device_id = $2 WHERE id = $1", t.0, to.0);
    }
    Ok(())
}

/// These identifiers are the other device's from now on, by a person's word; how many there were.
pub async fn move_identifiers(tx: &mut Tx, from: DeviceId, to: DeviceId, ids: &[Identifier]) -> Result<u64> {
    let sql = "UPDATE device_identifier SET device_id = $2, pinned = 1 WHERE kind = $3 AND value = $4 \
               AND device_id = $1";
    let mut moved = 0;
    for id in ids {
        moved += execute!(tx, sql, from.0, to.0, id.kind.as_str(), &id.value);
    }
    Ok(moved)
}

/// A split is taken back: the word of a person no longer stands.
pub async fn unpin(tx: &mut Tx, device: DeviceId) -> Result<()> {
    execute!(tx, "UPDATE device_identifier SET pinned = 0 WHERE device_id = $1", device.0);
    Ok(())
}

/// The history of one address goes along.
pub async fn move_address(tx: &mut Tx, from: DeviceId, to: DeviceId, address: &str) -> Result<Option<u16>> {
    let sql = "UPDATE device_address_history SET device_id = $2 WHERE device_id = $1 AND address = $3 RETURNING port";
    let ports: Vec<i64> =
        on_tx!(tx, |c| sqlx::query_scalar(sql).bind(from.0).bind(to.0).bind(address).fetch_all(c).await?);
    Ok(ports.first().and_then(|p| u16::try_from(*p).ok()))
}
