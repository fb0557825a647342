//! `/stock/documents/{id}`: one document with its lines and what it came from; on paper too. Posted, sent, received, taken
//! back or dropped here.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::{finish, kind_words, signed, status_badge};
use crate::model::{Command, DocumentId, DocumentKind, DocumentOrigin, DocumentStatus, FoundElsewhere};
use crate::store::read::documents::{self, DocumentDetail, DocumentLine, DocumentRow};
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::{Html, local_path};
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::{WebError, command};

#[derive(Template)]
#[template(path = "stock_document.html")]
pub struct DocumentPage {
    pub ui: Ui,
    pub detail: DocumentDetail,
    pub form: Form,
}

#[derive(Template)]
#[template(path = "stock_document_print.html")]
pub struct DocumentPrint {
    pub ui: Ui,
    pub detail: DocumentDetail,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/stock/documents/{id}", get(show))
        .route("/stock/documents/{id}/print", get(print))
        .route("/stock/documents/{id}/post", post(post_draft))
        .route("/stock/documents/{id}/receive", post(receive))
        .route("/stock/documents/{id}/reverse", post(reverse))
        .route("/stock/documents/{id}/drop", post(drop_draft))
}

async fn load(state: &AppState, id: i64) -> Result<DocumentDetail, WebError> {
    documents::one(state.store.db(), DocumentId(id)).await?.ok_or(WebError::NotFound)
}

async fn show(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let detail = load(&state, id).await?;
    DocumentPage { ui, detail, form: Form::default() }.page()
}

async fn print(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let detail = load(&state, id).await?;
    DocumentPrint { ui, detail }.page()
}

macro_rules! shared {
    ($name:ident) => {
        impl $name {
            fn document(&self) -> &DocumentRow {
                &self.detail.document
            }
            fn title(&self) -> String {
                let d = self.document();
                let words = [("kind", kind_words(&self.ui, d.kind).into()), ("number", d.number.clone().into())];
                self.ui.tw("stock-document-title", &words)
            }
            fn is_count(&self) -> bool {
                self.document().kind == DocumentKind::Count
            }
            fn expected(&self, line: &DocumentLine) -> String {
                line.expected.map(|e| self.ui.integer(e)).unwrap_or_default()
            }
            fn difference(&self, line: &DocumentLine) -> String {
                line.difference().map(|d| signed(&self.ui, d)).unwrap_or_default()
            }
            fn price(&self, line: &DocumentLine) -> String {
                let currency = self.detail.currency.as_deref().unwrap_or("RUB");
                line.price().map(|p| self.ui.money(p, currency)).unwrap_or_default()
            }
            fn has_prices(&self) -> bool {
                self.detail.lines.iter().any(|l| l.price.is_some())
            }
            /// "3 строки, 12 шт.", or what a count found.
            fn total(&self) -> String {
                totals(&self.ui, self.document().kind, self.detail.lines.iter().map(|l| (l.quantity, l.expected)))
            }
        }
    };
}
shared!(DocumentPage);
shared!(DocumentPrint);

impl DocumentPrint {
    fn day(&self) -> String {
        self.ui.date(self.document().posted_at.unwrap_or(self.document().created_at))
    }
}

/// What posting comes to, in words.
pub fn totals(ui: &Ui, kind: DocumentKind, lines: impl Iterator<Item = (i64, Option<i64>)> + Clone) -> String {
    let count = lines.clone().count();
    if kind != DocumentKind::Count {
        let pieces: i64 = lines.map(|l| l.0).sum();
        return format!("{}, {}", ui.tn("stock-lines", count), ui.tn("stock-pieces", pieces));
    }
    let differences: Vec<i64> = lines.filter_map(|(n, e)| e.map(|e| n - e)).filter(|d| *d != 0).collect();
    let short: i64 = differences.iter().filter(|d| **d < 0).map(|d| -d).sum();
    let over: i64 = differences.iter().filter(|d| **d > 0).sum();
    let found = match (short, over) {
        (0, 0) => ui.t("stock-no-difference"),
        (s, 0) => ui.tn("stock-short", s),
        (0, o) => ui.tn("stock-over", o),
        (s, o) => format!("{}, {}", ui.tn("stock-short", s), ui.tn("stock-over", o)),
    };
    format!("{}: {found}", ui.tn("stock-lines", count))
}

impl DocumentPage {
    fn status(&self) -> Html {
        status_badge(&self.ui, self.document().status)
    }
    fn may(&self) -> bool {
        self.ui.may(Permission::ManageStock)
    }
    /// Answers to "what was put in?" when no shelf gave it.
    fn elsewhere(&self) -> &'static [FoundElsewhere] {
        if self.document().origin == DocumentOrigin::Detection { &FoundElsewhere::ALL } else { &[] }
    }

    fn is_draft(&self) -> bool {
        self.document().status == DocumentStatus::Draft
    }
    fn travels(&self) -> bool {
        self.document().status == DocumentStatus::InTransit
    }
    fn can_reverse(&self) -> bool {
        let stands = matches!(self.document().status, DocumentStatus::Posted | DocumentStatus::InTransit);
        self.may() && stands && self.document().kind != DocumentKind::Reversal
    }
    /// What the one button of a draft says.
    fn post_words(&self) -> String {
        let d = self.document();
        self.ui.t(match (d.kind, d.origin) {
            (DocumentKind::Transfer, _) => "stock-send",
            (_, DocumentOrigin::Detection) => "stock-was-replaced",
            _ => "stock-post",
        })
    }
    fn drop_words(&self) -> String {
        let seen = self.document().origin == DocumentOrigin::Detection;
        self.ui.t(if seen { "stock-not-replaced" } else { "stock-drop" })
    }
    /// "8 % → 100 %".
    fn levels(&self) -> String {
        let Some(e) = &self.detail.evidence else { return String::new() };
        let level = |share: Option<f64>| share.map_or_else(|| self.ui.t("level-unknown"), |s| self.ui.percent(s));
        format!("{} → {}", level(e.from), level(e.to))
    }
    fn seen_at(&self) -> String {
        self.detail.evidence.as_ref().map(|e| self.ui.date_time(e.at)).unwrap_or_default()
    }
    fn origin(&self) -> String {
        self.ui.word("stock-origin-", self.document().origin.as_str())
    }
}

fn back(form: &Form, id: i64) -> String {
    form.given("back").map_or_else(|| format!("/stock/documents/{id}"), |b| local_path(b).to_owned())
}

async fn post_draft(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageStock)?;
    let number = load(&state, id).await?.document.number;
    let done = command(&state, &ui, Command::PostDraft { document: DocumentId(id) }).await?;
    finish(&ui, done, Flash::done("stock-was-posted", number), &back(&form, id))
}

async fn receive(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageStock)?;
    let number = load(&state, id).await?.document.number;
    let done = command(&state, &ui, Command::ReceiveTransfer { document: DocumentId(id) }).await?;
    finish(&ui, done, Flash::done("stock-was-received", number), &back(&form, id))
}

async fn reverse(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageStock)?;
    let number = load(&state, id).await?.document.number;
    let note = form.value("note").to_owned();
    let done = command(&state, &ui, Command::ReverseDocument { document: DocumentId(id), note }).await?;
    finish(&ui, done, Flash::done("stock-was-reversed", number), &back(&form, id))
}

async fn drop_draft(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageStock)?;
    let number = load(&state, id).await?.document.number;
    let found = form.given("found").and_then(FoundElsewhere::parse);
    let done = command(&state, &ui, Command::DropDraft { document: DocumentId(id), found }).await?;
    finish(&ui, done, Flash::done("stock-was-dropped", number), &back(&form, id))
}
