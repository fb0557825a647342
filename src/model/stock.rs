//! Stores and their documents: receipts, issues, transfers, counts. A posted document is never edited; on hand is the sum of
//! the moves that documents made.

use serde::{Deserialize, Serialize};

use super::{ArticleId, DeviceId, DocumentId, Millis, Minor, OrderId, SiteId, StoreId, SupplyId};

/// A replacement that a person and the detection tell within so long of each other is one.
pub const SAME_REPLACEMENT_MS: i64 = 3 * Millis::DAY;

/// A place where consumables lie: a cupboard, a room, a central store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StockStore {
    pub id: StoreId,
    pub site: SiteId,
    pub name: String,
    /// Where goods of the branch arrive.
    pub main: bool,
    pub archived: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// Goods came in.
    Receipt,
    /// Goods were given out, mostly into a device.
    Issue,
    /// From one store to another.
    Transfer,
    WriteOff,
    /// More lies there than the books say.
    Surplus,
    /// Used cartridges come back.
    Return,
    /// Used cartridges leave for the recycler.
    HandOver,
    /// Stock-taking: posts the difference between counted and expected.
    Count,
    /// Takes another document back.
    Reversal,
}

impl DocumentKind {
    /// Those a person writes.
    pub const WRITTEN: [DocumentKind; 8] = [
        Self::Receipt,
        Self::Issue,
        Self::Transfer,
        Self::Count,
        Self::WriteOff,
        Self::Surplus,
        Self::Return,
        Self::HandOver,
    ];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Issue => "issue",
            Self::Transfer => "transfer",
            Self::WriteOff => "write-off",
            Self::Surplus => "surplus",
            Self::Return => "return",
            Self::HandOver => "hand-over",
            Self::Count => "count",
            Self::Reversal => "reversal",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::WRITTEN.into_iter().chain([Self::Reversal]).find(|k| k.as_str() == s)
    }
    /// Moves used cartridges, which are counted apart.
    pub fn of_empties(self) -> bool {
        matches!(self, Self::Return | Self::HandOver)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentStatus {
    /// Has moved nothing yet.
    Draft,
    /// A transfer that left the first store.
    InTransit,
    Posted,
    /// Taken back by a reversal.
    Reversed,
    /// A draft that was not wanted.
    Dropped,
}

impl DocumentStatus {
    pub const ALL: [DocumentStatus; 5] = [Self::Draft, Self::InTransit, Self::Posted, Self::Reversed, Self::Dropped];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InTransit => "in-transit",
            Self::Posted => "posted",
            Self::Reversed => "reversed",
            Self::Dropped => "dropped",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// Who thought of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentOrigin {
    Person,
    /// A device told that its supply was replaced.
    Detection,
    /// Goods of an order.
    Order,
    /// Another store has what a need asks for.
    Plan,
}

impl DocumentOrigin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Detection => "detection",
            Self::Order => "order",
            Self::Plan => "plan",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Person, Self::Detection, Self::Order, Self::Plan].into_iter().find(|k| k.as_str() == s)
    }
}

/// Where a cartridge came from that a device has and no shelf gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FoundElsewhere {
    /// It was in another device before.
    Moved,
    /// The old one, filled again.
    Refill,
}

impl FoundElsewhere {
    pub const ALL: [FoundElsewhere; 2] = [Self::Moved, Self::Refill];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Refill => "refill",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockLine {
    pub article: ArticleId,
    /// Pieces; of a count: what was counted.
    pub quantity: i64,
    /// Of a count: what the books said when it was counted.
    #[serde(default)]
    pub expected: Option<i64>,
    /// Net price of one, minor units.
    #[serde(default)]
    pub price: Option<Minor>,
}

impl StockLine {
    pub fn of(article: ArticleId, quantity: i64) -> StockLine {
        StockLine { article, quantity, expected: None, price: None }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StockDocument {
    pub id: DocumentId,
    /// People's number: "S-2026-0001".
    pub number: String,
    pub kind: DocumentKind,
    pub status: DocumentStatus,
    pub store: StoreId,
    /// Second store of a transfer.
    pub to_store: Option<StoreId>,
    pub order: Option<OrderId>,
    pub device: Option<DeviceId>,
    pub supply: Option<SupplyId>,
    pub reverses: Option<DocumentId>,
    pub origin: DocumentOrigin,
    pub note: String,
    pub created_at: Millis,
    pub lines: Vec<StockLine>,
}

/// A document as a person writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewDocument {
    pub kind: DocumentKind,
    /// `None`: the main store of `site`, which is made when there is none.
    pub store: Option<StoreId>,
    pub site: Option<SiteId>,
    pub to_store: Option<StoreId>,
    pub device: Option<DeviceId>,
    /// The supply that was replaced, by index on the device.
    pub supply_index: Option<String>,
    pub note: String,
    pub lines: Vec<StockLine>,
    /// Kept without moving anything.
    pub draft: bool,
    /// Made by the asker: the same key again is the same document, not a second one.
    pub key: Option<String>,
}

/// Pieces kept for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReservation {
    pub store: StoreId,
    pub article: ArticleId,
    pub device: Option<DeviceId>,
    pub quantity: i64,
    #[serde(default)]
    pub note: String,
}

/// What came of one line of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceivedLine {
    pub line: super::OrderLineId,
    pub quantity: i64,
}

/// Pieces put into, or taken out of, a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockMove {
    pub store: StoreId,
    pub article: ArticleId,
    /// A used cartridge.
    pub used: bool,
    pub delta: i64,
}

/// What was seen and what was written of one device: where both part, somebody takes without record or hoards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Replacements its supplies showed in 30 days.
    pub detected_30: i64,
    /// Pieces issued for it in 30 days.
    pub issued_30: i64,
    pub detected_60: i64,
    pub issued_60: i64,
}

/// What the books and the world say against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// On hand would be negative: taken without record.
    Negative,
    /// A count found less than the books said.
    Shortage,
    /// More replacements seen than issues written.
    Unrecorded,
    /// Issued and never installed.
    Hoarded,
}

impl FindingKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Shortage => "shortage",
            Self::Unrecorded => "unrecorded",
            Self::Hoarded => "hoarded",
        }
    }
}

impl Tally {
    /// One piece more than was seen may still lie beside the device.
    pub fn finding(&self) -> Option<(FindingKind, i64)> {
        if self.detected_30 > self.issued_30 {
            return Some((FindingKind::Unrecorded, self.detected_30 - self.issued_30));
        }
        let spare = self.issued_60 - self.detected_60;
        (spare > 1).then_some((FindingKind::Hoarded, spare))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for kind in DocumentKind::WRITTEN.into_iter().chain([DocumentKind::Reversal]) {
            assert_eq!(DocumentKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for status in DocumentStatus::ALL {
            assert_eq!(DocumentStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(DocumentKind::parse("theft"), None);
    }

    #[test]
    fn a_tally_tells_taking_from_hoarding() {
        let tally = |d30, i30, d60, i60| Tally { detected_30: d30, issued_30: i30, detected_60: d60, issued_60: i60 };
        assert_eq!(tally(2, 1, 3, 3).finding(), Some((FindingKind::Unrecorded, 1)));
        assert_eq!(tally(0, 0, 1, 2).finding(), None, "one spare piece is no hoard");
        assert_eq!(tally(0, 2, 0, 2).finding(), Some((FindingKind::Hoarded, 2)));
        assert_eq!(tally(1, 1, 1, 1).finding(), None);
    }
}
