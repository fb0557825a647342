//! `/discovery`: where to look (ranges), with what (credentials), and what answered, with the step that failed.
//! An empty product starts here: branch, community, range, one after another.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::tabs::Tabs;
use crate::i18n::Lang;
use crate::model::{
    AUTH_PROTOCOLS, Command, CredentialId, DeviceId, Millis, PRIV_PROTOCOLS, RangeId, SiteId, SnmpUser,
};
use crate::store::read::discovery::{self, CredentialRow, RangeRow, ResultFilter, ResultRow};
use crate::store::read::{Listed, Paging};
use crate::web::auth::policy::Permission;
use crate::web::badge::Meaning;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::{Html, escape};
use crate::web::layout::{Page, Ui};
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};
use crate::web::{WebError, command, failed, told};

pub const PATH: &str = "/discovery";

const COLUMNS: &[Column] = &[
    Column::new("address", "found-address").unsorted().card(Card::Wide),
    Column::new("outcome", "found-outcome").unsorted(),
    Column::new("step", "found-steps").unsorted().card(Card::Wide),
    Column::new("device", "found-device").unsorted().card(Card::Wide),
    Column::new("at", "found-at").unsorted(),
    Column::new("range", "found-range").unsorted().hidden(),
];

const OUTCOMES: [(&str, &str); 4] =
    [("", "found-all"), ("device", "found-devices"), ("ping-only", "found-ping-only"), ("refused", "found-refused")];

const CREDENTIAL_FIELDS: &[&str] = &[
    "name",
    "version",
    "community",
    "user",
    "auth_protocol",
    "auth_password",
    "priv_protocol",
    "priv_password",
    "context",
];

/// What the reader may do here, and what they typed.
#[derive(Debug, Clone, Default)]
struct Forms {
    range: Form,
    credential: Form,
    site: Form,
}

#[derive(Template)]
#[template(path = "discovery.html")]
pub struct DiscoveryPage {
    ui: Ui,
    ranges: Vec<RangeRow>,
    credentials: Vec<CredentialRow>,
    list: List,
    tabs: Tabs,
    forms: Forms,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/discovery.csv", get(csv))
        .route("/discovery/sites", post(add_site))
        .route("/discovery/ranges", post(add_range))
        .route("/discovery/ranges/{id}/scan", post(scan))
        .route("/discovery/ranges/{id}/remove", post(remove_range))
        .route("/discovery/credentials", post(add_credential))
        .route("/discovery/credentials/{id}/remove", post(remove_credential))
}

fn filter(ui: &Ui) -> ResultFilter {
    let asked = ui.query.get("outcome").unwrap_or("");
    let outcome = OUTCOMES.iter().find(|o| o.0 == asked).map_or("", |o| o.0);
    ResultFilter { range: ui.query.number("range").map(RangeId), outcome: outcome.to_owned() }
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    page(&state, ui, Forms::default()).await?.page()
}

async fn page(state: &AppState, ui: Ui, forms: Forms) -> Result<DiscoveryPage, WebError> {
    ui.require(Permission::ViewDiscovery)?;
    let db = state.store.db();
    let filter = filter(&ui);
    let mut list = List::read(&ui, COLUMNS, "address");
    list.path = PATH.to_owned();
    let mut found = discovery::results(db, &filter, Paging::new(list.page, list.size)).await?;
    if list.clamp(found.total) {
        found = discovery::results(db, &filter, Paging::new(list.page, list.size)).await?;
    }
    let outcomes = discovery::outcomes(db, filter.range).await?;
    let (ranges, credentials) = (discovery::ranges(db).await?, discovery::credentials(db).await?);
    Ok(DiscoveryPage::new(ui, ranges, credentials, list, found, &outcomes, forms))
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::ViewDiscovery)?;
    let mut list = List::read(&ui, COLUMNS, "address");
    let all = Paging { page: 1, per_page: CSV_ROWS };
    let found = discovery::results(state.store.db(), &filter(&ui), all).await?;
    list.rows = found.rows.iter().map(|r| row(&ui, r)).collect();
    Ok(list.csv(&ui, "discovery"))
}

