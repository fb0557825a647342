//! `/cabling/import`: the flat sheet of a branch from a file: sent, shown row by row, taken or thrown away; and the documents
//! as the same sheet.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::{PATH, crumb_site};
use crate::cabling::{Draft, sheet};
use crate::document::table::{HeaderError, MAX_ROWS, TableError, cabling as table};
use crate::i18n::Lang;
use crate::model::{
    CablingChange, Command, ImportVerdict, Millis, PieceId, SheetBody, SheetChange, SheetFault, SheetField,
    SheetVerdict, SiteId,
};
use crate::store::cabling;
use crate::web::auth::policy::Permission;
use crate::web::cabling::{branch, site_name, site_of};
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};
use crate::web::{WebError, command, refusal, told, upload};

const IMPORT: &str = "/cabling/import";

const COLUMNS: &[Column] = &[
    Column::new("row", "import-row").unsorted().right(),
    Column::new("name", "cabling-outlet").unsorted(),
    Column::new("verdict", "import-verdict").unsorted(),
    Column::new("what", "import-what").unsorted().card(Card::Wide),
];

/// Why a file was not taken, in words.
struct Refused {
    why: String,
    header: Option<HeaderError>,
}

/// A kept sheet of the list.
struct Kept {
    id: i64,
    file_name: String,
    by: String,
    at: Html,
    taken: bool,
    counts: String,
}

#[derive(Template)]
#[template(path = "cabling_import.html")]
pub struct ImportPage {
    ui: Ui,
    site: (String, String),
    site_id: SiteId,
    newest: Vec<Kept>,
    refused: Option<Refused>,
}

#[derive(Template)]
#[template(path = "cabling_report.html")]
pub struct ReportPage {
    ui: Ui,
    site: (String, String),
    id: i64,
    file_name: String,
    accepted_at: Option<Millis>,
    change_set: Option<i64>,
    verdicts: Tabs,
    ignored: Vec<String>,
    counts: [i64; 4],
    list: List,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(IMPORT, get(show).post(send))
        .route("/cabling/import/{id}", get(report))
        .route("/cabling/import/{id}/accept", post(accept))
        .route("/cabling/import/{id}/drop", post(throw_away))
        .route("/cabling/sheet.xlsx", get(xlsx))
        .route("/cabling/sheet.csv", get(csv))
}

/// The documents of a branch as rows of the sheet.
async fn lines(ui: &Ui, state: &AppState) -> Result<Vec<table::Line>, WebError> {
    if ui.query.has("empty", "1") {
        return Ok(Vec::new());
    }
    let site = site_of(ui).ok_or(WebError::NotFound)?;
    let branch = branch(state, site).await?;
    let draft = Draft::new(branch.documented.plan.clone(), 0);
    Ok(sheet::rows(&draft).into_iter().map(|(_, line)| line.into_iter().collect()).collect())
}

fn language(ui: &Ui) -> crate::document::Language {
    match ui.lang {
        Lang::Ru => crate::document::Language::Ru,
        Lang::En => crate::document::Language::En,
    }
}

async fn xlsx(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let lines = lines(&ui, &state).await?;
    let language = language(&ui);
    let book = tokio::task::spawn_blocking(move || table::workbook(&lines, language)).await;
    let book = book.map_err(|e| WebError::Internal(e.to_string()))?;
    let book = book.map_err(|e| WebError::Internal(format!("writing a workbook: {e}")))?;
    let head = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, r#"attachment; filename="cabling.xlsx""#),
    ];
    Ok((head, book).into_response())
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let text = table::csv(&lines(&ui, &state).await?, language(&ui));
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, r#"attachment; filename="cabling.csv""#),
    ];
    Ok((head, text).into_response())
}

async fn page(ui: Ui, state: &AppState, refused: Option<Refused>) -> Result<Response, WebError> {
    let site = site_of(&ui).ok_or(WebError::NotFound)?;
    let newest = cabling::newest_sheets(state.store.db(), 10).await?;
    let newest = newest.into_iter().filter(|s| s.5.site == site).map(|s| kept(&ui, s)).collect();
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = ImportPage { site: crumb_site(&ui, site), site_id: site, ui, newest, refused };
    Ok((status, page.page()?).into_response())
}

