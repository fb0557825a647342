//! The work beside a ticket: files, links, notes of what helps with its model. `/tickets/board`: tickets by where they
//! stand; `/tickets/notes`: the notes.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::tabs::Tabs;
use super::tickets::{priority, sample_clocks, sample_rows};
use crate::i18n::Lang;
use crate::model::{Command, DeskChange, KnowledgeNote, Millis, StepOutcome, TicketId, TicketStatus};
use crate::store::desk::{self, FileRow, LinkRow, NoteRow};
use crate::store::read::Paging;
use crate::store::read::tickets::{self, TicketFilter, TicketRow, TicketState};
use crate::web::auth::policy::Permission;
use crate::web::badge;
use crate::web::clocks::{self, Clocks};
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::{Html, encode};
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::{WebError, command, failed, refusal, told, upload};

pub const BOARD: &str = "/tickets/board";
pub const NOTES: &str = "/tickets/notes";
/// Cards of one column.
const MOST_CARDS: usize = 100;

/// Columns of the board: word of its name, statuses in it, the status a ticket takes when it is moved there.
const COLUMNS: [(&str, &[TicketStatus], TicketStatus); 4] = [
    ("board-new", &[TicketStatus::New], TicketStatus::New),
    ("board-work", &[TicketStatus::Assigned, TicketStatus::InProgress], TicketStatus::InProgress),
    (
        "board-waiting",
        &[
            TicketStatus::WaitingUser,
            TicketStatus::WaitingParts,
            TicketStatus::WaitingVendor,
            TicketStatus::WaitingApproval,
        ],
        TicketStatus::WaitingUser,
    ),
    ("board-resolved", &[TicketStatus::Resolved], TicketStatus::Resolved),
];

/// What is shown beside a ticket.
#[derive(Template)]
#[template(path = "ticket_work.html")]
struct WorkPanel<'a> {
    ui: &'a Ui,
    id: TicketId,
    open: bool,
    files: Vec<FileRow>,
    links: Vec<LinkRow>,
    notes: Vec<NoteRow>,
    tried: BTreeMap<(i64, i64), String>,
}

#[derive(Template)]
#[template(path = "board.html")]
pub struct BoardPage {
    ui: Ui,
    tabs: Tabs,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    cards: Vec<CardView>,
    /// Beyond those that are drawn.
    more: usize,
}

struct CardView {
    row: TicketRow,
    badge: Html,
    priority: Html,
    due: Html,
    /// (status, words) where it can go.
    moves: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "notes.html")]
pub struct NotesPage {
    ui: Ui,
    tabs: Tabs,
    notes: Vec<NoteRow>,
}

#[derive(Template)]
#[template(path = "note.html")]
pub struct NotePage {
    ui: Ui,
    tabs: Tabs,
    id: Option<i64>,
    form: Form,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(BOARD, get(board))
        .route("/tickets/board/{id}", post(moved))
        .route(NOTES, get(notes))
        .route("/tickets/notes/new", get(new_note).post(add_note))
        .route("/tickets/notes/{id}", get(edit_note).post(change_note))
        .route("/tickets/notes/{id}/remove", post(remove_note))
        .route("/tickets/{id}/files", post(attach))
        .route("/tickets/{id}/files/{file}", get(file))
        .route("/tickets/{id}/files/{file}/remove", post(remove_file))
        .route("/tickets/{id}/link", post(link))
        .route("/tickets/{id}/unlink", post(unlink))
        .route("/tickets/{id}/step", post(step))
}

/// Views of this place: list, board, notes.
pub fn places(ui: &Ui) -> Tabs {
    let mut tabs = Tabs::of_paths(
        ui,
        &[
            ("/tickets", "tickets-list"),
            (BOARD, "board-title"),
            (NOTES, "notes-title"),
            (super::kpi::PATH, "kpi-title"),
        ],
    );
    let first = tabs.0[1..].iter().all(|t| !t.current);
    tabs.0[0].current = first;
    tabs
}

/// Everything that is shown beside a ticket.
pub async fn panel(state: &AppState, ui: &Ui, id: TicketId, open: bool) -> Result<Html, WebError> {
    let db = state.store.db();
    let (vendor, model) = desk::model_of(db, id).await?;
    let notes = desk::notes(db).await?.into_iter().filter(|n| n.note.fits(&vendor, &model)).collect();
    let tried = desk::steps(db, id).await?.into_iter().map(|(note, step, o)| ((note, step), o)).collect();
    let (files, links) = (desk::files(db, id).await?, desk::links(db, id).await?);
    drawn(&WorkPanel { ui, id, open, files, links, notes, tried })
}

