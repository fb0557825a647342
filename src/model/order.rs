//! Needs, articles, suppliers and orders.

use serde::{Deserialize, Serialize};

use super::{ArticleId, DeviceId, Millis, Minor, NeedId, OrderId, OrderLineId, SiteId, SupplierId, SupplyKind};

/// Something we buy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Article {
    pub id: ArticleId,
    /// Maker's part number: "TK-1170".
    pub part_number: String,
    pub name: String,
    pub vendor: String,
    pub kind: SupplyKind,
    pub color: Option<String>,
    /// Rated yield in pages (ISO/IEC 19752, 19798).
    pub yield_pages: Option<i64>,
    /// Net price of one, minor units.
    pub price: Option<Minor>,
    pub vat_percent: i64,
    pub supplier: Option<SupplierId>,
    /// The supplier's own article.
    pub supplier_article: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Supplier {
    pub id: SupplierId,
    pub name: String,
    pub email: String,
    /// Language of the order: "ru" or "en".
    pub language: String,
    pub currency: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NeedStatus {
    Open,
    /// On an order line.
    Ordered,
    /// The reason went away or the goods came.
    Closed,
}

impl NeedStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ordered => "ordered",
            Self::Closed => "closed",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Open, Self::Ordered, Self::Closed].into_iter().find(|k| k.as_str() == s)
    }
}

/// "This branch needs that article": one open per (pool, article) by key (invariant 7).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Need {
    pub id: NeedId,
    pub site: SiteId,
    /// Store pool; the branch itself until stores exist.
    pub pool: String,
    /// `None`: the supply is low, but no article is known for it yet.
    pub article: Option<ArticleId>,
    /// Unique among open needs: "article:12" or "supply:7".
    pub key: String,
    pub status: NeedStatus,
    /// Supplies that ask for it.
    pub reasons: Vec<NeedReason>,
    pub quantity: i64,
    pub opened_at: Millis,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeedReason {
    pub device: DeviceId,
    pub supply_index: String,
    pub description: String,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub at: Millis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OrderStatus {
    Draft,
    Approved,
    /// The mail left.
    Sent,
    /// The supplier promised a day.
    Confirmed,
    /// Some of it came.
    PartlyReceived,
    /// Everything came, or the rest is not waited for.
    Closed,
    Cancelled,
}

impl OrderStatus {
    pub const ALL: [OrderStatus; 7] =
        [Self::Draft, Self::Approved, Self::Sent, Self::Confirmed, Self::PartlyReceived, Self::Closed, Self::Cancelled];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Sent => "sent",
            Self::Confirmed => "confirmed",
            Self::PartlyReceived => "partly-received",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
    /// Placed, and goods may still come.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Approved | Self::Sent | Self::Confirmed | Self::PartlyReceived)
    }
}

/// The times of an order's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderLife {
    pub confirmed_at: Option<Millis>,
    /// Day of arrival: promised when confirmed, else as the supplier's orders took so far.
    pub expected_at: Option<Millis>,
    pub closed_at: Option<Millis>,
    /// When the supplier was last asked where it is.
    pub late_asked_at: Option<Millis>,
}

impl OrderLife {
    /// From when an open order is late: past the promised day, or twice as long as such orders take. It still counts as
    /// coming.
    pub fn late_from(&self, status: OrderStatus, approved_at: Option<Millis>) -> Option<Millis> {
        let (expected, approved) = (self.expected_at?, approved_at?);
        if !status.is_open() {
            return None;
        }
        match self.confirmed_at {
            Some(_) => Some(expected),
            None => Some(approved.plus(2 * expected.since(approved).max(Millis::DAY))),
        }
    }
    pub fn is_late(&self, status: OrderStatus, approved_at: Option<Millis>, now: Millis) -> bool {
        self.late_from(status, approved_at).is_some_and(|from| now > from)
    }
}

/// An order to one supplier for one branch; at most one draft per (site, supplier).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Order {
    pub id: OrderId,
    /// "2026-0001": people's number.
    pub number: String,
    pub site: SiteId,
    pub site_name: String,
    pub supplier: Supplier,
    pub status: OrderStatus,
    pub created_at: Millis,
    pub lines: Vec<OrderLine>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderLine {
    pub id: OrderLineId,
    pub article: Article,
    pub quantity: i64,
    /// Net price of one at the time of ordering.
    pub price: Option<Minor>,
    pub need: Option<NeedId>,
    /// Pieces that came.
    #[serde(default)]
    pub received: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_late_after_its_promise_or_twice_its_time() {
        let day = |n: i64| Millis(n * Millis::DAY);
        let life = |confirmed: Option<i64>, expected| OrderLife {
            confirmed_at: confirmed.map(day),
            expected_at: Some(day(expected)),
            ..OrderLife::default()
        };
        let late = |l: &OrderLife, status, now| l.is_late(status, Some(day(10)), day(now));
        let promised = life(Some(11), 15);
        assert!(!late(&promised, OrderStatus::Confirmed, 15) && late(&promised, OrderStatus::Confirmed, 16));
        assert!(late(&promised, OrderStatus::PartlyReceived, 16) && !late(&promised, OrderStatus::Closed, 99));
        // Usually nine days: asked for after eighteen.
        let usual = life(None, 19);
        assert!(!late(&usual, OrderStatus::Sent, 28) && late(&usual, OrderStatus::Sent, 29));
        assert!(!OrderLife::default().is_late(OrderStatus::Sent, Some(day(1)), day(99)), "nothing expected yet");
    }
}
