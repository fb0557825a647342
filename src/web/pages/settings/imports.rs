//! `/settings/articles/import`: a table of articles from a file: sent, shown row by row, taken or thrown away.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::{press, tabs};
use crate::document::table::{HeaderError, MAX_ROWS, TableError};
use crate::i18n::Lang;
use crate::model::{
    ArticleField, ArticleId, Command, ImportChange, ImportCounts, ImportDraft, ImportFault, ImportVerdict, JudgedRow,
    Millis, Minor,
};
use crate::store::import;
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};
use crate::web::{WebError, command, refusal, upload};

pub const PATH: &str = "/settings/articles/import";

const COLUMNS: &[Column] = &[
    Column::new("row", "import-row").unsorted().right(),
    Column::new("article", "article-name").unsorted(),
    Column::new("vendor", "article-vendor").unsorted(),
    Column::new("verdict", "import-verdict").unsorted(),
    Column::new("what", "import-what").unsorted().card(Card::Wide),
];

/// Why a file was not taken, in words.
struct Refused {
    why: String,
    header: Option<HeaderError>,
}

#[derive(Template)]
#[template(path = "settings_import.html")]
pub struct ImportPage {
    ui: Ui,
    tabs: Tabs,
    newest: Vec<ImportDraft>,
    refused: Option<Refused>,
}

#[derive(Template)]
#[template(path = "settings_import_report.html")]
pub struct ReportPage {
    ui: Ui,
    verdicts: Tabs,
    draft: ImportDraft,
    ignored: Vec<String>,
    list: List,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show).post(send))
        .route("/settings/articles/import/{id}", get(report))
        .route("/settings/articles/import/{id}/accept", post(accept))
        .route("/settings/articles/import/{id}/recheck", post(recheck))
        .route("/settings/articles/import/{id}/drop", post(throw_away))
}

fn to(id: i64) -> String {
    format!("{PATH}/{id}")
}

async fn page(ui: Ui, state: &AppState, refused: Option<Refused>) -> Result<Response, WebError> {
    let newest = import::newest(state.store.db(), 10).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = ImportPage { tabs: tabs(&ui), ui, newest, refused };
    Ok((status, page.page()?).into_response())
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::ManageArticles)?;
    page(ui, &state, None).await
}

async fn send(ui: Ui, State(state): State<AppState>, request: Request) -> Result<Response, WebError> {
    ui.require(Permission::ManageArticles)?;
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
    let asked = match upload::articles(file.name, file.bytes).await {
        Ok(asked) => asked,
        Err(e) => {
            let refused = not_a_table(&ui, e);
            return page(ui, &state, Some(refused)).await;
        }
    };
    match command(&state, &ui, asked).await? {
        Ok(done) => Ok(axum::response::Redirect::to(&to(done.id.unwrap_or_default())).into_response()),
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
    let (draft, body) = import::one(state.store.db(), id).await?.ok_or(WebError::NotFound)?;
    if is_csv {
        let mut list = List::read(&ui, COLUMNS, "row");
        let rows = chosen(&ui, &body.judged);
        list.rows = rows.iter().take(CSV_ROWS as usize).map(|r| row(&ui, r)).collect();
        return Ok(list.csv(&ui, "import"));
    }
    ReportPage::new(ui, draft, body.ignored, &body.judged).page()
}

/// Rows of the verdict in the URL.
fn chosen<'a>(ui: &Ui, rows: &'a [JudgedRow]) -> Vec<&'a JudgedRow> {
    let verdict = ui.query.get("show").and_then(ImportVerdict::parse);
    rows.iter().filter(|r| verdict.is_none_or(|v| v == r.verdict)).collect()
}

impl ImportPage {
    fn field(&self, field: &str) -> String {
        self.ui.word("article-field-", field)
    }

    fn counts(&self, d: &ImportDraft) -> String {
        summary(&self.ui, &d.counts)
    }
}

/// "12 new, 3 changed, 1 wrong".
fn summary(ui: &Ui, counts: &ImportCounts) -> String {
    let parts = ImportVerdict::ALL.map(|v| (v, counts.of_verdict(v)));
    let said = parts.iter().filter(|(_, n)| *n > 0).map(|(v, n)| ui.tn(&format!("import-count-{}", v.as_str()), *n));
    said.collect::<Vec<_>>().join(", ")
}

