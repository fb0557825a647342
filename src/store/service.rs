//! The service agreement as people entered it: hours, days, targets, pauses. What it comes to is `sla`'s to say.

use super::{Db, Result, StoreError, Tx, execute, on_db, on_tx, setting};
use crate::model::{CalendarDay, DayKind, Hours, Millis, ServiceTerms, SiteId, SlaTarget, TicketStatus};

const SITE: &str = "SELECT time_zone, hours FROM site WHERE id = $1";
const YEARS: &str = "SELECT year FROM calendar_year ORDER BY year";
const DAYS: &str = "SELECT day, kind, note, imported FROM calendar_day WHERE scope IN (0, $1) ORDER BY scope, day";
const TARGETS: &str = "SELECT priority, response_minutes, restore_minutes FROM sla_target ORDER BY priority";

type DayRow = (String, String, String, i64);

/// Everything that was entered for a branch; of one that does not exist what holds for all.
pub async fn terms(db: &Db, site: SiteId) -> Result<ServiceTerms> {
    let head: Option<(String, Option<String>)> =
        on_db!(db, |p| sqlx::query_as(SITE).bind(site.0).fetch_optional(p).await?);
    let years: Vec<i64> = on_db!(db, |p| sqlx::query_scalar(YEARS).fetch_all(p).await?);
    let days: Vec<DayRow> = on_db!(db, |p| sqlx::query_as(DAYS).bind(site.0).fetch_all(p).await?);
    let targets: Vec<(i64, i64, i64)> = on_db!(db, |p| sqlx::query_as(TARGETS).fetch_all(p).await?);
    let pauses = setting::get(db, setting::SLA_PAUSES).await?;
    gather(site, head, years, days, targets, pauses)
}

/// The same inside a transaction.
pub async fn terms_in(tx: &mut Tx, site: SiteId) -> Result<ServiceTerms> {
    let head: Option<(String, Option<String>)> =
        on_tx!(tx, |c| sqlx::query_as(SITE).bind(site.0).fetch_optional(c).await?);
    let years: Vec<i64> = on_tx!(tx, |c| sqlx::query_scalar(YEARS).fetch_all(c).await?);
    let days: Vec<DayRow> = on_tx!(tx, |c| sqlx::query_as(DAYS).bind(site.0).fetch_all(c).await?);
    let targets: Vec<(i64, i64, i64)> = on_tx!(tx, |c| sqlx::query_as(TARGETS).fetch_all(c).await?);
    let pauses = setting::get_in(tx, setting::SLA_PAUSES).await?;
    gather(site, head, years, days, targets, pauses)
}

fn gather(
    site: SiteId,
    head: Option<(String, Option<String>)>,
    years: Vec<i64>,
    days: Vec<DayRow>,
    targets: Vec<(i64, i64, i64)>,
    pauses: Option<String>,
) -> Result<ServiceTerms> {
    let wrong =
        |table, column, value: &str| StoreError::Inconsistent { table, column, row: site.0, value: value.into() };
    let (time_zone, hours) = head.unwrap_or_default();
    let hours = match hours.filter(|h| !h.is_empty()) {
        Some(text) => Some(serde_json::from_str::<Hours>(&text).map_err(|_| wrong("site", "hours", &text))?),
        None => None,
    };
    let mut terms = ServiceTerms {
        time_zone,
        hours,
        years: years.into_iter().filter_map(|y| i16::try_from(y).ok()).collect(),
        pauses: pauses.map(|p| p.split_whitespace().filter_map(TicketStatus::parse).collect()),
        ..ServiceTerms::default()
    };
    for (day, kind, note, imported) in days {
        let date = day.parse().map_err(|_| wrong("calendar_day", "day", &day))?;
        let kind = DayKind::parse(&kind).ok_or_else(|| wrong("calendar_day", "kind", &kind))?;
        let list = if imported == 1 { &mut terms.imported } else { &mut terms.days };
        list.push(CalendarDay { date, kind, note });
    }
    for (priority, response, restore) in targets {
        let small = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        let target = SlaTarget { response_minutes: small(response), restore_minutes: small(restore) };
        terms.targets.push((u8::try_from(priority).unwrap_or(0), target));
    }
    Ok(terms)
}

/// `false`: there is no such branch.
pub async fn set_hours(tx: &mut Tx, site: SiteId, hours: &Hours) -> Result<bool> {
    let text = super::device::json(hours)?;
    Ok(execute!(tx, "UPDATE site SET hours = $2 WHERE id = $1", site.0, text) == 1)
}

/// A day people entered; `site` `None`: of all branches.
pub async fn set_day(tx: &mut Tx, site: Option<SiteId>, day: &CalendarDay) -> Result<()> {
    let sql = "INSERT INTO calendar_day (scope, day, kind, note, imported) VALUES ($1, $2, $3, $4, 0) \
               ON CONFLICT (scope, day, imported) DO UPDATE SET kind = excluded.kind, note = excluded.note";
    execute!(tx, sql, scope(site), day.date.to_string(), day.kind.as_str(), &day.note);
    Ok(())
}

/// `false`: nobody had entered that day.
pub async fn drop_day(tx: &mut Tx, site: Option<SiteId>, date: jiff::civil::Date) -> Result<bool> {
    let sql = "DELETE FROM calendar_day WHERE scope = $1 AND day = $2 AND imported = 0";
    Ok(execute!(tx, sql, scope(site), date.to_string()) == 1)
}

/// Replaces what was imported of these years.
pub async fn import(tx: &mut Tx, years: &[i16], days: &[CalendarDay], now: Millis) -> Result<()> {
    for year in years {
        let like = format!("{year:04}-%");
        execute!(tx, "DELETE FROM calendar_day WHERE imported = 1 AND day LIKE $1", like);
        let sql = "INSERT INTO calendar_year (year, imported_at) VALUES ($1, $2) \
                   ON CONFLICT (year) DO UPDATE SET imported_at = excluded.imported_at";
        execute!(tx, sql, i64::from(*year), now.0);
    }
    for day in days {
        let sql = "INSERT INTO calendar_day (scope, day, kind, note, imported) VALUES (0, $1, $2, $3, 1)";
        execute!(tx, sql, day.date.to_string(), day.kind.as_str(), &day.note);
    }
    Ok(())
}

pub async fn set_target(tx: &mut Tx, priority: u8, target: SlaTarget) -> Result<()> {
    let sql = "INSERT INTO sla_target (priority, response_minutes, restore_minutes) VALUES ($1, $2, $3) \
               ON CONFLICT (priority) DO UPDATE SET response_minutes = excluded.response_minutes, \
               restore_minutes = excluded.restore_minutes";
    execute!(tx, sql, i64::from(priority), i64::from(target.response_minutes), i64::from(target.restore_minutes));
    Ok(())
}

fn scope(site: Option<SiteId>) -> i64 {
    site.map_or(0, |s| s.0)
}
