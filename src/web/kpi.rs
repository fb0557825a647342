//! Figures of service, gathered: loads what `sla::kpi` judges and puts it into groups. The page and the API show the same.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::clocks::clock;
use crate::model::{Millis, Reach, SiteId, TicketId, TicketStatus};
use crate::sla::Agreement;
use crate::sla::kpi::{Availability, Desk, DeviceLife, Phase, REPEAT_DAYS, Segment, TicketFacts, segments};
use crate::store::read::kpi::{self, KpiDevice};
use crate::store::read::tickets::{self, TicketEventRow, TicketRow};
use crate::store::{Db, Result, service};

/// What a line of the report stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    #[default]
    Branch,
    Model,
    Device,
}

impl Group {
    pub const ALL: [Group; 3] = [Group::Branch, Group::Model, Group::Device];
    pub fn as_str(self) -> &'static str {
        match self {
            Group::Branch => "branch",
            Group::Model => "model",
            Group::Device => "device",
        }
    }
    pub fn parse(s: &str) -> Option<Group> {
        Self::ALL.into_iter().find(|g| g.as_str() == s)
    }
}

/// A line: its name and its figures.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct KpiRow {
    /// Id of the branch or device, or the model.
    pub key: String,
    pub name: String,
    pub devices: i64,
    pub availability: Availability,
    pub desk: Desk,
}

/// Everything of a period.
pub struct Figures {
    pub from: Millis,
    pub to: Millis,
    devices: Vec<(KpiDevice, Vec<Segment>, Availability)>,
    tickets: Vec<(TicketRow, TicketFacts)>,
}

/// A failure of a device: from when to when.
pub struct Failure {
    pub device: KpiDevice,
    pub span: Segment,
}

/// The moment a ticket's work began and whether it counts at all.
fn facts(agreement: &Agreement, t: &TicketRow, events: &[TicketEventRow], now: Millis) -> TicketFacts {
    let began = events.iter().find(|e| e.kind == "status" && e.body.trim() == TicketStatus::InProgress.as_str());
    let repair_ms = began.zip(t.resolved_at).map(|(e, at)| agreement.calendar.working(e.at, at));
    TicketFacts {
        id: t.id,
        opened_at: t.opened_at,
        resolved_at: t.resolved_at,
        counts: t.status != TicketStatus::Cancelled,
        in_time: clock(agreement, t, events, now).is_some_and(|c| !c.restore.is_missed()),
        repair_ms,
        reopened: t.reopened > 0,
        repeat: false,
        came_back: false,
    }
}

