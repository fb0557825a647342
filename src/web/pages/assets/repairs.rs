//! `/assets/repairs`: what is away, where, for how long, promised when; `/assets/repairs/{id}`: one case, its next step,
//! its papers, the loaner, and whether the repair is worth it. Opened from a ticket or an asset with one click.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::civil::Date;

use super::{banner, places, sample_data};
use crate::engine::CommandError;
use crate::i18n::Lang;
use crate::model::{
    AssetEvent, AssetId, AssetState, CentreId, Command, KeptAsset, Millis, Minor, PaidBy, RepairSum, Rma, RmaChange,
    RmaId, RmaPapers, RmaState, SiteId, TicketId, repair_sum,
};
use crate::store::read::rmas::{self, RmaRow};
use crate::store::read::{assets, tickets};
use crate::store::rma;
use crate::web::auth::policy::Permission;
use crate::web::badge::Meaning;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::pages::settings::articles::price;
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, failed, told};

pub const PATH: &str = "/assets/repairs";

#[derive(Template)]
#[template(path = "repairs.html")]
pub struct RepairsPage {
    ui: Ui,
    places: Tabs,
    tabs: Tabs,
    rows: Vec<RmaRow>,
}

#[derive(Template)]
#[template(path = "repair.html")]
pub struct RepairPage {
    ui: Ui,
    places: Tabs,
    row: RmaRow,
    events: Vec<AssetEvent>,
    sum: RepairSum,
    centres: Vec<(String, String)>,
    free: Vec<(String, String)>,
    papers: Form,
    step: Form,
    note: Form,
    warranty: Html,
}

#[derive(Template)]
#[template(path = "repair_new.html")]
pub struct NewRepairPage {
    ui: Ui,
    places: Tabs,
    asset: KeptAsset,
    form: Form,
    warranty: Html,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(list))
        .route("/assets/repairs/new", get(new).post(open))
        .route("/assets/repairs/{id}", get(show))
        .route("/assets/repairs/{id}/step", post(step))
        .route("/assets/repairs/{id}/papers", post(papers))
        .route("/assets/repairs/{id}/note", post(note))
        .route("/assets/repairs/{id}/loan", post(loan))
}

async fn list(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let open = !ui.query.has("state", "done");
    let rows = rmas::list(state.store.db(), ui.site, open).await?;
    RepairsPage::new(ui, rows).page()
}

fn day_of(ui: &Ui, at: Millis) -> Date {
    // The reader's zone is the branch's.
    let ago = ui.now.since(at).div_euclid(Millis::DAY);
    ui.present_day().saturating_sub(jiff::Span::new().days(ago.clamp(0, 100_000)))
}

async fn load(state: &AppState, ui: Ui, id: RmaId) -> Result<RepairPage, WebError> {
    let db = state.store.db();
    let row = rmas::one(db, id).await?.ok_or(WebError::NotFound)?;
    let asset = assets::one(db, row.rma.asset).await?.ok_or(WebError::NotFound)?;
    let past: Vec<(Date, Option<Minor>)> =
        rma::costs(db, asset.id, id).await?.into_iter().map(|(at, cost)| (day_of(&ui, at), cost)).collect();
    let events = rmas::events(db, id).await?;
    let centres = assets::centres(db).await?.into_iter().map(|c| (c.id.to_string(), c.centre.name)).collect();
    let free = rmas::free(db, row.rma.site, row.rma.asset).await?;
    let free = free.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    Ok(RepairPage::new(ui, row, &asset, events, &past, centres, free))
}

async fn show(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    load(&state, ui, RmaId(id)).await?.page()
}

async fn new(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    let id = ui.query.number("asset").map(AssetId).ok_or(WebError::NotFound)?;
    let asset = assets::one(state.store.db(), id).await?.ok_or(WebError::NotFound)?;
    let mut form = Form::of(&[("asset", &id.to_string())]);
    let by = if asset.asset.under_warranty(ui.present_day()) { PaidBy::Warranty } else { PaidBy::Paid };
    form.set("paid_by", by.as_str());
    if let Some(ticket) = ui.query.number("ticket")
        && let Some(t) = tickets::one(state.store.db(), TicketId(ticket)).await?
    {
        form.set("ticket", &ticket.to_string());
        form.set("fault", &t.ticket.title);
    }
    let warranty = banner(&ui, Some(&asset));
    NewRepairPage { places: places(&ui), ui, asset, form, warranty }.page()
}

