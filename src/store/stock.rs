//! Stores, stock documents and the books. Lines change while a document is a draft; moves are only ever added.

use super::{Result, StoreError, Tx, execute, on_tx};
use crate::model::{
    ArticleId, DeviceId, DocumentId, DocumentKind, DocumentOrigin, DocumentStatus, Millis, Minor, NewReservation,
    OrderId, ReservationId, SiteId, StockDocument, StockLine, StockMove, StockStore, StoreId, SupplyId,
};

type StoreRow = (i64, i64, String, i64, i64);
const STORE: &str = "SELECT id, site_id, name, main, archived FROM stock_store";

fn store_of((id, site, name, main, archived): StoreRow) -> StockStore {
    StockStore { id: StoreId(id), site: SiteId(site), name, main: main != 0, archived: archived != 0 }
}

pub async fn load_store(tx: &mut Tx, id: StoreId) -> Result<Option<StockStore>> {
    let sql = sqlx::AssertSqlSafe(format!("{STORE} WHERE id = $1"));
    let row: Option<StoreRow> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_optional(c).await?);
    Ok(row.map(store_of))
}

/// Where goods of the branch arrive; made, under this name, when there is none.
pub async fn main_store(tx: &mut Tx, site: SiteId, name: &str) -> Result<StoreId> {
    let sql = "SELECT id FROM stock_store WHERE site_id = $1 AND main = 1 AND archived = 0 ORDER BY id LIMIT 1";
    let found: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.0).fetch_optional(c).await?);
    match found {
        Some(id) => Ok(StoreId(id)),
        None => {
            let sql = "INSERT INTO stock_store (site_id, name, main) VALUES ($1, $2, 1) \
                       ON CONFLICT (site_id, name) DO UPDATE SET main = 1, archived = 0 RETURNING id";
            let id = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.0).bind(name).fetch_one(c).await?);
            Ok(StoreId(id))
        }
    }
}

pub async fn add_store(tx: &mut Tx, site: SiteId, name: &str) -> Result<StoreId> {
    let sql = "INSERT INTO stock_store (site_id, name) VALUES ($1, $2) RETURNING id";
    Ok(StoreId(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(site.0).bind(name).fetch_one(c).await?)))
}

pub async fn rename_store(tx: &mut Tx, id: StoreId, name: &str) -> Result<()> {
    execute!(tx, "UPDATE stock_store SET name = $2 WHERE id = $1", id.0, name);
    Ok(())
}

pub async fn archive_store(tx: &mut Tx, id: StoreId) -> Result<()> {
    execute!(tx, "UPDATE stock_store SET archived = 1 WHERE id = $1", id.0);
    Ok(())
}

/// Something lies there, is on its way there, is reserved there or waits as a draft.
pub async fn is_used(tx: &mut Tx, id: StoreId) -> Result<bool> {
    let sql = "SELECT (SELECT COUNT(*) FROM (SELECT article_id FROM stock_move WHERE store_id = $1 GROUP BY article_id \
               HAVING SUM(delta) <> 0) a) + (SELECT COUNT(*) FROM (SELECT article_id FROM stock_empty WHERE store_id = $1 \
               GROUP BY article_id HAVING SUM(delta) <> 0) e) + (SELECT COUNT(*) FROM stock_document WHERE \
               (store_id = $1 OR to_store_id = $1) AND status IN ('draft', 'in-transit')) + \
               (SELECT COUNT(*) FROM stock_reservation WHERE store_id = $1 AND released_at IS NULL)";
    let n: i64 = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(id.0).fetch_one(c).await?);
    Ok(n > 0)
}

/// Pieces of an article in a store by the books.
pub async fn on_hand(tx: &mut Tx, store: StoreId, article: ArticleId, used: bool) -> Result<i64> {
    let new = "SELECT CAST(COALESCE(SUM(delta), 0) AS BIGINT) FROM stock_move WHERE store_id = $1 AND article_id = $2";
    let empty =
        "SELECT CAST(COALESCE(SUM(delta), 0) AS BIGINT) FROM stock_empty WHERE store_id = $1 AND article_id = $2";
    let sql = if used { empty } else { new };
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(store.0).bind(article.0).fetch_one(c).await?))
}

