//! Orders: one draft per (site, supplier), approved once, then sent, confirmed, received piece by piece, closed or cancelled.

use super::article::{self, COLUMNS};
use super::{Result, StoreError, Tx, execute, on_tx, supplier};
use crate::model::{
    Article, ArticleId, Millis, Minor, NeedId, Order, OrderId, OrderLife, OrderLine, OrderLineId, OrderStatus, SiteId,
    SupplierId,
};

#[derive(sqlx::FromRow)]
struct Head {
    number: String,
    site_id: i64,
    site_name: String,
    status: String,
    created_at: i64,
    #[sqlx(flatten)]
    supplier: supplier::Row,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    line_id: i64,
    quantity: i64,
    line_price: Option<i64>,
    line_vat: i64,
    need_id: Option<i64>,
    received: i64,
    #[sqlx(flatten)]
    article: article::Row,
}

/// The whole order with its lines.
pub async fn load(tx: &mut Tx, id: OrderId) -> Result<Option<Order>> {
    let sql = "SELECT o.number, o.site_id, t.name AS site_name, o.status, o.created_at, s.id, s.name, s.email, s.language, \
               s.currency FROM purchase_order o JOIN site t ON t.id = o.site_id JOIN supplier s ON s.id = o.supplier_id \
               WHERE o.id = $1";
    let head: Option<Head> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_optional(c).await?);
    let Some(head) = head else { return Ok(None) };
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT l.id AS line_id, l.quantity, l.price AS line_price, l.vat_percent AS line_vat, l.need_id, l.received, \
         {COLUMNS} \
         FROM order_line l JOIN article a ON a.id = l.article_id WHERE l.order_id = $1 ORDER BY l.id"
    ));
    let lines: Vec<LineRow> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_all(c).await?);
    let lines = lines
        .into_iter()
        .map(|l| {
            let vat_percent = l.line_vat;
            Ok(OrderLine {
                id: OrderLineId(l.line_id),
                article: Article { vat_percent, ..l.article.article()? },
                quantity: l.quantity,
                price: l.line_price.map(Minor),
                need: l.need_id.map(NeedId),
                received: l.received,
            })
        })
        .collect::<Result<_>>()?;
    let status = OrderStatus::parse(&head.status).ok_or_else(|| StoreError::Inconsistent {
        table: "purchase_order",
        column: "status",
        row: id.0,
        value: head.status.clone(),
    })?;
    Ok(Some(Order {
        id,
        number: head.number,
        site: SiteId(head.site_id),
        site_name: head.site_name,
        supplier: head.supplier.into(),
        status,
        created_at: Millis(head.created_at),
        lines,
    }))
}

/// The order a line stands on.
pub async fn of_line(tx: &mut Tx, line: OrderLineId) -> Result<Option<OrderId>> {
    let sql = "SELECT order_id FROM order_line WHERE id = $1";
    let id: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(line.0).fetch_optional(c).await?);
    Ok(id.map(OrderId))
}

/// The branch's one draft to this supplier, made when there is none.
pub async fn draft(tx: &mut Tx, site: SiteId, to: SupplierId, now: Millis) -> Result<OrderId> {
    let sql = "SELECT id FROM purchase_order WHERE site_id = $1 AND supplier_id = $2 AND status = 'draft'";
    let found: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.0).bind(to.0).fetch_optional(c).await?);
    if let Some(id) = found {
        return Ok(OrderId(id));
    }
    let number = next_number(tx, now).await?;
    let sql = "INSERT INTO purchase_order (number, site_id, supplier_id, status, created_at) \
               VALUES ($1, $2, $3, 'draft', $4) RETURNING id";
    let id = on_tx!(tx, |c| {
        sqlx::query_scalar(sql).bind(number).bind(site.0).bind(to.0).bind(now.0).fetch_one(c).await?
    });
    Ok(OrderId(id))
}