async fn open(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    let id = form.value("asset").parse().map(AssetId).map_err(|_| WebError::NotFound)?;
    let change = RmaChange::Open {
        asset: id,
        ticket: form.value("ticket").parse().ok().map(TicketId),
        paid_by: PaidBy::parse(form.value("paid_by")).unwrap_or(PaidBy::Warranty),
        fault: form.value("fault").to_owned(),
        reason: form.value("reason").to_owned(),
    };
    match command(&state, &ui, Command::Rma { change }).await? {
        Ok(done) => Ok(Flash::done("repair-opened", "").redirect(&format!("{PATH}/{}", done.id.unwrap_or_default()))),
        Err(e) => {
            let asset = assets::one(state.store.db(), id).await?.ok_or(WebError::NotFound)?;
            let status = failed(&ui, &mut form, &["fault", "reason"], &e);
            let warranty = banner(&ui, Some(&asset));
            Ok((status, NewRepairPage { places: places(&ui), ui, asset, form, warranty }.page()?).into_response())
        }
    }
}

async fn step(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    mut form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    let to = RmaState::parse(form.value("to")).ok_or_else(|| WebError::BadRequest("no such step".to_owned()))?;
    let on = form.given("on").map(|d| d.trim().parse::<Date>().ok());
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if on == Some(None) {
        form.wrong("on", ui.t("error-bad-date"));
    } else {
        let new_serial = form.given("new_serial").map(str::to_owned);
        let note = form.value("note").to_owned();
        let change = RmaChange::Step { rma: RmaId(id), to, on: on.flatten(), note, new_serial };
        match command(&state, &ui, Command::Rma { change }).await? {
            Ok(_) => return Ok(Flash::done("repair-saved", "").redirect(&format!("{PATH}/{id}"))),
            Err(e @ CommandError::WrongState { .. }) => return Ok(told(&ui, &e).redirect(&format!("{PATH}/{id}"))),
            Err(e) => status = failed(&ui, &mut form, &["note", "on", "new_serial"], &e),
        }
    }
    let page = RepairPage { step: form, ..load(&state, ui, RmaId(id)).await? };
    Ok((status, page.page()?).into_response())
}

async fn papers(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    mut form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    let promised = form.given("promised_on").map(|d| d.trim().parse::<Date>().ok());
    let cost = form.given("cost").map(price);
    if promised == Some(None) {
        form.wrong("promised_on", ui.t("error-bad-date"));
    }
    if cost == Some(None) {
        form.wrong("cost", ui.t("error-price"));
    }
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if form.is_fine() {
        let papers = RmaPapers {
            centre: form.value("centre").parse().ok().map(CentreId),
            request_number: form.value("request_number").to_owned(),
            tracking: form.value("tracking").to_owned(),
            promised_on: promised.flatten(),
            cost: cost.flatten().map(Minor),
        };
        match command(&state, &ui, Command::Rma { change: RmaChange::Papers { rma: RmaId(id), papers } }).await? {
            Ok(_) => return Ok(Flash::done("repair-saved", "").redirect(&format!("{PATH}/{id}"))),
            Err(e) => status = failed(&ui, &mut form, &["request_number", "tracking", "cost"], &e),
        }
    }
    let page = RepairPage { papers: form, ..load(&state, ui, RmaId(id)).await? };
    Ok((status, page.page()?).into_response())
}

async fn note(
    ui: Ui,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    mut form: Form,
) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    let change = RmaChange::Note { rma: RmaId(id), text: form.value("text").to_owned() };
    match command(&state, &ui, Command::Rma { change }).await? {
        Ok(_) => Ok(Flash::done("repair-saved", "").redirect(&format!("{PATH}/{id}"))),
        Err(e) => {
            let status = failed(&ui, &mut form, &["text"], &e);
            let page = RepairPage { note: form, ..load(&state, ui, RmaId(id)).await? };
            Ok((status, page.page()?).into_response())
        }
    }
}

async fn loan(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageAssets)?;
    let loaner = form.value("loaner").parse().ok().map(AssetId);
    let to = format!("{PATH}/{id}");
    Ok(match command(&state, &ui, Command::Rma { change: RmaChange::Loan { rma: RmaId(id), loaner } }).await? {
        Ok(_) => Flash::done("repair-saved", "").redirect(&to),
        Err(e) => told(&ui, &e).redirect(&to),
    })
}

