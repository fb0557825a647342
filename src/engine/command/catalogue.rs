//! Articles and suppliers. A new article is offered at once to what waits for one.

use super::super::api::{CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Failure, Outcome, optional, orders, required, supplies};
use crate::model::{
    Article, ArticleId, ArticleTerms, Fit, KeptArticle, Minor, NewArticle, Supplier, SupplierId, SupplierTerms,
    SupplyKind,
};
use crate::store::{Keeper, Tx, article, need, supplier, supply};

const MAX_FITS: usize = 500;
/// Largest amount of a field, minor units.
const MAX_MONEY: i64 = 1_000_000_000_000;
/// Shortest secret that signs, bytes.
const MIN_SECRET: usize = 16;

pub(super) async fn save_article(work: &mut Work, tx: &mut Tx, id: Option<ArticleId>, new: NewArticle) -> Outcome {
    if let Some(id) = id
        && article::load(tx, id).await?.is_none()
    {
        return Err(CommandError::NotFound { what: "article", id: id.0 }.into());
    }
    let KeptArticle { article: checked, fits, terms } = check(tx, id, &new).await?;
    let holder = article::id_by_part(tx, &checked.vendor, &checked.part_number).await?;
    if holder.is_some_and(|h| Some(h) != id) {
        let detail = format!("{} {} is in the catalogue already", checked.vendor, checked.part_number);
        return Err(CommandError::invalid("part_number", "taken", detail).into());
    }
    let saved = article::save(tx, &checked, &fits).await?;
    article::save_terms(tx, saved, &terms).await?;
    work.catalogue = None;
    offer(work, tx, &[saved]).await?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(saved.0))
}

async fn check(tx: &mut Tx, id: Option<ArticleId>, new: &NewArticle) -> Result<KeptArticle, Failure> {
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
    let terms = ArticleTerms {
        grade: new.terms.grade,
        lead_days: number("lead_days", new.terms.lead_days, 365)?,
        pack: number("pack", Some(new.terms.pack), 10_000)?
            .filter(|p| *p > 0)
            .ok_or_else(|| CommandError::invalid("pack", "bad-number", "must lie between 1 and 10000"))?,
        code_1c: text("code_1c", &new.terms.code_1c)?,
        barcode: text("barcode", &new.terms.barcode)?,
        discontinued: new.terms.discontinued,
    };
    Ok(KeptArticle { article, fits, terms })
}

/// "vendor/model", with yield and preference in that model.
fn fit(text: &str) -> Result<Fit, CommandError> {
    let wrong = || {
        let detail = format!("{text:?}: write vendor/model, like kyocera/ecosys m2040*, and maybe 80% or +1 after it");
        CommandError::invalid("fits", "bad-fit", detail)
    };
    Fit::parse(optional("fits", text)?).ok_or_else(wrong)
}

/// Supplies and open needs without an article may now have one; needs with it may now have a supplier.
pub(super) async fn offer(work: &mut Work, tx: &mut Tx, saved: &[ArticleId]) -> Result<(), Failure> {
    supplies::propose(work, tx).await?;
    let articles = need::wanting(tx).await?;
    // Once for the needs without an article, once for each article that changed and is waited for.
    let mut rounds: Vec<ArticleId> = saved.iter().copied().filter(|a| articles.contains(a)).collect();
    if rounds.is_empty() {
        rounds.extend(saved.first());
    }
    for article in rounds {
        for n in need::waiting_for(tx, article).await? {
            let article = match n.article {
                Some(a) => Some(a),
                None => article_of_reasons(tx, &n).await?,
            };
            if let Some(a) = article {
                orders::assign(work, tx, n, a).await?;
            }
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
pub(super) async fn save_supplier(
    work: &mut Work,
    tx: &mut Tx,
    id: Option<SupplierId>,
    fields: [&str; 4],
    terms: SupplierTerms,
) -> Outcome {
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
    let terms = checked_terms(terms)?;
    let saved = supplier::save(tx, id, &s).await?;
    supplier::save_terms(tx, saved, &terms).await?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(saved.0))
}

fn checked_terms(terms: SupplierTerms) -> Result<SupplierTerms, CommandError> {
    if !(0..=365).contains(&terms.lead_days) {
        return Err(CommandError::invalid("lead_days", "bad-number", "must lie between 0 and 365"));
    }
    if !(0..=MAX_MONEY).contains(&terms.min_order.0) {
        return Err(CommandError::invalid("min_order", "bad-number", format!("must lie between 0 and {MAX_MONEY}")));
    }
    if terms.auto_week_limit.is_some_and(|l| !(1..=MAX_MONEY).contains(&l.0)) {
        let detail = format!("must lie between 1 and {MAX_MONEY}");
        return Err(CommandError::invalid("auto_week_limit", "bad-number", detail));
    }
    if terms.auto_send && terms.auto_week_limit.is_none() {
        let detail = "automatic sending needs a weekly limit";
        return Err(CommandError::invalid("auto_week_limit", "auto-needs-limit", detail));
    }
    let webhook = match terms.webhook.as_deref().map(|w| optional("webhook", w)).transpose()?.filter(|w| !w.is_empty())
    {
        Some(address) if !is_web_address(address) => {
            let detail = format!("{address:?} is no address: write it like https://supplier.example/orders");
            return Err(CommandError::invalid("webhook", "bad-webhook", detail));
        }
        other => other.map(str::to_owned),
    };
    Ok(SupplierTerms { webhook, ..terms })
}

/// http or https with a host and without a login in it.
fn is_web_address(text: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or("");
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let name = host.rsplit_once(':').map_or(host, |(name, port)| if port.parse::<u16>().is_ok() { name } else { host });
    !name.is_empty() && !text.contains(char::is_whitespace) && !host.contains('@')
}

/// Keeps the secret sealed; empty takes it away.
pub(super) async fn set_secret(work: &mut Work, tx: &mut Tx, keeper: &Keeper, id: SupplierId, secret: &str) -> Outcome {
    if supplier::load(tx, id).await?.is_none() {
        return Err(CommandError::NotFound { what: "supplier", id: id.0 }.into());
    }
    let secret = optional("webhook_secret", secret)?;
    if !secret.is_empty() && secret.len() < MIN_SECRET {
        let detail = format!("a secret of at least {MIN_SECRET} bytes");
        return Err(CommandError::invalid("webhook_secret", "webhook-secret-short", detail).into());
    }
    supplier::save_secret(tx, keeper, id, Some(secret).filter(|s| !s.is_empty())).await?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id.0))
}
