//! `/tickets/{id}`: what happened, what was said, and the one next step.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::tickets::{priority, sample_clocks, sample_rows};
use crate::i18n::Lang;
use crate::model::{AssetId, Command, DeviceId, Millis, TicketId, TicketStatus};
use crate::sla::{Agreement, Clock};
use crate::store::read::tickets::{self, HiddenRow, MergedRow, TicketDetail, TicketEventRow};
use crate::store::read::{assets, rmas};
use crate::store::service;
use crate::web::auth::policy::Permission;
use crate::web::badge;
use crate::web::clocks;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::Html;
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::{WebError, command, failed, told};

/// Author of what the program wrote itself.
const OURSELVES: &str = "anykey";

/// What is known of the thing the ticket is about.
#[derive(Default)]
struct Beside {
    /// Of the device's warranty.
    warranty: Html,
    /// The asset to give to repair, when none goes on.
    asset: Option<AssetId>,
    /// Its repairs for this ticket, as lines.
    repairs: Html,
    /// Files, links, notes.
    work: Html,
}

#[derive(Template)]
#[template(path = "ticket.html")]
pub struct TicketPage {
    ui: Ui,
    detail: TicketDetail,
    clock: Option<Clock>,
    comment: Form,
    beside: Beside,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/tickets/{id}", get(show))
        .route("/tickets/{id}/status", post(set_status))
        .route("/tickets/{id}/priority", post(set_priority))
        .route("/tickets/{id}/comments", post(comment))
        .route("/tickets/{id}/merge", post(merge))
}

async fn load(state: &AppState, id: i64) -> Result<TicketDetail, WebError> {
    tickets::one(state.store.db(), TicketId(id)).await?.ok_or(WebError::NotFound)
}

async fn clock(state: &AppState, ui: &Ui, detail: &TicketDetail) -> Result<Option<Clock>, WebError> {
    let agreement = Agreement::of(&service::terms(state.store.db(), detail.ticket.site).await?);
    Ok(clocks::clock(&agreement, &detail.ticket, &detail.events, ui.now))
}

async fn beside(state: &AppState, ui: &Ui, detail: &TicketDetail) -> Result<Beside, WebError> {
    let db = state.store.db();
    let cases = rmas::of_ticket(db, detail.ticket.id).await?;
    let asset = match detail.ticket.device {
        Some(device) => assets::of_device(db, device).await?,
        None => None,
    };
    let goes_on = cases.iter().any(|r| r.rma.state.is_open()) || !detail.ticket.status.is_open();
    Ok(Beside {
        warranty: super::assets::banner(ui, asset.as_ref()),
        repairs: super::assets::repairs::lines(ui, &cases),
        work: super::desk::panel(state, ui, detail.ticket.id, detail.ticket.status.is_open()).await?,
        asset: asset.filter(|_| !goes_on && ui.may(Permission::ManageAssets)).map(|a| a.id),
    })
}

async fn show(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let detail = load(&state, id).await?;
    let clock = clock(&state, &ui, &detail).await?;
    let beside = beside(&state, &ui, &detail).await?;
    TicketPage { ui, detail, clock, comment: Form::default(), beside }.page()
}

/// The step that usually comes next, one tap away.
fn next(status: TicketStatus) -> Option<TicketStatus> {
    match status {
        TicketStatus::New | TicketStatus::Assigned => Some(TicketStatus::InProgress),
        TicketStatus::InProgress => Some(TicketStatus::Resolved),
        TicketStatus::Resolved => Some(TicketStatus::Closed),
        TicketStatus::Closed | TicketStatus::Cancelled => None,
        // What was waited for has come.
        _ => Some(TicketStatus::InProgress),
    }
}

impl TicketPage {
    fn badge(&self) -> Html {
        badge::ticket(&self.ui, self.detail.ticket.status)
    }

