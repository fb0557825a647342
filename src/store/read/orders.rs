//! Orders: the list, one order with its lines and the reasons behind them, and the state of its mail.

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::{Listed, Paging};
use crate::model::{
    Article, ArticleId, Cut, DeviceId, DocumentId, Filled, Millis, Minor, NeedId, Order, OrderId, OrderLife, OrderLine,
    OrderLineId, OrderStatus, SiteId, Supplier, SupplierId, SupplyKind,
};
use crate::store::{Db, Result, StoreError, on_db};

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct OrderRow {
    pub id: OrderId,
    pub number: String,
    pub site: SiteId,
    pub site_name: String,
    pub supplier: SupplierId,
    pub supplier_name: String,
    pub currency: String,
    pub status: OrderStatus,
    pub created_at: Millis,
    pub approved_at: Option<Millis>,
    pub approved_by: Option<String>,
    pub sent_at: Option<Millis>,
    pub received_at: Option<Millis>,
    pub lines: i64,
    /// Net, of the lines that have a price.
    pub total: Minor,
    /// Lines without a price: the total is then "at least".
    pub lines_without_price: i64,
    /// Error of the last attempt to send its mail, while it is not sent.
    pub mail_error: Option<String>,
    pub life: OrderLife,
}

/// The mail of an order, or its webhook's call.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct OrderMail {
    /// mail, webhook
    pub channel: String,
    pub recipient: String,
    /// pending, sent
    pub status: String,
    pub attempts: i64,
    pub next_at: Millis,
    pub last_error: Option<String>,
    pub created_at: Millis,
    pub sent_at: Option<Millis>,
}

/// Why a line is there: a supply of a device.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct LineReason {
    pub line: OrderLineId,
    pub device: DeviceId,
    pub device_name: String,
    pub location: Option<String>,
    pub description: String,
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// One order with everything its page shows.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct OrderDetail {
    pub order: Order,
    pub approved_at: Option<Millis>,
    pub approved_by: Option<String>,
    pub sent_at: Option<Millis>,
    pub received_at: Option<Millis>,
    pub mail: Option<OrderMail>,
    /// The supplier takes orders by webhook.
    pub by_webhook: bool,
    pub reasons: Vec<LineReason>,
    pub life: OrderLife,
    /// Receipts of its goods.
    pub receipts: Vec<ReceiptRef>,
    /// Why a draft does not leave by itself, where automatic sending is on.
    pub hold: Option<crate::model::AutoHold>,
    /// What the plan marked on lines of a draft.
    pub marks: Vec<LineMark>,
    /// A draft that the supplier would not take.
    pub below: Option<Below>,
}

/// What is special of a line: bought early, not bought now, bought all the same.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct LineMark {
    pub line: OrderLineId,
    pub filler: Option<Filled>,
    pub cut: Option<Cut>,
    /// Who is the first to wait for a cut line.
    pub device_name: Option<String>,
    /// A person's reason to buy it beyond the limit.
    pub over_budget: Option<String>,
}

/// A draft below the supplier's minimum, and what will be asked of this supplier next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Below {
    pub total: Minor,
    pub minimum: Minor,
    pub next: Option<NextDue>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NextDue {
    pub part_number: String,
    pub at: Millis,
}

/// A receipt of an order's goods.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ReceiptRef {
    pub id: DocumentId,
    pub number: String,
}

/// Which orders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderFilter {
    pub status: Option<OrderStatus>,
    pub site: Option<SiteId>,
    pub supplier: Option<SupplierId>,
}

#[derive(sqlx::FromRow)]
struct RawRow {
    id: i64,
    number: String,
    site_id: i64,
    site_name: String,
    supplier_id: i64,
    supplier_name: String,
    currency: String,
    status: String,
    created_at: i64,
    approved_at: Option<i64>,
    approved_by: Option<String>,
    sent_at: Option<i64>,
    received_at: Option<i64>,
    lines: i64,
    total: i64,
    lines_without_price: i64,
    mail_error: Option<String>,
    #[sqlx(flatten)]
    life: RawLife,
}

#[derive(sqlx::FromRow)]
struct RawLife {
    confirmed_at: Option<i64>,
    expected_at: Option<i64>,
    closed_at: Option<i64>,
    late_asked_at: Option<i64>,
}

impl From<RawLife> for OrderLife {
    fn from(r: RawLife) -> Self {
        OrderLife {
            confirmed_at: r.confirmed_at.map(Millis),
            expected_at: r.expected_at.map(Millis),
            closed_at: r.closed_at.map(Millis),
            late_asked_at: r.late_asked_at.map(Millis),
        }
    }
}

const WHERE: &str = "($1 = '' OR o.status = $1) AND ($2 = 0 OR o.site_id = $2) AND ($3 = 0 OR o.supplier_id = $3)";

