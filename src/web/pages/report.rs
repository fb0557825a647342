//! `/t/{code}`: what opens when somebody scans the label of a device: three fields, no login. Answers strangers, so it tells no
//! more of a device than its label does, and that a fault is known; slowed down per address.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::engine::{Actor, CommandSource};
use crate::i18n::Lang;
use crate::model::{Command, DeviceId, Fault, FaultReport, Millis, TicketId, tag_typed};
use crate::store::read::devices;
use crate::store::read::tickets::{self, TicketFilter};
use crate::store::read::{Paging, settings};
use crate::store::{setting, tag};
use crate::web::auth::gate;
use crate::web::form::Form;
use crate::web::layout::{OpenUi, Page, Ui};
use crate::web::state::AppState;
use crate::web::{WebError, refusal};

/// Paths of this page begin so: open to everybody.
pub const UNDER: &str = "/t/";
/// Author of what came from a label.
pub const AUTHOR: &str = "label";
/// Longest of the fields.
const MOST_TEXT: usize = 2_000;
const MOST_NAME: usize = 100;

/// An open ticket of the device.
struct Known {
    id: TicketId,
    since: Millis,
}

#[derive(Template)]
#[template(path = "report.html")]
pub struct ReportPage {
    ui: Ui,
    code: String,
    name: String,
    place: String,
    known: Option<Known>,
    form: Form,
    /// Sent: its number.
    done: Option<i64>,
}

pub fn router() -> Router<AppState> {
    Router::new().route("/t/{code}", get(show).post(send))
}

/// The page of a code, or nothing; who tries codes is slowed down.
async fn load(state: &AppState, mut ui: Ui, code: &str) -> Result<Option<(ReportPage, DeviceId)>, WebError> {
    let db = state.store.db();
    let Some(code) = tag_typed(code) else { return Ok(None) };
    let Some(id) = tag::device(db, &code).await? else { return Ok(None) };
    let Some(device) = devices::one(db, id).await?.filter(|d| !d.retired) else { return Ok(None) };
    let filter = TicketFilter { device: Some(id), ..Default::default() };
    let open = tickets::list(db, &filter, Paging { page: 1, per_page: 1 }).await?.rows;
    let known = open.into_iter().next().map(|t| Known { id: t.id, since: t.opened_at });
    // Times are those of the branch the device stands in.
    if let Some(site) = settings::sites(db).await?.into_iter().find(|s| s.id == device.site) {
        ui = ui.in_zone(&site.time_zone);
    }
    let page = ReportPage {
        ui,
        code,
        name: device.name,
        place: device.location.unwrap_or_default(),
        known,
        form: Form::of(&[("same", "1")]),
        done: None,
    };
    Ok(Some((page, id)))
}

async fn show(
    OpenUi(ui): OpenUi,
    State(state): State<AppState>,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, WebError> {
    let from = gate::client(request.headers(), request.extensions());
    let now = state.clock.now();
    if state.auth.codes.wait_seconds(from, "", now).is_some() {
        return Err(WebError::NotFound);
    }
    match load(&state, ui, &code).await? {
        Some((page, _)) => page.page(),
        None => {
            state.auth.codes.failed(from, "", now);
            Err(WebError::NotFound)
        }
    }
}

async fn send(
    OpenUi(ui): OpenUi,
    State(state): State<AppState>,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, WebError> {
    let from = gate::client(request.headers(), request.extensions());
    let now = state.clock.now();
    let mut form = <Form as axum::extract::FromRequest<AppState>>::from_request(request, &state).await?;
    let Some((mut page, device)) = load(&state, ui, &code).await? else { return Err(WebError::NotFound) };
    let fault = Fault::parse(form.value("fault"));
    let (text, reporter) = (form.value("text").trim().to_owned(), form.value("reporter").trim().to_owned());
    if fault.is_none() {
        form.wrong("fault", page.ui.t("report-choose"));
    }
    if fault == Some(Fault::Other) && text.is_empty() {
        form.wrong("text", page.ui.t("report-say"));
    }
    for (field, value, most) in [("text", &text, MOST_TEXT), ("reporter", &reporter, MOST_NAME)] {
        if value.chars().count() > most {
            form.wrong(field, page.ui.t("error-too-long"));
        }
    }
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if let Some(seconds) = state.auth.reports.wait_seconds(from, &page.code, now).filter(|_| form.is_fine()) {
        form.wrong("fault", page.ui.tn("report-wait", (seconds + 59) / 60));
        status = StatusCode::TOO_MANY_REQUESTS;
    }
    if let (Some(fault), true) = (fault, form.is_fine()) {
        state.auth.reports.failed(from, &page.code, now);
        let language = setting::get(state.store.db(), setting::LANGUAGE).await?;
        let language = language.as_deref().and_then(Lang::parse).unwrap_or_default();
        let title = crate::i18n::text(language, &format!("fault-{}", fault.as_str()));
        let ticket = page.known.as_ref().filter(|_| form.given("same").is_some()).map(|k| k.id);
        let report = FaultReport { device, title, text, reporter, ticket };
        let actor = Actor { who: AUTHOR.to_owned(), source: CommandSource::Web };
        match state.engine.command(actor, Command::ReportFault { report }).await {
            Ok(done) => {
                page.done = done.id;
                return page.page();
            }
            Err(e) => {
                let (code, sentence) = refusal(&page.ui, &e);
                form.wrong("fault", sentence);
                status = code;
            }
        }
    }
    page.form = form;
    Ok((status, page.page()?).into_response())
}

impl ReportPage {
    /// (word, in words, icon, chosen)
    fn faults(&self) -> Vec<(&'static str, String, bool)> {
        Fault::ALL.map(|f| (f.as_str(), self.ui.word("fault-", f.as_str()), self.form.has("fault", f.as_str()))).into()
    }

    fn known_words(&self) -> Option<String> {
        let k = self.known.as_ref()?;
        let number = self.ui.tv("ticket-number", k.id.to_string());
        Some(self.ui.tw("report-known", &[("number", number.into()), ("since", self.ui.ago(k.since).into())]))
    }

    fn done_words(&self) -> Option<String> {
        self.done.map(|id| self.ui.tv("report-done", self.ui.tv("ticket-number", id.to_string())))
    }

    fn same(&self) -> bool {
        self.form.given("same").is_some()
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, ReportPage)> {
    let page = |known: bool, form: Form, done| {
        let ui = Ui::plain(lang, "Europe/Moscow", Ui::sample(lang, "/").now, "/t/ABCD2345");
        let since = ui.now.plus(-95 * Millis::MINUTE);
        ReportPage {
            ui,
            code: "ABCD2345".to_owned(),
            name: "МФУ Kyocera M2040".to_owned(),
            place: "каб. 214".to_owned(),
            known: known.then_some(Known { id: TicketId(117), since }),
            form,
            done,
        }
    };
    let mut wrong = Form::of(&[("fault", "other"), ("reporter", "Иванова, 4-17")]);
    wrong.wrong("text", Ui::sample(lang, "/").t("report-say"));
    vec![
        ("", page(false, Form::default(), None)),
        ("known", page(true, Form::of(&[("same", "1"), ("fault", "jam")]), None)),
        ("wrong", page(false, wrong, None)),
        ("done", page(false, Form::default(), Some(118))),
    ]
}
