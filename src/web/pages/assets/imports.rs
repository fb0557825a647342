//! `/assets/import`: a table of assets from a file: sent, shown row by row, taken or thrown away.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::card::shown;
use super::places;
use crate::document::table::{HeaderError, MAX_ROWS, TableError};
use crate::i18n::Lang;
use crate::model::{
    AssetChange, AssetDiff, AssetFault, AssetField, AssetId, Command, ImportCounts, ImportDraft, ImportVerdict,
    JudgedAsset, Millis,
};
use crate::store::asset_import;
use crate::web::auth::policy::Permission;
use crate::web::badge::Meaning;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::table::{Card, Cell, Column, List, Row};
use crate::web::{WebError, command, refusal, told, upload};

pub const PATH: &str = "/assets/import";

const COLUMNS: &[Column] = &[
    Column::new("row", "import-row").unsorted().right(),
    Column::new("asset", "asset-import-number").unsorted(),
    Column::new("verdict", "import-verdict").unsorted(),
    Column::new("what", "import-what").unsorted().card(Card::Wide),
];

#[derive(Template)]
#[template(path = "assets_import.html")]
pub struct ImportPage {
    ui: Ui,
    places: Tabs,
    newest: Vec<ImportDraft>,
    /// Why a file was not taken, and what of its header was understood.
    refused: Option<(String, Option<HeaderError>)>,
}

#[derive(Template)]
#[template(path = "assets_report.html")]
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
        .route("/assets/import/{id}", get(report))
        .route("/assets/import/{id}/accept", post(accept))
        .route("/assets/import/{id}/recheck", post(recheck))
        .route("/assets/import/{id}/drop", post(throw_away))
}

async fn page(ui: Ui, state: &AppState, refused: Option<(String, Option<HeaderError>)>) -> Result<Response, WebError> {
    let newest = asset_import::newest(state.store.db(), 10).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, ImportPage { places: places(&ui), ui, newest, refused }.page()?).into_response())
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    page(ui, &state, None).await
}

async fn send(ui: Ui, State(state): State<AppState>, request: Request) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    let file = match upload::file(request).await? {
        Ok(Some(file)) => file,
        Ok(None) => {
            let why = ui.t("error-no-file");
            return page(ui, &state, Some((why, None))).await;
        }
        Err(upload::TooLarge) => {
            let why = ui.tv("error-file-too-large", (upload::MAX_FILE >> 20).to_string());
            return page(ui, &state, Some((why, None))).await;
        }
    };
    let asked = match upload::assets(file.name, file.bytes).await {
        Ok(asked) => asked,
        Err(e) => {
            let refused = not_a_table(&ui, e);
            return page(ui, &state, Some(refused)).await;
        }
    };
    match command(&state, &ui, asked).await? {
        Ok(done) => Ok(Redirect::to(&format!("{PATH}/{}", done.id.unwrap_or_default())).into_response()),
        Err(e) => {
            let why = refusal(&ui, &e).1;
            page(ui, &state, Some((why, None))).await
        }
    }
}

fn not_a_table(ui: &Ui, e: TableError) -> (String, Option<HeaderError>) {
    let why = match &e {
        TableError::TooLong => ui.tv("error-import-too-long", ui.integer(MAX_ROWS as i64)),
        TableError::TooLarge(mb) => ui.tv("error-table-too-large", mb.to_string()),
        TableError::Damaged(detail) => ui.tv("error-table-damaged", detail.as_str()),
        other => ui.t(&format!("error-{}", other.code())),
    };
    (why, if let TableError::Header(h) = e { Some(h) } else { None })
}

async fn report(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let (draft, body) = asset_import::one(state.store.db(), id).await?.ok_or(WebError::NotFound)?;
    ReportPage::new(ui, draft, body.ignored, &body.judged).page()
}