fn kept(ui: &Ui, (id, file_name, at, by, accepted, body): cabling::Sheet) -> Kept {
    let counts = summary(ui, &counts(&body.judged));
    Kept { id, file_name, by, at: ui.ago_html(&at), taken: accepted.is_some(), counts }
}

/// By verdict, in the order of `ImportVerdict::ALL`.
fn counts(judged: &[SheetVerdict]) -> [i64; 4] {
    ImportVerdict::ALL.map(|v| judged.iter().filter(|r| r.verdict == v).count() as i64)
}

/// "12 new, 3 changed, 1 wrong".
fn summary(ui: &Ui, counts: &[i64; 4]) -> String {
    let parts = ImportVerdict::ALL.iter().zip(counts).filter(|(_, n)| **n > 0);
    parts.map(|(v, n)| ui.tn(&format!("import-count-{}", v.as_str()), *n)).collect::<Vec<_>>().join(", ")
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::ManageCabling)?;
    page(ui, &state, None).await
}

async fn send(ui: Ui, State(state): State<AppState>, request: Request) -> Result<Response, WebError> {
    ui.require(Permission::ManageCabling)?;
    let site = site_of(&ui).ok_or(WebError::NotFound)?;
    let refused = |why: String| Some(Refused { why, header: None });
    let file = match upload::file(request).await? {
        Ok(Some(file)) => file,
        Ok(None) => {
            let why = ui.t("error-no-file");
            return page(ui, &state, refused(why)).await;
        }
        Err(upload::TooLarge) => {
            let why = ui.tv("error-file-too-large", (upload::MAX_FILE >> 20).to_string());
            return page(ui, &state, refused(why)).await;
        }
    };
    let asked = match upload::cabling(site, file.name, file.bytes).await {
        Ok(asked) => asked,
        Err(e) => {
            let refused = not_a_table(&ui, e);
            return page(ui, &state, Some(refused)).await;
        }
    };
    match command(&state, &ui, asked).await? {
        Ok(done) => Ok(Redirect::to(&format!("{IMPORT}/{}", done.id.unwrap_or_default())).into_response()),
        Err(e) => {
            let why = refusal(&ui, &e).1;
            page(ui, &state, refused(why)).await
        }
    }
}

fn not_a_table(ui: &Ui, e: TableError) -> Refused {
    let why = match &e {
        TableError::TooLong => ui.tv("error-import-too-long", ui.integer(MAX_ROWS as i64)),
        TableError::TooLarge(mb) => ui.tv("error-table-too-large", mb.to_string()),
        TableError::Damaged(detail) => ui.tv("error-table-damaged", detail.as_str()),
        other => ui.t(&format!("error-{}", other.code())),
    };
    let header = if let TableError::Header(h) = e { Some(h) } else { None };
    Refused { why, header }
}

async fn report(ui: Ui, State(state): State<AppState>, Path(name): Path<String>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let (number, is_csv) = name.strip_suffix(".csv").map_or((name.as_str(), false), |n| (n, true));
    let id = number.parse().map_err(|_| WebError::NotFound)?;
    let sheet = cabling::sheet(state.store.db(), id).await?.ok_or(WebError::NotFound)?;
    if is_csv {
        let mut list = List::read(&ui, COLUMNS, "row");
        let rows = chosen(&ui, &sheet.5.judged);
        list.rows = rows.iter().take(CSV_ROWS as usize).map(|r| row(&ui, r)).collect();
        return Ok(list.csv(&ui, "cabling-import"));
    }
    ReportPage::new(ui, id, sheet.1, sheet.4, sheet.5).page()
}

/// Rows of the verdict in the URL.
fn chosen<'a>(ui: &Ui, rows: &'a [SheetVerdict]) -> Vec<&'a SheetVerdict> {
    let verdict = ui.query.get("show").and_then(ImportVerdict::parse);
    rows.iter().filter(|r| verdict.is_none_or(|v| v == r.verdict)).collect()
}

impl ImportPage {
    fn field(&self, field: &str) -> String {
        self.ui.word("sheet-field-", field)
    }
}

