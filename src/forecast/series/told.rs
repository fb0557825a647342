//! What people tell of a supply: a piece given out for it is strong evidence of a replacement, and tells its moment.
//!
//! A word alone changes nothing: the next reading decides whether the piece is in the machine. So one that is told twice, or
//! seen before it was told, is still one replacement, and a piece that lies on the desk for a day does no harm.

use super::super::calendar::Calendar;
use super::super::cartridge::Point;
use super::super::detect::{Candidate, Replacement, Rule, Sign};
use super::super::sample::{Look, Sample, Word};
use super::SupplySeries;
use crate::model::{Millis, SAME_REPLACEMENT_MS};

impl SupplySeries {
    /// A piece was given out for this supply at `at`. `false`: its replacement is known already, or nothing was ever read.
    pub fn issued(&mut self, at: Millis) -> bool {
        let known = |r: &Replacement| r.at.since(at).abs() <= SAME_REPLACEMENT_MS;
        if self.first_at.is_none() || self.issued_at == Some(at) || self.replacements.iter().any(known) {
            return false;
        }
        self.issued_at = Some(at);
        true
    }

    /// The piece given out at `at` was taken back.
    pub fn not_issued(&mut self, at: Millis) {
        self.issued_at = self.issued_at.filter(|t| *t != at);
    }

    /// A piece was given out, and no reading has shown since whether it is in the machine.
    pub fn awaits_issued(&self) -> bool {
        self.issued_at.is_some()
    }

    /// The reading shows what was given out: the replacement, at the moment it was told.
    pub(super) fn takes_issued(
        &mut self,
        s: &Sample,
        look: &Look,
        point: Option<Point>,
        before: Option<Rule>,
        calendar: &Calendar,
    ) -> bool {
        let Some(issued) = self.issued_at.filter(|t| *t < s.at) else { return false };
        if !self.shows_another(look) {
            // Given out for the shelf, or for another device.
            if self.told_at.is_some_and(|t| t.since(issued) >= SAME_REPLACEMENT_MS) {
                self.issued_at = None;
            }
            return false;
        }
        let rule = before.unwrap_or(Rule::Issued);
        let mut candidate: Candidate = self.suspect(rule, s, look, false);
        candidate.evidence.push(Sign::Issued);
        candidate.since = issued;
        let work = self.work_at(issued, s.at, calendar);
        self.confirmed(candidate, point, work, issued, calendar);
        if let Some(found) = self.replacements.last_mut() {
            found.at = issued;
            found.confidence = found.confidence.max(Rule::Issued.confidence());
        }
        // A person said so: no flicker of a word takes it back.
        self.undo = None;
        if look.number.is_none() {
            self.word = look.word;
        }
        self.told_at = Some(s.at);
        true
    }

    /// Fuller than before by more than a shaken cartridge; of words, anything but low.
    fn shows_another(&self, look: &Look) -> bool {
        match (self.reference(), look.number, look.word) {
            (Some(from), Some(to), _) => to >= 0.5 && to - from >= (1.5 * self.gauge.step()).max(0.1) - 1e-6,
            (None, Some(to), _) => to >= 0.5,
            (_, None, word) => word == Some(Word::Some),
        }
    }
}