fn drawn(panel: &WorkPanel<'_>) -> Result<Html, WebError> {
    panel.render().map(Html).map_err(|e| WebError::Render(e.to_string()))
}

impl WorkPanel<'_> {
    fn may(&self) -> bool {
        self.ui.may(Permission::ManageTickets)
    }

    fn size(&self, f: &FileRow) -> String {
        let kb = f.size as f64 / 1024.0;
        if kb < 1024.0 {
            self.ui.tv("file-kb", self.ui.decimal(kb.max(1.0), 0))
        } else {
            self.ui.tv("file-mb", self.ui.decimal(kb / 1024.0, 1))
        }
    }

    fn status(&self, l: &LinkRow) -> Html {
        badge::ticket(self.ui, l.status)
    }

    fn way(&self, l: &LinkRow) -> String {
        self.ui.word("link-", &l.kind)
    }

    /// Steps of a note: number, words, what came of it.
    fn steps<'a>(&'a self, n: &'a NoteRow) -> Vec<(usize, &'a str, &'a str)> {
        let outcome = |at: usize| self.tried.get(&(n.id, at as i64)).map_or("", String::as_str);
        n.note.steps().into_iter().enumerate().map(|(at, words)| (at, words, outcome(at))).collect()
    }

    fn outcomes(&self) -> Vec<(&'static str, String)> {
        StepOutcome::ALL.iter().map(|o| (o.as_str(), self.ui.word("step-", o.as_str()))).collect()
    }
}

async fn give(ui: &Ui, state: &AppState, change: DeskChange, done: Flash, to: &str) -> Result<Response, WebError> {
    ui.require(Permission::ManageTickets)?;
    Ok(match command(state, ui, Command::Desk { change }).await? {
        Ok(_) => done.redirect(to),
        Err(e) => told(ui, &e).redirect(to),
    })
}

async fn attach(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageTickets)?;
    let to = format!("/tickets/{id}");
    let refused = |why: String| Flash::failed("flash-failed", why).redirect(&to);
    let file = match upload::file(request).await? {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(refused(ui.t("error-no-file"))),
        Err(upload::TooLarge) => return Ok(refused(ui.t("error-attachment-too-large"))),
    };
    let change = DeskChange::Attach { ticket: TicketId(id), name: file.name.clone(), bytes: file.bytes };
    Ok(match command(&state, &ui, Command::Desk { change }).await? {
        Ok(_) => Flash::done("file-attached", file.name).redirect(&to),
        Err(e) => refused(refusal(&ui, &e).1),
    })
}

/// The bytes as the type they are; what is no picture is always saved, never shown.
async fn file(ui: Ui, State(state): State<AppState>, Path((id, file)): Path<(i64, i64)>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let found = desk::content(state.store.db(), TicketId(id), file).await?;
    let (name, mime, bytes) = found.ok_or(WebError::NotFound)?;
    let way = if mime.starts_with("image/") { "inline" } else { "attachment" };
    let head = [
        (header::CONTENT_TYPE, mime),
        (header::CONTENT_DISPOSITION, format!("{way}; filename*=UTF-8''{}", encode(&name))),
        (header::CACHE_CONTROL, "private, max-age=3600".to_owned()),
    ];
    Ok((head, bytes).into_response())
}

async fn remove_file(
    ui: Ui,
    State(state): State<AppState>,
    Path((id, file)): Path<(i64, i64)>,
) -> Result<Response, WebError> {
    let done = Flash::done("file-removed", "");
    give(&ui, &state, DeskChange::RemoveFile { ticket: TicketId(id), file }, done, &format!("/tickets/{id}")).await
}

/// "118" or "ЗП-118".
fn other(form: &Form) -> TicketId {
    let digits: String = form.value("other").chars().filter(char::is_ascii_digit).collect();
    TicketId(digits.parse().unwrap_or(0))
}

async fn link(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    let change = DeskChange::Link { ticket: TicketId(id), other: other(&form) };
    give(&ui, &state, change, Flash::done("tickets-linked", ""), &format!("/tickets/{id}")).await
}

async fn unlink(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    let change = DeskChange::Unlink { ticket: TicketId(id), other: other(&form) };
    give(&ui, &state, change, Flash::done("tickets-unlinked", ""), &format!("/tickets/{id}")).await
}

async fn step(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    let number = |field: &str| form.value(field).parse::<i64>().unwrap_or(-1);
    let outcome = StepOutcome::parse(form.value("outcome"));
    let change = DeskChange::Step { ticket: TicketId(id), note: number("note"), step: number("step"), outcome };
    give(&ui, &state, change, Flash::done("step-saved", ""), &format!("/tickets/{id}#notes")).await
}

