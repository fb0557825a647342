//! Page counters in epochs: a reset or another board opens a new one, and the total over all of them never falls. Pure.
//!
//! No consumption is ever computed across two epochs: what was printed between the last reading of one and the first of the
//! next nobody knows. A wrong value that is taken back within a day leaves no epoch behind.

use crate::model::{DeviceState, Millis};

/// No printer does more, impressions a minute; and what a minute of two clocks may hide.
const FASTEST_PER_MINUTE: i64 = 200;
const SLACK: i64 = 1_000;

/// Why an epoch began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    First,
    Reset,
    Board,
}

impl Why {
    pub const ALL: [Why; 3] = [Self::First, Self::Reset, Self::Board];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Reset => "reset",
            Self::Board => "board",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.as_str() == s)
    }
}

/// The counter of one board from one reset to the next, in impressions (prtMarkerLifeCount).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    pub started_at: Millis,
    pub why: Why,
    pub first: i64,
    pub last: i64,
    pub last_at: Millis,
    /// Pages of the epochs before: `offset + last` is the total.
    pub offset: i64,
    /// Base MAC, where it is known.
    pub board: Option<String>,
}

impl Epoch {
    pub fn total(&self) -> i64 {
        self.offset.saturating_add(self.last)
    }
    /// Could the counter have gone on from here to there?
    fn leads_to(&self, value: i64, at: Millis) -> bool {
        let minutes = at.since(self.last_at).max(0) / Millis::MINUTE;
        let most = minutes.saturating_mul(FASTEST_PER_MINUTE).saturating_add(SLACK);
        value >= self.last && value.saturating_sub(self.last) <= most
    }
    fn goes_on(&self, value: i64, board: Option<&str>, at: Millis) -> Epoch {
        let board = board.map(str::to_owned).or_else(|| self.board.clone());
        Epoch { last: value, last_at: self.last_at.max(at), board, ..self.clone() }
    }
}

/// What a reading of the counter comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Same,
    /// The present epoch with its new end.
    On(Epoch),
    Open(Epoch),
    /// The present epoch was a mistake of the device: drop it, the one before goes on.
    Back(Epoch),
}

/// `now`: the present epoch, `before`: the one before it.
pub fn step(now: Option<&Epoch>, before: Option<&Epoch>, value: i64, board: Option<&str>, at: Millis) -> Step {
    let fresh = |why, offset| Epoch {
        started_at: at,
        why,
        first: value,
        last: value,
        last_at: at,
        offset,
        board: board.map(str::to_owned),
    };
    let Some(e) = now else { return Step::Open(fresh(Why::First, 0)) };
    let other_board = matches!((&e.board, board), (Some(a), Some(b)) if a != b);
    if value == e.last && !other_board && (e.board.is_some() || board.is_none()) {
        return Step::Same;
    }
    // Before anything else: a counter that fell to nothing and is back must not be counted twice.
    let mistaken = before.filter(|p| {
        at.since(e.started_at) <= Millis::DAY && p.leads_to(value, at) && p.offset.saturating_add(value) >= e.total()
    });
    if let Some(p) = mistaken {
        return Step::Back(p.goes_on(value, board, at));
    }
    if e.leads_to(value, at) {
        return Step::On(e.goes_on(value, board, at));
    }
    // Two epochs cannot begin in one moment.
    let at = if at <= e.started_at { e.started_at.plus(1) } else { at };
    let why = if other_board { Why::Board } else { Why::Reset };
    Step::Open(Epoch { started_at: at, last_at: at, ..fresh(why, e.total().saturating_sub(value)) })
}

/// A jam that was not there before, in the device's words.
pub fn new_jam(before: &DeviceState, after: &DeviceState) -> Option<String> {
    let alert = |s: &DeviceState| s.alerts.iter().find(|a| a.alert.code_name.as_deref() == Some("jam")).cloned();
    let jammed = |s: &DeviceState| alert(s).is_some() || s.detected_errors.iter().any(|e| e == "jammed");
    if jammed(before) || !jammed(after) {
        return None;
    }
    Some(alert(after).map(|a| a.alert.description).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Epochs after these readings of (minute, value, board), and the totals on the way.
    fn live(readings: &[(i64, i64, &str)]) -> (Vec<Epoch>, Vec<i64>) {
        let (mut epochs, mut totals): (Vec<Epoch>, Vec<i64>) = (Vec::new(), Vec::new());
        for (minute, value, board) in readings {
            let (now, before) = (epochs.last(), epochs.len().checked_sub(2).and_then(|i| epochs.get(i)));
            match step(now, before, *value, Some(*board), Millis(minute * Millis::MINUTE)) {
                Step::Same => {}
                Step::On(e) => *epochs.last_mut().unwrap() = e,
                Step::Open(e) => epochs.push(e),
                Step::Back(e) => {
                    epochs.pop();
                    *epochs.last_mut().unwrap() = e;
                }
            }
            totals.push(epochs.last().unwrap().total());
        }
        (epochs, totals)
    }

    #[test]
    fn a_reset_opens_an_epoch_and_the_total_goes_on() {
        let (epochs, totals) = live(&[(0, 41_000, "a"), (60, 41_100, "a"), (2_000, 3, "a"), (4_000, 503, "a")]);
        assert_eq!(totals, [41_000, 41_100, 41_100, 41_600]);
        assert_eq!(epochs.iter().map(|e| e.why).collect::<Vec<_>>(), [Why::First, Why::Reset]);
        assert_eq!((epochs[0].last, epochs[1].first), (41_100, 3));
    }

    #[test]
    fn another_board_may_count_higher() {
        let (epochs, totals) = live(&[(0, 41_000, "a"), (60, 900_000, "b"), (120, 900_050, "b")]);
        assert_eq!(totals, [41_000, 41_000, 41_050]);
        assert_eq!(epochs[1].why, Why::Board);
        // The counter moved with the fuser unit: another MAC, and it simply goes on.
        assert_eq!(live(&[(0, 41_000, "a"), (60, 41_020, "b")]).0.len(), 1);
    }

    #[test]
    fn a_wrong_value_that_is_taken_back_leaves_nothing() {
        for wrong in [0, 4_294_967_295] {
            let (epochs, totals) = live(&[(0, 41_000, "a"), (60, wrong, "a"), (120, 41_030, "a")]);
            assert_eq!(epochs.len(), 1, "{wrong}");
            assert_eq!(totals, [41_000, 41_000, 41_030]);
        }
        // Hours later too, when the printer might have printed as much; days later it is no mistake.
        assert_eq!(live(&[(0, 41_000, "a"), (60, 0, "a"), (600, 41_030, "a")]).1, [41_000, 41_000, 41_030]);
        assert_eq!(live(&[(0, 41_000, "a"), (60, 0, "a"), (5_000, 41_030, "a")]).0.len(), 2);
    }

    #[test]
    fn the_total_never_falls_whatever_the_device_says() {
        let mut seed = 7u64;
        let mut random = move |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % n
        };
        for _ in 0..2_000 {
            let (mut minute, mut value) = (0i64, random(100_000) as i64);
            let mut readings = Vec::new();
            for _ in 0..40 {
                minute += random(2_000) as i64;
                value = match random(8) {
                    0 => random(50) as i64,
                    1 => random(4_294_967_296) as i64,
                    2 => value - random(100) as i64,
                    _ => value + random(300) as i64,
                }
                .max(0);
                readings.push((minute, value, if random(20) == 0 { "b" } else { "a" }));
            }
            let (_, totals) = live(&readings);
            assert!(totals.windows(2).all(|w| w[0] <= w[1]), "{readings:?}: {totals:?}");
        }
    }
}