    fn priority(&self) -> Html {
        priority(&self.ui, self.detail.ticket.priority)
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageTickets)
    }

    /// (stored word, words of the button)
    fn next(&self) -> Option<(&'static str, String)> {
        next(self.detail.ticket.status).map(|s| (s.as_str(), self.ui.word("ticket-do-", s.as_str())))
    }

    /// The other steps.
    fn others(&self) -> Vec<(&'static str, String)> {
        let now = self.detail.ticket.status;
        TicketStatus::ALL
            .into_iter()
            .filter(|s| *s != now && *s != TicketStatus::New && Some(*s) != next(now))
            .map(|s| (s.as_str(), self.ui.word("ticket-do-", s.as_str())))
            .collect()
    }

    fn author(&self, e: &TicketEventRow) -> String {
        match e.author.as_str() {
            OURSELVES => self.ui.t("ticket-by-itself"),
            super::report::AUTHOR => self.ui.t("ticket-by-label"),
            other => other.to_owned(),
        }
    }

    fn event_icon(&self, e: &TicketEventRow) -> Html {
        self.ui.icon(match e.kind.as_str() {
            "opened" => "attention",
            "comment" | "report" => "person",
            "status" => "right",
            "escalated" => "attention",
            _ => "unknown",
        })
    }

    /// The stored word of a status in the reader's language; all else as it was written.
    fn event_text(&self, e: &TicketEventRow) -> String {
        match e.kind.as_str() {
            "status" => match TicketStatus::parse(e.body.trim()) {
                Some(s) => self.ui.tv("ticket-became", self.ui.word("ticket-status-", s.as_str())),
                None => e.body.clone(),
            },
            "file" => self.ui.tv("ticket-file", e.body.trim()),
            "file-removed" => self.ui.tv("ticket-file-removed", e.body.trim()),
            "linked" => self.ui.tv("ticket-linked", e.body.trim()),
            "step" => self.step_text(e),
            "rma" => self.ui.tv("ticket-rma", e.body.trim()),
            "rma-late" => self.ui.tv("ticket-rma-late", e.body.trim()),
            "priority" => self.ui.tv("ticket-new-priority", format!("P{}", e.body.trim())),
            "escalated" => {
                let key = if e.body.trim() == "100" { "sla-step-missed" } else { "sla-step" };
                self.ui.tv(key, e.body.trim())
            }
            "merged" => self.ui.tv("ticket-merged-into", e.body.trim()),
            "merged-in" => self.ui.tv("ticket-merged-here", e.body.trim()),
            "opened" if e.body.trim().is_empty() => self.ui.t("ticket-opened-event"),
            _ => e.body.clone(),
        }
    }

    fn step_text(&self, e: &TicketEventRow) -> String {
        let (outcome, words) = e.body.split_once(' ').unwrap_or(("", &e.body));
        self.ui.tv("ticket-step", format!("{words} — {}", self.ui.word("step-", outcome)))
    }

    fn due(&self) -> Html {
        self.clock.as_ref().map_or_else(Html::default, |c| clocks::cell(&self.ui, &c.restore))
    }

    /// (heading, in words) of the two clocks.
    fn clocks(&self) -> Vec<(String, Html)> {
        let Some(c) = &self.clock else { return Vec::new() };
        vec![
            (self.ui.t("sla-response"), clocks::cell(&self.ui, &c.response)),
            (self.ui.t("sla-restore"), clocks::cell(&self.ui, &c.restore)),
        ]
    }

    /// What else the clocks know: when it is due, pauses, and time as the user felt it.
    fn times(&self) -> Vec<(String, String)> {
        let Some(c) = &self.clock else { return Vec::new() };
        let span = |ms: i64| clocks::working(&self.ui, ms);
        let mut lines = Vec::new();
        if let Some(at) = c.restore.due_at {
            lines.push((self.ui.t("sla-due"), self.ui.date_time(at)));
        }
        lines.push((self.ui.t("sla-target"), span(c.restore.target_ms)));
        if c.paused_ms >= Millis::MINUTE {
            lines.push((self.ui.t("sla-pauses"), span(c.paused_ms)));
        }
        if c.vendor_ms >= Millis::MINUTE {
            lines.push((self.ui.t("sla-vendor"), span(c.vendor_ms)));
        }
        lines.push((
            self.ui.t("sla-felt"),
            self.ui.tw(
                "sla-felt-both",
                &[("working", span(c.felt_ms).into()), ("wall", self.ui.duration(c.wall_ms).into())],
            ),
        ));
        lines
    }

    fn priorities(&self) -> Vec<(i64, String)> {
        (1..=5)
            .filter(|p| *p != self.detail.ticket.priority)
            .map(|p| (p, format!("P{p} — {}", self.ui.word("ticket-priority-", &p.to_string()))))
            .collect()
    }

    fn is_open(&self) -> bool {
        self.detail.ticket.status.is_open()
    }

    /// "still silent" or how long it was.
    fn hidden_for(&self, h: &HiddenRow) -> String {
        match h.until {
            Some(until) => self.ui.tv("ticket-hidden-for", self.ui.duration(until.since(h.since))),
            None => self.ui.tv("ticket-hidden-since", self.ui.date_time(h.since)),
        }
    }

    fn class(&self) -> String {
        self.ui.word("ticket-class-", self.detail.ticket.class.as_str())
    }
}

async fn set_status(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageTickets)?;
    let before = load(&state, id).await?.ticket.status;
    let Some(status) = TicketStatus::parse(form.value("status")) else {
        return Err(WebError::BadRequest(format!("no such status: {}", form.value("status"))));
    };
    let flash = match command(&state, &ui, Command::SetTicketStatus { ticket: TicketId(id), status }).await? {
        Ok(_) => Flash::done("ticket-became", ui.word("ticket-status-", status.as_str()))
            .with_undo(format!("/tickets/{id}/status"), vec![("status".to_owned(), before.as_str().to_owned())]),
        Err(e) => told(&ui, &e),
    };
    Ok(flash.redirect(&format!("/tickets/{id}")))
}

async fn set_priority(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageTickets)?;
    let before = load(&state, id).await?.ticket.priority;
    let Ok(priority) = form.value("priority").parse() else {
        return Err(WebError::BadRequest(format!("no such priority: {}", form.value("priority"))));
    };
    let flash = match command(&state, &ui, Command::SetTicketPriority { ticket: TicketId(id), priority }).await? {
        Ok(_) => Flash::done("ticket-new-priority", format!("P{priority}"))
            .with_undo(format!("/tickets/{id}/priority"), vec![("priority".to_owned(), before.to_string())]),
        Err(e) => told(&ui, &e),
    };
    Ok(flash.redirect(&format!("/tickets/{id}")))
}

