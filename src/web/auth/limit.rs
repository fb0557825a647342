//! Slows down guessing at the sign-in page: per (address, login) and per address.
//!
//! Counts failures only, in memory, over the last quarter of an hour; a restart forgets them. Never locks an account:
//! a stranger must not be able to keep its owner out from elsewhere.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::model::Millis;

const WINDOW_MS: i64 = 15 * Millis::MINUTE;
/// Failures of one login from one address.
const MAX_PER_LOGIN: usize = 5;
/// Failures of all logins from one address: many people may share one behind a proxy.
const MAX_PER_ADDRESS: usize = 50;
/// Keys remembered; the oldest window is dropped beyond.
const MAX_KEYS: usize = 10_000;

type Key = (IpAddr, Option<String>);

#[derive(Debug, Default)]
pub struct SignInLimit {
    failures: Mutex<HashMap<Key, Vec<Millis>>>,
}

impl SignInLimit {
    /// Seconds to wait before the next attempt is looked at, `None` when it may be now.
    pub fn wait_seconds(&self, from: IpAddr, login: &str, now: Millis) -> Option<i64> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = |key: &Key, max: usize| -> Option<i64> {
            let recent: Vec<Millis> =
                failures.get(key)?.iter().copied().filter(|t| now.since(*t) < WINDOW_MS).collect();
            let oldest = *recent.iter().rev().nth(max - 1)?;
            Some((WINDOW_MS - now.since(oldest)).div_euclid(1000) + 1)
        };
        let by_login = wait(&(from, Some(login.to_lowercase())), MAX_PER_LOGIN);
        by_login.max(wait(&(from, None), MAX_PER_ADDRESS))
    }

    pub fn failed(&self, from: IpAddr, login: &str, now: Millis) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MAX_KEYS {
            failures.retain(|_, at| at.last().is_some_and(|t| now.since(*t) < WINDOW_MS));
        }
        if failures.len() >= MAX_KEYS {
            failures.clear();
        }
        for (key, max) in [((from, Some(login.to_lowercase())), MAX_PER_LOGIN), ((from, None), MAX_PER_ADDRESS)] {
            let times = failures.entry(key).or_default();
            times.retain(|t| now.since(*t) < WINDOW_MS);
            times.push(now);
            let excess = times.len().saturating_sub(max);
            times.drain(..excess);
        }
    }

    pub fn succeeded(&self, from: IpAddr, login: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&(from, Some(login.to_lowercase())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const B: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn five_failures_close_the_door_for_that_login_from_that_address() {
        let limit = SignInLimit::default();
        for i in 0..MAX_PER_LOGIN {
            assert_eq!(limit.wait_seconds(A, "Anna", Millis(0)), None, "attempt {i}");
            limit.failed(A, "anna", Millis(0));
        }
        assert_eq!(limit.wait_seconds(A, "ANNA", Millis(60_000)), Some(14 * 60 + 1));
        assert_eq!(limit.wait_seconds(A, "boris", Millis(60_000)), None);
        assert_eq!(limit.wait_seconds(B, "anna", Millis(60_000)), None);
        assert_eq!(limit.wait_seconds(A, "anna", Millis(WINDOW_MS)), None, "the window passed");
    }

    #[test]
    fn success_forgives_the_login() {
        let limit = SignInLimit::default();
        for _ in 0..MAX_PER_LOGIN {
            limit.failed(A, "anna", Millis(0));
        }
        limit.succeeded(A, "anna");
        assert_eq!(limit.wait_seconds(A, "anna", Millis(1)), None);
    }

    #[test]
    fn many_logins_from_one_address_are_slowed_too() {
        let limit = SignInLimit::default();
        for i in 0..MAX_PER_ADDRESS {
            limit.failed(A, &format!("user{i}"), Millis(0));
        }
        assert!(limit.wait_seconds(A, "fresh", Millis(1)).is_some());
        assert!(limit.wait_seconds(B, "fresh", Millis(1)).is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let limit = SignInLimit::default();
        for i in 0..(2 * MAX_KEYS) {
            limit.failed(A, &format!("user{i}"), Millis(0));
        }
        assert!(limit.failures.lock().unwrap().len() <= MAX_KEYS + 1);
    }
}
