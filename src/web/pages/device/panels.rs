//! Rows of the store as the page of a device draws them: words, charts, links. Pure.

use std::collections::BTreeMap;

use crate::forecast::Seen;
use crate::model::{LevelState, Millis};
use crate::store::pages::{EpochRow, JamRow};
use crate::store::read::device::{Attachment, DayValue, DeviceDetail, SupplyPoint, SupplyRow, TimelineRow};
use crate::web::badge::Meaning;
use crate::web::chart::{Ahead, Bars, Chart, Mark, Point};
use crate::web::foresight;
use crate::web::html::Html;
use crate::web::layout::Ui;
use crate::web::level::{Certainty, Level};
use crate::web::words;

/// Readings come at least daily; a longer silence is not known.
const MAX_GAP_MS: i64 = 36 * Millis::HOUR;

pub struct SupplyView {
    pub letter: &'static str,
    pub name: String,
    /// Description, part number, article, serial.
    pub detail: String,
    pub bar: Html,
    pub words: String,
    pub is_low: bool,
    pub age: Html,
    /// What is ordered, with its link; or that nothing is.
    pub order: Option<(String, String)>,
    pub not_ordered: bool,
    pub source: String,
    /// "около 12 дней (8–17), к 8 дек."
    pub runs_out: Option<String>,
    /// What that rests on: the stage first.
    pub basis: Vec<String>,
    /// "на складе 2"
    pub shelf: Option<String>,
    /// «Заменил».
    pub replace: Option<super::replace::ReplaceView>,
    /// The last readings, newest first: when, level, pages.
    pub readings: Vec<(String, String, String)>,
    /// An article that was found and not confirmed: its name, and what the buttons send.
    pub guess: Option<(String, String)>,
}

/// Readings shown under a forecast.
const READINGS: usize = 12;

fn level(s: &SupplyRow) -> Level {
    Level {
        state: s.state().unwrap_or(LevelState::Unknown),
        low: s.low,
        high: s.high,
        color: s.color.clone(),
        steps: words::steps(s.max_capacity),
        receptacle: s.receptacle != 0,
        is_low: s.is_low != 0,
    }
}

pub fn supply(ui: &Ui, s: &SupplyRow, history: &[SupplyPoint]) -> SupplyView {
    let level = level(s);
    let mut detail: Vec<&str> = vec![&s.description];
    for more in [&s.article, &s.part_number, &s.serial].into_iter().flatten() {
        if !detail.iter().any(|d| d.contains(more.as_str())) {
            detail.push(more);
        }
    }
    let order = s.order_id.zip(s.order_number.as_ref()).map(|(id, number)| {
        let status = ui.word("order-status-", s.order_status.as_deref().unwrap_or(""));
        let words = ui.tw("low-ordered", &[("number", number.clone().into()), ("status", status.into())]);
        (words, format!("/orders/{id}"))
    });
    let seen = foresight::read(s.outlook.as_deref());
    SupplyView {
        letter: level.letter(),
        name: words::supply_name(ui, &s.kind, s.color.as_deref()),
        detail: detail.join(" · "),
        bar: level.bar(ui),
        words: level.words(ui),
        is_low: level.is_low,
        age: ui.ago_html(&Millis(s.updated_at)),
        // A piece on the shelf answers it.
        not_ordered: level.is_low && order.is_none() && s.on_hand <= 0,
        order,
        source: ui.word("source-", &s.source),
        runs_out: seen.as_ref().and_then(|f| foresight::words(ui, f)),
        basis: seen.as_ref().map(|f| basis(ui, f)).unwrap_or_default(),
        shelf: s.article_id.map(|_| ui.tv("supply-on-shelf", ui.integer(s.on_hand))),
        replace: None,
        readings: readings(ui, s, history),
        guess: (s.article_id.zip(s.article.clone()))
            .filter(|_| s.article_confirmed == 0)
            .map(|(id, name)| (name, format!("{}:{id}", s.id))),
    }
}

