//! `/cabling/findings`: where documents and network differ, side by side, each with its age, its evidence and what can be
//! done: take the observed, send somebody, not tell it for a while.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::{PATH, crumb_site};
use crate::i18n::Lang;
use crate::model::{CablingChange, Command, DifferenceKind, Millis, SiteId};
use crate::store::observed::{self, FindingRow};
use crate::web::auth::policy::Permission;
use crate::web::badge::Meaning;
use crate::web::cabling::site_of;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::Html;
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::{WebError, command, told};

pub const FINDINGS: &str = "/cabling/findings";
/// Shown at once.
const MOST: usize = 200;
/// "Accept all" takes what is at least so sure, in thousandths.
const SURE: u16 = 900;
const WEEK: i64 = 7 * Millis::DAY;

struct View {
    id: i64,
    kind: String,
    meaning: Meaning,
    documented: String,
    observed: String,
    sure: String,
    evidence: String,
    age: Html,
    seen: Html,
    href: Option<String>,
    ticket: Option<i64>,
    can_accept: bool,
    is_open: bool,
    decided: Option<(String, Html)>,
}

#[derive(Template)]
#[template(path = "cabling_findings.html")]
pub struct FindingsPage {
    ui: Ui,
    site: (String, String),
    site_id: SiteId,
    tabs: Tabs,
    all: Vec<View>,
    more: usize,
    /// What "accept all" would take.
    sure: usize,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(FINDINGS, get(show))
        .route("/cabling/findings/accept-all", post(accept_all))
        .route("/cabling/findings/{id}/accept", post(accept))
        .route("/cabling/findings/{id}/ignore", post(ignore))
        .route("/cabling/findings/{id}/reopen", post(reopen))
        .route("/cabling/findings/{id}/order", post(order))
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let site = site_of(&ui).ok_or(WebError::NotFound)?;
    let db = state.store.db();
    let wanted = chosen(&ui);
    let rows = observed::findings(db, site, wanted).await?;
    let counts = observed::counts(db, site).await?;
    FindingsPage::new(ui, site, &rows, &counts).page()
}

fn chosen(ui: &Ui) -> &'static str {
    match ui.query.get("show") {
        Some("ordered") => "ordered",
        Some("ignored") => "ignored",
        Some("accepted") => "accepted",
        Some("resolved") => "resolved",
        _ => "open",
    }
}

async fn press(
    ui: &Ui,
    state: &AppState,
    change: CablingChange,
    done: impl Fn(Option<i64>) -> Flash,
    form: &Form,
) -> Result<Response, WebError> {
    let flash = match command(state, ui, Command::Cabling { change }).await? {
        Ok(d) => done(d.id),
        Err(e) => told(ui, &e),
    };
    let back = form.given("back").filter(|b| b.starts_with(PATH)).unwrap_or(FINDINGS);
    Ok(flash.redirect(back))
}

/// With the way back for ten seconds.
fn accepted(set: Option<i64>, form: &Form) -> Flash {
    let back = form.given("back").unwrap_or(FINDINGS).to_owned();
    let done = Flash::done("finding-accepted", "");
    match set.filter(|s| *s > 0) {
        Some(set) => done.with_undo(format!("/cabling/changes/{set}/undo"), vec![("back".to_owned(), back)]),
        None => done,
    }
}

async fn accept(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageCabling)?;
    let change = CablingChange::Accept { findings: vec![id] };
    press(&ui, &state, change, |set| accepted(set, &form), &form).await
}

async fn accept_all(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageCabling)?;
    let site = SiteId(form.value("site").parse().map_err(|_| WebError::NotFound)?);
    let change = CablingChange::AcceptAll { site, permille: SURE };
    press(&ui, &state, change, |set| accepted(set, &form), &form).await
}

async fn ignore(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageCabling)?;
    let days = form.value("days").parse::<i64>().unwrap_or(7).clamp(1, 365);
    let until = ui.now.plus(days * Millis::DAY);
    let words = ui.date(until);
    let change = CablingChange::Ignore { finding: id, until };
    let undo = (format!("{FINDINGS}/{id}/reopen"), Vec::new());
    press(
        &ui,
        &state,
        change,
        |_| Flash::done("finding-ignored", &words).with_undo(undo.0.clone(), undo.1.clone()),
        &form,
    )
    .await
}

async fn reopen(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageCabling)?;
    press(&ui, &state, CablingChange::Reopen { finding: id }, |_| Flash::done("finding-reopened", ""), &form).await
}

async fn order(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageCabling)?;
    let done = |ticket: Option<i64>| Flash::done("finding-ordered", ticket.map(|t| t.to_string()).unwrap_or_default());
    press(&ui, &state, CablingChange::WorkOrder { finding: id }, done, &form).await
}

