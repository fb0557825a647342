//! What the planner made of a pool, with the numbers it made it of: kept beside the need and the order line.

use serde::{Deserialize, Serialize};

use super::{ArticleId, DeviceId, Millis, Minor};

/// The 90th percentile of a normal distribution.
const NINETY: f64 = 1.2816;

/// One supply that will be changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Asker {
    pub device: DeviceId,
    pub supply_index: String,
    pub description: String,
    /// Probability that at least k + 1 pieces are asked for within the horizon; not rising.
    pub chance: Vec<f64>,
    /// The forecast behind it, days until it is spent.
    pub median_days: Option<f64>,
    /// Remaining fraction as an interval.
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// What is there and what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Position {
    pub on_hand: i64,
    pub reserved: i64,
    /// Approved, sent or confirmed and not yet received; lines of a draft that this need did not make.
    pub ordered: i64,
    pub in_transit: i64,
}

impl Position {
    /// Inventory position in pieces.
    pub fn pieces(&self) -> i64 {
        self.on_hand - self.reserved + self.ordered + self.in_transit
    }
}

/// Time until the next order arrives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LeadTime {
    pub mean_days: f64,
    pub sd_days: f64,
    /// Orders it was learnt from; 0: as the supplier promises.
    pub orders: u32,
}

impl LeadTime {
    /// Nine of ten orders are here within so many days.
    pub fn late_days(&self) -> f64 {
        (self.mean_days + NINETY * self.sd_days).max(1.0)
    }
}

/// The plan with the numbers that made it: stored beside the need and the order line (every number opens its origin).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Plan {
    pub article: ArticleId,
    /// Pieces to buy, whole packs.
    pub quantity: i64,
    /// Pieces that other stores can spare: moved instead of bought.
    #[serde(default)]
    pub moved: i64,
    /// The maker has stopped: no more is bought than will surely be used.
    #[serde(default)]
    pub ending: bool,
    pub order_up_to: i64,
    pub position: Position,
    pub service_level: f64,
    pub review_days: f64,
    pub lead: LeadTime,
    pub horizon_days: f64,
    pub pack: i64,
    /// Pieces asked for within the horizon, on average.
    pub expected: f64,
    /// Probability that somebody waits before the next order arrives, buying nothing and buying the quantity.
    pub risk_without: f64,
    pub risk_with: f64,
    /// Devices that ask, the most urgent first; those with next to no chance are left out.
    pub askers: Vec<Asker>,
}

impl Plan {
    /// Pieces that are there and on their way, less what must be.
    pub fn missing(&self) -> i64 {
        (self.order_up_to - self.position.pieces()).max(0)
    }
}

/// Money a branch may spend in a calendar month, net; orders in another currency are not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Limit {
    pub amount: Minor,
    /// ISO 4217 code.
    pub currency: String,
}

impl Limit {
    /// Reads "15000000 RUB", minor units.
    pub fn parse(text: &str) -> Option<Limit> {
        let (amount, currency) = text.trim().split_once(' ')?;
        let amount: i64 = amount.parse().ok()?;
        let code = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
        (amount >= 0 && code).then(|| Limit { amount: Minor(amount), currency: currency.to_owned() })
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.amount.0, self.currency)
    }
}

/// Why a line of a draft is not bought now: the month's money is spent, and what waiting risks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Cut {
    pub limit: Limit,
    /// Ordered this month.
    pub spent: Minor,
    /// Probability that a device waits for it before the next order arrives; `None`: no plan made the line.
    pub risk: Option<f64>,
    /// Who is the first to wait.
    pub device: Option<DeviceId>,
    /// When that next order would be here.
    pub until: Millis,
}

/// Why a line stands on a draft before its time: the supplier takes no smaller order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Filled {
    /// It would be asked for in so many days.
    pub due_days: f64,
    /// And is used up in so many.
    pub cover_days: f64,
    pub minimum: Minor,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_as_it_is_written() {
        let limit = Limit { amount: Minor(15_000_000), currency: "RUB".into() };
        assert_eq!(Limit::parse(&limit.to_string()), Some(limit));
        for bad in ["", "15000000", "-1 RUB", "1.5 RUB", "15 rub", "15 RUBLES", "99999999999999999999 RUB"] {
            assert_eq!(Limit::parse(bad), None, "{bad}");
        }
    }
}
