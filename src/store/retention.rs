//! Old rows: rolled up by day where the shape over years matters, dropped where it does not.
//!
//! Raw supply readings are never dropped (they are few). Every step is safe to repeat and to be killed in: a day is rolled
//! up in one commit with the mark that says so, and only rolled-up days are dropped.

use super::{Result, Store, Tx, execute, on_tx, setting};
use crate::model::Millis;

/// How long things are kept, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    pub metric_days: i64,
    pub timeline_days: i64,
    pub fdb_days: i64,
    pub audit_days: i64,
    /// Outbox rows that were sent or cancelled.
    pub outbox_days: i64,
}

impl Default for Keep {
    fn default() -> Self {
        Keep { metric_days: 35, timeline_days: 3 * 365, fdb_days: 180, audit_days: 3 * 365, outbox_days: 3 * 365 }
    }
}

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cleaned {
    pub days_rolled_up: i64,
    pub rows_dropped: u64,
}

const MARK: &str = "retention.rolled-up-until";

/// Rolls up what is complete and drops what is too old. Run daily; each step commits by itself.
pub async fn run(store: &Store, now: Millis, keep: &Keep) -> Result<Cleaned> {
    let today = now.0 - now.0.rem_euclid(Millis::DAY);
    let mut done = Cleaned::default();
    let mut tx = store.begin().await?;
    let mark = setting::get_in(&mut tx, MARK).await?.and_then(|m| m.parse::<i64>().ok());
    let first: Option<i64> =
        on_tx!(&mut tx, |c| sqlx::query_scalar("SELECT MIN(at) FROM metric_reading").fetch_one(c).await?);
    drop(tx);
    let start = match (mark, first) {
        (Some(m), _) => m,
        (None, Some(at)) => at - at.rem_euclid(Millis::DAY),
        (None, None) => today,
    };
    let mut day = start;
    while day < today {
        let mut tx = store.begin().await?;
        roll_up(&mut tx, day).await?;
        setting::set(&mut tx, MARK, &(day + Millis::DAY).to_string()).await?;
        tx.commit().await?;
        day += Millis::DAY;
        done.days_rolled_up += 1;
    }
    let ago = |days: i64| now.0 - days * Millis::DAY;
    let drops: [(&'static str, i64); 8] = [
        ("DELETE FROM metric_reading WHERE at < $1", ago(keep.metric_days).min(day)),
        ("DELETE FROM timeline WHERE at < $1", ago(keep.timeline_days)),
        ("DELETE FROM fdb WHERE last_seen < $1", ago(keep.fdb_days)),
        ("DELETE FROM arp WHERE last_seen < $1", ago(keep.fdb_days)),
        ("DELETE FROM neighbor WHERE last_seen < $1", ago(keep.fdb_days)),
        ("DELETE FROM audit WHERE at < $1", ago(keep.audit_days)),
        ("DELETE FROM outbox WHERE created_at < $1 AND status IN ('sent', 'cancelled')", ago(keep.outbox_days)),
        ("DELETE FROM web_session WHERE expires_at < $1", now.0),
    ];
    for (sql, before) in drops {
        let mut tx = store.begin().await?;
        done.rows_dropped += execute!(&mut tx, sql, before);
        tx.commit().await?;
    }
    Ok(done)
}

/// One day of every series into one row each.
async fn roll_up(tx: &mut Tx, day: i64) -> Result<()> {
    let sql = "WITH b AS (SELECT device_id, series, MIN(at) AS a0, MAX(at) AS a1, MIN(value) AS lo, MAX(value) AS hi, \
               COUNT(*) AS n FROM metric_reading WHERE at >= $1 AND at < $2 GROUP BY device_id, series) \
               INSERT INTO metric_daily (device_id, series, day, first_value, last_value, min_value, max_value, readings) \
               SELECT b.device_id, b.series, $1, f.value, l.value, b.lo, b.hi, b.n FROM b \
               JOIN metric_reading f ON f.device_id = b.device_id AND f.series = b.series AND f.at = b.a0 \
               JOIN metric_reading l ON l.device_id = b.device_id AND l.series = b.series AND l.at = b.a1 WHERE 1 = 1 \
               ON CONFLICT (device_id, series, day) DO UPDATE SET first_value = excluded.first_value, \
               last_value = excluded.last_value, min_value = excluded.min_value, max_value = excluded.max_value, \
               readings = excluded.readings";
    execute!(tx, sql, day, day + Millis::DAY);
    Ok(())
}
