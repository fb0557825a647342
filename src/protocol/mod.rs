//! The wire: SNMP, ICMP, IPP. Bytes in, values out.
//!
//! It knows nothing of devices, printers or our model, and never writes to a device: there is no SET here and
//! there will be none. To add a protocol, add a folder with a codec that does no I/O and a client above it.

pub mod icmp;
pub mod ipp;
pub mod snmp;
