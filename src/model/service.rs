//! The service agreement of a branch as people enter it: hours of the week, days that differ, targets, pauses.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{SiteId, TicketStatus};

/// Part of a day, in minutes since midnight: `from` counts, `to` does not; 0 to 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Span {
    pub from: u16,
    pub to: u16,
}

/// What a day is, other than its weekday says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DayKind {
    Off,
    /// The eve of a holiday: ends an hour earlier.
    Short,
    /// A weekend that is worked, with the hours of the week's first working day.
    Working,
}

impl DayKind {
    pub const ALL: [DayKind; 3] = [Self::Off, Self::Short, Self::Working];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Short => "short",
            Self::Working => "working",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// A day that is not what its weekday says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDay {
    pub date: Date,
    pub kind: DayKind,
    /// Why, for people.
    pub note: String,
}

/// The hours of a week, Monday first; spans of a day ascend and do not overlap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Hours(pub [Vec<Span>; 7]);

impl Default for Hours {
    /// Monday to Friday, 9:00 to 18:00 with an hour's break at 13:00: forty hours.
    fn default() -> Self {
        let day = vec![Span { from: 540, to: 780 }, Span { from: 840, to: 1080 }];
        Hours([day.clone(), day.clone(), day.clone(), day.clone(), day, Vec::new(), Vec::new()])
    }
}

/// Working minutes to answer and to restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SlaTarget {
    pub response_minutes: u32,
    pub restore_minutes: u32,
}

/// A change of what was agreed. Clocks of all tickets, old ones too, go by the new terms at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum ServiceChange {
    Hours {
        site: SiteId,
        hours: Hours,
    },
    /// Of one branch, or of all; `kind` `None`: as the production calendar says.
    Day {
        site: Option<SiteId>,
        date: Date,
        kind: Option<DayKind>,
        note: String,
    },
    /// Replaces what is known of the years it holds: TOML or the XML of xmlcalendar.
    Import {
        text: String,
    },
    Target {
        priority: u8,
        target: SlaTarget,
    },
    Pauses {
        statuses: Vec<TicketStatus>,
    },
}

/// What was entered for a branch, above what the program knows by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceTerms {
    /// IANA name.
    pub time_zone: String,
    pub hours: Option<Hours>,
    /// Years whose production calendar was imported, with its days.
    pub years: Vec<i16>,
    pub imported: Vec<CalendarDay>,
    /// Entered by people: of all branches, then of this one.
    pub days: Vec<CalendarDay>,
    pub targets: Vec<(u8, SlaTarget)>,
    pub pauses: Option<Vec<TicketStatus>>,
}