/// "2026-0001"; a number is never given twice, even when its draft was thrown away.
async fn next_number(tx: &mut Tx, now: Millis) -> Result<String> {
    let year = jiff::Timestamp::from_millisecond(now.0)
        .map_err(|e| StoreError::Statement { detail: format!("numbering an order: {e}") })?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .year();
    let sql = "INSERT INTO counter (name, value) VALUES ($1, 1) \
               ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value";
    let n: i64 = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(format!("order/{year}")).fetch_one(c).await?);
    Ok(format!("{year}-{n:04}"))
}

/// Puts an article on a draft: the line holds at least `quantity` afterwards.
pub async fn add_line(
    tx: &mut Tx,
    order: OrderId,
    article: &Article,
    quantity: i64,
    need: Option<NeedId>,
) -> Result<OrderLineId> {
    let sql = "INSERT INTO order_line (order_id, article_id, quantity, price, vat_percent, need_id) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (order_id, article_id) DO UPDATE SET \
               quantity = CASE WHEN order_line.quantity > excluded.quantity AND order_line.filler IS NULL \
               THEN order_line.quantity ELSE excluded.quantity END, filler = NULL, need_id = COALESCE(excluded.need_id, order_line.need_id) RETURNING id";
    let id = on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(order.0)
            .bind(article.id.0)
            .bind(quantity)
            .bind(article.price.map(|p| p.0))
            .bind(article.vat_percent)
            .bind(need.map(|n| n.0))
            .fetch_one(c)
            .await?
    });
    Ok(OrderLineId(id))
}

/// A person's quantity: what was put there to fill the order is theirs now.
pub async fn take_line(tx: &mut Tx, line: OrderLineId, quantity: i64) -> Result<()> {
    execute!(tx, "UPDATE order_line SET quantity = $2, filler = NULL WHERE id = $1", line.0, quantity);
    Ok(())
}

pub async fn set_line_quantity(tx: &mut Tx, line: OrderLineId, quantity: i64) -> Result<()> {
    let sql = "UPDATE order_line SET quantity = $2 WHERE id = $1";
    execute!(tx, sql, line.0, quantity);
    Ok(())
}

/// The numbers that made the line, JSON.
pub async fn explain_line(tx: &mut Tx, line: OrderLineId, why: &str) -> Result<()> {
    execute!(tx, "UPDATE order_line SET why = $2 WHERE id = $1", line.0, why);
    Ok(())
}

pub async fn remove_line(tx: &mut Tx, line: OrderLineId) -> Result<()> {
    execute!(tx, "DELETE FROM order_line WHERE id = $1", line.0);
    Ok(())
}

/// A draft without lines is nothing: it goes.
pub async fn remove_empty_draft(tx: &mut Tx, order: OrderId) -> Result<()> {
    let sql = "DELETE FROM purchase_order WHERE id = $1 AND status = 'draft' \
               AND NOT EXISTS (SELECT 1 FROM order_line WHERE order_id = $1)";
    execute!(tx, sql, order.0);
    Ok(())
}

/// The draft line a need stands on: order, line and its quantity.
pub async fn draft_line_of(tx: &mut Tx, need: NeedId) -> Result<Option<(OrderId, OrderLineId, i64)>> {
    let sql = "SELECT l.order_id, l.id, l.quantity FROM order_line l JOIN purchase_order o ON o.id = l.order_id \
               WHERE l.need_id = $1 AND o.status = 'draft' ORDER BY l.id LIMIT 1";
    let row: Option<(i64, i64, i64)> = on_tx!(tx, |c| sqlx::query_as(sql).bind(need.0).fetch_optional(c).await?);
    Ok(row.map(|(order, line, quantity)| (OrderId(order), OrderLineId(line), quantity)))
}

