//! SNMPv3 notifications: opened by one of our users, informs answered by us as the engine that vouches for the time
//! (RFC 3414, section 3.2). The work is `protocol::snmp::usm`; here it meets the listener.

use crate::protocol::snmp::trap::{self, Notification};
use crate::protocol::snmp::usm::{LocalEngine, Receiver, User};

/// Longest answer: what fits an Ethernet frame.
const MAX_ANSWER: usize = 1_472;

pub struct Secure {
    receiver: Receiver,
    scratch: Vec<u8>,
}

/// A notification that is what it claims to be.
pub struct Said {
    pub notification: Notification,
    /// To be sent back: it was an inform.
    pub answer: Option<Vec<u8>>,
}

#[derive(Debug)]
pub enum NotTaken {
    Malformed(String),
    /// Somebody else's password, a replay, or an inform that has yet to learn who we are: the report tells it.
    Refused {
        why: String,
        report: Option<Vec<u8>>,
    },
}

impl Secure {
    /// `engine_id` stays the same over restarts, `boots` grows with each; `seed` does not repeat.
    pub fn new(engine_id: Vec<u8>, boots: u32, seed: u64) -> Self {
        let receiver = Receiver::new(LocalEngine::new(engine_id, boots, 0), Vec::new(), seed);
        Secure { receiver, scratch: Vec::new() }
    }

    pub fn set_users(&mut self, users: Vec<User>) {
        self.receiver.set_users(users);
    }

    /// `now` in microseconds since this was made.
    pub fn open(&mut self, datagram: &[u8], now: u64) -> Result<Said, NotTaken> {
        let opened = self
            .receiver
            .receive(datagram, now, &mut self.scratch)
            .map_err(|r| NotTaken::Refused { why: r.failure.to_string(), report: r.report })?;
        let notification = trap::decode_pdu(crate::protocol::snmp::Version::V3, &opened.pdu)
            .map_err(|e| NotTaken::Malformed(e.to_string()))?;
        let mut answer = None;
        if notification.confirmed {
            let (pdu, to) = (opened.pdu, opened.reply);
            let limit = opened.max_size.min(MAX_ANSWER.max(datagram.len()));
            answer = self.receiver.reply(&to, now, limit, |w| trap::write_answer(&pdu, w)).ok();
        }
        Ok(Said { notification, answer })
    }
}
