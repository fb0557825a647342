//! Devices in words: their state, what is low, what happened to them. The wording lies in the catalogue; this file only
//! chooses. Never decides a state: `status` did.

use super::badge::Meaning;
use super::html::{Html, escape};
use super::layout::Ui;
use super::level::Level;
use crate::model::{ActiveAlert, AlertClass, DeviceState, Event, ProblemClass, Reach, SupplyState, Trap};
use crate::store::read::devices::{DeviceRow, SupplyMark};

/// A state as a badge and one sentence of why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateLine {
    pub meaning: Meaning,
    /// One or two words: "работает", "не отвечает".
    pub word: String,
    /// Why, or "".
    pub why: String,
}

impl StateLine {
    pub fn badge(&self) -> Html {
        self.meaning.badge(&self.word)
    }

    pub fn boxed(&self) -> Html {
        self.meaning.boxed(&self.word)
    }

    /// The badge with its reason below it: a cell of a list.
    pub fn cell(&self) -> Html {
        let why = if self.why.is_empty() {
            String::new()
        } else {
            format!(r#"<span class="sub">{}</span>"#, escape(&self.why))
        };
        Html(format!("{}{why}", self.badge()))
    }

    pub fn text(&self) -> String {
        if self.why.is_empty() { self.word.clone() } else { format!("{}: {}", self.word, self.why) }
    }
}

pub fn state(ui: &Ui, row: &DeviceRow) -> StateLine {
    let meaning = Meaning::of(&row.condition);
    let reach = row.state.reach;
    if row.retired {
        return StateLine { meaning: Meaning::Unknown, word: ui.t("device-retired"), why: String::new() };
    }
    if reach != Reach::Ok {
        let since = row.state.reach_since.or(row.state.silent_since);
        let why = match (reach, since) {
            (Reach::Down | Reach::Asleep | Reach::Unreachable, Some(at)) => {
                ui.tv("state-since", ui.duration(ui.now.since(at)))
            }
            (Reach::Degraded, _) => ui.t("state-degraded-why"),
            _ => String::new(),
        };
        let meaning = if reach == Reach::Asleep { meaning } else { Meaning::of_reach(reach) };
        return StateLine { meaning, word: ui.word("reach-", reach.as_str()), why };
    }
    let why = reason(ui, &row.state, &row.supplies);
    StateLine { meaning, word: ui.word("condition-", meaning.as_str()), why }
}

/// The gravest thing first: a raised problem, an alert for people, what runs low.
fn reason(ui: &Ui, state: &DeviceState, supplies: &[SupplyMark]) -> String {
    if let Some(p) = state.problems.iter().filter(|p| p.raised).min_by_key(|p| p.priority) {
        let component = ui.word("component-", &p.key.component);
        return match (p.key.class, p.detail.is_empty()) {
            (ProblemClass::Repair | ProblemClass::Reported, false) => format!("{component}: {}", p.detail),
            (ProblemClass::Repair | ProblemClass::Reported, true) => component,
            (class, _) => ui.word("problem-", class.as_str()),
        };
    }
    let grave = |a: &&ActiveAlert| {
        a.class == AlertClass::Maintenance
            || (matches!(a.class, AlertClass::User | AlertClass::Repair)
                && a.alert.severity.as_deref() == Some("critical"))
    };
    if let Some(a) = state.alerts.iter().find(grave) {
        return alert(ui, a);
    }
    low(ui, supplies)
}

/// An alert in our words when its code is known, else in the device's.
pub fn alert(ui: &Ui, a: &ActiveAlert) -> String {
    let code = a.alert.code_name.as_deref().unwrap_or("");
    let known = ui.word("alert-", code);
    if known != code {
        known
    } else if a.alert.description.is_empty() {
        code.to_owned()
    } else {
        a.alert.description.clone()
    }
}

/// "кончается: K, M": letters where they tell enough, else the kind of part.
pub fn low(ui: &Ui, supplies: &[SupplyMark]) -> String {
    let mut names: Vec<String> = supplies.iter().filter(|s| s.is_low).map(|s| short_name(ui, s)).collect();
    names.dedup();
    if names.is_empty() { String::new() } else { ui.tv("state-low", names.join(", ")) }
}

/// "чёрный", "узел закрепления": what a technician would call it on the phone.
pub fn short_name(ui: &Ui, s: &SupplyMark) -> String {
    match s.color.as_deref() {
        Some(colour) if matches!(s.kind.as_str(), "toner" | "ink") => ui.word("colour-", colour),
        _ => ui.word("supply-", &s.kind),
    }
}

/// "Тонер чёрный", "Бункер отработанного тонера".
pub fn supply_name(ui: &Ui, kind: &str, colour: Option<&str>) -> String {
    let kind_word = ui.word("supply-", kind);
    match colour {
        Some(c) if !c.is_empty() => format!("{kind_word}, {}", ui.word("colour-", c)),
        _ => kind_word,
    }
}

/// The level of a row's supply.
pub fn level(s: &SupplyMark) -> Level {
    Level {
        state: s.level_state,
        low: s.low,
        high: s.high,
        color: s.color.clone(),
        steps: steps(s.max_capacity),
        receptacle: s.receptacle,
        is_low: s.is_low,
    }
}

/// A gauge of few steps shows them.
pub fn steps(max_capacity: Option<i64>) -> Option<u32> {
    max_capacity.and_then(|c| u32::try_from(c).ok()).filter(|c| (2..=20).contains(c))
}

/// "МФУ" or "Принтер", "Коммутатор": the kind as people say it.
pub fn kind(ui: &Ui, kind: Option<&str>, functions: &str) -> String {
    match kind {
        Some("printer") if functions.contains("scan") => ui.t("kind-mfp"),
        Some(k) => ui.word("kind-", k),
        None => ui.t("kind-other"),
    }
}

/// "Kyocera ECOSYS M2040dn": maker and model, whichever is known.
pub fn model(vendor: Option<&str>, model: Option<&str>) -> String {
    match (vendor, model) {
        (Some(v), Some(m)) if m.to_lowercase().starts_with(&v.to_lowercase()) => m.to_owned(),
        (Some(v), Some(m)) => format!("{v} {m}"),
        (v, m) => v.or(m).unwrap_or("").to_owned(),
    }
}

/// Groups of the timeline's filter: word (`timeline-group-…`) and kinds of events.
pub const TIMELINE_GROUPS: [(&str, &[&str]); 5] = [
    ("state", &["reach-changed", "restarted", "device-discovered", "address-changed"]),
    ("supply", &["supply-low", "supply-replaced", "page-count-reset"]),
    ("problem", &["problem-raised", "problem-cleared", "problem-hidden", "alert-appeared"]),
    (
        "identity",
        &["identity-changed", "device-discovered", "address-changed", "merged", "split-off", "identity-undone"],
    ),
    ("trap", &["trap-received"]),
];

/// An event as people read it, with the meaning of its icon.
pub fn event(ui: &Ui, event: &Event) -> (Meaning, String) {
    let two =
        |key: &str, from: &str, to: &str| ui.tw(key, &[("from", from.to_owned().into()), ("to", to.to_owned().into())]);
    match event {
        Event::DeviceDiscovered { kind: k } => {
            let word = kind(ui, k.map(|k| k.as_str()), "");
            (Meaning::Unknown, ui.tv("timeline-device-discovered", word))
        }
        Event::ReachChanged { from, to } => {
            let word = |r: &Reach| ui.word("reach-", r.as_str());
            (Meaning::of_reach(*to), two("timeline-reach-changed", &word(from), &word(to)))
        }
        Event::AddressChanged { from, to } => (Meaning::Unknown, two("timeline-address-changed", from, to)),
        Event::Restarted => (Meaning::Unknown, ui.t("timeline-restarted")),
        Event::ProblemRaised { problem } => {
            (Meaning::Failure, ui.tv("timeline-problem-raised", problem_words(ui, problem)))
        }
        Event::ProblemCleared { key } => {
            (Meaning::Ok, ui.tv("timeline-problem-cleared", ui.word("component-", &key.component)))
        }
        Event::ProblemHidden { .. } => (Meaning::Unknown, ui.t("timeline-problem-hidden")),
        Event::SupplyLow { supply } => (Meaning::Attention, ui.tv("timeline-supply-low", supply_state(ui, supply))),
        Event::SupplyReplaced { description, from, to, .. } => {
            let percent = |f: &Option<f64>| f.map_or_else(|| ui.t("level-unknown"), |f| ui.percent(f));
            let words = format!("{description}, {} → {}", percent(from), percent(to));
            (Meaning::Ok, ui.tv("timeline-supply-replaced", words))
        }
        Event::AlertAppeared { description } => {
            (Meaning::Attention, ui.tv("timeline-alert-appeared", description.as_str()))
        }
        Event::IdentityChanged { field, from, to } => {
            let field = ui.word("field-", field);
            (Meaning::Unknown, format!("{field}: {}", two("timeline-change", from, to)))
        }
        Event::PageCountReset { from, to } => {
            let number = |n: &u64| ui.integer(i64::try_from(*n).unwrap_or(i64::MAX));
            (Meaning::Attention, two("timeline-page-count-reset", &number(from), &number(to)))
        }
        Event::Merged { other } => (Meaning::Unknown, ui.tv("timeline-merged", other.as_str())),
        Event::SplitOff { other } => (Meaning::Unknown, ui.tv("timeline-split-off", other.as_str())),
        Event::IdentityUndone { other } => (Meaning::Unknown, ui.tv("timeline-identity-undone", other.as_str())),
        Event::TrapReceived { trap } => (Meaning::Unknown, ui.tv("timeline-trap-received", said(ui, trap))),
    }
}

/// "порт Gi0/3 без связи (linkDown) ×12": our words, then the device's own.
fn said(ui: &Ui, trap: &Trap) -> String {
    let known = ui.word("trap-", &trap.name);
    let mut words = if known == trap.name { trap.name.clone() } else { format!("{known} ({})", trap.name) };
    let alert = trap.alert.as_deref().map(|code| ui.word("alert-", code));
    let port = trap.port.clone().or(trap.if_index.map(|i| i.to_string()));
    for part in [port, alert, trap.text.clone()].into_iter().flatten() {
        words = format!("{words} · {part}");
    }
    if trap.count > 1 { format!("{words} ×{}", ui.integer(i64::from(trap.count))) } else { words }
}

fn problem_words(ui: &Ui, p: &crate::model::Problem) -> String {
    let component = ui.word("component-", &p.key.component);
    match p.key.class {
        ProblemClass::Down | ProblemClass::Configuration => ui.word("problem-", p.key.class.as_str()),
        _ if p.detail.is_empty() => component,
        _ => format!("{component}: {}", p.detail),
    }
}

fn supply_state(ui: &Ui, s: &SupplyState) -> String {
    let name = supply_name(ui, s.kind.as_str(), s.color.as_deref());
    let level = Level {
        state: s.level_state,
        low: s.low,
        high: s.high,
        color: s.color.clone(),
        steps: None,
        receptacle: false,
        is_low: true,
    };
    format!("{name}, {}", level.words(ui))
}
