//! One supply over time, folded reading by reading into a small state that can be stored.
//!
//! Readings come in order of time; what is repeated or late is ignored. Nothing here asks what time it is.

mod moment;
mod told;

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::cartridge::{Belief, Core, DAYS, DRIFT, PAGES, Point, Work};
use super::detect::{Before, Candidate, RESEATED_WITHIN, Replacement, Rule, Sign, Verdict};
use super::gauge::Gauge;
use super::sample::{Alert, Look, Sample, Word};
use super::usage::Usage;
use crate::model::Millis;

/// Pages that stand for one cartridge while no yield is known.
const NOMINAL: f64 = 3_000.0;
/// A rated yield is given for 5 % coverage; real pages carry more (log-sd 0.35, ISO/IEC 19752).
const RATED: (f64, f64) = (1.0 / 0.9, 0.4);
/// A cartridge lasts so many effective days, until learnt.
const LASTS: f64 = 50.0;
/// No printer does more impressions a minute; and what two clocks may hide.
const FASTEST: f64 = 200.0;
const SLACK: f64 = 1_000.0;
/// Replacements remembered.
const REMEMBERED: usize = 64;

/// The remembered state of one supply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupplySeries {
    pub(super) first_at: Option<Millis>,
    pub(super) last_at: Millis,
    /// Last reading that said something of the level.
    pub(super) heard_at: Option<Millis>,
    /// Last reading of the cartridge that is in the machine.
    told_at: Option<Millis>,
    capacity: Option<f64>,
    serial: Option<String>,
    board: Option<String>,
    pub(super) rated: Option<f64>,
    /// Pages of one unit of work.
    pub(super) scale: f64,
    pages: Option<f64>,
    /// A counter that fell, not yet believed.
    fell: Option<f64>,
    days_since_pages: f64,
    pub(super) work: Work,
    pub(super) usage: Usage,
    pub(super) gauge: Gauge,
    points: Vec<Point>,
    pub(super) word: Option<Word>,
    new_word: Option<(Word, Work)>,
    said_some: bool,
    pub(super) numbers: u32,
    /// -2 was followed by empty so often: here it means "low".
    unknown_is_low: u32,
    after_some: bool,
    unknowns: u32,
    unknown_since: f64,
    touched_at: Option<Millis>,
    /// A piece was given out for it and is not yet seen in the machine.
    #[serde(default)]
    issued_at: Option<Millis>,
    last_word_work: Work,
    pub(super) core: Core,
    candidate: Option<(Candidate, Option<Point>, Work)>,
    undo: Option<Box<Undo>>,
    replacements: Vec<Replacement>,
}

/// What a cancelled replacement puts back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Undo {
    core: Core,
    points: Vec<Point>,
    word: Option<Word>,
    from: Option<f64>,
    at: Millis,
    work: Work,
    seen_back: u8,
}

impl Default for SupplySeries {
    fn default() -> Self {
        let days = Belief { mean: 1.0 / LASTS, var: (0.8 / LASTS).powi(2) };
        SupplySeries {
            first_at: None,
            last_at: Millis(i64::MIN),
            heard_at: None,
            told_at: None,
            capacity: None,
            serial: None,
            board: None,
            rated: None,
            scale: NOMINAL,
            pages: None,
            fell: None,
            days_since_pages: 0.0,
            work: [0.0; 2],
            usage: Usage::default(),
            gauge: Gauge::default(),
            points: Vec::new(),
            word: None,
            new_word: None,
            said_some: false,
            numbers: 0,
            unknown_is_low: 0,
            after_some: false,
            unknowns: 0,
            unknown_since: 0.0,
            touched_at: None,
            issued_at: None,
            last_word_work: [0.0; 2],
            core: Core::new([Belief { mean: 1.0, var: 0.64 }, days]),
            candidate: None,
            undo: None,
            replacements: Vec::new(),
        }
    }
}

