//! Flapping: a device that comes and goes is unstable, which is one matter, and not a failure at every turn.
//!
//! Pure. The last 21 polls are remembered; a change counts the more the younger it is (0.8 to 1.2), unstable begins at 20 %
//! with at least three drops and ends below 5 %. It never hides a device that is simply gone: a long silence is a silence.

use crate::model::DeviceState;

/// Polls remembered.
const KEPT: u32 = 21;
const BEGINS: f64 = 20.0;
const ENDS: f64 = 5.0;
const DROPS: u32 = 3;

/// One poll: answered or not.
pub(super) fn note(state: &mut DeviceState, answered: bool) {
    // The newest in the lowest bit; a one above the oldest marks where they begin.
    let (polls, kept) = split(state.polls);
    let polls = ((polls << 1) | u32::from(answered)) & ((1 << KEPT) - 1);
    let kept = (kept + 1).min(KEPT);
    state.polls = polls | (1 << kept);
    let (share, drops) = judge(polls, kept);
    state.unstable = if state.unstable { share >= ENDS } else { share >= BEGINS && drops >= DROPS };
}

fn split(marked: u32) -> (u32, u32) {
    if marked == 0 {
        return (0, 0);
    }
    let kept = 31 - marked.leading_zeros();
    (marked & !(1 << kept), kept)
}

/// Share of changes in percent, and how often it fell silent.
fn judge(polls: u32, kept: u32) -> (f64, u32) {
    let (mut share, mut drops) = (0.0, 0);
    let all = f64::from(KEPT - 1);
    for i in 0..kept.saturating_sub(1) {
        let (newer, older) = (polls >> i & 1, polls >> (i + 1) & 1);
        if newer != older {
            share += 1.2 - 0.4 * f64::from(i) / (all - 1.0);
            drops += u32::from(newer == 0);
        }
    }
    (share * 100.0 / all, drops)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(state: &mut DeviceState, polls: &str) -> bool {
        for p in polls.chars() {
            note(state, p == '+');
        }
        state.unstable
    }

    #[test]
    fn coming_and_going_is_unstable_until_it_is_steady() {
        let mut s = DeviceState::default();
        assert!(!run(&mut s, "++++++++++++++++++++++++++++++"));
        assert!(!run(&mut s, "-++++-++"), "two lost polls");
        assert!(run(&mut s, "-++"), "three");
        assert!(run(&mut s, "++++++++++++"), "hysteresis");
        assert!(!run(&mut s, "++++++++++"));
        assert!(!run(&mut s, "------------------------------"), "gone is gone");
        assert!(!run(&mut s, "+++++++++++++++++++++"));
    }

    #[test]
    fn little_is_known_at_first() {
        let mut s = DeviceState::default();
        assert!(!run(&mut s, "+"));
        assert!(!run(&mut s, "-+-+"));
        assert!(run(&mut s, "-+"));
        assert_eq!(split(0b101), (1, 2));
    }
}
