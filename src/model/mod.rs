//! The nouns: Device, Probe, Reading, State, Event, Workflow, Action, and what they are made of.
//!
//! No I/O, no SQL, no HTTP, no clock: plain data that pure functions take and give, serialisable so that a poller
//! in a branch can one day send the same `Reading` over a wire. To add a noun, add a file; to add a fact of a
//! device, add a field to `facts` with its unit and standard name.

pub mod action;
pub mod article;
pub mod asset;
pub mod cabling;
pub mod credential;
pub mod desk;
pub mod device;
pub mod event;
pub mod facts;
pub mod finding;
pub mod maintenance;
pub mod money;
pub mod network;
pub mod order;
pub mod outbox;
pub mod plan;
pub mod reading;
pub mod rma;
pub mod service;
pub mod sheet;
pub mod stock;
pub mod supply;
pub mod tag;
pub mod ticket;
pub mod trap;
pub mod user;
pub mod wiring;

pub use action::*;
pub use article::*;
pub use asset::*;
pub use cabling::*;
pub use credential::*;
pub use desk::*;
pub use device::*;
pub use event::*;
pub use facts::*;
pub use finding::*;
pub use maintenance::*;
pub use money::*;
pub use network::*;
pub use order::*;
pub use outbox::*;
pub use plan::*;
pub use reading::*;
pub use rma::*;
pub use service::*;
pub use sheet::*;
pub use stock::*;
pub use supply::*;
pub use tag::*;
pub use ticket::*;
pub use trap::*;
pub use user::*;
pub use wiring::*;

use serde::{Deserialize, Serialize};

/// UTC milliseconds since 1970.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default, utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    pub const SECOND: i64 = 1000;
    pub const MINUTE: i64 = 60_000;
    pub const HOUR: i64 = 3_600_000;
    pub const DAY: i64 = 86_400_000;
    /// Milliseconds from `earlier` to this, negative when it is later.
    pub fn since(self, earlier: Millis) -> i64 {
        self.0 - earlier.0
    }
    pub fn plus(self, ms: i64) -> Millis {
        Millis(self.0 + ms)
    }
}

macro_rules! id {
    ($($(#[$m:meta])* $name:ident),* $(,)?) => {$(
        $(#[$m])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub i64);
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
    )*};
}
id!(
    /// A branch of the company.
    SiteId,
    /// A room or another place of a branch.
    LocationId,
    DeviceId,
    SupplyId,
    ArticleId,
    SupplierId,
    NeedId,
    OrderId,
    OrderLineId,
    TicketId,
    UserId,
    CredentialId,
    RangeId,
    OutboxId,
    /// A place where consumables lie.
    StoreId,
    /// A stock document.
    DocumentId,
    ReservationId,
    /// Anything the branch owns.
    AssetId,
    /// Who repairs.
    CentreId,
    /// A repair at a service centre.
    RmaId,
);
