//! What `scan` and `inspect` share: the wire opened for one short run, and names resolved to addresses.
//!
//! No output here and no decisions. `serve` opens its own with its configuration.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};

use crate::collect::Prober;
use crate::profile::Knowledge;
use crate::protocol::icmp::{Icmp, IcmpConfig};
use crate::protocol::ipp::{IppClient, IppConfig};
use crate::protocol::snmp::{Client, ClientConfig};

/// Packets per second towards a real network, and towards loopback, which has no switches to protect.
pub const RATE: u32 = 10_000;
pub const LOOPBACK_RATE: u32 = 100_000;

/// Sockets for SNMP, ping and IPP, and the knowledge of devices.
/// `profiles`: a person's own folder, read after the built-in knowledge.
pub fn prober(rate: u32, profiles: Option<&Path>) -> anyhow::Result<Prober> {
    let knowledge = Knowledge::load(profiles).context("loading the knowledge of devices")?;
    let snmp = Client::start(ClientConfig { packets_per_second: rate, ..ClientConfig::default() })?;
    let icmp = Icmp::open(IcmpConfig { packets_per_second: rate, ..IcmpConfig::default() });
    let ipp = IppClient::new(IppConfig::default())?;
    Ok(Prober::new(snmp, Arc::new(knowledge)).with_icmp(icmp).with_ipp(ipp))
}

/// An address as it is, or the first one a name resolves to.
pub async fn resolve(host: &str) -> anyhow::Result<IpAddr> {
    if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse() {
        return Ok(address);
    }
    let found = tokio::net::lookup_host((host, 0)).await;
    match found.with_context(|| format!("{host:?} is no address, and resolving it as a name failed"))?.next() {
        Some(at) => Ok(at.ip()),
        None => bail!("the name {host:?} has no address"),
    }
}
