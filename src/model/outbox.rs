//! What leaves us: the content of an outbox row, complete in itself, so that what is sent is what was approved.

use serde::{Deserialize, Serialize};

use super::{Millis, Order};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "kebab-case")]
pub enum Notice {
    /// An approved order, to its supplier.
    Order { order: Order },
    /// "Where is the order?", to the supplier of one that is late.
    WhereIs { order: Order, ordered_at: Option<Millis>, expected_at: Option<Millis> },
}