impl ReportPage {
    fn new(ui: Ui, draft: ImportDraft, ignored: Vec<String>, judged: &[JudgedRow]) -> Self {
        let mut list = List::read(&ui, COLUMNS, "row");
        let rows = chosen(&ui, judged);
        list.clamp(rows.len() as i64);
        let (skip, take) = (usize::try_from(list.offset()).unwrap_or(0), usize::try_from(list.size).unwrap_or(0));
        list.rows = rows.into_iter().skip(skip).take(take).map(|r| row(&ui, r)).collect();
        let mut views = vec![("", "import-all", Some(judged.len() as i64))];
        for (v, key) in [
            (ImportVerdict::Wrong, "import-wrong"),
            (ImportVerdict::New, "import-new"),
            (ImportVerdict::Changed, "import-changed"),
            (ImportVerdict::Same, "import-same"),
        ] {
            views.push((v.as_str(), key, Some(draft.counts.of_verdict(v))));
        }
        let current = ui.query.get("show").unwrap_or("").to_owned();
        let verdicts = Tabs::of_query(&ui, "show", &current, &views);
        ReportPage { ui, verdicts, draft, ignored, list }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageArticles)
    }

    fn effective(&self) -> i64 {
        self.draft.counts.new + self.draft.counts.changed
    }

    fn summary(&self) -> String {
        summary(&self.ui, &self.draft.counts)
    }

    fn ignored_words(&self) -> String {
        self.ignored.iter().map(|c| format!("«{c}»")).collect::<Vec<_>>().join(", ")
    }
}

fn row(ui: &Ui, r: &JudgedRow) -> Row {
    let name = match r.article {
        Some(id) => Cell::name(&r.part_number, &format!("{}/{id}", super::articles::PATH), ""),
        None => Cell::text(r.part_number.clone()),
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
            Cell::text(r.vendor.clone()),
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

fn fault(ui: &Ui, f: &ImportFault) -> String {
    let what = ui.tv(&format!("import-fault-{}", f.code), f.value.as_str());
    match f.field {
        Some(field) => format!("{}: {what}", ui.word("article-field-", field.as_str())),
        None => what,
    }
}

fn change(ui: &Ui, c: &ImportChange, of: ImportVerdict) -> String {
    let name = ui.word("article-field-", c.field.as_str());
    let after = plain(ui, c.field, &c.after);
    if of == ImportVerdict::New {
        return format!("{name}: {after}");
    }
    format!("{name}: {} → {after}", plain(ui, c.field, &c.before))
}

/// A value in its plain form as people read it.
fn plain(ui: &Ui, field: ArticleField, value: &str) -> String {
    let number = value.parse::<i64>();
    match (field, number) {
        _ if value.is_empty() => "—".to_owned(),
        (ArticleField::Price, Ok(n)) => ui.decimal(Minor(n).0 as f64 / 100.0, 2),
        (ArticleField::VatPercent, Ok(n)) => ui.percent(n as f64 / 100.0),
        (ArticleField::YieldPages | ArticleField::Pack | ArticleField::LeadDays, Ok(n)) => ui.integer(n),
        (ArticleField::Kind, _) => ui.word("supply-", value),
        (ArticleField::Color, _) => ui.word("colour-", value),
        (ArticleField::Grade, _) => ui.word("grade-", value),
        (ArticleField::Discontinued, _) => ui.t(if value == "1" { "answer-yes" } else { "answer-no" }),
        (ArticleField::Fits, _) => value.replace('\n', ", "),
        _ => value.to_owned(),
    }
}

async fn accept(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageArticles)?;
    let asked = Command::AcceptImport { import: id, good_only: form.has("good_only", "1") };
    let counts = import::one(state.store.db(), id).await?.ok_or(WebError::NotFound)?.0.counts;
    let done = Flash::done("import-accepted", summary(&ui, &ImportCounts { wrong: 0, same: 0, ..counts }));
    press(&ui, &state, asked, done, &to(id)).await
}

async fn recheck(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::ManageArticles)?;
    press(&ui, &state, Command::RecheckImport { import: id }, Flash::done("import-rechecked", ""), &to(id)).await
}