async fn board(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let db = state.store.db();
    let filter = |state| TicketFilter { state, site: ui.site, ..TicketFilter::default() };
    let mut rows = tickets::list(db, &filter(TicketState::Open), Paging::new(1, 500)).await?.rows;
    // What was resolved lately waits to be closed.
    let done = tickets::list(db, &filter(TicketState::Done), Paging::new(1, 100)).await?.rows;
    rows.extend(done.into_iter().filter(|t| t.status == TicketStatus::Resolved));
    let clocks = Clocks::of(db, &rows, ui.now).await?;
    BoardPage::new(ui, rows, &clocks).page()
}

impl BoardPage {
    fn new(ui: Ui, rows: Vec<TicketRow>, clocks: &Clocks) -> Self {
        let may = ui.may(Permission::ManageTickets);
        let mut columns = Vec::new();
        for (name, statuses, _) in COLUMNS {
            let mine: Vec<&TicketRow> = rows.iter().filter(|t| statuses.contains(&t.status)).collect();
            let more = mine.len().saturating_sub(MOST_CARDS);
            let card = |t: &&TicketRow| CardView {
                badge: badge::ticket(&ui, t.status),
                priority: priority(&ui, t.priority),
                due: clocks.get(t.id).map_or_else(Html::default, |c| clocks::cell(&ui, &c.restore)),
                moves: if may { moves(&ui, t.status) } else { Vec::new() },
                row: (*t).clone(),
            };
            columns.push(Column { name: ui.t(name), cards: mine.iter().take(MOST_CARDS).map(card).collect(), more });
        }
        BoardPage { tabs: places(&ui), ui, columns }
    }
}

/// Where a ticket can go from here, by its columns and by whom it waits for.
fn moves(ui: &Ui, now: TicketStatus) -> Vec<(&'static str, String)> {
    let every =
        COLUMNS.iter().flat_map(|(_, statuses, to)| if statuses.len() > 2 { statuses.to_vec() } else { vec![*to] });
    every
        .chain([TicketStatus::Closed])
        .filter(|s| *s != now && *s != TicketStatus::New)
        .map(|s| (s.as_str(), ui.word("ticket-do-", s.as_str())))
        .collect()
}

async fn moved(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageTickets)?;
    let status =
        TicketStatus::parse(form.value("status")).ok_or_else(|| WebError::BadRequest("no such status".to_owned()))?;
    let before = tickets::one(state.store.db(), TicketId(id)).await?.ok_or(WebError::NotFound)?.ticket.status;
    Ok(match command(&state, &ui, Command::SetTicketStatus { ticket: TicketId(id), status }).await? {
        Ok(_) => Flash::done("ticket-became", ui.word("ticket-status-", status.as_str()))
            .with_undo(format!("/tickets/board/{id}"), vec![("status".to_owned(), before.as_str().to_owned())])
            .redirect(BOARD),
        Err(e) => told(&ui, &e).redirect(BOARD),
    })
}

async fn notes(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let notes = desk::notes(state.store.db()).await?;
    NotesPage { tabs: places(&ui), ui, notes }.page()
}

impl NotesPage {
    fn may(&self) -> bool {
        self.ui.may(Permission::ManageTickets)
    }

    fn of(&self, n: &NoteRow) -> String {
        let of = format!("{} {}", n.note.vendor, n.note.model);
        if of.trim().is_empty() { self.ui.t("note-any") } else { of.trim().to_owned() }
    }

    fn count(&self, n: &NoteRow) -> String {
        self.ui.tn("note-steps", n.note.steps().len() as i64)
    }
}

async fn new_note(ui: Ui) -> Result<Response, WebError> {
    ui.require(Permission::ManageTickets)?;
    let given = |name: &str| ui.query.get(name).unwrap_or("").to_owned();
    let form = Form::of(&[("vendor", &given("vendor")), ("model", &given("model"))]);
    NotePage { tabs: places(&ui), ui, id: None, form }.page()
}

fn filled(n: &KnowledgeNote) -> Form {
    Form::of(&[("title", &n.title), ("vendor", &n.vendor), ("model", &n.model), ("body", &n.body)])
}

async fn edit_note(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let found = desk::notes(state.store.db()).await?.into_iter().find(|n| n.id == id).ok_or(WebError::NotFound)?;
    NotePage { tabs: places(&ui), ui, id: Some(id), form: filled(&found.note) }.page()
}

async fn add_note(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    save_note(ui, &state, None, form).await
}

async fn change_note(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    form: Form,
) -> Result<Response, WebError> {
    save_note(ui, &state, Some(id), form).await
}

