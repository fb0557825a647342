//! `anykey simulate`: each recording is a device at its own loopback address, until interrupted.
//!
//! The map ties names to addresses: an existing file is obeyed, a missing one is written, so that who scans knows what
//! should be found where. Messages go to stderr; the line that starts with `ready:` says that devices answer.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context, ensure};

use crate::protocol::snmp::usm::LocalEngine;
use crate::protocol::snmp::{AuthProtocol, PrivProtocol, User};
use crate::simulator::{Agent, Counters, Network, Server, assign, load_folder};

#[derive(clap::Args)]
pub struct Args {
    /// Folder of recordings (NAME.snmprec; NAME@context.snmprec is a context of NAME).
    #[arg(long, value_name = "DIR")]
    walks: PathBuf,
    /// Loopback network the devices get their addresses from.
    #[arg(long, default_value = "127.16.0.0/16", value_name = "CIDR")]
    network: ipnet::Ipv4Net,
    /// UDP port of all devices.
    #[arg(long, default_value_t = 1161)]
    port: u16,
    /// JSON {recording name: "address"}: read when it exists, written when it does not.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Community that is answered; any other gets silence.
    #[arg(long, default_value = "public")]
    community: String,
    /// SNMPv3 user that is answered as well, in the contexts of the recordings.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// MD5, SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512.
    #[arg(long, value_name = "PROTOCOL", requires = "user")]
    auth: Option<AuthProtocol>,
    #[arg(long, value_name = "PASSWORD", default_value = "", hide_default_value = true)]
    auth_password: String,
    /// DES, AES-128, AES-192, AES-256, AES-192-C or AES-256-C.
    #[arg(long = "priv", value_name = "PROTOCOL", requires = "auth")]
    privacy: Option<PrivProtocol>,
    #[arg(long, value_name = "PASSWORD", default_value = "", hide_default_value = true)]
    priv_password: String,
    /// Delay of every answer, like 5ms.
    #[arg(long, default_value = "0ms", value_parser = humantime::parse_duration)]
    latency: std::time::Duration,
    /// Share of requests that get no answer, like 1% or 0.01.
    #[arg(long, default_value = "0%", value_parser = share)]
    loss: f64,
    /// Which requests get no answer: the same seed loses the same ones.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    ensure!(
        args.network.network().is_loopback() && args.network.broadcast().is_loopback(),
        "--network {}: simulated devices live on loopback; take a part of 127.0.0.0/8, such as 127.16.0.0/16",
        args.network
    );
    let folder = load_folder(&args.walks)?;
    for message in &folder.messages {
        eprintln!("anykey simulate: {message}");
    }
    let counters = Arc::new(Counters::default());
    let addresses = addresses(&args, folder.devices.keys().cloned().collect())?;
    let user = args.user.as_deref().map(|name| {
        let auth = args.auth.map(|p| (p, &*args.auth_password));
        let privacy = args.privacy.map(|p| (p, &*args.priv_password));
        User::new(name, auth, privacy).with_context(|| format!("--user {name}"))
    });
    let users: Vec<User> = user.transpose()?.into_iter().collect();
    let devices: Vec<(SocketAddr, Agent)> = folder
        .devices
        .into_iter()
        .map(|(name, device)| {
            let at = SocketAddr::new(addresses[&name], args.port);
            let agent = Agent::new(args.community.clone(), Arc::new(device), counters.clone());
            (
                at,
                if users.is_empty() {
                    agent
                } else {
                    agent.with_users(users.clone(), LocalEngine::id_of(&name), args.seed)
                },
            )
        })
        .collect();
    let network = Network { latency: args.latency, loss: args.loss, seed: args.seed };
    let server = Server::start(devices, network).await?;
    let (first, last) = (server.addresses()[0].ip(), server.addresses()[server.addresses().len() - 1].ip());
    eprintln!(
        "ready: {} devices answer SNMP v1 and v2c at {first} to {last}, port {}, community {:?}{}",
        server.addresses().len(),
        args.port,
        args.community,
        args.user.as_ref().map(|u| format!(", and v3 user {u:?}")).unwrap_or_default()
    );
    interrupted().await;
    server.stop().await;
    let of = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    eprintln!(
        "stopped: {} requests answered with {} varbinds, {} answers lost on purpose, {} of a wrong community, {} malformed",
        of(&counters.requests),
        of(&counters.varbinds),
        of(&counters.lost),
        of(&counters.refused),
        of(&counters.malformed)
    );
    Ok(())
}

/// Where each device answers, from the map and the network.
fn addresses(args: &Args, names: std::collections::BTreeSet<String>) -> anyhow::Result<BTreeMap<String, IpAddr>> {
    let existing = args.map.as_deref().filter(|path| path.exists());
    let map = existing.map(read_map).transpose()?.unwrap_or_default();
    let given = assign(&names, args.network, &map)
        .with_context(|| format!("giving addresses{}", existing.map(in_file).unwrap_or_default()))?;
    if let (Some(path), None) = (&args.map, existing) {
        let text = serde_json::to_string_pretty(&given)? + "\n";
        std::fs::write(path, text).with_context(|| format!("writing the map {} failed", path.display()))?;
    }
    Ok(given)
}

fn in_file(path: &Path) -> String {
    format!(" with the map {}", path.display())
}

fn read_map(path: &Path) -> anyhow::Result<BTreeMap<String, IpAddr>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading the map {} failed", path.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{} is no map; expected JSON like {{\"name\": \"127.16.0.9\"}}", path.display()))
}

fn share(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.trim().strip_suffix('%') {
        Some(percent) => (percent.trim(), 100.0),
        None => (text.trim(), 1.0),
    };
    match number.parse::<f64>().map(|n| n / scale) {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a share between 0% and 100%, like 1% or 0.01".to_owned()),
    }
}

/// Ends at Ctrl-C or a request to terminate.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn shares() {
        assert_eq!(share("1%"), Ok(0.01));
        assert_eq!(share(" 0.25 "), Ok(0.25));
        assert_eq!(share("100 %"), Ok(1.0));
        assert!(share("101%").is_err() && share("-1%").is_err() && share("x").is_err() && share("nan").is_err());
    }
}
