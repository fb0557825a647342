//! Who we say we are to an agent, and how a message is opened and sealed.
//!
//! Only communities (RFC 1901) today. The seam for USM (RFC 3414): a new `Credential` variant, its arm in `seal` and `open`;
//! the engine demultiplexes by the id that `codec::peek` reads from any version's header and never looks inside a message.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ber::Writer;
use super::codec::{self, DecodeError, EncodeError, Message, Pdu};

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
}

impl Credential {
    pub fn community(name: impl AsRef<[u8]>) -> Self {
        Credential::Community(name.as_ref().into())
    }
    /// Writes the whole message around a PDU.
    pub(crate) fn seal(&self, version: Version, pdu: &Pdu<'_>, w: &mut Writer) -> Result<(), EncodeError> {
        match self {
            Credential::Community(c) => codec::write_message(version, c, pdu, w),
        }
    }
    /// Reads a reply. The community in it is not compared: source address and request id already matched.
    pub(crate) fn open<'a>(&self, datagram: &'a [u8]) -> Result<Message<'a>, DecodeError> {
        match self {
            Credential::Community(_) => codec::decode_response(datagram),
        }
    }
    /// Bytes it adds to a message.
    pub(crate) fn overhead(&self) -> usize {
        match self {
            Credential::Community(c) => c.len() + 32,
        }
    }
}
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credential::Community(_) => f.write_str("Community(hidden)"),
        }
    }
}