/// The state as a badge; late ones say so.
fn badge(ui: &Ui, r: &Rma) -> Html {
    let words = ui.word("rma-state-", r.state.as_str());
    if r.is_late(ui.present_day()) {
        return Meaning::Failure.badge(&ui.tv("repair-late", words));
    }
    match r.state {
        RmaState::Closed | RmaState::Returned | RmaState::Repaired | RmaState::Replaced => Meaning::Ok,
        RmaState::Cancelled | RmaState::Draft => Meaning::Unknown,
        _ => Meaning::Attention,
    }
    .badge(&words)
}

fn away(ui: &Ui, r: &Rma) -> String {
    r.days_away(ui.present_day()).map(|d| ui.tn("time-days", d)).unwrap_or_default()
}

/// The repairs of an asset or a ticket as lines of links.
pub fn lines(ui: &Ui, rows: &[RmaRow]) -> Html {
    let line = |r: &RmaRow| {
        let promised = r.rma.promised_on.map(|d| ui.tv("repair-promised-by", ui.day(d))).unwrap_or_default();
        format!(
            r#"<li><span><a href="{PATH}/{}">{}</a> {}</span><span class="small muted">{} {}</span></li>"#,
            r.rma.id,
            escape(&r.rma.number),
            badge(ui, &r.rma),
            escape(r.centre_name.as_deref().unwrap_or("")),
            escape(&promised),
        )
    };
    Html(rows.iter().map(line).collect())
}

impl RepairsPage {
    fn new(ui: Ui, rows: Vec<RmaRow>) -> Self {
        let current = if ui.query.has("state", "done") { "done" } else { "" };
        let tabs = Tabs::of_query(&ui, "state", current, &[("", "repairs-open", None), ("done", "repairs-done", None)]);
        RepairsPage { places: places(&ui), ui, tabs, rows }
    }

    fn badge(&self, r: &RmaRow) -> Html {
        badge(&self.ui, &r.rma)
    }

    fn away(&self, r: &RmaRow) -> String {
        away(&self.ui, &r.rma)
    }

    fn promised(&self, r: &RmaRow) -> String {
        r.rma.promised_on.map(|d| self.ui.day(d)).unwrap_or_default()
    }
}

