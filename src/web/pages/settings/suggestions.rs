//! `/settings/articles/suggestions`: articles found for supplies, to confirm or refuse with one tap;
//! `/settings/articles/reference`: well-known articles of the models a branch has, to add.

use std::collections::BTreeSet;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use super::tabs;
use crate::engine::{CommandError, reference};
use crate::i18n::Lang;
use crate::model::{ArticleId, ArticleTerms, Command, DeviceId, FoundBy, NewArticle, SupplyId};
use crate::store::read::articles::{self as catalogue, Suggestion};
use crate::store::read::{Listed, Paging};
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::local_path;
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, told, words};

pub const PATH: &str = "/settings/articles/suggestions";
pub const REFERENCE: &str = "/settings/articles/reference";
/// Rows of one page: they are decided, not browsed.
const SHOWN: i64 = 100;
/// VAT of an article of the reference until a person says otherwise.
const VAT_PERCENT: i64 = 22;

#[derive(Template)]
#[template(path = "settings_suggestions.html")]
pub struct SuggestionsPage {
    ui: Ui,
    tabs: Tabs,
    rows: Vec<Suggestion>,
    total: i64,
}

#[derive(Template)]
#[template(path = "settings_reference.html")]
pub struct ReferencePage {
    ui: Ui,
    tabs: Tabs,
    offers: Vec<reference::Offer>,
    /// Models of the company's devices.
    models: usize,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/settings/articles/suggestions/confirm", post(confirm))
        .route("/settings/articles/suggestions/reject", post(reject))
        .route(REFERENCE, get(show_reference).post(add))
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let found = catalogue::suggestions(state.store.db(), None, Paging::new(1, SHOWN)).await?;
    SuggestionsPage::new(ui, found).page()
}

impl SuggestionsPage {
    fn new(ui: Ui, found: Listed<Suggestion>) -> Self {
        SuggestionsPage { tabs: tabs(&ui), ui, rows: found.rows, total: found.total }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageArticles)
    }

    fn supply(&self, s: &Suggestion) -> String {
        words::supply_name(&self.ui, &s.kind, s.color.as_deref())
    }

    fn model(&self, s: &Suggestion) -> String {
        [&s.vendor, &s.model].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    fn more(&self) -> i64 {
        self.total - self.rows.len() as i64
    }

    fn why(&self, s: &Suggestion) -> String {
        why(&self.ui, s.found_by)
    }
}

/// How an article was found, in words.
pub fn why(ui: &Ui, found_by: Option<FoundBy>) -> String {
    found_by.map_or_else(|| ui.t("found-by-earlier"), |f| ui.word("found-by-", f.as_str()))
}

/// "supply:article" of each pressed or ticked row.
fn picked(form: &Form) -> Vec<(SupplyId, ArticleId)> {
    let pair = |text: &str| {
        let (supply, article) = text.split_once(':')?;
        Some((SupplyId(supply.parse().ok()?), ArticleId(article.parse().ok()?)))
    };
    form.values().all("pick").filter_map(pair).take(SHOWN as usize).collect()
}

async fn decide(
    ui: Ui,
    state: &AppState,
    form: &Form,
    done: &str,
    asked: fn(SupplyId, ArticleId) -> Command,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageArticles)?;
    let back = local_path(form.given("back").unwrap_or(PATH)).to_owned();
    let mut count = 0;
    for (supply, article) in picked(form) {
        match command(state, &ui, asked(supply, article)).await? {
            Ok(_) => count += 1,
            Err(e) => return Ok(told(&ui, &e).redirect(&back)),
        }
    }
    Ok(Flash::done(done, ui.integer(count)).redirect(&back))
}

async fn confirm(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    let asked = |supply, article| Command::ConfirmSupplyArticle { supply, article };
    decide(ui, &state, &form, "suggestion-confirmed", asked).await
}

async fn reject(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    let asked = |supply, article| Command::RejectSupplyArticle { supply, article };
    decide(ui, &state, &form, "suggestion-rejected", asked).await
}

async fn offered(state: &AppState) -> Result<(Vec<reference::Offer>, usize), WebError> {
    let db = state.store.db();
    let models = catalogue::models(db).await?;
    let everything = Paging { page: 1, per_page: 1_000_000 };
    let have = catalogue::articles(db, "", everything).await?.rows;
    let offers = reference::offers(
        models.iter().map(|(v, m, _)| (v.as_str(), m.as_str())),
        have.iter().map(|a| (a.vendor.as_str(), a.part_number.as_str())),
    );
    Ok((offers, models.len()))
}