impl ReportPage {
    fn new(ui: Ui, id: i64, file_name: String, accepted_at: Option<Millis>, body: SheetBody) -> Self {
        let mut list = List::read(&ui, COLUMNS, "row");
        let rows = chosen(&ui, &body.judged);
        list.clamp(rows.len() as i64);
        let (skip, take) = (usize::try_from(list.offset()).unwrap_or(0), usize::try_from(list.size).unwrap_or(0));
        list.rows = rows.into_iter().skip(skip).take(take).map(|r| row(&ui, r)).collect();
        let counts = counts(&body.judged);
        let mut views = vec![("", "import-all", Some(body.judged.len() as i64))];
        let keys = ["import-wrong", "import-new", "import-changed", "import-same"];
        for ((v, key), n) in ImportVerdict::ALL.iter().zip(keys).zip(counts) {
            views.push((v.as_str(), key, Some(n)));
        }
        let current = ui.query.get("show").unwrap_or("").to_owned();
        let verdicts = Tabs::of_query(&ui, "show", &current, &views);
        let site = (format!("{PATH}?site={}", body.site), site_name(&ui, body.site));
        let (ignored, change_set) = (body.ignored, body.change_set);
        ReportPage { ui, site, id, file_name, accepted_at, change_set, verdicts, ignored, counts, list }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageCabling)
    }

    fn wrong(&self) -> i64 {
        self.counts[0]
    }

    fn effective(&self) -> i64 {
        self.counts[1] + self.counts[2]
    }

    fn summary(&self) -> String {
        summary(&self.ui, &self.counts)
    }

    fn ignored_words(&self) -> String {
        self.ignored.iter().map(|c| format!("«{c}»")).collect::<Vec<_>>().join(", ")
    }
}