/// "12 new, 3 changed, 1 wrong".
fn summary(ui: &Ui, counts: &ImportCounts) -> String {
    let parts = ImportVerdict::ALL.map(|v| (v, counts.of_verdict(v)));
    let said = parts.iter().filter(|(_, n)| *n > 0).map(|(v, n)| ui.tn(&format!("import-count-{}", v.as_str()), *n));
    said.collect::<Vec<_>>().join(", ")
}

impl ImportPage {
    fn field(&self, field: &str) -> String {
        self.ui.word("asset-field-", field)
    }

    fn counts(&self, d: &ImportDraft) -> String {
        summary(&self.ui, &d.counts)
    }
}

impl ReportPage {
    fn new(ui: Ui, draft: ImportDraft, ignored: Vec<String>, judged: &[JudgedAsset]) -> Self {
        let mut list = List::read(&ui, COLUMNS, "row");
        let verdict = ui.query.get("show").and_then(ImportVerdict::parse);
        let rows: Vec<&JudgedAsset> = judged.iter().filter(|r| verdict.is_none_or(|v| v == r.verdict)).collect();
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
        self.ui.may(Permission::ManageAssets)
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

fn row(ui: &Ui, r: &JudgedAsset) -> Row {
    let number = if r.name.is_empty() { "—" } else { r.name.as_str() };
    let name = match r.asset {
        Some(id) => Cell::name(number, &format!("{}/{id}", super::PATH), ""),
        None => Cell::text(number),
    };
    let lines: Vec<(String, bool)> = match r.verdict {
        ImportVerdict::Wrong => r.faults.iter().map(|f| (fault(ui, f), true)).collect(),
        v => r.changes.iter().map(|c| (change(ui, c, v), false)).collect(),
    };
    let line = |(words, wrong): &(String, bool)| {
        let class = if *wrong { "field-error" } else { "sub" };
        format!(r#"<span class="{class}">{}</span>"#, escape(words))
    };
    let text = lines.iter().map(|(words, _)| words.as_str()).collect::<Vec<_>>().join("; ");
    let words = ui.word("import-verdict-", r.verdict.as_str());
    let verdict = match r.verdict {
        ImportVerdict::Wrong => Meaning::Failure.badge(&words),
        ImportVerdict::New => Meaning::Ok.badge(&words),
        ImportVerdict::Changed => Meaning::Attention.badge(&words),
        ImportVerdict::Same => Html(format!(r#"<span class="muted">{}</span>"#, escape(&words))),
    };
    Row {
        key: r.row.to_string(),
        cells: vec![
            Cell::text(r.row.to_string()),
            name,
            Cell::html(verdict, words),
            Cell::html(Html(lines.iter().map(line).collect()), text),
        ],
    }
}

fn fault(ui: &Ui, f: &AssetFault) -> String {
    let what = ui.tv(&format!("asset-fault-{}", f.code), f.value.as_str());
    format!("{}: {what}", ui.word("asset-field-", f.field.as_str()))
}

fn change(ui: &Ui, c: &AssetDiff, of: ImportVerdict) -> String {
    let (name, after) = (ui.word("asset-field-", c.field.as_str()), shown(ui, c.field, &c.after));
    if of == ImportVerdict::New {
        return format!("{name}: {after}");
    }
    format!("{name}: {} → {after}", shown(ui, c.field, &c.before))
}

async fn press(ui: &Ui, state: &AppState, change: AssetChange, done: Flash, to: &str) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    Ok(match command(state, ui, Command::Asset { change }).await? {
        Ok(_) => done.redirect(to),
        Err(e) => told(ui, &e).redirect(to),
    })
}

async fn accept(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    let change = AssetChange::AcceptImport { import: id, good_only: form.has("good_only", "1") };
    let counts = asset_import::one(state.store.db(), id).await?.ok_or(WebError::NotFound)?.0.counts;
    let done = Flash::done("asset-import-accepted", summary(&ui, &ImportCounts { wrong: 0, same: 0, ..counts }));
    press(&ui, &state, change, done, &format!("{PATH}/{id}")).await
}

async fn recheck(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    let done = Flash::done("asset-import-rechecked", "");
    press(&ui, &state, AssetChange::RecheckImport { import: id }, done, &format!("{PATH}/{id}")).await
}

async fn throw_away(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    let done = Flash::done("asset-import-dropped", "");
    press(&ui, &state, AssetChange::DropImport { import: id }, done, PATH).await
}

fn sample_draft(counts: ImportCounts, accepted: bool) -> ImportDraft {
    ImportDraft {
        id: 7,
        file_name: "Ведомость остатков МЦ.04 на 1 ноября 2026.xlsx".to_owned(),
        created_at: Millis(1_795_690_000_000),
        created_by: "petrov".to_owned(),
        accepted_at: accepted.then_some(Millis(1_795_690_900_000)),
        counts,
    }
}

fn sample_rows() -> Vec<JudgedAsset> {
    let row = |row, name: &str, verdict| JudgedAsset {
        row,
        name: name.to_owned(),
        verdict,
        asset: None,
        changes: Vec::new(),
        faults: Vec::new(),
    };
    let diff = |field, before: &str, after: &str| AssetDiff { field, before: before.into(), after: after.into() };
    let fault = |field, code: &str, value: &str| AssetFault { field, code: code.to_owned(), value: value.to_owned() };
    use AssetField as F;
    vec![
        JudgedAsset {
            asset: Some(AssetId(1)),
            changes: vec![diff(F::Place, "каб. 210", "каб. 214"), diff(F::WarrantyUntil, "", "2028-03-14")],
            ..row(2, "00-000101", ImportVerdict::Changed)
        },
        JudgedAsset {
            changes: vec![diff(F::Kind, "", "monitor"), diff(F::Price, "", "1299000")],
            ..row(3, "00-000102", ImportVerdict::New)
        },
        JudgedAsset {
            faults: vec![
                fault(F::Kind, "unknown-word", "штука"),
                fault(F::Site, "no-such", "Йошкар-Ола"),
                fault(F::Serial, "several", "VXL00"),
                fault(F::Inventory, "repeated", "2"),
            ],
            ..row(4, "00-000103", ImportVerdict::Wrong)
        },
        row(5, "00-000104", ImportVerdict::Same),
    ]
}

pub fn samples(lang: Lang) -> Vec<(&'static str, ImportPage)> {
    let page = |newest, wrong: bool| {
        let ui = Ui::sample(lang, PATH);
        let missing = vec![("inventory".to_owned(), "инвентарный номер, inventory number".to_owned())];
        let found = vec![("Модель".to_owned(), "model".to_owned())];
        let header = HeaderError { found, unknown: vec!["Цвет".to_owned()], missing, twice: Vec::new() };
        let refused = wrong.then(|| not_a_table(&ui, TableError::Header(header)));
        ImportPage { places: places(&ui), ui, newest, refused }
    };
    let counts = ImportCounts { new: 120, changed: 14, same: 3, wrong: 2 };
    vec![
        ("", page(vec![sample_draft(counts, false), sample_draft(counts, true)], false)),
        ("wrong", page(vec![], true)),
    ]
}

pub fn report_samples(lang: Lang) -> Vec<(&'static str, ReportPage)> {
    let page = |path: &str, rows: Vec<JudgedAsset>, accepted: bool| {
        let ui = Ui::sample(lang, path);
        let body = crate::model::AssetImport { ignored: Vec::new(), rows: Vec::new(), judged: rows };
        ReportPage::new(ui, sample_draft(asset_import::counts(&body), accepted), vec!["Цвет".to_owned()], &body.judged)
    };
    vec![
        ("", page("/assets/import/7", sample_rows(), false)),
        ("accepted", page("/assets/import/7?show=new", sample_rows(), true)),
    ]
}