/// Marks tickets whose failure was resolved shortly before, or came back shortly after.
fn mark_repeats(tickets: &mut [(TicketRow, TicketFacts)]) {
    let mut last: HashMap<(i64, &'static str, String), (usize, Millis)> = HashMap::new();
    let mut order: Vec<usize> = (0..tickets.len()).collect();
    order.sort_by_key(|i| (tickets[*i].0.opened_at, tickets[*i].0.id));
    for at in order {
        let t = &tickets[at].0;
        let Some(device) = t.device.filter(|_| tickets[at].1.counts) else { continue };
        let key = (device.0, t.class.as_str(), t.component.clone());
        let (opened, resolved) = (t.opened_at, t.resolved_at);
        if let Some((before, solved)) = last.get(&key).copied()
            && (0..REPEAT_DAYS * Millis::DAY).contains(&opened.since(solved))
        {
            tickets[at].1.repeat = true;
            tickets[before].1.came_back = true;
        }
        if let Some(solved) = resolved {
            last.insert(key, (at, solved));
        }
    }
}

impl Figures {
    /// Of a period that may still go on.
    pub async fn of(db: &Db, site: Option<SiteId>, from: Millis, to: Millis, now: Millis) -> Result<Figures> {
        let end = to.min(now).max(from);
        let mut agreements: HashMap<SiteId, Agreement> = HashMap::new();
        let mut changes: HashMap<i64, Vec<(Millis, Reach, Reach)>> = HashMap::new();
        for (device, at, before, after) in kpi::changes(db, from).await? {
            changes.entry(device.0).or_default().push((at, before, after));
        }
        let mut devices = Vec::new();
        for d in kpi::devices(db, site, end).await? {
            if let Entry::Vacant(unknown) = agreements.entry(d.site) {
                unknown.insert(Agreement::of(&service::terms(db, d.site).await?));
            }
            let life = DeviceLife {
                first_seen: d.first_seen,
                last_reading: d.last_reading,
                now: d.reach,
                changes: changes.remove(&d.id.0).unwrap_or_default(),
            };
            let spans = segments(&life, from, end);
            let sums = agreements.get(&d.site).map(|a| Availability::of(&spans, &a.calendar)).unwrap_or_default();
            devices.push((d, spans, sums));
        }
        let rows = tickets::between(db, site, from.plus(-REPEAT_DAYS * Millis::DAY), end).await?;
        let ids: Vec<TicketId> = rows.iter().map(|t| t.id).collect();
        let histories = tickets::histories(db, &ids).await?;
        let mut found = Vec::new();
        for t in rows {
            if let Entry::Vacant(unknown) = agreements.entry(t.site) {
                unknown.insert(Agreement::of(&service::terms(db, t.site).await?));
            }
            let events = histories.get(&t.id).map(Vec::as_slice).unwrap_or_default();
            let Some(agreement) = agreements.get(&t.site) else { continue };
            let judged = facts(agreement, &t, events, now);
            found.push((t, judged));
        }
        mark_repeats(&mut found);
        Ok(Figures { from, to: end, devices, tickets: found })
    }

    fn key_of_device(group: Group, d: &KpiDevice) -> (String, String) {
        match group {
            Group::Branch => (d.site.to_string(), d.site_name.clone()),
            Group::Model => (d.model.trim().to_owned(), d.model.trim().to_owned()),
            Group::Device => (d.id.to_string(), d.name.clone()),
        }
    }

    fn key_of_ticket(&self, group: Group, t: &TicketRow) -> Option<(String, String)> {
        let device = self.devices.iter().find(|(d, ..)| Some(d.id) == t.device).map(|(d, ..)| d);
        match (group, device) {
            (Group::Branch, _) => Some((t.site.to_string(), t.site_name.clone())),
            (_, Some(d)) => Some(Self::key_of_device(group, d)),
            (_, None) => None,
        }
    }

    /// Lines by name; what belongs to no device is in the lines of branches only.
    pub fn rows(&self, group: Group) -> Vec<KpiRow> {
        let mut rows: BTreeMap<String, KpiRow> = BTreeMap::new();
        let empty = |(key, name): (String, String)| KpiRow {
            key,
            name,
            devices: 0,
            availability: Availability::default(),
            desk: Desk::default(),
        };
        for (d, _, sums) in &self.devices {
            let named = Self::key_of_device(group, d);
            let row = rows.entry(named.0.clone()).or_insert_with(|| empty(named));
            row.devices += 1;
            row.availability = row.availability.plus(*sums);
        }
        let mut by_key: HashMap<String, Vec<TicketFacts>> = HashMap::new();
        for (t, facts) in &self.tickets {
            let Some(named) = self.key_of_ticket(group, t) else { continue };
            by_key.entry(named.0.clone()).or_default().push(*facts);
            rows.entry(named.0.clone()).or_insert_with(|| empty(named));
        }
        for (key, facts) in by_key {
            if let Some(row) = rows.get_mut(&key) {
                row.desk = Desk::of(&facts, self.from, self.to);
            }
        }
        let mut rows: Vec<KpiRow> = rows.into_values().collect();
        rows.sort_by(|a, b| a.name.to_lowercase().cmp(&b.name.to_lowercase()).then(a.key.cmp(&b.key)));
        rows
    }

    pub fn total(&self) -> KpiRow {
        let sums = self.devices.iter().fold(Availability::default(), |s, (_, _, a)| s.plus(*a));
        let desk = Desk::of(self.tickets.iter().map(|(_, f)| f), self.from, self.to);
        KpiRow { key: String::new(), name: String::new(), devices: self.devices.len() as i64, availability: sums, desk }
    }

    fn is_of(key: &str, named: Option<(String, String)>) -> bool {
        key.is_empty() || named.is_some_and(|(k, _)| k == key)
    }

    /// Failures behind the numbers of a line; all of them when the key is empty.
    pub fn failures(&self, group: Group, key: &str) -> Vec<Failure> {
        let of = |d: &KpiDevice| Self::is_of(key, Some(Self::key_of_device(group, d)));
        self.devices
            .iter()
            .filter(|(d, ..)| of(d))
            .flat_map(|(d, spans, _)| spans.iter().map(move |s| (d, s)))
            .filter(|(_, s)| s.phase == Phase::Down)
            .map(|(d, s)| Failure { device: d.clone(), span: *s })
            .collect()
    }

    /// Tickets behind a number: opened, resolved, late, repeat, backlog.
    pub fn tickets(&self, group: Group, key: &str, what: &str) -> Vec<&TicketRow> {
        let inside = |at: Millis| at >= self.from && at < self.to;
        let counts = |f: &TicketFacts| match what {
            "opened" => inside(f.opened_at),
            "repeat" => inside(f.opened_at) && f.repeat,
            "resolved" => f.resolved_at.is_some_and(inside),
            "late" => f.resolved_at.is_some_and(inside) && !f.in_time,
            "backlog" => f.opened_at < self.to && f.resolved_at.is_none_or(|at| at >= self.to),
            _ => false,
        };
        self.tickets
            .iter()
            .filter(|(t, f)| f.counts && counts(f) && Self::is_of(key, self.key_of_ticket(group, t)))
            .map(|(t, _)| t)
            .collect()
    }
}
