//! What was tried at one address, step by step, and which step failed. Plain data with one printed form.
//!
//! It decides nothing. A further kind of step is a further field with its word in `Display`.

use std::fmt;
use std::net::IpAddr;

/// How one step ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Tried {
    Ok {
        ms: f64,
    },
    Timeout,
    /// The host is there, nothing listens on the port.
    Refused,
    Failed(String),
    /// Our own side could not.
    Unavailable,
}

impl Tried {
    pub fn is_ok(&self) -> bool {
        matches!(self, Tried::Ok { .. })
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tried::Ok { .. } => f.write_str("ok"),
            Tried::Timeout => f.write_str("timeout"),
            Tried::Refused => f.write_str("refused"),
            Tried::Failed(why) => f.write_str(why),
            Tried::Unavailable => f.write_str("not possible here"),
        }
    }
}

/// The steps taken at an address, in order: ping, the credential ladder, IPP.
#[derive(Debug, Clone, PartialEq)]
pub struct Trail {
    pub address: IpAddr,
    pub ping: Option<Tried>,
    /// Name of each credential tried ("v2c «public»") and how it ended.
    pub snmp: Vec<(String, Tried)>,
    pub ipp: Option<Tried>,
}

impl fmt::Display for Trail {
    /// "10.0.0.5: ping ok; SNMP v2c «public»: timeout; v1 «public»: timeout; IPP: refused"
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = ": ";
        write!(f, "{}", self.address)?;
        if let Some(ping) = &self.ping {
            write!(f, "{separator}ping {ping}")?;
            separator = "; ";
        }
        for (i, (name, tried)) in self.snmp.iter().enumerate() {
            write!(f, "{separator}{}{name}: {tried}", if i == 0 { "SNMP " } else { "" })?;
            separator = "; ";
        }
        if let Some(ipp) = &self.ipp {
            write!(f, "{separator}IPP: {ipp}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_step_that_failed() {
        let trail = Trail {
            address: "10.0.0.5".parse().unwrap(),
            ping: Some(Tried::Ok { ms: 0.4 }),
            snmp: vec![("v2c «public»".into(), Tried::Timeout), ("v1 «public»".into(), Tried::Timeout)],
            ipp: Some(Tried::Refused),
        };
        let text = "10.0.0.5: ping ok; SNMP v2c «public»: timeout; v1 «public»: timeout; IPP: refused";
        assert_eq!(trail.to_string(), text);
        let trail = Trail { ping: None, snmp: vec![("v2c «x»".into(), Tried::Refused)], ipp: None, ..trail };
        assert_eq!(trail.to_string(), "10.0.0.5: SNMP v2c «x»: refused");
        let trail = Trail { ping: Some(Tried::Unavailable), snmp: vec![], ipp: Some(Tried::Timeout), ..trail };
        assert_eq!(trail.to_string(), "10.0.0.5: ping not possible here; IPP: timeout");
    }
}