impl DiscoveryPage {
    fn new(
        ui: Ui,
        ranges: Vec<RangeRow>,
        credentials: Vec<CredentialRow>,
        mut list: List,
        found: Listed<ResultRow>,
        outcomes: &[(String, i64)],
        mut forms: Forms,
    ) -> Self {
        list.clamp(found.total);
        list.rows = found.rows.iter().map(|r| row(&ui, r)).collect();
        let count = |word: &str| outcomes.iter().filter(|(o, _)| word.is_empty() || o == word).map(|(_, n)| n).sum();
        let views: Vec<_> = OUTCOMES.iter().map(|(word, key)| (*word, *key, Some(count(word)))).collect();
        let current = ui.query.get("outcome").unwrap_or("").to_owned();
        let mut tabs = Tabs::of_query(&ui, "outcome", &current, &views);
        for tab in &mut tabs.0 {
            // A page shown again after a wrong form stands at the form's path.
            tab.href = tab.href.replacen(&ui.path, PATH, 1);
        }
        fill(&mut forms, &ui);
        DiscoveryPage { ui, ranges, credentials, list, tabs, forms }
    }

    fn may_manage(&self) -> bool {
        self.ui.may(Permission::ManageDiscovery)
    }

    fn may_scan(&self) -> bool {
        self.ui.may(Permission::Scan)
    }

    /// Nothing to look for yet: the page is a wizard.
    fn starting(&self) -> bool {
        self.ranges.is_empty()
    }

    fn no_site(&self) -> bool {
        self.ui.sites.is_empty()
    }

    fn site_options(&self) -> Vec<(String, String)> {
        self.ui.sites.iter().map(|s| (s.id.to_string(), s.name.clone())).collect()
    }

    fn credential_options(&self) -> Vec<(String, String)> {
        let all = std::iter::once((String::new(), self.ui.t("range-any-credential")));
        all.chain(self.credentials.iter().map(|c| (c.id.to_string(), c.name.clone()))).collect()
    }

    fn versions(&self) -> Vec<(String, String)> {
        ["2c", "1", "3"].map(|v| (v.to_owned(), format!("SNMP v{v}"))).to_vec()
    }

    fn protocols(&self, names: &[&str]) -> Vec<(String, String)> {
        let none = std::iter::once((String::new(), self.ui.t("credential-protocol-none")));
        none.chain(names.iter().map(|n| ((*n).to_owned(), (*n).to_owned()))).collect()
    }

    fn auth_protocols(&self) -> Vec<(String, String)> {
        self.protocols(&AUTH_PROTOCOLS)
    }

    fn priv_protocols(&self) -> Vec<(String, String)> {
        self.protocols(&PRIV_PROTOCOLS)
    }

    /// The fields of version 3 stand open when they were used.
    fn user_open(&self) -> bool {
        self.forms.credential.value("version") == "3"
    }

    fn zones(&self) -> Vec<(String, String)> {
        ZONES.iter().map(|(zone, offset)| ((*zone).to_owned(), format!("{zone} (UTC+{offset})"))).collect()
    }

    fn range_open(&self) -> bool {
        self.starting() || !self.forms.range.is_fine()
    }

    fn credential_open(&self) -> bool {
        self.credentials.is_empty() || !self.forms.credential.is_fine()
    }

