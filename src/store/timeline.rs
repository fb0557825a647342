//! What happened to a device, for people.

use super::device::json;
use super::{Result, Tx, execute};
use crate::model::{DeviceId, Event, Millis};

pub async fn add(tx: &mut Tx, device: DeviceId, event: &Event, at: Millis) -> Result<()> {
    let sql = "INSERT INTO timeline (device_id, at, kind, body) VALUES ($1, $2, $3, $4)";
    let body = json(event)?;
    execute!(tx, sql, device.0, at.0, event.as_str(), body);
    Ok(())
}