impl SupplySeries {
    /// Folds one reading in. `false`: it is not newer than the last one and changes nothing.
    pub fn observe(&mut self, s: &Sample, calendar: &Calendar) -> bool {
        if self.first_at.is_some() && s.at <= self.last_at {
            return false;
        }
        if self.first_at.is_none() {
            self.first(s);
        } else {
            let days = calendar.effective(self.last_at, s.at);
            self.work[DAYS] += days;
            self.days_since_pages += days;
            self.count(s);
        }
        let rescaled = self.rescale(s);
        let look = self.understand(s);
        if s.alert == Some(Alert::Touched) {
            self.touched_at = Some(s.at);
        }
        self.level(s, look, rescaled, calendar);
        self.last_at = s.at;
        if look.number.is_some() || look.word.is_some() {
            self.heard_at = Some(s.at);
        }
        true
    }

    /// Replacements found so far, oldest first.
    pub fn replacements(&self) -> &[Replacement] {
        &self.replacements
    }

    /// Newest reading.
    pub fn last_at(&self) -> Option<Millis> {
        self.first_at.map(|_| self.last_at)
    }

    /// The page counter still tells.
    pub(super) fn counted_lately(&self) -> bool {
        self.days_since_pages <= 10.0
    }

    fn first(&mut self, s: &Sample) {
        self.first_at = Some(s.at);
        self.pages = s.pages;
        self.rated = s.rated();
        if let Some(rated) = self.rated {
            self.scale = rated;
            let days = Belief { mean: 1.0 / LASTS, var: (0.8 / LASTS).powi(2) };
            self.core = Core::new([Belief { mean: RATED.0, var: (RATED.1 * RATED.0).powi(2) }, days]);
        }
        self.capacity = s.capacity;
        self.serial = named(&s.serial);
        self.board = named(&s.board);
    }

    /// The page counter goes on, is reset, or belongs to another board: nothing is counted across a reset.
    fn count(&mut self, s: &Sample) {
        let other_board = matches!((&self.board, named(&s.board)), (Some(a), Some(b)) if *a != b);
        if let Some(board) = named(&s.board) {
            self.board = Some(board);
        }
        let Some(pages) = s.pages.filter(|p| p.is_finite() && *p >= 0.0) else { return };
        let Some(last) = self.pages else {
            self.pages = Some(pages);
            self.days_since_pages = 0.0;
            return;
        };
        let minutes = s.at.since(self.last_at) as f64 / Millis::MINUTE as f64 + self.days_since_pages * 1440.0;
        let on = pages >= last && pages - last <= minutes * FASTEST + SLACK && !other_board;
        if on {
            self.fell = None;
            self.pages = Some(pages);
            self.work[PAGES] += (pages - last) / self.scale;
            self.usage.add(pages - last, self.days_since_pages);
            self.days_since_pages = 0.0;
        } else if other_board || self.fell.is_some_and(|f| pages >= f && (f < last) == (pages < last)) {
            let guess = self.usage.mean() * self.days_since_pages / self.scale;
            self.work[PAGES] += guess;
            self.core.unsure((0.5 * guess).min(0.2));
            self.usage.interrupt();
            (self.pages, self.fell, self.days_since_pages) = (Some(pages), None, 0.0);
        } else {
            // One wrong value is not a reset.
            self.fell = Some(pages);
        }
    }

    /// Another capacity: percent are not comparable with those before.
    fn rescale(&mut self, s: &Sample) -> bool {
        let (Some(old), Some(new)) = (self.capacity, s.capacity.filter(|c| *c > 0.0)) else {
            self.capacity = self.capacity.or(s.capacity.filter(|c| *c > 0.0));
            return false;
        };
        self.capacity = Some(new);
        old > 0.0 && (old - new).abs() > 1e-9
    }

    /// What the reading says, with what this device's words have meant before.
    fn understand(&mut self, s: &Sample) -> Look {
        let mut look = s.look();
        // A device of words that says 0 says "empty".
        if s.level == Some(0.0) && self.said_some && self.numbers == 0 {
            look = Look { word: Some(Word::Empty), ..Look::default() };
        }
        if look.number.is_some() {
            self.numbers = self.numbers.saturating_add(1);
        }
        if look.unknown && look.word.is_none() && self.said_some && self.numbers == 0 {
            if self.unknowns == 0 {
                self.unknown_since = self.work[DAYS];
            }
            self.unknowns = self.unknowns.saturating_add(1);
            let long = self.unknowns >= 3 && self.work[DAYS] - self.unknown_since >= 0.8;
            if self.unknown_is_low > 0 || long {
                look.word = Some(Word::Low);
            }
            return look;
        }
        match look.word {
            Some(Word::Some) => {
                self.said_some = true;
                (self.after_some, self.unknowns) = (true, 0);
            }
            // some, unknown several times, empty: here unknown lies between (HP Color LaserJet 4500).
            Some(Word::Empty) if self.after_some && self.unknowns >= 3 && self.numbers == 0 => {
                self.unknown_is_low = self.unknown_is_low.saturating_add(1);
                (self.after_some, self.unknowns) = (false, 0);
            }
            _ => {}
        }
        look
    }

