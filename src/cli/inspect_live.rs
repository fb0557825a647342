//! The live half of `anykey inspect`: asks one device for everything.
//!
//! Asks only; printing is `inspect`'s. Tries the SNMPv3 user if there is one, v2c, v1, then IPP, and names
//! each step when none is answered.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;

use super::access::{self, Access};
use super::live;
use crate::collect::{Agent, IPP_PORT, Inspection, Prober, SNMP_PORT, Trail, Tried};
use crate::model::{Facts, Outcome};
use crate::profile::Snapshot;
use crate::protocol::snmp::{Reason, Version};

#[derive(clap::Args)]
pub struct LiveArgs {
    /// UDP port of the SNMP agent.
    #[arg(long, default_value_t = SNMP_PORT)]
    port: u16,
    #[command(flatten)]
    access: Access,
    /// SNMP version; without it the user is tried by 3, then communities by 2c and 1.
    #[arg(long, value_name = "3|2c|1", value_parser = access::version)]
    version: Option<Version>,
    /// TCP port of IPP, asked of printers where SNMP tells less; 0 does not ask it.
    #[arg(long, default_value_t = IPP_PORT)]
    ipp_port: u16,
    /// Folder of your own profiles, read after the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub profiles: Option<PathBuf>,
    /// Time for the whole device.
    #[arg(long, default_value = "2m", value_parser = humantime::parse_duration)]
    budget: Duration,
}

/// What is wanted of a device.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The answers to what the profiles ask.
    Questions,
    /// Everything the agent has.
    Whole,
}

/// Every fact of the device with the answers behind them, or why there is none.
pub async fn facts(host: &str, args: &LiveArgs, extent: Extent) -> anyhow::Result<(Facts, Snapshot)> {
    let address = live::resolve(host).await?;
    let prober = live::prober(live::RATE, args.profiles.as_deref())?;
    let ipp_port = (args.ipp_port != 0).then_some(args.ipp_port);
    let mut agent = Agent { address, port: args.port, credential: None, ipp_port, known: Facts::default() };
    let mut trail = Trail { address, ping: None, snmp: Vec::new(), ipp: None };
    for credential in args.access.ladder(args.version)? {
        let name = credential.to_string();
        agent.credential = Some(credential);
        let Inspection { outcome, facts, answers, complete, failure } = match extent {
            Extent::Questions => prober.inspect(&agent, args.budget).await,
            Extent::Whole => prober.record(&agent, args.budget).await,
        };
        let tried = match outcome {
            Outcome::Answered { .. } => {
                if !complete {
                    eprintln!("anykey: {address} did not answer everything; facts.notes says what is missing");
                }
                return Ok((facts, answers));
            }
            Outcome::NotAsked { reason } => bail!("{reason}"),
            Outcome::PingOnly { rtt_ms } => {
                trail.ping = Some(Tried::Ok { ms: rtt_ms });
                Tried::Timeout
            }
            Outcome::Silent | Outcome::Spoke { .. } => Tried::Timeout,
        };
        let tried = match failure {
            Some(reason @ Reason::Security(_)) => Tried::Failed(reason.to_string()),
            Some(Reason::Refused) => Tried::Refused,
            _ => tried,
        };
        trail.snmp.push((name, tried));
    }
    match ipp_port {
        Some(port) => match by_ipp(&prober, &agent, port).await {
            Ok(facts) if extent == Extent::Questions => return Ok((facts, Snapshot::default())),
            Ok(_) => bail!("{address} answers IPP only, and a recording is made by SNMP: switch SNMP on in the device"),
            Err(why) => trail.ipp = Some(Tried::Failed(why)),
        },
        None => trail.ipp = None,
    }
    if trail.ping.is_none() {
        trail.ping = Some(Tried::Timeout);
    }
    bail!("no answer from {trail}; are community or user right, and may this machine ask the device?")
}

async fn by_ipp(prober: &Prober, agent: &Agent, port: u16) -> Result<Facts, String> {
    prober.ask_ipp(agent.address, port).await.map(|(_, facts)| facts).map_err(|e| e.failure.to_string())
}
