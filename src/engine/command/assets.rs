//! Assets: added, changed, imported; who repairs them. Every change is a line of the asset's history.

use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Failure, Outcome, optional, required};
use crate::model::{
    Asset, AssetChange, AssetId, AssetImport, AssetRow, Centre, CentreId, ImportVerdict, JudgedAsset, KeptAsset, Minor,
};
use crate::store::{Tx, asset, asset_import, import, site, stock};
use crate::workflow::assets::{Known, judge, planned};

/// Largest price, minor units.
const MAX_PRICE: i64 = 1_000_000_000_000;
/// Rows of one import.
const MAX_ROWS: usize = 20_000;

pub(super) async fn change(work: &mut Work, tx: &mut Tx, actor: &Actor, change: AssetChange) -> Outcome {
    let done = match change {
        AssetChange::Add { asset } => add(work, tx, actor, asset).await?,
        AssetChange::Update { id, asset } => update(work, tx, actor, id, asset).await?,
        AssetChange::AddCentre { centre } => save_centre(tx, None, centre).await?,
        AssetChange::UpdateCentre { id, centre } => save_centre(tx, Some(id), centre).await?,
        AssetChange::DraftImport { file_name, ignored, rows } => {
            return draft(work, tx, actor, &file_name, ignored, rows).await;
        }
        AssetChange::AcceptImport { import, good_only } => accept(work, tx, actor, import, good_only).await?,
        AssetChange::RecheckImport { import } => return recheck(tx, import).await,
        AssetChange::DropImport { import } => return drop_import(tx, import).await,
    };
    if done.changed {
        work.changed(Topic::Asset, None);
    }
    Ok(done)
}

fn line(field: &'static str, text: &str) -> Result<String, CommandError> {
    Ok(optional(field, text)?.to_owned())
}

fn given(field: &'static str, text: &Option<String>) -> Result<Option<String>, CommandError> {
    let text = text.as_deref().map(|t| optional(field, t)).transpose()?;
    Ok(text.filter(|t| !t.is_empty()).map(str::to_owned))
}

/// Everything a person wrote, brought to order; what it refers to exists.
async fn checked(tx: &mut Tx, id: Option<AssetId>, a: Asset) -> Result<Asset, Failure> {
    let a = Asset {
        inventory: given("inventory", &a.inventory)?,
        serial: given("serial", &a.serial)?,
        vendor: line("vendor", &a.vendor)?,
        model: line("model", &a.model)?,
        place: line("place", &a.place)?,
        custodian: line("custodian", &a.custodian)?,
        supplier: line("supplier", &a.supplier)?,
        document: line("document", &a.document)?,
        note: line("note", &a.note)?,
        ..a
    };
    if a.inventory.is_none() && a.serial.is_none() && a.device.is_none() {
        let detail = "an inventory number, a serial number or a device names the asset";
        return Err(CommandError::invalid("inventory", "asset-nameless", detail).into());
    }
    if a.price.is_some_and(|Minor(p)| !(0..=MAX_PRICE).contains(&p)) {
        return Err(CommandError::invalid("price_minor", "bad-number", format!("0 to {MAX_PRICE}")).into());
    }
    if let (Some(bought), Some(until)) = (a.bought_on, a.warranty_until)
        && until < bought
    {
        let detail = "the warranty ends before the purchase";
        return Err(CommandError::invalid("warranty_until", "warranty-before-purchase", detail).into());
    }
    if !site::exists(tx, a.site).await? {
        return Err(CommandError::NotFound { what: "site", id: a.site.0 }.into());
    }
    if let Some(store) = a.store
        && stock::load_store(tx, store).await?.is_none_or(|s| s.site != a.site)
    {
        return Err(CommandError::invalid("store", "other-branch", "the store is not of this branch").into());
    }
    if let Some(centre) = a.centre
        && !asset::centres(tx).await?.iter().any(|(id, _)| *id == centre)
    {
        return Err(CommandError::NotFound { what: "service centre", id: centre.0 }.into());
    }
    if let Some(number) = &a.inventory
        && asset::by_inventory(tx, number).await?.is_some_and(|holder| Some(holder) != id)
    {
        return Err(CommandError::invalid("inventory", "taken", format!("{number} is another asset's")).into());
    }
    Ok(a)
}

/// The device it is: the one named, else the one with its serial number.
async fn linked(work: &mut Work, tx: &mut Tx, id: Option<AssetId>, a: &mut Asset) -> Result<(), Failure> {
    match (a.device, &a.serial) {
        (Some(device), _) => {
            if work.known(tx, device).await?.is_none() {
                return Err(CommandError::NotFound { what: "device", id: device.0 }.into());
            }
            if asset::by_device(tx, device).await?.is_some_and(|holder| Some(holder) != id) {
                return Err(CommandError::invalid("device", "taken", "the device is another asset").into());
            }
        }
        (None, Some(serial)) => a.device = asset::device_with_serial(tx, serial).await?,
        (None, None) => {}
    }
    Ok(())
}

async fn load(tx: &mut Tx, id: AssetId) -> Result<KeptAsset, Failure> {
    Ok(asset::load(tx, id).await?.ok_or(CommandError::NotFound { what: "asset", id: id.0 })?)
}

async fn add(work: &mut Work, tx: &mut Tx, actor: &Actor, new: Asset) -> Outcome {
    let mut new = checked(tx, None, new).await?;
    linked(work, tx, None, &mut new).await?;
    let id = asset::save(tx, None, &new, work.now).await?;
    asset::add_event(tx, id, &actor.who, "added", "", work.now).await?;
    Ok(Done::changed(id.0))
}