/// Key of the outbox row that carries an order.
pub fn mail_key(order: OrderId) -> String {
    format!("order:{order}")
}

/// Drafts first, then newest first.
pub async fn list(db: &Db, filter: &OrderFilter, paging: Paging) -> Result<Listed<OrderRow>> {
    let status = filter.status.map_or("", OrderStatus::as_str);
    let (site, supplier) = (filter.site.map_or(0, |s| s.0), filter.supplier.map_or(0, |s| s.0));
    let sql = format!(
        "SELECT o.id, o.number, o.site_id, s.name AS site_name, o.supplier_id, p.name AS supplier_name, p.currency, \
         o.status, o.created_at, o.approved_at, o.approved_by, o.sent_at, o.received_at, \
         o.confirmed_at, o.expected_at, o.closed_at, o.late_asked_at, \
         (SELECT count(*) FROM order_line l WHERE l.order_id = o.id) AS lines, \
         (SELECT CAST(coalesce(sum(l.quantity * l.price), 0) AS BIGINT) FROM order_line l WHERE l.order_id = o.id) AS total, \
         (SELECT count(*) FROM order_line l WHERE l.order_id = o.id AND l.price IS NULL) AS lines_without_price, \
         (SELECT x.last_error FROM outbox x WHERE x.key = 'order:' || o.id AND x.status <> 'sent') AS mail_error \
         FROM purchase_order o JOIN site s ON s.id = o.site_id JOIN supplier p ON p.id = o.supplier_id WHERE {WHERE} \
         ORDER BY CASE o.status WHEN 'draft' THEN 0 WHEN 'approved' THEN 1 WHEN 'sent' THEN 2 \
         WHEN 'confirmed' THEN 2 WHEN 'partly-received' THEN 2 ELSE 3 END, \
         o.created_at DESC, o.id DESC LIMIT $4 OFFSET $5"
    );
    let raw: Vec<RawRow> = on_db!(db, |p| {
        sqlx::query_as(AssertSqlSafe(sql))
            .bind(status)
            .bind(site)
            .bind(supplier)
            .bind(paging.per_page)
            .bind(paging.offset())
            .fetch_all(p)
            .await
    })?;
    let sql = format!("SELECT count(*) FROM purchase_order o WHERE {WHERE}");
    let total = on_db!(db, |p| {
        sqlx::query_scalar(AssertSqlSafe(sql)).bind(status).bind(site).bind(supplier).fetch_one(p).await
    })?;
    Ok(Listed { rows: raw.into_iter().map(row).collect::<Result<_>>()?, total })
}

fn row(r: RawRow) -> Result<OrderRow> {
    Ok(OrderRow {
        id: OrderId(r.id),
        status: status(r.id, &r.status)?,
        number: r.number,
        site: SiteId(r.site_id),
        site_name: r.site_name,
        supplier: SupplierId(r.supplier_id),
        supplier_name: r.supplier_name,
        currency: r.currency,
        created_at: Millis(r.created_at),
        approved_at: r.approved_at.map(Millis),
        approved_by: r.approved_by,
        sent_at: r.sent_at.map(Millis),
        received_at: r.received_at.map(Millis),
        lines: r.lines,
        total: Minor(r.total),
        lines_without_price: r.lines_without_price,
        mail_error: r.mail_error,
        life: r.life.into(),
    })
}

fn status(id: i64, word: &str) -> Result<OrderStatus> {
    OrderStatus::parse(word).ok_or_else(|| StoreError::Inconsistent {
        table: "purchase_order",
        column: "status",
        row: id,
        value: word.to_owned(),
    })
}

/// How many orders have each status.
pub async fn counts(db: &Db, site: Option<SiteId>) -> Result<Vec<(OrderStatus, i64)>> {
    let site = site.map_or(0, |s| s.0);
    let raw: Vec<(String, i64)> = on_db!(db, |p| {
        sqlx::query_as("SELECT status, count(*) FROM purchase_order WHERE ($1 = 0 OR site_id = $1) GROUP BY status")
            .bind(site)
            .fetch_all(p)
            .await
    })?;
    raw.into_iter().map(|(s, n)| Ok((status(0, &s)?, n))).collect()
}

#[derive(sqlx::FromRow)]
struct RawHead {
    id: i64,
    number: String,
    site_id: i64,
    site_name: String,
    status: String,
    created_at: i64,
    approved_at: Option<i64>,
    approved_by: Option<String>,
    sent_at: Option<i64>,
    received_at: Option<i64>,
    #[sqlx(flatten)]
    life: RawLife,
    supplier_id: i64,
    supplier_name: String,
    email: String,
    language: String,
    currency: String,
    webhook: Option<String>,
}

