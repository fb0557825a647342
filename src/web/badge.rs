//! State badges: an icon and a word, then the colour. One vocabulary for the whole product.

use super::html::{Html, escape, icon};
use super::layout::Ui;
use crate::model::{OrderStatus, Reach, TicketStatus};

/// The four meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    Ok,
    Attention,
    Failure,
    Unknown,
}

impl Meaning {
    pub const ALL: [Meaning; 4] = [Meaning::Ok, Meaning::Attention, Meaning::Failure, Meaning::Unknown];

    /// Stored in `device.condition`, the icon's name, the end of the class `is-…` and of the message `condition-…`.
    pub fn as_str(self) -> &'static str {
        match self {
            Meaning::Ok => "ok",
            Meaning::Attention => "attention",
            Meaning::Failure => "failure",
            Meaning::Unknown => "unknown",
        }
    }

    /// A stored condition; a word we do not know means nothing good or bad.
    pub fn of(condition: &str) -> Meaning {
        Self::ALL.into_iter().find(|m| m.as_str() == condition).unwrap_or(Meaning::Unknown)
    }

    pub fn of_reach(reach: Reach) -> Meaning {
        match reach {
            Reach::Ok => Meaning::Ok,
            Reach::Asleep => Meaning::Ok,
            Reach::Degraded => Meaning::Attention,
            Reach::Down => Meaning::Failure,
            Reach::Unknown | Reach::Unreachable => Meaning::Unknown,
        }
    }

    pub fn of_ticket(status: TicketStatus) -> Meaning {
        match status {
            TicketStatus::New => Meaning::Failure,
            TicketStatus::Assigned | TicketStatus::InProgress => Meaning::Attention,
            TicketStatus::Resolved | TicketStatus::Closed => Meaning::Ok,
            TicketStatus::Cancelled => Meaning::Unknown,
            TicketStatus::WaitingUser
            | TicketStatus::WaitingParts
            | TicketStatus::WaitingVendor
            | TicketStatus::WaitingApproval => Meaning::Unknown,
        }
    }

    pub fn of_order(status: OrderStatus) -> Meaning {
        match status {
            OrderStatus::Draft => Meaning::Attention,
            OrderStatus::Approved | OrderStatus::Sent | OrderStatus::Confirmed | OrderStatus::Closed => Meaning::Ok,
            OrderStatus::PartlyReceived => Meaning::Attention,
            OrderStatus::Cancelled => Meaning::Unknown,
        }
    }

    /// The icon alone, in its colour, named for assistive technology: where the word would be the fifth on the line.
    pub fn mark(self, words: &str) -> Html {
        Html(format!(
            r#"<span class="is-{m}" title="{w}">{i}<span class="visually-hidden">{w}</span></span>"#,
            m = self.as_str(),
            w = escape(words),
            i = icon(self.as_str())
        ))
    }

    /// The icon of a line that tells what happened: news without a meaning is no question.
    pub fn event_icon(self) -> &'static str {
        if self == Meaning::Unknown { "clock" } else { self.as_str() }
    }

    /// The icon of a port: without a link it is empty, not in doubt.
    pub fn port_badge(self, words: &str) -> Html {
        if self != Meaning::Unknown {
            return self.badge(words);
        }
        Html(format!(r#"<span class="badge muted">{}{}</span>"#, icon("none"), escape(words)))
    }

    /// Icon and word on a line of text.
    pub fn badge(self, words: &str) -> Html {
        Html(format!(
            r#"<span class="badge is-{m}">{i}{w}</span>"#,
            m = self.as_str(),
            w = escape(words),
            i = icon(self.as_str())
        ))
    }

    /// Icon and word on a tinted ground: the state of the thing the page is about.
    pub fn boxed(self, words: &str) -> Html {
        Html(format!(
            r#"<span class="badge boxed is-{m}">{i}{w}</span>"#,
            m = self.as_str(),
            w = escape(words),
            i = icon(self.as_str())
        ))
    }
}

/// A ticket's status in words.
pub fn ticket(ui: &Ui, status: TicketStatus) -> Html {
    Meaning::of_ticket(status).badge(&ui.word("ticket-status-", status.as_str()))
}

/// An order's status in words.
pub fn order(ui: &Ui, status: OrderStatus) -> Html {
    Meaning::of_order(status).badge(&ui.word("order-status-", status.as_str()))
}
