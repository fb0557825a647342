//! `/stock/new`: the form of every kind of document. Lines are entered by scanning or typing into one field; Enter adds a line
//! or one more piece. Posting asks once, with totals. All of it works without JavaScript: the whole form is in the request.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::document::totals;
use super::{kind_words, signed};
use crate::engine::CommandError;
use crate::model::{ArticleId, Command, DeviceId, DocumentKind, NewDocument, SiteId, StockLine, StoreId};
use crate::store::read::Paging;
use crate::store::read::devices::{self, DeviceFilter};
use crate::store::read::stock::{self, ArticleRef, BalanceFilter, StoreRow};
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::{WebError, command, refusal};

pub const PATH: &str = "/stock/new";

/// One line as it stands in the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub article: ArticleRef,
    /// As typed.
    pub quantity: String,
    /// What the books say, of a count.
    pub expected: Option<i64>,
    pub error: Option<String>,
}

impl Line {
    /// `None`: not counted, or nothing typed.
    fn pieces(&self) -> Option<Result<i64, ()>> {
        let typed = self.quantity.trim();
        (!typed.is_empty()).then(|| typed.parse().map_err(|_| ()))
    }
}

#[derive(Template)]
#[template(path = "stock_write.html")]
pub struct WritePage {
    pub ui: Ui,
    pub kind: DocumentKind,
    pub form: Form,
    pub stores: Vec<(String, String)>,
    pub lines: Vec<Line>,
    /// Several articles fit what was typed.
    pub choices: Vec<ArticleRef>,
    /// What the last scan did, for people who do not see the line change.
    pub said: String,
    /// Asked once, with totals.
    pub confirm: bool,
    /// Name of the device it is for.
    pub device: Option<String>,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show).post(submit))
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::ManageStock)?;
    let kind = ui.query.get("kind").and_then(DocumentKind::parse).filter(|k| *k != DocumentKind::Reversal);
    let kind = kind.unwrap_or(DocumentKind::Receipt);
    let mut form = Form::of(&[("key", &fresh_key()?)]);
    for field in ["store", "device", "to_store"] {
        if let Some(value) = ui.query.get(field) {
            form.set(field, value);
        }
    }
    let mut page = load(&state, ui, kind, form).await?;
    if kind == DocumentKind::Count {
        page.expect_all(&state).await?;
    }
    page.page()
}

/// Makes the document of this form one, however often its button is pressed.
pub fn fresh_key() -> Result<String, WebError> {
    crate::web::auth::secret::new_token().map_err(|e| WebError::Internal(e.to_string()))
}

/// The form with its stores and the articles of its lines.
async fn load(state: &AppState, ui: Ui, kind: DocumentKind, mut form: Form) -> Result<WritePage, WebError> {
    let db = state.store.db();
    let rows = stock::stores(db, ui.site, false).await?;
    let stores = store_options(&ui, &rows);
    if form.given("store").is_none()
        && let Some((first, _)) = stores.first()
    {
        form.set("store", first);
    }
    let mut ids: Vec<i64> = Vec::new();
    for (name, _) in form.values().pairs() {
        let id = name.strip_prefix("q-").or_else(|| name.strip_prefix("x-")).and_then(|n| n.parse().ok());
        if let Some(id) = id.filter(|id| !ids.contains(id)) {
            ids.push(id);
        }
    }
    ids.truncate(1_000);
    let known = stock::articles(db, &ids).await?;
    let lines = ids.iter().filter_map(|id| {
        let article = known.iter().find(|a| a.id == *id)?.clone();
        let expected = form.given(&format!("x-{id}")).and_then(|x| x.parse().ok());
        Some(Line { article, quantity: form.value(&format!("q-{id}")).to_owned(), expected, error: None })
    });
    let lines = lines.collect();
    let device = match form.given("device").and_then(|d| d.parse().ok()) {
        Some(id) => crate::store::read::device::one(db, DeviceId(id)).await?.map(|d| d.row.name),
        None => None,
    };
    let (choices, said) = (Vec::new(), String::new());
    Ok(WritePage { ui, kind, form, stores, lines, choices, said, confirm: false, device })
}

/// Stores by name; a branch without one gets its main store with the first document.
pub fn store_options(ui: &Ui, rows: &[StoreRow]) -> Vec<(String, String)> {
    let mut options: Vec<(String, String)> =
        rows.iter().map(|s| (s.id.to_string(), super::store_name(ui, s))).collect();
    for site in ui.sites.iter().filter(|s| ui.site.is_none_or(|id| id == s.id)) {
        if !rows.iter().any(|r| r.site == site.id && r.main) {
            options.push((format!("site-{}", site.id), format!("{} · {}", ui.t("stock-main-store"), site.name)));
        }
    }
    options
}

impl WritePage {
    fn store(&self) -> Option<StoreId> {
        self.form.value("store").parse().ok().map(StoreId)
    }

