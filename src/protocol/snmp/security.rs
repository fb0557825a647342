//! Who we say we are to an agent, and how a message is opened and sealed.
//!
//! Communities (RFC 1901) and users (RFC 3414). The engine demultiplexes by the id that `codec::peek` reads from any
//! version's header and never looks inside a message; for a further security model add a `Credential` variant and what the
//! compiler then asks for.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::usm::{User, message};

/// Version of the message format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Version {
    V1,
    #[default]
    V2c,
    V3,
}

impl Version {
    /// The number on the wire.
    pub fn number(self) -> u8 {
        match self {
            Version::V1 => 0,
            Version::V2c => 1,
            Version::V3 => 3,
        }
    }
}
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Version::V1 => "1",
            Version::V2c => "2c",
            Version::V3 => "3",
        })
    }
}

/// A secret that agents know us by. Never printed.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Credential {
    Community(Arc<[u8]>),
    /// SNMPv3, in a context; the empty one is the agent's own.
    User {
        user: User,
        context: Arc<[u8]>,
    },
}

impl Credential {
    pub fn community(name: impl AsRef<[u8]>) -> Self {
        Credential::Community(name.as_ref().into())
    }
    pub fn user(user: User, context: impl AsRef<[u8]>) -> Self {
        Credential::User { user, context: context.as_ref().into() }
    }
    /// Users belong to version 3 and to no other.
    pub fn fits(&self, version: Version) -> bool {
        matches!(self, Credential::User { .. }) == (version == Version::V3)
    }
    /// Hashes passwords that were not hashed yet: a few milliseconds, once for each credential.
    pub(crate) fn prepare(&self) {
        if let Credential::User { user, .. } = self {
            user.prepare();
        }
    }
    /// Bytes it adds to a message.
    pub(crate) fn overhead(&self) -> usize {
        match self {
            Credential::Community(c) => c.len() + 32,
            Credential::User { user, context } => message::OVERHEAD + user.name().len() + context.len() + 32,
        }
    }
}
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credential::Community(_) => f.write_str("Community(hidden)"),
            Credential::User { user, context } => {
                write!(f, "{user:?} in context {:?}", String::from_utf8_lossy(context))
            }
        }
    }
}
