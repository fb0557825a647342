//! `/settings/service`: hours of the branch, targets of the service level, pauses, days that differ, production calendars.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::ToSpan;
use jiff::civil::Date;

use super::tabs;
use crate::i18n::Lang;
use crate::model::{
    CalendarDay, Command, DayKind, Hours, Millis, ServiceChange, ServiceTerms, SiteId, SlaTarget, TicketStatus,
};
use crate::sla::{Agreement, Production, hours_text, parse_spans};
use crate::store::service;
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, failed, refusal, told};

pub const PATH: &str = "/settings/service";

/// Days that differ are listed so far ahead.
const AHEAD_DAYS: i64 = 366;

/// Days in a row that are not what their weekdays say.
struct Line {
    date: Date,
    last: Date,
    kind: DayKind,
    note: String,
    /// A person entered it: it can be taken back.
    entered: bool,
}

impl Line {
    fn goes_on_with(&self, next: &Line) -> bool {
        let alike = |l: &Line| (l.kind, l.entered, l.note.clone());
        self.last.saturating_add(1.day()) == next.date && alike(self) == alike(next)
    }
}

#[derive(Template)]
#[template(path = "settings_service.html")]
pub struct ServicePage {
    ui: Ui,
    tabs: Tabs,
    site: Option<SiteId>,
    site_name: String,
    lines: Vec<Line>,
    /// The coming years whose decree is not known.
    unknown: Vec<i16>,
    targets: Form,
    hours: Form,
    day: Form,
    import: Form,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/settings/service/targets", post(set_targets))
        .route("/settings/service/hours", post(set_hours))
        .route("/settings/service/days", post(set_day))
        .route("/settings/service/calendar", post(import))
}

/// "2:30" of 150.
fn clock_text(minutes: u32) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// Minutes of "2:30", "0:15", or of whole hours: "8".
fn clock_minutes(text: &str) -> Option<u32> {
    let (h, m) = text.trim().split_once([':', '.']).unwrap_or((text.trim(), "0"));
    let (h, m): (u32, u32) = (h.trim().parse().ok()?, m.trim().parse().ok()?);
    if m > 59 { None } else { h.checked_mul(60)?.checked_add(m) }
}

fn targets_form(agreement: &Agreement) -> Form {
    let mut form = Form::default();
    for p in 1..=5_u8 {
        let t = agreement.sla.target(p);
        form.set(&format!("response{p}"), &clock_text(t.response_minutes));
        form.set(&format!("restore{p}"), &clock_text(t.restore_minutes));
    }
    for s in &agreement.sla.pauses {
        form.set(s.as_str(), "1");
    }
    form
}

fn hours_form(hours: &Hours) -> Form {
    let mut form = Form::default();
    for (at, spans) in hours.0.iter().enumerate() {
        form.set(&format!("day{at}"), &hours_text(spans));
    }
    form
}

