//! `/settings/about`: version, database, mail, and where machines look.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::tabs;
use crate::i18n::Lang;
use crate::model::Millis;
use crate::store::read::settings::{self, MailState};
use crate::web::auth::policy::Permission;
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;

use crate::web::WebError;

pub const PATH: &str = "/settings/about";

#[derive(Template)]
#[template(path = "settings_about.html")]
pub struct AboutPage {
    ui: Ui,
    tabs: Tabs,
    /// Only for who may see the settings.
    inside: Option<Inside>,
}

/// What an administrator sees of the machinery.
#[derive(Debug, Clone)]
pub struct Inside {
    pub database: String,
    pub schema: i64,
    /// Mail server, when one is configured.
    pub smtp: Option<String>,
    pub mail: MailState,
    pub readings: u64,
    pub commits: u64,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show))
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let inside = if ui.may(Permission::ViewSettings) {
        let counters = state.engine.counters();
        Some(Inside {
            database: state.store.name(),
            schema: state.store.schema_version(),
            smtp: state.info.smtp.clone(),
            mail: settings::mail_state(state.store.db()).await?,
            readings: counters.readings,
            commits: counters.commits,
        })
    } else {
        None
    };
    AboutPage::new(ui, inside).page()
}

impl AboutPage {
    fn new(ui: Ui, inside: Option<Inside>) -> Self {
        AboutPage { tabs: tabs(&ui), ui, inside }
    }

    fn version(&self) -> String {
        self.ui.tv("about-version", env!("CARGO_PKG_VERSION"))
    }

    fn count(&self, n: &u64) -> String {
        self.ui.integer(i64::try_from(*n).unwrap_or(i64::MAX))
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, AboutPage)> {
    let ui = || Ui::sample(lang, PATH);
    let inside = |smtp: Option<&str>, mail: MailState| {
        Some(Inside {
            database: "postgres://anykey@db.branch.example.org:5432/anykey".to_owned(),
            schema: 1,
            smtp: smtp.map(str::to_owned),
            mail,
            readings: 1_234_567,
            commits: 98_765,
        })
    };
    let fine = MailState { pending: 0, sent: 141, last_error: None, last_sent_at: Some(ui().now.plus(-Millis::HOUR)) };
    let stuck = MailState {
        pending: 3,
        last_error: Some("connecting to mail.example.org:587: Connection refused (os error 111)".to_owned()),
        ..MailState::default()
    };
    vec![
        ("", AboutPage::new(ui(), inside(Some("mail.example.org:587"), fine))),
        ("mail-stuck", AboutPage::new(ui(), inside(None, stuck))),
        ("read-only", AboutPage::new(ui(), None)),
    ]
}