impl RepairPage {
    fn new(
        ui: Ui,
        row: RmaRow,
        asset: &KeptAsset,
        events: Vec<AssetEvent>,
        past: &[(Date, Option<Minor>)],
        centres: Vec<(String, String)>,
        free: Vec<(String, String)>,
    ) -> Self {
        let r = &row.rma;
        let sum = repair_sum(r.cost, asset.asset.price, asset.asset.bought_on, past, ui.present_day());
        let mut papers = Form::of(&[("request_number", &r.request_number), ("tracking", &r.tracking)]);
        papers.set("centre", &r.centre.map(|c| c.to_string()).unwrap_or_default());
        papers.set("promised_on", &r.promised_on.map(|d| d.to_string()).unwrap_or_default());
        papers.set("cost", &r.cost.map(|c| ui.decimal(c.0 as f64 / 100.0, 2)).unwrap_or_default());
        let step = Form::of(&[("on", &ui.present_day().to_string())]);
        let nothing = std::iter::once((String::new(), ui.t("asset-none")));
        let centres = nothing.chain(centres).collect();
        let warranty = banner(&ui, Some(asset));
        let (places, note) = (places(&ui), Form::default());
        RepairPage { places, ui, row, events, sum, centres, free, papers, step, note, warranty }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageAssets)
    }

    fn is_open(&self) -> bool {
        self.row.rma.state.is_open()
    }

    fn badge(&self) -> Html {
        badge(&self.ui, &self.row.rma)
    }

    /// (stored word, words of the button)
    fn steps(&self) -> Vec<(&'static str, String)> {
        let next = self.row.rma.state.next().iter();
        next.map(|s| (s.as_str(), self.ui.word("rma-do-", s.as_str()))).collect()
    }

    fn asks_serial(&self) -> bool {
        self.row.rma.state.next().contains(&RmaState::Replaced)
    }

    /// (name, value) of what is known.
    fn facts(&self) -> Vec<(String, String)> {
        let (ui, r) = (&self.ui, &self.row.rma);
        let day = |d: Option<Date>| d.map(|d| ui.day(d)).unwrap_or_default();
        let extended = if r.extended_days > 0 { ui.tn("time-days", r.extended_days) } else { String::new() };
        [
            ("repair-fault", r.fault.clone()),
            ("repair-paid-by", ui.word("paid-by-", r.paid_by.as_str())),
            ("repair-pages", r.pages.map(|p| ui.integer(p)).unwrap_or_default()),
            ("asset-field-centre", self.row.centre_name.clone().unwrap_or_default()),
            ("centre-phone", self.row.centre_phone.clone().unwrap_or_default()),
            ("repair-request-number", r.request_number.clone()),
            ("repair-tracking", r.tracking.clone()),
            ("repair-sent-on", day(r.sent_on)),
            ("repair-promised-on", day(r.promised_on)),
            ("repair-returned-on", day(r.returned_on)),
            ("repair-away", away(ui, r)),
            ("repair-outcome", r.outcome.map(|o| ui.word("rma-state-", o.as_str())).unwrap_or_default()),
            ("repair-outcome-note", r.outcome_note.clone()),
            (
                "repair-old-serial",
                if r.new_serial.is_some() { r.old_serial.clone().unwrap_or_default() } else { String::new() },
            ),
            ("repair-new-serial", r.new_serial.clone().unwrap_or_default()),
            ("repair-cost", r.cost.map(|c| self.money(c)).unwrap_or_default()),
            ("repair-extended", extended),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (ui.t(key), value))
        .collect()
    }

    fn money(&self, m: Minor) -> String {
        self.ui.decimal(m.0 as f64 / 100.0, 2)
    }

    /// The arithmetic of repair or replace, line by line.
    fn arithmetic(&self) -> Vec<(String, String)> {
        let (ui, s) = (&self.ui, &self.sum);
        let unknown = || ui.t("sum-unknown");
        let money = |m: Option<Minor>| m.map_or_else(unknown, |m| self.money(m));
        vec![
            (ui.t("sum-cost"), money(s.cost)),
            (ui.t("sum-price"), money(s.price)),
            (ui.t("sum-age"), s.age_months.map_or_else(unknown, |m| ui.tn("sum-months", m))),
            (ui.t("sum-life"), s.life_left_percent.map_or_else(unknown, |p| ui.percent(p as f64 / 100.0))),
            (ui.t("sum-limit"), money(s.limit)),
            (ui.t("sum-repairs"), ui.integer(s.repairs_year)),
            (ui.t("sum-spent"), self.money(s.spent)),
        ]
    }

    fn verdict(&self) -> Vec<String> {
        self.sum.reasons.iter().map(|r| self.ui.word("sum-reason-", r)).collect()
    }

    fn said(&self, e: &AssetEvent) -> String {
        self.ui.word("rma-was-", &e.kind)
    }
}

impl NewRepairPage {
    fn payers(&self) -> Vec<(String, String)> {
        PaidBy::ALL.iter().map(|p| (p.as_str().to_owned(), self.ui.word("paid-by-", p.as_str()))).collect()
    }

    fn name(&self) -> String {
        let model = self.asset.model();
        if model.is_empty() { self.ui.word("asset-kind-", self.asset.asset.kind.as_str()) } else { model }
    }
}

fn sample_row(id: i64, state: RmaState) -> RmaRow {
    let day = |d: i8| Some(Date::constant(2026, 11, d));
    let at = Millis(1_795_691_109_000 - 20 * Millis::DAY);
    let mut rma = Rma {
        id: RmaId(id),
        number: format!("R-2026-{id:04}"),
        asset: AssetId(1),
        site: SiteId(1),
        ticket: Some(TicketId(117)),
        centre: Some(CentreId(1)),
        state,
        paid_by: PaidBy::Warranty,
        fault: "C6000: узел закрепления не греется".to_owned(),
        pages: Some(41_208),
        request_number: "СТ-88123".to_owned(),
        tracking: "1054 2287 331".to_owned(),
        sent_on: day(7),
        promised_on: day(24),
        returned_on: None,
        outcome: None,
        outcome_note: String::new(),
        old_serial: Some("VXL0012345".to_owned()),
        new_serial: None,
        cost: Some(Minor(1_200_000)),
        loaner: Some(AssetId(3)),
        extended_days: 0,
        asset_state: AssetState::InUse,
        ticket_status: None,
        reminded_on: None,
        created_at: at,
        created_by: "petrov".to_owned(),
        closed_at: None,
    };
    if !state.is_open() {
        rma.returned_on = day(21);
        rma.outcome = Some(RmaState::Replaced);
        rma.new_serial = Some("VXL0099999".to_owned());
        rma.extended_days = 14;
        rma.loaner = None;
    }
    RmaRow {
        loaner_name: rma.loaner.map(|_| "APC Smart-UPS 00-000103".to_owned()),
        rma,
        asset_name: "Kyocera ECOSYS M2040dn 00-000101".to_owned(),
        site_name: "Казань, ул. Баумана 5".to_owned(),
        centre_name: Some("АСЦ «Сервис-Т»".to_owned()),
        centre_phone: Some("+7 843 200-00-00".to_owned()),
    }
}