/// Pieces of an article for a branch: on the draft, and placed but not received.
pub async fn pieces(tx: &mut Tx, site: SiteId, article: ArticleId) -> Result<(i64, i64)> {
    let sql = "SELECT CAST(COALESCE(SUM(CASE WHEN o.status = 'draft' THEN l.quantity ELSE 0 END), 0) AS BIGINT), \
               CAST(COALESCE(SUM(CASE WHEN o.status IN ('approved', 'sent', 'confirmed', 'partly-received') \
               AND l.quantity > l.received THEN l.quantity - l.received ELSE 0 END), 0) AS BIGINT) FROM order_line l \
               JOIN purchase_order o ON o.id = l.order_id WHERE o.site_id = $1 AND l.article_id = $2";
    Ok(on_tx!(tx, |c| sqlx::query_as(sql).bind(site.0).bind(article.0).fetch_one(c).await?))
}

/// Draft to approved: prices and quantities are fixed from here on, its needs count as ordered.
pub async fn approve(tx: &mut Tx, order: OrderId, by: &str, now: Millis) -> Result<bool> {
    let sql = "UPDATE purchase_order SET status = 'approved', approved_at = $2, approved_by = $3 \
               WHERE id = $1 AND status = 'draft'";
    let n = execute!(tx, sql, order.0, now.0, by);
    let sql = "UPDATE need SET status = 'ordered' WHERE status = 'open' \
               AND id IN (SELECT need_id FROM order_line WHERE order_id = $1 AND need_id IS NOT NULL AND cut IS NULL)";
    if n == 1 {
        execute!(tx, sql, order.0);
    }
    Ok(n == 1)
}

/// Not bought after all: its needs are open again.
pub async fn cancel(tx: &mut Tx, order: OrderId) -> Result<bool> {
    let sql = "UPDATE purchase_order SET status = 'cancelled' WHERE id = $1 AND status IN ('draft', 'approved')";
    let n = execute!(tx, sql, order.0);
    let sql = "UPDATE need SET status = 'open' WHERE status = 'ordered' \
               AND id IN (SELECT need_id FROM order_line WHERE order_id = $1 AND need_id IS NOT NULL)";
    if n == 1 {
        execute!(tx, sql, order.0);
    }
    Ok(n == 1)
}

/// Goods came: what each line holds now. Needs close when nothing of theirs is on its way any more.
pub async fn receive(
    tx: &mut Tx,
    order: OrderId,
    lines: &[(OrderLineId, i64)],
    complete: bool,
    now: Millis,
) -> Result<bool> {
    let sql = "UPDATE purchase_order SET status = $2, received_at = COALESCE(received_at, $3), closed_at = $4 \
               WHERE id = $1 AND status IN ('approved', 'sent', 'confirmed', 'partly-received')";
    let status = if complete { OrderStatus::Closed } else { OrderStatus::PartlyReceived };
    let closed = complete.then_some(now.0);
    if execute!(tx, sql, order.0, status.as_str(), now.0, closed) != 1 {
        return Ok(false);
    }
    for (line, received) in lines {
        execute!(tx, "UPDATE order_line SET received = $2 WHERE id = $1", line.0, *received);
    }
    close_needs(tx, order, now).await?;
    Ok(true)
}

/// Pieces of a need that came, on whatever order.
const CAME: &str = "(SELECT COALESCE(SUM(c.received), 0) FROM order_line c WHERE c.need_id = need.id)";
/// Something of the need is still on its way.
const COMING: &str = "EXISTS (SELECT 1 FROM order_line w JOIN purchase_order q ON q.id = w.order_id \
                      WHERE w.need_id = need.id AND w.received < w.quantity \
                      AND q.status IN ('approved', 'sent', 'confirmed', 'partly-received'))";
const OF_ORDER: &str = "id IN (SELECT need_id FROM order_line WHERE order_id = $1 AND need_id IS NOT NULL)";

/// Needs of which something came and nothing is on its way any more.
async fn close_needs(tx: &mut Tx, order: OrderId, now: Millis) -> Result<()> {
    let sql = format!(
        "UPDATE need SET status = 'closed', closed_at = $2, closed_why = 'received' WHERE status <> 'closed' AND {OF_ORDER} \
         AND {CAME} > 0 AND NOT {COMING}"
    );
    execute!(tx, sqlx::AssertSqlSafe(sql), order.0, now.0);
    Ok(())
}

