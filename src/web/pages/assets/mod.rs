//! `/assets`: everything the branch owns, polled or not, with its custodian, place and warranty.
//!
//! `card` is one asset, `edit` its form, `imports` tables of them, `centres` whoever repairs.

mod card;
mod centres;
mod edit;
mod imports;
pub mod repairs;
mod sample_data;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::tabs::Tabs;
use super::{Sample, drawn};
use crate::document::Language;
use crate::document::table::assets as sheet;
use crate::i18n::Lang;
use crate::model::{AssetKind, AssetState, KeptAsset};
use crate::store::read::assets::{self, AssetFilter, Warranty};
use crate::store::read::{Listed, Paging};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::badge::Meaning;
use crate::web::html::{Html, escape, icon};
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};

pub const PATH: &str = "/assets";

const COLUMNS: &[Column] = &[
    Column::new("name", "asset-model").card(Card::Wide),
    Column::new("inventory", "asset-field-inventory"),
    Column::new("serial", "asset-field-serial"),
    Column::new("place", "asset-field-place"),
    Column::new("custodian", "asset-field-custodian"),
    Column::new("state", "asset-field-state"),
    Column::new("warranty", "asset-warranty"),
    Column::new("branch", "asset-field-site").unsorted().hidden(),
    Column::new("bought", "asset-field-bought_on").hidden(),
    Column::new("price", "asset-field-price").right().hidden(),
    Column::new("document", "asset-field-document").unsorted().hidden(),
];

const VIEWS: [(&str, &str, Warranty); 4] = [
    ("", "assets-all", Warranty::Any),
    ("running", "assets-under-warranty", Warranty::Running),
    ("ending", "assets-warranty-ends", Warranty::Ending),
    ("over", "assets-warranty-over", Warranty::Over),
];

/// A choice of the filter: words, address, whether it holds now.
type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "assets.html")]
pub struct AssetsPage {
    ui: Ui,
    places: Tabs,
    list: List,
    tabs: Tabs,
    search: String,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/assets.csv", get(csv))
        .route("/assets.xlsx", get(xlsx))
        .merge(card::router())
        .merge(edit::router())
        .merge(imports::router())
        .merge(repairs::router())
        .merge(centres::router())
}

/// The pages of this place.
pub(super) fn places(ui: &Ui) -> Tabs {
    let mut tabs =
        Tabs::of_paths(ui, &[(PATH, "nav-assets"), (repairs::PATH, "repairs-title"), (centres::PATH, "centres-title")]);
    // Every page lies below the first one.
    let first = tabs.0[1..].iter().all(|t| !t.current);
    tabs.0[0].current = first;
    tabs
}

fn filter(ui: &Ui, list: &List) -> (&'static str, AssetFilter) {
    let asked = ui.query.get("warranty").unwrap_or("");
    let (word, _, warranty) = VIEWS.iter().find(|v| v.0 == asked).unwrap_or(&VIEWS[0]);
    let filter = AssetFilter {
        site: ui.site,
        kind: ui.query.get("kind").and_then(AssetKind::parse),
        state: ui.query.get("state").and_then(AssetState::parse),
        warranty: *warranty,
        today: ui.present_day(),
        search: ui.query.get("q").unwrap_or("").to_owned(),
        sort: list.sort.to_owned(),
        descending: list.descending,
    };
    (word, filter)
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let db = state.store.db();
    let mut list = List::read(&ui, COLUMNS, "name");
    let (current, filter) = filter(&ui, &list);
    let mut found = assets::list(db, &filter, Paging::new(list.page, list.size)).await?;
    if list.clamp(found.total) {
        found = assets::list(db, &filter, Paging::new(list.page, list.size)).await?;
    }
    let mut views = Vec::new();
    for (word, key, warranty) in VIEWS {
        let counted = AssetFilter { warranty, ..filter.clone() };
        views.push((word, key, Some(assets::count(db, &counted).await?)));
    }
    AssetsPage::new(ui, list, found, &views, current).page()
}

