//! Tickets: one open per (device, problem class, component).

use serde::{Deserialize, Serialize};

use super::{DeviceId, Millis, ProblemKey, SiteId, TicketId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TicketStatus {
    New,
    Assigned,
    InProgress,
    WaitingUser,
    WaitingParts,
    WaitingVendor,
    WaitingApproval,
    Resolved,
    Closed,
    Cancelled,
}

impl TicketStatus {
    pub const ALL: [TicketStatus; 10] = [
        Self::New,
        Self::Assigned,
        Self::InProgress,
        Self::WaitingUser,
        Self::WaitingParts,
        Self::WaitingVendor,
        Self::WaitingApproval,
        Self::Resolved,
        Self::Closed,
        Self::Cancelled,
    ];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Assigned => "assigned",
            Self::InProgress => "in-progress",
            Self::WaitingUser => "waiting-user",
            Self::WaitingParts => "waiting-parts",
            Self::WaitingVendor => "waiting-vendor",
            Self::WaitingApproval => "waiting-approval",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
    /// Somebody else's turn.
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::WaitingUser | Self::WaitingParts | Self::WaitingVendor | Self::WaitingApproval)
    }
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Resolved | Self::Closed | Self::Cancelled)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: TicketId,
    pub site: SiteId,
    pub device: Option<DeviceId>,
    pub problem: ProblemKey,
    pub title: String,
    pub status: TicketStatus,
    /// 1 (branch stopped) to 5.
    pub priority: u8,
    /// A person took it: it is never resolved by itself, only noted.
    pub touched: bool,
    pub opened_at: Millis,
    pub resolved_at: Option<Millis>,
}
