//! `/assets/new`, `/assets/{id}/edit`: the form of an asset; opened from a device, it starts with what the device tells.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{PATH, places, sample_data};
use crate::i18n::Lang;
use crate::model::{
    Asset, AssetChange, AssetField, AssetId, AssetKind, AssetState, CentreId, Command, DeviceId, DeviceKind, KeptAsset,
    Minor, SiteId, StoreId, WarrantyKind,
};
use crate::store::read::{assets, device};
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::{Page, Ui};
use crate::web::pages::settings::articles::price;
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, failed};

/// Fields of the form that a refusal may name; the first takes the rest.
const FIELDS: [&str; 11] = [
    "inventory",
    "serial",
    "vendor",
    "model",
    "place",
    "store",
    "custodian",
    "price_minor",
    "warranty_until",
    "device",
    "note",
];

type Options = Vec<(String, String)>;

/// What the selects offer.
#[derive(Default)]
struct Offers {
    stores: Options,
    centres: Options,
}

#[derive(Template)]
#[template(path = "asset_edit.html")]
pub struct EditPage {
    ui: Ui,
    places: Tabs,
    id: Option<AssetId>,
    form: Form,
    offers: Offers,
    /// The polled device it is, by name.
    device: Option<String>,
}

pub fn router() -> Router<AppState> {
    Router::new().route("/assets/new", get(new).post(add)).route("/assets/{id}/edit", get(edit).post(change))
}

async fn offers(state: &AppState, ui: &Ui) -> Result<Offers, WebError> {
    let db = state.store.db();
    let site = |id: i64| ui.sites.iter().find(|s| s.id.0 == id).map_or("", |s| s.name.as_str()).to_owned();
    let nothing = || (String::new(), ui.t("asset-none"));
    let stores = assets::stores(db).await?.into_iter().map(|(id, at, name)| {
        let words = if ui.sites.len() > 1 { format!("{name}, {}", site(at)) } else { name };
        (id.to_string(), words)
    });
    let centres = assets::centres(db).await?.into_iter().map(|c| (c.id.to_string(), c.centre.name));
    Ok(Offers {
        stores: std::iter::once(nothing()).chain(stores).collect(),
        centres: std::iter::once(nothing()).chain(centres).collect(),
    })
}

async fn new(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    let site = ui.site.or_else(|| ui.sites.first().map(|s| s.id)).unwrap_or(SiteId(0));
    let mut form = Form::of(&[("site", &site.to_string()), ("kind", "computer"), ("state", "in-use")]);
    let mut name = None;
    if let Some(id) = ui.query.number("device").map(DeviceId)
        && let Some(d) = device::one(state.store.db(), id).await?
    {
        if let Some(known) = assets::of_device(state.store.db(), id).await? {
            return Ok(axum::response::Redirect::to(&format!("{PATH}/{}", known.id)).into_response());
        }
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        let kind = match (d.row.kind.as_deref(), d.row.functions.contains("scan")) {
            (Some("printer"), true) => AssetKind::Mfp,
            (kind, _) => kind.and_then(DeviceKind::parse).map(AssetKind::from).unwrap_or_default(),
        };
        for (field, value) in [
            ("device", id.to_string()),
            ("site", d.row.site.to_string()),
            ("kind", kind.as_str().to_owned()),
            ("vendor", text(&d.row.vendor)),
            ("model", text(&d.row.model)),
            ("serial", text(&d.row.serial)),
            ("place", text(&d.row.location)),
        ] {
            form.set(field, &value);
        }
        name = Some(d.row.name.clone());
    }
    let offers = offers(&state, &ui).await?;
    EditPage { places: places(&ui), ui, id: None, form, offers, device: name }.page()
}

fn filled(ui: &Ui, a: &KeptAsset) -> Form {
    let mut form = Form::default();
    for field in AssetField::ALL {
        let plain = match field {
            AssetField::Site => a.asset.site.to_string(),
            AssetField::Store => a.asset.store.map(|s| s.to_string()).unwrap_or_default(),
            AssetField::Centre => a.asset.centre.map(|s| s.to_string()).unwrap_or_default(),
            AssetField::Device => a.asset.device.map(|s| s.to_string()).unwrap_or_default(),
            AssetField::Price => a.asset.price.map(|p| ui.decimal(p.0 as f64 / 100.0, 2)).unwrap_or_default(),
            field => a.plain(*field),
        };
        if !plain.is_empty() {
            form.set(if *field == AssetField::Price { "price_minor" } else { field.as_str() }, &plain);
        }
    }
    form
}

async fn edit(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    let kept = assets::one(state.store.db(), AssetId(id)).await?.ok_or(WebError::NotFound)?;
    let (form, offers) = (filled(&ui, &kept), offers(&state, &ui).await?);
    EditPage { places: places(&ui), ui, id: Some(kept.id), form, offers, device: kept.device_name }.page()
}

