//! SNMP v1, v2c and v3: values, codec, security and the client engine.
//!
//! Read only by construction: the request types are GET, GETNEXT and GETBULK (RFC 3416, section 4.2).
//! Extend it by adding a security model beside the community one; callers name a `Target` and never see the version.
//!
//! ```no_run
//! use anykey::protocol::snmp::{Client, ClientConfig, Oid, Target, WalkOptions};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::start(ClientConfig::default())?; // one for the whole process; clones are cheap
//! let printer = Target::v2c("192.0.2.10".parse()?, "public");
//!
//! let sys_name: Oid = "1.3.6.1.2.1.1.5.0".parse()?;
//! let reply = client.get(&printer, std::slice::from_ref(&sys_name)).await?;
//! println!("{:?}", reply.get(&sys_name)); // a value, or noSuchObject; what failed is in reply.problems
//!
//! // Description and level of each supply, read side by side.
//! let columns: Vec<Oid> = vec!["1.3.6.1.2.1.43.11.1.1.6".parse()?, "1.3.6.1.2.1.43.11.1.1.9".parse()?];
//! let walk = client.walk(&printer, &columns, &WalkOptions::default()).await?;
//! for column in &walk.columns {
//!     for row in column.rows.iter() {
//!         println!("{} = {:?}", row.oid, row.value);
//!     }
//!     println!("{}: {}", column.root, column.end); // complete, or why not
//! }
//! # Ok(())
//! # }
//! ```

pub mod ber;
mod client;
pub mod codec;
mod engine;
mod result;
mod security;
pub mod snmprec;
mod target;
pub mod trap;
pub mod types;
pub mod usm;
mod view;

pub use client::{Client, StartError, Sweep};
pub use codec::{DecodeError, EncodeError, ErrorStatus};
pub use result::{Column, End, Operation, Problem, Reason, Reply, SnmpError, Stats, SweepHit, SystemGroup, Walk};
pub use security::{Credential, Version};
pub use target::{ClientConfig, Quirks, SweepOptions, Target, WalkOptions};
pub use types::{Oid, Value, VarBind};
pub use usm::{AuthProtocol, EngineClash, Failure, PrivProtocol, ProtocolError, User, UserError};
pub use view::{Arcs, BadVarBind, MAX_ARCS, OidRef, ValueRef, VarBindList, VarBindRef, VarBinds};