pub async fn reserved(tx: &mut Tx, store: StoreId, article: ArticleId) -> Result<i64> {
    let sql = "SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM stock_reservation \
               WHERE store_id = $1 AND article_id = $2 AND released_at IS NULL";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(store.0).bind(article.0).fetch_one(c).await?))
}

/// What a document is made of besides its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Head<'a> {
    pub kind: DocumentKind,
    pub status: DocumentStatus,
    pub store: StoreId,
    pub to_store: Option<StoreId>,
    pub order: Option<OrderId>,
    pub device: Option<DeviceId>,
    pub supply: Option<SupplyId>,
    pub reverses: Option<DocumentId>,
    pub origin: DocumentOrigin,
    pub origin_key: Option<&'a str>,
    pub matched_key: Option<&'a str>,
    pub note: &'a str,
}

impl<'a> Head<'a> {
    pub fn new(kind: DocumentKind, status: DocumentStatus, store: StoreId, origin: DocumentOrigin) -> Head<'a> {
        Head {
            kind,
            status,
            store,
            to_store: None,
            order: None,
            device: None,
            supply: None,
            reverses: None,
            origin,
            origin_key: None,
            matched_key: None,
            note: "",
        }
    }
}

/// A new document with its number; posted at once when its status says so.
pub async fn add(tx: &mut Tx, head: &Head<'_>, lines: &[StockLine], who: &str, now: Millis) -> Result<DocumentId> {
    let number = next_number(tx, now).await?;
    let moved = head.status != DocumentStatus::Draft;
    let sql = "INSERT INTO stock_document (number, kind, status, store_id, to_store_id, order_id, device_id, supply_id, \
               reverses, origin, origin_key, matched_key, note, created_at, created_by, posted_at, posted_by) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING id";
    let id: i64 = on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(number)
            .bind(head.kind.as_str())
            .bind(head.status.as_str())
            .bind(head.store.0)
            .bind(head.to_store.map(|s| s.0))
            .bind(head.order.map(|o| o.0))
            .bind(head.device.map(|d| d.0))
            .bind(head.supply.map(|s| s.0))
            .bind(head.reverses.map(|d| d.0))
            .bind(head.origin.as_str())
            .bind(head.origin_key)
            .bind(head.matched_key)
            .bind(head.note)
            .bind(now.0)
            .bind(who)
            .bind(moved.then_some(now.0))
            .bind(moved.then_some(who))
            .fetch_one(c)
            .await?
    });
    set_lines(tx, DocumentId(id), lines).await?;
    Ok(DocumentId(id))
}

/// "S-2026-0001".
async fn next_number(tx: &mut Tx, now: Millis) -> Result<String> {
    let year = jiff::Timestamp::from_millisecond(now.0)
        .map_err(|e| StoreError::Statement { detail: format!("numbering a stock document: {e}") })?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .year();
    let sql = "INSERT INTO counter (name, value) VALUES ($1, 1) \
               ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value";
    let n: i64 = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(format!("stock/{year}")).fetch_one(c).await?);
    Ok(format!("S-{year}-{n:04}"))
}

/// Replaces the lines of a draft.
pub async fn set_lines(tx: &mut Tx, id: DocumentId, lines: &[StockLine]) -> Result<()> {
    execute!(tx, "DELETE FROM stock_line WHERE document_id = $1", id.0);
    let sql = "INSERT INTO stock_line (document_id, line, article_id, quantity, expected, price) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    for (n, l) in lines.iter().enumerate() {
        execute!(tx, sql, id.0, n as i64 + 1, l.article.0, l.quantity, l.expected, l.price.map(|p| p.0));
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    number: String,
    kind: String,
    status: String,
    store_id: i64,
    to_store_id: Option<i64>,
    order_id: Option<i64>,
    device_id: Option<i64>,
    supply_id: Option<i64>,
    reverses: Option<i64>,
    origin: String,
    note: String,
    created_at: i64,
}

fn wrong(column: &'static str, row: i64, value: &str) -> StoreError {
    StoreError::Inconsistent { table: "stock_document", column, row, value: value.to_owned() }
}

