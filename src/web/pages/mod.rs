//! One file a page; this one only lists them. How to add one: the top of `web`.

pub mod assets;
pub mod cabling;
pub mod components;
pub mod desk;
pub mod device;
pub mod devices;
pub mod discovery;
pub mod kpi;
pub mod labels;
pub mod need;
pub mod needs;
pub mod order;
pub mod orders;
pub mod report;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod stock;
pub mod supplies;
pub mod tabs;
pub mod ticket;
pub mod tickets;
pub mod today;

use askama::Template;
use axum::Router;

use super::state::AppState;
use crate::i18n::Lang;

pub fn router() -> Router<AppState> {
    Router::new()
        .merge(today::router())
        .merge(devices::router())
        .merge(device::router())
        .merge(components::router())
        .merge(sign_in::router())
        .merge(setup::router())
        .merge(supplies::router())
        .merge(stock::router())
        .merge(needs::router())
        .merge(need::router())
        .merge(orders::router())
        .merge(order::router())
        .merge(tickets::router())
        .merge(ticket::router())
        .merge(desk::router())
        .merge(assets::router())
        .merge(kpi::router())
        .merge(labels::router())
        .merge(cabling::router())
        .merge(report::router())
        .merge(discovery::router())
        .merge(settings::router())
}

/// A page drawn from invented data: what the tests look at.
pub struct Sample {
    /// Page and case: "today", "today-empty".
    pub name: String,
    pub html: String,
}

/// Renders the samples of one page.
fn drawn<T: Template>(page: &str, samples: Vec<(&'static str, T)>, into: &mut Vec<Result<Sample, String>>) {
    for (case, sample) in samples {
        let name = if case.is_empty() { page.to_owned() } else { format!("{page}-{case}") };
        into.push(match sample.render() {
            Ok(html) => Ok(Sample { name, html }),
            Err(e) => Err(format!("{name}: {e}")),
        });
    }
}

/// Every page with each of its samples; a page that does not render is an error by name.
pub fn samples(lang: Lang) -> Vec<Result<Sample, String>> {
    let mut all = Vec::new();
    drawn("today", today::samples(lang), &mut all);
    drawn("devices", devices::samples(lang), &mut all);
    drawn("device", device::samples(lang), &mut all);
    drawn("components", components::samples(lang), &mut all);
    drawn("sign-in", sign_in::samples(lang), &mut all);
    drawn("setup", setup::samples(lang), &mut all);
    drawn("supplies", supplies::samples(lang), &mut all);
    stock::samples(lang, &mut all);
    drawn("needs", needs::samples(lang), &mut all);
    drawn("need", need::samples(lang), &mut all);
    drawn("orders", orders::samples(lang), &mut all);
    drawn("order", order::samples(lang), &mut all);
    drawn("order-print", order::print_samples(lang), &mut all);
    drawn("tickets", tickets::samples(lang), &mut all);
    drawn("ticket-new", tickets::new_samples(lang), &mut all);
    drawn("board", desk::board_samples(lang), &mut all);
    drawn("notes", desk::notes_samples(lang), &mut all);
    drawn("note", desk::note_samples(lang), &mut all);
    drawn("ticket", ticket::samples(lang), &mut all);
    assets::samples(lang, &mut all);
    drawn("kpi", kpi::samples(lang), &mut all);
    drawn("kpi-rows", kpi::rows_samples(lang), &mut all);
    drawn("labels", labels::samples(lang), &mut all);
    cabling::samples(lang, &mut all);
    drawn("report", report::samples(lang), &mut all);
    drawn("discovery", discovery::samples(lang), &mut all);
    settings::samples(lang, &mut all);
    drawn("tasks", super::debug::samples(lang), &mut all);
    drawn("error", super::error::samples(), &mut all);
    all
}
