//! Stores and stock documents: written, posted, sent, received, taken back; what was reserved.
//!
//! The rules are `workflow::stock`; here balances are loaded, words found for what is refused, and document and moves kept in
//! one transaction.

use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::writer::Work;
use super::super::{foresight, plan};
use super::{Failure, Outcome, optional, required};
use crate::forecast::Replacement;
use crate::model::{
    ArticleId, DeviceId, DocumentId, DocumentKind, DocumentOrigin, DocumentStatus, FoundElsewhere, Millis, NewDocument,
    NewReservation, ReservationId, SAME_REPLACEMENT_MS, SiteId, StockDocument, StockLine, StockMove, StockStore,
    StoreId, SupplyId,
};
use crate::store::{Tx, article, order, site, stock, supply};
use crate::workflow::stock::{self as rules, Balances, KnownIssue, Refusal};

/// A button pressed twice.
const TWICE_MS: i64 = 10 * Millis::SECOND;

pub(super) async fn add_store(work: &mut Work, tx: &mut Tx, site: SiteId, name: &str) -> Outcome {
    let name = required("name", name)?;
    if !site::exists(tx, site).await? {
        return Err(CommandError::NotFound { what: "site", id: site.0 }.into());
    }
    let id = stock::add_store(tx, site, name).await?;
    work.changed(Topic::Stock, None);
    Ok(Done::changed(id.0))
}

async fn store_of(tx: &mut Tx, id: StoreId) -> Result<StockStore, Failure> {
    Ok(stock::load_store(tx, id).await?.ok_or(CommandError::NotFound { what: "store", id: id.0 })?)
}

/// A store that still takes and gives.
async fn open_store(tx: &mut Tx, id: StoreId) -> Result<StockStore, Failure> {
    let store = store_of(tx, id).await?;
    if store.archived {
        let detail = "an archived store takes and gives nothing".to_owned();
        return Err(CommandError::WrongState { what: "store", id: id.0, state: "archived".into(), detail }.into());
    }
    Ok(store)
}

pub(super) async fn rename_store(work: &mut Work, tx: &mut Tx, id: StoreId, name: &str) -> Outcome {
    let name = required("name", name)?;
    if store_of(tx, id).await?.name == name {
        return Ok(Done::already(id.0));
    }
    stock::rename_store(tx, id, name).await?;
    work.changed(Topic::Stock, None);
    Ok(Done::changed(id.0))
}

pub(super) async fn archive_store(work: &mut Work, tx: &mut Tx, id: StoreId) -> Outcome {
    if store_of(tx, id).await?.archived {
        return Ok(Done::already(id.0));
    }
    if stock::is_used(tx, id).await? {
        let detail = "the store still holds something: move or write it off, and close its drafts and reservations";
        return Err(CommandError::invalid("store", "store-in-use", detail).into());
    }
    stock::archive_store(tx, id).await?;
    work.changed(Topic::Stock, None);
    Ok(Done::changed(id.0))
}

/// The branch's main store, made when it is first needed.
pub(in crate::engine) async fn main_store(
    work: &mut Work,
    tx: &mut Tx,
    site: SiteId,
) -> Result<StoreId, crate::store::StoreError> {
    let language = work.language(tx).await?;
    stock::main_store(tx, site, rules::main_store_name(&language)).await
}

/// What lies in the stores these lines touch.
async fn held(tx: &mut Tx, moves: impl Iterator<Item = (StoreId, ArticleId, bool)>) -> Result<Balances, Failure> {
    let mut balances = Balances::default();
    for (store, article, used) in moves {
        balances.set(store, article, used, stock::on_hand(tx, store, article, used).await?);
    }
    Ok(balances)
}

