//! `/supplies`: what runs out when, the first one first, and what lies on the shelf for it.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::tabs::Tabs;
use crate::forecast::Stage;
use crate::i18n::Lang;
use crate::model::{LevelState, Millis};
use crate::store::read::supplies::{self, Filter, SupplyAhead};
use crate::store::read::{Listed, Paging};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::foresight;
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::level::Level;
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};
use crate::web::words;

pub const PATH: &str = "/supplies";

const COLUMNS: &[Column] = &[
    Column::new("what", "need-what").unsorted().card(Card::Wide),
    Column::new("level", "need-level").unsorted().card(Card::Wide),
    Column::new("out", "supplies-runs-out").unsorted().card(Card::Wide),
    Column::new("stage", "supplies-stage").unsorted(),
    Column::new("shelf", "supplies-shelf").unsorted(),
    Column::new("seen", "col-seen").unsorted().hidden(),
    Column::new("branch", "need-branch").unsorted().hidden(),
];

#[derive(Template)]
#[template(path = "supplies.html")]
pub struct SuppliesPage {
    ui: Ui,
    list: List,
    places: Tabs,
    tabs: Tabs,
    search: String,
    /// Nothing is hidden by a filter or a search.
    whole: bool,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show)).route("/supplies.csv", get(csv))
}

/// Word in the URL, message, days ahead.
const WITHIN: [(&str, &str, Option<i64>); 3] =
    [("", "supplies-all", None), ("week", "supplies-week", Some(7)), ("month", "supplies-month", Some(30))];

/// The two views of consumables: what they will do, and what is to be bought.
pub fn places(ui: &Ui) -> Tabs {
    Tabs::of_paths(ui, &[(PATH, "supplies-tab"), (super::needs::PATH, "supplies-needs-tab")])
}

fn chosen(ui: &Ui) -> (&'static str, Filter) {
    let asked = ui.query.get("within").unwrap_or("");
    let (word, _, days) = WITHIN.into_iter().find(|w| w.0 == asked).unwrap_or(WITHIN[0]);
    let search = ui.query.get("q").unwrap_or("").to_owned();
    (word, Filter { search, before: days.map(|d| ui.now.plus(d * Millis::DAY)) })
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let (current, filter) = chosen(&ui);
    let db = state.store.db();
    let mut list = List::read(&ui, COLUMNS, "what");
    let mut found = supplies::list(db, &filter, ui.site, Paging::new(list.page, list.size)).await?;
    if list.clamp(found.total) {
        found = supplies::list(db, &filter, ui.site, Paging::new(list.page, list.size)).await?;
    }
    let mut views = Vec::new();
    for (word, key, days) in WITHIN {
        let before = days.map(|d| ui.now.plus(d * Millis::DAY));
        let n = supplies::count(db, &Filter { before, ..filter.clone() }, ui.site).await?;
        views.push((word, key, Some(n)));
    }
    SuppliesPage::new(ui, list, found, &views, current).page()
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let (_, filter) = chosen(&ui);
    let mut list = List::read(&ui, COLUMNS, "what");
    let all = Paging { page: 1, per_page: CSV_ROWS };
    let found = supplies::list(state.store.db(), &filter, ui.site, all).await?;
    list.rows = found.rows.iter().map(|s| row(&ui, s)).collect();
    Ok(list.csv(&ui, "supplies"))
}

impl SuppliesPage {
    fn new(
        ui: Ui,
        mut list: List,
        found: Listed<SupplyAhead>,
        views: &[(&str, &str, Option<i64>)],
        current: &'static str,
    ) -> Self {
        list.clamp(found.total);
        list.rows = found.rows.iter().map(|s| row(&ui, s)).collect();
        let (places, tabs) = (places(&ui), Tabs::of_query(&ui, "within", current, views));
        let search = ui.query.get("q").unwrap_or("").to_owned();
        let whole = current.is_empty() && search.is_empty();
        SuppliesPage { ui, list, places, tabs, search, whole }
    }
}

