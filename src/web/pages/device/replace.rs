//! «Заменил»: two taps on a phone. The article from the branch's shelf is chosen already; posting takes one piece off the
//! shelf at once. What the device showed by itself is confirmed the same way.

use axum::extract::{Path, State};
use axum::response::Response;

use crate::model::{ArticleId, Command, DeviceId, DocumentKind, NewDocument, StockLine, StoreId};
use crate::store::read::device::SupplyRow;
use crate::store::read::stock::ShelfRow;
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::Ui;
use crate::web::state::AppState;
use crate::web::{WebError, command, told};

/// What may have been put into one supply.
pub struct ReplaceView {
    pub index: String,
    /// "article/store", part number, where and how many; the first is chosen.
    pub options: Vec<(String, String, String)>,
    /// The device showed a replacement that nobody confirmed yet.
    pub seen: bool,
}

pub(super) fn view(
    ui: &Ui,
    s: &SupplyRow,
    shelf: &[ShelfRow],
    detected: &[(i64, String, String)],
) -> Option<ReplaceView> {
    // A waste box tells room, and is mostly emptied.
    if s.receptacle != 0 && s.article_id.is_none() {
        return None;
    }
    let option = |r: &ShelfRow| {
        let there = match r.on_hand {
            1.. => ui.tw("replace-shelf", &[("store", r.store_name.clone().into()), ("count", r.on_hand.into())]),
            _ => ui.t("replace-none-here"),
        };
        (format!("{}/{}", r.article, r.store), format!("{} {}", r.part_number, r.name), there)
    };
    let seen = detected.iter().any(|d| d.1 == s.idx);
    let mut options: Vec<_> = shelf.iter().filter(|r| r.supply_index == s.idx).map(option).collect();
    if let (true, true, Some(article), Some(part)) = (seen, options.is_empty(), s.article_id, &s.article) {
        options.push((format!("{article}/0"), part.clone(), ui.t("replace-none-here")));
    }
    Some(ReplaceView { index: s.idx.clone(), options, seen })
}

pub(super) async fn replaced(
    State(state): State<AppState>,
    ui: Ui,
    Path(id): Path<i64>,
    form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageStock)?;
    let db = state.store.db();
    let device = crate::store::read::device::one(db, DeviceId(id)).await?.ok_or(WebError::NotFound)?;
    let pick = form.value("pick").split_once('/').and_then(|(a, s)| Some((a.parse().ok()?, s.parse().ok()?)));
    let Some((article, store)) = pick else {
        return Ok(Flash::failed("flash-failed", ui.t("need-choose-article")).redirect(&format!("/devices/{id}")));
    };
    let article = ArticleId(article);
    let document = NewDocument {
        kind: DocumentKind::Issue,
        store: (store > 0).then_some(StoreId(store)),
        site: Some(device.row.site),
        to_store: None,
        device: Some(DeviceId(id)),
        supply_index: form.given("index").map(str::to_owned),
        note: String::new(),
        lines: vec![StockLine::of(article, 1)],
        draft: false,
        key: form.given("key").map(str::to_owned),
    };
    let part = crate::store::read::stock::article(db, article).await?.map(|a| a.part_number).unwrap_or_default();
    let flash = match command(&state, &ui, Command::PostStock { document }).await? {
        Ok(_) => Flash::done("replace-done", part),
        Err(e) => told(&ui, &e),
    };
    Ok(flash.redirect(&format!("/devices/{id}")))
}