fn row(ui: &Ui, r: &SheetVerdict) -> Row {
    let name = match r.jack {
        Some(id) => Cell::name(&r.name, &format!("{PATH}/jack/{id}"), ""),
        None => Cell::text(r.name.clone()),
    };
    let lines: Vec<(String, bool)> = match r.verdict {
        ImportVerdict::Wrong => r.faults.iter().map(|f| (fault(ui, f), true)).collect(),
        _ => r.changes.iter().map(|c| (change(ui, c, r.verdict), false)).collect(),
    };
    let html: String = lines
        .iter()
        .map(|(words, wrong)| {
            let class = if *wrong { "field-error" } else { "sub" };
            format!(r#"<span class="{class}">{}</span>"#, escape(words))
        })
        .collect();
    let text = lines.iter().map(|(words, _)| words.as_str()).collect::<Vec<_>>().join("; ");
    Row {
        key: r.row.to_string(),
        cells: vec![
            Cell::text(r.row.to_string()),
            name,
            Cell::html(verdict(ui, r.verdict), ui.word("import-verdict-", r.verdict.as_str())),
            Cell::html(Html(html), text),
        ],
    }
}

fn verdict(ui: &Ui, v: ImportVerdict) -> Html {
    use crate::web::badge::Meaning;
    let words = ui.word("import-verdict-", v.as_str());
    match v {
        ImportVerdict::Wrong => Meaning::Failure.badge(&words),
        ImportVerdict::New => Meaning::Ok.badge(&words),
        ImportVerdict::Changed => Meaning::Attention.badge(&words),
        ImportVerdict::Same => Html(format!(r#"<span class="muted">{}</span>"#, escape(&words))),
    }
}

fn fault(ui: &Ui, f: &SheetFault) -> String {
    let what = ui.tv(&format!("sheet-fault-{}", f.code), f.value.as_str());
    match f.field {
        Some(field) => format!("{}: {what}", ui.word("sheet-field-", field.as_str())),
        None => what,
    }
}

fn change(ui: &Ui, c: &SheetChange, of: ImportVerdict) -> String {
    let name = ui.word("sheet-field-", c.field.as_str());
    let plain = |v: &str| match c.field {
        _ if v.is_empty() => "—".to_owned(),
        SheetField::Status => ui.word("cable-status-", v),
        _ => v.to_owned(),
    };
    match of {
        ImportVerdict::New => format!("{name}: {}", plain(&c.after)),
        _ => format!("{name}: {} → {}", plain(&c.before), plain(&c.after)),
    }
}

async fn press(ui: &Ui, state: &AppState, change: CablingChange, done: Flash, to: &str) -> Result<Response, WebError> {
    let flash = match command(state, ui, Command::Cabling { change }).await? {
        Ok(_) => done,
        Err(e) => told(ui, &e),
    };
    Ok(flash.redirect(to))
}

async fn accept(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageCabling)?;
    let body = cabling::sheet(state.store.db(), id).await?.ok_or(WebError::NotFound)?.5;
    let mut counts = counts(&body.judged);
    (counts[0], counts[3]) = (0, 0);
    let done = Flash::done("import-accepted", summary(&ui, &counts));
    let change = CablingChange::AcceptSheet { import: id, good_only: form.has("good_only", "1") };
    press(&ui, &state, change, done, &format!("{IMPORT}/{id}")).await
}

async fn throw_away(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::ManageCabling)?;
    let change = CablingChange::DropSheet { import: id };
    press(&ui, &state, change, Flash::done("import-dropped", ""), IMPORT).await
}

fn sample_rows() -> Vec<SheetVerdict> {
    let row = |row, name: &str, verdict| SheetVerdict {
        row,
        name: name.to_owned(),
        verdict,
        jack: None,
        changes: Vec::new(),
        faults: Vec::new(),
    };
    let change =
        |field, before: &str, after: &str| SheetChange { field, before: before.to_owned(), after: after.to_owned() };
    use SheetField as F;
    vec![
        SheetVerdict {
            jack: Some(PieceId(12)),
            changes: vec![change(F::SwitchPort, "Gi1/0/7", "Gi1/0/9"), change(F::Status, "faulty", "")],
            ..row(2, "2.14-A", ImportVerdict::Changed)
        },
        SheetVerdict {
            changes: vec![change(F::Room, "", "каб. 308"), change(F::Panel, "", "PP2"), change(F::PanelPort, "", "17")],
            ..row(3, "3.08-B", ImportVerdict::New)
        },
        SheetVerdict {
            faults: vec![
                SheetFault::new(Some(F::PanelPort), "panel-port-taken", "2.14-A"),
                SheetFault::new(None, "repeated", "2"),
            ],
            ..row(4, "3.09-A", ImportVerdict::Wrong)
        },
        row(5, "2.15-A", ImportVerdict::Same),
    ]
}

pub fn samples(lang: Lang) -> Vec<(&'static str, ImportPage)> {
    let page = |newest: bool, refused: Option<fn(&Ui) -> Refused>| {
        let ui = Ui::sample(lang, IMPORT);
        let refused = refused.map(|f| f(&ui));
        let kept = |id, taken| Kept {
            id,
            file_name: "Кроссировка Казань, Баумана 5, этажи 2–4 (ноябрь).xlsx".to_owned(),
            by: "petrov".to_owned(),
            at: ui.ago_html(&Millis(1_795_690_000_000)),
            taken,
            counts: summary(&ui, &[2, 310, 14, 3]),
        };
        let newest = if newest { vec![kept(8, false), kept(7, true)] } else { Vec::new() };
        let site = crumb_site(&ui, SiteId(1));
        ImportPage { site, site_id: SiteId(1), newest, refused, ui }
    };
    let header = |ui: &Ui| {
        let missing = vec![("outlet".to_owned(), table::names(SheetField::Outlet))];
        let found = vec![("Кабинет".to_owned(), "room".to_owned())];
        let error = HeaderError { found, unknown: vec!["Инв. №".to_owned()], missing, twice: Vec::new() };
        not_a_table(ui, TableError::Header(error))
    };
    vec![("", page(true, None)), ("empty", page(false, None)), ("wrong", page(false, Some(header)))]
}

pub fn report_samples(lang: Lang) -> Vec<(&'static str, ReportPage)> {
    let page = |path: &str, rows: Vec<SheetVerdict>, accepted: bool, ignored: Vec<String>| {
        let ui = Ui::sample(lang, path);
        let body =
            SheetBody { site: SiteId(1), ignored, rows: Vec::new(), judged: rows, change_set: accepted.then_some(3) };
        let at = accepted.then_some(Millis(1_795_690_900_000));
        ReportPage::new(ui, 7, "Кроссировка, этажи 2–4.xlsx".to_owned(), at, body)
    };
    let many: Vec<SheetVerdict> = (0..500).flat_map(|_| sample_rows()).collect();
    let same: Vec<SheetVerdict> = sample_rows().into_iter().skip(3).collect();
    vec![
        ("", page("/cabling/import/7", sample_rows(), false, vec!["Инв. №".to_owned(), "ФИО".to_owned()])),
        ("many", page("/cabling/import/7?page=3", many, false, Vec::new())),
        ("same", page("/cabling/import/7", same, false, Vec::new())),
        ("taken", page("/cabling/import/7", sample_rows(), true, Vec::new())),
    ]
}