/// What the device said last, as it was understood.
fn readings(ui: &Ui, s: &SupplyRow, history: &[SupplyPoint]) -> Vec<(String, String, String)> {
    let said = |p: &SupplyPoint| {
        let then = Level { state: p.state, low: p.low, high: p.high, is_low: false, ..level(s) };
        let pages = p.pages.map_or_else(|| "—".to_owned(), |n| ui.integer(n));
        (ui.date_time(p.at), then.words(ui), pages)
    };
    history.iter().rev().filter(|p| p.supply.0 == s.id).take(READINGS).map(said).collect()
}

fn basis(ui: &Ui, seen: &Seen) -> Vec<String> {
    let mut lines = vec![foresight::stage(ui, Some(seen))];
    lines.extend(foresight::basis(ui, seen));
    lines
}

/// Where the level is going: the middle 80 % as a cone to nothing.
fn ahead(s: &SupplyRow) -> Option<Ahead> {
    let seen = foresight::read(s.outlook.as_deref())?;
    let f = &seen.forecast;
    let at = |days| foresight::moment(&seen, days);
    Some(Ahead {
        level: (f.level_low?, f.level?, f.level_high?),
        spent: (at(f.low_days)?, at(f.median_days)?, at(f.high_days)?),
    })
}

pub struct ChartView {
    pub title: String,
    pub chart: Html,
}

/// One chart for each supply that ever told a level in the span.
pub fn charts(ui: &Ui, supplies: &[SupplyRow], history: &[SupplyPoint], span: i64) -> Vec<ChartView> {
    let from = ui.now.plus(-span * Millis::DAY);
    supplies
        .iter()
        .filter_map(|s| {
            let points: Vec<&SupplyPoint> = history.iter().filter(|p| p.supply.0 == s.id).collect();
            let told = points.iter().filter(|p| p.low.is_some()).count();
            if told < 2 {
                return None;
            }
            let title = words::supply_name(ui, &s.kind, s.color.as_deref());
            let summary = ui.tw(
                "device-level-summary",
                &[("name", title.clone().into()), ("days", span.into()), ("level", level(s).words(ui).into())],
            );
            let chart = Chart {
                from,
                now: ui.now,
                ahead: ahead(s),
                marks: replacements(ui, &points),
                points: points.iter().map(|p| point(p)).collect(),
                max_gap_ms: MAX_GAP_MS,
                threshold: Some(s.threshold),
                summary,
                scale: [1.0, 0.5, 0.0].map(|f| ui.percent(f)).into(),
                colour: level(s).colour_class(),
            };
            Some(ChartView { title, chart: chart.svg(ui) })
        })
        .collect()
}

fn point(p: &SupplyPoint) -> Point {
    let level =
        Level { state: p.state, low: p.low, high: p.high, color: None, steps: None, receptacle: false, is_low: false };
    let vague = level.certainty() == Certainty::Some;
    Point { at: p.at, interval: p.low.zip(p.high).filter(|_| level.certainty() != Certainty::Nothing), vague }
}

/// Clear rises between two known levels.
fn replacements(ui: &Ui, points: &[&SupplyPoint]) -> Vec<Mark> {
    let known: Vec<&&SupplyPoint> = points.iter().filter(|p| p.state == LevelState::Known && p.low.is_some()).collect();
    known
        .windows(2)
        .filter(|w| w[1].low.unwrap_or(0.0) - w[0].high.unwrap_or(1.0) >= 0.3)
        .map(|w| Mark { at: w[1].at, words: ui.t("device-replaced") })
        .collect()
}

pub struct PagesView {
    pub total: String,
    /// "около 310 в неделю", when enough days are known.
    pub pace: Option<String>,
    pub chart: Option<Html>,
}

pub fn pages(ui: &Ui, total: Option<i64>, days: &[DayValue], span: i64) -> Option<PagesView> {
    let total = total?;
    let amounts = per_day(days);
    let today = ui.now.0 - ui.now.0.rem_euclid(Millis::DAY);
    let first = today - (span - 1) * Millis::DAY;
    let bars: Vec<(Millis, Option<i64>)> = (0..span)
        .map(|i| Millis(first + i * Millis::DAY))
        .map(|day| (day, amounts.get(&day).copied().flatten()))
        .collect();
    let known: Vec<i64> = bars[..bars.len() - 1].iter().rev().take(28).filter_map(|(_, v)| *v).collect();
    let pace = (known.len() >= 7).then(|| {
        let week = known.iter().sum::<i64>() as f64 / known.len() as f64 * 7.0;
        ui.tv("device-pages-pace", ui.integer(round_to_known(week)))
    });
    let summary = ui.tw("device-pages-summary", &[("days", span.into()), ("total", total.into())]);
    let chart = amounts.values().any(Option::is_some).then(|| Bars { days: bars, summary }.svg(ui));
    Some(PagesView { total: ui.integer(total), pace, chart })
}