async fn save_note(ui: Ui, state: &AppState, id: Option<i64>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageTickets)?;
    let [title, vendor, model, body] = ["title", "vendor", "model", "body"].map(|f| form.value(f).to_owned());
    let change = DeskChange::SaveNote { id, note: KnowledgeNote { title, vendor, model, body } };
    match command(state, &ui, Command::Desk { change }).await? {
        Ok(_) => Ok(Flash::done("note-saved", form.value("title")).redirect(NOTES)),
        Err(e) => {
            let status: StatusCode = failed(&ui, &mut form, &["title", "vendor", "model", "body"], &e);
            Ok((status, NotePage { tabs: places(&ui), ui, id, form }.page()?).into_response())
        }
    }
}

async fn remove_note(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    give(&ui, &state, DeskChange::RemoveNote { id }, Flash::done("note-removed", ""), NOTES).await
}

impl NotePage {
    fn may(&self) -> bool {
        self.ui.may(Permission::ManageTickets)
    }

    fn action(&self) -> String {
        self.id.map_or_else(|| format!("{NOTES}/new"), |id| format!("{NOTES}/{id}"))
    }
}

fn sample_notes() -> Vec<NoteRow> {
    let note = |id: i64, title: &str, vendor: &str, model: &str, body: &str| NoteRow {
        id,
        note: KnowledgeNote { title: title.into(), vendor: vendor.into(), model: model.into(), body: body.into() },
        updated_at: Millis(1_795_600_000_000),
        updated_by: "petrov".to_owned(),
    };
    vec![
        note(
            1,
            "Замятие в узле закрепления",
            "kyocera",
            "ecosys m2*",
            "Открыть заднюю крышку\nВынуть лист по ходу бумаги, не рвать\nПроверить, целы ли отделители и нет ли скрепки\nНапечатать пробный лист",
        ),
        note(2, "Не печатает", "", "", "Спросить, печатают ли соседи\nПосмотреть очередь печати"),
    ]
}

/// The panel of an invented ticket.
pub fn sample_panel(ui: &Ui, full: bool) -> Html {
    let file = |id: i64, name: &str, mime: &str, size: i64| FileRow {
        id,
        name: name.to_owned(),
        mime: mime.to_owned(),
        size,
        at: Millis(1_795_690_000_000),
        author: "petrov".to_owned(),
    };
    let link = |id: i64, kind: &str| LinkRow {
        ticket: TicketId(id),
        title: "МФУ Kyocera M2040: не печатает после обеда, мигает жёлтым".to_owned(),
        status: TicketStatus::InProgress,
        kind: kind.to_owned(),
    };
    let mut panel = WorkPanel {
        ui,
        id: TicketId(117),
        open: true,
        files: Vec::new(),
        links: Vec::new(),
        notes: Vec::new(),
        tried: BTreeMap::new(),
    };
    if full {
        panel.files = vec![
            file(1, "Фото экрана с кодом C6000.jpg", "image/jpeg", 2_400_000),
            file(2, "журнал.txt", "text/plain; charset=utf-8", 700),
        ];
        panel.links = vec![link(118, "device"), link(110, "related")];
        panel.notes = sample_notes();
        panel.tried = BTreeMap::from([((1, 0), "worked".to_owned()), ((1, 1), "no".to_owned())]);
    }
    drawn(&panel).unwrap_or_default()
}

pub fn board_samples(lang: Lang) -> Vec<(&'static str, BoardPage)> {
    let page = |rows: Vec<TicketRow>| {
        let ui = Ui::sample(lang, BOARD);
        let clocks = sample_clocks(&rows, ui.now);
        BoardPage::new(ui, rows, &clocks)
    };
    let now = Ui::sample(lang, BOARD).now;
    let many = (0..60).flat_map(|_| sample_rows(now)).collect();
    vec![("", page(sample_rows(now))), ("empty", page(Vec::new())), ("many", page(many))]
}

pub fn notes_samples(lang: Lang) -> Vec<(&'static str, NotesPage)> {
    let page = |notes| {
        let ui = Ui::sample(lang, NOTES);
        NotesPage { tabs: places(&ui), ui, notes }
    };
    vec![("", page(sample_notes())), ("empty", page(Vec::new()))]
}

pub fn note_samples(lang: Lang) -> Vec<(&'static str, NotePage)> {
    let page = |id, form| {
        let ui = Ui::sample(lang, "/tickets/notes/1");
        NotePage { tabs: places(&ui), ui, id, form }
    };
    let mut wrong = Form::default();
    wrong.wrong("title", Ui::sample(lang, NOTES).t("error-required"));
    vec![("", page(Some(1), filled(&sample_notes()[0].note))), ("wrong", page(None, wrong))]
}
