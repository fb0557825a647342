//! What a received order brings goes into the printers that asked for it.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;

use crate::engine::{EngineHandle, Topic};
use crate::model::{OrderId, OrderStatus};
use crate::simulator::fleet::Fleet;
use crate::simulator::fleet::live::Live;
use crate::store::read::{Paging, devices, orders};
use crate::store::{Store, StoreError};

/// For whom the pieces of an order are.
pub struct Piece {
    address: String,
    /// Description of the supply that was low.
    supply: String,
}

pub async fn parcel(store: &Store, order: OrderId) -> Result<Vec<Piece>, StoreError> {
    let mut parcel = Vec::new();
    for reason in orders::one(store.db(), order).await?.map(|detail| detail.reasons).unwrap_or_default() {
        if let Some(device) = devices::one(store.db(), reason.device).await? {
            parcel.push(Piece { address: device.address, supply: reason.description });
        }
    }
    Ok(parcel)
}

/// A piece for a supply that is no longer low goes into the cupboard.
pub fn put_in(fleet: &mut Fleet, parcel: &[Piece]) {
    for piece in parcel {
        let number = (0..fleet.len()).find(|n| fleet.card(*n).address.to_string() == piece.address);
        // Descriptions of the model end where serial numbers begin.
        let fits = |text: &str| text.split([',', '{', '/']).next().is_some_and(|t| piece.supply.contains(t.trim()));
        let place =
            number.and_then(|n| fleet.printer(n)?.supplies.iter().position(|s| s.is_low() && fits(s.spec.text)));
        if let (Some(number), Some(place)) = (number, place) {
            fleet.replace(number, place);
        }
    }
}

/// Whenever a person receives an order. Ends with the engine.
pub async fn watch(live: Arc<Live>, store: Store, engine: EngineHandle) {
    let mut changes = engine.changes();
    let mut delivered = received(&store).await.unwrap_or_default();
    loop {
        match changes.recv().await {
            Ok(change) if change.topic == Topic::Order => {}
            Ok(_) => continue,
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
        if let Err(e) = deliver_new(&live, &store, &mut delivered).await {
            tracing::warn!("the demo could not deliver an order: {e}");
        }
    }
}

async fn deliver_new(live: &Live, store: &Store, delivered: &mut Vec<OrderId>) -> Result<(), StoreError> {
    for order in received(store).await? {
        if !delivered.contains(&order) {
            let parcel = parcel(store, order).await?;
            live.with(|fleet| put_in(fleet, &parcel));
            delivered.push(order);
        }
    }
    Ok(())
}

async fn received(store: &Store) -> Result<Vec<OrderId>, StoreError> {
    let filter = orders::OrderFilter { status: Some(OrderStatus::Closed), ..Default::default() };
    Ok(orders::list(store.db(), &filter, Paging::all()).await?.rows.into_iter().map(|o| o.id).collect())
}