/// A refusal in words: which store, which article, what is there, what to do.
async fn explained(tx: &mut Tx, refusal: Refusal) -> Result<CommandError, Failure> {
    let invalid = |code, detail: &str| Ok(CommandError::invalid("lines", code, detail));
    Ok(match refusal {
        Refusal::NoLines => return invalid("no-lines", "the document has no lines"),
        Refusal::TooManyLines => return invalid("too-many-lines", "more than 1000 lines: write several documents"),
        Refusal::OtherStore => {
            return Ok(CommandError::invalid(
                "to_store",
                "other-store",
                "a transfer needs two stores, nothing else does",
            ));
        }
        Refusal::WrongStatus => return invalid("wrong-kind", "such a document is not posted or taken back this way"),
        Refusal::BadQuantity { article } => {
            let (article, most) = (part(tx, article).await?, rules::MAX_QUANTITY);
            let detail = format!("{article}: pieces must lie between 1 and {most}, 0 only in a count");
            CommandError::Explained { field: "lines", code: "bad-pieces", detail, values: vec![("article", article)] }
        }
        Refusal::Twice { article } => {
            let article = part(tx, article).await?;
            let detail = format!("{article} stands on two lines: put them together");
            CommandError::Explained { field: "lines", code: "line-twice", detail, values: vec![("article", article)] }
        }
        Refusal::NotEnough { store, article, on_hand, wanted } => {
            let store = store_of(tx, store).await?.name;
            let article = part(tx, article).await?;
            let detail = format!("store {store} holds {on_hand} of {article}, {wanted} are wanted: count it first");
            let values = vec![
                ("store", store),
                ("article", article),
                ("hand", on_hand.to_string()),
                ("wanted", wanted.to_string()),
            ];
            CommandError::Explained { field: "lines", code: "not-enough", detail, values }
        }
        Refusal::BooksMoved { article, expected, now } => {
            let article = part(tx, article).await?;
            let detail = format!("while {article} was counted the books went from {expected} to {now}: look again");
            let values = vec![("article", article), ("expected", expected.to_string()), ("now", now.to_string())];
            CommandError::Explained { field: "lines", code: "books-moved", detail, values }
        }
    })
}

async fn part(tx: &mut Tx, id: ArticleId) -> Result<String, Failure> {
    Ok(article::load(tx, id).await?.map_or_else(|| format!("№ {id}"), |a| a.part_number))
}

/// What posting moves, or why not.
async fn judged(tx: &mut Tx, d: &StockDocument, seen: bool) -> Result<Vec<StockMove>, Failure> {
    let used = d.kind.of_empties();
    let held = held(tx, d.lines.iter().map(|l| (d.store, l.article, used))).await?;
    match rules::post(d.kind, d.store, d.to_store, &d.lines, &held, seen) {
        Ok(moves) => Ok(moves),
        Err(refusal) => Err(explained(tx, refusal).await?.into()),
    }
}

/// The same lines, a count's with what the books say now.
async fn with_expected(
    tx: &mut Tx,
    kind: DocumentKind,
    store: StoreId,
    lines: &[StockLine],
) -> Result<Vec<StockLine>, Failure> {
    let mut lines = lines.to_vec();
    if kind == DocumentKind::Count {
        for line in &mut lines {
            line.expected = Some(stock::on_hand(tx, store, line.article, false).await?);
        }
    }
    Ok(lines)
}

fn posted_as(kind: DocumentKind) -> DocumentStatus {
    if kind == DocumentKind::Transfer { DocumentStatus::InTransit } else { DocumentStatus::Posted }
}

/// Issues told of this supply since some days before `from`.
async fn known_issues(
    tx: &mut Tx,
    supply: SupplyId,
    from: Millis,
) -> Result<Vec<KnownIssue>, crate::store::StoreError> {
    let rows = stock::issues_of(tx, supply, from.plus(-SAME_REPLACEMENT_MS)).await?;
    let known = |(id, origin, status, matched, at)| KnownIssue { id, origin, status, matched, at };
    Ok(rows.into_iter().map(known).collect())
}

async fn supply_of(tx: &mut Tx, d: &NewDocument) -> Result<Option<SupplyId>, Failure> {
    let (Some(device), Some(index)) = (d.device, &d.supply_index) else { return Ok(None) };
    let all = supply::of_device(tx, device).await?;
    let found = all.iter().find(|s| s.state.index == *index).map(|s| s.id);
    Ok(Some(found.ok_or(CommandError::NotFound { what: "supply of the device", id: device.0 })?))
}

