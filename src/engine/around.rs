//! What stands before a silent device, who was heard since, and whether anybody was: the facts without which silence proves
//! nothing (`status::depend`).
//!
//! * The map of what hangs behind what is made of the database and kept for minutes.
//! * `Hush` remembers, for all and for each branch, who fell silent since the last answer. When nobody answers there is one
//!   ticket, our own network's or the branch's link's, and no device is judged (`look`, at each tick).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::api::Topic;
use super::writer::Work;
use crate::model::{
    DeviceId, DeviceKind, Millis, Outcome, ProbeClass, ProblemClass, ProblemKey, Reach, Reading, SiteId, TicketStatus,
    Window,
};
use crate::status::depend::{Network, Node, Observed};
use crate::status::{Around, habit};
use crate::store::notice::Said;
use crate::store::{Result, Tx, hidden, maintenance, place, ticket};
use crate::workflow::repair::{self, Quiet};

/// The map is made anew when it is older than this, sooner when something moved.
const GOOD_FOR: i64 = 10 * Millis::MINUTE;
const MOVED_AFTER: i64 = 2 * Millis::MINUTE;
/// Fewer devices than this cannot witness for each other.
const WITNESSES: usize = 5;
/// Nobody answered for this long: it is told.
const TOLD_AFTER: i64 = 5 * Millis::MINUTE;
/// And somebody answers for this long: it is over.
const OVER_AFTER: i64 = 5 * Millis::MINUTE;
/// Devices above each other at most.
const DEPTH: usize = 16;
const OURSELVES: &str = "anykey";

/// What hangs behind what, with the ports devices are seen at.
pub(super) struct Places {
    pub net: Network,
    ports: HashMap<DeviceId, (DeviceId, Option<i64>)>,
    sites: HashMap<DeviceId, SiteId>,
    made_at: Millis,
}

/// Who fell silent since anybody was heard.
#[derive(Default)]
struct Scope {
    last_answer: Option<Millis>,
    loaded: bool,
    silent: BTreeSet<DeviceId>,
    /// Of them, those that were asked again since: a whole round without an answer of anybody.
    again: BTreeSet<DeviceId>,
    /// The last round without answers ended then.
    deaf_until: Option<Millis>,
    /// First answer after a told silence.
    heard_since: Option<Millis>,
    told: bool,
}

#[derive(Default)]
pub(super) struct Hush {
    scopes: HashMap<Option<SiteId>, Scope>,
    /// Open incidents were looked up after the start.
    remembered: bool,
}

impl Hush {
    fn answered(&mut self, site: SiteId, at: Millis) {
        for key in [None, Some(site)] {
            let scope = self.scopes.entry(key).or_default();
            if scope.last_answer.is_some_and(|t| t >= at) && scope.silent.is_empty() {
                continue;
            }
            if scope.again.len() >= WITNESSES {
                scope.deaf_until = Some(at);
            }
            scope.last_answer = scope.last_answer.max(Some(at));
            scope.silent.clear();
            scope.again.clear();
            scope.heard_since.get_or_insert(at);
        }
    }
    fn silent(&mut self, site: SiteId, id: DeviceId) {
        for key in [None, Some(site)] {
            let scope = self.scopes.entry(key).or_default();
            if !scope.silent.insert(id) {
                scope.again.insert(id);
            }
        }
    }
}

impl Work {
    /// The map, as fresh as it must be.
    async fn places(&mut self, tx: &mut Tx) -> Result<Arc<Places>> {
        let age = self.places.as_ref().map(|p| self.now.since(p.made_at));
        let good = age.is_some_and(|age| (0..if self.moved { MOVED_AFTER } else { GOOD_FOR }).contains(&age));
        if let Some(known) = self.places.as_ref().filter(|_| good) {
            return Ok(Arc::clone(known));
        }
        let since = self.now.plus(-place::GOOD_FOR);
        let everybody = place::everybody(tx).await?;
        let ports = place::hangs(tx, since).await?;
        let seen = Observed {
            nodes: everybody.iter().map(|(id, site, kind)| Node { id: *id, site: *site, kind: *kind }).collect(),
            links: place::links(tx, since).await?,
            hangs: ports.iter().map(|(d, (s, _))| (*d, *s)).collect(),
            documented: hidden::documented(tx).await?,
        };
        let sites = everybody.iter().map(|(id, site, _)| (*id, *site)).collect();
        let made = Arc::new(Places { net: Network::of(&seen), ports, sites, made_at: self.now });
        self.places = Some(Arc::clone(&made));
        self.moved = false;
        Ok(made)
    }