/// Lines of an invented repair.
pub fn sample_lines(ui: &Ui) -> Html {
    lines(ui, &[sample_row(1, RmaState::AtService)])
}

/// Repairs of an invented asset: of the first one.
pub(super) fn some_rows(at: usize) -> Vec<RmaRow> {
    if at == 0 { vec![sample_row(2, RmaState::AtService), sample_row(1, RmaState::Closed)] } else { Vec::new() }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, RepairsPage)> {
    let page = |path: &str, rows| RepairsPage::new(Ui::sample(lang, path), rows);
    let rows = || RmaState::ALL.iter().zip(1..).map(|(s, id)| sample_row(id, *s)).collect::<Vec<_>>();
    vec![
        ("", page(PATH, rows().into_iter().filter(|r| r.rma.state.is_open()).collect())),
        ("empty", page(PATH, Vec::new())),
        ("done", page("/assets/repairs?state=done", rows().into_iter().filter(|r| !r.rma.state.is_open()).collect())),
    ]
}

pub fn one_samples(lang: Lang) -> Vec<(&'static str, RepairPage)> {
    let event = |at: i64, kind: &str, body: &str| AssetEvent {
        at: Millis(1_795_691_109_000 - at * Millis::DAY),
        author: if kind == "reminder" { "anykey" } else { "petrov" }.to_owned(),
        kind: kind.to_owned(),
        body: body.to_owned(),
    };
    let page = |state: RmaState, wrong: bool| {
        let ui = Ui::sample(lang, "/assets/repairs/1");
        let events = vec![
            event(1, "reminder", "2026-11-24"),
            event(12, "note", "Звонил: ждут термоблок"),
            event(19, "sent", "2026-11-07"),
            event(20, "opened", "C6000: узел закрепления не греется"),
        ];
        let past = [(Date::constant(2026, 3, 1), Some(Minor(900_000)))];
        let centres = vec![("1".to_owned(), "АСЦ «Сервис-Т»".to_owned())];
        let free = vec![("4".to_owned(), "Kyocera M2040dn 00-000104".to_owned())];
        let row = sample_row(1, state);
        let mut page = RepairPage::new(ui, row, &sample_data::assets().remove(0), events, &past, centres, free);
        if wrong {
            page.row.rma.loaner = None;
            page.row.loaner_name = None;
            page.step.wrong("new_serial", page.ui.t("error-required"));
            page.papers.wrong("cost", page.ui.t("error-price"));
        }
        page
    };
    vec![
        ("", page(RmaState::AtService, false)),
        ("wrong", page(RmaState::AtService, true)),
        ("draft", page(RmaState::Draft, true)),
        ("closed", page(RmaState::Closed, false)),
    ]
}

pub fn new_samples(lang: Lang) -> Vec<(&'static str, NewRepairPage)> {
    let page = |wrong: bool| {
        let ui = Ui::sample(lang, "/assets/repairs/new?asset=1");
        let mut form = Form::of(&[("asset", "1"), ("paid_by", "paid"), ("fault", "C6000: узел закрепления")]);
        if wrong {
            form.wrong("reason", ui.t("error-paid-under-warranty"));
        }
        let asset = sample_data::assets().remove(0);
        let warranty = banner(&ui, Some(&asset));
        NewRepairPage { places: places(&ui), ui, asset, form, warranty }
    };
    vec![("", page(false)), ("wrong", page(true))]
}
