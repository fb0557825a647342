//! Every component in every state on one page: what a designer, a builder and the browser test look at.
//! Shows invented data only.

use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::get;

use crate::i18n::Lang;
use crate::model::{LevelState, Millis, OrderStatus, TicketStatus};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::badge::{self, Meaning};
use crate::web::chart::{Bars, Chart, Mark, Point};
use crate::web::form::Form;
use crate::web::html::Html;
use crate::web::layout::{Page, Ui};
use crate::web::level::Level;
use crate::web::state::AppState;

pub const PATH: &str = "/debug/components";

#[derive(Template)]
#[template(path = "components.html")]
pub struct ComponentsPage {
    ui: Ui,
    levels: Vec<Level>,
    chart: Html,
    bars: Html,
    form: Form,
    ages: Vec<Millis>,
}

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(show))
}

async fn show(ui: Ui) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    ComponentsPage::new(ui).page()
}

pub fn samples(lang: Lang) -> Vec<(&'static str, ComponentsPage)> {
    vec![("", ComponentsPage::new(Ui::sample(lang, PATH)))]
}

impl ComponentsPage {
    fn new(ui: Ui) -> Self {
        let mut form = Form::of(&[("name", "HP LaserJet Pro MFP M428fdw, бухгалтерия, у окна слева от сейфа")]);
        form.wrong("place", ui.t("components-form-error"));
        let now = ui.now;
        ComponentsPage {
            levels: levels(),
            chart: chart(&ui).svg(&ui),
            bars: bars(&ui).svg(&ui),
            form,
            ages: [20_000, 3 * Millis::MINUTE, 2 * Millis::HOUR, 20 * Millis::HOUR, 3 * Millis::DAY, 40 * Millis::DAY]
                .map(|ms| now.plus(-ms))
                .into(),
            ui,
        }
    }

    fn tickets(&self) -> Vec<Html> {
        TicketStatus::ALL.map(|s| badge::ticket(&self.ui, s)).into()
    }

    fn orders(&self) -> Vec<Html> {
        OrderStatus::ALL.map(|s| badge::order(&self.ui, s)).into()
    }

    fn meanings(&self) -> Vec<Html> {
        Meaning::ALL.map(|m| m.boxed(&self.ui.word("condition-", m.as_str()))).into()
    }
}

fn levels() -> Vec<Level> {
    let level = |state, interval: Option<(f64, f64)>, color: &str| Level {
        state,
        low: interval.map(|i| i.0),
        high: interval.map(|i| i.1),
        color: (!color.is_empty()).then(|| color.to_owned()),
        steps: None,
        receptacle: false,
        is_low: false,
    };
    vec![
        level(LevelState::Known, Some((0.73, 0.73)), "black"),
        Level { is_low: true, ..level(LevelState::Known, Some((0.05, 0.05)), "cyan") },
        level(LevelState::Known, Some((0.35, 0.5)), "magenta"),
        Level { steps: Some(4), ..level(LevelState::Known, Some((0.5, 0.75)), "yellow") },
        level(LevelState::SomeRemaining, Some((0.0, 1.0)), "black"),
        level(LevelState::SomeRemaining, Some((0.1, 0.4)), "cyan"),
        Level { receptacle: true, ..level(LevelState::Known, Some((0.3, 0.3)), "") },
        Level { receptacle: true, ..level(LevelState::SomeSpaceLeft, Some((0.0, 1.0)), "") },
        level(LevelState::Unknown, None, "magenta"),
        level(LevelState::NoRestriction, None, "yellow"),
    ]
}

/// Ninety days: falling in steps, a silence, a replacement, an interval at the end.
fn chart(ui: &Ui) -> Chart {
    let from = ui.now.plus(-90 * Millis::DAY);
    let at = |day: i64| from.plus(day * Millis::DAY);
    let point = |day: i64, low: f64, high: f64| Point { at: at(day), interval: Some((low, high)), vague: false };
    let mut points: Vec<Point> = (0..30).map(|d| point(d, 0.45 - d as f64 * 0.014, 0.45 - d as f64 * 0.014)).collect();
    points.extend((38..70).map(|d| point(d, 1.0 - (d - 38) as f64 * 0.012, 1.0 - (d - 38) as f64 * 0.012)));
    points.extend((70..90).map(|d| point(d, 0.5 - (d - 70) as f64 * 0.01, 0.62 - (d - 70) as f64 * 0.006)));
    Chart {
        from,
        now: ui.now,
        ahead: None,
        points,
        max_gap_ms: 36 * Millis::HOUR,
        threshold: Some(0.1),
        marks: vec![Mark { at: at(38), words: ui.t("components-mark") }],
        summary: ui.t("components-chart"),
        scale: [1.0, 0.5, 0.0].map(|f| ui.percent(f)).into(),
        colour: "colour-black",
    }
}

fn bars(ui: &Ui) -> Bars {
    let days = (0..60)
        .map(|d: i64| {
            let weekend = d % 7 >= 5;
            let amount = if weekend { 3 } else { 140 + (d * 37) % 90 };
            (ui.now.plus((d - 60) * Millis::DAY), (!(20..24).contains(&d)).then_some(amount))
        })
        .collect();
    Bars { days, summary: ui.t("components-chart") }
}
