//! Lines of drafts with what the plan marks on them: bought early for a minimum order, beyond the month's money, bought all
//! the same.

use super::{Result, Tx, execute, on_tx};
use crate::model::{ArticleId, Millis, Minor, OrderId, OrderLineId, SiteId, SupplierId};

/// One line of a draft.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftLine {
    pub order: OrderId,
    pub site: SiteId,
    pub supplier: SupplierId,
    pub currency: String,
    /// The supplier takes no order below this, net.
    pub minimum: Minor,
    pub line: OrderLineId,
    pub article: ArticleId,
    /// Net; a line without a price costs nothing that is known.
    pub cost: Minor,
    /// The plan that made it, JSON.
    pub why: Option<String>,
    pub filler: Option<String>,
    pub cut: Option<String>,
    pub over_budget: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    order_id: i64,
    site_id: i64,
    supplier_id: i64,
    currency: String,
    min_order: i64,
    line_id: i64,
    article_id: i64,
    quantity: i64,
    price: Option<i64>,
    why: Option<String>,
    filler: Option<String>,
    cut: Option<String>,
    over_budget: Option<String>,
}

/// Lines of the drafts of a branch.
pub async fn of_site(tx: &mut Tx, site: SiteId) -> Result<Vec<DraftLine>> {
    let sql = "SELECT o.id AS order_id, o.site_id, o.supplier_id, s.currency, s.min_order, l.id AS line_id, l.article_id, \
               l.quantity, l.price, l.why, l.filler, l.cut, l.over_budget FROM order_line l \
               JOIN purchase_order o ON o.id = l.order_id AND o.status = 'draft' AND o.site_id = $1 \
               JOIN supplier s ON s.id = o.supplier_id ORDER BY o.id, l.id";
    let rows: Vec<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(site.0).fetch_all(c).await?);
    let line = |r: Row| DraftLine {
        order: OrderId(r.order_id),
        site: SiteId(r.site_id),
        supplier: SupplierId(r.supplier_id),
        currency: r.currency,
        minimum: Minor(r.min_order),
        line: OrderLineId(r.line_id),
        article: ArticleId(r.article_id),
        cost: r.price.map_or(Minor(0), |p| Minor(p).times(r.quantity)),
        why: r.why,
        filler: r.filler,
        cut: r.cut,
        over_budget: r.over_budget,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Branches that have a draft.
pub async fn sites(tx: &mut Tx) -> Result<Vec<SiteId>> {
    let sql = "SELECT DISTINCT site_id FROM purchase_order WHERE status = 'draft' ORDER BY site_id";
    let ids: Vec<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).fetch_all(c).await?);
    Ok(ids.into_iter().map(SiteId).collect())
}

/// Net sum of what a branch ordered since then; of a closed order, what came.
pub async fn spent(tx: &mut Tx, site: SiteId, currency: &str, since: Millis) -> Result<Minor> {
    let sql = "SELECT CAST(COALESCE(SUM(l.price * CASE WHEN o.status = 'closed' THEN l.received ELSE l.quantity END), 0) \
               AS BIGINT) FROM purchase_order o JOIN order_line l ON l.order_id = o.id \
               JOIN supplier s ON s.id = o.supplier_id AND s.currency = $2 \
               WHERE o.site_id = $1 AND o.approved_at >= $3 AND o.status NOT IN ('draft', 'cancelled')";
    let sum: i64 =
        on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.0).bind(currency).bind(since.0).fetch_one(c).await?);
    Ok(Minor(sum))
}

pub async fn set_cut(tx: &mut Tx, line: OrderLineId, cut: Option<&str>) -> Result<()> {
    execute!(tx, "UPDATE order_line SET cut = $2 WHERE id = $1", line.0, cut);
    Ok(())
}

pub async fn set_filler(tx: &mut Tx, line: OrderLineId, filler: Option<&str>) -> Result<()> {
    execute!(tx, "UPDATE order_line SET filler = $2 WHERE id = $1", line.0, filler);
    Ok(())
}

/// Bought though the month's money is spent; why.
pub async fn over_budget(tx: &mut Tx, line: OrderLineId, reason: &str) -> Result<bool> {
    let sql = "UPDATE order_line SET over_budget = $2, cut = NULL WHERE id = $1 AND COALESCE(over_budget, '') <> $2";
    Ok(execute!(tx, sql, line.0, reason) == 1)
}

/// Lines that are not bought now, of one order.
pub async fn cut_lines(tx: &mut Tx, order: OrderId) -> Result<Vec<OrderLineId>> {
    let sql = "SELECT id FROM order_line WHERE order_id = $1 AND cut IS NOT NULL ORDER BY id";
    let ids: Vec<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(order.0).fetch_all(c).await?);
    Ok(ids.into_iter().map(OrderLineId).collect())
}

/// What is not bought now waits on the next draft.
pub async fn leave(tx: &mut Tx, from: OrderId, to: OrderId) -> Result<()> {
    execute!(tx, "UPDATE order_line SET order_id = $2 WHERE order_id = $1 AND cut IS NOT NULL", from.0, to.0);
    Ok(())
}