/// Pages of each day: the counter's rise since the day before, or within the day after a gap; `None` after a reset.
fn per_day(days: &[DayValue]) -> BTreeMap<Millis, Option<i64>> {
    let mut amounts = BTreeMap::new();
    let mut before: Option<&DayValue> = None;
    for d in days {
        let start = before.filter(|b| d.day.since(b.day) == Millis::DAY).map_or(d.first, |b| b.last);
        amounts.insert(d.day, Some(d.last - start).filter(|n| *n >= 0));
        before = Some(d);
    }
    amounts
}

/// One epoch of the page counter.
pub struct EpochView {
    pub why: String,
    pub counted: String,
    pub span: String,
}

/// Only worth showing when the counter was ever reset.
pub fn epochs(ui: &Ui, rows: &[EpochRow]) -> Vec<EpochView> {
    if rows.len() < 2 {
        return Vec::new();
    }
    let view = |e: &EpochRow| EpochView {
        why: ui.word("epoch-", &e.why),
        counted: format!("{} – {}", ui.integer(e.first_value), ui.integer(e.last_value)),
        span: format!("{} – {}", ui.date_time(Millis(e.started_at)), ui.date_time(Millis(e.last_at))),
    };
    rows.iter().map(view).collect()
}

pub struct JamsView {
    /// "5 jams in 90 days, 1.2 per 1,000 pages".
    pub summary: String,
    pub lines: Vec<(String, Html)>,
}

/// Jams of the span, with their rate where the pages of its days are known.
pub fn jams(ui: &Ui, rows: &[JamRow], days: &[DayValue], span: i64) -> Option<JamsView> {
    if rows.is_empty() {
        return None;
    }
    let printed: i64 = per_day(days).values().flatten().sum();
    let count = ui.tn("jams-count", rows.len());
    let mut summary = ui.tw("jams-summary", &[("jams", count.into()), ("days", ui.tn("time-days", span).into())]);
    if printed >= 1_000 {
        let rate = rows.len() as f64 * 1_000.0 / printed as f64;
        summary = format!("{summary}, {}", ui.tv("jams-rate", ui.decimal(rate, 1)));
    }
    let line = |j: &JamRow| {
        let words = if j.detail.trim().is_empty() { ui.t("alert-jam") } else { j.detail.clone() };
        let words = match j.pages {
            Some(pages) => format!("{words} · {}", ui.tv("jam-at-page", ui.integer(pages))),
            None => words,
        };
        (words, ui.time_html(Millis(j.at), &ui.date_time(Millis(j.at))))
    };
    Some(JamsView { summary, lines: rows.iter().take(10).map(line).collect() })
}

/// Two digits are all that an average of a few weeks knows.
fn round_to_known(value: f64) -> i64 {
    let step = if value >= 1000.0 {
        100.0
    } else if value >= 100.0 {
        10.0
    } else {
        1.0
    };
    ((value / step).round() * step) as i64
}

/// "1 Гбит/с", "100 Мбит/с".
pub fn speed(ui: &Ui, bps: i64) -> String {
    match bps {
        ..=0 => String::new(),
        1_000_000_000.. => ui.tv("speed-gigabit", ui.decimal(bps as f64 / 1e9, usize::from(bps % 1_000_000_000 != 0))),
        _ => ui.tv("speed-megabit", ui.decimal(bps as f64 / 1e6, 0)),
    }
}

pub struct AttachmentView {
    pub switch: String,
    pub href: String,
    pub port: String,
    pub place: Option<String>,
    /// "1 Гбит/с · по таблице MAC · за портом ещё 3 адреса".
    pub detail: String,
    pub age: Html,
}

