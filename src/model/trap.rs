//! Trap: what a device said by itself (SNMP trap or inform). A reason to look at it, never a fact of its state: anybody can
//! send one in its name.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trap {
    /// Its name in the MIBs, "linkDown"; its number where no module knows it.
    pub name: String,
    pub oid: String,
    /// Interface it speaks of (ifIndex).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_index: Option<u32>,
    /// The interface as the device, or else our table of ports, calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// prtAlertCode by name: "jam".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
    /// The first readable text in it, in the device's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// SNMP version: 1, 2c, 3.
    pub version: String,
    /// How many of the same this entry stands for.
    pub count: u32,
}
