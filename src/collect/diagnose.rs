//! Why an agent does not let us in: the ladder of steps of SNMPv3, from "is it there" to "is the privacy password right".
//!
//! Reads one variable a step, at most four requests; changes nothing and keeps nothing.

use std::fmt;
use std::net::IpAddr;

use super::target::Credential;
use crate::protocol::snmp::{self, Client, Failure, Oid, Reason, Target, Version};

/// sysUpTime.0: every agent has it, and it tells nothing about anybody.
const SYS_UP_TIME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 3, 0];

/// Where it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagnosis {
    /// It answers as it should.
    Fine,
    /// Let in, but shown nothing (VACM).
    NoAccess,
    /// Nothing at all came back.
    Silent,
    Refused,
    /// SNMPv3 speaks, and this step fails.
    Step(Failure),
    /// User and authentication are right, privacy is not.
    Privacy,
    /// Everything is right but the context.
    Context(String),
    Other(String),
}

impl Diagnosis {
    pub fn is_fine(&self) -> bool {
        *self == Diagnosis::Fine
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Diagnosis::Fine => f.write_str("answers"),
            Diagnosis::NoAccess => f.write_str(
                "lets us in and shows nothing: allow this user or community to read 1.3.6.1 (its view, group or access list)",
            ),
            Diagnosis::Silent => f.write_str(
                "no answer: device off, SNMP or this version switched off, another port, this machine not allowed, or (v1, \
                 v2c) another community",
            ),
            Diagnosis::Refused => f.write_str("nothing listens on this port: switch SNMP on, or give its port"),
            Diagnosis::Step(failure) => {
                write!(f, "{failure}: ")?;
                f.write_str(match failure {
                    Failure::UnknownUser => "create the user on the device, or mind upper and lower case",
                    Failure::WrongDigest => "enter the password again, and compare the algorithm with the device",
                    Failure::Decryption => "enter the privacy password again; for long AES keys try the other kind (-C)",
                    Failure::UnsupportedLevel => {
                        "the device has this user without authentication or privacy: leave them out, or add them there"
                    }
                    Failure::NotInTimeWindow => "is another device using the same engine id? Restart the agent otherwise",
                    Failure::UnknownContext => "leave the context empty, or enter one of the device's",
                    _ => "restart the agent, and look whether another device has the same address or engine id",
                })
            }
            Diagnosis::Privacy => f.write_str(
                "user and authentication are right, the privacy password or protocol is wrong: enter it again; for long AES \
                 keys try the other kind (-C)",
            ),
            Diagnosis::Context(name) => {
                write!(f, "everything is right but the context {name:?}, which this agent does not have: leave it empty")
            }
            Diagnosis::Other(why) => f.write_str(why),
        }
    }
}

async fn ask(snmp: &Client, target: &Target) -> Result<(), Reason> {
    snmp.get(target, &[Oid::new(SYS_UP_TIME)]).await.map(drop).map_err(|e| e.reason)
}

/// Climbs the ladder until the step that fails.
pub async fn diagnose(snmp: &Client, credential: &Credential, address: IpAddr, port: u16) -> Diagnosis {
    let target = credential.target(address, port);
    let reason = match ask(snmp, &target).await {
        Ok(()) => return Diagnosis::Fine,
        Err(reason) => reason,
    };
    let hidden =
        matches!(&reason, Reason::Security(Failure::SilentToUser | Failure::UnknownContext | Failure::Decryption));
    if let snmp::Credential::User { user, context } = &target.credential
        && target.version == Version::V3
        && hidden
    {
        if !context.is_empty() && ask(snmp, &target.clone().context("")).await.is_ok() {
            return Diagnosis::Context(String::from_utf8_lossy(context).into_owned());
        }
        // Without encryption: whatever the agent says to that, it says it to somebody whose digest is right.
        let bare = Target { credential: snmp::Credential::user(user.without_privacy(), ""), ..target.clone() };
        return match ask(snmp, &bare).await {
            Ok(()) | Err(Reason::ErrorStatus { .. } | Reason::Security(Failure::UnsupportedLevel)) => {
                Diagnosis::Privacy
            }
            Err(Reason::Security(step @ (Failure::UnknownUser | Failure::WrongDigest))) => Diagnosis::Step(step),
            Err(_) => of(reason),
        };
    }
    of(reason)
}

fn of(reason: Reason) -> Diagnosis {
    match reason {
        Reason::Timeout { .. } | Reason::Unreachable => Diagnosis::Silent,
        Reason::Refused => Diagnosis::Refused,
        Reason::Security(step) => Diagnosis::Step(step),
        Reason::ErrorStatus { .. } => Diagnosis::NoAccess,
        other => Diagnosis::Other(other.to_string()),
    }
}
