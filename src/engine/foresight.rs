//! What the forecast remembers of each supply: every reading is folded in, what peers teach is gathered once a day.
//!
//! The state lies beside the supply and is written with its history; a supply that has history and no state yet folds its
//! last year in. It never plans: `plan` does.

use std::collections::HashMap;
use std::sync::Arc;

use super::action::catalogue;
use super::survey::Survey;
use super::writer::Work;
use crate::forecast::{Alert, Calendar, Forecast, Peers, Replacement, Sample, Seen, SupplySeries, Unit, forecast};
use crate::model::{ArticleId, DeviceId, Millis, SiteId, Supply, SupplyId, SupplyState};
use crate::store::device::Device;
use crate::store::supply::{self, Replaced};
use crate::store::{Result, Tx, position};
use crate::workflow::reorder::{self, Catalogue};

/// What peers teach changes slowly, and asks every supply.
const PEERS_EVERY: i64 = Millis::DAY;
const CALENDAR_EVERY: i64 = Millis::DAY;
/// History that a late beginning looks back on.
const LOOK_BACK: i64 = 365 * Millis::DAY;
/// Days of a calendar: a reading is folded in at once, but a device may have been silent for long.
const DAYS_BACK: i64 = 120;
const DAYS_AHEAD: i64 = 3 * 365;

/// Shared by all supplies of a run; made anew when it is old.
#[derive(Default)]
pub(super) struct Foresight {
    /// With the moment each was made: summer time and the coming years move on.
    calendars: HashMap<SiteId, (Millis, Arc<Calendar>)>,
    peers: Option<(Millis, Arc<Peers>)>,
    /// Articles that stand in for one another, of the catalogue they were made from.
    classes: Option<(Arc<Catalogue>, Classes)>,
    survey: Option<Survey>,
}

type Classes = HashMap<ArticleId, Arc<[ArticleId]>>;

impl Work {
    /// Working days of the branch, in its own time: the week and the days off of its service agreement.
    pub async fn calendar(&mut self, tx: &mut Tx, site: SiteId) -> Result<Arc<Calendar>> {
        let now = self.now;
        if let Some((at, known)) = self.foresight.calendars.get(&site)
            && (0..CALENDAR_EVERY).contains(&now.since(*at))
        {
            return Ok(Arc::clone(known));
        }
        let agreement = self.agreement(tx, site).await?;
        let calendar = Arc::new(working_days(&agreement.calendar, now));
        self.foresight.calendars.insert(site, (now, Arc::clone(&calendar)));
        Ok(calendar)
    }

    /// The agreement changed.
    pub fn forget_calendars(&mut self) {
        self.foresight.calendars.clear();
    }

    /// The article and what may stand in for it, by number.
    pub async fn equals(&mut self, tx: &mut Tx, article: ArticleId) -> Result<Arc<[ArticleId]>> {
        let all = catalogue(self, tx).await?;
        let known = self.foresight.classes.as_ref().is_some_and(|(of, _)| Arc::ptr_eq(of, &all));
        if !known {
            let mut made = HashMap::new();
            for class in reorder::classes(&all.candidates) {
                let class: Arc<[ArticleId]> = class.into();
                made.extend(class.iter().map(|id| (*id, Arc::clone(&class))));
            }
            self.foresight.classes = Some((Arc::clone(&all), made));
        }
        let found = self.foresight.classes.as_ref().and_then(|(_, c)| c.get(&article).cloned());
        Ok(found.unwrap_or_else(|| Arc::new([article])))
    }

    pub fn survey(&self) -> Option<&Survey> {
        self.foresight.survey.as_ref()
    }
    pub fn survey_mut(&mut self) -> Option<&mut Survey> {
        self.foresight.survey.as_mut()
    }
    /// For as long as all pools are planned; `None`: every pool reads for itself.
    pub fn surveyed(&mut self, survey: Option<Survey>) {
        self.foresight.survey = survey;
    }