async fn all(ui: &Ui, list: &List, state: &AppState) -> Result<Vec<KeptAsset>, WebError> {
    let (_, filter) = filter(ui, list);
    Ok(assets::list(state.store.db(), &filter, Paging { page: 1, per_page: CSV_ROWS }).await?.rows)
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let mut list = List::read(&ui, COLUMNS, "name");
    list.rows = all(&ui, &list, &state).await?.iter().map(|a| row(&ui, a)).collect();
    Ok(list.csv(&ui, "assets"))
}

/// What is seen as a workbook that reads back by the import; `empty=1`: the form to fill in.
async fn xlsx(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let list = List::read(&ui, COLUMNS, "name");
    let rows = if ui.query.has("empty", "1") { Vec::new() } else { all(&ui, &list, &state).await? };
    let bytes = sheet::workbook(&rows, Language::of(ui.lang.code())).map_err(|e| WebError::Render(e.to_string()))?;
    let head = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, r#"attachment; filename="assets.xlsx""#),
    ];
    Ok((head, bytes).into_response())
}

impl AssetsPage {
    fn new(
        ui: Ui,
        mut list: List,
        found: Listed<KeptAsset>,
        views: &[(&str, &str, Option<i64>)],
        current: &'static str,
    ) -> Self {
        list.clamp(found.total);
        list.rows = found.rows.iter().map(|a| row(&ui, a)).collect();
        let tabs = Tabs::of_query(&ui, "warranty", current, views);
        let search = ui.query.get("q").unwrap_or("").to_owned();
        let kinds = choices(&ui, "kind", "asset-kind-", AssetKind::ALL.iter().map(|k| k.as_str()));
        let states = choices(&ui, "state", "asset-state-", AssetState::ALL.iter().map(|s| s.as_str()));
        AssetsPage { places: places(&ui), ui, list, tabs, search, kinds, states }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageAssets)
    }

    fn is_filtered(&self) -> bool {
        ["q", "kind", "state", "warranty"].iter().any(|f| self.ui.query.get(f).is_some())
    }

    fn xlsx_url(&self) -> String {
        self.list.params.without("page").without("size").url("/assets.xlsx")
    }

    /// What a search form must send along.
    fn kept(&self) -> Vec<(String, String)> {
        self.ui.query.without("q").without("page").pairs().to_vec()
    }
}

fn choices(ui: &Ui, name: &str, prefix: &str, words: impl Iterator<Item = &'static str>) -> Vec<Choice> {
    let rest = ui.query.without("page").without(name);
    let chosen = ui.query.get(name).unwrap_or("");
    let any = (ui.t("filter-any"), rest.url(PATH), chosen.is_empty());
    let each = words.map(|w| (ui.word(prefix, w), rest.with(name, w).url(PATH), chosen == w));
    std::iter::once(any).chain(each).collect()
}

fn row(ui: &Ui, a: &KeptAsset) -> Row {
    let f = &a.asset;
    let kind = ui.word("asset-kind-", f.kind.as_str());
    let model = a.model();
    let (name, sub) = if model.is_empty() { (kind, String::new()) } else { (model, kind) };
    let place = [f.place.as_str(), a.store_name.as_deref().unwrap_or("")];
    let place: Vec<&str> = place.into_iter().filter(|p| !p.is_empty()).collect();
    let day = |d: Option<jiff::civil::Date>| d.map(|d| ui.day(d)).unwrap_or_default();
    Row {
        key: a.id.to_string(),
        cells: vec![
            Cell::name(&name, &format!("{PATH}/{}", a.id), &sub),
            Cell::mono(f.inventory.clone().unwrap_or_default()),
            Cell::mono(f.serial.clone().unwrap_or_default()),
            Cell::text(place.join(" · ")),
            Cell::text(f.custodian.clone()),
            Cell::html(state(ui, f.state), ui.word("asset-state-", f.state.as_str())),
            Cell::html(warranty(ui, a), day(f.warranty_until)),
            Cell::text(a.site_name.clone()),
            Cell::text(day(f.bought_on)),
            Cell::text(f.price.map(|p| ui.decimal(p.0 as f64 / 100.0, 2)).unwrap_or_default()),
            Cell::text(f.document.clone()),
        ],
    }
}

