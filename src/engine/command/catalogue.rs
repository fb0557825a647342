//! Articles and suppliers. A new article is offered at once to what waits for one.

use super::super::action;
use super::super::api::{CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Failure, Outcome, optional, orders, required};
use crate::model::{Article, ArticleId, Minor, NewArticle, Supplier, SupplierId, SupplyKind};
use crate::store::{Tx, article, need, supplier, supply};
use crate::workflow::reorder;

const MAX_FITS: usize = 500;

pub(super) async fn save_article(work: &mut Work, tx: &mut Tx, id: Option<ArticleId>, new: NewArticle) -> Outcome {
    if let Some(id) = id
        && article::load(tx, id).await?.is_none()
    {
        return Err(CommandError::NotFound { what: "article", id: id.0 }.into());
    }
    let (checked, fits) = check(tx, id, &new).await?;
    let holder = article::id_by_part(tx, &checked.vendor, &checked.part_number).await?;
    if holder.is_some_and(|h| Some(h) != id) {
        let detail = format!("{} {} is in the catalogue already", checked.vendor, checked.part_number);
        return Err(CommandError::invalid("part_number", "taken", detail).into());
    }
    let saved = article::save(tx, &checked, &fits).await?;
    work.catalogue = None;
    offer(work, tx, saved).await?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(saved.0))
}

async fn check(
    tx: &mut Tx,
    id: Option<ArticleId>,
    new: &NewArticle,
) -> Result<(Article, Vec<(String, String)>), Failure> {
    let kind = SupplyKind::parse(new.kind.trim())
        .ok_or_else(|| CommandError::invalid("kind", "unknown-kind", format!("{:?} is no kind of supply", new.kind)))?;
    let number = |field, value: Option<i64>, most: i64| match value {
        Some(n) if !(0..=most).contains(&n) => {
            Err(CommandError::invalid(field, "bad-number", format!("must lie between 0 and {most}")))
        }
        other => Ok(other),
    };
    let supplier = match new.supplier {
        None => None,
        Some(s) => Some(
            supplier::load(tx, SupplierId(s))
                .await?
                .map(|s| s.id)
                .ok_or_else(|| CommandError::invalid("supplier", "not-found", format!("there is no supplier {s}")))?,
        ),
    };
    let text = |field, value: &Option<String>| -> Result<Option<String>, CommandError> {
        let value = value.as_deref().map(|v| optional(field, v)).transpose()?;
        Ok(value.filter(|v| !v.is_empty()).map(str::to_owned))
    };
    let part_number = required("part_number", &new.part_number)?.to_owned();
    let name = optional("name", &new.name)?;
    let article = Article {
        id: id.unwrap_or(ArticleId(0)),
        name: if name.is_empty() { part_number.clone() } else { name.to_owned() },
        part_number,
        vendor: required("vendor", &new.vendor)?.to_owned(),
        kind,
        color: text("color", &new.color)?.map(|c| c.to_lowercase()),
        yield_pages: number("yield_pages", new.yield_pages, 100_000_000)?,
        price: number("price_minor", new.price_minor, 1_000_000_000_000)?.map(Minor),
        vat_percent: number("vat_percent", Some(new.vat_percent), 100)?.unwrap_or(0),
        supplier,
        supplier_article: text("supplier_article", &new.supplier_article)?,
    };
    if new.fits.len() > MAX_FITS {
        return Err(CommandError::invalid("fits", "too-long", format!("more than {MAX_FITS} devices")).into());
    }
    let fits = new.fits.iter().filter(|f| !f.trim().is_empty()).map(|f| fit(f)).collect::<Result<_, _>>()?;
    Ok((article, fits))
}

/// "vendor/model", lower-cased.
fn fit(text: &str) -> Result<(String, String), CommandError> {
    let wrong = || {
        CommandError::invalid("fits", "bad-fit", format!("{text:?}: write vendor/model, like kyocera/ecosys m2040*"))
    };
    let (vendor, model) = optional("fits", text)?.split_once('/').ok_or_else(wrong)?;
    let (vendor, model) = (vendor.trim().to_lowercase(), model.trim().to_lowercase());
    if vendor.is_empty() || model.is_empty() { Err(wrong()) } else { Ok((vendor, model)) }
}

/// Supplies and open needs without an article may now have one; needs with it may now have a supplier.
async fn offer(work: &mut Work, tx: &mut Tx, saved: ArticleId) -> Result<(), Failure> {
    let catalogue = action::catalogue(work, tx).await?;
    for (id, state, vendor, model) in supply::without_article(tx).await? {
        let found = reorder::choose_article(&state, vendor.as_deref(), model.as_deref(), &catalogue);
        if let Some(found) = found {
            supply::set_article(tx, id, Some(found.id)).await?;
            work.changed(Topic::Supply, None);
        }
    }
    for n in need::waiting_for(tx, saved).await? {
        let article = match n.article {
            Some(a) => Some(a),
            None => article_of_reasons(tx, &n).await?,
        };
        if let Some(a) = article {
            orders::assign(work, tx, n, a).await?;
        }
    }
    Ok(())
}

/// The article of the first asking supply that has one.
async fn article_of_reasons(tx: &mut Tx, n: &crate::model::Need) -> Result<Option<ArticleId>, Failure> {
    for reason in &n.reasons {
        let of_device = supply::of_device(tx, reason.device).await?;
        let found = of_device.iter().find(|s| s.state.index == reason.supply_index).and_then(|s| s.article);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// `fields`: name, e-mail, language, currency.
pub(super) async fn save_supplier(work: &mut Work, tx: &mut Tx, id: Option<SupplierId>, fields: [&str; 4]) -> Outcome {
    let [name, email, language, currency] = fields;
    let name = required("name", name)?;
    let email = required("email", email)?;
    let shape = email.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && !host.is_empty() && !host.contains('@') && !email.contains([' ', ',', ';', '<', '>'])
    });
    if !shape {
        return Err(CommandError::invalid("email", "bad-email", format!("{email:?} is no e-mail address")).into());
    }
    if !["ru", "en"].contains(&language) {
        return Err(CommandError::invalid("language", "unknown-language", "ru or en").into());
    }
    if currency.len() != 3 || !currency.chars().all(|c| c.is_ascii_uppercase()) {
        return Err(CommandError::invalid("currency", "bad-currency", "three capital letters, like RUB").into());
    }
    if let Some(id) = id
        && supplier::load(tx, id).await?.is_none()
    {
        return Err(CommandError::NotFound { what: "supplier", id: id.0 }.into());
    }
    if supplier::id_by_name(tx, name).await?.is_some_and(|h| Some(h) != id) {
        return Err(CommandError::invalid("name", "taken", format!("supplier {name} exists already")).into());
    }
    let s = Supplier {
        id: id.unwrap_or(SupplierId(0)),
        name: name.to_owned(),
        email: email.to_owned(),
        language: language.to_owned(),
        currency: currency.to_owned(),
    };
    let saved = supplier::save(tx, id, &s).await?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(saved.0))
}
