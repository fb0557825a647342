//! Needs and orders: a person gives an article, changes quantities, approves once, receives.

use super::super::action;
use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::plan;
use super::super::writer::Work;
use super::{Outcome, optional, required};
use crate::model::{
    ArticleId, DocumentKind, DocumentOrigin, DocumentStatus, Millis, Need, NeedId, NeedStatus, Notice, Order, OrderId,
    OrderLine, OrderLineId, OrderStatus, ReceivedLine, StockLine, StockMove, SupplyId,
};
use crate::store::{Tx, article, drafts, need, order, outbox, position, stock, supplier, supply, supply_article};
use crate::workflow::stock::{self as rules, ReceiptRefusal};
use crate::workflow::{planner, reorder};

const MAX_QUANTITY: i64 = 10_000;
/// No delivery is promised further away.
const FURTHEST_MS: i64 = 731 * Millis::DAY;

async fn load(tx: &mut Tx, id: OrderId) -> Result<Order, super::Failure> {
    Ok(order::load(tx, id).await?.ok_or(CommandError::NotFound { what: "order", id: id.0 })?)
}

fn wrong_state(o: &Order, detail: &str) -> CommandError {
    CommandError::WrongState { what: "order", id: o.id.0, state: o.status.as_str().into(), detail: detail.into() }
}

/// Approved and queued to leave in one commit; the key makes a second time impossible.
pub(in crate::engine) async fn approve(work: &mut Work, tx: &mut Tx, actor: &Actor, id: OrderId) -> Outcome {
    let o = load(tx, id).await?;
    match o.status {
        OrderStatus::Draft => {}
        // Two people pressed it, or one did twice.
        s if s.is_open() => return Ok(Done::already(id.0)),
        _ => return Err(wrong_state(&o, "only a draft can be approved").into()),
    }
    if o.lines.is_empty() {
        return Err(CommandError::invalid("lines", "empty-order", "the order has no lines").into());
    }
    if o.supplier.email.trim().is_empty() {
        let detail = format!("supplier {} has no e-mail address", o.supplier.name);
        return Err(CommandError::invalid("email", "no-email", detail).into());
    }
    // The money is looked at as it is now, not as it was at the last tick.
    crate::engine::drafts::budget(work, tx, o.site).await?;
    let waits = drafts::cut_lines(tx, id).await?;
    if waits.len() == o.lines.len() {
        let detail = "the month's limit of the branch is spent: say for a line why it is bought all the same";
        return Err(CommandError::invalid("lines", "over-budget", detail).into());
    }
    order::approve(tx, id, &actor.who, work.now).await?;
    if !waits.is_empty() {
        let next = order::draft(tx, o.site, o.supplier.id, work.now).await?;
        drafts::leave(tx, id, next).await?;
    }
    let (promised, took) = position::lead_days(tx, o.supplier.id).await?;
    let usual = planner::lead_time(promised, &took).mean_days;
    order::expect(tx, id, work.now.plus((usual * Millis::DAY as f64) as i64)).await?;
    let approved = load(tx, id).await?;
    let webhook = supplier::terms(tx, o.supplier.id).await?.webhook;
    let (channel, recipient) = match webhook {
        Some(address) => ("webhook", address),
        None => ("mail", approved.supplier.email.clone()),
    };
    outbox::add(tx, &outbox::order_key(id), channel, &recipient, &Notice::Order { order: approved }, work.now).await?;
    work.changed(Topic::Order, None);
    work.changed(Topic::Need, None);
    Ok(Done::changed(id.0))
}

/// Until the mail has left.
pub(super) async fn cancel(work: &mut Work, tx: &mut Tx, id: OrderId) -> Outcome {
    let o = load(tx, id).await?;
    match o.status {
        OrderStatus::Cancelled => return Ok(Done::already(id.0)),
        OrderStatus::Draft => {}
        OrderStatus::Approved => {
            if !outbox::cancel(tx, &outbox::order_key(id)).await? {
                return Err(wrong_state(&o, "its mail is being sent at this moment").into());
            }
        }
        _ => return Err(wrong_state(&o, "the supplier already has it").into()),
    }
    order::cancel(tx, id).await?;
    work.changed(Topic::Order, None);
    work.changed(Topic::Need, None);
    Ok(Done::changed(id.0))
}