/// The key of a form as it is kept: never one of ours.
fn form_key(key: Option<&str>) -> Result<Option<String>, CommandError> {
    let Some(key) = key.map(str::trim).filter(|k| !k.is_empty()) else { return Ok(None) };
    Ok(Some(format!("form:{}", optional("key", key)?)))
}

/// A document as a person wrote it: kept, posted or sent.
pub(super) async fn write(work: &mut Work, tx: &mut Tx, actor: &Actor, new: NewDocument) -> Outcome {
    let key = form_key(new.key.as_deref())?;
    if let Some(key) = &key
        && let Some(id) = stock::by_key(tx, key).await?
    {
        return Ok(Done::already(id.0));
    }
    let store = match (new.store, new.site) {
        (Some(store), _) => open_store(tx, store).await?.id,
        (None, Some(site)) if site::exists(tx, site).await? => main_store(work, tx, site).await?,
        (None, Some(site)) => return Err(CommandError::NotFound { what: "site", id: site.0 }.into()),
        (None, None) => return Err(CommandError::invalid("store", "required", "name a store or a branch").into()),
    };
    if let Some(to) = new.to_store {
        open_store(tx, to).await?;
    }
    let note = optional("note", &new.note)?;
    if new.kind == DocumentKind::WriteOff && note.is_empty() {
        return Err(CommandError::invalid("note", "say-why", "say why it is written off").into());
    }
    if let Err(refusal) = rules::check(new.kind, store, new.to_store, &new.lines) {
        return Err(explained(tx, refusal).await?.into());
    }
    for line in &new.lines {
        if article::load(tx, line.article).await?.is_none() {
            return Err(CommandError::NotFound { what: "article", id: line.article.0 }.into());
        }
    }
    if let Some(device) = new.device
        && work.known(tx, device).await?.is_none()
    {
        return Err(CommandError::NotFound { what: "device", id: device.0 }.into());
    }
    let supply = supply_of(tx, &new).await?;
    if new.kind == DocumentKind::Issue
        && !new.draft
        && let Some(supply) = supply
        && let Some(done) = as_detected(work, tx, actor, supply, store, &new.lines).await?
    {
        return Ok(done);
    }
    let status = if new.draft { DocumentStatus::Draft } else { posted_as(new.kind) };
    let head = stock::Head {
        to_store: new.to_store,
        device: new.device,
        supply,
        origin_key: key.as_deref(),
        note,
        ..stock::Head::new(new.kind, status, store, DocumentOrigin::Person)
    };
    keep(work, tx, actor, &head, &new.lines).await
}

/// Adds a document, with its moves when it is no draft.
async fn keep(work: &mut Work, tx: &mut Tx, actor: &Actor, head: &stock::Head<'_>, lines: &[StockLine]) -> Outcome {
    let now = work.now;
    if head.status == DocumentStatus::Draft {
        let id = stock::add(tx, head, lines, &actor.who, now).await?;
        work.changed(Topic::Stock, head.device);
        return Ok(Done::changed(id.0));
    }
    let document = StockDocument {
        id: DocumentId(0),
        number: String::new(),
        kind: head.kind,
        status: head.status,
        store: head.store,
        to_store: head.to_store,
        order: head.order,
        device: head.device,
        supply: head.supply,
        reverses: None,
        origin: head.origin,
        note: String::new(),
        created_at: now,
        lines: lines.to_vec(),
    };
    let moves = judged(tx, &document, false).await?;
    let lines = with_expected(tx, head.kind, head.store, lines).await?;
    let id = stock::add(tx, head, &lines, &actor.who, now).await?;
    stock::add_moves(tx, id, &moves, now).await?;
    given_out(work, tx, &document).await?;
    replan(work, tx, &moves).await?;
    replan_far_end(work, tx, &document).await?;
    Ok(Done::changed(id.0))
}

/// What these stores need is another thing now.
async fn replan(work: &mut Work, tx: &mut Tx, moves: &[StockMove]) -> Result<(), Failure> {
    let mut pools = Vec::new();
    for m in moves.iter().filter(|m| !m.used) {
        let pool = (store_of(tx, m.store).await?.site, m.article);
        if !pools.contains(&pool) {
            pools.push(pool);
        }
    }
    for (site, article) in pools {
        plan::pool(work, tx, site, article).await?;
    }
    Ok(())
}