    /// What the sweep of a range is doing or did.
    fn state(&self, r: &RangeRow) -> Html {
        let ui = &self.ui;
        if let Some(error) = &r.last_error {
            let words = Meaning::Failure.badge(&ui.t("range-failed"));
            return Html(format!(r#"{words}<span class="sub" lang="en">{}</span>"#, escape(error)));
        }
        if !r.enabled {
            let why = if r.origin == "trap" { "range-stranger" } else { "range-proposed" };
            return Meaning::Unknown.badge(&ui.t(why));
        }
        if r.is_running() {
            let (asked, found) = (ui.integer(r.last_asked), ui.integer(r.last_found));
            let words = ui.tw("range-running", &[("asked", asked.into()), ("found", found.into())]);
            return Meaning::Attention.badge(&words);
        }
        if r.scan_wanted {
            return Meaning::Attention.badge(&ui.t("range-waiting"));
        }
        match r.last_finished_at {
            Some(at) => {
                let found = ui.tn("range-found", r.last_found);
                let asked = ui.tn("range-asked", r.last_asked);
                Html(format!(
                    "{} <span class=\"muted\">{}, {}</span>",
                    escape(&found),
                    escape(&asked),
                    ui.ago_html(&at)
                ))
            }
            None => Meaning::Unknown.badge(&ui.t("range-never")),
        }
    }

    fn version(&self, c: &CredentialRow) -> String {
        format!("SNMP v{}", c.version)
    }

    fn devices(&self, c: &CredentialRow) -> String {
        self.ui.tn("credential-devices", c.devices)
    }
}

/// Zones of Russia and near, from the west; a zone not here is set by the configuration or the API.
const ZONES: [(&str, u8); 12] = [
    ("Europe/Kaliningrad", 2),
    ("Europe/Moscow", 3),
    ("Europe/Samara", 4),
    ("Asia/Yekaterinburg", 5),
    ("Asia/Almaty", 5),
    ("Asia/Omsk", 6),
    ("Asia/Krasnoyarsk", 7),
    ("Asia/Irkutsk", 8),
    ("Asia/Yakutsk", 9),
    ("Asia/Vladivostok", 10),
    ("Asia/Magadan", 11),
    ("Asia/Kamchatka", 12),
];

/// What fields start with when nothing was typed.
fn fill(forms: &mut Forms, ui: &Ui) {
    let site = ui.site.or(ui.sites.first().map(|s| s.id)).map(|s| s.to_string()).unwrap_or_default();
    if forms.range.values().is_empty() {
        forms.range = Form::of(&[("site", &site), ("port", "161")]);
    }
    if forms.credential.values().is_empty() {
        let start = [("version", "2c"), ("auth_protocol", "SHA-256"), ("priv_protocol", "AES-128")];
        forms.credential = Form::of(&start);
    }
    if forms.site.values().is_empty() {
        forms.site = Form::of(&[("time_zone", "Europe/Moscow")]);
    }
}

fn row(ui: &Ui, r: &ResultRow) -> Row {
    let outcome = ui.word("found-outcome-", &r.outcome);
    let meaning = match r.outcome.as_str() {
        "device" => Meaning::Ok,
        "refused" => Meaning::Attention,
        _ => Meaning::Unknown,
    };
    let steps = r.steps.join("; ");
    let device = match (r.device, &r.device_name) {
        (Some(id), Some(name)) => {
            Cell::html(Html(format!(r#"<a href="/devices/{id}">{}</a>"#, escape(name))), name.clone())
        }
        _ => Cell::default(),
    };
    let address = format!(r#"<span class="mono" data-row tabindex="-1">{}</span>"#, escape(&r.address));
    Row {
        key: format!("{}-{}", r.address, r.port),
        cells: vec![
            Cell::html(Html(address), r.address.clone()),
            Cell::html(meaning.badge(&outcome), outcome),
            Cell::html(Html(format!(r#"<small lang="en">{}</small>"#, escape(&steps))), steps.clone()),
            device,
            Cell::html(ui.ago_html(&r.at), ui.exact(r.at)),
            Cell::mono(r.cidr.clone()),
        ],
    }
}

async fn again(state: &AppState, ui: Ui, status: StatusCode, forms: Forms) -> Result<Response, WebError> {
    Ok((status, page(state, ui, forms).await?.page()?).into_response())
}

async fn add_site(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    let (name, time_zone) = (form.value("name").to_owned(), form.value("time_zone").to_owned());
    match command(&state, &ui, Command::AddSite { name: name.clone(), time_zone }).await? {
        Ok(_) => Ok(Flash::done("site-added", name).redirect(PATH)),
        Err(e) => {
            let status = failed(&ui, &mut form, &["name", "time_zone"], &e);
            again(&state, ui, status, Forms { site: form, ..Default::default() }).await
        }
    }
}

async fn add_range(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    let cidr = form.value("cidr").to_owned();
    let asked = match (form.value("site").parse().map(SiteId), form.value("port").parse::<u16>()) {
        (Err(_), _) => {
            form.wrong("site", ui.t("range-choose-site"));
            None
        }
        (_, Err(_)) => {
            form.wrong("port", ui.t("error-port"));
            None
        }
        (Ok(site), Ok(port)) => {
            let credential = form.given("credential").and_then(|c| c.parse().ok());
            Some(Command::AddRange { site, cidr: cidr.clone(), port, credential })
        }
    };
    let Some(asked) = asked else {
        return again(&state, ui, StatusCode::UNPROCESSABLE_ENTITY, Forms { range: form, ..Default::default() }).await;
    };
    match command(&state, &ui, asked).await? {
        Ok(_) => Ok(Flash::done("range-added", cidr).redirect(PATH)),
        Err(e) => {
            let status = failed(&ui, &mut form, &["cidr", "port", "site", "credential"], &e);
            again(&state, ui, status, Forms { range: form, ..Default::default() }).await
        }
    }
}

async fn add_credential(ui: Ui, State(state): State<AppState>, mut form: Form) -> Result<Response, WebError> {
    let field = |name: &str| form.value(name).to_owned();
    let (name, version) = (field("name"), field("version"));
    let asked = match &*version {
        "3" => {
            let user = SnmpUser {
                user: field("user"),
                auth_protocol: field("auth_protocol"),
                auth_password: field("auth_password"),
                priv_protocol: field("priv_protocol"),
                priv_password: field("priv_password"),
                context: field("context"),
            };
            Command::AddSnmpUser { name: name.clone(), user }
        }
        _ => Command::AddCredential { name: name.clone(), version, community: field("community") },
    };
    match command(&state, &ui, asked).await? {
        Ok(_) => Ok(Flash::done("credential-added", name).redirect(PATH)),
        Err(e) => {
            let status = failed(&ui, &mut form, CREDENTIAL_FIELDS, &e);
            again(&state, ui, status, Forms { credential: form, ..Default::default() }).await
        }
    }
}

/// A button without fields: done, or a message why not.
async fn press(ui: &Ui, state: &AppState, asked: Command, key: &str, value: String) -> Result<Response, WebError> {
    let flash = match command(state, ui, asked).await? {
        Ok(_) => Flash::done(key, value),
        Err(e) => told(ui, &e),
    };
    Ok(flash.redirect(PATH))
}

async fn range(state: &AppState, id: i64) -> Result<RangeRow, WebError> {
    let all = discovery::ranges(state.store.db()).await?;
    all.into_iter().find(|r| r.id.0 == id).ok_or(WebError::NotFound)
}

async fn scan(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    let known = range(&state, id).await?;
    press(&ui, &state, Command::ScanRange { range: id }, "range-scan-asked", known.cidr).await
}

/// Taking a range away can be taken back: it is added again as it was.
async fn remove_range(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    let known = range(&state, id).await?;
    match command(&state, &ui, Command::RemoveRange { range: id }).await? {
        Ok(_) => {
            let credential = known.credential.map(|c| c.to_string()).unwrap_or_default();
            let fields = [
                ("site", known.site.to_string()),
                ("cidr", known.cidr.clone()),
                ("port", known.port.to_string()),
                ("credential", credential),
            ];
            let fields = fields.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
            Ok(Flash::done("range-removed", known.cidr).with_undo("/discovery/ranges", fields).redirect(PATH))
        }
        Err(e) => Ok(told(&ui, &e).redirect(PATH)),
    }
}

async fn remove_credential(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    let all = discovery::credentials(state.store.db()).await?;
    let known = all.into_iter().find(|c| c.id.0 == id).ok_or(WebError::NotFound)?;
    press(&ui, &state, Command::RemoveCredential { credential: id }, "credential-removed", known.name).await
}

fn sample_ranges(now: Millis) -> Vec<RangeRow> {
    let range = |id: i64, cidr: &str| RangeRow {
        id: RangeId(id),
        site: SiteId(1),
        site_name: "Казань, ул. Баумана 5".to_owned(),
        cidr: cidr.to_owned(),
        port: 161,
        credential: None,
        credential_name: None,
        enabled: true,
        scan_wanted: false,
        last_started_at: Some(now.plus(-70 * Millis::SECOND)),
        last_finished_at: Some(now.plus(-10 * Millis::MINUTE)),
        last_asked: 118,
        last_found: 12,
        last_error: None,
        origin: "person".to_owned(),
        results: 12,
    };
    vec![
        range(1, "10.4.2.0/24"),
        RangeRow {
            last_finished_at: Some(now.plus(-20 * Millis::SECOND)),
            last_asked: 254,
            credential: Some(CredentialId(1)),
            credential_name: Some("офис".to_owned()),
            ..range(2, "10.4.3.0/24")
        },
        RangeRow {
            last_error: Some(
                "no route to 192.168.77.0/24 (os error 101): check the address of this machine".to_owned(),
            ),
            ..range(3, "192.168.77.0/24")
        },
        RangeRow { enabled: false, origin: "neighbor".to_owned(), ..range(4, "10.4.9.3") },
        RangeRow { enabled: false, origin: "trap".to_owned(), ..range(5, "10.4.9.7") },
    ]
}

fn sample_results(now: Millis) -> Vec<ResultRow> {
    let result = |last: i64, outcome: &str, steps: &str, device: Option<&str>| ResultRow {
        range: RangeId(1),
        cidr: "10.4.2.0/24".to_owned(),
        address: format!("10.4.2.{last}"),
        port: 161,
        at: now.plus(-last * Millis::SECOND),
        outcome: outcome.to_owned(),
        steps: steps.split("; ").map(str::to_owned).collect(),
        device: device.map(|_| DeviceId(last)),
        device_name: device.map(str::to_owned),
    };
    vec![
        result(31, "device", "ping ok; SNMP v2c «офис»: ok", Some("МФУ Kyocera M2040")),
        result(32, "device", "ping ok; SNMP v2c «офис»: timeout; v1 «офис»: timeout; IPP: ok", Some("Canon LBP663")),
        result(40, "refused", "ping ok; SNMP v2c «офис»: timeout; v1 «офис»: timeout; IPP: refused", None),
        result(41, "ping-only", "ping ok; SNMP v2c «офис»: refused; IPP: refused", None),
    ]
}

pub fn samples(lang: Lang) -> Vec<(&'static str, DiscoveryPage)> {
    let now = Ui::sample(lang, PATH).now;
    let credentials = vec![CredentialRow {
        id: CredentialId(1),
        name: "офис".to_owned(),
        version: "2c".to_owned(),
        created_at: now.plus(-30 * Millis::DAY),
        devices: 11,
    }];
    let page = |ui: Ui, ranges, credentials, rows: Vec<ResultRow>, forms| {
        let list = List::read(&ui, COLUMNS, "address");
        let outcomes = [("device".to_owned(), 2), ("ping-only".to_owned(), 1), ("refused".to_owned(), 1)];
        let total = rows.len() as i64;
        let outcomes = if rows.is_empty() { &outcomes[..0] } else { &outcomes[..] };
        DiscoveryPage::new(ui, ranges, credentials, list, Listed { rows, total }, outcomes, forms)
    };
    let ui = || Ui::sample(lang, PATH);
    let mut wrong =
        Forms { range: Form::of(&[("cidr", "10.4.2.0/33"), ("site", "1"), ("port", "161")]), ..Forms::default() };
    wrong.range.wrong("cidr", ui().t("error-bad-cidr"));
    let mut bare = ui();
    bare.sites.clear();
    bare.site = None;
    vec![
        ("", page(ui(), sample_ranges(now), credentials.clone(), sample_results(now), Forms::default())),
        ("wrong", page(ui(), sample_ranges(now), credentials, sample_results(now), wrong)),
        ("start", page(ui(), Vec::new(), Vec::new(), Vec::new(), Forms::default())),
        ("first", page(bare, Vec::new(), Vec::new(), Vec::new(), Forms::default())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offered_zones_exist() {
        for (zone, offset) in ZONES {
            let at = jiff::Timestamp::from_millisecond(1_795_691_109_000).unwrap();
            let zone = jiff::tz::TimeZone::get(zone).unwrap_or_else(|e| panic!("{zone}: {e}"));
            assert_eq!(zone.to_offset(at).seconds(), i32::from(offset) * 3600, "{zone:?}");
        }
    }
}