impl ServicePage {
    fn new(ui: Ui, terms: &ServiceTerms) -> Self {
        let agreement = Agreement::of(terms);
        let today = agreement.calendar.date(ui.now);
        let until = today.saturating_add(AHEAD_DAYS.days());
        let mut lines: Vec<Line> = Vec::new();
        for date in today.series(1.day()).take_while(|d| *d <= until) {
            if let Some(CalendarDay { kind, note, .. }) = agreement.calendar.exception(date) {
                let entered = terms.days.iter().any(|d| d.date == date);
                let line = Line { date, last: date, kind: *kind, note: note.clone(), entered };
                match lines.last_mut().filter(|l| l.goes_on_with(&line)) {
                    Some(run) => run.last = date,
                    None => lines.push(line),
                }
            }
        }
        // A holiday on a weekend changes nothing.
        let hours = terms.hours.clone().unwrap_or_default();
        let usual = |d: Date| hours.0[usize::try_from(d.weekday().to_monday_zero_offset()).unwrap_or(0)].is_empty();
        lines.retain(|l| l.entered || l.kind != DayKind::Off || l.date != l.last || !usual(l.date));
        let unknown = (today.year()..=until.year()).filter(|y| !agreement.knows_year(*y)).collect();
        let site = ui.site.or_else(|| ui.sites.first().map(|s| s.id));
        let site_name = ui.sites.iter().find(|s| Some(s.id) == site).map(|s| s.name.clone()).unwrap_or_default();
        ServicePage {
            tabs: tabs(&ui),
            site,
            site_name,
            lines,
            unknown,
            targets: targets_form(&agreement),
            hours: hours_form(&terms.hours.clone().unwrap_or_default()),
            day: Form::of(&[("kind", "off"), ("scope", "all")]),
            import: Form::default(),
            ui,
        }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageSettings)
    }

    /// (words, fields of response and restore)
    fn priorities(&self) -> Vec<(String, String, String)> {
        let row = |p: u8| {
            let words = format!("P{p} — {}", self.ui.word("ticket-priority-", &p.to_string()));
            (words, format!("response{p}"), format!("restore{p}"))
        };
        (1..=5).map(row).collect()
    }

    fn pauses(&self) -> Vec<(&'static str, String, bool)> {
        let waits = TicketStatus::ALL.into_iter().filter(|s| s.is_waiting());
        waits
            .map(|s| (s.as_str(), self.ui.word("ticket-status-", s.as_str()), self.targets.given(s.as_str()).is_some()))
            .collect()
    }

    /// (field, name) of the days of the week.
    fn weekdays(&self) -> Vec<(String, &'static str)> {
        const NAMES: [&str; 7] =
            ["weekday-1", "weekday-2", "weekday-3", "weekday-4", "weekday-5", "weekday-6", "weekday-7"];
        NAMES.iter().enumerate().map(|(at, name)| (format!("day{at}"), *name)).collect()
    }

    fn kinds(&self) -> Vec<(String, String)> {
        DayKind::ALL.iter().map(|k| (k.as_str().to_owned(), self.ui.word("day-kind-", k.as_str()))).collect()
    }

    fn scopes(&self) -> Vec<(String, String)> {
        let mut scopes = vec![("all".to_owned(), self.ui.t("service-all-sites"))];
        scopes.extend(self.site.map(|s| (s.to_string(), self.site_name.clone())));
        scopes
    }

    fn kind(&self, line: &Line) -> String {
        self.ui.word("day-kind-", line.kind.as_str())
    }

    /// "четверг, 31 декабря", "пятница, 1 января 2027 – пятница, 8 января 2027".
    fn date(&self, line: &Line) -> String {
        let first = self.day_words(line.date);
        if line.last == line.date { first } else { format!("{first} – {}", self.day_words(line.last)) }
    }

    fn day_words(&self, date: Date) -> String {
        let noon = date.to_datetime(jiff::civil::Time::constant(12, 0, 0, 0));
        let at = self.ui.zone.to_timestamp(noon).map_or(0, jiff::Timestamp::as_millisecond);
        let words = self.ui.long_date(Millis(at));
        let present = jiff::Timestamp::from_millisecond(self.ui.now.0).unwrap_or_default();
        if date.year() == present.to_zoned(self.ui.zone.clone()).year() {
            words
        } else {
            format!("{words} {}", date.year())
        }
    }

    fn hours_title(&self) -> String {
        self.ui.tv("service-hours", self.site_name.as_str())
    }

    fn unknown_years(&self) -> Option<String> {
        let years: Vec<String> = self.unknown.iter().map(i16::to_string).collect();
        (!years.is_empty()).then(|| self.ui.tv("service-unknown-years", years.join(", ")))
    }
}

async fn load(state: &AppState, ui: Ui) -> Result<ServicePage, WebError> {
    ui.require(Permission::View)?;
    let site = ui.site.or_else(|| ui.sites.first().map(|s| s.id)).unwrap_or(SiteId(0));
    let terms = service::terms(state.store.db(), site).await?;
    Ok(ServicePage::new(ui, &terms))
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    load(&state, ui).await?.page()
}

fn refused(page: &ServicePage) -> Result<Response, WebError> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page.page()?).into_response())
}

async fn give(
    state: &AppState,
    ui: &Ui,
    change: ServiceChange,
) -> Result<Result<(), crate::engine::CommandError>, WebError> {
    Ok(command(state, ui, Command::Service { change }).await?.map(|_| ()))
}

async fn set_targets(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageSettings)?;
    let mut wanted = Vec::new();
    for priority in 1..=5_u8 {
        let [response, restore] = ["response", "restore"].map(|f| format!("{f}{priority}"));
        let (a, b) = (clock_minutes(form.value(&response)), clock_minutes(form.value(&restore)));
        for (field, value) in [(&response, a), (&restore, b)] {
            if value.is_none_or(|m| m == 0) {
                form.wrong(field, ui.t("service-wrong-time"));
            }
        }
        if let (Some(response_minutes), Some(restore_minutes)) = (a, b) {
            if restore_minutes < response_minutes {
                form.wrong(&restore, ui.t("service-restore-short"));
            }
            wanted.push((priority, SlaTarget { response_minutes, restore_minutes }));
        }
    }
    if !form.is_fine() {
        let page = ServicePage { targets: form, ..load(&state, ui).await? };
        return refused(&page);
    }
    let statuses = TicketStatus::ALL.into_iter().filter(|s| s.is_waiting() && form.given(s.as_str()).is_some());
    let mut changes = vec![ServiceChange::Pauses { statuses: statuses.collect() }];
    changes.extend(wanted.into_iter().map(|(priority, target)| ServiceChange::Target { priority, target }));
    for change in changes {
        if let Err(e) = give(&state, &ui, change).await? {
            return Ok(told(&ui, &e).redirect(PATH));
        }
    }
    Ok(Flash::done("settings-saved", "").redirect(PATH))
}

