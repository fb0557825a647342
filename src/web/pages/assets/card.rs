//! `/assets/{id}`: one asset: what it is, who answers for it, its warranty, what happened to it.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;

use super::{banner, places, sample_data, state};
use crate::i18n::Lang;
use crate::model::{AssetDiff, AssetEvent, AssetField, AssetId, AssetKind, KeptAsset, Millis};
use crate::store::read::assets;
use crate::store::read::rmas::{self, RmaRow};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::html::Html;
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;

#[derive(Template)]
#[template(path = "asset.html")]
pub struct AssetPage {
    ui: Ui,
    places: Tabs,
    kept: KeptAsset,
    events: Vec<AssetEvent>,
    warranty: Html,
    repairs: Vec<RmaRow>,
}

pub fn router() -> Router<AppState> {
    Router::new().route("/assets/{id}", get(show))
}

async fn show(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let db = state.store.db();
    let kept = assets::one(db, AssetId(id)).await?.ok_or(WebError::NotFound)?;
    let events = assets::events(db, AssetId(id)).await?;
    let repairs = rmas::of_asset(db, AssetId(id)).await?;
    AssetPage::new(ui, kept, events, repairs).page()
}

/// A field's value as people read it.
pub(super) fn shown(ui: &Ui, field: AssetField, plain: &str) -> String {
    match field {
        _ if plain.is_empty() => "—".to_owned(),
        AssetField::Kind => ui.word("asset-kind-", plain),
        AssetField::State => ui.word("asset-state-", plain),
        AssetField::WarrantyKind => ui.word("warranty-kind-", plain),
        AssetField::Price => plain.parse().map_or_else(|_| plain.to_owned(), |n: i64| ui.decimal(n as f64 / 100.0, 2)),
        AssetField::BoughtOn | AssetField::WarrantyUntil => {
            plain.parse().map_or_else(|_| plain.to_owned(), |d| ui.day(d))
        }
        _ => plain.to_owned(),
    }
}

impl AssetPage {
    fn new(ui: Ui, kept: KeptAsset, events: Vec<AssetEvent>, repairs: Vec<RmaRow>) -> Self {
        let warranty = banner(&ui, Some(&kept));
        AssetPage { places: places(&ui), ui, kept, events, warranty, repairs }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageAssets)
    }

    fn repair_lines(&self) -> Html {
        super::repairs::lines(&self.ui, &self.repairs)
    }

    /// None goes on: one can be opened.
    fn may_repair(&self) -> bool {
        let open = self.repairs.iter().any(|r| r.rma.state.is_open());
        self.may() && !open && self.kept.asset.state != crate::model::AssetState::WrittenOff
    }

    fn title(&self) -> String {
        let model = self.kept.model();
        if model.is_empty() { self.ui.word("asset-kind-", self.kept.asset.kind.as_str()) } else { model }
    }

    fn badge(&self) -> Html {
        state(&self.ui, self.kept.asset.state)
    }

    /// (name, value, whether it is a number to read letter by letter) of what is known.
    fn facts(&self) -> Vec<(String, String, bool)> {
        let mono = |f: AssetField| matches!(f, AssetField::Inventory | AssetField::Serial);
        AssetField::ALL
            .iter()
            .filter(|f| !matches!(f, AssetField::State | AssetField::Device))
            .map(|f| (*f, self.kept.plain(*f)))
            .filter(|(_, plain)| !plain.is_empty())
            .map(|(f, plain)| (self.ui.word("asset-field-", f.as_str()), shown(&self.ui, f, &plain), mono(f)))
            .collect()
    }

    /// What one line of the history says: a sentence, then its details.
    fn said(&self, e: &AssetEvent) -> (String, Vec<String>) {
        let ui = &self.ui;
        if e.kind == "changed" {
            let changes: Vec<AssetDiff> = serde_json::from_str(&e.body).unwrap_or_default();
            let one = |c: &AssetDiff| {
                let name = ui.word("asset-field-", c.field.as_str());
                format!("{name}: {} → {}", shown(ui, c.field, &c.before), shown(ui, c.field, &c.after))
            };
            return (ui.t("asset-was-changed"), changes.iter().map(one).collect());
        }
        let details = if e.body.is_empty() { Vec::new() } else { vec![e.body.clone()] };
        (ui.word("asset-was-", &e.kind), details)
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, AssetPage)> {
    let page = |at: usize, events: Vec<AssetEvent>| {
        let ui = Ui::sample(lang, "/assets/1");
        AssetPage::new(ui, sample_data::assets().remove(at), events, super::repairs::some_rows(at))
    };
    let diff = |field, before: &str, after: &str| AssetDiff { field, before: before.into(), after: after.into() };
    let changes = vec![
        diff(AssetField::Place, "каб. 210", "каб. 214"),
        diff(AssetField::Kind, AssetKind::Printer.as_str(), AssetKind::Mfp.as_str()),
        diff(AssetField::Price, "", "4500000"),
        diff(AssetField::WarrantyUntil, "2027-03-14", "2028-03-14"),
    ];
    let event = |at: i64, kind: &str, body: String| AssetEvent {
        at: Millis(1_795_691_109_000 - at * Millis::DAY),
        author: "petrov".to_owned(),
        kind: kind.to_owned(),
        body,
    };
    let events = vec![
        event(1, "changed", serde_json::to_string(&changes).unwrap_or_default()),
        event(400, "added", String::new()),
    ];
    vec![("", page(0, events)), ("bare", page(3, Vec::new())), ("long", page(2, Vec::new()))]
}
