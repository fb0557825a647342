//! The page counter of a reading, kept in epochs (`status::pages` decides).

use super::writer::Work;
use crate::model::{DeviceId, Event, Millis};
use crate::status::pages::{Epoch, Step, Why, step};
use crate::store::pages::{self, EpochRow};
use crate::store::{Result, Tx};

fn epoch(r: &EpochRow) -> Epoch {
    Epoch {
        started_at: Millis(r.started_at),
        why: Why::parse(&r.why).unwrap_or(Why::Reset),
        first: r.first_value,
        last: r.last_value,
        last_at: Millis(r.last_at),
        offset: r.page_offset,
        board: r.board.clone(),
    }
}

fn row(e: &Epoch) -> EpochRow {
    EpochRow {
        started_at: e.started_at.0,
        why: e.why.as_str().to_owned(),
        first_value: e.first,
        last_value: e.last,
        last_at: e.last_at.0,
        page_offset: e.offset,
        board: e.board.clone(),
    }
}

/// Takes a value of the counter; `true` when the device's row changed, with what people should know.
pub(super) async fn take(
    work: &mut Work,
    tx: &mut Tx,
    id: DeviceId,
    count: u64,
    at: Millis,
) -> Result<(bool, Option<Event>)> {
    let Some(known) = work.cache.get(id) else { return Ok((false, None)) };
    let (before, board) = (known.device.page_count, known.device.base_mac.clone());
    let told = (count, board.clone());
    if before == Some(count) && known.pages.as_ref() == Some(&told) {
        return Ok((false, None));
    }
    known.pages = Some(told);
    known.device.page_count = Some(count);
    let value = i64::try_from(count).unwrap_or(i64::MAX);
    let kept: Vec<Epoch> = pages::latest(tx, id).await?.iter().map(epoch).collect();
    let (offset, event) = match step(kept.first(), kept.get(1), value, board.as_deref(), at) {
        Step::Same => (None, None),
        Step::On(e) => {
            pages::save(tx, id, &row(&e)).await?;
            (Some(e.offset), None)
        }
        Step::Open(e) => {
            pages::save(tx, id, &row(&e)).await?;
            let from = kept.first().and_then(|k| u64::try_from(k.last).ok());
            (Some(e.offset), from.map(|from| Event::PageCountReset { from, to: count }))
        }
        Step::Back(e) => {
            if let Some(wrong) = kept.first() {
                pages::drop_from(tx, id, wrong.started_at.0).await?;
            }
            pages::save(tx, id, &row(&e)).await?;
            (Some(e.offset), None)
        }
    };
    if let (Some(known), Some(offset)) = (work.cache.get(id), offset) {
        known.device.page_offset = offset;
    }
    Ok((before != Some(count) || event.is_some(), event))
}
