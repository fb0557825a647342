//! What counts for a branch: its own days above those of all branches, above an imported calendar, above the one built in,
//! above the days the law names.

use jiff::tz::TimeZone;

use super::clock::{Clock, Happened, Sla, clock};
use super::hours::Calendar;
use super::production::{Production, statutory};
use crate::model::{Millis, ServiceTerms};

/// Years for which the law's own days are known when no decree is.
const YEARS: std::ops::RangeInclusive<i16> = 2024..=2045;

/// The calendar and the targets of one branch.
#[derive(Debug, Clone)]
pub struct Agreement {
    pub calendar: Calendar,
    pub sla: Sla,
    /// Years whose decree is known.
    years: Vec<i16>,
}

impl Agreement {
    /// Of what was entered; a time zone nobody knows is UTC.
    pub fn of(terms: &ServiceTerms) -> Self {
        let known = Production::russia();
        let zone = TimeZone::get(&terms.time_zone).unwrap_or(TimeZone::UTC);
        let mut years: Vec<i16> = known.years().chain(terms.years.iter().copied()).collect();
        years.sort_unstable();
        years.dedup();
        let law = YEARS.filter(|y| !years.contains(y)).flat_map(statutory);
        let built_in = known.days().filter(|d| !terms.years.contains(&d.date.year())).cloned();
        // Later ones replace earlier ones of the same date.
        let days = law.chain(built_in).chain(terms.imported.iter().cloned()).chain(terms.days.iter().cloned());
        let calendar = Calendar::new(zone, terms.hours.clone().unwrap_or_default(), days);
        let mut sla = Sla::default();
        for (priority, target) in &terms.targets {
            if let Some(slot) = usize::from(*priority).checked_sub(1).and_then(|i| sla.targets.get_mut(i)) {
                *slot = *target;
            }
        }
        if let Some(pauses) = &terms.pauses {
            sla.pauses.clone_from(pauses);
        }
        Agreement { calendar, sla, years }
    }

    /// False: days moved by decree are not known, only those the law names.
    pub fn knows_year(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    pub fn clock(&self, history: &[Happened], now: Millis) -> Option<Clock> {
        clock(history, &self.calendar, &self.sla, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CalendarDay, DayKind, SlaTarget, TicketStatus};

    #[test]
    fn what_is_nearer_to_the_branch_wins() {
        let day = |date: &str, kind| CalendarDay { date: date.parse().unwrap(), kind, note: String::new() };
        let working = |a: &Agreement, d: &str| a.calendar.is_working(d.parse().unwrap());
        let plain = Agreement::of(&ServiceTerms { time_zone: "Asia/Omsk".into(), ..ServiceTerms::default() });
        assert!(!working(&plain, "2026-11-04") && !working(&plain, "2027-11-04") && working(&plain, "2026-03-20"));
        assert!(plain.knows_year(2026) && !plain.knows_year(2027));
        let own = Agreement::of(&ServiceTerms {
            time_zone: "Asia/Omsk".into(),
            years: vec![2027],
            imported: vec![day("2027-11-05", DayKind::Off)],
            days: vec![day("2026-03-20", DayKind::Off), day("2026-11-04", DayKind::Working)],
            targets: vec![
                (1, SlaTarget { response_minutes: 5, restore_minutes: 60 }),
                (9, SlaTarget { response_minutes: 1, restore_minutes: 1 }),
            ],
            pauses: Some(vec![TicketStatus::WaitingUser]),
            ..ServiceTerms::default()
        });
        assert!(working(&own, "2026-11-04") && !working(&own, "2026-03-20"), "Bashkortostan has a day of its own");
        assert!(working(&own, "2027-11-04") && !working(&own, "2027-11-05"), "an imported year is whole");
        assert_eq!(own.sla.target(1).restore_minutes, 60);
        assert_eq!(own.sla.target(2).restore_minutes, 240);
        assert_eq!(own.sla.pauses, [TicketStatus::WaitingUser]);
    }
}