/// The state as a badge.
fn state(ui: &Ui, state: AssetState) -> Html {
    let words = ui.word("asset-state-", state.as_str());
    match state {
        AssetState::InUse | AssetState::InStock => Meaning::Ok.badge(&words),
        AssetState::InRepair | AssetState::OnLoan => Meaning::Attention.badge(&words),
        AssetState::WrittenOff => {
            Html(format!(r#"<span class="badge muted">{}{}</span>"#, icon("none"), escape(&words)))
        }
    }
}

/// Until when, and whether that is past or near.
fn warranty(ui: &Ui, a: &KeptAsset) -> Html {
    let Some(until) = a.asset.warranty_until else { return Html(String::new()) };
    let today = ui.present_day();
    let words = ui.day(until);
    if until < today {
        return Html(format!(r#"<span class="muted">{}</span>"#, escape(&ui.tv("warranty-was", words))));
    }
    let days = today.until(until).map_or(0, |s| s.get_days());
    if days <= 60 { Meaning::Attention.badge(&words) } else { Html(escape(&words)) }
}

/// The banner of a page about a thing under warranty: until when, whom to call, and that nothing is to be paid for.
pub fn banner(ui: &Ui, asset: Option<&KeptAsset>) -> Html {
    let Some(a) = asset.filter(|a| a.asset.under_warranty(ui.present_day())) else { return Html::default() };
    let until = a.asset.warranty_until.map(|d| ui.day(d)).unwrap_or_default();
    let whom = match (&a.centre_name, a.centre_phone.as_deref().unwrap_or("")) {
        (Some(name), "") => ui.tv("warranty-ask", name.as_str()),
        (Some(name), phone) => ui.tv("warranty-ask", format!("{name}, {phone}")),
        (None, _) => ui.t("warranty-ask-nobody"),
    };
    let kind = a.asset.warranty_kind.map(|k| ui.word("warranty-kind-", k.as_str())).unwrap_or_default();
    let kind = if kind.is_empty() { kind } else { format!(" ({kind})") };
    Html(format!(
        r#"<div class="notice ok warranty" role="note">{}<div><strong>{}{}</strong> <span>{} {}</span> <a href="{PATH}/{}">{}</a></div></div>"#,
        icon("ok"),
        escape(&ui.tv("warranty-until", until)),
        escape(&kind),
        escape(&ui.t("warranty-do-not-pay")),
        escape(&whom),
        a.id,
        escape(&ui.t("warranty-card")),
    ))
}

/// The banner of an invented printer.
pub(super) fn sample_banner(ui: &Ui) -> Html {
    banner(ui, sample_data::assets().first())
}

pub fn samples(lang: Lang, all: &mut Vec<Result<Sample, String>>) {
    drawn("assets", list_samples(lang), all);
    drawn("asset", card::samples(lang), all);
    drawn("asset-edit", edit::samples(lang), all);
    drawn("assets-import", imports::samples(lang), all);
    drawn("assets-report", imports::report_samples(lang), all);
    drawn("repairs", repairs::samples(lang), all);
    drawn("repair", repairs::one_samples(lang), all);
    drawn("repair-new", repairs::new_samples(lang), all);
    drawn("centres", centres::samples(lang), all);
    drawn("centre", centres::one_samples(lang), all);
}

fn list_samples(lang: Lang) -> Vec<(&'static str, AssetsPage)> {
    let page = |path: &str, rows: Vec<KeptAsset>, total: i64| {
        let ui = Ui::sample(lang, path);
        let list = List::read(&ui, COLUMNS, "name");
        let (current, _) = filter(&ui, &list);
        let views: Vec<_> = VIEWS.iter().map(|v| (v.0, v.1, Some(total))).collect();
        AssetsPage::new(ui, list, Listed { rows, total }, &views, current)
    };
    let many: Vec<KeptAsset> = (0..10).flat_map(|_| sample_data::assets()).collect();
    vec![
        ("", page(PATH, sample_data::assets(), 5)),
        ("empty", page(PATH, Vec::new(), 0)),
        ("nothing-found", page("/assets?q=zzz&kind=ups", Vec::new(), 0)),
        ("many", page("/assets?page=120&state=in-use", many, 10_000)),
    ]
}
