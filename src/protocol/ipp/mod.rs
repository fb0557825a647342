//! IPP: what a printer says of its state, markers, supplies and alerts (RFC 8010, RFC 8011, PWG 5100.9).
//!
//! `codec` turns bytes into attributes, `attributes` types them, `client` asks over HTTP. It only ever reads: the one
//! operation sent is Get-Printer-Attributes. A second source beside SNMP, and the only one for printers without it.
//!
//! ```no_run
//! use anykey::protocol::ipp::{IppClient, IppConfig, IppTarget};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = IppClient::new(IppConfig::default())?; // one for the whole process
//! let printer = client.printer_attributes(&IppTarget::new("192.0.2.10".parse()?)).await?;
//! for marker in &printer.markers {
//!     println!("{:?} {:?}", marker.name, marker.level); // -1, -2, -3 as the printer sent them
//! }
//! # Ok(())
//! # }
//! ```

pub mod attributes;
mod client;
pub mod codec;

pub use attributes::{Alert, Marker, PrinterAttributes, PrinterState, Supply};
pub use client::{IppClient, IppConfig, IppError, IppFailure, IppTarget, SetupError};
pub use codec::{Status, Value};