#[derive(sqlx::FromRow)]
struct RawLine {
    id: i64,
    quantity: i64,
    price: Option<i64>,
    vat_percent: i64,
    need_id: Option<i64>,
    received: i64,
    article_id: i64,
    part_number: String,
    name: String,
    vendor: String,
    kind: String,
    color: Option<String>,
    yield_pages: Option<i64>,
    article_price: Option<i64>,
    supplier_id: Option<i64>,
    supplier_article: Option<String>,
}

#[derive(sqlx::FromRow)]
struct RawMail {
    channel: String,
    recipient: String,
    status: String,
    attempts: i64,
    next_at: i64,
    last_error: Option<String>,
    created_at: i64,
    sent_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct RawReason {
    line_id: i64,
    device_id: i64,
    device_name: String,
    location: Option<String>,
    description: String,
    low: Option<f64>,
    high: Option<f64>,
}

pub async fn one(db: &Db, id: OrderId) -> Result<Option<OrderDetail>> {
    let head: Option<RawHead> = on_db!(db, |p| {
        sqlx::query_as(
            "SELECT o.id, o.number, o.site_id, s.name AS site_name, o.status, o.created_at, o.approved_at, o.approved_by, \
             o.sent_at, o.received_at, o.confirmed_at, o.expected_at, o.closed_at, o.late_asked_at, p.id AS supplier_id, p.name AS supplier_name, p.email, p.language, p.currency, p.webhook \
             FROM purchase_order o JOIN site s ON s.id = o.site_id JOIN supplier p ON p.id = o.supplier_id \
             WHERE o.id = $1",
        )
        .bind(id.0)
        .fetch_optional(p)
        .await
    })?;
    let Some(head) = head else { return Ok(None) };
    let lines = lines(db, id).await?;
    let mail = mail(db, id).await?;
    let reasons = reasons(db, id).await?;
    let order = Order {
        id,
        status: status(head.id, &head.status)?,
        number: head.number,
        site: SiteId(head.site_id),
        site_name: head.site_name,
        supplier: Supplier {
            id: SupplierId(head.supplier_id),
            name: head.supplier_name,
            email: head.email,
            language: head.language,
            currency: head.currency,
        },
        created_at: Millis(head.created_at),
        lines,
    };
    let marks = marks(db, id).await?;
    let below = below(db, &order, &marks).await?;
    Ok(Some(OrderDetail {
        marks,
        below,
        order,
        approved_at: head.approved_at.map(Millis),
        approved_by: head.approved_by,
        sent_at: head.sent_at.map(Millis),
        received_at: head.received_at.map(Millis),
        mail,
        by_webhook: head.webhook.is_some(),
        reasons,
        life: head.life.into(),
        receipts: receipts(db, id).await?,
        hold: crate::store::auto_send::hold(db, id).await?,
    }))
}

async fn lines(db: &Db, id: OrderId) -> Result<Vec<OrderLine>> {
    let raw: Vec<RawLine> = on_db!(db, |p| {
        sqlx::query_as(
            "SELECT l.id, l.quantity, l.price, l.vat_percent, l.need_id, l.received, a.id AS article_id, a.part_number, a.name, a.vendor, \
             a.kind, a.color, a.yield_pages, a.price AS article_price, a.supplier_id, a.supplier_article \
             FROM order_line l JOIN article a ON a.id = l.article_id WHERE l.order_id = $1 \
             ORDER BY a.vendor, a.part_number, l.id",
        )
        .bind(id.0)
        .fetch_all(p)
        .await
    })?;
    Ok(raw
        .into_iter()
        .map(|l| OrderLine {
            id: OrderLineId(l.id),
            quantity: l.quantity,
            price: l.price.map(Minor),
            need: l.need_id.map(NeedId),
            received: l.received,
            article: Article {
                id: ArticleId(l.article_id),
                part_number: l.part_number,
                name: l.name,
                vendor: l.vendor,
                kind: SupplyKind::parse(&l.kind).unwrap_or(SupplyKind::Other),
                color: l.color,
                yield_pages: l.yield_pages,
                price: l.article_price.map(Minor),
                // The rate of the line, fixed when it was drafted.
                vat_percent: l.vat_percent,
                supplier: l.supplier_id.map(SupplierId),
                supplier_article: l.supplier_article,
            },
        })
        .collect())
}

async fn marks(db: &Db, id: OrderId) -> Result<Vec<LineMark>> {
    let sql = "SELECT id, filler, cut, over_budget FROM order_line WHERE order_id = $1 \
               AND (filler IS NOT NULL OR cut IS NOT NULL OR over_budget IS NOT NULL) ORDER BY id";
    type Raw = (i64, Option<String>, Option<String>, Option<String>);
    let raw: Vec<Raw> = on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_all(p).await)?;
    let mut all = Vec::with_capacity(raw.len());
    for (line, filler, cut, over_budget) in raw {
        // One that another version wrote is none.
        let cut: Option<Cut> = cut.and_then(|c| serde_json::from_str(&c).ok());
        let mut device_name = None;
        if let Some(device) = cut.as_ref().and_then(|c| c.device) {
            let sql = "SELECT name FROM device WHERE id = $1";
            device_name = on_db!(db, |p| sqlx::query_scalar(sql).bind(device.0).fetch_optional(p).await)?;
        }
        let filler = filler.and_then(|f| serde_json::from_str(&f).ok());
        all.push(LineMark { line: OrderLineId(line), filler, cut, device_name, over_budget });
    }
    Ok(all)
}