async fn set_hours(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageSettings)?;
    let site =
        form.value("site").parse().map(SiteId).map_err(|_| WebError::BadRequest("no branch was named".into()))?;
    let mut days: [Vec<crate::model::Span>; 7] = Default::default();
    for (at, day) in days.iter_mut().enumerate() {
        let field = format!("day{at}");
        match parse_spans(form.value(&field)) {
            Ok(spans) => *day = spans,
            Err(_) => form.wrong(&field, ui.t("service-wrong-hours")),
        }
    }
    if form.is_fine() {
        match give(&state, &ui, ServiceChange::Hours { site, hours: Hours(days) }).await? {
            Ok(()) => return Ok(Flash::done("settings-saved", "").redirect(PATH)),
            Err(e) => form.wrong("day0", refusal(&ui, &e).1),
        }
    }
    let page = ServicePage { hours: form, ..load(&state, ui).await? };
    refused(&page)
}

async fn set_day(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageSettings)?;
    let site = form.value("scope").parse().ok().map(SiteId);
    // Nothing chosen: the day is as the production calendar says.
    let kind = DayKind::parse(form.value("kind"));
    match form.value("date").trim().parse::<Date>() {
        Err(_) => form.wrong("date", ui.t("service-wrong-date")),
        Ok(date) => {
            let note = form.value("note").to_owned();
            // Taking back is of the branch and of all: whoever entered it.
            let scopes = if kind.is_none() {
                vec![None, ui.site.or_else(|| ui.sites.first().map(|s| s.id))]
            } else {
                vec![site]
            };
            for site in scopes {
                let change = ServiceChange::Day { site, date, kind, note: note.clone() };
                if let Err(e) = give(&state, &ui, change).await? {
                    let status = failed(&ui, &mut form, &["note", "date"], &e);
                    let page = ServicePage { day: form, ..load(&state, ui).await? };
                    return Ok((status, page.page()?).into_response());
                }
            }
            return Ok(Flash::done("settings-saved", "").redirect(PATH));
        }
    }
    let page = ServicePage { day: form, ..load(&state, ui).await? };
    refused(&page)
}

async fn import(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageSettings)?;
    let text = form.value("calendar").to_owned();
    let count = Production::parse(&text).map(|p| p.days().count()).unwrap_or(0);
    match give(&state, &ui, ServiceChange::Import { text }).await? {
        Ok(()) => Ok(Flash::done("service-imported", ui.tn("service-days", count)).redirect(PATH)),
        Err(e) => {
            let status = failed(&ui, &mut form, &["calendar"], &e);
            let page = ServicePage { import: form, ..load(&state, ui).await? };
            Ok((status, page.page()?).into_response())
        }
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, ServicePage)> {
    let ui = || Ui::sample(lang, PATH);
    let day = |date: &str, kind, note: &str| CalendarDay {
        date: date.parse().unwrap_or_default(),
        kind,
        note: note.to_owned(),
    };
    let terms = ServiceTerms {
        time_zone: "Europe/Moscow".to_owned(),
        days: vec![day("2026-12-30", DayKind::Short, "Инвентаризация склада"), day("2027-03-20", DayKind::Off, "")],
        ..ServiceTerms::default()
    };
    let mut wrong = ServicePage::new(ui(), &terms);
    wrong.targets.wrong("restore1", ui().t("service-wrong-time"));
    wrong.hours.wrong("day2", ui().t("service-wrong-hours"));
    wrong.day.wrong("date", ui().t("service-wrong-date"));
    vec![("", ServicePage::new(ui(), &terms)), ("wrong", wrong)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_minutes_there_and_back() {
        assert_eq!(clock_minutes("2:30"), Some(150));
        assert_eq!(clock_minutes(" 8 "), Some(480));
        assert_eq!(clock_text(1440), "24:00");
        assert_eq!(clock_minutes(&clock_text(15)), Some(15));
        for bad in ["", "x", "1:60", "-1", "1:2:3", "99999999999"] {
            assert_eq!(clock_minutes(bad), None, "{bad}");
        }
    }
}