    /// Somebody answered.
    pub fn heard(&mut self, site: SiteId, at: Millis) {
        self.hush.answered(site, at);
    }

    /// The windows people planned.
    async fn windows(&mut self, tx: &mut Tx) -> Result<Arc<Vec<Window>>> {
        if let Some(known) = &self.windows {
            return Ok(Arc::clone(known));
        }
        let found = Arc::new(maintenance::coming(tx, self.now).await?);
        self.windows = Some(Arc::clone(&found));
        Ok(found)
    }

    /// What holds for any reading: maintenance, the hour at the device, its pages.
    pub async fn circumstances(&mut self, tx: &mut Tx, id: DeviceId, reading: &Reading) -> Result<Around> {
        let at = reading.at.min(self.now);
        let windows = self.windows(tx).await?;
        let Some(known) = self.known(tx, id).await? else { return Ok(Around::default()) };
        let (site, pages) = (known.device.site, known.device.pages_total());
        let state = &known.device.state;
        let infrastructure = known.device.kind.is_some_and(DeviceKind::is_infrastructure);
        let silent = reading.outcome == Outcome::Silent;
        let learns = !infrastructure && reading.class == ProbeClass::Reachability && (silent || state.habit.is_some());
        let since = state.silent_since.filter(|_| silent && state.habit.is_some());
        let mut around = Around { pages, ..Around::default() };
        let near = windows.iter().any(|w| w.planned.covers(id, site));
        if !learns && !near {
            return Ok(around);
        }
        let agreement = self.agreement(tx, site).await?;
        let zone = agreement.calendar.zone();
        around.quiet = near && windows.iter().any(|w| w.on(id, site, at, zone).is_some());
        if learns && let Ok(moment) = jiff::Timestamp::from_millisecond(at.0) {
            let local = moment.to_zoned(zone.clone());
            let hour = u8::try_from(local.hour()).unwrap_or(0);
            around.slot = Some(habit::slot(agreement.calendar.is_working(local.date()), hour));
            around.working_silence_ms = since.map_or(0, |s| agreement.calendar.working(s, at));
        }
        Ok(around)
    }

    /// What is known around a silent device.
    pub async fn around(&mut self, tx: &mut Tx, id: DeviceId, reading: &Reading, around: &mut Around) -> Result<()> {
        let at = reading.at.min(self.now);
        let Some(known) = self.known(tx, id).await? else { return Ok(()) };
        let (site, since) = (known.device.site, known.device.state.silent_since.unwrap_or(at));
        let infrastructure = known.device.kind.is_some_and(DeviceKind::is_infrastructure);
        let places = self.places(tx).await?;
        self.hush.silent(site, id);
        self.witnesses(tx, &places, site, since, around).await?;
        self.parents(tx, &places, (id, site), since, around).await?;
        if let Some((switch, Some(port))) = places.ports.get(&id).filter(|_| !around.parent_down && !infrastructure) {
            around.port_up = place::oper(tx, *switch, *port).await?.map(|o| o == "up");
        }
        Ok(())
    }

    async fn parents(
        &mut self,
        tx: &mut Tx,
        places: &Places,
        (id, site): (DeviceId, SiteId),
        since: Millis,
        around: &mut Around,
    ) -> Result<()> {
        let mut before = places.net.before(id).to_vec();
        // A device nobody knows the place of hangs on the branch's way in, when most of the branch is silent with it.
        if before.is_empty()
            && let Some(root) = places.net.root(site).filter(|root| *root != id)
            && self.mostly_silent(places, site)
        {
            before.push(root);
        }
        let (mut dead, mut heard, mut answers) = (None, false, false);
        for parent in before {
            let Some(p) = self.known(tx, parent).await?.filter(|p| !p.device.retired) else { continue };
            let s = &p.device.state;
            if s.silent > 0 || matches!(s.reach, Reach::Down | Reach::Unreachable) {
                dead.get_or_insert(parent);
            } else {
                answers = true;
                heard |= s.last_answer.is_some_and(|t| t >= since);
            }
        }
        let Some(parent) = dead.filter(|_| !answers) else {
            around.unsure = answers && !heard;
            return Ok(());
        };
        for below in places.net.behind(id) {
            let Some(b) = self.known(tx, *below).await? else { continue };
            let s = &b.device.state;
            if s.silent == 0 && s.last_answer.is_some_and(|t| t >= since) {
                return Ok(());
            }
        }
        around.parent_down = true;
        around.behind = Some(self.topmost(tx, parent, id).await?);
        Ok(())
    }