    /// What devices teach one another, at most a day old.
    pub async fn peers(&mut self, tx: &mut Tx) -> Result<Arc<Peers>> {
        let now = self.now;
        if let Some((at, known)) = &self.foresight.peers
            && (0..PEERS_EVERY).contains(&now.since(*at))
        {
            return Ok(Arc::clone(known));
        }
        let all = position::remembered(tx).await?;
        let read = all.iter().filter_map(|r| {
            let article = r.article_id.map(ArticleId);
            let key = peer_key(article, r.vendor.as_deref(), r.model.as_deref(), &r.kind, r.color.as_deref());
            Some((key, serde_json::from_str::<SupplySeries>(&r.forecast).ok()?))
        });
        let series: Vec<(String, SupplySeries)> = read.collect();
        let peers = Arc::new(Peers::learn(series.iter().map(|(k, s)| (k.as_str(), s))));
        self.foresight.peers = Some((now, Arc::clone(&peers)));
        Ok(peers)
    }
}

/// Supplies with one key teach one another: the same article, else the same place in the same model.
pub(super) fn peer_key(
    article: Option<ArticleId>,
    vendor: Option<&str>,
    model: Option<&str>,
    kind: &str,
    color: Option<&str>,
) -> String {
    match article {
        Some(id) => format!("article:{id}"),
        None => [vendor.unwrap_or(""), model.unwrap_or(""), kind, color.unwrap_or("")].join("|").to_lowercase(),
    }
}

/// The agreed days around now, as the forecast wants them.
fn working_days(agreed: &crate::sla::Calendar, now: Millis) -> Calendar {
    let day_of = |d: i64| jiff::civil::Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(d));
    let today = now.0.div_euclid(Millis::DAY);
    let days = today - DAYS_BACK..today + DAYS_AHEAD;
    // The usual week: a weekday of which most are worked.
    let mut worked = [0_i64; 7];
    for d in days.clone().filter(|d| agreed.is_working(day_of(*d))) {
        worked[(d + 3).rem_euclid(7) as usize] += 1;
    }
    let most = (DAYS_BACK + DAYS_AHEAD) / 14;
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    let offset_ms = i64::from(agreed.zone().to_offset(at).seconds()) * 1000;
    Calendar::agreed(worked.map(|n| n > most), days, |d| agreed.is_working(day_of(d)), offset_ms)
}

/// The state as it was written; else the history folded in.
pub(super) async fn remembered(tx: &mut Tx, id: SupplyId, json: Option<&str>, device: &Device) -> Result<SupplySeries> {
    // One that another version wrote is made anew from the history.
    if let Some(series) = json.and_then(|text| serde_json::from_str(text).ok()) {
        return Ok(series);
    }
    let mut series = SupplySeries::default();
    let since = device.last_seen.unwrap_or(device.first_seen).plus(-LOOK_BACK);
    for r in supply::raw_readings(tx, id, since).await? {
        let sample = Sample {
            at: Millis(r.at),
            level: r.level.map(|l| l as f64),
            capacity: r.max_capacity.map(|c| c as f64),
            pages: r.pages.map(|p| p as f64),
            ..Sample::default()
        };
        series.observe(&sample, &Calendar::default());
    }
    Ok(series)
}

/// What the forecasts of one device's supplies rest on besides their own readings.
pub(super) struct Around {
    now: Millis,
    vendor: Option<String>,
    model: Option<String>,
    /// Pages over all epochs of the counter.
    pages: Option<i64>,
    /// Serial number of the device, else its base MAC.
    board: Option<String>,
    catalogue: Arc<Catalogue>,
    peers: Arc<Peers>,
    calendar: Arc<Calendar>,
}

impl Around {
    pub async fn of(work: &mut Work, tx: &mut Tx, id: DeviceId) -> Result<Option<Around>> {
        let catalogue = catalogue(work, tx).await?;
        let Some(site) = work.cache.get(id).map(|k| k.device.site) else { return Ok(None) };
        let (calendar, peers) = (work.calendar(tx, site).await?, work.peers(tx).await?);
        let now = work.now;
        let Some(d) = work.cache.get(id).map(|k| &k.device) else { return Ok(None) };
        Ok(Some(Around {
            now,
            vendor: d.vendor.clone(),
            model: d.model.clone(),
            pages: d.pages_total(),
            board: d.serial.clone().or_else(|| d.base_mac.clone()),
            catalogue,
            peers,
            calendar,
        }))
    }

    fn rated(&self, article: Option<ArticleId>) -> Option<f64> {
        let found = article.and_then(|id| self.catalogue.candidates.iter().map(|c| &c.article).find(|a| a.id == id));
        found?.yield_pages.map(|n| n as f64)
    }