pub fn attachment(ui: &Ui, a: &Attachment) -> AttachmentView {
    let mut detail = vec![speed(ui, a.speed_bps.unwrap_or(0)), ui.word("seen-by-", &a.protocol)];
    if let Some(vlan) = a.vlan.filter(|v| *v > 0) {
        detail.push(format!("VLAN {vlan}"));
    }
    if a.macs > 1 {
        detail.push(ui.tn("port-shared", a.macs - 1));
    }
    if let Some(alias) = a.port_alias.as_ref().filter(|p| !p.is_empty()) {
        detail.push(format!("«{alias}»"));
    }
    detail.retain(|d| !d.is_empty());
    AttachmentView {
        switch: a.switch_name.clone(),
        href: format!("/devices/{}", a.switch_id),
        port: a.port.clone(),
        place: a.switch_place.clone(),
        detail: detail.join(" · "),
        age: ui.ago_html(&Millis(a.last_seen)),
    }
}

/// What the device itself shows now.
#[derive(Default)]
pub struct NowView {
    pub alerts: Vec<(Meaning, String, Html)>,
    pub console: Vec<String>,
    pub trays: Vec<(String, String)>,
}

impl NowView {
    pub fn is_empty(&self) -> bool {
        self.alerts.is_empty() && self.console.is_empty() && self.trays.is_empty()
    }
}

pub fn now(ui: &Ui, d: &DeviceDetail) -> NowView {
    use crate::model::AlertClass as C;
    let state = &d.row.state;
    let meaning = |class| match class {
        C::Repair => Meaning::Failure,
        C::User | C::Maintenance | C::Supply => Meaning::Attention,
        C::Ignore => Meaning::Unknown,
    };
    let alerts = state.alerts.iter().map(|a| {
        let ours = words::alert(ui, a);
        let theirs = a.alert.description.trim();
        let words = if theirs.is_empty() || theirs == ours { ours } else { format!("{ours} · {theirs}") };
        (meaning(a.class), words, ui.ago_html(&a.since))
    });
    let trays = d.facts.printer.iter().flat_map(|p| &p.trays).enumerate().map(|(i, t)| {
        let name = t.name.clone().unwrap_or_else(|| ui.tn("tray-number", i + 1));
        let level = match (t.level_state, t.level_percent) {
            (LevelState::Known, Some(p)) if p <= 0.0 => ui.t("tray-empty"),
            (LevelState::Known, Some(p)) => ui.percent(p / 100.0),
            (LevelState::SomeRemaining, _) => ui.t("tray-some"),
            _ => ui.t("level-unknown"),
        };
        (name, level)
    });
    NowView {
        alerts: alerts.collect(),
        console: state.console.iter().filter(|l| !l.trim().is_empty()).cloned().collect(),
        trays: trays.collect(),
    }
}

/// A name and its value; `mono` for what is copied by hand.
pub struct Fact {
    pub label: String,
    pub value: String,
    pub mono: bool,
    /// Which place told it and how far it is believed, as a tooltip.
    pub why: Option<String>,
}