fn view(ui: &Ui, f: &FindingRow) -> View {
    let kind = DifferenceKind::parse(&f.kind);
    let evidence: Vec<String> = serde_json::from_str(&f.evidence).unwrap_or_default();
    let said = evidence.iter().map(|e| {
        let both = e.ends_with('2');
        let words = ui.word("evidence-", e.trim_end_matches('2'));
        if both { ui.tv("evidence-both", words) } else { words }
    });
    use DifferenceKind as K;
    let meaning = match kind {
        Some(K::WrongLink | K::Swapped | K::DeviceMoved | K::FcsErrors | K::DuplexMismatch | K::SpeedDowngrade) => {
            Meaning::Attention
        }
        _ => Meaning::Unknown,
    };
    let decided = f.decided_by.clone().zip(f.decided_at).filter(|_| f.state != "open");
    View {
        id: f.id,
        kind: ui.word("finding-", &f.kind),
        meaning,
        documented: f.documented.clone(),
        observed: f.observed.clone(),
        sure: ui.percent(f.permille as f64 / 1_000.0),
        evidence: said.collect::<Vec<_>>().join(", "),
        age: ui.ago_html(&Millis(f.first_seen)),
        seen: ui.ago_html(&Millis(f.last_seen)),
        href: f.jack_id.map(|j| format!("{PATH}/jack/{j}")).or(f.device_id.map(|d| format!("/devices/{d}#ports"))),
        ticket: f.ticket_id,
        can_accept: f.suggestion.is_some() && f.state != "accepted" && f.state != "resolved",
        is_open: f.state == "open",
        decided: decided.map(|(who, at)| (who, ui.ago_html(&Millis(at)))),
    }
}

impl FindingsPage {
    fn new(ui: Ui, site: SiteId, rows: &[FindingRow], counts: &[(String, i64)]) -> Self {
        let count = |state: &str| counts.iter().find(|(s, _)| s == state).map_or(0, |(_, n)| *n);
        let views = [
            ("", "findings-open", Some(count("open"))),
            ("ordered", "findings-ordered", Some(count("ordered"))),
            ("ignored", "findings-ignored", Some(count("ignored"))),
            ("accepted", "findings-accepted", Some(count("accepted"))),
            ("resolved", "findings-resolved", Some(count("resolved"))),
        ];
        let current = chosen(&ui);
        let current = if current == "open" { "" } else { current };
        let tabs = Tabs::of_query(&ui, "show", current, &views);
        let takes = |f: &&FindingRow| {
            let kind = f.kind == "undocumented-link" || f.kind == "outlet-found";
            f.state == "open" && f.suggestion.is_some() && f.permille >= i64::from(SURE) && kind
        };
        let sure = rows.iter().filter(takes).count();
        let all = rows.iter().take(MOST).map(|f| view(&ui, f)).collect();
        let more = rows.len().saturating_sub(MOST);
        FindingsPage { site: crumb_site(&ui, site), site_id: site, tabs, all, more, sure, ui }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageCabling)
    }

    fn here(&self) -> String {
        self.ui.here()
    }

    fn spans(&self) -> Vec<(i64, String)> {
        [7, 30, 90].map(|d| (d, self.ui.tn("time-days", d))).into()
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, FindingsPage)> {
    let row = |id: i64, kind: &str, documented: &str, observed: &str, permille: i64, suggestion: bool| FindingRow {
        id,
        site_id: 1,
        kind: kind.into(),
        documented: documented.into(),
        observed: observed.into(),
        evidence: r#"["lldp2","fdb2"]"#.into(),
        permille,
        device_id: Some(1),
        jack_id: Some(7),
        suggestion: suggestion.then(|| "{}".to_owned()),
        state: "open".into(),
        ignored_until: None,
        ticket_id: None,
        first_seen: 1_795_690_900_000 - id * WEEK / 5,
        last_seen: 1_795_690_900_000,
        decided_at: None,
        decided_by: None,
    };
    let few = vec![
        row(1, "wrong-link", "sw1 · Gi1/0/24 – sw2 · Gi1/0/1", "sw1 · Gi1/0/24 – sw3 · Gi1/0/1", 990, true),
        row(
            2,
            "device-moved",
            "Kyocera ECOSYS M2040dn – sw2 · Gi1/0/7",
            "Kyocera ECOSYS M2040dn – sw2 · Gi1/0/9 – 2.15-A",
            850,
            true,
        ),
        row(
            3,
            "undocumented-link",
            "",
            "sw2 · Gi1/0/23 – sw4-этаж-3-правое-крыло.kazan.example.org · GigabitEthernet1/0/24",
            995,
            true,
        ),
        row(4, "speed-downgrade", "sw2 · Gi1/0/11 – ПК бухгалтерии", "sw2 · Gi1/0/11: 100 Mbit/s", 950, false),
        row(5, "ghost-patch", "", "sw2 · Gi1/0/19 – 10.4.2.77, 00:1b:a9:00:00:01", 700, false),
    ];
    let mut decided = few.clone();
    for f in &mut decided {
        (f.state, f.decided_by, f.decided_at) = ("ordered".into(), Some("petrov".into()), Some(1_795_690_000_000));
        f.ticket_id = Some(118);
    }
    let many: Vec<FindingRow> =
        (0..260).map(|n| row(n, "outlet-found", "", "mfu-1 – sw2 · Gi1/0/7 – 2.14-A", 900, true)).collect();
    let counts = [("open".to_owned(), 5), ("ordered".to_owned(), 2), ("ignored".to_owned(), 1)];
    let page = |path: &str, rows: &[FindingRow]| FindingsPage::new(Ui::sample(lang, path), SiteId(1), rows, &counts);
    vec![
        ("", page(FINDINGS, &few)),
        ("ordered", page("/cabling/findings?show=ordered", &decided)),
        ("many", page(FINDINGS, &many)),
        ("empty", page(FINDINGS, &[])),
    ]
}