    /// The silent device that hides them all.
    async fn topmost(&mut self, tx: &mut Tx, parent: DeviceId, child: DeviceId) -> Result<DeviceId> {
        let mut at = parent;
        for _ in 0..DEPTH {
            let Some(known) = self.known(tx, at).await? else { break };
            match known.device.state.behind.filter(|b| *b != child && *b != at) {
                Some(above) => at = above,
                None => break,
            }
        }
        Ok(at)
    }

    fn mostly_silent(&self, places: &Places, site: SiteId) -> bool {
        let silent = self.hush.scopes.get(&Some(site)).map_or(0, |s| s.silent.len());
        silent >= WITNESSES && silent * 100 > places.net.size(site) * 60
    }

    /// Was anybody heard since?
    async fn witnesses(
        &mut self,
        tx: &mut Tx,
        places: &Places,
        site: SiteId,
        since: Millis,
        around: &mut Around,
    ) -> Result<()> {
        for key in [None, Some(site)] {
            let size = key.map_or_else(|| places.net.whole(), |s| places.net.size(s));
            let rooted = key.is_some_and(|s| places.net.root(s).is_some());
            if size < WITNESSES || rooted {
                continue;
            }
            let scope = self.hush.scopes.entry(key).or_default();
            if !scope.loaded {
                scope.loaded = true;
                let kept = place::last_answer(tx, key).await?;
                scope.last_answer = scope.last_answer.max(kept);
            }
            around.deaf |= scope.last_answer.is_none_or(|t| t < since);
            around.counts_from = around.counts_from.max(scope.deaf_until);
        }
        Ok(())
    }

    /// Tells that nobody answers, once, and that somebody does again.
    pub async fn look(&mut self, tx: &mut Tx) -> Result<()> {
        if !self.hush.remembered {
            self.hush.remembered = true;
            for (site, component) in ticket::open_of_sites(tx).await? {
                let key = (component == Quiet::Branch.component()).then_some(site);
                self.hush.scopes.entry(key).or_default().told = true;
            }
        }
        let now = self.now;
        let mut quiet: Vec<Option<SiteId>> = Vec::new();
        let mut over: Vec<Option<SiteId>> = Vec::new();
        for (key, s) in &self.hush.scopes {
            if s.told && s.heard_since.is_some_and(|t| now.since(t) >= OVER_AFTER) && s.again.len() < WITNESSES {
                over.push(*key);
            }
            let long = s.last_answer.is_some_and(|t| now.since(t) >= TOLD_AFTER);
            if !s.told && s.again.len() >= WITNESSES && long {
                quiet.push(*key);
            }
        }
        // All of us before any branch.
        quiet.sort_unstable();
        over.sort_unstable();
        for key in quiet {
            self.nobody_answers(tx, key).await?;
        }
        for key in over {
            self.somebody_answers(tx, key).await?;
        }
        Ok(())
    }

