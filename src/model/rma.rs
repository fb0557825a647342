//! A repair at a service centre as a state machine: what may follow what, what each step must bring.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::asset::words;
use super::{AssetId, AssetState, CentreId, Millis, Minor, RmaId, SiteId, TicketId, TicketStatus};

words! {
    RmaState {
        Draft = "draft",
        /// The centre knows of it.
        Requested = "requested",
        /// On its way there.
        Sent = "sent",
        AtService = "at-service",
        Repaired = "repaired", Replaced = "replaced", Refused = "refused",
        /// Back with us, not yet looked at.
        Returned = "returned",
        Closed = "closed", Cancelled = "cancelled",
    }
    /// Who pays.
    PaidBy {
        Warranty = "warranty", Paid = "paid",
        /// Our own hands.
        Own = "own",
    }
}

impl RmaState {
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Cancelled)
    }
    /// The thing is not with us.
    pub fn is_away(self) -> bool {
        matches!(self, Self::Sent | Self::AtService | Self::Repaired | Self::Replaced | Self::Refused)
    }
    pub fn is_outcome(self) -> bool {
        matches!(self, Self::Repaired | Self::Replaced | Self::Refused)
    }
    /// What may come after, the usual step first.
    pub fn next(self) -> &'static [RmaState] {
        match self {
            Self::Draft => &[Self::Requested, Self::Sent, Self::Cancelled],
            // An on-site repair goes nowhere.
            Self::Requested => &[Self::Sent, Self::AtService, Self::Cancelled],
            Self::Sent => &[Self::AtService, Self::Returned],
            Self::AtService => &[Self::Repaired, Self::Replaced, Self::Refused],
            Self::Repaired | Self::Replaced | Self::Refused => &[Self::Returned],
            Self::Returned => &[Self::Closed, Self::AtService],
            Self::Closed | Self::Cancelled => &[],
        }
    }
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rma {
    pub id: RmaId,
    /// "R-2026-0001".
    pub number: String,
    pub asset: AssetId,
    pub site: SiteId,
    pub ticket: Option<TicketId>,
    pub centre: Option<CentreId>,
    pub state: RmaState,
    pub paid_by: PaidBy,
    pub fault: String,
    /// The page counter at the failure.
    pub pages: Option<i64>,
    /// The centre's number of our request.
    pub request_number: String,
    pub tracking: String,
    #[schema(value_type = Option<String>)]
    pub sent_on: Option<Date>,
    #[schema(value_type = Option<String>)]
    pub promised_on: Option<Date>,
    #[schema(value_type = Option<String>)]
    pub returned_on: Option<Date>,
    pub outcome: Option<RmaState>,
    pub outcome_note: String,
    pub old_serial: Option<String>,
    pub new_serial: Option<String>,
    /// Minor units, net.
    pub cost: Option<Minor>,
    pub loaner: Option<AssetId>,
    /// Days by which the warranty was extended.
    pub extended_days: i64,
    /// What the asset was before, restored afterwards.
    pub asset_state: AssetState,
    pub ticket_status: Option<TicketStatus>,
    #[schema(value_type = Option<String>)]
    pub reminded_on: Option<Date>,
    pub created_at: Millis,
    pub created_by: String,
    pub closed_at: Option<Millis>,
}

impl Rma {
    /// Days since it left, or that it was away.
    pub fn days_away(&self, today: Date) -> Option<i64> {
        let until = self.returned_on.unwrap_or(today);
        let days = self.sent_on?.until(until).ok()?.get_days();
        Some(i64::from(days.max(0)))
    }
    pub fn is_late(&self, today: Date) -> bool {
        self.state.is_open() && self.state != RmaState::Returned && self.promised_on.is_some_and(|p| p < today)
    }
}

/// Papers of a case, as a person writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RmaPapers {
    #[serde(default)]
    pub centre: Option<CentreId>,
    #[serde(default)]
    pub request_number: String,
    #[serde(default)]
    pub tracking: String,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub promised_on: Option<Date>,
    /// Minor units, net.
    #[serde(default)]
    pub cost: Option<Minor>,
}

/// What people do with a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum RmaChange {
    /// `reason`: why money is paid although the warranty runs.
    Open {
        asset: AssetId,
        ticket: Option<TicketId>,
        paid_by: PaidBy,
        fault: String,
        reason: String,
    },
    Step {
        rma: RmaId,
        to: RmaState,
        /// The day it happened; today when left out.
        on: Option<Date>,
        note: String,
        /// Of a replacement.
        new_serial: Option<String>,
    },
    Papers {
        rma: RmaId,
        papers: RmaPapers,
    },
    Note {
        rma: RmaId,
        text: String,
    },
    /// Another asset stands in; `None`: it came back.
    Loan {
        rma: RmaId,
        loaner: Option<AssetId>,
    },
}

/// Repair or replace: every number of the judgement, so that a person can check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RepairSum {
    /// What this repair costs, as far as it is known.
    pub cost: Option<Minor>,
    /// Price of the thing when bought: what an equal one costs.
    pub price: Option<Minor>,
    /// Months since the purchase.
    pub age_months: Option<i64>,
    /// Share of its life that is left, in per cent.
    pub life_left_percent: Option<i64>,
    /// Beyond this a repair is not worth it.
    pub limit: Option<Minor>,
    pub repairs_year: i64,
    pub spent: Minor,
    /// Rules that say "replace": cost, often, spent.
    pub reasons: Vec<String>,
}

