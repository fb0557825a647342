//! Scenes that are sure to be played after the opening, so that a demonstration has something to show.
//!
//! All of them are ordinary events of the branch (a long job, a failed part, a pulled plug, a new cartridge); only their
//! hour is fixed. What they lead to is up to who watches.

use super::models::{Kind, Report};
use super::printer::Printer;
use super::{Fleet, Truth};
use crate::model::Millis;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// A long job takes a toner through the low mark.
    LongJob,
    /// A fuser fails; it is mended after an hour and ten minutes.
    FuserFails,
    /// Somebody pulls a plug; an hour later it is back.
    PlugPulled,
    /// The emptiest cartridge is replaced.
    Replacement,
    /// The mains fail for a quarter of an hour.
    PowerCut,
}

const MINUTES: [(i64, Scene); 5] = [
    (5, Scene::LongJob),
    (15, Scene::FuserFails),
    (25, Scene::PlugPulled),
    (75, Scene::Replacement),
    (120, Scene::PowerCut),
];
const FAULT_MINUTES: u32 = 70;
const OFF_MINUTES: u32 = 60;
const POWER_CUT_MINUTES: u32 = 15;
/// The long job ends here: below ten percent in every way of rounding.
const RUSH_TARGET: f64 = 0.085;
/// Minutes after the opening by which all of it has happened and is over.
pub const CURTAIN_FALLS: i64 = 150;

/// Plays what is due at this minute.
pub(super) fn play(fleet: &mut Fleet, at: Millis) {
    let minute = at.since(fleet.opening) / Millis::MINUTE;
    for (_, scene) in MINUTES.iter().filter(|(due, _)| *due == minute) {
        match scene {
            Scene::LongJob => {
                if let Some((printer, supply)) = nearest_to_low(&fleet.printers) {
                    fleet.printers[printer].rush(supply, RUSH_TARGET);
                }
            }
            Scene::FuserFails => {
                let healthy = |p: &Printer| p.is_on() && !p.is_blocked() && !p.is_rushing();
                with(fleet, at, healthy, |p| p.fail(FAULT_MINUTES));
            }
            Scene::PlugPulled => {
                // Not behind the unmanaged switch: its port would stay up, and the printer seem asleep.
                let alone = |p: &Printer| p.plan.port != super::branch::UNMANAGED;
                let healthy = |p: &Printer| p.is_on() && !p.is_blocked() && !p.is_rushing() && alone(p);
                with(fleet, at, healthy, |p| p.power_off(OFF_MINUTES));
            }
            Scene::Replacement => replace_emptiest(fleet),
            Scene::PowerCut => {
                if let Some(ups) = fleet.ups() {
                    ups.power_cut(POWER_CUT_MINUTES);
                }
            }
        }
    }
}

/// The toner whose level is told by the percent and that needs the fewest minutes of printing to get low.
fn nearest_to_low(printers: &[Printer]) -> Option<(usize, usize)> {
    let minutes = |p: &Printer, s: &super::printer::Supply| {
        (s.remaining - RUSH_TARGET) * f64::from(s.spec.yield_pages) / f64::from(p.plan.model.pages_per_minute)
    };
    let mut candidates = Vec::new();
    for (number, printer) in printers.iter().enumerate().filter(|(_, p)| p.is_on() && !p.has_trouble()) {
        for (place, supply) in printer.supplies.iter().enumerate() {
            let told = supply.spec.kind == Kind::Toner && supply.spec.report == Report::Percent(1);
            // Black only: every page uses it.
            if told && supply.spec.color == "black" && supply.remaining > 0.12 && !printer.is_blocked() {
                candidates.push((minutes(printer, supply), number, place));
            }
        }
    }
    candidates.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, number, place)| (number, place))
}

/// The first printer in the plan that is fit for it, from the end so that the busiest are spared.
fn with(
    fleet: &mut Fleet,
    at: Millis,
    fit: impl Fn(&Printer) -> bool,
    act: impl FnOnce(&mut Printer) -> super::Happening,
) {
    let first = fleet.switches.len();
    if let Some(n) = (0..fleet.printers.len()).rev().find(|n| fit(&fleet.printers[*n]) && !fleet.printers[*n].plan.ipp)
    {
        let what = act(&mut fleet.printers[n]);
        fleet.log.push(Truth { at, device: first + n, what });
    }
}

fn replace_emptiest(fleet: &mut Fleet) {
    let first = fleet.switches.len();
    let all = fleet.printers.iter().enumerate().filter(|(_, p)| p.is_on()).flat_map(|(n, p)| {
        let toners = p.supplies.iter().enumerate().filter(|(_, s)| s.spec.kind == Kind::Toner && s.is_low());
        toners.map(move |(place, s)| (s.remaining, n, place))
    });
    if let Some((_, n, place)) = all.min_by(|a, b| a.0.total_cmp(&b.0)) {
        fleet.replace(first + n, place);
    }
}