/// What came.
#[derive(Clone, Copy)]
struct Goods<'a> {
    lines: &'a [ReceivedLine],
    /// More than was ordered is meant.
    more: bool,
    key: Option<&'a str>,
}

/// All that is still to come has come.
pub(super) async fn receive(work: &mut Work, tx: &mut Tx, actor: &Actor, id: OrderId) -> Outcome {
    let o = load(tx, id).await?;
    if o.status == OrderStatus::Closed {
        return Ok(Done::already(id.0));
    }
    let left = |l: &OrderLine| ReceivedLine { line: l.id, quantity: (l.quantity - l.received).max(0) };
    let lines: Vec<ReceivedLine> = o.lines.iter().map(left).collect();
    receive_lines(work, tx, actor, id, Goods { lines: &lines, more: false, key: None }).await
}

/// These lines, `more` than ordered when that is meant, under the key of a form.
pub(super) async fn receive_some(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    id: OrderId,
    (lines, more, key): (&[ReceivedLine], bool, Option<&str>),
) -> Outcome {
    receive_lines(work, tx, actor, id, Goods { lines, more, key }).await
}

/// Goods become a posted receipt into the branch's main store, needs whose pieces came close, the order with its last piece.
async fn receive_lines(work: &mut Work, tx: &mut Tx, actor: &Actor, id: OrderId, goods: Goods<'_>) -> Outcome {
    let key = goods.key.map(|k| optional("key", k)).transpose()?.filter(|k| !k.is_empty());
    let key = key.map(|k| format!("form:receipt:{id}:{k}"));
    if let Some(key) = &key
        && stock::by_key(tx, key).await?.is_some()
    {
        return Ok(Done::already(id.0));
    }
    let o = load(tx, id).await?;
    if !o.status.is_open() {
        return Err(wrong_state(&o, "only an order that was placed, and is not closed, can be received").into());
    }
    let (after, complete) = rules::receipt(&o.lines, goods.lines, goods.more).map_err(|r| not_taken(&o, r))?;
    order::receive(tx, id, &after, complete, work.now).await?;
    // The goods are here: an unsent mail would order them again.
    outbox::cancel(tx, &outbox::order_key(id)).await?;
    let lines: Vec<StockLine> = after
        .iter()
        .filter_map(|(line, now)| o.lines.iter().find(|l| l.id == *line).map(|l| (l, now - l.received)))
        .map(|(l, came)| StockLine { price: l.price, ..StockLine::of(l.article.id, came) })
        .collect();
    let store = super::stock::main_store(work, tx, o.site).await?;
    let head = stock::Head {
        order: Some(id),
        origin_key: key.as_deref(),
        ..stock::Head::new(DocumentKind::Receipt, DocumentStatus::Posted, store, DocumentOrigin::Order)
    };
    let document = stock::add(tx, &head, &lines, &actor.who, work.now).await?;
    let into = |l: &StockLine| StockMove { store, article: l.article, used: false, delta: l.quantity };
    let moves: Vec<StockMove> = lines.iter().map(into).collect();
    stock::add_moves(tx, document, &moves, work.now).await?;
    for topic in [Topic::Order, Topic::Need, Topic::Stock] {
        work.changed(topic, None);
    }
    Ok(Done::changed(id.0))
}

fn not_taken(o: &Order, refusal: ReceiptRefusal) -> CommandError {
    let part = |line: OrderLineId| {
        let found = o.lines.iter().find(|l| l.id == line);
        found.map_or_else(|| line.to_string(), |l| l.article.part_number.clone())
    };
    match refusal {
        ReceiptRefusal::Nothing => CommandError::invalid("lines", "nothing-came", "say how many pieces came"),
        ReceiptRefusal::NoLine(line) => CommandError::NotFound { what: "line of this order", id: line.0 },
        ReceiptRefusal::BadQuantity(line) => {
            let detail = format!("{}: pieces must lie between 0 and {MAX_QUANTITY}", part(line));
            CommandError::invalid("lines", "bad-number", detail)
        }
        ReceiptRefusal::More { line, left } => {
            let article = part(line);
            let detail = format!("{article}: {left} were still to come; say that more is meant, or write fewer");
            let values = vec![("article", article), ("left", left.to_string())];
            CommandError::Explained { field: "lines", code: "more-than-ordered", detail, values }
        }
    }
}