pub async fn load(tx: &mut Tx, id: DocumentId) -> Result<Option<StockDocument>> {
    let sql = "SELECT number, kind, status, store_id, to_store_id, order_id, device_id, supply_id, reverses, origin, note, \
               created_at FROM stock_document WHERE id = $1";
    let row: Option<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_optional(c).await?);
    let Some(r) = row else { return Ok(None) };
    let sql = "SELECT article_id, quantity, expected, price FROM stock_line WHERE document_id = $1 ORDER BY line";
    type Line = (i64, i64, Option<i64>, Option<i64>);
    let lines: Vec<Line> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_all(c).await?);
    let line = |(article, quantity, expected, price): Line| StockLine {
        article: ArticleId(article),
        quantity,
        expected,
        price: price.map(Minor),
    };
    Ok(Some(StockDocument {
        id,
        kind: DocumentKind::parse(&r.kind).ok_or_else(|| wrong("kind", id.0, &r.kind))?,
        status: DocumentStatus::parse(&r.status).ok_or_else(|| wrong("status", id.0, &r.status))?,
        origin: DocumentOrigin::parse(&r.origin).ok_or_else(|| wrong("origin", id.0, &r.origin))?,
        number: r.number,
        store: StoreId(r.store_id),
        to_store: r.to_store_id.map(StoreId),
        order: r.order_id.map(OrderId),
        device: r.device_id.map(DeviceId),
        supply: r.supply_id.map(SupplyId),
        reverses: r.reverses.map(DocumentId),
        note: r.note,
        created_at: Millis(r.created_at),
        lines: lines.into_iter().map(line).collect(),
    }))
}

/// The document that was made under this key.
pub async fn by_key(tx: &mut Tx, key: &str) -> Result<Option<DocumentId>> {
    let sql = "SELECT id FROM stock_document WHERE origin_key = $1 OR matched_key = $1 ORDER BY id LIMIT 1";
    let id: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(key).fetch_optional(c).await?);
    Ok(id.map(DocumentId))
}

/// Another store gives it out than was thought.
pub async fn set_store(tx: &mut Tx, id: DocumentId, store: StoreId) -> Result<()> {
    execute!(tx, "UPDATE stock_document SET store_id = $2 WHERE id = $1 AND status = 'draft'", id.0, store.0);
    Ok(())
}

/// It moved its goods: out of the first store, or all of them.
pub async fn posted(tx: &mut Tx, id: DocumentId, status: DocumentStatus, who: &str, now: Millis) -> Result<()> {
    let sql = "UPDATE stock_document SET status = $2, posted_at = $3, posted_by = $4 WHERE id = $1";
    execute!(tx, sql, id.0, status.as_str(), now.0, who);
    Ok(())
}

/// A transfer reached its other end.
pub async fn received(tx: &mut Tx, id: DocumentId, now: Millis) -> Result<()> {
    execute!(tx, "UPDATE stock_document SET status = 'posted', received_at = $2 WHERE id = $1", id.0, now.0);
    Ok(())
}

pub async fn set_status(tx: &mut Tx, id: DocumentId, status: DocumentStatus) -> Result<()> {
    execute!(tx, "UPDATE stock_document SET status = $2 WHERE id = $1", id.0, status.as_str());
    Ok(())
}

/// It stands for the detected replacement of this key, or for none.
pub async fn matched(tx: &mut Tx, id: DocumentId, key: Option<&str>) -> Result<()> {
    execute!(tx, "UPDATE stock_document SET matched_key = $2 WHERE id = $1", id.0, key);
    Ok(())
}

pub async fn add_moves(tx: &mut Tx, id: DocumentId, moves: &[StockMove], now: Millis) -> Result<()> {
    let new = "INSERT INTO stock_move (document_id, store_id, article_id, delta, at) VALUES ($1, $2, $3, $4, $5)";
    let empty = "INSERT INTO stock_empty (document_id, store_id, article_id, delta, at) VALUES ($1, $2, $3, $4, $5)";
    for m in moves {
        execute!(tx, if m.used { empty } else { new }, id.0, m.store.0, m.article.0, m.delta, now.0);
    }
    Ok(())
}

