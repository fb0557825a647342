//! Needs and orders: a person gives an article, changes quantities, approves once, receives.

use super::super::action;
use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Outcome, optional};
use crate::model::{ArticleId, Need, NeedId, NeedStatus, Notice, Order, OrderId, OrderLineId, OrderStatus, SupplyId};
use crate::store::{Tx, article, need, order, outbox, supply};
use crate::workflow::reorder;

const MAX_QUANTITY: i64 = 10_000;

async fn load(tx: &mut Tx, id: OrderId) -> Result<Order, super::Failure> {
    Ok(order::load(tx, id).await?.ok_or(CommandError::NotFound { what: "order", id: id.0 })?)
}

fn wrong_state(o: &Order, detail: &str) -> CommandError {
    CommandError::WrongState { what: "order", id: o.id.0, state: o.status.as_str().into(), detail: detail.into() }
}

/// Approved and queued to leave in one commit; the key makes a second time impossible.
pub(super) async fn approve(work: &mut Work, tx: &mut Tx, actor: &Actor, id: OrderId) -> Outcome {
    let o = load(tx, id).await?;
    match o.status {
        OrderStatus::Draft => {}
        // Two people pressed it, or one did twice.
        OrderStatus::Approved | OrderStatus::Sent => return Ok(Done::already(id.0)),
        _ => return Err(wrong_state(&o, "only a draft can be approved").into()),
    }
    if o.lines.is_empty() {
        return Err(CommandError::invalid("lines", "empty-order", "the order has no lines").into());
    }
    if o.supplier.email.trim().is_empty() {
        let detail = format!("supplier {} has no e-mail address", o.supplier.name);
        return Err(CommandError::invalid("email", "no-email", detail).into());
    }
    order::approve(tx, id, &actor.who, work.now).await?;
    let approved = load(tx, id).await?;
    let recipient = approved.supplier.email.clone();
    outbox::add(tx, &outbox::order_key(id), "mail", &recipient, &Notice::Order { order: approved }, work.now).await?;
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

pub(super) async fn receive(work: &mut Work, tx: &mut Tx, id: OrderId) -> Outcome {
    let o = load(tx, id).await?;
    match o.status {
        OrderStatus::Received => return Ok(Done::already(id.0)),
        OrderStatus::Approved | OrderStatus::Sent => {}
        _ => return Err(wrong_state(&o, "only an order that was placed can be received").into()),
    }
    order::receive(tx, id, work.now).await?;
    // The goods are here: an unsent mail would order them again.
    outbox::cancel(tx, &outbox::order_key(id)).await?;
    work.changed(Topic::Order, None);
    work.changed(Topic::Need, None);
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
        order::set_line_quantity(tx, line, quantity).await?;
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
    assign(work, tx, n, article).await
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
