//! `/tickets/{id}`: what happened, what was said, and the one next step.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::tickets::{priority, sample_rows};
use crate::i18n::Lang;
use crate::model::{Command, Millis, TicketId, TicketStatus};
use crate::store::read::tickets::{self, TicketDetail, TicketEventRow};
use crate::web::auth::policy::Permission;
use crate::web::badge;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::Html;
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::{WebError, command, failed, told};

/// Author of what the program wrote itself.
const OURSELVES: &str = "anykey";

#[derive(Template)]
#[template(path = "ticket.html")]
pub struct TicketPage {
    ui: Ui,
    detail: TicketDetail,
    comment: Form,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/tickets/{id}", get(show))
        .route("/tickets/{id}/status", post(set_status))
        .route("/tickets/{id}/comments", post(comment))
}

async fn load(state: &AppState, id: i64) -> Result<TicketDetail, WebError> {
    tickets::one(state.store.db(), TicketId(id)).await?.ok_or(WebError::NotFound)
}

async fn show(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let detail = load(&state, id).await?;
    TicketPage { ui, detail, comment: Form::default() }.page()
}

/// The step that usually comes next, one tap away.
fn next(status: TicketStatus) -> Option<TicketStatus> {
    match status {
        TicketStatus::New | TicketStatus::Assigned => Some(TicketStatus::InProgress),
        TicketStatus::InProgress | TicketStatus::Waiting => Some(TicketStatus::Resolved),
        TicketStatus::Resolved => Some(TicketStatus::Closed),
        TicketStatus::Closed | TicketStatus::Cancelled => None,
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
        if e.author == OURSELVES { self.ui.t("ticket-by-itself") } else { e.author.clone() }
    }

    fn event_icon(&self, e: &TicketEventRow) -> Html {
        self.ui.icon(match e.kind.as_str() {
            "opened" => "attention",
            "comment" => "person",
            "status" => "right",
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
            "opened" if e.body.trim().is_empty() => self.ui.t("ticket-opened-event"),
            _ => e.body.clone(),
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
        let page = TicketPage { ui, detail, comment: form }.page()?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    match command(&state, &ui, Command::CommentTicket { ticket: TicketId(id), text }).await? {
        Ok(_) => Ok(Flash::done("ticket-commented", "").redirect(&format!("/tickets/{id}"))),
        Err(e) => {
            let status = failed(&ui, &mut form, &["text"], &e);
            Ok((status, TicketPage { ui, detail, comment: form }.page()?).into_response())
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
            event(20, OURSELVES, "note", "Сигнал пропал: если всё исправно, закройте заявку"),
        ],
    };
    let mut wrong = Form::default();
    wrong.wrong("text", ui().t("ticket-empty-comment"));
    let fresh = TicketDetail { events: Vec::new(), ..detail(0) };
    vec![
        ("", TicketPage { ui: ui(), detail: detail(1), comment: Form::default() }),
        ("new", TicketPage { ui: ui(), detail: fresh, comment: wrong }),
        ("no-device", TicketPage { ui: ui(), detail: detail(3), comment: Form::default() }),
        ("resolved", TicketPage { ui: ui(), detail: detail(4), comment: Form::default() }),
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
