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
    Received,
    Cancelled,
}

impl OrderStatus {
    pub const ALL: [OrderStatus; 5] = [Self::Draft, Self::Approved, Self::Sent, Self::Received, Self::Cancelled];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Cancelled => "cancelled",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
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
}