/// Goods of a transfer are on their way to the other store, or no more.
async fn replan_far_end(work: &mut Work, tx: &mut Tx, d: &StockDocument) -> Result<(), Failure> {
    let Some(to) = d.to_store else { return Ok(()) };
    let site = store_of(tx, to).await?.site;
    for line in &d.lines {
        plan::pool(work, tx, site, line.article).await?;
    }
    Ok(())
}

/// What was reserved for a device needs no reservation once the device has it; and its forecast knows of the piece at once.
async fn given_out(work: &mut Work, tx: &mut Tx, d: &StockDocument) -> Result<(), Failure> {
    if let (DocumentKind::Issue, Some(device)) = (d.kind, d.device) {
        for line in &d.lines {
            stock::release_for(tx, d.store, line.article, device, work.now).await?;
        }
        if let Some(supply) = d.supply.filter(|_| d.origin == DocumentOrigin::Person) {
            foresight::issued(work, tx, device, supply, work.now, false).await?;
        }
    }
    work.changed(Topic::Stock, d.device);
    Ok(())
}

/// A person tells a replacement that was detected already: its draft is posted, or it is posted already.
async fn as_detected(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    supply: SupplyId,
    store: StoreId,
    lines: &[StockLine],
) -> Result<Option<Done>, Failure> {
    let issues = known_issues(tx, supply, work.now).await?;
    let Some(found) = rules::detected_already(&issues, work.now) else { return Ok(None) };
    if found.status == DocumentStatus::Posted {
        return Ok(Some(Done::already(found.id.0)));
    }
    stock::set_lines(tx, found.id, lines).await?;
    stock::set_store(tx, found.id, store).await?;
    post_draft(work, tx, actor, found.id).await.map(Some)
}

async fn load(tx: &mut Tx, id: DocumentId) -> Result<StockDocument, Failure> {
    Ok(stock::load(tx, id).await?.ok_or(CommandError::NotFound { what: "stock document", id: id.0 })?)
}

fn wrong_state(d: &StockDocument, detail: &str) -> Failure {
    let state = d.status.as_str().to_owned();
    CommandError::WrongState { what: "stock document", id: d.id.0, state, detail: detail.into() }.into()
}

pub(super) async fn post_draft(work: &mut Work, tx: &mut Tx, actor: &Actor, id: DocumentId) -> Outcome {
    let d = load(tx, id).await?;
    match d.status {
        DocumentStatus::Draft => {}
        DocumentStatus::Posted | DocumentStatus::InTransit => return Ok(Done::already(id.0)),
        _ => return Err(wrong_state(&d, "only a draft can be posted")),
    }
    open_store(tx, d.store).await?;
    // Seen by the device itself: the piece is gone, whatever the books say.
    let moves = judged(tx, &d, d.origin == DocumentOrigin::Detection).await?;
    let lines = with_expected(tx, d.kind, d.store, &d.lines).await?;
    stock::set_lines(tx, id, &lines).await?;
    stock::posted(tx, id, posted_as(d.kind), &actor.who, work.now).await?;
    stock::add_moves(tx, id, &moves, work.now).await?;
    if d.origin == DocumentOrigin::Detection {
        supply::judge_replacement(tx, id, "confirmed").await?;
    }
    given_out(work, tx, &d).await?;
    replan(work, tx, &moves).await?;
    replan_far_end(work, tx, &d).await?;
    Ok(Done::changed(id.0))
}

pub(super) async fn send(work: &mut Work, tx: &mut Tx, actor: &Actor, id: DocumentId) -> Outcome {
    let d = load(tx, id).await?;
    if d.kind != DocumentKind::Transfer {
        return Err(wrong_state(&d, "only a transfer is sent"));
    }
    post_draft(work, tx, actor, id).await
}

pub(super) async fn receive(work: &mut Work, tx: &mut Tx, id: DocumentId) -> Outcome {
    let d = load(tx, id).await?;
    if d.kind == DocumentKind::Transfer && d.status == DocumentStatus::Posted {
        return Ok(Done::already(id.0));
    }
    let Ok(moves) = rules::receive(&d) else {
        return Err(wrong_state(&d, "only a transfer that was sent is received"));
    };
    stock::received(tx, id, work.now).await?;
    stock::add_moves(tx, id, &moves, work.now).await?;
    replan(work, tx, &moves).await?;
    work.changed(Topic::Stock, None);
    Ok(Done::changed(id.0))
}