/// What a document moved so far.
pub async fn moves(tx: &mut Tx, id: DocumentId) -> Result<Vec<StockMove>> {
    let sql = "SELECT store_id, article_id, delta, CAST(0 AS BIGINT) AS used, id FROM stock_move WHERE document_id = $1 \
               UNION ALL SELECT store_id, article_id, delta, CAST(1 AS BIGINT), id FROM stock_empty WHERE document_id = $1 \
               ORDER BY 4, 5";
    type Raw = (i64, i64, i64, i64, i64);
    let rows: Vec<Raw> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_all(c).await?);
    let one = |(store, article, delta, used, _): Raw| StockMove {
        store: StoreId(store),
        article: ArticleId(article),
        used: used != 0,
        delta,
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Issues for a supply since then, the newest first: id, origin, status, whether it stands for a detected one, when.
pub async fn issues_of(
    tx: &mut Tx,
    supply: SupplyId,
    since: Millis,
) -> Result<Vec<(DocumentId, DocumentOrigin, DocumentStatus, bool, Millis)>> {
    let sql = "SELECT id, origin, status, matched_key, created_at FROM stock_document \
               WHERE supply_id = $1 AND kind = 'issue' AND created_at >= $2 ORDER BY created_at DESC, id DESC";
    type Raw = (i64, String, String, Option<String>, i64);
    let rows: Vec<Raw> = on_tx!(tx, |c| sqlx::query_as(sql).bind(supply.0).bind(since.0).fetch_all(c).await?);
    rows.into_iter()
        .map(|(id, origin, status, matched, at)| {
            let origin = DocumentOrigin::parse(&origin).ok_or_else(|| wrong("origin", id, &origin))?;
            let status = DocumentStatus::parse(&status).ok_or_else(|| wrong("status", id, &status))?;
            Ok((DocumentId(id), origin, status, matched.is_some(), Millis(at)))
        })
        .collect()
}

pub async fn reserve(tx: &mut Tx, r: &NewReservation, who: &str, now: Millis) -> Result<ReservationId> {
    let sql = "INSERT INTO stock_reservation (store_id, article_id, device_id, quantity, note, created_at, created_by) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
    let id = on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(r.store.0)
            .bind(r.article.0)
            .bind(r.device.map(|d| d.0))
            .bind(r.quantity)
            .bind(&r.note)
            .bind(now.0)
            .bind(who)
            .fetch_one(c)
            .await?
    });
    Ok(ReservationId(id))
}

/// The same reservation made a moment ago: a button pressed twice.
pub async fn reserved_since(tx: &mut Tx, r: &NewReservation, since: Millis) -> Result<Option<ReservationId>> {
    let sql = "SELECT id FROM stock_reservation WHERE store_id = $1 AND article_id = $2 AND COALESCE(device_id, 0) = $3 \
               AND quantity = $4 AND note = $5 AND created_at >= $6 AND released_at IS NULL ORDER BY id LIMIT 1";
    let device = r.device.map_or(0, |d| d.0);
    let id: Option<i64> = on_tx!(tx, |c| {
        sqlx::query_scalar(sql)
            .bind(r.store.0)
            .bind(r.article.0)
            .bind(device)
            .bind(r.quantity)
            .bind(&r.note)
            .bind(since.0)
            .fetch_optional(c)
            .await?
    });
    Ok(id.map(ReservationId))
}

/// `None`: there is no such reservation; `false`: it was released before.
pub async fn release(tx: &mut Tx, id: ReservationId, now: Millis) -> Result<Option<bool>> {
    let sql = "SELECT released_at FROM stock_reservation WHERE id = $1";
    let row: Option<(Option<i64>,)> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_optional(c).await?);
    match row {
        None => Ok(None),
        Some((Some(_),)) => Ok(Some(false)),
        Some((None,)) => {
            execute!(tx, "UPDATE stock_reservation SET released_at = $2 WHERE id = $1", id.0, now.0);
            Ok(Some(true))
        }
    }
}

/// What was reserved for a device is given out.
pub async fn release_for(tx: &mut Tx, store: StoreId, article: ArticleId, device: DeviceId, now: Millis) -> Result<()> {
    let sql = "UPDATE stock_reservation SET released_at = $4 WHERE store_id = $1 AND article_id = $2 AND device_id = $3 \
               AND released_at IS NULL";
    execute!(tx, sql, store.0, article.0, device.0, now.0);
    Ok(())
}