    /// A reading as the estimator takes it.
    fn sample(&self, read: &Supply, state: &SupplyState, article: Option<ArticleId>, at: Millis) -> Sample {
        let alert = if state.alert_empty {
            Some(Alert::Empty)
        } else if state.alert_low {
            Some(Alert::Low)
        } else {
            None
        };
        let unit = match read.unit.as_deref() {
            Some("percent") => Unit::Percent,
            Some("impressions" | "sheets") => Unit::Impressions,
            _ => Unit::Other,
        };
        Sample {
            at,
            level: read.level.map(|l| l as f64),
            capacity: read.max_capacity.map(|c| c as f64),
            unit,
            pages: self.pages.map(|p| p as f64),
            alert,
            serial: read.serial.clone(),
            board: self.board.clone(),
            rated_yield: self.rated(article),
        }
    }

    fn foresee(&self, series: &SupplySeries, state: &SupplyState, article: Option<ArticleId>) -> Forecast {
        let (vendor, model) = (self.vendor.as_deref(), self.model.as_deref());
        let key = peer_key(article, vendor, model, state.kind.as_str(), state.color.as_deref());
        forecast(series, Some(&key), &self.peers, &self.calendar, self.now)
    }
}

/// A replacement that a reading made certain, or that was none after all.
#[derive(Debug, Clone)]
pub(super) enum Found {
    Replaced(SupplyId, Replacement),
    NotReplaced(SupplyId, Millis),
}

/// Folds a reading in; the state is written with the history (`due`), and when a replacement was found or taken back.
pub(super) async fn fold(
    tx: &mut Tx,
    id: SupplyId,
    series: &mut SupplySeries,
    (read, state, at): (&Supply, &SupplyState, Millis),
    article: Option<ArticleId>,
    around: &Around,
    due: bool,
) -> Result<Vec<Found>> {
    let before = series.replacements().to_vec();
    series.observe(&around.sample(read, state, article, at), &around.calendar);
    let found = record(tx, id, &before, series, article, around.pages, around.now).await?;
    if !found.is_empty() || due {
        let seen = Seen { at: around.now, forecast: around.foresee(series, state, article) };
        let empty_at = seen.forecast.median_days.map(|d| around.now.plus((d * Millis::DAY as f64) as i64));
        let series = serde_json::to_string(series).unwrap_or_default();
        let outlook = serde_json::to_string(&seen).unwrap_or_default();
        supply::save_series(tx, id, &series, &outlook, empty_at).await?;
    }
    Ok(found)
}

/// A person gave a piece out for a supply, or took it back: the estimator is told before the device tells.
pub(super) async fn issued(
    work: &mut Work,
    tx: &mut Tx,
    device: DeviceId,
    id: SupplyId,
    at: Millis,
    back: bool,
) -> Result<()> {
    let Some(known) = work.known(tx, device).await? else { return Ok(()) };
    let Some(s) = known.supplies(tx).await?.iter_mut().find(|s| s.id == id) else { return Ok(()) };
    if back {
        s.series.not_issued(at);
    } else if !s.series.issued(at) {
        return Ok(());
    }
    supply::save_memory(tx, id, &serde_json::to_string(&s.series).unwrap_or_default()).await
}

/// Replacements that were found or taken back since `before` become rows.
async fn record(
    tx: &mut Tx,
    id: SupplyId,
    before: &[Replacement],
    series: &SupplySeries,
    article: Option<ArticleId>,
    pages: Option<i64>,
    now: Millis,
) -> Result<Vec<Found>> {
    let after = series.replacements();
    let mut found = Vec::new();
    if before == after {
        return Ok(found);
    }
    for gone in before.iter().filter(|b| !after.iter().any(|a| a.at == b.at)) {
        // Only the oldest is forgotten for want of room.
        if after.first().is_some_and(|a| a.at > gone.at) {
            continue;
        }
        supply::cancel_replacement(tx, id, gone.at, now).await?;
        found.push(Found::NotReplaced(id, gone.at));
    }
    for new in after.iter().filter(|a| !before.contains(a)) {
        let (from, to) = new.levels().map_or((None, None), |(from, to)| (Some(from), Some(to)));
        let evidence = serde_json::to_string(&new.evidence).unwrap_or_default();
        let row = Replaced {
            at: new.at,
            rule: new.rule.as_str(),
            confidence: new.confidence,
            before: from,
            after: to,
            pages,
            evidence: &evidence,
            article,
        };
        supply::add_replacement(tx, id, &row).await?;
        found.push(Found::Replaced(id, new.clone()));
    }
    Ok(found)
}