pub(super) async fn reverse(work: &mut Work, tx: &mut Tx, actor: &Actor, id: DocumentId, note: &str) -> Outcome {
    let d = load(tx, id).await?;
    if d.status == DocumentStatus::Reversed {
        return Ok(Done::already(id.0));
    }
    let note = optional("note", note)?;
    let moved = stock::moves(tx, id).await?;
    let held = held(tx, moved.iter().map(|m| (m.store, m.article, m.used))).await?;
    let moves = match rules::reverse(&d, &moved, &held) {
        Ok(moves) => moves,
        Err(Refusal::WrongStatus) => {
            return Err(wrong_state(&d, "only a posted document, and no reversal, is taken back"));
        }
        Err(refusal) => return Err(explained(tx, refusal).await?.into()),
    };
    let head = stock::Head {
        to_store: d.to_store,
        order: d.order,
        device: d.device,
        reverses: Some(id),
        note,
        ..stock::Head::new(DocumentKind::Reversal, DocumentStatus::Posted, d.store, DocumentOrigin::Person)
    };
    let reversal = stock::add(tx, &head, &d.lines, &actor.who, work.now).await?;
    stock::add_moves(tx, reversal, &moves, work.now).await?;
    if let (DocumentKind::Issue, Some(device), Some(supply)) = (d.kind, d.device, d.supply) {
        foresight::issued(work, tx, device, supply, d.created_at, true).await?;
    }
    stock::set_status(tx, id, DocumentStatus::Reversed).await?;
    replan(work, tx, &moves).await?;
    replan_far_end(work, tx, &d).await?;
    if let (Some(of), DocumentKind::Receipt) = (d.order, d.kind) {
        let back: Vec<(ArticleId, i64)> = d.lines.iter().map(|l| (l.article, l.quantity)).collect();
        order::take_back(tx, of, &back).await?;
        work.changed(Topic::Order, None);
    }
    work.changed(Topic::Stock, d.device);
    Ok(Done::changed(reversal.0))
}

pub(super) async fn drop_draft(work: &mut Work, tx: &mut Tx, id: DocumentId, found: Option<FoundElsewhere>) -> Outcome {
    let d = load(tx, id).await?;
    match d.status {
        DocumentStatus::Dropped => return Ok(Done::already(id.0)),
        DocumentStatus::Draft => {}
        _ => return Err(wrong_state(&d, "what was posted is not dropped: reverse it")),
    }
    match (found, d.origin) {
        (None, _) => {}
        (Some(found), DocumentOrigin::Detection) => supply::judge_replacement(tx, id, found.as_str()).await?,
        (Some(_), _) => return Err(wrong_state(&d, "no device told of this one")),
    }
    stock::set_status(tx, id, DocumentStatus::Dropped).await?;
    // What is not moved is bought.
    replan_far_end(work, tx, &d).await?;
    work.changed(Topic::Stock, d.device);
    Ok(Done::changed(id.0))
}

pub(super) async fn reserve(work: &mut Work, tx: &mut Tx, actor: &Actor, mut r: NewReservation) -> Outcome {
    let store = open_store(tx, r.store).await?;
    r.note = optional("note", &r.note)?.to_owned();
    let Some(found) = article::load(tx, r.article).await? else {
        return Err(CommandError::NotFound { what: "article", id: r.article.0 }.into());
    };
    if let Some(device) = r.device
        && work.known(tx, device).await?.is_none()
    {
        return Err(CommandError::NotFound { what: "device", id: device.0 }.into());
    }
    if !(1..=rules::MAX_QUANTITY).contains(&r.quantity) {
        let detail = format!("must lie between 1 and {}", rules::MAX_QUANTITY);
        return Err(CommandError::invalid("quantity", "bad-number", detail).into());
    }
    if let Some(id) = stock::reserved_since(tx, &r, work.now.plus(-TWICE_MS)).await? {
        return Ok(Done::already(id.0));
    }
    let hand = stock::on_hand(tx, r.store, r.article, false).await?;
    let free = hand - stock::reserved(tx, r.store, r.article).await?;
    if free < r.quantity {
        let detail =
            format!("store {} has {free} of {} free, {} are wanted", store.name, found.part_number, r.quantity);
        let values = vec![("store", store.name), ("article", found.part_number), ("free", free.max(0).to_string())];
        return Err(CommandError::Explained { field: "quantity", code: "not-free", detail, values }.into());
    }
    let id = stock::reserve(tx, &r, &actor.who, work.now).await?;
    work.changed(Topic::Stock, r.device);
    Ok(Done::changed(id.0))
}