/// What is missing to the supplier's minimum, of a draft whose prices are known.
async fn below(db: &Db, order: &Order, marks: &[LineMark]) -> Result<Option<Below>> {
    let cut = |l: &&OrderLine| !marks.iter().any(|m| m.line == l.id && m.cut.is_some());
    let sums = order.lines.iter().filter(cut).map(|l| l.price.map(|p| p.times(l.quantity).0));
    let Some(total) = sums.sum::<Option<i64>>().map(Minor) else { return Ok(None) };
    let sql = "SELECT min_order FROM supplier WHERE id = $1";
    let minimum: Option<i64> =
        on_db!(db, |p| sqlx::query_scalar(sql).bind(order.supplier.id.0).fetch_optional(p).await)?;
    let minimum = Minor(minimum.unwrap_or(0));
    if order.status != OrderStatus::Draft || order.lines.is_empty() || total >= minimum {
        return Ok(None);
    }
    let sql = "SELECT a.part_number, y.empty_at FROM supply y \
               JOIN device d ON d.id = y.device_id AND d.site_id = $1 AND d.lifecycle = 'active' \
               JOIN article a ON a.id = y.article_id AND a.supplier_id = $2 \
               WHERE y.present = 1 AND y.empty_at IS NOT NULL \
               AND a.id NOT IN (SELECT l.article_id FROM order_line l WHERE l.order_id = $3) \
               ORDER BY y.empty_at, a.id LIMIT 1";
    let next: Option<(String, i64)> = on_db!(db, |p| {
        sqlx::query_as(sql).bind(order.site.0).bind(order.supplier.id.0).bind(order.id.0).fetch_optional(p).await
    })?;
    let next = next.map(|(part_number, at)| NextDue { part_number, at: Millis(at) });
    Ok(Some(Below { total, minimum, next }))
}

async fn mail(db: &Db, id: OrderId) -> Result<Option<OrderMail>> {
    let raw: Option<RawMail> = on_db!(db, |p| {
        sqlx::query_as(
            "SELECT channel, recipient, status, attempts, next_at, last_error, created_at, sent_at FROM outbox WHERE key = $1",
        )
        .bind(mail_key(id))
        .fetch_optional(p)
        .await
    })?;
    Ok(raw.map(|m| OrderMail {
        channel: m.channel,
        recipient: m.recipient,
        status: m.status,
        attempts: m.attempts,
        next_at: Millis(m.next_at),
        last_error: m.last_error,
        created_at: Millis(m.created_at),
        sent_at: m.sent_at.map(Millis),
    }))
}

async fn receipts(db: &Db, id: OrderId) -> Result<Vec<ReceiptRef>> {
    let sql =
        "SELECT id, number FROM stock_document WHERE order_id = $1 AND status IN ('posted', 'reversed') ORDER BY id";
    let raw: Vec<(i64, String)> = on_db!(db, |p| sqlx::query_as(sql).bind(id.0).fetch_all(p).await?);
    Ok(raw.into_iter().map(|(id, number)| ReceiptRef { id: DocumentId(id), number }).collect())
}

async fn reasons(db: &Db, id: OrderId) -> Result<Vec<LineReason>> {
    let raw: Vec<RawReason> = on_db!(db, |p| {
        sqlx::query_as(
            "SELECT l.id AS line_id, r.device_id, d.name AS device_name, d.location, r.description, r.low, r.high \
             FROM order_line l JOIN need_reason r ON r.need_id = l.need_id JOIN device d ON d.id = r.device_id \
             WHERE l.order_id = $1 ORDER BY d.name, r.supply_index",
        )
        .bind(id.0)
        .fetch_all(p)
        .await
    })?;
    Ok(raw
        .into_iter()
        .map(|r| LineReason {
            line: OrderLineId(r.line_id),
            device: DeviceId(r.device_id),
            device_name: r.device_name,
            location: r.location,
            description: r.description,
            low: r.low,
            high: r.high,
        })
        .collect())
}