/// The rest is not waited for: closed when something came, else cancelled, and its needs are open again.
pub async fn close_rest(tx: &mut Tx, order: OrderId, now: Millis) -> Result<bool> {
    let sql = "UPDATE purchase_order SET closed_at = $2, status = CASE WHEN EXISTS (SELECT 1 FROM order_line l \
               WHERE l.order_id = $1 AND l.received > 0) THEN 'closed' ELSE 'cancelled' END \
               WHERE id = $1 AND status IN ('approved', 'sent', 'confirmed', 'partly-received')";
    if execute!(tx, sql, order.0, now.0) != 1 {
        return Ok(false);
    }
    close_needs(tx, order, now).await?;
    let sql = format!("UPDATE need SET status = 'open' WHERE status = 'ordered' AND {OF_ORDER} AND NOT {COMING}");
    execute!(tx, sqlx::AssertSqlSafe(sql), order.0);
    Ok(true)
}

/// The supplier's word: a day, or a new one.
pub async fn confirm(tx: &mut Tx, order: OrderId, expected: Option<Millis>, now: Millis) -> Result<bool> {
    let sql = "UPDATE purchase_order SET confirmed_at = $2, expected_at = COALESCE($3, expected_at), \
               status = CASE WHEN status = 'partly-received' THEN status ELSE 'confirmed' END \
               WHERE id = $1 AND status IN ('approved', 'sent', 'confirmed', 'partly-received')";
    Ok(execute!(tx, sql, order.0, now.0, expected.map(|e| e.0)) == 1)
}

/// When its goods are expected as long as nobody promised.
pub async fn expect(tx: &mut Tx, order: OrderId, at: Millis) -> Result<()> {
    execute!(tx, "UPDATE purchase_order SET expected_at = $2 WHERE id = $1", order.0, at.0);
    Ok(())
}

pub async fn asked(tx: &mut Tx, order: OrderId, now: Millis) -> Result<()> {
    execute!(tx, "UPDATE purchase_order SET late_asked_at = $2 WHERE id = $1", order.0, now.0);
    Ok(())
}

/// The times of its life, and when it was approved.
pub async fn life(tx: &mut Tx, order: OrderId) -> Result<(OrderLife, Option<Millis>)> {
    let sql =
        "SELECT confirmed_at, expected_at, closed_at, late_asked_at, approved_at FROM purchase_order WHERE id = $1";
    type Row = (Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>);
    let row: Option<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(order.0).fetch_optional(c).await?);
    let Some((confirmed, expected, closed, asked, approved)) = row else { return Ok(Default::default()) };
    let life = OrderLife {
        confirmed_at: confirmed.map(Millis),
        expected_at: expected.map(Millis),
        closed_at: closed.map(Millis),
        late_asked_at: asked.map(Millis),
    };
    Ok((life, approved.map(Millis)))
}

/// Goods of a receipt that was taken back: the order waits for them again.
pub async fn take_back(tx: &mut Tx, order: OrderId, goods: &[(ArticleId, i64)]) -> Result<()> {
    let sql = "UPDATE order_line SET received = CASE WHEN received > $3 THEN received - $3 ELSE 0 END \
               WHERE order_id = $1 AND article_id = $2";
    for (article, quantity) in goods {
        execute!(tx, sql, order.0, article.0, *quantity);
    }
    let sql = "UPDATE purchase_order SET closed_at = NULL, \
               received_at = CASE WHEN EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = $1 AND l.received > 0) \
               THEN received_at END, \
               status = CASE WHEN EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = $1 AND l.received > 0) \
               THEN 'partly-received' WHEN confirmed_at IS NOT NULL THEN 'confirmed' WHEN sent_at IS NOT NULL THEN 'sent' \
               ELSE 'approved' END WHERE id = $1 AND status IN ('closed', 'partly-received')";
    execute!(tx, sql, order.0);
    Ok(())
}
