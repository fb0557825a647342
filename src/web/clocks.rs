//! The clocks of tickets in words: what is left, what is missed, what stands. Computed when a page is drawn.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::html::{Html, escape};
use super::layout::Ui;
use crate::model::{Millis, SiteId, TicketId};
use crate::sla::{Agreement, Clock, Count, Happened, State};
use crate::store::read::tickets::{self, TicketEventRow, TicketRow};
use crate::store::{Db, Result, service};

/// The clocks of the tickets of one page.
#[derive(Debug, Default)]
pub struct Clocks(HashMap<TicketId, Clock>);

impl Clocks {
    pub async fn of(db: &Db, rows: &[TicketRow], now: Millis) -> Result<Clocks> {
        let mut agreements: HashMap<SiteId, Agreement> = HashMap::new();
        let ids: Vec<TicketId> = rows.iter().map(|t| t.id).collect();
        let histories = tickets::histories(db, &ids).await?;
        let mut found = HashMap::new();
        for t in rows {
            let agreement = match agreements.entry(t.site) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => free.insert(Agreement::of(&service::terms(db, t.site).await?)),
            };
            let events = histories.get(&t.id).map(Vec::as_slice).unwrap_or_default();
            if let Some(clock) = clock(agreement, t, events, now) {
                found.insert(t.id, clock);
            }
        }
        Ok(Clocks(found))
    }

    pub fn get(&self, id: TicketId) -> Option<&Clock> {
        self.0.get(&id)
    }

    pub fn set(&mut self, id: TicketId, clock: Clock) {
        self.0.insert(id, clock);
    }
}

pub fn clock(agreement: &Agreement, t: &TicketRow, events: &[TicketEventRow], now: Millis) -> Option<Clock> {
    let mut history = vec![Happened::opened(t.opened_at, u8::try_from(t.priority).unwrap_or(5))];
    history.extend(events.iter().filter_map(|e| Happened::of(e.at, &e.author, &e.kind, &e.body)));
    agreement.clock(&history, now)
}

/// Working time in hours and minutes: a working day is no day.
pub fn working(ui: &Ui, ms: i64) -> String {
    let minutes = ms.max(0) / Millis::MINUTE;
    match (minutes / 60, minutes % 60) {
        (0, m) => ui.tn("time-minutes", m),
        (h, 0) => ui.tn("time-hours", h),
        (h, m) => format!("{} {}", ui.tn("time-hours", h), ui.tn("time-minutes", m)),
    }
}

/// "осталось 1 ч 20 мин", "просрочено на 40 мин", "стоит, осталось 2 ч", "уложились: 3 ч из 4 ч".
pub fn words(ui: &Ui, count: &Count) -> String {
    let span = |ms: i64| working(ui, ms);
    match count.state {
        State::Stopped => {
            let key = if count.is_missed() { "sla-was-missed" } else { "sla-was-met" };
            ui.tw(key, &[("spent", span(count.elapsed_ms).into()), ("target", span(count.target_ms).into())])
        }
        _ if count.is_missed() => ui.tv("sla-missed", span(-count.left_ms())),
        State::Running => ui.tv("sla-left", span(count.left_ms())),
        State::Paused => ui.tv("sla-paused", span(count.left_ms())),
    }
}

/// The same, marked when it is missed or nearly so.
pub fn cell(ui: &Ui, count: &Count) -> Html {
    let class = match count.state {
        State::Stopped if count.is_missed() => "is-attention",
        State::Stopped | State::Paused => "muted",
        State::Running if count.is_missed() => "is-failure",
        State::Running if count.percent() >= 80 => "is-attention",
        State::Running => "",
    };
    let words = words(ui, count);
    let inner = match count.due_at {
        Some(at) => ui.time_html(at, &words).0,
        None => escape(&words),
    };
    Html(format!(r#"<span class="{class}">{inner}</span>"#))
}