    async fn nobody_answers(&mut self, tx: &mut Tx, key: Option<SiteId>) -> Result<()> {
        let places = self.places(tx).await?;
        let silent = self.hush.scopes.get(&key).map(|s| s.silent.clone()).unwrap_or_default();
        let size = key.map_or_else(|| places.net.whole(), |s| places.net.size(s));
        let everybody = self.hush.scopes.get(&None).is_some_and(|s| s.told);
        let rooted = key.is_some_and(|s| places.net.root(s).is_some());
        if self.expected(tx, &places, &silent).await? {
            return Ok(());
        }
        if silent.len() * 100 <= size * 60 || (key.is_some() && (everybody || rooted)) {
            return Ok(());
        }
        let site = match key {
            Some(site) => site,
            None => match most(&places, &silent) {
                Some(site) => site,
                None => return Ok(()),
            },
        };
        let quiet = if key.is_some() { Quiet::Branch } else { Quiet::Everywhere };
        let problem = ProblemKey { class: ProblemClass::Network, component: quiet.component().into() };
        let language = self.language(tx).await?;
        let title = repair::quiet_title(&language, quiet, silent.len());
        let now = self.now;
        let before = ticket::newest_of_site(tx, site, &problem).await?;
        match before {
            Some(t) if t.status.is_open() => {}
            Some(t) if repair::comes_back(t.status, t.resolved_at, now) => {
                ticket::reopen(tx, t.id).await?;
                self.tell(tx, site, t.id, Said::Failed).await?;
                ticket::add_event(tx, t.id, OURSELVES, "note", &title, now).await?;
                ticket::add_event(tx, t.id, OURSELVES, "status", TicketStatus::New.as_str(), now).await?;
            }
            _ => {
                if let Some(id) = ticket::open(tx, site, None, &problem, &title, 1, now).await? {
                    ticket::add_event(tx, id, OURSELVES, "opened", &title, now).await?;
                    self.tell(tx, site, id, Said::Failed).await?;
                }
            }
        }
        if let Some(scope) = self.hush.scopes.get_mut(&key) {
            (scope.told, scope.heard_since) = (true, None);
        }
        self.changed(Topic::Ticket, None);
        Ok(())
    }

    /// A window covers every silent one: nobody is told while it is on.
    async fn expected(&mut self, tx: &mut Tx, places: &Places, silent: &BTreeSet<DeviceId>) -> Result<bool> {
        let windows = self.windows(tx).await?;
        if windows.is_empty() {
            return Ok(false);
        }
        for id in silent {
            let Some(site) = places.sites.get(id).copied() else { continue };
            let agreement = self.agreement(tx, site).await?;
            let zone = agreement.calendar.zone();
            if !windows.iter().any(|w| w.on(*id, site, self.now, zone).is_some()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn somebody_answers(&mut self, tx: &mut Tx, key: Option<SiteId>) -> Result<()> {
        let component = if key.is_some() { Quiet::Branch } else { Quiet::Everywhere }.component();
        let now = self.now;
        for (site, found) in ticket::open_of_sites(tx).await? {
            if found != component || key.is_some_and(|k| k != site) {
                continue;
            }
            let problem = ProblemKey { class: ProblemClass::Network, component: found };
            let Some(t) = ticket::newest_of_site(tx, site, &problem).await? else { continue };
            if t.touched || t.status.is_waiting() {
                let text = repair::heard_again(&self.language(tx).await?).to_owned();
                ticket::add_event(tx, t.id, OURSELVES, "note", &text, now).await?;
            } else {
                let resolved = TicketStatus::Resolved;
                ticket::set_status(tx, t.id, resolved, false, now).await?;
                self.tell(tx, site, t.id, Said::Well).await?;
                ticket::add_event(tx, t.id, OURSELVES, "status", resolved.as_str(), now).await?;
            }
            self.changed(Topic::Ticket, None);
        }
        if let Some(scope) = self.hush.scopes.get_mut(&key) {
            scope.told = false;
        }
        Ok(())
    }

    /// Writes down what hides the device now, or that nothing does any more.
    pub async fn keep_hidden(&mut self, tx: &mut Tx, id: DeviceId, before: Option<DeviceId>, at: Millis) -> Result<()> {
        let Some(now) = self.cache.get(id).map(|k| k.device.state.behind) else { return Ok(()) };
        match now {
            _ if now == before => Ok(()),
            Some(parent) => hidden::set(tx, id, parent, at).await,
            None => hidden::end(tx, id, at).await,
        }
    }
}

/// The branch most of them are of.
fn most(places: &Places, silent: &BTreeSet<DeviceId>) -> Option<SiteId> {
    let mut counts: std::collections::BTreeMap<SiteId, usize> = std::collections::BTreeMap::new();
    for site in silent.iter().filter_map(|d| places.sites.get(d)) {
        *counts.entry(*site).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(site, n)| (*n, std::cmp::Reverse(*site))).map(|(site, _)| site)
}