async fn show_reference(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let (offers, models) = offered(&state).await?;
    ReferencePage { tabs: tabs(&ui), ui, offers, models }.page()
}

impl ReferencePage {
    fn may(&self) -> bool {
        self.ui.may(Permission::ManageArticles)
    }

    fn kind(&self, k: &reference::Known) -> String {
        words::supply_name(&self.ui, k.kind.as_str(), k.color.as_deref())
    }

    fn pages(&self, k: &reference::Known) -> String {
        self.ui.integer(k.yield_pages)
    }

    fn key(&self, k: &reference::Known) -> String {
        format!("{}/{}", k.vendor, k.part_number)
    }
}

fn new_article(ui: &Ui, k: &reference::Known) -> NewArticle {
    let kind = ui.word("supply-", k.kind.as_str());
    let maker = k.vendor.to_lowercase();
    NewArticle {
        part_number: k.part_number.clone(),
        name: format!("{kind} {} {}", k.vendor, k.part_number),
        vendor: k.vendor.clone(),
        kind: k.kind.as_str().to_owned(),
        color: k.color.clone(),
        yield_pages: Some(k.yield_pages),
        price_minor: None,
        vat_percent: VAT_PERCENT,
        supplier: None,
        supplier_article: None,
        fits: k.fits.iter().map(|m| format!("{maker}/{m}")).collect(),
        terms: ArticleTerms::default(),
    }
}

/// Adds what was ticked and is still offered; what somebody else has added meanwhile is there already.
async fn add(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageArticles)?;
    let ticked: BTreeSet<&str> = form.values().all("pick").collect();
    let (offers, _) = offered(&state).await?;
    let mut count = 0;
    for offer in offers {
        let k = offer.article;
        if !ticked.contains(format!("{}/{}", k.vendor, k.part_number).as_str()) {
            continue;
        }
        match command(&state, &ui, Command::AddArticle { article: new_article(&ui, k) }).await? {
            Ok(_) => count += 1,
            Err(CommandError::Invalid { code: "taken", .. }) => {}
            Err(e) => return Ok(told(&ui, &e).redirect(REFERENCE)),
        }
    }
    Ok(Flash::done("reference-added", ui.integer(count)).redirect(REFERENCE))
}

fn sample(supply: i64, device: &str, model: &str, article: &str, found_by: FoundBy) -> Suggestion {
    Suggestion {
        supply: SupplyId(supply),
        device: DeviceId(supply),
        device_name: device.to_owned(),
        vendor: Some("Kyocera".to_owned()),
        model: Some(model.to_owned()),
        kind: "toner".to_owned(),
        color: Some("black".to_owned()),
        description: "Toner TK-1170".to_owned(),
        article: ArticleId(supply),
        part_number: article.to_owned(),
        article_vendor: "Kyocera".to_owned(),
        found_by: Some(found_by),
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, SuggestionsPage)> {
    let page = |rows: Vec<Suggestion>, total| SuggestionsPage::new(Ui::sample(lang, PATH), Listed { rows, total });
    let rows = || {
        vec![
            sample(1, "mfu-214", "ECOSYS M2040dn", "TK-1170", FoundBy::Description),
            sample(
                2,
                "Бухгалтерия, у окна (второй этаж, левое крыло)",
                "ECOSYS M2040dn",
                "TK-1170",
                FoundBy::SameModel,
            ),
            sample(3, "prn-3", "ECOSYS P3145dn", "TK-3160", FoundBy::Model),
            sample(4, "prn-4", "TASKalfa 3252ci", "TK-8335K", FoundBy::PartNumber),
        ]
    };
    let many = (0..25).flat_map(|_| rows()).collect();
    vec![("", page(rows(), 4)), ("empty", page(Vec::new(), 0)), ("many", page(many, 640))]
}

pub fn reference_samples(lang: Lang) -> Vec<(&'static str, ReferencePage)> {
    let page = |models: &[(&str, &str)]| {
        let ui = Ui::sample(lang, REFERENCE);
        let offers = reference::offers(models.iter().copied(), []);
        ReferencePage { tabs: tabs(&ui), ui, offers, models: models.len() }
    };
    vec![
        ("", page(&[("HP", "LaserJet Pro MFP M479fdw"), ("Kyocera", "ECOSYS M2040dn")])),
        ("empty", page(&[])),
        ("none", page(&[("Nobody", "Model")])),
    ]
}