    /// Everything the books know of the chosen store, to be counted.
    async fn expect_all(&mut self, state: &AppState) -> Result<(), WebError> {
        let Some(store) = self.store() else { return Ok(()) };
        let filter = BalanceFilter { store: Some(store), ..Default::default() };
        let rows = stock::balances(state.store.db(), &filter, Paging::all()).await?.rows;
        for line in &mut self.lines {
            let on_hand = rows.iter().find(|b| b.article.0 == line.article.id).map_or(0, |b| b.on_hand);
            line.expected = Some(on_hand);
        }
        for b in rows.into_iter().filter(|b| b.on_hand != 0) {
            if !self.lines.iter().any(|l| l.article.id == b.article.0) {
                let article = ArticleRef { id: b.article.0, part_number: b.part_number, name: b.name };
                self.lines.push(Line { article, quantity: String::new(), expected: Some(b.on_hand), error: None });
            }
        }
        Ok(())
    }

    /// A scanned code: a new line, or one more piece on the line that is there.
    async fn add(&mut self, state: &AppState) -> Result<(), WebError> {
        let db = state.store.db();
        let found = match self.form.given("pick").and_then(|p| p.parse().ok()) {
            Some(id) => stock::article(db, ArticleId(id)).await?.into_iter().collect(),
            None => stock::find(db, self.form.value("code")).await?,
        };
        match &found[..] {
            [one] => {
                self.add_one(one.clone());
                self.form.clear("code");
                if self.kind == DocumentKind::Count {
                    self.expect_all(state).await?;
                }
            }
            [] => self.form.wrong("code", self.ui.t("stock-code-unknown")),
            _ => self.choices = found,
        }
        Ok(())
    }

    fn add_one(&mut self, article: ArticleRef) {
        let at = match self.lines.iter().position(|l| l.article.id == article.id) {
            Some(at) => at,
            None => {
                self.lines.insert(0, Line { article, quantity: String::new(), expected: None, error: None });
                0
            }
        };
        let line = &mut self.lines[at];
        let now = line.pieces().and_then(Result::ok).unwrap_or(0).saturating_add(1);
        line.quantity = now.to_string();
        let words = [("article", line.article.part_number.clone().into()), ("pieces", now.into())];
        self.said = self.ui.tw("stock-said", &words);
    }

    /// The lines of the document; what is no number is marked.
    fn document_lines(&mut self) -> Vec<StockLine> {
        let least = i64::from(self.kind != DocumentKind::Count);
        let mut lines = Vec::new();
        for line in &mut self.lines {
            match line.pieces() {
                None => {}
                Some(Ok(0)) if least == 1 => {}
                Some(Ok(n)) if (least..=10_000).contains(&n) => {
                    let expected = line.expected.filter(|_| least == 0);
                    lines.push(StockLine { expected, ..StockLine::of(ArticleId(line.article.id), n) });
                }
                Some(_) => line.error = Some(self.ui.t("error-bad-number")),
            }
        }
        lines
    }

    fn is_wrong(&self) -> bool {
        !self.form.is_fine() || self.lines.iter().any(|l| l.error.is_some())
    }

    /// Whom it is for: named on the device's page, or typed.
    async fn find_device(&mut self, state: &AppState) -> Result<Option<DeviceId>, WebError> {
        if let Some(id) = self.form.given("device").and_then(|d| d.parse().ok()) {
            return Ok(Some(DeviceId(id)));
        }
        let Some(words) = self.form.given("for").map(str::to_owned) else { return Ok(None) };
        let filter = DeviceFilter { search: words, site: self.ui.site, ..Default::default() };
        let found = devices::list(state.store.db(), &filter, Paging::new(1, 2)).await?.rows;
        if let [one] = &found[..] {
            self.device = Some(one.name.clone());
            self.form.set("device", &one.id.to_string());
            return Ok(Some(one.id));
        }
        self.form.wrong("for", self.ui.t("error-not-one-device"));
        Ok(None)
    }