/// One matter, one ticket: by the number people see.
async fn merge(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageTickets)?;
    let digits: String = form.value("into").chars().filter(char::is_ascii_digit).collect();
    let Ok(into) = digits.parse() else {
        return Ok(Flash::failed("ticket-merge-which", "").redirect(&format!("/tickets/{id}")));
    };
    Ok(match command(&state, &ui, Command::MergeTicket { ticket: TicketId(id), into: TicketId(into) }).await? {
        Ok(_) => Flash::done("ticket-merged-into", into.to_string()).redirect(&format!("/tickets/{into}")),
        Err(e) => told(&ui, &e).redirect(&format!("/tickets/{id}")),
    })
}

async fn comment(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    mut form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageTickets)?;
    let detail = load(&state, id).await?;
    let text = form.value("text").trim().to_owned();
    if text.is_empty() {
        form.wrong("text", ui.t("ticket-empty-comment"));
        let clock = clock(&state, &ui, &detail).await?;
        let beside = beside(&state, &ui, &detail).await?;
        let page = TicketPage { ui, detail, clock, comment: form, beside }.page()?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    match command(&state, &ui, Command::CommentTicket { ticket: TicketId(id), text }).await? {
        Ok(_) => Ok(Flash::done("ticket-commented", "").redirect(&format!("/tickets/{id}"))),
        Err(e) => {
            let status = failed(&ui, &mut form, &["text"], &e);
            let clock = clock(&state, &ui, &detail).await?;
            let beside = beside(&state, &ui, &detail).await?;
            Ok((status, TicketPage { ui, detail, clock, comment: form, beside }.page()?).into_response())
        }
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, TicketPage)> {
    let ui = || Ui::sample(lang, "/tickets/117");
    let now = ui().now;
    let event = |minutes: i64, author: &str, kind: &str, body: &str| TicketEventRow {
        at: now.plus(-minutes * Millis::MINUTE),
        author: author.to_owned(),
        kind: kind.to_owned(),
        body: body.to_owned(),
    };
    let detail = |at: usize| TicketDetail {
        ticket: sample_rows(now).swap_remove(at),
        events: vec![
            event(130, OURSELVES, "opened", "C6000: fuser heater error"),
            event(95, "petrov", "status", "in-progress"),
            event(
                94,
                "petrov",
                "comment",
                "Термоблок перегрет. Заказал новый, подменный МФУ стоит в каб. 212.\nИнв. 001-2214.",
            ),
            event(40, OURSELVES, "escalated", "50"),
            event(30, "petrov", "priority", "2"),
            event(20, OURSELVES, "note", "Сигнал пропал: если всё исправно, закройте заявку"),
            event(10, "petrov", "merged-in", "112"),
        ],
        hidden: Vec::new(),
        merged: vec![MergedRow { ticket: TicketId(112), title: "Мажет каждую страницу".into() }],
    };
    let hidden = |n: i64| HiddenRow {
        device: DeviceId(40 + n),
        name: format!("МФУ Kyocera M2040, касса {n}"),
        location: (n % 3 > 0).then(|| format!("каб. {}", 100 + n)),
        since: now.plus(-n * 7 * Millis::MINUTE),
        until: (n % 5 == 0).then(|| now.plus(-n * Millis::MINUTE)),
    };
    let parent = TicketDetail { events: Vec::new(), hidden: (1..=23).map(hidden).collect(), ..detail(0) };
    let mut merged = detail(4);
    merged.ticket.merged_into = Some(TicketId(118));
    let mut wrong = Form::default();
    wrong.wrong("text", ui().t("ticket-empty-comment"));
    let fresh = TicketDetail { events: Vec::new(), ..detail(0) };
    let page = |detail: TicketDetail, comment: Form| {
        let clock = sample_clocks(std::slice::from_ref(&detail.ticket), now).get(detail.ticket.id).cloned();
        let warranty = super::assets::sample_banner(&ui());
        let beside = Beside {
            warranty,
            asset: Some(AssetId(1)),
            repairs: super::assets::repairs::sample_lines(&ui()),
            work: super::desk::sample_panel(&ui(), !detail.events.is_empty()),
        };
        TicketPage { ui: ui(), detail, clock, comment, beside }
    };
    vec![
        ("", page(detail(1), Form::default())),
        ("new", page(fresh, wrong)),
        ("waiting", page(detail(2), Form::default())),
        ("no-device", page(detail(3), Form::default())),
        ("resolved", page(detail(4), Form::default())),
        ("parent", page(parent, Form::default())),
        ("merged", page(merged, Form::default())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_open_ticket_has_a_next_step_and_none_leads_nowhere() {
        for status in TicketStatus::ALL {
            assert!(!status.is_open() || next(status).is_some(), "{status:?}");
            assert_ne!(next(status), Some(status));
        }
    }
}
