//! SNMPv3: the message format (RFC 3412) and the user-based security model (RFC 3414, RFC 3826, RFC 7860).
//!
//! `keys` and `privacy` are the arithmetic, `message` the bytes, `window` an engine's clock, `user` a credential with its
//! cached keys, `receiver` whoever is asked or told (traps, informs, the simulator), `clash` the watch for engine ids used
//! twice. The client's side lives in the engine (`engine/peer.rs`). Nothing here does I/O or reads a clock.
//!
//! One rule above all: a message changes state only after its digest was found right. Until then everything is a copy.
//!
//! To receive traps and informs:
//! ```
//! use anykey::protocol::snmp::usm::{AuthProtocol, LocalEngine, Receiver, User};
//!
//! let user = User::new("watcher", Some((AuthProtocol::Sha256, "a long password")), None)?;
//! let mut receiver = Receiver::new(LocalEngine::new(b"\x80\x00\x1f\x88\x05anykey".to_vec(), 1, 0), vec![user], 42);
//! let (datagram, now, mut scratch) = (b"not SNMP", 5_000_000, Vec::new()); // from the socket; microseconds
//! match receiver.receive(datagram, now, &mut scratch) {
//!     Ok(message) => println!("from {:?}: PDU {:#x}", message.engine_id, message.pdu.tag),
//!     Err(refused) => println!("{}; to be sent back: {:?}", refused.failure, refused.report),
//! }
//! # Ok::<(), anykey::protocol::snmp::usm::UserError>(())
//! ```

mod clash;
mod failure;
pub mod keys;
pub mod message;
mod privacy;
mod receiver;
mod user;
mod window;

pub use clash::EngineClash;
pub(crate) use clash::{Claims, RENEW_EVERY};
pub use failure::Failure;
pub use keys::{AuthProtocol, MIN_PASSWORD, PrivProtocol, ProtocolError};
pub use message::Level;
pub use receiver::{LocalEngine, Opened, Receiver, Refused, ReplyTo};
pub use user::{LocalKeys, User, UserError};
pub use window::{Clock, Timeliness, WINDOW_SECONDS};