/// The supplier's word; again with another day it is a new day.
pub(super) async fn confirm(work: &mut Work, tx: &mut Tx, id: OrderId, expected: Option<Millis>) -> Outcome {
    let o = load(tx, id).await?;
    if !o.status.is_open() {
        return Err(wrong_state(&o, "only an order that was placed, and is not closed, can be confirmed").into());
    }
    if expected.is_some_and(|at| at.since(work.now).abs() > FURTHEST_MS) {
        return Err(CommandError::invalid("expected", "bad-day", "the day must lie within two years").into());
    }
    let (life, _) = order::life(tx, id).await?;
    if life.confirmed_at.is_some() && (expected.is_none() || expected == life.expected_at) {
        return Ok(Done::already(id.0));
    }
    order::confirm(tx, id, expected, work.now).await?;
    work.changed(Topic::Order, None);
    Ok(Done::changed(id.0))
}

pub(super) async fn close_rest(work: &mut Work, tx: &mut Tx, id: OrderId) -> Outcome {
    let o = load(tx, id).await?;
    match o.status {
        OrderStatus::Closed | OrderStatus::Cancelled => return Ok(Done::already(id.0)),
        s if s.is_open() => {}
        _ => return Err(wrong_state(&o, "a draft is cancelled, not closed").into()),
    }
    order::close_rest(tx, id, work.now).await?;
    outbox::cancel(tx, &outbox::order_key(id)).await?;
    for line in &o.lines {
        plan::pool(work, tx, o.site, line.article.id).await?;
    }
    work.changed(Topic::Order, None);
    work.changed(Topic::Need, None);
    Ok(Done::changed(id.0))
}

/// A mail to the supplier of an order that is late; once a day.
pub(super) async fn ask_supplier(work: &mut Work, tx: &mut Tx, id: OrderId) -> Outcome {
    let o = load(tx, id).await?;
    let (life, approved) = order::life(tx, id).await?;
    if !life.is_late(o.status, approved, work.now) {
        return Err(wrong_state(&o, "it is not late").into());
    }
    if o.supplier.email.trim().is_empty() {
        let detail = format!("supplier {} has no e-mail address", o.supplier.name);
        return Err(CommandError::invalid("email", "no-email", detail).into());
    }
    let recipient = o.supplier.email.clone();
    let day = work.now.0.div_euclid(Millis::DAY);
    let notice = Notice::WhereIs { order: o, ordered_at: approved, expected_at: life.expected_at };
    if !outbox::add(tx, &format!("order-where:{id}:{day}"), "mail", &recipient, &notice, work.now).await? {
        return Ok(Done::already(id.0));
    }
    order::asked(tx, id, work.now).await?;
    work.changed(Topic::Order, None);
    Ok(Done::changed(id.0))
}

/// 0 takes the line off; its need stays open.
pub(super) async fn set_line_quantity(work: &mut Work, tx: &mut Tx, line: OrderLineId, quantity: i64) -> Outcome {
    let not_found = CommandError::NotFound { what: "order line", id: line.0 };
    let Some(id) = order::of_line(tx, line).await? else { return Err(not_found.into()) };
    let o = load(tx, id).await?;
    if o.status != OrderStatus::Draft {
        return Err(wrong_state(&o, "what was approved is not changed: cancel it and order anew").into());
    }
    if !(0..=MAX_QUANTITY).contains(&quantity) {
        let detail = format!("must lie between 0 and {MAX_QUANTITY}");
        return Err(CommandError::invalid("quantity", "bad-number", detail).into());
    }
    if o.lines.iter().any(|l| l.id == line && l.quantity == quantity) {
        return Ok(Done::already(line.0));
    }
    if quantity == 0 {
        order::remove_line(tx, line).await?;
        order::remove_empty_draft(tx, id).await?;
    } else {
        order::take_line(tx, line, quantity).await?;
    }
    work.changed(Topic::Order, None);
    Ok(Done::changed(line.0))
}