async fn throw_away(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::ManageArticles)?;
    press(&ui, &state, Command::DropImport { import: id }, Flash::done("import-dropped", ""), PATH).await
}

fn sample_draft(counts: ImportCounts, accepted: bool) -> ImportDraft {
    ImportDraft {
        id: 7,
        file_name: "Прайс «Комус» ноябрь 2026 (расходные материалы).xlsx".to_owned(),
        created_at: Millis(1_795_690_000_000),
        created_by: "petrov".to_owned(),
        accepted_at: accepted.then_some(Millis(1_795_690_900_000)),
        counts,
    }
}

fn sample_rows() -> Vec<JudgedRow> {
    let row = |row, part: &str, verdict| JudgedRow {
        row,
        part_number: part.to_owned(),
        vendor: "Kyocera".to_owned(),
        verdict,
        article: None,
        changes: Vec::new(),
        faults: Vec::new(),
    };
    let change =
        |field, before: &str, after: &str| ImportChange { field, before: before.to_owned(), after: after.to_owned() };
    use ArticleField as F;
    vec![
        JudgedRow {
            article: Some(ArticleId(1)),
            changes: vec![
                change(F::Price, "450000", "480050"),
                change(F::Fits, "kyocera/ecosys m2040*", "kyocera/ecosys m2040*\nkyocera/ecosys m2640idw"),
            ],
            ..row(2, "TK-1170", ImportVerdict::Changed)
        },
        JudgedRow {
            changes: vec![change(F::Kind, "", "toner"), change(F::Price, "", "390000")],
            ..row(3, "TK-1150", ImportVerdict::New)
        },
        JudgedRow {
            faults: vec![
                ImportFault::new(Some(F::Price), "bad-price", "по запросу"),
                ImportFault::new(Some(F::Supplier), "unknown-supplier", "ООО «Никому не известный поставщик»"),
                ImportFault::new(Some(F::PartNumber), "contradicts", "17, 240"),
            ],
            ..row(4, "TK-3160", ImportVerdict::Wrong)
        },
        row(5, "TK-1140", ImportVerdict::Same),
    ]
}

pub fn samples(lang: Lang) -> Vec<(&'static str, ImportPage)> {
    let page = |newest, refused: Option<fn(&Ui) -> Refused>| {
        let ui = Ui::sample(lang, PATH);
        let refused = refused.map(|f| f(&ui));
        ImportPage { tabs: tabs(&ui), ui, newest, refused }
    };
    let counts = ImportCounts { new: 120, changed: 14, same: 3, wrong: 2 };
    let header = |ui: &Ui| {
        let missing = vec![("vendor".to_owned(), "производитель, марка, maker, manufacturer".to_owned())];
        let found = vec![("Артикул".to_owned(), "part_number".to_owned())];
        let error = HeaderError { found, unknown: vec!["Остаток".to_owned()], missing, twice: Vec::new() };
        not_a_table(ui, TableError::Header(error))
    };
    vec![
        ("", page(vec![sample_draft(counts, false), sample_draft(counts, true)], None)),
        ("empty", page(Vec::new(), None)),
        ("wrong", page(Vec::new(), Some(header))),
    ]
}

pub fn report_samples(lang: Lang) -> Vec<(&'static str, ReportPage)> {
    let page = |path: &str, rows: Vec<JudgedRow>, accepted: bool, ignored: Vec<String>| {
        let ui = Ui::sample(lang, path);
        ReportPage::new(ui, sample_draft(ImportCounts::of(&rows), accepted), ignored, &rows)
    };
    let many: Vec<JudgedRow> = (0..2_000).flat_map(|_| sample_rows()).collect();
    let same = vec![JudgedRow { verdict: ImportVerdict::Same, changes: Vec::new(), ..sample_rows().remove(0) }];
    vec![
        ("", page("/settings/articles/import/7", sample_rows(), false, vec!["Остаток".to_owned(), "№".to_owned()])),
        ("many", page("/settings/articles/import/7?page=3", many, false, Vec::new())),
        ("same", page("/settings/articles/import/7", same, false, Vec::new())),
        ("accepted", page("/settings/articles/import/7?show=wrong", sample_rows(), true, Vec::new())),
    ]
}