    fn level(&mut self, s: &Sample, look: Look, rescaled: bool, calendar: &Calendar) {
        let point = look.number.map(|number| Point { at: s.at.0, number, work: self.work });
        if let Some(new) = named(&s.serial) {
            let old = self.serial.replace(new.clone());
            if let Some(old) = old.filter(|o| *o != new) {
                self.other_serial(s, look, point, (old, new), calendar);
                return;
            }
        }
        if look.number.is_none() && look.word.is_none() {
            return;
        }
        if let Some((candidate, first, work)) = self.candidate.clone() {
            match candidate.judge(&look, s.at, &self.gauge) {
                Verdict::Wait | Verdict::Confirmed if self.issued_at.is_some_and(|t| t >= candidate.since) => {
                    // Put in first and written down afterwards.
                    self.candidate = None;
                    self.issued_at = None;
                    self.confirmed(candidate, first, work, s.at, calendar);
                }
                Verdict::Wait => return,
                Verdict::Dropped => self.candidate = None,
                Verdict::Confirmed => {
                    self.candidate = None;
                    self.confirmed(candidate, first, work, s.at, calendar);
                }
            }
        }
        if self.back_in_place(s, &look) {
            return;
        }
        let before = Before {
            number: self.reference(),
            word: self.low_word(s.at),
            unseen_use: self.unseen_use(),
            gauge: &self.gauge,
            touched: self.touched_at.is_some_and(|t| s.at.since(t) <= Millis::DAY),
            rescaled,
        };
        let rule = before.rises(&look);
        if self.takes_issued(s, &look, point, rule, calendar) {
            return;
        }
        if let Some(rule) = rule {
            self.candidate = Some((self.suspect(rule, s, &look, rescaled), point, self.work));
            return;
        }
        if rescaled && point.is_some() {
            // Firmware or another size: begin again from what it shows now.
            self.points.clear();
        }
        self.told_at = Some(s.at);
        self.take(look, point);
    }

    /// The last word. One reading of "low" or "empty" is enough where readings are rare and the end was due.
    fn low_word(&self, at: Millis) -> Option<Word> {
        match self.new_word {
            Some((word @ (Word::Low | Word::Empty), _)) => {
                let rare = self.told_at.is_some_and(|t| at.since(t) >= 3 * Millis::HOUR) || self.core.finished > 0;
                let (level, sd) = self.level_sd();
                if rare && level - sd < 0.3 { Some(word) } else { self.word }
            }
            _ => self.word,
        }
    }

    /// Where the filters see the level now, and how sure.
    fn level_sd(&self) -> (f64, f64) {
        let kind = if self.work[PAGES] > self.core.begun[PAGES] { PAGES } else { DAYS };
        let mut f = *self.core.best(kind);
        f.predict(self.work[kind] - self.core.done[kind], &DRIFT[kind]);
        (f.x, f.xx.sqrt())
    }

    /// The level before, as neighbours confirm it.
    pub(super) fn reference(&self) -> Option<f64> {
        match self.points.as_slice() {
            [] => None,
            [a] => Some(a.number),
            [_, b] => Some(b.number),
            [a, b, c, ..] => Some(median(a.number, b.number, c.number)),
        }
    }

    /// The point whose neighbours are known on both sides.
    pub(super) fn settled_point(&self) -> Option<&Point> {
        if let [_, b, _] = self.points.as_slice() { Some(b) } else { None }
    }

    /// The number of the newest point, while nothing confirms it.
    pub(super) fn unconfirmed(&self) -> Option<f64> {
        if let [_, _, c] = self.points.as_slice() { Some(c.number) } else { None }
    }

