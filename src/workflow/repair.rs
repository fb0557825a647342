//! A problem becomes one ticket, and the ticket ends with the problem (`domain/workflows.md` 3.3).
//!
//! One open ticket a key (device, class, component). A ticket that a person took is never resolved from here, only
//! noted. A device hidden behind a silent one has no ticket of its own: an untouched one is merged into the parent's. To
//! change what a ticket says, see `words`.

use crate::model::{
    Action, DeviceId, DeviceKind, Event, Millis, PrinterFunction, Problem, ProblemClass, ProblemKey, TicketId,
    TicketStatus,
};

/// The same problem within this time after its ticket was resolved is the same ticket.
pub const REOPEN_WITHIN: i64 = 72 * Millis::HOUR;

/// A ticket of the problem's key, as far as the planner cares.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownTicket {
    pub id: TicketId,
    pub status: TicketStatus,
    pub touched: bool,
    pub resolved_at: Option<Millis>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RepairFacts {
    pub device: DeviceId,
    pub device_name: String,
    pub kind: Option<DeviceKind>,
    pub functions: Vec<PrinterFunction>,
    /// Language of titles and notes: "ru" or "en".
    pub language: String,
    /// The newest ticket with the key of the event's problem, open or not.
    pub ticket: Option<KnownTicket>,
    pub now: Millis,
    /// What the device's text means, in the ticket's language, where that is known.
    pub explained: Option<String>,
    /// What hides the device: its name and, when that one has a ticket already, the ticket.
    pub behind: Option<(String, Option<TicketId>)>,
}

/// The key whose newest ticket `react` wants among the facts; `None`: the event is not for this workflow.
pub fn key_of(event: &Event) -> Option<&ProblemKey> {
    match event {
        Event::ProblemRaised { problem } => Some(&problem.key),
        Event::ProblemCleared { key } | Event::ProblemHidden { key } => Some(key),
        _ => None,
    }
}

