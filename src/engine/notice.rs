//! A device spoke by itself (trap, inform): a line in its history, with the port's name. It changes no state, whoever sent it.
//! A stranger becomes a proposal on the page of discovery.

use super::action;
use super::api::Topic;
use super::writer::Work;
use crate::model::{Event, Reading, Subject, Trap};
use crate::store::{Result, Tx, port, timeline};

/// `false`: nothing worth a row.
pub(super) async fn write(work: &mut Work, tx: &mut Tx, reading: &Reading, trap: &Trap) -> Result<bool> {
    let device = match reading.subject {
        Subject::Known { device } => device,
        Subject::Stranger => return action::propose_stranger(work, tx, reading.address).await,
        Subject::Discovered { .. } => return Ok(false),
    };
    let at = reading.at.min(work.now);
    let Some(known) = work.known(tx, device).await? else { return Ok(false) };
    if known.device.retired {
        return Ok(false);
    }
    let mut trap = trap.clone();
    if let (None, Some(index)) = (&trap.port, trap.if_index) {
        trap.port = port::name(tx, device, index).await?;
    }
    timeline::add(tx, device, &Event::TrapReceived { trap }, at).await?;
    work.changed(Topic::Device, Some(device));
    Ok(true)
}