    fn suspect(&self, rule: Rule, s: &Sample, look: &Look, rescaled: bool) -> Candidate {
        let from = self.reference();
        let mut evidence = Vec::new();
        if rule == Rule::AlertSequence {
            evidence.push(Sign::Touched);
        }
        if let (Some(from), Some(to)) = (self.points.last().map(|p| p.number), look.number) {
            evidence.push(Sign::Level { from, to });
        }
        if let (Some(from), Some(to)) = (self.low_word(s.at), look.word) {
            evidence.push(Sign::Word { from, to });
        }
        if let (true, Some(to)) = (rescaled, s.capacity) {
            evidence.push(Sign::Capacity { from: self.capacity.unwrap_or(to), to });
        }
        Candidate { rule, from, to: look.number, since: s.at, evidence }
    }

    fn other_serial(
        &mut self,
        s: &Sample,
        look: Look,
        point: Option<Point>,
        (from, to): (String, String),
        calendar: &Calendar,
    ) {
        let candidate = Candidate {
            rule: Rule::SerialChanged,
            from: self.reference(),
            to: look.number,
            since: s.at,
            evidence: vec![Sign::Serial { from, to }],
        };
        // A rise that waited was this one.
        let (first, work) = match self.candidate.take() {
            Some((_, first, work)) => (first.or(point), work),
            None => (point, self.work),
        };
        self.confirmed(candidate, first, work, s.at, calendar);
        self.undo = None;
        if look.number.is_some() && first != point {
            self.take(look, point);
        }
    }

    fn confirmed(&mut self, candidate: Candidate, first: Option<Point>, work: Work, now: Millis, calendar: &Calendar) {
        let Candidate { rule, from, to, since, mut evidence } = candidate;
        if now > since {
            evidence.push(Sign::Confirmed { minutes: now.since(since) / Millis::MINUTE });
        }
        let (at, unseen) = self.moment(since, to, work, calendar);
        if unseen > 12 * Millis::HOUR {
            evidence.push(Sign::Unseen { hours: unseen / Millis::HOUR });
        }
        let undo = Undo {
            core: self.core.clone(),
            points: std::mem::take(&mut self.points),
            word: self.word,
            from,
            at: since,
            work,
            seen_back: 0,
        };
        self.undo = Some(Box::new(undo));
        self.issued_at = None;
        if self.replacements.len() == REMEMBERED {
            self.replacements.remove(0);
        }
        self.replacements.push(Replacement { at, confidence: rule.confidence(), rule, evidence });
        let whole = match rule {
            Rule::SwapPartial => false,
            Rule::LevelJump | Rule::AlertCleared => true,
            Rule::Issued => to.is_none_or(|t| t >= 0.6),
            Rule::SerialChanged | Rule::AlertSequence => to.is_none_or(|t| t >= 0.85),
        };
        let step = first.map_or(self.gauge.step(), |p| self.gauge.plausible_step(p.number));
        self.core.replaced(work, first, whole, step, self.numbers == 0);
        self.word = None;
        self.new_word = None;
        self.last_word_work = work;
        if to.is_none() && rule == Rule::AlertCleared {
            self.word = Some(Word::Some);
        }
        self.points.extend(first);
    }

    /// A cartridge put in while nobody looked has been used since: as much as this is plausible.
    fn unseen_use(&self) -> f64 {
        let before = self.points.last().map_or(self.work, |p| p.work);
        let days = self.work[DAYS] - before[DAYS];
        if days < 1.0 { 0.0 } else { (1.5 * self.core.best(DAYS).k * days).min(0.4) }
    }