pub fn react(event: &Event, facts: &RepairFacts) -> Vec<Action> {
    match event {
        Event::ProblemRaised { problem } => vec![raised(problem, facts)],
        Event::ProblemCleared { .. } => cleared(facts).into_iter().collect(),
        Event::ProblemHidden { .. } => hidden(facts).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn raised(problem: &Problem, facts: &RepairFacts) -> Action {
    let words = words(&facts.language);
    match &facts.ticket {
        Some(t) if t.status.is_open() => {
            Action::NoteTicket { ticket: t.id, text: with_detail(words.seen_again, &problem.detail) }
        }
        Some(t) if comes_back(t.status, t.resolved_at, facts.now) => {
            Action::ReopenTicket { ticket: t.id, text: with_detail(words.seen_again, &problem.detail) }
        }
        _ => Action::OpenTicket {
            device: facts.device,
            problem: problem.key.clone(),
            title: title(problem, facts),
            priority: priority(problem, facts),
        },
    }
}

/// A cancelled ticket was no problem: a new signal is a new ticket.
pub fn comes_back(status: TicketStatus, resolved_at: Option<Millis>, now: Millis) -> bool {
    matches!(status, TicketStatus::Resolved | TicketStatus::Closed)
        && resolved_at.is_some_and(|at| now.since(at) <= REOPEN_WITHIN)
}

fn cleared(facts: &RepairFacts) -> Option<Action> {
    let t = facts.ticket.as_ref().filter(|t| t.status.is_open())?;
    if t.touched || t.status.is_waiting() {
        let text = words(&facts.language).gone.to_owned();
        return Some(Action::NoteTicket { ticket: t.id, text });
    }
    Some(Action::ResolveTicket { ticket: t.id, automatic: true })
}

/// Untouched, it is the parent's ticket from now on; a person keeps theirs and is told.
fn hidden(facts: &RepairFacts) -> Option<Action> {
    let t = facts.ticket.as_ref().filter(|t| t.status.is_open())?;
    let words = words(&facts.language);
    let (name, into) = facts.behind.clone().unwrap_or_default();
    let text = with_detail(words.behind, &name);
    if t.touched || t.status.is_waiting() {
        return Some(Action::NoteTicket { ticket: t.id, text });
    }
    Some(Action::MergeTicket { ticket: t.id, into: into.filter(|into| *into != t.id), text })
}

/// Kind alone cannot tell a shared MFP from a desk printer: its functions do.
fn priority(problem: &Problem, facts: &RepairFacts) -> u8 {
    let mfp = facts.functions.iter().any(|f| matches!(f, PrinterFunction::Copy | PrinterFunction::Scan));
    let serious = matches!(problem.key.class, ProblemClass::Down | ProblemClass::Repair);
    if facts.kind == Some(DeviceKind::Printer) && mfp && serious { problem.priority.min(2) } else { problem.priority }
}

fn title(problem: &Problem, facts: &RepairFacts) -> String {
    let words = words(&facts.language);
    let what = match problem.key.class {
        ProblemClass::Down => words.down.to_owned(),
        ProblemClass::Configuration => words.configuration.to_owned(),
        ProblemClass::Unstable => words.unstable.to_owned(),
        ProblemClass::Repair if problem.key.component == "jams" => with_detail(words.jams, &problem.detail),
        ProblemClass::Repair if facts.explained.is_some() => {
            let meaning = facts.explained.as_deref().unwrap_or_default();
            // Some devices say nothing but the code, which the meaning begins with.
            match meaning.starts_with(problem.detail.trim()) {
                true => with_detail(words.repair, meaning),
                false => with_detail(words.repair, &format!("{} ({meaning})", problem.detail)),
            }
        }
        ProblemClass::Network | ProblemClass::Repair | ProblemClass::Reported => {
            with_detail(words.repair, &problem.detail)
        }
    };
    format!("{}: {what}", facts.device_name)
}

fn with_detail(text: &str, detail: &str) -> String {
    if detail.is_empty() { text.to_owned() } else { format!("{text}: {detail}") }
}

struct Words {
    down: &'static str,
    configuration: &'static str,
    unstable: &'static str,
    jams: &'static str,
    repair: &'static str,
    seen_again: &'static str,
    gone: &'static str,
    behind: &'static str,
}

/// Tickets are records: they keep the language they were written in.
fn words(language: &str) -> &'static Words {
    match language {
        "ru" => &Words {
            down: "не отвечает",
            configuration: "отвечает на ping, но не на SNMP: SNMP выключен или изменена community",
            unstable: "то пропадает, то появляется: связь или питание",
            jams: "повторяющиеся замятия",
            repair: "неисправность",
            seen_again: "Сигнал появился снова",
            gone: "Сигнал пропал: если всё исправно, закройте заявку",
            behind: "Молчит то, через что устройство подключено",
        },
        _ => &Words {
            down: "does not answer",
            configuration: "answers a ping but not SNMP: SNMP is off or the community was changed",
            unstable: "comes and goes: the link or the power",
            jams: "repeated jams",
            repair: "fault",
            seen_again: "The signal is back",
            gone: "The signal is gone: resolve the ticket if all is well",
            behind: "What the device is connected through is silent",
        },
    }
}

/// Where nobody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quiet {
    /// Nobody at all: our own network.
    Everywhere,
    Branch,
}

impl Quiet {
    pub fn component(self) -> &'static str {
        match self {
            Quiet::Everywhere => "poller",
            Quiet::Branch => "link",
        }
    }
}

/// Title of the one ticket when nobody answers.
pub fn quiet_title(language: &str, quiet: Quiet, silent: usize) -> String {
    match (language, quiet) {
        ("ru", Quiet::Everywhere) => {
            format!("Не отвечает никто (устройств: {silent}): проверьте сеть самого сервера и вход в филиал")
        }
        ("ru", Quiet::Branch) => format!("Весь филиал не отвечает (устройств: {silent}): проверьте канал связи"),
        (_, Quiet::Everywhere) => {
            format!("Nobody answers (devices: {silent}): check this server's own network and the way into the branch")
        }
        (_, Quiet::Branch) => format!("The whole branch is silent (devices: {silent}): check the link to it"),
    }
}

/// Said on that ticket when somebody answers again.
pub fn heard_again(language: &str) -> &'static str {
    words(language).gone
}