fn row(ui: &Ui, s: &SupplyAhead) -> Row {
    let name = words::supply_name(ui, &s.kind, s.color.as_deref());
    let place = match &s.location {
        Some(l) => format!("{}, {l}", s.device_name),
        None => s.device_name.clone(),
    };
    let article = s.article.clone().unwrap_or_else(|| s.description.clone());
    let level = Level {
        state: LevelState::parse(&s.level_state).unwrap_or(LevelState::Unknown),
        low: s.low,
        high: s.high,
        color: s.color.clone(),
        steps: words::steps(s.max_capacity),
        receptacle: s.receptacle != 0,
        is_low: s.is_low != 0,
    };
    let level_words = level.words(ui);
    let bar = format!(r#"<span class="levels single">{}</span> {}"#, level.mini(ui), escape(&level_words));
    let seen = foresight::read(s.outlook.as_deref());
    let out = seen.as_ref().and_then(|f| foresight::words(ui, f)).unwrap_or_else(|| ui.t("forecast-none"));
    let shelf = match (&s.article_id, s.on_hand, &s.store) {
        (None, ..) => ui.t("supplies-shelf-unknown"),
        (Some(_), n, Some(store)) if n > 0 => format!("{} · {store}", ui.integer(n)),
        _ => ui.t("supplies-shelf-none"),
    };
    let updated = Millis(s.updated_at);
    Row {
        key: s.id.to_string(),
        cells: vec![
            Cell::name(&place, &format!("/devices/{}#supplies", s.device_id), &format!("{name} · {article}")),
            Cell::html(Html(bar), level_words),
            Cell::text(out),
            Cell::text(foresight::stage(ui, seen.as_ref())),
            Cell::text(shelf),
            Cell::html(ui.ago_html(&updated), ui.exact(updated)),
            Cell::text(s.site_name.clone()),
        ],
    }
}

fn sample_rows(now: Millis) -> Vec<SupplyAhead> {
    let row = |id: i64, device: &str, color: Option<&str>, kind: &str, low: f64, days: Option<[f64; 3]>| SupplyAhead {
        id,
        device_id: 7,
        device_name: device.to_owned(),
        location: Some("каб. 214".to_owned()),
        site_id: 1,
        site_name: "Казань, ул. Баумана 5".to_owned(),
        supply_index: "1.1".to_owned(),
        kind: kind.to_owned(),
        color: color.map(str::to_owned),
        description: "Kyocera TK-1170 Black Toner Cartridge".to_owned(),
        level_state: if days.is_some() { "known" } else { "some_remaining" }.to_owned(),
        low: days.map(|_| low).or(Some(0.0)),
        high: days.map(|_| low).or(Some(1.0)),
        max_capacity: Some(100),
        receptacle: i64::from(kind == "waste"),
        is_low: i64::from(low < 0.1),
        updated_at: now.plus(-7 * Millis::MINUTE).0,
        outlook: days.and_then(|d| serde_json::to_string(&foresight::sample(now, low, d, Stage::Settled)).ok()),
        empty_at: None,
        article_id: days.map(|_| 1),
        article: days.map(|_| "TK-1170".to_owned()),
        on_hand: i64::from(low < 0.1) * 2,
        store: (low < 0.1).then(|| "Шкаф у серверной".to_owned()),
    };
    let long = "HP LaserJet Enterprise Flow MFP M880z, бухгалтерия, второй этаж";
    vec![
        row(1, "МФУ бухгалтерии", Some("black"), "toner", 0.01, Some([0.0, 0.3, 1.0])),
        row(2, long, Some("cyan"), "toner", 0.06, Some([8.0, 12.0, 17.0])),
        row(3, "МФУ-2", Some("black"), "toner", 0.34, Some([21.0, 33.0, 52.0])),
        row(4, "МФУ-2", None, "waste", 0.8, Some([140.0, 410.0, 900.0])),
        row(5, "Brother у охраны", Some("black"), "toner", 0.5, None),
    ]
}

pub fn samples(lang: Lang) -> Vec<(&'static str, SuppliesPage)> {
    let page = |path: &str, rows: Vec<SupplyAhead>, total: i64| {
        let ui = Ui::sample(lang, path);
        let (current, _) = chosen(&ui);
        let list = List::read(&ui, COLUMNS, "what");
        let views: Vec<_> = WITHIN.iter().map(|t| (t.0, t.1, Some(total))).collect();
        SuppliesPage::new(ui, list, Listed { rows, total }, &views, current)
    };
    let now = Ui::sample(lang, PATH).now;
    let many = (0..10).flat_map(|_| sample_rows(now)).enumerate();
    let many: Vec<SupplyAhead> = many.map(|(i, s)| SupplyAhead { id: i as i64, ..s }).collect();
    vec![
        ("", page(PATH, sample_rows(now), 5)),
        ("empty", page(PATH, Vec::new(), 0)),
        ("none", page("/supplies?q=zzz", Vec::new(), 0)),
        ("many", page("/supplies?page=2", many, 12_345)),
    ]
}