/// A line beyond the month's limit is bought all the same; who said why is in the audit.
pub(super) async fn buy_over_budget(work: &mut Work, tx: &mut Tx, line: OrderLineId, reason: &str) -> Outcome {
    let reason = required("reason", reason)?;
    let not_found = CommandError::NotFound { what: "order line", id: line.0 };
    let Some(id) = order::of_line(tx, line).await? else { return Err(not_found.into()) };
    let o = load(tx, id).await?;
    if o.status != OrderStatus::Draft {
        return Err(wrong_state(&o, "only a line of a draft waits for money").into());
    }
    if !drafts::over_budget(tx, line, reason).await? {
        return Ok(Done::already(line.0));
    }
    work.changed(Topic::Order, None);
    Ok(Done::changed(line.0))
}

async fn open_need(tx: &mut Tx, id: NeedId) -> Result<Need, super::Failure> {
    let n = need::load(tx, id).await?.ok_or(CommandError::NotFound { what: "need", id: id.0 })?;
    if n.status == NeedStatus::Open {
        return Ok(n);
    }
    let (state, detail) = (n.status.as_str().to_owned(), "only an open need can be changed".to_owned());
    Err(CommandError::WrongState { what: "need", id: id.0, state, detail }.into())
}

pub(super) async fn set_need_article(work: &mut Work, tx: &mut Tx, id: NeedId, article: ArticleId) -> Outcome {
    let n = open_need(tx, id).await?;
    let reasons = n.reasons.clone();
    let done = assign(work, tx, n, article).await?;
    // A person said it: no rule puts another article in its place, and the model's other devices learn of it.
    for r in &reasons {
        supply_article::keep(tx, r.device, &r.supply_index, article).await?;
    }
    work.catalogue = None;
    Ok(done)
}

/// Gives a need its article, remembers it for the supplies that ask, and puts it on the draft.
pub(super) async fn assign(work: &mut Work, tx: &mut Tx, n: Need, article: ArticleId) -> Outcome {
    let Some(found) = article::load(tx, article).await? else {
        return Err(CommandError::NotFound { what: "article", id: article.0 }.into());
    };
    for reason in &n.reasons {
        let of_device = supply::of_device(tx, reason.device).await?;
        let asking: Option<SupplyId> = of_device.iter().find(|s| s.state.index == reason.supply_index).map(|s| s.id);
        if let Some(asking) = asking {
            supply::set_article(tx, asking, Some(article)).await?;
        }
    }
    let key = reorder::need_key(Some(article), crate::model::DeviceId(0), "");
    let mut kept = n.id;
    let mut quantity = n.quantity;
    match need::by_key(tx, &n.pool, &key).await? {
        // The branch needs this article already: one need, all reasons.
        Some(other) if other.id != n.id => {
            for reason in &n.reasons {
                need::add_reason(tx, other.id, reason).await?;
            }
            quantity += other.quantity;
            need::set_quantity(tx, other.id, quantity).await?;
            action::close_need(work, tx, n.id, "merged").await?;
            kept = other.id;
        }
        Some(_) => {}
        None => {
            // It stood on the draft as another article.
            if let Some((draft, line, _)) = order::draft_line_of(tx, n.id).await? {
                order::remove_line(tx, line).await?;
                order::remove_empty_draft(tx, draft).await?;
            }
            need::set_article(tx, n.id, article, &key).await?;
        }
    }
    action::draft(work, tx, n.site, &found, &key, quantity).await?;
    work.changed(Topic::Need, None);
    work.changed(Topic::Supply, None);
    Ok(Done::changed(kept.0))
}

pub(super) async fn dismiss_need(work: &mut Work, tx: &mut Tx, id: NeedId, reason: &str) -> Outcome {
    let n = open_need(tx, id).await?;
    let reason = optional("reason", reason)?;
    let why = if reason.is_empty() { "dismissed" } else { reason };
    action::close_need(work, tx, n.id, why).await?;
    Ok(Done::changed(id.0))
}
