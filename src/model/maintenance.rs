//! Maintenance windows: times in which failures of a branch or a device are expected and nobody is told.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use serde::{Deserialize, Serialize};

use super::{DeviceId, Millis, SiteId};

/// A window as a person enters it: of a device, of a branch, or (neither) of everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewWindow {
    pub site: Option<SiteId>,
    pub device: Option<DeviceId>,
    pub starts_at: Millis,
    pub ends_at: Millis,
    /// Again every week at the same local time, until it is taken back.
    pub weekly: bool,
    pub reason: String,
}

/// A window that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub id: i64,
    pub planned: NewWindow,
    /// Taken back then; what lies before stays as it was.
    pub ended_at: Option<Millis>,
}

fn local(at: Millis, zone: &TimeZone) -> Option<Zoned> {
    Some(Timestamp::from_millisecond(at.0).ok()?.to_zoned(zone.clone()))
}

impl NewWindow {
    pub fn covers(&self, device: DeviceId, site: SiteId) -> bool {
        match (self.device, self.site) {
            (Some(d), _) => d == device,
            (None, Some(s)) => s == site,
            (None, None) => true,
        }
    }

    /// Begin and end of the window that is on at a moment.
    pub fn at(&self, at: Millis, zone: &TimeZone) -> Option<(Millis, Millis)> {
        let inside = |(from, to): (Millis, Millis)| (from <= at && at < to).then_some((from, to));
        if !self.weekly {
            return inside((self.starts_at, self.ends_at));
        }
        let weeks = at.since(self.starts_at).div_euclid(7 * Millis::DAY);
        // An hour moved by a change of the clocks may put the moment into the week beside.
        (weeks - 1..=weeks + 1).filter(|w| *w >= 0).find_map(|w| inside(self.week(w, zone)?))
    }

    /// When it begins next, after a moment.
    pub fn next(&self, after: Millis, zone: &TimeZone) -> Option<(Millis, Millis)> {
        if !self.weekly {
            return (self.starts_at > after).then_some((self.starts_at, self.ends_at));
        }
        let weeks = after.since(self.starts_at).div_euclid(7 * Millis::DAY);
        (weeks - 1..=weeks + 2).filter(|w| *w >= 0).filter_map(|w| self.week(w, zone)).find(|(from, _)| *from > after)
    }

    /// The same local time, so many weeks later.
    fn week(&self, weeks: i64, zone: &TimeZone) -> Option<(Millis, Millis)> {
        let begin = local(self.starts_at, zone)?.checked_add(weeks.weeks()).ok()?;
        let from = Millis(begin.timestamp().as_millisecond());
        Some((from, from.plus(self.ends_at.since(self.starts_at))))
    }
}

impl Window {
    /// Begin and end of the window if it is on for a device.
    pub fn on(&self, device: DeviceId, site: SiteId, at: Millis, zone: &TimeZone) -> Option<(Millis, Millis)> {
        let taken_back = self.ended_at.is_some_and(|end| at >= end);
        if taken_back || !self.planned.covers(device, site) { None } else { self.planned.at(at, zone) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, zone: &TimeZone) -> Millis {
        let local: jiff::civil::DateTime = text.parse().unwrap();
        Millis(zone.to_timestamp(local).unwrap().as_millisecond())
    }

    #[test]
    fn once_and_every_week_in_local_time() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let t = |text: &str| at(text, &zone);
        let mut w = NewWindow {
            site: Some(SiteId(2)),
            device: None,
            starts_at: t("2026-03-20T22:00"),
            ends_at: t("2026-03-21T02:00"),
            weekly: false,
            reason: String::new(),
        };
        assert!(w.covers(DeviceId(9), SiteId(2)) && !w.covers(DeviceId(9), SiteId(1)));
        let on = |w: &NewWindow, text: &str| w.at(t(text), &zone).is_some();
        assert!(on(&w, "2026-03-20T22:00") && on(&w, "2026-03-21T01:59") && !on(&w, "2026-03-21T02:00"));
        assert!(!on(&w, "2026-03-27T23:00"));
        w.weekly = true;
        // The clocks go forward on 29 March: the hour stays the local one.
        for day in ["2026-03-20", "2026-03-27", "2026-04-03", "2026-11-06"] {
            assert!(on(&w, &format!("{day}T22:00")), "{day}");
            assert!(!on(&w, &format!("{day}T21:59")), "{day}");
        }
        assert!(on(&w, "2026-04-04T01:59") && !on(&w, "2026-04-04T02:00") && !on(&w, "2026-03-13T23:00"));
        assert_eq!(w.next(t("2026-03-28T12:00"), &zone).unwrap().0, t("2026-04-03T22:00"));
        let kept = Window { id: 1, planned: w, ended_at: Some(t("2026-03-27T23:00")) };
        let is_on = |text: &str| kept.on(DeviceId(1), SiteId(2), t(text), &zone).is_some();
        assert!(is_on("2026-03-27T22:30") && !is_on("2026-03-27T23:00") && !is_on("2026-04-03T23:00"));
    }
}