async fn update(work: &mut Work, tx: &mut Tx, actor: &Actor, id: AssetId, new: Asset) -> Outcome {
    let before = load(tx, id).await?;
    let mut new = checked(tx, Some(id), new).await?;
    linked(work, tx, Some(id), &mut new).await?;
    if new == before.asset {
        return Ok(Done::already(id.0));
    }
    save(work, tx, actor, &before, &new).await
}

/// Writes the asset and what changed.
pub(super) async fn save(work: &Work, tx: &mut Tx, actor: &Actor, before: &KeptAsset, new: &Asset) -> Outcome {
    asset::save(tx, Some(before.id), new, work.now).await?;
    let after = load(tx, before.id).await?;
    asset::add_changes(tx, before.id, &actor.who, &before.changes(&after), work.now).await?;
    Ok(Done::changed(before.id.0))
}

async fn save_centre(tx: &mut Tx, id: Option<CentreId>, c: Centre) -> Outcome {
    let centre = Centre {
        name: required("name", &c.name)?.to_owned(),
        phone: line("phone", &c.phone)?,
        email: line("email", &c.email)?,
        address: line("address", &c.address)?,
        hours: line("hours", &c.hours)?,
        brands: line("brands", &c.brands)?,
        note: line("note", &c.note)?,
    };
    let holder = asset::centres(tx).await?.into_iter().find(|(_, name)| *name == centre.name);
    if holder.is_some_and(|(holder, _)| Some(holder) != id) {
        return Err(CommandError::invalid("name", "taken", format!("{} is there already", centre.name)).into());
    }
    let saved = asset::save_centre(tx, id, &centre).await?;
    let missing = CommandError::NotFound { what: "service centre", id: id.map_or(0, |i| i.0) };
    Ok(Done::changed(saved.ok_or(missing)?.0))
}

/// Rows with their verdicts, and those to write.
async fn judged(tx: &mut Tx, rows: &[AssetRow]) -> Result<(Vec<JudgedAsset>, Vec<(Option<AssetId>, Asset)>), Failure> {
    let (assets, sites) = (asset::all(tx).await?, asset::sites(tx).await?);
    let (stores, centres) = (asset::stores(tx).await?, asset::centres(tx).await?);
    let known = Known::new(&assets, &sites, &stores, &centres);
    let judged = judge(rows, &known);
    let effective = |j: &JudgedAsset| matches!(j.verdict, ImportVerdict::New | ImportVerdict::Changed);
    let plans = rows.iter().zip(&judged).filter(|(_, j)| effective(j));
    let plans = plans.filter_map(|(row, _)| planned(row, &known).ok()).map(|(id, after)| (id, after.asset)).collect();
    Ok((judged, plans))
}

async fn draft(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    file_name: &str,
    ignored: Vec<String>,
    rows: Vec<AssetRow>,
) -> Outcome {
    let file_name = required("file", file_name)?.to_owned();
    if rows.is_empty() {
        return Err(CommandError::invalid("file", "import-empty", "the table has a header and no rows").into());
    }
    if rows.len() > MAX_ROWS {
        let detail = format!("{} rows, at most {MAX_ROWS} at once: divide the table", rows.len());
        return Err(CommandError::invalid("file", "import-too-long", detail).into());
    }
    let (judged, _) = judged(tx, &rows).await?;
    let body = AssetImport { ignored, rows, judged };
    Ok(Done::changed(asset_import::add(tx, &file_name, &body, &actor.who, work.now).await?))
}

async fn loaded(tx: &mut Tx, id: i64) -> Result<(AssetImport, bool), Failure> {
    Ok(asset_import::load(tx, id).await?.ok_or(CommandError::NotFound { what: "import", id })?)
}

async fn accept(work: &mut Work, tx: &mut Tx, actor: &Actor, id: i64, good_only: bool) -> Outcome {
    let (body, accepted) = loaded(tx, id).await?;
    if accepted {
        return Ok(Done::already(id));
    }
    let (fresh, plans) = judged(tx, &body.rows).await?;
    if fresh != body.judged {
        let detail = "the assets have changed since this was shown: check the table again";
        return Err(CommandError::invalid("import", "import-stale", detail).into());
    }
    let wrong = fresh.iter().filter(|j| j.verdict == ImportVerdict::Wrong).count();
    if wrong > 0 && !good_only {
        let detail = format!("{wrong} rows are wrong: correct the file, or take the good rows only");
        return Err(CommandError::invalid("import", "import-wrong-rows", detail).into());
    }
    for (asset, new) in plans {
        match asset {
            Some(asset) => {
                let before = load(tx, asset).await?;
                let mut new = checked(tx, Some(asset), new).await?;
                linked(work, tx, Some(asset), &mut new).await?;
                save(work, tx, actor, &before, &new).await?;
            }
            None => {
                add(work, tx, actor, new).await?;
            }
        }
    }
    import::accept(tx, id, work.now).await?;
    Ok(Done::changed(id))
}

async fn recheck(tx: &mut Tx, id: i64) -> Outcome {
    let (body, accepted) = loaded(tx, id).await?;
    let (fresh, _) = judged(tx, &body.rows).await?;
    if accepted || fresh == body.judged {
        return Ok(Done::already(id));
    }
    asset_import::set_body(tx, id, &AssetImport { judged: fresh, ..body }).await?;
    Ok(Done::changed(id))
}

async fn drop_import(tx: &mut Tx, id: i64) -> Outcome {
    let (_, accepted) = loaded(tx, id).await?;
    if accepted || !import::remove(tx, id).await? {
        let (state, detail) = ("accepted".to_owned(), "what was taken stays as a record".to_owned());
        return Err(CommandError::WrongState { what: "import", id, state, detail }.into());
    }
    Ok(Done::changed(id))
}