pub(super) async fn release(work: &mut Work, tx: &mut Tx, id: ReservationId) -> Outcome {
    match stock::release(tx, id, work.now).await? {
        None => Err(CommandError::NotFound { what: "reservation", id: id.0 }.into()),
        Some(false) => Ok(Done::already(id.0)),
        Some(true) => {
            work.changed(Topic::Stock, None);
            Ok(Done::changed(id.0))
        }
    }
}

/// A shorter serial number is a placeholder.
const SERIAL: usize = 4;

/// The key of a replacement the estimator found.
fn replacement_key(supply: SupplyId, at: Millis) -> String {
    format!("replaced:{supply}:{}", at.0)
}

/// A supply was replaced, as the estimator found it out: an issue of one piece waits for a person, once for each replacement,
/// and not when a person told of it before. The article whose pool is another one now.
pub(in crate::engine) async fn replaced(
    work: &mut Work,
    tx: &mut Tx,
    device: DeviceId,
    site: SiteId,
    id: SupplyId,
    found: &Replacement,
) -> crate::store::Result<Option<ArticleId>> {
    let of_device = supply::of_device(tx, device).await?;
    let Some(row) = of_device.iter().find(|s| s.id == id) else { return Ok(None) };
    let Some(article) = row.article else { return Ok(None) };
    // Its number was read in another device: it left no shelf.
    if let Some(serial) = row.state.serial.as_deref().map(str::trim).filter(|s| s.len() >= SERIAL)
        && supply::was_elsewhere(tx, id, serial).await?
    {
        supply::judged(tx, id, found.at, FoundElsewhere::Moved.as_str()).await?;
        return Ok(None);
    }
    let key = replacement_key(id, found.at);
    if stock::by_key(tx, &key).await?.is_some() {
        return Ok(None);
    }
    let slack = found.slack_ms();
    let issues = known_issues(tx, id, found.at.plus(-slack)).await?;
    if let Some(told) = rules::told_already(&issues, found.at, slack) {
        stock::matched(tx, told.id, Some(&key)).await?;
        return Ok(Some(article));
    }
    let store = main_store(work, tx, site).await?;
    let head = stock::Head {
        device: Some(device),
        supply: Some(id),
        origin_key: Some(&key),
        matched_key: Some(&key),
        ..stock::Head::new(DocumentKind::Issue, DocumentStatus::Draft, store, DocumentOrigin::Detection)
    };
    stock::add(tx, &head, &[StockLine::of(article, 1)], "anykey", work.now).await?;
    work.changed(Topic::Stock, Some(device));
    Ok(Some(article))
}

/// It was the old one after all: a draft that waits goes, what a person posted stays and waits for the real replacement.
pub(in crate::engine) async fn not_replaced(
    work: &mut Work,
    tx: &mut Tx,
    device: DeviceId,
    id: SupplyId,
    at: Millis,
) -> crate::store::Result<Option<ArticleId>> {
    let Some(document) = stock::by_key(tx, &replacement_key(id, at)).await? else { return Ok(None) };
    let Some(d) = stock::load(tx, document).await? else { return Ok(None) };
    match (d.origin, d.status) {
        (DocumentOrigin::Detection, DocumentStatus::Draft) => {
            stock::set_status(tx, document, DocumentStatus::Dropped).await?;
        }
        (DocumentOrigin::Person, _) => stock::matched(tx, document, None).await?,
        _ => return Ok(None),
    }
    work.changed(Topic::Stock, Some(device));
    Ok(d.lines.first().map(|l| l.article))
}