/// Months a thing is expected to live.
const LIFE_MONTHS: i64 = 60;
/// Repairs in twelve months from which it is replaced.
const OFTEN: i64 = 3;

/// `past`: costs of earlier repairs with the day they were opened.
pub fn repair_sum(
    cost: Option<Minor>,
    price: Option<Minor>,
    bought_on: Option<Date>,
    past: &[(Date, Option<Minor>)],
    today: Date,
) -> RepairSum {
    let months = |from: Date| {
        let whole = i64::from(today.year() - from.year()) * 12 + i64::from(today.month() - from.month());
        (whole - i64::from(today.day() < from.day())).max(0)
    };
    let age_months = bought_on.map(months);
    let life_left_percent = age_months.map(|m| ((LIFE_MONTHS - m).max(0) * 100) / LIFE_MONTHS);
    let limit = price.zip(life_left_percent).map(|(p, left)| Minor(p.0.saturating_mul(left) / 200));
    let repairs_year = past.iter().filter(|(day, _)| months(*day) < 12).count() as i64;
    let spent = past.iter().filter_map(|(_, c)| *c).fold(Minor(0), Minor::plus).plus(cost.unwrap_or_default());
    let mut reasons = Vec::new();
    let mut say = |is: bool, word: &str| {
        if is {
            reasons.push(word.to_owned());
        }
    };
    say(cost.zip(limit).is_some_and(|(c, l)| c.0 > 0 && c > l), "cost");
    say(repairs_year >= OFTEN, "often");
    say(price.is_some_and(|p| p.0 > 0 && spent.0.saturating_mul(100) >= p.0.saturating_mul(60)), "spent");
    RepairSum { cost, price, age_months, life_left_percent, limit, repairs_year, spent, reasons }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn every_case_can_end_and_no_end_goes_on() {
        for state in RmaState::ALL {
            assert_eq!(state.next().is_empty(), !state.is_open(), "{state:?}");
            let mut reached = vec![*state];
            let mut at = 0;
            while let Some(s) = reached.get(at).copied() {
                reached.extend(s.next().iter().filter(|n| !reached.contains(n)).copied().collect::<Vec<_>>());
                at += 1;
            }
            assert!(reached.iter().any(|s| !s.is_open()), "{state:?} never ends");
        }
    }

    #[test]
    fn the_sum_says_when_a_repair_is_not_worth_it() {
        let today = day("2026-03-02");
        let price = Some(Minor(4_000_000));
        // 30 of 60 months: half a life, so a quarter of the price.
        let sum = repair_sum(Some(Minor(1_000_001)), price, Some(day("2023-09-02")), &[], today);
        assert_eq!((sum.age_months, sum.life_left_percent, sum.limit), (Some(30), Some(50), Some(Minor(1_000_000))));
        assert_eq!(sum.reasons, ["cost"]);
        let sum = repair_sum(Some(Minor(1_000_000)), price, Some(day("2023-09-02")), &[], today);
        assert_eq!(sum.reasons, [""; 0]);
        let past = [(day("2025-03-03"), Some(Minor(800_000))), (day("2025-06-01"), None), (day("2026-01-01"), None)];
        let sum = repair_sum(None, price, None, &past, today);
        assert_eq!((sum.repairs_year, sum.limit, sum.reasons.as_slice()), (3, None, &["often".to_owned()][..]));
        let past = [(day("2020-03-03"), Some(Minor(2_400_000)))];
        let sum = repair_sum(None, price, Some(day("2015-01-01")), &past, today);
        assert_eq!((sum.repairs_year, sum.life_left_percent), (0, Some(0)));
        assert_eq!(sum.reasons, ["spent"]);
    }

    #[test]
    fn days_away_are_counted() {
        let mut rma = Rma {
            id: RmaId(1),
            number: String::new(),
            asset: AssetId(1),
            site: SiteId(1),
            ticket: None,
            centre: None,
            state: RmaState::AtService,
            paid_by: PaidBy::Warranty,
            fault: String::new(),
            pages: None,
            request_number: String::new(),
            tracking: String::new(),
            sent_on: Some(day("2026-02-20")),
            promised_on: Some(day("2026-03-01")),
            returned_on: None,
            outcome: None,
            outcome_note: String::new(),
            old_serial: None,
            new_serial: None,
            cost: None,
            loaner: None,
            extended_days: 0,
            asset_state: AssetState::InUse,
            ticket_status: None,
            reminded_on: None,
            created_at: Millis(0),
            created_by: String::new(),
            closed_at: None,
        };
        assert_eq!(rma.days_away(day("2026-03-02")), Some(10));
        assert!(rma.is_late(day("2026-03-02")) && !rma.is_late(day("2026-03-01")));
        rma.returned_on = Some(day("2026-02-25"));
        assert_eq!(rma.days_away(day("2026-03-02")), Some(5));
    }
}
