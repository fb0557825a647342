//! Which step of the security model failed, in words a person can act on, and the counters agents report it by.

use serde::{Deserialize, Serialize};

use super::super::Oid;

/// What stands between us and an SNMPv3 agent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    #[error("the agent does not know this user name")]
    UnknownUser,
    #[error("wrong authentication password or protocol")]
    WrongDigest,
    #[error("wrong privacy password or protocol (the agent could not decrypt)")]
    Decryption,
    #[error("the agent does not offer this security level to this user")]
    UnsupportedLevel,
    #[error("the agent's clock and ours do not come together (not in time window)")]
    NotInTimeWindow,
    #[error("the agent changes its engine id with every answer")]
    UnknownEngine,
    #[error("the agent has no such context")]
    UnknownContext,
    #[error("an answer came whose digest is wrong (forged, or the agent's keys are not ours)")]
    NotAuthentic,
    #[error("an answer came at a lower security level than was asked for")]
    LevelTooLow,
    #[error(
        "the agent tells its engine id and meets this user's request with silence (wrong privacy password or protocol, or a context it does not have)"
    )]
    SilentToUser,
    #[error("the agent reported {0}")]
    Reported(Oid),
    #[error("a message that is not SNMPv3 as we speak it")]
    Malformed,
}

/// Counters that a Report PDU names (RFC 3414, section 5; RFC 3412, section 5; RFC 3413, section 4.1.2).
const REPORTS: [(&[u32], Failure); 8] = [
    (&[1, 3, 6, 1, 6, 3, 15, 1, 1, 1, 0], Failure::UnsupportedLevel),
    (&[1, 3, 6, 1, 6, 3, 15, 1, 1, 2, 0], Failure::NotInTimeWindow),
    (&[1, 3, 6, 1, 6, 3, 15, 1, 1, 3, 0], Failure::UnknownUser),
    (&[1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0], Failure::UnknownEngine),
    (&[1, 3, 6, 1, 6, 3, 15, 1, 1, 5, 0], Failure::WrongDigest),
    (&[1, 3, 6, 1, 6, 3, 15, 1, 1, 6, 0], Failure::Decryption),
    (&[1, 3, 6, 1, 6, 3, 12, 1, 4, 0], Failure::UnknownContext), // unavailable right now
    (&[1, 3, 6, 1, 6, 3, 12, 1, 5, 0], Failure::UnknownContext),
];

impl Failure {
    /// What the name in a report means. Some agents leave out the instance `.0`.
    pub fn of_report(name: &Oid) -> Failure {
        let known = REPORTS.iter().find(|(oid, _)| *oid == name.arcs() || oid[..oid.len() - 1] == *name.arcs());
        known.map_or_else(|| Failure::Reported(name.clone()), |(_, f)| f.clone())
    }
    /// The counter to report it by.
    pub fn report_oid(&self) -> Option<Oid> {
        REPORTS.iter().rev().find(|(_, f)| f == self).map(|(oid, _)| Oid::new(oid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_understood_and_made() {
        for f in [Failure::UnknownUser, Failure::UnknownEngine, Failure::UnknownContext, Failure::NotInTimeWindow] {
            assert_eq!(Failure::of_report(&f.report_oid().unwrap()), f);
        }
        assert_eq!(Failure::of_report(&"1.3.6.1.6.3.15.1.1.5".parse().unwrap()), Failure::WrongDigest);
        let other: Oid = "1.3.6.1.6.3.11.2.1.3.0".parse().unwrap();
        assert_eq!(Failure::of_report(&other), Failure::Reported(other.clone()));
        assert_eq!(Failure::NotAuthentic.report_oid(), None);
    }
}