    pub fn title(&self) -> String {
        kind_words(&self.ui, self.kind)
    }
    pub fn is_count(&self) -> bool {
        self.kind == DocumentKind::Count
    }
    pub fn is_transfer(&self) -> bool {
        self.kind == DocumentKind::Transfer
    }
    pub fn for_device(&self) -> bool {
        matches!(self.kind, DocumentKind::Issue | DocumentKind::Return)
    }
    pub fn help(&self) -> String {
        self.ui.word("stock-help-", self.kind.as_str())
    }
    pub fn targets(&self) -> Vec<(String, String)> {
        let own = self.form.value("store");
        self.stores.iter().filter(|s| s.0 != own && !s.0.starts_with("site-")).cloned().collect()
    }
    pub fn store_words(&self) -> String {
        self.stores.iter().find(|s| s.0 == self.form.value("store")).map(|s| s.1.clone()).unwrap_or_default()
    }
    pub fn target_words(&self) -> String {
        self.stores.iter().find(|s| s.0 == self.form.value("to_store")).map(|s| s.1.clone()).unwrap_or_default()
    }
    pub fn expected(&self, line: &Line) -> String {
        line.expected.map(|e| self.ui.integer(e)).unwrap_or_default()
    }
    pub fn difference(&self, line: &Line) -> String {
        match (line.pieces(), line.expected) {
            (Some(Ok(n)), Some(e)) => signed(&self.ui, n - e),
            _ => String::new(),
        }
    }
    /// Lines that will stand on the document.
    pub fn counted(&self) -> Vec<&Line> {
        let least = i64::from(!self.is_count());
        self.lines.iter().filter(|l| matches!(l.pieces(), Some(Ok(n)) if n >= least)).collect()
    }
    pub fn total(&self) -> String {
        let lines: Vec<(i64, Option<i64>)> =
            self.counted().iter().filter_map(|l| Some((l.pieces()?.ok()?, l.expected))).collect();
        totals(&self.ui, self.kind, lines.into_iter())
    }
    pub fn post_words(&self) -> String {
        self.ui.t(if self.is_transfer() { "stock-send" } else { "stock-post" })
    }
    pub fn line_errors(&self) -> Option<&str> {
        self.form.error("lines")
    }
}

async fn submit(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageStock)?;
    let kind = DocumentKind::parse(form.value("kind")).filter(|k| *k != DocumentKind::Reversal);
    let Some(kind) = kind else { return Err(WebError::BadRequest("no kind of document is named".to_owned())) };
    let mut page = load(&state, ui, kind, form).await?;
    let wanted = page.form.value("do").to_owned();
    let scanned = page.form.given("code").is_some() || page.form.given("pick").is_some();
    match wanted.as_str() {
        "back" => {}
        "confirm" | "draft" => return keep(&state, page, wanted == "draft").await,
        "store" => {
            page.lines.retain(|l| !l.quantity.trim().is_empty());
            if kind == DocumentKind::Count {
                page.expect_all(&state).await?;
            }
        }
        _ if scanned => page.add(&state).await?,
        "add" => {}
        _ => {
            let lines = page.document_lines();
            page.find_device(&state).await?;
            if lines.is_empty() && !page.is_wrong() {
                page.form.wrong("lines", page.ui.t("error-no-lines"));
            }
            if page.is_transfer() && page.form.given("to_store").is_none() {
                page.form.wrong("to_store", page.ui.t("error-other-store"));
            }
            if kind == DocumentKind::WriteOff && page.form.given("note").is_none() {
                page.form.wrong("note", page.ui.t("error-say-why"));
            }
            page.confirm = !page.is_wrong();
        }
    }
    let status = if page.is_wrong() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page.page()?).into_response())
}

/// Posts it, or keeps it as a draft.
async fn keep(state: &AppState, mut page: WritePage, draft: bool) -> Result<Response, WebError> {
    let lines = page.document_lines();
    let device = page.find_device(state).await?;
    if page.is_wrong() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page.page()?).into_response());
    }
    let store = page.store();
    let site = page.form.value("store").strip_prefix("site-").and_then(|s| s.parse().ok()).map(SiteId);
    let document = NewDocument {
        kind: page.kind,
        store,
        site,
        to_store: page.form.given("to_store").filter(|_| page.is_transfer()).and_then(|s| s.parse().ok()).map(StoreId),
        device: device.filter(|_| page.for_device()),
        supply_index: None,
        note: page.form.value("note").to_owned(),
        lines,
        draft,
        key: page.form.given("key").map(str::to_owned),
    };
    match command(state, &page.ui, Command::PostStock { document }).await? {
        Ok(done) => {
            let key = if draft { "stock-draft-kept" } else { "stock-was-written" };
            let to = done.id.map_or_else(|| super::PATH.to_owned(), |id| format!("/stock/documents/{id}"));
            Ok(Flash::done(key, page.title()).redirect(&to))
        }
        Err(e) => {
            // The same form again makes a document of its own; fresh numbers for a count.
            if matches!(&e, CommandError::Explained { code: "books-moved", .. }) {
                page.expect_all(state).await?;
            }
            let (status, sentence) = refusal(&page.ui, &e);
            let field = e.field().filter(|f| ["note", "to_store", "store"].contains(f)).unwrap_or("lines");
            page.form.wrong(field, sentence);
            Ok((status, page.page()?).into_response())
        }
    }
}

/// A form as it looks with these lines: samples.
pub fn sample(ui: Ui, kind: DocumentKind, lines: Vec<Line>) -> WritePage {
    let stores = vec![("1".to_owned(), ui.t("stock-main-store")), ("2".to_owned(), "Шкаф у кабинета 305".to_owned())];
    let form = Form::of(&[("store", "1"), ("to_store", "2"), ("key", "sample")]);
    let (choices, said) = (Vec::new(), String::new());
    WritePage { ui, kind, form, stores, lines, choices, said, confirm: false, device: None }
}