    /// Re-seated within a day, or a shaken cartridge of a device that only knows words: the replacement never was.
    fn back_in_place(&mut self, s: &Sample, look: &Look) -> bool {
        let Some(undo) = &mut self.undo else { return false };
        let within = s.at.since(undo.at) <= RESEATED_WITHIN;
        let back = match (undo.from, look.number, look.word) {
            (Some(from), Some(n), _) => within && (n - from).abs() <= self.gauge.step().max(0.03) && n < 0.8,
            (_, None, Some(Word::Low | Word::Empty)) => true,
            _ => false,
        };
        let used = self.core.best(PAGES).k * (self.work[PAGES] - undo.work[PAGES]);
        let days = self.work[DAYS] - undo.work[DAYS];
        let counted = self.work[PAGES] > undo.work[PAGES] && self.core.finished > 0;
        let used = if counted { used } else { self.core.best(DAYS).k * days };
        let shaken = days <= 15.0 && self.core.finished > 0 && used < 0.25;
        let soon = if undo.from.is_some() { within } else { days <= 2.0 || shaken };
        if !soon {
            self.undo = None;
            return false;
        }
        if !back {
            undo.seen_back = 0;
            return false;
        }
        undo.seen_back += 1;
        if undo.seen_back < 2 {
            return true;
        }
        let undo = self.undo.take().map(|b| *b);
        if let Some(undo) = undo {
            self.core = undo.core;
            self.core.unsure(0.05);
            self.points = undo.points;
            self.word = undo.word;
            self.replacements.pop();
        }
        false
    }

    /// A reading of the cartridge that is in the machine.
    fn take(&mut self, look: Look, point: Option<Point>) {
        self.words(look);
        let Some(p) = point else {
            self.replaced_unseen();
            return;
        };
        let is_first = self.points.is_empty();
        if self.points.len() == 3 {
            self.points.remove(0);
        }
        self.points.push(p);
        if is_first {
            self.core.found(p, self.gauge.plausible_step(p.number));
        }
        if let [a, b, c] = self.points[..] {
            let number = median(a.number, b.number, c.number);
            self.gauge.restless(b.number - number);
            self.gauge.learn(number);
            self.accept(Point { number, ..b }, a.work);
        }
    }

    /// "Some remains" long after it must have been spent: somebody replaced it before it said "low". Not an event, since
    /// nothing tells when; but what is in the machine now is another one.
    fn replaced_unseen(&mut self) {
        if self.word != Some(Word::Some) || self.numbers > 0 || (self.core.finished == 0 && self.rated.is_none()) {
            return;
        }
        let (level, sd) = self.level_sd();
        let limit = if self.core.finished > 0 { -0.1 - 2.0 * sd } else { -0.25 };
        if level < limit {
            let kind = if self.work[PAGES] > self.core.begun[PAGES] { PAGES } else { DAYS };
            let spent = (-level + 0.15) / self.core.best(kind).k.max(1e-9);
            let share = (spent / (self.work[kind] - self.core.begun[kind]).max(1e-9)).clamp(0.0, 0.9);
            let work = [PAGES, DAYS].map(|i| self.work[i] - share * (self.work[i] - self.core.begun[i]));
            self.core.replaced_unseen(work);
        }
    }

    fn accept(&mut self, p: Point, before: Work) {
        let (step, min) = (self.gauge.step(), self.core.min.unwrap_or(p.number));
        if self.gauge.trembles() {
            if p.work[DAYS] - self.core.done[DAYS] >= 0.25 {
                self.core.about(p, step, self.gauge.noise());
            }
            return;
        }
        let drop = min - p.number;
        if drop >= 0.9 * step {
            let plausible = self.gauge.plausible_step(p.number);
            let step = if self.gauge.known() { step } else { drop.clamp(step, plausible) };
            self.core.edge(p, before, step);
        } else if -drop >= (0.6 * step).max(0.018) {
            self.core.shaken(-drop);
        }
    }

    /// Words count when said twice.
    fn words(&mut self, look: Look) {
        let before = std::mem::replace(&mut self.last_word_work, self.work);
        let Some(word) = look.word else { return };
        if self.word == Some(word) {
            self.new_word = None;
            return;
        }
        match self.new_word {
            Some((waiting, _)) if waiting == word => {}
            _ => {
                self.new_word = Some((word, before));
                return;
            }
        }
        let since = self.new_word.take().map_or(before, |(_, work)| work);
        let numbers = look.number.is_some() || self.reference().is_some();
        match word {
            Word::Some => {}
            Word::Low if numbers => {}
            Word::Low if self.core.empty => {}
            Word::Low => self.core.says_low(before, since),
            Word::Empty if look.number.is_some_and(|n| n > 0.15) => {}
            Word::Empty => self.core.says_empty(before, numbers),
        }
        self.word = Some(word);
    }
}

fn median(a: f64, b: f64, c: f64) -> f64 {
    a.max(b).min(a.min(b).max(c))
}

fn named(text: &Option<String>) -> Option<String> {
    text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
}