/// The asset as typed; what is no day or no number is marked.
fn typed(ui: &Ui, form: &mut Form) -> Asset {
    let mut day = |field: &str| match form.given(field).map(|d| d.trim().parse().ok()) {
        Some(None) => {
            form.wrong(field, ui.t("error-bad-date"));
            None
        }
        other => other.flatten(),
    };
    let (bought_on, warranty_until) = (day("bought_on"), day("warranty_until"));
    let price = match form.given("price_minor").map(price) {
        Some(None) => {
            form.wrong("price_minor", ui.t("error-price"));
            None
        }
        other => other.flatten().map(Minor),
    };
    let text = |field: &str| form.value(field).trim().to_owned();
    let number = |field: &str| form.given(field).and_then(|v| v.parse::<i64>().ok());
    Asset {
        inventory: form.given("inventory").map(str::to_owned),
        serial: form.given("serial").map(str::to_owned),
        kind: AssetKind::parse(form.value("kind")).unwrap_or_default(),
        vendor: text("vendor"),
        model: text("model"),
        state: AssetState::parse(form.value("state")).unwrap_or_default(),
        site: SiteId(number("site").unwrap_or(0)),
        place: text("place"),
        store: number("store").map(StoreId),
        custodian: text("custodian"),
        bought_on,
        price,
        supplier: text("supplier"),
        document: text("document"),
        warranty_until,
        warranty_kind: form.given("warranty_kind").and_then(WarrantyKind::parse),
        centre: number("centre").map(CentreId),
        device: number("device").map(DeviceId),
        note: text("note"),
    }
}

async fn add(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    save(ui, &state, None, form).await
}

async fn change(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    save(ui, &state, Some(AssetId(id)), form).await
}

async fn save(ui: Ui, state: &AppState, id: Option<AssetId>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    let asset = typed(&ui, &mut form);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if form.is_fine() {
        let change = match id {
            Some(id) => AssetChange::Update { id, asset },
            None => AssetChange::Add { asset },
        };
        match command(state, &ui, Command::Asset { change }).await? {
            Ok(done) => {
                let to = done.id.map_or_else(|| PATH.to_owned(), |id| format!("{PATH}/{id}"));
                return Ok(Flash::done("asset-saved", "").redirect(&to));
            }
            Err(e) => status = failed(&ui, &mut form, &FIELDS, &e),
        }
    }
    let (offers, device) = (offers(state, &ui).await?, form.given("device").map(str::to_owned));
    let page = EditPage { places: places(&ui), ui, id, form, offers, device }.page()?;
    Ok((status, page).into_response())
}

impl EditPage {
    fn action(&self) -> String {
        match self.id {
            Some(id) => format!("{PATH}/{id}/edit"),
            None => format!("{PATH}/new"),
        }
    }

    fn back(&self) -> String {
        self.id.map_or_else(|| PATH.to_owned(), |id| format!("{PATH}/{id}"))
    }

    fn kinds(&self) -> Options {
        AssetKind::ALL.iter().map(|k| (k.as_str().to_owned(), self.ui.word("asset-kind-", k.as_str()))).collect()
    }

    fn states(&self) -> Options {
        AssetState::ALL.iter().map(|s| (s.as_str().to_owned(), self.ui.word("asset-state-", s.as_str()))).collect()
    }

    fn warranty_kinds(&self) -> Options {
        let nothing = std::iter::once((String::new(), self.ui.t("asset-none")));
        let kinds = WarrantyKind::ALL.iter();
        nothing.chain(kinds.map(|k| (k.as_str().to_owned(), self.ui.word("warranty-kind-", k.as_str())))).collect()
    }

    fn sites(&self) -> Options {
        self.ui.sites.iter().map(|s| (s.id.to_string(), s.name.clone())).collect()
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, EditPage)> {
    let page = |id: Option<i64>, form: Form, device: Option<&str>| {
        let ui = Ui::sample(lang, "/assets/1/edit");
        let nothing = vec![(String::new(), ui.t("asset-none"))];
        let centres = sample_data::centres().into_iter().map(|c| (c.id.to_string(), c.centre.name));
        let offers = Offers { stores: nothing.clone(), centres: nothing.into_iter().chain(centres).collect() };
        let (places, device) = (places(&ui), device.map(str::to_owned));
        EditPage { places, ui, id: id.map(AssetId), form, offers, device }
    };
    let ui = Ui::sample(lang, "/assets/1/edit");
    let full = filled(&ui, &sample_data::assets()[0]);
    let mut wrong = Form::of(&[("kind", "monitor"), ("bought_on", "0202-11-26"), ("price_minor", "дорого")]);
    typed(&ui, &mut wrong);
    wrong.wrong("inventory", ui.t("error-asset-nameless"));
    vec![
        ("", page(Some(1), full, Some("МФУ Kyocera M2040"))),
        ("new", page(None, Form::of(&[("kind", "computer")]), None)),
        ("wrong", page(None, wrong, None)),
    ]
}