pub fn facts(ui: &Ui, d: &DeviceDetail) -> Vec<Fact> {
    let row = &d.row;
    let fact = |label: &str, value: Option<String>, mono: bool| {
        value.filter(|v| !v.trim().is_empty()).map(|value| Fact { label: ui.t(label), value, mono, why: None })
    };
    let because = |of: &str, fact: Option<Fact>| {
        let why = d.facts.evidence.iter().find(|e| e.fact == of).map(|e| {
            let share = ui.percent(f64::from(e.confidence) / 100.0);
            ui.tw("fact-why", &[("rule", e.rule.clone().into()), ("confidence", share.into())])
        });
        fact.map(|f| Fact { why, ..f })
    };
    let uptime = row.state.uptime_cs.map(|cs| {
        let then = i64::try_from(cs).unwrap_or(0).saturating_mul(10);
        ui.duration(then + row.state.uptime_at.map_or(0, |at| ui.now.since(at).max(0)))
    });
    let address = (!row.address.is_empty())
        .then(|| if d.port == 161 { row.address.clone() } else { format!("{}:{}", row.address, d.port) });
    let ups = d.facts.ups.as_ref();
    let battery = ups.and_then(|u| u.charge_percent).map(|p| ui.percent(p as f64 / 100.0));
    let left = ups.and_then(|u| u.minutes_remaining).map(|m| ui.duration(m * Millis::MINUTE));
    let load = ups.and_then(|u| u.load_percent).map(|p| ui.percent(p as f64 / 100.0));
    let kind = words::kind(ui, row.kind.as_deref(), &row.functions);
    // What tells an MFP is another evidence than what tells a printer.
    let of = if row.kind.as_deref() == Some("mfp") { "functions" } else { "kind" };
    let all = [
        because(of, fact("col-kind", Some(kind), false)),
        because("model", fact("col-model", Some(words::model(row.vendor.as_deref(), row.model.as_deref())), false)),
        because("serial", fact("col-serial", row.serial.clone(), true)),
        because("firmware", fact("field-firmware", d.firmware.clone(), true)),
        fact("poe-power", super::ports::poe_budget(ui, &d.facts), false),
        fact("ups-battery", battery, false),
        fact("ups-left", left, false),
        fact("ups-load", load, false),
        fact("col-address", address, true),
        fact("col-mac", row.base_mac.clone(), true),
        fact("device-sys-name", d.sys_name.clone(), true),
        fact("device-contact", d.facts.sys_contact.clone(), false),
        fact("device-uptime", uptime, false),
        fact("device-credential", d.credential.clone(), false),
        fact("device-profile", d.profile.clone(), true),
        fact("device-first-seen", Some(ui.date_time(row.first_seen)), false),
    ];
    all.into_iter().flatten().collect()
}

pub struct TimelineLine {
    pub meaning: Meaning,
    pub words: String,
    pub at: Html,
    pub key: String,
}

pub struct TimelineView {
    pub lines: Vec<TimelineLine>,
    /// Filters: words, link, chosen.
    pub groups: Vec<(String, String, bool)>,
    pub older: Option<String>,
}

/// `rows` may hold one more than is shown: then there are older ones.
pub fn timeline(ui: &Ui, mut rows: Vec<TimelineRow>) -> TimelineView {
    let more = rows.len() > super::TIMELINE as usize;
    rows.truncate(super::TIMELINE as usize);
    let base = ui.query.without("before");
    let here = |p: &crate::web::html::Params| format!("{}#timeline", p.url(&ui.path));
    let chosen = ui.query.get("show");
    let mut groups = vec![(ui.t("tab-all"), here(&base.without("show")), chosen.is_none())];
    for (group, _) in words::TIMELINE_GROUPS {
        groups.push((ui.word("timeline-group-", group), here(&base.with("show", group)), chosen == Some(group)));
    }
    let older = rows.last().filter(|_| more).map(|r| here(&base.with("before", r.at.0)));
    let lines = rows
        .into_iter()
        .map(|r| {
            let (meaning, words) = words::event(ui, &r.event);
            TimelineLine { meaning, words, at: ui.time_html(r.at, &ui.date_time(r.at)), key: r.id.to_string() }
        })
        .collect();
    TimelineView { lines, groups, older }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn pages_of_a_day_are_the_rise_of_the_counter() {
        let day = |d: i64, first, last| DayValue { day: Millis(d * Millis::DAY), first, last };
        // A gap between 2 and 5: only what day 5 itself shows; a reset on day 6.
        let amounts = per_day(&[day(1, 100, 150), day(2, 150, 210), day(5, 400, 420), day(6, 7, 9)]);
        let values: Vec<_> = amounts.values().copied().collect();
        assert_eq!(values, [Some(50), Some(60), Some(20), None]);
    }

    #[test]
    fn averages_are_rounded_to_what_is_known() {
        assert_eq!([7.4, 312.0, 4_149.0].map(round_to_known), [7, 310, 4_100]);
    }

    #[test]
    fn speeds_read_as_on_the_box() {
        let ui = Ui::sample(Lang::Ru, "/");
        let told = [0, 10_000_000, 1_000_000_000, 2_500_000_000].map(|b| speed(&ui, b));
        assert_eq!(told, ["", "10\u{a0}Мбит/с", "1\u{a0}Гбит/с", "2,5\u{a0}Гбит/с"]);
    }
}
