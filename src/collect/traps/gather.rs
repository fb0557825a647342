//! Puts equal notifications of a device together: the first is told at once, those that follow within a window as one line
//! with their number. Pure, the time is an argument; memory is bounded.

use std::collections::HashMap;

use crate::model::{DeviceId, Trap};

/// Different things under way at once; beyond that new ones are not told.
const MAX_OPEN: usize = 8_192;
const FIRST_WINDOW: u64 = 30_000;
/// What goes on and on is told ever more rarely.
const LAST_WINDOW: u64 = 3_600_000;

/// The same device says the same of the same part.
type Key = (DeviceId, String, Option<u32>, Option<String>);

#[derive(Debug)]
struct Window {
    ends: u64,
    length: u64,
    /// The latest of those not told yet.
    waiting: Option<Trap>,
}

#[derive(Debug, Default)]
pub struct Gather {
    open: HashMap<Key, Window>,
    next_end: u64,
}

/// What becomes of a notification.
#[derive(Debug, PartialEq, Eq)]
pub enum Gathered {
    /// To be told now.
    Tell(Trap),
    /// Counted in its window.
    Counted,
    /// No room to remember it.
    Full,
}

impl Gather {
    pub fn take(&mut self, device: DeviceId, trap: Trap, now: u64) -> Gathered {
        let key = (device, trap.oid.clone(), trap.if_index, trap.alert.clone());
        if let Some(window) = self.open.get_mut(&key) {
            let before = window.waiting.as_ref().map_or(0, |t| t.count);
            window.waiting = Some(Trap { count: before.saturating_add(trap.count), ..trap });
            return Gathered::Counted;
        }
        if self.open.len() >= MAX_OPEN {
            return Gathered::Full;
        }
        let ends = now.saturating_add(FIRST_WINDOW);
        self.next_end = if self.open.is_empty() { ends } else { self.next_end.min(ends) };
        self.open.insert(key, Window { ends, length: FIRST_WINDOW, waiting: None });
        Gathered::Tell(trap)
    }

    /// Windows that have ended: what was counted in them.
    pub fn due(&mut self, now: u64) -> Vec<(DeviceId, Trap)> {
        if self.open.is_empty() || now < self.next_end {
            return Vec::new();
        }
        let mut told = Vec::new();
        self.open.retain(|key, window| {
            if now < window.ends {
                return true;
            }
            let Some(trap) = window.waiting.take() else { return false };
            told.push((key.0, trap));
            window.length = (window.length * 2).min(LAST_WINDOW);
            window.ends = now.saturating_add(window.length);
            true
        });
        self.next_end = self.open.values().map(|w| w.ends).min().unwrap_or(u64::MAX);
        told
    }

    pub fn len(&self) -> usize {
        self.open.len()
    }
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trap(if_index: u32) -> Trap {
        Trap {
            name: "linkDown".into(),
            oid: "1.3.6.1.6.3.1.1.5.3".into(),
            if_index: Some(if_index),
            port: None,
            alert: None,
            text: None,
            version: "2c".into(),
            count: 1,
        }
    }

    #[test]
    fn a_flapping_port_is_a_few_lines_and_none_is_lost() {
        let mut g = Gather::default();
        let d = DeviceId(1);
        let (mut lines, mut counted) = (0, 0);
        // One a second for a day.
        for second in 0..86_400u64 {
            if let Gathered::Tell(t) = g.take(d, trap(3), second * 1000) {
                lines += 1;
                counted += t.count;
            }
            for (_, t) in g.due(second * 1000) {
                lines += 1;
                counted += t.count;
            }
        }
        counted += g.due(u64::MAX).iter().map(|(_, t)| t.count).sum::<u32>();
        assert_eq!(counted, 86_400);
        assert!(lines < 40, "{lines} lines");
        assert!(matches!(g.take(d, trap(4), 0), Gathered::Tell(_)), "another port is another thing");
        let _ = g.due(u64::MAX);
        assert!(g.due(u64::MAX).is_empty());
    }

    #[test]
    fn memory_is_bounded() {
        let mut g = Gather::default();
        let full = (0..100_000).filter(|i| g.take(DeviceId(1), trap(*i), 0) == Gathered::Full).count();
        assert_eq!((g.len(), full), (MAX_OPEN, 100_000 - MAX_OPEN));
        assert!(g.due(FIRST_WINDOW).is_empty());
        assert!(g.is_empty());
    }
}
